//! The ends of the shares: what the evidence shows at the low end, what it allows at the high end.

use super::dormant::Idle;
use crate::profile::{Profiles, logistic};
use assay_math::{Estimate, normal_quantile, poisson_interval};
use assay_model::{RankRange, ReferenceFit};

/// At a confidence of .9, ln of the factor by which every odds may be wrong (a factor of 3.3): a choice by hand, with which
/// ranges held the truth on made audiences.
const ODDS_WRONG: f64 = 1.2;

/// At a confidence of .9, the share of followers outside batches who may be sold although their profiles are people's: of
/// other stock, too few to make a class.
const UNSEEN: f64 = 0.06;

/// The share of people who look like the stock and are none, for stock unlike people,
const LOOKALIKE: f64 = 0.02;

/// and how much more for stock that is like them: falls by e for each [`LOOKALIKE_NATS`] of odds.
const LOOKALIKE_MORE: f64 = 0.1;

/// See [`LOOKALIKE_MORE`].
const LOOKALIKE_NATS: f64 = 1.5;

/// Mean odds by profile, nats, up to which the low end stands on what is shown beyond chance alone,
const BLURRED: f64 = 3.2;

/// and from which on it stands on the profiles.
const DISTINCT: f64 = 4.2;

/// Of what is shown beyond chance, the part that the low end takes: the best of many windows is a little too good.
const SHOWN_WORTH: f64 = 0.9;

/// Beliefs from which on, and at which fully, the class counts for the low end.
const BELIEVED: (f64, f64) = (0.8, 0.95);

/// Of the high end of a class that is not believed, the part that is allowed for.
const ALLOWED: f64 = 0.8;

/// How many times the margins at a confidence of .9 this confidence needs.
fn scale(confidence: f64) -> f64 {
    normal_quantile(0.5 + 0.5 * confidence.min(0.999)) / normal_quantile(0.95)
}

/// How many of a delivery's `n` followers are inauthentic, if `point` were delivered, or from `least` to `most`: those who came on their own are few
/// and random, a Poisson count; a hundredth of the run may stand at the wrong side of its edges.
pub(super) fn delivered(n: f64, point: f64, (least, most): (f64, f64), confidence: f64) -> Estimate {
    let (own_low, _) = poisson_interval(n - most, confidence);
    let (_, own_high) = poisson_interval(n - least, confidence);
    let edge = 0.01 * n * scale(confidence);
    Estimate::new(
        point,
        (n - own_high - edge).clamp(0.0, point),
        (n - own_low + 0.5 * edge).clamp(point, n),
        confidence,
    )
}

/// The share of inauthentic followers.
pub(super) fn inauthentic(
    profiles: &Profiles,
    probability: &[f64],
    in_batch: &[Estimate],
    alike: &[(RankRange, f64)],
    confidence: f64,
) -> (Estimate, ReferenceFit) {
    let n = probability.len() as f64;
    let scale = scale(confidence);
    let wrong = ODDS_WRONG * scale;
    let (mut low, mut high, mut n_free, mut n_untold) = (0.0, 0.0, 0.0, 0.0);
    for (i, w) in profiles.weight.iter().enumerate() {
        if profiles.is_delivered(i) {
            continue;
        }
        n_free += 1.0;
        n_untold += if profiles.told[i] { 0.0 } else { 1.0 };
        let w = f64::from(*w).clamp(1e-9, 1.0 - 1e-9);
        let odds = (w / (1.0 - w)).ln();
        low += logistic(odds - wrong);
        high += logistic(odds + wrong);
    }
    let belief = profiles.evidence.belief();
    let believed = ((belief - BELIEVED.0) / (BELIEVED.1 - BELIEVED.0)).clamp(0.0, 1.0);
    let lookalike = LOOKALIKE + LOOKALIKE_MORE * (-profiles.unlike / LOOKALIKE_NATS).exp();
    let by_look = low - scale * lookalike * n_free;
    let shown = by_look.min(SHOWN_WORTH * profiles.shown_share * n_free);
    let distinct = ((profiles.unlike - BLURRED) / (DISTINCT - BLURRED)).clamp(0.0, 1.0);
    let low = (believed * (distinct * by_look + (1.0 - distinct) * shown)).max(0.0);
    let high = high * (belief + (1.0 - belief) * ALLOWED) + scale * UNSEEN * n_free;
    // Accounts that pass for people and were opened together may be sold; a likeness that nothing corroborates proves nothing.
    let reference = profiles.reference;
    let more = scale * reference.n_odd_people;
    let less = if reference.n_uncorroborated > 0.0 { low } else { 0.0 };
    let burst: f64 = alike.iter().map(|(ranks, beyond)| may_hide(profiles, *ranks, *beyond)).sum();
    let high = (high + more + burst + n_untold).min(n_free);
    let low = low - less;
    // Batches that overlap share followers: each end is scaled to those who stand in any.
    let members: f64 = (0..probability.len()).filter(|&i| profiles.is_delivered(i)).map(|i| probability[i]).sum();
    let once = (members / in_batch.iter().map(|e| e.point).sum::<f64>().max(1e-9)).min(1.0);
    let low = low + once * in_batch.iter().map(|e| e.low).sum::<f64>();
    let high = high + once * in_batch.iter().map(|e| e.high).sum::<f64>();
    let point = probability.iter().sum::<f64>();
    let (point, low, high) = (point / n, low / n, (high / n).min(1.0));
    let fit = ReferenceFit {
        misfit_share: 0.0,
        n_odd_people: reference.n_odd_people,
        n_uncorroborated: reference.n_uncorroborated,
        widened_by: (less / n, more / n),
    };
    (Estimate::new(point.min(1.0), low.min(point), high.max(point.min(1.0)), confidence), fit)
}

/// Of a burst of like accounts that profiles do not tell from people, the part that is allowed for: even odds, for lack of grounds.
const HIDDEN: f64 = 0.5;

/// How many followers of a burst of like accounts may be sold beyond what their profiles already allow.
fn may_hide(profiles: &Profiles, burst: RankRange, beyond: f64) -> f64 {
    let free = burst.indices().filter(|&i| !profiles.is_delivered(i));
    let (n, seen) = free.fold((0.0, 0.0), |(n, seen), i| (n + 1.0, seen + f64::from(profiles.weight[i])));
    HIDDEN * (beyond.min(n) - seen).max(0.0)
}

/// The shares of dormant and of active people: what is left of the audience, divided by how long accounts were idle.
pub(crate) fn people(inauthentic: &Estimate, probability: &[f64], idle: &[Idle]) -> (Estimate, Estimate) {
    let n = probability.len() as f64;
    let of =
        |least: Idle| idle.iter().zip(probability).filter(|(i, _)| **i >= least).map(|(_, p)| 1.0 - p).sum::<f64>() / n;
    let (long, middle, short) = (of(Idle::VeryLong), of(Idle::Long), of(Idle::Short));
    // Every follower who may be sold though told as a person may be one of the idle.
    let slack = (inauthentic.high - inauthentic.point).min(long);
    let more = inauthentic.point - inauthentic.low;
    let c = inauthentic.confidence;
    let dormant = Estimate::new(middle, (long - slack).max(0.0).min(middle), (short + more).min(1.0).max(middle), c);
    let point = (1.0 - inauthentic.point - middle).clamp(0.0, 1.0);
    let low = (1.0 - inauthentic.high - short).clamp(0.0, point);
    let high = (1.0 - inauthentic.low - long).clamp(point, 1.0);
    (dormant, Estimate::new(point, low, high, c))
}
