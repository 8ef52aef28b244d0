//! Prints how often geo readings err, cover and settle: tests that never were, laid into tables of markets where nothing
//! happened, with a known lift multiplied in.
//! `cargo run --release -p assay-experiment --example geo_placebos -- 1000 FOLDER` makes 1,000 designs a cell from
//! `geo_pretest.csv` and the untreated markets of `tbr_sales_and_cost.csv` in FOLDER; a third argument (a number of markets) makes
//! those cells alone, or, for `search`, what the search of markets promises.
//!
//! A design is a draw of N markets, of a quarter of them to be treated, and of the first day. `settled` is a verdict; `refused` is a
//! design whose nulls cannot reach 5 % and so cannot have one. The interval is the hull of those that decide; `detectable` is 2.8
//! standard deviations of the total over what the markets bring, the lift found four times in five by the best test there is.
//! Beside it stands `GeoLift`'s default: the sizes of the gaps against single days shuffled, at 5 % and at its own 10 %.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]
#![expect(clippy::disallowed_methods, reason = "an example is a program: it has arguments, files and threads")]

use assay_experiment::calibrate::wilson;
use assay_experiment::geo::panel::{Panel, PanelRows};
use assay_experiment::geo::synthetic::{self, Level};
use assay_experiment::geo::{AskedGeo, GeoDecision, GeoReading, Part, read_geo};
use assay_experiment::plan::markets::{HISTORY_MIN, Search, search};
use assay_math::{Go, Random, Seed};
use rand::RngExt;
use std::collections::{BTreeMap, HashMap};

const SEED: Seed = Seed(20_262);
const ALPHA: f64 = 0.05;
/// Days before the test at least.
const BEFORE: usize = 28;

fn main() {
    let runs: u64 = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(100);
    let folder = std::env::args().nth(2).unwrap_or_else(|| ".".to_owned());
    let only: Option<usize> = std::env::args().nth(3).and_then(|a| a.parse().ok());
    if std::env::args().nth(3).as_deref() == Some("search") {
        searches("geo_pretest", &pretest(&folder), runs);
        searches("tbr", &untreated(&folder), runs);
        return;
    }
    println!("{runs} designs a cell, alpha {ALPHA}, {SEED:?}; rates in percent (Wilson 95 %)");
    println!(
        "| table | markets | days | lift | settled | refused | misses low | misses high | open ends | bias | detectable | iid 5 % | iid 10 % |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for (name, panel) in [("geo_pretest", pretest(&folder)), ("tbr", untreated(&folder))] {
        for n_markets in [4_usize, 6, 8, 12, 20, 40] {
            if only.is_some_and(|only| only != n_markets) || panel.markets.len() < n_markets {
                continue;
            }
            for days in [14_usize, 28] {
                for lift in [0.0, 0.02, 0.05, 0.1] {
                    let cell = cell(&panel, &format!("{name} {n_markets} {days}"), n_markets, days, lift, runs);
                    println!("| {name} | {n_markets} | {days} | {lift} | {} |", cell.row(runs));
                    println!("    {}", cell.nulls(runs));
                }
            }
        }
    }
}

/// What the search of markets promises, against what its sets do on the days that it has not seen.
fn searches(name: &str, panel: &Panel, runs: u64) {
    println!("\nSearch over {name}: promised error over the error on days not seen, of the ten first sets");
    println!(
        "| days | searches | detectable lift, promised | error seen over promised, root mean square | beyond 1.96 promised errors, percent |"
    );
    println!("|---|---|---|---|---|");
    for days in [7_usize, 14, 21] {
        let n = panel.periods.len();
        let first = (HISTORY_MIN + 2 * days).max(n / 2);
        let ends: Vec<usize> = (first + days..=n).step_by(((n - first - days) / runs as usize).max(1)).collect();
        let (mut promised, mut squares, mut beyond, mut seen) = (0.0, 0.0, 0.0, 0.0_f64);
        for end in &ends {
            let past = panel.first(end - days);
            let asked = Search { n_periods: days, alpha: ALPHA, power: 0.8, seed: SEED.nth(*end as u64) };
            let sets = search(&past, &asked, &mut |_, _| Go::On).unwrap_or_default();
            for set in sets.iter().take(10) {
                let mean: Vec<f64> = (0..*end)
                    .map(|t| set.treated.iter().map(|i| panel.values[*i][t]).sum::<f64>() / set.treated.len() as f64)
                    .collect();
                let others = (0..panel.markets.len()).filter(|i| !set.treated.contains(i));
                let donors: Vec<&[f64]> = others.map(|i| &panel.values[i][..*end]).collect();
                let gaps = synthetic::fit(&mean, &donors, end - days, Level::Removed).gaps;
                let total = gaps[end - days..].iter().sum::<f64>() * set.treated.len() as f64;
                promised += set.detectable_lift;
                squares += (total / set.error).powi(2);
                beyond += f64::from(u8::from(total.abs() > 1.96 * set.error));
                seen += 1.0;
            }
        }
        println!(
            "| {days} | {} | {:.1} | {:.2} | {:.0} |",
            ends.len(),
            100.0 * promised / seen,
            (squares / seen).sqrt(),
            100.0 * beyond / seen
        );
    }
}

/// What the runs of a cell came to.
#[derive(Default)]
struct Cell {
    settled: u64,
    refused: u64,
    low: u64,
    high: u64,
    open: u64,
    iid: [u64; 2],
    errors: Vec<f64>,
    by_null: BTreeMap<String, (u64, u64)>,
}

impl Cell {
    fn row(&self, runs: u64) -> String {
        let n = self.errors.len() as f64;
        let bias = self.errors.iter().sum::<f64>() / n;
        let spread = (self.errors.iter().map(|e| (e - bias).powi(2)).sum::<f64>() / n).sqrt();
        format!(
            "{} | {} | {} | {} | {} | {:.2} | {:.1} | {} | {}",
            rate(self.settled, runs),
            rate(self.refused, runs),
            rate(self.low, runs),
            rate(self.high, runs),
            rate(self.open, runs),
            100.0 * bias,
            100.0 * 2.8 * spread,
            rate(self.iid[0], runs),
            rate(self.iid[1], runs)
        )
    }

    /// How often each null is refused.
    fn nulls(&self, runs: u64) -> String {
        let each = self.by_null.iter().map(|(name, (k, out))| {
            format!(
                "{name}: {:.1} refused, {:.1} missed",
                100.0 * *k as f64 / runs as f64,
                100.0 * *out as f64 / runs as f64
            )
        });
        each.collect::<Vec<String>>().join("; ")
    }

    fn add(&mut self, other: Self) {
        self.settled += other.settled;
        self.refused += other.refused;
        self.low += other.low;
        self.high += other.high;
        self.open += other.open;
        for k in 0..2 {
            self.iid[k] += other.iid[k];
        }
        self.errors.extend(other.errors);
        for (name, k) in other.by_null {
            let sum = self.by_null.entry(name).or_default();
            sum.0 += k.0;
            sum.1 += k.1;
        }
    }
}

/// Runs a cell on two threads. Designs are the same for every lift, and on any machine.
fn cell(panel: &Panel, name: &str, n_markets: usize, days: usize, lift: f64, runs: u64) -> Cell {
    let seed = SEED.fork(name);
    let part = |thread: u64| {
        let mut cell = Cell::default();
        for run in (thread..runs).step_by(2) {
            one(panel, &mut seed.nth(run).random(), n_markets, days, lift, &mut cell);
        }
        cell
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| part(1));
        let mut mine = part(0);
        mine.add(other.join().unwrap_or_default());
        mine
    })
}

fn one(panel: &Panel, random: &mut Random, n_markets: usize, days: usize, lift: f64, cell: &mut Cell) {
    let mut places: Vec<usize> = (0..panel.markets.len()).collect();
    for i in 0..n_markets {
        let j = random.random_range(i..places.len());
        places.swap(i, j);
    }
    let treated = (n_markets / 4).max(1);
    let end = random.random_range(BEFORE + days..=panel.periods.len());
    let from = end - days;
    let mut truth = 0.0;
    let mut base = 0.0;
    let values = places[..n_markets].iter().enumerate().map(|(k, i)| {
        let mut row = panel.values[*i][..end].to_vec();
        if k < treated {
            for value in &mut row[from..] {
                truth += *value * lift;
                base += *value;
                *value *= 1.0 + lift;
            }
        }
        row
    });
    let values: Vec<Vec<f64>> = values.collect();
    let made = Panel {
        markets: places[..n_markets].iter().map(|i| panel.markets[*i].clone()).collect(),
        periods: (0..end as i64).collect(),
        costs: vec![vec![0.0; end]; n_markets],
        values,
        incomplete: Vec::new(),
        n_filled: 0,
        n_repeated: 0,
    };
    let asked = AskedGeo {
        treated: made.markets[..treated].to_vec(),
        start: from as i64,
        end: end as i64 - 1,
        confidence: 1.0 - ALPHA,
        margin: None,
        seed: Seed(random.random_range(0..u64::MAX)),
    };
    let iid = iid_p(&made, treated, from, random);
    let Ok(read) = read_geo(made, &asked) else {
        cell.refused += 1;
        return;
    };
    cell.count(&read, truth, base, iid);
}

impl Cell {
    fn count(&mut self, read: &GeoReading, truth: f64, base: f64, iid: f64) {
        let settled = !matches!(read.decision, GeoDecision::Disagree | GeoDecision::NothingShown);
        self.settled += u64::from(settled);
        self.refused += u64::from(read.table.iter().any(|r| r.part == Part::Decides && r.floor > ALPHA));
        let (low, high) = read.interval;
        self.low += u64::from(low.is_some_and(|l| l > truth));
        self.high += u64::from(high.is_some_and(|h| h < truth));
        self.open += u64::from(low.is_none() || high.is_none());
        self.errors.push((read.table[0].total - truth) / base);
        self.iid[0] += u64::from(iid <= ALPHA);
        self.iid[1] += u64::from(iid <= 2.0 * ALPHA);
        for row in &read.table {
            let sum = self.by_null.entry(format!("{}, {}", row.estimator, row.null)).or_default();
            sum.0 += u64::from(row.p_value <= ALPHA);
            let out = row.interval.is_some_and(|(l, h)| l.is_some_and(|l| l > truth) || h.is_some_and(|h| h < truth));
            sum.1 += u64::from(out);
        }
    }
}

/// `GeoLift`'s default: the sum of the sizes of the test's gaps, the weights fitted to all days, against days shuffled.
fn iid_p(panel: &Panel, treated: usize, from: usize, random: &mut Random) -> f64 {
    let n = panel.periods.len();
    let mean: Vec<f64> =
        (0..n).map(|t| panel.values[..treated].iter().map(|v| v[t]).sum::<f64>() / treated as f64).collect();
    let donors: Vec<&[f64]> = panel.values[treated..].iter().map(Vec::as_slice).collect();
    let mut gaps = synthetic::fit(&mean, &donors, n, Level::Removed).gaps;
    let sizes = |gaps: &[f64]| gaps.iter().map(|g| g.abs()).sum::<f64>();
    let here = sizes(&gaps[from..]);
    let mut as_far = 0;
    for _ in 0..1_000 {
        for i in from..n {
            let j = random.random_range(0..=i);
            gaps.swap(i, j);
        }
        for i in (1..n).rev() {
            let j = random.random_range(0..=i);
            gaps.swap(i, j);
        }
        as_far += u64::from(sizes(&gaps[from..]) >= here);
    }
    as_far as f64 / 1_000.0
}

/// A rate in percent with its Wilson interval.
fn rate(k: u64, n: u64) -> String {
    let e = wilson(k, n);
    format!("{:.1} ({:.1}-{:.1})", 100.0 * e.point, 100.0 * e.low, 100.0 * e.high)
}

/// Rows of a table of commas, quotes taken off; empty, said aloud, where it cannot be read.
fn rows(path: &str) -> Vec<Vec<String>> {
    match std::fs::read_to_string(path) {
        Ok(text) => {
            text.lines().skip(1).map(|l| l.split(',').map(|c| c.trim_matches('"').to_owned()).collect()).collect()
        }
        Err(why) => {
            println!("{path}: {why}");
            Vec::new()
        }
    }
}

fn gathered(rows: &[(String, String, f64)]) -> Panel {
    let mut days: Vec<&String> = rows.iter().map(|r| &r.1).collect();
    days.sort_unstable();
    days.dedup();
    let places: HashMap<&String, i64> = days.iter().enumerate().map(|(k, d)| (*d, k as i64)).collect();
    let mut all = PanelRows::default();
    for (market, day, value) in rows {
        all.add(market, places[day], *value, 0.0);
    }
    all.conclude(i64::MAX)
}

fn pretest(folder: &str) -> Panel {
    let of = |r: Vec<String>| Some((r.first()?.clone(), r.get(2)?.clone(), r.get(1)?.parse().ok()?));
    gathered(&rows(&format!("{folder}/geo_pretest.csv")).into_iter().filter_map(of).collect::<Vec<_>>())
}

/// The markets that Google's test did not treat, over all days.
fn untreated(folder: &str) -> Panel {
    let groups: HashMap<String, String> = rows(&format!("{folder}/tbr_assignment.csv"))
        .into_iter()
        .filter_map(|r| Some((r.first()?.clone(), r.get(1)?.clone())))
        .collect();
    let of = |r: Vec<String>| Some((r.get(1)?.clone(), r.first()?.clone(), r.get(2)?.parse().ok()?));
    let all: Vec<(String, String, f64)> =
        rows(&format!("{folder}/tbr_sales_and_cost.csv")).into_iter().filter_map(of).collect();
    let kept: Vec<_> = all.into_iter().filter(|r| groups.get(&r.0).is_some_and(|g| g == "1")).collect();
    gathered(&kept)
}
