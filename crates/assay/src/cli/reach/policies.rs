//! `assay reach policies`: the tables of feed policies and of sellers.

use crate::cli::Failure;
use crate::cli::output::Place;
use crate::cli::talk::ListFormat;
use assay_reach::feed::{POLICIES, SELLERS};
use clap::Args;
use std::fmt::Write as _;

/// List the rules by which simulated feeds are filled, and the kinds of sellers, with their sources and limits
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  assay reach policies\n  assay reach policies --format json")]
pub(super) struct PoliciesArgs {
    /// How to write the list
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// Runs the command.
pub(super) fn run(args: &PoliciesArgs) -> Result<(), Failure> {
    let text = match args.format {
        ListFormat::Text => {
            let mut text = String::new();
            for p in POLICIES {
                let _ =
                    writeln!(text, "{}\n  {}\n  Leaves out: {}\n  Source: {}\n", p.id, p.sentence, p.limits, p.source);
            }
            text.push_str("Sellers\n\n");
            for s in SELLERS {
                let _ = writeln!(text, "{}\n  {}\n  Source: {}\n", s.id, s.sentence, s.source);
            }
            text
        }
        ListFormat::Json => {
            let rows: Vec<_> = POLICIES
                .iter()
                .map(|p| {
                    serde_json::json!({
                        "id": p.id, "sentence": p.sentence, "source": p.source, "limits": p.limits, "mechanism": p.mechanism.id(),
                    })
                })
                .collect();
            let whole = serde_json::json!({
                "schema": "assay.policies/1", "version": env!("CARGO_PKG_VERSION"), "policies": rows, "sellers": SELLERS,
            });
            format!("{whole:#}\n")
        }
    };
    Place::Stdout.write(|out| out.write_all(text.as_bytes()))
}
