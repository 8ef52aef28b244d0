//! A small made business on which every metric is computed by hand: the controls of the table.

use crate::frame::Asked;
use assay_math::{Estimate, Seed};
use assay_model::{
    AccountDay, AdRow, Business, Class, DAY_MS, Day, DayCount, Decimal, Engagement, EngagementKind, Fact, Figures,
    Follow, Judged, Network, Order, Outcome, Post, Refund, RowRef, Span, TimeMs, TurnRow,
};

/// 10 January 2026.
const DAY: i32 = 20_463;

/// What is asked of it: a margin of 40 %.
pub fn asked() -> Asked {
    Asked { margin: Some(0.4), seed: Seed(1), ..Asked::default() }
}

/// The business, told `copies` times over, each copy with people, posts, orders and campaigns of its own: shares are those of
/// one copy, counts are as many times larger.
///
/// One copy: 10 followers in the list, two of them bought in a batch, and 1,000 by the platform's count; two posts; follows and
/// losses of two days; four people who engaged on five days, two of them in the last week, one on the last day; eleven turns, of
/// which ten were answered after 1 to 9 and 30 hours and one has waited for half an hour past the first; 100.00 spent in two rows; eight orders of four customers at 55.00 of which 5.00 were given back.
pub fn business(copies: u32) -> Business {
    let mut b = Business::new(Some("EUR"));
    for copy in 0..copies {
        page(&mut b, copy);
        commerce(&mut b, copy);
    }
    b.finish();
    let share = |point: f64| Outcome::Found(Estimate::new(point, point - 0.1, point + 0.1, 0.95));
    let class = [Class::Inauthentic; 2].into_iter().chain([Class::Dormant; 3]).chain([Class::Genuine; 5]);
    let class: Vec<Class> = class.collect();
    let n = f64::from(copies);
    let when = Span { from: at(DAY + 50, 0), to: at(DAY + 50, 1) };
    b.judged = (copies > 0).then(|| Judged {
        basis: "a made audit".to_owned(),
        class: class.iter().copied().cycle().take(10 * copies as usize).collect(),
        inauthentic_share: share(0.2),
        dormant_share: share(0.3),
        genuine_share: share(0.5),
        batches: vec![(Some(when), Estimate::new(20.0 * n, 15.0 * n, 25.0 * n, 0.95))],
    });
    b
}

fn at(day: i32, hour: i64) -> TimeMs {
    TimeMs(i64::from(day) * DAY_MS + hour * 3_600_000)
}

/// An id of its own in each copy.
fn id_of(copy: u32) -> impl Fn(&str, u32) -> String {
    move |what, i| format!("{what}{copy}-{i}")
}

/// Rows, each with a line of its own.
fn rows_of(copy: u32) -> impl FnMut(u32) -> RowRef {
    let mut line = 1_000 * copy;
    move |file| {
        line += 1;
        RowRef { file, line }
    }
}

fn page(b: &mut Business, copy: u32) {
    let (id, mut row) = (id_of(copy), rows_of(copy));
    let network = format!("network{copy}");
    b.begin(Some(&network), 0);
    for i in 0..10 {
        let (account, handle) = (id("a", i), id("h", i));
        b.take(&Fact::Follow(Follow {
            account_id: Some(&account),
            handle: Some(&handle),
            followed_at: Some(at(DAY + 50, i64::from(i % 2))),
            source: row(0),
            ..Follow::default()
        }));
    }
    for (day, follows, unfollows) in [(50, 50, 15), (51, 30, 5)] {
        let (follows, unfollows) = (Some(follows), Some(unfollows));
        let day = Day(DAY + day);
        b.take(&Fact::DayCount(DayCount { day, follows, unfollows, paid: None, auto_invited: None, source: row(1) }));
    }
    let followers = Some(1_000);
    b.take(&Fact::AccountDay(AccountDay {
        day: Day(DAY + 60),
        followers,
        figures: Figures::default(),
        source: row(1),
    }));
    for (i, likes, comments) in [(0, 40, 20), (1, 50, 30)] {
        let post = id("p", i);
        b.take(&Fact::Post(Post {
            post_id: Some(&post),
            published_at: Some(at(DAY + 60, 9)),
            reach: Some(500),
            fan_reach: Some(300),
            impressions: Some(1_000),
            likes: Some(likes),
            comments: Some(comments),
            shares: Some(10),
            source: row(2),
            ..Post::default()
        }));
    }
    for (day, who) in [(100, 0), (95, 1), (80, 0), (79, 2), (74, 3)] {
        let handle = id("h", who);
        b.take(&Fact::Engagement(Engagement {
            at: Some(at(DAY + day, 12)),
            handle: Some(&handle),
            source: row(3),
            ..Engagement::new(EngagementKind::Comment)
        }));
    }
    let handle = id("h", 9);
    b.take(&Fact::Engagement(Engagement {
        at: Some(at(DAY + 100, 12)),
        handle: Some(&handle),
        by_page: true,
        source: row(3),
        ..Engagement::new(EngagementKind::Reply)
    }));
    turns(b, &mut row);
}

/// Turns of people who wrote on one day: the last one awaits an answer.
fn turns(b: &mut Business, row: &mut impl FnMut(u32) -> RowRef) {
    let begun = at(DAY + 60, 8);
    let after = |hours: f64| TimeMs(begun.0 + (hours * 3_600_000.0) as i64);
    let hours = (1..=9).map(f64::from).chain([30.0]);
    let turn = TurnRow {
        network: Network(0),
        at: Some(begun),
        answered_at: None,
        seen_until: Some(after(300.0)),
        awaits: false,
        row: RowRef { file: 3, line: 0 },
    };
    for h in hours {
        b.take_turn(TurnRow { answered_at: Some(after(h)), row: row(3), ..turn });
    }
    b.take_turn(TurnRow { seen_until: Some(after(1.5)), awaits: true, row: row(3), ..turn });
}

fn commerce(b: &mut Business, copy: u32) {
    let (id, mut row) = (id_of(copy), rows_of(copy));
    for (share, age) in [(1, "18-24"), (3, "25-34")] {
        let (of, campaign) = (|whole: i64| whole * share / 4, id("campaign", 0));
        b.take(&Fact::Ad(&AdRow {
            from: Some(Day(DAY)),
            to: Some(Day(DAY)),
            platform: Some("meta"),
            campaign: Some(&campaign),
            age: Some(age),
            spend: Some(Decimal { units: of(10_000), places: 2 }),
            impressions: Some(of(100_000)),
            clicks: Some(of(1_000)),
            conversions: Some(of(40) as f64),
            purchases: Some(of(20) as f64),
            conversion_value: Some(Decimal { units: of(20_000), places: 2 }),
            source: row(4),
            ..AdRow::default()
        }));
    }
    let orders = [(0, 0), (0, 10), (0, 35), (0, 100), (1, 0), (1, 10), (2, 0), (3, 0)];
    for (i, (who, day)) in (0..).zip(orders) {
        let (order, customer, handle) = (id("o", i), id("c", who), id("h", 9));
        b.take(&Fact::Sale(Order {
            order_id: Some(&order),
            customer_id: Some(&customer),
            ordered_at: Some(at(DAY + day, 10)),
            total: Some(Decimal { units: 5_500, places: 2 }),
            refunded: Some(Decimal { units: 500, places: 2 }),
            came_from: Some(if who < 2 { "Meta Ads" } else { "newsletter" }),
            handle: Some(handle.as_str()).filter(|_| who == 0),
            row: row(5),
            ..Order::default()
        }));
    }
    let order = id("o", 0);
    b.take(&Fact::Sale(Order {
        status: Some("cancelled"),
        total: Some(Decimal { units: 9_900, places: 2 }),
        row: row(5),
        ..Order::default()
    }));
    b.take(&Fact::Refund(Refund {
        order_id: Some(&order),
        at: Some(at(DAY + 2, 0)),
        amount: Some(Decimal { units: 500, places: 2 }),
        row: row(6),
        ..Refund::default()
    }));
}
