//! Reach: what bought followers cost, and what buying or removing would do, by sliders.

use super::layout::{Sheet, awaited, chooser, instead, stale};
use super::{Action, Area, Fields, Visit, audience, client, field, url_encoded};
use crate::pipeline::reach::{Known, RemovalAsked, RemovalPlan, seal_removal};
use crate::pipeline::workspace::now;
use crate::pipeline::{self, Error};
use crate::render::format::{count, counted, percent, percent_range, plain, sentence};
use crate::render::{self, ClientSheet};
use crate::server::access::Role;
use crate::server::experiments::sealing_time;
use crate::server::problem::Problem;
use crate::server::views::ReachView;
use assay_reach::page::Change;
use assay_store::By;
use maud::{Markup, html};
use std::io::Write;

/// The area.
pub const AREA: Area = Area {
    id: "reach",
    name: "Reach",
    show,
    actions: &[Action { id: "seal", needs: Role::Editor, act: seal }],
    files: &[client::file(sheet)],
};

/// Weeks that are looked ahead.
const WEEKS: u32 = 12;
/// The most steps of a removal that end within them.
const STEPS_MAX: u32 = 6;
/// Weeks of an experiment, where nothing else is asked, and at most.
const TEST_WEEKS: u32 = 16;
const TEST_WEEKS_MAX: u32 = 52;
/// Days at the start of every week whose posts are not counted: the platform has to notice first.
const HOLD_OUT_DAYS: u32 = 3;

fn show(visit: &Visit) -> Result<Sheet, Problem> {
    let Some(page) = visit.page()? else { return Ok(audience::nobody(visit)) };
    let told = visit.reach(&page)?;
    if let Some(sheet) = instead(&told) {
        return Ok(sheet);
    }
    let Some(view) = told.value() else { return Ok(audience::nobody(visit)) };
    let Sliders { buy, remove, most, steps } = Sliders::of(visit, view);
    let change = if buy > 0.0 { Change::Buy(buy) } else { Change::Remove(remove, steps) };
    let is_asked = buy > 0.0 || remove > 0.0;
    let body = html! {
        (chooser(visit, "reach", page.name.as_deref())?)
        (stale(&told))
        (cost(view))
        section aria-labelledby="what-if" {
            h2 #what-if { "What if" }
            p.lead { "The sliders show what buying or removing followers would do to you." }
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
                    Err(error) => { (trouble(&error)) }
                }
            }
            @if let (Change::Remove(n, steps), true) = (change, remove > 0.0) { (experiment(visit, view, n, steps)) }
        }
        section aria-labelledby="more-reach" {
            h2 #more-reach { "To know more" }
            p {
                "A removal in steps, planned and sealed as an experiment, tells by which mechanism fakes cost reach: "
                @if most >= 1.0 { "move the slider of removal, and plan it below. " }
                "Whether promoting brings anything, a split tells: " a href=(visit.to("experiments")) { "plan an experiment" } "."
            }
        }
    };
    let mut sheet = Sheet::new("Reach", body);
    sheet.waits_for = awaited(&told);
    Ok(sheet)
}

/// What the address asks of the future.
struct Sliders {
    buy: f64,
    remove: f64,
    /// The most that can be removed.
    most: f64,
    steps: u32,
}

impl Sliders {
    fn of(visit: &Visit, view: &ReachView) -> Self {
        let number = |name: &str, most: f64| {
            let told = visit.get(name).and_then(|t| t.parse::<f64>().ok()).filter(|x| x.is_finite());
            told.map(|x| x.clamp(0.0, most).round())
        };
        let most = view.known.page.inauthentic.floor();
        Self {
            buy: number("buy", MOST_BOUGHT).unwrap_or(0.0),
            remove: number("remove", most).unwrap_or(0.0),
            most,
            steps: number("steps", f64::from(STEPS_MAX)).map_or(3, |s| (s as u32).max(1)),
        }
    }
}

/// What fakes cost, and the change that the address asks for, for a client.
fn sheet(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    let page = visit.page()?.ok_or_else(|| Problem::not_found("follower list"))?;
    let view = visit.reach(&page)?.ready()?;
    let Sliders { buy, remove, steps, .. } = Sliders::of(visit, &view);
    let changes = [(buy, Change::Buy(buy)), (remove, Change::Remove(remove, steps))];
    client::put(visit, out, |visit| {
        let asked = changes.into_iter().filter(|(n, _)| *n > 0.0);
        let ahead = asked.map(|(_, change)| view.known.what_if(change, WEEKS)).collect::<Result<Vec<_>, _>>()?;
        Ok(ClientSheet {
            title: "Reach and inauthentic followers",
            kind: "reach",
            subject: &visit.shelf.name,
            body: html! { (cost(&view)) @for report in &ahead { (render::reach::what_if_sections(report)) } },
            method: &[
                "platforms do not publish by which mechanism inauthentic followers cost reach: each is carried with a weight, which the page's own posts change as far as they can",
                "the interval holds the truth as often as it says if the mechanisms are among those that are named",
                "a removal in steps that are drawn by lot would tell the mechanism; only a randomised test tells what promoting brings",
            ],
        })
    })
}

fn trouble(error: &Error) -> Markup {
    html! { section.trouble role="alert" { p { (sentence(&plain(&error.to_string()))) } } }
}

/// A removal as an experiment: what is asked, the plan, and its sealing.
fn experiment(visit: &Visit, view: &ReachView, n: f64, steps: u32) -> Markup {
    let least = 4 + 2 * steps;
    let weeks = visit.get("weeks").and_then(|t| t.parse().ok()).unwrap_or(TEST_WEEKS).clamp(least, TEST_WEEKS_MAX);
    let hidden = || {
        html! {
            @for name in ["page", "remove", "steps"] { @if let Some(value) = visit.get(name) { input type="hidden" name=(name) value=(value); } }
        }
    };
    let plan = visit.get("from").map(|from| planned(&view.known, from, (n, steps, weeks)));
    html! {
        @match &plan {
            Some(Ok(plan)) => (render::reach::removal_html(Some(plan))),
            Some(Err(problem)) => section.trouble role="alert" { p { (sentence(&plain(&problem.detail))) } },
            None => {}
        }
        section aria-labelledby="plan" {
            h2 #plan { "Remove them as an experiment" }
            p.lead { "The weeks in which a step comes are drawn by lot, so that what follows can be told from chance." }
            form method="get" action=(visit.to("reach")) {
                (hidden())
                div.line { label for="from" { "The first day of the first week" } input #from type="date" name="from" required value=[visit.get("from")]; }
                div.line { label for="weeks" { "Weeks in all" } input #weeks type="number" name="weeks" min=(least) max=(TEST_WEEKS_MAX) value=(weeks); }
                button.quiet type="submit" { "Plan it" }
            }
            @if let (Some(Ok(_)), true) = (&plan, visit.role >= Role::Editor) {
                form method="post" action=(visit.to("reach/seal")) {
                    (hidden())
                    input type="hidden" name="from" value=[visit.get("from")];
                    input type="hidden" name="weeks" value=(weeks);
                    div.line { label for="called" { "What it is called" } input #called name="name" required maxlength="100" placeholder="removal"; }
                    button type="submit" { "Seal it" }
                }
            }
        }
    }
}

fn planned(known: &Known, from: &str, (n, steps, weeks): (f64, u32, u32)) -> Result<RemovalPlan, Problem> {
    let from: jiff::civil::Date = from
        .trim()
        .parse()
        .map_err(|_| Problem::bad("expected the day on which the first week begins", "such as 2026-12-07"))?;
    let asked = RemovalAsked { from, hold_out_days: HOLD_OUT_DAYS, salt: from.to_string() };
    Ok(known.removal(n, steps, weeks, &asked)?)
}

fn seal(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let name = pipeline::experiment_name(field(form, "name").unwrap_or_default())?.to_owned();
    let page = visit.page_called(field(form, "page"))?.ok_or_else(|| Problem::not_found("page"))?;
    let told = visit.reach(&page)?;
    let Some(view) = told.value() else {
        return Err(Problem::bad("expected a page that is worked out", "open Reach again in a moment"));
    };
    let number = |name: &str| field(form, name).and_then(|t| t.parse::<u32>().ok());
    let (Some(n), Some(steps), Some(weeks)) = (number("remove"), number("steps"), number("weeks")) else {
        return Err(Problem::bad(
            "expected followers to remove, steps and weeks",
            "plan the removal on the page of Reach",
        ));
    };
    let plan = planned(&view.known, field(form, "from").unwrap_or_default(), (f64::from(n), steps, weeks))?;
    let reading = visit.server.fixed.of_workspace(&visit.shelf.path)?.reading;
    let sealed = seal_removal(&plan, &reading, sealing_time());
    let by = By { who: visit.who.name(), at: now() };
    let kept = visit.shelf.write(|store| pipeline::seal_into(store, &name, &sealed, by))?;
    Ok(format!("{}?name={}", visit.to("experiments"), url_encoded(&kept.name)))
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
                Err(why) => { p.lead { (sentence(&plain(why))) " Import posts with their reach or impressions to hear what they say, and say whose they are where this workspace holds several pages." } }
            }
            @if let Some(e) = view.share { p.note { "Held to be inauthentic: " (percent(e.point)) " (" (percent_range(&e)) ")." } }
            p.note { "Bought followers are fake indicators: selling or buying them to mislead is unlawful in many countries." }
        }
    }
}
