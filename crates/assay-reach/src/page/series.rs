//! The posts of a page as a series: in order of time, with the logarithm of how far each went and what was known of it before
//! it was published.

use assay_model::{PostRow, Posts};
use serde::Serialize;

/// Which number of a post is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Target {
    /// Accounts that saw the post.
    Reach,
    /// Followers that saw it.
    FanReach,
    /// How often it was shown.
    Impressions,
}

impl Target {
    /// All targets, the most telling first.
    pub const ALL: [Self; 3] = [Self::Reach, Self::FanReach, Self::Impressions];

    /// Its name on the command line, in JSON and as a column.
    pub fn id(self) -> &'static str {
        match self {
            Self::Reach => "reach",
            Self::FanReach => "fan_reach",
            Self::Impressions => "impressions",
        }
    }

    /// The number of a post.
    pub fn of(self, post: &PostRow) -> Option<u32> {
        match self {
            Self::Reach => post.reach,
            Self::FanReach => post.fan_reach,
            Self::Impressions => post.impressions,
        }
    }

    /// The first target that at least half as many posts have as have any one.
    pub fn of_table(posts: &Posts) -> Option<Self> {
        let count = |t: &Self| posts.rows.iter().filter(|p| t.of(p).is_some_and(|n| n > 0)).count();
        let most = Self::ALL.iter().map(count).max().filter(|n| *n > 0)?;
        Self::ALL.into_iter().find(|t| 2 * count(t) >= most)
    }
}

/// What the order of the posts rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// The time of every post.
    Times,
    /// Months, and the order of rows within them.
    Months,
}

/// A post in its place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Placed {
    /// What the table says of it.
    pub row: PostRow,
    /// The natural logarithm of the target.
    pub log: f64,
    /// Posts published on the same day before it.
    pub n_that_day: u32,
    /// Days since the post before it; 0 for the first.
    pub gap_days: f64,
    /// Hour of the day, 0 up to 24.
    pub hour: Option<f64>,
    /// Day of the week, 0..7.
    pub weekday: Option<usize>,
}

/// The posts of a page that have the target, oldest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Which number it is about.
    pub target: Target,
    /// What the order rests on.
    pub timing: Timing,
    /// The posts.
    pub posts: Vec<Placed>,
    /// Names of the kinds, as [`PostRow::kind`] counts them.
    pub kinds: Vec<String>,
    /// Posts without the target.
    pub n_without: usize,
    /// Posts whose target is 0, which has no logarithm.
    pub n_zero: usize,
    /// Posts without a time in a table in which others have one.
    pub n_untimed: usize,
}

impl Series {
    /// Puts posts in order. Costs O(n log n).
    pub fn new(posts: &Posts, target: Target) -> Self {
        let n_timed = posts.rows.iter().filter(|p| p.published_at.is_some()).count();
        let timing = if n_timed > 0 { Timing::Times } else { Timing::Months };
        let mut rows: Vec<&PostRow> = posts.rows.iter().collect();
        let mut n_untimed = 0;
        if timing == Timing::Times {
            rows.retain(|p| p.published_at.is_some());
            n_untimed = posts.rows.len() - n_timed;
            rows.sort_by_key(|p| p.published_at);
        } else if newest_first(&rows) {
            rows.reverse();
        }
        let mut series =
            Self { target, timing, posts: Vec::new(), kinds: posts.kinds.clone(), n_without: 0, n_zero: 0, n_untimed };
        let mut before: Option<&PostRow> = None;
        let mut n_that_day = 0;
        // The gap since the last post that has the target; posts between them count for the day.
        let mut gap_days = 0.0;
        for row in rows {
            if let Some(last) = before {
                let (gap, same_day) = apart(last, row);
                gap_days += gap;
                n_that_day = if same_day { n_that_day + 1 } else { 0 };
            }
            before = Some(row);
            match target.of(row) {
                None => series.n_without += 1,
                Some(0) => series.n_zero += 1,
                Some(n) => {
                    series.posts.push(Placed {
                        row: *row,
                        log: f64::from(n).ln(),
                        n_that_day,
                        gap_days,
                        hour: hour(row),
                        weekday: weekday(row),
                    });
                    gap_days = 0.0;
                }
            }
        }
        if let Some(first) = series.posts.first_mut() {
            first.gap_days = 0.0;
        }
        series
    }

    /// The logarithms, oldest first.
    pub fn logs(&self) -> Vec<f64> {
        self.posts.iter().map(|p| p.log).collect()
    }

    /// The median of the gaps between posts in days, of those above 0; 1 where there is none.
    pub fn typical_gap_days(&self) -> f64 {
        let gaps: Vec<f64> = self.posts.iter().map(|p| p.gap_days).filter(|g| *g > 0.0).collect();
        super::numbers::median(&gaps).unwrap_or(1.0)
    }
}

/// Whether rows without times stand newest first: months or followers fall more often than they rise.
fn newest_first(rows: &[&PostRow]) -> bool {
    let mut falls = 0_i64;
    for pair in rows.windows(2) {
        // A year's turn is a rise of eleven months: it weighs as a step of one month the other way.
        let month = |p: &PostRow| p.month.map(i64::from);
        if let (Some(a), Some(b)) = (month(pair[0]), month(pair[1])) {
            let step = (b - a + 18).rem_euclid(12) - 6;
            falls -= step.signum();
        }
        if let (Some(a), Some(b)) = (pair[0].followers, pair[1].followers) {
            falls += i64::from(a > b) - i64::from(a < b);
        }
    }
    falls > 0
}

/// Days between two posts, and whether they are of one day.
fn apart(before: &PostRow, after: &PostRow) -> (f64, bool) {
    if let (Some(a), Some(b)) = (before.published_at, after.published_at) {
        return (b.days_since(a).max(0.0), a.day() == b.day());
    }
    let same_day = (before.month, before.weekday) == (after.month, after.weekday);
    if same_day {
        return (0.0, true);
    }
    match (before.weekday, after.weekday) {
        (Some(a), Some(b)) => {
            let days = (i64::from(b) - i64::from(a)).rem_euclid(7);
            (if days == 0 { 7.0 } else { days as f64 }, false)
        }
        _ => (1.0, false),
    }
}

fn hour(row: &PostRow) -> Option<f64> {
    let clock = row.published_at.map(|at| at.0.rem_euclid(assay_model::DAY_MS) as f64 / 3_600_000.0);
    clock.or(row.hour.map(|h| f64::from(h % 24)))
}

fn weekday(row: &PostRow) -> Option<usize> {
    let day = row.published_at.map(|at| (i64::from(at.day().0) + 4).rem_euclid(7) as usize);
    day.or(row.weekday.map(|d| (d % 7) as usize))
}

#[cfg(test)]
mod tests {
    use super::{Series, Target, Timing};
    use assay_model::{Post, Posts, TimeMs};

    fn posts(rows: &[Post<'_>]) -> Posts {
        let mut posts = Posts::default();
        for post in rows {
            posts.push(post);
        }
        posts
    }

    #[test]
    fn posts_are_put_in_order_and_counted_by_day() {
        let at = |hours: i64, reach| Post {
            published_at: Some(TimeMs(hours * 3_600_000)),
            reach: Some(reach),
            ..Post::default()
        };
        let series = Series::new(
            &posts(&[at(30, 7), at(1, 5), at(2, 0), at(3, 6), Post { reach: Some(1), ..Post::default() }]),
            Target::Reach,
        );
        assert_eq!(series.posts.iter().map(|p| p.n_that_day).collect::<Vec<_>>(), [0, 2, 0]);
        assert_eq!(series.posts.iter().map(|p| p.row.reach).collect::<Vec<_>>(), [Some(5), Some(6), Some(7)]);
        assert_eq!((series.n_zero, series.n_untimed, series.timing), (1, 1, Timing::Times));
        // 1970-01-01 was a Thursday.
        assert_eq!(series.posts[0].weekday, Some(4));
        assert!((series.posts[1].gap_days - 2.0 / 24.0).abs() < 1e-12);
    }

    #[test]
    fn months_tell_the_order_where_no_times_do() {
        let on = |month, weekday, reach| Post {
            month: Some(month),
            weekday: Some(weekday),
            reach: Some(reach),
            ..Post::default()
        };
        let rows = [on(2, 3, 9), on(2, 3, 8), on(1, 2, 7), on(12, 2, 6), on(11, 5, 5)];
        let series = Series::new(&posts(&rows), Target::Reach);
        assert_eq!(series.posts.iter().filter_map(|p| p.row.reach).collect::<Vec<_>>(), [5, 6, 7, 8, 9]);
        assert_eq!(series.posts.iter().map(|p| p.n_that_day).collect::<Vec<_>>(), [0, 0, 0, 0, 1]);
    }
}
