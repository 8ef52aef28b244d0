//! Openings in clumps: whether a set of accounts was opened more densely in some window than in the year around it, measured
//! against everybody else's openings there (a scan statistic: Kulldorff 1997, with unequal weights).

use super::features::{NO_DAY, Times};

/// Widths of the windows, days.
const WIDTHS: [usize; 6] = [1, 3, 8, 20, 45, 90];

/// Days before and after a window in which the usual rate is read.
const AROUND: usize = 365;

/// A window counts from this factor over the usual rate on: sign-ups of people swing by less.
const MIN_FACTOR: f64 = 2.0;

/// Fewest members in a window.
const MIN_MEMBERS: f64 = 4.0;

/// What everybody else's openings are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Against {
    /// Those of the followers that are not in the set.
    Others,
    /// One as likely on any day: the set is the whole list.
    Calendar,
}

/// The densest window of a set.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Clump {
    /// First day and the day after the last, counted from the first creation.
    pub(super) days: (u32, u32),
    /// Members opened in it.
    pub(super) n: f64,
    /// Members that the year around it leads one to expect.
    pub(super) expected: f64,
    /// ln of the likelihood ratio of the window having its own rate; 0 where no window is dense.
    pub(super) nats: f64,
}

impl Clump {
    /// Whether a day lies in the window.
    pub(super) fn holds(&self, day: u32) -> bool {
        day != NO_DAY && (self.days.0..self.days.1).contains(&day)
    }
}

/// The densest window of the set with these weights (0..1). Costs O(n + days).
pub(super) fn densest(times: &Times, weight: &[f64], against: Against) -> Clump {
    let days = times.n_days;
    let (mut set, mut rest) = (vec![0.0; days + 1], vec![0.0; days + 1]);
    for (&day, w) in times.opened.iter().zip(weight) {
        if day != NO_DAY {
            set[day as usize + 1] += w;
            rest[day as usize + 1] += 1.0 - w;
        }
    }
    if against == Against::Calendar && days > 0 {
        rest = vec![times.opened.len() as f64 / days as f64; days + 1];
        rest[0] = 0.0;
    }
    for d in 0..days {
        set[d + 1] += set[d];
        rest[d + 1] += rest[d];
    }
    let mut best = Clump::default();
    for width in WIDTHS.into_iter().filter(|w| *w < days) {
        for from in (0..days - width).step_by((width / 4).max(1)) {
            let found = window(&set, &rest, from, from + width);
            if found.nats > best.nats {
                best = found;
            }
        }
    }
    best
}

/// One window, from sums up to the start of each day.
fn window(set: &[f64], rest: &[f64], from: usize, to: usize) -> Clump {
    let n = set[to] - set[from];
    if n < MIN_MEMBERS {
        return Clump::default();
    }
    let (low, high) = (from.saturating_sub(AROUND), (to + AROUND).min(set.len() - 1));
    let near = (set[high] - set[to]) + (set[from] - set[low]) + 1.0;
    let others_near = (rest[high] - rest[to]) + (rest[from] - rest[low]) + 3.0;
    // Where nobody else is around, the days themselves are the measure.
    let by_days = (to - from) as f64 / (high - low - (to - from)).max(1) as f64;
    let share = ((rest[to] - rest[from] + 1.0) / others_near).max(by_days);
    let expected = near * share;
    if n <= MIN_FACTOR * expected {
        return Clump::default();
    }
    Clump { days: (from as u32, to as u32), n, expected, nats: own_rate(n, near, share) }
}

/// ln of the likelihood ratio of `k` inside and `m` outside having a ratio of their own, against the ratio `share`.
fn own_rate(k: f64, m: f64, share: f64) -> f64 {
    let p = share / (1.0 + share);
    k * (k / (k + m) / p).ln() + m * (m / (k + m) / (1.0 - p)).ln()
}

#[cfg(test)]
mod tests {
    use super::{Against, densest, own_rate};
    use crate::profile::features::Times;
    use assay_model::Day;

    fn times(opened: Vec<u32>) -> Times {
        let n = opened.len();
        Times { opened, first: Day(15_000), n_days: 1_000, block: vec![0; n], earliest: vec![0; n] }
    }

    /// Closed form: 3 of 4 where 1 of 4 is due is 3 ln 3 + ln(1/3).
    #[test]
    fn nats_are_those_of_a_binomial_share() {
        assert!((own_rate(3.0, 1.0, 1.0 / 3.0) - (3.0 * 3.0_f64.ln() - 3.0_f64.ln())).abs() < 1e-12);
    }

    #[test]
    fn a_clump_of_the_set_is_found_and_one_of_everybody_is_not() {
        // Two hundred of the set and a thousand others evenly; forty of the set within six days.
        let set = (0..200_u32).map(|i| i * 5).chain((0..40).map(|i| 500 + i % 6));
        let all: Vec<u32> = set.clone().chain((0..1_000).map(|i| i % 1_000)).collect();
        let weight: Vec<f64> = (0..all.len()).map(|i| if i < 240 { 1.0 } else { 0.0 }).collect();
        let found = densest(&times(all), &weight, Against::Others);
        assert!(found.nats > 40.0 && found.days.0 >= 495 && found.days.1 <= 511, "{found:?}");
        assert!((found.n - found.expected - 39.0).abs() < 4.0, "{found:?}");
        // The same forty, where eight hundred others opened in those days too.
        let all: Vec<u32> = set.chain((0..1_000).map(|i| i % 1_000)).chain((0..800).map(|i| 500 + i % 6)).collect();
        let weight: Vec<f64> = (0..all.len()).map(|i| if i < 240 { 1.0 } else { 0.0 }).collect();
        assert!(densest(&times(all), &weight, Against::Others).nats < 5.0);
    }

    #[test]
    fn nothing_is_dense_in_no_list() {
        assert_eq!(densest(&times(vec![]), &[], Against::Others).nats, 0.0);
        assert_eq!(densest(&times(vec![u32::MAX; 9]), &[1.0; 9], Against::Calendar).nats, 0.0);
    }
}
