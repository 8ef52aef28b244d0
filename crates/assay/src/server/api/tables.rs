//! The views of the workspace as files: what `assay export` writes.
#![expect(unused_qualifications, reason = "the macro of the descriptions names types by their whole path")]

use super::super::Shared;
use super::super::access::{In, Viewer};
use super::super::download::download;
use super::super::problem::Problem;
use crate::pipeline::Error;
use crate::render::workspace::{AnswersOut, TableFormat, parquet_of};
use assay_store::{Answers, view_names};
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use std::io::Write;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// The form of a file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum FileForm {
    /// Comma-separated; a text that a spreadsheet would run stands behind a `'`.
    #[default]
    Csv,
    /// Apache Parquet.
    Parquet,
    /// JSON.
    Json,
}

/// How a table is asked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TableQuery {
    /// The form of the file; CSV where nothing is said.
    format: Option<FileForm>,
}

/// A view of the workspace as a file (docs/guides/workspace.md lists the views).
#[utoipa::path(get, path = "/api/v1/workspaces/{workspace}/tables/{view}", tag = "workspaces",
    params(("workspace" = String, Path), ("view" = String, Path), TableQuery),
    responses((status = 200, body = String, content_type = "text/csv"), (status = 200, body = Vec<u8>, content_type = "application/vnd.apache.parquet"), (status = 200, body = Object, content_type = "application/json"), (status = "4XX", body = Problem, content_type = "application/problem+json"), (status = "5XX", body = Problem, content_type = "application/problem+json")))]
async fn table(
    State(_): State<Shared>,
    inside: In<Viewer>,
    Path((_, view)): Path<(String, String)>,
    Query(query): Query<TableQuery>,
) -> Result<Response, Problem> {
    let views = view_names();
    if !views.contains(&view) {
        let hint = format!("the views are {}", views.join(", "));
        return Err(Problem::new(axum::http::StatusCode::NOT_FOUND, "there is no such view", &hint));
    }
    let (ending, media) = match query.format.unwrap_or_default() {
        FileForm::Csv => ("csv", "text/csv; charset=utf-8"),
        FileForm::Parquet => ("parquet", "application/vnd.apache.parquet"),
        FileForm::Json => ("json", "application/json"),
    };
    let (called, form) = (format!("{}-{view}.{ending}", inside.shelf.name), query.format.unwrap_or_default());
    Ok(download(&called, media, move |out| {
        if !inside.shelf.exists() {
            return Err(Problem::not_found("workspace with facts yet"));
        }
        let question = format!("SELECT * FROM {view}");
        let ask = |answers: &mut dyn Answers| {
            inside.shelf.read(|store| Ok(store.query(&question, u64::MAX, || true, answers)?))
        };
        match form {
            FileForm::Csv => rows(TableFormat::Csv, out, &ask),
            FileForm::Json => rows(TableFormat::Json, out, &ask),
            FileForm::Parquet => {
                let table = parquet_of(|answers| ask(answers).map_err(Problem::from), |e| broken(e))?;
                out.write_all(&table).map_err(Problem::sending)
            }
        }
    })
    .await)
}

fn rows(
    format: TableFormat,
    out: &mut dyn Write,
    ask: &dyn Fn(&mut dyn Answers) -> Result<bool, Error>,
) -> Result<(), Problem> {
    let mut answers = AnswersOut::new(format, out);
    let is_whole = ask(&mut answers)?;
    answers.end(is_whole).map_err(Problem::sending)
}

fn broken(error: &dyn std::error::Error) -> Problem {
    let status = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
    Problem::new(status, format!("the rows cannot be written: {error}"), "ask for them as csv")
}

/// The routes of tables.
pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(table))
}
