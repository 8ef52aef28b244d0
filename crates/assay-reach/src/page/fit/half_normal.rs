//! The normal distribution cut off below 0.

use assay_math::normal_quantile;
use statrs::function::erf::erfc;

/// The logarithm of the probability that a standard normal stays below `x`.
fn ln_below(x: f64) -> f64 {
    if x < -6.0 {
        // Mills' ratio; its next term is 1 / x⁴.
        return -0.5 * x * x - (-x * (std::f64::consts::TAU).sqrt()).ln() + (1.0 - 1.0 / (x * x)).ln();
    }
    (0.5 * erfc(-x / std::f64::consts::SQRT_2)).ln()
}

/// A normal of this mean and standard deviation (above 0), cut off below 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct HalfNormal {
    pub(super) mean: f64,
    pub(super) sd: f64,
}

impl HalfNormal {
    /// The value that it stays below with this probability, 0..1.
    pub(super) fn quantile(self, probability: f64) -> f64 {
        let place = self.mean / self.sd;
        if place < -6.0 {
            // So far out the tail is an exponential.
            return self.sd * -(1.0 - probability).ln() / -place;
        }
        let below = 0.5 * erfc(place / std::f64::consts::SQRT_2);
        let p = (below + probability * (1.0 - below)).clamp(1e-12, 1.0 - 1e-12);
        (self.mean + self.sd * normal_quantile(p)).max(0.0)
    }

    /// The probability that it stays below a value; the inverse of [`HalfNormal::quantile`].
    pub(super) fn below(self, value: f64) -> f64 {
        if value <= 0.0 {
            return 0.0;
        }
        let place = self.mean / self.sd;
        if place < -6.0 {
            return -(value * place / self.sd).exp_m1();
        }
        let above = |x: f64| 0.5 * erfc(x / std::f64::consts::SQRT_2);
        1.0 - above((value - self.mean) / self.sd) / above(-place)
    }

    /// What is left of it after a likelihood `exp(t * slope - t² * curve / 2)`, and the logarithm of that likelihood's mean.
    pub(super) fn seen(self, slope: f64, curve: f64) -> (Self, f64) {
        let precision = self.sd.powi(-2) + curve;
        let mean = (self.mean / (self.sd * self.sd) + slope) / precision;
        let after = Self { mean, sd: precision.powf(-0.5) };
        let log = (after.sd / self.sd).ln()
            + 0.5 * ((after.mean / after.sd).powi(2) - (self.mean / self.sd).powi(2))
            + ln_below(after.mean / after.sd)
            - ln_below(self.mean / self.sd);
        (after, log)
    }
}

#[cfg(test)]
mod tests {
    use super::HalfNormal;

    /// By brute force: the mean of the likelihood over the cut normal, and the median of what is left.
    #[test]
    fn agrees_with_numerical_integration() {
        let prior = HalfNormal { mean: 0.35, sd: 0.3 };
        for (slope, curve) in [(3.0, 8.0), (-4.0, 20.0), (0.0, 0.0), (-90.0, 2.0)] {
            let (after, log) = prior.seen(slope, curve);
            let step = 1e-5;
            let density = |t: f64| (-0.5 * ((t - prior.mean) / prior.sd).powi(2)).exp();
            let (mut all, mut weighed) = (0.0, 0.0);
            for i in 0..400_000 {
                let t = (f64::from(i) + 0.5) * step;
                all += density(t);
                weighed += density(t) * (t * slope - t * t * curve / 2.0).exp();
            }
            assert!(((weighed / all).ln() - log).abs() < 2e-3, "{slope} {curve}: {} {log}", (weighed / all).ln());
            let median = after.quantile(0.5);
            assert!((after.below(median) - 0.5).abs() < 1e-6, "{}", after.below(median));
            let mut below = 0.0;
            for i in 0..400_000 {
                let t = (f64::from(i) + 0.5) * step;
                if t < median {
                    below += density(t) * (t * slope - t * t * curve / 2.0).exp();
                }
            }
            assert!((below / weighed - 0.5).abs() < 0.01, "{slope} {curve}: {}", below / weighed);
        }
    }
}
