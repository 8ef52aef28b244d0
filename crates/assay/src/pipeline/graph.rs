//! From tables of edges, or a packed graph, to the graph in memory.
//!
//! ```text
//! paths ─ open ─► EdgeFiles ─ read or survey ─► edges, names ─ build ─► graph (and times)
//! packed graph ─ read ─► graph, times, names
//! ```

use super::plan::{Held, Need, Plan, names_bytes};
use super::{Error, Step, Watch};
use assay_graphfile::{
    ColumnChoice, EdgeFiles, Expected, Limits, PackedPasses, PackedTimes, ReadEdges, ReadOptions, ToPack, is_packed,
    read_packed, read_shape,
};
use assay_math::graph::{Alive, Bipartite, Pairs, build, memory_build};
use assay_model::Go;
use assay_model::edges::{EdgePasses, EdgesError, Kinds, NO_TIME};
use assay_rings::{Times, Whole};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::PathBuf;

mod prune;

pub use prune::{Known, Pruned};
use prune::{beside, failed, meet, prune, pruned, pruned_timed};

/// The step beside reading.
const BUILDING: Step = Step::Named("putting edges in order");

/// How a graph is to be read.
#[derive(Debug, Clone, Default)]
pub struct GraphOptions {
    /// Which columns are which, where the user says so.
    pub columns: ColumnChoice,
    /// Whether sources and targets are accounts of one kind.
    pub kinds: Kinds,
    /// Bytes of memory that may be used; `None` where nobody knows.
    pub memory_max: Option<u64>,
    /// Whether nodes that are in no ring may be left out where the edges do not fit.
    pub prunes: bool,
}

/// Bytes that the work on a graph takes, the graph included: by sources, targets, edges, and whether they have times.
pub type MemoryOf = dyn Fn(u32, u32, u64, bool) -> u64;

/// What building a graph takes, and nothing else.
pub fn memory_of_building(n_sources: u32, n_targets: u32, n_edges: u64, timed: bool) -> u64 {
    memory_build(n_sources, n_targets, n_edges) + if timed { 4 * n_edges } else { 0 }
}

/// A graph in memory, with all that is known of it.
#[derive(Debug)]
pub struct Graph {
    /// The graph.
    pub graph: Bipartite,
    /// The times of its edges, if they have any.
    pub times: Option<Times>,
    /// What was left out of it, since it would not have fitted.
    pub pruned: Option<Pruned>,
    /// Whether both sides are of one kind.
    pub kinds: Kinds,
    /// How sources and targets are called, and what became of the rows.
    pub read: ReadEdges,
}

impl Graph {
    /// The graph as it is packed.
    pub fn to_pack(&self) -> ToPack<'_> {
        let times = self.times.as_ref().map(|times| PackedTimes { first_s: times.origin_s, after_s: &times.at });
        ToPack { graph: &self.graph, times, kinds: self.kinds, read: &self.read }
    }
}

/// Reads a graph. `plan` is told what it will take before the reading begins, and `memory` tells what the work on it takes.
///
/// # Errors
/// When an input cannot be read, it will not fit the memory, or `watch` answers stop.
pub fn graph(
    inputs: &[PathBuf],
    options: &GraphOptions,
    memory: &MemoryOf,
    plan: &mut dyn FnMut(Plan),
    watch: &mut Watch<'_>,
) -> Result<Graph, Error> {
    if let Some(path) = packed_input(inputs)? {
        return from_packed(path, options, memory, plan, watch);
    }
    let read = ReadOptions { columns: options.columns.clone(), kinds: options.kinds, limits: Limits::default() };
    let files = EdgeFiles::open(inputs, read)?;
    let need = Need::new(options, memory);
    let before = need.before_reading(&files)?;
    plan(before);
    need.refuse(&before)?;
    let mut tick = |done, total| watch(Step::Reading, done, total);
    let (built, mut read) = if need.may_hold(&before) {
        let (mut table, read) = files.read(&mut tick)?;
        let held = Held { names: names_bytes(&read), rest: table.bytes() };
        (graph_of(&mut table, held, &need, &before, plan, watch)?, read)
    } else {
        let (mut passes, read) = files.survey(&mut tick)?;
        let names = names_bytes(&read);
        let held = Held { names, rest: passes.bytes() - names };
        (graph_of(&mut passes, held, &need, &before, plan, watch)?, read)
    };
    let (graph, times, pruned, n_repeated) = built;
    read.counts.found_duplicates(n_repeated);
    Ok(Graph { graph, times, pruned, kinds: options.kinds, read })
}

/// What is said where rows have weights.
pub fn weights_unused(read: &ReadEdges) -> Option<String> {
    (read.n_weighted > 0).then(|| {
        format!(
            "{} of {} rows have a weight other than 1; weights are not used: an edge counts once, however often or strongly.",
            read.n_weighted, read.counts.rows
        )
    })
}

/// The input, if it is one packed graph; several, or one beside tables, are refused.
fn packed_input(inputs: &[PathBuf]) -> Result<Option<&PathBuf>, Error> {
    let packed = |path: &&PathBuf| {
        let mut head = Vec::new();
        File::open(path).and_then(|file| file.take(8).read_to_end(&mut head)).is_ok_and(|_| is_packed(&head))
    };
    match (inputs.iter().find(packed), inputs.len()) {
        (Some(path), n) if n > 1 => Err(Error::Usage {
            message: format!("expected one packed graph or several tables, found {} beside others", path.display()),
            hint: Some("pack all tables together: `assay graph pack`".to_owned()),
        }),
        (found, _) => Ok(found),
    }
}

fn from_packed(
    path: &PathBuf,
    options: &GraphOptions,
    memory: &MemoryOf,
    plan: &mut dyn FnMut(Plan),
    watch: &mut Watch<'_>,
) -> Result<Graph, Error> {
    let place = path.display().to_string();
    let file = File::open(path).map_err(|e| Error::Input { message: format!("{place}: {e}"), hint: None })?;
    let mut file = BufReader::with_capacity(1 << 16, file);
    let shape = read_shape(&mut file, &place)?;
    let expected =
        Expected { rows: shape.n_edges, exact: true, bytes: shape.bytes, timed: shape.timed, weighted: false };
    let need = Need::new(options, memory);
    let counted = need.packed(&shape, expected);
    plan(counted);
    need.refuse(&counted)?;
    if options.prunes && !need.fits(&counted) {
        let mut tick = |done, total| watch(Step::Reading, done, total);
        let (mut passes, read) = PackedPasses::open(file, &place, &mut tick)?;
        let held = Held { names: names_bytes(&read), rest: 0 };
        let (graph, times, pruned, _) = graph_of(&mut passes, held, &need, &counted, plan, watch)?;
        return Ok(Graph { graph, times, pruned, kinds: shape.kinds, read });
    }
    let packed = read_packed(&mut file, &place, &mut |done, total| watch(Step::Reading, done, total))?;
    let times = packed.times.map(|(origin_s, at)| Times { at, origin_s });
    Ok(Graph { graph: packed.graph, times, pruned: None, kinds: packed.shape.kinds, read: packed.read })
}

/// The edges of passes as pairs.
struct PairsOf<'a>(&'a mut dyn EdgePasses);

impl Pairs for PairsOf<'_> {
    type Error = EdgesError;

    fn n_pairs(&self) -> u64 {
        self.0.shape().n_edges
    }

    fn pass(&mut self, each: &mut dyn FnMut(&[u32], &[u32]) -> Go) -> Result<(), EdgesError> {
        match self.0.pass(&mut |block| each(&block.source, &block.target)) {
            // The builder knows that it said so itself.
            Err(EdgesError::Stopped) => Ok(()),
            other => other,
        }
    }
}

/// A graph, its times, what was left out of it, and how many rows were repeated.
type Made = (Bipartite, Option<Times>, Option<Pruned>, u64);

/// Builds the graph, and the column of times if there are any: of an edge that stands in several rows the earliest. Prunes first
/// where the edges do not fit and that is allowed.
fn graph_of(
    edges: &mut dyn EdgePasses,
    held: Held,
    need: &Need<'_>,
    before: &Plan,
    plan: &mut dyn FnMut(Plan),
    watch: &mut Watch<'_>,
) -> Result<Made, Error> {
    let shape = edges.shape();
    let counted = need.counted(&shape, held, before);
    plan(counted);
    let alive = match need.edges_that_fit(&shape, held, before) {
        Some(fit) => prune(edges, &fit, watch)?,
        None => None,
    };
    if alive.is_none() {
        // What could not be pruned far enough is refused as it stands.
        need.refuse(&counted)?;
    }
    let mut tick = |done, total| watch(BUILDING, done, total);
    let keep = alive.as_ref().map(|(alive, _)| alive);
    let built = build(shape.n_sources, shape.n_targets, &mut PairsOf(edges), keep, &mut tick).map_err(failed)?;
    let (graph, n_repeated) = (built.graph, built.n_duplicates);
    let alive = alive.as_ref().map(|(alive, least)| (alive, *least));
    let span = if shape.timed { span(edges, alive.map(|(alive, _)| alive))? } else { None };
    let Some(Span { first, last, n_beside }) = span else {
        let pruned = alive.map(|alive| pruned(edges, &graph, alive, watch)).transpose()?;
        return Ok((graph, None, pruned, n_repeated));
    };
    let mut at = vec![assay_rings::NO_TIME; graph.n_edges() as usize];
    let mut whole = alive.map(|(alive, least)| (alive, least, Whole::new(last, n_beside)));
    let mut done = 0;
    edges.pass(&mut |block| {
        for ((&s, &t), &time) in block.source.iter().zip(&block.target).zip(&block.at_s) {
            if time != NO_TIME
                && let Some(e) = graph.by_source.edge(s, t)
            {
                let kept = &mut at[e as usize];
                *kept = (*kept).min((time - first) as u32);
            }
        }
        if let Some((alive, _, whole)) = &mut whole {
            meet(block, first, alive, whole);
        }
        done += block.len() as u64;
        watch(BUILDING, done, shape.n_edges)
    })?;
    let times = Times { at, origin_s: first };
    let pruned = whole.map(|(alive, least, mut whole)| {
        whole.end_meeting(&graph, &times);
        pruned_timed(edges, whole, first, (alive, least), watch)
    });
    Ok((graph, Some(times), pruned.transpose()?, n_repeated))
}

/// The first time, the last one in seconds after it, and how many rows have one end left out: their source, and their target.
struct Span {
    first: i64,
    last: u32,
    n_beside: (u64, u64),
}

/// The span of times, if there are any.
fn span(edges: &mut dyn EdgePasses, alive: Option<&Alive>) -> Result<Option<Span>, Error> {
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    let mut n_beside = (0, 0);
    edges.pass(&mut |block| {
        for &at in block.at_s.iter().filter(|&&at| at != NO_TIME) {
            (first, last) = (first.min(at), last.max(at));
        }
        if let Some(alive) = alive {
            let (n_around, n_beyond) = beside(block, alive);
            n_beside = (n_beside.0 + n_around, n_beside.1 + n_beyond);
        }
        Go::On
    })?;
    if first > last {
        return Ok(None);
    }
    let seconds = last.checked_sub(first).and_then(|seconds| u32::try_from(seconds).ok());
    match seconds.filter(|&seconds| seconds < assay_rings::NO_TIME) {
        Some(last) => Ok(Some(Span { first, last, n_beside })),
        None => Err(Error::Input {
            message: format!("expected times within 136 years, found {first} to {last} seconds since 1970"),
            hint: Some("mend the column of times, or leave it out with --columns source=…,target=…,at=-".to_owned()),
        }),
    }
}
