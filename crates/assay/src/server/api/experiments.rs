//! Experiments: what a test could find out, plans that are sealed, tables that are read by them, what was decided.

use super::super::access::{Editor, In, Needs, Viewer};
use super::super::experiments::{self, PlanAsked, course, sealed_now};
use super::super::lanes::{off, off_writing};
use super::super::problem::Problem;
use super::super::{Shared, incoming};
use super::imports::Paged;
use super::workspaces::unread;
use super::{begun, jobs::JobState, limit, once};
use crate::pipeline::workspace::now;
use crate::pipeline::{self, SealedDesign};
use crate::render::experiment::{experiments_json, plan_json};
use assay_model::Go;
use assay_store::{By, ExperimentEntry};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{DefaultBodyLimit, Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use utoipa_axum::router::{OpenApiRouter, UtoipaMethodRouterExt as _};
use utoipa_axum::routes;

/// A plan to be sealed.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPlan {
    /// What the experiment is called.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Why the test is run.
    pub note: Option<String>,
    /// The design, as `design` of `assay.experiment-sealed/1`; left out where `sealed` is given.
    #[schema(value_type = Option<Object>)]
    pub design: Option<SealedDesign>,
    /// Money earned by 1 of the first metric.
    pub margin: Option<f64>,
    /// Confidence of intervals; 0.95 where it is left out.
    pub confidence: Option<f64>,
    /// A plan that was sealed elsewhere, a document of schema `assay.experiment-sealed/1`, to be kept as it is.
    #[schema(value_type = Option<Object>)]
    pub sealed: Option<Value>,
}

/// A table to be read by a plan.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "describes a form that is read as a stream")]
pub struct NewReading {
    /// The name of the experiment.
    experiment: String,
    /// The table.
    #[schema(value_type = String, format = Binary)]
    files: Vec<u8>,
}

/// What is decided after a test.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decided {
    /// `adopt`, `drop` or `go-on`.
    #[schema(pattern = "^(adopt|drop|go-on)$")]
    pub decision: String,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 20000)]
    pub note: String,
}

fn missing(name: &str) -> Problem {
    Problem::not_found(format!("experiment called {}", assay_model::quote(name)))
}

fn find<N: Needs>(inside: &In<N>, name: &str) -> Result<ExperimentEntry, Problem> {
    if !inside.shelf.exists() {
        return Err(missing(name));
    }
    inside.shelf.read(|store| Ok(store.experiment(name)?))?.ok_or_else(|| missing(name))
}

/// The experiments, the oldest first (`assay.experiments/1`).
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/experiments", tag = "experiments", params(("workspace" = String, Path), Paged),
    responses((status = 200, body = Object, description = "a document of schema assay.experiments/1, with next_cursor"), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn list(
    State(_): State<Shared>,
    inside: In<Viewer>,
    Path(_): Path<String>,
    Query(paged): Query<Paged>,
) -> Result<Json<Value>, Problem> {
    off(move || {
        let after: i64 = match paged.cursor.as_ref().filter(|c| !c.is_empty()) {
            None => 0,
            Some(text) => text.parse().map_err(|_| Problem::bad("expected a cursor as the page before told it", ""))?,
        };
        let limit = limit(paged.limit)?;
        let all = if inside.shelf.exists() { inside.shelf.read(|store| Ok(store.experiments()?))? } else { Vec::new() };
        let mut items: Vec<ExperimentEntry> = all.into_iter().filter(|e| e.id > after).take(limit + 1).collect();
        let more = items.len() > limit;
        items.truncate(limit);
        let mut document = experiments_json(&items, false);
        document["next_cursor"] = items.last().filter(|_| more).map_or(Value::Null, |e| e.id.to_string().into());
        Ok(Json(document))
    })
    .await
}

/// One experiment with its plan (`assay.experiments/1`).
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/experiments/{experiment}", tag = "experiments", params(("workspace" = String, Path), ("experiment" = String, Path)),
    responses((status = 200, body = Object, description = "a document of schema assay.experiments/1"), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn show(inside: In<Viewer>, Path((_, name)): Path<(String, String)>) -> Result<Json<Value>, Problem> {
    off(move || Ok(Json(experiments_json(&[find(&inside, &name)?], true)))).await
}

/// The answer of a reading, as the command line writes it, without rows.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/experiments/{experiment}/readings/{reading}", tag = "experiments", params(("workspace" = String, Path), ("experiment" = String, Path), ("reading" = i64, Path)),
    responses((status = 200, body = Object, description = "a document of schema assay.experiment-read/1, assay.experiment-geo/1, assay.experiment-weeks/1 or assay.experiment-staged/1"), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn reading(
    inside: In<Viewer>,
    path: Result<Path<(String, String, i64)>, axum::extract::rejection::PathRejection>,
) -> Result<Json<Value>, Problem> {
    let Path((_, name, id)) =
        path.map_err(|e| Problem::bad(format!("expected the number of a reading: {}", e.body_text()), ""))?;
    off(move || {
        let experiment = find(&inside, &name)?;
        let found = inside.shelf.read(|store| Ok(store.reading_of(experiment.id, id)?))?;
        let (answer, _) = found.ok_or_else(|| Problem::not_found(format!("reading {id} of this experiment")))?;
        Ok(Json(serde_json::from_str(&answer).unwrap_or(Value::Null)))
    })
    .await
}

/// What a test could find out (`assay.experiment-plan/1`); keeps nothing.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/experiment-plans", tag = "experiments", request_body = PlanAsked, params(("workspace" = String, Path)),
    responses((status = 200, body = Object, description = "a document of schema assay.experiment-plan/1"), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn plan(inside: In<Editor>, body: Result<Json<PlanAsked>, JsonRejection>) -> Result<Json<Value>, Problem> {
    let Json(asked) = body.map_err(|e| unread(&e))?;
    off(move || {
        let _ = inside;
        let report = pipeline::plan_experiment(&asked.options()?, &mut |_, _, _| Go::On)?;
        let mut bytes = Vec::new();
        plan_json(&report, &mut bytes).map_err(Problem::sending)?;
        Ok(Json(serde_json::from_slice(&bytes).map_err(Problem::sending)?))
    })
    .await
}

/// Seals a plan and keeps it (`assay.experiments/1`); it cannot be changed afterwards. The same plan under the same name is kept once.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/experiments", tag = "experiments", request_body = NewPlan,
    params(("workspace" = String, Path), ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 200, pattern = "^[!-~]+$", description = "The same key with the same content is done once")),
    responses((status = 201, body = Object, description = "a document of schema assay.experiments/1 with the plan and its hash"), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn seal(
    State(server): State<Shared>,
    inside: In<Editor>,
    headers: HeaderMap,
    body: Result<Json<NewPlan>, JsonRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let Json(new) = body.map_err(|e| unread(&e))?;
    off_writing(move || {
        let content = format!("{new:?}");
        let key = once::key(&headers, &inside.who, &format!("{}/experiments", inside.shelf.name))?;
        if let Some(name) = server.once.answered(key.as_deref(), &content)? {
            return Ok((StatusCode::CREATED, Json(experiments_json(&[find(&inside, &name)?], true))));
        }
        let by = By { who: inside.who.name(), at: now() };
        let name = pipeline::experiment_name(&new.name)?.to_owned();
        let kept = match (new.design, new.sealed) {
            (Some(design), None) => {
                let sealed = sealed_now(design, new.note, new.margin, new.confidence);
                pipeline::check_plan(&sealed)?;
                inside.shelf.write(|store| pipeline::seal_into(store, &name, &sealed, by))?
            }
            (None, Some(sealed)) => {
                let document = serde_json::to_string_pretty(&sealed).unwrap_or_default();
                pipeline::plan_of(&document)
                    .map_err(|why| Problem::bad(format!("expected a sealed plan, found {why}"), ""))?;
                inside.shelf.write(|store| pipeline::keep_plan(store, &name, &document, by))?
            }
            _ => return Err(Problem::bad("expected a design, or a plan that was sealed elsewhere", "one of the two")),
        };
        server.once.remember(key, &content, &kept.name);
        Ok((StatusCode::CREATED, Json(experiments_json(&[kept], true))))
    })
    .await
}

/// Hands in a table that is read by the plan of an experiment. When this is answered it is on disk; the job reads it, keeps the answer and
/// removes the table.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/experiment-readings", tag = "experiments", params(("workspace" = String, Path)),
    request_body(content = NewReading, content_type = "multipart/form-data"),
    responses((status = 202, body = JobState), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn read(
    State(server): State<Shared>,
    inside: In<Editor>,
    Path(_): Path<String>,
    headers: HeaderMap,
    form: incoming::Sent,
) -> Result<Response, Problem> {
    let taken = experiments::take(&server, &inside, &headers, form).await?;
    Ok(begun(&incoming::begin(&server, &inside.shelf, taken)))
}

/// Keeps what was decided after a test.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/experiments/{experiment}/decisions", tag = "experiments", request_body = Decided,
    params(("workspace" = String, Path), ("experiment" = String, Path), ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 200, pattern = "^[!-~]+$", description = "The same key with the same content is done once")),
    responses((status = 204, description = "Kept"), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn decide(
    State(server): State<Shared>,
    inside: In<Editor>,
    Path((_, name)): Path<(String, String)>,
    headers: HeaderMap,
    body: Result<Json<Decided>, JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(decided) = body.map_err(|e| unread(&e))?;
    off_writing(move || {
        let course = course(&decided.decision, &decided.note)?;
        let experiment = find(&inside, &name)?;
        let content = format!("{decided:?}");
        let key = once::key(&headers, &inside.who, &format!("{}/experiments/{}", inside.shelf.name, experiment.id))?;
        if server.once.answered(key.as_deref(), &content)?.is_none() {
            let by = By { who: inside.who.name(), at: now() };
            inside
                .shelf
                .write(|store| Ok(store.decide_experiment(experiment.id, course, decided.note.trim(), by)?))?;
            server.once.remember(key, &content, "kept");
        }
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// The routes; a table may be as large as the server was told.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, seal))
        .routes(routes!(show))
        .routes(routes!(reading))
        .routes(routes!(decide))
        .routes(routes!(plan))
        .routes(routes!(read).layer(DefaultBodyLimit::disable()))
}
