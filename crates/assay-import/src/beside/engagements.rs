//! Engagements: `account_id` or `handle` of who engaged, and `at`, `kind`, `post_id` or `count`.

use super::{Ledger, read_table};
use crate::columns::{ColumnNames, TableColumn, find, plain};
use crate::error::{ImportError, quote};
use assay_model::when::{is_plausible, moment};
use assay_model::{Engagement, EngagementKind, Engagers, Reject, SourceFile};
use std::path::Path;

/// A column of a table of engagements, in the order of [`ENGAGEMENT_COLUMNS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Column {
    AccountId,
    Handle,
    At,
    Kind,
    PostId,
    Count,
}

/// The columns of a table of engagements.
pub static ENGAGEMENT_COLUMNS: &[ColumnNames] = &[
    ColumnNames {
        name: "account_id",
        meaning: "the id of the account that engaged",
        aliases: &["user_id", "author_id", "actor_id", "did"],
    },
    ColumnNames {
        name: "handle",
        meaning: "its name, without @",
        aliases: &["username", "screen_name", "acct", "author", "commenter"],
    },
    ColumnNames { name: "at", meaning: "when", aliases: &["date", "time", "created_at", "timestamp", "last_at"] },
    ColumnNames {
        name: "kind",
        meaning: "like, comment, reply, mention, repost, quote, message or save",
        aliases: &["type", "action", "engagement"],
    },
    ColumnNames {
        name: "post_id",
        meaning: "the post that it was done with",
        aliases: &["post", "media_id", "tweet_id"],
    },
    ColumnNames {
        name: "count",
        meaning: "how many, where a row counts for several",
        aliases: &["engagements", "n", "interactions"],
    },
];

impl TableColumn for Column {
    const EXAMPLES: &'static str = "handle, at and kind";

    fn of(name: &str) -> Option<Self> {
        const ALL: [Column; 6] =
            [Column::AccountId, Column::Handle, Column::At, Column::Kind, Column::PostId, Column::Count];
        find(ENGAGEMENT_COLUMNS, name).map(|i| ALL[i])
    }

    fn name(self) -> &'static str {
        ENGAGEMENT_COLUMNS[self as usize].name
    }

    fn is_text(self) -> bool {
        !matches!(self, Self::At | Self::Count)
    }

    fn place(self) -> u32 {
        self as u32
    }
}

/// A table of engagements as it was read.
#[derive(Debug, Clone)]
pub struct EngagementTable {
    /// Who engaged.
    pub engagers: Engagers,
    /// The first rows that could not be read.
    pub rejects: Vec<Reject>,
    /// The file.
    pub file: SourceFile,
}

/// Reads a table of engagements: a row for each, or one for each account with their number.
///
/// # Errors
/// If the file cannot be read, or its header names no account, or nothing of what it did.
pub fn read_engagements(path: &Path) -> Result<EngagementTable, ImportError> {
    let mut engagers = Engagers::default();
    let needs = |columns: &[Column]| {
        let has = |wanted: &[Column]| wanted.iter().any(|c| columns.contains(c));
        match (
            has(&[Column::AccountId, Column::Handle]),
            has(&[Column::At, Column::Kind, Column::PostId, Column::Count]),
        ) {
            (true, true) => Ok(()),
            (false, _) => Err("neither a column `account_id` nor `handle`".to_owned()),
            (true, false) => Err("no column `at`, `kind`, `post_id` or `count`".to_owned()),
        }
    };
    let Ledger { file, rejects } = read_table(
        path,
        Column::of,
        needs,
        "a table of engagements with the columns account_id or handle, and at, kind, post_id or count",
        |cell| {
            let (id, handle) = (cell(Column::AccountId), cell(Column::Handle));
            if id.is_none() && handle.is_none() {
                return Err("no account_id and no handle".to_owned());
            }
            let kind = cell(Column::Kind).map_or(Ok(EngagementKind::Like), |text| {
                kind_of(&text).ok_or_else(|| {
                    let all: Vec<&str> = EngagementKind::ALL.iter().map(|k| k.name()).collect();
                    format!("kind: expected one of {}, found {}", all.join(", "), quote(&text))
                })
            })?;
            let at = cell(Column::At).map_or(Ok(None), |text| {
                let read = moment(&text).filter(|m| is_plausible(m.at)).map(|m| Some(m.at));
                read.ok_or_else(|| format!("at: expected a time such as 2024-05-01T10:00:00Z, found {}", quote(&text)))
            })?;
            let n = cell(Column::Count).map_or(Ok(1), |text| {
                text.parse::<u32>().map_err(|_| format!("count: expected a whole number, found {}", quote(&text)))
            })?;
            let (account_id, handle) = (id.as_deref(), handle.as_deref());
            engagers.take_some(&Engagement { at, account_id, handle, ..Engagement::new(kind) }, n);
            Ok(())
        },
    )?;
    Ok(EngagementTable { engagers, rejects, file })
}

/// The kind that a word is.
pub(crate) fn kind_of(text: &str) -> Option<EngagementKind> {
    let text = plain(text);
    let aliases: [(&[&str], EngagementKind); 8] = [
        (&["like", "likes", "favourite", "favorite", "reaction"], EngagementKind::Like),
        (&["comment", "comments"], EngagementKind::Comment),
        (&["reply", "answer"], EngagementKind::Reply),
        (&["mention", "tag"], EngagementKind::Mention),
        (&["repost", "retweet", "reblog", "share", "boost"], EngagementKind::Repost),
        (&["quote", "quotetweet"], EngagementKind::Quote),
        (&["message", "dm", "directmessage"], EngagementKind::Message),
        (&["save", "bookmark"], EngagementKind::Save),
    ];
    aliases.into_iter().find(|(names, _)| names.contains(&text.as_str())).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::super::tests::written;
    use super::{Column, read_engagements};
    use crate::columns::TableColumn as _;
    use assay_model::{Audience, Follow};

    #[test]
    fn engagements_are_read_row_by_row_or_counted() {
        let mut list = Audience::default();
        for handle in ["anna", "bob", "cem"] {
            list.push(&Follow { handle: Some(handle), ..Follow::default() });
        }
        let told = |name: &str, text: &str| {
            let table = read_engagements(&written(name, text)).expect("a table");
            let joined: Vec<Option<u32>> = table.engagers.join(&list).engagements.iter().collect();
            (joined, table.file.taken, table.file.rejected)
        };
        let rows = "Username,Date,Type\n@Anna,2024-05-01,comment\nanna,2024-05-02,LIKE\ncem,soon,like\nbob,2024-05-02,wave\n,2024-05-02,like\n";
        assert_eq!(told("e1.csv", rows), (vec![Some(2), Some(0), Some(0)], 2, 3));
        assert_eq!(told("e2.csv", "handle;count\nbob;7\ncem;-1\nx;2\n"), (vec![Some(0), Some(7), Some(0)], 2, 1));
    }

    #[test]
    fn the_columns_agree_with_their_names() {
        for (i, names) in super::ENGAGEMENT_COLUMNS.iter().enumerate() {
            assert_eq!(Column::of(names.name).map(|c| c as usize), Some(i));
        }
    }

    #[test]
    fn a_table_of_something_else_is_refused() {
        for (name, text, lacks) in [
            ("e3.csv", "handle,bio\nx,y\n", "no column `at`"),
            ("e4.csv", "date,kind\n2024-05-01,like\n", "neither a column"),
        ] {
            let error = read_engagements(&written(name, text)).expect_err(name).to_string();
            assert!(error.contains(lacks), "{error}");
        }
    }
}
