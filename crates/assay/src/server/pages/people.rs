//! People: who wrote and awaits an answer, customers first; one conversation; answers to use again; overruled verdicts.

use super::layout::{Sheet, awaited, instead, stale, working};
use super::{Action, Area, Fields, File, Visit, client, field, url_encoded};
use crate::pipeline::people;
use crate::render::format::{count, counted, moment, plain, sentence};
use crate::render::{self, ClientSheet};
use crate::report::{ConversationReport, QueueItem, QueueReport};
use crate::server::access::Role;
use crate::server::problem::Problem;
use crate::server::views::QueueAsked;
use assay_model::{DAY_MS, Go, TimeMs};
use assay_store::{SavedAnswer, Status};
use maud::{Markup, html};
use std::io::Write;

/// The area.
pub const AREA: Area = Area {
    id: "people",
    name: "People",
    show,
    actions: &[
        Action { id: "status", needs: Role::Editor, act: status },
        Action { id: "assign", needs: Role::Editor, act: assign },
        Action { id: "note", needs: Role::Editor, act: note },
        Action { id: "save-answer", needs: Role::Editor, act: save_answer },
        Action { id: "remove-answer", needs: Role::Editor, act: remove_answer },
        Action { id: "overrule", needs: Role::Editor, act: overrule },
    ],
    files: &[
        client::file(sheet),
        File { id: "queue.csv", needs: Role::Viewer, media: "text/csv; charset=utf-8", write: csv },
    ],
};

/// Conversations of one page of the queue.
const ROWS: usize = 25;
/// Days that a conversation may be put off for.
const SNOOZES: [(i64, &str); 4] = [(1, "a day"), (3, "three days"), (7, "a week"), (30, "a month")];

/// What the address asks of the queue.
pub fn asked(visit: &Visit) -> Result<QueueAsked, Problem> {
    let status = match visit.get("status") {
        None => Status::Open,
        Some(name) => Status::ALL.into_iter().find(|s| s.name() == name).ok_or_else(|| {
            Problem::bad(format!("expected open, snoozed, answered or done, found {}", assay_model::quote(name)), "")
        })?,
    };
    let offset = visit.get("offset").and_then(|t| t.parse().ok()).unwrap_or(0).min(1_000_000);
    Ok(QueueAsked {
        status: status.name(),
        page: visit.get("page").map(str::to_owned),
        handled_by: visit.get("handled_by").map(str::to_owned),
        offset,
        limit: ROWS,
        decided: String::new(),
    })
}

fn show(visit: &Visit) -> Result<Sheet, Problem> {
    if !visit.shelf.exists() {
        let body = html! { section aria-labelledby="none" { h1 #none { "Nobody has written yet" } (super::layout::drop_zone(visit)) } };
        return Ok(Sheet::new("People", body));
    }
    if let Some(id) = visit.get("id") {
        return one(visit, id);
    }
    let asked = asked(visit)?;
    let told = visit.queue(asked.clone())?;
    if let Some(sheet) = instead(&told) {
        return Ok(sheet);
    }
    let Some(report) = told.value() else { return Ok(Sheet::new("People", html! {})) };
    let saved = visit.shelf.read(|store| people::saved_answers(store))?;
    let body = html! {
        (stale(&told))
        section aria-labelledby="queue" {
            h1 #queue { (headline(report)) }
            p.lead { "Real people who commented, replied, mentioned or wrote, in the order of what an answer is worth: customers first, then who asks, who waits, who engages. Accounts that look bought are left out"
                @if report.counts.n_left_out > 0 { " (" (count(report.counts.n_left_out)) " of them)" } "."
                @if report.counts.n_unjudged > 0 { " " (counted(report.counts.n_unjudged, "account that waits was", "accounts that wait were")) " never judged, as no follower list names them." } }
            nav.chooser aria-label="Status" {
                ul {
                    @for (s, n) in [(Status::Open, report.counts.n_open), (Status::Snoozed, report.counts.n_snoozed), (Status::Answered, report.counts.n_answered), (Status::Done, report.counts.n_done)] {
                        li { a href=(format!("{}?status={}", visit.to("people"), s.name())) aria-current=[(s.name() == asked.status).then_some("true")] { (s.name()) " " (count(n)) } }
                    }
                }
            }
            @for warning in &report.warnings { p.note { (sentence(&plain(&warning.text))) } }
            @if report.items.is_empty() { p.untold { "Nobody." } }
            ol.queue { @for item in &report.items { li { (card(visit, item, report.now)) } } }
            nav.paging aria-label="More people" {
                @if asked.offset > 0 { a href=(format!("{}?status={}&offset={}", visit.to("people"), asked.status, asked.offset.saturating_sub(ROWS))) { "Back" } }
                @if report.offset + (report.items.len() as u64) < report.n_matching { a href=(format!("{}?status={}&offset={}", visit.to("people"), asked.status, asked.offset + ROWS)) { "Next " (ROWS) } }
                a href=(format!("{}?status={}", visit.to("people/file/queue.csv"), asked.status)) { "As CSV" }
            }
        }
        (answers(visit, &saved))
    };
    let mut sheet = Sheet::new("People", body);
    sheet.waits_for = awaited(&told);
    Ok(sheet)
}

fn headline(report: &QueueReport) -> String {
    let n = report.counts.n_open;
    if n == 0 {
        "Nobody awaits an answer".to_owned()
    } else {
        format!("{} an answer", counted(n, "person awaits", "people await"))
    }
}

fn called(item: &QueueItem) -> String {
    let name = item.handle.as_deref().or(item.account_id.as_deref()).unwrap_or("no name");
    plain(name).into_owned()
}

fn card(visit: &Visit, item: &QueueItem, now: TimeMs) -> Markup {
    html! {
        article.person {
            h2 {
                a href=(format!("{}?id={}", visit.to("people"), item.id)) { bdi { (called(item)) } }
                @if let Some(name) = &item.display_name { " " span.note { bdi { (plain(name)) } } }
                @if item.customer.is_some() { " " span.class.genuine { "customer" } }
            }
            p.note {
                (item.kind.name()) @if !item.network.is_empty() { " on " (item.network) }
                @if let Some(since) = item.waiting_since { ", waits " (render::lasting(now.0 - since.0)) }
                @if let Some(who) = &item.handled_by { ", handled by " (plain(who)) }
                @if let Some(until) = item.until { ", put off until " (moment(until)) }
            }
            @if let Some(text) = &item.text { blockquote { bdi { (plain(&text.chars().take(280).collect::<String>())) } } }
            ul.reasons-line { @for why in &item.reasons { li { (render::reason(&why.reason)) } } }
        }
    }
}

/// One conversation.
fn one(visit: &Visit, id: &str) -> Result<Sheet, Problem> {
    let number = people::id(id)?;
    // Conversations are made anew by the queue's job where facts have changed: this page waits for it.
    if let Some(job) = visit.queue(asked(visit)?)?.at_work() {
        return Ok(working(job));
    }
    let report = visit.shelf.write(|store| people::conversation(store, number, None, &mut |_, _, _| Go::On))?;
    let saved = visit.shelf.read(|store| people::saved_answers(store))?;
    let item = &report.item;
    let body = html! {
        section aria-labelledby="who" {
            p.note { a href=(visit.to("people")) { "Back to the queue" } }
            h1 #who { bdi { (called(item)) } }
            p.lead {
                @if let Some(name) = &item.display_name { bdi { (plain(name)) } ", " }
                (item.status.name()) @if let Some(since) = item.waiting_since.filter(|_| item.status == Status::Open) { ", waits " (render::lasting(report.now.0 - since.0)) }
            }
            @if let Some(c) = &item.customer {
                h2 { "Customer" }
                dl.facts {
                    div { dt { "Orders" } dd { (count(c.n_orders)) } }
                    @for (code, minor) in &c.spent { div { dt { "Spent" } dd { (render::money(*minor as f64, Some(code.as_str()).filter(|c| !c.is_empty()))) } } }
                    @if let Some(at) = c.last_order_at { div { dt { "Last order" } dd { (moment(at)) } } }
                    div { dt { "Joined on" } dd { (c.basis) } }
                }
            }
            @if !item.elsewhere.is_empty() { p { "Also: " @for (i, (network, name)) in item.elsewhere.iter().enumerate() { @if i > 0 { ", " } bdi { (plain(name)) } " (" (network) ")" } "." } }
            h2 { "Why this place" }
            ul.plain { @for why in &item.reasons { li { (sentence(&render::reason(&why.reason))) } } }
        }
        section aria-labelledby="said" {
            h2 #said { "What was said" }
            @if report.n_before > 0 { p.note { (count(report.n_before)) " words before." } }
            ol.words { @for w in &report.words {
                li.ours[w.by_page] {
                    p.note { @if w.by_page { "you" } @else { bdi { (called(item)) } } ", " (w.kind.name()) @if let Some(at) = w.at { ", " (moment(at)) } }
                    @match &w.text { Some(text) => { p { bdi { (plain(text)) } } } None => { p.untold { "the text was not imported" } } }
                }
            } }
        }
        @if visit.role >= Role::Editor { (acting(visit, &report, &saved)) }
        section aria-labelledby="notes" {
            h2 #notes { "Notes" }
            @if report.notes.is_empty() { p.untold { "None." } }
            ul.plain { @for n in &report.notes { li { span.note { (plain(&n.who)) ", " (moment(n.at)) ": " } bdi { (plain(&n.text)) } } } }
        }
    };
    Ok(Sheet::new(called(item), body))
}

fn acting(visit: &Visit, report: &ConversationReport, saved: &[SavedAnswer]) -> Markup {
    let item = &report.item;
    let id = || html! { input type="hidden" name="id" value=(item.id); };
    html! {
        section aria-labelledby="act" {
            h2 #act { "Answer" }
            @for way in &report.ways { p { (sentence(way.sentence)) } }
            @if !saved.is_empty() {
                details open { summary { "Answers to use again" }
                    @for s in saved { article.saved { h3 { (plain(&s.name)) } p data-copy="" { (plain(&s.text)) } } }
                }
            }
            form.line method="post" action=(visit.to("people/status")) { (id()) input type="hidden" name="status" value="answered"; button type="submit" { "Mark as answered" } }
            form.line method="post" action=(visit.to("people/status")) {
                (id()) input type="hidden" name="status" value="snoozed";
                label for="days" { "Put off for" }
                select #days name="days" { @for (n, words) in SNOOZES { option value=(n) { (words) } } }
                button.quiet type="submit" { "Put off" }
            }
            div.line {
                @for (status, words) in [("done", "Nothing more to do"), ("open", "Open again")] {
                    form.inline method="post" action=(visit.to("people/status")) { (id()) input type="hidden" name="status" value=(status); button.quiet type="submit" { (words) } }
                }
            }
            form.line method="post" action=(visit.to("people/assign")) { (id()) label for="to" { "Handled by" } input #to name="to" value=[item.handled_by.as_deref()] maxlength="100"; button.quiet type="submit" { "Set" } }
            form method="post" action=(visit.to("people/note")) { (id()) label for="text" { "Note" } textarea #text name="text" required maxlength="20000" {} button.quiet type="submit" { "Keep the note" } }
        }
    }
}

fn answers(visit: &Visit, saved: &[SavedAnswer]) -> Markup {
    html! {
        section aria-labelledby="saved" {
            h2 #saved { "Answers to use again" }
            @for s in saved {
                article.saved {
                    h3 { (plain(&s.name)) }
                    p data-copy="" { (plain(&s.text)) }
                    @if visit.role >= Role::Editor { form.inline method="post" action=(visit.to("people/remove-answer")) { input type="hidden" name="name" value=(s.name); button.quiet type="submit" aria-label=(format!("Remove the answer {}", s.name)) { "Remove" } } }
                }
            }
            @if saved.is_empty() { p.untold { "None yet." } }
            @if visit.role >= Role::Editor {
                details { summary { "Add one" }
                    form method="post" action=(visit.to("people/save-answer")) {
                        label for="answer-name" { "Name" } input #answer-name name="name" required maxlength="100";
                        label for="answer-text" { "Text" } textarea #answer-text name="text" required maxlength="20000" {}
                        button type="submit" { "Keep" }
                    }
                }
            }
        }
    }
}

/// The conversation that a form is about.
fn conversation(form: &Fields) -> Result<(assay_store::ConversationId, String), Problem> {
    let id = field(form, "id").unwrap_or("");
    Ok((people::id(id)?, id.to_owned()))
}

fn back(visit: &Visit, id: &str) -> String {
    format!("{}?id={}", visit.to("people"), url_encoded(id))
}

fn status(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let (number, id) = conversation(form)?;
    let name = field(form, "status").unwrap_or("");
    let status = Status::ALL.into_iter().find(|s| s.name() == name);
    let status = status.ok_or_else(|| Problem::bad("expected open, snoozed, answered or done", ""))?;
    let days: i64 = field(form, "days").and_then(|t| t.parse().ok()).unwrap_or(1).clamp(1, 365);
    let until = (status == Status::Snoozed).then(|| TimeMs(crate::pipeline::workspace::now().0 + days * DAY_MS));
    visit.shelf.write(|store| people::set_status(store, number, status, until, visit.who.name()))?;
    // Who was answered is done with; the next one waits.
    Ok(if matches!(status, Status::Answered | Status::Done) { visit.to("people") } else { back(visit, &id) })
}

fn assign(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let (number, id) = conversation(form)?;
    visit.shelf.write(|store| people::assign(store, number, field(form, "to"), visit.who.name()))?;
    Ok(back(visit, &id))
}

fn note(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let (number, id) = conversation(form)?;
    visit.shelf.write(|store| people::note(store, number, field(form, "text").unwrap_or(""), visit.who.name()))?;
    Ok(back(visit, &id) + "#notes")
}

fn save_answer(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let (name, text) = (field(form, "name").unwrap_or(""), field(form, "text").unwrap_or(""));
    visit.shelf.write(|store| people::save_answer(store, name, text, visit.who.name()))?;
    Ok(visit.to("people") + "#saved")
}

fn remove_answer(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    visit.shelf.write(|store| people::remove_answer(store, field(form, "name").unwrap_or("")))?;
    Ok(visit.to("people") + "#saved")
}

/// Overrules the verdict on a follower, from the page of the follower.
fn overrule(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let is_inauthentic = match field(form, "label") {
        Some("inauthentic") => Some(true),
        Some("genuine") => Some(false),
        Some("as-judged") => None,
        _ => return Err(Problem::bad("expected inauthentic, genuine or as-judged", "")),
    };
    let network = field(form, "network").unwrap_or("");
    let account = people::account_of(network, field(form, "handle"), field(form, "account_id"));
    visit.shelf.write(|store| match is_inauthentic {
        Some(is) => {
            people::overrule(store, account, is, field(form, "why").unwrap_or(""), visit.who.name()).map(|_| ())
        }
        None => people::withdraw(store, account),
    })?;
    let rank = field(form, "rank").and_then(|t| t.parse::<u32>().ok()).unwrap_or(0);
    Ok(format!("{}/{rank}?page={}", visit.to("audience/of"), url_encoded(field(form, "page").unwrap_or(""))))
}

/// How soon people are answered, without their names, for a client.
fn sheet(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    let asked = asked(visit)?;
    let queue = visit.queue(asked.clone())?.ready()?;
    let confidence = visit.server.fixed.confidence;
    let times =
        visit.shelf.write(|store| people::response(store, asked.page.as_deref(), confidence, &mut |_, _, _| Go::On))?;
    client::put(visit, out, |visit| {
        Ok(ClientSheet {
            title: "How people are answered",
            kind: "conversations",
            subject: &visit.shelf.name,
            body: html! {
                section.verdict.open aria-labelledby="queue" {
                    h1 #queue { (headline(&queue)) }
                    dl.figures {
                        div { dt { "Open" } dd.value { (count(queue.counts.n_open)) } dd.note { (count(queue.counts.n_snoozed)) " put off" } }
                        div { dt { "Answered or done" } dd.value { (count(queue.counts.n_answered + queue.counts.n_done)) } dd.note { "conversations" } }
                        (render::response_figures(&times))
                    }
                    @for warning in &times.warnings { p.note { (sentence(&plain(&warning.text))) } }
                }
                (render::response_weeks(&times))
            },
            method: &[
                "people who wrote, commented, replied or mentioned and whose account does not look bought; a turn is what somebody said until the page answered",
                "turns that wait still are counted as waiting, not as answered late nor as never (Kaplan-Meier)",
                "only what was imported is known: answers that were given elsewhere are not in it",
            ],
        })
    })
}

fn csv(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    let asked = QueueAsked { limit: 100_000, offset: 0, ..asked(visit)? };
    render::queue_csv(&*visit.queue(asked)?.ready()?, out).map_err(Problem::sending)
}
