//! Several past tests as plain data.

use super::Origin;
use assay_experiment::past_tests::{PastTest, Together};

/// What `assay experiment history` answers.
#[derive(Debug)]
pub struct HistoryReport {
    /// Where it comes from.
    pub origin: Origin,
    /// Confidence of intervals.
    pub confidence: f64,
    /// The tests by name, as they were read.
    pub tests: Vec<(String, PastTest)>,
    /// What is believed of them together.
    pub found: Together,
}
