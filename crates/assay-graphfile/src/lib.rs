//! Tables of edges as blocks, and the packed form of a graph.
//!
//! [`EdgeFiles::open`] lists what the user passed and finds out which columns are source, target, time and weight;
//! [`EdgeFiles::read`] holds the edges in memory, [`EdgeFiles::survey`] numbers their ids alone and reads the files again at every
//! pass. Either way ids are numbered in the order of their names, so that neither the order of rows nor that of files matters.

mod columns;
mod delimited;
mod input;
mod intern;
mod json_lines;
mod limits;
mod packed;
mod parquet;
mod raw;
mod reading;
mod sample;
mod table;
mod text_blocks;
mod unpack;
mod value;
mod write;

#[cfg(test)]
mod tests;

pub use columns::{ColumnChoice, EDGE_COLUMNS};
pub use limits::Limits;
pub use packed::{
    Packed, PackedPasses, PackedShape, PackedTimes, ToPack, is_packed, read_packed, read_shape, write_packed,
};
pub use reading::{EdgeFiles, Expected, FilePasses, ReadEdges, ReadOptions};
pub use sample::{Sampled, SampledIds};
pub use write::{TableForm, WriteError, write_edges};
