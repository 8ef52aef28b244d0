//! `assay experiment assign`: who gets what, drawn so that anybody can draw it again.

use super::read::not_below_zero;
use crate::cli::output::Place;
use crate::cli::talk::Talk;
use crate::cli::{Failure, interrupt};
use crate::pipeline::{self, AssignOptions, How, WeeksOptions};
use crate::render;
use crate::report::OutList;
use assay_model::Go;
use clap::{ArgGroup, Args, ValueEnum};
use std::path::PathBuf;

/// Sort a list, markets or weeks into arms: drawn by chance, and drawn again by anybody with the salt
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
#[command(group(ArgGroup::new("what").required(true).args(["list", "weeks"])))]
pub(super) struct AssignArgs {
    /// The list, one row a unit (a person, a market): CSV, TSV, JSON lines or Parquet
    #[arg(value_name = "LIST", requires = "id")]
    list: Option<PathBuf>,
    /// The column of ids; each stands there once
    #[arg(long, value_name = "COL", requires = "list")]
    id: Option<String>,
    /// The arms, the control first
    #[arg(long, value_name = "A,B", value_delimiter = ',', default_value = "off,on")]
    arms: Vec<String>,
    /// Their weights, as 90:10
    #[arg(long, value_name = "A:B:…", value_parser = super::read::split)]
    split: Option<super::read::Split>,
    /// Keep this share of the list out of every arm but the control, for the long run
    #[arg(long, value_name = "SHARE", value_parser = not_below_zero, conflicts_with = "split")]
    hold_out: Option<f64>,
    /// What draws are salted with: a name of its own for every test
    #[arg(long, value_name = "NAME")]
    salt: String,
    /// Columns within each of which arms are balanced
    #[arg(long, value_name = "COL,COL", value_delimiter = ',', requires = "list")]
    strata: Vec<String>,
    /// A column of numbers in which neighbours are matched, and arms drawn within each pair
    #[arg(long, value_name = "COL", requires = "list", conflicts_with_all = ["split", "hold_out"])]
    match_on: Option<String>,
    /// Verdicts of `assay audit --verdicts`: accounts held to be inauthentic are left out, before anything is drawn
    #[arg(long, value_name = "FILE", requires = "list", help_heading = "Who is left out")]
    exclude: Option<PathBuf>,
    /// From which probability on
    #[arg(long, value_name = "P", default_value_t = 0.9, value_parser = probability, help_heading = "Who is left out")]
    above: f64,
    /// In place of a list: so many weeks, half of them on
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=520), requires = "from", conflicts_with = "list", help_heading = "Weeks")]
    weeks: Option<u32>,
    /// The first day of the first week
    #[arg(long, value_name = "DAY", requires = "weeks", help_heading = "Weeks")]
    from: Option<jiff::civil::Date>,
    /// Days at the start of each week that are not counted, for what lingers from the week before
    #[arg(long, value_name = "DAYS", default_value_t = 0, value_parser = clap::value_parser!(u32).range(0..=6), requires = "weeks", help_heading = "Weeks")]
    washout: u32,
    /// The column of mail addresses, for --meta, --google and --mail
    #[arg(long, value_name = "COL", requires = "list", help_heading = "Files for tools")]
    email: Option<String>,
    /// Write ARM.meta.csv for each arm into this folder: hashed addresses, as Meta's custom audiences take them
    #[arg(long, value_name = "FOLDER", requires = "email", help_heading = "Files for tools")]
    meta: Option<PathBuf>,
    /// Write ARM.google.csv for each arm into this folder, as Google's customer match takes it
    #[arg(long, value_name = "FOLDER", requires = "email", help_heading = "Files for tools")]
    google: Option<PathBuf>,
    /// Write ARM.mail.csv for each arm into this folder: addresses with the arm as a tag, as mail tools take them
    #[arg(long, value_name = "FOLDER", requires = "email", help_heading = "Files for tools")]
    mail: Option<PathBuf>,
    /// What to say on stdout, besides the table in --out
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: AssignFormat,
    /// Where the table of who gets what goes
    #[arg(long, short, value_name = "FILE", required = true, help_heading = "Output")]
    out: PathBuf,
}

const EXAMPLES: &str = "\
Examples:
  assay experiment assign list.csv --id email --arms none,offer --salt spring-2026 --out assigned.csv
  assay experiment assign list.csv --id customer_id --arms none,a,b --strata country,tier \\
      --salt spring-2026 --email email --meta lists/ --mail lists/ --out assigned.csv
  assay experiment assign followers.csv --id account_id --salt boost --exclude verdicts.csv --out a.csv
  assay experiment assign cities.csv --id city --match-on orders --salt cities --out cities-drawn.csv
  assay experiment assign --weeks 12 --from 2026-12-07 --washout 2 --salt boost --out weeks.csv

A unit's draw is the first eight bytes of SHA-256 over the salt, a slash and its id.";

/// The form of the summary.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum AssignFormat {
    Text,
    Json,
}

fn probability(text: &str) -> Result<f64, String> {
    let p = text.parse().ok().filter(|x: &f64| (0.0..=1.0).contains(x));
    p.ok_or_else(|| "expected a number from 0 to 1, such as 0.9".to_owned())
}

/// Runs the command.
pub(super) fn run(args: &AssignArgs, talk: &mut Talk) -> Result<(), Failure> {
    let arms = arms(args)?;
    let table = Place::File(args.out.clone());
    if let (Some(n_weeks), Some(from)) = (args.weeks, args.from) {
        let options = WeeksOptions { n_weeks, from, washout_days: args.washout, salt: args.salt.clone(), arms };
        let schedule = pipeline::schedule_weeks(&options)?;
        table.write(|out| render::experiment::schedule_csv(&schedule, out))?;
        let text = render::experiment::schedule_text(&schedule);
        return Place::Stdout.write(|out| match args.format {
            AssignFormat::Text => out.write_all(text.as_bytes()),
            AssignFormat::Json => render::experiment::schedule_json(&schedule, out),
        });
    }
    let (Some(list), Some(id)) = (&args.list, &args.id) else {
        return Err(Failure::Usage { message: "expected LIST and --id, or --weeks and --from".to_owned(), hint: None });
    };
    table.spare(std::slice::from_ref(list))?;
    let how = match (&args.match_on, args.strata.is_empty()) {
        (Some(_), _) => How::Groups,
        (None, false) => How::Strata,
        (None, true) => How::Hash,
    };
    let options = AssignOptions {
        list: list.clone(),
        id: id.clone(),
        arms,
        salt: args.salt.clone(),
        how,
        strata: args.strata.clone(),
        match_on: args.match_on.clone(),
        email: args.email.clone(),
        exclude: args.exclude.as_ref().map(|path| (path.clone(), args.above)),
    };
    let report = pipeline::assign_experiment(&options, &mut |step, done, total| {
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    })?;
    talk.end_steps();
    let mut bytes = Vec::new();
    render::experiment::assignment_csv(&report, &mut bytes).map_err(|e| Failure::writing("the table", &e))?;
    table.write(|out| out.write_all(&bytes))?;
    let hash = pipeline::sha256(&bytes);
    for (folder, list, suffix) in [
        (&args.meta, OutList::Meta, "meta"),
        (&args.google, OutList::Google, "google"),
        (&args.mail, OutList::Mail, "mail"),
    ] {
        let Some(folder) = folder else { continue };
        std::fs::create_dir_all(folder).map_err(|e| Failure::writing(&folder.display().to_string(), &e))?;
        for (arm, (name, _)) in report.arms.iter().enumerate() {
            let place = Place::File(folder.join(format!("{}.{suffix}.csv", file_name(name))));
            place.spare(std::slice::from_ref(&options.list))?;
            place.write(|out| render::experiment::list_csv(&report, arm, list, out))?;
        }
    }
    Place::Stdout.write(|out| match args.format {
        AssignFormat::Text => out.write_all(render::experiment::assign_text(&report, &hash).as_bytes()),
        AssignFormat::Json => render::experiment::assign_json(&report, &hash, out),
    })
}

fn arms(args: &AssignArgs) -> Result<Vec<(String, f64)>, Failure> {
    let names: Vec<String> = args.arms.iter().map(|a| a.trim().to_owned()).collect();
    let usage = |message: String| Failure::Usage {
        message,
        hint: Some("for instance --arms none,offer --split 90:10".to_owned()),
    };
    let mut sorted = names.clone();
    sorted.sort();
    sorted.dedup();
    if names.len() < 2 || sorted.len() != names.len() || names.iter().any(String::is_empty) {
        return Err(usage("expected at least two arms with different names after --arms".to_owned()));
    }
    let weights = match (&args.split, args.hold_out) {
        (Some(split), _) => split.0.clone(),
        (None, Some(share)) if share > 0.0 && share < 1.0 => {
            let rest = (1.0 - share) / (names.len() - 1) as f64;
            std::iter::once(share).chain(std::iter::repeat_n(rest, names.len() - 1)).collect()
        }
        (None, Some(_)) => return Err(usage("expected a share above 0 and below 1 after --hold-out".to_owned())),
        (None, None) => vec![1.0; names.len()],
    };
    if weights.len() != names.len() {
        return Err(usage(format!("expected a weight for each of the {} arms, found {}", names.len(), weights.len())));
    }
    Ok(names.into_iter().zip(weights).collect())
}

/// The name of an arm as that of a file: whatever is not a letter, digit, dash or dot becomes a dash.
fn file_name(arm: &str) -> String {
    let name: String = arm.chars().map(|c| if c.is_alphanumeric() || "-_".contains(c) { c } else { '-' }).collect();
    if name.is_empty() { "arm".to_owned() } else { name }
}
