//! A text file as blocks of whole rows: while one batch of blocks is parsed side by side, the next is read.

use crate::delimited::{Layout, ROW_BYTES_MAX, whole_rows};
use crate::json_lines::Keys;
use crate::raw::{Bad, RawBlock};
use crate::unpack::reading;
use assay_model::edges::EdgesError;
use rayon::prelude::*;
use std::io::Read;

/// Bytes of a block: some hundred thousand rows.
const BLOCK_BYTES: usize = 4 << 20;

/// How rows of a text are read.
#[derive(Debug, Clone)]
pub(crate) enum Parser {
    Delimited(Layout),
    JsonLines(Keys),
}

impl Parser {
    pub(crate) fn parse(&self, text: &[u8], block: &mut RawBlock) {
        match self {
            Self::Delimited(layout) => layout.parse(text, block),
            Self::JsonLines(keys) => keys.parse(text, block),
        }
    }
}

/// Blocks of a text.
pub(crate) struct TextBlocks {
    bytes: Bytes,
    parser: Parser,
    /// Blocks of bytes that were read and not parsed yet, and how many of them are filled.
    waiting: Vec<Piece>,
    n_waiting: usize,
    spare: Vec<Piece>,
}

#[derive(Debug, Default)]
struct Piece {
    text: Vec<u8>,
    /// Why its first line cannot be read, if it cannot: the piece is that line.
    broken: Option<&'static str>,
}

impl TextBlocks {
    /// Blocks of what `inner` gives, from which the first `skip` bytes are left out; `n` of them are parsed side by side.
    pub(crate) fn new(
        inner: Box<dyn Read + Send>,
        name: &str,
        skip: usize,
        parser: Parser,
        n: usize,
    ) -> Result<Self, EdgesError> {
        let quotes = if matches!(parser, Parser::Delimited(_)) { Quotes::SpanLines } else { Quotes::StayInLines };
        let mut bytes = Bytes {
            quotes,
            inner,
            name: name.to_owned(),
            skip,
            carry: Vec::new(),
            ended: false,
            block: BLOCK_BYTES,
            in_long_row: false,
        };
        let pieces = || (0..n.max(1)).map(|_| Piece::default()).collect::<Vec<_>>();
        let mut waiting = pieces();
        let n_waiting = bytes.fill(&mut waiting)?;
        Ok(Self { bytes, parser, waiting, n_waiting, spare: pieces() })
    }

    /// Reads the next blocks into `out`, and returns how many; 0 at the end.
    pub(crate) fn next(&mut self, out: &mut Vec<RawBlock>) -> Result<usize, EdgesError> {
        let n = self.n_waiting;
        if n == 0 {
            return Ok(0);
        }
        out.resize_with(out.len().max(n), RawBlock::default);
        let Self { bytes, parser, waiting, spare, .. } = self;
        let (filled, ()) = rayon::join(
            || bytes.fill(spare),
            || {
                waiting[..n].par_iter().zip(&mut out[..n]).for_each(|(piece, block)| match piece.broken {
                    None => parser.parse(&piece.text, block),
                    Some(why) => {
                        block.clear();
                        block.lines = 1;
                        block.reject(1, Bad::Broken(why.to_owned()));
                    }
                });
            },
        );
        self.n_waiting = filled?;
        std::mem::swap(&mut self.waiting, &mut self.spare);
        Ok(n)
    }
}

/// Whether a line end inside quotes ends a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    SpanLines,
    StayInLines,
}

struct Bytes {
    quotes: Quotes,
    inner: Box<dyn Read + Send>,
    name: String,
    /// Bytes still to be left out.
    skip: usize,
    /// What was read behind the last whole row.
    carry: Vec<u8>,
    ended: bool,
    block: usize,
    /// Whether the bytes that come next belong to a row that was too long.
    in_long_row: bool,
}

impl Bytes {
    /// Fills pieces from the first on; returns how many were.
    fn fill(&mut self, pieces: &mut [Piece]) -> Result<usize, EdgesError> {
        let mut n = 0;
        for piece in pieces {
            if !self.piece(piece)? {
                break;
            }
            n += 1;
        }
        Ok(n)
    }

    fn piece(&mut self, piece: &mut Piece) -> Result<bool, EdgesError> {
        loop {
            piece.broken = None;
            piece.text.clear();
            piece.text.append(&mut self.carry);
            self.read_up_to(&mut piece.text)?;
            if self.skip > 0 {
                let n = self.skip.min(piece.text.len());
                piece.text.drain(..n);
                self.skip -= n;
                if self.skip > 0 && !self.ended {
                    continue;
                }
                self.read_up_to(&mut piece.text)?;
            }
            if self.in_long_row {
                let end = memchr::memchr(b'\n', &piece.text).map(|n| n + 1);
                self.in_long_row = end.is_none() && !self.ended;
                self.carry.extend_from_slice(&piece.text[end.unwrap_or(piece.text.len())..]);
                if self.carry.is_empty() && self.ended {
                    return Ok(false);
                }
                continue;
            }
            if piece.text.is_empty() {
                return Ok(false);
            }
            if self.ended {
                return Ok(true);
            }
            let whole = match self.quotes {
                Quotes::SpanLines => whole_rows(&piece.text),
                Quotes::StayInLines => memchr::memrchr(b'\n', &piece.text).map_or(0, |n| n + 1),
            };
            if whole == 0 {
                self.in_long_row = true;
                piece.broken = Some("the row is longer than 1 MiB");
                return Ok(true);
            }
            self.carry.extend_from_slice(&piece.text[whole..]);
            piece.text.truncate(whole);
            return Ok(true);
        }
    }

    fn read_up_to(&mut self, text: &mut Vec<u8>) -> Result<(), EdgesError> {
        debug_assert!(self.block > ROW_BYTES_MAX);
        if !self.ended && text.len() < self.block {
            let wanted = (self.block - text.len()) as u64;
            let n = (&mut self.inner).take(wanted).read_to_end(text).map_err(|e| reading(&self.name, &e))?;
            self.ended = (n as u64) < wanted;
        }
        Ok(())
    }
}
