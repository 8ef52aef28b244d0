//! People: who awaits an answer, and what is decided of conversations and accounts.

#![expect(unused_qualifications, reason = "the macro of the descriptions names types by their whole path")]

use super::super::Shared;
use super::super::access::{Editor, In, Viewer};
use super::super::lanes::{off, off_writing};
use super::super::pages::{Fields, queue_asked};
use super::super::problem::Problem;
use super::super::shelf::Told;
use super::workspaces::unread;
use super::{begun, jobs::JobState, visit};
use crate::pipeline::people;
use crate::render;
use assay_model::{Go, TimeMs};
use assay_store::Status;
use axum::Json;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::Value;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Which conversations.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Which {
    /// `open`, `snoozed`, `answered` or `done`; `open` where it is left out.
    #[serde(default)]
    pub status: Option<String>,
    /// `network/handle` of the page.
    #[serde(default)]
    pub page: Option<String>,
    /// Of whom this person handles.
    #[serde(default)]
    pub handled_by: Option<String>,
    /// As the page before told it.
    #[serde(default)]
    #[param(pattern = "^[0-9]{0,9}$")]
    pub cursor: Option<String>,
}

/// What is decided of a conversation; what is left out stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// `open`, `snoozed`, `answered` or `done`.
    pub status: Option<String>,
    /// Until when it is put off: RFC 3339, with the status `snoozed`.
    #[schema(format = DateTime)]
    pub until: Option<String>,
    /// Who handles it; an empty text is nobody.
    #[schema(max_length = 100)]
    pub handled_by: Option<String>,
    /// What is noted.
    #[schema(max_length = 20000)]
    pub note: Option<String>,
}

/// A verdict on an account that somebody knows better.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Overrule {
    /// The account's network.
    pub network: String,
    /// Its handle, with or without `@`.
    pub handle: Option<String>,
    /// Its id.
    pub account_id: Option<String>,
    /// `inauthentic`, `genuine`, or `as-judged` to withdraw.
    #[schema(pattern = "^(inauthentic|genuine|as-judged)$")]
    pub label: String,
    /// Why.
    #[serde(default)]
    pub why: String,
}

/// Who awaits an answer, in the order of what an answer is worth (`assay.people-queue/1`); 202 with the job while it is worked out.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/people", tag = "people", params(("workspace" = String, Path), Which),
    responses((status = 200, body = Object, description = "a document of schema assay.people-queue/1, with next_cursor"), (status = 202, body = JobState), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn queue(
    State(server): State<Shared>,
    inside: In<Viewer>,
    Query(which): Query<Which>,
) -> Result<Response, Problem> {
    off(move || {
        if let Some(cursor) = which.cursor.as_ref().filter(|c| !c.is_empty())
            && cursor.parse::<u32>().is_err()
        {
            return Err(Problem::bad("expected a cursor as the page before told it", ""));
        }
        let asked = [
            ("status", which.status),
            ("page", which.page),
            ("handled_by", which.handled_by),
            ("offset", which.cursor),
        ];
        let fields: Fields = asked.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect();
        let visit = visit(server, inside, fields);
        if !visit.shelf.exists() {
            return Err(Problem::not_found("workspace with facts yet"));
        }
        match visit.queue(queue_asked(&visit)?)? {
            Told::Ready { value, .. } => {
                let mut document = render::queue_json(&value);
                let next = value.offset + value.items.len() as u64;
                let cursor = (next < value.n_matching && !value.items.is_empty()).then(|| next.to_string());
                if let Value::Object(fields) = &mut document {
                    fields.insert("next_cursor".to_owned(), cursor.map_or(Value::Null, Value::String));
                }
                Ok(Json(document).into_response())
            }
            Told::Working(job) => Ok(begun(&job)),
            Told::Failed { message, hint } => Err(crate::pipeline::Error::Input { message, hint }.into()),
        }
    })
    .await
}

/// One conversation (`assay.people-conversation/1`); 202 with the job while conversations are made anew.
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/people/{conversation}", tag = "people", params(("workspace" = String, Path), ("conversation" = String, Path, pattern = "^[0-9a-f]{16}$")),
    responses((status = 200, body = Object, description = "a document of schema assay.people-conversation/1"), (status = 202, body = JobState), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn conversation(
    State(server): State<Shared>,
    inside: In<Viewer>,
    Path((_, id)): Path<(String, String)>,
) -> Result<Response, Problem> {
    off_writing(move || {
        let id = people::id(&id)?;
        let missing = || Problem::not_found(format!("conversation {id}"));
        let visit = visit(server, inside, Fields::new());
        if !visit.shelf.exists() {
            return Err(missing());
        }
        // Conversations are made anew by the queue's job where facts have changed.
        if let Some(job) = visit.queue(queue_asked(&visit)?)?.at_work() {
            return Ok(begun(job));
        }
        let told = visit.shelf.write(|store| people::conversation(store, id, None, &mut |_, _, _| Go::On));
        Ok(Json(render::conversation_json(&told.map_err(|_| missing())?, None)).into_response())
    })
    .await
}

/// Decides of a conversation: its status, who handles it, a note.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/people/{conversation}", tag = "people", request_body = Decision, params(("workspace" = String, Path), ("conversation" = String, Path, pattern = "^[0-9a-f]{16}$")),
    responses((status = 204, description = "Decided"), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn decide(
    inside: In<Editor>,
    Path((_, id)): Path<(String, String)>,
    body: Result<Json<Decision>, axum::extract::rejection::JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(decision) = body.map_err(|e| unread(&e))?;
    off_writing(move || {
        let id = people::id(&id)?;
        let status = decision.status.as_deref().map(|name| {
            let found = Status::ALL.into_iter().find(|s| s.name() == name);
            found.ok_or_else(|| Problem::bad("expected the status open, snoozed, answered or done", ""))
        });
        let status = status.transpose()?;
        let until = decision.until.as_deref().map(|text| {
            let at: Result<jiff::Timestamp, _> = text.parse();
            at.map(|at| TimeMs(at.as_millisecond()))
                .map_err(|_| Problem::bad("expected a time as RFC 3339 writes it", "such as 2026-03-05T09:00:00Z"))
        });
        let until = until.transpose()?;
        if !inside.shelf.exists() {
            return Err(Problem::not_found(format!("conversation {id}")));
        }
        let who = inside.who.name();
        inside.shelf.write(|store| {
            if let Some(status) = status {
                people::set_status(store, id, status, until, who)?;
            }
            if let Some(to) = &decision.handled_by {
                people::assign(store, id, Some(to), who)?;
            }
            if let Some(text) = &decision.note {
                people::note(store, id, text, who)?;
            }
            Ok(())
        })?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// Overrules the verdict on an account, or withdraws that.
#[utoipa::path(post, path = "/api/v1/workspaces/{workspace}/overrules", tag = "people", request_body = Overrule, params(("workspace" = String, Path)),
    responses((status = 204, description = "Kept"), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn overrule(
    inside: In<Editor>,
    body: Result<Json<Overrule>, axum::extract::rejection::JsonRejection>,
) -> Result<StatusCode, Problem> {
    let Json(asked) = body.map_err(|e| unread(&e))?;
    off_writing(move || {
        let is_inauthentic = match asked.label.as_str() {
            "inauthentic" => Some(true),
            "genuine" => Some(false),
            "as-judged" => None,
            _ => return Err(Problem::bad("expected the label inauthentic, genuine or as-judged", "")),
        };
        if !inside.shelf.exists() {
            return Err(Problem::not_found("workspace with facts yet"));
        }
        let network = asked.network.trim().to_lowercase();
        let account = people::account_of(&network, asked.handle.as_deref(), asked.account_id.as_deref());
        inside.shelf.write(|store| match is_inauthentic {
            Some(is) => people::overrule(store, account, is, &asked.why, inside.who.name()).map(|_| ()),
            None => people::withdraw(store, account),
        })?;
        Ok(StatusCode::NO_CONTENT)
    })
    .await
}

/// The routes.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(queue)).routes(routes!(conversation, decide)).routes(routes!(overrule))
}
