//! What is decided of conversations and accounts.

use super::{not_there, queue, refresh};
use crate::pipeline::workspace::{named, now};
use crate::pipeline::{Error, Watch};
use crate::report::ConversationReport;
use assay_model::{Label, LabelTable, TimeMs};
use assay_store::{Account, By, ConversationId, Overruled, PageEntry, SavedAnswer, Status, StoreError, Workspace};

/// The most bytes of a note or a saved answer.
const TEXT_BYTES_MAX: usize = 20_000;

/// What is decided when somebody is answered.
#[derive(Debug, Clone)]
pub struct Decided<'a> {
    /// The status.
    pub status: Status,
    /// Until when it is put off.
    pub until: Option<TimeMs>,
    /// What is noted.
    pub note: Option<&'a str>,
    /// Who handles it from now on.
    pub handled_by: Option<&'a str>,
}

fn done(id: ConversationId, is_there: Result<bool, StoreError>) -> Result<(), Error> {
    if is_there? { Ok(()) } else { Err(not_there(id)) }
}

fn said<'a>(what: &str, text: &'a str) -> Result<&'a str, Error> {
    let text = text.trim();
    let found = match text.len() {
        0 => "nothing".to_owned(),
        n if n > TEXT_BYTES_MAX => format!("{n} bytes"),
        _ => return Ok(text),
    };
    Err(Error::Usage { message: format!("expected {what} of up to {TEXT_BYTES_MAX} bytes, found {found}"), hint: None })
}

/// Sets the status of a conversation.
///
/// # Errors
/// If there is no such conversation, it is put off without a time to come, or it cannot be written.
pub fn set_status(
    store: &mut Workspace,
    id: ConversationId,
    status: Status,
    until: Option<TimeMs>,
    who: &str,
) -> Result<(), Error> {
    let at = now();
    match (status, until) {
        (Status::Snoozed, None) => Err(Error::Usage {
            message: "expected until when the conversation is put off, found no time".to_owned(),
            hint: Some("such as --until 3d or --until 2026-03-05".to_owned()),
        }),
        (Status::Snoozed, Some(until)) if until <= at => Err(Error::Usage {
            message: "expected a time to come, found one that is past".to_owned(),
            hint: Some("such as --until 3d".to_owned()),
        }),
        (Status::Snoozed, _) | (_, None) => done(id, store.set_status(id, status, until, By { who, at })),
        (_, Some(_)) => Err(Error::Usage {
            message: format!("expected a time for the status snoozed alone, found one for {}", status.name()),
            hint: None,
        }),
    }
}

/// Says who handles a conversation, or that nobody does.
///
/// # Errors
/// If there is no such conversation, or it cannot be written.
pub fn assign(store: &mut Workspace, id: ConversationId, to: Option<&str>, who: &str) -> Result<(), Error> {
    let to = to.map(str::trim).filter(|t| !t.is_empty());
    done(id, store.assign(id, to, By { who, at: now() }))
}

/// Notes something of a conversation.
///
/// # Errors
/// If there is no such conversation, the note is empty or too long, or it cannot be written.
pub fn note(store: &mut Workspace, id: ConversationId, text: &str, who: &str) -> Result<(), Error> {
    done(id, store.note(id, said("a note", text)?, By { who, at: now() }))
}

/// Tells a conversation and marks what became of it: it is answered on the network, by one of [`super::WAYS`].
///
/// # Errors
/// If there is no such conversation, or it cannot be written.
pub fn answer(
    store: &mut Workspace,
    id: ConversationId,
    decided: &Decided<'_>,
    who: &str,
    watch: &mut Watch<'_>,
) -> Result<ConversationReport, Error> {
    refresh(store, watch)?;
    set_status(store, id, decided.status, decided.until, who)?;
    if let Some(text) = decided.note {
        note(store, id, text, who)?;
    }
    if decided.handled_by.is_some() {
        assign(store, id, decided.handled_by, who)?;
    }
    queue::conversation(store, id, None, watch)
}

/// The answers that are kept to be used again, by name.
///
/// # Errors
/// If they cannot be read.
pub fn saved_answers(store: &Workspace) -> Result<Vec<SavedAnswer>, Error> {
    Ok(store.saved_answers()?)
}

/// Keeps an answer under a name, in place of one that has it.
///
/// # Errors
/// If name or text is empty or too long, or it cannot be written.
pub fn save_answer(store: &mut Workspace, name: &str, text: &str, who: &str) -> Result<(), Error> {
    let (name, text) = (said("a name", name)?, said("an answer", text)?);
    Ok(store.save_answer(name, text, By { who, at: now() })?)
}

/// Takes a saved answer away.
///
/// # Errors
/// If there is none of this name, or it cannot be written.
pub fn remove_answer(store: &mut Workspace, name: &str) -> Result<(), Error> {
    if store.remove_answer(name.trim())? {
        return Ok(());
    }
    Err(Error::Input {
        message: format!("there is no saved answer {name}"),
        hint: Some("`assay people saved list` tells their names".to_owned()),
    })
}

/// The network that is meant: the one that is named, or the only one of the workspace.
///
/// # Errors
/// If none is named and there is not one alone.
pub fn network_of(store: &Workspace, named: Option<&str>) -> Result<String, Error> {
    if let Some(name) = named {
        return Ok(name.trim().to_lowercase());
    }
    let mut networks: Vec<String> = store.pages()?.into_iter().map(|p| p.network).filter(|n| !n.is_empty()).collect();
    networks.sort_unstable();
    networks.dedup();
    match &networks[..] {
        // Without any, a table of no network is all there is.
        [] => Ok(String::new()),
        [only] => Ok(only.clone()),
        several => Err(Error::Usage {
            message: "expected --network: the handle of one network may be somebody else's on another".to_owned(),
            hint: Some(format!("such as --network {}", several[0])),
        }),
    }
}

/// The account of a handle, with or without `@`, or of an id.
pub fn account_of<'a>(network: &'a str, handle: Option<&'a str>, account_id: Option<&'a str>) -> Account<'a> {
    let filled = |t: Option<&'a str>| t.map(|t| t.trim().trim_start_matches('@')).filter(|t| !t.is_empty());
    Account { network, handle: filled(handle), account_id: account_id.map(str::trim).filter(|t| !t.is_empty()) }
}

/// Overrules the verdict on an account: from now on audits say so, and the queue goes by it.
///
/// # Errors
/// If neither handle nor id is told, no reason is given, or it cannot be written.
pub fn overrule(
    store: &mut Workspace,
    account: Account<'_>,
    is_inauthentic: bool,
    why: &str,
    who: &str,
) -> Result<i64, Error> {
    somebody(account)?;
    Ok(store.overrule(account, is_inauthentic, said("a reason", why)?, By { who, at: now() })?)
}

/// Takes the overruling of an account back.
///
/// # Errors
/// If there is none, or it cannot be written.
pub fn withdraw(store: &mut Workspace, account: Account<'_>) -> Result<(), Error> {
    somebody(account)?;
    if store.withdraw_overrule(account, now())? > 0 {
        return Ok(());
    }
    Err(Error::Input {
        message: "no verdict on this account is overruled".to_owned(),
        hint: Some("`assay people overrule --list` tells those that are".to_owned()),
    })
}

/// The verdicts that are overruled.
///
/// # Errors
/// If they cannot be read.
pub fn overruled(store: &Workspace) -> Result<Vec<Overruled>, Error> {
    Ok(store.overruled()?)
}

fn somebody(account: Account<'_>) -> Result<(), Error> {
    if account.handle.is_some() || account.account_id.is_some() {
        return Ok(());
    }
    Err(Error::Usage { message: "expected a handle or the id of an account, found neither".to_owned(), hint: None })
}

/// Keeps the labels of a table of followers that were drawn for labelling. Answers how many.
///
/// # Errors
/// If there is no such page, or they cannot be written.
pub fn label(store: &mut Workspace, page: Option<&str>, table: &LabelTable, who: &str) -> Result<u64, Error> {
    let page = page_of(store, page)?;
    store.label(page.id, &table.labels, By { who, at: now() })?;
    Ok(table.labels.len() as u64)
}

/// Keeps the label of one follower, or takes it away.
///
/// # Errors
/// If there is no such page, nobody is named, or it cannot be written.
pub fn label_one(store: &mut Workspace, page: Option<&str>, label: Label, who: &str) -> Result<(), Error> {
    somebody(account_of("", label.handle.as_deref(), label.account_id.as_deref()))?;
    self::label(store, page, &LabelTable { labels: vec![label], ..LabelTable::default() }, who).map(|_| ())
}

/// Takes the label of a follower away.
///
/// # Errors
/// If there is no such page or label, nobody is named, or it cannot be written.
pub fn unlabel(
    store: &mut Workspace,
    page: Option<&str>,
    handle: Option<&str>,
    account_id: Option<&str>,
) -> Result<(), Error> {
    let (page, account) = (page_of(store, page)?, account_of("", handle, account_id));
    somebody(account)?;
    if store.unlabel(page.id, account)? > 0 {
        return Ok(());
    }
    Err(Error::Input { message: "this follower has no label".to_owned(), hint: None })
}

/// The page that is named, or the only one with a follower list.
fn page_of(store: &Workspace, page: Option<&str>) -> Result<PageEntry, Error> {
    let pages = store.pages()?;
    if let Some(name) = page {
        return named(&pages, name);
    }
    let lists = store.snapshots()?;
    let with_list: Vec<&PageEntry> = pages.iter().filter(|p| lists.iter().any(|l| l.page_id == p.id)).collect();
    match with_list[..] {
        [one] => Ok(one.clone()),
        _ => Err(Error::Usage {
            message: format!("expected --page, since the workspace holds follower lists of {} pages", with_list.len()),
            hint: Some("`assay sql 'SELECT page FROM pages'` tells their names".to_owned()),
        }),
    }
}
