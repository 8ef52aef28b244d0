//! The report of a simulation: a page on a simulated platform, against the same page that bought none.

use assay_model::SourceFile;
use assay_reach::feed::{Comparison, Pair, Scenario};
use serde::Serialize;

/// Which engine the user wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Engine {
    /// Cohorts where the graph is computed, agents where it is drawn or given.
    Auto,
    /// Every person.
    Agents,
    /// People who are alike.
    Cohorts,
}

/// The engine that was used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum EngineUsed {
    /// Every person.
    Agents,
    /// People who are alike.
    Cohorts,
}

/// A page on a simulated platform, against the same page that bought none.
#[derive(Debug, Clone, PartialEq)]
pub struct SimulationReport {
    /// What was simulated, defaults filled in.
    pub scenario: Scenario,
    /// By which engine.
    pub engine: EngineUsed,
    /// The first seed.
    pub seed: u64,
    /// Both worlds, by seed.
    pub pairs: Vec<Pair>,
    /// What became of the page, over seeds.
    pub comparison: Comparison,
    /// The files read.
    pub inputs: Vec<SourceFile>,
}
