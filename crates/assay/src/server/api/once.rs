//! What is done once however often it is sent, and what is shown once.
//!
//! A write with an `Idempotency-Key` that was answered before gets the same answer again; the same key with another content is
//! refused. Keys are of somebody, and are remembered while the server runs.

use super::super::access::{Who, secret};
use super::super::jobs::held;
use super::super::problem::Problem;
use axum::http::{HeaderMap, StatusCode};
use std::collections::{HashMap, VecDeque};
use std::sync::Mutex;

/// Keys that are remembered; older ones go.
const KEYS_MAX: usize = 10_000;
/// Secrets that wait to be looked at; older ones go.
const SECRETS_MAX: usize = 100;

/// What was answered to keys, and secrets that wait to be shown.
#[derive(Debug, Default)]
pub struct Once {
    answered: Mutex<Answered>,
    secrets: Mutex<VecDeque<(String, String)>>,
}

#[derive(Debug, Default)]
struct Answered {
    by_key: HashMap<String, (String, String)>,
    order: VecDeque<String>,
}

/// The key of a request, under which its answer is remembered.
///
/// # Errors
/// If it is too long or no text.
pub fn key(headers: &HeaderMap, who: &Who, place: &str) -> Result<Option<String>, Problem> {
    let Some(value) = headers.get("idempotency-key") else { return Ok(None) };
    let text = value.to_str().ok().filter(|t| !t.is_empty() && t.len() <= 200);
    let text = text.ok_or_else(|| Problem::bad("expected an Idempotency-Key of 1 to 200 printable characters", ""))?;
    Ok(Some(format!("{} {place} {text}", who.name())))
}

impl Once {
    /// The answer to this key, if it was answered; `content` is what was sent.
    ///
    /// # Errors
    /// If the key was sent before with another content.
    pub fn answered(&self, key: Option<&str>, content: &str) -> Result<Option<String>, Problem> {
        let Some(key) = key else { return Ok(None) };
        match held(&self.answered).by_key.get(key) {
            None => Ok(None),
            Some((sent, answer)) if sent == content => Ok(Some(answer.clone())),
            Some(_) => Err(Problem::new(
                StatusCode::UNPROCESSABLE_ENTITY,
                "the Idempotency-Key was sent before with another content",
                "use a new key for a new write",
            )),
        }
    }

    /// Remembers the answer to a key.
    pub fn remember(&self, key: Option<String>, content: &str, answer: &str) {
        let Some(key) = key else { return };
        let mut answered = held(&self.answered);
        if answered.by_key.insert(key.clone(), (content.to_owned(), answer.to_owned())).is_none() {
            answered.order.push_back(key);
        }
        while answered.order.len() > KEYS_MAX {
            if let Some(oldest) = answered.order.pop_front() {
                answered.by_key.remove(&oldest);
            }
        }
    }

    /// Keeps a secret until it is looked at, and answers what it is asked for by.
    ///
    /// # Errors
    /// If the system gives no randomness.
    pub fn keep(&self, text: String) -> Result<String, Problem> {
        let id = secret()?[..24].to_owned();
        let mut secrets = held(&self.secrets);
        secrets.push_back((id.clone(), text));
        while secrets.len() > SECRETS_MAX {
            secrets.pop_front();
        }
        Ok(id)
    }

    /// A secret that waits to be shown: once.
    pub fn take(&self, id: &str) -> Option<String> {
        let mut secrets = held(&self.secrets);
        let at = secrets.iter().position(|(own, _)| own == id)?;
        secrets.remove(at).map(|(_, text)| text)
    }
}
