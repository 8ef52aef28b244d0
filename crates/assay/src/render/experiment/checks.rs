//! Checks of a reading, for text, JSON and page alike: how far effects hang on their largest units, and who was exposed.

use super::json::{Answer, Interval, answer, interval};
use super::text::{p_value, signed, significant};
use crate::render::format::{count, counted, plain};
use crate::report::ExperimentReport;
use assay_experiment::exposure::Exposed;
use assay_experiment::influence::{Influence, Less, Side, Without};
use assay_experiment::reading::Range;
use assay_model::Outcome;
use maud::{Markup, html};
use serde::Serialize;

/// An effect without its largest units.
#[derive(Serialize)]
pub(super) struct OfLargest<'a> {
    metric: &'a str,
    arm: &'a str,
    held_against: f64,
    side: &'static str,
    hangs_on_units: Option<u64>,
    without: Vec<Reduced>,
}

#[derive(Serialize)]
struct Reduced {
    how: &'static str,
    n_units: u64,
    cap: Option<f64>,
    quantile: Option<f64>,
    difference: Interval,
    side: &'static str,
}

/// The exposed of an arm.
#[derive(Serialize)]
pub(super) struct OfArm<'a> {
    arm: &'a str,
    n: u64,
    n_exposed: u64,
    n_unknown: u64,
    share: Option<f64>,
    p_value: Option<f64>,
    effect_on_exposed: Option<Answer<Interval>>,
}

fn side(side: Side) -> &'static str {
    match side {
        Side::Above => "above",
        Side::Below => "below",
        Side::Across => "across",
    }
}

/// How effects hang on their largest units, as JSON has it.
pub(super) fn influence(report: &ExperimentReport) -> Vec<OfLargest<'_>> {
    let less = |w: &Without| {
        let (how, cap, quantile) = match w.less {
            Less::LeftOut(_) => ("left-out", None, None),
            Less::CappedAt { cap, quantile, .. } => ("capped", Some(cap), Some(quantile)),
        };
        Reduced { how, n_units: w.less.n(), cap, quantile, difference: interval(w.difference), side: side(w.side) }
    };
    let all = report.reading.influence.iter().map(|i| OfLargest {
        metric: &i.metric,
        arm: &i.arm,
        held_against: i.against,
        side: side(i.side),
        hangs_on_units: i.hangs_on(),
        without: i.without.iter().map(less).collect(),
    });
    all.collect()
}

/// The exposed by arm, as JSON has them.
pub(super) fn exposure(report: &ExperimentReport) -> Vec<OfArm<'_>> {
    let of = |e: &'_ Exposed| e.effect.as_ref().map(answer);
    let all = report.reading.exposed.iter().map(|e| OfArm {
        arm: &e.arm,
        n: e.n,
        n_exposed: e.n_exposed,
        n_unknown: e.n_unknown,
        share: e.share(),
        p_value: e.p_value,
        effect_on_exposed: of(e),
    });
    all.collect()
}

fn ends(range: &Range) -> String {
    let end = |end: Option<f64>| end.map_or_else(|| "open".to_owned(), signed);
    format!("{} to {}", end(range.low), end(range.high))
}

fn done(less: Less) -> String {
    match less {
        Less::LeftOut(1) => "without the largest unit".to_owned(),
        Less::LeftOut(n) => format!("without the {n} largest"),
        Less::CappedAt { n, cap, quantile } => {
            let (units, cap) = (counted(n, "unit", "units"), significant(cap));
            format!("{units} capped at {cap} (p{} of amounts above 0)", (1_000.0 * quantile).round() / 10.0)
        }
    }
}

/// What the interval does, in words.
fn stands(influence: &Influence, w: &Without) -> String {
    let what = if influence.against == 0.0 { "no difference" } else { "break-even" };
    let where_ = match w.side {
        Side::Above => format!("above {what}"),
        Side::Below => format!("below {what}"),
        Side::Across => format!("holds {what}"),
    };
    if !w.moved || w.side == influence.side { where_ } else { format!("{where_}: this changes the answer") }
}

fn effect_on(e: &Exposed) -> Option<String> {
    Some(match e.effect.as_ref()? {
        Outcome::Found(range) => format!("effect on those whom it exposed {} ({})", signed(range.point), ends(range)),
        Outcome::Abstained(why) => {
            format!("effect on the exposed cannot be said: {}; it would take {}", why.why, why.would_settle)
        }
    })
}

fn share(e: &Exposed) -> String {
    e.share().map_or_else(|| "unknown".to_owned(), |s| format!("{} %", significant(100.0 * s)))
}

/// The units of which it is known, and how many there are besides.
fn units(e: &Exposed) -> String {
    let known = counted(e.n, "unit", "units");
    if e.n_unknown == 0 { known } else { format!("{known}, {} unknown", count(e.n_unknown)) }
}

/// The checks as lines of text.
pub(super) fn lines(report: &ExperimentReport) -> Vec<String> {
    let mut all = Vec::new();
    let reading = &report.reading;
    if reading.influence.iter().any(|i| !i.without.is_empty()) {
        all.push("\nWithout the largest units (the same rule for looking)".to_owned());
    }
    for i in &reading.influence {
        for w in &i.without {
            all.push(format!(
                "  {} · {}: {} {} ({}), {}",
                plain(&i.metric),
                plain(&i.arm),
                done(w.less),
                signed(w.difference.point),
                ends(&w.difference),
                stands(i, w)
            ));
        }
    }
    if !reading.exposed.is_empty() {
        all.push("\nWho was exposed".to_owned());
    }
    for e in &reading.exposed {
        let unlike = e.p_value.map_or_else(String::new, |p| format!("; against the control {}", p_value(p)));
        let effect = effect_on(e).map_or_else(String::new, |text| format!("; {text}"));
        all.push(format!("  {}: {} of {}{unlike}{effect}", plain(&e.arm), share(e), units(e)));
    }
    all
}

/// The checks as sections of a page.
pub(super) fn sections(report: &ExperimentReport) -> Markup {
    let reading = &report.reading;
    html! {
        @if reading.influence.iter().any(|i| !i.without.is_empty()) {
            section aria-labelledby="largest" {
                h2 #largest { "Without the largest units" }
                p.lead { "How far the effect hangs on a few: they are left out or lowered to a cap, and the interval is made again under the same rule for looking. Large orders are orders too, so this is no better estimate." }
                div.scroll tabindex="0" role="region" aria-labelledby="largest" {
                    table {
                        thead { tr { th scope="col" { "metric and arm" } th scope="col" { "how" } th scope="col" { "difference" } th scope="col" { "the interval" } } }
                        tbody { @for i in &reading.influence { @for w in &i.without { tr {
                            td { (plain(&i.metric)) " · " (plain(&i.arm)) } td { (done(w.less)) }
                            td { (signed(w.difference.point)) " (" (ends(&w.difference)) ")" }
                            td { (stands(i, w)) }
                        } } } }
                    }
                }
            }
        }
        @if !reading.exposed.is_empty() {
            section aria-labelledby="exposed" {
                h2 #exposed { "Who was exposed" }
                p.lead { "Those who saw nothing dilute the effect. Exposed units are never compared with others: who sees something is chosen." }
                div.scroll tabindex="0" role="region" aria-labelledby="exposed" {
                    table {
                        thead { tr { th scope="col" { "arm" } th scope="col" { "exposed" } th scope="col" { "units" } th scope="col" { "against the control" } th scope="col" { "effect" } } }
                        tbody { @for e in &reading.exposed { tr {
                            td { (plain(&e.arm)) } td { (share(e)) } td { (units(e)) }
                            td { (e.p_value.map_or_else(String::new, p_value)) }
                            td { (effect_on(e).unwrap_or_default()) }
                        } } }
                    }
                }
            }
        }
    }
}
