//! The Rust files: all compiled, none too long, none a junk drawer.

use crate::tree::{must_read, tracked};
use std::collections::BTreeSet;

/// A file may be longer if a comment among its first lines says why, in these words.
const LONG_BECAUSE: &str = "Over 600 lines because";
/// The most lines that a file has without a stated reason.
const LINES_MAX: usize = 600;
/// A file of such a name has no idea of its own.
const NO_IDEA: [&str; 8] = ["util", "utils", "helper", "helpers", "common", "manager", "service", "misc"];

fn rust_files() -> Option<Vec<String>> {
    let is_rust =
        |f: &String| f.starts_with("crates/") && std::path::Path::new(f).extension().is_some_and(|e| e == "rs");
    tracked().map(|files| files.into_iter().filter(is_rust).collect())
}

/// Whether cargo compiles a file of this path by itself.
fn is_root(file: &str) -> bool {
    let parts: Vec<&str> = file.split('/').collect();
    matches!(
        parts[2..],
        ["build.rs"]
            | ["src", "lib.rs" | "main.rs"]
            | ["src", "bin", _]
            | ["src", "bin", _, "main.rs"]
            | ["tests" | "benches" | "examples", _]
            | ["tests" | "benches" | "examples", _, "main.rs"]
    )
}

/// The names in a file's `mod name;` lines, and the files in its `#[path = "…"]` lines.
fn modules(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for line in text.lines() {
        let line = line.trim();
        if let Some(path) = line.strip_prefix("#[path = \"").and_then(|l| l.split('"').next()) {
            found.push(path.to_owned());
        }
        let Some(declared) = line.strip_suffix(';') else { continue };
        let words: Vec<&str> = declared.split_whitespace().collect();
        if let [.., "mod", name] = words[..]
            && words.iter().all(|w| *w == "mod" || *w == name || w.starts_with("pub"))
        {
            found.push(name.to_owned());
        }
    }
    found
}

#[test]
fn every_file_is_compiled() {
    let Some(files) = rust_files() else { return };
    let all: BTreeSet<&str> = files.iter().map(String::as_str).collect();
    let mut open: Vec<String> = files.iter().filter(|f| is_root(f)).cloned().collect();
    let mut reached = BTreeSet::new();
    while let Some(file) = open.pop() {
        if !reached.insert(file.clone()) {
            continue;
        }
        let (folder, name) = file.rsplit_once('/').expect("a folder");
        let stem = name.strip_suffix(".rs").expect("a Rust file");
        let own = is_root(&file) || stem == "mod";
        let below = if own { folder.to_owned() } else { format!("{folder}/{stem}") };
        for module in modules(&must_read(&file)) {
            let candidates =
                [format!("{below}/{module}.rs"), format!("{below}/{module}/mod.rs"), format!("{folder}/{module}")];
            open.extend(candidates.into_iter().filter(|c| all.contains(c.as_str())));
        }
    }
    let orphans: Vec<_> = files.iter().filter(|f| !reached.contains(*f)).collect();
    assert!(orphans.is_empty(), "no `mod` line leads to these files, so nobody compiles them: {orphans:#?}");
}

#[test]
fn no_file_is_too_long_without_a_reason() {
    let Some(files) = rust_files() else { return };
    let long = |f: &&String| {
        let text = must_read(f);
        text.lines().count() > LINES_MAX && !text.lines().take(40).any(|l| l.contains(LONG_BECAUSE))
    };
    let long: Vec<_> = files.iter().filter(long).collect();
    assert!(long.is_empty(), "over {LINES_MAX} lines without `{LONG_BECAUSE} …` near the top: {long:?}");
}

#[test]
fn every_file_starts_by_telling_a_stranger_what_it_is() {
    let Some(files) = rust_files() else { return };
    let speaks = |text: &str| text.lines().find(|l| !l.starts_with("#!")).is_some_and(|l| l.starts_with("//!"));
    // A file of nothing but tests is introduced by the file that it tests.
    let silent = |f: &&String| !f.ends_with("/tests.rs") && !speaks(&must_read(f));
    let silent: Vec<_> = files.iter().filter(silent).collect();
    assert!(silent.is_empty(), "begin these files with `//!` and a sentence: {silent:?}");
}

/// Where numbers are rounded for people.
const ROUNDS: &str = "crates/assay/src/render/format.rs";

/// Whether a line of code writes a number with so many decimals.
fn rounds(line: &str) -> bool {
    let code = line.trim_start();
    !code.starts_with("//")
        && code.match_indices(":.").any(|(at, _)| {
            let digits = &code[at + 2..];
            let end = digits.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '$').unwrap_or(0);
            end > 0 && digits[end..].starts_with('}') && code[..at].contains('{')
        })
}

#[test]
fn numbers_are_rounded_for_people_in_one_place() {
    let Some(files) = rust_files() else { return };
    let is_of_people = |f: &&String| {
        ["crates/assay/src/render/", "crates/assay/src/server/"].iter().any(|place| f.starts_with(place))
            && *f != ROUNDS
    };
    let mut found = Vec::new();
    for file in files.iter().filter(is_of_people) {
        let text = must_read(file);
        // Places in a picture are numbers for programs.
        let code = text.split("#[cfg(test)]").next().unwrap_or("");
        if code.contains("svg") {
            continue;
        }
        found.extend(code.lines().filter(|l| rounds(l)).map(|l| format!("{file}: {}", l.trim())));
    }
    assert!(found.is_empty(), "use what {ROUNDS} has, which follows the reader's forms: {found:#?}");
    assert!(rounds("format!(\"{x:.2} %\")") && rounds("\"{:.digits$}\"") && !rounds("// {x:.2}") && !rounds("a::b"));
}

#[test]
fn every_file_is_named_for_an_idea() {
    let Some(files) = rust_files() else { return };
    let nameless = |f: &&String| f.split(['/', '.']).any(|part| NO_IDEA.contains(&part));
    let nameless: Vec<_> = files.iter().filter(nameless).collect();
    assert!(nameless.is_empty(), "name the idea: {nameless:?}");
}

#[test]
fn a_crate_has_one_test_binary_beside_its_unit_tests() {
    let Some(files) = rust_files() else { return };
    let binaries: Vec<&str> = files
        .iter()
        .filter(|f| is_root(f) && f.split('/').nth(2) == Some("tests"))
        .map(|f| f.split('/').nth(1).unwrap_or(""))
        .collect();
    let distinct: BTreeSet<&str> = binaries.iter().copied().collect();
    assert_eq!(binaries.len(), distinct.len(), "more than one test binary in a crate: {binaries:?}");
}

#[test]
fn module_lines_are_read() {
    let text =
        "mod a;\npub mod b;\npub(crate) mod c;\n// mod d;\nmod tests {\n#[path = \"e.rs\"]\n    mod f;\nuse mod_g;";
    assert_eq!(modules(text), ["a", "b", "c", "e.rs", "f"]);
}
