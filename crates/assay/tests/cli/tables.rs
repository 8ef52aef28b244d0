//! Tables under other names: what is said of them, what is kept of what the user says, and what a table may hold.

use crate::program::{done, file, folder, people, run};

const GERMAN: &str =
    "Kundennr;Bestellnr;Bestelldatum;Betrag;Notiz\nK-1;9001;01.02.2026;19,90;x\nK-2;9002;14.02.2026;5,00;\n";

#[test]
fn a_table_under_other_names_is_shown_with_the_words_that_have_it_read_and_those_are_kept() {
    let folder = folder("tables_other_names");
    let workspace = folder.join("w.db").display().to_string();
    let table = file(&folder, "bestellungen.csv", GERMAN);
    let refused = run(&["import", &table, "--workspace", &workspace]);
    assert_eq!((refused.code, refused.stdout.as_str()), (1, ""));
    let said = refused.stderr;
    for part in ["looks like orders", "Kundennr", "K-1 | K-2", "customer_id (by its name)", "Notiz"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    // The proposed command, as it stands there.
    let line = said.lines().find(|l| l.trim_start().starts_with("assay import")).expect("a command");
    let pairs: Vec<&str> = line.split("--map '").skip(1).filter_map(|p| p.split('\'').next()).collect();
    assert_eq!(pairs.len(), 4, "{line}");
    let with: Vec<&str> = pairs.iter().flat_map(|pair| ["--map", pair]).collect();
    let import = |table: &str, with: &[&str]| {
        let all: Vec<&str> =
            ["import", table].into_iter().chain(with.iter().copied()).chain(["--workspace", &workspace]).collect();
        done(&all).stdout
    };
    let first = import(&table, &with);
    assert!(
        first.contains("orders 2") && first.contains("kept for tables with the headers of bestellungen.csv"),
        "{first}"
    );
    // The next table with the same headers, in another order.
    let newer = file(&folder, "neu.csv", "Bestellnr;Kundennr;Bestelldatum;Betrag;Notiz\n9003;K-3;20.02.2026;7,50;\n");
    let second = import(&newer, &[]);
    assert!(second.contains("orders 1") && second.contains("as was said of such a table before"), "{second}");
    let sum = done(&[
        "sql",
        "SELECT sum(total_minor) AS s, substr(min(ordered_at), 1, 10) AS t FROM orders",
        "--format",
        "csv",
        "--workspace",
        &workspace,
    ]);
    assert_eq!(sum.stdout, "s,t\n3240,2026-02-01\n");
    // Other headers: nothing was said of them.
    let other = file(&folder, "other.csv", "Kundennr;Bestelldatum;Betrag\nK-1;01.02.2026;1,00\n");
    let ran = run(&["import", &other, "--workspace", &workspace]);
    assert_eq!(ran.code, 1);
    // An import takes every kind, an audit followers alone.
    assert!(ran.stderr.contains("expected followers, counts by day, posts, engagements"), "{}", ran.stderr);
    let ran = run(&["audit", &other]);
    assert!(ran.stderr.contains("expected followers or daily counts"), "{}", ran.stderr);
}

#[test]
fn a_table_beside_others_is_told_of_and_the_others_are_read() {
    let folder = folder("tables_beside");
    let workspace = folder.join("w.db").display().to_string();
    let (table, list) = (file(&folder, "t.csv", GERMAN), file(&folder, "list.csv", &people(20)));
    let said = done(&["import", &table, &list, "--workspace", &workspace, "--format", "json"]).json();
    assert_eq!(said["n_facts"]["followers"], 20);
    assert_eq!(
        (&said["unknown_tables"][0]["name"], &said["unknown_tables"][0]["looks_like"]),
        (&"t.csv".into(), &"orders".into())
    );
    assert_eq!(said["unknown_tables"][0]["map"][0], "Kundennr=customer_id");
    for command in ["metrics", "ltv", "audit"] {
        let ran = run(&[command, &table]);
        assert!(ran.code == 1 && ran.stderr.contains("looks like orders"), "{command}: {}", ran.stderr);
    }
}

#[test]
fn orders_with_a_row_for_each_thing_bought_count_once() {
    let folder = folder("tables_lines");
    let workspace = folder.join("w.db").display().to_string();
    let table = file(
        &folder,
        "lines.csv",
        "order_id,email,ordered_at,sku,product,quantity,price,shipping,status,refunded,currency\n\
         1,Ada@x.org,2026-01-01,BL,Blend,2,16.00,4.90,paid,,EUR\n1,,,MU,Mug,1,15.00,,,,EUR\n\
         2,bo@x.org,2026-01-02,MU,Mug,1,15.00,,paid,5.00,EUR\n3,cy@x.org,2026-01-03,MU,Mug,1,15.00,,cancelled,,EUR\n",
    );
    done(&["import", &table, "--workspace", &workspace]);
    let ask = |question: &str| done(&["sql", question, "--format", "csv", "--workspace", &workspace]).stdout;
    assert_eq!(ask("SELECT count(*) AS n, sum(total_minor) AS s FROM orders"), "n,s\n3,8190\n");
    assert_eq!(ask("SELECT count(*) AS n, sum(quantity * price_minor) AS s FROM order_lines"), "n,s\n4,7700\n");
    assert_eq!(ask("SELECT count(*) AS n FROM orders WHERE email_key LIKE '%@%' OR email_key IS NULL"), "n\n0\n");
    let said = done(&["metrics", &table, "--format", "json"]).json();
    let all = said["metrics"].as_array().expect("metrics");
    let value = |id: &str| all.iter().find(|m| m["id"] == id).map(|m| m["value"].clone());
    assert_eq!((value("orders"), value("revenue")), (Some(2.0.into()), Some(6190.0.into())));
}

#[test]
fn every_table_that_is_read_by_names_is_listed_with_its_columns() {
    let text = done(&["formats", "--columns"]).stdout;
    for part in [
        "Tables of engagements",
        "line_total",
        "also unit_price",
        "metrics --rates",
        "from_currency",
        "metrics --experiments",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let said = done(&["formats", "--columns", "--format", "json"]).json();
    let columns = said["columns"].as_object().expect("tables");
    assert_eq!(columns.len(), 12);
    assert!(columns.values().all(|table| table.as_array().is_some_and(|t| t.iter().all(|c| c["meaning"].is_string()))));
}

#[test]
fn the_page_of_a_workspace_goes_on_from_the_audience_to_money() {
    let folder = folder("tables_page");
    let workspace = folder.join("w.db").display().to_string();
    let page = folder.join("page.html").display().to_string();
    let orders = file(
        &folder,
        "orders.csv",
        "order_id,customer_id,ordered_at,total,currency\n1,a,2026-01-01,12.50,EUR\n2,b,2026-01-05,7.50,EUR\n",
    );
    let list = file(&folder, "list.csv", &people(60));
    done(&["import", &orders, &list, "--workspace", &workspace]);
    done(&["audit", "--workspace", &workspace, "--html", &page]);
    let html = std::fs::read_to_string(&page).expect("a page");
    assert!(html.contains("href=\"#money\"") && html.contains("id=\"money\"") && html.contains("EUR\u{a0}20.00"));
    assert_eq!((html.matches("<h1").count(), html.matches("<main").count()), (1, 1));
    for target in html.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
        assert_eq!(html.matches(&format!("id=\"{target}\"")).count(), 1, "{target}");
    }
    // The audit names the list's own file, whatever came with it.
    let inputs = done(&["audit", "--workspace", &workspace, "--format", "json"]).json()["inputs"].clone();
    assert_eq!((inputs[0]["name"].as_str(), inputs.as_array().map(Vec::len)), (Some("list.csv"), Some(1)));
    // A list alone, read from its file, has no such part.
    done(&["audit", &list, "--html", &page]);
    assert!(!std::fs::read_to_string(&page).expect("a page").contains("href=\"#money\""));
}

#[test]
fn refunds_belong_to_the_channel_of_their_order() {
    let folder = folder("tables_refunds");
    let table = file(
        &folder,
        "orders.csv",
        "order_id,customer_id,ordered_at,total,currency,source\n1,a,2026-01-01,30,EUR,Instagram\n1,a,2026-01-09,-5,EUR,\n\
         2,b,2026-01-02,20,EUR,google\n3,c,2026-01-03,7,EUR,\n",
    );
    let said = done(&["metrics", &table, "--by", "channel", "--format", "json"]).json();
    let all = said["metrics"].as_array().expect("metrics");
    let revenue =
        |group: &str| all.iter().find(|m| m["id"] == "revenue" && m["group"] == group).map(|m| m["value"].clone());
    assert_eq!(revenue("instagram"), Some(2500.0.into()));
    assert_eq!((revenue("google"), revenue("(not told)")), (Some(2000.0.into()), Some(700.0.into())));
}
