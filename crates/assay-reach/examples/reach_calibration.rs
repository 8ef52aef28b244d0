//! Prints how often the fit's 90 % intervals hold the truth on made pages, a row for each design.
//!
//! `cargo run --release -p assay-reach --example reach_calibration -- [PAGES]` (1,000 a row where none is named).

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a command that prints a table, of a length that is asked for"
)]

use assay_math::{Seed, binomial_upper_tail};
use assay_reach::Mechanism;
use assay_reach::page::FitOptions;
use assay_reach::page::calibration::{Fallen, calibrate, covered, rank_chi2};
use assay_reach::page::made::{MadePage, MadeTruth, ShareDesign};
use rayon::prelude::*;
use std::fmt::Write as _;

fn main() {
    let n_pages: u64 = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(1_000);
    println!("| design | share | posts | cost | gain | theta | sd ratio of theta | p | ranks: cost | gain | theta |");
    println!("|---|---|---|---|---|---|---|---|---|---|---|");
    let (mut p_values, mut rank_values) = (Vec::new(), Vec::new());
    for design in ShareDesign::ALL {
        for (share, n) in [(0.3, 150), (0.7, 50), (0.7, 150), (0.7, 400), (0.95, 150)] {
            let page = MadePage { n, share, design, ..MadePage::default() };
            let name = format!("{} {share} {n}", design.id());
            let fallen = run(&name, n_pages, |seed| {
                // The drift of the level differs from page to page, up to .04 a post.
                let drift_sd = 0.04 * (seed.fork("drift").0 >> 11) as f64 / (1_u64 << 53) as f64;
                calibrate(&MadePage { drift_sd, ..page.clone() }, None, &FitOptions::default(), seed)
            });
            row(design.id(), share, n, &fallen, &mut p_values, &mut rank_values);
        }
    }
    // Holm (1979): the least p-value is compared with .01 over all tests, the next with .01 over one fewer, and so on.
    let mut ordered = p_values.clone();
    ordered.sort_by(f64::total_cmp);
    let n_rejected = ordered.iter().enumerate().take_while(|(i, p)| **p < 0.01 / (ordered.len() - i) as f64).count();
    let worst = rank_values.iter().copied().fold(1.0, f64::min);
    let n_low = rank_values.iter().filter(|p| **p < 0.01).count();
    rank_values.sort_by(f64::total_cmp);
    let n_uneven =
        rank_values.iter().enumerate().take_while(|(i, p)| **p < 0.01 / (rank_values.len() - i) as f64).count();
    println!(
        "\nranks: {n_low} of {} chi-squared tests have p below .01, the least {worst:.4}; {n_uneven} are rejected at .01 by Holm",
        rank_values.len()
    );
    println!("\n{n_rejected} of {} binomial tests against .90 are rejected at .01 by Holm", ordered.len());
    println!("\n| not as the model has it | cost covered | gain covered |");
    println!("|---|---|---|");
    let no_pools = FitOptions { prior: [0.35, 0.35, 0.3, 0.0], ..FitOptions::default() };
    let all = FitOptions::default();
    let page = MadePage::default();
    let twice = MadePage { noise_scale: 1.7, ..MadePage::default() };
    let drifting = MadePage { freedom: 200.0, spread_drift_sd: 0.03, ..MadePage::default() };
    let stretched = MadePage { cut_times: 0.7, noise_scale: 1.7, ..MadePage::default() };
    for (name, page, mechanism, options) in [
        (
            "test then expand, its curve a third flatter, noise twice as large",
            &stretched,
            Some(Mechanism::TestThenExpand),
            &all,
        ),
        ("test then expand, noise twice as large", &twice, Some(Mechanism::TestThenExpand), &all),
        ("the same, fitted without that mechanism", &twice, Some(Mechanism::TestThenExpand), &no_pools),
        ("noise as usual, fitted without that mechanism", &page, Some(Mechanism::TestThenExpand), &no_pools),
        ("noise twice as large", &twice, None, &all),
        ("normal noise, spread drifts by .03 a post", &drifting, None, &all),
    ] {
        let fallen = run(name, n_pages, |seed| {
            let theta = 0.3 + (seed.fork("theta").0 >> 11) as f64 / (1_u64 << 53) as f64;
            let truth = mechanism.map(|mechanism| MadeTruth { mechanism, theta, activity: 0.1, half_life: 10.0 });
            calibrate(page, truth, options, seed)
        });
        let share =
            |of: fn(&Fallen) -> f64| covered(&fallen.iter().map(of).collect::<Vec<_>>()) as f64 / fallen.len() as f64;
        println!("| {name} | {:.3} | {:.3} |", share(|f| f.cost), share(|f| f.gain));
    }
    let clean = run("clean", 300, |seed| calibrate(&clean_page(), None, &FitOptions::default(), seed));
    let mean = clean.iter().map(|f| f.above_tenth).sum::<f64>() / clean.len() as f64;
    println!("\nclean pages with a drift of .04 a post: mean weight of a cost above 10 %: {mean:.3}");
}

fn clean_page() -> MadePage {
    MadePage { n: 500, share: 0.0, drift_sd: 0.04, noise_scale: 1.1, ..MadePage::default() }
}

fn run(row: &str, n: u64, one: impl Fn(Seed) -> Option<Fallen> + Sync) -> Vec<Fallen> {
    (0..n).into_par_iter().filter_map(|i| one(Seed(20_261).fork(row).nth(i))).collect()
}

fn row(name: &str, share: f64, n: usize, fallen: &[Fallen], p_values: &mut Vec<f64>, ranks: &mut Vec<f64>) {
    let places = |of: &dyn Fn(&Fallen) -> Option<f64>| fallen.iter().filter_map(of).collect::<Vec<_>>();
    let sets = [places(&|f| Some(f.cost)), places(&|f| Some(f.gain)), places(&|f| f.theta)];
    let mut cells = String::new();
    let mut least = 1.0_f64;
    for set in &sets {
        let k = covered(set);
        let p = two_sided(k as u64, set.len() as u64);
        least = least.min(p);
        p_values.push(p);
        let _ = write!(cells, " {:.3} |", k as f64 / set.len() as f64);
    }
    let uneven = sets.each_ref().map(|set| rank_chi2(set));
    ranks.extend(uneven);
    let ratios = places(&|f| f.theta_sd_ratio);
    let ratio = ratios.iter().sum::<f64>() / ratios.len().max(1) as f64;
    println!(
        "| {name} | {share} | {n} |{cells} {ratio:.2} | {least:.3} | {:.3} | {:.3} | {:.3} |",
        uneven[0], uneven[1], uneven[2]
    );
}

/// The chance of a count at least as far from .9 of `n`, twice the smaller tail.
fn two_sided(k: u64, n: u64) -> f64 {
    let above = binomial_upper_tail(k, n, 0.9);
    let below = 1.0 - binomial_upper_tail(k + 1, n, 0.9);
    (2.0 * above.min(below)).min(1.0)
}
