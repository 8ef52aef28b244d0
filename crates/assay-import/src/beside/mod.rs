//! Small tables that an owner writes beside an export: labels set by hand, dated events, and who engaged. Unlike an export they are named
//! by the user, so nothing has to be recognised; they are read whole, within a limit.

mod engagements;
mod events;
mod labels;

pub(crate) use engagements::{Column as EngagementColumn, kind_of};
pub use engagements::{ENGAGEMENT_COLUMNS, EngagementTable, read_engagements};
pub use events::{EVENT_COLUMNS, EventTable, read_events};
pub use labels::{LABEL_COLUMNS, read_labels};

use crate::bundle::Digest;
use crate::columns::match_header;
use crate::delimited::{Next, Record, Records};
use crate::error::ImportError;
use crate::table::delimited::{Dialect, dialect};
use crate::text::{cell_text, decode_head};
use assay_model::{Reject, SourceFile};
use std::fs::File;
use std::io::Read as _;
use std::path::Path;

/// Largest table that is read: some hundred thousand rows.
const BYTES_MAX: u64 = 64 << 20;

/// How many rejected rows are kept; all are counted.
const REJECTS_KEPT: usize = 1_000;

/// A table's rows as they are taken, and the ledger.
struct Ledger {
    file: SourceFile,
    rejects: Vec<Reject>,
}

/// Reads a table of these columns: `row` takes a line and a look-up from column to trimmed cell, and answers what is wrong
/// with a row that cannot be taken. `needs` says what the header must hold.
fn read_table<C: Copy + PartialEq>(
    path: &Path,
    of: impl Fn(&str) -> Option<C> + Copy,
    needs: impl Fn(&[C]) -> Result<(), String>,
    hint: &str,
    mut row: impl FnMut(&dyn Fn(C) -> Option<String>) -> Result<(), String>,
) -> Result<Ledger, ImportError> {
    let name = path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
    let bytes = bytes(path)?;
    let sha256 = Digest::new(&bytes[..]).finish().map_err(|e| ImportError::reading(&name, &e))?;
    let text = decode_head(&bytes);
    let problem =
        |found: String| ImportError::new(hint, found, &name, "see `assay audit --help` for what the table holds");
    let Some(Dialect { delimiter, header, n_before }) = dialect(&text, of) else {
        return Err(problem("no row that names such columns".to_owned()));
    };
    let (known, _) = match_header(header.iter().map(String::as_str), of);
    let columns: Vec<C> = known.iter().flatten().copied().collect();
    needs(&columns).map_err(problem)?;
    let mut ledger = Ledger { file: SourceFile { name, sha256, rows: 0, taken: 0, rejected: 0 }, rejects: Vec::new() };
    let mut records = Records::new(&text[..], delimiter, &text);
    let mut to_skip = n_before + 1;
    loop {
        match records.next().map_err(|e| ImportError::reading(&ledger.file.name, &e))? {
            Next::End => return Ok(ledger),
            Next::Record(..) if to_skip > 0 => to_skip -= 1,
            Next::Broken(line, why) => ledger.reject(line, why.to_owned()),
            Next::Record(line, record) => match row(&|c| cell(record, &known, c)) {
                Ok(()) => {
                    ledger.file.rows += 1;
                    ledger.file.taken += 1;
                }
                Err(why) => ledger.reject(line, why),
            },
        }
    }
}

impl Ledger {
    fn reject(&mut self, line: u64, why: String) {
        self.file.rows += 1;
        self.file.rejected += 1;
        if self.rejects.len() < REJECTS_KEPT {
            self.rejects.push(Reject { file: self.file.name.clone(), line, why });
        }
    }
}

/// The cell of a column, trimmed; `None` where it is missing or blank.
fn cell<C: Copy + PartialEq>(record: Record<'_>, known: &[Option<C>], column: C) -> Option<String> {
    let place = known.iter().position(|c| *c == Some(column)).filter(|i| *i < record.len())?;
    let text = cell_text(record.cell(place)).0;
    let text = text.trim();
    // A sign before a cell that a spreadsheet would take for a formula, as `--verdicts` writes it.
    let text = text.strip_prefix('\'').filter(|rest| rest.starts_with(['=', '+', '-', '@'])).unwrap_or(text);
    (!text.is_empty()).then(|| text.to_owned())
}

fn bytes(path: &Path) -> Result<Vec<u8>, ImportError> {
    let name = path.display().to_string();
    let broken = |e| ImportError::reading(&name, &e);
    let mut bytes = Vec::new();
    File::open(path).map_err(broken)?.take(BYTES_MAX + 1).read_to_end(&mut bytes).map_err(broken)?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(ImportError::new("a table of at most 64 MiB", "a larger one", name, "give the rows that matter"));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    /// A file with this text, in a folder of this process.
    pub(super) fn written(name: &str, text: &str) -> PathBuf {
        let folder = std::env::temp_dir().join(format!("assay-beside-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let path = folder.join(name);
        std::fs::write(&path, text).expect("written");
        path
    }

    /// Whatever bytes stand in a table, reading ends with rows or an error.
    #[test]
    fn cut_anywhere_a_table_is_read_or_refused() {
        let whole = "handle,label,stratum,stratum_size\n\"a,\"\"b\",bought,1,7\nc,genuine,2,99999999999999999999\n";
        for end in 0..whole.len() {
            let path = written("cut.csv", &whole[..end]);
            let _ = super::read_labels(&path);
            let _ = super::read_events(&path);
            let _ = super::read_engagements(&path);
        }
        assert!(super::read_labels(Path::new("/")).is_err());
    }
}
