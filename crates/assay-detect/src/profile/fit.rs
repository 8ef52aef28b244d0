//! The mixture: several classes of people and one of sold stock, fitted by expectation and maximisation (Dempster, Laird and
//! Rubin 1977, "Maximum likelihood from incomplete data via the EM algorithm").

use super::classes::{Counts, Look, Tables, add, log_look, no_counts};
use super::features::{Binned, Feature, MISSING, Times};
use super::when::{Arrivals, OpenedLaw};

/// Classes of people: enough to carry how their columns go together (dormant people make one or two of them), few enough to
/// leave the stock a class of its own. A choice by hand; others were not tried.
pub(super) const PEOPLE: usize = 5;

/// Rounds of the fit; what is left to gain after as many is below what the evidence counts.
const ROUNDS: usize = 40;

/// What a profile says counts for this part of what independent columns would say: counts of one account go together
/// within every class. A choice by hand that kept calibration errors on made audiences below .03.
const PROFILE_WORTH: f64 = 0.7;

/// The most that a profile says of one follower, in nats.
const PROFILE_MOST: f64 = 5.0;

/// Below this weight a follower does not count for a class.
const NEGLIGIBLE: f64 = 1e-4;

/// An audience as the fit sees it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) features: Vec<Binned>,
    pub(super) times: Times,
    /// For members of batches the probability of having been delivered, as the batch tells it; `None` for others.
    pub(super) delivered: Vec<Option<f32>>,
}

impl Seen {
    /// How many followers.
    pub(super) fn len(&self) -> usize {
        self.delivered.len()
    }

    /// Every so-manieth follower, so that at most `most` are left.
    pub(super) fn thinned(&self, most: usize) -> Self {
        let step = self.len().div_ceil(most).max(1);
        let take = |bins: &[u8]| bins.iter().step_by(step).copied().collect();
        Self {
            features: self.features.iter().map(|f| Binned { feature: f.feature, bins: take(&f.bins) }).collect(),
            times: Times {
                opened: self.times.opened.iter().step_by(step).copied().collect(),
                block: take(&self.times.block),
                earliest: take(&self.times.earliest),
                ..self.times.clone()
            },
            delivered: self.delivered.iter().step_by(step).copied().collect(),
        }
    }

    /// Whether the follower stands outside every batch.
    pub(super) fn is_free(&self, i: usize) -> bool {
        self.delivered[i].is_none()
    }
}

/// A fitted mixture.
#[derive(Debug, Clone)]
pub(super) struct Model {
    /// ln of the share and the look of each class of people.
    pub(super) people: Vec<(f64, Tables)>,
    /// The look of the stock.
    pub(super) stock: Tables,
    /// Share of the stock among the followers outside batches.
    pub(super) share: f64,
    /// When the stock was opened.
    pub(super) opened: OpenedLaw,
    /// When it came.
    pub(super) arrivals: Arrivals,
}

/// What a model says of one follower, ln of likelihood ratios of stock against people.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Said {
    pub(super) profile: f64,
    pub(super) opened: f64,
    pub(super) arrived: f64,
}

impl Model {
    /// ln of the probability of the profile among people.
    pub(super) fn person(&self, seen: &Seen, i: usize) -> f64 {
        log_sum(self.people.iter().map(|(size, look)| size + log_look(look, &seen.features, i)))
    }

    /// ln of the odds by profile, tempered and bounded.
    pub(super) fn profile(&self, look: &Tables, seen: &Seen, i: usize) -> f64 {
        let odds = log_look(look, &seen.features, i) - self.person(seen, i);
        tempered(odds)
    }

    /// All that is said of follower `i`, whose own weight in the fit was `own` (0 if it was not part of the fit).
    pub(super) fn says(&self, seen: &Seen, i: usize, own: f64) -> Said {
        Said {
            profile: self.profile(&self.stock, seen, i),
            opened: self.opened.odds(seen.times.opened[i], own).map_or(0.0, |(clump, years)| clump + years),
            arrived: self.arrivals.odds(&seen.times, i),
        }
    }

    /// ln of the odds of being stock before anything is said.
    pub(super) fn before(&self) -> f64 {
        (self.share / (1.0 - self.share)).max(1e-9).ln()
    }
}

/// A fit: the model, and the weights it ended with.
#[derive(Debug, Clone)]
pub(super) struct Fit {
    pub(super) model: Model,
    /// For each follower the probability of being stock.
    pub(super) weight: Vec<f64>,
    /// The same from profiles alone: dates and arrivals have not chosen them.
    pub(super) by_look: Vec<f64>,
    /// For each follower, ln of the odds by profile.
    pub(super) profile: Vec<f64>,
}

/// Fits classes of people, and a class of stock that starts as `start` if that is given.
pub(super) fn fit(seen: &Seen, n_people: usize, start: Option<&[f64]>, prior: &Look) -> Fit {
    let n = seen.len();
    let mut weight: Vec<f64> = start.map_or_else(|| vec![0.0; n], <[f64]>::to_vec);
    let mut part = by_activity(seen, n_people);
    let middle = overall(seen, &weight);
    let n_free = (0..n).filter(|&i| seen.is_free(i)).count() as f64;
    let mut model = Model {
        people: Vec::new(),
        stock: prior.tables(&seen.features),
        share: 0.0,
        opened: OpenedLaw::default(),
        arrivals: Arrivals::none(),
    };
    let mut profile = vec![0.0; n];
    let mut logs = vec![0.0; n_people];
    for _ in 0..ROUNDS {
        let (people, stock) = counts(seen, &weight, &part, n_people);
        let all: f64 = people.iter().map(|(size, _)| size).sum();
        model.people = people
            .iter()
            .map(|(size, c)| ((size / all).ln(), Look::fit(c, &seen.features, &middle).tables(&seen.features)))
            .collect();
        if start.is_some() {
            model.stock = Look::fit(&stock, &seen.features, prior).tables(&seen.features);
            let came: f64 = (0..n).filter(|&i| seen.is_free(i)).map(|i| weight[i]).sum();
            model.share = (came + 0.5) / (n_free + 10.0);
            model.opened = OpenedLaw::fit(&seen.times, &weight);
        }
        let before = model.before();
        for i in 0..n {
            for (log, (size, look)) in logs.iter_mut().zip(&model.people) {
                *log = size + log_look(look, &seen.features, i);
            }
            let person = log_sum(logs.iter().copied());
            for (k, log) in logs.iter().enumerate() {
                part[i * n_people + k] = (log - person).exp() as f32;
            }
            if start.is_some() {
                let odds = log_look(&model.stock, &seen.features, i) - person;
                profile[i] = tempered(odds);
                // What a delivery says of its members is better than what a look says.
                weight[i] = if let Some(p) = seen.delivered[i] {
                    f64::from(p)
                } else {
                    let (clump, years) = model.opened.odds(seen.times.opened[i], weight[i]).unwrap_or_default();
                    logistic(before + profile[i] + clump + years)
                };
            }
        }
    }
    let by_look: Vec<f64> = profile.iter().map(|p| logistic(model.before() + p)).collect();
    if start.is_some() {
        model.arrivals = Arrivals::fit(&seen.times, &by_look, &seen.delivered);
    }
    Fit { model, weight, by_look, profile }
}

/// People's classes start as slices of activity: for each follower, one row of weights.
fn by_activity(seen: &Seen, n_people: usize) -> Vec<f32> {
    let n = seen.len();
    let active = |i: usize| -> u32 {
        let told =
            |f: &&Binned| !f.feature.is_flag() && f.feature != Feature::BioLength && f.feature != Feature::Following;
        let of = |f: &Binned| if f.bins[i] == MISSING { 0 } else { u32::from(f.bins[i]) };
        seen.features.iter().filter(told).map(of).sum()
    };
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by_cached_key(|&i| active(i));
    let mut part = vec![0.0; n * n_people];
    for (place, &i) in order.iter().enumerate() {
        part[i * n_people + place * n_people / n] = 1.0;
    }
    part
}

/// The look of all people together: what each class of them is drawn towards.
fn overall(seen: &Seen, weight: &[f64]) -> Look {
    let mut all = no_counts(seen.features.len());
    for (i, w) in weight.iter().enumerate() {
        add(&mut all, &seen.features, i, 1.0 - w);
    }
    Look::fit(&all, &seen.features, &Look::flat(seen.features.len()))
}

/// Size and counts of each class of people, and the counts of the stock.
fn counts(seen: &Seen, weight: &[f64], part: &[f32], n_people: usize) -> (Vec<(f64, Counts)>, Counts) {
    let mut people = vec![(1.0, no_counts(seen.features.len())); n_people];
    let mut stock = no_counts(seen.features.len());
    for (i, &w) in weight.iter().enumerate() {
        for ((size, c), p) in people.iter_mut().zip(&part[i * n_people..]) {
            let own = (1.0 - w) * f64::from(*p);
            if own > NEGLIGIBLE {
                *size += own;
                add(c, &seen.features, i, own);
            }
        }
        if w > NEGLIGIBLE {
            add(&mut stock, &seen.features, i, w);
        }
    }
    (people, stock)
}

/// What odds by profile count for: tempered and bounded.
pub(super) fn tempered(odds: f64) -> f64 {
    (PROFILE_WORTH * odds).clamp(-PROFILE_MOST, PROFILE_MOST)
}

/// 1 / (1 + exp(-x)).
pub(crate) fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + (-x).exp())
}

/// ln of the sum of exponentials.
pub(super) fn log_sum(logs: impl Iterator<Item = f64> + Clone) -> f64 {
    let top = logs.clone().fold(f64::NEG_INFINITY, f64::max);
    top + logs.map(|l| (l - top).exp()).sum::<f64>().ln()
}
