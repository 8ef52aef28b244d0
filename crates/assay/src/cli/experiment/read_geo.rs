//! `assay experiment read-geo`: the reading of a geo test from a bare table.

use crate::cli::output::Place;
use crate::cli::talk::Talk;
use crate::cli::{Failure, interrupt};
use crate::pipeline::{self, GeoOptions};
use crate::render;
use assay_model::Go;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Read a geo test: estimators held against several nulls, and a verdict only where they agree
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ReadGeoArgs {
    /// The table, one row a market and day: CSV, TSV, JSON lines or Parquet; may be packed
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The column of markets
    #[arg(long, value_name = "COL")]
    location: String,
    /// The column of days (or of whole numbers that rise with time)
    #[arg(long, value_name = "COL")]
    date: String,
    /// What is measured
    #[arg(long, value_name = "COL")]
    metric: String,
    /// The treated markets
    #[arg(long, value_name = "A,B", value_delimiter = ',', required = true)]
    treated: Vec<String>,
    /// The first treated day
    #[arg(long, value_name = "DAY")]
    start: String,
    /// The last treated day
    #[arg(long, value_name = "DAY")]
    end: String,
    /// The column of what the markets cost each day
    #[arg(long, value_name = "COL")]
    cost: Option<String>,
    /// Money earned by 1 of the metric
    #[arg(long, value_name = "M", value_parser = super::read::above_zero)]
    margin: Option<f64>,
    /// How often intervals shall hold the truth
    #[arg(long, value_name = "SHARE", default_value_t = pipeline::DEFAULT_CONFIDENCE, value_parser = super::read::confidence)]
    confidence: f64,
    /// What to write to stdout or --out
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: GeoFormat,
    /// Write to FILE instead of stdout; replaces an older file, `-` is stdout
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Example:
  assay experiment read-geo sales.csv --location city --date day --metric orders \\
      --treated chicago,portland --start 2021-04-01 --end 2021-04-15 --margin 12 --cost spend

The days before --start have to be in the table too. Days after --end are not looked at.";

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GeoFormat {
    Text,
    Json,
}

/// Runs the command.
pub(super) fn run(args: &ReadGeoArgs, talk: &mut Talk) -> Result<(), Failure> {
    let place = Place::of(args.out.as_ref());
    place.spare(std::slice::from_ref(&args.file))?;
    let options = GeoOptions {
        location: args.location.clone(),
        date: args.date.clone(),
        metric: args.metric.clone(),
        treated: args.treated.iter().map(|t| t.trim().to_owned()).collect(),
        start: args.start.clone(),
        end: args.end.clone(),
        cost: args.cost.clone(),
        margin: args.margin,
        confidence: args.confidence,
    };
    let report = pipeline::read_experiment_geo(&args.file, &options, &mut |step, done, total| {
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    })?;
    talk.end_steps();
    match args.format {
        GeoFormat::Json => place.write(|out| render::experiment::geo_json(&report, out)),
        GeoFormat::Text => {
            let text = render::experiment::geo_text(&report);
            place.write(|out| out.write_all(text.as_bytes()))
        }
    }
}
