//! Pruning in passes, for graphs that do not fit into memory.
//!
//! **Finds** nodes that cannot belong to any set of at least the density asked for.
//!
//! **How.** In a set of greatest density D every node has a weight of at least D within the set, or taking it away would make
//! the rest denser (the core argument: Sukprasert, Liu, Dhulipala and Shun, "Practical parallel algorithms for near-optimal
//! densest subgraphs on massive graphs", ALENEX 2024; semi-external cores: Wen, Qin, Zhang, Lin and Yu, ICDE 2016). So a node
//! whose weight is below a bound no greater than D may go, and the weight that its neighbours lose may make them go in the
//! next pass. Memory is a counter and a bit for each node, whatever the number of edges.
//!
//! The same holds for every set in which each node has at least the bound's weight: all levels of the decomposition whose
//! density is at least the bound survive whole.
//!
//! **Traps.** Repeated edges are counted each time, which keeps nodes that should go and never drops one that should stay.
//! Weights must be those that the peeling afterwards uses; weights of the pruned graph would be others.

use super::{Bits, BuildError, Pairs, Weights};
use crate::{Go, Tick};

/// What pruning left.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alive {
    /// The sources that may belong to something dense enough.
    pub sources: Bits,
    /// The targets that may.
    pub targets: Bits,
    /// How many pairs had both ends left in the last pass, before it dropped any: no fewer than have now.
    pub n_pairs: u64,
    /// How many passes over the pairs it took.
    pub n_passes: u32,
}

impl Alive {
    /// All sources and targets, before anything is pruned.
    pub fn all(n_sources: u32, n_targets: u32, n_pairs: u64) -> Self {
        let [sources, targets] = [n_sources, n_targets].map(|n| Bits::all(n as usize));
        Self { sources, targets, n_pairs, n_passes: 0 }
    }
}

/// When to stop pruning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PruneUntil {
    /// So few pairs are few enough: they fit.
    pub n_pairs: u64,
    /// No more passes than this.
    pub n_passes: u32,
}

/// Drops all nodes of those alive that have less weight than `bound`, again and again, until few enough pairs are left, nothing
/// more can be dropped, or the passes are used up. The tick counts pairs of the present pass.
///
/// # Errors
/// If the pairs cannot be read, or the tick says stop.
///
/// # Panics
/// If an index is beyond its side, or there are not as many weights as targets.
pub fn prune_streaming<P: Pairs>(
    mut alive: Alive,
    pairs: &mut P,
    weights: &Weights,
    bound: f64,
    until: PruneUntil,
    tick: &mut Tick<'_>,
) -> Result<Alive, BuildError<P::Error>> {
    let (n_sources, n_targets) = (alive.sources.len() as u32, weights.n());
    let n_passes_max = alive.n_passes + until.n_passes;
    // Counters stop at the bound, so as many bits after the point as 31 bits leave room for. Weights are rounded up and the
    // bound down: a node on the border stays.
    let whole_bits = (bound.max(1.0) + 1.0).log2().ceil() as u32;
    let fraction_bits = 31_u32.saturating_sub(whole_bits).min(Weights::FRACTION_BITS);
    let enough = (bound.max(0.0) * f64::from(1_u32 << fraction_bits)).floor() as u32;
    let weight = |t: u32| weights.fixed(t, fraction_bits) + u32::from(fraction_bits < Weights::FRACTION_BITS);
    let mut of_source = vec![0_u32; n_sources as usize];
    let mut of_target = vec![0_u32; n_targets as usize];
    while alive.n_passes < n_passes_max && alive.n_pairs > until.n_pairs {
        of_source.fill(0);
        of_target.fill(0);
        let mut go = Go::On;
        let (mut n_seen, mut n_left) = (0, 0);
        let in_all = pairs.n_pairs();
        pairs
            .pass(&mut |sources, targets| {
                for (&s, &t) in sources.iter().zip(targets) {
                    assert!(s < n_sources && t < n_targets, "edge {s}-{t} is beyond {n_sources} and {n_targets}");
                    if alive.sources.has(s) && alive.targets.has(t) {
                        let (here, there) = (&mut of_source[s as usize], &mut of_target[t as usize]);
                        *here = here.saturating_add(weight(t)).min(enough);
                        *there = there.saturating_add(weight(t)).min(enough);
                        n_left += 1;
                    }
                }
                n_seen += sources.len() as u64;
                go = tick(n_seen, in_all);
                go
            })
            .map_err(BuildError::Pairs)?;
        if go == Go::Stop {
            return Err(BuildError::Stopped);
        }
        alive.n_pairs = n_left;
        alive.n_passes += 1;
        if n_left <= until.n_pairs {
            break;
        }
        let dropped =
            drop_below(&mut alive.sources, &of_source, enough) + drop_below(&mut alive.targets, &of_target, enough);
        if dropped == 0 {
            break;
        }
    }
    Ok(alive)
}

fn drop_below(alive: &mut Bits, weight: &[u32], enough: u32) -> usize {
    let before = alive.count();
    for (i, _) in weight.iter().enumerate().filter(|&(_, &w)| w < enough) {
        alive.take(i as u32);
    }
    before - alive.count()
}

#[cfg(test)]
mod tests {
    use super::{Alive, PruneUntil, prune_streaming};
    use crate::graph::small::random_graph;
    use crate::graph::{Bipartite, BuildError, PairSlices, Queue, Weights, build, greedy_pp, peel};
    use crate::{Go, silent};

    fn pairs(graph: &Bipartite) -> (Vec<u32>, Vec<u32>) {
        (0..graph.n_sources()).flat_map(|s| graph.by_source.neighbours(s).iter().map(move |&t| (s, t))).unzip()
    }

    #[test]
    fn nothing_dense_is_lost_and_much_else_is() {
        let mut n_dropped = 0;
        for seed in 0..60 {
            let graph = random_graph(seed, 300, 200, 3000);
            let (sources, targets) = pairs(&graph);
            let weights = Weights::log_degree(&graph.by_target);
            let whole = peel(&graph, &weights, Queue::Exact, &mut silent).expect("nobody stops it");
            let until = PruneUntil { n_pairs: 0, n_passes: 50 };
            let mut given = PairSlices { sources: &sources, targets: &targets };
            let bound = 0.9 * whole.density_best;
            let alive = prune_streaming(Alive::all(300, 200, 3000), &mut given, &weights, bound, until, &mut silent)
                .expect("pruned");
            let pruned = build(300, 200, &mut given, Some(&alive), &mut silent).expect("built").graph;
            n_dropped += 500 - alive.sources.count() - alive.targets.count();
            assert!(pruned.n_edges() <= alive.n_pairs, "seed {seed}");
            let rest = peel(&pruned, &weights, Queue::Exact, &mut silent).expect("nobody stops it");
            assert!((rest.density_best - whole.density_best).abs() < 1e-9, "seed {seed}");
            // Every level of at least the bound's density is there whole.
            let all = greedy_pp(&graph, &weights, 10, Queue::Exact, &mut silent).expect("nobody stops it");
            for k in (0..all.levels.len()).take_while(|&k| all.levels[k].density > whole.density_best) {
                for &v in all.nodes(k) {
                    assert!(if v < 300 { alive.sources.has(v) } else { alive.targets.has(v - 300) }, "seed {seed}");
                }
            }
        }
        assert!(n_dropped > 60 * 50, "{n_dropped} nodes dropped in 60 graphs");
    }

    #[test]
    fn stops_early_when_few_enough_are_left() {
        let graph = random_graph(1, 300, 200, 3000);
        let (sources, targets) = pairs(&graph);
        let mut given = PairSlices { sources: &sources, targets: &targets };
        let weights = Weights::ones(200);
        let until = PruneUntil { n_pairs: u64::MAX, n_passes: 9 };
        let alive =
            prune_streaming(Alive::all(300, 200, 3000), &mut given, &weights, 3.0, until, &mut silent).expect("pruned");
        assert_eq!(alive.n_passes, 0);
        assert_eq!(alive.sources.count(), 300);
    }

    #[test]
    fn stops_when_told() {
        let mut given = PairSlices { sources: &[0], targets: &[0] };
        let until = PruneUntil { n_pairs: 0, n_passes: 9 };
        let stopped =
            prune_streaming(Alive::all(1, 1, 1), &mut given, &Weights::ones(1), 1.0, until, &mut |_, _| Go::Stop);
        assert_eq!(stopped, Err(BuildError::Stopped));
    }
}
