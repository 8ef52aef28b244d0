//! What a request gets instead of its answer: a problem by RFC 9457, or the same as a page.

use crate::pipeline::Error;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

/// A problem by RFC 9457, `application/problem+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// What kind it is: `about:blank`, as the status says all.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// The status in words.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What was expected and what was found.
    pub detail: String,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Problem {
    /// A problem with this status.
    pub fn new(status: StatusCode, detail: impl Into<String>, hint: impl Into<String>) -> Self {
        let hint: String = hint.into();
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Problem").to_owned(),
            status: status.as_u16(),
            detail: detail.into(),
            hint: Some(hint).filter(|h| !h.is_empty()),
        }
    }

    /// Something that is not there.
    pub fn not_found(what: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no {what}"), "")
    }

    /// Something asked for that cannot be understood.
    pub fn bad(detail: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail, hint)
    }

    /// An answer that could not be sent.
    pub fn sending(error: impl std::fmt::Display) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, format!("cannot send: {error}"), "")
    }

    /// Somebody who must say who they are.
    pub fn unknown_visitor() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "expected somebody who is signed in", "sign in, or send a bearer token")
    }

    /// Somebody who may not.
    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, detail, "ask an owner of the workspace")
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let status = match error {
            Error::Input { .. } | Error::UnknownTables { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Error::Usage { .. } => StatusCode::BAD_REQUEST,
            Error::Interrupted => StatusCode::SERVICE_UNAVAILABLE,
        };
        let (detail, hint) =
            error.told().unwrap_or_else(|| ("the work was stopped".to_owned(), Some("ask again".to_owned())));
        Self::new(status, detail, hint.unwrap_or_default())
    }
}

impl From<assay_store::StoreError> for Problem {
    fn from(error: assay_store::StoreError) -> Self {
        Error::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(&self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        // For whoever shows it as a page.
        response.extensions_mut().insert(self);
        response
    }
}
