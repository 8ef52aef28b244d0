//! A file of settings: TOML, one key a line, no tables.

use super::key::Form;
use super::{ConfigProblem, Key, Stands, find, nearest, wrong};
use std::fs;
use std::io::{ErrorKind, Read as _};
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// Largest file that is read.
const BYTES_MAX: u64 = 1 << 20;

/// A key that a file sets.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: &'static Key,
    pub(super) value: String,
    pub(super) path: PathBuf,
    pub(super) line: usize,
}

/// The entries of a file; `None` where there is no file.
pub(super) fn read(path: &Path) -> Result<Option<Vec<Entry>>, ConfigProblem> {
    let broken = |found: String| ConfigProblem {
        message: format!("expected a file of settings (TOML, UTF-8, at most 1 MiB), found {found}"),
        hint: "a setting is a line such as  currency = \"EUR\"".to_owned(),
    };
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(e) => return Err(broken(format!("{} unreadable: {e}", path.display()))),
    };
    let mut text = String::new();
    let read = file.take(BYTES_MAX + 1).read_to_string(&mut text);
    read.map_err(|e| broken(format!("{} unreadable: {e}", path.display())))?;
    if text.len() as u64 > BYTES_MAX {
        return Err(broken(format!("{} larger", path.display())));
    }
    entries(&text, path).map(Some)
}

/// The entries of a text.
fn entries(text: &str, path: &Path) -> Result<Vec<Entry>, ConfigProblem> {
    let line_of = |at: usize| 1 + text.get(..at).map_or(0, |before| before.matches('\n').count());
    let table = DeTable::parse(text).map_err(|e| {
        let line = e.span().map_or(1, |span| line_of(span.start));
        ConfigProblem {
            message: format!("expected settings as TOML, found a fault in {}:{line}: {}", path.display(), e.message()),
            hint: "a setting is a line such as  currency = \"EUR\"".to_owned(),
        }
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    let mut entries = Vec::new();
    for (name, value) in table.get_ref() {
        let line = line_of(name.span().start);
        let place = format!("{}:{line}", path.display());
        if name.get_ref() == "retention" {
            return Err(ConfigProblem {
                message: format!("expected settings that may stand in a file, found retention in {place}"),
                hint: "it stands in the workspace: `assay config set retention.engagements 400d`".to_owned(),
            });
        }
        let Some(key) = find(name.get_ref()).filter(|key| key.stands != Stands::Workspace) else {
            return Err(unknown(name.get_ref(), &place));
        };
        let told = match value.get_ref() {
            DeValue::String(text) => text.to_string(),
            DeValue::Boolean(truth) if key.form == Form::Truth => truth.to_string(),
            DeValue::Integer(n) if key.form == Form::Number => n.as_str().to_owned(),
            DeValue::Float(n) if key.form == Form::Number => n.as_str().to_owned(),
            other => return Err(wrong(key, other.type_str(), form(key.form), &place)),
        };
        let value = (key.check)(&told).map_err(|expected| wrong(key, &told, &expected, &place))?;
        entries.push(Entry { key, value: key.placed(value, folder), path: path.to_owned(), line });
    }
    Ok(entries)
}

fn form(form: Form) -> &'static str {
    match form {
        Form::Text | Form::Path => "a text in quotes",
        Form::Number => "a number",
        Form::Truth => "true or false",
    }
}

fn unknown(name: &str, place: &str) -> ConfigProblem {
    ConfigProblem {
        message: format!("expected a key of assay, found {} in {place}", assay_model::quote(name)),
        hint: match nearest(name) {
            Some(near) => format!("did you mean `{near}`? `assay config keys` lists all keys"),
            None => "`assay config keys` lists all keys".to_owned(),
        },
    }
}
