//! `assay rings`: reads who acted on what, finds the groups that act in lockstep, and writes them where they are wanted.

use super::fail_if::{self, Condition};
use super::output::Place;
use super::talk::Talk;
use super::{Failure, interrupt, memory};
use crate::pipeline::{self, RingsOptions};
use crate::render;
use crate::render::forms::on_page;
use crate::report::RingsReport;
use assay_graphfile::ColumnChoice;
use assay_math::Seed;
use assay_model::Go;
use assay_model::edges::Kinds;
use clap::{Args, ValueEnum};
use std::cell::Cell;
use std::path::PathBuf;

/// Find groups of accounts in lockstep: who follows, likes or stars the same targets, as if by order
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RingsArgs {
    /// Tables of edges (CSV, TSV, JSON lines, Parquet, packed or not) or folders of them; several are read as one
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Which columns are which, by name or by number from 1: source=follower,target=page,at=when; `-` is none
    #[arg(long, value_name = "LIST")]
    columns: Option<ColumnChoice>,
    /// Sources and targets are accounts of one kind, as in "who follows whom"
    #[arg(long)]
    one_mode: bool,
    /// The share of false rings among those reported that is put up with
    #[arg(long, value_name = "SHARE", default_value_t = pipeline::DEFAULT_FDR, value_parser = fdr, help_heading = "Judging")]
    fdr: f64,
    /// Where random steps start: the same inputs and seed give the same bytes
    #[arg(long, value_name = "N", default_value_t = pipeline::DEFAULT_SEED.0, help_heading = "Judging")]
    seed: u64,
    /// Use so much memory at most, such as 12GB, instead of what is free. Edges that do not fit are pruned first, in passes
    /// over the rows
    #[arg(long, value_name = "SIZE", value_parser = memory::size)]
    memory: Option<u64>,
    /// What to write to stdout or --out; `csv` is the table of members
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: RingsFormat,
    /// Write to FILE instead of stdout; replaces an older file, `-` is stdout
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Write the page to look at to FILE besides: the ranking, and a picture of each ring
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    html: Option<PathBuf>,
    /// Write a row for each account of each ring to FILE besides (CSV, or Parquet if it is called so)
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    members: Option<PathBuf>,
    /// End with exit code 3 when any row could not be read
    #[arg(long, help_heading = "Exit code")]
    strict: bool,
    /// End with exit code 4 when the condition is met; may be given more than once
    #[arg(long, value_name = "COND", help_heading = "Exit code")]
    fail_if: Vec<Condition<RingsReport>>,
}

const EXAMPLES: &str = "\
Examples:
  assay rings stars.csv
  assay rings follows.parquet --one-mode --format json --out rings.json
  assay rings likes/ --members members.csv --html rings.html
  assay rings log.csv --columns source=user,target=post,at=clicked_at
  assay rings follows.csv --fail-if 'rings > 0'

A table has a row for each edge: source, target, and, where known, at. With times much smaller and
thinner groups are found. Weights are not used: an edge counts once. A ring is a reason to look,
not a proof: what its accounts did and when, never who paid.";

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum RingsFormat {
    Text,
    Json,
    Csv,
    Html,
}

fn fdr(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|q: &f64| *q > 0.0 && *q < 1.0)
        .ok_or_else(|| "expected a number between 0 and 1, such as 0.05".to_owned())
}

/// Runs the command.
pub(super) fn run(args: &RingsArgs, talk: &mut Talk) -> Result<(), Failure> {
    let main = Place::of(args.out.as_ref());
    let beside = [&args.members, &args.html].map(|path| path.as_ref().map(|path| Place::of(Some(path))));
    let places: Vec<&Place> = std::iter::once(&main).chain(beside.iter().flatten()).collect();
    for place in &places {
        place.spare(&args.paths)?;
    }
    if (1..places.len()).any(|i| places[..i].contains(&places[i])) {
        return Err(Failure::Usage {
            message: "two outputs have the same place".to_owned(),
            hint: Some("only one of the report, --html and --members can go to stdout or to one file".to_owned()),
        });
    }
    let options = RingsOptions {
        columns: args.columns.clone().unwrap_or_default(),
        kinds: if args.one_mode { Kinds::One } else { Kinds::Two },
        fdr: args.fdr,
        seed: Seed(args.seed),
        memory_max: args.memory.or_else(memory::free),
    };
    let said = Cell::new(None);
    let report = pipeline::rings(&args.paths, &options, &mut |plan| said.set(Some(plan)), &mut |step, done, total| {
        if let Some(plan) = said.take() {
            // Small inputs are not worth a word.
            let worth = plan.memory.most > 1_000_000_000;
            let text = render::plan(&plan);
            if worth { talk.note(&text) } else { talk.detail(&text) }
        }
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    })?;
    talk.end_steps();
    let [members, html] = &beside;
    if let (Some(place), Some(path)) = (members, &args.members) {
        let is_parquet = path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet"));
        place.write(|out| {
            if is_parquet { render::members_parquet(&report, out) } else { render::members_csv(&report, out) }
        })?;
    }
    if let Some(place) = html {
        place.write(|out| on_page(|| render::rings_html(&report, out)))?;
    }
    match args.format {
        RingsFormat::Json => main.write(|out| render::rings_json(&report, out))?,
        RingsFormat::Html => main.write(|out| render::rings_html(&report, out))?,
        RingsFormat::Csv => main.write(|out| render::members_csv(&report, out))?,
        RingsFormat::Text => {
            let colour = if main == Place::Stdout { talk.colour_on_stdout() } else { render::Colour::Never };
            let text = render::rings_text(&report, colour, Talk::width_of_stdout());
            main.write(|out| out.write_all(text.as_bytes()))?;
        }
    }
    let n_rejected = report.counts.rejected();
    if args.strict && n_rejected > 0 {
        return Err(Failure::Strict { n_rejected });
    }
    fail_if::conditions(&args.fail_if, &report, talk)
}
