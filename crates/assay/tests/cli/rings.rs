//! `assay rings` from outside.

use crate::program::{done, folder, run};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// A table of thirty accounts that each follow some twelve of the same twenty pages in one week, among six hundred who follow
/// what they like. Written by a multiplicative scramble, so that it is the same everywhere.
fn table(folder: &Path) -> String {
    let mut text = String::from("source,target,at\n");
    let mut state = 1_u64;
    let mut draw = |n: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    for person in 0..600 {
        for _ in 0..5 {
            let (page, day) = (draw(400), draw(300));
            let _ = writeln!(text, "person{person},page{page},{}", 1_700_000_000 + 86_400 * day);
        }
    }
    for bot in 0..30 {
        for page in 0..20 {
            if draw(5) < 3 {
                let _ = writeln!(text, "bot{bot},client{page},{}", 1_710_000_000 + draw(7 * 86_400));
            }
        }
    }
    text.push_str("person1,page1,1700000000\nperson1,page1,1700000000\n,page2,1700000000\n");
    let path = folder.join("follows.csv");
    fs::write(&path, text).expect("a table for the test");
    path.to_str().expect("a path in UTF-8").to_owned()
}

#[test]
fn a_ring_is_found_named_and_counted() {
    let folder = folder("rings");
    let input = table(&folder);
    let members = folder.join("members.csv").to_str().expect("a path in UTF-8").to_owned();
    let said = done(&["rings", &input, "--format", "json", "--members", &members]).json();
    assert_eq!(said["schema"], "assay.rings/1");
    let ring = &said["rings"][0];
    assert_eq!(
        (said["rings"].as_array().map(Vec::len), &ring["sources"], &ring["targets"]),
        (Some(1), &30.into(), &20.into())
    );
    assert!(ring["window"]["from"].as_str().is_some_and(|from| from.starts_with("2024-03-0")), "{}", ring["window"]);
    assert_eq!(said["rows"]["empty"], 1);
    let written = fs::read_to_string(&members).expect("the members");
    assert_eq!(written.lines().filter(|l| l.starts_with("1,bot") && l.contains(",source,")).count(), 30);
    assert_eq!(written.lines().filter(|l| l.starts_with("1,client") && l.contains(",target,")).count(), 20);
    let text = done(&["rings", &input]).stdout;
    assert!(text.starts_with("1 group of accounts in lockstep: 30 accounts in all."), "{text}");
    // Without times the same ring stands on its links.
    let columns = "source=source,target=target,at=-";
    let said = done(&["rings", &input, "--columns", columns, "--format", "json"]).json();
    assert_eq!((&said["rings"][0]["sources"], &said["window"]), (&30.into(), &serde_json::Value::Null));
}

#[test]
fn conditions_limits_and_wrong_usage_have_their_exit_codes() {
    let folder = folder("rings-codes");
    let input = table(&folder);
    assert_eq!(run(&["rings", &input, "--fail-if", "rings > 0"]).code, 4);
    assert_eq!(run(&["rings", &input, "--fail-if", "rings > 9"]).code, 0);
    assert_eq!(run(&["rings", &input, "--strict"]).code, 3);
    assert_eq!(run(&["rings", &input, "--fail-if", "batches > 0"]).code, 2);
    assert_eq!(run(&["rings", &input, "--out", &input]).code, 2);
    let refused = run(&["rings", &input, "--memory", "10KB"]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
    assert!(refused.stderr.contains("hint: leave the times out"), "{}", refused.stderr);
    assert_eq!(run(&["rings", "nowhere.csv"]).code, 1);
}
