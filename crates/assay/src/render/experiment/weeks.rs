//! A schedule of weeks as a table, text and JSON.

use crate::render::format::{fixed, plain};
use crate::report::WeekSchedule;
use assay_experiment::assign::Drawn;
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The schema of the schedule.
pub const SCHEDULE_SCHEMA: &str = "assay.experiment-schedule/1";

/// Writes the weeks: number, arm, first and last day, and the day from which a week counts.
///
/// # Errors
/// When `out` cannot be written to.
pub fn schedule_csv(schedule: &WeekSchedule, out: impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(out);
    table.write_record(["week", "arm", "first_day", "counted_from", "last_day"])?;
    for (k, w) in schedule.rows.iter().enumerate() {
        let number = (k + 1).to_string();
        let days = [w.first, w.counted_from, w.last].map(|d| d.to_string());
        table.write_record([&number, &w.arm, &days[0], &days[1], &days[2]])?;
    }
    table.flush()
}

fn drawn(schedule: &WeekSchedule) -> &'static str {
    match schedule.drawn {
        Drawn::InPairs => "within-pairs",
        Drawn::OfAll => "half-of-all",
    }
}

/// Writes the schedule as JSON, with a line feed at the end.
///
/// # Errors
/// When `out` cannot be written to.
pub fn schedule_json(schedule: &WeekSchedule, mut out: impl Write) -> io::Result<()> {
    let weeks: Vec<Value> = schedule
        .rows
        .iter()
        .map(|w| {
            json!({ "arm": w.arm, "first_day": w.first.to_string(), "counted_from": w.counted_from.to_string(),
                    "last_day": w.last.to_string() })
        })
        .collect();
    let document = json!({
        "schema": SCHEDULE_SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "salt": schedule.salt,
        "drawn": drawn(schedule),
        "smallest_p_value": schedule.smallest_p,
        "weeks": weeks,
    });
    serde_json::to_writer_pretty(&mut out, &document)?;
    out.write_all(b"\n")
}

/// The schedule as text.
pub fn schedule_text(schedule: &WeekSchedule) -> String {
    let how = match schedule.drawn {
        Drawn::InPairs => "one of each two neighbouring weeks",
        Drawn::OfAll => "half of all weeks",
    };
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(
        out,
        "{} weeks, {how} on; the smallest p-value they allow is {}.",
        schedule.rows.len(),
        fixed(schedule.smallest_p, 4)
    );
    for (k, w) in schedule.rows.iter().enumerate() {
        let counted =
            if w.counted_from > w.first { format!(", counted from {}", w.counted_from) } else { String::new() };
        let _ = writeln!(out, "  {:>3}  {}  {} to {}{counted}", k + 1, plain(&w.arm), w.first, w.last);
    }
    let _ = writeln!(out, "Anybody draws the same with the salt '{}'.", plain(&schedule.salt));
    out
}
