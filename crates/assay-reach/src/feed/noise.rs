//! Randomness by counting: the number for a thing is a hash of (seed, stream, day, thing). Nothing is shared or carried over,
//! so that the order of work and the number of threads change nothing, and two simulations with the same seed see the same
//! people in the same mood (common random numbers).
//!
//! The hash is the output function of `SplitMix64` (Steele, Lea and Flood 2014) on a Weyl sequence whose start is drawn for each
//! (seed, stream, day).

use assay_math::{Random, Seed};

/// What the numbers are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub(crate) enum Stream {
    People = 1,
    Follows,
    Opening,
    Taste,
    Engaging,
    Strangers,
    Posting,
    OwnTaste,
    OwnEngaging,
    Stock,
    StockFate,
    Fans,
    Leaving,
    Owner,
    Platform,
    Promotion,
    Pools,
    Memory,
}

/// One stream of numbers, addressed by position.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counted(u64);

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

#[inline]
fn mix(x: u64) -> u64 {
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

impl Counted {
    /// The stream of this purpose on this day.
    pub(crate) fn new(seed: Seed, stream: Stream, day: u32) -> Self {
        Self(mix(mix(seed.0 ^ GOLDEN).wrapping_add(((stream as u64) << 40) | u64::from(day))))
    }

    /// The 64 bits at a position.
    #[inline]
    pub(crate) fn at(self, position: u64) -> u64 {
        mix(self.0.wrapping_add(position.wrapping_mul(GOLDEN)))
    }

    /// The stream from a position on: `from(a).at(b)` is `at(a + b)`.
    #[inline]
    pub(crate) fn from(self, position: u64) -> Self {
        Self(self.0.wrapping_add(position.wrapping_mul(GOLDEN)))
    }

    /// A number in 0..1 at a position.
    pub(crate) fn unit(self, position: u64) -> f64 {
        to_unit(self.at(position))
    }

    /// A generator of its own for a position.
    pub(crate) fn random(self, position: u64) -> Random {
        Seed(self.at(position)).random()
    }
}

/// 64 bits as a number in 0..1, neither end included.
pub(crate) fn to_unit(bits: u64) -> f64 {
    ((bits >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
}

/// A chance 0..1 as the number of 65,536 that 16 bits must stay below.
pub(crate) fn of_16_bits(chance: f64) -> u32 {
    (chance.clamp(0.0, 1.0) * 65_536.0).round() as u32
}

#[cfg(test)]
mod tests {
    use super::{Counted, Stream, of_16_bits, to_unit};
    use assay_math::Seed;

    /// Mean 1/2, variance 1/12, and no correlation between neighbours, within five standard errors of 100,000 draws.
    #[test]
    fn units_are_even_and_neighbours_unrelated() {
        for stream in [Stream::People, Stream::Taste] {
            let counted = Counted::new(Seed(1), stream, 3);
            let n = 100_000;
            let draws: Vec<f64> = (0..n).map(|i| counted.unit(i)).collect();
            let mean = draws.iter().sum::<f64>() / n as f64;
            let variance = draws.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n as f64;
            let covariance = draws.windows(2).map(|w| (w[0] - mean) * (w[1] - mean)).sum::<f64>() / n as f64;
            assert!((mean - 0.5).abs() < 5.0 * (1.0 / 12.0 / n as f64).sqrt(), "{mean}");
            assert!((variance - 1.0 / 12.0).abs() < 0.001, "{variance}");
            assert!(covariance.abs() < 5.0 / 12.0 / (n as f64).sqrt(), "{covariance}");
        }
    }

    #[test]
    fn streams_days_and_seeds_differ_and_repeat() {
        let at = |seed, stream, day| Counted::new(Seed(seed), stream, day).at(7);
        assert_eq!(at(1, Stream::Taste, 2), at(1, Stream::Taste, 2));
        assert_ne!(at(1, Stream::Taste, 2), at(1, Stream::Opening, 2));
        assert_ne!(at(1, Stream::Taste, 2), at(1, Stream::Taste, 3));
        assert_ne!(at(1, Stream::Taste, 2), at(2, Stream::Taste, 2));
        let taste = Counted::new(Seed(1), Stream::Taste, 2);
        assert_eq!(taste.from(1 << 40).at(9), taste.at((1 << 40) + 9));
        assert_eq!([of_16_bits(0.0), of_16_bits(0.5), of_16_bits(1.0)], [0, 32_768, 65_536]);
        assert!(to_unit(0) > 0.0 && to_unit(u64::MAX) < 1.0);
    }
}
