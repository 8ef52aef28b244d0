//! How far an effect on an amount hangs on its largest units.
//!
//! 1. The largest units of control and arm together are left out, one and ten of them, and the contrast (adjusted for what was
//!    known before where the reading is) is made again.
//! 2. All amounts above the cap next above the 95th, 99th and 99.9th percentile of amounts above 0 are lowered to it; what was known
//!    before is not used there, for it is not kept by amount.
//! 3. Each contrast's interval, under the reading's own rule for looking, is held against what decides: the difference that the
//!    verdict asks for, or none. Where the whole interval lies on another side than the same contrast's of all units, the answer
//!    hangs on those that were left out.
//!
//! Limits: leaving out the largest is no estimate of anything, for large orders are orders too; it tells who decides. Units are
//! looked at one metric at a time; one customer in several rows is one only where the reading sums by unit.

use crate::caps::{Caps, cap_at};
use crate::means::{Before, Means};
use crate::moments::Moments;
use crate::reading::Range;
use crate::rule::Rule;
use crate::tally::Cell;

/// The share of squares about the mean that has to be left for the rest to be told from rounding.
const LEFT_MIN: f64 = 1e-10;
/// Largest units that are kept of each arm.
pub const KEPT: usize = 10;
/// Units that are looked at together.
const LOOKED_AT: usize = 64;
/// Quantiles of the amounts above 0 that the amounts are capped at.
pub const CAPPED_AT: [f64; 3] = [0.999, 0.99, 0.95];

/// The largest units of an arm, by amount.
#[derive(Debug, Clone, Default)]
pub struct Largest {
    /// `(y, d, x)` of each, the largest first.
    units: Vec<(f64, f64, f64)>,
}

impl Largest {
    /// Meets a unit.
    pub fn meet(&mut self, y: f64, d: f64, x: f64) {
        if self.units.len() == KEPT && self.units.last().is_some_and(|least| y <= least.0) {
            return;
        }
        let place = self.units.partition_point(|u| u.0 >= y);
        self.units.truncate(KEPT - usize::from(place < KEPT && self.units.len() == KEPT));
        self.units.insert(place, (y, d, x));
    }

    /// A unit with less is not among the largest.
    pub(crate) fn least(&self) -> f64 {
        if self.units.len() == KEPT { self.units[KEPT - 1].0 } else { f64::NEG_INFINITY }
    }

    /// Meets many units that are measured per 1: `(y, x)` each.
    pub fn meet_plain(&mut self, y: &[f64], x: &[f64]) {
        for (y, x) in y.chunks(LOOKED_AT).zip(x.chunks(LOOKED_AT)) {
            let least = self.least();
            // Nearly always none of them is among the largest.
            if y.iter().copied().fold(f64::NEG_INFINITY, f64::max) > least {
                y.iter().zip(x).for_each(|(y, x)| self.meet(*y, 1.0, *x));
            }
        }
    }

    /// Meets the units of another that come behind these.
    pub fn join(&mut self, other: &Self) {
        other.units.iter().for_each(|(y, d, x)| self.meet(*y, *d, *x));
    }
}

/// Where an interval lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Above what decides.
    Above,
    /// Below it.
    Below,
    /// On both sides.
    Across,
}

/// What was done with the largest units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Less {
    /// So many were left out, over control and arm.
    LeftOut(u64),
    /// So many were lowered to a cap.
    CappedAt {
        /// Units of control and arm above it.
        n: u64,
        /// The cap.
        cap: f64,
        /// The quantile of the amounts above 0 that it lies next above.
        quantile: f64,
    },
}

impl Less {
    /// Units that it was done to.
    pub fn n(self) -> u64 {
        match self {
            Self::LeftOut(n) | Self::CappedAt { n, .. } => n,
        }
    }
}

/// The effect without its largest units.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Without {
    /// What was done.
    pub less: Less,
    /// The difference then.
    pub difference: Range,
    /// Where its interval lies.
    pub side: Side,
    /// Whether that is another side than with all units by the same method, which may be a plainer one than the reading's.
    pub moved: bool,
}

/// How far an effect hangs on its largest units.
#[derive(Debug, Clone, PartialEq)]
pub struct Influence {
    /// The metric.
    pub metric: String,
    /// The arm.
    pub arm: String,
    /// What the difference is held against.
    pub against: f64,
    /// Where the interval with all units lies.
    pub side: Side,
    /// The effect without some.
    pub without: Vec<Without>,
}

impl Influence {
    /// The fewest units that are left out for the interval to lie on another side; `None` if it stays where it is.
    pub fn hangs_on(&self) -> Option<u64> {
        let left_out = |w: &&Without| matches!(w.less, Less::LeftOut(_));
        self.without.iter().filter(left_out).filter(|w| w.moved).map(|w| w.less.n()).min()
    }
}

/// What the interval of an effect is made by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    pub(crate) rule: Rule,
    pub(crate) alpha: f64,
    pub(crate) before: Before,
    pub(crate) against: f64,
}

fn side(low: f64, high: f64, against: f64) -> Side {
    if low > against {
        Side::Above
    } else if high < against {
        Side::Below
    } else {
        Side::Across
    }
}

/// Makes the contrast again without the largest units. `ends` are those of the interval with all units. Empty where nothing can be
/// left out: an arm would keep fewer than two units, or nothing would vary.
pub(crate) fn without_largest(cells: [&Cell; 2], ends: (f64, f64), held: Held) -> (Side, Vec<Without>) {
    let mut all = Vec::new();
    let critical = held.rule.critical(held.alpha);
    let samples = cells.map(|c| c.moments.sample());
    let whole = |before| {
        let [Some(a), Some(b)] = samples else { return None };
        let (low, high) = Means::of(&a, &b, before)?.difference_interval(critical);
        Some(side(low, high, held.against))
    };
    let mut tell = |less, means: Option<Means>, before| {
        let Some(means) = means else { return };
        let (low, high) = means.difference_interval(critical);
        let finite = |end: f64| Some(end).filter(|e| e.is_finite());
        let difference =
            Range { point: means.difference, low: finite(low), high: finite(high), confidence: 1.0 - held.alpha };
        let now = side(low, high, held.against);
        all.push(Without { less, difference, side: now, moved: whole(before).is_some_and(|all| all != now) });
    };
    for n in [1, KEPT] {
        let kept = leave_out(cells, n);
        if let Some([a, b]) = kept.map(|kept| kept.map(|m| m.sample()))
            && let (Some(a), Some(b)) = (a, b)
        {
            tell(Less::LeftOut(n as u64), Means::of(&a, &b, held.before), held.before);
        }
    }
    let caps = cells.map(|c| &c.caps);
    let mut before = None;
    for quantile in CAPPED_AT {
        // Two quantiles of few amounts may have one cap.
        if let Some((cap, n)) = cap(&caps, quantile)
            && before.replace(cap) != Some(cap)
            && let (Some(a), Some(b)) = (caps[0].capped(cap), caps[1].capped(cap))
        {
            tell(Less::CappedAt { n, cap, quantile }, Means::of(&a, &b, Before::Ignored), Before::Ignored);
        }
    }
    (side(ends.0, ends.1, held.against), all)
}

/// Both arms without the `n` largest units of the two together.
fn leave_out(cells: [&Cell; 2], n: usize) -> Option<[Moments; 2]> {
    let units = |k: usize| cells[k].largest.units.iter().map(move |u| (k, *u));
    let mut largest: Vec<(usize, (f64, f64, f64))> = units(0).chain(units(1)).collect();
    // A stable order: of equal ones the control's come first.
    largest.sort_by(|a, b| b.1.0.total_cmp(&a.1.0));
    largest.truncate(n);
    let mut kept = cells.map(|c| c.moments.clone());
    for (k, (y, d, x)) in &largest {
        kept[*k].remove(*y, *d, *x);
    }
    // What is left of sums that one unit made up is rounding.
    let squares = |m: &Moments| m.sample().map_or(0.0, |s| s.yy * (s.n - 1.0));
    let is_told = |k: usize| squares(&kept[k]) >= LEFT_MIN * squares(&cells[k].moments);
    (largest.len() == n && (0..2).all(|k| kept[k].n() >= 2 && is_told(k))).then_some(kept)
}

/// The cap next above a quantile of the amounts above 0, and how many lie above it; `None` where none does.
fn cap(caps: &[&Caps; 2], quantile: f64) -> Option<(f64, u64)> {
    let cap = cap_at(caps, quantile)?;
    let n: u64 = caps.iter().map(|c| c.n_from(cap)).sum();
    (n > 0).then_some((cap, n))
}

#[cfg(test)]
mod tests {
    use super::{Held, KEPT, Largest, Less, Side, without_largest};
    use crate::means::{Before, Means};
    use crate::rule::Rule;
    use crate::tally::{Kind, Metric, Row, Tallied, Tally, UnitOf};

    fn tallied(rows: &[(&str, f64, f64)]) -> Tallied {
        let mut tally = Tally::new(vec![Metric { name: "m".to_owned(), kind: Kind::Amount }], UnitOf::Row);
        for (arm, y, x) in rows {
            let values = [Some((*y, 1.0))];
            let row = Row { arm, unit: None, cluster: None, id: None, values: &values, before: Some(*x) };
            tally.take(&row).expect("a row");
        }
        tally.conclude()
    }

    /// Both arms alike but for one order of 9,000 in the second.
    fn rows() -> Vec<(&'static str, f64, f64)> {
        let mut rows: Vec<_> = (0..600_u32)
            .map(|k| (if k % 2 == 0 { "a" } else { "b" }, f64::from(k / 2 % 30) * 1.5, f64::from(k / 2 % 7)))
            .collect();
        rows.push(("b", 9_000.0, 3.0));
        rows
    }

    /// Brute force: the rows without the largest, compared anew.
    #[test]
    fn leaving_out_is_reading_the_other_rows() {
        for before in [Before::Ignored, Before::Used] {
            let all = tallied(&rows());
            let held = Held { rule: Rule::Fixed, alpha: 0.05, before, against: 1.0 };
            let (side, without) = without_largest([&all.arms[0].cells[0], &all.arms[1].cells[0]], (1.5, 60.0), held);
            assert_eq!(side, Side::Above);
            for (n, found) in [1, KEPT].into_iter().zip(&without) {
                // Of equal amounts the control's are left out first.
                let mut out = rows();
                out.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(b.0)));
                out.truncate(n);
                let mut left = rows();
                for row in out {
                    let place = left.iter().position(|r| *r == row).expect("a row");
                    left.remove(place);
                }
                let s = tallied(&left);
                let s = [0, 1].map(|k| s.arms[k].cells[0].moments.sample().expect("units"));
                let means = Means::of(&s[0], &s[1], before).expect("they vary");
                assert!((means.difference - found.difference.point).abs() < 1e-9, "{n}");
                let low = means.difference_interval(Rule::Fixed.critical(0.05)).0;
                assert!((low - found.difference.low.expect("an end")).abs() < 1e-9, "{n}");
                assert_eq!((found.less, found.side, found.moved), (Less::LeftOut(n as u64), Side::Across, false));
            }
        }
    }

    #[test]
    fn the_largest_are_kept_in_order_however_they_come() {
        let value = |k: u32| f64::from(k * 7_919 % 211);
        let (mut all, mut joined) = (Largest::default(), Largest::default());
        for from in [0, 70, 140] {
            let mut part = Largest::default();
            for k in from..from + 70 {
                all.meet(value(k), 1.0, f64::from(k));
                part.meet(value(k), 1.0, f64::from(k));
            }
            joined.join(&part);
        }
        let mut sorted: Vec<f64> = (0..210).map(value).collect();
        sorted.sort_by(|a, b| b.total_cmp(a));
        assert_eq!(all.units.iter().map(|u| u.0).collect::<Vec<_>>(), sorted[..KEPT]);
        assert_eq!(all.units, joined.units);
        let mut few = Largest::default();
        (0..3).for_each(|k| few.meet(value(k), 1.0, 0.0));
        assert_eq!(few.units.len(), 3);
    }

    /// Brute force: the rows with their amounts lowered to each cap, compared anew; rarer caps take fewer.
    #[test]
    fn capping_is_reading_lowered_rows() {
        let rows = || -> Vec<(&str, f64, f64)> {
            // The largest hundredth spans several bins.
            let amount = |k: u32| (f64::from(k * 7_919 % 2_400) / 2_400.0).powi(40) * 1e6;
            (0..2_400_u32).map(|k| (if k % 2 == 0 { "a" } else { "b" }, amount(k), f64::from(k / 2 % 7))).collect()
        };
        let all = tallied(&rows());
        let held = Held { rule: Rule::Fixed, alpha: 0.05, before: Before::Used, against: 1.0 };
        let (_, without) = without_largest([&all.arms[0].cells[0], &all.arms[1].cells[0]], (1.5, 60.0), held);
        let mut quantiles = Vec::new();
        for w in &without {
            let Less::CappedAt { n, cap, quantile } = w.less else { continue };
            quantiles.push(quantile);
            assert_eq!(n, rows().iter().filter(|r| r.1 >= cap).count() as u64);
            let (above, below) = (rows(), rows());
            let above = above.iter().filter(|r| r.1 > 0.0).count() as f64;
            let below = below.iter().filter(|r| r.1 > 0.0 && r.1 < cap).count() as f64;
            assert!(below >= quantile * above, "{quantile} {cap}");
            let lowered: Vec<_> = rows().into_iter().map(|(arm, y, x)| (arm, y.min(cap), x)).collect();
            let s = tallied(&lowered);
            let s = [0, 1].map(|k| s.arms[k].cells[0].moments.sample().expect("units"));
            let means = Means::of(&s[0], &s[1], Before::Ignored).expect("they vary");
            assert!((means.difference - w.difference.point).abs() < 1e-9 * cap, "{cap}");
            let low = means.difference_interval(Rule::Fixed.critical(0.05)).0;
            assert!((low - w.difference.low.expect("an end")).abs() < 1e-9 * cap, "{cap}");
        }
        assert_eq!(quantiles, super::CAPPED_AT);
    }

    #[test]
    fn nothing_is_left_out_of_too_few() {
        let all = tallied(&rows()[..6]);
        let held = Held { rule: Rule::Fixed, alpha: 0.05, before: Before::Ignored, against: 0.0 };
        let cells = [&all.arms[0].cells[0], &all.arms[1].cells[0]];
        let (_, without) = without_largest(cells, (-1.0, 1.0), held);
        assert_eq!(without.iter().map(|w| w.less).collect::<Vec<_>>(), [Less::LeftOut(1)]);
    }

    /// An adjustment makes the reading's interval narrower than the plain one of capped amounts: nothing hangs on few then.
    #[test]
    fn a_plainer_method_is_no_large_unit() {
        let noise = |k: u32| f64::from(k * 7_919 % 101);
        let rows: Vec<(&str, f64, f64)> = (0..8_000_u32)
            .map(|k| {
                let large = if k < 16 { 5_000.0 + 300.0 * f64::from(k) } else { 0.0 };
                let known = 40.0 * noise(k / 2) + large;
                (if k % 2 == 0 { "a" } else { "b" }, known + noise(k + 7) + 30.0 * f64::from(k % 2), known)
            })
            .collect();
        let all = tallied(&rows);
        let cells = [&all.arms[0].cells[0], &all.arms[1].cells[0]];
        let held = Held { rule: Rule::Fixed, alpha: 0.05, before: Before::Used, against: 0.0 };
        let samples = cells.map(|c| c.moments.sample().expect("units"));
        let ends = Means::of(&samples[0], &samples[1], Before::Used).expect("they vary");
        let ends = ends.difference_interval(Rule::Fixed.critical(0.05));
        let (side, without) = without_largest(cells, ends, held);
        let capped = without.iter().find(|w| matches!(w.less, Less::CappedAt { .. })).expect("capped");
        assert!(side == Side::Above && capped.side == Side::Across);
        assert!(without.iter().all(|w| !w.moved), "{without:?}");
    }

    #[test]
    fn what_one_unit_made_up_leaves_nothing_to_tell() {
        let mut rows = rows();
        rows.push(("b", 1e13, 3.0));
        let all = tallied(&rows);
        let held = Held { rule: Rule::Fixed, alpha: 0.05, before: Before::Ignored, against: 0.0 };
        let cells = [&all.arms[0].cells[0], &all.arms[1].cells[0]];
        let left = without_largest(cells, (-1.0, 1.0), held).1;
        assert!(left.iter().all(|w| !matches!(w.less, Less::LeftOut(_))), "{left:?}");
    }
}
