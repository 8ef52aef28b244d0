//! `assay metrics`: from the follower count to what a real one is worth.

use super::audit::{confidence, date};
use super::output::Place;
use super::reading::ReadingArgs;
use super::talk::Talk;
use super::{Failure, interrupt, workspace};
use crate::config::Config;
use crate::pipeline::{self, MetricsOptions};
use crate::render;
use assay_math::Seed;
use assay_metrics::{By, Window};
use assay_model::{Day, Go};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Tell metrics from audience to money, each with a way back to its rows
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct MetricsArgs {
    /// Exports, analytics, advertising reports and orders of one business, of any kind that is read [default: what counts in
    /// the workspace]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// List the metrics: what each is, its formula, how it misleads
    #[arg(long)]
    list: bool,
    /// The first day [default: the first of the data]
    #[arg(long, value_name = "DATE", value_parser = date)]
    from: Option<jiff::civil::Date>,
    /// The last day [default: the last of the data]
    #[arg(long, value_name = "DATE", value_parser = date)]
    to: Option<jiff::civil::Date>,
    /// Split figures too; segments are age, gender, interest and region, each by itself
    #[arg(long, value_name = "SPLIT")]
    by: Option<SplitBy>,
    /// Lay the days before of the same number beside (needs --from)
    #[arg(long, requires = "from")]
    compare: bool,
    /// Tell money in this currency; amounts that name none are in it
    #[arg(long, value_name = "CODE")]
    currency: Option<String>,
    /// Contribution margin: the share of revenue left after all costs that come with an order
    #[arg(long, value_name = "SHARE", value_parser = margin)]
    margin: Option<f64>,
    /// Dated rates between currencies: a table with date, from, to, rate
    #[arg(long, value_name = "FILE")]
    rates: Option<PathBuf>,
    /// Verdicts that `assay audit --verdicts` wrote, instead of a new audit of the followers
    #[arg(long, value_name = "FILE")]
    verdicts: Option<PathBuf>,
    /// What experiments say of channels: a table with channel, factor, low, high, date
    #[arg(long, value_name = "FILE")]
    experiments: Option<PathBuf>,
    /// Show one metric alone, with its files, rows and the SQL that selects them in a workspace
    #[arg(long, value_name = "METRIC")]
    explain: Option<String>,
    #[command(flatten)]
    reading: ReadingArgs,
    /// Confidence of the intervals
    #[arg(long, value_name = "SHARE", default_value_t = pipeline::DEFAULT_CONFIDENCE, value_parser = confidence)]
    confidence: f64,
    /// Seed of every random step
    #[arg(long, value_name = "N", default_value_t = pipeline::DEFAULT_SEED.0)]
    seed: u64,
    /// How to write the answer
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: MetricsFormat,
    /// Write to FILE instead of stdout; replaces an older file, `-` is stdout
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
    /// End with exit code 3 when any row could not be read
    #[arg(long, help_heading = "Exit code")]
    strict: bool,
}

const EXAMPLES: &str = "\
Examples:
  assay metrics                                  of the workspace
  assay metrics followers.zip ads.csv orders.csv
  assay metrics orders.csv ads.csv --from 2026-01-01 --to 2026-03-31 --compare --margin 0.4
  assay metrics ads.csv --by campaign --format csv
  assay metrics orders.csv ads.csv --explain cac_blended
  assay metrics followers.zip posts.csv ads.csv orders.csv --format html --out metrics.html
  assay metrics --list

Ratios are sums over sums. A metric without its inputs says what it lacks.";

impl MetricsArgs {
    /// Whether the workspace is told of, and no files.
    pub(super) fn is_of_workspace(&self) -> bool {
        self.paths.is_empty() && !self.list
    }
}

/// By what figures are split.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SplitBy {
    Week,
    Channel,
    Campaign,
    Segment,
    Source,
}

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum MetricsFormat {
    Text,
    Json,
    Csv,
    Html,
}

/// Runs the command.
pub(super) fn run(args: &MetricsArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    let place = Place::of(args.out.as_ref());
    if args.list {
        let list = render::metrics_list(Talk::width_of_stdout());
        return place.write(|out| out.write_all(list.as_bytes()));
    }
    let beside = [&args.rates, &args.verdicts, &args.experiments].into_iter().flatten().cloned();
    place.spare(&args.paths.iter().cloned().chain(beside).collect::<Vec<_>>())?;
    let options = options(args, config)?;
    let mut watch = |step, done, total| {
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    };
    let report = if args.paths.is_empty() {
        let file = workspace::path(config)?;
        place.spare(std::slice::from_ref(&file))?;
        pipeline::workspace_metrics(&file, &options, &mut watch)?
    } else {
        pipeline::metrics(&args.paths, &options, &mut watch)?
    };
    talk.end_steps();
    match args.format {
        MetricsFormat::Json => place.write(|out| render::metrics_json(&report, out))?,
        MetricsFormat::Csv => place.write(|out| render::metrics_csv(&report, out))?,
        MetricsFormat::Html => place.write(|out| render::metrics_html(&report, out))?,
        MetricsFormat::Text => {
            let colour = if place == Place::Stdout { talk.colour_on_stdout() } else { render::Colour::Never };
            let text = render::metrics_text(&report, colour, Talk::width_of_stdout());
            place.write(|out| out.write_all(text.as_bytes()))?;
        }
    }
    if args.strict && report.origin.n_rejected > 0 {
        return Err(Failure::Strict { n_rejected: report.origin.n_rejected });
    }
    Ok(())
}

fn options(args: &MetricsArgs, config: &Config) -> Result<MetricsOptions, Failure> {
    let explain = match &args.explain {
        None => None,
        Some(id) => Some(assay_metrics::by_id(id).ok_or_else(|| Failure::Usage {
            message: format!("expected a metric after --explain, found '{id}'"),
            hint: Some("`assay metrics --list` lists them".to_owned()),
        })?),
    };
    let day = |date: jiff::civil::Date| Day((date - jiff::civil::date(1970, 1, 1)).get_days());
    let window = Window { from: args.from.map(day), to: args.to.map(day) };
    if let (Some(from), Some(to)) = (window.from, window.to)
        && to < from
    {
        return Err(Failure::Usage { message: "expected --from on or before --to".to_owned(), hint: None });
    }
    Ok(MetricsOptions {
        window,
        by: args.by.map(|by| match by {
            SplitBy::Week => By::Week,
            SplitBy::Channel => By::Channel,
            SplitBy::Campaign => By::Campaign,
            SplitBy::Segment => By::Segment,
            SplitBy::Source => By::Source,
        }),
        compare: args.compare,
        currency: args.currency.clone(),
        margin: args.margin,
        rates: args.rates.clone(),
        verdicts: args.verdicts.clone(),
        experiments: args.experiments.clone(),
        explain,
        calendar: Some(args.reading.calendar(config)?),
        reading: args.reading.options()?,
        confidence: args.confidence,
        seed: Seed(args.seed),
    })
}

fn margin(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|m: &f64| *m > 0.0 && *m <= 1.0);
    share.ok_or_else(|| "expected a share above 0 and at most 1, such as 0.4".to_owned())
}
