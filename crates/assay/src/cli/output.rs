//! Output files appear whole or not at all: they are written beside their place and renamed into it.

use super::Failure;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

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

    /// Refuses a file that is one of the inputs.
    pub(super) fn spare(&self, inputs: &[PathBuf]) -> Result<(), Failure> {
        let Self::File(path) = self else { return Ok(()) };
        let Ok(output) = fs::canonicalize(path) else { return Ok(()) };
        if inputs.iter().any(|input| fs::canonicalize(input).is_ok_and(|input| input == output)) {
            return Err(Failure::Usage {
                message: format!("{} is an input, and would be overwritten", path.display()),
                hint: Some("name another output file".to_owned()),
            });
        }
        Ok(())
    }

    /// Writes what `fill` gives to the place.
    pub(super) fn write(&self, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<(), Failure> {
        match self {
            Self::Stdout => {
                let mut out = BufWriter::new(io::stdout().lock());
                fill(&mut out).and_then(|()| out.flush()).map_err(|e| Failure::writing("to stdout", &e))
            }
            Self::File(path) => write_file(path, fill).map_err(|e| Failure::writing(&path.display().to_string(), &e)),
        }
    }
}

fn write_file(path: &Path, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    // A device or a named pipe cannot be renamed into place, and a link keeps its place: what it points to is replaced.
    let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    if fs::metadata(&target).is_ok_and(|meta| !meta.is_file() && !meta.is_dir()) {
        let mut out = BufWriter::new(File::options().write(true).open(&target)?);
        return fill(&mut out).and_then(|()| out.flush());
    }
    let name =
        target.file_name().ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "not the name of a file"))?;
    let mut part_name = name.to_owned();
    part_name.push(format!(".{}.part", std::process::id()));
    let part = Part(target.with_file_name(part_name));
    let mut out = BufWriter::with_capacity(1 << 16, File::create(&part.0)?);
    fill(&mut out)?;
    out.into_inner().map_err(io::IntoInnerError::into_error)?.sync_data()?;
    fs::rename(&part.0, &target)?;
    std::mem::forget(part);
    Ok(())
}

/// A file that is removed unless it was renamed into its place.
struct Part(PathBuf);

impl Drop for Part {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
