//! What was brought in: files, rejected rows, what is under way; and taking an import back.

use super::layout::{Sheet, drop_zone, progress};
use super::{Action, Area, Fields, Visit, client, field};
use crate::pipeline::workspace::now;
use crate::render::ClientSheet;
use crate::render::format::{count, counted, day, moment, plain};
use crate::server::access::Role;
use crate::server::jobs::State;
use crate::server::problem::Problem;
use crate::server::unknown::{self, Table};
use assay_import::{HeaderMap, HeaderPair, TABLES};
use assay_model::Go;
use maud::{Markup, html};
use std::io::Write;

/// The area.
pub const AREA: Area = Area {
    id: "imports",
    name: "Imports",
    show,
    actions: &[
        Action { id: "undo", needs: Role::Owner, act: undo },
        Action { id: "stop", needs: Role::Editor, act: stop },
        Action { id: "map", needs: Role::Editor, act: map },
        Action { id: "discard", needs: Role::Editor, act: discard },
    ],
    files: &[client::file(sheet)],
};

/// Rejected rows that are shown of an import.
const REJECTS: usize = 20;

fn show(visit: &Visit) -> Result<Sheet, Problem> {
    let job = visit.get("job").and_then(|id| visit.server.jobs.get(id)).filter(|j| j.workspace == visit.shelf.name);
    let under_way: Vec<_> =
        visit.server.jobs.of(&visit.shelf.name).into_iter().filter(|j| !j.state().has_ended()).collect();
    let imports = if visit.shelf.exists() { visit.shelf.read(|store| Ok(store.imports()?))? } else { Vec::new() };
    let body = html! {
        section aria-labelledby="import" {
            h1 #import { "Imports" }
            @if let Some(job) = job.as_ref().filter(|j| j.state().has_ended()) { (came(visit, &job.state())) }
            @for job in &under_way {
                (progress(job))
                @if visit.role >= Role::Editor { form.line method="post" action=(visit.to("imports/stop")) { input type="hidden" name="job" value=(job.id); button type="submit" { "Stop" } } }
            }
            (drop_zone(visit))
        }
        @if visit.role >= Role::Editor { @for waiting in unknown::waiting(&visit.shelf) { (to_be_told(visit, &waiting)) } }
        section aria-labelledby="ledger" {
            h2 #ledger { "What was imported" }
            @if imports.is_empty() { p.untold { "Nothing yet." } }
            @for i in imports.iter().rev() { (one(visit, i)?) }
        }
    };
    let mut sheet = Sheet::new("Imports", body);
    sheet.waits_for = under_way.first().map(|j| j.id.clone());
    Ok(sheet)
}

/// What came of an import.
fn came(visit: &Visit, state: &State) -> Markup {
    html! {
        @match state {
            State::Done { result } => {
                div.done role="status" {
                    @if result["import"].is_null() { p { "All of it was here already: nothing has changed." } }
                    @else {
                        p { strong { (counted(result["n_facts"].as_u64().unwrap_or(0), "fact", "facts")) } " taken"
                            @if let Some(n) = result["n_rejected"].as_u64().filter(|n| *n > 0) { ", " (counted(n, "row", "rows")) " could not be read" } "." }
                        p { a href=(visit.to("")) { "See what it says" } }
                    }
                    @if let Some(notes) = result["notes"].as_array().filter(|n| !n.is_empty()) { ul.plain { @for note in notes.iter().take(8) { li { (plain(note.as_str().unwrap_or(""))) } } } }
                }
            }
            State::Failed { message, hint } => { div.trouble role="alert" { p { (plain(message)) "." } @if let Some(hint) = hint { p { "What to do: " (plain(hint)) "." } } } }
            State::Stopped => { div.done role="status" { p { "It was stopped; nothing was kept of it." } } }
            _ => {}
        }
    }
}

/// Tables whose columns somebody has to tell the meaning of.
fn to_be_told(visit: &Visit, waiting: &unknown::Waiting) -> Markup {
    let id = &waiting.upload;
    html! {
        section.unknown aria-labelledby=(format!("of-{id}")) {
            h2 id=(format!("of-{id}")) { "What are these columns?" }
            p.lead { "The names of these columns are not known. Say what they are: it is remembered for files with the same columns." }
            form method="post" action=(visit.to("imports/map")) {
                input type="hidden" name="upload" value=(id);
                @for (t, table) in waiting.tables.iter().enumerate() { (columns(id, t, table)) }
                div.line {
                    button type="submit" { "Import with these" }
                    button.quiet type="submit" formaction=(visit.to("imports/discard")) formnovalidate { "Throw it away" }
                }
            }
            datalist id=(format!("known-{id}")) {
                @for (_, table) in TABLES { @for c in *table { option value=(c.name) { (c.meaning) } } }
            }
            p.note { "The file stays beside the workspace until then. " code { "assay formats --columns" } " tells all names." }
        }
    }
}

fn columns(id: &str, t: usize, table: &Table) -> Markup {
    html! {
        h3 { bdi { (plain(&table.file)) } @if let Some(kind) = &table.kind { " looks like " (kind) " under other names" } }
        @if !table.lacks.is_empty() { p.note { "Missing for a table that is read: " (table.lacks.join(", ")) "." } }
        div.scroll tabindex="0" role="region" aria-label=(format!("Columns of {}", plain(&table.file))) {
            table {
                thead { tr { th scope="col" { "Column" } th scope="col" { "Cells" } th scope="col" { "Is" } th scope="col" { "Why" } } }
                tbody {
                    @for (i, c) in table.columns.iter().enumerate() {
                        tr {
                            th scope="row" { bdi { (plain(&c.header)) } }
                            td { bdi { (plain(&c.samples.join(" | "))) } }
                            td {
                                input type="hidden" name=(format!("header-{t}-{i}")) value=(c.header);
                                input name=(format!("column-{t}-{i}")) value=[c.guess.as_deref()] list=(format!("known-{id}")) autocomplete="off" maxlength="60" placeholder="left out" aria-label=(format!("What {} is", plain(&c.header)));
                            }
                            td { (c.why) }
                        }
                    }
                }
            }
        }
        @if table.n_columns > table.columns.len() { p.note { "and " (count((table.n_columns - table.columns.len()) as u64)) " more columns, which are left out" } }
    }
}

fn map(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let mut headers = HeaderMap::default();
    for (name, header) in form.iter().filter_map(|(n, v)| Some((n.strip_prefix("header-")?, v))) {
        let Some(column) = field(form, &format!("column-{name}")) else { continue };
        let pair = HeaderMap::pair(&format!("{header}={column}")).map_err(crate::pipeline::Error::from)?;
        headers.extend(&HeaderMap { pairs: vec![HeaderPair { header: header.clone(), ..pair }] });
    }
    if headers.pairs.is_empty() {
        return Err(Problem::bad("expected the meaning of a column, found none", "say what at least one column is"));
    }
    let upload = field(form, "upload").unwrap_or("");
    let job = unknown::answer(&visit.server, &visit.shelf, upload, headers)?;
    Ok(format!("{}?job={}", visit.to("imports"), job.id))
}

fn discard(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    unknown::discard(&visit.shelf, field(form, "upload").unwrap_or(""))?;
    Ok(visit.to("imports"))
}

fn one(visit: &Visit, i: &assay_store::ImportEntry) -> Result<Markup, Problem> {
    let n_rejected: u64 = i.files.iter().map(|f| f.file.rejected).sum();
    let rejects = if n_rejected > 0 { visit.shelf.read(|store| Ok(store.rejects(i.id)?))? } else { Vec::new() };
    Ok(html! {
        article.card.import {
            h3 { "Import " (i.id) ", " (moment(i.imported_at)) @if i.undone_at.is_some() { " (taken back)" } }
            @if !i.files.is_empty() {
                div.scroll tabindex="0" role="region" aria-label=(format!("Files of import {}", i.id)) {
                    table {
                        thead { tr { th scope="col" { "File" } th scope="col" { "Read as" } th scope="col" { "Page" } th scope="col" { "Of" } th.number scope="col" { "Taken" } th.number scope="col" { "Rejected" } } }
                        tbody {
                            @for f in &i.files {
                                tr { th scope="row" { bdi { (plain(&f.file.name)) } } td { (f.importer) } td { bdi { (plain(f.page.as_deref().unwrap_or(""))) } } td { (day(f.as_of)) } td.number { (count(f.file.taken)) } td.number { (count(f.file.rejected)) } }
                            }
                        }
                    }
                }
            }
            @if !rejects.is_empty() {
                details { summary { (counted(n_rejected, "row", "rows")) " that could not be read" }
                    ul.plain { @for r in rejects.iter().take(REJECTS) { li { bdi { (plain(&r.file)) } ":" (r.line) ": " (plain(&r.why)) } } }
                }
            }
            @if visit.role >= Role::Owner && i.undone_at.is_none() {
                form.line method="post" action=(visit.to("imports/undo")) data-confirm="Take this import back? What it had replaced counts again." {
                    input type="hidden" name="import" value=(i.id);
                    button.quiet type="submit" { "Take it back" }
                }
            }
        }
    })
}

/// What every figure rests on, for a client.
fn sheet(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    client::put(visit, out, |visit| {
        let imports = visit.shelf.read(|store| Ok(store.imports()?))?;
        let kept = || imports.iter().filter(|i| i.undone_at.is_none());
        let n_files: usize = kept().map(|i| i.files.len()).sum();
        Ok(ClientSheet {
            title: "What was imported",
            kind: "sources",
            subject: &visit.shelf.name,
            body: html! {
                section aria-labelledby="ledger" {
                    h1 #ledger { (counted(n_files as u64, "file", "files")) " in " (counted(kept().count() as u64, "import", "imports")) }
                    table {
                        thead { tr { th scope="col" { "File" } th scope="col" { "Read as" } th scope="col" { "Page" } th scope="col" { "Of" } th.number scope="col" { "Taken" } th.number scope="col" { "Rejected" } } }
                        tbody { @for f in kept().flat_map(|i| &i.files) {
                            tr { th scope="row" { bdi { (plain(&f.file.name)) } } td { (f.importer) } td { bdi { (plain(f.page.as_deref().unwrap_or(""))) } } td { (day(f.as_of)) } td.number { (count(f.file.taken)) } td.number { (count(f.file.rejected)) } }
                        } }
                    }
                }
            },
            method: &[
                "every fact keeps the file and the row that it came from; a file that is imported twice changes nothing",
                "rows that could not be read are counted, not guessed",
            ],
        })
    })
}

fn undo(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let id: i64 = field(form, "import")
        .and_then(|t| t.parse().ok())
        .ok_or_else(|| Problem::bad("expected the number of an import", ""))?;
    visit.shelf.write(|store| Ok(store.undo(id, now(), &mut |_, _| Go::On)?))?;
    Ok(visit.to("imports"))
}

fn stop(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let job = field(form, "job").and_then(|id| visit.server.jobs.get(id)).filter(|j| j.workspace == visit.shelf.name);
    job.ok_or_else(|| Problem::not_found("such job"))?.stop();
    Ok(visit.to("imports"))
}
