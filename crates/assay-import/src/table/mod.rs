//! Tables with a row for each thing told, whatever their file format: what all of them share. The columns and what becomes of a
//! row are a [`Rows`]: followers ([`Gathered`]) or posts.

mod blocks;
pub(crate) mod delimited;
pub(crate) mod json;
pub(crate) mod parquet;

use crate::cell::{Cell, Clues, put};
use crate::columns::{Column, TableColumn, is_label, match_header, plain, unknown_note};
use crate::delimited::Records;
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::options::ReadOptions;
use crate::reading::{Desk, Reading};
use assay_model::{Fact, Follow};
use delimited::Layout;
use std::io::Read;

/// What is done with the rows of a kind of table.
pub(crate) trait Rows {
    /// Its columns.
    type Column: TableColumn;
    /// A row while it is filled.
    type Row<'a>: Default;

    /// Puts a cell into a row. Tells whether it held anything, or what was expected and what was found.
    fn put<'a>(&mut self, row: &mut Self::Row<'a>, column: Self::Column, cell: Cell<'a>) -> Result<bool, String>;

    /// Takes a row whose cells were read.
    fn take(&mut self, desk: &mut Desk<'_>, line: u64, row: Self::Row<'_>, n_filled: usize) -> Result<(), ImportError>;

    /// Looks at the first rows of a delimited text before they are read.
    fn begin(&mut self, shown: &Shown<'_, Self::Column>, options: &ReadOptions) {
        let _ = (shown, options);
    }

    /// A file ends: what was kept of its rows is told.
    fn end(&mut self, desk: &mut Desk<'_>) -> Result<(), ImportError> {
        let _ = desk;
        Ok(())
    }

    /// Reads the records of a delimited text behind its header.
    fn records(
        &mut self,
        records: Records<impl Read>,
        layout: &Layout<Self::Column>,
        desk: &mut Desk<'_>,
    ) -> Result<(), ImportError>
    where
        Self: Sized,
    {
        delimited::one_by_one(records, layout, desk, self)
    }

    /// What was seen beside the rows.
    fn aside(&mut self) -> &mut Aside;
}

/// The first rows of a delimited text, as they stand there.
pub(crate) struct Shown<'a, C> {
    /// Between cells.
    pub(crate) delimiter: u8,
    /// The known columns and where they stand.
    pub(crate) columns: &'a [(usize, C)],
    /// Their cells.
    pub(crate) rows: &'a [Vec<String>],
}

impl<C: TableColumn> Shown<'_, C> {
    /// The cells of the columns that `wanted` holds for.
    pub(crate) fn cells(&self, wanted: impl Fn(C) -> bool) -> impl Iterator<Item = &str> {
        let places: Vec<usize> = self.columns.iter().filter(|(_, c)| wanted(*c)).map(|(i, _)| *i).collect();
        self.rows.iter().flat_map(move |row| places.clone().into_iter().filter_map(|i| row.get(i).map(String::as_str)))
    }
}

/// What the files of a table showed beside their rows.
#[derive(Default)]
pub(crate) struct Aside {
    pub(crate) unknown: Vec<String>,
    pub(crate) n_cp1252: u64,
}

impl Aside {
    /// Tells of columns that are not used, and of rows in another encoding.
    pub(crate) fn tell(self, reading: &mut Reading<'_>) -> Result<(), ImportError> {
        if let Some(note) = unknown_note(self.unknown) {
            reading.note(&note)?;
        }
        if self.n_cp1252 > 0 {
            reading.note(&format!("{} rows are not UTF-8 and were read as Windows-1252", self.n_cp1252))?;
        }
        Ok(())
    }
}

const EXTENSIONS: [&str; 9] = ["csv", "tsv", "tab", "txt", "json", "jsonl", "ndjson", "parquet", "pq"];

/// Whether a file is a table whose column names `accepts` holds for.
pub(crate) fn recognise<C: TableColumn>(peek: &Peek<'_>, accepts: fn(&[String]) -> bool) -> bool {
    if !peek.is_single() && !EXTENSIONS.contains(&peek.extension()) {
        return false;
    }
    let map = &peek.bundle.options_of(peek.member).headers;
    if peek.raw().starts_with(parquet::MAGIC) {
        let named = |names: Vec<String>| names.iter().map(|name| map.named(name).to_owned()).collect::<Vec<_>>();
        return parquet::names(peek.bundle, peek.member).is_some_and(|names| accepts(&named(names)));
    }
    match json::shape::<C>(peek.head(), map) {
        Some((_, keys)) => !keys.is_empty() && accepts(&keys),
        None => delimited::dialect_as(peek.head(), C::of, map).is_some_and(|d| accepts(&d.header)),
    }
}

/// Whether an empty file, an empty list or a packed Parquet file, which keeps its names to itself until it is read, may be
/// taken for such a table.
pub(crate) fn may_be(peek: &Peek<'_>) -> Claim {
    let takes = if peek.raw().starts_with(parquet::MAGIC) {
        let is_closed = parquet::names(peek.bundle, peek.member).is_none();
        is_closed && (peek.is_single() || peek.extension() == "parquet")
    } else if peek.head().iter().all(u8::is_ascii_whitespace) {
        peek.is_single() && EXTENSIONS.contains(&peek.extension()) && peek.extension() != "txt"
    } else {
        peek.is_single() && peek.head().iter().copied().filter(|b| !b.is_ascii_whitespace()).eq(*b"[]")
    };
    if takes { Claim::List } else { Claim::No }
}

/// Reads the members that were claimed, each by the file format it is in.
pub(crate) fn read<T: Rows>(reading: &mut Reading<'_>, rows: &mut T) -> Result<(), ImportError> {
    let bundle = reading.bundle;
    for member in reading.members.clone() {
        let raw = bundle.head(member)?;
        let head = reading.head(member);
        reading.file(member, |stream, desk| {
            if raw.starts_with(parquet::MAGIC) {
                parquet::read(bundle, member, stream, desk, rows)
            } else if json::shape::<T::Column>(&head, &desk.options().headers).is_some() {
                json::read(stream, desk, rows)
            } else {
                delimited::read(stream, desk, rows)
            }?;
            rows.end(desk)
        })?;
    }
    Ok(())
}

/// What the rows of a follower table have shown, over all files of a list.
#[derive(Default)]
pub(crate) struct Gathered {
    pub(crate) clues: Clues,
    pub(crate) aside: Aside,
}

impl Rows for Gathered {
    type Column = Column;
    type Row<'a> = Follow<'a>;

    fn put<'a>(&mut self, row: &mut Follow<'a>, column: Column, cell: Cell<'a>) -> Result<bool, String> {
        put(row, column, cell, &mut self.clues)
    }

    /// Takes a row, unless it says nothing or names an account met before.
    fn take(&mut self, desk: &mut Desk<'_>, line: u64, follow: Follow<'_>, n_filled: usize) -> Result<(), ImportError> {
        if n_filled == 0 {
            return desk.reject(line, SAYS_NOTHING);
        }
        self.clues.look(&follow);
        desk.follow(line, follow)
    }

    fn records(
        &mut self,
        records: Records<impl Read>,
        layout: &Layout<Column>,
        desk: &mut Desk<'_>,
    ) -> Result<(), ImportError> {
        blocks::read(records, layout, desk, self)
    }

    fn aside(&mut self) -> &mut Aside {
        &mut self.aside
    }
}

impl Gathered {
    /// Says what was seen of the whole list.
    pub(crate) fn conclude(self, reading: &mut Reading<'_>) -> Result<(), ImportError> {
        let (quality, order) = self.clues.conclude();
        reading.tell(Fact::Quality(quality))?;
        reading.tell(Fact::Order(order))?;
        self.aside.tell(reading)?;
        if let Some(note) = self.clues.clock.note() {
            reading.note(&note)?;
        }
        Ok(())
    }
}

/// Why a row without a value is rejected.
const SAYS_NOTHING: &str = "every known column is empty";

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
