//! `assay experiment read-geo`: other programs' results on public data, and what happens on bad tables.

use crate::program::{done, file, folder, run};
use std::fmt::Write as _;
use std::path::Path;

/// A file of the shared data, which lies beside the repository; `None`, said aloud, where it is absent.
#[expect(clippy::print_stderr, reason = "a skipped test says why")]
fn shared(name: &str) -> Option<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/experiments").join(name);
    if !path.exists() {
        eprintln!("skipped: the shared data folder has no experiments/{name}");
        return None;
    }
    path.to_str().map(str::to_owned)
}

fn near(value: &serde_json::Value, want: f64, within: f64) {
    let got = value.as_f64().expect("a number");
    assert!((got - want).abs() <= within, "{got} is not {want} within {within}");
}

const READ: [&str; 2] = ["experiment", "read-geo"];

/// `GeoLift` 2.7.5, `GeoLift(Y_id = "Y", data = GeoTestData_Test, locations = c("chicago", "portland"), treatment_start_time = 91,
/// treatment_end_time = 105)`, model "none", fixed effects: ATT 155.5557, incremental 4666.670, lift 5.4232 %, scaled L2 .16364, and
/// with `conformal_type = "block"` p .0476. augsynth-py 0.6.0: placebo in space p .205, leaving one donor out 127.8 to 327.7.
/// Classical TBR: 5345 in all, p .002.
#[test]
fn chicago_and_portland_are_not_settled() {
    let Some(path) = shared("geo_test.csv") else { return };
    let said = done(
        &[
            &READ[..],
            &[&path, "--location", "location", "--date", "date", "--metric", "Y", "--treated", "chicago,portland"],
            &["--start", "2021-04-01", "--end", "2021-04-15", "--format", "json"],
        ]
        .concat(),
    )
    .json();
    near(&said["effect"]["per_market_and_period"], 155.555_7, 2e-3);
    near(&said["effect"]["total"], 4_666.670, 0.06);
    near(&said["effect"]["lift"], 0.054_232, 1e-5);
    near(&said["effect"]["scaled_gap"], 0.163_64, 1e-4);
    let row = |estimator: &str, null: &str| {
        let all = said["robustness"].as_array().expect("a list");
        let starts = |row: &&serde_json::Value| row["estimator"].as_str().is_some_and(|e| e.starts_with(estimator));
        all.iter().filter(starts).find(|r| r["null"] == null).expect("the row").clone()
    };
    near(&row("synthetic", "blocks of time")["p_value"], 5.0 / 105.0, 1e-12);
    // Without fixed effects: incremental 3681.770.
    near(&row("synthetic control, levels", "placebo in space")["point"], 3_681.770, 0.06);
    // The net of the gaps: its interval agrees with its p-value.
    let net = row("synthetic", "blocks of time, net");
    let holds_none = net["low"].as_f64().is_none_or(|l| l <= 0.0) && net["high"].as_f64().is_none_or(|h| h >= 0.0);
    assert_eq!(holds_none, net["p_value"].as_f64() > Some(0.05), "{net}");
    near(&row("synthetic control, fixed", "placebo in space")["p_value"], 8.0 / 39.0, 1e-12);
    // Ridge: incremental 4704.154, its lambda by leaving days out.
    near(&row("ridge-augmented", "blocks of time, net")["point"], 4_704.154, 0.06);
    for (estimator, null, part) in [
        ("synthetic control, fixed", "placebo sets", "decides"),
        ("difference in differences", "other choices of markets", "decides"),
        ("synthetic control, fixed", "placebo in space", "heard"),
        ("matched pairs", "turned within pairs", "shown"),
        ("interrupted time series", "its own past", "shown"),
    ] {
        assert_eq!(row(estimator, null)["part"], part, "{estimator}");
    }
    let regression = row("time-based", "independent days");
    near(&regression["point"], 5_345.04, 0.05);
    near(&regression["p_value"], 0.002, 1e-4);
    assert_eq!(regression["decides"], false);
    near(&said["without_one_donor"]["least"], 127.8, 0.05);
    near(&said["without_one_donor"]["most"], 327.7, 0.1);
    assert_eq!(said["without_one_donor"]["most_without"], "miami");
    for (k, (market, weight)) in [
        ("cincinnati", 0.227_177_77),
        ("miami", 0.202_769_80),
        ("baton rouge", 0.133_537_53),
        ("minneapolis", 0.089_979_68),
        ("dallas", 0.073_922_93),
        ("nashville", 0.068_531_84),
        ("honolulu", 0.067_260_36),
        ("austin", 0.046_525_31),
        ("san diego", 0.045_072_83),
        ("reno", 0.030_627_02),
        ("san antonio", 0.005_386_20),
        ("new york", 0.004_638_20),
        ("houston", 0.004_570_49),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(said["weights"][k]["market"], market);
        near(&said["weights"][k]["weight"], weight, 1e-4);
    }
    assert_eq!(said["verdict"]["decision"], "cannot-tell");
    assert!(said["verdict"]["reasons"][0].as_str().expect("why").contains("disagree"), "{}", said["verdict"]);
}

/// Google's `matched_markets` (5e3cd95), `TBRiROAS` on its salesandcost.csv without cool-down: iROAS 2.946742, 90 % interval
/// (2.790969, 3.102516), incremental 147337.1217 on a cost of 50000. With cool-down 2.860572 (2.567273, 3.153872), incremental
/// 143028.6206: its cool-down is all 23 days behind the test, taken for days of the test.
#[test]
fn time_based_regression_agrees_with_matched_markets() {
    let (Some(path), Some(groups)) = (shared("tbr_sales_and_cost.csv"), shared("tbr_assignment.csv")) else { return };
    let groups = std::fs::read_to_string(groups).expect("read");
    let treated: Vec<&str> = groups
        .lines()
        .skip(1)
        .filter_map(|l| l.split_once(','))
        .filter(|(_, g)| *g == "2")
        .map(|(m, _)| m.trim_matches('"'))
        .collect();
    let treated = treated.join(",");
    let columns = ["--location", "geo", "--date", "date", "--metric", "sales", "--cost", "cost"];
    let read = |end: &str| {
        let days = ["--start", "2015-02-16", "--end", end, "--confidence", "0.9", "--format", "json"];
        done(&[&READ[..], &[&path], &columns, &["--treated", &treated], &days].concat()).json()
    };
    let said = read("2015-04-07");
    near(&said["iroas"]["point"], 2.860_572, 1e-6);
    near(&said["iroas"]["low"], 2.567_273, 1e-6);
    near(&said["iroas"]["high"], 3.153_872, 1e-6);
    let said = read("2015-03-15");
    near(&said["design"]["cost"], 50_000.0, 1e-6);
    near(&said["iroas"]["point"], 2.946_742, 1e-6);
    near(&said["iroas"]["low"], 2.790_969, 1e-6);
    near(&said["iroas"]["high"], 3.102_516, 1e-6);
    // By blocks of time the ends lie elsewhere, around nearly the same return.
    let blocks = &said["iroas_by_blocks"];
    assert!(blocks["low"].as_f64() < Some(2.9) && blocks["high"].as_f64() > Some(2.9), "{blocks}");
}

/// `scpi_pkg` 4.0.0, `scdata(df, "country", "year", "gdp", period_pre=1960..1990, ...)`, `scest(constraint="simplex")`: Austria .29112,
/// USA .27282, Italy .19137, Netherlands .13303, Switzerland .08136, France .03030. Levels are kept there.
#[test]
fn germany_is_read_with_years_for_days() {
    let Some(path) = shared("synthetic_control_germany.csv") else { return };
    let said = done(
        &[
            &READ[..],
            &[&path, "--location", "country", "--date", "year", "--metric", "gdp", "--treated", "West Germany"],
            &["--start", "1991", "--end", "2003", "--format", "json"],
        ]
        .concat(),
    )
    .json();
    assert_eq!((&said["design"]["n_before"], &said["design"]["n_during"]), (&31.into(), &13.into()));
    for (k, (country, weight)) in [
        ("Austria", 0.291_12),
        ("USA", 0.272_82),
        ("Italy", 0.191_37),
        ("Netherlands", 0.133_03),
        ("Switzerland", 0.081_36),
        ("France", 0.030_30),
    ]
    .into_iter()
    .enumerate()
    {
        assert_eq!(said["weights_with_levels"][k]["market"], country);
        near(&said["weights_with_levels"][k]["weight"], weight, 1e-4);
    }
    assert!(said["effect"]["per_market_and_period"].as_f64().expect("effect") < 0.0, "reunification cost growth");
}

#[test]
fn bad_tables_and_days_end_with_a_clear_error() {
    let folder = folder("geo_bad");
    let table = |n_days: usize, n_markets: usize| {
        let mut table = String::from("city,day,orders\n");
        for day in 0..n_days {
            for city in 0..n_markets {
                let _ = writeln!(table, "m{city},2024-03-{:02},{}", day + 1, 100 + city * 7 + day * 13 % 11);
            }
        }
        table
    };
    let whole = file(&folder, "whole.csv", &table(20, 5));
    let short = file(&folder, "short.csv", &table(8, 5));
    let two = file(&folder, "two.csv", &table(20, 2));
    let at = |path: &str, treated: &str, start: &str, end: &str| {
        run(&[
            "experiment",
            "read-geo",
            path,
            "--location",
            "city",
            "--date",
            "day",
            "--metric",
            "orders",
            "--treated",
            treated,
            "--start",
            start,
            "--end",
            end,
            "--format",
            "json",
        ])
    };
    assert_eq!(at(&whole, "m1", "2024-03-15", "2024-03-20").code, 0);
    for (ran, code, expected) in [
        (at(&whole, "m9", "2024-03-15", "2024-03-20"), 1, "no such 'm9'"),
        (at(&whole, "m1", "2024-03-20", "2024-03-15"), 2, "on or after"),
        (at(&whole, "m1", "soon", "2024-03-15"), 2, "expected a day"),
        (at(&short, "m1", "2024-03-06", "2024-03-08"), 1, "at least 10 days before"),
        (at(&whole, "m1", "2024-04-06", "2024-04-08"), 1, "found 20 and 0"),
        (at(&two, "m1", "2024-03-15", "2024-03-20"), 1, "at least two markets"),
    ] {
        assert_eq!((ran.code, ran.stdout.as_str()), (code, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains(expected) && ran.stderr.contains("\nhint: "), "{}", ran.stderr);
    }
}
