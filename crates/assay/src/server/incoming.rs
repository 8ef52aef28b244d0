//! Files that visitors hand in: written to a folder beside the workspace before they are acknowledged, imported by a job, then
//! removed. A server that was killed in between takes them up again when it starts.

use super::access::Who;
use super::jobs::Job;
use super::problem::Problem;
use super::shelf::Shelf;
use super::{Shared, access, unknown};
use crate::pipeline::Error;
use crate::pipeline::workspace::{ImportOptions, import};
use assay_import::HeaderMap;
use assay_store::DirectMessages;
use axum::extract::Multipart;
use axum::extract::multipart::{MultipartError, MultipartRejection};
use axum::http::{HeaderMap as HttpHeaders, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Files of one upload.
const FILES_MAX: usize = 200;
/// What is asked of an import stands beside its files under this name.
const ASKED: &str = "asked.json";

/// What a visitor asks of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Asked {
    /// The page that the files are of, where they do not say: `instagram/roastery`.
    pub page: Option<String>,
    /// The importer to read with.
    pub format: Option<String>,
    /// Whether direct messages are taken.
    pub with_messages: bool,
    /// What headers mean that are not known.
    #[serde(default)]
    pub headers: HeaderMap,
    /// The experiment that the file is read by; it is not imported then.
    #[serde(default)]
    pub experiment: Option<String>,
    /// Who handed it in; not set by what was sent.
    #[serde(default)]
    pub by: Option<String>,
}

/// A form as a handler is given it.
pub type Sent = Result<Multipart, MultipartRejection>;

/// Files that were taken in. They go when nothing is begun with them, such as where the visitor has gone meanwhile.
#[derive(Debug)]
pub struct Taken {
    folder: Guarded,
    /// Their names.
    pub names: Vec<String>,
    asked: Asked,
}

impl Taken {
    /// Files that lie in a folder of uploads.
    pub(super) fn of(folder: PathBuf, names: Vec<String>, asked: Asked) -> Self {
        Self { folder: Guarded { folder, keep: false }, names, asked }
    }
}

/// Rows of one upload: what is held of each until the end stays below half a gigabyte then.
const ROWS_MAX: u64 = 5_000_000;
/// Files of an import that its outcome names.
const NAMED_MAX: usize = 100;

/// The folder beside a workspace in which uploads lie until they are imported.
pub(super) fn folder_of(shelf: &Shelf) -> PathBuf {
    let mut name = shelf.path.as_os_str().to_owned();
    name.push(".incoming");
    PathBuf::from(name)
}

/// What could not be kept, and why.
pub(super) fn failed(error: &io::Error) -> Problem {
    let status = match error.kind() {
        io::ErrorKind::StorageFull => StatusCode::INSUFFICIENT_STORAGE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    Problem::new(status, format!("what was sent cannot be kept: {error}"), "check the disk of the server")
}

fn unreadable(status: StatusCode, why: &str) -> Problem {
    Problem::new(
        status,
        format!("expected files as multipart/form-data: {why}"),
        "send files as the part `files`, and a table of an experiment with its name as the part `experiment`",
    )
}

fn broken(error: &MultipartError) -> Problem {
    unreadable(error.status(), &error.body_text())
}

/// The last part of a name, without what means something to a file system; never empty.
fn safe_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or("");
    let kept: String = last.chars().filter(|c| !c.is_control() && !"<>:\"|?*".contains(*c)).take(120).collect();
    let kept = kept.trim_matches(['.', ' ']).to_owned();
    if kept.is_empty() { "file".to_owned() } else { kept }
}

fn too_large(server: &Shared) -> Problem {
    Problem::new(
        StatusCode::PAYLOAD_TOO_LARGE,
        format!("expected at most {} MB at once", server.upload_max >> 20),
        "`assay import` takes files of any size; `assay serve --upload-max` raises this bound",
    )
}

/// Refuses what says beforehand that it is too large, so that it need not be sent.
fn fits(server: &Shared, headers: &HttpHeaders) -> Result<(), Problem> {
    let told = headers.get(header::CONTENT_LENGTH).and_then(|n| n.to_str().ok()?.parse::<u64>().ok());
    // The lines of the form around the files are not counted.
    if told.is_some_and(|n| n > server.upload_max.saturating_add(1 << 20)) { Err(too_large(server)) } else { Ok(()) }
}

/// Writes what is sent to a folder beside the workspace; when this answers, it is on disk.
///
/// # Errors
/// If it is no form of files, is too large, or cannot be written.
pub async fn take(
    server: &Shared,
    shelf: &Shelf,
    who: &Who,
    headers: &HttpHeaders,
    form: Sent,
) -> Result<Taken, Problem> {
    fits(server, headers)?;
    let mut form = form.map_err(|e| unreadable(e.status(), &e.body_text()))?;
    let folder = folder_of(shelf).join(&access::secret()?[..16]);
    let taken = Guarded { folder: folder.clone(), keep: false };
    private_folder(&folder).map_err(|e| failed(&e))?;
    let mut asked = Asked { by: Some(who.name().to_owned()), ..Asked::default() };
    let mut names = Vec::new();
    let mut left = server.upload_max;
    while let Some(mut field) = form.next_field().await.map_err(|e| broken(&e))? {
        let name = field.name().unwrap_or("").to_owned();
        let Some(file_name) = field.file_name().map(str::to_owned) else {
            let text = field.text().await.map_err(|e| broken(&e))?;
            let text = Some(text.trim().to_owned()).filter(|t| !t.is_empty());
            match name.as_str() {
                "page" => asked.page = text,
                "format" => asked.format = text,
                "map" => {
                    let told = HeaderMap::parse(text.as_deref().unwrap_or(""), "map").map_err(Error::from)?;
                    asked.headers.extend(&told);
                }
                "experiment" => asked.experiment = text,
                "with_messages" => asked.with_messages = text.is_some_and(|t| t != "false"),
                _ => {}
            }
            continue;
        };
        if names.len() == FILES_MAX {
            return Err(Problem::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                format!("expected at most {FILES_MAX} files at once"),
                "send the zip as the platform sent it, or the rest in a second upload",
            ));
        }
        // Each in a folder of its own: two files of one name stay two, and each keeps its name, which importers go by.
        let own = folder.join(format!("{:03}", names.len()));
        private_folder(&own).map_err(|e| failed(&e))?;
        let path = own.join(safe_name(&file_name));
        let mut file = tokio::fs::File::create(&path).await.map_err(|e| failed(&e))?;
        let mut n = 0_u64;
        while let Some(chunk) = field.chunk().await.map_err(|e| broken(&e))? {
            n += chunk.len() as u64;
            left = left.checked_sub(chunk.len() as u64).ok_or_else(|| too_large(server))?;
            tokio::io::AsyncWriteExt::write_all(&mut file, &chunk).await.map_err(|e| failed(&e))?;
        }
        file.sync_all().await.map_err(|e| failed(&e))?;
        drop(file);
        if n == 0 && file_name.is_empty() {
            // A form whose file was not chosen.
            let _ = fs::remove_dir_all(&own);
            continue;
        }
        names.push(file_name);
    }
    if names.is_empty() {
        return Err(Problem::bad("expected a file, found none", "choose the export that the platform sent"));
    }
    page(&asked)?;
    // Its being there says that all files are.
    write_asked(&folder, &asked).map_err(|e| failed(&e))?;
    Ok(Taken { folder: taken, names, asked })
}

/// A table that is made of what the workspace holds, as if it had been handed in; when this answers, it is on disk.
///
/// # Errors
/// If it cannot be written.
pub(super) fn made(
    shelf: &Shelf,
    name: &str,
    asked: Asked,
    write: impl FnOnce(&mut dyn io::Write) -> Result<(), Problem>,
) -> Result<Taken, Problem> {
    let folder = folder_of(shelf).join(&access::secret()?[..16]);
    let taken = Guarded { folder: folder.clone(), keep: false };
    let own = folder.join("000");
    private_folder(&own).map_err(|e| failed(&e))?;
    let mut out = io::BufWriter::new(fs::File::create(own.join(name)).map_err(|e| failed(&e))?);
    write(&mut out)?;
    let file = out.into_inner().map_err(|e| failed(&e.into_error()))?;
    file.sync_all().map_err(|e| failed(&e))?;
    write_asked(&folder, &asked).map_err(|e| failed(&e))?;
    Ok(Taken { folder: taken, names: vec![name.to_owned()], asked })
}

/// Writes down what is asked of an upload; when this answers, it is on disk.
pub(super) fn write_asked(folder: &Path, asked: &Asked) -> io::Result<()> {
    let mut file = fs::File::create(folder.join(ASKED))?;
    file.write_all(&serde_json::to_vec(asked)?)?;
    file.sync_all()?;
    fs::File::open(folder)?.sync_all()
}

/// What is asked of an upload; `None` where not all of it came.
pub(super) fn asked(folder: &Path) -> Option<Asked> {
    serde_json::from_slice(&fs::read(folder.join(ASKED)).ok()?).ok()
}

/// A folder that goes when it is not said to stay.
#[derive(Debug)]
struct Guarded {
    folder: PathBuf,
    keep: bool,
}

impl Guarded {
    /// The folder, which stays.
    fn kept(mut self) -> PathBuf {
        self.keep = true;
        std::mem::take(&mut self.folder)
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        if !self.keep {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(path)
}

fn page(asked: &Asked) -> Result<Option<(String, String)>, Problem> {
    let Some(text) = &asked.page else { return Ok(None) };
    let parts = text.split_once('/').map(|(network, handle)| (network.trim().to_lowercase(), handle.trim().to_owned()));
    let parts = parts.filter(|(network, handle)| !network.is_empty() && !handle.is_empty());
    parts.map(Some).ok_or_else(|| {
        Problem::bad("expected a network and a handle of the page", "such as instagram/roastery, or leave it empty")
    })
}

/// Has files that were taken in imported, and then removed.
pub fn begin(server: &Shared, shelf: &Arc<Shelf>, taken: Taken) -> Arc<Job> {
    let Taken { folder, names, asked } = taken;
    let folder = folder.kept();
    if let Some(experiment) = asked.experiment {
        return super::experiments::begin(server, shelf, folder, experiment, asked.by);
    }
    let what = match &names[..] {
        [one] => format!("import of {}", assay_model::quote(one)),
        several => format!("import of {} files", several.len()),
    };
    let (own, fixed) = (Arc::clone(shelf), server.fixed.clone());
    server.jobs.ask(&shelf.name, what, move |watch| {
        let paths = files_of(&folder)
            .map_err(|e| Error::Input { message: format!("what was sent cannot be read: {e}"), hint: None })?;
        let mut reading = fixed.of_workspace(&own.path)?.reading;
        reading.headers.extend(&asked.headers);
        let options = ImportOptions {
            format: asked.format.clone(),
            page: page(&asked).ok().flatten(),
            as_of: None,
            messages: if asked.with_messages { DirectMessages::Take } else { DirectMessages::Leave },
            dry_run: false,
            rows_max: ROWS_MAX,
            reading,
        };
        let came = import(&paths, &own.path, &options, watch);
        let strangers = match &came {
            Ok(report) => &report.strangers[..],
            Err(Error::UnknownTables { tables, .. }) => tables,
            Err(_) => &[],
        };
        let waits = !strangers.is_empty() && unknown::keep(&folder, strangers).is_ok();
        // A stop leaves the files: a server that is stopped takes them up again. All else has been answered.
        if !waits && !matches!(came, Err(Error::Interrupted)) {
            let _ = fs::remove_dir_all(&folder);
        }
        let report = came.map_err(|error| match error {
            Error::UnknownTables { message, .. } => Error::Input {
                message,
                hint: Some("say on the page of imports what its columns are, or send it again with the part `map`: a line header=column for each".to_owned()),
            },
            error => error,
        })?;
        let n_facts: u64 = report.imported.n_facts.iter().map(|(_, n)| n).sum();
        Ok(json!({
            "import": report.imported.import_id,
            "n_facts": n_facts,
            "n_rejected": report.n_rejected,
            "n_files": report.files.len(),
            "n_unknown_tables": report.strangers.len(),
            "files": report.files.iter().take(NAMED_MAX).map(|f| json!({"name": f.file.name, "format": f.importer})).collect::<Vec<_>>(),
            "notes": report.notes,
        }))
    })
}

impl Taken {
    /// The experiment that they are to be read by.
    pub(super) fn experiment(&self) -> Option<&str> {
        self.asked.experiment.as_deref()
    }

    /// Removes what was not to be taken in.
    pub(super) fn discard(self) {
        drop(self.folder);
    }
}

/// The files that were taken in, in the order in which they were sent.
pub(super) fn files_of(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut places: Vec<PathBuf> = fs::read_dir(folder)?.map(|e| Ok(e?.path())).collect::<io::Result<_>>()?;
    places.sort();
    let mut files = Vec::new();
    for place in places.iter().filter(|p| p.is_dir()) {
        for entry in fs::read_dir(place)? {
            files.push(entry?.path());
        }
    }
    Ok(files)
}

/// Takes up what was taken in and not imported when the server ended; what was not wholly taken in goes.
pub fn resume(server: &Shared, shelf: &Arc<Shelf>) {
    let Ok(entries) = fs::read_dir(folder_of(shelf)) else { return };
    for folder in entries.filter_map(|e| Some(e.ok()?.path())).filter(|folder| !unknown::waits(folder)) {
        match asked(&folder) {
            Some(asked) => {
                let names = vec!["what was sent before".to_owned()];
                begin(server, shelf, Taken::of(folder, names, asked));
            }
            None => {
                let _ = fs::remove_dir_all(&folder);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::safe_name;

    #[test]
    fn names_cannot_leave_their_folder_and_keep_what_people_know() {
        for bad in ["../../etc/passwd", "..\\..\\x", "/abs/passwd", "a/../passwd", "..", "", "\0", "passwd "] {
            let name = safe_name(bad);
            assert!(!name.contains(['/', '\\', '\0']) && !name.is_empty() && name != "..", "{name}");
        }
        assert_eq!(safe_name("Followers (1).csv"), "Followers (1).csv");
    }
}
