//! YouTube Studio: figures by date, without subscribers gained and lost: `Table data.csv` by date, or `Totals.csv`.

use super::grid::{Means, Told, account_day, each};
use super::youtube_studio::{NAMES, chosen, is_studio, is_total, layout};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::reading::Reading;
use crate::{Control, Importer, Layout, Yields};
use assay_model::TimeQuality;

pub(crate) const IMPORTER: Importer = Importer {
    id: "youtube-days",
    sentence: "YouTube Studio figures by date: views, impressions and what else the view shows.",
    source: "studio.youtube.com, Analytics, Advanced mode, breakdown Date, export as CSV",
    quality: TimeQuality::Day,
    network: Some("youtube"),
    yields: Yields::Figures,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[("Totals.csv", b"Date,Views\n2026-09-08,120\n2026-09-09,\n2026-09-10,1\n")],
        n_taken: 2,
    },
};

fn recognise(peek: &Peek<'_>) -> Claim {
    let Some(grid) = layout(peek) else { return Claim::No };
    let has = |means| grid.columns.has(means);
    let counts = has(Means::Gained) || has(Means::Lost) || has(Means::Post) || has(Means::Text);
    if has(Means::Day) && grid.columns.has_figures() && !counts && is_studio(peek, &grid) {
        Claim::List
    } else {
        Claim::No
    }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut told = Told::default();
    for member in chosen(reading) {
        reading.file(member, |stream, desk| {
            each(stream, desk, NAMES, is_total, |desk, line, row| account_day(&mut told, desk, line, row))
        })?;
    }
    Ok(())
}
