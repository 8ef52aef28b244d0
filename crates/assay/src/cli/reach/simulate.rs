//! `assay reach simulate`: a page on a simulated platform, against the same page that bought none.

use super::watch;
use crate::cli::output::Place;
use crate::cli::talk::Talk;
use crate::cli::{Failure, interrupt};
use crate::pipeline::{self, DEFAULT_SEED, SimulationOptions, Step};
use crate::render;
use crate::render::forms::on_page;
use crate::report::{Engine, SimulationReport};
use crate::synth_export::{ExportKind, write_export};
use assay_math::Seed;
use assay_model::{Go, SourceFile};
use assay_reach::feed::{FollowTable, GraphKind, Policy, Scenario, made_page};
use clap::{Args, ValueEnum};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};

/// What `--init` writes.
const INIT: &str = include_str!("scenario.toml");
/// A scenario is a page of text; what is larger is something else.
const SCENARIO_BYTES_MAX: u64 = 1 << 20;

/// Simulate a page on a platform whose feed follows a published rule, against the same page that bought none
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct SimulateArgs {
    /// The scenario, TOML; `--init` writes one to begin with
    #[arg(value_name = "SCENARIO", required_unless_present = "init")]
    scenario: Option<PathBuf>,
    /// Write a scenario with every key explained, instead of simulating
    #[arg(long, conflicts_with_all = ["scenario", "out_parquet", "write_posts", "write_followers", "write_labels"])]
    init: bool,
    /// How many seeds; ranges need 19
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    seeds: u32,
    /// The first seed: the same scenario and seed give the same bytes
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED.0)]
    seed: u64,
    /// Simulate every person, or count people who are alike; `auto` counts them where the graph is procedural
    #[arg(long, value_name = "ENGINE", default_value = "auto")]
    engine: EngineArg,
    /// Fill the feed by this policy instead of the scenario's (see `assay reach policies`)
    #[arg(long, value_name = "ID", value_parser = policy_id)]
    policy: Option<&'static str>,
    /// Threads for the agents; 0 for one a processor. They change how long it takes and nothing else
    #[arg(long, value_name = "N", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=1024))]
    threads: u16,
    #[command(flatten)]
    outputs: Outputs,
}

/// What is written, and where.
#[derive(Debug, Args)]
struct Outputs {
    /// What to write to stdout or --out
    #[arg(long, value_name = "FORMAT", default_value = "text", help_heading = "Output")]
    format: Format,
    /// Write to FILE instead of stdout; replaces an older file, `-` is stdout
    #[arg(long, short, value_name = "FILE", help_heading = "Output")]
    out: Option<PathBuf>,
    /// Write the page to look at to FILE besides
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    html: Option<PathBuf>,
    /// Write a row for each seed, world and day to FILE besides (Parquet)
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    out_parquet: Option<PathBuf>,
    /// Write the first seed's posts to FILE besides (CSV), as a table of posts with the truth beside
    #[arg(long, value_name = "FILE", help_heading = "Made data")]
    write_posts: Option<PathBuf>,
    /// Write the page's followers to FILE besides (CSV), as a follower table
    #[arg(long, value_name = "FILE", help_heading = "Made data")]
    write_followers: Option<PathBuf>,
    /// Write the truth about each follower to FILE besides (CSV)
    #[arg(long, value_name = "FILE", help_heading = "Made data")]
    write_labels: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  assay reach simulate --init > scenario.toml
  assay reach simulate scenario.toml
  assay reach simulate scenario.toml --policy x-2026 --html simulation.html
  assay reach simulate scenario.toml --engine agents --seeds 1 --out-parquet days.parquet
  assay reach simulate scenario.toml --write-posts posts.csv --write-followers followers.csv";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum EngineArg {
    Auto,
    Agents,
    Cohorts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
    Html,
}

fn policy_id(text: &str) -> Result<&'static str, String> {
    Policy::of(text).map(|p| p.id).ok_or_else(|| {
        let ids: Vec<&str> = assay_reach::feed::POLICIES.iter().map(|p| p.id).collect();
        format!("no policy has this name; the policies are {}", ids.join(", "))
    })
}

/// Runs the command.
pub(super) fn run(args: &SimulateArgs, talk: &mut Talk) -> Result<(), Failure> {
    let Some(path) = &args.scenario else {
        return Place::of(args.outputs.out.as_ref()).write(|out| out.write_all(INIT.as_bytes()));
    };
    args.outputs.check(path)?;
    let name = path.display().to_string();
    let text = read_text(path)?;
    let mut scenario = pipeline::read_scenario(&name, &text)?;
    if let Some(policy) = args.policy {
        policy.clone_into(&mut scenario.platform.policy);
    }
    let mut inputs = vec![source(&name, &Sha256::digest(&text), text.lines().count() as u64)];
    let table = follows(path, &name, &mut scenario, &mut inputs, talk)?;
    let options = SimulationOptions {
        engine: match args.engine {
            EngineArg::Auto => Engine::Auto,
            EngineArg::Agents => Engine::Agents,
            EngineArg::Cohorts => Engine::Cohorts,
        },
        seed: Seed(args.seed),
        n_seeds: args.seeds,
        threads: usize::from(args.threads),
    };
    // The talk stays on this thread; the work goes on in the pool's.
    let (send, ticks) = std::sync::mpsc::channel();
    let mut report = std::thread::scope(|scope| {
        let (scenario, table) = (&scenario, table.as_ref());
        let work = scope.spawn(move || {
            pipeline::simulate(scenario, table, &options, &mut |done, total| {
                let _ = send.send((done, total));
                if interrupt::is_asked() { Go::Stop } else { Go::On }
            })
        });
        for (done, total) in ticks {
            talk.step(Step::Named("simulating"), done, total);
        }
        work.join()
    })
    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    report.inputs = inputs;
    talk.end_steps();
    args.outputs.write(&report, Seed(args.seed), talk)
}

fn source(name: &str, hash: &[u8], rows: u64) -> SourceFile {
    let sha256 = hash.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"));
    SourceFile { name: name.to_owned(), sha256, rows, taken: rows, rejected: 0 }
}

fn cannot_read(path: &Path, error: &dyn std::fmt::Display) -> Failure {
    Failure::Failed {
        message: format!("cannot read {}: {error}", path.display()),
        hint: Some("check that the file exists and may be read".to_owned()),
    }
}

fn read_text(path: &Path) -> Result<String, Failure> {
    let meta = fs::metadata(path).map_err(|e| cannot_read(path, &e))?;
    if meta.len() > SCENARIO_BYTES_MAX {
        return Err(cannot_read(path, &format!("expected a scenario of at most 1 MB, found {} bytes", meta.len())));
    }
    fs::read_to_string(path).map_err(|e| cannot_read(path, &e))
}

/// Reads the table of follows that a scenario names; a relative path starts at the scenario's folder.
fn follows(
    path: &Path,
    name: &str,
    scenario: &mut Scenario,
    inputs: &mut Vec<SourceFile>,
    talk: &mut Talk,
) -> Result<Option<FollowTable>, Failure> {
    let Some(edges) = scenario.platform.edges.clone().filter(|_| scenario.platform.graph == GraphKind::Edges) else {
        return Ok(None);
    };
    let place = path.parent().unwrap_or(Path::new("")).join(&edges);
    let (table, read) = pipeline::read_follows(&place, &mut watch(talk))?;
    for note in &read.notes {
        talk.detail(note);
    }
    inputs.extend(read.files);
    pipeline::on_table(name, scenario, &table)?;
    Ok(Some(table))
}

impl Outputs {
    fn check(&self, scenario: &Path) -> Result<(), Failure> {
        let named =
            [&self.out, &self.html, &self.out_parquet, &self.write_posts, &self.write_followers, &self.write_labels];
        let mut places = Vec::new();
        for (i, path) in named.into_iter().enumerate() {
            if i > 0 && path.is_none() {
                continue;
            }
            let place = Place::of(path.as_ref());
            place.spare(&[scenario.to_owned()])?;
            if places.contains(&place) {
                return Err(Failure::Usage {
                    message: "two outputs have the same place".to_owned(),
                    hint: Some("name a file of its own for each output".to_owned()),
                });
            }
            places.push(place);
        }
        Ok(())
    }

    fn write(&self, report: &SimulationReport, seed: Seed, talk: &mut Talk) -> Result<(), Failure> {
        let mut wrote = |path: &PathBuf| talk.detail(&format!("wrote {}", path.display()));
        if let Some(path) = &self.html {
            Place::of(Some(path)).write(|out| on_page(|| render::simulation_html(report, out)))?;
            wrote(path);
        }
        if let Some(path) = &self.out_parquet {
            let mut table = Vec::new();
            render::simulation_parquet(report, &mut table)
                .map_err(|e| Failure::writing(&path.display().to_string(), &e))?;
            Place::of(Some(path)).write(|out| out.write_all(&table))?;
            wrote(path);
        }
        if let Some(path) = &self.write_posts {
            Place::of(Some(path)).write(|out| render::simulated_posts_csv(report, out))?;
            wrote(path);
        }
        for (path, kind) in [(&self.write_followers, ExportKind::Table), (&self.write_labels, ExportKind::Labels)] {
            let Some(path) = path else { continue };
            let joined = report.pairs.first().map_or(0, |p| p.with.days.iter().map(|d| d.n_joined).sum());
            let page = made_page(&report.scenario, joined).map_err(|message| Failure::Usage {
                message: format!("the followers of this scenario cannot be made: {message}"),
                hint: Some(
                    "leave --write-followers and --write-labels out, or let events end before the last day".to_owned(),
                ),
            })?;
            Place::of(Some(path)).write_seekable(|out| write_export(&page, seed, kind, out).map(drop))?;
            wrote(path);
        }
        let place = Place::of(self.out.as_ref());
        match self.format {
            Format::Json => place.write(|out| render::simulation_json(report, out)),
            Format::Html => place.write(|out| render::simulation_html(report, out)),
            Format::Text => place.write(|out| out.write_all(render::simulation_text(report).as_bytes())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::INIT;
    use assay_reach::feed::{Scenario, check};

    /// What `--init` writes can be simulated, and says of every key what the default is; the examples aside.
    #[test]
    fn the_first_scenario_is_the_default_with_examples() {
        let mut scenario: Scenario = toml::from_str(INIT).expect("a scenario");
        assert_eq!(check(&scenario), []);
        assert_eq!((scenario.buy.len(), scenario.remove.len(), scenario.platform.groups.len()), (1, 1, 2));
        let usual = Scenario::default();
        scenario.platform.groups = usual.platform.groups.clone();
        scenario.buy.clear();
        scenario.remove.clear();
        assert_eq!(scenario, usual);
        let keys = serde_json::to_string(&usual).expect("JSON");
        for key in keys.split('"').skip(1).step_by(2).filter(|key| key.contains('_')) {
            assert!(INIT.contains(key), "{key} is not explained");
        }
    }
}
