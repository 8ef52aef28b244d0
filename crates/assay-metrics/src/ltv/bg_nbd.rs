//! How often customers come back, and whether they still will: the beta-geometric / NBD model.
//!
//! A customer orders at random at an own rate λ until, after some order, they are gone for good, with an own probability p.
//! Over customers λ ~ Gamma(r, α) and p ~ Beta(a, b). With x repeat orders, the last after t, known for T:
//!
//! 1. `ln L = ln Γ(r+x) − ln Γ(r) + r ln α + ln B(a, b+x)/B(a, b) + ln[ (α+T)^−(r+x) + [x>0] a/(b+x−1) (α+t)^−(r+x) ]`,
//!    greatest over the logarithms of the four parameters (BFGS on the exact gradient);
//! 2. expected orders in the next t, and the probability of being still there, in closed form (their equations 9 and 10 and
//!    the note of 2008), with the Gauss hypergeometric series;
//! 3. the covariance of the parameters is the inverse Hessian.
//!
//! Limits: a customer with one order is never gone by the model; rates do not change, so seasons, campaigns and a business
//! that grows on its old customers are outside it, and its forecasts of totals miss by more than their own spread says (the
//! interval in [`super`] adds what past forecasts missed).
//!
//! Source: P. Fader, B. Hardie, K. L. Lee, "Counting Your Customers" the Easy Way: An Alternative to the Pareto/NBD Model,
//! Marketing Science 24 (2005).

use super::histories::Group;
use assay_math::{curvature, inverse_definite, minimise};
use statrs::function::gamma::{digamma, ln_gamma};

/// The four parameters; time in the unit of the groups.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct BgNbd {
    /// Shape of the order rate.
    pub r: f64,
    /// Inverse scale of the order rate, in units of time.
    pub alpha: f64,
    /// First shape of the probability to leave after an order.
    pub a: f64,
    /// Second shape of it.
    pub b: f64,
}

/// A fitted model.
#[derive(Debug, Clone, PartialEq)]
pub struct BgNbdFit {
    /// The parameters.
    pub model: BgNbd,
    /// The log-likelihood at them.
    pub log_likelihood: f64,
    /// Covariance of (ln r, ln α, ln a, ln b); `None` where the likelihood is flat in some direction.
    pub covariance: Option<[[f64; 4]; 4]>,
}

/// Fits the model. `None` if there is no customer with a repeat order, or the search finds no maximum.
///
/// Costs about 60 passes over the groups.
pub fn fit(groups: &[Group]) -> Option<BgNbdFit> {
    if groups.iter().all(|g| g.n_repeats == 0) {
        return None;
    }
    let n: f64 = groups.iter().map(|g| g.n).sum();
    let cost = |logs: &[f64; 4]| {
        let (value, gradient) = log_likelihood(&BgNbd::from_logs(logs), groups);
        (-value / n, gradient.map(|g| -g / n))
    };
    // Several starts: the likelihood has long ridges.
    let mean_age = groups.iter().map(|g| g.n * g.age).sum::<f64>() / n;
    let starts = [[-1.0, (mean_age / 8.0).max(0.1).ln(), -0.2, 0.9], [0.0, mean_age.max(0.1).ln(), -1.0, 1.5]];
    let best = starts
        .map(|start| minimise(start, 1e-9, 500, cost))
        .into_iter()
        .filter(|m| m.value.is_finite() && m.at.iter().all(|v| v.abs() < 25.0))
        .min_by(|x, y| x.value.total_cmp(&y.value))?;
    Some(BgNbdFit {
        model: BgNbd::from_logs(&best.at),
        log_likelihood: -best.value * n,
        covariance: curvature(&best.at, n, |logs| cost(logs).1).and_then(|c| inverse_definite(&c)),
    })
}

/// The log-likelihood and its gradient in the logarithms of (r, α, a, b).
pub fn log_likelihood(m: &BgNbd, groups: &[Group]) -> (f64, [f64; 4]) {
    let (mut value, mut gradient) = (0.0, [0.0; 4]);
    // Groups are in order of repeats: what depends on them alone is computed once for each number.
    for same in groups.chunk_by(|g, h| g.n_repeats == h.n_repeats) {
        let x = f64::from(same[0].n_repeats);
        let fixed = ln_gamma(m.r + x) - ln_gamma(m.r) + m.r * m.alpha.ln() + ln_gamma(m.a + m.b) + ln_gamma(m.b + x)
            - ln_gamma(m.b)
            - ln_gamma(m.a + m.b + x);
        let by_r = digamma(m.r + x) - digamma(m.r) + m.alpha.ln();
        let by_a = digamma(m.a + m.b) - digamma(m.a + m.b + x);
        let by_b = by_a + digamma(m.b + x) - digamma(m.b);
        for g in same {
            let (ln_age, ln_recency) = ((m.alpha + g.age).ln(), (m.alpha + g.recency).ln());
            let here = -(m.r + x) * ln_age;
            // The logarithm of the sum of "still there" and "gone", and the share of "gone" in it.
            let (sum, gone) = if x == 0.0 {
                (here, 0.0)
            } else {
                let left = m.a.ln() - (m.b + x - 1.0).ln() - (m.r + x) * ln_recency;
                let top = here.max(left);
                let sum = top + ((here - top).exp() + (left - top).exp()).ln();
                (sum, (left - sum).exp())
            };
            let still = 1.0 - gone;
            value += g.n * (fixed + sum);
            gradient[0] += g.n * m.r * (by_r - still * ln_age - gone * ln_recency);
            gradient[1] +=
                g.n * (m.r - m.alpha * (m.r + x) * (still / (m.alpha + g.age) + gone / (m.alpha + g.recency)));
            gradient[2] += g.n * (m.a * by_a + gone);
            gradient[3] += g.n * m.b * (by_b - if x == 0.0 { 0.0 } else { gone / (m.b + x - 1.0) });
        }
    }
    (value, gradient)
}

impl BgNbd {
    /// From the logarithms of (r, α, a, b).
    pub fn from_logs(logs: &[f64; 4]) -> Self {
        let [r, alpha, a, b] = logs.map(f64::exp);
        Self { r, alpha, a, b }
    }

    /// The logarithms of (r, α, a, b).
    pub fn logs(&self) -> [f64; 4] {
        [self.r, self.alpha, self.a, self.b].map(f64::ln)
    }

    /// Orders that somebody new is expected to make in the time `t` after the first.
    pub fn expected_of_new(&self, t: f64) -> f64 {
        self.expected_if_there(0, 0.0, t)
    }

    /// The probability that a customer of this history is still there, 0..1.
    pub fn still_there(&self, n_repeats: u32, recency: f64, age: f64) -> f64 {
        if n_repeats == 0 {
            return 1.0;
        }
        let x = f64::from(n_repeats);
        let odds_gone =
            self.a / (self.b + x - 1.0) * ((self.r + x) * ((self.alpha + age) / (self.alpha + recency)).ln()).exp();
        1.0 / (1.0 + odds_gone)
    }

    /// Orders expected in the next `t` of somebody who is still there after `n_repeats` in `age`; times
    /// [`Self::still_there`] it is what a customer of that history is expected to order.
    ///
    /// With z = t/(α+T+t): (a+b+x−1)/(a−1) · [1 − (1−z)^(r+x) F(r+x, b+x; a+b+x−1; z)]. By Euler's transformation
    /// (DLMF 15.8.1) the product is (1−z)^(a−1) F(a+b−1−r, a−1; a+b+x−1; z), which neither overflows nor needs many terms.
    pub fn expected_if_there(&self, n_repeats: u32, age: f64, t: f64) -> f64 {
        let x = f64::from(n_repeats);
        self.away_from_one(|m| {
            let z = t / (m.alpha + age + t);
            let c = m.a + m.b + x - 1.0;
            let here = ((m.a - 1.0) * (m.alpha + age).ln() - (m.a - 1.0) * (m.alpha + age + t).ln()).exp();
            c / (m.a - 1.0) * (1.0 - here * hypergeometric(m.a + m.b - 1.0 - m.r, m.a - 1.0, c, z))
        })
    }

    /// The closed forms divide by a − 1: next to it, the mean of both sides stands for the limit (error of order 1e-8).
    fn away_from_one(&self, form: impl Fn(&Self) -> f64) -> f64 {
        const NEAR: f64 = 1e-4;
        if (self.a - 1.0).abs() >= NEAR {
            return form(self).max(0.0);
        }
        f64::midpoint(form(&Self { a: 1.0 - NEAR, ..*self }), form(&Self { a: 1.0 + NEAR, ..*self })).max(0.0)
    }
}

/// The Gauss hypergeometric series F(a, b; c; z) for 0 ≤ z < 1 by its terms (DLMF 15.2.1), until they no longer count.
fn hypergeometric(a: f64, b: f64, c: f64, z: f64) -> f64 {
    let (mut term, mut sum) = (1.0, 1.0);
    for k in 0..1_000_000_u32 {
        let k = f64::from(k);
        term *= (a + k) * (b + k) / ((c + k) * (k + 1.0)) * z;
        sum += term;
        if term.abs() <= 1e-15 * f64::abs(sum) {
            break;
        }
    }
    sum
}
