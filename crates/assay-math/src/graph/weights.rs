//! What an edge weighs, by its target.
//!
//! **Method.** An edge to a target that everybody follows says little, so it weighs little: `1 / ln(degree + 5)` (Hooi, Song,
//! Beutel, Shah, Shin and Faloutsos, "FRAUDAR: bounding graph fraud in the face of camouflage", KDD 2016, section 4.3; the
//! constant 5 is theirs). Camouflage, that is, edges from bought accounts to popular targets, then hardly adds to the density
//! of the rest, and nothing that others do to other targets changes the weight of a ring's own.
//!
//! Weights are integers in fixed point, so sums of them do not depend on the order of addition.

use super::Csr;

/// A weight in `0..=1` for each target, in fixed point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Weights {
    fixed: Vec<u32>,
}

impl Weights {
    /// How many bits of a weight come after the point.
    pub const FRACTION_BITS: u32 = 24;

    /// `1 / ln(degree + 5)` of each target.
    pub fn log_degree(by_target: &Csr) -> Self {
        Self::from_degrees((0..by_target.n()).map(|t| by_target.degree(t)))
    }

    /// `1 / ln(degree + 5)` for targets of these degrees.
    pub fn from_degrees(degrees: impl Iterator<Item = u32>) -> Self {
        Self { fixed: degrees.map(|d| to_fixed(1.0 / (f64::from(d) + 5.0).ln())).collect() }
    }

    /// All edges weigh one: density is then edges for each node.
    pub fn ones(n_targets: u32) -> Self {
        Self { fixed: vec![to_fixed(1.0); n_targets as usize] }
    }

    /// Weights made elsewhere.
    ///
    /// # Panics
    /// If one is not in `0..=1`.
    pub fn new(weights: &[f64]) -> Self {
        assert!(weights.iter().all(|w| (0.0..=1.0).contains(w)), "weights lie in 0..=1");
        Self { fixed: weights.iter().map(|&w| to_fixed(w)).collect() }
    }

    /// What an edge to target `t` weighs.
    #[inline]
    pub fn of(&self, t: u32) -> f64 {
        f64::from(self.fixed[t as usize]) / f64::from(1_u32 << Self::FRACTION_BITS)
    }

    /// The weights of these targets alone, in this order.
    ///
    /// # Panics
    /// If a target has no weight.
    #[must_use]
    pub fn among(&self, targets: &[u32]) -> Self {
        Self { fixed: targets.iter().map(|&t| self.fixed[t as usize]).collect() }
    }

    /// How many targets have a weight.
    pub fn n(&self) -> u32 {
        self.fixed.len() as u32
    }

    /// The weight of target `t` with so many bits after the point, rounded to the nearest.
    #[inline]
    pub(super) fn fixed(&self, t: u32, fraction_bits: u32) -> u32 {
        let drop = Self::FRACTION_BITS - fraction_bits;
        (self.fixed[t as usize] + ((1 << drop) >> 1)) >> drop
    }
}

fn to_fixed(weight: f64) -> u32 {
    (weight * f64::from(1_u32 << Weights::FRACTION_BITS)).round() as u32
}

#[cfg(test)]
mod tests {
    use super::Weights;

    #[test]
    fn weights_are_within_half_a_unit_of_the_formula() {
        let degrees = [1, 2, 10, 1000, 40_000_000];
        let weights = Weights::from_degrees(degrees.into_iter());
        for (t, d) in degrees.into_iter().enumerate() {
            let want = 1.0 / (f64::from(d) + 5.0).ln();
            assert!((weights.of(t as u32) - want).abs() <= 0.5 / f64::from(1 << 24), "degree {d}");
            assert!(
                (f64::from(weights.fixed(t as u32, 20)) / f64::from(1 << 20) - want).abs() <= 0.6 / f64::from(1 << 20)
            );
        }
        assert_eq!(Weights::ones(1).of(0), 1.0);
        assert_eq!(Weights::ones(1).fixed(0, 20), 1 << 20);
    }
}
