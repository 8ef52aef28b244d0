//! `assay channels`: the table of detectors.

use super::Failure;
use super::output::Place;
use super::talk::ListFormat;
use assay_detect::DETECTORS;
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
            for d in DETECTORS {
                let _ = writeln!(text, "{}\n  {}\n  Limits: {}\n  Source: {}\n", d.id, d.sentence, d.limits, d.source);
            }
            text
        }
        ListFormat::Json => {
            let rows: Vec<_> = DETECTORS
                .iter()
                .map(
                    |d| serde_json::json!({"id": d.id, "sentence": d.sentence, "source": d.source, "limits": d.limits}),
                )
                .collect();
            let whole = serde_json::json!({"schema": "assay.channels/1", "version": env!("CARGO_PKG_VERSION"), "channels": rows});
            format!("{whole:#}\n")
        }
    };
    Place::Stdout.write(|out| out.write_all(text.as_bytes()))
}
