//! The grid over mechanism, activity of bought accounts, memory, share and drift.

use super::half_normal::HalfNormal;
use crate::mechanism::{EXPANSION, MEMORY_POSTS, Mechanism, exposure_share};
use assay_math::normal_quantile;

/// The mechanisms that are told apart.
pub(super) const FAMILIES: [Mechanism; 4] =
    [Mechanism::PerViewer, Mechanism::PerImpression, Mechanism::PerFollower, Mechanism::TestThenExpand];

/// Standard deviation of a post's step of the level over that of the noise, with weights: pages of the reference drift by up to .05;
/// faster ones are believed possible.
pub(super) const DRIFTS: [(f64, f64); 7] =
    [(0.0, 0.1), (0.01, 0.2), (0.02, 0.2), (0.035, 0.2), (0.055, 0.15), (0.1, 0.1), (0.2, 0.05)];

/// Steps of the grid in the activity of bought accounts.
const N_ACTIVITIES: usize = 12;
/// Steps of the grid in what a ranker remembers.
const N_MEMORIES: usize = 16;
/// Steps of the grid in the strength of *test then expand*, whose likelihood is no parabola.
pub(super) const N_STRENGTHS: usize = 12;

/// Shares of bought accounts that open the app on a day: equally likely values of Beta(1, 4).
pub(super) fn activities() -> [f64; N_ACTIVITIES] {
    std::array::from_fn(|i| 1.0 - (1.0 - (i as f64 + 0.5) / N_ACTIVITIES as f64).powf(0.25))
}

/// Half-lives of what a ranker remembers: equally likely values, even in the logarithm.
pub(super) fn memories() -> [f64; N_MEMORIES] {
    let (low, high) = (MEMORY_POSTS.0.ln(), MEMORY_POSTS.1.ln());
    std::array::from_fn(|i| (low + (high - low) * (i as f64 + 0.5) / N_MEMORIES as f64).exp())
}

/// Equally likely places of a standard normal: five, or the middle alone where the share is known.
pub(super) fn places(logit_sd: f64) -> Vec<f64> {
    let n = if logit_sd > 0.0 { 5 } else { 1 };
    (0..n).map(|i| normal_quantile((f64::from(i) + 0.5) / f64::from(n))).collect()
}

/// Equally likely strengths of a prior.
pub(super) fn strengths(prior: HalfNormal) -> [f64; N_STRENGTHS] {
    std::array::from_fn(|i| prior.quantile((i as f64 + 0.5) / N_STRENGTHS as f64))
}

/// What is known of how strongly a mechanism cuts reach, at a point of the grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Strength {
    /// It cuts nothing.
    None,
    /// A distribution.
    Spread(HalfNormal),
    /// One value, the point's own.
    Fixed(f64),
}

/// What a ranker that forgets half in `half_life` posts remembers of a column; it begins at its first value.
pub(super) fn remembered(column: &[f64], half_life: f64) -> Vec<f64> {
    let new = 1.0 - 0.5_f64.powf(1.0 / half_life);
    let mut kept = column.first().copied().unwrap_or(0.0);
    let step = |value: &f64| {
        kept += new * (value - kept);
        kept
    };
    column.iter().map(step).collect()
}

/// What of a share of inauthentic followers a mechanism counts: nothing, the impressions that they take, or all of it.
///
/// `seen_share` is how many of the real followers a post reaches.
pub(crate) fn burden(mechanism: Mechanism, share: f64, activity: f64, seen_share: f64) -> f64 {
    match mechanism {
        Mechanism::PerViewer => 0.0,
        Mechanism::PerImpression => exposure_share(share, activity, (1.0 - share) * seen_share),
        Mechanism::PerFollower | Mechanism::TestThenExpand => share,
    }
}

/// The share at a place of its uncertainty: normal on the logit.
pub(super) fn share_at(point: f64, logit_sd: f64, place: f64) -> f64 {
    if point <= 0.0 || logit_sd <= 0.0 {
        return point.clamp(0.0, SHARE_MAX);
    }
    let point = point.min(SHARE_MAX);
    let logit = (point / (1.0 - point)).ln() + logit_sd * place;
    (1.0 / (1.0 + (-logit).exp())).min(SHARE_MAX)
}

/// A page all of whose followers are inauthentic has no reach to lose.
pub(crate) const SHARE_MAX: f64 = 0.9999;

/// One point of the grid with what the data leave of the strength.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Cell {
    /// A place in [`FAMILIES`].
    pub(super) family: usize,
    /// A place in [`activities`].
    pub(super) activity: usize,
    pub(super) half_life: f64,
    /// A place in [`places`].
    pub(super) place: usize,
    pub(super) strength: Strength,
    /// Share of the weight, 0..1.
    pub(super) weight: f64,
    /// What the ranker remembers of the burden at the last post, 0..1.
    pub(super) burden: f64,
}

impl Cell {
    /// The logarithm of what this burden leaves of reach, at this strength.
    pub(super) fn log_left(&self, theta: f64, burden: f64) -> f64 {
        log_left(FAMILIES[self.family], theta, burden)
    }
}

/// The logarithm of what a burden leaves of reach.
pub(crate) fn log_left(mechanism: Mechanism, theta: f64, burden: f64) -> f64 {
    match mechanism {
        Mechanism::PerViewer => 0.0,
        Mechanism::TestThenExpand => EXPANSION.reach_left(burden.min(SHARE_MAX), theta).ln(),
        Mechanism::PerImpression | Mechanism::PerFollower => theta * (1.0 - burden.clamp(0.0, SHARE_MAX)).ln(),
    }
}

#[cfg(test)]
mod tests {
    use super::{activities, burden, memories, places, remembered, share_at};
    use crate::mechanism::Mechanism;

    #[test]
    fn the_grids_span_their_priors() {
        // The mean of Beta(1, 4) is .2.
        assert!((activities().iter().sum::<f64>() / 12.0 - 0.2).abs() < 0.01);
        assert!(memories()[0] > 3.0 && memories().iter().all(|h| *h < 30.0));
        assert_eq!((places(0.0), places(1.0).len()), (vec![0.0], 5));
        assert!((share_at(0.3, 1.0, 0.0) - 0.3).abs() < 1e-12 && share_at(0.0, 1.0, 2.0) == 0.0);
    }

    /// At no post after a removal are two neighbours further apart than a sixteenth of what was there: the cost then lies between few points.
    /// With half as many steps they are, and intervals of 90 % of the cost after a staged removal held .870 to .898 of the truths.
    #[test]
    fn steps_of_memory_are_fine_enough_after_a_removal() {
        let widest = |memories: &[f64]| {
            let left = |half_life: f64, posts: f64| 0.5_f64.powf(posts / half_life);
            let apart = |pair: &[f64]| {
                (1..200).map(|n| left(pair[1], f64::from(n)) - left(pair[0], f64::from(n))).fold(0.0, f64::max)
            };
            memories.windows(2).map(apart).fold(0.0, f64::max)
        };
        let fine = memories();
        let coarse: Vec<f64> = fine.chunks(2).map(|pair| (pair[0] * pair[1]).sqrt()).collect();
        assert!(widest(&fine) < 1.0 / 16.0, "{}", widest(&fine));
        assert!(widest(&coarse) > 1.0 / 16.0, "{}", widest(&coarse));
    }

    #[test]
    fn memory_halves_in_its_half_life() {
        let mut column = vec![0.0];
        column.extend([1.0; 10]);
        assert!((remembered(&column, 10.0)[10] - 0.5).abs() < 1e-12);
    }

    #[test]
    fn burdens_grow_with_share_and_activity() {
        assert_eq!(burden(Mechanism::PerViewer, 0.9, 1.0, 0.1), 0.0);
        assert_eq!(burden(Mechanism::PerImpression, 0.9, 0.0, 0.1), 0.0);
        assert_eq!(burden(Mechanism::PerFollower, 0.9, 0.0, 0.1), 0.9);
        let by_activity = [0.1, 0.5, 1.0].map(|a| burden(Mechanism::PerImpression, 0.9, a, 0.1));
        assert!(by_activity.windows(2).all(|w| w[0] < w[1]), "{by_activity:?}");
    }
}
