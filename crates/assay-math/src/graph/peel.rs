//! Greedy peeling: take the node with the least weight left away, again and again, and remember when the rest was densest.
//!
//! **Finds** the nodes whose edges, weighed by target, are most for each node: density is the sum of weights over the number of
//! sources and targets.
//!
//! **How.** Charikar, "Greedy approximation algorithms for finding dense components in a graph" (APPROX 2000), with the metric
//! of FRAUDAR (Hooi et al., KDD 2016): the densest prefix has at least half of the greatest density. A queue keeps nodes by
//! their remaining weight. Most nodes are far from being next, so only a *window* of priorities, the lowest sixth or so of the
//! nodes that are left, is ever sorted into buckets; when it is used up, those left are scanned and the next window is laid.
//! A node whose priority drops is put into its new bucket and its old entry is skipped when met.
//!
//! - [`Queue::Bucketed`] takes a bucket's nodes in the order in which they came: within a bucket the order is not exact. A
//!   window is cut into 2^10 equal buckets, so nodes out of order differ by about a thousandth of the window's width.
//! - [`Queue::Exact`] brings the current bucket, and all that falls below its upper end, into a heap, and is exact: the next
//!   node always has the least priority, ties to the lower number.
//!
//! **Traps.** A prefix that is densest is one block, often the largest; others hide behind it ([`super::greedy_pp`] keeps all
//! levels). Peeling is greedy: half of the optimum is a bound, and usual graphs lose less than a percent.
//!
//! **Arithmetic.** Priorities are integers with as many bits after the point as the greatest of them leaves room for: 64 bits
//! hold a node's priority and the weight of its edges, so a graph whose greatest weighted degree is 10^6 has 21 bits.

use super::{Bipartite, Weights};
use crate::{Go, Stopped, Tick};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// How strictly the order of peeling is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Queue {
    /// Always the node of least priority.
    Exact,
    /// A node of about the least priority; faster.
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

/// Peels the graph. The tick counts nodes.
///
/// # Errors
/// If the tick says stop.
///
/// # Panics
/// If there are not as many weights as targets.
pub fn peel(graph: &Bipartite, weights: &Weights, queue: Queue, tick: &mut Tick<'_>) -> Result<Peeling, Stopped> {
    peel_with_loads(graph, weights, &mut [], queue, tick)
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
    let n_sources = graph.n_sources();
    let n = graph.n_nodes();
    assert_eq!(weights.n(), graph.n_targets(), "a weight for each target");
    let mut nodes = Nodes::new(graph, weights, loads);
    let mut window = Window::default();
    let mut left: Vec<u32> = (0..n).collect();
    let mut order = Vec::with_capacity(n as usize);
    let mut weight_left = nodes.weight;
    let mut best = (density(weight_left, n), n as usize);
    let mut heap: BinaryHeap<Reverse<(u64, u32)>> = BinaryHeap::new();
    while let Some(node) = nodes.next(&mut window, &mut left, &mut heap, queue) {
        let lost = nodes.priority(node) - loads.get(node as usize).map_or(0, |&l| nodes.scaled(l));
        nodes.states[node as usize] |= GONE;
        if node < n_sources {
            for &t in graph.by_source.neighbours(node) {
                let at = n_sources + t;
                let weight = nodes.states[at as usize] & nodes.weight_mask();
                nodes.lower(at, weight, &mut window, &mut heap, queue);
            }
        } else {
            let weight = nodes.states[node as usize] & nodes.weight_mask();
            for &s in graph.by_target.neighbours(node - n_sources) {
                nodes.lower(s, weight, &mut window, &mut heap, queue);
            }
        }
        if let Some(load) = loads.get_mut(node as usize) {
            *load += nodes.unscaled(lost);
        }
        order.push(node);
        weight_left -= lost;
        let n_left = n as usize - order.len();
        let here = density(weight_left, n_left as u32);
        if here > best.0 {
            best = (here, n_left);
        }
        if order.len().is_multiple_of(1 << 16) && tick(order.len() as u64, u64::from(n)) == Go::Stop {
            return Err(Stopped);
        }
    }
    let unit = (1_u64 << nodes.fraction_bits) as f64;
    Ok(Peeling { order, density_best: best.0 / unit, n_best: best.1 })
}

fn density(weight: u64, n: u32) -> f64 {
    if n == 0 { 0.0 } else { weight as f64 / f64::from(n) }
}

/// The bit of a state that says that its node was taken away. Such a node's priority is beyond every window, and stays there
/// while its neighbours lower it.
const GONE: u64 = 1 << 63;

/// The state of each node: its priority above, the weight of an edge to it below (nothing for sources).
struct Nodes {
    states: Vec<u64>,
    fraction_bits: u32,
    /// The weight of all edges.
    weight: u64,
}

impl Nodes {
    fn new(graph: &Bipartite, weights: &Weights, loads: &[u64]) -> Self {
        let n_sources = graph.n_sources();
        let full = Weights::FRACTION_BITS;
        let load = |node: u32| loads.get(node as usize).copied().unwrap_or(0);
        let of_source = |s: u32, bits: u32| -> u64 {
            graph.by_source.neighbours(s).iter().map(|&t| u64::from(weights.fixed(t, bits))).sum()
        };
        let of_target = |t: u32, bits: u32| u64::from(graph.by_target.degree(t)) * u64::from(weights.fixed(t, bits));
        let greatest = (0..n_sources)
            .map(|s| load(s) + of_source(s, full))
            .chain((0..graph.n_targets()).map(|t| load(n_sources + t) + of_target(t, full)))
            .max()
            .unwrap_or(0);
        let whole_bits = u64::BITS - (greatest >> full).leading_zeros() + 1;
        let fraction_bits = ((61 - whole_bits) / 2).min(full);
        let mut nodes = Self { states: Vec::with_capacity(graph.n_nodes() as usize), fraction_bits, weight: 0 };
        for s in 0..n_sources {
            let sum = of_source(s, fraction_bits);
            nodes.weight += sum;
            let priority = sum + nodes.scaled(load(s));
            nodes.states.push(priority << nodes.weight_bits());
        }
        for t in 0..graph.n_targets() {
            let priority = of_target(t, fraction_bits) + nodes.scaled(load(n_sources + t));
            nodes.states.push(priority << nodes.weight_bits() | u64::from(weights.fixed(t, fraction_bits)));
        }
        nodes
    }

    fn weight_bits(&self) -> u32 {
        self.fraction_bits + 1
    }

    fn weight_mask(&self) -> u64 {
        (1 << self.weight_bits()) - 1
    }

    fn scaled(&self, load: u64) -> u64 {
        load >> (Weights::FRACTION_BITS - self.fraction_bits)
    }

    fn unscaled(&self, weight: u64) -> u64 {
        weight << (Weights::FRACTION_BITS - self.fraction_bits)
    }

    fn priority(&self, node: u32) -> u64 {
        self.states[node as usize] >> self.weight_bits()
    }

    fn is_left(&self, node: u32) -> bool {
        self.states[node as usize] & GONE == 0
    }

    /// Takes `weight` off a node's priority and tells the queue.
    fn lower(
        &mut self,
        node: u32,
        weight: u64,
        window: &mut Window,
        heap: &mut BinaryHeap<Reverse<(u64, u32)>>,
        queue: Queue,
    ) {
        let bits = self.weight_bits();
        let state = &mut self.states[node as usize];
        let before = *state >> bits;
        *state -= weight << bits;
        let now = *state >> bits;
        if now >= window.end {
            return;
        }
        let bucket = window.bucket(now);
        if queue == Queue::Exact && bucket <= window.at {
            heap.push(Reverse((now, node)));
        } else if before >= window.end || window.bucket(before) != bucket {
            window.buckets[bucket].push(node);
            window.at = window.at.min(bucket);
        }
    }

    /// The node to take away next.
    fn next(
        &self,
        window: &mut Window,
        left: &mut Vec<u32>,
        heap: &mut BinaryHeap<Reverse<(u64, u32)>>,
        queue: Queue,
    ) -> Option<u32> {
        loop {
            while let Some(Reverse((priority, node))) = heap.pop() {
                if self.is_left(node) && self.priority(node) == priority {
                    return Some(node);
                }
            }
            if let Some(bucket) = window.buckets.get_mut(window.at) {
                match queue {
                    Queue::Exact => {
                        for node in bucket.drain(..) {
                            if self.is_left(node) {
                                heap.push(Reverse((self.priority(node), node)));
                            }
                        }
                        if heap.is_empty() {
                            window.at += 1;
                        }
                    }
                    Queue::Bucketed => match bucket.pop() {
                        Some(node) if self.is_left(node) && window.bucket(self.priority(node)) == window.at => {
                            return Some(node);
                        }
                        Some(_) => {}
                        None => window.at += 1,
                    },
                }
                continue;
            }
            left.retain(|&node| self.is_left(node));
            if left.is_empty() {
                return None;
            }
            window.lay(left, self);
        }
    }
}

/// The part of the priorities that is sorted into buckets: `begin..end`. What is below `begin` lies in the first bucket.
#[derive(Default)]
struct Window {
    begin: u64,
    end: u64,
    /// A bucket is 2^this wide.
    width_bits: u32,
    buckets: Vec<Vec<u32>>,
    /// The lowest bucket that may hold something.
    at: usize,
}

/// Into how many buckets a window is cut.
const N_BUCKETS: usize = 1 << 10;
/// The share of the nodes left that a window aims to hold is one in this many (a sixth: `reference` measurements of the
/// prototype; made).
const WINDOW_OF: usize = 6;
/// How many priorities are looked at to see where a window should end.
const SAMPLE: usize = 4096;

impl Window {
    #[inline]
    fn bucket(&self, priority: u64) -> usize {
        (priority.saturating_sub(self.begin) >> self.width_bits) as usize
    }

    /// Lays the window over the lowest of those left.
    fn lay(&mut self, left: &[u32], nodes: &Nodes) {
        self.begin = left.iter().map(|&v| nodes.priority(v)).min().unwrap_or(0);
        let step = left.len().div_ceil(SAMPLE);
        let mut sample: Vec<u64> = left.iter().step_by(step).map(|&v| nodes.priority(v)).collect();
        let rank = sample.len() / WINDOW_OF;
        let (_, &mut quantile, _) = sample.select_nth_unstable(rank);
        let width = quantile - self.begin + 1;
        self.width_bits = (u64::BITS - (width - 1).leading_zeros()).saturating_sub(N_BUCKETS.trailing_zeros());
        let n_buckets = ((width - 1) >> self.width_bits) + 1;
        self.end = self.begin + (n_buckets << self.width_bits);
        self.buckets.resize_with(n_buckets as usize, Vec::new);
        self.at = 0;
        for &node in left {
            let priority = nodes.priority(node);
            if priority < self.end {
                let bucket = self.bucket(priority);
                self.buckets[bucket].push(node);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Peeling, Queue, peel};
    use crate::graph::small::{densest, random_graph, weight_within};
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
                let got = peeled(&graph, &weights, Queue::Exact);
                assert_eq!(got.order, order, "seed {seed}");
                assert!((got.density_best - best).abs() < 1e-6, "seed {seed}: {} and {best}", got.density_best);
            }
        }
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
        let graph = random_graph(1, 60_000, 60_000, 100);
        let stopped = peel(&graph, &Weights::ones(60_000), Queue::Bucketed, &mut |_, _| Go::Stop);
        assert_eq!(stopped, Err(Stopped));
    }
}
