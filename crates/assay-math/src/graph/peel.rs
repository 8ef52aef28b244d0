//! Greedy peeling: take the node with the least weight left away, again and again, and remember when the rest was densest.
//!
//! **Finds** the nodes whose edges, weighed by target, are most for each node: density is the sum of weights over the number of
//! sources and targets.
//!
//! **How.** Charikar, "Greedy approximation algorithms for finding dense components in a graph" (APPROX 2000), with the metric
//! of FRAUDAR (Hooi et al., KDD 2016): the densest rest has at least half of the greatest density. [`super::shed`] takes away
//! at once who cannot be in it, and [`super::queue`] says how the others wait for their turn.
//!
//! **Traps.** The densest rest is one block, often the largest; others hide behind it ([`super::greedy_pp`] keeps all levels).
//! Half of the optimum is a bound; usual graphs lose less than a percent.
//!
//! **Arithmetic.** Priorities are integers with as many bits after the point as the greatest of them leaves room for: 64 bits
//! hold a node's priority and the weight of an edge to it, so a graph whose greatest weighted degree is 10^6 has 21 bits.

use super::pages::Pages;
use super::queue::{Cut, GONE, Waiting};
use super::shed::shed;
use super::{Bipartite, Weights};
use crate::{Go, Stopped, Tick};
use rayon::prelude::*;

/// How strictly the order of peeling is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Always the node of least priority, ties to the lower number. Density and block are those of a peel without shortcuts.
    Exact,
    /// A node of about the least priority (within a thousandth of a window over a sixth of the nodes, in batches); faster.
    Bucketed,
}

/// An order of peeling and its densest rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Peeling {
    /// All nodes, first peeled first.
    pub order: Vec<u32>,
    /// The greatest density of any rest: weight over number of nodes. Zero for a graph without nodes.
    pub density_best: f64,
    /// How many nodes that rest has: the last so many of `order`.
    pub n_best: usize,
}

impl Peeling {
    /// The nodes of the densest rest, the last peeled last.
    pub fn best(&self) -> &[u32] {
        &self.order[self.order.len() - self.n_best..]
    }
}

/// Peels the graph, those who cannot be in the densest rest first and at once (`shed.rs`): ascending, and not in the order
/// in which they would be peeled. The tick counts nodes.
///
/// # Errors
/// If the tick says stop.
///
/// # Panics
/// If there are not as many weights as targets.
pub fn peel(graph: &Bipartite, weights: &Weights, queue: Queue, tick: &mut Tick<'_>) -> Result<Peeling, Stopped> {
    assert_eq!(weights.n(), graph.n_targets(), "a weight for each target");
    let fraction_bits = fraction_bits(graph, weights, &[]);
    let weight: Vec<u32> = (0..graph.n_targets()).map(|t| weights.fixed(t, fraction_bits)).collect();
    let Some(rest) = shed(graph, &weight, tick)? else {
        return peel_all(graph, weights, &mut [], fraction_bits, queue, tick);
    };
    let n = graph.n_nodes();
    let n_shed = n - rest.graph.n_nodes();
    let of_rest = {
        let mut tick = |done: u64, _: u64| tick(u64::from(n_shed) + done, u64::from(n));
        peel_all(&rest.graph, &weights.among(&rest.targets), &mut [], fraction_bits, queue, &mut tick)?
    };
    // Those shed, ascending, then the rest by its own order.
    let mut order = Vec::with_capacity(n as usize);
    let mut next = 0;
    for v in rest.nodes(graph.n_sources()) {
        order.extend(next..v);
        next = v + 1;
    }
    order.extend(next..n);
    order.extend(of_rest.order.iter().map(|&v| rest.node(v, graph.n_sources())));
    Ok(Peeling { order, ..of_rest })
}

/// Peels by remaining weight plus load; then adds to each node's load the weight that it still had when it was taken away.
/// No loads are loads of zero that nobody wants back. Loads have [`Weights::FRACTION_BITS`] bits after the point.
pub(super) fn peel_with_loads(
    graph: &Bipartite,
    weights: &Weights,
    loads: &mut [u64],
    queue: Queue,
    tick: &mut Tick<'_>,
) -> Result<Peeling, Stopped> {
    assert_eq!(weights.n(), graph.n_targets(), "a weight for each target");
    peel_all(graph, weights, loads, fraction_bits(graph, weights, loads), queue, tick)
}

/// Peels the whole graph, with so many bits after the point.
fn peel_all(
    graph: &Bipartite,
    weights: &Weights,
    loads: &mut [u64],
    fraction_bits: u32,
    queue: Queue,
    tick: &mut Tick<'_>,
) -> Result<Peeling, Stopped> {
    let n = graph.n_nodes();
    let drop_bits = Weights::FRACTION_BITS - fraction_bits;
    let (mut states, mut weight) = first_states(graph, weights, loads, fraction_bits);
    let states: &mut [u64] = &mut states;
    let cut = match queue {
        Queue::Exact => Cut::Exact,
        Queue::Bucketed => Cut::Bucketed,
    };
    let mut waiting = Waiting::new(graph, fraction_bits + 1, cut);
    let mut order = Vec::with_capacity(n as usize);
    let mut next_tick = 0;
    // Nodes without an edge go first, for nothing.
    order.extend((0..graph.n_sources()).filter(|&s| graph.by_source.degree(s) == 0));
    order.extend((0..graph.n_targets()).filter(|&t| graph.by_target.degree(t) == 0).map(|t| t + graph.n_sources()));
    let n_left = n as usize - order.len();
    let (mut best, mut n_best) = (density(weight, n_left as u32), n_left);
    while let Some((node, priority)) = waiting.next(states) {
        let lost = match loads.get_mut(node as usize) {
            None => priority,
            Some(load) => {
                let lost = priority - (*load >> drop_bits);
                *load += lost << drop_bits;
                lost
            }
        };
        if lost > 0 {
            waiting.take_away(states, node);
        } else {
            states[node as usize] |= GONE;
        }
        order.push(node);
        weight -= lost;
        let n_left = n as usize - order.len();
        let here = density(weight, n_left as u32);
        if here > best {
            (best, n_best) = (here, n_left);
        }
        if order.len() >= next_tick {
            next_tick = order.len() + (1 << 16);
            if tick(order.len() as u64, u64::from(n)) == Go::Stop {
                return Err(Stopped);
            }
        }
    }
    Ok(Peeling { order, density_best: best / (1_u64 << fraction_bits) as f64, n_best })
}

fn density(weight: u64, n: u32) -> f64 {
    if n == 0 { 0.0 } else { weight as f64 / f64::from(n) }
}

/// How many bits after the point the greatest priority leaves room for: a state holds it, a weight of at most one, and a bit.
fn fraction_bits(graph: &Bipartite, weights: &Weights, loads: &[u64]) -> u32 {
    let full = Weights::FRACTION_BITS;
    let weight = |t: u32| u64::from(weights.fixed(t, full));
    let of_targets = (0..graph.n_targets()).map(|t| u64::from(graph.by_target.degree(t)) * weight(t)).max();
    let heaviest = (0..graph.n_targets()).map(weight).max().unwrap_or(0);
    let of_sources = (0..graph.n_sources()).map(|s| u64::from(graph.by_source.degree(s)) * heaviest).max();
    let greatest = of_targets.max(of_sources).unwrap_or(0) + loads.iter().copied().max().unwrap_or(0);
    // One bit to spare for rounding.
    let whole_bits = u64::BITS - (greatest >> full).leading_zeros() + 1;
    ((62 - whole_bits) / 2).min(full)
}

/// Each node's priority above the weight of an edge to it (see [`super::queue`]), and the weight of all edges.
fn first_states(graph: &Bipartite, weights: &Weights, loads: &[u64], fraction_bits: u32) -> (Pages<u64>, u64) {
    const CHUNK: usize = 1 << 14;
    let n_sources = graph.n_sources() as usize;
    let load = |node: usize| loads.get(node).map_or(0, |&l| l >> (Weights::FRACTION_BITS - fraction_bits));
    let mut states = Pages::zeroed(graph.n_nodes() as usize);
    let (of_sources, of_targets) = states.split_at_mut(n_sources);
    let by_source = graph.by_source.view();
    let in_all = of_sources
        .par_chunks_mut(CHUNK)
        .enumerate()
        .map(|(c, chunk)| {
            let mut in_chunk = 0;
            for (s, state) in (c * CHUNK..).zip(chunk) {
                let sum: u64 = by_source.row(s).iter().map(|&t| u64::from(weights.fixed(t, fraction_bits))).sum();
                in_chunk += sum;
                *state = (sum + load(s)) << (fraction_bits + 1);
            }
            in_chunk
        })
        .sum();
    for (t, state) in (0..).zip(of_targets) {
        let weight = u64::from(weights.fixed(t, fraction_bits));
        let sum = u64::from(graph.by_target.degree(t)) * weight;
        *state = (sum + load(n_sources + t as usize)) << (fraction_bits + 1) | weight;
    }
    (states, in_all)
}

#[cfg(test)]
mod tests {
    use super::{Peeling, Queue, peel, peel_with_loads};
    use crate::graph::small::{densest, random_graph, uneven_graph, weight_within};
    use crate::graph::{Bipartite, Weights};
    use crate::{Go, Stopped, silent};

    fn peeled(graph: &Bipartite, weights: &Weights, queue: Queue) -> Peeling {
        peel(graph, weights, queue, &mut silent).expect("nobody stops it")
    }

    /// Peeling by looking at every node every time; the lowest number wins ties.
    fn naive(graph: &Bipartite, weights: &Weights) -> (Vec<u32>, f64) {
        let n = graph.n_nodes();
        let mut mask = (1_u64 << n) - 1;
        let mut order = Vec::new();
        let mut best = 0.0_f64;
        while mask != 0 {
            let (sum, k) = weight_within(graph, weights, mask);
            best = best.max(sum / f64::from(k));
            let loss = |v: u32| sum - weight_within(graph, weights, mask & !(1 << v)).0;
            let v = (0..n)
                .filter(|v| mask >> v & 1 == 1)
                .min_by(|&a, &b| ((loss(a) * 1e9).round()).total_cmp(&(loss(b) * 1e9).round()))
                .expect("one is left");
            order.push(v);
            mask &= !(1 << v);
        }
        (order, best)
    }

    #[test]
    fn exact_peeling_is_what_looking_at_every_node_finds() {
        for seed in 0..200 {
            let graph = random_graph(seed, 9, 8, 30);
            for weights in [Weights::ones(8), Weights::log_degree(&graph.by_target)] {
                let (order, best) = naive(&graph, &weights);
                let got =
                    peel_with_loads(&graph, &weights, &mut [], Queue::Exact, &mut silent).expect("nobody stops it");
                assert_eq!(got.order, order, "seed {seed}");
                assert!((got.density_best - best).abs() < 1e-6, "seed {seed}: {} and {best}", got.density_best);
            }
        }
    }

    #[test]
    fn shedding_first_changes_neither_the_best_rest_nor_the_order_within_it() {
        let mut n_shed = 0;
        for seed in 0..150 {
            let graph = match seed % 3 {
                0 => random_graph(seed, 9, 8, 30),
                1 => random_graph(seed, 300, 200, 3000),
                _ => uneven_graph(seed, 3000, 2000, 15_000),
            };
            for weights in [Weights::ones(graph.n_targets()), Weights::log_degree(&graph.by_target)] {
                let whole = peel_with_loads(&graph, &weights, &mut [], Queue::Exact, &mut silent).expect("not stopped");
                let got = peeled(&graph, &weights, Queue::Exact);
                assert_eq!(got.density_best.to_bits(), whole.density_best.to_bits(), "seed {seed}");
                assert_eq!(got.best(), whole.best(), "seed {seed}");
                n_shed += usize::from(got.order != whole.order);
            }
        }
        assert!(n_shed > 80, "shed in {n_shed} of 300");
    }

    #[test]
    fn the_best_rest_has_the_density_said_and_at_least_half_of_the_greatest() {
        for seed in 0..100 {
            let graph = random_graph(seed, 7, 7, 28);
            for queue in [Queue::Exact, Queue::Bucketed] {
                let weights = Weights::log_degree(&graph.by_target);
                let got = peeled(&graph, &weights, queue);
                let mask = got.best().iter().fold(0, |m, &v| m | 1 << v);
                let (sum, k) = weight_within(&graph, &weights, mask);
                assert!((sum / f64::from(k) - got.density_best).abs() < 1e-6, "seed {seed}");
                let most = densest(&graph, &weights);
                assert!(got.density_best <= most + 1e-6 && got.density_best >= most / 2.0, "seed {seed}");
            }
        }
    }

    #[test]
    fn every_node_is_peeled_once() {
        for seed in 0..20 {
            let graph = random_graph(seed, 3000, 2000, 20_000);
            for queue in [Queue::Exact, Queue::Bucketed] {
                let mut order = peeled(&graph, &Weights::log_degree(&graph.by_target), queue).order;
                order.sort_unstable();
                assert_eq!(order, (0..5000).collect::<Vec<_>>(), "seed {seed}");
                let uneven = uneven_graph(seed, 3000, 2000, 20_000);
                let mut order = peeled(&uneven, &Weights::log_degree(&uneven.by_target), queue).order;
                order.sort_unstable();
                assert_eq!(order, (0..5000).collect::<Vec<_>>(), "seed {seed}");
            }
        }
    }

    #[test]
    fn buckets_lose_less_than_a_thousandth() {
        for seed in 0..20 {
            let graph = random_graph(seed, 3000, 2000, 40_000);
            let weights = Weights::log_degree(&graph.by_target);
            let exact = peeled(&graph, &weights, Queue::Exact).density_best;
            let bucketed = peeled(&graph, &weights, Queue::Bucketed).density_best;
            assert!((exact - bucketed).abs() < 1e-3 * exact, "seed {seed}: {exact} and {bucketed}");
        }
    }

    #[test]
    fn a_graph_without_edges_is_peeled() {
        let none = random_graph(0, 3, 2, 0);
        assert_eq!(peeled(&none, &Weights::ones(2), Queue::Exact).order, [0, 1, 2, 3, 4]);
        let nothing = Bipartite { by_source: csr_of_nothing(), by_target: csr_of_nothing() };
        assert_eq!(peeled(&nothing, &Weights::ones(0), Queue::Bucketed).n_best, 0);
    }

    fn csr_of_nothing() -> crate::graph::Csr {
        random_graph(0, 0, 0, 0).by_source
    }

    #[test]
    fn stops_when_told() {
        let graph = random_graph(1, 6, 6, 10);
        let stopped = peel(&graph, &Weights::ones(6), Queue::Bucketed, &mut |_, _| Go::Stop);
        assert_eq!(stopped, Err(Stopped));
    }
}
