//! Uploads with tables that nobody reads: they stay beside the workspace until somebody says what the columns are, or throws them
//! away. What was said is kept for tables with the same headers.

use super::Shared;
use super::incoming::{self, Asked, files_of, folder_of};
use super::jobs::Job;
use super::problem::Problem;
use super::shelf::Shelf;
use assay_import::{HeaderMap, Stranger};
use serde::{Deserialize, Serialize};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The tables stand beside the files of an upload under this name.
const TABLES: &str = "unknown.json";
/// Uploads that may wait; the oldest goes when another comes.
const WAITING_MAX: usize = 8;
/// Columns of a table that are asked for.
const COLUMNS_MAX: usize = 100;

/// An upload that waits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// Its name.
    pub upload: String,
    /// Its tables that nobody reads.
    pub tables: Vec<Table>,
}

/// A table that nobody reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// The file.
    pub file: String,
    /// What its rows seem to be.
    pub kind: Option<String>,
    /// The first of its columns.
    pub columns: Vec<Column>,
    /// How many it has in all.
    pub n_columns: usize,
    /// Columns that a table of the nearest kind needs and that none of these looks like.
    pub lacks: Vec<String>,
}

/// A column of a table that nobody reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// As the file writes it.
    pub header: String,
    /// Some of its cells.
    pub samples: Vec<String>,
    /// What it seems to be.
    pub guess: Option<String>,
    /// Why.
    pub why: String,
}

impl Table {
    fn of(stranger: &Stranger) -> Self {
        let column = |c: &assay_import::StrangeColumn| Column {
            header: c.header.clone(),
            samples: c.samples.clone(),
            guess: c.column.map(str::to_owned),
            why: c.why.words().to_owned(),
        };
        let file = stranger.file.rsplit('/').next().unwrap_or(&stranger.file);
        Self {
            file: file.to_owned(),
            kind: stranger.kind.map(str::to_owned),
            columns: stranger.columns.iter().take(COLUMNS_MAX).map(column).collect(),
            n_columns: stranger.columns.len(),
            lacks: stranger.lacks.iter().map(|l| (*l).to_owned()).collect(),
        }
    }
}

/// Lets an upload wait.
///
/// # Errors
/// If it cannot be written down.
pub(super) fn keep(folder: &Path, strangers: &[Stranger]) -> io::Result<()> {
    let tables: Vec<Table> = strangers.iter().map(Table::of).collect();
    fs::write(folder.join(TABLES), serde_json::to_vec(&tables)?)?;
    let Some(all) = folder.parent() else { return Ok(()) };
    let mut waiting: Vec<_> =
        folders(all).filter_map(|f| Some((f.join(TABLES).metadata().ok()?.modified().ok()?, f))).collect();
    waiting.sort();
    for (_, old) in waiting.iter().rev().skip(WAITING_MAX) {
        let _ = fs::remove_dir_all(old);
    }
    Ok(())
}

/// Whether the upload in this folder waits.
pub(super) fn waits(folder: &Path) -> bool {
    folder.join(TABLES).is_file()
}

fn folders(all: &Path) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(all).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()))
}

/// The uploads that wait, the newest first.
pub fn waiting(shelf: &Shelf) -> Vec<Waiting> {
    let mut found: Vec<_> = folders(&folder_of(shelf))
        .filter_map(|folder| {
            let text = folder.join(TABLES);
            let since = text.metadata().ok()?.modified().ok()?;
            let tables = serde_json::from_slice(&fs::read(text).ok()?).ok()?;
            Some((since, Waiting { upload: folder.file_name()?.to_str()?.to_owned(), tables }))
        })
        .collect();
    found.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.upload.cmp(&b.1.upload)));
    found.into_iter().map(|(_, waiting)| waiting).collect()
}

/// The folder of an upload that waits.
fn folder(shelf: &Shelf, upload: &str) -> Result<PathBuf, Problem> {
    let is_name = !upload.is_empty() && upload.bytes().all(|b| b.is_ascii_alphanumeric());
    let folder = folder_of(shelf).join(upload);
    if is_name && waits(&folder) {
        return Ok(folder);
    }
    Err(Problem::not_found("upload that waits for the meaning of its columns"))
}

/// Has an upload that waits imported with what its headers mean.
///
/// # Errors
/// If there is none of this name, or it cannot be read or written.
pub fn answer(server: &Shared, shelf: &Arc<Shelf>, upload: &str, headers: HeaderMap) -> Result<Arc<Job>, Problem> {
    let folder = folder(shelf, upload)?;
    let failed = |e: io::Error| incoming::failed(&e);
    let asked = Asked { headers, ..incoming::asked(&folder).unwrap_or_default() };
    incoming::write_asked(&folder, &asked).map_err(failed)?;
    fs::remove_file(folder.join(TABLES)).map_err(failed)?;
    let names = files_of(&folder).map_err(failed)?;
    let names = names.iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned())).collect();
    Ok(incoming::begin(server, shelf, incoming::Taken::of(folder, names, asked)))
}

/// Throws an upload that waits away.
///
/// # Errors
/// If there is none of this name.
pub fn discard(shelf: &Shelf, upload: &str) -> Result<(), Problem> {
    let _ = fs::remove_dir_all(folder(shelf, upload)?);
    Ok(())
}

/// Throws every upload that waits away: they may hold somebody who is to be forgotten.
pub fn discard_all(shelf: &Shelf) {
    for folder in folders(&folder_of(shelf)).filter(|folder| waits(folder)) {
        let _ = fs::remove_dir_all(folder);
    }
}
