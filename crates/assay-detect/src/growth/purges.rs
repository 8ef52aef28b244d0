//! Losses that are known by two follower lists: between which of them far more went than between the others.
//!
//! 1. The losses between two lists that follow one another are counted; a loss lies somewhere between the two.
//! 2. The rate of each interval, ln((n + 1/2) / days), is held against those of the others: t = (its own - their mean) /
//!    (s · √(1 + 1/m)), with m others and s² their variance drawn towards that of ordinary attrition (a scaled inverse chi-square
//!    prior), on its degrees of freedom and the prior's.
//! 3. That chance alone did it at equal rates is asked of the exact binomial test of two Poisson counts (Przyborowski and Wilenski
//!    1940). The larger p-value counts; false discoveries are controlled over the intervals.
//!
//! It misses a purge among fewer than three intervals, and two that stand beside one another. It takes for a purge what made many
//! leave at once for another reason. Source: Gelman et al. 2013, \"Bayesian Data Analysis\", 2.6, for the variance.

use super::{MIN_BEYOND, MIN_RATIO, Q_MAX};
use assay_math::{benjamini_hochberg, binomial_upper_tail, student_upper_tail};
use assay_model::{Finding, Group, GroupKind, Page, Span};

/// Fewest intervals between lists: with fewer nothing says what is usual.
const MIN_INTERVALS: usize = 3;
/// Shorter intervals are none: lists of one day differ by chance of the hour.
const MIN_DAYS: f64 = 0.5;
/// How far ordinary attrition varies from interval to interval, as a standard deviation of ln(rate): by a half to a third (made).
const PRIOR_SD: f64 = 0.5;
/// What that is worth, in intervals (made).
const PRIOR_DF: f64 = 8.0;

/// An interval between two lists.
struct Interval {
    span: Span,
    days: f64,
    n: u64,
}

impl Interval {
    fn log_rate(&self) -> f64 {
        ((self.n as f64 + 0.5) / self.days).ln()
    }
}

/// Intervals between lists in which far more followers went than usual, in order of time.
pub(super) fn purges(page: &Page) -> Vec<Group> {
    let of_pair = |pair: &[assay_model::TimeMs]| {
        let span = Span { from: pair[0], to: pair[1] };
        let n = page.losses.iter().filter(|l| l.after == Some(span.from) && l.at == span.to).count() as u64;
        Interval { span, days: span.days(), n }
    };
    let intervals: Vec<Interval> =
        page.listed_at.windows(2).map(of_pair).filter(|interval| interval.days >= MIN_DAYS).collect();
    if intervals.len() < MIN_INTERVALS {
        return Vec::new();
    }
    let judged: Vec<(f64, f64)> = (0..intervals.len()).map(|i| against_others(&intervals, i)).collect();
    let p: Vec<f64> = judged.iter().map(|j| j.0).collect();
    let q = benjamini_hochberg(&p, p.len());
    let mut groups = Vec::new();
    for ((interval, (p_value, expected)), q_value) in intervals.iter().zip(judged).zip(q) {
        let (n, beyond) = (interval.n, interval.n as f64 - expected);
        if q_value > Q_MAX || beyond < MIN_BEYOND || (n as f64) < MIN_RATIO * expected {
            continue;
        }
        groups.push(Group {
            kind: GroupKind::Losses,
            ranks: None,
            arrived: Some(interval.span),
            n_followers: n,
            n_beyond: beyond,
            n_beyond_range: (beyond, beyond),
            p_value,
            q_value,
            member_log_odds: Vec::new(),
            finding: Finding::MoreLosses { n, expected, lost: interval.span },
        });
    }
    groups
}

/// The p-value of an interval against all others, and how many losses these lead one to expect.
fn against_others(intervals: &[Interval], i: usize) -> (f64, f64) {
    let own = &intervals[i];
    let others: Vec<&Interval> = intervals.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, o)| o).collect();
    let (n, days) = others.iter().fold((0, 0.0), |(n, days), o| (n + o.n, days + o.days));
    let m = others.len() as f64;
    let mean = others.iter().map(|o| o.log_rate()).sum::<f64>() / m;
    let spread: f64 = others.iter().map(|o| (o.log_rate() - mean).powi(2)).sum();
    let df = PRIOR_DF + m - 1.0;
    let sd = ((PRIOR_DF * PRIOR_SD * PRIOR_SD + spread) / df).sqrt();
    let t = (own.log_rate() - mean) / (sd * (1.0 + 1.0 / m).sqrt());
    let by_chance = binomial_upper_tail(own.n, own.n + n, own.days / (own.days + days));
    (student_upper_tail(t, df).max(by_chance), n as f64 / days * own.days)
}

#[cfg(test)]
mod tests {
    use super::purges;
    use assay_model::{DAY_MS, GroupKind, Loss, Page, RowRef, Span, TimeMs};

    /// Lists of every thirtieth day, and so many losses between each two.
    fn page(losses: &[usize]) -> Page {
        let at = |i: usize| TimeMs(i as i64 * 30 * DAY_MS);
        let between =
            |(i, n): (usize, &usize)| vec![Loss { after: Some(at(i)), at: at(i + 1), source: RowRef::default() }; *n];
        Page {
            losses: losses.iter().enumerate().flat_map(between).collect(),
            listed_at: (0..=losses.len()).map(at).collect(),
            ..Page::default()
        }
    }

    #[test]
    fn a_purge_between_two_lists_is_found_with_its_bounds() {
        let found = purges(&page(&[40, 55, 900, 48, 60]));
        assert_eq!(found.len(), 1, "{found:?}");
        let span = Span { from: TimeMs(60 * DAY_MS), to: TimeMs(90 * DAY_MS) };
        assert_eq!((found[0].kind, found[0].arrived, found[0].n_followers), (GroupKind::Losses, Some(span), 900));
        // Those of the others, by day: 203 in 120 days.
        assert!((found[0].n_beyond - (900.0 - 50.75)).abs() < 1e-9);
    }

    #[test]
    fn ordinary_attrition_and_little_knowledge_are_no_purge() {
        for losses in
            [&[40, 55, 90, 48, 60][..], &[0, 0, 0, 0], &[0, 0, 7, 0], &[40, 900], &[900], &[], &[1, 2, 3, 5, 8, 13]]
        {
            assert!(purges(&page(losses)).is_empty(), "{losses:?}");
        }
    }

    #[test]
    fn chance_alone_seldom_makes_a_purge() {
        // Poisson counts of mean 20 by a multiplicative generator: at most one in a hundred histories may show one.
        let mut state = 12_345_u64;
        let mut uniform = move || {
            state = state * 48_271 % 2_147_483_647;
            state as f64 / 2_147_483_647.0
        };
        let mut poisson = |mean: f64| {
            let (mut n, mut product) = (0, uniform());
            while product > (-mean).exp() {
                n += 1;
                product *= uniform();
            }
            n
        };
        let found = (0..400).filter(|_| !purges(&page(&std::array::from_fn::<_, 8, _>(|_| poisson(20.0)))).is_empty());
        assert!(found.count() <= 4);
    }
}
