//! Metrics as one page that is complete in itself, from audience to money.

use super::json::by_name;
use super::text::{heading, title};
use super::{change, pooled, shown, value};
use crate::render::format::{fixed, plain, sentence};
use crate::render::html::{Frame, framed};
use crate::report::{MetricReport, MetricsReport};
use assay_metrics::{Kind, Unit, Value};
use assay_model::Outcome;
use maud::{Markup, html};
use std::io::{self, Write};

/// Rows of a table of parts or groups that are shown; JSON and CSV hold all.
const ROWS_MAX: usize = 60;

/// Writes the metrics as one self-contained page without scripts.
///
/// # Errors
/// When `out` cannot be written to.
pub fn metrics_html(report: &MetricsReport, mut out: impl Write) -> io::Result<()> {
    let body = html! {
        (sections(report))
        (super::super::reach::inputs(&report.origin))
    };
    let frame = Frame {
        title: "From followers to money",
        kind: "metrics",
        subject: Some(&title(report)),
        caveat: "Figures are sums over sums of the rows that were read; intervals say how an estimate may err. What platforms claim and what rules credit is not what advertising brought: an experiment tells that.",
        seed: report.origin.seed,
        rows: " `assay metrics … --explain METRIC` lists the rows behind each figure.",
        logo: None,
    };
    let page = framed(&frame, &body);
    out.write_all(page.0.as_bytes())?;
    out.flush()
}

/// What the chain of figures is called.
const CHAIN: &str = "From the follower count to what it is worth";

/// The same as parts of another page, below its own title.
pub(in crate::render) fn within(report: &MetricsReport) -> Markup {
    html! {
        (chain(report, &html! { h2 #chain { (CHAIN) } p.note { (title(report)) } }))
        @for kind in Kind::ALL { (section(report, kind)) }
    }
}

/// The parts that [`within`] has: their ids and names.
pub(in crate::render) fn parts_within(report: &MetricsReport) -> Vec<(&'static str, &'static str)> {
    let has = |kind: &Kind| report.metrics.iter().any(|m| m.metric.kind == *kind && m.group.is_none());
    // What stands behind the colon says more than a list of parts needs.
    let short = |kind| heading(kind).split(':').next().unwrap_or_default();
    let kinds = Kind::ALL.into_iter().filter(has).map(|kind| (kind.name(), short(kind)));
    std::iter::once(("chain", "From followers to money")).chain(kinds).collect()
}

/// Where the parts of the page are.
fn contents(report: &MetricsReport) -> Markup {
    let groups = report.by.map(|_| ("groups", "Split"));
    html! {
        nav.contents aria-label="Parts of the report" {
            ul { @for (id, name) in parts_within(report).into_iter().skip(1).chain(groups) { li { a href=(format!("#{id}")) { (name) } } } }
        }
    }
}

/// The metrics from audience to money, and by groups, without what they were made from.
pub(crate) fn sections(report: &MetricsReport) -> Markup {
    html! {
        (chain(report, &html! { h1 #chain { (CHAIN) } }))
        (contents(report))
        @for kind in Kind::ALL { (section(report, kind)) }
        (groups(report))
    }
}

fn find<'a>(report: &'a MetricsReport, id: &str) -> Option<&'a MetricReport> {
    report.metrics.iter().find(|m| m.metric.id == id && m.group.is_none())
}

/// The follower count beside what stands behind it: real followers, active audience, engaged people, customers, revenue.
fn chain(report: &MetricsReport, title: &Markup) -> Markup {
    let steps = [
        "followers",
        "genuine_followers",
        "active_audience_28d",
        "engaged_people",
        "customers",
        "new_customers",
        "revenue",
    ];
    let found: Vec<&MetricReport> = steps.iter().filter_map(|id| find(report, id)).collect();
    let counts: Vec<(&str, f64)> = found
        .iter()
        .filter(|m| m.metric.unit == Unit::Count)
        .filter_map(|m| Some((m.metric.name, m.figure.found()?.value.point())))
        .collect();
    html! {
        section.verdict.open aria-labelledby="chain" {
            (title)
            p.caveat { "A follower count says how many accounts follow. The figures beside it say how many of them are real, who acts, and who buys." }
            dl.figures {
                @for m in &found {
                    div {
                        dt { (m.metric.name) @if m.metric.kind == Kind::Vanity { " (vanity)" } }
                        @match &m.figure {
                            Outcome::Found(f) => {
                                dd.value { (shown(f.value.point(), m.metric.unit, f.currency.as_deref())) }
                                @if let Value::Estimated(e) = f.value { dd.note { (shown(e.low, m.metric.unit, f.currency.as_deref())) " to " (shown(e.high, m.metric.unit, f.currency.as_deref())) } }
                            }
                            Outcome::Abstained(why) => { dd.value.untold { "cannot say" } dd.note { (plain(&why.why)) } }
                        }
                    }
                }
            }
            @if counts.len() > 1 { (bars("Accounts at each step", &counts, &|x| shown(x, Unit::Count, None))) }
        }
    }
}

fn section(report: &MetricsReport, kind: Kind) -> Markup {
    let own: Vec<&MetricReport> =
        report.metrics.iter().filter(|m| m.metric.kind == kind && m.group.is_none()).collect();
    let told: Vec<&&MetricReport> = own.iter().filter(|m| m.figure.found().is_some()).collect();
    let silent: Vec<&&MetricReport> = own.iter().filter(|m| m.figure.found().is_none()).collect();
    let id = kind.name();
    html! {
        @if !own.is_empty() {
            section aria-labelledby=(id) {
                h2 #(id) { (heading(kind)) }
                @if !told.is_empty() {
                    div.scroll tabindex="0" role="group" aria-labelledby=(id) {
                        table.told {
                            thead { tr { th scope="col" { "metric" } th.number scope="col" { "value" } @if report.compared.is_some() { th.number scope="col" { "before" } } th scope="col" { "what it is" } } }
                            tbody { @for m in &told { (row(report, m)) } }
                        }
                    }
                }
                @for m in &told { (parts(m)) }
                @if !silent.is_empty() {
                    details {
                        summary { (silent.len()) " that cannot be said, and what would settle them" }
                        ul.plain { @for m in &silent { @if let Outcome::Abstained(why) = &m.figure { li { strong { (m.metric.name) } ": " (sentence(&why.why)) " Would settle it: " (plain(&why.would_settle)) "." } } } }
                    }
                }
            }
        }
    }
}

fn row(report: &MetricsReport, m: &MetricReport) -> Markup {
    let Outcome::Found(figure) = &m.figure else { return html! {} };
    let before = m.before.as_ref().and_then(|b| b.found());
    html! {
        tr {
            th scope="row" { (m.metric.name) }
            td.number { (value(figure, m.metric)) }
            @if report.compared.is_some() {
                td.number { @if let Some(b) = before { (value(b, m.metric)) @if let Some(c) = change(figure, b) { br; span.note { (c) } } } }
            }
            td { (sentence(m.metric.definition)) " " span.note { (sentence(m.metric.traps)) @for note in &figure.notes { " " (sentence(&plain(note))) } } }
        }
    }
}

/// The lines of a metric: bars where they have one label, a table where they have two.
fn parts(m: &MetricReport) -> Markup {
    let Outcome::Found(figure) = &m.figure else { return html! {} };
    let unit = if m.metric.id == "days_active_of_28" { Unit::Share } else { m.metric.unit };
    let say = |x: f64| match m.metric.kind {
        Kind::Attribution => fixed(x, 1),
        _ => shown(x, unit, figure.currency.as_deref()),
    };
    let two = figure.parts.iter().any(|p| p.labels.len() > 1);
    let one: Vec<(&str, f64)> = figure
        .parts
        .iter()
        .take(ROWS_MAX)
        .filter_map(|p| Some((p.labels.first()?.as_str(), p.value.point())))
        .collect();
    html! {
        @if two { (crossed(m.metric.name, figure, &say)) }
        @else if one.len() > 1 { h3 { (m.metric.name) } (bars(m.metric.name, &one, &say)) }
    }
}

fn crossed(name: &str, figure: &assay_metrics::Figure, say: &dyn Fn(f64) -> String) -> Markup {
    let mut rows: Vec<&str> = Vec::new();
    let mut columns: Vec<&str> = Vec::new();
    for part in &figure.parts {
        let [row, column] = part.labels.as_slice() else { continue };
        if !rows.contains(&row.as_str()) {
            rows.push(row);
        }
        if !columns.contains(&column.as_str()) {
            columns.push(column);
        }
    }
    let cell =
        |row: &str, column: &str| figure.parts.iter().find(|p| p.labels == [row, column]).map(|p| say(p.value.point()));
    html! {
        h3 { (name) }
        div.scroll tabindex="0" role="region" aria-label=(name) {
            table {
                thead { tr { th scope="col" {} @for c in &columns { th.number scope="col" { (plain(c)) } } } }
                tbody { @for r in rows.iter().take(ROWS_MAX) { tr { th scope="row" { bdi { (plain(r)) } } @for c in &columns { td.number { @if let Some(v) = cell(r, c) { (v) } } } } } }
            }
        }
    }
}

fn groups(report: &MetricsReport) -> Markup {
    let Some(by) = report.by else { return html! {} };
    let told = || report.metrics.iter().filter(|m| m.group.is_some() && m.figure.found().is_some());
    let mut names: Vec<&str> = told().filter_map(|m| m.group.as_deref()).collect();
    names.dedup();
    let mut ids: Vec<(&str, &str)> = Vec::new();
    for m in told() {
        if !ids.iter().any(|(id, _)| *id == m.metric.id) {
            ids.push((m.metric.id, m.metric.name));
        }
    }
    let pooled_of = |group: &str, id: &str| {
        let m = report.metrics.iter().find(|m| m.group.as_deref() == Some(group) && m.metric.id == id)?;
        pooled(m, report)
    };
    let is_pooled = |id: &str| report.metrics.iter().any(|m| m.metric.id == id && m.pooled.is_some());
    let cell = |group: &str, id: &str| {
        let m = told().find(|m| m.group.as_deref() == Some(group) && m.metric.id == id)?;
        Some(shown(m.figure.found()?.value.point(), m.metric.unit, m.figure.found()?.currency.as_deref()))
    };
    html! {
        section aria-labelledby="groups" {
            h2 #groups { "By " (by_name(by)) }
            @if names.is_empty() { p.untold { "No row tells its group." } }
            @else {
                div.scroll tabindex="0" role="group" aria-labelledby="groups" {
                    table {
                        thead { tr { th scope="col" { (by_name(by)) } @for (id, name) in &ids { th.number scope="col" { (name) } @if is_pooled(id) { th.number scope="col" { (name) ", pooled" } } } } }
                        tbody { @for g in names.iter().take(ROWS_MAX) { tr { th scope="row" { bdi { (plain(g)) } } @for (id, _) in &ids { td.number { @if let Some(v) = cell(g, id) { (v) } } @if is_pooled(id) { td.number { @if let Some(v) = pooled_of(g, id) { (v) } } } } } } }
                    }
                }
                @if ids.iter().any(|(id, _)| is_pooled(id)) { p.note { "Pooled: small groups are drawn towards what all of them cost, with the interval of what is then believed. Platforms choose who sees what, so which group would pay next is for an experiment to say." } }
                @if names.len() > ROWS_MAX { p.note { (names.len() - ROWS_MAX) " more are in JSON and CSV." } }
            }
        }
    }
}

/// A bar a name.
fn bars(title: &str, bars: &[(&str, f64)], tell: &dyn Fn(f64) -> String) -> Markup {
    let height = 26.0 * bars.len() as f64 + 8.0;
    let (left, width) = (220.0, 360.0);
    let most = bars.iter().map(|b| b.1).fold(f64::MIN_POSITIVE, f64::max);
    let long = |v: f64| format!("{:.1}", (v.max(0.0) / most * width).max(1.0));
    html! {
        svg.static role="img" aria-label=(title) viewBox=(format!("0 0 720 {height}")) {
            @for (i, (name, value)) in bars.iter().enumerate() {
                @let top = 26.0 * i as f64 + 4.0;
                text.up x=(left - 10.0) y=(top + 14.0) { (plain(&name.chars().take(34).collect::<String>())) }
                rect.follows x=(left) y=(top) width=(long(*value)) height="18" rx="2" {}
                text x=(format!("{:.1}", left + (value.max(0.0) / most * width).max(1.0) + 8.0)) y=(top + 14.0) { (tell(*value)) }
            }
        }
    }
}
