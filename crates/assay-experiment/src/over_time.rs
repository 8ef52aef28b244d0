//! A split over its days: whether the effect wears off, days without rows, and the confidence sequence as it went.
//!
//! 1. Each day the arm is compared with the control by the primary metric (Welch's contrast on that day's units).
//! 2. Novelty: a line through the days' differences, weighted by their precision. Its slope bears an interval for one look; where days
//!    scatter more than their errors say, the interval is widened by that ratio.
//! 3. Cumulated over the days, the difference with the interval of the rule for looking, day by day: what a daily look would have shown.
//!
//! Days are those on which a unit came in. Units with several rows would stand on several days and are not read this way. Sums of
//! squares are cumulated, so amounts far from 0 with little spread lose digits: pictures, not verdicts, are made of them.

use crate::means::{Before, Means};
use crate::moments::Sample;
use crate::rule::Rule;
use crate::tally::Tallied;
use assay_math::{Estimate, normal_quantile, normal_upper_tail};

/// Days below which no slope is told.
pub const DAYS_MIN: usize = 5;

/// A day.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Day {
    /// Its number.
    pub day: i64,
    /// Units of control and arm that day.
    pub n_units: u64,
    /// The day's difference with its error, where both arms have units that differ.
    pub difference: Option<(f64, f64)>,
    /// The difference of all days up to this one, and its ends under the rule for looking.
    pub so_far: Option<(f64, f64, f64)>,
}

/// An arm over the days.
#[derive(Debug, Clone, PartialEq)]
pub struct OverTime {
    /// The arm.
    pub arm: String,
    /// The days, in order.
    pub days: Vec<Day>,
    /// Days between the first and the last without any row.
    pub n_missing: u64,
    /// Days on which only one of the two arms has units.
    pub n_one_sided: u64,
    /// Change of the effect a day, with its p-value; `None` below [`DAYS_MIN`] days that could be compared.
    pub slope: Option<(Estimate, f64)>,
}

/// Follows an arm against the control over days, by the first metric; `rule` is the rule for looking at so many units of both.
pub fn over_time(
    days: &[(i64, Tallied)],
    control: &str,
    arm: &str,
    confidence: f64,
    rule: &dyn Fn(u64) -> Rule,
) -> OverTime {
    let mut sums = [(0.0, 0.0, 0.0); 2];
    let mut found = OverTime { arm: arm.to_owned(), days: Vec::new(), n_missing: 0, n_one_sided: 0, slope: None };
    for (day, tallied) in days {
        let of = |name: &str| tallied.arms.iter().find(|a| a.name == name);
        let sides = [of(control), of(arm)];
        let units = sides.map(|s| s.map_or(0, |a| a.n_units));
        found.n_one_sided += u64::from((units[0] == 0) != (units[1] == 0));
        for (sum, side) in sums.iter_mut().zip(sides) {
            let Some(moments) = side.map(|s| &s.cells[0].moments) else { continue };
            let n = moments.n() as f64;
            // A day of one unit has no variance, and its square is its own.
            let squares = moments
                .sample()
                .map_or_else(|| moments.total() * moments.total(), |s| s.yy * (n - 1.0) + n * s.y * s.y);
            *sum = (sum.0 + n, sum.1 + moments.total(), sum.2 + squares);
        }
        let compared = |a: &Sample, b: &Sample| Means::of(a, b, Before::Ignored);
        let of_day = sides[0]
            .zip(sides[1])
            .and_then(|(a, b)| compared(&a.cells[0].moments.sample()?, &b.cells[0].moments.sample()?));
        let all = (sums[0].0 > 1.0 && sums[1].0 > 1.0)
            .then(|| sums.map(|s| Sample::of_sums(s.0, s.1, s.2)))
            .and_then(|[a, b]| compared(&a, &b));
        let n_all = (sums[0].0 + sums[1].0) as u64;
        found.days.push(Day {
            day: *day,
            n_units: units[0] + units[1],
            difference: of_day.map(|m| (m.difference, m.spread.sqrt())).filter(|d| d.1 > 0.0),
            so_far: all.map(|m| {
                let (low, high) = m.difference_interval(rule(n_all).critical(1.0 - confidence));
                (m.difference, low, high)
            }),
        });
    }
    if let (Some(first), Some(last)) = (found.days.first(), found.days.last()) {
        found.n_missing = ((last.day - first.day + 1) as u64).saturating_sub(found.days.len() as u64);
    }
    found.slope = slope(&found.days, confidence);
    found
}

fn slope(days: &[Day], confidence: f64) -> Option<(Estimate, f64)> {
    let points: Vec<(f64, f64, f64)> =
        days.iter().filter_map(|d| d.difference.map(|(y, e)| (d.day as f64, y, 1.0 / (e * e)))).collect();
    if points.len() < DAYS_MIN {
        return None;
    }
    let weight: f64 = points.iter().map(|p| p.2).sum();
    let mean = |of: &dyn Fn(&(f64, f64, f64)) -> f64| points.iter().map(|p| p.2 * of(p)).sum::<f64>() / weight;
    let (mx, my) = (mean(&|p| p.0), mean(&|p| p.1));
    let sxx: f64 = points.iter().map(|p| p.2 * (p.0 - mx).powi(2)).sum();
    let sxy: f64 = points.iter().map(|p| p.2 * (p.0 - mx) * (p.1 - my)).sum();
    if sxx <= 0.0 {
        return None;
    }
    let point = sxy / sxx;
    let left: f64 = points.iter().map(|p| p.2 * (p.1 - my - point * (p.0 - mx)).powi(2)).sum();
    let wide = (left / (points.len() as f64 - 2.0)).max(1.0);
    let error = (wide / sxx).sqrt();
    let reach = normal_quantile(f64::midpoint(1.0, confidence)) * error;
    let estimate = Estimate { point, low: point - reach, high: point + reach, confidence };
    Some((estimate, 2.0 * normal_upper_tail((point / error).abs())))
}

#[cfg(test)]
mod tests {
    use super::over_time;
    use crate::rule::Rule;
    use crate::{Kind, Metric, Row, Tallied, Tally, UnitOf};
    use assay_math::Seed;
    use rand::RngExt;

    fn days(seed: u64, effect: &dyn Fn(i64) -> f64) -> Vec<(i64, Tallied)> {
        let mut random = Seed(seed).random();
        (0..20)
            .filter(|day| *day != 7)
            .map(|day| {
                let mut tally = Tally::new(vec![Metric { name: "m".to_owned(), kind: Kind::Amount }], UnitOf::Row);
                for k in 0..200 {
                    let arm = if k % 2 == 0 { "a" } else { "b" };
                    let value = 10.0 + random.random_range(-2.0..2.0) + if arm == "b" { effect(day) } else { 0.0 };
                    let values = [Some((value, 1.0))];
                    let row = Row { arm, unit: None, cluster: None, id: None, values: &values, before: None };
                    tally.take(&row).expect("a row");
                }
                (day, tally.conclude())
            })
            .collect()
    }

    #[test]
    fn an_effect_that_wears_off_has_a_slope() {
        let rule = |n: u64| Rule::Anytime { n: n as f64 };
        let fading = over_time(&days(1, &|day| 1.0 - 0.05 * day as f64), "a", "b", 0.95, &rule);
        let (slope, p) = fading.slope.expect("enough days");
        assert!(slope.low < -0.05 && slope.high > -0.05 && slope.high < 0.0 && p < 0.01, "{slope:?} {p}");
        assert_eq!((fading.n_missing, fading.n_one_sided, fading.days.len()), (1, 0, 19));
        let steady = over_time(&days(2, &|_| 0.5), "a", "b", 0.95, &rule);
        let (slope, _) = steady.slope.expect("enough days");
        assert!(slope.low < 0.0 && slope.high > 0.0, "{slope:?}");
        // What was so far is, on the last day, the comparison of all rows.
        let (point, low, high) = steady.days[18].so_far.expect("the last day");
        assert!(low < 0.5 && 0.5 < high && (point - 0.5).abs() < 0.15, "{low} {point} {high}");
        let first = steady.days[0].so_far.expect("the first day");
        assert!(first.2 - first.1 > 3.0 * (high - low), "the sequence narrows");
        assert!(over_time(&days(2, &|_| 0.5)[..4], "a", "b", 0.95, &rule).slope.is_none());
    }
}
