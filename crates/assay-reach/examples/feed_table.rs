//! Prints how well the two engines of the feed simulator agree, and what buying does under each policy:
//! `cargo run --release -p assay-reach --example feed_table [-- SEEDS [POLICY]]`.
//!
//! First table: reach of people over that of the same page that bought none, by cohorts. Second: a page of 10,000 people on a
//! platform of 100,000, twenty days, `SEEDS` (by default ten) of agents against two hundred of cohorts: mean reach and
//! engagements of people a post, the difference, its standard error, and the test of Kolmogorov and Smirnov on the seeds' means. With `POLICY`, that one alone.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]
#![expect(clippy::disallowed_methods, reason = "a program of its own, which reads its command line")]

use assay_math::Seed;
use assay_model::{Stopped, silent};
use assay_reach::feed::{Backdrop, Buy, POLICIES, Run, Scenario, SoldAccounts, agents, cohorts};
use std::fmt::Write as _;

fn buy(day: u32, followers: u64, opens_share: f64) -> Buy {
    Buy {
        day,
        followers,
        seller: "burst".to_owned(),
        accounts: SoldAccounts::Dormant,
        opens_share: Some(opens_share),
        engage_share: 0.0,
        drop_off: 1.0,
        over_delivery_share: 0.0,
        price_per_1000_minor: 500.0,
    }
}

fn designs() -> Vec<(String, Scenario)> {
    let mut designs = Vec::new();
    for policy in POLICIES {
        for (name, order) in [("none", None), ("20,000 dormant", Some(0.0)), ("20,000 active", Some(0.3))] {
            let mut scenario = Scenario { days: 20, ..Scenario::default() };
            policy.id.clone_into(&mut scenario.platform.policy);
            scenario.platform.pages = 4_000;
            scenario.platform.follows = 20;
            scenario.platform.slots = 10;
            scenario.page.followers = 10_000;
            scenario.buy = order.map(|opens| buy(2, 20_000, opens)).into_iter().collect();
            designs.push((format!("{:<16} {name}", policy.id), scenario));
        }
    }
    designs
}

/// People's reach and engagements, a post.
fn means(run: &Run) -> (f64, f64) {
    let n = run.posts.len() as f64;
    let sum = |of: fn(&assay_reach::feed::PostRow) -> u64| run.posts.iter().map(of).sum::<u64>() as f64 / n;
    (sum(|p| p.people_reach), sum(|p| p.people_engagements))
}

fn mean_and_error(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

/// The p-value of Kolmogorov and Smirnov's test on two samples (Stephens' correction).
fn same_law(a: &[f64], b: &[f64]) -> f64 {
    let below = |sample: &[f64], x: f64| sample.iter().filter(|v| **v <= x).count() as f64 / sample.len() as f64;
    let d = a.iter().chain(b).map(|x| (below(a, *x) - below(b, *x)).abs()).fold(0.0, f64::max);
    let n = (a.len() * b.len()) as f64 / (a.len() + b.len()) as f64;
    let l = (n.sqrt() + 0.12 + 0.11 / n.sqrt()) * d;
    let p: f64 = (1..100).map(|k| 2.0 * f64::powi(-1.0, k - 1) * (-2.0 * f64::from(k * k) * l * l).exp()).sum();
    if l < 0.2 { 1.0 } else { p.clamp(0.0, 1.0) }
}

fn engines(seeds: u64, only: Option<&str>) -> Result<(), Stopped> {
    println!(
        "{:<34} {:>9} {:>9} {:>8} {:>7} {:>8} {:>8} {:>6}",
        "engines", "agents", "cohorts", "reach", "error", "engaged", "error", "KS p"
    );
    let (mut worst, mut worst_engaged, mut n) = (0.0_f64, 0.0_f64, 0);
    for (name, scenario) in designs().into_iter().filter(|d| only.is_none_or(|id| d.1.platform.policy == id)) {
        let runs: Result<Vec<Run>, Stopped> =
            (0..seeds).filter_map(|seed| agents(&scenario, None, Seed(seed), &mut silent).transpose()).collect();
        let a: Vec<(f64, f64)> = runs?.iter().map(means).collect();
        let Some(backdrop) = Backdrop::new(&scenario, None, Seed(0)) else { continue };
        let b: Vec<(f64, f64)> = (1_000..1_200).map(|seed| means(&cohorts(&scenario, &backdrop, Seed(seed)))).collect();
        let split = |of: fn(&(f64, f64)) -> f64| -> (Vec<f64>, Vec<f64>) {
            (a.iter().map(of).collect(), b.iter().map(of).collect())
        };
        let (reach_a, reach_b) = split(|m| m.0);
        let (engaged_a, engaged_b) = split(|m| m.1);
        let gap = |a: &[f64], b: &[f64]| {
            let ((a, ea), (b, eb)) = (mean_and_error(a), mean_and_error(b));
            (100.0 * (b / a - 1.0), 100.0 * (ea * ea + eb * eb).sqrt() / a)
        };
        let (reach, error) = gap(&reach_a, &reach_b);
        let (engaged, engaged_error) = gap(&engaged_a, &engaged_b);
        println!(
            "{name:<34} {:>9.1} {:>9.1} {reach:>+7.2}% {error:>6.2}% {engaged:>+7.2}% {engaged_error:>7.2}% {:>6.3}",
            mean_and_error(&reach_a).0,
            mean_and_error(&reach_b).0,
            same_law(&reach_a, &reach_b)
        );
        worst = worst.max(reach.abs());
        worst_engaged = worst_engaged.max(engaged.abs());
        n += 1;
    }
    println!(
        "{n} designs, {seeds} seeds of agents; worst difference in reach {worst:.2} %, in engagements {worst_engaged:.2} %\n"
    );
    Ok(())
}

/// Reach of people in the last four weeks over that of the same page that bought none, mean over seeds.
fn ratio(scenario: &Scenario, backdrop: &Backdrop) -> f64 {
    let last = |run: &Run| {
        let from = scenario.days - 28;
        run.posts.iter().filter(|p| p.day >= from).map(|p| p.people_reach).sum::<u64>() as f64
    };
    let none = scenario.without_purchase();
    let (with, without): (Vec<f64>, Vec<f64>) = (0..20)
        .map(|seed| (last(&cohorts(scenario, backdrop, Seed(seed))), last(&cohorts(&none, backdrop, Seed(seed)))))
        .unzip();
    with.iter().sum::<f64>() / without.iter().sum::<f64>().max(1.0)
}

fn doses() {
    println!("{:<34} {:>8} {:>8} {:>8} {:>8} {:>8}", "reach by bought / people", "0", ".5", "2", "10", "100");
    for policy in POLICIES {
        for opens in [0.0, 0.1, 0.3, 1.0] {
            let mut scenario = Scenario { days: 180, ..Scenario::default() };
            policy.id.clone_into(&mut scenario.platform.policy);
            scenario.purges.monthly_share = 0.0;
            let Some(backdrop) = Backdrop::new(&scenario, None, Seed(0)) else { continue };
            let mut line = format!("{:<18} opens {opens:<9}", policy.id);
            for times in [0.0, 0.5, 2.0, 10.0, 100.0] {
                let n = (scenario.page.followers as f64 * times) as u64;
                let order = Buy { drop_off: 0.0, ..buy(30, n, opens) };
                let dosed = Scenario { buy: if n > 0 { vec![order] } else { Vec::new() }, ..scenario.clone() };
                let _ = write!(line, " {:>8.3}", ratio(&dosed, &backdrop));
            }
            println!("{line}");
        }
    }
}

fn main() -> Result<(), Stopped> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let seeds = args.first().and_then(|seeds| seeds.parse().ok()).unwrap_or(10);
    let only = args.get(1).map(String::as_str);
    if only.is_none() {
        doses();
        println!();
    }
    engines(seeds, only)
}
