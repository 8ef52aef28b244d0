//! Who gets what, as plain data.

use super::Origin;
use crate::pipeline::How;
use assay_experiment::assign::Drawn;
use jiff::civil::Date;

/// What `assay experiment assign` answers.
#[derive(Debug)]
pub struct AssignReport {
    /// Where it comes from.
    pub origin: Origin,
    /// The arms, the control first, with their weights.
    pub arms: Vec<(String, f64)>,
    /// What the draws were salted with.
    pub salt: String,
    /// How units were sorted into arms.
    pub how: How,
    /// Columns that make up strata.
    pub strata: Vec<String>,
    /// Strata.
    pub n_strata: usize,
    /// Units left out because an audit holds them to be inauthentic.
    pub n_excluded: u64,
    /// From which probability on.
    pub excluded_above: Option<f64>,
    /// The units, in the order of the list.
    pub rows: Vec<Assigned>,
}

/// A unit and its arm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assigned {
    /// Its id.
    pub id: String,
    /// The place of its arm.
    pub arm: usize,
    /// Its stratum; empty without strata.
    pub stratum: String,
    /// The number of its matched group.
    pub group: Option<usize>,
    /// Its mail address.
    pub email: Option<String>,
}

/// A list for a tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutList {
    /// Meta's custom audiences: hashed addresses.
    Meta,
    /// Google's customer match: hashed addresses.
    Google,
    /// Mail tools: addresses with the arm as a tag.
    Mail,
}

/// Weeks on and off.
#[derive(Debug)]
pub struct WeekSchedule {
    /// What the draws were salted with.
    pub salt: String,
    /// How the weeks were drawn.
    pub drawn: Drawn,
    /// The smallest p-value that they allow, one-sided.
    pub smallest_p: f64,
    /// The weeks.
    pub rows: Vec<ScheduledWeek>,
}

/// A week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledWeek {
    /// Its first day.
    pub first: Date,
    /// The day from which it counts.
    pub counted_from: Date,
    /// Its last day.
    pub last: Date,
    /// Its arm.
    pub arm: String,
}
