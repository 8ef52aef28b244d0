//! What a test could find out, as plain data.

use super::Origin;
use assay_experiment::plan::past::PastWeeks;
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
    /// What could be named for further designs: the design, and what it takes.
    pub missing: Vec<(&'static str, &'static str)>,
    /// What was assumed for want of history.
    pub assumed: Vec<String>,
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
