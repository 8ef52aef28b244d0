//! `assay reach what-if`: what buying, removing or promoting would do.

use super::{KnownArgs, OutArgs, ReportFormat, TargetArg, watch};
use crate::cli::Failure;
use crate::cli::audit::date;
use crate::cli::experiment::seal;
use crate::cli::output::Place;
use crate::cli::reading::ReadingArgs;
use crate::cli::talk::Talk;
use crate::config::Config;
use crate::pipeline::reach::{RemovalAsked, ValueSource, WhatIfAsked};
use crate::{pipeline, render};
use assay_reach::page::Change;
use clap::Args;
use std::path::PathBuf;

/// Foresee reach, engagement and revenue after buying or removing followers, or promoting
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct WhatIfArgs {
    /// Tables of posts of the page; without them the priors alone speak
    #[arg(value_name = "POSTS")]
    paths: Vec<PathBuf>,
    /// Followers of the page, all of them
    #[arg(long, value_name = "N", help_heading = "The page")]
    followers: Option<u64>,
    /// People who engage with a usual post
    #[arg(long, value_name = "N", value_parser = amount, help_heading = "The page")]
    engaged: Option<f64>,
    /// Accounts that a usual post reaches
    #[arg(long, value_name = "N", value_parser = amount, help_heading = "The page")]
    reach: Option<f64>,
    /// Posts a week
    #[arg(long, value_name = "N", value_parser = pace, help_heading = "The page")]
    posts_per_week: Option<f64>,
    /// Which number of a post is meant; without it, what the table has
    #[arg(long, value_name = "NUMBER", help_heading = "The page")]
    target: Option<TargetArg>,
    /// Buy so many followers
    #[arg(long, value_name = "N", conflicts_with = "remove", help_heading = "What is done")]
    buy: Option<u32>,
    /// Remove so many inauthentic followers
    #[arg(long, value_name = "N", help_heading = "What is done")]
    remove: Option<u32>,
    /// Remove them in so many equal steps, a fortnight apart
    #[arg(long = "in", value_name = "STEPS", default_value_t = 1, requires = "remove", value_parser = clap::value_parser!(u32).range(1..=26), help_heading = "What is done")]
    steps: u32,
    /// Promote posts with so much money, in the table's currency
    #[arg(long, value_name = "AMOUNT", value_parser = amount, help_heading = "What is done")]
    promote: Option<f64>,
    /// To whom the promotion is shown: boosts by chance to this name in the column `audience` tell what it brings
    #[arg(long, value_name = "NAME", requires = "promote", help_heading = "What is done")]
    audience: Option<String>,
    /// What an engagement is worth, in cents (minor units)
    #[arg(long, value_name = "CENTS", value_parser = amount, requires = "currency", help_heading = "Revenue")]
    value_per_engagement: Option<f64>,
    /// Tables of orders: what revenue moves along with engagements from week to week (an association)
    #[arg(
        long,
        value_name = "FILE",
        conflicts_with = "value_per_engagement",
        requires = "paths",
        help_heading = "Revenue"
    )]
    orders: Vec<PathBuf>,
    /// The currency of that, such as EUR
    #[arg(long, value_name = "CODE", requires = "value_per_engagement", help_heading = "Revenue")]
    currency: Option<String>,
    /// Make the removal an experiment whose first week begins on this day: its steps come in weeks drawn by lot
    #[arg(long, value_name = "DATE", value_parser = date, requires_all = ["remove", "paths"], help_heading = "As an experiment")]
    from: Option<jiff::civil::Date>,
    /// Days at the start of every week whose posts are not counted
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=6), help_heading = "As an experiment")]
    hold_out_days: u32,
    /// What the draw of the weeks is salted with [default: the day of --from]
    #[arg(long, value_name = "TEXT", requires = "from", help_heading = "As an experiment")]
    salt: Option<String>,
    /// Seal the plan to FILE, for `assay experiment read-weeks --plan`; an older file is not replaced
    #[arg(long, value_name = "FILE", requires = "from", help_heading = "As an experiment")]
    seal: Option<PathBuf>,
    /// When it is sealed [default: now]
    #[arg(long, value_name = "TIME", requires = "seal", help_heading = "As an experiment")]
    at: Option<jiff::Timestamp>,
    /// Weeks to look ahead, and of the experiment
    #[arg(long, value_name = "N", default_value_t = 12, value_parser = clap::value_parser!(u32).range(1..=104))]
    weeks: u32,
    #[command(flatten)]
    reading: ReadingArgs,
    #[command(flatten)]
    known: KnownArgs,
    /// How to write the answer
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: ReportFormat,
    #[command(flatten)]
    out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  assay reach what-if --followers 300 --engaged 40 --buy 10000
  assay reach what-if --followers 10100 --engaged 25 --inauthentic-share 0.99 --remove 9999 --in 3
  assay reach what-if posts.csv --audit audit.json --remove 800 --in 3 --format html --out what-if.html
  assay reach what-if posts.csv --audit audit.json --remove 800 --in 3 --weeks 16 --from 2026-12-07 \\
      --seal removal.json
  assay reach what-if posts.csv --promote 200 --audience 'women 25-34, Lyon'
  assay reach what-if posts.csv --inauthentic-share 0.3:0.2-0.4 --remove 800 --orders orders.csv

Everything is against the same page left alone. Bought followers are fake indicators: selling or buying
them to mislead is unlawful in many countries (in the United States 16 CFR 465.8).";

fn amount(text: &str) -> Result<f64, String> {
    let amount = text.parse().ok().filter(|x: &f64| x.is_finite() && *x >= 0.0 && *x < 1e12);
    amount.ok_or_else(|| "expected a number, 0 or more".to_owned())
}

fn pace(text: &str) -> Result<f64, String> {
    let pace = text.parse().ok().filter(|x: &f64| (0.01..=500.0).contains(x));
    pace.ok_or_else(|| "expected a number from 0.01 to 500".to_owned())
}

/// Runs the command.
pub(super) fn run(args: &WhatIfArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    let change = match (args.buy, args.remove) {
        (Some(n), _) => Some(Change::Buy(f64::from(n))),
        (None, Some(n)) => Some(Change::Remove(f64::from(n), args.steps)),
        (None, None) => None,
    };
    if change.is_none() && args.promote.is_none() {
        return Err(Failure::Usage {
            message: "expected --buy, --remove or --promote, found none of them".to_owned(),
            hint: Some("assay reach what-if --followers 300 --engaged 40 --buy 10000".to_owned()),
        });
    }
    let read: Vec<PathBuf> = args.paths.iter().chain(&args.orders).cloned().collect();
    let place = args.out.place(&read)?;
    let mut fit = args.known.asked(args.paths.clone(), args.target, &args.reading)?;
    fit.boosts_to.clone_from(&args.audience);
    let asked = WhatIfAsked {
        fit,
        followers: args.followers,
        engaged: args.engaged,
        reach: args.reach,
        posts_per_week: args.posts_per_week,
        change,
        promote: args.promote.map(|amount| (amount, args.audience.clone())),
        value: match (args.value_per_engagement, &args.currency) {
            (Some(minor), Some(currency)) => ValueSource::Given(minor, currency.clone()),
            _ if !args.orders.is_empty() => ValueSource::Orders(args.orders.clone(), args.reading.calendar(config)?),
            _ => ValueSource::Unknown,
        },
        weeks: args.weeks,
        experiment: args.from.map(|from| RemovalAsked {
            from,
            hold_out_days: args.hold_out_days,
            salt: args.salt.clone().unwrap_or_else(|| from.to_string()),
        }),
    };
    if let Some(path) = args.seal.as_ref() {
        seal::not_there(path)?;
    }
    let report = pipeline::reach::what_if(&asked, &mut watch(talk))?;
    talk.end_steps();
    if let (Some(path), Some(plan)) = (&args.seal, &report.experiment) {
        let at = args.at.unwrap_or_else(seal::now).to_string();
        let hash = seal::write(path, &pipeline::reach::seal_removal(plan, &asked.fit.reading, at))?;
        talk.note(&format!("sealed to {}; its hash is {hash}: send it to somebody", path.display()));
    }
    match args.format {
        ReportFormat::Json => place.write(|out| render::reach::what_if_json(&report, out)),
        ReportFormat::Html => place.write(|out| render::reach::what_if_html(&report, out)),
        ReportFormat::Text => {
            let colour = if place == Place::Stdout { talk.colour_on_stdout() } else { render::Colour::Never };
            let text = render::reach::what_if_text(&report, colour, Talk::width_of_stdout());
            place.write(|out| out.write_all(text.as_bytes()))
        }
    }
}
