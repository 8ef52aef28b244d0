//! Counts that vary more than chance alone: the negative binomial.

use statrs::distribution::{ContinuousCDF, Gamma};
use statrs::function::beta::beta_reg;
use statrs::function::gamma::gamma_lr;

/// The chance of at least `k` where counts have this mean and this variance: negative binomial, or Poisson where the variance
/// does not exceed the mean.
///
/// With size `s = mean^2 / (variance - mean)` and `u = mean / (mean + s)`, P(X >= k) equals the regularised incomplete beta
/// function `I_u(k, s)`; for the Poisson it equals the regularised lower incomplete gamma function `P(k, mean)`.
pub fn count_upper_tail(k: u64, mean: f64, variance: f64) -> f64 {
    if k == 0 {
        return 1.0;
    }
    if mean <= 0.0 {
        return 0.0;
    }
    if variance <= mean * (1.0 + 1e-9) {
        return gamma_lr(k as f64, mean);
    }
    let size = mean * mean / (variance - mean);
    beta_reg(k as f64, size, mean / (mean + size))
}

/// The interval of a Poisson mean around an estimate of it that counts as one observation: Garwood (1936), with the estimate
/// in place of the count, so that it need not be whole. The low end is 0 at 0.
pub fn poisson_interval(estimate: f64, confidence: f64) -> (f64, f64) {
    let tail = (1.0 - confidence) / 2.0;
    let quantile = |shape: f64, p: f64| Gamma::new(shape, 1.0).map_or(estimate, |g| g.inverse_cdf(p));
    let low = if estimate > 0.0 { quantile(estimate, tail).min(estimate) } else { 0.0 };
    (low, quantile(estimate + 1.0, 1.0 - tail).max(estimate))
}

#[cfg(test)]
mod tests {
    use super::{count_upper_tail, poisson_interval};

    /// Brute force: one less the sum of the terms below, by their recurrence.
    #[test]
    fn negative_binomial_tail_is_the_sum_of_its_terms() {
        let (mean, variance) = (5.0_f64, 17.5_f64);
        let size = mean * mean / (variance - mean);
        let p = size / (size + mean);
        let mut term = p.powf(size);
        let mut below = 0.0;
        for k in 0..10_u32 {
            below += term;
            term *= (f64::from(k) + size) / f64::from(k + 1) * (1.0 - p);
        }
        assert!((count_upper_tail(10, mean, variance) - (1.0 - below)).abs() < 1e-12);
    }

    /// P(X >= 3) at mean 2 is 1 - 5 exp(-2).
    #[test]
    fn poisson_tail_in_closed_form() {
        assert!((count_upper_tail(3, 2.0, 2.0) - (1.0 - 5.0 * (-2.0_f64).exp())).abs() < 1e-12);
    }

    /// SciPy: `chi2.ppf(.025, 20) / 2, chi2.ppf(.975, 22) / 2` prints 4.795388696, 18.390355847, Garwood's interval for 10.
    #[test]
    fn poisson_interval_is_garwoods() {
        let (low, high) = poisson_interval(10.0, 0.95);
        assert!((low - 4.795_388_7).abs() < 1e-6 && (high - 18.390_355_8).abs() < 1e-6, "{low} {high}");
        assert_eq!(poisson_interval(0.0, 0.95).0, 0.0);
    }
}
