//! When a reading may be believed: how far out a deviate must lie, and what p-value it has, given how often one may look.
//!
//! - **Anytime**: no plan was declared. Look as often as you like, forever (normal mixture, tuned at 5,000 units).
//! - **Capped**: a largest number of units was declared. With a number of evenly spaced looks, O'Brien-Fleming spending; without
//!   one, a straight boundary for looking at every unit: `|z| sqrt(t) >= a - s t`, whose chance of ever being crossed is known in
//!   closed form. The slope s = [`SLOPE`] stops a little later than O'Brien-Fleming (s = 0) and ends at 2.12 in place of 2.24.
//! - **Fixed**: one look was declared, this one.
//!
//! p-value and critical deviate are one function and its inverse, so an interval made with the latter excludes "no effect"
//! exactly where the p-value is below alpha.

use crate::mixture::{best_rho, bound_two_sided, log_one_sided, log_two_sided};
use crate::spending::{Spending, boundaries, crosses};
use assay_math::{normal_upper_quantile, normal_upper_tail};

/// Units at which the mixture is narrowest: `gbstats`' default.
pub const TUNED_AT: f64 = 5_000.0;
/// The level for which it is tuned.
const TUNED_FOR: f64 = 0.05;
/// How the boundary for looking at every unit falls. Made: with 20 looks and a fixed test of 90 % power it stops after 79 % of the
/// units on average and has 87.4 % (s = 0: 72 % and 85.8; s = 3: 84 % and 88.1); with 200 looks 89.1 %.
pub const SLOPE: f64 = 1.5;

/// How often one may look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rule {
    /// At any time; this many units were read.
    Anytime {
        /// Units in both arms.
        n: f64,
    },
    /// Until a declared number of units, of which this fraction was read.
    Capped {
        /// Units over the declared largest number, at most 1.
        fraction: f64,
        /// Evenly spaced looks over the whole test; `None` for looks at every unit.
        looks: Option<u32>,
    },
    /// Once.
    Fixed,
}

impl Rule {
    /// The deviate that a reading must pass.
    pub fn critical(self, alpha: f64) -> f64 {
        match self {
            Self::Fixed => normal_upper_quantile(alpha / 2.0),
            Self::Anytime { n } => bound_two_sided(n, alpha, best_rho(TUNED_AT, TUNED_FOR)) / n.sqrt(),
            Self::Capped { fraction, looks: Some(looks) } => {
                let times = looks_until(fraction, looks);
                boundaries(&times, alpha, Spending::OBrienFleming).last().copied().unwrap_or(f64::INFINITY)
            }
            Self::Capped { fraction, looks: None } => {
                // Where the boundary begins, by bisection: a closed form's inverse.
                let (mut low, mut high) = (0.0, 60.0);
                for _ in 0..80 {
                    let middle = f64::midpoint(low, high);
                    if crosses(middle, SLOPE) > alpha {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                ((f64::midpoint(low, high) - SLOPE * fraction) / fraction.sqrt()).max(0.0)
            }
        }
    }

    /// The p-value of a deviate: the least alpha at which it would pass.
    pub fn p_value(self, z: f64) -> f64 {
        let z = z.abs();
        match self {
            Self::Fixed => (2.0 * normal_upper_tail(z)).min(1.0),
            Self::Anytime { n } => (-log_two_sided(z * n.sqrt(), n, best_rho(TUNED_AT, TUNED_FOR))).exp().min(1.0),
            Self::Capped { fraction, looks: None } => crosses(z * fraction.sqrt() + SLOPE * fraction, SLOPE),
            Self::Capped { looks: Some(_), .. } => {
                // Twelve powers of ten, by bisection of the logarithm.
                let (mut low, mut high) = (-28.0_f64, 0.0_f64);
                if self.critical(0.999) > z {
                    return 1.0;
                }
                for _ in 0..36 {
                    let middle = f64::midpoint(low, high);
                    if self.critical(middle.exp()) > z {
                        low = middle;
                    } else {
                        high = middle;
                    }
                }
                high.exp()
            }
        }
    }

    /// The e-value for harm, valid at any time: 20 speaks against "no harm" as much as p = 0.05 at a single look. `z` is the
    /// deviate for "no effect", `n` the units of both arms.
    pub fn harm(z: f64, n: f64) -> f64 {
        log_one_sided(-z * n.sqrt(), n, best_rho(TUNED_AT, 2.0 * TUNED_FOR)).exp()
    }
}

/// The looks up to a fraction of the units, that one included.
fn looks_until(fraction: f64, looks: u32) -> Vec<f64> {
    let due = (1..=looks).map(|k| f64::from(k) / f64::from(looks));
    let mut times: Vec<f64> = due.filter(|t| *t < fraction - 1e-9).collect();
    times.push(fraction);
    times
}

#[cfg(test)]
mod tests {
    use super::Rule;

    const RULES: [Rule; 6] = [
        Rule::Fixed,
        Rule::Anytime { n: 300.0 },
        Rule::Anytime { n: 2e6 },
        Rule::Capped { fraction: 0.4, looks: None },
        Rule::Capped { fraction: 1.0, looks: Some(5) },
        Rule::Capped { fraction: 0.55, looks: Some(5) },
    ];

    #[test]
    fn p_value_and_critical_deviate_undo_each_other() {
        for rule in RULES {
            for alpha in [0.2, 0.05, 0.001] {
                let p = rule.p_value(rule.critical(alpha));
                assert!((p / alpha - 1.0).abs() < 1e-5, "{rule:?} {alpha} {p}");
            }
            assert!(rule.p_value(0.0) > 0.99, "{rule:?}");
        }
    }

    /// Looking oftener asks for more. (Twenty declared looks end at 2.1228, above the 2.1193 of looks at every unit, for they
    /// stop earlier on the way.)
    #[test]
    fn rules_are_ordered() {
        let at_end = |looks| Rule::Capped { fraction: 1.0, looks }.critical(0.05);
        let order =
            [Rule::Fixed.critical(0.05), at_end(Some(5)), at_end(None), Rule::Anytime { n: 5e3 }.critical(0.05)];
        assert!(order.windows(2).all(|w| w[0] < w[1]), "{order:?}");
        assert!((at_end(Some(1)) - order[0]).abs() < 1e-6);
    }

    #[test]
    fn harm_shows_on_its_own_side() {
        assert!(Rule::harm(-5.0, 5_000.0) > 1e3 && Rule::harm(5.0, 5_000.0) < 0.1);
    }
}
