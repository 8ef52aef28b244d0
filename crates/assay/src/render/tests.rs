//! Renderings of reports made by hand.

use super::{Colour, explain, fixture, headline, json, text, verdicts_csv};
use crate::report::AuditReport;
use serde_json::Value;

fn json_of(report: &AuditReport) -> Value {
    let mut out = Vec::new();
    json(report, &mut out).unwrap();
    serde_json::from_slice(&out).unwrap()
}

fn csv_of(report: &AuditReport) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    verdicts_csv(report, &mut out).unwrap();
    let rows = csv::ReaderBuilder::new().has_headers(false).from_reader(&out[..]).into_records();
    rows.map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

#[test]
fn text_of_a_page_with_a_batch() {
    insta::assert_snapshot!(text(&fixture::one_batch(), Colour::Never, 100));
}

#[test]
fn labels_and_misfits_are_told_in_words() {
    let said = text(&fixture::labelled(), Colour::Never, 100).replace('\n', " ");
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in [
        "98 labels used, 21 inauthentic and 77 genuine; 3 against the verdict without them; 1 still blank; 2 of accounts that do not follow (nobody\u{fffd}, noone)",
        "71 % have handles made of words and 8 digits (12 % elsewhere)",
        "then, too: campaign \"Spring\" between 9 Mar 2014 and 23 Mar 2014, as the owner tells it; that does not make",
        "about 32 accounts that look like people were opened together",
        "differ on the share of sold accounts by 4.0 % more than chance explains",
    ] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn text_of_counts_only() {
    insta::assert_snapshot!(text(&fixture::counts_only(), Colour::Never, 100));
}

#[test]
fn text_of_nothing() {
    insta::assert_snapshot!(text(&fixture::empty(), Colour::Never, 100));
}

#[test]
fn text_of_twelve_names() {
    insta::assert_snapshot!(text(&fixture::untold(), Colour::Never, 72));
}

#[test]
fn colour_adds_nothing_but_colour_and_lines_keep_the_width() {
    let strip = |text: String| {
        let mut parts = text.split('\u{1b}');
        let first = parts.next().unwrap_or_default().to_owned();
        parts.fold(first, |out, part| out + part.split_once('m').map_or("", |(_, rest)| rest))
    };
    for report in [fixture::one_batch(), fixture::counts_only(), fixture::empty(), fixture::untold()] {
        let plain = text(&report, Colour::Never, 80);
        assert_eq!(strip(text(&report, Colour::Always, 80)), plain);
        assert!(plain.lines().all(|line| line.chars().count() <= 80), "{plain}");
    }
    assert!(!text(&fixture::hostile(), Colour::Never, 80).contains(['\u{1b}', '\u{202e}']));
}

#[test]
fn one_screen_holds_it() {
    assert!(text(&fixture::one_batch(), Colour::Never, 100).lines().count() <= 50);
}

#[test]
fn small_pages_are_not_accused() {
    for n in [0, 1, 12, 300] {
        let said = headline(&fixture::small(n)).sentence;
        assert!(!said.contains("bought followers") && !said.contains("inauthentic"), "{said}");
    }
    assert_eq!(
        headline(&fixture::small(1)).sentence,
        "1 follower was read; the input holds too little to tell whether any of them was bought."
    );
}

#[test]
fn json_has_the_fields_of_the_contract() {
    let said = json_of(&fixture::one_batch());
    let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(keys(&said["followers"]), "count first_followed_at last_followed_at time_quality with_profile");
    assert_eq!(
        keys(&said["batches"][0]),
        "arrived_from arrived_to causes first_rank followers id inauthentic last_rank lost price q_value reasons stock"
    );
    assert_eq!(keys(&said["batches"][0]["inauthentic"]), "confidence high low point");
    assert_eq!(
        keys(&said["spikes"][0]),
        "beyond_expected causes first_rank followers from last_rank reading to why would_settle"
    );
    assert_eq!(keys(&said["inputs"][0]), "name rejected rows sha256 taken");
    assert_eq!(keys(&said["classes"]), "n_dormant n_genuine n_inauthentic n_unsure");
    assert_eq!(keys(&said["shares"]["inauthentic"]["abstained"]), "why would_settle");
    assert_eq!(said["schema"], "assay.audit/1");
    assert_eq!(said["window"]["from"], "2013-10-22T00:00:00Z");
    assert_eq!(said["batches"][0]["arrived_to"], "2014-03-12T00:06:06Z");
    assert_eq!(said["shares"]["in_batches"]["low"], 0.0328);
    assert_eq!(said["spikes"][1]["reading"], "unexplained");
    assert_eq!(json_of(&fixture::counts_only())["counts"]["n_follows"], 2942);
    assert_eq!(json_of(&fixture::empty())["window"], Value::Null);
}

#[test]
fn json_keeps_the_published_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../schemas/audit-1.json")).unwrap();
    for report in [
        fixture::one_batch(),
        fixture::labelled(),
        fixture::counts_only(),
        fixture::empty(),
        fixture::untold(),
        fixture::hostile(),
    ] {
        assert_eq!(super::schema::faults(&schema, &json_of(&report)), Vec::<String>::new());
    }
    let mut broken = json_of(&fixture::one_batch());
    broken["seed"] = Value::from(-1);
    broken["shares"]["dormant"] = serde_json::json!({ "point": 2.0 });
    broken["page"]["extra"] = Value::Null;
    assert_eq!(super::schema::faults(&schema, &broken).len(), 3);
}

#[test]
fn every_verdict_row_can_be_joined_and_none_is_a_formula() {
    let rows = csv_of(&fixture::one_batch());
    assert_eq!(rows[0].join(","), "account_id,handle,rank,probability,class,batch,reasons");
    assert_eq!(rows.len(), 5190);
    assert_eq!(rows[3374][..6].join(","), "903373,person_3373,3373,0.934217,inauthentic,b1");
    assert!(rows[3374][6].contains("; "));
    assert_eq!(rows[1].join(","), "900000,person_0,0,0.05,genuine,,");
    let hostile = csv_of(&fixture::hostile());
    assert!(hostile.iter().flatten().all(|cell| !cell.starts_with(['=', '+', '-', '@', '\t', '\r'])));
    assert_eq!(hostile[2][0], "'=HYPERLINK(1)");
}

#[test]
fn explain_tells_all_of_one_follower() {
    let report = fixture::one_batch();
    insta::assert_snapshot!(explain(&report, "@Person_3400").unwrap());
    assert_eq!(explain(&report, "900012"), explain(&report, "person_12"));
    assert_eq!((explain(&report, "nobody"), explain(&report, "@")), (None, None));
    assert!(!explain(&fixture::hostile(), "-x").unwrap().contains('\u{1b}'));
}
