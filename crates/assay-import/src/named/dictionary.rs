//! Values of a Parquet column by their places in its dictionary: each is read once, not once a row.
//!
//! A page of such a column holds runs of whole numbers, repeated or packed into few bits (Parquet's "RLE / bit-packing hybrid"): the
//! levels that tell which rows have a value, then the places of the values. Columns that are laid out otherwise, or whose
//! dictionary of names is long, are left to the ordinary reader.

use super::batch::Meaning;
use super::block::{Coded, Column, Names};
use super::number::is_flag;
use super::{Holds, told};
use ::parquet::basic::{Encoding, Type as PhysicalType};
use ::parquet::column::page::{Page, PageReader};
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{ChunkReader, Length, RowGroupReader};
use ::parquet::file::serialized_reader::SerializedPageReader;
use bytes::buf::Reader;
use bytes::{Buf, Bytes};
use std::sync::Arc;

/// Names of a dictionary beyond which a column is left to the ordinary reader.
const NAMES_MAX: u32 = 1_000;

/// The bytes of a column of a group, which stand here in the file.
struct Held(u64, Bytes);

impl Held {
    fn from(&self, start: u64) -> Result<Bytes, ParquetError> {
        let at = start.checked_sub(self.0).and_then(|at| usize::try_from(at).ok()).filter(|at| *at <= self.1.len());
        Ok(self.1.slice(at.ok_or_else(contradict)?..))
    }
}

impl Length for Held {
    fn len(&self) -> u64 {
        self.0 + self.1.len() as u64
    }
}

impl ChunkReader for Held {
    type T = Reader<Bytes>;

    fn get_read(&self, start: u64) -> Result<Reader<Bytes>, ParquetError> {
        Ok(self.from(start)?.reader())
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        let bytes = self.from(start)?;
        if length > bytes.len() { Err(contradict()) } else { Ok(bytes.slice(..length)) }
    }
}

/// The pages of a column. One of at most `held_max` bytes is read at once, for each page would be sought by itself.
fn pages(
    file: &impl ChunkReader,
    group: &dyn RowGroupReader,
    column: usize,
    held_max: u64,
) -> Result<Box<dyn PageReader>, ParquetError> {
    let metadata = group.metadata().column(column);
    let (start, length) = metadata.byte_range();
    if length > held_max {
        return group.get_column_page_reader(column);
    }
    let held = Held(start, file.get_bytes(start, length as usize)?);
    let n_rows = usize::try_from(group.metadata().num_rows()).unwrap_or(0);
    Ok(Box::new(SerializedPageReader::new(Arc::new(held), metadata, n_rows, None)?))
}

/// A column that is read by its dictionary.
pub(super) enum Kept {
    /// What is read are codes of these names.
    Names(Rows, Vec<String>),
    /// What is read are places among these finite numbers; NaN behind them is for a missing one.
    Numbers(Rows, Arc<[f64]>),
}

/// Rows of a column of which the dictionary is known.
pub(super) struct Rows {
    pages: Box<dyn PageReader>,
    /// What to tell of each place of the dictionary.
    codes: Codes,
    /// Whether rows may lack a value.
    has_levels: bool,
    /// Rows of the page that were not read yet.
    left: usize,
    levels: Hybrid,
    places: Hybrid,
    scratch: Vec<u32>,
}

/// What is told of a place.
enum Codes {
    /// Itself, of so many, and this where there is none; and whether what stands at one of them is none.
    Same(u32, u32, bool),
    /// What stands here at it, and [`Names::MISSING`] where there is none.
    Each(Vec<u32>),
}

fn contradict() -> ParquetError {
    ParquetError::General("its parts contradict each other".to_owned())
}

impl Kept {
    /// Opens a column of a group; `None` where it is left to the ordinary reader.
    pub(super) fn open(
        file: &impl ChunkReader,
        group: &dyn RowGroupReader,
        column: usize,
        max_level: i16,
        holds: Holds,
        meaning: Meaning,
        held_max: u64,
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
        let of_type = metadata.column_type();
        let is_named = holds == Holds::Name && of_type == PhysicalType::BYTE_ARRAY;
        let is_number = matches!(holds, Holds::Number | Holds::Flag) && meaning == Meaning::Signed;
        if !is_named && !is_number {
            return Ok(None);
        }
        let mut pages = pages(file, group, column, held_max)?;
        let Some(Page::DictionaryPage { buf, num_values, .. }) = pages.get_next_page()? else { return Ok(None) };
        if is_number {
            let Some(mut values) = numbers(&buf, of_type, num_values as usize)? else { return Ok(None) };
            if holds == Holds::Flag {
                values.iter_mut().filter(|x| !is_flag(**x)).for_each(|x| *x = f64::NAN);
            }
            if values.iter().any(|x| x.is_infinite()) {
                return Ok(None);
            }
            let codes = Codes::Same(num_values, num_values, values.iter().any(|x| x.is_nan()));
            values.push(f64::NAN);
            return Ok(Some(Self::Numbers(Rows::new(pages, codes, max_level), values.into())));
        }
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
        // Nearly always each name stands at its own place.
        let is_same = codes.iter().enumerate().all(|(place, code)| *code == place as u32);
        let codes = if is_same { Codes::Same(num_values, Names::MISSING, false) } else { Codes::Each(codes) };
        Ok(Some(Self::Names(Rows::new(pages, codes, max_level), names.names)))
    }

    /// Reads the next `n` rows into a column, in place of what it holds.
    pub(super) fn read(&mut self, n: usize, column: &mut Column) -> Result<(), ParquetError> {
        match self {
            Self::Names(rows, all) => {
                let mut names = match std::mem::take(column) {
                    Column::Names(names) => names,
                    _ => Names::default(),
                };
                names.clear();
                names.names.clone_from(all);
                rows.read(n, &mut names.codes)?;
                *column = Column::Names(names);
            }
            Self::Numbers(rows, numbers) => {
                let mut places = match std::mem::take(column) {
                    Column::Coded(coded) => coded.places,
                    _ => Vec::new(),
                };
                let any_missing = rows.read(n, &mut places)?;
                *column = Column::Coded(Coded { places, numbers: Arc::clone(numbers), any_missing });
            }
        }
        Ok(())
    }
}

/// The numbers of a dictionary, one behind another; `None` where they are of another type.
fn numbers(buf: &[u8], of_type: PhysicalType, n: usize) -> Result<Option<Vec<f64>>, ParquetError> {
    fn each<const N: usize>(buf: &[u8], n: usize, number: impl Fn([u8; N]) -> f64) -> Result<Vec<f64>, ParquetError> {
        let all = buf.as_chunks::<N>().0.get(..n).ok_or_else(contradict)?;
        Ok(all.iter().map(|bytes| number(*bytes)).collect())
    }
    Ok(Some(match of_type {
        PhysicalType::DOUBLE => each(buf, n, f64::from_le_bytes)?,
        PhysicalType::FLOAT => each(buf, n, |b| f64::from(f32::from_le_bytes(b)))?,
        PhysicalType::INT64 => each(buf, n, |b| i64::from_le_bytes(b) as f64)?,
        PhysicalType::INT32 => each(buf, n, |b| f64::from(i32::from_le_bytes(b)))?,
        _ => return Ok(None),
    }))
}

impl Rows {
    fn new(pages: Box<dyn PageReader>, codes: Codes, max_level: i16) -> Self {
        Self {
            pages,
            codes,
            has_levels: max_level > 0,
            left: 0,
            levels: Hybrid::default(),
            places: Hybrid::default(),
            scratch: Vec::new(),
        }
    }

    /// Reads the next `n` rows; tells whether any of them may have no value.
    pub(super) fn read(&mut self, mut n: usize, out: &mut Vec<u32>) -> Result<bool, ParquetError> {
        let (n_places, none, mut any_missing) = match &self.codes {
            Codes::Same(n, none, any_missing) => (*n, *none, *any_missing),
            Codes::Each(codes) => (codes.len() as u32, Names::MISSING, false),
        };
        out.clear();
        while n > 0 {
            if self.left == 0 {
                self.turn()?;
                continue;
            }
            let m = n.min(self.left);
            let from = out.len();
            // Mostly one run tells that all rows of a page have a value.
            let all_present = !self.has_levels || self.levels.is_all_ones(m)?;
            if all_present {
                self.places.read(m, out)?;
            } else {
                any_missing = true;
                self.scratch.clear();
                self.levels.read(m, &mut self.scratch)?;
                let n_present = self.scratch.iter().filter(|l| **l == 1).count();
                // Behind the levels stand the places.
                self.places.read(n_present, &mut self.scratch)?;
                let (levels, places) = self.scratch.split_at(m);
                let mut places = places.iter();
                out.extend(levels.iter().map(|l| if *l == 1 { places.next().copied().unwrap_or(none) } else { none }));
            }
            let read = &mut out[from..];
            let most = if self.places.all_below(n_places) {
                0
            } else if all_present {
                read.iter().fold(0, |most, place| most.max(*place))
            } else {
                read.iter().filter(|place| **place != none).fold(0, |most, place| most.max(*place))
            };
            if !read.is_empty() && most >= n_places.max(1) {
                return Err(contradict());
            }
            if let Codes::Each(codes) = &self.codes {
                for place in read {
                    *place = codes.get(*place as usize).copied().unwrap_or(none);
                }
            }
            self.left -= m;
            n -= m;
        }
        Ok(any_missing)
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

    /// Whether no number of so many bits is as large as this.
    fn all_below(&self, end: u32) -> bool {
        1_u64 << self.width <= u64::from(end)
    }

    /// Whether each of the next `n` numbers is 1, told by one run; they are passed over then.
    fn is_all_ones(&mut self, n: usize) -> Result<bool, ParquetError> {
        if let Run::Over = self.run {
            self.begin()?;
        }
        let Run::Same(1, left) = &mut self.run else { return Ok(false) };
        if *left < n {
            return Ok(false);
        }
        *left -= n;
        if *left == 0 {
            self.run = Run::Over;
        }
        Ok(true)
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
                    let n_fast = if *bit % 8 == 0 { eights(bytes, *bit / 8, width, m, out) } else { 0 };
                    for k in n_fast..m {
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

/// Unpacks as many of `m` numbers as stand in whole groups of eight, from a byte on; tells how many. Those near the end and wide ones are
/// left over.
fn eights(bytes: &[u8], at: usize, width: usize, m: usize, out: &mut Vec<u32>) -> usize {
    if !(1..=16).contains(&width) {
        return 0;
    }
    let mask = (1_u64 << width) - 1;
    // Four numbers fit into eight bytes; the next four begin there or half a byte on.
    let (second, shift) = (width / 2, 4 * (width % 2));
    // Sixteen bytes are looked at for each group.
    let n_groups = (m / 8).min(bytes.len().checked_sub(at + 16).map_or(0, |left| left / width + 1));
    let from = out.len();
    out.resize(from + 8 * n_groups, 0);
    let (groups, _) = out[from..].as_chunks_mut::<8>();
    for (eight, at) in groups.iter_mut().zip((at..).step_by(width)) {
        let Some(group) = bytes.get(at..at + 16) else { continue };
        let word =
            |from: usize| group.get(from..from + 8).and_then(|b| b.try_into().ok()).map_or(0, u64::from_le_bytes);
        let (low, high) = (word(0), word(second) >> shift);
        for k in 0..4 {
            eight[k] = ((low >> (k * width)) & mask) as u32;
            eight[k + 4] = ((high >> (k * width)) & mask) as u32;
        }
    }
    8 * n_groups
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

    /// Bit by bit, for every width and from every bit of a group on.
    #[test]
    fn packed_numbers_are_read_as_their_bits_stand() {
        let packed: Vec<u8> = (0..2_000_u32).map(|k| (k.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
        for width in 1..=32_usize {
            let n = 40;
            // One run of forty packed numbers.
            let run = [&[(n as u8 / 8) << 1 | 1], &packed[..n / 8 * width]].concat();
            let bit = |at: usize| u32::from(packed[at / 8] >> (at % 8) & 1);
            let expected: Vec<u32> =
                (0..n).map(|k| (0..width).map(|b| bit(k * width + b) << b).fold(0, |a, b| a | b)).collect();
            for first in 0..10 {
                let mut hybrid = Hybrid::new(Bytes::from(run.clone()), width as u8).expect("a width");
                let mut out = Vec::new();
                hybrid.read(first, &mut out).expect("numbers");
                hybrid.read(n - first, &mut out).expect("numbers");
                assert_eq!(out, expected, "{width} {first}");
            }
        }
    }
}
