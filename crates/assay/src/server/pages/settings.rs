//! Settings: who may come in, tokens for programs, forgetting a person.

use super::layout::{Sheet, progress};
use super::{Action, Area, Fields, Visit, field};
use crate::config::Key;
use crate::pipeline::workspace::{check, now, retain, workspace_keys};
use crate::render::format::{counted, day, plain};
use crate::server::access::{Access, Role, Who, fingerprint, secret};
use crate::server::jobs::{Job, State};
use crate::server::problem::Problem;
use crate::server::unknown;
use assay_model::Go;
use maud::{Markup, html};

/// The area.
pub const AREA: Area = Area {
    id: "settings",
    name: "Settings",
    show,
    actions: &[
        Action { id: "forget", needs: Role::Owner, act: forget },
        Action { id: "prepared", needs: Role::Editor, act: prepared },
        Action { id: "keep", needs: Role::Owner, act: keep },
        Action { id: "retain", needs: Role::Owner, act: drop_now },
        Action { id: "role", needs: Role::Owner, act: role },
        Action { id: "token", needs: Role::Viewer, act: token },
        Action { id: "untoken", needs: Role::Viewer, act: untoken },
    ],
    files: &[],
};

fn show(visit: &Visit) -> Result<Sheet, Problem> {
    let job = visit.get("job").and_then(|id| visit.server.jobs.get(id)).filter(|j| j.workspace == visit.shelf.name);
    let body = html! {
        section aria-labelledby="about" {
            h1 #about { "Settings of " (visit.shelf.name) }
            dl.facts {
                div { dt { "Your role" } dd { (visit.role.name()) } }
                div { dt { "Confidence of intervals" } dd { (visit.server.fixed.confidence) } }
                @if visit.role == Role::Owner { div { dt { "File" } dd { code { (visit.shelf.path.display()) } } } }
            }
            p.note { "Settings of assay itself are shown by " code { "assay config show --origin" } "." }
        }
        @if visit.role >= Role::Editor && visit.shelf.exists() { (reports(visit)?) }
        @if visit.role == Role::Owner && visit.shelf.exists() { (counting(visit)?) (retention(visit, job.as_deref())?) }
        @if visit.role == Role::Owner { (forgetting(visit)) }
        @if let Access::Accounts(accounts) = &visit.server.access {
            @if visit.role == Role::Owner { (people(visit, &accounts.with(|r| r.accounts())?)) }
            @if let Some(name) = visit.who.account() { (tokens(visit, &accounts.with(|r| r.tokens(name))?)) }
        }
    };
    let mut sheet = Sheet::new("Settings", body);
    sheet.waits_for = job.filter(|j| !j.state().has_ended()).map(|j| j.id.clone());
    Ok(sheet)
}

/// The settings of a group and what the workspace says of each.
fn kept(visit: &Visit, is_retention: bool) -> Result<Vec<(&'static Key, Option<String>)>, Problem> {
    let keys = workspace_keys().filter(|key| key.name.starts_with("retention.") == is_retention);
    Ok(visit.shelf.read(|store| keys.map(|key| Ok((key, store.setting(key.name)?))).collect())?)
}

fn fields(keys: &[(&'static Key, Option<String>)], empty: &str) -> Markup {
    html! {
        div.settings {
            @for (key, value) in keys {
                @let id = key.name.replace('.', "-");
                label for=(id) { (key.name.rsplit('.').next().unwrap_or(key.name).replace('-', " ")) }
                @if key.choices.is_empty() { input id=(id) name=(key.name) value=[value.as_deref()] placeholder=(key.built_in.unwrap_or(empty)) maxlength="60" autocomplete="off" aria-describedby=(format!("{id}-is")); }
                @else {
                    select id=(id) name=(key.name) aria-describedby=(format!("{id}-is")) {
                        @for choice in key.choices { option value=(choice) selected[value.as_deref().or(key.built_in) == Some(choice)] { (choice) } }
                    }
                }
                span.note id=(format!("{id}-is")) { (key.meaning) }
            }
        }
    }
}

fn counting(visit: &Visit) -> Result<Markup, Problem> {
    Ok(html! {
        section aria-labelledby="counting" {
            h2 #counting { "How this business counts" }
            form method="post" action=(visit.to("settings/keep")) {
                (fields(&kept(visit, false)?, "as the rows name it"))
                button type="submit" { "Keep" }
            }
        }
    })
}

fn retention(visit: &Visit, job: Option<&Job>) -> Result<Markup, Problem> {
    let keys = kept(visit, true)?;
    Ok(html! {
        section aria-labelledby="retention" {
            h2 #retention { "How long people are kept" }
            p.lead { "Rows of persons go when they are older than this, such as 400d, 26w or 2y; counts of them stay. What has no end is kept for good." }
            @if let Some(job) = job {
                @match job.state() {
                    State::Done { result } => {
                        div.done role="status" {
                            @let lines = result.as_array().map(Vec::as_slice).unwrap_or_default();
                            @if lines.is_empty() { p { "Nothing was older." } }
                            @for line in lines { p { "Dropped: " (plain(line.as_str().unwrap_or(""))) } }
                        }
                    }
                    _ => { (progress(job)) }
                }
            }
            form method="post" action=(visit.to("settings/keep")) {
                (fields(&keys, "kept for good"))
                button type="submit" { "Keep" }
            }
            @if keys.iter().any(|(_, value)| value.is_some()) {
                form.line method="post" action=(visit.to("settings/retain")) data-confirm="Drop what is older than it is kept? This cannot be taken back." {
                    button.danger type="submit" { "Drop what is older now" }
                }
                p.note { "Each import does the same at its end." }
            }
        }
    })
}

fn keep(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let told = form.iter().filter(|(name, _)| workspace_keys().any(|key| key.name == name));
    let checked: Vec<_> = told
        .map(|(name, value)| check(name, Some(value.trim()).filter(|v| !v.is_empty())))
        .collect::<Result<_, _>>()?;
    visit.shelf.write(|store| {
        for (key, value) in &checked {
            store.set(key.name, value.as_deref())?;
        }
        Ok(())
    })?;
    Ok(visit.to("settings"))
}

fn drop_now(visit: &Visit, _: &Fields) -> Result<String, Problem> {
    let path = crate::pipeline::workspace::existing(&visit.shelf.path)?;
    let job = visit.server.jobs.ask(&visit.shelf.name, "dropping what is not kept longer", move |watch| {
        let dropped = retain(&path, assay_store::Dropping::Now, watch)?;
        Ok(dropped.iter().map(crate::render::workspace::dropped_line).collect())
    });
    Ok(format!("{}?job={}#retention", visit.to("settings"), job.id))
}

/// The most characters of a sign as text.
const LOGO_MAX: usize = 200_000;

fn reports(visit: &Visit) -> Result<Markup, Problem> {
    let (by, logo) = visit.shelf.read(|store| Ok((store.setting("report_by")?, store.setting("report_logo")?)))?;
    Ok(html! {
        section aria-labelledby="reports" {
            h2 #reports { "Reports for a client" }
            p.lead { "What stands at the head of a report: who prepared it, and their sign (a PNG or JPEG of at most 140 KB)." }
            @if let Some(logo) = &logo { p { img.logo src=(logo) alt="the sign as it is now"; } }
            form.line method="post" action=(visit.to("settings/prepared")) data-logo="" {
                label for="by" { "Prepared by" } input #by name="by" value=[by.as_deref()] maxlength="120";
                input type="hidden" name="logo";
                label for="logo-file" { "Sign" } input #logo-file type="file" accept="image/png,image/jpeg";
                button type="submit" { "Keep" }
            }
        }
    })
}

fn prepared(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let logo = field(form, "logo");
    if let Some(logo) = logo {
        let is_picture = ["data:image/png;base64,", "data:image/jpeg;base64,"].iter().any(|head| {
            logo.strip_prefix(head)
                .is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/=".contains(&b)))
        });
        if !is_picture || logo.len() > LOGO_MAX {
            return Err(Problem::bad("expected a PNG or JPEG of at most 140 KB", "make the picture smaller"));
        }
    }
    let by = field(form, "by").map(|by| by.chars().filter(|c| !c.is_control()).take(120).collect::<String>());
    visit.shelf.write(|store| {
        store.set("report_by", by.as_deref())?;
        if logo.is_some() {
            store.set("report_logo", logo)?;
        }
        Ok(())
    })?;
    Ok(visit.to("settings"))
}

fn forgetting(visit: &Visit) -> Markup {
    html! {
        section aria-labelledby="forget" {
            h2 #forget { "Forget a person" }
            p.lead { "Erases what is kept of them, in every version, and keeps them out of later imports. Older copies of the workspace are not touched." }
            @if let Some(n) = visit.get("forgotten") { p.done role="status" { "Erased " (n) "." } }
            form.line method="post" action=(visit.to("settings/forget")) data-confirm="Erase this person everywhere? This cannot be taken back." {
                label for="handle" { "Handle or address" } input #handle name="handle" required maxlength="200";
                label for="network" { "Network" } input #network name="network" placeholder="all" maxlength="40";
                button.danger type="submit" { "Forget" }
            }
        }
    }
}

fn people(visit: &Visit, accounts: &[assay_store::AccountRoles]) -> Markup {
    html! {
        section aria-labelledby="people" {
            h2 #people { "Who may come in" }
            table {
                thead { tr { th scope="col" { "Name" } th scope="col" { "Role here" } } }
                tbody {
                    @for (name, roles) in accounts {
                        @let own = roles.iter().find(|(of, _)| *of == visit.shelf.name).map(|(_, r)| r.as_str());
                        @let all = roles.iter().find(|(of, _)| of == "*").map(|(_, r)| r.as_str());
                        @if own.is_some() || all.is_some() { tr { th scope="row" { (plain(name)) } td { (own.or(all).unwrap_or("")) @if own.is_none() { " of all workspaces" } } } }
                    }
                }
            }
            form.line method="post" action=(visit.to("settings/role")) {
                label for="account" { "Name" } input #account name="account" required maxlength="100";
                label for="role" { "Role" }
                select #role name="role" { @for r in Role::ALL { option value=(r.name()) { (r.name()) } } option value="" { "none" } }
                button type="submit" { "Set" }
            }
            p.note { "Accounts are made at the machine: " code { "assay serve account set NAME" } "." }
        }
    }
}

fn tokens(visit: &Visit, tokens: &[assay_store::TokenEntry]) -> Markup {
    html! {
        section aria-labelledby="tokens" {
            h2 #tokens { "Tokens for programs" }
            @if let Some(made) = visit.get("made").and_then(|id| visit.server.once.take(id)) { p.done role="status" { "The new token, shown this once: " code { (made) } } }
            @if !tokens.is_empty() {
                ul.plain { @for t in tokens { li {
                    (plain(&t.name)) ", " (t.scopes) ", made " (day(t.made_at)) " "
                    form.inline method="post" action=(visit.to("settings/untoken")) { input type="hidden" name="id" value=(t.id); button.quiet type="submit" { "Remove" } }
                } } }
            }
            form.line method="post" action=(visit.to("settings/token")) {
                label for="token-name" { "Name" } input #token-name name="name" required maxlength="60";
                label for="scope" { "May do as" }
                select #scope name="scope" { @for r in Role::ALL.iter().filter(|r| **r <= visit.role) { option value=(r.name()) { (r.name()) } } }
                button type="submit" { "Make a token" }
            }
        }
    }
}

fn forget(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let handle = field(form, "handle").unwrap_or("").trim_start_matches('@');
    if handle.is_empty() {
        return Err(Problem::bad("expected a handle, found nothing", ""));
    }
    let network = field(form, "network").map(str::to_lowercase);
    visit.shelf.drop_answers();
    unknown::discard_all(&visit.shelf);
    let erased = visit.shelf.write(|store| Ok(store.forget(handle, network.as_deref(), now(), &mut |_, _| Go::On)?))?;
    // An answer may have been made of the rows in between.
    visit.shelf.drop_answers();
    let said = counted(erased.n_rows, "row", "rows");
    Ok(format!("{}?forgotten={}", visit.to("settings"), super::url_encoded(&said)))
}

fn role(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let Access::Accounts(accounts) = &visit.server.access else {
        return Err(Problem::not_found("register of accounts"));
    };
    let account = field(form, "account").unwrap_or("");
    let role = field(form, "role").and_then(Role::parse);
    if visit.who.account() == Some(account) && role != Some(Role::Owner) {
        return Err(Problem::forbidden("expected another owner to take this away from you"));
    }
    let is_there = accounts.with(|r| r.set_role(account, &visit.shelf.name, role.map(Role::name)))?;
    if !is_there {
        return Err(Problem::new(
            axum::http::StatusCode::UNPROCESSABLE_ENTITY,
            format!("there is no account called {account}"),
            "`assay serve account set NAME` makes one",
        ));
    }
    Ok(visit.to("settings"))
}

fn token(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let (Access::Accounts(accounts), Who::Account(name)) = (&visit.server.access, &visit.who) else {
        return Err(Problem::forbidden("expected somebody who is signed in with a password"));
    };
    let scope = field(form, "scope").and_then(Role::parse).unwrap_or(Role::Viewer);
    let (secret, called) = (secret()?, field(form, "name").unwrap_or("token"));
    accounts.with(|r| r.add_token(&fingerprint(&secret), name, called, scope.name(), now()))?;
    Ok(format!("{}?made={}#tokens", visit.to("settings"), visit.server.once.keep(secret)?))
}

fn untoken(visit: &Visit, form: &Fields) -> Result<String, Problem> {
    let (Access::Accounts(accounts), Some(name)) = (&visit.server.access, visit.who.account()) else {
        return Err(Problem::forbidden("expected somebody who is signed in"));
    };
    let id = field(form, "id").and_then(|t| t.parse().ok()).unwrap_or(0);
    accounts.with(|r| r.remove_token(name, id))?;
    Ok(format!("{}#tokens", visit.to("settings")))
}
