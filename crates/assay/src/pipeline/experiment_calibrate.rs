//! How often readings err on the user's own history, before a test: placebo tests over markets, A/A runs over units.

use super::experiment::{MetricColumn, warning};
use super::experiment_geo::{PLACEBO_LIFT, read_rows};
use super::{DEFAULT_SEED, Error, Step, Watch};
use crate::report::{CalibrateReport, Origin};
use assay_experiment::calibrate::{self, Placebos};
use assay_experiment::means::Before;
use assay_experiment::{Asked, Metric, Stop};
use assay_import::{Bundle, Holds, Limits, NamedTable, Optional, Value, Wanted, read_named};
use assay_model::{Abstention, Outcome};
use std::path::{Path, PathBuf};

/// What the user asked.
#[derive(Debug, Clone)]
pub struct CalibrateOptions {
    /// The metric.
    pub metric: MetricColumn,
    /// What is to be tried.
    pub of: CalibrateOf,
    /// Runs.
    pub n_runs: u64,
    /// Confidence of intervals.
    pub confidence: f64,
}

/// What is to be tried.
#[derive(Debug, Clone)]
pub enum CalibrateOf {
    /// Markets.
    Markets {
        /// The column of markets.
        location: String,
        /// The column of days.
        date: String,
        /// Markets to be treated.
        n_treated: usize,
        /// Days of the test.
        n_days: usize,
    },
    /// A split of units.
    Split {
        /// Weights, the control's first.
        weights: Vec<f64>,
        /// What is declared of looking.
        stop: Stop,
    },
}

/// Values of units at most: each run deals all of them.
const VALUES_MAX: usize = 1_000_000;

/// Tries the reading on a history.
///
/// # Errors
/// When the table cannot be read or lacks a column, or `watch` answers stop.
pub fn calibrate_experiment(
    input: &Path,
    options: &CalibrateOptions,
    watch: &mut Watch<'_>,
) -> Result<CalibrateReport, Error> {
    super::go_on(watch, Step::Reading)?;
    let (table, found) = match &options.of {
        CalibrateOf::Markets { location, date, n_treated, n_days } => {
            let (rows, table) = read_rows(input, [location, date, &options.metric.column], None, watch)?;
            let panel = rows.conclude(i64::MAX);
            let asked = Placebos {
                n_treated: *n_treated,
                n_periods: *n_days,
                lift: PLACEBO_LIFT,
                alpha: 1.0 - options.confidence,
                n_runs: options.n_runs,
                seed: DEFAULT_SEED.fork("placebo tests"),
            };
            let mut tick = |done, total| watch(Step::Named("placebo tests"), done, total);
            let found = calibrate::markets(&panel, &asked, &mut tick).map_err(|_| Error::Interrupted)?;
            let found = found.ok_or_else(|| {
                Abstention::new(
                    format!("{} days of {} markets are too few", panel.periods.len(), panel.markets.len()),
                    format!(
                        "twice the {n_days} days of the test, ten before it at least, and two markets beside the {n_treated} treated ones"
                    ),
                )
            });
            (table, found)
        }
        CalibrateOf::Split { weights, stop } => {
            let (values, table) = read_values(input, &options.metric.column, watch)?;
            let found = of_split(&values, weights, *stop, options, watch)?;
            (table, found)
        }
    };
    let mut warnings = Vec::new();
    if table.file.rejected > 0 {
        let first = table.rejects.first().map_or(String::new(), |r| format!("; the first, line {}: {}", r.line, r.why));
        warnings.push(warning("rejected-rows", format!("{} rows could not be used{first}", table.file.rejected)));
    }
    Ok(CalibrateReport {
        origin: Origin {
            seed: Some(DEFAULT_SEED),
            n_rejected: table.file.rejected,
            files: vec![table.file],
            rejects: table.rejects,
            window: None,
            warnings,
        },
        of: options.of.clone(),
        found: found.map_or_else(Outcome::Abstained, Outcome::Found),
    })
}

type Tried = Result<calibrate::Calibration, Abstention>;

fn of_split(
    values: &[f64],
    weights: &[f64],
    stop: Stop,
    options: &CalibrateOptions,
    watch: &mut Watch<'_>,
) -> Result<Tried, Error> {
    let total: f64 = weights.iter().sum();
    let name = |k: usize| if k == 0 { "control".to_owned() } else { format!("promoted {k:02}") };
    let sizes: Vec<(String, u64)> =
        weights.iter().enumerate().map(|(k, w)| (name(k), (values.len() as f64 * w / total).floor() as u64)).collect();
    let asked = Asked {
        control: name(0),
        split: None,
        stop,
        confidence: options.confidence,
        adjust: Before::Ignored,
        worth: None,
        seed: DEFAULT_SEED,
        guardrails: Vec::new(),
        exposed: None,
    };
    let metric = Metric { name: options.metric.name.clone(), kind: options.metric.kind };
    let mut tick = |done, total| watch(Step::Named("A/A runs"), done, total);
    let found =
        calibrate::split(values, &sizes, &asked, &metric, options.n_runs, &mut tick).map_err(|_| Error::Interrupted)?;
    Ok(found.ok_or_else(|| {
        Abstention::new(format!("{} values are too few for the split", values.len()), "at least two units in each arm")
    }))
}

fn read_values(input: &Path, column: &str, watch: &mut Watch<'_>) -> Result<(Vec<f64>, NamedTable), Error> {
    let bundle = Bundle::open(&[PathBuf::from(input)], &Limits::default())?;
    let wanted = [Wanted { names: vec![column.to_owned()], holds: Holds::Number, optional: Optional::No }];
    let mut values = Vec::new();
    let table = {
        let mut take = |_line: u64, cells: &[Value<'_>]| {
            let Value::Number(value) = cells[0] else {
                return Err("expected a number, found an empty cell".to_owned());
            };
            if values.len() >= VALUES_MAX {
                return Err(format!("expected at most {VALUES_MAX} units: a part of them is enough"));
            }
            values.push(value);
            Ok(())
        };
        let mut tick = |done, total| watch(Step::Reading, done, total);
        read_named(&bundle, &wanted, &mut take, &mut tick)?
    };
    Ok((values, table))
}
