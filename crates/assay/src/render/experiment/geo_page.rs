//! A geo reading as one page that is complete in itself: actual against synthetic, the gap, estimators, placebos, profit.

use super::geo::{decision, head, iroas, profit, reasons};
use super::json::{Answer, Interval};
use super::page::{foot, profit_curve, verdict, whole};
use super::picture::{Axis, Span, histogram, spans};
use crate::render::format::{fixed, plain};
use crate::render::reach::chart::{Line, lines};
use crate::report::GeoReport;
use assay_experiment::geo::Part;
use maud::{Markup, html};
use std::io::{self, Write};

/// Writes the reading as one self-contained page without scripts.
///
/// # Errors
/// When `out` cannot be written to.
pub fn geo_html(report: &GeoReport, mut out: impl Write) -> io::Result<()> {
    out.write_all(whole("Geo test", report.seed, &geo_sections(report)).0.as_bytes())
}

/// The sections of a page about the reading.
pub(super) fn geo_sections(report: &GeoReport) -> Markup {
    html! {
        (verdict(head(report), decision(report).0, &reasons(report), &figures(report)))
        (paths(report))
        (estimators(report))
        (placebos(report))
        @if let Some(margin) = report.options.margin { (money(report, margin)) }
        (made_of(report))
        (foot(&report.warnings, &report.file))
    }
}

fn number(x: f64) -> String {
    if x.abs() >= 100.0 || x == 0.0 { crate::render::format::whole(x) } else { fixed(x, 1) }
}

fn range(low: Option<f64>, high: Option<f64>, of: &dyn Fn(f64) -> String) -> String {
    let end = |e: Option<f64>| e.map_or_else(|| "open".to_owned(), of);
    format!("{} to {}", end(low), end(high))
}

fn figures(report: &GeoReport) -> Markup {
    let reading = &report.reading;
    let percent = |x: f64| format!("{} %", fixed(100.0 * x, 1));
    let two = |x: f64| fixed(x, 2);
    html! {
        div { dt { "Lift" } dd.value { (percent(reading.lift)) } dd.note { (range(reading.lift_interval.0, reading.lift_interval.1, &percent)) } }
        div { dt { "In all" } dd.value { (number(reading.table[0].total)) } dd.note { (range(reading.interval.0, reading.interval.1, &number)) } }
        @if let Some(p) = profit(report) { div { dt { "Profit of the test" } dd.value { (number(p.point)) } dd.note { (range(p.low, p.high, &number)) } } }
        @if let Some(s) = reading.stakes { div { dt { "Chance that it pays" } dd.value { (percent(s.p_positive)) } dd.note { "if it errs as placebo sets do" } } }
        @if let Answer::Found(r) = iroas(report) {
            div { dt { "Added a unit of money" } dd.value { (two(r.point)) } dd.note { (range(r.low, r.high, &two)) @if let Some(m) = report.options.margin { "; pays from " (two(1.0 / m)) } } }
        }
        @if let Some(c) = reading.carried { div { dt { "In the cool-down" } dd.value { (percent(c.share_of_effect)) } dd.note { "of the effect a treated day" } } }
    }
}

fn paths(report: &GeoReport) -> Markup {
    let reading = &report.reading;
    let day = |t: usize| t as f64 - reading.n_before as f64;
    let line = |name: &str, look, of: &dyn Fn(usize) -> f64, from: usize, to: usize| Line {
        name: name.to_owned(),
        points: (from..to).map(|t| (day(t), of(t), of(t), of(t))).collect(),
        look,
        has_band: false,
    };
    let n = reading.path.len();
    let path = &reading.path;
    let both = [line("treated", 0, &|t| path[t].0, 0, n), line("synthetic", 1, &|t| path[t].1, 0, n)];
    let gap = |t: usize| path[t].0 - path[t].1;
    let gaps = [
        line("gap before", 2, &gap, 0, reading.n_before),
        line("gap, test", 3, &gap, reading.n_before, n),
        line("no gap", 1, &|_| 0.0, 0, n),
    ];
    html! {
        section aria-labelledby="paths" {
            h2 #paths { "Synthetic market against the treated ones" }
            p.lead { "Mean of the treated markets, and what the others say it would have been. Day 0 is the first of the test. The better the lines lie on each other before it, the more the gap after it means." }
            (lines("Treated markets and their synthetic self", "days from the start of the test", &both, &number))
            h3 { "The gap" }
            (lines("Gap between the two", "days from the start of the test", &gaps, &number))
        }
    }
}

fn estimators(report: &GeoReport) -> Markup {
    let rows: Vec<Span> = report
        .reading
        .table
        .iter()
        .filter(|r| r.interval.is_some() || r.part == Part::Decides)
        .map(|r| {
            let (low, high) = r.interval.unwrap_or((None, None));
            Span { name: short(r.estimator, r.null), point: r.total, low, high, is_main: r.part == Part::Decides }
        })
        .collect();
    html! {
        section aria-labelledby="estimators" {
            h2 #estimators { "Estimators by nulls" }
            p.lead { "What the test brought in all. One data set gives many p-values: a verdict takes all of those that decide. Those in pale are shown, for they are too sure of themselves or too weak." }
            (spans("What the test brought, by estimator", &rows, 0.0, Axis::Number))
            div.scroll tabindex="0" role="group" aria-labelledby="estimators" {
                table {
                    thead { tr { th scope="col" { "estimator" } th scope="col" { "held against" } th scope="col" { "in all" } th scope="col" { "interval" } th scope="col" { "p" } th scope="col" { "part" } } }
                    tbody { @for r in &report.reading.table { tr {
                        td { (r.estimator) } td { (r.null) } td { (number(r.total)) }
                        td { @if let Some((low, high)) = r.interval { (range(low, high, &number)) } }
                        td { (fixed(r.p_value, 4)) }
                        td { @match r.part { Part::Decides => "decides", Part::Heard => "heard", Part::Shown => "shown" } }
                    } } }
                }
            }
        }
    }
}

fn short(estimator: &str, null: &str) -> String {
    let estimator = estimator.strip_suffix(", fixed effects").unwrap_or(estimator);
    let estimator = estimator.split(" (").next().unwrap_or(estimator).split(", relative").next().unwrap_or(estimator);
    if estimator == "synthetic control" { format!("{estimator}, {null}") } else { estimator.to_owned() }
}

fn placebos(report: &GeoReport) -> Markup {
    let reading = &report.reading;
    html! {
        section aria-labelledby="placebos" {
            h2 #placebos { "Placebo sets" }
            p.lead { "What " (reading.placebos.len()) " other choices of as many markets would have brought if they had been treated, at the spread of the treated ones: all of it chance. The mark is the test." }
            (histogram("Totals of placebo sets", &reading.placebos, reading.table[0].total, "the test"))
        }
    }
}

fn money(report: &GeoReport, margin: f64) -> Markup {
    let reading = &report.reading;
    let of = |m: f64| {
        let at = |total: f64| m * total - reading.cost;
        Interval {
            point: at(reading.table[0].total),
            low: reading.interval.0.map(at),
            high: reading.interval.1.map(at),
            confidence: report.options.confidence,
        }
    };
    let total = reading.table[0].total;
    html! {
        (profit_curve(margin, &of))
        @if total > 0.0 && reading.cost > 0.0 {
            section { p { "By the estimate it pays from a margin of " (fixed(reading.cost / total, 2)) " on." } }
        }
    }
}

fn made_of(report: &GeoReport) -> Markup {
    let weights: Vec<String> = report
        .reading
        .weights
        .iter()
        .take(20)
        .map(|(market, w)| format!("{} {}", plain(market), fixed(*w, 3)))
        .collect();
    let pairs: Vec<String> =
        report.reading.pairs.iter().take(20).map(|(a, b)| format!("{} by {}", plain(a), plain(b))).collect();
    html! {
        section aria-labelledby="made" {
            h2 #made { "What they are compared with" }
            p { "Synthetic market: " (weights.join(", ")) "." }
            @if !pairs.is_empty() { p { "Matched pairs: " (pairs.join(", ")) "." } }
        }
    }
}
