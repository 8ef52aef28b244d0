//! `assay experiment read`: the reading of a user-level split from a bare table.

use super::kept;
use crate::cli::output::Place;
use crate::cli::talk::Talk;
use crate::cli::{Failure, interrupt};
use crate::config::Config;
use crate::pipeline::{self, ExperimentOptions, GuardrailColumn, MetricColumn};
use crate::render;
use crate::report::{ExperimentReport, PlannedReading};
use assay_experiment::Stop;
use assay_experiment::money::Worth;
use assay_model::Go;
use clap::{Args, ValueEnum};
use std::path::{Path, PathBuf};

/// Read a split of people, orders or clusters: effects, checks and a verdict in money
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ReadArgs {
    /// The table, one row a unit: CSV, TSV, JSON lines or Parquet; may be packed (.gz, .zip)
    #[arg(value_name = "FILE")]
    pub(super) file: PathBuf,
    /// The sealed plan to go by, a file or the name of an experiment of the workspace; what is named besides it departs from it, and the verdict says so
    #[arg(long, value_name = "PLAN")]
    pub(super) plan: Option<PathBuf>,
    /// The column that says which arm a row belongs to
    #[arg(long, value_name = "COL", required_unless_present = "plan")]
    arm: Option<String>,
    /// The arm that the others are compared with
    #[arg(long, value_name = "NAME", required_unless_present = "plan")]
    control: Option<String>,
    /// What is measured; the first decides. COL, COL:binary, COL:amount, or NAME:ratio=NUM/DEN
    #[arg(long = "metric", value_name = "METRIC", required_unless_present = "plan", value_parser = metric)]
    metrics: Vec<MetricColumn>,
    /// A metric that must not get worse by more than a margin: 'refunded:binary<=0.01' or 'basket>=-0.5'
    #[arg(long = "guardrail", value_name = "METRIC<=M", value_parser = guardrail)]
    guardrails: Vec<GuardrailColumn>,
    /// The column of units, where a unit has several rows; they are summed
    #[arg(long, value_name = "COL", help_heading = "What was assigned")]
    unit: Option<String>,
    /// The column of clusters (stores, markets, weeks), where those were assigned as a whole
    #[arg(long, value_name = "COL", help_heading = "What was assigned")]
    cluster: Option<String>,
    /// The column of what was known of a unit before, to take chance differences out (CUPED)
    #[arg(long, value_name = "COL", help_heading = "What was assigned")]
    pre: Option<String>,
    /// The column of segments known before (topic, place, age): effects of each, drawn towards their mean; columns with commas between are read one by one and crossed
    #[arg(long = "segment", value_name = "COL", value_delimiter = ',', help_heading = "What was assigned")]
    segments: Vec<String>,
    /// The column of days on which units came in: novelty, missing days, the confidence sequence
    #[arg(long, value_name = "COL", conflicts_with_all = ["unit", "cluster"], help_heading = "What was assigned")]
    date: Option<String>,
    /// The column of yes or no that says who was exposed: how far the effect is diluted, and whether the control was exposed too; of a row that says neither it is unknown
    #[arg(long, value_name = "COL", help_heading = "What was assigned")]
    exposed: Option<String>,
    /// The planned split: the control's weight, then the others' in the order of their names
    #[arg(long, value_name = "A:B:…", value_parser = split, help_heading = "What was assigned")]
    split: Option<Split>,
    /// The largest number of units over all arms, fixed beforehand: tighter than looking for ever
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..), conflicts_with = "fixed", help_heading = "Looking")]
    max_n: Option<u64>,
    /// How many evenly spaced looks there are up to --max-n; without it, as many as one likes
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=200), requires = "max_n", help_heading = "Looking")]
    looks: Option<u32>,
    /// One look, at a time that was fixed beforehand, and this is it
    #[arg(long, help_heading = "Looking")]
    fixed: bool,
    /// How often intervals shall hold the truth [default: 0.95]
    #[arg(long, value_name = "SHARE", value_parser = confidence, help_heading = "Looking")]
    confidence: Option<f64>,
    /// Money earned by 1 of the first metric: by an order, or the share kept of a turnover (0.4)
    #[arg(long, value_name = "M", value_parser = above_zero, help_heading = "Money")]
    margin: Option<f64>,
    /// Money that treating one unit costs
    #[arg(long, value_name = "C", allow_negative_numbers = true, value_parser = not_below_zero, help_heading = "Money")]
    cost: Option<f64>,
    /// Units over all arms that come in a week: what a further week is worth
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Money")]
    per_week: Option<u64>,
    /// What to write to stdout or --out
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: ReadFormat,
    /// Write what the answer was made of to FILE, for `assay experiment rerun`
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    bundle: Option<PathBuf>,
    /// Write to FILE instead of stdout; replaces an older file, `-` is stdout
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
    /// End with exit code 3 when any row could not be read
    #[arg(long, help_heading = "Exit code")]
    strict: bool,
}

const EXAMPLES: &str = "\
Examples:
  assay experiment read orders.csv --arm group --control none --metric ordered:binary
  assay experiment read mail.csv.gz --arm segment --control 'No E-Mail' \\
      --metric spend:amount --metric visit --margin 0.4 --cost 0.05
  assay experiment read users.parquet --arm arm --control A --metric revenue --pre revenue_before \\
      --split 90:10 --max-n 20000
  assay experiment read orders.csv --plan plan.json
  assay experiment read stores.csv --arm arm --control off --metric 'basket:ratio=sales/orders' \\
      --cluster store

Without --max-n or --fixed one may look as often as one likes. The decision is adopt, drop,
continue, cannot-tell, or invalid (the arms have the wrong numbers of units).";

/// The form of the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ReadFormat {
    Text,
    Json,
    Html,
}

/// Weights of a split.
#[derive(Debug, Clone)]
pub(super) struct Split(pub(super) Vec<f64>);

pub(super) fn split(text: &str) -> Result<Split, String> {
    let weights: Option<Vec<f64>> =
        text.split([':', '/']).map(|w| w.trim().parse().ok().filter(|w: &f64| *w > 0.0 && w.is_finite())).collect();
    weights
        .filter(|w| w.len() >= 2)
        .map(Split)
        .ok_or_else(|| "expected weights above 0 with colons between them, such as 90:10".to_owned())
}

pub(super) fn metric(text: &str) -> Result<MetricColumn, String> {
    MetricColumn::parse(text)
}

pub(super) fn confidence(text: &str) -> Result<f64, String> {
    text.parse()
        .ok()
        .filter(|c| (0.5..1.0).contains(c))
        .ok_or_else(|| "expected a number from 0.5 to below 1, such as 0.95".to_owned())
}

pub(super) fn above_zero(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|x: &f64| *x > 0.0 && x.is_finite()).ok_or_else(|| "expected a number above 0".to_owned())
}

pub(super) fn not_below_zero(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|x: &f64| *x >= 0.0 && x.is_finite()).ok_or_else(|| "expected 0 or more".to_owned())
}

fn guardrail(text: &str) -> Result<GuardrailColumn, String> {
    GuardrailColumn::of(text, &metric)
}

impl ReadArgs {
    fn options(&self, config: &Config) -> Result<ExperimentOptions, Failure> {
        let planned = self.plan.as_deref().map(|plan| kept::plan(plan, config)).transpose()?;
        let mut all = match &planned {
            Some(plan) => ExperimentOptions::of_plan(plan)?,
            None => ExperimentOptions {
                arm: String::new(),
                control: String::new(),
                metrics: Vec::new(),
                unit: None,
                cluster: None,
                before: None,
                split: None,
                stop: Stop::Anytime,
                confidence: pipeline::DEFAULT_CONFIDENCE,
                worth: None,
                guardrails: Vec::new(),
                plan: None,
                exposed: None,
                segments: Vec::new(),
                date: None,
                per_week: None,
                hashed: true,
            },
        };
        all.exposed.clone_from(&self.exposed);
        all.segments.clone_from(&self.segments);
        all.date.clone_from(&self.date);
        all.per_week = self.per_week;
        let before = all.clone();
        self.over(&mut all);
        let departed = departures(&before, &all);
        if let Some(plan) = &mut all.plan {
            plan.departures = departed;
        }
        if self.cost.is_some() && all.worth.is_none() {
            return Err(Failure::Usage {
                message: "expected --margin beside --cost, found --cost alone".to_owned(),
                hint: Some("--margin is what 1 of the first metric earns".to_owned()),
            });
        }
        Ok(all)
    }

    /// Whether the answer is read and gone: a text, which does not name its data by their hash, of which nothing is kept.
    fn is_fleeting(&self) -> bool {
        self.format == ReadFormat::Text && self.bundle.is_none() && self.plan.is_none()
    }

    /// The files that the answer is made of.
    pub(super) fn inputs(&self) -> Vec<&Path> {
        std::iter::once(self.file.as_path()).chain(self.plan.as_deref()).collect()
    }

    fn report(&self, hashed: bool, config: &Config, talk: &mut Talk) -> Result<ExperimentReport, Failure> {
        let options = ExperimentOptions { hashed, ..self.options(config)? };
        let report = pipeline::read_experiment(&self.file, &options, &mut |step, done, total| {
            talk.step(step, done, total);
            if interrupt::is_asked() { Go::Stop } else { Go::On }
        })?;
        talk.end_steps();
        Ok(report)
    }

    /// The answer as JSON.
    pub(super) fn answer(&self, config: &Config, talk: &mut Talk) -> Result<Vec<u8>, Failure> {
        json_of(&self.report(true, config, talk)?)
    }

    /// Puts what was named on the command line over what was planned.
    fn over(&self, all: &mut ExperimentOptions) {
        if let Some(arm) = &self.arm {
            all.arm.clone_from(arm);
        }
        if let Some(control) = &self.control {
            all.control.clone_from(control);
        }
        if !self.metrics.is_empty() {
            all.metrics.clone_from(&self.metrics);
        }
        if !self.guardrails.is_empty() {
            all.guardrails.clone_from(&self.guardrails);
        }
        for (to, from) in [(&mut all.unit, &self.unit), (&mut all.cluster, &self.cluster), (&mut all.before, &self.pre)]
        {
            if from.is_some() {
                to.clone_from(from);
            }
        }
        if let Some(split) = &self.split {
            all.split = Some(split.0.clone());
        }
        match (self.max_n, self.fixed) {
            (Some(n_max), _) => all.stop = Stop::Capped { n_max, looks: self.looks },
            (None, true) => all.stop = Stop::Fixed,
            (None, false) => {}
        }
        all.confidence = self.confidence.unwrap_or(all.confidence);
        let margin = self.margin.or(all.worth.map(|w| w.margin));
        let cost = self.cost.or(all.worth.map(|w| w.cost)).unwrap_or(0.0);
        all.worth = margin.map(|margin| Worth { margin, cost });
    }
}

/// What is asked otherwise than planned, in words.
fn departures(planned: &ExperimentOptions, asked: &ExperimentOptions) -> Vec<String> {
    let names = |metrics: &[MetricColumn]| metrics.iter().map(|m| m.name.clone()).collect::<Vec<_>>().join(", ");
    let mut all = Vec::new();
    let mut differ = |what: &str, planned: String, asked: String| {
        if planned != asked {
            all.push(format!("{what}: planned {planned}, asked {asked}"));
        }
    };
    differ("the column of arms", planned.arm.clone(), asked.arm.clone());
    differ("the control", planned.control.clone(), asked.control.clone());
    differ("the metrics", names(&planned.metrics), names(&asked.metrics));
    if planned.metrics != asked.metrics && names(&planned.metrics) == names(&asked.metrics) {
        differ(
            "what the metrics measure",
            format!("{:?}", planned.metrics[0].kind),
            format!("{:?}", asked.metrics[0].kind),
        );
    }
    differ("the guardrails", format!("{:?}", planned.guardrails), format!("{:?}", asked.guardrails));
    let or_none = |o: &Option<String>| o.clone().unwrap_or_else(|| "none".to_owned());
    differ("the units", or_none(&planned.unit), or_none(&asked.unit));
    differ("the clusters", or_none(&planned.cluster), or_none(&asked.cluster));
    differ("what was known before", or_none(&planned.before), or_none(&asked.before));
    differ("the split", format!("{:?}", planned.split), format!("{:?}", asked.split));
    differ("the stopping rule", stop_words(planned.stop), stop_words(asked.stop));
    differ("the confidence", planned.confidence.to_string(), asked.confidence.to_string());
    let worth =
        |w: Option<Worth>| w.map_or_else(|| "none".to_owned(), |w| format!("margin {} and cost {}", w.margin, w.cost));
    differ("the money", worth(planned.worth), worth(asked.worth));
    all
}

fn stop_words(stop: Stop) -> String {
    match stop {
        Stop::Anytime => "any time".to_owned(),
        Stop::Fixed => "one look".to_owned(),
        Stop::Capped { n_max, looks: None } => format!("any time up to {n_max} units"),
        Stop::Capped { n_max, looks: Some(looks) } => format!("{looks} looks up to {n_max} units"),
    }
}

fn json_of(report: &ExperimentReport) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    render::experiment::json(report, &mut bytes)
        .map_err(|e| Failure::Failed { message: format!("cannot write the answer: {e}"), hint: None })?;
    Ok(bytes)
}

/// Runs the command.
pub(super) fn run(args: &ReadArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    let place = Place::of(args.out.as_ref());
    place.spare(&[&[args.file.clone()][..], args.plan.as_slice()].concat())?;
    if args.bundle.is_some() {
        super::bundle::needs_file(args.plan.as_deref())?;
    }
    let report = args.report(!args.is_fleeting(), config, talk)?;
    if let Some(bundle) = &args.bundle {
        super::bundle::write(bundle, &args.inputs(), &json_of(&report)?)?;
    }
    match args.format {
        ReadFormat::Html => place.write(|out| render::experiment::read_html(&report, out))?,
        ReadFormat::Json => place.write(|out| render::experiment::json(&report, out))?,
        ReadFormat::Text => {
            let text = render::experiment::text(&report);
            place.write(|out| out.write_all(text.as_bytes()))?;
        }
    }
    let n_rejected = report.file.rejected;
    kept::keep_reading(args.plan.as_deref(), config, PlannedReading::Split(Box::new(report)))?;
    if args.strict && n_rejected > 0 { Err(Failure::Strict { n_rejected }) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::{metric, split};
    use assay_experiment::Kind;

    #[test]
    fn metrics_are_read_with_their_kind() {
        assert_eq!(metric("spend").map(|m| m.kind), Ok(Kind::Either));
        assert_eq!(metric("a:b:binary").map(|m| (m.kind, m.column)), Ok((Kind::Binary, "a:b".to_owned())));
        let ratio = metric("ctr:ratio=clicks / views").expect("a ratio");
        assert_eq!(
            (ratio.name.as_str(), ratio.column.as_str(), ratio.per.as_deref()),
            ("ctr", "clicks", Some("views"))
        );
        for wrong in [":binary", "x:ratio=y", "x:ratio=/y", ""] {
            assert!(metric(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn splits_are_weights() {
        assert_eq!(split("90:10").map(|s| s.0), Ok(vec![90.0, 10.0]));
        for wrong in ["90", "90:0", "a:b", "1:-1", ""] {
            assert!(split(wrong).is_err(), "{wrong}");
        }
    }
}
