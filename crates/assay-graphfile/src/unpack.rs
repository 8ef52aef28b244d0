//! Bytes on their way out of a file: counted, hashed, unpacked, and stopped at limits.

use crate::limits::Limits;
use assay_model::edges::EdgesError;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, PoisonError};

/// What has passed so far.
#[derive(Debug, Default)]
struct Passed {
    bytes: u64,
    /// Unless the file was hashed before.
    sha256: Option<Sha256>,
}

/// Tells how much of a file was read, and its hash at the end.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter(Arc<Mutex<Passed>>);

impl Meter {
    pub(crate) fn hashing() -> Self {
        Self(Arc::new(Mutex::new(Passed { bytes: 0, sha256: Some(Sha256::new()) })))
    }

    pub(crate) fn is_hashing(&self) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).sha256.is_some()
    }

    pub(crate) fn add(&self, bytes: &[u8]) {
        let mut passed = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        passed.bytes += bytes.len() as u64;
        if let Some(sha256) = &mut passed.sha256 {
            sha256.update(bytes);
        }
    }

    pub(crate) fn bytes(&self) -> u64 {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).bytes
    }

    /// The hash of all that passed, in lower-case hexadecimal; empty where nothing was hashed.
    pub(crate) fn sha256(&self) -> String {
        let hash = self.0.lock().unwrap_or_else(PoisonError::into_inner).sha256.take();
        hash.map_or_else(String::new, |sha256| {
            sha256.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
                // Writing to a string cannot fail.
                let _ = write!(hex, "{byte:02x}");
                hex
            })
        })
    }
}

/// Measures what passes.
pub(crate) struct Metered<R> {
    pub(crate) inner: R,
    pub(crate) meter: Meter,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.meter.add(&buf[..n]);
        Ok(n)
    }
}

/// Stops unpacking at the limit on the ratio.
pub(crate) struct Limited<R> {
    inner: R,
    place: String,
    packed: Meter,
    unpacked: u64,
    limits: Limits,
}

impl<R: Read> Limited<R> {
    /// Watches `inner`, which unpacks what passes `packed`.
    pub(crate) fn new(inner: R, place: &str, packed: Meter, limits: &Limits) -> Self {
        Self { inner, place: place.to_owned(), packed, unpacked: 0, limits: *limits }
    }
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.unpacked += n as u64;
        let Limits { ratio_max, ratio_free_bytes, .. } = self.limits;
        if self.unpacked > ratio_free_bytes && self.unpacked / ratio_max > self.packed.bytes() {
            return Err(io::Error::other(EdgesError::new(
                format!("a file that unpacks to at most {ratio_max} times its size"),
                format!("{} packed bytes that unpack to more than {}", self.packed.bytes(), self.unpacked),
                &*self.place,
                "this looks like a bomb; if you trust it, unpack it and pass the file itself",
            )));
        }
        Ok(n)
    }
}

/// Compares the checksum of all that passes with the one that an archive tells.
pub(crate) struct Checked<R> {
    inner: R,
    crc: flate2::Crc,
    expected: u32,
}

impl<R: Read> Checked<R> {
    pub(crate) fn new(inner: R, expected: u32) -> Self {
        Self { inner, crc: flate2::Crc::new(), expected }
    }
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.crc.update(&buf[..n]);
        if n == 0 && !buf.is_empty() && self.crc.sum() != self.expected {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "its checksum is not the one that the zip tells"));
        }
        Ok(n)
    }
}

/// Tells an error of reading `place`, which may be a limit in disguise.
pub(crate) fn reading(place: &str, error: &io::Error) -> EdgesError {
    if let Some(known) = error.get_ref().and_then(|inner| inner.downcast_ref::<EdgesError>()) {
        return known.clone();
    }
    EdgesError::new(
        "a readable file",
        format!("an error ({error})"),
        place,
        "check that the file is whole and that you may read it",
    )
}
