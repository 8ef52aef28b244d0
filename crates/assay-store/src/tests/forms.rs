//! Workspaces of every released form, written by the code of that form, opened by today's: the same facts, and all goes on.
//!
//! `fixtures/form-N.sql` is the workspace as text, `fixtures/form-N.answers.txt` what its views answered then.

use super::{DAY, about, all, bring, count, day, follower, made};
use crate::{Dropping, FORM, FactKind, Of, Secret, Workspace, form_of, settings_of, view_names};
use assay_model::{CustomerName, Go, TimeMs, silent};
use rusqlite::Connection;
use rusqlite::types::ValueRef;
use std::path::{Path, PathBuf};

/// Of each form before today's: its number, the workspace, and what its views answered.
const FORMS: [(usize, &str, &str); 6] = [
    (1, include_str!("../../fixtures/form-1.sql"), include_str!("../../fixtures/form-1.answers.txt")),
    (2, include_str!("../../fixtures/form-2.sql"), include_str!("../../fixtures/form-2.answers.txt")),
    (3, include_str!("../../fixtures/form-3.sql"), include_str!("../../fixtures/form-3.answers.txt")),
    (4, include_str!("../../fixtures/form-4.sql"), include_str!("../../fixtures/form-4.answers.txt")),
    (5, include_str!("../../fixtures/form-5.sql"), include_str!("../../fixtures/form-5.answers.txt")),
    (6, include_str!("../../fixtures/form-6.sql"), include_str!("../../fixtures/form-6.answers.txt")),
];

pub(super) fn written(form: usize, sql: &str, test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tmp");
    std::fs::create_dir_all(&folder).expect("a folder");
    let path = folder.join(format!("store-{test}-{form}.db"));
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(format!("{}{end}", path.display()));
    }
    let connection = Connection::open(&path).expect("a file");
    connection.execute_batch(sql).unwrap_or_else(|e| panic!("form {form}: {e}"));
    drop(connection);
    assert_eq!(form_of(&path).expect("a workspace"), form);
    path
}

pub(super) fn open(path: &Path) -> Workspace {
    Workspace::open(path, Secret::new([7; 32])).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Names of customers that workspaces before form 7 held in plain, as they stand there.
pub(super) const PLAIN: [&str; 8] = [
    "Ada@Example.com",
    "Ada@example.com",
    "ada@example.com",
    "bo@example.com",
    "dee@example.com",
    "gone@example.com",
    "+47 912 34 567",
    "5551234567",
];
/// One that stands in the reason of a reject.
pub(super) const REJECTED: &str = "cy@example.com";

/// A row of an answer as today's form holds it.
fn without_names(row: &str) -> String {
    let secret = Secret::new([7; 32]);
    PLAIN.iter().fold(row.replace(REJECTED, "\u{2026}"), |row, plain| {
        row.replace(plain, &secret.customer_id(&CustomerName::phone(plain)))
    })
}

/// The rows of a question as the answers are written, in order.
fn rows(store: &Workspace, question: &str) -> Vec<String> {
    let mut statement = store.connection().prepare(question).unwrap_or_else(|e| panic!("{question}: {e}"));
    let n = statement.column_count();
    let mut rows = statement.query([]).expect("an answer");
    let mut all = Vec::new();
    while let Some(row) = rows.next().expect("a row") {
        let cell = |i: usize| match row.get_ref(i).expect("a value") {
            ValueRef::Null => "\\N".to_owned(),
            ValueRef::Integer(n) => n.to_string(),
            ValueRef::Real(x) => format!("{x:?}"),
            ValueRef::Text(text) => {
                let text = std::str::from_utf8(text).expect("UTF-8");
                text.replace('\\', "\\\\").replace('\t', "\\t").replace('\n', "\\n")
            }
            ValueRef::Blob(_) => panic!("no view holds bytes"),
        };
        all.push((0..n).map(cell).collect::<Vec<_>>().join("\t"));
    }
    all.sort();
    all
}

#[test]
fn a_fixture_stands_for_every_form_before_todays() {
    assert_eq!(FORMS.map(|f| f.0).to_vec(), (1..FORM).collect::<Vec<_>>(), "see fixtures/README.md");
}

#[test]
fn what_retention_left_and_what_people_decided_is_there_after_the_step() {
    for (form, sql, _) in FORMS.into_iter().filter(|f| f.0 >= 3) {
        let store = open(&written(form, sql, "decided"));
        assert_eq!(rows(&store, "SELECT sum(n_rows) FROM kept_counts"), ["3"], "form {form}");
        assert_eq!(rows(&store, "SELECT count(*) FROM kept_changes"), ["3"], "form {form}");
        assert_eq!(rows(&store, "SELECT count(*) FROM snapshots WHERE dropped_at IS NOT NULL"), ["4"], "form {form}");
        if form < 4 {
            continue;
        }
        let kept = store.saved_answers().expect("answers");
        assert_eq!(kept.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["shipping"]);
        let overruled = store.overruled().expect("verdicts");
        assert_eq!(
            overruled.iter().map(|o| (o.handle.as_deref(), o.is_inauthentic)).collect::<Vec<_>>(),
            [(Some("person_12"), true)]
        );
        let page = store.pages().expect("pages").into_iter().find(|p| p.handle == "roastery").expect("the page").id;
        assert_eq!(store.labels(page).expect("labels").len(), 2);
        let of = "SELECT handle || ' ' || status || ' ' || handled_by FROM conversations_kept";
        assert_eq!(rows(&store, of), ["ole_new snoozed Kim"]);
        assert_eq!(rows(&store, "SELECT text FROM conversation_note"), ["asks where to buy", "sent the list of shops"]);
    }
}

#[test]
fn todays_views_answer_what_those_of_each_form_did() {
    for (form, sql, answers) in FORMS {
        let store = open(&written(form, sql, "answers"));
        assert_eq!(count(&store, "PRAGMA user_version") as usize, FORM);
        let mut n_rows = 0;
        for section in answers.split("# ").skip(1) {
            let mut lines = section.lines();
            let (view, columns) = (lines.next().expect("a view"), lines.next().expect("its columns"));
            let mut expected: Vec<String> = lines.map(without_names).collect();
            expected.sort();
            n_rows += expected.len();
            // Columns are only ever added.
            let question = format!("SELECT {} FROM {view}", columns.replace('\t', ", "));
            assert_eq!(rows(&store, &question), expected, "form {form}, {view}");
        }
        assert!(n_rows > 300, "form {form}: {n_rows} rows are too few to tell");
        for view in view_names() {
            count(&store, &format!("SELECT count(*) FROM (SELECT * FROM {view})"));
        }
        let sound: String = store.connection().query_row("PRAGMA integrity_check", [], |r| r.get(0)).expect("a check");
        assert_eq!(sound, "ok");
    }
}

#[test]
fn facts_of_each_form_come_back_and_all_goes_on() {
    for (form, sql, _) in FORMS {
        let path = written(form, sql, "goes_on");
        assert_eq!(settings_of(&path).expect("settings"), [], "asked before it is brought up");
        assert!(Workspace::read(&path).is_err(), "an older form is brought up first");
        let mut store = open(&path);
        for kind in FactKind::ALL {
            let mut n = 0;
            store
                .facts(kind, Of::All, &mut |_| {
                    n += 1;
                    Go::On
                })
                .expect("facts");
            let shown = count(&store, &format!("SELECT count(*) FROM {}", kind.view()));
            assert!(n > 0 && n == shown, "form {form}, {kind:?}: {n} facts, {shown} in the view");
        }
        let before = all(&store);
        // Who was forgotten then stays away now; what comes is settled with what is there; what came is taken back.
        let list = made("list", vec![follower("person_33", 10, 1), follower("new", 11, 2)]);
        let taken = bring(&mut store, &list).expect("an import");
        assert_eq!(taken.n_forgotten, 1, "form {form}");
        bring(&mut store, &made("more", vec![day(25_000, Some(99), None, 1)])).expect("an import");
        assert_ne!(all(&store), before);
        let imports: Vec<i64> = store.imports().expect("imports").iter().map(|i| i.id).collect();
        for import in imports.iter().rev().take(2) {
            store.undo(*import, TimeMs(50_000 * DAY), &mut silent).expect("undone");
        }
        assert_eq!(all(&store), before, "form {form}");
        let page = store.pages().expect("pages").into_iter().find(|p| p.handle == "roastery").expect("the page").id;
        let changes = store.changes(page).expect("changes");
        assert_eq!(changes.iter().map(|c| (c.n_gained, c.n_lost)).collect::<Vec<_>>(), [(10, 5)], "form {form}");
        store.set("retention.followers", Some("1d")).expect("a setting");
        let about = about(60_000 * DAY);
        assert!(store.retain(about.imported_at, Dropping::Now, &mut silent).expect("retention")[0].n_rows > 100);
        assert_eq!(store.changes(page).expect("changes"), changes);
        drop(store);
        assert!(Workspace::read(&path).is_ok());
    }
}
