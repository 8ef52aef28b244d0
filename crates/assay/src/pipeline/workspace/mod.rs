//! The workspace: opens it with its key, and brings files into it.

mod audit;
mod headers;
mod import;
mod settings;
mod several;

pub use super::metrics::workspace_metrics_beside as metrics_beside;
pub(crate) use audit::ours;
pub use audit::{audit, history};
pub(in crate::pipeline) use audit::{beside, decided, format_of, named, place, told as told_of_page};
pub use import::{ImportOptions, ImportReport, PlannedFile, import, retain};
pub use settings::{check, set, workspace_keys};
pub(crate) use several::told;
pub use several::{PageLine, WorkspaceLine, WorkspaceTold, workspaces};

use super::Error;
use assay_import::Zone;
use assay_model::{Calendar, TimeMs, Weekday};
use assay_store::{FORM, ImportEntry, SECRET_BYTES, Secret, StoreError, Workspace};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stopped => Self::Interrupted,
            StoreError::Problem(problem) => {
                let place = if problem.place.is_empty() { String::new() } else { format!(" in {}", problem.place) };
                Self::Input {
                    message: format!("expected {}, found {}{place}", problem.expected, problem.found),
                    hint: Some(problem.hint).filter(|hint| !hint.is_empty()),
                }
            }
        }
    }
}

/// The moment.
pub fn now() -> TimeMs {
    TimeMs(jiff::Timestamp::now().as_millisecond())
}

/// Opens a workspace to be written. It, its folder and its key are made where they are not there; nobody else may read them.
///
/// # Errors
/// If it cannot be opened, or its key is missing.
pub fn open_workspace(path: &Path) -> Result<Workspace, Error> {
    let failed = |what: &Path, error: &io::Error| Error::Input {
        message: format!("cannot make {}: {error}", what.display()),
        hint: Some("check that its folder may be written to, or name another file with --workspace".to_owned()),
    };
    if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        fs::create_dir_all(folder).map_err(|e| failed(folder, &e))?;
    }
    let key_path = key_of(path);
    let is_new = fs::metadata(path).map_or(true, |file| file.len() == 0);
    let secret = match fs::read_to_string(&key_path) {
        Ok(text) => Secret::parse(&text).ok_or_else(|| Error::Input {
            message: format!("expected 64 hexadecimal digits, found something else in {}", key_path.display()),
            hint: Some("put the file of the workspace's key back from its copy".to_owned()),
        })?,
        Err(error) if error.kind() == io::ErrorKind::NotFound && is_new => {
            make_key(&key_path).map_err(|e| failed(&key_path, &e))?
        }
        Err(error) => {
            return Err(Error::Input {
                message: format!("the key of the workspace cannot be read from {}: {error}", key_path.display()),
                hint: Some("put the file back from its copy: a workspace is of use with its own key alone".to_owned()),
            });
        }
    };
    if is_new {
        private().create(true).truncate(false).write(true).open(path).map_err(|e| failed(path, &e))?;
    }
    Ok(Workspace::open(path, secret)?)
}

/// Opens a workspace to be read; one of an older form is brought to the newest first.
///
/// # Errors
/// If there is none, or it cannot be read.
pub fn read_workspace(path: &Path) -> Result<Workspace, Error> {
    if path.exists() && assay_store::form_of(path)? < FORM {
        drop(open_workspace(path)?);
    }
    Ok(Workspace::read(path)?)
}

/// How a workspace counts its days and weeks.
///
/// # Errors
/// If its settings cannot be read, or are none.
pub fn calendar(store: &Workspace) -> Result<Calendar, Error> {
    let zone = store.setting("zone")?;
    let week_start = store.setting("week-start")?;
    calendar_of(zone.as_deref(), week_start.as_deref())
}

/// The calendar of a zone (UTC where none is told) and of the day that weeks begin with (Monday).
///
/// # Errors
/// If there is no such zone or day.
pub fn calendar_of(zone: Option<&str>, week_start: Option<&str>) -> Result<Calendar, Error> {
    let first = match week_start {
        None => Weekday::Monday,
        Some(told) => Weekday::parse(told).ok_or_else(|| Error::Usage {
            message: format!("expected a day that weeks begin with, such as sunday, found '{told}'"),
            hint: Some("`assay config set week-start monday` mends it".to_owned()),
        })?,
    };
    Ok(Zone::parse(zone.unwrap_or("UTC"))?.calendar(first))
}

/// The path of a workspace that is there.
///
/// # Errors
/// If it is not.
pub fn existing(path: &Path) -> Result<PathBuf, Error> {
    if path.exists() {
        return Ok(path.to_owned());
    }
    Err(Error::Input {
        message: format!("expected a workspace, found no file {}", path.display()),
        hint: Some("`assay import PATH` makes one; --workspace names another".to_owned()),
    })
}

/// The imports of a workspace.
///
/// # Errors
/// If there is none, or it cannot be read.
pub fn imports(path: &Path) -> Result<Vec<ImportEntry>, Error> {
    // Opened to be written, so that a workspace of an older form is brought up.
    Ok(open_workspace(&existing(path)?)?.imports()?)
}

/// Where the key of a workspace lies: beside it, in a file of its own.
fn key_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".key");
    PathBuf::from(name)
}

/// Options that make a file for its owner alone.
fn private() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes an empty file for its owner alone, where there is none.
///
/// # Errors
/// If it cannot be made.
pub(crate) fn own_file(path: &Path) -> Result<(), Error> {
    let made = private().create(true).truncate(false).write(true).open(path);
    made.map(|_| ()).map_err(|e| Error::Input {
        message: format!("cannot make {}: {e}", path.display()),
        hint: Some("check that its folder is there and may be written to".to_owned()),
    })
}

fn make_key(path: &Path) -> io::Result<Secret> {
    let mut bytes = [0; SECRET_BYTES];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    let secret = Secret::new(bytes);
    let mut file = private().create_new(true).write(true).open(path)?;
    file.write_all(secret.text().as_bytes())?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    Ok(secret)
}
