//! People: accounts joined with customers, each on a basis that is kept and shown. Never by name.
//!
//! | basis | what says so |
//! |---|---|
//! | `order-handle` | the customer gave the handle with an order |
//! | `contact-handle` | the business's list of contacts holds handle and address, and the address ordered |
//! | `discount-code` | the code was given to this account alone, and one customer alone used it |
//! | `message` | the account gave the address in a message, and the address ordered |
//! | `hand` | somebody who knows joined them |
//!
//! The first two are read off the facts and come and go with them; the others are links that somebody made.

use crate::error::StoreError;
use crate::kinds::FactKind;
use crate::read::Of;
use crate::views::time;
use crate::workspace::Workspace;
use assay_model::{CustomerName, Engagement, EngagementKind, Fact, Go, TimeMs};
use rusqlite::{Row, params};
use std::borrow::Cow;

/// The bases on which somebody may make a link.
pub const BASES: [&str; 3] = ["hand", "discount-code", "message"];

/// A link to be made: an account, and the customer or the code that was given to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewLink<'a> {
    /// The account's network.
    pub network: &'a str,
    /// The account's id, where it is known.
    pub account_id: Option<&'a str>,
    /// The account's handle, without `@`.
    pub handle: Option<&'a str>,
    /// The customer, by what orders name them by: an id, an address or a telephone number.
    pub customer_id: Option<&'a str>,
    /// The code that was given to this account alone.
    pub discount_code: Option<&'a str>,
    /// One of [`BASES`].
    pub basis: &'a str,
    /// What somebody says of it.
    pub note: Option<&'a str>,
}

/// An account and a customer that are one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Join {
    /// The link's number; `None` where the facts say it.
    pub link_id: Option<i64>,
    /// The account's network; empty where it is not known which.
    pub network: String,
    /// The account's id.
    pub account_id: Option<String>,
    /// Its handle.
    pub handle: Option<String>,
    /// The customer; `None` for a code that nobody used yet, or more than one customer.
    pub customer_id: Option<String>,
    /// The code.
    pub discount_code: Option<String>,
    /// On which basis.
    pub basis: String,
    /// What was noted.
    pub note: Option<String>,
    /// The row that says so: file and line.
    pub row: Option<(String, i64)>,
    /// Orders of that customer.
    pub n_orders: u64,
}

impl Workspace {
    /// Makes a link and answers its number.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn link(&mut self, link: &NewLink<'_>, at: TimeMs) -> Result<i64, StoreError> {
        let handle = link.handle.map(|h| h.trim().trim_start_matches('@').to_lowercase());
        let customer = link.customer_id.map(|name| self.customer_id(name)).transpose()?;
        self.connection.execute(
            "INSERT INTO link(network, account_id, handle, customer_id, discount_code, basis, note, made_at) \
             VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
            params![link.network, link.account_id, handle, customer, link.discount_code, link.basis, link.note, at.0],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    /// What the workspace holds of a customer's name: an id as it stands, else the keyed hash. Digits that are no customer's id are
    /// the telephone number of one, where there is such a customer.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn customer_id(&self, name: &str) -> Result<String, StoreError> {
        let Some(secret) = &self.secret else { return Ok(name.to_owned()) };
        let held = secret.customer_id(name).into_owned();
        let number = secret.customer_id(&CustomerName::phone(name)).into_owned();
        let is_known = |id: &str| {
            let known = "SELECT EXISTS (SELECT 1 FROM sale WHERE customer_id = ?)";
            self.connection.query_row(known, [id], |row| row.get::<_, bool>(0))
        };
        Ok(if number != held && !is_known(&held)? && is_known(&number)? { number } else { held })
    }

    /// Takes a link away; answers whether there was one.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn unlink(&mut self, id: i64) -> Result<bool, StoreError> {
        Ok(self.connection.execute("DELETE FROM link WHERE id = ?", [id])? > 0)
    }

    /// Who is joined with whom, in order of handle, customer and basis.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn joins(&self) -> Result<Vec<Join>, StoreError> {
        let mut all = self.connection.prepare(
            "SELECT p.link_id, p.network, p.account_id, p.handle, p.customer_id, p.discount_code, p.basis, p.note, p.file, \
             p.line, coalesce(o.n, 0) FROM people p LEFT JOIN (SELECT customer_id, count(*) AS n FROM sale \
             WHERE live AND customer_id IS NOT NULL GROUP BY customer_id) o ON o.customer_id = p.customer_id \
             ORDER BY p.handle, p.account_id, p.customer_id, p.basis, p.file, p.line",
        )?;
        let join = |row: &Row<'_>| {
            let (file, line): (Option<String>, Option<i64>) = (row.get(8)?, row.get(9)?);
            Ok(Join {
                link_id: row.get(0)?,
                network: row.get(1)?,
                account_id: row.get(2)?,
                handle: row.get(3)?,
                customer_id: row.get(4)?,
                discount_code: row.get(5)?,
                basis: row.get(6)?,
                note: row.get(7)?,
                row: file.zip(line),
                n_orders: row.get::<_, i64>(10)?.max(0) as u64,
            })
        };
        Ok(all.query_map([], join)?.collect::<Result<_, _>>()?)
    }

    /// Looks for addresses that accounts gave in messages and that ordered, and links them; answers how many links are new. Needs
    /// messages that were imported with their text, and the key of the workspace.
    ///
    /// # Errors
    /// If it cannot be read or written.
    pub fn link_by_messages(&mut self, at: TimeMs) -> Result<u64, StoreError> {
        let Some(secret) = self.secret.clone() else { return Ok(0) };
        let mut said: Vec<(Option<String>, Option<String>, String, u32)> = Vec::new();
        self.facts(FactKind::Engagement, Of::All, &mut |fact| {
            if let Fact::Engagement(Engagement {
                kind: EngagementKind::Message,
                by_page: false,
                text: Some(text),
                account_id,
                handle,
                source,
                ..
            }) = fact
                && (account_id.is_some() || handle.is_some())
            {
                for address in addresses(text) {
                    let key = secret.email_key(address);
                    said.push((account_id.map(str::to_owned), handle.map(str::to_lowercase), key, source.file));
                }
            }
            Go::On
        })?;
        let mut n_new = 0;
        for (account_id, handle, key, file) in said {
            n_new += self.connection.execute(
                "INSERT INTO link(network, account_id, handle, customer_id, basis, made_at) \
                 SELECT DISTINCT page.network, ?1, ?2, s.customer_id, 'message', ?3 FROM sale s, file, page \
                 WHERE s.live AND s.email_key = ?4 AND s.customer_id IS NOT NULL AND file.id = ?5 AND page.id = file.page_id \
                 AND NOT EXISTS (SELECT 1 FROM link l WHERE l.basis = 'message' AND l.account_id IS ?1 AND l.handle IS ?2 \
                 AND l.customer_id = s.customer_id)",
                params![account_id, handle, at.0, key, file],
            )? as u64;
        }
        Ok(n_new)
    }
}

/// The e-mail addresses in a text.
fn addresses(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |c: char| c.is_alphanumeric() || matches!(c, '@' | '.' | '_' | '-' | '+' | '%');
    text.split(move |c| !is_part(c)).map(|word| word.trim_matches(['.', '-', '+', '%'])).filter(|word| {
        let mut parts = word.split('@');
        let (name, host) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
        parts.next().is_none() && !name.is_empty() && host.contains('.') && !host.starts_with('.') && host.len() > 3
    })
}

/// A text in which "…" stands for every e-mail address.
pub(crate) fn without_addresses(text: &str) -> Cow<'_, str> {
    if !text.contains('@') {
        return text.into();
    }
    addresses(text).fold(text.into(), |text, address| text.replace(address, "\u{2026}").into())
}

/// The view `people`.
pub(crate) fn view() -> (&'static str, String) {
    // A handle that stands in an order or a contact names no network: it is that of the only network whose followers are known.
    let network = "(SELECT CASE WHEN count(DISTINCT page.network) = 1 THEN max(page.network) ELSE '' END FROM reading \
                   JOIN page ON page.id = reading.page_id WHERE reading.is_list AND page.network <> '')";
    let made = time("l.made_at");
    let plain = "lower(ltrim(trim({}), '@'))";
    let handle = |of: &str| plain.replace("{}", of);
    let links = format!(
        "SELECT l.id AS link_id, l.network AS network, l.account_id AS account_id, l.handle AS handle, coalesce(l.customer_id, \
         u.customer_id) AS customer_id, l.discount_code AS discount_code, l.basis AS basis, l.note AS note, {made} AS made_at, \
         NULL AS file_id, NULL AS file, NULL AS line FROM link l LEFT JOIN (SELECT lower(discount_code) AS code, \
         min(customer_id) AS customer_id FROM orders WHERE discount_code IS NOT NULL AND customer_id IS NOT NULL \
         GROUP BY lower(discount_code) HAVING count(DISTINCT customer_id) = 1) u ON u.code = lower(l.discount_code)"
    );
    let orders = format!(
        "SELECT NULL, {network}, NULL, {handle}, o.customer_id, NULL, 'order-handle', NULL, min(o.ordered_at), min(o.file_id), \
         o.file, min(o.line) FROM orders o WHERE o.handle IS NOT NULL AND o.customer_id IS NOT NULL \
         GROUP BY {handle}, o.customer_id",
        handle = handle("o.handle"),
    );
    let contacts = format!(
        "SELECT NULL, {network}, NULL, {handle}, o.customer_id, NULL, 'contact-handle', NULL, c.created_at, c.file_id, c.file, \
         min(c.line) FROM contacts c JOIN orders o ON o.email_key = c.email_key WHERE c.handle IS NOT NULL \
         AND c.email_key IS NOT NULL AND o.customer_id IS NOT NULL GROUP BY {handle}, o.customer_id",
        handle = handle("c.handle"),
    );
    ("people", format!("{links} UNION ALL {orders} UNION ALL {contacts}"))
}

#[cfg(test)]
mod tests {
    use super::{addresses, without_addresses};

    #[test]
    fn addresses_are_found_in_what_people_write() {
        let found: Vec<&str> =
            addresses("Hi! my mail is Ann.Lee+shop@example.co.uk. @roastery, or bob@x (no), a@@b.de").collect();
        assert_eq!(found, ["Ann.Lee+shop@example.co.uk"]);
        assert_eq!(without_addresses("expected an amount, found `a.b@c.de`"), "expected an amount, found `\u{2026}`");
    }
}
