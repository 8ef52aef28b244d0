//! Jobs: how far they are, their events, and stopping them.

use super::super::Shared;
use super::super::access::{Editor, In, Viewer};
use super::super::jobs::{Job, State as Progress};
use super::super::problem::Problem;
use super::Listed;
use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use serde::Serialize;
use std::convert::Infallible;
use std::sync::Arc;
use tokio_stream::{Stream, StreamExt as _};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// An event of a job.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes what is written as a stream")]
pub struct JobEvent {
    /// `state`.
    event: String,
    /// The job's state as JSON.
    data: String,
}

/// A job and how far it is.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobState {
    /// Its name.
    pub id: String,
    /// What it does.
    pub what: String,
    /// How far it is.
    #[serde(flatten)]
    pub progress: Progress,
}

impl JobState {
    /// The state of a job now.
    pub fn of(job: &Job) -> Self {
        Self { id: job.id.clone(), what: job.what.clone(), progress: job.state() }
    }
}

fn own(server: &Shared, workspace: &str, id: &str) -> Result<Arc<Job>, Problem> {
    let found = server.jobs.get(id).filter(|j| j.workspace == workspace);
    found.ok_or_else(|| Problem::not_found(format!("job called {id}")))
}

/// The jobs of a workspace, the newest first.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/jobs", tag = "jobs", params(("workspace" = String, Path)),
    responses((status = 200, body = Listed<JobState>), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn list(State(server): State<Shared>, inside: In<Viewer>, Path(_): Path<String>) -> Json<Listed<JobState>> {
    let items = server.jobs.of(&inside.shelf.name).iter().map(|j| JobState::of(j)).collect();
    Json(Listed { items, next_cursor: None })
}

/// A job.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/jobs/{job}", tag = "jobs", params(("workspace" = String, Path), ("job" = String, Path)),
    responses((status = 200, body = JobState), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn one(
    State(server): State<Shared>,
    inside: In<Viewer>,
    Path((_, id)): Path<(String, String)>,
) -> Result<Json<JobState>, Problem> {
    Ok(Json(JobState::of(&*own(&server, &inside.shelf.name, &id)?)))
}

/// Asks a job to stop.
#[utoipa::path(delete, path = "/api/v1/workspaces/{workspace}/jobs/{job}", tag = "jobs", params(("workspace" = String, Path), ("job" = String, Path)),
    responses((status = 202, description = "It stops at its next look"), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn stop(
    State(server): State<Shared>,
    inside: In<Editor>,
    Path((_, id)): Path<(String, String)>,
) -> Result<StatusCode, Problem> {
    own(&server, &inside.shelf.name, &id)?.stop();
    Ok(StatusCode::ACCEPTED)
}

/// The events of a job: its state at each change, as server-sent events named `state`, until it ends.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/jobs/{job}/events", tag = "jobs", params(("workspace" = String, Path), ("job" = String, Path)),
    responses((status = 200, description = "events named `state`, each with the job's state as JSON", content_type = "text/event-stream", body = JobEvent), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn events(
    State(server): State<Shared>,
    inside: In<Viewer>,
    Path((_, id)): Path<(String, String)>,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let job = own(&server, &inside.shelf.name, &id)?;
    let (send, receive) = tokio::sync::mpsc::channel(4);
    tokio::spawn(async move {
        let mut states = job.follow();
        loop {
            let is_last = states.borrow_and_update().has_ended();
            let text = serde_json::to_string(&JobState::of(&job)).unwrap_or_default();
            if send.send(text).await.is_err() || is_last || states.changed().await.is_err() {
                return;
            }
        }
    });
    let events =
        tokio_stream::wrappers::ReceiverStream::new(receive).map(|text| Ok(Event::default().event("state").data(text)));
    Ok(Sse::new(events).keep_alive(KeepAlive::default()))
}

/// The routes.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(one, stop)).routes(routes!(events))
}
