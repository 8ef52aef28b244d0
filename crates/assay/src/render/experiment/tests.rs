use super::{
    ASSIGN_SCHEMA, CALIBRATE_SCHEMA, GEO_SCHEMA, HISTORY_SCHEMA, PLAN_SCHEMA, READ_SCHEMA, SCHEDULE_SCHEMA,
    WEEKS_SCHEMA, assign_json, calibrate_json, calibrate_text, geo_html, geo_json, geo_text, history_json, json,
    plan_json, plan_text, schedule_csv, schedule_json, text, weeks_json, weeks_text,
};
use crate::pipeline::{
    AssignOptions, CalibrateOf, CalibrateOptions, ExperimentOptions, GeoOptions, HistoryOptions, How, MetricColumn,
    PlanOptions, ReadWeeksOptions, SEALED_SCHEMA, ScheduleSource, Sealed, SealedDesign, SealedFile, WeeksOptions,
    assign_experiment, calibrate_experiment, plan_experiment, read_experiment, read_experiment_geo,
    read_experiment_weeks, review_experiments, schedule_weeks, seal,
};
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
        guardrails: Vec::new(),
        exposed: None,
        plan: None,
        segments: Vec::new(),
        date: None,
        per_week: None,
        hashed: true,
    }
}

/// 1,200 made rows: arm `hot` buys twice as often as `off`, `warm` as often.
fn table() -> String {
    let mut table = String::from("user_id,arm,spend,bought,before,saw\n");
    for k in 0..1_200_u64 {
        let arm = ["off", "warm", "hot"][(k % 3) as usize];
        let draw = k * 7_919 % 1_009;
        let bought = draw < if arm == "hot" { 200 } else { 100 };
        let spend = if bought { 10 + draw % 37 } else { 0 };
        let _ = writeln!(
            table,
            "u{k},{arm},{spend},{},{},{}",
            u8::from(bought),
            k % 11,
            u8::from(arm == "hot" && k % 4 != 0)
        );
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
    let exposed = ExperimentOptions { exposed: Some("saw".to_owned()), ..options() };
    let cuped = ExperimentOptions { before: Some("before".to_owned()), stop: Stop::Fixed, ..options() };
    for (name, table, options) in [
        ("plain", &table(), &options()),
        ("few", &few, &options()),
        ("broken", &broken, &two),
        ("without", &table(), &without),
        ("capped", &table(), &capped),
        ("cuped", &table(), &cuped),
        ("exposed", &table(), &exposed),
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
        assert_eq!(document["exposure"].as_array().map(Vec::len), Some(if name == "exposed" { 3 } else { 0 }));
        let mut page = Vec::new();
        super::read_html(&report, &mut page).expect("memory");
        let page = String::from_utf8(page).expect("text");
        if name == "exposed" {
            // Three in four of `hot` saw it, and nobody of the control.
            assert_eq!(
                (&document["exposure"][0]["n_exposed"], &document["exposure"][1]["share"]),
                (&0.into(), &0.75.into())
            );
            assert!(document["exposure"][1]["effect_on_exposed"]["point"].is_f64());
            assert!(page.contains("Who was exposed") && text(&report).contains("Who was exposed"));
            assert!(report.warnings.iter().any(|w| w.id == "exposed-unlike"));
        }
        assert_eq!(
            document["influence"].as_array().map(Vec::len),
            Some(if name == "few" { 0 } else { report.reading.order.len() - 1 }),
            "{name}"
        );
        assert_eq!(page.contains("Without the largest units"), name != "few", "{name}");
        if name == "cuped" {
            assert_eq!(document["design"]["adjusted_for_before"], true);
        }
    }
}

#[test]
fn geo_documents_keep_to_their_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/experiment-geo-1.json")).expect("JSON");
    assert_eq!(schema["$id"], GEO_SCHEMA);
    let folder = std::env::temp_dir().join(format!("assay-experiment-{}-geo", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("table.csv");
    for (lift, cost, decision) in [(0.0, None, "cannot-tell"), (400.0, Some("spend".to_owned()), "adopt")] {
        let mut table = String::from("city,day,orders,spend\n");
        for day in 0..60_u32 {
            for city in 0..30_u32 {
                let season =
                    40.0 * (f64::from(day) * 0.9).sin() + f64::from(day * city % 13) + f64::from(city * day * 7 % 5);
                let treated = city < 2 && day >= 50;
                let orders = f64::from(200 + city * 9) + season + if treated { lift } else { 0.0 };
                let _ = writeln!(table, "c{city},{day},{orders},{}", if treated { 10 } else { 0 });
            }
        }
        std::fs::write(&path, table).expect("written");
        let options = GeoOptions {
            location: "city".to_owned(),
            date: "day".to_owned(),
            metric: "orders".to_owned(),
            treated: vec!["c0".to_owned(), "c1".to_owned()],
            start: "50".to_owned(),
            end: if cost.is_some() { "55".to_owned() } else { "59".to_owned() },
            cooldown: if cost.is_some() { 4 } else { 0 },
            placebos: Some(if cost.is_some() { 20 } else { 0 }),
            margin: cost.as_ref().map(|_| 2.0),
            cost,
            confidence: 0.95,
            plan: None,
        };
        let report = read_experiment_geo(&path, &options, &mut |_, _, _| Go::On).expect("a reading");
        let mut bytes = Vec::new();
        geo_json(&report, &mut bytes).expect("memory");
        let document: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(faults(&schema, &document), [""; 0]);
        assert_eq!(document["verdict"]["decision"], decision, "{}", document["robustness"]);
        assert_eq!(document["calibration"].is_object() && document["carry_over"].is_object(), decision == "adopt");
        assert!(geo_text(&report).contains("placebo in space"));
        let mut page = Vec::new();
        geo_html(&report, &mut page).expect("memory");
        let page = String::from_utf8(page).expect("text");
        assert!(page.contains("Placebo sets") && page.contains("Synthetic") && !page.contains("<script"));
        assert_eq!(page.contains("it pays from a margin of"), decision == "adopt");
    }
    std::fs::remove_dir_all(&folder).expect("removed");
}

fn planned() -> PlanOptions {
    PlanOptions {
        history: None,
        date: None,
        metric: None,
        location: None,
        per_week: Some(40.0),
        week_spread: None,
        people: Some(30_000.0),
        segments: crate::pipeline::factors_of("topic=3, sex=2,place=6:3:1").expect("factors"),
        platform_people: Some(5_000.0),
        mean: Some(0.03),
        spread: None,
        people_per_week: None,
        cost: Some(0.02),
        budget: Some(500.0),
        weeks: 12,
        rest_weeks: 52.0,
        markets: Some(30),
        treated: None,
        market_noise: 0.1,
        margin: Some(12.0),
        lift: Some(0.4),
        prior: assay_experiment::plan::Prior { mean: 0.0, spread: 0.2 },
        alpha: 0.05,
        power: 0.8,
        seed: assay_math::Seed(1),
    }
}

#[test]
fn plans_keep_to_their_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/experiment-plan-1.json")).expect("JSON");
    assert_eq!(schema["$id"], PLAN_SCHEMA);
    let folder = std::env::temp_dir().join(format!("assay-experiment-{}-plan", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("past.csv");
    let mut table = String::from("day,city,orders\n");
    for day in 0..90_u32 {
        for city in 0..24_u32 {
            let orders = 50 + (day % 7) * 4 + (day * 13 + city * 7) * 31 % 11;
            let _ = writeln!(table, "2025-{:02}-{:02},c{city},{orders}", 1 + day / 28, 1 + day % 28);
        }
    }
    std::fs::write(&path, table).expect("written");
    let past = PlanOptions {
        history: Some(path),
        date: Some("day".to_owned()),
        metric: Some("orders".to_owned()),
        location: Some("city".to_owned()),
        per_week: None,
        people: None,
        segments: Vec::new(),
        platform_people: None,
        weeks: 2,
        ..planned()
    };
    let weeks = PlanOptions {
        people: None,
        segments: Vec::new(),
        platform_people: None,
        markets: None,
        margin: None,
        budget: None,
        ..planned()
    };
    for (options, decision, design) in [
        (planned(), "run", "user-split".into()),
        (PlanOptions { people: Some(500.0), ..planned() }, "do-not-run", Value::Null),
        (past, "run", "markets".into()),
        (weeks, "run", "switchback".into()),
    ] {
        let report = plan_experiment(&options, &mut |_, _, _| Go::On).expect("a plan");
        let mut bytes = Vec::new();
        plan_json(&report, &mut bytes).expect("memory");
        let document: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(faults(&schema, &document), [""; 0]);
        assert_eq!(
            (&document["verdict"]["decision"], &document["verdict"]["design"]),
            (&decision.into(), &design),
            "{document:#}"
        );
        assert!(plan_text(&report).contains("Taken for granted"));
    }
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[test]
fn assignments_schedules_and_sealed_plans_keep_to_their_schemas() {
    let folder = std::env::temp_dir().join(format!("assay-experiment-{}-assign", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join("list.csv");
    std::fs::write(&path, "id,tier\na,1\nb,1\nc,2\nd,2\n").expect("written");
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/experiment-assign-1.json")).expect("JSON");
    assert_eq!(schema["$id"], ASSIGN_SCHEMA);
    let arms = vec![("off".to_owned(), 1.0), ("on".to_owned(), 1.0)];
    for (how, match_on, strata) in [
        (How::Hash, None, vec![]),
        (How::Strata, None, vec!["tier".to_owned()]),
        (How::Groups, Some("tier".to_owned()), vec![]),
    ] {
        let options = AssignOptions {
            list: path.clone(),
            id: "id".to_owned(),
            arms: arms.clone(),
            salt: "s".to_owned(),
            how,
            strata,
            match_on,
            email: None,
            exclude: None,
        };
        let report = assign_experiment(&options, &mut |_, _, _| Go::On).expect("an assignment");
        let mut bytes = Vec::new();
        assign_json(&report, &"0".repeat(64), &mut bytes).expect("memory");
        let document: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(faults(&schema, &document), [""; 0]);
    }
    std::fs::remove_dir_all(&folder).expect("removed");
    let schema: Value =
        serde_json::from_str(include_str!("../../../schemas/experiment-schedule-1.json")).expect("JSON");
    assert_eq!(schema["$id"], SCHEDULE_SCHEMA);
    let options =
        WeeksOptions { n_weeks: 4, from: jiff::civil::date(2026, 12, 7), washout_days: 1, salt: "s".to_owned(), arms };
    let mut bytes = Vec::new();
    schedule_json(&schedule_weeks(&options).expect("weeks"), &mut bytes).expect("memory");
    let document: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!(faults(&schema, &document), [""; 0]);
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/experiment-sealed-1.json")).expect("JSON");
    assert_eq!(schema["$id"], SEALED_SCHEMA);
    let markets = SealedDesign::Markets {
        location: "city".to_owned(),
        date: "day".to_owned(),
        metric: "orders".to_owned(),
        treated: vec!["a".to_owned()],
        start: "1".to_owned(),
        end: "2".to_owned(),
        cost: None,
        cooldown_days: 7,
    };
    let split = SealedDesign::UserSplit {
        arm: "arm".to_owned(),
        control: "off".to_owned(),
        metrics: vec!["m".to_owned()],
        guardrails: Vec::new(),
        unit: None,
        cluster: None,
        pre: None,
        split: Some(vec![9.0, 1.0]),
        max_n: None,
        looks: None,
        fixed: true,
        cost: None,
    };
    for design in [markets, split] {
        let files = vec![SealedFile { name: "a.csv".to_owned(), sha256: "0".repeat(64) }];
        let at = "2026-11-24T17:00:00Z".to_owned();
        let sealed = Sealed { sealed_at: at, note: None, design, margin: None, confidence: 0.95, files };
        assert_eq!(faults(&schema, &seal(&sealed)), [""; 0]);
    }
}

#[test]
fn readings_of_weeks_keep_to_their_schema() {
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/experiment-weeks-1.json")).expect("JSON");
    assert_eq!(schema["$id"], WEEKS_SCHEMA);
    let folder = std::env::temp_dir().join(format!("assay-experiment-{}-weeks", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (schedule, orders) = (folder.join("weeks.csv"), folder.join("orders.csv"));
    let arms = vec![("off".to_owned(), 1.0), ("on".to_owned(), 1.0)];
    let drawn =
        WeeksOptions { n_weeks: 12, from: jiff::civil::date(2026, 1, 5), washout_days: 2, salt: "s".to_owned(), arms };
    let drawn = schedule_weeks(&drawn).expect("weeks");
    let mut bytes = Vec::new();
    schedule_csv(&drawn, &mut bytes).expect("memory");
    std::fs::write(&schedule, bytes).expect("written");
    for (lift, margin, decision) in
        [(0, Some(3.0), "drop"), (40, Some(3.0), "adopt"), (40, Some(0.01), "drop"), (0, None, "cannot-tell")]
    {
        let mut table = String::from("day,n\n");
        for (k, week) in drawn.rows.iter().enumerate() {
            for d in 0..7 {
                let day = week.first.checked_add(jiff::ToSpan::days(d)).expect("a day");
                let n = 100 + (k * 17 + d as usize * 5) % 9 + if week.arm == "on" { lift } else { 0 };
                let _ = writeln!(table, "{day},{n}");
            }
        }
        std::fs::write(&orders, table).expect("written");
        let options = ReadWeeksOptions {
            schedule: ScheduleSource::File(schedule.clone()),
            date: "day".to_owned(),
            metric: Some("n".to_owned()),
            control: "off".to_owned(),
            margin,
            cost: if margin.is_some() { 50.0 } else { 0.0 },
            confidence: 0.95,
        };
        let report = read_experiment_weeks(&orders, &options, &mut |_, _, _| Go::On).expect("a reading");
        let mut bytes = Vec::new();
        weeks_json(&report, &mut bytes).expect("memory");
        let document: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(faults(&schema, &document), [""; 0]);
        assert_eq!(document["verdict"]["decision"], decision, "{document:#}");
        assert_eq!(document["design"]["n_schedules"], 64);
        assert!(weeks_text(&report).contains("On less off"));
    }
    // A schedule whose last weeks are still to come, and a table that is none.
    let options = ReadWeeksOptions {
        schedule: ScheduleSource::File(orders.clone()),
        date: "day".to_owned(),
        metric: None,
        control: "off".to_owned(),
        margin: None,
        cost: 0.0,
        confidence: 0.95,
    };
    let error = read_experiment_weeks(&orders, &options, &mut |_, _, _| Go::On).expect_err("no schedule").to_string();
    assert!(error.contains("counted_from"), "{error}");
    std::fs::write(&orders, "day\n2026-01-05\n2026-01-19\n").expect("written");
    let options = ReadWeeksOptions { schedule: ScheduleSource::File(schedule), ..options };
    let error = read_experiment_weeks(&orders, &options, &mut |_, _, _| Go::On).expect_err("too short").to_string();
    assert!(error.contains("whole weeks on"), "{error}");
    std::fs::remove_dir_all(&folder).expect("removed");
}

#[test]
fn documents_of_calibrate_and_history_keep_to_their_schemas() {
    let folder = std::env::temp_dir().join(format!("assay-experiment-{}-history", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (tests, units) = (folder.join("tests.csv"), folder.join("units.csv"));
    std::fs::write(&tests, "effect,error\n0.1,0.05\n0.02,0.04\n-0.03,0.06\n").expect("written");
    let rows: Vec<&str> = (0..400).map(|k| if k % 9 == 0 { "1" } else { "0" }).collect();
    std::fs::write(&units, format!("ordered\n{}\n", rows.join("\n"))).expect("written");
    let asked = HistoryOptions { effect: "effect".into(), error: "error".into(), name: None, confidence: 0.9 };
    let report = review_experiments(&[tests], &asked, &mut |_, _, _| Go::On).expect("three tests");
    let mut bytes = Vec::new();
    history_json(&report, &mut bytes).expect("memory");
    let schema: Value = serde_json::from_str(include_str!("../../../schemas/experiment-history-1.json")).expect("JSON");
    let document: Value = serde_json::from_slice(&bytes).expect("JSON");
    assert_eq!((&schema["$id"], faults(&schema, &document)), (&Value::from(HISTORY_SCHEMA), Vec::<String>::new()));
    let metric = MetricColumn { name: "ordered".into(), kind: Kind::Binary, column: "ordered".into(), per: None };
    let asked = |weights| CalibrateOptions {
        metric: metric.clone(),
        of: CalibrateOf::Split { weights, stop: Stop::Anytime },
        n_runs: 20,
        confidence: 0.95,
    };
    let schema: Value =
        serde_json::from_str(include_str!("../../../schemas/experiment-calibrate-1.json")).expect("JSON");
    for (weights, decision) in [(vec![1.0, 1.0], "keeps-its-word"), (vec![1_000.0, 1.0], "cannot-tell")] {
        let report = calibrate_experiment(&units, &asked(weights), &mut |_, _, _| Go::On).expect("a count");
        let mut bytes = Vec::new();
        calibrate_json(&report, &mut bytes).expect("memory");
        let document: Value = serde_json::from_slice(&bytes).expect("JSON");
        assert_eq!(
            (&schema["$id"], faults(&schema, &document)),
            (&Value::from(CALIBRATE_SCHEMA), Vec::<String>::new())
        );
        assert_eq!(document["decision"], decision, "{}", calibrate_text(&report));
    }
    std::fs::remove_dir_all(&folder).expect("removed");
}
