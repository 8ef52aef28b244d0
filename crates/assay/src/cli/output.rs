//! Output files appear whole or not at all: they are written beside their place and renamed into it.

use super::{Failure, interrupt};
use assay_model::Stopped;
use std::fs::{self, File};
use std::io::{self, BufWriter, Cursor, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Bytes gathered before they are handed to the system.
const BUFFER_BYTES: usize = 1 << 16;

/// Where one output goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Place {
    /// `-`, or nothing named.
    Stdout,
    /// A file. An older file of that name is replaced, as a report is expected to be made anew.
    File(PathBuf),
}

impl Place {
    /// The place that an argument names.
    pub(super) fn of(argument: Option<&PathBuf>) -> Self {
        match argument {
            Some(path) if path.as_os_str() != "-" => Self::File(path.clone()),
            _ => Self::Stdout,
        }
    }

    /// Refuses a file that is one of the inputs, or that stands in a folder that is one.
    pub(super) fn spare(&self, inputs: &[PathBuf]) -> Result<(), Failure> {
        let Self::File(path) = self else { return Ok(()) };
        let Ok(output) = fs::canonicalize(path) else { return Ok(()) };
        if inputs.iter().any(|input| fs::canonicalize(input).is_ok_and(|input| output.starts_with(input))) {
            return Err(Failure::Usage {
                message: format!("{} belongs to the input, and would be overwritten", path.display()),
                hint: Some("name another output file".to_owned()),
            });
        }
        Ok(())
    }

    /// Writes what `fill` gives to the place.
    pub(super) fn write(&self, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        match self {
            Self::Stdout => {
                let mut out = BufWriter::with_capacity(BUFFER_BYTES, Watched(io::stdout().lock()));
                fill(&mut out).and_then(|()| out.flush()).map_err(|e| Failure::writing("stdout", &e))
            }
            Self::File(path) => write_file(path, |out| fill(out)).map_err(|e| failed_file(path, &e)),
        }
    }

    /// As [`Place::write`], for what goes back and forth in its output, such as a zip; it waits in memory where the place
    /// cannot.
    pub(super) fn write_seekable(
        &self,
        fill: impl FnOnce(&mut dyn WriteSeek) -> io::Result<()>,
    ) -> Result<(), Failure> {
        match self {
            Self::Stdout => {
                let mut held = Cursor::new(Vec::new());
                fill(&mut held).map_err(|e| Failure::writing("stdout", &e))?;
                self.write(|out| out.write_all(held.get_ref()))
            }
            Self::File(path) => write_file(path, |out| fill(out)).map_err(|e| failed_file(path, &e)),
        }
    }
}

fn failed_file(path: &Path, error: &io::Error) -> Failure {
    Failure::writing(&path.display().to_string(), error)
}

/// Where a zip can be written.
pub(super) trait WriteSeek: Write + Seek {}
impl<T: Write + Seek> WriteSeek for T {}

/// A writer that ends with [`Stopped`] when the user asks to stop.
struct Watched<W>(W);

impl<W: Write> Write for Watched<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if interrupt::is_asked() {
            return Err(io::Error::other(Stopped));
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

impl<W: Seek> Seek for Watched<W> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

type FileOut = BufWriter<Watched<File>>;

fn write_file(path: &Path, fill: impl FnOnce(&mut FileOut) -> io::Result<()>) -> io::Result<()> {
    let buffered = |file| BufWriter::with_capacity(BUFFER_BYTES, Watched(file));
    // A link keeps its place: what it points to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    // Nothing can be renamed into the place of a device or a named pipe.
    if fs::metadata(&target).is_ok_and(|meta| !meta.is_file() && !meta.is_dir()) {
        let mut out = buffered(File::options().write(true).open(&target)?);
        return fill(&mut out).and_then(|()| out.flush());
    }
    let name =
        target.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file"))?;
    let mut part_name = name.to_owned();
    part_name.push(format!(".{}.part", std::process::id()));
    let mut part = Part(Some(target.with_file_name(part_name)));
    let Some(written) = &part.0 else { return Ok(()) };
    let mut out = buffered(File::create(written)?);
    fill(&mut out)?;
    // On the disk before it is renamed: a machine that stops in between leaves the older file, not half of the new one.
    out.into_inner().map_err(io::IntoInnerError::into_error)?.0.sync_data()?;
    fs::rename(written, &target)?;
    part.0 = None;
    Ok(())
}

/// A file that is removed unless it was renamed into its place.
struct Part(Option<PathBuf>);

impl Drop for Part {
    fn drop(&mut self) {
        if let Some(path) = &self.0 {
            let _ = fs::remove_file(path);
        }
    }
}
