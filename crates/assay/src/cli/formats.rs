//! `assay formats`: the table of importers (being written).

use super::Failure;
use super::talk::ListFormat;
use clap::Args;

/// List the formats that can be read
#[derive(Debug, Args)]
pub(super) struct FormatsArgs {
    /// How to write the list
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// Runs the command.
pub(super) fn run(args: &FormatsArgs) -> Result<(), Failure> {
    let _ = args.format;
    Ok(())
}
