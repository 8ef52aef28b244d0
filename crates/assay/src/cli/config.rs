//! `assay config`: what is set, and where it comes from.

use super::Failure;
use super::output::Place;
use super::talk::{ListFormat, Talk};
use crate::config::{Config, KEYS};
use crate::render;
use clap::{Args, Subcommand};
use std::fmt::Write as _;

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
    Keys(KeysArgs),
}

const EXAMPLES: &str = "\
Examples:
  assay config show
  assay config show --origin
  ASSAY_CURRENCY=EUR assay config show --format json
  assay config keys

Settings stand in ./assay.toml, and in assay/config.toml under $XDG_CONFIG_HOME (else ~/.config):
  workspace = \"clients/northlight.db\"
  currency = \"EUR\"
  zone = \"Europe/Oslo\"
A flag wins over a variable such as ASSAY_CURRENCY, that over ./assay.toml, that over the
user's file, and that over what is built in. A path counts from the folder of its file.";

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
        ConfigCommand::Keys(_) => keys(),
    };
    Place::Stdout.write(|out| out.write_all(text.as_bytes()))
}

fn variable_part(key: &str) -> String {
    key.to_uppercase().replace('-', "_")
}

fn text(config: &Config, with_origin: bool) -> String {
    let value = |value: &Option<String>| value.clone().unwrap_or_else(|| "not set".to_owned());
    let wide = config.settings.iter().map(|s| value(&s.value).chars().count()).max().unwrap_or(0);
    let mut text = String::new();
    for setting in &config.settings {
        let line = format!("{:<12}{:<wide$}", setting.key.name, value(&setting.value));
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
        let _ = writeln!(text, "{:<12}{}{built_in}\n            {}", key.name, key.meaning, key.variable());
    }
    text
}
