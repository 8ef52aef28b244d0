//! Cells of tables: what they may hold, and how a row is filled from them.

use crate::bundle::CELL_BYTES_MAX;
use crate::columns::{Column, TableColumn};
use crate::error::quote;
use crate::options::Clock;
use assay_model::when::{Moment, is_plausible, moment, unix};
use assay_model::{Flag, Follow, ListOrder, TimeMs, TimeQuality};

/// A cell before its column is known to like it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Cell<'a> {
    Missing,
    Text(&'a str),
    Int(i64),
    Float(f64),
    Flag(bool),
    Time(Moment),
}

/// What a table's follow times have shown so far: how fine they are and which way they run.
#[derive(Debug, Default, Clone, PartialEq)]
pub(crate) struct Clues {
    n_timed: u64,
    off_midnight: bool,
    off_minute: bool,
    n_ranked: u64,
    n_rising: u64,
    n_falling: u64,
    /// The first and the last follow time of the rows taken.
    first: Option<TimeMs>,
    last: Option<TimeMs>,
    pub(crate) clock: Clock,
}

/// Rows whose times all show zero seconds before the clock is taken to have no seconds: by chance, 60^-8.
const MINUTE_ROWS_MIN: u64 = 8;

impl Clues {
    /// Looks at a row that was taken.
    pub(crate) fn look(&mut self, row: &Follow<'_>) {
        self.n_ranked += u64::from(row.follow_rank.is_some());
        if let Some(at) = row.followed_at {
            if let Some(last) = self.last {
                self.n_rising += u64::from(at > last);
                self.n_falling += u64::from(at < last);
            }
            self.first = self.first.or(Some(at));
            self.last = Some(at);
        }
    }

    /// Adds what the rows behind these have shown.
    pub(crate) fn join(&mut self, next: &Self) {
        if let (Some(last), Some(first)) = (self.last, next.first) {
            self.n_rising += u64::from(first > last);
            self.n_falling += u64::from(first < last);
        }
        self.n_timed += next.n_timed;
        self.off_midnight |= next.off_midnight;
        self.off_minute |= next.off_minute;
        self.n_ranked += next.n_ranked;
        self.n_rising += next.n_rising;
        self.n_falling += next.n_falling;
        self.clock.join(&next.clock);
        self.first = self.first.or(next.first);
        self.last = next.last.or(self.last);
    }

    fn follow_time(&mut self, time: Moment) {
        self.n_timed += 1;
        self.off_midnight |= time.clock_ms != 0;
        self.off_minute |= !time.clock_ms.is_multiple_of(60_000);
    }

    /// How well the follow times are known, and how the list is ordered.
    pub(crate) fn conclude(&self) -> (TimeQuality, ListOrder) {
        let quality = if self.n_timed == 0 {
            if self.n_ranked > 0 { TimeQuality::OrderOnly } else { TimeQuality::Unknown }
        } else if !self.off_midnight {
            TimeQuality::Day
        } else if !self.off_minute && self.n_timed >= MINUTE_ROWS_MIN {
            TimeQuality::Minute
        } else {
            TimeQuality::Exact
        };
        let order = if self.n_ranked > 0 {
            ListOrder::Stated
        } else if self.n_timed == 0 {
            ListOrder::Unordered
        } else if self.n_falling > self.n_rising {
            ListOrder::NewestFirst
        } else {
            ListOrder::Stated
        };
        (quality, order)
    }
}

/// Puts a cell into a row. Tells whether it held anything.
///
/// # Errors
/// What was expected and what was found, if the column cannot hold the cell.
pub(crate) fn put<'a>(row: &mut Follow<'a>, column: Column, cell: Cell<'a>, clues: &mut Clues) -> Result<bool, String> {
    let cell = settled(column, cell)?;
    if matches!(cell, Cell::Missing) {
        return Ok(false);
    }
    let clash = |expected: &str| wrong(column, expected, &shown(cell));
    let int = || integer(cell).ok_or_else(|| clash("a whole number, 0 or more"));
    let flag = || truth(cell).ok_or_else(|| clash("yes or no (1/0, true/false)"));
    let mut time = || match instant(cell) {
        Instant::At(time) => Ok(Some(Moment { at: clues.clock.at(time), ..time })),
        Instant::Never => Ok(None),
        Instant::Unread => Err(clash("a time such as 2024-05-01T12:00:00Z")),
    };
    match column {
        Column::AccountId => row.account_id = identity(column, cell)?,
        Column::Handle => row.handle = identity(column, cell)?.map(|h| h.strip_prefix('@').unwrap_or(h)),
        Column::DisplayName => row.display_name = text(cell),
        Column::Bio => row.bio = text(cell),
        Column::Language => row.language = text(cell),
        Column::Country => row.country = text(cell),
        Column::DisplayNameLength => row.display_name_length = Some(int()?),
        Column::FollowRank => row.follow_rank = Some(int()?),
        Column::Followers => row.followers = Some(int()?),
        Column::Following => row.following = Some(int()?),
        Column::Posts => row.posts = Some(int()?),
        Column::Likes => row.likes = Some(int()?),
        Column::Listed => row.listed = Some(int()?),
        Column::BioLength => row.bio_length = Some(int()?),
        Column::HasAvatar => row.has_avatar = Some(flag()?),
        Column::DefaultAvatar => row.has_avatar = Some(Flag::from(!flag()?.is_yes())),
        Column::DefaultProfile => row.default_profile = Some(flag()?),
        Column::Verified => row.verified = Some(flag()?),
        Column::Private => row.private = Some(flag()?),
        Column::HasUrl => row.has_url = Some(flag()?),
        Column::CreatedAt => row.created_at = time()?.map(|t| t.at),
        Column::LastActiveAt => row.last_active_at = time()?.map(|t| t.at),
        Column::FollowedAt => {
            if let Some(time) = time()? {
                row.followed_at = Some(time.at);
                clues.follow_time(time);
            }
        }
    }
    Ok(!matches!(cell, Cell::Text("")))
}

/// A cell of this column, trimmed, with words for nothing taken as nothing.
///
/// # Errors
/// If it is too long, or a text with a NUL.
pub(crate) fn settled<C: TableColumn>(column: C, cell: Cell<'_>) -> Result<Cell<'_>, String> {
    Ok(match cell {
        Cell::Text(text) if text.len() > CELL_BYTES_MAX => return Err(wrong(column, "at most 1 MiB", "more")),
        Cell::Text(text) if !column.is_text() => {
            let text = trimmed(text);
            if is_blank(text) { Cell::Missing } else { Cell::Text(text) }
        }
        Cell::Text(text) if memchr::memchr(0, text.as_bytes()).is_some() => {
            return Err(wrong(column, "text", "a NUL character"));
        }
        Cell::Float(x) if x.is_nan() => Cell::Missing,
        other => other,
    })
}

/// What was expected in a column, and what was found.
pub(crate) fn wrong<C: TableColumn>(column: C, expected: &str, found: &str) -> String {
    format!("column `{}`: expected {expected}, found {found}", column.name())
}

/// A cell as an error names it.
pub(crate) fn shown(cell: Cell<'_>) -> String {
    match cell {
        Cell::Missing => "nothing".to_owned(),
        Cell::Text(text) => quote(text),
        Cell::Int(n) => format!("`{n}`"),
        Cell::Float(x) => format!("`{x}`"),
        Cell::Flag(yes) => format!("`{yes}`"),
        Cell::Time(_) => "a time".to_owned(),
    }
}

/// The text without white space around it, which hardly any cell has.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// Whether a cell says that nothing is known.
pub(crate) fn is_blank(text: &str) -> bool {
    // Nearly all cells begin with a digit, which no word for nothing does.
    if text.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    text.is_empty()
        || (text.len() <= 4
            && ["na", "n/a", "nan", "null", "none", "-", "–", "—", "\\n"].iter().any(|b| text.eq_ignore_ascii_case(b)))
}

/// The text of a cell that has one.
pub(crate) fn text(cell: Cell<'_>) -> Option<&str> {
    match cell {
        Cell::Text(text) => Some(text).filter(|t| !t.is_empty() && *t != "\\N"),
        _ => None,
    }
}

/// A handle or an id: trimmed, without the quote that guards against formulas.
fn identity(column: Column, cell: Cell<'_>) -> Result<Option<&str>, String> {
    let Some(text) = text(cell).map(trimmed).filter(|t| !t.is_empty()) else { return Ok(None) };
    let text = text.strip_prefix('\'').filter(|t| t.starts_with(['=', '+', '-', '@'])).unwrap_or(text);
    if memchr::memchr(b'+', text.as_bytes()).is_some() && is_rounded(text) {
        return Err(wrong(column, "the whole id", &format!("{}, which a program has rounded", quote(text))));
    }
    if text.bytes().any(|c| c < b' ' || c == 0x7f) {
        return Err(wrong(column, "one word", &quote(text)));
    }
    Ok(Some(text))
}

/// Whether a number is written with a power of ten, as spreadsheets and data frames do to long ids: `1.96E+18`.
pub(crate) fn is_rounded(text: &str) -> bool {
    text.split_once("E+").or_else(|| text.split_once("e+")).is_some_and(|(head, power)| {
        !head.is_empty()
            && head.bytes().all(|c| c.is_ascii_digit() || c == b'.' || c == b',')
            && power.bytes().all(|c| c.is_ascii_digit())
    })
}

/// A count: digits, with thousands separators that cannot be misread, or with a fraction of zero.
pub(crate) fn whole_number(text: &str) -> Option<u32> {
    let bytes = text.as_bytes();
    if bytes.len() <= 9 {
        let digits = bytes.iter().try_fold(0, |n: u32, c| {
            let digit = c.wrapping_sub(b'0');
            (digit < 10).then_some(n * 10 + u32::from(digit))
        });
        if digits.is_some() {
            return digits.filter(|_| !bytes.is_empty());
        }
    }
    // `15.0` is how programs write whole numbers in columns with gaps. `1.500` may be 1500 or 1.5 and is left alone.
    if let Some(whole) = text.strip_suffix(".0") {
        return whole_number(whole);
    }
    let separators = [',', ' ', '\u{a0}', '\u{202f}', '\'', '’'];
    if let Some(separator) = separators.into_iter().find(|s| text.contains(*s)) {
        let mut groups = text.split(separator);
        let first = groups.next()?;
        let grouped =
            (1..=3).contains(&first.len()) && groups.all(|g| g.len() == 3 && g.bytes().all(|c| c.is_ascii_digit()));
        return if grouped { plain_number(&text.replace(separator, "")) } else { None };
    }
    plain_number(text)
}

fn plain_number(text: &str) -> Option<u32> {
    let digits = text.bytes().all(|c| c.is_ascii_digit());
    // The largest value stands for a missing cell in a column.
    if digits { text.parse().ok().filter(|n| *n != u32::MAX) } else { None }
}

/// The whole number of a cell, if it has one meaning.
pub(crate) fn integer(cell: Cell<'_>) -> Option<u32> {
    match cell {
        Cell::Text(text) => whole_number(text),
        Cell::Int(n) => u32::try_from(n).ok().filter(|n| *n != u32::MAX),
        Cell::Float(x) if x.fract() == 0.0 && x >= 0.0 && x < f64::from(u32::MAX) => Some(x as u32),
        _ => None,
    }
}

/// A yes or a no.
pub(crate) fn truth(cell: Cell<'_>) -> Option<Flag> {
    let yes = match cell {
        Cell::Flag(yes) => yes,
        Cell::Int(0) => false,
        Cell::Int(1) => true,
        Cell::Float(x) if x == 0.0 || x == 1.0 => x == 1.0,
        Cell::Text(text) => {
            if ["1", "true", "yes", "t", "y", "1.0"].iter().any(|y| text.eq_ignore_ascii_case(y)) {
                true
            } else if ["0", "false", "no", "f", "n", "0.0"].iter().any(|n| text.eq_ignore_ascii_case(n)) {
                false
            } else {
                return None;
            }
        }
        _ => return None,
    };
    Some(yes.into())
}

/// A cell as a time.
pub(crate) enum Instant {
    At(Moment),
    /// What programs write for "never": 0 as Unix time.
    Never,
    Unread,
}

/// A time.
pub(crate) fn instant(cell: Cell<'_>) -> Instant {
    let read = match cell {
        Cell::Text("0" | "0.0" | "1970-01-01T00:00:00Z" | "1970-01-01") | Cell::Int(0) => return Instant::Never,
        Cell::Text(text) => moment(text),
        Cell::Int(n) => unix(n),
        Cell::Float(x) if x.abs() < 1e15 => {
            // Seconds with a fraction: doubles hold them to the microsecond.
            unix(x as i64).map(|t| {
                let milli = if x < 1e11 { (x.fract() * 1_000.0) as i64 } else { 0 };
                assay_model::when::at_utc(t.at.0 + milli)
            })
        }
        Cell::Time(time) => Some(time),
        _ => None,
    };
    read.filter(|t| is_plausible(t.at)).map_or(Instant::Unread, Instant::At)
}

#[cfg(test)]
mod tests {
    use super::{Cell, Clues, put, whole_number};
    use crate::columns::Column;
    use assay_model::{Flag, Follow, ListOrder, TimeMs, TimeQuality};

    #[test]
    fn numbers_are_read_only_where_they_have_one_meaning() {
        for (text, n) in [("0", 0), ("1234", 1234), ("1,234", 1234), ("12 345 678", 12_345_678), ("15.0", 15)] {
            assert_eq!(whole_number(text), Some(n), "{text}");
        }
        for text in ["", "-1", "1.2K", "1.234", "1,23", "1,2345", "x", "4294967295", "99999999999", "1e3", ",123", "+5"]
        {
            assert_eq!(whole_number(text), None, "{text}");
        }
    }

    fn one(column: Column, text: &str) -> Result<Follow<'_>, String> {
        let mut row = Follow::default();
        put(&mut row, column, Cell::Text(text), &mut Clues::default()).map(|_| row)
    }

    #[test]
    fn cells_land_in_their_columns() {
        assert_eq!(one(Column::Handle, " @anna ").map(|r| r.handle), Ok(Some("anna")));
        assert_eq!(one(Column::Handle, "'@anna").map(|r| r.handle), Ok(Some("anna")));
        assert_eq!(one(Column::DefaultAvatar, "true").map(|r| r.has_avatar), Ok(Some(Flag::NO)));
        assert_eq!(one(Column::Followers, "N/A").map(|r| r.followers), Ok(None));
        assert_eq!(one(Column::LastActiveAt, "0").map(|r| r.last_active_at), Ok(None));
        assert_eq!(one(Column::CreatedAt, "2013-08-11").map(|r| r.created_at), Ok(Some(TimeMs(1_376_179_200_000))));
    }

    #[test]
    fn what_does_not_fit_is_told_by_column() {
        assert_eq!(
            one(Column::Followers, "1.2K").err().as_deref(),
            Some("column `followers`: expected a whole number, 0 or more, found `1.2K`")
        );
        for (column, text) in [
            (Column::AccountId, "1.96E+18"),
            (Column::Verified, "maybe"),
            (Column::CreatedAt, "soon"),
            (Column::DisplayName, "a\0"),
            (Column::Handle, "a\nb"),
        ] {
            assert!(one(column, text).is_err(), "{text:?}");
        }
        assert!(one(Column::DisplayName, &"x".repeat(2 << 20)).is_err());
    }

    fn conclude(times: &[&str]) -> (TimeQuality, ListOrder) {
        let mut clues = Clues::default();
        for text in times {
            let mut row = Follow::default();
            put(&mut row, Column::FollowedAt, Cell::Text(text), &mut clues).expect("a time");
            clues.look(&row);
        }
        clues.conclude()
    }

    #[test]
    fn the_quality_of_times_shows_in_the_times() {
        assert_eq!(conclude(&[]), (TimeQuality::Unknown, ListOrder::Unordered));
        assert_eq!(conclude(&["2024-05-02", "2024-05-01"]), (TimeQuality::Day, ListOrder::NewestFirst));
        assert_eq!(conclude(&["2024-05-01T00:00:00+02:00"; 3]).0, TimeQuality::Day);
        assert_eq!(conclude(&["2024-05-01T10:20:00Z"; 9]).0, TimeQuality::Minute);
        assert_eq!(conclude(&["2024-05-01T10:20:00Z"; 3]).0, TimeQuality::Exact);
        assert_eq!(
            conclude(&["2024-05-01T10:20:00Z", "2024-05-01T10:20:01Z"]),
            (TimeQuality::Exact, ListOrder::Stated)
        );
    }
}
