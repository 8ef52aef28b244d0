//! A simulation as one page to look at, in the look of the audit's: self-contained, without any script.

use super::chart::{Event, weeks};
use super::{CAVEAT, change, headline, money, window_name, written};
use crate::render::format::sentence;
use crate::render::html::PAGE_CSS;
use crate::report::{EngineUsed, SimulationReport};
use assay_math::Estimate;
use assay_model::Outcome;
use assay_reach::feed::{MEASURES, Measure, Policy};
use base64::{Engine, engine::general_purpose::STANDARD};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest, Sha256};
use std::io::{self, Write};

/// What this page draws beyond the audit's.
const OWN_CSS: &str = "
.static .line-with { fill: none; stroke: var(--batch); stroke-width: 2.5; } .static .line-none { fill: none; stroke: var(--dot); stroke-width: 2; stroke-dasharray: 6 4; }
.static .range-with { fill: var(--batch); fill-opacity: .16; } .static .range-none { fill: var(--dot); fill-opacity: .14; }
.static .event { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 2 3; } .static .event-name { text-anchor: middle; font-weight: 600; }
.key.with { height: 0; border-top: 3px solid var(--batch); border-radius: 0; background: none; } .key.none { height: 0; border-top: 3px dashed var(--dot); border-radius: 0; background: none; }
h3.chart-name { margin: 1.4rem 0 .3rem; } .windows th, .windows td { white-space: nowrap; } .windows tbody th { white-space: normal; min-width: 13rem; font-weight: 500; }
.scroll + h3 { margin-top: 1.6rem; }
";

/// Writes the report as one self-contained page that loads nothing and runs no script.
///
/// # Errors
/// When `out` cannot be written to.
pub fn simulation_html(report: &SimulationReport, mut out: impl Write) -> io::Result<()> {
    out.write_all(page(report).0.as_bytes())?;
    out.flush()
}

fn page(report: &SimulationReport) -> Markup {
    let hash = |text: &str| format!("'sha256-{}'", STANDARD.encode(Sha256::digest(text)));
    let policy = format!(
        "default-src 'none'; script-src 'none'; style-src {} {}; img-src data:; base-uri 'none'; form-action 'none'",
        hash(PAGE_CSS),
        hash(OWN_CSS)
    );
    let bought = !report.scenario.buy.is_empty();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(policy);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(concat!("assay ", env!("CARGO_PKG_VERSION")));
                title { "Feed simulation under " (report.scenario.platform.policy) }
                style { (PreEscaped(PAGE_CSS)) }
                style { (PreEscaped(OWN_CSS)) }
            }
            body {
                a.skip href="#report" { "Skip to the report" }
                header.top {
                    p.brand { span.mark aria-hidden="true" {} "assay" span.kind { " feed simulation" } }
                    p.subject { strong { (report.scenario.platform.policy) } span { (report.scenario.days) " days" } span { (report.comparison.n_seeds) " seeds" } }
                }
                main #report {
                    section.verdict.open aria-labelledby="answer" {
                        p.tone { span.sign aria-hidden="true" { "~" } "Simulated" }
                        h1 #answer { (headline(report)) }
                        p.caveat { (CAVEAT) }
                        (figures(report))
                    }
                    (series(report, bought))
                    (windows(report, bought))
                    (method(report))
                }
                footer {
                    p { "Made by assay " (env!("CARGO_PKG_VERSION")) " with seed " (report.seed) ". This page is complete in itself: it loads nothing and sends nothing." }
                }
            }
        }
    }
}

fn figures(report: &SimulationReport) -> Markup {
    let currency = &report.scenario.money.currency;
    let c = &report.comparison;
    let last = c.windows.last();
    let row = |measure: Measure, i: usize| last.and_then(|w| w.rows.iter().find(|r| r.0 == measure)).map(|r| &r.1[i]);
    let figure = |name: &str, outcome: Option<&Outcome<Estimate>>, write: &dyn Fn(f64) -> String| {
        html! {
            div {
                dt { (name) }
                @match outcome.and_then(Outcome::found) {
                    Some(e) => { dd.value { (write(e.point)) } dd.note { (write(e.low)) " to " (write(e.high)) } },
                    None => { dd.value.untold { "cannot be said" } dd.note { "see below" } },
                }
            }
        }
    };
    html! {
        dl.figures {
            @if !report.scenario.buy.is_empty() {
                (figure("Reach among people, at the end", row(Measure::PeopleReach, 2), &change))
                (figure("Engagements of people", row(Measure::PeopleEngagements, 2), &change))
            }
            (figure("Rate that others see", row(Measure::RateByFollowers, 0), &|x| written(Measure::RateByFollowers, x, currency)))
            (figure("Spent in all", Some(&c.spend_minor), &|x| money(x, currency)))
            @if !report.scenario.buy.is_empty() {
                (figure("Revenue, all days", Some(&c.revenue_change_minor), &|x| money(x, currency)))
            }
        }
    }
}

fn events(report: &SimulationReport) -> Vec<Event> {
    let s = &report.scenario;
    let mut events: Vec<Event> = s.buy.iter().map(|b| Event { day: b.day, name: "bought", kind: "buy" }).collect();
    for r in &s.remove {
        events.extend((0..r.steps).map(|k| Event { day: r.day + k * r.every_days, name: "removed", kind: "remove" }));
    }
    events.extend(s.promote.iter().map(|p| Event { day: p.day, name: "promoted", kind: "promote" }));
    events
}

fn series(report: &SimulationReport, bought: bool) -> Markup {
    let currency = &report.scenario.money.currency;
    let events = events(report);
    let drawn = [
        (Measure::PeopleReach, "Reach among people", "people who see a post"),
        (Measure::PeopleEngagements, "Engagements of people", "engagements with a post"),
        (Measure::RateByFollowers, "Rate by followers", "engagements over all followers"),
        (Measure::Revenue, "Revenue", "revenue a week"),
        (Measure::Followers, "Followers", "all followers"),
    ];
    html! {
        section aria-labelledby="weeks" {
            h2 #weeks { "Week by week" }
            p.lead { "The middle of the seeds, and the range that holds the next seed nine times of ten. Both pages meet the same people in the same mood." }
            ul.legend {
                li { span.key.with {} "this page" }
                @if bought { li { span.key.none {} "had it bought none" } }
            }
            @for (measure, name, title) in drawn {
                @if let Some(s) = report.comparison.series.iter().find(|s| s.measure == measure) {
                    h3.chart-name { (name) }
                    figure.chart role="img" aria-label=(format!("{name} by week")) {
                        (weeks(&s.with, bought.then_some(&s.without[..]), report.scenario.days, &events, title, &|x| axis(measure, x, currency)))
                    }
                }
            }
        }
    }
}

/// A value at an axis: money without cents.
fn axis(measure: Measure, value: f64, currency: &str) -> String {
    match measure {
        Measure::Revenue => format!("{currency} {}", crate::render::format::whole(value / 100.0)),
        _ => written(measure, value, currency),
    }
}

fn windows(report: &SimulationReport, bought: bool) -> Markup {
    let currency = &report.scenario.money.currency;
    let cell = |measure: Measure, o: &Outcome<Estimate>| match o {
        Outcome::Found(e) => {
            html! { (written(measure, e.point, currency)) " " span.note { (written(measure, e.low, currency)) " to " (written(measure, e.high, currency)) } }
        }
        Outcome::Abstained(a) => html! { span.untold title=(a.why) { "cannot be said" } },
    };
    html! {
        section aria-labelledby="windows" {
            h2 #windows { "Before and after" }
            @for window in &report.comparison.windows {
                h3 { (sentence(&window_name(window)).trim_end_matches('.')) }
                div.scroll { table.windows {
                    thead { tr { th {} th.number { "this page" } @if bought { th.number { "had it bought none" } th.number { "change" } } } }
                    tbody {
                        @for (measure, [with, without, ratio]) in &window.rows {
                            tr {
                                th scope="row" { (MEASURES.iter().find(|m| m.0 == *measure).map_or("", |m| m.3)) }
                                td.number { (cell(*measure, with)) }
                                @if bought {
                                    td.number { (cell(*measure, without)) }
                                    td.number { @match ratio.found() { Some(e) => { (change(e.point)) }, None => { "–" } } }
                                }
                            }
                        }
                    }
                } }
            }
        }
    }
}

fn method(report: &SimulationReport) -> Markup {
    let engine = match report.engine {
        EngineUsed::Agents => "Every person on the platform was simulated.",
        EngineUsed::Cohorts => "People who are alike were counted together.",
    };
    let p = &report.scenario.platform;
    html! {
        section aria-labelledby="method" {
            h2 #method { "How this was made" }
            @if let Some(policy) = Policy::of(&p.policy) {
                div.channel-card {
                    h3 { (policy.id) }
                    p { (sentence(policy.sentence)) }
                    dl {
                        dt { "Source" } dd { (sentence(policy.source)) }
                        dt { "Leaves out" } dd { (sentence(policy.limits)) }
                    }
                }
            }
            p.lead {
                (engine) " The platform has " (crate::render::format::count(p.users)) " people who follow " (p.follows) " of "
                (crate::render::format::count(u64::from(p.pages))) " pages each; a visit shows " (p.slots) " posts. Numbers marked “made” in the documentation are round and fitted to nothing."
            }
        }
    }
}
