//! The metrics: vanity beside actionable, split, compared, and each with the way back to its rows.

use super::layout::{Sheet, awaited, instead, ready, stale};
use super::rows::Rows;
use super::{Area, File, Visit, client};
use crate::render::ClientSheet;
use crate::render::format::{count, plain, sentence};
use crate::server::access::Role;
use crate::server::problem::Problem;
use crate::server::views::{MetricsAsked, MetricsView, SPLITS};
use assay_metrics::METRICS;
use maud::{Markup, html};
use std::io::Write;

/// The area.
pub const AREA: Area = Area {
    id: "metrics",
    name: "Metrics",
    show,
    actions: &[],
    files: &[
        client::file(sheet),
        File { id: "metrics.json", needs: Role::Viewer, media: "application/json", write: json },
        File { id: "metrics.csv", needs: Role::Viewer, media: "text/csv; charset=utf-8", write: csv },
    ],
};

/// Rows of one selection that are shown.
const ROWS: u64 = 100;

/// What the address asks of the metrics.
pub fn asked(visit: &Visit) -> Result<MetricsAsked, Problem> {
    let day = |name: &str| -> Result<Option<i32>, Problem> {
        let Some(text) = visit.get(name) else { return Ok(None) };
        let date: jiff::civil::Date = text.parse().map_err(|_| {
            Problem::bad(format!("expected a day for {name}, found {}", assay_model::quote(text)), "such as 2026-03-01")
        })?;
        Ok(Some((date - jiff::civil::date(1970, 1, 1)).get_days()))
    };
    let (from, to) = (day("from")?, day("to")?);
    if let (Some(from), Some(to)) = (from, to)
        && to < from
    {
        return Err(Problem::bad("expected the first day on or before the last", ""));
    }
    let by = visit.get("by").map(|by| {
        let found = SPLITS.iter().find(|(name, _)| *name == by).map(|(name, _)| *name);
        found.ok_or_else(|| {
            Problem::bad(
                format!("expected week, channel, campaign, segment or source, found {}", assay_model::quote(by)),
                "",
            )
        })
    });
    let explain = visit.get("explain").map(|id| {
        assay_metrics::by_id(id).map(|m| m.id).ok_or_else(|| Problem::not_found(format!("metric called {id}")))
    });
    let compare = visit.get("compare").is_some_and(|c| c != "false") && from.is_some();
    Ok(MetricsAsked { from, to, by: by.transpose()?, compare, explain: explain.transpose()? })
}

fn show(visit: &Visit) -> Result<Sheet, Problem> {
    let asked = asked(visit)?;
    if !visit.shelf.exists() {
        let body = html! { section aria-labelledby="none" { h1 #none { "Nothing imported yet" } (super::layout::drop_zone(visit)) } };
        return Ok(Sheet::new("Metrics", body));
    }
    let told = visit.metrics(asked.clone())?;
    if let Some(mut sheet) = instead(&told) {
        sheet.body = html! { (form(visit, &asked)) (sheet.body) };
        return Ok(sheet);
    }
    let body = match (told.value(), asked.explain) {
        (Some(view), Some(_)) => explained(visit, view)?,
        (Some(view), None) => html! {
            (stale(&told))
            (form(visit, &asked))
            (ready(&view.sections))
            (drill(visit))
        },
        (None, _) => html! {},
    };
    let mut sheet = Sheet::new("Metrics", body);
    sheet.waits_for = awaited(&told);
    Ok(sheet)
}

fn form(visit: &Visit, asked: &MetricsAsked) -> Markup {
    html! {
        section.asked aria-label="What is asked" {
            form.line method="get" action=(visit.to("metrics")) {
                label for="from" { "From" } input #from type="date" name="from" value=[visit.get("from")];
                label for="to" { "to" } input #to type="date" name="to" value=[visit.get("to")];
                label for="by" { "By" }
                select #by name="by" { option value="" { "the whole" } @for (name, _) in SPLITS { option value=(name) selected[asked.by == Some(name)] { (name) } } }
                label.check { input type="checkbox" name="compare" value="true" checked[asked.compare]; " beside the days before" }
                button type="submit" { "Show" }
                a href=(format!("{}?{}", visit.to("metrics/file/metrics.csv"), again(visit))) { "CSV" }
                a href=(format!("{}?{}", visit.to("metrics/file/metrics.json"), again(visit))) { "JSON" }
            }
        }
    }
}

/// What the address asks, for another address.
fn again(visit: &Visit) -> String {
    let kept = ["from", "to", "by", "compare"]
        .into_iter()
        .filter_map(|n| Some(format!("{n}={}", super::url_encoded(visit.get(n)?))));
    kept.collect::<Vec<_>>().join("&")
}

fn drill(visit: &Visit) -> Markup {
    let rest = again(visit);
    html! {
        section aria-labelledby="rows" {
            h2 #rows { "The rows behind a figure" }
            form.line method="get" action=(visit.to("metrics")) {
                @for name in ["from", "to"] { @if let Some(value) = visit.get(name) { input type="hidden" name=(name) value=(value); } }
                label for="explain" { "Metric" }
                select #explain name="explain" { @for m in METRICS { option value=(m.id) { (m.name) } } }
                button type="submit" { "Show its rows" }
            }
            @if !rest.is_empty() { p.note { "Of the days that are chosen above." } }
        }
    }
}

fn explained(visit: &Visit, view: &MetricsView) -> Result<Markup, Problem> {
    let Some(m) = view.report.metrics.first() else { return Ok(html! {}) };
    let mut tables = Vec::new();
    for read in view.report.explained.iter().filter(|e| e.figure == 0).flat_map(|e| &e.reads) {
        let mut shown = Rows::default();
        visit.shelf.read(|store| {
            store.query(&read.sql, ROWS, || true, &mut shown)?;
            Ok(())
        })?;
        tables.push((read, shown));
    }
    let said = view.said(m.metric.id);
    Ok(html! {
        section aria-labelledby="metric" {
            p.note { a href=(format!("{}?{}", visit.to("metrics"), again(visit))) { "Back to all metrics" } }
            h1 #metric { (m.metric.name) }
            @match said { Some(Ok(v)) => { p.big { (v) } } Some(Err(why)) => { p.lead { "Cannot say: " (plain(&why)) "." } } None => {} }
            p { (sentence(m.metric.definition)) }
            p.note { (sentence(m.metric.traps)) }
            dl.facts {
                @if let Some(f) = m.figure.found() {
                    @if let Some(n) = f.numerator { div { dt { "Numerator" } dd { (n) } } }
                    @if let Some(n) = f.denominator { div { dt { "Denominator" } dd { (n) } } }
                }
                div { dt { "Files" } dd { (m.sources.len()) } }
            }
        }
        @for (i, (read, shown)) in tables.iter().enumerate() {
            section aria-labelledby=(format!("read-{i}")) {
                h2 #(format!("read-{i}")) { (count(read.n_rows)) " rows of " (read.view) }
                details { summary { "The question in SQL" } pre.sql { code { (read.sql) } } }
                div.scroll tabindex="0" role="group" aria-labelledby=(format!("read-{i}")) {
                    table {
                        thead { tr { @for n in &shown.names { th scope="col" { (n) } } } }
                        tbody { @for row in &shown.rows { tr { @for cell in row { td { bdi { (plain(cell)) } } } } } }
                    }
                }
                @if read.n_rows > shown.rows.len() as u64 { p.note { "The first " (shown.rows.len()) "." } }
            }
        }
    })
}

/// The figures without their rows, for a client.
fn sheet(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    let view = visit.metrics(MetricsAsked { explain: None, ..asked(visit)? })?.ready()?;
    client::put(visit, out, |visit| {
        Ok(ClientSheet {
            title: "From followers to money",
            kind: "metrics",
            subject: &visit.shelf.name,
            body: ready(&view.sections),
            method: &[
                "ratios are sums over sums of the rows that were imported, over the days that are named, never means of ratios",
                "what can err carries an interval; what the rows cannot tell is said to be untold, with what would tell it",
                "what platforms claim and what rules of attribution credit is not what advertising brought: only an experiment tells that",
            ],
        })
    })
}

fn json(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    crate::render::metrics_json(&visit.metrics(asked(visit)?)?.ready()?.report, out).map_err(Problem::sending)
}

fn csv(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    crate::render::metrics_csv(&visit.metrics(asked(visit)?)?.ready()?.report, out).map_err(Problem::sending)
}
