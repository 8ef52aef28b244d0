//! A reading of a staged removal as text and JSON, schema `assay.experiment-staged/1` (published as `schemas/experiment-staged-1.json`).

use super::json::{Interval, plan};
use crate::render::document;
use crate::render::format::{fixed, percent, plain, rfc3339, sentence, whole};
use crate::report::StagedReport;
use assay_experiment::staged::gone_share;
use assay_model::{DAY_MS, TimeMs};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The schema that [`staged_json`] writes.
pub const STAGED_SCHEMA: &str = "assay.experiment-staged/1";

/// What all steps changed, as a share of reach.
pub(super) fn change(report: &StagedReport) -> Interval {
    let r = &report.reading;
    Interval {
        point: r.effect.exp_m1(),
        low: r.low.map(f64::exp_m1),
        high: r.high.map(f64::exp_m1),
        confidence: report.confidence,
    }
}

pub(super) fn decision(report: &StagedReport) -> (&'static str, Vec<String>) {
    let r = &report.reading;
    let mut reasons = Vec::new();
    let word = if r.low.is_some_and(|low| low > 0.0) {
        reasons.push("reach rose by more than chance explains: the followers that were removed had cost it".to_owned());
        "cost-reach"
    } else if r.high.is_some_and(|high| high < 0.0) {
        reasons.push("reach fell by more than chance explains: the removal, or what came with it, did harm".to_owned());
        "lowered-reach"
    } else {
        match r.high {
            Some(high) => {
                reasons
                    .push(format!("a gain above {} is ruled out; a smaller one is not told", percent(high.exp_m1())));
            }
            None => reasons.push("these weeks rule nothing out".to_owned()),
        }
        "cannot-tell"
    };
    if report.plan.is_kept() {
        reasons.push(format!("as planned on {}", report.plan.sealed_at));
    } else {
        if !report.plan.is_intact {
            reasons.push("not as planned: the plan was changed after it was sealed".to_owned());
        }
        reasons.extend(report.plan.departures.iter().map(|d| format!("not as planned: {d}")));
    }
    (word, reasons)
}

/// The verdict in a clause.
pub(super) fn head(word: &str) -> &'static str {
    match word {
        "cost-reach" => "The followers that were removed had cost reach",
        "lowered-reach" => "Reach fell with the removal",
        _ => "Not settled",
    }
}

fn day(number: i64) -> String {
    rfc3339(TimeMs(number.saturating_mul(DAY_MS)))[..10].to_owned()
}

/// Writes the reading as JSON, with a line feed at the end.
///
/// # Errors
/// When `out` cannot be written to.
pub fn staged_json(report: &StagedReport, out: impl Write) -> io::Result<()> {
    let r = &report.reading;
    let (word, reasons) = decision(report);
    let steps: Vec<Value> = report.steps.iter().map(|(day, n)| json!({ "day": day, "n_followers": n })).collect();
    let mechanisms: Vec<Value> = (report.mechanisms.iter())
        .map(|m| {
            let [low, point, high] = m.foreseen.map(f64::exp_m1);
            json!({
                "id": m.id,
                "weight_before": m.weight_before,
                "weight_after": m.weight_after,
                "foreseen_share": { "point": point, "low": low, "high": high, "confidence": 0.9 },
            })
        })
        .collect();
    let weeks: Vec<Value> = (report.weeks.iter())
        .map(|w| {
            json!({
                "first_day": day(report.first + 7 * i64::from(w.week)),
                "gone_share": gone_share(&report.schedule, w.week),
                "n_posts": w.n_posts,
                "mean_log": w.value,
            })
        })
        .collect();
    let answer = json!({
        "design": {
            "kind": "staged-removal",
            "sealed": report.plan.is_kept(),
            "plan": plan(Some(&report.plan)),
            "target": report.target.id(),
            "n_weeks": report.n_weeks,
            "hold_out_days": report.hold_out_days,
            "steps": steps,
            "n_schedules": r.n_schedules,
            "detectable_share": report.detectable.map(f64::exp_m1),
        },
        "effect_share": change(report),
        "p_value": r.p_value,
        "p_value_floor": r.floor,
        "mechanisms": mechanisms,
        "weeks": weeks,
        "verdict": { "decision": word, "reasons": reasons },
    });
    document::write(STAGED_SCHEMA, &report.origin, answer, out)
}

/// A share as a change with its sign.
fn signed(share: f64) -> String {
    let sign = match share {
        s if s.abs() < 1e-9 => "\u{b1}",
        s if s < 0.0 => "\u{2212}",
        _ => "+",
    };
    format!("{sign}{}", percent(share.abs()))
}

/// The reading as text.
pub fn staged_text(report: &StagedReport) -> String {
    let r = &report.reading;
    let (word, reasons) = decision(report);
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}.", head(word));
    for reason in reasons {
        let _ = writeln!(out, "  {}", sentence(&plain(&reason)));
    }
    let c = change(report);
    let end = |x: Option<f64>| x.map_or_else(|| "open".to_owned(), signed);
    let _ = writeln!(
        out,
        "\nAll steps together: {} of a post's {} ({} to {}); p = {} over {} possible schedules, smallest p {}",
        signed(c.point),
        report.target.id().replace('_', " "),
        end(c.low),
        end(c.high),
        fixed(r.p_value, 4),
        r.n_schedules,
        fixed(r.floor, 4)
    );
    if let Some(least) = report.detectable {
        let _ = writeln!(out, "Planned to find a gain of {} four times of five.", percent(least.exp_m1()));
    }
    let _ = writeln!(out, "\nMechanism           weight before     after   would have brought");
    for m in &report.mechanisms {
        let [low, point, high] = m.foreseen.map(f64::exp_m1);
        let _ = writeln!(
            out,
            "  {:<18}{:>13}{:>10}   {} ({} to {})",
            plain(&m.id).replace('_', " "),
            percent(m.weight_before),
            percent(m.weight_after),
            signed(point),
            signed(low),
            signed(high)
        );
    }
    let _ = writeln!(out, "\nWeek of       gone   posts   usual {}", report.target.id().replace('_', " "));
    for w in &report.weeks {
        let _ = writeln!(
            out,
            "  {}{:>7}{:>8}   {}",
            day(report.first + 7 * i64::from(w.week)),
            percent(gone_share(&report.schedule, w.week)),
            whole(w.n_posts),
            whole(w.value.exp())
        );
    }
    if !report.origin.warnings.is_empty() {
        let _ = writeln!(out, "\nBefore relying on this");
        for w in &report.origin.warnings {
            let _ = writeln!(out, "  {}", sentence(&plain(&w.text)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{STAGED_SCHEMA, staged_json, staged_text};
    use crate::pipeline::PlanUsed;
    use crate::render::schema::faults;
    use crate::report::{Origin, StagedReport, WeighedMechanism};
    use assay_experiment::staged::{StagedReading, StagedWeek};
    use assay_reach::page::Target;
    use serde_json::Value;

    fn report(low: Option<f64>, high: Option<f64>) -> StagedReport {
        StagedReport {
            origin: Origin::default(),
            plan: PlanUsed {
                sealed_at: "2026-12-01T08:00:00Z".to_owned(),
                hash: "0".repeat(64),
                is_intact: true,
                departures: Vec::new(),
            },
            target: Target::FanReach,
            confidence: 0.9,
            first: 20_794,
            n_weeks: 12,
            hold_out_days: 3,
            steps: vec![("2026-12-21".to_owned(), 400.0)],
            schedule: vec![2],
            detectable: None,
            weeks: (0..4).map(|week| StagedWeek { week, value: 6.0, n_posts: 4.0 }).collect(),
            reading: StagedReading { effect: 0.1, low, high, error: 0.1, p_value: 0.2, floor: 0.02, n_schedules: 35 },
            mechanisms: vec![WeighedMechanism {
                id: "per_viewer".to_owned(),
                weight_before: 0.4,
                weight_after: 0.5,
                foreseen: [0.0, 0.1, 0.3],
            }],
        }
    }

    #[test]
    fn readings_keep_to_their_schema_and_open_ends_are_said() {
        let schema: Value =
            serde_json::from_str(include_str!("../../../schemas/experiment-staged-1.json")).expect("JSON");
        assert_eq!(schema["$id"], STAGED_SCHEMA);
        for (low, high, decision) in [
            (Some(0.05), Some(0.2), "cost-reach"),
            (Some(-0.3), Some(-0.1), "lowered-reach"),
            (Some(-0.1), Some(0.2), "cannot-tell"),
            (None, None, "cannot-tell"),
        ] {
            let report = report(low, high);
            let mut bytes = Vec::new();
            staged_json(&report, &mut bytes).expect("memory");
            let document: Value = serde_json::from_slice(&bytes).expect("JSON");
            assert_eq!(faults(&schema, &document), [""; 0]);
            assert_eq!(document["verdict"]["decision"], decision);
            let text = staged_text(&report);
            assert_eq!(text.contains("open"), low.is_none(), "{text}");
            assert!(text.contains("usual fan reach") && text.contains("As planned on"), "{text}");
        }
    }
}
