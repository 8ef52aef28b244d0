//! The sections of the page, from the verdict to the rejected rows.

use super::figure;
use super::payload::{Points, Shade, no_map};
use crate::render::findings;
use crate::render::format::{
    count, counted, glued, percent, percent_range, plain, q_value, quality, ranks, sentence, span, whole, whole_range,
};
use crate::render::headline::{Headline, Tone};
use crate::render::{next_steps, reading};
use crate::report::{AuditReport, ChannelState};
use assay_model::{Batch, Outcome, Share, Spike};
use maud::{Markup, html};

/// Rejected rows listed on the page; JSON holds all that were kept.
const REJECTS_MAX: usize = 100;

/// The verdict and the figures that matter.
pub(super) fn verdict(report: &AuditReport, headline: &Headline) -> Markup {
    let (tone, sign) = match headline.tone {
        Tone::Found => ("found", "!"),
        Tone::Open => ("open", "?"),
        Tone::Clear => ("clear", "✓"),
        Tone::Untold => ("untold", "–"),
    };
    html! {
        section class=(format!("verdict {tone}")) aria-labelledby="verdict" {
            p.tone { span.sign aria-hidden="true" { (sign) } (headline.tone.label()) }
            h1 #verdict { (glued(&headline.sentence)) }
            @if let Some(caveat) = &headline.caveat { p.caveat { (glued(caveat)) } }
            (key_figures(report))
            @if !report.warnings.is_empty() {
                ul.warnings aria-label="Warnings" {
                    @for warning in &report.warnings { li { (code(&sentence(&warning.text))) } }
                }
            }
        }
    }
}

fn key_figures(report: &AuditReport) -> Markup {
    let page = &report.page;
    let n = page.audience.len();
    let known = match page.audience.n_with_profile() {
        0 => "names without profiles".to_owned(),
        p if p == n => "all with profiles".to_owned(),
        p => format!("{} with profiles", count(p as u64)),
    };
    let v = &report.verdicts;
    let follows: u64 = page.daily.iter().filter_map(|d| d.follows).map(u64::from).sum();
    let open = report.n_unexplained() as u64;
    let bursts = if v.spikes.is_empty() {
        "none stands out".to_owned()
    } else {
        format!(
            "of {} that {} no batch",
            counted(v.spikes.len() as u64, "burst", "bursts"),
            if v.spikes.len() == 1 { "is" } else { "are" }
        )
    };
    html! {
        dl.figures {
            @if n > 0 || page.daily.is_empty() { (figure_of("Followers", &count(n as u64), if n > 0 { &known } else { "none read" })) }
            @if !page.daily.is_empty() {
                (figure_of("Follows counted", &count(follows), &format!("over {}", counted(page.daily.len() as u64, "day", "days"))))
            }
            @if n > 0 {
                (share_figure("In batches", &v.in_batches_share, &counted(v.batches.len() as u64, "batch", "batches")))
                (share_figure("Inauthentic in all", &v.inauthentic_share, "batches and beyond"))
            }
            @if report.channels.iter().any(|c| c.state == ChannelState::Used) {
                (figure_of("Unexplained bursts", &count(open), &bursts))
            }
        }
    }
}

fn figure_of(name: &str, value: &str, note: &str) -> Markup {
    html! { div { dt { (name) } dd.value { (value) } dd.note { (note) } } }
}

fn share_figure(name: &str, share: &Share, note: &str) -> Markup {
    match share {
        Outcome::Found(e) => figure_of(name, &percent(e.point), &format!("{}; {note}", percent_range(e))),
        Outcome::Abstained(_) => {
            html! { div { dt { (name) } dd.value.untold { "cannot say" } dd.note { a href="#shares" { "why" } } } }
        }
    }
}

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
                p.untold { "The input does not say when the followers came, so growth over time cannot be drawn: " (quality(report.time_quality())) "." }
            } @else {
                p.lead { "Follows over time" @if losses { ", and unfollows below the line" } ". Batches and bursts are shaded and named." }
                figure.chart data-chart="growth" aria-describedby="growth-said" {
                    (figure::growth(&report.growth, shades))
                    (legend(shades, None))
                    (described("growth-said", shades, "A chart of follows over time."))
                }
            }
        }
    }
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
        }
    }
}

fn batch_card(report: &AuditReport, batch: &Batch) -> Markup {
    let sure = percent(batch.inauthentic.confidence);
    html! {
        article.card.batch {
            h3 { span.id { (batch.id) } @match batch.arrived { Some(s) => (span(s, report.time_quality())), None => "time not known" } }
            dl.facts {
                div { dt { "Followers" } dd { (count(batch.n_followers)) } }
                div { dt { "Look bought" } dd { (whole(batch.inauthentic.point)) " " span.note { "(" (whole_range(&batch.inauthentic)) " at " (sure) ")" } } }
                div { dt { "Ranks" } dd { (ranks(batch.ranks)) } }
                div { dt { "False-discovery rate" } dd { (q_value(batch.q_value)) } }
            }
            ul.reasons { @for reason in &batch.reasons { li { (sentence(&findings::say(&reason.finding))) " " span.channel { (reason.channel) } } } }
        }
    }
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
        article.card.spike {
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
                    thead { tr { th scope="col" { "Share" } th scope="col" { "Estimate" } th scope="col" { "Interval" } th.wide scope="col" { span.aloud { "Drawn from 0 to 100 %" } } } }
                    tbody { @for (name, share) in rows { (share_row(name, share)) } }
                }
            }
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

/// What to do next.
pub(super) fn next(report: &AuditReport) -> Markup {
    let steps = next_steps(report);
    html! {
        @if !steps.is_empty() {
            section aria-labelledby="next" {
                h2 #next { "What to do next" }
                ol.next { @for step in &steps { li { (code(step)) } } }
            }
        }
    }
}

/// Each channel: what it looks for, what became of it, where it comes from, where it errs.
pub(super) fn method(report: &AuditReport) -> Markup {
    html! {
        section aria-labelledby="method" {
            h2 #method { "Method and limits" }
            p.lead { "Each channel looks at the data in its own way. Where it lacks what it needs it abstains and says so; it never guesses." }
            @for channel in &report.channels {
                article.channel-card {
                    h3 { (channel.id) " " @match &channel.state {
                        ChannelState::Used => span.state.used { "used" },
                        ChannelState::Abstained(_) => span.state { "abstained" },
                        ChannelState::Off => span.state { "off" },
                    } }
                    p { (sentence(channel.sentence)) }
                    dl {
                        @if let ChannelState::Abstained(a) = &channel.state {
                            dt { "Why it abstained" } dd { (sentence(&a.why)) " Would settle it: " (plain(&a.would_settle)) "." }
                        }
                        @if !channel.notes.is_empty() { dt { "On this page" } @for note in &channel.notes { dd { (sentence(note)) } } }
                        dt { "Limits" } dd { (sentence(channel.limits)) }
                        dt { "Source" } dd { (sentence(channel.source)) }
                    }
                }
            }
        }
    }
}

/// The files read, with their hashes, and how the figures can be made again.
pub(super) fn inputs(report: &AuditReport) -> Markup {
    let files = &report.page.facts.files;
    html! {
        section aria-labelledby="inputs" {
            h2 #inputs { "Inputs" }
            p.lead {
                "Read as " strong { (report.format.id) } ": " (sentence(report.format.sentence)) " "
                @if report.page.audience.is_empty() { "No followers are named." } @else { (sentence(quality(report.time_quality()))) }
                " Intervals hold the truth " (percent(report.confidence)) " of the time. The same files, version " (env!("CARGO_PKG_VERSION")) " and seed " (report.seed.0) " give the same figures."
            }
            @if !files.is_empty() {
                div.scroll tabindex="0" role="region" aria-label="Files read, table" {
                    table {
                        thead { tr { th scope="col" { "File" } th.number scope="col" { "Rows" } th.number scope="col" { "Taken" } th.number scope="col" { "Rejected" } th scope="col" { "SHA-256" } } }
                        tbody {
                            @for file in files {
                                tr {
                                    th scope="row" { bdi { (plain(&file.name)) } }
                                    td.number { (count(file.rows)) }
                                    td.number { (count(file.taken)) }
                                    td.number { (count(file.rejected)) }
                                    td.hash { (file.sha256) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The rows that were not taken, and why.
pub(super) fn rejects(report: &AuditReport) -> Markup {
    let facts = &report.page.facts;
    if facts.n_rejected == 0 {
        return html! {};
    }
    let shown = facts.rejects.len().min(REJECTS_MAX);
    html! {
        section aria-labelledby="rejects" {
            h2 #rejects { (counted(facts.n_rejected, "rejected row", "rejected rows")) }
            @if (shown as u64) < facts.n_rejected { p.lead { "The first " (count(shown as u64)) " are listed." } }
            div.scroll tabindex="0" role="region" aria-label="Rejected rows, table" {
                table {
                    thead { tr { th scope="col" { "File" } th.number scope="col" { "Line" } th scope="col" { "Why" } } }
                    tbody {
                        @for reject in facts.rejects.iter().take(shown) {
                            tr { th scope="row" { bdi { (plain(&reject.file)) } } td.number { (count(reject.line)) } td { (plain(&reject.why)) } }
                        }
                    }
                }
            }
        }
    }
}

/// A sentence whose words between backticks are code.
fn code(text: &str) -> Markup {
    html! { @for (i, part) in text.split('`').enumerate() { @if i % 2 == 1 { code { (part) } } @else { (part) } } }
}
