//! How well reach is foretold, as text and JSON (`assay.reach-backtest/1`).

use super::{json, origin};
use crate::render::format::{count, counted, fixed, percent};
use crate::render::text::{Colour, Screen};
use crate::report::reach::BacktestReport;
use assay_model::Outcome;
use assay_reach::page::Scores;
use serde_json::{Map, Value, json};
use std::io::{self, Write};

/// The schema that [`backtest_json`] writes.
pub const BACKTEST_SCHEMA: &str = "assay.reach-backtest/1";

/// Writes the report as JSON of schema `assay.reach-backtest/1`.
///
/// # Errors
/// When `out` cannot be written to.
pub fn backtest_json(report: &BacktestReport, out: impl Write) -> io::Result<()> {
    let fields = match &report.answer {
        Outcome::Found(b) => {
            let mut fields = scores(&b.scores);
            let baselines: Map<String, Value> =
                b.baselines.iter().map(|b| (b.id.to_owned(), Value::Object(scores(&b.scores)))).collect();
            fields.insert("n".to_owned(), b.n.into());
            fields.insert("n_before".to_owned(), b.n_before.into());
            fields.insert("baselines".to_owned(), baselines.into());
            fields
        }
        Outcome::Abstained(why) => {
            let mut fields: Map<String, Value> = ["mae_log", "crps", "coverage_90", "median_ape"]
                .map(|k| (k.to_owned(), Value::Null))
                .into_iter()
                .collect();
            fields.insert("n".to_owned(), 0.into());
            fields.insert("n_before".to_owned(), 0.into());
            fields.insert("baselines".to_owned(), Map::new().into());
            fields.insert("abstained".to_owned(), json!(why));
            fields
        }
    };
    let mut fields = fields;
    fields.insert("target".to_owned(), report.target.id().into());
    json::write(BACKTEST_SCHEMA, &report.origin, Value::Object(fields), out)
}

fn scores(s: &Scores) -> Map<String, Value> {
    let pairs =
        [("mae_log", s.mae_log), ("crps", s.crps), ("coverage_90", s.coverage_90), ("median_ape", s.median_ape)];
    pairs.into_iter().map(|(key, value)| (key.to_owned(), value.into())).collect()
}

/// The report for a terminal.
pub fn backtest_text(report: &BacktestReport, colour: Colour, width: usize) -> String {
    let mut screen = Screen::new(colour, width);
    let target = report.target.id().replace('_', " ");
    match &report.answer {
        Outcome::Found(b) => {
            let posts = counted(b.n as u64, "post was", "posts were");
            screen.wrapped(
                "",
                0,
                &format!(
                    "{posts} foretold, each from those before it; the first {} were learned from.",
                    count(b.n_before as u64)
                ),
            );
            let half = b.scores.mae_log.exp();
            screen.wrapped("", 0, &format!("A post's {target} lies a factor of {} from what was foretold on average; {} of the posts lay inside intervals meant for 90 %.", fixed(half, 1), percent(b.scores.coverage_90)));
            screen.line("");
            screen.line(&format!("{:14}{:>10}{:>10}{:>14}{:>14}", "", "mae_log", "crps", "coverage_90", "median_ape"));
            let mut row = |name: &str, s: &Scores| {
                screen.line(&format!(
                    "{name:14}{:>10}{:>10}{:>14}{:>14}",
                    fixed(s.mae_log, 3),
                    fixed(s.crps, 3),
                    fixed(s.coverage_90, 3),
                    percent(s.median_ape)
                ));
            };
            row("assay", &b.scores);
            for baseline in &b.baselines {
                row(baseline.id, &baseline.scores);
            }
            screen.line("");
            for baseline in &b.baselines {
                screen.wrapped(baseline.id, 14, baseline.sentence);
            }
        }
        Outcome::Abstained(why) => {
            screen.wrapped("", 0, &format!("Cannot say: {}.", why.why));
            screen.wrapped("", 0, &format!("Would settle it: {}.", why.would_settle));
        }
    }
    screen.line("");
    origin::inputs(&mut screen, &report.origin);
    origin::close(&mut screen, &report.origin);
    screen.into_text()
}
