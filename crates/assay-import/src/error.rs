//! Why an input could not be read at all. A bad row is no error: it is a [`assay_model::Reject`], and the reading goes on.

pub use assay_model::Problem;
use assay_model::Stopped;
pub(crate) use assay_model::quote;
use std::{error, fmt, io};

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
        Self::Problem(Problem::boxed(expected, found, place, hint))
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

#[cfg(test)]
mod tests {
    use super::ImportError;
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
}
