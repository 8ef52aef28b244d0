//! Compressed sparse rows: who is joined to whom, as one array of neighbours with the place where each row begins.
//!
//! Eight bytes a node and four an edge, each way. Offsets are 64 bits wide, so a graph may have more edges than 2^32; indices
//! are 32 bits wide, so a side has fewer than 2^32 nodes.

/// One direction of a graph: for each row its neighbours, ascending and without repetition.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Csr {
    /// Where each row begins in `neighbours`; one more than there are rows.
    pub(super) offsets: Vec<u64>,
    pub(super) neighbours: Vec<u32>,
}

impl Csr {
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
        let mut by_source = Csr { offsets: Vec::with_capacity(sources.len() + 1), neighbours: Vec::new() };
        by_source.offsets.push(0);
        for &s in sources {
            let kept = self.by_source.neighbours(s).iter().map(|&t| place[t as usize]).filter(|&j| j != ABSENT);
            by_source.neighbours.extend(kept);
            by_source.offsets.push(by_source.neighbours.len() as u64);
        }
        let by_target = by_source.transposed(targets.len() as u32);
        Self { by_source, by_target }
    }
}

impl Csr {
    /// The same edges seen from the other side, which has `n` rows.
    #[must_use]
    pub(super) fn transposed(&self, n: u32) -> Self {
        let mut offsets = vec![0_u64; n as usize + 1];
        for &j in &self.neighbours {
            offsets[j as usize + 1] += 1;
        }
        for j in 0..n as usize {
            offsets[j + 1] += offsets[j];
        }
        let mut neighbours = vec![0; self.neighbours.len()];
        for i in 0..self.n() {
            for &j in self.neighbours(i) {
                let cursor = &mut offsets[j as usize];
                neighbours[*cursor as usize] = i;
                *cursor += 1;
            }
        }
        give_back(&mut offsets);
        Self { offsets, neighbours }
    }
}

/// After a scatter that moved each row's offset to the row's end, moves each back to its beginning.
pub(super) fn give_back(offsets: &mut [u64]) {
    offsets.rotate_right(1);
    if let Some(first) = offsets.first_mut() {
        *first = 0;
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
