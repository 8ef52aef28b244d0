//! The workspace from outside: what goes in comes out, the newest counts, and nothing is left half done.

mod customers;
mod decided;
mod experiments;

use crate::{About, DirectMessages, FactKind, Imported, Of, StoreError, Workspace, view_names};
use assay_model::{
    AccountDay, AdRow, Contact, Day, DayCount, Decimal, Engagement, EngagementKind, Fact, Figures, Flag, Follow, Go,
    Loss, Order, OrderLine, Post, PostDay, Refund, RowRef, SourceFile, TimeMs, VisitRow, silent,
};

mod forms;
mod retain;

const DAY: i64 = 86_400_000;

fn about(at: i64) -> About<'static> {
    About {
        imported_at: TimeMs(at),
        version: "0",
        options: "",
        page: None,
        as_of: None,
        messages: DirectMessages::Take,
    }
}

/// A file to import: its name, which stands for its bytes, and what it tells.
struct Made<'a> {
    name: &'a str,
    is_list: bool,
    facts: Vec<Fact<'a>>,
}

fn made<'a>(name: &'a str, facts: Vec<Fact<'a>>) -> Made<'a> {
    let is_list = facts.iter().any(|f| matches!(f, Fact::Follow(_)));
    Made { name, is_list, facts }
}

fn bring(store: &mut Workspace, file: &Made<'_>) -> Result<Imported, StoreError> {
    bring_of(store, file, about(40_000 * DAY))
}

fn bring_of(store: &mut Workspace, file: &Made<'_>, about: About<'_>) -> Result<Imported, StoreError> {
    let mut import = store.import(about)?;
    import.begin_reading("made", Some("x"), "made", file.is_list);
    let _ = import.begin_file(file.name);
    for fact in &file.facts {
        let _ = import.fact(fact);
    }
    let sha256 = format!("{:0>64}", file.name.replace(' ', "-"));
    let n = file.facts.len() as u64;
    let _ = import.end_file(&SourceFile { name: file.name.to_owned(), sha256, rows: n, taken: n, rejected: 0 });
    import.end_reading()?;
    import.commit(&mut silent)
}

fn bring_all<'a>(store: &mut Workspace, files: impl Iterator<Item = &'a Made<'a>>) {
    for file in files {
        bring(store, file).expect("an import");
    }
}

/// Everything that counts, as it is shown, without the numbers of files.
fn all(store: &Workspace) -> Vec<String> {
    let mut all = Vec::new();
    for kind in FactKind::ALL {
        let shown = |fact: Fact<'_>| {
            let text = format!("{fact:?}");
            let parts = text.split("RowRef { file: ").map(|p| p.trim_start_matches(|c: char| c.is_ascii_digit()));
            all.push(parts.collect::<Vec<_>>().join("RowRef"));
            Go::On
        };
        let mut shown = shown;
        store.facts(kind, Of::All, &mut shown).expect("facts");
    }
    all.sort();
    all
}

fn count(store: &Workspace, question: &str) -> i64 {
    store.connection().query_row(question, [], |row| row.get(0)).unwrap_or_else(|e| panic!("{question}: {e}"))
}

fn row(line: u32) -> RowRef {
    RowRef { file: 0, line }
}

fn decimal(text: &str) -> Option<Decimal> {
    Decimal::parse(text)
}

/// Each kind of fact with every field that is kept.
#[expect(clippy::too_many_lines, reason = "every field of every kind stands here once")]
fn full<'a>(ad: &'a AdRow<'a>) -> Vec<Fact<'a>> {
    let figures = Figures::of(std::array::from_fn(|i| (i != 4).then_some(i as i64 - 2)));
    vec![
        Fact::Follow(Follow {
            account_id: Some("12345678901234567890"),
            handle: Some("Änn"),
            display_name: Some("Ann, the first"),
            display_name_length: Some(14),
            follow_rank: Some(0),
            followed_at: Some(TimeMs(1_700_000_000_123)),
            created_at: Some(TimeMs(1_600_000_000_000)),
            followers: Some(1),
            following: Some(2),
            posts: Some(3),
            likes: Some(4),
            listed: Some(5),
            bio: None,
            bio_length: Some(6),
            has_avatar: Some(Flag::YES),
            default_profile: Some(Flag::NO),
            verified: Some(Flag::NO),
            private: Some(Flag::YES),
            has_url: Some(Flag::NO),
            last_active_at: Some(TimeMs(1_700_000_000_000)),
            language: Some("de"),
            country: Some("123"),
            source: row(1),
        }),
        Fact::DayCount(DayCount {
            day: Day(19_000),
            follows: Some(3),
            unfollows: None,
            paid: Some(1),
            auto_invited: Some(0),
            source: row(2),
        }),
        Fact::Loss(Loss { after: None, at: TimeMs(5), source: row(3) }),
        Fact::Post(Post {
            post_id: Some("99"),
            link: Some("https://x.com/a/status/99"),
            text: Some("hello"),
            published_at: Some(TimeMs(1_650_000_000_000)),
            month: Some(4),
            weekday: Some(5),
            hour: Some(6),
            kind: Some("photo"),
            reach: Some(7),
            fan_reach: Some(8),
            impressions: Some(9),
            views: Some(10),
            engagements: Some(11),
            likes: Some(12),
            comments: Some(13),
            shares: Some(14),
            saves: Some(15),
            clicks: Some(16),
            follows: Some(17),
            paid: Some(Flag::YES),
            randomised: Some(Flag::NO),
            spend: Some(1.5),
            audience: Some("lyon"),
            followers: Some(18),
            source: row(4),
        }),
        Fact::AccountDay(AccountDay { day: Day(-3), followers: Some(100), figures, source: row(5) }),
        Fact::PostDay(PostDay { post_id: "99", day: Day(19_001), figures, source: row(6) }),
        Fact::Engagement(Engagement {
            at: Some(TimeMs(7)),
            by_page: true,
            account_id: Some("1"),
            handle: Some("bob"),
            display_name: Some("Bob"),
            post_id: Some("99"),
            engagement_id: Some("e1"),
            answers: Some("e0"),
            text: Some("nice"),
            source: row(7),
            ..Engagement::new(EngagementKind::Reply)
        }),
        Fact::Ad(ad),
        Fact::Sale(Order {
            order_id: Some("1001"),
            customer_id: Some("c7"),
            ordered_at: Some(TimeMs(1_690_000_000_000)),
            total: decimal("1204.5"),
            currency: Some("eur"),
            discount_code: Some("MARCH"),
            came_from: Some("instagram"),
            status: Some("paid"),
            refunded: decimal("0.125"),
            email: None,
            handle: Some("bob"),
            row: row(9),
        }),
        Fact::SaleLine(OrderLine {
            order_id: Some("1001"),
            sku: Some("K-1"),
            name: Some("Kettle"),
            quantity: decimal("2"),
            price: decimal("602.25"),
            row: row(9),
        }),
        Fact::Refund(Refund {
            order_id: Some("1001"),
            at: Some(TimeMs(8)),
            amount: decimal("3"),
            currency: Some("JPY"),
            row: row(10),
        }),
        Fact::Visit(VisitRow {
            from: Some(Day(1)),
            to: Some(Day(2)),
            came_from: Some("instagram"),
            medium: Some("social"),
            campaign: Some("march"),
            page: Some("/"),
            visitors: Some(3),
            visits: Some(4),
            page_views: Some(5),
            engaged_visits: Some(2),
            conversions: Some(0.5),
            revenue: decimal("-7.00"),
            currency: Some("USD"),
            source: row(11),
        }),
        Fact::Contact(Contact {
            contact_id: Some("k1"),
            email: None,
            handle: Some("bob"),
            created_at: Some(TimeMs(9)),
            stage: Some("customer"),
            came_from: Some("fair"),
            source: row(12),
        }),
    ]
}

fn full_ad() -> AdRow<'static> {
    AdRow {
        from: Some(Day(19_000)),
        to: Some(Day(19_006)),
        platform: Some("meta"),
        campaign_id: Some("77"),
        campaign: Some("spring"),
        ad_set_id: Some("8"),
        ad_set: Some("women"),
        ad_id: Some("9"),
        ad: Some("film"),
        age: Some("25-34"),
        gender: Some("female"),
        interest: Some("coffee"),
        region: Some("Bavaria"),
        spend: decimal("12.345"),
        currency: Some("EUR"),
        impressions: Some(1),
        reach: Some(2),
        clicks: Some(3),
        engagements: Some(4),
        follows: Some(5),
        conversions: Some(1.25),
        purchases: Some(1.0),
        conversion_value: decimal("50"),
        attribution: Some("7-day click"),
        source: row(8),
    }
}

#[test]
fn every_field_comes_back_as_it_went_in() {
    let ad = full_ad();
    let facts = full(&ad);
    let mut store = Workspace::in_memory().expect("memory");
    let done = bring(&mut store, &made("a", facts.clone())).expect("an import");
    assert_eq!(done.n_facts.len(), FactKind::ALL.len());
    let mut back = 0;
    for (kind, fact) in FactKind::ALL.into_iter().zip(&facts) {
        store
            .facts(kind, Of::All, &mut |again| {
                let file = match again {
                    Fact::Sale(o) => o.row.file,
                    _ => 1,
                };
                assert_eq!(file, 1);
                let shown = format!("{again:?}").replace("file: 1,", "file: 0,");
                assert_eq!(shown, format!("{fact:?}"), "{kind:?}");
                back += 1;
                Go::On
            })
            .expect("facts");
    }
    assert_eq!(back, facts.len());
    // Whatever a field is, it may be missing.
    let mut bare = Workspace::in_memory().expect("memory");
    let ad = AdRow::default();
    let facts = vec![
        Fact::Follow(Follow::default()),
        Fact::Post(Post::default()),
        Fact::Engagement(Engagement::new(EngagementKind::Like)),
        Fact::Ad(&ad),
        Fact::Sale(Order::default()),
        Fact::SaleLine(OrderLine::default()),
        Fact::Refund(Refund::default()),
        Fact::Visit(VisitRow::default()),
        Fact::Contact(Contact::default()),
    ];
    bring(&mut bare, &made("a", facts.clone())).expect("an import");
    let mut told: Vec<String> = facts.iter().map(|f| format!("{f:?}").replace("RowRef { file: 0", "RowRef")).collect();
    told.sort();
    assert_eq!(all(&bare), told);
}

#[test]
fn views_show_exact_money_and_plain_dates() {
    let ad = full_ad();
    let mut store = Workspace::in_memory().expect("memory");
    bring(&mut store, &made("a", full(&ad))).expect("an import");
    let text = |question: &str| -> String {
        store.connection().query_row(question, [], |row| row.get(0)).unwrap_or_else(|e| panic!("{question}: {e}"))
    };
    assert_eq!(count(&store, "SELECT spend_minor FROM ad_spend"), 1234);
    assert_eq!(text("SELECT spend FROM ad_spend"), "12.345");
    assert_eq!(text("SELECT revenue FROM visits"), "-7.00");
    assert_eq!(text("SELECT refunded FROM orders"), "0.125");
    assert_eq!(count(&store, "SELECT amount_minor FROM refunds"), 3);
    assert_eq!(count(&store, "SELECT price_minor FROM order_lines"), 60_225);
    assert_eq!(text("SELECT quantity FROM order_lines"), "2");
    assert_eq!(text("SELECT followed_at FROM followers"), "2023-11-14T22:13:20.123Z");
    assert_eq!(text("SELECT day FROM account_daily"), "1969-12-29");
    assert_eq!(text("SELECT country FROM followers"), "123");
    assert_eq!(
        text("SELECT campaign || ' ' || from_day || ' ' || file || ':' || line FROM ad_spend"),
        "spring 2022-01-08 a:8"
    );
    for view in view_names() {
        count(&store, &format!("SELECT count(*) FROM (SELECT * FROM {view})"));
    }
}

#[test]
fn no_view_looks_through_a_list_anew_for_each_row() {
    let store = Workspace::in_memory().expect("memory");
    for view in view_names() {
        let mut plan = store.connection().prepare(&format!("EXPLAIN QUERY PLAN SELECT * FROM {view}")).expect("a plan");
        let steps = plan.query_map([], |row| row.get::<_, String>(3)).expect("steps");
        let steps: Vec<String> = steps.collect::<Result<_, _>>().expect("texts");
        assert!(!steps.iter().any(|s| s.contains("CORRELATED LIST")), "{view}: {steps:?}");
    }
}

#[test]
fn the_forms_tables_hold_the_columns_of_the_kinds() {
    let store = Workspace::in_memory().expect("memory");
    for kind in FactKind::ALL.map(FactKind::kind) {
        let mut held = store
            .connection()
            .prepare(&format!("SELECT name FROM pragma_table_info('{}')", kind.table))
            .expect("a table");
        let held: Vec<String> =
            held.query_map([], |r| r.get(0)).expect("columns").collect::<Result<_, _>>().expect("names");
        let told: Vec<String> = kind.lead().iter().map(|c| (*c).to_owned()).chain(kind.held()).collect();
        assert_eq!(held, told, "{}: a change of a table is a new form", kind.table);
    }
}

fn day(day: i32, follows: Option<u32>, unfollows: Option<u32>, line: u32) -> Fact<'static> {
    Fact::DayCount(DayCount { day: Day(day), follows, unfollows, paid: None, auto_invited: None, source: row(line) })
}

fn sale<'a>(id: Option<&'a str>, total: &str, day: i64, line: u32) -> Fact<'a> {
    Fact::Sale(Order {
        order_id: id,
        customer_id: Some("c"),
        ordered_at: Some(TimeMs(day * DAY)),
        total: decimal(total),
        row: row(line),
        ..Order::default()
    })
}

fn line(id: &str, sku: &'static str, line: u32) -> OrderLine<'static> {
    let id: &'static str = if id == "1" { "1" } else { "2" };
    OrderLine { order_id: Some(id), sku: Some(sku), row: row(line), ..OrderLine::default() }
}

fn follower(handle: &'static str, day: i64, line: u32) -> Fact<'static> {
    Fact::Follow(Follow {
        handle: Some(handle),
        followed_at: Some(TimeMs(day * DAY)),
        source: row(line),
        ..Follow::default()
    })
}

/// Files that restate, overlap and repeat one another.
fn overlapping() -> Vec<Made<'static>> {
    let post = |likes, reach, at: i64| {
        Fact::Post(Post { post_id: Some("p"), likes, reach, published_at: Some(TimeMs(at * DAY)), ..Post::default() })
    };
    vec![
        made(
            "march",
            vec![
                day(100, Some(5), Some(1), 1),
                day(101, Some(7), None, 2),
                sale(Some("1"), "10", 100, 3),
                sale(None, "4", 100, 4),
                sale(None, "4", 100, 5),
                Fact::SaleLine(line("1", "a", 3)),
                Fact::SaleLine(line("1", "b", 3)),
                post(Some(3), Some(50), 99),
            ],
        ),
        made(
            "april",
            vec![
                day(101, Some(9), None, 1),
                day(102, Some(1), None, 2),
                sale(Some("1"), "8", 100, 3),
                sale(Some("2"), "6", 130, 4),
                sale(None, "4", 100, 5),
                Fact::SaleLine(line("1", "b", 3)),
                post(Some(4), None, 99),
            ],
        ),
        made("list 1", vec![follower("ann", 10, 1), follower("bob", 20, 2), follower("cy", 5, 3)]),
        made("list 2", vec![follower("Ann", 10, 1), follower("cy", 5, 2), follower("dee", 30, 3)]),
    ]
}

#[test]
fn the_newest_counts_whatever_was_imported_first_and_however_often() {
    let files = overlapping();
    let mut there = Workspace::in_memory().expect("memory");
    let mut back = Workspace::in_memory().expect("memory");
    for _ in 0..2 {
        bring_all(&mut there, files.iter());
        bring_all(&mut back, files.iter().rev());
    }
    assert_eq!(all(&there), all(&back));
    assert_eq!(count(&there, "SELECT count(*) FROM imports"), 4, "the same files again are no import");
    for store in [&there, &back] {
        assert_eq!(count(store, "SELECT sum(follows) * 100 + sum(unfollows) FROM daily_counts"), 1501);
        assert_eq!(count(store, "SELECT total_minor FROM orders WHERE order_id = '1'"), 800);
        // Twice in one file, and once in another: two.
        assert_eq!(count(store, "SELECT count(*) FROM orders WHERE order_id IS NULL"), 2);
        assert_eq!(count(store, "SELECT count(*) FROM order_lines"), 1);
        assert_eq!(count(store, "SELECT likes * 100 + reach FROM posts"), 450);
        assert_eq!(count(store, "SELECT count(*) FROM posts_versions"), 2);
        assert_eq!(
            count(store, "SELECT sum(is_current) * 10 + count(*) FROM orders_versions WHERE order_id = '1'"),
            12
        );
        assert_eq!(count(store, "SELECT count(*) FROM followers"), 3);
        assert_eq!(count(store, "SELECT count(*) FROM follows"), 4);
        let changes = "SELECT group_concat(change || handle) FROM (SELECT * FROM snapshot_changes ORDER BY change)";
        let changes: String = store.connection().query_row(changes, [], |r| r.get(0)).expect("changes");
        assert_eq!(changes, "gaineddee,lostbob");
        assert_eq!(count(store, "SELECT count(*) FROM follows WHERE gone_by IS NOT NULL AND handle = 'bob'"), 1);
        assert_eq!(count(store, "SELECT sum(n_snapshots) FROM follows WHERE handle IN ('Ann', 'dee')"), 3);
    }
}

#[test]
fn what_an_import_had_replaced_counts_again_when_it_is_taken_back() {
    let files = overlapping();
    for kept in 0..files.len() {
        let mut alone = Workspace::in_memory().expect("memory");
        bring(&mut alone, &files[kept]).expect("an import");
        let mut store = Workspace::in_memory().expect("memory");
        let mut ids = Vec::new();
        for file in &files {
            ids.extend(bring(&mut store, file).expect("an import").import_id);
        }
        for (i, id) in ids.iter().enumerate().filter(|(i, _)| *i != kept) {
            store.undo(*id, TimeMs(0), &mut silent).unwrap_or_else(|e| panic!("{i}: {e}"));
        }
        assert_eq!(all(&store), all(&alone), "{}", files[kept].name);
        assert!(store.undo(ids[(kept + 1) % ids.len()], TimeMs(0), &mut silent).is_err(), "twice");
        assert!(store.undo(99, TimeMs(0), &mut silent).is_err(), "never was");
        // What was taken back can be brought in again.
        for file in &files {
            bring(&mut store, file).expect("an import");
        }
        let mut fresh = Workspace::in_memory().expect("memory");
        bring_all(&mut fresh, files.iter());
        assert_eq!(all(&store), all(&fresh));
    }
}

#[test]
fn an_import_that_is_stopped_or_dropped_leaves_no_trace() {
    let mut store = Workspace::in_memory().expect("memory");
    bring(&mut store, &overlapping()[0]).expect("an import");
    let before = all(&store);
    let mut import = store.import(about(0)).expect("an import");
    import.begin_reading("made", None, "made", false);
    let _ = import.begin_file("b");
    let _ = import.fact(&day(101, Some(99), None, 1));
    drop(import);
    assert_eq!(all(&store), before);
    let mut import = store.import(about(0)).expect("an import");
    import.begin_reading("made", None, "made", false);
    let _ = import.begin_file("b");
    let _ = import.fact(&day(101, Some(99), None, 1));
    import.end_reading().expect("a reading");
    assert_eq!(import.commit(&mut |_, _| Go::Stop), Err(StoreError::Stopped));
    assert_eq!(all(&store), before);
    assert_eq!(count(&store, "SELECT count(*) FROM imports"), 1);
}

#[test]
fn who_is_forgotten_is_gone_and_stays_away() {
    let email = "Bob@Example.com";
    let order = |id, handle, email, customer_id| {
        Fact::Sale(Order { order_id: Some(id), handle, email, customer_id, total: decimal("5"), ..Order::default() })
    };
    let comment = |handle, account_id| {
        Fact::Engagement(Engagement { handle, account_id, ..Engagement::new(EngagementKind::Comment) })
    };
    let follow = |account_id, handle| Fact::Follow(Follow { account_id, handle, ..Follow::default() });
    let facts = || {
        vec![
            follow(Some("7"), Some("Bob")),
            follow(Some("8"), Some("ann")),
            // The same account under an older handle.
            comment(Some("bobby"), Some("7")),
            comment(Some("ann"), Some("8")),
            order("1", Some("bob"), Some(email), Some("c1")),
            order("2", None, Some("bob@example.com "), None),
            order("3", None, None, Some("c1")),
            order("4", None, Some("ann@example.com"), Some("c2")),
            Fact::Contact(Contact { email: Some(email), ..Contact::default() }),
            Fact::Contact(Contact { email: Some("ann@example.com"), ..Contact::default() }),
        ]
    };
    let mut store = Workspace::in_memory().expect("memory");
    bring(&mut store, &made("a", facts())).expect("an import");
    let erased = store.forget("@BOB", None, TimeMs(0), &mut silent).expect("forgotten");
    assert_eq!((erased.n_rows, erased.n_orders), (3, 3));
    let left = |store: &Workspace| {
        ["followers", "engagements", "contacts", "orders"].map(|v| count(store, &format!("SELECT count(*) FROM {v}")))
    };
    assert_eq!(left(&store), [1, 1, 1, 4]);
    let named = "SELECT count(*) FROM orders WHERE coalesce(customer_id, handle, email_key) IS NOT NULL";
    assert_eq!(count(&store, named), 1);
    let mut more = facts();
    more.push(follow(Some("9"), Some("new")));
    let again = bring(&mut store, &made("b", more)).expect("an import");
    assert_eq!(again.n_forgotten, 6);
    assert_eq!(left(&store), [2, 1, 1, 4]);
    assert_eq!(count(&store, named), 1);
    // Neither address nor handle stands anywhere in the file.
    let kept: String = store
        .connection()
        .query_row(
            "SELECT group_concat(mark) || (SELECT coalesce(group_concat(email_key), '') FROM contact) FROM forgotten",
            [],
            |r| r.get(0),
        )
        .expect("marks");
    assert!(!kept.to_lowercase().contains("bob") && !kept.contains("example"), "{kept}");
}
