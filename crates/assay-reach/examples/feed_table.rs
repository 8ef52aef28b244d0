//! Prints how well the two engines of the feed simulator agree, and what buying does under each policy:
//! `cargo run --release -p assay-reach --example feed_table [-- SEEDS [POLICY]]`.
//!
//! First table: reach of people over that of the same page that bought none, by cohorts. Second: a page of 20,000 people on a
//! platform of 100,000, twenty days, `SEEDS` (by default ten) of agents against two thousand of cohorts: mean reach and
//! engagements of people a post and followers at the end, the difference, its standard error, and the test of Kolmogorov and
//! Smirnov on the seeds' mean reach. Which people follow the page is much of the noise, and all of it in a chronological feed, whose
//! mean is known; so each seed's reach and engagements are read beside the chronological reach of the same seed (a control
//! variate; its coefficient is fitted, the error is that of the residuals). With `POLICY`, the designs whose names begin so.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]
#![expect(clippy::disallowed_methods, reason = "a program of its own, which reads its command line")]

use assay_math::Seed;
use assay_model::{Stopped, silent};
use assay_reach::feed::{
    Backdrop, Buy, GraphKind, Group, POLICIES, Promotion, Run, Scenario, SoldAccounts, agents, cohorts,
};
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

fn base(policy: &str) -> Scenario {
    let mut scenario = Scenario { days: 20, ..Scenario::default() };
    policy.clone_into(&mut scenario.platform.policy);
    scenario.platform.pages = 4_000;
    scenario.platform.follows = 20;
    scenario.platform.slots = 10;
    scenario.page.followers = 20_000;
    scenario
}

/// Every policy without a purchase and with two kinds of one, and what else a scenario can hold.
///
/// Under pools the purchases are smaller: where half of the first pools fail by chance, reach is all or nothing, and no number of
/// seeds that can be run tells a mean to half a percent.
fn designs() -> Vec<(String, Scenario)> {
    let mut designs = Vec::new();
    for policy in POLICIES {
        let n = if policy.id == "test-then-expand" { 5_000 } else { 40_000 };
        for (name, order) in [("none", None), ("dormant", Some(0.0)), ("active", Some(0.3))] {
            let mut scenario = base(policy.id);
            scenario.buy = order.map(|opens| buy(2, n, opens)).into_iter().collect();
            let bought = if order.is_some() { format!("{n} ") } else { String::new() };
            designs.push((format!("{:<16} {bought}{name}", policy.id), scenario));
        }
    }
    let group = |name: &str, place: &str, share, engages| Group {
        name: name.to_owned(),
        place: place.to_owned(),
        share,
        engages,
        buys: true,
    };
    let promotion =
        Promotion { day: 3, days: 10, spend_minor: 30_000.0, cpm_minor: 600.0, topic: None, place: None, group: None };
    let mut groups = base("per-impression");
    groups.platform.groups = vec![
        group("young", "north", 0.3, 1.6),
        group("young south", "south", 0.2, 1.0),
        group("old", "south", 0.5, 0.6),
    ];
    designs.push(("per-impression   groups".to_owned(), groups.clone()));
    for (name, aim) in [
        ("to all", promotion.clone()),
        ("to a topic", Promotion { topic: Some(0), ..promotion.clone() }),
        ("to a group", Promotion { group: Some("young".to_owned()), ..promotion.clone() }),
        ("to a place", Promotion { place: Some("south".to_owned()), ..promotion }),
    ] {
        let mut scenario = groups.clone();
        scenario.page.follow_back_share = 0.3;
        scenario.promote = vec![aim];
        designs.push((format!("per-impression   promoted {name}"), scenario));
    }
    let mut back = base("x-2026");
    back.page.follow_back_share = 0.5;
    back.page.discovery = 20.0;
    designs.push(("x-2026           follow-back".to_owned(), back));
    for policy in ["edgerank", "per-impression", "per-follower"] {
        let mut rmat = base(policy);
        rmat.platform.graph = GraphKind::Rmat;
        designs.push((format!("{policy:<16} R-MAT"), rmat));
    }
    designs
}

/// People's reach and engagements, a post, paid showings among them; and followers who are people, at the end.
fn means(run: &Run) -> [f64; 3] {
    let n = run.posts.len() as f64;
    let paid = |of: fn(&assay_reach::feed::DayRow) -> u64| run.days.iter().map(of).sum::<u64>() as f64 / n;
    let sum = |of: fn(&assay_reach::feed::PostRow) -> u64| run.posts.iter().map(of).sum::<u64>() as f64 / n;
    [
        sum(|p| p.people_reach) + paid(|d| d.impressions_promoted),
        sum(|p| p.people_engagements) + paid(|d| d.engagements_promoted),
        run.days.last().map_or(0.0, |d| d.followers_people as f64),
    ]
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

/// Mean of y and its error, given that x, of the same seeds, has this mean.
fn beside(y: &[f64], x: &[f64], mean_x: f64) -> (f64, f64) {
    let n = y.len() as f64;
    let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let xx: f64 = x.iter().map(|x| (x - mx).powi(2)).sum();
    let xy: f64 = x.iter().zip(y).map(|(x, y)| (x - mx) * (y - my)).sum();
    let slope = if xx > 0.0 { xy / xx } else { 0.0 };
    let left: f64 = x.iter().zip(y).map(|(x, y)| (y - my - slope * (x - mx)).powi(2)).sum();
    let variance = left / (n - 2.0).max(1.0);
    let error = (variance * (1.0 / n + if xx > 0.0 { (mx - mean_x).powi(2) / xx } else { 0.0 })).sqrt();
    (my + slope * (mean_x - mx), error)
}

fn engines(seeds: u64, only: Option<&str>) -> Result<(), Stopped> {
    println!(
        "{:<34} {:>9} {:>9} {:>8} {:>7} {:>8} {:>7} {:>9} {:>7} {:>6}",
        "engines", "agents", "cohorts", "reach", "error", "engaged", "error", "followers", "error", "KS p"
    );
    let (mut worst, mut n) = ([0.0_f64; 3], 0);
    let run_agents = |scenario: &Scenario| -> Result<Vec<[f64; 3]>, Stopped> {
        let runs = (0..seeds).filter_map(|seed| agents(scenario, None, Seed(seed), &mut silent).transpose());
        runs.map(|run| run.map(|run| means(&run))).collect()
    };
    let chronological = base("chronological");
    let control: Vec<f64> = run_agents(&chronological)?.iter().map(|m| m[0]).collect();
    let control_mean = Backdrop::new(&chronological, None, Seed(0)).map_or(0.0, |backdrop| {
        let runs = 4_000;
        (0..runs).map(|seed| means(&cohorts(&chronological, &backdrop, Seed(seed)))[0]).sum::<f64>() / runs as f64
    });
    for (name, scenario) in designs().into_iter().filter(|d| only.is_none_or(|id| d.0.starts_with(id))) {
        let a = run_agents(&scenario)?;
        let Some(backdrop) = Backdrop::new(&scenario, None, Seed(0)) else { continue };
        let b: Vec<[f64; 3]> = (1_000..3_000).map(|seed| means(&cohorts(&scenario, &backdrop, Seed(seed)))).collect();
        let column = |runs: &[[f64; 3]], of: usize| -> Vec<f64> { runs.iter().map(|m| m[of]).collect() };
        let is_control = scenario.platform.policy == "chronological";
        let gap = |of: usize| {
            let (a, b) = (column(&a, of), column(&b, of));
            let (b, eb) = mean_and_error(&b);
            let (a, ea) = if is_control || of == 2 { mean_and_error(&a) } else { beside(&a, &control, control_mean) };
            (100.0 * (b / a - 1.0), 100.0 * (ea * ea + eb * eb).sqrt() / a)
        };
        let gaps = [gap(0), gap(1), gap(2)];
        let [(reach, e0), (engaged, e1), (followers, e2)] = gaps;
        let (reach_a, reach_b) = (column(&a, 0), column(&b, 0));
        println!(
            "{name:<34} {:>9.1} {:>9.1} {reach:>+7.2}% {e0:>6.2}% {engaged:>+7.2}% {e1:>6.2}% {followers:>+8.2}% {e2:>6.2}% {:>6.3}",
            mean_and_error(&reach_a).0,
            mean_and_error(&reach_b).0,
            same_law(&reach_a, &reach_b)
        );
        for (worst, gap) in worst.iter_mut().zip(gaps) {
            *worst = worst.max(gap.0.abs());
        }
        n += 1;
    }
    let [reach, engaged, followers] = worst;
    println!(
        "{n} designs, {seeds} seeds of agents; worst difference in reach {reach:.2} %, in engagements {engaged:.2} %, in followers {followers:.2} %\n"
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
