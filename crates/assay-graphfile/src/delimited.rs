//! Edges from delimited text (CSV, TSV and the like), a block of whole lines at a time, so that blocks can be parsed side by
//! side.
//!
//! Nearly all lines of nearly all tables are numbers between delimiters: those are read eight digits at a time, without
//! looking for their ends first. Whatever is not as simple (quotes, texts, times with a date) takes a slower way from the cell
//! or line on where it shows.

use crate::columns::Found;
use crate::raw::{Bad, Id, RawBlock, Row};
use assay_model::edges::NO_TIME;
use assay_model::quote;
use assay_model::when::{moment, unix};
use memchr::{memchr, memchr2};

/// Bytes of one row.
pub(crate) const ROW_BYTES_MAX: usize = 1 << 20;
/// Lines that quoted cells of a row may go over: more are a quote that was never closed.
const QUOTED_LINES_MAX: usize = 64;
/// Columns of one row.
pub(crate) const COLUMNS_MAX: usize = 4_096;

/// Where the cells of a row stand that are wanted.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    delimiter: u8,
    /// The wanted columns from left to right: their places, and what they are.
    wanted: Vec<(usize, Want)>,
    timed: bool,
    weighted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Want {
    Source,
    Target,
    At,
    Weight,
}

impl Layout {
    pub(crate) fn new(delimiter: u8, found: &Found) -> Self {
        let mut wanted = vec![(found.source, Want::Source), (found.target, Want::Target)];
        wanted.extend(found.at.map(|i| (i, Want::At)));
        wanted.extend(found.weight.map(|i| (i, Want::Weight)));
        wanted.sort_by_key(|(place, _)| *place);
        Self { delimiter, wanted, timed: found.at.is_some(), weighted: found.weight.is_some() }
    }

    /// Reads the rows of `text`, which ends with a line end unless the file does, into `block`.
    pub(crate) fn parse(&self, text: &[u8], block: &mut RawBlock) {
        block.clear();
        let quoted = memchr(b'"', text).is_some();
        let mut scratch = Scratch::default();
        let mut at = 0;
        while at < text.len() {
            block.lines += 1;
            if let Some(end) = self.plain_row(text, at, quoted, block) {
                at = end;
                continue;
            }
            at = self.careful_row(text, at, block, &mut scratch);
        }
    }

    /// Reads a row that is as simple as most are, and returns where the next begins; `None` if it is not.
    #[inline]
    fn plain_row(&self, text: &[u8], start: usize, quoted: bool, block: &mut RawBlock) -> Option<usize> {
        if quoted {
            let end = memchr(b'\n', &text[start..]).map_or(text.len(), |n| start + n);
            if memchr(b'"', &text[start..end]).is_some() {
                return None;
            }
        }
        let mut row = Row::default();
        let (mut at, mut column) = (start, 0);
        let mut last = 0;
        for (place, want) in &self.wanted {
            while column < *place {
                let n = memchr2(self.delimiter, b'\n', &text[at..])?;
                if text[at + n] == b'\n' {
                    return None;
                }
                at += n + 1;
                column += 1;
            }
            if at > text.len() {
                return None;
            }
            let (number, end) = digits(text, at);
            let simple = end > at && is_end(text, end, self.delimiter) && (text[at] != b'0' || end == at + 1);
            match want {
                Want::Source if simple => row.source = Id::Number(number?),
                Want::Target if simple => row.target = Id::Number(number?),
                Want::At if simple => row.at_s = seconds(number?)?,
                _ => {
                    let n = memchr2(self.delimiter, b'\n', &text[at..]).unwrap_or(text.len() - at);
                    let cell = without_return(&text[at..at + n]);
                    match want {
                        Want::Source => row.source = Id::read(cell, "source").ok()?,
                        Want::Target => row.target = Id::read(cell, "target").ok()?,
                        Want::At => row.at_s = time(cell).ok()?,
                        Want::Weight => row.weight = weight(cell).ok()?,
                    }
                    last = at + n;
                    at = last + 1;
                    column += 1;
                    continue;
                }
            }
            last = if text.get(end) == Some(&b'\r') && text.get(end + 1) == Some(&b'\n') { end + 1 } else { end };
            at = last + 1;
            column += 1;
        }
        let next = match text.get(last) {
            None => text.len(),
            Some(b'\n') => last + 1,
            _ => memchr(b'\n', &text[last..]).map_or(text.len(), |n| last + n + 1),
        };
        if next - start > ROW_BYTES_MAX {
            return None;
        }
        block.push(&row, self.timed, self.weighted);
        Some(next)
    }

    /// Reads any row, and returns where the next begins.
    #[cold]
    fn careful_row(&self, text: &[u8], start: usize, block: &mut RawBlock, scratch: &mut Scratch) -> usize {
        let line = block.lines;
        let next = scratch.split(text, start, self.delimiter);
        let next = match next {
            Ok(next) => next,
            Err(why) => {
                block.reject(line, Bad::Broken(why.to_owned()));
                return memchr(b'\n', &text[start..]).map_or(text.len(), |n| start + n + 1);
            }
        };
        block.lines += memchr::memchr_iter(b'\n', &text[start..next.saturating_sub(1)]).count() as u64;
        if scratch.is_blank() {
            return next;
        }
        match self.row_of(scratch) {
            Ok(row) => block.push(&row, self.timed, self.weighted),
            Err(bad) => block.reject(line, bad),
        }
        next
    }

    fn row_of<'a>(&self, cells: &'a Scratch) -> Result<Row<'a>, Bad> {
        let mut row = Row::default();
        for (place, want) in &self.wanted {
            let Some(cell) = cells.cell(*place) else {
                match want {
                    // Trailing cells that are missing are empty.
                    Want::At | Want::Weight => continue,
                    _ => {
                        let needed = self.wanted.last().map_or(0, |(place, _)| place + 1);
                        return Err(Bad::Broken(format!("expected {needed} columns, found {}", cells.len())));
                    }
                }
            };
            match want {
                Want::Source => row.source = Id::read(cell, "source")?,
                Want::Target => row.target = Id::read(cell, "target")?,
                Want::At => row.at_s = time(cell)?,
                Want::Weight => row.weight = weight(cell)?,
            }
        }
        Ok(row)
    }
}

fn without_return(cell: &[u8]) -> &[u8] {
    cell.strip_suffix(b"\r").unwrap_or(cell)
}

#[inline]
fn is_end(text: &[u8], at: usize, delimiter: u8) -> bool {
    match text.get(at) {
        None | Some(b'\n') => true,
        Some(b'\r') => matches!(text.get(at + 1), None | Some(b'\n')),
        Some(c) => *c == delimiter,
    }
}

/// The digits that begin at `at`: their number, if it has at most 19, and where they end.
#[inline]
fn digits(text: &[u8], mut at: usize) -> (Option<u64>, usize) {
    let start = at;
    let mut number = 0_u64;
    while let Some(bytes) = text.get(at..at + 8) {
        let (value, n) = eight(u64::from_le_bytes(bytes.try_into().unwrap_or_default()));
        number = number.wrapping_mul(POWERS[n as usize]).wrapping_add(value);
        at += n as usize;
        if n < 8 {
            return ((at - start <= 19).then_some(number), at);
        }
    }
    while let Some(digit) = text.get(at).map(|c| c.wrapping_sub(b'0')).filter(|d| *d < 10) {
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
        at += 1;
    }
    ((at - start <= 19).then_some(number), at)
}

const POWERS: [u64; 9] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];

/// The value of the digits at the start of eight bytes, and how many they are.
///
/// Digits become 0..=9 by taking `0` off; a byte is none if it is larger, which adding 0x76 shows in its top bit. The digits are
/// moved to the end, so that zeros stand in front, and joined in pairs, fours and eights by three multiplications (Lemire,
/// "Quickly parsing eight digits", 2018).
#[inline]
fn eight(bytes: u64) -> (u64, u32) {
    let x = bytes ^ 0x3030_3030_3030_3030;
    let not_digits = (x.wrapping_add(0x7676_7676_7676_7676) | x) & 0x8080_8080_8080_8080;
    let n = not_digits.trailing_zeros() / 8;
    if n == 0 {
        return (0, 0);
    }
    let x = x << (64 - 8 * n);
    let pairs = (x.wrapping_mul(10).wrapping_add(x >> 8)) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs & 0x0000_00ff_0000_00ff).wrapping_mul(0x000f_4240_0000_0064);
    let rest = ((pairs >> 16) & 0x0000_00ff_0000_00ff).wrapping_mul(0x0000_2710_0000_0001);
    (fours.wrapping_add(rest) >> 32, n)
}

/// Seconds of Unix times in seconds between 1990 and 2199, which need no closer look.
const SECONDS: std::ops::Range<u64> = 631_152_000..7_258_118_400;

/// A Unix time in whichever unit; 0 stands for none. `None` if it is no time.
#[inline]
fn seconds(number: u64) -> Option<i64> {
    if SECONDS.contains(&number) {
        return Some(number as i64);
    }
    if number == 0 {
        return Some(NO_TIME);
    }
    unix(i64::try_from(number).ok()?).map(|t| t.at.0.div_euclid(1_000))
}

/// Whether a cell says that nothing is known.
fn is_blank(cell: &[u8]) -> bool {
    cell.is_empty()
        || (cell.len() <= 4
            && [&b"na"[..], b"n/a", b"nan", b"nat", b"null", b"none", b"-", b"\\n"]
                .iter()
                .any(|blank| cell.eq_ignore_ascii_case(blank)))
}

/// The time in a cell, in seconds, or [`NO_TIME`] where it holds none.
pub(crate) fn time(cell: &[u8]) -> Result<i64, Bad> {
    let cell = cell.trim_ascii();
    if is_blank(cell) {
        return Ok(NO_TIME);
    }
    let wrong = || {
        let found = quote(&crate::raw::lossy(cell));
        Bad::Broken(format!("column `at`: expected a time such as 2024-05-01T12:00:00Z, found {found}"))
    };
    if let (Some(number), end) = digits(cell, 0)
        && end == cell.len()
    {
        return seconds(number).ok_or_else(wrong);
    }
    let text = std::str::from_utf8(cell).map_err(|_| wrong())?;
    if text.len() > 64 {
        return Err(wrong());
    }
    moment(text).map(|t| t.at.0.div_euclid(1_000)).ok_or_else(wrong)
}

/// The weight in a cell, 1 where it holds none.
pub(crate) fn weight(cell: &[u8]) -> Result<f32, Bad> {
    let cell = cell.trim_ascii();
    if is_blank(cell) {
        return Ok(1.0);
    }
    let number = std::str::from_utf8(cell).ok().filter(|t| t.len() <= 64).and_then(|t| t.parse::<f32>().ok());
    number.filter(|w| w.is_finite() && *w >= 0.0).map(|w| w + 0.0).ok_or_else(|| {
        let found = quote(&crate::raw::lossy(cell));
        Bad::Broken(format!("column `weight`: expected a number, 0 or more, found {found}"))
    })
}

/// The cells of one row, without their quotes.
#[derive(Debug, Default)]
struct Scratch {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Scratch {
    fn len(&self) -> usize {
        self.ends.len()
    }

    fn cell(&self, i: usize) -> Option<&[u8]> {
        let end = *self.ends.get(i)?;
        Some(&self.text[if i == 0 { 0 } else { self.ends[i - 1] }..end])
    }

    fn is_blank(&self) -> bool {
        self.ends.len() == 1 && self.text.is_empty()
    }

    /// Takes the row at `start` apart, which may go over several lines inside quotes, and returns where the next begins.
    fn split(&mut self, text: &[u8], start: usize, delimiter: u8) -> Result<usize, &'static str> {
        const UNCLOSED: &str = "a quote is opened and never closed";
        self.text.clear();
        self.ends.clear();
        let bound = text.len().min(start + ROW_BYTES_MAX);
        let (mut at, mut lines) = (start, 0);
        loop {
            if text.get(at) == Some(&b'"') {
                at += 1;
                loop {
                    let n = memchr(b'"', &text[at.min(bound)..bound]).ok_or(UNCLOSED)?;
                    lines += memchr::memchr_iter(b'\n', &text[at..at + n]).count();
                    if lines > QUOTED_LINES_MAX {
                        return Err(UNCLOSED);
                    }
                    self.text.extend_from_slice(&text[at..at + n]);
                    at += n + 1;
                    if text.get(at) != Some(&b'"') {
                        break;
                    }
                    self.text.push(b'"');
                    at += 1;
                }
            }
            let rest = &text[at.min(bound)..bound];
            let n = memchr2(delimiter, b'\n', rest);
            if n.is_none() && bound < text.len() {
                return Err("the row is longer than 1 MiB");
            }
            let end = at.min(bound) + n.unwrap_or(rest.len());
            let last = n.is_none_or(|n| rest[n] == b'\n');
            let cell = &text[at.min(end)..end];
            self.text.extend_from_slice(if last { without_return(cell) } else { cell });
            self.ends.push(self.text.len());
            if self.ends.len() > COLUMNS_MAX {
                return Err("the row has more than 4,096 columns");
            }
            at = end + 1;
            if last {
                return Ok(at.min(text.len()));
            }
        }
    }
}

/// The first rows of a table under a delimiter, as text, at most `n_max` of them; comments and blank lines are left out.
pub(crate) fn first_rows(text: &[u8], delimiter: u8, n_max: usize) -> Vec<Vec<String>> {
    let mut scratch = Scratch::default();
    let (mut at, mut rows) = (0, Vec::new());
    while at < text.len() && rows.len() < n_max {
        match scratch.split(text, at, delimiter) {
            Ok(next) => {
                at = next;
                if !scratch.is_blank() {
                    let cells = (0..scratch.len()).filter_map(|i| scratch.cell(i));
                    rows.push(cells.map(|c| String::from_utf8_lossy(c).into_owned()).collect());
                }
            }
            Err(_) => at += memchr(b'\n', &text[at..]).map_or(text.len() - at, |n| n + 1),
        }
    }
    rows
}

/// Where the first row ends.
pub(crate) fn first_row_end(text: &[u8], delimiter: u8) -> usize {
    let mut scratch = Scratch::default();
    let mut at = 0;
    while at < text.len() {
        let Ok(next) = scratch.split(text, at, delimiter) else { return at };
        at = next;
        if !scratch.is_blank() {
            break;
        }
    }
    at
}

/// The delimiter of a table that begins like `text`: the one that cuts most rows into as many cells as the first, two at
/// least. `None` if none does.
pub(crate) fn sniff(text: &[u8]) -> Option<u8> {
    let mut best = None;
    for delimiter in *b",\t;| " {
        let rows = first_rows(text, delimiter, 20);
        let n = rows.first().map_or(0, Vec::len);
        let alike = rows.iter().filter(|row| row.len() == n).count();
        if n >= 2 && alike * 10 >= rows.len() * 7 && best.is_none_or(|(most, _)| alike > most) {
            best = Some((alike, delimiter));
        }
    }
    best.map(|(_, delimiter)| delimiter)
}

/// How many bytes of `text` belong to whole rows: up to the last line end that does not stand inside quotes, as far as their
/// number tells.
pub(crate) fn whole_rows(text: &[u8]) -> usize {
    let last = memchr::memrchr(b'\n', text).map_or(0, |n| n + 1);
    if memchr(b'"', &text[..last]).is_none() {
        return last;
    }
    let mut inside = memchr::memchr_iter(b'"', &text[..last]).count() % 2 == 1;
    let mut at = last;
    while at > 0 {
        if !inside {
            return at;
        }
        // To the line end before, counting the quotes in between.
        let before = memchr::memrchr(b'\n', &text[..at - 1]).map_or(0, |n| n + 1);
        inside ^= memchr::memchr_iter(b'"', &text[before..at]).count() % 2 == 1;
        at = before;
    }
    last
}

#[cfg(test)]
mod tests {
    use super::{Layout, digits, sniff, time, whole_rows};
    use crate::columns::Found;
    use crate::raw::{Ids, RawBlock};
    use assay_model::edges::NO_TIME;

    fn layout(delimiter: u8, at: Option<usize>, weight: Option<usize>) -> Layout {
        Layout::new(delimiter, &Found { source: 0, target: 1, at, weight, ..Found::default() })
    }

    fn parse(layout: &Layout, text: &str) -> RawBlock {
        let mut block = RawBlock::default();
        layout.parse(text.as_bytes(), &mut block);
        block
    }

    fn texts(ids: &Ids) -> Vec<String> {
        match ids {
            Ids::Numbers(numbers) => numbers.iter().map(u64::to_string).collect(),
            Ids::Texts(texts) => texts.iter().map(str::to_owned).collect(),
        }
    }

    #[test]
    fn digits_are_read_eight_at_a_time() {
        for text in ["0", "7", "12345678", "123456789", "1234567890123456", "12345678901234567", "9999999999999999999"]
        {
            for tail in ["", ",", ",12345678901", "\n", "x", "-1"] {
                let whole = format!("{text}{tail}");
                assert_eq!(digits(whole.as_bytes(), 0), (text.parse().ok(), text.len()), "{whole}");
            }
        }
        assert_eq!(digits(b"x1", 0), (Some(0), 0));
        assert_eq!(digits(b"99999999999999999999", 0), (None, 20));
        // Bytes beyond ASCII, whose sums carry into the next byte.
        assert_eq!(digits("12é45678".as_bytes(), 0), (Some(12), 2));
        assert_eq!(digits(b"1\xff\xff\xff\xff\xff\xff\xff", 0), (Some(1), 1));
    }

    #[test]
    fn rows_of_all_kinds() {
        let text =
            "1,2,1376208488\r\n3,4,2013-08-11T08:08:09Z\nanna,\"a \"\"b\"\", c\",\n\n5,,1\n6\n7,8,soon\n\"9,10\n11,12";
        let block = parse(&layout(b',', Some(2), None), text);
        assert_eq!(texts(&block.source), ["1", "3", "anna", "11"]);
        assert_eq!(texts(&block.target), ["2", "4", "a \"b\", c", "12"]);
        assert_eq!(block.at_s, [1_376_208_488, 1_376_208_489, NO_TIME, NO_TIME]);
        let counts = &block.counts;
        assert_eq!((counts.rows, counts.taken, counts.empty, counts.broken), (8, 4, 1, 3));
        let lines: Vec<u64> = counts.rejects.iter().map(|r| r.line).collect();
        assert_eq!(lines, [5, 6, 7, 8]);
        assert_eq!((counts.rejects[0].why.as_str(), block.lines), ("no target", 9));
        assert_eq!(counts.rejects[1].why, "expected 3 columns, found 1");
    }

    #[test]
    fn other_columns_and_delimiters_are_passed_over() {
        let found = Found { source: 3, target: 1, weight: Some(4), ..Found::default() };
        let block = parse(&Layout::new(b'\t', &found), "x\t7\t\"a\nb\"\t8\t2.5\ty\nx\t7\t\t9\t\n1\t2\t3\t4\t-1\n");
        assert_eq!((texts(&block.source), texts(&block.target)), (vec!["8".into(), "9".into()], vec!["7".into(); 2]));
        assert_eq!((block.weight, block.lines), (vec![2.5, 1.0], 4));
        assert_eq!(block.counts.rejects[0].line, 4);
    }

    #[test]
    fn times_in_all_forms() {
        let read = |text: &str| time(text.as_bytes()).ok();
        for text in
            ["1376208488", "1376208488000", "1376208488000000", "2013-08-11 08:08:08", " 2013-08-11T10:08:08+02:00 "]
        {
            assert_eq!(read(text), Some(1_376_208_488), "{text}");
        }
        for text in ["", "NaN", "null", "0"] {
            assert_eq!(read(text), Some(NO_TIME), "{text}");
        }
        for text in ["12", "x", "03/10/2026", "99999999999999999999"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn the_delimiter_shows_in_the_first_rows() {
        for (text, delimiter) in [
            ("a,b\n1,2\n", b','),
            ("a\tb\n1\t2\n", b'\t'),
            ("a;b;c\n1;2;3,5\n", b';'),
            ("1 2\n3 4\n", b' '),
            ("source,target,at\n1,2,2024-01-01 10:00:00\n", b','),
        ] {
            assert_eq!(sniff(text.as_bytes()), Some(delimiter), "{text}");
        }
        assert_eq!(sniff(b"one\ntwo\n"), None);
    }

    #[test]
    fn blocks_are_cut_between_rows() {
        assert_eq!(whole_rows(b"1,2\n3,4\n5"), 8);
        assert_eq!(whole_rows(b"1,2\n3,\"x\ny\nz"), 4);
        assert_eq!(whole_rows(b"1,\"2\"\n3,\"x\ny\"\nz"), 14);
        assert_eq!(whole_rows(b"1,2"), 0);
    }
}
