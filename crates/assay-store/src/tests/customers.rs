//! Customers whom an address or a telephone number names: the same customer wherever they stand, in plain nowhere.

use super::forms::{PLAIN, REJECTED, open, written};
use super::{about, bring, count, decimal, made};
use crate::forms;
use crate::{Erased, FactKind, Imported, NewLink, Of, Secret, Workspace};
use assay_model::{Contact, Fact, Go, Order, Reject, TimeMs, silent};
use rusqlite::Connection;
use std::path::Path;

const FORM_6: &str = include_str!("../../fixtures/form-6.sql");

/// Whether a text stands in the file of a workspace or beside it, in whatever case.
fn holds(path: &Path, text: &str) -> bool {
    let text = text.to_lowercase();
    ["", "-wal", "-journal"].iter().any(|end| {
        let bytes = std::fs::read(format!("{}{end}", path.display())).unwrap_or_default().to_ascii_lowercase();
        bytes.windows(text.len()).any(|w| w == text.as_bytes())
    })
}

fn texts(store: &Workspace, question: &str) -> Vec<String> {
    let mut all = store.connection().prepare(question).expect("a question");
    all.query_map([], |row| row.get(0)).expect("an answer").collect::<Result<_, _>>().expect("texts")
}

fn order<'a>(order_id: Option<&'a str>, customer_id: &'a str, total: &str) -> Order<'a> {
    Order { order_id, customer_id: Some(customer_id), total: decimal(total), ..Order::default() }
}

/// Imports facts of no network, as shops tell them.
fn bring_orders(store: &mut Workspace, facts: &[Fact<'_>], reject: Option<&Reject>) -> Imported {
    let mut import = store.import(about(0)).expect("an import");
    import.begin_reading("made", None, "made", false);
    let _ = import.begin_file("orders.csv");
    for fact in facts {
        assert_eq!(import.fact(fact), Go::On);
    }
    if let Some(reject) = reject {
        let _ = import.reject(reject);
    }
    import.end_reading().expect("a reading");
    import.commit(&mut silent).expect("an import")
}

#[test]
fn no_kind_of_row_holds_a_name_that_reaches_somebody() {
    let path = written(6, FORM_6, "fresh");
    std::fs::remove_file(&path).expect("removed");
    let mut store = open(&path);
    let who = ["Zoe@Example.org", "zoe@example.org ", "+47 400 00 111", "0047 40000111"];
    let mut facts: Vec<Fact<'_>> = who.iter().map(|who| Fact::Sale(order(None, who, "5"))).collect();
    facts.push(Fact::Sale(Order { email: Some("zoe@example.org"), ..order(Some("7"), "C-7", "5") }));
    facts.push(Fact::Contact(Contact { contact_id: Some("zoe@example.org"), ..Contact::default() }));
    facts.push(Fact::Contact(Contact {
        contact_id: Some("501"),
        email: Some("Zoe@example.org"),
        ..Contact::default()
    }));
    let why = "column `total`: expected an amount, found `zoe@example.org`".to_owned();
    bring_orders(&mut store, &facts, Some(&Reject { file: "orders.csv".to_owned(), line: 9, why }));
    let link = NewLink {
        network: "instagram",
        account_id: None,
        handle: Some("zoe"),
        customer_id: Some("ZOE@example.org"),
        discount_code: None,
        basis: "hand",
        note: None,
    };
    store.link(&link, TimeMs(0)).expect("a link");
    // One customer by the address, one by the number, one by an id.
    let secret = Secret::new([7; 32]);
    let mut all = vec!["C-7".to_owned(), secret.email_key("zoe@example.org"), secret.customer_id("+4740000111").into()];
    all.sort();
    assert_eq!(texts(&store, "SELECT DISTINCT customer_id FROM orders ORDER BY 1"), all);
    let join = store.joins().expect("joins").into_iter().find(|j| j.basis == "hand").expect("the link");
    assert_eq!((join.n_orders, join.customer_id), (2, Some(secret.email_key("zoe@example.org"))));
    assert_eq!(texts(&store, "SELECT contact_id FROM contacts ORDER BY 1").len(), 2);
    drop(store);
    for who in ["zoe@example", "400 00 111", "40000111"] {
        assert!(!holds(&path, who), "{who}");
    }
}

#[test]
fn a_workspace_of_form_6_holds_no_such_name_once_it_is_opened() {
    let path = written(6, FORM_6, "plain");
    // What was taken back leaves its bytes in the file.
    let before = Connection::open(&path).expect("a file");
    let undone = "INSERT INTO sale(id, line, key, live, customer_id) VALUES(99 << 32, 1, 1, 1, 'undone@example.com'); \
                  DELETE FROM sale WHERE id = 99 << 32";
    before.execute_batch(undone).expect("written");
    let n_before: i64 = before
        .query_row("SELECT count(DISTINCT lower(customer_id)) FROM sale WHERE live", [], |row| row.get(0))
        .expect("a count");
    drop(before);
    let plain: Vec<&str> =
        PLAIN.into_iter().filter(|p| *p != "gone@example.com").chain([REJECTED, "undone@example"]).collect();
    for name in &plain {
        assert!(holds(&path, name), "{name} is there before");
    }
    let store = open(&path);
    for name in plain.iter().chain(&PLAIN) {
        assert!(!holds(&path, name), "{name}");
    }
    assert_eq!(count(&store, "SELECT count(DISTINCT customer_id) FROM orders"), n_before, "as many customers");
    let secret = Secret::new([7; 32]);
    let ada = secret.email_key("ada@example.com");
    // Shopify twice, Stripe once, a table twice.
    assert_eq!(count(&store, &format!("SELECT count(*) FROM orders WHERE customer_id = '{ada}'")), 5);
    let joined: Vec<_> = store
        .joins()
        .expect("joins")
        .into_iter()
        .filter(|j| j.basis == "hand")
        .map(|j| (j.customer_id.unwrap_or_default(), j.n_orders))
        .collect();
    let phone = secret.customer_id("tel:5551234567").into_owned();
    assert_eq!(joined, [(ada.clone(), 5), ("c".to_owned(), 4), (phone, 1)]);
    assert_eq!(texts(&store, "SELECT note FROM link WHERE id = 2"), [format!("says that she is {ada}")]);
    assert_eq!(texts(&store, "SELECT customer_id FROM conversation WHERE customer_id IS NOT NULL"), [ada]);
    assert_eq!(count(&store, "SELECT count(*) FROM setting WHERE name = 'leftovers'"), 0);
    drop(store);
    for name in plain.iter().chain(&PLAIN) {
        assert!(!holds(&path, name), "{name}, closed");
    }
}

#[test]
fn what_comes_again_after_the_step_is_the_same_order_of_the_same_customer() {
    let mut store = open(&written(6, FORM_6, "again"));
    let n = count(&store, "SELECT count(*) FROM orders");
    // date -u -d 2026-05-01T10:00:00Z +%s
    let at = |at: i64| Some(TimeMs(at * 1_000));
    let row = |who, total, at| Order { ordered_at: at, currency: Some("USD"), ..order(None, who, total) };
    let gone = "gone@example.com";
    let facts = vec![
        Fact::Sale(row("Ada@Example.com", "10.00", at(1_777_629_600))),
        Fact::Sale(row("c-77", "14.00", at(1_777_802_400))),
        Fact::Sale(row(gone, "11.00", at(1_777_888_800))),
        // Forgotten by form 6, and named in three ways.
        Fact::Sale(Order { email: Some(gone), ..order(Some("#S6"), "C-9", "1") }),
        Fact::Sale(order(Some("#S7"), "Gone@Example.com", "1")),
        Fact::Contact(Contact { contact_id: Some(gone), ..Contact::default() }),
    ];
    let taken = bring_orders(&mut store, &facts, None);
    assert_eq!(taken.n_forgotten, 4);
    assert_eq!(count(&store, "SELECT count(*) FROM orders"), n + 2, "the two with numbers of their own");
    assert_eq!(count(&store, "SELECT count(*) FROM orders WHERE order_id LIKE '#S%' AND customer_id IS NULL"), 3);
    let mut n_known = 0;
    let of_ada = Secret::new([7; 32]).email_key("ada@example.com");
    let mut counted = |fact: Fact<'_>| {
        n_known += u32::from(matches!(fact, Fact::Sale(o) if o.customer_id == Some(&*of_ada)));
        Go::On
    };
    store.facts(FactKind::Sale, Of::All, &mut counted).expect("orders");
    assert_eq!(n_known, 5);
}

#[test]
fn a_step_that_is_cut_off_leaves_the_workspace_as_it_was() {
    let path = written(6, FORM_6, "cut");
    let secret = Secret::new([7; 32]);
    let dump = |connection: &Connection| -> Vec<String> {
        let mut all = connection
            .prepare("SELECT id || ' ' || key || ' ' || coalesce(customer_id, '') FROM sale ORDER BY id")
            .expect("rows");
        let rows = all.query_map([], |row| row.get(0)).expect("rows");
        rows.collect::<Result<_, _>>().expect("rows")
    };
    let before = dump(&Connection::open(&path).expect("a file"));
    let (mut after, mut n_cut) = (50, 0);
    loop {
        let mut connection = Connection::open(&path).expect("a file");
        let mut left = after;
        connection
            .progress_handler(
                10,
                Some(move || {
                    left -= 1;
                    left < 0
                }),
            )
            .expect("a handler");
        if forms::bring_up(&mut connection, &secret, "cut").is_ok() {
            break;
        }
        drop(connection);
        let again = Connection::open(&path).expect("a file");
        assert_eq!(again.query_row("PRAGMA user_version", [], |row| row.get::<_, i64>(0)), Ok(6), "after {after}");
        assert_eq!(dump(&again), before, "after {after}");
        n_cut += 1;
        after = after * 5 / 4;
    }
    assert!(n_cut > 5, "{n_cut} were cut off");
    // Done, and cut off before the file was built anew: that comes when it is next opened.
    assert!(PLAIN.iter().any(|name| holds(&path, name)));
    drop(open(&path));
    assert!(!PLAIN.iter().any(|name| holds(&path, name)));
}

#[test]
fn while_somebody_reads_the_file_as_it_was_its_rest_stays_due() {
    let path = written(6, FORM_6, "held");
    // As a program that reads through the step.
    let reader = Connection::open(&path).expect("a file");
    reader.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(())).expect("a log");
    reader.execute_batch("BEGIN; SELECT count(*) FROM sale").expect("reads");
    let due = |store: &Workspace| count(store, "SELECT coalesce(max(value), 0) FROM setting WHERE name = 'leftovers'");
    let store = open(&path);
    assert_eq!(due(&store), 2, "built, and still in the log");
    assert!(holds(&path, "ada@example.com"));
    drop(store);
    drop(reader);
    let store = open(&path);
    assert_eq!(due(&store), 0);
    assert!(!PLAIN.iter().any(|name| holds(&path, name)));
}

#[test]
fn with_another_key_nothing_is_done_to_a_workspace() {
    let path = written(6, FORM_6, "key");
    assert!(Workspace::open(&path, Secret::new([8; 32])).is_err());
    assert_eq!(crate::form_of(&path), Ok(6));
    assert!(holds(&path, "ada@example.com"));
}

/// A way to forget somebody.
type Forget = fn(&mut Workspace) -> Erased;

#[test]
fn forgetting_reaches_a_customer_by_address_by_link_and_by_id_and_keeps_them_away() {
    let facts = || {
        vec![
            Fact::Sale(order(Some("1"), "Kim@example.org", "5")),
            Fact::Sale(Order { email: Some("kim@example.org"), ..order(Some("2"), "C-2", "5") }),
            Fact::Sale(order(Some("3"), "C-2", "5")),
            Fact::Sale(order(Some("4"), "tel:40000222", "5")),
            Fact::Contact(Contact { email: Some("KIM@example.org"), ..Contact::default() }),
            Fact::Contact(Contact { contact_id: Some("kim@example.org"), handle: Some("x"), ..Contact::default() }),
            Fact::Sale(order(Some("5"), "C-5", "5")),
            Fact::Contact(Contact { contact_id: Some("C-5"), handle: Some("y"), ..Contact::default() }),
        ]
    };
    let link = |who| NewLink {
        network: "x",
        account_id: Some("17"),
        handle: Some("kimmy"),
        customer_id: Some(who),
        discount_code: None,
        basis: "hand",
        note: Some("is kim@example.org"),
    };
    let ways: [(&str, Forget, [i64; 3]); 5] = [
        ("the address", |s| s.forget("kim@Example.org", None, TimeMs(0), &mut silent).expect("erased"), [2, 1, 0]),
        (
            "the customer's address",
            |s| s.forget_customer("kim@example.org", TimeMs(0), &mut silent).expect("erased"),
            [2, 1, 0],
        ),
        // The account has said so: a link is a basis.
        ("the handle", |s| s.forget("@Kimmy", Some("x"), TimeMs(0), &mut silent).expect("erased"), [2, 1, 0]),
        ("the id", |s| s.forget_customer("C-2", TimeMs(0), &mut silent).expect("erased"), [2, 1, 0]),
        ("another's id", |s| s.forget_customer("C-5", TimeMs(0), &mut silent).expect("erased"), [4, 3, 1]),
    ];
    for (way, forget, left) in ways {
        let mut store = Workspace::in_memory().expect("memory");
        bring(&mut store, &made("a", facts())).expect("an import");
        store.link(&link("kim@example.org"), TimeMs(0)).expect("a link");
        forget(&mut store);
        let counts = |store: &Workspace| {
            ["orders WHERE customer_id IS NOT NULL OR email_key IS NOT NULL", "contacts", "link"]
                .map(|of| count(store, &format!("SELECT count(*) FROM {of}")))
        };
        assert_eq!(counts(&store), left, "{way}");
        let again = bring(&mut store, &made("b", facts())).expect("an import");
        assert_eq!(counts(&store), left, "{way}, and again");
        assert!(again.n_forgotten > 0, "{way}");
        assert_eq!(count(&store, "SELECT count(*) FROM orders"), 5, "{way}: what was sold stays in the books");
    }
}
