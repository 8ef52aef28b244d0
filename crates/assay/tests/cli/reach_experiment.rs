//! A removal as an experiment: planned from posts by `assay reach what-if`, sealed, and read by `assay experiment read-weeks`.

use crate::program::{done, file, folder, run};
use std::fmt::Write as _;
use std::fs;

/// A post a day from 6 January 2025 on: reach 500 times what `left` makes of the day, with noise of .3 in the logarithm.
fn posts(days: std::ops::Range<i64>, left: impl Fn(i64) -> f64) -> String {
    let mut table = String::from("published_at,reach,engagements,paid,followers\n");
    let first: jiff::civil::Date = "2025-01-06".parse().expect("a day");
    for day in days {
        // The mixing steps of SplitMix64.
        let mix = |k: i64| {
            let x = ((day * 4 + k) as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            let x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            ((x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 40) as f64 / f64::from(1 << 24)
        };
        // Twelve even draws less six are nearly normal; three are near enough, with a variance of a quarter.
        let noise = 2.0 * (mix(0) + mix(1) + mix(2) - 1.5);
        let reach = (500.0 * left(day) * (0.3 * noise).exp()).round();
        let date = first.checked_add(jiff::ToSpan::days(day)).expect("a day");
        let _ = writeln!(table, "{date}T12:00:00Z,{reach},{},0,10000", (reach * 0.05).round());
    }
    table
}

/// Twenty weeks before the experiment, which begins on 26 May 2025.
const BEFORE: i64 = 140;
const WEEKS: i64 = 16;

fn plan_arguments<'a>(table: &'a str, plan: &'a str) -> Vec<&'a str> {
    let base =
        ["reach", "what-if", table, "--inauthentic-share", "0.4", "--remove", "3600", "--in", "3", "--weeks", "16"];
    [&base[..], &["--from", "2025-05-26", "--seal", plan, "--at", "2025-05-20T08:00:00Z", "--format", "json"]].concat()
}

#[test]
fn a_removal_is_planned_sealed_and_read() {
    let folder = folder("reach_experiment");
    let table = file(&folder, "posts.csv", &posts(0..BEFORE, |_| 1.0));
    let at = |name: &str| folder.join(name).to_str().expect("UTF-8").to_owned();
    let plan = at("plan.json");
    let ran = done(&plan_arguments(&table, &plan));
    assert!(ran.stderr.contains("its hash is"), "{}", ran.stderr);
    let said = ran.json();
    let experiment = &said["experiment"];
    assert_eq!(experiment["steps"].as_array().map(Vec::len), Some(3));
    assert!(experiment["steps"][0]["day"].as_str().is_some_and(|day| ("2025-06-09".."2025-09-15").contains(&day)));
    assert_eq!(experiment["steps"][2]["n_followers"], 1200.0);
    // C(13 - 2, 3) schedules.
    assert_eq!(experiment["n_schedules"], 165);
    let least = experiment["detectable_share"].as_f64().expect("an effect");
    assert!((0.1..2.0).contains(&least), "{least}");
    // Nothing gained speaks for ranking by viewer, twice what is detectable against it.
    let weight =
        |outcome: usize| experiment["outcomes"][outcome]["mechanisms"][0]["weight"].as_f64().expect("a weight");
    assert!(weight(0) > 0.4 && weight(3) < 0.05, "{} {}", weight(0), weight(3));
    let weeks: Vec<i64> = (0..3).map(|i| experiment["steps"][i]["week"].as_i64().expect("a week")).collect();
    let gone = |day: i64| weeks.iter().filter(|week| **week * 7 <= day - BEFORE).count() as f64 / 3.0;
    let read = |name: &str, table: &str| {
        let path = file(&folder, name, table);
        done(&["experiment", "read-weeks", &path, "--plan", &plan, "--format", "json"]).json()
    };
    // All posts that are needed in one table, those before the plan too; reach triples in steps.
    let all = BEFORE + 7 * WEEKS;
    let rose = read("rose.csv", &posts(0..all, |day| 3.0_f64.powf(gone(day))));
    assert_eq!(
        (&rose["design"]["sealed"], &rose["verdict"]["decision"]),
        (&true.into(), &"cost-reach".into()),
        "{rose:#}"
    );
    let effect = &rose["effect_share"];
    assert!(effect["low"].as_f64() < Some(2.0) && Some(2.0) < effect["high"].as_f64(), "{effect}");
    assert!(rose["p_value"].as_f64() <= Some(0.1) && rose["p_value_floor"].as_f64() >= Some(1.0 / 165.0 - 1e-9));
    let viewer = |said: &serde_json::Value| said["mechanisms"][0]["weight_after"].as_f64().expect("a weight");
    let stayed = read("stayed.csv", &posts(0..all, |_| 1.0));
    assert_eq!(stayed["verdict"]["decision"], "cannot-tell", "{stayed:#}");
    assert!(viewer(&rose) < 0.05 && viewer(&stayed) > 0.38, "{} {}", viewer(&rose), viewer(&stayed));
    let text = done(&["experiment", "read-weeks", &at("rose.csv"), "--plan", &plan]).stdout;
    assert!(text.starts_with("The followers that were removed had cost reach."), "{text}");
    assert!(text.contains("per viewer") && text.lines().all(|l| l.chars().count() <= 130), "{text}");

    // Read too early, and by a plan that was changed: both are told.
    let early = read("early.csv", &posts(0..BEFORE + 7 * 12, |day| 3.0_f64.powf(gone(day))));
    assert!(
        early["design"]["plan"]["departures"][0].as_str().is_some_and(|d| d.contains("before the last")),
        "{early:#}"
    );
    let changed = fs::read_to_string(&plan).expect("written").replace("\"hold_out_days\": 3", "\"hold_out_days\": 0");
    let changed = file(&folder, "changed.json", &changed);
    let said = done(&["experiment", "read-weeks", &at("rose.csv"), "--plan", &changed, "--format", "json"]).json();
    assert_eq!((&said["design"]["sealed"], &said["design"]["plan"]["is_intact"]), (&false.into(), &false.into()));
    // The seal is not broken again, and other commands say which one reads it.
    let again = run(&plan_arguments(&table, &plan));
    assert!(again.code == 2 && again.stderr.contains("not replaced"), "{}", again.stderr);
    for command in ["read", "read-geo"] {
        let ran = run(&["experiment", command, &table, "--plan", &plan]);
        assert!(ran.code == 1 && ran.stderr.contains("read-weeks --plan"), "{command}: {}", ran.stderr);
    }
    let ran = run(&["experiment", "read-weeks", &table, "--plan", &plan]);
    assert!(ran.code == 1 && ran.stderr.contains("at least four weeks of the plan"), "{}", ran.stderr);
}

#[test]
fn a_removal_that_can_tell_nothing_says_so_beforehand() {
    let folder = folder("reach_experiment_not");
    let table = file(&folder, "posts.csv", &posts(0..BEFORE, |_| 1.0));
    let few = file(&folder, "few.csv", &posts(0..42, |_| 1.0));
    let base = ["reach", "what-if", "--inauthentic-share", "0.4", "--followers", "10000", "--from", "2025-05-26"];
    let ask = |more: &[&str]| run(&[&base[..], more].concat());
    // Nine schedules allow no p-value of a tenth.
    let said = ask(&[&table, "--remove", "3600", "--format", "json"]).json();
    let why = &said["experiment"]["detectable_share"]["abstained"];
    assert!(why["why"].as_str().is_some_and(|t| t.contains("9 schedules")), "{why}");
    assert!(why["would_settle"].as_str().is_some_and(|t| t.contains("--weeks")), "{why}");
    for (more, code, expected) in [
        (&["--remove", "3600"][..], 2, "POSTS"),
        (&[&table, "--buy", "10"], 2, "--remove"),
        (&[&table, "--remove", "3600", "--in", "6"], 2, "steps with two before, between and behind"),
        (&[&few, "--remove", "3600", "--in", "3"], 1, "at least 8 weeks"),
        (&[&table, "--remove", "3600", "--hold-out-days", "7"], 2, "0..=6"),
    ] {
        let ran = ask(more);
        assert!(ran.code == code && ran.stderr.contains(expected), "{more:?}: {} {}", ran.code, ran.stderr);
    }
}
