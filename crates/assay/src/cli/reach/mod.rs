//! `assay reach`: what bought followers cost a page, and what removing them or promoting would bring. One file a subcommand.

mod backtest;
mod policies;
mod simulate;

use super::output::Place;
use super::talk::Talk;
use super::{Failure, interrupt};
use crate::pipeline::Step;
use crate::report::reach::Origin;
use assay_model::Go;
use assay_reach::page::Target;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

/// Tell what bought followers cost a page in reach, and how well reach is foretold
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ReachArgs {
    #[command(subcommand)]
    command: ReachCommand,
}

const EXAMPLES: &str = "\
Examples:
  assay reach backtest posts.csv --train-share 0.75
  assay reach simulate --init > scenario.toml
  assay reach simulate scenario.toml

`assay formats --columns` lists the columns that a table of posts may have.";

#[derive(Debug, Subcommand)]
enum ReachCommand {
    Backtest(backtest::BacktestArgs),
    Simulate(Box<simulate::SimulateArgs>),
    Policies(policies::PoliciesArgs),
}

/// Runs the command.
pub(super) fn run(args: &ReachArgs, talk: &mut Talk) -> Result<(), Failure> {
    match &args.command {
        ReachCommand::Backtest(args) => backtest::run(args, talk),
        ReachCommand::Simulate(args) => simulate::run(args, talk),
        ReachCommand::Policies(args) => policies::run(args),
    }
}

/// The posts that an answer rests on.
#[derive(Debug, Args)]
struct PostsArgs {
    /// Tables of posts of one page: CSV, TSV, JSON or Parquet; several are read as one
    #[arg(required = true, value_name = "POSTS")]
    paths: Vec<PathBuf>,
    /// Which number of a post is meant; without it, what the table has
    #[arg(long, value_name = "NUMBER")]
    target: Option<TargetArg>,
    /// End with exit code 3 when any row could not be read
    #[arg(long, help_heading = "Exit code")]
    strict: bool,
}

/// Which number of a post is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
enum TargetArg {
    Reach,
    FanReach,
    Impressions,
}

impl From<TargetArg> for Target {
    fn from(argument: TargetArg) -> Self {
        match argument {
            TargetArg::Reach => Self::Reach,
            TargetArg::FanReach => Self::FanReach,
            TargetArg::Impressions => Self::Impressions,
        }
    }
}

/// Where an answer goes.
#[derive(Debug, Args)]
struct OutArgs {
    /// Write to FILE instead of stdout; replaces an older file, `-` is stdout
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
}

impl OutArgs {
    fn place(&self, inputs: &[PathBuf]) -> Result<Place, Failure> {
        let place = Place::of(self.out.as_ref());
        place.spare(inputs)?;
        Ok(place)
    }
}

/// Tells the steps of a pipeline, and whether the user asked to stop.
fn watch(talk: &mut Talk) -> impl FnMut(Step, u64, u64) -> Go + '_ {
    |step, done, total| {
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    }
}

/// Ends with 3 where the user is strict and rows were rejected.
fn strictly(strict: bool, origin: &Origin) -> Result<(), Failure> {
    if strict && origin.n_rejected > 0 { Err(Failure::Strict { n_rejected: origin.n_rejected }) } else { Ok(()) }
}

/// A share of posts: above 0 and below 1.
fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|s: &f64| *s > 0.0 && *s < 1.0);
    share.ok_or_else(|| "expected a number above 0 and below 1, such as 0.75".to_owned())
}
