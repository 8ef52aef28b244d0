//! Names of a Parquet column by their places in its dictionary, without making a text of each.
//!
//! A page of such a column holds runs of whole numbers, repeated or packed into few bits (Parquet's "RLE / bit-packing hybrid"): the
//! levels that tell which rows have a value, then the places of the values. Columns that are laid out otherwise, or whose
//! dictionary is long, are left to the ordinary reader.

use super::block::Names;
use super::{Holds, told};
use ::parquet::basic::Encoding;
use ::parquet::column::page::{Page, PageReader};
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::RowGroupReader;
use bytes::Bytes;

/// Names of a dictionary beyond which a column is left to the ordinary reader.
const NAMES_MAX: u32 = 1_000;

/// A column of names that is read by its dictionary.
pub(super) struct Coded {
    pages: Box<dyn PageReader>,
    /// For each place of the dictionary the code of its name.
    codes: Vec<u32>,
    names: Vec<String>,
    /// Whether rows may lack a value.
    has_levels: bool,
    /// Rows of the page that were not read yet.
    left: usize,
    levels: Hybrid,
    places: Hybrid,
    scratch: Vec<u32>,
}

fn contradict() -> ParquetError {
    ParquetError::General("its parts contradict each other".to_owned())
}

impl Coded {
    /// Opens a column of a group; `None` where it is left to the ordinary reader.
    pub(super) fn open(
        group: &dyn RowGroupReader,
        column: usize,
        max_level: i16,
    ) -> Result<Option<Self>, ParquetError> {
        let known = |e: Encoding| {
            matches!(e, Encoding::PLAIN | Encoding::RLE | Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY)
        };
        let metadata = group.metadata().column(column);
        // Pages of plain values would be counted here; a writer that gave the dictionary up has some.
        let gave_up = metadata.page_encoding_stats_mask().is_none_or(|mask| mask.is_set(Encoding::PLAIN));
        if max_level > 1 || gave_up || !metadata.encodings().all(known) {
            return Ok(None);
        }
        let mut pages = group.get_column_page_reader(column)?;
        let Some(Page::DictionaryPage { buf, num_values, .. }) = pages.get_next_page()? else { return Ok(None) };
        if num_values > NAMES_MAX {
            return Ok(None);
        }
        let (mut names, mut codes, mut at) = (Names::default(), Vec::new(), 0);
        for _ in 0..num_values {
            let length = buf.get(at..at + 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
            let end = at + 4 + length.ok_or_else(contradict)? as usize;
            let text = String::from_utf8_lossy(buf.get(at + 4..end).ok_or_else(contradict)?);
            codes.push(told(&text, Holds::Name).map_or(Names::MISSING, |name| names.code(name)));
            at = end;
        }
        Ok(Some(Self {
            pages,
            codes,
            names: names.names,
            has_levels: max_level > 0,
            left: 0,
            levels: Hybrid::default(),
            places: Hybrid::default(),
            scratch: Vec::new(),
        }))
    }

    /// Reads the next `n` rows.
    pub(super) fn read(&mut self, mut n: usize, into: &mut Names) -> Result<(), ParquetError> {
        into.clear();
        into.names.clone_from(&self.names);
        while n > 0 {
            if self.left == 0 {
                self.turn()?;
                continue;
            }
            let m = n.min(self.left);
            self.scratch.clear();
            if self.has_levels {
                self.levels.read(m, &mut self.scratch)?;
            }
            let n_present = if self.has_levels { self.scratch.iter().filter(|l| **l == 1).count() } else { m };
            let from = into.codes.len();
            self.places.read(n_present, &mut into.codes)?;
            for place in &mut into.codes[from..] {
                *place = *self.codes.get(*place as usize).ok_or_else(contradict)?;
            }
            if n_present < m {
                spread(&mut into.codes, from, &self.scratch);
            }
            self.left -= m;
            n -= m;
        }
        Ok(())
    }

    /// Turns to the next page.
    fn turn(&mut self) -> Result<(), ParquetError> {
        let page = self.pages.get_next_page()?;
        let (bytes, n, encoding, levels) = match page {
            Some(Page::DataPage { buf, num_values, encoding, .. }) if self.has_levels => {
                let length = buf.get(..4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
                let end = 4 + length.ok_or_else(contradict)? as usize;
                (buf, num_values, encoding, 4..end)
            }
            Some(Page::DataPage { buf, num_values, encoding, .. }) => (buf, num_values, encoding, 0..0),
            Some(Page::DataPageV2 { buf, num_values, encoding, def_levels_byte_len, rep_levels_byte_len, .. }) => {
                let start = rep_levels_byte_len as usize;
                (buf, num_values, encoding, start..start + def_levels_byte_len as usize)
            }
            _ => return Err(ParquetError::EOF("a column is shorter than its table".to_owned())),
        };
        let is_coded = matches!(encoding, Encoding::PLAIN_DICTIONARY | Encoding::RLE_DICTIONARY);
        if !is_coded || levels.end > bytes.len() || levels.start > levels.end {
            return Err(contradict());
        }
        let places = bytes.slice(levels.end..);
        let width = places.first().copied().unwrap_or(0);
        self.levels = Hybrid::new(bytes.slice(levels), 1)?;
        self.places = Hybrid::new(places.slice(places.len().min(1)..), width)?;
        self.left = n as usize;
        Ok(())
    }
}

/// Spreads the codes behind `from` over the rows that have a level of 1; the others are missing.
fn spread(codes: &mut Vec<u32>, from: usize, levels: &[u32]) {
    let mut next = codes.len();
    codes.resize(from + levels.len(), Names::MISSING);
    for (row, level) in levels.iter().enumerate().rev() {
        codes[from + row] = if *level == 1 {
            next -= 1;
            codes[next]
        } else {
            Names::MISSING
        };
    }
}

/// Runs of whole numbers.
#[derive(Default)]
struct Hybrid {
    bytes: Bytes,
    at: usize,
    /// Bits of a number.
    width: u8,
    run: Run,
}

#[derive(Default)]
enum Run {
    #[default]
    Over,
    /// One number, so often.
    Same(u32, usize),
    /// So many packed numbers, the next of which begins at this bit.
    Packed(usize, usize),
}

impl Hybrid {
    fn new(bytes: Bytes, width: u8) -> Result<Self, ParquetError> {
        if width > 32 {
            return Err(contradict());
        }
        Ok(Self { bytes, at: 0, width, run: Run::Over })
    }

    /// Reads the next `n` numbers.
    fn read(&mut self, mut n: usize, out: &mut Vec<u32>) -> Result<(), ParquetError> {
        while n > 0 {
            match &mut self.run {
                Run::Over => self.begin()?,
                Run::Same(value, left) => {
                    let m = n.min(*left);
                    out.extend(std::iter::repeat_n(*value, m));
                    *left -= m;
                    n -= m;
                    if *left == 0 {
                        self.run = Run::Over;
                    }
                }
                Run::Packed(left, bit) => {
                    let (m, width) = (n.min(*left), usize::from(self.width));
                    let mask = u32::MAX.checked_shr(32 - u32::from(self.width)).unwrap_or(0);
                    let bytes = &self.bytes[..];
                    if *bit + m * width > bytes.len() * 8 {
                        return Err(contradict());
                    }
                    for k in 0..m {
                        let first = *bit + k * width;
                        // Eight bytes hold any number, wherever it begins.
                        let start = first / 8;
                        let word = bytes.get(start..start + 8).and_then(|b| b.try_into().ok()).unwrap_or_else(|| {
                            let (mut word, have) = ([0; 8], &bytes[start..]);
                            word[..have.len()].copy_from_slice(have);
                            word
                        });
                        out.push((u64::from_le_bytes(word) >> (first % 8)) as u32 & mask);
                    }
                    *bit += m * width;
                    *left -= m;
                    n -= m;
                    if *left == 0 {
                        self.run = Run::Over;
                    }
                }
            }
        }
        Ok(())
    }

    /// Begins the next run.
    fn begin(&mut self) -> Result<(), ParquetError> {
        let (mut header, mut shift) = (0_u64, 0);
        loop {
            let byte = *self.bytes.get(self.at).ok_or_else(contradict)?;
            self.at += 1;
            header |= u64::from(byte & 0x7f) << shift;
            shift += 7;
            if byte < 0x80 {
                break;
            }
            if shift > 28 {
                return Err(contradict());
            }
        }
        let n = (header >> 1) as usize;
        if header & 1 == 1 {
            self.run = Run::Packed(n * 8, self.at * 8);
            // The last run may be cut where no number of it is needed.
            self.at = (self.at + n * usize::from(self.width)).min(self.bytes.len());
        } else {
            let length = usize::from(self.width).div_ceil(8);
            let mut word = [0; 4];
            word[..length].copy_from_slice(self.bytes.get(self.at..self.at + length).ok_or_else(contradict)?);
            self.at += length;
            self.run = Run::Same(u32::from_le_bytes(word), n);
        }
        if n == 0 { Err(contradict()) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Hybrid;
    use bytes::Bytes;

    /// The example of the format's own page (Encodings.md): 0 to 7 in three bits are the bytes 88 c6 fa; then 4 repeated ten times.
    #[test]
    fn runs_are_read_as_the_format_says() {
        let bytes = Bytes::from_static(&[0x03, 0x88, 0xc6, 0xfa, 0x14, 0x04]);
        let mut hybrid = Hybrid::new(bytes.clone(), 3).expect("three bits");
        let mut out = Vec::new();
        for n in [1, 5, 4, 8] {
            hybrid.read(n, &mut out).expect("numbers");
        }
        assert_eq!(out, [0, 1, 2, 3, 4, 5, 6, 7, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4]);
        assert!(hybrid.read(1, &mut out).is_err(), "nothing is left");
        for cut in 0..bytes.len() {
            let mut hybrid = Hybrid::new(bytes.slice(..cut), 3).expect("three bits");
            assert!(hybrid.read(18, &mut Vec::new()).is_err(), "cut at {cut}");
        }
        assert!(Hybrid::new(bytes, 33).is_err());
    }
}
