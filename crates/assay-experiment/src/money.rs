//! What a difference is worth: profit of adopting the arm, the chance that it is above 0, and what each choice loses on average.
//!
//! Profit a unit is `margin * difference - cost`. What is believed of the difference is what the data alone say: a normal
//! distribution around the estimate, or, for small counts, the two shares' beta distributions under even priors.
//! No past is borrowed, so an arm that was picked for its result looks better than it is (winner's curse).

use crate::shares::Shares;
use assay_math::{beta_below, ln_gamma, normal_density, normal_upper_tail};

/// What an event, or a unit of money, is worth, and what treating a unit costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worth {
    /// Money earned by 1 of the primary metric: by an order for a binary one, the share kept for an amount. Above 0.
    pub margin: f64,
    /// Money that treating one unit costs.
    pub cost: f64,
}

/// What is believed of a difference.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Belief {
    /// A normal distribution.
    Normal {
        /// Its mean.
        mean: f64,
        /// Its standard deviation, above 0.
        error: f64,
    },
    /// Two shares with even priors.
    Shares(Shares),
}

/// The decision's stakes, in money for one unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stakes {
    /// Expected profit of adopting the arm.
    pub expected: f64,
    /// The chance that adopting it pays.
    pub p_positive: f64,
    /// What adopting it loses on average against the better of the two choices.
    pub loss_adopt: f64,
    /// What dropping it loses on average against the better of the two choices.
    pub loss_drop: f64,
    /// The difference at which profit is 0.
    pub break_even: f64,
}

/// Points of the sum over the control's share.
const STEPS: usize = 2_000;

impl Worth {
    /// The difference at which profit is 0.
    pub fn break_even(&self) -> f64 {
        self.cost / self.margin
    }

    /// Profit a unit at this difference.
    pub fn profit(&self, difference: f64) -> f64 {
        self.margin * difference - self.cost
    }

    /// What is at stake under a belief.
    pub fn stakes(&self, belief: &Belief) -> Stakes {
        let break_even = self.break_even();
        let (mean, p_positive, gain) = match belief {
            Belief::Normal { mean, error } => {
                let z = (mean - break_even) / error;
                (*mean, normal_upper_tail(-z), error * (normal_density(z) + z * normal_upper_tail(-z)))
            }
            Belief::Shares(shares) => shares_beyond(shares, break_even),
        };
        // E[max(profit, 0)] is what dropping forgoes; less the expected profit it is what adopting risks.
        let expected = self.profit(mean);
        let loss_drop = self.margin * gain;
        Stakes { expected, p_positive, loss_adopt: (loss_drop - expected).max(0.0), loss_drop, break_even }
    }

    /// What deciding after `times` as many further units as were read is worth, beyond deciding now, in money for one unit that the
    /// decision is about: the error shrinks to `error / sqrt(1 + times)`, so the estimate moves by a normal amount whose variance
    /// is the rest (Raiffa and Schlaifer 1961). What waiting costs is not taken off.
    pub fn value_of_more(&self, mean: f64, error: f64, times: f64) -> f64 {
        let moves = error * (times / (1.0 + times)).sqrt();
        if moves.is_nan() || moves <= 0.0 {
            return 0.0;
        }
        let z = (mean - self.break_even()).abs() / moves;
        (self.margin * moves * (normal_density(z) - z * normal_upper_tail(z))).max(0.0)
    }
}

/// Mean of the difference, the chance that it exceeds `by`, and the mean of what exceeds it, for two beta distributions.
fn shares_beyond(shares: &Shares, by: f64) -> (f64, f64, f64) {
    let shape = |x: u64, n: u64| (x as f64 + 1.0, (n - x) as f64 + 1.0);
    let (a0, b0) = shape(shares.x_control, shares.n_control);
    let (a1, b1) = shape(shares.x_arm, shares.n_arm);
    let (m0, m1) = (a0 / (a0 + b0), a1 / (a1 + b1));
    let error = (m0 * (1.0 - m0) / (a0 + b0 + 1.0)).sqrt();
    let (low, high) = ((m0 - 12.0 * error).max(0.0), (m0 + 16.0 * error).min(1.0));
    let log_beta = ln_gamma(a0) + ln_gamma(b0) - ln_gamma(a0 + b0);
    let step = (high - low) / STEPS as f64;
    let (mut mass, mut chance, mut gain) = (0.0, 0.0, 0.0);
    for k in 0..STEPS {
        let p = low + (k as f64 + 0.5) * step;
        let weight = ((a0 - 1.0) * p.ln() + (b0 - 1.0) * (1.0 - p).ln() - log_beta).exp() * step;
        if weight < 1e-18 {
            continue;
        }
        // E[(q - t)+] = m1 * P(q' > t) - t * P(q > t), with q' one event richer.
        let t = p + by;
        let above = 1.0 - beta_below(a1, b1, t);
        let beyond = m1 * (1.0 - beta_below(a1 + 1.0, b1, t)) - t * above;
        mass += weight;
        chance += weight * above;
        gain += weight * beyond;
    }
    (m1 - m0, chance / mass, gain / mass)
}

#[cfg(test)]
mod tests {
    use super::{Belief, Worth};
    use crate::shares::Shares;

    const EVEN: Worth = Worth { margin: 1.0, cost: 0.0 };

    /// Four million draws of the two beta distributions: P(B > A) .98716, expected loss 3.03e-5 of B and .015019 of A; gbstats'
    /// normal form prints .9872329961 and [.0150298502, 2.9850e-5].
    #[test]
    fn stakes_of_the_common_fixture() {
        let shares = Shares { x_control: 120, n_control: 2_400, x_arm: 156, n_arm: 2_400 };
        let s = EVEN.stakes(&Belief::Shares(shares));
        assert!((s.p_positive - 0.987_16).abs() < 2e-4, "{s:?}");
        assert!((s.loss_adopt - 3.03e-5).abs() < 4e-7 && (s.loss_drop - 0.015_019).abs() < 2e-5, "{s:?}");
        let n = EVEN.stakes(&Belief::Normal { mean: 0.015, error: 0.006_716_739 });
        assert!((n.p_positive - 0.987_232_996_1).abs() < 1e-7, "{n:?}");
        assert!((n.loss_drop - 0.015_029_850_2).abs() < 1e-8 && (n.loss_adopt - 2.985_0e-5).abs() < 1e-8, "{n:?}");
    }

    /// gbstats `get_risk(.1, .05)` prints [.1004245351, .0004245351].
    #[test]
    fn losses_agree_with_gbstats() {
        let s = EVEN.stakes(&Belief::Normal { mean: 0.1, error: 0.05 });
        assert!((s.loss_drop - 0.100_424_535_1).abs() < 1e-9 && (s.loss_adopt - 0.000_424_535_1).abs() < 1e-9);
    }

    /// Monte Carlo in the mind: with endless further units the value is the expected loss of the better choice (gbstats' .0004245351);
    /// with none it is nothing, and it grows between.
    #[test]
    fn more_units_are_worth_at_most_the_doubt() {
        let value = |times| EVEN.value_of_more(0.1, 0.05, times);
        assert!((value(1e12) - 0.000_424_535_1).abs() < 1e-9 && value(0.0) == 0.0);
        assert!(value(0.5) > 0.0 && value(0.5) < value(1.0) && value(1.0) < value(1e12));
    }

    #[test]
    fn cost_moves_the_break_even() {
        let worth = Worth { margin: 20.0, cost: 0.5 };
        assert!((worth.break_even() - 0.025).abs() < 1e-15 && worth.profit(0.025).abs() < 1e-12);
        let s = worth.stakes(&Belief::Normal { mean: 0.025, error: 0.01 });
        assert!((s.p_positive - 0.5).abs() < 1e-12 && (s.loss_adopt - s.loss_drop).abs() < 1e-12);
    }
}
