//! Settings that stand in a workspace: the same checks, whoever sets them.

use super::{calendar_of, existing, open_workspace};
use crate::config::{KEYS, Key, Stands, find};
use crate::pipeline::Error;
use std::path::Path;

/// The keys that may stand in a workspace, in the order of the table.
pub fn workspace_keys() -> impl Iterator<Item = &'static Key> {
    KEYS.iter().filter(|key| key.stands != Stands::Outside)
}

/// Keeps a setting in a workspace, or takes it out; answers its key and the value as it is used.
///
/// # Errors
/// If no such setting stands in a workspace, the value does not fit it, or the workspace is not there or cannot be written.
pub fn set(path: &Path, name: &str, value: Option<&str>) -> Result<(&'static Key, Option<String>), Error> {
    let (key, checked) = check(name, value)?;
    open_workspace(&existing(path)?)?.set(key.name, checked.as_deref())?;
    Ok((key, checked))
}

/// The key of a setting that stands in a workspace, and its value as it is used.
///
/// # Errors
/// If no such setting stands in a workspace, or the value does not fit it.
pub fn check(name: &str, value: Option<&str>) -> Result<(&'static Key, Option<String>), Error> {
    let key = find(name).filter(|key| key.stands != Stands::Outside).ok_or_else(|| Error::Usage {
        message: format!("expected a setting that stands in a workspace, found '{name}'"),
        hint: Some(format!("these do: {}", workspace_keys().map(|key| key.name).collect::<Vec<_>>().join(", "))),
    })?;
    let checked = match value {
        None => None,
        Some(value) => Some((key.check)(value).map_err(|expected| Error::Usage {
            message: format!("{}: expected {expected}, found '{value}'", key.name),
            hint: Some(key.meaning.to_owned()),
        })?),
    };
    if let Some(zone) = checked.as_deref().filter(|_| key.name == "zone") {
        // Its form is right; whether there is such a zone, the database of zones says.
        calendar_of(Some(zone), None)?;
    }
    Ok((key, checked))
}
