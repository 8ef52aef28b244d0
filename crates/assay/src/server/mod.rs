//! `assay serve`: the same answers as pages to look at and as an API, on this machine unless it is told otherwise.
//!
//! Where things are:
//! - `pages`: what people see. An area is a file and a line of `pages::AREAS`; it reads a `pages::Visit` and answers a sheet.
//! - `api`: what programs see, under `/api/v1`, with its OpenAPI made from the handlers.
//! - `access`: who may do what; nothing of a workspace is reached but through it.
//! - `shelf`: a workspace as the server holds it; `views`: answers as they are kept; `jobs`: work that takes long.
//!
//! Handlers do no work of their own on the threads that listen: they read, render and write on others (`off`).

pub mod access;
mod api;
mod assets;
mod download;
mod experiments;
mod incoming;
pub mod jobs;
mod lanes;
pub mod language;
pub mod memory;
mod pages;
mod problem;
mod shelf;
mod sign_in;
mod unknown;
mod views;

#[cfg(test)]
mod tests;

use crate::pipeline::Error;
use access::Access;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::{HeaderName, HeaderValue, header};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::Response;
use jobs::Jobs;
pub use language::Language;
use problem::Problem;
use shelf::Shelf;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;
pub use views::Fixed;

/// The most bytes of a form that is no upload.
const FORM_BYTES_MAX: usize = 256 << 10;
/// How long what is under way may take to end after the server was asked to stop.
const GRACE: Duration = Duration::from_secs(10);
/// What a server is started with.
#[derive(Debug)]
pub struct ServeOptions {
    /// The workspaces, by name.
    pub workspaces: Vec<(String, PathBuf)>,
    /// The folder that new workspaces are made in, where there may be several.
    pub folder: Option<PathBuf>,
    /// Where to listen.
    pub listen: SocketAddr,
    /// Other names that the server is reached by, such as that of a reverse proxy.
    pub hosts: Vec<String>,
    /// Who may come in.
    pub access: Access,
    /// The most bytes of one upload.
    pub upload_max: u64,
    /// What visitors do not choose.
    pub fixed: Fixed,
    /// Languages that pages can be shown in, beside English.
    pub languages: Vec<Language>,
}

/// All that requests share.
#[derive(Debug)]
pub struct Server {
    shelves: RwLock<BTreeMap<String, Arc<Shelf>>>,
    folder: Option<PathBuf>,
    hosts: Vec<String>,
    access: Access,
    upload_max: u64,
    fixed: Fixed,
    languages: Vec<Language>,
    jobs: Arc<Jobs>,
    once: api::Once,
}

/// The server, as handlers have it.
pub type Shared = Arc<Server>;

impl Server {
    fn shelf(&self, name: &str) -> Option<Arc<Shelf>> {
        self.shelves.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned()
    }

    fn shelves(&self) -> Vec<Arc<Shelf>> {
        self.shelves.read().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// Makes room for another workspace; its file comes with the first import.
    fn add_shelf(&self, name: &str) -> Result<Arc<Shelf>, Problem> {
        let folder = self.folder.as_ref().ok_or_else(|| {
            Problem::forbidden("expected a server of a folder of workspaces, this one serves a single file")
        })?;
        let name = name.trim();
        let fits = !name.is_empty()
            && name.len() <= 60
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        if !fits {
            return Err(Problem::bad(
                format!("expected a name of letters, digits, - and _, found {}", assay_model::quote(name)),
                "such as northlight-coffee",
            ));
        }
        let mut shelves = self.shelves.write().unwrap_or_else(PoisonError::into_inner);
        if shelves.contains_key(name) {
            return Err(Problem::new(
                axum::http::StatusCode::CONFLICT,
                format!("there is a workspace called {name} already"),
                "choose another name",
            ));
        }
        let shelf = Arc::new(Shelf::new(name, &folder.join(format!("{name}.db")))?);
        // Its file is made now, so that it is there after a restart.
        drop(crate::pipeline::workspace::open_workspace(&shelf.path)?);
        shelves.insert(name.to_owned(), Arc::clone(&shelf));
        Ok(shelf)
    }

    /// Whether a `Host` names this server.
    fn is_own_host(&self, host: &str) -> bool {
        let name =
            host.rsplit_once(':').filter(|(_, port)| port.bytes().all(|b| b.is_ascii_digit())).map_or(host, |p| p.0);
        let name = name.trim_matches(['[', ']']).to_ascii_lowercase();
        name == "localhost" || name.parse().is_ok_and(|ip: IpAddr| ip.is_loopback()) || self.hosts.contains(&name)
    }
}

/// The workspaces of a folder: every `.db` file, by its name without the ending.
///
/// # Errors
/// If the folder cannot be read.
pub fn workspaces_of(folder: &Path) -> Result<Vec<(String, PathBuf)>, Error> {
    let failed = |e: std::io::Error| Error::Input {
        message: format!("cannot read the folder {}: {e}", folder.display()),
        hint: Some("name a folder of workspaces with --workspaces".to_owned()),
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|e| e == "db")
            && path.is_file()
            && let Some(name) = path.file_stem().and_then(|n| n.to_str())
        {
            all.push((name.to_owned(), path.clone()));
        }
    }
    all.sort();
    Ok(all)
}

/// The server and the thread of its jobs, before it listens.
///
/// # Errors
/// If a workspace cannot be opened.
pub fn prepare(options: ServeOptions) -> Result<(Shared, std::thread::JoinHandle<()>), Error> {
    let mut shelves = BTreeMap::new();
    for (name, path) in &options.workspaces {
        shelves.insert(name.clone(), Arc::new(Shelf::new(name, path)?));
    }
    let mut hosts: Vec<String> = options.hosts.iter().map(|h| h.to_ascii_lowercase()).collect();
    if !options.listen.ip().is_unspecified() {
        hosts.push(options.listen.ip().to_string());
    }
    let (jobs, worker) = Jobs::start();
    let server = Arc::new(Server {
        shelves: RwLock::new(shelves),
        folder: options.folder,
        hosts,
        access: options.access,
        upload_max: options.upload_max,
        fixed: options.fixed,
        languages: options.languages,
        jobs,
        once: api::Once::default(),
    });
    // What was taken in before a crash and not yet imported.
    for shelf in server.shelves() {
        incoming::resume(&server, &shelf);
    }
    Ok((server, worker))
}

/// Every route with its middleware.
pub fn router(server: &Shared) -> Router {
    let (api, _) = api::router();
    let app = Router::new()
        .merge(pages::router(server))
        .merge(sign_in::router())
        .merge(assets::router())
        .merge(api)
        .fallback(|| async { Problem::not_found("such address") })
        .method_not_allowed_fallback(|| async {
            Problem::new(axum::http::StatusCode::METHOD_NOT_ALLOWED, "the address does not take this method", "")
        });
    app.layer(DefaultBodyLimit::max(FORM_BYTES_MAX))
        .layer(from_fn_with_state(Arc::clone(server), pages::turn))
        .layer(from_fn_with_state(Arc::clone(server), language::shown))
        .layer(from_fn_with_state(Arc::clone(server), access::door))
        .layer(from_fn(head))
        .with_state(Arc::clone(server))
}

/// What every answer says of itself: nothing comes from elsewhere, nothing is kept by others, nothing is framed.
async fn head(request: Request, next: Next) -> Response {
    let is_asset = request.uri().path().starts_with("/assets/");
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let mut put = |name: HeaderName, value: &'static str| {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    };
    put(
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    );
    put(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(header::REFERRER_POLICY, "same-origin");
    put(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    put(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    put(header::CACHE_CONTROL, if is_asset { "public, max-age=31536000, immutable" } else { "no-store" });
    response
}

/// Serves until it is told to stop (^C or a term signal), calling `ready` once it listens.
///
/// # Errors
/// If a workspace cannot be opened, or the address cannot be listened at.
pub fn serve(options: ServeOptions, ready: impl FnOnce(SocketAddr)) -> Result<(), Error> {
    let listen = options.listen;
    let (server, worker) = prepare(options)?;
    let failed = |what: &str, e: &std::io::Error| Error::Input {
        message: format!("cannot {what} {listen}: {e}"),
        hint: Some("another program may be there: choose another with --listen 127.0.0.1:PORT".to_owned()),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(lanes::THREADS)
        .enable_all()
        .build()
        .map_err(|e| failed("serve at", &e))?;
    let app = router(&server);
    runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind(listen).await.map_err(|e| failed("listen at", &e))?;
        let bound = listener.local_addr().map_err(|e| failed("listen at", &e))?;
        ready(bound);
        let jobs = Arc::clone(&server.jobs);
        let stop = async move {
            asked_to_stop().await;
            // Pages that follow a job would be waited for otherwise.
            jobs.close();
        };
        let serving = axum::serve(listener, app).with_graceful_shutdown(stop);
        let (end, ended) = tokio::sync::oneshot::channel::<()>();
        let grace = async {
            asked_to_stop().await;
            let _ = tokio::time::timeout(GRACE, ended).await;
        };
        tokio::select! {
            served = serving => { let _ = end.send(()); served.map_err(|e| failed("serve at", &e)) }
            () = grace => Ok(()),
        }
    })?;
    server.jobs.close();
    runtime.shutdown_timeout(GRACE);
    let _ = worker.join();
    Ok(())
}

async fn asked_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut term) = signal(SignalKind::terminate()) {
            tokio::select! { _ = term.recv() => {}, _ = tokio::signal::ctrl_c() => {} }
            return;
        }
    }
    let _ = tokio::signal::ctrl_c().await;
}
