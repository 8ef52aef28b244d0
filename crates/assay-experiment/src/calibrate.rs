//! How often a reading errs on the user's own data, found out where nothing happened.
//!
//! Markets: of the days before the test as many markets as were treated are drawn, and a first day; what the nulls that decide say of
//! them is counted, with no lift and with a lift multiplied in (placebo tests). A split: the units that there are, all arms
//! together, are dealt into the same sizes by chance, and the primary metric is compared under the same rule (A/A runs).
//!
//! Rates bear Wilson intervals at 95 %. Where the whole interval of the false positives lies above alpha, the method errs too often on
//! these data, and no verdict should rest on it. Placebo tests of one history overlap, so that the intervals are too narrow for
//! markets: a short history shows gross faults only.

use crate::geo::panel::Panel;
use crate::geo::{BEFORE_MIN, settle};
use crate::reading::{Asked, read_split};
use crate::tally::{Metric, Row, Tally, UnitOf};
use assay_math::{Estimate, Go, Seed, Stopped, Tick};
use rand::RngExt;
use rayon::prelude::*;

/// What was counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Calibration {
    /// Runs.
    pub n_runs: u64,
    /// What alpha was.
    pub alpha: f64,
    /// Runs without a lift that were found to have one.
    pub false_positives: Estimate,
    /// Intervals that held what was put in.
    pub coverage: Estimate,
    /// The lift that was put in, and how often it was found; `None` where none was.
    pub found: Option<(f64, Estimate)>,
    /// Intervals with an open end.
    pub n_open: u64,
}

impl Calibration {
    /// Whether false positives are above alpha beyond doubt.
    pub fn is_above_nominal(&self) -> bool {
        self.false_positives.low > self.alpha
    }
}

/// A share with Wilson's interval at 95 %.
pub fn wilson(k: u64, n: u64) -> Estimate {
    let (k, n, z) = (k as f64, (n as f64).max(1.0), 1.959_963_984_540_054);
    let (p, scale) = (k / n, 1.0 + z * z / n);
    let middle = (p + z * z / (2.0 * n)) / scale;
    let reach = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() / scale;
    Estimate {
        point: p,
        low: (middle - reach).max(0.0).min(p),
        high: (middle + reach).min(1.0).max(p),
        confidence: 0.95,
    }
}

/// Placebo tests over markets.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placebos {
    /// Markets to be treated.
    pub n_treated: usize,
    /// Periods of the test.
    pub n_periods: usize,
    /// The relative lift that is put in.
    pub lift: f64,
    /// The level.
    pub alpha: f64,
    /// Placebo tests.
    pub n_runs: u64,
    /// Where they are drawn from.
    pub seed: Seed,
}

/// Placebo tests that are made on all cores, between two looks at whether to go on.
const RUNS_TOGETHER: u64 = 8;

/// Runs placebo tests on a panel in which nothing happened. `None` where it has too few periods or markets.
///
/// # Errors
/// [`Stopped`] when the tick says so.
pub fn markets(past: &Panel, asked: &Placebos, tick: &mut Tick<'_>) -> Result<Option<Calibration>, Stopped> {
    let (n, t) = (past.markets.len(), past.periods.len());
    let before = BEFORE_MIN.max(asked.n_periods);
    if t < before + asked.n_periods || n < asked.n_treated + 2 || asked.n_treated == 0 || asked.n_runs == 0 {
        return Ok(None);
    }
    let mut counts = [0_u64; 4];
    for first in (0..asked.n_runs).step_by(RUNS_TOGETHER as usize) {
        if tick(first, asked.n_runs) == Go::Stop {
            return Err(Stopped);
        }
        let runs = first..asked.n_runs.min(first + RUNS_TOGETHER);
        let found: Vec<_> = runs.into_par_iter().map(|run| placebo(past, asked, before, asked.seed.nth(run))).collect();
        for found in found {
            counts.iter_mut().zip(found).for_each(|(count, found)| *count += u64::from(found));
        }
    }
    let n_runs = asked.n_runs;
    Ok(Some(Calibration {
        n_runs,
        alpha: asked.alpha,
        false_positives: wilson(counts[0], n_runs),
        coverage: wilson(counts[1], n_runs),
        found: (asked.lift != 0.0).then(|| (asked.lift, wilson(counts[2], n_runs))),
        n_open: counts[3],
    }))
}

/// A placebo test: whether an effect was found, the interval held none, the lift that was put in was found, and the interval is open.
fn placebo(past: &Panel, asked: &Placebos, before: usize, seed: Seed) -> [bool; 4] {
    let (n, t) = (past.markets.len(), past.periods.len());
    let mut random = seed.random();
    let mut places: Vec<usize> = (0..n).collect();
    for i in 0..asked.n_treated {
        let j = random.random_range(i..n);
        places.swap(i, j);
    }
    let treated = &places[..asked.n_treated];
    let end = random.random_range(before + asked.n_periods..=t);
    let from = end - asked.n_periods;
    let mut panel = past.first(end);
    let none = settle(&panel, treated, from, asked.alpha, seed);
    let is_held = none.interval.0.is_none_or(|l| l <= 0.0) && none.interval.1.is_none_or(|h| h >= 0.0);
    for i in treated {
        for value in &mut panel.values[*i][from..] {
            *value *= 1.0 + asked.lift;
        }
    }
    let is_found = asked.lift != 0.0 && settle(&panel, treated, from, asked.alpha, seed).is_settled;
    [none.is_settled, is_held, is_found, none.interval.0.is_none() || none.interval.1.is_none()]
}

/// A/A runs: deals the values of all units into arms of these sizes and reads each deal as `asked`. `None` with fewer than two units an arm.
///
/// # Errors
/// [`Stopped`] when the tick says so.
pub fn split(
    values: &[f64],
    sizes: &[(String, u64)],
    asked: &Asked,
    metric: &Metric,
    n_runs: u64,
    tick: &mut Tick<'_>,
) -> Result<Option<Calibration>, Stopped> {
    let total: u64 = sizes.iter().map(|s| s.1).sum();
    if n_runs == 0 || total > values.len() as u64 || sizes.iter().any(|s| s.1 < 2) {
        return Ok(None);
    }
    let mut order: Vec<u32> = (0..values.len() as u32).collect();
    // The sizes are those that were dealt, so the split cannot be at fault here.
    let asked = Asked {
        guardrails: Vec::new(),
        exposed: None,
        split: Some(sizes.iter().map(|s| s.1 as f64).collect()),
        ..asked.clone()
    };
    let (mut hits, mut held, mut open) = (0, 0, 0);
    for run in 0..n_runs {
        if tick(run, n_runs) == Go::Stop {
            return Err(Stopped);
        }
        let mut random = asked.seed.fork("deals of units").nth(run).random();
        for i in (1..order.len()).rev() {
            let j = random.random_range(0..=i);
            order.swap(i, j);
        }
        let mut tally = Tally::new(vec![metric.clone()], UnitOf::Row);
        let mut at = 0;
        for (name, size) in sizes {
            for place in &order[at..at + *size as usize] {
                let value = [Some((values[*place as usize], 1.0))];
                let row = Row { arm: name, unit: None, cluster: None, id: None, values: &value, before: None };
                // A value that was taken before is taken again.
                let _ = tally.take(&row);
            }
            at += *size as usize;
        }
        let Ok(read) = read_split(tally.conclude(), &asked) else { return Ok(None) };
        let alpha = 1.0 - asked.confidence;
        hits += u64::from(read.effects.iter().any(|e| e.adjusted_p_value.is_some_and(|p| p <= alpha)));
        let ranges: Vec<_> = read.effects.iter().filter_map(|e| e.absolute.found()).collect();
        held += u64::from(ranges.iter().all(|r| r.low.is_none_or(|l| l <= 0.0) && r.high.is_none_or(|h| h >= 0.0)));
        open += u64::from(ranges.iter().any(|r| r.low.is_none() || r.high.is_none()) || ranges.is_empty());
    }
    Ok(Some(Calibration {
        n_runs,
        alpha: 1.0 - asked.confidence,
        false_positives: wilson(hits, n_runs),
        coverage: wilson(held, n_runs),
        found: None,
        n_open: open,
    }))
}

#[cfg(test)]
mod tests {
    use super::{Placebos, markets, split, wilson};
    use crate::geo::panel::PanelRows;
    use crate::means::Before;
    use crate::{Asked, Kind, Metric, Stop};
    use assay_math::{Go, Seed, normal_quantile, silent};
    use rand::RngExt;

    /// Without any, the upper end is `z^2 / (n + z^2)`: 3.841459 / 13.841459; ends of a half lie even about it.
    #[test]
    fn wilson_has_its_closed_forms() {
        assert!((wilson(0, 10).high - 3.841_458_8 / 13.841_458_8).abs() < 1e-7, "{:?}", wilson(0, 10));
        let half = wilson(50, 100);
        assert!((half.low + half.high - 1.0).abs() < 1e-12 && half.low > 0.4 && half.low < 0.41, "{half:?}");
        assert_eq!((wilson(0, 10).low, wilson(10, 10).high), (0.0, 1.0));
    }

    #[test]
    fn placebo_tests_find_what_is_put_in_and_little_else() {
        let mut random = Seed(4).random();
        let mut rows = PanelRows::default();
        for market in 0..16 {
            let level = 100.0 * random.random_range(0.5..2.0);
            for day in 0..60_i64 {
                let noise = 1.0 + 0.05 * normal_quantile(random.random_range(1e-9..1.0));
                rows.add(&format!("m{market:02}"), day, level * noise * (1.0 + 0.1 * (day % 7) as f64), 0.0);
            }
        }
        let past = rows.conclude(59);
        let asked = Placebos { n_treated: 4, n_periods: 14, lift: 0.2, alpha: 0.05, n_runs: 60, seed: Seed(2) };
        let found = markets(&past, &asked, &mut silent).expect("not stopped").expect("enough of them");
        assert!(found.false_positives.point <= 0.05 && !found.is_above_nominal(), "{found:?}");
        assert!(found.coverage.point >= 0.9 && found.found.expect("a lift").1.point > 0.7, "{found:?}");
        let short = Placebos { n_periods: 40, ..asked };
        assert!(markets(&past, &short, &mut silent).expect("not stopped").is_none());
        assert!(markets(&past, &asked, &mut |_, _| Go::Stop).is_err());
    }

    /// A rule that refuses at any p would be caught: the same deals read at 50 % confidence refuse about half of the time.
    #[test]
    fn deals_of_units_err_as_often_as_alpha_says() {
        let mut random = Seed(9).random();
        let values: Vec<f64> = (0..4_000).map(|_| f64::from(u8::from(random.random_range(0.0..1.0) < 0.1))).collect();
        let sizes = [("a".to_owned(), 2_000), ("b".to_owned(), 2_000)];
        let metric = Metric { name: "m".to_owned(), kind: Kind::Binary };
        let asked = |confidence| Asked {
            control: "a".to_owned(),
            split: None,
            stop: Stop::Fixed,
            confidence,
            adjust: Before::Ignored,
            worth: None,
            seed: Seed(1),
            guardrails: Vec::new(),
            exposed: None,
        };
        let rate = |confidence| {
            let found = split(&values, &sizes, &asked(confidence), &metric, 200, &mut silent);
            found.expect("not stopped").expect("units").false_positives.point
        };
        assert!(rate(0.95) < 0.1, "{}", rate(0.95));
        assert!((rate(0.5) - 0.5).abs() < 0.15, "{}", rate(0.5));
    }
}
