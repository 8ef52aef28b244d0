//! How often a reading errs on a history, as text and as JSON, schema `assay.experiment-calibrate/1` (published as
//! `schemas/experiment-calibrate-1.json`).

use super::geo::{Calibrated, calibrated};
use crate::pipeline::CalibrateOf;
use crate::render::document;
use crate::render::format::{plain, sentence};
use crate::report::CalibrateReport;
use assay_model::Outcome;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The schema that [`calibrate_json`] writes.
pub const CALIBRATE_SCHEMA: &str = "assay.experiment-calibrate/1";

/// Whether the reading may be relied on here.
fn decision(report: &CalibrateReport) -> &'static str {
    match &report.found {
        Outcome::Found(c) if c.is_above_nominal() => "refuse",
        Outcome::Found(_) => "keeps-its-word",
        Outcome::Abstained(_) => "cannot-tell",
    }
}

/// Writes the counts as JSON, with a line feed at the end.
///
/// # Errors
/// When `out` cannot be written to.
pub fn calibrate_json(report: &CalibrateReport, out: impl Write) -> io::Result<()> {
    let mut fields = Map::new();
    let design = match &report.of {
        CalibrateOf::Markets { n_treated, n_days, .. } => {
            json!({ "kind": "geo", "n_treated": n_treated, "n_days": n_days })
        }
        CalibrateOf::Split { weights, .. } => json!({ "kind": "user-split", "weights": weights }),
    };
    fields.insert("design".to_owned(), design);
    let counted = match &report.found {
        Outcome::Found(c) => serde_json::to_value(Calibrated::of(c))?,
        Outcome::Abstained(why) => document::abstained(why),
    };
    fields.insert("calibration".to_owned(), counted);
    fields.insert("decision".to_owned(), decision(report).into());
    document::write(CALIBRATE_SCHEMA, &report.origin, Value::Object(fields), out)
}

/// The counts as text.
pub fn calibrate_text(report: &CalibrateReport) -> String {
    let mut out = String::new();
    let head = match decision(report) {
        "refuse" => "Do not rely on this reading here: it finds effects that are not there too often.",
        "keeps-its-word" => "The reading keeps its word on these data, as far as the runs can tell.",
        _ => "It cannot be told how the reading does on these data.",
    };
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{head}");
    let told = match (&report.found, &report.of) {
        (Outcome::Found(c), CalibrateOf::Markets { .. }) => calibrated(c, "placebo tests"),
        (Outcome::Found(c), CalibrateOf::Split { .. }) => calibrated(c, "A/A runs"),
        (Outcome::Abstained(why), _) => format!("{}; it would take {}", why.why, why.would_settle),
    };
    let _ = writeln!(out, "  {}", sentence(&told));
    for w in &report.origin.warnings {
        let _ = writeln!(out, "  {}", sentence(&plain(&w.text)));
    }
    out
}
