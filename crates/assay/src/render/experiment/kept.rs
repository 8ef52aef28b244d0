//! Experiments of a workspace: the list as text and as JSON, schema `assay.experiments/1` (published as `schemas/experiments-1.json`),
//! and what was read by a plan, as it is kept: its answer, its advice in a word, its sections.

use super::json::{Interval, json as split_json};
use super::page::{foot, profit_curve, verdict};
use super::picture::{Span, spans};
use super::text::significant;
use super::{geo, geo_page, staged, words};
use crate::pipeline::plan_of;
use crate::render::format::{count, counted, minute, percent, plain, rfc3339, sentence};
use crate::report::{ExperimentReport, PlannedReading, StagedReport};
use assay_experiment::reading::{Decision, Range, unit_name};
use assay_model::Outcome;
use assay_store::ExperimentEntry;
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
            let _ = writeln!(out, "  read {}: {} ({})", minute(r.read_at), r.verdict, plain(&r.file));
        }
        for d in &e.decisions {
            let note = if d.note.is_empty() { String::new() } else { format!(": {}", plain(&d.note)) };
            let _ = writeln!(out, "  {} decided {} on {}{note}", plain(&d.who), d.course.name(), minute(d.at));
        }
    }
    out
}

/// What a reading advises, in a word.
pub fn reading_verdict(reading: &PlannedReading) -> &'static str {
    match reading {
        PlannedReading::Split(r) => words::decision(r.reading.verdict.decision),
        PlannedReading::Markets(r) => geo::decision(r).0,
        PlannedReading::Staged(r) => staged::decision(r).0,
    }
}

/// A reading as the JSON that the command line writes, without the rows that it rejected, which may name persons.
///
/// # Errors
/// If it cannot be written.
pub fn reading_json(reading: &PlannedReading) -> io::Result<Value> {
    let mut bytes = Vec::new();
    match reading {
        PlannedReading::Split(r) => split_json(r, &mut bytes)?,
        PlannedReading::Markets(r) => geo::geo_json(r, &mut bytes)?,
        PlannedReading::Staged(r) => staged::staged_json(r, &mut bytes)?,
    }
    let mut document: Value = serde_json::from_slice(&bytes)?;
    if let Some(rejects) = document.get_mut("rejects") {
        *rejects = Value::Array(Vec::new());
    }
    Ok(document)
}

/// A reading as sections of a page.
pub fn reading_sections(reading: &PlannedReading) -> Markup {
    match reading {
        PlannedReading::Split(r) => split_sections(r),
        PlannedReading::Markets(r) => geo_page::geo_sections(r),
        PlannedReading::Staged(r) => staged_sections(r),
    }
}

fn range(low: Option<f64>, high: Option<f64>, tell: &dyn Fn(f64) -> String) -> String {
    let end = |e: Option<f64>| e.map_or_else(|| "open".to_owned(), tell);
    format!("{} to {}", end(low), end(high))
}

fn signed_percent(x: f64) -> String {
    format!("{} %", significant(100.0 * x)).replace('-', "\u{2212}")
}

fn split_sections(report: &ExperimentReport) -> Markup {
    let reading = &report.reading;
    let told = &reading.verdict;
    let arm = told.arm.as_deref().map(plain).unwrap_or_default();
    let head = match told.decision {
        Decision::Adopt => format!("Adopt {arm}"),
        Decision::Drop => format!("Keep {}: drop the rest", plain(&reading.asked.control)),
        Decision::Continue => "Go on: it is not settled yet".to_owned(),
        Decision::CannotTell => "It cannot be told".to_owned(),
        Decision::Invalid => "This cannot be read: the split is broken".to_owned(),
    };
    let per = unit_name(reading.tallied.unit_of);
    let money = |x: f64| match x {
        x if x != 0.0 && x.abs() < 5e-5 => "under 0.0001".to_owned(),
        x => significant(x).replace('-', "\u{2212}"),
    };
    let p_value = |p: f64| if p < 0.0001 { "< 0.0001".to_owned() } else { format!("{p:.4}") };
    let lifts: Vec<Span> = reading
        .effects
        .iter()
        .enumerate()
        .filter_map(|(i, e)| match &e.relative {
            Outcome::Found(Range { point, low, high, .. }) => Some(Span {
                name: format!("{}, {}", plain(&e.metric), plain(&e.arm)),
                point: *point,
                low: *low,
                high: *high,
                is_main: i == 0,
            }),
            Outcome::Abstained(_) => None,
        })
        .collect();
    html! {
        (verdict(&head, words::decision(told.decision), &words::reasons(report), &html! {
            @if let Some(p) = &told.expected_profit { div { dt { "Profit a " (per) } dd.value { (money(p.point)) } dd.note { (range(p.low, p.high, &money)) } } }
            @if let Some(s) = &told.stakes { div { dt { "Chance that it pays" } dd.value { (crate::render::format::probability(s.p_positive)) } dd.note { "adopting it wrongly costs " (money(s.loss_adopt)) " a " (per) ", dropping it wrongly " (money(s.loss_drop)) } } }
            @if let Some(w) = &reading.asked.worth { div { dt { "Break-even difference" } dd.value { (money(w.break_even())) } dd.note { "at the margin and the cost of the plan" } } }
        }))
        section aria-labelledby="effects" {
            h2 #effects { "Effects" }
            p.lead { "What each arm changed against " (plain(&reading.asked.control)) ", as a share of it, with " (format!("{:.0}", 100.0 * reading.asked.confidence)) " % intervals under the rule of looking that the plan declared." }
            @if !lifts.is_empty() { (spans("Lifts with their intervals", &lifts, 0.0, &signed_percent)) }
            div.scroll tabindex="0" role="group" aria-labelledby="effects" {
                table {
                    thead { tr { th scope="col" { "metric" } th scope="col" { "arm" } th scope="col" { "difference" } th scope="col" { "interval" } th scope="col" { "p" } } }
                    tbody { @for e in &reading.effects { tr {
                        td { bdi { (plain(&e.metric)) } } td { bdi { (plain(&e.arm)) } }
                        @match &e.absolute {
                            Outcome::Found(a) => { td { (money(a.point)) } td { (range(a.low, a.high, &money)) } td { @if let Some(p) = e.p_value { (p_value(p)) } } }
                            Outcome::Abstained(why) => { td colspan="3" { "cannot be said: " (why.why) "; it would take " (why.would_settle) } }
                        }
                    } } }
                }
            }
            @if !reading.guarded.is_empty() { ul.plain { @for g in &reading.guarded { li { "Guardrail " bdi { (plain(&g.metric)) } " of " bdi { (plain(&g.arm)) } ": " (words::standing(g.standing)) } } } }
        }
        section aria-labelledby="ratio" {
            h2 #ratio { @if reading.srm.stop { "The arms do not agree with the split" } @else { "The arms agree with the split" } }
            p.lead { "How many " (per) "s each arm has beside what was planned; p = " (format!("{:.4}", reading.srm.p_value)) " at any time of looking." @if !reading.srm.stated { " No split was stated, so an even one is taken." } }
            div.scroll tabindex="0" role="group" aria-labelledby="ratio" {
                table {
                    thead { tr { th scope="col" { "arm" } th scope="col" { "planned" } th scope="col" { "found" } } }
                    tbody { @for ((name, n), planned) in reading.srm.units.iter().zip(&reading.srm.planned) { tr { td { bdi { (plain(name)) } } td { (percent(*planned)) } td { (count(*n)) } } } }
                }
            }
        }
        @if let (Some(w), Some(Outcome::Found(a))) = (reading.asked.worth, reading.effects.iter().find(|e| Some(&e.arm) == told.arm.as_ref()).map(|e| &e.absolute)) {
            (profit_curve(w.margin, &|m| { let of = |x: f64| m * x - w.cost; Interval { point: of(a.point), low: a.low.map(of), high: a.high.map(of), confidence: a.confidence } }))
        }
        (foot(&report.warnings, &report.file))
    }
}

fn staged_sections(report: &StagedReport) -> Markup {
    let r = &report.reading;
    let (word, reasons) = staged::decision(report);
    let change = staged::change(report);
    let target = report.target.id().replace('_', " ");
    html! {
        (verdict(staged::head(word), word, &reasons, &html! {
            div { dt { "All steps, of a post's " (target) } dd.value { (signed_percent(change.point)) } dd.note { (range(change.low, change.high, &signed_percent)) } }
            div { dt { "p" } dd.value { (format!("{:.4}", r.p_value)) } dd.note { "over " (count(r.n_schedules as u64)) " possible schedules; smallest " (format!("{:.4}", r.floor)) } }
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
