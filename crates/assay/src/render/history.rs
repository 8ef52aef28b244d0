//! The audits that a workspace keeps: shares over time, each with its interval.

use super::format::{count, day, percent, percent_range, plain, rfc3339};
use assay_math::Estimate;
use assay_store::{AuditEntry, Range};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The audits as text, page by page.
pub fn history_text(audits: &[AuditEntry]) -> String {
    if audits.is_empty() {
        return "No audit is kept. `assay audit` without a path audits the workspace and keeps what it says.\n"
            .to_owned();
    }
    let mut text = String::new();
    let mut page = None;
    for a in audits {
        if page != Some(a.page_id) {
            let name = a.page.as_deref().map_or_else(|| "a page without a name".into(), plain);
            let _ = writeln!(text, "{}{name}", if page.is_some() { "\n" } else { "" });
            page = Some(a.page_id);
        }
        let share = |name: &str, range: Range| {
            range.map_or_else(
                || format!("{name} not said"),
                |(point, low, high)| {
                    let estimate = Estimate::new(point, low, high, a.confidence);
                    format!("{name} {} ({})", percent(point), percent_range(&estimate))
                },
            )
        };
        let _ = writeln!(
            text,
            "  list of {}  {} followers, {} batches, {} other bursts  [audit {}, assay {}, seed {}]",
            day(a.as_of),
            count(a.n_followers),
            count(a.n_batches),
            count(a.n_spikes),
            a.id,
            plain(&a.version),
            a.seed
        );
        let shares = [
            share("inauthentic", a.inauthentic),
            share("dormant", a.dormant),
            share("genuine", a.genuine),
            share("in batches", a.in_batches),
        ];
        let _ = writeln!(text, "    {}", shares.join("; "));
    }
    text
}

/// The audits as `assay.audit-history/1`.
pub fn history_json(audits: &[AuditEntry]) -> Value {
    let audit = |a: &AuditEntry| {
        let share = |r: Range| match r {
            Some((point, low, high)) => {
                json!({"point": point, "low": low, "high": high, "confidence": a.confidence})
            }
            None => {
                json!({"abstained": {"why": "the audit could not say", "would_settle": "run `assay audit`, which says why"}})
            }
        };
        json!({
            "audit_id": a.id,
            "page": a.page,
            "snapshot_id": a.snapshot_id,
            "as_of": rfc3339(a.as_of),
            "audited_at": rfc3339(a.audited_at),
            "version": a.version,
            "seed": a.seed,
            "inputs_sha256": a.inputs,
            "n_followers": a.n_followers,
            "n_batches": a.n_batches,
            "n_spikes": a.n_spikes,
            "shares": {
                "inauthentic": share(a.inauthentic),
                "dormant": share(a.dormant),
                "genuine": share(a.genuine),
                "in_batches": share(a.in_batches),
            },
        })
    };
    json!({
        "schema": "assay.audit-history/1",
        "version": env!("CARGO_PKG_VERSION"),
        "audits": audits.iter().map(audit).collect::<Vec<_>>(),
    })
}

/// The audits as a table.
pub fn history_csv(audits: &[AuditEntry]) -> String {
    let mut text = String::from(
        "audit_id,page,snapshot_id,as_of,audited_at,version,seed,confidence,n_followers,n_batches,n_spikes,\
         inauthentic_point,inauthentic_low,inauthentic_high,dormant_point,dormant_low,dormant_high,\
         genuine_point,genuine_low,genuine_high,in_batches_point,in_batches_low,in_batches_high\n",
    );
    for a in audits {
        let page = a.page.as_deref().unwrap_or("").replace(['"', ',', '\n', '\r'], " ");
        let list = a.snapshot_id.map_or(String::new(), |id| id.to_string());
        let _ = write!(
            text,
            "{},{page},{list},{},{},{},{},{},{},{},{}",
            a.id,
            rfc3339(a.as_of),
            rfc3339(a.audited_at),
            a.version,
            a.seed,
            a.confidence,
            a.n_followers,
            a.n_batches,
            a.n_spikes
        );
        for range in [a.inauthentic, a.dormant, a.genuine, a.in_batches] {
            let _ = match range {
                Some((point, low, high)) => write!(text, ",{point},{low},{high}"),
                None => write!(text, ",,,"),
            };
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{history_csv, history_json, history_text};
    use crate::render::schema::faults;
    use assay_model::TimeMs;
    use assay_store::AuditEntry;

    fn audit(id: i64, inauthentic: Option<(f64, f64, f64)>) -> AuditEntry {
        AuditEntry {
            id,
            page_id: 1,
            page: Some("x/roastery".to_owned()),
            snapshot_id: Some(2),
            as_of: TimeMs(1_700_000_000_000),
            audited_at: TimeMs(1_700_000_100_000),
            version: "0.1.0".to_owned(),
            seed: 1,
            inputs: "0".repeat(64),
            confidence: 0.9,
            n_followers: 900,
            n_batches: 1,
            n_spikes: 0,
            inauthentic,
            dormant: None,
            genuine: None,
            in_batches: Some((0.1, 0.09, 0.11)),
        }
    }

    #[test]
    fn what_could_not_be_said_stays_so_in_every_form() {
        let audits = [audit(1, None), audit(2, Some((0.12, 0.1, 0.15)))];
        let schema = serde_json::from_str(include_str!("../../schemas/audit-history-1.json")).expect("a schema");
        assert_eq!(faults(&schema, &history_json(&audits)), Vec::<String>::new());
        let text = history_text(&audits);
        assert!(text.contains("inauthentic not said") && text.contains("12 % (10 % to 15 %)"), "{text}");
        let csv = history_csv(&audits);
        let width = |line: &str| line.split(',').count();
        assert!(csv.lines().all(|l| width(l) == 23), "{csv}");
        assert!(history_text(&[]).contains("No audit"));
    }
}
