//! Tables as Parquet, read row group by row group, a few thousand rows at a time.
//!
//! Only columns that assay knows are read. Lists are passed over. A file that the reader cannot follow is an error as a
//! whole: in Parquet a broken byte spoils a page of a column, not a row.

use super::Rows;
use crate::bundle::Bundle;
use crate::cell::Cell;
use crate::columns::{TableColumn, match_header};
use crate::error::ImportError;
use crate::reading::Desk;
use assay_model::when::{Form, Moment, at_utc};
use assay_model::{DAY_MS, TimeMs};
use bytes::Bytes;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use parquet::column::reader::ColumnReader;
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use std::fmt::Write as _;
use std::fs::File;
use std::io::Read;

/// Rows read at a time.
const BATCH_ROWS: usize = 4_096;

/// How a Parquet file begins.
pub(crate) const MAGIC: &[u8] = b"PAR1";

/// The column names of a Parquet file, if it lies on the disk; a packed one is not opened to look.
pub(crate) fn names(bundle: &Bundle, member: usize) -> Option<Vec<String>> {
    let file = File::open(bundle.on_disk(member)?).ok()?;
    guarded(|| {
        let reader = SerializedFileReader::new(file)?;
        let schema = reader.metadata().file_metadata().schema_descr();
        Ok(schema.columns().iter().map(|c| c.name().to_owned()).collect())
    })
    .ok()
}

/// Runs the Parquet reader, which may panic on a damaged file.
fn guarded<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    assay_model::guarded(read)
        .unwrap_or_else(|| Err(ParquetError::General("its parts contradict each other".to_owned())))
}

/// Reads a table.
pub(crate) fn read<T: Rows>(
    bundle: &Bundle,
    member: usize,
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    rows: &mut T,
) -> Result<(), ImportError> {
    if let Some(path) = bundle.on_disk(member) {
        let file = File::open(path).map_err(|e| desk.broken(&e))?;
        return read_chunks(file, desk, rows);
    }
    let limit = bundle.limits.in_memory_bytes_max;
    let mut bytes = Vec::new();
    stream.take(limit + 1).read_to_end(&mut bytes).map_err(|e| desk.broken(&e))?;
    if bytes.len() as u64 > limit {
        return Err(ImportError::new(
            format!("a packed Parquet file of at most {limit} bytes"),
            "a larger one",
            desk.name(),
            "unpack it and pass the file itself",
        ));
    }
    read_chunks(Bytes::from(bytes), desk, rows)
}

fn read_chunks<T: Rows>(
    chunks: impl ChunkReader + 'static,
    desk: &mut Desk<'_>,
    rows: &mut T,
) -> Result<(), ImportError> {
    let mut outcome = Ok(());
    let place = desk.name().to_owned();
    guarded(|| {
        outcome = read_table(chunks, desk, rows);
        Ok(())
    })
    .and_then(|()| match outcome {
        Err(Failure::Parquet(e)) => Err(e),
        Err(Failure::Import(e)) => Ok(Err(e)),
        Ok(()) => Ok(Ok(())),
    })
    .unwrap_or_else(|e| {
        Err(ImportError::new(
            "a whole Parquet file",
            format!("a damaged or unsupported one ({e})"),
            place,
            "write the file again, or save the table as CSV",
        ))
    })
}

enum Failure {
    Parquet(ParquetError),
    Import(ImportError),
}

impl From<ParquetError> for Failure {
    fn from(error: ParquetError) -> Self {
        Self::Parquet(error)
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        Self::Import(error)
    }
}

fn read_table<T: Rows>(chunks: impl ChunkReader + 'static, desk: &mut Desk<'_>, rows: &mut T) -> Result<(), Failure> {
    let reader = SerializedFileReader::new(chunks)?;
    let schema = reader.metadata().file_metadata().schema_descr();
    let (known, unknown) = match_header(schema.columns().iter().map(|c| c.name()), |name| {
        T::Column::of(desk.options().headers.named(name))
    });
    rows.aside().unknown.extend(unknown);
    let mut wanted = Vec::new();
    for (leaf, column) in known.iter().enumerate() {
        let Some(column) = column else { continue };
        let descriptor = schema.column(leaf);
        match meaning(&descriptor) {
            Some(meaning) if descriptor.max_rep_level() == 0 => wanted.push((leaf, *column, meaning)),
            _ => rows.aside().unknown.push(descriptor.name().to_owned()),
        }
    }
    if wanted.is_empty() {
        let names: Vec<_> = schema.columns().iter().take(6).map(|c| crate::error::quote(c.name())).collect();
        return Err(ImportError::new(
            format!("at least one known column, such as {}", T::Column::EXAMPLES),
            names.join(", "),
            desk.name(),
            "`assay formats --columns` lists the names that are known",
        )
        .into());
    }
    let mut line = 0;
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        let mut columns = Vec::with_capacity(wanted.len());
        for (leaf, column, meaning) in &wanted {
            let reader = group.get_column_reader(*leaf)?;
            columns.push(Batch::new(reader, *column, *meaning, schema.column(*leaf).max_def_level()));
        }
        let mut left = u64::try_from(group.metadata().num_rows()).unwrap_or(0);
        while left > 0 {
            let n = left.min(BATCH_ROWS as u64) as usize;
            for column in &mut columns {
                column.read(n)?;
            }
            for row in 0..n {
                line += 1;
                take_row(line, row, &mut columns, desk, rows)?;
            }
            left -= n as u64;
        }
    }
    Ok(())
}

fn take_row<T: Rows>(
    line: u64,
    row: usize,
    columns: &mut [Batch<T::Column>],
    desk: &mut Desk<'_>,
    rows: &mut T,
) -> Result<(), ImportError> {
    for column in &mut *columns {
        column.step(row);
    }
    let mut filling = T::Row::default();
    let mut n_filled = 0;
    for column in &*columns {
        let filled = column.cell().and_then(|cell| rows.put(&mut filling, column.column, cell));
        match filled {
            Ok(filled) => n_filled += usize::from(filled),
            Err(why) => return desk.reject(line, why),
        }
    }
    rows.take(desk, line, filling, n_filled)
}

/// What the numbers of a column mean.
#[derive(Clone, Copy)]
enum Meaning {
    Plain,
    Unsigned,
    Days,
    /// A time in this many parts of a second; whether it is a point in time or a clock reading without a zone.
    Time(i64, Form),
}

/// `None` for what no column can hold.
fn meaning(column: &ColumnDescriptor) -> Option<Meaning> {
    let time = |unit: &TimeUnit, utc: bool| {
        let per_second = match unit {
            TimeUnit::MILLIS => 1_000,
            TimeUnit::MICROS => 1_000_000,
            TimeUnit::NANOS => 1_000_000_000,
        };
        Meaning::Time(per_second, if utc { Form::Zoned } else { Form::Zoneless })
    };
    match column.logical_type_ref() {
        Some(LogicalType::Date) => return Some(Meaning::Days),
        Some(LogicalType::Timestamp(stamp)) => return Some(time(&stamp.unit, stamp.is_adjusted_to_u_t_c)),
        Some(LogicalType::Integer(int)) if !int.is_signed => return Some(Meaning::Unsigned),
        Some(LogicalType::Decimal(decimal)) if decimal.scale != 0 => return None,
        Some(LogicalType::Uuid | LogicalType::Time(_)) => return None,
        _ => {}
    }
    match column.converted_type() {
        ConvertedType::DATE => Some(Meaning::Days),
        ConvertedType::TIMESTAMP_MILLIS => Some(time(&TimeUnit::MILLIS, true)),
        ConvertedType::TIMESTAMP_MICROS => Some(time(&TimeUnit::MICROS, true)),
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
            Some(Meaning::Unsigned)
        }
        ConvertedType::INTERVAL => None,
        _ => Some(Meaning::Plain),
    }
}

enum Values {
    Flags(Vec<bool>),
    Ints(Vec<i32>),
    Longs(Vec<i64>),
    Old(Vec<Int96>),
    Floats(Vec<f32>),
    Doubles(Vec<f64>),
    Texts(Vec<ByteArray>),
    Fixed(Vec<FixedLenByteArray>),
}

/// A column of a few thousand rows.
struct Batch<C> {
    reader: ColumnReader,
    column: C,
    meaning: Meaning,
    max_level: i16,
    levels: Vec<i16>,
    values: Values,
    /// The value of the row at hand, if it has one, and the place of the next.
    at: Option<usize>,
    next: usize,
    /// The value as text, where the column wants text and the file has a number.
    digits: String,
}

impl<C: TableColumn> Batch<C> {
    fn new(reader: ColumnReader, column: C, meaning: Meaning, max_level: i16) -> Self {
        let values = match &reader {
            ColumnReader::BoolColumnReader(_) => Values::Flags(Vec::new()),
            ColumnReader::Int32ColumnReader(_) => Values::Ints(Vec::new()),
            ColumnReader::Int64ColumnReader(_) => Values::Longs(Vec::new()),
            ColumnReader::Int96ColumnReader(_) => Values::Old(Vec::new()),
            ColumnReader::FloatColumnReader(_) => Values::Floats(Vec::new()),
            ColumnReader::DoubleColumnReader(_) => Values::Doubles(Vec::new()),
            ColumnReader::ByteArrayColumnReader(_) => Values::Texts(Vec::new()),
            ColumnReader::FixedLenByteArrayColumnReader(_) => Values::Fixed(Vec::new()),
        };
        let (levels, digits) = (Vec::new(), String::new());
        Self { reader, column, meaning, max_level, levels, values, at: None, next: 0, digits }
    }

    /// Reads the next `n` rows.
    fn read(&mut self, n: usize) -> Result<(), ParquetError> {
        self.levels.clear();
        self.next = 0;
        let levels = Some(&mut self.levels);
        macro_rules! read {
            ($reader:expr, $values:expr) => {{
                $values.clear();
                $reader.read_records(n, levels, None, $values)?
            }};
        }
        let (n_read, n_values, _) = match (&mut self.reader, &mut self.values) {
            (ColumnReader::BoolColumnReader(r), Values::Flags(v)) => read!(r, v),
            (ColumnReader::Int32ColumnReader(r), Values::Ints(v)) => read!(r, v),
            (ColumnReader::Int64ColumnReader(r), Values::Longs(v)) => read!(r, v),
            (ColumnReader::Int96ColumnReader(r), Values::Old(v)) => read!(r, v),
            (ColumnReader::FloatColumnReader(r), Values::Floats(v)) => read!(r, v),
            (ColumnReader::DoubleColumnReader(r), Values::Doubles(v)) => read!(r, v),
            (ColumnReader::ByteArrayColumnReader(r), Values::Texts(v)) => read!(r, v),
            (ColumnReader::FixedLenByteArrayColumnReader(r), Values::Fixed(v)) => read!(r, v),
            _ => (0, 0, 0),
        };
        let n_present =
            if self.max_level == 0 { n } else { self.levels.iter().filter(|l| **l == self.max_level).count() };
        if n_read != n || n_values != n_present || (self.max_level > 0 && self.levels.len() != n) {
            return Err(ParquetError::EOF(format!("column `{}` is shorter than its table", self.column.name())));
        }
        Ok(())
    }

    /// Goes to row `row` of the batch; rows are visited in order.
    fn step(&mut self, row: usize) {
        let present = self.max_level == 0 || self.levels[row] == self.max_level;
        self.at = present.then_some(self.next);
        self.next += usize::from(present);
        if self.column.is_text()
            && let Some(at) = self.at
        {
            self.digits.clear();
            let unsigned = matches!(self.meaning, Meaning::Unsigned);
            // Writing to a string cannot fail.
            let _ = match &self.values {
                Values::Ints(v) if unsigned => write!(self.digits, "{}", v[at] as u32),
                Values::Ints(v) => write!(self.digits, "{}", v[at]),
                Values::Longs(v) if unsigned => write!(self.digits, "{}", v[at] as u64),
                Values::Longs(v) => write!(self.digits, "{}", v[at]),
                _ => Ok(()),
            };
        }
    }

    /// The cell of the row at hand.
    fn cell(&self) -> Result<Cell<'_>, String> {
        let Some(at) = self.at else { return Ok(Cell::Missing) };
        let whole = |n: i64| match self.meaning {
            _ if self.column.is_text() => Cell::Text(&self.digits),
            Meaning::Days => n
                .checked_mul(DAY_MS)
                .map_or(Cell::Int(n), |ms| Cell::Time(Moment { at: TimeMs(ms), clock_ms: 0, form: Form::Date })),
            Meaning::Time(1_000_000_000, form) => time(n / 1_000_000, form),
            Meaning::Time(1_000_000, form) => time(n / 1_000, form),
            Meaning::Time(_, form) => time(n, form),
            Meaning::Plain | Meaning::Unsigned => Cell::Int(n),
        };
        Ok(match &self.values {
            Values::Flags(v) => Cell::Flag(v[at]),
            Values::Ints(v) if matches!(self.meaning, Meaning::Unsigned) => whole(i64::from(v[at] as u32)),
            Values::Ints(v) => whole(i64::from(v[at])),
            Values::Longs(v) => whole(v[at]),
            Values::Old(v) => time(v[at].to_millis(), Form::Zoneless),
            Values::Floats(v) => Cell::Float(f64::from(v[at])),
            Values::Doubles(v) => Cell::Float(v[at]),
            Values::Texts(v) => self.text(v[at].data())?,
            Values::Fixed(v) => self.text(v[at].data())?,
        })
    }

    fn text<'a>(&self, bytes: &'a [u8]) -> Result<Cell<'a>, String> {
        std::str::from_utf8(bytes)
            .map(Cell::Text)
            .map_err(|_| format!("column `{}`: expected UTF-8, found other bytes", self.column.name()))
    }
}

fn time<'a>(ms: i64, form: Form) -> Cell<'a> {
    Cell::Time(Moment { form, ..at_utc(ms) })
}
