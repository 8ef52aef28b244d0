//! Several past tests as text and as JSON, schema `assay.experiment-history/1` (published as `schemas/experiment-history-1.json`).

use crate::render::document;
use crate::render::format::{fixed, plain, sentence};
use crate::report::HistoryReport;
use assay_math::Estimate;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The schema that [`history_json`] writes.
pub const HISTORY_SCHEMA: &str = "assay.experiment-history/1";

/// Writes the tests as JSON, with a line feed at the end.
///
/// # Errors
/// When `out` cannot be written to.
pub fn history_json(report: &HistoryReport, out: impl Write) -> io::Result<()> {
    let found = &report.found;
    let tests: Vec<Value> = report
        .tests
        .iter()
        .zip(&found.tests)
        .map(|((name, test), s)| {
            json!({
                "name": name, "effect": test.effect, "error": test.error, "shrunken": s.effect, "p_positive": s.p_positive,
                "exaggeration": s.exaggeration, "wrong_sign": s.wrong_sign,
            })
        })
        .collect();
    let fields = json!({
        "confidence": report.confidence, "mean": found.mean, "scatter": found.scatter, "next": found.next,
        "next_p_positive": found.next_p_positive, "tests": tests,
    });
    document::write(HISTORY_SCHEMA, &report.origin, fields, out)
}

/// The tests as text.
pub fn history_text(report: &HistoryReport) -> String {
    let found = &report.found;
    let range = |e: &Estimate| format!("{} ({} to {})", short(e.point), short(e.low), short(e.high));
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{} past tests: a true effect of {} on average.", report.tests.len(), range(&found.mean));
    let _ = writeln!(out, "  Between tests true effects scatter by {}.", range(&found.scatter));
    let _ = writeln!(
        out,
        "  A further test's true effect: {}; above 0 with a chance of {} %.",
        range(&found.next),
        fixed(100.0 * found.next_p_positive, 0)
    );
    let _ = writeln!(
        out,
        "\n{:<28} {:>18}  {:<34} {:>9}  a significant result overstates by",
        "test", "as read", "known the others", "above 0"
    );
    for ((name, test), s) in report.tests.iter().zip(&found.tests) {
        let times = s.exaggeration.map_or_else(|| "open".to_owned(), |m| format!("{} times", fixed(m, 1)));
        let _ = writeln!(
            out,
            "{:<28} {:>18}  {:<34} {:>7} %  {times}, wrong sign {} %",
            plain(name),
            format!("{} ± {}", short(test.effect), short(test.error)),
            range(&s.effect),
            fixed(100.0 * s.p_positive, 0),
            fixed(100.0 * s.wrong_sign, 0)
        );
    }
    let _ = writeln!(out, "\nBefore relying on this");
    for w in &report.origin.warnings {
        let _ = writeln!(out, "  {}", sentence(&plain(&w.text)));
    }
    out
}

/// Three significant digits.
fn short(x: f64) -> String {
    super::text::significant(x)
}
