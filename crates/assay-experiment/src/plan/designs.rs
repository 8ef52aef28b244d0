//! The designs, as what the appraisal needs of each: how many assignments, what baseline is treated, how noisy its difference is,
//! what it costs and how long it takes.
//!
//! The smallest p-value is that of the one-sided permutation test over the assignments that chance could have drawn: 1 of 4
//! markets 1/4, 2 of 4 1/6, 3 of 6 1/20, 4 of 8 1/70.

use super::Aim;
use crate::size::TestAndRoll;
use assay_math::{ln_gamma, normal_quantile};

/// The designs, the most trusted first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// People of an own list, sorted by lot.
    OwnList,
    /// People sorted by the platform's own randomised test.
    Platform,
    /// Some of several markets.
    Markets,
    /// Weeks on and weeks off, drawn by lot.
    Switchback,
    /// Before and after, without a comparison.
    BeforeAfter,
}

/// A design with its figures. Totals are over the treated part of the test.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    /// Which it is.
    pub kind: Kind,
    /// Units of assignment in the control and in the treated part.
    pub n_units: (f64, f64),
    /// The decimal logarithm of the number of assignments that chance can draw.
    pub log10_assignments: f64,
    /// The smallest p-value that these allow.
    pub smallest_p: f64,
    /// The metric's total in the treated part if nothing were done.
    pub baseline: f64,
    /// Standard error of the difference of totals.
    pub error: f64,
    /// Money spent on the treated part.
    pub spend: f64,
    /// The metric's total, untreated, of what the decision is about after the test.
    pub rest: f64,
    /// How long it takes, where that is known.
    pub days: Option<f64>,
    /// Units an arm by alpha and power.
    pub n_by_power: Option<f64>,
    /// Units an arm by Test & Roll.
    pub n_by_test_and_roll: Option<f64>,
}

/// An own list, or the people that a platform sorts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OwnList {
    /// People that may be treated.
    pub n_people: f64,
    /// The metric's mean a person over the test.
    pub mean: f64,
    /// Its standard deviation.
    pub spread: f64,
    /// Money that treating one person costs.
    pub cost: f64,
    /// Money at hand.
    pub budget: Option<f64>,
    /// People that come a week; all at once where it is `None`.
    pub per_week: Option<f64>,
}

/// The decimal logarithm of the ways to choose `k` of `n`.
pub fn log10_choose(n: f64, k: f64) -> f64 {
    (ln_gamma(n + 1.0) - ln_gamma(k + 1.0) - ln_gamma(n - k + 1.0)) / std::f64::consts::LN_10
}

/// A split of an own list in two even arms: as large as alpha and power ask, or as people and money allow.
pub fn own_list(list: &OwnList, aim: &Aim) -> Candidate {
    let z = normal_quantile(1.0 - aim.alpha / 2.0) + normal_quantile(aim.power);
    // Break-even does not depend on the size: cost and baseline grow with it alike.
    let break_even = list.cost / (aim.margin * list.mean);
    let beyond = (aim.lift.unwrap_or(break_even + aim.prior.spread) - break_even) * list.mean;
    let by_power = (beyond > 0.0).then(|| 2.0 * (z * list.spread / beyond).powi(2));
    let test_and_roll = TestAndRoll {
        n_people: list.n_people,
        mean: list.mean,
        // Arms' means differ by lift times mean; a difference has twice an arm's variance.
        spread: aim.prior.spread * list.mean / 2.0_f64.sqrt(),
        noise: list.spread,
    };
    let affordable = match list.budget {
        Some(budget) if list.cost > 0.0 => budget / list.cost,
        _ => f64::INFINITY,
    };
    let most = (list.n_people / 2.0).min(affordable);
    let n = by_power.unwrap_or(most).min(most).max(1.0).floor();
    let assignments = log10_choose(2.0 * n, n);
    Candidate {
        kind: Kind::OwnList,
        n_units: (n, n),
        log10_assignments: assignments,
        smallest_p: 10.0_f64.powf(-assignments),
        baseline: n * list.mean,
        error: (2.0 * n).sqrt() * list.spread,
        spend: n * list.cost,
        rest: (list.n_people - 2.0 * n).max(0.0) * list.mean,
        days: list.per_week.map(|per_week| (2.0 * n / per_week * 7.0).ceil().max(7.0)),
        n_by_power: by_power,
        n_by_test_and_roll: Some(test_and_roll.n_best().min(list.n_people / 2.0)),
    }
}

/// The same, sorted by the platform.
pub fn platform(list: &OwnList, aim: &Aim) -> Candidate {
    Candidate { kind: Kind::Platform, ..own_list(list, aim) }
}

/// Weeks of a page or a shop.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weeks {
    /// Weeks of the test.
    pub n_weeks: u32,
    /// The metric's mean a week.
    pub mean: f64,
    /// Its standard deviation from week to week, trend aside.
    pub spread: f64,
    /// Money at hand.
    pub budget: f64,
    /// Weeks after the test that the decision is about.
    pub rest_weeks: f64,
}

/// Weeks on and weeks off. Half of the weeks are on: drawn within pairs of neighbouring weeks if those allow a small enough p, of
/// all weeks else.
pub fn switchback(weeks: &Weeks) -> Candidate {
    let n = f64::from(weeks.n_weeks);
    let on = (n / 2.0).floor().max(1.0);
    let assignments = log10_choose(n, on);
    Candidate {
        kind: Kind::Switchback,
        n_units: (n - on, on),
        log10_assignments: assignments,
        smallest_p: 10.0_f64.powf(-assignments),
        baseline: on * weeks.mean,
        error: on * weeks.spread * (1.0 / on + 1.0 / (n - on).max(1.0)).sqrt(),
        spend: weeks.budget,
        rest: weeks.rest_weeks * weeks.mean,
        days: Some(7.0 * n),
        n_by_power: None,
        n_by_test_and_roll: None,
    }
}

/// As many weeks before as after.
pub fn before_after(weeks: &Weeks) -> Candidate {
    let n = f64::from(weeks.n_weeks);
    Candidate {
        kind: Kind::BeforeAfter,
        n_units: (n, n),
        log10_assignments: 0.0,
        smallest_p: 1.0,
        baseline: n * weeks.mean,
        error: n * weeks.spread * (2.0 / n).sqrt(),
        days: Some(7.0 * n),
        ..switchback(weeks)
    }
}

/// Markets of which nothing is known but their number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Markets {
    /// Markets in all.
    pub n_markets: u32,
    /// Treated ones.
    pub n_treated: u32,
    /// The metric's total of all markets over the test.
    pub total: f64,
    /// Relative error of what a market of mean size brings over the test, against what the others foretell.
    pub noise: f64,
    /// Days of the test.
    pub days: f64,
    /// Money at hand.
    pub budget: f64,
    /// Weeks after the test that the decision is about.
    pub rest_weeks: f64,
}

/// Some of several markets of like size. The smallest p-value is the largest of those of the nulls that have to agree in the
/// reading: other choices of markets, and each other market as if it had been treated.
pub fn markets(m: &Markets) -> Candidate {
    let (n, k) = (f64::from(m.n_markets), f64::from(m.n_treated));
    let assignments = log10_choose(n, k);
    Candidate {
        kind: Kind::Markets,
        n_units: (n - k, k),
        log10_assignments: assignments,
        // The reading holds at most a thousand placebo sets against the true one.
        smallest_p: 10.0_f64.powf(-assignments).max(1e-3),
        baseline: m.total * k / n,
        error: m.noise * m.total / n * k.sqrt(),
        spend: m.budget,
        rest: m.total / m.days * 7.0 * m.rest_weeks,
        days: Some(m.days),
        n_by_power: None,
        n_by_test_and_roll: None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Markets, Weeks, log10_choose, markets, switchback};

    #[test]
    fn floors_are_those_of_the_permutations() {
        for (n, k, ways) in [(4.0, 1.0, 4.0), (4.0, 2.0, 6.0), (6.0, 3.0, 20.0), (8.0, 4.0, 70.0)] {
            assert!((10.0_f64.powf(log10_choose(n, k)) - ways).abs() < 1e-6);
        }
        let m =
            Markets { n_markets: 40, n_treated: 2, total: 1e4, noise: 0.05, days: 28.0, budget: 0.0, rest_weeks: 52.0 };
        // Two of forty can be chosen in 780 ways.
        assert!((markets(&m).smallest_p - 1.0 / 780.0).abs() < 1e-12);
    }

    /// Forty orders a week with the spread of a Poisson count: twelve weeks find a lift of 26 % with a power of 80 %.
    #[test]
    fn a_small_shop_learns_little() {
        let s =
            switchback(&Weeks { n_weeks: 12, mean: 40.0, spread: 40.0_f64.sqrt(), budget: 500.0, rest_weeks: 52.0 });
        let detectable = 2.8016 * s.error / s.baseline;
        assert!((detectable - 2.8016 * 40.0_f64.sqrt() / 40.0 * (1.0_f64 / 3.0).sqrt()).abs() < 1e-12, "{detectable}");
        assert!((s.smallest_p - 1.0 / 924.0).abs() < 1e-9);
    }
}
