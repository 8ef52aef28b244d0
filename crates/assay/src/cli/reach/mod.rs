//! `assay reach`: what bought followers cost a page, and what removing them or promoting would bring. One file a subcommand.

mod backtest;
mod fit;
mod policies;
mod simulate;
mod what_if;

use super::output::Place;
use super::reading::ReadingArgs;
use super::talk::Talk;
use super::{Failure, interrupt};
use crate::config::Config;
use crate::pipeline::reach::{FitAsked, ShareSource};
use crate::pipeline::{self, Step};
use crate::report::reach::Origin;
use assay_math::{Estimate, Seed};
use assay_model::Go;
use assay_reach::page::{FitOptions, Target};
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
  assay reach fit posts.csv --audit audit.json                     what inauthentic followers cost
  assay reach what-if --followers 300 --engaged 40 --buy 10000     before there is any history
  assay reach backtest posts.csv --train-share 0.75                how well reach is foretold
  assay reach simulate scenario.toml                               a feed, and a page in it that buys

`assay formats --columns` lists the columns that a table of posts may have.";

#[derive(Debug, Subcommand)]
enum ReachCommand {
    Fit(fit::FitArgs),
    WhatIf(Box<what_if::WhatIfArgs>),
    Backtest(backtest::BacktestArgs),
    Simulate(Box<simulate::SimulateArgs>),
    Policies(policies::PoliciesArgs),
}

/// Runs the command.
pub(super) fn run(args: &ReachArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    match &args.command {
        ReachCommand::Fit(args) => fit::run(args, talk),
        ReachCommand::WhatIf(args) => what_if::run(args, config, talk),
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
    #[command(flatten)]
    reading: ReadingArgs,
    /// End with exit code 3 when any row could not be read
    #[arg(long, help_heading = "Exit code")]
    strict: bool,
}

/// The form of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReportFormat {
    Text,
    Json,
    Html,
}

/// What is known beside the posts.
#[derive(Debug, Args)]
struct KnownArgs {
    /// The inauthentic share from the JSON of `assay audit --format json`
    #[arg(long, value_name = "FILE", conflicts_with = "inauthentic_share", help_heading = "What is known")]
    audit: Option<PathBuf>,
    /// The inauthentic share of the followers, with its range if known, such as 0.3:0.2-0.4
    #[arg(long, value_name = "P:LOW-HIGH", value_parser = share_with_range, help_heading = "What is known")]
    inauthentic_share: Option<Estimate>,
    /// A table (CSV) of followers, their inauthentic share or both over time
    #[arg(long, value_name = "FILE", help_heading = "What is known")]
    followers_history: Option<PathBuf>,
    /// Weights of the mechanisms before any data: per viewer, per impression, per follower, test then expand
    #[arg(long, value_name = "A,B,C,D", value_parser = weights, help_heading = "Judging")]
    mechanism_prior: Option<Weights>,
    /// How often intervals shall hold the truth
    #[arg(long, value_name = "SHARE", default_value_t = 0.9, value_parser = share, help_heading = "Judging")]
    confidence: f64,
    /// Where random steps start: the same inputs and seed give the same bytes
    #[arg(long, value_name = "N", default_value_t = pipeline::DEFAULT_SEED.0, help_heading = "Judging")]
    seed: u64,
}

/// Weights of the mechanisms.
#[derive(Debug, Clone, Copy)]
struct Weights([f64; 4]);

impl KnownArgs {
    fn asked(
        &self,
        paths: Vec<PathBuf>,
        target: Option<TargetArg>,
        reading: &ReadingArgs,
    ) -> Result<FitAsked, Failure> {
        let share = match (&self.audit, &self.inauthentic_share) {
            (Some(path), _) => ShareSource::Audit(path.clone()),
            (None, Some(share)) => ShareSource::Given(*share),
            (None, None) => ShareSource::Unknown,
        };
        let usual = FitOptions::default();
        let prior = self.mechanism_prior.map_or(usual.prior, |w| w.0);
        Ok(FitAsked {
            paths,
            reading: reading.options()?,
            target: target.map(Into::into),
            share,
            history: self.followers_history.clone(),
            options: FitOptions { confidence: self.confidence, prior },
            seed: Seed(self.seed),
            boosts_to: None,
        })
    }
}

fn share_with_range(text: &str) -> Result<Estimate, String> {
    let wrong = || "expected a share from 0 to 1, with its range if known, such as 0.3 or 0.3:0.2-0.4".to_owned();
    let part = |t: &str| t.trim().parse().ok().filter(|s: &f64| (0.0..=1.0).contains(s)).ok_or_else(wrong);
    let (point, range) = text.split_once(':').map_or((text, None), |(p, r)| (p, Some(r)));
    let point = part(point)?;
    let (low, high) = match range {
        None => (point, point),
        Some(range) => {
            let (low, high) = range.split_once('-').ok_or_else(wrong)?;
            (part(low)?, part(high)?)
        }
    };
    if !(low <= point && point <= high) {
        return Err(format!("expected the share inside its range, found {point} outside {low} to {high}"));
    }
    if point >= 1.0 {
        return Err(
            "expected a share below 1: a page all of whose followers are inauthentic has no reach to lose".to_owned()
        );
    }
    Ok(Estimate::new(point, low, high, 0.9))
}

fn weights(text: &str) -> Result<Weights, String> {
    let wrong = || "expected four weights of 0 or more, not all 0, such as 0.35,0.35,0.2,0.1".to_owned();
    let parts: Vec<f64> = text.split(',').filter_map(|t| t.trim().parse().ok()).collect();
    let weights: [f64; 4] = parts.try_into().map_err(|_| wrong())?;
    let fine = weights.iter().all(|w| w.is_finite() && *w >= 0.0 && *w <= 1e6) && weights.iter().sum::<f64>() > 0.0;
    if fine { Ok(Weights(weights)) } else { Err(wrong()) }
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
