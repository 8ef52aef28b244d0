//! What programs see: `/api/v1`, described by the OpenAPI 3.1 that is made from these handlers.
//!
//! Problems are RFC 9457. Lists are paged by a cursor. Work that takes long is a job, followed by server-sent events. Writes take
//! an `Idempotency-Key`. A resource is a file here.

mod audience;
mod experiments;
mod imports;
mod jobs;
mod once;
mod people;
mod tables;
mod workspaces;

pub use once::Once;

use super::Shared;
use super::access::{In, Needs};
use super::lanes::off;
use super::pages::{Fields, Visit};
use super::problem::Problem;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde::Serialize;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;

/// A page of a list.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct Listed<T: utoipa::ToSchema> {
    /// What is on this page.
    pub items: Vec<T>,
    /// What to send as `cursor` for the next page; nothing where this is the last.
    pub next_cursor: Option<String>,
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "assay",
        description = "Tells whether a social-media audience is real, what it is worth, and whether promoting to it pays. \
                       Shares are 0..1, times RFC 3339 in UTC, money in minor units with its currency. An estimate is \
                       {point, low, high, confidence} or {abstained: {why, would_settle}}.",
        license(name = "see the repository")
    ),
    modifiers(&Bearer),
    security((), ("bearer" = []))
)]
struct Described;

/// The bearer token, which a server without accounts does not ask for.
struct Bearer;

impl utoipa::Modify for Bearer {
    fn modify(&self, described: &mut utoipa::openapi::OpenApi) {
        let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build());
        described.components.get_or_insert_with(Default::default).add_security_scheme("bearer", scheme);
    }
}

/// The routes of the API, and what describes them.
pub fn router() -> (Router<Shared>, utoipa::openapi::OpenApi) {
    let described = OpenApiRouter::with_openapi(Described::openapi())
        .merge(workspaces::router())
        .merge(audience::router())
        .merge(imports::router())
        .merge(jobs::router())
        .merge(people::router())
        .merge(experiments::router())
        .merge(tables::router());
    let (router, openapi) = described.split_for_parts();
    let shown = openapi.clone();
    let router = router
        .route("/api/v1/openapi.json", get(move || async move { Json(shown) }))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready));
    (router, openapi)
}

/// Whether every workspace can be read.
async fn ready(State(server): State<Shared>) -> Result<&'static str, Problem> {
    off(move || {
        for shelf in server.shelves() {
            shelf.edition().map_err(|_| {
                Problem::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "a workspace cannot be read",
                    "look at the disk of the server",
                )
            })?;
        }
        Ok("ready\n")
    })
    .await
}

/// How many items of a list are asked for.
fn limit(asked: Option<u32>) -> Result<usize, Problem> {
    match asked.unwrap_or(100) {
        n @ 1..=1000 => Ok(n as usize),
        n => Err(Problem::bad(format!("expected a limit from 1 to 1000, found {n}"), "")),
    }
}

/// A visit out of a request to the API.
fn visit<N: Needs>(server: Shared, inside: In<N>, query: Fields) -> Visit {
    Visit { server, shelf: inside.shelf, who: inside.who, role: inside.role, query }
}

/// A job that has begun: its state, and where to follow it.
fn begun(job: &super::jobs::Job) -> Response {
    let place = format!("/api/v1/workspaces/{}/jobs/{}", job.workspace, job.id);
    (StatusCode::ACCEPTED, [(axum::http::header::LOCATION, place)], Json(jobs::JobState::of(job))).into_response()
}
