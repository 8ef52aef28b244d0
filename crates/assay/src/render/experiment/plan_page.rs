//! A plan as sections of a page.

use super::page::verdict;
use super::picture::{Axis, Span, spans};
use super::plan::{amount, name, number, percent, reasons, refusal};
use super::plan_segments;
use crate::render::format::{count, plain, sentence};
use crate::report::PlanReport;
use maud::{Markup, html};

/// The answer without the flags of the command line.
fn without_flags(text: &str) -> String {
    let text = text.replace(" with --location", "").replace(" with --date", "");
    match text.find(" (--") {
        Some(at) => {
            let end = text[at..].find(')').map_or(text.len(), |n| at + n + 1);
            format!("{}{}", &text[..at], &text[end..])
        }
        None => text,
    }
}

/// What a test could find out, as sections of a page.
pub fn plan_sections(report: &PlanReport) -> Markup {
    let head = match report.chosen {
        Some(i) => format!("Run it: {}", name(report.appraisals[i].candidate.kind)),
        None => "Do not run a test: none that you have the means for can answer".to_owned(),
    };
    let why: Vec<String> = reasons(report).iter().map(|r| without_flags(r)).collect();
    let told = report.chosen.map(|i| &report.appraisals[i]);
    let lifts: Vec<Span> = report
        .appraisals
        .iter()
        .enumerate()
        .map(|(i, a)| Span {
            name: name(a.candidate.kind).split(" (").next().unwrap_or_default().to_owned(),
            point: a.break_even_lift + a.detectable_lift,
            low: None,
            high: None,
            is_main: report.chosen == Some(i),
        })
        .filter(|s| s.point.is_finite())
        .collect();
    html! {
        (verdict(&head, if told.is_some() { "adopt" } else { "drop" }, &why, &html! {
            @if let Some(a) = told {
                div { dt { "Can be found out" } dd.value { (percent(a.detectable_lift)) } dd.note { "beyond break-even, in " (number(100.0 * report.aim.power)) " % of tests" } }
                div { dt { "Days" } dd.value { @match a.candidate.days { Some(d) => { (number(d)) } None => { "not said" } } } @if a.candidate.days.is_none() { dd.note { "say how many people come a week" } } }
                div { dt { "Spend" } dd.value { (amount(a.candidate.spend, report)) } }
                @if report.in_money { div { dt { "What the answer is worth" } dd.value { (amount(a.value, report)) } dd.note { "it costs " (amount(a.price.max(0.0), report)) " on average" } } }
            }
        }))
        section aria-labelledby="designs" {
            h2 #designs { "Designs you have the means for" }
            p.lead { "In the order of trust. A lift that is found is one beyond what pays for the treatment." }
            @if !lifts.is_empty() { (spans("The smallest lift that each design finds", &lifts, 0.0, Axis::Percent)) }
            div.scroll tabindex="0" role="group" aria-labelledby="designs" {
                table {
                    thead { tr { th scope="col" { "design" } th scope="col" { "untreated, treated" } th scope="col" { "finds" } th scope="col" { "days" } th scope="col" { "spend" } @if report.in_money { th scope="col" { "worth" } th scope="col" { "price" } } th scope="col" { "run it?" } } }
                    tbody { @for (i, a) in report.appraisals.iter().enumerate() { tr {
                        th scope="row" { (sentence(name(a.candidate.kind)).trim_end_matches('.')) }
                        td { (count(a.candidate.n_units.0 as u64)) ", " (count(a.candidate.n_units.1 as u64)) }
                        td { (percent(a.detectable_lift)) }
                        td { @if let Some(d) = a.candidate.days { (number(d)) } @else { "not said" } }
                        td { (amount(a.candidate.spend, report)) }
                        @if report.in_money { td { (amount(a.value, report)) } td { (amount(a.price.max(0.0), report)) } }
                        td { @match refusal(a, report) { Some(why) => { "no: " (why) } None => { @if report.chosen == Some(i) { "yes" } @else { "it could be" } } } }
                    } } }
                }
            }
        }
        (plan_segments::section(report))
        section aria-labelledby="assumed" {
            h2 #assumed { "Taken for granted" }
            ul.plain {
                li { "Lifts lie around " (percent(report.aim.prior.mean)) " give or take " (percent(report.aim.prior.spread)) " before anything is known." }
                @for a in &report.assumed { li { (sentence(&without_flags(a))) } }
                @for w in &report.origin.warnings { li { (sentence(&plain(&w.text))) } }
            }
        }
    }
}
