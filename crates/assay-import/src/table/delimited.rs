//! Tables as delimited text: CSV, TSV, semicolons, pipes.

use super::{Rows, Shown};
use crate::bundle::HEAD_BYTES;
use crate::cell::Cell;
use crate::columns::{TableColumn, match_header};
use crate::delimited::{Next, Record, Records, first_records};
use crate::error::{ImportError, quote};
use crate::options::{Clock, HeaderMap};
use crate::reading::Desk;
use crate::text::{Utf8, cell_text};
use std::io::{Chain, Cursor, Read};

/// How a delimited text is laid out.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Dialect {
    /// Between cells.
    pub(crate) delimiter: u8,
    /// The column names.
    pub(crate) header: Vec<String>,
    /// Records before the header.
    pub(crate) n_before: usize,
}

/// Rows that are looked at before they are read.
const SHOWN_ROWS: usize = 500;
/// How many records a preamble may have.
const PREAMBLE_MAX: usize = 12;

/// Finds delimiter and header: the pair under which most columns of `header` are known, then the one with most cells.
/// `None` if no record names a known column.
pub(crate) fn dialect<C: Copy + PartialEq>(head: &[u8], of: impl Fn(&str) -> Option<C> + Copy) -> Option<Dialect> {
    dialect_as(head, of, &HeaderMap::default())
}

/// As [`dialect`], with headers under the names that the user gave them.
pub(crate) fn dialect_as<C: Copy + PartialEq>(
    head: &[u8],
    of: impl Fn(&str) -> Option<C> + Copy,
    map: &HeaderMap,
) -> Option<Dialect> {
    let mut best: Option<((usize, usize), Dialect)> = None;
    for delimiter in [b',', b'\t', b';', b'|'] {
        for (n_before, record) in first_records(head, delimiter, PREAMBLE_MAX).into_iter().enumerate() {
            let header: Vec<String> = record.iter().map(|c| map.named(&cell_text(c).0).to_owned()).collect();
            let n_known = match_header(header.iter().map(String::as_str), of).0.iter().flatten().count();
            let score = (n_known, header.len());
            if n_known > 0 && best.as_ref().is_none_or(|(other, _)| score > *other) {
                best = Some((score, Dialect { delimiter, header, n_before }));
            }
        }
    }
    best.map(|(_, dialect)| dialect)
}

/// The records of `stream`, and its head, which is still to be read.
pub(crate) type Headed<'a> = Chain<Cursor<Vec<u8>>, Utf8<&'a mut dyn Read>>;

/// Turns a stream into UTF-8 and reads its head ahead.
pub(crate) fn headed<'a>(stream: &'a mut dyn Read, desk: &Desk<'_>) -> Result<(Vec<u8>, Headed<'a>), ImportError> {
    let mut utf8 = Utf8::new(stream).map_err(|e| desk.broken(&e))?;
    let mut head = Vec::new();
    (&mut utf8).take(HEAD_BYTES as u64).read_to_end(&mut head).map_err(|e| desk.broken(&e))?;
    Ok((head.clone(), Cursor::new(head).chain(utf8)))
}

/// Reads a table.
pub(crate) fn read<T: Rows>(stream: &mut dyn Read, desk: &mut Desk<'_>, rows: &mut T) -> Result<(), ImportError> {
    let (head, stream) = headed(stream, desk)?;
    if head.iter().all(u8::is_ascii_whitespace) {
        return Ok(());
    }
    let Some(Dialect { delimiter, header, n_before }) = dialect_as(&head, T::Column::of, &desk.options().headers)
    else {
        return Err(no_header::<T::Column>(&head, desk.name()));
    };
    let (known, unknown) = match_header(header.iter().map(String::as_str), T::Column::of);
    rows.aside().unknown.extend(unknown);
    let columns: Vec<(usize, T::Column)> = known.iter().enumerate().filter_map(|(i, c)| Some((i, (*c)?))).collect();
    let cells = |record: Vec<Vec<u8>>| record.iter().map(|c| cell_text(c).0.into_owned()).collect();
    let first = first_records(&head, delimiter, n_before + 1 + SHOWN_ROWS);
    let shown: Vec<Vec<String>> = first.into_iter().skip(n_before + 1).map(cells).collect();
    rows.begin(&Shown { delimiter, columns: &columns, rows: &shown }, desk.options());
    let mut records = Records::new(stream, delimiter, &head);
    let mut to_skip = n_before + 1;
    while to_skip > 0 {
        match records.next().map_err(|e| desk.broken(&e))? {
            Next::End => return Ok(()),
            Next::Record(..) => to_skip -= 1,
            Next::Broken(line, why) => desk.reject(line, why)?,
        }
    }
    rows.records(records, &Layout { columns, n_header: header.len(), clock: Clock::new(desk.options()) }, desk)
}

/// The columns of a table.
pub(crate) struct Layout<C> {
    /// The known ones and where they stand.
    pub(crate) columns: Vec<(usize, C)>,
    /// How many in all.
    pub(crate) n_header: usize,
    /// A clock of the zone that the user named.
    pub(crate) clock: Clock,
}

/// Reads the records behind the header one by one.
pub(crate) fn one_by_one<T: Rows>(
    mut records: Records<impl Read>,
    layout: &Layout<T::Column>,
    desk: &mut Desk<'_>,
    rows: &mut T,
) -> Result<(), ImportError> {
    loop {
        match records.next().map_err(|e| desk.broken(&e))? {
            Next::End => return Ok(()),
            Next::Broken(line, why) => desk.reject(line, why)?,
            Next::Record(line, record) => {
                match fill(record, layout, rows, |rows, row, n_filled| rows.take(desk, line, row, n_filled)) {
                    Ok(taken) => taken?,
                    Err(why) => desk.reject(line, why)?,
                }
            }
        }
    }
}

/// Fills a row from the cells of a record and hands it to `take`, with how many of them held anything.
///
/// # Errors
/// What was expected and what was found, if a column cannot hold its cell or cells are missing.
pub(crate) fn fill<T: Rows, O>(
    record: Record<'_>,
    layout: &Layout<T::Column>,
    rows: &mut T,
    take: impl FnOnce(&mut T, T::Row<'_>, usize) -> O,
) -> Result<O, String> {
    check_width(record, layout.n_header)?;
    let mut row = T::Row::default();
    let mut n_filled = 0;
    if let Some(text) = record.utf8() {
        for (i, column) in &layout.columns {
            let cell = &text[record.span(*i)];
            if !cell.is_empty() {
                n_filled += usize::from(rows.put(&mut row, *column, Cell::Text(cell))?);
            }
        }
        return Ok(take(rows, row, n_filled));
    }
    // A row with bytes that are not UTF-8.
    rows.aside().n_cp1252 += 1;
    let columns = layout.columns.iter();
    let cells: Vec<_> = columns.map(|(i, column)| (*column, cell_text(record.cell(*i)).0)).collect();
    let mut row = T::Row::default();
    for (column, cell) in &cells {
        n_filled += usize::from(rows.put(&mut row, *column, Cell::Text(cell))?);
    }
    Ok(take(rows, row, n_filled))
}

/// Whether a record has the cells that the header promises; empty ones may follow.
pub(crate) fn check_width(record: Record<'_>, n_header: usize) -> Result<(), String> {
    let n = record.len();
    let surplus = (n_header..n).any(|i| !record.cell(i).is_empty());
    if n < n_header || surplus { Err(format!("expected {n_header} cells, found {n}")) } else { Ok(()) }
}

/// The error for a table without a known column.
pub(crate) fn no_header<C: TableColumn>(head: &[u8], place: &str) -> ImportError {
    let first = head.split(|b| *b == b'\n').find(|line| !line.is_empty()).unwrap_or_default();
    ImportError::new(
        format!("a header row with at least one known column, such as {}", C::EXAMPLES),
        quote(&cell_text(first).0),
        place,
        "name the columns in the first row; `assay formats --columns` lists the names that are known",
    )
}

#[cfg(test)]
mod tests {
    use super::dialect;
    use crate::columns::{Column, TableColumn};

    #[test]
    fn the_delimiter_is_the_one_that_makes_columns_known() {
        for (text, delimiter, n_before) in [
            ("handle,followers\na,1\n", b',', 0),
            ("handle;display name\na;\"x, y\"\n", b';', 0),
            ("handle\tfollowers\na\t1\n", b'\t', 0),
            ("sep=;\nhandle;bio\n", b';', 1),
            ("Notes:\n\"made, by hand\"\n\nhandle|bio\n", b'|', 2),
            ("handle\na\n", b',', 0),
        ] {
            let found = dialect(text.as_bytes(), Column::of).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((found.delimiter, found.n_before), (delimiter, n_before), "{text}");
        }
        assert_eq!(dialect(b"anna\nben\n", Column::of), None);
        assert_eq!(dialect(b"", Column::of), None);
    }
}
