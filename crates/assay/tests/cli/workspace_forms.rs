//! Workspaces of older forms: every command opens them, and an audit runs.

use crate::program::{done, folder, run};
use std::fs;

const FORMS: [(&str, &str); 2] = [
    ("1", include_str!("../../../assay-store/fixtures/form-1.sql")),
    ("2", include_str!("../../../assay-store/fixtures/form-2.sql")),
];

/// A workspace as a form of the past wrote it: that of today made empty, and filled as the text says.
fn written(form: &str, sql: &str, test: &str) -> String {
    let path = folder(&format!("workspace_forms_{test}_{form}")).join("w.db");
    let secret = assay_store::Secret::new([7; 32]);
    fs::write(format!("{}.key", path.display()), secret.text()).expect("a key");
    let store = assay_store::Workspace::open(&path, secret).expect("a workspace");
    let all = "SELECT group_concat('DROP ' || type || ' \"' || name || '\"', '; ') FROM (SELECT * FROM sqlite_schema \
               WHERE type IN ('view', 'table') AND name NOT LIKE 'sqlite_%' ORDER BY type DESC)";
    let drop_all: String = store.connection().query_row(all, [], |row| row.get(0)).expect("names");
    store.connection().execute_batch(&drop_all).expect("emptied");
    store.connection().execute_batch(sql).expect("the rows of an older form");
    drop(store);
    assert_eq!(assay_store::form_of(&path).expect("a form").to_string(), form);
    path.display().to_string()
}

#[test]
fn an_older_workspace_is_audited_asked_and_told_of() {
    for (form, sql) in FORMS {
        let workspace = written(form, sql, "audit");
        let on = |arguments: &[&str]| done(&[arguments, &["--workspace", &workspace]].concat());
        let said = on(&["audit", "--page", "instagram/roastery", "--format", "json"]).json();
        assert_eq!(said["followers"]["count"], 64, "form {form}");
        let change = &said["workspace"]["changes"][0];
        assert_eq!((change["n_gained"].as_i64(), change["n_lost"].as_i64()), (Some(10), Some(5)), "form {form}");
        let kept = on(&["audit", "--history", "--format", "json"]).json();
        assert_eq!(kept["audits"].as_array().map(Vec::len), Some(form.parse().expect("a number")), "form {form}");
    }
    // Those that only read bring it to the newest form too.
    for arguments in [&["sql", "SELECT count(*) FROM followers"][..], &["export", "orders"], &["metrics"], &["retain"]]
    {
        for (form, sql) in FORMS {
            let workspace = written(form, sql, arguments[0]);
            let ran = run(&[arguments, &["--workspace", &workspace]].concat());
            assert_eq!(ran.code, 0, "form {form}, {arguments:?}: {}", ran.stderr);
        }
    }
}
