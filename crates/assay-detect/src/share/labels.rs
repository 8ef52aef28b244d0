//! Labels set by hand: whom to label, and the share of inauthentic followers that follows.
//!
//! 1. **Strata**: followers by their probability, in six slices; where the verdicts are good, each slice is nearly of one kind.
//! 2. **Draw** ([`draw`]): labels are spread over the slices in proportion to size times the standard deviation that the
//!    probability leaves (Neyman 1934), at least `LEAST` in each; within a slice at random.
//! 3. **Estimate** ([`estimate`]): each slice's share is known up to the two beta distributions of Clopper and Pearson (1934), one
//!    for the low end and one for the high; their sum, by size, has the distribution that draws from them have. (With the
//!    one beta of Jeffreys' prior, intervals at .9 held the truth .82 of the time where verdicts were wrong.) The verdicts only make the slices: where they are wrong, the
//!    answer gets wider, not false. This is prediction-powered inference by post-stratification (Angelopoulos and others
//!    2023, "Prediction-powered inference"; in the stratified form of Fisch and others 2024).
//!
//! Limits: within a slice the labels must be a random draw, as [`draw`] makes it; a choice by hand is not.

use assay_math::{Estimate, Seed, beta_quantile};
use rand::RngExt;

/// Upper ends of the slices of probability.
const SLICES: [f64; 6] = [0.01, 0.05, 0.25, 0.75, 0.95, 1.0];

/// Fewest labels in a slice that holds as many followers.
const LEAST: usize = 5;

/// Spread that is allowed for in a slice whatever its probabilities say, so that no slice is taken on trust.
const SPREAD_LEAST: f64 = 0.12;

/// Draws that the distribution of the share is read from.
const DRAWS: usize = 4_000;

/// Quantiles that the posterior of a slice is kept as.
const QUANTILES: usize = 400;

/// The slice that a probability lies in.
fn slice(probability: f32) -> usize {
    SLICES.iter().position(|end| f64::from(probability) <= *end).unwrap_or(SLICES.len() - 1)
}

/// The followers of each slice.
fn slices(probability: &[f32]) -> Vec<Vec<u32>> {
    let mut all = vec![Vec::new(); SLICES.len()];
    for (i, p) in probability.iter().enumerate() {
        all[slice(*p)].push(i as u32);
    }
    all
}

/// Whom to label: `n` followers (or all, if there are fewer), in order of rank.
pub fn draw(probability: &[f32], n: usize, seed: Seed) -> Vec<u32> {
    let mut random = seed.fork("labels").random();
    let mut slices = slices(probability);
    let need: Vec<f64> = slices
        .iter()
        .map(|s| {
            let mean = s.iter().map(|i| f64::from(probability[*i as usize])).sum::<f64>() / (s.len().max(1) as f64);
            s.len() as f64 * (mean * (1.0 - mean)).sqrt().max(SPREAD_LEAST)
        })
        .collect();
    let all: f64 = need.iter().sum::<f64>().max(1e-9);
    let mut take: Vec<usize> = slices
        .iter()
        .zip(&need)
        .map(|(s, need)| ((n as f64 * need / all) as usize).max(LEAST.min(n / SLICES.len())).min(s.len()))
        .collect();
    // What rounding and the least left over or overdrew goes to or comes from the slices by need.
    let mut order: Vec<usize> = (0..slices.len()).collect();
    order.sort_by(|a, b| need[*b].total_cmp(&need[*a]));
    let target = n.min(probability.len());
    while take.iter().sum::<usize>() < target {
        for &s in &order {
            if take[s] < slices[s].len() && take.iter().sum::<usize>() < target {
                take[s] += 1;
            }
        }
    }
    while take.iter().sum::<usize>() > target {
        if let Some(&s) = order.iter().max_by_key(|s| take[**s]) {
            take[s] -= 1;
        }
    }
    let mut drawn = Vec::with_capacity(target);
    for (followers, k) in slices.iter_mut().zip(take) {
        for place in 0..k {
            let other = random.random_range(place..followers.len());
            followers.swap(place, other);
            drawn.push(followers[place]);
        }
    }
    drawn.sort_unstable();
    drawn
}

/// The share of inauthentic followers by the labels (follower and whether it is inauthentic). `None` where a slice with more
/// than a twentieth of the followers has no label: nothing is known of them.
pub fn estimate(probability: &[f32], labels: &[(u32, bool)], confidence: f64, seed: Seed) -> Option<Estimate> {
    let sizes: Vec<usize> = slices(probability).iter().map(Vec::len).collect();
    let mut told = vec![(0_usize, 0_usize); SLICES.len()];
    for (i, inauthentic) in labels {
        let t = &mut told[slice(*probability.get(*i as usize)?)];
        t.0 += 1;
        t.1 += usize::from(*inauthentic);
    }
    let n = probability.len();
    if n == 0 || sizes.iter().zip(&told).any(|(size, (k, _))| *k == 0 && 20 * size > n) {
        return None;
    }
    let mut random = seed.fork("shares").random();
    let (mut lows, mut highs) = (vec![0.0; DRAWS], vec![0.0; DRAWS]);
    let mut point = 0.0;
    for (&size, &(labelled, bad)) in sizes.iter().zip(&told) {
        // Those labelled are known; the posterior is about the others.
        let (known, rest) = (bad as f64, size.saturating_sub(labelled) as f64);
        let good = (labelled - bad) as f64;
        point += known + if labelled == 0 { 0.5 * rest } else { rest * known / labelled as f64 };
        let (low, high) = (quantiles(known, good + 1.0), quantiles(known + 1.0, good));
        for (l, h) in lows.iter_mut().zip(&mut highs) {
            let u = random.random_range(0..QUANTILES);
            *l += known + rest * low[u];
            *h += known + rest * high[u];
        }
    }
    lows.sort_by(f64::total_cmp);
    highs.sort_by(f64::total_cmp);
    let tail = 0.5 * (1.0 - confidence);
    let (point, n) = (point / n as f64, n as f64);
    let low = lows[((tail * DRAWS as f64) as usize).min(DRAWS - 1)] / n;
    let high = highs[(((1.0 - tail) * DRAWS as f64) as usize).min(DRAWS - 1)] / n;
    Some(Estimate::new(point, low.min(point), high.max(point).min(1.0), confidence))
}

/// The quantiles of a beta distribution, evenly spaced; all 0 or all 1 where a shape is 0.
fn quantiles(a: f64, b: f64) -> Vec<f64> {
    let edge = if a > 0.0 { 1.0 } else { 0.0 };
    (0..QUANTILES).map(|k| beta_quantile(a, b, (k as f64 + 0.5) / QUANTILES as f64).unwrap_or(edge)).collect()
}

#[cfg(test)]
mod tests {
    use super::{draw, estimate};
    use assay_math::Seed;
    use rand::RngExt;

    /// Verdicts that are wrong by a known amount: the interval holds the truth as often as it says, and is narrow.
    #[test]
    fn a_hundred_labels_hold_the_truth_though_the_verdicts_are_off() {
        let (mut held, mut width, runs) = (0, 0.0, 120);
        for run in 0..runs {
            let mut random = Seed(11).nth(run).random();
            let truth: Vec<bool> = (0..2_000).map(|_| random.random_bool(0.25)).collect();
            let probability: Vec<f32> = truth
                .iter()
                .map(|t| match (*t, random.random_range(0..20)) {
                    (true, 0) | (false, 1) => 0.5,
                    (true, 1) | (false, 2..20) => 0.003,
                    _ => 0.98,
                })
                .collect();
            let chosen = draw(&probability, 100, Seed(run));
            assert_eq!(chosen.len(), 100);
            assert!(chosen.is_sorted() && chosen.windows(2).all(|w| w[0] != w[1]));
            let labels: Vec<(u32, bool)> = chosen.iter().map(|i| (*i, truth[*i as usize])).collect();
            let e = estimate(&probability, &labels, 0.9, Seed(run)).expect("labels everywhere");
            let share = truth.iter().filter(|t| **t).count() as f64 / 2_000.0;
            held += u32::from(e.low <= share && share <= e.high);
            width += (e.high - e.low) / runs as f64;
        }
        assert!(held >= 100 && width < 0.12, "{held} of {runs}, mean width {width}");
    }

    #[test]
    fn all_labelled_is_known_and_none_labelled_is_not() {
        let probability = [0.0_f32, 0.5, 1.0, 0.02];
        let all: Vec<(u32, bool)> = draw(&probability, 9, Seed(1)).into_iter().map(|i| (i, i == 2)).collect();
        assert_eq!(all.len(), 4);
        let e = estimate(&probability, &all, 0.9, Seed(1)).expect("all");
        assert!((e.low - 0.25).abs() < 1e-9 && (e.high - 0.25).abs() < 1e-9);
        assert_eq!(estimate(&probability, &[], 0.9, Seed(1)), None);
        assert_eq!(estimate(&probability, &[(9, true)], 0.9, Seed(1)), None);
    }
}
