//! From tables of edges to rings.
//!
//! ```text
//! paths ─ open ─► EdgeFiles ─ read ─► edges, names ─ build ─► graph (and times) ─ find ─► Rings ─► RingsReport
//! ```

use super::{Error, Step, Watch};
use crate::report::{RingsReport, Warning};
use assay_graphfile::{ColumnChoice, EdgeFiles, Expected, Limits, ReadEdges, ReadOptions};
use assay_math::Seed;
use assay_math::graph::{Bipartite, BuildError, Pairs, build};
use assay_model::edges::{EdgePasses, EdgesError, Kinds, NO_TIME};
use assay_model::{Go, RingWindow};
use assay_rings::{Asked, Times, find, memory, picture};
use std::path::PathBuf;

/// The false-discovery rate where the user names none.
pub const DEFAULT_FDR: f64 = 0.05;
/// Up to so many rows, edges are held while they are put in order; above, files are read again instead.
const HELD_ROWS_MAX: u64 = 30_000_000;
/// How many rings get a picture.
const PICTURES_MAX: usize = 100;
/// The share of the memory that is free which a search may plan on: estimates are of arrays, and files are cached besides.
const PLANNED_SHARE: f64 = 0.9;

/// The steps of a search, beside reading.
const BUILDING: Step = Step::Named("putting edges in order");
const SEEKING: Step = Step::Named("looking for rings");

/// What the user asked of a search.
#[derive(Debug, Clone)]
pub struct RingsOptions {
    /// Which columns are which, where the user says so.
    pub columns: ColumnChoice,
    /// Whether sources and targets are accounts of one kind.
    pub kinds: Kinds,
    /// The share of false rings among those reported that is put up with, 0..1.
    pub fdr: f64,
    /// Where every random step forks from.
    pub seed: Seed,
    /// Bytes of memory that may be used; `None` where nobody knows.
    pub memory_max: Option<u64>,
}

/// What is said before the work begins.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What is known of the input.
    pub expected: Expected,
    /// Bytes of memory that it will take at most, as far as can be told.
    pub memory: u64,
}

/// Reads edges and finds the rings among them. `plan` is told what it will take before the reading begins.
///
/// # Errors
/// When an input cannot be read, it will not fit the memory, or `watch` answers stop.
pub fn rings(
    inputs: &[PathBuf],
    options: &RingsOptions,
    plan: &mut dyn FnMut(Plan),
    watch: &mut Watch<'_>,
) -> Result<RingsReport, Error> {
    let read = ReadOptions { columns: options.columns.clone(), kinds: options.kinds, limits: Limits::default() };
    let files = EdgeFiles::open(inputs, read)?;
    let expected = files.expected();
    let needed = before_reading(&expected);
    plan(Plan { expected, memory: needed });
    fits(needed, options.memory_max, &expected)?;
    let mut tick = |done, total| watch(Step::Reading, done, total);
    if expected.rows <= HELD_ROWS_MAX {
        let (mut table, read) = files.read(&mut tick)?;
        let (graph, times) = graph_of(&mut table, options, &expected, watch)?;
        drop(table);
        search(&graph, times.as_ref(), read, options, watch)
    } else {
        let (mut passes, mut read) = files.survey(&mut tick)?;
        let (graph, times) = graph_of(&mut passes, options, &expected, watch)?;
        drop(passes);
        let n_repeated = read.counts.taken - graph.n_edges();
        read.counts.found_duplicates(n_repeated);
        search(&graph, times.as_ref(), read, options, watch)
    }
}

/// What can be said before the ids are counted: follow graphs have some ten edges or more a node.
fn before_reading(expected: &Expected) -> u64 {
    let nodes = u32::try_from(expected.rows / 20).unwrap_or(u32::MAX / 2);
    let held = if expected.rows <= HELD_ROWS_MAX { expected.rows * if expected.timed { 32 } else { 16 } } else { 0 };
    held + memory(nodes, nodes, expected.rows, expected.timed)
}

/// Refuses what will not fit.
fn fits(needed: u64, memory_max: Option<u64>, expected: &Expected) -> Result<(), Error> {
    match memory_max {
        Some(max) if needed as f64 > max as f64 * PLANNED_SHARE => Err(Error::Input {
            message: format!(
                "expected {} of memory for {} rows, found {} free",
                gigabytes(needed),
                expected.rows,
                gigabytes(max)
            ),
            hint: Some(if expected.timed {
                "leave the times out with --columns source=…,target=…,at=- (less than half of it), split the input by \
                 time, or take a larger machine; --memory sets another limit"
                    .to_owned()
            } else {
                "split the input by time or by target, or take a larger machine; --memory sets another limit".to_owned()
            }),
        }),
        _ => Ok(()),
    }
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
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

/// Builds the graph, and the column of times if there are any: of an edge that stands in several rows the earliest.
fn graph_of(
    edges: &mut dyn EdgePasses,
    options: &RingsOptions,
    expected: &Expected,
    watch: &mut Watch<'_>,
) -> Result<(Bipartite, Option<Times>), Error> {
    let shape = edges.shape();
    fits(
        memory(shape.n_sources, shape.n_targets, shape.n_edges, shape.timed),
        options.memory_max,
        &Expected { rows: shape.n_edges, timed: shape.timed, ..*expected },
    )?;
    let mut tick = |done, total| watch(BUILDING, done, total);
    let built = build(shape.n_sources, shape.n_targets, &mut PairsOf(edges), None, &mut tick).map_err(|e| match e {
        BuildError::Pairs(problem) => problem.into(),
        BuildError::Stopped => Error::Interrupted,
    })?;
    let graph = built.graph;
    if !shape.timed {
        return Ok((graph, None));
    }
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    edges.pass(&mut |block| {
        for &at in block.at_s.iter().filter(|&&at| at != NO_TIME) {
            (first, last) = (first.min(at), last.max(at));
        }
        Go::On
    })?;
    if first > last {
        return Ok((graph, None));
    }
    if last - first >= i64::from(assay_rings::NO_TIME) {
        return Err(Error::Input {
            message: format!("expected times within 136 years, found {first} to {last} seconds since 1970"),
            hint: Some("mend the column of times, or leave it out with --columns source=…,target=…,at=-".to_owned()),
        });
    }
    let mut at = vec![assay_rings::NO_TIME; graph.n_edges() as usize];
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
        done += block.len() as u64;
        watch(BUILDING, done, shape.n_edges)
    })?;
    Ok((graph, Some(Times { at, origin_s: first })))
}

/// Finds the rings of a graph and makes the report.
fn search(
    graph: &Bipartite,
    times: Option<&Times>,
    read: ReadEdges,
    options: &RingsOptions,
    watch: &mut Watch<'_>,
) -> Result<RingsReport, Error> {
    let asked = Asked { seed: options.seed.fork("rings"), fdr: options.fdr };
    let rings =
        find(graph, times, &asked, &mut |done, total| watch(SEEKING, done, total)).map_err(|_| Error::Interrupted)?;
    let pictures = rings.rings.iter().take(PICTURES_MAX).map(|ring| picture(graph, times, ring)).collect();
    let window = times.and_then(|times| {
        let last = times.at.iter().copied().filter(|&at| at != assay_rings::NO_TIME).max()?;
        Some(RingWindow { from_s: times.origin_s, to_s: times.origin_s + i64::from(last) })
    });
    let n_of = |n: u32, degree: &dyn Fn(u32) -> u32| (0..n).filter(|&i| degree(i) > 0).count() as u64;
    Ok(RingsReport {
        seed: options.seed,
        fdr: options.fdr,
        inputs: read.files,
        counts: read.counts,
        names: read.names,
        n_sources: n_of(graph.n_sources(), &|s| graph.by_source.degree(s)),
        n_targets: n_of(graph.n_targets(), &|t| graph.by_target.degree(t)),
        n_edges: graph.n_edges(),
        window,
        warnings: warnings(&read.notes, &rings, times, graph),
        rings,
        pictures,
    })
}

fn warnings(notes: &[String], rings: &assay_model::Rings, times: Option<&Times>, graph: &Bipartite) -> Vec<Warning> {
    let mut warnings: Vec<Warning> = notes.iter().map(|note| Warning { id: "input", text: note.clone() }).collect();
    match times {
        None => warnings.push(Warning {
            id: "no-times",
            text:
                "The edges have no times: small groups cannot be told from circles of friends, and accounts with one \
                   edge cannot be tied to a ring. A column `at` would settle it."
                    .to_owned(),
        }),
        Some(times) => {
            let n = times.at.iter().filter(|&&at| at == assay_rings::NO_TIME).count();
            if n > 0 {
                warnings.push(Warning {
                    id: "some-without-time",
                    text: format!("{n} of {} edges have no time; they count as links alone.", graph.n_edges()),
                });
            }
        }
    }
    if rings.n_seeds_skipped > 0 {
        warnings.push(Warning {
            id: "search-cut",
            text: format!(
                "{} places to look at were passed over, since the search had spent its budget; small rings may be \
                 missing. Splitting the input by time or target would find them.",
                rings.n_seeds_skipped
            ),
        });
    }
    warnings
}
