//! Two means (or ratios of sums) compared, with or without adjustment for what was known before.
//!
//! 1. The contrast is the arm's rate less the control's. With CUPED (Deng, Xu, Kohavi and Walker 2013) `theta` times the
//!    difference of what was known before is taken off; `theta` is the slope over both arms together, as `gbstats` has it.
//! 2. The statistic for "the arm exceeds the control by delta" is Welch's t. For "the arm is r times the control" it is the same
//!    contrast with the control weighted by r, so that at no effect both are one test; its inversion is Fieller's interval
//!    (1954), the exact form of an interval on the log-ratio scale. Where the control's mean is not told from zero, an end is
//!    open and is said to be.
//!
//! Limits: money is skewed. With few buyers in an arm its variance is mostly missed, and t errs too often: measured at 98 % zeros
//! and lognormal amounts, nominal 5 % is 16 % with 4 buyers in the smaller of arms 9 to 1, 10 % with 20, and 5 % in even
//! arms with 40 and more. Hall's transformation (1992) was tried against it and made even arms worse (8 %). So few buyers are
//! compared by dealing their amounts out again: see [`crate::skewed`].

use crate::moments::Sample;
use crate::shares::Null;
use assay_math::{normal_to_student, student_to_normal};

/// Whether what was known before is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before {
    /// It is not.
    Ignored,
    /// It is (CUPED).
    Used,
}

/// A comparison of two means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Means {
    /// The arm's mean less the control's, adjusted.
    pub difference: f64,
    /// The control's mean.
    pub control: f64,
    /// Variance of the difference.
    pub spread: f64,
    /// Variance of the control's mean.
    pub control_spread: f64,
    /// Covariance of the two.
    pub shared: f64,
    /// Degrees of freedom (Welch and Satterthwaite).
    pub df: f64,
    /// Slope on what was known before.
    pub theta: f64,
}

/// An interval for a ratio less 1; an end is `None` where it has no bound.
pub type OpenInterval = (Option<f64>, Option<f64>);

impl Means {
    /// Compares an arm with the control. `None` where neither varies.
    pub fn of(control: &Sample, arm: &Sample, before: Before) -> Option<Self> {
        let ((v0, c0), (v1, c1)) = (control.rate_spread(), arm.rate_spread());
        let theta = match before {
            Before::Ignored => 0.0,
            Before::Used => slope(control, arm),
        };
        let (x0, x1) = (control.xx / control.n, arm.xx / arm.n);
        let adjusted = |v: f64, c: f64, x: f64| (v - 2.0 * theta * c + theta * theta * x).max(0.0);
        let (s0, s1) = (adjusted(v0, c0, x0), adjusted(v1, c1, x1));
        let spread = s0 + s1;
        if spread.is_nan() || spread <= 0.0 {
            return None;
        }
        let df = spread * spread / (s0 * s0 / (control.n - 1.0) + s1 * s1 / (arm.n - 1.0));
        Some(Self {
            difference: arm.rate() - control.rate() - theta * (arm.x - control.x),
            control: control.rate(),
            spread,
            control_spread: v0,
            shared: theta * c0 - v0,
            df,
            theta,
        })
    }

    /// Welch's statistic for a null.
    pub fn statistic(&self, null: Null) -> f64 {
        match null {
            Null::Difference(delta) => (self.difference - delta) / self.spread.sqrt(),
            Null::Ratio(ratio) => {
                let lift = ratio - 1.0;
                let spread = self.spread + lift * lift * self.control_spread - 2.0 * lift * self.shared;
                (self.difference - lift * self.control) / spread.max(f64::MIN_POSITIVE).sqrt()
            }
        }
    }

    /// How far the arm lies above what the null says, as a normal deviate.
    pub fn z(&self, null: Null) -> f64 {
        student_to_normal(self.statistic(null), self.df)
    }

    /// Lowest and highest difference that is not refused at this deviate.
    pub fn difference_interval(&self, critical: f64) -> (f64, f64) {
        let reach = normal_to_student(critical, self.df) * self.spread.sqrt();
        (self.difference - reach, self.difference + reach)
    }

    /// Lowest and highest relative lift that is not refused at this deviate (Fieller).
    pub fn lift_interval(&self, critical: f64) -> OpenInterval {
        let t = normal_to_student(critical, self.df);
        self.lift_between(t, t)
    }

    /// The lifts whose statistic lies at most `above` over 0 and at most `below` under it.
    pub fn lift_between(&self, above: f64, below: f64) -> OpenInterval {
        (self.lift_edge(above, Side::Low), self.lift_edge(below, Side::High))
    }

    /// The relative lift; `None` where the control's mean is not above 0.
    pub fn lift(&self) -> Option<f64> {
        (self.control > 0.0).then(|| self.difference / self.control)
    }

    /// Where the lift's statistic is `t`: a root of `(difference - lift * control)^2 = t^2 * spread(lift)`.
    fn lift_edge(&self, t: f64, side: Side) -> Option<f64> {
        let tt = t * t;
        let a = self.control * self.control - tt * self.control_spread;
        let b = self.difference * self.control - tt * self.shared;
        let c = self.difference * self.difference - tt * self.spread;
        let root = (b * b - a * c).max(0.0).sqrt();
        if a > 0.0 {
            return Some(match side {
                Side::Low => (b - root) / a,
                Side::High => (b + root) / a,
            });
        }
        // The control's mean is not told from zero: what is not refused lies outside the roots, or is everything.
        if b * b - a * c < 0.0 || a == 0.0 {
            return None;
        }
        let (first, second) = ((b + root) / a, (b - root) / a);
        let point = self.difference / self.control;
        match side {
            Side::Low if point >= second => Some(second).filter(|_| first < -1.0 || first < second),
            Side::High if point <= first => Some(first),
            _ => None,
        }
    }
}

#[derive(Clone, Copy)]
enum Side {
    Low,
    High,
}

/// The slope of what is measured on what was known before, over both arms together (differences between arms included).
fn slope(control: &Sample, arm: &Sample) -> f64 {
    let n = control.n + arm.n;
    let gap = control.n * arm.n / n;
    // Of the linearised rate, so that ratios are adjusted too.
    let along = |s: &Sample| (s.yx - s.rate() * s.dx) / s.d * (s.n - 1.0);
    let with = along(control) + along(arm) + gap * (arm.rate() - control.rate()) * (arm.x - control.x);
    let own = control.xx * (control.n - 1.0) + arm.xx * (arm.n - 1.0) + gap * (arm.x - control.x).powi(2);
    if own > 0.0 { with / own } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::{Before, Means};
    use crate::moments::Sample;
    use crate::shares::Null;

    fn sample(n: f64, y: f64, yy: f64) -> Sample {
        Sample { y, yy, ..Sample::of_sums(n, 0.0, 0.0) }
    }

    /// The ends are where the statistic reaches the critical deviate.
    #[test]
    fn intervals_invert_the_test() {
        let means = Means::of(&sample(40.0, 2.0, 9.0), &sample(60.0, 3.0, 12.0), Before::Ignored).expect("spread");
        let (low, high) = means.difference_interval(1.2);
        assert!((means.z(Null::Difference(low)) - 1.2).abs() < 1e-8);
        assert!((means.z(Null::Difference(high)) + 1.2).abs() < 1e-8);
        let (low, high) = means.lift_interval(1.2);
        let (low, high) = (low.expect("bounded"), high.expect("bounded"));
        assert!((means.z(Null::Ratio(1.0 + low)) - 1.2).abs() < 1e-8);
        assert!((means.z(Null::Ratio(1.0 + high)) + 1.2).abs() < 1e-8);
    }

    #[test]
    fn a_control_not_told_from_zero_leaves_the_lift_open() {
        let means = Means::of(&sample(50.0, 0.1, 4.0), &sample(50.0, 2.0, 4.0), Before::Ignored).expect("spread");
        let (low, high) = means.lift_interval(1.96);
        assert!(high.is_none(), "{low:?} {high:?}");
        assert!(Means::of(&sample(50.0, 1.0, 0.0), &sample(50.0, 1.0, 0.0), Before::Ignored).is_none());
    }
}
