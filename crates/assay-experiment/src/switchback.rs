//! Weeks on and weeks off: the difference held against every other schedule that could have been drawn.
//!
//! 1. A week's value is the metric's mean over the days that count; the days of washout at its start do not, so that what lingers
//!    from the week before is not read as this week's.
//! 2. The estimate is the mean of the on weeks less that of the off weeks; where weeks were drawn within pairs it is the mean of
//!    the pairs' differences, which takes slow trends and seasons out.
//! 3. Its p-value is the share of schedules, among all that chance could have drawn, with as large a difference (Fisher 1935; for
//!    switchbacks Bojinov, Simchi-Levi and Zhao 2023). The interval is what is not refused when it is taken off the on weeks.
//!
//! Limits: it takes the effect to be the same in every week and gone after the washout; people who would have bought anyway and
//! only bought a week earlier are counted as gained.

use crate::assign::Drawn;
use crate::inversion;
use assay_math::Seed;
use rand::RngExt;

/// A week.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Week {
    /// Whether it was on.
    pub is_on: bool,
    /// The metric's mean a counted day.
    pub value: f64,
}

/// Schedules that are gone through; beyond them as many are drawn.
const SCHEDULES_MAX: usize = 20_000;
/// Weeks of each kind at least.
pub const WEEKS_MIN: usize = 2;

/// A reading of weeks.
#[derive(Debug, Clone, PartialEq)]
pub struct SwitchbackReading {
    /// On less off, a day.
    pub difference: f64,
    /// Lowest difference that is not refused; `None` where none is refused.
    pub low: Option<f64>,
    /// Highest.
    pub high: Option<f64>,
    /// Mean of the off weeks, a day.
    pub off: f64,
    /// Two-sided.
    pub p_value: f64,
    /// The smallest two-sided p-value that the schedules allow.
    pub floor: f64,
    /// Schedules held against.
    pub n_schedules: usize,
    /// How the weeks were drawn.
    pub drawn: Drawn,
}

/// Reads weeks in their order. `None` if there are fewer than two of a kind, or if they were said to be drawn in pairs and are not.
pub fn read_weeks(weeks: &[Week], drawn: Drawn, confidence: f64, seed: Seed) -> Option<SwitchbackReading> {
    let n_on = weeks.iter().filter(|w| w.is_on).count();
    let in_pairs = weeks.len().is_multiple_of(2) && weeks.chunks(2).all(|p| p[0].is_on != p[1].is_on);
    if n_on < WEEKS_MIN || weeks.len() - n_on < WEEKS_MIN || (drawn == Drawn::InPairs && !in_pairs) {
        return None;
    }
    let schedules = Schedules::of(weeks, drawn, seed);
    let on: Vec<bool> = weeks.iter().map(|w| w.is_on).collect();
    let values: Vec<f64> = weeks.iter().map(|w| w.value).collect();
    let estimate = difference(&values, &on);
    let p_of = |effect: f64| {
        let left: Vec<f64> = weeks.iter().map(|w| w.value - if w.is_on { effect } else { 0.0 }).collect();
        schedules.p_value(&left, difference(&left, &on))
    };
    let alpha = 1.0 - confidence;
    let (least, most) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, m), v| (l.min(*v), m.max(*v)));
    let reach = 20.0 * (most - least).max(f64::MIN_POSITIVE);
    let end = |side: f64| inversion::end(estimate, side * reach, alpha, p_of);
    Some(SwitchbackReading {
        difference: estimate,
        low: end(-1.0),
        high: end(1.0),
        off: weeks.iter().filter(|w| !w.is_on).map(|w| w.value).sum::<f64>() / (weeks.len() - n_on) as f64,
        p_value: p_of(0.0),
        floor: schedules.floor(n_on, weeks.len()),
        n_schedules: schedules.all.len(),
        drawn,
    })
}

fn difference(values: &[f64], on: &[bool]) -> f64 {
    let (mut sums, mut counts) = ([0.0; 2], [0.0; 2]);
    for (v, on) in values.iter().zip(on) {
        sums[usize::from(*on)] += v;
        counts[usize::from(*on)] += 1.0;
    }
    sums[1] / counts[1] - sums[0] / counts[0]
}

struct Schedules {
    all: Vec<Vec<bool>>,
    /// Whether these are all that there are, or some of them by lot.
    is_all: bool,
}

impl Schedules {
    fn of(weeks: &[Week], drawn: Drawn, seed: Seed) -> Self {
        let n = weeks.len();
        let n_on = weeks.iter().filter(|w| w.is_on).count();
        let mut random = seed.random();
        match drawn {
            Drawn::InPairs => {
                let pairs = n / 2;
                let of =
                    |bit: &dyn Fn(usize) -> bool| (0..n).map(|i| bit(i / 2) == (i % 2 == 1)).collect::<Vec<bool>>();
                if pairs < 15 {
                    let all = (0..1_usize << pairs).map(|mask| of(&|pair| mask >> pair & 1 == 1)).collect();
                    return Self { all, is_all: true };
                }
                let all = (0..SCHEDULES_MAX)
                    .map(|_| {
                        let bits: Vec<bool> = (0..pairs).map(|_| random.random::<bool>()).collect();
                        of(&|pair| bits[pair])
                    })
                    .collect();
                Self { all, is_all: false }
            }
            Drawn::OfAll => {
                let ways = (0..n_on).fold(1.0, |c, i| c * (n - i) as f64 / (i + 1) as f64);
                let on = |places: &[usize]| {
                    let mut on = vec![false; n];
                    for i in places {
                        on[*i] = true;
                    }
                    on
                };
                if ways <= SCHEDULES_MAX as f64 {
                    let mut set: Vec<usize> = (0..n_on).collect();
                    let mut all = vec![on(&set)];
                    while let Some(i) = (0..n_on).rev().find(|i| set[*i] < n - n_on + i) {
                        set[i] += 1;
                        for j in i + 1..n_on {
                            set[j] = set[j - 1] + 1;
                        }
                        all.push(on(&set));
                    }
                    return Self { all, is_all: true };
                }
                let mut places: Vec<usize> = (0..n).collect();
                let all = (0..SCHEDULES_MAX)
                    .map(|_| {
                        for i in 0..n_on {
                            let j = random.random_range(i..n);
                            places.swap(i, j);
                        }
                        on(&places[..n_on])
                    })
                    .collect();
                Self { all, is_all: false }
            }
        }
    }

    fn p_value(&self, values: &[f64], here: f64) -> f64 {
        let far = here.abs() * (1.0 - 1e-12);
        let as_far = self.all.iter().filter(|on| difference(values, on).abs() >= far).count();
        // Of schedules drawn by lot the one that was run is one more.
        if self.is_all {
            as_far as f64 / self.all.len() as f64
        } else {
            (as_far + 1) as f64 / (self.all.len() + 1) as f64
        }
    }

    fn floor(&self, n_on: usize, n: usize) -> f64 {
        let mirrored = if 2 * n_on == n { 2.0 } else { 1.0 };
        if self.is_all { mirrored / self.all.len() as f64 } else { 1.0 / (self.all.len() + 1) as f64 }
    }
}

#[cfg(test)]
mod tests {
    use super::{Week, read_weeks};
    use crate::assign::Drawn;
    use assay_math::Seed;
    use rand::RngExt;

    fn weeks(on: &[bool], value: impl Fn(usize) -> f64) -> Vec<Week> {
        on.iter().enumerate().map(|(i, on)| Week { is_on: *on, value: value(i) }).collect()
    }

    /// By hand: of the 20 ways to choose 3 of 6 weeks, two (this one and its mirror image) are as far apart.
    #[test]
    fn p_is_the_share_of_schedules() {
        let w = weeks(&[false, true, false, true, true, false], |i| [1.0, 9.0, 2.0, 8.0, 7.0, 3.0][i]);
        let r = read_weeks(&w, Drawn::OfAll, 0.95, Seed(1)).expect("weeks");
        assert!((r.p_value - 0.1).abs() < 1e-12 && (r.difference - 6.0).abs() < 1e-12 && r.n_schedules == 20, "{r:?}");
        // A tenth is above 5 %: nothing is refused, and no end is claimed.
        assert!(r.low.is_none() && r.high.is_none() && (r.floor - 0.1).abs() < 1e-12);
    }

    /// A trend is taken out by pairs, and the interval's ends are where the test just refuses.
    #[test]
    fn pairs_take_a_trend_out() {
        let on = [false, true, true, false, false, true, true, false, true, false, false, true];
        let w = weeks(&on, |i| 10.0 * i as f64 + if on[i] { 4.0 } else { 0.0 } + (i * 7 % 5) as f64 * 0.1);
        let r = read_weeks(&w, Drawn::InPairs, 0.9, Seed(1)).expect("weeks");
        assert!((r.difference - 4.0).abs() < 2.0 && r.n_schedules == 64, "{r:?}");
        let (low, high) = (r.low.expect("an end"), r.high.expect("an end"));
        assert!(low < r.difference && r.difference < high);
        assert_eq!(low > 0.0 || high < 0.0, r.p_value <= 0.1);
        assert!(read_weeks(&w[1..], Drawn::InPairs, 0.9, Seed(1)).is_none());
        assert!(read_weeks(&w[..3], Drawn::OfAll, 0.9, Seed(1)).is_none());
    }

    /// Two thousand schedules drawn over weeks of noise: the level is kept.
    #[test]
    fn the_level_is_kept() {
        let mut random = Seed(9).random();
        let mut refused = 0;
        for run in 0..2_000 {
            let draws: Vec<u64> = (0..12).map(|_| random.random()).collect();
            let (on, drawn) = crate::assign::weeks(&draws, 0.05);
            let noise: Vec<f64> =
                (0..12).map(|i| f64::from(i) + 5.0 * random.random_range(0.0..1.0_f64).powi(3)).collect();
            let w = weeks(&on, |i| noise[i]);
            let r = read_weeks(&w, drawn, 0.9, Seed(run)).expect("weeks");
            refused += u32::from(r.p_value <= 0.1);
        }
        assert!(refused < 240, "{refused} of 2000 at 10 %");
    }
}
