//! How soon the pages of a workspace answer.

use super::queue::Overrules;
use super::refresh;
use crate::pipeline::workspace::calendar;
use crate::pipeline::{Error, Watch};
use crate::report::{ResponseReport, Warning};
use assay_model::{Go, TimeMs, Turn};
use assay_relations::response_times;
use assay_store::{Which, Workspace};
use std::collections::HashMap;

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
    let page = page.map(|name| crate::pipeline::workspace::named(&pages, name)).transpose()?;
    let overrules = Overrules::of(store, &pages)?;
    let mut warnings = Vec::new();
    let mut until: HashMap<i64, TimeMs> = HashMap::new();
    for spoken in store.pages_spoken()?.into_iter().filter(|p| page.as_ref().is_none_or(|of| of.id == p.page_id)) {
        match spoken.until {
            Some(at) if spoken.speaks => {
                until.insert(spoken.page_id, at);
            }
            Some(_) => {
                let name = pages.iter().find(|p| p.id == spoken.page_id).and_then(|p| p.name.as_deref());
                let name = name.unwrap_or("a page without a name");
                let text = format!("nothing that {name} answered was imported: it is in no figure");
                warnings.push(Warning { id: "no-answers-known", text });
            }
            None => {}
        }
    }
    let mut turns: Vec<(Turn, TimeMs)> = Vec::new();
    let mut n_left_out = 0;
    store.conversations(Which::All, &mut |e| {
        let Some(&until) = until.get(&e.page_id) else { return Go::On };
        if overrules.is_inauthentic(&e) {
            n_left_out += 1;
        } else {
            turns.extend(e.turns.iter().map(|turn| (*turn, until)));
        }
        Go::On
    })?;
    let (all, weeks) = response_times(&turns, &calendar(store)?, confidence);
    Ok(ResponseReport { confidence, all, weeks, n_left_out, warnings })
}
