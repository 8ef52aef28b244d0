//! Customers: how many, what one costs, how often they come back.
//!
//! A customer is new with the first order of all that are known, not with the first of the window: the history of orders
//! decides, and a history that begins late makes old customers new.

use crate::frame::{Frame, missing, net, same_currency};
use crate::having::{ORDERS, ORDERS_UNTIL, REFUNDS, SPEND};
use crate::interval;
use crate::metric::{Answer, Family, Figure, Kind, Metric, Unit};
use assay_math::jeffreys_interval;
use assay_model::{Abstention, Name, SaleRow};
use std::collections::HashMap;

const FAMILY: Family = Family { kind: Kind::Customers, source: "counts of the shop's orders" };

/// Orders.
pub(crate) const ORDER_COUNT: Metric = FAMILY.metric(
    "orders",
    "Orders",
    Unit::Count,
    "orders placed in the window that were not cancelled",
    ("orders", ""),
    "orders that were given back in full still count",
    &[ORDERS],
    |frame| match frame.sold().count() {
        0 => Err(missing("orders in the window", "a table of orders with customer, time and total")),
        n => Ok(Figure::counted(n as f64)),
    },
    8.0,
);

/// Customers.
pub(crate) const CUSTOMERS: Metric = FAMILY.metric(
    "customers",
    "Customers",
    Unit::Count,
    "different customers with an order in the window",
    ("customers", ""),
    "one person with two e-mail addresses is two",
    &[ORDERS],
    |frame| Ok(Figure::counted(own_counts(frame)?.0)),
    4.0,
);

/// New customers.
pub(crate) const NEW_CUSTOMERS: Metric = FAMILY.metric(
    "new_customers",
    "New customers",
    Unit::Count,
    "customers whose first order of all lies in the window",
    ("first orders", ""),
    "a history of orders that begins late makes old customers new",
    &[ORDERS, ORDERS_UNTIL],
    |frame| Ok(Figure::counted(frame.n_new_customers()?)),
    4.0,
);

/// Blended CAC.
pub(crate) const CAC_BLENDED: Metric = FAMILY.metric(
    "cac_blended",
    "Acquisition cost of a customer, blended (CAC)",
    Unit::Minor,
    "all spend over all new customers of the window",
    ("spend", "first orders"),
    "hides what the next customer costs; those who would have come anyway make it look low; spend and orders of one window are \
     set against each other though orders come later",
    &[SPEND, ORDERS, ORDERS_UNTIL],
    |frame| {
        let (spend, n) = (frame.spend()?, frame.n_new_customers()?);
        cost_of(frame, &spend, n, "new customers")
    },
    2_500.0,
);

/// Paid CAC.
pub(crate) const CAC_PAID: Metric = FAMILY.metric(
    "cac_paid",
    "Acquisition cost of a customer, paid",
    Unit::Minor,
    "spend over the new customers whose first order says that it came from advertising",
    ("spend", "first orders from advertising"),
    "inherits what the shop's source column gets wrong; no causal content",
    &[SPEND, ORDERS, ORDERS_UNTIL],
    |frame| {
        let spend = frame.spend()?;
        frame.n_new_customers()?;
        let b = frame.business;
        if !frame.first_orders().any(|i| b.sales[i as usize].came_from.is_some()) {
            return Err(missing("first orders that say where they came from", "orders with a column source"));
        }
        let mut paid: HashMap<Name, bool> = HashMap::new();
        let from = frame.first_orders().map(|i| b.sales[i as usize].came_from);
        let n = from.filter(|name| *paid.entry(*name).or_insert_with(|| is_paid(b.text(*name)))).count();
        cost_of(frame, &spend, n as f64, "new customers from advertising")
    },
    5_000.0,
);

/// Average order value.
pub(crate) const AVERAGE_ORDER_VALUE: Metric = FAMILY.metric(
    "average_order_value",
    "Average order value (AOV)",
    Unit::Minor,
    "revenue over orders",
    ("revenue", "orders"),
    "a few large orders make it; refunds told by themselves, not by the order, are not in it",
    &[ORDERS],
    |frame| {
        let revenue = frame.sum(frame.sold().filter_map(|(_, s)| Some((net(s)?, s.at.map(|t| frame.day(t))))))?;
        if revenue.n == 0 {
            return Err(missing("orders in the window", "a table of orders with customer, time and total"));
        }
        let figure = Figure::ratio(revenue.minor, revenue.n as f64).in_currency(revenue.currency);
        // The interval is of orders as units; amounts that had to be converted have none.
        let sold = || frame.sold().filter_map(|(_, s)| net(s)).map(|a| (a.minor as f64, 1.0));
        let total: f64 = sold().map(|u| u.0).sum();
        let is_plain = total.to_bits() == revenue.minor.to_bits();
        let units: Vec<(f64, f64)> = sold().collect();
        let estimate = interval::ratio(units.iter().copied(), frame.asked.confidence).filter(|_| is_plain);
        Ok(figure.estimated(estimate))
    },
    5_000.0,
);

/// Repeat rate.
pub(crate) const REPEAT_RATE: Metric = FAMILY.metric(
    "repeat_rate",
    "Repeat rate",
    Unit::Share,
    "customers with a second order until the end of the window, of all customers until then",
    ("customers with two orders or more", "customers"),
    "young customers have had no time to come back: it falls when many are new",
    &[ORDERS_UNTIL],
    |frame| {
        let (mut n, mut again) = (0_u64, 0_u64);
        for own in own_orders(frame) {
            n += 1;
            again += u64::from(own.len() > 1);
        }
        if n == 0 {
            return Err(missing("orders of known customers", "orders with a column customer_id or email"));
        }
        Ok(Figure::ratio(again as f64, n as f64).estimated(jeffreys_interval(again, n, frame.asked.confidence)))
    },
    0.5,
);

/// Refunds.
pub(crate) const REFUND_SHARE: Metric = FAMILY.metric(
    "refund_share",
    "Share of sales given back",
    Unit::Ratio,
    "money given back in the window over what orders of the window came to",
    ("refunds", "sales before refunds"),
    "refunds of earlier orders fall into the window, those of its last orders behind it",
    &[ORDERS, REFUNDS],
    |frame| {
        let gross = frame.sum(frame.sold().filter_map(|(_, s)| Some((s.total?, s.at.map(|t| frame.day(t))))))?;
        let net = frame.revenue()?;
        if gross.minor <= 0.0 {
            return Err(missing("orders with a total above 0 in the window", "a table of orders with totals"));
        }
        same_currency(&gross, &net)?;
        Ok(Figure::ratio(gross.minor - net.minor, gross.minor).in_currency(gross.currency))
    },
    0.1 / 1.1,
);

/// Customers with an order in the window.
fn own_counts(frame: &Frame<'_>) -> Result<(f64, f64), Abstention> {
    let mut met = vec![false; frame.business.names.len()];
    let (mut n, mut orders) = (0_u64, 0_u64);
    for (_, sale) in frame.sold().filter(|(_, s)| s.customer.is_some()) {
        orders += 1;
        n += u64::from(!std::mem::replace(&mut met[sale.customer.0 as usize], true));
    }
    if n == 0 {
        return Err(missing(
            "orders in the window that name their customer",
            "orders with a column customer_id or email",
        ));
    }
    Ok((n as f64, orders as f64))
}

/// Each customer's orders until the end of the window, in order of time; only customers with one.
pub(crate) fn own_orders<'a>(frame: &Frame<'a>) -> impl Iterator<Item = &'a [u32]> + use<'a> {
    let b = frame.business;
    let sale = move |i: &u32| -> &'a SaleRow { &b.sales[*i as usize] };
    let end = frame.slice.window.to;
    let all = b.by_customer().chunk_by(move |x, y| sale(x).customer == sale(y).customer);
    all.filter_map(move |own| {
        let until =
            end.map_or(own.len(), |e| own.partition_point(|i| sale(i).at.is_some_and(|t| b.calendar.day(t) <= e)));
        (until > 0).then(|| &own[..until])
    })
}

/// A cost over a number of people whom chance brought.
pub(crate) fn cost_of(frame: &Frame<'_>, cost: &crate::money::Money, n: f64, what: &str) -> Answer {
    if n <= 0.0 {
        return Err(Abstention::new(
            format!("there are no {what} in the window"),
            "a longer window, or one in which some came",
        ));
    }
    let estimate = interval::per_count(cost.minor, n, frame.asked.confidence);
    Ok(Figure::ratio(cost.minor, n).estimated(estimate).in_currency(cost.currency.clone()))
}

/// Whether a source of an order is advertising, by the words that links and shops use for it.
pub(crate) fn is_paid(source: &str) -> bool {
    const WORDS: [&str; 12] = [
        "paid",
        "cpc",
        "ppc",
        "cpm",
        "cpa",
        "ad",
        "ads",
        "adwords",
        "sponsored",
        "retargeting",
        "remarketing",
        "display",
    ];
    let lower = source.to_lowercase();
    lower
        .split(|c: char| !c.is_alphanumeric())
        .any(|word| WORDS.contains(&word) || (word != "threads" && word.ends_with("ads")))
}

#[cfg(test)]
mod tests {
    use super::is_paid;

    #[test]
    fn words_of_advertising_are_known_as_words() {
        for paid in ["facebook_ads", "google / cpc", "Paid Social", "meta-ads", "linkedinads", "X Ad"] {
            assert!(is_paid(paid), "{paid}");
        }
        for not in ["instagram", "newsletter", "direct", "threads", "shadow", ""] {
            assert!(!is_paid(not), "{not}");
        }
    }
}
