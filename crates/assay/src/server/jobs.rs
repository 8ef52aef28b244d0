//! Work that takes longer than a page may: one at a time, in the order it was asked for, with progress and an end.
//!
//! One thread does it, so that pages have the other core. A job that is asked for again while it waits is the same job.

use crate::pipeline::{Error, Step, Watch};
use assay_model::Go;
use serde::Serialize;
use std::collections::{BTreeMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use tokio::sync::watch;

/// Ended jobs that are remembered.
const REMEMBERED: usize = 200;

/// How far a job is.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum State {
    /// It waits for those before it.
    Waiting,
    /// It is at work: the step, and how much of the step is done.
    Working {
        /// What it does now.
        step: String,
        /// Of the step, so much is done,
        done: u64,
        /// of so much; 0 where that is not known.
        total: u64,
    },
    /// It ended well.
    Done {
        /// What came of it.
        #[schema(value_type = Object)]
        result: serde_json::Value,
    },
    /// It did not end well.
    Failed {
        /// What was expected and found.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
    /// It was stopped.
    Stopped,
}

impl State {
    /// Whether nothing more comes.
    pub fn has_ended(&self) -> bool {
        matches!(self, Self::Done { .. } | Self::Failed { .. } | Self::Stopped)
    }
}

/// A job.
#[derive(Debug)]
pub struct Job {
    /// Its name, unlike that of any other of this server.
    pub id: String,
    /// The workspace that it is of.
    pub workspace: String,
    /// What it does, in a few words.
    pub what: String,
    state: watch::Sender<State>,
    is_to_stop: AtomicBool,
}

impl Job {
    /// How far it is.
    pub fn state(&self) -> State {
        self.state.borrow().clone()
    }

    /// Hears of every change.
    pub fn follow(&self) -> watch::Receiver<State> {
        self.state.subscribe()
    }

    /// Asks it to stop; it does so at its next look.
    pub fn stop(&self) {
        self.is_to_stop.store(true, Ordering::Relaxed);
    }

    fn tick(&self, step: Step, done: u64, total: u64) -> Go {
        if self.is_to_stop.load(Ordering::Relaxed) {
            return Go::Stop;
        }
        let step = step.say();
        self.state.send_if_modified(|state| {
            // A hundredth of the work is news; less is not.
            let per_cent = |done: u64, total: u64| done.saturating_mul(100) / total.max(1);
            let is_news = match &*state {
                State::Working { step: s, done: d, total: t } => {
                    *s != step || per_cent(*d, *t) != per_cent(done, total)
                }
                _ => true,
            };
            if is_news {
                *state = State::Working { step, done, total };
            }
            is_news
        });
        Go::On
    }
}

/// What a job does: told how to say how far it is, it answers what came of it.
type Work = Box<dyn FnOnce(&mut Watch<'_>) -> Result<serde_json::Value, Error> + Send>;

/// The jobs of a server.
#[derive(Debug, Default)]
pub struct Jobs {
    queue: Mutex<Queue>,
    wake: Condvar,
    all: Mutex<BTreeMap<u64, Arc<Job>>>,
    next: AtomicU64,
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<(Arc<Job>, Work)>,
    is_closed: bool,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Queue({} waiting)", self.waiting.len())
    }
}

/// What stands behind a lock, whoever may have panicked while holding it: every change under these locks is one assignment.
pub(super) fn held<T>(lock: &Mutex<T>) -> MutexGuard<'_, T> {
    lock.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How far this thread, and those that it starts, step back for pages: a third of the share of a processor that a page has.
#[cfg(target_os = "linux")]
const STEPS_BACK: i32 = 5;

/// Has the system prefer other threads to this one. Where it will not, pages wait a little longer.
fn step_back() {
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(STEPS_BACK);
}

impl Jobs {
    /// Starts the thread that works.
    pub fn start() -> (Arc<Self>, thread::JoinHandle<()>) {
        let jobs = Arc::new(Self::default());
        let own = Arc::clone(&jobs);
        let work = move || {
            step_back();
            own.work();
        };
        (jobs, thread::spawn(work))
    }

    /// Asks for some work to be done.
    pub fn ask(
        &self,
        workspace: &str,
        what: impl Into<String>,
        work: impl FnOnce(&mut Watch<'_>) -> Result<serde_json::Value, Error> + Send + 'static,
    ) -> Arc<Job> {
        let number = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let job = Arc::new(Job {
            id: format!("j{number}"),
            workspace: workspace.to_owned(),
            what: what.into(),
            state: watch::Sender::new(State::Waiting),
            is_to_stop: AtomicBool::new(false),
        });
        let mut all = held(&self.all);
        all.insert(number, Arc::clone(&job));
        let ended: Vec<u64> = all.iter().filter(|(_, j)| j.state().has_ended()).map(|(n, _)| *n).collect();
        for old in ended.iter().take(ended.len().saturating_sub(REMEMBERED)) {
            all.remove(old);
        }
        drop(all);
        held(&self.queue).waiting.push_back((Arc::clone(&job), Box::new(work)));
        self.wake.notify_one();
        job
    }

    /// The job of that name.
    pub fn get(&self, id: &str) -> Option<Arc<Job>> {
        let number = id.strip_prefix('j')?.parse().ok()?;
        held(&self.all).get(&number).cloned()
    }

    /// The jobs of a workspace, the newest first.
    pub fn of(&self, workspace: &str) -> Vec<Arc<Job>> {
        held(&self.all).values().rev().filter(|j| j.workspace == workspace).cloned().collect()
    }

    /// Takes no more work, and stops what is under way at its next look.
    pub fn close(&self) {
        let mut queue = held(&self.queue);
        queue.is_closed = true;
        for (job, _) in queue.waiting.drain(..) {
            job.state.send_replace(State::Stopped);
        }
        drop(queue);
        for job in held(&self.all).values() {
            job.stop();
        }
        self.wake.notify_all();
    }

    fn take(&self) -> Option<(Arc<Job>, Work)> {
        let mut queue = held(&self.queue);
        loop {
            if let Some(next) = queue.waiting.pop_front() {
                return Some(next);
            }
            if queue.is_closed {
                return None;
            }
            queue = self.wake.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
    }

    fn work(&self) {
        while let Some((job, work)) = self.take() {
            let mut watch = |step, done, total| job.tick(step, done, total);
            let came = catch_unwind(AssertUnwindSafe(|| work(&mut watch)));
            job.state.send_replace(match came {
                Ok(Ok(result)) => State::Done { result },
                Ok(Err(error)) => match error.told() {
                    Some((message, hint)) => State::Failed { message, hint },
                    None => State::Stopped,
                },
                Err(_) => State::Failed {
                    message: "an invariant of assay broke while it worked on this".to_owned(),
                    hint: Some("nothing that was kept is harmed; please report what you did".to_owned()),
                },
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Jobs, State};
    use crate::pipeline::{Error, Step};
    use assay_model::Go;
    use serde_json::json;

    fn ended(job: &super::Job) -> State {
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let mut states = job.follow();
        runtime.block_on(async { states.wait_for(State::has_ended).await.map(|s| s.clone()).expect("an end") })
    }

    #[test]
    fn work_ends_well_badly_by_a_stop_or_by_a_panic_and_the_next_is_done_all_the_same() {
        let (jobs, thread) = Jobs::start();
        let stopped = jobs.ask("a", "never ends", |watch| {
            while watch(Step::Named("turning"), 1, 2) == Go::On {
                std::thread::yield_now();
            }
            Err(Error::Interrupted)
        });
        let failed = jobs.ask("a", "fails", |_| Err(Error::Input { message: "no".to_owned(), hint: None }));
        let broken = jobs.ask("b", "breaks", |_| panic!("on purpose"));
        let done = jobs.ask("a", "counts", |_| Ok(json!(3)));
        stopped.stop();
        assert_eq!(ended(&stopped), State::Stopped);
        assert_eq!(ended(&failed), State::Failed { message: "no".to_owned(), hint: None });
        assert!(matches!(ended(&broken), State::Failed { .. }));
        assert_eq!(ended(&done), State::Done { result: json!(3) });
        assert_eq!(jobs.of("a").iter().map(|j| j.what.as_str()).collect::<Vec<_>>(), ["counts", "fails", "never ends"]);
        assert!(jobs.get(&done.id).is_some() && jobs.get("j99").is_none() && jobs.get("x").is_none());
        jobs.close();
        thread.join().expect("the thread ends");
    }
}
