//! The normal distribution.

use statrs::distribution::{ContinuousCDF, Normal};

/// The value that a standard normal variable stays below with this probability (0..1, both excluded).
pub fn normal_quantile(probability: f64) -> f64 {
    Normal::standard().inverse_cdf(probability)
}

/// The chance that a standard normal variable exceeds `z`; keeps its digits far out in the upper tail.
pub fn normal_upper_tail(z: f64) -> f64 {
    Normal::standard().sf(z)
}

/// The density of a standard normal variable at `z`.
pub fn normal_density(z: f64) -> f64 {
    (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt()
}

/// The value that a standard normal variable exceeds with this probability, exact far out in the upper tail; infinite at 0.
pub fn normal_upper_quantile(probability: f64) -> f64 {
    if probability <= 0.0 {
        return f64::INFINITY;
    }
    if probability >= 1.0 {
        return f64::NEG_INFINITY;
    }
    if probability > 0.5 {
        return -normal_upper_quantile(1.0 - probability);
    }
    if probability > 1e-4 {
        return -normal_quantile(probability);
    }
    // Newton on the logarithm of the tail, which is nearly a parabola out there.
    let mut z = (-2.0 * probability.ln()).sqrt();
    for _ in 0..50 {
        let tail = normal_upper_tail(z);
        if tail <= 0.0 {
            break;
        }
        let step = (tail.ln() - probability.ln()) * tail / normal_density(z);
        z += step;
        if step.abs() < 1e-13 * z {
            break;
        }
    }
    z
}

#[cfg(test)]
mod tests {
    use super::{normal_density, normal_quantile, normal_upper_quantile, normal_upper_tail};

    /// R: `qnorm(c(.5, .95, .975))` prints 0.000000 1.644854 1.959964.
    #[test]
    fn agrees_with_r() {
        for (p, z) in [(0.5, 0.0), (0.95, 1.644_854), (0.975, 1.959_964)] {
            assert!((normal_quantile(p) - z).abs() < 1e-6, "{p}");
        }
    }

    /// SciPy: `norm.isf([.3, 1e-3, 1e-8, 1e-100])` prints 0.52440051 3.09023231 5.61200124 21.27345350; `norm.sf(6)` prints
    /// 9.865876450376946e-10; `norm.pdf(1)` 0.24197072451914337.
    #[test]
    fn tails_agree_with_scipy() {
        for (p, z) in [(0.3, 0.524_400_51), (1e-3, 3.090_232_31), (1e-8, 5.612_001_24), (1e-100, 21.273_453_50)] {
            assert!((normal_upper_quantile(p) - z).abs() < 1e-7, "{p}: {}", normal_upper_quantile(p));
        }
        assert!((normal_upper_tail(6.0) / 9.865_876_450_376_946e-10 - 1.0).abs() < 1e-9);
        assert!((normal_density(1.0) - 0.241_970_724_519_143_37).abs() < 1e-15);
        assert_eq!(normal_upper_quantile(0.0), f64::INFINITY);
    }
}
