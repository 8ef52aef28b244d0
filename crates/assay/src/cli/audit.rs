//! `assay audit`: reads what the user gives, audits it, and writes the answer where it is wanted.

use super::fail_if::{self, Condition};
use super::output::Place;
use super::reading::ReadingArgs;
use super::talk::Talk;
use super::{Failure, interrupt, memory};
use crate::config::Config;
use crate::pipeline::{self, AuditOptions, EdgesBeside, MetricsOptions};
use crate::render::forms::on_page;
use crate::render::{self, Cover};
use crate::report::{AuditReport, Names, redact};
use assay_detect::DETECTORS;
use assay_detect::labels::Recalibrate;
use assay_graphfile::ColumnChoice;
use assay_import::ReadOptions;
use assay_math::Seed;
use assay_model::Go;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

/// Audit an export: how many followers look bought, in which batches they came, and how sure that is
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct AuditArgs {
    /// Files, folders or zip archives of one page; several are read as one input. Without any the workspace is audited, and
    /// what is said of it is kept there
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Read the input as this format (see `assay formats`) instead of finding out
    #[arg(long = "as", value_name = "ID")]
    format_id: Option<String>,
    /// What else the followers follow: a table of edges (source, target and, where known, at; see `assay rings`). Followers
    /// in rings count as more suspect
    #[arg(long, value_name = "FILE", help_heading = "Judging")]
    edges: Vec<PathBuf>,
    /// Which columns of --edges are which: source=follower,target=page,at=when
    #[arg(long, value_name = "LIST", requires = "edges", help_heading = "Judging")]
    edge_columns: Option<ColumnChoice>,
    #[command(flatten)]
    reading: ReadingArgs,
    /// The page of the workspace to audit, such as instagram/northlight, where it holds several
    #[arg(long, value_name = "PAGE", conflicts_with = "paths", help_heading = "Workspace")]
    page: Option<String>,
    /// List the audits that the workspace keeps, with the shares that each told, instead of a new one
    #[arg(long, conflicts_with_all = ["paths", "html", "verdicts", "explain", "sample_to_label", "fail_if"], help_heading = "Workspace")]
    history: bool,
    #[command(flatten)]
    judging: JudgingArgs,
    #[command(flatten)]
    outputs: OutputArgs,
    /// End with exit code 3 when any row could not be read
    #[arg(long, help_heading = "Exit code")]
    strict: bool,
}

impl AuditArgs {
    /// Whether the workspace is audited, and no files.
    pub(super) fn is_of_workspace(&self) -> bool {
        self.paths.is_empty()
    }
}

const EXAMPLES: &str = "\
Examples:
  assay audit instagram-export.zip
  assay audit followers.csv --html report.html --verdicts verdicts.csv
  assay audit followers.csv --html for-client.html --by Northlight --on 2025-06-30
  assay audit followers.csv --html for-me.html --no-redact
  assay audit --workspace northlight.db --page instagram/northlight
  assay audit --history
  assay audit part-1.zip part-2.zip --format json --out audit.json
  assay audit followers.csv --explain some_handle
  assay audit followers.csv --sample-to-label 100 --out label-me.csv
  assay audit followers.csv --labels label-me.csv
  assay audit followers.csv --events campaigns.csv
  assay audit followers.csv --engagements comments.csv
  assay audit followers.csv --edges what-they-follow.csv
  assay audit followers.csv --fail-if 'shares.inauthentic > 0.3' --fail-if 'batches > 0'

A page is written for others, so it masks followers; text, JSON and tables are written for
you, so they name them. --redact and --no-redact change that.

A share in a condition is read at the low end of its interval; write .point or .high after
its name to read those. A share that cannot be said never meets a condition.

Labels are a table with account_id or handle, and label: inauthentic or genuine (or bought,
person). Events are a table with at (or from and to), kind (campaign, starter-pack, post,
give-away, shout-out) and name. Engagements are a table with account_id or handle of who
engaged, and at, kind, post_id or count; never by name, and never against a single follower.";

/// How the page is judged.
#[derive(Debug, Args)]
pub(super) struct JudgingArgs {
    /// Use these channels only, separated by commas (see `assay channels`)
    #[arg(long, value_name = "LIST", value_delimiter = ',', conflicts_with = "without", value_parser = channel_id, help_heading = "Judging")]
    channels: Option<Vec<&'static str>>,
    /// Use all channels but these
    #[arg(long, value_name = "LIST", value_delimiter = ',', value_parser = channel_id, help_heading = "Judging")]
    without: Vec<&'static str>,
    /// How often intervals shall hold the truth
    #[arg(long, value_name = "SHARE", default_value_t = pipeline::DEFAULT_CONFIDENCE, value_parser = confidence, help_heading = "Judging")]
    confidence: f64,
    /// Where random steps start: the same inputs and seed give the same bytes
    #[arg(long, value_name = "N", default_value_t = pipeline::DEFAULT_SEED.0, help_heading = "Judging")]
    seed: u64,
    /// Followers somebody has looked at: their labels correct the verdicts and sharpen the shares
    #[arg(long, value_name = "FILE", help_heading = "Judging")]
    labels: Option<PathBuf>,
    /// Let the labels also move the verdicts of followers who are not labelled
    #[arg(long, help_heading = "Judging")]
    recalibrate: bool,
    /// What ran and may explain a burst of arrivals: campaigns, posts, give-aways
    #[arg(long, value_name = "FILE", help_heading = "Judging")]
    events: Option<PathBuf>,
    /// Who engaged with the page: bought followers do not, so it tells whom a batch holds and what a burst was
    #[arg(long, value_name = "FILE", help_heading = "Judging")]
    engagements: Option<PathBuf>,
    /// Draw N followers to look at and write them to stdout or --out instead of the report (CSV);
    /// with --labels, N more
    #[arg(long, value_name = "N", conflicts_with_all = ["format", "explain", "redact"], help_heading = "Output")]
    sample_to_label: Option<usize>,
}

/// What is written, and where.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// What to write to stdout or --out; `csv` is the table of verdicts
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: OutputFormat,
    /// Write to FILE instead of stdout; replaces an older file, `-` is stdout
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Write the page to look at and to send to FILE besides; it masks followers unless --no-redact is given
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    html: Option<PathBuf>,
    /// Write a row for each follower to FILE besides (CSV): probability, class, batch, reasons
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    verdicts: Option<PathBuf>,
    /// Tell what is known of one follower, by handle or account id, instead of the report
    #[arg(long, value_name = "HANDLE", conflicts_with = "format", help_heading = "Output")]
    explain: Option<String>,
    /// Mask followers in all that is written, not on the page alone: no handles, names and ids, dates to the day, counts to
    /// two digits. A follower is then called by the place in the list
    #[arg(long, conflicts_with_all = ["no_redact", "explain"], help_heading = "Output")]
    redact: bool,
    /// Name followers on the page too, for one that you keep
    #[arg(long, help_heading = "Output")]
    no_redact: bool,
    /// Say on the page who prepared it
    #[arg(long, value_name = "NAME", help_heading = "Output")]
    by: Option<String>,
    /// Say on the page on which day it was prepared, such as 2025-06-30; no clock is asked
    #[arg(long, value_name = "DATE", value_parser = date, help_heading = "Output")]
    on: Option<jiff::civil::Date>,
    /// End with exit code 4 when the condition is met; may be given more than once
    #[arg(long, value_name = "COND", help_heading = "Exit code")]
    fail_if: Vec<Condition<AuditReport>>,
}

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum OutputFormat {
    Text,
    Json,
    Csv,
    Html,
}

fn channel_id(text: &str) -> Result<&'static str, String> {
    DETECTORS.iter().map(|d| d.id).find(|id| *id == text).ok_or_else(|| {
        let ids: Vec<&str> = DETECTORS.iter().map(|d| d.id).collect();
        format!("no channel has this name; the channels are {}", ids.join(", "))
    })
}

pub(super) fn date(text: &str) -> Result<jiff::civil::Date, String> {
    text.parse().map_err(|_| "expected a day such as 2025-06-30".to_owned())
}

pub(super) fn confidence(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|c| (0.5..1.0).contains(c))
        .ok_or_else(|| "expected a number from 0.5 to below 1, such as 0.95".to_owned())
}

impl JudgingArgs {
    /// The tables that are read beside the export.
    pub(super) fn tables(&self) -> impl Iterator<Item = &PathBuf> {
        self.labels.iter().chain(&self.events).chain(&self.engagements)
    }

    /// The seed that the user named.
    pub(super) fn seed(&self) -> u64 {
        self.seed
    }

    /// What the user asked of the audit.
    ///
    /// # Errors
    /// When a table of labels or events cannot be read.
    pub(super) fn options(&self, format: Option<String>) -> Result<AuditOptions, Failure> {
        let channels = match &self.channels {
            Some(ids) => ids.clone(),
            None => DETECTORS.iter().map(|d| d.id).filter(|id| !self.without.contains(id)).collect(),
        };
        Ok(AuditOptions {
            format,
            reading: ReadOptions::default(),
            channels,
            confidence: self.confidence,
            seed: Seed(self.seed),
            labels: self.labels.as_deref().map(pipeline::read_labels).transpose()?,
            overrules: Vec::new(),
            recalibrate: if self.recalibrate { Recalibrate::Yes } else { Recalibrate::No },
            sample_to_label: self.sample_to_label,
            events: self.events.as_deref().map(pipeline::read_events).transpose()?,
            engagements: self.engagements.as_deref().map(pipeline::read_engagements).transpose()?,
            edges: None,
            calendar: None,
        })
    }
}

/// Runs the command.
pub(super) fn run(args: &AuditArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    if args.history {
        return history(args, config);
    }
    let inputs: Vec<PathBuf> = args.paths.iter().chain(args.judging.tables()).chain(&args.edges).cloned().collect();
    args.outputs.check(&inputs)?;
    let mut options = args.judging.options(args.format_id.clone())?;
    if options.recalibrate == Recalibrate::Yes && options.labels.is_none() && !args.paths.is_empty() {
        return Err(Failure::Usage {
            message: "--recalibrate: expected labels, found none".to_owned(),
            hint: Some("name their table with --labels FILE; the labels of a workspace are in it".to_owned()),
        });
    }
    options.reading = args.reading.options()?;
    options.calendar = Some(args.reading.calendar(config)?);
    options.edges = (!args.edges.is_empty()).then(|| EdgesBeside {
        paths: args.edges.clone(),
        columns: args.edge_columns.clone().unwrap_or_default(),
        memory_max: memory::free(),
    });
    let mut watch = |step, done, total| {
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    };
    let mut report = if args.paths.is_empty() {
        if args.format_id.is_some() {
            return Err(Failure::Usage {
                message: "--as: expected a PATH to read, found none".to_owned(),
                hint: Some("name the files; the workspace knows its formats".to_owned()),
            });
        }
        let path = super::workspace::path(config)?;
        let mut report = pipeline::workspace::audit(&path, args.page.as_deref(), &options, &mut watch)?;
        if args.outputs.is_page() {
            // The page goes on from the audience to money.
            let asked =
                MetricsOptions { confidence: options.confidence, seed: options.seed, ..MetricsOptions::default() };
            let asked = MetricsOptions { currency: config.set("currency").map(str::to_owned), ..asked };
            let metrics = pipeline::workspace::metrics_beside(&path, &asked, &report, &mut watch)?;
            report.metrics = Some(Box::new(metrics));
        }
        report
    } else {
        pipeline::audit(&args.paths, &options, &mut watch)?
    };
    talk.end_steps();
    args.outputs.write(&mut report, talk)?;
    let n_rejected = report.page.facts.n_rejected;
    if args.strict && n_rejected > 0 {
        return Err(Failure::Strict { n_rejected });
    }
    args.outputs.conditions(&report, talk)
}

/// Lists the audits that the workspace keeps.
fn history(args: &AuditArgs, config: &Config) -> Result<(), Failure> {
    let audits = pipeline::workspace::history(&super::workspace::path(config)?, args.page.as_deref())?;
    let place = Place::of(args.outputs.out.as_ref());
    let text = match args.outputs.format {
        OutputFormat::Text => render::history_text(&audits),
        OutputFormat::Json => format!("{:#}\n", render::history_json(&audits)),
        OutputFormat::Csv => render::history_csv(&audits),
        OutputFormat::Html => {
            return Err(Failure::Usage {
                message: "--history: expected --format text, json or csv, found html".to_owned(),
                hint: None,
            });
        }
    };
    place.write(|out| out.write_all(text.as_bytes()))
}

impl OutputArgs {
    /// Whether a page is wanted.
    fn is_page(&self) -> bool {
        self.html.is_some() || self.format == OutputFormat::Html
    }

    /// Refuses outputs that would destroy an input or one another.
    pub(super) fn check(&self, inputs: &[PathBuf]) -> Result<(), Failure> {
        let places = [&self.out, &self.html, &self.verdicts].map(|path| path.as_ref().map(|p| Place::of(Some(p))));
        for place in places.iter().flatten() {
            place.spare(inputs)?;
        }
        let main = Place::of(self.out.as_ref());
        let all: Vec<&Place> = std::iter::once(&main).chain(places[1..].iter().flatten()).collect();
        if (1..all.len()).any(|i| all[..i].contains(&all[i])) {
            return Err(Failure::Usage {
                message: "two outputs have the same place".to_owned(),
                hint: Some("only one of the report, --html and --verdicts can go to stdout or to one file".to_owned()),
            });
        }
        Ok(())
    }

    /// Writes everything that was asked for. What names followers is written first; where a page masks them, so does the
    /// report afterwards.
    pub(super) fn write(&self, report: &mut AuditReport, talk: &mut Talk) -> Result<(), Failure> {
        let explained = self.explain.as_deref().map(|name| explained(report, name)).transpose()?;
        let main = Place::of(self.out.as_ref());
        let is_page = explained.is_none() && self.format == OutputFormat::Html;
        if self.redact {
            redact(report);
        }
        if let Some(path) = &self.verdicts {
            Place::of(Some(path)).write(|out| render::verdicts_csv(report, out))?;
            talk.detail(&format!("wrote {}", path.display()));
        }
        match (explained, self.format) {
            _ if report.to_label.is_some() => {
                let drawn = report.to_label.as_deref().unwrap_or_default();
                main.write(|out| render::to_label_csv(report, drawn, out))?;
            }
            (Some(text), _) => main.write(|out| out.write_all(text.as_bytes()))?,
            (None, OutputFormat::Json) => main.write(|out| render::json(report, out))?,
            (None, OutputFormat::Csv) => main.write(|out| render::verdicts_csv(report, out))?,
            (None, OutputFormat::Text) => {
                let colour = if main == Place::Stdout { talk.colour_on_stdout() } else { render::Colour::Never };
                let text = render::text(report, colour, Talk::width_of_stdout());
                main.write(|out| out.write_all(text.as_bytes()))?;
            }
            (None, OutputFormat::Html) => {}
        }
        if !is_page && self.html.is_none() {
            return Ok(());
        }
        if !self.no_redact && report.names == Names::Shown {
            redact(report);
        }
        let cover = Cover { by: self.by.clone(), on: self.on, logo: None };
        if let Some(path) = &self.html {
            Place::of(Some(path)).write(|out| on_page(|| render::html(report, &cover, out)))?;
            talk.detail(&format!("wrote {}", path.display()));
        }
        if is_page { main.write(|out| render::html(report, &cover, out)) } else { Ok(()) }
    }

    /// Checks the conditions of `--fail-if`.
    pub(super) fn conditions(&self, report: &AuditReport, talk: &mut Talk) -> Result<(), Failure> {
        fail_if::conditions(&self.fail_if, report, talk)
    }
}

fn explained(report: &AuditReport, name: &str) -> Result<String, Failure> {
    render::explain(report, name).ok_or_else(|| Failure::Failed {
        message: format!("--explain: no follower has the handle or account id '{name}'"),
        hint: Some("write it as the export does; --verdicts lists all followers".to_owned()),
    })
}
