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
    /// Their handle, with or without @, or their e-mail address
    #[arg(value_name = "HANDLE", required_unless_present = "customer")]
    handle: Option<String>,
    /// The customer that orders name so, by id, address or telephone number
    #[arg(long, value_name = "ID", conflicts_with_all = ["handle", "network"])]
    customer: Option<String>,
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
  assay forget anna@example.com
  assay forget --customer C-1042

Follows, engagements and contacts are erased in every version, and overwritten in the file;
orders stay without who they are of, those of a customer joined with the handle too. A keyed
hash of the handle, and of the ids and addresses that stood beside it, keeps them out of later
imports. An address or a customer's id leads to orders, contacts and links, and to no account.
Older copies of the workspace, and texts in which others name them, are not touched.";

/// Runs the command.
pub(in crate::cli) fn run(args: &ForgetArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    let named = args.customer.as_deref().or(args.handle.as_deref()).unwrap_or_default().trim();
    if named.trim_start_matches('@').is_empty() {
        return Err(Failure::Usage {
            message: "expected a handle or a customer, found nothing".to_owned(),
            hint: None,
        });
    }
    let mut store = open_workspace(&workspace::existing(&path(config)?)?)?;
    let mut tick = |done, total| {
        talk.step(Step::Named("forgetting"), done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    };
    let network = args.network.as_deref().map(str::to_lowercase);
    let erased = match args.customer {
        Some(_) => store.forget_customer(named, workspace::now(), &mut tick),
        None => store.forget(named, network.as_deref(), workspace::now(), &mut tick),
    };
    let erased = erased.map_err(crate::pipeline::Error::from)?;
    talk.end_steps();
    if args.format == ListFormat::Json {
        let text = render::workspace::forget_json(&erased);
        return Place::Stdout.write(|out| out.write_all(text.as_bytes()));
    }
    let (rows, orders) = (counted(erased.n_rows, "row", "rows"), counted(erased.n_orders, "order", "orders"));
    let whom = if args.customer.is_some() { "the customer" } else { "the handle" };
    let text = format!("erased {rows}; {orders} stay without their customer; {whom} is kept out of later imports\n");
    Place::Stdout.write(|out| out.write_all(text.as_bytes()))
}
