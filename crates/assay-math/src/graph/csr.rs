//! Compressed sparse rows: who is joined to whom, as one array of neighbours with the place where each row begins.
//!
//! Eight bytes a node and four an edge, each way. Offsets are 64 bits wide, so a graph may have more edges than 2^32; indices
//! are 32 bits wide, so a side has fewer than 2^32 nodes.

use super::pages::Pages;

/// One direction of a graph: for each row its neighbours, ascending and without repetition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Csr {
    /// Where each row begins in `neighbours`; one more than there are rows.
    pub(super) offsets: Pages<u64>,
    pub(super) neighbours: Pages<u32>,
}

impl Csr {
    pub(super) fn view(&self) -> View<'_> {
        View { offsets: &self.offsets, neighbours: &self.neighbours }
    }

    /// Rows that were laid out before, as in a file: `fill` puts the offsets of `n` rows, one more than they are, and the
    /// neighbours in place. `Ok(None)` if these are no rows: offsets must rise from 0 to `n_edges`, and neighbours rise within
    /// each row and stay below `n_columns`.
    ///
    /// # Errors
    /// Whatever `fill` returns.
    pub fn laid_out<E>(
        n: u32,
        n_edges: u64,
        n_columns: u32,
        fill: impl FnOnce(&mut [u64], &mut [u32]) -> Result<(), E>,
    ) -> Result<Option<Self>, E> {
        let (mut offsets, mut neighbours) = (Pages::zeroed(n as usize + 1), Pages::zeroed(n_edges as usize));
        fill(&mut offsets, &mut neighbours)?;
        let whole = offsets[0] == 0
            && offsets[n as usize] == n_edges
            && offsets.windows(2).all(|row| {
                row[0] <= row[1]
                    && row[1] <= n_edges
                    && neighbours[row[0] as usize..row[1] as usize].is_sorted_by(|a, b| a < b)
                    && (row[0] == row[1] || neighbours[row[1] as usize - 1] < n_columns)
            });
        Ok(whole.then_some(Self { offsets, neighbours }))
    }

    /// How many rows there are.
    #[inline]
    pub fn n(&self) -> u32 {
        self.offsets.len().saturating_sub(1) as u32
    }

    /// How many edges there are.
    #[inline]
    pub fn n_edges(&self) -> u64 {
        self.neighbours.len() as u64
    }

    /// How many neighbours row `i` has.
    #[inline]
    pub fn degree(&self, i: u32) -> u32 {
        (self.offsets[i as usize + 1] - self.offsets[i as usize]) as u32
    }

    /// The neighbours of row `i`, ascending.
    #[inline]
    pub fn neighbours(&self, i: u32) -> &[u32] {
        &self.neighbours[self.offsets[i as usize] as usize..self.offsets[i as usize + 1] as usize]
    }

    /// The number of the first edge of row `i`: its edges are numbered from here, in the order of its neighbours.
    #[inline]
    pub fn first_edge(&self, i: u32) -> u64 {
        self.offsets[i as usize]
    }

    /// The number of the edge from row `i` to `j`, if there is one. Costs O(log degree).
    pub fn edge(&self, i: u32, j: u32) -> Option<u64> {
        self.neighbours(i).binary_search(&j).ok().map(|k| self.first_edge(i) + k as u64)
    }
}

/// Rows as plain slices, for inner loops.
#[derive(Clone, Copy)]
pub(super) struct View<'g> {
    pub(super) offsets: &'g [u64],
    pub(super) neighbours: &'g [u32],
}

impl<'g> View<'g> {
    #[inline]
    pub(super) fn row(&self, i: usize) -> &'g [u32] {
        &self.neighbours[self.offsets[i] as usize..self.offsets[i + 1] as usize]
    }
}

/// The buffer that turning rows into columns may use.
pub(super) const BUFFER_BYTES: u64 = 1 << 30;

/// A graph of two sides, both ways. The two are each other's transposition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Bipartite {
    /// The targets of each source.
    pub by_source: Csr,
    /// The sources of each target.
    pub by_target: Csr,
}

impl Bipartite {
    /// How many sources there are, those without an edge included.
    pub fn n_sources(&self) -> u32 {
        self.by_source.n()
    }

    /// How many targets there are, those without an edge included.
    pub fn n_targets(&self) -> u32 {
        self.by_target.n()
    }

    /// Sources and targets together.
    ///
    /// # Panics
    /// If they are more than 2^32 - 1 together, the most that node numbers can tell apart.
    pub fn n_nodes(&self) -> u32 {
        self.n_sources().checked_add(self.n_targets()).expect("fewer than 2^32 nodes")
    }

    /// How many edges there are.
    pub fn n_edges(&self) -> u64 {
        self.by_source.n_edges()
    }

    /// The graph that has these sources and targets alone (both ascending, without repetition) and the edges among them.
    /// Source `i` of the answer is `sources[i]`, target `j` is `targets[j]`. Costs four bytes for each target of the whole
    /// graph, and time in the edges of `sources`.
    ///
    /// # Panics
    /// If an index is beyond its side.
    #[must_use]
    pub fn induced(&self, sources: &[u32], targets: &[u32]) -> Self {
        const ABSENT: u32 = u32::MAX;
        let mut place = vec![ABSENT; self.n_targets() as usize];
        for (j, &t) in targets.iter().enumerate() {
            place[t as usize] = j as u32;
        }
        let kept = |s: u32| self.by_source.neighbours(s).iter().map(|&t| place[t as usize]).filter(|&j| j != ABSENT);
        let mut offsets = Pages::zeroed(sources.len() + 1);
        for (i, &s) in sources.iter().enumerate() {
            offsets[i + 1] = offsets[i] + kept(s).count() as u64;
        }
        let mut neighbours = Pages::zeroed(offsets[sources.len()] as usize);
        for (slot, t) in neighbours.iter_mut().zip(sources.iter().flat_map(|&s| kept(s))) {
            *slot = t;
        }
        let by_source = Csr { offsets, neighbours };
        let by_target = by_source.transposed(targets.len() as u32, BUFFER_BYTES);
        Self { by_source, by_target }
    }
}

#[cfg(test)]
mod tests {
    use crate::graph::small::random_graph;

    #[test]
    fn both_ways_hold_the_same_edges() {
        for seed in 0..50 {
            let graph = random_graph(seed, 20, 15, 60);
            let forth: Vec<_> =
                (0..20).flat_map(|s| graph.by_source.neighbours(s).iter().map(move |&t| (s, t))).collect();
            let mut back: Vec<_> =
                (0..15).flat_map(|t| graph.by_target.neighbours(t).iter().map(move |&s| (s, t))).collect();
            back.sort_unstable();
            assert_eq!(forth, back, "seed {seed}");
            for (k, &(s, t)) in forth.iter().enumerate() {
                assert_eq!(graph.by_source.edge(s, t), Some(k as u64), "seed {seed}");
            }
        }
    }

    #[test]
    fn an_induced_graph_has_the_edges_among_those_named() {
        for seed in 0..50 {
            let graph = random_graph(seed, 20, 15, 60);
            let (sources, targets) = ([1, 4, 5, 19], [0, 3, 14]);
            let part = graph.induced(&sources, &targets);
            for (i, &s) in sources.iter().enumerate() {
                for (j, &t) in targets.iter().enumerate() {
                    let is = part.by_source.edge(i as u32, j as u32).is_some();
                    assert_eq!(is, graph.by_source.edge(s, t).is_some(), "seed {seed}");
                    assert_eq!(is, part.by_target.edge(j as u32, i as u32).is_some(), "seed {seed}");
                }
            }
        }
    }
}
