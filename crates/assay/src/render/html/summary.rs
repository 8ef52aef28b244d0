//! The first sheet of the page: the verdict in a sentence, what it means, what to do, and what it was made from.

use super::Cover;
use super::figure;
use crate::render::client::{meaning, questions};
use crate::render::format::{count, counted, date, day, glued, percent, percent_range, plain, sentence};
use crate::render::headline::{Headline, Tone};
use crate::report::{AuditReport, ChannelState};
use assay_model::{Outcome, Share};
use maud::{Markup, html};

/// Files named on the first sheet; the section on inputs lists all.
const FILES_NAMED: usize = 2;

/// The summary.
pub(super) fn summary(report: &AuditReport, headline: &Headline, cover: &Cover) -> Markup {
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
                    @for warning in &report.warnings { li { (super::sections::code(&sentence(&warning.text))) } }
                }
            }
            div.advice {
                div { h2 #means { "What this means" } ul.plain { @for said in meaning(report, headline.tone) { li { (glued(&said)) } } } }
                div { h2 #do { "What to do" } ol.plain { @for step in questions(report, headline.tone) { li { (glued(&step)) } } } }
            }
            (made(report, cover))
        }
    }
}

/// Who prepared a page, and when.
pub(super) fn prepared(cover: &Cover) -> Markup {
    html! {
        @if let Some(by) = &cover.by { div { dt { "Prepared by" } dd { bdi { (plain(by)) } } } }
        @if let Some(on) = cover.on { div { dt { "Prepared on" } dd { (date(on)) } } }
    }
}

/// Who made the page, when, and from what.
fn made(report: &AuditReport, cover: &Cover) -> Markup {
    let files = &report.page.facts.files;
    let named: Vec<_> = files.iter().filter(|f| f.taken > 0 || files.len() == 1).map(|f| plain(&f.name)).collect();
    let more = named.len().saturating_sub(FILES_NAMED) as u64;
    let rows: u64 = files.iter().map(|f| f.taken).sum();
    html! {
        dl.made {
            (prepared(cover))
            @if !named.is_empty() {
                div {
                    dt { "From" }
                    dd {
                        @for (i, name) in named.iter().take(FILES_NAMED).enumerate() { @if i > 0 { ", " } bdi { (name) } }
                        @if more > 0 { " and " (counted(more, "more file", "more files")) }
                        ", " (counted(rows, "row", "rows")) " " a href="#inputs" { "(details)" }
                    }
                }
            }
            @if let Some(at) = report.page.facts.exported_at { div { dt { "Exported on" } dd { (day(at)) } } }
            div { dt { "Made with" } dd { "assay " (env!("CARGO_PKG_VERSION")) ", seed " (report.seed.0) } }
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
        Outcome::Found(e) => html! {
            div {
                dt { (name) }
                dd.value { (percent(e.point)) }
                dd.drawn aria-hidden="true" { (figure::interval(e.low, e.point, e.high)) }
                dd.note { (glued(&percent_range(e))) " at " (glued(&percent(e.confidence))) ", " (note) }
            }
        },
        Outcome::Abstained(_) => {
            html! { div { dt { (name) } dd.value.untold { "cannot say" } dd.note { a href="#shares" { "why it cannot be said" } } } }
        }
    }
}
