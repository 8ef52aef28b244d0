//! The headers of a table whose columns are not known, and the first cells below them.

use crate::bundle::Bundle;
use crate::delimited::first_records;
use crate::elements::{self, Next};
use crate::table::parquet;
use crate::text::{cell_text, decode_head};
use serde_json::Value;

/// What is seen of a table.
pub(super) struct Look {
    pub(super) headers: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

/// Rows that are looked at.
const ROWS: usize = 60;
/// Records that may stand above a header.
const ABOVE: usize = 12;
/// Columns of a table; a file with more is none that anybody writes.
const COLUMNS_MAX: usize = 300;
/// Characters of a sample.
const SAMPLE_CHARS: usize = 24;
/// Samples of a column.
const SAMPLES: usize = 3;

impl Look {
    /// The cells of a column that hold anything.
    pub(super) fn cells(&self, column: usize) -> impl Iterator<Item = &str> {
        self.rows.iter().filter_map(move |row| row.get(column)).map(|cell| cell.trim()).filter(|cell| !cell.is_empty())
    }

    /// Up to three different cells of a column.
    pub(super) fn samples(&self, column: usize) -> Vec<String> {
        let mut found: Vec<String> = Vec::new();
        for cell in self.cells(column) {
            let short: String = cell.chars().take(SAMPLE_CHARS).collect();
            let short = if short.len() < cell.len() { format!("{short}...") } else { short };
            if !found.contains(&short) {
                found.push(short);
            }
            if found.len() == SAMPLES {
                break;
            }
        }
        found
    }
}

/// Looks at a member; `None` where it is no table with a header.
pub(super) fn look(bundle: &Bundle, member: usize) -> Option<Look> {
    let raw = bundle.head(member).ok()?;
    let look = if raw.starts_with(parquet::MAGIC) {
        Look { headers: parquet::names(bundle, member)?, rows: Vec::new() }
    } else {
        let head = decode_head(&raw);
        match head.iter().find(|b| !b.is_ascii_whitespace())? {
            b'[' | b'{' => objects(&head)?,
            _ => delimited(&head)?,
        }
    };
    ((2..=COLUMNS_MAX).contains(&look.headers.len())).then_some(look)
}

/// The keys and values of the first objects of a JSON text.
fn objects(head: &[u8]) -> Option<Look> {
    let first = head.iter().position(|b| !b.is_ascii_whitespace())?;
    let mut found: Vec<Value> = Vec::new();
    if head[first] == b'{' {
        let lines = head.split(|b| *b == b'\n').filter(|line| !line.is_empty()).take(ROWS);
        found.extend(lines.map_while(|line| serde_json::from_slice(line).ok()));
        // A list inside an object may stand on one line.
        found.retain(|object: &Value| object.as_object().is_some_and(|o| !o.values().any(Value::is_array)));
    }
    if found.is_empty() {
        let mut elements = elements::list(head, |_| true);
        while found.len() < ROWS {
            let Ok(Next::Element(_, bytes)) = elements.next() else { break };
            found.extend(serde_json::from_slice::<Value>(bytes).ok());
        }
    }
    let mut look = Look { headers: Vec::new(), rows: Vec::new() };
    for object in &found {
        let Some(object) = object.as_object() else { continue };
        let mut row = vec![String::new(); look.headers.len()];
        for (key, value) in object {
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Null => String::new(),
                Value::Array(_) | Value::Object(_) => continue,
                other => other.to_string(),
            };
            if let Some(place) = look.headers.iter().position(|h| h == key) {
                row[place] = text;
            } else {
                look.headers.push(key.clone());
                row.push(text);
            }
        }
        look.rows.push(row);
    }
    Some(look)
}

/// The header and the first rows of a delimited text: under the sign that makes most records as wide as each other.
fn delimited(head: &[u8]) -> Option<Look> {
    if memchr::memchr(0, head).is_some() {
        return None;
    }
    let mut best: Option<((usize, usize), Look)> = None;
    for delimiter in [b',', b'\t', b';', b'|'] {
        let records: Vec<Vec<String>> = first_records(head, delimiter, ABOVE + ROWS)
            .into_iter()
            .map(|record| record.iter().map(|c| cell_text(c).0.trim().to_owned()).collect())
            .collect();
        let widths = records.iter().map(Vec::len).filter(|n| *n > 1);
        let of = |width: usize| records.iter().filter(|r| r.len() == width).count();
        let Some(width) = widths.max_by_key(|n| (of(*n), *n)) else { continue };
        let is_header = |r: &&Vec<String>| r.len() == width && is_names(r);
        let Some(place) = records.iter().take(ABOVE).position(|r| is_header(&r)) else { continue };
        let score = (of(width), width);
        if best.as_ref().is_none_or(|(other, _)| score > *other) {
            let mut rows = records.into_iter().skip(place);
            let headers = rows.next().unwrap_or_default();
            best = Some((score, Look { headers, rows: rows.filter(|r| r.len() == width).take(ROWS).collect() }));
        }
    }
    // A header alone is a table without rows; two lines of text that share a comma are none.
    best.map(|(_, look)| look).filter(|look| !look.rows.is_empty())
}

/// Whether a record may be names of columns: texts, none of them a number or a time, none twice.
fn is_names(record: &[String]) -> bool {
    let filled: Vec<&String> = record.iter().filter(|c| !c.is_empty()).collect();
    let is_name =
        |c: &&String| c.len() <= 80 && c.chars().any(char::is_alphabetic) && assay_model::when::moment(c).is_none();
    let mut once: Vec<&String> = filled.clone();
    once.sort();
    once.dedup();
    once.len() == filled.len() && filled.len() * 5 >= record.len() * 4 && filled.iter().all(is_name)
}
