//! Heavy tails and a drifting spread, without sampling.
//!
//! The noise of a post is Student-t with 4 degrees of freedom times a spread that drifts. Instead of drawing the scale of each
//! post, residuals are replaced by their influence `psi(r) = w(r) r / i`, with `w(r) = 5 / (4 + r²)` the weight of the scale
//! mixture and `i = 5/7` the Fisher information of a t of 4 degrees of freedom over its squared scale. Influences of t noise have mean 0 and variance
//! `1 / i` exactly, so that a normal regression on them has the right standard errors, and no single post has much say (one step
//! of Fisher scoring; Lange, Little and Taylor 1989, "Robust statistical modeling using the t distribution").

use super::super::numbers::{median, robust_sd};

/// Degrees of freedom of the noise.
const FREEDOM: f64 = 4.0;
/// Fisher information of the location of a t over its squared scale: `(f + 1) / (f + 3)`.
const INFORMATION: f64 = (FREEDOM + 1.0) / (FREEDOM + 3.0);
/// Half-life, in posts, of the neighbours by which the spread of a post is judged.
const SPREAD_POSTS: f64 = 30.0;
/// The spread of pages with fewer posts does not drift.
const DRIFTING_POSTS_MIN: usize = 60;

/// What a post's noise has shown.
pub(super) struct Noise {
    /// Scale of the t, averaged over the posts.
    pub(super) scale: f64,
    /// Observations with influences in place of residuals.
    pub(super) observed: Vec<f64>,
    /// The variance of those influences.
    pub(super) variances: Vec<f64>,
}

/// Replaces residuals by influences, given what was fitted with `freedom_used` degrees of freedom.
pub(super) fn influences(observed: &[f64], fitted: &[f64], freedom_used: f64) -> Noise {
    let n = observed.len() as f64;
    let residuals: Vec<f64> = observed.iter().zip(fitted).map(|(y, f)| y - f).collect();
    let relative = relative_spread(&residuals);
    let evened: Vec<f64> = residuals.iter().zip(&relative).map(|(r, s)| r / s).collect();
    let inflation = (n / (n - freedom_used).max(n / 2.0)).sqrt();
    let scale = (scale_of(&evened) * inflation).max(1e-3);
    let influence = |((f, r), s): ((&f64, &f64), &f64)| {
        let spread = scale * s;
        let z = r / spread;
        f + r * (FREEDOM + 1.0) / (FREEDOM + z * z) / INFORMATION
    };
    Noise {
        scale,
        observed: fitted.iter().zip(&residuals).zip(&relative).map(influence).collect(),
        variances: relative.iter().map(|s| (scale * s).powi(2) / INFORMATION).collect(),
    }
}

/// The scale of a t of 4 degrees of freedom by maximum likelihood (EM), starting from the median.
fn scale_of(values: &[f64]) -> f64 {
    let mut scale2 = robust_sd(values).unwrap_or(1.0).max(1e-3).powi(2);
    for _ in 0..40 {
        let weighed: f64 = values.iter().map(|r| r * r * (FREEDOM + 1.0) / (FREEDOM + r * r / scale2)).sum();
        scale2 = (weighed / values.len() as f64).max(1e-6);
    }
    scale2.sqrt()
}

/// The spread of each post over that of all, by the logs of the residuals around it.
fn relative_spread(residuals: &[f64]) -> Vec<f64> {
    if residuals.len() < DRIFTING_POSTS_MIN {
        return vec![1.0; residuals.len()];
    }
    let floor = robust_sd(residuals).unwrap_or(1.0).max(1e-3) * 0.05;
    let logs: Vec<f64> = residuals.iter().map(|r| r.abs().max(floor).ln()).collect();
    let middle = median(&logs).unwrap_or(0.0);
    let kept = 0.5_f64.powf(1.0 / SPREAD_POSTS);
    // Sums over neighbours before and after, the nearer the heavier; the prior counts as 30 posts at the middle.
    let sums = |logs: &mut dyn Iterator<Item = f64>| {
        let (mut sum, mut weight) = (0.0, 0.0);
        let step = |log: f64| {
            let before = (sum, weight);
            (sum, weight) = (kept * (sum + log - middle), kept * (weight + 1.0));
            before
        };
        logs.map(step).collect::<Vec<_>>()
    };
    let before = sums(&mut logs.iter().copied());
    let mut after = sums(&mut logs.iter().rev().copied());
    after.reverse();
    let shrunk = |i: usize| {
        let (b, a): ((f64, f64), (f64, f64)) = (before[i], after[i]);
        ((logs[i] - middle + b.0 + a.0) / (1.0 + b.1 + a.1 + 30.0)).exp()
    };
    (0..logs.len()).map(shrunk).collect()
}

#[cfg(test)]
mod tests {
    use super::{INFORMATION, scale_of};

    /// The quantiles of a t of 4 degrees of freedom, by R: `qt(ppoints(9), 4)`; their scale is near 1.
    #[test]
    fn the_scale_of_t_quantiles_is_one() {
        let t = [-2.007, -1.135, -0.666, -0.312, 0.0, 0.312, 0.666, 1.135, 2.007];
        assert!((scale_of(&t) - 0.9).abs() < 0.1, "{}", scale_of(&t));
        assert!((INFORMATION - 5.0 / 7.0).abs() < 1e-12);
    }
}
