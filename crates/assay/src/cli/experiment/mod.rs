//! `assay experiment`: does promoting pay?

mod read;

use super::Failure;
use super::talk::Talk;
use clap::{Args, Subcommand};

/// Read an experiment: does promoting pay, how sure is that, and what to do
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ExperimentArgs {
    #[command(subcommand)]
    command: ExperimentCommand,
}

const EXAMPLES: &str = "\
Examples:
  assay experiment read orders.csv --arm group --control none --metric ordered:binary
  assay experiment read --help";

#[derive(Debug, Subcommand)]
enum ExperimentCommand {
    Read(Box<read::ReadArgs>),
}

/// Runs the command.
pub(super) fn run(args: &ExperimentArgs, talk: &mut Talk) -> Result<(), Failure> {
    match &args.command {
        ExperimentCommand::Read(args) => read::run(args, talk),
    }
}
