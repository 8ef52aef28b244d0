//! The report on one screen of a terminal: the answer first, then each ring with its reasons.

use super::reasons::{reasons, span_of};
use crate::pipeline::{Figure, Plan, bytes};
use crate::render::format::{count, counted, percent, plain, q_value, sentence, span};
use crate::render::text::{Colour, Screen};
use crate::report::RingsReport;
use assay_model::TimeQuality;
use std::fmt::Write as _;

/// Rings told with their reasons; JSON, members and the page hold all.
const RINGS_MAX: usize = 10;
/// Names shown of a side.
const NAMES_MAX: usize = 5;

/// The report on one screen: the answer first, in one sentence. `width` is in columns; lines end with a line feed.
pub fn rings_text(report: &RingsReport, colour: Colour, width: usize) -> String {
    let mut screen = Screen::new(colour, width);
    let rings = &report.rings.rings;
    screen.strong(&headline(report));
    screen.blank();
    screen.wrapped("", 2, &basis(report));
    for (id, ring) in (1..).zip(rings).take(RINGS_MAX) {
        screen.blank();
        screen.strong(&format!(
            "Ring {id}: {} on {}, {}",
            counted(ring.sources.len() as u64, "account", "accounts"),
            counted(ring.targets.len() as u64, "target", "targets"),
            q_value(ring.q_value)
        ));
        for reason in reasons(ring) {
            screen.wrapped("  \u{2013}", 4, &sentence(&reason));
        }
        let names = |all: Vec<std::borrow::Cow<'_, str>>, n: usize| {
            let shown: Vec<String> = all.iter().map(|name| plain(name).into_owned()).collect();
            let more =
                if n > NAMES_MAX { format!(" and {} more", count((n - NAMES_MAX) as u64)) } else { String::new() };
            format!("{}{more}", shown.join(", "))
        };
        let sources: Vec<_> = ring.sources.iter().take(NAMES_MAX).map(|m| report.names.source(m.account)).collect();
        let targets: Vec<_> = ring.targets.iter().take(NAMES_MAX).map(|t| report.names.target(t.account)).collect();
        screen.wrapped("    accounts", 14, &names(sources, ring.sources.len()));
        screen.wrapped("    targets", 14, &names(targets, ring.targets.len()));
    }
    if rings.len() > RINGS_MAX {
        screen.blank();
        screen.wrapped("", 2, &format!("{} more rings are in --format json and --members.", rings.len() - RINGS_MAX));
    }
    if report.rings.n_set_aside > 0 {
        screen.blank();
        screen.wrapped("", 2, &set_aside(report));
    }
    for warning in &report.warnings {
        screen.blank();
        screen.wrapped("note", 6, &plain(&warning.text));
    }
    for reject in report.counts.rejects.iter().take(3) {
        screen.wrapped("row", 6, &format!("{}:{}: {}", plain(&reject.file), reject.line, plain(&reject.why)));
    }
    screen.into_text()
}

/// The answer in one sentence.
pub(super) fn headline(report: &RingsReport) -> String {
    let rings = &report.rings.rings;
    if rings.is_empty() {
        return "No group of accounts acts in lockstep here, as far as these edges tell.".to_owned();
    }
    let accounts: usize = rings.iter().map(|r| r.sources.len()).sum();
    format!(
        "{} of accounts in lockstep: {} in all.",
        counted(rings.len() as u64, "group", "groups"),
        counted(accounts as u64, "account", "accounts")
    )
}

/// What the answer rests on.
pub(super) fn basis(report: &RingsReport) -> String {
    let c = &report.counts;
    let mut text = format!(
        "{} from {} to {}",
        counted(report.n_edges, "edge", "edges"),
        counted(report.n_sources, "source", "sources"),
        counted(report.n_targets, "target", "targets")
    );
    if let Some(window) = report.window {
        text.push_str(", ");
        text.push_str(&span(span_of(window), TimeQuality::Day));
    }
    let left_out = [
        (c.duplicates, "repeated"),
        (c.self_loops, "from an account to itself"),
        (c.empty, "empty"),
        (c.broken, "broken"),
    ];
    let left_out: Vec<String> =
        left_out.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{} {what}", count(*n))).collect();
    if !left_out.is_empty() {
        let _ = write!(text, "; rows left out: {}", left_out.join(", "));
    }
    let _ = write!(text, ". At most {} of the groups reported are expected to be false.", percent(report.fdr));
    text
}

/// What was found and is not called a ring.
pub(super) fn set_aside(report: &RingsReport) -> String {
    format!(
        "{} denser than chance {} set aside: nothing tells {} from a community of people with one interest.",
        counted(report.rings.n_set_aside as u64, "group", "groups"),
        if report.rings.n_set_aside == 1 { "was" } else { "were" },
        if report.rings.n_set_aside == 1 { "it" } else { "them" },
    )
}

/// What a search will take: before it begins, and again once ids are counted.
pub fn plan(plan: &Plan) -> String {
    let expected = &plan.expected;
    let times = if expected.timed { " with times" } else { "" };
    let nodes = |figure: Figure, one, many| match figure {
        Figure { least, most } if least == most => counted(most, one, many),
        Figure { least, most } => format!("{} to {} {many}", count(rounded(least)), count(rounded(most))),
    };
    let nodes =
        format!("{} and {}", nodes(plan.sources, "source", "sources"), nodes(plan.targets, "target", "targets"));
    let rows = counted(expected.rows, "row", "rows");
    let Some(n_sampled) = plan.sampled else {
        return format!("{rows}{times} between {nodes}: up to {} of memory", bytes(plan.memory.most));
    };
    let (least, most) = (bytes(plan.memory.least), bytes(plan.memory.most));
    format!(
        "{}{rows}{times}, likely between {nodes} (by {} of them): {} of memory; ids are counted before a graph is made",
        if expected.exact { "" } else { "about " },
        count(n_sampled),
        if least == most { format!("up to {most}") } else { format!("{least} to {most}") }
    )
}

/// An estimate to two digits.
fn rounded(n: u64) -> u64 {
    let unit = 10_u64.pow(n.max(1).ilog10().saturating_sub(1));
    n / unit * unit
}
