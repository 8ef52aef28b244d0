//! What chance does with amounts where the arms differ: samples drawn from both arms' amounts together, so tilted that the null holds.
//!
//! 1. Under "the arm exceeds the control by delta" more (or fewer) of the arm's units buy, and what buyers spend is the same: the
//!    two arms' shares of buyers are moved apart until their means differ by delta, their mean over all units kept.
//! 2. Buyers are drawn by those shares, their amounts with replacement from all amounts, and the studentised contrast is taken about
//!    delta (the bootstrap-t of Efron 1979 and Hall 1988, under the null as in Owen's tilting 1988).
//! 3. That is done at [`TILTS`] differences around the estimate; between them tails are interpolated.
//!
//! It stands beside the amounts dealt out again of [`crate::skewed`], which are exact for "no effect" alone: away from it they know
//! nothing of the large amounts that an arm with few buyers happened to miss. Limits: an effect on what buyers spend, rather than on
//! how many buy, is stood in for.

use crate::count_law::CountLaw;
use crate::shares::Null;
use assay_math::Random;
use rand::RngExt;

/// Differences at which samples are drawn.
const TILTS: usize = 9;
/// Standard errors on either side of the estimate between which they lie.
const REACH: f64 = 6.0;

/// Statistics under tilted nulls.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tilted {
    n_control: f64,
    n_arm: f64,
    /// The mean over all units.
    mean: f64,
    /// The first difference, in means, and how far the next one lies.
    first: f64,
    step: f64,
    lots: Vec<Lot>,
}

/// Statistics at one difference, rising.
#[derive(Debug, Clone, PartialEq)]
struct Lot {
    differences: Vec<f64>,
    ratios: Vec<f64>,
}

impl Tilted {
    /// Draws samples of units of which those with `amounts` bought, around a difference with its standard error. `None` where there is
    /// nothing to tilt.
    pub(crate) fn of(
        [n_control, n_arm]: [u64; 2],
        amounts: &[f64],
        (difference, error): (f64, f64),
        n_draws: usize,
        random: &mut Random,
    ) -> Option<Self> {
        let (n0, n1) = (n_control as f64, n_arm as f64);
        let n = n0 + n1;
        let mean = amounts.iter().sum::<f64>() / n;
        if mean <= 0.0 || error.is_nan() {
            return None;
        }
        // Beyond these one of the arms would have less than nothing.
        let (least, most) = (-n / n0, n / n1);
        let at = |errors: f64| ((difference + errors * error) / mean).clamp(least, most);
        let first = at(-REACH);
        let step = (at(REACH) - first) / (TILTS - 1) as f64;
        let share = amounts.len() as f64 / n;
        let lots = (0..TILTS).map(|k| {
            let tilt = first + step * k as f64;
            let factors = [(1.0 - tilt * n1 / n).max(0.0), (1.0 + tilt * n0 / n).max(0.0)];
            let buyers =
                [CountLaw::binomial(n_control, share * factors[0]), CountLaw::binomial(n_arm, share * factors[1])];
            let ratio = if factors[0] > 0.0 { factors[1] / factors[0] } else { 1.0 };
            let (mut differences, mut ratios) = (Vec::with_capacity(n_draws), Vec::with_capacity(n_draws));
            for _ in 0..n_draws {
                let (m0, v0) = drawn(amounts, buyers[0].draw(random), n0, random);
                let (m1, v1) = drawn(amounts, buyers[1].draw(random), n1, random);
                let over = |contrast: f64, spread: f64| if spread > 0.0 { contrast / spread.sqrt() } else { 0.0 };
                differences.push(over(m1 - m0 - tilt * mean, v0 + v1));
                ratios.push(over(m1 - ratio * m0, v1 + ratio * ratio * v0));
            }
            differences.sort_by(f64::total_cmp);
            ratios.sort_by(f64::total_cmp);
            Lot { differences, ratios }
        });
        Some(Self { n_control: n0, n_arm: n1, mean, first, step, lots: lots.collect() })
    }

    /// The shares of samples whose statistic is at most and at least `t` under the null, that which was observed among them.
    pub(crate) fn tails(&self, t: f64, null: Null) -> (f64, f64) {
        let tilt = match null {
            Null::Difference(delta) => delta / self.mean,
            Null::Ratio(ratio) => {
                let ratio = ratio.max(0.0);
                (ratio - 1.0) * (self.n_control + self.n_arm) / (self.n_control + ratio * self.n_arm)
            }
        };
        let place = if self.step > 0.0 { (tilt - self.first) / self.step } else { 0.0 };
        let place = place.clamp(0.0, (TILTS - 1) as f64);
        let (near, part) = (place.floor() as usize, place.fract());
        let of = |lot: &Lot| match null {
            Null::Difference(_) => tails(&lot.differences, t),
            Null::Ratio(_) => tails(&lot.ratios, t),
        };
        let (a, b) = (of(&self.lots[near]), of(&self.lots[(near + 1).min(TILTS - 1)]));
        (a.0 + part * (b.0 - a.0), a.1 + part * (b.1 - a.1))
    }
}

/// The shares of rising statistics at most and at least `t`, one more counted among them.
pub(crate) fn tails(rising: &[f64], t: f64) -> (f64, f64) {
    let all = (rising.len() + 1) as f64;
    let below = rising.partition_point(|d| *d < t);
    let up_to = rising.partition_point(|d| *d <= t);
    ((up_to + 1) as f64 / all, (rising.len() - below + 1) as f64 / all)
}

/// The mean of `n` units of which so many bought, and its variance.
fn drawn(amounts: &[f64], n_buyers: usize, n: f64, random: &mut Random) -> (f64, f64) {
    let (mut sum, mut squares) = (0.0, 0.0);
    for _ in 0..n_buyers {
        let x = amounts[random.random_range(0..amounts.len())];
        sum += x;
        squares += x * x;
    }
    (sum / n, ((squares - sum * sum / n) / (n - 1.0)).max(0.0) / n)
}

#[cfg(test)]
mod tests {
    use super::{TILTS, Tilted};
    use crate::shares::Null;
    use assay_math::Seed;

    /// Equal amounts of 1 make a test of shares; at its own truth the statistic's middle lies at 0, and a null on either scale that says
    /// the same has the same tails.
    #[test]
    fn nulls_are_tilted_to_where_they_hold() {
        let (n, amounts) = ([4_000, 1_000], vec![1.0; 300]);
        // The control's share is .05, the arm's .1: together 300 of 5,000.
        let tilted = Tilted::of(n, &amounts, (0.05, 0.01), 2_000, &mut Seed(5).random()).expect("amounts");
        assert_eq!(tilted.lots.len(), TILTS);
        for null in [Null::Difference(0.05), Null::Ratio(2.0)] {
            let (lower, upper) = tilted.tails(0.0, null);
            assert!((lower - 0.5).abs() < 0.05 && (upper - 0.5).abs() < 0.05, "{lower} {upper}");
            assert!(tilted.tails(-9.0, null).0 < 1e-3 && tilted.tails(9.0, null).1 < 1e-3);
        }
        let (a, b) = (tilted.tails(1.9, Null::Difference(0.0)), tilted.tails(1.9, Null::Ratio(1.0)));
        assert!((a.0 - b.0).abs() < 0.03 && (a.1 - b.1).abs() < 0.03, "{a:?} {b:?}");
        assert!(Tilted::of(n, &[], (0.0, 1.0), 10, &mut Seed(5).random()).is_none());
    }

    /// Skewed amounts: where the arm has more buyers its mean is low where its spread is small, so the lower tail is the heavier one.
    #[test]
    fn an_arm_that_misses_large_amounts_is_not_surer_for_it() {
        let amounts: Vec<f64> = (0..50).map(|k| (f64::from(k) / 12.0).exp()).collect();
        let total: f64 = amounts.iter().sum();
        let difference = 0.4 * total / 1_000.0;
        let tilted = Tilted::of([1_000, 1_000], &amounts, (difference, difference / 2.0), 4_000, &mut Seed(2).random());
        let tilted = tilted.expect("amounts");
        let null = Null::Difference(difference);
        let (lower, upper) = (tilted.tails(-1.96, null).0, tilted.tails(1.96, null).1);
        assert!(lower > 1.3 * upper, "{lower} {upper}");
    }
}
