//! How much is done at once. Pages are read and rendered by a few threads, in the order they were asked for: more would only share
//! the processors and make every visitor wait as long as the slowest. What may wait for somebody else (for the lock of a workspace,
//! for a slow reader of a download) has lanes of its own, so that it keeps no page waiting.

use super::problem::Problem;
use axum::http::StatusCode;
use tokio::sync::{Semaphore, SemaphorePermit};

/// Pages that are read and rendered at once.
pub const READERS: usize = 3;
/// Writes at once: all but one of a workspace wait for its lock.
const WRITERS: usize = 8;
/// Downloads at once: each waits for its reader.
const DOWNLOADS: usize = 16;
/// Threads that may wait: one for each of all lanes, and some for what the framework reads of files.
pub const THREADS: usize = READERS + WRITERS + DOWNLOADS + 8;

static READING: Semaphore = Semaphore::const_new(READERS);
static WRITING: Semaphore = Semaphore::const_new(WRITERS);
static SENDING: Semaphore = Semaphore::const_new(DOWNLOADS);

/// Runs what reads or renders on a thread that may wait.
pub async fn off<T: Send + 'static>(work: impl FnOnce() -> Result<T, Problem> + Send + 'static) -> Result<T, Problem> {
    run(&READING, work).await
}

/// Runs what writes on a thread that may wait, however long another writer has the workspace.
pub async fn off_writing<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    run(&WRITING, work).await
}

/// A place among the downloads.
pub async fn place_to_send() -> Option<SemaphorePermit<'static>> {
    SENDING.acquire().await.ok()
}

async fn run<T: Send + 'static>(
    lane: &'static Semaphore,
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    let place = lane.acquire().await;
    let done = tokio::task::spawn_blocking(move || {
        // The place is kept until the work has ended, even where the visitor has gone.
        let _place = place;
        work()
    });
    done.await.unwrap_or_else(|_| {
        Err(Problem::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "an invariant of assay broke while it answered",
            "nothing that was kept is harmed; please report what you did",
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::{WRITERS, off, off_writing};
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn a_page_is_answered_while_every_writer_waits() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let answered = Arc::new(AtomicBool::new(false));
        runtime.block_on(async {
            let writers: Vec<_> = (0..WRITERS + 2)
                .map(|_| {
                    let answered = Arc::clone(&answered);
                    tokio::spawn(off_writing(move || {
                        while !answered.load(Ordering::Relaxed) {
                            std::thread::yield_now();
                        }
                        Ok(())
                    }))
                })
                .collect();
            tokio::task::yield_now().await;
            assert_eq!(off(|| Ok(7)).await.expect("an answer"), 7);
            answered.store(true, Ordering::Relaxed);
            for writer in writers {
                writer.await.expect("no panic").expect("an answer");
            }
        });
    }
}
