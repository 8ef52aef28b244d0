//! `assay sql`: a question to the workspace.

use super::path;
use crate::cli::output::Place;
use crate::cli::talk::Talk;
use crate::cli::{Failure, interrupt};
use crate::config::Config;
use crate::pipeline::workspace::read_workspace;
use crate::render::workspace::{AnswersOut, TableFormat};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Ask the workspace a question in SQL; nothing can be changed
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct SqlArgs {
    /// One SELECT; docs/guides/workspace.md lists the views
    #[arg(value_name = "SELECT")]
    question: String,
    /// How to write the answer
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: SqlFormat,
    /// Write to FILE instead of stdout; replaces an older file, `-` is stdout
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Give at most this many rows; 0 gives all [default: 1000 as text, all else]
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Give up after this many seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 60)]
    timeout: u64,
}

const EXAMPLES: &str = "\
Examples:
  assay sql \"SELECT page, count(*) FROM followers GROUP BY page\"
  assay sql \"SELECT day, follows, file, line FROM daily_counts ORDER BY day\" --format csv
  assay sql \"SELECT name FROM sqlite_schema WHERE type = 'view'\"
  assay sql \"SELECT change, count(*) FROM snapshot_changes GROUP BY change\" --format json";

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SqlFormat {
    Text,
    Json,
    Csv,
}

/// Rows of a text where the user does not say.
const TEXT_ROWS: u64 = 1_000;

/// Runs the command.
pub(in crate::cli) fn run(args: &SqlArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    let file = path(config)?;
    let place = Place::of(args.out.as_ref());
    place.spare(std::slice::from_ref(&file))?;
    let mut store = read_workspace(&file)?;
    let (format, usual) = match args.format {
        SqlFormat::Text => (TableFormat::Text, TEXT_ROWS),
        SqlFormat::Json => (TableFormat::Json, 0),
        SqlFormat::Csv => (TableFormat::Csv, 0),
    };
    let limit = Some(args.limit.unwrap_or(usual)).filter(|n| *n > 0).unwrap_or(u64::MAX);
    let late = Arc::new(AtomicBool::new(false));
    let (is_late, started, patience) = (Arc::clone(&late), Instant::now(), Duration::from_secs(args.timeout));
    let is_on = move || {
        if started.elapsed() > patience {
            is_late.store(true, Ordering::SeqCst);
        }
        !is_late.load(Ordering::SeqCst) && !interrupt::is_asked()
    };
    let mut problem = None;
    let mut is_whole = true;
    let mut is_on = Some(is_on);
    place
        .write(|out| {
            let Some(is_on) = is_on.take() else { return Ok(()) };
            let mut answers = AnswersOut::new(format, out);
            match store.query(&args.question, limit, is_on, &mut answers) {
                Ok(whole) => {
                    is_whole = whole;
                    answers.end(whole)
                }
                Err(error) => {
                    let broken = answers.failed();
                    problem = Some(error);
                    broken.map_or(Err(std::io::Error::other(assay_model::Stopped)), Err)
                }
            }
        })
        .map_err(|failure| match problem.take() {
            Some(_) if late.load(Ordering::SeqCst) => Failure::Failed {
                message: format!("the question was given up after {} seconds", args.timeout),
                hint: Some("ask for less, or wait longer with --timeout SECONDS".to_owned()),
            },
            Some(error @ assay_store::StoreError::Problem(_)) => crate::pipeline::Error::from(error).into(),
            _ => failure,
        })?;
    if !is_whole {
        talk.note(&format!("the first {limit} rows are shown; --limit 0 gives all"));
    }
    Ok(())
}
