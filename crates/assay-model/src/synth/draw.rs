//! The distributions that made pages are drawn from.
//!
//! A few lines each on top of the seeded generator: drawing here, rather than through a crate of distributions, keeps made
//! pages the same bytes when that crate changes its algorithms.

use assay_math::{Random, Seed};
use rand::Rng;

/// A stream of draws.
pub struct Draw {
    random: Random,
    spare: Option<f64>,
}

impl Draw {
    /// Starts at a seed.
    pub fn new(seed: Seed) -> Self {
        Self { random: seed.random(), spare: None }
    }

    /// Sixty-four even bits.
    pub(super) fn word(&mut self) -> u64 {
        self.random.next_u64()
    }

    /// Even in 0..1, 1 excluded.
    pub fn unit(&mut self) -> f64 {
        (self.random.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// Even in `low..high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// An even whole number below `n`, which is above 0 (by multiplication; the bias is below `n` in 2^32).
    pub fn below(&mut self, n: u32) -> u32 {
        ((u64::from(self.random.next_u32()) * u64::from(n)) >> 32) as u32
    }

    /// True with this probability.
    pub fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of the items, each as likely as another.
    pub fn one_of<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.below(items.len() as u32) as usize]
    }

    /// Standard normal, by Marsaglia's polar method.
    pub fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                let scale = (-2.0 * square.ln() / square).sqrt();
                self.spare = Some(y * scale);
                return x * scale;
            }
        }
    }

    /// Log-normal with this median and this standard deviation of the logarithm.
    pub fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * self.normal()).exp()
    }

    /// Exponential with this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// Gamma of this shape and scale 1, by Marsaglia and Tsang (2000), "A simple method for generating gamma variables".
    pub fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            let boost = (1.0 - self.unit()).powf(1.0 / shape);
            return self.gamma(shape + 1.0) * boost;
        }
        let d = shape - 1.0 / 3.0;
        let c = 1.0 / (9.0 * d).sqrt();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && (1.0 - self.unit()).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }

    /// A whole number of milliseconds below a second.
    pub fn milliseconds(&mut self) -> i64 {
        i64::from(self.below(1_000))
    }
}

#[cfg(test)]
mod tests {
    use super::Draw;
    use assay_math::Seed;

    fn moments(mut draw: impl FnMut(&mut Draw) -> f64) -> (f64, f64) {
        let mut stream = Draw::new(Seed(11));
        let drawn: Vec<f64> = (0..100_000).map(|_| draw(&mut stream)).collect();
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        (mean, drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / drawn.len() as f64)
    }

    /// Mean and variance against their closed forms, within five standard errors or so.
    #[test]
    fn moments_are_those_of_the_textbook() {
        for (name, got, want) in [
            ("unit", moments(Draw::unit), (0.5, 1.0 / 12.0)),
            ("normal", moments(Draw::normal), (0.0, 1.0)),
            ("exponential", moments(|d| d.exponential(2.0)), (2.0, 4.0)),
            ("gamma 4", moments(|d| d.gamma(4.0)), (4.0, 4.0)),
            ("gamma .5", moments(|d| d.gamma(0.5)), (0.5, 0.5)),
            ("below", moments(|d| f64::from(d.below(10))), (4.5, 8.25)),
        ] {
            assert!((got.0 - want.0).abs() < 0.02 + 0.01 * want.0, "{name}: mean {} for {}", got.0, want.0);
            assert!((got.1 / want.1 - 1.0).abs() < 0.05, "{name}: variance {} for {}", got.1, want.1);
        }
    }
}
