//! Google Analytics 4: lines that begin with `#`, then a table; several of both in one file.
//!
//! A table stands behind lines of comment or a blank line, with a header of its own and the days that the comment above names. Tables
//! whose rows are by neither source, campaign, page nor day are left out.

use crate::delimited::{Next, Records};
use crate::detect::{Claim, Peek};
use crate::error::ImportError;
use crate::export::{self, Field, Holds, Layout as Table, Names, Row, cells, named};
use crate::reading::{Desk, Reading};
use crate::table::delimited::headed;
use crate::text::cell_text;
use crate::{Control, Importer, Layout, ReadOptions, Yields};
use assay_model::{Day, Fact, TimeQuality, VisitRow};
use std::io::Read;

pub(crate) const IMPORTER: Importer = Importer {
    id: "ga4",
    sentence: "A report of Google Analytics 4.",
    source: "analytics.google.com, Reports, Traffic acquisition, Share, Download as CSV",
    quality: TimeQuality::Day,
    network: None,
    yields: Yields::Visits,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "traffic.csv",
            b"# ----------------------------------------\n# Traffic acquisition\n# Account: Roastery\n\
              # ----------------------------------------\n#\n# All Users\n# Start date: 20260901\n# End date: 20260930\n\
              Session source / medium,Sessions,Engaged sessions,Key events,Total revenue\n\
              instagram / social,320,180,9,193.5\n(direct) / (none),210,120,6,129\n\n\
              Landing page,Sessions,Key events\n/shop,90,4\n",
        )],
        n_taken: 3,
    },
};

#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(usize)]
enum Of {
    Day,
    SourceMedium,
    Source,
    Medium,
    Campaign,
    Page,
    Visitors,
    Visits,
    Engaged,
    Views,
    Conversions,
    Revenue,
}

impl Field for Of {
    fn place(self) -> usize {
        self as usize
    }

    fn holds(self) -> Holds {
        match self {
            Self::Day => Holds::Time,
            Self::SourceMedium | Self::Source | Self::Medium | Self::Campaign | Self::Page => Holds::Text,
            _ => Holds::Number,
        }
    }
}

const NAMES: Names<Of> = &[
    (Of::Day, &["Date", "Datum", "Fecha", "Data", "Tarih", "日付"]),
    (
        Of::SourceMedium,
        &[
            "Session source / medium",
            "First user source / medium",
            "Sitzung – Quelle/Medium",
            "Fuente/medio de la sesión",
            "Sorgente/mezzo sessione",
            "Origem/mídia da sessão",
        ],
    ),
    (Of::Source, &["Session source", "First user source", "Session manual source"]),
    (
        Of::Medium,
        &[
            "Session medium",
            "First user medium",
            "Session default channel group",
            "Session primary channel group (Default Channel Group)",
        ],
    ),
    (Of::Campaign, &["Session campaign", "First user campaign", "Session manual campaign name"]),
    (Of::Page, &["Landing page", "Landing page + query string", "Page path and screen class", "Page path"]),
    (Of::Visitors, &["Total users", "Active users", "Users"]),
    (Of::Visits, &["Sessions", "Sitzungen", "Sesiones", "Sessioni", "Sessões", "Sessies"]),
    (Of::Engaged, &["Engaged sessions", "Sitzungen mit Interaktionen"]),
    (Of::Views, &["Views", "Screen page views"]),
    (Of::Conversions, &["Key events", "Conversions"]),
    (Of::Revenue, &["Total revenue", "Purchase revenue"]),
];

fn of(header: &str) -> Option<Of> {
    named(NAMES, header)
}

fn recognise(peek: &Peek<'_>) -> Claim {
    let Ok(head) = std::str::from_utf8(peek.head()) else { return Claim::No };
    let dated = head.lines().take(40).any(|line| comment_day(line, "Start date:").is_some());
    let is_one = head.starts_with("# --") && dated && (peek.extension() == "csv" || peek.is_single());
    if is_one { Claim::List } else { Claim::No }
}

/// The day of a line such as `# Start date: 20260901`.
fn comment_day(line: &str, what: &str) -> Option<Day> {
    let said = line.trim_start_matches(['#', ' ']).strip_prefix(what)?;
    cells::day(said.trim().trim_matches('"'), None).ok()
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    for member in reading.members.clone() {
        let options = reading.bundle.options_of(member).clone();
        reading.file(member, |stream, desk| read_file(stream, desk, &options))?;
    }
    Ok(())
}

/// What is being read.
enum State {
    /// The next line that is no comment is a header.
    Header,
    /// Rows of this table.
    Rows(Box<Table<Of>>),
    /// Rows of a table that is not taken.
    Passing,
}

fn read_file(stream: &mut dyn Read, desk: &mut Desk<'_>, options: &ReadOptions) -> Result<(), ImportError> {
    let (head, stream) = headed(stream, desk)?;
    let mut records = Records::new(stream, b',', &head);
    let (mut first, mut last) = (None, None);
    let mut state = State::Header;
    let mut line_before = 0;
    loop {
        let (line, cells) = match records.next().map_err(|e| desk.broken(&e))? {
            Next::End => return Ok(()),
            Next::Broken(line, why) => {
                desk.reject(line, why)?;
                continue;
            }
            Next::Record(line, record) => {
                (line, record.cells().map(|c| cell_text(c).0.into_owned()).collect::<Vec<_>>())
            }
        };
        let gap = line > line_before + 1;
        line_before = line;
        if cells[0].starts_with('#') {
            first = comment_day(&cells[0], "Start date:").or(first);
            last = comment_day(&cells[0], "End date:").or(last);
            state = State::Header;
            continue;
        }
        if gap || matches!(state, State::Header) {
            let table = export::of_header(&cells, of, options);
            let dimensions = [Of::Day, Of::SourceMedium, Of::Source, Of::Medium, Of::Campaign, Of::Page];
            let is_taken = dimensions.iter().any(|field| table.has(*field))
                && [Of::Visits, Of::Visitors, Of::Views].iter().any(|field| table.has(*field));
            if !is_taken {
                desk.note("a table of the report is by neither source, campaign, page nor day, and was left out")?;
            }
            state = if is_taken { State::Rows(Box::new(table)) } else { State::Passing };
            continue;
        }
        if let State::Rows(table) = &state {
            match visits(&Row::of_cells(table, &cells), first.zip(last)) {
                Ok(None) => {}
                Ok(Some(told)) => desk.take(Fact::Visit(VisitRow { source: desk.row(line), ..told.row() }))?,
                Err(why) => desk.reject(line, why)?,
            }
        }
    }
}

/// A row, its texts its own.
struct Told {
    texts: [Option<String>; 4],
    figures: VisitRow<'static>,
}

impl Told {
    fn row(&self) -> VisitRow<'_> {
        let [came_from, medium, campaign, page] = &self.texts;
        VisitRow {
            came_from: came_from.as_deref(),
            medium: medium.as_deref(),
            campaign: campaign.as_deref(),
            page: page.as_deref(),
            ..self.figures
        }
    }
}

/// What a row says; `None` for a row of totals.
fn visits(row: &Row<'_, Of>, period: Option<(Day, Day)>) -> Result<Option<Told>, String> {
    let text = |field| row.text(field).map(std::borrow::Cow::into_owned);
    let both = text(Of::SourceMedium);
    let (source, medium) = match both.as_deref().map(|both| both.split_once(" / ").unwrap_or((both, ""))) {
        Some((source, medium)) => (Some(source.to_owned()), Some(medium.to_owned()).filter(|m| !m.is_empty())),
        None => (text(Of::Source), text(Of::Medium)),
    };
    let texts = [source, medium, text(Of::Campaign), text(Of::Page)];
    let day = row.day(Of::Day)?;
    let is_total = texts.iter().flatten().any(|t| matches!(t.as_str(), "Grand total" | "Totals" | "Total"));
    if is_total || texts.iter().all(Option::is_none) && day.is_none() {
        return Ok(None);
    }
    let days = day.map(|day| (day, day)).or(period);
    Ok(Some(Told {
        texts,
        figures: VisitRow {
            from: days.map(|d| d.0),
            to: days.map(|d| d.1),
            visitors: row.count(Of::Visitors)?,
            visits: row.count(Of::Visits)?,
            page_views: row.count(Of::Views)?,
            engaged_visits: row.count(Of::Engaged)?,
            conversions: row.number(Of::Conversions)?,
            revenue: row.amount(Of::Revenue)?,
            ..VisitRow::default()
        },
    }))
}

#[cfg(test)]
mod tests {
    use crate::samples::{open, run, shared};

    #[test]
    fn samples() {
        let Some(folder) = shared("exports/web") else { return };
        let kept = run(&open(folder.join("ga4_traffic_acquisition.csv"))).expect("a report");
        assert_eq!((kept.others.len(), kept.rejects.len()), (3, 0), "{kept:?}");
        let first = &kept.others[0];
        assert!(first.contains("came_from: Some(\"instagram\"), medium: Some(\"social\")"), "{first}");
        assert!(
            first.contains("visits: Some(320)") && first.contains("from: Some(Day(20697)), to: Some(Day(20726))"),
            "{first}"
        );
    }
}
