//! Bytes that are written while they are sent, so that a table of a million rows takes no memory.

use super::lanes::place_to_send;
use super::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;

/// Bytes that are sent at once.
const CHUNK: usize = 64 << 10;
/// Chunks that wait for a slow reader.
const WAITING: usize = 4;
/// How long a reader may take none of what waits for it, before the download ends.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a download is written to: an error of it is that the reader has gone.
struct Sender {
    chunk: Vec<u8>,
    to: mpsc::Sender<Result<Bytes, Problem>>,
    runtime: Handle,
}

impl Sender {
    fn send(&mut self) -> io::Result<()> {
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
        let sent = tokio::time::timeout(PATIENCE, self.to.send(Ok(chunk.into())));
        match self.runtime.block_on(sent) {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(io::ErrorKind::BrokenPipe.into()),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }
}

impl Write for Sender {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.chunk.extend_from_slice(bytes);
        if self.chunk.len() >= CHUNK {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sends what `write` writes, as a file of this name and media type. A problem before the first chunk is answered as such;
/// after it the connection breaks, so that nobody takes half a file for a whole.
pub async fn download(
    name: &str,
    media: &str,
    write: impl FnOnce(&mut dyn Write) -> Result<(), Problem> + Send + 'static,
) -> Response {
    let (to, from) = mpsc::channel(WAITING);
    let is_whole = Arc::new(AtomicBool::new(false));
    let own_whole = Arc::clone(&is_whole);
    let (place, runtime) = (place_to_send().await, Handle::current());
    tokio::task::spawn_blocking(move || {
        let _place = place;
        let mut sender = Sender { chunk: Vec::with_capacity(CHUNK), to, runtime };
        match write(&mut sender) {
            Ok(()) => own_whole.store(sender.send().is_ok(), Ordering::Release),
            // Where the reader is too slow for this too, the end without a whole says it.
            Err(problem) => drop(sender.to.try_send(Err(problem))),
        }
    });
    let mut chunks = ReceiverStream::new(from);
    let first = match chunks.next().await {
        Some(Ok(first)) => first,
        Some(Err(problem)) => return problem.into_response(),
        None => Bytes::new(),
    };
    let rest = chunks.map(|chunk| chunk.map_err(|p| io::Error::other(p.detail)));
    let end = tokio_stream::iter(std::iter::once_with(move || {
        let end = is_whole.load(Ordering::Acquire).then(Bytes::new);
        end.ok_or_else(|| io::Error::from(io::ErrorKind::TimedOut))
    }));
    let body = Body::from_stream(tokio_stream::once(Ok(first)).chain(rest).chain(end));
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    let headers = [
        (header::CONTENT_TYPE, media.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, body).into_response()
}
