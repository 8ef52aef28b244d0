//! The documents and everything else that is tracked: true to the code, free of the machine they were written on.

use crate::tree::{must_read, root, text, tracked};
use std::fs;
use std::path::Path;

/// The most lines of the map.
const MAP_LINES_MAX: usize = 200;
/// The most lines of a decision record, which is half a page or a whole one.
const DECISION_LINES_MAX: usize = 70;
/// The most bytes of a tracked file.
const BYTES_MAX: u64 = 1 << 20;
/// Folders of single machines, put together so that this file does not hold them.
const MACHINE_PATHS: [&str; 4] =
    [concat!("/wo", "rk/"), concat!("/tm", "p/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];

fn documents() -> Option<Vec<String>> {
    let is_document = |f: &String| Path::new(f).extension().is_some_and(|e| e == "md");
    tracked().map(|files| files.into_iter().filter(is_document).collect())
}

#[test]
fn the_map_is_short_and_names_every_crate() {
    let map = must_read("ARCHITECTURE.md");
    let n = map.lines().count();
    assert!(n <= MAP_LINES_MAX, "ARCHITECTURE.md has {n} lines");
    for crate_folder in fs::read_dir(root().join("crates")).expect("crates") {
        let name = crate_folder.expect("a folder").file_name().into_string().expect("UTF-8");
        let is_crate = root().join("crates").join(&name).join("Cargo.toml").exists();
        assert!(!is_crate || map.contains(&format!("`{name}`")), "ARCHITECTURE.md does not name `{name}`");
    }
}

#[test]
fn paths_in_documents_exist() {
    let Some(files) = documents() else { return };
    for file in files {
        let folder = Path::new(&file).parent().expect("a folder").to_path_buf();
        for target in links(&must_read(&file)) {
            let path = root().join(&folder).join(&target);
            assert!(path.exists(), "{file} links to {target}, which is not there");
        }
        for path in must_read(&file).split('`').skip(1).step_by(2) {
            let is_path = ["crates/", "docs/", "examples/", ".ci/"].iter().any(|p| path.starts_with(p));
            let is_pattern = path.contains(['*', '<', '…', ' ', '{']);
            assert!(!is_path || is_pattern || root().join(path).exists(), "{file} names {path}, which is not there");
        }
    }
}

/// The targets of relative links, without their anchors.
fn links(text: &str) -> Vec<String> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
    let relative = targets.filter(|t| !t.contains("://") && !t.starts_with('#') && !t.starts_with("mailto:"));
    relative.map(|t| t.split('#').next().unwrap_or(t).to_owned()).collect()
}

#[test]
fn decisions_are_short_and_have_numbers_of_their_own() {
    let Some(files) = documents() else { return };
    let mut numbers: Vec<&str> = Vec::new();
    for file in files.iter().filter(|f| f.starts_with("docs/decisions/")) {
        let name = file.rsplit('/').next().unwrap_or(file);
        let number = name.split('-').next().unwrap_or("");
        assert!(number.len() == 4 && number.bytes().all(|b| b.is_ascii_digit()), "{file}: begin with four digits");
        assert!(!numbers.contains(&number), "two decisions are numbered {number}");
        numbers.push(number);
        let n = must_read(file).lines().count();
        assert!(n <= DECISION_LINES_MAX, "{file} has {n} lines");
    }
}

#[test]
fn the_glossary_defines_every_column_of_the_follower_table() {
    let glossary = must_read("docs/glossary.md");
    let source = must_read("crates/assay-model/src/fact.rs");
    let body = source.split("pub struct Follow<'a> {").nth(1).and_then(|s| s.split('}').next()).expect("the struct");
    for line in body.lines() {
        let Some((name, _)) = line.trim().strip_prefix("pub ").and_then(|l| l.split_once(':')) else { continue };
        let defined = name == "source" || glossary.contains(&format!("| `{name}` |"));
        assert!(defined, "docs/glossary.md does not define the column {name}");
    }
}

#[test]
fn the_glossary_is_in_order_and_says_each_word_once() {
    let glossary = must_read("docs/glossary.md");
    let terms: Vec<String> = glossary
        .lines()
        .filter_map(|l| l.strip_prefix("**"))
        .filter_map(|l| l.split("**").next())
        .map(str::to_lowercase)
        .collect();
    assert!(terms.len() >= 30, "{} terms", terms.len());
    for pair in terms.windows(2) {
        assert!(pair[0] < pair[1], "`{}` stands before `{}`", pair[0], pair[1]);
    }
}

#[test]
fn nothing_tracked_names_a_folder_of_one_machine() {
    let Some(files) = tracked() else { return };
    for file in files {
        let Some(content) = text(&file) else { continue };
        for (i, line) in content.lines().enumerate() {
            let named = MACHINE_PATHS.iter().find(|p| line.contains(*p));
            assert!(named.is_none(), "{file}:{}: {line}", i + 1);
        }
    }
}

#[test]
fn nothing_tracked_is_large() {
    let Some(files) = tracked() else { return };
    for file in files {
        let n = fs::metadata(root().join(&file)).expect("a file").len();
        assert!(n <= BYTES_MAX, "{file} has {n} bytes");
    }
}

#[test]
fn the_changelog_knows_this_version() {
    let version = env!("CARGO_PKG_VERSION");
    let changelog = must_read("CHANGELOG.md");
    let known = changelog.lines().any(|l| l.starts_with("## ") && (l.contains(version) || l.contains("Unreleased")));
    assert!(known, "CHANGELOG.md has no heading for {version}");
}

#[test]
fn commands_in_the_readme_exist() {
    let cli = must_read("crates/assay/src/cli/mod.rs");
    let body = cli.split("enum Command {").nth(1).and_then(|s| s.split("\n}").next()).expect("enum Command");
    let known: Vec<String> = body
        .lines()
        .map(str::trim)
        .filter(|l| l.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|l| kebab(l.split(['(', ',', ' ', '{']).next().unwrap_or(l)))
        .collect();
    for file in ["README.md", "examples/README.md"] {
        for command in commands(&must_read(file)) {
            assert!(known.contains(&command), "{file} shows `assay {command}`; there are {known:?}");
        }
    }
}

/// `BackTest` → `back-test`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !out.is_empty() {
            out.push('-');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The commands of assay in a document's indented or fenced blocks: the word after `assay`, or after `--` of `cargo run`.
fn commands(document: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in document.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced || line.starts_with("    ") {
            let line = line.trim_start().trim_start_matches("$ ");
            let rest = line
                .strip_prefix("assay ")
                .or_else(|| line.strip_prefix("cargo run ").and_then(|l| l.split_once(" -- ")).map(|(_, after)| after));
            let word = rest.and_then(|r| r.split_whitespace().next());
            found.extend(word.filter(|w| !w.starts_with('-')).map(str::to_owned));
        }
    }
    found
}

#[test]
fn the_readers_of_this_file_read_what_they_should() {
    let document = "```sh\ncargo run --release -- audit x.zip\nassay demo\nassay --help\n```\nassay nothing\n";
    assert_eq!(commands(document), ["audit", "demo"]);
    assert_eq!(kebab("BackTest"), "back-test");
    assert_eq!(links("[a](b.md#c) [d](https://e.f) [g](#h)"), ["b.md"]);
}
