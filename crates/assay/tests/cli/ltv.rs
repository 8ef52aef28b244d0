//! `assay ltv` from outside.

use crate::program::{done, file, folder, run};
use std::fmt::Write as _;

/// Orders of customers who come at a pace of their own until they leave, by a fixed rule: 300 days from 1 January 2025.
fn orders(n_customers: u64) -> String {
    let mut table = String::from("order_id,customer_id,ordered_at,total,currency\n");
    let mut state = 12_345_u64;
    let mut draw = move || {
        state = state * 48_271 % 2_147_483_647;
        (state as f64 / 2_147_483_647.0).max(1e-9)
    };
    let mut n = 0;
    for id in 0..n_customers {
        let (pace, amount, leave) = (-12.0 * draw().ln() / draw().sqrt(), 8.0 / draw().sqrt(), 0.3 * draw());
        let mut day = 40.0 * draw();
        while day < 300.0 {
            let (month, of_month) = (1 + day as u32 / 28, 1 + day as u32 % 28);
            let total = amount * (0.5 + draw());
            let _ = writeln!(table, "{n},c{id},2025-{month:02}-{of_month:02}T12:00:00Z,{total:.2},EUR");
            n += 1;
            day += 1.0 - pace * draw().ln();
            if draw() < leave {
                break;
            }
        }
    }
    table
}

#[test]
fn a_forecast_is_laid_beside_what_came() {
    let folder = folder("a_forecast_is_laid_beside_what_came");
    let table = file(&folder, "orders.csv", &orders(400));
    let asked = ["ltv", &table, "--cutoff", "2025-08-01", "--horizon", "12w", "--format", "json"];
    let ran = done(&asked);
    let said = ran.json();
    assert_eq!(said["schema"], "assay.ltv/1");
    assert_eq!((said["currency"].as_str(), said["cutoff"].as_str()), (Some("EUR"), Some("2025-08-01")));
    let orders = &said["forecast"]["orders"];
    let (low, high) = (orders["low"].as_f64(), orders["high"].as_f64());
    let actual = said["backtest"]["actual"].as_f64();
    assert!(low < actual && actual < high && low > Some(0.0), "{said}");
    assert_eq!(said["backtest"]["predicted"], *orders);
    assert_eq!(ran.stdout, done(&asked).stdout, "the same bytes again");

    let customers = done(&["ltv", &table, "--format", "csv"]).stdout;
    assert_eq!(customers.lines().count(), 401);
    let text = done(&["ltv", &table, "--cutoff", "2025-08-01", "--horizon", "12w"]).stdout;
    assert!(text.contains("Came") && text.lines().all(|l| l.chars().count() <= 100), "{text}");
}

#[test]
fn orders_that_cannot_be_used_are_an_error_or_an_abstention() {
    let folder = folder("orders_that_cannot_be_used_are_an_error_or_an_abstention");
    for (name, text, expected) in [
        ("followers.csv", "handle,followers\nanna,3\n", "customer_id, ordered_at, total"),
        ("empty.csv", "", "orders"),
        ("mixed.csv", "customer,date,total,currency\na,2025-01-01,3,EUR\nb,2025-01-01,3,USD\n", "--currency"),
        ("refunds.csv", "customer,date,total\na,2025-01-01,-3\n", "expected orders, found none"),
        ("huge.csv", "customer,date,total\na,2025-01-01,999999999999999999\n", "too large"),
    ] {
        let ran = run(&["ltv", &file(&folder, name, text)]);
        assert_eq!((ran.code, ran.stdout.as_str()), (1, ""), "{name}: {}", ran.stderr);
        assert!(ran.stderr.contains(expected) && ran.stderr.contains("hint:"), "{name}: {}", ran.stderr);
    }
    let once = file(&folder, "once.csv", "customer,date,total\na,2025-01-01,3\nb,soon,3\n");
    let said = done(&["ltv", &once, "--format", "json"]).json();
    assert!(said["abstained"]["why"].as_str().is_some_and(|w| w.contains("came back")), "{said}");
    assert_eq!(run(&["ltv", &once, "--strict"]).code, 3);
    assert_eq!(run(&["ltv", &once, "--horizon", "0d"]).code, 2);
    let early = run(&["ltv", &once, "--cutoff", "2024-01-01"]);
    assert!(early.code == 1 && early.stderr.contains("before the first"), "{}", early.stderr);
    let audited = run(&["audit", &once]);
    assert!(audited.code == 1 && audited.stderr.contains("assay ltv"), "{}", audited.stderr);
}
