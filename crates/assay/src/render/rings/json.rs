//! The report as JSON, schema `assay.rings/1` (published as `schemas/rings-1.json`). Full precision, nothing rounded.

use super::reasons::{reasons, span_of};
use crate::render::format::rfc3339;
use crate::report::RingsReport;
use assay_model::{FoundBy, Reject, Ring, RingEvidence, RingWindow, SourceFile};
use serde::Serialize;
use std::io::{self, Write};

/// The schema that [`rings_json`] writes.
pub const RINGS_SCHEMA: &str = "assay.rings/1";

/// Writes the report as JSON of schema `assay.rings/1`, at full precision, with a line feed at the end.
///
/// # Errors
/// When `out` cannot be written to.
pub fn rings_json(report: &RingsReport, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &Document::of(report))?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    version: &'static str,
    seed: u64,
    fdr: f64,
    inputs: &'a [SourceFile],
    window: Option<Window>,
    warnings: Vec<Warning<'a>>,
    edges: u64,
    sources: u64,
    targets: u64,
    rows: Rows,
    rings: Vec<RingOf>,
    n_tested: usize,
    n_set_aside: usize,
    set_aside: Vec<SetAside>,
    rejects: &'a [Reject],
}

#[derive(Serialize)]
struct Window {
    from: String,
    to: String,
}

impl Window {
    fn of(window: RingWindow) -> Self {
        let span = span_of(window);
        Self { from: rfc3339(span.from), to: rfc3339(span.to) }
    }
}

#[derive(Serialize)]
struct Warning<'a> {
    id: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct Rows {
    met: u64,
    taken: u64,
    duplicates: u64,
    self_loops: u64,
    empty: u64,
    broken: u64,
}

#[derive(Serialize)]
struct RingOf {
    id: usize,
    sources: usize,
    targets: usize,
    singles: usize,
    edges: u64,
    density: f64,
    contrast: f64,
    window: Option<Window>,
    q_value: f64,
    evidence: Evidence,
    reasons: Vec<String>,
}

impl RingOf {
    fn of(id: usize, ring: &Ring) -> Self {
        Self {
            id,
            sources: ring.sources.len(),
            targets: ring.targets.len(),
            singles: ring.singles.len(),
            edges: ring.n_edges,
            density: ring.density(),
            contrast: ring.contrast(),
            window: ring.window.map(Window::of),
            q_value: ring.q_value,
            evidence: Evidence::of(&ring.evidence),
            reasons: reasons(ring),
        }
    }
}

#[derive(Serialize)]
struct Evidence {
    found_by: &'static str,
    bucket_s: Option<u32>,
    edges_by_chance: f64,
    ln_p_chance: f64,
    ln_p_community: f64,
    even_sources: f64,
    even_targets: f64,
    contrast: f64,
    synchrony: f64,
}

impl Evidence {
    fn of(evidence: &RingEvidence) -> Self {
        let (found_by, bucket_s) = match evidence.found_by {
            FoundBy::Links => ("links", None),
            FoundBy::Time { bucket_s } => ("time", Some(bucket_s)),
        };
        Self {
            found_by,
            bucket_s,
            edges_by_chance: evidence.n_edges_by_chance,
            ln_p_chance: evidence.ln_p_chance,
            ln_p_community: evidence.ln_p_community(),
            even_sources: evidence.even_sources,
            even_targets: evidence.even_targets,
            contrast: evidence.contrast,
            synchrony: evidence.synchrony,
        }
    }
}

#[derive(Serialize)]
struct SetAside {
    sources: usize,
    targets: usize,
    edges: u64,
    evidence: Evidence,
}

impl<'a> Document<'a> {
    fn of(report: &'a RingsReport) -> Self {
        let counts = &report.counts;
        Self {
            schema: RINGS_SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            seed: report.seed.0,
            fdr: report.fdr,
            inputs: &report.inputs,
            window: report.window.map(Window::of),
            warnings: report.warnings.iter().map(|w| Warning { id: w.id, text: &w.text }).collect(),
            edges: report.n_edges,
            sources: report.n_sources,
            targets: report.n_targets,
            rows: Rows {
                met: counts.rows,
                taken: counts.taken,
                duplicates: counts.duplicates,
                self_loops: counts.self_loops,
                empty: counts.empty,
                broken: counts.broken,
            },
            rings: (1..).zip(&report.rings.rings).map(|(id, ring)| RingOf::of(id, ring)).collect(),
            n_tested: report.rings.n_tested,
            n_set_aside: report.rings.n_set_aside,
            set_aside: report
                .rings
                .set_aside
                .iter()
                .map(|group| SetAside {
                    sources: group.n_sources,
                    targets: group.n_targets,
                    edges: group.n_edges,
                    evidence: Evidence::of(&group.evidence),
                })
                .collect(),
            rejects: &counts.rejects,
        }
    }
}
