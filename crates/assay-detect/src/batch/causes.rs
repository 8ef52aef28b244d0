//! What else happened when followers came: events that the owner tells of, and follows that the platform counts as paid.

use assay_model::{Cause, DAY_MS, Day, Event, EventKind, Page, Span, TimeMs, ToldBy};

/// Clocks and zones differ by up to half a day.
const SLACK_MS: i64 = DAY_MS / 2;

/// Of the arrivals beyond expectation, the share that the platform must count as paid for to be explained by it.
const PAID_SHARE: f64 = 0.5;

/// Advertising that runs longer explains no burst: it was there before and after (made).
const CAMPAIGN_DAYS: f64 = 31.0;

/// The most posts that are told of a burst.
const MOST_POSTS: usize = 3;

/// What happened in a span of arrivals: events in order of time, then what was paid.
pub(crate) fn of(page: &Page, arrived: Span) -> Vec<Cause> {
    let events = page.events.iter().filter(|e| {
        let echo = (e.kind.echo_days() * DAY_MS as f64) as i64;
        e.span.from.0.saturating_sub(SLACK_MS) <= arrived.to.0
            && e.span.to.0.saturating_add(echo + SLACK_MS) >= arrived.from.0
    });
    let mut events: Vec<&Event> = events.collect();
    // Of posts that just stood there the nearest to the beginning of the arrivals are told.
    let far = |e: &Event| e.span.from.0.abs_diff(arrived.from.0);
    let stands = |e: &Event| e.told_by == ToldBy::Business && e.kind == EventKind::Post;
    let mut posts: Vec<u64> = events.iter().filter(|e| stands(e)).map(|e| far(e)).collect();
    posts.sort_unstable();
    let farthest = posts.get(MOST_POSTS).copied().unwrap_or(u64::MAX);
    events.retain(|e| !stands(e) || far(e) < farthest);
    let mut causes: Vec<Cause> = events
        .into_iter()
        .map(|e| Cause { kind: e.kind, name: e.name.clone(), span: e.span, told_by: e.told_by, n_follows: None })
        .collect();
    let days = (page.calendar.day(arrived.from), page.calendar.day(arrived.to));
    let paid = page.daily.iter().filter(|d| (days.0..=days.1).contains(&d.day)).filter_map(|d| d.paid);
    let n_paid: u64 = paid.map(u64::from).sum();
    if n_paid > 0 {
        causes.push(Cause {
            kind: EventKind::Campaign,
            name: String::new(),
            span: Span { from: page.calendar.start(days.0), to: TimeMs(page.calendar.start(Day(days.1.0 + 1)).0 - 1) },
            told_by: ToldBy::Platform,
            n_follows: Some(n_paid),
        });
    }
    causes
}

/// Whether causes account for a burst with so many arrivals beyond expectation: an event of the owner's, or enough follows
/// that were paid for.
pub(crate) fn explain(causes: &[Cause], n_beyond: f64) -> bool {
    causes.iter().any(|c| match c.told_by {
        ToldBy::Owner => true,
        ToldBy::AdReport => c.span.days() <= CAMPAIGN_DAYS,
        ToldBy::Business => false,
        ToldBy::Platform => c.n_follows.is_some_and(|n| n as f64 >= PAID_SHARE * n_beyond),
    })
}

#[cfg(test)]
mod tests {
    use super::{explain, of};
    use assay_model::{DAY_MS, Day, DayCount, Event, EventKind, Page, RowRef, Span, TimeMs, ToldBy};

    fn days(from: f64, to: f64) -> Span {
        let at = |d: f64| TimeMs((d * DAY_MS as f64) as i64);
        Span { from: at(from), to: at(to) }
    }

    #[test]
    fn an_event_explains_what_comes_while_it_runs_and_shortly_after() {
        let event = |kind, span| Event { span, kind, name: "spring".to_owned(), told_by: ToldBy::Owner };
        let page = Page {
            events: vec![event(EventKind::Campaign, days(100.0, 114.0)), event(EventKind::Post, days(200.0, 200.0))],
            ..Page::default()
        };
        for (from, to, n) in [
            (90.0, 99.0, 0),
            (99.0, 101.0, 1),
            (113.0, 130.0, 1),
            (117.0, 120.0, 0),
            (202.0, 204.0, 1),
            (205.0, 206.0, 0),
        ] {
            assert_eq!(of(&page, days(from, to)).len(), n, "{from} to {to}");
        }
    }

    #[test]
    fn what_always_runs_is_named_and_explains_nothing() {
        let event = |kind, told_by, from, to| Event { span: days(from, to), kind, name: String::new(), told_by };
        let post = |at: f64| event(EventKind::Post, ToldBy::Business, at, at);
        let mut page = Page { events: (0..9).map(|i| post(99.0 + 0.3 * f64::from(i))).collect(), ..Page::default() };
        let causes = of(&page, days(100.0, 101.0));
        assert_eq!(causes.len(), 3, "{causes:?}");
        assert!(!explain(&causes, 10.0));
        page.events = vec![event(EventKind::Campaign, ToldBy::AdReport, 1.0, 200.0)];
        assert!(!explain(&of(&page, days(100.0, 101.0)), 10.0));
        page.events = vec![event(EventKind::Campaign, ToldBy::AdReport, 95.0, 105.0)];
        assert!(explain(&of(&page, days(100.0, 101.0)), 10.0));
    }

    #[test]
    fn paid_follows_explain_a_burst_only_if_they_are_most_of_it() {
        let count = |day, paid| DayCount {
            day: Day(day),
            follows: Some(500),
            unfollows: None,
            paid: Some(paid),
            auto_invited: None,
            source: RowRef::default(),
        };
        let page = Page { daily: vec![count(10, 40), count(11, 300), count(12, 0)], ..Page::default() };
        let causes = of(&page, days(10.3, 11.9));
        assert_eq!((causes[0].told_by, causes[0].n_follows), (ToldBy::Platform, Some(340)));
        assert!(explain(&causes, 600.0) && !explain(&causes, 900.0));
        assert!(of(&page, days(12.0, 12.5)).is_empty());
    }
}
