//! `assay workspaces`: the pages of several businesses in one table.

use super::path;
use crate::cli::output::Place;
use crate::cli::talk::Talk;
use crate::cli::{Failure, interrupt};
use crate::config::Config;
use crate::pipeline::workspace::workspaces;
use crate::render::workspace::{workspaces_csv, workspaces_json, workspaces_text};
use assay_model::Go;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Show the pages of several workspaces in one table
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct WorkspacesArgs {
    /// The folder that holds the workspaces, or a folder for each [default: that of the workspace]
    #[arg(long, value_name = "DIR")]
    workspaces: Option<PathBuf>,
    /// How to write the table
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: WorkspacesFormat,
    /// Write to FILE instead of stdout; replaces an older file, `-` is stdout
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  assay workspaces --workspaces clients
  assay workspaces --workspaces clients --format csv --out clients.csv

For each page: followers in its newest list, the share of genuine ones by the audit of that list that
is kept (`assay audit` makes one), accounts that engaged in the 28 days up to the last engagement and
at any time. Revenue and the last import are the workspace's and stand in its first row.";

/// The form of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum WorkspacesFormat {
    Text,
    Json,
    Csv,
}

/// Runs the command.
pub(in crate::cli) fn run(args: &WorkspacesArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    let folder = match &args.workspaces {
        Some(folder) => folder.clone(),
        None => match path(config)?.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder.to_owned(),
            _ => PathBuf::from("."),
        },
    };
    let mut watch = |step, done, total| {
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    };
    let lines = workspaces(&folder, &mut watch)?;
    talk.end_steps();
    let place = Place::of(args.out.as_ref());
    place.spare(&lines.iter().map(|line| line.path.clone()).collect::<Vec<_>>())?;
    place.write(|out| match args.format {
        WorkspacesFormat::Text => out.write_all(workspaces_text(&lines).as_bytes()),
        WorkspacesFormat::Json => writeln!(out, "{:#}", workspaces_json(&lines)),
        WorkspacesFormat::Csv => workspaces_csv(&lines, out),
    })
}
