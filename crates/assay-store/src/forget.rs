//! Erases a person everywhere, and remembers by a keyed hash whom not to take again.

use crate::error::StoreError;
use crate::kinds::FactKind;
use crate::secret::Secret;
use crate::settle::Entry;
use crate::undo;
use crate::workspace::Workspace;
use assay_model::{CustomerName, Fact, Order, Tick, TimeMs};
use rusqlite::{Connection, TransactionBehavior, params};
use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;

/// The marks of those who are forgotten.
#[derive(Debug, Default)]
pub(crate) struct Forgotten {
    marks: HashSet<String>,
}

/// Tables that name accounts beside the facts.
const BESIDE: [&str; 6] = ["link", "verdict", "conversation_state", "conversation_note", "overrule", "follower_label"];

/// Texts that people wrote, in which others may be named.
const WRITTEN: [(&str, &str); 4] =
    [("link", "note"), ("conversation_note", "text"), ("overrule", "why"), ("experiment_decision", "note")];

/// What of a fact is kept.
pub(crate) enum Kept<'a> {
    Whole,
    /// An order without whom it is of: what was sold stays in the books.
    Stripped(Order<'a>),
    Not,
}

impl Forgotten {
    pub(crate) fn load(connection: &Connection) -> Result<Self, StoreError> {
        let mut all = connection.prepare("SELECT mark FROM forgotten")?;
        let marks = all.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        Ok(Self { marks })
    }

    /// Whether somebody is forgotten, on this network or everywhere.
    fn has(&self, secret: &Secret, kind: &str, network: &str, name: Option<&str>) -> bool {
        let Some(name) = name.filter(|n| !n.is_empty()) else { return false };
        [network, ""].iter().any(|network| self.marks.contains(&mark(secret, kind, network, name)))
    }

    /// Whether a customer is forgotten, by what the workspace holds of a name or address.
    fn has_customer(&self, secret: &Secret, held: Option<impl AsRef<str>>) -> bool {
        held.is_some_and(|held| self.marks.contains(&mark_of_customer(secret, held.as_ref())))
    }

    /// What of a fact is kept.
    pub(crate) fn of<'a>(&self, fact: &Fact<'a>, secret: &Secret, network: &str) -> Kept<'a> {
        if self.marks.is_empty() {
            return Kept::Whole;
        }
        let account =
            |id, handle| self.has(secret, "account", network, id) || self.has(secret, "handle", network, handle);
        let gone = match fact {
            Fact::Follow(f) => account(f.account_id, f.handle),
            Fact::Engagement(e) => account(e.account_id, e.handle),
            Fact::Contact(c) => {
                let is_named = |id: &&str| secret.customer_key(id).is_some();
                self.has(secret, "handle", network, c.handle)
                    || self.has_customer(secret, c.email.map(|address| secret.email_key(address)))
                    || self.has_customer(secret, c.contact_id.filter(is_named).map(|id| secret.customer_id(id)))
            }
            Fact::Sale(o) => {
                let gone = self.has(secret, "handle", network, o.handle)
                    || self.has_customer(secret, o.email.map(|address| secret.email_key(address)))
                    || self.has_customer(secret, o.customer_id.map(|name| secret.customer_id(name)))
                    // As workspaces before form 7 marked customers.
                    || self.has(secret, "customer", network, o.customer_id.map(CustomerName::unmarked));
                if gone {
                    return Kept::Stripped(Order { customer_id: None, email: None, handle: None, ..*o });
                }
                false
            }
            _ => false,
        };
        if gone { Kept::Not } else { Kept::Whole }
    }
}

/// The mark of a name of a kind, on a network or (where it is empty) everywhere.
fn mark(secret: &Secret, kind: &str, network: &str, name: &str) -> String {
    match kind {
        "handle" => secret.hash(&format!("handle {network}"), &name.trim_start_matches('@').to_lowercase()),
        kind => secret.hash(&format!("{kind} {network}"), name),
    }
}

/// The mark of a customer, by what the workspace holds of a name: an id, or the keyed hash of an address or telephone number.
/// Wherever they buy: a shop is of no network.
fn mark_of_customer(secret: &Secret, held: &str) -> String {
    secret.hash("address", held)
}

/// What was erased.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Erased {
    /// Rows that are gone.
    pub n_rows: u64,
    /// Orders whose customer is gone from them.
    pub n_orders: u64,
}

impl Workspace {
    /// Erases whoever bears `handle`, on one network or on all: as a follower in every snapshot, engager, contact and customer.
    /// Their orders stay, without who they are of. They are not taken again, by the same handle, nor by the ids and addresses that
    /// stood beside it. An address or a telephone number in the place of the handle erases the customer of that name too.
    ///
    /// # Errors
    /// If it cannot be written, or `tick` answers stop: then nothing was.
    pub fn forget(
        &mut self,
        handle: &str,
        network: Option<&str>,
        at: TimeMs,
        tick: &mut Tick<'_>,
    ) -> Result<Erased, StoreError> {
        let handle = handle.trim().trim_start_matches('@').to_lowercase();
        let customer = Some(&*handle).filter(|name| !matches!(CustomerName::of(name), CustomerName::Id(_)));
        let person = Person { words: handle.clone(), handle: Some(handle.clone()), ..Person::default() };
        self.erase(person, customer, network, at, tick)
    }

    /// Erases a customer by what orders name them by, an id, an address or a telephone number: from their orders, which stay, from
    /// contacts with their address, and from links. They are not taken again.
    ///
    /// # Errors
    /// If it cannot be written, or `tick` answers stop: then nothing was.
    pub fn forget_customer(&mut self, name: &str, at: TimeMs, tick: &mut Tick<'_>) -> Result<Erased, StoreError> {
        let words = match CustomerName::of(name) {
            CustomerName::Id(_) => String::new(),
            reaching => reaching.into_text().into_owned(),
        };
        self.erase(Person { words, ..Person::default() }, Some(name.trim()), None, at, tick)
    }

    fn erase(
        &mut self,
        mut person: Person,
        customer: Option<&str>,
        network: Option<&str>,
        at: TimeMs,
        tick: &mut Tick<'_>,
    ) -> Result<Erased, StoreError> {
        let Some(secret) = self.secret.clone() else {
            return Err(StoreError::new("a workspace opened to be written", "one opened to be read", "", ""));
        };
        if let Some(name) = customer {
            let held = self.customer_id(name)?;
            let is_address = matches!(CustomerName::of(name), CustomerName::Address(_));
            if is_address { &mut person.email_keys } else { &mut person.customers }.insert(held);
        }
        // What is erased is overwritten, so that it cannot be read off the file.
        self.connection.pragma_update(None, "secure_delete", true)?;
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        // Ids and addresses lead to further rows, which may name further ones: as often as there is something new.
        loop {
            let before = person.size();
            person.find(&transaction, network)?;
            if person.size() == before {
                break;
            }
        }
        let mut erased = Erased::default();
        for kind in [FactKind::Follow, FactKind::Engagement, FactKind::Contact] {
            erased.n_rows += person.erase_rows(&transaction, kind, tick)?;
        }
        for id in &person.sales {
            let strip = "UPDATE sale SET customer_id = NULL, email_key = NULL, handle = NULL WHERE id = ?";
            erased.n_orders += transaction.execute(strip, [id])? as u64;
        }
        erased.n_rows += person.erase_beside(&transaction)?;
        let network = network.unwrap_or_default();
        let add = |mark: String| -> Result<(), StoreError> {
            transaction.execute("INSERT OR IGNORE INTO forgotten(mark, at) VALUES(?, ?)", params![mark, at.0])?;
            Ok(())
        };
        if let Some(handle) = &person.handle {
            add(mark(&secret, "handle", network, handle))?;
        }
        for id in &person.accounts {
            add(mark(&secret, "account", network, id))?;
        }
        for held in person.held() {
            add(mark_of_customer(&secret, &held))?;
        }
        transaction.commit()?;
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        self.connection.pragma_update(None, "secure_delete", false)?;
        Ok(erased)
    }
}

/// What the workspace holds of somebody.
#[derive(Debug, Default)]
struct Person {
    /// In lower case, without `@`.
    handle: Option<String>,
    /// What is struck out of texts; empty for nothing.
    words: String,
    accounts: BTreeSet<String>,
    /// What the workspace holds of the names that orders name them by.
    customers: BTreeSet<String>,
    email_keys: BTreeSet<String>,
    follows: BTreeSet<i64>,
    engagements: BTreeSet<i64>,
    contacts: BTreeSet<i64>,
    sales: BTreeSet<i64>,
}

impl Person {
    fn size(&self) -> usize {
        self.accounts.len()
            + self.customers.len()
            + self.email_keys.len()
            + self.follows.len()
            + self.engagements.len()
            + self.contacts.len()
            + self.sales.len()
    }

    /// What the workspace holds of names and addresses of the customer.
    fn held(&self) -> BTreeSet<String> {
        self.customers.union(&self.email_keys).cloned().collect()
    }

    /// Looks for rows by handle, and by the ids and addresses that were found so far.
    fn find(&mut self, connection: &Connection, network: Option<&str>) -> Result<(), StoreError> {
        let on_network = |table: &str| match network {
            Some(_) => format!(
                " AND (SELECT page.network FROM file, page WHERE file.id = {table}.id >> 32 AND page.id = file.page_id) IN (?2, '')"
            ),
            None => " AND ?2 IS NULL".to_owned(),
        };
        for (table, is_follow) in [("follow", true), ("engagement", false)] {
            let sql = format!(
                "SELECT id, account_id FROM {table} WHERE (lower(handle) = ?1 OR account_id IN (SELECT value FROM json_each(?3))){}",
                on_network(table)
            );
            let mut all = connection.prepare(&sql)?;
            let mut rows = all.query(params![self.handle, network, json_list(&self.accounts)])?;
            while let Some(row) = rows.next()? {
                let found = if is_follow { &mut self.follows } else { &mut self.engagements };
                found.insert(row.get(0)?);
                self.accounts.extend(row.get::<_, Option<String>>(1)?);
            }
        }
        let sql = format!(
            "SELECT id, email_key FROM contact WHERE (lower(handle) = ?1 OR email_key IN (SELECT value FROM json_each(?3)) \
             OR contact_id IN (SELECT value FROM json_each(?4))){}",
            on_network("contact")
        );
        let mut all = connection.prepare(&sql)?;
        // An order may name by the hash of an address whom another names by an id, with the address beside it.
        let held = self.held();
        let mut rows = all.query(params![self.handle, network, json_list(&held), json_list(&self.email_keys)])?;
        while let Some(row) = rows.next()? {
            self.contacts.insert(row.get(0)?);
            self.email_keys.extend(row.get::<_, Option<String>>(1)?);
        }
        // Whoever is joined with the account on a basis.
        let mut all = connection.prepare(
            "SELECT customer_id FROM people WHERE customer_id IS NOT NULL AND (handle = ?1 OR account_id IN (SELECT value FROM \
             json_each(?2))) AND (?3 IS NULL OR network IN (?3, ''))",
        )?;
        let mut rows = all.query(params![self.handle, json_list(&self.accounts), network])?;
        while let Some(row) = rows.next()? {
            self.customers.insert(row.get(0)?);
        }
        // A shop is of no network of accounts: its customers are found wherever they are.
        let mut all = connection.prepare(
            "SELECT id, customer_id, email_key FROM sale WHERE lower(handle) = ?1 OR email_key IN (SELECT value FROM \
             json_each(?2)) OR customer_id IN (SELECT value FROM json_each(?2))",
        )?;
        let held = self.held();
        let mut rows = all.query(params![self.handle, json_list(&held)])?;
        while let Some(row) = rows.next()? {
            self.sales.insert(row.get(0)?);
            self.customers.extend(row.get::<_, Option<String>>(1)?);
            self.email_keys.extend(row.get::<_, Option<String>>(2)?);
        }
        Ok(())
    }

    /// Erases what stands beside the facts: links to customers, verdicts of every audit, and what was decided and noted of them.
    fn erase_beside(&self, connection: &Connection) -> Result<u64, StoreError> {
        let mut n = 0;
        // Which words are of whom is made anew from the facts.
        for table in ["conversation_word", "conversation_turn"] {
            let sql = format!(
                "DELETE FROM {table} WHERE conversation IN (SELECT id FROM conversation WHERE lower(ltrim(handle, '@')) = ?1 \
                 OR account_id IN (SELECT value FROM json_each(?2)))"
            );
            connection.execute(&sql, params![self.handle, json_list(&self.accounts)])?;
        }
        connection.execute(
            "DELETE FROM conversation WHERE lower(ltrim(handle, '@')) = ?1 OR account_id IN (SELECT value FROM json_each(?2))",
            params![self.handle, json_list(&self.accounts)],
        )?;
        for table in BESIDE {
            let sql = format!(
                "DELETE FROM {table} WHERE lower(ltrim(handle, '@')) = ?1 OR account_id IN (SELECT value FROM json_each(?2))"
            );
            n += connection.execute(&sql, params![self.handle, json_list(&self.accounts)])? as u64;
        }
        for (table, column) in WRITTEN {
            self.strike(connection, table, column)?;
        }
        self.strike_files(connection)?;
        let held = self.held();
        let joined = "UPDATE conversation SET customer_id = NULL, basis = NULL, spent = NULL WHERE customer_id IN \
                      (SELECT value FROM json_each(?1))";
        connection.execute(joined, [json_list(&held)])?;
        let customers = "DELETE FROM link WHERE customer_id IN (SELECT value FROM json_each(?1))";
        n += connection.execute(customers, [json_list(&held)])? as u64;
        Ok(n)
    }

    /// Strikes the handle out of texts that people wrote.
    fn strike(&self, connection: &Connection, table: &str, column: &str) -> Result<(), StoreError> {
        for (id, _, struck) in self.naming(connection, table, column, without)? {
            connection.execute(&format!("UPDATE {table} SET {column} = ?2 WHERE rowid = ?1"), params![id, struck])?;
        }
        Ok(())
    }

    /// Strikes the handle out of the names of tables that were read, wherever a reading says them.
    fn strike_files(&self, connection: &Connection) -> Result<(), StoreError> {
        let say = "UPDATE experiment_reading SET file = ?2, answer = replace(answer, ?3, ?4), sections = replace(sections, ?5, ?2) \
                   WHERE rowid = ?1";
        let in_json = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
        let in_html =
            |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
        let all = self.naming(connection, "experiment_reading", "file", without_in_name)?;
        for (id, file, struck) in all {
            connection.execute(say, params![id, struck, in_json(&file), in_json(&struck), in_html(&file)])?;
        }
        Ok(())
    }

    /// Rows of a table whose text names the handle as a word of its own: the text, and what is left of it.
    fn naming(
        &self,
        connection: &Connection,
        table: &str,
        column: &str,
        without: fn(&str, &str) -> String,
    ) -> Result<Vec<(i64, String, String)>, StoreError> {
        let mut all = connection.prepare(&format!("SELECT rowid, {column} FROM {table} WHERE {column} IS NOT NULL"))?;
        let rows = all.query_map([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
        let mut named = Vec::new();
        for row in rows {
            let (id, text) = row?;
            let struck = without(&text, &self.words);
            if struck != text {
                named.push((id, text, struck));
            }
        }
        Ok(named)
    }

    /// Erases the rows of a kind.
    fn erase_rows(&self, connection: &Connection, kind: FactKind, tick: &mut Tick<'_>) -> Result<u64, StoreError> {
        let ids = match kind {
            FactKind::Follow => &self.follows,
            FactKind::Engagement => &self.engagements,
            _ => &self.contacts,
        };
        undo::remove(connection, kind, ids, tick)
    }
}

/// As [`without`], in the name of a file, where words are joined by underscores too.
fn without_in_name(name: &str, handle: &str) -> String {
    let parts: Vec<&str> = name.split('_').collect();
    let n = handle.split('_').count();
    let mut out: Vec<String> = Vec::new();
    let mut at = 0;
    while at < parts.len() {
        let here = parts[at..(at + n).min(parts.len())].join("_");
        let struck = without(&here, handle);
        if struck == here {
            out.push(parts[at].to_owned());
            at += 1;
        } else {
            out.push(struck);
            at += n;
        }
    }
    out.join("_")
}

/// A text with "…" for a handle, in whatever case, with or without `@`, where it stands as a word of its own.
fn without(text: &str, handle: &str) -> String {
    let letters: Vec<char> = text.chars().collect();
    let sought: Vec<char> = handle.chars().collect();
    let same = |at: usize| {
        at + sought.len() <= letters.len()
            && sought.iter().zip(&letters[at..]).all(|(a, b)| a == b || b.to_lowercase().eq(std::iter::once(*a)))
    };
    // A point or a dash belongs to a handle only if it goes on behind it.
    let is_of_word = |c: char| c.is_alphanumeric() || c == '_';
    let begins = |at: usize| at == 0 || !is_of_word(letters[at - 1]);
    let ends = |at: usize| letters.get(at).is_none_or(|c| !is_of_word(*c));
    let mut out = String::new();
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        if !sought.is_empty() && same(at) && begins(at) && ends(at + sought.len()) {
            if out.ends_with('@') {
                out.pop();
            }
            out.push('\u{2026}');
            at += sought.len();
        } else {
            out.push(*letter);
            at += 1;
        }
    }
    out
}

/// A list that SQL can read: JSON.
fn json_list(set: &BTreeSet<String>) -> String {
    let quoted: Vec<String> = set
        .iter()
        .map(|text| {
            let mut out = String::from("\"");
            for c in text.chars() {
                match c {
                    '"' | '\\' => out.extend(['\\', c]),
                    c if u32::from(c) < 0x20 => {
                        let _ = write!(out, "\\u{:04x}", u32::from(c));
                    }
                    c => out.push(c),
                }
            }
            out + "\""
        })
        .collect();
    format!("[{}]", quoted.join(","))
}

/// Rows of a kind with what they speak of, in order.
pub(crate) fn entries(connection: &Connection, kind: FactKind, ids: &BTreeSet<i64>) -> Result<Vec<Entry>, StoreError> {
    let table = kind.kind().table;
    let mut one = connection.prepare(&format!(
        "SELECT file.page_id, f.key FROM {table} f JOIN file ON file.id = f.id >> 32 WHERE f.id = ?"
    ))?;
    let mut entries = Vec::with_capacity(ids.len());
    for &id in ids {
        entries.push(one.query_row([id], |row| Ok(Entry { page: row.get(0)?, key: row.get(1)?, id }))?);
    }
    entries.sort_unstable();
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::{without, without_in_name};

    #[test]
    fn handles_are_struck_where_they_are_words() {
        for (text, handle, struck) in [
            ("talk to @Anna.K, then anna.k again", "anna.k", "talk to \u{2026}, then \u{2026} again"),
            ("orders-of_anna.csv", "anna", "orders-of_anna.csv"),
            ("orders of anna.csv", "anna", "orders of \u{2026}.csv"),
            ("Hannah and annabel", "anna", "Hannah and annabel"),
            ("ANNA", "anna", "\u{2026}"),
            ("nobody", "", "nobody"),
        ] {
            assert_eq!(without(text, handle), struck, "{text}");
        }
        for (name, handle, struck) in [
            ("orders_of_anna.csv", "anna", "orders_of_\u{2026}.csv"),
            ("anna_k orders.csv", "anna_k", "\u{2026} orders.csv"),
            ("of_anna_k_2026.csv", "anna_k", "of_\u{2026}_2026.csv"),
            ("hannah_1.csv", "anna", "hannah_1.csv"),
        ] {
            assert_eq!(without_in_name(name, handle), struck, "{name}");
        }
    }
}
