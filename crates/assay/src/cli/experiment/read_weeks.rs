//! `assay experiment read-weeks`: the reading of weeks on and off.

use super::kept;
use super::read::{above_zero, confidence, not_below_zero};
use crate::cli::output::Place;
use crate::cli::talk::Talk;
use crate::cli::{Failure, interrupt};
use crate::config::Config;
use crate::pipeline::{self, ReadWeeksOptions, ScheduleSource, SealedDesign};
use crate::render;
use crate::report::{PlannedReading, WeeksReport};
use assay_model::Go;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Read weeks on and off, or the steps of a removal, against every other schedule that could have been drawn
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ReadWeeksArgs {
    /// A table of orders or days: CSV, TSV, JSON lines or Parquet; may be packed. With the plan of a removal, the page's posts
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The schedule that `assay experiment assign --weeks` wrote
    #[arg(long, value_name = "FILE", required_unless_present = "plan")]
    schedule: Option<PathBuf>,
    /// The sealed plan of weeks or of a removal: a file, or the name of an experiment of the workspace
    #[arg(long, value_name = "PLAN", conflicts_with_all = ["schedule", "date", "metric", "control", "margin"])]
    plan: Option<PathBuf>,
    /// The column of days
    #[arg(long, value_name = "COL", required_unless_present = "plan")]
    date: Option<String>,
    /// What is measured; without it rows are counted
    #[arg(long, value_name = "COL")]
    metric: Option<String>,
    /// The arm that is off
    #[arg(long, value_name = "NAME", default_value = "off")]
    control: String,
    /// Money earned by 1 of the metric
    #[arg(long, value_name = "M", value_parser = above_zero)]
    margin: Option<f64>,
    /// Money that a week on costs
    #[arg(long, value_name = "C", default_value_t = 0.0, value_parser = not_below_zero, requires = "margin")]
    cost: f64,
    /// How often intervals shall hold the truth
    #[arg(long, value_name = "SHARE", default_value_t = pipeline::DEFAULT_CONFIDENCE, value_parser = confidence)]
    confidence: f64,
    /// What to write to stdout or --out
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: WeeksFormat,
    /// Write to FILE instead of stdout; replaces an older file, `-` is stdout
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  assay experiment assign --weeks 12 --from 2026-12-07 --washout 2 --salt boost --out weeks.csv
  assay experiment read-weeks orders.csv --schedule weeks.csv --date ordered_at --margin 12 --cost 50

  assay experiment read-weeks posts.csv --plan removal.json

Days of washout are not counted; weeks that are not whole in the table are left out.";

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum WeeksFormat {
    Text,
    Json,
}

/// Runs the command.
pub(super) fn run(args: &ReadWeeksArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    let place = Place::of(args.out.as_ref());
    let beside = [&args.schedule, &args.plan].into_iter().flatten();
    place.spare(&std::iter::once(&args.file).chain(beside).cloned().collect::<Vec<_>>())?;
    let mut watch = |step, done, total| {
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    };
    if let Some(path) = &args.plan {
        let plan = kept::plan(path, config)?;
        if matches!(plan.sealed.design, SealedDesign::Weeks { .. }) {
            let report = pipeline::read_experiment_weeks(&args.file, &ReadWeeksOptions::of_plan(&plan)?, &mut watch)?;
            talk.end_steps();
            write(&report, args.format, &place)?;
            return kept::keep_reading(Some(path), config, PlannedReading::Weeks(Box::new(report)));
        }
        let report = pipeline::read_experiment_staged(std::slice::from_ref(&args.file), &plan, &mut watch)?;
        talk.end_steps();
        match args.format {
            WeeksFormat::Json => place.write(|out| render::experiment::staged_json(&report, out))?,
            WeeksFormat::Text => {
                place.write(|out| out.write_all(render::experiment::staged_text(&report).as_bytes()))?;
            }
        }
        return kept::keep_reading(Some(path), config, PlannedReading::Staged(Box::new(report)));
    }
    let options = ReadWeeksOptions {
        schedule: ScheduleSource::File(args.schedule.clone().unwrap_or_default()),
        date: args.date.clone().unwrap_or_default(),
        metric: args.metric.clone(),
        control: args.control.clone(),
        margin: args.margin,
        cost: args.cost,
        confidence: args.confidence,
    };
    let report = pipeline::read_experiment_weeks(&args.file, &options, &mut watch)?;
    talk.end_steps();
    write(&report, args.format, &place)
}

fn write(report: &WeeksReport, format: WeeksFormat, place: &Place) -> Result<(), Failure> {
    match format {
        WeeksFormat::Json => place.write(|out| render::experiment::weeks_json(report, out)),
        WeeksFormat::Text => place.write(|out| out.write_all(render::experiment::weeks_text(report).as_bytes())),
    }
}
