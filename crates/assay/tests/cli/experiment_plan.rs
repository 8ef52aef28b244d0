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
