//! Imports: handing files in, the ledger, taking back; and forgetting a person.

#![expect(unused_qualifications, reason = "the macro of the descriptions names types by their whole path")]

use super::super::access::{Editor, In, Owner, Viewer};
use super::super::lanes::{off, off_writing};
use super::super::problem::Problem;
use super::super::{Shared, incoming, unknown};
use super::workspaces::unread;
use super::{Listed, begun, jobs::JobState, limit, once};
use crate::pipeline::workspace::now;
use crate::render::format::rfc3339;
use assay_model::Go;
use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

/// An import.
#[derive(Debug, Serialize, ToSchema)]
pub struct ImportEntry {
    /// Its number.
    pub id: i64,
    /// When it was done.
    pub imported_at: String,
    /// How many facts it brought.
    pub n_facts: i64,
    /// When it was taken back, if it was.
    pub undone_at: Option<String>,
    /// Its files.
    pub files: Vec<FileEntry>,
}

/// A file of an import.
#[derive(Debug, Serialize, ToSchema)]
pub struct FileEntry {
    /// Its name.
    pub name: String,
    /// Its hash.
    pub sha256: String,
    /// The importer that read it.
    pub importer: String,
    /// The page that it is of, as far as known.
    pub page: Option<String>,
    /// Rows that were taken,
    pub n_taken: u64,
    /// and that were not.
    pub n_rejected: u64,
}

/// Where a list goes on.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paged {
    /// As the page before told it.
    #[serde(default)]
    #[param(pattern = "^[0-9]{0,18}$")]
    pub cursor: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}

/// Files to be imported.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a form that is read as a stream")]
pub struct NewImport {
    /// Exports as the platforms send them, and tables.
    #[schema(value_type = Vec<String>, format = Binary)]
    files: Vec<u8>,
    /// The page that they are of, where they do not say: `instagram/roastery`.
    page: Option<String>,
    /// The importer to read with.
    format: Option<String>,
    /// Whether direct messages are taken.
    with_messages: Option<bool>,
    /// What headers mean that are not known: a line `header=column` for each.
    map: Option<String>,
}

/// Somebody to be forgotten.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Forget {
    /// Their handle, with or without `@`, or their e-mail address.
    #[schema(min_length = 1, max_length = 200)]
    pub handle: String,
    /// On this network alone.
    pub network: Option<String>,
}

/// What was erased.
#[derive(Debug, Serialize, ToSchema)]
pub struct Erased {
    /// Rows that were erased.
    pub n_rows: u64,
    /// Orders that stay without whose they are.
    pub n_orders: u64,
}

/// The imports, the newest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/imports", tag = "imports", params(("workspace" = String, Path), Paged),
    responses((status = 200, body = Listed<ImportEntry>), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(_): State<Shared>,
    inside: In<Viewer>,
    Path(_): Path<String>,
    Query(paged): Query<Paged>,
) -> Result<Json<Listed<ImportEntry>>, Problem> {
    off(move || {
        let before: i64 = match paged.cursor.as_ref().filter(|c| !c.is_empty()) {
            None => i64::MAX,
            Some(text) => text.parse().map_err(|_| Problem::bad("expected a cursor as the page before told it", ""))?,
        };
        let limit = limit(paged.limit)?;
        let all = if inside.shelf.exists() { inside.shelf.read(|store| Ok(store.imports()?))? } else { Vec::new() };
        let mut items: Vec<ImportEntry> = all
            .into_iter()
            .rev()
            .filter(|i| i.id < before)
            .take(limit + 1)
            .map(|i| ImportEntry {
                id: i.id,
                imported_at: rfc3339(i.imported_at),
                n_facts: i.n_facts,
                undone_at: i.undone_at.map(rfc3339),
                files: i
                    .files
                    .into_iter()
                    .map(|f| FileEntry {
                        name: f.file.name,
                        sha256: f.file.sha256,
                        importer: f.importer,
                        page: f.page,
                        n_taken: f.file.taken,
                        n_rejected: f.file.rejected,
                    })
                    .collect(),
            })
            .collect();
        let more = items.len() > limit;
        items.truncate(limit);
        let next_cursor = items.last().filter(|_| more).map(|i| i.id.to_string());
        Ok(Json(Listed { items, next_cursor }))
    })
    .await
}

/// Hands files in. When this is answered they are on disk; the job imports them, also after the server was killed in between. A
/// file that is in the workspace already changes nothing, so sending it again is harmless.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/imports", tag = "imports", params(("workspace" = String, Path)),
    request_body(content = NewImport, content_type = "multipart/form-data"),
    responses((status = 202, body = JobState), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn create(
    State(server): State<Shared>,
    inside: In<Editor>,
    Path(_): Path<String>,
    headers: HeaderMap,
    form: incoming::Sent,
) -> Result<Response, Problem> {
    let taken = incoming::take(&server, &inside.shelf, &inside.who, &headers, form).await?;
    Ok(begun(&incoming::begin(&server, &inside.shelf, taken)))
}

/// Takes an import back: what it had replaced counts again.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/imports/{import}", tag = "imports", params(("workspace" = String, Path), ("import" = i64, Path)),
    responses((status = 204, description = "Taken back"), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn undo(
    State(_): State<Shared>,
    inside: In<Owner>,
    path: Result<Path<(String, i64)>, axum::extract::rejection::PathRejection>,
) -> Result<StatusCode, Problem> {
    let Path((_, id)) =
        path.map_err(|e| Problem::bad(format!("expected the number of an import: {}", e.body_text()), ""))?;
    off_writing(move || {
        if !inside.shelf.exists() || inside.shelf.read(|store| Ok(store.imports()?.iter().all(|i| i.id != id)))? {
            return Err(Problem::not_found(format!("import {id}")));
        }
        inside.shelf.write(|store| Ok(store.undo(id, now(), &mut |_, _| Go::On)?))?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Erases a person everywhere and keeps them out of later imports.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/forget", tag = "imports", request_body = Forget,
    params(("workspace" = String, Path), ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 200, pattern = "^[!-~]+$", description = "The same key with the same content is done once")),
    responses((status = 200, body = Erased), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn forget(
    State(server): State<Shared>,
    inside: In<Owner>,
    Path(_): Path<String>,
    headers: HeaderMap,
    body: Result<Json<Forget>, axum::extract::rejection::JsonRejection>,
) -> Result<Json<Erased>, Problem> {
    let Json(asked) = body.map_err(|e| unread(&e))?;
    off_writing(move || {
        let handle = asked.handle.trim().trim_start_matches('@').to_owned();
        if handle.is_empty() || handle.len() > 200 {
            return Err(Problem::bad("expected a handle of 1 to 200 characters", ""));
        }
        let network = asked.network.as_deref().map(str::to_lowercase);
        // The handle is not remembered, only its hash.
        let content = super::super::access::fingerprint(&format!("{handle} {network:?}"));
        let key = once::key(&headers, &inside.who, &inside.shelf.name)?;
        if let Some(told) = server.once.answered(key.as_deref(), &content)? {
            let n: Vec<u64> = told.split(' ').filter_map(|t| t.parse().ok()).collect();
            return Ok(Json(Erased {
                n_rows: n.first().copied().unwrap_or(0),
                n_orders: n.get(1).copied().unwrap_or(0),
            }));
        }
        if !inside.shelf.exists() {
            return Ok(Json(Erased { n_rows: 0, n_orders: 0 }));
        }
        inside.shelf.drop_answers();
        unknown::discard_all(&inside.shelf);
        let erased =
            inside.shelf.write(|store| Ok(store.forget(&handle, network.as_deref(), now(), &mut |_, _| Go::On)?))?;
        inside.shelf.drop_answers();
        server.once.remember(key, &content, &format!("{} {}", erased.n_rows, erased.n_orders));
        Ok(Json(Erased { n_rows: erased.n_rows, n_orders: erased.n_orders }))
    })
    .await
}

/// The routes; uploads may be as large as the server was told.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create).layer(DefaultBodyLimit::disable()))
        .routes(routes!(undo))
        .routes(routes!(forget))
}
