//! Arrivals, or losses, counted in equal steps of time.

use crate::follow_order::Map;
use assay_model::{DAY_MS, DayCount, Loss, Page, RankRange, TimeMs, TimeQuality};

/// Most steps that are scanned; a longer history is counted in longer steps.
const MAX_STEPS: i64 = 100_000;

const HOUR_MS: i64 = 3_600_000;

/// Where follow times are only bounded, a step is long enough to hold this many rises of the bound on average.
const RISES_IN_STEP: f64 = 4.0;

/// Counts in equal steps of time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Series {
    /// First moment of the first step, in milliseconds since 1970.
    pub start: i64,
    /// Length of a step in milliseconds.
    pub step: i64,
    /// What was counted; `None` where nothing is known.
    pub counts: Vec<Option<u32>>,
    /// For each step, the rank of the first follower in it or later; empty where there is no list.
    pub first_rank: Vec<u32>,
}

impl Series {
    /// The moment at which step `i` begins.
    pub fn at(&self, i: usize) -> TimeMs {
        TimeMs(self.start + i as i64 * self.step)
    }

    /// The ranks of the followers in steps `from..to`.
    pub fn ranks(&self, from: usize, to: usize) -> Option<RankRange> {
        let first = *self.first_rank.get(from)?;
        let end = *self.first_rank.get(to)?;
        (end > first).then(|| RankRange { first, last: end - 1 })
    }

    /// How many steps make a day; at least one.
    pub fn steps_in_day(&self) -> f64 {
        (DAY_MS as f64 / self.step as f64).max(1.0)
    }
}

/// The arrivals of a page: from the follow times of its list where they are known, else from daily counts, else from the
/// bounds on follow times where these rise often enough.
pub(crate) fn arrivals(page: &Page) -> Option<Series> {
    let audience = &page.audience;
    let timed: Vec<(u32, i64)> = match audience.quality() {
        q if q.is_timed() => {
            (0..audience.len()).filter_map(|i| audience.followed_at.get(i).map(|t| (i as u32, t.0))).collect()
        }
        _ => Vec::new(),
    };
    if !timed.is_empty() {
        let step = if audience.quality() == TimeQuality::Day { DAY_MS } else { HOUR_MS };
        return Some(from_times(&timed, step));
    }
    if page.daily.iter().any(|d| d.follows.is_some()) {
        return from_days(&page.daily, |d| d.follows);
    }
    let map = Map::of(audience);
    if map.timed {
        return None;
    }
    let rises = (1..map.len()).filter(|&i| map.at[i] > map.at[i - 1]).count() as f64;
    let span = map.at.last()? - map.at.first()?;
    let step_days = (span * RISES_IN_STEP / rises.max(1.0)).max(1.0);
    if !map.tells_time || span < 20.0 * step_days {
        return None;
    }
    let times: Vec<(u32, i64)> = map.row.iter().zip(&map.at).map(|(&r, &d)| (r, (d * DAY_MS as f64) as i64)).collect();
    Some(from_times(&times, (step_days * DAY_MS as f64) as i64))
}

/// The losses of a page: daily unfollows, else single losses with a time. Those that are known by two lists have none.
pub(crate) fn losses(page: &Page) -> Option<Series> {
    if page.daily.iter().any(|d| d.unfollows.is_some()) {
        return from_days(&page.daily, |d| d.unfollows);
    }
    let times: Vec<(u32, i64)> =
        page.losses.iter().filter(|l: &&Loss| l.after.is_none()).map(|l| (0, l.at.0)).collect();
    (!times.is_empty()).then(|| Series { first_rank: Vec::new(), ..from_times(&times, DAY_MS) })
}

/// Counts (rank, time) pairs, in order of rank, in steps of at least `step`.
fn from_times(times: &[(u32, i64)], step: i64) -> Series {
    let least = times.iter().map(|t| t.1).min().unwrap_or(0);
    let most = times.iter().map(|t| t.1).max().unwrap_or(0);
    let mut step = step;
    while (most - least) / step >= MAX_STEPS {
        step *= 2;
    }
    let start = least.div_euclid(step) * step;
    let n_steps = ((most - start) / step) as usize + 1;
    let mut counts = vec![0_u32; n_steps];
    let mut first_rank = vec![u32::MAX; n_steps + 1];
    for &(rank, at) in times {
        let i = ((at - start) / step) as usize;
        counts[i] += 1;
        first_rank[i] = first_rank[i].min(rank);
    }
    first_rank[n_steps] = times.last().map_or(0, |t| t.0 + 1);
    for i in (0..n_steps).rev() {
        first_rank[i] = first_rank[i].min(first_rank[i + 1]);
    }
    Series { start, step, counts: counts.into_iter().map(Some).collect(), first_rank }
}

fn from_days(days: &[DayCount], count: impl Fn(&DayCount) -> Option<u32>) -> Option<Series> {
    let first = days.iter().map(|d| d.day.0).min()?;
    let last = days.iter().map(|d| d.day.0).max()?;
    let n_steps = (i64::from(last) - i64::from(first) + 1).min(MAX_STEPS) as usize;
    let mut counts = vec![None; n_steps];
    for day in days {
        if let Some(slot) = counts.get_mut((day.day.0 - first) as usize) {
            *slot = count(day).or(*slot);
        }
    }
    Some(Series { start: i64::from(first) * DAY_MS, step: DAY_MS, counts, first_rank: Vec::new() })
}
