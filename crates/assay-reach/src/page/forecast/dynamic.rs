//! One dynamic regression.

use super::tails::{Tail, known_from};
use crate::page::features::Design;

/// One dynamic regression: a level and the worth of each feature, normal given the scale.
#[derive(Debug)]
pub(super) struct Dynamic {
    pub(super) law: usize,
    drift: f64,
    kept: f64,
    growth: f64,
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

/// How a regression moves, and what it goes by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Moves {
    /// Growth of the level's variance from post to post, over the variance of the noise.
    pub(super) drift: f64,
    /// What share of what was known of the scale counts a post later.
    pub(super) kept: f64,
    /// By how much the scale grows from post to post.
    pub(super) growth: f64,
    /// Which law of the noise.
    pub(super) law: usize,
    /// By how much the priors of the features are shrunk, 0..1; 0 does not look at them.
    pub(super) looks: f64,
}

impl Dynamic {
    pub(super) fn new(design: &Design, moves: Moves, level: f64, scale: f64) -> Self {
        let Moves { drift, kept, growth, law, looks } = moves;
        let features = if looks > 0.0 { &design.features[..] } else { &[] };
        let size = features.len() + 1;
        let mut mean = vec![level];
        mean.extend(features.iter().map(|f| looks * f.mean));
        let mut covariance = vec![0.0; size * size];
        covariance[0] = 4.0;
        for (i, feature) in features.iter().enumerate() {
            covariance[(i + 1) * (size + 1)] = (looks * feature.sd).powi(2);
        }
        // A first guess of the scale counts as much as four posts.
        let looks = looks > 0.0;
        Self {
            law,
            drift,
            kept,
            growth,
            looks,
            mean,
            covariance,
            squares: 4.0 * scale * scale,
            n: 4.0,
            gain: vec![0.0; size],
        }
    }

    /// How much the level's variance grows over a gap, over the squared scale.
    fn growth(&self, gap: f64) -> f64 {
        self.drift * gap.clamp(0.25, 20.0)
    }

    /// Centre and scale of what comes, and its tail: a scale that is known from few posts makes it heavier.
    pub(super) fn predict(&self, row: &[f64], gap: f64) -> (f64, f64, usize) {
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
        (centre, (variance * self.squares / self.n).sqrt(), known_from(self.law, self.n))
    }

    pub(super) fn learn(&mut self, row: &[f64], gap: f64, came: f64, tail: &Tail) {
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
        let scale2 = self.squares / self.n;
        let expected = (scale2 * (1.0 + known)).sqrt();
        let told = tail.told((came - centre) / expected);
        let error = came - centre - told.offset * expected;
        self.squares = self.growth * self.growth * (self.kept * self.squares + told.square * scale2);
        self.n = self.kept * self.n + told.counts;
        // The noise of this post has the variance that its weight makes of it.
        let variance = known + 1.0 / told.weight.max(1e-6);
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
