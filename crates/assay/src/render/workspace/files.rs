//! Rows of a view as Parquet and as a workbook. Both want to know beforehand what a column holds: a first pass looks
//! ([`Shape`]), a second one writes.

use super::answers::hexadecimal;
use assay_model::Go;
use assay_store::{Answer, Answers};
use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::{WriterProperties, WriterVersion};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::ColumnPath;
use rust_xlsxwriter::{Workbook, XlsxError};
use std::sync::Arc;

/// Rows of a group. Numbers as differences, packed, and zstd of level 1: smaller and quicker to read than dictionaries
/// (measured on twenty million rows: 11.8 bytes a row of three numbers against 17.1, read at three times the pace).
const GROUP_ROWS: usize = 1 << 20;
/// Rows that a sheet holds beside its heading.
pub const SHEET_ROWS_MAX: u64 = 1_048_575;
/// The greatest whole number that a sheet's cell holds exactly.
const EXACT_MAX: u64 = 1 << 53;
/// Characters that a sheet's cell holds.
const CELL_CHARS_MAX: usize = 32_767;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Holds {
    Nothing,
    Ints,
    Reals,
    Texts,
}

/// What the columns of an answer hold, and how many rows it has.
#[derive(Debug, Default)]
pub struct Shape {
    names: Vec<String>,
    holds: Vec<Holds>,
    /// How many rows.
    pub n_rows: u64,
}

impl Answers for Shape {
    fn columns(&mut self, names: &[String]) -> Go {
        self.names = names.to_vec();
        self.holds = vec![Holds::Nothing; names.len()];
        Go::On
    }

    fn row(&mut self, values: &[Answer<'_>]) -> Go {
        self.n_rows += 1;
        for (holds, value) in self.holds.iter_mut().zip(values) {
            *holds = (*holds).max(match value {
                Answer::Null => Holds::Nothing,
                Answer::Int(_) => Holds::Ints,
                Answer::Real(_) => Holds::Reals,
                Answer::Text(_) | Answer::Bytes(_) => Holds::Texts,
            });
        }
        Go::On
    }
}

/// The values of a column that wait for their group to be full.
enum Waiting {
    Ints(Vec<i64>),
    Reals(Vec<f64>),
    Texts(Vec<ByteArray>),
}

/// The rows of an answer as Parquet. The answer is asked for twice: for its shape, and for its rows.
///
/// # Errors
/// What `ask` says, or what `failed` says of rows that cannot be written, which comes first: it is why the answer was stopped.
pub fn parquet_of<E>(
    mut ask: impl FnMut(&mut dyn Answers) -> Result<bool, E>,
    failed: impl Fn(&ParquetError) -> E,
) -> Result<Vec<u8>, E> {
    let mut shape = Shape::default();
    ask(&mut shape)?;
    let mut rows = ParquetOut::new(&shape).map_err(|e| failed(&e))?;
    let asked = ask(&mut rows);
    let bytes = rows.end().map_err(|e| failed(&e))?;
    asked?;
    Ok(bytes)
}

/// Writes rows as Parquet.
struct ParquetOut {
    file: SerializedFileWriter<Vec<u8>>,
    columns: Vec<(Waiting, Vec<i16>)>,
    failed: Option<ParquetError>,
}

impl ParquetOut {
    /// Begins a file for an answer of this shape.
    ///
    /// # Errors
    /// If a name cannot be one of Parquet.
    pub fn new(shape: &Shape) -> Result<Self, ParquetError> {
        let mut schema = String::from("message rows {\n");
        let mut properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_2_0)
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(1)?));
        for (name, holds) in shape.names.iter().zip(&shape.holds) {
            let of = match holds {
                Holds::Ints => "INT64",
                Holds::Reals => "DOUBLE",
                Holds::Nothing | Holds::Texts => "BYTE_ARRAY",
            };
            let texts = if of == "BYTE_ARRAY" { " (UTF8)" } else { "" };
            schema += &["OPTIONAL ", of, " ", name, texts, ";\n"].concat();
            if *holds == Holds::Ints {
                let path = ColumnPath::from(name.as_str());
                properties = properties
                    .set_column_dictionary_enabled(path.clone(), false)
                    .set_column_encoding(path, Encoding::DELTA_BINARY_PACKED);
            }
        }
        schema.push('}');
        let schema = Arc::new(parse_message_type(&schema)?);
        let file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build()))?;
        let waiting = |holds: &Holds| match holds {
            Holds::Ints => Waiting::Ints(Vec::new()),
            Holds::Reals => Waiting::Reals(Vec::new()),
            Holds::Nothing | Holds::Texts => Waiting::Texts(Vec::new()),
        };
        Ok(Self { file, columns: shape.holds.iter().map(|h| (waiting(h), Vec::new())).collect(), failed: None })
    }

    /// Ends the file.
    ///
    /// # Errors
    /// What kept a row from being written.
    pub fn end(mut self) -> Result<Vec<u8>, ParquetError> {
        if let Some(error) = self.failed.take() {
            return Err(error);
        }
        self.group()?;
        self.file.into_inner()
    }

    /// Writes what waits as a group.
    fn group(&mut self) -> Result<(), ParquetError> {
        if self.columns.first().is_none_or(|(_, told)| told.is_empty()) {
            return Ok(());
        }
        let mut group = self.file.next_row_group()?;
        for (waiting, told) in &mut self.columns {
            match waiting {
                Waiting::Ints(values) => column::<Int64Type>(&mut group, values, told)?,
                Waiting::Reals(values) => column::<DoubleType>(&mut group, values, told)?,
                Waiting::Texts(values) => column::<ByteArrayType>(&mut group, values, told)?,
            }
        }
        group.close().map(|_| ())
    }
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, Vec<u8>>,
    values: &mut Vec<T::T>,
    told: &mut Vec<i16>,
) -> Result<(), ParquetError> {
    if let Some(mut column) = group.next_column()? {
        column.typed::<T>().write_batch(values, Some(told), None)?;
        column.close()?;
    }
    values.clear();
    told.clear();
    Ok(())
}

impl Answers for ParquetOut {
    fn columns(&mut self, _: &[String]) -> Go {
        Go::On
    }

    fn row(&mut self, values: &[Answer<'_>]) -> Go {
        for ((waiting, told), value) in self.columns.iter_mut().zip(values) {
            told.push(i16::from(*value != Answer::Null));
            match (waiting, value) {
                (_, Answer::Null) => {}
                (Waiting::Ints(all), Answer::Int(n)) => all.push(*n),
                (Waiting::Reals(all), Answer::Int(n)) => all.push(*n as f64),
                (Waiting::Reals(all), Answer::Real(x)) => all.push(*x),
                (Waiting::Texts(all), Answer::Text(text)) => all.push(ByteArray::from(*text)),
                (Waiting::Texts(all), Answer::Int(n)) => all.push(ByteArray::from(n.to_string().as_str())),
                (Waiting::Texts(all), Answer::Real(x)) => all.push(ByteArray::from(x.to_string().as_str())),
                (Waiting::Texts(all), Answer::Bytes(bytes)) => all.push(ByteArray::from(bytes.to_vec())),
                // The workspace changed between the two passes.
                (Waiting::Ints(_) | Waiting::Reals(_), _) => {
                    self.failed = Some(ParquetError::General("the workspace changed meanwhile".to_owned()));
                    return Go::Stop;
                }
            }
        }
        let is_full = self.columns.first().is_some_and(|(_, told)| told.len() >= GROUP_ROWS);
        match if is_full { self.group() } else { Ok(()) } {
            Ok(()) => Go::On,
            Err(error) => {
                self.failed = Some(error);
                Go::Stop
            }
        }
    }
}

/// Writes rows as a workbook with one sheet. Texts are texts there: nothing is run.
pub struct WorkbookOut {
    book: Workbook,
    row: u32,
    failed: Option<XlsxError>,
}

impl Default for WorkbookOut {
    fn default() -> Self {
        let mut book = Workbook::new();
        book.add_worksheet();
        Self { book, row: 0, failed: None }
    }
}

impl WorkbookOut {
    /// Ends the workbook.
    ///
    /// # Errors
    /// What kept a row from being written.
    pub fn end(mut self) -> Result<Vec<u8>, XlsxError> {
        match self.failed.take() {
            Some(error) => Err(error),
            None => self.book.save_to_buffer(),
        }
    }

    fn write(&mut self, values: &[Answer<'_>]) -> Result<(), XlsxError> {
        let sheet = self.book.worksheet_from_index(0)?;
        for (place, value) in values.iter().enumerate() {
            let (row, column) = (self.row, place as u16);
            let _ = match value {
                Answer::Null => continue,
                Answer::Int(n) if n.unsigned_abs() <= EXACT_MAX => sheet.write_number(row, column, *n as f64)?,
                Answer::Int(n) => sheet.write_string(row, column, n.to_string())?,
                Answer::Real(x) => sheet.write_number(row, column, *x)?,
                Answer::Text(text) => {
                    sheet.write_string(row, column, text.chars().take(CELL_CHARS_MAX).collect::<String>())?
                }
                Answer::Bytes(bytes) => sheet.write_string(row, column, hexadecimal(bytes))?,
            };
        }
        self.row += 1;
        Ok(())
    }

    fn told(&mut self, values: &[Answer<'_>]) -> Go {
        match self.write(values) {
            Ok(()) => Go::On,
            Err(error) => {
                self.failed = Some(error);
                Go::Stop
            }
        }
    }
}

impl Answers for WorkbookOut {
    fn columns(&mut self, names: &[String]) -> Go {
        let names: Vec<Answer<'_>> = names.iter().map(|name| Answer::Text(name)).collect();
        self.told(&names)
    }

    fn row(&mut self, values: &[Answer<'_>]) -> Go {
        self.told(values)
    }
}

#[cfg(test)]
mod tests {
    use super::{ParquetOut, Shape};
    use assay_store::{Answer, Answers};
    use parquet::file::reader::{FileReader as _, SerializedFileReader};
    use parquet::record::Field;

    #[test]
    fn rows_come_back_from_parquet() {
        let names = ["n", "x", "text", "empty"].map(str::to_owned);
        let fill = |out: &mut dyn Answers| {
            let _ = out.columns(&names);
            let _ = out.row(&[Answer::Int(-7), Answer::Int(1), Answer::Text("=a()"), Answer::Null]);
            let _ = out.row(&[Answer::Null, Answer::Real(0.5), Answer::Null, Answer::Null]);
        };
        let mut shape = Shape::default();
        fill(&mut shape);
        let mut out = ParquetOut::new(&shape).expect("a schema");
        fill(&mut out);
        let bytes = bytes::Bytes::from(out.end().expect("a file"));
        let reader = SerializedFileReader::new(bytes).expect("a file");
        let rows: Vec<Vec<Field>> = reader
            .get_row_iter(None)
            .expect("rows")
            .map(|row| row.expect("a row").into_columns().into_iter().map(|(_, field)| field).collect())
            .collect();
        assert_eq!(rows[0], [Field::Long(-7), Field::Double(1.0), Field::Str("=a()".to_owned()), Field::Null]);
        assert_eq!(rows[1], [Field::Null, Field::Double(0.5), Field::Null, Field::Null]);
    }
}
