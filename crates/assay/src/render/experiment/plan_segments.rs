//! What a reading by segment could find, as the plan tells it in text, JSON and on its page.

use super::plan::{number, percent};
use crate::render::format::{count, plain};
use crate::report::{PlanReport, PlanSegments};
use assay_experiment::plan::segments::{ByFactor, Factor};
use maud::{Markup, html};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Why the segments of a factor cannot be told by the planned test; `None` where they can.
fn refusal(factor: &Factor, found: Option<&ByFactor>, all: &PlanSegments) -> Option<String> {
    let name = plain(&factor.name);
    let Some(found) = found else {
        return Some(format!(
            "do not read by {name}: the reading draws three segments or more together, and there are two"
        ));
    };
    if found.is_told {
        return None;
    }
    let takes = match found.n_pooled {
        Some(n) if 2.0 * n > all.n_people => {
            format!("it would take {} people an arm, more than there are", count(n.ceil() as u64))
        }
        Some(n) => format!("it would take {} people an arm", count(n.ceil() as u64)),
        None => "no number of people in reach tells it".to_owned(),
    };
    Some(format!(
        "do not read by {name}: a lift of {} in one segment alone is found with a chance of {} only; {takes}",
        percent(all.lift),
        percent(found.power)
    ))
}

/// What the verdict says of segments.
pub(super) fn reasons(report: &PlanReport) -> Vec<String> {
    let Some(all) = &report.segments else { return Vec::new() };
    let told = |(factor, found): &(Factor, Option<ByFactor>)| {
        refusal(factor, found.as_ref(), all).or_else(|| {
            let found = found.as_ref()?;
            let (name, lift) = (plain(&factor.name), percent(all.lift));
            Some(format!(
                "by {name}, a lift of {lift} in one segment alone is found with a chance of {}",
                percent(found.power)
            ))
        })
    };
    all.factors.iter().filter_map(told).collect()
}

/// As JSON has it.
pub(super) fn json_of(report: &PlanReport) -> Value {
    let Some(all) = &report.segments else { return Value::Null };
    let factor = |(factor, found): &(Factor, Option<ByFactor>)| {
        let of = |f: &dyn Fn(&ByFactor) -> Option<f64>| found.as_ref().and_then(f);
        json!({
            "name": factor.name,
            "weights": factor.weights,
            "n_smallest": of(&|f| Some(f.n_smallest)),
            "error_lift": of(&|f| Some(f.error_lift)),
            "detectable_lift_alone": of(&|f| f.alone),
            "detectable_lift_alike": of(&|f| f.alike),
            "detectable_lift_separate": of(&|f| Some(f.separate)),
            "power_alone": of(&|f| Some(f.power)),
            "any_false_share": of(&|f| Some(f.any_false)),
            "n_pooled": of(&|f| f.n_pooled),
            "n_separate": of(&|f| Some(f.n_separate)),
            "told": refusal(factor, found.as_ref(), all).is_none(),
            "why": refusal(factor, found.as_ref(), all),
        })
    };
    json!({
        "target_lift": all.lift,
        "n_cells": all.n_cells,
        "n_smallest_cell": all.n_smallest_cell,
        "strata": all.factors.iter().map(|f| &f.0.name).collect::<Vec<_>>(),
        "factors": all.factors.iter().map(factor).collect::<Vec<_>>(),
    })
}

fn lift(found: Option<f64>) -> String {
    found.map_or_else(|| "none in reach".to_owned(), percent)
}

/// The cells, in words.
fn cells(all: &PlanSegments) -> String {
    let names: Vec<String> = all.factors.iter().map(|f| plain(&f.0.name).into_owned()).collect();
    format!(
        "{} cells ({}), each with both arms: {} people an arm in the smallest",
        count(all.n_cells),
        names.join(" × "),
        count(all.n_smallest_cell as u64)
    )
}

/// As lines of text.
pub(super) fn text(out: &mut String, report: &PlanReport) {
    let Some(all) = &report.segments else { return };
    // Writing to a string cannot fail.
    let _ = writeln!(out, "\nSegments of your own list, drawn together as `read --segment` does it");
    for (factor, found) in &all.factors {
        let head = format!("  by {}: {} segments", plain(&factor.name), factor.weights.len());
        let Some(f) = found else {
            let _ = writeln!(out, "{head}\n    {}", refusal(factor, None, all).unwrap_or_default());
            continue;
        };
        let _ = writeln!(out, "{head}, {} people an arm in the smallest", count(f.n_smallest as u64));
        let _ = writeln!(
            out,
            "    finds there in {} % of tests: {} if no other segment has a lift, {} if all have it; by tests of their own {}",
            number(100.0 * report.aim.power),
            lift(f.alone),
            lift(f.alike),
            percent(f.separate)
        );
        let takes = f.n_pooled.map_or_else(
            || "more people than can be said".to_owned(),
            |n| format!("{} people an arm", count(n.ceil() as u64)),
        );
        let _ = writeln!(
            out,
            "    a lift of {} in it alone takes {takes}; by tests of their own {}",
            percent(all.lift),
            count(f.n_separate.ceil() as u64)
        );
        let _ = writeln!(
            out,
            "    if there is none anywhere, some segment looks as if there were in {} of tests",
            percent(f.any_false)
        );
        if let Some(why) = refusal(factor, found.as_ref(), all) {
            let _ = writeln!(out, "    {why}");
        }
    }
    let strata: Vec<String> = all.factors.iter().map(|f| plain(&f.0.name).into_owned()).collect();
    let _ = writeln!(out, "  {}", cells(all));
    let _ = writeln!(
        out,
        "  draw them with `assay experiment assign LIST --id COL --strata {} --salt NAME`",
        strata.join(",")
    );
}

/// As a section of a page.
pub(super) fn section(report: &PlanReport) -> Markup {
    let Some(all) = &report.segments else { return html! {} };
    html! {
        section aria-labelledby="segments" {
            h2 #segments { "By segment" }
            p.lead { "Everybody is read by each of these in turn, so that none takes people from another; segments are drawn together, and beside it stands what tests of their own would take. " (cells(all)) "." }
            div.scroll tabindex="0" role="group" aria-labelledby="segments" {
                table {
                    thead { tr { th scope="col" { "by" } th scope="col" { "segments" } th scope="col" { "people an arm in the smallest" } th scope="col" { "finds there, if no other has a lift" } th scope="col" { "if all have it" } th scope="col" { "by a test of its own" } th scope="col" { "read by it?" } } }
                    tbody { @for (factor, found) in &all.factors { tr {
                        th scope="row" { bdi { (plain(&factor.name)) } }
                        td { (factor.weights.len()) }
                        @if let Some(f) = found { td { (count(f.n_smallest as u64)) } td { (lift(f.alone)) } td { (lift(f.alike)) } td { (percent(f.separate)) } } @else { td {} td {} td {} td {} }
                        td { @match refusal(factor, found.as_ref(), all) { Some(why) => (why), None => "yes" } }
                    } } }
                }
            }
        }
    }
}
