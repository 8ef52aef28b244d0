//! What a packed graph was made of, as JSON: counts, files and notes, so that reports from it say the same as reports from the
//! tables.

use crate::ReadEdges;
use assay_model::edges::EdgeCounts;
use assay_model::{Reject, SourceFile};
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Origin {
    rows: u64,
    taken: u64,
    duplicates: u64,
    self_loops: u64,
    empty: u64,
    broken: u64,
    rejects: Vec<(String, u64, String)>,
    /// Name, hash, rows, taken, rejected.
    files: Vec<(String, String, u64, u64, u64)>,
    notes: Vec<String>,
    /// Absent in files that were packed before weights were counted.
    #[serde(default)]
    n_weighted: u64,
}

pub(super) fn encode(read: &ReadEdges) -> Vec<u8> {
    let c = &read.counts;
    let origin = Origin {
        rows: c.rows,
        taken: c.taken,
        duplicates: c.duplicates,
        self_loops: c.self_loops,
        empty: c.empty,
        broken: c.broken,
        rejects: c.rejects.iter().map(|r| (r.file.clone(), r.line, r.why.clone())).collect(),
        files: read.files.iter().map(|f| (f.name.clone(), f.sha256.clone(), f.rows, f.taken, f.rejected)).collect(),
        notes: read.notes.clone(),
        n_weighted: read.n_weighted,
    };
    // Numbers and texts can always be written.
    serde_json::to_vec(&origin).unwrap_or_default()
}

/// Reads it back, without the names; `None` if it is none.
pub(super) fn decode(bytes: &[u8]) -> Option<ReadEdges> {
    let origin: Origin = serde_json::from_slice(bytes).ok()?;
    let Origin { rows, taken, duplicates, self_loops, empty, broken, rejects, files, notes, n_weighted } = origin;
    let rejects = rejects.into_iter().map(|(file, line, why)| Reject { file, line, why }).collect();
    let files = files
        .into_iter()
        .map(|(name, sha256, rows, taken, rejected)| SourceFile { name, sha256, rows, taken, rejected })
        .collect();
    let counts = EdgeCounts { rows, taken, duplicates, self_loops, empty, broken, rejects };
    Some(ReadEdges { counts, n_weighted, files, notes, ..ReadEdges::default() })
}
