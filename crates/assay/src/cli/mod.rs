//! The command line: one file a command. Data goes to stdout, talk to stderr.
//!
//! Exit codes: 0 done; 1 failed; 2 wrong usage; 3 with `--strict` and rejected rows; 4 a `--fail-if` condition met; 130
//! interrupted.

mod audit;
mod channels;
mod config;
mod demo;
mod experiment;
mod fail_if;
mod formats;
mod graph;
mod interrupt;
mod ltv;
mod memory;
mod metrics;
mod output;
mod people;
mod reach;
mod reading;
mod rings;
mod serve;
mod shell;
mod synth;
mod synth_graph;
mod talk;
mod workspace;

use crate::config::{self as settings, Config, ConfigProblem};
use crate::render::forms::{Forms, Readers, choose};
use crate::{pipeline, render};
use assay_import::{Stranger, Zone};
use assay_model::Stopped;
use clap::{Args, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use talk::Talk;

/// Tells whether a social-media audience is real.
#[derive(Debug, Parser)]
#[command(name = "assay", version, max_term_width = 100, arg_required_else_help = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
    /// The file that holds all that was imported [default: as `assay config show` says]
    #[arg(long, global = true, value_name = "PATH", help_heading = "Workspace")]
    workspace: Option<PathBuf>,
    #[command(flatten)]
    talk: TalkOptions,
    /// Whether what goes to stdout is for programs.
    #[arg(skip)]
    is_for_programs: bool,
}

const EXAMPLES: &str = "\
Examples:
  assay demo                                     see an audit of a made page, in seconds
  assay audit followers.zip                      audit the export of a platform
  assay audit followers.zip --html report.html   the same, as a page to look at
  assay rings follows.csv                        groups of accounts in lockstep
  assay formats                                  what can be read

Exit codes: 0 done; 1 failed; 2 wrong usage; 3 with --strict and rejected rows;
4 a --fail-if condition met; 130 interrupted";

#[derive(Debug, Subcommand)]
enum Command {
    Audit(Box<audit::AuditArgs>),
    Rings(Box<rings::RingsArgs>),
    Graph(Box<graph::GraphArgs>),
    Demo(Box<demo::DemoArgs>),
    Experiment(experiment::ExperimentArgs),
    Formats(formats::FormatsArgs),
    Channels(channels::ChannelsArgs),
    Config(config::ConfigArgs),
    Import(workspace::import::ImportArgs),
    Imports(workspace::imports::ImportsArgs),
    Undo(workspace::imports::UndoArgs),
    Sql(workspace::sql::SqlArgs),
    Export(workspace::export::ExportArgs),
    Forget(workspace::forget::ForgetArgs),
    Retain(workspace::retain::RetainArgs),
    Workspaces(workspace::several::WorkspacesArgs),
    People(people::PeopleArgs),
    Synth(synth::SynthArgs),
    Reach(Box<reach::ReachArgs>),
    Ltv(Box<ltv::LtvArgs>),
    Metrics(Box<metrics::MetricsArgs>),
    Serve(Box<serve::ServeArgs>),
    Completions(shell::CompletionsArgs),
    Man(shell::ManArgs),
}

/// How much is said on stderr.
#[derive(Debug, Clone, Args)]
struct TalkOptions {
    /// When to show progress on stderr; `auto` shows it on a terminal, for work of more than a second
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", help_heading = "Talk")]
    progress: When,
    /// Say nothing on stderr but errors
    #[arg(long, short, global = true, conflicts_with = "verbose", help_heading = "Talk")]
    quiet: bool,
    /// Say more on stderr: the steps and how long they took
    #[arg(long, short, global = true, help_heading = "Talk")]
    verbose: bool,
    /// Use no colour (nor does a terminal where `NO_COLOR` is set)
    #[arg(long, global = true, help_heading = "Talk")]
    no_color: bool,
}

/// When to do something that only a terminal shows well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    Auto,
    Always,
    Never,
}

/// Why a command did not end well.
#[derive(Debug)]
enum Failure {
    /// Exit 1.
    Failed { message: String, hint: Option<String> },
    /// Exit 2.
    Usage { message: String, hint: Option<String> },
    /// Exit 3: rows were rejected, and the user asked for `--strict`.
    Strict { n_rejected: u64 },
    /// Exit 4: conditions met, as the user wrote them, with what was found.
    ConditionsMet(Vec<String>),
    /// Exit 130.
    Interrupted,
    /// Nobody reads the output any more: exit 0, silently.
    PipeClosed,
}

impl From<pipeline::Error> for Failure {
    fn from(error: pipeline::Error) -> Self {
        match error {
            pipeline::Error::Input { message, hint } => Self::Failed { message, hint },
            pipeline::Error::Usage { message, hint } => Self::Usage { message, hint },
            pipeline::Error::UnknownTables { message, tables } => {
                Self::of_tables(&message, &tables, &|_| "add".to_owned())
            }
            pipeline::Error::Interrupted => Self::Interrupted,
        }
    }
}

impl From<ConfigProblem> for Failure {
    fn from(problem: ConfigProblem) -> Self {
        Self::Usage { message: problem.message, hint: Some(problem.hint) }
    }
}

impl Failure {
    /// Of tables that nobody reads, and what to say so that `command` reads them.
    fn of_tables(message: &str, tables: &[Stranger], command: &dyn Fn(&Stranger) -> String) -> Self {
        let said = render::workspace::strangers_text(tables, command);
        let hint = "`assay formats --columns` lists the columns that tables may have".to_owned();
        Self::Failed { message: format!("{message}\n\n{said}"), hint: Some(hint) }
    }

    /// A failure to write to `place`: `stdout`, or a path.
    fn writing(place: &str, error: &io::Error) -> Self {
        // Writers of tables and zips wrap the errors of what they write to.
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(error) = cause {
            if error.is::<Stopped>() {
                return Self::Interrupted;
            }
            cause = if let Some(io) = error.downcast_ref::<io::Error>() {
                if io.kind() == io::ErrorKind::BrokenPipe {
                    return Self::PipeClosed;
                }
                io.get_ref().map(|inner| inner as &(dyn std::error::Error + 'static))
            } else if let Some(csv::ErrorKind::Io(io)) = error.downcast_ref::<csv::Error>().map(csv::Error::kind) {
                // This one does not name its source.
                Some(io)
            } else {
                error.source()
            };
        }
        Self::Failed {
            message: format!("cannot write {place}: {error}"),
            hint: Some(
                "check that the folder exists, that it may be written to, and that the disk is not full".to_owned(),
            ),
        }
    }
}

/// Runs the program with these arguments, the first of which is its name.
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    // Settings that cannot be used are told after errors of usage and help, which need none.
    let read = settings::of_this_process();
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let parsed = parse(arguments.iter().cloned(), read.as_ref().ok());
    let (cli, read) = match parsed {
        // What stands in the workspace is known once its path is; then the flags have other defaults.
        Ok(cli) => match read.map_err(Failure::from).and_then(|config| of_workspace(&cli, config)) {
            Ok(config) => (parse(arguments, Some(&config)).unwrap_or(cli), Ok(config)),
            Err(failure) => (cli, Err(failure)),
        },
        Err(error) => {
            // Help and version are data, and go to stdout; errors of usage go to stderr and end with 2.
            let code = u8::try_from(error.exit_code()).unwrap_or(2);
            return match error.print() {
                Ok(()) => ExitCode::from(code),
                Err(broken) if broken.kind() == io::ErrorKind::BrokenPipe => ExitCode::from(code),
                Err(_) => ExitCode::FAILURE,
            };
        }
    };
    interrupt::listen();
    let mut talk = Talk::new(&cli.talk);
    let outcome = read.and_then(|config| {
        let readers = if cli.is_for_programs { Readers::Programs } else { Readers::People };
        choose(forms_of(&config)?, readers);
        answer(cli, &config, &mut talk)
    });
    talk.end_progress();
    ExitCode::from(match outcome {
        Ok(()) | Err(Failure::PipeClosed) => 0,
        Err(Failure::Failed { message, hint }) => {
            talk.error(&message, hint.as_deref());
            1
        }
        Err(Failure::Usage { message, hint }) => {
            talk.error(&message, hint.as_deref());
            2
        }
        Err(Failure::Strict { n_rejected }) => {
            talk.error(
                &format!("--strict: {n_rejected} rows could not be read"),
                Some("the report lists them; run without --strict to accept them"),
            );
            3
        }
        Err(Failure::ConditionsMet(met)) => {
            for condition in met {
                talk.error(&format!("--fail-if: {condition}"), None);
            }
            4
        }
        Err(Failure::Interrupted) => {
            talk.error("interrupted", Some("outputs that were not finished were not written"));
            130
        }
    })
}

/// The settings that hold for a command: where it works on a workspace, what stands there is laid over what stands in files.
fn of_workspace(cli: &Cli, mut config: Config) -> Result<Config, Failure> {
    if let Some(path) = &cli.workspace {
        config.overrule("workspace", "--workspace", path.display().to_string());
    }
    let is_of_workspace = match &cli.command {
        Command::Audit(args) => args.is_of_workspace(),
        Command::Metrics(args) => args.is_of_workspace(),
        Command::Import(_) | Command::Config(_) | Command::People(_) | Command::Imports(_) => true,
        // They read files alone, and count days and weeks as the workspace does where one is named.
        Command::Ltv(_) | Command::Reach(_) => cli.workspace.is_some(),
        _ => false,
    };
    if let Some(path) = config.workspace().filter(|_| is_of_workspace) {
        let kept = assay_store::settings_of(&path).map_err(pipeline::Error::from)?;
        config.take_workspace(&path, &kept)?;
    }
    Ok(config)
}

/// Reads the arguments; what is set stands for flags that are not given.
fn parse(arguments: impl IntoIterator<Item = OsString>, config: Option<&Config>) -> Result<Cli, clap::Error> {
    let mut command = Cli::command();
    if let Some(config) = config {
        let same = ["confidence", "seed", "progress", "currency"].map(|key| (key, key));
        for (key, flag) in same.into_iter().chain([("zone", "tz")]) {
            if let Some(value) = config.set(key) {
                command = with_default(command, flag, value);
            }
        }
    }
    let matches = command.try_get_matches_from_mut(arguments)?;
    let mut cli = Cli::from_arg_matches(&matches).map_err(|e| e.format(&mut command))?;
    cli.is_for_programs = is_for_programs(&matches);
    cli.talk.no_color |= config.is_some_and(|c| c.value("no-color") == Some("true"));
    Ok(cli)
}

/// The command, and those below it, with another default for a flag.
fn with_default(command: clap::Command, flag: &str, value: &str) -> clap::Command {
    let other = |arg: clap::Arg| {
        let is_it = arg.get_id() == flag;
        if is_it { arg.default_value(value.to_owned()) } else { arg }
    };
    command.mut_args(other).mut_subcommands(|below| with_default(below, flag, value))
}

/// Whether the format that was asked for is one that programs read.
fn is_for_programs(matches: &clap::ArgMatches) -> bool {
    if let Some((_, below)) = matches.subcommand() {
        return is_for_programs(below);
    }
    let mut told = matches.try_get_raw("format").ok().flatten().into_iter().flatten();
    told.any(|format| format != "text" && format != "html")
}

/// How the user reads numbers, days and clocks.
fn forms_of(config: &Config) -> Result<Forms, Failure> {
    let zone = config.set("zone").map(Zone::parse).transpose().map_err(pipeline::Error::from)?;
    Ok(Forms::named(config.value("numbers"), config.value("dates"), zone))
}

/// Runs the command that was asked for.
fn answer(cli: Cli, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    match cli.command {
        Command::Audit(args) => audit::run(&args, config, talk),
        Command::Rings(args) => rings::run(&args, talk),
        Command::Graph(args) => graph::run(&args, talk),
        Command::Demo(args) => demo::run(&args, talk),
        Command::Experiment(args) => experiment::run(&args, config, talk),
        Command::Formats(args) => formats::run(&args),
        Command::Channels(args) => channels::run(&args),
        Command::Config(args) => config::run(&args, config, talk),
        Command::Import(args) => workspace::import::run(&args, config, talk),
        Command::Imports(args) => workspace::imports::imports(&args, config),
        Command::Undo(args) => workspace::imports::undo(&args, config, talk),
        Command::Sql(args) => workspace::sql::run(&args, config, talk),
        Command::Export(args) => workspace::export::run(&args, config),
        Command::Forget(args) => workspace::forget::run(&args, config, talk),
        Command::Retain(args) => workspace::retain::run(&args, config, talk),
        Command::Workspaces(args) => workspace::several::run(&args, config, talk),
        Command::People(args) => people::run(&args, config, talk),
        Command::Synth(args) => synth::run(&args, talk),
        Command::Reach(args) => reach::run(&args, config, talk),
        Command::Ltv(args) => ltv::run(&args, config, talk),
        Command::Metrics(args) => metrics::run(&args, config, talk),
        Command::Serve(args) => serve::run(&args, config, talk),
        Command::Completions(args) => shell::completions(&args),
        Command::Man(args) => shell::man(&args),
    }
}
