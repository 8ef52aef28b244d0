//! Pairs of sets that are alike, without comparing all pairs: min-hash with bands.
//!
//! **Finds** pairs of sets whose Jaccard similarity (what they share over what they hold together) is high.
//!
//! **How.**
//! 1. A *sketch* of a set has `n_bins` bins; each key falls into one bin by its hash and the bin keeps the least hash (one
//!    permutation hashing: Li, Owen and Zhang, NIPS 2012). An empty bin borrows from a full one that it picks by hash, the same
//!    for all sets (Shrivastava, "Optimal densification for fast and accurate minwise hashing", ICML 2017). Two sets agree in a
//!    bin with a probability of about their similarity J.
//! 2. Bins are grouped into bands of `rows`. Sets that agree in a whole band are candidates: with `b` bands a pair becomes one
//!    with probability `1 - (1 - J^rows)^b` (Broder 1997; Indyk and Motwani 1998).
//! 3. A candidate is kept if the share of bins in which both agree is at least `least`; that share estimates J with a standard
//!    error of `sqrt(J (1 - J) / n_bins)`.
//!
//! **Traps.** A bucket in which very many sets meet costs its square. Beyond `bucket_max` each set is compared with the next
//! one only, which keeps the bucket connected and not all of its pairs; such buckets are counted. Sets of one or two keys are
//! alike by chance; leave them out.

use crate::seed::split_mix;
use crate::{Seed, Stopped, Tick};

/// Sketches of sets `0..n_sets`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sketches {
    n_bins: u32,
    bins: Vec<u32>,
    seed: u64,
}

/// How alike two sets must be, and how hard to look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Similarity {
    /// Bins in a band; more of them find fewer pairs of low similarity.
    pub rows: u32,
    /// The least share of bins in which a pair agrees.
    pub least: f64,
    /// Up to how many sets of a bucket are all compared with one another.
    pub bucket_max: usize,
}

/// Two sets that are alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimilarPair {
    /// The lower set.
    pub a: u32,
    /// The higher set.
    pub b: u32,
    /// The share of bins in which they agree: an estimate of their Jaccard similarity.
    pub similarity: f64,
}

/// A bin into which nothing has fallen.
const EMPTY: u32 = u32::MAX;

impl Sketches {
    /// Empty sets. Costs four bytes for each bin of each set.
    ///
    /// # Panics
    /// If there are no bins.
    pub fn new(n_sets: u32, n_bins: u32, seed: Seed) -> Self {
        assert!(n_bins > 0, "a sketch has bins");
        Self { n_bins, bins: vec![EMPTY; n_sets as usize * n_bins as usize], seed: seed.fork("min-hash").0 }
    }

    /// Adds a key to a set; adding it again changes nothing.
    pub fn add(&mut self, set: u32, key: u64) {
        let hash = split_mix(key ^ self.seed);
        let bin = ((hash >> 32) * u64::from(self.n_bins)) >> 32;
        let kept = &mut self.bins[set as usize * self.n_bins as usize + bin as usize];
        *kept = (*kept).min((hash as u32).min(EMPTY - 1));
    }

    /// The bins of a set.
    fn of(&self, set: u32) -> &[u32] {
        &self.bins[set as usize * self.n_bins as usize..][..self.n_bins as usize]
    }

    fn n_sets(&self) -> u32 {
        (self.bins.len() / self.n_bins as usize) as u32
    }

    /// Fills the empty bins of sets that have a full one.
    fn fill(&mut self) {
        let n = u64::from(self.n_bins);
        for set in self.bins.chunks_exact_mut(self.n_bins as usize) {
            if !set.contains(&EMPTY) || set.iter().all(|&bin| bin == EMPTY) {
                continue;
            }
            let full = set.to_vec();
            for bin in (0..n).filter(|&b| full[b as usize] == EMPTY) {
                let mut hash = split_mix(bin ^ self.seed);
                while full[(((hash >> 32) * n) >> 32) as usize] == EMPTY {
                    hash = split_mix(hash);
                }
                set[bin as usize] = full[(((hash >> 32) * n) >> 32) as usize];
            }
        }
    }

    /// All pairs found alike, ascending, and how many buckets were too large to compare all of their sets. The tick counts
    /// bands.
    ///
    /// # Errors
    /// If the tick says stop.
    ///
    /// # Panics
    /// If `rows` is zero or above the number of bins.
    pub fn similar(mut self, how: &Similarity, tick: &mut Tick<'_>) -> Result<(Vec<SimilarPair>, u64), Stopped> {
        assert!((1..=self.n_bins).contains(&how.rows), "a band has from one to all of the bins");
        self.fill();
        let n_bands = self.n_bins / how.rows;
        let mut found: Vec<SimilarPair> = Vec::new();
        let mut n_capped = 0;
        let mut keyed: Vec<(u64, u32)> = Vec::new();
        for band in 0..n_bands {
            if tick(u64::from(band), u64::from(n_bands)) == crate::Go::Stop {
                return Err(Stopped);
            }
            keyed.clear();
            let bins = (band * how.rows) as usize..((band + 1) * how.rows) as usize;
            for set in (0..self.n_sets()).filter(|&s| self.of(s)[0] != EMPTY) {
                let key = self.of(set)[bins.clone()].iter().fold(0, |h, &bin| split_mix(h ^ u64::from(bin)));
                keyed.push((key, set));
            }
            keyed.sort_unstable();
            for bucket in keyed.chunk_by(|x, y| x.0 == y.0) {
                let all = bucket.len() <= how.bucket_max;
                n_capped += u64::from(!all);
                for (k, &(_, a)) in bucket.iter().enumerate() {
                    let with = if all { &bucket[k + 1..] } else { &bucket[k + 1..(k + 2).min(bucket.len())] };
                    for &(_, b) in with {
                        let similarity = self.agreement(a, b);
                        if similarity >= how.least {
                            found.push(SimilarPair { a, b, similarity });
                        }
                    }
                }
            }
            found.sort_unstable_by_key(|p| (p.a, p.b));
            found.dedup_by_key(|p| (p.a, p.b));
        }
        Ok((found, n_capped))
    }

    fn agreement(&self, a: u32, b: u32) -> f64 {
        let same = self.of(a).iter().zip(self.of(b)).filter(|(x, y)| x == y).count();
        same as f64 / f64::from(self.n_bins)
    }
}

#[cfg(test)]
mod tests {
    use super::{Similarity, Sketches};
    use crate::{Go, Seed, Stopped, silent};
    use rand::RngExt;
    use std::collections::BTreeSet;

    /// Sets of 4 to 40 keys, each sharing a drawn part of its keys with the one before.
    fn sets(seed: u64, n: usize) -> Vec<BTreeSet<u64>> {
        let mut random = Seed(seed).random();
        let mut all: Vec<BTreeSet<u64>> = Vec::new();
        for _ in 0..n {
            let size = random.random_range(4..40);
            let share = random.random_range(0.0..1.0);
            let mut set: BTreeSet<u64> = all
                .last()
                .map(|s| s.iter().copied().filter(|_| random.random_bool(share)).collect())
                .unwrap_or_default();
            while set.len() < size {
                set.insert(random.random());
            }
            all.push(set);
        }
        all
    }

    fn sketched(sets: &[BTreeSet<u64>], n_bins: u32) -> Sketches {
        let mut sketches = Sketches::new(sets.len() as u32, n_bins, Seed(5));
        for (i, set) in sets.iter().enumerate() {
            for &key in set {
                sketches.add(i as u32, key);
            }
        }
        sketches
    }

    /// With 32 bands of 2 rows a pair of similarity .5 is missed once in ten thousand times: (1 - .25)^32.
    #[test]
    fn nearly_all_pairs_above_the_least_similarity_are_found_and_estimates_are_near() {
        let sets = sets(3, 2000);
        let how = Similarity { rows: 2, least: 0.35, bucket_max: 1000 };
        let (found, n_capped) = sketched(&sets, 64).similar(&how, &mut silent).expect("nobody stops it");
        assert_eq!(n_capped, 0);
        let jaccard = |a: usize, b: usize| {
            let shared = sets[a].intersection(&sets[b]).count() as f64;
            shared / (sets[a].len() as f64 + sets[b].len() as f64 - shared)
        };
        let alike: Vec<usize> = (1..sets.len()).filter(|&i| jaccard(i - 1, i) >= 0.5).collect();
        let hit = alike.iter().filter(|&&i| found.iter().any(|p| (p.a, p.b) == (i as u32 - 1, i as u32))).count();
        assert!(alike.len() > 200 && hit as f64 > 0.98 * alike.len() as f64, "{hit} of {}", alike.len());
        for p in &found {
            let error = (jaccard(p.a as usize, p.b as usize) - p.similarity).abs();
            assert!(error < 6.0 * 0.0625, "{p:?} is off by {error}: over six standard errors");
        }
        let bias: f64 = found.iter().map(|p| p.similarity - jaccard(p.a as usize, p.b as usize)).sum();
        assert!((bias / found.len() as f64).abs() < 0.03, "mean error {}", bias / found.len() as f64);
    }

    #[test]
    fn equal_sets_agree_wholly_and_the_same_seed_finds_the_same() {
        let mut sets = sets(4, 50);
        sets.push(sets[7].clone());
        let how = Similarity { rows: 4, least: 0.9, bucket_max: 10 };
        let run = || sketched(&sets, 32).similar(&how, &mut silent).expect("nobody stops it").0;
        assert!(run().iter().any(|p| (p.a, p.b, p.similarity) == (7, 50, 1.0)));
        assert_eq!(run(), run());
    }

    #[test]
    fn hot_buckets_stay_connected_and_are_counted() {
        let same = vec![BTreeSet::from([1, 2, 3]); 100];
        let how = Similarity { rows: 2, least: 0.5, bucket_max: 10 };
        let (found, n_capped) = sketched(&same, 16).similar(&how, &mut silent).expect("nobody stops it");
        assert_eq!(n_capped, 8);
        assert_eq!(found.len(), 99);
    }

    #[test]
    fn empty_sets_are_like_nothing_and_a_tick_stops() {
        let none = vec![BTreeSet::new(); 5];
        let how = Similarity { rows: 2, least: 0.0, bucket_max: 10 };
        assert_eq!(sketched(&none, 16).similar(&how, &mut silent), Ok((vec![], 0)));
        assert_eq!(sketched(&none, 16).similar(&how, &mut |_, _| Go::Stop), Err(Stopped));
    }
}
