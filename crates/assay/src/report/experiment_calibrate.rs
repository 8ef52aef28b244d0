//! How often a reading errs on a history, as plain data.

use super::Origin;
use crate::pipeline::CalibrateOf;
use assay_experiment::calibrate::Calibration;
use assay_model::Outcome;

/// What `assay experiment calibrate` answers.
#[derive(Debug)]
pub struct CalibrateReport {
    /// Where it comes from.
    pub origin: Origin,
    /// What was tried.
    pub of: CalibrateOf,
    /// What was counted.
    pub found: Outcome<Calibration>,
}
