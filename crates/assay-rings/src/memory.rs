//! What a search takes.

use crate::moves::AGGREGATE_MAX;
use crate::seeds::BINS;
use assay_math::graph::{memory_build, memory_greedy_pp};

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
    let graph = 8 * n_edges + 8 * (u64::from(n_sources) + u64::from(n_targets)) + 4 * n_edges;
    let of_cells = 4 * u64::from(n_cells);
    // Buckets and places, pairs, then their graph beside the pairs.
    let making = 8 * n_edges + (4 * n_edges + 8 * u64::from(n_targets)).max(memory_build(n_sources, n_cells, n_edges));
    // Sketches of sources with two edges or more, each with its place in a band, its root and its number.
    let alike = u64::from(n_sources).min(n_edges / 2) * (4 * u64::from(BINS) + 16 + 4 + 4)
        + 8 * n_edges
        + 8 * (u64::from(n_sources) + u64::from(n_cells));
    let cells = making.max(seeking(n_sources, n_cells, n_edges)).max(alike);
    (links + 4 * n_edges).max(graph + of_cells + cells)
}

/// While one graph is searched, itself included: peeling, or groups with their ends and weights, and what is drawn together;
/// counters of both sides beside either.
fn seeking(n_sources: u32, n_targets: u32, n_edges: u64) -> u64 {
    let nodes = u64::from(n_sources) + u64::from(n_targets);
    let drawn = if n_edges <= AGGREGATE_MAX { 16 * n_edges } else { 0 };
    let moves = 8 * n_edges + 8 * nodes + 24 * nodes + drawn;
    memory_greedy_pp(n_sources, n_targets, n_edges).max(moves) + 4 * nodes
}
