//! Two shares compared: the score test, inverted for the difference and for the ratio, exact where counts are small.
//!
//! 1. Under a null (the shares differ by `delta`, or one is `ratio` times the other) the shares are fitted by maximum
//!    likelihood; the statistic is what was observed less what the null says, over its standard error under the null
//!    (Miettinen and Nurminen 1985; for ratios Koopman 1984). At "no effect" both are the pooled z-test, whose square is
//!    Pearson's chi-squared: one test, so p, difference and ratio cannot disagree.
//! 2. Where either arm expects fewer than [`EXPECTED_MIN`] events (or non-events), the chance of a statistic as far out is
//!    counted over all tables, under the fitted shares, instead of read off the normal curve: the plug-in exact test (the E
//!    test of Lloyd 2008, "A new exact and more powerful unconditional test of no treatment effect from binary matched pairs"
//!    and Krishnamoorthy and Thomson 2004).
//!
//! Limits: the plug-in makes it exact but for the choice of the nuisance share; over 0.5 to 10 % the table of operating
//! characteristics shows what that costs. Tables of more than `CELLS_MAX` rows are left to the normal curve.

use assay_math::{ln_gamma, normal_upper_quantile};

/// Events expected in an arm below which tables are counted.
pub const EXPECTED_MIN: f64 = 50.0;
/// Counts of one arm that are gone through.
const CELLS_MAX: usize = 20_000;
/// Standard errors around the expected count beyond which nothing is counted (a chance below 1e-17).
const REACH: f64 = 9.0;
/// Statistics closer than this are ties.
const TIE: f64 = 1e-9;

/// Events among units in the control and in the arm.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shares {
    /// Events in the control.
    pub x_control: u64,
    /// Units in the control.
    pub n_control: u64,
    /// Events in the arm.
    pub x_arm: u64,
    /// Units in the arm.
    pub n_arm: u64,
}

/// A null to be tested.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Null {
    /// The arm exceeds the control by this.
    Difference(f64),
    /// The arm is this many times the control.
    Ratio(f64),
}

impl Shares {
    fn p(&self) -> (f64, f64) {
        (self.x_control as f64 / self.n_control as f64, self.x_arm as f64 / self.n_arm as f64)
    }

    /// The arm's share less the control's.
    pub fn difference(&self) -> f64 {
        let (control, arm) = self.p();
        arm - control
    }

    /// The arm's share over the control's; `None` where the control has no event.
    pub fn ratio(&self) -> Option<f64> {
        let (control, arm) = self.p();
        (control > 0.0).then(|| arm / control)
    }

    /// Whether counts are too small for the normal curve.
    pub fn is_small(&self) -> bool {
        let share = (self.x_control + self.x_arm) as f64 / (self.n_control + self.n_arm) as f64;
        let n = self.n_control.min(self.n_arm) as f64;
        n * share.min(1.0 - share) < EXPECTED_MIN
    }

    /// How far the arm lies above what the null says, as a normal deviate.
    pub fn z(&self, null: Null) -> f64 {
        if self.is_small() { self.exact_z(null) } else { self.score(null) }
    }

    /// The score statistic.
    pub fn score(&self, null: Null) -> f64 {
        score(self.x_control as f64, self.n_control as f64, self.x_arm as f64, self.n_arm as f64, null)
    }

    /// As [`Shares::score`], with its tail counted over all tables.
    pub fn exact_z(&self, null: Null) -> f64 {
        let observed = self.score(null);
        let (n_control, n_arm) = (self.n_control as f64, self.n_arm as f64);
        let (p_control, p_arm) = fitted(self.x_control as f64, n_control, self.x_arm as f64, n_arm, null);
        let (control, arm) = (Counts::of(self.n_control, p_control), Counts::of(self.n_arm, p_arm));
        if observed.abs() > REACH - 1.5 || control.chance.len() > CELLS_MAX || arm.chance.len() > CELLS_MAX {
            return observed;
        }
        let statistic = |control: u64, arm: u64| score(control as f64, n_control, arm as f64, n_arm, null);
        let tail = if observed >= 0.0 {
            upper_tail(&control, &arm, |c, a| statistic(c, a) >= observed - TIE)
        } else {
            1.0 - upper_tail(&control, &arm, |c, a| statistic(c, a) > observed + TIE)
        };
        let z = normal_upper_quantile(tail.clamp(1e-300, 0.5));
        if observed >= 0.0 { z } else { -z }
    }

    /// Lowest and highest difference that is not refused at this deviate.
    pub fn difference_interval(&self, critical: f64) -> (f64, f64) {
        let z = |delta: f64| self.z(Null::Difference(delta));
        let point = self.difference();
        (edge(&z, point, -1.0, critical), edge(&z, point, 1.0, critical))
    }

    /// Lowest and highest ratio that is not refused at this deviate; no highest where the control may have no events at all.
    pub fn ratio_interval(&self, critical: f64) -> (f64, Option<f64>) {
        // On the log scale; e^±14 is beyond any lift that counts could tell.
        let z = |log: f64| self.z(Null::Ratio(log.exp()));
        let reach = 14.0;
        let point = match (self.ratio(), self.x_arm) {
            (None, _) => reach,
            (_, 0) => -reach,
            (Some(ratio), _) => ratio.ln(),
        };
        let low = if self.x_arm == 0 { 0.0 } else { edge(&z, point, -reach, critical).exp() };
        let high = if self.x_control == 0 { None } else { Some(edge(&z, point, reach, critical)) };
        (low, high.filter(|h| *h < reach - 1e-6).map(f64::exp))
    }
}

/// Where `z`, which falls, passes the critical deviate between `point` and `end`; `end` if it does not.
fn edge(z: &dyn Fn(f64) -> f64, point: f64, end: f64, critical: f64) -> f64 {
    let refused = |at: f64| z(at).abs() > critical;
    let inside = end - (end - point) * 1e-9;
    if !refused(inside) {
        return end;
    }
    let (mut kept, mut gone) = (point, inside);
    for _ in 0..60 {
        let middle = f64::midpoint(kept, gone);
        if refused(middle) {
            gone = middle;
        } else {
            kept = middle;
        }
        if (gone - kept).abs() < 1e-13 {
            break;
        }
    }
    f64::midpoint(kept, gone)
}

/// The shares (control, arm) that the null makes most likely.
fn fitted(x_control: f64, n_control: f64, x_arm: f64, n_arm: f64, null: Null) -> (f64, f64) {
    let (n, x) = (n_control + n_arm, x_control + x_arm);
    match null {
        Null::Difference(0.0) | Null::Ratio(1.0) => (x / n, x / n),
        Null::Difference(delta) => {
            // The root of the cubic of Miettinen and Nurminen, in its trigonometric form.
            let l2 = (n_arm + 2.0 * n_control) * delta - n - x;
            let l1 = (n_control * delta - n - 2.0 * x_control) * delta + x;
            let l0 = x_control * delta * (1.0 - delta);
            let q = (l2 / (3.0 * n)).powi(3) - l1 * l2 / (6.0 * n * n) + l0 / (2.0 * n);
            let p = ((l2 / (3.0 * n)).powi(2) - l1 / (3.0 * n)).max(0.0).sqrt().copysign(q);
            let cosine = if p == 0.0 { 0.0 } else { (q / p.powi(3)).clamp(-1.0, 1.0) };
            let angle = (std::f64::consts::PI + cosine.acos()) / 3.0;
            let control = 2.0 * p * angle.cos() - l2 / (3.0 * n);
            let control = control.clamp((-delta).max(0.0), (1.0 - delta).min(1.0));
            (control, (control + delta).clamp(0.0, 1.0))
        }
        Null::Ratio(ratio) => {
            let a = n * ratio;
            let b = -(n_arm * ratio + x_arm + n_control + x_control * ratio);
            let root = (b * b - 4.0 * a * x).max(0.0).sqrt();
            // The smaller root, written so that small shares lose no digits.
            let control = (2.0 * x / (-b + root)).clamp(0.0, (1.0 / ratio).min(1.0));
            (control, (ratio * control).min(1.0))
        }
    }
}

fn score(x_control: f64, n_control: f64, x_arm: f64, n_arm: f64, null: Null) -> f64 {
    let (control, arm) = fitted(x_control, n_control, x_arm, n_arm, null);
    let (weight, shift) = match null {
        Null::Difference(delta) => (1.0, delta),
        Null::Ratio(ratio) => (ratio, 0.0),
    };
    let gap = x_arm / n_arm - weight * x_control / n_control - shift;
    let spread = arm * (1.0 - arm) / n_arm + weight * weight * control * (1.0 - control) / n_control;
    if spread > 0.0 {
        gap / spread.sqrt()
    } else if gap.abs() < 1e-12 {
        0.0
    } else {
        f64::INFINITY.copysign(gap)
    }
}

/// The chances of a binomial count within reach.
struct Counts {
    first: u64,
    chance: Vec<f64>,
}

impl Counts {
    fn of(n: u64, p: f64) -> Self {
        let mean = n as f64 * p;
        let reach = REACH * (mean * (1.0 - p)).sqrt() + 12.0;
        let first = (mean - reach).floor().max(0.0) as u64;
        let last = ((mean + reach).ceil() as u64).min(n);
        let choose = |k: u64| ln_gamma(n as f64 + 1.0) - ln_gamma(k as f64 + 1.0) - ln_gamma((n - k) as f64 + 1.0);
        let log = |k: u64| {
            let rest = if k == n { 0.0 } else { (n - k) as f64 * (-p).ln_1p() };
            choose(k) + if k == 0 { 0.0 } else { k as f64 * p.ln() } + rest
        };
        if p <= 0.0 || p >= 1.0 {
            return Self { first: if p <= 0.0 { 0 } else { n }, chance: vec![1.0] };
        }
        // By recurrence from the most likely count, so that one logarithm serves all.
        let top = ((n as f64 + 1.0) * p).floor().clamp(first as f64, last as f64) as u64;
        let mut chance = vec![0.0; (last - first + 1) as usize];
        let at = |k: u64| (k - first) as usize;
        chance[at(top)] = log(top).exp();
        let odds = p / (1.0 - p);
        for k in top..last {
            chance[at(k + 1)] = chance[at(k)] * odds * (n - k) as f64 / (k + 1) as f64;
        }
        for k in (first + 1..=top).rev() {
            chance[at(k - 1)] = chance[at(k)] / odds * k as f64 / (n - k + 1) as f64;
        }
        Self { first, chance }
    }
}

/// The chance of the tables in a set that holds, with a table, all with more events in the arm or fewer in the control.
/// Its edge is walked along, so that tables are not gone through one by one.
fn upper_tail(control: &Counts, arm: &Counts, holds: impl Fn(u64, u64) -> bool) -> f64 {
    let (mut tail, mut below, mut n_within) = (0.0, 0.0, 0);
    for (k, chance) in arm.chance.iter().enumerate() {
        let events = arm.first + k as u64;
        while n_within < control.chance.len() && holds(control.first + n_within as u64, events) {
            below += control.chance[n_within];
            n_within += 1;
        }
        tail += chance * below;
    }
    tail
}

#[cfg(test)]
mod tests {
    use super::{Counts, Null, Shares, fitted, score, upper_tail};
    use assay_math::normal_upper_tail;

    const F: Shares = Shares { x_control: 120, n_control: 2_400, x_arm: 156, n_arm: 2_400 };

    /// R: `prop.test(c(156, 120), c(2400, 2400), correct = FALSE)` prints X-squared = 4.9821, p-value = 0.02561; the figure in
    /// full, chi2 4.9821243, p 0.0256105169, is the closed form's.
    #[test]
    fn at_no_effect_it_is_the_pooled_z_test() {
        for null in [Null::Difference(0.0), Null::Ratio(1.0)] {
            let z = F.z(null);
            assert!((z * z - 4.982_124_3).abs() < 1e-6 && !F.is_small());
            assert!((2.0 * normal_upper_tail(z) - 0.025_610_516_9).abs() < 1e-9);
        }
    }

    /// The fitted shares are the best of a fine grid: brute force.
    #[test]
    fn fitted_shares_are_the_most_likely_ones() {
        let log = |x: f64, n: f64, p: f64| {
            let part = |k: f64, q: f64| if k == 0.0 { 0.0 } else { k * q.ln() };
            part(x, p) + part(n - x, 1.0 - p)
        };
        for (x0, n0, x1, n1) in [(3.0, 40.0, 9.0, 50.0), (0.0, 30.0, 4.0, 20.0), (20.0, 20.0, 7.0, 30.0)] {
            for null in [Null::Difference(0.1), Null::Difference(-0.2), Null::Ratio(1.7), Null::Ratio(0.4)] {
                let of = |p: f64| match null {
                    Null::Difference(d) => p + d,
                    Null::Ratio(r) => r * p,
                };
                let likely = |p: f64| log(x0, n0, p) + log(x1, n1, of(p));
                let (p, _) = fitted(x0, n0, x1, n1, null);
                let best = (1..20_000)
                    .map(|k| f64::from(k) / 20_000.0)
                    .filter(|p| of(*p) > 0.0 && of(*p) < 1.0)
                    .max_by(|a, b| likely(*a).total_cmp(&likely(*b)))
                    .expect("a grid");
                assert!((p - best).abs() < 2e-4, "{x0}/{n0} {x1}/{n1} {null:?}: {p} {best}");
            }
        }
    }

    /// Brute force over all tables.
    #[test]
    fn the_walk_along_the_edge_counts_every_table() {
        let (n0, n1) = (14_u64, 9_u64);
        for (null, p0, p1) in [(Null::Difference(0.0), 0.3, 0.3), (Null::Ratio(2.0), 0.2, 0.4)] {
            for (x0, x1) in [(3_u64, 6_u64), (5, 5), (0, 2), (9, 1)] {
                let observed = score(x0 as f64, n0 as f64, x1 as f64, n1 as f64, null);
                let holds = |a: u64, b: u64| score(a as f64, n0 as f64, b as f64, n1 as f64, null) >= observed - 1e-9;
                let (c0, c1) = (Counts::of(n0, p0), Counts::of(n1, p1));
                let mut all = 0.0;
                for a in 0..=n0 {
                    for b in 0..=n1 {
                        if holds(a, b) {
                            all += c0.chance[(a - c0.first) as usize] * c1.chance[(b - c1.first) as usize];
                        }
                    }
                }
                assert!((upper_tail(&c0, &c1, holds) - all).abs() < 1e-12, "{null:?} {x0} {x1}");
            }
        }
    }

    /// The interval's ends are where the test just refuses; ends and p agree on "no effect".
    #[test]
    fn intervals_invert_the_test() {
        for shares in [F, Shares { x_control: 3, n_control: 60, x_arm: 11, n_arm: 55 }] {
            let critical = 1.959_963_985;
            let (low, high) = shares.difference_interval(critical);
            assert!(low < shares.difference() && shares.difference() < high);
            for end in [low, high] {
                assert!((shares.z(Null::Difference(end)).abs() - critical).abs() < 0.05, "{shares:?} {end}");
            }
            let (low_ratio, high_ratio) = shares.ratio_interval(critical);
            let high_ratio = high_ratio.expect("the control has events");
            let refused = shares.z(Null::Difference(0.0)).abs() > critical;
            assert_eq!(low > 0.0 || high < 0.0, refused);
            assert_eq!(low_ratio > 1.0 || high_ratio < 1.0, refused);
        }
    }

    /// Without events in the control no lift is too large to be true; without any in the arm none is too small.
    #[test]
    fn no_events_leave_an_end_open() {
        let none = Shares { x_control: 0, n_control: 50, x_arm: 6, n_arm: 50 };
        let (low, high) = none.ratio_interval(1.96);
        assert!(low > 1.0 && high.is_none(), "{low} {high:?}");
        let other = Shares { x_control: 6, n_control: 50, x_arm: 0, n_arm: 50 };
        let (low, high) = other.ratio_interval(1.96);
        assert!(low == 0.0 && high.is_some_and(|h| h < 1.0), "{low} {high:?}");
        let neither = Shares { x_control: 0, n_control: 50, x_arm: 0, n_arm: 50 };
        assert_eq!(neither.z(Null::Difference(0.0)), 0.0);
        let (low, high) = neither.difference_interval(1.96);
        assert!((-0.08..-0.04).contains(&low) && (0.04..0.08).contains(&high), "{low} {high}");
    }
}
