//! The groups that chance does not explain, as evidence.

use super::Q_MAX;
use super::map::{Axis, Band, Map, age_days};
use super::null::{self, Judged};
use super::refine::Found;
use super::significance::Law;
use assay_math::benjamini_hochberg;
use assay_model::{DAY_MS, Evidence, Finding, Group, GroupKind, Page, RankRange, Span, TimeMs};

/// A bound on follow times is taken at its word unless it is this many times further ahead of the robust one than usual.
const TRUSTED_LEAD: f64 = 4.0;

/// Step 5: the groups with a q-value up to [`Q_MAX`].
pub(crate) fn evidence(page: &Page, map: &Map, groups: &[Found], law: Law) -> Evidence {
    let p_values: Vec<f64> = groups.iter().map(|g| law.p_value(g.judged.nats)).collect();
    let q_values = benjamini_hochberg(&p_values, law.n_stretches.max(groups.len()));
    let kept = groups.iter().zip(p_values.iter().zip(&q_values)).filter(|(_, (_, q))| **q <= Q_MAX);
    let limits = if map.tells_time {
        Vec::new()
    } else {
        vec!["creation dates do not rise along the list as they do in follow order, so only runs opened together could be looked for".to_owned()]
    };
    Evidence { groups: kept.map(|(g, (&p, &q))| group(page, map, g, p, q)).collect(), limits, ..Evidence::default() }
}

fn group(page: &Page, map: &Map, found: &Found, p_value: f64, q_value: f64) -> Group {
    let (first, last) = (map.row[found.start], map.row[found.end - 1]);
    let Judged { k, m, p, .. } = found.judged;
    let strangers = strangers(map, found);
    let in_batch = (m - strangers.point).max(1.0);
    // Accounts of the delivery that lie outside the band: what strangers do not explain.
    let outside = ((m - k - strangers.point * (1.0 - p)) / in_batch).max(0.01);
    let inside = ((k - strangers.point * p) / in_batch).max(0.01);
    let (log_in, log_out) = ((inside / p).ln() as f32, (outside / (1.0 - p)).ln() as f32);
    let mut member_log_odds = vec![0.0; (last - first + 1) as usize];
    for i in found.start..found.end {
        member_log_odds[(map.row[i] - first) as usize] = if map.in_band(found.band, i) { log_in } else { log_out };
    }
    let n = u64::from(last - first + 1);
    Group {
        kind: GroupKind::Alike,
        ranks: Some(RankRange { first, last }),
        arrived: map.tells_time.then(|| arrived(page, map, found)),
        n_followers: n,
        n_beyond: n as f64 - strangers.point,
        n_beyond_range: (n as f64 - strangers.most, n as f64 - strangers.least),
        p_value,
        q_value,
        member_log_odds,
        finding: finding(found),
    }
}

/// Over so many days the rate of arrivals cannot be read off the followers around any more: pages grow by half in a year and by
/// more (made), so that over two months a rate is off by a tenth.
const RATE_DAYS: f64 = 60.0;

/// How many followers of a run arrived on their own.
struct Strangers {
    least: f64,
    point: f64,
    most: f64,
}

/// Those who arrived on their own: at most as many as the accounts outside the band speak for, and no more than come at the
/// rate of the followers around in the time of the run. That rate is the estimate in a run of days, and the less the longer
/// it is ([`RATE_DAYS`]); where times are only bounded, a delivery
/// of new accounts drives the bound itself, so that there may be none.
fn strangers(map: &Map, found: &Found) -> Strangers {
    let Judged { k, m, p, .. } = found.judged;
    let most = ((m - k) / (1.0 - p)).min(m);
    let reach = null::reach(found.end - found.start);
    let (from, to) = (found.start.saturating_sub(reach), (found.end + reach).min(map.len()));
    let around = (from..to).filter(|i| !(found.start..found.end).contains(i) && !map.taken[*i]).count() as f64;
    let inside = map.at[found.end - 1] - map.at[found.start];
    let outside = map.at[to - 1] - map.at[from] - inside;
    let by_rate = if outside <= 0.0 || !map.tells_time { most } else { (around * inside / outside).min(most) };
    // In a run of months, the accounts outside the band tell better how many came on their own.
    let point = by_rate + (inside / RATE_DAYS).clamp(0.0, 1.0) * (most - by_rate);
    Strangers { least: if map.timed { by_rate } else { 0.0 }, point, most }
}

/// When the run arrived. Where times are bounded: from the latest creation date so far to the next one that rises above it
/// after the run, unless single accounts out of order have carried the bound far ahead of the robust one of the map.
fn arrived(page: &Page, map: &Map, found: &Found) -> Span {
    let last = found.end - 1;
    if map.timed {
        return Span { from: moment(map.at[found.start]), to: moment(map.at[last]) };
    }
    let bound = |i: usize| page.audience.followed_after.get(map.row[i] as usize).map_or(map.at[i], days);
    let mut leads: Vec<f64> = (0..map.len()).map(|i| bound(i) - map.at[i]).collect();
    leads.sort_by(f64::total_cmp);
    let usual = leads[leads.len() / 2].max(1.0);
    let at = |i: usize| if bound(i) - map.at[i] <= TRUSTED_LEAD * usual { bound(i) } else { map.at[i] };
    let end = at(last).max(at(found.start));
    let next = (found.end..map.len()).map(at).find(|&t| t > end);
    Span { from: moment(at(found.start)), to: moment(next.unwrap_or(end)) }
}

fn days(at: TimeMs) -> f64 {
    at.0 as f64 / DAY_MS as f64
}

fn moment(days: f64) -> TimeMs {
    TimeMs((days * DAY_MS as f64).round() as i64)
}

fn finding(found: &Found) -> Finding {
    let Judged { k, m, p: expected_share, .. } = found.judged;
    let (n_alike, n, Band { low, high, .. }) = (k as u64, m as u64, found.band);
    match found.band.axis {
        Axis::Created => {
            Finding::OpenedTogether { n_alike, n, opened: Span { from: moment(low), to: moment(high) }, expected_share }
        }
        Axis::Age => {
            Finding::OfOneAge { n_alike, n, youngest_days: age_days(low), oldest_days: age_days(high), expected_share }
        }
    }
}
