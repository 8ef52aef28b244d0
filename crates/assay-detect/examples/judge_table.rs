//! Prints what intervals, probabilities, labels and the shift check are worth, nominal against measured, on made pages with
//! known truth: `cargo run --release -p assay-detect --example judge_table [intervals] [labels] [shift] [bursts]`
//! (all four unless some are named; `engaging` lets people engage with each page; `each` prints every page of the first, `without-names` switches that channel off; `REPEATS=n` makes n pages a cell).
//!
//! Pages differ in people (ordinary, silent, busy), stock (bare, dressed up, silent; fresh, aged, opened over two years), how it
//! came (within two days, dripped over the last third, not at all beside a viral day) and how much of it there is.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]
#![expect(clippy::disallowed_methods, reason = "the program is the shell: it reads what its user asks for")]

use assay_detect::labels::{self, Matched, Recalibrate};
use assay_detect::{Asked, DETECTORS, weigh};
use assay_math::{Estimate, Seed};
use assay_model::synth::{Engaging, Made, People, Plant, Sold, Stock, SynthPage, Tells};
use assay_model::{Class, Evidence, Outcome, Page, Reading, Stopped, Verdicts, silent};
use rand::RngExt;
use std::collections::BTreeMap;

/// Bought shares, from and to: those of the acceptance script for mixes.
const RANGES: [(f64, f64); 6] = [(0.0, 0.0), (0.005, 0.02), (0.03, 0.08), (0.08, 0.15), (0.2, 0.4), (0.4, 0.6)];

/// People and stock of a page, by name.
type World = (&'static str, fn() -> People, Sold);

/// A page to check, by name: what is changed of it, and the share of screens among its people.
type Setup = (&'static str, fn(&mut SynthPage), f64);

/// People, by name.
type Kind = (&'static str, fn() -> People);

/// A burst of real interest, by name.
type Burst = (&'static str, fn(&SynthPage, u32) -> Plant);

/// The worlds that pages are made in.
const WORLDS: [World; 6] = [
    ("people, bare stock", People::default, Sold::Bare),
    ("people, dressed stock", People::default, Sold::Dressed),
    ("silent people, bare stock", People::silent, Sold::Bare),
    ("silent people, silent stock", People::silent, Sold::Silent),
    ("busy people, dressed stock", People::busy, Sold::Dressed),
    ("busy people, silent stock", People::busy, Sold::Silent),
];

/// When accounts were opened.
const STOCKS: [fn() -> Stock; 3] = [Stock::aged, Stock::fresh, Stock::mixed];

const LAYOUTS: [&str; 3] = ["burst", "drip", "viral"];

struct Case {
    stock: String,
    world: &'static str,
    layout: &'static str,
    range: usize,
    made: Made,
}

fn main() -> Result<(), Stopped> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let names = !wanted.iter().any(|w| w == "without-names");
    let all = !["intervals", "labels", "shift", "bursts"].iter().any(|s| wanted.iter().any(|w| w == s));
    let is = |section: &str| all || wanted.iter().any(|w| w == section);
    let repeats = std::env::var("REPEATS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    if is("intervals") || is("labels") {
        let cases: Vec<Case> = cases(600, repeats);
        if is("intervals") {
            intervals(&cases, names, wanted.iter().any(|w| w == "each"))?;
        }
        if is("labels") {
            by_labels("600 people", &cases, names)?;
            by_labels("5,000 people", &cases_of(5_000, repeats.div_ceil(4), &WORLDS[..4]), names)?;
        }
    }
    if is("shift") {
        shift(repeats, names)?;
    }
    if is("bursts") {
        bursts(repeats, names)?;
    }
    Ok(())
}

fn cases(people: u32, repeats: u64) -> Vec<Case> {
    cases_of(people, repeats, &WORLDS)
}

fn cases_of(people: u32, repeats: u64, worlds: &[World]) -> Vec<Case> {
    let mut cases = Vec::new();
    for &(world, kind, sold) in worlds {
        for layout in LAYOUTS {
            let ranges = if layout == "viral" { 1 } else { RANGES.len() };
            for (range, &shares) in RANGES.iter().enumerate().take(ranges) {
                for k in 0..if layout == "viral" { 3 * repeats } else { repeats } {
                    let seed = Seed(7).fork(world).fork(layout).nth(range as u64).nth(k);
                    let page = page(people, kind(), sold, layout, shares, seed);
                    let stock =
                        page.plants.first().and_then(Plant::stock).map_or("none".to_owned(), |s| format!("{s:?}"));
                    let stock = stock.split_whitespace().next().unwrap_or_default().to_owned();
                    cases.push(Case { stock, world, layout, range, made: page.make(seed) });
                }
            }
        }
    }
    cases
}

fn page(followers: u32, people: People, sold: Sold, layout: &str, range: (f64, f64), seed: Seed) -> SynthPage {
    let mut random = seed.fork("layout").random();
    let mut page = SynthPage { followers, people, sold, days: 1_200, ..SynthPage::default() };
    page.engaging = std::env::args().any(|a| a == "engaging").then(Engaging::default);
    let share = range.0 + (range.1 - range.0) * random.random::<f64>();
    let bought = (f64::from(followers) * share / (1.0 - share)).round() as u32;
    let stock = STOCKS[random.random_range(0..STOCKS.len())]();
    let at = page.day(1_200.0 * random.random_range(0.3..0.95));
    match layout {
        "viral" => page.plants.push(Plant::ViralDay { at, followers: followers / 5 }),
        "burst" if bought > 0 => page.plants.push(Plant::Batch { at, followers: bought, over_days: 2.0, stock }),
        "drip" if bought > 0 => {
            page.plants.push(Plant::Drip { at: page.day(800.0), followers: bought, over_days: 399.0, stock });
        }
        _ => {}
    }
    page
}

fn judge(page: &Page, confidence: f64, names: bool) -> Result<Verdicts, Stopped> {
    let mut found: Vec<(&'static str, Evidence)> = Vec::new();
    for detector in DETECTORS.iter().filter(|d| names || d.id != "names") {
        let asked = Asked { seed: Seed(1), confidence, earlier: &found };
        if let Some(evidence) = (detector.find)(page, &asked, &mut silent)?.found().cloned() {
            found.push((detector.id, evidence));
        }
    }
    Ok(weigh(page, &found, confidence))
}

/// Intervals that were given, that held the truth, and their widths.
#[derive(Default)]
struct Tally {
    n: u32,
    refused: u32,
    held: u32,
    width: f64,
    widest: f64,
}

impl Tally {
    fn add(&mut self, share: Option<&Estimate>, truth: f64) {
        self.n += 1;
        let Some(e) = share else {
            self.refused += 1;
            return;
        };
        self.held += u32::from(e.low - 1e-9 <= truth && truth <= e.high + 1e-9);
        self.width += e.high - e.low;
        self.widest = self.widest.max(e.high - e.low);
    }

    fn line(&self, name: &str) {
        let given = f64::from(self.n - self.refused).max(1.0);
        println!(
            "{name:<44} {:>5} {:>8} {:>6.2} {:>7.3} {:>8.3}",
            self.n,
            self.refused,
            f64::from(self.held) / given,
            self.width / given,
            self.widest
        );
    }
}

const HEAD: &str = "pages  refused   held   width   widest";

fn range_name(range: usize) -> String {
    let (from, to) = RANGES[range];
    format!("{:.1} to {:.0} %", 100.0 * from, 100.0 * to)
}

fn intervals(cases: &[Case], names: bool, tell: bool) -> Result<(), Stopped> {
    println!("\nShare of inauthentic followers, without labels: how often intervals hold the truth");
    for confidence in [0.8, 0.9, 0.95] {
        println!("\nnominal {confidence:<37} {HEAD}");
        let mut tallies: BTreeMap<(u8, String), Tally> = BTreeMap::new();
        let mut pooled: Vec<(f32, bool)> = Vec::new();
        for case in cases {
            let verdicts = judge(&case.made.page, confidence, names)?;
            let truth = case.made.truth.inauthentic_share();
            if tell && confidence == 0.9 {
                println!("{}", told(case, &verdicts, truth));
            }
            let keys = [
                (0, case.world.to_owned()),
                (1, format!("{} {}", case.layout, range_name(case.range))),
                (2, "all".to_owned()),
            ];
            for key in keys {
                tallies.entry(key).or_default().add(verdicts.inauthentic_share.found(), truth);
            }
            pooled.extend(
                verdicts
                    .probability
                    .iter()
                    .copied()
                    .zip(case.made.truth.class.iter().map(|c| *c == Class::Inauthentic)),
            );
        }
        for ((_, name), tally) in &tallies {
            tally.line(name);
        }
        let (error, brier) = calibration(&mut pooled);
        println!("probabilities of {} followers: calibration error {error:.4}, Brier {brier:.4}", pooled.len());
    }
    Ok(())
}

/// One page in a line.
fn told(case: &Case, verdicts: &Verdicts, truth: f64) -> String {
    let stock = &case.stock;
    let (point, low, high) = match &verdicts.inauthentic_share {
        Outcome::Found(e) => (e.point, e.low, e.high),
        Outcome::Abstained(_) => (f64::NAN, 0.0, 1.0),
    };
    let held = if low - 1e-9 <= truth && truth <= high + 1e-9 { "holds" } else { "MISSES" };
    let fit = verdicts.reference.found().map_or((0.0, 0.0), |f| (f.n_uncorroborated, f.n_odd_people));
    format!(
        "  {held:<6} {:<28} {:<6} {:<12} {stock:<10} truth {truth:.3}: {point:.3} ({low:.3} to {high:.3}), alike {:.0}, odd {:.0}, batches {}",
        case.world,
        case.layout,
        range_name(case.range),
        fit.0,
        fit.1,
        verdicts.batches.len()
    )
}

/// Expected calibration error over ten parts of equal size, and the Brier score.
fn calibration(pooled: &mut [(f32, bool)]) -> (f64, f64) {
    pooled.sort_by(|a, b| a.0.total_cmp(&b.0));
    let n = pooled.len() as f64;
    let off =
        |part: &[(f32, bool)]| part.iter().map(|(p, y)| f64::from(*p) - f64::from(u8::from(*y))).sum::<f64>().abs() / n;
    let error = pooled.chunks(pooled.len().div_ceil(10).max(1)).map(off).sum();
    let brier = pooled.iter().map(|(p, y)| (f64::from(*p) - f64::from(u8::from(*y))).powi(2)).sum::<f64>() / n;
    (error, brier)
}

fn by_labels(title: &str, cases: &[Case], names: bool) -> Result<(), Stopped> {
    println!("\nShare with 100 labels drawn by strata, {title}\n\nnominal 0.9 {:<32} {HEAD}", "");
    let mut tallies: BTreeMap<(u8, String), Tally> = BTreeMap::new();
    for (k, case) in cases.iter().enumerate() {
        let (page, truth) = (&case.made.page, &case.made.truth);
        let mut verdicts = judge(page, 0.9, names)?;
        let matched = labelled(&case.made, &verdicts, k as u64);
        labels::apply(page, &mut verdicts, &matched, Recalibrate::No, 0.9, Seed(k as u64));
        for key in [
            (0, case.world.to_owned()),
            (1, format!("{} {}", case.layout, range_name(case.range))),
            (2, "all".to_owned()),
        ] {
            tallies.entry(key).or_default().add(verdicts.inauthentic_share.found(), truth.inauthentic_share());
        }
    }
    for ((_, name), tally) in &tallies {
        tally.line(name);
    }
    Ok(())
}

/// How often the shift check speaks where the picture of people fits, and where it does not.
fn shift(repeats: u64, names: bool) -> Result<(), Stopped> {
    println!(
        "\nShift check: pages on which it says that the picture of people may not fit; intervals that hold the truth\n"
    );
    println!("{:<58} {:>5} {:>8} {:>5} {:>12} {:>5}", "", "", "without", "", "100 labels", "");
    println!("{:<58} {:>5} {:>8} {:>5} {:>12} {:>5}", "pages of 800 people", "n", "speaks", "held", "speaks", "held");
    let setups: [Setup; 10] = [
        ("fits: people alone", |_| {}, 0.0),
        ("fits: silent people alone", |p| p.people = People::silent(), 0.0),
        ("fits: busy people alone", |p| p.people = People::busy(), 0.0),
        (
            "fits: a starter pack of 200",
            |p| p.plants = vec![Plant::StarterPack { at: p.day(600.0), followers: 200 }],
            0.0,
        ),
        (
            "fits: a paid campaign of 200",
            |p| p.plants = vec![Plant::PaidCampaign { at: p.day(600.0), followers: 200, country: "BR" }],
            0.0,
        ),
        ("fits: one bare stock of 200, dripped", one_bare, 0.0),
        ("does not: a tenth are screens in shops, all alike", |_| {}, 0.1),
        ("does not: a quarter are screens in shops, all alike", |_| {}, 0.25),
        ("does not: two stocks that pass for silent people", two_silent, 0.0),
        ("does not: silent stock among silent people, no trace", hidden, 0.0),
    ];
    for (name, set, screens) in &setups {
        let (mut n, mut speaks, mut held, mut speaks_labelled, mut held_labelled) = (0, 0, 0, 0, 0);
        for k in 0..8 * repeats {
            let mut page = SynthPage { followers: 800, days: 1_200, ..SynthPage::default() };
            set(&mut page);
            let mut made = page.make(Seed(900 + k));
            into_screens(&mut made, *screens, Seed(k));
            let mut verdicts = judge(&made.page, 0.9, names)?;
            let truth = made.truth.inauthentic_share();
            let holds = |v: &Verdicts| {
                u32::from(v.inauthentic_share.found().is_some_and(|e| e.low - 1e-9 <= truth && truth <= e.high + 1e-9))
            };
            let says = |v: &Verdicts| u32::from(v.reference.found().is_some_and(|f| !f.is_good()));
            n += 1;
            (speaks, held) = (speaks + says(&verdicts), held + holds(&verdicts));
            let matched = labelled(&made, &verdicts, k);
            labels::apply(&made.page, &mut verdicts, &matched, Recalibrate::No, 0.9, Seed(k));
            let misfits = verdicts.reference.found().is_some_and(|f| f.misfit_share > 0.0);
            (speaks_labelled, held_labelled) = (speaks_labelled + u32::from(misfits), held_labelled + holds(&verdicts));
        }
        println!("{name:<58} {n:>5} {speaks:>8} {held:>5} {speaks_labelled:>12} {held_labelled:>5}");
    }
    Ok(())
}

/// One stock, dripped.
fn one_bare(page: &mut SynthPage) {
    page.plants.push(Plant::Drip { at: page.day(700.0), followers: 200, over_days: 400.0, stock: Stock::mixed() });
}

/// Two vendors' stocks of one look.
fn two_silent(page: &mut SynthPage) {
    page.sold = Sold::Silent;
    let later = Stock::Aged { years_before: 2.0, opened_over_days: 9.0 };
    page.plants = vec![
        Plant::Drip { at: page.day(700.0), followers: 120, over_days: 450.0, stock: Stock::aged() },
        Plant::Drip { at: page.day(820.0), followers: 120, over_days: 350.0, stock: later },
    ];
}

/// Stock that no column tells from people.
fn hidden(page: &mut SynthPage) {
    (page.people, page.sold) = (People::silent(), Sold::Silent);
    page.plants.push(Plant::Drip { at: page.day(700.0), followers: 350, over_days: 450.0, stock: Stock::mixed() });
}

/// Turns a share of the people into screens: genuine, opened over years, and all alike.
fn into_screens(made: &mut Made, share: f64, seed: Seed) {
    let mut random = seed.fork("screens").random();
    let is_screen: Vec<bool> =
        made.truth.class.iter().map(|c| *c != Class::Inauthentic && random.random::<f64>() < share).collect();
    let a = &mut made.page.audience;
    let columns =
        [(&mut a.followers, 2), (&mut a.following, 12), (&mut a.posts, 0), (&mut a.likes, 0), (&mut a.bio_length, 0)];
    for (column, value) in columns {
        let cells =
            column.iter().zip(&is_screen).map(|(c, s)| if *s { Some(value + random.random_range(0..3)) } else { c });
        *column = cells.collect();
    }
}

/// A hundred labels, drawn by strata, all of them right.
fn labelled(made: &Made, verdicts: &Verdicts, seed: u64) -> Matched {
    let mut drawn = labels::draw(&made.page.audience, &verdicts.probability, &Matched::default(), 100, Seed(seed));
    drawn.sort_by_key(|d| d.row);
    let mut matched = Matched::default();
    for d in drawn {
        matched.labels.push((d.row, made.truth.class[d.row as usize] == Class::Inauthentic));
        matched.strata.push(Some(d.stratum));
    }
    matched
}

/// Bursts of real interest: how often they are called a batch, and how they are read.
fn bursts(repeats: u64, names: bool) -> Result<(), Stopped> {
    println!(
        "\nBursts of real interest, on pages without a bought follower (a fifth of 900 or of 4,000 came in them)\n"
    );
    println!(
        "{:<46} {:>5} {:>8} {:>8} {:>12} {:>10}",
        "burst, people", "pages", "accused", "organic", "unexplained", "low end > 0"
    );
    let kinds: [Burst; 5] = [
        ("viral day", |p, n| Plant::ViralDay { at: p.day(700.0), followers: n }),
        ("give-away", |p, n| Plant::GiveAway { at: p.day(700.0), followers: n, over_days: 5.0 }),
        ("starter pack", |p, n| Plant::StarterPack { at: p.day(700.0), followers: n }),
        ("shout-out", |p, n| Plant::ShoutOut { at: p.day(700.0), followers: n }),
        ("paid campaign", |p, n| Plant::PaidCampaign { at: p.day(700.0), followers: n, country: "BR" }),
    ];
    let people: [Kind; 3] =
        [("people", People::default), ("silent people", People::silent), ("busy people", People::busy)];
    for tells in [Tells::Everything, Tells::XArchive, Tells::InstagramExport] {
        println!("{tells:?}");
        for (kind, plant) in kinds {
            for (name, people) in people {
                if tells != Tells::Everything && name != "people" {
                    continue;
                }
                let (mut n, mut accused, mut organic, mut unexplained, mut above) = (0, 0, 0, 0, 0);
                for followers in [900, 4_000] {
                    for k in 0..2 * repeats {
                        let mut page =
                            SynthPage { followers, people: people(), days: 1_200, tells, ..SynthPage::default() };
                        page.plants = vec![plant(&page, followers / 5)];
                        let verdicts = judge(&page.make(Seed(40_000 + k)).page, 0.9, names)?;
                        n += 1;
                        accused += u32::from(!verdicts.batches.is_empty());
                        let read = |r| u32::from(verdicts.spikes.iter().any(|s| s.reading == r));
                        organic += read(Reading::Organic);
                        unexplained += read(Reading::Unexplained);
                        above += u32::from(verdicts.inauthentic_share.found().is_some_and(|e| e.low > 0.0));
                    }
                }
                println!(
                    "{:<46} {n:>5} {accused:>8} {organic:>8} {unexplained:>12} {above:>10}",
                    format!("{kind}, {name}")
                );
            }
        }
    }
    Ok(())
}
