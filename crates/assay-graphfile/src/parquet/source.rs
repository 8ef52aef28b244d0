//! The bytes of a Parquet file, read at any place by several threads at once.

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

/// Where the bytes lie.
#[derive(Debug)]
pub(crate) enum Source {
    /// The file, and its length when it was opened.
    Disk(Arc<File>, u64),
    Memory(Bytes),
}

impl Source {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let bytes = file.metadata()?.len();
        Ok(Self::Disk(Arc::new(file), bytes))
    }

    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Disk(_, bytes) => *bytes,
            Self::Memory(bytes) => bytes.len() as u64,
        }
    }

    fn read_at(&self, buf: &mut [u8], at: u64) -> io::Result<usize> {
        match self {
            Self::Disk(file, _) => read_file_at(file, buf, at),
            Self::Memory(bytes) => {
                let from = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                (&bytes[from..]).read(buf)
            }
        }
    }

    pub(crate) fn read_exact_at(&self, mut buf: &mut [u8], mut at: u64) -> io::Result<()> {
        while !buf.is_empty() {
            match self.read_at(buf, at) {
                Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
                Ok(n) => {
                    buf = &mut buf[n..];
                    at += n as u64;
                }
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(())
    }
}

#[cfg(unix)]
fn read_file_at(file: &File, buf: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buf, at)
}

#[cfg(windows)]
fn read_file_at(file: &File, buf: &mut [u8], at: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buf, at)
}

/// Reads on from a place.
pub(crate) struct From {
    source: Arc<Source>,
    at: u64,
}

impl Read for From {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.source.read_at(buf, self.at)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Length for Source {
    fn len(&self) -> u64 {
        self.bytes()
    }
}

impl ChunkReader for Source {
    type T = BufReader<From>;

    fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
        let source = Arc::new(match self {
            Self::Disk(file, bytes) => Self::Disk(Arc::clone(file), *bytes),
            Self::Memory(bytes) => Self::Memory(bytes.clone()),
        });
        // Headers of pages are read this way, a few dozen bytes each.
        Ok(BufReader::with_capacity(512, From { source, at: start }))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        // Before any memory is given to a length that a damaged file states.
        if start.checked_add(length as u64).is_none_or(|end| end > self.bytes()) {
            return Err(ParquetError::EOF(format!("{length} bytes at {start} lie behind its end")));
        }
        if let Self::Memory(bytes) = self {
            return Ok(bytes.slice(start as usize..start as usize + length));
        }
        let mut buf = vec![0; length];
        self.read_exact_at(&mut buf, start)?;
        Ok(buf.into())
    }
}
