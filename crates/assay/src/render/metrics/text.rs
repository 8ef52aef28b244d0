//! Metrics on a screen.

use super::json::by_name;
use super::{change, pooled, shown, value};
use crate::render::format::{count, fixed, plain, sentence};
use crate::render::origin;
use crate::render::text::{Colour, Screen};
use crate::report::{MetricReport, MetricsReport};
use assay_metrics::{Kind, METRICS};
use assay_model::Outcome;
use assay_model::when::iso_day as iso;

/// Columns of a metric's name.
const INDENT: usize = 44;
/// Lines of a metric that are shown; JSON and the page hold all.
const PARTS_MAX: usize = 12;
/// Files and runs of lines that an explanation shows; JSON holds all.
const RUNS_MAX: usize = 12;

/// The metrics for a terminal, from audience to money.
pub fn metrics_text(report: &MetricsReport, colour: Colour, width: usize) -> String {
    let mut screen = Screen::new(colour, width);
    screen.strong(&title(report));
    for kind in Kind::ALL {
        let own = || report.metrics.iter().filter(move |m| m.metric.kind == kind && m.group.is_none());
        if own().next().is_none() {
            continue;
        }
        if own().all(|m| m.figure.found().is_none()) && report.explained.is_empty() {
            continue;
        }
        screen.heading(heading(kind));
        for m in own().filter(|m| m.figure.found().is_some() || !report.explained.is_empty()) {
            line(&mut screen, m, &format!("  {}", m.metric.name));
        }
    }
    unsaid(&mut screen, report);
    groups(&mut screen, report);
    explanation(&mut screen, report);
    screen.blank();
    origin::inputs(&mut screen, &report.origin);
    origin::close(&mut screen, &report.origin);
    screen.into_text()
}

/// What a kind is called above its metrics.
pub(super) fn heading(kind: Kind) -> &'static str {
    match kind {
        Kind::Vanity => "Vanity: they grow whatever becomes of the business",
        Kind::Audience => "Audience: who is there",
        Kind::Engagement => "Engagement: what they do",
        Kind::Advertising => "Advertising: what it costs and brings, by the platforms' reports",
        Kind::Customers => "Customers: who buys",
        Kind::Money => "Money: what it is worth",
        Kind::Attribution => "Attribution: whom the rules credit, which is not what a channel brings",
    }
}

/// The window in words.
pub(super) fn title(report: &MetricsReport) -> String {
    let day = |d: Option<assay_model::Day>, open: &str| d.map_or_else(|| open.to_owned(), iso);
    let w = report.window;
    let window = if w.from.is_none() && w.to.is_none() {
        let written = |at: assay_model::TimeMs| iso(report.calendar.day(at));
        report.origin.window.map_or("no dates".to_owned(), |s| format!("{} to {}", written(s.from), written(s.to)))
    } else {
        format!("{} to {}", day(w.from, "the first day"), day(w.to, "the last day"))
    };
    let compared = report.compared.map_or(String::new(), |c| {
        format!(", beside {} to {}", day(c.from, "the first day"), day(c.to, "the last day"))
    });
    let zone = report.calendar.zone();
    let zone = if zone == "UTC" { String::new() } else { format!(", days of {zone}") };
    format!("Metrics, {window}{compared}{zone}")
}

/// What cannot be said, by what is missing.
fn unsaid(screen: &mut Screen, report: &MetricsReport) {
    if !report.explained.is_empty() {
        return;
    }
    let mut reasons: Vec<(&str, &str, Vec<&str>)> = Vec::new();
    for m in report.metrics.iter().filter(|m| m.group.is_none()) {
        let Outcome::Abstained(why) = &m.figure else { continue };
        match reasons.iter_mut().find(|(w, _, _)| *w == why.why) {
            Some((_, _, ids)) => ids.push(m.metric.id),
            None => reasons.push((&why.why, &why.would_settle, vec![m.metric.id])),
        }
    }
    if reasons.is_empty() {
        return;
    }
    screen.heading("Cannot be said");
    for (why, settle, ids) in reasons {
        screen.wrapped("  -", 4, &format!("{}: {}; would settle it: {}", ids.join(", "), plain(why), plain(settle)));
    }
}

fn line(screen: &mut Screen, m: &MetricReport, head: &str) {
    let head = if head.chars().count() < INDENT {
        head
    } else {
        screen.wrapped("", 2, head.trim_start());
        ""
    };
    match &m.figure {
        Outcome::Found(figure) => {
            let moved = m.before.as_ref().and_then(|b| b.found()).map(|before| {
                let by = change(figure, before).map_or(String::new(), |c| format!(", {c}"));
                format!(" [before: {}{by}]", value(before, m.metric))
            });
            screen.wrapped(head, INDENT, &format!("{}{}", value(figure, m.metric), moved.unwrap_or_default()));
            for part in figure.parts.iter().take(PARTS_MAX) {
                let unit = if m.metric.id == "days_active_of_28" { assay_metrics::Unit::Share } else { m.metric.unit };
                let said = match part.value {
                    assay_metrics::Value::Exact(x) if m.metric.kind == Kind::Attribution => fixed(x, 1),
                    v => shown(v.point(), unit, figure.currency.as_deref()),
                };
                screen.wrapped(&format!("    {}", plain(&part.labels.join(", "))), INDENT, &said);
            }
            if figure.parts.len() > PARTS_MAX {
                screen.wrapped("", INDENT, &format!("and {} more: --format json", figure.parts.len() - PARTS_MAX));
            }
            for note in &figure.notes {
                screen.wrapped("", INDENT, &plain(note));
            }
        }
        Outcome::Abstained(why) => screen.wrapped(head, INDENT, &format!("cannot say: {}", plain(&why.why))),
    }
}

fn groups(screen: &mut Screen, report: &MetricsReport) {
    let Some(by) = report.by else { return };
    screen.heading(&format!("By {}", by_name(by)));
    let mut shown_any = false;
    let mut last = None;
    for m in report.metrics.iter().filter(|m| m.group.is_some() && (m.figure.found().is_some() || m.pooled.is_some())) {
        if last != m.group.as_deref() {
            screen.wrapped("", 2, &plain(m.group.as_deref().unwrap_or_default()));
            last = m.group.as_deref();
        }
        if let Outcome::Found(figure) = &m.figure {
            screen.wrapped(&format!("    {}", m.metric.name), INDENT, &value(figure, m.metric));
        }
        if let Some(said) = pooled(m, report) {
            screen.wrapped(&format!("    {}, pooled", m.metric.name), INDENT, &said);
        }
        shown_any = true;
    }
    if report.metrics.iter().any(|m| m.pooled.is_some()) {
        screen.wrapped("", 2, "Pooled: small groups are drawn towards what all of them cost. Platforms choose who sees what, so which group would pay next is for an experiment to say.");
    }
    if !shown_any {
        screen.wrapped("", 2, "no row tells its group");
    }
}

fn explanation(screen: &mut Screen, report: &MetricsReport) {
    for e in &report.explained {
        let m = &report.metrics[e.figure];
        let of = m.group.as_ref().map_or(String::new(), |g| format!(", {}", plain(g)));
        screen.heading(&format!("How {}{of} is made", m.metric.id));
        screen.wrapped("  is", 14, &sentence(m.metric.definition));
        let over =
            if m.metric.denominator.is_empty() { String::new() } else { format!(" / ({})", m.metric.denominator) };
        screen.wrapped("  formula", 14, &format!("({}){over}", m.metric.numerator));
        screen.wrapped("  traps", 14, &sentence(m.metric.traps));
        screen.wrapped("  source", 14, m.metric.source);
        for read in &e.reads {
            screen.wrapped("  rows", 14, &format!("{} of {}", count(read.n_rows), read.view));
            for (file, runs) in read.files.iter().take(RUNS_MAX) {
                let Some(file) = report.origin.files.get(*file as usize) else { continue };
                let lines: Vec<String> = runs
                    .iter()
                    .take(RUNS_MAX)
                    .map(|(a, b)| if a == b { a.to_string() } else { format!("{a}-{b}") })
                    .collect();
                let more = if runs.len() > RUNS_MAX {
                    format!(" and {} more runs", runs.len() - RUNS_MAX)
                } else {
                    String::new()
                };
                screen.wrapped("", 16, &format!("{}: lines {}{more}", plain(&file.name), lines.join(", ")));
            }
            screen.wrapped("  SQL", 14, &read.sql);
        }
    }
}

/// The table of metrics: what each is and how it misleads.
pub fn metrics_list(width: usize) -> String {
    let mut screen = Screen::new(Colour::Never, width);
    for kind in Kind::ALL {
        screen.heading(heading(kind));
        for m in METRICS.iter().filter(|m| m.kind == kind) {
            screen.line(&format!("{}  [{}]", m.id, m.unit.name()));
            screen.wrapped("", 4, &sentence(m.definition));
            let over = if m.denominator.is_empty() { String::new() } else { format!(" / ({})", m.denominator) };
            screen.wrapped("", 4, &format!("Formula: ({}){over}", m.numerator));
            screen.wrapped("", 4, &format!("Traps: {}", m.traps));
            screen.wrapped("", 4, &format!("Source: {}", m.source));
        }
    }
    screen.into_text()
}
