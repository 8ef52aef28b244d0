//! Whom to label.

use super::{Matched, Strata};
use assay_math::Seed;
use assay_model::{Audience, Stratum};

/// Fewest labels in a slice that holds as many followers.
const LEAST: usize = 5;

/// Spread that is allowed for in a slice whatever its probabilities say, so that no slice is taken on trust.
const SPREAD_LEAST: f64 = 0.12;

/// A follower who was drawn.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Drawn {
    /// Row of the audience.
    pub row: u32,
    /// The stratum it stands for.
    pub stratum: Stratum,
    /// How many followers of the stratum each one with a label stands for, once this draw is labelled too: with these weights
    /// the labelled ones are an unbiased picture of the audience.
    pub weight: f64,
}

/// Draws `n` followers without a label (all, if there are fewer), beside those that have one. Their order is such that who
/// stops anywhere has labelled each stratum in about its proportion. The same audience and seed give the same draw, in
/// whatever order the followers stand; a second draw goes on where the first ended.
pub fn draw(audience: &Audience, probability: &[f32], matched: &Matched, n: usize, seed: Seed) -> Vec<Drawn> {
    let strata = Strata::of(probability, matched);
    let mut is_labelled = vec![false; strata.n()];
    matched.labels.iter().for_each(|(i, _)| is_labelled[*i as usize] = true);
    let sizes: Vec<usize> = strata.members().iter().map(Vec::len).collect();
    let count = |s: usize| strata.members()[s].iter().filter(|i| is_labelled[**i as usize]).count();
    let before: Vec<usize> = (0..sizes.len()).map(count).collect();
    let means: Vec<f64> = strata.members().iter().map(|m| mean(probability, m)).collect();
    let take = allocate(&sizes, &before, &means, n);
    let mut drawn: Vec<((f64, u64), Drawn)> = Vec::new();
    for (s, members) in strata.members().iter().enumerate() {
        let mut waiting: Vec<(u64, u32)> = members
            .iter()
            .filter(|i| !is_labelled[**i as usize])
            .map(|i| (permanent(audience, *i as usize, seed), *i))
            .collect();
        waiting.sort_unstable();
        let stratum = Stratum { id: s as u32, size: sizes[s] as u64 };
        let weight = sizes[s] as f64 / (before[s] + take[s]).max(1) as f64;
        for (place, (number, row)) in waiting.into_iter().take(take[s]).enumerate() {
            drawn.push((((place as f64 + 0.5) / take[s] as f64, number), Drawn { row, stratum, weight }));
        }
    }
    drawn.sort_by(|a, b| a.0.0.total_cmp(&b.0.0).then(a.0.1.cmp(&b.0.1)));
    drawn.into_iter().map(|(_, d)| d).collect()
}

/// The random number that an account keeps under a seed.
fn permanent(audience: &Audience, i: usize, seed: Seed) -> u64 {
    let who = audience.follower(i).account_id;
    let seed = seed.fork("labels");
    if who.is_empty() { seed.nth(i as u64).0 } else { seed.fork(who).0 }
}

fn mean(probability: &[f32], members: &[u32]) -> f64 {
    members.iter().map(|i| f64::from(probability[*i as usize])).sum::<f64>() / members.len().max(1) as f64
}

/// How many to draw of each slice, so that with those labelled before each has its part of all labels.
fn allocate(sizes: &[usize], before: &[usize], means: &[f64], n: usize) -> Vec<usize> {
    let need: Vec<f64> =
        sizes.iter().zip(means).map(|(s, m)| *s as f64 * (m * (1.0 - m)).max(0.0).sqrt().max(SPREAD_LEAST)).collect();
    let all: f64 = need.iter().sum::<f64>().max(1e-9);
    let free: Vec<usize> = sizes.iter().zip(before).map(|(s, b)| s - b).collect();
    let target = n.min(free.iter().sum());
    let total = (target + before.iter().sum::<usize>()) as f64;
    let least = LEAST.min(n / sizes.len());
    let mut take: Vec<usize> = (0..sizes.len())
        .map(|s| (((total * need[s] / all) as usize).max(least).saturating_sub(before[s])).min(free[s]))
        .collect();
    // What rounding and the least left over or overdrew goes to or comes from the slices by need.
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by(|a, b| need[*b].total_cmp(&need[*a]));
    while take.iter().sum::<usize>() < target {
        for &s in &order {
            if take[s] < free[s] && take.iter().sum::<usize>() < target {
                take[s] += 1;
            }
        }
    }
    while take.iter().sum::<usize>() > target {
        match order.iter().max_by_key(|s| take[**s]) {
            Some(&s) => take[s] -= 1,
            None => break,
        }
    }
    take
}

#[cfg(test)]
mod tests {
    use super::{allocate, draw};
    use crate::labels::Matched;
    use assay_math::Seed;
    use assay_model::{Audience, Follow, LabelsUsed};
    use std::collections::HashSet;

    fn audience(order: impl Iterator<Item = usize>) -> (Audience, Vec<f32>) {
        let mut all = Audience::default();
        let mut probability = Vec::new();
        for k in order {
            all.push(&Follow { account_id: Some(&format!("a{k}")), ..Follow::default() });
            probability.push([0.003, 0.02, 0.4, 0.97][k % 4]);
        }
        (all, probability)
    }

    fn names(audience: &Audience, drawn: &[super::Drawn]) -> HashSet<String> {
        drawn.iter().map(|d| audience.follower(d.row as usize).account_id.to_owned()).collect()
    }

    #[test]
    fn the_draw_hangs_on_accounts_and_not_on_their_order() {
        let (forth, p) = audience(0..800);
        let (back, q) = audience((0..800).rev());
        let one = names(&forth, &draw(&forth, &p, &Matched::default(), 100, Seed(3)));
        let two = names(&back, &draw(&back, &q, &Matched::default(), 100, Seed(3)));
        assert_eq!(one.len(), 100);
        assert_eq!(one, two);
        assert_ne!(one, names(&forth, &draw(&forth, &p, &Matched::default(), 100, Seed(4))));
    }

    #[test]
    fn a_second_draw_goes_on_where_the_first_ended_and_weights_add_up_to_the_audience() {
        let (all, p) = audience(0..800);
        let first = draw(&all, &p, &Matched::default(), 60, Seed(3));
        let sum: f64 = first.iter().map(|d| d.weight).sum();
        assert!((sum - 800.0).abs() < 1e-6, "{sum}");
        let labels = first.iter().map(|d| (d.row, false)).collect();
        let strata = first.iter().map(|d| Some(d.stratum)).collect();
        let matched = Matched { labels, strata, counts: LabelsUsed::default() };
        let more = draw(&all, &p, &matched, 40, Seed(3));
        let whole = names(&all, &draw(&all, &p, &Matched::default(), 100, Seed(3)));
        let both: HashSet<String> = names(&all, &first).union(&names(&all, &more)).cloned().collect();
        assert_eq!(both.len(), 100);
        assert_eq!(both, whole);
    }

    #[test]
    fn who_stops_early_has_looked_at_every_stratum() {
        let (all, p) = audience(0..800);
        let drawn = draw(&all, &p, &Matched::default(), 100, Seed(3));
        let strata: HashSet<u32> = drawn.iter().take(40).map(|d| d.stratum.id).collect();
        assert_eq!(strata.len(), 4);
    }

    #[test]
    fn no_more_is_drawn_than_there_are() {
        assert_eq!(allocate(&[3, 0, 2], &[1, 0, 0], &[0.1, 0.0, 0.9], 50), [2, 0, 2]);
        assert_eq!(allocate(&[3, 0, 2], &[0, 0, 0], &[0.1, 0.0, 0.9], 0), [0, 0, 0]);
    }
}
