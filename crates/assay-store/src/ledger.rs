//! What the ledger tells: imports, files, snapshots.

use crate::error::StoreError;
use crate::workspace::Workspace;
use assay_model::{ListOrder, Reject, SourceFile, TimeMs, TimeQuality};
use rusqlite::{Row, params};
use serde::Serialize;

/// An import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ImportEntry {
    /// Its number.
    pub id: i64,
    /// When it was done.
    pub imported_at: TimeMs,
    /// The version of the program.
    pub version: String,
    /// What the user asked.
    pub options: String,
    /// How many facts it brought.
    pub n_facts: i64,
    /// When it was taken back, if it was.
    pub undone_at: Option<TimeMs>,
    /// Its files; none where it was taken back.
    pub files: Vec<FileEntry>,
}

/// A file of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileEntry {
    /// Its number: what `RowRef::file` of its facts holds.
    pub id: i64,
    /// What was read of it.
    pub file: SourceFile,
    /// The importer that read it.
    pub importer: String,
    /// What the importer yields.
    pub yields: String,
    /// The page that it is of, as far as known.
    pub page: Option<String>,
    /// The time that it speaks of.
    pub as_of: TimeMs,
    /// Who says so: `user`, `export`, `rows` or `import`.
    pub as_of_from: String,
}

/// A follower list that was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Its number.
    pub id: i64,
    /// The page's number.
    pub page_id: i64,
    /// The page, as far as known: `network/handle`.
    pub page: Option<String>,
    /// The time that it speaks of.
    pub as_of: TimeMs,
    /// When the platform made it, where it says so.
    pub exported_at: Option<TimeMs>,
    /// How many followers it holds.
    pub n_followers: i64,
    /// How many the platform says it holds.
    pub n_expected: Option<u64>,
    /// How its rows are ordered.
    pub order: ListOrder,
    /// How well its follow times are known.
    pub quality: TimeQuality,
    /// The importer that read it.
    pub importer: String,
    /// Whether it is the newest of its page.
    pub is_current: bool,
    /// When its rows went, as the workspace does not keep them longer.
    pub dropped_at: Option<TimeMs>,
}

impl Workspace {
    /// The imports, oldest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn imports(&self) -> Result<Vec<ImportEntry>, StoreError> {
        let mut files = self.files()?.into_iter().peekable();
        let mut all = self.connection.prepare(
            "SELECT id, imported_at, version, coalesce(options, ''), n_facts, undone_at FROM import ORDER BY id",
        )?;
        let mut rows = all.query([])?;
        let mut imports = Vec::new();
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let mut own = Vec::new();
            while let Some((_, file)) = files.next_if(|(import, _)| *import == id) {
                own.push(file);
            }
            imports.push(ImportEntry {
                id,
                imported_at: TimeMs(row.get(1)?),
                version: row.get(2)?,
                options: row.get(3)?,
                n_facts: row.get(4)?,
                undone_at: row.get::<_, Option<i64>>(5)?.map(TimeMs),
                files: own,
            });
        }
        Ok(imports)
    }

    /// The files, each with its import, in the order of their numbers.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn files(&self) -> Result<Vec<(i64, FileEntry)>, StoreError> {
        let mut all = self.connection.prepare(
            "SELECT file.import_id, file.id, file.name, file.sha256, file.n_rows, file.n_taken, file.n_rejected, \
             r.importer, r.yields, page.name, file.as_of, file.as_of_from FROM file JOIN reading r ON r.id = file.reading_id \
             JOIN page ON page.id = file.page_id ORDER BY file.import_id, file.id",
        )?;
        let entry = |row: &Row<'_>| {
            let count = |n: i64| n.max(0) as u64;
            Ok((
                row.get(0)?,
                FileEntry {
                    id: row.get(1)?,
                    file: SourceFile {
                        name: row.get(2)?,
                        sha256: row.get(3)?,
                        rows: count(row.get(4)?),
                        taken: count(row.get(5)?),
                        rejected: count(row.get(6)?),
                    },
                    importer: row.get(7)?,
                    yields: row.get(8)?,
                    page: row.get(9)?,
                    as_of: TimeMs(row.get(10)?),
                    as_of_from: row.get(11)?,
                },
            ))
        };
        Ok(all.query_map([], entry)?.collect::<Result<_, _>>()?)
    }

    /// The rejected rows that are kept of an import.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn rejects(&self, import: i64) -> Result<Vec<Reject>, StoreError> {
        let mut all = self.connection.prepare(
            "SELECT file.name, reject.line, reject.why FROM reject JOIN file ON file.id = reject.file_id \
             WHERE file.import_id = ? ORDER BY file.id, reject.line",
        )?;
        let reject = |row: &Row<'_>| {
            Ok(Reject { file: row.get(0)?, line: row.get::<_, i64>(1)?.max(0) as u64, why: row.get(2)? })
        };
        Ok(all.query_map(params![import], reject)?.collect::<Result<_, _>>()?)
    }

    /// What the reader must know of an import.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn notes(&self, import: i64) -> Result<Vec<String>, StoreError> {
        let mut all = self.connection.prepare("SELECT text FROM note WHERE import_id = ? ORDER BY rowid")?;
        Ok(all.query_map(params![import], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    /// The follower lists: page by page, the oldest of each first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn snapshots(&self) -> Result<Vec<Snapshot>, StoreError> {
        let mut all = self.connection.prepare(
            "SELECT r.id, r.page_id, page.name, r.as_of, r.exported_at, r.n_follows, r.n_expected, r.list_order, \
             r.time_quality, r.importer, r.is_current, r.dropped_at FROM reading r JOIN page ON page.id = r.page_id \
             WHERE r.is_list ORDER BY r.page_id, r.place",
        )?;
        let snapshot = |row: &Row<'_>| {
            let (order, quality): (Option<String>, Option<String>) = (row.get(7)?, row.get(8)?);
            Ok(Snapshot {
                id: row.get(0)?,
                page_id: row.get(1)?,
                page: row.get(2)?,
                as_of: TimeMs(row.get(3)?),
                exported_at: row.get::<_, Option<i64>>(4)?.map(TimeMs),
                n_followers: row.get(5)?,
                n_expected: row.get::<_, Option<i64>>(6)?.and_then(|n| u64::try_from(n).ok()),
                order: order_of(order.as_deref()),
                quality: quality_of(quality.as_deref()),
                importer: row.get(9)?,
                is_current: row.get(10)?,
                dropped_at: row.get::<_, Option<i64>>(11)?.map(TimeMs),
            })
        };
        Ok(all.query_map([], snapshot)?.collect::<Result<_, _>>()?)
    }
}

/// The order of a name; a list that told none states it by ranks or times.
fn order_of(name: Option<&str>) -> ListOrder {
    match name {
        Some("newest_first") => ListOrder::NewestFirst,
        Some("probably_newest_first") => ListOrder::ProbablyNewestFirst,
        Some("unordered") => ListOrder::Unordered,
        _ => ListOrder::Stated,
    }
}

fn quality_of(name: Option<&str>) -> TimeQuality {
    let all = [
        TimeQuality::Exact,
        TimeQuality::Minute,
        TimeQuality::Day,
        TimeQuality::Bounded,
        TimeQuality::OrderOnly,
        TimeQuality::Unknown,
    ];
    all.into_iter().find(|q| Some(q.name()) == name).unwrap_or(TimeQuality::Unknown)
}
