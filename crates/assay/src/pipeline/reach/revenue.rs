//! What an engagement goes along with in revenue: posts and orders, week by week.

use super::{Error, Step, Watch, go_on};
use crate::report::reach::Valued;
use crate::report::{Origin, Warning};
use assay_import::{Bundle, Limits, ReadOptions, Sink};
use assay_model::{Calendar, Fact, Go, Orders, Posts, Reject, TimeMs, minor_places};
use assay_reach::page::{WeekTold, value_of_engagement};
use std::path::PathBuf;

/// Keeps the orders.
#[derive(Default)]
struct Kept {
    orders: Orders,
    n_rejected: u64,
}

impl Sink for Kept {
    fn fact(&mut self, fact: Fact<'_>) -> Go {
        if let Fact::Sale(order) = fact {
            self.orders.push(&order);
        }
        Go::On
    }

    fn reject(&mut self, _: Reject) -> Go {
        self.n_rejected += 1;
        Go::On
    }
}

/// Reads orders and holds them beside the engagements of posts.
///
/// # Errors
/// When the orders cannot be read or are in several currencies, or `watch` answers stop.
pub(super) fn from_orders(
    posts: &Posts,
    paths: &[PathBuf],
    (reading, calendar): (&ReadOptions, &Calendar),
    confidence: f64,
    origin: &mut Origin,
    watch: &mut Watch<'_>,
) -> Result<Valued, Error> {
    go_on(watch, Step::Named("reading orders"))?;
    let bundle = Bundle::open(paths, &Limits::default())?.read_as(reading.clone());
    let plan = assay_import::detect_orders(&bundle)?;
    let mut kept = Kept::default();
    let mut tick = |done, total| watch(Step::Named("reading orders"), done, total);
    let summary = assay_import::read(&bundle, &plan, &mut kept, &mut tick)?;
    origin.files.extend(summary.files);
    if kept.n_rejected > 0 {
        let text = format!("{} rows of the orders could not be read", kept.n_rejected);
        origin.warnings.push(Warning { id: "orders-rows", text });
    }
    if kept.orders.currencies.len() > 1 {
        return Err(Error::Input {
            message: format!("expected orders in one currency, found {}", kept.orders.currencies.join(", ")),
            hint: Some("keep the rows of one of them, or convert the amounts".to_owned()),
        });
    }
    let currency = kept.orders.currencies.first().cloned();
    let weeks = weeks(posts, &kept.orders, minor_places(currency.as_deref().unwrap_or_default()), calendar);
    let text =
        "revenue by orders is what moves along with engagements from week to week: an association, not an effect";
    origin.warnings.push(Warning { id: "revenue-not-causal", text: text.to_owned() });
    Ok(Valued { minor: value_of_engagement(&weeks, confidence), currency, n_weeks: Some(weeks.len()) })
}

/// The whole weeks that posts and orders both cover. Refunds are taken off.
fn weeks(posts: &Posts, orders: &Orders, places: u8, calendar: &Calendar) -> Vec<WeekTold> {
    let week = |at: TimeMs| i64::from(calendar.week(calendar.day(at)).0.div_euclid(7));
    let engaged: Vec<(i64, f64)> =
        posts.rows.iter().filter_map(|p| Some((week(p.published_at?), f64::from(p.engagements?)))).collect();
    let sold: Vec<(i64, f64)> =
        orders.rows.iter().filter_map(|o| Some((week(o.ordered_at), o.total.minor(places)? as f64))).collect();
    let span = |rows: &[(i64, f64)]| {
        let from = rows.iter().map(|r| r.0).min()?;
        rows.iter().map(|r| r.0).max().map(|to| (from, to))
    };
    let (Some((a, b)), Some((c, d))) = (span(&engaged), span(&sold)) else { return Vec::new() };
    // The first and the last week of either may be cut.
    let (from, to) = (a.max(c) + 1, b.min(d));
    let mut weeks: Vec<WeekTold> = (from..to).map(|week| WeekTold { week, ..WeekTold::default() }).collect();
    for (at, n) in engaged {
        if let Some(week) = usize::try_from(at - from).ok().and_then(|i| weeks.get_mut(i)) {
            week.engagements += n;
        }
    }
    for (at, minor) in sold {
        if let Some(week) = usize::try_from(at - from).ok().and_then(|i| weeks.get_mut(i)) {
            week.revenue_minor += minor;
        }
    }
    weeks
}

#[cfg(test)]
mod tests {
    use super::weeks;
    use assay_model::{Calendar, DAY_MS, Decimal, Order, Orders, Post, Posts, TimeMs, Weekday};

    #[test]
    fn weeks_are_those_of_the_business() {
        // A post and an order a week for six weeks: Saturday 10 January 2026, 23:30 UTC, is Sunday in Oslo.
        let saturday = 20_463;
        let (mut posts, mut orders) = (Posts::default(), Orders::default());
        for i in 0..6 {
            let at = Some(TimeMs((saturday + 7 * i) * DAY_MS + 84_600_000));
            posts.push(&Post { published_at: at, engagements: Some(1 << i), ..Post::default() });
            let total = Some(Decimal { units: 100 << i, places: 2 });
            orders.push(&Order { customer_id: Some("a"), ordered_at: at, total, ..Order::default() });
        }
        let starts = |calendar: &Calendar| -> Vec<(i64, f64)> {
            weeks(&posts, &orders, 2, calendar).iter().map(|w| (w.week, w.engagements)).collect()
        };
        let oslo = Calendar::new("Europe/Oslo", 3_600_000, Vec::new(), Weekday::Sunday);
        let (utc, there) = (starts(&Calendar::default()), starts(&oslo));
        // The first and the last may be cut. In UTC a week begins on Monday 5 January, in Oslo on Sunday 11: a week later.
        assert_eq!(utc.iter().map(|w| w.1).collect::<Vec<_>>(), [2.0, 4.0, 8.0, 16.0]);
        assert_eq!(there.iter().map(|w| w.1).collect::<Vec<_>>(), [2.0, 4.0, 8.0, 16.0]);
        assert_eq!(there[0].0 - utc[0].0, 1, "{utc:?} {there:?}");
    }
}
