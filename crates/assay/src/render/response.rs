//! How soon a page answers, as text and JSON.

use super::document::answer;
use super::format::{count, percent, percent_range, plain, sentence};
use super::queue::lasting;
use crate::report::ResponseReport;
use assay_math::Estimate;
use assay_model::when::iso_day;
use assay_model::{Abstention, Outcome, ResponseTimes};
use maud::{Markup, html};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// The schema of response times.
pub const RESPONSE_SCHEMA: &str = "assay.people-response/1";

/// Response times as text.
pub fn response_text(report: &ResponseReport) -> String {
    let all = &report.all;
    let mut text = format!("{} of {} turns are answered\n", count(all.n_answered), count(all.n_turns));
    let time = |s: f64| lasting((s * 1_000.0) as i64);
    let times = |e: &Estimate| format!("{} ({} to {})", time(e.point), time(e.low), time(e.high));
    let shares = |e: &Estimate| format!("{} ({})", percent(e.point), percent_range(e));
    let _ = writeln!(text, "half are answered within   {}", said(&all.median_s, times));
    let _ = writeln!(text, "nine in ten within         {}", said(&all.p90_s, times));
    let _ = writeln!(text, "answered within a day      {}", said(&all.within_day_share, shares));
    if report.n_left_out > 0 {
        let _ = writeln!(
            text,
            "left out: conversations of accounts that are consistent with bought ones, {}",
            count(report.n_left_out)
        );
    }
    for warning in &report.warnings {
        let _ = writeln!(text, "note: {}", plain(&warning.text));
    }
    if !report.weeks.is_empty() {
        text.push_str("\nweek of     turns  answered  within a day\n");
    }
    for week in &report.weeks {
        let t = &week.times;
        let within = t.within_day_share.found().map_or_else(|| "cannot be said".to_owned(), shares);
        let _ = writeln!(
            text,
            "{}  {:>5}  {:>8}  {within}",
            iso_day(week.first_day),
            count(t.n_turns),
            count(t.n_answered)
        );
    }
    text
}

/// Response times as figures of a page.
pub(crate) fn response_figures(report: &ResponseReport) -> Markup {
    let time = |s: f64| lasting((s * 1_000.0) as i64);
    let told = |name: &str, outcome: &Outcome<Estimate>, say: &dyn Fn(f64) -> String| {
        html! {
            div {
                dt { (name) }
                @match outcome {
                    Outcome::Found(e) => { dd.value { (say(e.point)) } dd.note { (say(e.low)) " to " (say(e.high)) " at " (percent(e.confidence)) } },
                    Outcome::Abstained(why) => { dd.value.untold { "cannot say" } dd.note { (sentence(&plain(&why.why))) } },
                }
            }
        }
    };
    html! {
        (told("Half are answered within", &report.all.median_s, &time))
        (told("Nine in ten within", &report.all.p90_s, &time))
        (told("Answered within a day", &report.all.within_day_share, &percent))
    }
}

/// Response times by week, as a table of a page.
pub(crate) fn response_weeks(report: &ResponseReport) -> Markup {
    html! {
        @if !report.weeks.is_empty() {
            section aria-labelledby="weeks" {
                h2 #weeks { "By the week in which people wrote" }
                table {
                    thead { tr { th scope="col" { "Week of" } th.number scope="col" { "Turns" } th.number scope="col" { "Answered" } th scope="col" { "Within a day" } } }
                    tbody { @for week in &report.weeks {
                        tr {
                            th scope="row" { (iso_day(week.first_day)) }
                            td.number { (count(week.times.n_turns)) } td.number { (count(week.times.n_answered)) }
                            td { @match week.times.within_day_share.found() { Some(e) => { (percent(e.point)) " (" (percent_range(e)) ")" }, None => { span.untold { "cannot say" } } } }
                        }
                    } }
                }
            }
        }
    }
}

fn said(outcome: &Outcome<Estimate>, say: impl Fn(&Estimate) -> String) -> String {
    match outcome {
        Outcome::Found(estimate) => say(estimate),
        Outcome::Abstained(Abstention { why, would_settle }) => {
            format!("cannot be said: {why}; {would_settle} would settle it")
        }
    }
}

/// Response times as `assay.people-response/1`.
pub fn response_json(report: &ResponseReport) -> Value {
    let times = |t: &ResponseTimes| {
        json!({
            "n_turns": t.n_turns,
            "n_answered": t.n_answered,
            "median_s": answer(&t.median_s),
            "p90_s": answer(&t.p90_s),
            "within_day_share": answer(&t.within_day_share),
        })
    };
    json!({
        "schema": RESPONSE_SCHEMA,
        "version": env!("CARGO_PKG_VERSION"),
        "confidence": report.confidence,
        "all": times(&report.all),
        "weeks": report.weeks.iter().map(|w| json!({ "first_day": iso_day(w.first_day), "times": times(&w.times) })).collect::<Vec<_>>(),
        "n_left_out": report.n_left_out,
        "warnings": super::document::warnings_json(&report.warnings),
    })
}
