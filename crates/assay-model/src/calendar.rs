//! How a business counts its days and weeks: by the clocks of its zone, from the day its weeks begin with.
//!
//! Facts hold times in UTC; a day is asked of the calendar. The shell knows the rules of zones and makes calendars
//! ([`Calendar::new`]); here a zone is the list of moments at which its clocks were set.

use crate::time::{DAY_MS, Day, TimeMs};
use crate::when::iso_day;
use std::fmt::Write as _;

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[expect(missing_docs, reason = "the days of the week")]
pub enum Weekday {
    #[default]
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// Every day, from Monday.
    pub const ALL: [Self; 7] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];

    /// Its name in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }

    /// The day of a name, or of its first three letters.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim().to_lowercase();
        Self::ALL.into_iter().find(|day| text == day.name() || text == day.name()[..3])
    }
}

/// The days and weeks of a business. The default counts days in UTC and weeks from Monday.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Calendar {
    zone: Option<String>,
    /// What clocks are ahead of UTC before the first change, in milliseconds.
    first_ms: i64,
    /// Moments at which clocks were set, in order, and what they are ahead of UTC from then on, in milliseconds.
    changes: Vec<(TimeMs, i64)>,
    /// The day that weeks begin with.
    pub week_start: Weekday,
}

impl Calendar {
    /// The calendar of a zone of this name, whose clocks are ahead of UTC by `first_ms` until the first of the changes, which
    /// come in order of time.
    pub fn new(zone: &str, first_ms: i64, changes: Vec<(TimeMs, i64)>, week_start: Weekday) -> Self {
        debug_assert!(changes.is_sorted_by(|a, b| a.0 < b.0), "changes in order of time");
        if first_ms == 0 && changes.is_empty() {
            return Self { week_start, ..Self::default() };
        }
        Self { zone: Some(zone.to_owned()), first_ms, changes, week_start }
    }

    /// The name of the zone.
    pub fn zone(&self) -> &str {
        self.zone.as_deref().unwrap_or("UTC")
    }

    /// What clocks are ahead of UTC at a moment, in milliseconds.
    fn ahead_ms(&self, at: TimeMs) -> i64 {
        let n = self.changes.partition_point(|(from, _)| *from <= at);
        if n == 0 { self.first_ms } else { self.changes[n - 1].1 }
    }

    /// The day that a time lies in. A time of exactly midnight in UTC is a date alone, as files tell it, and is that day: of real
    /// times one in 86,400 is taken for one.
    pub fn day(&self, at: TimeMs) -> Day {
        if self.zone.is_none() || at.0.rem_euclid(DAY_MS) == 0 { at.day() } else { self.clock_day(at) }
    }

    /// The day that clocks show.
    fn clock_day(&self, at: TimeMs) -> Day {
        TimeMs(at.0.saturating_add(self.ahead_ms(at))).day()
    }

    /// The first moment of a day. Where clocks leave midnight out, the first that there is.
    pub fn start(&self, day: Day) -> TimeMs {
        let midnight = day.start();
        if self.zone.is_none() {
            return midnight;
        }
        // Clocks are less than a day from UTC: the first moment is that of the offset that holds there, or a change near it.
        let near = |at: TimeMs| (at.0 - midnight.0).abs() <= DAY_MS;
        let offsets = std::iter::once(self.first_ms).chain(self.changes.iter().map(|c| c.1));
        let mut moments: Vec<TimeMs> = offsets.map(|ahead| TimeMs(midnight.0 - ahead)).collect();
        moments.extend(self.changes.iter().map(|c| c.0).filter(|at| near(*at)));
        moments.into_iter().filter(|at| self.clock_day(*at) == day).min().unwrap_or(midnight)
    }

    /// The first day of the week that a day lies in.
    pub fn week(&self, day: Day) -> Day {
        // 1970-01-01 was a Thursday.
        let since_monday = (day.0 + 3).rem_euclid(7);
        Day(day.0 - (since_monday - self.week_start as i32).rem_euclid(7))
    }

    /// The day of a column of times (RFC 3339 in UTC), as `SQLite` tells it; right for times on days from `from` to `to`.
    pub fn day_sql(&self, column: &str, from: Day, to: Day) -> String {
        if self.zone.is_none() {
            return format!("substr({column}, 1, 10)");
        }
        let (from, to) = (TimeMs(from.start().0 - 2 * DAY_MS), TimeMs(to.start().0 + 2 * DAY_MS));
        let shifted = |ahead_ms: i64| format!("'{:+} seconds'", ahead_ms / 1000);
        let mut by = shifted(self.ahead_ms(from));
        let within: Vec<&(TimeMs, i64)> = self.changes.iter().filter(|c| c.0 > from && c.0 <= to).collect();
        if !within.is_empty() {
            let mut cases = String::new();
            for (at, ahead) in within.into_iter().rev() {
                let _ = write!(cases, " WHEN {column} >= '{}' THEN {}", moment(*at), shifted(*ahead));
            }
            by = format!("CASE{cases} ELSE {by} END");
        }
        format!("CASE WHEN {column} LIKE '%T00:00:00.000Z' THEN substr({column}, 1, 10) ELSE date({column}, {by}) END")
    }
}

/// A moment as the workspace's views write it.
fn moment(at: TimeMs) -> String {
    let s = at.0.rem_euclid(DAY_MS) / 1000;
    format!("{}T{:02}:{:02}:{:02}.000Z", iso_day(at.day()), s / 3_600, s / 60 % 60, s % 60)
}

#[cfg(test)]
mod tests {
    use super::{Calendar, Weekday};
    use crate::time::{DAY_MS, Day, TimeMs};

    const HOUR_MS: i64 = 3_600_000;

    /// Central European time of 2026: clocks go on at 01:00 UTC on 29 March, and back on 25 October.
    fn central() -> Calendar {
        let changes = vec![(TimeMs(1_774_746_000_000), 2 * HOUR_MS), (TimeMs(1_792_890_000_000), HOUR_MS)];
        Calendar::new("Europe/Berlin", HOUR_MS, changes, Weekday::Monday)
    }

    #[test]
    fn days_are_those_of_the_clocks() {
        let calendar = central();
        // 2026-03-28 is day 20540.
        let late = |day: i32, hour: i64, minute: i64| TimeMs(Day(day).start().0 + hour * HOUR_MS + minute * 60_000);
        assert_eq!(calendar.day(late(20_540, 22, 59)), Day(20_540));
        assert_eq!(calendar.day(late(20_540, 23, 0)), Day(20_541), "midnight in winter");
        assert_eq!(calendar.day(late(20_541, 21, 59)), Day(20_541));
        assert_eq!(calendar.day(late(20_541, 22, 0)), Day(20_542), "midnight in summer");
        for day in 20_400..20_800 {
            let start = calendar.start(Day(day));
            assert_eq!((calendar.day(start), calendar.day(TimeMs(start.0 - 1))), (Day(day), Day(day - 1)));
            assert_eq!(calendar.day(Day(day).start()), Day(day), "a date alone is its day");
        }
        let whole = calendar.start(Day(20_542)).0 - calendar.start(Day(20_541)).0;
        assert_eq!(whole, 23 * HOUR_MS, "the day on which clocks go on has 23 hours");
    }

    #[test]
    fn a_midnight_that_clocks_leave_out_begins_with_the_change() {
        // Clocks go on by an hour at midnight, as in Santiago.
        let change = Day(20_000).start();
        let calendar = Calendar::new("made", 0, vec![(change, HOUR_MS)], Weekday::Monday);
        assert_eq!(calendar.start(Day(20_000)), change);
        assert_eq!(calendar.day(TimeMs(change.0 - 1)), Day(19_999));
        assert_eq!(calendar.start(Day(20_001)), TimeMs(change.0 + DAY_MS - HOUR_MS));
    }

    #[test]
    fn weeks_begin_where_they_are_said_to() {
        for (first, n) in Weekday::ALL.into_iter().zip(0..) {
            let calendar = Calendar { week_start: first, ..Calendar::default() };
            for day in -10..10 {
                let week = calendar.week(Day(day));
                assert!((0..7).contains(&(day - week.0)));
                // 1970-01-05, day 4, was a Monday.
                assert_eq!((week.0 - 4).rem_euclid(7), n);
            }
        }
        assert_eq!(
            (Weekday::parse(" Sun"), Weekday::parse("sunday"), Weekday::parse("s")),
            (Some(Weekday::Sunday), Some(Weekday::Sunday), None)
        );
    }

    #[test]
    fn sql_names_the_changes_of_its_days_alone() {
        let calendar = central();
        assert_eq!(Calendar::default().day_sql("at", Day(0), Day(9)), "substr(at, 1, 10)");
        assert_eq!(
            calendar.day_sql("at", Day(20_460), Day(20_500)),
            "CASE WHEN at LIKE '%T00:00:00.000Z' THEN substr(at, 1, 10) ELSE date(at, '+3600 seconds') END"
        );
        let changing =
            "date(at, CASE WHEN at >= '2026-03-29T01:00:00.000Z' THEN '+7200 seconds' ELSE '+3600 seconds' END) END";
        assert!(calendar.day_sql("at", Day(20_460), Day(20_600)).ends_with(changing));
    }
}
