//! Answers to questions in SQL, as text, CSV and JSON (`assay.sql/1`). Rows are written as they come; a text waits for all, to be
//! in columns.

use crate::render::format::plain;
use crate::render::verdicts::not_a_formula;
use assay_model::Go;
use assay_store::{Answer, Answers};
use serde_json::{Value, json};
use std::io::{self, Write};

/// The schema of answers as JSON.
pub const SQL_SCHEMA: &str = "assay.sql/1";
/// The widest column of a text.
const WIDTH_MAX: usize = 60;

/// The form of a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableFormat {
    /// Columns of text.
    Text,
    /// Comma-separated.
    Csv,
    /// One document.
    Json,
}

enum Form<'a> {
    Text { out: &'a mut dyn Write, rows: Vec<Vec<(String, bool)>> },
    Csv(Box<csv::Writer<&'a mut dyn Write>>),
    Json { out: &'a mut dyn Write, n: u64 },
}

/// Writes the answers that it is given.
pub struct AnswersOut<'a> {
    form: Form<'a>,
    failed: Option<io::Error>,
}

impl<'a> AnswersOut<'a> {
    /// Writes to `out`.
    pub fn new(format: TableFormat, out: &'a mut dyn Write) -> Self {
        let form = match format {
            TableFormat::Text => Form::Text { out, rows: Vec::new() },
            TableFormat::Csv => Form::Csv(Box::new(csv::Writer::from_writer(out))),
            TableFormat::Json => Form::Json { out, n: 0 },
        };
        Self { form, failed: None }
    }

    /// What could not be written, if that ended the answer.
    pub fn failed(&mut self) -> Option<io::Error> {
        self.failed.take()
    }

    /// Ends the answer. `is_whole` where no row was left out.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn end(self, is_whole: bool) -> io::Result<()> {
        match self.form {
            Form::Text { out, rows } => table(&rows, out),
            Form::Csv(mut out) => out.flush(),
            Form::Json { out, n } => {
                let end = if n > 0 { "\n  " } else { "" };
                writeln!(out, "{end}],\n  \"n_rows\": {n},\n  \"is_whole\": {is_whole}\n}}")
            }
        }
    }

    fn told(&mut self, written: io::Result<()>) -> Go {
        match written {
            Ok(()) => Go::On,
            Err(error) => {
                self.failed = Some(error);
                Go::Stop
            }
        }
    }
}

impl Answers for AnswersOut<'_> {
    fn columns(&mut self, names: &[String]) -> Go {
        let written = match &mut self.form {
            Form::Text { rows, .. } => {
                rows.push(names.iter().map(|name| (plain(name).into_owned(), false)).collect());
                Ok(())
            }
            Form::Csv(out) => out.write_record(names).map_err(io::Error::other),
            Form::Json { out, .. } => {
                let head = json!({"schema": SQL_SCHEMA, "version": env!("CARGO_PKG_VERSION"), "columns": names});
                head_of(&head, *out)
            }
        };
        self.told(written)
    }

    fn row(&mut self, values: &[Answer<'_>]) -> Go {
        let written = match &mut self.form {
            Form::Text { rows, .. } => {
                rows.push(values.iter().map(shown).collect());
                Ok(())
            }
            Form::Csv(out) => values
                .iter()
                .try_for_each(|value| match value {
                    // A text that a spreadsheet would run is quoted; a number below 0 is a number.
                    Answer::Text(text) => out.write_field(not_a_formula(text).as_ref()),
                    value => out.write_field(shown(value).0),
                })
                .and_then(|()| out.write_record(None::<&[u8]>))
                .map_err(io::Error::other),
            Form::Json { out, n } => {
                let row: Vec<Value> = values.iter().map(as_json).collect();
                let comma = if *n > 0 { "," } else { "" };
                *n += 1;
                write!(out, "{comma}\n    {}", Value::Array(row))
            }
        };
        self.told(written)
    }
}

/// The fields before the rows, and the bracket that opens them.
fn head_of(head: &Value, out: &mut dyn Write) -> io::Result<()> {
    let text = format!("{head:#}");
    let open = text.trim_end_matches(['\n', '}']).trim_end();
    write!(out, "{open},\n  \"rows\": [")
}

fn as_json(value: &Answer<'_>) -> Value {
    match value {
        Answer::Null => Value::Null,
        Answer::Int(n) => (*n).into(),
        Answer::Real(x) => json!(x),
        Answer::Text(text) => (*text).into(),
        Answer::Bytes(bytes) => hexadecimal(bytes).into(),
    }
}

/// A value as text, and whether it is a number.
fn shown(value: &Answer<'_>) -> (String, bool) {
    match value {
        Answer::Null => (String::new(), false),
        Answer::Int(n) => (n.to_string(), true),
        Answer::Real(x) => (x.to_string(), true),
        Answer::Text(text) => (plain(text).into_owned(), false),
        Answer::Bytes(bytes) => (hexadecimal(bytes), false),
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    let digits = bytes.iter().flat_map(|b| [b >> 4, b & 15]);
    digits.filter_map(|d| char::from_digit(u32::from(d), 16)).collect()
}

/// Columns of text: numbers to the right, a line below the names.
fn table(rows: &[Vec<(String, bool)>], out: &mut dyn Write) -> io::Result<()> {
    let n = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> =
        (0..n).map(|i| rows.iter().map(|row| row[i].0.chars().count().min(WIDTH_MAX)).max().unwrap_or(0)).collect();
    for (r, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for ((text, is_number), width) in row.iter().zip(&widths) {
            let mut cell: String = text.chars().take(WIDTH_MAX).collect();
            if text.chars().count() > WIDTH_MAX {
                cell.pop();
                cell.push('…');
            }
            let padding = " ".repeat(width - cell.chars().count());
            let (left, right) = if *is_number { (&padding, &cell) } else { (&cell, &padding) };
            for part in [left.as_str(), right, "  "] {
                line.push_str(part);
            }
        }
        writeln!(out, "{}", line.trim_end())?;
        if r == 0 {
            let under: Vec<String> = widths.iter().map(|w| "-".repeat(*w)).collect();
            writeln!(out, "{}", under.join("  "))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{AnswersOut, TableFormat};
    use crate::render::schema::faults;
    use assay_store::{Answer, Answers as _};

    fn written(format: TableFormat) -> String {
        let mut out = Vec::new();
        let mut answers = AnswersOut::new(format, &mut out);
        let _ = answers.columns(&["page".to_owned(), "n".to_owned()]);
        let _ = answers.row(&[Answer::Text("=cmd()"), Answer::Int(-7)]);
        let _ = answers.row(&[Answer::Null, Answer::Real(0.5)]);
        answers.end(true).expect("memory");
        String::from_utf8(out).expect("text")
    }

    #[test]
    fn a_table_is_in_columns_and_runs_nothing() {
        assert_eq!(written(TableFormat::Text), "page    n\n------  ---\n=cmd()   -7\n        0.5\n");
        assert_eq!(written(TableFormat::Csv), "page,n\n'=cmd(),-7\n,0.5\n");
    }

    #[test]
    fn json_keeps_to_its_schema() {
        let schema = serde_json::from_str(include_str!("../../../schemas/sql-1.json")).expect("a schema");
        let document = serde_json::from_str(&written(TableFormat::Json)).expect("JSON");
        assert_eq!(faults(&schema, &document), Vec::<String>::new());
        assert_eq!(document["rows"][0][0], "=cmd()");
    }
}
