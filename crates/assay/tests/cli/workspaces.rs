//! Several workspaces in one table.

use crate::program::{done, file, folder, people, run};
use crate::schema::faults;
use serde_json::Value;
use std::fs;

#[test]
fn every_page_of_every_workspace_stands_in_one_table() {
    let folder = folder("workspaces_table");
    let clients = folder.join("clients");
    fs::create_dir_all(clients.join("roastery")).expect("a folder");
    let list = file(&folder, "list.csv", &people(400));
    let orders = "order_id,customer_id,ordered_at,total,currency\n1,ann,2026-01-10T22:30:00Z,10.50,EUR\n";
    let orders = file(&folder, "orders.csv", orders);
    let at = |name: &str| clients.join(name).display().to_string();
    let bakery = at("bakery.db");
    let other = file(&folder, "other.csv", &people(300));
    for (list, page) in [(&list, "instagram/bakery"), (&other, "x/bakery")] {
        done(&["import", list, &orders, "--page", page, "--workspace", &bakery]);
    }
    done(&["audit", "--page", "instagram/bakery", "--workspace", &bakery]);
    done(&["import", &orders, "--workspace", &at("roastery/w.db")]);
    // Neither a text nor another program's file is a workspace; a damaged one is told with the reason.
    file(&clients, "notes.db", "not a database");
    let mut damaged = fs::read(&bakery).expect("the workspace");
    damaged.iter_mut().skip(100).for_each(|byte| *byte = 0xff);
    fs::write(at("damaged.db"), damaged).expect("written");
    let on = |format: &str| done(&["workspaces", "--workspaces", clients.to_str().expect("UTF-8"), "--format", format]);
    let said = on("json").json();
    let schema: Value = serde_json::from_str(include_str!("../../schemas/workspaces-1.json")).expect("JSON");
    assert_eq!(faults(&schema, &said), Vec::<String>::new());
    let all = said["workspaces"].as_array().expect("workspaces");
    let names: Vec<&str> = all.iter().filter_map(|w| w["workspace"].as_str()).collect();
    assert_eq!(names, ["bakery", "damaged", "roastery/w"]);
    let pages = all[0]["pages"].as_array().expect("pages");
    assert_eq!(pages.len(), 2, "{said}");
    assert_eq!((pages[0]["page"].as_str(), pages[0]["followers"].as_i64()), (Some("instagram/bakery"), Some(400)));
    // The share is the one that the audit kept.
    let history = done(&["audit", "--history", "--format", "json", "--workspace", &bakery]).json();
    assert_eq!(pages[0]["genuine_share"], history["audits"][0]["shares"]["genuine"]);
    assert!(
        pages[1]["genuine_share"]["abstained"]["would_settle"].as_str().is_some_and(|s| s.contains("--page x/bakery"))
    );
    assert_eq!((all[0]["revenue_minor"].as_f64(), all[0]["currency"].as_str()), (Some(1_050.0), Some("EUR")));
    assert!(all[1]["problem"].is_string() && all[1]["pages"].as_array().is_some_and(Vec::is_empty), "{said}");
    assert!(all[2]["last_import"].is_string() && all[2]["problem"].is_null());
    // Money of a workspace stands once, so that the sum of the column is right.
    let csv = on("csv").stdout;
    let revenue: Vec<&str> = csv.lines().skip(1).filter_map(|line| line.split(',').nth(10)).collect();
    assert_eq!(revenue, ["1050", "", "", "1050"], "{csv}");
    let text = on("text").stdout;
    assert!(text.contains("instagram/bakery") && text.contains("not audited") && text.contains("EUR"), "{text}");
    let none = run(&["workspaces", "--workspaces", &at("nowhere")]);
    assert!(none.code == 1 && none.stderr.contains("--workspaces DIR"), "{}", none.stderr);
}
