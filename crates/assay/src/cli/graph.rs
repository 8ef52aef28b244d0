//! `assay graph`: a table of edges packed once, so that later runs on it start at once.

use super::output::Place;
use super::talk::{ListFormat, Talk};
use super::{Failure, interrupt};
use crate::pipeline::{self, GraphOptions, Step};
use crate::render;
use assay_graphfile::{ColumnChoice, PackedShape, WriteError, read_shape, write_packed};
use assay_model::edges::{EdgesError, Kinds};
use assay_model::{Go, Stopped};
use clap::{Args, Subcommand};
use serde_json::json;
use std::cell::Cell;
use std::fs::File;
use std::io;
use std::path::PathBuf;

/// Pack a table of edges, so that later runs on it start at once
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct GraphArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    Pack(PackArgs),
    Info(InfoArgs),
}

const EXAMPLES: &str = "\
Examples:
  assay graph pack follows.csv --out follows.assaygraph
  assay graph info follows.assaygraph
  assay rings follows.assaygraph";

/// Pack tables of edges into one file
///
/// The packed graph holds the edges of both directions, each once, with times and names but without weights, and says what it
/// was made of. It appears whole or not at all.
#[derive(Debug, Args)]
#[command(after_help = PACK_EXAMPLES)]
struct PackArgs {
    /// Tables of edges (CSV, TSV, JSON lines, Parquet; .gz, .zst, .zip) and folders of them, as one
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// The packed graph to write
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Which columns are which, such as source=user,target=page,at=when; numbers where the table has no header; at=- leaves
    /// times out
    #[arg(long, value_name = "CHOICE")]
    columns: Option<ColumnChoice>,
    /// Sources and targets are accounts of one kind, as in "who follows whom"
    #[arg(long)]
    one_mode: bool,
    /// Use at most this much memory, such as 12GB; what is free where not given
    #[arg(long, value_name = "SIZE", value_parser = super::memory::size)]
    memory: Option<u64>,
    /// End with exit code 3 when any row could not be read; the packed graph is written all the same
    #[arg(long)]
    strict: bool,
}

const PACK_EXAMPLES: &str = "\
Examples:
  assay graph pack follows.csv --out follows.assaygraph
  assay graph pack likes/ --columns source=user,target=post,at=liked_at --out likes.assaygraph";

/// Say what a packed graph holds
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  assay graph info follows.assaygraph --format json")]
struct InfoArgs {
    /// The packed graph
    #[arg(value_name = "FILE")]
    path: PathBuf,
    /// How to write the answer
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// How many rows that could not be read are shown.
const REJECTS_SHOWN: usize = 5;

/// Runs the command.
pub(super) fn run(args: &GraphArgs, talk: &mut Talk) -> Result<(), Failure> {
    match &args.what {
        What::Pack(args) => pack(args, talk),
        What::Info(args) => info(args),
    }
}

fn pack(args: &PackArgs, talk: &mut Talk) -> Result<(), Failure> {
    let place = Place::of(Some(&args.out));
    if place == Place::Stdout {
        return Err(Failure::Usage {
            message: "a packed graph cannot go to stdout".to_owned(),
            hint: Some("name a file with --out".to_owned()),
        });
    }
    place.spare(&args.paths)?;
    let options = GraphOptions {
        columns: args.columns.clone().unwrap_or_default(),
        kinds: if args.one_mode { Kinds::One } else { Kinds::Two },
        memory_max: args.memory.or_else(super::memory::free),
        prunes: false,
    };
    let said = Cell::new(None);
    let mut watch = |step, done, total| {
        if let Some(plan) = said.take() {
            // Small inputs are not worth a word.
            let text = render::plan(&plan);
            if plan.memory.most > 1_000_000_000 { talk.note(&text) } else { talk.detail(&text) }
        }
        talk.step(step, done, total);
        if interrupt::is_asked() { Go::Stop } else { Go::On }
    };
    let memory = &pipeline::memory_of_building;
    let graph = pipeline::graph(&args.paths, &options, memory, &mut |plan| said.set(Some(plan)), &mut watch)?;
    place.write_seekable(|out| {
        let mut tick = |done, total| {
            talk.step(Step::Named("packing"), done, total);
            if interrupt::is_asked() { Go::Stop } else { Go::On }
        };
        write_packed(&graph.to_pack(), out, &mut tick).map_err(|e| match e {
            WriteError::Io(e) => e,
            WriteError::Edges(EdgesError::Stopped) => io::Error::other(Stopped),
            WriteError::Edges(e) => io::Error::other(e),
        })
    })?;
    talk.end_steps();
    let c = &graph.read.counts;
    talk.note(&format!(
        "packed {} edges of {} rows: {} duplicates, {} self-loops, {} empty and {} broken were left out",
        c.taken, c.rows, c.duplicates, c.self_loops, c.empty, c.broken
    ));
    for note in graph.read.notes.iter().cloned().chain(pipeline::weights_unused(&graph.read)) {
        talk.note(&note);
    }
    for reject in c.rejects.iter().take(REJECTS_SHOWN) {
        talk.note(&format!("{}:{}: {}", reject.file, reject.line, reject.why));
    }
    if args.strict && c.rejected() > 0 {
        return Err(Failure::Strict { n_rejected: c.rejected() });
    }
    Ok(())
}

fn info(args: &InfoArgs) -> Result<(), Failure> {
    let place = args.path.display().to_string();
    let shape = File::open(&args.path)
        .map_err(|e| Failure::Failed {
            message: format!("{place}: expected a packed graph, found none that can be opened ({e})"),
            hint: Some("check the path".to_owned()),
        })
        .and_then(|mut file| read_shape(&mut file, &place).map_err(|e| pipeline::Error::from(e).into()))?;
    let text = match args.format {
        ListFormat::Json => format!("{:#}\n", document(&place, &shape)),
        ListFormat::Text => text(&place, &shape),
    };
    Place::Stdout.write(|out| out.write_all(text.as_bytes()))
}

fn document(place: &str, shape: &PackedShape) -> serde_json::Value {
    json!({
        "schema": "assay.graph/1",
        "version": env!("CARGO_PKG_VERSION"),
        "file": place,
        "bytes": shape.bytes,
        "sources": shape.n_sources,
        "targets": shape.n_targets,
        "edges": shape.n_edges,
        "timed": shape.timed,
        "one_mode": shape.kinds == Kinds::One,
    })
}

fn text(place: &str, shape: &PackedShape) -> String {
    let kinds = if shape.kinds == Kinds::One { "of one kind" } else { "of two kinds" };
    let times = if shape.timed { "with times" } else { "without times" };
    format!(
        "{place}: {} edges {times}, {} sources and {} targets {kinds}, {} bytes\n",
        shape.n_edges, shape.n_sources, shape.n_targets, shape.bytes
    )
}

#[cfg(test)]
mod tests {
    use super::document;
    use crate::render::schema::faults;
    use assay_graphfile::{ToPack, read_shape, write_packed};
    use assay_math::graph::Bipartite;
    use assay_model::edges::Kinds;
    use assay_model::silent;
    use std::io::Cursor;

    #[test]
    fn the_document_keeps_its_schema() {
        let (graph, read) = (Bipartite::default(), assay_graphfile::ReadEdges::default());
        let mut out = Cursor::new(Vec::new());
        let packed = ToPack { graph: &graph, times: None, kinds: Kinds::Two, read: &read };
        write_packed(&packed, &mut out, &mut silent).expect("memory");
        let shape = read_shape(&mut out, "g").expect("a packed graph");
        let schema = serde_json::from_str(include_str!("../../schemas/graph-1.json")).expect("JSON");
        assert_eq!(faults(&schema, &document("g", &shape)), [""; 0]);
    }
}
