//! The edges of many nodes in one row.
//!
//! Most nodes of a usual graph have a few edges and some have very many. A loop over the neighbours of one node after another
//! stumbles at the end of each, which the processor cannot guess, and has little time to ask for states ahead. So the neighbours
//! of the next nodes are copied side by side first, a fixed number at a time whatever their number is, and then one long loop
//! goes over them all.

use super::Bipartite;
use super::csr::View;
use super::prefetch::prefetch;

/// How many neighbours a batch has at least, if there are as many, and how many of one row are taken at a time.
const BATCH: usize = 2048;
/// How many neighbours are copied at once; what is beyond the end of the row is overwritten by the next.
const LANE: usize = 16;
/// How many nodes ahead the place of a row, and a row, are asked for.
const AHEAD_PLACE: usize = 24;
const AHEAD_ROW: usize = 12;
/// How many neighbours ahead a loop over a batch may look: a batch has so many more that mean nothing.
pub(super) const AHEAD: usize = 32;

/// A batch of edges.
pub(super) struct Edges<'g> {
    rows: [View<'g>; 2],
    n_sources: u32,
    nodes: Vec<u32>,
    n: usize,
    /// What the last row has beyond the batch, and what to add to a neighbour to have its node.
    rest: &'g [u32],
    base: u32,
}

impl<'g> Edges<'g> {
    pub(super) fn new(graph: &'g Bipartite) -> Self {
        let rows = [graph.by_source.view(), graph.by_target.view()];
        let nodes = vec![0; 2 * BATCH + LANE + AHEAD];
        Self { rows, n_sources: graph.n_sources(), nodes, n: 0, rest: &[], base: 0 }
    }

    /// The neighbours in this batch as nodes, and [`AHEAD`] more that mean nothing.
    #[inline]
    pub(super) fn batch(&self) -> &[u32] {
        &self.nodes[..self.n + AHEAD]
    }

    /// Begins a batch with the neighbours of the first of these nodes; says of how many. They must be taken up whole, that is
    /// with [`Self::go_on`] until it says no, before the next batch.
    #[inline]
    pub(super) fn begin(&mut self, nodes: &[u32]) -> usize {
        self.n = 0;
        let mut n_nodes = 0;
        while self.n < BATCH && self.rest.is_empty() && n_nodes < nodes.len() {
            self.ask(nodes, n_nodes);
            let (view, row, base) = self.place(nodes[n_nodes]);
            n_nodes += 1;
            let (from, to) = (view.offsets[row] as usize, view.offsets[row + 1] as usize);
            match view.neighbours.get(from..from + LANE) {
                Some(lane) if to - from <= LANE => {
                    let slots = &mut self.nodes[self.n..self.n + LANE];
                    slots.iter_mut().zip(lane).for_each(|(slot, &j)| *slot = base.wrapping_add(j));
                    self.n += to - from;
                }
                _ => {
                    (self.rest, self.base) = (&view.neighbours[from..to], base);
                    self.take_rest();
                }
            }
        }
        n_nodes
    }

    /// The next batch of the same nodes, if they have more neighbours.
    #[inline]
    pub(super) fn go_on(&mut self) -> bool {
        self.n = 0;
        self.take_rest();
        self.n > 0
    }

    fn take_rest(&mut self) {
        let (now, later) = self.rest.split_at(self.rest.len().min(BATCH));
        let slots = &mut self.nodes[self.n..self.n + now.len()];
        slots.iter_mut().zip(now).for_each(|(slot, &j)| *slot = self.base + j);
        self.n += now.len();
        self.rest = later;
    }

    /// The rows that hold a node's, which of them it is, and what to add to a neighbour to have its node.
    #[inline]
    fn place(&self, node: u32) -> (&View<'g>, usize, u32) {
        match node.checked_sub(self.n_sources) {
            None => (&self.rows[0], node as usize, self.n_sources),
            Some(target) => (&self.rows[1], target as usize, 0),
        }
    }

    /// Asks for what the nodes ahead of the `k`th will need.
    #[inline]
    fn ask(&self, nodes: &[u32], k: usize) {
        if let Some(&node) = nodes.get(k + AHEAD_PLACE) {
            let (view, row, _) = self.place(node);
            prefetch(view.offsets, row);
        }
        if let Some(&node) = nodes.get(k + AHEAD_ROW) {
            let (view, row, _) = self.place(node);
            let from = view.offsets[row] as usize;
            prefetch(view.neighbours, from);
            prefetch(view.neighbours, from + LANE - 1);
        }
    }
}
