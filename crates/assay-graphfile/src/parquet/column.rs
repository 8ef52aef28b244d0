//! One wanted column of a row group: its values, and what they mean as ids, times or weights.

use crate::raw::Bad;
use crate::value::{PLAUSIBLE_S, Value};
use assay_model::edges::NO_TIME;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::column::page::PageReader;
use parquet::column::reader::{ColumnReader, get_column_reader};
use parquet::data_type::{ByteArray, FixedLenByteArray, Int96};
use parquet::errors::ParquetError;
use parquet::schema::types::{ColumnDescPtr, ColumnDescriptor};

/// What a column is wanted for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Source,
    Target,
    At,
    Weight,
}

impl Role {
    /// What such a column holds.
    pub(super) fn holds(self) -> &'static str {
        match self {
            Self::Source | Self::Target => "ids (texts or whole numbers)",
            Self::At => "times",
            Self::Weight => "numbers",
        }
    }
}

/// What the numbers of a column mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Signed,
    Unsigned,
    Days,
    /// A point in time in this many parts of a second.
    Time(i64),
    Other,
}

fn meaning(column: &ColumnDescriptor) -> Meaning {
    match column.logical_type_ref() {
        Some(LogicalType::Date) => return Meaning::Days,
        Some(LogicalType::Timestamp(stamp)) => {
            return Meaning::Time(match stamp.unit {
                TimeUnit::MILLIS => 1_000,
                TimeUnit::MICROS => 1_000_000,
                TimeUnit::NANOS => 1_000_000_000,
            });
        }
        Some(LogicalType::Integer(int)) if !int.is_signed => return Meaning::Unsigned,
        Some(LogicalType::Decimal(_) | LogicalType::Uuid | LogicalType::Time(_) | LogicalType::Float16) => {
            return Meaning::Other;
        }
        _ => {}
    }
    match column.converted_type() {
        ConvertedType::DATE => Meaning::Days,
        ConvertedType::TIMESTAMP_MILLIS => Meaning::Time(1_000),
        ConvertedType::TIMESTAMP_MICROS => Meaning::Time(1_000_000),
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
            Meaning::Unsigned
        }
        ConvertedType::INTERVAL | ConvertedType::DECIMAL => Meaning::Other,
        _ => Meaning::Signed,
    }
}

/// Whether a column can hold what it is wanted for.
pub(super) fn holds(column: &ColumnDescriptor, role: Role) -> bool {
    let meaning = meaning(column);
    let number = matches!(meaning, Meaning::Signed | Meaning::Unsigned);
    match (column.physical_type(), role) {
        (Type::BOOLEAN, _) => false,
        (Type::INT96, role) => role == Role::At,
        (Type::FLOAT | Type::DOUBLE, _) => true,
        (Type::INT32 | Type::INT64, Role::At) => meaning != Meaning::Other,
        (Type::INT32 | Type::INT64 | Type::BYTE_ARRAY | Type::FIXED_LEN_BYTE_ARRAY, _) => number,
    }
}

#[derive(Debug)]
enum Values {
    Ints(Vec<i32>),
    Longs(Vec<i64>),
    Old(Vec<Int96>),
    Floats(Vec<f32>),
    Doubles(Vec<f64>),
    Texts(Vec<ByteArray>),
    Fixed(Vec<FixedLenByteArray>),
}

/// A batch of a column as edges have it, where all its values could be taken as they are.
#[derive(Debug)]
pub(super) enum Cells {
    Ids(Vec<u64>),
    Times(Vec<i64>),
    Weights(Vec<f32>),
}

/// A column of a row group, read batch by batch.
pub(super) struct Cursor {
    reader: ColumnReader,
    pub(super) role: Role,
    meaning: Meaning,
    max_level: i16,
    levels: Vec<i16>,
    values: Values,
    pub(super) cells: Cells,
    plain: bool,
    row: usize,
    /// The value of the row at hand, if it has one, and the place of the next.
    at: Option<usize>,
    next: usize,
}

impl Cursor {
    pub(super) fn new(column: ColumnDescPtr, pages: Box<dyn PageReader>, role: Role) -> Self {
        let (meaning, max_level) = (meaning(&column), column.max_def_level());
        let reader = get_column_reader(column, pages);
        let values = match &reader {
            ColumnReader::Int32ColumnReader(_) => Values::Ints(Vec::new()),
            ColumnReader::Int64ColumnReader(_) | ColumnReader::BoolColumnReader(_) => Values::Longs(Vec::new()),
            ColumnReader::Int96ColumnReader(_) => Values::Old(Vec::new()),
            ColumnReader::FloatColumnReader(_) => Values::Floats(Vec::new()),
            ColumnReader::DoubleColumnReader(_) => Values::Doubles(Vec::new()),
            ColumnReader::ByteArrayColumnReader(_) => Values::Texts(Vec::new()),
            ColumnReader::FixedLenByteArrayColumnReader(_) => Values::Fixed(Vec::new()),
        };
        let cells = match role {
            Role::Source | Role::Target => Cells::Ids(Vec::new()),
            Role::At => Cells::Times(Vec::new()),
            Role::Weight => Cells::Weights(Vec::new()),
        };
        Self {
            reader,
            role,
            meaning,
            max_level,
            levels: Vec::new(),
            values,
            cells,
            plain: false,
            row: 0,
            at: None,
            next: 0,
        }
    }

    /// Reads the next `n` rows.
    pub(super) fn read(&mut self, n: usize) -> Result<(), ParquetError> {
        self.levels.clear();
        let levels = Some(&mut self.levels);
        macro_rules! read {
            ($reader:expr, $values:expr) => {{
                $values.clear();
                $reader.read_records(n, levels, None, $values)?
            }};
        }
        let (n_read, n_values, _) = match (&mut self.reader, &mut self.values) {
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
            return Err(ParquetError::EOF("a column is shorter than its table".to_owned()));
        }
        self.plain = n_values == n && self.take_all();
        Ok(())
    }

    /// Whether all of the `n` rows that were read stand in [`Cursor::cells`].
    pub(super) fn is_plain(&self, n: usize) -> bool {
        let len = match &self.cells {
            Cells::Ids(ids) => ids.len(),
            Cells::Times(times) => times.len(),
            Cells::Weights(weights) => weights.len(),
        };
        self.plain && len == n
    }

    /// Takes all values as they are, if they are simple enough.
    fn take_all(&mut self) -> bool {
        let meaning = self.meaning;
        match (&mut self.cells, &self.values) {
            (Cells::Ids(ids), Values::Longs(values)) => {
                ids.clear();
                ids.extend(values.iter().map(|v| *v as u64));
                meaning == Meaning::Unsigned || values.iter().fold(0, |all, v| all | *v) >= 0
            }
            (Cells::Ids(ids), Values::Ints(values)) => {
                ids.clear();
                ids.extend(values.iter().map(|v| u64::from(*v as u32)));
                meaning == Meaning::Unsigned || values.iter().fold(0, |all, v| all | *v) >= 0
            }
            (Cells::Times(times), Values::Longs(values)) => {
                let Meaning::Time(parts) = meaning else { return false };
                times.clear();
                // A constant divisor is a multiplication.
                match parts {
                    1_000 => times.extend(values.iter().map(|v| v.div_euclid(1_000))),
                    1_000_000 => times.extend(values.iter().map(|v| v.div_euclid(1_000_000))),
                    _ => times.extend(values.iter().map(|v| v.div_euclid(1_000_000_000))),
                }
                times.iter().fold(true, |all, t| all & PLAUSIBLE_S.contains(t))
            }
            (Cells::Weights(weights), Values::Doubles(values)) => {
                weights.clear();
                weights.extend(values.iter().map(|v| *v as f32));
                weights.iter().all(|w| w.is_finite() && *w >= 0.0 && w.is_sign_positive())
            }
            _ => false,
        }
    }

    /// Goes back to the first row that was read.
    pub(super) fn rewind(&mut self) {
        (self.row, self.next, self.at) = (0, 0, None);
    }

    /// Goes to the next row.
    pub(super) fn step(&mut self) {
        let present = self.max_level == 0 || self.levels[self.row] == self.max_level;
        self.at = present.then_some(self.next);
        self.next += usize::from(present);
        self.row += 1;
    }

    /// The value of the row at hand, if it has one.
    pub(super) fn value(&self) -> Option<Value<'_>> {
        let at = self.at?;
        Some(match &self.values {
            Values::Ints(v) if self.meaning == Meaning::Unsigned => Value::Whole(i64::from(v[at] as u32)),
            Values::Longs(v) if self.meaning == Meaning::Unsigned => Value::Unsigned(v[at] as u64),
            Values::Ints(v) => Value::Whole(i64::from(v[at])),
            Values::Longs(v) => Value::Whole(v[at]),
            Values::Old(v) => Value::Whole(v[at].to_millis()),
            Values::Floats(v) => Value::Float(f64::from(v[at])),
            Values::Doubles(v) => Value::Float(v[at]),
            Values::Texts(v) => Value::Bytes(v[at].data()),
            Values::Fixed(v) => Value::Bytes(v[at].data()),
        })
    }

    /// The time of the row at hand, in seconds, or [`NO_TIME`].
    pub(super) fn time(&self) -> Result<i64, Bad> {
        let Some(value) = self.value() else { return Ok(NO_TIME) };
        let seconds = match (value, self.meaning) {
            (Value::Whole(n), _) if matches!(self.values, Values::Old(_)) => Some(n.div_euclid(1_000)),
            (Value::Whole(n), Meaning::Days) => n.checked_mul(86_400),
            (Value::Whole(n), Meaning::Time(parts)) => Some(n.div_euclid(parts)),
            _ => return value.time(),
        };
        value.plausible(seconds)
    }

    /// The weight of the row at hand, 1 where it has none.
    pub(super) fn weight(&self) -> Result<f32, Bad> {
        self.value().map_or(Ok(1.0), Value::weight)
    }
}
