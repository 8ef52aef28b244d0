//! Who comes in, and what they may do there. Nothing of a workspace is reached but through [`In`], which asks for a role.
//!
//! Without a register of accounts the server listens on loopback alone and whoever is at the machine owns everything. With one,
//! everybody signs in: a session in a cookie, or a bearer token with scopes. What a browser sends on behalf of another site is
//! refused by what the browser says of itself (`Sec-Fetch-Site`, `Origin`), and names that are not the server's by `Host`.

use super::Shared;
use super::jobs::held;
use super::problem::Problem;
use super::shelf::Shelf;
use crate::pipeline::Error;
use crate::pipeline::workspace::now;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _, phc};
use argon2::{Algorithm, Argon2, Params, Version};
use assay_model::{DAY_MS, TimeMs};
use assay_store::Register;
use axum::extract::{FromRequestParts, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::marker::PhantomData;
use std::path::Path;
use std::sync::{Arc, Mutex};

/// How long somebody stays signed in.
const SESSION_DAYS: i64 = 14;
/// Wrong passwords that are borne before waiting begins,
const TRIES_FREE: u32 = 5;
/// which then doubles from a second up to this, in ms.
const WAIT_MS_MAX: i64 = 15 * 60 * 1000;
/// Names that wrong passwords are remembered of.
const TRIED_MAX: usize = 10_000;
/// The cookie of a session.
pub const COOKIE: &str = "assay_session";
/// The fewest characters of a password.
pub const PASSWORD_MIN: usize = 12;
/// The most: hashing costs time and memory.
const PASSWORD_MAX: usize = 1_000;

/// What somebody may do in a workspace, each also what the ones before may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Look.
    Viewer,
    /// Import, label, answer.
    Editor,
    /// Forget, undo, and say who else may.
    Owner,
}

impl Role {
    /// The roles, from the least.
    pub const ALL: [Self; 3] = [Self::Viewer, Self::Editor, Self::Owner];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Editor => "editor",
            Self::Owner => "owner",
        }
    }

    /// The role of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|r| r.name() == name)
    }
}

/// Who somebody is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// Whoever is at the machine; there is no register.
    Local,
    /// Somebody who signed in.
    Account(String),
    /// A program with a token of somebody, which may do no more than this role.
    Token {
        /// Whose it is.
        account: String,
        /// The most it may do.
        most: Role,
    },
}

impl Who {
    /// The name of an account; `None` for whoever is at the machine.
    pub fn account(&self) -> Option<&str> {
        match self {
            Self::Local => None,
            Self::Account(name) | Self::Token { account: name, .. } => Some(name),
        }
    }

    /// What stands beside a note or a decision.
    pub fn name(&self) -> &str {
        self.account().unwrap_or("local")
    }
}

/// Who may come in: everybody at this machine, or those in the register.
#[derive(Debug)]
pub enum Access {
    /// Loopback without accounts.
    Open,
    /// Accounts.
    Accounts(Box<Accounts>),
}

/// The register, and who tried wrong passwords.
#[derive(Debug)]
pub struct Accounts {
    register: Mutex<Register>,
    tried: Mutex<HashMap<String, (u32, TimeMs)>>,
    /// A hash that no password fits, so that a name without an account takes as long as one with.
    nobody: String,
}

fn hasher() -> Result<Argon2<'static>, Error> {
    // OWASP's first advice for Argon2id: 19 MiB, 2 passes, 1 lane.
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|e| broken(&e))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn broken(error: &dyn std::fmt::Display) -> Error {
    Error::Input { message: format!("a password cannot be hashed: {error}"), hint: None }
}

/// The hash of a password, to be kept.
///
/// # Errors
/// If it is too short or too long.
pub fn hash_password(password: &str) -> Result<String, Error> {
    let n = password.chars().count();
    if n < PASSWORD_MIN || password.len() > PASSWORD_MAX {
        return Err(Error::Usage {
            message: format!("expected a password of {PASSWORD_MIN} to {PASSWORD_MAX} characters, found {n}"),
            hint: Some("several words that do not belong together are easy to remember".to_owned()),
        });
    }
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(|e| broken(&e))?;
    let hash: phc::PasswordHash =
        hasher()?.hash_password_with_salt(password.as_bytes(), &salt).map_err(|e| broken(&e))?;
    Ok(hash.to_string())
}

/// A secret that nobody can guess, as text.
///
/// # Errors
/// If the system gives no randomness.
pub fn secret() -> Result<String, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| broken(&e))?;
    Ok(hex(&bytes))
}

/// What is kept of a secret.
pub fn fingerprint(secret: &str) -> String {
    hex(&Sha256::digest(secret.as_bytes()))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Accounts {
    /// Those in the register in this file.
    ///
    /// # Errors
    /// If it cannot be opened.
    pub fn open(path: &Path) -> Result<Self, Error> {
        if let Some(folder) = path.parent().filter(|f| !f.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(|e| Error::Input {
                message: format!("cannot make {}: {e}", folder.display()),
                hint: Some("name another file with --accounts".to_owned()),
            })?;
        }
        crate::pipeline::workspace::own_file(path)?;
        Ok(Self {
            register: Mutex::new(Register::open(path)?),
            tried: Mutex::default(),
            nobody: hash_password(&secret()?)?,
        })
    }

    /// Reads or writes the register.
    ///
    /// # Errors
    /// As `act` says.
    pub fn with<T>(&self, act: impl FnOnce(&mut Register) -> Result<T, assay_store::StoreError>) -> Result<T, Error> {
        Ok(act(&mut held(&self.register))?)
    }

    /// Signs somebody in and answers the secret of the session. Takes tens of milliseconds, whoever asks.
    ///
    /// # Errors
    /// If the name and the password do not fit, or were tried too often.
    pub fn sign_in(&self, name: &str, password: &str) -> Result<String, Problem> {
        let at = now();
        if let Some((n, last)) = held(&self.tried).get(name).copied()
            && n >= TRIES_FREE
        {
            let wait = 1000_i64.saturating_mul(1 << (n - TRIES_FREE).min(20)).min(WAIT_MS_MAX);
            if at.0 < last.0 + wait {
                let s = (last.0 + wait - at.0).div_euclid(1000) + 1;
                let detail = format!("too many wrong passwords for this name; the next try counts in {s} s");
                return Err(Problem::new(
                    StatusCode::TOO_MANY_REQUESTS,
                    detail,
                    "wait, or ask an owner for a new password",
                ));
            }
        }
        let kept = self.with(|r| r.password(name))?;
        let hash = kept.as_deref().unwrap_or(&self.nobody);
        let parsed = phc::PasswordHash::new(hash).map_err(|e| Problem::from(broken(&e)))?;
        let fits = password.len() <= PASSWORD_MAX && hasher()?.verify_password(password.as_bytes(), &parsed).is_ok();
        let mut tried = held(&self.tried);
        if !fits || kept.is_none() {
            if tried.len() >= TRIED_MAX {
                tried.clear();
            }
            let entry = tried.entry(name.to_owned()).or_insert((0, at));
            *entry = (entry.0.saturating_add(1), at);
            return Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "the name and the password do not fit",
                "an owner sets a new one with `assay serve account set NAME`",
            ));
        }
        tried.remove(name);
        drop(tried);
        let secret = secret()?;
        let ends = TimeMs(at.0 + SESSION_DAYS * DAY_MS);
        self.with(|r| r.begin_session(&fingerprint(&secret), name, at, ends))?;
        Ok(secret)
    }

    fn role(&self, account: &str, workspace: &str) -> Result<Option<Role>, Error> {
        let roles = self.with(|r| r.roles(account))?;
        let own = |w: &str| roles.iter().find(|(of, _)| of == w).and_then(|(_, role)| Role::parse(role));
        // `*` is every workspace.
        Ok(own(workspace).max(own("*")))
    }
}

/// The value of a cookie.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|v| v.to_str().ok());
    all.flat_map(|v| v.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Who sent these headers.
fn who(access: &Access, headers: &HeaderMap) -> Result<Who, Problem> {
    let Access::Accounts(accounts) = access else { return Ok(Who::Local) };
    if let Some(token) = bearer(headers) {
        let Some((account, scopes)) = accounts.with(|r| r.token(&fingerprint(token)))? else {
            return Err(Problem::new(
                StatusCode::UNAUTHORIZED,
                "the token is not known",
                "make a new one under Settings",
            ));
        };
        let most = scopes.split(' ').filter_map(Role::parse).max().unwrap_or(Role::Viewer);
        return Ok(Who::Token { account, most });
    }
    let Some(secret) = cookie(headers, COOKIE) else { return Err(Problem::unknown_visitor()) };
    let account = accounts.with(|r| r.session(&fingerprint(secret), now()))?;
    account.map(Who::Account).ok_or_else(Problem::unknown_visitor)
}

/// Somebody who may be here at all.
#[derive(Debug, Clone)]
pub struct Visitor {
    /// Who it is.
    pub who: Who,
}

impl FromRequestParts<Shared> for Visitor {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Shared) -> Result<Self, Problem> {
        Ok(Self { who: who(&server.access, &parts.headers)? })
    }
}

/// What a kind of request needs.
pub trait Needs {
    /// The least role.
    const ROLE: Role;
}

/// Needs a viewer.
#[derive(Debug)]
pub struct Viewer;
/// Needs an editor.
#[derive(Debug)]
pub struct Editor;
/// Needs an owner.
#[derive(Debug)]
pub struct Owner;

impl Needs for Viewer {
    const ROLE: Role = Role::Viewer;
}
impl Needs for Editor {
    const ROLE: Role = Role::Editor;
}
impl Needs for Owner {
    const ROLE: Role = Role::Owner;
}

/// Somebody inside a workspace, with the role that was needed.
#[derive(Debug)]
pub struct In<N> {
    /// The workspace.
    pub shelf: Arc<Shelf>,
    /// Who it is.
    pub who: Who,
    /// What they may do.
    pub role: Role,
    needs: PhantomData<N>,
}

/// Lets somebody into a workspace who has at least this role there. A workspace that they may not know of is not there for them.
///
/// # Errors
/// If it is not there for them, or their role is less.
pub fn enter(server: &Shared, who: &Who, workspace: &str, least: Role) -> Result<(Arc<Shelf>, Role), Problem> {
    let role = match (&server.access, who) {
        (Access::Open, _) | (Access::Accounts(_), Who::Local) => Some(Role::Owner),
        (Access::Accounts(a), Who::Account(name)) => a.role(name, workspace)?,
        (Access::Accounts(a), Who::Token { account, most }) => a.role(account, workspace)?.map(|r| r.min(*most)),
    };
    let missing = || Problem::not_found(format!("workspace called {workspace} that you may see"));
    let role = role.ok_or_else(missing)?;
    let shelf = server.shelf(workspace).ok_or_else(missing)?;
    if role < least {
        let detail = format!("expected the role {} in this workspace, yours is {}", least.name(), role.name());
        return Err(Problem::forbidden(detail));
    }
    Ok((shelf, role))
}

impl<N: Needs> FromRequestParts<Shared> for In<N> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, server: &Shared) -> Result<Self, Problem> {
        let who = who(&server.access, &parts.headers)?;
        let params = RawPathParams::from_request_parts(parts, server).await;
        let params = params.map_err(|e| Problem::bad(format!("expected a readable address: {e}"), ""))?;
        let workspace = params.iter().find(|(name, _)| *name == "workspace").map_or("", |(_, value)| value).to_owned();
        let (shelf, role) = enter(server, &who, &workspace, N::ROLE)?;
        Ok(Self { shelf, who, role, needs: PhantomData })
    }
}

/// The workspaces that somebody may see, each with their role.
///
/// # Errors
/// If the register cannot be read.
pub fn visible(server: &Shared, who: &Who) -> Result<Vec<(Arc<Shelf>, Role)>, Problem> {
    let all = server.shelves();
    let mut seen = Vec::new();
    for shelf in all {
        match enter(server, who, &shelf.name, Role::Viewer) {
            Ok((shelf, role)) => seen.push((shelf, role)),
            Err(problem) if problem.status == 404 || problem.status == 403 => {}
            Err(problem) => return Err(problem),
        }
    }
    Ok(seen)
}

/// Refuses what is sent to another name, or by a browser on behalf of another site.
pub async fn door(State(server): State<Shared>, request: Request, next: Next) -> Response {
    match refusal(&server, &request) {
        Some(problem) => problem.into_response(),
        None => next.run(request).await,
    }
}

fn refusal(server: &Shared, request: &Request) -> Option<Problem> {
    let headers = request.headers();
    let text = |name: header::HeaderName| headers.get(name).and_then(|v| v.to_str().ok());
    let host =
        text(header::HOST).or_else(|| request.uri().authority().map(axum::http::uri::Authority::as_str)).unwrap_or("");
    if !server.is_own_host(host) {
        return Some(Problem::new(
            StatusCode::MISDIRECTED_REQUEST,
            format!("expected the server's own name in Host, found {}", assay_model::quote(host)),
            "open the address that `assay serve` printed, or start it with --host NAME",
        ));
    }
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    // A token is never sent by a browser on its own.
    if is_safe || bearer(headers).is_some() && matches!(server.access, Access::Accounts(_)) {
        return None;
    }
    let is_own = match (headers.get("sec-fetch-site").and_then(|v| v.to_str().ok()), text(header::ORIGIN)) {
        (Some(site), _) => site == "same-origin" || site == "none",
        (None, Some(origin)) => origin.split_once("://").is_some_and(|(_, name)| name == host),
        // No browser of the last years sends a form without either.
        (None, None) => true,
    };
    (!is_own).then(|| {
        Problem::new(StatusCode::FORBIDDEN, "the request comes from another site's page", "open assay's own page")
    })
}
