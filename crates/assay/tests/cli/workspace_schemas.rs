//! What commands of the workspace write as JSON keeps to the published schemas.

use crate::program::{done, file, folder, people};
use crate::schema::faults;
use serde_json::Value;
use std::path::Path;

fn published(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(format!("{name}-1.json"));
    serde_json::from_str(&std::fs::read_to_string(path).expect("a schema")).expect("JSON")
}

#[test]
fn json_of_the_workspace_keeps_to_its_schemas() {
    let folder = folder("workspace_schemas");
    let workspace = folder.join("w.db").display().to_string();
    let list = file(&folder, "list.csv", &people(40));
    let orders = "order_id,customer_id,ordered_at,total,currency\n1,c1,2026-01-10T22:30:00Z,10.50,EUR\n\
                  2,c2,yesterday or so,4,EUR\n";
    let orders = file(&folder, "orders.csv", orders);
    // A command after the other, each on what the ones before left; what is looked at in it; its schema.
    let steps: &[(&[&str], &str, &str)] = &[
        (&["import", &list, &orders, "--page", "instagram/roastery", "--dry-run"], "import", "/n_facts/followers"),
        (&["import", &list, &orders, "--page", "instagram/roastery"], "import", "/rejects/0/why"),
        (&["import", &list], "import", "/inputs/0/already_in_import"),
        (&["imports"], "imports", "/imports/0/files/1/sha256"),
        (&["people", "link", "person_4", "--network", "instagram", "--customer", "c1"], "", ""),
        (&["people", "list"], "people", "/people/0/basis"),
        (&["people", "show", "c1"], "people", "/people/0/link"),
        (&["export", "followers"], "sql", "/rows/0/0"),
        (&["sql", "SELECT count(*) FROM orders"], "sql", "/rows/0/0"),
        (&["audit"], "audit", "/workspace/audit_id"),
        (&["audit", "--history"], "audit-history", "/audits/0/audit_id"),
        (&["retain"], "retain", "/is_dry_run"),
        (&["forget", "@person_3"], "forget", "/n_orders"),
        (&["undo", "1"], "undo", "/n_facts"),
        (&["imports"], "imports", "/imports/0/undone_at"),
    ];
    for (arguments, schema, held) in steps {
        let on: &[&str] = if schema.is_empty() { &[] } else { &["--format", "json"] };
        let ran = done(&[arguments, on, &["--workspace", &workspace]].concat());
        if schema.is_empty() {
            continue;
        }
        let said = ran.json();
        assert_eq!(faults(&published(schema), &said), Vec::<String>::new(), "{arguments:?}: {said}");
        assert!(said.pointer(held).is_some_and(|v| !v.is_null()), "{arguments:?} lacks {held}: {said}");
    }
}
