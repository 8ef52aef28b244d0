//! What became of the rows of edge tables.

use crate::fact::Reject;

/// How many rejects are kept word for word; the others are counted.
pub const REJECTS_KEPT: usize = 20;

/// What became of the rows that were met: `rows = taken + duplicates + self_loops + empty + broken`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EdgeCounts {
    /// Rows met.
    pub rows: u64,
    /// Rows that are edges, each once.
    pub taken: u64,
    /// Rows whose edge stands in another row; the earliest time is kept. Counted once the table is put in order: a reading
    /// that holds no edges leaves them among `taken`.
    pub duplicates: u64,
    /// Rows whose source is their target, where both are of one kind.
    pub self_loops: u64,
    /// Rows without a source or a target.
    pub empty: u64,
    /// Rows that cannot be read.
    pub broken: u64,
    /// The first rows that are empty or broken, with file, line and why; at most [`REJECTS_KEPT`].
    pub rejects: Vec<Reject>,
}

impl EdgeCounts {
    /// Rows that could not be read or say nothing.
    pub fn rejected(&self) -> u64 {
        self.empty + self.broken
    }

    /// Adds what another reading met, after this one.
    pub fn add(&mut self, other: Self) {
        self.rows += other.rows;
        self.taken += other.taken;
        self.duplicates += other.duplicates;
        self.self_loops += other.self_loops;
        self.empty += other.empty;
        self.broken += other.broken;
        let room = REJECTS_KEPT.saturating_sub(self.rejects.len());
        self.rejects.extend(other.rejects.into_iter().take(room));
    }

    /// Tells that `n` of the rows taken repeat others.
    pub fn found_duplicates(&mut self, n: u64) {
        self.taken -= n;
        self.duplicates += n;
    }
}
