//! `assay imports` and `assay undo`: the ledger, and how to take an import back.

use super::path;
use crate::cli::output::Place;
use crate::cli::talk::{ListFormat, Talk};
use crate::cli::{Failure, interrupt};
use crate::config::Config;
use crate::pipeline::Step;
use crate::pipeline::workspace::{self, open_workspace};
use crate::render;
use assay_model::Go;
use clap::Args;

/// List what was imported: when, which files, as what
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  assay imports\n  assay imports --format json")]
pub(in crate::cli) struct ImportsArgs {
    /// How to write the list
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// Take an import back: what it had replaced counts again
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  assay imports\n  assay undo 3")]
pub(in crate::cli) struct UndoArgs {
    /// The number of the import, as `assay imports` lists it
    #[arg(value_name = "IMPORT")]
    import: i64,
    /// How to write what was done
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// Runs `assay imports`.
pub(in crate::cli) fn imports(args: &ImportsArgs, config: &Config) -> Result<(), Failure> {
    let imports = workspace::imports(&path(config)?)?;
    Place::Stdout.write(|out| match args.format {
        ListFormat::Json => render::workspace::imports_json(&imports, out),
        ListFormat::Text => out.write_all(render::workspace::imports_text(&imports).as_bytes()),
    })
}

/// Runs `assay undo`.
pub(in crate::cli) fn undo(args: &UndoArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    let mut store = open_workspace(&workspace::existing(&path(config)?)?)?;
    let mut tick = |done, total| {
        talk.step(Step::Named("taking the import back"), done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    };
    let n = store.undo(args.import, workspace::now(), &mut tick).map_err(crate::pipeline::Error::from)?;
    talk.end_steps();
    let text = match args.format {
        ListFormat::Json => render::workspace::undo_json(args.import, n),
        ListFormat::Text => format!("took back import {}: {}\n", args.import, render::counted(n, "fact", "facts")),
    };
    Place::Stdout.write(|out| out.write_all(text.as_bytes()))
}
