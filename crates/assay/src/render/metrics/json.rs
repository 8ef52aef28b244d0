//! Metrics for programs, at full precision.

use crate::render::document;
use crate::report::{Explained, MetricReport, MetricsReport};
use assay_metrics::{By, Figure, Part, Value, Window};
use assay_model::Outcome;
use assay_model::when::iso_day as iso;
use serde_json::{Map, Value as Json, json};
use std::io::{self, Write};

/// The schema that [`metrics_json`] writes.
pub const METRICS_SCHEMA: &str = "assay.metrics/1";

/// Writes the metrics as JSON of schema `assay.metrics/1`. Money is in minor units.
///
/// # Errors
/// When `out` cannot be written to.
pub fn metrics_json(report: &MetricsReport, out: impl Write) -> io::Result<()> {
    let mut fields = Map::new();
    let mut put = |key: &str, value: Json| fields.insert(key.to_owned(), value);
    put("asked_window", window(report.window));
    put("compared_window", report.compared.map_or(Json::Null, window));
    put("confidence", report.confidence.into());
    put("by", json!(report.by.map(by_name)));
    put("calendar", json!({"zone": report.calendar.zone(), "week_start": report.calendar.week_start.name()}));
    put("metrics", report.metrics.iter().map(|m| metric(m, report)).collect());
    if !report.explained.is_empty() {
        put("explained", report.explained.iter().map(|e| explained(e, report)).collect());
    }
    document::write(METRICS_SCHEMA, &report.origin, Json::Object(fields), out)
}

/// The name of a split.
pub(super) fn by_name(by: By) -> &'static str {
    match by {
        By::Week => "week",
        By::Channel => "channel",
        By::Campaign => "campaign",
        By::Segment => "segment",
        By::Source => "source",
    }
}

fn window(window: Window) -> Json {
    json!({"from": window.from.map(iso), "to": window.to.map(iso)})
}

fn value(value: &Value) -> Json {
    match value {
        Value::Exact(x) => json!(x),
        Value::Estimated(e) => json!(e),
        Value::AtMost(x) => json!({"at_most": x, "abstained": {
            "why": "only a bound can be told",
            "would_settle": "what the notes of the metric say",
        }}),
    }
}

fn outcome(outcome: &Outcome<Figure>) -> Json {
    match outcome {
        Outcome::Found(figure) => value(&figure.value),
        Outcome::Abstained(why) => document::abstained(why),
    }
}

fn metric(m: &MetricReport, report: &MetricsReport) -> Json {
    let figure = m.figure.found();
    let file = |f: &u32| report.origin.files.get(*f as usize).map(|f| f.name.clone());
    let mut fields = json!({
        "id": m.metric.id,
        "name": m.metric.name,
        "kind": m.metric.kind.name(),
        "group": m.group,
        "value": outcome(&m.figure),
        "unit": m.metric.unit.name(),
        "currency": figure.and_then(|f| f.currency.clone()),
        "numerator": figure.and_then(|f| f.numerator),
        "denominator": figure.and_then(|f| f.denominator),
        "window": window(m.window),
        "sources": m.sources.iter().filter_map(file).collect::<Vec<_>>(),
        "parts": figure.map_or(&[][..], |f| &f.parts).iter().map(part).collect::<Vec<_>>(),
        "notes": figure.map_or(&[][..], |f| &f.notes),
    });
    if let (Some(pooled), Some(fields)) = (&m.pooled, fields.as_object_mut()) {
        fields.insert("pooled".to_owned(), json!(pooled));
    }
    if let (Some(before), Some(fields)) = (&m.before, fields.as_object_mut()) {
        fields.insert("before".to_owned(), outcome(before));
    }
    fields
}

fn part(part: &Part) -> Json {
    json!({"labels": part.labels, "value": value(&part.value), "numerator": part.of.map(|o| o.0), "denominator": part.of.map(|o| o.1)})
}

fn explained(e: &Explained, report: &MetricsReport) -> Json {
    let m = &report.metrics[e.figure];
    let reads = e.reads.iter().map(|read| {
        let files = read.files.iter().filter_map(|(file, runs)| {
            let file = report.origin.files.get(*file as usize)?;
            let lines: Vec<Json> = runs.iter().map(|(first, last)| json!([first, last])).collect();
            Some(json!({"file": file.name, "sha256": file.sha256, "lines": lines}))
        });
        json!({"view": read.view, "n_rows": read.n_rows, "sql": read.sql, "files": files.collect::<Vec<_>>()})
    });
    json!({
        "id": m.metric.id,
        "group": m.group,
        "definition": m.metric.definition,
        "numerator": m.metric.numerator,
        "denominator": m.metric.denominator,
        "traps": m.metric.traps,
        "source": m.metric.source,
        "reads": reads.collect::<Vec<_>>(),
    })
}

/// Writes a row for each figure, and for each of its lines:
/// `id,group,part,unit,currency,value,low,high,numerator,denominator,from,to,before,abstained`.
///
/// # Errors
/// When `out` cannot be written to.
pub fn metrics_csv(report: &MetricsReport, out: impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record([
        "id",
        "group",
        "part",
        "unit",
        "currency",
        "value",
        "low",
        "high",
        "numerator",
        "denominator",
        "from",
        "to",
        "before",
        "abstained",
    ])?;
    let number = |x: Option<f64>| x.map(|x| x.to_string()).unwrap_or_default();
    for m in &report.metrics {
        let figure = m.figure.found();
        let currency = figure.and_then(|f| f.currency.clone()).unwrap_or_default();
        let why = if let Outcome::Abstained(why) = &m.figure { why.why.clone() } else { String::new() };
        let whole = figure.map(|f| (String::new(), f.value, f.numerator, f.denominator));
        let parts = figure.map_or(&[][..], |f| &f.parts).iter();
        let parts = parts.map(|p| (p.labels.join(" / "), p.value, p.of.map(|o| o.0), p.of.map(|o| o.1)));
        let rows: Vec<_> = whole.into_iter().chain(parts).collect();
        let before = m.before.as_ref().and_then(|b| b.found()).map(|f| f.value.point());
        let mut write = |label: &str, value: [Option<f64>; 5]| {
            let first = label.is_empty();
            csv.write_record([
                m.metric.id,
                &*crate::render::verdicts::not_a_formula(m.group.as_deref().unwrap_or("")),
                &*crate::render::verdicts::not_a_formula(label),
                m.metric.unit.name(),
                &currency,
                &number(value[0]),
                &number(value[1]),
                &number(value[2]),
                &number(value[3]),
                &number(value[4]),
                &m.window.from.map(iso).unwrap_or_default(),
                &m.window.to.map(iso).unwrap_or_default(),
                &if first { number(before) } else { String::new() },
                &why,
            ])
        };
        if rows.is_empty() {
            write("", [None; 5])?;
        }
        for (label, value, numerator, denominator) in rows {
            let (point, low, high) = match value {
                Value::Exact(x) => (Some(x), None, None),
                Value::Estimated(e) => (Some(e.point), Some(e.low), Some(e.high)),
                Value::AtMost(x) => (None, None, Some(x)),
            };
            write(&label, [point, low, high, numerator, denominator])?;
        }
    }
    csv.flush()
}
