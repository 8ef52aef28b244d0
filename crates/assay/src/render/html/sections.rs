//! The sections of the page between summary and method: charts, shares, batches, bursts, what would sharpen the answer.

use super::payload::{Points, Shade, no_map};
use super::{figure, tables};
use crate::render::batches::{about, cause as cause_said};
use crate::render::format::{
    count, counted, percent, percent_range, plain, q_value, quality, ranks, sentence, span, whole, whole_range,
};
use crate::render::{findings, labels};
use crate::render::{next_steps, reading};
use crate::report::AuditReport;
use assay_model::{Batch, Outcome, Share, Spike};
use maud::{Markup, html};

/// The follower map, or why there is none.
pub(super) fn map(report: &AuditReport, points: Option<&Points>, shades: &[Shade]) -> Markup {
    let n = report.page.audience.len();
    if n == 0 {
        return html! {};
    }
    let thinned = points.filter(|p| p.stride > 1).map(|p| format!(" Every {}th follower is drawn.", p.stride));
    html! {
        section aria-labelledby="map" {
            h2 #map { "Follower map" }
            @if let Some(points) = points {
                p.lead {
                    "Each dot is a follower: from left to right in the order they followed, from bottom to top by the day their account was opened. "
                    "Real audiences fill the space under a rising edge; accounts bought together stand out as thin stripes and blocks."
                    (thinned.unwrap_or_default())
                }
                figure.chart data-chart="map" aria-describedby="map-said" {
                    (figure::map(report, points, shades))
                    (legend(shades, Some(points)))
                    (described("map-said", shades, &format!("A map of {} in follow order against the day their account was opened.", counted(n as u64, "follower", "followers"))))
                }
                (tables::map(report, shades))
            } @else {
                p.untold { (no_map(report).unwrap_or_default()) }
            }
        }
    }
}

/// Arrivals over time, or why they cannot be drawn.
pub(super) fn growth(report: &AuditReport, shades: &[Shade]) -> Markup {
    if report.page.audience.is_empty() && report.page.daily.is_empty() {
        return html! {};
    }
    let losses = report.growth.iter().any(|s| s.unfollows.is_some());
    html! {
        section aria-labelledby="growth" {
            h2 #growth { "Growth" }
            @if report.growth.is_empty() {
                p.untold { (no_growth(report)) }
            } @else {
                p.lead { "Follows over time" @if losses { ", and unfollows below the line" } ". Batches and bursts are shaded and named." }
                figure.chart data-chart="growth" aria-describedby="growth-said" {
                    (figure::growth(&report.growth, shades))
                    (legend(shades, None))
                    (described("growth-said", shades, "A chart of follows over time."))
                }
                (tables::growth(&report.growth, shades))
            }
        }
    }
}

/// Why growth is not drawn, and where to look instead.
fn no_growth(report: &AuditReport) -> String {
    let known = quality(report.time_quality());
    let why = format!("The input does not say when the followers came, so growth over time is not drawn: {known}.");
    let v = &report.verdicts;
    let by_rank = v.batches.len() + v.spikes.iter().filter(|s| s.ranks.is_some()).count();
    if by_rank == 0 {
        return why;
    }
    let groups = counted(by_rank as u64, "group of arrivals was", "groups of arrivals were");
    format!("{why} {groups} found all the same, by their place in the order of follows: the follower map shows where.")
}

fn legend(shades: &[Shade], points: Option<&Points>) -> Markup {
    let bought = points.is_some_and(|p| p.class.contains(&3));
    html! {
        ul.legend aria-hidden="true" {
            @if points.is_some() { li { span.key.dot {} "follower" } }
            @if bought { li { span.key.dot.bought {} "looks inauthentic" } }
            @if shades.iter().any(|s| s.batch) { li { span.key.batch {} "batch" } }
            @if shades.iter().any(|s| !s.batch) { li { span.key.spike {} "burst, not held to be bought" } }
        }
    }
}

/// What the chart shows, in words, for those who do not see it.
fn described(id: &str, shades: &[Shade], what: &str) -> Markup {
    let marks: Vec<&str> = shades.iter().map(|s| s.text.as_str()).collect();
    let marks =
        if marks.is_empty() { "Nothing is marked.".to_owned() } else { format!("Marked: {}.", marks.join("; ")) };
    html! { figcaption.aloud id=(id) { (what) " " (marks) } }
}

/// The batches with their evidence.
pub(super) fn batches(report: &AuditReport) -> Markup {
    let batches = &report.verdicts.batches;
    if batches.is_empty() {
        return html! {};
    }
    html! {
        section aria-labelledby="batches" {
            h2 #batches { "Batches consistent with bought followers" }
            p.lead { "Followers who arrived together and are alike in a way that chance and a surge of interest do not explain. Others may have come among them." }
            div.cards { @for batch in batches { (batch_card(report, batch)) } }
            @if let Some(batch) = batches.first() { p.below.note { "Prices as they were published: " (plain(batch.price.source)) "." } }
        }
    }
}

fn batch_card(report: &AuditReport, batch: &Batch) -> Markup {
    let sure = percent(batch.inauthentic.confidence);
    html! {
        article.card.batch id=(batch.id) {
            h3 { span.id { (batch.id) } @match batch.arrived { Some(s) => (span(s, report.time_quality())), None => "time not known" } }
            dl.facts {
                div { dt { "Followers" } dd { (count(batch.n_followers)) } }
                div { dt { "Look bought" } dd { (whole(batch.inauthentic.point)) " " span.note { "(" (whole_range(&batch.inauthentic)) " at " (sure) ")" } } }
                div { dt { "Ranks" } dd { (ranks(batch.ranks)) } }
                div { dt { "False-discovery rate" } dd { (q_value(batch.q_value)) } }
            }
            ul.reasons { @for reason in &batch.reasons { li { (sentence(&findings::say(&reason.finding))) " " span.channel { (reason.channel) } } } }
            dl.more {
                @for (name, clause) in about(batch) { div { dt { (capital(name)) } dd { (sentence(&clause)) } } }
                @if let Outcome::Abstained(a) = &batch.lost {
                    div { dt { "Lost since" } dd { "Cannot be said: " (plain(&a.why)) ". " span.note { "Would settle it: " (plain(&a.would_settle)) "." } } }
                }
            }
        }
    }
}

/// A word with a capital letter.
fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The bursts that are no batch, with their reading.
pub(super) fn spikes(report: &AuditReport) -> Markup {
    let spikes = &report.verdicts.spikes;
    if spikes.is_empty() {
        return html! {};
    }
    html! {
        section aria-labelledby="bursts" {
            h2 #bursts { "Bursts not held to be bought" }
            p.lead { "More arrivals than season and trend lead one to expect. “Organic” is said only where the data speak for it; “unexplained” means it could be a delivery or real interest." }
            div.cards { @for (i, spike) in spikes.iter().enumerate() { (spike_card(report, i, spike)) } }
        }
    }
}

fn spike_card(report: &AuditReport, i: usize, spike: &Spike) -> Markup {
    html! {
        article.card.spike id=(format!("s{}", i + 1)) {
            h3 {
                span.id { "s" (i + 1) }
                @match spike.span { Some(s) => (span(s, report.time_quality())), None => "time not known" }
                " " span.reading { (reading(spike.reading)) }
            }
            dl.facts {
                div { dt { "Arrivals" } dd { (count(spike.n_followers)) } }
                div { dt { "Beyond expected" } dd { (whole(spike.n_beyond)) } }
                @if let Some(r) = spike.ranks { div { dt { "Ranks" } dd { (ranks(r)) } } }
            }
            ul.reasons {
                li { (sentence(&findings::why(spike))) }
                @for cause in &spike.causes { li { strong { "At the time: " } (sentence(&cause_said(cause))) } }
                @if let Some(settle) = &spike.would_settle { li { strong { "Would settle it: " } (plain(settle)) "." } }
            }
        }
    }
}

/// Shares with intervals, or why they cannot be said.
pub(super) fn shares(report: &AuditReport) -> Markup {
    if report.page.audience.is_empty() {
        return html! {};
    }
    let v = &report.verdicts;
    let rows = [
        ("In batches and bought-looking", &v.in_batches_share),
        ("Inauthentic, in batches and beyond", &v.inauthentic_share),
        ("Dormant: people no longer active", &v.dormant_share),
        ("Genuine: people", &v.genuine_share),
    ];
    html! {
        section aria-labelledby="shares" {
            h2 #shares { "Shares of the audience" }
            div.scroll tabindex="0" role="region" aria-label="Shares, table" {
                table.shares {
                    caption.aloud { "Shares of the audience with their intervals" }
                    thead { tr { th scope="col" { "Share" } th scope="col" { "Estimate" } th scope="col" { "Interval" } th.wide scope="col" { span.aloud { "Drawn from 0 to 100 %" } } } }
                    tbody { @for (name, share) in rows { (share_row(name, share)) } }
                }
            }
            @if let Some(labels) = &v.labels { p.below { strong { "Labels: " } (sentence(&labels::used(labels))) } }
            @if let Some(misfit) = v.reference.found().and_then(labels::misfit) { p.below { strong { "Fit: " } (sentence(&misfit)) } }
        }
    }
}

fn share_row(name: &str, share: &Share) -> Markup {
    html! {
        tr {
            th scope="row" { (name) }
            @match share {
                Outcome::Found(e) => {
                    td.number { (percent(e.point)) }
                    td.number { (percent_range(e)) " " span.note { "at " (percent(e.confidence)) } }
                    td.wide { (figure::interval(e.low, e.point, e.high)) }
                }
                Outcome::Abstained(a) => {
                    td.untold colspan="3" { strong { "Cannot say" } ": " (plain(&a.why)) ". " span.note { "Would settle it: " (plain(&a.would_settle)) "." } }
                }
            }
        }
    }
}

/// What would make the answer sharper.
pub(super) fn next(report: &AuditReport) -> Markup {
    let steps = next_steps(report);
    html! {
        @if !steps.is_empty() {
            section aria-labelledby="next" {
                h2 #next { "How the answer can be made sharper" }
                p.lead { "For whoever holds the export." }
                ol.next { @for step in &steps { li { (code(step)) } } }
            }
        }
    }
}

/// A sentence whose words between backticks are code.
pub(crate) fn code(text: &str) -> Markup {
    html! { @for (i, part) in text.split('`').enumerate() { @if i % 2 == 1 { code { (part) } } @else { (part) } } }
}
