//! Takes imports and single rows out again; what they had replaced counts again.

use crate::error::StoreError;
use crate::forget::entries;
use crate::kinds::FactKind;
use crate::settle::{self, Entry};
use crate::workspace::Workspace;
use assay_model::{Tick, TimeMs};
use rusqlite::{Connection, OptionalExtension as _, TransactionBehavior, params};
use std::collections::BTreeSet;

impl Workspace {
    /// Takes an import back, in one transaction, and tells how many facts went. Its line stays in the ledger.
    ///
    /// # Errors
    /// If there is no such import, it was taken back already, it cannot be written, or `tick` answers stop.
    pub fn undo(&mut self, import: i64, at: TimeMs, tick: &mut Tick<'_>) -> Result<u64, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let undone: Option<Option<i64>> = transaction
            .query_row("SELECT undone_at FROM import WHERE id = ?", [import], |row| row.get(0))
            .optional()?;
        let hint = "`assay imports` lists them";
        match undone {
            None => return Err(StoreError::new("the number of an import", import.to_string(), "", hint)),
            Some(Some(_)) => {
                return Err(StoreError::new(
                    "an import that counts",
                    format!("{import}, which was taken back"),
                    "",
                    hint,
                ));
            }
            Some(None) => {}
        }
        let files = files_of(&transaction, import)?;
        let mut n = 0;
        for kind in FactKind::ALL {
            n += remove_files(&transaction, kind, &files, tick)?;
        }
        transaction
            .execute("DELETE FROM reject WHERE file_id IN (SELECT id FROM file WHERE import_id = ?)", [import])?;
        for table in ["note", "reading", "file"] {
            transaction.execute(&format!("DELETE FROM {table} WHERE import_id = ?"), [import])?;
        }
        transaction.execute("UPDATE import SET undone_at = ? WHERE id = ?", params![at.0, import])?;
        settle::rank_files(&transaction)?;
        settle::place_lists(&transaction)?;
        transaction.commit()?;
        Ok(n)
    }
}

fn files_of(connection: &Connection, import: i64) -> Result<Vec<(i64, i64)>, StoreError> {
    let mut all = connection.prepare("SELECT id, page_id FROM file WHERE import_id = ? ORDER BY id")?;
    Ok(all.query_map([import], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?)
}

/// Removes all rows of a kind in some files, and settles what is left.
fn remove_files(
    connection: &Connection,
    kind: FactKind,
    files: &[(i64, i64)],
    tick: &mut Tick<'_>,
) -> Result<u64, StoreError> {
    let table = kind.kind().table;
    let mut all = connection.prepare(&format!("SELECT id, key FROM {table} WHERE id BETWEEN ? AND ?"))?;
    let mut delete = connection.prepare(&format!("DELETE FROM {table} WHERE id BETWEEN ? AND ?"))?;
    let mut n = 0;
    let mut left = Vec::new();
    for &(file, page) in files {
        let range = params![file << 32, (file << 32) + i64::from(u32::MAX)];
        if kind != FactKind::Follow {
            let mut rows = all.query(range)?;
            while let Some(row) = rows.next()? {
                left.push(Entry { page, id: row.get(0)?, key: row.get(1)? });
            }
        }
    }
    if kind != FactKind::Follow {
        left.sort_unstable();
        let ranks = settle::rank_files(connection)?;
        settle::leave(connection, kind.kind(), &left, &ranks, tick)?;
    }
    for &(file, _) in files {
        n += delete.execute(params![file << 32, (file << 32) + i64::from(u32::MAX)])? as u64;
    }
    Ok(n)
}

/// Removes rows of a kind, and settles what is left of what they spoke of.
pub(crate) fn remove(
    connection: &Connection,
    kind: FactKind,
    ids: &BTreeSet<i64>,
    tick: &mut Tick<'_>,
) -> Result<u64, StoreError> {
    if kind != FactKind::Follow {
        let left = entries(connection, kind, ids)?;
        let ranks = settle::rank_files(connection)?;
        settle::leave(connection, kind.kind(), &left, &ranks, tick)?;
    }
    let mut delete = connection.prepare(&format!("DELETE FROM {} WHERE id = ?", kind.kind().table))?;
    let mut n = 0;
    for id in ids {
        n += delete.execute([id])? as u64;
    }
    Ok(n)
}
