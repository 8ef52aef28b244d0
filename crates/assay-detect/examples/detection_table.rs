//! Prints what the detectors find, miss and accuse wrongly on made pages:
//! `cargo run --release -p assay-detect --example detection_table`.
//!
//! A row is a plant on a page that tells everything, ids in order (X), or handles and times (Instagram). `batches` counts
//! pages on which more than half of the plant was called a batch, `edges` the mean error of its ends in ranks, `accused`
//! pages with any other batch; `spikes` counts pages on which the plant is a spike, read as organic or unexplained.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]

use assay_detect::{Asked, DETECTORS, weigh};
use assay_math::Seed;
use assay_model::synth::{Plant, Stock, SynthPage, Tells};
use assay_model::{Page, Reading, Stopped, Verdicts, silent};

/// Pages a row.
const PAGES: u64 = 12;

/// The plants of a page.
type Plants = Box<dyn Fn(&SynthPage) -> Vec<Plant>>;

/// What is planted, by name.
struct Row {
    name: String,
    followers: u32,
    plant: Plants,
}

fn main() -> Result<(), Stopped> {
    for tells in [Tells::Everything, Tells::XArchive, Tells::InstagramExport] {
        println!("\n{tells:?}, {PAGES} pages a row");
        println!(
            "{:<34} {:>8} {:>7} {:>8} {:>8} {:>12}",
            "plant", "batches", "edges", "accused", "organic", "unexplained"
        );
        for row in rows() {
            print_row(&row, tells)?;
        }
    }
    Ok(())
}

fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    let mut add = |name: String, followers: u32, plant: Plants| {
        rows.push(Row { name, followers, plant });
    };
    for n in [600, 3_000, 20_000] {
        add(format!("{n} people"), n, Box::new(|_| Vec::new()));
        let k = n / 5;
        add(format!("{n} + viral day {k}"), n, Box::new(move |p| vec![Plant::ViralDay { at: at(p), followers: k }]));
        add(
            format!("{n} + give-away {k}"),
            n,
            Box::new(move |p| vec![Plant::GiveAway { at: at(p), followers: k, over_days: 5.0 }]),
        );
        add(
            format!("{n} + starter pack {k}"),
            n,
            Box::new(move |p| vec![Plant::StarterPack { at: at(p), followers: k }]),
        );
        add(
            format!("{n} + paid campaign {k}"),
            n,
            Box::new(move |p| vec![Plant::PaidCampaign { at: at(p), followers: k, country: "BR" }]),
        );
        for followers in [40, 120, 400] {
            for (name, stock) in [("aged", Stock::aged()), ("fresh", Stock::fresh()), ("mixed", Stock::mixed())] {
                add(
                    format!("{n} + {name} batch {followers}"),
                    n,
                    Box::new(move |p| vec![Plant::Batch { at: at(p), followers, over_days: 1.5, stock }]),
                );
            }
        }
        add(
            format!("{n} + aged drip {}", n / 3),
            n,
            Box::new(move |p| {
                vec![Plant::Drip { at: at(p), followers: n / 3, over_days: 200.0, stock: Stock::aged() }]
            }),
        );
    }
    rows
}

fn at(page: &SynthPage) -> assay_model::TimeMs {
    page.day(0.6 * f64::from(page.days))
}

fn judge(page: &Page) -> Result<Verdicts, Stopped> {
    let mut found = Vec::new();
    for detector in DETECTORS {
        let asked = Asked { seed: Seed(1), confidence: 0.95, earlier: &found };
        if let Some(evidence) = (detector.find)(page, &asked, &mut silent)?.found().cloned() {
            found.push((detector.id, evidence));
        }
    }
    Ok(weigh(page, &found, 0.95))
}

fn print_row(row: &Row, tells: Tells) -> Result<(), Stopped> {
    let (mut batches, mut edges, mut accused, mut organic, mut unexplained) = (0, 0, 0, 0, 0);
    for seed in 0..PAGES {
        let mut page = SynthPage { followers: row.followers, days: 1_200, tells, ..SynthPage::default() };
        page.plants = (row.plant)(&page);
        let made = page.make(Seed(100 + seed));
        let verdicts = judge(&made.page)?;
        let bought = made.truth.plants.iter().find(|p| p.bought).and_then(|p| p.ranks);
        let planted = made.truth.plants.first().and_then(|p| p.ranks);
        let hit = bought.and_then(|r| verdicts.batches.iter().find(|b| 2 * b.ranks.overlap(r) > r.n()));
        if let (Some(batch), Some(r)) = (hit, bought) {
            batches += 1;
            edges += batch.ranks.first.abs_diff(r.first) + batch.ranks.last.abs_diff(r.last);
        }
        accused += u32::from(verdicts.batches.iter().any(|b| bought.is_none_or(|r| b.ranks.overlap(r) == 0)));
        let near = |s: &&assay_model::Spike| planted.is_none_or(|p| s.ranks.is_some_and(|r| r.overlap(p) > 0));
        organic += u32::from(verdicts.spikes.iter().filter(near).any(|s| s.reading == Reading::Organic));
        unexplained += u32::from(verdicts.spikes.iter().filter(near).any(|s| s.reading == Reading::Unexplained));
    }
    let edges =
        if batches > 0 { format!("{:.1}", f64::from(edges) / 2.0 / f64::from(batches)) } else { "-".to_owned() };
    println!("{:<34} {batches:>8} {edges:>7} {accused:>8} {organic:>8} {unexplained:>12}", row.name);
    Ok(())
}
