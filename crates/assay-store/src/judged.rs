//! The followers of an audit, as many as a page shows, in follow order.

use crate::error::StoreError;
use crate::workspace::Workspace;
use rusqlite::{Row, named_params};

/// A follower as an audit judged them.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Place in the follow order of the audit; 0 followed first.
    pub rank: i64,
    /// The account's id.
    pub account_id: Option<String>,
    /// Its handle.
    pub handle: Option<String>,
    /// Probability of being inauthentic, 0..1.
    pub probability: f64,
    /// Class, as tables name it.
    pub class: String,
    /// The batch it stands in.
    pub batch: Option<String>,
}

/// Which followers are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of this class alone.
    pub class: Option<String>,
    /// Of this batch alone.
    pub batch: Option<String>,
    /// Whose handle begins so, without `@`; case does not count.
    pub handle: Option<String>,
    /// From this rank on.
    pub from_rank: i64,
    /// At most so many.
    pub limit: usize,
}

impl Workspace {
    /// Followers of an audit in follow order. Costs O(n) at most, and little where what is wanted is not rare.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn followers_of_audit(&self, audit_id: i64, wanted: &Wanted) -> Result<Vec<Judged>, StoreError> {
        let mut sql = String::from(
            "SELECT rank, account_id, handle, probability, class, batch FROM verdict WHERE audit_id = :audit AND rank >= :from",
        );
        let escaped = |text: &str| text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
        let handle = wanted.handle.as_deref().map(|h| format!("{}%", escaped(h.trim_start_matches('@'))));
        for (is_asked, condition) in [
            (wanted.class.is_some(), " AND class = :class"),
            (wanted.batch.is_some(), " AND batch = :batch"),
            (handle.is_some(), " AND handle LIKE :handle ESCAPE '\\'"),
        ] {
            if is_asked {
                sql.push_str(condition);
            }
        }
        sql.push_str(" ORDER BY rank LIMIT :limit");
        let mut all = self.connection.prepare_cached(&sql)?;
        let limit = i64::try_from(wanted.limit).unwrap_or(i64::MAX);
        // Only what stands in the statement may be given to it.
        let mut given: Vec<(&str, &dyn rusqlite::ToSql)> = named_params! {
            ":audit": audit_id, ":from": wanted.from_rank, ":limit": limit,
        }
        .to_vec();
        for (name, value) in [(":class", &wanted.class), (":batch", &wanted.batch), (":handle", &handle)] {
            if let Some(value) = value {
                given.push((name, value));
            }
        }
        Ok(all.query_map(given.as_slice(), judged)?.collect::<Result<_, _>>()?)
    }
}

fn judged(row: &Row<'_>) -> rusqlite::Result<Judged> {
    Ok(Judged {
        rank: row.get(0)?,
        account_id: row.get(1)?,
        handle: row.get(2)?,
        probability: row.get(3)?,
        class: row.get(4)?,
        batch: row.get(5)?,
    })
}
