//! `assay experiment history`: several past tests together.

use super::read::confidence;
use crate::cli::output::Place;
use crate::cli::talk::Talk;
use crate::cli::{Failure, interrupt};
use crate::pipeline::{self, HistoryOptions};
use crate::render;
use assay_model::Go;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Hold past tests against each other: what each is worth, and how much winners are to be discounted
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct HistoryArgs {
    /// Tables with a row a test, or what `read` and `read-geo` wrote as JSON (.json), whose lifts are taken
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The column of effects, all on one scale
    #[arg(long, value_name = "COL", default_value = "effect")]
    effect: String,
    /// The column of their standard errors
    #[arg(long, value_name = "COL", default_value = "error")]
    error: String,
    /// The column of the tests' names
    #[arg(long, value_name = "COL")]
    name: Option<String>,
    /// How often intervals shall hold the truth
    #[arg(long, value_name = "SHARE", default_value_t = pipeline::DEFAULT_CONFIDENCE, value_parser = confidence)]
    confidence: f64,
    /// What to write to stdout or --out
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: HistoryFormat,
    /// Write to FILE instead of stdout; replaces an older file, `-` is stdout
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  assay experiment history spring.json summer.json autumn.json
  assay experiment history tests.csv --effect lift --error se --name test

The mean and the scatter of true effects are what `plan` takes as --prior-lift MEAN:SPREAD.";

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum HistoryFormat {
    Text,
    Json,
}

/// Runs the command.
pub(super) fn run(args: &HistoryArgs, talk: &mut Talk) -> Result<(), Failure> {
    let place = Place::of(args.out.as_ref());
    place.spare(&args.files)?;
    let options = HistoryOptions {
        effect: args.effect.clone(),
        error: args.error.clone(),
        name: args.name.clone(),
        confidence: args.confidence,
    };
    let report = pipeline::review_experiments(&args.files, &options, &mut |step, done, total| {
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    })?;
    talk.end_steps();
    match args.format {
        HistoryFormat::Json => place.write(|out| render::experiment::history_json(&report, out)),
        HistoryFormat::Text => {
            let text = render::experiment::history_text(&report);
            place.write(|out| out.write_all(text.as_bytes()))
        }
    }
}
