use super::{READ_SCHEMA, json, text};
use crate::pipeline::{ExperimentOptions, MetricColumn, read_experiment};
use crate::render::schema::faults;
use crate::report::ExperimentReport;
use assay_experiment::money::Worth;
use assay_experiment::{Kind, Stop};
use assay_model::Go;
use serde_json::Value;
use std::fmt::Write as _;

fn metric(name: &str) -> MetricColumn {
    MetricColumn { name: name.to_owned(), kind: Kind::Either, column: name.to_owned(), per: None }
}

fn options() -> ExperimentOptions {
    ExperimentOptions {
        arm: "arm".to_owned(),
        control: "off".to_owned(),
        metrics: vec![metric("spend"), metric("bought")],
        unit: None,
        cluster: None,
        before: None,
        split: Some(vec![1.0, 1.0, 1.0]),
        stop: Stop::Anytime,
        confidence: 0.95,
        worth: Some(Worth { margin: 0.4, cost: 0.1 }),
    }
}

/// 1,200 made rows: arm `hot` buys twice as often as `off`, `warm` as often.
fn table() -> String {
    let mut table = String::from("user_id,arm,spend,bought,before\n");
    for k in 0..1_200_u64 {
        let arm = ["off", "warm", "hot"][(k % 3) as usize];
        let draw = k * 7_919 % 1_009;
        let bought = draw < if arm == "hot" { 200 } else { 100 };
        let spend = if bought { 10 + draw % 37 } else { 0 };
        let _ = writeln!(table, "u{k},{arm},{spend},{},{}", u8::from(bought), k % 11);
    }
    table
}

fn read(name: &str, table: &str, options: &ExperimentOptions) -> ExperimentReport {
    let folder = std::env::temp_dir().join(format!("assay-experiment-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("table.csv");
    std::fs::write(&path, table).expect("written");
    let report = read_experiment(&path, options, &mut |_, _, _| Go::On).expect("a reading");
    std::fs::remove_dir_all(&folder).expect("removed");
    report
}

#[test]
fn documents_keep_to_the_published_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/experiment-read-1.json")).expect("JSON");
    assert_eq!(schema["$id"], READ_SCHEMA);
    let few: String = table().lines().take(25).collect::<Vec<_>>().join("\n");
    let broken = table().replace(",warm,", ",off,");
    let without = ExperimentOptions { worth: None, ..options() };
    let two = ExperimentOptions { split: Some(vec![1.0, 1.0]), ..options() };
    let capped = ExperimentOptions { stop: Stop::Capped { n_max: 2_000, looks: Some(4) }, ..options() };
    let cuped = ExperimentOptions { before: Some("before".to_owned()), stop: Stop::Fixed, ..options() };
    for (name, table, options) in [
        ("plain", &table(), &options()),
        ("few", &few, &options()),
        ("broken", &broken, &two),
        ("without", &table(), &without),
        ("capped", &table(), &capped),
        ("cuped", &table(), &cuped),
    ] {
        let report = read(name, table, options);
        let mut bytes = Vec::new();
        json(&report, &mut bytes).expect("memory");
        let document: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(faults(&schema, &document), [""; 0], "{name}");
        assert!(text(&report).lines().count() > 8, "{name}");
        if name == "broken" {
            assert_eq!(document["verdict"]["decision"], "invalid");
            assert!(document["verdict"]["expected_profit"]["abstained"].is_object());
        }
        if name == "cuped" {
            assert_eq!(document["design"]["adjusted_for_before"], true);
        }
    }
}
