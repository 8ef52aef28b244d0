//! The beta distribution.

use statrs::distribution::{Beta, ContinuousCDF};
use statrs::function::beta::beta_reg;
use statrs::function::gamma::gamma_ur;

/// The value that a beta variable of these two shapes (above 0) stays below with this probability (0..1, both excluded).
/// `None` where a shape is not above 0.
pub fn beta_quantile(shape_a: f64, shape_b: f64, probability: f64) -> Option<f64> {
    Some(Beta::new(shape_a, shape_b).ok()?.inverse_cdf(probability))
}

/// The chance that a beta variable of these two shapes (above 0) stays below `x`.
pub fn beta_below(shape_a: f64, shape_b: f64, x: f64) -> f64 {
    if x <= 0.0 {
        0.0
    } else if x >= 1.0 {
        1.0
    } else {
        beta_reg(shape_a, shape_b, x)
    }
}

/// The logarithm of the gamma function.
pub fn ln_gamma(x: f64) -> f64 {
    statrs::function::gamma::ln_gamma(x)
}

/// The chance that a chi-squared variable with `df` degrees of freedom (above 0) exceeds `x`.
pub fn chi_squared_upper_tail(x: f64, df: f64) -> f64 {
    if x <= 0.0 { 1.0 } else { gamma_ur(df / 2.0, x / 2.0) }
}

#[cfg(test)]
mod tests {
    use super::{beta_below, beta_quantile, chi_squared_upper_tail};

    /// SciPy: `scipy.stats.beta.ppf([.025, .975], 3.5, 7.5)` prints [0.09269459 0.60581832]. Beta(1, 1) is even.
    #[test]
    fn agrees_with_scipy() {
        for (a, b, p, want) in [(3.5, 7.5, 0.025, 0.092_694_59), (3.5, 7.5, 0.975, 0.605_818_32), (1.0, 1.0, 0.3, 0.3)]
        {
            assert!((beta_quantile(a, b, p).expect("shapes") - want).abs() < 1e-6);
        }
        assert_eq!(beta_quantile(0.0, 1.0, 0.5), None);
    }

    /// SciPy: `beta.cdf(.3, 3.5, 7.5)` prints 0.4807486; `chi2.sf([3.841459, 20], [1, 4])` prints 0.05 and 0.00049940.
    #[test]
    fn tails_agree_with_scipy() {
        assert!((beta_below(3.5, 7.5, 0.3) - 0.480_748_60).abs() < 1e-7);
        assert_eq!((beta_below(2.0, 2.0, -1.0), beta_below(2.0, 2.0, 1.5)), (0.0, 1.0));
        assert!((chi_squared_upper_tail(3.841_459, 1.0) - 0.05).abs() < 1e-7);
        assert!((chi_squared_upper_tail(20.0, 4.0) - 0.000_499_40).abs() < 1e-8);
        assert_eq!(chi_squared_upper_tail(0.0, 1.0), 1.0);
    }
}
