//! `assay experiment`: does promoting pay?

mod assign;
mod bundle;
mod calibrate;
mod history;
mod kept;
mod plan;
mod read;
mod read_geo;
mod read_weeks;
pub(super) mod seal;

use super::Failure;
use super::talk::Talk;
use crate::config::Config;
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
  assay experiment plan --per-week 40 --budget 500 --margin 12
  assay experiment assign list.csv --id email --salt spring --out assigned.csv
  assay experiment seal --arm group --control none --metric ordered:binary --out plan.json
  assay experiment read orders.csv --plan plan.json
  assay experiment read orders.csv --arm group --control none --metric ordered:binary
  assay experiment read-geo sales.csv --location city --date day --metric orders \
      --treated chicago,portland --start 2021-04-01 --end 2021-04-15
  assay experiment read --help";

#[derive(Debug, Subcommand)]
enum ExperimentCommand {
    Plan(Box<plan::PlanArgs>),
    Calibrate(Box<calibrate::CalibrateArgs>),
    Assign(Box<assign::AssignArgs>),
    Seal(Box<seal::SealArgs>),
    Keep(Box<kept::KeepArgs>),
    List(kept::ListArgs),
    Read(Box<read::ReadArgs>),
    ReadGeo(Box<read_geo::ReadGeoArgs>),
    ReadWeeks(Box<read_weeks::ReadWeeksArgs>),
    History(Box<history::HistoryArgs>),
    Rerun(Box<bundle::RerunArgs>),
}

/// Runs the command.
pub(super) fn run(args: &ExperimentArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    match &args.command {
        ExperimentCommand::Plan(args) => plan::run(args, talk),
        ExperimentCommand::Calibrate(args) => calibrate::run(args, talk),
        ExperimentCommand::Assign(args) => assign::run(args, talk),
        ExperimentCommand::Seal(args) => seal::run(args, config, talk),
        ExperimentCommand::Keep(args) => kept::keep(args, config),
        ExperimentCommand::List(args) => kept::list(args, config),
        ExperimentCommand::Read(args) => read::run(args, config, talk),
        ExperimentCommand::ReadGeo(args) => read_geo::run(args, config, talk),
        ExperimentCommand::ReadWeeks(args) => read_weeks::run(args, config, talk),
        ExperimentCommand::History(args) => history::run(args, talk),
        ExperimentCommand::Rerun(args) => bundle::run(args, config, talk),
    }
}
