//! Amounts with few buyers: the same studentised contrast, held against what chance does with these very amounts.
//!
//! 1. All units of both arms are thrown together and dealt out again, [`DRAWS`] times, and Welch's statistic is taken of each
//!    deal. If the arms do not differ this is exact whatever the amounts look like (Fisher 1935); because the statistic is
//!    studentised it stays valid, for many buyers, where spreads differ (Janssen 1997; Chung and Romano 2013, "Exact and
//!    asymptotically robust permutation tests").
//! 2. Where arms differ the deals stand in for a distribution that the effect has changed. So up to `TILTED_MAX` buyers the same statistic
//!    is also held against samples in which the null holds: see `tilted`.
//! 3. A statistic's deviate is the normal one with the larger of the two tails, each side for itself: skewed amounts miss on
//!    one side. Intervals for the difference and the ratio are where this deviate reaches the critical one, so p and interval are one
//!    test, and false positives are at most those of the deals.
//!
//! Amounts are dealt by the means of the fine bins of [`crate::caps`] (sixteenths of a doubling), so that no amount need be kept.
//! Limits: no p-value lies below `2 / (DRAWS + 1)`, and where a rule asks for more an end is open; what was known before is not
//! used (measured in the table of operating characteristics).

use crate::caps::Caps;
use crate::count_law::CountLaw;
use crate::inversion;
use crate::means::Means;
use crate::moments::Sample;
use crate::shares::Null;
use crate::tilted::{Tilted, tails};
use assay_math::{Random, Seed, normal_upper_quantile, normal_upper_tail};
use rand::RngExt;

/// Deals of a reading.
pub const DRAWS: usize = 9_999;
/// Values that are not 0 in an arm below which amounts are dealt out again, however alike the arms are.
pub const BUYERS_FEW: u64 = 100;
/// Buyers in both arms up to which samples are drawn under other nulls than "no effect" too; above it little skewness is left and drawing
/// takes long.
const TILTED_MAX: usize = 500;
/// The same as [`BUYERS_FEW`] where arms differ in size; above it the deals would take seconds and the normal curve serves.
const BUYERS_ENOUGH: u64 = 5_000;
/// Skewness of the statistic above which the normal curve does not serve. Made: amounts of `exp(N(0, 1))` bought by 2 %, arms 9 to 1:
/// skewness .85 errs 10.5 % (1,000 runs), .27 6.0 % (20,000 runs), .12 5.7 % (8,000 runs), where 5 % are nominal.
const SKEWNESS_MAX: f64 = 0.05;

/// Whether the normal curve would be too sure of these amounts: few of them are not 0, or they are skewed and the arms differ in size.
pub fn is_needed(n_buyers: [u64; 2], samples: [&Sample; 2]) -> bool {
    let fewest = n_buyers[0].min(n_buyers[1]);
    let [a, b] = samples;
    let pooled = |of: fn(&Sample) -> f64| (of(a) * a.n + of(b) * b.n) / (a.n + b.n);
    let (spread, third) = (pooled(|s| s.yy), pooled(|s| s.yyy));
    // The third cumulant of the difference of means over the cube of its error.
    let skewness = third * (1.0 / (b.n * b.n) - 1.0 / (a.n * a.n)) / (spread * (1.0 / a.n + 1.0 / b.n)).powf(1.5);
    fewest < BUYERS_FEW || (fewest < BUYERS_ENOUGH && skewness.abs() > SKEWNESS_MAX)
}

/// A comparison with what chance does.
#[derive(Debug, Clone, PartialEq)]
pub struct Skewed {
    /// Welch's contrast.
    pub means: Means,
    /// The statistic of each deal, rising.
    deals: Vec<f64>,
    /// The statistic under nulls around the estimate.
    tilted: Option<Tilted>,
}

/// The two arms' amounts thrown together: how many units have none, and the others.
struct Pool {
    n_control: u64,
    n_arm: u64,
    amounts: Vec<f64>,
}

impl Skewed {
    /// Compares two arms. `None` where neither varies.
    pub fn of(cells: [&Caps; 2], samples: [&Sample; 2], n_draws: usize, seed: Seed) -> Option<Self> {
        let means = Means::of(samples[0], samples[1], crate::means::Before::Ignored)?;
        let mut amounts: Vec<f64> = Vec::new();
        for cell in cells {
            amounts.extend(cell.amounts().flat_map(|(n, mean)| std::iter::repeat_n(mean, n as usize)));
        }
        let pool = Pool { n_control: samples[0].n as u64, n_arm: samples[1].n as u64, amounts };
        let tilted = (pool.amounts.len() <= TILTED_MAX).then(|| {
            let around = (means.difference, means.spread.sqrt());
            let n = [pool.n_control, pool.n_arm];
            Tilted::of(n, &pool.amounts, around, n_draws, &mut seed.fork("tilted").random())
        });
        let mut deals = pool.deal(n_draws, &mut seed.random());
        deals.sort_by(f64::total_cmp);
        Some(Self { means, deals, tilted: tilted.flatten() })
    }

    /// How far the arm lies above what the null says, as a normal deviate.
    pub fn z(&self, null: Null) -> f64 {
        let t = self.means.statistic(null);
        let (mut lower, mut upper) = tails(&self.deals, t);
        if let Some(tilted) = &self.tilted {
            let (below, above) = tilted.tails(t, null);
            (lower, upper) = (lower.max(below), upper.max(above));
        }
        if upper < lower { normal_upper_quantile(upper.min(0.5)) } else { -normal_upper_quantile(lower.min(0.5)) }
    }

    /// The statistics between which nothing is refused at this deviate; `None` where so few deals cannot refuse.
    fn limits(&self, critical: f64) -> Option<(f64, f64)> {
        let k = (normal_upper_tail(critical) * (self.deals.len() + 1) as f64).floor() as usize;
        let k = k.checked_sub(1)?;
        Some((*self.deals.get(k)?, *self.deals.get(self.deals.len().checked_sub(1 + k)?)?))
    }

    /// Lowest and highest difference that is not refused at this deviate; infinite where these deals cannot refuse.
    pub fn difference_interval(&self, critical: f64) -> (f64, f64) {
        let Some((low, high)) = self.limits(critical) else { return (f64::NEG_INFINITY, f64::INFINITY) };
        let (at, error) = (self.means.difference, self.means.spread.sqrt());
        let end = |of_deals, step| self.end(of_deals, step, critical, Null::Difference);
        (
            end(at - high * error, -error).unwrap_or(f64::NEG_INFINITY),
            end(at - low * error, error).unwrap_or(f64::INFINITY),
        )
    }

    /// Lowest and highest relative lift that is not refused at this deviate.
    pub fn lift_interval(&self, critical: f64) -> crate::means::OpenInterval {
        let Some((low, high)) = self.limits(critical) else { return (None, None) };
        let (low, high) = self.means.lift_between(high.max(0.0), (-low).max(0.0));
        let step = self.means.spread.sqrt() / self.means.control;
        if step.is_nan() || step <= 0.0 {
            return (low, high);
        }
        let end = |of_deals: f64, step| self.end(of_deals, step, critical, |lift| Null::Ratio((1.0 + lift).max(0.0)));
        // No arm has less than nothing: where even that is not refused, the end is there.
        let low = low.map(|low| if low > -1.0 { end(low, -step).map_or(-1.0, |l| l.max(-1.0)) } else { low });
        (low, high.and_then(|high| end(high, step)))
    }

    /// Where nulls begin to be refused, from the end by the deals alone outwards; `None` where none is.
    fn end(&self, of_deals: f64, step: f64, critical: f64, null: impl Fn(f64) -> Null) -> Option<f64> {
        if self.tilted.is_none() {
            return Some(of_deals);
        }
        let is_refused = |x: f64| if step < 0.0 { self.z(null(x)) > critical } else { self.z(null(x)) < -critical };
        let kept = |x: f64| f64::from(u8::from(!is_refused(x)));
        (0..40).find_map(|n| inversion::end(of_deals, step * f64::from(n).exp2(), 0.5, kept))
    }
}

impl Pool {
    fn deal(mut self, n_draws: usize, random: &mut Random) -> Vec<f64> {
        let n_buyers = self.amounts.len() as u64;
        let (total, squares) = self.amounts.iter().fold((0.0, 0.0), |(s, q), x| (s + x, q + x * x));
        // The smaller side is dealt and the rest is the other's.
        let arm_is_smaller = self.n_arm <= self.n_control;
        let n_dealt = self.n_arm.min(self.n_control);
        let counts = CountLaw::hypergeometric(self.n_control + self.n_arm, n_buyers, n_dealt);
        (0..n_draws)
            .map(|_| {
                let k = counts.draw(random);
                let (mut sum, mut square) = (0.0, 0.0);
                for i in 0..k {
                    let j = random.random_range(i..self.amounts.len());
                    self.amounts.swap(i, j);
                    let x = self.amounts[i];
                    sum += x;
                    square += x * x;
                }
                let part = |n: u64, sum: f64, square: f64| {
                    let n = n as f64;
                    (sum / n, ((square - sum * sum / n) / (n - 1.0)).max(0.0) / n)
                };
                let dealt = part(n_dealt, sum, square);
                let rest = part(self.n_control + self.n_arm - n_dealt, total - sum, squares - square);
                let (arm, control) = if arm_is_smaller { (dealt, rest) } else { (rest, dealt) };
                let spread = arm.1 + control.1;
                if spread > 0.0 { (arm.0 - control.0) / spread.sqrt() } else { 0.0 }
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::Skewed;
    use crate::caps::Caps;
    use crate::moments::{Moments, Sample, Shift};
    use crate::shares::Null;
    use crate::tilted::tails;
    use assay_math::Seed;

    fn arm(values: &[f64]) -> (Caps, Sample) {
        let (mut caps, mut moments) = (Caps::default(), Moments::new(Shift::default()));
        for v in values {
            caps.add(*v);
            moments.add(*v, 1.0, 0.0);
        }
        (caps, moments.sample().expect("units"))
    }

    /// Brute force over all 12,870 ways to deal sixteen units: the upper tail of the statistic that is observed.
    #[test]
    fn the_tail_is_that_of_all_deals() {
        // Powers of two, of which every bin holds one alone.
        let control = [0.0, 0.0, 0.0, 1.0, 0.0, 2.0, 0.0, 4.0];
        let treated = [0.0, 8.0, 0.0, 1.0, 16.0, 0.0, 4.0, 8.0];
        let ((c0, s0), (c1, s1)) = (arm(&control), arm(&treated));
        let skewed = Skewed::of([&c0, &c1], [&s0, &s1], 40_000, Seed(3)).expect("spread");
        let all: Vec<f64> = control.into_iter().chain(treated).collect();
        let statistic = |mask: u32| {
            let side = |bit: u32| {
                let v: Vec<f64> = (0..16).filter(|i| mask >> i & 1 == bit).map(|i| all[i as usize]).collect();
                let mean = v.iter().sum::<f64>() / 8.0;
                (mean, v.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 7.0 / 8.0)
            };
            let (one, none) = (side(1), side(0));
            (one.0 - none.0) / (one.1 + none.1).sqrt()
        };
        let here = statistic(0xff00);
        let masks: Vec<u32> = (0..1_u32 << 16).filter(|m| m.count_ones() == 8).collect();
        assert_eq!(masks.len(), 12_870);
        let tail = masks.iter().filter(|m| statistic(**m) >= here - 1e-12).count() as f64 / 12_870.0;
        let found = tails(&skewed.deals, skewed.means.statistic(Null::Difference(0.0))).1;
        assert!((found - tail).abs() < 4.0 * (tail / 40_000.0).sqrt(), "{found} {tail}");
    }

    /// Ends and p agree on "no effect", for difference and ratio.
    #[test]
    fn intervals_invert_the_test() {
        let many = |k: u32, n: u32| {
            (0..n).map(move |i| if i < k { f64::from(1 + i * i % 97) } else { 0.0 }).collect::<Vec<_>>()
        };
        for (k0, k1) in [(20, 44), (20, 24), (60, 21)] {
            let ((c0, s0), (c1, s1)) = (arm(&many(k0, 900)), arm(&many(k1, 500)));
            let skewed = Skewed::of([&c0, &c1], [&s0, &s1], 1_999, Seed(1)).expect("spread");
            let critical = 1.959_963_985;
            let refused = skewed.z(Null::Difference(0.0)).abs() > critical;
            assert_eq!(refused, skewed.z(Null::Ratio(1.0)).abs() > critical);
            let (low, high) = skewed.difference_interval(critical);
            assert_eq!(low > 0.0 || high < 0.0, refused, "{low} {high}");
            let (low, high) = skewed.lift_interval(critical);
            assert_eq!(low.is_some_and(|l| l > 0.0) || high.is_some_and(|h| h < 0.0), refused, "{low:?} {high:?}");
            // More than so many deals can tell.
            assert_eq!(skewed.difference_interval(4.5), (f64::NEG_INFINITY, f64::INFINITY));
        }
    }

    /// The e-mail test's arms are of one size, and its 122 buyers enough; nine to one is not.
    #[test]
    fn the_normal_curve_serves_where_skewness_cancels() {
        let sample = |n: f64| Sample { yy: 0.02 * 7.39, yyy: 0.02 * 90.0, ..Sample::of_sums(n, n * 0.02, n) };
        assert!(!super::is_needed([122, 267], [&sample(21_306.0), &sample(21_307.0)]));
        assert!(super::is_needed([180, 120], [&sample(54_000.0), &sample(6_000.0)]));
        assert!(super::is_needed([99, 120], [&sample(5_000.0), &sample(5_000.0)]));
        assert!(!super::is_needed([90_000, 9_000], [&sample(4.5e6), &sample(4.5e5)]));
    }
}
