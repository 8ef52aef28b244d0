//! An answer, or a typed "cannot say" with its reason.

use assay_math::Estimate;
use serde::Serialize;

/// Why something cannot be said, and what would settle it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Abstention {
    /// The reason, a clause without a final period.
    pub why: String,
    /// What would settle it, a clause without a final period.
    pub would_settle: String,
}

impl Abstention {
    /// Makes an abstention.
    pub fn new(why: impl Into<String>, would_settle: impl Into<String>) -> Self {
        Self { why: why.into(), would_settle: would_settle.into() }
    }
}

/// What an analysis returns: something found, or an abstention.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome<T> {
    /// The answer.
    Found(T),
    /// No answer, and why.
    Abstained(Abstention),
}

impl<T> Outcome<T> {
    /// The answer, if there is one.
    pub fn found(&self) -> Option<&T> {
        match self {
            Self::Found(value) => Some(value),
            Self::Abstained(_) => None,
        }
    }
}

/// A share of the audience, 0..1, or why it cannot be said.
pub type Share = Outcome<Estimate>;
