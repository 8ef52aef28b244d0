//! Which crate stands on which floor, and what it may depend on.

use crate::tree::{must_read, root};
use serde_json::Value;
use std::process::Command;

/// What a crate may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Gets data, returns data. Its external dependencies are those of [`PURE_MAY_USE`].
    Pure,
    /// Reads or writes bytes in a format of its own.
    Edge,
    /// Puts everything together.
    Product,
    /// Tests alone.
    Guard,
}

/// Every crate, its floor and its kind. A crate imports lower floors only, never one beside it.
const CRATES: &[(&str, u8, Kind)] = &[
    ("assay-math", 0, Kind::Pure),
    ("assay-model", 1, Kind::Pure),
    ("assay-import", 2, Kind::Edge),
    ("assay-detect", 2, Kind::Pure),
    ("assay-graphfile", 2, Kind::Edge),
    ("assay-rings", 2, Kind::Pure),
    ("assay-reach", 2, Kind::Pure),
    ("assay-experiment", 2, Kind::Pure),
    ("assay-metrics", 2, Kind::Pure),
    ("assay-relations", 2, Kind::Pure),
    ("assay-store", 2, Kind::Edge),
    ("assay", 3, Kind::Product),
    ("assay-guard", 4, Kind::Guard),
];

/// What pure crates may use from outside, development included: numbers, randomness, derived serialisation, a data-parallel
/// pool that the shell makes, memory on huge pages (anonymous maps: `File` is forbidden by the strict rule), and property tests.
const PURE_MAY_USE: &[&str] =
    &["rand", "rand_pcg", "statrs", "serde", "rayon", "memmap2", "bytemuck", "proptest", "approx"];

/// Asynchronous runtimes and network clients: the product's, and those of crates that talk to networks, once there are any.
const ASYNC: &[&str] =
    &["tokio", "async-std", "smol", "futures", "futures-util", "hyper", "axum", "reqwest", "tower", "ureq"];

/// What makes pages, and what parses the command line: the product's alone.
const PRODUCT_ONLY: &[&str] = &["maud", "askama", "minijinja", "rustlavel-chart", "clap", "ctrlc", "png"];

struct Dependency {
    from: String,
    to: String,
    kind: String,
}

fn dependencies() -> (Vec<String>, Vec<Dependency>) {
    let out = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1", "--manifest-path"])
        .arg(root().join("Cargo.toml"))
        .output()
        .expect("cargo can be run");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let metadata: Value = serde_json::from_slice(&out.stdout).expect("JSON");
    let text = |v: &Value| v.as_str().unwrap_or("normal").to_owned();
    let mut names = Vec::new();
    let mut all = Vec::new();
    for package in metadata["packages"].as_array().expect("packages") {
        names.push(text(&package["name"]));
        for d in package["dependencies"].as_array().expect("dependencies") {
            all.push(Dependency { from: text(&package["name"]), to: text(&d["name"]), kind: text(&d["kind"]) });
        }
    }
    (names, all)
}

fn place(name: &str) -> Option<(u8, Kind)> {
    CRATES.iter().find(|(n, ..)| *n == name).map(|&(_, floor, kind)| (floor, kind))
}

#[test]
fn every_crate_has_a_floor() {
    let (names, _) = dependencies();
    let homeless: Vec<_> = names.iter().filter(|n| place(n).is_none()).collect();
    assert!(homeless.is_empty(), "give these crates a line in CRATES: {homeless:?}");
    let gone: Vec<_> = CRATES.iter().filter(|(n, ..)| !names.iter().any(|m| m == n)).collect();
    assert!(gone.is_empty(), "these crates are no longer there: {gone:?}");
}

#[test]
fn imports_go_down_only() {
    for d in dependencies().1 {
        if let (Some((from, _)), Some((to, _))) = (place(&d.from), place(&d.to)) {
            assert!(to < from, "{} (floor {from}) imports {} (floor {to}, {} dependency)", d.from, d.to, d.kind);
        }
    }
}

#[test]
fn pure_crates_use_numbers_and_randomness_alone() {
    for d in dependencies().1 {
        let pure = place(&d.from).is_some_and(|(_, kind)| kind == Kind::Pure);
        let known = place(&d.to).is_some() || PURE_MAY_USE.contains(&d.to.as_str());
        assert!(!pure || known, "{} is pure and has a {} dependency on {}", d.from, d.kind, d.to);
    }
}

#[test]
fn networks_and_pages_stay_in_their_crates() {
    for d in dependencies().1 {
        let Some((_, kind)) = place(&d.from) else { continue };
        let to = d.to.as_str();
        let free = kind == Kind::Product || !(ASYNC.contains(&to) || PRODUCT_ONLY.contains(&to));
        assert!(free, "{} may not depend on {to}", d.from);
    }
}

#[test]
fn every_crate_keeps_the_lints_and_pure_ones_the_strict_rule() {
    for &(name, _, kind) in CRATES {
        let manifest = must_read(&format!("crates/{name}/Cargo.toml"));
        assert!(manifest.contains("[lints]\nworkspace = true"), "{name} does not take the workspace's lints");
        let own = root().join(format!("crates/{name}/clippy.toml")).exists();
        assert_eq!(
            own,
            kind != Kind::Pure,
            "{name}: a pure crate goes by the root's clippy.toml, any other has its own"
        );
    }
    let rule = must_read("clippy.toml");
    for forbidden in
        ["std::fs::read\"", "std::net::TcpStream", "std::env::var\"", "std::time::Instant", "std::thread::spawn"]
    {
        assert!(rule.contains(forbidden), "clippy.toml no longer forbids {forbidden}");
    }
}
