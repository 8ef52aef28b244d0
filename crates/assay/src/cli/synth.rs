//! `assay synth`: made exports in the layouts of the platforms, and made graphs, for trying things out.

use super::Failure;
use super::output::Place;
use super::synth_graph::{self, GraphArgs};
use super::talk::Talk;
use crate::pipeline::DEFAULT_SEED;
use crate::synth_export::{EXPORT_KINDS, ExportKind, parse_plant, write_export};
use assay_math::Seed;
use assay_model::synth::SynthPage;
use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use std::io::IsTerminal;
use std::path::PathBuf;

/// Make exports of pages, and graphs, that do not exist, with known truth
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct SynthArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Followers(FollowersArgs),
    Graph(Box<GraphArgs>),
}

/// Make a page's followers, with bought batches and bursts planted where you say
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
struct FollowersArgs {
    /// The layout of the export
    #[arg(long, value_name = "ID", default_value = "table", value_parser = layouts())]
    layout: String,
    /// How many people follow in the ordinary course; without this, --days and --plant it is the page of `assay demo`
    #[arg(long, value_name = "N")]
    followers: Option<u32>,
    /// How many days the page has been open
    #[arg(long, value_name = "N")]
    days: Option<u32>,
    /// What happens besides, such as batch:at=300,followers=200,over=1.5,stock=aged; kinds are batch, drip, viral-day,
    /// give-away, starter-pack, shout-out, paid-campaign, purge; may be given more than once
    #[arg(long, value_name = "KIND:SETTINGS")]
    plant: Vec<String>,
    /// Where random steps start: the same seed gives the same page
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED.0)]
    seed: u64,
    /// Write to FILE instead of stdout
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write the truth about each follower to FILE besides (CSV)
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  assay synth followers --layout instagram --out followers.zip
  assay synth followers --followers 2000 --plant batch:at=300,followers=200 --out followers.csv
  assay synth followers --layout x-archive --seed 3 --out x.zip --labels truth.csv";

fn layouts() -> PossibleValuesParser {
    PossibleValuesParser::new(EXPORT_KINDS.iter().map(|(_, id, _)| *id))
}

/// Runs the command.
pub(super) fn run(args: &SynthArgs, talk: &mut Talk) -> Result<(), Failure> {
    match &args.what {
        What::Followers(args) => followers(args, talk),
        What::Graph(args) => synth_graph::run(args, talk),
    }
}

fn followers(args: &FollowersArgs, talk: &mut Talk) -> Result<(), Failure> {
    let page = args.page().map_err(|message| Failure::Usage {
        message,
        hint: Some("see `assay synth followers --help` for examples".to_owned()),
    })?;
    let Some(&(kind, id, ending)) = EXPORT_KINDS.iter().find(|(_, id, _)| *id == args.layout) else {
        // The value parser lets none but these ids pass.
        return Ok(());
    };
    let place = Place::of(args.out.as_ref());
    if place == Place::Stdout && ending == "zip" && std::io::stdout().is_terminal() {
        return Err(Failure::Usage {
            message: format!("{id} is a zip archive, which a terminal cannot show"),
            hint: Some("name a file with --out".to_owned()),
        });
    }
    let seed = Seed(args.seed);
    let mut n_rows = 0;
    place.write_seekable(|out| write_export(&page, seed, kind, out).map(|written| n_rows = written.n_rows))?;
    if let Some(path) = &args.labels {
        Place::of(Some(path)).write_seekable(|out| write_export(&page, seed, ExportKind::Labels, out).map(drop))?;
    }
    talk.detail(&format!("wrote {n_rows} rows"));
    Ok(())
}

impl FollowersArgs {
    fn page(&self) -> Result<SynthPage, String> {
        let mut page = if self.followers.is_none() && self.days.is_none() && self.plant.is_empty() {
            SynthPage::example()
        } else {
            SynthPage::default()
        };
        page.followers = self.followers.unwrap_or(page.followers);
        page.days = self.days.unwrap_or(page.days);
        for text in &self.plant {
            page.plants.push(parse_plant(&page, text)?);
        }
        page.check()?;
        Ok(page)
    }
}
