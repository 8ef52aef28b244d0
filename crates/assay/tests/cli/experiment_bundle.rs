//! `assay experiment read` with segments, days, a page and a bundle; `rerun` makes the same bytes.

use crate::program::{done, file, folder, run};
use std::fmt::Write as _;

/// A made split of four places over ten days, one of them without rows; a tenth orders, a fifth more of those promoted on the fifth
/// day, and so much more or less each day before and after.
fn orders_with(per_day: f64) -> String {
    let mut rows = String::from("arm,ordered,place,day\n");
    let mut state = 7_u64;
    for k in 0..8_000_u64 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let chance = (state >> 40) as f64 / f64::from(1_u32 << 24);
        let day = 1 + k / 2 % 10;
        let day = if day == 4 { 5 } else { day };
        let (arm, p) = if k % 2 == 0 { ("none", 0.1) } else { ("mail", 0.12 + per_day * (day as f64 - 5.0)) };
        let _ = writeln!(rows, "{arm},{},p{},2024-03-{day:02}", u8::from(chance < p), k / 20 % 4);
    }
    rows
}

fn orders() -> String {
    orders_with(0.0)
}

#[test]
fn segments_and_days_stand_in_the_reading_and_on_its_page() {
    let folder = folder("segments");
    let table = file(&folder, "orders.csv", &orders());
    let base = ["experiment", "read", &table, "--arm", "arm", "--control", "none", "--metric", "ordered"];
    let more = ["--segment", "place", "--date", "day", "--margin", "10", "--per-week", "4000"];
    let said = done(&[&base[..], &more, &["--format", "json"]].concat()).json();
    let arm = &said["segments"][0];
    assert_eq!((&arm["arm"], arm["segments"].as_array().map(Vec::len)), (&"mail".into(), Some(4)));
    let spread = |of: &dyn Fn(&serde_json::Value) -> f64| {
        let all: Vec<f64> = arm["segments"].as_array().expect("segments").iter().map(of).collect();
        all.iter().copied().fold(f64::MIN, f64::max) - all.iter().copied().fold(f64::MAX, f64::min)
    };
    let number = |v: &serde_json::Value| v.as_f64().expect("a number");
    assert!(spread(&|s| number(&s["shrunken"]["point"])) < spread(&|s| number(&s["difference"])), "{arm}");
    assert_eq!((&said["over_time"][0]["n_days"], &said["over_time"][0]["n_missing_days"]), (&9.into(), &1.into()));
    // An effect that wears off by .015 a day is told as such.
    let fading = file(&folder, "fading.csv", &orders_with(-0.015));
    let faded = done(&[&["experiment", "read", &fading][..], &base[3..], &more, &["--format", "json"]].concat()).json();
    let slope = |said: &serde_json::Value, end: &str| number(&said["over_time"][0]["slope_per_day"][end]);
    assert!(slope(&faded, "high") < 0.0, "{}", faded["over_time"]);
    // The same chances drew both tables: they differ by what was put in.
    let moved = slope(&faded, "point") - slope(&said, "point");
    assert!((moved + 0.015).abs() < 0.002, "{moved}");
    assert!(said["warnings"].to_string().contains("missing-days"));
    assert!(said["verdict"]["value_of_further_week"].as_f64() > Some(0.0), "{}", said["verdict"]);
    let text = done(&[&base[..], &more].concat()).stdout;
    assert!(text.contains("By place, mail") && text.contains("A further week of 4,000 units"), "{text}");
    let page = done(&[&base[..], &more, &["--format", "html"]].concat()).stdout;
    assert!(page.contains("The difference as it went") && page.contains("By place: mail") && !page.contains("<script"));
    // Two columns are read one by one and crossed; what is crossed adds up to each.
    let two = done(&[&base[..], &["--segment", "place,day", "--format", "json"]].concat()).json();
    let by = |k: usize| (two["segments"][k]["by"].as_str().expect("a name"), &two["segments"][k]["segments"]);
    assert_eq!((by(0).0, by(1).0, by(2).0), ("place", "day", "place \u{d7} day"));
    assert_eq!(by(0).1, &arm["segments"], "by itself as without the other");
    let units =
        |k: usize| by(k).1.as_array().expect("segments").iter().map(|s| s["n"].as_u64().expect("n")).sum::<u64>();
    assert_eq!((units(2), by(2).1.as_array().map(Vec::len)), (units(0), Some(36)));
    // Without them nothing is said of either.
    let plain = done(&[&base[..], &["--format", "json"]].concat()).json();
    assert_eq!((plain["segments"].to_string(), plain["over_time"].to_string()), ("[]".to_owned(), "[]".to_owned()));
    let wrong = run(&[&base[..], &["--date", "place"]].concat());
    assert!(wrong.code == 1 && wrong.stderr.contains("expected a day"), "{}", wrong.stderr);
}

#[test]
fn a_bundle_runs_again_to_the_same_bytes() {
    let folder = folder("bundle");
    let table = file(&folder, "orders.csv", &orders());
    let bundle = folder.join("bundle.json").to_str().expect("a name").to_owned();
    done(&[
        "experiment",
        "read",
        &table,
        "--arm",
        "arm",
        "--control",
        "none",
        "--metric",
        "ordered",
        "--max-n",
        "10000",
        "--bundle",
        &bundle,
    ]);
    let said = done(&["experiment", "rerun", &bundle]).stdout;
    assert!(said.starts_with("The same bytes again"), "{said}");
    // The table moved: it is named. Its bytes changed: that is said. The answer was changed: that too.
    let moved = file(&folder, "moved.csv", &orders());
    std::fs::remove_file(&table).expect("removed");
    assert_eq!(run(&["experiment", "rerun", &bundle]).code, 1);
    // The name of the table stands in the answer, so under another name it is another answer.
    let elsewhere = folder.join("elsewhere");
    std::fs::create_dir_all(&elsewhere).expect("a folder");
    let there = elsewhere.join("orders.csv");
    std::fs::rename(&moved, &there).expect("moved");
    let there = there.to_str().expect("a name");
    assert!(done(&["experiment", "rerun", &bundle, "--table", there]).stdout.starts_with("The same bytes again"));
    std::fs::write(there, orders().replace("p1", "q1")).expect("written");
    let ran = run(&["experiment", "rerun", &bundle, "--table", there]);
    assert!(ran.code == 1 && ran.stderr.contains("expected the bytes with sha256"), "{}", ran.stderr);
    std::fs::write(there, orders()).expect("written");
    let text = std::fs::read_to_string(&bundle).expect("read").replace("10000\"", "12000\"");
    let changed = file(&folder, "changed.json", &text);
    let ran = run(&["experiment", "rerun", &changed, "--table", there]);
    assert!(ran.code == 1 && ran.stderr.contains("expected an answer with sha256"), "{}", ran.stderr);
    let ran = run(&["experiment", "rerun", there]);
    assert!(ran.code == 1 && ran.stderr.contains("expected a bundle"), "{}", ran.stderr);
}
