//! The rings as one page to look at: the answer, the ranking, and for each ring its reasons, its block of the adjacency matrix
//! and its timeline. It loads nothing and runs no script; it shares the look of the audit's page.

use super::picture::{matrix, timeline};
use super::reasons::{reasons, span_of};
use super::text::{basis, headline, set_aside};
use crate::render::format::{count, day, percent, plain, q_value, sentence, span};
use crate::render::html::PAGE_CSS;
use crate::report::RingsReport;
use assay_model::{Ring, TimeQuality};
use base64::{Engine, engine::general_purpose::STANDARD};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// What rings need beside the look of the audit's page.
const RINGS_CSS: &str = include_str!("rings.css");
/// Rings shown with a picture; the ranking lists [`RANKED_MAX`], JSON and members hold all.
const CARDS_MAX: usize = 40;
/// Rows of the ranking.
const RANKED_MAX: usize = 500;
/// Names shown of a side.
const NAMES_MAX: usize = 12;

/// Writes the rings as one self-contained page.
///
/// # Errors
/// When `out` cannot be written to.
pub fn rings_html(report: &RingsReport, mut out: impl Write) -> io::Result<()> {
    out.write_all(page(report).0.as_bytes())?;
    out.flush()
}

fn page(report: &RingsReport) -> Markup {
    let n = report.rings.rings.len();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(concat!("assay ", env!("CARGO_PKG_VERSION")));
                title { "Accounts in lockstep" }
                style { (PreEscaped(PAGE_CSS)) }
                style { (PreEscaped(RINGS_CSS)) }
            }
            body {
                a.skip href="#report" { "Skip to the report" }
                header.top {
                    p.brand { span.mark aria-hidden="true" {} "assay" span.kind { " rings" } }
                    p.subject { @if let Some(window) = report.window { span { (span(span_of(window), TimeQuality::Day)) } } }
                }
                main #report {
                    (answer(report))
                    @if n > 0 {
                        (ranking(report))
                        section aria-labelledby="rings" {
                            h2 #rings { "The rings" }
                            p.lead { "In each picture a row is a target and a column an account; the darker, the more of its pairs are edges. Left stand the accounts of the ring, right the other audience of the same targets: a ring is full on the left and empty on the right." }
                            div.rings { @for (id, ring) in (1..).zip(&report.rings.rings).take(CARDS_MAX) { (card(report, id, ring)) } }
                            @if n > CARDS_MAX { p.note { (count((n - CARDS_MAX) as u64)) " more are in the ranking, in JSON and in the table of members." } }
                        }
                    }
                    (method(report))
                    (inputs(report))
                }
                footer {
                    p { "A ring is a reason to look, not a proof. It says what accounts did and when, never who paid for it." }
                    p { "Made by assay " (env!("CARGO_PKG_VERSION")) " with seed " (report.seed.0) ". This page is complete in itself: it loads nothing and sends nothing." }
                }
            }
        }
    }
}

fn answer(report: &RingsReport) -> Markup {
    let rings = &report.rings;
    let found = !rings.rings.is_empty();
    let sum = |of: &dyn Fn(&Ring) -> usize| count(rings.rings.iter().map(|r| of(r) as u64).sum());
    html! {
        section.verdict.found[found].clear[!found] aria-labelledby="answer" {
            p.tone { span.sign aria-hidden="true" { @if found { "!" } @else { "✓" } } @if found { "Rings found" } @else { "No ring found" } }
            h1 #answer { (headline(report)) }
            p.caveat { (basis(report)) @if rings.n_set_aside > 0 { " " (set_aside(report)) } }
            dl.figures {
                div { dt { "Rings" } dd.value { (count(rings.rings.len() as u64)) } }
                div { dt { "Accounts in them" } dd.value { (sum(&|r| r.sources.len())) } }
                div { dt { "Targets served" } dd.value { (sum(&|r| r.targets.len())) } }
                div { dt { "One-edge accounts beside" } dd.value { (sum(&|r| r.singles.len())) } }
                div { dt { "Groups set aside" } dd.value { (count(rings.n_set_aside as u64)) } }
            }
            @if !report.warnings.is_empty() { ul.warnings { @for w in &report.warnings { li { (plain(&w.text)) } } } }
        }
    }
}

fn when(ring: &Ring) -> String {
    ring.window.map_or_else(String::new, |window| span(span_of(window), TimeQuality::Day))
}

fn ranking(report: &RingsReport) -> Markup {
    html! {
        section aria-labelledby="ranking" {
            h2 #ranking { "Ranking" }
            p.lead { "The surest first. Density is the share of pairs that are edges; contrast the share of the targets’ audience that is in the ring." }
            div.scroll tabindex="0" role="region" aria-label="Rings, table" {
                table {
                    thead { tr {
                        th scope="col" { "Ring" } th.number scope="col" { "Accounts" } th.number scope="col" { "Targets" }
                        th.number scope="col" { "Edges" } th.number scope="col" { "Density" } th.number scope="col" { "Contrast" }
                        th scope="col" { "When" } th.number scope="col" { "q" }
                    } }
                    tbody {
                        @for (id, ring) in (1..).zip(&report.rings.rings).take(RANKED_MAX) {
                            tr {
                                th scope="row" { @if id <= CARDS_MAX { a href=(format!("#ring-{id}")) { (id) } } @else { (id) } }
                                td.number { (count(ring.sources.len() as u64)) }
                                td.number { (count(ring.targets.len() as u64)) }
                                td.number { (count(ring.n_edges)) }
                                td.number { (percent(ring.density())) }
                                td.number { (percent(ring.contrast())) }
                                td { (when(ring)) }
                                td.number { (q_value(ring.q_value)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn card(report: &RingsReport, id: usize, ring: &Ring) -> Markup {
    let names = |all: &mut dyn Iterator<Item = String>, n: usize| {
        let shown: Vec<String> = all.take(NAMES_MAX).collect();
        let more = if n > NAMES_MAX { format!(" and {} more", count((n - NAMES_MAX) as u64)) } else { String::new() };
        shown.join(", ") + &more
    };
    let name = |name: std::borrow::Cow<'_, str>| plain(&name).into_owned();
    html! {
        article.card.ring id=(format!("ring-{id}")) {
            h3 { span.id { (id) } (count(ring.sources.len() as u64)) " accounts on " (count(ring.targets.len() as u64)) " targets" }
            dl.facts {
                div { dt { "Edges" } dd { (count(ring.n_edges)) } }
                div { dt { "Density" } dd { (percent(ring.density())) } }
                div { dt { "Contrast" } dd { (percent(ring.contrast())) } }
                @if let Some(window) = ring.window { div { dt { "When" } dd { (day(span_of(window).from)) " to " (day(span_of(window).to)) } } }
                div { dt { "By chance or as a community" } dd { (q_value(ring.q_value)) } }
            }
            ul.reasons { @for reason in reasons(ring) { li { (sentence(&reason)) } } }
            @if let Some(picture) = report.pictures.get(id - 1) {
                figure {
                    (matrix(picture, ring))
                    figcaption { "Left: the ring’s accounts. Right: " (count(picture.n_other_sources as u64)) " other accounts that act on the same targets." }
                    (timeline(picture))
                }
            }
            dl.names {
                div { dt { "Accounts" } dd { (names(&mut ring.sources.iter().map(|m| name(report.names.source(m.account))), ring.sources.len())) } }
                div { dt { "Targets" } dd { (names(&mut ring.targets.iter().map(|t| name(report.names.target(t.account))), ring.targets.len())) } }
            }
        }
    }
}

fn method(report: &RingsReport) -> Markup {
    html! {
        section aria-labelledby="method" {
            h2 #method { "Method and limits" }
            p.lead { "Groups are looked for where edges are dense, where groups are shut, and where accounts meet the same targets in the same days. Each is tested against two explanations, and is a ring when both fail." }
            dl.facts {
                div { dt { "Groups tested" } dd { (count(report.rings.n_tested as u64)) } }
                div { dt { "Set aside" } dd { (count(report.rings.n_set_aside as u64)) } }
                div { dt { "False rings put up with" } dd { (percent(report.fdr)) } }
            }
            ul.plain {
                li { strong { "Chance: " } "the same activity and popularity, joined at random. A bound on the probability of so many edges in any group of the size." }
                li { strong { "Community: " } "people of one interest also gather, but few of them do most, and their targets have other audience. A ring’s accounts do about as much each, serve targets evenly, and few others care." }
                li { "Camouflage does not hide a ring: edges outside it are not counted against it." }
                li { "A community whose members are unusually even, such as a class that follows its teachers or buyers of one product in several variants, reads as a ring. Small groups without times cannot be told from circles of friends, and are set aside." }
            }
        }
    }
}

fn inputs(report: &RingsReport) -> Markup {
    html! {
        section aria-labelledby="inputs" {
            h2 #inputs { "Inputs" }
            div.scroll tabindex="0" role="region" aria-label="Files read, table" {
                table {
                    thead { tr { th scope="col" { "File" } th.number scope="col" { "Rows" } th.number scope="col" { "Taken" } th.number scope="col" { "Rejected" } th scope="col" { "SHA-256" } } }
                    tbody { @for file in &report.inputs { tr {
                        th scope="row" { bdi { (plain(&file.name)) } }
                        td.number { (count(file.rows)) } td.number { (count(file.taken)) } td.number { (count(file.rejected)) }
                        td.hash { (file.sha256) }
                    } } }
                }
            }
            @if !report.counts.rejects.is_empty() {
                details { summary { "Rows that could not be read" } ul.plain {
                    @for reject in &report.counts.rejects { li { (plain(&reject.file)) ":" (reject.line) ": " (plain(&reject.why)) } }
                } }
            }
        }
    }
}

/// The content security policy: no script, nothing from anywhere, the two styles of the page, pictures inside it.
fn policy() -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    format!(
        "default-src 'none'; style-src {} {}; img-src data:; base-uri 'none'; form-action 'none'",
        hash(PAGE_CSS),
        hash(RINGS_CSS)
    )
}
