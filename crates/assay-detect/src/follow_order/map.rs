//! The follower map in numbers, and bands on it.

use assay_model::{Audience, DAY_MS, TimeMs};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// Hours in a day.
const HOURS: f64 = 24.0;

/// One account in so many may stand out of order without spoiling the bound on follow times.
const OUTLIERS_EVERY: usize = 500;

/// An account younger than this many days when it followed is newborn: it was opened to follow something, as people do.
pub(crate) const NEWBORN_DAYS: f64 = 0.5;

/// The follower map: one entry for each follower that has a creation date, in follow order.
#[derive(Debug, Clone, Default)]
pub(crate) struct Map {
    /// Row of the audience.
    pub row: Vec<u32>,
    /// Creation, in days since 1970.
    pub created: Vec<f64>,
    /// Follow time or its lower bound, in days since 1970.
    pub at: Vec<f64>,
    /// ln(1 + age at follow in hours).
    pub log_age: Vec<f64>,
    /// Whether the account belongs to a group that was found already.
    pub taken: Vec<bool>,
    /// Whether follow times are known, rather than bounded.
    pub timed: bool,
    /// Whether `at` follows the calendar: known times, or creation dates that rise along the list as they do in follow order.
    pub tells_time: bool,
}

impl Map {
    /// Reads the map off an audience. A follow before the account's creation (clocks, deleted and reopened accounts) counts
    /// as age 0.
    ///
    /// Where follow times are not known, the time at a rank is the k-th latest creation date so far, with k growing by one
    /// every [`OUTLIERS_EVERY`] ranks: a lower bound like the latest one (Meeder and others 2011), which a few accounts out
    /// of order do not spoil.
    pub fn of(audience: &Audience) -> Self {
        let days = |t: TimeMs| t.0 as f64 / DAY_MS as f64;
        let timed = audience.quality().is_timed();
        let mut map = Self { timed, ..Self::default() };
        let mut newest: BinaryHeap<Reverse<TimeMs>> = BinaryHeap::new();
        let (mut latest, mut n_records) = (TimeMs(i64::MIN), 0_u32);
        let mut now = f64::NEG_INFINITY;
        for i in 0..audience.len() {
            let Some(created) = audience.created_at.get(i) else { continue };
            if created > latest {
                (latest, n_records) = (created, n_records + 1);
            }
            newest.push(Reverse(created));
            if newest.len() > 1 + map.len() / OUTLIERS_EVERY {
                newest.pop();
            }
            let bound = newest.peek().map_or(created, |r| r.0);
            let at = if timed { audience.followed_at.get(i) } else { Some(bound) };
            if let Some(at) = at {
                now = now.max(days(at));
                map.push(i as u32, days(created), now);
            }
        }
        // In a list without order, the latest creation date rises about ln n + 0.58 times, with variance below ln n.
        let by_chance = (map.len() as f64).ln_1p();
        map.tells_time = timed || f64::from(n_records) > by_chance + 0.58 + 4.0 * by_chance.sqrt();
        map
    }

    /// Adds an entry.
    pub fn push(&mut self, row: u32, created: f64, at: f64) {
        self.row.push(row);
        self.created.push(created);
        self.at.push(at);
        self.log_age.push(log_age(at - created));
        self.taken.push(false);
    }

    /// How many entries.
    pub fn len(&self) -> usize {
        self.row.len()
    }

    /// The coordinate of an entry on an axis.
    pub fn value(&self, axis: Axis, i: usize) -> f64 {
        match axis {
            Axis::Created => self.created[i],
            Axis::Age => self.log_age[i],
        }
    }

    /// Whether an entry lies in a band.
    pub fn in_band(&self, band: Band, i: usize) -> bool {
        (band.low..=band.high).contains(&self.value(band.axis, i))
    }
}

/// ln(1 + hours) of an age in days; a negative age counts as 0.
pub(crate) fn log_age(days: f64) -> f64 {
    (days.max(0.0) * HOURS).ln_1p()
}

/// The age in days whose [`log_age`] is this.
pub(crate) fn age_days(log_age: f64) -> f64 {
    log_age.exp_m1() / HOURS
}

/// The upright axis of the follower map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Axis {
    /// Creation date, in days since 1970.
    Created,
    /// [`log_age`] at follow.
    Age,
}

/// A band across the map; both ends belong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Band {
    pub axis: Axis,
    pub low: f64,
    pub high: f64,
}

impl Band {
    /// Whether two bands lie on one axis and share a part of it.
    pub fn meets(self, other: Self) -> bool {
        self.axis == other.axis && self.low <= other.high && other.low <= self.high
    }

    /// The smallest band that holds both.
    #[must_use]
    pub fn join(self, other: Self) -> Self {
        Self { axis: self.axis, low: self.low.min(other.low), high: self.high.max(other.high) }
    }
}
