//! What is set in a workspace: how long persons are kept, where days begin, and who says so.

use crate::program::{Ran, assay, done, file, folder, run};
use crate::schema::faults;
use serde_json::Value;
use std::path::Path;

fn published(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).expect("a schema")).expect("JSON")
}

/// Orders around midnight: 23:30 UTC on Saturday 10 January 2026 is Sunday in Oslo.
const ORDERS: &str = "order_id,customer_id,ordered_at,total,currency\n\
    1,ann,2026-01-10T22:30:00Z,10.00,NOK\n2,bob,2026-01-10T23:30:00Z,20.00,NOK\n3,cy,2026-01-12,40.00,NOK\n\
    4,dee,2026-01-14T12:00:00Z,80.00,NOK\n";

/// A workspace with a table in it, and what runs on it.
fn workspace(name: &str, table: &str) -> (String, impl Fn(&[&str]) -> Ran) {
    let folder = folder(name);
    let path = folder.join("w.db").display().to_string();
    let table = file(&folder, "table.csv", table);
    done(&["import", &table, "--workspace", &path]);
    let own = path.clone();
    (path, move |arguments: &[&str]| done(&[arguments, &["--workspace", &own]].concat()))
}

fn weeks(said: &Value) -> Vec<(String, f64)> {
    let metrics = said["metrics"].as_array().expect("metrics");
    let of_weeks = metrics.iter().filter(|m| m["id"] == "revenue" && m["group"].is_string());
    of_weeks.map(|m| (m["group"].as_str().unwrap_or("").to_owned(), m["value"].as_f64().expect("exact"))).collect()
}

#[test]
fn days_and_weeks_are_counted_as_the_workspace_says() {
    let (path, on) = workspace("settings_days", ORDERS);
    let by_week = || weeks(&on(&["metrics", "--by", "week", "--format", "json"]).json());
    let week = |day: &str, minor: f64| (day.to_owned(), minor);
    assert_eq!(by_week(), [week("2026-01-05", 3_000.0), week("2026-01-12", 12_000.0)]);
    on(&["config", "set", "zone", "Europe/Oslo"]);
    on(&["config", "set", "week-start", "Sunday"]);
    // The date alone stays its day; half past eleven on Saturday is Sunday there.
    assert_eq!(by_week(), [week("2026-01-04", 1_000.0), week("2026-01-11", 14_000.0)]);
    let said = on(&["metrics", "--format", "json"]).json();
    assert_eq!(
        (said["calendar"]["zone"].as_str(), said["calendar"]["week_start"].as_str()),
        (Some("Europe/Oslo"), Some("sunday"))
    );
    assert_eq!(said["window"]["from"], "2026-01-09T23:00:00Z");
    // A flag and a variable go before the workspace.
    let flag = on(&["metrics", "--by", "week", "--format", "json", "--tz", "UTC"]).json();
    assert_eq!(weeks(&flag), [week("2026-01-04", 3_000.0), week("2026-01-11", 12_000.0)]);
    let mut command = assay(&["metrics", "--by", "week", "--format", "json", "--workspace", &path]);
    let variable = Ran::from(command.env("ASSAY_WEEK_START", "monday").output().expect("the program starts")).json();
    assert_eq!(weeks(&variable), [week("2026-01-05", 3_000.0), week("2026-01-12", 12_000.0)]);
}

#[test]
fn what_explains_a_figure_selects_its_rows_in_the_zone_of_the_workspace() {
    let (_, on) = workspace("settings_explain", ORDERS);
    on(&["config", "set", "zone", "America/New_York"]);
    let window = ["--from", "2026-01-10", "--to", "2026-01-12"];
    let said = on(&[&["metrics", "--explain", "revenue", "--format", "json"], &window[..]].concat()).json();
    let reads = said["explained"][0]["reads"].as_array().expect("reads");
    let orders = reads.iter().find(|r| r["view"] == "orders").expect("orders");
    assert_eq!(orders["n_rows"], 3, "{orders}");
    let rows = on(&["sql", orders["sql"].as_str().expect("SQL"), "--format", "json"]).json();
    assert_eq!(rows["n_rows"], 3, "{orders}");
}

#[test]
fn text_and_pages_follow_the_reader_and_what_programs_read_does_not() {
    let (path, on) = workspace("settings_forms", ORDERS);
    let asked = ["metrics", "--from", "2026-01-05", "--to", "2026-01-12"];
    let told_as = |format: &str| on(&[&asked[..], &["--format", format]].concat()).stdout;
    let (text, json, csv) = (told_as("text"), told_as("json"), told_as("csv"));
    assert!(text.contains("70.00"), "{text}");
    on(&["config", "set", "numbers", "1.234,5"]);
    on(&["config", "set", "dates", "2016-08-14"]);
    assert_eq!((told_as("json"), told_as("csv")), (json, csv));
    let told = told_as("text");
    assert!(told.contains("70,00") && !told.contains("70.00"), "{told}");
    let page = told_as("html");
    assert!(page.contains("70,00") && !page.contains("70.00"), "{page}");
    // A variable goes before the workspace; a name that is none is refused with those there are.
    let mut command = assay(&[&asked[..], &["--workspace", &path]].concat());
    let variable = Ran::from(command.env("ASSAY_NUMBERS", "1 234,5").output().expect("the program starts"));
    assert!(variable.stdout.contains("70,00"), "{}", variable.stdout);
    let refused = run(&["config", "set", "dates", "tomorrow", "--workspace", &path]);
    assert!(refused.code != 0 && refused.stderr.contains("14 Aug 2016; Aug 14, 2016"), "{}", refused.stderr);
}

#[test]
fn settings_of_a_workspace_are_shown_with_their_origin_and_checked() {
    let (path, on) = workspace("settings_show", ORDERS);
    assert!(on(&["config", "set", "zone", "Europe/Oslo"]).stdout.starts_with("zone = Europe/Oslo in the workspace"));
    on(&["config", "set", "retention.orders", "3Y"]);
    let shown = on(&["config", "show", "--origin"]).stdout;
    let line = |key: &str| shown.lines().find(|l| l.starts_with(key)).unwrap_or_default().to_owned();
    assert!(
        line("zone").contains("Europe/Oslo") && line("zone").contains("workspace ") && line("zone").ends_with("w.db"),
        "{shown}"
    );
    assert!(line("retention.orders").contains("3y") && line("week-start").ends_with("built in"), "{shown}");
    let said = on(&["config", "show", "--format", "json"]).json();
    assert_eq!(faults(&published("config-1.json"), &said), Vec::<String>::new());
    on(&["config", "unset", "zone"]);
    assert!(!on(&["config", "show"]).stdout.contains("Oslo"));
    for (arguments, told) in [
        (&["config", "set", "zone", "Europe/Nowhere"][..], "Nowhere"),
        (&["config", "set", "week-start", "someday"], "sunday"),
        (&["config", "set", "retention.engagements", "soon"], "400d"),
        (&["config", "set", "seed", "3"], "week-start"),
    ] {
        let ran = run(&[arguments, &["--workspace", &path]].concat());
        assert!(ran.code != 0 && ran.stdout.is_empty() && ran.stderr.contains(told), "{arguments:?}: {}", ran.stderr);
    }
    let folder = folder("settings_in_a_file");
    file(&folder, "assay.toml", "retention.engagements = \"400d\"\n");
    let ran = Ran::from(assay(&["config", "show"]).current_dir(&folder).output().expect("the program starts"));
    assert!(ran.code == 2 && ran.stderr.contains("assay config set"), "{}", ran.stderr);
}

#[test]
fn an_import_says_what_is_not_kept_longer() {
    let table = "order_id,customer_id,ordered_at,total,currency\n1,ann,2019-05-01T10:00:00Z,10.00,NOK\n\
                 2,bob,2019-05-01T11:00:00Z,20.00,NOK\n3,cy,2100-01-01T10:00:00Z,40.00,NOK\n";
    let (path, on) = workspace("settings_retention", table);
    assert!(on(&["retain"]).stdout.starts_with("Everything is kept"));
    on(&["config", "set", "retention.orders", "400d"]);
    let dry = on(&["retain", "--dry-run", "--format", "json"]).json();
    assert_eq!(faults(&published("retain-1.json"), &dry), Vec::<String>::new());
    assert_eq!((dry["is_dry_run"].as_bool(), dry["retained"][0]["n_rows"].as_i64()), (Some(true), Some(2)));
    let more = format!("{table}4,deirdre,2019-06-01T10:00:00Z,80.00,NOK\n");
    let more = file(Path::new(&path).parent().expect("a folder"), "more.csv", &more);
    let said = on(&["import", &more, "--format", "json"]).json();
    assert_eq!(faults(&published("import-1.json"), &said), Vec::<String>::new());
    assert_eq!(said["retained"][0]["n_rows"], 5, "two of the first file, three of the second: {said}");
    let counts = on(&["sql", "SELECT day, n_rows, n_persons FROM kept_counts ORDER BY day", "--format", "csv"]).stdout;
    assert_eq!(counts, "day,n_rows,n_persons\n2019-05-01,2,2\n2019-06-01,1,1\n");
    let left = "SELECT count(*) AS n, count(customer_id) AS known, sum(total_minor) AS minor FROM orders";
    assert_eq!(on(&["sql", left, "--format", "csv"]).stdout, "n,known,minor\n4,1,15000\n");
    assert!(on(&["retain"]).stdout.starts_with("0 orders' customers before "));
    // Nothing of who went stands in the file.
    let bytes = std::fs::read(&path).expect("the workspace");
    let stands = |name: &[u8]| bytes.windows(name.len()).any(|w| w == name);
    assert!(stands(b"kept_counts") && !stands(b"deirdre"), "what goes is overwritten");
}

#[test]
fn what_customers_are_worth_is_counted_in_days_of_a_workspace_that_is_named() {
    let (path, on) = workspace("settings_ltv", ORDERS);
    on(&["config", "set", "zone", "Europe/Oslo"]);
    let table = Path::new(&path).with_file_name("table.csv").display().to_string();
    let first = |workspace: &[&str]| {
        let asked = ["ltv", &table, "--cutoff", "2026-01-10", "--format", "json"];
        let said = done(&[&asked[..], workspace].concat()).json();
        let why = said["abstained"]["why"].as_str().unwrap_or_else(|| panic!("{said}"));
        why.split(' ').nth(1).and_then(|n| n.parse::<u32>().ok()).unwrap_or_else(|| panic!("{why}"))
    };
    // Half past eleven on Saturday in UTC is Sunday in Oslo.
    assert_eq!((first(&[]), first(&["--workspace", &path]), first(&["--tz", "Europe/Oslo"])), (2, 1, 1));
    assert_eq!(first(&["--workspace", &path, "--tz", "UTC"]), 2, "a flag goes before the workspace");
}
