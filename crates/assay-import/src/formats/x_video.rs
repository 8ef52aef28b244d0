//! X analytics of video: views of each day, below a row that names the table.

use super::grid::{Figure, Means, Names, Told, account_day, each, grid};
use crate::columns::plain;
use crate::delimited::first_records;
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::Reading;
use crate::text::cell_text;
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "x-video",
    sentence: "The video overview of X analytics as CSV: views of each day.",
    source: "analytics.x.com, Video, export (X Premium)",
    quality: TimeQuality::Day,
    network: Some("x"),
    yields: Yields::Figures,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "account_analytics_video.csv",
            b"Video overview,,,,,\nDate,Views,Watch Time (ms),Completion Rate,Average Watch Time,Estimated Revenue\n\
              \"Wed, Sep 30, 2026\",120,98000,0.4,820,0\n\"Tue, Sep 29, 2026\",,,,,\n\"Mon, Sep 28, 2026\",7,1,0,1,\n",
        )],
        n_taken: 2,
    },
};

const NAMES: Names =
    &[("date", Means::Day), ("views", Means::Figure(Figure::Views)), ("videoviews", Means::Figure(Figure::Views))];

fn recognise(peek: &Peek<'_>) -> Claim {
    if !(peek.extension() == "csv" || peek.is_single()) {
        return Claim::No;
    }
    let titled =
        first_records(peek.head(), b',', 1).first().and_then(|record| Some(plain(&cell_text(record.first()?).0)));
    if titled.as_deref() != Some("videooverview") {
        return Claim::No;
    }
    let known = grid(peek.head(), NAMES).is_some_and(|g| g.columns.has(Means::Day) && g.columns.has_figures());
    if known { Claim::List } else { Claim::No }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut told = Told::default();
    for member in reading.members.clone() {
        reading.file(member, |stream, desk| {
            each(stream, desk, NAMES, |_| false, |desk, line, row| account_day(&mut told, desk, line, row))
        })?;
    }
    Ok(())
}
