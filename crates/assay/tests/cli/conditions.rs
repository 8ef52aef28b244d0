//! `--strict` and `--fail-if`: exit codes for scripts.

use crate::program::{done, file, folder, people, run};

#[test]
fn strict_ends_with_3_when_a_row_was_rejected() {
    let folder = folder("strict");
    let broken = people(30).replacen("2021-01-05", "the fifth", 1).replacen(",3,", ",third,", 1);
    let table = file(&folder, "broken.csv", &broken);
    let lax = done(&["audit", &table, "--format", "json"]);
    let n_rejected = lax.json()["rejects"].as_array().map_or(0, Vec::len);
    assert!(n_rejected > 0, "{}", lax.stdout);
    let strict = run(&["audit", &table, "--strict", "--format", "json"]);
    assert_eq!(strict.code, 3, "{}", strict.stderr);
    assert_eq!(strict.stdout, lax.stdout, "the report is written all the same");
    assert_eq!(run(&["audit", &table, "--fail-if", "rejects > 0"]).code, 4);
    done(&["audit", &file(&folder, "whole.csv", &people(30)), "--strict"]);
}

#[test]
fn a_met_condition_ends_with_4_and_the_report_is_written() {
    let table = file(&folder("fail_if"), "followers.csv", &people(30));
    let met = run(&["audit", &table, "--format", "json", "--fail-if", "followers >= 30"]);
    assert_eq!(met.code, 4);
    assert_eq!(met.json()["followers"]["count"], 30);
    assert!(met.stderr.contains("followers >= 30 is met"), "{}", met.stderr);
    done(&["audit", &table, "--fail-if", "followers > 30", "--fail-if", "batches > 0"]);
}

#[test]
fn an_abstained_share_meets_nothing_but_is_told() {
    let table = file(&folder("fail_if_abstained"), "followers.csv", &people(0));
    let ran = done(&["audit", &table, "--fail-if", "shares.inauthentic >= 0"]);
    assert!(ran.stderr.contains("cannot be said") && ran.stderr.contains("counts as not met"), "{}", ran.stderr);
}

#[test]
fn an_unknown_name_is_wrong_usage_and_lists_the_names() {
    let table = file(&folder("fail_if_unknown"), "followers.csv", &people(3));
    let ran = run(&["audit", &table, "--fail-if", "shares.fake > 1"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (2, ""));
    assert!(ran.stderr.contains("shares.inauthentic") && ran.stderr.contains("batches"), "{}", ran.stderr);
}
