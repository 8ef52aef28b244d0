//! Step 5: how strong a group chance makes, on this very list.

use super::map::{Map, log_age};
use super::null::{Judged, Null};
use super::propose::{Proposal, propose};
use super::refine::{Found, refine};
use super::{MAX_NULL_SHARE, MIN_MEMBERS};
use assay_math::{Random, Seed};
use assay_model::{Go, Stopped, Tick};
use rand::seq::SliceRandom;
use rayon::prelude::*;

/// Ranks in a stretch: long enough to hold a batch with its neighbours.
const STRETCH: usize = 1_500;

/// Accounts are permuted among this many neighbouring ranks, so that what drifts along the list stays where it is.
const PERMUTED_AMONG: usize = 500;

/// How many permuted stretches tell the law of the largest ratio.
const N_PERMUTED: usize = 40;

/// Layings of bands over the map: ten widths of dates and four of ages, each twice.
const N_LAYINGS: f64 = 28.0;

/// A ratio below this is noise that no list is free of; smaller ones count as this.
const LEAST_NATS: f64 = 8.0;

/// The strongest proposals of a stretch that are judged, and of these refined.
const MOST_PROPOSALS: usize = 30;
const MOST_REFINED: usize = 3;

/// The law of the largest log-likelihood ratio in a stretch where nothing was planted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Law {
    /// Gumbel location and scale, in nats.
    location: f64,
    scale: f64,
    /// How much stronger this list's own stretches are than its permuted ones, at least 1.
    pub overdispersion: f64,
    /// How many stretches the list has: the number of tests made.
    pub n_stretches: usize,
    /// How many followers the list has.
    n: f64,
}

impl Law {
    /// Measures the law on a map. The runs of groups found are left out, so that they do not raise the bar against
    /// themselves.
    pub fn measure(map: &Map, groups: &[Found], seed: Seed, tick: &mut Tick<'_>) -> Result<Self, Stopped> {
        let mut is_free = vec![true; map.len()];
        for group in groups {
            is_free[group.start..group.end].fill(false);
        }
        let free: Vec<usize> = (0..map.len()).filter(|&i| is_free[i]).collect();
        let n_stretches = free.len().div_ceil(STRETCH).max(1);
        if tick(0, 1) == Go::Stop {
            return Err(Stopped);
        }
        let stretch = |round: usize| {
            let which = if n_stretches <= N_PERMUTED { round % n_stretches } else { round * n_stretches / N_PERMUTED };
            cut(map, &free[which * STRETCH..((which + 1) * STRETCH).min(free.len())])
        };
        let n_own = n_stretches.min(N_PERMUTED);
        let mut own: Vec<f64> = (0..n_own).into_par_iter().map(|round| largest(&stretch(round))).collect();
        let permuted = |round: usize| largest(&permuted(stretch(round), &mut seed.nth(round as u64).random()));
        let mut permuted: Vec<f64> = (0..N_PERMUTED).into_par_iter().map(permuted).collect();
        let mean = permuted.iter().sum::<f64>() / permuted.len() as f64;
        let variance = permuted.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (permuted.len() - 1) as f64;
        // Moments of the Gumbel law: mean = location + 0.5772 scale, variance = (pi scale)^2 / 6.
        let scale = (variance.sqrt() * 6.0_f64.sqrt() / std::f64::consts::PI).max(1.0);
        let location = mean - 0.577_215_664_901_532_9 * scale;
        let overdispersion = (median(&mut own) / median(&mut permuted)).max(1.0);
        Ok(Self { location, scale, overdispersion, n_stretches, n: map.len() as f64 })
    }

    /// The chance that a stretch without a plant holds a ratio as large: by the Gumbel law, and no less than the bound that
    /// needs no law, `n^2` runs and [`N_LAYINGS`] layings of bands at exp(-ratio) each (Chernoff) over the stretches.
    pub fn p_value(&self, nats: f64) -> f64 {
        let nats = nats / self.overdispersion;
        let x = (nats - self.location) / self.scale;
        let by_law = -(-(-x).exp()).exp_m1();
        let by_bound = (2.0 * self.n.ln() + N_LAYINGS.ln() - nats).exp() / self.n_stretches as f64;
        by_law.max(by_bound).min(1.0)
    }
}

/// The largest ratio of a map, found as groups are found, but for the size of the effect.
fn largest(map: &Map) -> f64 {
    let counts = |j: &Judged| j.k >= MIN_MEMBERS as f64 && j.p <= MAX_NULL_SHARE;
    let mut judged: Vec<(f64, Proposal)> = propose(map, MOST_PROPOSALS)
        .into_iter()
        .map(|p| (Null::of(map, p.start, p.end).judge(p.band), p))
        .filter(|(j, _)| counts(j))
        .map(|(j, p)| (j.nats, p))
        .collect();
    judged.sort_by(|a, b| b.0.total_cmp(&a.0));
    let refined = judged.iter().take(MOST_REFINED).map(|(_, p)| refine(map, p.start, p.end, p.band).judged);
    refined.filter(counts).map(|j| j.nats).chain(judged.first().map(|j| j.0)).fold(LEAST_NATS, f64::max)
}

/// A part of a map, by entries.
fn cut(map: &Map, rows: &[usize]) -> Map {
    let mut part = Map { timed: map.timed, tells_time: map.tells_time, ..Map::default() };
    for &i in rows {
        part.push(map.row[i], map.created[i], map.at[i]);
    }
    part
}

/// The map with ages at follow permuted among neighbouring ranks; creation dates follow from them.
fn permuted(mut map: Map, random: &mut Random) -> Map {
    let mut ages: Vec<f64> = (0..map.len()).map(|i| map.at[i] - map.created[i]).collect();
    for block in ages.chunks_mut(PERMUTED_AMONG) {
        block.shuffle(random);
    }
    for (i, age) in ages.into_iter().enumerate() {
        map.created[i] = map.at[i] - age;
        map.log_age[i] = log_age(age);
    }
    map
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(LEAST_NATS)
}
