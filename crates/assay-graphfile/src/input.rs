//! What the user passed, as a list of tables: files and folders, packed or not.
//!
//! Listing looks at names, sizes and first bytes. Tables stand in the order of their names, so that the order of the arguments
//! does not matter.

use crate::limits::Limits;
use crate::unpack::{Checked, Limited, Meter, Metered, reading};
use assay_model::edges::EdgesError;
use assay_model::quote;
use std::collections::HashSet;
use std::fs::{self, File};
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zip::result::ZipError;
use zip::{CompressionMethod, ZipArchive};

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
    /// So many bytes from a place on, inside a zip.
    Zipped {
        archive: Box<Self>,
        from: u64,
        bytes: u64,
        crc: u32,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    None,
    Gzip,
    Zstd,
    Deflate,
}

trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

impl Place {
    fn open(&self) -> io::Result<Box<dyn Read + Send>> {
        Ok(match self {
            Self::Disk(path) => Box::new(File::open(path)?),
            Self::Memory(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
            Self::Zipped { archive, from, bytes, .. } => {
                let mut file = archive.open_archive()?;
                file.seek(SeekFrom::Start(*from))?;
                Box::new(file.take(*bytes))
            }
        })
    }

    /// Opens what is not inside a zip itself.
    fn open_archive(&self) -> io::Result<Box<dyn ReadSeek>> {
        match self {
            Self::Disk(path) => Ok(Box::new(File::open(path)?)),
            Self::Memory(bytes) => Ok(Box::new(Cursor::new(Arc::clone(bytes)))),
            Self::Zipped { .. } => Err(io::ErrorKind::Unsupported.into()),
        }
    }

    /// The checksum that the bytes must have once they are unpacked, if their archive tells.
    fn crc(&self) -> Option<u32> {
        match self {
            Self::Zipped { crc, .. } => Some(*crc),
            _ => None,
        }
    }
}

impl Member {
    /// Whether it is packed, so that it can only be read from its start.
    pub(crate) fn is_packed(&self) -> bool {
        self.packing != Packing::None || self.place.crc().is_some()
    }

    /// Its path, if it is a plain file.
    pub(crate) fn on_disk(&self) -> Option<&Path> {
        match &self.place {
            Place::Disk(path) if !self.is_packed() => Some(path),
            _ => None,
        }
    }

    /// Up to `n` bytes from a place on, of a table that is not packed.
    pub(crate) fn read_at(&self, at: u64, n: u64, out: &mut Vec<u8>) -> io::Result<()> {
        let mut file = self.place.open_archive()?;
        file.seek(SeekFrom::Start(at))?;
        file.take(n).read_to_end(out).map(|_| ())
    }

    /// Its bytes, unpacked; `meter` sees them as they lie on the disk.
    pub(crate) fn open(&self, meter: &Meter, limits: &Limits) -> Result<Box<dyn Read + Send>, EdgesError> {
        let io = |e| reading(&self.name, &e);
        let file = self.place.open().map_err(io)?;
        let unpacked = unpacked(file, self.packing, &self.name, meter, limits).map_err(io)?;
        Ok(match self.place.crc() {
            Some(crc) => Box::new(Checked::new(unpacked, crc)),
            None => unpacked,
        })
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
        Packing::Deflate => {
            let deflate = flate2::read::DeflateDecoder::new(metered);
            Box::new(Limited::new(deflate, name, meter.clone(), limits))
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
        let mut magic = Vec::new();
        place.open().and_then(|file| file.take(4).read_to_end(&mut magic)).map_err(|e| reading(&name, &e))?;
        if magic.starts_with(b"PK\x03\x04") || magic.starts_with(b"PK\x05\x06") || magic.starts_with(b"PK\x07\x08") {
            return self.zip(&name, &place);
        }
        let packing = match &magic[..] {
            [0x1f, 0x8b, ..] => Packing::Gzip,
            [0x28, 0xb5, 0x2f, 0xfd] => Packing::Zstd,
            _ => Packing::None,
        };
        self.member(name, place, bytes, packing)
    }

    fn member(&mut self, name: String, place: Place, bytes: u64, packing: Packing) -> Result<(), EdgesError> {
        if self.members.len() >= self.limits.members_max {
            return Err(too_many("files", self.limits.members_max, &name));
        }
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

    /// Lists the tables in a zip.
    fn zip(&mut self, label: &str, archive: &Place) -> Result<(), EdgesError> {
        let damaged = |e: ZipError| {
            EdgesError::new(
                "a whole zip",
                format!("a damaged or unsupported one ({e})"),
                label,
                "unpack it and pass the tables",
            )
        };
        let file = archive.open_archive().map_err(|e| reading(label, &e))?;
        let mut zip = ZipArchive::new(io::BufReader::new(file)).map_err(damaged)?;
        if zip.len() > self.limits.members_max {
            return Err(too_many("files", self.limits.members_max, label));
        }
        let n_files = zip.len();
        let mut n_other = 0_u64;
        for index in 0..n_files {
            let member = zip.by_index_raw(index).map_err(damaged)?;
            let inside = member.name().map_err(damaged)?.into_owned();
            let base = inside.rsplit('/').next().unwrap_or_default();
            if member.is_dir() || base.is_empty() || base.starts_with(['.', '_']) || inside.starts_with("__MACOSX") {
                continue;
            }
            if inside == "[Content_Types].xml" {
                return Err(EdgesError::new(
                    "a table of edges (CSV, TSV, JSON lines or Parquet)",
                    "a spreadsheet workbook or another office document",
                    label,
                    "open it in your spreadsheet program and save the sheet as CSV",
                ));
            }
            if n_files > 1 && !is_table(base) {
                n_other += 1;
                continue;
            }
            let packing = match member.compression() {
                CompressionMethod::Stored => Packing::None,
                CompressionMethod::Deflated => Packing::Deflate,
                other => {
                    return Err(EdgesError::new(
                        "a zip that is packed by deflate",
                        format!("{} packed by {other}", quote(&inside)),
                        label,
                        "unpack it and pass the tables",
                    ));
                }
            };
            if member.encrypted() {
                return Err(EdgesError::new(
                    "an open zip",
                    "one with a password",
                    label,
                    "unpack it and pass the tables",
                ));
            }
            let from = member.data_start().ok_or_else(|| damaged(ZipError::FileNotFound))?;
            let (bytes, crc) = (member.compressed_size(), member.crc32());
            drop(member);
            let place = Place::Zipped { archive: Box::new(archive.clone()), from, bytes, crc };
            self.member(format!("{label}/{inside}"), place, bytes, packing)?;
        }
        if n_other > 0 {
            self.notes.push(format!("{n_other} files in {label} are no tables by their names and were left out"));
        }
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
    // A zip is listed by the names of its members.
    let zip = name.strip_suffix(".zip").is_some();
    let base = [".gz", ".zst"].iter().find_map(|end| name.strip_suffix(end)).unwrap_or(&name);
    [".csv", ".tsv", ".tab", ".txt", ".edges", ".edgelist", ".jsonl", ".ndjson", ".json", ".parquet", ".pq"]
        .iter()
        .any(|end| base.ends_with(end))
        || base.starts_with("part-")
        || zip
}

fn too_many(what: &str, limit: usize, place: &str) -> EdgesError {
    EdgesError::new(format!("at most {limit} {what}"), "more", quote(place), "name the tables themselves")
}
