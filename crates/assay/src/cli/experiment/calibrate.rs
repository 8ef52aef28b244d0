//! `assay experiment calibrate`: how often a reading errs on one's own history, before a test.

use super::read::{Split, confidence, metric, split};
use crate::cli::output::Place;
use crate::cli::talk::Talk;
use crate::cli::{Failure, interrupt};
use crate::pipeline::{self, CalibrateOf, CalibrateOptions, MetricColumn};
use crate::render;
use assay_experiment::{Kind, Stop};
use assay_model::Go;
use clap::{ArgGroup, Args, ValueEnum};
use std::path::PathBuf;

/// Try a reading on your own history: how often it finds what is not there, and what is
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("of").required(true).args(["split", "location"])))]
pub(super) struct CalibrateArgs {
    /// A table from before the test: a row a unit, or a row a market and day
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// What is measured (as for `read`)
    #[arg(long, value_name = "METRIC", value_parser = metric)]
    metric: MetricColumn,
    /// A split to deal the units into: the control's weight, then the others'
    #[arg(long, value_name = "A:B:…", value_parser = split)]
    split: Option<Split>,
    /// The largest number of units over all arms that will be declared
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..), conflicts_with = "fixed", requires = "split")]
    max_n: Option<u64>,
    /// One look will be declared
    #[arg(long, requires = "split")]
    fixed: bool,
    /// The column of markets
    #[arg(long, value_name = "COL", requires_all = ["date", "treated", "days"], conflicts_with = "split")]
    location: Option<String>,
    /// The column of days
    #[arg(long, value_name = "COL", requires = "location")]
    date: Option<String>,
    /// How many markets will be treated
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000), requires = "location")]
    treated: Option<u32>,
    /// How many days the test will run
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=366), requires = "location")]
    days: Option<u32>,
    /// Runs
    #[arg(long, value_name = "RUNS", default_value_t = 200, value_parser = clap::value_parser!(u64).range(20..=10_000))]
    runs: u64,
    /// How often intervals shall hold the truth
    #[arg(long, value_name = "SHARE", default_value_t = pipeline::DEFAULT_CONFIDENCE, value_parser = confidence)]
    confidence: f64,
    /// What to write to stdout or --out
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: CalibrateFormat,
    /// Write to FILE instead of stdout; replaces an older file, `-` is stdout
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  assay experiment calibrate sales.csv --location city --date day --metric orders --treated 4 --days 14
  assay experiment calibrate customers.csv --metric spend:amount --split 9:1 --fixed

Placebo tests treat markets that nobody treated, once as they are and once with 10 % more; A/A runs
deal the same units into arms again and again.";

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum CalibrateFormat {
    Text,
    Json,
}

/// Runs the command.
pub(super) fn run(args: &CalibrateArgs, talk: &mut Talk) -> Result<(), Failure> {
    let place = Place::of(args.out.as_ref());
    place.spare(std::slice::from_ref(&args.file))?;
    if args.metric.kind == Kind::Ratio {
        return Err(Failure::Usage {
            message: "expected one column as --metric, found a ratio".to_owned(),
            hint: Some("try the ratio's numerator".to_owned()),
        });
    }
    let of = match (&args.split, &args.location) {
        (Some(weights), _) => CalibrateOf::Split {
            weights: weights.0.clone(),
            stop: match (args.max_n, args.fixed) {
                (Some(n_max), _) => Stop::Capped { n_max, looks: None },
                (None, true) => Stop::Fixed,
                (None, false) => Stop::Anytime,
            },
        },
        (None, location) => CalibrateOf::Markets {
            location: location.clone().unwrap_or_default(),
            date: args.date.clone().unwrap_or_default(),
            n_treated: args.treated.unwrap_or(1) as usize,
            n_days: args.days.unwrap_or(1) as usize,
        },
    };
    let options = CalibrateOptions { metric: args.metric.clone(), of, n_runs: args.runs, confidence: args.confidence };
    let report = pipeline::calibrate_experiment(&args.file, &options, &mut |step, done, total| {
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    })?;
    talk.end_steps();
    match args.format {
        CalibrateFormat::Json => place.write(|out| render::experiment::calibrate_json(&report, out)),
        CalibrateFormat::Text => {
            let text = render::experiment::calibrate_text(&report);
            place.write(|out| out.write_all(text.as_bytes()))
        }
    }
}
