//! The metrics of a business as plain data: full precision, every figure with its files.

use super::Origin;
use assay_math::Estimate;
use assay_metrics::{By, Figure, Metric, Window};
use assay_model::{Calendar, Outcome};

/// What `assay metrics` answers.
#[derive(Debug, Clone)]
pub struct MetricsReport {
    /// Where it comes from.
    pub origin: Origin,
    /// The window that was asked for.
    pub window: Window,
    /// The window before, where it is compared.
    pub compared: Option<Window>,
    /// The confidence of intervals.
    pub confidence: f64,
    /// By what figures are split beside the whole.
    pub by: Option<By>,
    /// How days and weeks are counted.
    pub calendar: Calendar,
    /// The figures of the whole, in the order of the table, then those of each group.
    pub metrics: Vec<MetricReport>,
    /// Where one metric was asked to be explained: its rows and their SQL, for each figure of it.
    pub explained: Vec<Explained>,
}

/// A figure.
#[derive(Debug, Clone)]
pub struct MetricReport {
    /// The metric.
    pub metric: &'static Metric,
    /// The group; `None` for the whole.
    pub group: Option<String>,
    /// The window of the figure.
    pub window: Window,
    /// The figure, or why there is none.
    pub figure: Outcome<Figure>,
    /// That of the window before, where it was asked for.
    pub before: Option<Outcome<Figure>>,
    /// Of a group's cost of a purchase: what it is once all groups are known, also where the group has had no purchase.
    pub pooled: Option<Estimate>,
    /// The files that its rows came from, as places in [`Origin::files`].
    pub sources: Vec<u32>,
}

/// The way back from a figure to its rows.
#[derive(Debug, Clone)]
pub struct Explained {
    /// The place of the figure in [`MetricsReport::metrics`].
    pub figure: usize,
    /// The rows, table by table.
    pub reads: Vec<ExplainedRead>,
}

/// The rows of one table.
#[derive(Debug, Clone)]
pub struct ExplainedRead {
    /// The view of the workspace that holds them.
    pub view: &'static str,
    /// What selects them there.
    pub sql: String,
    /// How many.
    pub n_rows: u64,
    /// Files, as places in [`Origin::files`], each with its lines as runs from a first to a last one.
    pub files: Vec<(u32, Vec<(u32, u32)>)>,
}
