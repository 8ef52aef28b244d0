//! Why an audit ended without an answer.

use assay_import::{Bundle, ImportError, Stranger};
use assay_model::edges::EdgesError;
use std::fmt;

/// Why an audit ended without an answer. Its text says what was expected, what was found and where; a hint follows.
#[derive(Debug)]
pub enum Error {
    /// An input could not be read: the message, and what to do.
    Input {
        /// What was expected, found, and where; no final period.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The user named something that does not exist: the message, and what to do.
    Usage {
        /// What was expected and found; no final period.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// No file can be read, and some are tables whose columns are not known.
    UnknownTables {
        /// What was expected and found; no final period.
        message: String,
        /// What stands in them.
        tables: Vec<Stranger>,
    },
    /// The watcher asked to stop.
    Interrupted,
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Input { hint, .. } | Self::Usage { hint, .. } => hint.as_deref(),
            Self::UnknownTables { .. } | Self::Interrupted => None,
        }
    }
}

impl Error {
    /// What was expected and found, and what to do; `None` where the work was stopped.
    pub fn told(self) -> Option<(String, Option<String>)> {
        match self {
            Self::Input { message, hint } | Self::Usage { message, hint } => Some((message, hint)),
            Self::UnknownTables { message, .. } => Some((
                message,
                Some(
                    "say once what the columns are, with `assay import FILE --map header=column`; it is used from then on"
                        .to_owned(),
                ),
            )),
            Self::Interrupted => None,
        }
    }

    /// An error of detection, with what stands in the tables of the bundle if there are any.
    pub(super) fn of_tables(error: ImportError, bundle: &mut Bundle) -> Self {
        let plain = Self::from(error);
        let Self::Input { message, .. } = &plain else { return plain };
        match assay_import::strangers(bundle, None) {
            tables if tables.is_empty() => plain,
            tables => Self::UnknownTables { message: message.clone(), tables },
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Input { message, .. } | Self::Usage { message, .. } | Self::UnknownTables { message, .. } => {
                f.write_str(message)
            }
            Self::Interrupted => f.write_str("interrupted"),
        }
    }
}

impl std::error::Error for Error {}

impl From<EdgesError> for Error {
    fn from(error: EdgesError) -> Self {
        match error {
            EdgesError::Stopped => Self::Interrupted,
            EdgesError::Problem(problem) => {
                let place = if problem.place.is_empty() { String::new() } else { format!(" in {}", problem.place) };
                Self::Input {
                    message: format!("expected {}, found {}{place}", problem.expected, problem.found),
                    hint: Some(problem.hint),
                }
            }
        }
    }
}
