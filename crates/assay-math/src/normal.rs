//! The normal distribution.

use statrs::distribution::{ContinuousCDF, Normal};

/// The value that a standard normal variable stays below with this probability (0..1, both excluded).
pub fn normal_quantile(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability)
}

#[cfg(test)]
mod tests {
    use super::normal_quantile;

    /// R: `qnorm(c(.5, .95, .975))` prints 0.000000 1.644854 1.959964.
    #[test]
    fn agrees_with_r() {
        for (p, z) in [(0.5, 0.0), (0.95, 1.644_854), (0.975, 1.959_964)] {
            assert!((normal_quantile(p) - z).abs() < 1e-6, "{p}");
        }
    }
}
