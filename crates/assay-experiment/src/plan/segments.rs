//! What a reading by segment can find, beforehand: segments by topic, demographic or place, each holding both arms.
//!
//! 1. Every factor sorts all units: with topics and ages the same people are read by topic, and again by age, so that a factor takes
//!    no people from another (a factorial design). Within each cell of all factors the arms are dealt (`assign --strata`).
//! 2. The reading draws the segments' differences together (see [`crate::segments`]). Its reach is found by making results of such
//!    segments [`RUNS`] times and drawing them together by the same function: the smallest true lift in a segment whose interval then lies
//!    above 0 as often as the power says. It depends on the other segments: where they have the same lift, they help; where they have
//!    none, they hold it back. Both are told.
//! 3. Beside it stands what tests of each segment by itself would take, at alpha shared among them (Bonferroni).
//! 4. A factor is told apart where the lift worth finding, in one of its smallest segments alone, is found at least every other time.
//!
//! Limits: errors are taken as known, and the spread as the control's in all segments. Of rare orders a lift spreads more: with 3 % and a
//! lift of 30 % the arm's variance is a quarter more, and what is told is a fifteenth too hopeful.

use super::POWER_LEAST;
use super::designs::Candidate;
use crate::past_tests::{PastTest, TESTS_MIN, p_above};
use assay_math::{Random, Seed, normal_quantile};
use rand::RngExt;

/// Results that are made for a figure; a power has an error of 1.3 points then.
pub const RUNS: usize = 1_000;
/// Segments of a factor at most, as the reading has it.
pub const SEGMENTS_MAX: usize = 100;
/// Errors of a segment's own beyond which nothing is looked for.
const REACH: f64 = 40.0;

/// A way to sort units: a topic, an age, a place.
#[derive(Debug, Clone, PartialEq)]
pub struct Factor {
    /// Its name.
    pub name: String,
    /// The weights of its segments, above 0.
    pub weights: Vec<f64>,
}

/// What the design is, and what is wanted of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wanted {
    /// The level.
    pub alpha: f64,
    /// The power.
    pub power: f64,
    /// The lift that is worth finding.
    pub lift: f64,
    /// Where results are drawn from.
    pub seed: Seed,
}

/// What a reading by a factor can find in its smallest segment.
#[derive(Debug, Clone, PartialEq)]
pub struct ByFactor {
    /// The factor.
    pub factor: Factor,
    /// Units an arm in the smallest segment.
    pub n_smallest: f64,
    /// Standard error of its relative lift.
    pub error_lift: f64,
    /// The lift that is found with the power wanted if no other segment has one; `None` beyond forty errors.
    pub alone: Option<f64>,
    /// The same if all segments have it.
    pub alike: Option<f64>,
    /// The same by a test of its own, at alpha over the number of segments.
    pub separate: f64,
    /// Power for the lift worth finding, if no other segment has one.
    pub power: f64,
    /// How often some segment's interval lies to one side of 0 though none has a lift.
    pub any_false: f64,
    /// Units an arm over all segments that find the lift worth finding with the power wanted, drawn together.
    pub n_pooled: Option<f64>,
    /// The same by separate tests.
    pub n_separate: f64,
    /// Whether it can be told by this design.
    pub is_told: bool,
}

/// What a reading of the design by the factor can find. `None` below three segments, which the reading does not draw together.
pub fn by_factor(candidate: &Candidate, factor: &Factor, wanted: &Wanted) -> Option<ByFactor> {
    let n_segments = factor.weights.len();
    if n_segments < TESTS_MIN {
        return None;
    }
    let total: f64 = factor.weights.iter().sum();
    let shares: Vec<f64> = factor.weights.iter().map(|w| w / total).collect();
    // The smallest segment comes first.
    let mut shares = shares;
    shares.sort_by(f64::total_cmp);
    // Of a total over n units an arm the error is n times that of the mean, so a segment's mean has that over the root of its share.
    let error = candidate.error / candidate.baseline.max(f64::MIN_POSITIVE);
    let errors: Vec<f64> = shares.iter().map(|s| error / s.sqrt()).collect();
    let own = errors[0];
    let made = Made::of(&errors, wanted);
    let alone = made.reach(Others::WithNone, wanted.power);
    let power = made.power(Others::WithNone, wanted.lift);
    let z_power = normal_quantile(wanted.power);
    let separate = (normal_quantile(1.0 - wanted.alpha / (2.0 * n_segments as f64)) + z_power) * own;
    let n = candidate.n_units.1;
    let takes = |lift: f64| n * (lift / wanted.lift).powi(2);
    Some(ByFactor {
        factor: factor.clone(),
        n_smallest: n * shares[0],
        error_lift: own,
        alone,
        alike: made.reach(Others::Alike, wanted.power),
        separate,
        power,
        any_false: made.any_false(),
        n_pooled: alone.map(takes),
        n_separate: takes(separate),
        is_told: power >= POWER_LEAST,
    })
}

/// What the other segments have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Others {
    WithNone,
    Alike,
}

/// Results of segments without a lift, made beforehand; lifts are added to them.
struct Made<'a> {
    errors: &'a [f64],
    alpha: f64,
    noise: Vec<Vec<f64>>,
}

impl<'a> Made<'a> {
    fn of(errors: &'a [f64], wanted: &Wanted) -> Self {
        let mut random = wanted.seed.random();
        let noise = (0..RUNS).map(|_| errors.iter().map(|e| e * normal(&mut random)).collect()).collect();
        Self { errors, alpha: wanted.alpha, noise }
    }

    fn results(&self, run: usize, others: Others, lift: f64) -> Vec<PastTest> {
        let one = |(k, (x, e)): (usize, (&f64, &f64))| PastTest {
            effect: x + if k == 0 || others == Others::Alike { lift } else { 0.0 },
            error: *e,
        };
        self.noise[run].iter().zip(self.errors).enumerate().map(one).collect()
    }

    /// Whether the interval of the first segment lies above 0.
    fn is_found(&self, run: usize, others: Others, lift: f64) -> bool {
        let at = 1.0 - self.alpha / 2.0;
        p_above(&self.results(run, others, lift), &[0]).is_some_and(|p| p[0] >= at)
    }

    fn power(&self, others: Others, lift: f64) -> f64 {
        (0..RUNS).filter(|run| self.is_found(*run, others, lift)).count() as f64 / RUNS as f64
    }

    /// The smallest lift that is found this often. A run that finds a lift finds a larger one too, so only those are made again that
    /// are still open.
    fn reach(&self, others: Others, power: f64) -> Option<f64> {
        let wanted = (power * RUNS as f64).ceil() as usize;
        let (mut low, mut high) = (0.0, REACH * self.errors[0]);
        let mut open: Vec<usize> = (0..RUNS).collect();
        let mut n_below = 0;
        // Found with the largest lift, or never.
        open.retain(|run| self.is_found(*run, others, high));
        if open.len() < wanted {
            return None;
        }
        for _ in 0..16 {
            let middle = f64::midpoint(low, high);
            let (found, not): (Vec<usize>, Vec<usize>) =
                open.iter().partition(|run| self.is_found(**run, others, middle));
            if n_below + found.len() >= wanted {
                (high, open) = (middle, found);
            } else {
                n_below += found.len();
                (low, open) = (middle, not);
            }
        }
        Some(high)
    }

    fn any_false(&self) -> f64 {
        let all: Vec<usize> = (0..self.errors.len()).collect();
        let (low, high) = (self.alpha / 2.0, 1.0 - self.alpha / 2.0);
        let is_one = |run: &usize| {
            let p = p_above(&self.results(*run, Others::Alike, 0.0), &all);
            p.is_some_and(|p| p.iter().any(|p| *p <= low || *p >= high))
        };
        (0..RUNS).filter(is_one).count() as f64 / RUNS as f64
    }
}

fn normal(random: &mut Random) -> f64 {
    normal_quantile(random.random_range(f64::MIN_POSITIVE..1.0))
}

#[cfg(test)]
mod tests {
    use super::{Factor, Wanted, by_factor};
    use crate::plan::designs::{Candidate, OwnList, own_list};
    use crate::plan::{Aim, Prior};
    use crate::segments::pooled;
    use crate::{Kind, Metric, Row, Tallied, Tally, UnitOf};
    use assay_math::{Random, Seed};
    use rand::RngExt;

    /// Near one half, where a lift hardly moves the spread.
    const RATE: f64 = 0.45;

    fn design(n_people: f64) -> Candidate {
        let spread = (RATE * (1.0 - RATE)).sqrt();
        let list = OwnList { n_people, mean: RATE, spread, cost: 0.0, budget: None, per_week: None };
        let prior = Prior { mean: 0.0, spread: 0.1 };
        own_list(&list, &Aim { alpha: 0.05, power: 0.8, margin: 1.0, lift: Some(0.001), prior })
    }

    fn wanted(lift: f64) -> Wanted {
        Wanted { alpha: 0.05, power: 0.8, lift, seed: Seed(4) }
    }

    fn factor(weights: &[f64]) -> Factor {
        Factor { name: "topic".to_owned(), weights: weights.to_vec() }
    }

    fn rows(random: &mut Random, n_arm: u32, p: f64) -> Tallied {
        let mut tally = Tally::new(vec![Metric { name: "m".to_owned(), kind: Kind::Binary }], UnitOf::Row);
        for (arm, p) in [("off", RATE), ("on", p)] {
            for _ in 0..n_arm {
                let values = [Some((f64::from(u8::from(random.random_range(0.0..1.0) < p)), 1.0))];
                let row = Row { arm, unit: None, cluster: None, id: None, values: &values, before: None };
                tally.take(&row).expect("a row");
            }
        }
        tally.conclude()
    }

    /// How often `read --segment` finds the lift in the first segment of people that are made for it.
    fn found(n_arm: &[u32], lifts: &[f64], runs: u32, seed: u64) -> f64 {
        let mut random = Seed(seed).random();
        let mut n = 0.0;
        for _ in 0..runs {
            let part = |(k, n): (usize, &u32)| (format!("s{k}"), rows(&mut random, *n, RATE * (1.0 + lifts[k])));
            let parts: Vec<(String, Tallied)> = n_arm.iter().enumerate().map(part).collect();
            let read = pooled("topic", &parts, "off", 0.95).pop().expect("an arm");
            let low = read.pooled.found().expect("enough segments").tests[0].effect.low;
            n += f64::from(u8::from(low > 0.0));
        }
        n / f64::from(runs)
    }

    /// The lift that is said to be found with a power of 80 % is found that often by the reading itself, in made people: alone among
    /// segments without one, and where all have it; of even segments and of the smallest of uneven ones.
    #[test]
    fn what_is_foretold_is_found_as_often_by_the_reading() {
        for (weights, seed) in [(&[1.0; 4][..], 1), (&[3.0, 1.0, 2.0], 2)] {
            let total: f64 = weights.iter().sum();
            let n = 600.0 * total;
            let told = by_factor(&design(2.0 * n), &factor(weights), &wanted(0.15)).expect("segments");
            let mut sizes = weights.to_vec();
            sizes.sort_by(f64::total_cmp);
            let n_arm: Vec<u32> = sizes.iter().map(|w| (n * w / total) as u32).collect();
            let (alone, alike) = (told.alone.expect("in reach"), told.alike.expect("in reach"));
            assert!(alike < told.separate && alike < alone, "{told:?}");
            let mut lifts = vec![0.0; n_arm.len()];
            lifts[0] = alone;
            // A share of 250 runs has an error of 2.5 points; with that of the plan's own 1,000 it is 2.8.
            let power = found(&n_arm, &lifts, 250, seed);
            assert!((power - 0.8).abs() < 0.075, "alone: {power} {told:?}");
            let power = found(&n_arm, &vec![alike; n_arm.len()], 250, seed + 10);
            assert!((power - 0.8).abs() < 0.075, "alike: {power} {told:?}");
            if seed > 1 {
                continue;
            }
            lifts[0] = 0.15;
            let power = found(&n_arm, &lifts, 250, seed + 20);
            assert!((power - told.power).abs() < 0.075, "{power} {told:?}");
            let none = vec![0.0; n_arm.len()];
            assert!(found(&n_arm, &none, 250, seed + 30) < told.any_false + 0.04);
        }
    }

    #[test]
    fn what_cannot_be_told_is_said_and_what_it_takes() {
        let few = by_factor(&design(1_000.0), &factor(&[1.0; 12]), &wanted(0.2)).expect("segments");
        assert!(!few.is_told && few.power < 0.2, "{few:?}");
        let takes = few.n_pooled.expect("in reach");
        assert!(takes > 10_000.0 && few.n_separate > 1_000.0, "{few:?}");
        let many = by_factor(&design(2.0 * takes), &factor(&[1.0; 12]), &wanted(0.2)).expect("segments");
        assert!(many.is_told && (many.power - 0.8).abs() < 0.02, "{many:?}");
        assert!((many.alone.expect("in reach") - 0.2).abs() < 0.004, "{many:?}");
        // Two segments are not drawn together.
        assert_eq!(by_factor(&design(2_000.0), &factor(&[1.0; 2]), &wanted(0.2)), None);
    }
}
