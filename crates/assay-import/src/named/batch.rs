//! A column of a Parquet table, a few thousand rows at a time: what its values mean, and how they become cells and columns.

use super::block::{Column, Names, id, id_of_number};
use super::dictionary::Kept;
use super::number::is_flag;
use super::{Holds, Plan, Value, told};
use ::parquet::basic::{ConvertedType, LogicalType, TimeUnit};
use ::parquet::column::reader::ColumnReader;
use ::parquet::data_type::ByteArray;
use ::parquet::errors::ParquetError;
use ::parquet::schema::types::ColumnDescriptor;
use assay_model::when::civil;

/// Places in memory by which names are known.
const PLACES_MAX: usize = 16;

/// What the whole numbers of a column stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Themselves.
    Signed,
    /// Themselves, the sign bit counting too.
    Unsigned,
    /// Days since 1970.
    Days,
    /// So many parts of a second since 1970.
    Ticks(i64),
}

pub(super) fn meaning(column: &ColumnDescriptor) -> Meaning {
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
pub(super) fn fits(column: &ColumnDescriptor, holds: Holds) -> bool {
    let scaled = match column.logical_type_ref() {
        Some(LogicalType::Decimal(decimal)) => decimal.scale != 0,
        Some(LogicalType::Date | LogicalType::Timestamp(_) | LogicalType::Time(_)) => {
            matches!(holds, Holds::Number | Holds::Flag)
        }
        _ => column.converted_type() == ConvertedType::DECIMAL && column.type_scale() != 0,
    };
    !scaled
}

/// The values of a batch, as the wanted column wants them.
enum Values {
    Numbers(Vec<f64>),
    /// Whole numbers as ids.
    Ids(Vec<u64>),
    /// Names that stand in a dictionary.
    Names(Names),
    /// Texts end to end, and where each ends.
    Texts(String, Vec<usize>),
}

/// What a column is read by, and what it read.
enum Source {
    Ordinary(Box<ColumnReader>, Values),
    /// Its dictionary, where it is laid out so.
    Kept(Box<Kept>, Column),
}

/// A column of a few thousand rows.
pub(super) struct Batch {
    source: Source,
    meaning: Meaning,
    holds: Holds,
    max_level: i16,
    levels: Vec<i16>,
    /// For each row the place of its value, if it has one.
    places: Vec<Option<u32>>,
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
    /// A column that is read row by row.
    pub(super) fn new(reader: ColumnReader, meaning: Meaning, holds: Holds, max_level: i16) -> Self {
        let is_text = matches!(reader, ColumnReader::ByteArrayColumnReader(_));
        let is_whole = matches!(reader, ColumnReader::Int32ColumnReader(_) | ColumnReader::Int64ColumnReader(_));
        let values = match holds {
            Holds::Name if is_text => Values::Names(Names::default()),
            Holds::Id if is_whole && meaning == Meaning::Signed => Values::Ids(Vec::new()),
            Holds::Number | Holds::Flag if !is_text => Values::Numbers(Vec::new()),
            _ => Values::Texts(String::new(), Vec::new()),
        };
        Self::of(Source::Ordinary(Box::new(reader), values), meaning, holds, max_level)
    }

    /// A column that is read by its dictionary.
    pub(super) fn by_dictionary(kept: Kept, meaning: Meaning, holds: Holds, max_level: i16) -> Self {
        Self::of(Source::Kept(Box::new(kept), Column::default()), meaning, holds, max_level)
    }

    fn of(source: Source, meaning: Meaning, holds: Holds, max_level: i16) -> Self {
        Self { source, meaning, holds, max_level, levels: Vec::new(), places: Vec::new(), raw: Raw::default() }
    }

    /// The dictionary, where the column is read by it.
    pub(super) fn kept(&mut self) -> Option<&mut Kept> {
        match &mut self.source {
            Source::Ordinary(..) => None,
            Source::Kept(kept, _) => Some(kept),
        }
    }

    /// Reads the next `n` rows.
    pub(super) fn read(&mut self, n: usize) -> Result<(), ParquetError> {
        let (reader, values) = match &mut self.source {
            Source::Ordinary(reader, values) => (reader, values),
            Source::Kept(kept, column) => return kept.read(n, column),
        };
        self.levels.clear();
        let (levels, raw, meaning) = (Some(&mut self.levels), &mut self.raw, self.meaning);
        let unsigned = meaning == Meaning::Unsigned;
        macro_rules! read {
            ($reader:expr, $values:expr, $buffer:expr, $number:expr, $text:expr) => {{
                $buffer.clear();
                let counts = $reader.read_records(n, levels, None, &mut $buffer)?;
                match $values {
                    Values::Numbers(numbers) => {
                        numbers.clear();
                        numbers.extend($buffer.iter().map($number));
                    }
                    // These columns are read below.
                    Values::Ids(_) | Values::Names(_) => {}
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
        let (n_read, n_values, _) = match (&mut **reader, &mut *values) {
            (ColumnReader::Int32ColumnReader(r), Values::Ids(ids)) => {
                raw.ints.clear();
                let counts = r.read_records(n, levels, None, &mut raw.ints)?;
                ids.clear();
                ids.extend(raw.ints.iter().map(|v| id_of_number(i64::from(*v))));
                counts
            }
            (ColumnReader::Int64ColumnReader(r), Values::Ids(ids)) => {
                raw.longs.clear();
                let counts = r.read_records(n, levels, None, &mut raw.longs)?;
                ids.clear();
                ids.extend(raw.longs.iter().map(|v| id_of_number(*v)));
                counts
            }
            (ColumnReader::ByteArrayColumnReader(r), Values::Names(names)) => {
                raw.texts.clear();
                let counts = r.read_records(n, levels, None, &mut raw.texts)?;
                names.take(&raw.texts);
                counts
            }
            (ColumnReader::BoolColumnReader(r), values) => {
                read!(r, values, raw.flags, |v| f64::from(u8::from(*v)), |t: &mut String, v: &bool| display(t, v))
            }
            (ColumnReader::Int32ColumnReader(r), values) => read!(
                r,
                values,
                raw.ints,
                |v| if unsigned { f64::from(*v as u32) } else { f64::from(*v) },
                |t: &mut String, v: &i32| meaning.write(t, if unsigned { i64::from(*v as u32) } else { i64::from(*v) })
            ),
            (ColumnReader::Int64ColumnReader(r), values) => read!(
                r,
                values,
                raw.longs,
                |v| if unsigned { *v as u64 as f64 } else { *v as f64 },
                |t: &mut String, v: &i64| meaning.write(t, *v)
            ),
            (ColumnReader::FloatColumnReader(r), values) => {
                read!(r, values, raw.floats, |v| f64::from(*v), |t: &mut String, v: &f32| display(t, v))
            }
            (ColumnReader::DoubleColumnReader(r), values) => {
                read!(r, values, raw.doubles, |v| *v, |t: &mut String, v: &f64| display(t, v))
            }
            (ColumnReader::ByteArrayColumnReader(r), values) => {
                read!(r, values, raw.texts, |_| f64::NAN, |t: &mut String, v: &ByteArray| {
                    t.push_str(&String::from_utf8_lossy(v.data()));
                })
            }
            _ => return Err(ParquetError::General("a column of bytes that is no text".to_owned())),
        };
        if let (Holds::Flag, Values::Numbers(numbers)) = (self.holds, values) {
            numbers.iter_mut().filter(|x| !is_flag(**x)).for_each(|x| *x = f64::NAN);
        }
        self.places.clear();
        let mut n_present = n;
        if self.max_level > 0 && n_values != n {
            n_present = 0;
            for row in 0..n {
                let present = self.levels.get(row) == Some(&self.max_level);
                self.places.push(present.then_some(n_present as u32));
                n_present += usize::from(present);
            }
        }
        if n_read != n || n_values != n_present || (self.max_level > 0 && self.levels.len() != n) {
            return Err(ParquetError::EOF("a column is shorter than its table".to_owned()));
        }
        Ok(())
    }

    /// Whether every value fits into the column as it is.
    pub(super) fn is_whole(&self, column: &Column) -> bool {
        match &self.source {
            Source::Ordinary(_, Values::Numbers(numbers)) => !numbers.iter().any(|x| x.is_infinite()),
            Source::Ordinary(_, Values::Texts(..)) => matches!(column, Column::Ids(_)),
            Source::Ordinary(_, Values::Ids(_) | Values::Names(_)) | Source::Kept(..) => true,
        }
    }

    /// Puts the values of `n` rows into an empty column.
    pub(super) fn fill(&mut self, n: usize, column: &mut Column) {
        fn spread<T: Copy>(values: &mut Vec<T>, places: &[Option<u32>], none: T, out: &mut Vec<T>) {
            if places.is_empty() {
                std::mem::swap(values, out);
            } else {
                out.extend(places.iter().map(|at| at.map_or(none, |at| values[at as usize])));
            }
        }
        let values = match &mut self.source {
            Source::Ordinary(_, values) => values,
            Source::Kept(_, read) => return std::mem::swap(read, column),
        };
        if let (Values::Numbers(_), Column::Coded(_)) = (&*values, &*column) {
            *column = Column::Numbers(Vec::new());
        }
        match (values, column) {
            (Values::Numbers(values), Column::Numbers(out)) => spread(values, &self.places, f64::NAN, out),
            (Values::Ids(values), Column::Ids(out)) => spread(values, &self.places, 0, out),
            (Values::Names(names), Column::Names(out)) => {
                spread(&mut names.codes, &self.places, Names::MISSING, &mut out.codes);
                out.names.clone_from(&names.names);
            }
            (Values::Texts(text, ends), Column::Ids(out)) => {
                let read = |at: usize| told(cell_text(text, ends, at), Holds::Id).map_or(0, id);
                out.extend((0..n).map(|row| match self.places.get(row) {
                    None => read(row),
                    Some(at) => at.map_or(0, |at| read(at as usize)),
                }));
            }
            // No other values are made for these columns.
            _ => {}
        }
    }

    pub(super) fn cell(&self, row: usize, column: usize, plan: &Plan<'_>) -> Result<Value<'_>, String> {
        let values = match &self.source {
            Source::Ordinary(_, values) => values,
            Source::Kept(_, column) => return Ok(column.cell(row)),
        };
        let at = match self.places.get(row) {
            Some(None) => return Ok(Value::Missing),
            Some(Some(at)) => *at as usize,
            None => row,
        };
        match values {
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
            Values::Ids(ids) => Ok(Value::Id(ids[at])),
            Values::Names(names) => Ok(match names.codes[at] {
                Names::MISSING => Value::Missing,
                code => Value::Text(&names.names[code as usize]),
            }),
            Values::Texts(text, ends) => plan.value(column, cell_text(text, ends, at)),
        }
    }
}

fn cell_text<'t>(text: &'t str, ends: &[usize], at: usize) -> &'t str {
    let start = if at == 0 { 0 } else { ends[at - 1] };
    &text[start..ends[at]]
}

impl Names {
    /// Takes the names of a batch instead of what it had. Those of a dictionary lie at one place in memory, by which they are
    /// known again.
    fn take(&mut self, texts: &[ByteArray]) {
        self.clear();
        let mut met: Vec<(usize, usize, u32)> = Vec::new();
        for text in texts {
            let bytes = text.data();
            let (at, length) = (bytes.as_ptr() as usize, bytes.len());
            let known = met.iter().find(|m| (m.0, m.1) == (at, length)).map(|m| m.2);
            let code = known.unwrap_or_else(|| {
                let name = String::from_utf8_lossy(bytes);
                let code = told(&name, Holds::Name).map_or(Self::MISSING, |name| self.code(name));
                if met.len() < PLACES_MAX {
                    met.push((at, length, code));
                }
                code
            });
            self.codes.push(code);
        }
    }
}
