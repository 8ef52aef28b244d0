//! One follower: the verdict with its reasons, and what the rows say of the account.

use super::layout::{Sheet, awaited, instead, stale};
use super::rows::Rows;
use super::{Visit, audience, url_encoded};
use crate::render::format::{plain, probability};
use crate::server::access::Role;
use crate::server::problem::Problem;
use assay_store::Wanted;
use maud::html;

/// The columns of the list that are shown, with what they are called.
const FACTS: [(&str, &str); 16] = [
    ("display_name", "Name"),
    ("followed_at", "Followed"),
    ("created_at", "Account opened"),
    ("last_active_at", "Last active"),
    ("followers", "Followers"),
    ("following", "Following"),
    ("posts", "Posts"),
    ("likes", "Likes"),
    ("bio_length", "Characters of bio"),
    ("has_avatar", "Picture"),
    ("default_profile", "Profile as it was given"),
    ("verified", "Verified"),
    ("private", "Private"),
    ("country", "Country"),
    ("file", "From file"),
    ("line", "Line"),
];

/// The follower at this place of the follow order.
pub fn show(visit: &Visit, rank: i64) -> Result<Sheet, Problem> {
    let missing = || Problem::not_found(format!("follower at rank {rank}"));
    let page = visit.page()?.ok_or_else(missing)?;
    let told = visit.audit(&page)?;
    if let Some(sheet) = instead(&told) {
        return Ok(sheet);
    }
    let view = told.value().ok_or_else(missing)?;
    let wanted = Wanted { from_rank: rank, limit: 1, ..Wanted::default() };
    let found = visit.shelf.read(|store| Ok(store.followers_of_audit(view.audit_id, &wanted)?))?;
    let who = found.into_iter().find(|w| w.rank == rank).ok_or_else(missing)?;
    // Quoted as SQL quotes: the question has no parameters.
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let same = |column: &str, value: &Option<String>| match value {
        Some(text) => format!("{column} = {}", quoted(text)),
        None => format!("{column} IS NULL"),
    };
    let columns: Vec<&str> = FACTS.iter().map(|(c, _)| *c).collect();
    let question = format!(
        "SELECT {} FROM followers WHERE page = {} AND {} AND {} LIMIT 1",
        columns.join(", "),
        quoted(&view.page),
        same("account_id", &who.account_id),
        same("handle", &who.handle)
    );
    let mut facts = Rows::default();
    visit.shelf.read(|store| Ok(store.query(&question, 1, || true, &mut facts)?))?;
    let facts = facts.rows.pop().unwrap_or_default();
    let (batch, why) = (view.batch(who.batch.as_deref()), view.why(&who));
    let name = who.handle.as_deref().or(who.account_id.as_deref()).unwrap_or("no name").to_owned();
    let body = html! {
        (stale(&told))
        section aria-labelledby="who" {
            p.note { a href=(format!("{}?page={}&from={}#everybody", visit.to("audience"), url_encoded(&view.page), (rank - 10).max(0))) { "Back to everybody" } }
            h1 #who { bdi { (plain(&name)) } }
            p.lead { span class=(format!("class {}", who.class)) { (audience::class_name(&who.class)) } ", probability of being inauthentic " (probability(who.probability)) }
            h2 { "Why" }
            @match batch {
                Some(b) => { p { "Stands in batch " a href=(format!("{}?page={}#{}", visit.to("batches"), url_encoded(&view.page), b.id)) { (b.id) } ", " (b.arrived) "." } }
                None => { p { "Stands in no batch." } }
            }
            ul.plain { @for why in &why { li { (why) } } }
            @if facts.iter().any(|v| !v.is_empty()) {
                h2 { "What the list says" }
                dl.facts { @for ((_, name), value) in FACTS.iter().zip(&facts).filter(|(_, v)| !v.is_empty()) { div { dt { (name) } dd { bdi { (plain(value)) } } } } }
            }
            @if visit.role >= Role::Editor {
                h2 { "You know better?" }
                form.line method="post" action=(visit.to("people/overrule")) {
                    input type="hidden" name="page" value=(view.page); input type="hidden" name="rank" value=(rank);
                    input type="hidden" name="network" value=(page.network); input type="hidden" name="handle" value=[who.handle.as_deref()]; input type="hidden" name="account_id" value=[who.account_id.as_deref()];
                    label for="label" { "It is" }
                    select #label name="label" { option value="genuine" { "a person" } option value="inauthentic" { "bought or automated" } option value="as-judged" { "as assay judges" } }
                    label for="why" { "because" } input #why name="why" maxlength="500" placeholder="met at the market";
                    button.quiet type="submit" { "Overrule" }
                }
            }
            p.note { "A verdict is a probability with its evidence, not a proof; inactive is not fake." }
        }
    };
    let mut sheet = Sheet::new(name, body);
    sheet.waits_for = awaited(&told);
    Ok(sheet)
}
