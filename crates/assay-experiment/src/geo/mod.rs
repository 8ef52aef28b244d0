//! The reading of a geo test: some markets were treated from a day on, the others were not.
//!
//! Several estimators are held against several nulls, for one data set gives every answer: the same two markets have been called
//! significant at 1 % and nowhere near it, by changing the null alone. The table is the answer. A verdict is given only where
//! the nulls that decide agree:
//!
//! - synthetic control, held against stretches of time by the net of their gaps (blocks; see [`synthetic`]);
//! - synthetic control, held against every other choice of as many markets (placebo sets; see [`sets`]);
//! - difference in differences, as relative change, held against every other choice of as many markets.
//!
//! Two more are heard: where one of them refuses and those that decide do not, the nulls are said to disagree. Blocks by the sizes of
//! gaps see any disturbance, and hardly see a steady effect over a test that is long beside the days before; placebos market by
//! market (Abadie and others 2010) hold several treated markets against single ones. What either says alone settles nothing: measured
//! on tests that never were (`examples/geo_placebos`), the first refuses a lift of 10 % over 28 days 15 times in 100, and the
//! second refuses no lift at all in up to 17 of 100.
//!
//! The rest is shown: levels kept, the ridge ([`ridge`]), matched pairs ([`pairs`]), time-based regression ([`regression`]) and, weakest,
//! the treated markets' own past ([`series`]). The verdict in money takes the hull of the intervals that decide.
//!
//! What remains out of sight: carry-over beyond the cool-down, markets that buy from one another, and anything else that happened in
//! the treated markets that month.

pub mod iroas;
mod nulls;
pub mod pairs;
pub mod panel;
pub mod regression;
pub mod ridge;
pub mod series;
pub mod sets;
pub mod synthetic;

use crate::money::{Stakes, Worth};
use assay_math::Seed;
use iroas::Ratio;
use nulls::{differences, placebo_p};
use panel::Panel;
use regression::TimeBased;
use sets::Sets;
use synthetic::{Fit, Level, Stretch};

/// Periods before the test that a reading takes.
pub const BEFORE_MIN: usize = 10;

/// What the user asks.
#[derive(Debug, Clone)]
pub struct AskedGeo {
    /// The treated markets.
    pub treated: Vec<String>,
    /// The first treated period.
    pub start: i64,
    /// The last treated period; later ones are the cool-down, in which the effect still counts.
    pub end: i64,
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
    /// Its part in the verdict.
    pub part: Part,
}

/// What part a row takes in the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// It has to refuse.
    Decides,
    /// If it refuses where those that decide do not, they disagree.
    Heard,
    /// None.
    Shown,
}

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GeoDecision {
    /// Adopt: every null that decides refuses, and the whole interval pays.
    Adopt,
    /// Drop: every null that decides refuses, and no part of the interval pays.
    Drop,
    /// Drop: whether there is an effect is open, and no part of the interval pays for the cost.
    TooDear,
    /// On days on which nothing happened the nulls that decide refuse together oftener than they may.
    Miscalibrated,
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
    /// Added metric for each unit of money added, by the regression (Fieller).
    pub return_on_cost: Option<Ratio>,
    /// The same by blocks of time.
    pub return_by_blocks: Option<Ratio>,
    /// What is seen in the cool-down.
    pub carried: Option<Carried>,
    /// The matched pairs, treated market first.
    pub pairs: Vec<(String, String)>,
    /// The total's interval: the hull of those that decide; an end is `None` where one of them is open.
    pub interval: (Option<f64>, Option<f64>),
    /// Lifts that placebo sets do not refuse.
    pub lift_interval: (Option<f64>, Option<f64>),
    /// Totals that placebo sets make of nothing, for the histogram: each set's net gap at the treated markets' scale.
    pub placebos: Vec<f64>,
    /// What is at stake, in money, where a margin was given.
    pub stakes: Option<Stakes>,
    /// What to do.
    pub decision: GeoDecision,
}

/// What is seen in the days after the last treated one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Carried {
    /// Days of the cool-down.
    pub n_periods: usize,
    /// What they brought in all, over the treated markets.
    pub total: f64,
    /// Effect a day against that of the treated days.
    pub share_of_effect: f64,
    /// p-value for no effect, by blocks of time; the treated days left out.
    pub p_value: f64,
}

/// Reads a geo test.
///
/// # Errors
/// If there is nothing to read: see [`UnreadableGeo`].
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
    let test = Test { mean: &mean, donors: &donors, n_before, n_treated: treated.len() };
    let fit = synthetic::fit(&mean, &donors, n_before, Level::Removed);
    let with_levels = synthetic::fit(&mean, &donors, n_before, Level::Kept);
    let alpha = 1.0 - asked.confidence;
    let sets = Sets::of(&panel.values, &treated, n_before, asked.seed);
    let effect = net(&fit.gaps[n_before..]) / n_during as f64;
    let mut table = test.deciding(&fit, &sets, alpha);
    table.push(differences(&panel, &treated, n_before, asked.seed));
    table.extend(test.heard(&fit, &with_levels));
    table.extend(test.by_ridge());
    let paired = pairs::read(&panel.values, &treated, &others, n_before);
    table.extend(paired.as_ref().map(|p| GeoRow {
        estimator: "matched pairs",
        null: "turned within pairs",
        total: p.total,
        interval: None,
        p_value: p.p_value,
        floor: p.floor,
        part: Part::Shown,
    }));
    let sum_over = |places: &[usize], of: &[Vec<f64>]| -> Vec<f64> {
        (0..mean.len()).map(|t| places.iter().map(|i| of[*i][t]).sum()).collect()
    };
    let (of_treated, of_others) = (sum_over(&treated, &panel.values), sum_over(&others, &panel.values));
    let regression = regression::time_based(&of_treated, &of_others, n_before);
    table.extend(regression.map(|t| {
        let (low, high) = t.interval(asked.confidence);
        row_of("time-based regression", "independent days", t.total, (low, high), t.p_value())
    }));
    table.extend(series::read(&of_treated, &panel.periods, n_before).map(|s| {
        let (low, high) = s.interval(asked.confidence);
        row_of("interrupted time series (weakest)", "its own past", s.total, (low, high), s.p_value())
    }));
    let cost = added_cost(&panel, &treated, n_before);
    let spending = sum_over(&treated, &panel.costs);
    let return_on_cost = regression.filter(|_| cost > 0.0).and_then(|t| {
        let residuals: Vec<f64> =
            of_treated.iter().zip(&of_others).map(|(y, x)| y - t.intercept - t.slope * x).take(n_before).collect();
        iroas::fieller(&t, &iroas::spent(&spending, n_before, &residuals), t.deviate(asked.confidence))
    });
    let named = |weights: &[f64]| {
        let carry = others.iter().zip(weights).filter(|(_, w)| **w > 1e-6);
        let mut named: Vec<(String, f64)> = carry.map(|(i, w)| (panel.markets[*i].clone(), *w)).collect();
        named.sort_by(|a, b| b.1.total_cmp(&a.1));
        named
    };
    let (weights, weights_with_levels) = (named(&fit.weights), named(&with_levels.weights));
    let expected: f64 = mean[n_before..].iter().zip(&fit.gaps[n_before..]).map(|(y, g)| y - g).sum();
    let even = vec![1.0 / donors.len() as f64; donors.len()];
    let placebos = sets.totals(treated.len());
    let total = effect * (treated.len() * n_during) as f64;
    Ok(GeoReading {
        path: mean.iter().zip(&fit.gaps).map(|(y, g)| (*y, y - g)).collect(),
        effect,
        lift: effect * n_during as f64 / expected,
        scaled_gap: root(&fit.gaps[..n_before]) / root(&gaps_of(&mean, &donors, &even, n_before)[..n_before]),
        without_one: without_one(&mean, &donors, &fit.weights, n_before, &|d| panel.markets[others[d]].clone()),
        decision: decide(&table, asked, alpha, cost),
        interval: hull(&table),
        return_by_blocks: (cost > 0.0).then(|| test.return_by_blocks(&panel, &treated, &others, alpha, total / cost)),
        return_on_cost,
        carried: carried(&panel, asked, &test, &fit.gaps),
        pairs: paired.map_or_else(Vec::new, |p| {
            p.pairs.iter().map(|(a, b)| (panel.markets[*a].clone(), panel.markets[*b].clone())).collect()
        }),
        lift_interval: sets.interval(alpha),
        stakes: asked.margin.and_then(|margin| stakes(total, &placebos, margin, cost)),
        placebos,
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

/// The estimator that decides.
const FIXED_EFFECTS: &str = "synthetic control, fixed effects";

/// What the nulls that decide say, and nothing besides.
#[derive(Debug, Clone, PartialEq)]
pub struct Settled {
    /// Their rows.
    pub rows: Vec<GeoRow>,
    /// The hull of their intervals.
    pub interval: (Option<f64>, Option<f64>),
    /// Whether all of them refuse, with one sign.
    pub is_settled: bool,
}

/// Holds markets of a panel against the nulls that decide. There have to be two other markets, and periods before and during the test.
pub fn settle(panel: &Panel, treated: &[usize], n_before: usize, alpha: f64, seed: Seed) -> Settled {
    let mean: Vec<f64> = (0..panel.periods.len())
        .map(|t| treated.iter().map(|i| panel.values[*i][t]).sum::<f64>() / treated.len() as f64)
        .collect();
    let donors: Vec<&[f64]> =
        (0..panel.markets.len()).filter(|i| !treated.contains(i)).map(|i| panel.values[i].as_slice()).collect();
    let test = Test { mean: &mean, donors: &donors, n_before, n_treated: treated.len() };
    let fit = synthetic::fit(&mean, &donors, n_before, Level::Removed);
    let mut rows = test.deciding(&fit, &Sets::of(&panel.values, treated, n_before, seed), alpha);
    rows.push(differences(panel, treated, n_before, seed));
    let is_settled = rows.iter().all(|r| r.p_value <= alpha) && one_sign(&rows.iter().collect::<Vec<_>>());
    Settled { interval: hull(&rows), rows, is_settled }
}

fn one_sign(rows: &[&GeoRow]) -> bool {
    rows.iter().all(|r| r.total > 0.0) || rows.iter().all(|r| r.total < 0.0)
}

/// The series that estimators by synthetic control are put to.
struct Test<'a> {
    mean: &'a [f64],
    donors: &'a [&'a [f64]],
    n_before: usize,
    n_treated: usize,
}

impl Test<'_> {
    fn cells(&self) -> f64 {
        (self.n_treated * (self.mean.len() - self.n_before)) as f64
    }

    /// Synthetic control held against the nulls that decide.
    fn deciding(&self, fit: &Fit, sets: &Sets, alpha: f64) -> Vec<GeoRow> {
        let (_, low, high) = synthetic::block_interval(self.mean, self.donors, self.n_before, alpha);
        let ends = sets.interval(alpha);
        vec![
            GeoRow {
                interval: Some((low.map(|l| l * self.cells()), high.map(|h| h * self.cells()))),
                ..self.by_blocks(fit, Stretch::Net, "blocks of time, net", Part::Decides)
            },
            GeoRow {
                estimator: FIXED_EFFECTS,
                null: "placebo sets",
                total: self.total(fit),
                interval: Some((ends.0.map(|l| sets.total(l)), ends.1.map(|l| sets.total(l)))),
                p_value: sets.p_value(0.0),
                floor: sets.floor(),
                part: Part::Decides,
            },
        ]
    }

    /// Nulls that can make the others disagree, and levels kept beside them.
    fn heard(&self, fit: &Fit, with_levels: &Fit) -> Vec<GeoRow> {
        let in_space = |estimator, fit: &Fit, level, part| GeoRow {
            estimator,
            null: "placebo in space",
            total: self.total(fit),
            interval: None,
            p_value: placebo_p(&fit.gaps, self.donors, self.n_before, level),
            floor: 1.0 / (self.donors.len() + 1) as f64,
            part,
        };
        vec![
            self.by_blocks(fit, Stretch::Sizes, "blocks of time", Part::Heard),
            in_space(FIXED_EFFECTS, fit, Level::Removed, Part::Heard),
            in_space("synthetic control, levels kept", with_levels, Level::Kept, Part::Shown),
        ]
    }

    fn by_blocks(&self, fit: &Fit, of: Stretch, null: &'static str, part: Part) -> GeoRow {
        GeoRow {
            estimator: FIXED_EFFECTS,
            null,
            total: self.total(fit),
            interval: None,
            p_value: synthetic::block_p(self.mean, self.donors, self.n_before, 0.0, of),
            floor: 1.0 / self.mean.len() as f64,
            part,
        }
    }

    fn total(&self, fit: &Fit) -> f64 {
        net(&fit.gaps[self.n_before..]) * self.n_treated as f64
    }

    fn by_ridge(&self) -> Option<GeoRow> {
        let found = ridge::fit(self.mean, self.donors, self.n_before)?;
        let gaps = gaps_of(self.mean, self.donors, &found.weights, self.n_before);
        let here = net(&gaps[self.n_before..]);
        // Blocks of the same length; the weights were fitted to the days before alone, so those gaps are too quiet by a little.
        let n = gaps.len();
        let length = n - self.n_before;
        let stretch = |from: usize| (0..length).map(|k| gaps[(from + k) % n]).sum::<f64>().abs();
        let as_far = (0..n).filter(|from| stretch(*from) >= here.abs() * (1.0 - 1e-12)).count();
        Some(GeoRow {
            estimator: "ridge-augmented synthetic control",
            null: "blocks of time, net",
            total: here * self.n_treated as f64,
            interval: None,
            p_value: as_far as f64 / n as f64,
            floor: 1.0 / n as f64,
            part: Part::Shown,
        })
    }

    /// Ratios `r` around the point at which `metric - r * cost` shows no effect by blocks of time.
    fn return_by_blocks(&self, panel: &Panel, treated: &[usize], others: &[usize], alpha: f64, point: f64) -> Ratio {
        let less = |i: usize, r: f64| -> Vec<f64> {
            panel.values[i].iter().zip(&panel.costs[i]).map(|(y, c)| y - r * c).collect()
        };
        let refused = |r: f64| {
            let parts: Vec<Vec<f64>> = treated.iter().map(|i| less(*i, r)).collect();
            let mean: Vec<f64> =
                (0..self.mean.len()).map(|t| parts.iter().map(|p| p[t]).sum::<f64>() / parts.len() as f64).collect();
            let rest: Vec<Vec<f64>> = others.iter().map(|i| less(*i, r)).collect();
            let donors: Vec<&[f64]> = rest.iter().map(Vec::as_slice).collect();
            synthetic::block_p(&mean, &donors, self.n_before, 0.0, Stretch::Net) <= alpha
        };
        let end = |side: f64| {
            let (mut kept, mut step) = (point, 0.25 * point.abs().max(0.1));
            let gone = loop {
                let next = kept + side * step;
                if refused(next) {
                    break next;
                }
                // A hundred times the estimate is as good as open.
                if step > 100.0 * point.abs().max(0.1) {
                    return None;
                }
                kept = next;
                step *= 1.7;
            };
            let mut gone = gone;
            for _ in 0..12 {
                let middle = f64::midpoint(kept, gone);
                if refused(middle) {
                    gone = middle;
                } else {
                    kept = middle;
                }
            }
            Some(gone)
        };
        Ratio { point, low: end(-1.0), high: end(1.0) }
    }
}

fn row_of(estimator: &'static str, null: &'static str, total: f64, ends: (f64, f64), p_value: f64) -> GeoRow {
    let interval = Some((Some(ends.0), Some(ends.1)));
    GeoRow { estimator, null, total, interval, p_value, floor: 0.0, part: Part::Shown }
}

fn net(gaps: &[f64]) -> f64 {
    gaps.iter().sum()
}

/// What is seen after the last treated day, if the panel goes on.
fn carried(panel: &Panel, asked: &AskedGeo, test: &Test<'_>, gaps: &[f64]) -> Option<Carried> {
    let from = panel.periods.iter().position(|p| *p > asked.end)?;
    if from <= test.n_before {
        return None;
    }
    let after = panel.periods.len() - from;
    let without = |v: &[f64]| [&v[..test.n_before], &v[from..]].concat();
    let rest: Vec<Vec<f64>> = test.donors.iter().map(|d| without(d)).collect();
    let donors: Vec<&[f64]> = rest.iter().map(Vec::as_slice).collect();
    let p_value = synthetic::block_p(&without(test.mean), &donors, test.n_before, 0.0, Stretch::Net);
    let treated_days = net(&gaps[test.n_before..from]) / (from - test.n_before) as f64;
    Some(Carried {
        n_periods: after,
        total: net(&gaps[from..]) * test.n_treated as f64,
        share_of_effect: net(&gaps[from..]) / after as f64 / treated_days,
        p_value,
    })
}

/// Placebo totals below which no distribution of the effect is claimed.
const PLACEBOS_MIN: usize = 20;

/// What is at stake if the total errs as placebo totals do.
fn stakes(total: f64, placebos: &[f64], margin: f64, cost: f64) -> Option<Stakes> {
    if placebos.len() < PLACEBOS_MIN {
        return None;
    }
    let n = placebos.len() as f64;
    let profits: Vec<f64> = placebos.iter().map(|e| margin * (total - e) - cost).collect();
    let of = |f: &dyn Fn(f64) -> f64| profits.iter().map(|p| f(*p)).sum::<f64>() / n;
    Some(Stakes {
        expected: margin * total - cost,
        p_positive: of(&|p| f64::from(u8::from(p > 0.0))),
        loss_adopt: of(&|p| (-p).max(0.0)),
        loss_drop: of(&|p| p.max(0.0)),
        break_even: cost / margin,
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

/// The hull of the intervals of the rows that decide.
fn hull(table: &[GeoRow]) -> (Option<f64>, Option<f64>) {
    let ends: Vec<(Option<f64>, Option<f64>)> =
        table.iter().filter(|r| r.part == Part::Decides).filter_map(|r| r.interval).collect();
    let low = ends.iter().map(|e| e.0).collect::<Option<Vec<f64>>>();
    let high = ends.iter().map(|e| e.1).collect::<Option<Vec<f64>>>();
    (low.and_then(|l| l.into_iter().reduce(f64::min)), high.and_then(|h| h.into_iter().reduce(f64::max)))
}

fn decide(table: &[GeoRow], asked: &AskedGeo, alpha: f64, cost: f64) -> GeoDecision {
    let refuses = |r: &&GeoRow| r.p_value <= alpha;
    let deciding: Vec<&GeoRow> = table.iter().filter(|r| r.part == Part::Decides).collect();
    let worth = asked.margin.map(|margin| Worth { margin, cost });
    let break_even = worth.map_or(0.0, |w| w.break_even());
    let (low, high) = hull(table);
    let never_pays = high.is_some_and(|h| h < break_even);
    if deciding.iter().all(refuses) && one_sign(&deciding) {
        return match low {
            Some(low) if low > break_even => GeoDecision::Adopt,
            _ if never_pays => GeoDecision::Drop,
            _ => GeoDecision::PayUnsettled,
        };
    }
    if never_pays && break_even > 0.0 && deciding.iter().all(|r| r.total < break_even && r.floor <= alpha) {
        return GeoDecision::TooDear;
    }
    if table.iter().filter(|r| r.part != Part::Shown).any(|r| refuses(&r)) {
        return GeoDecision::Disagree;
    }
    GeoDecision::NothingShown
}
