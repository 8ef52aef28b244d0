//! The packed form of a graph: compressed rows both ways, times, names, and what became of the rows it was made of, so that a
//! second run starts at once.
//!
//! A header of 4 KiB is followed by sections, each of which begins at a multiple of 2 MiB (4 KiB in small files), so that it can be
//! mapped as well as read; whole numbers are little-endian:
//!
//! | section | what |
//! |---|---|
//! | 1, 2 | offsets (8 bytes, one more than there are sources) and targets (4 bytes an edge) of each source |
//! | 3, 4 | the same of each target |
//! | 5 | times in the order of section 2: seconds behind the first, 4 bytes, the largest number for none; only if there are times |
//! | 6, 7 | names of sources, and of targets where they are of another kind |
//! | 8 | what it was made of: counts, files and notes, as JSON |
//!
//! Nothing in a file is believed: the header has a checksum and so has every section, lengths are compared with the size of
//! the file before memory is given to them, rows must rise and stay within their bounds, and both directions must hold the same
//! edges. assay reads sections into memory on huge pages rather than mapping them: kernels read at random places, which is 2.5
//! times as fast there (docs/decisions), and a mapped file may be changed by others while it is used.

mod header;
mod names;
mod origin;
mod passes;
mod read;
mod sum;
#[cfg(test)]
mod tests;
mod write;

pub use header::{PackedShape, is_packed};
pub use passes::PackedPasses;
pub use read::{Packed, read_packed, read_shape};
pub use write::write_packed;

use crate::ReadEdges;
use assay_math::graph::Bipartite;
use assay_model::edges::Kinds;

/// A graph with all that is packed beside it.
#[derive(Debug, Clone, Copy)]
pub struct ToPack<'a> {
    /// The graph.
    pub graph: &'a Bipartite,
    /// The times of its edges, if it has any.
    pub times: Option<PackedTimes<'a>>,
    /// Whether both sides are of one kind.
    pub kinds: Kinds,
    /// How they are called, and what they were made of.
    pub read: &'a ReadEdges,
}

/// Times of edges, in the order of the sources' rows.
#[derive(Debug, Clone, Copy)]
pub struct PackedTimes<'a> {
    /// The first time, in seconds since 1970.
    pub first_s: i64,
    /// Seconds behind it; [`u32::MAX`] where an edge has no time.
    pub after_s: &'a [u32],
}
