//! Workspaces and their pages.

use super::super::Shared;
use super::super::access::{In, Viewer, Visitor, visible};
use super::super::lanes::{off, off_writing};
use super::super::pages::make_workspace;
use super::super::problem::Problem;
use super::{Listed, once, visit};
use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// A workspace: one business.
#[derive(Debug, Serialize, ToSchema)]
pub struct WorkspaceEntry {
    /// Its name in addresses.
    pub name: String,
    /// What you may do there: `viewer`, `editor` or `owner`.
    pub role: String,
    /// Whether anything was ever imported.
    pub exists: bool,
}

/// A workspace to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWorkspace {
    /// Letters, digits, `-` and `_`.
    #[schema(pattern = "^[A-Za-z0-9_-]{1,60}$")]
    pub name: String,
}

/// A page of a network.
#[derive(Debug, Serialize, ToSchema)]
pub struct PageEntry {
    /// Its number.
    pub id: i64,
    /// `network/handle`, as far as known.
    pub name: Option<String>,
    /// Its network.
    pub network: String,
    /// Its handle.
    pub handle: String,
}

/// The workspaces that you may see.
#[utoipa::path(get, path = "/api/v1/workspaces", tag = "workspaces",
    responses((status = 200, body = Listed<WorkspaceEntry>), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn list(State(server): State<Shared>, visitor: Visitor) -> Result<Json<Listed<WorkspaceEntry>>, Problem> {
    off(move || {
        let seen = visible(&server, &visitor.who)?;
        let entry = |(shelf, role): (std::sync::Arc<super::super::shelf::Shelf>, super::super::access::Role)| {
            WorkspaceEntry { name: shelf.name.clone(), role: role.name().to_owned(), exists: shelf.exists() }
        };
        Ok(Json(Listed { items: seen.into_iter().map(entry).collect(), next_cursor: None }))
    })
    .await
}

/// Makes a workspace, where the server has a folder of them.
#[utoipa::path(post, path = "/api/v1/workspaces", tag = "workspaces", request_body = NewWorkspace,
    params(("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 200, pattern = "^[!-~]+$", description = "The same key with the same content is done once")),
    responses((status = 201, body = WorkspaceEntry), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn create(
    State(server): State<Shared>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Result<Json<NewWorkspace>, axum::extract::rejection::JsonRejection>,
) -> Result<Response, Problem> {
    let Json(new) = body.map_err(|e| unread(&e))?;
    off_writing(move || {
        let key = once::key(&headers, &visitor.who, "workspaces")?;
        let name = if let Some(name) = server.once.answered(key.as_deref(), &new.name)? {
            name
        } else {
            let shelf = make_workspace(&server, &visitor.who, &new.name)?;
            server.once.remember(key, &new.name, &shelf.name);
            shelf.name.clone()
        };
        let entry = WorkspaceEntry { name, role: "owner".to_owned(), exists: true };
        Ok((StatusCode::CREATED, Json(entry)).into_response())
    })
    .await
}

/// What a body that cannot be read is answered.
pub fn unread(error: &axum::extract::rejection::JsonRejection) -> Problem {
    Problem::new(
        error.status(),
        format!("expected JSON as the OpenAPI describes it: {}", error.body_text()),
        "see /api/v1/openapi.json",
    )
}

/// The pages that a workspace knows.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/pages", tag = "workspaces", params(("workspace" = String, Path)),
    responses((status = 200, body = Listed<PageEntry>), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn pages(
    State(server): State<Shared>,
    inside: In<Viewer>,
    Path(_): Path<String>,
) -> Result<Json<Listed<PageEntry>>, Problem> {
    off(move || {
        let pages = visit(server, inside, Vec::new()).pages()?;
        let entry =
            |p: assay_store::PageEntry| PageEntry { id: p.id, name: p.name, network: p.network, handle: p.handle };
        Ok(Json(Listed { items: pages.into_iter().map(entry).collect(), next_cursor: None }))
    })
    .await
}

/// The routes.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(pages))
}
