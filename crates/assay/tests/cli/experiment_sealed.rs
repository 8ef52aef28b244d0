//! `assay experiment seal`, and readings that go by a sealed plan.

use crate::program::{done, file, folder, run};
use std::fmt::Write as _;
use std::fs;

fn table(control: (u32, u32), arm: (u32, u32)) -> String {
    let mut table = String::from("group,ordered,refunded\n");
    for (name, (x, n)) in [("none", control), ("offer", arm)] {
        for k in 0..n {
            let _ = writeln!(table, "{name},{},{}", u8::from(k < x), u8::from(name == "offer" && k % 10 == 0));
        }
    }
    table
}

const SEAL: [&str; 16] = [
    "experiment",
    "seal",
    "--arm",
    "group",
    "--control",
    "none",
    "--metric",
    "ordered:binary",
    "--split",
    "1:1",
    "--margin",
    "12",
    "--cost",
    "0.1",
    "--at",
    "2026-11-24T17:00:00Z",
];

#[test]
fn a_reading_goes_by_its_plan_and_tells_every_change() {
    let folder = folder("experiment_sealed");
    let path = file(&folder, "orders.csv", &table((300, 3_000), (390, 3_000)));
    let plan = folder.join("plan.json");
    let plan = plan.to_str().expect("UTF-8");
    let sealed = done(&[&SEAL[..], &["--max-n", "6000", "--looks", "4", "--file", &path, "--out", plan]].concat());
    let hash = sealed.stdout.trim().to_owned();
    assert_eq!(hash.len(), 64);
    let read = |more: &[&str]| {
        done(&[&["experiment", "read", &path, "--plan", plan, "--format", "json"], more].concat()).json()
    };
    let said = read(&[]);
    let design = &said["design"];
    assert_eq!((&design["sealed"], &design["plan"]["sha256"]), (&true.into(), &hash.as_str().into()));
    assert_eq!((&design["looking"]["n_max"], &design["looking"]["looks"]), (&6_000.into(), &4.into()));
    assert_eq!((&design["margin"], &said["verdict"]["decision"]), (&12.0.into(), &"adopt".into()));
    assert!(said["verdict"]["reasons"][0].as_str().expect("a reason").starts_with("as planned"));
    assert!(said["warnings"].as_array().expect("a list").iter().all(|w| w["id"] != "no-plan"));
    // What is asked besides shows, one by one.
    let said = read(&["--margin", "20", "--fixed", "--metric", "refunded:binary"]);
    let departures = said["design"]["plan"]["departures"].as_array().expect("a list");
    assert_eq!((said["design"]["sealed"].as_bool(), departures.len()), (Some(false), 3), "{departures:?}");
    assert!(said["verdict"]["reasons"][0].as_str().expect("a reason").starts_with("not as planned"));
    // A plan that was changed afterwards.
    let changed = fs::read_to_string(plan).expect("read").replace("6000", "9000");
    fs::write(plan, changed).expect("written");
    let said = read(&[]);
    assert_eq!((&said["design"]["sealed"], &said["design"]["plan"]["is_intact"]), (&false.into(), &false.into()));
    assert!(said["verdict"]["reasons"][0].as_str().expect("a reason").contains("changed after it was sealed"));
}

#[test]
fn a_broken_guardrail_takes_the_adoption_back() {
    let path = file(&folder("experiment_guard"), "orders.csv", &table((300, 3_000), (450, 3_000)));
    let read = |guardrail: &str| {
        let arguments =
            ["experiment", "read", &path, "--arm", "group", "--control", "none", "--metric", "ordered:binary"];
        done(&[&arguments[..], &["--fixed", "--guardrail", guardrail, "--format", "json"]].concat()).json()
    };
    for (guardrail, standing, decision) in [
        ("refunded:binary<=0.2", "holds", "adopt"),
        ("refunded:binary<=0.02", "broken", "drop"),
        ("refunded:binary<=0.1", "open", "cannot-tell"),
        ("refunded:binary>=-0.1", "holds", "adopt"),
    ] {
        let said = read(guardrail);
        assert_eq!(said["guardrails"][0]["standing"], standing, "{guardrail}");
        assert_eq!(said["verdict"]["decision"], decision, "{guardrail}");
    }
    let ran = run(&[
        "experiment",
        "read",
        &path,
        "--arm",
        "group",
        "--control",
        "none",
        "--metric",
        "ordered",
        "--guardrail",
        "x",
    ]);
    assert!(ran.code == 2 && ran.stderr.contains("METRIC<=M"), "{}", ran.stderr);
}

#[test]
fn plans_are_checked_before_they_are_sealed_and_never_replaced() {
    let folder = folder("experiment_seal_wrong");
    let out = folder.join("p.json");
    let out = out.to_str().expect("UTF-8");
    done(&[&SEAL[..], &["--out", out]].concat());
    let again = run(&[&SEAL[..], &["--out", out]].concat());
    assert!(again.code == 2 && again.stderr.contains("not replaced"), "{}", again.stderr);
    for (more, code, expected) in [
        (&["--guardrail", "x"][..], 2, "METRIC<=M"),
        (&["--metric", ":binary"], 2, "the name of a column"),
        (&["--location", "city"], 2, "cannot be used with"),
        (&["--file", "nowhere.csv"], 1, "cannot read nowhere.csv"),
    ] {
        let ran = run(&[&SEAL[..], more, &["--out", &format!("{out}2")]].concat());
        assert!(ran.code == code && ran.stderr.contains(expected), "{more:?}: {} {}", ran.code, ran.stderr);
    }
    let path = file(&folder, "orders.csv", &table((3, 30), (4, 30)));
    let not = file(&folder, "not.json", "{\"schema\":\"other\"}");
    for (command, plan, expected) in [
        ("read", not.as_str(), "expected a sealed plan"),
        ("read", "gone.json", "cannot read the plan"),
        ("read-geo", out, "found one of a split"),
    ] {
        let ran = run(&["experiment", command, &path, "--plan", plan]);
        assert!(ran.code == 1 && ran.stderr.contains(expected), "{command}: {}", ran.stderr);
    }
}

#[test]
fn markets_go_by_their_plan_too() {
    let folder = folder("experiment_seal_geo");
    let mut sales = String::from("city,day,orders\n");
    for day in 0..50_u32 {
        for city in 0..24_u32 {
            let _ = writeln!(sales, "c{city},{day},{}", 100 + (day % 7) * 5 + (day * 13 + city * 7) * 31 % 11);
        }
    }
    let path = file(&folder, "sales.csv", &sales);
    let plan = folder.join("plan.json");
    let plan = plan.to_str().expect("UTF-8");
    done(&[
        "experiment",
        "seal",
        "--location",
        "city",
        "--date",
        "day",
        "--metric",
        "orders",
        "--treated",
        "c0,c1",
        "--start",
        "40",
        "--end",
        "49",
        "--margin",
        "2",
        "--out",
        plan,
    ]);
    let said = done(&["experiment", "read-geo", &path, "--plan", plan, "--format", "json"]).json();
    assert_eq!((&said["design"]["sealed"], &said["design"]["n_during"]), (&true.into(), &10.into()));
    let other = done(&["experiment", "read-geo", &path, "--plan", plan, "--end", "45", "--format", "json"]).json();
    assert_eq!(other["design"]["sealed"], false);
    assert!(other["verdict"]["reasons"][0].as_str().expect("a reason").contains("the last day: planned 49, asked 45"));
}

/// The plan's cool-down is read, a departure from it shows, and plans that were sealed before there was one are read as they were.
#[test]
fn a_cool_down_is_sealed_and_kept_to() {
    let folder = folder("experiment_seal_cooldown");
    let mut sales = String::from("city,day,orders\n");
    for day in 0..50_u32 {
        for city in 0..24_u32 {
            let _ = writeln!(sales, "c{city},{day},{}", 100 + (day % 7) * 5 + (day * 13 + city * 7) * 31 % 11);
        }
    }
    let path = file(&folder, "sales.csv", &sales);
    let plan = folder.join("plan.json");
    let plan = plan.to_str().expect("UTF-8");
    let seal = |cooldown: &[&str], out: &str| {
        let markets = ["experiment", "seal", "--location", "city", "--date", "day", "--metric", "orders"];
        let test = ["--treated", "c0,c1", "--start", "36", "--end", "43", "--out", out];
        run(&[&markets[..], &test, cooldown].concat())
    };
    assert_eq!(seal(&["--cooldown", "4"], plan).code, 0);
    let read = |plan: &str, more: &[&str]| {
        done(&[&["experiment", "read-geo", &path, "--plan", plan, "--format", "json"], more].concat()).json()
    };
    let said = read(plan, &[]);
    assert_eq!((&said["design"]["sealed"], &said["design"]["n_during"]), (&true.into(), &12.into()));
    let by_flag = read(plan, &["--cooldown", "4"]);
    assert_eq!((&by_flag["design"]["sealed"], &by_flag["effect"]), (&true.into(), &said["effect"]));
    for asked in ["0", "6"] {
        let other = read(plan, &["--cooldown", asked]);
        assert_eq!(other["design"]["sealed"], false);
        let reason = other["verdict"]["reasons"][0].as_str().expect("a reason").to_owned();
        assert!(reason.contains(&format!("the days of cool-down: planned 4, asked {asked}")), "{reason}");
    }
    // A plan of before has none, and bears its hash all the same.
    let older = folder.join("older.json");
    let older = older.to_str().expect("UTF-8");
    assert_eq!(seal(&[], older).code, 0);
    let mut document: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(older).expect("read")).expect("JSON");
    document["sealed"]["design"].as_object_mut().expect("a design").remove("cooldown_days").expect("is sealed");
    fs::write(older, document.to_string()).expect("written");
    let said = read(older, &[]);
    // It is another plan than was sealed here, so the hash does not fit; it is read, and without a cool-down.
    assert_eq!((&said["design"]["plan"]["is_intact"], &said["design"]["n_during"]), (&false.into(), &8.into()));
    // Days that have not come yet are said.
    let late = folder.join("late.json");
    let late = late.to_str().expect("UTF-8");
    assert_eq!(seal(&["--cooldown", "9"], late).code, 0);
    assert!(read(late, &[])["warnings"].to_string().contains("the table ends 3 days before"));
    assert!(!read(plan, &[])["warnings"].to_string().contains("cool-down-cut"));
    assert_eq!(seal(&["--cooldown", "400"], &format!("{late}2")).code, 2);
    assert_eq!(run(&[&SEAL[..], &["--cooldown", "4", "--out", &format!("{late}3")]].concat()).code, 2);
}
