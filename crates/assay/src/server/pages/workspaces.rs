//! The first page of all: the workspaces somebody may see, one line each, for an agency; with a single one, that one.

use super::super::access::{Access, Role, Who, visible};
use super::super::problem::Problem;
use super::super::views::MetricsAsked;
use super::super::{Shared, shelf::Told};
use super::layout::{Sheet, bare};
use super::{Fields, Visit, field};
use crate::render::format::{count, day, percent, percent_range};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use maud::{Markup, html};

/// Shows the workspaces, or goes to the only one.
pub fn front(server: &Shared, who: &Who, query: &Fields) -> Result<Response, Problem> {
    let seen = visible(server, who)?;
    if let ([(shelf, _)], None) = (&seen[..], &server.folder) {
        return Ok(Redirect::to(&format!("/w/{}", shelf.name)).into_response());
    }
    let mut rows = Vec::new();
    for (shelf, role) in seen {
        let visit = Visit { server: server.clone(), shelf, who: who.clone(), role, query: query.clone() };
        rows.push(row(&visit)?);
    }
    let may_add = server.folder.is_some() && may_create(server, who)?;
    let body = html! {
        section aria-labelledby="pages" {
            h1 #pages { "Your pages" }
            @if rows.is_empty() { p.lead { "There is no workspace yet that you may see. A workspace holds one business: its followers, posts, orders." } }
            @else {
                div.scroll tabindex="0" role="group" aria-labelledby="pages" {
                    table {
                        thead { tr { th scope="col" { "Workspace" } th scope="col" { "Page" } th.number scope="col" { "Followers" } th scope="col" { "Genuine" } th scope="col" { "Inauthentic" } th.number scope="col" { "Active, 28 days" } th.number scope="col" { "Revenue" } th scope="col" { "Last import" } } }
                        tbody { @for r in rows { (r) } }
                    }
                }
            }
            @if may_add {
                form.line method="post" action="/" {
                    label for="new" { "New workspace" }
                    input #new name="name" required pattern="[A-Za-z0-9_\\-]+" placeholder="northlight-coffee" maxlength="60";
                    button type="submit" { "Make it" }
                }
            }
        }
    };
    Ok(Html(bare(&Sheet::new("Your pages", body)).into_string()).into_response())
}

/// Whoever owns something everywhere may make a workspace.
fn may_create(server: &Shared, who: &Who) -> Result<bool, Problem> {
    let (Access::Accounts(accounts), Some(name)) = (&server.access, who.account()) else { return Ok(true) };
    let roles = accounts.with(|r| r.roles(name))?;
    let most = if let Who::Token { most, .. } = who { *most } else { Role::Owner };
    Ok(most == Role::Owner && roles.iter().any(|(of, role)| of == "*" && role == Role::Owner.name()))
}

/// Makes a workspace and goes there.
pub fn create(server: &Shared, who: &Who, form: &Fields) -> Result<Response, Problem> {
    let shelf = make(server, who, field(form, "name").unwrap_or(""))?;
    Ok(Redirect::to(&format!("/w/{}", shelf.name)).into_response())
}

/// Makes a workspace, if this one may.
pub fn make(server: &Shared, who: &Who, name: &str) -> Result<std::sync::Arc<super::super::shelf::Shelf>, Problem> {
    if !may_create(server, who)? {
        return Err(Problem::forbidden("expected an owner of all workspaces"));
    }
    server.add_shelf(name)
}

fn row(visit: &Visit) -> Result<Markup, Problem> {
    let name = &visit.shelf.name;
    if !visit.shelf.exists() {
        return Ok(
            html! { tr { th scope="row" { a href=(visit.to("")) { (name) } } td.untold colspan="7" { "nothing imported yet" } } },
        );
    }
    let last = visit
        .shelf
        .read(|store| Ok(store.imports()?.iter().filter(|i| i.undone_at.is_none()).map(|i| i.imported_at).max()))?;
    let audits = visit.shelf.read(|store| Ok(store.audits()?))?;
    let pages = visit.pages()?;
    let metrics = visit.metrics(MetricsAsked::default())?;
    let of = |id: &str| match &metrics {
        Told::Ready { value, .. } => value.said(id).and_then(Result::ok).unwrap_or_else(|| "–".to_owned()),
        _ => "…".to_owned(),
    };
    let money = [of("active_audience_28d"), of("revenue")];
    let mut first = true;
    Ok(html! {
        @if pages.is_empty() {
            tr { th scope="row" { a href=(visit.to("")) { (name) } } td.untold colspan="4" { "no follower list" } td.number { (money[0]) } td.number { (money[1]) } td { @if let Some(at) = last { (day(at)) } } }
        }
        @for page in &pages {
            @let audit = audits.iter().rfind(|a| a.page_id == page.id);
            tr {
                th scope="row" { a href=(visit.to("")) { (name) } }
                td { a href=(format!("{}?page={}", visit.to("audience"), super::url_encoded(page.name.as_deref().unwrap_or("")))) { bdi { (page.name.as_deref().unwrap_or("a page without a name")) } } }
                td.number { @match audit { Some(a) => (count(a.n_followers)), None => "…" } }
                td { @match audit.and_then(|a| a.genuine.map(|g| (g, a.confidence))) { Some((g, c)) => (range(g, c)), None => "–" } }
                td { @match audit.and_then(|a| a.inauthentic.map(|g| (g, a.confidence))) { Some((g, c)) => (range(g, c)), None => "–" } }
                @if std::mem::take(&mut first) { td.number rowspan=(pages.len()) { (money[0]) } td.number rowspan=(pages.len()) { (money[1]) } td rowspan=(pages.len()) { @if let Some(at) = last { (day(at)) } } }
            }
        }
    })
}

fn range((point, low, high): (f64, f64, f64), confidence: f64) -> Markup {
    let estimate = assay_math::Estimate { point, low, high, confidence };
    html! { (percent(point)) " " span.note { (percent_range(&estimate)) } }
}
