//! Points and spans of time. Rendering and parsing of dates happen at the edges; here a time is a number.

use crate::column::Cell;
use serde::Serialize;

/// Milliseconds in a day.
pub const DAY_MS: i64 = 86_400_000;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct TimeMs(pub i64);

impl TimeMs {
    /// The UTC day that this time lies in.
    pub fn day(self) -> Day {
        Day(self.0.div_euclid(DAY_MS) as i32)
    }

    /// Whether the time can be one of a social network: from 1970 to 2243. [`crate::arrange`] leaves others out, lest one
    /// broken row stretch a history over millions of years.
    pub fn is_plausible(self) -> bool {
        (0..100_000 * DAY_MS).contains(&self.0)
    }

    /// Days from `earlier` to this time, negative if it lies before.
    pub fn days_since(self, earlier: Self) -> f64 {
        (self.0 - earlier.0) as f64 / DAY_MS as f64
    }
}

impl Cell for TimeMs {
    const MISSING: Self = Self(i64::MIN);
}

/// Whole days since 1970-01-01, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Day(pub i32);

impl Day {
    /// The first moment of the day.
    pub fn start(self) -> TimeMs {
        TimeMs(i64::from(self.0) * DAY_MS)
    }
}

/// A span of time; both ends belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Span {
    /// First moment.
    pub from: TimeMs,
    /// Last moment.
    pub to: TimeMs,
}

impl Span {
    /// The smallest span that holds both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self { from: self.from.min(other.from), to: self.to.max(other.to) }
    }

    /// Days from the first moment to the last.
    pub fn days(self) -> f64 {
        self.to.days_since(self.from)
    }
}

/// How well the time of a follow is known, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TimeQuality {
    /// To the second or better.
    Exact,
    /// To the minute.
    Minute,
    /// To the day.
    Day,
    /// Bounded below only, by the accounts that followed earlier.
    Bounded,
    /// The order of follows is known, their times are not.
    OrderOnly,
    /// Neither order nor time is known.
    Unknown,
}

impl TimeQuality {
    /// The name that JSON and tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Exact => "exact",
            Self::Minute => "minute",
            Self::Day => "day",
            Self::Bounded => "bounded",
            Self::OrderOnly => "order_only",
            Self::Unknown => "unknown",
        }
    }

    /// Whether a time is known to the day or better.
    pub fn is_timed(self) -> bool {
        self <= Self::Day
    }
}
