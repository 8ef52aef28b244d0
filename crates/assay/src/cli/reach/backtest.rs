//! `assay reach backtest`: how well the next post is foretold.

use super::{OutArgs, PostsArgs, share, strictly, watch};
use crate::cli::Failure;
use crate::cli::output::Place;
use crate::cli::talk::{ListFormat, Talk};
use crate::{pipeline, render};
use clap::Args;

/// Foretell each post from those before it alone, and score that against what came
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct BacktestArgs {
    #[command(flatten)]
    posts: PostsArgs,
    /// Share of the posts, the oldest, that are learned from before the first is foretold
    #[arg(long, value_name = "SHARE", default_value_t = 0.75, value_parser = share)]
    train_share: f64,
    /// How to write the answer
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: ListFormat,
    #[command(flatten)]
    out: OutArgs,
}

const EXAMPLES: &str = "\
Examples:
  assay reach backtest posts.csv
  assay reach backtest posts.csv --train-share 0.5 --target fan_reach --format json

mae_log and crps are on natural logarithms: 0.7 is a factor of two. Each prediction uses the posts
before it alone; rolling_50 and the other baselines are scored on the same posts.";

/// Runs the command.
pub(super) fn run(args: &BacktestArgs, talk: &mut Talk) -> Result<(), Failure> {
    let place = args.out.place(&args.posts.paths)?;
    let target = args.posts.target.map(Into::into);
    let report = pipeline::reach::backtest(
        &args.posts.paths,
        &args.posts.reading.options()?,
        target,
        args.train_share,
        &mut watch(talk),
    )?;
    talk.end_steps();
    match args.format {
        ListFormat::Json => place.write(|out| render::reach::backtest_json(&report, out))?,
        ListFormat::Text => {
            let colour = if place == Place::Stdout { talk.colour_on_stdout() } else { render::Colour::Never };
            let text = render::reach::backtest_text(&report, colour, Talk::width_of_stdout());
            place.write(|out| out.write_all(text.as_bytes()))?;
        }
    }
    strictly(args.posts.strict, &report.origin)
}
