//! Seeded randomness: the same seed gives the same numbers on every machine and at any number of threads.

use rand::SeedableRng;
use serde::Serialize;

/// The generator that every random step uses: PCG XSL RR 128/64 (O'Neill 2014), whose stream is fixed by its crate.
pub type Random = rand_pcg::Pcg64;

/// Where randomness comes from. A step that needs its own stream forks one by name, so that adding a step moves no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Seed(pub u64);

impl Seed {
    /// A seed of its own for the step of this name (FNV-1a of the name, mixed with the seed by `SplitMix64`).
    #[must_use]
    pub fn fork(self, name: &str) -> Self {
        let named =
            name.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        Self(split_mix(self.0 ^ split_mix(named)))
    }

    /// A seed of its own for the step of this number.
    #[must_use]
    pub fn nth(self, step: u64) -> Self {
        Self(split_mix(self.0.wrapping_add(step.wrapping_mul(0x9e37_79b9_7f4a_7c15))))
    }

    /// A generator that starts at this seed.
    pub fn random(self) -> Random {
        Random::seed_from_u64(self.0)
    }
}

/// A step of `SplitMix64` (Steele, Lea and Flood 2014): one to one, and every bit of the answer hangs on every bit of `x`.
#[inline]
pub fn split_mix(x: u64) -> u64 {
    let x = x.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

#[cfg(test)]
mod tests {
    use super::Seed;

    #[test]
    fn forks_by_name_and_by_number_differ_and_repeat() {
        let seed = Seed(7);
        assert_eq!(seed.fork("scan"), seed.fork("scan"));
        assert_ne!(seed.fork("scan"), seed.fork("growth"));
        assert_ne!(seed.nth(0), seed.nth(1));
    }
}
