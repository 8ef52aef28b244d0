//! The queue of those who await an answer, and single conversations.

use super::{not_there, refresh, ways};
use crate::pipeline::workspace::now;
use crate::pipeline::{Error, Watch};
use crate::report::{ConversationReport, CustomerOf, QueueCounts, QueueItem, QueueReport, Warning};
use assay_detect::share::INAUTHENTIC_FROM;
use assay_model::{Go, Key, TimeMs};
use assay_relations::{Bought, Candidate, Queued};
use assay_store::{
    ConversationEntry, ConversationId, Overruled, PageEntry, State, Status, Which, Workspace, key_of_handle, key_of_id,
};
use std::collections::HashMap;

/// The most words of a conversation that are told; the last ones.
const WORDS_MAX: usize = 500;

/// Words among which the account's last one is looked for.
const WORDS_SEEN: usize = 50;

/// What is asked of the queue.
#[derive(Debug, Clone)]
pub struct QueueOptions {
    /// Which conversations.
    pub statuses: Vec<Status>,
    /// Of this page alone.
    pub page: Option<String>,
    /// Of whom this person handles alone.
    pub handled_by: Option<String>,
    /// The most that are told.
    pub limit: usize,
    /// How many are passed over first.
    pub offset: usize,
    /// The moment; that of the clock where none is told.
    pub now: Option<TimeMs>,
}

impl Default for QueueOptions {
    fn default() -> Self {
        Self { statuses: vec![Status::Open], page: None, handled_by: None, limit: 20, offset: 0, now: None }
    }
}

/// What a conversation needs to be put in order.
struct Light {
    id: ConversationId,
    waiting_since: Option<TimeMs>,
    is_question: bool,
    n_engagements: u32,
    bought: Option<Box<Bought>>,
}

/// Tells who awaits an answer, in the order of what an answer is worth; inauthentic accounts are left out and counted.
///
/// # Errors
/// If the workspace cannot be read or written, there is no such page, or `watch` answers stop.
pub fn queue(store: &mut Workspace, options: &QueueOptions, watch: &mut Watch<'_>) -> Result<QueueReport, Error> {
    refresh(store, watch)?;
    let now = options.now.unwrap_or_else(now);
    let pages = store.pages()?;
    let page = options.page.as_deref().map(|name| crate::pipeline::workspace::named(&pages, name)).transpose()?;
    let overrules = Overrules::of(store, &pages)?;
    let needs_all = options.statuses.contains(&Status::Answered);
    let mut counts = QueueCounts::default();
    let mut light = Vec::new();
    store.conversations(if needs_all { Which::All } else { Which::Waiting }, &mut |e| {
        if page.as_ref().is_some_and(|p| p.id != e.page_id)
            || options.handled_by.is_some()
                && e.state.as_ref().and_then(|s| s.handled_by.as_ref()) != options.handled_by.as_ref()
        {
            return Go::On;
        }
        let status = status_of(&e, now);
        if overrules.is_inauthentic(&e) {
            counts.n_left_out += u64::from(status == Status::Open);
            return Go::On;
        }
        *counts.of(status) += 1;
        counts.n_unjudged += u64::from(status == Status::Open && e.probability.is_none());
        if options.statuses.contains(&status) {
            light.push(light_of(&e));
        }
        Go::On
    })?;
    let order = order(&light, now);
    let mut items = Vec::new();
    for queued in order.iter().skip(options.offset).take(options.limit) {
        if let Some(e) = one(store, light[queued.index].id)? {
            items.push(item(store, &pages, &overrules, &e, now, queued.clone())?);
        }
    }
    if !needs_all && options.handled_by.is_none() {
        // Those of which nobody decided anything were not looked at.
        let border = f64::from(INAUTHENTIC_FROM as f32);
        counts.n_answered += store.n_at_rest(page.as_ref().map(|p| p.id), border)?;
    }
    Ok(QueueReport {
        now,
        statuses: options.statuses.clone(),
        counts,
        offset: options.offset as u64,
        n_matching: light.len() as u64,
        items,
        warnings: warnings(store, &pages, page.as_ref())?,
    })
}

/// Tells one conversation: what was said, what was noted, and how it can be answered.
///
/// # Errors
/// If there is none of this id, the workspace cannot be read or written, or `watch` answers stop.
pub fn conversation(
    store: &mut Workspace,
    id: ConversationId,
    at: Option<TimeMs>,
    watch: &mut Watch<'_>,
) -> Result<ConversationReport, Error> {
    refresh(store, watch)?;
    let now = at.unwrap_or_else(now);
    let entry = one(store, id)?.ok_or_else(|| not_there(id))?;
    let pages = store.pages()?;
    let overrules = Overrules::of(store, &pages)?;
    let light = [light_of(&entry)];
    let queued = order(&light, now).remove(0);
    let words = store.words(id, WORDS_MAX)?;
    let item = item(store, &pages, &overrules, &entry, now, queued)?;
    Ok(ConversationReport {
        now,
        n_before: u64::from(entry.n_words + entry.n_by_page).saturating_sub(words.len() as u64),
        words,
        notes: store.notes_on(id)?,
        ways: ways(&item.network),
        item,
    })
}

fn status_of(e: &ConversationEntry, now: TimeMs) -> Status {
    status_at(e.awaits, e.n_words, e.state.as_ref(), now)
}

/// The status at a moment of a conversation that awaits an answer by what was imported, or not, and of so many words of the person:
/// what was decided holds until the person writes again.
pub(super) fn status_at(awaits: bool, n_words_now: u32, state: Option<&State>, now: TimeMs) -> Status {
    let by_facts = if awaits { Status::Open } else { Status::Answered };
    match state {
        Some(State { status: Some(status), until, n_words, .. }) if n_words_now <= *n_words => match status {
            Status::Snoozed if until.is_none_or(|until| until <= now) => by_facts,
            status => *status,
        },
        _ => by_facts,
    }
}

fn one(store: &Workspace, id: ConversationId) -> Result<Option<ConversationEntry>, Error> {
    let mut found = None;
    store.conversations(Which::One(id), &mut |e| {
        found = Some(e);
        Go::On
    })?;
    Ok(found)
}

fn light_of(e: &ConversationEntry) -> Light {
    let bought = || Box::new(Bought { n_orders: e.n_orders, spent: Vec::new(), below_share: e.below_share });
    Light {
        id: e.id,
        waiting_since: e.waiting_since,
        is_question: e.is_question,
        n_engagements: e.n_engagements,
        bought: e.customer_id.is_some().then(bought),
    }
}

fn order(light: &[Light], now: TimeMs) -> Vec<Queued> {
    let all: Vec<Candidate<'_>> = light
        .iter()
        .map(|l| Candidate {
            id: l.id.number(),
            waiting_since: l.waiting_since,
            is_question: l.is_question,
            n_engagements: l.n_engagements,
            bought: l.bought.as_deref(),
        })
        .collect();
    assay_relations::queue(&all, now)
}

/// A conversation with all that is shown of it.
fn item(
    store: &Workspace,
    pages: &[PageEntry],
    overrules: &Overrules,
    e: &ConversationEntry,
    now: TimeMs,
    queued: Queued,
) -> Result<QueueItem, Error> {
    let page = pages.iter().find(|p| p.id == e.page_id);
    let words = store.words(e.id, WORDS_SEEN)?;
    let last = words.iter().rev().find(|w| !w.by_page);
    let customer = e.customer_id.as_ref().map(|customer_id| CustomerOf {
        customer_id: customer_id.clone(),
        basis: e.basis.clone().unwrap_or_default(),
        n_orders: e.n_orders,
        spent: e.spent.clone(),
        below_share: e.below_share,
        last_order_at: e.last_order_at,
    });
    let elsewhere = match &e.customer_id {
        Some(customer) => store.accounts_of(customer, e.id)?,
        None => Vec::new(),
    };
    let network = page.map_or("", |p| &p.network).to_owned();
    let is_other = |(on, name): &(String, String)| {
        *on != network || e.handle.as_ref() != Some(name) && e.account_id.as_ref() != Some(name)
    };
    Ok(QueueItem {
        id: e.id.to_string(),
        page: page.and_then(|p| p.name.clone()),
        account_id: e.account_id.clone(),
        handle: e.handle.clone(),
        display_name: e.display_name.clone(),
        kind: e.kind,
        text: last.and_then(|w| w.text.clone()),
        post_id: last.and_then(|w| w.post_id.clone()),
        status: status_of(e, now),
        until: e.state.as_ref().and_then(|s| s.until),
        handled_by: e.state.as_ref().and_then(|s| s.handled_by.clone()),
        waiting_since: e.waiting_since,
        last_at: e.last_at,
        answered_at: e.answered_at,
        n_words: e.n_words,
        n_by_page: e.n_by_page,
        n_notes: store.notes_on(e.id)?.len() as u64,
        probability: e.probability,
        overruled: overrules.find(e).map(|o| (o.who.clone(), o.is_inauthentic)),
        customer,
        elsewhere: elsewhere.into_iter().filter(is_other).collect(),
        score: queued.score,
        reasons: queued.reasons,
        network,
    })
}

fn warnings(store: &Workspace, pages: &[PageEntry], page: Option<&PageEntry>) -> Result<Vec<Warning>, Error> {
    let mut all = Vec::new();
    for spoken in store.pages_spoken()? {
        let Some(of) = pages.iter().find(|p| p.id == spoken.page_id && page.is_none_or(|page| page.id == p.id)) else {
            continue;
        };
        if spoken.until.is_some() && !spoken.speaks {
            let name = of.name.as_deref().unwrap_or("a page without a name");
            let text = format!(
                "nothing that {name} answered was imported: all who wrote to it seem to wait, until its own comments and answers \
                 are imported or conversations are marked as answered"
            );
            all.push(Warning { id: "no-answers-known", text });
        }
    }
    Ok(all)
}

/// Verdicts that are overruled, by network and account.
pub(super) struct Overrules {
    by: HashMap<(String, Key), Overruled>,
    network_of: HashMap<i64, String>,
}

impl Overrules {
    pub(super) fn of(store: &Workspace, pages: &[PageEntry]) -> Result<Self, Error> {
        let mut by = HashMap::new();
        for o in store.overruled()? {
            let keys = [o.account_id.as_deref().map(key_of_id), o.handle.as_deref().map(key_of_handle)];
            for key in keys.into_iter().flatten() {
                by.insert((o.network.clone(), key), o.clone());
            }
        }
        Ok(Self { by, network_of: pages.iter().map(|p| (p.id, p.network.clone())).collect() })
    }

    pub(super) fn find(&self, e: &ConversationEntry) -> Option<&Overruled> {
        if self.by.is_empty() {
            return None;
        }
        let network = self.network_of.get(&e.page_id)?;
        let by = |key: Key| self.by.get(&(network.clone(), key)).or_else(|| self.by.get(&(String::new(), key)));
        let by_id = e.account_id.as_deref().map(key_of_id).and_then(by);
        // A handle tells an account where one of the two is without an id.
        let by_handle = || {
            let found = e.handle.as_deref().map(key_of_handle).and_then(by);
            found.filter(|o| o.account_id.is_none() || e.account_id.is_none())
        };
        by_id.or_else(by_handle)
    }

    /// Whether an account is left out of the queue: who says so counts, else the newest audit. One that nobody judged is not.
    pub(super) fn is_inauthentic(&self, e: &ConversationEntry) -> bool {
        match self.find(e) {
            Some(overruled) => overruled.is_inauthentic,
            // Probabilities are kept as verdicts hold them.
            None => e.probability.is_some_and(|p| p as f32 >= INAUTHENTIC_FROM as f32),
        }
    }
}
