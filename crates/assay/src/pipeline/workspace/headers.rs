//! What the user once said of the headers of a table, kept in the workspace and used when a table with the same headers comes.

use super::read_workspace;
use crate::pipeline::Error;
use assay_import::{Bundle, HeaderMap, Plan, header_key, of_headers};
use assay_store::Workspace;
use std::path::Path;

/// The setting under which the pairs of a set of headers are kept.
fn setting(key: &str) -> String {
    format!("headers.{key}")
}

/// Files of a bundle whose headers are looked up: exports hold more, and none of those is a table of the user's own.
const FILES_MAX: usize = 200;

/// Has each table read as was said before of its headers. What is said now goes before. Tells what was remembered.
///
/// # Errors
/// If the workspace is there and cannot be read.
pub(super) fn recall(bundle: &mut Bundle, workspace: &Path) -> Result<Vec<String>, Error> {
    if !workspace.exists() {
        return Ok(Vec::new());
    }
    // A workspace of an older form has none of these, and is brought up when it is written.
    let Ok(store) = read_workspace(workspace) else { return Ok(Vec::new()) };
    let mut notes = Vec::new();
    for member in 0..bundle.members().len().min(FILES_MAX) {
        let Some(key) = header_key(bundle, member) else { continue };
        let Some(text) = store.setting(&setting(&key))? else { continue };
        let map = HeaderMap::parse(&text, "the workspace")?;
        notes.push(format!(
            "the headers of {} are read as was said of such a table before: {}; --map says otherwise",
            bundle.members()[member].name,
            shown(&map)
        ));
        bundle.map_member(member, &map);
    }
    Ok(notes)
}

/// Keeps what was said now of the headers of the tables that were read. Tells what is kept.
///
/// # Errors
/// If the workspace cannot be written.
pub(super) fn keep(bundle: &Bundle, plan: &Plan, said: &HeaderMap, store: &Workspace) -> Result<Vec<String>, Error> {
    let mut notes = Vec::new();
    if said.pairs.is_empty() {
        return Ok(notes);
    }
    for member in plan.steps.iter().flat_map(|step| step.members.iter().copied()) {
        let mut own = of_headers(bundle, member, said);
        // Pairs are kept a line each.
        own.pairs.retain(|pair| !pair.header.contains('\n') && !pair.header.starts_with('#'));
        let Some(key) = header_key(bundle, member).filter(|_| !own.pairs.is_empty()) else { continue };
        let setting = setting(&key);
        let mut map = match store.setting(&setting)? {
            Some(before) => HeaderMap::parse(&before, "the workspace")?,
            None => HeaderMap::default(),
        };
        map.extend(&own);
        let text = map.to_text();
        if store.setting(&setting)?.as_deref() != Some(text.as_str()) {
            store.set(&setting, Some(&text))?;
            let name = &bundle.members()[member].name;
            notes.push(format!("kept for tables with the headers of {name}: {}", shown(&map)));
        }
    }
    Ok(notes)
}

fn shown(map: &HeaderMap) -> String {
    let pairs: Vec<String> = map.pairs.iter().map(|pair| format!("{} is {}", pair.header, pair.column)).collect();
    pairs.join(", ")
}
