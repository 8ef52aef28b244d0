//! What the user passed, as one list of members: files, folders, zips and `.gz` files, several of them together.
//!
//! Opening looks at names and sizes only. Contents are streamed when they are read, a member at a time, and nothing is ever
//! written. Members stand in an order of their names alone, so that neither the order of the arguments nor that inside an
//! archive matters.

mod archive;
mod limits;
mod open;
mod unpack;
mod workbook;

#[cfg(test)]
pub(crate) use workbook::tests as workbook_tests;

pub use limits::Limits;
pub(crate) use limits::{CELL_BYTES_MAX, HEAD_BYTES, ROW_BYTES_MAX};
pub(crate) use unpack::{Digest, Limited};

use crate::error::ImportError;
use crate::options::{HeaderMap, ReadOptions};
use archive::Archive;
use assay_model::TimeMs;
use std::cmp::Ordering;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// One or several inputs, opened and listed.
#[derive(Debug)]
pub struct Bundle {
    pub(crate) members: Vec<Member>,
    pub(crate) roots: Vec<Root>,
    archives: Vec<Mutex<Archive>>,
    pub(crate) notes: Vec<String>,
    pub(crate) limits: Limits,
    pub(crate) options: ReadOptions,
    /// Of the members that are read otherwise than the rest.
    own_options: HashMap<usize, ReadOptions>,
    /// Whether files that are read are hashed.
    pub(crate) hashed: bool,
}

/// A file of a bundle, or a member of one of its archives.
#[derive(Debug, Clone)]
pub struct Member {
    /// Its name inside the input, with `/` between folders.
    pub name: String,
    /// Its size in bytes: unpacked, as far as its archive tells, for a member of a zip; as it lies on the disk else.
    pub bytes: u64,
    /// Its name inside its root.
    pub(crate) path: String,
    pub(crate) root: usize,
    pub(crate) modified: Option<TimeMs>,
    pub(crate) gzipped: bool,
    place: Place,
}

/// An argument, or an archive found inside a folder. What one root holds belongs together.
#[derive(Debug, Clone)]
pub(crate) struct Root {
    /// How the user knows it.
    pub(crate) label: String,
    /// Whether it is one plain file.
    pub(crate) single: bool,
}

#[derive(Debug, Clone)]
enum Place {
    Whole(Raw),
    Zipped { archive: usize, index: usize },
}

/// Bytes that can be opened again and again.
#[derive(Debug, Clone)]
enum Raw {
    Disk(PathBuf),
    Memory(Arc<[u8]>),
}

pub(crate) trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

impl Raw {
    fn open(&self) -> io::Result<Box<dyn ReadSeek>> {
        Ok(match self {
            Self::Disk(path) => Box::new(File::open(path)?),
            Self::Memory(bytes) => Box::new(Cursor::new(Arc::clone(bytes))),
        })
    }
}

impl Bundle {
    /// Opens `paths` as one input.
    ///
    /// # Errors
    /// If a path is missing or cannot be listed, is neither file nor folder, holds a damaged archive, an archive whose
    /// members lead outside it, or more than `limits` allow.
    pub fn open<P: AsRef<Path>>(paths: &[P], limits: &Limits) -> Result<Self, ImportError> {
        let paths: Vec<&Path> = paths.iter().map(AsRef::as_ref).collect();
        open::open(&paths, limits)
    }

    /// Makes a bundle of files held in memory, each with its name. Zips among them are opened as on a disk.
    ///
    /// # Errors
    /// As [`Bundle::open`].
    pub fn from_memory(files: Vec<(String, Vec<u8>)>, limits: &Limits) -> Result<Self, ImportError> {
        open::from_memory(files, limits)
    }

    /// The same files, to be recognised and read as the user wants it.
    #[must_use]
    pub fn read_as(mut self, options: ReadOptions) -> Self {
        self.options = options;
        self.own_options.clear();
        self
    }

    /// The same files, whose hashes nobody asks for: [`assay_model::SourceFile::sha256`] stays empty, and what an importer has no use
    /// for is not read.
    #[must_use]
    pub fn unhashed(mut self) -> Self {
        self.hashed = false;
        self
    }

    /// How they are to be read.
    pub fn options(&self) -> &ReadOptions {
        &self.options
    }

    /// Reads one member under these names of its headers too; what [`Bundle::read_as`] names goes before.
    pub fn map_member(&mut self, member: usize, headers: &HeaderMap) {
        let mut options = self.options.clone();
        options.headers = headers.clone();
        options.headers.extend(&self.options.headers);
        self.own_options.insert(member, options);
    }

    /// Takes back what [`Bundle::map_member`] said of a member.
    pub(crate) fn unmap_member(&mut self, member: usize) {
        self.own_options.remove(&member);
    }

    /// How a member is to be read.
    pub(crate) fn options_of(&self, member: usize) -> &ReadOptions {
        self.own_options.get(&member).unwrap_or(&self.options)
    }

    /// The members, in the order of their names.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// The path on disk of a member that is a plain file.
    pub(crate) fn on_disk(&self, member: usize) -> Option<&Path> {
        match &self.members[member].place {
            Place::Whole(Raw::Disk(path)) if !self.members[member].gzipped => Some(path),
            _ => None,
        }
    }

    /// Hands the bytes of a member, taken out of its zip, to `read`.
    pub(crate) fn with_packed<T>(
        &self,
        member: usize,
        read: impl FnOnce(&mut dyn Read) -> T,
    ) -> Result<T, ImportError> {
        let member = &self.members[member];
        match &member.place {
            Place::Whole(raw) => {
                let mut file = raw.open().map_err(|e| ImportError::reading(&member.name, &e))?;
                Ok(read(&mut file))
            }
            Place::Zipped { archive, index } => self.archives[*archive]
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .with_member(*index, &member.name, &self.limits, read),
        }
    }

    /// The first bytes of a member, unpacked.
    pub(crate) fn head(&self, member: usize) -> Result<Vec<u8>, ImportError> {
        let mut head = Vec::new();
        let name = self.members[member].name.clone();
        let gzipped = self.members[member].gzipped;
        self.with_packed(member, |packed| {
            let limit = HEAD_BYTES as u64;
            if gzipped {
                flate2::read::MultiGzDecoder::new(packed).take(limit).read_to_end(&mut head)
            } else {
                packed.take(limit).read_to_end(&mut head)
            }
        })?
        .or_else(|e| if head.is_empty() { Err(ImportError::reading(&name, &e)) } else { Ok(0) })?;
        Ok(head)
    }
}

/// The last part of a path.
pub(crate) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// How many folders a path lies in.
pub(crate) fn depth(path: &str) -> usize {
    path.bytes().filter(|b| *b == b'/').count()
}

/// Compares names as people do: `followers_2` before `followers_10`, and a name before its continuations.
pub(crate) fn natural(a: &str, b: &str) -> Ordering {
    // `follower.js` goes before `follower-part1.js`: the extension is compared last.
    let (stem_a, stem_b) = (stem(a), stem(b));
    natural_bytes(stem_a.as_bytes(), stem_b.as_bytes())
        .then_with(|| natural_bytes(a.as_bytes(), b.as_bytes()))
        .then_with(|| a.cmp(b))
}

fn stem(name: &str) -> &str {
    let base = name.len() - base_name(name).len();
    name[base..].find('.').map_or(name, |dot| &name[..base + dot])
}

fn natural_bytes(mut a: &[u8], mut b: &[u8]) -> Ordering {
    let digits = |s: &[u8]| s.iter().take_while(|c| c.is_ascii_digit()).count();
    loop {
        match (a.first(), b.first()) {
            (Some(x), Some(y)) if x.is_ascii_digit() && y.is_ascii_digit() => {
                let (n, m) = (digits(a), digits(b));
                let strip = |s: &[u8]| s.iter().position(|c| *c != b'0').unwrap_or(s.len());
                let (num_a, num_b) = (&a[strip(&a[..n])..n], &b[strip(&b[..m])..m]);
                let order = num_a.len().cmp(&num_b.len()).then_with(|| num_a.cmp(num_b));
                if order != Ordering::Equal {
                    return order;
                }
                (a, b) = (&a[n..], &b[m..]);
            }
            (Some(x), Some(y)) => {
                let order = x.to_ascii_lowercase().cmp(&y.to_ascii_lowercase());
                if order != Ordering::Equal {
                    return order;
                }
                (a, b) = (&a[1..], &b[1..]);
            }
            _ => return a.len().cmp(&b.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::natural;

    #[test]
    fn names_sort_as_people_sort_them() {
        let mut names = [
            "followers_10.json",
            "followers_2.json",
            "data/follower-part1.js",
            "data/follower.js",
            "a",
            "p.page10.json",
            "p.page9.json",
        ];
        names.sort_by(|a, b| natural(a, b));
        assert_eq!(names[..3], ["a", "data/follower.js", "data/follower-part1.js"]);
        assert_eq!(names[3..], ["followers_2.json", "followers_10.json", "p.page9.json", "p.page10.json"]);
        assert!(natural("a007", "a7").is_ne() && natural("a007", "a8").is_lt());
    }
}
