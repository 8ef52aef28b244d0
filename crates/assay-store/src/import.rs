//! Takes the facts of one bundle into the workspace, in one transaction: all of them or none.

use crate::adder::Adder;
use crate::error::StoreError;
use crate::forget::{Forgotten, Kept};
use crate::kinds::{self, FactKind, Put, Words};
use crate::pages;
use crate::people;
use crate::secret::Secret;
use crate::settle::{self, Entry};
use crate::workspace::Workspace;
use assay_model::{Audience, EngagementKind, Fact, Go, ListOrder, Reject, SourceFile, Tick, TimeMs, TimeQuality};
use rusqlite::{Connection, OptionalExtension as _, Transaction, TransactionBehavior, params};
use std::collections::{HashMap, HashSet};

/// Rejected rows that are kept of an import; all are counted.
const REJECTS_KEPT: usize = 1_000;
/// Notes that are kept of an import.
const NOTES_KEPT: usize = 200;

/// Whether direct messages are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DirectMessages {
    /// They are left out, and counted.
    Leave,
    /// They are taken, as the user asked.
    Take,
}

/// What is known of an import before its files are read.
#[derive(Debug, Clone)]
pub struct About<'a> {
    /// When it is done.
    pub imported_at: TimeMs,
    /// The version of the program.
    pub version: &'a str,
    /// What the user asked, for the ledger.
    pub options: &'a str,
    /// The page that the files are of: network and handle. What is of another network keeps its own.
    pub page: Option<(&'a str, &'a str)>,
    /// The time that the files speak of, where the user says it.
    pub as_of: Option<TimeMs>,
    /// Whether direct messages are taken.
    pub messages: DirectMessages,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Imported {
    /// Its number; `None` where all was in the workspace already, so that nothing was written.
    pub import_id: Option<i64>,
    /// How many facts of each kind were taken.
    pub n_facts: Vec<(FactKind, u64)>,
    /// The files that were in the workspace already, with the import that brought them.
    pub already: Vec<(String, i64)>,
    /// Rows of people who are forgotten, and which were left out.
    pub n_forgotten: u64,
    /// Direct messages that were left out.
    pub n_messages: u64,
    /// The pages that the files are of, as they are called.
    pub pages: Vec<String>,
}

/// A file of the import.
struct FileState {
    id: i64,
    n_rows: u32,
    latest: Option<TimeMs>,
    sha256: String,
    name: String,
}

/// A reading: what one importer tells.
struct ReadingState {
    importer: &'static str,
    network: &'static str,
    yields: &'static str,
    is_list: bool,
    files: Vec<FileState>,
    handle: Option<String>,
    exported_at: Option<TimeMs>,
    n_expected: Option<u64>,
    order: Option<ListOrder>,
    quality: Option<TimeQuality>,
    n_follows: u64,
}

/// An import under way. Dropped before [`Import::commit`], it leaves no trace.
pub struct Import<'c> {
    transaction: Transaction<'c>,
    connection: &'c Connection,
    secret: &'c Secret,
    about: About<'c>,
    id: i64,
    words: Words,
    forgotten: Forgotten,
    adders: [Option<Adder<'c>>; FactKind::ALL.len()],
    /// Rows of each kind: what they speak of within their page, and their id.
    entered: [Vec<(i64, i64)>; FactKind::ALL.len()],
    n_facts: [u64; FactKind::ALL.len()],
    readings: Vec<ReadingState>,
    /// The order met last, and its currency, for the lines behind it.
    last_order: (String, Option<String>),
    n_rejects: usize,
    notes: Vec<String>,
    done: Imported,
    /// Earlier imports of an importer's files by their hash, asked for once: a bundle may hold one file a hundred thousand times.
    before: HashMap<(&'static str, String), Option<i64>>,
    failed: Option<StoreError>,
}

impl Workspace {
    /// Begins an import. Nobody else writes until it ends; readers see the workspace as it was.
    ///
    /// # Errors
    /// If another program writes for longer than is waited for, or the workspace was opened to be read.
    pub fn import<'c>(&'c mut self, about: About<'c>) -> Result<Import<'c>, StoreError> {
        let Some(secret) = &self.secret else {
            return Err(StoreError::new("a workspace opened to be written", "one opened to be read", "", ""));
        };
        let connection = &self.connection;
        let transaction = Transaction::new_unchecked(connection, TransactionBehavior::Immediate)?;
        let id = connection.query_row(
            "INSERT INTO import(imported_at, version, options) VALUES(?, ?, ?) RETURNING id",
            params![about.imported_at.0, about.version, about.options],
            |row| row.get(0),
        )?;
        Ok(Import {
            transaction,
            connection,
            secret,
            about,
            id,
            words: Words::load(connection)?,
            forgotten: Forgotten::load(connection)?,
            adders: std::array::from_fn(|_| None),
            entered: std::array::from_fn(|_| Vec::new()),
            n_facts: [0; FactKind::ALL.len()],
            readings: Vec::new(),
            last_order: (String::new(), None),
            n_rejects: 0,
            notes: Vec::new(),
            done: Imported::default(),
            before: HashMap::new(),
            failed: None,
        })
    }
}

impl Import<'_> {
    /// One importer begins. `is_list` where it reads a follower list.
    pub fn begin_reading(
        &mut self,
        importer: &'static str,
        network: Option<&'static str>,
        yields: &'static str,
        is_list: bool,
    ) {
        self.readings.push(ReadingState {
            importer,
            network: network.unwrap_or_default(),
            yields,
            is_list,
            files: Vec::new(),
            handle: None,
            exported_at: None,
            n_expected: None,
            order: None,
            quality: None,
            n_follows: 0,
        });
    }

    /// A file of the reading begins.
    pub fn begin_file(&mut self, name: &str) -> Go {
        let made = self.connection.prepare_cached(
            "INSERT INTO file(import_id, reading_id, page_id, name, sha256, n_rows, n_taken, n_rejected, as_of, as_of_from) \
             VALUES(?, 0, 0, ?, '', 0, 0, 0, 0, '') RETURNING id",
        );
        let id = made.and_then(|mut made| made.query_row(params![self.id, name], |row| row.get(0)));
        match (id, self.readings.last_mut()) {
            (Ok(id), Some(reading)) => {
                let (sha256, name) = (String::new(), name.to_owned());
                reading.files.push(FileState { id, n_rows: 0, latest: None, sha256, name });
                Go::On
            }
            (Err(error), _) => self.fail(error),
            (Ok(_), None) => Go::On,
        }
    }

    /// Takes a fact. [`Go::Stop`] says that it could not be written: [`Import::end_reading`] tells why.
    pub fn fact(&mut self, fact: &Fact<'_>) -> Go {
        match fact {
            Fact::PageHandle(handle) => {
                self.reading(|r| r.handle = r.handle.take().or_else(|| Some((*handle).to_owned())))
            }
            Fact::ExportedAt(at) => self.reading(|r| r.exported_at = r.exported_at.max(Some(*at))),
            Fact::FollowersExpected(n) => self.reading(|r| r.n_expected = r.n_expected.max(Some(*n))),
            Fact::Order(order) => self.reading(|r| r.order = Some(*order)),
            Fact::Quality(quality) => self.reading(|r| r.quality = Some(*quality)),
            Fact::Note(note) => self.note(note),
            Fact::Engagement(e)
                if e.kind == EngagementKind::Message && self.about.messages == DirectMessages::Leave =>
            {
                self.done.n_messages += 1;
                Go::On
            }
            fact => match self.row(fact) {
                Ok(()) => Go::On,
                Err(error) => self.fail(error),
            },
        }
    }

    /// Takes a block of followers.
    pub fn follows(&mut self, block: &Audience) -> Go {
        for i in 0..block.len() {
            if let Err(error) = self.row(&Fact::Follow(block.row(i))) {
                return self.fail(error);
            }
        }
        Go::On
    }

    /// Takes note of a row that could not be read.
    pub fn reject(&mut self, reject: &Reject) -> Go {
        self.n_rejects += 1;
        let file = self.readings.last().and_then(|r| r.files.last()).map(|f| f.id);
        let Some(file) = file.filter(|_| self.n_rejects <= REJECTS_KEPT) else { return Go::On };
        let line = i64::try_from(reject.line).unwrap_or(i64::MAX);
        let added = self.connection.prepare_cached("INSERT INTO reject(file_id, line, why) VALUES(?, ?, ?)");
        match added.and_then(|mut add| add.execute(params![file, line, people::without_addresses(&reject.why)])) {
            Ok(_) => Go::On,
            Err(error) => self.fail(error),
        }
    }

    /// A file of the reading ends.
    pub fn end_file(&mut self, file: &SourceFile) -> Go {
        let Some(state) = self.readings.last_mut().and_then(|r| r.files.last_mut()) else { return Go::On };
        state.sha256.clone_from(&file.sha256);
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        let values = params![file.sha256, count(file.rows), count(file.taken), count(file.rejected), state.id];
        let update = "UPDATE file SET sha256 = ?, n_rows = ?, n_taken = ?, n_rejected = ? WHERE id = ?";
        match self.connection.prepare_cached(update).and_then(|mut update| update.execute(values)) {
            Ok(_) => Go::On,
            Err(error) => self.fail(error),
        }
    }

    /// The importer ends. Files that were in the workspace already are taken out again.
    ///
    /// # Errors
    /// What kept a fact from being written.
    pub fn end_reading(&mut self) -> Result<(), StoreError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.adders.iter_mut().flatten().try_for_each(Adder::flush)?;
        let Some(mut reading) = self.readings.pop() else { return Ok(()) };
        let mut known = Vec::new();
        let mut met: HashSet<&str> = HashSet::new();
        for file in &reading.files {
            let before = self.known(reading.importer, &file.sha256)?;
            // The same file twice in one bundle: a list has its rows rejected, of anything else the second is left out.
            let again = !met.insert(&file.sha256) && !reading.is_list;
            known.push(before.or(again.then_some(self.id)));
        }
        // A list is kept whole: where one of its files is new, all of it is.
        if reading.is_list && known.iter().any(Option::is_none) {
            known.fill(None);
        }
        let mut kept = Vec::new();
        for (file, import) in std::mem::take(&mut reading.files).into_iter().zip(known) {
            match import {
                Some(import) => {
                    self.take_out(&file)?;
                    self.done.already.push((file.name, import));
                }
                None => kept.push(file),
            }
        }
        reading.files = kept;
        if !reading.files.is_empty() {
            self.readings.push(reading);
        }
        Ok(())
    }

    /// Settles what counts, and ends the transaction. `tick` is told rows that were settled.
    ///
    /// # Errors
    /// If it cannot be written, or `tick` answers stop: then nothing was.
    pub fn commit(mut self, tick: &mut Tick<'_>) -> Result<Imported, StoreError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        if self.readings.is_empty() {
            self.transaction.rollback()?;
            return Ok(self.done);
        }
        self.adders.iter_mut().flatten().try_for_each(Adder::flush)?;
        self.adders = std::array::from_fn(|_| None);
        let page_of = self.write_readings()?;
        let ranks = settle::rank_files(self.connection)?;
        let total: usize = self.entered.iter().map(Vec::len).sum();
        let mut before = 0;
        for kind in FactKind::ALL {
            let entered = std::mem::take(&mut self.entered[kind.index()]);
            if entered.is_empty() || kind == FactKind::Follow {
                continue;
            }
            let with_page = |(key, id): (i64, i64)| page_of.get(&(id >> 32)).map(|&page| Entry { page, key, id });
            let mut entries: Vec<Entry> = entered.into_iter().filter_map(with_page).collect();
            entries.sort_unstable();
            let mut told = |done: u64, _| tick(before as u64 + done, total as u64);
            settle::enter(self.connection, kind.kind(), &entries, &ranks, &mut told)?;
            before += entries.len();
        }
        settle::place_lists(self.connection)?;
        for note in &self.notes {
            self.connection.execute("INSERT INTO note(import_id, text) VALUES(?, ?)", params![self.id, note])?;
        }
        let n: u64 = self.n_facts.iter().sum();
        self.connection.execute(
            "UPDATE import SET n_facts = ? WHERE id = ?",
            params![i64::try_from(n).unwrap_or(i64::MAX), self.id],
        )?;
        if tick(total as u64, total as u64) == Go::Stop {
            return Err(StoreError::Stopped);
        }
        self.transaction.commit()?;
        self.done.import_id = Some(self.id);
        let facts = FactKind::ALL.into_iter().map(|kind| (kind, self.n_facts[kind.index()]));
        self.done.n_facts = facts.filter(|(_, n)| *n > 0).collect();
        Ok(self.done)
    }

    fn fail(&mut self, error: impl Into<StoreError>) -> Go {
        self.failed.get_or_insert(error.into());
        Go::Stop
    }

    fn reading(&mut self, change: impl FnOnce(&mut ReadingState)) -> Go {
        self.readings.last_mut().map(change);
        Go::On
    }

    /// Notes something for the reader of the ledger, once.
    pub fn note(&mut self, text: &str) -> Go {
        if self.notes.len() < NOTES_KEPT && !self.notes.iter().any(|n| n == text) {
            self.notes.push(text.to_owned());
        }
        Go::On
    }

    /// Writes the row of a fact.
    fn row(&mut self, fact: &Fact<'_>) -> Result<(), StoreError> {
        let Some(lead) = kinds::lead(fact, self.secret) else { return Ok(()) };
        let Some(reading) = self.readings.last_mut() else { return Ok(()) };
        let stripped;
        let fact = match self.forgotten.of(fact, self.secret, reading.network) {
            Kept::Whole => fact,
            Kept::Stripped(order) => {
                self.done.n_forgotten += 1;
                stripped = Fact::Sale(order);
                &stripped
            }
            Kept::Not => {
                self.done.n_forgotten += 1;
                return Ok(());
            }
        };
        let mut order_currency = None;
        match fact {
            Fact::Sale(order) => {
                self.last_order.0.clear();
                self.last_order.0.push_str(order.order_id.unwrap_or_default());
                self.last_order.1 = order.currency.map(str::to_owned);
            }
            Fact::SaleLine(line) if line.order_id == Some(self.last_order.0.as_str()) => {
                order_currency = self.last_order.1.as_deref();
            }
            _ => {}
        }
        let place = (lead.row.file as usize).min(reading.files.len().saturating_sub(1));
        let Some(file) = reading.files.get_mut(place) else { return Ok(()) };
        let id = file.id << 32 | i64::from(file.n_rows);
        file.n_rows += 1;
        file.latest = file.latest.max(lead.latest.filter(|at| at.is_plausible()));
        let kind = lead.kind;
        let adder = match &mut self.adders[kind.index()] {
            Some(adder) => adder,
            empty => empty.insert(kind.kind().adder(self.connection)?),
        };
        let mut put = Put::new(adder, self.connection, &mut self.words, self.secret, order_currency);
        put.int(Some(id));
        put.int(Some(lead.row.line));
        put.int(Some(lead.key));
        if kind == FactKind::Follow {
            reading.n_follows += 1;
        } else {
            put.int(Some(lead.live));
            self.entered[kind.index()].push((lead.key, id));
        }
        kinds::put(fact, &mut put);
        put.end()?;
        self.n_facts[kind.index()] += 1;
        Ok(())
    }

    /// The import that brought a file of this hash for this importer before.
    fn known(&mut self, importer: &'static str, sha256: &str) -> Result<Option<i64>, StoreError> {
        let key = (importer, sha256.to_owned());
        if let Some(before) = self.before.get(&key) {
            return Ok(*before);
        }
        let mut known = self.connection.prepare_cached(
            "SELECT file.import_id FROM file JOIN reading r ON r.id = file.reading_id \
             WHERE file.sha256 = ? AND r.importer = ? LIMIT 1",
        )?;
        let before = known.query_row(params![sha256, importer], |row| row.get(0)).optional()?;
        self.before.insert(key, before);
        Ok(before)
    }

    /// Takes a file of this import out again.
    fn take_out(&mut self, file: &FileState) -> Result<(), StoreError> {
        let (from, to) = (file.id << 32, (file.id << 32) + i64::from(u32::MAX));
        for kind in FactKind::ALL {
            if self.n_facts[kind.index()] == 0 {
                continue;
            }
            let table = kind.kind().table;
            let n =
                self.connection.execute(&format!("DELETE FROM {table} WHERE id BETWEEN ? AND ?"), params![from, to])?;
            self.n_facts[kind.index()] -= n as u64;
            if n > 0 {
                self.entered[kind.index()].retain(|(_, id)| !(from..=to).contains(id));
            }
        }
        self.connection.execute("DELETE FROM reject WHERE file_id = ?", [file.id])?;
        self.connection.execute("DELETE FROM file WHERE id = ?", [file.id])?;
        Ok(())
    }

    /// Writes the readings, and tells the page of each of their files.
    fn write_readings(&mut self) -> Result<HashMap<i64, i64>, StoreError> {
        let mut page_of = HashMap::new();
        // What names no page is of the one that is named first beside it in the same bundle.
        let mut beside: HashMap<&str, String> = HashMap::new();
        for reading in &self.readings {
            if let Some(handle) = &reading.handle {
                beside.entry(reading.network).or_insert_with(|| handle.clone());
            }
        }
        for i in 0..self.readings.len() {
            let reading = &self.readings[i];
            let asked =
                self.about.page.filter(|(network, _)| reading.network.is_empty() || *network == reading.network);
            let told = reading.handle.as_deref().or_else(|| beside.get(reading.network).map(String::as_str));
            let (network, handle) = asked.map_or((reading.network, told), |(network, handle)| (network, Some(handle)));
            let page = pages::page(self.connection, network, handle)?;
            let latest = reading.files.iter().filter_map(|f| f.latest).max();
            let (as_of, from) = self.as_of(reading, latest);
            let first = reading.files.first().map_or(0, |f| f.id);
            let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
            let id: i64 = self.connection.query_row(
                "INSERT INTO reading(import_id, importer, yields, page_id, first_file, as_of, as_of_from, exported_at, \
                 is_list, n_follows, n_expected, list_order, time_quality) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) \
                 RETURNING id",
                params![
                    self.id,
                    reading.importer,
                    reading.yields,
                    page,
                    first,
                    as_of.0,
                    from,
                    reading.exported_at.map(|t| t.0),
                    reading.is_list,
                    count(reading.n_follows),
                    reading.n_expected.map(count),
                    reading.order.map(order_name),
                    reading.quality.map(TimeQuality::name),
                ],
                |row| row.get(0),
            )?;
            for file in &reading.files {
                let (as_of, from) = self.as_of(reading, file.latest);
                self.connection.execute(
                    "UPDATE file SET reading_id = ?, page_id = ?, as_of = ?, as_of_from = ? WHERE id = ?",
                    params![id, page, as_of.0, from, file.id],
                )?;
                page_of.insert(file.id, page);
            }
            let name: Option<String> =
                self.connection.query_row("SELECT name FROM page WHERE id = ?", [page], |row| row.get(0))?;
            if let Some(name) = name.filter(|name| !self.done.pages.contains(name)) {
                self.done.pages.push(name);
            }
        }
        Ok(page_of)
    }

    /// The time that a reading or file speaks of, and who says so.
    fn as_of(&self, reading: &ReadingState, latest: Option<TimeMs>) -> (TimeMs, &'static str) {
        if let Some(at) = self.about.as_of {
            (at, "user")
        } else if let Some(at) = reading.exported_at {
            (at, "export")
        } else if let Some(at) = latest {
            // A row of a later day, such as a campaign's last, does not make its file newer than all to come.
            (at.min(self.about.imported_at), "rows")
        } else {
            (self.about.imported_at, "import")
        }
    }
}

/// The name of an order of a list, as the ledger holds it.
pub(crate) fn order_name(order: ListOrder) -> &'static str {
    match order {
        ListOrder::Stated => "stated",
        ListOrder::NewestFirst => "newest_first",
        ListOrder::ProbablyNewestFirst => "probably_newest_first",
        ListOrder::Unordered => "unordered",
    }
}
