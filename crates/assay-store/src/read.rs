//! Gives back what counts as the facts that they were: the same values, with the workspace's number of the file and the line.

use crate::error::StoreError;
use crate::kinds::{FactKind, Get, Words};
use crate::views::held_list;
use crate::workspace::Workspace;
use assay_model::{Audience, Fact, Go, RowRef};
use rusqlite::{Connection, params};

/// Whose facts are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Of {
    /// Those of all pages.
    All,
    /// Those of the page of this number.
    Page(i64),
    /// Those of the follower list of this number alone.
    Snapshot(i64),
}

/// Rows of a block of followers.
const BLOCK_ROWS: usize = 1 << 12;

impl Workspace {
    /// Gives the facts of a kind that count, file by file, in the order of their rows. Addresses are their keyed hashes,
    /// descriptions their length alone.
    ///
    /// # Errors
    /// If they cannot be read, or `take` answers stop.
    pub fn facts(&self, kind: FactKind, of: Of, take: &mut dyn FnMut(Fact<'_>) -> Go) -> Result<(), StoreError> {
        let words = Words::load(&self.connection)?;
        let described = kind.kind();
        let mut all = self.connection.prepare(&statement(kind))?;
        for file in self.files_of(kind, of)? {
            let row_of = |line: i64| RowRef { file: file as u32, line: line as u32 };
            let mut rows = all.query(params![file << 32, (file << 32) + i64::from(u32::MAX)])?;
            let mut go = Go::On;
            while let Some(row) = rows.next()? {
                let source = row_of(row.get(0)?);
                (described.get)(&mut Get::new(row, &words, 1), source, &mut |fact| go = take(fact));
                if go == Go::Stop {
                    return Err(StoreError::Stopped);
                }
            }
        }
        Ok(())
    }

    /// Gives followers in blocks of columns, as they stand in their lists.
    ///
    /// # Errors
    /// If they cannot be read, or `take` answers stop.
    pub fn followers(&self, of: Of, take: &mut dyn FnMut(&Audience) -> Go) -> Result<(), StoreError> {
        let mut block = Audience::default();
        let mut full = |block: &mut Audience, least: usize| {
            if block.len() <= least {
                return Go::On;
            }
            take(&std::mem::take(block))
        };
        self.facts(FactKind::Follow, of, &mut |fact| {
            if let Fact::Follow(follow) = fact {
                block.push(&follow);
            }
            full(&mut block, BLOCK_ROWS - 1)
        })?;
        if full(&mut block, 0) == Go::Stop { Err(StoreError::Stopped) } else { Ok(()) }
    }

    /// Files that may hold such facts, in the order of their numbers.
    fn files_of(&self, kind: FactKind, of: Of) -> Result<Vec<i64>, StoreError> {
        let lists = if kind == FactKind::Follow && !matches!(of, Of::Snapshot(_)) { "r.is_current" } else { "true" };
        let (which, number) = match of {
            Of::All => ("?1 = 0", 0),
            Of::Page(page) => ("file.page_id = ?1", page),
            Of::Snapshot(reading) => ("file.reading_id = ?1", reading),
        };
        let mut all = self.connection.prepare(&format!(
            "SELECT file.id FROM file JOIN reading r ON r.id = file.reading_id WHERE {lists} AND {which} ORDER BY file.id"
        ))?;
        Ok(all.query_map([number], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }
}

/// Pages of the file that a reading from end to end keeps in memory: it comes by each once.
const LEAN_KIB: i64 = 8 << 10;

/// Keeps little of the file in memory until it is dropped.
pub(crate) struct Lean<'c> {
    connection: &'c Connection,
    before: i64,
}

impl<'c> Lean<'c> {
    pub(crate) fn new(connection: &'c Connection) -> rusqlite::Result<Self> {
        let before = connection.query_row("PRAGMA cache_size", [], |row| row.get(0))?;
        connection.pragma_update(None, "cache_size", -LEAN_KIB)?;
        Ok(Self { connection, before })
    }
}

impl Drop for Lean<'_> {
    fn drop(&mut self) {
        // A smaller cache is slower, and no fault.
        let _ = self.connection.pragma_update(None, "cache_size", self.before);
    }
}

/// Reads what counts of a kind in one file.
fn statement(kind: FactKind) -> String {
    let (described, live) = (kind.kind(), if kind == FactKind::Follow { "" } else { " AND f.live" });
    let table = described.table;
    format!("SELECT f.line, {} FROM {table} f WHERE f.id BETWEEN ? AND ?{live} ORDER BY f.id", held_list(described))
}
