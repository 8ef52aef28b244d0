//! What people and a page said to one another, thread by thread.

use crate::figures::EngagementKind;
use crate::time::TimeMs;

/// A text that only tells one thing from another, as a number; [`Key::NONE`] where nothing is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Key(pub u64);

impl Key {
    /// Stands for no text at all.
    pub const NONE: Self = Self(0);

    /// The key, if something is told.
    pub fn some(self) -> Option<Self> {
        Some(self).filter(|k| *k != Self::NONE)
    }
}

/// One engagement as threads are made of it. Keys of one kind tell things of one network apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Said {
    /// The row that holds it.
    pub row: i64,
    /// The number of the page.
    pub page: u32,
    /// When.
    pub at: Option<TimeMs>,
    /// What.
    pub kind: EngagementKind,
    /// Whether the page did it; then the account is whom it did it to, as far as that is told.
    pub by_page: bool,
    /// The account's id.
    pub account: Key,
    /// Its handle.
    pub handle: Key,
    /// The id of the engagement itself.
    pub own: Key,
    /// The id of what it answers.
    pub answers: Key,
    /// The id of the post that it belongs to.
    pub post: Key,
    /// Whether its text asks something; no where there is no text.
    pub is_question: bool,
}

/// A thread of one account with a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversation {
    /// The number of the page.
    pub page: u32,
    /// The account: the key of its id where one is known, else of its handle.
    pub account: Key,
    /// Whether that is an id.
    pub is_id: bool,
    /// The key of the handle that was met last, where one is known.
    pub handle: Key,
    /// The thread: of the post that it hangs on; messages are one thread.
    pub thread: Key,
    /// What the last word of the account is.
    pub kind: EngagementKind,
    /// The rows of all words, in order of time.
    pub rows: Vec<i64>,
    /// The row of the account's last word: it tells who it is.
    pub last_row: i64,
    /// Words of the account.
    pub n_words: u32,
    /// Words of the page.
    pub n_by_page: u32,
    /// When the account spoke last.
    pub last_at: Option<TimeMs>,
    /// When the page spoke last.
    pub answered_at: Option<TimeMs>,
    /// Whether the account's last word has no answer.
    pub awaits: bool,
    /// Since when: the first word without an answer.
    pub waiting_since: Option<TimeMs>,
    /// Whether a word without an answer asks something.
    pub is_question: bool,
    /// All that the account did with the page, likes among it, in this thread and others.
    pub n_engagements: u32,
}

/// A word of somebody, or several in a row, and when the page answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Turn {
    /// The row of the first of them.
    pub row: i64,
    /// When that was; `None` where no word of the account has a time: then the conversation is one turn.
    pub at: Option<TimeMs>,
    /// The answer, if there is one.
    pub answered_at: Option<TimeMs>,
}
