//! From a graph to rings.
//!
//! ```text
//! paths ─ graph ─► graph, times, names ─ find ─► Rings ─► RingsReport
//! ```

use super::graph::{Graph, GraphOptions, Known, Pruned, weights_unused};
use super::plan::Plan;
use super::{Error, Step, Watch};
use crate::report::{RingsReport, Warning};
use assay_graphfile::{ColumnChoice, ReadEdges};
use assay_math::Seed;
use assay_model::RingWindow;
use assay_model::edges::Kinds;
use assay_rings::{Asked, EDGES_MIN, find, find_pruned, find_pruned_timed, memory, picture};
use std::path::PathBuf;

/// The false-discovery rate where the user names none.
pub const DEFAULT_FDR: f64 = 0.05;
/// How many rings get a picture.
const PICTURES_MAX: usize = 100;
/// The step of a search beside reading.
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
    let how = GraphOptions {
        columns: options.columns.clone(),
        kinds: options.kinds,
        memory_max: options.memory_max,
        prunes: true,
    };
    let graph = super::graph::graph(inputs, &how, &memory, plan, watch)?;
    search(graph, options, watch)
}

/// Finds the rings of a graph and makes the report.
fn search(read: Graph, options: &RingsOptions, watch: &mut Watch<'_>) -> Result<RingsReport, Error> {
    let Graph { graph, times, pruned, read, .. } = read;
    let (graph, times) = (&graph, times.as_ref());
    let asked = Asked { seed: options.seed.fork("rings"), fdr: options.fdr };
    let mut tick = |done, total| watch(SEEKING, done, total);
    let known = pruned.as_ref().map(|pruned| &pruned.known);
    let rings = match (known, times) {
        (None, times) => find(graph, times, &asked, &mut tick),
        (Some(Known::Timed(whole)), Some(times)) => find_pruned_timed(graph, times, whole, &asked, &mut tick),
        (Some(known), _) => find_pruned(graph, known.degrees(), &asked, &mut tick),
    };
    let rings = rings.map_err(|_| Error::Interrupted)?;
    let pictures = rings.rings.iter().take(PICTURES_MAX).map(|ring| picture(graph, times, ring)).collect();
    let window = times.and_then(|times| {
        let last = match known {
            Some(Known::Timed(whole)) => whole.last,
            _ => times.at.iter().copied().filter(|&at| at != assay_rings::NO_TIME).max()?,
        };
        Some(RingWindow { from_s: times.origin_s, to_s: times.origin_s + i64::from(last) })
    });
    let n_of = |n: u32, degree: &dyn Fn(u32) -> u32| (0..n).filter(|&i| degree(i) > 0).count() as u64;
    let n_timeless = times.map(|times| match known {
        Some(Known::Timed(whole)) => whole.degrees.n_edges - whole.flow.n(),
        _ => times.at.iter().filter(|&&at| at == assay_rings::NO_TIME).count() as u64,
    });
    let whole = known.map(Known::degrees);
    let n_edges = whole.map_or(graph.n_edges(), |whole| whole.n_edges);
    let mut warnings = warnings(&read, &rings, n_timeless, n_edges);
    warnings.extend(pruned.as_ref().map(|pruned| Warning { id: "pruned", text: said(pruned, graph.n_edges()) }));
    let (n_sources, n_targets) = whole.map_or_else(
        || {
            let of_sources = n_of(graph.n_sources(), &|s| graph.by_source.degree(s));
            (of_sources, n_of(graph.n_targets(), &|t| graph.by_target.degree(t)))
        },
        |whole| {
            let of_sources = n_of(graph.n_sources(), &|s| whole.sources[s as usize]);
            (of_sources, n_of(graph.n_targets(), &|t| whole.targets[t as usize]))
        },
    );
    Ok(RingsReport {
        seed: options.seed,
        fdr: options.fdr,
        inputs: read.files,
        counts: read.counts,
        names: read.names,
        n_sources,
        n_targets,
        n_edges,
        window,
        warnings,
        rings,
        pictures,
    })
}

/// What is said of a graph that was pruned.
fn said(pruned: &Pruned, n_kept: u64) -> String {
    let Pruned { known, least, n_passes } = pruned;
    let cautious = match known {
        Known::Links(_) => "",
        Known::Timed(_) => " Chance among those who came within days of one another is counted on the cautious side.",
    };
    let kept = format!(
        "The edges did not fit the memory: accounts and targets without {least} edges to others that have as many were left out \
         first, in {n_passes} passes over the rows; {n_kept} of {} edges were searched. Chance and audiences are those of the \
         whole.{cautious}",
        known.degrees().n_edges
    );
    if *least == EDGES_MIN {
        format!("{kept} A member of a ring has two edges within it, so none that could be in a ring was left out.")
    } else {
        format!(
            "{kept} None was left out that could be in a ring whose members all have {least} edges within; other rings may be \
             missing or smaller. More memory (--memory) would find them."
        )
    }
}

/// What is warned of: `n_timeless` edges have no time where others have one.
fn warnings(read: &ReadEdges, rings: &assay_model::Rings, n_timeless: Option<u64>, n_edges: u64) -> Vec<Warning> {
    let mut warnings: Vec<Warning> =
        read.notes.iter().map(|note| Warning { id: "input", text: note.clone() }).collect();
    warnings.extend(weights_unused(read).map(|text| Warning { id: "weights-unused", text }));
    match n_timeless {
        None => warnings.push(Warning {
            id: "no-times",
            text:
                "The edges have no times: small groups cannot be told from circles of friends, and accounts with one \
                   edge cannot be tied to a ring. A column `at` would settle it."
                    .to_owned(),
        }),
        Some(0) => {}
        Some(n) => warnings.push(Warning {
            id: "some-without-time",
            text: format!("{n} of {n_edges} edges have no time; they count as links alone."),
        }),
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
