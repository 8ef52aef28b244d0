//! Normal mixtures: bounds that a sum without drift crosses at any time at all with probability of at most alpha.
//!
//! Howard, Ramdas, `McAuliffe` and Sekhon (2021), "Time-uniform, nonparametric, nonasymptotic confidence sequences"; the same
//! formulas, with the number of units for the variance, are the asymptotic confidence sequences of Waudby-Smith and others (2021)
//! that `gbstats` uses. `v` is the variance gone through (units, for standardised data), `rho` the tuning.

use assay_math::normal_upper_tail;

/// The tuning under which the two-sided bound is narrowest at variance `v_best`.
pub fn best_rho(v_best: f64, alpha: f64) -> f64 {
    let log = -2.0 * alpha.ln();
    v_best / (log + log.ln_1p())
}

/// The logarithm of the two-sided mixture at sum `s`: an e-process, whose inverse is a p-value at any time.
pub fn log_two_sided(s: f64, v: f64, rho: f64) -> f64 {
    0.5 * (rho / (v + rho)).ln() + s * s / (2.0 * (v + rho))
}

/// The logarithm of the one-sided mixture: large where the sum lies far above 0.
pub fn log_one_sided(s: f64, v: f64, rho: f64) -> f64 {
    let below = normal_upper_tail(-s / (v + rho).sqrt());
    0.5 * (4.0 * rho / (v + rho)).ln() + s * s / (2.0 * (v + rho)) + below.max(f64::MIN_POSITIVE).ln()
}

/// The two-sided bound on the sum at variance `v`.
pub fn bound_two_sided(v: f64, alpha: f64, rho: f64) -> f64 {
    ((v + rho) * ((v + rho) / (rho * alpha * alpha)).ln()).sqrt()
}

/// The one-sided bound on the sum at variance `v`.
pub fn bound_one_sided(v: f64, alpha: f64, rho: f64) -> f64 {
    let (mut low, mut high) = (0.0, bound_two_sided(v, alpha, rho));
    for _ in 0..100 {
        let middle = f64::midpoint(low, high);
        if log_one_sided(middle, v, rho) < -alpha.ln() {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}
