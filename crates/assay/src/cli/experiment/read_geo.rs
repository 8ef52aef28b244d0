//! `assay experiment read-geo`: the reading of a geo test from a bare table.

use super::kept;
use crate::cli::output::Place;
use crate::cli::talk::Talk;
use crate::cli::{Failure, interrupt};
use crate::config::Config;
use crate::pipeline::{self, GeoOptions, PlanUsed, SealedDesign};
use crate::render;
use crate::report::{GeoReport, PlannedReading};
use assay_model::Go;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// Read a geo test: estimators held against several nulls, and a verdict only where they agree
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ReadGeoArgs {
    /// The table, one row a market and day: CSV, TSV, JSON lines or Parquet; may be packed
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// The sealed plan to go by, a file or the name of an experiment of the workspace; what is named besides it departs from it, and the verdict says so
    #[arg(long, value_name = "FILE")]
    pub(super) plan: Option<PathBuf>,
    /// The column of markets
    #[arg(long, value_name = "COL", required_unless_present = "plan")]
    location: Option<String>,
    /// The column of days (or of whole numbers that rise with time)
    #[arg(long, value_name = "COL", required_unless_present = "plan")]
    date: Option<String>,
    /// What is measured
    #[arg(long, value_name = "COL", required_unless_present = "plan")]
    metric: Option<String>,
    /// The treated markets
    #[arg(long, value_name = "A,B", value_delimiter = ',', required_unless_present = "plan")]
    treated: Vec<String>,
    /// The first treated day
    #[arg(long, value_name = "DAY", required_unless_present = "plan")]
    start: Option<String>,
    /// The last treated day
    #[arg(long, value_name = "DAY", required_unless_present = "plan")]
    end: Option<String>,
    /// Days after --end in which the effect still counts; what they bring is told apart too [default: 0]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(0..=i64::from(pipeline::COOLDOWN_MAX)))]
    cooldown: Option<u32>,
    /// Placebo tests on the days before: how often the reading errs there; a verdict is refused if too often [default: 20, none for a large table]
    #[arg(long, value_name = "RUNS", value_parser = clap::value_parser!(u64).range(0..=10_000))]
    placebos: Option<u64>,
    /// The column of what the markets cost each day
    #[arg(long, value_name = "COL")]
    cost: Option<String>,
    /// Money earned by 1 of the metric
    #[arg(long, value_name = "M", value_parser = super::read::above_zero)]
    margin: Option<f64>,
    /// How often intervals shall hold the truth [default: 0.95]
    #[arg(long, value_name = "SHARE", value_parser = super::read::confidence)]
    confidence: Option<f64>,
    /// What to write to stdout or --out
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: GeoFormat,
    /// Write what the answer was made of to FILE, for `assay experiment rerun`
    #[arg(long, value_name = "FILE")]
    bundle: Option<PathBuf>,
    /// Write to FILE instead of stdout; replaces an older file, `-` is stdout
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Example:
  assay experiment read-geo sales.csv --location city --date day --metric orders \\
      --treated chicago,portland --start 2021-04-01 --end 2021-04-15 --margin 12 --cost spend

The days before --start have to be in the table too. Days after --end and --cooldown are not
looked at.";

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum GeoFormat {
    Text,
    Json,
    Html,
}

/// Runs the command.
pub(super) fn run(args: &ReadGeoArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    let place = Place::of(args.out.as_ref());
    place.spare(&[&[args.file.clone()][..], args.plan.as_slice()].concat())?;
    if args.bundle.is_some() {
        super::bundle::needs_file(args.plan.as_deref())?;
    }
    let report = report(args, config, talk)?;
    if let Some(bundle) = &args.bundle {
        super::bundle::write(bundle, &args.inputs(), &json_of(&report)?)?;
    }
    match args.format {
        GeoFormat::Html => place.write(|out| render::experiment::geo_html(&report, out))?,
        GeoFormat::Json => place.write(|out| render::experiment::geo_json(&report, out))?,
        GeoFormat::Text => {
            let text = render::experiment::geo_text(&report);
            place.write(|out| out.write_all(text.as_bytes()))?;
        }
    }
    kept::keep_reading(args.plan.as_deref(), config, PlannedReading::Markets(Box::new(report)))
}

impl ReadGeoArgs {
    /// The files that the answer is made of.
    pub(super) fn inputs(&self) -> Vec<&Path> {
        std::iter::once(self.file.as_path()).chain(self.plan.as_deref()).collect()
    }

    /// The answer as JSON.
    pub(super) fn answer(&self, config: &Config, talk: &mut Talk) -> Result<Vec<u8>, Failure> {
        json_of(&report(self, config, talk)?)
    }
}

fn report(args: &ReadGeoArgs, config: &Config, talk: &mut Talk) -> Result<GeoReport, Failure> {
    let report = pipeline::read_experiment_geo(&args.file, &options(args, config)?, &mut |step, done, total| {
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    })?;
    talk.end_steps();
    Ok(report)
}

fn json_of(report: &GeoReport) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    render::experiment::geo_json(report, &mut bytes)
        .map_err(|e| Failure::Failed { message: format!("cannot write the answer: {e}"), hint: None })?;
    Ok(bytes)
}

/// What is asked: what the plan says, and over it what was named.
fn options(args: &ReadGeoArgs, config: &Config) -> Result<GeoOptions, Failure> {
    let text = |o: &Option<String>| o.clone().unwrap_or_default();
    let treated: Vec<String> = args.treated.iter().map(|t| t.trim().to_owned()).collect();
    let Some(path) = &args.plan else {
        return Ok(GeoOptions {
            location: text(&args.location),
            date: text(&args.date),
            metric: text(&args.metric),
            treated,
            start: text(&args.start),
            end: text(&args.end),
            cooldown: args.cooldown.unwrap_or(0),
            placebos: args.placebos,
            cost: args.cost.clone(),
            margin: args.margin,
            confidence: args.confidence.unwrap_or(pipeline::DEFAULT_CONFIDENCE),
            plan: None,
        });
    };
    let plan = kept::plan(path, config)?;
    let SealedDesign::Markets { location, date, metric, treated: planned, start, end, cost, cooldown_days } =
        &plan.sealed.design
    else {
        return Err(plan.sealed.design.not_of("markets").into());
    };
    let mut used = PlanUsed::of(&plan);
    let mut over = |what: &str, planned: &String, asked: &Option<String>| match asked {
        Some(asked) if asked != planned => {
            used.departures.push(format!("{what}: planned {planned}, asked {asked}"));
            asked.clone()
        }
        _ => planned.clone(),
    };
    let (location, date, metric) = (
        over("the column of markets", location, &args.location),
        over("the column of days", date, &args.date),
        over("the metric", metric, &args.metric),
    );
    let (start, end) = (over("the first day", start, &args.start), over("the last day", end, &args.end));
    let none = "none".to_owned();
    let planned_cost = cost.clone().unwrap_or_else(|| none.clone());
    let cost = Some(over("the column of costs", &planned_cost, &args.cost)).filter(|c| *c != none);
    let joined = planned.join(",");
    let asked = (!treated.is_empty()).then(|| treated.join(","));
    let treated = if over("the treated markets", &joined, &asked) == joined { planned.clone() } else { treated };
    let planned_margin = plan.sealed.margin.map_or_else(|| none.clone(), |m| m.to_string());
    over("the margin", &planned_margin, &args.margin.map(|m| m.to_string()));
    over("the confidence", &plan.sealed.confidence.to_string(), &args.confidence.map(|c| c.to_string()));
    over("the days of cool-down", &cooldown_days.to_string(), &args.cooldown.map(|d| d.to_string()));
    let planned_confidence = Some(plan.sealed.confidence).filter(|c| (0.5..1.0).contains(c));
    Ok(GeoOptions {
        location,
        date,
        metric,
        treated,
        start,
        end,
        cooldown: args.cooldown.unwrap_or(*cooldown_days),
        placebos: args.placebos,
        cost,
        margin: args.margin.or(plan.sealed.margin.filter(|m| *m > 0.0 && m.is_finite())),
        confidence: args.confidence.or(planned_confidence).unwrap_or(pipeline::DEFAULT_CONFIDENCE),
        plan: Some(used),
    })
}
