//! Dates of posts that are answered, and that a reader should know to be odd.

use crate::report::Warning;
use assay_model::{DAY_MS, TimeMs};
use assay_reach::page::{Series, Timing};

/// A gap is told of if it is so many days or longer,
const GAP_DAYS_MIN: f64 = 60.0;
/// and so many times the usual one.
const GAP_TIMES_MIN: f64 = 10.0;
/// Posts are of the future if they lie further ahead than zones lie apart.
const AHEAD_MS_MAX: i64 = DAY_MS;

/// Warnings on posts of a single day, on months without a post, and on posts that lie ahead.
pub(super) fn odd(series: &Series, now: TimeMs) -> Vec<Warning> {
    let times: Vec<TimeMs> = series.posts.iter().filter_map(|p| p.row.published_at).collect();
    let (Some(first), Some(last)) = (times.first(), times.last()) else { return Vec::new() };
    let mut warnings = Vec::new();
    if series.timing == Timing::Times && times.len() > 1 && first.day() == last.day() {
        let text = format!(
            "all {} posts are of one day, {}: nothing tells how reach moves from day to day, and if the column is the day of the export, \
             their order is that of the rows alone",
            times.len(),
            day(*first)
        );
        warnings.push(Warning { id: "one-day", text });
    }
    let usual = series.typical_gap_days();
    let long = |gap: f64| gap >= GAP_DAYS_MIN && gap >= GAP_TIMES_MIN * usual;
    let n_long = series.posts.iter().filter(|p| long(p.gap_days)).count();
    let longest = series.posts.iter().enumerate().max_by(|a, b| a.1.gap_days.total_cmp(&b.1.gap_days));
    if let (Some((i, post)), true) = (longest, n_long > 0) {
        let ends = [i.checked_sub(1).and_then(|i| series.posts[i].row.published_at), post.row.published_at];
        let between = match ends {
            [Some(from), Some(to)] => format!(" between {} and {}", day(from), day(to)),
            _ => String::new(),
        };
        let more = if n_long > 1 { format!(", the longest of {n_long} such gaps") } else { String::new() };
        let text = format!(
            "no post for {:.0} days{between}{more}: the level may have moved meanwhile, or posts are missing from the table",
            post.gap_days
        );
        warnings.push(Warning { id: "long-gap", text });
    }
    let n_ahead = times.iter().filter(|t| t.0 > now.0 + AHEAD_MS_MAX).count();
    if n_ahead > 0 {
        let text = format!(
            "{n_ahead} posts lie in the future, the last on {}: they are planned, or their dates are read wrongly (--dates says whether the \
             day or the month comes first)",
            day(*last)
        );
        warnings.push(Warning { id: "posts-in-the-future", text });
    }
    warnings
}

/// A day in UTC, as 2025-01-31; a time that no calendar holds as its number.
fn day(at: TimeMs) -> String {
    let known = jiff::Timestamp::from_millisecond(at.0);
    known.map_or_else(|_| at.0.to_string(), |t| jiff::tz::TimeZone::UTC.to_datetime(t).date().to_string())
}
