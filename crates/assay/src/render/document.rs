//! What JSON documents share. Full precision, nothing rounded.

use crate::render::format::rfc3339;
use crate::report::{Origin, Warning};
use assay_math::Estimate;
use assay_model::{Abstention, Outcome};
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// Writes a document with the fields that every document has, and a line feed at the end.
pub(super) fn write(schema: &str, origin: &Origin, answer: Value, mut out: impl Write) -> io::Result<()> {
    let mut document = Map::new();
    document.insert("schema".to_owned(), schema.into());
    document.insert("version".to_owned(), env!("CARGO_PKG_VERSION").into());
    document.insert("seed".to_owned(), origin.seed.map_or(0, |s| s.0).into());
    document.insert("inputs".to_owned(), json!(origin.files));
    let window = origin.window.map(|w| json!({"from": rfc3339(w.from), "to": rfc3339(w.to)}));
    document.insert("window".to_owned(), window.unwrap_or(Value::Null));
    document.insert("warnings".to_owned(), warnings_json(&origin.warnings));
    document.insert("n_rejected".to_owned(), origin.n_rejected.into());
    document.insert("rejects".to_owned(), json!(origin.rejects));
    if let Value::Object(fields) = answer {
        document.extend(fields);
    }
    serde_json::to_writer_pretty(&mut out, &document)?;
    out.write_all(b"\n")
}

/// What the reader must know.
pub(super) fn warnings_json(warnings: &[Warning]) -> Value {
    warnings.iter().map(|w| json!({"id": w.id, "text": w.text})).collect()
}

/// An estimate, or why there is none.
pub(super) fn answer(outcome: &Outcome<Estimate>) -> Value {
    match outcome {
        Outcome::Found(estimate) => json!(estimate),
        Outcome::Abstained(why) => abstained(why),
    }
}

/// Why there is none.
pub(super) fn abstained(why: &Abstention) -> Value {
    json!({ "abstained": why })
}
