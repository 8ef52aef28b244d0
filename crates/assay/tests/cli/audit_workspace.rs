//! `assay audit` without a path, what it keeps, and people.

use crate::program::{Ran, done, file, folder, people, run};

fn in_workspace(workspace: &str, arguments: &[&str]) -> Ran {
    done(&[&["--workspace", workspace], arguments].concat())
}

#[test]
fn the_newest_list_is_audited_and_its_verdicts_are_kept_by_version() {
    let folder = folder("audit_workspace");
    let ws = folder.join("w.db");
    let ws = ws.to_str().expect("UTF-8");
    let early: Vec<String> = people(300).lines().map(str::to_owned).collect();
    let late: Vec<String> = people(340).lines().map(str::to_owned).collect();
    let first = file(&folder, "first.csv", &early.join("\n"));
    // Ten left since, forty came.
    let second = file(&folder, "second.csv", &[&late[..1], &late[11..]].concat().join("\n"));
    in_workspace(ws, &["import", &first]);
    let one = in_workspace(ws, &["audit", "--format", "json"]).json();
    assert_eq!((one["followers"]["count"].clone(), one["workspace"]["is_new"].clone()), (300.into(), true.into()));
    assert_eq!(one["inputs"][0]["name"], "first.csv");
    let again = in_workspace(ws, &["audit", "--format", "json"]).json();
    assert_eq!(
        (again["workspace"]["audit_id"].clone(), again["workspace"]["is_new"].clone()),
        (1.into(), false.into())
    );
    in_workspace(ws, &["import", &second]);
    let two = in_workspace(ws, &["audit", "--format", "json"]).json();
    assert_eq!(two["followers"]["count"], 330);
    let change = &two["workspace"]["changes"][0];
    assert_eq!((change["n_gained"].clone(), change["n_lost"].clone()), (40.into(), 10.into()), "{change}");
    assert_eq!(change["n_lost_inauthentic"], 0);
    // The same verdicts as from the file itself.
    let direct = done(&["audit", &second, "--format", "json"]).json();
    for part in ["shares", "classes", "batches", "spikes"] {
        assert_eq!(direct[part], two[part], "{part}");
    }
    let history = in_workspace(ws, &["audit", "--history", "--format", "json"]).json();
    let n: Vec<_> = history["audits"].as_array().expect("audits").iter().map(|a| a["n_followers"].clone()).collect();
    assert_eq!(n, [300, 330]);
    let other_seed = in_workspace(ws, &["audit", "--seed", "9", "--format", "json"]).json();
    assert_eq!(other_seed["workspace"]["audit_id"], 3);
    assert_eq!(in_workspace(ws, &["audit", "--history", "--format", "csv"]).stdout.lines().count(), 4);
    let sql = in_workspace(ws, &["sql", "SELECT count(*) AS n FROM verdicts", "--format", "json"]).stdout;
    assert!(sql.contains("330"), "{sql}");
}

#[test]
fn what_ran_then_is_named_and_who_engaged_is_joined() {
    let folder = folder("audit_workspace_events");
    let ws = folder.join("w.db");
    let ws = ws.to_str().expect("UTF-8");
    let export = folder.join("made.csv");
    let export = export.to_str().expect("UTF-8");
    let at = "batch:at=500,followers=400,over=1,stock=aged";
    done(&[
        "synth",
        "followers",
        "--layout",
        "table",
        "--followers",
        "1500",
        "--days",
        "900",
        "--plant",
        at,
        "--out",
        export,
    ]);
    let told = done(&["audit", export, "--format", "json"]).json();
    let from = told["batches"].as_array().and_then(|b| b.first()).expect("a batch")["arrived_from"].clone();
    let day = from.as_str().expect("a time")[..10].to_owned();
    let orders = format!(
        "order_id,customer_id,ordered_at,total,currency,discount_code\n1,C1,{day}T10:00:00Z,12.50,EUR,SPRING10\n2,C2,{day}T11:00:00Z,9.00,EUR,SPRING10\n"
    );
    let orders = file(&folder, "orders.csv", &orders);
    in_workspace(ws, &["import", export]);
    in_workspace(ws, &["import", &orders]);
    let said = in_workspace(ws, &["audit", "--format", "json"]).json();
    let causes = said["batches"][0]["causes"].as_array().expect("causes").clone();
    assert!(causes.iter().any(|c| c["kind"] == "discount-code" && c["name"] == "SPRING10"), "{causes:?}");
    assert!(causes.iter().all(|c| c["told_by"] == "business"), "{causes:?}");
}

#[test]
fn people_are_joined_on_a_basis_and_never_by_name() {
    let folder = folder("people_links");
    let ws = folder.join("w.db");
    let ws = ws.to_str().expect("UTF-8");
    let list = file(&folder, "f.csv", &people(60));
    let orders = "order_id,customer_id,ordered_at,total,currency,discount_code\n\
                  1,person_3,2026-01-01T10:00:00Z,12.50,EUR,\n2,C2,2026-01-02T11:00:00Z,9.00,EUR,ANN10\n\
                  3,C3,2026-01-02T11:00:00Z,9.00,EUR,ALL5\n4,C4,2026-01-02T11:00:00Z,9.00,EUR,ALL5\n";
    in_workspace(ws, &["import", &list]);
    in_workspace(ws, &["import", &file(&folder, "orders.csv", orders)]);
    // A customer who is called as a follower is, is nobody's join.
    assert!(in_workspace(ws, &["people", "list"]).stdout.starts_with("Nobody"));
    let refused = run(&["--workspace", ws, "people", "link", "@person_3", "--customer", "C2"]);
    assert!(refused.code == 2 && refused.stderr.contains("--network"), "{}", refused.stderr);
    let link = |more: &[&str]| in_workspace(ws, &[&["people", "link", "--network", "instagram"], more].concat());
    link(&["@Person_3", "--customer", "C2", "--note", "at the market"]);
    link(&["person_5", "--code", "ann10"]);
    link(&["person_6", "--code", "ALL5"]);
    let said = in_workspace(ws, &["people", "list", "--format", "json"]).json();
    let rows = said["people"].as_array().expect("people");
    let told: Vec<_> =
        rows.iter().map(|p| (p["handle"].clone(), p["customer_id"].clone(), p["basis"].clone())).collect();
    assert_eq!(
        told,
        [
            ("person_3".into(), "C2".into(), "hand".into()),
            ("person_5".into(), "C2".into(), "discount-code".into()),
            // Two customers used that code: it tells nobody.
            ("person_6".into(), serde_json::Value::Null, "discount-code".into()),
        ]
    );
    assert!(in_workspace(ws, &["people", "show", "C2"]).stdout.contains("at the market"));
    in_workspace(ws, &["people", "unlink", "1"]);
    assert_eq!(run(&["--workspace", ws, "people", "unlink", "1"]).code, 1);
    assert_eq!(run(&["--workspace", ws, "people", "show", "@person_3"]).code, 1);
}
