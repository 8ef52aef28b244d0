//! `assay formats`: the table of importers, and the columns that tables may have.

use super::Failure;
use super::output::Place;
use super::talk::ListFormat;
use crate::pipeline::{CALIBRATION_COLUMNS, RATE_COLUMNS, VERDICT_COLUMNS};
use assay_graphfile::EDGE_COLUMNS;
use assay_import::{
    AD_COLUMNS, COUNT_COLUMNS, ColumnNames, ENGAGEMENT_COLUMNS, EVENT_COLUMNS, FOLLOWER_COLUMNS, IMPORTERS,
    LABEL_COLUMNS, ORDER_COLUMNS, POST_COLUMNS,
};
use clap::Args;
use serde_json::{Value, json};
use std::fmt::Write as _;

/// List the formats that can be read
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  assay formats\n  assay formats --columns\n  assay formats --format json")]
pub(super) struct FormatsArgs {
    /// List the columns of tables instead, with the names that are understood (case and separators aside)
    #[arg(long)]
    columns: bool,
    /// How to write the list
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: ListFormat,
}

/// Every table that is read by the names of its columns: its key in JSON, its title, its columns.
const TABLES: [(&str, &str, &[ColumnNames]); 12] = [
    ("followers", "Tables of followers", FOLLOWER_COLUMNS),
    ("daily_counts", "Tables of daily counts", COUNT_COLUMNS),
    ("posts", "Tables of posts", POST_COLUMNS),
    ("edges", "Tables of edges (who acted on what)", EDGE_COLUMNS),
    ("orders", "Tables of orders, or of what was bought in them", ORDER_COLUMNS),
    ("ads", "Tables of advertising; also what --map may name for a platform's report", AD_COLUMNS),
    ("engagements", "Tables of engagements", ENGAGEMENT_COLUMNS),
    ("labels", "Labels of followers (audit --labels)", LABEL_COLUMNS),
    ("events", "Events that may have brought followers (audit --events)", EVENT_COLUMNS),
    ("rates", "Rates between currencies (metrics --rates)", RATE_COLUMNS),
    ("verdicts", "Verdicts on followers (metrics --verdicts)", VERDICT_COLUMNS),
    ("experiments", "What experiments say of channels (metrics --experiments)", CALIBRATION_COLUMNS),
];

/// Runs the command.
pub(super) fn run(args: &FormatsArgs) -> Result<(), Failure> {
    let text = match (args.columns, args.format) {
        (false, ListFormat::Text) => importers_text(),
        (true, ListFormat::Text) => columns_text(),
        (_, ListFormat::Json) => format!("{:#}\n", whole()),
    };
    Place::Stdout.write(|out| out.write_all(text.as_bytes()))
}

fn importers_text() -> String {
    let mut text = String::new();
    for importer in IMPORTERS {
        let _ = writeln!(
            text,
            "{}\n  {}\n  Gives: {}; times at best: {}\n  How to get it: {}\n",
            importer.id,
            importer.sentence,
            importer.yields.name().replace('_', " "),
            importer.quality.name().replace('_', " "),
            importer.source
        );
    }
    text.push_str("The format is found out from the files; `assay audit --as ID` decides it.\n");
    text
}

fn columns_text() -> String {
    let mut text = String::new();
    for (_, title, columns) in TABLES {
        let _ = writeln!(text, "{title}");
        for column in columns {
            let _ = writeln!(text, "  {:22} {}", column.name, column.meaning);
            if !column.aliases.is_empty() {
                let _ = writeln!(text, "  {:22} also {}", "", column.aliases.join(", "));
            }
        }
        text.push('\n');
    }
    text.push_str(
        "Names match whatever their case and separators. Other columns are named in the report and ignored.\n",
    );
    text
}

fn whole() -> Value {
    let columns = |table: &[ColumnNames]| -> Vec<Value> {
        table.iter().map(|c| json!({"name": c.name, "meaning": c.meaning, "aliases": c.aliases})).collect()
    };
    let formats: Vec<Value> = IMPORTERS
        .iter()
        .map(|i| {
            json!({
                "id": i.id,
                "sentence": i.sentence,
                "source": i.source,
                "yields": i.yields.name(),
                "time_quality": i.quality.name(),
            })
        })
        .collect();
    json!({
        "schema": "assay.formats/1",
        "version": env!("CARGO_PKG_VERSION"),
        "formats": formats,
        "columns": TABLES.iter().map(|(key, _, table)| ((*key).to_owned(), json!(columns(table)))).collect::<serde_json::Map<_, _>>(),
    })
}
