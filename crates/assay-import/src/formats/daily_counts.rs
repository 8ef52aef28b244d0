//! Any table with a day a row and how many followed, and perhaps unfollowed, on it.

use super::counts::{Days, Places, read_table};
use crate::columns::{CountColumn, match_header, unknown_note};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::Reading;
use crate::table::delimited::{Dialect, dialect};
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "daily-counts",
    sentence: "A table with a day a row: date, follows and, if known, unfollows.",
    source: "column names in `assay formats --columns`",
    quality: TimeQuality::Day,
    network: None,
    yields: Yields::DayCounts,
    layout: Layout::Columns,
    recognise,
    read,
    control: Control {
        files: &[("growth.csv", b"Date;New followers;Unfollows\n2026-03-01;12;3\n2026-03-02;;1\n2026-03-03;1,204;0\n")],
        n_taken: 3,
    },
};

fn recognise(peek: &Peek<'_>) -> Claim {
    let plausible = matches!(peek.extension(), "csv" | "tsv" | "txt" | "tab") || peek.is_single();
    if plausible && layout(peek.head()).is_some() { Claim::List } else { Claim::No }
}

fn layout(head: &[u8]) -> Option<(Dialect, Places)> {
    let dialect = dialect(head, CountColumn::of)?;
    let (known, _) = match_header(dialect.header.iter().map(String::as_str), CountColumn::of);
    let place = |column| known.iter().position(|c| *c == Some(column));
    let (follows, unfollows) = (place(CountColumn::Follows), place(CountColumn::Unfollows));
    let date = place(CountColumn::Date)?;
    (follows.is_some() || unfollows.is_some()).then_some((dialect, Places { date, follows, unfollows }))
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut days = Days::default();
    let mut ignored = Vec::new();
    for member in reading.members.clone() {
        reading.file(member, |stream, desk| read_table(stream, desk, &mut days, layout))?;
        if let Some((dialect, _)) = layout(&reading.head(member)) {
            ignored.extend(match_header(dialect.header.iter().map(String::as_str), CountColumn::of).1);
        }
    }
    if let Some(note) = unknown_note(ignored) {
        reading.note(&note)?;
    }
    days.tell(reading)
}
