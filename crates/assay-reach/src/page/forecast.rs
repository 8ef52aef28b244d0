//! How far the next post will go, from those before it.
//!
//! A set of dynamic regressions (West and Harrison 1997, *Bayesian Forecasting and Dynamic Models*) runs over the posts in order.
//! Each has a level that drifts, what is known of the post beforehand as regressors with priors, Student-t noise by its scale
//! mixture, and a scale that forgets. They differ in how fast level and scale move, in how heavy the tails are, and in whether
//! they look at the post at all. What they predict is mixed with weights by their log scores so far, older scores
//! discounted (Raftery, Karny and Ettler 2010, "Online prediction under model uncertainty via dynamic model averaging"). The mixture is then
//! recalibrated by where earlier posts fell in it (Dawid 1984), as far as there are enough of them to tell.
//!
//! Nothing here was tuned on a page: the grids span what made pages do.

use super::features::Design;
use super::student::Student;

/// How much the variance of the level grows from post to post, over the variance of the noise.
const DRIFTS: [f64; 5] = [0.0005, 0.004, 0.02, 0.08, 0.3];
/// What share of what was known of the scale counts a post later.
const SCALE_KEPT: [f64; 2] = [0.96, 0.995];
/// What share of the log scores so far counts a post later, when predictions are mixed.
const SCORES_KEPT: f64 = 0.98;
/// Recalibration counts the posts before as much as this many that lie evenly.
const EVEN_POSTS: f64 = 60.0;
/// What share of the places of earlier posts counts a post later.
const PLACES_KEPT: f64 = 0.995;
/// Values at which a prediction is tabulated.
const GRID: usize = 321;

/// A predictive distribution of log reach, as probabilities at rising values.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    values: Vec<f64>,
    probabilities: Vec<f64>,
}

impl Prediction {
    /// The value below which this probability lies.
    pub fn quantile(&self, probability: f64) -> f64 {
        let i = self.probabilities.partition_point(|p| *p < probability);
        if i == 0 {
            return self.values[0];
        }
        if i >= self.values.len() {
            return self.values[self.values.len() - 1];
        }
        let (p0, p1) = (self.probabilities[i - 1], self.probabilities[i]);
        let share = if p1 > p0 { (probability - p0) / (p1 - p0) } else { 0.0 };
        self.values[i - 1] + (self.values[i] - self.values[i - 1]) * share
    }

    /// The probability below a value.
    pub fn probability(&self, value: f64) -> f64 {
        let i = self.values.partition_point(|v| *v < value);
        if i == 0 {
            return self.probabilities[0];
        }
        if i >= self.values.len() {
            return self.probabilities[self.values.len() - 1];
        }
        let share = (value - self.values[i - 1]) / (self.values[i] - self.values[i - 1]);
        self.probabilities[i - 1] + (self.probabilities[i] - self.probabilities[i - 1]) * share
    }

    /// The continuous ranked probability score against what came: the integral of `(F(x) - [x >= y])^2` (Gneiting and Raftery
    /// 2007), by the trapezoidal rule on pieces that end at what came.
    pub fn crps(&self, came: f64) -> f64 {
        let last = self.values.len() - 1;
        let mut score = (self.values[0] - came).max(0.0) + (came - self.values[last]).max(0.0);
        for i in 0..last {
            let (a, b) = (self.values[i], self.values[i + 1]);
            let (p, q) = (self.probabilities[i], self.probabilities[i + 1]);
            let piece = |from: f64, to: f64, p: f64, q: f64| (to - from) * (p * p + p * q + q * q) / 3.0;
            score += if came <= a {
                piece(a, b, 1.0 - p, 1.0 - q)
            } else if came >= b {
                piece(a, b, p, q)
            } else {
                let middle = p + (q - p) * (came - a) / (b - a);
                piece(a, came, p, middle) + piece(came, b, 1.0 - middle, 1.0 - q)
            };
        }
        score
    }
}

/// The regressions, and what they have seen.
#[derive(Debug)]
pub(crate) struct Forecaster {
    models: Vec<Dynamic>,
    log_weights: Vec<f64>,
    tails: Vec<Student>,
    /// Where earlier posts fell in what was predicted for them, 0..1, the oldest first.
    places: Vec<f64>,
    n_seen: usize,
}

impl Forecaster {
    /// Starts with nothing seen. `first` are the logarithms of the first posts, for a first guess of level and scale.
    pub(crate) fn new(design: &Design, first: &[f64]) -> Self {
        let tails = vec![Student::new(4.0), Student::new(20.0)];
        let level = super::numbers::median(first).unwrap_or(0.0);
        let scale = super::numbers::robust_sd(first).unwrap_or(0.0).clamp(0.2, 2.0);
        let mut models = Vec::new();
        for (looks, drifts) in [(true, &DRIFTS[..]), (false, &DRIFTS[1..])] {
            if !looks && design.features.is_empty() {
                continue;
            }
            for drift in drifts {
                for kept in SCALE_KEPT {
                    for tail in 0..tails.len() {
                        models.push(Dynamic::new(design, looks, *drift, kept, tail, level, scale));
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
        let most = self.log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let weights: Vec<f64> = self.log_weights.iter().map(|w| (w - most).exp()).collect();
        let total: f64 = weights.iter().sum();
        let used: Vec<(f64, f64, usize, f64)> = parts
            .iter()
            .zip(&weights)
            .filter(|(_, w)| **w > 1e-4 * total)
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
        Prediction { values, probabilities }
    }

    /// Takes what came of the post with this row.
    pub(crate) fn learn(&mut self, row: &[f64], gap: f64, came: f64) {
        if self.n_seen >= 10 {
            let parts: Vec<(f64, f64, usize)> = self.models.iter().map(|m| m.predict(row, gap)).collect();
            let most = self.log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let (mut below, mut total) = (0.0, 0.0);
            for ((at, scale, tail), log_weight) in parts.iter().zip(&self.log_weights) {
                let weight = (log_weight - most).exp();
                below += weight * self.tails[*tail].probability((came - at) / scale);
                total += weight;
            }
            self.places.push(below / total);
        }
        for (model, log_weight) in self.models.iter_mut().zip(&mut self.log_weights) {
            let tail = &self.tails[model.tail];
            let (at, scale, _) = model.predict(row, gap);
            *log_weight = SCORES_KEPT * *log_weight + tail.log_density((came - at) / scale) - scale.ln();
            model.learn(row, gap, came, tail);
        }
        self.n_seen += 1;
    }
}

/// Places of a grid, dense in the middle: a sinh scale out to 30 spreads.
fn grid() -> impl Iterator<Item = f64> {
    let half = (GRID / 2) as f64;
    let steep = 5.0_f64;
    (0..GRID).map(move |i| 30.0 * (steep * (i as f64 - half) / half).sinh() / steep.sinh())
}

/// Where earlier posts fell, as a smooth distribution on 0..1 that even places hold close to the identity.
struct Places {
    /// At 0, .02 … 1.
    table: Vec<f64>,
}

/// Steps of the table of places.
const PLACE_STEPS: usize = 50;
/// Half the width over which a place is spread.
const PLACE_SPREAD: f64 = 0.06;

impl Places {
    fn new(places: &[f64]) -> Self {
        let mut sums = vec![0.0; PLACE_STEPS + 1];
        let (mut weight, mut total) = (1.0, 0.0);
        for place in places.iter().rev() {
            for (i, sum) in sums.iter_mut().enumerate() {
                let at = i as f64 / PLACE_STEPS as f64;
                // A kernel folded at the ends, so that nothing leaves 0..1.
                let spread = |x: f64| (x / (2.0 * PLACE_SPREAD) + 0.5).clamp(0.0, 1.0);
                let folded = spread(at - place) - spread(-at - place) + 1.0 - spread(2.0 - at - place);
                *sum += weight * folded;
            }
            total += weight;
            weight *= PLACES_KEPT;
        }
        let table = sums
            .iter()
            .enumerate()
            .map(|(i, sum)| (EVEN_POSTS * i as f64 / PLACE_STEPS as f64 + sum) / (EVEN_POSTS + total))
            .collect();
        Self { table }
    }

    fn recalibrated(&self, p: f64) -> f64 {
        let place = p.clamp(0.0, 1.0) * PLACE_STEPS as f64;
        let i = (place as usize).min(PLACE_STEPS - 1);
        self.table[i] + (self.table[i + 1] - self.table[i]) * (place - i as f64)
    }
}

/// One dynamic regression: a level and the worth of each feature, normal given the scale.
#[derive(Debug)]
struct Dynamic {
    tail: usize,
    drift: f64,
    kept: f64,
    /// Whether it looks at the features.
    looks: bool,
    mean: Vec<f64>,
    /// Covariance over the squared scale, row by row.
    covariance: Vec<f64>,
    /// Weighted sum of squared errors, and its weight.
    squares: f64,
    n: f64,
    /// Room for the covariance times a row.
    gain: Vec<f64>,
}

impl Dynamic {
    fn new(design: &Design, looks: bool, drift: f64, kept: f64, tail: usize, level: f64, scale: f64) -> Self {
        let features = if looks { &design.features[..] } else { &[] };
        let size = features.len() + 1;
        let mut mean = vec![level];
        mean.extend(features.iter().map(|f| f.mean));
        let mut covariance = vec![0.0; size * size];
        covariance[0] = 4.0;
        for (i, feature) in features.iter().enumerate() {
            covariance[(i + 1) * (size + 1)] = feature.sd * feature.sd;
        }
        // A first guess of the scale counts as much as four posts.
        Self { tail, drift, kept, looks, mean, covariance, squares: 4.0 * scale * scale, n: 4.0, gain: vec![0.0; size] }
    }

    /// How much the level's variance grows over a gap, over the squared scale.
    fn growth(&self, gap: f64) -> f64 {
        self.drift * gap.clamp(0.25, 20.0)
    }

    /// Centre and scale of what comes, and its tail.
    fn predict(&self, row: &[f64], gap: f64) -> (f64, f64, usize) {
        let size = self.mean.len();
        let row = if self.looks { row } else { &[] };
        let mut centre = 0.0;
        let mut variance = 1.0 + self.growth(gap);
        for i in 0..size {
            let x = at(row, i);
            if x == 0.0 {
                continue;
            }
            centre += x * self.mean[i];
            let line = &self.covariance[i * size..(i + 1) * size];
            let sum: f64 = line.iter().enumerate().map(|(j, c)| c * at(row, j)).sum();
            variance += x * sum;
        }
        (centre, (variance * self.squares / self.n).sqrt(), self.tail)
    }

    fn learn(&mut self, row: &[f64], gap: f64, came: f64, tail: &Student) {
        let size = self.mean.len();
        let row = if self.looks { row } else { &[] };
        self.covariance[0] += self.growth(gap);
        let mut centre = 0.0;
        let mut known = 0.0;
        for i in 0..size {
            let line = &self.covariance[i * size..(i + 1) * size];
            self.gain[i] = line.iter().enumerate().map(|(j, c)| c * at(row, j)).sum();
            centre += at(row, i) * self.mean[i];
            known += at(row, i) * self.gain[i];
        }
        let error = came - centre;
        let scale2 = self.squares / self.n;
        let weight = tail.weight(error / (scale2 * (1.0 + known)).sqrt());
        self.squares = self.kept * self.squares + weight * error * error / (1.0 + known);
        self.n = self.kept * self.n + 1.0;
        // The noise of this post has the variance that its weight makes of it.
        let variance = known + 1.0 / weight;
        for i in 0..size {
            self.mean[i] += self.gain[i] / variance * error;
            for j in 0..size {
                self.covariance[i * size + j] -= self.gain[i] * self.gain[j] / variance;
            }
        }
    }
}

/// The value of a state's regressor: 1 for the level, then those of the row.
fn at(row: &[f64], i: usize) -> f64 {
    if i == 0 { 1.0 } else { row[i - 1] }
}

#[cfg(test)]
mod tests {
    use super::{Places, Prediction, grid};

    /// The score of the standard normal at 0 is `(sqrt(2) - 1) / sqrt(pi)` (Gneiting and Raftery 2007, section 4.2).
    #[test]
    fn the_score_is_that_of_the_closed_form() {
        let values: Vec<f64> = grid().collect();
        let normal = |z: &f64| 0.5 * statrs::function::erf::erfc(-z / std::f64::consts::SQRT_2);
        let prediction = Prediction { probabilities: values.iter().map(normal).collect(), values };
        let want = (2.0_f64.sqrt() - 1.0) / std::f64::consts::PI.sqrt();
        assert!((prediction.crps(0.0) - want).abs() < 2e-3, "{}", prediction.crps(0.0));
        assert!((prediction.quantile(0.95) - 1.644_85).abs() < 0.01);
        assert!((prediction.probability(1.0) - 0.841_34).abs() < 2e-3);
    }

    #[test]
    fn places_without_posts_change_nothing_and_even_ones_little() {
        let none = Places::new(&[]);
        // In no order, for the latest count more.
        let even = Places::new(&(0..1_000).map(|i| (f64::from(i * 617 % 1_000) + 0.5) / 1_000.0).collect::<Vec<_>>());
        for p in [0.0, 0.03, 0.5, 0.97, 1.0] {
            assert!((none.recalibrated(p) - p).abs() < 1e-12);
            assert!((even.recalibrated(p) - p).abs() < 0.01, "{p}: {}", even.recalibrated(p));
        }
    }
}
