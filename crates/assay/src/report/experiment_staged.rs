//! The reading of a staged removal as plain data.

use super::Origin;
use crate::pipeline::PlanUsed;
use assay_experiment::staged::{StagedReading, StagedWeek};
use assay_reach::page::Target;

/// What `assay experiment read-weeks --plan` answers of a staged removal.
#[derive(Debug)]
pub struct StagedReport {
    /// Where it comes from.
    pub origin: Origin,
    /// The plan.
    pub plan: PlanUsed,
    /// What was measured.
    pub target: Target,
    /// How often the interval holds the truth, 0..1.
    pub confidence: f64,
    /// The first day, in days since 1970.
    pub first: i64,
    /// Weeks that were planned.
    pub n_weeks: u32,
    /// Days at the start of every week that are not counted.
    pub hold_out_days: u32,
    /// The steps: day and followers.
    pub steps: Vec<(String, f64)>,
    /// The weeks of the steps, from 0.
    pub schedule: Vec<u32>,
    /// The smallest gain, as a logarithm, that was to be found four times of five.
    pub detectable: Option<f64>,
    /// The weeks that were measured.
    pub weeks: Vec<StagedWeek>,
    /// What was found.
    pub reading: StagedReading,
    /// What is thought of each mechanism.
    pub mechanisms: Vec<WeighedMechanism>,
}

/// A mechanism before and after.
#[derive(Debug, Clone, PartialEq)]
pub struct WeighedMechanism {
    /// Its name.
    pub id: String,
    /// Its weight before the experiment, 0..1.
    pub weight_before: f64,
    /// Its weight after it.
    pub weight_after: f64,
    /// What it foresaw, as logarithms: the lowest of nine tenths, the middle, the highest.
    pub foreseen: [f64; 3],
}
