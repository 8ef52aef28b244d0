//! `assay import`: brings exports and tables into the workspace.

use super::path;
use crate::cli::audit::date;
use crate::cli::output::Place;
use crate::cli::reading::ReadingArgs;
use crate::cli::talk::{ListFormat, Talk};
use crate::cli::{Failure, interrupt};
use crate::config::Config;
use crate::pipeline::Error;
use crate::pipeline::workspace::{self, ImportOptions};
use crate::render;
use assay_import::Stranger;
use assay_model::{DAY_MS, Go, TimeMs};
use assay_store::DirectMessages;
use clap::Args;
use std::path::PathBuf;

/// Bring exports, analytics, advertising, orders and contacts into the workspace
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ImportArgs {
    /// Exports as the platforms send them (zip, folder or file), and tables; several are brought in together
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Read with this format instead of finding it out (`assay formats` lists them)
    #[arg(long = "as", value_name = "FORMAT")]
    format: Option<String>,
    /// Read everything and say what would be taken, but keep nothing
    #[arg(long)]
    dry_run: bool,
    /// The page that the files are of, where they do not say: instagram/roastery
    #[arg(long, value_name = "NETWORK/HANDLE", value_parser = page)]
    page: Option<(String, String)>,
    /// The day that the files speak of, where they do not say: what is newer counts
    #[arg(long, value_name = "DATE", value_parser = date)]
    at: Option<jiff::civil::Date>,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Take direct messages too; they are left out otherwise
    #[arg(long)]
    with_messages: bool,
    /// How to write what was done
    #[arg(long = "format", value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    form: ListFormat,
    /// End with exit code 3 when any row could not be read
    #[arg(long, help_heading = "Exit code")]
    strict: bool,
}

const EXAMPLES: &str = "\
Examples:
  assay import instagram-export.zip
  assay import x-archive.zip ads.csv orders.csv --dry-run
  assay import followers.csv --page instagram/roastery --at 2026-03-01
  assay import exports/ --workspace clients/northlight.db

All files of one import are taken together, or none is: a crash, a full disk or ^C leaves the
workspace as it was. A table whose headers are not known is shown with what it looks like and what
to say with --map; what was said once is kept for tables with the same headers. A file that is there already changes nothing; a newer list of followers is a
new snapshot; newer figures of the same day or post replace older ones, which are kept. Take one
back with `assay undo`.";

impl ImportArgs {
    /// The path by which a file was passed.
    fn path_of(&self, file: &str) -> String {
        let named = |path: &&PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy() == file);
        let path = self.paths.iter().find(named).or(self.paths.first().filter(|_| self.paths.len() == 1));
        path.map_or_else(|| file.to_owned(), |path| path.display().to_string())
    }
}

/// Runs the command.
pub(in crate::cli) fn run(args: &ImportArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    let options = ImportOptions {
        format: args.format.clone(),
        page: args.page.clone(),
        as_of: args.at.map(|day| TimeMs(i64::from((day - jiff::civil::date(1970, 1, 1)).get_days()) * DAY_MS)),
        messages: if args.with_messages { DirectMessages::Take } else { DirectMessages::Leave },
        dry_run: args.dry_run,
        rows_max: u64::MAX,
        reading: args.reading.options()?,
    };
    let mut watch = |step, done, total| {
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    };
    let command = |table: &Stranger| format!("assay import {}", render::workspace::shell(&args.path_of(&table.file)));
    let report = workspace::import(&args.paths, &path(config)?, &options, &mut watch).map_err(|error| match error {
        Error::UnknownTables { message, tables } => Failure::of_tables(&message, &tables, &command),
        other => other.into(),
    })?;
    talk.end_steps();
    Place::Stdout.write(|out| match args.form {
        ListFormat::Json => render::workspace::import_json(&report, out),
        ListFormat::Text => {
            out.write_all(render::workspace::import_text(&report).as_bytes())?;
            out.write_all(render::workspace::strangers_text(&report.strangers, &command).as_bytes())
        }
    })?;
    if args.strict && report.n_rejected > 0 {
        return Err(Failure::Strict { n_rejected: report.n_rejected });
    }
    Ok(())
}

fn page(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('/').map(|(network, handle)| (network.trim().to_lowercase(), handle.trim().to_owned()));
    parts
        .filter(|(network, handle)| !network.is_empty() && !handle.is_empty())
        .ok_or_else(|| "expected a network and a handle, such as instagram/roastery".to_owned())
}
