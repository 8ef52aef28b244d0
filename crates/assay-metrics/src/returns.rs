//! Money: what came in beside what was spent, and when spend is paid back.

use crate::customers::own_orders;
use crate::frame::{Frame, missing, net, same_currency};
use crate::having::{ORDERS, ORDERS_UNTIL, REFUNDS, SPEND};
use crate::metric::{Answer, Family, Figure, Kind, Metric, Part, Unit, Value};
use crate::money::Sum;
use assay_model::{Abstention, Day, SaleRow};
use std::collections::BTreeMap;

const FAMILY: Family =
    Family { kind: Kind::Money, source: "the shop's orders and the platforms' spend; sums over sums" };

/// Revenue.
pub(crate) const REVENUE: Metric = FAMILY.metric(
    "revenue",
    "Revenue",
    Unit::Minor,
    "what orders of the window came to, less what was given back",
    ("totals − refunds", ""),
    "revenue is not profit: goods, shipping and fees are in it, and taxes where the shop's totals hold them",
    &[ORDERS, REFUNDS],
    |frame| {
        let revenue = frame.revenue()?;
        Ok(Figure::counted(revenue.minor).in_currency(revenue.currency))
    },
    40_000.0,
);

/// MER.
pub(crate) const MER: Metric = FAMILY.metric(
    "marketing_efficiency_ratio",
    "Revenue over spend, all of both (MER)",
    Unit::Ratio,
    "all revenue over all spend on advertising in the window",
    ("revenue", "spend"),
    "no causal content: moves with the season and with what comes by itself",
    &[ORDERS, REFUNDS, SPEND],
    |frame| {
        let (revenue, spend) = (frame.revenue()?, frame.spend()?);
        if spend.minor <= 0.0 {
            return Err(missing(
                "amounts above 0 spent on advertising in the window",
                "the report of an advertising account",
            ));
        }
        let currency = same_currency(&revenue, &spend)?;
        Ok(Figure::ratio(revenue.minor, spend.minor).in_currency(currency))
    },
    4.0,
);

/// Break-even ROAS.
pub(crate) const BREAK_EVEN_ROAS: Metric = FAMILY.metric(
    "break_even_roas",
    "Break-even return on ad spend",
    Unit::Ratio,
    "the return on ad spend at which an incremental sale pays for its advertising: 1 over the contribution margin",
    ("1", "contribution margin"),
    "it is to be compared with incremental return, from an experiment, not with what platforms claim",
    &[],
    |frame| {
        let margin = frame.asked.margin.ok_or_else(no_margin)?;
        Ok(Figure::ratio(1.0, margin))
    },
    2.5,
);

/// Payback.
pub(crate) const PAYBACK: Metric = FAMILY.metric(
    "payback_days",
    "Payback on contribution margin",
    Unit::Days,
    "days after the first order until the contribution margin of an average customer acquired in the window has covered the \
     blended acquisition cost",
    ("acquisition cost of a customer", "cumulative contribution margin of a customer, by days since the first order"),
    "customers known for a short time count only as long as they are known (mean cumulative function); the margin is the one \
     you gave, the same for all orders",
    &[SPEND, ORDERS, ORDERS_UNTIL],
    payback,
    10.0,
);

/// Revenue by acquisition source.
pub(crate) const BY_SOURCE: Metric = FAMILY.metric(
    "revenue_by_acquisition_source",
    "Revenue by acquisition source",
    Unit::Minor,
    "revenue of the window by where the first order of its customer came from; the value is the revenue whose source is known",
    ("revenue of customers by their source", ""),
    "the source of a first order is what the shop saw last, not what convinced; refunds told by themselves are not in it",
    &[ORDERS, ORDERS_UNTIL],
    by_source,
    40_000.0,
);

/// Retention.
pub(crate) const RETENTION: Metric = Metric {
    kind: Kind::Customers,
    ..FAMILY.metric(
        "retention_month_1",
        "Customers who come back in the second month",
        Unit::Share,
        "of customers by the month of their first order, those with an order 30 to 59 days after it; the lines are months 1 to 12 \
         of each cohort, as far as the orders cover them for all of it",
        ("customers with an order in those days", "customers of cohorts observed for so long"),
        "cohorts that are not covered to the end are hidden, for they would look worse than they are",
        &[ORDERS_UNTIL],
        retention,
        0.25,
    )
};

fn no_margin() -> Abstention {
    Abstention::new(
        "the contribution margin is not known",
        "--margin M, the share of revenue that is left after all costs that come with an order",
    )
}

/// The mean cumulative function of Nelson (2003, "Recurrent Events Data Analysis"): at each day since the first order, what
/// customers brought on it over how many were observed then, summed up.
fn payback(frame: &Frame<'_>) -> Answer {
    let margin = frame.asked.margin.ok_or_else(no_margin)?;
    let spend = frame.spend()?;
    let n = frame.n_new_customers()?;
    if n <= 0.0 {
        return Err(missing("new customers in the window", "a longer window, or one in which some came"));
    }
    let cost = spend.minor / n;
    let b = frame.business;
    let mut is_acquired = vec![false; b.names.len()];
    for i in frame.first_orders() {
        is_acquired[b.sales[i as usize].customer.0 as usize] = true;
    }
    let day = |s: &SaleRow| s.at.map(|t| frame.day(t).0);
    let end =
        frame.slice.window.to.map(|d| d.0).or_else(|| b.sales.iter().filter(|s| s.is_sold()).filter_map(day).max());
    let end = end.unwrap_or(i32::MIN);
    let mut brought: BTreeMap<i32, Sum<'_>> = BTreeMap::new();
    let mut observed: Vec<i32> = Vec::new();
    for own in own_orders(frame) {
        let first = &b.sales[own[0] as usize];
        if !is_acquired[first.customer.0 as usize] {
            continue;
        }
        let Some(since) = day(first) else { continue };
        observed.push(end - since);
        for i in own {
            let sale = &b.sales[*i as usize];
            if let (Some(amount), Some(at)) = (net(sale), day(sale)) {
                let sum = brought.entry(at - since).or_insert_with(|| frame.sum_of_none());
                sum.add(amount, Some(Day(at)))?;
            }
        }
    }
    observed.sort_unstable();
    let least = (observed.len() as f64 / 10.0).max(1.0);
    let (mut margin_sum, mut last) = (0.0, 0);
    for (offset, sum) in brought {
        let n_observed = (observed.len() - observed.partition_point(|o| *o < offset)) as f64;
        if n_observed < least {
            break;
        }
        let money = sum.money()?;
        same_currency(&spend, &money)?;
        margin_sum += margin * money.minor / n_observed;
        last = offset;
        if margin_sum >= cost {
            let figure =
                Figure { numerator: Some(cost), denominator: Some(margin_sum), ..Figure::counted(f64::from(offset)) };
            return Ok(figure.in_currency(money.currency));
        }
    }
    let share = if cost > 0.0 { 100.0 * margin_sum / cost } else { 0.0 };
    Err(Abstention::new(
        format!(
            "the acquisition cost was not covered within {last} days, as far as the orders go: {share:.0} % of it was"
        ),
        "a longer history of orders, or a lower cost",
    ))
}

fn by_source(frame: &Frame<'_>) -> Answer {
    let b = frame.business;
    // By the label, which is the same for sources that differ in case alone; and where each source has its sum.
    let mut of_label: BTreeMap<String, usize> = BTreeMap::new();
    let mut of_source: std::collections::HashMap<u32, usize> = std::collections::HashMap::new();
    let mut sums: Vec<Sum<'_>> = Vec::new();
    for (i, sale) in frame.sold() {
        let (Some(amount), Some(first)) = (net(sale), b.first_sale(i)) else { continue };
        let from = b.sales[first as usize].came_from;
        let place = *of_source.entry(from.0).or_insert_with(|| {
            *of_label.entry(b.text(from).to_lowercase()).or_insert_with(|| {
                sums.push(frame.sum_of_none());
                sums.len() - 1
            })
        });
        sums[place].add(amount, sale.at.map(|t| frame.day(t)))?;
    }
    if sums.is_empty() {
        return Err(missing("orders of known customers in the window", "orders with customer, time and total"));
    }
    if of_label.keys().all(String::is_empty) {
        return Err(missing("first orders that say where they came from", "orders with a column source"));
    }
    let mut figure = Figure::counted(0.0);
    let mut known = 0.0;
    let mut total = 0.0;
    for (source, place) in of_label {
        let money = sums[place].money()?;
        figure.currency = money.currency;
        known += if source.is_empty() { 0.0 } else { money.minor };
        total += money.minor;
        let label = if source.is_empty() { "(not told)".to_owned() } else { source };
        figure.parts.push(Part { labels: vec![label], value: Value::Exact(money.minor), of: None });
    }
    figure.parts.sort_by(|a, b| b.value.point().total_cmp(&a.value.point()).then_with(|| a.labels.cmp(&b.labels)));
    Ok(Figure { value: Value::Exact(known), numerator: Some(known), denominator: Some(total), ..figure })
}

fn retention(frame: &Frame<'_>) -> Answer {
    const MONTH: i32 = 30;
    const MONTHS: usize = 12;
    let b = frame.business;
    let day = |i: &u32| b.sales[*i as usize].at.map_or(0, |t| frame.day(t).0);
    // By month of the first order: how many, and how many with an order in each month of 30 days after it.
    let mut cohorts: BTreeMap<(i64, i64), (u64, [u64; MONTHS + 1])> = BTreeMap::new();
    let mut last = i32::MIN;
    for own in own_orders(frame) {
        let first = day(&own[0]);
        let (year, month, _) = assay_model::when::civil(i64::from(first));
        let (n, back) = cohorts.entry((year, month)).or_default();
        *n += 1;
        let mut met = [false; MONTHS + 1];
        for at in own.iter().map(day) {
            last = last.max(at);
            let bucket = ((at - first) / MONTH) as usize;
            if (1..=MONTHS).contains(&bucket) && !std::mem::replace(&mut met[bucket], true) {
                back[bucket] += 1;
            }
        }
    }
    let end = frame.slice.window.to.map_or(last, |d| d.0);
    let (mut sum, mut of) = (0, 0);
    let mut parts = Vec::new();
    for ((year, month), (n, back)) in &cohorts {
        let next = if *month == 12 { (year + 1, 1) } else { (*year, month + 1) };
        let last_of_month = crate::slice::day_of(next.0, next.1, 1).0 - 1;
        for (m, k) in back.iter().enumerate().skip(1) {
            // Complete where everybody who may have come in that month was observed to the end of the cell.
            if last_of_month + MONTH * (m as i32 + 1) > end + 1 {
                break;
            }
            if m == 1 {
                (sum, of) = (sum + k, of + n);
            }
            parts.push(Part {
                labels: vec![format!("{year:04}-{month:02}"), format!("month {m}")],
                value: Value::Exact(*k as f64 / *n as f64),
                of: Some((*k as f64, *n as f64)),
            });
        }
    }
    if of == 0 {
        return Err(Abstention::new(
            "no month's new customers are covered for 60 days by the orders",
            "orders of a longer time, with customers",
        ));
    }
    let estimate = assay_math::jeffreys_interval(sum, of, frame.asked.confidence);
    Ok(Figure { parts, ..Figure::ratio(sum as f64, of as f64).estimated(estimate) })
}
