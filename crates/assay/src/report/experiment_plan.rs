//! What a test could find out, as plain data.

use super::Origin;
use assay_experiment::plan::past::PastWeeks;
use assay_experiment::plan::segments::{ByFactor, Factor};
use assay_experiment::plan::{Aim, Appraisal};

/// What `assay experiment plan` answers.
#[derive(Debug)]
pub struct PlanReport {
    /// Where it comes from.
    pub origin: Origin,
    /// What the user wants and believes.
    pub aim: Aim,
    /// Whether money was named.
    pub in_money: bool,
    /// What the past says of weeks.
    pub past: Option<PastWeeks>,
    /// The designs that the user has the means for, in the order of trust.
    pub appraisals: Vec<Appraisal>,
    /// The place of the one to run, if any.
    pub chosen: Option<usize>,
    /// Sets of markets, the best first.
    pub sets: Vec<MarketChoice>,
    /// What a reading of the own list by segment could find, where segments were named.
    pub segments: Option<PlanSegments>,
    /// What could be named for further designs: the design, and what it takes.
    pub missing: Vec<(&'static str, &'static str)>,
    /// What was assumed for want of history.
    pub assumed: Vec<String>,
}

/// Segments of a list.
#[derive(Debug)]
pub struct PlanSegments {
    /// The lift that is worth finding in a segment.
    pub lift: f64,
    /// People of the list.
    pub n_people: f64,
    /// The factors, and what a reading by each finds; `None` where it draws nothing together.
    pub factors: Vec<(Factor, Option<ByFactor>)>,
    /// Cells of all factors.
    pub n_cells: u64,
    /// Units an arm in the smallest of them.
    pub n_smallest_cell: f64,
}

/// A set of markets that could be treated.
#[derive(Debug)]
pub struct MarketChoice {
    /// The markets.
    pub treated: Vec<String>,
    /// What the set brings over the test, untreated.
    pub baseline: f64,
    /// Standard error of the test's total.
    pub error: f64,
    /// The lift that it detects.
    pub detectable_lift: f64,
    /// Its gaps over those of equal weights.
    pub scaled_gap: f64,
}
