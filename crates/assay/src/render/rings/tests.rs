//! Renderings of reports made by hand.

use super::{members_csv, members_parquet, rings_html, rings_json, rings_text};
use crate::render::{Colour, schema};
use crate::report::{RingsReport, Warning};
use assay_math::Seed;
use assay_model::edges::{EdgeCounts, EdgeNames, Names};
use assay_model::{
    FoundBy, Ring, RingEvidence, RingMember, RingPicture, RingStep, RingTarget, RingWindow, Rings, SetAside, SourceFile,
};
use serde_json::Value;

const EVIDENCE: RingEvidence = RingEvidence {
    found_by: FoundBy::Time { bucket_s: 3 * 86_400 },
    n_edges_by_chance: 1.25,
    ln_p_chance: -900.0,
    even_sources: 6.0,
    even_targets: 5.0,
    contrast: 7.0,
    synchrony: 12.0,
};

/// A search that found one ring of three accounts, one of which has a name that a spreadsheet would run.
pub(crate) fn one_ring() -> RingsReport {
    let window = Some(RingWindow { from_s: 1_700_000_000, to_s: 1_700_100_000 });
    let member = |account, n_edges| RingMember { account, n_edges, n_edges_in_all: n_edges + 4, score: 0.99 };
    let target = |account, n_edges| RingTarget { account, n_edges, n_audience: n_edges + 1, score: 0.98, window };
    let ring = Ring {
        sources: vec![member(0, 3), member(1, 3), member(2, 2)],
        targets: vec![target(0, 3), target(1, 3), target(2, 2)],
        singles: vec![RingMember { account: 3, n_edges: 1, n_edges_in_all: 1, score: 0.9 }],
        n_edges: 8,
        window,
        evidence: EVIDENCE,
        q_value: 0.000_01,
    };
    let names = |text: &str, ends: Vec<u64>| Names::Texts { text: text.to_owned(), ends };
    RingsReport {
        seed: Seed(1),
        fdr: 0.05,
        inputs: vec![SourceFile {
            name: "follows.csv".to_owned(),
            sha256: "0".repeat(64),
            rows: 30,
            taken: 28,
            rejected: 1,
        }],
        counts: EdgeCounts { rows: 30, taken: 28, duplicates: 1, broken: 1, ..EdgeCounts::default() },
        names: EdgeNames {
            sources: names("=evilannabertcarl", vec![5, 9, 13, 17]).into(),
            targets: Some(names("xyz", vec![1, 2, 3]).into()),
        },
        n_sources: 4,
        n_targets: 3,
        n_edges: 28,
        window: Some(RingWindow { from_s: 1_690_000_000, to_s: 1_710_000_000 }),
        rings: Rings {
            rings: vec![ring],
            set_aside: vec![SetAside { n_sources: 9, n_targets: 8, n_edges: 40, evidence: EVIDENCE }],
            n_set_aside: 1,
            n_tested: 2,
            n_seeds_skipped: 0,
        },
        pictures: vec![RingPicture {
            n_rows: 3,
            n_members: 3,
            n_others: 1,
            n_other_sources: 1,
            shades: vec![1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.0, 1.0],
            steps: vec![RingStep { from_s: 1_700_000_000, length_s: 86_400, n_ring: 8, n_others: 1 }],
        }],
        warnings: vec![Warning { id: "input", text: "A column was ignored: colour.".to_owned() }],
    }
}

fn none() -> RingsReport {
    RingsReport { rings: Rings::default(), window: None, warnings: Vec::new(), ..one_ring() }
}

fn json_of(report: &RingsReport) -> Value {
    let mut out = Vec::new();
    rings_json(report, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

#[test]
fn json_keeps_the_published_schema() {
    let published: Value = serde_json::from_str(include_str!("../../../schemas/rings-1.json")).unwrap();
    for report in [one_ring(), none()] {
        assert_eq!(schema::faults(&published, &json_of(&report)), Vec::<String>::new());
    }
    let said = json_of(&one_ring());
    assert_eq!(said["rings"][0]["density"], 8.0 / 9.0);
    assert_eq!(said["rings"][0]["window"]["from"], "2023-11-14T22:13:20Z");
}

#[test]
fn members_stand_one_a_row_and_cannot_be_formulas() {
    let mut out = Vec::new();
    members_csv(&one_ring(), &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "ring,account,side,score,edges,kind");
    assert_eq!(lines[1], "1,'=evil,source,0.99,3,member");
    assert_eq!(lines[4], "1,x,target,0.98,3,member");
    assert_eq!(lines[7], "1,carl,source,0.9,1,single");
    assert_eq!(lines.len(), 8);
}

#[test]
fn text_of_a_ring() {
    insta::assert_snapshot!(rings_text(&one_ring(), Colour::Never, 100));
}

#[test]
fn text_of_none() {
    insta::assert_snapshot!(rings_text(&none(), Colour::Never, 100));
}

#[test]
fn the_page_says_it_in_words_runs_nothing_and_keeps_hostile_names_as_text() {
    let mut hostile = one_ring();
    hostile.names.sources =
        Names::Texts { text: "<img src=x>annabertcarl".to_owned(), ends: vec![11, 15, 19, 23] }.into();
    for (report, says) in
        [(hostile, "1 group of accounts in lockstep"), (none(), "No group of accounts acts in lockstep")]
    {
        let mut out = Vec::new();
        rings_html(&report, &mut out).unwrap();
        let page = String::from_utf8(out).unwrap();
        assert!(page.contains(says));
        assert!(!page.contains("<script") && !page.contains("<img src=x>") && !page.contains(" style=\""));
        assert_eq!(page.matches("<h1").count(), 1);
        assert_eq!(page.matches("data:image/png").count(), 2 * report.rings.rings.len());
    }
}

#[test]
fn members_as_parquet_read_back() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    let mut out = Vec::new();
    members_parquet(&one_ring(), &mut out).unwrap();
    let file = SerializedFileReader::new(bytes::Bytes::from(out)).unwrap();
    let rows: Vec<String> = file.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
    assert_eq!(rows.len(), 7);
    assert!(rows[0].contains("=evil") && rows[0].contains("0.99") && rows[6].contains("single"), "{rows:?}");
}
