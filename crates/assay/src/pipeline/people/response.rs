//! How soon the pages of a workspace answer, and the turns that tell it.

use super::queue::{Overrules, status_at};
use super::refresh;
use crate::pipeline::workspace::{calendar, now};
use crate::pipeline::{Error, Watch};
use crate::report::{ResponseReport, Warning};
use assay_model::{Class, Engagement, Go, Key, RowRef, TurnRow, Waited, response_times};
use assay_relations::Threads;
use assay_store::{PageEntry, Status, TurnEntry, Which, Workspace, key_of_handle, key_of_id};
use std::collections::{HashMap, HashSet};

/// Tells how soon answers come, of all pages or of the one that is named. Accounts that look bought are left out, and so are pages
/// of which nothing that they said was imported.
///
/// # Errors
/// If the workspace cannot be read or written, there is no such page, or `watch` answers stop.
pub fn response(
    store: &mut Workspace,
    page: Option<&str>,
    confidence: f64,
    watch: &mut Watch<'_>,
) -> Result<ResponseReport, Error> {
    refresh(store, watch)?;
    let pages = store.pages()?;
    let page = page.map(|name| crate::pipeline::workspace::named(&pages, name)).transpose()?.map(|p| p.id);
    let is_asked = |id: i64| page.is_none_or(|page| page == id);
    let silent = silent_pages(store)?;
    let warnings = silent.iter().filter(|id| is_asked(**id)).map(|id| warning(&pages, *id)).collect();
    let mut turns: Vec<Waited> = Vec::new();
    kept_turns(store, &mut |e, turn| {
        turns.extend(turn.waited().filter(|_| is_asked(e.page_id)));
        Go::On
    })?;
    let mut n_left_out = 0;
    store.conversations(Which::All, &mut |e| {
        n_left_out += u64::from(e.is_left_out && is_asked(e.page_id) && !silent.contains(&e.page_id));
        Go::On
    })?;
    let (all, weeks) = response_times(&turns, &calendar(store)?, confidence);
    Ok(ResponseReport { confidence, all, weeks, n_left_out, warnings })
}

/// The pages to which people spoke and of which nothing that they said is known.
pub(in crate::pipeline) fn silent_pages(store: &Workspace) -> Result<Vec<i64>, Error> {
    let silent = |p: &assay_store::PageSpoken| p.until.is_some() && !p.speaks;
    Ok(store.pages_spoken()?.into_iter().filter(silent).map(|p| p.page_id).collect())
}

/// Says that nothing that a page answered is known.
pub(in crate::pipeline) fn warning(pages: &[PageEntry], id: i64) -> Warning {
    let name = pages.iter().find(|p| p.id == id).and_then(|p| p.name.as_deref());
    let name = name.unwrap_or("a page without a name");
    let text = format!("nothing that {name} answered was imported: it is in no figure of how soon answers come");
    Warning { id: "no-answers-known", text }
}

/// Gives the turns that the workspace keeps, of those who are not left out, each as figures read it.
pub(in crate::pipeline) fn kept_turns(
    store: &Workspace,
    take: &mut dyn FnMut(&TurnEntry, TurnRow) -> Go,
) -> Result<(), Error> {
    let now = now();
    store.turns(&mut |e| {
        if e.is_left_out {
            return Go::On;
        }
        let turn = TurnRow {
            network: assay_model::Network::default(),
            at: e.at,
            answered_at: e.answered_at,
            seen_until: e.seen_until,
            awaits: e.is_last && status_at(e.awaits, e.n_words, e.state.as_ref(), now) == Status::Open,
            row: e.row,
        };
        take(&e, turn)
    })?;
    Ok(())
}

/// Notes who is left out of the queue, where that may be others than before.
pub(super) fn leave_out(store: &mut Workspace) -> Result<(), Error> {
    if store.left_out_is_stale()? {
        let overrules = Overrules::of(store, &store.pages()?)?;
        store.leave_out(&|e| overrules.is_inauthentic(e))?;
    }
    Ok(())
}

/// Makes turns of engagements that stand in files, where there is no workspace: what is told of one network is one page's.
#[derive(Debug, Default)]
pub(in crate::pipeline) struct TurnsOfFiles {
    threads: Threads,
    networks: Vec<String>,
}

impl TurnsOfFiles {
    /// Takes an engagement on a network, whose row stands in this file.
    pub(in crate::pipeline) fn take(&mut self, e: &Engagement<'_>, network: &str, file: u32) {
        let page = self.networks.iter().position(|n| n == network).unwrap_or_else(|| {
            self.networks.push(network.to_owned());
            self.networks.len() - 1
        });
        let row = i64::from(file) << 32 | i64::from(e.source.line);
        self.threads.take(&assay_store::said(e, row, page as u32));
    }

    /// Adds the turns to a business whose followers are judged; those of followers who look bought are left out.
    pub(in crate::pipeline) fn add_to(self, business: &mut assay_model::Business) {
        let bought = Bought::of(business);
        let ends: Vec<_> =
            (0..self.networks.len() as u32).map(|p| self.threads.until(p).filter(|_| self.threads.speaks(p))).collect();
        let mut turns = Vec::new();
        for (c, own) in self.threads.conversations() {
            let network = &self.networks[c.page as usize];
            if bought.holds(network, &c) {
                continue;
            }
            for (i, turn) in own.iter().enumerate() {
                let row = RowRef { file: (turn.row >> 32) as u32, line: turn.row as u32 };
                let turn = TurnRow {
                    network: assay_model::Network::default(),
                    at: turn.at,
                    answered_at: turn.answered_at,
                    seen_until: ends[c.page as usize],
                    awaits: c.awaits && i + 1 == own.len(),
                    row,
                };
                turns.push((row.file, row.line, network.clone(), turn));
            }
        }
        turns.sort_by_key(|t| (t.0, t.1));
        for (_, _, network, turn) in turns {
            business.begin(Some(&network), 0);
            business.take_turn(turn);
        }
    }
}

/// Followers who look bought, by network and id, and by handle.
struct Bought {
    ids: HashSet<(u16, Key)>,
    handles: HashMap<(u16, Key), bool>,
    networks: Vec<String>,
}

impl Bought {
    fn of(business: &assay_model::Business) -> Self {
        let mut found = Self { ids: HashSet::new(), handles: HashMap::new(), networks: business.networks.clone() };
        let class = business.judged.as_ref().map_or(&[][..], |j| &j.class);
        for (f, _) in business.followers.iter().zip(class).filter(|(_, c)| **c == Class::Inauthentic) {
            let (id, handle) = (business.text(f.account), business.text(f.handle));
            if !id.is_empty() {
                found.ids.insert((f.network.0, key_of_id(id)));
            }
            if !handle.is_empty() {
                found.handles.insert((f.network.0, key_of_handle(handle)), id.is_empty());
            }
        }
        found
    }

    /// As the queue joins them: an id tells an account; a handle does where one of the two sides tells no id.
    fn holds(&self, network: &str, c: &assay_model::Conversation) -> bool {
        let Some(network) = self.networks.iter().position(|n| n == network).map(|p| p as u16) else { return false };
        if c.is_id {
            return self.ids.contains(&(network, c.account)) || self.handles.get(&(network, c.handle)) == Some(&true);
        }
        self.handles.contains_key(&(network, c.account))
    }
}
