//! Tables of edges as blocks, and the packed form of a graph.
