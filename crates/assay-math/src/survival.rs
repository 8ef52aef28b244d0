//! How long things last of which some have not ended yet.

use crate::estimate::Estimate;
use crate::normal::normal_quantile;

/// What the time is within which a share of the things ends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum EndsWithin {
    /// A time, in the unit of the spans, with its interval.
    Found(Estimate),
    /// Fewer than that share have ended when the last of them is seen.
    TooFewEnd,
    /// As many have, but its interval has no upper end.
    NoUpperEnd,
}

/// The time within which a share (0..1) of things ends. A span says how long a thing was seen, and whether it ended then; one that
/// did not has lasted longer than that, and is not left out: Kaplan and Meier (1958, "Nonparametric Estimation from Incomplete
/// Observations"). The interval is that of Brookmeyer and Crowley (1982, "A Confidence Interval for the Median Survival Time") on
/// the scale log(-log). Costs O(n log n).
pub fn ends_within(spans: &[(i64, bool)], share: f64, confidence: f64) -> EndsWithin {
    let mut sorted = spans.to_vec();
    // What ends at a time was still there then, as was what is seen no longer.
    sorted.sort_unstable_by_key(|&(length, has_ended)| (length, !has_ended));
    let z = normal_quantile(f64::midpoint(confidence, 1.0));
    let (mut left, mut greenwood) = (1.0_f64, 0.0_f64);
    let mut at_risk = sorted.len() as f64;
    let wanted = 1.0 - share;
    let (mut point, mut low, mut high) = (None, None, None);
    for group in sorted.chunk_by(|a, b| a.0 == b.0) {
        let ended = group.iter().filter(|s| s.1).count() as f64;
        if ended > 0.0 {
            left *= 1.0 - ended / at_risk;
            greenwood += ended / (at_risk * (at_risk - ended));
            let (lower, upper) = band(left, greenwood, z);
            // Sums of shares such as 1 - 0.9 are off by less than this.
            let reaches = |x: f64| x <= wanted + 1e-9;
            for (found, x) in [(&mut low, lower), (&mut point, left), (&mut high, upper)] {
                if found.is_none() && reaches(x) {
                    *found = Some(group[0].0 as f64);
                }
            }
        }
        at_risk -= group.len() as f64;
    }
    match (point, low, high) {
        (Some(point), Some(low), Some(high)) => EndsWithin::Found(Estimate::new(point, low, high, confidence)),
        (None, ..) => EndsWithin::TooFewEnd,
        _ => EndsWithin::NoUpperEnd,
    }
}

/// The ends of the interval of a share that is left, on the scale log(-log).
fn band(left: f64, greenwood: f64, z: f64) -> (f64, f64) {
    if left <= 0.0 {
        return (0.0, 0.0);
    }
    let width = z * greenwood.sqrt() / left.ln().abs();
    (left.powf(width.exp()), left.powf((-width).exp()))
}

#[cfg(test)]
mod tests {
    use super::{EndsWithin, ends_within};

    fn told(spans: &[(i64, bool)], share: f64) -> Option<(f64, f64, f64)> {
        match ends_within(spans, share, 0.95) {
            EndsWithin::Found(e) => Some((e.point, e.low, e.high)),
            _ => None,
        }
    }

    /// Remission of leukemia in weeks (Freireich and others 1963): the times of somebody else's program.
    /// `pip install lifelines==0.30.3; KaplanMeierFitter().fit(t, e); median_survival_time_; median_survival_times(confidence_interval_)`
    #[test]
    fn what_has_not_ended_counts_as_it_does_elsewhere() {
        let events = [6, 6, 6, 7, 10, 13, 16, 22, 23].map(|t| (t, true));
        let censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map(|t| (t, false));
        let treated: Vec<(i64, bool)> = events.into_iter().chain(censored).collect();
        // The median is 23, and its interval has no upper end.
        assert_eq!(ends_within(&treated, 0.5, 0.95), EndsWithin::NoUpperEnd);
        assert_eq!(ends_within(&treated, 0.9, 0.95), EndsWithin::TooFewEnd);
        let placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23];
        assert_eq!(told(&placebo.map(|t| (t, true)), 0.5), Some((8.0, 4.0, 11.0)));
        // Some of them seen no longer: `fit(placebo, seen)`, `percentile(0.1)`, `qth_survival_times(0.1, …)`.
        let seen = [1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1];
        let some: Vec<(i64, bool)> = placebo.into_iter().zip(seen.map(|s| s == 1)).collect();
        assert_eq!(told(&some, 0.5), Some((8.0, 5.0, 15.0)));
        assert_eq!(told(&some, 0.9), Some((22.0, 15.0, 23.0)));
        assert_eq!(ends_within(&[], 0.5, 0.95), EndsWithin::TooFewEnd);
    }
}
