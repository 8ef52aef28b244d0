//! Engagement over reach: beta-binomial, with a rate that drifts and falls by the share of impressions that bought accounts
//! take. It tells how active bought accounts are.

use super::level::Regression;
use super::{growth, log_mean};
use crate::page::features::Design;
use crate::page::numbers::{median, robust_sd};
use crate::page::series::Series;

/// Standard deviation of a post's step of the log rate, over the noise's, each as likely.
const DRIFTS: [f64; 4] = [0.0, 0.02, 0.05, 0.12];
/// The fewest posts whose engagement is looked at.
const POSTS_MIN: usize = 20;

/// What engagement says of each activity.
pub(super) struct Engagement {
    /// For each place of the share, for each activity.
    pub(super) log_likelihoods: Vec<Vec<f64>>,
    /// Posts that were used.
    pub(super) n: usize,
}

impl Engagement {
    /// The same with nothing seen.
    pub(super) fn flat(&self) -> Vec<Vec<f64>> {
        self.log_likelihoods.iter().map(|l| vec![0.0; l.len()]).collect()
    }
}

/// Weighs activities by engagement; flat where too few posts tell of it.
pub(super) fn engagement(series: &Series, design: &Design, gaps: &[f64], seen: &[Vec<Vec<f64>>]) -> Engagement {
    let flat = Engagement { log_likelihoods: seen.iter().map(|s| vec![0.0; s.len()]).collect(), n: 0 };
    // The log rate, and the variance that the binomial alone would give it.
    let told: Vec<Option<(f64, f64)>> = series
        .posts
        .iter()
        .map(|p| {
            let (engaged, reached) = (f64::from(p.row.engagements?), f64::from(p.row.reach.or(p.row.impressions)?));
            (reached >= 1.0 && engaged <= reached).then(|| {
                let rate = (engaged + 0.5) / (reached + 1.0);
                (rate.ln(), (1.0 - rate) / (rate * reached.max(1.0)))
            })
        })
        .collect();
    let known: Vec<(f64, f64)> = told.iter().flatten().copied().collect();
    if known.len() < POSTS_MIN {
        return flat;
    }
    let rates: Vec<f64> = known.iter().map(|k| k.0).collect();
    let steps: Vec<f64> = rates.windows(2).map(|w| w[1] - w[0]).collect();
    // Differences of neighbours have twice the noise's variance and none of the level's.
    let whole = robust_sd(&steps).unwrap_or(1.0).powi(2) / 2.0;
    let binomial = median(&known.iter().map(|k| k.1).collect::<Vec<_>>()).unwrap_or(0.0);
    // The variance beyond the binomial's is that of a rate which differs from post to post.
    let between = (whole - binomial).max(0.01);
    let middle = median(&rates).unwrap_or(0.0);
    let spread = (between + binomial).sqrt();
    let mut design = design.clone();
    for feature in &mut design.features {
        (feature.mean, feature.sd) = (0.0, feature.sd.min(0.5));
    }
    // Posts without engagement count for nothing: they lie at the middle with a boundless variance.
    let variances: Vec<f64> = told.iter().map(|t| t.map_or(1e12, |t| t.1 + between)).collect();
    let observed: Vec<f64> = told
        .iter()
        .map(|t| {
            // Far ones are drawn in (Huber 1964, at 2.5 standard deviations).
            t.map_or(middle, |t| middle + (t.0 - middle).clamp(-6.0 * spread, 6.0 * spread))
        })
        .collect();
    let regressions: Vec<Regression> =
        DRIFTS.map(|d| Regression::new(&design, &observed, &variances, &growth(gaps, d * spread))).into();
    let of = |taken: &Vec<f64>| {
        let column: Vec<f64> = taken.iter().map(|w| (1.0 - w.min(super::SHARE_MAX)).ln()).collect();
        let logs: Vec<f64> = regressions
            .iter()
            .map(|r| {
                let p = r.parabola(&column);
                r.log_likelihood + p.slope - p.curve / 2.0
            })
            .collect();
        log_mean(&logs)
    };
    let log_likelihoods: Vec<Vec<f64>> = seen.iter().map(|by_activity| by_activity.iter().map(of).collect()).collect();
    // Only differences count; the level of the whole would drown the rest.
    let most = log_likelihoods.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    Engagement {
        log_likelihoods: log_likelihoods.iter().map(|l| l.iter().map(|x| x - most).collect()).collect(),
        n: known.len(),
    }
}
