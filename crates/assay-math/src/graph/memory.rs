//! How many bytes each kernel takes at most, so that a program can say so before it starts.
//!
//! Figures are of the arrays that grow with the graph; what is passed in is counted where it is held all the while, and said.

use super::csr::BUFFER_BYTES;

/// While [`super::build`] runs, the finished graph included: four bytes an edge each way, eight a node, and a buffer of two
/// bytes an edge, a gibibyte at most.
pub fn memory_build(n_sources: u32, n_targets: u32, n_pairs: u64) -> u64 {
    memory_graph(n_sources, n_targets, n_pairs) + BUFFER_BYTES.min(2 * n_pairs)
}

/// A finished graph.
pub fn memory_graph(n_sources: u32, n_targets: u32, n_edges: u64) -> u64 {
    8 * n_edges + 8 * nodes(n_sources, n_targets)
}

fn nodes(n_sources: u32, n_targets: u32) -> u64 {
    u64::from(n_sources) + u64::from(n_targets) + 2
}

/// While [`super::peel`] runs, the graph included: state, order, those left and entries of the queue, 24 bytes a node; and rows
/// of what may be left when the rest is shed, or a graph of it with at most half of the edges: four bytes an edge at most.
pub fn memory_peel(n_sources: u32, n_targets: u32, n_edges: u64) -> u64 {
    memory_of_queue(n_sources, n_targets, n_edges) + 4 * n_edges
}

fn memory_of_queue(n_sources: u32, n_targets: u32, n_edges: u64) -> u64 {
    memory_graph(n_sources, n_targets, n_edges) + 24 * nodes(n_sources, n_targets) + 4 * u64::from(n_targets)
}

/// While [`super::greedy_pp`] runs, the graph included: what a queue takes, loads and the best nodes met, twelve bytes a node
/// (the queue's entries are those of a window, a sixth of the nodes: 36 bytes a node are an upper bound); or afterwards order,
/// places, the best nodes and levels, at most 28.
pub fn memory_greedy_pp(n_sources: u32, n_targets: u32, n_edges: u64) -> u64 {
    memory_of_queue(n_sources, n_targets, n_edges) + 12 * nodes(n_sources, n_targets)
}

/// While [`super::cores`] runs, the graph included: state, line and those left, 12 bytes a node; or afterwards core besides.
pub fn memory_cores(n_sources: u32, n_targets: u32, n_edges: u64) -> u64 {
    memory_graph(n_sources, n_targets, n_edges) + 16 * nodes(n_sources, n_targets)
}

/// While [`super::components`] runs, the graph included: a parent, four bytes a node.
pub fn memory_components(n_sources: u32, n_targets: u32, n_edges: u64) -> u64 {
    memory_graph(n_sources, n_targets, n_edges) + 4 * nodes(n_sources, n_targets)
}
