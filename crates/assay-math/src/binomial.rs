//! Binomial shares: tails and intervals, on `statrs` for the incomplete beta function.

use crate::Estimate;
use statrs::distribution::{Beta, ContinuousCDF};
use statrs::function::beta::beta_reg;

/// The chance of at least `k` successes in `n` tries at success probability `p`, exact.
///
/// P(X >= k) equals the regularised incomplete beta function `I_p(k, n - k + 1)`.
pub fn binomial_upper_tail(k: u64, n: u64, p: f64) -> f64 {
    if k == 0 {
        return 1.0;
    }
    if k > n || p <= 0.0 {
        return 0.0;
    }
    if p >= 1.0 {
        return 1.0;
    }
    beta_reg(k as f64, (n - k + 1) as f64, p)
}

/// The share `k / n` with the equal-tailed interval of Jeffreys (Brown, Cai and `DasGupta` 2001: "Interval estimation for a
/// binomial proportion"), its ends set to 0 and 1 at `k = 0` and `k = n` as they advise. `None` if `n` is 0.
pub fn jeffreys_interval(k: u64, n: u64, confidence: f64) -> Option<Estimate> {
    if n == 0 || k > n {
        return None;
    }
    let posterior = Beta::new(k as f64 + 0.5, (n - k) as f64 + 0.5).ok()?;
    let tail = (1.0 - confidence) / 2.0;
    let point = k as f64 / n as f64;
    let low = if k == 0 { 0.0 } else { posterior.inverse_cdf(tail).min(point) };
    let high = if k == n { 1.0 } else { posterior.inverse_cdf(1.0 - tail).max(point) };
    Some(Estimate::new(point, low, high, confidence))
}

#[cfg(test)]
mod tests {
    use super::{binomial_upper_tail, jeffreys_interval};

    /// Brute force: the sum of the terms.
    #[test]
    fn tail_is_the_sum_of_its_terms() {
        let (n, p) = (12_u64, 0.3_f64);
        for k in 0..=n {
            let sum: f64 = (k..=n)
                .map(|i| {
                    let ways = (0..i).fold(1.0, |w, j| w * (n - j) as f64 / (j + 1) as f64);
                    ways * p.powi(i as i32) * (1.0 - p).powi((n - i) as i32)
                })
                .sum();
            assert!((binomial_upper_tail(k, n, p) - sum).abs() < 1e-12, "k = {k}");
        }
    }

    /// SciPy: `scipy.stats.beta.ppf([.025, .975], 3.5, 7.5)` prints [0.09269459 0.60581832].
    #[test]
    fn interval_agrees_with_scipy() {
        let e = jeffreys_interval(3, 10, 0.95).expect("ten tries");
        assert!((e.low - 0.092_694_59).abs() < 1e-6 && (e.high - 0.605_818_32).abs() < 1e-6, "{e:?}");
        assert!(jeffreys_interval(0, 0, 0.95).is_none());
    }
}
