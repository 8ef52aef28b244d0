//! Where to look for blocks: sets of sources that something ties together.
//!
//! Three ways, since each sees what another misses: levels of density ([`of_levels`]), groups that are shut though thin
//! ([`of_groups`]), and, where times are known, accounts with the same cells ([`alike`]). A seed costs a look and says nothing.

use crate::block::{Field, SOURCES_MIN, TARGETS_MIN};
use crate::moves::Groups;
use assay_math::Seed;
use assay_math::graph::{Bipartite, Queue, Similarity, Sketches, Weights, greedy_pp, groups_within};
use assay_model::{Stopped, Tick};

/// Rounds of Greedy++ on graphs of up to [`FEW_EDGES`] edges, and beyond. One peel was already the optimum on soc-Epinions.
const ROUNDS: (u32, u32) = (4, 1);
/// The edges up to which time for rounds is no matter.
const FEW_EDGES: u64 = 1 << 24;
/// The first level looked at has so many nodes or more; each next one four times as many.
const LEVEL_NODES_MIN: u32 = 64;
/// Levels of more nodes are left to [`of_groups`]: their dense parts are in smaller levels, and the rest hangs together.
const LEVEL_NODES_MAX: u32 = 1 << 20;
/// The most groups looked at for one resolution and level, those with most edges beyond chance first. Made.
const GROUPS_MAX: usize = 20_000;
/// Hash values kept of each source's cells.
pub(crate) const BINS: u32 = 32;
/// Alike are sources with a Jaccard similarity of about this or more. Made.
const ALIKE: Similarity = Similarity { rows: 2, least: 0.2, bucket_max: 200 };

/// A set of sources, ascending.
pub type Sources = Vec<u32>;

fn rounds(n_edges: u64) -> u32 {
    if n_edges <= FEW_EDGES { ROUNDS.0 } else { ROUNDS.1 }
}

/// How many edges [`of_levels`] passes over: all of them twice a round, and once for the levels.
pub fn passed_by_levels(n_edges: u64) -> u64 {
    n_edges * (2 * u64::from(rounds(n_edges)) + 1)
}

/// The connected parts of the denser levels of the graph, edges weighted against camouflage.
///
/// # Errors
/// [`Stopped`] when the tick says so.
pub fn of_levels(field: &Field<'_>, tick: &mut Tick<'_>) -> Result<Vec<Sources>, Stopped> {
    let graph = field.graph;
    let weights = Weights::from_degrees((0..graph.n_targets()).map(|t| field.degree_of_target(t)));
    let levels = greedy_pp(graph, &weights, rounds(graph.n_edges()), Queue::Bucketed, tick)?;
    let mut seeds = sources_of_groups(graph, &levels.best);
    let mut least = LEVEL_NODES_MIN;
    for level in &levels.levels {
        if level.end >= least && level.end <= LEVEL_NODES_MAX {
            seeds.extend(sources_of_groups(graph, &levels.order[..level.end as usize]));
            least = level.end.saturating_mul(4);
        }
    }
    Ok(seeds)
}

fn sources_of_groups(graph: &Bipartite, nodes: &[u32]) -> Vec<Sources> {
    let n_sources = graph.n_sources();
    groups_within(graph, nodes)
        .into_iter()
        .map(|group| {
            let mut sources: Sources = group.into_iter().filter(|&v| v < n_sources).collect();
            sources.sort_unstable();
            sources
        })
        .filter(|sources| sources.len() >= SOURCES_MIN)
        .collect()
}

/// The sources of each group that has enough of both sides, those with most edges beyond chance first, and how many groups
/// were beyond the limit.
pub fn of_groups(field: &Field<'_>, groups: &Groups) -> (Vec<Sources>, usize) {
    #[derive(Clone, Copy, Default)]
    struct Sum {
        n_sources: u32,
        n_targets: u32,
        inside: u64,
        volumes: (u64, u64),
    }
    let graph = field.graph;
    let n_sources = graph.n_sources();
    let mut sums = vec![Sum::default(); groups.n as usize];
    let (of_sources, of_targets) = groups.of.split_at(n_sources as usize);
    for (s, &g) in (0..).zip(of_sources) {
        let inside = graph.by_source.neighbours(s).iter().filter(|&&t| of_targets[t as usize] == g).count();
        let sum = &mut sums[g as usize];
        sum.n_sources += 1;
        sum.inside += inside as u64;
        sum.volumes.0 += u64::from(field.degree_of_source(s));
    }
    for (t, &g) in (0..).zip(of_targets) {
        sums[g as usize].n_targets += 1;
        sums[g as usize].volumes.1 += u64::from(field.degree_of_target(t));
    }
    let gain = |sum: &Sum| {
        let (e, mu) = (sum.inside as f64, sum.volumes.0 as f64 * sum.volumes.1 as f64 / field.m);
        let ways = |n: f64, of: f64| n * (of / n).max(1.0).ln() + n;
        let cost = ways(f64::from(sum.n_sources), field.n_sources) + ways(f64::from(sum.n_targets), field.n_targets);
        if e > mu { e * (e / mu).ln() - (e - mu) - cost } else { -cost }
    };
    let mut ranked: Vec<(f64, u32)> = (0..groups.n)
        .map(|g| (g, &sums[g as usize]))
        .filter(|(_, sum)| sum.n_sources as usize >= SOURCES_MIN && sum.n_targets as usize >= TARGETS_MIN)
        .map(|(g, sum)| (gain(sum), g))
        .collect();
    ranked.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
    let n_skipped = ranked.len().saturating_sub(GROUPS_MAX);
    ranked.truncate(GROUPS_MAX);
    let mut place = vec![u32::MAX; groups.n as usize];
    ranked.iter().zip(0..).for_each(|(&(_, g), k)| place[g as usize] = k);
    let mut seeds = vec![Sources::new(); ranked.len()];
    for (s, &g) in (0..).zip(of_sources) {
        if place[g as usize] != u32::MAX {
            seeds[place[g as usize] as usize].push(s);
        }
    }
    (seeds, n_skipped)
}

/// Groups of sources that are alike in the cells that they came to. Small groups with the same few cells are found that are
/// too thin for levels; where more than [`Similarity::bucket_max`] sources fall into one bucket of hashes, they are compared in
/// turn and not all with all (hot buckets).
///
/// # Errors
/// [`Stopped`] when the tick says so.
pub fn alike(graph: &Bipartite, seed: Seed, tick: &mut Tick<'_>) -> Result<Vec<Sources>, Stopped> {
    let able: Vec<u32> = (0..graph.n_sources()).filter(|&s| graph.by_source.degree(s) >= 2).collect();
    let mut sketches = Sketches::new(able.len() as u32, BINS, seed);
    for (set, &s) in (0..).zip(&able) {
        graph.by_source.neighbours(s).iter().for_each(|&cell| sketches.add(set, u64::from(cell)));
    }
    let (pairs, _) = sketches.similar(&ALIKE, tick)?;
    let mut parent: Vec<u32> = (0..able.len() as u32).collect();
    for pair in &pairs {
        let (a, b) = (root(&mut parent, pair.a), root(&mut parent, pair.b));
        parent[a.max(b) as usize] = a.min(b);
    }
    let mut rooted: Vec<(u32, u32)> = (0..).zip(&able).map(|(set, &s)| (root(&mut parent, set), s)).collect();
    rooted.sort_unstable();
    Ok(rooted
        .chunk_by(|a, b| a.0 == b.0)
        .filter(|group| group.len() >= SOURCES_MIN)
        .map(|group| group.iter().map(|&(_, s)| s).collect())
        .collect())
}

fn root(parent: &mut [u32], mut i: u32) -> u32 {
    while parent[i as usize] != i {
        let up = parent[parent[i as usize] as usize];
        parent[i as usize] = up;
        i = up;
    }
    i
}
