//! Signing in and out.

use super::Shared;
use super::access::{Access, COOKIE, cookie, fingerprint};
use super::lanes::off;
use super::pages::layout::{Sheet, bare};
use super::problem::Problem;
use axum::Router;
use axum::extract::{Form, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use maud::html;
use serde::Deserialize;

#[derive(Debug, Deserialize)]
struct Back {
    #[serde(default)]
    back: String,
}

#[derive(Debug, Deserialize)]
struct Tried {
    name: String,
    password: String,
    #[serde(default)]
    back: String,
}

/// An address of this server to go back to; nothing else is gone to.
fn own(back: &str) -> &str {
    let is_own = back.starts_with('/') && !back.starts_with("//") && !back.contains(['\\', '\r', '\n']);
    if is_own { back } else { "/" }
}

fn sheet(back: &str, problem: Option<&Problem>) -> Sheet {
    let body = html! {
        section.signin aria-labelledby="signin" {
            h1 #signin { "Sign in" }
            @if let Some(problem) = problem { p.trouble role="alert" { (problem.detail) ". " @if let Some(hint) = &problem.hint { (hint) "." } } }
            form method="post" action="/sign-in" {
                input type="hidden" name="back" value=(own(back));
                label for="name" { "Name" }
                input #name name="name" autocomplete="username" required autofocus;
                label for="password" { "Password" }
                input #password name="password" type="password" autocomplete="current-password" required;
                button type="submit" { "Sign in" }
            }
        }
    };
    Sheet::new("Sign in", body)
}

async fn show(State(server): State<Shared>, Query(query): Query<Back>) -> Response {
    match server.access {
        Access::Open => Redirect::to("/").into_response(),
        Access::Accounts(_) => Html(bare(&sheet(&query.back, None)).into_string()).into_response(),
    }
}

async fn enter(
    State(server): State<Shared>,
    headers: HeaderMap,
    Form(tried): Form<Tried>,
) -> Result<Response, Problem> {
    if matches!(server.access, Access::Open) {
        return Ok(Redirect::to("/").into_response());
    }
    let own_server = server.clone();
    let (name, password) = (tried.name, tried.password);
    let signed = off(move || match &own_server.access {
        Access::Accounts(accounts) => accounts.sign_in(&name, &password),
        Access::Open => Ok(String::new()),
    })
    .await;
    match signed {
        Ok(secret) => {
            // A proxy that speaks TLS says so; on loopback there is none.
            let is_tls = headers.get("x-forwarded-proto").is_some_and(|v| v.as_bytes().eq_ignore_ascii_case(b"https"));
            let secure = if is_tls { "; Secure" } else { "" };
            let value = format!("{COOKIE}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={}{secure}", 14 * 86_400);
            Ok(([(header::SET_COOKIE, value)], Redirect::to(own(&tried.back))).into_response())
        }
        Err(problem) => {
            let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::UNAUTHORIZED);
            let page = Html(bare(&sheet(&tried.back, Some(&problem))).into_string());
            Ok((status, page).into_response())
        }
    }
}

async fn leave(State(server): State<Shared>, headers: HeaderMap) -> Result<Response, Problem> {
    if let Some(secret) = cookie(&headers, COOKIE) {
        let hash = fingerprint(secret);
        off(move || match &server.access {
            Access::Accounts(accounts) => Ok(accounts.with(|r| r.end_session(&hash))?),
            Access::Open => Ok(()),
        })
        .await?;
    }
    let gone = format!("{COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    Ok(([(header::SET_COOKIE, gone)], Redirect::to("/sign-in")).into_response())
}

/// The routes of signing in and out.
pub fn router() -> Router<Shared> {
    Router::new().route("/sign-in", get(show).post(enter)).route("/sign-out", post(leave))
}

#[cfg(test)]
mod tests {
    use super::own;

    #[test]
    fn nobody_is_sent_to_another_site() {
        for bad in ["https://example.com", "//example.com", "/\\example.com", "", "x"] {
            assert_eq!(own(bad), "/");
        }
        assert_eq!(own("/w/a/people?status=open"), "/w/a/people?status=open");
    }
}
