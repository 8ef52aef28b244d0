//! A table with an engagement a row: who, when, with which post.

use crate::beside::{EngagementColumn as Column, kind_of};
use crate::cell::{Cell, Instant, instant, integer, settled, shown, text, wrong};
use crate::columns::{TableColumn as _, match_header, plain};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::options::Clock;
use crate::reading::{Desk, Reading};
use crate::table::{self, Aside, Rows};
use crate::{Control, Importer, Layout, Yields};
use assay_model::{Engagement, EngagementKind, Fact, TimeMs, TimeQuality};

pub(crate) const IMPORTER: Importer = Importer {
    id: "engagements",
    sentence: "A table with an engagement a row: the account, the time, and the kind or the post.",
    source: "column names in `assay formats --columns`",
    quality: TimeQuality::Exact,
    network: None,
    yields: Yields::Engagements,
    layout: Layout::Columns,
    recognise,
    read,
    control: Control {
        files: &[
            (
                "engagements.csv",
                b"Username,Date,Type,Post ID,Mood\n@anna,2026-03-01T10:20:30Z,comment,p1,glad\n\
                  bob,2026-03-02 18:00,LIKE,p1,\n",
            ),
            ("more.json", b"[{\"user_id\":7,\"created_at\":\"2026-03-03T09:00:00Z\",\"action\":\"retweet\"}]"),
        ],
        n_taken: 3,
    },
};

/// Columns that no table of engagements has, and other tables with an account and a time do.
const FOREIGN: [&str; 25] = [
    "followers",
    "followerscount",
    "following",
    "followedat",
    "followrank",
    "bio",
    "posts",
    "likes",
    "comments",
    "shares",
    "reach",
    "impressions",
    "views",
    "orderid",
    "customerid",
    "total",
    "spend",
    "campaign",
    "rank",
    "probability",
    "label",
    "class",
    "source",
    "target",
    "hasavatar",
];

fn recognise(peek: &Peek<'_>) -> Claim {
    if table::recognise::<Column>(peek, is_engagement_header) { Claim::List } else { Claim::No }
}

/// Whether columns of these names look like a table of engagements.
fn is_engagement_header(names: &[String]) -> bool {
    let (known, _) = match_header(names.iter().map(String::as_str), Column::of);
    let has = |column| known.contains(&Some(column));
    let is_foreign = names.iter().any(|n| FOREIGN.contains(&plain(n).as_str()));
    let names_account = has(Column::AccountId) || has(Column::Handle);
    names_account && has(Column::At) && (has(Column::Kind) || has(Column::PostId)) && !is_foreign
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut rows = EngagementRows { clock: Clock::new(reading.bundle.options()), ..EngagementRows::default() };
    table::read(reading, &mut rows)?;
    rows.aside.tell(reading)?;
    if rows.n_kindless > 0 {
        reading.note(&format!("{} engagements of no kind were taken as likes", rows.n_kindless))?;
    }
    if let Some(note) = rows.clock.note() {
        reading.note(&note)?;
    }
    Ok(())
}

/// What the rows of a table of engagements have shown.
#[derive(Default)]
struct EngagementRows {
    aside: Aside,
    clock: Clock,
    n_kindless: u64,
}

/// A row while it is filled.
#[derive(Default)]
struct Filling<'a> {
    account_id: Option<&'a str>,
    handle: Option<&'a str>,
    at: Option<TimeMs>,
    kind: Option<EngagementKind>,
    post_id: Option<&'a str>,
    count: Option<u32>,
}

impl Rows for EngagementRows {
    type Column = Column;
    type Row<'a> = Filling<'a>;

    fn put<'a>(&mut self, row: &mut Filling<'a>, column: Column, cell: Cell<'a>) -> Result<bool, String> {
        let cell = settled(column, cell)?;
        if matches!(cell, Cell::Missing) {
            return Ok(false);
        }
        let clash = |expected: &str| wrong(column, expected, &shown(cell));
        let said = text(cell).map(str::trim).filter(|t| !t.is_empty());
        match column {
            Column::AccountId => row.account_id = said,
            Column::Handle => row.handle = said,
            Column::PostId => row.post_id = said,
            Column::At => {
                let Instant::At(time) = instant(cell) else { return Err(clash("a time such as 2026-05-01T12:00:00Z")) };
                row.at = Some(self.clock.at(time));
            }
            Column::Kind => {
                if let Some(said) = said {
                    let names: Vec<&str> = EngagementKind::ALL.iter().map(|k| k.name()).collect();
                    row.kind = Some(kind_of(said).ok_or_else(|| clash(&format!("one of {}", names.join(", "))))?);
                }
            }
            Column::Count => row.count = Some(integer(cell).ok_or_else(|| clash("a whole number"))?),
        }
        Ok(said.is_some() || !column.is_text())
    }

    fn take(&mut self, desk: &mut Desk<'_>, line: u64, row: Filling<'_>, _: usize) -> Result<(), ImportError> {
        if row.account_id.is_none() && row.handle.is_none() {
            return desk.reject(line, "expected an account_id or a handle, found nothing");
        }
        if row.at.is_none() {
            return desk.reject(line, "expected a time (at), found nothing");
        }
        if row.count.is_some_and(|n| n != 1) {
            return desk.reject(line, "expected one engagement a row (a count of 1), found another count");
        }
        self.n_kindless += u64::from(row.kind.is_none());
        let Filling { account_id, handle, at, post_id, .. } = row;
        let kind = row.kind.unwrap_or(EngagementKind::Like);
        let source = desk.row(line);
        desk.take(Fact::Engagement(Engagement { at, account_id, handle, post_id, source, ..Engagement::new(kind) }))
    }

    fn aside(&mut self) -> &mut Aside {
        &mut self.aside
    }
}

#[cfg(test)]
mod tests {
    use super::is_engagement_header;
    use crate::samples::run_files;

    #[test]
    fn tables_of_engagements_are_told_from_others() {
        let header = |text: &str| text.split(',').map(str::to_owned).collect::<Vec<_>>();
        for text in ["handle,at,kind", "Username,Date,Type,Comment", "user_id,post_id,timestamp", "author,time,post"] {
            assert!(is_engagement_header(&header(text)), "{text}");
        }
        for text in [
            "handle,at",
            "handle,kind",
            "at,kind",
            "account_id,handle,created_at,followers,type",
            "post_id,author,created_at,likes,impressions",
            "source,target,at",
            "",
        ] {
            assert!(!is_engagement_header(&header(text)), "{text}");
        }
    }

    #[test]
    fn bad_rows_are_counted_and_a_row_of_no_kind_is_a_like() {
        let table = b"handle,at,kind,count\nanna,2026-01-01,like,1\n,2026-01-01,like,1\nbob,soon,like,\n\
            bob,,like,\nbob,2026-01-01,wave,\nbob,2026-01-01,like,7\nbob,2026-01-01,,\n";
        let kept = run_files(&[("e.csv", table)]).expect("a table");
        assert_eq!((kept.others.len(), kept.rejects.len()), (2, 5), "{:?}", kept.rejects);
        assert!(kept.notes.iter().any(|n| n.contains("1 engagements of no kind")), "{:?}", kept.notes);
    }
}
