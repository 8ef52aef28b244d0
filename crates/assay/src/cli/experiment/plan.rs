//! `assay experiment plan`: what a test could find out, before anything is spent.

use super::read::{above_zero, not_below_zero};
use crate::cli::output::Place;
use crate::cli::talk::Talk;
use crate::cli::{Failure, interrupt};
use crate::pipeline::{self, PlanOptions};
use crate::render;
use assay_experiment::plan::segments::Factor;
use assay_experiment::plan::{PRIOR_SPREAD, Prior};
use assay_math::Seed;
use assay_model::Go;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Plan a test: what your money can find out, which design, and whether it is worth asking
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct PlanArgs {
    /// A table of past orders or days (and markets), if you have one: CSV, TSV, JSON lines or Parquet
    #[arg(value_name = "HISTORY", requires = "date")]
    history: Option<PathBuf>,
    /// The history's column of days
    #[arg(long, value_name = "COL", requires = "history", help_heading = "History")]
    date: Option<String>,
    /// What is measured in the history; without it rows are counted
    #[arg(long, value_name = "COL", requires = "history", help_heading = "History")]
    metric: Option<String>,
    /// The history's column of markets
    #[arg(long, value_name = "COL", requires = "history", help_heading = "History")]
    location: Option<String>,
    /// People of your own list (mail, phone, customers) that can be split
    #[arg(long, value_name = "N", value_parser = above_zero, help_heading = "What you have")]
    people: Option<f64>,
    /// People that the platform's own randomised test would reach
    #[arg(long, value_name = "N", value_parser = above_zero, help_heading = "What you have")]
    platform_people: Option<f64>,
    /// The share of people that order during the test if nothing is done
    #[arg(long, value_name = "SHARE", value_parser = share, help_heading = "What you have")]
    rate: Option<f64>,
    /// What a person spends on average during the test, in place of --rate
    #[arg(long, value_name = "M", value_parser = above_zero, conflicts_with = "rate", requires = "spread", help_heading = "What you have")]
    mean: Option<f64>,
    /// The standard deviation of what a person spends
    #[arg(long, value_name = "SD", value_parser = above_zero, requires = "mean", help_heading = "What you have")]
    spread: Option<f64>,
    /// Segments that the list is to be read by: how many of each, or their weights (topic=3,age=4,place=60:30:10)
    #[arg(long, value_name = "NAME=K,…", value_parser = factors, requires = "people", help_heading = "What you have")]
    segments: Option<Factors>,
    /// People that come a week, where they do not stand on a list
    #[arg(long, value_name = "N", value_parser = above_zero, help_heading = "What you have")]
    people_per_week: Option<f64>,
    /// Orders (or what else is measured) a week, where there is no history
    #[arg(long, value_name = "N", value_parser = above_zero, conflicts_with = "history", help_heading = "What you have")]
    per_week: Option<f64>,
    /// Their standard deviation from week to week
    #[arg(long, value_name = "SD", value_parser = above_zero, help_heading = "What you have")]
    week_spread: Option<f64>,
    /// Markets that can be told apart, where there is no history of them
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=100_000), help_heading = "What you have")]
    markets: Option<u32>,
    /// Markets to treat [default: a quarter, or what the history says]
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=50_000), help_heading = "What you have")]
    treated: Option<u32>,
    /// What a market brings over the test, relative error against what the others foretell
    #[arg(long, value_name = "SHARE", default_value_t = 0.1, value_parser = above_zero, help_heading = "What you have")]
    market_noise: f64,
    /// Weeks of the test, where weeks or markets are treated
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u32).range(1..=104), help_heading = "What you have")]
    weeks: u32,
    /// Money earned by 1 of the metric: by an order, or the share kept of a turnover (0.4)
    #[arg(long, value_name = "M", value_parser = above_zero, help_heading = "Money")]
    margin: Option<f64>,
    /// Money that treating one person costs
    #[arg(long, value_name = "C", value_parser = not_below_zero, requires = "margin", help_heading = "Money")]
    cost: Option<f64>,
    /// Money that the test may cost in all
    #[arg(long, value_name = "B", value_parser = above_zero, requires = "margin", help_heading = "Money")]
    budget: Option<f64>,
    /// Weeks after the test that the decision is about
    #[arg(long, value_name = "N", default_value_t = 52.0, value_parser = above_zero, help_heading = "Money")]
    rest_weeks: f64,
    /// The lift that you hope for, such as 0.2 [default: break-even and one spread of --prior-lift]
    #[arg(long, value_name = "SHARE", value_parser = above_zero, help_heading = "What you believe")]
    lift: Option<f64>,
    /// What you believe of the lift before the test: its mean and spread [default: 0:0.1, or half of --lift if that is more]
    #[arg(long, value_name = "MEAN:SPREAD", value_parser = prior, allow_hyphen_values = true, help_heading = "What you believe")]
    prior_lift: Option<PriorArg>,
    /// How often a test of nothing may say otherwise
    #[arg(long, value_name = "SHARE", default_value_t = 0.05, value_parser = share, help_heading = "Test")]
    alpha: f64,
    /// How often the test shall find what it looks for
    #[arg(long, value_name = "SHARE", default_value_t = 0.8, value_parser = share, help_heading = "Test")]
    power: f64,
    /// Seed of every random step
    #[arg(long, value_name = "N", default_value_t = pipeline::DEFAULT_SEED.0, help_heading = "Test")]
    seed: u64,
    /// What to write to stdout or --out
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: PlanFormat,
    /// Write to FILE instead of stdout; replaces an older file, `-` is stdout
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  assay experiment plan --per-week 40 --budget 500 --margin 12 --weeks 12
  assay experiment plan --people 8000 --rate 0.03 --margin 12 --cost 0.05 --lift 0.3
  assay experiment plan --people 80000 --rate 0.03 --lift 0.3 --segments topic=3,age=4
  assay experiment plan orders.csv --date ordered_at --weeks 10 --budget 800 --margin 12
  assay experiment plan sales.csv --date day --metric orders --location city --weeks 4

Designs are gone through in the order of trust: own list, platform, markets, weeks on and off,
before and after. The answer is which one to run, or that none is worth it and why.";

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum PlanFormat {
    Text,
    Json,
}

/// Ways to sort a list.
#[derive(Debug, Clone)]
struct Factors(Vec<Factor>);

fn factors(text: &str) -> Result<Factors, String> {
    pipeline::factors_of(text).map(Factors)
}

/// A belief of a lift.
#[derive(Debug, Clone, Copy)]
struct PriorArg(Prior);

fn prior(text: &str) -> Result<PriorArg, String> {
    let numbers = text.split_once(':').and_then(|(m, s)| Some((m.trim().parse().ok()?, s.trim().parse().ok()?)));
    numbers
        .filter(|(m, s): &(f64, f64)| m.is_finite() && s.is_finite() && *s > 0.0)
        .map(|(mean, spread)| PriorArg(Prior { mean, spread }))
        .ok_or_else(|| "expected a mean and a spread above 0 with a colon between, such as 0.05:0.1".to_owned())
}

fn share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|x: &f64| *x > 0.0 && *x < 1.0);
    share.ok_or_else(|| "expected a number above 0 and below 1, such as 0.02".to_owned())
}

/// Runs the command.
pub(super) fn run(args: &PlanArgs, talk: &mut Talk) -> Result<(), Failure> {
    let place = Place::of(args.out.as_ref());
    place.spare(args.history.as_slice())?;
    let options = PlanOptions {
        history: args.history.clone(),
        date: args.date.clone(),
        metric: args.metric.clone(),
        location: args.location.clone(),
        per_week: args.per_week,
        week_spread: args.week_spread,
        people: args.people,
        segments: args.segments.as_ref().map_or_else(Vec::new, |f| f.0.clone()),
        platform_people: args.platform_people,
        mean: args.rate.or(args.mean),
        spread: args.spread,
        people_per_week: args.people_per_week,
        cost: args.cost,
        budget: args.budget,
        weeks: args.weeks,
        rest_weeks: args.rest_weeks,
        markets: args.markets,
        treated: args.treated,
        market_noise: args.market_noise,
        margin: args.margin,
        lift: args.lift,
        prior: args
            .prior_lift
            .map_or_else(|| Prior { mean: 0.0, spread: PRIOR_SPREAD.max(args.lift.unwrap_or(0.0) / 2.0) }, |p| p.0),
        alpha: args.alpha,
        power: args.power,
        seed: Seed(args.seed),
    };
    let report = pipeline::plan_experiment(&options, &mut |step, done, total| {
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    })?;
    talk.end_steps();
    match args.format {
        PlanFormat::Json => place.write(|out| render::experiment::plan_json(&report, out)),
        PlanFormat::Text => {
            let text = render::experiment::plan_text(&report);
            place.write(|out| out.write_all(text.as_bytes()))
        }
    }
}
