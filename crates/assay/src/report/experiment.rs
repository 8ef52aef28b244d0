//! The reading of an experiment as plain data, with where it comes from.

use super::Warning;
use crate::pipeline::PlanUsed;
use assay_experiment::over_time::OverTime;
use assay_experiment::reading::SplitReading;
use assay_experiment::segments::ArmSegments;
use assay_math::Seed;
use assay_model::{Reject, SourceFile};

/// What `assay experiment read` answers.
#[derive(Debug)]
pub struct ExperimentReport {
    /// The seed; a reading takes no random step, and says the seed all the same, as every document does.
    pub seed: Seed,
    /// The table.
    pub file: SourceFile,
    /// The first rows that could not be used.
    pub rejects: Vec<Reject>,
    /// What was found.
    pub reading: SplitReading,
    /// What the reader must know.
    pub warnings: Vec<Warning>,
    /// The plan that it goes by.
    pub plan: Option<PlanUsed>,
    /// Effects by segment, arm by arm.
    pub segments: Vec<ArmSegments>,
    /// The split over its days, arm by arm.
    pub over_time: Vec<OverTime>,
    /// Units over all arms that come in a week.
    pub per_week: Option<u64>,
}

/// What was read by a sealed plan, by its design.
#[derive(Debug)]
pub enum PlannedReading {
    /// A split.
    Split(Box<ExperimentReport>),
    /// Markets.
    Markets(Box<super::GeoReport>),
    /// Weeks on and off.
    Weeks(Box<super::WeeksReport>),
    /// A staged removal.
    Staged(Box<super::StagedReport>),
}

impl PlannedReading {
    /// The first file that was read.
    pub fn file(&self) -> Option<&SourceFile> {
        match self {
            Self::Split(report) => Some(&report.file),
            Self::Markets(report) => Some(&report.file),
            Self::Weeks(report) => report.origin.files.first(),
            Self::Staged(report) => report.origin.files.first(),
        }
    }

    /// Drops the rows that could not be used, whose cells may name persons; how many there are stays.
    pub fn drop_rows(&mut self) {
        let (rejects, warnings, n) = match self {
            Self::Split(report) => (&mut report.rejects, &mut report.warnings, report.file.rejected),
            Self::Markets(report) => (&mut report.rejects, &mut report.warnings, report.file.rejected),
            Self::Weeks(report) => of_origin(&mut report.origin),
            Self::Staged(report) => of_origin(&mut report.origin),
        };
        rejects.clear();
        for warning in warnings.iter_mut().filter(|w| w.id == "rejected-rows") {
            // It quotes the first of them.
            warning.text = format!("{n} rows could not be used");
        }
    }
}

fn of_origin(origin: &mut super::Origin) -> (&mut Vec<Reject>, &mut Vec<Warning>, u64) {
    (&mut origin.rejects, &mut origin.warnings, origin.n_rejected)
}
