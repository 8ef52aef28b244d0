//! Reads follower exports and analytics files. One format a file; a new one is one file and one line in [`IMPORTERS`].

use assay_model::{Fact, Go, Reject};

/// Where an importer puts what it reads. The caller keeps the facts (as columns), counts and keeps the rejects, and may
/// answer [`Go::Stop`] to end the reading.
pub trait Sink {
    /// Takes one fact.
    fn fact(&mut self, fact: Fact<'_>) -> Go;
    /// Takes one row that could not be read.
    fn reject(&mut self, reject: Reject) -> Go;
}
