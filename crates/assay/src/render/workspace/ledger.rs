//! What an import did (`assay.import/1`), the list of imports (`assay.imports/1`), what retention dropped (`assay.retain/1`).

use crate::pipeline::workspace::ImportReport;
use crate::render::format::{count, counted, moment, plain, rfc3339};
use assay_model::when::iso_day;
use assay_store::{Dropped, Erased, FileEntry, ImportEntry, Personal};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The schema of what an import did.
pub const IMPORT_SCHEMA: &str = "assay.import/1";
/// The schema of the list of imports.
pub const IMPORTS_SCHEMA: &str = "assay.imports/1";
/// The schema of what retention dropped.
pub const RETAIN_SCHEMA: &str = "assay.retain/1";
/// Rejected rows that a text shows.
const REJECTS_SHOWN: usize = 5;

/// What an import did, for people.
pub fn import_text(report: &ImportReport) -> String {
    let mut text = String::new();
    let done = &report.imported;
    for planned in &report.files {
        let file = &planned.file;
        let already = done.already.iter().find(|(name, _)| *name == file.name);
        let what = match already {
            Some((_, import)) => format!("in the workspace already (import {import}); nothing changed"),
            None => format!("{} taken, {} rejected", count(file.taken), count(file.rejected)),
        };
        let _ = writeln!(text, "{}  {}: {what}", plain(&file.name), planned.importer);
    }
    for reject in report.rejects.iter().take(REJECTS_SHOWN) {
        let _ = writeln!(text, "  {}:{}: {}", plain(&reject.file), reject.line, plain(&reject.why));
    }
    if report.n_rejected > REJECTS_SHOWN as u64 {
        let _ = writeln!(text, "  and {} more rejected", count(report.n_rejected - REJECTS_SHOWN as u64));
    }
    if !done.n_facts.is_empty() {
        let facts: Vec<String> =
            done.n_facts.iter().map(|(kind, n)| format!("{} {}", kind.view(), count(*n))).collect();
        let _ = writeln!(text, "Facts: {}", facts.join(", "));
    }
    if !done.pages.is_empty() {
        let _ = writeln!(text, "Pages: {}", plain(&done.pages.join(", ")));
    }
    if done.n_messages > 0 {
        let n = counted(done.n_messages, "direct message was", "direct messages were");
        let _ = writeln!(text, "{n} left out; --with-messages takes them");
    }
    if done.n_forgotten > 0 {
        let n = counted(done.n_forgotten, "row", "rows");
        let _ = writeln!(text, "{n} of people who are forgotten: left out, or kept without them");
    }
    for note in &report.notes {
        let _ = writeln!(text, "Note: {}", plain(note));
    }
    for dropped in report.dropped.iter().filter(|d| d.n_rows > 0) {
        let _ = writeln!(text, "Not kept longer: {}", dropped_line(dropped));
    }
    let _ = match done.import_id {
        Some(id) => writeln!(text, "Import {id} is in {}; `assay undo {id}` takes it back", report.workspace.display()),
        None if report.is_dry_run => writeln!(text, "A dry run: nothing was kept"),
        None => writeln!(text, "Nothing new: the workspace is as it was"),
    };
    text
}

/// What an import did, as JSON.
///
/// # Errors
/// When `out` cannot be written to.
pub fn import_json(report: &ImportReport, out: impl Write) -> io::Result<()> {
    let done = &report.imported;
    let files: Vec<Value> = report
        .files
        .iter()
        .map(|planned| {
            let already = done.already.iter().find(|(name, _)| *name == planned.file.name).map(|(_, import)| *import);
            let mut file = json!(planned.file);
            file["importer"] = planned.importer.into();
            file["yields"] = planned.yields.into();
            file["already_in_import"] = json!(already);
            file
        })
        .collect();
    let facts: serde_json::Map<String, Value> =
        done.n_facts.iter().map(|(kind, n)| (kind.view().to_owned(), (*n).into())).collect();
    write_json(
        &json!({
            "schema": IMPORT_SCHEMA,
            "version": env!("CARGO_PKG_VERSION"),
            "import_id": done.import_id,
            "is_dry_run": report.is_dry_run,
            "inputs": files,
            "n_facts": facts,
            "pages": done.pages,
            "n_rejected": report.n_rejected,
            "rejects": report.rejects,
            "n_messages_left_out": done.n_messages,
            "n_forgotten": done.n_forgotten,
            "retained": report.dropped.iter().map(dropped_json).collect::<Vec<_>>(),
            "unknown_tables": super::strangers::strangers_json(&report.strangers),
            "warnings": report.notes.iter().map(|n| json!({"id": "note", "text": n})).collect::<Vec<_>>(),
        }),
        out,
    )
}

/// What went of a kind: `4 rows of engagements before 2026-01-01 (retention.engagements = 400d)`.
pub fn dropped_line(d: &Dropped) -> String {
    let rows = match d.what {
        Personal::Orders => counted(d.n_rows, "order's customer", "orders' customers"),
        what => format!("{} of {}", counted(d.n_rows, "row", "rows"), what.name()),
    };
    format!("{rows} before {} ({} = {}d)", iso_day(d.from), d.what.setting(), d.days)
}

fn dropped_json(d: &Dropped) -> Value {
    json!({"what": d.what.name(), "setting": d.what.setting(), "days": d.days, "from": iso_day(d.from), "n_rows": d.n_rows})
}

/// What retention dropped, for people.
pub fn retain_text(dropped: &[Dropped], is_dry_run: bool) -> String {
    let mut text = String::new();
    for d in dropped {
        let _ = writeln!(text, "{}", dropped_line(d));
    }
    text.push_str(match (dropped.is_empty(), is_dry_run) {
        (true, _) => "Everything is kept: `assay config set retention.engagements 400d` sets an end\n",
        (false, true) => "A dry run: nothing was dropped\n",
        (false, false) => "Counts by day stay in the view kept_counts\n",
    });
    text
}

/// What retention dropped, as JSON.
///
/// # Errors
/// When `out` cannot be written to.
pub fn retain_json(dropped: &[Dropped], is_dry_run: bool, out: impl Write) -> io::Result<()> {
    let all: Vec<Value> = dropped.iter().map(dropped_json).collect();
    let version = env!("CARGO_PKG_VERSION");
    write_json(&json!({"schema": RETAIN_SCHEMA, "version": version, "is_dry_run": is_dry_run, "retained": all}), out)
}

/// What taking an import back did, as JSON (`assay.undo/1`).
pub fn undo_json(import: i64, n_facts: u64) -> String {
    let version = env!("CARGO_PKG_VERSION");
    format!("{:#}\n", json!({"schema": "assay.undo/1", "version": version, "import_id": import, "n_facts": n_facts}))
}

/// What forgetting did, as JSON (`assay.forget/1`); whom, it does not say.
pub fn forget_json(erased: &Erased) -> String {
    let (schema, version) = ("assay.forget/1", env!("CARGO_PKG_VERSION"));
    let Erased { n_rows, n_orders } = *erased;
    format!("{:#}\n", json!({"schema": schema, "version": version, "n_rows": n_rows, "n_orders": n_orders}))
}

/// The imports, for people.
pub fn imports_text(imports: &[ImportEntry]) -> String {
    let mut text = String::new();
    for import in imports {
        let undone = import.undone_at.map_or(String::new(), |at| format!(", taken back {}", moment(at)));
        let facts = counted(import.n_facts.max(0) as u64, "fact", "facts");
        let options = if import.options.is_empty() { String::new() } else { format!("  {}", plain(&import.options)) };
        let _ = writeln!(text, "{:>4}  {}  {facts}{undone}{options}", import.id, moment(import.imported_at));
        for file in &import.files {
            let page = file.page.as_deref().map_or(String::new(), |page| format!(" of {}", plain(page)));
            let name = plain(&file.file.name);
            let (taken, rejected) = (count(file.file.taken), count(file.file.rejected));
            let _ = writeln!(text, "      {name}  {}{page}: {taken} taken, {rejected} rejected", file.importer);
        }
    }
    if imports.is_empty() {
        text.push_str("Nothing was imported yet: `assay import PATH` brings files in\n");
    }
    text
}

/// The imports, as JSON.
///
/// # Errors
/// When `out` cannot be written to.
pub fn imports_json(imports: &[ImportEntry], out: impl Write) -> io::Result<()> {
    let file = |entry: &FileEntry| {
        let mut file = json!(entry.file);
        file["file_id"] = entry.id.into();
        file["importer"] = json!(entry.importer);
        file["yields"] = json!(entry.yields);
        file["page"] = json!(entry.page);
        file["as_of"] = rfc3339(entry.as_of).into();
        file["as_of_from"] = json!(entry.as_of_from);
        file
    };
    let import = |entry: &ImportEntry| {
        json!({
            "import_id": entry.id,
            "imported_at": rfc3339(entry.imported_at),
            "version": entry.version,
            "options": entry.options,
            "n_facts": entry.n_facts,
            "undone_at": entry.undone_at.map(rfc3339),
            "files": entry.files.iter().map(file).collect::<Vec<_>>(),
        })
    };
    let imports: Vec<Value> = imports.iter().map(import).collect();
    write_json(&json!({"schema": IMPORTS_SCHEMA, "version": env!("CARGO_PKG_VERSION"), "imports": imports}), out)
}

fn write_json(document: &Value, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, document)?;
    out.write_all(b"\n")
}
