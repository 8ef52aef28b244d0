//! `assay experiment seal`: writes down before a test what will be compared, by what, and until when.

use super::kept;
use super::read::{Split, above_zero, confidence, metric, not_below_zero, split};
use crate::cli::Failure;
use crate::cli::output::Place;
use crate::cli::talk::Talk;
use crate::config::Config;
use crate::pipeline::{self, GuardrailColumn, Sealed, SealedDesign, SealedFile, WeeksMeasured};
use clap::{ArgGroup, Args};
use std::path::{Path, PathBuf};

/// Seal a plan before the test: any later change shows in the verdict
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("design").required(true).args(["arm", "location", "weeks"])))]
pub(super) struct SealArgs {
    /// The column that will say which arm a row belongs to
    #[arg(long, value_name = "COL", requires = "control", help_heading = "A split")]
    arm: Option<String>,
    /// The arm that the others are compared with
    #[arg(long, value_name = "NAME", requires = "arm", help_heading = "A split")]
    control: Option<String>,
    /// What is measured; the first decides (as for `read`). For markets and weeks, the column; weeks count rows without it
    #[arg(long = "metric", value_name = "METRIC", required_unless_present = "weeks")]
    metrics: Vec<String>,
    /// A metric that must not get worse by more than a margin: 'refunded:binary<=0.01' or 'basket>=-0.5'
    #[arg(long = "guardrail", value_name = "METRIC<=M", requires = "arm", help_heading = "A split")]
    guardrails: Vec<String>,
    /// The column of units, where a unit has several rows
    #[arg(long, value_name = "COL", requires = "arm", help_heading = "A split")]
    unit: Option<String>,
    /// The column of clusters, where those are assigned
    #[arg(long, value_name = "COL", requires = "arm", help_heading = "A split")]
    cluster: Option<String>,
    /// The column of what was known of a unit before
    #[arg(long, value_name = "COL", requires = "arm", help_heading = "A split")]
    pre: Option<String>,
    /// The split: the control's weight, then the others' in the order of their names
    #[arg(long, value_name = "A:B:…", value_parser = split, requires = "arm", help_heading = "A split")]
    split: Option<Split>,
    /// The largest number of units over all arms
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(2..), conflicts_with = "fixed", requires = "arm", help_heading = "A split")]
    max_n: Option<u64>,
    /// How many evenly spaced looks there will be up to --max-n
    #[arg(long, value_name = "K", value_parser = clap::value_parser!(u32).range(1..=200), requires = "max_n", help_heading = "A split")]
    looks: Option<u32>,
    /// One look, when the test is over
    #[arg(long, requires = "arm", help_heading = "A split")]
    fixed: bool,
    /// Money that treating one unit costs, or a week on
    #[arg(long, value_name = "C", requires = "margin", conflicts_with = "location", value_parser = not_below_zero)]
    cost: Option<f64>,
    /// The column of markets
    #[arg(long, value_name = "COL", requires_all = ["date", "treated", "start", "end"], conflicts_with = "arm", help_heading = "Markets")]
    location: Option<String>,
    /// The column of days, for markets and for weeks
    #[arg(long, value_name = "COL", conflicts_with = "arm")]
    date: Option<String>,
    /// The treated markets
    #[arg(long, value_name = "A,B", value_delimiter = ',', requires = "location", help_heading = "Markets")]
    treated: Vec<String>,
    /// The first treated day
    #[arg(long, value_name = "DAY", requires = "location", help_heading = "Markets")]
    start: Option<String>,
    /// The last treated day
    #[arg(long, value_name = "DAY", requires = "location", help_heading = "Markets")]
    end: Option<String>,
    /// The column of what the markets cost each day
    #[arg(long, value_name = "COL", requires = "location", help_heading = "Markets")]
    cost_column: Option<String>,
    /// Days after --end in which the effect still counts [default: 0]
    #[arg(long, value_name = "DAYS", requires = "location", value_parser = clap::value_parser!(u32).range(0..=i64::from(pipeline::COOLDOWN_MAX)), help_heading = "Markets")]
    cooldown: Option<u32>,
    /// How many weeks are on or off, as drawn by lot
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(4..=520), requires_all = ["from", "date", "salt"], help_heading = "Weeks on and off")]
    weeks: Option<u32>,
    /// The first day of the first week
    #[arg(long, value_name = "DAY", requires = "weeks", help_heading = "Weeks on and off")]
    from: Option<jiff::civil::Date>,
    /// Days at the start of every week that are not counted
    #[arg(long, value_name = "D", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=6), help_heading = "Weeks on and off")]
    washout: u32,
    /// What the draw is salted with
    #[arg(long, value_name = "TEXT", requires = "weeks", help_heading = "Weeks on and off")]
    salt: Option<String>,
    /// Money earned by 1 of the first metric
    #[arg(long, value_name = "M", value_parser = above_zero)]
    margin: Option<f64>,
    /// How often intervals shall hold the truth
    #[arg(long, value_name = "SHARE", default_value_t = pipeline::DEFAULT_CONFIDENCE, value_parser = confidence)]
    confidence: f64,
    /// Files that belong to the plan, by their hashes: the assignment, the verdicts that were excluded by
    #[arg(long = "file", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Why the test is run, in your words
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    /// When it is sealed [default: now]
    #[arg(long, value_name = "TIME")]
    at: Option<jiff::Timestamp>,
    /// What it is called in the workspace, where it is kept too if there is one [default: the name of the file]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// Where the sealed plan goes; an older file is not replaced
    #[arg(long, short, value_name = "FILE", required = true)]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  assay experiment seal --arm group --control none --metric ordered:binary --margin 12 --cost 0.1 \\
      --split 1:1 --max-n 8000 --looks 8 --file assigned.csv --out plan.json
  assay experiment seal --location city --date day --metric orders --treated chicago,portland \\
      --start 2021-04-01 --end 2021-04-15 --cooldown 7 --margin 12 --out plan.json
  assay experiment seal --weeks 12 --from 2026-12-07 --washout 2 --salt boost --date ordered_at \
      --margin 12 --cost 50 --out plan.json
  assay experiment read orders.csv --plan plan.json

Send the hash that is printed to somebody: it is what shows later that the plan was not made anew.";

/// Runs the command.
pub(super) fn run(args: &SealArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    not_there(&args.out)?;
    let mut place = kept::Place::of(args.name.as_deref(), &args.out, config)?;
    place.as_ref().map_or(Ok(()), kept::Place::free)?;
    let sealed = Sealed {
        sealed_at: args.at.unwrap_or_else(now).to_string(),
        note: args.note.clone(),
        design: design(args)?,
        margin: args.margin,
        confidence: args.confidence,
        files: args.files.iter().map(|path| file(path)).collect::<Result<_, _>>()?,
    };
    pipeline::check_plan(&sealed)?;
    let hash = write(&args.out, &sealed)?;
    talk.end_steps();
    if let Some(place) = &mut place {
        let name = place.keep(&args.out)?;
        talk.note(&format!("kept in the workspace as '{name}'"));
    }
    Place::Stdout.write(|out| writeln!(out, "{hash}"))
}

/// Refuses a file that is there already.
pub(in crate::cli) fn not_there(path: &Path) -> Result<(), Failure> {
    if !path.exists() {
        return Ok(());
    }
    Err(Failure::Usage {
        message: format!("{} is there already, and a sealed plan is not replaced", path.display()),
        hint: Some("name another file".to_owned()),
    })
}

/// Writes a sealed plan, and tells its hash.
pub(in crate::cli) fn write(path: &Path, sealed: &Sealed) -> Result<String, Failure> {
    let document = pipeline::seal(sealed);
    Place::File(path.to_path_buf()).write(|out| {
        serde_json::to_writer_pretty(&mut *out, &document)?;
        out.write_all(b"\n")
    })?;
    Ok(document["hash"].as_str().unwrap_or_default().to_owned())
}

/// The time of the machine: sealing is the one step that asks for it.
pub(in crate::cli) fn now() -> jiff::Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    jiff::Timestamp::from_second(i64::try_from(since.as_secs()).unwrap_or(0)).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

fn file(path: &Path) -> Result<SealedFile, Failure> {
    let bytes = std::fs::read(path).map_err(|e| Failure::Failed {
        message: format!("cannot read {}: {e}", path.display()),
        hint: Some("files of a plan are sealed by their hashes, so they have to be there".to_owned()),
    })?;
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(SealedFile { name, sha256: pipeline::sha256(&bytes) })
}

fn design(args: &SealArgs) -> Result<SealedDesign, Failure> {
    let usage =
        |message: String| Failure::Usage { message, hint: Some("see `assay experiment seal --help`".to_owned()) };
    let text = |o: &Option<String>| o.clone().unwrap_or_default();
    if args.location.is_some() {
        let [metric] = &args.metrics[..] else {
            return Err(usage("expected one --metric for markets, found several".to_owned()));
        };
        return Ok(SealedDesign::Markets {
            location: text(&args.location),
            date: text(&args.date),
            metric: metric.clone(),
            treated: args.treated.iter().map(|t| t.trim().to_owned()).collect(),
            start: text(&args.start),
            end: text(&args.end),
            cost: args.cost_column.clone(),
            cooldown_days: args.cooldown.unwrap_or(0),
        });
    }
    if let (Some(n_weeks), Some(from)) = (args.weeks, args.from) {
        let metric = match &args.metrics[..] {
            [] => None,
            [one] => Some(one.clone()),
            _ => return Err(usage("expected one --metric for weeks, found several".to_owned())),
        };
        let measured = WeeksMeasured { date: text(&args.date), metric, cost: args.cost };
        return Ok(pipeline::weeks_design(measured, from, n_weeks, args.washout, &text(&args.salt))?);
    }
    for m in &args.metrics {
        metric(m).map_err(|why| usage(format!("--metric {m}: {why}")))?;
    }
    for g in &args.guardrails {
        GuardrailColumn::of(g, &metric).map_err(|why| usage(format!("--guardrail {g}: {why}")))?;
    }
    Ok(SealedDesign::UserSplit {
        arm: text(&args.arm),
        control: text(&args.control),
        metrics: args.metrics.clone(),
        guardrails: args.guardrails.clone(),
        unit: args.unit.clone(),
        cluster: args.cluster.clone(),
        pre: args.pre.clone(),
        split: args.split.as_ref().map(|s| s.0.clone()),
        max_n: args.max_n,
        looks: args.looks,
        fixed: args.fixed,
        cost: args.cost,
    })
}
