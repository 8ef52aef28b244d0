//! Readers that count, hash and stop at limits.

use super::Limits;
use crate::error::ImportError;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;
use std::io::{self, Read};

/// Stops unpacking at the limits on size and ratio.
pub(crate) struct Limited<'a, R> {
    inner: R,
    place: &'a str,
    packed: u64,
    unpacked: u64,
    limits: &'a Limits,
}

impl<'a, R: Read> Limited<'a, R> {
    /// Watches `inner`, which unpacks `packed` bytes.
    pub(crate) fn new(inner: R, place: &'a str, packed: u64, limits: &'a Limits) -> Self {
        Self { inner, place, packed, unpacked: 0, limits }
    }
}

impl<R: Read> Read for Limited<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        self.unpacked += n as u64;
        if self.unpacked > self.limits.unpacked_bytes_max {
            return Err(io::Error::other(too_large(self.place, self.limits)));
        }
        if self.unpacked > self.limits.ratio_free_bytes && self.unpacked / self.limits.ratio_max > self.packed {
            return Err(io::Error::other(ImportError::new(
                format!("a file that unpacks to at most {} times its size", self.limits.ratio_max),
                format!("{} packed bytes that unpack to more than {}", self.packed, self.unpacked),
                self.place,
                "this looks like a zip bomb; if you trust it, unpack it and pass the file itself",
            )));
        }
        Ok(n)
    }
}

/// The error for a member that unpacks to too much.
pub(super) fn too_large(place: &str, limits: &Limits) -> ImportError {
    ImportError::new(
        format!("a packed file of at most {} bytes unpacked", limits.unpacked_bytes_max),
        "a larger one",
        place,
        "if you trust it, unpack it and pass the file itself",
    )
}

/// Hashes all that passes.
pub(crate) struct Digest<R> {
    inner: R,
    /// Nothing where nobody asks for the hash.
    sha256: Option<Sha256>,
}

impl<R: Read> Digest<R> {
    /// Watches `inner`.
    pub(crate) fn new(inner: R) -> Self {
        Self { inner, sha256: Some(Sha256::new()) }
    }

    /// Lets all pass, hashed only where `hashed`.
    pub(crate) fn only_if(hashed: bool, inner: R) -> Self {
        Self { inner, sha256: hashed.then(Sha256::new) }
    }

    /// Reads what is left and returns the hash in lower-case hexadecimal; empty, and nothing read, where nobody asks for it.
    pub(crate) fn finish(mut self) -> io::Result<String> {
        if self.sha256.is_none() {
            return Ok(String::new());
        }
        let mut rest = vec![0; 1 << 16];
        while self.read(&mut rest)? > 0 {}
        let sha256 = self.sha256.unwrap_or_default();
        Ok(sha256.finalize().iter().fold(String::with_capacity(64), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        }))
    }
}

impl<R: Read> Read for Digest<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.inner.read(buf)?;
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(&buf[..n]);
        }
        Ok(n)
    }
}
