//! What an order of a customer is worth: the gamma-gamma model of spend.
//!
//! Amounts of a customer vary around an own mean; over customers the means vary too. With x repeat orders of mean z > 0:
//!
//! 1. ln L = ln Γ(px+q) − ln Γ(px) − ln Γ(q) + q ln v + (px−1) ln z + px ln x − (px+q) ln(v + xz), greatest over the
//!    logarithms of p, q, v;
//! 2. the expected amount of the customer's next order is p (v + xz) / (px + q − 1).
//!
//! Limits: it takes spend and frequency for independent over customers; [`correlation`] says how far they are. Where q ≤ 1 the
//! mean over customers does not exist, and there is no fit.
//!
//! Source: P. Fader, B. Hardie, K. L. Lee, RFM and CLV: Using Iso-Value Curves for Customer Base Analysis, Journal of
//! Marketing Research 42 (2005); P. Fader, B. Hardie, The Gamma-Gamma Model of Monetary Value (2013), equation 1a.

use super::histories::Customer;
use assay_math::{Estimate, curvature, inverse_definite, minimise, normal_quantile};
use statrs::function::gamma::{digamma, ln_gamma};

/// The three parameters, amounts in major units.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct GammaGamma {
    /// Shape of the amounts of a customer.
    pub p: f64,
    /// Shape over customers.
    pub q: f64,
    /// Scale over customers, in major units.
    pub v: f64,
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct GammaGammaFit {
    /// The parameters.
    pub model: GammaGamma,
    /// The log-likelihood at them.
    pub log_likelihood: f64,
    /// Customers with a repeat order of a value.
    pub n_customers: u64,
    /// Covariance of (ln p, ln q, ln v); `None` where the likelihood is flat in some direction.
    pub covariance: Option<[[f64; 3]; 3]>,
}

/// Minor units in a major one.
const MINOR: f64 = 100.0;

/// Customers below this number give no fit: three parameters of a heavy-tailed law. Made.
const MIN_CUSTOMERS: usize = 10;

/// Fits the model to customers with repeat orders of a value; `None` with fewer than ten of them, where all spend the same, or
/// where no mean exists.
pub fn fit(customers: &[Customer]) -> Option<GammaGammaFit> {
    let spends: Vec<(f64, f64)> = customers
        .iter()
        .filter(|c| c.mean_repeat_minor > 0.0)
        .map(|c| (f64::from(c.n_repeats), c.mean_repeat_minor / MINOR))
        .collect();
    if spends.len() < MIN_CUSTOMERS {
        return None;
    }
    let n = spends.len() as f64;
    let mean = spends.iter().map(|s| s.1).sum::<f64>() / n;
    // Scaled by the mean amount, so that yen and dollars are searched alike.
    let counts = by_count(spends.iter().map(|(x, z)| (*x, z / mean)).collect());
    let cost = |logs: &[f64; 3]| {
        let [p, q, v] = logs.map(f64::exp);
        let (value, gradient) = log_likelihood(p, q, v, &counts);
        (-value / n, gradient.map(|g| -g / n))
    };
    let best = [[1.5, 1.2, -0.5], [0.5, 0.7, 0.5]]
        .map(|start| minimise(start, 1e-9, 500, cost))
        .into_iter()
        .filter(|m| m.value.is_finite() && m.at.iter().all(|v| v.abs() < 15.0))
        .min_by(|x, y| x.value.total_cmp(&y.value))?;
    let [p, q, v] = best.at.map(f64::exp);
    if q <= 1.0 {
        return None;
    }
    Some(GammaGammaFit {
        model: GammaGamma { p, q, v: v * mean },
        log_likelihood: -best.value * n - n * mean.ln(),
        n_customers: spends.len() as u64,
        covariance: curvature(&best.at, n, |logs| cost(logs).1).and_then(|c| inverse_definite(&c)),
    })
}

/// Customers with the same number of repeat orders.
struct Count {
    x: f64,
    /// The mean amount of each.
    means: Vec<f64>,
    /// Sum of the logarithms of the means.
    ln_means: f64,
}

/// Puts (x, z) together by x.
fn by_count(mut spends: Vec<(f64, f64)>) -> Vec<Count> {
    spends.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let of = |same: &[(f64, f64)]| Count {
        x: same[0].0,
        means: same.iter().map(|s| s.1).collect(),
        ln_means: same.iter().map(|s| s.1.ln()).sum(),
    };
    spends.chunk_by(|a, b| a.0 == b.0).map(of).collect()
}

/// The log-likelihood and its gradient in the logarithms of (p, q, v). What depends on the number of orders alone is computed
/// once for each number, so that a customer costs one logarithm.
fn log_likelihood(p: f64, q: f64, v: f64, counts: &[Count]) -> (f64, [f64; 3]) {
    let (mut value, mut gradient) = (0.0, [0.0; 3]);
    let (ln_gamma_q, digamma_q) = (ln_gamma(q), digamma(q));
    for Count { x, means, ln_means } in counts {
        let (n, px) = (means.len() as f64, p * x);
        let (mut ln_totals, mut inverse_totals) = (0.0, 0.0);
        for z in means {
            let total = v + x * z;
            ln_totals += total.ln();
            inverse_totals += 1.0 / total;
        }
        value += n * (ln_gamma(px + q) - ln_gamma(px) - ln_gamma_q + q * v.ln() + px * x.ln()) + (px - 1.0) * ln_means
            - (px + q) * ln_totals;
        let both = digamma(px + q);
        gradient[0] += px * (n * (both - digamma(px) + x.ln()) + ln_means - ln_totals);
        gradient[1] += q * (n * (both - digamma_q + v.ln()) - ln_totals);
        gradient[2] += n * q - v * (px + q) * inverse_totals;
    }
    (value, gradient)
}

impl GammaGamma {
    /// The amount expected of the next order of a customer with `n_repeats` repeat orders of mean `mean_minor`, in minor
    /// units.
    pub fn next_minor(&self, n_repeats: u32, mean_minor: f64) -> f64 {
        let x = f64::from(n_repeats);
        MINOR * self.p * (self.v + x * mean_minor / MINOR) / (self.p * x + self.q - 1.0)
    }
}

/// The correlation of frequency and mean spend over customers with repeats of a value, with its interval (Fisher 1921: atanh is
/// normal with variance 1/(n − 3)); `None` with fewer than ten of them or without any spread.
pub fn correlation(customers: &[Customer], confidence: f64) -> Option<Estimate> {
    let pairs: Vec<(f64, f64)> = customers
        .iter()
        .filter(|c| c.mean_repeat_minor > 0.0)
        .map(|c| (f64::from(c.n_repeats), c.mean_repeat_minor / MINOR))
        .collect();
    if pairs.len() < MIN_CUSTOMERS {
        return None;
    }
    let n = pairs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| pairs.iter().map(of).sum::<f64>() / n;
    let (mx, mz) = (mean(|s| s.0), mean(|s| s.1));
    let sum = |of: &dyn Fn(f64, f64) -> f64| pairs.iter().map(|(x, z)| of(x - mx, z - mz)).sum::<f64>();
    let (xz, xx, zz) = (sum(&|x, z| x * z), sum(&|x, _| x * x), sum(&|_, z| z * z));
    if xx <= 0.0 || zz <= 0.0 {
        return None;
    }
    let point = (xz / (xx * zz).sqrt()).clamp(-1.0, 1.0);
    let half = normal_quantile(0.5 + confidence / 2.0) / (n - 3.0).sqrt();
    let centre = point.clamp(-1.0 + 1e-12, 1.0 - 1e-12).atanh();
    Some(Estimate::new(point, (centre - half).tanh().min(point), (centre + half).tanh().max(point), confidence))
}
