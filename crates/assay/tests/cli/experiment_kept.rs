//! Experiments of the workspace: sealed into it, listed, and read by their names.

use crate::program::{done, file, folder, people, run};
use crate::schema::faults;
use std::fmt::Write as _;
use std::fs;

#[test]
fn a_plan_that_is_sealed_is_kept_listed_and_read_by_its_name() {
    let folder = folder("experiment_kept");
    let workspace = folder.join("w.db").display().to_string();
    let plan = |name: &str| folder.join(name).display().to_string();
    let seal = |more: &[&str]| {
        let design = ["experiment", "seal", "--arm", "group", "--control", "none", "--metric", "ordered:binary"];
        let at = ["--fixed", "--margin", "12", "--at", "2026-11-24T17:00:00Z", "--workspace", &workspace];
        run(&[&design[..], &at, more].concat())
    };
    // Where there is no workspace the file alone is written, unless a name is asked for.
    assert_eq!(seal(&["--out", &plan("alone.json")]).code, 0);
    let refused = seal(&["--out", &plan("none.json"), "--name", "none"]);
    assert!(refused.code != 0 && refused.stderr.contains("found no file"), "{}", refused.stderr);
    done(&["import", &file(&folder, "list.csv", &people(40)), "--workspace", &workspace]);
    let kept = seal(&["--out", &plan("spring.json"), "--name", "spring mail"]);
    assert!(kept.code == 0 && kept.stderr.contains("kept in the workspace as 'spring mail'"), "{}", kept.stderr);
    let refused = seal(&["--out", &plan("other.json"), "--name", "spring mail", "--cost", "1"]);
    assert!(refused.code != 0 && refused.stderr.contains("not replaced"), "{}", refused.stderr);
    assert!(!folder.join("other.json").exists(), "nothing is sealed under a name that is taken");
    // A name that nobody chose makes way; the plan that was sealed before is kept later.
    assert_eq!(seal(&["--out", &plan("spring mail.json"), "--cost", "1"]).code, 0);
    let on = |arguments: &[&str]| done(&[arguments, &["--workspace", &workspace]].concat());
    assert_eq!(on(&["experiment", "keep", &plan("alone.json")]).stdout, "kept as 'alone'\n");
    let changed = fs::read_to_string(plan("alone.json")).expect("a plan").replace("12.0", "13.0");
    let changed = file(&folder, "changed.json", &changed);
    let refused = run(&["experiment", "keep", &changed, "--workspace", &workspace]);
    assert!(refused.code != 0 && refused.stderr.contains("changed afterwards"), "{}", refused.stderr);
    let said = on(&["experiment", "list", "--format", "json"]).json();
    let schema = serde_json::from_str(include_str!("../../schemas/experiments-1.json")).expect("a schema");
    assert_eq!(faults(&schema, &said), Vec::<String>::new(), "{said}");
    let names: Vec<&str> = (0..3).filter_map(|i| said["experiments"][i]["name"].as_str()).collect();
    assert_eq!(names, ["spring mail", "spring mail-2", "alone"]);
    assert!(on(&["experiment", "list"]).stdout.contains("spring mail (user-split)"));
    let mut rows = String::from("group,ordered\n");
    rows.push_str("none,ask @zoe_private\n");
    for k in 0..4_000 {
        let _ = writeln!(rows, "{},{}", ["none", "offer"][k % 2], u8::from(k % 10 == 0 || k % 14 == 1));
    }
    let table = file(&folder, "orders.csv", &rows);
    let read = on(&["experiment", "read", &table, "--plan", "spring mail", "--format", "json"]).json();
    let plan = &read["design"]["plan"];
    assert_eq!((&plan["sha256"], &plan["is_intact"]), (&said["experiments"][0]["hash"], &true.into()));
    assert!(read.to_string().contains("zoe_private"), "who reads a table is told which cell cannot be used");
    // What was read by a plan of the workspace is kept there, without rows.
    let said = on(&["experiment", "list", "--format", "json"]).json();
    let readings = &said["experiments"][0]["readings"];
    assert_eq!(readings.as_array().map(Vec::len), Some(1), "{said}");
    assert_eq!((&readings[0]["verdict"], &readings[0]["read_by"]), (&read["verdict"]["decision"], &"local".into()));
    let kept = on(&["sql", "SELECT answer FROM experiment_readings", "--format", "json"]);
    assert!(kept.stdout.contains("rows could not be used") && !kept.stdout.contains("zoe_private"), "{}", kept.stdout);
    let refused = run(&["experiment", "read", &table, "--plan", "autumn", "--workspace", &workspace]);
    assert!(refused.code != 0 && refused.stderr.contains("autumn"), "{}", refused.stderr);
}

#[test]
fn weeks_that_are_sealed_are_read_by_their_plan() {
    let folder = folder("experiment_weeks_sealed");
    let workspace = folder.join("w.db").display().to_string();
    done(&["import", &file(&folder, "list.csv", &people(40)), "--workspace", &workspace]);
    let plan = folder.join("boosts.json").display().to_string();
    let seal = |more: &[&str]| {
        let design =
            ["experiment", "seal", "--weeks", "12", "--from", "2026-01-05", "--salt", "boosts", "--date", "day"];
        let rest = ["--metric", "n", "--margin", "3", "--cost", "20", "--at", "2026-01-01T08:00:00Z", "--workspace"];
        run(&[&design[..], &rest, &[workspace.as_str()], more].concat())
    };
    let refused = seal(&["--metric", "m", "--out", &plan]);
    assert!(refused.code != 0 && refused.stderr.contains("expected one --metric"), "{}", refused.stderr);
    let kept = seal(&["--washout", "2", "--out", &plan]);
    assert_eq!(kept.code, 0, "{}", kept.stderr);
    let sealed: serde_json::Value =
        serde_json::from_str(&fs::read_to_string(&plan).expect("a plan")).expect("a document");
    let schema = serde_json::from_str(include_str!("../../schemas/experiment-sealed-1.json")).expect("a schema");
    assert_eq!(faults(&schema, &sealed), Vec::<String>::new(), "{sealed}");
    // Days of weeks that are on sell half as much again; the first two days of each week, which do not count, sell nothing.
    let weeks = sealed["sealed"]["design"]["weeks"].as_array().expect("weeks");
    assert_eq!((weeks.len(), weeks.iter().filter(|w| w["on"] == true).count()), (12, 6));
    let mut rows = String::from("day,n\nask @zoe_private,1\n");
    for (k, week) in weeks.iter().enumerate() {
        let first: jiff::civil::Date = week["first"].as_str().expect("a day").parse().expect("a day");
        for d in 0..7 {
            let n = if d < 2 { 0 } else { 40 + (k * 7 + d * 5) % 9 + 20 * usize::from(week["on"] == true) };
            let day = first.checked_add(jiff::ToSpan::days(d as i64)).expect("a day");
            let _ = writeln!(rows, "{day},{n}");
        }
    }
    let table = file(&folder, "days.csv", &rows);
    let read = |plan: &str| {
        done(&["experiment", "read-weeks", &table, "--plan", plan, "--workspace", &workspace, "--format", "json"])
            .json()
    };
    let (by_file, by_name) = (read(&plan), read("boosts"));
    assert_eq!(by_file, by_name);
    let schema = serde_json::from_str(include_str!("../../schemas/experiment-weeks-1.json")).expect("a schema");
    assert_eq!(faults(&schema, &by_file), Vec::<String>::new(), "{by_file}");
    assert_eq!(by_file["verdict"]["decision"], "adopt", "{by_file}");
    assert_eq!(by_file["design"]["plan"]["sha256"], sealed["hash"]);
    let effect = by_file["effect_per_day"]["point"].as_f64().expect("an effect");
    assert!((effect - 20.0).abs() < 2.0, "days that do not count are left out: {effect}");
    // By its name it is kept in the workspace; a plan of weeks is no plan of a split.
    let said = done(&["experiment", "list", "--workspace", &workspace, "--format", "json"]).json();
    assert_eq!(said["experiments"][0]["kind"], "weeks");
    assert_eq!(said["experiments"][0]["readings"].as_array().map(Vec::len), Some(1), "{said}");
    let kept = done(&["sql", "SELECT answer FROM experiment_readings", "--workspace", &workspace]).stdout;
    assert!(!kept.contains("zoe_private"), "{kept}");
    let refused = run(&["experiment", "read", &table, "--plan", &plan]);
    assert!(refused.code != 0 && refused.stderr.contains("read-weeks --plan"), "{}", refused.stderr);
    // Weeks that were chosen and sealed are told from those that the lot drew.
    let drawn = "not those that the salt draws";
    let chosen = fs::read_to_string(&plan).expect("a plan").replace("\"salt\": \"boosts\"", "\"salt\": \"another\"");
    let chosen = read(&file(&folder, "chosen.json", &chosen));
    assert!(chosen["verdict"]["reasons"].to_string().contains(drawn), "{chosen}");
    assert!(!by_file["verdict"]["reasons"].to_string().contains(drawn), "{by_file}");
    // What was changed after it was sealed shows in the verdict.
    let changed = fs::read_to_string(&plan).expect("a plan").replace("2026-01-01T08", "2026-01-09T08");
    let changed = read(&file(&folder, "changed.json", &changed));
    assert_eq!(changed["design"]["plan"]["is_intact"], false);
    assert!(changed["verdict"]["reasons"].to_string().contains("changed after it was sealed"), "{changed}");
}
