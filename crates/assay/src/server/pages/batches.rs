//! The batches: evidence, members, and lists for removing or blocking them.

use super::layout::{Sheet, awaited, chooser, instead, ready, stale};
use super::{Area, File, Visit, audience, client, url_encoded};
use crate::render::format::{count, counted, whole, whole_range};
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
        File { id: "identifiers.txt", needs: Role::Viewer, media: "text/plain; charset=utf-8", write: identifiers },
        File {
            id: "blocked_accounts.csv",
            needs: Role::Viewer,
            media: "text/csv; charset=utf-8",
            write: blocked_accounts,
        },
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

/// How a network lets an account be rid of followers: the form of list that it takes, and how many a day go without being stopped.
/// None publishes its limits for removing: these are what its limits for following or what its users report come to.
struct Removal {
    network: &'static str,
    /// Followers a day.
    pace: u64,
    /// What one does with the list.
    how: &'static str,
    /// The file that it takes, and what that is called; every network takes one by hand from the others.
    list: Option<(&'static str, &'static str)>,
}

const REMOVALS: &[Removal] = &[
    Removal {
        network: "instagram",
        pace: 200,
        how: "Instagram takes no list: open your followers, search for the handle, and choose Remove. It stops accounts that act on more than about two hundred a day.",
        list: None,
    },
    Removal {
        network: "x",
        pace: 400,
        how: "X takes no list: open the follower's page and choose Remove this follower; blocking and unblocking does the same.",
        list: None,
    },
    Removal {
        network: "mastodon",
        pace: 2_000,
        how: "Mastodon takes the list under Preferences, Import, Blocking list, and works it off by itself.",
        list: Some(("blocked_accounts.csv", "Mastodon's list to import")),
    },
    Removal {
        network: "bluesky",
        pace: 1_000,
        how: "Bluesky has no removal: add the accounts to a moderation list of your own and block that; its API takes the identifiers.",
        list: Some(("identifiers.txt", "identifiers, one a line")),
    },
    Removal {
        network: "",
        pace: 400,
        how: "Remove or block them by hand, or by what the platform offers.",
        list: None,
    },
];

/// The most a day that can be asked for, and days that are linked one by one.
const PACE_MAX: u64 = 100_000;
const DAYS_LINKED: u64 = 14;

/// How the network of a page lets followers go; a page without one as any does.
fn removal(page: &str) -> &'static Removal {
    let network = page.split('/').next().unwrap_or("");
    let any = &REMOVALS[REMOVALS.len() - 1];
    REMOVALS.iter().find(|r| !r.network.is_empty() && r.network == network).unwrap_or(any)
}

fn pace(visit: &Visit, removal: &Removal) -> u64 {
    visit.get("pace").and_then(|t| t.parse().ok()).unwrap_or(removal.pace).clamp(1, PACE_MAX)
}

/// Lists of members.
fn take_away(visit: &Visit, view: &crate::server::views::AuditView) -> Markup {
    let page = url_encoded(&view.page);
    let removal = removal(&view.page);
    let pace = pace(visit, removal);
    let list =
        |file: &str, batch: &str| format!("{}?page={page}&batch={batch}", visit.to(&format!("batches/file/{file}")));
    html! {
        section aria-labelledby="lists" {
            h2 #lists { "Who to remove or block" }
            p.lead { "Only members that look inauthentic are listed; others came among them and stay. Remove in steps, watch reach between them, and begin with the batch you are surest of: what each step does to reach tells how the platform treats fakes." }
            p { (removal.how) }
            form.line method="get" action=(format!("{}#lists", visit.to("batches"))) {
                input type="hidden" name="page" value=(view.page);
                label for="pace" { "As many a day as" } input #pace type="number" name="pace" min="1" max=(PACE_MAX) value=(pace);
                button.quiet type="submit" { "Divide" }
            }
            div.scroll tabindex="0" role="group" aria-labelledby="lists" {
                table {
                    thead { tr { th scope="col" { "Batch" } th.number scope="col" { "Followers" } th scope="col" { "Look bought" } th scope="col" { "Day by day" } th scope="col" { "All at once" } } }
                    tbody {
                        @for b in &view.batches {
                            @let n_listed = b.n_listed;
                            @let days = n_listed.div_ceil(pace);
                            tr {
                                th scope="row" { a href=(format!("#{}", b.id)) { (b.id) } }
                                td.number { (count(b.n_followers)) }
                                td { (whole(b.inauthentic.point)) " (" (whole_range(&b.inauthentic)) "); " (count(n_listed)) " listed" }
                                td {
                                    @for day in 1..=days.min(DAYS_LINKED) {
                                        a href=(format!("{}&pace={pace}&day={day}", list("handles.txt", &b.id))) aria-label=(format!("handles of batch {} for day {day}", b.id)) { (day) } " "
                                    }
                                    @if days > DAYS_LINKED { "of " (counted(days, "day", "days")) }
                                }
                                td {
                                    a href=(list("members.csv", &b.id)) { "with reasons (CSV)" } " · "
                                    @if let Some((file, called)) = removal.list { a href=(list(file, &b.id)) { (called) } " · " }
                                    a href=(list("handles.txt", &b.id)) { "handles, one a line" } " · "
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

/// Writes a line for each member that looks inauthentic, of one day's share where a day is asked for.
fn lines(
    visit: &Visit,
    out: &mut dyn Write,
    line: impl Fn(&assay_store::Judged) -> Option<String>,
) -> Result<(), Problem> {
    let (view, mut wanted) = asked(visit)?;
    let pace = pace(visit, removal(&view.page));
    let day: Option<u64> = match visit.get("day") {
        None => None,
        Some(text) => Some(text.parse().ok().filter(|d| *d > 0).ok_or_else(|| {
            Problem::bad(format!("expected a day from 1 on, found {}", assay_model::quote(text)), "")
        })?),
    };
    let (from, to) = day.map_or((0, u64::MAX), |d| ((d - 1).saturating_mul(pace), d.saturating_mul(pace)));
    wanted.limit = 5_000;
    let mut at = 0;
    loop {
        let rows = visit.shelf.read(|store| Ok(store.followers_of_audit(view.audit_id, &wanted)?))?;
        let mut text = String::new();
        for r in &rows {
            if (from..to).contains(&at)
                && let Some(line) = line(r)
            {
                text.extend(line.chars().filter(|c| !c.is_control()));
                text.push('\n');
            }
            at += 1;
        }
        out.write_all(text.as_bytes()).map_err(Problem::sending)?;
        match rows.last() {
            Some(last) if rows.len() == wanted.limit && at < to => wanted.from_rank = last.rank + 1,
            _ => return Ok(()),
        }
    }
}

fn handles(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    lines(visit, out, |r| r.handle.clone().or_else(|| r.account_id.clone()))
}

fn identifiers(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    lines(visit, out, |r| r.account_id.clone().or_else(|| r.handle.clone()))
}

/// Mastodon's own form of a list of blocked accounts: an address with its server a line, without a header. Accounts of the
/// page's own server have none in exports, and get it from the page.
fn blocked_accounts(visit: &Visit, out: &mut dyn Write) -> Result<(), Problem> {
    let page = audience::made(visit)?.page.clone();
    let server = page.rsplit_once('@').map(|(_, server)| server.to_owned());
    lines(visit, out, move |r| {
        let handle = r.handle.as_deref()?.trim_start_matches('@');
        match (&server, handle.contains('@')) {
            (_, true) => Some(handle.to_owned()),
            (Some(server), false) => Some(format!("{handle}@{server}")),
            (None, false) => None,
        }
    })
}
