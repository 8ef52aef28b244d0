//! `assay export`: a view of the workspace as a file.

use super::path;
use crate::cli::output::Place;
use crate::cli::{Failure, interrupt};
use crate::config::Config;
use crate::pipeline;
use crate::pipeline::workspace::read_workspace;
use crate::render::workspace::{AnswersOut, SHEET_ROWS_MAX, Shape, TableFormat, WorkbookOut, parquet_of};
use assay_store::{Answers, StoreError, view_names};
use clap::{Args, ValueEnum};
use std::io;
use std::path::PathBuf;

/// Write a view of the workspace as CSV, Parquet, JSON or a workbook
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ExportArgs {
    /// The view, such as followers, orders or `ad_spend` (docs/guides/workspace.md lists them)
    #[arg(value_name = "VIEW")]
    view: String,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "csv", help_heading = "Output")]
    format: ExportFormat,
    /// Write to FILE instead of stdout; replaces an older file, `-` is stdout
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  assay export followers --format parquet --out followers.parquet
  assay export ad_spend --format xlsx --out ads.xlsx
  assay export orders > orders.csv

In CSV a text that a spreadsheet would run stands behind a '. A part of a view is exported by
`assay sql \"SELECT …\" --format csv`.";

/// The form of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ExportFormat {
    Csv,
    Parquet,
    Json,
    Xlsx,
}

/// Runs the command.
pub(in crate::cli) fn run(args: &ExportArgs, config: &Config) -> Result<(), Failure> {
    let views = view_names();
    if !views.contains(&args.view) {
        return Err(Failure::Usage {
            message: format!("expected a view, found '{}'", args.view),
            hint: Some(format!("the views are {}", views.join(", "))),
        });
    }
    let file = path(config)?;
    let place = Place::of(args.out.as_ref());
    place.spare(std::slice::from_ref(&file))?;
    let mut store = read_workspace(&file)?;
    let question = format!("SELECT * FROM {}", args.view);
    let mut ask = |answers: &mut dyn Answers| store.query(&question, u64::MAX, || !interrupt::is_asked(), answers);
    let told = |error: StoreError| Failure::from(pipeline::Error::from(error));
    let mut problem = None;
    let mut written = |format, out: &mut dyn io::Write| {
        let mut answers = AnswersOut::new(format, out);
        match ask(&mut answers) {
            Ok(is_whole) => answers.end(is_whole),
            Err(error) => {
                let broken = answers.failed();
                problem = Some(error);
                broken.map_or(Err(io::Error::other(assay_model::Stopped)), Err)
            }
        }
    };
    let done = match args.format {
        ExportFormat::Csv => place.write(|out| written(TableFormat::Csv, out)),
        ExportFormat::Json => place.write(|out| written(TableFormat::Json, out)),
        ExportFormat::Parquet => {
            let bytes = parquet_of(|answers| ask(answers).map_err(told), |e| failed(e))?;
            place.write(|out| out.write_all(&bytes))
        }
        ExportFormat::Xlsx => {
            let mut shape = Shape::default();
            ask(&mut shape).map_err(told)?;
            if shape.n_rows > SHEET_ROWS_MAX {
                return Err(Failure::Failed {
                    message: format!("{} has {} rows; a sheet holds {SHEET_ROWS_MAX}", args.view, shape.n_rows),
                    hint: Some("write it as csv or parquet, or a part of it with `assay sql`".to_owned()),
                });
            }
            let mut rows = WorkbookOut::default();
            let asked = ask(&mut rows);
            // What could not be written comes first: it is why the answer was stopped.
            let bytes = rows.end().map_err(|e| failed(&e))?;
            asked.map_err(told)?;
            place.write(|out| out.write_all(&bytes))
        }
    };
    done.map_err(|failure| match problem.take() {
        Some(error @ StoreError::Problem(_)) => told(error),
        _ => failure,
    })
}

fn failed(error: &dyn std::error::Error) -> Failure {
    Failure::Failed { message: format!("cannot write the rows: {error}"), hint: None }
}
