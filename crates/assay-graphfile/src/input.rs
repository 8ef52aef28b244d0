//! What the user passed, as a list of tables: files and folders, packed or not.
//!
//! Listing looks at names, sizes and first bytes. Tables stand in the order of their names, so that the order of the arguments
//! does not matter.

use crate::limits::Limits;
use crate::unpack::{Limited, Meter, Metered, reading};
use assay_model::edges::EdgesError;
use assay_model::quote;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Cursor, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Bytes at the start of a table that its kind is told by.
pub(crate) const HEAD_BYTES: usize = 64 << 10;

/// One table.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// Its name inside the input, with `/` between folders.
    pub(crate) name: String,
    /// Its size as it lies on the disk.
    pub(crate) bytes: u64,
    pub(crate) place: Place,
    packing: Packing,
    /// Its first bytes, unpacked.
    pub(crate) head: Arc<[u8]>,
}

#[derive(Debug, Clone)]
pub(crate) enum Place {
    Disk(PathBuf),
    Memory(Arc<[u8]>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    None,
    Gzip,
    Zstd,
}

impl Place {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Disk(path) => Box::new(File::open(path)?),
            Self::Memory(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
        })
    }
}

impl Member {
    /// Whether it is packed, so that it can only be read from its start.
    pub(crate) fn is_packed(&self) -> bool {
        self.packing != Packing::None
    }

    /// Its path, if it is a plain file.
    pub(crate) fn on_disk(&self) -> Option<&Path> {
        match &self.place {
            Place::Disk(path) if !self.is_packed() => Some(path),
            _ => None,
        }
    }

    /// Its bytes, unpacked; `meter` sees them as they lie on the disk.
    pub(crate) fn open(&self, meter: &Meter, limits: &Limits) -> Result<Box<dyn Read + Send>, EdgesError> {
        let file = self.place.open().map_err(|e| reading(&self.name, &e))?;
        unpacked(file, self.packing, &self.name, meter, limits).map_err(|e| reading(&self.name, &e))
    }
}

fn unpacked(
    file: Box<dyn Read + Send>,
    packing: Packing,
    name: &str,
    meter: &Meter,
    limits: &Limits,
) -> io::Result<Box<dyn Read + Send>> {
    let metered = Metered { inner: file, meter: meter.clone() };
    Ok(match packing {
        Packing::None => Box::new(metered),
        Packing::Gzip => {
            let buffered = io::BufReader::with_capacity(1 << 17, metered);
            let gzip = flate2::bufread::MultiGzDecoder::new(buffered);
            Box::new(Limited::new(gzip, name, meter.clone(), limits))
        }
        Packing::Zstd => {
            let mut zstd = zstd::stream::read::Decoder::new(metered)?;
            // A window of 128 MiB, as the zstd program allows by default.
            zstd.window_log_max(27)?;
            Box::new(Limited::new(zstd, name, meter.clone(), limits))
        }
    })
}

/// Lists the tables of `paths`, and notes of what was left out.
pub(crate) fn list(paths: &[PathBuf], limits: &Limits) -> Result<(Vec<Member>, Vec<String>), EdgesError> {
    if paths.is_empty() {
        return Err(EdgesError::new("a file or folder", "nothing", "", "name what to read"));
    }
    let mut listing = Listing { members: Vec::new(), notes: Vec::new(), limits: *limits, seen: HashSet::new() };
    for path in paths {
        let shown = path.display().to_string();
        let meta = fs::metadata(path).map_err(|e| {
            EdgesError::new(
                "a file or folder",
                format!("none that can be opened ({e})"),
                &*shown,
                "check the path and that you may read it",
            )
        })?;
        let label = path.file_name().map_or_else(|| shown.clone(), |name| name.to_string_lossy().into_owned());
        if meta.is_dir() {
            listing.folder(path, &label)?;
        } else if meta.is_file() {
            listing.file(label, Place::Disk(path.clone()), meta.len())?;
        } else {
            return Err(EdgesError::new(
                "a file or folder",
                "a pipe or device",
                shown,
                "edges are read more than once: write them to a file first and name that file",
            ));
        }
    }
    listing.finish(paths)
}

/// Lists tables that are held in memory.
pub(crate) fn in_memory(
    files: Vec<(String, Vec<u8>)>,
    limits: &Limits,
) -> Result<(Vec<Member>, Vec<String>), EdgesError> {
    let mut listing = Listing { members: Vec::new(), notes: Vec::new(), limits: *limits, seen: HashSet::new() };
    for (name, bytes) in files {
        let n = bytes.len() as u64;
        listing.file(name, Place::Memory(bytes.into()), n)?;
    }
    listing.finish(&[])
}

struct Listing {
    members: Vec<Member>,
    notes: Vec<String>,
    limits: Limits,
    seen: HashSet<PathBuf>,
}

impl Listing {
    fn file(&mut self, name: String, place: Place, bytes: u64) -> Result<(), EdgesError> {
        if let Place::Disk(path) = &place {
            let real = fs::canonicalize(path).map_err(|e| reading(&name, &e))?;
            if !self.seen.insert(real) {
                self.notes.push(format!("{name} was passed twice and read once"));
                return Ok(());
            }
        }
        if self.members.len() >= self.limits.members_max {
            return Err(too_many("files", self.limits.members_max, &name));
        }
        let mut magic = Vec::new();
        place.open().and_then(|file| file.take(4).read_to_end(&mut magic)).map_err(|e| reading(&name, &e))?;
        let packing = match &magic[..] {
            [0x1f, 0x8b, ..] => Packing::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd] => Packing::Zstd,
            _ => Packing::None,
        };
        let mut head = Vec::new();
        place
            .open()
            .and_then(|file| unpacked(file, packing, &name, &Meter::default(), &self.limits))
            .and_then(|file| file.take(HEAD_BYTES as u64).read_to_end(&mut head))
            // A file that is cut off is told when it is read.
            .or_else(|e| if head.is_empty() { Err(e) } else { Ok(0) })
            .map_err(|e| reading(&name, &e))?;
        self.members.push(Member { name, bytes, place, packing, head: head.into() });
        Ok(())
    }

    /// Lists a folder, deepest folders included. Links to folders are not followed, so that no loop can arise.
    fn folder(&mut self, top: &Path, label: &str) -> Result<(), EdgesError> {
        let mut waiting = vec![(top.to_owned(), label.to_owned(), 0)];
        let mut n_other = 0_u64;
        while let Some((folder, prefix, depth)) = waiting.pop() {
            let entries = fs::read_dir(&folder).map_err(|e| reading(&prefix, &e))?;
            for entry in entries {
                let entry = entry.map_err(|e| reading(&prefix, &e))?;
                let name = entry.file_name().to_string_lossy().into_owned();
                // What systems and data frames leave beside tables: `.DS_Store`, `_SUCCESS`, `.part-0.crc`.
                if name.starts_with(['.', '_']) {
                    continue;
                }
                let path = format!("{prefix}/{name}");
                let Ok(meta) = fs::metadata(entry.path()) else { continue };
                if meta.is_dir() {
                    if entry.file_type().is_ok_and(|kind| kind.is_symlink()) {
                        self.notes.push(format!("{path} is a link to a folder and was not followed"));
                    } else if depth >= self.limits.depth_max {
                        return Err(too_many("folders within folders", self.limits.depth_max, &path));
                    } else {
                        waiting.push((entry.path(), path, depth + 1));
                    }
                } else if meta.is_file() && is_table(&name) {
                    self.file(path, Place::Disk(entry.path()), meta.len())?;
                } else {
                    n_other += 1;
                }
            }
        }
        if n_other > 0 {
            self.notes.push(format!("{n_other} files in {label} are no tables by their names and were left out"));
        }
        Ok(())
    }

    fn finish(mut self, paths: &[PathBuf]) -> Result<(Vec<Member>, Vec<String>), EdgesError> {
        self.members.retain(|member| !member.head.is_empty() || member.bytes > 0);
        if self.members.is_empty() {
            let place = paths.first().map(|p| p.display().to_string()).unwrap_or_default();
            return Err(EdgesError::new(
                "a table of edges (CSV, TSV, JSON lines or Parquet)",
                "no file that holds any",
                place,
                "name the table itself",
            ));
        }
        self.members.sort_by(|a, b| a.name.cmp(&b.name).then_with(|| a.bytes.cmp(&b.bytes)));
        self.notes.sort();
        Ok((self.members, self.notes))
    }
}

/// Whether a file in a folder is a table by its name.
fn is_table(name: &str) -> bool {
    let name = name.to_lowercase();
    let base = [".gz", ".zst"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    [".csv", ".tsv", ".tab", ".txt", ".edges", ".edgelist", ".jsonl", ".ndjson", ".json", ".parquet", ".pq"]
        .iter()
        .any(|end| base.ends_with(end))
        || base.starts_with("part-")
}

fn too_many(what: &str, limit: usize, place: &str) -> EdgesError {
    EdgesError::new(format!("at most {limit} {what}"), "more", quote(place), "name the tables themselves")
}
