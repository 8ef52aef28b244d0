//! The first page of all: the workspaces somebody may see, one line each, for an agency; with a single one, that one.

use super::super::Shared;
use super::super::access::{Access, Role, Who, visible};
use super::super::problem::Problem;
use super::super::shelf::{Shelf, Told};
use super::layout::{Sheet, bare};
use super::{Fields, Visit, field};
use crate::pipeline::workspace;
use crate::render::format::{count, day, percent, percent_range, plain};
use assay_model::Outcome;
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
        rows.push(visit.rendered(row)?);
    }
    let may_add = server.folder.is_some() && may_create(server, who)?;
    let body = html! {
        section aria-labelledby="pages" {
            h1 #pages { "Your pages" }
            @if rows.is_empty() { p.lead { "There is no workspace yet that you may see. A workspace holds one business: its followers, posts, orders." } }
            @else {
                div.scroll tabindex="0" role="group" aria-labelledby="pages" {
                    table {
                        thead { tr { th scope="col" { "Workspace" } th scope="col" { "Page" } th.number scope="col" { "Followers" } th scope="col" { "Genuine" } th.number scope="col" { "Active, 28 days" } th.number scope="col" { "Engaged" } th.number scope="col" { "Revenue" } th scope="col" { "Last import" } } }
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
pub fn make(server: &Shared, who: &Who, name: &str) -> Result<std::sync::Arc<Shelf>, Problem> {
    if !may_create(server, who)? {
        return Err(Problem::forbidden("expected an owner of all workspaces"));
    }
    server.add_shelf(name)
}

fn row(visit: &Visit) -> Result<Markup, Problem> {
    let name = &visit.shelf.name;
    let link = || html! { th scope="row" { a href=(visit.to("")) { (name) } } };
    if !visit.shelf.exists() {
        return Ok(html! { tr { (link()) td.untold colspan="7" { "nothing imported yet" } } });
    }
    // The table tells what audits said: those that were never made are begun.
    for page in visit.pages()? {
        visit.audit(&page)?;
    }
    let newest = visit.shelf.read(|store| Ok(store.audits()?.iter().map(|a| a.id).max().unwrap_or(0)))?;
    let told = visit.shelf.ask(&visit.server.jobs, Shelf::lines, newest, "a line of the table", |path, watch| {
        workspace::told(&workspace::read_workspace(path)?, watch)
    })?;
    let told = match told {
        Told::Ready { value, .. } => value,
        Told::Working(job) => {
            return Ok(html! { tr { (link()) td.untold colspan="7" { "being worked out: " (job.what) } } });
        }
        Told::Failed { message, .. } => {
            return Ok(html! { tr { (link()) td.untold colspan="7" { (plain(&message)) } } });
        }
    };
    let n = told.pages.len().max(1);
    let money = match &told.revenue {
        Outcome::Found(figure) => metric_value(figure),
        Outcome::Abstained(_) => "–".to_owned(),
    };
    let whole = |n: &Outcome<f64>| n.found().map_or_else(|| "–".to_owned(), |n| count(*n as u64));
    let last = || html! { td.number rowspan=(n) { (money) } td rowspan=(n) { @if let Some(at) = told.last_import { (day(at)) } } };
    Ok(html! {
        @if told.pages.is_empty() { tr { (link()) td.untold colspan="5" { "no page" } (last()) } }
        @for (i, page) in told.pages.iter().enumerate() {
            tr {
                (link())
                @let asked = format!("?page={}", super::url_encoded(page.page.as_deref().unwrap_or("")));
                td {
                    a href=(format!("{}{asked}", visit.to("audience"))) { bdi { (plain(page.page.as_deref().unwrap_or("a page without a name"))) } }
                    " · " a href=(format!("{}/{}{asked}", visit.to("home/file"), super::client::NAME)) { "report" }
                }
                td.number { @match page.followers { Some((n, _)) => (count(n)), None => "–" } }
                td { @match &page.genuine { Outcome::Found(e) => { (percent(e.point)) " " span.note { (percent_range(e)) } } Outcome::Abstained(_) => "–" } }
                td.number { (whole(&page.active_28d)) }
                td.number { (whole(&page.engaged)) }
                @if i == 0 { (last()) }
            }
        }
    })
}

/// A sum of money as the metrics' page writes it.
fn metric_value(figure: &assay_metrics::Figure) -> String {
    assay_metrics::by_id("revenue").map_or_else(String::new, |metric| crate::render::metric_value(figure, metric))
}
