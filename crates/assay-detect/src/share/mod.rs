//! What follows from all channels together: a calibrated probability for each follower, a class, and the shares of
//! inauthentic, dormant and genuine followers with intervals that include the classifier's own error.
//!
//! How:
//! 1. **In a batch** the follow order says how many were delivered ([`Delivery::n_delivered`]); profiles say which. The odds
//!    of the members are moved by one constant so that they add up to that number: the two channels share the work and the
//!    same evidence is not counted twice.
//! 2. **Outside**, the probability is `w (b + (1 - b) d)`: the weight `w` that the mixture of profiles gives, the belief `b`
//!    that its class is stock at all, and what is left of it in doubt, `d` = `DOUBT`.
//! 3. **The share** of inauthentic followers is an identified range, not a sampling error (the list is complete). Its ends
//!    (`range`) ask what the share would be if every odds were wrong by one factor (Rosenbaum 2002, "Observational Studies",
//!    sensitivity analysis), less or plus a margin for what no column shows. The low end stands on what is shown: batches,
//!    and outside them a class of stock that dates or arrivals corroborate.
//! 4. **Dormant** ([`dormant`]) is a definition, not a guess: its range is that of the definitions in use.
//!
//! Where the export tells no profiles, shares are abstained from.
//!
//! Limits: the width was set so that intervals at .9 hold the truth on made audiences (people and stock of several kinds; the
//! table is in the documentation), and scales with the normal quantile for other confidences. Stock that looks like people
//! and came without a trace lies outside the range.

pub mod dormant;
mod range;

pub(crate) use range::people;

use crate::profile::{self, Delivery, Handles, ProfileTrait, Profiles, logistic};
use assay_math::Estimate;
use assay_model::{Abstention, Class, Outcome, Page, RankRange, ReferenceFit, Share, Stopped, Tick};

/// What is left of a profile's weight where nothing corroborates it: of looks like those of sold accounts, on made clean
/// audiences none and on real ones an unknown part are sold.
const DOUBT: f64 = 0.3;

/// The least probability that is told: one in three hundred for want of evidence against.
const LEAST: f64 = 0.003;

/// The most that is told of a follower outside every batch without dates or arrivals that corroborate it: below
/// [`INAUTHENTIC_FROM`], since a profile alone is no ground for an accusation.
pub(crate) const MOST_BY_LOOK: f64 = 0.85;

/// From this probability on a follower is classed as inauthentic.
pub const INAUTHENTIC_FROM: f64 = 0.9;

/// Up to this probability a follower is classed as a person.
pub(crate) const PERSON_UP_TO: f64 = 0.2;

/// What the channels together say.
#[derive(Debug, Clone)]
pub struct Judged {
    /// For each follower, the probability (0..1) of being inauthentic.
    pub probability: Vec<f32>,
    /// For each follower, the class.
    pub class: Vec<Class>,
    /// Share of inauthentic followers.
    pub inauthentic_share: Share,
    /// Share of dormant people.
    pub dormant_share: Share,
    /// Share of active people.
    pub genuine_share: Share,
    /// For each delivery, in the order given, how many of its followers are inauthentic.
    pub in_batch: Vec<Estimate>,
    /// Whether the picture of people fits this audience.
    pub reference: ReferenceFit,
    /// The mixture that it rests on.
    pub profiles: Profiles,
}

impl Judged {
    /// Why follower `i` is judged so, strongest first.
    pub fn why(&self, page: &Page, i: usize) -> Vec<ProfileTrait> {
        self.profiles.traits(&page.audience, i)
    }
}

/// Judges a page by its profiles, the deliveries and the bursts that other channels found. `alike` are those of the bursts
/// whose accounts are alike in age or name, with how many are beyond expectation: they may all be bought.
///
/// # Errors
/// If told to stop.
pub fn judge(
    page: &Page,
    deliveries: &[Delivery<'_>],
    bursts: &[RankRange],
    alike: &[(RankRange, f64)],
    handles: Handles,
    confidence: f64,
    tick: &mut Tick<'_>,
) -> Result<Outcome<Judged>, Stopped> {
    let profiles = match profile::read_profiles(page, deliveries, bursts, handles, tick)? {
        Outcome::Found(profiles) => profiles,
        Outcome::Abstained(why) => return Ok(Outcome::Abstained(why)),
    };
    let mut probability = outside(&profiles);
    let mut in_batch = Vec::new();
    for d in deliveries {
        in_batch.push(inside(&profiles, d, confidence, &mut probability));
    }
    let (inauthentic, reference) = range::inauthentic(&profiles, &probability, &in_batch, alike, confidence);
    let idle = dormant::idle(page);
    let class = classes(&profiles, &probability, idle.as_deref());
    let (dormant_share, genuine_share) = match &idle {
        Some(idle) => {
            let (dormant, genuine) = people(&inauthentic, &probability, idle);
            (Outcome::Found(dormant), Outcome::Found(genuine))
        }
        None => (untold("dormant accounts from active ones"), untold("genuine followers from dormant ones")),
    };
    Ok(Outcome::Found(Judged {
        probability: probability.iter().map(|p| *p as f32).collect(),
        class,
        inauthentic_share: Outcome::Found(inauthentic),
        dormant_share,
        genuine_share,
        in_batch,
        reference,
        profiles,
    }))
}

fn untold(what: &str) -> Share {
    Outcome::Abstained(Abstention::new(
        format!("the export does not tell {what}"),
        "the number of posts, or the time of last activity, of each follower",
    ))
}

/// Step 2: followers outside batches; 0 for the others.
fn outside(profiles: &Profiles) -> Vec<f64> {
    let belief = profiles.evidence.belief();
    let most = if profiles.evidence.is_corroborated() { 1.0 - LEAST } else { MOST_BY_LOOK };
    let told = |i: usize| f64::from(profiles.weight[i]) * (belief + (1.0 - belief) * DOUBT);
    (0..profiles.weight.len())
        .map(|i| if profiles.is_delivered(i) { 0.0 } else { told(i).clamp(LEAST, most) })
        .collect()
}

/// Step 1: the members of a delivery, and how many of them are inauthentic.
fn inside(profiles: &Profiles, delivery: &Delivery<'_>, confidence: f64, probability: &mut [f64]) -> Estimate {
    let logit = |i: usize| {
        let w = f64::from(profiles.weight[i]).clamp(1e-6, 1.0 - 1e-6);
        (w / (1.0 - w)).ln()
    };
    let n = f64::from(delivery.ranks.n());
    let logits: Vec<f64> = delivery.ranks.indices().map(logit).collect();
    let by = shift_to(&logits, delivery.n_delivered);
    for (i, logit) in delivery.ranks.indices().zip(logits) {
        probability[i] = probability[i].max(logistic(logit + by).clamp(LEAST, 1.0 - LEAST));
    }
    let (least, most) = delivery.n_range;
    let point = delivery.n_delivered.clamp(0.0, n);
    range::delivered(n, point, (least.clamp(0.0, point), most.clamp(point, n)), confidence)
}

/// The constant by which odds (as logarithms) must be moved for their probabilities to add up to `sum`.
pub(crate) fn shift_to(logits: &[f64], sum: f64) -> f64 {
    // Bisection: the sum grows with the constant, from nearly none to nearly all.
    let (mut low, mut high) = (-16.0, 16.0);
    for _ in 0..48 {
        let middle = 0.5 * (low + high);
        if logits.iter().map(|l| logistic(l + middle)).sum::<f64>() < sum {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// The class of a follower of whom enough is told.
pub(crate) fn class_of(probability: f64, idle: Option<dormant::Idle>) -> Class {
    if probability >= INAUTHENTIC_FROM {
        return Class::Inauthentic;
    }
    match idle {
        Some(dormant::Idle::Long | dormant::Idle::VeryLong) if probability <= PERSON_UP_TO => Class::Dormant,
        Some(dormant::Idle::No | dormant::Idle::Short) if probability <= PERSON_UP_TO => Class::Genuine,
        _ => Class::Unsure,
    }
}

fn classes(profiles: &Profiles, probability: &[f64], idle: Option<&[dormant::Idle]>) -> Vec<Class> {
    let class = |i: usize| {
        if !profiles.told[i] && !profiles.is_delivered(i) {
            return Class::Unsure;
        }
        class_of(probability[i], idle.map(|idle| idle[i]))
    };
    (0..probability.len()).map(class).collect()
}

#[cfg(test)]
mod tests {
    use super::{Judged, judge};
    use crate::profile::{Delivery, Handles};
    use assay_math::{Estimate, Seed};
    use assay_model::synth::{Made, Plant, Stock, SynthPage};
    use assay_model::{Class, Outcome, silent};

    fn judged(made: &Made, confidence: f64) -> Judged {
        let flat: Vec<Vec<f32>> =
            made.truth.plants.iter().map(|p| vec![0.0; p.ranks.map_or(0, |r| r.n() as usize)]).collect();
        let deliveries: Vec<Delivery<'_>> = made
            .truth
            .plants
            .iter()
            .zip(&flat)
            .filter(|(p, _)| p.name == "batch")
            .filter_map(|(p, flat)| {
                let ranks = p.ranks?;
                let n = f64::from(p.n_listed);
                Some(Delivery { ranks, n_delivered: n, n_range: (n, n), member_log_odds: flat })
            })
            .collect();
        match judge(&made.page, &deliveries, &[], &[], Handles::Ignored, confidence, &mut silent) {
            Ok(Outcome::Found(judged)) => judged,
            other => unreachable!("{other:?}"),
        }
    }

    fn share(share: &assay_model::Share) -> Estimate {
        *share.found().expect("a share")
    }

    #[test]
    fn shares_hold_the_truth_add_up_and_nest() {
        for (seed, followers) in [(1, 0), (2, 60), (3, 400)] {
            let mut page = SynthPage { followers: 1_200, ..SynthPage::default() };
            if followers > 0 {
                page.plants =
                    vec![Plant::Batch { at: page.day(500.0), followers, over_days: 1.0, stock: Stock::aged() }];
            }
            let made = page.make(Seed(seed));
            let (wide, narrow) = (judged(&made, 0.95), judged(&made, 0.8));
            let of = |j: &Judged| share(&j.inauthentic_share);
            assert!(of(&wide).low <= of(&narrow).low && of(&wide).high >= of(&narrow).high);
            let truth = made.truth.inauthentic_share();
            assert!(of(&wide).low <= truth && truth <= of(&wide).high, "{truth}: {:?}", of(&wide));
            let sum = of(&wide).point + share(&wide.dormant_share).point + share(&wide.genuine_share).point;
            assert!((sum - 1.0).abs() < 0.02, "{sum}");
            let mean = wide.probability.iter().map(|p| f64::from(*p)).sum::<f64>() / wide.probability.len() as f64;
            assert!((mean - of(&wide).point).abs() < 1e-4, "{mean}");
        }
    }

    #[test]
    fn members_of_a_batch_add_up_to_what_was_delivered() {
        let mut page = SynthPage { followers: 1_200, ..SynthPage::default() };
        page.plants = vec![Plant::Batch { at: page.day(500.0), followers: 300, over_days: 20.0, stock: Stock::aged() }];
        let made = page.make(Seed(4));
        let truth = &made.truth.plants[0];
        let ranks = truth.ranks.expect("ranks");
        let judged = judged(&made, 0.9);
        let sum: f64 = ranks.indices().map(|i| f64::from(judged.probability[i])).sum();
        assert!((sum - f64::from(truth.n_listed)).abs() < 2.0, "{sum} of {}", truth.n_listed);
        let right =
            ranks.indices().filter(|&i| (judged.probability[i] > 0.5) == (made.truth.class[i] == Class::Inauthentic));
        assert!(right.count() as f64 > 0.95 * f64::from(ranks.n()));
    }

    #[test]
    fn nobody_is_classed_inauthentic_on_a_clean_page() {
        let made = SynthPage { followers: 900, ..SynthPage::default() }.make(Seed(5));
        let n = judged(&made, 0.9).class.iter().filter(|c| **c == Class::Inauthentic).count();
        assert!(n <= 9, "{n} of 900");
    }
}
