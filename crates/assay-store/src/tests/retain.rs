//! Retention: rows of persons go, counts stay, and what was dropped does not come back with the next export.

use super::{DAY, about, bring, bring_of, count, decimal, follower, made, row};
use crate::{About, Change, Dropping, Personal, StoreError, Workspace};
use assay_model::{Contact, Day, Engagement, EngagementKind, Fact, Go, Order, TimeMs, silent};

const NOW: TimeMs = TimeMs(1_000 * DAY);

fn done(kind: EngagementKind, handle: &'static str, day: i64, line: u32) -> Fact<'static> {
    let e = Engagement::new(kind);
    Fact::Engagement(Engagement { at: Some(TimeMs(day * DAY)), handle: Some(handle), source: row(line), ..e })
}

fn bought(id: &'static str, customer: &'static str, day: i64, line: u32) -> Fact<'static> {
    Fact::Sale(Order {
        order_id: Some(id),
        customer_id: Some(customer),
        ordered_at: Some(TimeMs(day * DAY + 5)),
        total: decimal("10"),
        row: row(line),
        ..Order::default()
    })
}

/// An export with five old acts of three people on two days, and one of yesterday.
fn export() -> Vec<Fact<'static>> {
    let own = Engagement { by_page: true, at: Some(TimeMs(100 * DAY)), ..Engagement::new(EngagementKind::Comment) };
    vec![
        done(EngagementKind::Like, "ann", 100, 1),
        done(EngagementKind::Like, "bob", 100, 2),
        done(EngagementKind::Comment, "Ann", 100, 3),
        done(EngagementKind::Like, "cy", 101, 4),
        done(EngagementKind::Message, "bob", 101, 5),
        done(EngagementKind::Like, "ann", 999, 6),
        Fact::Engagement(own),
    ]
}

fn kept(store: &mut Workspace, settings: &[(Personal, &str)]) -> Vec<(Personal, u64)> {
    for (what, span) in settings {
        store.set(&what.setting(), Some(span)).expect("a setting");
    }
    let dropped = store.retain(NOW, Dropping::Now, &mut silent).expect("retention");
    dropped.into_iter().map(|d| (d.what, d.n_rows)).collect()
}

#[test]
fn old_acts_go_and_their_counts_stay_however_often_an_export_repeats_them() {
    let mut store = Workspace::in_memory().expect("memory");
    bring(&mut store, &made("a", export())).expect("an import");
    assert_eq!(kept(&mut store, &[]), [], "what has no setting is kept");
    assert_eq!(kept(&mut store, &[(Personal::Engagements, "400d")]), [(Personal::Engagements, 4)]);
    let left = "SELECT count(*) FROM engagements_versions";
    assert_eq!(count(&store, left), 3, "the page's own acts, messages and what is new stay");
    assert_eq!(count(&store, "SELECT count(*) FROM engagement_key"), 3);
    let counts = |store: &Workspace| -> String {
        let all = "SELECT group_concat(what || ' ' || day || ' ' || kind || ' ' || n_rows || ' ' || n_persons, '; ') FROM \
                   (SELECT * FROM kept_counts ORDER BY day, kind)";
        store.connection().query_row(all, [], |r| r.get(0)).expect("counts")
    };
    let expected =
        "engagements 1970-04-11 comment 1 1; engagements 1970-04-11 like 2 2; engagements 1970-04-12 like 1 1";
    assert_eq!(counts(&store), expected);
    // The next export tells the same again: it goes again, and counts no more.
    let mut again = export();
    again.push(done(EngagementKind::Like, "dee", 999, 8));
    bring(&mut store, &made("b", again)).expect("an import");
    assert_eq!(kept(&mut store, &[(Personal::Messages, "1y")]), [(Personal::Engagements, 4), (Personal::Messages, 2)]);
    assert!(counts(&store).starts_with(expected) && counts(&store).ends_with("messages 1970-04-12 message 1 1"));
    assert_eq!(count(&store, "SELECT count(*) FROM engagements"), 3);
    assert_eq!(kept(&mut store, &[]).iter().map(|(_, n)| n).sum::<u64>(), 0, "at rest");
}

#[test]
fn the_first_day_that_is_kept_is_kept_whole() {
    let mut store = Workspace::in_memory().expect("memory");
    let acts = vec![done(EngagementKind::Like, "ann", 989, 1), done(EngagementKind::Like, "bob", 990, 2)];
    bring(&mut store, &made("a", acts)).expect("an import");
    store.set("retention.engagements", Some("10d")).expect("a setting");
    let late = TimeMs(NOW.0 + DAY - 1);
    let dry = store.retain(late, Dropping::Dry, &mut silent).expect("retention");
    assert_eq!((dry[0].n_rows, dry[0].from, dry[0].days), (1, Day(990), 10));
    assert_eq!(count(&store, "SELECT count(*) FROM engagements"), 2, "a dry run drops nothing");
    assert_eq!(count(&store, "SELECT count(*) FROM kept_counts"), 0);
    let stopped = store.retain(late, Dropping::Now, &mut |_, _| Go::Stop);
    assert!(stopped.is_ok() || stopped == Err(StoreError::Stopped));
    store.retain(late, Dropping::Now, &mut silent).expect("retention");
    assert_eq!(count(&store, "SELECT count(*) FROM engagements WHERE handle = 'bob'"), 1);
    assert_eq!(count(&store, "SELECT count(*) FROM engagements"), 1);
}

#[test]
fn old_orders_and_contacts_lose_their_persons_and_the_books_stay() {
    let mut store = Workspace::in_memory().expect("memory");
    let contact = Contact { email: Some("a@b.de"), created_at: Some(TimeMs(50 * DAY)), ..Contact::default() };
    let facts =
        vec![bought("1", "c1", 100, 1), bought("2", "c1", 100, 2), bought("3", "c2", 990, 3), Fact::Contact(contact)];
    bring(&mut store, &made("a", facts)).expect("an import");
    let went = kept(&mut store, &[(Personal::Orders, "2y"), (Personal::Contacts, "26w")]);
    assert_eq!(went, [(Personal::Orders, 2), (Personal::Contacts, 1)]);
    assert_eq!(count(&store, "SELECT sum(total_minor) FROM orders"), 3_000);
    assert_eq!(count(&store, "SELECT count(customer_id) FROM orders"), 1);
    assert_eq!(count(&store, "SELECT count(*) FROM contacts_versions"), 0);
    assert_eq!(count(&store, "SELECT n_rows * 10 + n_persons FROM kept_counts WHERE what = 'orders'"), 21);
}

#[test]
fn old_lists_go_and_who_came_and_went_stays() {
    let mut store = Workspace::in_memory().expect("memory");
    let lists = [
        ("a", 100, vec![follower("ann", 1, 1), follower("bob", 2, 2), follower("cy", 3, 3)]),
        ("b", 800, vec![follower("ann", 1, 1), follower("dee", 4, 2)]),
        ("c", 900, vec![follower("ann", 1, 1), follower("eva", 5, 2), follower("dee", 4, 3)]),
    ];
    for (name, day, facts) in lists {
        let about = About { as_of: Some(TimeMs(day * DAY)), ..about(NOW.0) };
        bring_of(&mut store, &made(name, facts), about).expect("an import");
    }
    let page = store.pages().expect("pages")[0].id;
    let before = store.changes(page).expect("changes");
    let n = |c: &Change| (c.n_gained, c.n_lost);
    assert_eq!(before.iter().map(n).collect::<Vec<_>>(), [(1, 2), (1, 0)]);
    assert_eq!(kept(&mut store, &[(Personal::Followers, "1y")]), [(Personal::Followers, 3)]);
    assert_eq!(store.changes(page).expect("changes"), before, "counts of who came and went outlive the rows");
    assert_eq!(count(&store, "SELECT count(*) FROM snapshots"), 3);
    assert_eq!(count(&store, "SELECT n_followers FROM snapshots WHERE dropped_at IS NOT NULL"), 3);
    assert_eq!(count(&store, "SELECT count(*) FROM followers_versions"), 5);
    assert_eq!(count(&store, "SELECT count(*) FROM snapshot_changes"), 1, "nobody is shown to have come from nowhere");
    assert_eq!(count(&store, "SELECT n_gained * 10 + n_lost FROM kept_changes"), 12);
    // Later the second goes too; what was counted of the first stays.
    assert_eq!(kept(&mut store, &[(Personal::Followers, "150d")]), [(Personal::Followers, 2)]);
    assert_eq!(store.changes(page).expect("changes"), before);
    // The file of a list that went is known still.
    let again = bring(&mut store, &made("a", vec![follower("ann", 1, 1)])).expect("an import");
    assert_eq!((again.import_id, again.already.len()), (None, 1));
}

#[test]
fn a_setting_that_is_no_span_is_an_error_and_drops_nothing() {
    let mut store = Workspace::in_memory().expect("memory");
    bring(&mut store, &made("a", export())).expect("an import");
    store.set("retention.engagements", Some("soon")).expect("a setting");
    let error = store.retain(NOW, Dropping::Now, &mut silent).expect_err("no span").to_string();
    assert!(error.contains("retention.engagements") && error.contains("soon"), "{error}");
    assert_eq!(count(&store, "SELECT count(*) FROM engagements"), 7);
}
