//! Conversations as the workspace keeps them: made anew from the facts when these change, so that the queue of those who await an
//! answer and any single thread are read at once.
//!
//! What is said of a conversation here follows from facts, links and audits alone. What people decided of it stands in
//! [`crate::decisions`], and outlives it.

use crate::decisions::{State, Status};
use crate::error::StoreError;
use crate::identity::Identity;
use crate::kinds::{Get, Words};
use crate::read::Lean;
use crate::turns;
use crate::workspace::Workspace;
use assay_model::{Conversation, Engagement, EngagementKind, Go, Key, Said, TimeMs, Turn};
use rusqlite::{Connection, OptionalExtension as _, Row, TransactionBehavior, params};
use std::collections::HashMap;
use std::fmt;

/// Made by this method: another one makes all conversations anew.
const METHOD: u32 = 2;
/// Where the state of the facts stands that the conversations were made of.
const STAMP: &str = "conversations";

/// What a conversation is known by: it stays the same as long as page, account and thread do, and tells nothing of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConversationId(pub(crate) i64);

impl ConversationId {
    /// Reads an id of sixteen hexadecimal digits.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let is_id = text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit());
        u64::from_str_radix(text, 16).ok().filter(|_| is_id).map(|n| Self(n.cast_signed()))
    }

    /// As a number.
    pub fn number(self) -> u64 {
        self.0.cast_unsigned()
    }
}

impl fmt::Display for ConversationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// What is known of an account beside its words.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Known<'a> {
    /// The probability (0..1) that it is inauthentic, by the newest audit; `None` where none judged it.
    pub probability: Option<f32>,
    /// The customer it is joined with,
    pub customer_id: Option<&'a str>,
    /// and on which basis.
    pub basis: Option<&'a str>,
    /// That customer's orders.
    pub n_orders: u64,
    /// Money in minor units by currency code.
    pub spent: &'a [(String, i64)],
    /// The share of customers who spent less.
    pub below_share: Option<f64>,
    /// When that customer ordered last.
    pub last_order_at: Option<TimeMs>,
    /// All engagements of the person, on all networks.
    pub n_engagements: u32,
}

/// A conversation, and what was decided of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ConversationEntry {
    /// What it is known by.
    pub id: ConversationId,
    /// The page's number.
    pub page_id: i64,
    /// The account's id.
    pub account_id: Option<String>,
    /// Its handle.
    pub handle: Option<String>,
    /// The name that it shows.
    pub display_name: Option<String>,
    /// What its last word is.
    pub kind: EngagementKind,
    /// Its words.
    pub n_words: u32,
    /// Words of the page.
    pub n_by_page: u32,
    /// All that the person did with the pages.
    pub n_engagements: u32,
    /// When it spoke last.
    pub last_at: Option<TimeMs>,
    /// When the page spoke last.
    pub answered_at: Option<TimeMs>,
    /// Whether its last word has no answer in what was imported.
    pub awaits: bool,
    /// Since when.
    pub waiting_since: Option<TimeMs>,
    /// Whether a word without an answer asks something.
    pub is_question: bool,
    /// The probability that the account is inauthentic; `None` where no audit judged it.
    pub probability: Option<f64>,
    /// The customer it is joined with.
    pub customer_id: Option<String>,
    /// On which basis.
    pub basis: Option<String>,
    /// That customer's orders.
    pub n_orders: u64,
    /// Money in minor units by currency code.
    pub spent: Vec<(String, i64)>,
    /// The share of customers who spent less.
    pub below_share: Option<f64>,
    /// When that customer ordered last.
    pub last_order_at: Option<TimeMs>,
    /// Whether the account is left out of the queue and of figures, as that was noted last.
    pub is_left_out: bool,
    /// What was decided.
    pub state: Option<State>,
}

/// A word of a conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// When.
    pub at: Option<TimeMs>,
    /// What.
    pub kind: EngagementKind,
    /// Whether the page said it.
    pub by_page: bool,
    /// What was said, where it was imported.
    pub text: Option<String>,
    /// The post it belongs to.
    pub post_id: Option<String>,
    /// Its own id.
    pub engagement_id: Option<String>,
    /// The file that tells it, and the line.
    pub row: (String, i64),
}

/// A page whose conversations are kept: its number, how far its data go, and whether anything it said is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PageSpoken {
    /// The page's number.
    pub page_id: i64,
    /// The latest time that anything tells.
    pub until: Option<TimeMs>,
    /// Whether anything that it said was imported.
    pub speaks: bool,
}

/// Which conversations are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// Those that await an answer, and those of which something was decided.
    Waiting,
    /// All.
    All,
    /// One.
    One(ConversationId),
}

/// The key of an account's id.
pub fn key_of_id(id: &str) -> Key {
    key(Identity::of(21).text(Some(id)))
}

/// The key of a handle: `@` and case do not matter.
pub fn key_of_handle(handle: &str) -> Key {
    key(Identity::of(22).name(Some(handle.trim().trim_start_matches('@'))))
}

/// An engagement in keys: what tells its row, and the number of its page.
pub fn said(e: &Engagement<'_>, row: i64, page: u32) -> Said {
    let of =
        |text: Option<&str>| text.filter(|t| !t.is_empty()).map_or(Key::NONE, |t| key(Identity::of(23).text(Some(t))));
    Said {
        row,
        page,
        at: e.at,
        kind: e.kind,
        by_page: e.by_page,
        account: e.account_id.map_or(Key::NONE, key_of_id),
        handle: e.handle.map_or(Key::NONE, key_of_handle),
        post: of(e.post_id),
        own: of(e.engagement_id),
        answers: of(e.answers),
        is_question: e.text.is_some_and(asks),
    }
}

fn key(identity: Identity) -> Key {
    // The few numbers that stand for something else are moved away.
    Key(identity.end().cast_unsigned().max(16))
}

impl Workspace {
    /// Whether the conversations that are kept are no longer those of the facts.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn conversations_are_stale(&self) -> Result<bool, StoreError> {
        Ok(self.setting(STAMP)? != Some(stamp(&self.connection)?))
    }

    /// Gives every engagement that counts, in keys.
    ///
    /// # Errors
    /// If it cannot be read, or `take` answers stop.
    pub fn said(&self, take: &mut dyn FnMut(&Said) -> Go) -> Result<(), StoreError> {
        let words = Words::load(&self.connection)?;
        let mut files = self.connection.prepare("SELECT id, page_id FROM file ORDER BY id")?;
        let files: Vec<(i64, i64)> =
            files.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let mut all = self.connection.prepare(
            "SELECT id, at, kind, by_page, account_id, handle, post_id, engagement_id, answers, text FROM engagement \
             WHERE id BETWEEN ? AND ? AND live ORDER BY id",
        )?;
        let _lean = Lean::new(&self.connection)?;
        for (file, page) in files {
            let mut rows = all.query(params![file << 32, (file << 32) + i64::from(u32::MAX)])?;
            while let Some(row) = rows.next()? {
                let mut get = Get::new(row, &words, 0);
                let (Some(id), at, kind) = (get.int(), get.time(), get.word()) else { continue };
                let Some(kind) = EngagementKind::ALL.into_iter().find(|k| Some(k.name()) == kind) else { continue };
                let by_page = get.int::<i64>() == Some(1);
                let [account_id, handle, post_id, engagement_id, answers, text] = std::array::from_fn(|_| get.text());
                let told = Engagement {
                    at,
                    by_page,
                    account_id,
                    handle,
                    post_id,
                    engagement_id,
                    answers,
                    text,
                    ..Engagement::new(kind)
                };
                let said = said(&told, id, u32::try_from(page).unwrap_or(u32::MAX));
                if take(&said) == Go::Stop {
                    return Err(StoreError::Stopped);
                }
            }
        }
        Ok(())
    }

    /// Gives the probability of every account that the newest audit of a page judged, with the keys of its id and handle.
    ///
    /// # Errors
    /// If it cannot be read, or `take` answers stop.
    pub fn judged(&self, page_id: i64, take: &mut dyn FnMut(Key, Key, f32) -> Go) -> Result<(), StoreError> {
        let mut all = self.connection.prepare(
            "SELECT account_id, handle, probability FROM verdict WHERE audit_id = \
             (SELECT id FROM audit WHERE page_id = ? ORDER BY as_of DESC, id DESC LIMIT 1)",
        )?;
        let words = Words::default();
        let _lean = Lean::new(&self.connection)?;
        let mut rows = all.query([page_id])?;
        while let Some(row) = rows.next()? {
            let mut get = Get::new(row, &words, 0);
            let (id, handle) = (get.text().map_or(Key::NONE, key_of_id), get.text().map_or(Key::NONE, key_of_handle));
            if let Some(p) = get.real()
                && take(id, handle, p as f32) == Go::Stop
            {
                return Err(StoreError::Stopped);
            }
        }
        Ok(())
    }

    /// What a conversation is known by.
    ///
    /// # Errors
    /// If the workspace was opened to be read.
    pub fn conversation_id(&self, c: &Conversation) -> Result<ConversationId, StoreError> {
        let Some(secret) = &self.secret else {
            return Err(StoreError::new("a workspace opened to be written", "one opened to be read", "", ""));
        };
        let digits = secret.hash("conversation", &format!("{} {:x} {:x}", c.page, c.account.0, c.thread.0));
        let number = u64::from_str_radix(digits.get(..16).unwrap_or("0"), 16).unwrap_or(0);
        Ok(ConversationId(number.cast_signed()))
    }

    /// Keeps conversations in place of those that are kept, in one transaction. What was decided of one that has another id by now
    /// goes with the word that it was about.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep_conversations<'k>(
        &mut self,
        all: &[(ConversationId, Conversation, Vec<Turn>)],
        pages: &[PageSpoken],
        known: &dyn Fn(&Conversation) -> Known<'k>,
    ) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let now = stamp(&transaction)?;
        transaction
            .execute_batch("DELETE FROM conversation_word; DELETE FROM conversation_turn; DELETE FROM conversation; DELETE FROM conversation_page;")?;
        {
            let mut order: Vec<usize> = (0..all.len()).collect();
            order.sort_unstable_by_key(|i| all[*i].0);
            let mut add = transaction.prepare(
                "INSERT OR IGNORE INTO conversation(id, page_id, account_id, handle, display_name, kind, n_words, n_by_page, \
                 n_engagements, last_row, last_at, answered_at, awaits, waiting_since, is_question, probability, customer_id, \
                 basis, n_orders, spent, below_share, last_order_at) \
                 SELECT ?1, ?2, e.account_id, e.handle, e.display_name, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, \
                 ?15, ?16, ?17, ?18, ?19 FROM engagement e WHERE e.id = ?7",
            )?;
            let mut add_word = transaction
                .prepare("INSERT OR IGNORE INTO conversation_word(conversation, n, engagement) VALUES(?, ?, ?)")?;
            for i in order {
                let (id, c, turns) = &all[i];
                let k = known(c);
                let spent = k.spent.iter().map(|(code, minor)| format!("{code}:{minor}")).collect::<Vec<_>>().join(" ");
                add.execute(params![
                    id.0,
                    i64::from(c.page),
                    c.kind.name(),
                    c.n_words,
                    c.n_by_page,
                    k.n_engagements,
                    c.last_row,
                    c.last_at.map(|t| t.0),
                    c.answered_at.map(|t| t.0),
                    c.awaits,
                    c.waiting_since.map(|t| t.0),
                    c.is_question,
                    k.probability.map(f64::from),
                    k.customer_id,
                    k.basis,
                    k.n_orders.cast_signed(),
                    (!spent.is_empty()).then_some(spent),
                    k.below_share,
                    k.last_order_at.map(|t| t.0),
                ])?;
                turns::keep(&transaction, id.0, turns)?;
                for (n, row) in c.rows.iter().enumerate() {
                    add_word.execute(params![id.0, n as i64, row])?;
                }
            }
            let mut add =
                transaction.prepare("INSERT INTO conversation_page(page_id, until, speaks) VALUES(?, ?, ?)")?;
            for p in pages {
                add.execute(params![p.page_id, p.until.map(|t| t.0), p.speaks])?;
            }
        }
        follow_words(&transaction)?;
        transaction.execute("INSERT OR REPLACE INTO setting(name, value) VALUES(?, ?)", params![STAMP, now])?;
        transaction.commit()?;
        Ok(())
    }

    /// The conversations that are kept, in the order of their ids.
    ///
    /// # Errors
    /// If they cannot be read, or `take` answers stop.
    pub fn conversations(&self, which: Which, take: &mut dyn FnMut(ConversationEntry) -> Go) -> Result<(), StoreError> {
        let (condition, number) = match which {
            Which::Waiting => ("(c.awaits OR s.conversation IS NOT NULL) AND ?1 = 0", 0),
            Which::All => ("?1 = 0", 0),
            Which::One(id) => ("c.id = ?1", id.0),
        };
        let mut all = self.connection.prepare(&format!(
            "SELECT c.id, c.page_id, c.account_id, c.handle, c.display_name, c.kind, c.n_words, c.n_by_page, c.n_engagements, \
             c.last_at, c.answered_at, c.awaits, c.waiting_since, c.is_question, c.probability, c.customer_id, c.basis, \
             c.n_orders, c.spent, c.below_share, c.last_order_at, c.left_out, s.status, s.until, s.n_words, s.handled_by, \
             s.changed_at, s.changed_by FROM conversation c LEFT JOIN conversation_state s ON s.conversation = c.id \
             WHERE {condition} ORDER BY c.id"
        ))?;
        let mut rows = all.query([number])?;
        while let Some(row) = rows.next()? {
            if take(entry(row)?) == Go::Stop {
                return Err(StoreError::Stopped);
            }
        }
        Ok(())
    }

    /// How many conversations await no answer and nobody decided anything of, of all pages or of one, but for accounts of a
    /// probability from `border` on.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn n_at_rest(&self, page_id: Option<i64>, border: f64) -> Result<u64, StoreError> {
        let count = "SELECT count(*) FROM conversation c WHERE NOT awaits AND (?1 IS NULL OR page_id = ?1) \
                     AND coalesce(probability, 0) < ?2 AND NOT EXISTS \
                     (SELECT 1 FROM conversation_state s WHERE s.conversation = c.id)";
        Ok(self.connection.query_row(count, params![page_id, border], |row| row.get::<_, i64>(0))?.max(0) as u64)
    }

    /// The accounts that are joined with a customer and speak in other conversations than one: network, and handle or id.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn accounts_of(&self, customer_id: &str, but: ConversationId) -> Result<Vec<(String, String)>, StoreError> {
        let mut all = self.connection.prepare_cached(
            "SELECT DISTINCT page.network, coalesce(c.handle, c.account_id) FROM conversation c JOIN page ON page.id = c.page_id \
             WHERE c.customer_id = ? AND c.id <> ? AND coalesce(c.handle, c.account_id) IS NOT NULL ORDER BY 1, 2 LIMIT 20",
        )?;
        let account = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
        Ok(all.query_map(params![customer_id, but.0], account)?.collect::<Result<_, _>>()?)
    }

    /// The pages whose conversations are kept.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn pages_spoken(&self) -> Result<Vec<PageSpoken>, StoreError> {
        let mut all =
            self.connection.prepare("SELECT page_id, until, speaks FROM conversation_page ORDER BY page_id")?;
        let page = |row: &Row<'_>| {
            let until: Option<i64> = row.get(1)?;
            Ok(PageSpoken { page_id: row.get(0)?, until: until.map(TimeMs), speaks: row.get(2)? })
        };
        Ok(all.query_map([], page)?.collect::<Result<_, _>>()?)
    }

    /// The words of a conversation, in order of time; of those beyond `words_max` the first are left out.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn words(&self, id: ConversationId, words_max: usize) -> Result<Vec<Word>, StoreError> {
        let words = Words::default();
        let mut all = self.connection.prepare_cached(
            "SELECT e.at, coalesce((SELECT text FROM word WHERE word.id = e.kind), e.kind), e.by_page, e.text, e.post_id, \
             e.engagement_id, file.name, e.line FROM conversation_word w \
             JOIN engagement e ON e.id = w.engagement JOIN file ON file.id = e.id >> 32 WHERE w.conversation = ? \
             ORDER BY w.n DESC LIMIT ?",
        )?;
        let mut rows = all.query(params![id.0, i64::try_from(words_max).unwrap_or(i64::MAX)])?;
        let mut told = Vec::new();
        while let Some(row) = rows.next()? {
            let mut get = Get::new(row, &words, 0);
            let (at, kind) = (get.time(), get.text());
            let Some(kind) = EngagementKind::ALL.into_iter().find(|k| Some(k.name()) == kind) else { continue };
            told.push(Word {
                at,
                kind,
                by_page: get.int::<i64>() == Some(1),
                text: get.text().map(str::to_owned),
                post_id: get.text().map(str::to_owned),
                engagement_id: get.text().map(str::to_owned),
                row: (row.get(6)?, row.get(7)?),
            });
        }
        told.reverse();
        Ok(told)
    }
}

/// Whether a text asks something: by the marks of the scripts that have one.
fn asks(text: &str) -> bool {
    text.contains(['?', '\u{ff1f}', '\u{61f}', '\u{37e}', '\u{55e}'])
}

/// The state of all that conversations are made of.
fn stamp(connection: &Connection) -> Result<String, StoreError> {
    let told: String = connection.query_row(
        "SELECT (SELECT coalesce(max(id), 0) FROM import) || ' ' || (SELECT count(*) FROM import WHERE undone_at IS NOT NULL) \
         || ' ' || (SELECT count(*) FROM forgotten) || ' ' || (SELECT count(*) FROM engagement_key) || ' ' || \
         (SELECT coalesce(max(id), 0) || ' ' || count(*) FROM audit) || ' ' || \
         (SELECT coalesce(max(id), 0) || ' ' || count(*) FROM link) || ' ' || (SELECT count(*) FROM sale_key)",
        [],
        |row| row.get(0),
    )?;
    Ok(format!("{METHOD} {told}"))
}

/// Moves what was decided of a conversation that is there no longer to the one that holds the word that it was about.
fn follow_words(connection: &Connection) -> Result<(), StoreError> {
    let mut lost = connection.prepare(
        "SELECT s.conversation, w.conversation FROM conversation_state s CROSS JOIN engagement_key k ON k.page = s.page_id \
         AND k.key = s.about CROSS JOIN conversation_word w ON w.engagement = k.id \
         WHERE NOT EXISTS (SELECT 1 FROM conversation c WHERE c.id = s.conversation)",
    )?;
    let is_any: bool = connection.query_row(
        "SELECT EXISTS(SELECT 1 FROM conversation_state s WHERE NOT EXISTS (SELECT 1 FROM conversation c WHERE c.id = s.conversation))",
        [],
        |row| row.get(0),
    )?;
    if !is_any {
        return Ok(());
    }
    // By word, for as long as this is asked.
    connection.execute_batch("CREATE INDEX conversation_word_of ON conversation_word(engagement)")?;
    let moves: HashMap<i64, i64> =
        lost.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    drop(lost);
    for (from, to) in moves {
        connection
            .execute("UPDATE OR IGNORE conversation_state SET conversation = ?2 WHERE conversation = ?1", [from, to])?;
        connection.execute("UPDATE conversation_note SET conversation = ?2 WHERE conversation = ?1", [from, to])?;
    }
    connection.execute_batch("DROP INDEX conversation_word_of")?;
    Ok(())
}

fn entry(row: &Row<'_>) -> rusqlite::Result<ConversationEntry> {
    let time = |at: usize| -> rusqlite::Result<Option<TimeMs>> { Ok(row.get::<_, Option<i64>>(at)?.map(TimeMs)) };
    let kind: String = row.get(5)?;
    let spent: Option<String> = row.get(18)?;
    let amount = |one: &str| one.rsplit_once(':').and_then(|(code, n)| Some((code.to_owned(), n.parse().ok()?)));
    Ok(ConversationEntry {
        id: ConversationId(row.get(0)?),
        page_id: row.get(1)?,
        account_id: row.get(2)?,
        handle: row.get(3)?,
        display_name: row.get(4)?,
        kind: EngagementKind::ALL.into_iter().find(|k| k.name() == kind).unwrap_or(EngagementKind::Comment),
        n_words: row.get(6)?,
        n_by_page: row.get(7)?,
        n_engagements: row.get(8)?,
        last_at: time(9)?,
        answered_at: time(10)?,
        awaits: row.get(11)?,
        waiting_since: time(12)?,
        is_question: row.get(13)?,
        probability: row.get(14)?,
        customer_id: row.get(15)?,
        basis: row.get(16)?,
        n_orders: row.get::<_, i64>(17)?.max(0) as u64,
        spent: spent.iter().flat_map(|s| s.split(' ')).filter_map(amount).collect(),
        below_share: row.get(19)?,
        last_order_at: time(20)?,
        is_left_out: row.get(21)?,
        state: state(row, 22)?,
    })
}

/// What was decided, from the columns `status`, `until`, `n_words`, `handled_by`, `changed_at` and `changed_by` from one on.
pub(crate) fn state(row: &Row<'_>, at: usize) -> rusqlite::Result<Option<State>> {
    let Some(n_words) = row.get(at + 2)? else { return Ok(None) };
    Ok(Some(State {
        status: row.get::<_, Option<String>>(at)?.and_then(|s| Status::named(&s)),
        until: row.get::<_, Option<i64>>(at + 1)?.map(TimeMs),
        n_words,
        handled_by: row.get(at + 3)?,
        changed_at: TimeMs(row.get(at + 4)?),
        changed_by: row.get(at + 5)?,
    }))
}

/// What a decision on a conversation is about.
pub(crate) struct LastWord {
    pub(crate) page_id: i64,
    /// What never changes of the account's last word.
    pub(crate) about: i64,
    pub(crate) n_words: u32,
    pub(crate) account_id: Option<String>,
    pub(crate) handle: Option<String>,
}

/// The last word of a conversation, where it is there.
pub(crate) fn last_word(connection: &Connection, id: ConversationId) -> Result<Option<LastWord>, StoreError> {
    let found = connection.query_row(
        "SELECT c.page_id, e.key, c.n_words, c.account_id, c.handle FROM conversation c JOIN engagement e ON e.id = c.last_row \
         WHERE c.id = ?",
        [id.0],
        |row| {
            Ok(LastWord {
                page_id: row.get(0)?,
                about: row.get(1)?,
                n_words: row.get(2)?,
                account_id: row.get(3)?,
                handle: row.get(4)?,
            })
        },
    );
    Ok(found.optional()?)
}

#[cfg(test)]
mod tests {
    use super::{ConversationId, asks, key_of_handle};

    #[test]
    fn ids_and_keys_go_there_and_back() {
        let id = ConversationId(-81);
        assert_eq!(ConversationId::parse(&id.to_string()), Some(id));
        assert!(
            ["", "12", "ffffffffffffffffff", "+fffffffffffffff"].iter().all(|t| ConversationId::parse(t).is_none())
        );
        assert_eq!(key_of_handle("@Ann"), key_of_handle(" ann"));
        assert!(asks("Wo?") && asks("どこ\u{ff1f}") && !asks("Hier!"));
    }
}
