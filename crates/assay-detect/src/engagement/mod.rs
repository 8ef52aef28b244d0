//! `engagement`: expected against observed engagement. Bought followers never engage; most people never do either. So silence
//! is never held against a single follower: it counts for a run of followers, and by no more than the page's own rates allow.
//!
//! 1. **Expected** (`rates`): the share of the page's followers who are known to have engaged, along the list (who followed
//!    long ago had longer) and by activity, robust to silent runs. It is the chance `e` that a person in a follower's place is
//!    known to have engaged.
//! 2. **Single followers**: who engaged is `R` times as likely to be a person as before, by `e R` for bought accounts against `e`;
//!    who did not, is less likely a person by at most `1 / (1 - e)`, which is little wherever most people are silent.
//! 3. **Runs**: a run is quiet if far fewer engaged than the *third* of what is expected that followers of one post or of an
//!    advertisement reach. Runs that other channels found are tested by the Poisson tail; others are looked for by a
//!    maximal-sum scan of likelihood ratios, whose chance to exceed x from any start is at most n/x (Ville 1939).
//! 4. **As usual**: a run in which at least half of what is expected has engaged, at the low end of the interval, is one of people:
//!    what other channels hold against it does not stand.
//!
//! A quiet run alone accuses nobody: it is a reason beside a batch, and leaves a burst unexplained. A burst or a run of like
//! accounts that engages as usual is organic. [`crate::deeds`] moves the odds.
//!
//! Limits: needs to know what *others* did, by account; exports of most platforms hold what the page itself did. Followers who
//! came for a prize engage hardly at all, and look quiet. Sellers who sell likes with followers make theirs look like people.
//!
//! Source: De Cristofaro and others 2014, "Paying for Likes? Understanding Facebook Like Fraud Using Honeypots" (bought
//! accounts do not come back); Ville 1939, "Étude critique de la notion de collectif" (the bound).

mod rates;

use crate::{Asked, Detector, Planted};
use assay_math::{Seed, count_upper_tail, poisson_interval};
use assay_model::synth::{Engaging, Plant, Stock, SynthPage, Tells};
use assay_model::{
    Abstention, Deeds, Engaged, Evidence, Finding, Go, Group, GroupKind, Outcome, Page, RankRange, Span, Stopped, Tick,
    TimeQuality,
};

pub(crate) const DETECTOR: Detector = Detector {
    id: "engagement",
    sentence: "Runs of followers who engage far less than the page's others do, or as much; engagement of single followers speaks for them.",
    source: "De Cristofaro and others 2014, \"Paying for Likes?\" (bought accounts do not engage); Ville 1939 (the bound on chance)",
    limits: "Needs to know which accounts engaged with the page. Never engaging is no ground for an accusation: most people never \
             do. Followers who came for a prize look quiet; sellers who sell likes too make their accounts look like people.",
    find,
    control,
};

/// Fewest followers who engaged, and
const MIN_ENGAGED: u64 = 20;

/// least share of the list, for a rate to hold others against.
const MIN_SHARE: f64 = 0.005;

/// Part of the usual rate that people who came for one thing reach: those of a viral day four tenths, on made pages; a third
/// leaves room (made).
pub(crate) const LESS_ATTACHED: f64 = 1.0 / 3.0;

/// Part of the usual rate that bought accounts reach, for one engagement and for more: somebody in between uses them, or a seller
/// has them like something (made).
const SOLD_RATE: [f64; 2] = [0.05, 0.02];

/// What an order counts for: nobody buys through an account that was bought (made).
const ORDER_NATS: f64 = -3.0;

/// No follower's odds move by more than this, nats.
const MOST_NATS: f64 = 5.0;

/// A quiet run's p-value is at most this.
const P_MAX: f64 = 0.01;

/// Engagers that a run must lead one to expect before anything is said of it.
const MIN_EXPECTED: f64 = 5.0;

/// A run engages as usual if so much of what is expected came, at the low end of the interval.
const USUAL_FROM: f64 = 0.5;

fn find(page: &Page, asked: &Asked<'_>, tick: &mut Tick<'_>) -> Result<Outcome<Evidence>, Stopped> {
    let engaged = match known(page) {
        Ok(engaged) => engaged,
        Err(why) => return Ok(Outcome::Abstained(why)),
    };
    if tick(0, 2) == Go::Stop {
        return Err(Stopped);
    }
    let earlier =
        |kind: GroupKind| asked.earlier.iter().flat_map(move |(_, e)| e.groups.iter().filter(move |g| g.kind == kind));
    let alike: Vec<&Group> = earlier(GroupKind::Alike).collect();
    let apart: Vec<RankRange> = alike.iter().filter_map(|g| g.ranks).collect();
    let expected = rates::expected(page, &engaged.engagements, &apart);
    let deeds = deeds(engaged, &expected);
    let list = List { page, deeds: &deeds };
    let mut groups: Vec<Group> = Vec::new();
    for group in alike.into_iter().chain(earlier(GroupKind::Burst)) {
        groups.extend(list.judge(group, asked.confidence));
    }
    if tick(1, 2) == Go::Stop {
        return Err(Stopped);
    }
    if page.audience.quality() != TimeQuality::Unknown {
        let is_new =
            |g: &Group| !groups.iter().any(|other| other.ranks.zip(g.ranks).is_some_and(|(a, b)| a.overlap(b) > 0));
        let found: Vec<Group> = list.scan().into_iter().filter(is_new).collect();
        groups.extend(found);
    }
    groups.sort_by_key(|g| g.ranks.map(|r| (r.first, r.last)));
    let n_did = deeds.did.iter().filter(|d| **d).count();
    let limits = vec![format!(
        "{n_did} of {} followers are known to have engaged; of others it is not known that they never did",
        engaged.engagements.n_values()
    )];
    Ok(Outcome::Found(Evidence { groups, limits, deeds: Some(deeds), ..Evidence::default() }))
}

/// The engagements of the page, if they say enough.
fn known(page: &Page) -> Result<&Engaged, Abstention> {
    const SETTLE: &str =
        "which accounts liked, commented or wrote to the page: a table of engagements, or an import of them";
    let abstain = |why: String| Err(Abstention::new(why, SETTLE));
    let Some(engaged) = &page.engaged else { return abstain("no engagements with the page were given".to_owned()) };
    let c = engaged.counts;
    if c.n_by_others == c.n_unnamed {
        return abstain(if c.n_by_page > 0 {
            "the export holds what the page itself did, and not who engaged with it".to_owned()
        } else {
            "the engagements do not say who engaged".to_owned()
        });
    }
    let n_covered = engaged.engagements.n_values();
    let n_did = engaged.engagements.iter().flatten().filter(|n| *n > 0).count() as u64;
    if n_did == 0 && n_covered > 0 {
        return abstain(format!(
            "none of the {} accounts that engaged is in the list; one may tell ids where the other tells handles",
            c.n_accounts
        ));
    }
    if n_did < MIN_ENGAGED || (n_did as f64) < MIN_SHARE * n_covered as f64 {
        let why = "too few followers are known to have engaged to hold others against them";
        return abstain(format!(
            "{why}: {n_did} of {n_covered}, where {MIN_ENGAGED} and one in two hundred are needed"
        ));
    }
    Ok(engaged)
}

/// Step 2.
fn deeds(engaged: &Engaged, expected: &[f64]) -> Deeds {
    let mut deeds = Deeds::default();
    for (i, &e) in expected.iter().enumerate() {
        let n = engaged.engagements.get(i);
        let ordered = engaged.orders.get(i).is_some_and(|n| n > 0);
        let by_engaging = match n {
            None => 0.0,
            Some(0) => ((1.0 - SOLD_RATE[0] * e) / (1.0 - e)).ln(),
            Some(1) => SOLD_RATE[0].ln(),
            Some(_) => SOLD_RATE[1].ln(),
        };
        // An order speaks; none says nothing.
        let log_odds = if ordered { by_engaging.min(0.0) + ORDER_NATS } else { by_engaging };
        deeds.expected.push(e as f32);
        deeds.did.push(n.is_some_and(|n| n > 0) || ordered);
        deeds.log_odds.push(log_odds.clamp(-MOST_NATS, MOST_NATS) as f32);
    }
    deeds
}

struct List<'a> {
    page: &'a Page,
    deeds: &'a Deeds,
}

/// What a run holds.
struct Tally {
    n: u64,
    n_engaged: u64,
    expected: f64,
}

impl List<'_> {
    fn tally(&self, ranks: RankRange) -> Tally {
        let known = ranks.indices().filter(|&i| self.deeds.expected[i] > 0.0);
        known.fold(Tally { n: 0, n_engaged: 0, expected: 0.0 }, |t, i| Tally {
            n: t.n + 1,
            n_engaged: t.n_engaged + u64::from(self.deeds.did[i]),
            expected: t.expected + f64::from(self.deeds.expected[i]),
        })
    }

    /// What engagement says of a run that another channel found.
    fn judge(&self, group: &Group, confidence: f64) -> Option<Group> {
        let ranks = group.ranks?;
        let t = self.tally(ranks);
        if t.expected < MIN_EXPECTED {
            return None;
        }
        let Tally { n, n_engaged, expected } = t;
        // Strangers among them engage as usual; at least half as much of the others makes them people.
        let beyond = (group.n_beyond / group.n_followers.max(1) as f64).clamp(0.0, 1.0);
        let (low, _) = poisson_interval(n_engaged as f64, confidence);
        if low >= expected * (1.0 - beyond + USUAL_FROM * beyond) {
            let finding = Finding::EngagedAsUsual { n_engaged, n, expected };
            return Some(self.group(GroupKind::Engaged, ranks, 1.0, finding));
        }
        let mean = expected * (1.0 - beyond + LESS_ATTACHED * beyond);
        let p = 1.0 - count_upper_tail(n_engaged + 1, mean, mean);
        let finding = Finding::EngagedLess { n_engaged, n, expected };
        (p <= P_MAX).then(|| self.group(GroupKind::Quiet, ranks, p.max(0.0), finding))
    }

    /// Step 3: runs that no other channel found.
    fn scan(&self) -> Vec<Group> {
        let n = self.deeds.expected.len();
        let ratio = |i: usize| {
            let e = f64::from(self.deeds.expected[i]);
            match (e > 0.0, self.deeds.did[i]) {
                (false, _) => 0.0,
                (_, true) => (SOLD_RATE[0] / LESS_ATTACHED).ln(),
                (_, false) => ((1.0 - SOLD_RATE[0] * e) / (1.0 - LESS_ATTACHED * e)).ln(),
            }
        };
        let mut groups = Vec::new();
        let mut from = 0;
        while from < n {
            let (mut sum, mut best, mut best_at, mut to) = (0.0, 0.0, from, from);
            while to < n {
                sum += ratio(to);
                if sum <= 0.0 {
                    break;
                }
                if sum > best {
                    (best, best_at) = (sum, to);
                }
                to += 1;
            }
            let p = ((n as f64).ln() - best).exp();
            if p <= P_MAX {
                let ranks = RankRange { first: from as u32, last: best_at as u32 };
                let t = self.tally(ranks);
                let finding = Finding::EngagedLess { n_engaged: t.n_engaged, n: t.n, expected: t.expected };
                groups.push(self.group(GroupKind::Quiet, ranks, p, finding));
                from = best_at + 1;
            } else {
                from = to + 1;
            }
        }
        groups
    }

    fn group(&self, kind: GroupKind, ranks: RankRange, p_value: f64, finding: Finding) -> Group {
        let a = &self.page.audience;
        let at = |i: u32| a.followed_at.get(i as usize).or_else(|| a.followed_after.get(i as usize));
        Group {
            kind,
            ranks: Some(ranks),
            arrived: at(ranks.first).zip(at(ranks.last)).map(|(from, to)| Span { from, to: to.max(from) }),
            n_followers: u64::from(ranks.n()),
            n_beyond: 0.0,
            n_beyond_range: (0.0, 0.0),
            p_value,
            q_value: p_value.min(1.0),
            member_log_odds: Vec::new(),
            finding,
        }
    }
}

/// A made page whose people engage a lot, with a batch that does not.
fn control(seed: Seed) -> Planted {
    let mut page = SynthPage { tells: Tells::InstagramExport, ..SynthPage::default() };
    page.people.dormant_share = 0.0;
    page.engaging = Some(Engaging { ever_share: 0.9, a_year: 12.0, known_days: 730.0 });
    page.plants = vec![Plant::Batch { at: page.day(600.0), followers: 300, over_days: 1.5, stock: Stock::aged() }];
    let made = page.make(seed);
    let ranks = made.truth.plants[0].ranks.unwrap_or(RankRange { first: 0, last: 0 });
    Planted { page: made.page, ranks }
}

#[cfg(test)]
mod tests;
