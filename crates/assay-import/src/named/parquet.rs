//! Named tables as Parquet: only the wanted columns are read, a few thousand rows at a time.

use super::{Holds, Plan, TakeRow, Value, hand_over};
use crate::bundle::Bundle;
use crate::error::ImportError;
use crate::reading::Desk;
use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use ::parquet::column::reader::ColumnReader;
use ::parquet::data_type::ByteArray;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use ::parquet::schema::types::ColumnDescriptor;
use assay_model::when::civil;
use bytes::Bytes;
use std::fs::File;
use std::io::Read;

/// How a Parquet file begins.
pub(super) const MAGIC: &[u8] = b"PAR1";

/// Rows read at a time.
const BATCH_ROWS: usize = 8_192;

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

pub(super) fn read(
    bundle: &Bundle,
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    plan: &mut Plan<'_>,
    take: &mut TakeRow<'_>,
) -> Result<(), ImportError> {
    if let Some(path) = bundle.on_disk(0) {
        let file = File::open(path).map_err(|e| desk.broken(&e))?;
        return guarded(file, desk, plan, take);
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
    guarded(Bytes::from(bytes), desk, plan, take)
}

/// Reads the table; the Parquet reader may panic on a damaged file, which is an error like any other.
fn guarded(
    chunks: impl ChunkReader + 'static,
    desk: &mut Desk<'_>,
    plan: &mut Plan<'_>,
    take: &mut TakeRow<'_>,
) -> Result<(), ImportError> {
    let place = desk.name().to_owned();
    let outcome = assay_model::guarded(|| table(chunks, desk, plan, take));
    let damaged = |why: &str| {
        ImportError::new(
            "a whole Parquet file",
            format!("a damaged or unsupported one ({why})"),
            place,
            "write the file again, or save the table as CSV",
        )
    };
    match outcome {
        Some(Ok(())) => Ok(()),
        Some(Err(Failure::Import(error))) => Err(error),
        Some(Err(Failure::Parquet(error))) => Err(damaged(&error.to_string())),
        None => Err(damaged("its parts contradict each other")),
    }
}

fn table(
    chunks: impl ChunkReader + 'static,
    desk: &mut Desk<'_>,
    plan: &mut Plan<'_>,
    take: &mut TakeRow<'_>,
) -> Result<(), Failure> {
    let reader = SerializedFileReader::new(chunks)?;
    let schema = reader.metadata().file_metadata().schema_descr();
    let names: Vec<String> = schema.columns().iter().map(|c| c.path().string()).collect();
    plan.settle(&names, desk.name())?;
    for (column, at) in plan.places.iter().enumerate() {
        let Some(at) = at else { continue };
        let descriptor = schema.column(*at);
        if descriptor.max_rep_level() > 0 || !fits(&descriptor, plan.wanted[column].holds) {
            return Err(Failure::Import(ImportError::new(
                format!("column `{}` to hold {}", names[*at], named(plan.wanted[column].holds)),
                format!("the Parquet type {:?} {:?}", descriptor.physical_type(), descriptor.logical_type_ref()),
                desk.name(),
                "write the column as numbers or as text",
            )));
        }
    }
    let mut line = 0;
    for group in 0..reader.num_row_groups() {
        let group = reader.get_row_group(group)?;
        let mut columns = Vec::new();
        for (column, at) in plan.places.iter().enumerate() {
            let Some(at) = at else { continue };
            let descriptor = schema.column(*at);
            let reader = group.get_column_reader(*at)?;
            let meaning = meaning(&descriptor);
            columns.push((column, Batch::new(reader, meaning, plan.wanted[column].holds, descriptor.max_def_level())));
        }
        let mut left = u64::try_from(group.metadata().num_rows()).unwrap_or(0);
        let mut cells = vec![Value::Missing; plan.wanted.len()];
        while left > 0 {
            let n = left.min(BATCH_ROWS as u64) as usize;
            for (_, batch) in &mut columns {
                batch.read(n)?;
            }
            rows(line, n, &columns, plan, desk, take, &mut cells)?;
            cells = vec![Value::Missing; plan.wanted.len()];
            line += n as u64;
            left -= n as u64;
        }
    }
    Ok(())
}

fn rows<'b>(
    line: u64,
    n: usize,
    columns: &'b [(usize, Batch)],
    plan: &Plan<'_>,
    desk: &mut Desk<'_>,
    take: &mut TakeRow<'_>,
    cells: &mut [Value<'b>],
) -> Result<(), Failure> {
    for row in 0..n {
        let line = line + row as u64 + 1;
        let mut wrong = None;
        for (column, batch) in columns {
            match batch.cell(row, *column, plan) {
                Ok(value) => cells[*column] = value,
                Err(why) => wrong = Some(why),
            }
        }
        match wrong {
            Some(why) => desk.reject(line, why)?,
            None => hand_over(line, cells, desk, take)?,
        }
    }
    Ok(())
}

fn named(holds: Holds) -> &'static str {
    match holds {
        Holds::Text | Holds::Name => "text",
        Holds::Number => "numbers",
    }
}

/// What the whole numbers of a column stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Themselves.
    Signed,
    /// Themselves, the sign bit counting too.
    Unsigned,
    /// Days since 1970.
    Days,
    /// So many parts of a second since 1970.
    Ticks(i64),
}

fn meaning(column: &ColumnDescriptor) -> Meaning {
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Date), _) | (None, ConvertedType::DATE) => Meaning::Days,
        (Some(LogicalType::Timestamp(t)), _) => Meaning::Ticks(match t.unit {
            TimeUnit::MILLIS => 1_000,
            TimeUnit::MICROS => 1_000_000,
            TimeUnit::NANOS => 1_000_000_000,
        }),
        (None, ConvertedType::TIMESTAMP_MILLIS) => Meaning::Ticks(1_000),
        (None, ConvertedType::TIMESTAMP_MICROS) => Meaning::Ticks(1_000_000),
        _ if is_unsigned(column) => Meaning::Unsigned,
        _ => Meaning::Signed,
    }
}

impl Meaning {
    /// A whole number as text: days and times as ISO 8601 has them.
    fn write(self, text: &mut String, value: i64) {
        use std::fmt::Write as _;
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Signed => write!(text, "{value}"),
            Self::Unsigned => write!(text, "{}", value as u64),
            Self::Days => {
                let (year, month, day) = civil(value);
                write!(text, "{year:04}-{month:02}-{day:02}")
            }
            Self::Ticks(parts) => {
                let (seconds, part) = (value.div_euclid(parts), value.rem_euclid(parts));
                let (year, month, day) = civil(seconds.div_euclid(86_400));
                let second = seconds.rem_euclid(86_400);
                let (hour, minute) = (second / 3_600, second / 60 % 60);
                let _ = write!(text, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{:02}", second % 60);
                let _ = if part > 0 { write!(text, ".{:03}", part * 1_000 / parts) } else { Ok(()) };
                write!(text, "Z")
            }
        };
    }
}

fn is_unsigned(column: &ColumnDescriptor) -> bool {
    matches!(column.logical_type_ref(), Some(LogicalType::Integer(int)) if !int.is_signed)
        || matches!(
            column.converted_type(),
            ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64
        )
}

/// Whether the numbers of a column mean what they say. Decimals with a scale and times do not.
fn fits(column: &ColumnDescriptor, holds: Holds) -> bool {
    let scaled = match column.logical_type_ref() {
        Some(LogicalType::Decimal(decimal)) => decimal.scale != 0,
        Some(LogicalType::Date | LogicalType::Timestamp(_) | LogicalType::Time(_)) => holds == Holds::Number,
        _ => column.converted_type() == ConvertedType::DECIMAL && column.type_scale() != 0,
    };
    !scaled
}

/// The values of a batch, as the wanted column wants them.
enum Values {
    Numbers(Vec<f64>),
    /// Texts end to end, and where each ends.
    Texts(String, Vec<usize>),
}

/// A column of a few thousand rows.
struct Batch {
    reader: ColumnReader,
    meaning: Meaning,
    max_level: i16,
    levels: Vec<i16>,
    /// For each row the place of its value, if it has one.
    places: Vec<Option<u32>>,
    values: Values,
    raw: Raw,
}

/// Memory that is used again from batch to batch.
#[derive(Default)]
struct Raw {
    flags: Vec<bool>,
    ints: Vec<i32>,
    longs: Vec<i64>,
    floats: Vec<f32>,
    doubles: Vec<f64>,
    texts: Vec<ByteArray>,
}

impl Batch {
    fn new(reader: ColumnReader, meaning: Meaning, holds: Holds, max_level: i16) -> Self {
        let is_text = matches!(reader, ColumnReader::ByteArrayColumnReader(_));
        let values = if holds != Holds::Number || is_text {
            Values::Texts(String::new(), Vec::new())
        } else {
            Values::Numbers(Vec::new())
        };
        Self { reader, meaning, max_level, levels: Vec::new(), places: Vec::new(), values, raw: Raw::default() }
    }

    /// Reads the next `n` rows.
    fn read(&mut self, n: usize) -> Result<(), ParquetError> {
        self.levels.clear();
        let (levels, raw, meaning) = (Some(&mut self.levels), &mut self.raw, self.meaning);
        let unsigned = meaning == Meaning::Unsigned;
        macro_rules! read {
            ($reader:expr, $buffer:expr, $number:expr, $text:expr) => {{
                $buffer.clear();
                let counts = $reader.read_records(n, levels, None, &mut $buffer)?;
                match &mut self.values {
                    Values::Numbers(numbers) => {
                        numbers.clear();
                        numbers.extend($buffer.iter().map($number));
                    }
                    Values::Texts(text, ends) => {
                        text.clear();
                        ends.clear();
                        for value in &$buffer {
                            $text(text, value);
                            ends.push(text.len());
                        }
                    }
                }
                counts
            }};
        }
        let display = |text: &mut String, value: &dyn std::fmt::Display| {
            // Writing to a string cannot fail.
            let _ = std::fmt::Write::write_fmt(text, format_args!("{value}"));
        };
        let (n_read, n_values, _) = match &mut self.reader {
            ColumnReader::BoolColumnReader(r) => {
                read!(r, raw.flags, |v| f64::from(u8::from(*v)), |t: &mut String, v: &bool| display(t, v))
            }
            ColumnReader::Int32ColumnReader(r) => read!(
                r,
                raw.ints,
                |v| if unsigned { f64::from(*v as u32) } else { f64::from(*v) },
                |t: &mut String, v: &i32| meaning.write(t, if unsigned { i64::from(*v as u32) } else { i64::from(*v) })
            ),
            ColumnReader::Int64ColumnReader(r) => read!(
                r,
                raw.longs,
                |v| if unsigned { *v as u64 as f64 } else { *v as f64 },
                |t: &mut String, v: &i64| meaning.write(t, *v)
            ),
            ColumnReader::FloatColumnReader(r) => {
                read!(r, raw.floats, |v| f64::from(*v), |t: &mut String, v: &f32| display(t, v))
            }
            ColumnReader::DoubleColumnReader(r) => {
                read!(r, raw.doubles, |v| *v, |t: &mut String, v: &f64| display(t, v))
            }
            ColumnReader::ByteArrayColumnReader(r) => {
                read!(r, raw.texts, |_| f64::NAN, |t: &mut String, v: &ByteArray| {
                    t.push_str(&String::from_utf8_lossy(v.data()));
                })
            }
            _ => return Err(ParquetError::General("a column of bytes that is no text".to_owned())),
        };
        let mut next = 0;
        self.places.clear();
        for row in 0..n {
            let present = self.max_level == 0 || self.levels.get(row) == Some(&self.max_level);
            self.places.push(present.then_some(next));
            next += u32::from(present);
        }
        if n_read != n || n_values != next as usize || (self.max_level > 0 && self.levels.len() != n) {
            return Err(ParquetError::EOF("a column is shorter than its table".to_owned()));
        }
        Ok(())
    }

    fn cell(&self, row: usize, column: usize, plan: &Plan<'_>) -> Result<Value<'_>, String> {
        let Some(at) = self.places[row] else { return Ok(Value::Missing) };
        let at = at as usize;
        match &self.values {
            Values::Numbers(numbers) => {
                let x = numbers[at];
                if x.is_nan() {
                    Ok(Value::Missing)
                } else if x.is_finite() {
                    Ok(Value::Number(x))
                } else {
                    Err(plan.wrong(column, "a finite number", "an infinite one"))
                }
            }
            Values::Texts(text, ends) => {
                let start = if at == 0 { 0 } else { ends[at - 1] };
                plan.value(column, &text[start..ends[at]])
            }
        }
    }
}
