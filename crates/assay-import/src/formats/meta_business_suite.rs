//! Meta Business Suite: follows of each day of a Facebook page or an Instagram account, as CSV.
//!
//! UTF-16 with a byte-order mark; `sep=,`; the name of the metric in the user's language; `"Date","Primary"`; a row a day.
//! Several metrics may stand one below the other. Days without follows may be left out: between the first and the last day
//! of a file they are zeros, and that is noted.

use super::counts::{Days, count, not_a_day};
use crate::delimited::{Next, Record, Records, first_records};
use crate::detect::{Claim, Peek};
use crate::error::{ImportError, quote};
use crate::reading::{Desk, Reading};
use crate::table::delimited::headed;
use crate::text::cell_text;
use crate::{Control, Importer, Layout, Yields};
use assay_model::when;
use assay_model::{Day, TimeQuality};
use std::io::Read;

pub(crate) const IMPORTER: Importer = Importer {
    id: "meta-business-suite",
    sentence: "Daily follows of a Facebook page or an Instagram account, from Meta Business Suite.",
    source: "business.facebook.com, Insights, Results, Follows, export as CSV",
    quality: TimeQuality::Day,
    network: None,
    yields: Yields::DayCounts,
    layout: Layout::Platform,
    recognise,
    read,
    control: Control {
        files: &[(
            "Follows.csv",
            b"\xff\xfes\0e\0p\0=\0,\0\n\0\"\0F\0o\0l\0l\0o\0w\0s\0\"\0\n\0\"\0D\0a\0t\0e\0\"\0,\0\"\0P\0r\0i\0m\0a\0r\0y\0\"\0\n\0\
              \"\x002\x000\x002\x006\0-\x000\x009\0-\x000\x002\0T\x000\x000\0:\x000\x000\0:\x000\x000\0\"\0,\0\"\x005\0\"\0\n\0",
        )],
        n_taken: 1,
    },
};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Metric {
    Follows,
    Unfollows,
    Other,
}

/// The word for follows or followers in the metric's name, in the languages that Meta writes it in.
const FOLLOW_WORDS: [&str; 16] = [
    "follow",
    "segui",
    "abonn",
    "volg",
    "takip",
    "フォロ",
    "подпис",
    "팔로",
    "关注",
    "關注",
    "追蹤",
    "obserw",
    "följ",
    "følg",
    "متابع",
    "mengikuti",
];

fn metric(title: &str) -> Metric {
    let title = title.to_lowercase();
    if !FOLLOW_WORDS.iter().any(|word| title.contains(word)) || title.contains("net ") {
        Metric::Other
    } else if ["unfollow", "dejaron", "entfolg", "désabonn", "ontvolg", "bırak", "отпис"]
        .iter()
        .any(|w| title.contains(w))
    {
        Metric::Unfollows
    } else {
        Metric::Follows
    }
}

/// What a record is in this layout.
enum Line {
    Separator,
    Title(String),
    Header,
    Row,
}

/// Tells what a record is; `after_title` if the one before was a title.
fn kind(record: &[&[u8]], after_title: bool) -> Line {
    let first = cell_text(record.first().copied().unwrap_or_default()).0;
    let filled = record.iter().filter(|c| !c.is_empty()).count();
    if first.to_lowercase().starts_with("sep=") {
        Line::Separator
    } else if filled == 1 && record.len() == 1 && when::day(&first).is_none() {
        Line::Title(first.trim().to_owned())
    } else if after_title && when::day(&first).is_none() {
        Line::Header
    } else {
        Line::Row
    }
}

/// The titles in the head of a file, if it has this layout.
fn titles(head: &[u8]) -> Option<Vec<String>> {
    let records = first_records(head, b',', 2_000);
    let mut titles = Vec::new();
    let mut n_headers = 0;
    let mut after_title = false;
    let mut marked = false;
    for record in &records {
        let cells: Vec<&[u8]> = record.iter().map(Vec::as_slice).collect();
        let line = kind(&cells, after_title);
        after_title = matches!(line, Line::Title(_));
        match line {
            Line::Separator => marked = true,
            Line::Title(title) => titles.push(title),
            Line::Header if cells.len() == 2 => {
                marked |= cell_text(cells[1]).0 == "Primary";
                n_headers += 1;
            }
            Line::Header => return None,
            Line::Row if n_headers == 0 => return None,
            Line::Row => {}
        }
    }
    (marked && n_headers > 0).then_some(titles)
}

fn recognise(peek: &Peek<'_>) -> Claim {
    if !(peek.extension() == "csv" || peek.is_single()) {
        return Claim::No;
    }
    match titles(peek.head()) {
        None => Claim::No,
        Some(titles) if titles.iter().any(|t| metric(t) != Metric::Other) || peek.base().contains("follow") => {
            Claim::List
        }
        Some(_) => Claim::Refused {
            found: "a metric of Meta Business Suite other than follows",
            hint: "in Meta Business Suite open Insights and export the chart Follows; if this is it, say --as \
                   meta-business-suite",
        },
    }
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    let mut days = Days::default();
    let mut spans = Vec::new();
    let mut pages: Vec<String> = Vec::new();
    for member in reading.members.clone() {
        let span = reading.file(member, |stream, desk| read_file(stream, desk, &mut days, &mut pages))?;
        spans.extend(span);
    }
    let n_filled: u64 = spans.into_iter().map(|(first, last)| days.fill(first, last)).sum();
    if n_filled > 0 {
        reading.note(&format!("{n_filled} days that the export leaves out were taken as days without follows"))?;
    }
    days.tell(reading)
}

/// Reads one file; returns the first and last day of its follows.
fn read_file(
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    days: &mut Days,
    pages: &mut Vec<String>,
) -> Result<Option<(Day, Day)>, ImportError> {
    let (head, stream) = headed(stream, desk)?;
    let known = titles(&head).unwrap_or_default();
    // The user insists on a file whose title is in none of the languages known here.
    let take_all = known.len() <= 1 && !known.iter().any(|t| metric(t) != Metric::Other);
    let mut records = Records::new(stream, b',', &head);
    let mut span: Option<(Day, Day)> = None;
    let mut at = if take_all { Metric::Follows } else { Metric::Other };
    let mut after_title = true;
    loop {
        match records.next().map_err(|e| desk.broken(&e))? {
            Next::End => return Ok(span),
            Next::Broken(line, why) => desk.reject(line, why)?,
            Next::Record(line, record) => {
                let cells: Vec<&[u8]> = record.cells().collect();
                let found = kind(&cells, after_title);
                after_title = matches!(found, Line::Title(_) | Line::Separator);
                match found {
                    Line::Separator | Line::Header => {}
                    Line::Title(title) => {
                        if take_all {
                            desk.note(&format!("the metric {} was taken as follows", quote(&title)))?;
                        } else {
                            at = metric(&title);
                        }
                        if at == Metric::Follows {
                            one_page(pages, title, desk.name())?;
                        }
                    }
                    Line::Row if at == Metric::Other => {}
                    Line::Row => {
                        if let Some(day) = row(line, record, at, desk, days)?
                            && at == Metric::Follows
                        {
                            span = Some(span.map_or((day, day), |(a, b)| (a.min(day), b.max(day))));
                        }
                    }
                }
            }
        }
    }
}

fn row(
    line: u64,
    record: Record<'_>,
    metric: Metric,
    desk: &mut Desk<'_>,
    days: &mut Days,
) -> Result<Option<Day>, ImportError> {
    let date = cell_text(record.cell(0)).0;
    let Some(day) = when::day(&date) else {
        desk.reject(line, not_a_day(&date))?;
        return Ok(None);
    };
    if record.len() < 2 {
        desk.reject(line, format!("expected 2 cells, found {}", record.len()))?;
        return Ok(None);
    }
    match count(record, Some(1)) {
        Ok(n) if metric == Metric::Follows => days.add(desk, line, day, n, None)?,
        Ok(n) => days.add(desk, line, day, None, n)?,
        Err(why) => desk.reject(line, why)?,
    }
    Ok(Some(day))
}

/// Follows of a Facebook page and of an Instagram account must not be added up.
fn one_page(pages: &mut Vec<String>, title: String, place: &str) -> Result<(), ImportError> {
    if pages.first().is_some_and(|first| *first != title) {
        return Err(ImportError::new(
            "daily follows of one page",
            format!("{} and {}", quote(&pages[0]), quote(&title)),
            place,
            "pass the file of one page at a time",
        ));
    }
    pages.push(title);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Metric, metric, titles};

    #[test]
    fn follows_are_known_in_many_languages_and_other_metrics_are_not_taken() {
        for title in
            ["Instagram follows", "Facebook follows", "Seguidores de Instagram", "Facebook-volgers", "フォロワー"]
        {
            assert_eq!(metric(title), Metric::Follows, "{title}");
        }
        assert_eq!(metric("Facebook unfollows"), Metric::Unfollows);
        for title in ["Views", "Reach", "Net follows", "Interactions"] {
            assert_eq!(metric(title), Metric::Other, "{title}");
        }
    }

    #[test]
    fn the_layout_is_known_by_its_lines() {
        let of = |text: &str| titles(text.as_bytes());
        assert_eq!(of("sep=,\n\"Follows\"\n\"Date\",\"Primary\"\n"), Some(vec!["Follows".to_owned()]));
        assert_eq!(
            of("\"Views\"\n\"Date\",\"Primary\"\n\"2026-01-01T00:00:00\",\"1\"\n"),
            Some(vec!["Views".to_owned()])
        );
        assert_eq!(of("date,follows\n2026-01-01,3\n"), None);
        assert_eq!(of("handle\nanna\n"), None);
        assert_eq!(of(""), None);
    }
}
