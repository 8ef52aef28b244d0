//! What people see. An area is a file here and a line of [`AREAS`]: it says what it shows, what may be done there and by whom,
//! and what may be taken away. Pages work without scripts; scripts make them quicker.

mod audience;
mod batches;
pub mod client;
mod experiments;
mod follower;
mod home;
mod imports;
pub mod layout;
mod metrics;
mod people;
mod reach;
mod rows;
mod settings;
mod workspaces;

use super::access::{Editor, In, Role, Viewer, Visitor, Who, enter};
use super::download::download;
use super::lanes::{off, off_writing};
use super::problem::Problem;
use super::shelf::{Shelf, Told};
use super::views::{AuditView, MetricsAsked, MetricsView};
use super::{Shared, incoming, views};
use crate::report::QueueReport;
use assay_model::Go;
use assay_store::{FactKind, Of};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Form, Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use layout::Sheet;
use std::io::Write;
use std::sync::Arc;

pub use metrics::asked as metrics_asked;
pub use people::asked as queue_asked;
pub use workspaces::make as make_workspace;

/// Fields of an address or of a form, in their order.
pub type Fields = Vec<(String, String)>;

/// Somebody who looks at a page of a workspace.
#[derive(Debug)]
pub struct Visit {
    /// The server.
    pub server: Shared,
    /// The workspace.
    pub shelf: Arc<Shelf>,
    /// Who it is.
    pub who: Who,
    /// What they may do.
    pub role: Role,
    /// What the address asks.
    pub query: Fields,
}

impl Visit {
    /// What the address asks of this name; nothing where it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        field(&self.query, name)
    }

    /// The address of an area of this workspace.
    pub fn to(&self, area: &str) -> String {
        let slash = if area.is_empty() { "" } else { "/" };
        format!("/w/{}{slash}{area}", self.shelf.name)
    }

    /// Renders in the forms of numbers, days and clocks that the workspace says.
    pub fn rendered<T>(&self, render: impl FnOnce(&Self) -> Result<T, Problem>) -> Result<T, Problem> {
        let forms = if self.shelf.exists() {
            self.shelf.read(|store| self.server.fixed.forms_with(&|name| Ok(store.setting(name)?)))?
        } else {
            self.server.fixed.forms.clone()
        };
        forms.during(|| render(self))
    }

    /// The pages of the workspace that have a follower list or daily counts, as they are called.
    pub fn pages(&self) -> Result<Vec<assay_store::PageEntry>, Problem> {
        if !self.shelf.exists() {
            return Ok(Vec::new());
        }
        let pages = self.shelf.read(|store| {
            let listed: Vec<i64> = store.snapshots()?.iter().filter(|s| s.is_current).map(|s| s.page_id).collect();
            let mut pages = store.pages()?;
            if !listed.is_empty() {
                pages.retain(|p| listed.contains(&p.id));
                return Ok(pages);
            }
            let mut counted = Vec::new();
            for page in pages {
                let mut is_counted = false;
                let told = store.facts(FactKind::DayCount, Of::Page(page.id), &mut |_| {
                    is_counted = true;
                    Go::Stop
                });
                match told {
                    Ok(()) | Err(assay_store::StoreError::Stopped) => {}
                    Err(error) => return Err(error.into()),
                }
                if is_counted {
                    counted.push(page);
                }
            }
            Ok(counted)
        })?;
        Ok(pages)
    }

    /// The page that is looked at: the one the address names, or the first.
    pub fn page(&self) -> Result<Option<assay_store::PageEntry>, Problem> {
        self.page_called(self.get("page"))
    }

    /// The page of a name, or the first.
    pub fn page_called(&self, name: Option<&str>) -> Result<Option<assay_store::PageEntry>, Problem> {
        let pages = self.pages()?;
        match name {
            None => Ok(pages.into_iter().next()),
            Some(name) => {
                let found = pages.into_iter().find(|p| p.name.as_deref() == Some(name));
                found.map(Some).ok_or_else(|| Problem::not_found(format!("page called {name}")))
            }
        }
    }

    /// The audit of a page.
    pub fn audit(&self, page: &assay_store::PageEntry) -> Result<Told<AuditView>, Problem> {
        let (fixed, name) = (self.server.fixed.clone(), page.name.clone().unwrap_or_default());
        Ok(self.shelf.ask(&self.server.jobs, Shelf::audits, page.id, "audit", move |path, watch| {
            views::audit(path, &name, &fixed, watch)
        })?)
    }

    /// What is known of a page's reach.
    pub fn reach(&self, page: &assay_store::PageEntry) -> Result<Told<views::ReachView>, Problem> {
        // The share comes from the audit: where there is none yet, it is made first.
        self.audit(page)?;
        let (fixed, own) = (self.server.fixed.clone(), page.clone());
        Ok(self.shelf.ask(&self.server.jobs, Shelf::reaches, page.id, "reach", move |path, watch| {
            views::reach(path, &own, &fixed, watch)
        })?)
    }

    /// The queue of people.
    pub fn queue(&self, mut asked: views::QueueAsked) -> Result<Told<QueueReport>, Problem> {
        asked.decided = self.shelf.read(|store| Ok(store.decided()?))?;
        let key = asked.clone();
        Ok(self.shelf.ask(&self.server.jobs, Shelf::queues, key, "queue of people", move |path, watch| {
            views::queue(path, &asked, watch)
        })?)
    }

    /// The metrics of the workspace.
    pub fn metrics(&self, asked: MetricsAsked) -> Result<Told<MetricsView>, Problem> {
        let (fixed, key) = (self.server.fixed.clone(), asked.clone());
        let mut edition = self.shelf.edition()?;
        if self.shelf.exists() {
            edition += &self.shelf.read(|store| Ok(store.answered()?))?;
        }
        Ok(self.shelf.ask_of(edition, &self.server.jobs, Shelf::metrics, key, "metrics", move |path, watch| {
            views::metrics(path, &asked, &fixed, watch)
        }))
    }
}

/// The first field of this name that is not empty.
pub fn field<'a>(fields: &'a Fields, name: &str) -> Option<&'a str> {
    fields.iter().find(|(n, v)| n == name && !v.trim().is_empty()).map(|(_, v)| v.trim())
}

/// A part of the face, at `/w/WORKSPACE/ID`.
#[derive(Debug)]
pub struct Area {
    /// Its name in addresses; empty for the first.
    pub id: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What it shows.
    pub show: fn(&Visit) -> Result<Sheet, Problem>,
    /// What may be done there.
    pub actions: &'static [Action],
    /// What may be taken away.
    pub files: &'static [File],
}

/// Something that may be done, by a form that is sent to `/w/WORKSPACE/AREA/ID`.
#[derive(Debug)]
pub struct Action {
    /// Its name in addresses.
    pub id: &'static str,
    /// The least role.
    pub needs: Role,
    /// Does it, and answers the address to go on to.
    pub act: fn(&Visit, &Fields) -> Result<String, Problem>,
}

/// A file that may be taken away, at `/w/WORKSPACE/AREA/file/ID`.
#[derive(Debug)]
pub struct File {
    /// Its name in addresses, with its ending.
    pub id: &'static str,
    /// The least role.
    pub needs: Role,
    /// Its media type.
    pub media: &'static str,
    /// Writes it.
    pub write: fn(&Visit, &mut dyn Write) -> Result<(), Problem>,
}

/// The areas, in the order of the menu.
pub static AREAS: &[Area] = &[
    home::AREA,
    audience::AREA,
    batches::AREA,
    metrics::AREA,
    reach::AREA,
    experiments::AREA,
    people::AREA,
    imports::AREA,
    settings::AREA,
];

/// The area of that name.
fn area(id: &str) -> Result<&'static Area, Problem> {
    // The first area has no name in addresses of pages, but its files need one.
    AREAS
        .iter()
        .find(|a| a.id == if id == "home" { "" } else { id })
        .ok_or_else(|| Problem::not_found(format!("page called {id}")))
}

async fn shown(server: Shared, who: Who, workspace: String, id: String, query: Fields) -> Result<Response, Problem> {
    off(move || {
        let (shelf, role) = enter(&server, &who, &workspace, Role::Viewer)?;
        let visit = Visit { server, shelf, who, role, query };
        let area = area(&id)?;
        visit.rendered(|visit| {
            let sheet = (area.show)(visit)?;
            Ok(Html(layout::within(visit, area, &sheet).into_string()).into_response())
        })
    })
    .await
}

async fn front(
    State(server): State<Shared>,
    visitor: Visitor,
    Query(query): Query<Fields>,
) -> Result<Response, Problem> {
    off(move || workspaces::front(&server, &visitor.who, &query)).await
}

async fn create(State(server): State<Shared>, visitor: Visitor, Form(form): Form<Fields>) -> Result<Response, Problem> {
    off_writing(move || workspaces::create(&server, &visitor.who, &form)).await
}

async fn home_of(
    State(server): State<Shared>,
    visitor: Visitor,
    Path(workspace): Path<String>,
    Query(query): Query<Fields>,
) -> Result<Response, Problem> {
    shown(server, visitor.who, workspace, String::new(), query).await
}

async fn area_of(
    State(server): State<Shared>,
    visitor: Visitor,
    Path((workspace, id)): Path<(String, String)>,
    Query(query): Query<Fields>,
) -> Result<Response, Problem> {
    shown(server, visitor.who, workspace, id, query).await
}

async fn act(
    State(server): State<Shared>,
    visitor: Visitor,
    Path((workspace, id, action)): Path<(String, String, String)>,
    Query(query): Query<Fields>,
    Form(form): Form<Fields>,
) -> Result<Response, Problem> {
    off_writing(move || {
        let area = area(&id)?;
        let action = area.actions.iter().find(|a| a.id == action);
        let action = action.ok_or_else(|| Problem::not_found("such action"))?;
        let (shelf, role) = enter(&server, &visitor.who, &workspace, action.needs)?;
        let visit = Visit { server, shelf, who: visitor.who, role, query };
        let next = visit.rendered(|visit| (action.act)(visit, &form))?;
        Ok(Redirect::to(&next).into_response())
    })
    .await
}

async fn file(
    State(server): State<Shared>,
    visitor: Visitor,
    Path((workspace, id, name)): Path<(String, String, String)>,
    Query(query): Query<Fields>,
) -> Result<Response, Problem> {
    let area = area(&id)?;
    let file = area.files.iter().find(|f| f.id == name).ok_or_else(|| Problem::not_found("such file"))?;
    let (visit, called) = off(move || {
        let (shelf, role) = enter(&server, &visitor.who, &workspace, file.needs)?;
        let called = format!("{}-{}-{}", shelf.name, if area.id.is_empty() { "home" } else { area.id }, file.id);
        Ok((Visit { server, shelf, who: visitor.who, role, query }, called))
    })
    .await?;
    Ok(download(&called, file.media, move |out| (file.write)(&visit, out)).await)
}

async fn upload(
    State(server): State<Shared>,
    inside: In<Editor>,
    headers: header::HeaderMap,
    form: incoming::Sent,
) -> Result<Response, Problem> {
    let taken = incoming::take(&server, &inside.shelf, &inside.who, &headers, form).await?;
    let job = incoming::begin(&server, &inside.shelf, taken);
    Ok(Redirect::to(&format!("/w/{}/imports?job={}", inside.shelf.name, job.id)).into_response())
}

async fn read_table(
    State(server): State<Shared>,
    inside: In<Editor>,
    headers: header::HeaderMap,
    form: incoming::Sent,
) -> Result<Response, Problem> {
    let taken = crate::server::experiments::take(&server, &inside, &headers, form).await?;
    let name = taken.experiment().unwrap_or_default().to_owned();
    let job = incoming::begin(&server, &inside.shelf, taken);
    let place = format!("/w/{}/experiments?name={}&job={}", inside.shelf.name, url_encoded(&name), job.id);
    Ok(Redirect::to(&place).into_response())
}

async fn one_follower(
    State(server): State<Shared>,
    inside: In<Viewer>,
    Path((_, rank)): Path<(String, i64)>,
    Query(query): Query<Fields>,
) -> Result<Response, Problem> {
    off(move || {
        let visit = Visit { server, shelf: inside.shelf, who: inside.who, role: inside.role, query };
        visit.rendered(|visit| {
            let sheet = follower::show(visit, rank)?;
            Ok(Html(layout::within(visit, &audience::AREA, &sheet).into_string()).into_response())
        })
    })
    .await
}

/// The routes of the pages.
pub fn router(server: &Shared) -> Router<Shared> {
    let most = usize::try_from(server.upload_max).unwrap_or(usize::MAX).saturating_add(1 << 20);
    Router::new()
        .route("/", get(front).post(create))
        .route("/w/{workspace}", get(home_of))
        .route("/w/{workspace}/", get(home_of))
        .route("/w/{workspace}/{area}", get(area_of))
        .route("/w/{workspace}/audience/of/{rank}", get(one_follower))
        .route("/w/{workspace}/imports/upload", post(upload).layer(DefaultBodyLimit::max(most)))
        .route("/w/{workspace}/experiments/read", post(read_table).layer(DefaultBodyLimit::max(most)))
        .route("/w/{workspace}/{area}/{action}", post(act))
        .route("/w/{workspace}/{area}/file/{name}", get(file))
}

/// Turns a problem into a page, for those who look at pages; whoever is not signed in is sent to where one signs in.
pub async fn turn(State(_): State<Shared>, request: Request, next: Next) -> Response {
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let is_page = !["/api/", "/assets/", "/healthz", "/readyz"].iter().any(|p| path.starts_with(p));
    let is_get = request.method() == axum::http::Method::GET;
    let is_api = path.starts_with("/api/");
    let before = request.headers().get(header::REFERER).and_then(|r| page_of(r.to_str().ok()?)).map(str::to_owned);
    let response = next.run(request).await;
    let told = response.extensions().get::<Problem>().is_some();
    if is_api && !told && response.status().is_client_error() {
        // What the framework refuses by itself says why as text.
        let status = response.status();
        let text = axum::body::to_bytes(response.into_body(), 4 << 10).await.unwrap_or_default();
        let why = String::from_utf8_lossy(&text).into_owned();
        return Problem::new(status, why, "see /api/v1/openapi.json").into_response();
    }
    let Some(problem) = response.extensions().get::<Problem>().filter(|_| is_page).cloned() else { return response };
    if problem.status == StatusCode::UNAUTHORIZED.as_u16() {
        let back = if is_get { url_encoded(&path) } else { "%2F".to_owned() };
        return Redirect::to(&format!("/sign-in?back={back}")).into_response();
    }
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    parts.headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("text/html; charset=utf-8"));
    let page = layout::bare(&layout::trouble(&problem, before.as_deref())).into_string();
    Response::from_parts(parts, Body::from(page))
}

/// The page of a workspace that an address is of, without who serves it.
fn page_of(address: &str) -> Option<&str> {
    let (_, behind) = address.split_once("://")?;
    behind.find('/').map(|at| &behind[at..]).filter(|path| path.starts_with("/w/"))
}

/// A text as a value in an address.
pub fn url_encoded(text: &str) -> String {
    use std::fmt::Write as _;
    text.bytes().fold(String::new(), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}
