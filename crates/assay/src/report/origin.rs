//! Where an answer comes from.

use super::Warning;
use assay_math::Seed;
use assay_model::{Reject, SourceFile, Span};

/// What a report says of where its answer comes from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// Where every random step started.
    pub seed: Option<Seed>,
    /// The files read.
    pub files: Vec<SourceFile>,
    /// The first rejected rows.
    pub rejects: Vec<Reject>,
    /// How many rows were rejected in all.
    pub n_rejected: u64,
    /// The time that the rows are of.
    pub window: Option<Span>,
    /// What the reader must know.
    pub warnings: Vec<Warning>,
}
