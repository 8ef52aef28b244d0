//! Edges in memory.

use super::{EdgeBlock, EdgePasses, EdgeShape, EdgesError, Kinds, NO_TIME};
use assay_math::Go;
use std::cmp::Reverse;

/// Edges in a block, where whoever makes the blocks is free to choose: 2 MB with times.
pub const BLOCK_EDGES: usize = 1 << 17;

/// Edges in memory: 8 bytes each, 16 with times, 4 more with weights.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EdgeTable {
    edges: EdgeBlock,
    n_sources: u32,
    n_targets: u32,
    kinds: Kinds,
    /// Lent to passes.
    lent: EdgeBlock,
}

impl EdgeTable {
    /// Makes a table of edges in any order.
    ///
    /// # Panics
    /// If columns differ in length, or a number is too large.
    pub fn new(edges: EdgeBlock, n_sources: u32, n_targets: u32, kinds: Kinds) -> Self {
        let n = edges.len();
        assert_eq!(edges.target.len(), n, "a target for each source");
        assert!(edges.at_s.is_empty() || edges.at_s.len() == n, "a time for each edge");
        assert!(edges.weight.is_empty() || edges.weight.len() == n, "a weight for each edge");
        assert!(edges.source.iter().all(|s| *s < n_sources), "a source is out of range");
        assert!(edges.target.iter().all(|t| *t < n_targets), "a target is out of range");
        assert!(kinds == Kinds::Two || n_sources == n_targets, "one kind has one count");
        Self { edges, n_sources, n_targets, kinds, lent: EdgeBlock::default() }
    }

    /// Bytes of memory held.
    pub fn bytes(&self) -> u64 {
        let EdgeBlock { source, target, at_s, weight } = &self.edges;
        4 * (source.capacity() + target.capacity() + weight.capacity()) as u64 + 8 * at_s.capacity() as u64
    }

    /// The columns.
    pub fn edges(&self) -> &EdgeBlock {
        &self.edges
    }

    /// Puts the edges in the order of (source, target) and leaves each there once: at its earliest known time, with the
    /// largest of the weights given for that time. Returns how many were left out.
    ///
    /// Costs a counting sort by source, then a sort of each source's targets; memory for a second copy of the columns.
    pub fn deduplicate(&mut self) -> u64 {
        let n = self.edges.len();
        let (ends, mut edges) = grouped(&std::mem::take(&mut self.edges), self.n_sources);
        let (timed, weighted) = (!edges.at_s.is_empty(), !edges.weight.is_empty());
        edges.source.reserve(n);
        let mut rows: Vec<Row> = Vec::new();
        let mut kept = 0;
        for (source, span) in ends.windows(2).enumerate() {
            let span = span[0] as usize..span[1] as usize;
            rows.clear();
            rows.extend(span.map(|i| Row {
                target: edges.target[i],
                // An unknown time comes behind all known ones.
                at_s: edges.at_s.get(i).copied().filter(|at| *at != NO_TIME).unwrap_or(i64::MAX),
                weight: Reverse(edges.weight.get(i).map_or(0, |w| w.to_bits())),
            }));
            rows.sort_unstable();
            rows.dedup_by_key(|row| row.target);
            for row in &rows {
                edges.source.push(source as u32);
                edges.target[kept] = row.target;
                if timed {
                    edges.at_s[kept] = if row.at_s == i64::MAX { NO_TIME } else { row.at_s };
                }
                if weighted {
                    edges.weight[kept] = f32::from_bits(row.weight.0);
                }
                kept += 1;
            }
        }
        edges.target.truncate(kept);
        edges.at_s.truncate(kept);
        edges.weight.truncate(kept);
        self.edges = edges;
        (n - kept) as u64
    }
}

/// An edge of one source, in the order in which duplicates are weighed. Weights are not negative, so their bits rise with them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Row {
    target: u32,
    at_s: i64,
    weight: Reverse<u32>,
}

/// The edges of source `s` at `ends[s]..ends[s + 1]`, with the column of sources left empty.
fn grouped(edges: &EdgeBlock, n_sources: u32) -> (Vec<u64>, EdgeBlock) {
    let mut ends = vec![0_u64; n_sources as usize + 1];
    for source in &edges.source {
        ends[*source as usize + 1] += 1;
    }
    for i in 1..ends.len() {
        ends[i] += ends[i - 1];
    }
    let mut next = ends.clone();
    let mut out = EdgeBlock {
        source: Vec::new(),
        target: vec![0; edges.target.len()],
        at_s: vec![0; edges.at_s.len()],
        weight: vec![0.0; edges.weight.len()],
    };
    for (i, source) in edges.source.iter().enumerate() {
        let place = &mut next[*source as usize];
        let at = *place as usize;
        *place += 1;
        out.target[at] = edges.target[i];
        if let Some(time) = edges.at_s.get(i) {
            out.at_s[at] = *time;
        }
        if let Some(weight) = edges.weight.get(i) {
            out.weight[at] = *weight;
        }
    }
    (ends, out)
}

impl EdgePasses for EdgeTable {
    fn shape(&self) -> EdgeShape {
        EdgeShape {
            n_sources: self.n_sources,
            n_targets: self.n_targets,
            n_edges: self.edges.len() as u64,
            timed: !self.edges.at_s.is_empty(),
            weighted: !self.edges.weight.is_empty(),
            kinds: self.kinds,
        }
    }

    fn pass(&mut self, each: &mut dyn FnMut(&EdgeBlock) -> Go) -> Result<(), EdgesError> {
        let n = self.edges.len();
        for from in (0..n).step_by(BLOCK_EDGES) {
            let rows = from..n.min(from + BLOCK_EDGES);
            self.lent.clear();
            self.lent.source.extend_from_slice(&self.edges.source[rows.clone()]);
            self.lent.target.extend_from_slice(&self.edges.target[rows.clone()]);
            if !self.edges.at_s.is_empty() {
                self.lent.at_s.extend_from_slice(&self.edges.at_s[rows.clone()]);
            }
            if !self.edges.weight.is_empty() {
                self.lent.weight.extend_from_slice(&self.edges.weight[rows]);
            }
            if each(&self.lent) == Go::Stop {
                return Err(EdgesError::Stopped);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{EdgeTable, Kinds};
    use crate::edges::{EdgeBlock, EdgePasses, EdgesError, NO_TIME};
    use assay_math::Go;
    use std::collections::BTreeMap;

    fn table(edges: EdgeBlock) -> EdgeTable {
        EdgeTable::new(edges, 4, 5, Kinds::Two)
    }

    #[test]
    fn each_edge_is_left_once_at_its_earliest_time() {
        let mut t = table(EdgeBlock {
            source: vec![2, 0, 2, 2, 0, 2],
            target: vec![1, 4, 1, 0, 4, 1],
            at_s: vec![50, NO_TIME, 20, 7, NO_TIME, 20],
            weight: vec![9.0, 1.0, 2.0, 3.0, 4.0, 5.0],
        });
        assert_eq!(t.deduplicate(), 3);
        let expected = EdgeBlock {
            source: vec![0, 2, 2],
            target: vec![4, 0, 1],
            at_s: vec![NO_TIME, 7, 20],
            weight: vec![4.0, 3.0, 5.0],
        };
        assert_eq!(*t.edges(), expected);
        assert_eq!(t.deduplicate(), 0);
        assert_eq!(*t.edges(), expected);
    }

    /// Against a sorted map, on made edges.
    #[test]
    fn order_does_not_matter() {
        let mut x = 1_u64;
        let mut draw = |below: u64| {
            x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (x >> 33) % below
        };
        for timed in [false, true] {
            let rows: Vec<(u32, u32, i64)> =
                (0..400).map(|_| (draw(4) as u32, draw(5) as u32, draw(90) as i64)).collect();
            let mut earliest = BTreeMap::new();
            for (s, t, at) in &rows {
                let known = earliest.entry((*s, *t)).or_insert(*at);
                *known = (*known).min(*at);
            }
            let mut made = table(EdgeBlock {
                source: rows.iter().map(|r| r.0).collect(),
                target: rows.iter().map(|r| r.1).collect(),
                at_s: rows.iter().map(|r| r.2).filter(|_| timed).collect(),
                weight: Vec::new(),
            });
            assert_eq!(made.deduplicate() as usize, rows.len() - earliest.len());
            let edges = made.edges();
            assert!(edges.source.iter().copied().zip(edges.target.iter().copied()).eq(earliest.keys().copied()));
            assert!(!timed || edges.at_s.iter().eq(earliest.values()));
        }
    }

    #[test]
    fn a_pass_ends_when_told_to() {
        let mut t = table(EdgeBlock { source: vec![0], target: vec![0], ..EdgeBlock::default() });
        assert_eq!(t.pass(&mut |_| Go::Stop), Err(EdgesError::Stopped));
        let mut n = 0;
        assert_eq!(
            t.pass(&mut |block| {
                n += block.len();
                Go::On
            }),
            Ok(())
        );
        assert_eq!(n, 1);
    }
}
