//! Tests of a business.

use super::{Business, BusinessTable, TableRows};
use crate::audience::RowRef;
use crate::commerce::Refund;
use crate::fact::{Fact, Follow};
use crate::figures::{AccountDay, Engagement, EngagementKind, Figures};
use crate::money::Decimal;
use crate::order::Order;
use crate::post::Post;
use crate::time::{DAY_MS, Day, TimeMs};

fn row(line: u32) -> RowRef {
    RowRef { file: 0, line }
}

fn order(line: u32, customer: &'static str, day: i64) -> Order<'static> {
    let total = Decimal::parse("10.50");
    Order {
        customer_id: Some(customer),
        ordered_at: Some(TimeMs(day * DAY_MS)),
        total,
        row: row(line),
        ..Order::default()
    }
}

#[test]
fn customers_have_their_orders_in_order_of_time() {
    let mut b = Business::new(None);
    for (line, customer, day) in [(1, "b", 9), (2, "a", 5), (3, "b", 3), (4, "b", 9)] {
        b.take(&Fact::Sale(order(line, customer, day)));
    }
    b.take(&Fact::Sale(Order { status: Some("Cancelled"), ..order(5, "b", 1) }));
    b.take(&Fact::Sale(Order { total: Decimal::parse("-3"), ..order(6, "b", 1) }));
    b.finish();
    assert_eq!(b.by_customer(), [2, 0, 3, 1]);
    let firsts: Vec<_> = (0..6).map(|i| b.first_sale(i)).collect();
    assert_eq!(firsts, [Some(2), Some(1), Some(2), Some(2), None, None]);
    assert_eq!(b.sales[0].total.map(|t| (t.minor, b.code(t.currency))), Some((1050, None)));
}

#[test]
fn what_is_told_twice_counts_once_and_the_later_figure_stands() {
    let mut b = Business::new(None);
    let post = |line, likes, reach| Post { post_id: Some("p"), likes, reach, source: row(line), ..Post::default() };
    b.take(&Fact::Post(post(1, Some(5), Some(100))));
    b.take(&Fact::Post(post(2, Some(7), None)));
    b.take(&Fact::Post(Post { likes: Some(1), source: row(3), ..Post::default() }));
    let day = |line, likes, reach| {
        let figures = Figures { reach, likes, ..Figures::default() };
        Fact::AccountDay(AccountDay { day: Day(3), followers: None, figures, source: row(line) })
    };
    b.take(&day(4, Some(1), Some(2)));
    b.take(&day(5, Some(3), None));
    b.begin(Some("x"), 0);
    b.take(&day(6, Some(10), None));
    b.finish();
    assert_eq!(b.posts.len(), 2);
    assert_eq!((b.posts[0].figures.likes, b.posts[0].figures.reach, b.posts[0].row.line), (Some(7), Some(100), 2));
    assert_eq!(b.post_rows, [(0, row(1))]);
    let told: Vec<_> = b.account_days.iter().map(|d| (d.figures.likes, d.figures.reach)).collect();
    assert_eq!(told, [(None, Some(2)), (Some(3), None), (Some(10), None)]);
}

#[test]
fn a_refund_that_its_order_tells_is_known() {
    let mut b = Business::new(Some("eur"));
    b.take(&Fact::Sale(Order { order_id: Some("7"), refunded: Decimal::parse("2"), ..order(1, "a", 1) }));
    for id in ["7", "8"] {
        let amount = Decimal::parse("2");
        b.take(&Fact::Refund(Refund { order_id: Some(id), amount, currency: Some("USD"), ..Refund::default() }));
    }
    b.finish();
    assert_eq!(b.refunds.iter().map(|r| r.is_told_by_order).collect::<Vec<_>>(), [true, false]);
    assert_eq!(b.currencies, ["EUR", "USD"]);
}

#[test]
fn a_person_is_one_by_account_or_by_a_handle_that_is_known_to_be_the_account() {
    let mut b = Business::new(None);
    b.begin(Some("instagram"), 4);
    b.take(&Fact::Follow(Follow { account_id: Some("12"), handle: Some("Ann"), source: row(1), ..Follow::default() }));
    let by = |handle| Engagement { handle: Some(handle), ..Engagement::new(EngagementKind::Like) };
    b.take(&Fact::Engagement(by("@ann")));
    b.take(&Fact::Engagement(by("bob")));
    b.take(&Fact::Sale(Order { handle: Some("@ANN"), ..order(2, "c", 1) }));
    b.finish();
    let person = |i: usize| b.person(b.engagements[i].account, b.engagements[i].handle);
    assert_eq!(person(0), b.followers[0].account);
    assert_ne!(person(1), b.followers[0].account);
    assert_eq!(b.persons_of_given(b.sales[0].handle), [b.followers[0].account]);
    assert_eq!(b.followers[0].row, RowRef { file: 4, line: 1 });
}

#[test]
fn a_business_of_some_rows_is_ordered_anew() {
    let mut b = Business::new(None);
    for (line, day) in [(1, 1), (2, 2), (3, 3)] {
        b.take(&Fact::Sale(order(line, "a", day)));
    }
    b.finish();
    let mut rows = TableRows::default();
    rows.of_mut(BusinessTable::Sales).extend([1, 2]);
    let kept = b.keep(&rows);
    assert_eq!((kept.n_rows(BusinessTable::Sales), kept.first_sale(1)), (2, Some(0)));
    assert_eq!(kept.row(BusinessTable::Sales, 0).line, 2);
    assert_eq!(kept.days(BusinessTable::Sales, 0), Some((Day(2), Day(2))));
}
