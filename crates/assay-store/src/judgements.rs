//! What people found of single accounts: verdicts that they overrule, and labels of followers that were drawn for labelling.
//!
//! An overrule is about one account on its network, whoever's follower it is, and needs a reason. A label is about a follower of a
//! page that chance drew; its stratum says from where, so that labels tell of those who were not drawn.

use crate::decisions::By;
use crate::error::StoreError;
use crate::views::time;
use crate::workspace::Workspace;
use assay_model::{Label, Stratum, TimeMs};
use rusqlite::{Row, TransactionBehavior, params};

/// A verdict that somebody overruled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overruled {
    /// Its number.
    pub id: i64,
    /// The account's network; empty where it is not known.
    pub network: String,
    /// The account's id.
    pub account_id: Option<String>,
    /// Its handle, in lower case and without `@`.
    pub handle: Option<String>,
    /// Whether the account is inauthentic; else genuine.
    pub is_inauthentic: bool,
    /// Who says so.
    pub who: String,
    /// Why.
    pub why: String,
    /// When.
    pub made_at: TimeMs,
}

/// The account that a judgement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Account<'a> {
    /// Its network.
    pub network: &'a str,
    /// Its id, where it is known.
    pub account_id: Option<&'a str>,
    /// Its handle, where it is known.
    pub handle: Option<&'a str>,
}

fn label_name(is_inauthentic: bool) -> &'static str {
    if is_inauthentic { "inauthentic" } else { "genuine" }
}

fn plain_handle(handle: &str) -> String {
    handle.trim().trim_start_matches('@').to_lowercase()
}

impl Workspace {
    /// Overrules the verdict on an account; what was said of it before no longer counts. Answers the number.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn overrule(
        &mut self,
        account: Account<'_>,
        is_inauthentic: bool,
        why: &str,
        by: By<'_>,
    ) -> Result<i64, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let handle = account.handle.map(plain_handle);
        transaction.execute(WITHDRAW, params![account.network, account.account_id, handle, by.at.0])?;
        transaction.execute(
            "INSERT INTO overrule(network, account_id, handle, label, who, why, made_at) VALUES(?, ?, ?, ?, ?, ?, ?)",
            params![account.network, account.account_id, handle, label_name(is_inauthentic), by.who, why, by.at.0],
        )?;
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(id)
    }

    /// Takes the overruling of an account back; answers how many counted.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn withdraw_overrule(&mut self, account: Account<'_>, at: TimeMs) -> Result<u64, StoreError> {
        let handle = account.handle.map(plain_handle);
        Ok(self.connection.execute(WITHDRAW, params![account.network, account.account_id, handle, at.0])? as u64)
    }

    /// The verdicts that are overruled, oldest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn overruled(&self) -> Result<Vec<Overruled>, StoreError> {
        let mut all = self.connection.prepare(
            "SELECT id, network, account_id, handle, label, who, why, made_at FROM overrule WHERE withdrawn_at IS NULL ORDER BY id",
        )?;
        let overruled = |row: &Row<'_>| {
            Ok(Overruled {
                id: row.get(0)?,
                network: row.get(1)?,
                account_id: row.get(2)?,
                handle: row.get(3)?,
                is_inauthentic: row.get::<_, String>(4)? == label_name(true),
                who: row.get(5)?,
                why: row.get(6)?,
                made_at: TimeMs(row.get(7)?),
            })
        };
        Ok(all.query_map([], overruled)?.collect::<Result<_, _>>()?)
    }

    /// Keeps labels of followers of a page, in one transaction; an earlier label of the same follower goes.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn label(&mut self, page_id: i64, labels: &[Label], by: By<'_>) -> Result<(), StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        {
            let mut remove = transaction.prepare(
                "DELETE FROM follower_label WHERE page_id = ?1 AND (account_id = ?2 OR (?2 IS NULL OR account_id IS NULL) \
                 AND lower(ltrim(trim(handle), '@')) = ?3)",
            )?;
            let mut add = transaction.prepare(
                "INSERT INTO follower_label(page_id, account_id, handle, label, stratum, stratum_size, who, made_at) \
                 VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
            )?;
            for label in labels {
                remove.execute(params![page_id, label.account_id, label.handle.as_deref().map(plain_handle)])?;
                add.execute(params![
                    page_id,
                    label.account_id,
                    label.handle,
                    label_name(label.is_inauthentic),
                    label.stratum.map(|s| s.id),
                    label.stratum.map(|s| s.size.cast_signed()),
                    by.who,
                    by.at.0,
                ])?;
            }
        }
        transaction.commit()?;
        Ok(())
    }

    /// The labels of a page's followers, in the order in which they were given.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn labels(&self, page_id: i64) -> Result<Vec<Label>, StoreError> {
        let mut all = self.connection.prepare(
            "SELECT account_id, handle, label, stratum, stratum_size FROM follower_label WHERE page_id = ? ORDER BY id",
        )?;
        let label = |row: &Row<'_>| {
            let (stratum, size): (Option<u32>, Option<i64>) = (row.get(3)?, row.get(4)?);
            Ok(Label {
                account_id: row.get(0)?,
                handle: row.get(1)?,
                is_inauthentic: row.get::<_, String>(2)? == label_name(true),
                stratum: stratum.zip(size).map(|(id, size)| Stratum { id, size: size.max(0) as u64 }),
            })
        };
        Ok(all.query_map([page_id], label)?.collect::<Result<_, _>>()?)
    }

    /// Takes away the label of a follower of a page; answers how many there were.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn unlabel(&mut self, page_id: i64, account: Account<'_>) -> Result<u64, StoreError> {
        let handle = account.handle.map(plain_handle);
        let remove =
            "DELETE FROM follower_label WHERE page_id = ? AND (account_id = ? OR lower(ltrim(trim(handle), '@')) = ?)";
        Ok(self.connection.execute(remove, params![page_id, account.account_id, handle])? as u64)
    }
}

/// An id tells an account; a handle does where one of the two is without an id.
const WITHDRAW: &str = "UPDATE overrule SET withdrawn_at = ?4 WHERE withdrawn_at IS NULL AND network = ?1 AND \
    (account_id = ?2 OR (?2 IS NULL OR account_id IS NULL) AND handle = ?3)";

/// The views of what was found of accounts.
pub(crate) fn views() -> [(&'static str, String); 2] {
    let overruled = format!(
        "SELECT o.id AS overrule_id, o.network AS network, o.account_id AS account_id, o.handle AS handle, o.label AS label, \
         o.who AS who, o.why AS why, {at} AS made_at, {back} AS withdrawn_at FROM overrule o",
        at = time("o.made_at"),
        back = time("o.withdrawn_at"),
    );
    let labels = format!(
        "SELECT (SELECT page.name FROM page WHERE page.id = l.page_id) AS page, l.account_id AS account_id, \
         l.handle AS handle, l.label AS label, l.stratum AS stratum, l.stratum_size AS stratum_size, l.who AS who, \
         {at} AS made_at FROM follower_label l",
        at = time("l.made_at"),
    );
    [("overruled", overruled), ("labels", labels)]
}
