//! `assay channels`: the table of detectors.

use super::Failure;
use super::output::Place;
use super::talk::ListFormat;
use assay_detect::{DETECTORS, lockstep};
use clap::Args;
use std::fmt::Write as _;

/// List the channels that an audit listens to, with their sources and limits
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  assay channels\n  assay channels --format json")]
pub(super) struct ChannelsArgs {
    /// How to write the list
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// Runs the command.
pub(super) fn run(args: &ChannelsArgs) -> Result<(), Failure> {
    let text = match args.format {
        ListFormat::Text => {
            let mut text = String::new();
            for [id, sentence, limits, source] in channels() {
                let _ = writeln!(text, "{id}\n  {sentence}\n  Limits: {limits}\n  Source: {source}\n");
            }
            text
        }
        ListFormat::Json => {
            let rows: Vec<_> = channels()
                .map(|[id, sentence, limits, source]| {
                    serde_json::json!({"id": id, "sentence": sentence, "source": source, "limits": limits})
                })
                .collect();
            let whole = serde_json::json!({"schema": "assay.channels/1", "version": env!("CARGO_PKG_VERSION"), "channels": rows});
            format!("{whole:#}\n")
        }
    };
    Place::Stdout.write(|out| out.write_all(text.as_bytes()))
}

/// Id, sentence, limits and source of each channel, in the order of reports.
fn channels() -> impl Iterator<Item = [&'static str; 4]> {
    let beside = [lockstep::CHANNEL, lockstep::SENTENCE, lockstep::LIMITS, lockstep::SOURCE];
    DETECTORS.iter().map(|d| [d.id, d.sentence, d.limits, d.source]).chain(std::iter::once(beside))
}
