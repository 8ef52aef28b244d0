//! Who awaits an answer, what was said in a conversation, and how soon answers come, as plain data.

use super::Warning;
use assay_model::{EngagementKind, ResponseTimes, TimeMs, WeekOfTurns};
use assay_relations::Why;
use assay_store::{Note, Status, Word};

/// A way to answer. Networks add their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Way {
    /// Its name.
    pub id: &'static str,
    /// The network that it is of; `None` for any.
    pub network: Option<&'static str>,
    /// What is to be done, in one sentence.
    pub sentence: &'static str,
}

/// How many conversations there are of each status, inauthentic accounts left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct QueueCounts {
    /// That await an answer.
    pub n_open: u64,
    /// That are put off.
    pub n_snoozed: u64,
    /// That are answered.
    pub n_answered: u64,
    /// That are done with.
    pub n_done: u64,
    /// That would await an answer, of accounts that look bought, are overruled as such, or are labelled so.
    pub n_left_out: u64,
    /// That await an answer, of accounts that no audit judged.
    pub n_unjudged: u64,
}

impl QueueCounts {
    /// The number of a status.
    pub fn of(&mut self, status: Status) -> &mut u64 {
        match status {
            Status::Open => &mut self.n_open,
            Status::Snoozed => &mut self.n_snoozed,
            Status::Answered => &mut self.n_answered,
            Status::Done => &mut self.n_done,
        }
    }
}

/// The queue of those who await an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueReport {
    /// The moment that it is about.
    pub now: TimeMs,
    /// Which conversations were asked for.
    pub statuses: Vec<Status>,
    /// How many there are.
    pub counts: QueueCounts,
    /// How many of those that were asked for stand before the first that is told.
    pub offset: u64,
    /// How many were asked for in all.
    pub n_matching: u64,
    /// Those that are told, in order.
    pub items: Vec<QueueItem>,
    /// What the reader must know.
    pub warnings: Vec<Warning>,
}

/// The customer that an account is joined with.
#[derive(Debug, Clone, PartialEq)]
pub struct CustomerOf {
    /// The customer.
    pub customer_id: String,
    /// On which basis.
    pub basis: String,
    /// Orders.
    pub n_orders: u64,
    /// Money in minor units by currency code; an empty code where nobody told it.
    pub spent: Vec<(String, i64)>,
    /// The share (0..1) of customers who spent less.
    pub below_share: Option<f64>,
    /// When they ordered last.
    pub last_order_at: Option<TimeMs>,
}

/// A conversation in the queue.
#[derive(Debug, Clone, PartialEq)]
pub struct QueueItem {
    /// What it is known by.
    pub id: String,
    /// The page.
    pub page: Option<String>,
    /// The network; empty where it is not known.
    pub network: String,
    /// The account's id.
    pub account_id: Option<String>,
    /// Its handle.
    pub handle: Option<String>,
    /// The name that it shows.
    pub display_name: Option<String>,
    /// What its last word is.
    pub kind: EngagementKind,
    /// What it said last, where texts were imported.
    pub text: Option<String>,
    /// The post that the last word belongs to.
    pub post_id: Option<String>,
    /// The status.
    pub status: Status,
    /// Until when it is put off.
    pub until: Option<TimeMs>,
    /// Who handles it.
    pub handled_by: Option<String>,
    /// Since when it waits.
    pub waiting_since: Option<TimeMs>,
    /// When the account spoke last.
    pub last_at: Option<TimeMs>,
    /// When the page spoke last.
    pub answered_at: Option<TimeMs>,
    /// Words of the account.
    pub n_words: u32,
    /// Words of the page.
    pub n_by_page: u32,
    /// Notes.
    pub n_notes: u64,
    /// The probability (0..1) that the account is inauthentic; `None` where no audit judged it.
    pub probability: Option<f64>,
    /// Who overruled the verdict, and whether as inauthentic.
    pub overruled: Option<(String, bool)>,
    /// The customer.
    pub customer: Option<CustomerOf>,
    /// Accounts of the same person elsewhere: network and handle or id.
    pub elsewhere: Vec<(String, String)>,
    /// What an answer is worth, in points from 0 to 100.
    pub score: f64,
    /// The reasons, whose points add up to it.
    pub reasons: Vec<Why>,
}

/// One conversation.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationReport {
    /// What it is, and its place.
    pub item: QueueItem,
    /// The moment that it is told of.
    pub now: TimeMs,
    /// What was said, in order of time.
    pub words: Vec<Word>,
    /// How many words stand before the first that is told.
    pub n_before: u64,
    /// Notes, oldest first.
    pub notes: Vec<Note>,
    /// How it can be answered.
    pub ways: Vec<&'static Way>,
}

/// How soon a week's words were answered.
pub type ResponseWeek = WeekOfTurns;

/// How soon answers come.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseReport {
    /// The confidence of every interval.
    pub confidence: f64,
    /// In all.
    pub all: ResponseTimes,
    /// By the week in which somebody wrote.
    pub weeks: Vec<ResponseWeek>,
    /// Conversations of accounts that look bought, which are in no figure.
    pub n_left_out: u64,
    /// What the reader must know.
    pub warnings: Vec<Warning>,
}
