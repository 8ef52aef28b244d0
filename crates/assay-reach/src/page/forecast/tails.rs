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
}

/// The laws that are tried.
///
/// The numbers are made: tails of 4, 6 and 20 degrees of freedom span what pages show; half as far again above the middle as below is
/// a skewness of about 1; one post in twelve three scales above the others is how posts look of which some are passed on.
pub(super) fn all() -> Vec<Tail> {
    let t = Student::new;
    vec![
        Tail::Even(t(4.0)),
        Tail::Even(t(20.0)),
        Tail::Leaning(t(6.0), 1.5),
        Tail::Far { usual: t(20.0), far: t(4.0), far_share: 1.0 / 12.0, ahead: 3.0, spread: 1.5 },
    ]
}

impl Tail {
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
        }
    }

    /// How much a post `z` scales off tells of level and scale: the weight of its squared error, and as how many posts it counts.
    pub(super) fn weight(&self, z: f64) -> (f64, f64) {
        match self {
            Self::Even(t) => (t.weight(z), 1.0),
            Self::Leaning(t, ratio) => {
                let stretch = if z < 0.0 { 1.0 / ratio } else { *ratio };
                (t.weight(z / stretch) / (stretch * stretch), 1.0)
            }
            Self::Far { usual, far, far_share, ahead, spread } => {
                let near = (1.0 - far_share) * usual.log_density(z).exp();
                let beyond = far_share / spread * far.log_density((z - ahead) / spread).exp();
                let is_usual = near / (near + beyond);
                (is_usual * usual.weight(z), is_usual)
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
                let (weight, count) = tail.weight(z);
                let mass = tail.log_density(z).exp() * step;
                squares += mass * weight * z * z;
                counts += mass * count;
                pull += mass * weight * z;
            }
            assert!((squares / counts - 1.0).abs() < 0.01, "{tail:?}: {squares} {counts}");
            assert!(pull.abs() < 0.01 || matches!(tail, Tail::Far { .. }), "{tail:?}: {pull}");
        }
    }
}
