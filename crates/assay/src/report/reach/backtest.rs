//! How well reach is foretold.

use super::Origin;
use assay_model::Outcome;
use assay_reach::page::{Backtest, Target};

/// What `assay reach backtest` answers.
#[derive(Debug, Clone)]
pub struct BacktestReport {
    /// Where it comes from.
    pub origin: Origin,
    /// What was foretold.
    pub target: Target,
    /// The scores, or why there are none.
    pub answer: Outcome<Backtest>,
}
