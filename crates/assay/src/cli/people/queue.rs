//! `assay people queue`, `read` and `response`: who awaits an answer, what was said, how soon answers come.

use crate::cli::Failure;
use crate::cli::audit::confidence;
use crate::cli::output::Place;
use crate::cli::talk::{ListFormat, Talk};
use crate::pipeline::people::{self, QueueOptions};
use crate::pipeline::{DEFAULT_CONFIDENCE, Step};
use crate::render;
use assay_model::{Go, TimeMs};
use assay_store::{Status, Workspace};
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Show who awaits an answer, in the order of what an answer is worth
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct QueueArgs {
    /// Those of this status: open, snoozed, answered, done or all; several with commas between
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "open", value_parser = statuses)]
    status: Vec<Statuses>,
    /// The most that are shown
    #[arg(long, value_name = "N", default_value_t = 20)]
    limit: usize,
    /// How many are passed over first
    #[arg(long, value_name = "N", default_value_t = 0)]
    skip: usize,
    /// Those of this page only, such as instagram/northlight
    #[arg(long, value_name = "PAGE")]
    page: Option<String>,
    /// Those that this person handles
    #[arg(long, value_name = "NAME")]
    handled_by: Option<String>,
    /// As it is at this moment, such as 2026-03-05 or 2026-03-05T09:00:00Z; now where none is told
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<TimeMs>,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: QueueFormat,
    /// Write to FILE instead of stdout; replaces an older file
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  assay people queue
  assay people queue --status open,snoozed --limit 50
  assay people queue --page instagram/northlight --handled-by Kim
  assay people queue --format csv --out queue.csv

An answer is worth up to 100 points: 40 for a customer, up to 20 by what they bought beside other
customers, 15 for a question, up to 15 for waiting a day, up to 10 for engaging often. After a
week the sum halves every 30 days. Accounts that are consistent with bought ones (by the newest
`assay audit` of the workspace) are left out and counted; those that nobody judged are people.";

/// Show what was said in a conversation, what was noted, and how to answer
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay people read 07b2c4d81e9f3a65")]
pub(super) struct ReadArgs {
    /// The conversation, as `assay people queue` tells it
    #[arg(value_name = "ID")]
    id: String,
    /// As it is at this moment; now where none is told
    #[arg(long, value_name = "TIME", value_parser = moment)]
    at: Option<TimeMs>,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// Show how soon the page answers: median, nine in ten, share within a day, week by week
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  assay people response\n  assay people response --page mastodon/shop --format json\n\n\
Turns without an answer are not left out: they have waited for as long as the data go."
)]
pub(super) struct ResponseArgs {
    /// Of this page only
    #[arg(long, value_name = "PAGE")]
    page: Option<String>,
    /// How often intervals shall hold the truth
    #[arg(long, value_name = "SHARE", default_value_t = DEFAULT_CONFIDENCE, value_parser = confidence)]
    confidence: f64,
    /// How to write it
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// The form of the queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum QueueFormat {
    Text,
    Json,
    Csv,
}

/// One status or all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Statuses {
    One(Status),
    All,
}

fn statuses(text: &str) -> Result<Statuses, String> {
    if text == "all" {
        return Ok(Statuses::All);
    }
    super::status(text).map(Statuses::One).map_err(|why| format!("{why} or all"))
}

/// A moment that the user names.
pub(super) fn moment(text: &str) -> Result<TimeMs, String> {
    let read = assay_model::when::moment(text).filter(|m| m.at.is_plausible());
    read.map(|m| m.at).ok_or_else(|| "expected a time such as 2026-03-05 or 2026-03-05T09:00:00Z".to_owned())
}

/// Tells progress, and hears whether to go on.
pub(super) fn watch(talk: &mut Talk) -> impl FnMut(Step, u64, u64) -> Go {
    |step, done, total| {
        talk.step(step, done, total);
        if crate::cli::interrupt::is_asked() { Go::Stop } else { Go::On }
    }
}

pub(super) fn queue(args: &QueueArgs, store: &mut Workspace, talk: &mut Talk) -> Result<(), Failure> {
    let mut wanted: Vec<Status> = Vec::new();
    for status in &args.status {
        match status {
            Statuses::All => wanted.extend(Status::ALL),
            Statuses::One(status) => wanted.push(*status),
        }
    }
    wanted.sort_unstable();
    wanted.dedup();
    let options = QueueOptions {
        statuses: wanted,
        page: args.page.clone(),
        handled_by: args.handled_by.clone(),
        limit: args.limit,
        offset: args.skip,
        now: args.at,
    };
    let report = people::queue(store, &options, &mut watch(talk))?;
    talk.end_steps();
    let place = Place::of(args.out.as_ref());
    match args.format {
        QueueFormat::Text => place.write(|out| out.write_all(render::queue_text(&report).as_bytes())),
        QueueFormat::Json => place.write(|out| writeln!(out, "{:#}", render::queue_json(&report))),
        QueueFormat::Csv => place.write(|out| render::queue_csv(&report, out)),
    }
}

pub(super) fn read(args: &ReadArgs, store: &mut Workspace, talk: &mut Talk) -> Result<String, Failure> {
    let report = people::conversation(store, people::id(&args.id)?, args.at, &mut watch(talk))?;
    talk.end_steps();
    Ok(match args.format {
        ListFormat::Text => render::conversation_text(&report, None),
        ListFormat::Json => format!("{:#}\n", render::conversation_json(&report, None)),
    })
}

pub(super) fn response(args: &ResponseArgs, store: &mut Workspace, talk: &mut Talk) -> Result<String, Failure> {
    let report = people::response(store, args.page.as_deref(), args.confidence, &mut watch(talk))?;
    talk.end_steps();
    Ok(match args.format {
        ListFormat::Text => render::response_text(&report),
        ListFormat::Json => format!("{:#}\n", render::response_json(&report)),
    })
}
