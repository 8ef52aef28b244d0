//! `assay synth graph`: made graphs of any size with rings planted in them.

use super::Failure;
use super::output::Place;
use super::talk::Talk;
use crate::pipeline::{DEFAULT_SEED, Step};
use assay_graphfile::{TableForm, WriteError, write_edges};
use assay_math::Seed;
use assay_model::edges::EdgesError;
use assay_model::synth::{Camouflage, GraphPlan, Side, SynthGraph};
use assay_model::{Go, Stopped};
use clap::{Args, ValueEnum};
use std::io;
use std::path::PathBuf;

/// Make a graph of who acted on what, of any size, with rings planted in it
///
/// The background is R-MAT with the quadrants .57, .19, .19 and .05: popular targets, busy sources, no communities. Each ring is
/// a number of sources that act on a share of its targets, half of which the background knows too. With --times, a ring's edges
/// fall within 1 to 30 days of two years.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct GraphArgs {
    /// Rows of the background; the rings' come on top
    #[arg(long, value_name = "N", value_parser = count, default_value = "1000000")]
    edges: u64,
    /// Ids that sources are drawn from; an eighth of the edges where not given
    #[arg(long, value_name = "N", value_parser = id_count)]
    sources: Option<u32>,
    /// Ids that targets are drawn from; a sixteenth of the edges where not given
    #[arg(long, value_name = "N", value_parser = id_count)]
    targets: Option<u32>,
    /// How many rings
    #[arg(long, value_name = "N", default_value_t = 0)]
    rings: u32,
    /// Sources of each ring
    #[arg(long, value_name = "N", default_value_t = 200)]
    ring_sources: u32,
    /// Targets of each ring
    #[arg(long, value_name = "N", default_value_t = 100)]
    ring_targets: u32,
    /// The share (0..1) of its ring's targets that each source acts on
    #[arg(long, value_name = "SHARE", default_value_t = 0.3)]
    density: f64,
    /// How rings hide: each source acts on as many other targets, drawn evenly or by popularity, or rings are made of sources
    /// that the background has
    #[arg(long, value_name = "HOW", default_value = "none")]
    camouflage: Hiding,
    /// Give every edge a time
    #[arg(long)]
    times: bool,
    /// Where random steps start: the same seed gives the same graph, at any number of threads
    #[arg(long, value_name = "N", default_value_t = DEFAULT_SEED.0)]
    seed: u64,
    /// Write to FILE: Parquet if its name ends in .parquet, else CSV; stdout (CSV) where not given
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write who is in which ring to FILE besides (CSV with ring, account, side)
    #[arg(long, value_name = "FILE")]
    truth: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  assay synth graph --edges 1e6 --rings 3 --times --out follows.parquet --truth rings.csv
  assay synth graph --edges 1e5 --sources 20000 --targets 5000 --rings 1 --camouflage biased --out follows.csv
  assay synth graph --edges 1.5e9 --sources 1e8 --targets 5e7 --rings 20 --out big.parquet";

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Hiding {
    None,
    Random,
    Biased,
    Hijacked,
}

impl From<Hiding> for Camouflage {
    fn from(hiding: Hiding) -> Self {
        match hiding {
            Hiding::None => Self::None,
            Hiding::Random => Self::Random,
            Hiding::Biased => Self::Biased,
            Hiding::Hijacked => Self::Hijacked,
        }
    }
}

/// A count, such as 1000000, `1_000_000`, 1e6 or 1.5e9.
fn count(text: &str) -> Result<u64, String> {
    let plain = text.replace('_', "");
    if let Ok(n) = plain.parse() {
        return Ok(n);
    }
    let n: f64 = plain.parse().map_err(|_| "expected a whole number, such as 1000000 or 1e6".to_owned())?;
    if n.fract() == 0.0 && (0.0..9e15).contains(&n) { Ok(n as u64) } else { Err("expected a whole number".to_owned()) }
}

fn id_count(text: &str) -> Result<u32, String> {
    u32::try_from(count(text)?).map_err(|_| "expected fewer than 2^32".to_owned())
}

/// Runs the command.
pub(super) fn run(args: &GraphArgs, talk: &mut Talk) -> Result<(), Failure> {
    if args.truth.is_some() && args.truth == args.out {
        return Err(Failure::Usage {
            message: "the graph and the truth about it cannot go to the same place".to_owned(),
            hint: Some("name two files".to_owned()),
        });
    }
    let part = |part: u64| u32::try_from((args.edges / part).clamp(16, 1 << 31)).unwrap_or(u32::MAX);
    let graph = SynthGraph {
        edges: args.edges,
        sources: args.sources.unwrap_or_else(|| part(8)),
        targets: args.targets.unwrap_or_else(|| part(16)),
        rings: args.rings,
        ring_sources: args.ring_sources,
        ring_targets: args.ring_targets,
        density: args.density,
        camouflage: args.camouflage.into(),
        timed: args.times,
    };
    let plan = graph.plan(Seed(args.seed)).map_err(|message| Failure::Usage {
        message,
        hint: Some("see `assay synth graph --help` for examples".to_owned()),
    })?;
    let parquet =
        args.out.as_ref().is_some_and(|path| path.extension().is_some_and(|e| e.eq_ignore_ascii_case("parquet")));
    let form = if parquet { TableForm::Parquet } else { TableForm::Csv };
    Place::of(args.out.as_ref()).write(|out| {
        let mut tick = |done, total| {
            talk.step(Step::Named("making the graph"), done, total);
            if super::interrupt::is_asked() { Go::Stop } else { Go::On }
        };
        let make = |i, block: &mut _| plan.block(i, block);
        write_edges(form, args.times, plan.n_blocks(), &make, out, &mut tick).map_err(|e| match e {
            WriteError::Io(e) => e,
            WriteError::Edges(EdgesError::Stopped) => io::Error::other(Stopped),
            WriteError::Edges(e) => io::Error::other(e),
        })
    })?;
    if let Some(path) = &args.truth {
        Place::of(Some(path)).write(|out| write_truth(&plan, out))?;
    }
    talk.detail(&format!("wrote {} rows", plan.n_rows()));
    Ok(())
}

fn write_truth(plan: &GraphPlan, out: &mut dyn io::Write) -> io::Result<()> {
    writeln!(out, "ring,account,side")?;
    plan.for_each_member(|ring, side, id| {
        let side = if side == Side::Source { "source" } else { "target" };
        writeln!(out, "{},{id},{side}", ring + 1)
    })
}

#[cfg(test)]
mod tests {
    use super::{count, id_count};

    #[test]
    fn counts_may_be_written_short() {
        for (text, n) in [("0", 0), ("1000", 1_000), ("1_000", 1_000), ("1e6", 1_000_000), ("1.5e9", 1_500_000_000)] {
            assert_eq!(count(text), Ok(n), "{text}");
        }
        for text in ["", "x", "-1", "1.5", "1e99", "inf", "nan"] {
            assert!(count(text).is_err(), "{text}");
        }
        assert!(id_count("5e9").is_err());
    }
}
