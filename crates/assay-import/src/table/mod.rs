//! Follower tables, whatever their file format: what all of them share.

pub(crate) mod delimited;
pub(crate) mod json;
pub(crate) mod parquet;

use crate::cell::Clues;
use crate::columns::{Column, is_label, match_header, plain, unknown_note};
use crate::error::ImportError;
use crate::reading::{Desk, Reading};
use assay_model::{Fact, Follow};

/// What the rows of a table have shown, over all files of a list.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) clues: Clues,
    pub(crate) unknown: Vec<String>,
    pub(crate) n_cp1252: u64,
}

/// Columns that no follower table has, and other tables do.
const FOREIGN: [&str; 12] = [
    "orderid",
    "customerid",
    "tweetid",
    "postid",
    "commentid",
    "videoid",
    "statusid",
    "campaign",
    "spend",
    "ordertotal",
    "conversationid",
    "posttext",
];

impl Gathered {
    /// Takes a row whose cells were read, unless it says nothing or names an account met before.
    pub(crate) fn take(
        &mut self,
        desk: &mut Desk<'_>,
        line: u64,
        follow: Follow<'_>,
        n_filled: usize,
    ) -> Result<(), ImportError> {
        if n_filled == 0 {
            return desk.reject(line, "every known column is empty");
        }
        self.clues.look(&follow);
        desk.follow(line, follow)
    }

    /// Says what was seen of the whole list.
    pub(crate) fn conclude(self, reading: &mut Reading<'_>) -> Result<(), ImportError> {
        let (quality, order) = self.clues.conclude();
        reading.tell(Fact::Quality(quality))?;
        reading.tell(Fact::Order(order))?;
        if let Some(note) = unknown_note(self.unknown) {
            reading.note(&note)?;
        }
        if self.clues.n_zoneless > 0 {
            reading.note(&format!("{} times without a zone were taken as UTC", self.clues.n_zoneless))?;
        }
        if self.n_cp1252 > 0 {
            reading.note(&format!("{} rows are not UTF-8 and were read as Windows-1252", self.n_cp1252))?;
        }
        Ok(())
    }
}

/// Whether columns of these names look like a follower table rather than any other table.
pub(crate) fn is_follower_header(names: &[String]) -> bool {
    let (known, _) = match_header(names.iter().map(String::as_str), Column::of);
    let has = |column| known.contains(&Some(column));
    let plain_names: Vec<String> = names.iter().map(|n| plain(n)).collect();
    if plain_names.iter().any(|n| FOREIGN.contains(&n.as_str())) {
        return false;
    }
    let identity = [Column::AccountId, Column::Handle, Column::DisplayName];
    let n_beside = known.iter().flatten().filter(|c| !identity.contains(c)).count();
    if n_beside == 0 && names.iter().any(|n| is_label(n)) {
        // Labels or verdicts about accounts.
        return false;
    }
    if has(Column::FollowRank) || has(Column::FollowedAt) {
        return true;
    }
    // `id` or `name` stand in any table; `account_id` and `handle` speak of accounts.
    let says_account = names.iter().any(|name| {
        let weak = ["id", "pk", "uid", "login", "did", "follower", "idstr"].contains(&plain(name).as_str());
        !weak && matches!(Column::of(name), Some(Column::AccountId | Column::Handle))
    });
    let identified = has(Column::AccountId) || has(Column::Handle);
    says_account || (identified && n_beside >= 2)
}

#[cfg(test)]
mod tests {
    use super::is_follower_header;

    #[test]
    fn follower_tables_are_told_from_others() {
        let header = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        for text in
            ["handle", "account_id,followers", "id,name,followers_count,friends_count", "follow_rank,x", "User Name"]
        {
            assert!(is_follower_header(&header(text)), "{text}");
        }
        for text in [
            "id,name",
            "account_id,label",
            "source,target",
            "order_id,user_id,total",
            "at,count",
            "",
            "account_id,handle,rank,probability,class,batch,reasons",
            "Date,New follows",
        ] {
            assert!(!is_follower_header(&header(text)), "{text}");
        }
    }
}
