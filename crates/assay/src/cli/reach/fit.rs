//! `assay reach fit`: what inauthentic followers cost a page.

use super::{KnownArgs, OutArgs, PostsArgs, ReportFormat, strictly, watch};
use crate::cli::Failure;
use crate::cli::output::Place;
use crate::cli::talk::Talk;
use crate::{pipeline, render};
use clap::Args;

/// Tell what inauthentic followers cost the page in reach, and by which mechanism
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct FitArgs {
    #[command(flatten)]
    posts: PostsArgs,
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
  assay reach fit posts.csv --audit audit.json
  assay reach fit posts.csv --inauthentic-share 0.3:0.2-0.4 --format html --out reach.html
  assay reach fit posts.csv --followers-history history.csv
  assay reach fit beitraege.csv --map Reichweite=reach --tz Europe/Berlin --audit audit.json

A history is a table with the columns date and followers, inauthentic_share or both. A page whose share has not
changed tells nothing of the mechanism: the answer is then what was believed before, and says so.";

/// Runs the command.
pub(super) fn run(args: &FitArgs, talk: &mut Talk) -> Result<(), Failure> {
    let place = args.out.place(&args.posts.paths)?;
    let asked = args.known.asked(args.posts.paths.clone(), args.posts.target, &args.posts.reading)?;
    let report = pipeline::reach::fit(&asked, &mut watch(talk))?;
    talk.end_steps();
    match args.format {
        ReportFormat::Json => place.write(|out| render::reach::fit_json(&report, out))?,
        ReportFormat::Html => place.write(|out| render::reach::fit_html(&report, out))?,
        ReportFormat::Text => {
            let colour = if place == Place::Stdout { talk.colour_on_stdout() } else { render::Colour::Never };
            let text = render::reach::fit_text(&report, colour, Talk::width_of_stdout());
            place.write(|out| out.write_all(text.as_bytes()))?;
        }
    }
    strictly(args.posts.strict, &report.origin)
}
