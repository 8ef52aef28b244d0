//! What an engagement goes along with in revenue, from the weeks of posts and the weeks of orders.
//!
//! ```text
//! revenue of a week = a + b * week + value * engagements of the week's posts + noise
//! ```
//!
//! by least squares. The line over time takes up what grows with both, so that a shop and a page that merely grow together are
//! not told that one pays for the other. Noise that goes on from week to week widens the error by (1 + r) / (1 - r), r its
//! correlation from one week to the next (Bartlett 1946). Limits: it is an association, not an effect; orders that come weeks after a
//! post are not caught; and a page that always gets as many engagements says nothing.

use assay_math::{Estimate, normal_quantile, normal_to_student};
use assay_model::{Abstention, Outcome};

/// Fewer weeks than this say nothing (made: three numbers are fitted, and noise is told from what is left).
pub const WEEKS_MIN: usize = 12;

/// A week that posts and orders both cover.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct WeekTold {
    /// Its number; weeks without posts are there too.
    pub week: i64,
    /// Engagements with the posts of the week.
    pub engagements: f64,
    /// Revenue of the week in minor units.
    pub revenue_minor: f64,
}

/// Revenue, in minor units, that goes along with one more engagement.
pub fn value_of_engagement(weeks: &[WeekTold], confidence: f64) -> Outcome<Estimate> {
    let abstained = |why: String, settle: &str| Outcome::Abstained(Abstention::new(why, settle));
    let n = weeks.len();
    if n < WEEKS_MIN {
        return abstained(
            format!("posts and orders share {n} whole weeks, and {WEEKS_MIN} are needed"),
            "posts with times and engagements, and orders, over the same months",
        );
    }
    let time: Vec<f64> = weeks.iter().map(|w| w.week as f64).collect();
    let engaged = beside(&weeks.iter().map(|w| w.engagements).collect::<Vec<_>>(), &time);
    let revenue = beside(&weeks.iter().map(|w| w.revenue_minor).collect::<Vec<_>>(), &time);
    let spread: f64 = engaged.iter().map(|e| e * e).sum();
    let most = weeks.iter().map(|w| w.engagements).fold(0.0, f64::max);
    if spread <= 1e-9 * n as f64 * most * most {
        return abstained(
            "every week has as many engagements, or as many more than the last".to_owned(),
            "weeks with many posts and weeks with none, in an order that chance decides",
        );
    }
    let value = engaged.iter().zip(&revenue).map(|(e, r)| e * r).sum::<f64>() / spread;
    let left: Vec<f64> = engaged.iter().zip(&revenue).map(|(e, r)| r - value * e).collect();
    let squares: f64 = left.iter().map(|x| x * x).sum();
    let next: f64 = left.windows(2).map(|w| w[0] * w[1]).sum();
    let goes_on = if squares > 0.0 { (next / squares).clamp(0.0, 0.9) } else { 0.0 };
    let freedom = (n - 3) as f64;
    let error = (squares / freedom / spread * (1.0 + goes_on) / (1.0 - goes_on)).sqrt();
    let t = normal_to_student(normal_quantile(0.5 + confidence / 2.0), freedom);
    Outcome::Found(Estimate::new(value, value - t * error, value + t * error, confidence))
}

/// What is left of values beside a line over time.
fn beside(values: &[f64], time: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    let (mean, middle) = (values.iter().sum::<f64>() / n, time.iter().sum::<f64>() / n);
    let spread: f64 = time.iter().map(|t| (t - middle).powi(2)).sum();
    let slope = values.iter().zip(time).map(|(v, t)| (v - mean) * (t - middle)).sum::<f64>() / spread.max(1e-300);
    values.iter().zip(time).map(|(v, t)| v - mean - slope * (t - middle)).collect()
}

#[cfg(test)]
mod tests {
    use super::{WEEKS_MIN, WeekTold, value_of_engagement};
    use assay_math::Seed;
    use assay_model::Outcome;
    use assay_model::synth::Draw;

    fn weeks(n: usize, value: f64, seed: u64) -> Vec<WeekTold> {
        let mut draw = Draw::new(Seed(seed));
        (0..n)
            .map(|week| {
                let engagements = draw.between(20.0, 120.0) + week as f64;
                let revenue_minor = 50_000.0 + 900.0 * week as f64 + value * engagements + draw.between(-6e3, 6e3);
                WeekTold { week: week as i64, engagements, revenue_minor }
            })
            .collect()
    }

    /// Nine of ten intervals hold the value with which the weeks were made; of 300, 255 or more by five standard errors.
    #[test]
    fn intervals_hold_the_value() {
        for value in [0.0, 80.0] {
            let held = (0..300).filter(|seed| {
                let told = value_of_engagement(&weeks(40, value, *seed), 0.9);
                told.found().is_some_and(|e| e.low <= value && value <= e.high)
            });
            let held = held.count();
            assert!((244..=296).contains(&held), "{value}: {held} of 300");
        }
    }

    /// Least squares by hand: revenue 3 per engagement beside a line, without noise.
    #[test]
    fn without_noise_the_value_is_exact() {
        let told: Vec<WeekTold> = (0..14)
            .map(|week| {
                let engagements = f64::from(week * week % 7);
                WeekTold {
                    week: week.into(),
                    engagements,
                    revenue_minor: 10.0 + 2.0 * f64::from(week) + 3.0 * engagements,
                }
            })
            .collect();
        let found = *value_of_engagement(&told, 0.9).found().expect("weeks enough");
        assert!((found.point - 3.0).abs() < 1e-9 && found.high - found.low < 1e-6, "{found:?}");
    }

    /// A shop and a page that grow together, week by week, are no evidence.
    #[test]
    fn growing_together_is_not_value() {
        let mut told = weeks(30, 0.0, 4);
        for w in &mut told {
            w.engagements = 10.0 * w.week as f64;
        }
        assert!(matches!(value_of_engagement(&told, 0.9), Outcome::Abstained(_)));
        assert!(matches!(value_of_engagement(&told[..WEEKS_MIN - 1], 0.9), Outcome::Abstained(_)));
        assert!(matches!(value_of_engagement(&[], 0.9), Outcome::Abstained(_)));
    }
}
