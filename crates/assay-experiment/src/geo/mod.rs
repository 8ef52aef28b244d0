//! The reading of a geo test: some markets were treated from a day on, the others were not.
//!
//! Several estimators are held against several nulls, for one data set gives every answer: the same two markets have been called
//! significant at 1 % and nowhere near it, by changing the null alone. The table is the answer. A verdict is given only where
//! the nulls that decide agree:
//!
//! - synthetic control, held against stretches of time (blocks; see [`synthetic`]), by sizes of gaps and by their net;
//! - synthetic control, held against every other market as if it had been treated (placebo in space, by the ratio of gaps after
//!   and before: Abadie and others 2010);
//! - difference in differences, as relative change, held against every other choice of as many markets.
//!
//! Time-based regression is shown beside them (see [`regression`]) and does not decide. What remains out of sight: carry-over into
//! the days after, markets that buy from one another, and anything else that happened in the treated markets that month.

pub mod panel;
pub mod regression;
pub mod synthetic;

use crate::money::Worth;
use assay_math::Seed;
use panel::Panel;
use rand::RngExt;
use regression::TimeBased;
use synthetic::{Level, Stretch};

/// Periods before the test that a reading takes.
pub const BEFORE_MIN: usize = 10;
/// Choices of markets that are gone through one by one; beyond them as many are drawn.
const CHOICES_MAX: usize = 5_000;

/// What the user asks.
#[derive(Debug, Clone)]
pub struct AskedGeo {
    /// The treated markets.
    pub treated: Vec<String>,
    /// The first treated period.
    pub start: i64,
    /// Confidence of intervals, 0..1.
    pub confidence: f64,
    /// Money earned by 1 of the metric.
    pub margin: Option<f64>,
    /// Where choices of markets are drawn from.
    pub seed: Seed,
}

/// Why there is nothing to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UnreadableGeo {
    /// These treated markets are not in the panel, or lack most periods.
    NoMarket(Vec<String>),
    /// Fewer than two other markets.
    FewDonors(usize),
    /// Too few periods before the start, or none from it on.
    FewPeriods {
        /// Periods before the start.
        before: usize,
        /// Periods from it to the end.
        during: usize,
    },
}

/// One estimator against one null.
#[derive(Debug, Clone, PartialEq)]
pub struct GeoRow {
    /// The estimator.
    pub estimator: &'static str,
    /// The null.
    pub null: &'static str,
    /// What the test brought in all, over the treated markets.
    pub total: f64,
    /// Its interval under this null, where the null gives one.
    pub interval: Option<(Option<f64>, Option<f64>)>,
    /// p-value for no effect.
    pub p_value: f64,
    /// The smallest p-value that this null can give here.
    pub floor: f64,
    /// Whether it takes part in the verdict.
    pub decides: bool,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GeoDecision {
    /// Adopt: every null that decides refuses, and it pays by every estimator.
    Adopt,
    /// Drop: every null that decides refuses, and it does not pay by any estimator.
    Drop,
    /// The nulls disagree.
    Disagree,
    /// No null refuses.
    NothingShown,
    /// The effect is settled, whether it pays is not.
    PayUnsettled,
}

/// A reading.
#[derive(Debug, Clone, PartialEq)]
pub struct GeoReading {
    /// What was asked, with the panel that it was read from.
    pub panel: Panel,
    /// Places of the treated markets in the panel.
    pub treated: Vec<usize>,
    /// Periods before the test, and of it.
    pub n_before: usize,
    /// Periods of the test.
    pub n_during: usize,
    /// Estimators by nulls.
    pub table: Vec<GeoRow>,
    /// Weights of the donors, the largest first; zeros left out.
    pub weights: Vec<(String, f64)>,
    /// The same where levels have to be met too.
    pub weights_with_levels: Vec<(String, f64)>,
    /// For each period, the treated markets' mean and its synthetic self.
    pub path: Vec<(f64, f64)>,
    /// Effect a treated market and period, by synthetic control.
    pub effect: f64,
    /// Relative to the synthetic self over the test.
    pub lift: f64,
    /// The gap before the test over that of equal weights (`GeoLift`'s scaled L2): 0 is a perfect fit, 1 none.
    pub scaled_gap: f64,
    /// The effect without each donor that carries weight: least and largest, with the donor.
    pub without_one: Option<((f64, String), (f64, String))>,
    /// Time-based regression.
    pub time_based: Option<TimeBased>,
    /// What the treated markets cost beyond what they cost before.
    pub cost: f64,
    /// What to do.
    pub decision: GeoDecision,
}

/// Reads a geo test.
///
/// # Errors
/// If there is nothing to read: see [`UnreadableGeo`].
#[expect(clippy::too_many_lines, reason = "the table of estimators by nulls is written row by row")]
pub fn read_geo(panel: Panel, asked: &AskedGeo) -> Result<GeoReading, UnreadableGeo> {
    let place = |name: &String| panel.markets.iter().position(|m| m == name);
    let missing: Vec<String> = asked.treated.iter().filter(|name| place(name).is_none()).cloned().collect();
    if !missing.is_empty() {
        return Err(UnreadableGeo::NoMarket(missing));
    }
    let treated: Vec<usize> = asked.treated.iter().filter_map(place).collect();
    let others: Vec<usize> = (0..panel.markets.len()).filter(|i| !treated.contains(i)).collect();
    if others.len() < 2 {
        return Err(UnreadableGeo::FewDonors(others.len()));
    }
    let n_before = panel.periods.iter().filter(|p| **p < asked.start).count();
    let n_during = panel.periods.len() - n_before;
    if n_before < BEFORE_MIN || n_during == 0 {
        return Err(UnreadableGeo::FewPeriods { before: n_before, during: n_during });
    }
    let mean: Vec<f64> = (0..panel.periods.len())
        .map(|t| treated.iter().map(|i| panel.values[*i][t]).sum::<f64>() / treated.len() as f64)
        .collect();
    let donors: Vec<&[f64]> = others.iter().map(|i| panel.values[*i].as_slice()).collect();
    let fit = synthetic::fit(&mean, &donors, n_before, Level::Removed);
    let sums = |places: &[usize], t: usize| places.iter().map(|i| panel.values[*i][t]).sum::<f64>();
    let of_treated: Vec<f64> = (0..mean.len()).map(|t| sums(&treated, t)).collect();
    let of_others: Vec<f64> = (0..mean.len()).map(|t| sums(&others, t)).collect();
    let regression = regression::time_based(&of_treated, &of_others, n_before);
    let alpha = 1.0 - asked.confidence;
    let cells = (treated.len() * n_during) as f64;
    let (effect, low, high) = synthetic::block_interval(&mean, &donors, n_before, alpha);
    let mut table = vec![GeoRow {
        estimator: "synthetic control, fixed effects",
        null: "blocks of time, net",
        total: effect * cells,
        interval: Some((low.map(|l| l * cells), high.map(|h| h * cells))),
        p_value: synthetic::block_p(&mean, &donors, n_before, 0.0, Stretch::Net),
        floor: 1.0 / mean.len() as f64,
        decides: true,
    }];
    table.push(GeoRow {
        estimator: "synthetic control, fixed effects",
        null: "blocks of time",
        total: effect * cells,
        interval: None,
        p_value: synthetic::block_p(&mean, &donors, n_before, 0.0, Stretch::Sizes),
        floor: 1.0 / mean.len() as f64,
        decides: true,
    });
    table.push(GeoRow {
        estimator: "synthetic control, fixed effects",
        null: "placebo in space",
        total: effect * cells,
        interval: None,
        p_value: placebo_p(&fit.gaps, &donors, n_before, Level::Removed),
        floor: 1.0 / (donors.len() + 1) as f64,
        decides: true,
    });
    table.push(differences(&panel, &treated, n_before, asked.seed));
    let with_levels = synthetic::fit(&mean, &donors, n_before, Level::Kept);
    let after = &with_levels.gaps[n_before..];
    table.push(GeoRow {
        estimator: "synthetic control, levels kept",
        null: "placebo in space",
        total: after.iter().sum::<f64>() / after.len() as f64 * cells,
        interval: None,
        p_value: placebo_p(&with_levels.gaps, &donors, n_before, Level::Kept),
        floor: 1.0 / (donors.len() + 1) as f64,
        decides: false,
    });
    if let Some(t) = regression {
        let (low, high) = t.interval(asked.confidence);
        table.push(GeoRow {
            estimator: "time-based regression",
            null: "independent days",
            total: t.total,
            interval: Some((Some(low), Some(high))),
            p_value: t.p_value(),
            floor: 0.0,
            decides: false,
        });
    }
    let named = |weights: &[f64]| {
        let carry = others.iter().zip(weights).filter(|(_, w)| **w > 1e-6);
        let mut named: Vec<(String, f64)> = carry.map(|(i, w)| (panel.markets[*i].clone(), *w)).collect();
        named.sort_by(|a, b| b.1.total_cmp(&a.1));
        named
    };
    let (weights, weights_with_levels) = (named(&fit.weights), named(&with_levels.weights));
    let expected: f64 = mean[n_before..].iter().zip(&fit.gaps[n_before..]).map(|(y, g)| y - g).sum();
    let even = vec![1.0 / donors.len() as f64; donors.len()];
    let cost = added_cost(&panel, &treated, n_before);
    Ok(GeoReading {
        path: mean.iter().zip(&fit.gaps).map(|(y, g)| (*y, y - g)).collect(),
        effect,
        lift: effect * n_during as f64 / expected,
        scaled_gap: root(&fit.gaps[..n_before]) / root(&gaps_of(&mean, &donors, &even, n_before)[..n_before]),
        without_one: without_one(&mean, &donors, &fit.weights, n_before, &|d| panel.markets[others[d]].clone()),
        decision: decide(&table, asked, alpha, cost),
        n_before,
        n_during,
        table,
        weights,
        weights_with_levels,
        time_based: regression,
        cost,
        treated,
        panel,
    })
}

fn root(gaps: &[f64]) -> f64 {
    gaps.iter().map(|g| g * g).sum::<f64>().sqrt()
}

fn gaps_of(treated: &[f64], donors: &[&[f64]], weights: &[f64], n_before: usize) -> Vec<f64> {
    let raw: Vec<f64> = (0..treated.len())
        .map(|t| treated[t] - donors.iter().zip(weights).map(|(d, w)| d[t] * w).sum::<f64>())
        .collect();
    let mean = raw[..n_before].iter().sum::<f64>() / n_before as f64;
    raw.iter().map(|r| r - mean).collect()
}

/// Among the treated and all donors, the share whose gap grew at least as much, each donor fitted by the other donors.
fn placebo_p(gaps: &[f64], donors: &[&[f64]], n_before: usize, level: Level) -> f64 {
    let growth = |gaps: &[f64]| {
        let mean = |g: &[f64]| g.iter().map(|v| v * v).sum::<f64>() / g.len() as f64;
        mean(&gaps[n_before..]) / mean(&gaps[..n_before]).max(f64::MIN_POSITIVE)
    };
    let here = growth(gaps);
    let as_far = (0..donors.len())
        .filter(|i| {
            let rest: Vec<&[f64]> = donors.iter().enumerate().filter(|(j, _)| j != i).map(|(_, d)| *d).collect();
            growth(&synthetic::fit(donors[*i], &rest, n_before, level).gaps) >= here
        })
        .count();
    (1 + as_far) as f64 / (donors.len() + 1) as f64
}

/// Difference in differences as relative change, against other choices of as many markets.
fn differences(panel: &Panel, treated: &[usize], n_before: usize, seed: Seed) -> GeoRow {
    let n = panel.markets.len();
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let before: Vec<f64> = panel.values.iter().map(|v| mean(&v[..n_before])).collect();
    let during: Vec<f64> = panel.values.iter().map(|v| mean(&v[n_before..])).collect();
    let (all_before, all_during) = (before.iter().sum::<f64>(), during.iter().sum::<f64>());
    let change = |set: &[usize]| {
        let (b, d): (f64, f64) = (set.iter().map(|i| before[*i]).sum(), set.iter().map(|i| during[*i]).sum());
        (d / b) / ((all_during - d) / (all_before - b)) - 1.0
    };
    let here = change(treated);
    let far = |set: &[usize]| change(set).abs() >= here.abs() * (1.0 - 1e-12);
    let k = treated.len();
    let n_choices = (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64).round();
    let (as_far, of) = if n_choices <= CHOICES_MAX as f64 {
        let mut count = 0_usize;
        let mut set: Vec<usize> = (0..k).collect();
        loop {
            count += usize::from(far(&set));
            let Some(i) = (0..k).rev().find(|i| set[*i] < n - k + i) else { break };
            set[i] += 1;
            for j in i + 1..k {
                set[j] = set[j - 1] + 1;
            }
        }
        (count, n_choices as usize)
    } else {
        let mut random = seed.fork("choices of markets").random();
        let mut places: Vec<usize> = (0..n).collect();
        let drawn = (0..CHOICES_MAX)
            .filter(|_| {
                for i in 0..k {
                    let j = random.random_range(i..n);
                    places.swap(i, j);
                }
                far(&places[..k])
            })
            .count();
        // The choice that was made counts as one of those drawn.
        (drawn + 1, CHOICES_MAX + 1)
    };
    let b: f64 = treated.iter().map(|i| before[*i]).sum();
    let d: f64 = treated.iter().map(|i| during[*i]).sum();
    let due = b * (all_during - d) / (all_before - b);
    GeoRow {
        estimator: "difference in differences, relative",
        null: "other choices of markets",
        total: (d - due) * (panel.periods.len() - n_before) as f64,
        interval: None,
        p_value: as_far as f64 / of as f64,
        floor: 1.0 / of as f64,
        decides: true,
    }
}

fn added_cost(panel: &Panel, treated: &[usize], n_before: usize) -> f64 {
    let n_during = (panel.periods.len() - n_before) as f64;
    treated
        .iter()
        .map(|i| {
            let before = panel.costs[*i][..n_before].iter().sum::<f64>() / n_before as f64;
            panel.costs[*i][n_before..].iter().sum::<f64>() - before * n_during
        })
        .sum()
}

type Extremes = Option<((f64, String), (f64, String))>;

/// The effect without each donor that carries weight.
fn without_one(
    treated: &[f64],
    donors: &[&[f64]],
    weights: &[f64],
    n_before: usize,
    name: &dyn Fn(usize) -> String,
) -> Extremes {
    let effects: Vec<(f64, usize)> = (0..donors.len())
        .filter(|i| weights[*i] > 1e-6 && donors.len() > 2)
        .map(|i| {
            let rest: Vec<&[f64]> = donors.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, d)| *d).collect();
            let gaps = synthetic::fit(treated, &rest, n_before, Level::Removed).gaps;
            (gaps[n_before..].iter().sum::<f64>() / (treated.len() - n_before) as f64, i)
        })
        .collect();
    let least = effects.iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
    let most = effects.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some(((least.0, name(least.1)), (most.0, name(most.1))))
}

fn decide(table: &[GeoRow], asked: &AskedGeo, alpha: f64, cost: f64) -> GeoDecision {
    let deciding: Vec<&GeoRow> = table.iter().filter(|r| r.decides).collect();
    let refused = deciding.iter().filter(|r| r.p_value <= alpha).count();
    let one_sign = deciding.iter().all(|r| r.total > 0.0) || deciding.iter().all(|r| r.total < 0.0);
    if refused == 0 {
        return GeoDecision::NothingShown;
    }
    if refused < deciding.len() || !one_sign {
        return GeoDecision::Disagree;
    }
    let worth = Worth { margin: asked.margin.unwrap_or(1.0), cost: 0.0 };
    let cost = if asked.margin.is_some() { cost } else { 0.0 };
    let pays = |r: &&&GeoRow| worth.profit(r.total) > cost;
    match deciding.iter().filter(pays).count() {
        n if n == deciding.len() => GeoDecision::Adopt,
        0 => GeoDecision::Drop,
        _ => GeoDecision::PayUnsettled,
    }
}
