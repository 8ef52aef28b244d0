//! How every page is laid out: head, menu, main part, foot; and what stands in the place of an answer that is still being made.

use super::super::access::{Access, Role};
use super::super::assets;
use super::super::jobs::{Job, State};
use super::super::problem::Problem;
use super::super::shelf::Told;
use super::{AREAS, Area, Visit, client, url_encoded};
use crate::render::format::{count, plain};
use crate::render::forms;
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// What a page shows.
#[derive(Debug)]
pub struct Sheet {
    /// Its title.
    pub title: String,
    /// Its main part.
    pub body: Markup,
    /// Whether it has charts.
    pub charts: bool,
    /// The job that it waits for, so that it is asked for again when that has ended.
    pub waits_for: Option<String>,
}

impl Sheet {
    /// A sheet without charts that waits for nothing.
    pub fn new(title: impl Into<String>, body: Markup) -> Self {
        Self { title: title.into(), body, charts: false, waits_for: None }
    }
}

fn document(sheet: &Sheet, top: &Markup, foot: &Markup, refresh: bool) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" data-numbers=[forms::number_tag()] data-dates=[forms::date_pattern()] {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { (sheet.title) " · assay" }
                link rel="icon" href=(assets::MARK.address());
                link rel="stylesheet" href=(assets::REPORT_STYLE.address());
                link rel="stylesheet" href=(assets::APP_STYLE.address());
                @if refresh { noscript { meta http-equiv="refresh" content="1"; } }
                @if sheet.charts { script defer src=(assets::CHARTS.address()) {} script defer src=(assets::FIGURES.address()) {} }
                script defer src=(assets::APP.address()) {}
            }
            body.app data-job=[sheet.waits_for.as_deref()] {
                a.skip href="#main" { "Skip to the page" }
                (top)
                main #main tabindex="-1" { (sheet.body) (foot) }
                footer {
                    p { "assay " (env!("CARGO_PKG_VERSION")) ". What you see stays on this server: nothing is loaded from elsewhere, nothing is sent." }
                }
            }
        }
    }
}

/// A page outside any workspace.
pub fn bare(sheet: &Sheet) -> Markup {
    let top = html! { header.bar { a.brand href="/" { span.mark aria-hidden="true" {} "assay" } } };
    document(sheet, &top, &html! {}, false)
}

/// A page of a workspace.
pub fn within(visit: &Visit, area: &Area, sheet: &Sheet) -> Markup {
    let page = visit.get("page").map(|p| format!("?page={}", url_encoded(p))).unwrap_or_default();
    let signed_in = matches!(visit.server.access, Access::Accounts(_));
    let top = html! {
        header.bar {
            a.brand href="/" { span.mark aria-hidden="true" {} "assay" }
            span.workspace { a href=(visit.to("")) { (visit.shelf.name) } }
            @if signed_in {
                form.out method="post" action="/sign-out" { span { (visit.who.name()) ", " (visit.role.name()) } button type="submit" { "Sign out" } }
            }
        }
        nav.areas aria-label="Areas" {
            ul { @for a in AREAS { li { a href=(format!("{}{page}", visit.to(a.id))) aria-current=[(a.id == area.id).then_some("page")] { (a.name) } } } }
        }
    };
    let given = area.files.iter().any(|f| f.id == client::NAME) && visit.shelf.exists() && sheet.waits_for.is_none();
    let foot = html! {
        @if given {
            p.tools-line.give {
                a href=(client_address(visit, area)) { "Report for a client" }
                span.note { " one page that names no follower; who prepared it and its sign are set under " a href=(visit.to("settings")) { "Settings" } "." }
                button.quiet.print type="button" data-print="" hidden { "Print this page" }
            }
        }
    };
    document(sheet, &top, &foot, sheet.waits_for.is_some())
}

/// The address of an area's sheet for a client, of what this page is asked for.
fn client_address(visit: &Visit, area: &Area) -> String {
    let id = if area.id.is_empty() { "home" } else { area.id };
    let asked = visit.query.iter().filter(|(name, value)| !value.is_empty() && name != "job" && name != "explain");
    let asked: Vec<String> = asked.map(|(n, v)| format!("{}={}", url_encoded(n), url_encoded(v))).collect();
    format!("{}/file/{}?{}", visit.to(id), client::NAME, asked.join("&"))
}

/// A problem as a page.
///
/// `back` is the page that one came from, if any.
pub fn trouble(problem: &Problem, back: Option<&str>) -> Sheet {
    // What a status means is for programs; whoever looks at a page asked for something that cannot be had as it was asked.
    let title = match problem.status {
        400 | 422 => "This cannot be taken as it is",
        _ => &problem.title,
    };
    let body = html! {
        section.trouble role="alert" {
            h1 { (title) }
            p.lead { (crate::render::format::sentence(&plain(&problem.detail))) }
            @if let Some(hint) = &problem.hint { p { "What to do: " (plain(hint)) "." } }
            p {
                @if let Some(back) = back { a href=(back) { "Back to the page before" } " · " }
                a href="/" { "Back to the start" }
            }
        }
    };
    Sheet::new(title, body)
}

/// How far a job is, in words and as a bar.
pub fn progress(job: &Job) -> Markup {
    let state = job.state();
    html! {
        div.job data-job=(job.id) {
            @match &state {
                State::Waiting => { p { (job.what) ": waits for what is under way" } progress aria-label="progress" {} }
                State::Working { step, done, total } if *total > 0 => {
                    p { (job.what) ": " (step) ", " (done.min(total) * 100 / total) " %" }
                    progress aria-label="progress" max="100" value=(done.min(total) * 100 / total) {}
                }
                State::Working { step, done, .. } => { p { (job.what) ": " (step) @if *done > 0 { ", " (count(*done)) } } progress aria-label="progress" {} }
                State::Done { .. } => { p { (job.what) ": done" } }
                State::Failed { message, hint } => { p.trouble role="alert" { (plain(message)) ". " @if let Some(hint) = hint { (plain(hint)) "." } } }
                State::Stopped => { p { (job.what) ": stopped" } }
            }
        }
    }
}

/// What stands where an answer will be.
pub fn working(job: &Job) -> Sheet {
    let body = html! { section aria-labelledby="working" aria-live="polite" { h1 #working { "Being worked out" } (progress(job)) p.note { "This page shows the answer as soon as it is there." } } };
    Sheet { waits_for: Some(job.id.clone()), ..Sheet::new("Being worked out", body) }
}

/// What stands where an answer will be, or why there is none; nothing where it is there.
pub fn instead<T>(told: &Told<T>) -> Option<Sheet> {
    match told {
        Told::Ready { .. } => None,
        Told::Working(job) => Some(working(job)),
        Told::Failed { message, hint } => {
            let body = html! {
                section.trouble role="alert" {
                    h1 { "Cannot say" }
                    p.lead { (crate::render::format::sentence(&plain(message))) }
                    @if let Some(hint) = hint { p { "What to do: " (plain(hint)) "." } }
                }
            };
            Some(Sheet::new("Cannot say", body))
        }
    }
}

/// Says that what is shown is of before the newest facts, while the new is made.
pub fn stale<T>(told: &Told<T>) -> Markup {
    html! {
        @if let Told::Ready { newer: Some(job), .. } = told {
            aside.stale aria-live="polite" { p { "The facts have changed since this was worked out; the new answer is on its way." } (progress(job)) }
        }
    }
}

/// The job whose end a page with these answers waits for.
pub fn awaited<T>(told: &Told<T>) -> Option<String> {
    told.at_work().map(|job| job.id.clone())
}

/// The pages of a workspace to choose from, where there are several.
pub fn chooser(visit: &Visit, area: &str, chosen: Option<&str>) -> Result<Markup, Problem> {
    let pages = visit.pages()?;
    Ok(html! {
        @if pages.len() > 1 {
            nav.chooser aria-label="Pages" {
                ul {
                    @for name in pages.iter().filter_map(|p| p.name.as_deref()) {
                        li { a href=(format!("{}?page={}", visit.to(area), url_encoded(name))) aria-current=[(Some(name) == chosen).then_some("true")] { bdi { (plain(name)) } } }
                    }
                }
            }
        }
    })
}

/// Where files are dropped or chosen.
pub fn drop_zone(visit: &Visit) -> Markup {
    html! {
        @if visit.role >= Role::Editor {
            form.drop method="post" action=(visit.to("imports/upload")) enctype="multipart/form-data" data-drop="" data-most=(visit.server.upload_max) {
                p.what { "Drop what the platform sent you here" }
                p.note { "A follower export as a zip, JSON or CSV; analytics, advertising reports, orders. Several at once are fine. Nothing leaves this server." }
                label.choose { span.aloud { "Choose files" } input type="file" name="files" multiple required; }
                p.chosen.note hidden {}
                details {
                    summary { "If the files do not say whose they are" }
                    label for="of-page" { "Page" } input #of-page name="page" placeholder="instagram/roastery" pattern="[^/]+/.+";
                    label.check { input type="checkbox" name="with_messages" value="true"; " take direct messages too" }
                }
                button type="submit" { "Import" }
                progress.sending hidden max="100" aria-label="sending" {}
            }
        }
    }
}

/// HTML that was rendered where its answer was made.
pub fn ready(fragment: &str) -> Markup {
    PreEscaped(fragment.to_owned())
}
