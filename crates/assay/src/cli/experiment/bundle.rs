//! Bundles of readings: what was asked of which bytes, and the hash of the answer; and `assay experiment rerun`, which makes it again.

use super::ExperimentCommand;
use crate::cli::output::Place;
use crate::cli::talk::Talk;
use crate::cli::{Cli, Command, Failure};
use crate::config::Config;
use crate::pipeline::sha256;
use clap::{Args, Parser};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// The schema of a bundle.
const BUNDLE_SCHEMA: &str = "assay.experiment-bundle/1";

/// Make a reading again from its bundle, and check that it gives the same bytes
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct RerunArgs {
    /// The bundle that `read` or `read-geo` wrote with --bundle
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The table, where it lies elsewhere now
    #[arg(long, value_name = "FILE")]
    table: Option<PathBuf>,
    /// The sealed plan, where it lies elsewhere now
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Example:
  assay experiment read orders.csv --arm group --control none --metric ordered --bundle reading.json
  assay experiment rerun reading.json";

/// What a reading was made of.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bundle {
    schema: String,
    version: String,
    seed: u64,
    arguments: Vec<String>,
    inputs: Vec<Input>,
    answer_sha256: String,
    answer: serde_json::Value,
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Input {
    name: String,
    sha256: String,
}

fn input(path: &Path) -> Result<Input, Failure> {
    let bytes = std::fs::read(path).map_err(|e| Failure::Failed {
        message: format!("cannot read {}: {e}", path.display()),
        hint: Some("name the file where it lies now: --table FILE, --plan FILE".to_owned()),
    })?;
    Ok(Input { name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(), sha256: sha256(&bytes) })
}

/// A bundle names a plan by its bytes: it has to lie in a file.
pub(super) fn needs_file(plan: Option<&Path>) -> Result<(), Failure> {
    match plan.filter(|plan| !plan.is_file()) {
        None => Ok(()),
        Some(plan) => Err(Failure::Usage {
            message: format!("expected the file of a plan beside --bundle, found {}", plan.display()),
            hint: Some(
                "name the file that `assay experiment seal` wrote: a bundle holds the hashes of files".to_owned(),
            ),
        }),
    }
}

/// Writes the bundle of an answer; the arguments are those that the program was called with.
pub(super) fn write(to: &Path, inputs: &[&Path], answer: &[u8]) -> Result<(), Failure> {
    let fail = |message: String| Failure::Failed { message, hint: None };
    let arguments = std::env::args_os().skip(1).map(|a| {
        a.into_string().map_err(|a| fail(format!("expected arguments in UTF-8, found {}", a.to_string_lossy())))
    });
    let document: serde_json::Value =
        serde_json::from_slice(answer).map_err(|e| fail(format!("the answer is no JSON: {e}")))?;
    let bundle = Bundle {
        schema: BUNDLE_SCHEMA.to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        seed: document["seed"].as_u64().unwrap_or(0),
        arguments: arguments.collect::<Result<_, _>>()?,
        inputs: inputs.iter().map(|path| input(path)).collect::<Result<_, _>>()?,
        answer_sha256: sha256(answer),
        answer: document,
    };
    Place::File(to.to_owned()).write(|out| {
        serde_json::to_writer_pretty(&mut *out, &bundle)?;
        out.write_all(b"\n")
    })
}

/// Runs the command.
pub(super) fn run(args: &RerunArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    let name = args.file.display();
    let fail = |message: String, hint: &str| Failure::Failed { message, hint: Some(hint.to_owned()) };
    let not_one = |why: String| {
        fail(
            format!("{name}: expected a bundle, found {why}"),
            "pass the file that --bundle of `read` or `read-geo` wrote",
        )
    };
    let text = std::fs::read_to_string(&args.file)
        .map_err(|e| fail(format!("cannot read {name}: {e}"), "pass the file that --bundle wrote"))?;
    let bundle: Bundle = serde_json::from_str(&text).map_err(|e| not_one(format!("other JSON or none ({e})")))?;
    if bundle.schema != BUNDLE_SCHEMA {
        return Err(not_one(format!("the schema {}", bundle.schema)));
    }
    let words = std::iter::once("assay".to_owned()).chain(bundle.arguments.iter().cloned());
    let cli =
        Cli::try_parse_from(words).map_err(|_| not_one("arguments that this version does not take".to_owned()))?;
    let Command::Experiment(mut asked) = cli.command else { return Err(not_one("another command".to_owned())) };
    let over = |to: &mut PathBuf, from: &Option<PathBuf>| {
        if let Some(from) = from {
            to.clone_from(from);
        }
    };
    let (inputs, answer) = match &mut asked.command {
        ExperimentCommand::Read(read) => {
            over(&mut read.file, &args.table);
            read.plan = read.plan.take().map(|p| args.plan.clone().unwrap_or(p));
            let inputs = read.inputs().into_iter().map(input).collect::<Result<Vec<_>, _>>()?;
            (inputs, checked(&bundle, &read.inputs(), || read.answer(config, talk))?)
        }
        ExperimentCommand::ReadGeo(read) => {
            over(&mut read.file, &args.table);
            read.plan = read.plan.take().map(|p| args.plan.clone().unwrap_or(p));
            let inputs = read.inputs().into_iter().map(input).collect::<Result<Vec<_>, _>>()?;
            (inputs, checked(&bundle, &read.inputs(), || read.answer(config, talk))?)
        }
        _ => return Err(not_one("another command".to_owned())),
    };
    let hash = sha256(&answer);
    if hash == bundle.answer_sha256 {
        return Place::Stdout
            .write(|out| writeln!(out, "The same bytes again: {} with sha256 {hash}", count(inputs.len())));
    }
    let version = env!("CARGO_PKG_VERSION");
    Err(fail(
        format!("expected an answer with sha256 {}, found {hash}", bundle.answer_sha256),
        &if bundle.version == version {
            "the bundle was changed, or this program was built from other sources".to_owned()
        } else {
            format!("the bundle was made by assay {}, this is {version}: use that version", bundle.version)
        },
    ))
}

fn count(n: usize) -> String {
    if n == 1 { "one file".to_owned() } else { format!("{n} files") }
}

/// The answer, if the files are those of the bundle.
fn checked(
    bundle: &Bundle,
    paths: &[&Path],
    answer: impl FnOnce() -> Result<Vec<u8>, Failure>,
) -> Result<Vec<u8>, Failure> {
    for (path, was) in paths.iter().zip(&bundle.inputs) {
        let now = input(path)?;
        if now.sha256 != was.sha256 {
            return Err(Failure::Failed {
                message: format!(
                    "{}: expected the bytes with sha256 {}, found {}",
                    path.display(),
                    was.sha256,
                    now.sha256
                ),
                hint: Some(
                    "the file was changed since the reading; name the one that was read with --table".to_owned(),
                ),
            });
        }
    }
    answer()
}
