//! How far the next post will go, from those before it.
//!
//! A set of dynamic regressions (West and Harrison 1997, *Bayesian Forecasting and Dynamic Models*) runs over the posts in order.
//! Each has a level that drifts, what is known of the post beforehand as regressors with priors, noise with tails, and a scale
//! that forgets. They differ in how fast level and scale move, in the law of the noise (even, leaning to the far side, or with
//! a few posts that go far beyond), and in how much they think that the regressors matter: as much as the priors say, less,
//! or not at all. What they predict is mixed with weights by their log scores so far, older scores
//! discounted (Raftery, Karny and Ettler 2010, "Online prediction under model uncertainty via dynamic model averaging"). The mixture is then
//! recalibrated by where earlier posts fell in it (Dawid 1984), as far as there are enough of them to tell.
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
pub use prediction::Prediction;
use tails::Tail;

/// How much the variance of the level grows from post to post, over the variance of the noise.
const DRIFTS: [f64; 5] = [0.0005, 0.004, 0.02, 0.08, 0.3];
/// What share of what was known of the scale counts a post later.
const SCALE_KEPT: [f64; 2] = [0.96, 0.995];
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
    /// Where earlier posts fell in what was predicted for them, 0..1, the oldest first.
    places: Vec<f64>,
    n_seen: usize,
}

impl Forecaster {
    /// Starts with nothing seen. `first` are the logarithms of the first posts, for a first guess of level and scale.
    pub(crate) fn new(design: &Design, first: &[f64]) -> Self {
        let tails = tails::all();
        let level = super::numbers::median(first).unwrap_or(0.0);
        let scale = super::numbers::robust_sd(first).unwrap_or(0.0).clamp(0.2, 2.0);
        let looks = if design.features.is_empty() { &LOOKS[2..] } else { &LOOKS[..] };
        let mut models = Vec::new();
        for looks in looks {
            for drift in DRIFTS {
                for kept in SCALE_KEPT {
                    for tail in 0..tails.len() {
                        let moves = Moves { drift, kept, tail, looks: *looks };
                        models.push(Dynamic::new(design, moves, level, scale));
                    }
                }
            }
        }
        let log_weights = vec![0.0; models.len()];
        Self { models, log_weights, tails, places: Vec::new(), n_seen: 0 }
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
        let places = Places::new(&self.places);
        for p in &mut probabilities {
            *p = places.recalibrated(*p);
        }
        Prediction::new(values, probabilities)
    }

    /// Takes what came of the post with this row.
    pub(crate) fn learn(&mut self, row: &[f64], gap: f64, came: f64) {
        let parts: Vec<(f64, f64, usize)> = self.models.iter().map(|m| m.predict(row, gap)).collect();
        if self.n_seen >= 10 {
            let below = parts.iter().zip(self.weights());
            let place =
                below.map(|((at, scale, tail), w)| w * self.tails[*tail].probability((came - at) / scale)).sum();
            self.places.push(place);
        }
        for ((model, log_weight), (at, scale, tail)) in self.models.iter_mut().zip(&mut self.log_weights).zip(parts) {
            let tail = &self.tails[tail];
            *log_weight = SCORES_KEPT * *log_weight + tail.log_density((came - at) / scale) - scale.ln();
            model.learn(row, gap, came, tail);
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
