//! Regression on a level that drifts, by generalised least squares.
//!
//! `y = level + X b + offset + noise`, with the level a random walk and the noise of known variance. A Kalman filter for the
//! level alone turns any column into independent innovations of unit variance (Harvey 1989, *Forecasting, Structural Time Series Models and
//! the Kalman Filter*, section 3.4); what is left is an ordinary regression with a normal prior, whose likelihood in the worth of one more
//! column is a parabola. So each further column costs O(n p), and no sampling is needed.

use super::super::features::Design;

/// The variance of the level before the first post, in squared logs: nothing is known of it.
const FIRST_LEVEL_VARIANCE: f64 = 1e4;

/// A regression whose likelihood can be asked for one more column.
pub(super) struct Regression {
    gains: Vec<f64>,
    roots: Vec<f64>,
    width: usize,
    /// Whitened rows of the design.
    rows: Vec<f64>,
    /// The triangle of the precision of the coefficients.
    triangle: Vec<f64>,
    /// Whitened observations less what is expected of them by the priors' means.
    rest: Vec<f64>,
    /// The triangle solved for the design times `rest`.
    solved: Vec<f64>,
    /// The logarithm of the likelihood without a further column, up to a constant.
    pub(super) log_likelihood: f64,
    prior_means: Vec<f64>,
}

impl Regression {
    /// Sets up the regression of `observed`, with the variance of each one's noise and how much the variance of the level
    /// grows before it.
    pub(super) fn new(design: &Design, observed: &[f64], noise: &[f64], growth: &[f64]) -> Self {
        let n = observed.len();
        let (mut gains, mut roots) = (Vec::with_capacity(n), Vec::with_capacity(n));
        let mut variance = FIRST_LEVEL_VARIANCE;
        let mut log_likelihood = 0.0;
        for i in 0..n {
            variance += growth[i];
            let whole = variance + noise[i];
            gains.push(variance / whole);
            roots.push(1.0 / whole.sqrt());
            log_likelihood -= 0.5 * whole.ln();
            variance *= noise[i] / whole;
        }
        let width = design.features.len();
        let mut this = Self {
            gains,
            roots,
            width,
            rows: vec![0.0; n * width],
            triangle: Vec::new(),
            rest: Vec::new(),
            solved: Vec::new(),
            log_likelihood: 0.0,
            prior_means: design.features.iter().map(|f| f.mean).collect(),
        };
        for j in 0..width {
            let column: Vec<f64> = (0..n).map(|i| design.row(i)[j]).collect();
            for (i, value) in this.whitened(&column).into_iter().enumerate() {
                this.rows[i * width + j] = value;
            }
        }
        let mut precision = vec![0.0; width * width];
        for row in this.rows.chunks_exact(width.max(1)) {
            for j in 0..width {
                for k in 0..=j {
                    precision[j * width + k] += row[j] * row[k];
                }
            }
        }
        for (j, feature) in design.features.iter().enumerate() {
            precision[j * width + j] += feature.sd.powi(-2);
            log_likelihood -= feature.sd.ln();
        }
        this.triangle = cholesky(precision, width);
        log_likelihood -= (0..width).map(|j| this.triangle[j * width + j].ln()).sum::<f64>();
        this.rest = this.rest_of(observed);
        this.solved = this.solve(&this.rest);
        let squares = dot(&this.rest, &this.rest) - dot(&this.solved, &this.solved);
        this.log_likelihood = log_likelihood - 0.5 * squares;
        this
    }

    /// A column as innovations of unit variance.
    fn whitened(&self, column: &[f64]) -> Vec<f64> {
        let mut level = 0.0;
        let step = |((value, gain), root): ((&f64, &f64), &f64)| {
            let innovation = value - level;
            level += gain * innovation;
            innovation * root
        };
        column.iter().zip(&self.gains).zip(&self.roots).map(step).collect()
    }

    /// Observations, whitened, less the means of the priors.
    fn rest_of(&self, observed: &[f64]) -> Vec<f64> {
        let mut rest = self.whitened(observed);
        for (i, value) in rest.iter_mut().enumerate() {
            *value -= dot(&self.rows[i * self.width..(i + 1) * self.width], &self.prior_means);
        }
        rest
    }

    /// The triangle solved for the design times a whitened column.
    fn solve(&self, whitened: &[f64]) -> Vec<f64> {
        let mut sums = vec![0.0; self.width];
        for (row, value) in self.rows.chunks_exact(self.width.max(1)).zip(whitened) {
            for (sum, x) in sums.iter_mut().zip(row) {
                *sum += x * value;
            }
        }
        forward(&self.triangle, self.width, sums)
    }

    /// The likelihood in the worth `t` of one more column is `exp(log_likelihood + t * slope - t² * curve / 2)`.
    pub(super) fn parabola(&self, column: &[f64]) -> Parabola {
        let whitened = self.whitened(column);
        let solved = self.solve(&whitened);
        Parabola {
            slope: dot(&whitened, &self.rest) - dot(&solved, &self.solved),
            curve: (dot(&whitened, &whitened) - dot(&solved, &solved)).max(0.0),
        }
    }

    /// Mean and standard deviation of each coefficient, without a further column.
    pub(super) fn coefficients(&self, offset: &[f64]) -> Vec<(f64, f64)> {
        let whitened = self.whitened(offset);
        let solved: Vec<f64> = self.solve(&whitened).iter().zip(&self.solved).map(|(o, s)| s - o).collect();
        let means = backward(&self.triangle, self.width, solved);
        (0..self.width)
            .map(|j| {
                let mut unit = vec![0.0; self.width];
                unit[j] = 1.0;
                let column = forward(&self.triangle, self.width, unit);
                (means[j] + self.prior_means[j], dot(&column, &column).sqrt())
            })
            .collect()
    }

    /// What the regression makes of each post's log, level included, smoothed over all posts: an offset may be taken off first.
    pub(super) fn fitted(
        &self,
        design: &Design,
        observed: &[f64],
        offset: &[f64],
        noise: &[f64],
        growth: &[f64],
    ) -> Vec<f64> {
        let worth: Vec<f64> = self.coefficients(offset).iter().map(|c| c.0).collect();
        let regressed: Vec<f64> = offset.iter().enumerate().map(|(i, o)| o + dot(design.row(i), &worth)).collect();
        let left: Vec<f64> = observed.iter().zip(&regressed).map(|(y, r)| y - r).collect();
        let level = smoothed(&left, noise, growth);
        level.iter().zip(&regressed).map(|(l, r)| l + r).collect()
    }
}

/// Slope and curve of a log likelihood in one coefficient.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Parabola {
    pub(super) slope: f64,
    pub(super) curve: f64,
}

/// A random walk seen with noise, smoothed over all its posts (Rauch, Tung and Striebel 1965).
fn smoothed(observed: &[f64], noise: &[f64], growth: &[f64]) -> Vec<f64> {
    let n = observed.len();
    let (mut level, mut variance) = (0.0, FIRST_LEVEL_VARIANCE);
    let mut filtered = Vec::with_capacity(n);
    for i in 0..n {
        variance += growth[i];
        let gain = variance / (variance + noise[i]);
        level += gain * (observed[i] - level);
        variance *= 1.0 - gain;
        filtered.push((level, variance));
    }
    let mut out = vec![0.0; n];
    let mut next = filtered.last().map_or(0.0, |f| f.0);
    for i in (0..n).rev() {
        let (level, variance) = filtered[i];
        let grown = growth.get(i + 1).copied().unwrap_or(0.0);
        let back = if variance + grown > 0.0 { variance / (variance + grown) } else { 1.0 };
        next = level + back * (next - level);
        out[i] = next;
    }
    out
}

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

/// The lower triangle whose square is a positive definite matrix, of which the lower half is read.
fn cholesky(mut m: Vec<f64>, size: usize) -> Vec<f64> {
    for j in 0..size {
        for k in 0..j {
            let factor = m[j * size + k];
            for i in j..size {
                m[i * size + j] -= m[i * size + k] * factor;
            }
        }
        let root = m[j * size + j].max(1e-300).sqrt();
        for i in j..size {
            m[i * size + j] /= root;
        }
    }
    m
}

fn forward(triangle: &[f64], size: usize, mut b: Vec<f64>) -> Vec<f64> {
    for i in 0..size {
        let known = dot(&triangle[i * size..i * size + i], &b[..i]);
        b[i] = (b[i] - known) / triangle[i * size + i];
    }
    b
}

fn backward(triangle: &[f64], size: usize, mut b: Vec<f64>) -> Vec<f64> {
    for i in (0..size).rev() {
        let known: f64 = (i + 1..size).map(|k| triangle[k * size + i] * b[k]).sum();
        b[i] = (b[i] - known) / triangle[i * size + i];
    }
    b
}

#[cfg(test)]
mod tests {
    use super::Regression;
    use crate::page::features::{Design, Feature};

    /// Against the normal density of the whole vector, whose covariance is written out and inverted by brute force.
    #[test]
    fn the_likelihood_is_that_of_the_dense_normal() {
        let (n, sd) = (6, 0.7);
        let column = [0.3, -1.0, 0.4, 2.0, 0.0, 1.0];
        let more = [0.0, 0.0, 1.0, 1.0, 1.0, 0.2];
        let observed = [1.0, 0.2, 1.9, 3.0, 1.1, 2.2];
        let noise = [0.5, 0.4, 0.6, 0.5, 0.9, 0.5];
        let growth = [0.0, 0.1, 0.2, 0.1, 0.3, 0.1];
        let feature = Feature { name: "x".to_owned(), mean: 0.5, sd };
        let design = Design::of(vec![feature], column.to_vec());
        let regression = Regression::new(&design, &observed, &noise, &growth);
        let dense = |t: f64| {
            let mut c = vec![vec![0.0; n]; n];
            for i in 0..n {
                for j in 0..n {
                    let walked: f64 = growth[..=i.min(j)].iter().sum();
                    c[i][j] = super::FIRST_LEVEL_VARIANCE + walked + sd * sd * column[i] * column[j];
                }
                c[i][i] += noise[i];
            }
            let mut r: Vec<f64> = (0..n).map(|i| observed[i] - 0.5 * column[i] - t * more[i]).collect();
            let mut log = 0.0;
            // Gaussian elimination: determinant and quadratic form together.
            for k in 0..n {
                log -= 0.5 * (c[k][k].ln() + r[k] * r[k] / c[k][k]);
                for i in k + 1..n {
                    let f = c[i][k] / c[k][k];
                    let above = c[k].clone();
                    for (x, a) in c[i].iter_mut().zip(&above).skip(k) {
                        *x -= f * a;
                    }
                    r[i] -= f * r[k];
                }
            }
            log
        };
        let p = regression.parabola(&more);
        for t in [0.0, 0.4, -1.3] {
            let got = regression.log_likelihood + t * p.slope - t * t * p.curve / 2.0;
            assert!((got - dense(t)).abs() < 1e-6, "{t}: {got} {}", dense(t));
        }
    }
}
