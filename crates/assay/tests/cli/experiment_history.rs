//! `assay experiment history` and `calibrate`: past tests held together, and readings tried on a history.

use crate::program::{done, file, folder, run};
use std::fmt::Write as _;

/// Rubin's eight schools; Stan's example prints means of true effects 11.4 for the first and 7.9 over all.
#[test]
fn past_tests_shrink_one_another() {
    let folder = folder("history");
    let table = file(
        &folder,
        "tests.csv",
        "test,effect,error\nA,28,15\nB,8,10\nC,-3,16\nD,7,11\nE,-1,9\nF,1,11\nG,18,10\nH,12,18\n",
    );
    let said = done(&["experiment", "history", &table, "--name", "test", "--format", "json"]).json();
    let near = |value: &serde_json::Value, want: f64| {
        let got = value.as_f64().expect("a number");
        assert!((got - want).abs() < 0.35, "{got} is not {want}");
    };
    near(&said["mean"]["point"], 7.9);
    near(&said["tests"][0]["shrunken"]["point"], 11.4);
    assert_eq!(said["tests"][0]["name"], "A");
    let text = done(&["experiment", "history", &table, "--name", "test"]).stdout;
    assert!(text.starts_with("8 past tests") && text.contains("overstates by"), "{text}");
    let few = file(&folder, "few.csv", "effect,error\n1,2\n3,0\n4,2\n");
    let ran = run(&["experiment", "history", &few]);
    assert_eq!(ran.code, 1, "{}", ran.stderr);
    assert!(ran.stderr.contains("at least 3 past tests, found 2") && ran.stderr.contains("\nhint: "), "{}", ran.stderr);
    // Readings as documents are past tests too.
    let orders = |n: usize| {
        let mut rows = String::from("arm,ordered\n");
        for k in 0..2_000 {
            let _ =
                writeln!(rows, "{},{}", if k % 2 == 0 { "none" } else { "mail" }, u8::from(k % 2_000 < 40 + k % 2 * n));
        }
        rows
    };
    let mut documents = Vec::new();
    for n in [10, 20, 60] {
        let table = file(&folder, &format!("orders{n}.csv"), &orders(n));
        let out = folder.join(format!("reading{n}.json")).to_str().expect("a name").to_owned();
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
            "--format",
            "json",
            "--out",
            &out,
        ]);
        documents.push(out);
    }
    let said = done(&["experiment", "history", &documents[0], &documents[1], &documents[2], "--format", "json"]).json();
    assert_eq!(said["tests"].as_array().map(Vec::len), Some(3));
    let ran = run(&["experiment", "history", &documents[0], &table.replace("tests.csv", "no.json")]);
    assert!(ran.code == 1 && ran.stderr.contains("cannot be read"), "{}", ran.stderr);
}

/// Markets without a test: the reading finds little there, and a lift of a tenth mostly; units dealt again and again err as declared.
#[test]
fn readings_are_tried_on_a_history() {
    let folder = folder("calibrate");
    let mut sales = String::from("city,day,orders\n");
    let mut state = 1_u64;
    let mut noise = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / f64::from(1_u32 << 24) - 0.5
    };
    for city in 0..16 {
        for day in 0..60 {
            let season = 1.0 + 0.1 * f64::from(day % 7);
            let _ =
                writeln!(sales, "c{city:02},{day},{:.2}", f64::from(80 + 15 * city) * season * (1.0 + 0.1 * noise()));
        }
    }
    let table = file(&folder, "sales.csv", &sales);
    let base = ["experiment", "calibrate", &table, "--metric", "orders", "--runs", "40", "--format", "json"];
    let markets = ["--location", "city", "--date", "day", "--treated", "4", "--days", "14"];
    let said = done(&[&base[..], &markets].concat()).json();
    assert_eq!(said["decision"], "keeps-its-word", "{said}");
    assert!(said["calibration"]["false_positives"]["point"].as_f64() <= Some(0.05), "{said}");
    assert!(said["calibration"]["found"]["point"].as_f64() > Some(0.6), "{said}");
    let short = ["--location", "city", "--date", "day", "--treated", "4", "--days", "40"];
    assert_eq!(done(&[&base[..], &short].concat()).json()["decision"], "cannot-tell");
    let said = done(&[&base[..], &["--split", "3:1", "--fixed"]].concat()).json();
    assert_eq!(said["decision"], "keeps-its-word", "{said}");
    let ran = run(&["experiment", "calibrate", &table, "--metric", "orders"]);
    assert_eq!(ran.code, 2, "{}", ran.stderr);
    // The same figures stand in the verdict of a reading that asks for them.
    let said = done(&[
        "experiment",
        "read-geo",
        &table,
        "--location",
        "city",
        "--date",
        "day",
        "--metric",
        "orders",
        "--treated",
        "c01,c05,c09,c13",
        "--start",
        "46",
        "--end",
        "52",
        "--cooldown",
        "7",
        "--placebos",
        "20",
        "--format",
        "json",
    ])
    .json();
    assert_eq!(said["design"]["n_during"], 14);
    assert_eq!(said["carry_over"]["n_periods"], 7);
    assert_eq!(said["calibration"]["n_runs"], 20);
    let reasons = said["verdict"]["reasons"].to_string();
    assert!(reasons.contains("placebo tests on the days before"), "{reasons}");
}
