//! Form 7: customers whom an address or a telephone number named stand by its keyed hash, as imports hold them since
//! ([`Secret::customer_id`]). Until then it stood in plain, in orders and in whatever names a customer.
//!
//! 1. Names of orders, links, conversations and contacts that are an address or a number become the hash. Shopify names
//!    nobody by an id, so that digits alone are a number there.
//! 2. Identities that such a name was part of, and which it could be tried on, are sealed: they stay one to one.
//! 3. Where a note, a reason or what is kept of a reading quotes such a name, the hash stands; reasons of rejects lose addresses.
//! 4. The file is built anew ([`leftovers`]): what was overwritten or deleted before stays in its free pages otherwise.
//!
//! What people wrote and imported messages hold else is left, and so are sealed plans, saved answers and names of imported files.

use crate::error::StoreError;
use crate::people::without_addresses;
use crate::secret::Secret;
use crate::workspace::PATIENCE;
use assay_model::{CustomerName, quote};
use rusqlite::{Connection, ErrorCode, OptionalExtension as _, params};
use std::collections::HashMap;
use std::time::Duration;

/// The setting that stands until the file was built anew, and how far that is.
const DUE: &str = "leftovers";
const TO_BUILD: i64 = 1;
const BUILT: i64 = 2;
/// What names a customer, beside the orders.
const NAMING: [(&str, &str); 4] =
    [("sale", "customer_id"), ("link", "customer_id"), ("conversation", "customer_id"), ("contact", "contact_id")];
/// The orders that Shopify told.
const OF_SHOPIFY: &str =
    "id >> 32 IN (SELECT file.id FROM file JOIN reading r ON r.id = file.reading_id WHERE r.importer = 'shopify')";
/// Texts that may quote a name: what people wrote, in which digits may be a number, and documents.
const QUOTING: [(&str, &str, Digits); 7] = [
    ("link", "note", Digits::MayBeNumber),
    ("conversation_note", "text", Digits::MayBeNumber),
    ("overrule", "why", Digits::MayBeNumber),
    ("experiment_decision", "note", Digits::MayBeNumber),
    ("experiment_reading", "file", Digits::AreFigures),
    ("experiment_reading", "answer", Digits::AreFigures),
    ("experiment_reading", "sections", Digits::AreFigures),
];
/// Characters before an at sign, and behind it, that are looked at.
const PART_CHARS: usize = 100;

/// What digits in a text are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Digits {
    MayBeNumber,
    AreFigures,
}

/// Brings a workspace of form 6 to form 7, but for its free pages.
pub(crate) fn step(connection: &Connection, secret: &Secret) -> Result<(), StoreError> {
    // In memory, as all that is temporary.
    connection.execute_batch("CREATE TEMP TABLE named(plain TEXT PRIMARY KEY, id TEXT NOT NULL) WITHOUT ROWID")?;
    let mut names = Names::default();
    // What Shopify tells is an address or a number, so that there digits alone are one.
    let of_shopify = format!("SELECT DISTINCT customer_id FROM sale WHERE customer_id IS NOT NULL AND {OF_SHOPIFY}");
    let is_id = |plain: &str| secret.customer_key(plain).is_none();
    let number = |plain: &str| secret.customer_key(&CustomerName::phone(plain)).filter(|_| is_id(plain));
    names.add(connection, &of_shopify, number)?;
    replace(connection, "sale", "customer_id", OF_SHOPIFY)?;
    // Elsewhere the same digits may be another shop's id.
    connection.execute("DELETE FROM named WHERE plain IN (SELECT customer_id FROM sale)", [])?;
    for table in ["link", "conversation"] {
        replace(connection, table, "customer_id", "true")?;
    }
    connection.execute("DELETE FROM named", [])?;
    for (table, column) in NAMING {
        let all = format!("SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL");
        names.add(connection, &all, |plain| secret.customer_key(plain))?;
    }
    let of_contacts = "SELECT c.id, c.key, file.page_id FROM contact c JOIN file ON file.id = c.id >> 32 \
                       WHERE c.contact_id IN (SELECT plain FROM named)";
    seal(connection, secret, "contact", of_contacts)?;
    for (table, column) in NAMING {
        replace(connection, table, column, "true")?;
    }
    let nameless =
        "SELECT s.id, s.key, file.page_id FROM sale s JOIN file ON file.id = s.id >> 32 WHERE s.order_id IS NULL";
    seal(connection, secret, "sale", nameless)?;
    for (table, column, digits) in QUOTING {
        rewrite(connection, table, column, |text| names.unquoted(text, digits))?;
    }
    rewrite(connection, "reject", "why", |why| without_addresses(why).into_owned())?;
    connection.execute_batch("DROP TABLE named")?;
    connection.execute(
        "INSERT OR REPLACE INTO setting(name, value) SELECT ?, ? WHERE EXISTS (SELECT 1 FROM import)",
        params![DUE, TO_BUILD],
    )?;
    Ok(())
}

/// Builds the file anew where that is due, so that nothing of what it held before is left in it. Where somebody else has it open,
/// it stays due until it is next opened.
///
/// # Errors
/// If there is no room for that, or the file cannot be written.
pub(crate) fn leftovers(connection: &Connection, place: &str) -> Result<(), StoreError> {
    let due: Option<i64> =
        connection.query_row("SELECT value FROM setting WHERE name = ?", [DUE], |row| row.get(0)).optional()?;
    let Some(due) = due else { return Ok(()) };
    if due == TO_BUILD {
        // As large as the workspace, and nothing in it that the workspace does not hold.
        connection.pragma_update(None, "temp_store", "file")?;
        let built = connection.execute_batch("VACUUM");
        connection.pragma_update(None, "temp_store", "memory")?;
        match built.as_ref().err().and_then(rusqlite::Error::sqlite_error_code) {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => return Ok(()),
            Some(ErrorCode::DiskFull) => {
                return Err(StoreError::new(
                    "room to build the workspace anew, once, without the addresses that it held",
                    "a full disk",
                    quote(place),
                    "make room beside it and in the folder of temporary files (SQLITE_TMPDIR names another), and try again",
                ));
            }
            _ => built?,
        }
        connection.execute("UPDATE setting SET value = ? WHERE name = ?", params![BUILT, DUE])?;
    }
    // What was built stands in the log until nobody reads the file as it was before.
    connection.busy_timeout(Duration::ZERO)?;
    let is_held = connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
    connection.busy_timeout(PATIENCE)?;
    let is_held = is_held?;
    if !is_held {
        connection.execute("DELETE FROM setting WHERE name = ?", [DUE])?;
    }
    Ok(())
}

/// Puts the hashes of `named` in the place of names.
fn replace(connection: &Connection, table: &str, column: &str, which: &str) -> Result<(), StoreError> {
    connection.execute(
        &format!(
            "UPDATE {table} SET {column} = (SELECT id FROM named WHERE plain = {column}) \
             WHERE {column} IN (SELECT plain FROM named) AND {which}"
        ),
        [],
    )?;
    Ok(())
}

/// Seals the identities of rows that a question tells with their page.
fn seal(connection: &Connection, secret: &Secret, table: &str, question: &str) -> Result<(), StoreError> {
    let mut all = connection.prepare(question)?;
    let rows: Vec<(i64, i64, i64)> =
        all.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?.collect::<Result<_, _>>()?;
    let mut of_row = connection.prepare(&format!("UPDATE {table} SET key = ? WHERE id = ?"))?;
    let mut of_key =
        connection.prepare(&format!("UPDATE {table}_key SET key = ? WHERE page = ? AND key = ? AND id = ?"))?;
    for (id, key, page) in rows {
        let sealed = secret.sealed(key);
        of_row.execute([sealed, id])?;
        of_key.execute([sealed, page, key, id])?;
    }
    Ok(())
}

/// Rewrites the texts of a column.
fn rewrite(connection: &Connection, table: &str, column: &str, of: impl Fn(&str) -> String) -> Result<(), StoreError> {
    let mut all = connection.prepare(&format!("SELECT rowid, {column} FROM {table} WHERE {column} IS NOT NULL"))?;
    let texts: Vec<(i64, String)> =
        all.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
    let mut put = connection.prepare(&format!("UPDATE {table} SET {column} = ? WHERE rowid = ?"))?;
    for (id, text) in texts {
        let now = of(&text);
        if now != text {
            put.execute(params![now, id])?;
        }
    }
    Ok(())
}

/// The names that stood in plain, in the form in which names are compared, and what stands for each.
#[derive(Debug, Default)]
struct Names {
    of: HashMap<String, String>,
}

impl Names {
    /// Adds the names that a question tells and that have a hash, and fills `named` with them.
    fn add(
        &mut self,
        connection: &Connection,
        question: &str,
        hash: impl Fn(&str) -> Option<String>,
    ) -> Result<(), StoreError> {
        let mut all = connection.prepare(question)?;
        let mut put = connection.prepare("INSERT OR IGNORE INTO named(plain, id) VALUES(?, ?)")?;
        let mut rows = all.query([])?;
        while let Some(row) = rows.next()? {
            let plain: String = row.get(0)?;
            if let Some(id) = hash(&plain) {
                put.execute([&plain, &id])?;
                let known = match CustomerName::of(&plain) {
                    CustomerName::Id(_) => CustomerName::phone(&plain).into_owned(),
                    name => name.into_text().into_owned(),
                };
                self.of.insert(known, id);
            }
        }
        Ok(())
    }

    /// A text with the hashes of those that it quotes.
    fn unquoted(&self, text: &str, digits: Digits) -> String {
        let text = self.without_addresses(text);
        if digits == Digits::AreFigures { text } else { self.without_numbers(&text) }
    }

    fn without_addresses(&self, text: &str) -> String {
        let (mut out, mut done) = (String::new(), 0);
        for (at, _) in text.match_indices('@') {
            if let Some((from, to, id)) = self.around(text, at)
                && from >= done
            {
                out.push_str(&text[done..from]);
                out.push_str(id);
                done = to;
            }
        }
        out + &text[done..]
    }

    /// The longest name around an at sign, from where it stands to where, and its hash. It may be part of another word, such as the
    /// name of a file, but no letter or digit stands beside it.
    fn around(&self, text: &str, at: usize) -> Option<(usize, usize, &str)> {
        let is_local = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '+' | '%' | '\'');
        let is_host = |c: &char| c.is_alphanumeric() || matches!(c, '.' | '-');
        let before: Vec<(usize, char)> =
            text[..at].char_indices().rev().take(PART_CHARS).take_while(|(_, c)| is_local(c)).collect();
        let behind: Vec<(usize, char)> =
            text[at + 1..].char_indices().take(PART_CHARS).take_while(|(_, c)| is_host(c)).collect();
        let is_edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
        for (from, _) in before.iter().rev().filter(|(from, _)| is_edge(text[..*from].chars().next_back())) {
            for (i, c) in behind.iter().rev() {
                let to = at + 1 + i + c.len_utf8();
                if is_edge(text[to..].chars().next())
                    && let Some(id) = self.of.get(&text[*from..to].to_lowercase())
                {
                    return Some((*from, to, id));
                }
            }
        }
        None
    }

    fn without_numbers(&self, text: &str) -> String {
        let is_of = |c: char| c.is_ascii_digit() || matches!(c, '+' | '(' | ')' | ' ' | '-' | '.' | '/');
        let (mut out, mut rest) = (String::new(), text);
        while let Some(from) = rest.find(is_of) {
            let to = rest[from..].find(|c| !is_of(c)).map_or(rest.len(), |n| from + n);
            let run = &rest[from..to];
            out.push_str(&rest[..from]);
            // All of it is one number, or each part that a space ends.
            if let Some(one) = self.number(run) {
                out.push_str(&one);
            } else {
                let parts = run.split(' ').map(|part| self.number(part).unwrap_or_else(|| part.to_owned()));
                out.push_str(&parts.collect::<Vec<_>>().join(" "));
            }
            rest = &rest[to..];
        }
        out + rest
    }

    /// Digits with the hash in the place of the number that they are.
    fn number(&self, digits: &str) -> Option<String> {
        let number = digits.trim_matches(|c: char| !c.is_ascii_digit() && !matches!(c, '+' | '('));
        let id = self.of.get(&*CustomerName::of(&CustomerName::phone(number)).into_text())?;
        Some(digits.replacen(number, id, 1))
    }
}

#[cfg(test)]
mod tests {
    use super::{Digits, Names};

    #[test]
    fn names_are_found_where_texts_quote_them() {
        let of = [("ada@example.com", "K1"), ("a@b.co", "K2"), ("+4791234567", "K3"), ("tel:5551234567", "K4")];
        let names = Names { of: of.map(|(name, id)| (name.to_owned(), id.to_owned())).into() };
        for (text, left) in [
            ("she is Ada@Example.com.", "she is K1."),
            ("mail_ada@example.com.csv", "mail_K1.csv"),
            ("<ada@example.com>, \"ada@example.com\"", "<K1>, \"K1\""),
            ("nada@example.com, ada@example.company, ada@b.com", "nada@example.com, ada@example.company, ada@b.com"),
            ("ä@a@b.co", "ä@K2"),
            ("call +47 912 34 567 or 5551234567.", "call K3 or K4."),
            ("order 7 of 15551234567, 2026-01-02", "order 7 of 15551234567, 2026-01-02"),
            ("7 5551234567", "7 K4"),
            ("@", "@"),
        ] {
            assert_eq!(names.unquoted(text, Digits::MayBeNumber), left, "{text}");
        }
        assert_eq!(names.unquoted("{\"n\": 5551234567}", Digits::AreFigures), "{\"n\": 5551234567}");
    }
}
