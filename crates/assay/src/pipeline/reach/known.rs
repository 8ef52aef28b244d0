//! What is known of a page before anything is done to it: fitted once, so that each "what if" takes milliseconds.

use super::fit::{FitAsked, Fitted, ShareSource, fitted_to};
use super::removal::{self, RemovalAsked, RemovalPlan};
use super::what_if::{ValueSource, WhatIfAsked, contradictions, page_of_posts};
use super::{Error, Watch};
use crate::pipeline::{DEFAULT_SEED, go_on};
use crate::report::Origin;
use crate::report::reach::WhatIfReport;
use assay_math::Estimate;
use assay_model::{Go, Outcome, Posts};
use assay_reach::page::{self, Change, FitOptions, Outlook, PageNow, Posterior, Series};

/// A page as its posts tell it, and what they leave of the priors.
#[derive(Debug, Clone)]
pub struct Known {
    /// The page as it is.
    pub page: PageNow,
    /// What is believed of mechanisms.
    pub posterior: Posterior,
    /// Whether posts were looked at; else the priors alone speak, for this reason.
    pub from_posts: Result<usize, String>,
    /// What inauthentic followers cost now, as a share of reach, where posts and a share tell.
    pub cost_now: Option<Estimate>,
    /// Whether the posts tell the mechanisms apart.
    pub separates: bool,
    series: Option<Series>,
    origin: Origin,
    asked: WhatIfAsked,
}

/// Looks at the posts of a page with `followers`, `share` of them inauthentic. Where there are too few, the priors speak.
///
/// # Errors
/// When there are no followers, numbers contradict each other, or `watch` answers stop.
pub fn known(
    posts: Posts,
    followers: u64,
    share: Option<Estimate>,
    confidence: f64,
    watch: &mut Watch<'_>,
) -> Result<Known, Error> {
    go_on(watch, crate::pipeline::Step::Named("fitting"))?;
    let options = FitOptions { confidence, ..FitOptions::default() };
    let n = posts.rows.len();
    let fit = FitAsked {
        paths: Vec::new(),
        reading: assay_import::ReadOptions::default(),
        target: None,
        share: share.map_or(ShareSource::Unknown, ShareSource::Given),
        history: None,
        options,
        seed: DEFAULT_SEED,
        boosts_to: None,
    };
    let asked = WhatIfAsked {
        fit,
        followers: Some(followers),
        engaged: None,
        reach: None,
        posts_per_week: None,
        change: None,
        promote: None,
        value: ValueSource::Unknown,
        weeks: 12,
        experiment: None,
    };
    let told = share.map_or(0.0, |s| s.point);
    let by_priors = |why: String, origin: Origin| {
        let followers = followers as f64;
        let page = PageNow {
            followers,
            inauthentic: followers * told,
            seen_share: SEEN_SHARE,
            reach: None,
            engaged: None,
            posts_per_week: POSTS_PER_WEEK,
            ratio_max: None,
        };
        let posterior = Posterior::before_posts(told, SEEN_SHARE, &asked.fit.options);
        let asked = asked.clone();
        Known { page, posterior, from_posts: Err(why), cost_now: None, separates: false, series: None, origin, asked }
    };
    let fitted = match fitted_to(posts, Origin::default(), &asked.fit, watch) {
        Ok(fitted) => fitted,
        Err(Error::Interrupted) => return Err(Error::Interrupted),
        Err(error) => return Ok(by_priors(error.to_string(), Origin::default())),
    };
    let (_, series, origin, Fitted { fit, .. }) = fitted;
    match fit {
        Outcome::Abstained(why) => Ok(by_priors(why.why, origin)),
        Outcome::Found(fit) => {
            let page = page_of_posts(&asked, &series, &fit, told)?;
            let cost_now = (told > 0.0).then(|| fit.posterior.estimate(&fit.posterior.cost()));
            let separates = fit.separation().separates;
            let posterior = fit.posterior;
            Ok(Known { page, posterior, from_posts: Ok(n), cost_now, separates, series: Some(series), origin, asked })
        }
    }
}

/// The share of followers that a post reaches, and posts a week, where nothing tells (made).
const SEEN_SHARE: f64 = 0.1;
const POSTS_PER_WEEK: f64 = 5.0;

impl Known {
    /// What a change would do. Costs some milliseconds.
    ///
    /// # Errors
    /// When it contradicts what is known, such as the removal of more followers than are held to be inauthentic.
    pub fn what_if(&self, change: Change, weeks: u32) -> Result<WhatIfReport, Error> {
        let asked = WhatIfAsked { change: Some(change), weeks, ..self.asked.clone() };
        contradictions(&self.page, &asked)?;
        let outlook = Outlook { weeks, value_minor: None, seed: self.asked.fit.seed };
        Ok(WhatIfReport {
            origin: self.origin.clone(),
            confidence: self.asked.fit.options.confidence,
            page: self.page,
            from_posts: self.from_posts.is_ok(),
            followed: Some((change, page::what_if(&self.page, change, &self.posterior, &outlook))),
            promoted: None,
            value: None,
            plans: Vec::new(),
            experiment: None,
        })
    }

    /// A removal of `n` followers in so many steps over so many weeks, as an experiment. Costs some tenths of a second.
    ///
    /// # Errors
    /// When it contradicts what is known, or posts are too few to tell how much weeks differ.
    pub fn removal(&self, n: f64, steps: u32, weeks: u32, wanted: &RemovalAsked) -> Result<RemovalPlan, Error> {
        let change = Some(Change::Remove(n, steps));
        contradictions(&self.page, &WhatIfAsked { change, weeks, ..self.asked.clone() })?;
        let series = self.series.as_ref().ok_or_else(|| Error::Input {
            message: "expected posts to plan by, found too few".to_owned(),
            hint: Some("how much weeks differ is read off the posts before the experiment".to_owned()),
        })?;
        let FitAsked { seed, options, .. } = &self.asked.fit;
        let known = removal::Known {
            page: &self.page,
            posterior: &self.posterior,
            series,
            seed: *seed,
            confidence: options.confidence,
        };
        removal::plan(wanted, (n, steps, weeks), &known, &mut |_, _, _| Go::On)
    }
}

#[cfg(test)]
mod tests {
    use super::known;
    use assay_math::Estimate;
    use assay_model::{DAY_MS, Go, Post, Posts, TimeMs};
    use assay_reach::page::Change;

    fn posts(n: u32) -> Posts {
        let mut posts = Posts::default();
        for i in 0..n {
            posts.push(&Post {
                published_at: Some(TimeMs(i64::from(i) * DAY_MS)),
                reach: Some(900 + (i * 37) % 300),
                engagements: Some(60 + i % 17),
                followers: Some(10_000),
                ..Post::default()
            });
        }
        posts
    }

    #[test]
    fn posts_are_fitted_once_and_changes_told_or_refused() {
        let share = Estimate::new(0.2, 0.15, 0.25, 0.9);
        let page = known(posts(120), 10_000, Some(share), 0.9, &mut |_, _, _| Go::On).expect("a page");
        assert_eq!(page.from_posts, Ok(120));
        let cost = page.cost_now.expect("a cost");
        assert!(cost.low <= cost.point && cost.point <= cost.high);
        let bought = page.what_if(Change::Buy(10_000.0), 12).expect("an answer");
        let last = bought.followed.as_ref().and_then(|(_, o)| o.all.last()).expect("weeks").reach_ratio;
        assert!(last.point <= 1.0 + 1e-9, "bought followers do not raise reach: {last:?}");
        assert!(page.what_if(Change::Remove(1_000.0, 2), 12).is_ok());
        assert!(page.what_if(Change::Remove(9_000.0, 2), 12).is_err(), "more than are inauthentic");
        // Too few posts: the priors speak, and say so.
        let few = known(posts(2), 300, None, 0.9, &mut |_, _, _| Go::On).expect("a page");
        assert!(few.from_posts.is_err() && few.cost_now.is_none());
        assert!(few.what_if(Change::Buy(10_000.0), 12).is_ok());
    }
}
