//! YouTube Studio: figures by date, with subscribers gained and lost.
//!
//! Studio exports a zip of three tables. `Table data.csv` has a row a day when the breakdown is Date; its first row is a
//! total. Without the two subscriber columns there is nothing to read, and the user is told what to export.

use super::counts::{Days, Places, read_table};
use crate::columns::plain;
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::Reading;
use crate::table::delimited::{Dialect, dialect};
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;
use assay_model::when;

pub(crate) const IMPORTER: Importer = Importer {
    id: "youtube-studio",
    sentence: "YouTube Studio figures by date, with subscribers gained and lost.",
    source: "studio.youtube.com, Analytics, Advanced mode, breakdown Date, export as CSV",
    quality: TimeQuality::Day,
    network: Some("youtube"),
    yields: Yields::DayCounts,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "Table data.csv",
            b"Date,Views,Subscribers gained,Subscribers lost\nTotal,300,17,3\n2026-09-01,120,12,1\n2026-09-02,180,5,2\n",
        )],
        n_taken: 2,
    },
};

#[derive(Clone, Copy, PartialEq)]
enum Column {
    Date,
    Gained,
    Lost,
    /// A column that makes a row about a video rather than a day.
    Video,
}

fn of(name: &str) -> Option<Column> {
    match plain(name).as_str() {
        "date" | "datum" | "fecha" | "data" | "tarih" | "日付" => Some(Column::Date),
        "subscribersgained"
        | "gewonneneabonnenten"
        | "suscriptoresobtenidos"
        | "suscriptoresganados"
        | "abonnésgagnés"
        | "iscrittiacquisiti"
        | "inscritosrecebidos"
        | "gewonnenabonnees" => Some(Column::Gained),
        "subscriberslost"
        | "verloreneabonnenten"
        | "suscriptoresperdidos"
        | "abonnésperdus"
        | "iscrittipersi"
        | "inscritosperdidos"
        | "verlorenabonnees" => Some(Column::Lost),
        "content" | "video" | "videotitle" | "videopublishtime" => Some(Column::Video),
        _ => None,
    }
}

fn recognise(peek: &Peek<'_>) -> Claim {
    if !(peek.extension() == "csv" || peek.is_single()) {
        return Claim::No;
    }
    if layout(peek.head()).is_some() {
        return Claim::List;
    }
    let of_studio = matches!(peek.base(), "table data.csv" | "chart data.csv" | "totals.csv");
    if of_studio && dialect(peek.head(), of).is_some() {
        return Claim::Refused {
            found: "YouTube Studio figures without subscribers gained and lost by date",
            hint: "in YouTube Studio open Analytics, Advanced mode; choose the breakdown Date and the metrics Subscribers \
                   gained and Subscribers lost; export the current view as CSV",
        };
    }
    Claim::No
}

fn layout(head: &[u8]) -> Option<(Dialect, Places)> {
    let dialect = dialect(head, of)?;
    let place = |column| dialect.header.iter().position(|name| of(name) == Some(column));
    if place(Column::Video).is_some() {
        return None;
    }
    let (date, follows, unfollows) = (place(Column::Date)?, place(Column::Gained), place(Column::Lost));
    (follows.is_some() || unfollows.is_some()).then_some((dialect, Places { date, follows, unfollows }))
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut days = Days::default();
    let members = reading.members.clone();
    let base = |m: usize| crate::bundle::base_name(&reading.bundle.members[m].path).to_lowercase();
    let root = |m: usize| reading.bundle.members[m].root;
    // `Totals.csv` beside `Table data.csv` says the same again.
    let chosen: Vec<usize> = members
        .iter()
        .copied()
        .filter(|m| {
            base(*m) == "table data.csv"
                || !members.iter().any(|o| root(*o) == root(*m) && base(*o) == "table data.csv")
        })
        .collect();
    for member in chosen {
        reading.file(member, |stream, desk| {
            read_table(stream, desk, &mut days, layout, |first| when::day(first).is_none())
        })?;
    }
    days.tell(reading)
}
