//! Settles which of the rows that speak of the same thing count.

use crate::adder::Adder;
use crate::error::StoreError;
use crate::kinds::{Kind, Versions};
use assay_model::{Go, Tick};
use rusqlite::{Connection, Statement, params};
use std::collections::HashMap;

/// A row and what it speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Entry {
    pub(crate) page: i64,
    pub(crate) key: i64,
    pub(crate) id: i64,
}

/// Entries between two ticks.
const TICK_ENTRIES: usize = 1 << 14;

/// How new each file is: the greater, the newer.
pub(crate) type Ranks = HashMap<i64, u32>;

/// Puts the files of the workspace in order of what they say of their time; ties go by their hash, so that the order of
/// imports does not matter. Files of one hash (and of no time) keep that of their import.
pub(crate) fn rank_files(connection: &Connection) -> Result<Ranks, StoreError> {
    let mut ranks = Ranks::new();
    let mut changed = Vec::new();
    let mut all = connection.prepare("SELECT id, rank FROM file ORDER BY as_of, sha256, id")?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        let (id, before): (i64, Option<u32>) = (row.get(0)?, row.get(1)?);
        let rank = ranks.len() as u32;
        if before != Some(rank) {
            changed.push((id, rank));
        }
        ranks.insert(id, rank);
    }
    let mut update = connection.prepare("UPDATE file SET rank = ? WHERE id = ?")?;
    for (id, rank) in changed {
        update.execute(params![rank, id])?;
    }
    Ok(ranks)
}

/// Puts the follower lists of each page in order, and marks the newest as the one that counts.
pub(crate) fn place_lists(connection: &Connection) -> Result<(), StoreError> {
    let mut places = Vec::new();
    {
        let mut all = connection.prepare(
            "SELECT r.id, r.page_id, r.place, r.is_current, lead(r.page_id) OVER w IS NOT r.page_id FROM reading r \
             LEFT JOIN file ON file.id = r.first_file WHERE r.is_list \
             WINDOW w AS (ORDER BY r.page_id, r.as_of, file.sha256, r.id)",
        )?;
        let mut rows = all.query([])?;
        let (mut page, mut place) = (None, 0_i64);
        while let Some(row) = rows.next()? {
            let here: i64 = row.get(1)?;
            place = if page == Some(here) { place + 1 } else { 1 };
            page = Some(here);
            let (before, was, is): (Option<i64>, bool, bool) = (row.get(2)?, row.get(3)?, row.get(4)?);
            if before != Some(place) || was != is {
                places.push((row.get::<_, i64>(0)?, place, is));
            }
        }
    }
    let mut update = connection.prepare("UPDATE reading SET place = ?, is_current = ? WHERE id = ?")?;
    for (id, place, is_current) in places {
        update.execute(params![place, is_current, id])?;
    }
    Ok(())
}

/// Enters new rows of a kind, and settles what they share with others. `entries` are sorted.
pub(crate) fn enter(
    connection: &Connection,
    kind: &Kind,
    entries: &[Entry],
    ranks: &Ranks,
    tick: &mut Tick<'_>,
) -> Result<(), StoreError> {
    let mut settler = Settler::new(connection, kind, ranks)?;
    let mut adder = Adder::new(connection, &format!("{}_key", kind.table), &["page", "key", "id"].map(str::to_owned))?;
    // Into an empty table nothing need be looked up.
    let is_first: bool =
        connection.query_row(&format!("SELECT NOT EXISTS(SELECT 1 FROM {}_key)", kind.table), [], |r| r.get(0))?;
    let mut done = 0;
    for group in entries.chunk_by(|a, b| (a.page, a.key) == (b.page, b.key)) {
        let mut ids: Vec<i64> = if is_first { Vec::new() } else { settler.known(group[0].page, group[0].key)? };
        // Rows are put as those that count: what one file alone tells is settled where nothing in it replaces what it told before.
        let is_one_file = ids.is_empty() && group.iter().all(|e| e.id >> 32 == group[0].id >> 32);
        let is_settled = matches!(kind.versions, Versions::Newest | Versions::Together) && is_one_file;
        if (!ids.is_empty() || group.len() > 1) && !is_settled {
            ids.extend(group.iter().map(|e| e.id));
            settler.settle(ids)?;
        }
        for entry in group {
            for number in [entry.page, entry.key, entry.id] {
                adder.int(Some(number));
            }
            adder.end_row()?;
            done += 1;
            if done % TICK_ENTRIES == 0 && tick(done as u64, entries.len() as u64) == Go::Stop {
                return Err(StoreError::Stopped);
            }
        }
    }
    Ok(adder.flush()?)
}

/// Takes rows of a kind out, and settles what is left of what they spoke of. The rows themselves are still there, and are left.
pub(crate) fn leave(
    connection: &Connection,
    kind: &Kind,
    entries: &[Entry],
    ranks: &Ranks,
    tick: &mut Tick<'_>,
) -> Result<(), StoreError> {
    let mut settler = Settler::new(connection, kind, ranks)?;
    let mut delete =
        connection.prepare(&format!("DELETE FROM {}_key WHERE page = ? AND key = ? AND id = ?", kind.table))?;
    let mut done = 0;
    for group in entries.chunk_by(|a, b| (a.page, a.key) == (b.page, b.key)) {
        for entry in group {
            delete.execute(params![entry.page, entry.key, entry.id])?;
            done += 1;
            if done % TICK_ENTRIES == 0 && tick(done as u64, entries.len() as u64) == Go::Stop {
                return Err(StoreError::Stopped);
            }
        }
        let left = settler.known(group[0].page, group[0].key)?;
        if !left.is_empty() {
            settler.settle(left)?;
        }
    }
    Ok(())
}

/// The statements by which one kind is settled.
struct Settler<'a> {
    versions: Versions,
    ranks: &'a Ranks,
    known: Statement<'a>,
    told: Option<Statement<'a>>,
    live: Statement<'a>,
}

impl<'a> Settler<'a> {
    fn new(connection: &'a Connection, kind: &Kind, ranks: &'a Ranks) -> Result<Self, StoreError> {
        let table = kind.table;
        let told = match kind.versions {
            Versions::Figures(first) => {
                let figures = kind.columns[first..].iter().enumerate();
                let bits: Vec<String> = figures.map(|(i, c)| format!("(({} IS NOT NULL) << {i})", c.name)).collect();
                Some(connection.prepare(&format!("SELECT {} FROM {table} WHERE id = ?", bits.join(" | ")))?)
            }
            _ => None,
        };
        Ok(Self {
            versions: kind.versions,
            ranks,
            known: connection.prepare(&format!("SELECT id FROM {table}_key WHERE page = ? AND key = ? ORDER BY id"))?,
            told,
            live: connection.prepare(&format!("UPDATE {table} SET live = ?1 WHERE id = ?2 AND live <> ?1"))?,
        })
    }

    fn known(&mut self, page: i64, key: i64) -> Result<Vec<i64>, StoreError> {
        Ok(self.known.query_map(params![page, key], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    fn set(&mut self, id: i64, live: i64) -> Result<(), StoreError> {
        self.live.execute(params![live, id])?;
        Ok(())
    }

    /// Settles all the rows that speak of one thing.
    fn settle(&mut self, mut ids: Vec<i64>) -> Result<(), StoreError> {
        let rank = |id: &i64| self.ranks.get(&(id >> 32)).copied().unwrap_or(0);
        // The newest file first, its rows in their order.
        ids.sort_by_key(|id| (std::cmp::Reverse(rank(id)), *id));
        let n = ids.len();
        let files: Vec<&[i64]> = ids.chunk_by(|a, b| a >> 32 == b >> 32).collect();
        match self.versions {
            Versions::Snapshot => {}
            Versions::Together => {
                for (place, file) in files.iter().enumerate() {
                    for id in *file {
                        self.set(*id, i64::from(place == 0))?;
                    }
                }
            }
            Versions::Newest | Versions::Merged => {
                // The first of each file are one thing, the second another.
                let wins = if self.versions == Versions::Merged && n > 1 { 2 } else { 1 };
                let mut settled = 0;
                for file in files {
                    for (slot, id) in file.iter().enumerate() {
                        self.set(*id, if slot >= settled { wins } else { 0 })?;
                    }
                    settled = settled.max(file.len());
                }
            }
            Versions::Figures(_) => {
                let mut covered = 0_i64;
                for file in files {
                    for id in file.iter().rev() {
                        let told: i64 = match &mut self.told {
                            Some(told) => told.query_row([id], |row| row.get(0))?,
                            None => 0,
                        };
                        self.set(*id, told & !covered)?;
                        covered |= told;
                    }
                }
            }
        }
        Ok(())
    }
}
