//! Turns of conversations: what somebody said until the page answered, each with the row of its first word.
//!
//! They are made with the conversations ([`Workspace::keep_conversations`]). Whose are left out of the queue and of every figure is
//! noted beside ([`Workspace::leave_out`]), so that SQL selects the rows that a figure is made of.

use crate::conversations::{ConversationEntry, Which};
use crate::decisions::State;
use crate::error::StoreError;
use crate::views::time;
use crate::workspace::Workspace;
use assay_model::{Go, RowRef, TimeMs, Turn};
use rusqlite::{Connection, Row, TransactionBehavior, params};

/// Where the state of overruled verdicts stands that was used to leave conversations out.
const LEFT_OUT: &str = "left_out";

/// A turn as the workspace keeps it.
#[derive(Debug, Clone, PartialEq)]
pub struct TurnEntry {
    /// The row of its first word, the number of the file among it.
    pub row: RowRef,
    /// The page's number.
    pub page_id: i64,
    /// When it began; `None` where no word has a time.
    pub at: Option<TimeMs>,
    /// When it was answered, if it was.
    pub answered_at: Option<TimeMs>,
    /// How far the data of the page go; `None` for one of which nothing that it said is known.
    pub seen_until: Option<TimeMs>,
    /// Whether it is the last one of its conversation.
    pub is_last: bool,
    /// Whether the account is left out.
    pub is_left_out: bool,
    /// Whether the last word of the conversation has no answer in what was imported.
    pub awaits: bool,
    /// Words of the account in it.
    pub n_words: u32,
    /// What was decided of the conversation.
    pub state: Option<State>,
}

/// Keeps the turns of a conversation.
pub(crate) fn keep(connection: &Connection, conversation: i64, turns: &[Turn]) -> Result<(), StoreError> {
    let mut add = connection.prepare_cached(
        "INSERT OR IGNORE INTO conversation_turn(engagement, conversation, at, answered_at, is_last) VALUES(?, ?, ?, ?, ?)",
    )?;
    for (i, t) in turns.iter().enumerate() {
        let (at, answered_at) = (t.at.map(|t| t.0), t.answered_at.map(|t| t.0));
        add.execute(params![t.row, conversation, at, answered_at, i + 1 == turns.len()])?;
    }
    Ok(())
}

impl Workspace {
    /// Gives every turn that is kept, in the order of files and rows.
    ///
    /// # Errors
    /// If they cannot be read, or `take` answers stop.
    pub fn turns(&self, take: &mut dyn FnMut(TurnEntry) -> Go) -> Result<(), StoreError> {
        let mut all = self.connection.prepare(
            "SELECT f.id >> 32, f.line, c.page_id, t.at, t.answered_at, CASE WHEN p.speaks THEN p.until END, t.is_last, c.left_out, \
             c.awaits, c.n_words, s.status, s.until, s.n_words, s.handled_by, s.changed_at, s.changed_by \
             FROM conversation_turn t CROSS JOIN engagement f ON f.id = t.engagement CROSS JOIN conversation c \
             ON c.id = t.conversation LEFT JOIN conversation_page p ON p.page_id = c.page_id \
             LEFT JOIN conversation_state s ON s.conversation = c.id ORDER BY t.engagement",
        )?;
        let time = |row: &Row<'_>, at: usize| row.get::<_, Option<i64>>(at).map(|t| t.map(TimeMs));
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let turn = TurnEntry {
                row: RowRef { file: row.get(0)?, line: row.get(1)? },
                page_id: row.get(2)?,
                at: time(row, 3)?,
                answered_at: time(row, 4)?,
                seen_until: time(row, 5)?,
                is_last: row.get(6)?,
                is_left_out: row.get(7)?,
                awaits: row.get(8)?,
                n_words: row.get(9)?,
                state: crate::conversations::state(row, 10)?,
            };
            if take(turn) == Go::Stop {
                return Err(StoreError::Stopped);
            }
        }
        Ok(())
    }

    /// Notes which conversations are left out, where the facts or the overruled verdicts are others than when that was noted last.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn leave_out(&mut self, is_left_out: &dyn Fn(&ConversationEntry) -> bool) -> Result<(), StoreError> {
        let mut changed = Vec::new();
        self.conversations(Which::All, &mut |e| {
            let now = is_left_out(&e);
            if now != e.is_left_out {
                changed.push((e.id.0, now));
            }
            Go::On
        })?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        for (id, is_left_out) in changed {
            transaction.execute("UPDATE conversation SET left_out = ?2 WHERE id = ?1", params![id, is_left_out])?;
        }
        let of = overruled_state(&transaction)?;
        transaction.execute("INSERT OR REPLACE INTO setting(name, value) VALUES(?, ?)", params![LEFT_OUT, of])?;
        transaction.commit()?;
        Ok(())
    }

    /// Whether it was noted by other conversations or verdicts than those that there are now, who is left out.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn left_out_is_stale(&self) -> Result<bool, StoreError> {
        Ok(self.setting(LEFT_OUT)? != Some(overruled_state(&self.connection)?))
    }
}

/// The state of all that tells who is left out.
fn overruled_state(connection: &Connection) -> Result<String, StoreError> {
    Ok(connection.query_row(
        "SELECT (SELECT coalesce(max(id), 0) || ' ' || count(withdrawn_at) || ' ' || count(*) FROM overrule) || ' ' || \
         (SELECT coalesce(max(value), '') FROM setting WHERE name = 'conversations')",
        [],
        |row| row.get(0),
    )?)
}

/// The view of turns. What was decided holds until the person writes again; what is put off, until then.
pub(crate) fn view() -> (&'static str, String) {
    let now = "CAST(unixepoch('subsec') * 1000 AS INTEGER)";
    let sql = format!(
        "SELECT {at} AS at, {answered} AS answered_at, {until} AS seen_until, c.kind AS kind, c.account_id AS account_id, \
         c.handle AS handle, printf('%016x', c.id) AS conversation_id, c.left_out AS left_out, t.is_last AND CASE WHEN s.status IS NOT NULL \
         AND c.n_words <= s.n_words AND NOT (s.status = 'snoozed' AND coalesce(s.until, 0) <= {now}) \
         THEN s.status = 'open' ELSE c.awaits END AS awaits, {origin} \
         FROM conversation_turn t CROSS JOIN engagement f ON f.id = t.engagement CROSS JOIN conversation c \
         ON c.id = t.conversation CROSS JOIN file ON file.id = f.id >> 32 LEFT JOIN conversation_page p \
         ON p.page_id = c.page_id LEFT JOIN conversation_state s ON s.conversation = c.id",
        at = time("t.at"),
        answered = time("t.answered_at"),
        until = time("CASE WHEN p.speaks THEN p.until END"),
        origin = crate::views::ORIGIN,
    );
    ("turns", sql)
}
