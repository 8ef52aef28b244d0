//! Bytes that are written while they are sent, so that a table of a million rows takes no memory.

use super::problem::Problem;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use std::io::{self, Write};
use tokio::sync::mpsc;
use tokio_stream::StreamExt as _;
use tokio_stream::wrappers::ReceiverStream;

/// Bytes that are sent at once.
const CHUNK: usize = 64 << 10;
/// Chunks that wait for a slow reader.
const WAITING: usize = 4;

/// What a download is written to: an error of it is that the reader has gone.
struct Sender {
    chunk: Vec<u8>,
    to: mpsc::Sender<Result<Bytes, Problem>>,
}

impl Sender {
    fn send(&mut self) -> io::Result<()> {
        let chunk = std::mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
        self.to.blocking_send(Ok(chunk.into())).map_err(|_| io::ErrorKind::BrokenPipe.into())
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
    tokio::task::spawn_blocking(move || {
        let mut sender = Sender { chunk: Vec::with_capacity(CHUNK), to };
        let ended = write(&mut sender);
        let _ = match ended {
            Ok(()) => sender.send(),
            Err(problem) => sender.to.blocking_send(Err(problem)).map_err(|_| io::ErrorKind::BrokenPipe.into()),
        };
    });
    let mut chunks = ReceiverStream::new(from);
    let first = match chunks.next().await {
        Some(Ok(first)) => first,
        Some(Err(problem)) => return problem.into_response(),
        None => Bytes::new(),
    };
    let rest = chunks.map(|chunk| chunk.map_err(|p| io::Error::other(p.detail)));
    let body = Body::from_stream(tokio_stream::once(Ok(first)).chain(rest));
    let name: String =
        name.chars().map(|c| if c.is_ascii_alphanumeric() || "-_.".contains(c) { c } else { '-' }).collect();
    let headers = [
        (header::CONTENT_TYPE, media.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    (headers, body).into_response()
}
