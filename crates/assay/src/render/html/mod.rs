//! The report as one page that a client keeps: self-contained, offline, readable without scripts, on paper and aloud.
//!
//! A policy in the page's head lets no script run but the two whose hashes it names, and nothing load from anywhere. The
//! charts are first drawn as plain SVG; the script puts zoomable ones in their place.

mod axis;
mod client;
mod figure;
mod followers;
mod frame;
mod parts;
mod payload;
mod provenance;
mod raster;
mod sections;
mod summary;
mod tables;

use super::format::{day, plain, span};
use super::headline::headline;
use crate::render::forms;
use crate::report::AuditReport;
use assay_model::TimeQuality;
use base64::{Engine, engine::general_purpose::STANDARD};
pub use client::{ClientSheet, client_html};
pub(super) use frame::{Frame, framed};
use maud::{DOCTYPE, Markup, PreEscaped, html};
pub use parts::{AuditParts, audit_parts};
use payload::{Payload, payload, shades};
pub(crate) use sections::code;
use sha2::{Digest, Sha256};
use std::io::{self, Write};
use summary::prepared;

/// Chart.js 4.5.1, as its makers published it (MIT); a test pins its hash.
pub(crate) const CHART_JS: &str = rustlavel_chart::plugin::CHART_JS;
/// Draws the follower map and growth by Chart.js.
pub(crate) const PAGE_JS: &str = include_str!("page.js");
/// The look of the page, light and dark, on screen and on paper.
pub(crate) const PAGE_CSS: &str = include_str!("page.css");

/// What stands on the first sheet beside the report: who made it and when, as far as its maker says so.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Cover {
    /// Who prepared the page.
    pub by: Option<String>,
    /// The day of it. It is never read off a clock: the same inputs give the same page.
    pub on: Option<jiff::civil::Date>,
    /// Their sign, as the address of a picture that holds itself (`data:image/png;base64,…`).
    pub logo: Option<String>,
}

/// Writes the report as one self-contained page that loads nothing and runs no script but its own.
///
/// Costs O(n) in followers; the page takes about 3 MB a million followers.
///
/// # Errors
/// When `out` cannot be written to.
pub fn html(report: &AuditReport, cover: &Cover, mut out: impl Write) -> io::Result<()> {
    out.write_all(page(report, cover).0.as_bytes())?;
    out.flush()
}

fn page(report: &AuditReport, cover: &Cover) -> Markup {
    let headline = headline(report);
    let data = payload(report);
    let shades = shades(report);
    let handle = report.page.facts.handle.as_deref().map(plain);
    let about = handle.as_deref().map_or("this page".to_owned(), |h| format!("@{}", h.trim_start_matches('@')));
    let charts = data.points.is_some() || !report.growth.is_empty();
    html! {
        (DOCTYPE)
        html lang="en" data-numbers=[forms::number_tag()] data-dates=[forms::date_pattern()] {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy(charts));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(concat!("assay ", env!("CARGO_PKG_VERSION")));
                title { "Audience report on " (about) }
                style { (PreEscaped(PAGE_CSS)) }
            }
            body {
                a.skip href="#report" { "Skip to the report" }
                header.top {
                    @if let Some(logo) = &cover.logo { img.logo src=(logo) alt=(cover.by.as_deref().unwrap_or("sign of who prepared this")); }
                    p.brand { span.mark aria-hidden="true" {} "assay" span.kind { " audience report" } }
                    p.subject {
                        @if handle.is_some() { strong { bdi { (about) } } }
                        @if let Some(window) = report.window { span { (span(window, TimeQuality::Day)) } }
                        @if let Some(at) = report.page.facts.exported_at { span { "exported " (day(at)) } }
                    }
                }
                main #report {
                    (summary::summary(report, &headline, cover))
                    (contents(report))
                    (sections::shares(report))
                    (sections::map(report, data.points.as_ref(), &shades))
                    (sections::growth(report, &shades))
                    (sections::batches(report))
                    (sections::spikes(report))
                    (followers::followers(report))
                    @if let Some(metrics) = &report.metrics { (super::metrics::within(metrics)) }
                    (sections::next(report))
                    (provenance::method(report))
                    (provenance::inputs(report))
                    (provenance::rejects(report))
                }
                footer {
                    p { "A verdict is a probability with its evidence, not a proof. “Consistent with bought followers” says what arrived and when, never who paid for it. Inactive is not fake." }
                    p { "Made by assay " (env!("CARGO_PKG_VERSION")) " with seed " (report.seed.0) ". This page is complete in itself: it loads nothing and sends nothing." }
                }
                @if charts { (scripts(&data)) }
            }
        }
    }
}

/// Where the parts of the page are.
fn contents(report: &AuditReport) -> Markup {
    let v = &report.verdicts;
    let listed = !report.page.audience.is_empty();
    let drawn = listed || !report.page.daily.is_empty();
    let parts = [
        ("shares", "Shares", listed),
        ("map", "Follower map", listed),
        ("growth", "Growth", drawn),
        ("batches", "Batches", !v.batches.is_empty()),
        ("bursts", "Bursts", !v.spikes.is_empty()),
        ("method", "Method and limits", true),
        ("inputs", "Inputs", true),
    ];
    html! {
        nav.contents aria-label="Parts of the report" {
            ul {
                @for (id, name, _) in parts[..5].iter().filter(|part| part.2) { li { a href=(format!("#{id}")) { (name) } } }
                @for (id, name) in report.metrics.iter().flat_map(|m| super::metrics::parts_within(m)) { li { a href=(format!("#{id}")) { (name) } } }
                @for (id, name, _) in &parts[5..] { li { a href=(format!("#{id}")) { (name) } } }
            }
        }
    }
}

fn scripts(data: &Payload) -> Markup {
    html! {
        script #assay-data type="application/json" { (PreEscaped(&data.json)) }
        @if let Some(points) = &data.points {
            script #assay-levels type="application/octet-stream" { (PreEscaped(points.levels_base64())) }
            script #assay-classes type="application/octet-stream" { (PreEscaped(points.classes_base64())) }
        }
        script { (PreEscaped(CHART_JS)) }
        script { (PreEscaped(PAGE_JS)) }
    }
}

/// The content security policy: nothing from anywhere, but the scripts and the style of the page itself, by their hashes,
/// and pictures inside the page.
pub(super) fn policy(charts: bool) -> String {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let scripts = if charts { format!("{} {}", hash(CHART_JS), hash(PAGE_JS)) } else { "'none'".to_owned() };
    let style = hash(PAGE_CSS);
    format!(
        "default-src 'none'; script-src {scripts}; style-src {style}; img-src data:; base-uri 'none'; form-action 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::{CHART_JS, Cover, PAGE_CSS, PAGE_JS, html, policy};
    use crate::render::fixture;
    use base64::{Engine, engine::general_purpose::STANDARD};
    use sha2::{Digest, Sha256};

    fn page(report: &crate::report::AuditReport) -> String {
        let mut out = Vec::new();
        html(report, &Cover::default(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    /// The contents of every element of that name, with its opening tag.
    fn elements<'a>(page: &'a str, name: &str) -> Vec<(&'a str, &'a str)> {
        page.split(&format!("<{name}"))
            .skip(1)
            .filter_map(|rest| rest.split(&format!("</{name}>")).next()?.split_once('>'))
            .collect()
    }

    #[test]
    fn every_script_and_style_is_named_by_its_hash_and_nothing_else_may_run() {
        for report in [fixture::one_batch(), fixture::counts_only(), fixture::empty(), fixture::hostile()] {
            let page = page(&report);
            let policy = elements(&page, "head")[0].1.split("Content-Security-Policy\" content=\"").nth(1).unwrap();
            let policy = policy.split('"').next().unwrap();
            let hash = |text: &str| STANDARD.encode(Sha256::digest(text));
            let runs: Vec<_> =
                elements(&page, "script").into_iter().filter(|(tag, _)| !tag.contains("application/")).collect();
            assert!(runs.iter().all(|(_, text)| policy.contains(&hash(text))), "{policy}");
            assert!(elements(&page, "style").iter().all(|(_, text)| policy.contains(&hash(text))), "{policy}");
            assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
            assert!(
                !page.contains(" style=\"") && !page.contains(" onclick"),
                "a style or handler in an attribute is refused"
            );
        }
    }

    #[test]
    fn the_chart_library_is_the_published_one_and_makes_no_code_of_text() {
        let sha256 = STANDARD.encode(Sha256::digest(CHART_JS));
        // `openssl dgst -sha256 -binary dist/chart.umd.js | base64` in the npm package chart.js 4.5.1.
        assert_eq!(sha256, "7MPNHuuMNNIXjj9Z/WPsWj2ENYwRcwrwuZWNyIbXZSo=");
        for script in [CHART_JS, PAGE_JS] {
            assert!(["eval(", "new Function", "</script", "<!--"].iter().all(|bad| !script.contains(bad)));
        }
        assert!(!PAGE_CSS.contains("url(") && !PAGE_CSS.contains("@import"));
    }

    #[test]
    fn nothing_is_loaded_from_elsewhere() {
        let page = page(&fixture::one_batch()).replace(CHART_JS, "");
        assert!(["src=\"http", "href=\"http", "src=\"//", "<link"].iter().all(|bad| !page.contains(bad)));
        assert!(policy(false).contains("script-src 'none'"));
    }

    #[test]
    fn hostile_names_stay_text() {
        let page = page(&fixture::hostile()).replace(CHART_JS, "");
        assert!(!page.contains("<img") && !page.contains("alert(1)</script>"));
        assert!(!page.contains('\u{202e}'));
        assert_eq!(elements(&page, "script").len(), 5);
        assert!(page.contains("&lt;/script&gt;"));
    }

    #[test]
    fn every_page_has_its_landmarks_one_title_and_the_verdict_in_words() {
        for report in
            [fixture::one_batch(), fixture::counts_only(), fixture::empty(), fixture::hostile(), fixture::untold()]
        {
            let page = page(&report).replace(CHART_JS, "");
            for landmark in ["<main", "<header", "<footer", "<html lang=\"en\"", "<title>"] {
                assert_eq!(page.matches(landmark).count(), 1, "{landmark}");
            }
            assert_eq!(page.matches("<h1").count(), 1);
            assert!(page.contains(crate::render::headline(&report).tone.label()));
            assert!(page.contains("What this means") && page.contains("What to do"));
            // Every link within the page leads somewhere.
            for target in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
                assert!(page.contains(&format!("id=\"{target}\"")), "{target}");
            }
        }
    }
}
