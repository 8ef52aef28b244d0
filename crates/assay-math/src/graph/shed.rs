//! What is left of a graph when all that cannot belong to its densest rest is shed, before anything is peeled.
//!
//! **Finds** the greatest set of nodes in which everyone keeps at least a certain weight, where that weight is a density that
//! some set of nodes is known to have. Peeling by least weight takes away everybody outside it before anybody inside it, and goes
//! on inside as if nothing else had been there; and no rest that still holds somebody from outside is the densest, since
//! taking away a node of less weight than the density makes the rest denser. So **nothing is lost**: block and density are
//! those of a peel of the whole graph (the core argument of [`super::prune_streaming`]).
//!
//! **How.** Nodes by degree, busiest first, make a chain of sets. A sample says how dense the densest of them is, and a little less is
//! the first bound: in usual graphs, a few busy nodes among many others, it comes near the densest rest that peeling finds. Most
//! nodes have too few edges to weigh so much and go without a look at them. The rows of the sources that are left are copied
//! without targets that are gone; a source that weighs too little now goes, targets are counted anew, and so on in turns, while
//! what is left grows denser and the bound with it. If nothing left is as dense as the bound, the sample said too much, and a
//! lower one is tried. All this passes rows in ascending order and asks of each edge a bit or a byte, where a queue reads every row
//! at a random place; and what is peeled afterwards lies near the processor.
//!
//! Bahmani, Kumar and Vassilvitskii ("Densest subgraph in streaming and `MapReduce`", VLDB 2012) peel in such turns alone: they drop
//! everybody below twice the density, which loses up to half of it. The bound here is the density itself, and loses nothing.
//!
//! **Traps.** In a graph where all are alike nothing is shed, and the looks were for nothing. A turn that leaves nearly all edges is
//! the last.

use super::csr::BUFFER_BYTES;
use super::pages::Pages;
use super::{Bipartite, Bits, Csr};
use crate::{Go, Stopped, Tick};
use rayon::prelude::*;

/// Rows are looked at so many at a time.
const CHUNK: usize = 1 << 10;
/// A turn that leaves more than this share of the edges is the last.
const WORTH_A_TURN: f64 = 0.97;
/// What is left is worth a graph of its own if it has no more than this share of the edges; memory is counted by it.
const WORTH_A_GRAPH: f64 = 0.5;
/// Up to so many targets, the ends of their rows stay near the processor.
const TURNED_MAX: usize = 1 << 16;
/// One source in so many is looked at to guess how dense the densest part is, and a set counts from so many nodes on.
const SAMPLE_OF: usize = 8;
/// See [`SAMPLE_OF`].
const SAMPLE_NODES: u64 = 200;
/// Levels of weight: four to each doubling.
const LEVELS: usize = 256;

/// What is left, and who that was.
pub(super) struct Rest {
    /// Those left and the edges among them.
    pub(super) graph: Bipartite,
    /// Which source each source of the rest is, ascending.
    pub(super) sources: Vec<u32>,
    /// Which target each target of the rest is, ascending.
    pub(super) targets: Vec<u32>,
}

impl Rest {
    /// Its nodes, as nodes of a graph of so many sources, ascending.
    pub(super) fn nodes(&self, n_sources: u32) -> impl Iterator<Item = u32> {
        self.sources.iter().copied().chain(self.targets.iter().map(move |&t| n_sources + t))
    }

    /// A node of the rest as node of a graph of so many sources.
    pub(super) fn node(&self, v: u32, n_sources: u32) -> u32 {
        match v.checked_sub(self.graph.n_sources()) {
            None => self.sources[v as usize],
            Some(t) => n_sources + self.targets[t as usize],
        }
    }
}

/// What is left of the graph, if so much is shed that this is worth a graph of its own. `weight` is that of an edge to each
/// target, in fixed point. The tick counts nodes.
pub(super) fn shed(graph: &Bipartite, weight: &[u32], tick: &mut Tick<'_>) -> Result<Option<Rest>, Stopped> {
    let (known, guessed) = density_of_busy(graph, weight);
    if known == 0 {
        return Ok(None);
    }
    // What is guessed must be shown by some set.
    let (mut known, mut bound) = (known, guessed.max(known));
    loop {
        let mut core = Core::begin(graph, weight, bound);
        let shown = core.turns(graph, weight, bound, tick)?;
        if shown >= bound || bound <= known {
            let worth_it = core.n_edges() as f64 <= WORTH_A_GRAPH * graph.n_edges() as f64;
            return Ok(worth_it.then(|| core.rest()));
        }
        known = known.max(shown);
        bound = (bound / 8 * 7).max(known);
    }
}

/// The weight for each node, rounded up, of all nodes, and what a sample says of the densest among a few sets: all nodes of at least
/// a certain weight, where that of sources is guessed from their degree.
fn density_of_busy(graph: &Bipartite, weight: &[u32]) -> (u64, u64) {
    let of_target = |t: u32| u64::from(graph.by_target.degree(t)) * u64::from(weight[t as usize]);
    let rows = graph.by_source.view();
    let in_all: u64 = (0..graph.n_targets()).map(of_target).sum();
    let n_all = rows.offsets.windows(2).filter(|row| row[0] < row[1]).count()
        + graph.by_target.view().offsets.windows(2).filter(|row| row[0] < row[1]).count();
    let known = in_all.div_ceil(n_all.max(1) as u64);
    let mut n_nodes = [0_u64; LEVELS];
    let of_targets: Vec<u8> = (0..graph.n_targets())
        .map(|t| {
            let sum = of_target(t);
            let level = if sum < known { 0 } else { level(sum) };
            n_nodes[level as usize] += 1;
            level
        })
        .collect();
    let usual = in_all / graph.n_edges().max(1);
    let of_source = |s: usize| {
        let sum = (rows.offsets[s + 1] - rows.offsets[s]) * usual;
        if sum < known { 0 } else { level(sum) }
    };
    let n_sources = graph.n_sources() as usize;
    (0..n_sources).for_each(|s| n_nodes[of_source(s) as usize] += 1);
    let in_level = (0..n_sources.div_ceil(CHUNK))
        .into_par_iter()
        .map(|c| {
            let mut sums = [0_u64; LEVELS];
            for s in (c * CHUNK..n_sources.min((c + 1) * CHUNK)).step_by(SAMPLE_OF) {
                let own = of_source(s);
                let row = if own > 0 { rows.row(s) } else { &[] };
                for &t in row {
                    sums[of_targets[t as usize].min(own) as usize] += u64::from(weight[t as usize]);
                }
            }
            sums
        })
        .reduce(|| [0; LEVELS], |a, b| std::array::from_fn(|l| a[l] + b[l]));
    let (mut sum, mut n, mut most) = (0, 0_u64, 0);
    for l in (1..LEVELS).rev() {
        (sum, n) = (sum + in_level[l] * SAMPLE_OF as u64, n + n_nodes[l]);
        // A few nodes say little about the others of their level.
        if n >= SAMPLE_NODES {
            most = most.max(sum / n);
        }
    }
    (known, most / 16 * 15)
}

/// The level of a weight.
fn level(weight: u64) -> u8 {
    let bits = (weight | 7).ilog2();
    (bits << 2) as u8 | (weight >> (bits - 2) & 3) as u8
}

/// Targets that are left.
struct Targets {
    n: u64,
    /// What they weigh together.
    weight: u64,
    /// The greatest weight of an edge to one.
    heaviest: u32,
}

/// Sheds targets that weigh less than the bound.
fn shed_targets(left: &mut Bits, degree: &[u32], weight: &[u32], bound: u64) -> Targets {
    let mut targets = Targets { n: 0, weight: 0, heaviest: 0 };
    for (t, (&degree, &weight)) in (0..).zip(degree.iter().zip(weight)) {
        let sum = u64::from(degree) * u64::from(weight);
        if sum < bound {
            left.take(t);
        } else {
            targets.n += 1;
            targets.weight += sum;
            targets.heaviest = targets.heaviest.max(weight);
        }
    }
    targets
}

/// Sources side by side, and the targets of each that were left when it was looked at last.
#[derive(Default)]
struct Part {
    sources: Vec<u32>,
    /// How many targets each has.
    degrees: Vec<u32>,
    neighbours: Vec<u32>,
}

impl Part {
    /// Forgets targets that are gone, and then sources that weigh less than the bound.
    fn shed(&mut self, left: &Bits, weight: &[u32], bound: u64) {
        let (mut from, mut end, mut n) = (0, 0, 0);
        for k in 0..self.sources.len() {
            let (begin, degree) = (end, self.degrees[k] as usize);
            for i in from..from + degree {
                let t = self.neighbours[i];
                self.neighbours[end] = t;
                end += usize::from(left.has(t));
            }
            from += degree;
            let sum: u64 = self.neighbours[begin..end].iter().map(|&t| u64::from(weight[t as usize])).sum();
            if sum < bound {
                end = begin;
            } else {
                (self.sources[n], self.degrees[n]) = (self.sources[k], (end - begin) as u32);
                n += 1;
            }
        }
        self.sources.truncate(n);
        self.degrees.truncate(n);
        self.neighbours.truncate(end);
    }
}

/// The rows of sources that are left, and the targets that are.
struct Core {
    parts: Vec<Part>,
    left: Bits,
}

impl Core {
    /// Those with enough edges to weigh so much; rows without targets that have not.
    fn begin(graph: &Bipartite, weight: &[u32], bound: u64) -> Self {
        let mut left = Bits::all(weight.len());
        let degree: Vec<u32> = (0..graph.n_targets()).map(|t| graph.by_target.degree(t)).collect();
        let targets = shed_targets(&mut left, &degree, weight, bound);
        let enough = bound.div_ceil(u64::from(targets.heaviest.max(1)));
        Self { parts: rows_of_busy(graph, enough, &left, weight, bound), left }
    }

    fn n_edges(&self) -> u64 {
        self.parts.iter().map(|part| part.neighbours.len() as u64).sum()
    }

    /// Sheds whoever weighs less than the bound, and less than the density of what is left, until hardly anybody does; says what
    /// the greatest density met was.
    fn turns(
        &mut self,
        graph: &Bipartite,
        weight: &[u32],
        mut bound: u64,
        tick: &mut Tick<'_>,
    ) -> Result<u64, Stopped> {
        let mut degree = vec![0_u32; weight.len()];
        let mut shown = 0;
        loop {
            degree.fill(0);
            for part in &self.parts {
                part.neighbours.iter().for_each(|&t| degree[t as usize] += 1);
            }
            let n_edges = self.n_edges();
            let targets = shed_targets(&mut self.left, &degree, weight, bound);
            let n_left = targets.n + self.parts.iter().map(|part| part.sources.len() as u64).sum::<u64>();
            shown = shown.max(targets.weight.div_ceil(n_left.max(1)));
            let n_nodes = u64::from(graph.n_nodes());
            if tick(n_nodes - n_left.min(n_nodes), n_nodes) == Go::Stop {
                return Err(Stopped);
            }
            bound = bound.max(shown);
            self.parts.par_iter_mut().for_each(|part| part.shed(&self.left, weight, bound));
            if self.n_edges() as f64 >= WORTH_A_TURN * n_edges as f64 {
                return Ok(shown);
            }
        }
    }

    /// What is left as a graph.
    fn rest(self) -> Rest {
        let mut place = vec![0; self.left.len()];
        let targets: Vec<u32> = self.left.members().collect();
        (0..).zip(&targets).for_each(|(j, &t)| place[t as usize] = j);
        let sources = self.parts.iter().flat_map(|part| &part.sources).copied().collect::<Vec<u32>>();
        let mut by_source =
            Csr { offsets: Pages::zeroed(sources.len() + 1), neighbours: Pages::zeroed(self.n_edges() as usize) };
        let (mut row, mut end) = (0, 0);
        for part in self.parts {
            let slots = &mut by_source.neighbours[end as usize..][..part.neighbours.len()];
            slots.iter_mut().zip(&part.neighbours).for_each(|(slot, &t)| *slot = place[t as usize]);
            for degree in part.degrees {
                (row, end) = (row + 1, end + u64::from(degree));
                by_source.offsets[row] = end;
            }
        }
        let by_target = if targets.len() < TURNED_MAX {
            turned(&by_source, targets.len())
        } else {
            by_source.transposed(targets.len() as u32, BUFFER_BYTES)
        };
        Rest { graph: Bipartite { by_source, by_target }, sources, targets }
    }
}

/// The rows of sources with so many edges, without targets that are gone, of those that weigh at least the bound then.
fn rows_of_busy(graph: &Bipartite, enough: u64, left: &Bits, weight: &[u32], bound: u64) -> Vec<Part> {
    let rows = graph.by_source.view();
    let n_sources = graph.n_sources() as usize;
    (0..n_sources.div_ceil(CHUNK))
        .into_par_iter()
        .map(|c| {
            let busy = (c * CHUNK..n_sources.min((c + 1) * CHUNK)).filter(|&s| rows.row(s).len() as u64 >= enough);
            let n_edges = busy.clone().map(|s| rows.row(s).len()).sum();
            let mut part = Part { neighbours: Vec::with_capacity(n_edges), ..Part::default() };
            for s in busy {
                let row = rows.row(s);
                let begin = part.neighbours.len();
                part.neighbours.resize(begin + row.len(), 0);
                let slots = &mut part.neighbours[begin..];
                let mut n = 0;
                for &t in row {
                    // Written first and kept if it is left: whether it is cannot be guessed.
                    slots[n] = t;
                    n += usize::from(left.has(t));
                }
                let sum: u64 = slots[..n].iter().map(|&t| u64::from(weight[t as usize])).sum();
                if sum < bound {
                    n = 0;
                } else {
                    part.sources.push(s as u32);
                    part.degrees.push(n as u32);
                }
                part.neighbours.truncate(begin + n);
            }
            part
        })
        .collect()
}

/// The other way, for a graph that lies near the processor.
fn turned(rows: &Csr, n_columns: usize) -> Csr {
    let mut offsets = Pages::zeroed(n_columns + 1);
    rows.neighbours.iter().for_each(|&j| offsets[j as usize + 1] += 1_u64);
    (0..n_columns).for_each(|j| offsets[j + 1] += offsets[j]);
    let mut next = offsets.to_vec();
    let mut neighbours = Pages::zeroed(rows.neighbours.len());
    for i in 0..rows.n() {
        for &j in rows.neighbours(i) {
            neighbours[next[j as usize] as usize] = i;
            next[j as usize] += 1;
        }
    }
    Csr { offsets, neighbours }
}

#[cfg(test)]
mod tests {
    use super::shed;
    use crate::graph::Weights;
    use crate::graph::small::{built, random_graph, uneven_graph};
    use crate::{Go, Stopped, silent};

    fn fixed(weights: &Weights) -> Vec<u32> {
        (0..weights.n()).map(|t| weights.fixed(t, 20)).collect()
    }

    #[test]
    fn all_that_is_left_weighs_as_much_as_some_set_is_dense() {
        let mut n_left = 0;
        for seed in 0..40 {
            let graph = uneven_graph(seed, 3000, 2000, 20_000);
            let weights = Weights::log_degree(&graph.by_target);
            let rest = shed(&graph, &fixed(&weights), &mut silent).expect("nobody stops it").expect("most is shed");
            let of_rest = weights.among(&rest.targets);
            let sum: f64 =
                (0..rest.graph.n_targets()).map(|t| of_rest.of(t) * f64::from(rest.graph.by_target.degree(t))).sum();
            // What is left is itself about as dense as the bound was, so nobody weighs much less than it is dense.
            let density = sum / f64::from(rest.graph.n_nodes());
            let mut few = 0;
            for s in 0..rest.graph.n_sources() {
                let here: f64 = rest.graph.by_source.neighbours(s).iter().map(|&t| of_rest.of(t)).sum();
                few += u32::from(here < 0.9 * density);
                let edges = graph.by_source.neighbours(rest.sources[s as usize]).iter();
                let kept: Vec<u32> =
                    edges.filter_map(|t| rest.targets.binary_search(t).ok().map(|j| j as u32)).collect();
                assert_eq!(rest.graph.by_source.neighbours(s), kept, "seed {seed}");
            }
            assert!(f64::from(few) < 0.1 * f64::from(rest.graph.n_sources()), "seed {seed}: {few} weigh too little");
            n_left += rest.graph.n_nodes();
        }
        assert!(n_left < 40 * 1000, "{n_left} nodes left of {}", 40 * 5000);
    }

    #[test]
    fn both_ways_of_what_is_left_agree() {
        let graph = uneven_graph(3, 3000, 2000, 20_000);
        let rest = shed(&graph, &fixed(&Weights::log_degree(&graph.by_target)), &mut silent).expect("nobody stops it");
        let rest = rest.expect("most is shed").graph;
        assert_eq!(rest.by_source.transposed(rest.n_targets(), 1 << 20), rest.by_target);
    }

    #[test]
    fn nothing_is_shed_where_all_are_alike_or_nothing_weighs_anything() {
        let sources: Vec<u32> = (0..400).flat_map(|s| [s; 10]).collect();
        let targets: Vec<u32> = (0..4000).map(|k| (k / 10 + k % 10) % 400).collect();
        let ring = built(400, 400, &sources, &targets);
        assert!(shed(&ring, &[1 << 10; 400], &mut silent).expect("nobody stops it").is_none());
        assert!(shed(&ring, &[0; 400], &mut silent).expect("nobody stops it").is_none());
        assert!(shed(&random_graph(0, 3, 2, 0), &[9, 9], &mut silent).expect("nobody stops it").is_none());
    }

    #[test]
    fn stops_when_told() {
        let graph = uneven_graph(1, 300, 200, 2000);
        assert!(matches!(shed(&graph, &[1 << 10; 200], &mut |_, _| Go::Stop), Err(Stopped)));
    }
}
