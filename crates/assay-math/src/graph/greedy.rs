//! The density-friendly decomposition by repeated peeling: all levels of density in one answer, not the densest block alone.
//!
//! **Finds** a chain of node sets, each around the one before, such that what each adds is as dense as can be given what is
//! inside already, and less dense than the one before (Tatti and Gionis, "Density-friendly graph decomposition", WWW 2015).
//! Rings of different density lie on different levels and do not hide one another.
//!
//! **How.**
//! 1. Greedy++ (Boob, Gao, Peng, Sawlani, Tsourakakis, Wang and Wang, "Flowless: extracting densest subgraphs without flow
//!    computations", WWW 2020): peel in rounds; a node's priority is its remaining weight plus its *load*, and its load grows by
//!    the weight that it had when it was taken away. The densest rest of any round approaches the optimum (Chekuri, Quanrud
//!    and Torres, SODA 2022); loads over rounds approach each node's density in the decomposition (Harb, Quanrud and Chekuri,
//!    `NeurIPS` 2022).
//! 2. Nodes in order of decreasing load; each gets the weight of its edges to nodes before it. Neighbouring nodes are pooled
//!    while the pool before is no denser (isotonic regression by pooling adjacent violators), which makes levels of strictly
//!    decreasing density (Danisch, Chan and Sozio, "Large scale density-friendly graph decomposition via convex programming",
//!    WWW 2017, section 4).
//!
//! **Traps.** With few rounds the levels are approximate: nodes of nearly the same density may stand on either side of a border.
//! A level need not be connected; split it ([`super::groups_within`]).

use super::peel::peel_with_loads;
use super::{Bipartite, Queue, Weights};
use crate::{Go, Stopped, Tick};

/// One level of a decomposition.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// The weight that the level adds, to itself and to the levels before, for each of its nodes.
    pub density: f64,
    /// Where the level ends in the order of nodes.
    pub end: u32,
}

/// All nodes by density, densest first, in levels.
#[derive(Debug, Clone, PartialEq)]
pub struct Decomposition {
    /// All nodes, those of the densest level first.
    pub order: Vec<u32>,
    /// Levels of strictly decreasing density that cover `order`.
    pub levels: Vec<Level>,
    /// The greatest density of any set of nodes met.
    pub density_best: f64,
    /// The nodes of that set.
    pub best: Vec<u32>,
}

impl Decomposition {
    /// The nodes of level `k`.
    pub fn nodes(&self, k: usize) -> &[u32] {
        let begin = k.checked_sub(1).map_or(0, |before| self.levels[before].end);
        &self.order[begin as usize..self.levels[k].end as usize]
    }

    /// The level of each node.
    pub fn level_of(&self) -> Vec<u32> {
        let mut level = vec![0; self.order.len()];
        for k in 0..self.levels.len() {
            for &node in self.nodes(k) {
                level[node as usize] = k as u32;
            }
        }
        level
    }
}

/// Decomposes the graph in so many rounds of peeling (at least one). The tick counts nodes over all rounds.
///
/// # Errors
/// If the tick says stop.
///
/// # Panics
/// If there are not as many weights as targets.
pub fn greedy_pp(
    graph: &Bipartite,
    weights: &Weights,
    rounds: u32,
    queue: Queue,
    tick: &mut Tick<'_>,
) -> Result<Decomposition, Stopped> {
    let n = u64::from(graph.n_nodes());
    let rounds = rounds.max(1);
    let mut loads = vec![0_u64; n as usize];
    let mut density_best = -1.0;
    let mut best = Vec::new();
    for round in 0..rounds {
        let mut tick = |done: u64, _: u64| -> Go { tick(u64::from(round) * n + done, u64::from(rounds) * n) };
        let peeling = peel_with_loads(graph, weights, &mut loads, queue, &mut tick)?;
        if peeling.density_best > density_best {
            density_best = peeling.density_best;
            best = peeling.best().to_vec();
        }
    }
    let mut order: Vec<u32> = (0..n as u32).collect();
    order.sort_unstable_by_key(|&v| (std::cmp::Reverse(loads[v as usize]), v));
    drop(loads);
    let levels = levels(graph, weights, &order);
    Ok(Decomposition { order, levels, density_best: f64::max(density_best, 0.0), best })
}

fn levels(graph: &Bipartite, weights: &Weights, order: &[u32]) -> Vec<Level> {
    let n_sources = graph.n_sources();
    let mut place = vec![0_u32; order.len()];
    for (k, &v) in order.iter().enumerate() {
        place[v as usize] = k as u32;
    }
    let full = Weights::FRACTION_BITS;
    // Weight and number of nodes of each pool.
    let mut pools: Vec<(u64, u64)> = Vec::new();
    for (k, &v) in order.iter().enumerate() {
        let k = k as u32;
        let mut pool: (u64, u64) = if v < n_sources {
            let before = graph.by_source.neighbours(v).iter().filter(|&&t| place[(n_sources + t) as usize] < k);
            (before.map(|&t| u64::from(weights.fixed(t, full))).sum(), 1)
        } else {
            let t = v - n_sources;
            let before = graph.by_target.neighbours(t).iter().filter(|&&s| place[s as usize] < k).count() as u64;
            (before * u64::from(weights.fixed(t, full)), 1)
        };
        while let Some(&(weight, n)) = pools.last()
            && u128::from(weight) * u128::from(pool.1) <= u128::from(pool.0) * u128::from(n)
        {
            pool = (pool.0 + weight, pool.1 + n);
            pools.pop();
        }
        pools.push(pool);
    }
    let mut end = 0;
    let level = |(weight, n): (u64, u64)| {
        end += n as u32;
        Level { density: weight as f64 / n as f64 / f64::from(1_u32 << full), end }
    };
    // Of the same size, levels take the place of pools.
    pools.into_iter().map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::{Decomposition, greedy_pp};
    use crate::graph::small::{built, densest, random_graph, weight_within};
    use crate::graph::{Bipartite, Queue, Weights};
    use crate::silent;

    fn decomposed(graph: &Bipartite, weights: &Weights, rounds: u32) -> Decomposition {
        greedy_pp(graph, weights, rounds, Queue::Exact, &mut silent).expect("nobody stops it")
    }

    #[test]
    fn rounds_come_within_a_hundredth_of_the_greatest_density() {
        for seed in 0..60 {
            let graph = random_graph(seed, 7, 7, 28);
            let weights = Weights::log_degree(&graph.by_target);
            let got = decomposed(&graph, &weights, 60);
            let most = densest(&graph, &weights);
            assert!(got.density_best <= most + 1e-6, "seed {seed}");
            assert!(got.density_best >= 0.99 * most, "seed {seed}: {} of {most}", got.density_best);
            let mask = got.best.iter().fold(0, |m, &v| m | 1 << v);
            let (sum, k) = weight_within(&graph, &weights, mask);
            assert!((sum / f64::from(k) - got.density_best).abs() < 1e-6, "seed {seed}");
        }
    }

    #[test]
    fn levels_decrease_cover_all_nodes_and_hold_all_the_weight() {
        for seed in 0..60 {
            let graph = random_graph(seed, 60, 40, 300);
            let weights = Weights::log_degree(&graph.by_target);
            for rounds in [1, 5] {
                let got = decomposed(&graph, &weights, rounds);
                assert!(got.levels.is_sorted_by(|a, b| a.density > b.density && a.end < b.end), "seed {seed}");
                let mut order = got.order.clone();
                order.sort_unstable();
                assert_eq!(order, (0..100).collect::<Vec<_>>());
                let sum: f64 = (0..got.levels.len()).map(|k| got.levels[k].density * got.nodes(k).len() as f64).sum();
                let all: f64 = (0..60).flat_map(|s| graph.by_source.neighbours(s)).map(|&t| weights.of(t)).sum();
                assert!((sum - all).abs() < 1e-6 * all, "seed {seed}: {sum} and {all}");
                let level = got.level_of();
                assert!((0..got.levels.len()).all(|k| got.nodes(k).iter().all(|&v| level[v as usize] == k as u32)));
            }
        }
    }

    /// Two complete blocks, 6 x 6 and 4 x 4, apart from one another: densities 36 / 12 and 16 / 8.
    #[test]
    fn two_blocks_are_two_levels() {
        let (mut sources, mut targets) = (Vec::new(), Vec::new());
        for (from, k) in [(0, 6), (6, 4)] {
            for i in 0..k {
                for j in 0..k {
                    sources.push(from + i);
                    targets.push(from + j);
                }
            }
        }
        let got = decomposed(&built(10, 10, &sources, &targets), &Weights::ones(10), 20);
        assert_eq!(got.levels.len(), 2, "{:?}", got.levels);
        assert_eq!((got.levels[0].density, got.levels[0].end), (3.0, 12));
        assert_eq!((got.levels[1].density, got.levels[1].end), (2.0, 20));
    }
}
