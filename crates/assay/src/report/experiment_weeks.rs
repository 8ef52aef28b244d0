//! The reading of weeks on and off as plain data.

use super::Origin;
use crate::pipeline::ReadWeeksOptions;
use assay_experiment::switchback::SwitchbackReading;

/// What `assay experiment read-weeks` answers.
#[derive(Debug)]
pub struct WeeksReport {
    /// Where it comes from.
    pub origin: Origin,
    /// What was asked.
    pub options: ReadWeeksOptions,
    /// The weeks that were read.
    pub weeks: Vec<ReadWeek>,
    /// What was found.
    pub reading: SwitchbackReading,
}

/// A week that was read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReadWeek {
    /// Whether it was on.
    pub is_on: bool,
    /// Its first counted day, in days since 1970.
    pub from: i64,
    /// Its last day.
    pub to: i64,
    /// The metric's mean a counted day.
    pub per_day: f64,
}
