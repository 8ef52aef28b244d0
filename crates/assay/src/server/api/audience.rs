//! The audience: the audit in short, its followers, and the metrics.

#![expect(unused_qualifications, reason = "the macro of the descriptions names types by their whole path")]

use super::super::Shared;
use super::super::access::{In, Viewer};
use super::super::lanes::off;
use super::super::pages::{Fields, metrics_asked};
use super::super::problem::Problem;
use super::super::shelf::Told;
use super::super::views::AuditView;
use super::{Listed, begun, jobs::JobState, limit, visit};
use assay_model::Outcome;
use assay_store::Wanted;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Which page of the workspace.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Of {
    /// `network/handle`, as the list of pages names it; the first where it is left out.
    #[serde(default)]
    pub page: Option<String>,
}

/// An audit in short.
#[derive(Debug, Serialize, ToSchema)]
pub struct Audit {
    /// The page.
    pub page: String,
    /// The number that the audit is kept under.
    #[serde(rename = "audit_id")]
    pub id: i64,
    /// Followers in the list.
    pub n_followers: u64,
    /// The verdict in a sentence.
    pub sentence: String,
    /// The share of inauthentic followers: an estimate, or why there is none.
    #[schema(value_type = Object)]
    pub inauthentic_share: Value,
    /// Of dormant ones.
    #[schema(value_type = Object)]
    pub dormant_share: Value,
    /// Of genuine ones.
    #[schema(value_type = Object)]
    pub genuine_share: Value,
    /// The batches.
    pub batches: Vec<Batch>,
    /// What the reader must know.
    pub warnings: Vec<String>,
    /// Whether the facts have changed since, so that another answer is on its way.
    pub is_stale: bool,
}

/// A batch.
#[derive(Debug, Serialize, ToSchema)]
pub struct Batch {
    /// `b1`, `b2`, …
    pub id: String,
    /// First rank,
    pub first_rank: u32,
    /// and last.
    pub last_rank: u32,
    /// Followers in its span.
    pub n_followers: u64,
    /// How many look bought: an estimate.
    #[schema(value_type = Object)]
    pub n_inauthentic: Value,
    /// Why, in sentences.
    pub reasons: Vec<String>,
}

/// A follower as the audit judged them.
#[derive(Debug, Serialize, ToSchema)]
pub struct Follower {
    /// Place in the follow order; 0 followed first.
    pub rank: i64,
    /// The account's id.
    pub account_id: Option<String>,
    /// Its handle.
    pub handle: Option<String>,
    /// Probability of being inauthentic, 0..1.
    pub probability: f64,
    /// `inauthentic`, `unsure`, `dormant` or `genuine`.
    pub class: String,
    /// The batch it stands in.
    pub batch: Option<String>,
    /// Why it is judged so, in sentences.
    pub reasons: Vec<String>,
}

/// Which followers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// `network/handle`; the first page where it is left out.
    #[serde(default)]
    pub page: Option<String>,
    /// Of this class alone: `inauthentic`, `unsure`, `dormant` or `genuine`.
    #[serde(default)]
    pub class: Option<String>,
    /// Of this batch alone.
    #[serde(default)]
    pub batch: Option<String>,
    /// Whose handle begins so.
    #[serde(default)]
    pub handle: Option<String>,
    /// As the page before told it.
    #[serde(default)]
    #[param(pattern = "^[0-9]{0,18}$")]
    pub cursor: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(minimum = 1, maximum = 1000)]
    pub limit: Option<u32>,
}

/// What of the metrics.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MetricsQuery {
    /// The first day.
    #[serde(default)]
    #[param(format = Date)]
    pub from: Option<String>,
    /// The last day.
    #[serde(default)]
    #[param(format = Date)]
    pub to: Option<String>,
    /// `week`, `channel`, `campaign`, `segment` or `source`.
    #[serde(default)]
    pub by: Option<String>,
    /// `true` lays the days before beside.
    #[serde(default)]
    pub compare: Option<String>,
}

fn share(share: &assay_model::Share) -> Value {
    match share {
        Outcome::Found(estimate) => json!(estimate),
        Outcome::Abstained(why) => json!({"abstained": why}),
    }
}

fn of(page: Option<String>) -> Fields {
    page.map(|p| ("page".to_owned(), p)).into_iter().collect()
}

/// The audit of a page, or the job that makes it.
fn judged(
    server: Shared,
    inside: In<Viewer>,
    page: Option<String>,
) -> Result<(super::super::pages::Visit, Told<AuditView>), Problem> {
    let visit = visit(server, inside, of(page));
    let page = visit.page()?.ok_or_else(|| Problem::not_found("follower list"))?;
    let told = visit.audit(&page)?;
    Ok((visit, told))
}

/// The answer and whether it is old; else what is answered in its place.
enum Said<T> {
    Ready(Arc<T>, bool),
    Instead(Response),
}

fn said<T>(told: Told<T>) -> Result<Said<T>, Problem> {
    match told {
        Told::Ready { value, newer } => Ok(Said::Ready(value, newer.is_some())),
        Told::Working(job) => Ok(Said::Instead(begun(&job))),
        Told::Failed { message, hint } => Err(crate::pipeline::Error::Input { message, hint }.into()),
    }
}

/// The audit of a page in short; 202 with the job while it is made.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/audit", tag = "audience", params(("workspace" = String, Path), Of),
    responses((status = 200, body = Audit), (status = 202, body = JobState), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn audit(
    State(server): State<Shared>,
    inside: In<Viewer>,
    Path(_): Path<String>,
    Query(query): Query<Of>,
) -> Result<Response, Problem> {
    off(move || {
        let (view, is_stale) = match said(judged(server, inside, query.page)?.1)? {
            Said::Ready(view, is_stale) => (view, is_stale),
            Said::Instead(other) => return Ok(other),
        };
        let batch = |b: &super::super::views::BatchView| Batch {
            id: b.id.clone(),
            first_rank: b.ranks.0,
            last_rank: b.ranks.1,
            n_followers: b.n_followers,
            n_inauthentic: json!(b.inauthentic),
            reasons: b.reasons.clone(),
        };
        Ok(Json(Audit {
            page: view.page.clone(),
            id: view.audit_id,
            n_followers: view.n_followers,
            sentence: view.parts.headline.sentence.clone(),
            inauthentic_share: share(&view.inauthentic),
            dormant_share: share(&view.dormant),
            genuine_share: share(&view.genuine),
            batches: view.batches.iter().map(batch).collect(),
            warnings: view.warnings.clone(),
            is_stale,
        })
        .into_response())
    })
    .await
}

/// Followers in follow order; 202 with the job while the audit is made.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/followers", tag = "audience", params(("workspace" = String, Path), Which),
    responses((status = 200, body = Listed<Follower>), (status = 202, body = JobState), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn followers(
    State(server): State<Shared>,
    inside: In<Viewer>,
    Path(_): Path<String>,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    off(move || {
        let limit = limit(which.limit)?;
        let from_rank = match which.cursor.as_deref().filter(|c| !c.is_empty()) {
            None => 0,
            Some(text) => text.parse().map_err(|_| Problem::bad("expected a cursor as the page before told it", ""))?,
        };
        let (visit, told) = judged(server, inside, which.page)?;
        let view = match said(told)? {
            Said::Ready(view, _) => view,
            Said::Instead(other) => return Ok(other),
        };
        let told = |text: Option<String>| text.filter(|t| !t.is_empty());
        let (class, batch, handle) = (told(which.class), told(which.batch), told(which.handle));
        let wanted = Wanted { class, batch, handle, from_rank, limit: limit + 1 };
        let mut rows = visit.shelf.read(|store| Ok(store.followers_of_audit(view.audit_id, &wanted)?))?;
        let next_cursor = (rows.len() > limit).then(|| rows.pop().map(|r| r.rank.to_string())).flatten();
        let follower = |r: assay_store::Judged| Follower {
            reasons: view.why(&r),
            rank: r.rank,
            account_id: r.account_id,
            handle: r.handle,
            probability: r.probability,
            class: r.class,
            batch: r.batch,
        };
        Ok(Json(Listed { items: rows.into_iter().map(follower).collect(), next_cursor }).into_response())
    })
    .await
}

/// The metrics, as `assay metrics --format json` tells them (`assay.metrics/1`); 202 with the job while they are worked out.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/metrics", tag = "audience", params(("workspace" = String, Path), MetricsQuery),
    responses((status = 200, body = Object, description = "a document of schema assay.metrics/1"), (status = 202, body = JobState), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn metrics(
    State(server): State<Shared>,
    inside: In<Viewer>,
    Path(_): Path<String>,
    Query(query): Query<MetricsQuery>,
) -> Result<Response, Problem> {
    off(move || {
        let asked = [("from", query.from), ("to", query.to), ("by", query.by), ("compare", query.compare)];
        let fields: Fields = asked.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        // A form sends what was not filled in; a program that names a parameter means something by it.
        if let Some((name, _)) = fields.iter().find(|(_, value)| value.trim().is_empty()) {
            return Err(Problem::bad(
                format!("expected a value for {name}, found none"),
                "leave it out, or give it one",
            ));
        }
        let visit = visit(server, inside, fields);
        let asked = metrics_asked(&visit)?;
        if !visit.shelf.exists() {
            return Err(Problem::not_found("workspace with facts yet"));
        }
        let view = match said(visit.metrics(asked)?)? {
            Said::Ready(view, _) => view,
            Said::Instead(other) => return Ok(other),
        };
        let mut text = Vec::new();
        crate::render::metrics_json(&view.report, &mut text)
            .map_err(|e| Problem::new(axum::http::StatusCode::INTERNAL_SERVER_ERROR, e.to_string(), ""))?;
        Ok(([(header::CONTENT_TYPE, "application/json")], text).into_response())
    })
    .await
}

/// The routes.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(audit)).routes(routes!(followers)).routes(routes!(metrics))
}
