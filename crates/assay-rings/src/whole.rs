//! What a pruned graph was a part of: degrees, times and audiences of the whole, from what is held of the edges left out.
//!
//! **Why little must be held.** Whoever was left out had fewer edges to those left than was asked of it when it went. So of edges
//! with one end left out there are fewer than that for each node, however many edges there were, and they are kept: the audience
//! of every target left is known whole, its single-edge accounts and its cells too, and so is every edge of a source left. Edges
//! with both ends left out are counted as they pass.
//!
//! **Limits.** Of cells of targets left out, those alone are known to which a source left came. Chance in the graph of cells is
//! therefore counted on the cautious side: of all its edges those that are known, of its sources and cells the most there can be.
//! So a group looks likelier by chance than it would with all edges at hand, never less likely. A row that is repeated counts as
//! often as it stands there if both its ends were left out.

use crate::block::Degrees;
use crate::times::{BUCKET_DAYS, FlowCounts, NO_TIME, Times, bucket_s};
use assay_math::graph::{Alive, Bipartite};

/// An edge with an end left out, and when it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Beside {
    /// On what.
    pub target: u32,
    /// Who.
    pub source: u32,
    /// Seconds after [`Times::origin_s`], or [`NO_TIME`].
    pub at: u32,
}

/// The whole of which a graph with times is a part.
#[derive(Debug, Clone, Default)]
pub struct Whole {
    /// Degrees of all nodes.
    pub degrees: Degrees,
    /// When the last edge came: seconds after the first.
    pub last: u32,
    /// When all edges came.
    pub flow: FlowCounts,
    /// Edges from sources left out to targets left, by target and source.
    pub around: Vec<Beside>,
    /// Edges from sources left to targets left out, likewise.
    pub beyond: Vec<Beside>,
    /// For each edge beyond, a bit for each length of buckets: a source left out came to the same cell.
    shared: Vec<u8>,
    /// For each length of buckets the edges of sources left out to cells of targets left out that a source left came to.
    in_cells: [u64; BUCKET_DAYS.len()],
    /// Edges with a time whose both ends were left out.
    n_apart_timed: u64,
}

impl Whole {
    /// Of a whole whose last edge came so long after its first, and with room for so many edges around and beyond; nothing is
    /// met yet.
    pub fn new(last: u32, (n_around, n_beyond): (u64, u64)) -> Self {
        let room = |n: u64| Vec::with_capacity(n as usize);
        let (around, beyond) = (room(n_around), room(n_beyond));
        Self { last, flow: FlowCounts::new(last), around, beyond, ..Self::default() }
    }

    /// Meets an edge in the first pass: those with one end left out are kept.
    pub fn meet(&mut self, alive: &Alive, edge: Beside) {
        match (alive.sources.has(edge.source), alive.targets.has(edge.target)) {
            (false, true) => self.around.push(edge),
            (true, false) => self.beyond.push(edge),
            _ => {}
        }
    }

    /// Ends the first pass: every edge once, with its earliest time. Takes the graph of those left, and its times.
    pub fn end_meeting(&mut self, graph: &Bipartite, times: &Times) {
        self.degrees = Degrees {
            sources: (0..graph.n_sources()).map(|s| graph.by_source.degree(s)).collect(),
            targets: (0..graph.n_targets()).map(|t| graph.by_target.degree(t)).collect(),
            n_edges: graph.n_edges(),
        };
        times.at.iter().for_each(|&at| self.flow.add(at));
        for edges in [&mut self.around, &mut self.beyond] {
            // The earliest of an edge stands first: no time is the largest number.
            edges.sort_unstable();
            edges.dedup_by_key(|edge| (edge.target, edge.source));
            edges.shrink_to_fit();
            for edge in edges {
                self.flow.add(edge.at);
                self.degrees.add(edge);
            }
        }
        self.shared = vec![0; self.beyond.len()];
    }

    /// Counts an edge in the second pass: those whose both ends were left out.
    pub fn count(&mut self, alive: &Alive, edge: Beside) {
        if alive.sources.has(edge.source) || alive.targets.has(edge.target) {
            return;
        }
        self.degrees.add(&edge);
        if edge.at == NO_TIME {
            return;
        }
        self.flow.add(edge.at);
        self.n_apart_timed += 1;
        let begin = self.beyond.partition_point(|other| other.target < edge.target);
        let of_target = self.beyond[begin..].iter().take_while(|other| other.target == edge.target);
        let mut met = [false; BUCKET_DAYS.len()];
        for (other, shared) in of_target.zip(&mut self.shared[begin..]) {
            for (k, met) in met.iter_mut().enumerate().filter(|_| other.at != NO_TIME) {
                if bucket(other.at, k) == bucket(edge.at, k) {
                    *shared |= 1 << k;
                    *met = true;
                }
            }
        }
        self.in_cells.iter_mut().zip(met).for_each(|(n, met)| *n += u64::from(met));
    }

    /// The edges around a target.
    pub fn around(&self, target: u32) -> &[Beside] {
        let begin = self.around.partition_point(|edge| edge.target < target);
        let n = self.around[begin..].partition_point(|edge| edge.target == target);
        &self.around[begin..begin + n]
    }

    /// Adds what is known of cells of targets left out, for the `k`th length of buckets, and what is not.
    pub(crate) fn add_cells_beyond(&self, k: usize, cells: &mut WholeCells) {
        let mut place = 0;
        for of_target in self.beyond.chunk_by(|a, b| a.target == b.target) {
            let shared = &self.shared[place..place + of_target.len()];
            place += of_target.len();
            for (i, edge) in of_target.iter().enumerate().filter(|(_, edge)| edge.at != NO_TIME) {
                // As many as were asked for at most, so that nobody needs to sort them.
                let is_same = |other: &Beside| other.at != NO_TIME && bucket(other.at, k) == bucket(edge.at, k);
                let n_left = of_target.iter().filter(|other| is_same(other)).count();
                if n_left >= 2 || shared[i] >> k & 1 == 1 {
                    cells.degrees.sources[edge.source as usize] += 1;
                    cells.degrees.n_edges += 1;
                    cells.n_cells += u64::from(!of_target[..i].iter().any(is_same));
                }
            }
        }
        cells.degrees.n_edges += self.in_cells[k];
        cells.n_cells += (self.n_apart_timed - self.in_cells[k]) / 2;
    }
}

impl Degrees {
    fn add(&mut self, edge: &Beside) {
        self.sources[edge.source as usize] += 1;
        self.targets[edge.target as usize] += 1;
        self.n_edges += 1;
    }
}

/// In which bucket of the `k`th length a time lies.
fn bucket(at: u32, k: usize) -> u32 {
    at / bucket_s(k)
}

/// What is known of the graph of cells of the whole.
#[derive(Debug, Clone, Default)]
pub struct WholeCells {
    /// Degrees of sources left, and of the cells of the graph at hand; the edges known.
    pub degrees: Degrees,
    /// How many cells there may be to which two sources came.
    pub n_cells: u64,
}

impl WholeCells {
    /// Nothing known yet of so many sources.
    pub(crate) fn new(n_sources: u32) -> Self {
        Self { degrees: Degrees { sources: vec![0; n_sources as usize], ..Degrees::default() }, n_cells: 0 }
    }

    /// Adds a cell of a target left to which so many sources came, these of them left.
    pub(crate) fn add(&mut self, n: usize, left: &[(u32, u32)]) {
        if n >= 2 {
            self.n_cells += 1;
            self.degrees.n_edges += n as u64;
            for &(_, s) in left {
                self.degrees.sources[s as usize] += 1;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Beside, Whole};
    use crate::times::{Cells, NO_TIME, Times};
    use crate::{Asked, EDGES_MIN, find, find_pruned_timed};
    use assay_math::Seed;
    use assay_math::graph::{Alive, Bipartite, PairSlices, PruneUntil, Weights, build, prune_streaming};
    use assay_model::{Ring, RingTarget, silent};
    use rand::RngExt;
    use std::collections::BTreeMap;

    const DAY: u32 = 86_400;
    type Edges = BTreeMap<(u32, u32), u32>;

    fn built(edges: &Edges, n: (u32, u32), keep: Option<&Alive>) -> (Bipartite, Times) {
        let (sources, targets): (Vec<u32>, Vec<u32>) = edges.keys().copied().unzip();
        let mut pairs = PairSlices { sources: &sources, targets: &targets };
        let graph = build(n.0, n.1, &mut pairs, keep, &mut silent).expect("nobody stops it").graph;
        let kept = |&(&(s, t), _): &(&(u32, u32), &u32)| keep.is_none_or(|k| k.sources.has(s) && k.targets.has(t));
        let at = edges.iter().filter(kept).map(|(_, &at)| at).collect();
        (graph, Times { at, origin_s: 1_000_000_000 })
    }

    /// What is left when members must have so many edges, the times of it, and what is known of the whole.
    fn pruned(edges: &Edges, n: (u32, u32), least: u32) -> (Bipartite, Times, Whole) {
        let (sources, targets): (Vec<u32>, Vec<u32>) = edges.keys().copied().unzip();
        let mut pairs = PairSlices { sources: &sources, targets: &targets };
        let (all, until) = (Alive::all(n.0, n.1, edges.len() as u64), PruneUntil { n_pairs: 0, n_passes: 4 });
        let alive = prune_streaming(all, &mut pairs, &Weights::ones(n.1), f64::from(least), until, &mut silent);
        let alive = alive.expect("nobody stops it");
        let (graph, times) = built(edges, n, Some(&alive));
        let last = edges.values().copied().filter(|&at| at != NO_TIME).max().unwrap_or(0);
        let mut whole = Whole::new(last, (0, 0));
        let each = || edges.iter().map(|(&(source, target), &at)| Beside { target, source, at });
        each().for_each(|edge| whole.meet(&alive, edge));
        // Rows may be repeated; the earliest time counts.
        each().for_each(|edge| whole.meet(&alive, Beside { at: edge.at.saturating_add(5), ..edge }));
        whole.end_meeting(&graph, &times);
        each().for_each(|edge| whole.count(&alive, edge));
        (graph, times, whole)
    }

    /// Popular and other targets; half of the sources come once.
    fn crowd(seed: u64, n: (u32, u32), n_edges: u32) -> Edges {
        let mut random = Seed(seed).random();
        let mut edges = Edges::new();
        for k in 0..n_edges {
            let u: f64 = random.random();
            let s = if k % 2 == 0 { k / 2 % n.0 } else { random.random_range(0..n.0 / 6) };
            let at = if random.random_bool(0.05) { NO_TIME } else { random.random_range(0..300 * DAY) };
            edges.entry((s, (f64::from(n.1) * u * u) as u32)).or_insert(at);
        }
        edges
    }

    #[test]
    fn degrees_flow_and_cells_are_those_of_the_whole_as_far_as_they_are_known() {
        let mut n_gone = 0;
        for (seed, least) in (0..12).zip([2, 3, 4].into_iter().cycle()) {
            let n = (600, 200);
            let edges = crowd(seed, n, 900);
            let (graph, times) = built(&edges, n, None);
            let (left, of_left, whole) = pruned(&edges, n, least);
            n_gone += graph.n_edges() - left.n_edges();
            let degree = |s: u32| graph.by_source.degree(s);
            assert_eq!(whole.degrees.sources, (0..n.0).map(degree).collect::<Vec<u32>>(), "seed {seed}");
            assert_eq!(whole.degrees.n_edges, graph.n_edges(), "seed {seed}");
            assert_eq!(crate::Flow::of(&whole.flow).n(), crate::Flow::new(&times).n(), "seed {seed}");
            for k in 0..2 {
                let all = Cells::new(&graph, &times, None, k, &mut silent).expect("nobody stops it");
                let part = Cells::new(&left, &of_left, Some(&whole), k, &mut silent).expect("nobody stops it");
                let known = part.whole.expect("it is a part");
                let able = (0..n.0).filter(|&s| left.by_source.degree(s) > 0);
                for s in able {
                    assert_eq!(known.degrees.sources[s as usize], all.graph.by_source.degree(s), "seed {seed}");
                }
                // A cell of the part is that of the whole with its target and one of its sources.
                for c in 0..part.graph.n_targets() {
                    let (t, s) = (part.target[c as usize], part.graph.by_target.neighbours(c)[0]);
                    let same = all.graph.by_source.neighbours(s).iter().find(|&&c| all.target[c as usize] == t);
                    let same = *same.expect("a cell of the part is one of the whole");
                    assert_eq!(known.degrees.targets[c as usize], all.graph.by_target.degree(same), "seed {seed}");
                }
                assert!(known.degrees.n_edges <= all.graph.n_edges(), "seed {seed}");
                assert!(least > 2 || known.degrees.n_edges * 10 >= all.graph.n_edges() * 7, "seed {seed}");
                assert!(known.n_cells >= u64::from(all.graph.n_targets()), "seed {seed}");
            }
        }
        assert!(n_gone > 12 * 200, "{n_gone} edges left out");
    }

    #[test]
    fn rings_of_a_pruned_graph_are_those_of_the_whole_with_windows_and_single_edge_accounts() {
        for (seed, least) in [(1, EDGES_MIN), (2, EDGES_MIN), (3, 3)] {
            let n = (9_000, 1_200);
            let mut edges = crowd(seed, (8_000, 1_000), 24_000);
            let mut random = Seed(seed).fork("plant").random();
            // A ring on new and on popular targets within ten days, and accounts with one edge that came with it.
            for s in 8_000..8_060 {
                for t in (0..10).chain(1_000..1_030) {
                    if random.random_bool(0.4) {
                        edges.insert((s, t), 100 * DAY + random.random_range(0..10 * DAY));
                    }
                }
            }
            for s in 8_100..8_400 {
                edges.insert((s, 1_000 + s % 30), 100 * DAY + random.random_range(0..10 * DAY));
            }
            let (graph, times) = built(&edges, n, None);
            let asked = Asked { seed: Seed(1), fdr: 0.05 };
            let want = find(&graph, Some(&times), &asked, &mut silent).expect("nobody stops it").rings;
            let (left, of_left, whole) = pruned(&edges, n, least);
            assert!(left.n_edges() * 10 < graph.n_edges() * 9, "{} of {}", left.n_edges(), graph.n_edges());
            let got = find_pruned_timed(&left, &of_left, &whole, &asked, &mut silent).expect("nobody stops it").rings;
            assert!(want.len() == 1 && want[0].singles.len() > 200, "seed {seed}");
            assert_eq!(got.len(), 1, "seed {seed}");
            let (got, want) = (&got[0], &want[0]);
            // Scores hang on chance, which is counted on the cautious side.
            let members = |ring: &Ring| ring.sources.iter().map(|m| (m.account, m.n_edges)).collect::<Vec<_>>();
            assert_eq!(members(got), members(want), "seed {seed}");
            let score = |ring: &Ring| ring.sources.iter().map(|m| m.score).fold(1.0, f64::min);
            assert!((score(got) - score(want)).abs() < 1e-5, "seed {seed}");
            let audience = |t: &RingTarget| (t.account, t.n_edges, t.n_audience, t.window);
            let targets = |ring: &Ring| ring.targets.iter().map(audience).collect::<Vec<_>>();
            assert_eq!(targets(got), targets(want), "seed {seed}");
            assert_eq!((got.window, &got.singles), (want.window, &want.singles), "seed {seed}");
            assert_eq!(got.evidence.contrast, want.evidence.contrast, "seed {seed}");
            assert_eq!(got.evidence.synchrony, want.evidence.synchrony, "seed {seed}");
        }
    }
}
