//! Lists what lies behind the arguments.

use super::archive::{Archive, Entry, is_zip};
use super::{Bundle, Limits, Member, Place, Raw, Root, base_name, depth, natural, workbook};
use crate::error::{ImportError, quote};
use std::collections::HashSet;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

pub(super) fn open(paths: &[&Path], limits: &Limits) -> Result<Bundle, ImportError> {
    if paths.is_empty() {
        return Err(ImportError::new("a file, folder or zip", "nothing", "", "name what to read"));
    }
    let mut listing = Listing::new(limits, paths.len() > 1);
    let mut sorted: Vec<(String, &Path)> = paths.iter().map(|path| (label(path), *path)).collect();
    sorted.sort_by(|a, b| natural(&a.0, &b.0).then_with(|| a.1.cmp(b.1)));
    for (label, path) in sorted {
        let shown = path.display().to_string();
        let meta = fs::metadata(path).map_err(|e| {
            ImportError::new(
                "a file, folder or zip",
                format!("none that can be opened ({e})"),
                &shown,
                "check the path and that you may read it",
            )
        })?;
        if meta.is_dir() {
            let root = listing.root(label, false);
            listing.folder(path, root)?;
        } else if meta.is_file() {
            listing.file(label, Raw::Disk(path.to_owned()), meta.len())?;
        } else {
            return Err(ImportError::new(
                "a file, folder or zip",
                "a pipe or device",
                &shown,
                "write what it holds to a file first and name that file",
            ));
        }
    }
    Ok(listing.finish())
}

pub(super) fn from_memory(mut files: Vec<(String, Vec<u8>)>, limits: &Limits) -> Result<Bundle, ImportError> {
    let mut listing = Listing::new(limits, files.len() > 1);
    files.sort_by(|a, b| natural(&a.0, &b.0).then_with(|| a.1.cmp(&b.1)));
    for (name, bytes) in files {
        let size = bytes.len() as u64;
        listing.file(name, Raw::Memory(bytes.into()), size)?;
    }
    Ok(listing.finish())
}

/// The last part of a path, or the path itself where it has none (`.`, `/`).
fn label(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

struct Listing {
    bundle: Bundle,
    /// Whether names need their root in front to be told apart.
    several: bool,
    seen: HashSet<PathBuf>,
}

impl Listing {
    fn new(limits: &Limits, several: bool) -> Self {
        let bundle = Bundle {
            members: Vec::new(),
            roots: Vec::new(),
            archives: Vec::new(),
            notes: Vec::new(),
            limits: *limits,
            options: crate::options::ReadOptions::default(),
            own_options: std::collections::HashMap::new(),
            hashed: true,
        };
        Self { bundle, several, seen: HashSet::new() }
    }

    fn root(&mut self, label: String, single: bool) -> usize {
        self.bundle.roots.push(Root { label, single });
        self.bundle.roots.len() - 1
    }

    /// Whether this file was not listed before, by another argument or another link to it.
    fn is_new(&mut self, raw: &Raw) -> bool {
        match raw {
            Raw::Disk(path) if self.several => fs::canonicalize(path).is_ok_and(|real| self.seen.insert(real)),
            _ => true,
        }
    }

    /// Takes one argument that is a file.
    fn file(&mut self, label: String, raw: Raw, bytes: u64) -> Result<(), ImportError> {
        if !self.is_new(&raw) {
            self.bundle.notes.push(format!("{label} was passed twice and read once"));
            return Ok(());
        }
        let mut magic = [0; 8];
        let n = raw.open().and_then(|mut file| file.read(&mut magic)).map_err(|e| ImportError::reading(&label, &e))?;
        let magic = &magic[..n];
        if magic == workbook::OLD || (is_zip(magic) && has_extension(&label, "xlsx")) {
            return self.workbook(&label, &raw);
        }
        if is_zip(magic) {
            let root = self.root(label.clone(), false);
            return self.archive(&label, root, self.several, &raw);
        }
        let root = self.root(label.clone(), true);
        let gzipped = magic.starts_with(&[0x1f, 0x8b]);
        self.member(Member {
            name: label.clone(),
            path: label,
            bytes,
            root,
            modified: None,
            gzipped,
            place: Place::Whole(raw),
        })
    }

    /// Lists a folder, deepest folders included. Links to folders are not followed, so that no loop can arise.
    fn folder(&mut self, top: &Path, root: usize) -> Result<(), ImportError> {
        let mut waiting = vec![(top.to_owned(), String::new())];
        while let Some((folder, prefix)) = waiting.pop() {
            let entries = match fs::read_dir(&folder) {
                Ok(entries) => entries,
                Err(e) if prefix.is_empty() => {
                    return Err(ImportError::reading(&folder.display().to_string(), &e));
                }
                Err(e) => {
                    self.bundle.notes.push(format!("the folder {prefix} could not be listed ({e}) and was left out"));
                    continue;
                }
            };
            for entry in entries.flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                let path = format!("{prefix}{name}");
                if name.starts_with('.') || is_clutter(&path) {
                    continue;
                }
                let Ok(meta) = fs::metadata(entry.path()) else { continue };
                if meta.is_dir() {
                    if entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                        self.bundle.notes.push(format!("{path} is a link to a folder and was not followed"));
                    } else if depth(&path) >= self.bundle.limits.depth_max {
                        return Err(too_much("folders within folders", self.bundle.limits.depth_max, &path));
                    } else {
                        waiting.push((entry.path(), path + "/"));
                    }
                } else if meta.is_file() {
                    self.file_in_folder(path, entry.path(), meta.len(), root)?;
                }
            }
        }
        Ok(())
    }

    fn file_in_folder(&mut self, path: String, disk: PathBuf, bytes: u64, root: usize) -> Result<(), ImportError> {
        let raw = Raw::Disk(disk);
        if !self.is_new(&raw) {
            return Ok(());
        }
        let label = &self.bundle.roots[root].label;
        let name = if self.several { format!("{label}/{path}") } else { path.clone() };
        if has_extension(&path, "zip") {
            let inner = self.root(name.clone(), false);
            return self.archive(&name, inner, true, &raw);
        }
        if is_workbook(&path) {
            return self.workbook_beside(&name, &raw);
        }
        let gzipped = has_extension(&path, "gz");
        self.member(Member { name, path, bytes, root, modified: None, gzipped, place: Place::Whole(raw) })
    }

    fn archive(&mut self, label: &str, root: usize, prefixed: bool, raw: &Raw) -> Result<(), ImportError> {
        let file = raw.open().map_err(|e| ImportError::reading(label, &e))?;
        let mut archive = Archive::open(file, label, &self.bundle.limits)?;
        let mut books = Vec::new();
        let number = self.bundle.archives.len();
        for entry in archive.entries(label)? {
            let Entry { index, path, bytes, modified } = entry;
            if is_clutter(&path) {
                continue;
            }
            if path == "[Content_Types].xml" {
                return Err(ImportError::new(
                    "an export or a table as text",
                    "a spreadsheet workbook or another office document",
                    label,
                    "open it in your spreadsheet program and save the sheet as CSV",
                ));
            }
            let name = if prefixed { format!("{label}/{path}") } else { path.clone() };
            if is_workbook(&path) {
                books.push((index, name));
                continue;
            }
            let gzipped = has_extension(&path, "gz");
            let place = Place::Zipped { archive: number, index };
            self.member(Member { name, bytes, path, root, modified, gzipped, place })?;
        }
        for (index, name) in books {
            let limits = self.bundle.limits;
            let read = archive.with_member(index, &name, &limits, |member| {
                let mut bytes = Vec::new();
                member.take(workbook::BOOK_BYTES_MAX + 1).read_to_end(&mut bytes).map(|_| bytes)
            });
            match read {
                Ok(Ok(bytes)) => self.workbook_beside(&name, &Raw::Memory(bytes.into()))?,
                Ok(Err(e)) => return Err(ImportError::reading(&name, &e)),
                Err(e) => return Err(e),
            }
        }
        self.bundle.archives.push(Mutex::new(archive));
        Ok(())
    }

    /// Lists the sheets of a workbook, each as a table.
    fn workbook(&mut self, label: &str, raw: &Raw) -> Result<(), ImportError> {
        let file = raw.open().map_err(|e| ImportError::reading(label, &e))?;
        let sheets = workbook::sheets(file, &self.bundle.limits).map_err(|why| {
            ImportError::new(
                "an Excel workbook that can be read, or a table as text",
                format!("another office document, or a damaged workbook ({why})"),
                label,
                "open it in your spreadsheet program and save the sheet as CSV",
            )
        })?;
        let root = self.root(label.to_owned(), false);
        for (sheet, text) in sheets {
            let path = format!("{}.csv", sheet.replace(['/', '\\'], "-"));
            self.member(Member {
                name: format!("{label}/{path}"),
                path,
                bytes: text.len() as u64,
                root,
                modified: None,
                gzipped: false,
                place: Place::Whole(Raw::Memory(text.into())),
            })?;
        }
        Ok(())
    }

    /// As `workbook`, for one that lies among other files: if it cannot be read, that is noted.
    fn workbook_beside(&mut self, name: &str, raw: &Raw) -> Result<(), ImportError> {
        match self.workbook(name, raw) {
            Err(ImportError::Problem(problem)) => {
                self.bundle.notes.push(format!("{name} was left out: found {}", problem.found));
                Ok(())
            }
            other => other,
        }
    }

    fn member(&mut self, member: Member) -> Result<(), ImportError> {
        if self.bundle.members.len() >= self.bundle.limits.members_max {
            return Err(too_much("files", self.bundle.limits.members_max, &self.bundle.roots[member.root].label));
        }
        self.bundle.members.push(member);
        Ok(())
    }

    fn finish(mut self) -> Bundle {
        self.bundle.members.sort_by(|a, b| natural(&a.name, &b.name).then_with(|| a.bytes.cmp(&b.bytes)));
        let mut used = HashSet::new();
        for member in &mut self.bundle.members {
            let plain = member.name.clone();
            let mut number = 2_u32;
            while !used.insert(member.name.clone()) {
                member.name = format!("{plain} ({number})");
                number += 1;
            }
        }
        self.bundle.notes.sort();
        self.bundle
    }
}

fn is_workbook(path: &str) -> bool {
    has_extension(path, "xlsx") || has_extension(path, "xls")
}

/// What systems and archivers leave behind.
fn is_clutter(path: &str) -> bool {
    let base = base_name(path);
    path.split('/').any(|part| part == "__MACOSX")
        || base.starts_with("._")
        || matches!(base, ".DS_Store" | "Thumbs.db" | "desktop.ini")
}

fn has_extension(path: &str, extension: &str) -> bool {
    base_name(path).rsplit_once('.').is_some_and(|(_, e)| e.eq_ignore_ascii_case(extension))
}

fn too_much(what: &str, limit: usize, place: &str) -> ImportError {
    ImportError::new(
        format!("at most {limit} {what}"),
        "more",
        quote(place),
        "name the export itself rather than a folder above it",
    )
}
