//! Labels that somebody set by hand: whom to label, the share that follows, and verdicts corrected by them.
//!
//! 1. **Strata** ([`Strata`]): followers by the probability that they had before any label, in six slices; where the verdicts are
//!    good, each slice is nearly of one kind.
//! 2. **Draw** ([`draw`]): labels are spread over the slices in proportion to size times the standard deviation that the
//!    probability leaves (Neyman 1934). Within a slice those with the smallest of their random numbers are drawn; the number
//!    hangs on seed and account alone (permanent random numbers: Ohlsson 1995), so neither the order of the file nor that of
//!    the list matters, and a later draw goes on where the first ended.
//! 3. **Estimate** ([`estimate`]): prediction-powered inference by post-stratification (Angelopoulos and others 2023; Fisch and
//!    others 2024). The verdicts only make the slices: where they are wrong, the answer gets wider, not false.
//! 4. **Check**: labels against probabilities, slice by slice, say whether the verdicts fit this audience.
//! 5. **Correct** ([`apply`]): a follower who was labelled is what the label says; a batch with labels in it gets its size
//!    from both; the others are moved, if that is asked for, so that each slice adds up to what its labels show.
//! 6. **Overrule** ([`overrule`]): a verdict that somebody contradicts, with a reason, is theirs. Nobody drew it, so that it tells of
//!    no other follower: shares and batches stay as they are.
//!
//! Limits: within a slice the labels must be a random draw, as [`draw`] makes it; a choice by hand is not, and is told.
//! Whoever labels is taken to be right.

mod draw;
mod estimate;
mod matching;
mod overrule;
mod strata;

pub use draw::{Drawn, draw};
pub use estimate::estimate;
pub use matching::{Matched, match_to};
pub use overrule::overrule;
pub use strata::Strata;

use crate::share::{INAUTHENTIC_FROM, class_of, dormant};
use assay_math::{Estimate, Seed, jeffreys_interval};
use assay_model::{Class, Finding, LabelsUsed, Outcome, Page, Rank, Reason, Verdicts};

/// The channel that reasons name.
pub const CHANNEL: &str = "labels";

/// Fewest labels in a batch that say something of its size.
const LEAST_IN_BATCH: usize = 5;

/// Labels that the probabilities of a slice count for where they are set against labels.
const BELIEF_IN_LABELS: f64 = 4.0;

/// Standard errors that labels may differ from probabilities by chance: one page in a hundred.
const CHANCE: f64 = 2.58;

/// Whether the followers without a label are moved to what the labels show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Recalibrate {
    /// Their verdicts stay.
    No,
    /// Each slice is moved by one constant of odds.
    Yes,
}

/// Corrects verdicts by labels, and answers the share of inauthentic followers from them where they tell one.
pub fn apply(
    page: &Page,
    verdicts: &mut Verdicts,
    matched: &Matched,
    recalibrate: Recalibrate,
    confidence: f64,
    seed: Seed,
) -> LabelsUsed {
    let strata = Strata::of(&verdicts.probability, matched);
    let mut used = matched.counts.clone();
    if let Some(share) = estimate(&strata, &matched.labels, confidence, seed) {
        verdicts.inauthentic_share = Outcome::Found(share);
        people(page, verdicts, &share);
    }
    if let Outcome::Found(fit) = &mut verdicts.reference {
        fit.misfit_share = misfit(&verdicts.probability, &strata, &matched.labels);
    }
    for batch in 0..verdicts.batches.len() {
        in_batch(verdicts, batch, &matched.labels);
    }
    if verdicts.in_batches_share.found().is_some() {
        verdicts.in_batches_share =
            Outcome::Found(crate::weigh::in_batches(&verdicts.batches, page.audience.len(), confidence));
    }
    if recalibrate == Recalibrate::Yes {
        used.is_recalibrated = move_slices(page, verdicts, &strata, &matched.labels);
    }
    let idle = dormant::idle(page);
    for &(i, is_inauthentic) in &matched.labels {
        used.n_overturned += u64::from(overturns(verdicts.class[i as usize], is_inauthentic));
        let finding = Finding::LabelledByHand { is_inauthentic };
        correct(verdicts, i as usize, is_inauthentic, idle.as_ref().map(|idle| idle[i as usize]), finding);
    }
    verdicts.reasons.sort_by_key(|(rank, _)| *rank);
    used
}

/// By how much the share that the labels show differs from what the probabilities add up to, beyond chance: the difference of
/// label and probability, weighted by slice, less [`CHANCE`] standard errors.
fn misfit(probability: &[f32], strata: &Strata, labels: &[(u32, bool)]) -> f64 {
    let n = strata.n().max(1) as f64;
    let (mut off, mut variance) = (0.0, 0.0);
    for (s, members) in strata.members().iter().enumerate() {
        let told = labels.iter().filter(|(i, _)| strata.slice_of(*i as usize) == s);
        let told: Vec<(f64, f64)> =
            told.map(|(i, y)| (f64::from(probability[*i as usize]), f64::from(u8::from(*y)))).collect();
        if told.is_empty() {
            continue;
        }
        let (m, size) = (told.len() as f64, members.len() as f64 / n);
        off += size * told.iter().map(|(p, y)| y - p).sum::<f64>() / m;
        // As the probabilities have it, with half a label for each outcome: no slice is surer than its labels can show.
        let expected = (told.iter().map(|(p, _)| p).sum::<f64>() + 0.5) / (m + 1.0);
        variance += size * size * expected * (1.0 - expected) / m;
    }
    (off.abs() - CHANCE * variance.sqrt()).max(0.0)
}

fn overturns(class: Class, is_inauthentic: bool) -> bool {
    match class {
        Class::Inauthentic => !is_inauthentic,
        Class::Dormant | Class::Genuine => is_inauthentic,
        Class::Unsure => false,
    }
}

/// A follower who was looked at.
fn correct(verdicts: &mut Verdicts, i: usize, is_inauthentic: bool, idle: Option<dormant::Idle>, finding: Finding) {
    verdicts.probability[i] = if is_inauthentic { 1.0 } else { 0.0 };
    verdicts.class[i] = if is_inauthentic {
        Class::Inauthentic
    } else {
        match idle {
            Some(dormant::Idle::Long | dormant::Idle::VeryLong) => Class::Dormant,
            _ => Class::Genuine,
        }
    };
    // Who is labelled a person stands in a batch's run, and not among those delivered.
    if !is_inauthentic {
        verdicts.batch[i] = 0;
    }
    let reason = Reason { channel: CHANNEL, finding };
    verdicts.reasons.retain(|(rank, _)| *rank != i as Rank);
    verdicts.reasons.push((i as Rank, vec![reason]));
}

/// The size of a batch, by the labels in it: their share where it and the estimate exclude one another, both where they meet.
fn in_batch(verdicts: &mut Verdicts, batch: usize, labels: &[(u32, bool)]) {
    let ranks = verdicts.batches[batch].ranks;
    let inside: Vec<bool> = labels.iter().filter(|(i, _)| ranks.holds(*i)).map(|(_, y)| *y).collect();
    if inside.len() < LEAST_IN_BATCH {
        return;
    }
    let before = verdicts.batches[batch].inauthentic;
    let k = inside.iter().filter(|y| **y).count() as u64;
    let Some(share) = jeffreys_interval(k, inside.len() as u64, before.confidence) else { return };
    // Those labelled are known; the interval is about the others.
    let rest = f64::from(ranks.n()) - inside.len() as f64;
    let of = |s: f64| k as f64 + rest.max(0.0) * s;
    let (low, high) = (of(share.low), of(share.high));
    let (point, low, high) = if low <= before.high && before.low <= high {
        let (low, high) = (low.max(before.low), high.min(before.high));
        (before.point.clamp(low, high), low, high)
    } else {
        (of(share.point), low, high)
    };
    let inauthentic = Estimate::new(point, low, high, before.confidence);
    let batch = &mut verdicts.batches[batch];
    batch.inauthentic = inauthentic;
    batch.price = crate::batch::price_of(&inauthentic, batch.lost.found());
}

/// Dormant and genuine people are what is left: their shares move with the share that the labels show.
fn people(page: &Page, verdicts: &mut Verdicts, inauthentic: &Estimate) {
    if verdicts.dormant_share.found().is_none() || verdicts.genuine_share.found().is_none() {
        return;
    }
    let Some(idle) = dormant::idle(page) else { return };
    let told: f64 = verdicts.probability.iter().map(|p| f64::from(*p)).sum();
    let n = verdicts.probability.len() as f64;
    // Probabilities that add up to the share: people keep their proportions.
    let by = (1.0 - inauthentic.point) * n / (n - told).max(1e-9);
    let left: Vec<f64> =
        verdicts.probability.iter().map(|p| (1.0 - (1.0 - f64::from(*p)) * by).clamp(0.0, 1.0)).collect();
    let (dormant, genuine) = crate::share::people(inauthentic, &left, &idle);
    verdicts.dormant_share = Outcome::Found(dormant);
    verdicts.genuine_share = Outcome::Found(genuine);
}

/// Moves the odds of each slice by one constant, so that its unlabelled followers add up to what its labels show, the
/// probabilities counting as a few labels. Tells whether any was moved.
fn move_slices(page: &Page, verdicts: &mut Verdicts, strata: &Strata, labels: &[(u32, bool)]) -> bool {
    let mut moved = false;
    for (s, members) in strata.members().iter().enumerate() {
        let told: Vec<bool> =
            labels.iter().filter(|(i, _)| strata.slice_of(*i as usize) == s).map(|(_, y)| *y).collect();
        if told.is_empty() || members.is_empty() {
            continue;
        }
        let p = |i: u32| f64::from(verdicts.probability[i as usize]);
        let mean = members.iter().map(|i| p(*i)).sum::<f64>() / members.len() as f64;
        let bad = told.iter().filter(|y| **y).count() as f64;
        let wanted = (bad + BELIEF_IN_LABELS * mean) / (told.len() as f64 + BELIEF_IN_LABELS);
        let logits: Vec<f64> =
            members.iter().map(|i| p(*i).clamp(1e-6, 1.0 - 1e-6)).map(|p| (p / (1.0 - p)).ln()).collect();
        let by = crate::share::shift_to(&logits, wanted * members.len() as f64);
        for (i, logit) in members.iter().zip(&logits) {
            verdicts.probability[*i as usize] = crate::profile::logistic(logit + by) as f32;
        }
        moved = true;
    }
    // Who was unsure for want of columns stays so: the labels say how many, not who.
    let idle = dormant::idle(page);
    for i in 0..verdicts.class.len() {
        let judged = verdicts.class[i] != Class::Unsure || idle.is_some() && verdicts.dormant_share.found().is_some();
        if moved && judged {
            let idle = idle.as_ref().map(|idle| idle[i]);
            let p = f64::from(verdicts.probability[i]);
            let was = verdicts.class[i];
            let now = class_of(p, idle);
            // Labels of other accounts are no ground to accuse one.
            verdicts.class[i] =
                if now == Class::Inauthentic && was != Class::Inauthentic { Class::Unsure } else { now };
            debug_assert!(now != Class::Inauthentic || p >= INAUTHENTIC_FROM);
        }
    }
    moved
}

#[cfg(test)]
mod tests {
    use super::{CHANNEL, Matched, Recalibrate, apply, draw};
    use crate::{Asked, DETECTORS, weigh};
    use assay_math::Seed;
    use assay_model::synth::{Made, Plant, Stock, SynthPage};
    use assay_model::{Class, Finding, Verdicts, silent};

    /// A page with a drip that profiles tell in part, and the verdicts on it.
    fn judged() -> (Made, Verdicts) {
        let mut page = SynthPage { followers: 900, ..SynthPage::default() };
        page.plants = vec![
            Plant::Drip { at: page.day(500.0), followers: 200, over_days: 400.0, stock: Stock::mixed() },
            Plant::Batch { at: page.day(300.0), followers: 120, over_days: 1.0, stock: Stock::aged() },
        ];
        let made = page.make(Seed(2));
        let mut found = Vec::new();
        for d in DETECTORS {
            let asked = Asked { seed: Seed(1), confidence: 0.9, earlier: &found };
            let evidence = (d.find)(&made.page, &asked, &mut silent).expect("nobody stops it");
            found.extend(evidence.found().cloned().map(|e| (d.id, e)));
        }
        let verdicts = weigh(&made.page, &found, 0.9);
        (made, verdicts)
    }

    fn labels(made: &Made, verdicts: &Verdicts, n: usize) -> Matched {
        let mut matched = Matched::default();
        let mut drawn = draw(&made.page.audience, &verdicts.probability, &Matched::default(), n, Seed(9));
        drawn.sort_by_key(|d| d.row);
        for d in drawn {
            matched.labels.push((d.row, made.truth.class[d.row as usize] == Class::Inauthentic));
            matched.strata.push(Some(d.stratum));
        }
        matched
    }

    #[test]
    fn labels_correct_whom_they_name_and_answer_the_share() {
        let (made, before) = judged();
        let matched = labels(&made, &before, 100);
        let mut after = before.clone();
        let used = apply(&made.page, &mut after, &matched, Recalibrate::No, 0.9, Seed(1));
        let share = after.inauthentic_share.found().expect("a share");
        let truth = made.truth.inauthentic_share();
        assert!(share.low <= truth && truth <= share.high && share.high - share.low < 0.12, "{truth}: {share:?}");
        for &(i, bad) in &matched.labels {
            assert_eq!(after.class[i as usize] == Class::Inauthentic, bad);
            assert_eq!(after.probability[i as usize], f32::from(u8::from(bad)));
            let told = &after.reasons_of(i as usize);
            let by_hand = |r: &assay_model::Reason| {
                r.channel == CHANNEL && r.finding == Finding::LabelledByHand { is_inauthentic: bad }
            };
            assert!(told.iter().any(by_hand) || after.batch[i as usize] > 0, "{i}: {told:?}");
        }
        let labelled: std::collections::HashSet<u32> = matched.labels.iter().map(|(i, _)| *i).collect();
        assert!(
            (0..after.class.len())
                .filter(|i| !labelled.contains(&(*i as u32)))
                .all(|i| after.probability[i] == before.probability[i])
        );
        assert!(after.reasons.is_sorted_by_key(|(rank, _)| *rank));
        assert!(!used.is_recalibrated);
    }

    /// Whoever looks at a batch and finds people is believed: its size, its share and its price follow.
    #[test]
    fn a_batch_of_people_shrinks_with_all_that_rests_on_it() {
        let (made, before) = judged();
        let ranks = before.batches[0].ranks;
        let mut matched = Matched::default();
        for i in ranks.indices().step_by(3) {
            matched.labels.push((i as u32, false));
            matched.strata.push(None);
        }
        let mut after = before.clone();
        apply(&made.page, &mut after, &matched, Recalibrate::No, 0.9, Seed(1));
        let (was, now) = (&before.batches[0], &after.batches[0]);
        assert!(
            now.inauthentic.point < 1.0 && now.inauthentic.high < 0.1 * was.inauthentic.point,
            "{:?}",
            now.inauthentic
        );
        assert!(now.price.minor.high < was.price.minor.high);
        let in_batches = |v: &Verdicts| v.in_batches_share.found().expect("told").point;
        assert!(in_batches(&after) < in_batches(&before));
    }

    /// Verdicts that are too sure by far come nearer to the truth, and nobody is accused for the labels of others.
    #[test]
    fn recalibration_moves_the_others_towards_the_truth() {
        let (made, mut before) = judged();
        for p in &mut before.probability {
            *p *= 0.3;
        }
        let matched = labels(&made, &before, 150);
        let mut after = before.clone();
        let used = apply(&made.page, &mut after, &matched, Recalibrate::Yes, 0.9, Seed(1));
        assert!(used.is_recalibrated);
        let brier = |v: &Verdicts| {
            let off = |i: usize| {
                (f64::from(v.probability[i]) - f64::from(u8::from(made.truth.class[i] == Class::Inauthentic))).powi(2)
            };
            (0..v.probability.len()).map(off).sum::<f64>() / v.probability.len() as f64
        };
        assert!(brier(&after) < 0.7 * brier(&before), "{} {}", brier(&before), brier(&after));
        let labelled: std::collections::HashSet<u32> = matched.labels.iter().map(|(i, _)| *i).collect();
        for i in (0..after.class.len()).filter(|i| !labelled.contains(&(*i as u32))) {
            assert!(after.class[i] != Class::Inauthentic || before.class[i] == Class::Inauthentic, "{i}");
        }
    }
}
