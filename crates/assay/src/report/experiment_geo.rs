//! The reading of a geo test as plain data, with where it comes from.

use super::Warning;
use crate::pipeline::GeoOptions;
use assay_experiment::calibrate::Calibration;
use assay_experiment::geo::GeoReading;
use assay_math::Seed;
use assay_model::{Reject, SourceFile};

/// What `assay experiment read-geo` answers.
#[derive(Debug)]
pub struct GeoReport {
    /// Where choices of markets are drawn from.
    pub seed: Seed,
    /// The table.
    pub file: SourceFile,
    /// The first rows that could not be used.
    pub rejects: Vec<Reject>,
    /// What was asked.
    pub options: GeoOptions,
    /// What was found.
    pub reading: GeoReading,
    /// Placebo tests on the days before, where they were asked for and there are enough days.
    pub calibration: Option<Calibration>,
    /// What the reader must know.
    pub warnings: Vec<Warning>,
}
