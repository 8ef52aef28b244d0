//! `assay experiment plan`: what a test could find out, and when not to run one.

use crate::program::{done, file, folder, run};
use std::fmt::Write as _;

fn plan(more: &[&str]) -> serde_json::Value {
    done(&[&["experiment", "plan", "--format", "json"], more].concat()).json()
}

/// 40 orders a week and 500 to spend: twelve weeks cannot answer, and the answer says what they could find.
#[test]
fn a_small_shop_is_told_not_to_run() {
    let said = plan(&["--per-week", "40", "--budget", "500", "--margin", "12", "--weeks", "12"]);
    assert_eq!(said["verdict"]["decision"], "do-not-run");
    let weeks = &said["designs"][0];
    assert_eq!((&weeks["kind"], &weeks["refused"]), (&"switchback".into(), &"power".into()));
    // 2.8016 standard errors of 1.5 sqrt(40) sqrt(12) orders, over six weeks of 40.
    let detectable = 2.801_585 * 1.5 * 480.0_f64.sqrt();
    assert!((weeks["detectable"].as_f64().expect("orders") - detectable).abs() < 0.01, "{weeks}");
    assert!((weeks["smallest_p_value"].as_f64().expect("p") - 1.0 / 924.0).abs() < 1e-9);
    assert_eq!(said["designs"][1]["refused"], "no-comparison");
    let text = done(&["experiment", "plan", "--per-week", "40", "--budget", "500", "--margin", "12"]).stdout;
    assert!(text.starts_with("Do not run a test"), "{text}");
}

#[test]
fn a_long_list_is_split_and_a_dear_treatment_is_not() {
    let people = ["--people", "100000", "--rate", "0.03", "--margin", "12", "--lift", "0.3"];
    let said = plan(&[&people[..], &["--cost", "0.02"]].concat());
    assert_eq!((&said["verdict"]["decision"], &said["verdict"]["design"]), (&"run".into(), &"user-split".into()));
    let list = &said["designs"][0];
    assert!(list["n_treated"].as_f64() < Some(50_000.0) && list["power"].as_f64() > Some(0.79), "{list}");
    assert!(list["value"].as_f64() > list["price"].as_f64(), "{list}");
    let dear = plan(&[&people[..], &["--cost", "0.2"]].concat());
    assert_eq!(dear["designs"][0]["refused"], "does-not-pay-even-so");
    assert_eq!(dear["verdict"]["decision"], "do-not-run");
}

/// Topics of a long list are told; a dozen ages of it are not, and the answer says so and what it would take.
#[test]
fn segments_are_foretold_and_refused_where_they_cannot_be_told() {
    let people = ["--people", "80000", "--rate", "0.03", "--lift", "0.15"];
    let said = plan(&[&people[..], &["--segments", "topic=3,age=12,sex=2,place=60:30:10"]].concat());
    let found = &said["segments"];
    assert_eq!((&found["n_cells"], &found["strata"][3]), (&216.into(), &"place".into()));
    let of = |k: usize, name: &str| found["factors"][k][name].as_f64().expect("a number");
    let n = said["designs"][0]["n_treated"].as_f64().expect("people");
    assert!((of(3, "n_smallest") - n / 10.0).abs() < 1e-6 && (of(1, "n_smallest") - n / 12.0).abs() < 1e-6);
    for k in [0, 1, 3] {
        // All alike reaches further than a test of its own; by hand the latter is (2.394 + .842) errors for three segments.
        assert!(of(k, "detectable_lift_alike") < of(k, "detectable_lift_separate"), "{found}");
        assert!(of(k, "detectable_lift_alike") < of(k, "detectable_lift_alone"), "{found}");
    }
    let errors = of(0, "detectable_lift_separate") / of(0, "error_lift");
    assert!((errors - (2.393_98 + 0.841_62)).abs() < 1e-3, "{errors}");
    assert!(of(1, "power_alone") < of(0, "power_alone") && found["factors"][1]["told"] == false, "{found}");
    assert!(found["factors"][2]["detectable_lift_alone"].is_null() && found["factors"][2]["told"] == false);
    let reasons = said["verdict"]["reasons"].to_string();
    assert!(reasons.contains("do not read by age") && reasons.contains("do not read by sex"), "{reasons}");
    assert_eq!(plan(&people)["segments"], serde_json::Value::Null);
    let text = done(&[&["experiment", "plan", "--segments", "topic=3,age=4"], &people[..]].concat()).stdout;
    assert!(text.contains("12 cells (topic × age)") && text.contains("--strata topic,age"), "{text}");
    for (segments, expected) in [
        ("topic", "topic=3"),
        ("topic=1", "2 to 100"),
        ("a=3,a=4", "each name once"),
        ("a=1:0:2", "place=60:30:10"),
        ("a=100,b=100,c=2", "cells"),
    ] {
        let ran = run(&[&["experiment", "plan", "--segments", segments], &people[..]].concat());
        assert!(ran.code == 2 && ran.stderr.contains(expected), "{segments}: {} {}", ran.code, ran.stderr);
    }
    assert_eq!(run(&["experiment", "plan", "--per-week", "40", "--segments", "topic=3"]).code, 2);
}

#[test]
fn a_history_of_orders_tells_how_weeks_differ() {
    let mut table = String::from("ordered_at,total\n");
    for day in 0..140_u32 {
        for order in 0..4 + day * 7 % 5 {
            let _ = writeln!(table, "2025-{:02}-{:02}T10:0{order}:00Z,20", 1 + day / 28, 1 + day % 28);
        }
    }
    let path = file(&folder("experiment_plan"), "orders.csv", &table);
    let said = plan(&[&path, "--date", "ordered_at", "--weeks", "8"]);
    let past = &said["past_weeks"];
    assert!(past["n_weeks"].as_u64() >= Some(19) && past["spread"].as_f64() > Some(0.0), "{past}");
    assert_eq!(said["inputs"][0]["rows"].as_u64(), said["inputs"][0]["taken"].as_u64());
    for (arguments, code, expected) in [
        (vec![path.as_str()], 2, "--date"),
        (vec![path.as_str(), "--date", "day"], 1, "the columns `day`"),
        (vec!["--people", "100"], 2, "--rate"),
        (vec![], 2, "found neither people, markets nor weeks"),
        (vec!["--per-week", "0"], 2, "above 0"),
    ] {
        let ran = run(&[&["experiment", "plan"], &arguments[..]].concat());
        assert!(ran.code == code && ran.stderr.contains(expected), "{arguments:?}: {} {}", ran.code, ran.stderr);
    }
}
