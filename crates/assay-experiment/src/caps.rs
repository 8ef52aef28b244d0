//! Amounts in fine bins of their size, so that capped sums at any bin's edge are exact and no value need be kept.

use crate::moments::Sample;

/// Amounts that are set aside together.
const BOUGHT: usize = 1_024;
/// Bins for each doubling of the amount.
const PER_DOUBLING: u64 = 16;
/// Bits of a double that number its bin: the exponent and the first four of the fraction.
const DROPPED_BITS: u32 = 48;
/// The bin of 2^-32, the smallest amount told from smaller ones.
const FIRST: u64 = (1_023 - 32) * PER_DOUBLING;
/// Up to 2^64.
const BINS: usize = 96 * PER_DOUBLING as usize;

#[derive(Debug, Clone, Copy, Default)]
struct Bin {
    n: u64,
    sum: f64,
    squares: f64,
}

impl Bin {
    fn join(&mut self, other: Self) {
        self.n += other.n;
        self.sum += other.sum;
        self.squares += other.squares;
    }
}

/// Amounts above 0 by size; the rest summed.
#[derive(Debug, Clone, Default)]
pub struct Caps {
    bins: Vec<Bin>,
    rest: Bin,
}

impl Caps {
    /// Adds an amount.
    pub fn add(&mut self, y: f64) {
        let bin = self.bin(y);
        bin.n += 1;
        bin.sum += y;
        bin.squares += y * y;
    }

    #[inline]
    fn bin(&mut self, y: f64) -> &mut Bin {
        if y > 0.0 {
            if self.bins.is_empty() {
                self.bins = vec![Bin::default(); BINS];
            }
            let place = (y.to_bits() >> DROPPED_BITS).saturating_sub(FIRST) as usize;
            &mut self.bins[place.min(BINS - 1)]
        } else {
            &mut self.rest
        }
    }

    /// Adds an amount so many times.
    pub fn add_times(&mut self, y: f64, n: u64) {
        let bin = self.bin(y);
        bin.n += n;
        bin.sum += y * n as f64;
        bin.squares += y * y * n as f64;
    }

    /// Adds many amounts.
    pub fn add_all(&mut self, amounts: &[f64]) {
        // Most rows buy nothing. What is not 0 is set aside without a branch that nobody can foresee.
        let mut bought = [0.0; BOUGHT];
        for amounts in amounts.chunks(BOUGHT) {
            let mut n = 0;
            for y in amounts {
                bought[n % BOUGHT] = *y;
                n += usize::from(*y != 0.0);
            }
            bought[..n].iter().for_each(|y| self.add(*y));
            self.rest.n += (amounts.len() - n) as u64;
        }
    }

    /// Amounts from an edge of [`cap_at`] on.
    pub fn n_from(&self, edge: f64) -> u64 {
        self.bins.iter().skip(place_of_edge(edge)).map(|b| b.n).sum()
    }

    /// Adds the amounts of another.
    pub fn join(&mut self, other: &Self) {
        if self.bins.is_empty() {
            self.bins.clone_from(&other.bins);
        } else {
            self.bins.iter_mut().zip(&other.bins).for_each(|(bin, o)| bin.join(*o));
        }
        self.rest.join(other.rest);
    }

    /// Amounts above 0 by bin: how many, and their mean.
    pub fn amounts(&self) -> impl Iterator<Item = (u64, f64)> + '_ {
        self.bins.iter().filter(|b| b.n > 0).map(|b| (b.n, b.sum / b.n as f64))
    }

    /// The sample with amounts above `cap`, an edge of [`cap_at`], lowered to it. `None` below two units.
    pub fn capped(&self, cap: f64) -> Option<Sample> {
        let last = place_of_edge(cap);
        let (mut n, mut sum, mut squares) = (self.rest.n, self.rest.sum, self.rest.squares);
        for (place, bin) in self.bins.iter().enumerate() {
            n += bin.n;
            if place < last {
                sum += bin.sum;
                squares += bin.squares;
            } else {
                sum += bin.n as f64 * cap;
                squares += bin.n as f64 * cap * cap;
            }
        }
        (n >= 2).then(|| Sample::of_sums(n as f64, sum, squares))
    }
}

/// The edge next above the quantile of all amounts above 0 (`share` of them lie below); `None` if there are none.
pub fn cap_at(arms: &[&Caps], share: f64) -> Option<f64> {
    let at = |place: usize| arms.iter().filter_map(|c| c.bins.get(place)).map(|b| b.n).sum::<u64>();
    let total: u64 = (0..BINS).map(at).sum();
    let mut below = 0;
    for place in 0..BINS {
        below += at(place);
        if total > 0 && below as f64 >= share * total as f64 {
            return Some(f64::from_bits((FIRST + place as u64 + 1) << DROPPED_BITS));
        }
    }
    None
}

fn place_of_edge(edge: f64) -> usize {
    (edge.to_bits() >> DROPPED_BITS).saturating_sub(FIRST) as usize
}

#[cfg(test)]
mod tests {
    use super::{Caps, cap_at};

    /// Brute force over the values.
    #[test]
    fn capped_sums_are_exact() {
        let values: Vec<f64> = (1..=500).map(|k| f64::from(k * k % 977) * 0.37).chain([0.0, 0.0, -5.0]).collect();
        let mut caps = Caps::default();
        for v in &values {
            caps.add(*v);
        }
        for share in [0.5, 0.9, 0.99, 1.0] {
            let cap = cap_at(&[&caps], share).expect("amounts");
            let capped: Vec<f64> = values.iter().map(|v| v.min(cap)).collect();
            let n = capped.len() as f64;
            let mean = capped.iter().sum::<f64>() / n;
            let spread = capped.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
            let s = caps.capped(cap).expect("units");
            assert!((s.y - mean).abs() < 1e-9 && (s.yy / spread - 1.0).abs() < 1e-9, "{share} {cap}");
            let below = values.iter().filter(|v| **v > 0.0 && **v <= cap).count() as f64;
            assert!(below >= share * values.iter().filter(|v| **v > 0.0).count() as f64);
        }
        assert_eq!(cap_at(&[&Caps::default()], 0.5), None);
    }
}
