//! The first page of a workspace: the number that matters instead of followers, what changed, and what to do.

use super::layout::{Sheet, awaited, chooser, drop_zone, progress, stale};
use super::{Area, Visit, client, url_encoded};
use crate::render::ClientSheet;
use crate::render::format::{count, counted, day, percent, percent_range, plain, sentence};
use crate::server::problem::Problem;
use crate::server::shelf::Told;
use crate::server::views::{AuditView, MetricsAsked, MetricsView};
use assay_model::{Outcome, Share};
use assay_store::Course;
use maud::{Markup, html};
use std::io::Write;

/// The area.
pub const AREA: Area = Area { id: "", name: "Home", show, actions: &[], files: &[client::file(sheet)] };

/// Imports that are named as what changed.
const IMPORTS_SHOWN: usize = 5;

fn show(visit: &Visit) -> Result<Sheet, Problem> {
    let pages = visit.pages()?;
    let is_empty =
        !visit.shelf.exists() || visit.shelf.read(|store| Ok(store.imports()?.iter().all(|i| i.files.is_empty())))?;
    if is_empty {
        return Ok(welcome(visit));
    }
    let page = visit.page()?;
    let audit = page.as_ref().map(|p| visit.audit(p)).transpose()?;
    let metrics = visit.metrics(MetricsAsked::default())?;
    let name = page.as_ref().and_then(|p| p.name.clone());
    let body = html! {
        (chooser(visit, "", name.as_deref())?)
        @if let Some(audit) = &audit { (stale(audit)) }
        (numbers(audit.as_ref(), &metrics))
        p.tools-line { a href=(visit.to("audience")) { "The audience" } " · " a href=(visit.to("batches")) { "batches" } " · " a href=(visit.to("metrics")) { "all metrics" } }
        div.columns {
            (changed(visit, audit.as_ref())?)
            (to_do(visit, audit.as_ref(), name.as_deref())?)
        }
        section aria-labelledby="more" {
            h2 #more { "Bring in more" }
            (drop_zone(visit))
        }
    };
    let title = name.clone().unwrap_or_else(|| visit.shelf.name.clone());
    let mut sheet = Sheet::new(if pages.len() > 1 { format!("Home, {title}") } else { title }, body);
    sheet.waits_for = audit.as_ref().and_then(awaited).or_else(|| awaited(&metrics));
    Ok(sheet)
}

fn welcome(visit: &Visit) -> Sheet {
    let working: Vec<_> =
        visit.server.jobs.of(&visit.shelf.name).into_iter().filter(|j| !j.state().has_ended()).collect();
    let body = html! {
        section.welcome aria-labelledby="welcome" {
            h1 #welcome { "Is your audience real, and what is it worth?" }
            p.lead { "Ask the platform for a copy of your data (Settings, Download your information), and drop here what it sends: a zip, JSON or CSV. The follower list alone is enough for a first verdict; posts, advertising and orders tell what the audience is worth." }
            @for job in &working { (progress(job)) }
            (drop_zone(visit))
        }
    };
    let mut sheet = Sheet::new("Welcome", body);
    sheet.waits_for = working.first().map(|j| j.id.clone());
    sheet
}

/// A share with its interval, as a number of followers.
fn share(name: &str, share: &Share, n: u64) -> Markup {
    html! {
        div {
            dt { (name) }
            @match share {
                Outcome::Found(e) => {
                    dd.value { (count((e.point * n as f64).round() as u64)) }
                    dd.note { (percent(e.point)) ", " (percent_range(e)) " at " (percent(e.confidence)) }
                }
                Outcome::Abstained(why) => { dd.value.untold { "cannot say" } dd.note { (sentence(&plain(&why.why))) " Would settle it: " (plain(&why.would_settle)) "." } }
            }
        }
    }
}

fn numbers(audit: Option<&Told<AuditView>>, metrics: &Told<MetricsView>) -> Markup {
    let view = audit.and_then(Told::value);
    let tone = view.map_or("untold", |v| match v.parts.headline.tone {
        crate::render::Tone::Found => "found",
        crate::render::Tone::Open => "open",
        crate::render::Tone::Clear => "clear",
        crate::render::Tone::Untold => "untold",
    });
    html! {
        section class=(format!("verdict {tone}")) aria-labelledby="verdict" {
            @match (audit, view) {
                (_, Some(v)) => {
                    p.tone { (v.parts.headline.tone.label()) }
                    h1 #verdict { (v.parts.headline.sentence) }
                    @if let Some(caveat) = &v.parts.headline.caveat { p.caveat { (caveat) } }
                }
                (Some(Told::Working(job)), None) => { h1 #verdict { "Looking at your audience" } (progress(job)) }
                (Some(Told::Failed { message, hint }), None) => { h1 #verdict { "Cannot say" } p.lead { (sentence(&plain(message))) @if let Some(h) = hint { " " (sentence(&plain(h))) } } }
                _ => { h1 #verdict { "No follower list yet" } p.lead { "Metrics are told of what was imported; a follower list would tell who is real." } }
            }
            dl.figures {
                @if let Some(v) = view {
                    (share("Genuine followers", &v.genuine, v.n_followers))
                    div { dt { "Followers (vanity)" } dd.value.vanity { (count(v.n_followers)) } dd.note { "what the page shows to everybody" } }
                }
                @for (id, name) in [("active_audience_28d", "Active audience, 28 days"), ("customers", "Customers"), ("revenue", "Revenue")] {
                    div {
                        dt { (name) }
                        @match metrics {
                            Told::Ready { value, .. } => @match value.said(id) {
                                Some(Ok(said)) => { dd.value { (said) } }
                                Some(Err(why)) => { dd.value.untold { "cannot say" } dd.note { (sentence(&plain(&why))) } }
                                None => { dd.value.untold { "–" } }
                            },
                            Told::Working(_) => { dd.value.untold { "…" } dd.note { "being worked out" } }
                            Told::Failed { message, .. } => { dd.value.untold { "cannot say" } dd.note { (sentence(&plain(message))) } }
                        }
                    }
                }
            }
        }
    }
}

/// The one page that tells a client how the account stands.
fn sheet(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    let page = visit.page()?;
    let audit = page.as_ref().map(|p| visit.audit(p)).transpose()?;
    let metrics = visit.metrics(MetricsAsked::default())?;
    let view = audit.map(Told::ready).transpose()?;
    let told = Told::Ready { value: metrics.ready()?, newer: None };
    let audit = view.clone().map(|value| Told::Ready { value, newer: None });
    client::put(visit, out, |visit| {
        let steps = view.as_ref().map(|v| &v.steps[..]).unwrap_or_default();
        Ok(ClientSheet {
            title: "How the account stands",
            kind: "summary",
            subject: &visit.shelf.name,
            body: html! {
                (numbers(audit.as_ref(), &told))
                section aria-labelledby="changed" {
                    h2 #changed { "What changed" }
                    ul.plain { (changes(visit, audit.as_ref())?) }
                }
                @if !steps.is_empty() { section aria-labelledby="do" { h2 #do { "What to do" } ol.plain { @for step in steps.iter().take(4) { li { (crate::render::code(step)) } } } } }
            },
            method: &[
                "each follower is judged by when they came, by what their account shows and by what they did; the shares count those probabilities, and their interval holds the truth as often as it says",
                "a verdict says what came and when, never who paid for it; inactive is not fake",
                "active and engaged people, customers and revenue are counted from the rows that were imported, over the days that all of them cover",
            ],
        })
    })
}

fn changed(visit: &Visit, audit: Option<&Told<AuditView>>) -> Result<Markup, Problem> {
    Ok(html! {
        section aria-labelledby="changed" {
            h2 #changed { "What changed" }
            ul.plain { (changes(visit, audit)?) }
            p.below { a href=(visit.to("imports")) { "All imports" } }
        }
    })
}

/// Who came and went, and the last imports.
fn changes(visit: &Visit, audit: Option<&Told<AuditView>>) -> Result<Markup, Problem> {
    let imports = visit.shelf.read(|store| Ok(store.imports()?))?;
    let changes = audit.and_then(Told::value).map(|v| v.changes.clone()).unwrap_or_default();
    Ok(html! {
                @for c in changes.iter().rev().take(3) {
                    li {
                        "From " (day(c.after)) " to " (day(c.by)) ": " (count(c.n_gained)) " came, " (count(c.n_lost)) " went"
                        @if let Some(n) = c.n_lost_inauthentic.filter(|n| *n > 0) { ", " (count(n)) " of whom looked inauthentic" }
                        "."
                    }
                }
                @for i in imports.iter().rev().take(IMPORTS_SHOWN) {
                    li {
                        (day(i.imported_at)) ": "
                        @if i.undone_at.is_some() { "an import that was taken back" } @else { (counted(i.files.len() as u64, "file", "files")) " imported, " (counted(i.n_facts.max(0) as u64, "fact", "facts")) }
                        "."
                    }
                }
    })
}

fn to_do(visit: &Visit, audit: Option<&Told<AuditView>>, page: Option<&str>) -> Result<Markup, Problem> {
    let view = audit.and_then(Told::value);
    let experiments = visit.shelf.read(|store| Ok(store.experiments()?))?;
    let tests = (
        experiments.len(),
        experiments.iter().filter(|e| e.decisions.last().is_none_or(|d| d.course == Course::GoOn)).count(),
    );
    let at = page.map(|p| format!("?page={}", url_encoded(p))).unwrap_or_default();
    Ok(html! {
        section aria-labelledby="do" {
            h2 #do { "What to do" }
            ol.plain {
                @if let Some(v) = view {
                    @if !v.batches.is_empty() { li { "Look at " a href=(format!("{}{at}", visit.to("batches"))) { (counted(v.batches.len() as u64, "batch", "batches")) } " consistent with bought followers, and decide what to remove." } }
                    @if v.n_unexplained > 0 { li { (counted(v.n_unexplained, "burst has", "bursts have")) " no explanation: if something ran then, import what tells of it." } }
                    @for step in v.steps.iter().take(4) { li { (crate::render::code(step)) } }
                } @else { li { "Import a follower list." } }
                @match tests {
                    (0, _) => li { "Before you pay for promotion, ask " a href=(format!("{}#plan", visit.to("experiments"))) { "what a test could find out" } "." },
                    (_, 0) => {},
                    (_, open) => li { a href=(visit.to("experiments")) { (counted(open as u64, "experiment awaits", "experiments await")) } " a reading or a decision." },
                }
            }
        }
    })
}
