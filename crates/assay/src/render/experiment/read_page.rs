//! The reading of a split as one page that is complete in itself: lifts with intervals, the confidence sequence over days, segments,
//! the profit by margin.

use super::json::Interval;
use super::page::{foot, profit_curve, verdict, whole};
use super::picture::{Axis, Span, spans};
use super::text::{head, money, p_value, signed, signed_percent, significant};
use super::{checks, words};
use crate::render::format::{count, counted, percent, plain};
use crate::render::reach::chart::{Line, lines};
use crate::report::ExperimentReport;
use assay_experiment::money::Worth;
use assay_experiment::over_time::OverTime;
use assay_experiment::reading::{Effect, unit_name};
use assay_experiment::segments::ArmSegments;
use assay_model::Outcome;
use maud::{Markup, html};
use std::io::{self, Write};

/// Writes the reading as one self-contained page without scripts.
///
/// # Errors
/// When `out` cannot be written to.
pub fn read_html(report: &ExperimentReport, mut out: impl Write) -> io::Result<()> {
    out.write_all(whole("Experiment", report.seed, &read_body(report)).0.as_bytes())
}

/// The sections of the page, for a frame of another's.
pub(super) fn read_body(report: &ExperimentReport) -> Markup {
    let word = words::decision(report.reading.verdict.decision);
    html! {
        (verdict(&head(report), word, &words::reasons(report), &figures(report)))
        (effects(report))
        (ratio(report))
        @for over in &report.over_time { (sequence(over)) }
        @for arm in &report.segments { (segments(arm)) }
        (checks::sections(report))
        (curve(report))
        (others(report))
        (foot(&report.warnings, &report.file))
    }
}

fn figures(report: &ExperimentReport) -> Markup {
    let reading = &report.reading;
    let unit = unit_name(reading.tallied.unit_of);
    html! {
        @for i in &reading.order {
            @let arm = &reading.tallied.arms[*i];
            div { dt { (plain(&arm.name)) } dd.value { (arm.cells[0].moments.sample().map_or_else(|| "–".to_owned(), |s| significant(s.rate()))) } dd.note { (plain(&reading.tallied.metrics[0].name)) " a " (unit) ", " (counted(arm.n_units, unit, &format!("{unit}s"))) } }
        }
        @if let (Some(p), Some(s)) = (reading.verdict.expected_profit, reading.verdict.stakes) {
            div { dt { "Profit a " (unit) } dd.value { (money(p.point)) } dd.note { (p.low.map_or_else(|| "open".to_owned(), money)) " to " (p.high.map_or_else(|| "open".to_owned(), money)) } }
            div { dt { "Chance that it pays" } dd.value { (crate::render::format::probability(s.p_positive)) } dd.note { "wrongly adopting costs " (money(s.loss_adopt)) " a " (unit) ", dropping " (money(s.loss_drop)) } }
        }
        @if let Some(worth) = &reading.asked.worth { div { dt { "Break-even difference" } dd.value { (money(worth.break_even())) } dd.note { "at this margin and cost" } } }
        @if let Some((value, n)) = words::value_of_week(report) { div { dt { "A further week" } dd.value { (money(value)) } dd.note { "what deciding after " (counted(n, unit, &format!("{unit}s"))) " more is worth, a " (unit) } } }
    }
}

fn name(e: &Effect) -> String {
    format!("{} · {}", plain(&e.metric), plain(&e.arm))
}

fn effects(report: &ExperimentReport) -> Markup {
    let span = |e: &Effect| {
        let r = e.relative.found()?;
        Some(Span { name: name(e), point: r.point, low: r.low, high: r.high, is_main: true })
    };
    let rows: Vec<Span> = report.reading.effects.iter().filter_map(span).collect();
    html! {
        section aria-labelledby="effects" {
            h2 #effects { "Lift over the control" }
            p.lead { "Each line holds the truth as often as the confidence says, however the rule for looking lets you look. The first metric decides." }
            @if !rows.is_empty() { (spans("Lift with intervals", &rows, 0.0, Axis::Percent)) }
            div.scroll tabindex="0" role="group" aria-labelledby="effects" {
                table {
                    thead { tr { th scope="col" { "metric and arm" } th scope="col" { "difference" } th scope="col" { "lift" } th scope="col" { "p" } th scope="col" { "adjusted" } } }
                    tbody { @for e in &report.reading.effects { tr {
                        td { (name(e)) }
                        @match &e.absolute {
                            Outcome::Found(r) => td { (signed(r.point)) " (" (r.low.map_or_else(|| "open".to_owned(), signed)) " to " (r.high.map_or_else(|| "open".to_owned(), signed)) ")" },
                            Outcome::Abstained(why) => td.untold { (why.why) },
                        }
                        td { @if let Some(r) = e.relative.found() { (signed_percent(r.point)) } }
                        td { (e.p_value.map_or_else(String::new, p_value)) }
                        td { (e.adjusted_p_value.map_or_else(String::new, p_value)) }
                    } } }
                }
            }
            @if !report.reading.guarded.is_empty() { ul.plain { @for g in &report.reading.guarded { li { "Guardrail " bdi { (plain(&g.metric)) } " of " bdi { (plain(&g.arm)) } ": " (words::standing(g.standing)) } } } }
        }
    }
}

/// How many units each arm has beside what was planned.
fn ratio(report: &ExperimentReport) -> Markup {
    let reading = &report.reading;
    let unit = unit_name(reading.tallied.unit_of);
    html! {
        section aria-labelledby="ratio" {
            h2 #ratio { @if reading.srm.stop { "The arms do not agree with the split" } @else { "The arms agree with the split" } }
            p.lead { "How many " (unit) "s each arm has beside what was planned; " (p_value(reading.srm.p_value)) " at any time of looking." @if !reading.srm.stated { " No split was stated, so an even one is taken." } }
            div.scroll tabindex="0" role="group" aria-labelledby="ratio" {
                table {
                    thead { tr { th scope="col" { "arm" } th scope="col" { "planned" } th scope="col" { "found" } } }
                    tbody { @for ((name, n), planned) in reading.srm.units.iter().zip(&reading.srm.planned) { tr { td { bdi { (plain(name)) } } td { (percent(*planned)) } td { (count(*n)) } } } }
                }
            }
        }
    }
}

fn sequence(over: &OverTime) -> Markup {
    let first = over.days.first().map_or(0, |d| d.day);
    // Before the tenth part of the days the band is so wide that it hides the rest.
    let skip = over.days.len() / 10;
    let points: Vec<(f64, f64, f64, f64)> = over
        .days
        .iter()
        .skip(skip)
        .filter_map(|d| d.so_far.map(|(point, low, high)| ((d.day - first) as f64, low, point, high)))
        .filter(|p| p.1.is_finite() && p.3.is_finite())
        .collect();
    let ends = points.first().zip(points.last()).map(|(a, b)| vec![(a.0, 0.0, 0.0, 0.0), (b.0, 0.0, 0.0, 0.0)]);
    let drawn = [
        Line { name: "difference".to_owned(), points, look: 0, has_band: true },
        Line { name: "no difference".to_owned(), points: ends.unwrap_or_default(), look: 3, has_band: false },
    ];
    html! {
        @if drawn[0].points.len() > 1 {
            section {
                h2 { "The difference as it went: " (plain(&over.arm)) }
                p.lead { "What a look at the end of each day would have shown, all days up to it together, with the band of the rule for looking." }
                (lines("Confidence sequence over days", "days from the first", &drawn, &significant))
                @if let Some((slope, p)) = &over.slope {
                    p { "The effect changes by " (signed(slope.point)) " a day (" (signed(slope.low)) " to " (signed(slope.high)) "; " (p_value(*p)) ", one look)." }
                }
            }
        }
    }
}

fn segments(arm: &ArmSegments) -> Markup {
    html! {
        section {
            h2 { "By " (plain(&arm.by)) @if !arm.arm.is_empty() { ": " (plain(&arm.arm)) } }
            @match &arm.pooled {
                Outcome::Abstained(why) => p.untold { (why.why) "; it would take " (why.would_settle) "." },
                Outcome::Found(together) => {
                    p.lead { "Each segment's difference, drawn towards their mean by as much as its own error says. A segment that stands out by luck does not stand out here." }
                    @let rows: Vec<Span> = arm.segments.iter().zip(&together.tests).take(30).map(|(s, t)| Span { name: plain(&s.0).into_owned(), point: t.effect.point, low: Some(t.effect.low), high: Some(t.effect.high), is_main: true }).chain([Span { name: "all together".to_owned(), point: together.mean.point, low: Some(together.mean.low), high: Some(together.mean.high), is_main: false }]).collect();
                    (spans("Differences by segment, pooled", &rows, 0.0, Axis::Number))
                }
            }
        }
    }
}

fn curve(report: &ExperimentReport) -> Markup {
    let reading = &report.reading;
    let Some(worth) = reading.asked.worth else { return html! {} };
    let about =
        reading.effects.iter().take(reading.order.len() - 1).find(|e| Some(&e.arm) == reading.verdict.arm.as_ref());
    let Some(range) = about.and_then(|e| e.absolute.found()) else { return html! {} };
    profit_curve(worth.margin, &|margin| {
        let at = |x: f64| Worth { margin: margin.max(f64::MIN_POSITIVE), cost: worth.cost }.profit(x);
        Interval {
            point: at(range.point),
            low: range.low.map(at),
            high: range.high.map(at),
            confidence: range.confidence,
        }
    })
}

fn others(report: &ExperimentReport) -> Markup {
    let rows = &report.reading.robustness;
    html! {
        @if !rows.is_empty() {
            section aria-labelledby="others" {
                h2 #others { "The same by other methods" }
                p.lead { "One look, not adjusted." }
                div.scroll tabindex="0" role="group" aria-labelledby="others" {
                    table {
                        thead { tr { th scope="col" { "metric and arm" } th scope="col" { "estimator" } th scope="col" { "estimate" } th scope="col" { "p" } } }
                        tbody { @for r in rows.iter().take(40) { tr {
                            @let number: fn(f64) -> String = if r.scale == "lift" { signed_percent } else { signed };
                            td { (plain(&r.metric)) " · " (plain(&r.arm)) } td { (r.estimator) }
                            td { (number(r.point)) @if let (Some(low), Some(high)) = (r.low, r.high) { " (" (number(low)) " to " (number(high)) ")" } }
                            td { (r.p_value.map_or_else(String::new, p_value)) }
                        } } }
                    }
                }
            }
        }
    }
}
