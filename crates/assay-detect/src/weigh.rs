//! From evidence to verdicts: batches, spikes, a probability for each follower, shares.
//!
//! 1. A group of like accounts is a batch. A burst that covers most of the same followers becomes a reason of it.
//!    A run of handles of one rule beside it becomes a reason, and moves odds among its members, their sum aside. One that engages
//!    with the page as its other followers do is none, but a spike of people.
//! 2. Any other burst is a spike. It is read as organic only where the ages of its accounts speak for it.
//! 3. A follower in a batch gets the posterior of being one of those delivered, from the group's size and the likelihood
//!    ratio of their own account; a follower in an unexplained spike gets even odds for the part beyond expectation; all
//!    others keep the base rate, which is no finding about them.
//! 4. Where a detector judges single followers, its probabilities, classes and shares take the place of 3 and 6.
//!    What followers did moves odds of single ones ([`crate::deeds`]).
//! 5. Batches are told with the kind of their accounts, losses, prices and causes ([`crate::batch`]).
//! 6. Otherwise shares are abstained from where nothing bounds them: order, dates and times show deliveries, not single accounts.

use crate::batch;
use crate::deeds;
use crate::follow_order::read_ages;
use assay_math::{Estimate, poisson_interval};
use assay_model::{
    Abstention, Batch, Class, Evidence, Finding, Group, GroupKind, Judgement, Outcome, Page, RankRange, Reading,
    Reason, Share, Spike, StockLook, Verdicts,
};

/// The probability that a follower is inauthentic of whom nothing is known. Platforms state that false or spam accounts are
/// about one in twenty (Twitter's and Meta's annual reports, 2013 to 2022: "fewer than 5 %"). It is a starting point and
/// never a reason.
const BASE_RATE: f64 = 0.05;

/// The probability that an arrival beyond expectation in an unexplained spike was bought: even odds, for lack of grounds.
const UNEXPLAINED: f64 = 0.5;

/// What the template of a handle counts for beside what a batch says of its members: names, ages and profiles of one stock
/// go together, as in the mixture of profiles.
const NAME_WORTH: f64 = 0.7;

/// From this probability on a follower is classed as inauthentic.
const INAUTHENTIC_FROM: f64 = 0.9;

/// Weighs the evidence of all detectors (id and evidence, in the order of the table).
pub fn weigh(page: &Page, found: &[(&'static str, Evidence)], confidence: f64) -> Verdicts {
    let mut verdicts = read_groups(page, found, confidence);
    for (channel, evidence) in found {
        if let Some(judgement) = &evidence.judgement {
            follow(&mut verdicts, channel, judgement);
        }
    }
    for (channel, evidence) in found {
        if let Some(told) = &evidence.deeds {
            deeds::apply(page, &mut verdicts, channel, told, confidence);
        }
    }
    batch::complete(page, &mut verdicts);
    verdicts
}

/// Takes over what a detector says of single followers.
fn follow(verdicts: &mut Verdicts, channel: &'static str, judgement: &Judgement) {
    verdicts.probability.clone_from(&judgement.probability);
    verdicts.class.clone_from(&judgement.class);
    verdicts.inauthentic_share = judgement.inauthentic_share.clone();
    verdicts.dormant_share = judgement.dormant_share.clone();
    verdicts.genuine_share = judgement.genuine_share.clone();
    verdicts.reference = Outcome::Found(judgement.reference);
    for (batch, inauthentic) in verdicts.batches.iter_mut().zip(&judgement.in_batch) {
        batch.inauthentic = *inauthentic;
    }
    let told = |findings: &[Finding]| findings.iter().map(|f| Reason { channel, finding: f.clone() }).collect();
    verdicts.reasons = judgement.against.iter().map(|(rank, findings)| (*rank, told(findings))).collect();
}

/// Steps 1 and 2, and what follows from them alone.
pub(crate) fn read_groups(page: &Page, found: &[(&'static str, Evidence)], confidence: f64) -> Verdicts {
    let n = page.audience.len();
    let groups = |kind: GroupKind| {
        found.iter().flat_map(move |(id, e)| e.groups.iter().filter(move |g| g.kind == kind).map(move |g| (*id, g)))
    };
    let mut verdicts = untouched(n);
    let (mut alike, mut again): (Vec<(&'static str, &Group)>, Vec<_>) =
        (Vec::new(), groups(GroupKind::Named).collect());
    for (channel, group) in groups(GroupKind::Alike) {
        let same = |(other, g): &(&str, &Group)| {
            *other != channel && g.ranks.zip(group.ranks).is_some_and(|(a, b)| covers(a, b))
        };
        if alike.iter().any(same) { again.push((channel, group)) } else { alike.push((channel, group)) }
    }
    alike.sort_by_key(|(_, g)| g.ranks.map(|r| (r.first, r.last)));
    let did: Vec<(&'static str, &Group)> = groups(GroupKind::Engaged).chain(groups(GroupKind::Quiet)).collect();
    let is_people = |ranks: RankRange| did.iter().any(|(_, g)| g.kind == GroupKind::Engaged && g.ranks == Some(ranks));
    for (channel, group) in alike {
        let Some(ranks) = group.ranks else { continue };
        if is_people(ranks) {
            add_spike(&mut verdicts, page, group, &again, &did);
        } else {
            add_batch(&mut verdicts, channel, group, ranks, confidence);
        }
    }
    for (channel, group) in &again {
        add_to_batch(&mut verdicts, channel, group);
    }
    for (channel, quiet) in did.iter().filter(|(_, g)| g.kind == GroupKind::Quiet) {
        if let Some(batch) = quiet.ranks.and_then(|r| verdicts.batches.iter_mut().find(|b| covers(b.ranks, r))) {
            batch.reasons.push(Reason { channel, finding: quiet.finding.clone() });
        }
    }
    let n_people = verdicts.spikes.len();
    for (channel, burst) in groups(GroupKind::Burst) {
        let reason = Reason { channel, finding: burst.finding.clone() };
        let same = |ranks: RankRange| burst.ranks.is_some_and(|burst| covers(ranks, burst));
        if let Some(batch) = verdicts.batches.iter_mut().find(|b| same(b.ranks)) {
            batch.reasons.push(reason);
        } else if let Some(spike) = verdicts.spikes[..n_people].iter_mut().find(|s| s.ranks.is_some_and(same)) {
            spike.findings.push(burst.finding.clone());
        } else {
            add_spike(&mut verdicts, page, burst, &again, &did);
        }
    }
    if n_people > 0 {
        verdicts.spikes.sort_by_key(|s| (s.ranks.map(|r| r.first), s.span.map(|span| span.from)));
    }
    tell_losses(&mut verdicts, groups(GroupKind::Losses).map(|(_, g)| g).collect());
    let looked_for_batches = found.iter().any(|(id, _)| *id == crate::follow_order::DETECTOR.id);
    share(&mut verdicts, page, looked_for_batches, confidence);
    verdicts
}

fn untouched(n: usize) -> Verdicts {
    let untold = |what: &str| {
        let why = format!("no channel of this audit tells {what}");
        Outcome::Abstained(Abstention::new(
            why,
            "profile columns (posts, last activity, followers), or labels set by hand",
        ))
    };
    Verdicts {
        probability: vec![BASE_RATE as f32; n],
        class: vec![Class::Unsure; n],
        batch: vec![0; n],
        reasons: Vec::new(),
        batches: Vec::new(),
        spikes: Vec::new(),
        inauthentic_share: untold("inauthentic followers apart from batches"),
        dormant_share: untold("dormant accounts from active ones"),
        genuine_share: untold("genuine followers from dormant ones"),
        in_batches_share: untold("batches"),
        reference: Outcome::Abstained(Abstention::new(
            "no channel of this audit makes a picture of people",
            "profile columns (posts, followers, following, likes), with creation dates and the order of follows",
        )),
        labels: None,
    }
}

/// Whether a batch and a burst are the same event: they share most of the smaller one.
fn covers(batch: RankRange, burst: RankRange) -> bool {
    2 * batch.overlap(burst) > batch.n().min(burst.n())
}

fn add_batch(verdicts: &mut Verdicts, channel: &'static str, group: &Group, ranks: RankRange, confidence: f64) {
    let n = group.n_followers as f64;
    // Those who came on their own are few and random: a Poisson count around its estimate.
    let own = (n - group.n_beyond).max(0.0);
    let (least, most) = group.n_beyond_range;
    let (_, own_high) = poisson_interval((n - least).max(own), confidence);
    let (own_low, _) = poisson_interval((n - most).clamp(0.0, own), confidence);
    let bought = n - own;
    let (low, high) = ((n - own_high).clamp(0.0, bought), (n - own_low).clamp(bought, n));
    let inauthentic = Estimate::new(bought, low, high, confidence);
    verdicts.batches.push(Batch {
        id: format!("b{}", verdicts.batches.len() + 1),
        ranks,
        arrived: group.arrived,
        n_followers: group.n_followers,
        inauthentic,
        q_value: group.q_value,
        reasons: vec![Reason { channel, finding: group.finding.clone() }],
        stock: StockLook::default(),
        lost: Outcome::Abstained(Abstention::new("losses were not looked for", "the whole audit")),
        price: batch::price_of(&inauthentic, None),
        causes: Vec::new(),
    });
    let prior = (bought / n).clamp(0.01, 0.99);
    for (i, log_odds) in ranks.indices().zip(&group.member_log_odds) {
        let odds = prior / (1.0 - prior) * f64::from(*log_odds).exp();
        let probability = odds / (1.0 + odds);
        if probability > f64::from(verdicts.probability[i]) || verdicts.batch[i] == 0 {
            verdicts.probability[i] = probability as f32;
            verdicts.batch[i] = verdicts.batches.len() as u32;
        }
        verdicts.class[i] =
            if verdicts.probability[i] >= INAUTHENTIC_FROM as f32 { Class::Inauthentic } else { Class::Unsure };
    }
}

/// What a run of one rule adds to the batch that it covers: a reason, and who of its members is likelier. How many were
/// delivered stays as it was, so that the same delivery is not counted twice.
fn add_to_batch(verdicts: &mut Verdicts, channel: &'static str, group: &Group) {
    let Some(ranks) = group.ranks else { return };
    let Some(b) = verdicts.batches.iter().position(|b| covers(b.ranks, ranks)) else { return };
    verdicts.batches[b].reasons.push(Reason { channel, finding: group.finding.clone() });
    let members = |i: &usize| verdicts.batch[*i] as usize == b + 1;
    let inside: Vec<usize> = verdicts.batches[b].ranks.indices().filter(members).collect();
    let sum: f64 = inside.iter().map(|&i| f64::from(verdicts.probability[i])).sum();
    let told = |i: usize| if ranks.holds(i as u32) { group.member_log_odds[i - ranks.first as usize] } else { 0.0 };
    let logits: Vec<f64> = inside
        .iter()
        .map(|&i| {
            let p = f64::from(verdicts.probability[i]).clamp(1e-6, 1.0 - 1e-6);
            (p / (1.0 - p)).ln() + NAME_WORTH * f64::from(told(i))
        })
        .collect();
    let by = crate::share::shift_to(&logits, sum);
    for (&i, logit) in inside.iter().zip(&logits) {
        let p = crate::profile::logistic(logit + by);
        verdicts.probability[i] = p as f32;
        verdicts.class[i] = if p >= INAUTHENTIC_FROM { Class::Inauthentic } else { Class::Unsure };
    }
}

fn add_spike(
    verdicts: &mut Verdicts,
    page: &Page,
    burst: &Group,
    named: &[(&'static str, &Group)],
    did: &[(&'static str, &Group)],
) {
    let engagement = did.iter().map(|(_, g)| g).find(|g| match g.kind {
        GroupKind::Engaged => g.ranks == burst.ranks,
        _ => g.ranks.zip(burst.ranks).is_some_and(|(a, b)| covers(a, b)),
    });
    let as_people = engagement.is_some_and(|g| g.kind == GroupKind::Engaged);
    let is_quiet = engagement.is_some_and(|g| g.kind == GroupKind::Quiet);
    let ages = match burst.ranks {
        Some(ranks) => read_ages(page, ranks, burst.n_beyond),
        None => Finding::NotTold(Abstention::new(
            "daily counts do not tell who came",
            "a list of the followers with the creation dates of their accounts",
        )),
    };
    let would_settle = match &ages {
        Finding::AgesVaried { .. } => None,
        Finding::NotTold(a) => {
            Some(format!("{}; or what ran in those days: a post, a give-away, a campaign", a.would_settle))
        }
        _ => Some("the profiles of these accounts, or labels on a sample of them".to_owned()),
    };
    let causes = burst.arrived.map_or(Vec::new(), |arrived| batch::causes::of(page, arrived));
    let named: Vec<Finding> = named
        .iter()
        .filter(|(_, g)| g.ranks.zip(burst.ranks).is_some_and(|(a, b)| covers(a, b)))
        .map(|(_, g)| g.finding.clone())
        .collect();
    let is_alike = matches!(ages, Finding::AgesNarrower { .. }) || !named.is_empty();
    let reading = match &would_settle {
        _ if as_people => Reading::Organic,
        _ if is_quiet => Reading::Unexplained,
        None if !is_alike => Reading::Organic,
        Some(_) if !is_alike && batch::causes::explain(&causes, burst.n_beyond) => Reading::Explained,
        _ => Reading::Unexplained,
    };
    let settle_names = || "the profiles of these accounts, or labels on a sample of them".to_owned();
    let would_settle = (reading == Reading::Unexplained).then(|| would_settle.unwrap_or_else(settle_names));
    if let (Reading::Unexplained, Some(ranks)) = (reading, burst.ranks) {
        let beyond = (burst.n_beyond / burst.n_followers.max(1) as f64).clamp(0.0, 1.0);
        let probability = (UNEXPLAINED * beyond + BASE_RATE * (1.0 - beyond)) as f32;
        for i in ranks.indices() {
            if verdicts.batch[i] == 0 {
                verdicts.probability[i] = verdicts.probability[i].max(probability);
            }
        }
    }
    verdicts.spikes.push(Spike {
        ranks: burst.ranks,
        span: burst.arrived,
        n_followers: burst.n_followers,
        n_beyond: burst.n_beyond,
        reading,
        findings: [burst.finding.clone(), ages]
            .into_iter()
            .chain(named)
            .chain(engagement.map(|g| g.finding.clone()))
            .collect(),
        would_settle,
        causes,
    });
}

/// Tells losses at the last spike before them, which they may belong to.
fn tell_losses(verdicts: &mut Verdicts, losses: Vec<&Group>) {
    for loss in losses {
        let Some(lost) = loss.arrived else { continue };
        let earlier = verdicts.spikes.iter_mut().rev().find(|s| s.span.is_some_and(|span| span.to < lost.to));
        if let Some(spike) = earlier {
            spike.findings.push(loss.finding.clone());
        }
    }
}

/// The share of an audience of `n` that stands in batches and looks bought.
pub(crate) fn in_batches(batches: &[Batch], n: usize, confidence: f64) -> Estimate {
    let n = n.max(1) as f64;
    let sum = |end: fn(&Estimate) -> f64| (batches.iter().map(|b| end(&b.inauthentic)).sum::<f64>() / n).min(1.0);
    let (point, low, high) = (sum(|e| e.point), sum(|e| e.low), sum(|e| e.high));
    Estimate::new(point, low.min(point), high.max(point), confidence)
}

/// The share in batches, and the shares that this evidence cannot tell.
fn share(verdicts: &mut Verdicts, page: &Page, looked_for_batches: bool, confidence: f64) {
    if page.audience.is_empty() {
        let none =
            || Share::Abstained(Abstention::new("no follower list was given", "an export that lists the followers"));
        verdicts.inauthentic_share = none();
        verdicts.dormant_share = none();
        verdicts.genuine_share = none();
        verdicts.in_batches_share = none();
        return;
    }
    if looked_for_batches {
        verdicts.in_batches_share = Outcome::Found(in_batches(&verdicts.batches, page.audience.len(), confidence));
        verdicts.inauthentic_share = Outcome::Abstained(Abstention::new(
            "order and dates show deliveries; followers bought one by one, or mixed thinly among others, leave no trace in this export",
            "profile columns (posts, last activity, followers), or labels set by hand on a sample",
        ));
    }
}
