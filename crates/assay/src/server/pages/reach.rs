//! Reach: what bought followers cost, and what buying or removing would do, by sliders.

use super::layout::{Sheet, awaited, chooser, instead, stale};
use super::{Area, Visit, audience};
use crate::render;
use crate::render::format::{count, counted, percent, percent_range, plain, sentence};
use crate::server::problem::Problem;
use crate::server::views::ReachView;
use assay_reach::page::Change;
use maud::{Markup, PreEscaped, html};

/// The area.
pub const AREA: Area = Area { id: "reach", name: "Reach", show, actions: &[], files: &[] };

/// Weeks that are looked ahead.
const WEEKS: u32 = 12;
/// The most steps of a removal that end within them.
const STEPS_MAX: u32 = 6;

fn show(visit: &Visit) -> Result<Sheet, Problem> {
    let Some(page) = visit.page()? else { return Ok(audience::nobody(visit)) };
    let told = visit.reach(&page)?;
    if let Some(sheet) = instead(&told) {
        return Ok(sheet);
    }
    let Some(view) = told.value() else { return Ok(audience::nobody(visit)) };
    let number = |name: &str, most: f64| {
        visit
            .get(name)
            .and_then(|t| t.parse::<f64>().ok())
            .filter(|x| x.is_finite())
            .map(|x| x.clamp(0.0, most).round())
    };
    let most = view.known.page.inauthentic.floor();
    let (buy, remove) = (number("buy", MOST_BOUGHT).unwrap_or(0.0), number("remove", most).unwrap_or(0.0));
    let steps = number("steps", f64::from(STEPS_MAX)).map_or(3, |s| (s as u32).max(1));
    let change = if buy > 0.0 { Change::Buy(buy) } else { Change::Remove(remove, steps) };
    let is_asked = buy > 0.0 || remove > 0.0;
    let body = html! {
        (chooser(visit, "reach", page.name.as_deref())?)
        (stale(&told))
        (cost(view))
        section aria-labelledby="what-if" {
            h2 #what-if { "What if" }
            form.sliders method="get" action=(visit.to("reach")) data-sliders="" {
                @if let Some(name) = &page.name { input type="hidden" name="page" value=(name); }
                div { label for="buy" { "Buy followers: " output for="buy" { (count(buy as u64)) } } input #buy type="range" name="buy" min="0" max=(MOST_BOUGHT) step="100" value=(buy); }
                @if most >= 1.0 {
                    div { label for="remove" { "Remove inauthentic followers: " output for="remove" { (count(remove as u64)) } } input #remove type="range" name="remove" min="0" max=(most) value=(remove); }
                    div { label for="steps" { "In steps, a fortnight apart: " output for="steps" { (steps) } } input #steps type="range" name="steps" min="1" max=(STEPS_MAX) value=(steps); }
                } @else { p.note { "Removing is told once an audit holds some followers to be inauthentic." } }
                button type="submit" { "Look ahead" }
            }
        }
        div data-outcome="" {
            @if is_asked {
                @match view.known.what_if(change, WEEKS) {
                    Ok(report) => { (render::reach::what_if_sections(&report)) }
                    Err(error) => { section.trouble role="alert" { p { (sentence(&plain(&error.to_string()))) } } }
                }
            }
        }
        section aria-labelledby="more-reach" {
            h2 #more-reach { "To know more" }
            p { "A removal in steps, planned and sealed as an experiment, tells by which mechanism fakes cost reach:" }
            pre.sql { code { (PreEscaped("assay reach what-if posts.csv --remove N --in 3 --from DATE --seal removal.json")) } }
        }
    };
    let mut sheet = Sheet::new("Reach", body);
    sheet.waits_for = awaited(&told);
    Ok(sheet)
}

/// The most followers that the slider buys.
const MOST_BOUGHT: f64 = 50_000.0;

fn cost(view: &ReachView) -> Markup {
    let known = &view.known;
    html! {
        section.verdict.open aria-labelledby="cost" {
            h1 #cost {
                @match (&known.cost_now, &known.from_posts) {
                    (Some(e), Ok(_)) => { "Inauthentic followers cost " (percent_range(e)) " of reach" }
                    (None, Ok(_)) => { "What inauthentic followers cost cannot be said yet" }
                    (_, Err(_)) => { "Before any history of posts: what is believed of platforms alone" }
                }
            }
            @match &known.from_posts {
                Ok(n) => {
                    p.lead {
                        "From " (counted(*n as u64, "post", "posts")) "."
                        @if known.cost_now.is_some() && !known.separates { " Your data do not yet tell by which mechanism: a removal in steps would settle it." }
                        @if known.cost_now.is_none() { " An audit that tells the share of inauthentic followers would settle it." }
                    }
                }
                Err(why) => { p.lead { (sentence(&plain(why))) " Import posts with their reach or impressions to hear what they say." } }
            }
            @if let Some(e) = view.share { p.note { "Held to be inauthentic: " (percent(e.point)) " (" (percent_range(&e)) ")." } }
            p.note { "Bought followers are fake indicators: selling or buying them to mislead is unlawful in many countries. The slider shows what they would do to you." }
        }
    }
}
