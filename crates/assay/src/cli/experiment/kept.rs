//! `assay experiment list` and `keep`: experiments of the workspace; and plans that are named by their experiment.

use crate::cli::Failure;
use crate::cli::output::Place as Out;
use crate::cli::talk::ListFormat;
use crate::config::Config;
use crate::pipeline::workspace::{existing, now, open_workspace, read_workspace};
use crate::pipeline::{self, Error, PlanFile};
use crate::render;
use crate::report::PlannedReading;
use assay_store::{By, ExperimentEntry, Workspace};
use clap::Args;
use std::io;
use std::path::{Path, PathBuf};

/// List the experiments of the workspace: sealed, read, decided
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  assay experiment list\n  assay experiment list --format json")]
pub(super) struct ListArgs {
    /// How to write the list
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// Keep a plan in the workspace that was sealed before
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  assay experiment keep plan.json --name spring-mail\n  assay experiment keep removal.json"
)]
pub(super) struct KeepArgs {
    /// The plan, as `experiment seal` or `reach what-if --seal` wrote it
    #[arg(value_name = "PLAN")]
    plan: PathBuf,
    /// What it is called [default: the name of the file]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
}

/// Runs `assay experiment list`.
pub(super) fn list(args: &ListArgs, config: &Config) -> Result<(), Failure> {
    let path = crate::cli::workspace::path(config)?;
    let experiments = read_workspace(&existing(&path)?)?.experiments().map_err(Error::from)?;
    Out::Stdout.write(|out| match args.format {
        ListFormat::Json => {
            serde_json::to_writer_pretty(&mut *out, &render::experiment::experiments_json(&experiments, false))?;
            out.write_all(b"\n")
        }
        ListFormat::Text => out.write_all(render::experiment::experiments_text(&experiments).as_bytes()),
    })
}

/// Runs `assay experiment keep`.
pub(super) fn keep(args: &KeepArgs, config: &Config) -> Result<(), Failure> {
    existing(&crate::cli::workspace::path(config)?)?;
    let Some(mut place) = Place::of(args.name.as_deref(), &args.plan, config)? else { return Ok(()) };
    let name = place.keep(&args.plan)?;
    Out::Stdout.write(|out| writeln!(out, "kept as '{name}'"))
}

/// Where a plan is kept besides its file.
pub(super) struct Place {
    store: Workspace,
    name: String,
    is_given: bool,
}

impl Place {
    /// The workspace, if there is one, and the name there: the one that is given, which must be free, or that of the file.
    pub(super) fn of(name: Option<&str>, file: &Path, config: &Config) -> Result<Option<Self>, Failure> {
        let path = config.workspace().filter(|path| path.exists());
        let stem = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let own = pipeline::experiment_name(name.unwrap_or(&stem))?.to_owned();
        let Some(path) = path else {
            if name.is_some() {
                existing(&crate::cli::workspace::path(config)?)?;
            }
            return Ok(None);
        };
        let store = open_workspace(&path)?;
        Ok(Some(Self { store, name: own, is_given: name.is_some() }))
    }

    /// Says beforehand that a name that is given is another experiment's.
    pub(super) fn free(&self) -> Result<(), Failure> {
        if self.is_given && self.store.experiment(&self.name).map_err(Error::from)?.is_some() {
            return Err(Failure::Usage {
                message: format!(
                    "there is an experiment called '{}' already, and a sealed plan is not replaced",
                    self.name
                ),
                hint: Some("choose another name with --name".to_owned()),
            });
        }
        Ok(())
    }

    /// Keeps the plan in the file; answers the name it got.
    pub(super) fn keep(&mut self, file: &Path) -> Result<String, Failure> {
        let document = std::fs::read_to_string(file).map_err(|e| Failure::Failed {
            message: format!("cannot read the plan {}: {e}", file.display()),
            hint: None,
        })?;
        let by = By { who: "local", at: now() };
        let hash = pipeline::plan_of(&document).map(|plan| plan.hash).unwrap_or_default();
        let is_taken = |store: &Workspace, name: &str| -> Result<bool, Error> {
            Ok(store.experiment(name)?.is_some_and(|e| e.hash != hash))
        };
        let mut name = self.name.clone();
        let mut n = 2;
        // A name that nobody chose makes way.
        while !self.is_given && is_taken(&self.store, &name)? {
            name = format!("{}-{n}", self.name);
            n += 1;
        }
        Ok(pipeline::keep_plan(&mut self.store, &name, &document, by)?.name)
    }
}

/// The workspace's experiment that a plan is named by, where it is not a file.
fn named(plan: &Path, config: &Config) -> Result<Option<(PathBuf, ExperimentEntry)>, Failure> {
    let name = plan.to_str().filter(|_| !plan.exists());
    let (Some(name), Some(path)) = (name, config.workspace().filter(|path| path.exists())) else { return Ok(None) };
    Ok(read_workspace(&path)?.experiment(name).map_err(Error::from)?.map(|kept| (path, kept)))
}

/// A sealed plan: the file, or the plan of the experiment of that name in the workspace.
pub(super) fn plan(of: &Path, config: &Config) -> Result<PlanFile, Failure> {
    let Some((_, kept)) = named(of, config)? else { return Ok(pipeline::read_plan(of)?) };
    pipeline::plan_of(&kept.plan).map_err(|why| Failure::Failed {
        message: format!("the plan of '{}' cannot be read: {why}", kept.name),
        hint: None,
    })
}

/// Keeps what was read by a plan, where the plan is that of an experiment of the workspace.
pub(super) fn keep_reading(plan: Option<&Path>, config: &Config, reading: PlannedReading) -> Result<(), Failure> {
    let Some((path, kept)) = plan.map(|plan| named(plan, config)).transpose()?.flatten() else { return Ok(()) };
    let failed = |e: io::Error| Failure::Failed { message: format!("cannot keep the reading: {e}"), hint: None };
    let reading = render::experiment::KeptReading::of(reading).map_err(failed)?;
    let by = By { who: "local", at: now() };
    open_workspace(&path)?.keep_reading(kept.id, reading.as_new(), by).map_err(Error::from)?;
    Ok(())
}
