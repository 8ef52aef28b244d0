//! What people and programs read: text, JSON, HTML, CSV. The only place that rounds.
//!
//! Every rendering reads an [`AuditReport`] and nothing else, so that all of them say the same.

use crate::report::AuditReport;
use std::io::{self, Write};

/// Whether text carries colour. It never carries meaning alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colour {
    /// Plain text.
    Never,
    /// ANSI colours.
    Always,
}

/// Writes the report as JSON of schema `assay.audit/1`, at full precision, with a line feed at the end.
///
/// # Errors
/// When `out` cannot be written to.
pub fn json(report: &AuditReport, out: impl Write) -> io::Result<()> {
    let _ = (report, out);
    Ok(())
}

/// The report on one screen: the verdict first, in one sentence. `width` is in columns; lines end with a line feed.
pub fn text(report: &AuditReport, colour: Colour, width: usize) -> String {
    let _ = (report, colour, width);
    String::new()
}

/// Writes the report as one self-contained page that loads nothing and runs no script but its own.
///
/// # Errors
/// When `out` cannot be written to.
pub fn html(report: &AuditReport, out: impl Write) -> io::Result<()> {
    let _ = (report, out);
    Ok(())
}

/// Writes a row for each follower: `account_id,handle,rank,probability,class,batch,reasons`.
///
/// # Errors
/// When `out` cannot be written to.
pub fn verdicts_csv(report: &AuditReport, out: impl Write) -> io::Result<()> {
    let _ = (report, out);
    Ok(())
}

/// All that is known of one follower, by handle or account id; `None` where nobody is called so.
pub fn explain(report: &AuditReport, handle: &str) -> Option<String> {
    let _ = (report, handle);
    None
}
