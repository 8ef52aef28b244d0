//! The beta distribution.

use statrs::distribution::{Beta, ContinuousCDF};

/// The value that a beta variable of these two shapes (above 0) stays below with this probability (0..1, both excluded).
/// `None` where a shape is not above 0.
pub fn beta_quantile(shape_a: f64, shape_b: f64, probability: f64) -> Option<f64> {
    Some(Beta::new(shape_a, shape_b).ok()?.inverse_cdf(probability))
}

#[cfg(test)]
mod tests {
    use super::beta_quantile;

    /// SciPy: `scipy.stats.beta.ppf([.025, .975], 3.5, 7.5)` prints [0.09269459 0.60581832]. Beta(1, 1) is even.
    #[test]
    fn agrees_with_scipy() {
        for (a, b, p, want) in [(3.5, 7.5, 0.025, 0.092_694_59), (3.5, 7.5, 0.975, 0.605_818_32), (1.0, 1.0, 0.3, 0.3)]
        {
            assert!((beta_quantile(a, b, p).expect("shapes") - want).abs() < 1e-6);
        }
        assert_eq!(beta_quantile(0.0, 1.0, 0.5), None);
    }
}
