//! What the account ages in a burst say of it: as varied as around, or narrower.

use super::map::{Axis, Band, Map, age_days};
use super::null::{Judged, Null};
use super::refine::best_band;
use assay_model::{Abstention, Finding, Page, RankRange};

/// Fewest accounts whose ages can show that they are varied: at this size a group that [`super::is_concentrated`] stands
/// far above what the best of all bands reaches by chance.
const MIN_ACCOUNTS: usize = 60;

/// The same where follow times are only bounded, and the edges of a burst with them: on made pages of 20,000, smaller bursts
/// held so many others that deliveries of 40 to 120 fresh accounts read as organic.
const MIN_ACCOUNTS_BOUNDED: usize = 200;

/// Up to this many nats for each account, the best band is no more than chance and a loose fit of the null make. A stock
/// whose ages fill half of what the followers around fill gives .69.
const VARIED_NATS_EACH: f64 = 0.18;

/// The least share of the followers there that must be beyond what was expected: the others would speak for them.
const MIN_PURITY: f64 = 0.7;

/// Reads the ages of the followers at `ranks` against those around.
///
/// [`Finding::AgesVaried`] where the null of the follow-order scan (neighbours, share of newborns free, smooth tilt in age) explains
/// them: no band of ages or creation dates stands out. [`Finding::AgesNarrower`] where
/// one does.
///
/// [`Finding::NotTold`] where the ages are not known, or where too few of the followers there are beyond what was expected
/// (`n_beyond`).
pub(crate) fn read_ages(page: &Page, ranks: RankRange, n_beyond: f64) -> Finding {
    let map = Map::of(&page.audience);
    let unread = |why: &str| Finding::NotTold(Abstention::new(why, "the creation dates of the accounts in the burst"));
    if map.len() == 0 {
        return unread("the export tells no account ages");
    }
    if !map.tells_time {
        return unread("the follow times are not known well enough to tell account ages");
    }
    let start = map.row.partition_point(|&r| r < ranks.first);
    let end = map.row.partition_point(|&r| r <= ranks.last);
    let least = if map.timed { MIN_ACCOUNTS } else { MIN_ACCOUNTS_BOUNDED };
    if end - start < least || 2 * (end - start) < ranks.n() as usize {
        return unread(&format!("{} accounts with a known age are too few to tell", end - start));
    }
    if n_beyond < MIN_PURITY * f64::from(ranks.n()) {
        return unread(
            "many followers of these days came in the ordinary course, so their ages tell little of the others",
        );
    }
    let null = Null::of(&map, start, end);
    let whole = |axis| {
        let values = (start..end).map(|i| map.value(axis, i));
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        Band { axis, low, high }
    };
    let best = [Axis::Created, Axis::Age]
        .map(|axis| null.judge(best_band(&map, &null, start, end, whole(axis), 0.0)))
        .into_iter()
        .reduce(|a, b| if b.nats > a.nats { b } else { a });
    let Some(best) = best else { return unread("no ages are known") };
    let Judged { k, m, p, .. } = best;
    // Followers who came in the ordinary course thin out whatever the others show, in share and in ratio alike.
    let pure = (n_beyond / f64::from(ranks.n())).min(1.0);
    if best.nats_each() > VARIED_NATS_EACH * pure * pure {
        return Finding::AgesNarrower { share: k / m, expected_share: p };
    }
    let mut ages: Vec<f64> = (start..end).map(|i| age_days(map.log_age[i])).collect();
    ages.sort_by(f64::total_cmp);
    let at = |q: f64| ages[(q * (ages.len() - 1) as f64) as usize];
    Finding::AgesVaried { tenth_days: at(0.1), ninetieth_days: at(0.9) }
}
