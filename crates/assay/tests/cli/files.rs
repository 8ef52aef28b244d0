//! Inputs that are missing, outputs that would do harm, and what is left behind.

use crate::program::{done, file, folder, people, run};
use std::fs;

#[test]
fn a_missing_file_fails_with_where_and_a_hint() {
    let ran = run(&["audit", "no-such-file.csv"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(ran.stderr.starts_with("error: ") && ran.stderr.contains("no-such-file.csv"), "{}", ran.stderr);
    assert!(ran.stderr.contains("\nhint: "), "{}", ran.stderr);
}

#[test]
fn no_input_is_overwritten() {
    let folder = folder("overwrite_input");
    let table = file(&folder, "followers.csv", &people(5));
    for option in ["--out", "--html", "--verdicts"] {
        let ran = run(&["audit", &table, option, &table]);
        assert_eq!(ran.code, 2, "{option}");
        assert!(ran.stderr.contains("belongs to the input"), "{}", ran.stderr);
    }
    let inside = run(&["audit", folder.to_str().expect("UTF-8"), "--out", &table]);
    assert_eq!(inside.code, 2, "{}", inside.stderr);
    assert_eq!(fs::read_to_string(&table).expect("still there"), people(5));
}

#[test]
fn two_outputs_cannot_share_a_place() {
    let folder = folder("same_place");
    let table = file(&folder, "followers.csv", &people(5));
    let out = folder.join("out");
    let out = out.to_str().expect("UTF-8");
    assert_eq!(run(&["audit", &table, "--html", out, "--verdicts", out]).code, 2);
    assert_eq!(run(&["audit", &table, "--html", "-"]).code, 2);
    assert_eq!(done(&["audit", &table, "--html", "-", "--out", out]).stdout.get(..15), Some("<!DOCTYPE html>"));
}

#[test]
fn an_older_report_is_replaced_and_nothing_is_left_beside_it() {
    let folder = folder("replace");
    let table = file(&folder, "followers.csv", &people(5));
    let out = file(&folder, "report.json", "old");
    done(&["audit", &table, "--format", "json", "--out", &out]);
    assert!(fs::read_to_string(&out).expect("written").contains("assay.audit/1"));
    let mut names: Vec<_> = fs::read_dir(&folder).expect("listed").map(|e| e.expect("an entry").file_name()).collect();
    names.sort();
    assert_eq!(names, ["followers.csv", "report.json"]);
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let folder = folder("no_folder");
    let table = file(&folder, "followers.csv", &people(5));
    let out = folder.join("missing").join("report.html");
    let ran = run(&["audit", &table, "--html", out.to_str().expect("UTF-8")]);
    assert_eq!(ran.code, 1);
    assert!(ran.stderr.starts_with("error: cannot write") && ran.stderr.contains("\nhint: "), "{}", ran.stderr);
}

#[test]
fn an_unreadable_input_is_an_error_and_no_panic() {
    let folder = folder("unreadable");
    let noise: String = (0_u32..4_000).map(|i| char::from((i * 7_919 % 94 + 33) as u8)).collect();
    for (name, text) in [("noise.bin", noise.as_str()), ("one.json", "{"), ("nul.csv", "\0\0\0")] {
        let ran = run(&["audit", &file(&folder, name, text)]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{name}: {}", ran.stderr);
        assert!(ran.stderr.starts_with("error: ") && !ran.stderr.contains("panicked"), "{name}: {}", ran.stderr);
    }
}
