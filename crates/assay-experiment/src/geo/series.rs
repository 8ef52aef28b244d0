//! Interrupted time series: the treated markets alone, carried forward by their own trend and week. The weakest design there is.
//!
//! 1. Least squares on the days before: a level, a trend and, with four weeks of days and more, each weekday.
//! 2. The effect is what the test's days exceed the forecast by.
//! 3. Its error is the forecast's, widened for residuals that hang together (first autocorrelation `r`: `(1 + r) / (1 - r)`), with as
//!    many fewer degrees of freedom.
//!
//! Nothing that happened besides the test is taken out: a holiday, a rival, the weather count as effect. Trends are carried forward
//! straight, which they seldom are. The row is shown and never decides.

use super::synthetic::solve;
use assay_math::{normal_to_student, normal_upper_quantile, student_upper_tail};

/// What the series alone says.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Series {
    /// Sum of what the test exceeds the forecast by.
    pub total: f64,
    /// Its standard error.
    pub error: f64,
    /// Degrees of freedom.
    pub df: f64,
}

/// Periods from here on are days since 1970 (1978 and later) rather than years or a count.
const DATES_FROM: i64 = 3_000;

/// Reads the series; `periods` are the days' numbers. `None` where too few days are left to tell the spread by.
pub fn read(values: &[f64], periods: &[i64], n_before: usize) -> Option<Series> {
    // Numbers below are years, weeks or a count of one's own: they have no weekday that is known.
    let days = periods[0] >= DATES_FROM && periods.windows(2).all(|w| w[1] - w[0] == 1);
    let n_week = if days && n_before >= 28 { 6 } else { 0 };
    let k = 2 + n_week;
    if n_before < k + 4 || values.len() <= n_before {
        return None;
    }
    let row = |t: usize| {
        let mut row = vec![1.0, (periods[t] - periods[0]) as f64];
        row.extend((0..n_week as i64).map(|d| f64::from(u8::from(periods[t].rem_euclid(7) == d))));
        row
    };
    let rows: Vec<Vec<f64>> = (0..values.len()).map(row).collect();
    let products = |right: &dyn Fn(usize) -> f64| {
        let line = |i: usize| {
            let mut line: Vec<f64> =
                (0..k).map(|j| rows[..n_before].iter().map(|r| r[i] * r[j]).sum::<f64>()).collect();
            line.push(right(i));
            line
        };
        solve((0..k).map(line).collect())
    };
    let by = products(&|i| rows[..n_before].iter().zip(values).map(|(r, y)| r[i] * y).sum())?;
    let left: Vec<f64> =
        rows.iter().zip(values).map(|(r, y)| y - r.iter().zip(&by).map(|(x, b)| x * b).sum::<f64>()).collect();
    let before = &left[..n_before];
    let squares: f64 = before.iter().map(|r| r * r).sum();
    if squares <= 0.0 {
        return None;
    }
    let hang = (before.windows(2).map(|w| w[0] * w[1]).sum::<f64>() / squares).clamp(0.0, 0.95);
    let wide = (1.0 + hang) / (1.0 - hang);
    // Sum of the test's rows, and its leverage.
    let sums: Vec<f64> = (0..k).map(|j| rows[n_before..].iter().map(|r| r[j]).sum()).collect();
    let lever: f64 = products(&|i| sums[i])?.iter().zip(&sums).map(|(a, b)| a * b).sum();
    let df = ((n_before - k) as f64 / wide).max(1.0);
    let m = (values.len() - n_before) as f64;
    let error = (squares / (n_before - k) as f64 * wide * (m + lever)).sqrt();
    Some(Series { total: left[n_before..].iter().sum(), error, df })
}

impl Series {
    /// Two-sided p-value for no effect.
    pub fn p_value(&self) -> f64 {
        2.0 * student_upper_tail((self.total / self.error).abs(), self.df)
    }

    /// The interval of the total.
    pub fn interval(&self, confidence: f64) -> (f64, f64) {
        let t = normal_to_student(normal_upper_quantile((1.0 - confidence) / 2.0), self.df);
        (self.total - t * self.error, self.total + t * self.error)
    }
}

#[cfg(test)]
mod tests {
    use super::read;

    /// A straight line with weekdays and little noise, 5 a day more from day 56 on.
    #[test]
    fn a_step_on_a_trend_with_weekdays_is_found() {
        let noise = |t: i64| ((t * 7_919 % 101) as f64 - 50.0) / 50.0;
        let value =
            |t: i64| 100.0 + 0.5 * t as f64 + [3.0, 0.0, -2.0, 1.0, 8.0, 12.0, -4.0][(t % 7) as usize] + noise(t);
        let values: Vec<f64> = (0..66).map(|t| value(t) + if t < 56 { 0.0 } else { 5.0 }).collect();
        let periods: Vec<i64> = (18_900..18_966).collect();
        let found = read(&values, &periods, 56).expect("a fit");
        let (low, high) = found.interval(0.95);
        assert!(low < 50.0 && high > 50.0 && low > 0.0 && found.p_value() < 0.01, "{found:?}");
        assert!(read(&values, &periods, 5).is_none());
    }

    /// Without weekdays (periods that are not days) the fit is that of R's `lm(y ~ t)`: by hand for four points and one after.
    #[test]
    fn a_line_is_carried_forward() {
        let found = read(&[1.0, 2.1, 2.9, 4.0, 5.2, 6.0, 9.0], &[0, 2, 4, 6, 8, 10, 12], 6).expect("a fit");
        // Means 5 and 3.53333, slope 35.4 / 70: 3.53333 + 7 * 0.505714 = 7.073333 at 12.
        assert!((found.total - 1.926_666_667).abs() < 1e-8, "{found:?}");
    }
}
