//! A reading of weeks on and off as text, sections of a page, and JSON, schema `assay.experiment-weeks/1` (published as `schemas/experiment-weeks-1.json`).

use super::json::{Answer, Interval, plan};
use super::page::{foot, profit_curve, verdict};
use super::picture::{Axis, Span, spans};
use super::text::{money, p_value, signed, significant};
use super::words::plan_reasons;
use crate::render::document;
use crate::render::format::{count, fixed, plain, rfc3339, sentence};
use crate::report::WeeksReport;
use assay_experiment::assign::Drawn;
use assay_model::{Abstention, DAY_MS, TimeMs};
use maud::{Markup, html};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The schema that [`weeks_json`] writes.
pub const WEEKS_SCHEMA: &str = "assay.experiment-weeks/1";

fn day(number: i64) -> String {
    rfc3339(TimeMs(number.saturating_mul(DAY_MS)))[..10].to_owned()
}

/// Profit a week on, with its ends where it has any.
fn profit(report: &WeeksReport) -> Option<Interval> {
    Some(profit_at(report, report.options.margin?))
}

fn profit_at(report: &WeeksReport, margin: f64) -> Interval {
    let of = |per_day: f64| 7.0 * margin * per_day - report.options.cost;
    let r = &report.reading;
    Interval {
        point: of(r.difference),
        low: r.low.map(of),
        high: r.high.map(of),
        confidence: report.options.confidence,
    }
}

pub(super) fn decision(report: &WeeksReport) -> (&'static str, Vec<String>) {
    let r = &report.reading;
    let break_even = report.options.margin.map_or(0.0, |m| report.options.cost / m / 7.0);
    let mut reasons = Vec::new();
    let word = if r.low.is_some_and(|low| low > break_even) {
        reasons.push("the whole interval lies above break-even".to_owned());
        "adopt"
    } else if r.high.is_some_and(|high| high < break_even) {
        reasons.push("the whole interval lies below break-even".to_owned());
        "drop"
    } else {
        reasons.push("the interval holds break-even: it may pay and it may not".to_owned());
        reasons.push("what would settle it: more weeks by the same rule, drawn before they begin".to_owned());
        "cannot-tell"
    };
    if report.options.margin.is_none() {
        reasons
            .push("no margin was given, so this is about the metric and not about money (--margin, --cost)".to_owned());
    }
    reasons.extend(plan_reasons(report.options.plan()));
    (word, reasons)
}

/// Writes the reading as JSON, with a line feed at the end.
///
/// # Errors
/// When `out` cannot be written to.
pub fn weeks_json(report: &WeeksReport, out: impl Write) -> io::Result<()> {
    let r = &report.reading;
    let (word, reasons) = decision(report);
    let profit = match profit(report) {
        Some(interval) => Answer::Found(interval),
        None => {
            Answer::Abstained { abstained: Abstention::new("no margin was given", "--margin, and --cost of a week on") }
        }
    };
    let absolute = Interval { point: r.difference, low: r.low, high: r.high, confidence: report.options.confidence };
    let weeks: Vec<Value> = report
        .weeks
        .iter()
        .map(|w| json!({ "on": w.is_on, "counted_from": day(w.from), "last_day": day(w.to), "per_day": w.per_day }))
        .collect();
    let mut fields = Map::new();
    let drawn = if r.drawn == Drawn::InPairs { "within-pairs" } else { "half-of-all" };
    fields.insert(
        "design".to_owned(),
        json!({ "kind": "switchback", "drawn": drawn, "n_schedules": r.n_schedules, "plan": plan(report.options.plan()) }),
    );
    fields.insert("effect_per_day".to_owned(), serde_json::to_value(&absolute)?);
    fields.insert("off_per_day".to_owned(), r.off.into());
    fields.insert("p_value".to_owned(), r.p_value.into());
    fields.insert("p_value_floor".to_owned(), r.floor.into());
    fields.insert("weeks".to_owned(), weeks.into());
    fields.insert(
        "verdict".to_owned(),
        json!({ "decision": word, "reasons": reasons, "expected_profit": serde_json::to_value(&profit)?, "per": "week on" }),
    );
    document::write(WEEKS_SCHEMA, &report.origin, Value::Object(fields), out)
}

fn head(word: &str) -> &'static str {
    match word {
        "adopt" => "Adopt: the weeks on earned more.",
        "drop" => "Drop it.",
        _ => "Not settled.",
    }
}

/// The reading as sections of a page.
pub(super) fn weeks_sections(report: &WeeksReport) -> Markup {
    let r = &report.reading;
    let (word, reasons) = decision(report);
    let ends = |low: Option<f64>, high: Option<f64>, of: &dyn Fn(f64) -> String| {
        let end = |x: Option<f64>| x.map_or_else(|| "open".to_owned(), of);
        format!("{} to {}", end(low), end(high))
    };
    let effect = Span { name: "on less off".to_owned(), point: r.difference, low: r.low, high: r.high, is_main: true };
    html! {
        (verdict(head(word), word, &reasons, &html! {
            div { dt { "On less off, a day" } dd.value { (signed(r.difference)) } dd.note { (ends(r.low, r.high, &signed)) } }
            div { dt { "Off, a day" } dd.value { (significant(r.off)) } dd.note { "the mean of counted days" } }
            @if let Some(p) = profit(report) { div { dt { "Profit a week on" } dd.value { (money(p.point)) } dd.note { (ends(p.low, p.high, &money)) } } }
            div { dt { "Against chance" } dd.value { (p_value(r.p_value)) } dd.note { "over " (count(r.n_schedules as u64)) " possible schedules; smallest " (p_value(r.floor)) } }
        }))
        section aria-labelledby="weeks" {
            h2 #weeks { "Week by week" }
            p.lead { "What a counted day brought in each week, and what weeks on brought more than weeks off." }
            (spans("On less off, a day", &[effect], 0.0, Axis::Number))
            div.scroll tabindex="0" role="group" aria-labelledby="weeks" {
                table {
                    thead { tr { th scope="col" { "counted from" } th scope="col" { "to" } th scope="col" { "week" } th scope="col" { "a day" } } }
                    tbody { @for w in &report.weeks { tr { td { (day(w.from)) } td { (day(w.to)) } td { @if w.is_on { "on" } @else { "off" } } td { (significant(w.per_day)) } } } }
                }
            }
        }
        @if let Some(margin) = report.options.margin { (profit_curve(margin, &|m| profit_at(report, m))) }
        @if let Some(file) = report.origin.files.first() { (foot(&report.origin.warnings, file)) }
    }
}

/// The reading as text.
pub fn weeks_text(report: &WeeksReport) -> String {
    let r = &report.reading;
    let (word, reasons) = decision(report);
    let mut out = String::new();
    let head = head(word);
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{head}");
    for reason in reasons {
        let _ = writeln!(out, "  {}", sentence(&reason));
    }
    let ends = |low: Option<f64>, high: Option<f64>| {
        let end = |x: Option<f64>| x.map_or_else(|| "open".to_owned(), |x| fixed(x, 2));
        format!("{} to {}", end(low), end(high))
    };
    let _ = writeln!(
        out,
        "\nOn less off, a day: {} ({}), off {} a day; p = {} over {} possible schedules, smallest p {}",
        fixed(r.difference, 2),
        ends(r.low, r.high),
        fixed(r.off, 2),
        fixed(r.p_value, 4),
        r.n_schedules,
        fixed(r.floor, 4)
    );
    if let Some(p) = profit(report) {
        let _ = writeln!(out, "Profit a week on: {} ({})", fixed(p.point, 2), ends(p.low, p.high));
    }
    let _ = writeln!(out);
    for w in &report.weeks {
        let _ = writeln!(
            out,
            "  {} to {}  {:<3}  {} a day",
            day(w.from),
            day(w.to),
            if w.is_on { "on" } else { "off" },
            fixed(w.per_day, 2)
        );
    }
    if !report.origin.warnings.is_empty() {
        let _ = writeln!(out, "\nBefore relying on this");
        for w in &report.origin.warnings {
            let _ = writeln!(out, "  {}", sentence(&plain(&w.text)));
        }
    }
    out
}
