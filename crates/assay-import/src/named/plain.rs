//! Plain blocks of delimited text: UTF-8 without quotes, as nearly all are. Marks between cells are found eight bytes at a time, and
//! cells are read a column at a time.
//!
//! What comes out is what the record by record reading makes of the same block: rows that are anything but plain (another number
//! of cells, a cell that cannot be used) are left to it, one by one.

use super::block::{Block, Column, Names, id_of_number};
use super::number::digits;
use super::{Holds, Plan, Refused, Value, told};
use crate::bundle::CELL_BYTES_MAX;

/// Rows that are read together.
const ROWS: usize = 512;
/// Names that are known by their bytes, a power of two.
const KNOWN: usize = 64;

/// Where the wanted columns stand.
pub(super) struct Wanted<'p> {
    pub(super) plan: &'p Plan<'p>,
    /// Each wanted column that the table has, and its place.
    pub(super) columns: &'p [(usize, usize)],
    /// Wanted ones that the table lacks.
    pub(super) absent: &'p [usize],
    pub(super) n_header: usize,
    pub(super) delimiter: u8,
}

/// Reads the records of `text`, the first of which stands at `line`. `odd` reads a line that is anything but plain, given its number.
pub(super) fn read(
    text: &str,
    mut line: u64,
    wanted: &Wanted<'_>,
    block: &mut Block,
    broken: &mut Refused,
    odd: &mut impl FnMut(u64, &[u8], &mut Block, &mut Refused),
) {
    let bytes = text.as_bytes();
    let n = wanted.n_header;
    let mut marks = Marks { bytes, at: 0, delimiter: wanted.delimiter };
    let mut known = Known { cells: [(0, 0, Names::MISSING); KNOWN] };
    // Where the cells of rows begin, and what stands behind the last of them.
    let mut starts: Vec<u32> = vec![0];
    // The first of `starts` that no row was made of yet.
    let mut first = 0;
    loop {
        let is_over = !marks.more(&mut starts);
        if is_over && starts.last().is_some_and(|end| (*end as usize) < bytes.len()) {
            // The last line does not end.
            starts.push(bytes.len() as u32 + 1);
        }
        while first + 1 < starts.len() {
            let mut n_rows = 0;
            while n_rows < ROWS && is_row(bytes, &starts, first + n_rows * n, n) {
                n_rows += 1;
            }
            if n_rows > 0 {
                let cells = &starts[first..=first + n_rows * n];
                rows(text, cells, line, wanted, &mut known, block, broken);
                line += n_rows as u64;
                first += n_rows * n;
                continue;
            }
            let ends_line = |i: &usize| bytes.get(starts[*i] as usize - 1).is_none_or(|c| *c == b'\n');
            let Some(end) = (first + 1..starts.len()).find(ends_line) else { break };
            odd(line, &bytes[starts[first] as usize..(starts[end] as usize).min(bytes.len())], block, broken);
            line += 1;
            first = end;
        }
        if is_over {
            return;
        }
        starts.drain(..first);
        first = 0;
    }
}

/// Whether the line that begins at `starts[first]` is known to be a row of `n` cells.
fn is_row(bytes: &[u8], starts: &[u32], first: usize, n: usize) -> bool {
    let Some(cells) = starts.get(first..=first + n) else { return false };
    let ends_line = |start: u32| bytes.get(start as usize - 1).is_none_or(|c| *c == b'\n');
    let length = cells[n] - cells[0];
    // A line of one cell may be blank, and a long one may hold a cell that is too long.
    !cells[1..n].iter().any(|start| ends_line(*start))
        && ends_line(cells[n])
        && length as usize <= CELL_BYTES_MAX
        && (n > 1 || length > 2)
}

/// Reads plain rows; `starts` is where their cells begin.
fn rows(
    text: &str,
    starts: &[u32],
    line: u64,
    wanted: &Wanted<'_>,
    known: &mut Known,
    block: &mut Block,
    broken: &mut Refused,
) {
    let n_rows = (starts.len() - 1) / wanted.n_header;
    let is_whole = wanted.columns.iter().all(|(column, at)| {
        let cells = Cells { text, starts, n: wanted.n_header, at: *at };
        cells.fill(*column, wanted.plan, known, &mut block.columns[*column])
    });
    if is_whole {
        for column in wanted.absent {
            (0..n_rows).for_each(|_| block.put(*column, Value::Missing));
        }
        (line..line + n_rows as u64).for_each(|line| block.close(line));
        return;
    }
    // A cell cannot be used, so that rows are taken one by one.
    block.undo();
    for row in 0..n_rows {
        let found = wanted.columns.iter().try_for_each(|(column, at)| {
            let cells = Cells { text, starts, n: wanted.n_header, at: *at };
            wanted.plan.value(*column, cells.get(row)).map(|value| block.put(*column, value))
        });
        match found {
            Ok(()) => {
                wanted.absent.iter().for_each(|column| block.put(*column, Value::Missing));
                block.close(line + row as u64);
            }
            Err(why) => {
                block.undo();
                broken.push((line + row as u64, why));
            }
        }
    }
}

/// The cells of a column.
struct Cells<'t> {
    text: &'t str,
    starts: &'t [u32],
    /// Cells of a row.
    n: usize,
    at: usize,
}

impl<'t> Cells<'t> {
    fn get(&self, row: usize) -> &'t str {
        let first = row * self.n + self.at;
        let (start, end) = self.span([self.starts[first], self.starts[first + 1]]);
        &self.text[start..end]
    }

    /// Where a cell begins and ends that begins at `start`, another at `next`.
    #[inline]
    fn span(&self, [start, next]: [u32; 2]) -> (usize, usize) {
        let (start, end) = (start as usize, next as usize - 1);
        // Lines may end in two bytes.
        let has_return = self.at + 1 == self.n && end > start && self.text.as_bytes()[end - 1] == b'\r';
        (start, end - usize::from(has_return))
    }

    /// Where each cell begins and ends.
    fn spans(&self) -> impl Iterator<Item = (usize, usize)> + '_ {
        let rows = self.starts[..self.starts.len() - 1].chunks_exact(self.n);
        let next = self.starts[self.at + 1..].iter().step_by(self.n);
        rows.zip(next).map(|(row, next)| self.span([row[self.at], *next]))
    }

    /// Puts the cells into a column. False, the column left in between, where one cannot be used.
    fn fill(&self, column: usize, plan: &Plan<'_>, known: &mut Known, out: &mut Column) -> bool {
        let bytes = self.text.as_bytes();
        let holds = plan.wanted[column].holds;
        match out {
            Column::Numbers(out) => {
                for (start, end) in self.spans() {
                    out.push(match digits(bytes, start, end - start) {
                        Some(number) if holds == Holds::Number => number.value(),
                        _ => match plan.value(column, &self.text[start..end]) {
                            Ok(Value::Number(x)) => x,
                            Ok(_) => f64::NAN,
                            Err(_) => return false,
                        },
                    });
                }
            }
            Column::Names(names) => {
                for span in self.spans() {
                    let code = known.code(self.text, span, names);
                    names.codes.push(code);
                }
            }
            Column::Ids(out) => {
                for (start, end) in self.spans() {
                    let is_whole = end > start && bytes[start] != b'0' && bytes[end - 1] != b'.';
                    out.push(match digits(bytes, start, end - start) {
                        Some(number) if is_whole && number.n_behind == 0 => id_of_number(number.digits as i64),
                        _ => told(&self.text[start..end], Holds::Id).map_or(0, super::block::id),
                    });
                }
            }
            Column::Texts(out) => {
                self.spans().for_each(|(start, end)| out.push(told(&self.text[start..end], holds).unwrap_or("")));
            }
            // Text has no dictionary.
            Column::Coded(_) => return false,
        }
        true
    }
}

/// Codes of names by their bytes, as far as sixteen of them tell a name.
struct Known {
    /// The bytes of a cell, their number, and its code.
    cells: [(u128, usize, u32); KNOWN],
}

impl Known {
    #[inline]
    fn code(&mut self, text: &str, (start, end): (usize, usize), names: &mut Names) -> u32 {
        let n = end - start;
        let miss =
            |names: &mut Names| told(&text[start..end], Holds::Name).map_or(Names::MISSING, |name| names.code(name));
        let bytes = text.as_bytes().get(start..start + 16);
        let word = bytes.and_then(|bytes| bytes.try_into().ok()).map(u128::from_le_bytes);
        let (Some(word), 1..=16) = (word, n) else { return miss(names) };
        let key = word & (u128::MAX >> (128 - 8 * n));
        let mixed = ((key as u64) ^ ((key >> 64) as u64).rotate_left(17)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = &mut self.cells[(mixed >> 58) as usize % KNOWN];
        if (place.0, place.1) != (key, n) {
            *place = (key, n, miss(names));
        }
        place.2
    }
}

/// Finds delimiters and ends of lines.
struct Marks<'t> {
    bytes: &'t [u8],
    at: usize,
    delimiter: u8,
}

/// Bytes that are looked through at a time.
const STRETCH: usize = 1 << 14;

impl Marks<'_> {
    /// Puts down what stands behind each mark of the next stretch; tells whether there may be more.
    fn more(&mut self, starts: &mut Vec<u32>) -> bool {
        const LOW: u64 = u64::from_le_bytes([0x7f; 8]);
        let (of_cell, of_line) = (u64::from_le_bytes([self.delimiter; 8]), u64::from_le_bytes([b'\n'; 8]));
        let end = self.bytes.len().min(self.at + STRETCH);
        let (chunks, rest) = self.bytes[self.at..end].as_chunks::<64>();
        let mut at = self.at as u32;
        for chunk in chunks {
            let mut marks = 0_u64;
            for (i, word) in chunk.as_chunks::<8>().0.iter().enumerate() {
                let word = u64::from_le_bytes(*word);
                let (a, b) = (word ^ of_cell, word ^ of_line);
                // The upper bit of each byte that is not 0, for both.
                let a = ((a & LOW) + LOW) | a;
                let b = ((b & LOW) + LOW) | b;
                let hits = (!(a & b) & !LOW) >> 7;
                // The lowest bits of eight bytes, gathered in one.
                marks |= (hits.wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * i);
            }
            // Written eight at a time, so that nobody need foresee how many there are.
            let (mut n, before) = (marks.count_ones() as usize, starts.len());
            let all = before + n;
            while n > 0 {
                let mut eight = [0; 8];
                for start in &mut eight {
                    *start = at + marks.trailing_zeros() + 1;
                    marks &= marks.wrapping_sub(1);
                }
                starts.extend_from_slice(&eight);
                n = n.saturating_sub(8);
            }
            starts.truncate(all);
            at += 64;
        }
        for (i, c) in rest.iter().enumerate() {
            if *c == self.delimiter || *c == b'\n' {
                starts.push(at + i as u32 + 1);
            }
        }
        self.at = end;
        end < self.bytes.len()
    }
}
