//! Edges: which source acted on which target, and when. A follow, a like or a star is an edge from an account to a page,
//! post or project.
//!
//! Sources and targets are numbered from 0; [`EdgeNames`] tells how a number was written in the input. Numbers are given in
//! the order of the names, and rows of a table stand in the order of (source, target), so that neither the order of rows nor
//! that of files changes anything.

mod counts;
mod names;
mod ranked;
mod table;

pub use counts::{EdgeCounts, REJECTS_KEPT};
pub use names::{EdgeNames, Names};
pub use ranked::RankedSet;
pub use table::{BLOCK_EDGES, EdgeTable};

use crate::problem::Problem;
use assay_math::{Go, Stopped};
use std::{error, fmt};

/// The time of an edge that has none, in a table where others have one.
pub const NO_TIME: i64 = i64::MIN;

/// Some edges: columns of equal length.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EdgeBlock {
    /// Who acted: numbers below [`EdgeShape::n_sources`].
    pub source: Vec<u32>,
    /// On whom or what: numbers below [`EdgeShape::n_targets`].
    pub target: Vec<u32>,
    /// When, in seconds since 1970 (UTC), or [`NO_TIME`]; empty where no edge has a time.
    pub at_s: Vec<i64>,
    /// How often or how strongly, finite and not negative; empty where the input does not say.
    pub weight: Vec<f32>,
}

impl EdgeBlock {
    /// How many edges.
    pub fn len(&self) -> usize {
        self.source.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.source.is_empty()
    }

    /// Takes all edges out, and keeps the memory.
    pub fn clear(&mut self) {
        self.source.clear();
        self.target.clear();
        self.at_s.clear();
        self.weight.clear();
    }
}

/// What is known of edges before they are passed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EdgeShape {
    /// Sources are numbered below this.
    pub n_sources: u32,
    /// Targets are numbered below this; the same as `n_sources` where both are of one kind.
    pub n_targets: u32,
    /// Edges in a pass. Where they come from a file pass by pass, the same edge may stand among them more than once.
    pub n_edges: u64,
    /// Whether edges have times.
    pub timed: bool,
    /// Whether edges have weights.
    pub weighted: bool,
    /// Whether sources and targets are of one kind and share their numbers.
    pub kinds: Kinds,
}

/// Whether sources and targets are accounts of one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kinds {
    /// Sources act on targets of another kind: numbers and names are apiece.
    #[default]
    Two,
    /// Sources and targets are of one kind, as in "who follows whom": one name, one number. An edge from an account to itself
    /// is left out and counted.
    One,
}

/// Edges that can be passed over many times, always in the same order.
pub trait EdgePasses {
    /// How many there are, and what they have.
    fn shape(&self) -> EdgeShape;

    /// Hands all edges, block by block, to `each`, which may end the pass.
    ///
    /// # Errors
    /// [`EdgesError::Stopped`] if `each` says so; a problem if they come from a file that can no longer be read.
    fn pass(&mut self, each: &mut dyn FnMut(&EdgeBlock) -> Go) -> Result<(), EdgesError>;
}

/// What ends a reading of edges before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EdgesError {
    /// The caller answered [`Go::Stop`].
    Stopped,
    /// The edges cannot be read.
    Problem(Box<Problem>),
}

impl EdgesError {
    /// Makes a problem.
    pub fn new(
        expected: impl Into<String>,
        found: impl Into<String>,
        place: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::Problem(Problem::boxed(expected, found, place, hint))
    }
}

impl fmt::Display for EdgesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => Stopped.fmt(f),
            Self::Problem(problem) => problem.fmt(f),
        }
    }
}

impl error::Error for EdgesError {}

impl From<Stopped> for EdgesError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}
