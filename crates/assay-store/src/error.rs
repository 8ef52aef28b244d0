//! Why the workspace could not do what was asked.

use assay_model::{Problem, Stopped};
use std::{error, fmt};

/// What ends a use of the workspace before its end. Nothing is left half done: what was begun is taken back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreError {
    /// The caller answered a tick or a fact with [`assay_model::Go::Stop`].
    Stopped,
    /// The workspace cannot be opened, read or written, or the user asked for what is not there.
    Problem(Box<Problem>),
}

impl StoreError {
    /// Makes a problem.
    pub(crate) fn new(
        expected: impl Into<String>,
        found: impl Into<String>,
        place: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::Problem(Problem::boxed(expected, found, place, hint))
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => Stopped.fmt(f),
            Self::Problem(problem) => problem.fmt(f),
        }
    }
}

impl error::Error for StoreError {}

impl From<Stopped> for StoreError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as Code;
        let hint = match error.sqlite_error_code() {
            Some(Code::OperationInterrupted) => return Self::Stopped,
            Some(Code::DatabaseBusy | Code::DatabaseLocked) => {
                return Self::new(
                    "a workspace that nobody else writes",
                    "one that another program holds",
                    "",
                    "wait until the other import is done, and try again",
                );
            }
            Some(Code::DiskFull) => "make room on the disk and try again: the workspace is as it was before",
            Some(Code::SystemIoFailure | Code::CannotOpen | Code::PermissionDenied) => {
                "check the disk and that the folder may be written to; the workspace is as it was before"
            }
            Some(Code::ReadOnly) => "the workspace may be read alone: check the rights of its file and folder",
            Some(Code::NotADatabase | Code::DatabaseCorrupt) => {
                "the file is damaged or no workspace: take a copy from before, or name another file with --workspace"
            }
            _ => "check the workspace with `assay sql 'PRAGMA integrity_check'`",
        };
        Self::new("a working workspace", format!("an error ({error})"), "", hint)
    }
}
