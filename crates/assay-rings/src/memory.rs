//! What a search takes.

use crate::moves::AGGREGATE_MAX;
use crate::seeds::BINS;
use crate::whole::Beside;
use assay_math::graph::{memory_build, memory_graph, memory_greedy_pp};

/// The most bytes held while [`crate::find`] runs, the graph and its times included.
///
/// With times the graph of cells is searched besides; a cell joins two sources or more, so there are half as many cells as edges
/// at most. That is a bound: few edges share their cell in a graph where it is reached.
pub fn memory(n_sources: u32, n_targets: u32, n_edges: u64, timed: bool) -> u64 {
    let links = seeking(n_sources, n_targets, n_edges);
    if !timed {
        return links;
    }
    let n_cells = u32::try_from(n_edges / 2).unwrap_or(u32::MAX);
    let graph = memory_graph(n_sources, n_targets, n_edges) + 4 * n_edges;
    let of_cells = 4 * u64::from(n_cells);
    // Buckets and places, pairs, then their graph beside the pairs.
    let making = 8 * n_edges + (4 * n_edges + 8 * u64::from(n_targets)).max(memory_build(n_sources, n_cells, n_edges));
    // Sketches of sources with two edges or more, each with its place in a band, its root and its number.
    let alike = u64::from(n_sources).min(n_edges / 2) * (4 * u64::from(BINS) + 16 + 4 + 4)
        + memory_graph(n_sources, n_cells, n_edges);
    let cells = making.max(seeking(n_sources, n_cells, n_edges)).max(alike);
    (links + 4 * n_edges).max(graph + of_cells + cells)
}

/// Edges that pruning left out, where they have times.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeftOut {
    /// How many.
    pub n_edges: u64,
    /// How many edges members were asked to have.
    pub least: u32,
}

/// The most bytes held beside a pruned graph of so many edges left: degrees in the whole, and with times what [`crate::Whole`] keeps of
/// edges with one end left out, of which each node left out has fewer than it was asked for, and what is known of cells.
pub fn memory_beside(n_sources: u32, n_targets: u32, n_edges: u64, timed: Option<LeftOut>) -> u64 {
    let nodes = u64::from(n_sources) + u64::from(n_targets);
    let of_whole = |left_out: LeftOut| {
        let n_kept = (u64::from(left_out.least.saturating_sub(1)) * nodes).min(left_out.n_edges);
        (size_of::<Beside>() as u64 + 1) * n_kept + 4 * u64::from(n_sources) + 2 * n_edges
    };
    4 * nodes + timed.map_or(0, of_whole)
}

/// While one graph is searched, itself included: peeling, or moves; counters of both sides beside either.
fn seeking(n_sources: u32, n_targets: u32, n_edges: u64) -> u64 {
    let nodes = u64::from(n_sources) + u64::from(n_targets);
    // A graph of more edges may take less than the largest whose groups are drawn together; it is stated no lower, so that fewer
    // edges never take more.
    let moves = moves(n_sources, n_targets, n_edges).max(moves(n_sources, n_targets, n_edges.min(AGGREGATE_MAX)));
    memory_greedy_pp(n_sources, n_targets, n_edges).max(moves) + 4 * nodes
}

/// While nodes are moved, the graph included: groups with their ends and weights, 24 bytes a node. Where groups are drawn together,
/// the groups of two levels too, and what is drawn if no two nodes shared a group: both ways of each edge with its weight, ends
/// and an offset for each node.
fn moves(n_sources: u32, n_targets: u32, n_edges: u64) -> u64 {
    let nodes = u64::from(n_sources) + u64::from(n_targets);
    let drawn = if n_edges <= AGGREGATE_MAX { 16 * n_edges + (8 + 24) * nodes } else { 0 };
    memory_graph(n_sources, n_targets, n_edges) + 24 * nodes + drawn
}

#[cfg(test)]
mod tests {
    use super::memory;
    use crate::moves::AGGREGATE_MAX;

    #[test]
    fn fewer_edges_never_take_more() {
        for timed in [false, true] {
            for n in [1_000, 3_000_000] {
                let of = |n_edges| memory(n, n, n_edges, timed);
                let around =
                    (1..2_000).map(|k| k * (AGGREGATE_MAX / 500)).chain([AGGREGATE_MAX + 1, 2 * AGGREGATE_MAX + 2]);
                let mut edges: Vec<u64> = around.collect();
                edges.sort_unstable();
                for pair in edges.windows(2) {
                    assert!(of(pair[0]) <= of(pair[1]), "{pair:?} edges, {n} nodes a side, times: {timed}");
                }
            }
        }
    }
}
