//! What inauthentic followers cost a page.

use super::{Error, Step, Watch, history, read_posts, series, shares};
use crate::report::reach::FitReport;
use crate::report::{Origin, Warning};
use assay_import::ReadOptions;
use assay_math::{Estimate, Seed};
use assay_model::{Abstention, Outcome, Posts};
use assay_reach::page::made::MadePage;
use assay_reach::page::{self, Fit, FitOptions, Plan, Series, Shares, Target};
use std::path::PathBuf;

/// Where the inauthentic share comes from.
#[derive(Debug, Clone, PartialEq)]
pub enum ShareSource {
    /// Nobody told.
    Unknown,
    /// The JSON of an audit.
    Audit(PathBuf),
    /// The user's own word.
    Given(Estimate),
}

/// What is asked of a fit.
#[derive(Debug, Clone)]
pub struct FitAsked {
    /// The posts.
    pub paths: Vec<PathBuf>,
    /// What files do not say of themselves.
    pub reading: ReadOptions,
    /// Which number; what the table has if `None`.
    pub target: Option<Target>,
    /// Where the share comes from.
    pub share: ShareSource,
    /// A table of followers over time.
    pub history: Option<PathBuf>,
    /// Confidence and priors.
    pub options: FitOptions,
    /// Where every random step starts.
    pub seed: Seed,
    /// Boosts that chance decided count where they were shown to this audience; all where it is `None`.
    pub boosts_to: Option<String>,
}

/// Posts ahead for which the gain of a removal is told.
const AHEAD: [u32; 5] = [5, 10, 20, 50, 100];

/// Reads posts and fits them.
///
/// # Errors
/// When an input cannot be read or contradicts another, or `watch` answers stop.
pub fn fit(asked: &FitAsked, watch: &mut Watch<'_>) -> Result<FitReport, Error> {
    let (posts, series, origin, fitted) = fitted(asked, watch)?;
    drop(posts);
    let Fitted { share_now, fit } = fitted;
    let confidence = asked.options.confidence;
    let mut report = FitReport {
        origin,
        target: series.target,
        confidence,
        share_now,
        cost_now: shares::no_share(),
        cost_before: None,
        gains: Vec::new(),
        gain_abstained: None,
        plans: Vec::new(),
        fit,
    };
    match (&report.fit, &report.share_now) {
        (Outcome::Abstained(why), _) | (Outcome::Found(_), Outcome::Abstained(why)) => {
            report.cost_now = Outcome::Abstained(why.clone());
            report.gain_abstained = Some(why.clone());
        }
        (Outcome::Found(fit), Outcome::Found(share)) => {
            report.cost_now = Outcome::Found(fit.posterior.estimate(&fit.posterior.cost()));
            report.cost_before = Some(fit.prior.estimate(&fit.prior.cost()));
            let gain = |n: u32| fit.posterior.estimate(&fit.posterior.gain_of_removal(1.0, f64::from(n), share.point));
            report.gains = AHEAD.map(|n| (n, gain(n))).to_vec();
            if share.point > 0.0 && !fit.separation().separates {
                report.plans = plans(fit, share.point, &asked.options, asked.seed, watch)?;
            }
        }
    }
    Ok(report)
}

/// A fit, and the share it rests on.
pub(super) struct Fitted {
    pub(super) share_now: Outcome<Estimate>,
    pub(super) fit: Outcome<Fit>,
}

/// Reads posts and fits them, without what follows.
pub(super) fn fitted(asked: &FitAsked, watch: &mut Watch<'_>) -> Result<(Posts, Series, Origin, Fitted), Error> {
    let (posts, origin) = read_posts(&asked.paths, &asked.reading, watch)?;
    fitted_to(posts, origin, asked, watch)
}

/// Fits posts that were read.
pub(super) fn fitted_to(
    mut posts: Posts,
    mut origin: Origin,
    asked: &FitAsked,
    watch: &mut Watch<'_>,
) -> Result<(Posts, Series, Origin, Fitted), Error> {
    origin.seed = Some(asked.seed);
    let counted = match &asked.history {
        Some(path) => {
            let (rows, file) = history::history(path, &asked.reading, watch)?;
            let n_bad = file.rejected;
            origin.files.push(file);
            if n_bad > 0 {
                let text = format!("{n_bad} rows of the followers' history could not be read");
                origin.warnings.push(Warning { id: "history-rows", text });
            }
            history::tell_followers(&mut posts, &rows);
            rows
        }
        None => Vec::new(),
    };
    if let Some(audience) = &asked.boosts_to {
        boosts_to(&mut posts, audience);
    }
    let series = series(&posts, asked.target, &mut origin)?;
    let n = series.posts.len();
    let told = match &asked.share {
        ShareSource::Given(share) => Some((Shares::constant(n, share), *share)),
        ShareSource::Audit(path) => Some(shares::from_audit(&shares::audited(path)?, &series)?),
        ShareSource::Unknown => shares::from_history(&counted, &series),
    };
    super::go_on(watch, Step::Named("fitting"))?;
    let (shares, share_now) = match told {
        Some((shares, share)) => {
            let now = shares.points.last().copied().unwrap_or(share.point);
            let (low, high) = (share.low.min(now), share.high.max(now));
            (shares, Outcome::Found(Estimate::new(now, low, high, share.confidence)))
        }
        None => (Shares { points: vec![0.0; n], logit_sd: 0.0 }, shares::no_share()),
    };
    let fit = page::fit(&series, &shares, &asked.options);
    Ok((posts, series, origin, Fitted { share_now, fit }))
}

/// Leaves of the boosts that chance decided those to one audience; the others are paid posts like any.
fn boosts_to(posts: &mut Posts, audience: &str) {
    let wanted = audience.trim().to_lowercase();
    let place = posts.audiences.iter().position(|known| *known == wanted);
    for row in posts.rows.iter_mut().filter(|row| row.paid == Some(true) && (place.is_none() || row.audience != place))
    {
        row.randomised = row.randomised.and(Some(false));
    }
}

/// Removals that would tell what the posts do not.
pub(super) fn plans(
    fit: &Fit,
    share: f64,
    options: &FitOptions,
    seed: Seed,
    watch: &mut Watch<'_>,
) -> Result<Vec<Plan>, Error> {
    let page = MadePage {
        share: share.clamp(0.001, 0.99),
        noise_scale: fit.noise_scale,
        seen_share: fit.seen_share,
        engagement_rate: if fit.n_engagement > 0 { 0.05 } else { 0.0 },
        ..MadePage::default()
    };
    let mut tick = |done, total| watch(Step::Named("planning a removal"), done, total);
    page::plans(&page, options, seed, &mut tick).map_err(|_| Error::Interrupted)
}

/// An abstention that a report repeats.
pub(super) fn why(outcome: &Outcome<Fit>) -> Option<&Abstention> {
    if let Outcome::Abstained(why) = outcome { Some(why) } else { None }
}

#[cfg(test)]
mod tests {
    use super::super::{read_posts, series};
    use assay_import::ReadOptions;
    use assay_model::{Go, Outcome};
    use assay_reach::page::{FitOptions, Shares, Target, fit};
    use std::path::PathBuf;

    /// The page of Moro et al. (2016) only ever grows while reach falls for everybody. A made share that grows with its likes
    /// must not be found to cost reach: the level takes the fall up.
    #[expect(clippy::print_stderr, reason = "a skipped test says why")]
    #[test]
    fn a_share_that_grows_with_the_page_is_not_blamed_for_the_years_decline() {
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/reach/facebook_page_posts.csv");
        if !path.exists() {
            eprintln!("skipped: the shared data folder has no reach/facebook_page_posts.csv");
            return;
        }
        let (posts, mut origin) = read_posts(&[path], &ReadOptions::default(), &mut |_, _, _| Go::On).expect("posts");
        for target in [Target::Reach, Target::FanReach] {
            let series = series(&posts, Some(target), &mut origin).expect("a series");
            let share = |p: &assay_reach::page::Placed| {
                // From nothing to .4 as likes grow from 81,370 to 139,441.
                (f64::from(p.row.followers.expect("likes")) - 81_370.0) / (139_441.0 - 81_370.0) * 0.4
            };
            let shares = Shares { points: series.posts.iter().map(share).collect(), logit_sd: 0.0 };
            let Outcome::Found(fit) = fit(&series, &shares, &FitOptions::default()) else { panic!("500 posts") };
            let cost = fit.posterior.estimate(&fit.posterior.cost());
            assert!(cost.low <= 1e-9, "{target:?}: {cost:?}");
        }
    }
}
