//! Prints how well reach is foretold on made accounts of many sorts, against the last 50 posts.
//!
//! `cargo run --release -p assay-reach --example reach_forecast -- [ACCOUNTS [SEED [SORT,SORT]]]` (40 of each sort where none is named; constants of the
//! model were chosen under seed 77, so that is not the one it prints by itself).

#![expect(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a command that prints a table, of a length that is asked for"
)]

use assay_math::{Seed, binomial_upper_tail};
use assay_model::{Outcome, silent};
use assay_reach::page::accounts::MADE_ACCOUNTS;
use assay_reach::page::{Backtest, Series, Target, backtest};
use rayon::prelude::*;

/// Posts of an account, and the share of them that is only learned from (of the shortest the least that is asked for, 20).
const SIZES: [(usize, f64); 4] = [(30, 0.5), (120, 0.75), (400, 0.75), (2_000, 0.75)];

fn main() {
    let n_accounts: u64 = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(40);
    let seed: u64 = std::env::args().nth(2).and_then(|a| a.parse().ok()).unwrap_or(4_242);
    println!(
        "| account | posts | CRPS over that of the last 50 | accounts at least 3 % better | coverage | accounts rejected at .01 |"
    );
    println!("|---|---|---|---|---|---|");
    let only = std::env::args().nth(3);
    for account in MADE_ACCOUNTS.iter().filter(|a| only.as_deref().is_none_or(|id| id.split(',').any(|id| id == a.id)))
    {
        for (n, train_share) in SIZES {
            let n_accounts = if n > 1_000 { n_accounts / 4 } else { n_accounts };
            let foretold: Vec<Backtest> = (0..n_accounts)
                .into_par_iter()
                .filter_map(|nth| {
                    let posts = account.make(n, Seed(seed).nth(nth));
                    let outcome = backtest(&Series::new(&posts, Target::Reach), train_share, &mut silent);
                    if let Ok(Outcome::Found(b)) = outcome { Some(b) } else { None }
                })
                .collect();
            let rolling =
                |b: &Backtest| b.baselines.iter().find(|b| b.id == "rolling_50").map_or(1.0, |b| b.scores.crps);
            let ratio = |b: &Backtest| b.scores.crps / rolling(b);
            let count = foretold.len().max(1) as f64;
            let mean = foretold.iter().map(ratio).sum::<f64>() / count;
            let better = foretold.iter().filter(|b| ratio(b) <= 0.97).count();
            let coverage = foretold.iter().map(|b| b.scores.coverage_90).sum::<f64>() / count;
            let rejected = foretold.iter().filter(|b| is_rejected(b)).count();
            println!(
                "| {} | {n} | {mean:.3} | {better} of {} | {coverage:.3} | {rejected} |",
                account.id,
                foretold.len()
            );
        }
    }
}

/// Whether a two-sided binomial test at .01 rejects a coverage of .9.
fn is_rejected(b: &Backtest) -> bool {
    let k = (b.scores.coverage_90 * b.n as f64).round() as u64;
    let n = b.n as u64;
    let tail = binomial_upper_tail(k, n, 0.9).min(1.0 - binomial_upper_tail(k + 1, n, 0.9));
    2.0 * tail < 0.01
}
