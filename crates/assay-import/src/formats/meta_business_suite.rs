//! Meta Business Suite: follows of each day of a Facebook page or an Instagram account, as CSV, and other metrics beside them.
//!
//! UTF-16 with a byte-order mark; `sep=,`; the name of the metric in the user's language; `"Date","Primary"`; a row a day.
//! Several metrics may stand one below the other; a title that is not known is told and left out. Days without follows may be left out: between the first and the last day
//! of a file they are zeros, and that is noted.

use super::counts::{Days, count, not_a_day};
use super::grid::{Columns, Figure, Means, Row, Told};
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
    sentence: "Daily follows of a Facebook page or an Instagram account, from Meta Business Suite, and figures beside them.",
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

/// What a metric counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Metric {
    Follows,
    Unfollows,
    Figure(Figure),
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

/// Words in the names of other metrics, looked for in this order: a viewer is somebody reached, a view is not.
const FIGURE_WORDS: [(Figure, &[&str]); 6] = [
    (Figure::Clicks, &["clic", "cliq", "klick", "klik", "tıkla", "クリック", "клик", "클릭", "点击", "點擊"]),
    (Figure::Engagements, &["intera", "etkile", "インタラクション", "взаимодейств", "互动", "互動"]),
    (Figure::ProfileVisits, &["visit", "besuch", "bezoek", "ziyaret", "訪問", "アクセス", "посещ", "odwiedz", "방문"]),
    (
        Figure::Reach,
        &[
            "reach",
            "viewer",
            "reichweite",
            "alcance",
            "couverture",
            "portée",
            "copertura",
            "bereik",
            "erişim",
            "リーチ",
            "охват",
            "zasięg",
            "räckvidd",
            "도달",
            "覆盖",
        ],
    ),
    (
        Figure::Views,
        &[
            "view",
            "aufruf",
            "visuali",
            "reproduc",
            "vues",
            "weergav",
            "görüntüle",
            "閲覧",
            "視聴",
            "просмотр",
            "wyświetl",
            "조회",
            "浏览",
            "瀏覽",
        ],
    ),
    (Figure::Impressions, &["impress", "impresion", "vertoning", "gösterim", "インプレッション", "показ", "노출"]),
];

/// Words that make a metric a part of another, such as views of three seconds, or reach that was paid for.
const PART_WORDS: [&str; 12] = [
    "net ",
    "second",
    "minut",
    "sekund",
    "segund",
    "paid",
    "organic",
    "organisch",
    "bezahlt",
    "from ads",
    "rate",
    "avg",
];

pub(super) fn metric(title: &str) -> Metric {
    let title = title.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| title.contains(word));
    if says(&PART_WORDS) || title.chars().any(|c| c.is_ascii_digit()) {
        Metric::Other
    } else if says(&FOLLOW_WORDS) {
        let lost = ["unfollow", "dejaron", "entfolg", "désabonn", "ontvolg", "bırak", "отпис"];
        if says(&lost) { Metric::Unfollows } else { Metric::Follows }
    } else {
        let found = FIGURE_WORDS.iter().find(|(_, words)| says(words));
        found.map_or(Metric::Other, |(figure, _)| Metric::Figure(*figure))
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
    match layout(peek) {
        Some(titles) if titles.iter().any(|t| is_count(t)) || peek.base().contains("follow") => Claim::List,
        _ => Claim::No,
    }
}

/// The titles of a file of this layout.
pub(super) fn layout(peek: &Peek<'_>) -> Option<Vec<String>> {
    (peek.extension() == "csv" || peek.is_single()).then(|| titles(peek.head())).flatten()
}

fn is_count(title: &str) -> bool {
    matches!(metric(title), Metric::Follows | Metric::Unfollows)
}

fn read(reading: &mut Reading<'_>) -> Result<(), ImportError> {
    read_all(reading, true)
}

/// Reads all metrics of all files. `insist`: a file of one metric whose name is not known holds follows.
pub(super) fn read_all(reading: &mut Reading<'_>, insist: bool) -> Result<(), ImportError> {
    let mut found = Found { insist, ..Found::default() };
    let mut spans = Vec::new();
    for member in reading.members.clone() {
        let span = reading.file(member, |stream, desk| read_file(stream, desk, &mut found))?;
        spans.extend(span);
    }
    let n_filled: u64 = spans.into_iter().map(|(first, last)| found.days.fill(first, last)).sum();
    if n_filled > 0 {
        reading.note(&format!("{n_filled} days that the export leaves out were taken as days without follows"))?;
    }
    found.days.tell(reading)
}

/// What the files have told so far.
#[derive(Default)]
struct Found {
    days: Days,
    told: Told,
    /// The titles met, by which pages are told apart.
    titles: Vec<String>,
    insist: bool,
}

/// Reads one file; returns the first and last day of its follows.
fn read_file(stream: &mut dyn Read, desk: &mut Desk<'_>, found: &mut Found) -> Result<Option<(Day, Day)>, ImportError> {
    let (head, stream) = headed(stream, desk)?;
    let known = titles(&head).unwrap_or_default();
    // The user insists on a file whose title is in none of the languages known here.
    let take_all = found.insist && known.len() <= 1 && !known.iter().any(|t| metric(t) != Metric::Other);
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
                let what = kind(&cells, after_title);
                after_title = matches!(what, Line::Title(_) | Line::Separator);
                match what {
                    Line::Separator | Line::Header => {}
                    Line::Title(title) => {
                        at = if take_all { Metric::Follows } else { metric(&title) };
                        if take_all {
                            desk.note(&format!("the metric {} was taken as follows", quote(&title)))?;
                        } else if at == Metric::Other {
                            desk.note(&format!("the metric {} is not known and was left out", quote(&title)))?;
                        }
                        one_page(&mut found.titles, title, at, desk.name())?;
                    }
                    Line::Row if at == Metric::Other => {}
                    Line::Row => {
                        if let Some(day) = row(line, record, at, desk, found)?
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
    found: &mut Found,
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
    if let Metric::Figure(figure) = metric {
        let columns = Columns::at(1, Means::Figure(figure));
        let cells = [date, cell_text(record.cell(1)).0];
        match (Row { columns: &columns, cells: &cells }).figures() {
            Ok(figures) => found.told.account_day(desk, line, day, None, figures)?,
            Err(why) => desk.reject(line, why)?,
        }
        return Ok(Some(day));
    }
    match count(record, Some(1)) {
        Ok(n) if metric == Metric::Follows => drop(found.days.add(desk, line, day, n, None)?),
        Ok(n) => drop(found.days.add(desk, line, day, None, n)?),
        Err(why) => desk.reject(line, why)?,
    }
    Ok(Some(day))
}

/// Figures of a Facebook page and of an Instagram account must not be added up.
fn one_page(titles: &mut Vec<String>, title: String, metric: Metric, place: &str) -> Result<(), ImportError> {
    let network = |title: &str| {
        let title = title.to_lowercase();
        ["facebook", "instagram"].into_iter().find(|name| title.contains(name))
    };
    let clashes = |other: &&String| {
        let both_follows = metric == Metric::Follows && self::metric(other) == Metric::Follows;
        (both_follows && **other != title)
            || network(other).zip(network(&title)).is_some_and(|(there, here)| there != here)
    };
    if let Some(other) = titles.iter().find(clashes) {
        return Err(ImportError::new(
            "figures of one page",
            format!("{} and {}", quote(other), quote(&title)),
            place,
            "pass the files of one page at a time",
        ));
    }
    // A hostile file may hold any number of titles.
    if titles.len() < 100 {
        titles.push(title);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{Figure, Metric, metric, titles};
    use crate::samples::run_files;

    #[test]
    fn follows_are_known_in_many_languages_and_other_metrics_are_not_taken() {
        for title in
            ["Instagram follows", "Facebook follows", "Seguidores de Instagram", "Facebook-volgers", "フォロワー"]
        {
            assert_eq!(metric(title), Metric::Follows, "{title}");
        }
        assert_eq!(metric("Facebook unfollows"), Metric::Unfollows);
        for title in ["Net follows", "Earnings", "Views of 3 seconds", "Paid reach"] {
            assert_eq!(metric(title), Metric::Other, "{title}");
        }
        for (title, figure) in [
            ("Views", Figure::Views),
            ("Viewers", Figure::Reach),
            ("Alcance en Facebook", Figure::Reach),
            ("Instagram-Reichweite", Figure::Reach),
            ("Content interactions", Figure::Engagements),
            ("Clics en el enlace", Figure::Clicks),
            ("Visites du profil Instagram", Figure::ProfileVisits),
            ("Visualizzazioni", Figure::Views),
            ("Impressions", Figure::Impressions),
        ] {
            assert_eq!(metric(title), Metric::Figure(figure), "{title}");
        }
    }

    #[test]
    fn metrics_below_each_other_are_read_together_and_two_pages_are_not() {
        let text = "sep=,\n\"Instagram follows\"\n\"Date\",\"Primary\"\n\"2026-01-01T00:00:00\",\"5\"\n\"Reach\"\n\"Date\",\"Primary\"\n\
                    \"2026-01-01T00:00:00\",\"900\"\n\"2026-01-02T00:00:00\",\"\"\n\"2026-01-01T00:00:00\",\"1\"\n\"Earnings\"\n\"Date\",\"Primary\"\n\
                    \"2026-01-01T00:00:00\",\"9\"\n";
        let kept = run_files(&[("a.csv", text.as_bytes())]).expect("an export");
        assert_eq!((kept.days.len(), kept.others.len(), kept.rejects.len()), (1, 1, 1), "{:?}", kept.rejects);
        assert!(kept.others[0].contains("reach: Some(900)"), "{:?}", kept.others);
        assert_eq!(kept.notes, ["the metric `Earnings` is not known and was left out"]);
        let views = "\"Facebook views\"\n\"Date\",\"Primary\"\n\"2026-01-01T00:00:00\",\"5\"\n";
        let other = "\"Instagram reach\"\n\"Date\",\"Primary\"\n\"2026-01-01T00:00:00\",\"5\"\n";
        let both = run_files(&[("Views.csv", views.as_bytes()), ("Reach.csv", other.as_bytes())]);
        assert!(both.is_err_and(|e| e.to_string().contains("one page")));
        assert_eq!(run_files(&[("Views.csv", views.as_bytes())]).expect("views").others.len(), 1);
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
