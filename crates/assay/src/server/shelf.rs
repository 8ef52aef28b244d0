//! One workspace as the server holds it: connections to read with, and answers that took long, kept until the facts change.
//!
//! An answer belongs to an edition of the facts. When they change, the old answer is still shown, and said to be old, while the
//! new one is made; when somebody is to be forgotten, old answers go at once.

use super::jobs::{Job, Jobs, State, held};
use super::lanes::READERS;
use super::problem::Problem;
use super::views::{AuditView, MetricsAsked, MetricsView, QueueAsked, ReachView};
use crate::pipeline::workspace::{WorkspaceTold, open_workspace, read_workspace};
use crate::pipeline::{Error, Watch};
use crate::report::QueueReport;
use assay_store::Workspace;
use serde_json::json;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

/// Memory that a connection keeps for pages of the file, KiB: as many are kept as pages are read at once.
const CACHE_KIB: i64 = 6 << 10;
/// Answers of a kind that are kept, whatever is asked.
const KEPT_MAX: usize = 24;

/// An answer that may take long.
#[derive(Debug, Clone)]
pub enum Told<T> {
    /// It is there; `newer` is at work where the facts have changed since.
    Ready {
        /// The answer.
        value: Arc<T>,
        /// The job that makes a newer one.
        newer: Option<Arc<Job>>,
    },
    /// It is being made.
    Working(Arc<Job>),
    /// It could not be made: what was expected and found, and what to do.
    Failed {
        /// What was expected and found.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
}

impl<T> Told<T> {
    /// The job that makes what is not there yet, or a newer one.
    pub fn at_work(&self) -> Option<&Arc<Job>> {
        match self {
            Self::Ready { newer, .. } => newer.as_ref(),
            Self::Working(job) => Some(job),
            Self::Failed { .. } => None,
        }
    }

    /// The answer, for what cannot wait for it.
    ///
    /// # Errors
    /// If it is not there yet, or could not be made.
    pub fn ready(self) -> Result<Arc<T>, Problem> {
        match self {
            Self::Ready { value, .. } => Ok(value),
            Self::Working(job) => Err(Problem::new(
                axum::http::StatusCode::SERVICE_UNAVAILABLE,
                format!("the answer is being worked out ({})", job.what),
                "ask again in a moment",
            )),
            Self::Failed { message, hint } => Err(Error::Input { message, hint }.into()),
        }
    }

    /// The answer, if there is one.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Ready { value, .. } => Some(value),
            _ => None,
        }
    }
}

/// A kept answer, the edition of the facts that it is of, and the job that makes the next.
#[derive(Debug)]
pub struct Cell<T> {
    value: Option<(String, Arc<T>)>,
    failed: Option<(String, String, Option<String>)>,
    job: Option<(String, Arc<Job>)>,
    asked: u64,
}

impl<T> Default for Cell<T> {
    fn default() -> Self {
        Self { value: None, failed: None, job: None, asked: 0 }
    }
}

/// Answers of one kind by what was asked.
pub type Cells<K, T> = Mutex<BTreeMap<K, Cell<T>>>;

/// A workspace that is served.
#[derive(Debug)]
pub struct Shelf {
    /// Its name in addresses.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    is_made: AtomicBool,
    idle: Mutex<Vec<Workspace>>,
    audits: Cells<i64, AuditView>,
    metrics: Cells<MetricsAsked, MetricsView>,
    queues: Cells<QueueAsked, QueueReport>,
    reaches: Cells<i64, ReachView>,
    lines: Cells<i64, WorkspaceTold>,
    last_order: Mutex<Option<(String, Option<String>)>>,
}

/// Where a shelf keeps answers of one kind.
pub type Kind<K, T> = fn(&Shelf) -> &Cells<K, T>;

impl Shelf {
    /// The workspace in this file, which need not be there yet.
    ///
    /// # Errors
    /// If there is a file and it is no workspace, or cannot be brought to the newest form.
    pub fn new(name: &str, path: &Path) -> Result<Self, Error> {
        if path.exists() {
            open_workspace(path)?;
        }
        Ok(Self {
            name: name.to_owned(),
            path: path.to_owned(),
            is_made: AtomicBool::new(false),
            idle: Mutex::default(),
            audits: Mutex::default(),
            metrics: Mutex::default(),
            queues: Mutex::default(),
            reaches: Mutex::default(),
            lines: Mutex::default(),
            last_order: Mutex::default(),
        })
    }

    /// Audits, by the number of their page.
    pub fn audits(&self) -> &Cells<i64, AuditView> {
        &self.audits
    }

    /// Metrics, by what was asked of them.
    pub fn metrics(&self) -> &Cells<MetricsAsked, MetricsView> {
        &self.metrics
    }

    /// What stands in the table of workspaces, by the number of the newest audit.
    pub fn lines(&self) -> &Cells<i64, WorkspaceTold> {
        &self.lines
    }

    /// What is known of reach, by the number of the page.
    pub fn reaches(&self) -> &Cells<i64, ReachView> {
        &self.reaches
    }

    /// The queue of people, by what was asked of it.
    pub fn queues(&self) -> &Cells<QueueAsked, QueueReport> {
        &self.queues
    }

    /// Whether there is a workspace: not before the first import, nor while its file is being made.
    pub fn exists(&self) -> bool {
        if !self.is_made.load(Ordering::Relaxed) {
            let is_made = self.path.exists() && read_workspace(&self.path).is_ok();
            self.is_made.store(is_made, Ordering::Relaxed);
        }
        self.is_made.load(Ordering::Relaxed)
    }

    /// Reads with a connection of its own.
    ///
    /// # Errors
    /// If there is no workspace or it cannot be read, or what `read` says.
    pub fn read<T>(&self, read: impl FnOnce(&mut Workspace) -> Result<T, Error>) -> Result<T, Error> {
        let idle = held(&self.idle).pop();
        let mut store = if let Some(store) = idle {
            store
        } else {
            let store = read_workspace(&self.path)?;
            let sized = store.connection().pragma_update(None, "cache_size", -CACHE_KIB);
            sized.map_err(|e| Error::from(assay_store::StoreError::from(e)))?;
            store
        };
        let read = read(&mut store)?;
        let mut idle = held(&self.idle);
        if idle.len() < READERS {
            idle.push(store);
        }
        drop(idle);
        Ok(read)
    }

    /// Writes with a connection that is closed afterwards.
    ///
    /// # Errors
    /// If it cannot be opened, or what `write` says.
    pub fn write<T>(&self, write: impl FnOnce(&mut Workspace) -> Result<T, Error>) -> Result<T, Error> {
        write(&mut open_workspace(&self.path)?)
    }

    /// Which facts there are now: another text where they are others.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn edition(&self) -> Result<String, Error> {
        if !self.exists() {
            return Ok(String::new());
        }
        self.read(|store| Ok(store.edition()?))
    }

    /// The day of the last order, if there is one: looked for once an edition, as it takes a look at every order.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn last_order(&self) -> Result<Option<String>, Error> {
        if !self.exists() {
            return Ok(None);
        }
        let edition = self.edition()?;
        if let Some((_, day)) = held(&self.last_order).as_ref().filter(|(of, _)| *of == edition) {
            return Ok(day.clone());
        }
        let sql = "SELECT max(substr(ordered_at, 1, 10)) FROM orders";
        let day: Option<String> = self.read(|store| {
            let day = store.connection().query_row(sql, [], |row| row.get(0));
            Ok(day.map_err(assay_store::StoreError::from)?)
        })?;
        *held(&self.last_order) = Some((edition, day.clone()));
        Ok(day)
    }

    /// Drops every kept answer at once: none may show who was forgotten.
    pub fn drop_answers(&self) {
        held(&self.audits).clear();
        held(&self.metrics).clear();
        held(&self.queues).clear();
        held(&self.reaches).clear();
        held(&self.lines).clear();
    }

    /// The answer of a kind to what is asked: the kept one, or a job that makes it by `work`.
    ///
    /// # Errors
    /// If the workspace cannot be read.
    pub fn ask<K, T>(
        self: &Arc<Self>,
        jobs: &Jobs,
        kind: Kind<K, T>,
        key: K,
        what: &str,
        work: impl FnOnce(&Path, &mut Watch<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Result<Told<T>, Error>
    where
        K: Ord + Clone + Send + 'static,
        T: Send + Sync + 'static,
    {
        Ok(self.ask_of(self.edition()?, jobs, kind, key, what, work))
    }

    /// The same, of an edition of more than the facts.
    pub fn ask_of<K, T>(
        self: &Arc<Self>,
        edition: String,
        jobs: &Jobs,
        kind: Kind<K, T>,
        key: K,
        what: &str,
        work: impl FnOnce(&Path, &mut Watch<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Told<T>
    where
        K: Ord + Clone + Send + 'static,
        T: Send + Sync + 'static,
    {
        let mut cells = held(kind(self));
        let turn = cells.values().map(|c| c.asked).max().unwrap_or(0) + 1;
        let cell = cells.entry(key.clone()).or_default();
        cell.asked = turn;
        if let Some((of, value)) = &cell.value
            && *of == edition
        {
            return Told::Ready { value: Arc::clone(value), newer: None };
        }
        if let Some((of, message, hint)) = &cell.failed
            && *of == edition
        {
            return Told::Failed { message: message.clone(), hint: hint.clone() };
        }
        let job = match &cell.job {
            Some((of, job)) if *of == edition && !job.state().has_ended() => Arc::clone(job),
            _ => {
                let (own, of, key) = (Arc::clone(self), edition.clone(), key);
                let job = jobs.ask(&self.name, what, move |watch| {
                    let came = work(&own.path, watch);
                    let mut cells = held(kind(&own));
                    // Where the answers were dropped meanwhile, what was made of older facts is dropped with them.
                    let Some(cell) = cells.get_mut(&key).filter(|c| c.job.as_ref().is_some_and(|(e, _)| *e == of))
                    else {
                        return Err(Error::Interrupted);
                    };
                    match came {
                        Ok(value) => {
                            cell.value = Some((of, Arc::new(value)));
                            Ok(json!({}))
                        }
                        Err(Error::Interrupted) => Err(Error::Interrupted),
                        Err(error) => {
                            let (message, hint) = error.told().unwrap_or_default();
                            cell.failed = Some((of, message.clone(), hint.clone()));
                            Err(Error::Input { message, hint })
                        }
                    }
                });
                cell.job = Some((edition, Arc::clone(&job)));
                job
            }
        };
        let told = match &cell.value {
            Some((_, value)) => Told::Ready { value: Arc::clone(value), newer: Some(job) },
            None => match job.state() {
                State::Failed { message, hint } => Told::Failed { message, hint },
                _ => Told::Working(job),
            },
        };
        while cells.len() > KEPT_MAX {
            let Some(oldest) = cells.iter().min_by_key(|(_, c)| c.asked).map(|(k, _)| k.clone()) else { break };
            cells.remove(&oldest);
        }
        told
    }
}
