//! A geo reading as text and as JSON, schema `assay.experiment-geo/1` (published as `schemas/experiment-geo-1.json`).

use super::json::{Answer, Interval};
use crate::pipeline::PlanUsed;
use crate::render::format::{plain, sentence};
use crate::report::GeoReport;
use assay_experiment::geo::{GeoDecision, GeoReading};
use assay_model::{Abstention, SourceFile};
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{self, Write};

/// The schema that [`geo_json`] writes.
pub const GEO_SCHEMA: &str = "assay.experiment-geo/1";

/// The word for a decision, as the contract has it, and why.
fn decision(reading: &GeoReading, money: bool) -> (&'static str, String) {
    match reading.decision {
        GeoDecision::Adopt if money => {
            ("adopt", "every null that decides is refused, and it pays by every estimator".to_owned())
        }
        GeoDecision::Adopt => {
            ("adopt", "every null that decides is refused; no margin was given, so this is not about money".to_owned())
        }
        GeoDecision::Drop => {
            ("drop", "every null that decides is refused, and it does not pay by any estimator".to_owned())
        }
        GeoDecision::Disagree => (
            "cannot-tell",
            "the nulls disagree: some are refused and some are not, so the answer hangs on the method".to_owned(),
        ),
        GeoDecision::NothingShown => ("cannot-tell", "no null is refused: such gaps come without any test".to_owned()),
        GeoDecision::PayUnsettled => {
            ("cannot-tell", "there is an effect; whether it pays hangs on the estimator".to_owned())
        }
    }
}

const WOULD_SETTLE: &str = "more treated markets, more days, or a second test in other markets";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    version: &'static str,
    seed: u64,
    confidence: f64,
    inputs: [&'a SourceFile; 1],
    window: Window<'a>,
    warnings: Vec<Warning<'a>>,
    design: Design<'a>,
    effect: Effect,
    robustness: Vec<Row>,
    weights: Vec<Weight<'a>>,
    weights_with_levels: Vec<Weight<'a>>,
    without_one_donor: Option<WithoutOne<'a>>,
    iroas: Answer<Interval>,
    path: Vec<Point>,
    verdict: Verdict,
}

#[derive(Serialize)]
struct Window<'a> {
    from: &'a str,
    to: &'a str,
}

#[derive(Serialize)]
struct Warning<'a> {
    id: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct Design<'a> {
    kind: &'static str,
    sealed: bool,
    plan: Option<super::json::Plan<'a>>,
    treated: &'a [String],
    n_markets: usize,
    n_before: usize,
    n_during: usize,
    cost: f64,
    margin: Option<f64>,
}

#[derive(Serialize)]
struct Effect {
    per_market_and_period: f64,
    total: f64,
    lift: f64,
    scaled_gap: f64,
}

#[derive(Serialize)]
struct Row {
    estimator: &'static str,
    null: &'static str,
    point: f64,
    low: Option<f64>,
    high: Option<f64>,
    p_value: f64,
    p_value_floor: f64,
    decides: bool,
}

#[derive(Serialize)]
struct Weight<'a> {
    market: &'a str,
    weight: f64,
}

#[derive(Serialize)]
struct WithoutOne<'a> {
    least: f64,
    least_without: &'a str,
    most: f64,
    most_without: &'a str,
}

#[derive(Serialize)]
struct Point {
    period: i64,
    actual: f64,
    synthetic: f64,
}

#[derive(Serialize)]
struct Verdict {
    decision: &'static str,
    reasons: Vec<String>,
    expected_profit: Answer<Interval>,
    expected_loss: Answer<()>,
}

/// Writes the reading as JSON, with a line feed at the end.
///
/// # Errors
/// When `out` cannot be written to.
pub fn geo_json(report: &GeoReport, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &document(report))?;
    out.write_all(b"\n")
}

fn document(report: &GeoReport) -> Document<'_> {
    let (reading, asked) = (&report.reading, &report.options);
    let blocks = &reading.table[0];
    let settled = matches!(reading.decision, GeoDecision::Adopt | GeoDecision::Drop | GeoDecision::PayUnsettled);
    Document {
        schema: GEO_SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        seed: report.seed.0,
        confidence: asked.confidence,
        inputs: [&report.file],
        window: Window { from: &asked.start, to: &asked.end },
        warnings: report.warnings.iter().map(|w| Warning { id: w.id, text: &w.text }).collect(),
        design: Design {
            kind: "geo",
            sealed: asked.plan.as_ref().is_some_and(PlanUsed::is_kept),
            plan: super::json::plan(asked.plan.as_ref()),
            treated: &asked.treated,
            n_markets: reading.panel.markets.len(),
            n_before: reading.n_before,
            n_during: reading.n_during,
            cost: reading.cost,
            margin: asked.margin,
        },
        effect: Effect {
            per_market_and_period: reading.effect,
            total: blocks.total,
            lift: reading.lift,
            scaled_gap: reading.scaled_gap,
        },
        robustness: reading
            .table
            .iter()
            .map(|r| Row {
                estimator: r.estimator,
                null: r.null,
                point: r.total,
                low: r.interval.and_then(|i| i.0),
                high: r.interval.and_then(|i| i.1),
                p_value: r.p_value,
                p_value_floor: r.floor,
                decides: r.decides,
            })
            .collect(),
        weights: weights(&reading.weights),
        weights_with_levels: weights(&reading.weights_with_levels),
        without_one_donor: reading.without_one.as_ref().map(|(least, most)| WithoutOne {
            least: least.0,
            least_without: &least.1,
            most: most.0,
            most_without: &most.1,
        }),
        iroas: iroas(report),
        path: reading
            .panel
            .periods
            .iter()
            .zip(&reading.path)
            .map(|(period, (actual, synthetic))| Point { period: *period, actual: *actual, synthetic: *synthetic })
            .collect(),
        verdict: Verdict {
            decision: decision(reading, asked.margin.is_some()).0,
            reasons: reasons(report),
            expected_profit: match asked.margin {
                Some(margin) if settled => {
                    let of = |total: f64| margin * total - reading.cost;
                    let (low, high) = blocks.interval.unwrap_or((None, None));
                    Answer::Found(Interval {
                        point: of(blocks.total),
                        low: low.map(of),
                        high: high.map(of),
                        confidence: asked.confidence,
                    })
                }
                Some(_) => none("the effect is not settled", WOULD_SETTLE),
                None => none("no margin was given", "--margin, and --cost where the test cost something"),
            },
            expected_loss: none("no distribution of the effect is claimed from so few markets", WOULD_SETTLE),
        },
    }
}

fn weights(weights: &[(String, f64)]) -> Vec<Weight<'_>> {
    weights.iter().map(|(market, weight)| Weight { market, weight: *weight }).collect()
}

fn none<T>(why: &str, would_settle: &str) -> Answer<T> {
    Answer::Abstained { abstained: Abstention::new(why, would_settle) }
}

fn reasons(report: &GeoReport) -> Vec<String> {
    let (word, why) = decision(&report.reading, report.options.margin.is_some());
    let mut all = super::words::plan_reasons(report.options.plan.as_ref());
    all.push(why);
    if word == "cannot-tell" {
        all.push(format!("what would settle it: {WOULD_SETTLE}"));
    }
    all
}

/// Added metric for each unit of money added, by time-based regression; the cost is taken as known.
fn iroas(report: &GeoReport) -> Answer<Interval> {
    let (reading, confidence) = (&report.reading, report.options.confidence);
    match reading.time_based {
        Some(t) if reading.cost > 0.0 => {
            let (low, high) = t.interval(confidence);
            let of = |x: f64| x / reading.cost;
            Answer::Found(Interval { point: of(t.total), low: Some(of(low)), high: Some(of(high)), confidence })
        }
        Some(_) => none("the treated markets cost nothing beyond what they cost before", "--cost with what was spent"),
        None => none("there is no regression", "days before the test on which the other markets vary"),
    }
}

/// The reading as text.
pub fn geo_text(report: &GeoReport) -> String {
    let reading = &report.reading;
    let mut out = String::new();
    let head = match decision(reading, report.options.margin.is_some()).0 {
        "adopt" => "Adopt.",
        "drop" => "Drop.",
        _ => "Not settled.",
    };
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{head}");
    for reason in reasons(report) {
        let _ = writeln!(out, "  {}", sentence(&reason));
    }
    let treated: Vec<String> = report.options.treated.iter().map(|t| plain(t).into_owned()).collect();
    let _ = writeln!(
        out,
        "\n{} against {} other markets, {} days before and {} of the test",
        treated.join(", "),
        reading.panel.markets.len() - reading.treated.len(),
        reading.n_before,
        reading.n_during
    );
    let _ = writeln!(
        out,
        "  effect a market and day {:.1}, in all {:.0}, lift {:.1} %; gap before the test {:.2} of that of equal weights",
        reading.effect,
        reading.table[0].total,
        100.0 * reading.lift,
        reading.scaled_gap
    );
    if let Some((least, most)) = &reading.without_one {
        let _ = writeln!(
            out,
            "  leaving one donor out: {:.1} without {} to {:.1} without {}",
            least.0,
            plain(&least.1),
            most.0,
            plain(&most.1)
        );
    }
    let _ = writeln!(out, "\n{:<36} {:<26} {:>10}  {:<24} {:>8}", "estimator", "null", "in all", "interval", "p");
    for r in &reading.table {
        let end = |x: Option<f64>| x.map_or_else(|| "open".to_owned(), |x| format!("{x:.0}"));
        let interval = r.interval.map_or_else(String::new, |(low, high)| format!("{} to {}", end(low), end(high)));
        let shown = if r.decides { "" } else { "  (does not decide)" };
        let _ = writeln!(
            out,
            "{:<36} {:<26} {:>10.0}  {:<24} {:>8.4}{shown}",
            r.estimator, r.null, r.total, interval, r.p_value
        );
    }
    if let Answer::Found(i) = iroas(report) {
        let end = |x: Option<f64>| x.map_or_else(|| "open".to_owned(), |x| format!("{x:.2}"));
        let _ = writeln!(
            out,
            "\nAdded for each unit of money (independent days, too sure of itself): {:.2} ({} to {})",
            i.point,
            end(i.low),
            end(i.high)
        );
    }
    let weights: Vec<String> =
        reading.weights.iter().take(12).map(|(market, w)| format!("{} {w:.3}", plain(market))).collect();
    let _ = writeln!(out, "\nSynthetic market: {}", weights.join(", "));
    let _ = writeln!(out, "\nBefore relying on this");
    for warning in &report.warnings {
        let _ = writeln!(out, "  {}", sentence(&plain(&warning.text)));
    }
    out
}
