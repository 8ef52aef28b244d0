//! Columns of equal length whose cells may be missing. A column without any value takes no memory.

use serde::Serialize;

/// A value that a column can hold, with the bit pattern that stands for "missing" inside the column.
pub trait Cell: Copy + PartialEq {
    /// Stands for a missing cell; never a value of its own.
    const MISSING: Self;
}

impl Cell for u32 {
    const MISSING: Self = Self::MAX;
}

/// A yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct Flag(u8);

impl Flag {
    /// No.
    pub const NO: Self = Self(0);
    /// Yes.
    pub const YES: Self = Self(1);

    /// The truth of the flag.
    pub fn is_yes(self) -> bool {
        self == Self::YES
    }
}

impl From<bool> for Flag {
    fn from(yes: bool) -> Self {
        Self(u8::from(yes))
    }
}

impl Cell for Flag {
    const MISSING: Self = Self(u8::MAX);
}

/// A column of cells, each a value or missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Column<T> {
    cells: Vec<T>,
    len: usize,
}

impl<T> Default for Column<T> {
    fn default() -> Self {
        Self { cells: Vec::new(), len: 0 }
    }
}

impl<T: Cell> Column<T> {
    /// How many cells, missing ones included.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no cell at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether any cell holds a value.
    pub fn has_values(&self) -> bool {
        !self.cells.is_empty()
    }

    /// The cell at `i`; `None` when it is missing.
    ///
    /// # Panics
    /// If `i` is not below the length.
    pub fn get(&self, i: usize) -> Option<T> {
        assert!(i < self.len, "row {i} of {}", self.len);
        self.cells.get(i).copied().filter(|c| *c != T::MISSING)
    }

    /// Adds a cell at the end.
    pub fn push(&mut self, cell: Option<T>) {
        match cell {
            Some(value) if value != T::MISSING => {
                if self.cells.is_empty() {
                    self.cells.resize(self.len, T::MISSING);
                }
                self.cells.push(value);
            }
            _ if self.cells.is_empty() => {}
            _ => self.cells.push(T::MISSING),
        }
        self.len += 1;
    }

    /// Adds the cells of another column at the end.
    pub fn append(&mut self, other: &Self) {
        if self.cells.is_empty() && !other.cells.is_empty() {
            self.cells.resize(self.len, T::MISSING);
        }
        self.cells.extend_from_slice(&other.cells);
        self.len += other.len;
        if !self.cells.is_empty() {
            self.cells.resize(self.len, T::MISSING);
        }
    }

    /// Every cell in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<T>> + '_ {
        (0..self.len).map(|i| self.cells.get(i).copied().filter(|c| *c != T::MISSING))
    }

    /// Makes the cells missing that `keep` does not hold for; tells how many.
    pub fn retain(&mut self, keep: impl Fn(T) -> bool) -> usize {
        let mut n_dropped = 0;
        for cell in self.cells.iter_mut().filter(|c| **c != T::MISSING && !keep(**c)) {
            *cell = T::MISSING;
            n_dropped += 1;
        }
        if self.n_values() == 0 {
            self.cells = Vec::new();
        }
        n_dropped
    }

    /// Puts `new` of each value in its place; missing cells stay missing.
    pub fn update(&mut self, new: impl Fn(T) -> T) {
        self.cells.iter_mut().filter(|c| **c != T::MISSING).for_each(|cell| *cell = new(*cell));
    }

    /// How many cells hold a value.
    pub fn n_values(&self) -> usize {
        self.cells.iter().filter(|c| **c != T::MISSING).count()
    }

    /// The same cells in another order: cell `k` of the result is cell `order[k]` of this column.
    #[must_use]
    pub fn reordered(&self, order: &[u32]) -> Self {
        let cells =
            if self.cells.is_empty() { Vec::new() } else { order.iter().map(|&i| self.cells[i as usize]).collect() };
        Self { cells, len: order.len() }
    }
}

impl<T: Cell> FromIterator<Option<T>> for Column<T> {
    fn from_iter<I: IntoIterator<Item = Option<T>>>(cells: I) -> Self {
        let mut column = Self::default();
        for cell in cells {
            column.push(cell);
        }
        column
    }
}

/// A column of texts in one run of bytes; a missing text and an empty one are the same.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TextColumn {
    text: String,
    ends: Vec<usize>,
    len: usize,
}

impl TextColumn {
    /// A column of `n` missing cells.
    pub fn missing(n: usize) -> Self {
        Self { len: n, ..Self::default() }
    }

    /// How many cells, missing ones included.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no cell at all.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether any cell holds a text.
    pub fn has_values(&self) -> bool {
        !self.ends.is_empty()
    }

    /// The text at `i`; `None` when it is missing or empty.
    ///
    /// # Panics
    /// If `i` is not below the length.
    pub fn get(&self, i: usize) -> Option<&str> {
        assert!(i < self.len, "row {i} of {}", self.len);
        let end = *self.ends.get(i)?;
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        Some(&self.text[start..end]).filter(|t| !t.is_empty())
    }

    /// Adds a cell at the end.
    pub fn push(&mut self, cell: Option<&str>) {
        match cell {
            Some(text) if !text.is_empty() => {
                if self.ends.is_empty() {
                    self.ends.resize(self.len, 0);
                }
                self.text.push_str(text);
                self.ends.push(self.text.len());
            }
            _ if self.ends.is_empty() => {}
            _ => self.ends.push(self.text.len()),
        }
        self.len += 1;
    }

    /// Adds the cells of another column at the end.
    pub fn append(&mut self, other: &Self) {
        if self.ends.is_empty() && !other.ends.is_empty() {
            self.ends.resize(self.len, 0);
        }
        let start = self.text.len();
        self.text.push_str(&other.text);
        self.ends.extend(other.ends.iter().map(|end| start + end));
        self.len += other.len;
        if !self.ends.is_empty() {
            self.ends.resize(self.len, self.text.len());
        }
    }

    /// Every cell in order.
    pub fn iter(&self) -> impl Iterator<Item = Option<&str>> {
        (0..self.len).map(|i| self.get(i))
    }

    /// The same cells in another order: cell `k` of the result is cell `order[k]` of this column.
    #[must_use]
    pub fn reordered(&self, order: &[u32]) -> Self {
        let mut column = Self::default();
        if self.has_values() {
            column.text.reserve(self.text.len());
            column.ends.reserve(order.len());
        }
        for &i in order {
            column.push(self.get(i as usize));
        }
        column
    }
}

#[cfg(test)]
mod tests {
    use super::{Column, Flag, TextColumn};

    #[test]
    fn a_column_without_values_takes_no_memory_and_fills_up_at_the_first_one() {
        let mut column = Column::<u32>::default();
        column.push(None);
        column.push(None);
        assert!(!column.has_values() && column.len() == 2);
        column.push(Some(7));
        assert_eq!(column.iter().collect::<Vec<_>>(), [None, None, Some(7)]);
        assert_eq!(column.reordered(&[2, 0]).iter().collect::<Vec<_>>(), [Some(7), None]);
        assert_eq!(column.n_values(), 1);
        column.update(|n| n * 2);
        assert_eq!(column.iter().collect::<Vec<_>>(), [None, None, Some(14)]);
    }

    #[test]
    fn texts_come_back_in_any_order() {
        let mut column = TextColumn::default();
        for cell in [None, Some("né"), Some(""), Some("b")] {
            column.push(cell);
        }
        assert_eq!(column.iter().collect::<Vec<_>>(), [None, Some("né"), None, Some("b")]);
        assert_eq!(column.reordered(&[3, 0, 1]).iter().collect::<Vec<_>>(), [Some("b"), None, Some("né")]);
    }

    #[test]
    fn columns_are_joined_as_if_their_cells_had_been_pushed() {
        let parts: [&[Option<u32>]; 5] = [&[None], &[], &[Some(1), None], &[None, None], &[Some(2)]];
        let (mut joined, mut texts) = (Column::<u32>::default(), TextColumn::default());
        let words = |cells: &[Option<u32>]| {
            let mut column = TextColumn::default();
            for cell in cells {
                column.push(cell.map(|n| ["", "né", "b"][n as usize]));
            }
            column
        };
        for part in parts {
            joined.append(&part.iter().copied().collect());
            texts.append(&words(part));
        }
        let pushed: Vec<Option<u32>> = parts.concat();
        assert_eq!(joined, pushed.iter().copied().collect());
        assert_eq!(texts, words(&pushed));
    }

    #[test]
    fn flags_know_missing_from_no() {
        let column: Column<Flag> = [Some(Flag::NO), None, Some(true.into())].into_iter().collect();
        assert_eq!(column.get(0).map(Flag::is_yes), Some(false));
        assert_eq!(column.get(1), None);
    }
}
