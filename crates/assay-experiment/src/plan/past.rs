//! What the past says of weeks: their mean, and how much they differ from one to the next.

/// Weeks of history.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PastWeeks {
    /// Whole weeks.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Their standard deviation, slow trends aside: the root of half the mean squared difference of neighbours (von Neumann 1941).
    pub spread: f64,
    /// The same over what a Poisson count of this mean would have.
    pub overdispersion: f64,
}

/// Fewest whole weeks from which a spread is taken.
pub const WEEKS_MIN: usize = 6;

/// Sums of whole weeks, counted back from the last day; days without a row count as 0. `days` are (day, value), in any order.
pub fn weekly(days: &[(i64, f64)]) -> Vec<f64> {
    let (Some(first), Some(last)) = (days.iter().map(|d| d.0).min(), days.iter().map(|d| d.0).max()) else {
        return Vec::new();
    };
    let n = usize::try_from((last - first + 1) / 7).unwrap_or(0);
    let mut sums = vec![0.0; n];
    for (day, value) in days {
        let back = usize::try_from((last - day) / 7).unwrap_or(usize::MAX);
        if back < n {
            sums[n - 1 - back] += value;
        }
    }
    sums
}

/// What the weeks say; `None` below [`WEEKS_MIN`] of them, or where they sum to nothing.
pub fn past_weeks(weeks: &[f64]) -> Option<PastWeeks> {
    let n = weeks.len();
    let mean = weeks.iter().sum::<f64>() / n as f64;
    if n < WEEKS_MIN || mean.is_nan() || mean <= 0.0 {
        return None;
    }
    let squares: f64 = weeks.windows(2).map(|w| (w[1] - w[0]).powi(2)).sum();
    let spread = (squares / (2.0 * (n - 1) as f64)).sqrt();
    (spread > 0.0).then(|| PastWeeks { n, mean, spread, overdispersion: spread / mean.sqrt() })
}

#[cfg(test)]
mod tests {
    use super::{past_weeks, weekly};

    #[test]
    fn whole_weeks_are_counted_back_from_the_last_day() {
        let days: Vec<(i64, f64)> = (0..17).map(|d| (100 + d, 1.0)).collect();
        assert_eq!(weekly(&days), [7.0, 7.0]);
        assert_eq!(weekly(&[(5, 2.0), (11, 1.0)]), [3.0]);
        assert!(weekly(&[]).is_empty() && past_weeks(&[7.0; 5]).is_none() && past_weeks(&[7.0; 9]).is_none());
    }

    /// A trend is not spread: 10, 12, 14, … differ by 2 from one to the next.
    #[test]
    fn a_trend_is_hardly_spread() {
        let weeks: Vec<f64> = (0..20).map(|k| 10.0 + 2.0 * f64::from(k)).collect();
        let past = past_weeks(&weeks).expect("weeks");
        assert!((past.spread - 2.0_f64.sqrt()).abs() < 1e-12 && (past.mean - 29.0).abs() < 1e-12);
    }
}
