//! Rows of a named table as columns, a block at a time.

use super::{Holds, Value, Wanted};
use assay_model::split_mix;
use std::collections::HashMap;
use std::sync::Arc;

/// Rows of a table as columns, in the order of the wanted ones.
#[derive(Debug, Default)]
pub struct Block {
    pub(super) n: usize,
    pub(super) lines: Lines,
    pub(super) columns: Vec<Column>,
}

/// Where rows stand.
#[derive(Debug)]
pub(super) enum Lines {
    /// One behind another from here on.
    From(u64),
    /// Each at its own line.
    Each(Vec<u64>),
}

impl Default for Lines {
    fn default() -> Self {
        Self::Each(Vec::new())
    }
}

/// A column of a block.
#[derive(Debug)]
pub enum Column {
    /// Numbers; NaN where a cell is missing.
    Numbers(Vec<f64>),
    /// Numbers of which the table keeps each once.
    Coded(Coded),
    /// Names, of which there are few.
    Names(Names),
    /// Texts.
    Texts(Texts),
    /// Ids as numbers; 0 where a cell is missing, none at all where the table lacks the column.
    Ids(Vec<u64>),
}

impl Column {
    /// Drops the rows and keeps the memory.
    pub(super) fn clear(&mut self) {
        match self {
            Self::Numbers(numbers) => numbers.clear(),
            Self::Coded(coded) => coded.places.clear(),
            Self::Names(names) => names.clear(),
            Self::Texts(texts) => {
                texts.text.clear();
                texts.ends.clear();
            }
            Self::Ids(ids) => ids.clear(),
        }
    }

    /// The cell of a row.
    #[inline]
    pub(super) fn cell(&self, row: usize) -> Value<'_> {
        match self {
            Self::Numbers(numbers) => Value::of(numbers[row]),
            Self::Coded(coded) => Value::of(coded.numbers[coded.places[row] as usize]),
            Self::Names(names) => match names.codes[row] {
                Names::MISSING => Value::Missing,
                code => Value::Text(&names.names[code as usize]),
            },
            Self::Texts(texts) => texts.get(row).map_or(Value::Missing, Value::Text),
            Self::Ids(ids) => match ids.get(row) {
                None | Some(0) => Value::Missing,
                Some(id) => Value::Id(*id),
            },
        }
    }
}

impl Default for Column {
    fn default() -> Self {
        Self::Numbers(Vec::new())
    }
}

/// A column of numbers of which each is kept once.
#[derive(Debug)]
pub struct Coded {
    /// For each row the place of its number.
    pub places: Vec<u32>,
    /// The numbers; NaN behind all others is for a cell that is missing.
    pub numbers: Arc<[f64]>,
    /// Whether a cell of these rows may be missing.
    pub any_missing: bool,
}

/// A column of names: each is kept once.
#[derive(Debug, Default)]
pub struct Names {
    /// For each row the place of its name; [`Names::MISSING`] where it has none.
    pub codes: Vec<u32>,
    /// The names, in the order in which they were met.
    pub names: Vec<String>,
    /// Where there are many.
    by_name: HashMap<String, u32>,
}

/// Names that are looked through one by one.
const FEW: usize = 24;

impl Names {
    /// The code of no name.
    pub const MISSING: u32 = u32::MAX;

    pub(super) fn clear(&mut self) {
        self.codes.clear();
        self.names.clear();
        self.by_name.clear();
    }

    pub(super) fn code(&mut self, name: &str) -> u32 {
        if self.names.len() <= FEW {
            if let Some(place) = self.names.iter().position(|n| n == name) {
                return place as u32;
            }
        } else if let Some(code) = self.by_name.get(name) {
            return *code;
        }
        let code = self.names.len() as u32;
        self.names.push(name.to_owned());
        if self.names.len() > FEW {
            // The first ones too, the first time.
            for at in self.by_name.len()..self.names.len() {
                self.by_name.insert(self.names[at].clone(), at as u32);
            }
        }
        code
    }
}

/// A column of texts, end to end.
#[derive(Debug, Default)]
pub struct Texts {
    text: String,
    /// Where each ends; an empty one is missing.
    pub(super) ends: Vec<usize>,
}

impl Texts {
    pub(super) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    fn get(&self, row: usize) -> Option<&str> {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        Some(&self.text[start..self.ends[row]]).filter(|t| !t.is_empty())
    }
}

impl Block {
    /// No rows yet.
    pub(super) fn new(wanted: &[Wanted]) -> Self {
        let column = |w: &Wanted| match w.holds {
            Holds::Number | Holds::Flag => Column::Numbers(Vec::new()),
            Holds::Name => Column::Names(Names::default()),
            Holds::Text => Column::Texts(Texts::default()),
            Holds::Id => Column::Ids(Vec::new()),
        };
        Self { n: 0, lines: Lines::default(), columns: wanted.iter().map(column).collect() }
    }

    /// Drops the rows and keeps the memory.
    pub(super) fn clear(&mut self) {
        self.n = 0;
        self.lines = match std::mem::take(&mut self.lines) {
            Lines::From(_) => Lines::default(),
            Lines::Each(mut lines) => {
                lines.clear();
                Lines::Each(lines)
            }
        };
        self.columns.iter_mut().for_each(Column::clear);
    }

    /// Makes the empty block ready for rows that come one by one.
    pub(super) fn by_rows(&mut self) {
        for column in self.columns.iter_mut().filter(|c| matches!(c, Column::Coded(_))) {
            *column = Column::Numbers(Vec::new());
        }
    }

    /// Adds a row. None of the columns may be [`Column::Coded`].
    pub(super) fn push(&mut self, line: u64, cells: &[Value<'_>]) {
        for (column, cell) in cells.iter().enumerate() {
            self.put(column, *cell);
        }
        self.close(line);
    }

    /// Adds a cell of the row that is under way. Every column gets one, before [`Block::close`] ends the row.
    #[inline]
    pub(super) fn put(&mut self, column: usize, cell: Value<'_>) {
        match (&mut self.columns[column], cell) {
            (Column::Numbers(numbers), Value::Number(x)) => numbers.push(x),
            (Column::Numbers(numbers), _) => numbers.push(f64::NAN),
            // Rows come one by one into columns of another kind.
            (Column::Coded(_), _) => {}
            (Column::Names(names), Value::Text(name)) => {
                let code = names.code(name);
                names.codes.push(code);
            }
            (Column::Names(names), _) => names.codes.push(Names::MISSING),
            (Column::Texts(texts), Value::Text(text)) => texts.push(text),
            (Column::Texts(texts), _) => texts.push(""),
            (Column::Ids(ids), Value::Id(id)) => ids.push(id),
            (Column::Ids(ids), _) => ids.push(0),
        }
    }

    /// Ends the row that is under way.
    #[inline]
    pub(super) fn close(&mut self, line: u64) {
        if let Lines::Each(lines) = &mut self.lines {
            lines.push(line);
        }
        self.n += 1;
    }

    /// Takes back the cells of the row that is under way.
    pub(super) fn undo(&mut self) {
        for column in &mut self.columns {
            match column {
                Column::Numbers(numbers) => numbers.truncate(self.n),
                Column::Coded(coded) => coded.places.truncate(self.n),
                Column::Names(names) => names.codes.truncate(self.n),
                Column::Texts(texts) => {
                    texts.ends.truncate(self.n);
                    texts.text.truncate(texts.ends.last().copied().unwrap_or(0));
                }
                Column::Ids(ids) => ids.truncate(self.n),
            }
        }
    }

    /// Rows.
    pub fn len(&self) -> usize {
        self.n
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.n == 0
    }

    /// The column of a wanted one. An optional one that the table lacks is missing in every row.
    pub fn column(&self, wanted: usize) -> &Column {
        &self.columns[wanted]
    }

    /// The line of a row.
    pub fn line(&self, row: usize) -> u64 {
        match &self.lines {
            Lines::From(first) => first + row as u64,
            Lines::Each(lines) => lines[row],
        }
    }

    /// The cells of a row, in the order of the wanted columns.
    pub(super) fn cells<'b>(&'b self, row: usize, cells: &mut [Value<'b>]) {
        for (column, cell) in self.columns.iter().zip(cells) {
            *cell = column.cell(row);
        }
    }
}

/// The number of an id, never 0. A whole number of 1 to 18 digits has the same one as a text and as a number. Its keys are fixed: the same input gives
/// the same answer on every run.
pub(super) fn id(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let is_whole = (1..=18).contains(&bytes.len())
        && bytes.iter().all(u8::is_ascii_digit)
        && (bytes.len() == 1 || bytes[0] != b'0');
    if is_whole {
        return id_of_number(bytes.iter().fold(0, |n, c| n * 10 + i64::from(c - b'0')));
    }
    let mut state = bytes.len() as u64;
    for word in bytes.chunks(8) {
        let mut padded = [0; 8];
        padded[..word.len()].copy_from_slice(word);
        state = split_mix(state ^ u64::from_le_bytes(padded));
    }
    split_mix(state ^ 0x5bd1_e995_9d1b_54a5).max(1)
}

pub(super) fn id_of_number(n: i64) -> u64 {
    split_mix(n as u64).max(1)
}

#[cfg(test)]
mod tests {
    use super::{Block, id, id_of_number};
    use crate::named::{Holds, Optional, Value, Wanted};
    use std::collections::HashSet;

    #[test]
    fn rows_come_out_as_they_went_in() {
        let want = |holds| Wanted { names: Vec::new(), holds, optional: Optional::No };
        let mut block = Block::new(&[Holds::Name, Holds::Number, Holds::Text, Holds::Id].map(want));
        let names: Vec<String> = (0..100).map(|k| format!("arm{}", k % 40)).collect();
        let rows: Vec<[Value<'_>; 4]> = names
            .iter()
            .enumerate()
            .map(|(k, name)| {
                let all = [Value::Text(name), Value::Number(k as f64), Value::Text(name), Value::Id(k as u64 + 1)];
                if k % 7 == 0 { [Value::Missing; 4] } else { all }
            })
            .collect();
        for _ in 0..2 {
            for (k, row) in rows.iter().enumerate() {
                block.push(k as u64 * 3, row);
            }
            let mut cells = [Value::Missing; 4];
            for (k, row) in rows.iter().enumerate() {
                block.cells(k, &mut cells);
                assert_eq!((cells, block.line(k)), (*row, k as u64 * 3));
            }
            block.clear();
            assert!(block.is_empty());
        }
    }

    #[test]
    fn ids_differ_where_their_texts_do() {
        assert_eq!(id("1234567"), id_of_number(1_234_567));
        let texts = (0..50_000).map(|k: u64| format!("user-{k}")).chain((0..50_000).map(|k: u64| k.to_string()));
        let others = ["", "0", "00", "01", "1.0", "abcdefgh", "abcdefghi", "abcdefg", "1e3"].map(str::to_owned);
        let all: HashSet<u64> = texts.chain(others).map(|t| id(&t)).collect();
        // "0" stands among the numbers already.
        assert_eq!(all.len(), 100_000 + 9 - 1);
    }
}
