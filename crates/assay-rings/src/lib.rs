//! Groups of accounts that act in lockstep, in follow and like graphs of up to 1.5 billion edges.
//!
//! [`find`] looks for all rings in one run: seeds (levels of density, shut groups, accounts with the same cells of target and
//! time) settle into blocks ([`block`]), blocks are judged against chance and against communities ([`judge`]), and what passes
//! both at the asked false-discovery rate is a ring. Nothing here reads a file or a clock: it gets a graph, times, a seed and
//! a tick.

pub mod block;
mod cohesion;
mod decide;
mod find;
pub mod judge;
mod memory;
pub mod moves;
pub mod null;
mod picture;
mod progress;
pub mod seeds;
mod singles;
mod times;
mod whole;
mod windows;

#[cfg(test)]
mod tests;

pub use block::{Degrees, EDGES_MIN};
pub use find::{Asked, find, find_pruned, find_pruned_timed};
pub use memory::{LeftOut, memory, memory_beside};
pub use picture::picture;
pub use times::{Cells, Flow, NO_TIME, Times};
pub use whole::{Beside, Whole};
