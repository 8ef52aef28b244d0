//! The files that git tracks.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::Command;

/// The root of the repository: where the tests run, not where they were built, so that a copied build looks at its own tree.
pub(crate) fn root() -> PathBuf {
    let here = std::env::var_os("CARGO_MANIFEST_DIR");
    let here = here.map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    here.ancestors().nth(2).expect("crates/assay-guard lies two levels down").to_path_buf()
}

/// Every tracked file that exists, relative to the root, with `/` between folders.
///
/// `None`, with the reason on stderr, where there is no git or no repository: a source tarball has neither.
pub(crate) fn tracked() -> Option<Vec<String>> {
    let listed = Command::new("git").arg("-C").arg(root()).args(["ls-files", "-z"]).output();
    match listed {
        Ok(out) if out.status.success() => {
            let text = String::from_utf8(out.stdout).expect("file names are UTF-8");
            let files = text.split('\0').filter(|f| !f.is_empty()).map(str::to_owned);
            Some(files.filter(|f| root().join(f).is_file()).collect())
        }
        Ok(out) => skipped(&format!("git says: {}", String::from_utf8_lossy(&out.stderr).trim())),
        Err(error) => skipped(&format!("git cannot be run: {error}")),
    }
}

fn skipped<T>(why: &str) -> Option<T> {
    writeln!(std::io::stderr(), "skipped: the tracked files are not known ({why})").expect("stderr can be written");
    None
}

/// The text of a file; `None` where it is not UTF-8.
pub(crate) fn text(file: &str) -> Option<String> {
    fs::read(root().join(file)).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}

/// The text of a file that must be there.
pub(crate) fn must_read(file: &str) -> String {
    text(file).unwrap_or_else(|| panic!("expected a text file {file}"))
}
