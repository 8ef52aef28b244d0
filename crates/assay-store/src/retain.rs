//! Retention: rows of persons go when they are older than the workspace keeps them; counts of them stay.
//!
//! How long each kind is kept is a setting of the workspace, such as `retention.engagements` = `400d`; what has none is kept. A
//! day before the first that is kept goes whole. Of what goes, `kept_counts` holds the rows and persons of each day: the most
//! that were there at once, since the next export may bring the same old rows again, which go again. Of follower lists the
//! number of followers and who came and went stay, of audits their shares, of orders all but whose they are. What people decided
//! goes without a count: a verdict that is no longer overruled counts again, labels no longer correct shares.

use crate::audits::Change;
use crate::error::StoreError;
use crate::kinds::FactKind;
use crate::undo;
use crate::views::ROWS_OF_FILE;
use crate::workspace::Workspace;
use assay_model::{DAY_MS, Day, Tick, TimeMs};
use rusqlite::{Connection, TransactionBehavior, params};
use std::collections::BTreeSet;

/// Rows of persons that may have an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Personal {
    /// Follower lists, by the time that they speak of.
    Followers,
    /// What accounts did, by its time.
    Engagements,
    /// Direct messages, by their time.
    Messages,
    /// Whose an order is, by the time of the order.
    Orders,
    /// Contacts, by when they were made.
    Contacts,
    /// Verdicts on followers, by the time of their list.
    Verdicts,
    /// Links between accounts and customers, by when they were made.
    Links,
    /// Notes on conversations, by when they were made.
    Notes,
    /// What was decided of conversations, by when that was last.
    States,
    /// Verdicts that somebody overruled, by when.
    Overrules,
    /// Labels of followers, by when they were given.
    Labels,
}

impl Personal {
    /// Every kind.
    pub const ALL: [Self; 11] = [
        Self::Followers,
        Self::Engagements,
        Self::Messages,
        Self::Orders,
        Self::Contacts,
        Self::Verdicts,
        Self::Links,
        Self::Notes,
        Self::States,
        Self::Overrules,
        Self::Labels,
    ];

    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Followers => "followers",
            Self::Engagements => "engagements",
            Self::Messages => "messages",
            Self::Orders => "orders",
            Self::Contacts => "contacts",
            Self::Verdicts => "verdicts",
            Self::Links => "links",
            Self::Notes => "notes",
            Self::States => "states",
            Self::Overrules => "overrules",
            Self::Labels => "labels",
        }
    }

    /// The setting that holds how long it is kept.
    pub fn setting(self) -> String {
        format!("retention.{}", self.name())
    }
}

/// Days of a span such as `400d`, `26w` or `2y` (of 365 days); at least one.
pub fn span_days(text: &str) -> Option<u32> {
    let text = text.trim().to_ascii_lowercase();
    let days_each = [('d', 1), ('w', 7), ('y', 365)].into_iter().find(|(unit, _)| text.ends_with(*unit))?.1;
    let n: u32 = text.get(..text.len() - 1)?.trim_end().parse().ok()?;
    n.checked_mul(days_each).filter(|days| (1..=100 * 365).contains(days))
}

/// Whether what is too old goes, or is counted alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dropping {
    /// It goes.
    Now,
    /// Nothing is written.
    Dry,
}

/// What went of a kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dropped {
    /// Of which kind.
    pub what: Personal,
    /// How long it is kept.
    pub days: u32,
    /// The first day that is kept.
    pub from: Day,
    /// Rows that went; of orders, those whose customer went.
    pub n_rows: u64,
}

impl Workspace {
    /// How long rows of persons are kept, in days; kinds without a setting are kept for good.
    ///
    /// # Errors
    /// If a setting cannot be read or is no span.
    pub fn retention(&self) -> Result<Vec<(Personal, u32)>, StoreError> {
        let mut all = Vec::new();
        for what in Personal::ALL {
            if let Some(told) = self.setting(&what.setting())? {
                let days = span_days(&told).ok_or_else(|| {
                    StoreError::new(
                        format!("a span such as 400d, 26w or 2y as {}", what.setting()),
                        assay_model::quote(&told),
                        "",
                        format!("`assay config set {} 400d` mends it", what.setting()),
                    )
                })?;
                all.push((what, days));
            }
        }
        Ok(all)
    }

    /// Drops rows of persons that are older at `now` than they are kept, in one transaction; what is dropped is overwritten in the
    /// file. One entry for each kind that has a setting.
    ///
    /// # Errors
    /// If it cannot be written, or `tick` answers stop: then nothing was.
    pub fn retain(&mut self, now: TimeMs, dropping: Dropping, tick: &mut Tick<'_>) -> Result<Vec<Dropped>, StoreError> {
        let retention = self.retention()?;
        if retention.is_empty() {
            return Ok(Vec::new());
        }
        self.connection.pragma_update(None, "secure_delete", true)?;
        let done = self.drop_old(&retention, now, dropping, tick);
        self.connection.pragma_update(None, "secure_delete", false)?;
        let done = done?;
        if dropping == Dropping::Now && done.iter().any(|d| d.n_rows > 0) {
            self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        }
        Ok(done)
    }

    fn drop_old(
        &mut self,
        retention: &[(Personal, u32)],
        now: TimeMs,
        dropping: Dropping,
        tick: &mut Tick<'_>,
    ) -> Result<Vec<Dropped>, StoreError> {
        let changes = self.changes_of_old_lists(retention, now)?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut all = Vec::with_capacity(retention.len());
        for &(what, days) in retention {
            let from = first_kept(now, days);
            let n_rows = match what {
                Personal::Followers => drop_lists(&transaction, from, now, &changes)?,
                Personal::Engagements | Personal::Messages | Personal::Contacts => {
                    drop_rows(&transaction, what, from, tick)?
                }
                Personal::Orders => strip_orders(&transaction, from)?,
                Personal::Verdicts => {
                    let old = "DELETE FROM verdict WHERE audit_id IN (SELECT id FROM audit WHERE as_of < ?)";
                    transaction.execute(old, [from.start().0])? as u64
                }
                Personal::Links => drop_made(&transaction, "link", "made_at", from)?,
                Personal::Notes => drop_made(&transaction, "conversation_note", "at", from)?,
                Personal::States => drop_made(&transaction, "conversation_state", "changed_at", from)?,
                Personal::Overrules => drop_made(&transaction, "overrule", "made_at", from)?,
                Personal::Labels => drop_made(&transaction, "follower_label", "made_at", from)?,
            };
            all.push(Dropped { what, days, from, n_rows });
        }
        if dropping == Dropping::Now && all.iter().any(|d| d.n_rows > 0) {
            transaction.commit()?;
        }
        Ok(all)
    }

    /// Who came and went between lists of which one is about to go.
    fn changes_of_old_lists(
        &self,
        retention: &[(Personal, u32)],
        now: TimeMs,
    ) -> Result<Vec<(i64, Change)>, StoreError> {
        let Some((_, days)) = retention.iter().find(|(what, _)| *what == Personal::Followers) else {
            return Ok(Vec::new());
        };
        let from = first_kept(now, *days).start();
        let is_new = "SELECT DISTINCT page_id FROM reading WHERE is_list AND dropped_at IS NULL AND as_of < ?";
        let mut pages = self.connection.prepare(is_new)?;
        let pages: Vec<i64> = pages.query_map([from.0], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let mut all = Vec::new();
        for page in pages {
            let of_old = self.changes(page)?.into_iter().filter(|c| c.after < from);
            all.extend(of_old.map(|change| (page, change)));
        }
        Ok(all)
    }
}

/// The first day that is kept.
fn first_kept(now: TimeMs, days: u32) -> Day {
    Day(now.day().0.saturating_sub(i32::try_from(days).unwrap_or(i32::MAX)))
}

/// What people made before a day goes from a table.
fn drop_made(connection: &Connection, table: &str, at: &str, from: Day) -> Result<u64, StoreError> {
    Ok(connection.execute(&format!("DELETE FROM {table} WHERE {at} < ?"), [from.start().0])? as u64)
}

/// The rows of follower lists that speak of a time before a day go; the lists themselves stay in the ledger.
fn drop_lists(connection: &Connection, from: Day, now: TimeMs, changes: &[(i64, Change)]) -> Result<u64, StoreError> {
    let old = "r.is_list AND r.dropped_at IS NULL AND r.as_of < ?1";
    let n = connection.execute(
        &format!(
            "DELETE FROM follow WHERE id IN (SELECT f.id FROM reading r CROSS JOIN file ON file.reading_id = r.id \
             CROSS JOIN follow f ON f.id {ROWS_OF_FILE} WHERE {old})"
        ),
        [from.start().0],
    )?;
    connection.execute(
        "UPDATE reading SET dropped_at = ?2 WHERE is_list AND dropped_at IS NULL AND as_of < ?1",
        [from.start().0, now.0],
    )?;
    for (page, change) in changes {
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        connection.execute(
            "INSERT OR REPLACE INTO kept_change(page_id, after, by, n_gained, n_lost, n_lost_inauthentic) \
             VALUES(?, ?, ?, ?, ?, ?)",
            params![
                page,
                change.after.0,
                change.by.0,
                count(change.n_gained),
                count(change.n_lost),
                change.n_lost_inauthentic.map(count)
            ],
        )?;
    }
    Ok(n as u64)
}

/// The table, the time, the person and the kind of rows, and which of them are meant.
struct Described {
    kind: FactKind,
    at: &'static str,
    person: &'static str,
    word: &'static str,
    which: &'static str,
}

fn described(what: Personal) -> Described {
    // The page's own acts are no other person's, but what it wrote to somebody is.
    let is_message = "f.kind IS (SELECT id FROM word WHERE text = 'message')";
    let not_message = "f.kind IS NOT (SELECT id FROM word WHERE text = 'message') AND f.by_page IS NOT 1";
    let who = "coalesce(f.account_id, lower(f.handle))";
    let engagement = |which| Described {
        kind: FactKind::Engagement,
        at: "f.at",
        person: who,
        word: "coalesce((SELECT text FROM word WHERE word.id = f.kind), f.kind, '')",
        which,
    };
    match what {
        Personal::Messages => engagement(is_message),
        Personal::Contacts => Described {
            kind: FactKind::Contact,
            at: "f.created_at",
            person: "coalesce(f.email_key, lower(f.handle), f.contact_id)",
            word: "''",
            which: "true",
        },
        Personal::Orders => Described {
            kind: FactKind::Sale,
            at: "f.ordered_at",
            person: "coalesce(f.customer_id, f.email_key, lower(f.handle))",
            word: "''",
            which: "coalesce(f.customer_id, f.email_key, f.handle) IS NOT NULL",
        },
        _ => engagement(not_message),
    }
}

/// Rows that are too old, by their time, or that of their file where they have none.
fn too_old(d: &Described) -> String {
    let table = d.kind.kind().table;
    format!(
        "FROM {table} f CROSS JOIN file ON file.id = f.id >> 32 WHERE {} AND coalesce({}, file.as_of) < ?1",
        d.which, d.at
    )
}

/// Counts what is about to go by day: the most that was there at once.
fn count_old(connection: &Connection, what: Personal, d: &Described, from: Day) -> Result<(), StoreError> {
    connection.execute(
        &format!(
            "INSERT INTO kept_count(page_id, what, day, kind, n_rows, n_persons) SELECT file.page_id, '{}', \
             coalesce({}, file.as_of) / {DAY_MS}, {}, count(*), count(DISTINCT {}) {} AND f.live GROUP BY 1, 3, 4 \
             ON CONFLICT DO UPDATE SET n_rows = max(n_rows, excluded.n_rows), n_persons = max(n_persons, excluded.n_persons)",
            what.name(),
            d.at,
            d.word,
            d.person,
            too_old(d)
        ),
        [from.start().0],
    )?;
    Ok(())
}

fn drop_rows(connection: &Connection, what: Personal, from: Day, tick: &mut Tick<'_>) -> Result<u64, StoreError> {
    let d = described(what);
    count_old(connection, what, &d, from)?;
    let mut old = connection.prepare(&format!("SELECT f.id {}", too_old(&d)))?;
    let ids: BTreeSet<i64> = old.query_map([from.start().0], |row| row.get(0))?.collect::<Result<_, _>>()?;
    undo::remove(connection, d.kind, &ids, tick)
}

/// Old orders lose whose they are; what was sold stays in the books.
fn strip_orders(connection: &Connection, from: Day) -> Result<u64, StoreError> {
    let d = described(Personal::Orders);
    count_old(connection, Personal::Orders, &d, from)?;
    let strip = format!(
        "UPDATE sale SET customer_id = NULL, email_key = NULL, handle = NULL WHERE id IN (SELECT f.id {})",
        too_old(&d)
    );
    Ok(connection.execute(&strip, [from.start().0])? as u64)
}

/// The views `kept_counts` and `kept_changes`.
pub(crate) fn views() -> [(&'static str, String); 2] {
    let page = |of: &str| format!("(SELECT page.name FROM page WHERE page.id = {of}.page_id) AS page");
    [
        (
            "kept_counts",
            format!(
                "SELECT {}, k.what AS what, date(k.day * 86400, 'unixepoch') AS day, nullif(k.kind, '') AS kind, \
                 k.n_rows AS n_rows, k.n_persons AS n_persons FROM kept_count k",
                page("k")
            ),
        ),
        (
            "kept_changes",
            format!(
                "SELECT {}, {} AS after, {} AS by, c.n_gained AS n_gained, c.n_lost AS n_lost, \
                 c.n_lost_inauthentic AS n_lost_inauthentic FROM kept_change c",
                page("c"),
                crate::views::time("c.after"),
                crate::views::time("c.by")
            ),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::span_days;

    #[test]
    fn spans_are_days_weeks_and_years() {
        assert_eq!(["400d", "26w", "2y", " 1D "].map(span_days), [Some(400), Some(182), Some(730), Some(1)]);
        assert_eq!(["", "d", "0d", "-1d", "400", "1.5y", "3m", "101y", "9999999999d", "é"].map(span_days), [None; 10]);
    }
}
