//! From blocks of pairs to compressed rows.
//!
//! One pass over the pairs counts how many fall to each bucket of sources, a second deals them to the buckets. Rows are then
//! sorted, repetitions dropped and counted, and the other direction is the transposition ([`super::rows`] says how). Pairs may
//! come in any order; the result does not depend on it.

use super::csr::BUFFER_BYTES;
use super::rows::{Arrival, Buckets, Filling};
use super::{Alive, Bipartite, Pairs};
use crate::{Go, Tick};
use std::fmt;

/// A graph, and what was dropped on the way to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Built {
    /// The graph.
    pub graph: Bipartite,
    /// How many pairs were handed over.
    pub n_pairs: u64,
    /// How many of them were pruned away, since their source or target was.
    pub n_pruned: u64,
    /// How many of the others repeated one that was there.
    pub n_duplicates: u64,
}

/// Why there is no graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BuildError<E> {
    /// The pairs could not be read.
    Pairs(E),
    /// Told to stop.
    Stopped,
}

impl<E: fmt::Display> fmt::Display for BuildError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pairs(e) => e.fmt(f),
            Self::Stopped => crate::Stopped.fmt(f),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> std::error::Error for BuildError<E> {}

/// Builds the graph of these pairs, of those alone whose both ends are in `keep` if it is given. Indices stay as they are.
///
/// The tick counts pairs over all passes. See [`super::memory_build`] for what it takes.
///
/// # Errors
/// If the pairs cannot be read, or the tick says stop.
///
/// # Panics
/// If an index is beyond its side, or the passes differ.
pub fn build<P: Pairs>(
    n_sources: u32,
    n_targets: u32,
    pairs: &mut P,
    keep: Option<&Alive>,
    tick: &mut Tick<'_>,
) -> Result<Built, BuildError<P::Error>> {
    let kept = |s: u32, t: u32| keep.is_none_or(|k| k.sources.has(s) && k.targets.has(t));
    let mut buckets = Buckets::new(n_sources, keep.map_or(pairs.n_pairs(), |k| k.n_pairs));
    let (mut n_pairs, mut n_pruned) = (0, 0);
    let mut passes = Passes { n_in_all: 2 * pairs.n_pairs(), n_before: 0 };
    passes.run(pairs, tick, &mut |sources, targets| {
        for (&s, &t) in sources.iter().zip(targets) {
            assert!(
                s < n_sources && t < n_targets,
                "edge {s}-{t} is beyond {n_sources} sources and {n_targets} targets"
            );
            let is = kept(s, t);
            n_pruned += u64::from(!is);
            let b = buckets.of(s);
            buckets.n_pairs[b] += u64::from(is);
        }
        n_pairs += sources.len() as u64;
    })?;
    let all = 0..buckets.n_pairs.len();
    let mut filling = Filling::new(buckets.clone(), std::slice::from_ref(&all), Arrival::Any);
    let mut cursors = buckets.begins(&all);
    let (numbers, neighbours) = filling.room(&all);
    passes.run(pairs, tick, &mut |sources, targets| {
        for (&s, &t) in sources.iter().zip(targets) {
            if kept(s, t) {
                let cursor = &mut cursors[buckets.of(s)];
                numbers[*cursor] = buckets.number(s);
                neighbours[*cursor] = t;
                *cursor += 1;
            }
        }
    })?;
    let ends = buckets.begins(&all).into_iter().zip(&buckets.n_pairs);
    let same = ends.map(|(begin, &n)| begin + n as usize).eq(cursors);
    assert!(same, "every pass hands over the same pairs");
    filling.fill(&all);
    let (by_source, n_duplicates) = filling.finish();
    let by_target = by_source.transposed(n_targets, BUFFER_BYTES);
    Ok(Built { graph: Bipartite { by_source, by_target }, n_pairs, n_pruned, n_duplicates })
}

/// Passes over pairs, and how far they are.
struct Passes {
    n_in_all: u64,
    n_before: u64,
}

impl Passes {
    fn run<P: Pairs>(
        &mut self,
        pairs: &mut P,
        tick: &mut Tick<'_>,
        each: &mut dyn FnMut(&[u32], &[u32]),
    ) -> Result<(), BuildError<P::Error>> {
        let mut go = Go::On;
        pairs
            .pass(&mut |sources, targets| {
                assert_eq!(sources.len(), targets.len(), "a block has as many sources as targets");
                each(sources, targets);
                self.n_before += sources.len() as u64;
                go = tick(self.n_before, self.n_in_all);
                go
            })
            .map_err(BuildError::Pairs)?;
        if go == Go::Stop { Err(BuildError::Stopped) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::{BuildError, build};
    use crate::graph::{Alive, Bits, PairSlices};
    use crate::{Go, Seed, silent};
    use rand::RngExt;
    use std::collections::BTreeSet;

    fn pairs(seed: u64, n: usize) -> (Vec<u32>, Vec<u32>) {
        let mut random = Seed(seed).random();
        let mut draw = |below: u32| (0..n).map(|_| random.random_range(0..below)).collect::<Vec<u32>>();
        (draw(30), draw(20))
    }

    #[test]
    fn a_graph_is_the_set_of_its_pairs() {
        for seed in 0..50 {
            let (sources, targets) = pairs(seed, 300);
            let mut given = PairSlices { sources: &sources, targets: &targets };
            let built = build(30, 20, &mut given, None, &mut silent).expect("a graph");
            let want: BTreeSet<_> = sources.iter().zip(&targets).map(|(&s, &t)| (s, t)).collect();
            let got: Vec<_> =
                (0..30).flat_map(|s| built.graph.by_source.neighbours(s).iter().map(move |&t| (s, t))).collect();
            assert_eq!(got, want.iter().copied().collect::<Vec<_>>(), "seed {seed}");
            assert_eq!((built.n_pairs, built.n_pruned), (300, 0));
            assert_eq!(built.n_duplicates, 300 - want.len() as u64, "seed {seed}");
        }
    }

    #[test]
    fn what_is_pruned_is_left_out_and_counted() {
        let (sources, targets) = pairs(1, 300);
        let mut alive = Alive { sources: Bits::all(30), targets: Bits::all(20), n_pairs: 0, n_passes: 0 };
        alive.sources.take(3);
        alive.targets.take(7);
        let mut given = PairSlices { sources: &sources, targets: &targets };
        let built = build(30, 20, &mut given, Some(&alive), &mut silent).expect("a graph");
        let gone = sources.iter().zip(&targets).filter(|&(&s, &t)| s == 3 || t == 7).count();
        assert_eq!(built.n_pruned, gone as u64);
        assert!(gone > 0);
        assert_eq!(built.graph.by_source.degree(3), 0);
        assert_eq!(built.graph.by_target.degree(7), 0);
    }

    #[test]
    fn an_empty_graph_is_a_graph() {
        let built = build(0, 0, &mut PairSlices { sources: &[], targets: &[] }, None, &mut silent).expect("a graph");
        assert_eq!(built.graph.n_nodes(), 0);
    }

    #[test]
    fn stops_when_told() {
        let mut given = PairSlices { sources: &[0], targets: &[0] };
        assert_eq!(build(1, 1, &mut given, None, &mut |_, _| Go::Stop), Err(BuildError::Stopped));
    }

    #[test]
    #[should_panic(expected = "beyond 1 sources")]
    fn an_index_beyond_its_side_is_a_broken_promise() {
        let _ = build(1, 1, &mut PairSlices { sources: &[1], targets: &[0] }, None, &mut silent);
    }
}
