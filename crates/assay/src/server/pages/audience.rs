//! The audience: shares with their intervals, the map, growth, and everybody with reasons.

use super::layout::{Sheet, awaited, chooser, instead, ready, stale};
use super::{Action, Area, Fields, File, Visit, client, field, url_encoded};
use crate::render::format::{count, plain, probability};
use crate::server::access::Role;
use crate::server::problem::Problem;
use crate::server::views::AuditView;
use assay_store::{Judged, Wanted};
use maud::{Markup, html};
use std::fmt::Write as _;
use std::io::Write;

/// The area.
pub const AREA: Area = Area {
    id: "audience",
    name: "Audience",
    show,
    actions: &[Action { id: "label", needs: Role::Editor, act: label }],
    files: &[
        File { id: "levels", needs: Role::Viewer, media: "application/octet-stream", write: levels },
        File { id: "classes", needs: Role::Viewer, media: "application/octet-stream", write: classes },
        client::file(sheet),
        File { id: "verdicts.csv", needs: Role::Viewer, media: "text/csv; charset=utf-8", write: verdicts },
    ],
};

/// Followers of one page of the table.
const ROWS: usize = 50;
/// Classes that may be asked for, with what they are called.
pub const CLASSES: [(&str, &str); 4] =
    [("inauthentic", "looks inauthentic"), ("unsure", "unsure"), ("dormant", "dormant"), ("genuine", "genuine")];

/// What an audit's class is called.
pub fn class_name(class: &str) -> &str {
    CLASSES.iter().find(|(id, _)| *id == class).map_or(class, |(_, name)| name)
}

/// The data of the charts, for the script that draws them.
pub fn charts(visit: &Visit, view: &AuditView) -> Markup {
    let page = format!("?page={}&v={}", url_encoded(&view.page), view.audit_id);
    html! {
        script #assay-data type="application/json" data-levels=(format!("{}{page}", visit.to("audience/file/levels"))) data-classes=(format!("{}{page}", visit.to("audience/file/classes"))) {
            (ready(&view.parts.data))
        }
    }
}

fn show(visit: &Visit) -> Result<Sheet, Problem> {
    let Some(page) = visit.page()? else { return Ok(nobody(visit)) };
    let told = visit.audit(&page)?;
    if let Some(sheet) = instead(&told) {
        return Ok(sheet);
    }
    let Some(view) = told.value() else { return Ok(nobody(visit)) };
    let body = html! {
        (chooser(visit, "audience", page.name.as_deref())?)
        (stale(&told))
        (ready(&view.parts.summary))
        (ready(&view.parts.shares))
        (ready(&view.parts.map))
        (ready(&view.parts.growth))
        (labelling(visit, view))
        (table(visit, view)?)
        (ready(&view.parts.method))
        (charts(visit, view))
    };
    let mut sheet = Sheet::new("Audience", body);
    sheet.charts = true;
    sheet.waits_for = awaited(&told);
    Ok(sheet)
}

/// Followers to look at and label, so that the share can be told more sharply.
fn labelling(visit: &Visit, view: &AuditView) -> Markup {
    html! {
        @if visit.role >= Role::Editor && !view.to_label.is_empty() {
            section aria-labelledby="label" {
                h2 #label { "Label a sample, and the interval narrows" }
                p.lead { "Drawn by lot, so that nobody can have picked them. Look each up on the network and say what it is; leave those you cannot tell. What assay thinks of them is not shown, so that it does not lead you." }
                form method="post" action=(visit.to("audience/label")) {
                    input type="hidden" name="page" value=(view.page);
                    div.scroll tabindex="0" role="group" aria-labelledby="label" {
                        table {
                            thead { tr { th scope="col" { "Follower" } th scope="col" { "A person" } th scope="col" { "Bought or automated" } th scope="col" { "Cannot tell" } } }
                            tbody {
                                @for (i, f) in view.to_label.iter().enumerate() {
                                    @let name = f.handle.as_deref().unwrap_or(&f.account_id);
                                    tr {
                                        th scope="row" { bdi { (plain(name)) } @if let Some(shown) = &f.display_name { " " span.note { bdi { (plain(shown)) } } }
                                            input type="hidden" name=(format!("id-{i}")) value=(f.account_id);
                                            input type="hidden" name=(format!("handle-{i}")) value=[f.handle.as_deref()];
                                            input type="hidden" name=(format!("stratum-{i}")) value=(f.stratum.0);
                                            input type="hidden" name=(format!("size-{i}")) value=(f.stratum.1);
                                        }
                                        @for (value, words) in [("genuine", "a person"), ("inauthentic", "bought or automated"), ("", "cannot tell")] {
                                            td { input type="radio" name=(format!("label-{i}")) value=(value) checked[value.is_empty()] aria-label=(format!("{}: {words}", plain(name))); }
                                        }
                                    }
                                }
                            }
                        }
                    }
                    button type="submit" { "Keep the labels" }
                }
            }
        }
    }
}

/// Keeps labels of the sample.
fn label(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let page = field(form, "page");
    let mut labels = Vec::new();
    for i in 0..crate::server::views::TO_LABEL {
        let of = |name: &str| field(form, &format!("{name}-{i}"));
        let is_inauthentic = match of("label") {
            Some("inauthentic") => true,
            Some("genuine") => false,
            _ => continue,
        };
        let stratum = of("stratum").and_then(|t| t.parse().ok()).zip(of("size").and_then(|t| t.parse().ok()));
        let (Some(id), Some((stratum, size))) = (of("id"), stratum) else {
            return Err(Problem::bad("expected followers as the sample names them", "open the page again"));
        };
        labels.push(assay_model::Label {
            account_id: Some(id.to_owned()),
            handle: of("handle").map(str::to_owned),
            is_inauthentic,
            stratum: Some(assay_model::Stratum { id: stratum, size }),
        });
    }
    if labels.is_empty() {
        return Err(Problem::bad("expected a label, found none", "choose what some of the followers are"));
    }
    let table = assay_model::LabelTable { labels, ..assay_model::LabelTable::default() };
    visit.shelf.write(|store| crate::pipeline::people::label(store, page, &table, visit.who.name()))?;
    Ok(format!("{}?page={}#shares", visit.to("audience"), url_encoded(page.unwrap_or(""))))
}

/// Where there is no follower list.
pub fn nobody(visit: &Visit) -> Sheet {
    let body = html! {
        section aria-labelledby="none" {
            h1 #none { "No follower list yet" }
            p.lead { "A follower list tells who is real. Ask the platform for a copy of your data and import what it sends." }
            (super::layout::drop_zone(visit))
        }
    };
    Sheet::new("No follower list", body)
}

/// The filter that the address asks for.
fn wanted(visit: &Visit) -> Wanted {
    let known = |id: &&str| CLASSES.iter().any(|(c, _)| c == id);
    Wanted {
        class: visit.get("class").filter(known).map(str::to_owned),
        batch: visit.get("batch").map(str::to_owned),
        handle: visit.get("handle").map(str::to_owned),
        from_rank: visit.get("from").and_then(|r| r.parse().ok()).unwrap_or(0).max(0),
        limit: ROWS + 1,
    }
}

fn address(visit: &Visit, view: &AuditView, wanted: &Wanted, from: i64) -> String {
    let mut address = format!("{}?page={}", visit.to("audience"), url_encoded(&view.page));
    for (name, value) in [("class", &wanted.class), ("batch", &wanted.batch), ("handle", &wanted.handle)] {
        if let Some(value) = value {
            let _ = write!(address, "&{name}={}", url_encoded(value));
        }
    }
    if from > 0 {
        let _ = write!(address, "&from={from}");
    }
    address + "#everybody"
}

fn table(visit: &Visit, view: &AuditView) -> Result<Markup, Problem> {
    let wanted = wanted(visit);
    let mut rows = visit.shelf.read(|store| Ok(store.followers_of_audit(view.audit_id, &wanted)?))?;
    let next = (rows.len() > ROWS).then(|| rows.pop().map(|r| r.rank)).flatten();
    let page = url_encoded(&view.page);
    Ok(html! {
        section aria-labelledby="everybody" {
            h2 #everybody { "Everybody" }
            form.line method="get" action=(format!("{}#everybody", visit.to("audience"))) {
                input type="hidden" name="page" value=(view.page);
                label for="class" { "Class" }
                select #class name="class" {
                    option value="" { "all" }
                    @for (id, name) in CLASSES { option value=(id) selected[wanted.class.as_deref() == Some(id)] { (name) } }
                }
                @if !view.batches.is_empty() {
                    label for="batch" { "Batch" }
                    select #batch name="batch" {
                        option value="" { "all" }
                        @for b in &view.batches { option value=(b.id) selected[wanted.batch.as_deref() == Some(&b.id)] { (b.id) } }
                    }
                }
                label for="handle" { "Handle begins with" }
                input #handle name="handle" value=[wanted.handle.as_deref()] maxlength="100";
                button type="submit" { "Show" }
                a href=(format!("{}?page={page}", visit.to("audience/file/verdicts.csv"))) { "All as CSV" }
            }
            @if rows.is_empty() { p.untold { "Nobody fits." } }
            @else {
                div.scroll tabindex="0" role="group" aria-labelledby="everybody" {
                    table.people {
                        thead { tr { @if view.is_ordered { th.number scope="col" { "Rank" } } th scope="col" { "Follower" } th scope="col" { "Looks like" } th.number scope="col" { "Probability inauthentic" } th scope="col" { "Why" } } }
                        tbody { @for r in &rows { (row(visit, view, r)) } }
                    }
                }
                nav.paging aria-label="More followers" {
                    @if wanted.from_rank > 0 { a href=(address(visit, view, &wanted, 0)) { "First" } }
                    @if let Some(next) = next { a href=(address(visit, view, &wanted, next)) { "Next " (ROWS) } }
                }
            }
        }
    })
}

fn row(visit: &Visit, view: &AuditView, r: &Judged) -> Markup {
    let (batch, why) = (view.batch(r.batch.as_deref()), view.why(r));
    let name = r.handle.as_deref().or(r.account_id.as_deref()).unwrap_or("no name");
    html! {
        tr {
            @if view.is_ordered { td.number { (count(r.rank.max(0) as u64)) } }
            th scope="row" { a href=(format!("{}/{}?page={}", visit.to("audience/of"), r.rank, url_encoded(&view.page))) { bdi { (plain(name)) } } }
            td { span class=(format!("class {}", r.class)) { (class_name(&r.class)) } }
            td.number { (probability(r.probability)) }
            td {
                @if let Some(b) = batch { a href=(format!("{}?page={}#{}", visit.to("batches"), url_encoded(&view.page), b.id)) { (b.id) } " " }
                @match why.first() { Some(why) => (why), None => { span.note { "stands in no batch" } } }
            }
        }
    }
}

/// The answer that a file is a part of; where it is not there yet, the file is not either.
pub fn made(visit: &Visit) -> Result<std::sync::Arc<AuditView>, Problem> {
    let page = visit.page()?.ok_or_else(|| Problem::not_found("follower list"))?;
    visit.audit(&page)?.ready()
}

/// The whole audit without names, for a client: batches are a part of it.
pub fn sheet(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    let (view, cover) = (made(visit)?, client::cover(visit)?);
    Ok(crate::server::views::client_report(&visit.shelf.path, &view.page, &visit.server.fixed, &cover, out)?)
}

fn put(out: &mut dyn Write, bytes: &[u8]) -> Result<(), Problem> {
    out.write_all(bytes).map_err(Problem::sending)
}

fn levels(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    put(out, &made(visit)?.parts.levels)
}

fn classes(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    put(out, &made(visit)?.parts.classes)
}

fn verdicts(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    let view = made(visit)?;
    write_judged(visit, &view, &Wanted::default(), out)
}

/// Writes followers as the audit's table of verdicts has them; cells that a spreadsheet would take for a formula are guarded.
pub fn write_judged(visit: &Visit, view: &AuditView, wanted: &Wanted, out: &mut dyn Write) -> Result<(), Problem> {
    const AT_ONCE: usize = 5_000;
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["account_id", "handle", "rank", "probability", "class", "batch", "reasons"])
        .map_err(Problem::sending)?;
    let mut wanted = Wanted { limit: AT_ONCE, ..wanted.clone() };
    loop {
        let rows = visit.shelf.read(|store| Ok(store.followers_of_audit(view.audit_id, &wanted)?))?;
        for r in &rows {
            let why = view.why(r).join(" ");
            let rank = if view.is_ordered { r.rank.to_string() } else { String::new() };
            let cell = crate::render::not_a_formula;
            csv.write_record([
                &*cell(r.account_id.as_deref().unwrap_or("")),
                &*cell(r.handle.as_deref().unwrap_or("")),
                &rank,
                &r.probability.to_string(),
                &r.class,
                r.batch.as_deref().unwrap_or(""),
                &*cell(&why),
            ])
            .map_err(Problem::sending)?;
        }
        match rows.last() {
            Some(last) if rows.len() == AT_ONCE => wanted.from_rank = last.rank + 1,
            _ => break,
        }
    }
    csv.flush().map_err(Problem::sending)
}
