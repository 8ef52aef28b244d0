//! Writes inputs for the fuzzer (`fuzz/`) into a folder: the controls of all importers, whole and one file at a time, and
//! the files whose paths follow.

use assay_import::IMPORTERS;
use std::io;
use std::path::{Path, PathBuf};

/// An input: the id of an importer (empty: find out), and files.
fn input<'a>(id: &str, files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let mut input = id.as_bytes().to_vec();
    for (name, bytes) in files {
        input.extend([b"\0\0FILE ", name.as_bytes(), b"\n", bytes].concat());
    }
    input
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    std::fs::write(folder.join(name), bytes)
}

fn main() -> io::Result<()> {
    let mut paths = std::env::args_os().skip(1).map(PathBuf::from);
    let folder = paths.next().ok_or_else(|| io::Error::other("expected a folder to write to"))?;
    std::fs::create_dir_all(&folder)?;
    for importer in IMPORTERS {
        for (how, id) in [("found", ""), ("chosen", importer.id)] {
            let files = importer.control.files;
            write(&folder, &format!("{}-{how}", importer.id), &input(id, files.iter().copied()))?;
            for (n, file) in files.iter().enumerate().filter(|_| files.len() > 1) {
                write(&folder, &format!("{}-{how}-{n}", importer.id), &input(id, [*file]))?;
            }
        }
    }
    for (n, path) in paths.enumerate() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        write(&folder, &format!("sample-{n}"), &input("", [(name.as_str(), &std::fs::read(&path)?[..])]))?;
    }
    Ok(())
}
