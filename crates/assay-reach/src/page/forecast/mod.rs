//! How far the next post will go, from those before it.
//!
//! A set of dynamic regressions (West and Harrison 1997, *Bayesian Forecasting and Dynamic Models*) runs over the posts in order.
//! Each has a level that drifts, what is known of the post beforehand as regressors with priors, noise with tails, and a scale
//! that forgets, or grows. They differ in how fast level and scale move, in the law of the noise (even, leaning to the far side, with
//! a few posts that go far beyond, or around two middles), and in how much they think that the regressors matter: as much as the priors
//! say, less, or not at all. What they predict is mixed with weights by their log scores so far, older scores
//! discounted (Raftery, Karny and Ettler 2010, "Online prediction under model uncertainty via dynamic model averaging"); a whole number of few
//! is scored by its probability. The mixture is then recalibrated by where earlier posts fell in it (Dawid 1984), as strongly as has done well.
//!
//! Nothing here was chosen on a real page. The grids span what made accounts do; what share of scores is kept, how much weaker the
//! second prior is, and how slowly recalibration begins were chosen on made accounts of one seed and reported on others.

mod dynamic;
mod places;
mod prediction;
mod tails;

use super::features::Design;
use dynamic::{Dynamic, Moves};
use places::Places;
use prediction::HEAPED_MAX;
pub use prediction::Prediction;
use tails::Tail;

/// How much the variance of the level grows from post to post, over the variance of the noise.
const DRIFTS: [f64; 5] = [0.0005, 0.004, 0.02, 0.08, 0.3];
/// How scales move: what share of what was known counts a post later, by how much the scale grows from post to post, and how likely
/// that is thought to be beside the others. One that forgets is always late where noise keeps growing, and its intervals are too narrow.
const SCALES: [(f64, f64, f64); 3] = [(0.95, 1.0, 1.0), (0.97, 1.012, 0.2), (0.995, 1.0, 1.0)];
/// By how much the priors of what features are worth are shrunk: not at all, by more than half, to nothing.
const LOOKS: [f64; 3] = [1.0, 0.4, 0.0];
/// What share of the log scores so far counts a post later, when predictions are mixed.
const SCORES_KEPT: f64 = 0.99;
/// Values at which a prediction is tabulated.
const GRID: usize = 321;

/// The regressions, and what they have seen.
#[derive(Debug)]
pub(crate) struct Forecaster {
    models: Vec<Dynamic>,
    log_weights: Vec<f64>,
    tails: Vec<Tail>,
    /// Where earlier posts fell in what was predicted for them.
    places: Places,
    n_seen: usize,
}

impl Forecaster {
    /// Starts with nothing seen. `first` are the logarithms of the first posts, for a first guess of level and scale.
    pub(crate) fn new(design: &Design, first: &[f64]) -> Self {
        let tails = tails::all();
        let level = super::numbers::median(first).unwrap_or(0.0);
        let scale = super::numbers::robust_sd(first).unwrap_or(0.0).clamp(0.2, 2.0);
        // Of two kinds of posts the tenth and the ninetieth of a hundred lie .84 scales beyond the middles of the kinds.
        let ordered = super::numbers::sorted(first);
        let [low, high] = [0.1, 0.9].map(|p| super::numbers::quantile_of_sorted(&ordered, p).unwrap_or(0.0));
        let two = (f64::midpoint(low, high), ((high - low) / (2.0 * tails::TWO_APART + 1.68)).clamp(0.1, 2.0));
        let looks = if design.features.is_empty() { &LOOKS[2..] } else { &LOOKS[..] };
        let (mut models, mut log_weights) = (Vec::new(), Vec::new());
        for looks in looks {
            for drift in DRIFTS {
                for (kept, growth, believed) in SCALES {
                    for (law, tail) in tails[..tails::LAWS].iter().enumerate() {
                        let moves = Moves { drift, kept, growth, law, looks: *looks };
                        let of_two = matches!(tail, Tail::Two { .. });
                        let (level, scale) = if of_two { two } else { (level, scale) };
                        models.push(Dynamic::new(design, moves, level, scale));
                        log_weights.push((believed * tail.believed()).ln());
                    }
                }
            }
        }
        Self { models, log_weights, tails, places: Places::new(), n_seen: 0 }
    }

    /// What the post with this row, `gap` typical gaps after the last, will do.
    pub(crate) fn predict(&self, row: &[f64], gap: f64) -> Prediction {
        let parts: Vec<(f64, f64, usize)> = self.models.iter().map(|m| m.predict(row, gap)).collect();
        let weights = self.weights();
        let used: Vec<(f64, f64, usize, f64)> = parts
            .iter()
            .zip(&weights)
            .filter(|(_, w)| **w > 1e-4)
            .map(|((at, scale, tail), w)| (*at, *scale, *tail, *w))
            .collect();
        let total: f64 = used.iter().map(|u| u.3).sum();
        let centre = used.iter().map(|u| u.0 * u.3).sum::<f64>() / total;
        let spread = used.iter().map(|u| (u.0 - centre).abs() + u.1).fold(0.0, f64::max);
        let values: Vec<f64> = grid().map(|x| centre + spread * x).collect();
        let mixed = |x: f64| {
            used.iter().map(|(at, scale, tail, w)| w * self.tails[*tail].probability((x - at) / scale)).sum::<f64>()
                / total
        };
        let mut probabilities: Vec<f64> = values.iter().map(|x| mixed(*x)).collect();
        let recalibrated = self.places.recalibration();
        for p in &mut probabilities {
            *p = recalibrated(*p);
        }
        Prediction::new(values, probabilities)
    }

    /// Takes what came of the post with this row.
    pub(crate) fn learn(&mut self, row: &[f64], gap: f64, came: f64) {
        let parts: Vec<(f64, f64, usize)> = self.models.iter().map(|m| m.predict(row, gap)).collect();
        let stretch = stretch_of(came);
        if self.n_seen >= 10 {
            let below = parts.iter().zip(self.weights());
            let place =
                below.map(|((at, scale, tail), w)| w * self.tails[*tail].probability((came - at) / scale)).sum();
            self.places.learn(place);
        }
        for ((model, log_weight), (at, scale, tail)) in self.models.iter_mut().zip(&mut self.log_weights).zip(parts) {
            let foretold = &self.tails[tail];
            let score = match stretch {
                Some((low, high)) => {
                    let below = |value: f64| foretold.probability((value - at) / scale);
                    ((below(high) - below(low)).max(1e-9) / (1.0 - below(LEAST)).max(1e-9)).ln()
                }
                None => foretold.log_density((came - at) / scale) - scale.ln(),
            };
            *log_weight = SCORES_KEPT * *log_weight + score;
            model.learn(row, gap, came, &self.tails[tails::known(model.law)]);
        }
        self.n_seen += 1;
    }

    /// The weights of the regressions, which sum to 1.
    fn weights(&self) -> Vec<f64> {
        let most = self.log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = self.log_weights.iter().map(|w| (w - most).exp()).collect();
        let total: f64 = weights.iter().sum();
        weights.into_iter().map(|w| w / total).collect()
    }
}

/// Below the logarithm of one half nothing is counted.
const LEAST: f64 = -std::f64::consts::LN_2;

/// Between which logarithms a whole number lies that is so small that it matters; `None` for others.
fn stretch_of(came: f64) -> Option<(f64, f64)> {
    let k = came.exp();
    (k < HEAPED_MAX as f64 + 0.5).then(|| ((k.round().max(1.0) - 0.5).ln(), (k.round().max(1.0) + 0.5).ln()))
}

/// Places of a grid, dense in the middle: a sinh scale out to 30 spreads.
fn grid() -> impl Iterator<Item = f64> {
    let half = (GRID / 2) as f64;
    let steep = 5.0_f64;
    (0..GRID).map(move |i| 30.0 * (steep * (i as f64 - half) / half).sinh() / steep.sinh())
}

#[cfg(test)]
mod tests {
    use super::{Prediction, grid};

    /// The score of the standard normal at 0 is `(sqrt(2) - 1) / sqrt(pi)` (Gneiting and Raftery 2007, section 4.2).
    #[test]
    fn the_score_is_that_of_the_closed_form() {
        let values: Vec<f64> = grid().collect();
        let normal = |z: &f64| 0.5 * statrs::function::erf::erfc(-z / std::f64::consts::SQRT_2);
        let prediction = Prediction::new(values.clone(), values.iter().map(normal).collect());
        let want = (2.0_f64.sqrt() - 1.0) / std::f64::consts::PI.sqrt();
        assert!((prediction.crps(0.0) - want).abs() < 2e-3, "{}", prediction.crps(0.0));
        assert!((prediction.quantile(0.95) - 1.644_85).abs() < 0.01);
        assert!((prediction.probability(1.0) - 0.841_34).abs() < 2e-3);
    }
}
