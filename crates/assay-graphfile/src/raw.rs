//! Edges as a file tells them, before their ids are numbered.

use assay_model::edges::{EdgeCounts, NO_TIME, REJECTS_KEPT};
use assay_model::{Reject, quote};
use std::io::Write as _;

/// Bytes of one id; a longer one makes its row a reject.
pub(crate) const ID_BYTES_MAX: usize = 1_024;

/// A few thousand rows of one file: columns of equal length, and what became of the other rows.
#[derive(Debug, Default)]
pub(crate) struct RawBlock {
    pub(crate) source: Ids,
    pub(crate) target: Ids,
    /// Empty where the file has no times.
    pub(crate) at_s: Vec<i64>,
    /// Empty where the file has no weights.
    pub(crate) weight: Vec<f32>,
    /// Lines counted from the block's first; `file` of the rejects is left empty.
    pub(crate) counts: EdgeCounts,
    /// Lines (or rows, where a file has no lines) that the block spans.
    pub(crate) lines: u64,
}

impl RawBlock {
    /// Takes all rows out, and keeps the memory.
    pub(crate) fn clear(&mut self) {
        self.source.clear();
        self.target.clear();
        self.at_s.clear();
        self.weight.clear();
        self.counts = EdgeCounts::default();
        self.lines = 0;
    }

    /// How many edges.
    pub(crate) fn len(&self) -> usize {
        self.source.len()
    }

    /// Takes a row that was met and read.
    #[inline]
    pub(crate) fn push(&mut self, row: &Row<'_>, timed: bool, weighted: bool) {
        self.counts.rows += 1;
        self.counts.taken += 1;
        self.source.push(row.source);
        self.target.push(row.target);
        if timed {
            self.at_s.push(row.at_s);
        }
        if weighted {
            self.weight.push(row.weight);
        }
    }

    /// Counts a row that is no edge.
    #[cold]
    pub(crate) fn reject(&mut self, line: u64, bad: Bad) {
        self.counts.rows += 1;
        let why = match bad {
            Bad::Empty(side) => {
                self.counts.empty += 1;
                format!("no {side}")
            }
            Bad::Broken(why) => {
                self.counts.broken += 1;
                why
            }
        };
        if self.counts.rejects.len() < REJECTS_KEPT {
            self.counts.rejects.push(Reject { file: String::new(), line, why });
        }
    }
}

/// Why a row is no edge.
#[derive(Debug)]
pub(crate) enum Bad {
    /// A side has no id.
    Empty(&'static str),
    /// What was expected and what was found.
    Broken(String),
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    pub(crate) source: Id<'a>,
    pub(crate) target: Id<'a>,
    pub(crate) at_s: i64,
    pub(crate) weight: f32,
}

impl Default for Row<'_> {
    fn default() -> Self {
        Self { source: Id::Number(0), target: Id::Number(0), at_s: NO_TIME, weight: 1.0 }
    }
}

/// An id: a number where it is written as one, without sign, leading zeros or anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Id<'a> {
    Number(u64),
    Text(&'a str),
}

impl<'a> Id<'a> {
    /// Reads an id from a cell.
    ///
    /// # Errors
    /// [`Bad::Empty`] if nothing stands there; [`Bad::Broken`] if it can be no id.
    pub(crate) fn read(cell: &'a [u8], side: &'static str) -> Result<Self, Bad> {
        let Ok(text) = std::str::from_utf8(cell) else {
            return Err(Bad::Broken(format!("column `{side}`: expected UTF-8, found {}", quote(&lossy(cell)))));
        };
        Self::of_text(text, side)
    }

    /// As [`Id::read`], from text.
    pub(crate) fn of_text(text: &'a str, side: &'static str) -> Result<Self, Bad> {
        let text = text.trim();
        if let Some(number) = plain_number(text.as_bytes()) {
            return Ok(Self::Number(number));
        }
        if text.is_empty() || text == "\\N" {
            return Err(Bad::Empty(side));
        }
        let wrong =
            |expected: &str, found: &str| Bad::Broken(format!("column `{side}`: expected {expected}, found {found}"));
        if text.len() > ID_BYTES_MAX {
            return Err(wrong("an id of at most 1,024 bytes", "a longer one"));
        }
        if text.bytes().any(|c| c < b' ' || c == 0x7f) {
            return Err(wrong("one word", &quote(text)));
        }
        if is_rounded(text) {
            return Err(wrong("the whole id", &format!("{}, which a program has rounded", quote(text))));
        }
        Ok(Self::Text(text))
    }
}

pub(crate) fn lossy(cell: &[u8]) -> String {
    String::from_utf8_lossy(&cell[..cell.len().min(200)]).into_owned()
}

/// Whether a number is written with a power of ten, as spreadsheets and data frames do to long ids: `1.96E+18`.
fn is_rounded(text: &str) -> bool {
    text.split_once("E+").or_else(|| text.split_once("e+")).is_some_and(|(head, power)| {
        let digits =
            |part: &str| !part.is_empty() && part.bytes().all(|c| c.is_ascii_digit() || c == b'.' || c == b',');
        digits(head) && digits(power)
    })
}

/// A number in the one way in which it is written without frills.
fn plain_number(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 20 || (text[0] == b'0' && text.len() > 1) {
        return None;
    }
    text.iter().try_fold(0_u64, |n, c| {
        let digit = c.wrapping_sub(b'0');
        if digit < 10 { n.checked_mul(10)?.checked_add(u64::from(digit)) } else { None }
    })
}

/// A column of ids: numbers as long as all are, else texts.
#[derive(Debug)]
pub(crate) enum Ids {
    Numbers(Vec<u64>),
    Texts(TextIds),
}

/// Texts one behind the other, each with the place where it ends.
#[derive(Debug, Default)]
pub(crate) struct TextIds {
    pub(crate) text: String,
    pub(crate) ends: Vec<u32>,
}

impl TextIds {
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        let mut start = 0;
        self.ends.iter().map(move |end| {
            let text = &self.text[start as usize..*end as usize];
            start = *end;
            text
        })
    }

    fn push_number(&mut self, number: u64) {
        let mut digits = [0; 20];
        let mut free = &mut digits[..];
        // Twenty digits hold every number of 64 bits.
        let _ = write!(free, "{number}");
        let n = 20 - free.len();
        self.text.push_str(std::str::from_utf8(&digits[..n]).unwrap_or_default());
        self.ends.push(self.text.len() as u32);
    }
}

impl Default for Ids {
    fn default() -> Self {
        Self::Numbers(Vec::new())
    }
}

impl Ids {
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Texts(texts) => texts.ends.len(),
        }
    }

    fn clear(&mut self) {
        match self {
            Self::Numbers(numbers) => numbers.clear(),
            // The next block will most likely be of the same kind.
            Self::Texts(texts) => {
                texts.text.clear();
                texts.ends.clear();
            }
        }
    }

    #[inline]
    pub(crate) fn push(&mut self, id: Id<'_>) {
        match (&mut *self, id) {
            (Self::Numbers(numbers), Id::Number(number)) => numbers.push(number),
            (Self::Texts(texts), Id::Number(number)) => texts.push_number(number),
            (Self::Texts(texts), Id::Text(text)) => {
                texts.text.push_str(text);
                texts.ends.push(texts.text.len() as u32);
            }
            (Self::Numbers(_), Id::Text(_)) => {
                *self = Self::Texts(self.to_texts());
                self.push(id);
            }
        }
    }

    /// The numbers of a column as texts.
    pub(crate) fn to_texts(&self) -> TextIds {
        let mut texts = TextIds::default();
        if let Self::Numbers(numbers) = self {
            for number in numbers {
                texts.push_number(*number);
            }
        }
        texts
    }
}

#[cfg(test)]
mod tests {
    use super::{Bad, Id, Ids};

    #[test]
    fn an_id_is_a_number_only_where_it_is_written_like_one() {
        let read = |text: &'static str| Id::read(text.as_bytes(), "source").ok();
        for (text, number) in [("0", 0), (" 17 ", 17), ("18446744073709551615", u64::MAX)] {
            assert_eq!(read(text), Some(Id::Number(number)), "{text}");
        }
        for text in ["007", "-1", "+1", "1.0", "18446744073709551616", "anna", "1e3", "né", "null"] {
            assert_eq!(read(text), Some(Id::Text(text)), "{text}");
        }
        for text in ["", "  ", "\\N"] {
            assert!(matches!(Id::read(text.as_bytes(), "source"), Err(Bad::Empty("source"))), "{text}");
        }
        for cell in [&b"a\0"[..], b"\xff", b"1.96E+18", &[b'x'; 2_000]] {
            assert!(matches!(Id::read(cell, "source"), Err(Bad::Broken(_))), "{cell:?}");
        }
    }

    #[test]
    fn a_column_becomes_texts_at_the_first_text() {
        let mut ids = Ids::default();
        for id in [Id::Number(5), Id::Text("x"), Id::Number(u64::MAX)] {
            ids.push(id);
        }
        let Ids::Texts(texts) = &ids else { panic!("numbers") };
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["5", "x", "18446744073709551615"]);
    }
}
