//! What kind of table a file is, and how its rows are read.

use crate::columns::ColumnChoice;
use crate::delimited::{Layout, first_row_end, first_rows, sniff};
use crate::input::{HEAD_BYTES, Member};
use crate::json_lines::Keys;
use crate::limits::Limits;
use crate::parquet::{MAGIC, ParquetBlocks, ParquetTable};
use crate::raw::RawBlock;
use crate::text_blocks::{Parser, TextBlocks};
use crate::unpack::{Meter, reading};
use assay_model::edges::EdgesError;
use std::io::Read;

/// A table whose columns are known.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    kind: Kind,
    /// Lines above the first row.
    pub(crate) lines_above: u64,
    /// Names of columns that are not used.
    pub(crate) unknown: Vec<String>,
    /// How many rows it will have, as far as can be told before it is read.
    pub(crate) expected_rows: u64,
    /// Whether that number is exact.
    pub(crate) exact: bool,
    pub(crate) timed: bool,
    pub(crate) weighted: bool,
}

#[derive(Debug, Clone)]
enum Kind {
    Parquet(ParquetTable),
    Text { skip: usize, parser: Parser },
}

/// Blocks of a table, one batch after another.
pub(crate) enum Blocks {
    Parquet(Box<ParquetBlocks>),
    Text(Box<TextBlocks>),
}

impl Blocks {
    /// Reads the next blocks into `out`, and returns how many; 0 at the end.
    pub(crate) fn next(&mut self, out: &mut Vec<RawBlock>) -> Result<usize, EdgesError> {
        match self {
            Self::Parquet(blocks) => blocks.next(out),
            Self::Text(blocks) => blocks.next(out),
        }
    }
}

impl Table {
    /// Looks at the head of a file.
    pub(crate) fn look(member: &Member, choice: &ColumnChoice, limits: &Limits) -> Result<Self, EdgesError> {
        let head = &member.head[..];
        let name = &member.name;
        if head.starts_with(MAGIC) {
            let mut table = ParquetTable::open(member, choice, limits)?;
            return Ok(Self {
                lines_above: 0,
                unknown: std::mem::take(&mut table.unknown),
                expected_rows: table.n_rows(),
                exact: true,
                timed: table.is_timed(),
                weighted: table.is_weighted(),
                kind: Kind::Parquet(table),
            });
        }
        refuse_others(head, name)?;
        let mark = mark(head);
        match head[mark..].iter().find(|c| !c.is_ascii_whitespace()) {
            Some(b'{') => return json_lines(member, choice, mark),
            Some(b'[') => {
                return Err(EdgesError::new(
                    "a table of edges, or JSON with an object a line",
                    "one JSON list",
                    &**name,
                    "make lines of it: `jq -c '.[]' FILE`",
                ));
            }
            _ => {}
        }
        delimited(member, choice)
    }

    /// Starts reading; `n` blocks are parsed side by side.
    pub(crate) fn blocks(
        &self,
        member: &Member,
        meter: &Meter,
        limits: &Limits,
        n: usize,
    ) -> Result<Blocks, EdgesError> {
        match &self.kind {
            Kind::Parquet(table) => Ok(Blocks::Parquet(Box::new(ParquetBlocks::new(table, &member.name, meter)))),
            Kind::Text { skip, parser } => {
                let inner = member.open(meter, limits)?;
                Ok(Blocks::Text(Box::new(TextBlocks::new(inner, &member.name, *skip, parser.clone(), n)?)))
            }
        }
    }
}

/// Bytes of a text that are looked at in one place.
const PIECE_BYTES: u64 = 1 << 18;

/// Some rows of a table.
pub(crate) struct Some {
    /// A block for each place.
    pub(crate) blocks: Vec<RawBlock>,
    /// Whether these are all rows there are.
    pub(crate) whole: bool,
    /// How many rows the table has, as far as these tell.
    pub(crate) n_rows: u64,
}

impl Table {
    /// Some rows from each of these places, given as shares of the table's length.
    pub(crate) fn some(&self, member: &Member, shares: &[f64], limits: &Limits) -> Result<Some, EdgesError> {
        let (skip, parser) = match &self.kind {
            Kind::Parquet(table) => {
                let (blocks, whole) = ParquetBlocks::new(table, &member.name, &Meter::default()).some(shares)?;
                return Ok(Some { blocks, whole, n_rows: self.expected_rows });
            }
            Kind::Text { skip, parser } => (*skip as u64, parser),
        };
        let io = |e| reading(&member.name, &e);
        let all_bytes = PIECE_BYTES * shares.len() as u64;
        let mut texts = Vec::new();
        let whole = if member.is_packed() || member.bytes <= all_bytes {
            let mut text = Vec::new();
            member.open(&Meter::default(), limits)?.take(all_bytes + 1).read_to_end(&mut text).map_err(io)?;
            let whole = text.len() as u64 <= all_bytes;
            let text = &text[(skip as usize).min(text.len())..];
            texts = in_pieces(text, if whole { 1 } else { shares.len() });
            whole
        } else {
            for share in shares {
                let at = ((member.bytes as f64 * share) as u64).max(skip);
                let mut text = Vec::new();
                member.read_at(at, PIECE_BYTES, &mut text).map_err(io)?;
                // The first row is most likely cut.
                let first = if at > skip { memchr::memchr(b'\n', &text).map_or(text.len(), |n| n + 1) } else { 0 };
                text.drain(..first);
                texts.push(text);
            }
            false
        };
        let (mut blocks, mut n_rows, mut n_bytes) = (Vec::new(), 0, 0);
        for mut text in texts {
            if !whole {
                text.truncate(memchr::memrchr(b'\n', &text).map_or(0, |n| n + 1));
            }
            let mut block = RawBlock::default();
            parser.parse(&text, &mut block);
            n_rows += block.counts.rows;
            n_bytes += text.len() as u64;
            blocks.push(block);
        }
        if !whole && member.is_packed() || n_bytes == 0 {
            n_rows = self.expected_rows;
        } else if !whole {
            n_rows = (u128::from(n_rows) * u128::from(member.bytes - skip) / u128::from(n_bytes)) as u64;
        }
        Ok(Some { blocks, whole, n_rows })
    }

    /// The least and the greatest id of each side, where the file states them.
    pub(crate) fn spans(&self) -> [Option<(u64, u64)>; 2] {
        match &self.kind {
            Kind::Parquet(table) => table.spans(),
            Kind::Text { .. } => [None, None],
        }
    }
}

/// A text as pieces of about the same length that end with a line.
fn in_pieces(mut text: &[u8], n: usize) -> Vec<Vec<u8>> {
    let mut pieces = Vec::new();
    for left in (1..=n).rev() {
        let about = text.len() / left;
        let end =
            if left == 1 { text.len() } else { about + memchr::memchr(b'\n', &text[about..]).map_or(0, |n| n + 1) };
        let (piece, rest) = text.split_at(end);
        pieces.push(piece.to_vec());
        text = rest;
    }
    pieces
}

/// Refuses what is surely no table that can be read, and says what to do about it.
fn refuse_others(head: &[u8], name: &str) -> Result<(), EdgesError> {
    let refuse = |found: &str, hint: &str| {
        Err(EdgesError::new("a table of edges (CSV, TSV, JSON lines or Parquet)", found, name, hint))
    };
    if head.starts_with(&[0xff, 0xfe]) || head.starts_with(&[0xfe, 0xff]) {
        return refuse("text in UTF-16", "save it as CSV in UTF-8");
    }
    if head.starts_with(b"BZh")
        || head.starts_with(b"\xfd7zXZ")
        || head.starts_with(b"Rar!")
        || head.starts_with(b"7z\xbc\xaf")
    {
        return refuse("a packed file of another kind", "unpack it first; .gz, .zst and .zip are read as they are");
    }
    if memchr::memchr(0, head).is_some() {
        return refuse("a binary file", "save the table as CSV or Parquet");
    }
    if !head.contains(&b'\n') && head.contains(&b'\r') {
        return refuse("lines that end with carriage returns alone", "save it again with line feeds");
    }
    Ok(())
}

/// The length of a byte-order mark.
fn mark(head: &[u8]) -> usize {
    if head.starts_with("\u{feff}".as_bytes()) { 3 } else { 0 }
}

/// Looks at the whole lines of the head: the last one is most likely cut.
fn whole_lines(text: &[u8], head_bytes: usize) -> &[u8] {
    if head_bytes < HEAD_BYTES {
        return text;
    }
    &text[..memchr::memrchr(b'\n', text).map_or(text.len(), |n| n + 1)]
}

fn json_lines(member: &Member, choice: &ColumnChoice, mark: usize) -> Result<Table, EdgesError> {
    let head = whole_lines(&member.head[mark..], member.head.len());
    let (keys, unknown) = Keys::find(head, choice, &member.name)?;
    let (timed, weighted) = (keys.is_timed(), keys.is_weighted());
    let mut table = Table::of_text(member, mark, Parser::JsonLines(keys), unknown, 0);
    table.timed = timed;
    table.weighted = weighted;
    Ok(table)
}

fn delimited(member: &Member, choice: &ColumnChoice) -> Result<Table, EdgesError> {
    let name = &member.name;
    let mark = mark(&member.head);
    let above = comments(&member.head[mark..]);
    let text = whole_lines(&member.head[mark + above..], member.head.len());
    if text.iter().all(u8::is_ascii_whitespace) {
        // Nothing but comments: a table without rows.
        let layout = Layout::new(b',', &crate::columns::Found { target: 1, ..Default::default() });
        return Ok(Table::of_text(member, mark + above, Parser::Delimited(layout), Vec::new(), 0));
    }
    let delimiter = sniff(text).ok_or_else(|| {
        EdgesError::new(
            "a table of edges, with a source and a target",
            "rows without a delimiter, or of very different lengths",
            &**name,
            "a table has its columns separated by commas, tabs, semicolons, bars or spaces, and begins with their names",
        )
    })?;
    let rows = first_rows(text, delimiter, 2);
    let empty = Vec::new();
    let (first, second) = (rows.first().unwrap_or(&empty), rows.get(1).unwrap_or(&empty));
    let found = choice.find(first, second, name)?;
    let header = if found.header { first_row_end(text, delimiter) } else { 0 };
    let above = mark + above + header;
    let lines_above = memchr::memchr_iter(b'\n', &member.head[..above]).count() as u64;
    let mut table =
        Table::of_text(member, above, Parser::Delimited(Layout::new(delimiter, &found)), found.unknown, lines_above);
    table.timed = found.at.is_some();
    table.weighted = found.weight.is_some();
    Ok(table)
}

impl Table {
    fn of_text(member: &Member, skip: usize, parser: Parser, unknown: Vec<String>, lines_above: u64) -> Self {
        // The rows of the head stand for all; what is packed unpacks some four times.
        let text = &member.head[skip.min(member.head.len())..];
        let lines = memchr::memchr_iter(b'\n', text).count().max(usize::from(!text.is_empty()));
        let bytes = if member.is_packed() { member.bytes * 4 } else { member.bytes.saturating_sub(skip as u64) };
        Self {
            kind: Kind::Text { skip, parser },
            lines_above,
            unknown,
            expected_rows: (u128::from(bytes) * lines as u128 / text.len().max(1) as u128) as u64,
            exact: false,
            timed: false,
            weighted: false,
        }
    }
}

/// Bytes of comment lines (`#` or `%` in front, as SNAP and KONECT write them) and blank lines at the start of a text.
fn comments(text: &[u8]) -> usize {
    let mut at = 0;
    while let Some(n) = memchr::memchr(b'\n', &text[at..]) {
        let line = text[at..at + n].trim_ascii();
        if !line.is_empty() && !line.starts_with(b"#") && !line.starts_with(b"%") {
            break;
        }
        at += n + 1;
    }
    at
}
