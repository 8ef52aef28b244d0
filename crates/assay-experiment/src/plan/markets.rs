//! Which markets to treat: the design search over a history of markets and days.
//!
//! 1. For each number of treated markets, sets are tried: all of them where they are few, else as many drawn by lot.
//! 2. A set's synthetic self is fitted to the whole history (fixed effects, weights on the simplex; see [`crate::geo::synthetic`]).
//!    Its gaps are summed over every stretch as long as the test, in a circle: the spread of the sums, widened for the weights that
//!    were fitted, is the error of a test there. This is the null by blocks that the reading uses.
//! 3. Sets are ranked by the lift they can detect. All inner products of markets are taken once, so a set costs one small
//!    quadratic programme.
//! 4. The best of thousands looks better than it is. So the whole search is done again on shorter histories, and what its best sets do
//!    on the days after those is held against what was promised of them. All errors are multiplied by that ratio: it is pooled over
//!    sets and histories, for single ones are too few days to go by.
//!
//! Measured on two public tables (`examples/geo_placebos`, `search`): without the fourth step errors on days not seen were 3.8 times
//! those promised for 14 days. Limits: the past stands for the test's days; of the best sets one is drawn by lot.

use crate::geo::panel::Panel;
use crate::geo::synthetic::on_simplex;
use assay_math::{Go, Seed, Stopped, Tick, normal_quantile};
use rand::RngExt;
use std::ops::Range;

/// Sets tried for each number of treated markets.
const SETS_MAX: usize = 400;
/// Largest number of treated markets that is tried.
const TREATED_MAX: usize = 8;
/// Sets of each number that are kept, and the best over all that are looked at again.
const AGAIN: usize = 12;
/// Shorter histories on which the search is done again, at most.
const AGAIN_HISTORIES: usize = 6;
/// Periods of history that a search takes, besides two tests' length.
pub const HISTORY_MIN: usize = 20;

/// A set of markets and what a test there can detect.
#[derive(Debug, Clone, PartialEq)]
pub struct MarketSet {
    /// Places of the markets in the panel.
    pub treated: Vec<usize>,
    /// Standard error of a test's total, in the metric.
    pub error: f64,
    /// What the set brings over as many periods, untreated.
    pub baseline: f64,
    /// The lift that is detected with the power asked for.
    pub detectable_lift: f64,
    /// Its gaps over those of equal weights: 0 is a perfect fit, 1 none.
    pub scaled_gap: f64,
}

/// A search's bounds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Search {
    /// Periods of the test.
    pub n_periods: usize,
    /// The level.
    pub alpha: f64,
    /// The power.
    pub power: f64,
    /// Where sets are drawn from.
    pub seed: Seed,
}

/// The sets, the best of each number of markets first come, ranked over all numbers by what they detect. Empty where there are fewer
/// than four markets or too little history.
///
/// # Errors
/// [`Stopped`] when the tick says so.
pub fn search(panel: &Panel, search: &Search, tick: &mut Tick<'_>) -> Result<Vec<MarketSet>, Stopped> {
    let (n, t) = (panel.markets.len(), panel.periods.len());
    if n < 4 || t < HISTORY_MIN + 2 * search.n_periods {
        return Ok(Vec::new());
    }
    let k_max = (n / 2).min(TREATED_MAX);
    // Histories that end a test's length and more before the last day, half a test apart.
    let step = (search.n_periods / 2).max(1);
    let shorter: Vec<usize> =
        (HISTORY_MIN + search.n_periods..=t - search.n_periods).rev().step_by(step).take(AGAIN_HISTORIES).collect();
    let steps = ((shorter.len() + 1) * k_max) as u64;
    let (mut found, mut done) = (Vec::new(), 0);
    let (mut squares, mut count) = (0.0, 0.0);
    for end in shorter.into_iter().chain([t]) {
        let past = Past::of(panel, end, (end + search.n_periods).min(t));
        let mut first = Vec::new();
        for k in 1..=k_max {
            let drawn = sets_of(n, k, search.seed.nth(k as u64));
            let mut sets: Vec<MarketSet> = drawn.iter().filter_map(|set| past.appraise(set, search)).collect();
            sets.sort_by(|a, b| a.detectable_lift.total_cmp(&b.detectable_lift));
            sets.truncate(AGAIN);
            first.extend(sets);
            done += 1;
            if tick(done, steps) == Go::Stop {
                return Err(Stopped);
            }
        }
        first.sort_by(|a, b| a.detectable_lift.total_cmp(&b.detectable_lift));
        if end == t {
            found = first;
            continue;
        }
        for set in first.iter().take(AGAIN) {
            squares += (past.ahead(&set.treated) / set.error).powi(2);
            count += 1.0;
        }
    }
    let worse = if count > 0.0 { (squares / count).sqrt().max(1.0) } else { 1.0 };
    for set in &mut found {
        set.error *= worse;
        set.detectable_lift *= worse;
    }
    Ok(found)
}

/// Centred series and their inner products over the periods that weights are fitted to.
struct Past {
    series: Vec<Vec<f64>>,
    means: Vec<f64>,
    gram: Vec<Vec<f64>>,
    n_fit: usize,
}

impl Past {
    fn of(panel: &Panel, n_fit: usize, n: usize) -> Self {
        let means: Vec<f64> = panel.values.iter().map(|v| v[..n_fit].iter().sum::<f64>() / n_fit as f64).collect();
        let series: Vec<Vec<f64>> =
            panel.values.iter().zip(&means).map(|(v, m)| v[..n].iter().map(|x| x - m).collect()).collect();
        let dot = |a: &[f64], b: &[f64]| a[..n_fit].iter().zip(&b[..n_fit]).map(|(x, y)| x * y).sum::<f64>();
        let gram = series.iter().map(|a| series.iter().map(|b| dot(a, b)).collect()).collect();
        Self { series, means, gram, n_fit }
    }

    /// The set's weights on the markets outside it, which come with them.
    fn weights(&self, set: &[usize]) -> (Vec<usize>, Vec<f64>) {
        let others: Vec<usize> = (0..self.series.len()).filter(|i| !set.contains(i)).collect();
        let k = set.len() as f64;
        let gram: Vec<Vec<f64>> = others.iter().map(|i| others.iter().map(|j| self.gram[*i][*j]).collect()).collect();
        let target: Vec<f64> = others.iter().map(|j| set.iter().map(|i| self.gram[*i][*j]).sum::<f64>() / k).collect();
        let weights = on_simplex(&gram, &target);
        (others, weights)
    }

    /// The set's gaps over these periods, a market.
    fn gaps(&self, set: &[usize], others: &[usize], weights: &[f64], over: Range<usize>) -> Vec<f64> {
        let mean_of = |at: usize| set.iter().map(|i| self.series[*i][at]).sum::<f64>() / set.len() as f64;
        over.map(|at| mean_of(at) - others.iter().zip(weights).map(|(j, w)| w * self.series[*j][at]).sum::<f64>())
            .collect()
    }

    /// The set's total over the periods after those that weights are fitted to, where nothing happened.
    fn ahead(&self, set: &[usize]) -> f64 {
        let (others, weights) = self.weights(set);
        self.gaps(set, &others, &weights, self.n_fit..self.series[0].len()).iter().sum::<f64>() * set.len() as f64
    }

    fn appraise(&self, set: &[usize], search: &Search) -> Option<MarketSet> {
        let (others, weights) = self.weights(set);
        let k = set.len() as f64;
        let m = self.n_fit;
        let gaps = self.gaps(set, &others, &weights, 0..m);
        let sums: Vec<f64> =
            (0..m).map(|from| (0..search.n_periods).map(|d| gaps[(from + d) % m]).sum::<f64>()).collect();
        let n_free = weights.iter().filter(|w| **w > 1e-6).count() as f64;
        let widened = (m as f64 / (m as f64 - n_free).max(1.0)).sqrt();
        let error = (sums.iter().map(|s| s * s).sum::<f64>() / m as f64).sqrt() * widened * k;
        let baseline = set.iter().map(|i| self.means[*i]).sum::<f64>() * search.n_periods as f64;
        if baseline <= 0.0 || error <= 0.0 {
            return None;
        }
        let even = vec![1.0 / others.len() as f64; others.len()];
        let size = |gaps: &[f64]| gaps.iter().map(|g| g * g).sum::<f64>();
        let even = size(&self.gaps(set, &others, &even, 0..m));
        let z = normal_quantile(1.0 - search.alpha / 2.0) + normal_quantile(search.power);
        Some(MarketSet {
            treated: set.to_vec(),
            error,
            baseline,
            detectable_lift: z * error / baseline,
            scaled_gap: (size(&gaps) / even.max(f64::MIN_POSITIVE)).sqrt(),
        })
    }
}

/// All sets of `k` of `n`, or as many by lot.
fn sets_of(n: usize, k: usize, seed: Seed) -> Vec<Vec<usize>> {
    let ways = (0..k).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64);
    if ways <= 2.0 * SETS_MAX as f64 {
        let mut all = vec![(0..k).collect::<Vec<usize>>()];
        while let Some(last) = all.last() {
            let mut set = last.clone();
            let Some(i) = (0..k).rev().find(|i| set[*i] < n - k + i) else { break };
            set[i] += 1;
            for j in i + 1..k {
                set[j] = set[j - 1] + 1;
            }
            all.push(set);
        }
        return all;
    }
    let mut random = seed.random();
    let mut places: Vec<usize> = (0..n).collect();
    (0..SETS_MAX)
        .map(|_| {
            for i in 0..k {
                let j = random.random_range(i..n);
                places.swap(i, j);
            }
            let mut set = places[..k].to_vec();
            set.sort_unstable();
            set
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Search, search, sets_of};
    use crate::geo::panel::PanelRows;
    use assay_math::{Go, Seed};

    /// Twelve markets of which two follow the others closely: they are found.
    #[test]
    fn the_quietest_markets_come_first() {
        let mut rows = PanelRows::default();
        for day in 0..80_i64 {
            for market in 0..12_i64 {
                let season = 30.0 * ((day * 2) as f64 * 0.45).sin();
                let noise = ((day * 31 + market * 17) * 7_919 % 101) as f64 - 50.0;
                let own = if market < 2 { 0.05 } else { 1.0 } * noise;
                rows.add(&format!("m{market:02}"), day, 300.0 + season + own, 0.0);
            }
        }
        let panel = rows.conclude(79);
        let asked = Search { n_periods: 14, alpha: 0.05, power: 0.8, seed: Seed(1) };
        let found = search(&panel, &asked, &mut |_, _| Go::On).expect("not stopped");
        assert!(found[0].treated.iter().all(|i| *i < 2), "{:?}", found[0]);
        assert!(
            found[0].detectable_lift < 0.05 && found.windows(2).all(|w| w[0].detectable_lift <= w[1].detectable_lift)
        );
        assert!(
            search(&panel, &Search { n_periods: 40, ..asked }, &mut |_, _| Go::On).expect("not stopped").is_empty()
        );
        assert!(search(&panel, &asked, &mut |_, _| Go::Stop).is_err());
    }

    #[test]
    fn sets_are_all_or_drawn() {
        assert_eq!(sets_of(6, 3, Seed(1)).len(), 20);
        let drawn = sets_of(40, 3, Seed(1));
        assert!(drawn.len() == 400 && drawn.iter().all(|s| s.windows(2).all(|w| w[0] < w[1]) && s[2] < 40));
    }
}
