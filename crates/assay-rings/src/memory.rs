//! What a search takes.

use crate::moves::AGGREGATE_MAX;
use assay_math::graph::memory_greedy_pp;

/// The most bytes held while [`crate::find`] runs, the graph and its times included.
pub fn memory(n_sources: u32, n_targets: u32, n_edges: u64, timed: bool) -> u64 {
    let nodes = u64::from(n_sources) + u64::from(n_targets);
    let peel = memory_greedy_pp(n_sources, n_targets, n_edges);
    // Groups and their ends, weights to groups, counters; and what is drawn together.
    let drawn = if n_edges <= AGGREGATE_MAX { 16 * n_edges } else { 0 };
    let moves = 8 * n_edges + 8 * nodes + 24 * nodes + drawn;
    // Times; the buckets and pairs of cells, and their graph.
    let times = if timed { 4 * n_edges + 20 * n_edges } else { 0 };
    peel.max(moves) + times
}
