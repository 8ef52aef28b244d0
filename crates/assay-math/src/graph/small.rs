//! Small random graphs for tests, with answers found by trying everything.

use super::{Bipartite, PairSlices, Weights, build};
use crate::{Seed, silent};
use rand::RngExt;

/// A graph of so many sources, targets and draws of an edge; half of the draws fall into a corner, so that there is something
/// dense in it.
pub(super) fn random_graph(seed: u64, n_sources: u32, n_targets: u32, n_draws: usize) -> Bipartite {
    let mut random = Seed(seed).random();
    let mut draw = |n: u32| {
        (0..n_draws).map(|k| random.random_range(0..if k % 2 == 0 { n } else { n.div_ceil(3) })).collect::<Vec<u32>>()
    };
    let (sources, targets) = (draw(n_sources), draw(n_targets));
    built(n_sources, n_targets, &sources, &targets)
}

/// Edges that fall to low numbers far more often than to high ones, and a block among the highest.
pub(super) fn uneven_graph(seed: u64, n_sources: u32, n_targets: u32, n_edges: usize) -> Bipartite {
    let mut random = Seed(seed).random();
    let mut low = |n: u32| (random.random::<f64>().powi(4) * f64::from(n)) as u32;
    let (mut sources, mut targets): (Vec<u32>, Vec<u32>) =
        (0..n_edges).map(|_| (low(n_sources), low(n_targets))).unzip();
    for i in 0..seed as u32 % 20 {
        for j in 0..10 {
            sources.push(n_sources - 1 - i);
            targets.push(n_targets - 1 - j);
        }
    }
    built(n_sources, n_targets, &sources, &targets)
}

/// The graph of these pairs.
pub(super) fn built(n_sources: u32, n_targets: u32, sources: &[u32], targets: &[u32]) -> Bipartite {
    match build(n_sources, n_targets, &mut PairSlices { sources, targets }, None, &mut silent) {
        Ok(built) => built.graph,
        Err(e) => panic!("{e:?}"),
    }
}

/// The weight within a set of nodes (a mask), and the number of its nodes.
pub(super) fn weight_within(graph: &Bipartite, weights: &Weights, mask: u64) -> (f64, u32) {
    let n_sources = graph.n_sources();
    let has = |node: u32| mask >> node & 1 == 1;
    let mut sum = 0.0;
    for s in (0..n_sources).filter(|&s| has(s)) {
        sum +=
            graph.by_source.neighbours(s).iter().filter(|&&t| has(n_sources + t)).map(|&t| weights.of(t)).sum::<f64>();
    }
    (sum, mask.count_ones())
}

/// The greatest density of any set of nodes, by trying all of them; for graphs of at most twenty nodes.
pub(super) fn densest(graph: &Bipartite, weights: &Weights) -> f64 {
    let n = graph.n_nodes();
    assert!(n <= 20, "{n} nodes are too many to try all sets");
    (1..1_u64 << n)
        .map(|mask| weight_within(graph, weights, mask))
        .map(|(sum, k)| sum / f64::from(k))
        .fold(0.0, f64::max)
}
