//! What followers did moves the odds of single followers (Bayes: odds times the ratio of likelihoods), and with them how many of a
//! batch are inauthentic, which is bounded by the people who must be in it for so many to have engaged. Sellers sell likes too: where
//! that bound and what was counted of the delivery cannot both be right, the interval spans both.

use crate::engagement::LESS_ATTACHED;
use crate::profile::logistic;
use crate::share::{INAUTHENTIC_FROM, MOST_BY_LOOK, PERSON_UP_TO};
use crate::weigh::in_batches;
use assay_math::{Estimate, poisson_interval};
use assay_model::{Batch, Class, Deeds, Engaged, Finding, Outcome, Page, Rank, Reason, Verdicts};

/// Engagers that must be expected in a batch before they bound its people.
const MIN_EXPECTED: f64 = 3.0;

/// People of one time may engage more than the page's others by so much (made).
const MORE_ATTACHED: f64 = 1.5;

/// At this confidence, engagement that leaves no room for the fewest that were delivered overrules how many there are, whatever
/// confidence is asked for: at a lower one the two would disagree by chance on many true batches.
const SURELY: f64 = 0.99;

/// From this probability on it is told of a follower that engagement speaks for a person.
const TOLD_FROM: f32 = 0.3;

/// No probability goes below this for engagement.
const LEAST: f64 = 0.001;

/// Moves the verdicts by what followers did.
pub(crate) fn apply(page: &Page, verdicts: &mut Verdicts, channel: &'static str, deeds: &Deeds, confidence: f64) {
    let n = verdicts.probability.len();
    let before = verdicts.probability.clone();
    let sums = |v: &Verdicts, end: fn(&Estimate) -> f64| v.batches.iter().map(|b| end(&b.inauthentic)).sum::<f64>();
    let ends: [fn(&Estimate) -> f64; 3] = [|e| e.point, |e| e.low, |e| e.high];
    let was = ends.map(|end| sums(verdicts, end));
    let mut members: Vec<Vec<usize>> = vec![Vec::new(); verdicts.batches.len() + 1];
    for i in 0..n {
        members[verdicts.batch[i] as usize].push(i);
    }
    let mut disputed = vec![false; members.len()];
    for (b, rows) in members.iter().enumerate() {
        let most = if b == 0 { MOST_BY_LOOK } else { 1.0 - LEAST };
        let sum = |p: &[f32]| rows.iter().map(|&i| f64::from(p[i])).sum::<f64>();
        move_odds(verdicts, rows, deeds, most);
        let moved = sum(&verdicts.probability) / sum(&before).max(1e-9);
        if let Some(batch) = b.checked_sub(1).map(|b| &mut verdicts.batches[b]) {
            disputed[b] = bound(batch, deeds, moved, confidence);
        }
    }
    classes(verdicts, &before, deeds);
    let changed = [0, 1, 2].map(|k| sums(verdicts, ends[k]) - was[k]);
    shares(verdicts, deeds, changed, &disputed, confidence);
    if let Some(engaged) = &page.engaged {
        tell(verdicts, &before, channel, engaged, deeds);
    }
}

/// Moves how many of a batch are inauthentic by the factor that the odds of its members moved their sum, and bounds it by the
/// people who must be in it for so many to have engaged. Answers whether the two cannot both be right: then there may be as many
/// people in it as that, or its seller sells likes too, and the interval is of both.
fn bound(batch: &mut Batch, deeds: &Deeds, moved: f64, confidence: f64) -> bool {
    let (n, e) = (batch.n_followers as f64, batch.inauthentic);
    let known: Vec<usize> = batch.ranks.indices().filter(|&i| deeds.expected[i] > 0.0).collect();
    let expected: f64 = known.iter().map(|&i| f64::from(deeds.expected[i])).sum();
    let (mut low, mut high) = (e.low, e.high);
    let mut is_disputed = false;
    if expected >= MIN_EXPECTED {
        let rate = expected / known.len() as f64;
        let n_engaged = known.iter().filter(|&&i| deeds.did[i]).count() as f64;
        let (few, many) = poisson_interval(n_engaged, confidence);
        let most = |few: f64| n - (few / (rate * MORE_ATTACHED)).min(n);
        high = high.min(most(few));
        if low > high {
            let (few_surely, _) = poisson_interval(n_engaged, confidence.max(SURELY));
            if low > most(few_surely) {
                // Even the fewest that were delivered leave no room for these people.
                is_disputed = true;
                low = (n - (many / (rate * LESS_ATTACHED)).min(n)).min(high);
                high = e.high;
            } else {
                // The two disagree by no more than chance: what both allow is the end.
                high = most(few_surely).min(e.high);
            }
        }
    }
    let point = (e.point * moved).clamp(0.0, high);
    batch.inauthentic = Estimate::new(point, low.min(point), high, e.confidence);
    is_disputed
}

/// Adds the odds of deeds. Silence lifts nobody outside batches who was below `most` above it.
fn move_odds(verdicts: &mut Verdicts, rows: &[usize], deeds: &Deeds, most: f64) {
    for &i in rows {
        let before = f64::from(verdicts.probability[i]);
        let p = before.clamp(1e-6, 1.0 - 1e-6);
        let odds = (p / (1.0 - p)).ln() + f64::from(deeds.log_odds[i]);
        verdicts.probability[i] = logistic(odds).clamp(LEAST, most.max(before)) as f32;
    }
}

fn classes(verdicts: &mut Verdicts, before: &[f32], deeds: &Deeds) {
    let from = INAUTHENTIC_FROM as f32;
    for i in 0..before.len() {
        let (p, class) = (verdicts.probability[i], verdicts.class[i]);
        verdicts.class[i] = match class {
            Class::Inauthentic if p < from => Class::Unsure,
            Class::Unsure if p >= from && verdicts.batch[i] > 0 => Class::Inauthentic,
            other => other,
        };
        if deeds.did[i] && f64::from(p) <= PERSON_UP_TO && verdicts.class[i] == Class::Unsure {
            verdicts.class[i] = Class::Genuine;
        }
    }
}

/// Shares after batches changed by this many followers (point, low, high); who engaged is a person but for a few, and but for those in
/// batches of which that is disputed.
fn shares(verdicts: &mut Verdicts, deeds: &Deeds, changed: [f64; 3], disputed: &[bool], confidence: f64) {
    let n = verdicts.probability.len().max(1) as f64;
    let did = (0..verdicts.probability.len()).filter(|i| deeds.did[*i] && !disputed[verdicts.batch[*i] as usize]);
    let people: f64 = did.map(|i| 1.0 - f64::from(verdicts.probability[i])).sum();
    if let Outcome::Found(share) = &mut verdicts.inauthentic_share {
        let point = (verdicts.probability.iter().map(|p| f64::from(*p)).sum::<f64>() / n).min(1.0);
        let low = (share.low + changed[1] / n).clamp(0.0, point);
        let high = (share.high + changed[2] / n).min(1.0 - people / n).clamp(point, 1.0);
        *share = Estimate::new(point, low, high, share.confidence);
    }
    if changed[0].abs() > 0.0 && verdicts.in_batches_share.found().is_some() {
        let size = verdicts.probability.len();
        verdicts.in_batches_share = Outcome::Found(in_batches(&verdicts.batches, size, confidence));
    }
}

/// Tells of those who looked sold that they have done something.
fn tell(verdicts: &mut Verdicts, before: &[f32], channel: &'static str, engaged: &Engaged, deeds: &Deeds) {
    for i in (0..before.len()).filter(|&i| deeds.did[i] && before[i] >= TOLD_FROM && verdicts.batch[i] == 0) {
        let n_engagements = u64::from(engaged.engagements.get(i).unwrap_or(0));
        let n_orders = u64::from(engaged.orders.get(i).unwrap_or(0));
        let reason = Reason { channel, finding: Finding::HasEngaged { n_engagements, n_orders } };
        match verdicts.reasons.binary_search_by_key(&(i as Rank), |(rank, _)| *rank) {
            Ok(at) => verdicts.reasons[at].1.push(reason),
            Err(at) => verdicts.reasons.insert(at, (i as Rank, vec![reason])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::bound;
    use assay_math::Estimate;
    use assay_model::{Abstention, Batch, Deeds, Outcome, RankRange};

    /// A batch of 900 of whom 896 to 900 were delivered, as counts say, after so many of it engaged; a third of people do.
    fn bounded(n_engaged: usize, confidence: f64) -> Estimate {
        let estimate = Estimate::new(897.0, 896.0, 900.0, confidence);
        let untold = || Abstention::new("none", "none");
        let mut batch = Batch {
            id: "b1".to_owned(),
            ranks: RankRange { first: 0, last: 899 },
            arrived: None,
            n_followers: 900,
            inauthentic: estimate,
            q_value: 0.0,
            reasons: Vec::new(),
            stock: assay_model::StockLook::default(),
            lost: Outcome::Abstained(untold()),
            price: crate::batch::price_of(&estimate, None),
            causes: Vec::new(),
        };
        let did = (0..900).map(|i| i < n_engaged).collect();
        let _ = bound(&mut batch, &Deeds { expected: vec![0.33; 900], did, log_odds: vec![0.0; 900] }, 1.0, confidence);
        batch.inauthentic
    }

    /// Garwood's low ends of 5 are 1.97 at 90 % and 2.43 at 80 %: over .33 * 1.5 these are 4.0 and 4.9 people, one more than there is
    /// room for.
    #[test]
    fn a_disagreement_within_chance_does_not_blow_a_batch_up_at_a_low_confidence() {
        for confidence in [0.8, 0.9, 0.95] {
            let e = bounded(5, confidence);
            assert!(e.low >= 890.0 && e.low <= e.point && e.point <= e.high, "{confidence}: {e:?}");
        }
        // Where two hundred engaged, hundreds of people are in it, or the seller sells likes too.
        let e = bounded(200, 0.8);
        assert!(e.low < 400.0 && e.high == 900.0, "{e:?}");
    }
}
