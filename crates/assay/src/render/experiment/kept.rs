//! Experiments of a workspace: the list as text and as JSON, schema `assay.experiments/1` (published as `schemas/experiments-1.json`),
//! and what was read by a plan, as it is kept: its answer, its advice in a word, its sections.

use super::json::json as split_json;
use super::page::{foot, verdict};
use super::read_page::read_body;
use super::text::signed_percent;
use super::{geo, geo_page, read_weeks, staged, words};
use crate::pipeline::plan_of;
use crate::render::format::{count, counted, fixed, moment, percent, plain, rfc3339, sentence};
use crate::report::{PlannedReading, StagedReport};
use assay_store::{ExperimentEntry, NewReading};
use maud::{Markup, html};
use serde_json::{Value, json as value};
use std::fmt::Write as _;
use std::io;

/// The schema that [`experiments_json`] writes.
pub const EXPERIMENTS_SCHEMA: &str = "assay.experiments/1";

/// Experiments as JSON; with their plans where a single one is told.
pub fn experiments_json(experiments: &[ExperimentEntry], with_plans: bool) -> Value {
    let one = |e: &ExperimentEntry| {
        let mut told = value!({
            "name": e.name, "kind": e.kind, "hash": e.hash, "sealed_at": e.sealed_at, "is_intact": is_intact(e),
            "kept_at": rfc3339(e.kept_at), "kept_by": e.kept_by,
            "readings": e.readings.iter().map(|r| value!({
                "id": r.id, "read_at": rfc3339(r.read_at), "read_by": r.read_by, "file": r.file, "sha256": r.sha256, "verdict": r.verdict,
            })).collect::<Vec<_>>(),
            "decisions": e.decisions.iter().map(|d| value!({
                "at": rfc3339(d.at), "who": d.who, "decision": d.course.name(), "note": d.note,
            })).collect::<Vec<_>>(),
        });
        if with_plans {
            told["plan"] = serde_json::from_str(&e.plan).unwrap_or(Value::Null);
        }
        told
    };
    value!({
        "schema": EXPERIMENTS_SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "experiments": experiments.iter().map(one).collect::<Vec<_>>(),
    })
}

/// Whether a plan that is kept is the one that was sealed.
pub fn is_intact(experiment: &ExperimentEntry) -> bool {
    plan_of(&experiment.plan).is_ok_and(|plan| plan.is_intact && plan.hash == experiment.hash)
}

/// How far an experiment is, in a few words.
pub fn state(experiment: &ExperimentEntry) -> String {
    match (experiment.decisions.last(), experiment.readings.last()) {
        (Some(d), _) => format!("decided: {}", d.course.name().replace('-', " ")),
        (None, Some(r)) => format!("read: {}", r.verdict.replace('-', " ")),
        (None, None) => "sealed, not read".to_owned(),
    }
}

/// Experiments as text.
pub fn experiments_text(experiments: &[ExperimentEntry]) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}", counted(experiments.len() as u64, "experiment", "experiments"));
    for e in experiments {
        let sealed = e.sealed_at.get(..10).unwrap_or(&e.sealed_at);
        let hash = e.hash.get(..12).unwrap_or_default();
        let _ = writeln!(out, "\n{} ({})\n  sealed {}, hash {hash}…", plain(&e.name), plain(&e.kind), plain(sealed));
        if !is_intact(e) {
            let _ = writeln!(out, "  The plan is not the one that was sealed.");
        }
        for r in &e.readings {
            let _ = writeln!(out, "  read {}: {} ({})", moment(r.read_at), r.verdict, plain(&r.file));
        }
        for d in &e.decisions {
            let note = if d.note.is_empty() { String::new() } else { format!(": {}", plain(&d.note)) };
            let _ = writeln!(out, "  {} decided {} on {}{note}", plain(&d.who), d.course.name(), moment(d.at));
        }
    }
    out
}

/// A reading as a workspace keeps it: its advice, its answer as the command line writes it, its sections of a page; no rows, which may name
/// persons.
#[derive(Debug)]
pub struct KeptReading {
    file: String,
    sha256: String,
    verdict: &'static str,
    answer: String,
    sections: String,
}

impl KeptReading {
    /// Of a reading.
    ///
    /// # Errors
    /// If its answer cannot be written.
    pub fn of(mut reading: PlannedReading) -> io::Result<Self> {
        reading.drop_rows();
        let mut bytes = Vec::new();
        let (verdict, sections) = match &reading {
            PlannedReading::Split(r) => {
                split_json(r, &mut bytes)?;
                (words::decision(r.reading.verdict.decision), read_body(r))
            }
            PlannedReading::Markets(r) => {
                geo::geo_json(r, &mut bytes)?;
                (geo::decision(r).0, geo_page::geo_sections(r))
            }
            PlannedReading::Weeks(r) => {
                read_weeks::weeks_json(r, &mut bytes)?;
                (read_weeks::decision(r).0, read_weeks::weeks_sections(r))
            }
            PlannedReading::Staged(r) => {
                staged::staged_json(r, &mut bytes)?;
                (staged::decision(r).0, staged_sections(r))
            }
        };
        let file = reading.file();
        Ok(Self {
            file: file.map_or_else(String::new, |f| f.name.clone()),
            sha256: file.map_or_else(String::new, |f| f.sha256.clone()),
            verdict,
            answer: String::from_utf8(bytes).map_err(io::Error::other)?,
            sections: sections.into_string(),
        })
    }

    /// As the workspace takes it.
    pub fn as_new(&self) -> NewReading<'_> {
        NewReading {
            file: &self.file,
            sha256: &self.sha256,
            verdict: self.verdict,
            answer: &self.answer,
            sections: &self.sections,
        }
    }
}

fn range(low: Option<f64>, high: Option<f64>, tell: &dyn Fn(f64) -> String) -> String {
    let end = |e: Option<f64>| e.map_or_else(|| "open".to_owned(), tell);
    format!("{} to {}", end(low), end(high))
}

fn staged_sections(report: &StagedReport) -> Markup {
    let r = &report.reading;
    let (word, reasons) = staged::decision(report);
    let change = staged::change(report);
    let target = report.target.id().replace('_', " ");
    html! {
        (verdict(staged::head(word), word, &reasons, &html! {
            div { dt { "All steps, of a post's " (target) } dd.value { (signed_percent(change.point)) } dd.note { (range(change.low, change.high, &signed_percent)) } }
            div { dt { "p" } dd.value { (fixed(r.p_value, 4)) } dd.note { "over " (count(r.n_schedules as u64)) " possible schedules; smallest " (fixed(r.floor, 4)) } }
        }))
        section aria-labelledby="mechanisms" {
            h2 #mechanisms { "Mechanisms" }
            p.lead { "How much each is believed before and after, and what it would have brought." }
            div.scroll tabindex="0" role="group" aria-labelledby="mechanisms" {
                table {
                    thead { tr { th scope="col" { "mechanism" } th scope="col" { "before" } th scope="col" { "after" } th scope="col" { "would have brought" } } }
                    tbody { @for m in &report.mechanisms { tr {
                        @let [low, point, high] = m.foreseen.map(f64::exp_m1);
                        td { (sentence(&plain(&m.id).replace('_', " "))) } td { (percent(m.weight_before)) } td { (percent(m.weight_after)) } td { (signed_percent(point)) " (" (signed_percent(low)) " to " (signed_percent(high)) ")" }
                    } } }
                }
            }
        }
        @if let Some(file) = report.origin.files.first() { (foot(&report.origin.warnings, file)) }
    }
}
