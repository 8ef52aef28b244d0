//! Records of delimited text (CSV, TSV, semicolons), one at a time, in bounded memory.
//!
//! As RFC 4180 says, with what programs really write taken in: any delimiter, `\r` alone as line end, blank lines skipped,
//! text behind a closing quote kept. A quote that is never closed spoils its own line alone: reading goes on at the next.

use crate::bundle::{CELL_BYTES_MAX, ROW_BYTES_MAX};
use std::io::{self, Read};
use std::ops::Range;

/// Records of a delimited text.
pub(crate) struct Records<R> {
    inner: R,
    delimiter: u8,
    /// The quote; `None` where quotes mean nothing.
    quote: Option<u8>,
    line_end: u8,
    /// Bytes read at a time.
    chunk: usize,
    buf: Vec<u8>,
    at: usize,
    ended: bool,
    line: u64,
    text: Vec<u8>,
    ends: Vec<usize>,
}

/// What came next.
pub(crate) enum Next<'a> {
    /// A record that starts at a line, counted from 1.
    Record(u64, Record<'a>),
    /// A line that cannot be read, and why.
    Broken(u64, &'static str),
    /// Nothing more.
    End,
}

/// The cells of a record.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    text: &'a [u8],
    ends: &'a [usize],
}

impl<'a> Record<'a> {
    /// How many cells.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// The bytes of a cell.
    pub(crate) fn cell(&self, i: usize) -> &'a [u8] {
        &self.text[self.span(i)]
    }

    /// All cells as text, if they are UTF-8 throughout; cell `i` of it is `text[span(i)]`.
    pub(crate) fn utf8(&self) -> Option<&'a str> {
        std::str::from_utf8(self.text).ok()
    }

    /// Where a cell stands in the text of the record.
    pub(crate) fn span(&self, i: usize) -> Range<usize> {
        let start = if i == 0 { 0 } else { self.ends[i - 1] + 1 };
        start..self.ends[i]
    }

    /// All cells.
    pub(crate) fn cells(self) -> impl Iterator<Item = &'a [u8]> {
        (0..self.len()).map(move |i| self.cell(i))
    }
}

/// Lines that an unclosed quote may swallow at the end of a file and still be taken for one cut-off row.
const CUT_LINES: usize = 16;

/// Bytes of a block of records. Below the longest row, so that no row of a block is too long.
const BLOCK_BYTES: usize = 1 << 20;
const _: () = assert!(2 * BLOCK_BYTES < ROW_BYTES_MAX);

const UNCLOSED: &str = "a quote is opened and never closed";
const TOO_LONG: &str = "the row is longer than 4 MiB";
const CELL_TOO_LONG: &str = "a cell is longer than 1 MiB";

/// Where a line that is looked at ends.
enum Line {
    /// It ends before this place; the next starts at the second.
    Whole(usize, usize),
    Broken(&'static str),
    /// More bytes are needed.
    More,
}

/// What stands between cells and behind records.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Marks {
    delimiter: u8,
    line_end: u8,
}

impl Marks {
    /// What stands between cells.
    pub(crate) fn delimiter(self) -> u8 {
        self.delimiter
    }

    /// A block as text, where it is UTF-8 without quotes whose lines end as nearly all do.
    pub(crate) fn plain(self, bytes: &[u8]) -> Option<&str> {
        let is_plain = self.line_end == b'\n' && memchr::memchr(b'"', bytes).is_none();
        if is_plain { std::str::from_utf8(bytes).ok() } else { None }
    }
}

impl Records<io::Empty> {
    /// Reads the records of a block that was taken off at `line`.
    pub(crate) fn of_block(line: u64, bytes: Vec<u8>, marks: Marks) -> Self {
        Self {
            line_end: marks.line_end,
            buf: bytes,
            ended: true,
            line,
            ..Records::new(io::empty(), marks.delimiter, &[])
        }
    }
}

impl<R: Read> Records<R> {
    /// Reads records from `inner`, whose head tells how lines end.
    pub(crate) fn new(inner: R, delimiter: u8, head: &[u8]) -> Self {
        let line_end = if head.contains(&b'\r') && !head.contains(&b'\n') { b'\r' } else { b'\n' };
        Self {
            inner,
            delimiter,
            quote: Some(b'"'),
            line_end,
            chunk: 1 << 17,
            buf: Vec::new(),
            at: 0,
            ended: false,
            line: 1,
            text: Vec::new(),
            ends: Vec::new(),
        }
    }

    /// Reads lines, each a record of one cell.
    pub(crate) fn lines(inner: R) -> Self {
        Self { quote: None, ..Self::new(inner, b'\n', b"\n") }
    }

    /// Takes whole records off the front, about [`BLOCK_BYTES`] of them: the line that they start at and their bytes, which
    /// [`Records::of_block`] reads. `None` where the next record has to be looked at by itself: at the end, where it is
    /// broken, or where it is longer than a block.
    pub(crate) fn take_block(&mut self) -> io::Result<Option<(u64, Vec<u8>)>> {
        while !self.ended && self.buf.len() - self.at < BLOCK_BYTES {
            self.fill()?;
        }
        let start = self.at;
        let rest = &self.buf[start..];
        // Nobody looks beyond two blocks, so that no line of a block is too long.
        let (seen, ended) =
            if rest.len() <= 2 * BLOCK_BYTES { (rest, self.ended) } else { (&rest[..2 * BLOCK_BYTES], false) };
        if self.find_quote(seen).is_none() {
            let lines = memchr::memrchr(self.line_end, seen).map_or(0, |n| n + 1);
            self.at += if ended { seen.len() } else { lines };
        } else {
            while self.at - start < BLOCK_BYTES
                && let Line::Whole(_, next) = self.scan(0)
            {
                self.at = next;
            }
        }
        if self.at == start {
            return Ok(None);
        }
        let line = self.line;
        self.line += self.newlines(start, self.at);
        Ok(Some((line, self.buf[start..self.at].to_vec())))
    }

    /// Whether all was taken.
    pub(crate) fn is_at_end(&self) -> bool {
        self.ended && self.at == self.buf.len()
    }

    /// How this text is laid out, for reading its blocks.
    pub(crate) fn marks(&self) -> Marks {
        Marks { delimiter: self.delimiter, line_end: self.line_end }
    }

    /// The next record, if there is one.
    pub(crate) fn next(&mut self) -> io::Result<Next<'_>> {
        let mut scanned = 0;
        loop {
            match self.scan(scanned) {
                Line::Whole(end, next) => {
                    let (line, start) = (self.line, self.at);
                    let is_quoted = self.find_quote(&self.buf[start..end]).is_some();
                    // A record without quotes is one line.
                    self.line += if is_quoted { self.newlines(start, next) } else { u64::from(next > end) };
                    self.at = next;
                    let end = if self.buf[..end].ends_with(b"\r") && end > start { end - 1 } else { end };
                    if end == start {
                        scanned = 0;
                        continue;
                    }
                    let plain = self.split(start, end);
                    let text = if plain.is_empty() { &self.text } else { &self.buf[plain] };
                    let record = Record { text, ends: &self.ends };
                    if self.quote.is_some()
                        && text.len() > CELL_BYTES_MAX
                        && record.cells().any(|cell| cell.len() > CELL_BYTES_MAX)
                    {
                        return Ok(Next::Broken(line, CELL_TOO_LONG));
                    }
                    return Ok(Next::Record(line, record));
                }
                Line::Broken(why) => return self.skip_broken(why),
                Line::More if self.ended => {
                    if self.at == self.buf.len() {
                        return Ok(Next::End);
                    }
                    let line = self.line;
                    if self.newlines(self.at, self.buf.len()) as usize > CUT_LINES {
                        return self.skip_broken(UNCLOSED);
                    }
                    self.at = self.buf.len();
                    return Ok(Next::Broken(line, UNCLOSED));
                }
                Line::More => {
                    scanned =
                        if self.find_quote(&self.buf[self.at..]).is_none() { self.buf.len() - self.at } else { 0 };
                    self.fill()?;
                }
            }
        }
    }

    fn find_quote(&self, bytes: &[u8]) -> Option<usize> {
        memchr::memchr(self.quote?, bytes)
    }

    fn newlines(&self, from: usize, to: usize) -> u64 {
        // Nearly every record is one line; counting is left to those that may hold more.
        memchr::memchr_iter(self.line_end, &self.buf[from..to]).count() as u64
    }

    /// Skips one line that cannot be read.
    fn skip_broken(&mut self, why: &'static str) -> io::Result<Next<'_>> {
        let line = self.line;
        loop {
            if let Some(n) = memchr::memchr(self.line_end, &self.buf[self.at..]) {
                self.at += n + 1;
                self.line += 1;
                return Ok(Next::Broken(line, why));
            }
            self.at = self.buf.len();
            if self.ended {
                return Ok(Next::Broken(line, why));
            }
            self.fill()?;
        }
    }

    /// Drops what was read and reads on.
    fn fill(&mut self) -> io::Result<()> {
        self.buf.drain(..self.at);
        self.at = 0;
        let old = self.buf.len();
        // Growing by what is there keeps the bytes moved in proportion to the bytes read.
        self.buf.resize(old + old.max(self.chunk), 0);
        let n = loop {
            match self.inner.read(&mut self.buf[old..]) {
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                other => break other,
            }
        };
        self.buf.truncate(old + *n.as_ref().unwrap_or(&0));
        self.ended = n? == 0;
        Ok(())
    }

    /// Finds the end of the record at `self.at`, of which the first `scanned` bytes hold neither quote nor line end.
    fn scan(&self, scanned: usize) -> Line {
        let rest = &self.buf[self.at..];
        let Some(end) = memchr::memchr(self.line_end, &rest[scanned..]).map(|n| scanned + n) else {
            if self.find_quote(rest).is_some() {
                return self.scan_quoted();
            }
            if rest.len() > ROW_BYTES_MAX {
                return Line::Broken(TOO_LONG);
            }
            return if self.ended && !rest.is_empty() {
                Line::Whole(self.buf.len(), self.buf.len())
            } else {
                Line::More
            };
        };
        if self.find_quote(&rest[..end]).is_some() {
            return self.scan_quoted();
        }
        if end > ROW_BYTES_MAX { Line::Broken(TOO_LONG) } else { Line::Whole(self.at + end, self.at + end + 1) }
    }

    /// Finds the end of a record that holds quotes.
    fn scan_quoted(&self) -> Line {
        let rest = &self.buf[self.at..];
        let mut start_of_cell = true;
        let mut i = 0;
        while i < rest.len().min(ROW_BYTES_MAX) {
            let c = rest[i];
            if c == b'"' && start_of_cell {
                // Up to the quote that closes: one that is not doubled.
                i += 1;
                loop {
                    let Some(n) = memchr::memchr(b'"', &rest[i..]) else {
                        return if rest.len() > ROW_BYTES_MAX { Line::Broken(UNCLOSED) } else { Line::More };
                    };
                    i += n + 1;
                    match rest.get(i) {
                        Some(b'"') => i += 1,
                        Some(_) => break,
                        None if self.ended => break,
                        None => return Line::More,
                    }
                }
                if i > ROW_BYTES_MAX {
                    return Line::Broken(UNCLOSED);
                }
                start_of_cell = false;
            } else if c == self.line_end {
                return Line::Whole(self.at + i, self.at + i + 1);
            } else {
                start_of_cell = c == self.delimiter;
                i += 1;
            }
        }
        if rest.len() >= ROW_BYTES_MAX {
            Line::Broken(TOO_LONG)
        } else if self.ended {
            Line::Whole(self.buf.len(), self.buf.len())
        } else {
            Line::More
        }
    }

    /// Splits the record in `start..end` into cells: where it stands in the buffer, or an empty range if it holds quotes and
    /// was written into `text` without them. A delimiter stands between the cells either way.
    fn split(&mut self, start: usize, end: usize) -> Range<usize> {
        self.text.clear();
        self.ends.clear();
        let record = &self.buf[start..end];
        if self.find_quote(record).is_none() {
            // The cells stand as they are in the buffer.
            let ends = record.iter().enumerate().filter(|(_, c)| **c == self.delimiter).map(|(i, _)| i);
            self.ends.extend(ends);
            self.ends.push(record.len());
            return start..end;
        }
        let mut i = 0;
        loop {
            if record.get(i) == Some(&b'"') {
                i += 1;
                while let Some(n) = memchr::memchr(b'"', &record[i..]) {
                    self.text.extend_from_slice(&record[i..i + n]);
                    i += n + 1;
                    if record.get(i) != Some(&b'"') {
                        break;
                    }
                    self.text.push(b'"');
                    i += 1;
                }
            }
            let n = memchr::memchr(self.delimiter, &record[i..]);
            let stop = n.map_or(record.len(), |n| i + n);
            self.text.extend_from_slice(&record[i..stop]);
            self.ends.push(self.text.len());
            if n.is_none() {
                return 0..0;
            }
            self.text.push(self.delimiter);
            i = stop + 1;
        }
    }
}

/// The first records of a head under a delimiter, at most `n_max` of them.
pub(crate) fn first_records(head: &[u8], delimiter: u8, n_max: usize) -> Vec<Vec<Vec<u8>>> {
    let mut records = Records { chunk: 1 << 12, ..Records::new(head, delimiter, head) };
    let mut found = Vec::new();
    while found.len() < n_max {
        // Reading from a slice cannot fail.
        match records.next() {
            Ok(Next::Record(_, record)) => found.push(record.cells().map(<[u8]>::to_vec).collect()),
            Ok(Next::Broken(..)) => {}
            Ok(Next::End) | Err(_) => break,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Next, Records};

    fn read(text: &[u8], delimiter: u8) -> Vec<String> {
        let mut records = Records::new(text, delimiter, text);
        let mut all = Vec::new();
        loop {
            match records.next().expect("memory") {
                Next::Record(line, r) => {
                    let cells: Vec<_> = r.cells().map(|c| String::from_utf8_lossy(c).into_owned()).collect();
                    all.push(format!("{line}:{}", cells.join("|")));
                }
                Next::Broken(line, why) => all.push(format!("{line}!{why}")),
                Next::End => return all,
            }
        }
    }

    #[test]
    fn quotes_line_ends_and_blank_lines() {
        assert_eq!(read(b"a,b\r\n\r\n1,\"x,\"\"y\"\"\nz\"\n2,q\"q", b','), ["1:a|b", "3:1|x,\"y\"\nz", "5:2|q\"q"]);
        assert_eq!(read(b"a;b\r1;2\r", b';'), ["1:a|b", "2:1|2"]);
        assert_eq!(read(b"a\tb\n\t\n\"x\"y\t", b'\t'), ["1:a|b", "2:|", "3:xy|"]);
        assert_eq!(read(b"", b','), [""; 0]);
        assert_eq!(read(b"\"\"", b','), ["1:"]);
    }

    /// As `read`, by blocks where there are any.
    fn read_by_blocks(text: &[u8], delimiter: u8) -> Vec<String> {
        let mut records = Records::new(text, delimiter, text);
        let mut all = Vec::new();
        let mut say = |next: Next<'_>| match next {
            Next::Record(line, r) => {
                let cells: Vec<_> = r.cells().map(|c| String::from_utf8_lossy(c).into_owned()).collect();
                all.push(format!("{line}:{}", cells.join("|")));
                true
            }
            Next::Broken(line, why) => {
                all.push(format!("{line}!{why}"));
                true
            }
            Next::End => false,
        };
        loop {
            if let Some((line, bytes)) = records.take_block().expect("memory") {
                let mut block = Records::of_block(line, bytes, records.marks());
                while say(block.next().expect("memory")) {}
            } else if !say(records.next().expect("memory")) {
                return all;
            }
        }
    }

    #[test]
    fn blocks_hold_the_records_that_are_read_one_by_one() {
        let long = |n: usize| "x".repeat(n);
        let plain = (0..120_000).map(|i| format!("{i},anna{i},{}\n", i % 7)).collect::<Vec<_>>().concat();
        let quoted = plain.replace("anna7", "\"an,na\n\"\"7\"");
        let stray = plain.replace("anna9", "\"anna9");
        let texts = [
            plain.clone(),
            plain.replace('\n', "\r\n"),
            plain.replace('\n', "\r"),
            quoted.clone(),
            stray,
            quoted.trim_end().to_owned(),
            format!("{plain}1,\"cut"),
            format!("a,{}\n{plain}b,{}\n", long(3 << 20), long(5 << 20)),
            format!("a,\"{}\n{plain}", long(6 << 20)),
            "\n\n1,2\n\n".to_owned(),
            String::new(),
        ];
        for (i, text) in texts.iter().enumerate() {
            let (one, blocks) = (read(text.as_bytes(), b','), read_by_blocks(text.as_bytes(), b','));
            assert!(one == blocks, "text {i}: {} and {} records", one.len(), blocks.len());
        }
    }

    #[test]
    fn a_cut_quote_is_one_broken_row() {
        assert_eq!(read(b"a,b\n1,2\n3,\"x\ny", b','), ["1:a|b", "2:1|2", "3!a quote is opened and never closed"]);
    }

    #[test]
    fn a_stray_quote_spoils_its_line_alone() {
        let text = format!("a,b\n1,\"2\n{}", "3,4\n".repeat(30));
        let all = read(text.as_bytes(), b',');
        assert_eq!(all[1], "2!a quote is opened and never closed");
        assert_eq!((all.len(), all[2].as_str()), (32, "3:3|4"));
    }

    #[test]
    fn what_is_too_long_is_broken_and_skipped() {
        let mut text = b"a,b\n".to_vec();
        text.extend(std::iter::repeat_n(b'x', 9 << 20));
        text.extend(b"\n1,");
        text.extend(std::iter::repeat_n(b'y', 2 << 20));
        text.extend(b"\n\"");
        text.extend(std::iter::repeat_n(b'z', 9 << 20));
        text.extend(b"\n5,6\n");
        let all = read(&text, b',');
        assert_eq!(
            all[1..],
            [
                "2!the row is longer than 4 MiB",
                "3!a cell is longer than 1 MiB",
                "4!a quote is opened and never closed",
                "5:5|6",
            ]
        );
    }
}
