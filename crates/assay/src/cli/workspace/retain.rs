//! `assay retain`: drops rows of persons that the workspace does not keep longer.

use super::path;
use crate::cli::output::Place;
use crate::cli::talk::{ListFormat, Talk};
use crate::cli::{Failure, interrupt};
use crate::config::Config;
use crate::pipeline::workspace;
use crate::render;
use assay_model::Go;
use assay_store::Dropping;
use clap::Args;

/// Drop rows of persons that are older than the workspace keeps them; counts stay
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct RetainArgs {
    /// Say what would go, and drop nothing
    #[arg(long)]
    dry_run: bool,
    /// How to write what went
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: ListFormat,
}

const EXAMPLES: &str = "\
Examples:
  assay config set retention.engagements 400d
  assay config set retention.followers 2y
  assay retain --dry-run
  assay retain

How long is kept: followers (lists, by the time they speak of), engagements, messages, orders (whose
they are; what was sold stays), contacts, verdicts, links. What has no setting is kept for good.
`assay import` does the same at its end. What goes is overwritten in the file; counts by day stay in
the view kept_counts, who came and went between lists in kept_changes. Older copies of the
workspace are not touched.";

/// Runs the command.
pub(in crate::cli) fn run(args: &RetainArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    let mut watch = |step, done, total| {
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    };
    let dropping = if args.dry_run { Dropping::Dry } else { Dropping::Now };
    let dropped = workspace::retain(&path(config)?, dropping, &mut watch)?;
    talk.end_steps();
    Place::Stdout.write(|out| match args.format {
        ListFormat::Json => render::workspace::retain_json(&dropped, args.dry_run, out),
        ListFormat::Text => out.write_all(render::workspace::retain_text(&dropped, args.dry_run).as_bytes()),
    })
}
