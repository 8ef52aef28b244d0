//! A zip: its list of members, and the bytes of each, under limits.

use super::unpack::Limited;
use super::{Limits, ReadSeek};
use crate::error::{ImportError, quote};
use assay_model::TimeMs;
use assay_model::when::utc_ms;
use std::fmt;
use std::io::{self, BufReader, Read, SeekFrom};
use zip::ZipArchive;
use zip::result::ZipError;

/// An opened zip.
pub(super) struct Archive {
    zip: ZipArchive<BufReader<Box<dyn ReadSeek>>>,
    bytes: u64,
}

impl fmt::Debug for Archive {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Archive").field("n_members", &self.zip.len()).finish_non_exhaustive()
    }
}

/// A member as the archive lists it.
pub(super) struct Entry {
    pub(super) index: usize,
    pub(super) path: String,
    pub(super) bytes: u64,
    pub(super) modified: Option<TimeMs>,
}

/// Whether a file that begins like this is a zip.
pub(super) fn is_zip(magic: &[u8]) -> bool {
    magic.starts_with(b"PK\x03\x04") || magic.starts_with(b"PK\x05\x06") || magic.starts_with(b"PK\x07\x08")
}

impl Archive {
    pub(super) fn open(mut file: Box<dyn ReadSeek>, label: &str, limits: &Limits) -> Result<Self, ImportError> {
        let (bytes, n_members) = announced(&mut file).map_err(|e| ImportError::reading(label, &e))?;
        if n_members > limits.members_max as u64 {
            return Err(ImportError::new(
                format!("at most {} members", limits.members_max),
                format!("{n_members}"),
                label,
                "take out the export itself and pass that",
            ));
        }
        let zip = ZipArchive::new(BufReader::with_capacity(1 << 16, file)).map_err(|e| damaged(label, &e))?;
        Ok(Self { zip, bytes })
    }

    /// The files of the archive; folders and links are left out.
    pub(super) fn entries(&self, label: &str) -> Result<Vec<Entry>, ImportError> {
        let mut entries = Vec::with_capacity(self.zip.len());
        for index in 0..self.zip.len() {
            let data = self.zip.by_index_data(index).map_err(|e| damaged(label, &e))?;
            let raw = data.name().unwrap_or_else(|_| String::from_utf8_lossy(data.name_raw())).into_owned();
            let path = contained(&raw).ok_or_else(|| {
                ImportError::new(
                    "member names inside the archive",
                    format!("{}, which leads outside it", quote(&raw)),
                    label,
                    "do not trust this archive; download the export again from the platform itself",
                )
            })?;
            if !data.is_file() || path.is_empty() || path.ends_with('/') {
                continue;
            }
            let modified = data.last_modified().and_then(|t| {
                utc_ms(i64::from(t.year()), t.month().into(), t.day().into()).map(|midnight| {
                    let s = i64::from(t.hour()) * 3_600 + i64::from(t.minute()) * 60 + i64::from(t.second());
                    TimeMs(midnight + 1_000 * s)
                })
            });
            entries.push(Entry { index, path, bytes: data.size(), modified });
        }
        Ok(entries)
    }

    /// Hands the unpacked bytes of a member to `read`.
    pub(super) fn with_member<T>(
        &mut self,
        index: usize,
        name: &str,
        limits: &Limits,
        read: impl FnOnce(&mut dyn Read) -> T,
    ) -> Result<T, ImportError> {
        let file = self.zip.by_index(index).map_err(|e| damaged(name, &e))?;
        if file.size() > limits.unpacked_bytes_max {
            return Err(super::unpack::too_large(name, limits));
        }
        let packed = file.compressed_size().min(self.bytes);
        Ok(read(&mut Limited::new(file, name, packed, limits)))
    }
}

/// The name with `/` between folders, if it stays inside the archive.
fn contained(raw: &str) -> Option<String> {
    let name = raw.replace('\\', "/");
    let name = name.trim_start_matches("./");
    let drive = name.as_bytes().get(1) == Some(&b':');
    let climbs = name.split('/').any(|part| part == "..");
    (!name.starts_with('/') && !drive && !climbs && !name.contains('\0')).then(|| name.to_owned())
}

/// The size of the file, and how many members the end of its directory announces (0 where none is found), before any memory
/// is given to them.
fn announced(file: &mut dyn ReadSeek) -> io::Result<(u64, u64)> {
    const END: usize = 22;
    let bytes = file.seek(SeekFrom::End(0))?;
    let tail_len = bytes.min(65_535 + END as u64 + 20);
    file.seek(SeekFrom::Start(bytes - tail_len))?;
    let mut tail = vec![0; tail_len as usize];
    file.read_exact(&mut tail)?;
    file.rewind()?;
    let n = tail
        .windows(END)
        .enumerate()
        .filter(|(_, end)| end.starts_with(b"PK\x05\x06"))
        .map(|(at, end)| {
            let n = u64::from(u16::from_le_bytes([end[10], end[11]]));
            let directory = u64::from(u32::from_le_bytes([end[12], end[13], end[14], end[15]]));
            // A long list is told in a second end record; its directory of at least 46 bytes a member must fit the file.
            let wide = at >= 20 && tail[at - 20..].starts_with(b"PK\x06\x07");
            if wide { n.max(wide_count(file, &tail[at - 20..]).unwrap_or(0)) } else { n.max(directory / 4_096) }
        })
        .max();
    file.rewind()?;
    Ok((bytes, n.unwrap_or(0)))
}

/// The member count of a Zip64 archive, through the locator that stands before the end record.
fn wide_count(file: &mut dyn ReadSeek, locator: &[u8]) -> Option<u64> {
    let at = u64::from_le_bytes(locator.get(8..16)?.try_into().ok()?);
    file.seek(SeekFrom::Start(at)).ok()?;
    let mut record = [0; 56];
    file.read_exact(&mut record).ok()?;
    record.starts_with(b"PK\x06\x06").then(|| u64::from_le_bytes(record[32..40].try_into().unwrap_or_default()))
}

fn damaged(place: &str, error: &ZipError) -> ImportError {
    let (found, hint) = match error {
        ZipError::UnsupportedArchive(ZipError::PASSWORD_REQUIRED) | ZipError::InvalidPassword => {
            ("one locked with a password".to_owned(), "unpack it with its password and pass the folder")
        }
        ZipError::UnsupportedArchive(_) | ZipError::CompressionMethodNotSupported(_) => {
            (format!("one packed in a way that is not supported ({error})"), "unpack it and pass the folder")
        }
        ZipError::Io(e) if e.get_ref().is_some() => return ImportError::reading(place, e),
        _ => (format!("a damaged one ({error})"), "download the export again; the file may have been cut off"),
    };
    ImportError::new("a whole, readable zip", found, place, hint)
}
