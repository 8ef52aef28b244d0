//! What a search for rings answers, as plain data.

use super::Warning;
use assay_math::Seed;
use assay_model::edges::{EdgeCounts, EdgeNames};
use assay_model::{RingPicture, RingWindow, Rings, SourceFile};

/// What a search for rings answers.
#[derive(Debug, Clone)]
pub struct RingsReport {
    /// The seed that every random step forked from.
    pub seed: Seed,
    /// The share of false rings among those reported that is put up with, 0..1.
    pub fdr: f64,
    /// The files that were read.
    pub inputs: Vec<SourceFile>,
    /// What became of their rows.
    pub counts: EdgeCounts,
    /// How sources and targets are called.
    pub names: EdgeNames,
    /// Sources with an edge.
    pub n_sources: u64,
    /// Targets with an edge.
    pub n_targets: u64,
    /// Edges, each once.
    pub n_edges: u64,
    /// The time that the edges are about; `None` where they have no times.
    pub window: Option<RingWindow>,
    /// The rings, and what was set aside.
    pub rings: Rings,
    /// A picture of each of the first rings, in their order.
    pub pictures: Vec<RingPicture>,
    /// What the reader must know before relying on the answer.
    pub warnings: Vec<Warning>,
}
