//! From spend to people: what a genuine follower and an engaged person cost, and what a genuine follower brings.

use crate::customers::cost_of;
use crate::frame::{Frame, missing, net, same_currency};
use crate::having::{
    DAY_COUNTS, ENGAGED, FOLLOWERS, FOLLOWERS_BY_DAY, FOLLOWERS_UNTIL, ORDERS, ORDERS_UNTIL, REFUNDS, SPEND,
};
use crate::metric::{Answer, Figure, Kind, Metric, Unit, Value};
use crate::vanity::n_followers;
use assay_math::Estimate;
use assay_model::{Abstention, BusinessTable, Name};
use std::collections::HashSet;

/// Cost of a genuine follower.
pub(crate) const COST_PER_GENUINE: Metric = Metric {
    id: "cost_per_genuine_follower",
    name: "Cost per genuine follower",
    kind: Kind::Money,
    unit: Unit::Minor,
    definition: "spend over the followers gained in the window times the share of genuine ones",
    numerator: "spend",
    denominator: "followers gained × genuine share",
    traps: "followers who would have come anyway are in the denominator, so the cost of one more is higher; the share is that of \
            the whole list",
    source: "made; the share is assay's audit",
    reads: &[SPEND, DAY_COUNTS, FOLLOWERS, FOLLOWERS_UNTIL],
    answer: cost_per_genuine,
    control: Some(250.0),
};

/// Cost of an engaged person.
pub(crate) const COST_PER_ENGAGED: Metric = Metric {
    id: "cost_per_engaged_person",
    name: "Cost per engaged person",
    kind: Kind::Money,
    unit: Unit::Minor,
    definition: "spend over the different accounts that engaged in the window",
    numerator: "spend",
    denominator: "accounts that engaged",
    traps: "those who would have engaged anyway are in it; automated accounts engage too",
    source: "made",
    reads: &[SPEND, ENGAGED],
    answer: |frame| {
        let (spend, n) = (frame.spend()?, frame.n_engaged()?);
        cost_of(frame, &spend, n, "people who engaged")
    },
    control: Some(2_500.0),
};

/// Value of a genuine follower.
pub(crate) const VALUE_OF_GENUINE: Metric = Metric {
    id: "value_of_genuine_follower",
    name: "Revenue per genuine follower",
    kind: Kind::Money,
    unit: Unit::Minor,
    definition: "revenue in the window of customers who are known to follow, over genuine followers; where none is known, only the \
                 bound can be told: all revenue over genuine followers",
    numerator: "revenue of customers who gave the handle of a follower, or are joined with one",
    denominator: "genuine followers",
    traps: "not what a follower adds: customers follow because they are customers; who never told a handle is not in it, so the \
            true figure lies between this and the bound",
    source: "made; joins by a handle that customers gave or a link on a basis, never by name",
    reads: &[ORDERS, ORDERS_UNTIL, REFUNDS, FOLLOWERS_UNTIL, FOLLOWERS_BY_DAY],
    answer: value,
    control: Some(40.0),
};

/// Followers gained in the window: by day as the platform counts them, else those of the list with a time in it.
fn gained(frame: &Frame<'_>) -> Result<f64, Abstention> {
    let told: Vec<u32> = frame.day_counts().filter_map(|d| d.follows).collect();
    if !told.is_empty() {
        return Ok(told.iter().map(|n| f64::from(*n)).sum());
    }
    let rows = frame.slice.rows.of(BusinessTable::Followers);
    match rows.iter().filter(|i| frame.business.followers[**i as usize].followed_at.is_some()).count() {
        0 => Err(missing(
            "follows with a time in the window",
            "the platform's follows by day, or a list with follow times",
        )),
        n => Ok(n as f64),
    }
}

fn cost_per_genuine(frame: &Frame<'_>) -> Answer {
    let (spend, share, gained) = (frame.spend()?, frame.genuine_share()?, gained(frame)?);
    if share.low <= 0.0 || gained <= 0.0 {
        return Err(Abstention::new(
            "it may be that no genuine follower was gained: the cost has no upper end",
            "a narrower share of genuine followers, or a window in which some came",
        ));
    }
    let cost = |share: f64| spend.minor / (gained * share);
    let estimate = Estimate::new(cost(share.point), cost(share.high), cost(share.low), share.confidence);
    Ok(Figure::ratio(spend.minor, gained * share.point).estimated(Some(estimate)).in_currency(spend.currency))
}

fn value(frame: &Frame<'_>) -> Answer {
    let (n, share, revenue) = (n_followers(frame)?, frame.genuine_share()?, frame.revenue()?);
    if share.low <= 0.0 || n <= 0.0 {
        return Err(Abstention::new("there may be no genuine follower", "a narrower share of genuine followers"));
    }
    let b = frame.business;
    let mut is_follower = vec![false; b.names.len()];
    for who in b.followers.iter().filter_map(|f| b.person(f.account, f.handle).some()) {
        is_follower[who.0 as usize] = true;
    }
    let follows = |who: &Name| who.is_some() && is_follower[who.0 as usize];
    let mut customers: HashSet<u32> = HashSet::new();
    for sale in b.sales.iter().filter(|s| s.is_sold() && s.handle.is_some() && s.customer.is_some()) {
        if b.persons_of_given(sale.handle).iter().any(follows) {
            customers.insert(sale.customer.0);
        }
    }
    let n_given = customers.len();
    for join in &b.joined {
        let named = [b.person(join.account, Name::NONE), b.person(Name::NONE, join.handle)];
        if named.iter().any(follows) {
            customers.insert(join.customer.0);
        }
    }
    let genuine = n * share.point;
    let at_most = revenue.minor / (n * share.low);
    if customers.is_empty() {
        let figure = Figure::ratio(revenue.minor, genuine).in_currency(revenue.currency);
        return Ok(Figure { value: Value::AtMost(at_most.max(0.0)), ..figure }
            .note("no customer is known to follow: orders that tell a handle (a column handle), or `assay people link`, would settle it"));
    }
    let own = frame.sold().filter(|(_, s)| customers.contains(&s.customer.0));
    let joined = frame.sum(own.filter_map(|(_, s)| Some((net(s)?, s.at.map(|t| frame.day(t))))))?;
    same_currency(&revenue, &joined)?;
    let per = |share: f64| joined.minor / (n * share);
    let ends = [per(share.high), per(share.low)];
    let estimate = Estimate::new(per(share.point), ends[0].min(ends[1]), ends[0].max(ends[1]), share.confidence);
    let n_joined = customers.len();
    let figure = Figure::ratio(joined.minor, genuine).estimated(Some(estimate)).in_currency(joined.currency);
    let by_link = match n_joined - n_given {
        0 => String::new(),
        n => format!(", {n} more are joined with one (`assay people`)"),
    };
    let note = format!("{n_given} customers gave the handle of a follower{by_link}; the others may follow too");
    let figure = figure.note(note);
    Ok(Figure {
        parts: vec![crate::metric::Part {
            labels: vec!["at most: all revenue over genuine followers".to_owned()],
            value: Value::Exact(at_most),
            of: Some((revenue.minor, n * share.low)),
        }],
        ..figure
    })
}

#[cfg(test)]
mod tests {
    use super::VALUE_OF_GENUINE;
    use crate::{Asked, Frame, Slice, Value, Window};
    use assay_math::Estimate;
    use assay_model::{Business, Class, Decimal, Fact, Follow, Judged, Order, Outcome, RowRef, TimeMs};

    /// Two followers, both genuine; two customers who gave no handle.
    fn business() -> Business {
        let mut b = Business::new(Some("EUR"));
        b.begin(Some("x"), 0);
        for (line, id, handle) in [(1, "7", "ann"), (2, "8", "bob")] {
            let source = RowRef { file: 0, line };
            b.take(&Fact::Follow(Follow { account_id: Some(id), handle: Some(handle), source, ..Follow::default() }));
        }
        for (id, customer, total) in [("1", "c1", "10"), ("2", "c2", "4")] {
            b.take(&Fact::Sale(Order {
                order_id: Some(id),
                customer_id: Some(customer),
                ordered_at: Some(TimeMs(1_700_000_000_000)),
                total: Decimal::parse(total),
                ..Order::default()
            }));
        }
        let share = |x: f64| Outcome::Found(Estimate::new(x, x, x, 0.95));
        b.judged = Some(Judged {
            basis: "made".to_owned(),
            class: vec![Class::Genuine; 2],
            inauthentic_share: share(0.0),
            dormant_share: share(0.0),
            genuine_share: share(1.0),
            batches: Vec::new(),
        });
        b
    }

    fn value(mut b: Business) -> Value {
        b.finish();
        let slice = Slice::of(&b, Window::default());
        let frame = Frame { business: &b, slice: &slice, asked: &Asked::default() };
        match VALUE_OF_GENUINE.figure(&frame) {
            Outcome::Found(figure) => figure.value,
            Outcome::Abstained(why) => panic!("{why:?}"),
        }
    }

    #[test]
    fn a_join_on_a_basis_tells_whose_revenue_is_a_followers() {
        assert_eq!(value(business()), Value::AtMost(700.0), "no join: all revenue over two followers");
        for (account, handle) in [(Some("7"), None), (None, Some("ANN")), (Some("unknown"), Some("ann"))] {
            let mut b = business();
            b.join(account, handle, "c1");
            assert_eq!(value(b).point(), 500.0, "{account:?} {handle:?}");
        }
        let mut b = business();
        b.join(Some("9"), Some("eva"), "c1");
        b.join(None, None, "c2");
        assert_eq!(value(b), Value::AtMost(700.0), "who does not follow brings nothing here");
    }
}
