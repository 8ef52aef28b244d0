//! Why an input could not be read at all. A bad row is no error: it is a [`assay_model::Reject`], and the reading goes on.

use assay_model::Stopped;
use std::{error, fmt, io};

/// An input that cannot be read: what was expected, what was found, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// The file or member it was found in; empty where it is the input as a whole.
    pub place: String,
    /// What to do.
    pub hint: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected, self.found)?;
        if !self.place.is_empty() {
            write!(f, " in {}", self.place)?;
        }
        write!(f, "\nhint: {}", self.hint)
    }
}

/// What ends a reading before its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportError {
    /// The caller answered a tick or a fact with [`assay_model::Go::Stop`].
    Stopped,
    /// The input cannot be read.
    Problem(Box<Problem>),
}

impl ImportError {
    /// Makes a problem.
    pub(crate) fn new(
        expected: impl Into<String>,
        found: impl Into<String>,
        place: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self::Problem(Box::new(Problem {
            expected: expected.into(),
            found: found.into(),
            place: place.into(),
            hint: hint.into(),
        }))
    }

    /// Tells an error of reading `place`, which may be a stop, a limit or a broken file in disguise.
    pub(crate) fn reading(place: &str, error: &io::Error) -> Self {
        if error.get_ref().is_some_and(<dyn error::Error + Send + Sync>::is::<Stopped>) {
            return Self::Stopped;
        }
        if let Some(known) = error.get_ref().and_then(|inner| inner.downcast_ref::<Self>()) {
            return known.clone();
        }
        Self::new(
            "a readable file",
            format!("an error ({error})"),
            place,
            "check that the file is whole and that you may read it, or export it again",
        )
    }
}

impl fmt::Display for ImportError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stopped => Stopped.fmt(f),
            Self::Problem(problem) => problem.fmt(f),
        }
    }
}

impl error::Error for ImportError {}

impl From<Stopped> for ImportError {
    fn from(_: Stopped) -> Self {
        Self::Stopped
    }
}

/// A short quotation of what stood in a file: control characters escaped, at most 40 characters.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::from("`");
    for c in text.chars().take(40) {
        if c.is_control() || c == '\u{feff}' {
            quoted.extend(c.escape_default());
        } else {
            quoted.push(c);
        }
    }
    if text.chars().nth(40).is_some() {
        quoted.push('…');
    }
    quoted.push('`');
    quoted
}

#[cfg(test)]
mod tests {
    use super::{ImportError, quote};
    use std::io;

    #[test]
    fn an_error_says_what_where_and_what_to_do() {
        let error = ImportError::new("a zip", "a bomb", "x.zip", "do not open it");
        assert_eq!(error.to_string(), "expected a zip, found a bomb in x.zip\nhint: do not open it");
    }

    #[test]
    fn what_hides_in_an_io_error_comes_out() {
        let known = ImportError::new("a", "b", "c", "d");
        assert_eq!(ImportError::reading("x", &io::Error::other(known.clone())), known);
        assert_eq!(ImportError::reading("x", &io::Error::other(assay_model::Stopped)), ImportError::Stopped);
    }

    #[test]
    fn quotations_are_short_and_plain() {
        assert_eq!(quote("a\n\0"), "`a\\n\\u{0}`");
        assert_eq!(quote(&"é".repeat(50)).chars().count(), 43);
    }
}
