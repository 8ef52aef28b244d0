//! An assignment: the table of who gets what, lists for tools, and a summary.

use crate::pipeline::{How, hashed_email};
use crate::render::document;
use crate::render::format::{counted, plain, sentence};
use crate::render::verdicts::not_a_formula;
use crate::report::{AssignReport, OutList};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The schema of the summary.
pub const ASSIGN_SCHEMA: &str = "assay.experiment-assign/1";

/// Writes who gets what: id, arm, and stratum and group where there are any.
///
/// # Errors
/// When `out` cannot be written to.
pub fn assignment_csv(report: &AssignReport, out: impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    let (strata, groups) = (!report.strata.is_empty(), report.how == How::Groups);
    let mut header = vec!["id", "arm"];
    header.extend(strata.then_some("stratum"));
    header.extend(groups.then_some("group"));
    table.write_record(&header)?;
    for row in &report.rows {
        let group = row.group.map(|g| g.to_string()).unwrap_or_default();
        let mut cells = vec![row.id.as_str(), report.arms[row.arm].0.as_str()];
        cells.extend(strata.then_some(row.stratum.as_str()));
        cells.extend(groups.then_some(group.as_str()));
        table.write_record(&cells)?;
    }
    table.flush()
}

/// Writes the list of an arm for a tool.
///
/// # Errors
/// When `out` cannot be written to.
pub fn list_csv(report: &AssignReport, arm: usize, list: OutList, out: impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    match list {
        OutList::Meta => table.write_record(["email"])?,
        OutList::Google => table.write_record(["Email"])?,
        OutList::Mail => table.write_record(["Email Address", "Tags"])?,
    }
    for row in report.rows.iter().filter(|r| r.arm == arm) {
        let Some(email) = &row.email else { continue };
        match list {
            OutList::Mail => table.write_record([not_a_formula(email.trim()).as_ref(), report.arms[arm].0.as_str()])?,
            _ => table.write_record([hashed_email(email, list)])?,
        }
    }
    table.flush()
}

fn how(how: How) -> &'static str {
    match how {
        How::Hash => "hash",
        How::Strata => "strata",
        How::Groups => "matched-groups",
    }
}

fn sizes(report: &AssignReport) -> Vec<u64> {
    let mut sizes = vec![0; report.arms.len()];
    for row in &report.rows {
        sizes[row.arm] += 1;
    }
    sizes
}

/// Writes the summary as JSON; `hash` is that of the table.
///
/// # Errors
/// When `out` cannot be written to.
pub fn assign_json(report: &AssignReport, hash: &str, out: impl Write) -> io::Result<()> {
    let mut fields = Map::new();
    fields.insert("how".to_owned(), how(report.how).into());
    fields.insert("salt".to_owned(), report.salt.as_str().into());
    let arms: Vec<Value> = report
        .arms
        .iter()
        .zip(sizes(report))
        .map(|((name, weight), n)| json!({ "name": name, "weight": weight, "n": n }))
        .collect();
    fields.insert("arms".to_owned(), arms.into());
    fields.insert("n_units".to_owned(), report.rows.len().into());
    fields.insert("strata".to_owned(), json!(report.strata));
    fields.insert("n_strata".to_owned(), report.n_strata.into());
    fields.insert("n_groups".to_owned(), json!(report.rows.iter().filter_map(|r| r.group).max().map(|g| g + 1)));
    fields.insert("n_excluded".to_owned(), report.n_excluded.into());
    fields.insert("excluded_above".to_owned(), json!(report.excluded_above));
    fields.insert("assignment_sha256".to_owned(), hash.into());
    document::write(ASSIGN_SCHEMA, &report.origin, Value::Object(fields), out)
}

/// The summary as text.
pub fn assign_text(report: &AssignReport, hash: &str) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{} sorted by {}.", counted(report.rows.len() as u64, "unit", "units"), how(report.how));
    for ((name, _), n) in report.arms.iter().zip(sizes(report)) {
        let _ = writeln!(out, "  {}: {}", plain(name), counted(n, "unit", "units"));
    }
    if let Some(above) = report.excluded_above {
        let _ = writeln!(
            out,
            "  {} left out: an audit gives them a probability of {above} or more to be inauthentic",
            counted(report.n_excluded, "account", "accounts")
        );
    }
    let _ = writeln!(out, "Anybody who has the list draws the same with the salt '{}'.", plain(&report.salt));
    let _ = writeln!(out, "SHA-256 of the table: {hash}");
    for warning in &report.origin.warnings {
        let _ = writeln!(out, "{}", sentence(&plain(&warning.text)));
    }
    out
}
