//! X analytics: the account overview as CSV, with new follows and unfollows of each day, newest first. A blank is unknown,
//! not zero.

use super::counts::{Days, Places, read_table};
use crate::columns::plain;
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::Reading;
use crate::table::delimited::{Dialect, dialect};
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "x-analytics",
    sentence: "The account overview of X analytics as CSV: new follows and unfollows of each day.",
    source: "analytics.x.com, Account overview, export (X Premium)",
    quality: TimeQuality::Day,
    network: Some("x"),
    yields: Yields::DayCounts,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "account_overview_analytics.csv",
            b"Date,Impressions,Likes,Engagements,Bookmarks,Shares,New follows,Unfollows,Replies,Reposts,Profile visits,\
              Create Post,Video views,Media views\n\
              \"Wed, Sep 30, 2026\",888,10,7,0,2,1,1,3,1,13,2,0,\n\
              \"Tue, Sep 29, 2026\",432,2,55,0,2,3,,0,1,7,1,0,\n",
        )],
        n_taken: 2,
    },
};

#[derive(Clone, Copy, PartialEq)]
enum Column {
    Date,
    NewFollows,
    Unfollows,
    Post,
}

fn of(name: &str) -> Option<Column> {
    match plain(name).as_str() {
        "date" => Some(Column::Date),
        "newfollows" => Some(Column::NewFollows),
        "unfollows" => Some(Column::Unfollows),
        "postid" | "tweetid" => Some(Column::Post),
        _ => None,
    }
}

fn recognise(peek: &Peek<'_>) -> Claim {
    if !(peek.extension() == "csv" || peek.is_single()) {
        return Claim::No;
    }
    let Some(dialect) = dialect(peek.head(), of) else { return Claim::No };
    let x_names = ["impressions", "engagements", "profilevisits"];
    let of_x = dialect.header.iter().filter(|name| x_names.contains(&plain(name).as_str())).count() == x_names.len();
    if of_x && dialect.header.iter().any(|name| of(name) == Some(Column::Post)) {
        return Claim::Refused {
            found: "X analytics of single posts",
            hint: "export the account overview, which has new follows and unfollows of each day",
        };
    }
    if of_x && layout(peek.head()).is_some() { Claim::List } else { Claim::No }
}

fn layout(head: &[u8]) -> Option<(Dialect, Places)> {
    let dialect = dialect(head, of)?;
    let place = |column| dialect.header.iter().position(|name| of(name) == Some(column));
    let (date, follows, unfollows) = (place(Column::Date)?, place(Column::NewFollows), place(Column::Unfollows));
    (follows.is_some() || unfollows.is_some()).then_some((dialect, Places { date, follows, unfollows }))
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut days = Days::default();
    for member in reading.members.clone() {
        reading.file(member, |stream, desk| read_table(stream, desk, &mut days, layout, |_| false))?;
    }
    days.tell(reading)
}
