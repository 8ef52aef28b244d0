//! Tables whose columns the user names: one row a person, an order or a day, in any of the table formats (CSV, TSV, JSON
//! lines, Parquet; packed or not).
//!
//! Unlike an export such a table cannot be recognised: whoever asks says which columns hold what. Rows are read into columns a
//! block at a time, big tables on all cores, and nothing is kept, so memory does not grow with the table; what comes out does not
//! depend on the number of threads. Nobody judges here whether a row makes sense: the taker of rows answers why it cannot use
//! one, and the row is counted as rejected.

mod batch;
mod block;
mod delimited;
mod dictionary;
mod json;
mod number;
mod ordered;
mod parquet;
mod plain;

pub use block::{Block, Coded, Column, Names, Texts};

use crate::Sink;
use crate::bundle::Bundle;
use crate::columns::plain;
use crate::error::{ImportError, quote};
use crate::reading::Reading;
use assay_model::{Fact, Go, Reject, SourceFile, Tick};

/// A column that the user named.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// Its name; where there are several, the first that the table has. Case and separators do not matter.
    pub names: Vec<String>,
    /// What its cells hold.
    pub holds: Holds,
    /// Whether a table without it is read all the same, the cell missing in every row.
    pub optional: Optional,
}

/// What the cells of a column hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Text; numbers are taken as they are written.
    Text,
    /// Names: as text, but words for nothing are names like any other (an arm may be called `none`).
    Name,
    /// Numbers; yes and no count as 1 and 0.
    Number,
    /// Yes and no as 1 and 0; what is neither is missing, and the row is used.
    Flag,
    /// Ids of which nobody asks more than whether two are the same.
    Id,
}

/// Whether a table may lack a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Optional {
    /// It must be there.
    No,
    /// It may be missing.
    Yes,
}

/// A cell.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value<'a> {
    /// Empty, or a word for nothing such as `NA`.
    Missing,
    /// Text, trimmed and not empty.
    Text(&'a str),
    /// A finite number.
    Number(f64),
    /// A number that stands for an id, never 0: among a hundred million ids, two share one with probability 3e-4.
    Id(u64),
}

impl Value<'_> {
    /// A number of a column, where NaN is missing.
    fn of(x: f64) -> Self {
        if x.is_nan() { Self::Missing } else { Self::Number(x) }
    }
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedTable {
    /// The file and its ledger.
    pub file: SourceFile,
    /// The first rows that could not be used, and why; `file.rejected` counts all.
    pub rejects: Vec<Reject>,
    /// For each wanted column, its name in the table; `None` where an optional one is missing.
    pub found: Vec<Option<String>>,
    /// Columns that nobody asked for.
    pub others: Vec<String>,
}

/// Takes a row: its line and its cells in the order of the wanted columns. Answers why the row cannot be used, if so.
pub type TakeRow<'a> = dyn FnMut(u64, &[Value<'_>]) -> Result<(), String> + 'a;

/// How many rejected rows are kept.
const REJECTS_KEPT: usize = 100;

/// Reads the table in `bundle`, which holds one file, and hands over its rows one by one. Costs O(bytes).
///
/// # Errors
/// [`ImportError::Stopped`] if the tick says so; a problem if there is not one file, it cannot be read, or it lacks a
/// column.
pub fn read_named<'a>(
    bundle: &'a Bundle,
    wanted: &[Wanted],
    take: &mut TakeRow<'_>,
    tick: &'a mut Tick<'a>,
) -> Result<NamedTable, ImportError> {
    let mut join = |block: Block| {
        let mut cells = vec![Value::Missing; wanted.len()];
        let mut refused = Vec::new();
        for row in 0..block.len() {
            block.cells(row, &mut cells);
            if let Err(why) = take(block.line(row), &cells) {
                refused.push((block.line(row), why));
            }
        }
        refused
    };
    read_named_blocks(bundle, wanted, &|block| std::mem::take(block), &mut join, tick)
}

/// Rows that cannot be used: the line of each, and why, in the order of the lines.
pub type Refused = Vec<(u64, String)>;

/// Reads the table in `bundle`, which holds one file, a block of rows at a time: `make` makes something of a block, on any thread;
/// `join` takes what was made in the order of the file and answers which rows cannot be used. Costs O(bytes).
///
/// # Errors
/// As [`read_named`].
pub fn read_named_blocks<'a, P: Send>(
    bundle: &'a Bundle,
    wanted: &[Wanted],
    make: &(impl Fn(&mut Block) -> P + Sync),
    join: &mut impl FnMut(P) -> Refused,
    tick: &'a mut Tick<'a>,
) -> Result<NamedTable, ImportError> {
    let [member] = bundle.members() else {
        let names: Vec<String> = bundle.members().iter().take(5).map(|m| m.name.clone()).collect();
        return Err(ImportError::new(
            "one table",
            format!("{} files ({})", bundle.members().len(), names.join(", ")),
            "",
            "name the file that holds the table",
        ));
    };
    let (name, total) = (member.name.clone(), member.bytes);
    let mut kept = Kept::default();
    let mut plan = Plan::new(wanted);
    let files = {
        // The sink lives as long as the reading, which ends here.
        let mut reading = Reading::new(bundle, total, &mut kept, tick);
        let head = bundle.head(0)?;
        reading.file(0, |stream, desk| {
            if head.starts_with(parquet::MAGIC) {
                parquet::read(bundle, stream, desk, &mut plan, make, join)
            } else if json::looks_like(&reading_head(&head)) {
                json::read(stream, desk, &mut plan, make, join)
            } else {
                delimited::read(stream, desk, &mut plan, make, join)
            }
        })?;
        reading.into_files()
    };
    let file =
        files.into_iter().next().unwrap_or(SourceFile { name, sha256: String::new(), rows: 0, taken: 0, rejected: 0 });
    Ok(NamedTable { file, rejects: kept.0, found: plan.found, others: plan.others })
}

fn reading_head(head: &[u8]) -> Vec<u8> {
    crate::text::decode_head(head)
}

/// Keeps the first rejects; a named table has no facts.
#[derive(Default)]
struct Kept(Vec<Reject>);

impl Sink for Kept {
    fn fact(&mut self, _fact: Fact<'_>) -> Go {
        Go::On
    }

    fn reject(&mut self, reject: Reject) -> Go {
        if self.0.len() < REJECTS_KEPT {
            self.0.push(reject);
        }
        Go::On
    }
}

/// The wanted columns, and where the table has them.
pub(crate) struct Plan<'w> {
    wanted: &'w [Wanted],
    /// For each wanted column its place in the table.
    places: Vec<Option<usize>>,
    found: Vec<Option<String>>,
    others: Vec<String>,
    /// Bytes of a column of a group of rows up to which Parquet's are read at once; page by page beyond.
    held_max: u64,
}

impl<'w> Plan<'w> {
    fn new(wanted: &'w [Wanted]) -> Self {
        Self {
            wanted,
            places: vec![None; wanted.len()],
            found: vec![None; wanted.len()],
            others: Vec::new(),
            held_max: parquet::HELD_MAX,
        }
    }

    /// Whether a column of this name is wanted.
    fn knows(&self, name: &str) -> Option<usize> {
        let name = plain(name);
        self.wanted.iter().position(|w| w.names.iter().any(|n| plain(n) == name))
    }

    /// Finds the wanted columns among those of the table. A name that is written exactly so goes before one that differs in
    /// case or separators.
    fn settle(&mut self, names: &[String], place: &str) -> Result<(), ImportError> {
        for (i, wanted) in self.wanted.iter().enumerate() {
            let find = |name: &String| {
                names
                    .iter()
                    .position(|n| n == name)
                    .or_else(|| names.iter().position(|n| !n.is_empty() && plain(n) == plain(name)))
            };
            self.places[i] = wanted.names.iter().find_map(find);
            self.found[i] = self.places[i].map(|at| names[at].clone());
            if self.places[i].is_none() && wanted.optional == Optional::No {
                let have: Vec<String> = names.iter().take(30).map(|n| quote(n)).collect();
                return Err(ImportError::new(
                    format!("a column {}", quote(&wanted.names.join(" or "))),
                    format!("the columns {}", have.join(", ")),
                    place,
                    "name a column as the table's header writes it",
                ));
            }
        }
        let used: Vec<usize> = self.places.iter().flatten().copied().collect();
        self.others =
            names.iter().enumerate().filter(|(i, _)| !used.contains(i)).map(|(_, n)| n.clone()).take(1_000).collect();
        Ok(())
    }

    /// A text cell as the wanted column wants it.
    fn value<'t>(&self, column: usize, text: &'t str) -> Result<Value<'t>, String> {
        let holds = self.wanted[column].holds;
        let Some(text) = told(text, holds) else { return Ok(Value::Missing) };
        match holds {
            Holds::Text | Holds::Name => Ok(Value::Text(text)),
            Holds::Id => Ok(Value::Id(block::id(text))),
            Holds::Flag => Ok(number::flag(number::number(text))),
            Holds::Number => number::number(text)
                .map(Value::Number)
                .ok_or_else(|| self.wrong(column, "a number such as 12.5", &quote(text))),
        }
    }

    fn wrong(&self, column: usize, expected: &str, found: &str) -> String {
        let name = self.found[column].as_deref().unwrap_or("");
        format!("column `{name}`: expected {expected}, found {found}")
    }
}

/// What a cell of text tells: trimmed; `None` where it is missing.
fn told(text: &str, holds: Holds) -> Option<&str> {
    // Nearly all cells begin and end with what no trimming takes off.
    let text = match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    };
    let is_missing = if holds == Holds::Name { text.is_empty() } else { crate::cell::is_blank(text) };
    (!is_missing).then_some(text)
}

#[cfg(test)]
mod tests;
