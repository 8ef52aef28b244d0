//! Exports of platforms, whole and cut off.

use crate::program::{done, file, folder, people, run};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// The ids of the warnings about an input.
fn warned(path: &Path) -> Vec<String> {
    let said = done(&["audit", path.to_str().expect("UTF-8"), "--format", "json"]).json();
    let warnings = said["warnings"].as_array().expect("a list");
    warnings.iter().filter_map(|w| w["id"].as_str().map(str::to_owned)).collect()
}

#[test]
fn made_exports_of_every_layout_are_recognised_and_read_whole() {
    let folder = folder("layouts");
    for (layout, format, n) in
        [("x-archive", "x-archive", 200), ("instagram", "instagram", 200), ("table", "table", 200)]
    {
        let out = folder.join(layout);
        let out = out.to_str().expect("UTF-8");
        done(&["synth", "followers", "--layout", layout, "--followers", "200", "--days", "500", "--out", out]);
        let said = done(&["audit", out, "--format", "json"]).json();
        assert_eq!(said["format"]["id"], format);
        assert_eq!(said["followers"]["count"], n, "{layout}");
        assert_eq!(said["n_rejected"], 0, "{layout}");
        assert_eq!(done(&["audit", out, "--as", format, "--format", "json"]).json(), said, "{layout}");
    }
    let wrong = run(&["audit", folder.join("table").to_str().expect("UTF-8"), "--as", "moon"]);
    assert_eq!(wrong.code, 2);
    assert!(wrong.stderr.contains("instagram") && wrong.stderr.contains("x-archive"), "{}", wrong.stderr);
}

#[test]
fn a_list_and_daily_counts_are_read_together() {
    let folder = folder("list_and_counts");
    let page = ["--followers", "300", "--days", "400", "--seed", "4"];
    let path = |name: &str| folder.join(name).to_str().expect("UTF-8").to_owned();
    let (list, counts) = (path("list.zip"), path("counts.csv"));
    done(&[&["synth", "followers", "--layout", "instagram", "--out", &list][..], &page].concat());
    done(&[&["synth", "followers", "--layout", "counts", "--out", &counts][..], &page].concat());
    let said = done(&["audit", &counts, &list, "--format", "json"]).json();
    assert_eq!(said["format"]["id"], "instagram");
    assert_eq!(said["followers"]["count"], 300);
    assert!(said["counts"].is_object(), "{said:#}");
}

#[test]
fn files_of_another_kind_are_named_and_beside_followers_they_change_nothing() {
    let folder = folder("other_kinds");
    let likes = r#"{"likes_media_likes":[{"title":"anna","string_list_data":[{"timestamp":1720107508}]}]}"#;
    let videos = "Content,Video title,Video publish time,Views\nabc,Roasting,\"Sep 8, 2026\",5\n";
    for (name, text, found) in [
        ("liked_posts.json", likes, "found a table of engagements"),
        ("Table data.csv", videos, "found a table of posts"),
    ] {
        let path = file(&folder, name, text);
        let out = run(&["audit", &path]);
        assert_eq!(out.code, 1, "{}", out.stderr);
        assert!(out.stderr.contains(found) && out.stderr.contains("hint:"), "{}", out.stderr);
    }
    let followers = r#"[{"string_list_data":[{"value":"anna","timestamp":1720152884}]}]"#;
    let followers = file(&folder, "followers_1.json", followers);
    let alone = done(&["audit", &followers, "--format", "json"]).json();
    let beside = done(&["audit", folder.to_str().expect("UTF-8"), "--format", "json"]).json();
    assert_eq!(alone["inputs"].as_array().map(Vec::len), Some(1));
    assert_eq!((&alone["followers"]["count"], &alone["inputs"]), (&beside["followers"]["count"], &beside["inputs"]));
}

#[test]
fn an_archive_that_lacks_followers_its_manifest_counts_is_told() {
    let folder = folder("short_of_manifest");
    let data = folder.join("data");
    fs::create_dir(&data).expect("a folder");
    let rows: Vec<String> = (0..70_u64)
        .map(|i| format!(r#"{{"follower":{{"accountId":"{}"}}}}"#, (450_000_000_000 - i * 7_000_000) << 22))
        .collect();
    file(&data, "follower.js", &format!("window.YTD.follower.part0 = [{}]", rows.join(",")));
    let manifest = |n: usize| {
        let text = r#"window.__THAR_CONFIG = {"archiveInfo":{"generationDate":"2026-09-30T10:00:00.000Z","isPartialArchive":false},
"dataTypes":{"follower":{"files":[{"fileName":"data/follower.js","globalName":"YTD.follower.part0","count":"HOWMANY"}]}}}"#;
        file(&data, "manifest.js", &text.replace("HOWMANY", &n.to_string()));
    };
    manifest(70);
    assert!(!warned(&folder).contains(&"truncated-export".to_owned()));
    manifest(90);
    assert!(warned(&folder).contains(&"truncated-export".to_owned()), "{:?}", warned(&folder));
}

#[test]
fn a_list_that_starts_where_a_period_of_the_platform_starts_may_be_cut() {
    let folder = folder("date_range");
    let export = |name: &str, days: i64| {
        let mut rows = String::new();
        for i in (0..120_i64).rev() {
            let at = 1_700_000_000 + i * days * 86_400 / 119;
            let comma = if rows.is_empty() { "" } else { "," };
            let _ = write!(
                rows,
                r#"{comma}{{"title":"","media_list_data":[],"string_list_data":[{{"href":"https://www.instagram.com/p_{i}","value":"p_{i}","timestamp":{at}}}]}}"#
            );
        }
        let root = folder.join(name);
        let lists = root.join("connections/followers_and_following");
        fs::create_dir_all(&lists).expect("a folder");
        file(&lists, "followers_1.json", &format!("[{rows}]"));
        root
    };
    assert!(warned(&export("a_year", 364)).contains(&"maybe-date-range".to_owned()));
    assert!(!warned(&export("longer", 500)).contains(&"maybe-date-range".to_owned()));
}

#[test]
fn a_round_number_of_rows_may_be_a_limit() {
    let folder = folder("row_limit");
    file(&folder, "round.csv", &people(5_000));
    file(&folder, "other.csv", &people(5_001));
    assert_eq!(warned(&folder.join("round.csv")), ["maybe-row-limit"]);
    assert!(warned(&folder.join("other.csv")).is_empty());
}
