//! The batches: evidence, members, and lists for removing or blocking them.

use super::layout::{Sheet, awaited, chooser, instead, ready, stale};
use super::{Area, File, Visit, audience, client, url_encoded};
use crate::render::format::{count, counted};
use crate::server::access::Role;
use crate::server::problem::Problem;
use assay_store::Wanted;
use maud::{Markup, html};
use std::io::Write;

/// The area.
pub const AREA: Area = Area {
    id: "batches",
    name: "Batches",
    show,
    actions: &[],
    files: &[
        client::file(audience::sheet),
        File { id: "members.csv", needs: Role::Viewer, media: "text/csv; charset=utf-8", write: members },
        File { id: "handles.txt", needs: Role::Viewer, media: "text/plain; charset=utf-8", write: handles },
    ],
};

fn show(visit: &Visit) -> Result<Sheet, Problem> {
    let Some(page) = visit.page()? else { return Ok(audience::nobody(visit)) };
    let told = visit.audit(&page)?;
    if let Some(sheet) = instead(&told) {
        return Ok(sheet);
    }
    let Some(view) = told.value() else { return Ok(audience::nobody(visit)) };
    let body = html! {
        (chooser(visit, "batches", page.name.as_deref())?)
        (stale(&told))
        @if view.batches.is_empty() && view.parts.spikes.is_empty() {
            section aria-labelledby="none" { h1 #none { "No batch, no burst" } p.lead { (view.parts.headline.sentence) } }
        } @else {
            h1.page { "Batches and bursts" }
            (ready(&view.parts.growth))
            (ready(&view.parts.batches))
            @if !view.batches.is_empty() { (take_away(visit, view)) }
            (ready(&view.parts.spikes))
            (audience::charts(visit, view))
        }
    };
    let mut sheet = Sheet::new("Batches", body);
    sheet.charts = true;
    sheet.waits_for = awaited(&told);
    Ok(sheet)
}

/// Lists of members.
fn take_away(visit: &Visit, view: &crate::server::views::AuditView) -> Markup {
    let page = url_encoded(&view.page);
    html! {
        section aria-labelledby="lists" {
            h2 #lists { "Who to remove or block" }
            p.lead { "Only members that look inauthentic are listed; others came among them and stay. Remove in steps, watch reach between them, and begin with the batch you are surest of: what each step does to reach tells how the platform treats fakes. Platforms limit how fast an account may remove or block followers; a few hundred a day is rarely stopped." }
            div.scroll tabindex="0" role="group" aria-labelledby="lists" {
                table {
                    thead { tr { th scope="col" { "Batch" } th.number scope="col" { "Followers" } th scope="col" { "Look bought" } th scope="col" { "Days at 400 a day" } th scope="col" { "Lists" } } }
                    tbody {
                        @for b in &view.batches {
                            @let n = b.inauthentic.point.round() as u64;
                            tr {
                                th scope="row" { a href=(format!("#{}", b.id)) { (b.id) } }
                                td.number { (count(b.n_followers)) }
                                td { (count(n)) " (" (count(b.inauthentic.low.round() as u64)) " to " (count(b.inauthentic.high.round() as u64)) ")" }
                                td { (counted(n.div_ceil(400), "day", "days")) }
                                td {
                                    a href=(format!("{}?page={page}&batch={}", visit.to("batches/file/members.csv"), b.id)) { "with reasons (CSV)" } " · "
                                    a href=(format!("{}?page={page}&batch={}", visit.to("batches/file/handles.txt"), b.id)) { "handles, one a line" } " · "
                                    a href=(format!("{}?page={page}&batch={}#everybody", visit.to("audience"), b.id)) { "look" }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn asked(visit: &Visit) -> Result<(std::sync::Arc<crate::server::views::AuditView>, Wanted), Problem> {
    let value = audience::made(visit)?;
    let batch = visit.get("batch").map(str::to_owned);
    if let Some(id) = &batch
        && !value.batches.iter().any(|b| b.id == *id)
    {
        return Err(Problem::not_found(format!("batch called {id}")));
    }
    Ok((value, Wanted { batch, class: Some("inauthentic".to_owned()), ..Wanted::default() }))
}

fn members(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    let (view, wanted) = asked(visit)?;
    audience::write_judged(visit, &view, &wanted, out)
}

fn handles(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    let (view, mut wanted) = asked(visit)?;
    wanted.limit = 5_000;
    loop {
        let rows = visit.shelf.read(|store| Ok(store.followers_of_audit(view.audit_id, &wanted)?))?;
        let mut text = String::new();
        for r in &rows {
            let name = r.handle.as_deref().or(r.account_id.as_deref()).unwrap_or("");
            text.extend(name.chars().filter(|c| !c.is_control()));
            text.push('\n');
        }
        out.write_all(text.as_bytes()).map_err(Problem::sending)?;
        match rows.last() {
            Some(last) if rows.len() == wanted.limit => wanted.from_rank = last.rank + 1,
            _ => return Ok(()),
        }
    }
}
