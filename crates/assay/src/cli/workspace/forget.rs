//! `assay forget`: erases a person everywhere.

use super::path;
use crate::cli::output::Place;
use crate::cli::talk::{ListFormat, Talk};
use crate::cli::{Failure, interrupt};
use crate::config::Config;
use crate::pipeline::Step;
use crate::pipeline::workspace::{self, open_workspace};
use crate::render::{self, counted};
use assay_model::Go;
use clap::Args;

/// Erase a person from the workspace, and keep them out of later imports
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(in crate::cli) struct ForgetArgs {
    /// Their handle, with or without @
    #[arg(value_name = "HANDLE")]
    handle: String,
    /// On this network alone; on all otherwise
    #[arg(long, value_name = "NETWORK")]
    network: Option<String>,
    /// How to write what was done
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

const EXAMPLES: &str = "\
Examples:
  assay forget @anna
  assay forget anna --network instagram

Follows, engagements and contacts are erased in every version, and overwritten in the file;
orders stay without who they are of. A keyed hash of the handle, and of the ids and addresses
that stood beside it, keeps them out of later imports. Older copies of the workspace, and texts
in which others name them, are not touched.";

/// Runs the command.
pub(in crate::cli) fn run(args: &ForgetArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    let handle = args.handle.trim().trim_start_matches('@');
    if handle.is_empty() {
        return Err(Failure::Usage { message: "expected a handle, found nothing".to_owned(), hint: None });
    }
    let mut store = open_workspace(&workspace::existing(&path(config)?)?)?;
    let mut tick = |done, total| {
        talk.step(Step::Named("forgetting"), done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    };
    let network = args.network.as_deref().map(str::to_lowercase);
    let erased =
        store.forget(handle, network.as_deref(), workspace::now(), &mut tick).map_err(crate::pipeline::Error::from)?;
    talk.end_steps();
    if args.format == ListFormat::Json {
        let text = render::workspace::forget_json(&erased);
        return Place::Stdout.write(|out| out.write_all(text.as_bytes()));
    }
    let (rows, orders) = (counted(erased.n_rows, "row", "rows"), counted(erased.n_orders, "order", "orders"));
    let text =
        format!("erased {rows}; {orders} stay without their customer; the handle is kept out of later imports\n");
    Place::Stdout.write(|out| out.write_all(text.as_bytes()))
}
