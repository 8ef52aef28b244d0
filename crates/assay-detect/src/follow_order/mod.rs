//! `follow-order`: runs of followers whose accounts are alike, found on the follower map (follow order against account
//! creation).
//!
//! Finds deliveries of accounts that were opened within some days of each other, or that were all of one age when they
//! followed: a rectangle of the follower map that is far too dense. The follower map was used by eye in Confessore and
//! others 2018, "The Follower Factory"; the statistic is Kulldorff's 1997, "A spatial scan statistic", with a null that
//! varies along the list.
//!
//! 1. **Propose** ([`propose`]): for bands of creation dates (from a day to years) and of age at follow (narrow and wide),
//!    all runs of ranks in which accounts of the band are common, by a maximal-sum scan in linear time.
//! 2. **Judge** ([`null`]): a run of `m` followers of whom `k` lie in the band, against `n` followers around of whom the share
//!    `p` would: ln of the likelihood ratio of two binomial shares against one. The null share `p` comes from the neighbours on both sides, as
//!    the larger of their share by age and by creation date. It may tilt smoothly: the share of accounts that are newborn
//!    is free, and the rest is weighted by a power of age, so that a surge of interest (older accounts, fewer newborns)
//!    explains itself, and only bands and gaps count.
//! 3. **Refine** ([`refine`]): band and run in turn, to single ranks.
//! 4. **Select** the strongest, take it out of the null, judge the rest again; join runs of the same accounts across short
//!    gaps.
//! 5. **Significance** ([`significance`]): the same scan over stretches of the list whose accounts were permuted among
//!    neighbouring ranks gives the law of the largest `llr` (a Gumbel fit: Abrams, Kulldorff and Kleinman 2010). The list's
//!    own overdispersion is divided out. Benjamini-Hochberg over all stretches looked at.
//!
//! Limits: needs creation dates and an order. Misses batches below about [`MIN_MEMBERS`] followers, stock opened evenly over
//! years, and deliveries thinned among many other followers. A real community that opened accounts together and followed
//! together (a class, a migration) looks the same.

mod ages;
mod map;
mod null;
mod propose;
mod refine;
mod significance;
mod tell;

use crate::{Asked, Detector, Planted, planted};
pub(crate) use ages::read_ages;
use assay_math::Seed;
use assay_model::synth::Tells;
use assay_model::{Abstention, Evidence, Go, Outcome, Page, Stopped, Tick, TimeQuality};
pub(crate) use map::Map;
use null::{Judged, Null};
pub(crate) use null::{MIN_NEIGHBOURS, two_sample_ratio};
use rayon::prelude::*;
use refine::{Found, refine};
use significance::Law;

pub(crate) const DETECTOR: Detector = Detector {
    id: "follow-order",
    sentence: "Runs of followers whose accounts were opened within days of each other, or were all of one age when they followed.",
    source: "Kulldorff 1997, \"A spatial scan statistic\", on the follower map of Confessore and others 2018, \"The Follower Factory\"",
    limits: "Needs creation dates and a follow order. Misses small batches, stock opened over years, and slow deliveries mixed \
             thinly among other followers; a community that signed up and followed together looks the same.",
    find,
    control,
};

/// Fewest accounts of a band that can make a group: fifteen with a null share of .3 stand 18 nats out, where chance ends
/// ([`significance`]).
const MIN_MEMBERS: usize = 15;

/// Fewest followers with a creation date in a list that can be looked at: a group and enough neighbours to tell it from.
const MIN_LIST: usize = 60;

/// A list of which nearly all accounts were opened within so many days of each other offers nobody to compare them with.
const UNIFORM_DAYS: f64 = 32.0;

/// Groups with a q-value up to this are reported.
const Q_MAX: f64 = 0.01;

/// A group is reported only if its band holds at least this share of the run,
const MIN_SHARE: f64 = 0.4;

/// if the null would put at most this share there (a wider band is not concentration),
const MAX_NULL_SHARE: f64 = 0.3;

/// and if each follower of the run speaks for it by this many nats on average: in a long run the smallest misfit of the null
/// is significant, and only a strong effect is evidence. A share of .5 where .1 is expected gives .51.
const MIN_NATS_EACH: f64 = 0.5;

/// Runs of the same accounts are joined across gaps of at most this many ranks.
const MAX_GAP: usize = 20;

/// Proposals judged at most, and one more for each so many followers.
const MOST_PROPOSALS: (usize, usize) = (1_500, 1_000);

fn find(page: &Page, asked: &Asked<'_>, tick: &mut Tick<'_>) -> Result<Outcome<Evidence>, Stopped> {
    let audience = &page.audience;
    if audience.is_empty() {
        return Ok(abstain("no follower list was given", "an export that lists the followers"));
    }
    if audience.quality() == TimeQuality::Unknown {
        return Ok(abstain(
            "the list tells neither order nor time of the follows",
            "a list in follow order, or with follow times",
        ));
    }
    let mut map = Map::of(audience);
    if map.len() == 0 {
        return Ok(abstain(
            "the export holds no account creation dates",
            "a list of the same followers with their creation dates",
        ));
    }
    if map.len() < MIN_LIST {
        let why = format!(
            "too few followers have a creation date to tell a batch from chance: {}, where {MIN_LIST} are needed",
            map.len()
        );
        return Ok(abstain(&why, "more followers, or labels set by hand"));
    }
    if let Some(n_together) = uniform(&map) {
        let why = format!(
            "{n_together} of {} accounts were opened within {UNIFORM_DAYS} days of each other, and too few others follow to \
             compare them with",
            map.len()
        );
        return Ok(abstain(
            &why,
            "a look at the accounts by hand: people who joined together, or stock that was sold together",
        ));
    }
    let found = select(&mut map, tick)?;
    let law = Law::measure(&map, &found, asked.seed, tick)?;
    Ok(Outcome::Found(tell::evidence(page, &map, &found, law)))
}

fn abstain(why: &str, would_settle: &str) -> Outcome<Evidence> {
    Outcome::Abstained(Abstention::new(why, would_settle))
}

/// How many accounts were opened within [`UNIFORM_DAYS`] of each other, if that is nearly everybody: then there is nobody
/// to tell them from.
fn uniform(map: &Map) -> Option<usize> {
    let mut created = map.created.clone();
    created.sort_by(f64::total_cmp);
    let within = |(i, &from): (usize, &f64)| created.partition_point(|&c| c <= from + UNIFORM_DAYS) - i;
    let most = created.iter().enumerate().map(within).max()?;
    (map.len() - most < MIN_NEIGHBOURS as usize).then_some(most)
}

/// Whether a band is narrow and common enough to be a group, significance aside.
fn is_concentrated(judged: &Judged) -> bool {
    judged.k >= MIN_MEMBERS as f64
        && judged.k >= MIN_SHARE * judged.m
        && judged.p <= MAX_NULL_SHARE
        && judged.nats_each() >= MIN_NATS_EACH
}

/// Steps 1 to 4: the groups, in order of rank; their members are marked as taken in the map.
fn select(map: &mut Map, tick: &mut Tick<'_>) -> Result<Vec<Found>, Stopped> {
    let most = MOST_PROPOSALS.0 + map.len() / MOST_PROPOSALS.1;
    let proposals = thin(propose::propose(map, 4 * most), most);
    let judge = |p: &propose::Proposal| {
        let judged = Null::of(map, p.start, p.end).judge(p.band);
        Found { start: p.start, end: p.end, band: p.band, judged }
    };
    let judged = proposals.par_iter().map(judge);
    let mut waiting: Vec<Found> = judged.filter(|found| is_concentrated(&found.judged)).collect();
    let total = waiting.len() as u64;
    let mut groups: Vec<Found> = Vec::new();
    waiting.sort_by(|a, b| a.judged.nats.total_cmp(&b.judged.nats));
    while let Some(best) = waiting.pop() {
        if tick(total - waiting.len() as u64, total) == Go::Stop {
            return Err(Stopped);
        }
        let judged = Null::of(map, best.start, best.end).judge(best.band);
        if !is_concentrated(&judged) {
            continue;
        }
        if waiting.last().is_some_and(|next| next.judged.nats > judged.nats * 1.001) {
            let place = waiting.partition_point(|w| w.judged.nats < judged.nats);
            waiting.insert(place, Found { judged, ..best });
            continue;
        }
        let found = refine(map, best.start, best.end, best.band);
        if is_concentrated(&found.judged) {
            take(map, &found, true);
            // What is left of a run that was found already belongs to the same delivery, not to a second one.
            if !groups.iter().any(|g| same_run(g, &found)) {
                groups.push(found);
            }
        }
    }
    groups.sort_by_key(|g| g.start);
    Ok(settle(map, groups))
}

/// Of proposals for nearly the same run, keeps the three strongest.
fn thin(proposals: Vec<propose::Proposal>, most: usize) -> Vec<propose::Proposal> {
    let mut kept: Vec<propose::Proposal> = Vec::new();
    for p in proposals {
        let alike = |q: &&propose::Proposal| {
            let both = p.end.min(q.end).saturating_sub(p.start.max(q.start));
            10 * both > 7 * (p.end.max(q.end) - p.start.min(q.start))
        };
        if kept.iter().filter(alike).count() < 3 {
            kept.push(p);
            if kept.len() == most {
                break;
            }
        }
    }
    kept
}

/// Whether two groups share most of the shorter run.
fn same_run(a: &Found, b: &Found) -> bool {
    let both = a.end.min(b.end).saturating_sub(a.start.max(b.start));
    2 * both > (a.end - a.start).min(b.end - b.start)
}

fn take(map: &mut Map, found: &Found, taken: bool) {
    for i in found.start..found.end {
        if map.in_band(found.band, i) {
            map.taken[i] = taken;
        }
    }
}

/// Refines each group once more with all others taken out of the null, and joins neighbours of the same accounts.
fn settle(map: &mut Map, groups: Vec<Found>) -> Vec<Found> {
    let mut settled: Vec<Found> = Vec::new();
    for group in groups {
        take(map, &group, false);
        let again = refine(map, group.start, group.end, group.band);
        let mut group = if is_concentrated(&again.judged) { again } else { group };
        if let Some(before) =
            settled.last().copied().filter(|b| group.start <= b.end + MAX_GAP && b.band.meets(group.band))
        {
            take(map, &before, false);
            let (start, end) = (before.start.min(group.start), before.end.max(group.end));
            let band = before.band.join(group.band);
            let judged = Null::of(map, start, end).judge(band);
            if is_concentrated(&judged) {
                settled.pop();
                group = Found { start, end, band, judged };
            } else {
                take(map, &before, true);
            }
        }
        take(map, &group, true);
        settled.push(group);
    }
    settled
}

/// A made page with a batch of aged accounts.
fn control(seed: Seed) -> Planted {
    planted(seed, Tells::XArchive)
}
