//! Added metric for each unit of money added (iROAS), with ends that are open where the cost does not say enough.
//!
//! Both halves of the ratio are uncertain: what the test brought, and what it cost beyond what would have been spent anyway.
//! Fieller (1954): a ratio `r` is kept where `total - r * cost` lies within `t` of its own standard error. Where the cost itself
//! is not told from nothing, every large `r` is kept, and an end, or both, is open; no normal interval of a ratio says so.
//!
//! The errors are those of time-based regression (days taken as independent), and of the cost's own mean before. Where nothing
//! was spent before, the cost is known and the interval is the total's over the cost, as Google's `matched_markets` has it.
//! Beside it the same question is put to blocks of time: the ratios `r` at which `metric - r * cost` shows no effect.

use super::regression::TimeBased;

/// A ratio with what is kept of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Ratio {
    /// The estimate.
    pub point: f64,
    /// Lower end; `None` where it is open.
    pub low: Option<f64>,
    /// Upper end; `None` where it is open.
    pub high: Option<f64>,
}

/// What was spent beyond the days before, and how uncertain that is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spent {
    /// Beyond what as many days before cost.
    pub added: f64,
    /// Its variance.
    pub variance: f64,
    /// Its covariance with the total of the regression.
    pub shared: f64,
}

/// What the treated markets' cost, summed, exceeds its days before by. `residuals` are the regression's, over those days.
pub fn spent(cost: &[f64], n_before: usize, residuals: &[f64]) -> Spent {
    let (n, m) = (n_before as f64, (cost.len() - n_before) as f64);
    let mean = cost[..n_before].iter().sum::<f64>() / n;
    let added = cost[n_before..].iter().sum::<f64>() - mean * m;
    let of_days = |pairs: &mut dyn Iterator<Item = f64>, df: f64| pairs.sum::<f64>() / df * (m + m * m / n);
    let variance = of_days(&mut cost[..n_before].iter().map(|c| (c - mean).powi(2)), n - 1.0);
    let shared = of_days(&mut cost[..n_before].iter().zip(residuals).map(|(c, r)| (c - mean) * r), n - 2.0);
    Spent { added, variance, shared }
}

/// Fieller's set for the regression's total over what was spent; `t` is the deviate of its confidence. `None` where nothing was.
pub fn fieller(total: &TimeBased, spent: &Spent, t: f64) -> Option<Ratio> {
    if spent.added <= 0.0 {
        return None;
    }
    let point = total.total / spent.added;
    // (total - r c)^2 <= t^2 (v - 2 r s + r^2 w), as a r^2 - 2 b r + d <= 0.
    let tt = t * t;
    let a = spent.added * spent.added - tt * spent.variance;
    let b = total.total * spent.added - tt * spent.shared;
    let d = total.total * total.total - tt * total.error * total.error;
    let under = b * b - a * d;
    let (low, high) = if a > 0.0 && under >= 0.0 {
        (Some((b - under.sqrt()) / a), Some((b + under.sqrt()) / a))
    } else {
        // What is kept reaches to infinity on both sides (perhaps with a hole that does not hold the estimate).
        (None, None)
    };
    Some(Ratio { point, low, high })
}

#[cfg(test)]
mod tests {
    use super::{Spent, fieller, spent};
    use crate::geo::regression::TimeBased;

    const TOTAL: TimeBased = TimeBased { intercept: 0.0, slope: 1.0, total: 300.0, error: 60.0, df: 40.0 };

    #[test]
    fn a_known_cost_divides_the_interval() {
        let known = Spent { added: 100.0, variance: 0.0, shared: 0.0 };
        let r = fieller(&TOTAL, &known, 2.0).expect("a ratio");
        assert!((r.point - 3.0).abs() < 1e-12);
        assert!((r.low.expect("low") - 1.8).abs() < 1e-12 && (r.high.expect("high") - 4.2).abs() < 1e-12);
        assert!(fieller(&TOTAL, &Spent { added: 0.0, ..known }, 2.0).is_none());
    }

    /// Every kept ratio passes the test that it inverts, by brute force, and no other does.
    #[test]
    fn ends_are_where_the_test_turns() {
        let unsure = Spent { added: 100.0, variance: 900.0, shared: 200.0 };
        let r = fieller(&TOTAL, &unsure, 2.0).expect("a ratio");
        let (low, high) = (r.low.expect("low"), r.high.expect("high"));
        for k in 0..2_000 {
            let ratio = f64::from(k) * 0.01 - 2.0;
            let spread = TOTAL.error.powi(2) - 2.0 * ratio * unsure.shared + ratio * ratio * unsure.variance;
            let kept = (TOTAL.total - ratio * unsure.added).powi(2) <= 4.0 * spread;
            assert_eq!(kept, (low..=high).contains(&ratio), "{ratio} {low} {high}");
        }
        // A cost that is not told from nothing has open ends.
        let vague = Spent { variance: 2_600.0, ..unsure };
        let open = fieller(&TOTAL, &vague, 2.0).expect("a ratio");
        assert_eq!((open.low, open.high), (None, None));
    }

    #[test]
    fn spending_is_what_exceeds_the_days_before() {
        let s = spent(&[1.0, 3.0, 1.0, 3.0, 10.0, 12.0], 4, &[-1.0, 1.0, -1.0, 1.0]);
        assert!((s.added - 18.0).abs() < 1e-12);
        // Variance 4/3 a day, two days and their forecast: 2 + 4/4 times as much; the residuals go along, over two degrees.
        assert!((s.variance - 4.0).abs() < 1e-12 && (s.shared - 6.0).abs() < 1e-12, "{s:?}");
    }
}
