//! Graphs that keep degrees and hold no ring: what the closed form of [`crate::judge`] is checked against.
//!
//! Targets are dealt anew among the edges, and so are times, apart from one another: every source keeps how often it acts,
//! every target how often it is met, the whole its flow of time. Pairs that come up twice are dealt again with others until
//! none are left (or, where hubs leave no room, for `DEALS_MAX` rounds, after which the last of them are dropped).

use crate::times::Times;
use assay_math::graph::{Bipartite, BuildError, PairSlices, build};
use assay_math::{Random, Seed};
use assay_model::{Stopped, Tick};
use rand::Rng;

/// Rounds of dealing twice-drawn pairs anew.
const DEALS_MAX: u32 = 300;

/// A graph of the same degrees with edges and times at random.
///
/// # Errors
/// [`Stopped`] when the tick says so.
pub fn shuffled(
    graph: &Bipartite,
    times: Option<&Times>,
    seed: Seed,
    tick: &mut Tick<'_>,
) -> Result<(Bipartite, Option<Times>), Stopped> {
    let mut random = seed.random();
    let mut pairs: Vec<(u32, u32)> =
        (0..graph.n_sources()).flat_map(|s| graph.by_source.neighbours(s).iter().map(move |&t| (s, t))).collect();
    for i in (1..pairs.len()).rev() {
        let j = below(&mut random, i + 1);
        (pairs[i].1, pairs[j].1) = (pairs[j].1, pairs[i].1);
    }
    for _ in 0..DEALS_MAX {
        pairs.sort_unstable();
        let twice: Vec<usize> = (1..pairs.len()).filter(|&i| pairs[i] == pairs[i - 1]).collect();
        if twice.is_empty() {
            break;
        }
        for i in twice {
            let j = below(&mut random, pairs.len());
            (pairs[i].1, pairs[j].1) = (pairs[j].1, pairs[i].1);
        }
    }
    let (sources, targets): (Vec<u32>, Vec<u32>) = pairs.into_iter().unzip();
    let mut slices = PairSlices { sources: &sources, targets: &targets };
    let built = build(graph.n_sources(), graph.n_targets(), &mut slices, None, tick).map_err(|e| match e {
        BuildError::Stopped => Stopped,
        BuildError::Pairs(never) => match never {},
    })?;
    let times = times.map(|times| {
        let mut at = times.at.clone();
        for i in (1..at.len()).rev() {
            let j = below(&mut random, i + 1);
            at.swap(i, j);
        }
        at.truncate(built.graph.n_edges() as usize);
        Times { at, origin_s: times.origin_s }
    });
    Ok((built.graph, times))
}

fn below(random: &mut Random, n: usize) -> usize {
    ((u128::from(random.next_u64()) * n as u128) >> 64) as usize
}

#[cfg(test)]
mod tests {
    use super::shuffled;
    use crate::times::Times;
    use assay_math::Seed;
    use assay_math::graph::{PairSlices, build};
    use assay_model::silent;

    #[test]
    fn degrees_and_times_stay_and_edges_move() {
        let sources: Vec<u32> = (0..300).map(|i| i % 40).collect();
        let targets: Vec<u32> = (0..300).map(|i| (i * i / 7) % 50).collect();
        let mut slices = PairSlices { sources: &sources, targets: &targets };
        let graph = build(40, 50, &mut slices, None, &mut silent).expect("nobody stops it").graph;
        let times = Times { at: (0..graph.n_edges() as u32).collect(), origin_s: 0 };
        let (other, moved) = shuffled(&graph, Some(&times), Seed(3), &mut silent).expect("nobody stops it");
        assert!((0..40).all(|s| graph.by_source.degree(s) == other.by_source.degree(s)));
        assert!((0..50).all(|t| graph.by_target.degree(t) == other.by_target.degree(t)));
        assert_ne!(graph, other);
        let mut at = moved.expect("times were given").at;
        assert_ne!(at, times.at);
        at.sort_unstable();
        assert_eq!(at, times.at);
    }
}
