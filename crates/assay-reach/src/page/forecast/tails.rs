//! Laws of the noise: how far posts fall from where they were expected, in scales of the model that expects them.

use crate::page::student::Student;

/// A law of the noise, with its middle near 0 and a scale near 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Tail {
    /// Student's t.
    Even(Student),
    /// Student's t, stretched by this ratio above its middle and shrunk by it below (Fernandez and Steel 1998).
    Leaning(Student, f64),
    /// Student's t for most posts; now and then one that goes far beyond (contaminated noise, Tukey 1960).
    Far { usual: Student, far: Student, far_share: f64, ahead: f64, spread: f64 },
    /// Posts of two kinds that nothing marks, as many of each: Student's t around as much below the middle as above it.
    Two { usual: Student, apart: f64 },
}

/// What a post tells of level and scale, in scales of the model that expected it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    /// How much its distance counts.
    pub(super) weight: f64,
    /// From where above the level its distance counts.
    pub(super) offset: f64,
    /// Its squared distance, weighed.
    pub(super) square: f64,
    /// As how many posts the square counts.
    pub(super) counts: f64,
}

/// The laws that are tried.
///
/// The numbers are made: tails of 4, 6 and 20 degrees of freedom span what pages show; half as far again above the middle as below is
/// a skewness of about 1; one post in twelve three scales above the others is how posts look of which some are passed on. Two middles are
/// those of posts among which answers to somebody hide, seen by a tenth: such pages exist, and are fewer than the others.
pub(super) fn all() -> Vec<Tail> {
    KNOWN_FROM
        .iter()
        .flat_map(|n| {
            // A normal whose scale is known from n posts is a t of n degrees of freedom; a t becomes one of fewer.
            let t = |freedom: f64| Student::new(1.0 / (1.0 / freedom + 1.0 / n));
            [
                Tail::Even(t(4.0)),
                Tail::Even(t(20.0)),
                Tail::Leaning(t(6.0), 1.5),
                Tail::Far { usual: t(20.0), far: t(4.0), far_share: 1.0 / 12.0, ahead: 3.0, spread: 1.5 },
                Tail::Two { usual: t(20.0), apart: TWO_APART },
            ]
        })
        .collect()
}

/// How far from the middle each of two kinds of posts lies.
pub(super) const TWO_APART: f64 = 2.2;

/// How many laws there are.
pub(super) const LAWS: usize = 5;
/// From how many posts a scale is known, for each of which [`all`] has the laws; the last from all there can be.
const KNOWN_FROM: [f64; 4] = [8.0, 16.0, 40.0, f64::INFINITY];

/// Where [`all`] has a law for a scale that is known from so many posts.
pub(super) fn known_from(law: usize, n: f64) -> usize {
    let class = KNOWN_FROM[..KNOWN_FROM.len() - 1].iter().filter(|k| n > 1.5 * **k).count();
    class * LAWS + law
}

/// Where [`all`] has a law for a scale that is known.
pub(super) fn known(law: usize) -> usize {
    (KNOWN_FROM.len() - 1) * LAWS + law
}

impl Tail {
    /// How likely it is thought to be beside the others before any post.
    pub(super) fn believed(&self) -> f64 {
        if matches!(self, Self::Two { .. }) { 0.1 } else { 1.0 }
    }

    /// The logarithm of the density.
    pub(super) fn log_density(&self, z: f64) -> f64 {
        match self {
            Self::Even(t) => t.log_density(z),
            Self::Leaning(t, ratio) => {
                let scaled = if z < 0.0 { z * ratio } else { z / ratio };
                (2.0 / (ratio + 1.0 / ratio)).ln() + t.log_density(scaled)
            }
            Self::Far { usual, far, far_share, ahead, spread } => {
                let near = (1.0 - far_share) * usual.log_density(z).exp();
                (near + far_share / spread * far.log_density((z - ahead) / spread).exp()).ln()
            }
            Self::Two { usual, apart } => {
                let (low, high) = (usual.log_density(z + apart), usual.log_density(z - apart));
                low.max(high) + 0.5_f64.ln() + (-(low - high).abs()).exp().ln_1p()
            }
        }
    }

    /// The probability below `z`.
    pub(super) fn probability(&self, z: f64) -> f64 {
        match self {
            Self::Even(t) => t.probability(z),
            Self::Leaning(t, ratio) => {
                let below = 1.0 / (1.0 + ratio * ratio);
                if z < 0.0 {
                    2.0 * below * t.probability(z * ratio)
                } else {
                    below + (1.0 - below) * (2.0 * t.probability(z / ratio) - 1.0)
                }
            }
            Self::Far { usual, far, far_share, ahead, spread } => {
                (1.0 - far_share) * usual.probability(z) + far_share * far.probability((z - ahead) / spread)
            }
            Self::Two { usual, apart } => 0.5 * (usual.probability(z + apart) + usual.probability(z - apart)),
        }
    }

    /// What a post `z` scales off tells of level and scale.
    pub(super) fn told(&self, z: f64) -> Told {
        let around = |weight: f64, counts: f64| Told { weight, offset: 0.0, square: weight * z * z, counts };
        match self {
            Self::Even(t) => around(t.weight(z), 1.0),
            Self::Leaning(t, ratio) => {
                let stretch = if z < 0.0 { 1.0 / ratio } else { *ratio };
                around(t.weight(z / stretch) / (stretch * stretch), 1.0)
            }
            Self::Far { usual, far, far_share, ahead, spread } => {
                let near = (1.0 - far_share) * usual.log_density(z).exp();
                let beyond = far_share / spread * far.log_density((z - ahead) / spread).exp();
                let is_usual = near / (near + beyond);
                around(is_usual * usual.weight(z), is_usual)
            }
            Self::Two { usual, apart } => {
                let (low, high) = (usual.log_density(z + apart), usual.log_density(z - apart));
                let is_low = 1.0 / (1.0 + (high - low).exp());
                let (below, above) = (is_low * usual.weight(z + apart), (1.0 - is_low) * usual.weight(z - apart));
                Told {
                    weight: below + above,
                    offset: (above - below) / (above + below) * apart,
                    square: below * (z + apart).powi(2) + above * (z - apart).powi(2),
                    counts: 1.0,
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Tail, all};

    /// Each density integrates to the probability, from far below to far above, by the midpoint rule.
    #[test]
    fn densities_integrate_to_probabilities() {
        for tail in all() {
            let (mut sum, step) = (tail.probability(-40.0), 0.01);
            for i in 0..8_000 {
                let z = -40.0 + (f64::from(i) + 0.5) * step;
                sum += tail.log_density(z).exp() * step;
                let reached = tail.probability(z + step / 2.0);
                assert!((sum - reached).abs() < 2e-4, "{tail:?} at {z}: {sum} {reached}");
            }
        }
    }

    /// At the true level and scale nothing pulls at either: the expected weighted error of the scale is 1 over the posts that count, for every
    /// law, and that of the level is 0 where the law has one middle.
    #[test]
    fn weights_leave_true_level_and_scale_alone() {
        for tail in all() {
            let (mut squares, mut counts, mut pull, step) = (0.0, 0.0, 0.0, 0.005);
            for i in 0..80_000 {
                let z = -200.0 + (f64::from(i) + 0.5) * step;
                let told = tail.told(z);
                let mass = tail.log_density(z).exp() * step;
                squares += mass * told.square;
                counts += mass * told.counts;
                pull += mass * told.weight * (z - told.offset);
            }
            assert!((squares / counts - 1.0).abs() < 0.01, "{tail:?}: {squares} {counts}");
            assert!(pull.abs() < 0.01 || matches!(tail, Tail::Far { .. }), "{tail:?}: {pull}");
        }
    }
}
