//! Experiments: what a test could find out, plans that are sealed, tables that are read by them, and what was decided.

mod sheet;

use super::layout::{Sheet, progress, ready};
use super::{Action, Area, Fields, File, Visit, client, field, url_encoded};
use crate::pipeline::workspace::now;
use crate::pipeline::{self, PlanFile, SealedDesign, WeeksMeasured, plan_of};
use crate::render::experiment::{is_intact, plan_sections, state};
use crate::render::format::{count, counted, entry, moment, plain, sentence};
use crate::server::access::Role;
use crate::server::experiments::{NOTE_MAX, PlanAsked, course, own_rows, read_own, sealed_now};
use crate::server::jobs::State;
use crate::server::problem::Problem;
use crate::server::shelf::Told;
use crate::server::views::MetricsAsked;
use assay_model::Go;
use assay_store::{By, Course, DecisionEntry, ExperimentEntry};
use maud::{Markup, html};
use std::io::Write;

/// The area.
pub const AREA: Area = Area {
    id: "experiments",
    name: "Experiments",
    show,
    actions: &[
        Action { id: "seal", needs: Role::Editor, act: seal },
        Action { id: "keep", needs: Role::Editor, act: keep },
        Action { id: "decide", needs: Role::Editor, act: decide },
        Action { id: "read-own", needs: Role::Editor, act: read_own_rows },
    ],
    files: &[
        client::file(sheet::write),
        File { id: "plan.json", needs: Role::Viewer, media: "application/json", write: plan_file },
        File { id: "reading.json", needs: Role::Viewer, media: "application/json", write: reading_file },
    ],
};

/// Weeks of orders that the form of a plan is filled from.
const WEEKS_BEFORE: i32 = 12;

fn show(visit: &Visit) -> Result<Sheet, Problem> {
    match visit.get("name") {
        Some(name) => one(visit, name),
        None => all(visit),
    }
}

fn address(visit: &Visit, name: &str) -> String {
    format!("{}?name={}", visit.to("experiments"), url_encoded(name))
}

fn find(visit: &Visit, name: &str) -> Result<ExperimentEntry, Problem> {
    let missing = || Problem::not_found(format!("experiment called {}", assay_model::quote(name)));
    if !visit.shelf.exists() {
        return Err(missing());
    }
    visit.shelf.read(|store| Ok(store.experiment(name)?))?.ok_or_else(missing)
}

/// The list, the form of a plan with its answer, and the forms of what is sealed.
fn all(visit: &Visit) -> Result<Sheet, Problem> {
    let experiments =
        if visit.shelf.exists() { visit.shelf.read(|store| Ok(store.experiments()?))? } else { Vec::new() };
    let is_asked = visit.get("plan").is_some();
    let body = html! {
        section aria-labelledby="experiments" {
            h1 #experiments { @if experiments.is_empty() { "No experiment yet" } @else { (counted(experiments.len() as u64, "experiment", "experiments")) } }
            p.lead { "Only a test tells what promoting brings: some get it, others do not, and who does is drawn by lot. Plan it, seal the plan before it begins, read it when it is over, decide." }
            nav.chooser aria-label="Steps" { ul {
                li { a href="#plan" { "Plan" } }
                @if visit.role >= Role::Editor { li { a href="#seal" { "Seal" } } li { a href="#elsewhere" { "Sealed elsewhere" } } }
            } }
            @if !experiments.is_empty() {
                div.scroll tabindex="0" role="group" aria-labelledby="experiments" { table {
                    thead { tr { th scope="col" { "experiment" } th scope="col" { "what" } th scope="col" { "sealed" } th scope="col" { "state" } th scope="col" { "decided" } } }
                    tbody { @for e in experiments.iter().rev() { tr {
                        th scope="row" { a href=(address(visit, &e.name)) { bdi { (plain(&e.name)) } } }
                        td { (called(&e.kind)) } td { (e.sealed_at.get(..10).unwrap_or_default()) }
                        td { (state(e)) @if !is_intact(e) { ", " strong { "its plan was changed" } } }
                        td { @if let Some(d) = e.decisions.last() { (moment(d.at)) ", " (plain(&d.who)) } }
                    } } }
                } }
            }
        }
        (planning(visit)?)
        @if is_asked { (planned(visit)) }
        @if visit.role >= Role::Editor { (sealing(visit)) (elsewhere(visit)) }
    };
    Ok(Sheet::new("Experiments", body))
}

fn called(kind: &str) -> &'static str {
    match kind {
        "markets" => "markets",
        "weeks" => "weeks on and off",
        "staged-removal" => "removal in steps",
        _ => "a split",
    }
}

/// A field of a form: its name, its label, what stands in it as an example.
type Asked = (&'static str, &'static str, &'static str);

const HAVE: [Asked; 6] = [
    ("people", "People of your own list that can be split", "8000"),
    ("rate", "The share of them who order during the test if nothing is done", "0.03"),
    ("people_per_week", "People who come a week, where they do not stand on a list", ""),
    ("platform_people", "People that the platform's own randomised test would reach", ""),
    ("per_week", "Orders a week", "40"),
    ("markets", "Markets (cities, shops) that can be told apart", ""),
];
const MONEY: [Asked; 6] = [
    ("margin", "What an order earns, before what the test costs", "12"),
    ("cost", "What treating one person costs", "0.05"),
    ("budget", "What the test may cost in all", "500"),
    ("weeks", "Weeks of the test", "4"),
    ("rest_weeks", "Weeks after it that you decide about", "52"),
    ("lift", "The lift you hope for, as a share", "0.2"),
];

/// What the workspace knows of orders.
#[derive(Debug, Default)]
struct Known {
    /// Fields and their values.
    fields: Vec<(&'static str, String)>,
    /// What to say of them.
    why: Vec<String>,
}

fn known(visit: &Visit) -> Result<Known, Problem> {
    let last = visit.shelf.last_order()?;
    let Some(last) = last.and_then(|day| day.parse::<jiff::civil::Date>().ok()) else {
        return Ok(Known::default());
    };
    let to = (last - jiff::civil::date(1970, 1, 1)).get_days();
    let asked = MetricsAsked { from: Some(to + 1 - 7 * WEEKS_BEFORE), to: Some(to), ..MetricsAsked::default() };
    let told = visit.metrics(asked)?;
    if matches!(told, Told::Working(_)) {
        let why = vec!["Your orders are being counted; open this page again to have them filled in.".to_owned()];
        return Ok(Known { fields: Vec::new(), why });
    }
    let Some(view) = told.value() else { return Ok(Known::default()) };
    let figure = |id: &str| {
        let found = view.report.metrics.iter().find(|m| m.metric.id == id && m.group.is_none());
        found.and_then(|m| m.figure.found()).map(|f| f.value.point()).filter(|x| *x > 0.0 && x.is_finite())
    };
    let mut known = Known::default();
    if let Some(orders) = figure("orders") {
        known.fields.push(("per_week", entry(orders / f64::from(WEEKS_BEFORE), 1)));
        known.why.push(format!(
            "Orders a week are those of the {WEEKS_BEFORE} weeks before {last}, as Metrics counts them."
        ));
    }
    if let Some(rate) = figure("purchases_per_click").filter(|r| *r < 1.0) {
        known.fields.push(("rate", entry(rate, 4)));
        known.why.push(
            "The share is purchases a click, as advertising tells them: people of a list may order more.".to_owned(),
        );
    }
    if let Some(Ok(order)) = view.said("average_order_value") {
        known.why.push(format!("An order is {order} on average; what it earns is less, and stands in no file."));
    }
    Ok(known)
}

fn planning(visit: &Visit) -> Result<Markup, Problem> {
    let is_asked = visit.get("plan").is_some();
    let known = if is_asked { Known::default() } else { known(visit)? };
    let value = |name: &str| {
        let own = known.fields.iter().find(|(n, _)| *n == name).map(|(_, v)| v.as_str());
        visit.get(name).or(own).map(str::to_owned)
    };
    let fields = |all: &[Asked]| {
        html! { @for (name, label, example) in all {
            div { label for=(format!("plan-{name}")) { (label) } input #(format!("plan-{name}")) name=(name) inputmode="decimal" placeholder=(example) value=[value(name)]; }
        } }
    };
    Ok(html! {
        section aria-labelledby="plan" {
            h2 #plan { "What could a test find out?" }
            p.lead { "Fill in what you know and leave out the rest. Nothing is kept." }
            form method="get" action=(format!("{}#verdict", visit.to("experiments"))) {
                input type="hidden" name="plan" value="1";
                fieldset.fields { legend { "What you have" } (fields(&HAVE))
                    div { label for="plan-segments" { "Segments that people are to be read by" } input #plan-segments name="segments" placeholder="topic=3, age=4" maxlength="200" value=[visit.get("segments")]; }
                }
                fieldset.fields { legend { "Money and time" } (fields(&MONEY)) }
                @for why in &known.why { p.note { (why) } }
                button type="submit" { "Plan it" }
            }
            p.note { "A table of past days (and markets) tells more than these numbers: " code { "assay experiment plan orders.csv --date ordered_at" } "." }
        }
    })
}

/// What the address asks of a plan.
fn plan_asked(visit: &Visit) -> Result<PlanAsked, Problem> {
    let number = |name: &str| -> Result<Option<f64>, Problem> {
        let Some(text) = visit.get(name) else { return Ok(None) };
        let found = text.parse().ok().filter(|x: &f64| x.is_finite());
        found.map(Some).ok_or_else(|| {
            let label = HAVE.iter().chain(&MONEY).find(|f| f.0 == name).map_or(name, |f| f.1);
            Problem::bad(format!("{label}: expected a number, found {}", assay_model::quote(text)), "such as 0.03")
        })
    };
    let whole = |name: &str| Ok::<_, Problem>(number(name)?.map(|x| x.round().clamp(0.0, 1e6) as u32));
    Ok(PlanAsked {
        people: number("people")?,
        // A share alone says nothing: it is of somebody.
        rate: number("rate")?.filter(|_| visit.get("people").is_some() || visit.get("platform_people").is_some()),
        people_per_week: number("people_per_week")?,
        platform_people: number("platform_people")?,
        segments: visit.get("segments").map(str::to_owned),
        per_week: number("per_week")?,
        markets: whole("markets")?,
        weeks: whole("weeks")?,
        rest_weeks: number("rest_weeks")?,
        margin: number("margin")?,
        cost: number("cost")?,
        budget: number("budget")?,
        lift: number("lift")?,
        ..PlanAsked::default()
    })
}

fn planned(visit: &Visit) -> Markup {
    let report = plan_asked(visit)
        .and_then(|asked| asked.options())
        .and_then(|options| Ok(pipeline::plan_experiment(&options, &mut |_, _, _| Go::On)?));
    match report {
        Ok(report) => plan_sections(&report),
        Err(problem) => html! {
            section.trouble role="alert" {
                h2 #verdict { "This cannot be planned" }
                p { (sentence(&plain(&problem.detail))) }
                @if problem.detail.contains("neither people") { p { "What to do: fill in the people of a list and the share of them who order, or orders a week, or markets." } }
            }
        },
    }
}

fn text_field(id: &str, name: &str, label: &str, example: &str, is_required: bool) -> Markup {
    html! { div { label for=(id) { (label) } input #(id) name=(name) placeholder=(example) required[is_required] maxlength="200"; } }
}

fn sealing(visit: &Visit) -> Markup {
    let margin = visit.get("margin");
    html! {
        section aria-labelledby="seal" {
            h2 #seal { "Seal a plan" }
            p.lead { "Write down before the test what will be compared, by what, and until when. A sealed plan is kept as it is and bears a hash: send it to somebody, and nobody can say later that the plan was made anew." }
            form method="post" action=(visit.to("experiments/seal")) {
                input type="hidden" name="kind" value="user-split";
                fieldset.fields { legend { "A split of people, orders or clusters" }
                    (text_field("seal-name", "name", "What it is called", "spring-mail", true))
                    (text_field("seal-arm", "arm", "The column that will say which arm a row belongs to", "group", true))
                    (text_field("seal-control", "control", "The arm that gets nothing", "none", true))
                    (text_field("seal-metric", "metric", "What is measured (column:binary, column:amount)", "ordered:binary", true))
                    (text_field("seal-guardrail", "guardrail", "What must not get worse, and by how much", "refunded:binary<=0.01", false))
                    (text_field("seal-split", "split", "The split: the control's weight, then the others'", "50:50", false))
                    (text_field("seal-max", "max_n", "The largest number of rows over all arms", "8000", false))
                    (text_field("seal-looks", "looks", "How many looks till then", "4", false))
                    div { label for="seal-margin" { "What 1 of the metric earns" } input #seal-margin name="margin" inputmode="decimal" placeholder="12" value=[margin]; }
                    div { label for="seal-cost" { "What treating one costs" } input #seal-cost name="cost" inputmode="decimal" placeholder="0.05" value=[visit.get("cost")]; }
                    (text_field("seal-note", "note", "Why the test is run", "", false))
                }
                p.note { "Without a largest number one may look as often as one likes, which takes wider intervals." }
                button type="submit" { "Seal the split" }
            }
            details {
                summary { "Some of several markets" }
                form method="post" action=(visit.to("experiments/seal")) {
                    input type="hidden" name="kind" value="markets";
                    fieldset.fields { legend { "Markets" }
                        (text_field("geo-name", "name", "What it is called", "april-cities", true))
                        (text_field("geo-location", "location", "The column of markets", "city", true))
                        (text_field("geo-date", "date", "The column of days", "day", true))
                        (text_field("geo-metric", "metric", "The column of what is measured", "orders", true))
                        (text_field("geo-treated", "treated", "The treated markets, with commas", "chicago, portland", true))
                        div { label for="geo-start" { "The first treated day" } input #geo-start type="date" name="start" required; }
                        div { label for="geo-end" { "The last treated day" } input #geo-end type="date" name="end" required; }
                        (text_field("geo-cooldown", "cooldown", "Days after it in which the effect still counts", "7", false))
                        (text_field("geo-cost", "cost_column", "The column of what they cost each day", "", false))
                        div { label for="geo-margin" { "What 1 of the metric earns" } input #geo-margin name="margin" inputmode="decimal" placeholder="12"; }
                        (text_field("geo-note", "note", "Why the test is run", "", false))
                    }
                    button type="submit" { "Seal the markets" }
                }
            }
            details {
                summary { "Weeks on and off" }
                form method="post" action=(visit.to("experiments/seal")) {
                    input type="hidden" name="kind" value="weeks";
                    p.note { "Where nobody can be split: what is promoted runs in some weeks and rests in others, as the lot says. The name salts the lot." }
                    fieldset.fields { legend { "Weeks" }
                        (text_field("weeks-name", "name", "What it is called", "boosts", true))
                        div { label for="weeks-from" { "The first day of the first week" } input #weeks-from type="date" name="from" required; }
                        (text_field("weeks-n", "weeks", "How many weeks", "12", true))
                        (text_field("weeks-washout", "washout", "Days at the start of each week that do not count", "2", false))
                        (text_field("weeks-date", "date", "The column of days", "ordered_at", true))
                        (text_field("weeks-metric", "metric", "The column of what is measured (empty: rows are counted)", "", false))
                        div { label for="weeks-margin" { "What 1 of it earns" } input #weeks-margin name="margin" inputmode="decimal" placeholder="12"; }
                        div { label for="weeks-cost" { "What a week on costs" } input #weeks-cost name="cost" inputmode="decimal" placeholder="50"; }
                        (text_field("weeks-note", "note", "Why the test is run", "", false))
                    }
                    button type="submit" { "Draw and seal the weeks" }
                }
            }
        }
    }
}

fn elsewhere(visit: &Visit) -> Markup {
    html! {
        section aria-labelledby="elsewhere" {
            h2 #elsewhere { "A plan that was sealed elsewhere" }
            p.lead { "A removal of followers in steps is planned and sealed on " a href=(visit.to("reach")) { "Reach" } ". What " code { "assay experiment seal" } " or " code { "assay reach what-if --seal" } " wrote elsewhere is kept and read here." }
            details {
                summary { "Keep it here" }
                form method="post" action=(visit.to("experiments/keep")) {
                    (text_field("keep-name", "name", "What it is called", "removal", true))
                    label for="keep-plan" { "The plan, as it was written" } textarea #keep-plan name="sealed" required {}
                    button.quiet type="submit" { "Keep the plan" }
                }
            }
        }
    }
}

/// One experiment: its plan, what was read, what was decided.
fn one(visit: &Visit, name: &str) -> Result<Sheet, Problem> {
    let e = find(visit, name)?;
    let plan = plan_of(&e.plan).ok();
    let job = visit.get("job").and_then(|id| visit.server.jobs.get(id)).filter(|j| j.workspace == visit.shelf.name);
    let asked: Option<i64> = visit.get("reading").and_then(|t| t.parse().ok());
    let shown = match asked {
        Some(id) => {
            Some(e.readings.iter().find(|r| r.id == id).ok_or_else(|| Problem::not_found(format!("reading {id}")))?)
        }
        None => e.readings.last(),
    };
    let sections = match shown {
        Some(r) => visit.shelf.read(|store| Ok(store.reading_of(e.id, r.id)?))?.map(|(_, sections)| sections),
        None => None,
    };
    let at_work = job.as_ref().filter(|j| !j.state().has_ended());
    let to_reading = |id: i64| format!("{}&reading={id}", address(visit, &e.name));
    let body = html! {
        section aria-labelledby="experiment" {
            p.note { a href=(visit.to("experiments")) { "Back to all experiments" } }
            h1 #experiment { bdi { (plain(&e.name)) } }
            p.lead { (sentence(&state(&e))) }
            @if let Some(job) = &job { @if at_work.is_some() || matches!(job.state(), State::Failed { .. } | State::Stopped) { (progress(job)) } }
            @if e.readings.len() > 1 { nav.chooser aria-label="Readings" { ul {
                @for r in &e.readings { li { a href=(to_reading(r.id)) aria-current=[shown.is_some_and(|s| s.id == r.id).then_some("true")] { (moment(r.read_at)) } } }
            } } }
        }
        @if let (Some(r), Some(sections)) = (shown, &sections) {
            (ready(sections))
            p.note.read-on { "Read on " (moment(r.read_at)) ". " a href=(format!("{}?name={}&reading={}", visit.to("experiments/file/reading.json"), url_encoded(&e.name), r.id)) { "As JSON" } }
        }
        @if visit.role >= Role::Editor && at_work.is_none() { (reading(visit, &e, plan.as_ref())) }
        (deciding(visit, &e))
        (sealed(visit, &e, plan.as_ref()))
    };
    let mut sheet = Sheet::new(e.name.clone(), body);
    sheet.waits_for = at_work.map(|j| j.id.clone());
    Ok(sheet)
}

fn reading(visit: &Visit, e: &ExperimentEntry, plan: Option<&PlanFile>) -> Markup {
    html! {
        section aria-labelledby="read" {
            h2 #read { @if e.readings.is_empty() { "Read it" } @else { "Read it again" } }
            @if let Some(plan) = plan { p.lead {
                @match &plan.sealed.design {
                    SealedDesign::UserSplit { arm, metrics, .. } => {
                        "A table with a row for each person, order or cluster: the column " code { (plain(arm)) } " and "
                        @for (i, m) in metrics.iter().enumerate() { @if i > 0 { ", " } code { (plain(m.split(':').next().unwrap_or(m))) } } "."
                    }
                    SealedDesign::Markets { location, date, metric, .. } => { "A table with a row for each market and day, from weeks before the test on: " code { (plain(location)) } ", " code { (plain(date)) } ", " code { (plain(metric)) } "." }
                    SealedDesign::Weeks { date, metric, .. } => { "A table of orders or days: " code { (plain(date)) } @if let Some(m) = metric { ", " code { (plain(m)) } } ". Weeks that are not whole in it are left out." }
                    SealedDesign::StagedRemoval { .. } => { "The page's posts with their reach, as the platform exports them." }
                }
                " The table is read and then removed; the answer stays."
            } }
            @if let Some((what, _)) = plan.and_then(|p| own_rows(p, None)) {
                form.line method="post" action=(visit.to("experiments/read-own")) {
                    input type="hidden" name="name" value=(e.name);
                    @if what == "posts" {
                        label for="own-page" { "Page" }
                        select #own-page name="page" { @for page in visit.pages().unwrap_or_default().iter().filter_map(|p| p.name.as_deref()) { option value=(page) { (plain(page)) } } }
                    }
                    button type="submit" { "Read the " (what) " imported here" }
                }
            }
            form.drop method="post" action=(visit.to("experiments/read")) enctype="multipart/form-data" data-drop="" {
                p.what { "Drop the table here" }
                input type="hidden" name="experiment" value=(e.name);
                label.choose { span.aloud { "Choose the table" } input type="file" name="files" required; }
                p.chosen.note hidden {}
                button type="submit" { "Read it" }
                progress.sending hidden max="100" aria-label="sending" {}
            }
        }
    }
}

/// Has the workspace's own rows read.
fn read_own_rows(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let name = field(form, "name").unwrap_or("");
    let job = read_own(&visit.server, &visit.shelf, name, field(form, "page"), visit.who.name())?;
    Ok(format!("{}&job={}", address(visit, name), job.id))
}

fn course_words(course: Course) -> &'static str {
    match course {
        Course::Adopt => "adopt it",
        Course::Drop => "drop it",
        Course::GoOn => "go on testing",
    }
}

fn deciding(visit: &Visit, e: &ExperimentEntry) -> Markup {
    let said = |d: &DecisionEntry| html! { span.note { (moment(d.at)) ", " (plain(&d.who)) ": " } strong { (course_words(d.course)) } @if !d.note.is_empty() { " – " bdi { (plain(&d.note)) } } };
    html! {
        section aria-labelledby="decide" {
            h2 #decide { @if e.decisions.is_empty() { "Decide" } @else { "What was decided" } }
            @if !e.decisions.is_empty() { ul.plain { @for d in e.decisions.iter().rev() { li { (said(d)) } } } }
            @if visit.role >= Role::Editor {
                @if e.readings.is_empty() { p.note { "Nothing was read yet: what is decided now rests on no test." } }
                form method="post" action=(visit.to("experiments/decide")) {
                    input type="hidden" name="name" value=(e.name);
                    div.line {
                        label for="course" { "You" }
                        select #course name="decision" { @for c in Course::ALL { option value=(c.name()) { (course_words(c)) } } }
                    }
                    label for="why" { "because" } textarea #why name="note" maxlength=(NOTE_MAX) {}
                    button type="submit" { "Decide" }
                }
            } @else if e.decisions.is_empty() { p.untold { "Nothing was decided yet." } }
        }
    }
}

fn sealed(visit: &Visit, e: &ExperimentEntry, plan: Option<&PlanFile>) -> Markup {
    let fact = |name: &str, value: &str| html! { div { dt { (name) } dd { bdi { (plain(value)) } } } };
    html! {
        section aria-labelledby="sealed" {
            h2 #sealed { "The plan" }
            @if !is_intact(e) { p.trouble role="alert" { "The plan that stands here is not the one that was sealed: it was changed in the file of the workspace." } }
            dl.facts {
                (fact("Sealed", &e.sealed_at.replace('T', " "))) (fact("Kept here", &format!("{}, {}", moment(e.kept_at), e.kept_by)))
                @if let Some(plan) = plan {
                    @match &plan.sealed.design {
                        SealedDesign::UserSplit { arm, control, metrics, guardrails, split, max_n, looks, cost, .. } => {
                            (fact("Arms", &format!("column {arm}, against {control}"))) (fact("Metrics", &metrics.join(", ")))
                            @if !guardrails.is_empty() { (fact("Guardrails", &guardrails.join(", "))) }
                            @if let Some(s) = split { (fact("Split", &s.iter().map(f64::to_string).collect::<Vec<_>>().join(":"))) }
                            @if let Some(n) = max_n { (fact("At most", &format!("{} rows{}", count(*n), looks.map_or_else(String::new, |l| format!(", {l} looks"))))) }
                            @if let Some(c) = cost { (fact("Cost of one", &c.to_string())) }
                        }
                        SealedDesign::Markets { metric, treated, start, end, cooldown_days, .. } => {
                            (fact("Metric", metric)) (fact("Treated", &treated.join(", "))) (fact("Days", &format!("{start} to {end}")))
                            (fact("Cool-down", &counted(u64::from(*cooldown_days), "day after the last one counts too", "days after the last one count too")))
                        }
                        SealedDesign::Weeks { metric, washout_days, weeks, cost, .. } => {
                            (fact("Metric", metric.as_deref().unwrap_or("rows, counted")))
                            (fact("Weeks on, from", &weeks.iter().filter(|w| w.on).map(|w| w.first.as_str()).collect::<Vec<_>>().join(", ")))
                            (fact("Weeks off, from", &weeks.iter().filter(|w| !w.on).map(|w| w.first.as_str()).collect::<Vec<_>>().join(", ")))
                            (fact("Not counted", &counted(u64::from(*washout_days), "day at the start of each", "days at the start of each")))
                            @if let Some(c) = cost { (fact("Cost of a week on", &c.to_string())) }
                        }
                        SealedDesign::StagedRemoval { from, n_weeks, steps, .. } => {
                            (fact("Weeks", &format!("{n_weeks} from {from}"))) (fact("Steps", &steps.iter().map(|s| s.day.clone()).collect::<Vec<_>>().join(", ")))
                        }
                    }
                    @if let Some(m) = plan.sealed.margin { (fact("1 of the metric earns", &m.to_string())) }
                    @if let Some(n) = &plan.sealed.note { (fact("Why", n)) }
                }
            }
            p { "Hash: " code { (e.hash) } }
            p.note {
                a href=(format!("{}?name={}", visit.to("experiments/file/plan.json"), url_encoded(&e.name))) { "The sealed plan as a file" }
                @if let Some(plan) = plan { ", which " code { (plan.sealed.design.read_by().1) } " reads as this page does" } "."
            }
        }
    }
}

fn number_of(form: &Fields, name: &str) -> Result<Option<f64>, Problem> {
    let Some(text) = field(form, name) else { return Ok(None) };
    let found = text.parse().ok().filter(|x: &f64| x.is_finite());
    found.map(Some).ok_or_else(|| {
        Problem::bad(format!("expected a number for {name}, found {}", assay_model::quote(text)), "such as 12.5")
    })
}

fn seal(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let text = |name: &str| field(form, name).unwrap_or("").to_owned();
    let list = |name: &str| -> Vec<String> {
        text(name).split(',').map(|t| t.trim().to_owned()).filter(|t| !t.is_empty()).collect()
    };
    let whole = |name: &str| -> Result<Option<u64>, Problem> {
        let Some(n) = number_of(form, name)? else { return Ok(None) };
        let fits = (0.0..=1e15).contains(&n) && n.fract() == 0.0;
        if fits { Ok(Some(n as u64)) } else { Err(Problem::bad(format!("expected a whole number for {name}"), "")) }
    };
    let few = |name: &str, most: u64| -> Result<Option<u32>, Problem> {
        let fits = |n: &u64| *n <= most;
        let n = whole(name)?.map(|n| {
            Some(n).filter(fits).ok_or_else(|| Problem::bad(format!("expected at most {most} for {name}"), ""))
        });
        Ok(n.transpose()?.and_then(|n| u32::try_from(n).ok()))
    };
    let design = if field(form, "kind") == Some("markets") {
        SealedDesign::Markets {
            location: text("location"),
            date: text("date"),
            metric: text("metric"),
            treated: list("treated"),
            start: text("start"),
            end: text("end"),
            cost: field(form, "cost_column").map(str::to_owned),
            cooldown_days: few("cooldown", u64::from(pipeline::COOLDOWN_MAX))?.unwrap_or(0),
        }
    } else if field(form, "kind") == Some("weeks") {
        let day = "expected the day on which the first week begins";
        let from = text("from").trim().parse().map_err(|_| Problem::bad(day, "such as 2026-12-07"))?;
        let measured = WeeksMeasured {
            date: text("date"),
            metric: field(form, "metric").map(str::to_owned),
            cost: number_of(form, "cost")?,
        };
        let (n, washout) = (few("weeks", 520)?.unwrap_or(12), few("washout", 6)?.unwrap_or(0));
        pipeline::weeks_design(measured, from, n, washout, text("name").trim())?
    } else {
        let split =
            field(form, "split").map(|s| s.split([':', '/']).map(|w| w.trim().parse().unwrap_or(f64::NAN)).collect());
        SealedDesign::UserSplit {
            arm: text("arm"),
            control: text("control"),
            metrics: list("metric"),
            guardrails: list("guardrail"),
            unit: None,
            cluster: None,
            pre: None,
            split,
            max_n: whole("max_n")?,
            looks: whole("looks")?.map(|l| u32::try_from(l).unwrap_or(u32::MAX)),
            fixed: false,
            cost: number_of(form, "cost")?,
        }
    };
    let sealed = sealed_now(design, field(form, "note").map(str::to_owned), number_of(form, "margin")?, None);
    pipeline::check_plan(&sealed)?;
    let name = pipeline::experiment_name(&text("name"))?.to_owned();
    let by = By { who: visit.who.name(), at: now() };
    visit.shelf.write(|store| pipeline::seal_into(store, &name, &sealed, by))?;
    Ok(address(visit, &name))
}

fn keep(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let name = pipeline::experiment_name(field(form, "name").unwrap_or(""))?.to_owned();
    let document = field(form, "sealed").unwrap_or("");
    plan_of(document)
        .map_err(|why| Problem::bad(format!("expected a sealed plan, found {why}"), "paste the whole file"))?;
    let by = By { who: visit.who.name(), at: now() };
    visit.shelf.write(|store| pipeline::keep_plan(store, &name, document, by))?;
    Ok(address(visit, &name))
}

fn decide(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let note = field(form, "note").unwrap_or("");
    let course = course(field(form, "decision").unwrap_or(""), note)?;
    let e = find(visit, field(form, "name").unwrap_or(""))?;
    let by = By { who: visit.who.name(), at: now() };
    visit.shelf.write(|store| Ok(store.decide_experiment(e.id, course, note, by)?))?;
    Ok(address(visit, &e.name) + "#decide")
}

fn plan_file(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    let e = find(visit, visit.get("name").unwrap_or(""))?;
    writeln!(out, "{}", e.plan.trim_end()).map_err(Problem::sending)
}

fn reading_file(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    let e = find(visit, visit.get("name").unwrap_or(""))?;
    let id = visit.get("reading").and_then(|t| t.parse().ok()).unwrap_or(0);
    let found = visit.shelf.read(|store| Ok(store.reading_of(e.id, id)?))?;
    let (answer, _) = found.ok_or_else(|| Problem::not_found(format!("reading {id}")))?;
    writeln!(out, "{answer}").map_err(Problem::sending)
}
