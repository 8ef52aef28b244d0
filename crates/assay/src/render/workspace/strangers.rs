//! Tables that nobody reads: what stands in them, and what to say so that they are read.

use crate::render::format::plain;
use assay_import::{Stranger, Why};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Columns that a text shows.
const COLUMNS_SHOWN: usize = 40;
/// Width of the first two columns of the text.
const WIDTHS: [usize; 2] = [24, 44];

/// The tables, for people. `command` is what reads a table, to which the headers are added.
pub fn strangers_text(tables: &[Stranger], command: &dyn Fn(&Stranger) -> String) -> String {
    let mut text = String::new();
    for table in tables {
        let name = plain(&table.file);
        let _ = match table.kind {
            Some(kind) => writeln!(text, "{name} looks like {kind} under other names:"),
            None => writeln!(text, "{name} is a table, but none that is known:"),
        };
        let _ = writeln!(text, "  {:w$} {:v$} LOOKS LIKE", "HEADER", "CELLS", w = WIDTHS[0], v = WIDTHS[1]);
        for column in table.columns.iter().take(COLUMNS_SHOWN) {
            let header = plain(&column.header);
            let cells = column.samples.join(" | ");
            let cells = plain(&cells);
            let guess = match column.column {
                Some(name) if column.why == Why::Known => name.to_owned(),
                Some(name) => format!("{name} ({})", column.why.words()),
                None => "-".to_owned(),
            };
            let _ = writeln!(text, "  {header:w$} {cells:v$} {guess}", w = WIDTHS[0], v = WIDTHS[1]);
        }
        if table.columns.len() > COLUMNS_SHOWN {
            let _ = writeln!(text, "  and {} more columns", table.columns.len() - COLUMNS_SHOWN);
        }
        if table.pairs.is_empty() {
            let lacks =
                if table.lacks.is_empty() { String::new() } else { format!(" (missing: {})", table.lacks.join(", ")) };
            let _ =
                writeln!(text, "No table that assay reads has such columns{lacks}. If one does, say which is which:");
            let _ = writeln!(text, "  {} --map 'HEADER=COLUMN' ...", command(table));
        } else {
            let _ = writeln!(text, "If that is right:");
            let _ = writeln!(text, "  {} {}", command(table), maps(table));
        }
    }
    text
}

/// What `--map` must say, ready for a shell.
fn maps(table: &Stranger) -> String {
    let one = |pair: &assay_import::HeaderPair| format!("--map {}", shell(&format!("{}={}", pair.header, pair.column)));
    table.pairs.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// A word of a command line, quoted.
pub fn shell(word: &str) -> String {
    format!("'{}'", plain(word).replace('\'', "'\\''"))
}

/// The tables, as JSON.
pub(super) fn strangers_json(tables: &[Stranger]) -> Vec<Value> {
    let one = |table: &Stranger| {
        let columns: Vec<Value> = table
            .columns
            .iter()
            .map(|c| json!({"header": c.header, "samples": c.samples, "column": c.column, "why": c.why.words()}))
            .collect();
        let pairs: Vec<String> = table.pairs.iter().map(|p| format!("{}={}", p.header, p.column)).collect();
        json!({"name": table.file, "looks_like": table.kind, "columns": columns, "map": pairs, "lacks": table.lacks})
    };
    tables.iter().map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::{shell, strangers_text};
    use assay_import::{HeaderPair, StrangeColumn, Stranger, Why};

    #[test]
    fn the_command_is_ready_to_be_run() {
        let column = |header: &str, column, why| StrangeColumn {
            header: header.to_owned(),
            samples: vec!["1".to_owned(), "2".to_owned()],
            column,
            why,
        };
        let table = Stranger {
            file: "o.csv".to_owned(),
            kind: Some("orders"),
            columns: vec![column("Date d'achat", Some("ordered_at"), Why::Name), column("x", None, Why::Nothing)],
            pairs: vec![HeaderPair { header: "Date d'achat".to_owned(), column: "ordered_at".to_owned() }],
            lacks: Vec::new(),
        };
        let text = strangers_text(&[table], &|t| format!("assay import {}", t.file));
        assert!(text.contains(r"  assay import o.csv --map 'Date d'\''achat=ordered_at'"), "{text}");
        assert!(text.contains("1 | 2") && text.contains("ordered_at (by its name)"), "{text}");
        assert_eq!(shell("a b"), "'a b'");
    }
}
