//! What people decide of conversations: status, who handles it, notes; and answers that they use again.
//!
//! A decision is about the words that were there: when the person writes again, a conversation that was answered, put off or done
//! awaits an answer anew.

use crate::conversations::{ConversationId, last_word};
use crate::error::StoreError;
use crate::views::time;
use crate::workspace::Workspace;
use assay_model::TimeMs;
use rusqlite::{Connection, Row, TransactionBehavior, params};

/// What became of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Status {
    /// It awaits an answer.
    Open,
    /// It is put off until a time.
    Snoozed,
    /// It was answered.
    Answered,
    /// Nothing more is to be done.
    Done,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 4] = [Self::Open, Self::Snoozed, Self::Answered, Self::Done];

    /// The name that tables and JSON use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Snoozed => "snoozed",
            Self::Answered => "answered",
            Self::Done => "done",
        }
    }

    /// The status of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.name() == name)
    }
}

/// What was decided of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Its status; `None` where nobody set one.
    pub status: Option<Status>,
    /// Until when it is put off.
    pub until: Option<TimeMs>,
    /// How many words the person had said by then.
    pub n_words: u32,
    /// Who handles it.
    pub handled_by: Option<String>,
    /// When this was decided last,
    pub changed_at: TimeMs,
    /// and by whom.
    pub changed_by: String,
}

/// A note on a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Its number.
    pub id: i64,
    /// When it was made.
    pub at: TimeMs,
    /// Who made it.
    pub who: String,
    /// What it says.
    pub text: String,
}

/// An answer to be used again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedAnswer {
    /// What it is called.
    pub name: String,
    /// What it says.
    pub text: String,
    /// When it was changed last,
    pub changed_at: TimeMs,
    /// and by whom.
    pub changed_by: String,
}

/// Who decides, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct By<'a> {
    /// Who.
    pub who: &'a str,
    /// When.
    pub at: TimeMs,
}

impl Workspace {
    /// Sets the status of a conversation; `until` is for one that is put off. Answers whether there is such a conversation.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn set_status(
        &mut self,
        id: ConversationId,
        status: Status,
        until: Option<TimeMs>,
        by: By<'_>,
    ) -> Result<bool, StoreError> {
        // A status is about the words that are there; what is noted or assigned is not.
        let set =
            "UPDATE conversation_state SET status = ?2, until = ?3, about = ?4, n_words = ?5 WHERE conversation = ?1";
        self.decide(id, by, |connection, about, n_words| {
            connection.execute(set, params![id.0, status.name(), until.map(|t| t.0), about, n_words])
        })
    }

    /// Says who handles a conversation, or that nobody does. Answers whether there is such a conversation.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn assign(&mut self, id: ConversationId, to: Option<&str>, by: By<'_>) -> Result<bool, StoreError> {
        self.decide(id, by, |connection, _, _| {
            connection
                .execute("UPDATE conversation_state SET handled_by = ?2 WHERE conversation = ?1", params![id.0, to])
        })
    }

    /// Notes something of a conversation. Answers whether there is such a conversation.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn note(&mut self, id: ConversationId, text: &str, by: By<'_>) -> Result<bool, StoreError> {
        self.decide(id, by, |connection, _, _| {
            connection.execute(
                "INSERT INTO conversation_note(conversation, account_id, handle, at, who, text) \
                 SELECT conversation, account_id, handle, ?2, ?3, ?4 FROM conversation_state WHERE conversation = ?1",
                params![id.0, by.at.0, by.who, text],
            )
        })
    }

    /// The notes on a conversation, oldest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn notes_on(&self, id: ConversationId) -> Result<Vec<Note>, StoreError> {
        let mut all = self
            .connection
            .prepare_cached("SELECT id, at, who, text FROM conversation_note WHERE conversation = ? ORDER BY id")?;
        let note =
            |row: &Row<'_>| Ok(Note { id: row.get(0)?, at: TimeMs(row.get(1)?), who: row.get(2)?, text: row.get(3)? });
        Ok(all.query_map([id.0], note)?.collect::<Result<_, _>>()?)
    }

    /// Decides something of a conversation, in one transaction. The change is told what the last word is and how many there are.
    fn decide(
        &mut self,
        id: ConversationId,
        by: By<'_>,
        change: impl FnOnce(&Connection, i64, u32) -> rusqlite::Result<usize>,
    ) -> Result<bool, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let Some(last) = last_word(&transaction, id)? else { return Ok(false) };
        transaction.execute(
            "INSERT INTO conversation_state(conversation, page_id, account_id, handle, about, n_words, changed_at, changed_by) \
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT(conversation) DO UPDATE SET account_id = ?3, handle = ?4, \
             changed_at = ?7, changed_by = ?8",
            params![id.0, last.page_id, last.account_id, last.handle, last.about, last.n_words, by.at.0, by.who],
        )?;
        change(&transaction, last.about, last.n_words)?;
        transaction.commit()?;
        Ok(true)
    }

    /// The answers that are kept, by name.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn saved_answers(&self) -> Result<Vec<SavedAnswer>, StoreError> {
        let mut all =
            self.connection.prepare("SELECT name, text, changed_at, changed_by FROM saved_answer ORDER BY name")?;
        let saved = |row: &Row<'_>| {
            Ok(SavedAnswer {
                name: row.get(0)?,
                text: row.get(1)?,
                changed_at: TimeMs(row.get(2)?),
                changed_by: row.get(3)?,
            })
        };
        Ok(all.query_map([], saved)?.collect::<Result<_, _>>()?)
    }

    /// Keeps an answer under a name, in place of one that has it.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn save_answer(&mut self, name: &str, text: &str, by: By<'_>) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT OR REPLACE INTO saved_answer(name, text, changed_at, changed_by) VALUES(?, ?, ?, ?)",
            params![name, text, by.at.0, by.who],
        )?;
        Ok(())
    }

    /// Takes an answer away; answers whether there was one.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn remove_answer(&mut self, name: &str) -> Result<bool, StoreError> {
        Ok(self.connection.execute("DELETE FROM saved_answer WHERE name = ?", [name])? > 0)
    }
}

/// The views of what was decided.
pub(crate) fn views() -> [(&'static str, String); 3] {
    let page = "(SELECT page.name FROM page WHERE page.id = s.page_id) AS page";
    let id = |column: &str| format!("printf('%016x', {column}) AS conversation_id");
    let kept = format!(
        "SELECT {id}, {page}, s.account_id AS account_id, s.handle AS handle, s.status AS status, {until} AS until, \
         s.n_words AS n_words, s.handled_by AS handled_by, {at} AS changed_at, s.changed_by AS changed_by \
         FROM conversation_state s",
        id = id("s.conversation"),
        until = time("s.until"),
        at = time("s.changed_at"),
    );
    let notes = format!(
        "SELECT n.id AS note_id, {id}, n.account_id AS account_id, n.handle AS handle, {at} AS at, n.who AS who, \
         n.text AS text FROM conversation_note n",
        id = id("n.conversation"),
        at = time("n.at"),
    );
    let saved = format!(
        "SELECT a.name AS name, a.text AS text, {at} AS changed_at, a.changed_by AS changed_by FROM saved_answer a",
        at = time("a.changed_at"),
    );
    [("conversations_kept", kept), ("conversation_notes", notes), ("saved_answers", saved)]
}
