//! Graphs of two sides: compressed rows both ways, peeling, cores, components, min-hash, pruning in passes.
//!
//! A graph joins *sources* and *targets*. Both are dense indices from 0; where a kernel speaks of *nodes*, sources are
//! `0..n_sources` and targets follow, `n_sources..n_sources + n_targets`. Relations within one kind of account are graphs of
//! two sides as well, whose two sides happen to have the same names. Edges are a set: [`build`] drops duplicates and counts
//! them.
//!
//! Every kernel is deterministic at any number of threads: priorities are integers in fixed point and ties fall to the
//! lower index or to the order of insertion, never to a clock or an address.

mod bits;
mod build;
mod components;
mod cores;
mod csr;
mod edges;
mod greedy;
mod memory;
mod min_hash;
mod pages;
mod pairs;
mod peel;
mod prefetch;
mod prune;
mod queue;
mod rows;
mod shed;
#[cfg(test)]
mod small;
mod weights;

pub use bits::Bits;
pub use build::{BuildError, Built, build};
pub use components::{components, groups_within};
pub use cores::cores;
pub use csr::{Bipartite, Csr};
pub use greedy::{Decomposition, Level, greedy_pp};
pub use memory::{memory_build, memory_components, memory_cores, memory_graph, memory_greedy_pp, memory_peel};
pub use min_hash::{SimilarPair, Similarity, Sketches};
pub use pairs::{PairSlices, Pairs};
pub use peel::{Peeling, Queue, peel};
pub use prune::{Alive, PruneUntil, prune_streaming};
pub use weights::Weights;
