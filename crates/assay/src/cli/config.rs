//! `assay config`: what is set, and where it comes from.

use super::Failure;
use super::output::Place;
use super::talk::{ListFormat, Talk};
use super::workspace::path;
use crate::config::{Config, KEYS, Stands};
use crate::pipeline::workspace;
use crate::render;
use clap::{Args, Subcommand};
use std::fmt::Write as _;

/// Columns that a key's name takes.
const NAME_WIDTH: usize = 24;

/// Show the settings and where each comes from
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct ConfigArgs {
    #[command(subcommand)]
    command: ConfigCommand,
}

#[derive(Debug, Subcommand)]
enum ConfigCommand {
    Show(ShowArgs),
    Set(SetArgs),
    Unset(UnsetArgs),
    Keys(KeysArgs),
}

const EXAMPLES: &str = "\
Examples:
  assay config show
  assay config show --origin
  ASSAY_CURRENCY=EUR assay config show --format json
  assay config set zone Europe/Oslo              in the workspace, for all who open it
  assay config set retention.engagements 400d
  assay config keys

Settings stand in ./assay.toml, and in assay/config.toml under $XDG_CONFIG_HOME (else ~/.config):
  workspace = \"clients/northlight.db\"
  currency = \"EUR\"
  zone = \"Europe/Oslo\"
A flag wins over a variable such as ASSAY_CURRENCY, that over the workspace, that over ./assay.toml,
that over the user's file, and that over what is built in. A path counts from the folder of its file.";

/// Show the settings that hold here
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct ShowArgs {
    /// Say where each setting comes from
    #[arg(long)]
    origin: bool,
    /// How to write them; JSON always says where they come from
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// Keep a setting in the workspace, for everybody who opens it
#[derive(Debug, Args)]
#[command(after_help = SET_EXAMPLES)]
struct SetArgs {
    /// The key: zone, week-start, currency, numbers, dates or one of retention
    #[arg(value_name = "KEY")]
    key: String,
    /// Its value
    #[arg(value_name = "VALUE", allow_hyphen_values = true)]
    value: String,
}

const SET_EXAMPLES: &str = "\
Examples:
  assay config set zone Europe/Oslo
  assay config set week-start sunday
  assay config set retention.orders 3y";

/// Take a setting out of the workspace
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay config unset zone")]
struct UnsetArgs {
    /// The key
    #[arg(value_name = "KEY")]
    key: String,
}

/// List what can be set
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay config keys")]
struct KeysArgs {}

/// Runs the command.
pub(super) fn run(args: &ConfigArgs, config: &Config, talk: &mut Talk) -> Result<(), Failure> {
    let text = match &args.command {
        ConfigCommand::Show(show) => {
            for (name, near) in &config.unknown {
                let near = near.map_or(String::new(), |key| format!("; did you mean ASSAY_{}?", variable_part(key)));
                talk.note(&format!("{name} sets nothing{near}"));
            }
            match show.format {
                ListFormat::Text => text(config, show.origin),
                ListFormat::Json => format!("{:#}\n", render::config_json(config)),
            }
        }
        ConfigCommand::Set(set) => keep(config, &set.key, Some(&set.value))?,
        ConfigCommand::Unset(unset) => keep(config, &unset.key, None)?,
        ConfigCommand::Keys(_) => keys(),
    };
    Place::Stdout.write(|out| out.write_all(text.as_bytes()))
}

/// Keeps a setting in the workspace, or takes it out.
fn keep(config: &Config, name: &str, value: Option<&str>) -> Result<String, Failure> {
    let file = path(config)?;
    let place = file.display();
    Ok(match workspace::set(&file, name, value)? {
        (key, None) => format!("{} is not set in the workspace {place}\n", key.name),
        (key, Some(value)) => format!("{} = {value} in the workspace {place}\n", key.name),
    })
}

fn variable_part(key: &str) -> String {
    key.to_uppercase().replace('-', "_")
}

fn text(config: &Config, with_origin: bool) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
    let wide = config.settings.iter().map(|s| value(&s.value).chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for setting in &config.settings {
        let line = format!("{:<NAME_WIDTH$}{:<wide$}", setting.key.name, value(&setting.value));
        let _ = if with_origin {
            writeln!(text, "{line}  {}", setting.origin)
        } else {
            writeln!(text, "{}", line.trim_end())
        };
    }
    if with_origin {
        text.push('\n');
        for (path, found) in &config.files {
            let _ = writeln!(text, "{}  {}", path.display(), if *found { "read" } else { "not there" });
        }
    }
    text
}

fn keys() -> String {
    let mut text = String::new();
    for key in KEYS {
        let built_in = key.built_in.map_or(String::new(), |value| format!(" [{value}]"));
        let variable =
            if key.stands == Stands::Workspace { "in the workspace alone".to_owned() } else { key.variable() };
        let _ = writeln!(text, "{:<NAME_WIDTH$}{}{built_in}", key.name, key.meaning);
        let _ = writeln!(text, "{:NAME_WIDTH$}{variable}", "");
    }
    text
}
