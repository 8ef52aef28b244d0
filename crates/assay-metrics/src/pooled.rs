//! What a purchase costs in each of several groups, partially pooled: small groups are drawn towards what all of them cost.
//!
//! 1. In a group with cost `c`, purchases are Poisson with mean `rate * c`.
//! 2. Rates of the groups scatter around one mean as a gamma distribution does, so that a group's purchases are negative binomial.
//! 3. Neither the mean nor the scatter is fixed at one value: both are summed over, the logarithm of the mean and the coefficient of
//!    variation (up to [`SCATTER_MAX`]) evenly weighted beforehand. Given both, a group's rate is gamma again, and what is told is of the
//!    mixture (Gelman and others, Bayesian Data Analysis, 2.6 and 5.1).
//!
//! A cost is one over a rate. A group without any purchase has one too, which no quotient tells. The groups are taken as alike in
//! kind, and none as known to be better beforehand; which of them would pay next is for an experiment to say.

use assay_math::Estimate;
use assay_model::{Abstention, Outcome};
use statrs::function::gamma::{gamma_lr, ln_gamma};

/// Groups below which nothing is pooled: the scatter of two is a guess.
const GROUPS_MIN: usize = 3;
/// The greatest coefficient of variation between rates.
const SCATTER_MAX: f64 = 3.0;
/// Steps over the scatter and over the mean.
const STEPS: (usize, usize) = (24, 13);
/// Parts of the mixture below this weight are left out.
const WEIGHT_MIN: f64 = 1e-6;
/// Halvings until an end is found.
const HALVINGS: usize = 40;

/// A part of the mixture: its weight, and shape and rate of the gamma distribution that rates scatter in.
type Part = (f64, f64, f64);

/// The pooled cost of a purchase in each group, from each group's cost and purchases, in the unit of the costs.
///
/// Abstains below three groups with a cost, or without any purchase in all of them. A group without a cost has none.
pub fn pooled_costs(groups: &[(f64, f64)], confidence: f64) -> Outcome<Vec<Option<Estimate>>> {
    let told = || groups.iter().filter(|(cost, _)| *cost > 0.0);
    let (n, purchases) = (told().count(), told().map(|g| g.1).sum::<f64>());
    if n < GROUPS_MIN || purchases <= 0.0 {
        return Outcome::Abstained(Abstention::new(
            format!("{n} groups with a cost, and {purchases} purchases in them"),
            format!("at least {GROUPS_MIN} groups, and a purchase"),
        ));
    }
    let parts = parts(groups);
    let tail = (1.0 - confidence) / 2.0;
    let cost_of = |&(cost, count): &(f64, f64)| {
        (cost > 0.0).then(|| {
            let end = |p: f64| 1.0 / quantile(&parts, cost, count, p);
            let point = end(0.5);
            Estimate::new(point, end(1.0 - tail).min(point), end(tail).max(point), confidence)
        })
    };
    Outcome::Found(groups.iter().map(cost_of).collect())
}

/// The mixture of what may be believed of all rates.
fn parts(groups: &[(f64, f64)]) -> Vec<Part> {
    let told: Vec<(f64, f64)> = groups.iter().copied().filter(|(cost, _)| *cost > 0.0).collect();
    let (cost, count) = told.iter().fold((0.0, 0.0), |s, g| (s.0 + g.0, s.1 + g.1));
    let mut parts = Vec::with_capacity(STEPS.0 * STEPS.1);
    for i in 0..STEPS.0 {
        // Finer where it is small: the square of an even grid, with the width of its step as weight.
        let root = (i as f64 + 0.5) / STEPS.0 as f64;
        let scatter = SCATTER_MAX * root * root;
        let shape = scatter.powi(-2);
        let reach = 5.0 * (1.0 / count + scatter * scatter / told.len() as f64).sqrt();
        for j in 0..STEPS.1 {
            let away = 2.0 * (j as f64 + 0.5) / STEPS.1 as f64 - 1.0;
            let rate = shape / (count / cost * (reach * away).exp());
            let chance: f64 = told.iter().map(|&(cost, count)| log_chance(count, cost, shape, rate)).sum();
            parts.push((chance + (root * reach).ln(), shape, rate));
        }
    }
    let most = parts.iter().map(|p| p.0).fold(f64::NEG_INFINITY, f64::max);
    for part in &mut parts {
        part.0 = (part.0 - most).exp();
    }
    let sum: f64 = parts.iter().map(|p| p.0).sum();
    parts.retain(|part| part.0 > WEIGHT_MIN * sum);
    let sum: f64 = parts.iter().map(|p| p.0).sum();
    for part in &mut parts {
        part.0 /= sum;
    }
    parts
}

/// The logarithm of the chance of a count, up to what does not depend on shape and rate: negative binomial.
fn log_chance(count: f64, cost: f64, shape: f64, rate: f64) -> f64 {
    ln_gamma(shape + count) - ln_gamma(shape) - shape * (cost / rate).ln_1p() - count * (rate + cost).ln()
}

/// The quantile of a group's rate.
fn quantile(parts: &[Part], cost: f64, count: f64, p: f64) -> f64 {
    let below =
        |x: f64| -> f64 { parts.iter().map(|(w, shape, rate)| w * gamma_lr(shape + count, (rate + cost) * x)).sum() };
    let mean: f64 = parts.iter().map(|(w, shape, rate)| w * (shape + count) / (rate + cost)).sum();
    let (mut low, mut high) = (mean, mean);
    while below(low) > p && low > f64::MIN_POSITIVE {
        low /= 4.0;
    }
    while below(high) < p && high < f64::MAX / 4.0 {
        high *= 4.0;
    }
    for _ in 0..HALVINGS {
        let middle = (low * high).sqrt();
        if below(middle) < p { low = middle } else { high = middle }
    }
    (low * high).sqrt()
}

#[cfg(test)]
mod tests {
    use super::pooled_costs;
    use assay_math::{Random, Seed};
    use rand::RngExt as _;

    /// A Poisson number by its waiting times.
    fn poisson(random: &mut Random, mean: f64) -> f64 {
        let (mut n, mut at) = (0.0, 0.0);
        loop {
            at -= random.random_range(f64::MIN_POSITIVE..1.0).ln();
            if at > mean {
                return n;
            }
            n += 1.0;
        }
    }

    #[test]
    fn groups_of_one_rate_are_drawn_together_and_far_ones_are_not() {
        let mut random = Seed(4).random();
        let alike: Vec<(f64, f64)> = (0..20).map(|_| (100.0, poisson(&mut random, 10.0))).collect();
        let found = pooled_costs(&alike, 0.95).found().cloned().expect("twenty groups");
        let spread = |of: &[f64]| of.iter().copied().fold(0.0, f64::max) / of.iter().copied().fold(f64::MAX, f64::min);
        let raw: Vec<f64> = alike.iter().map(|(cost, n)| cost / n).collect();
        let drawn: Vec<f64> = found.iter().map(|e| e.expect("a cost").point).collect();
        assert!(spread(&drawn).ln() < 0.5 * spread(&raw).ln(), "{raw:?} {drawn:?}");
        let far = [(1_000.0, 1_000.0), (1_000.0, 100.0), (1_000.0, 400.0)];
        for ((cost, n), e) in far.iter().zip(pooled_costs(&far, 0.95).found().expect("three groups")) {
            let e = e.expect("a cost");
            assert!((e.point / (cost / n) - 1.0).abs() < 0.03 && e.low < cost / n && cost / n < e.high, "{e:?}");
        }
    }

    #[test]
    fn a_group_without_a_purchase_has_a_cost_too_and_too_little_has_none() {
        let groups = [(50.0, 0.0), (500.0, 40.0), (700.0, 71.0), (0.0, 0.0)];
        let found = pooled_costs(&groups, 0.9).found().cloned().expect("three groups");
        let none = found[0].expect("a cost");
        assert!(none.point > found[1].expect("a cost").point && none.high.is_finite(), "{none:?}");
        assert!(found[3].is_none(), "nothing was spent");
        assert!(
            pooled_costs(&groups[..2], 0.9).found().is_none() && pooled_costs(&[(1.0, 0.0); 5], 0.9).found().is_none()
        );
    }

    /// Rates drawn from a gamma distribution of shape 4: of 600 intervals nine tenths hold the rate, within three errors of that count.
    #[test]
    fn intervals_hold_as_often_as_they_say() {
        let mut random = Seed(9).random();
        let (mut held, mut n) = (0.0, 0.0);
        for _ in 0..60 {
            let rates: Vec<f64> = (0..10)
                .map(|_| -(0..4).map(|_| random.random_range(f64::MIN_POSITIVE..1.0_f64).ln()).sum::<f64>() / 40.0)
                .collect();
            let groups: Vec<(f64, f64)> = rates
                .iter()
                .enumerate()
                .map(|(i, rate)| (20.0 * (1 + i) as f64, poisson(&mut random, rate * 20.0 * (1 + i) as f64)))
                .collect();
            let Some(found) = pooled_costs(&groups, 0.9).found().cloned() else { continue };
            for (rate, e) in rates.iter().zip(found) {
                let e = e.expect("a cost");
                held += f64::from(u8::from(e.low <= 1.0 / rate && 1.0 / rate <= e.high));
                n += 1.0;
            }
        }
        let share = held / n;
        assert!((share - 0.9).abs() < 3.0 * (0.09_f64 / n).sqrt(), "{share} of {n}");
    }
}
