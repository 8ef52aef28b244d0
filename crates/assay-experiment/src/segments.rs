//! Effects by segment (topic, place, age), partially pooled: no hunting for the segment in which it worked.
//!
//! 1. In each segment the arm is compared with the control by the primary metric (Welch's contrast).
//! 2. The segments' true effects are taken to scatter around one mean, and are drawn towards it by as much as their own errors say: see
//!    [`crate::past_tests`], whose method this is. With little scatter all segments get nearly one effect, however different they look.
//!
//! Intervals are of what is believed once all segments are known, for one look. Segments with fewer than two units in an arm, or whose
//! values are all one, are left out and named; below three segments nothing is pooled. A segment has to be known before the test: a
//! column that the promotion can move makes arms that chance did not draw.

use crate::means::{Before, Means};
use crate::past_tests::{PastTest, TESTS_MIN, Together, together};
use crate::tally::Tallied;
use assay_model::{Abstention, Outcome};

/// An arm over the segments.
#[derive(Debug, Clone, PartialEq)]
pub struct ArmSegments {
    /// The arm.
    pub arm: String,
    /// What the segments are told apart by.
    pub by: String,
    /// The segments that were compared, with their units in control and arm and their own results.
    pub segments: Vec<(String, u64, PastTest)>,
    /// What is believed of them together, in the same order.
    pub pooled: Outcome<Together>,
    /// Segments that could not be compared.
    pub left_out: Vec<String>,
}

/// Compares each arm with the control in each segment, by the first metric. `by` is what they are told apart by.
pub fn pooled(by: &str, parts: &[(String, Tallied)], control: &str, confidence: f64) -> Vec<ArmSegments> {
    let mut arms: Vec<&str> =
        parts.iter().flat_map(|p| &p.1.arms).map(|a| a.name.as_str()).filter(|a| *a != control).collect();
    arms.sort_unstable();
    arms.dedup();
    let each = arms.into_iter().map(|arm| {
        let (mut segments, mut left_out) = (Vec::new(), Vec::new());
        for (segment, tallied) in parts {
            let of = |name: &str| tallied.arms.iter().find(|a| a.name == name);
            let compared = of(control).zip(of(arm)).and_then(|(a, b)| {
                let means = Means::of(&a.cells[0].moments.sample()?, &b.cells[0].moments.sample()?, Before::Ignored)?;
                let test = PastTest { effect: means.difference, error: means.spread.sqrt() };
                Some((segment.clone(), a.n_units + b.n_units, test)).filter(|_| test.effect.is_finite())
            });
            match compared {
                Some(compared) => segments.push(compared),
                None => left_out.push(segment.clone()),
            }
        }
        let tests: Vec<PastTest> = segments.iter().map(|s| s.2).collect();
        let pooled = together(&tests, confidence).map_or_else(
            || {
                Outcome::Abstained(Abstention::new(
                    format!("{} segments could be compared", tests.len()),
                    format!("at least {TESTS_MIN} segments with units in control and arm"),
                ))
            },
            Outcome::Found,
        );
        ArmSegments { arm: arm.to_owned(), by: by.to_owned(), segments, pooled, left_out }
    });
    each.collect()
}

#[cfg(test)]
mod tests {
    use super::pooled;
    use crate::{Kind, Metric, Row, Tallied, Tally, UnitOf};
    use assay_math::{Random, Seed};
    use rand::RngExt;

    fn segment(random: &mut Random, n: u32, effect: f64) -> Tallied {
        let mut tally = Tally::new(vec![Metric { name: "m".to_owned(), kind: Kind::Binary }], UnitOf::Row);
        for k in 0..n {
            let (arm, p) = if k % 2 == 0 { ("a", 0.1) } else { ("b", 0.1 + effect) };
            let values = [Some((f64::from(u8::from(random.random_range(0.0..1.0) < p)), 1.0))];
            tally
                .take(&Row { arm, unit: None, cluster: None, id: None, values: &values, before: None })
                .expect("a row");
        }
        tally.conclude()
    }

    /// Forty segments of one effect: results scatter, pooled effects hardly do, and no segment stands out.
    #[test]
    fn segments_of_one_effect_are_drawn_together() {
        let mut random = Seed(3).random();
        let mut parts: Vec<(String, Tallied)> =
            (0..40).map(|k| (format!("s{k:02}"), segment(&mut random, 400, 0.05))).collect();
        parts.push(("tiny".to_owned(), segment(&mut random, 2, 0.0)));
        let found = pooled("place", &parts, "a", 0.95).pop().expect("one arm");
        let together = found.pooled.found().expect("enough");
        assert_eq!((found.arm.as_str(), found.segments.len(), found.left_out), ("b", 40, vec!["tiny".to_owned()]));
        let spread = |of: &[f64]| {
            let (low, high) = of.iter().fold((f64::MAX, f64::MIN), |(a, b), x| (a.min(*x), b.max(*x)));
            high - low
        };
        let raw: Vec<f64> = found.segments.iter().map(|s| s.2.effect).collect();
        let drawn: Vec<f64> = together.tests.iter().map(|t| t.effect.point).collect();
        assert!(spread(&drawn) < 0.5 * spread(&raw), "{} {}", spread(&drawn), spread(&raw));
        let held = together.tests.iter().filter(|t| t.effect.low <= 0.05 && t.effect.high >= 0.05).count();
        assert!(held >= 37, "{held} of 40 intervals hold the effect");
        assert!(pooled("place", &parts[..2], "a", 0.95)[0].pooled.found().is_none());
    }
}
