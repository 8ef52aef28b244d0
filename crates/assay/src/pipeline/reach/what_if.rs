//! What buying, removing or promoting would do.

use super::fit::{FitAsked, fitted, plans, why};
use super::removal::{self, RemovalAsked};
use super::{Error, Step, Watch, go_on, revenue};
use crate::report::reach::{Promoted, Valued, WhatIfReport};
use crate::report::{Origin, Warning};
use assay_math::Estimate;
use assay_model::{Abstention, Calendar, Outcome};
use assay_reach::page::{self, Change, Fit, Outlook, PageNow, Posterior, Series};
use std::path::PathBuf;

/// What is asked.
#[derive(Debug, Clone)]
pub struct WhatIfAsked {
    /// Posts and what is known of the share; no paths where the priors alone shall speak.
    pub fit: FitAsked,
    /// Followers, where the user tells.
    pub followers: Option<u64>,
    /// Engagements of a post, where the user tells.
    pub engaged: Option<f64>,
    /// Accounts that a post reaches, where the user tells.
    pub reach: Option<f64>,
    /// Posts a week, where the user tells.
    pub posts_per_week: Option<f64>,
    /// What is done.
    pub change: Option<Change>,
    /// Money to promote with, and to whom.
    pub promote: Option<(f64, Option<String>)>,
    /// What an engagement is worth.
    pub value: ValueSource,
    /// Weeks ahead.
    pub weeks: u32,
    /// How a removal is to be an experiment, where it is to be one.
    pub experiment: Option<RemovalAsked>,
}

/// Where the worth of an engagement comes from.
#[derive(Debug, Clone)]
pub enum ValueSource {
    /// Nobody told.
    Unknown,
    /// The user's own word: minor units, and the currency.
    Given(f64, String),
    /// Tables of orders beside the posts, and how weeks are counted.
    Orders(Vec<PathBuf>, Calendar),
}

/// Posts a week where nothing tells (made).
const POSTS_PER_WEEK: f64 = 5.0;

/// Foresees what a change would do.
///
/// # Errors
/// When an input cannot be read, numbers contradict each other, or `watch` answers stop.
pub fn what_if(asked: &WhatIfAsked, watch: &mut Watch<'_>) -> Result<WhatIfReport, Error> {
    let options = &asked.fit.options;
    let mut value = match &asked.value {
        ValueSource::Given(minor, currency) => {
            let exact = Estimate::new(*minor, *minor, *minor, options.confidence);
            Some(Valued { minor: Outcome::Found(exact), currency: Some(currency.clone()), n_weeks: None })
        }
        _ => None,
    };
    let (page, known, mut origin, fit) = if asked.fit.paths.is_empty() {
        let page = told_page(asked)?;
        let share = page.inauthentic / page.followers.max(1.0);
        let origin = Origin { seed: Some(asked.fit.seed), ..Origin::default() };
        (page, Posterior::before_posts(share, page.seen_share, options), origin, None)
    } else {
        let (posts, series, mut origin, fitted) = fitted(&asked.fit, watch)?;
        if let ValueSource::Orders(paths, calendar) = &asked.value {
            let read = (&asked.fit.reading, calendar);
            value = Some(revenue::from_orders(&posts, paths, read, options.confidence, &mut origin, watch)?);
        }
        if let Some(why) = why(&fitted.fit) {
            return Err(Error::Input {
                message: format!("expected posts that a page can be fitted to, found that {}", why.why),
                hint: Some(format!(
                    "gather {}, or leave the posts out to hear from the priors alone",
                    why.would_settle
                )),
            });
        }
        let share = fitted.share_now.found().map_or(0.0, |s| s.point);
        let Outcome::Found(fit) = fitted.fit else { return Err(Error::Interrupted) };
        let page = page_of_posts(asked, &series, &fit, share)?;
        (page, fit.posterior.clone(), origin, Some((fit, series)))
    };
    contradictions(&page, asked)?;
    if let (Some(Outcome::Found(worth)), true) =
        (value.as_ref().map(|v| &v.minor), value.as_ref().is_some_and(|v| v.n_weeks.is_some()))
        && worth.low <= 0.0
    {
        let text = "the orders do not tell that revenue moves with engagements: its interval holds 0, and so does that of what revenue would change";
        origin.warnings.push(Warning { id: "value-may-be-zero", text: text.to_owned() });
    }
    go_on(watch, Step::Named("looking ahead"))?;
    let worth = value.as_ref().and_then(|v| v.minor.found().copied());
    let outlook = Outlook { weeks: asked.weeks, value_minor: worth, seed: asked.fit.seed };
    let followed = asked.change.map(|change| (change, page::what_if(&page, change, &known, &outlook)));
    let promoted = asked.promote.as_ref().map(|(amount, audience)| Promoted {
        amount: *amount,
        audience: audience.clone(),
        extra_reach: to_audience(extra_reach(*amount, &page, fit.as_ref()), audience.as_deref()),
    });
    let removal = matches!(asked.change, Some(Change::Remove(..)));
    let plans = match &fit {
        Some((fit, _)) if removal && page.inauthentic > 0.0 => {
            plans(fit, page.inauthentic / page.followers, options, asked.fit.seed, watch)?
        }
        _ => Vec::new(),
    };
    let experiment = match (&asked.experiment, asked.change, &fit) {
        (None, _, _) => None,
        (Some(wanted), Some(Change::Remove(n, steps)), Some((_, series))) => {
            let confidence = options.confidence;
            let known = removal::Known { page: &page, posterior: &known, series, seed: asked.fit.seed, confidence };
            Some(removal::plan(wanted, (n, steps, asked.weeks), &known, watch)?)
        }
        (Some(_), Some(Change::Remove(..)), None) => {
            return Err(usage(
                "expected posts beside --from, found none".to_owned(),
                "how much weeks differ is read off the posts before the experiment",
            ));
        }
        (Some(_), _, _) => {
            return Err(usage(
                "expected --remove beside --from, found none".to_owned(),
                "an experiment removes followers in steps",
            ));
        }
    };
    Ok(WhatIfReport {
        origin,
        confidence: options.confidence,
        page,
        from_posts: fit.is_some(),
        followed,
        promoted,
        value,
        plans,
        experiment,
    })
}

fn usage(message: String, hint: &str) -> Error {
    Error::Usage { message, hint: Some(hint.to_owned()) }
}

/// The page as the user tells it.
fn told_page(asked: &WhatIfAsked) -> Result<PageNow, Error> {
    let followers = asked.followers.ok_or_else(|| {
        usage(
            "expected posts or --followers, found neither".to_owned(),
            "assay reach what-if --followers 300 --engaged 40 --buy 10000",
        )
    })? as f64;
    let share = match &asked.fit.share {
        super::ShareSource::Given(share) => share.point,
        super::ShareSource::Unknown => 0.0,
        super::ShareSource::Audit(_) => {
            return Err(usage(
                "--audit needs posts".to_owned(),
                "name the share instead: --inauthentic-share 0.3:0.2-0.4",
            ));
        }
    };
    let real = followers * (1.0 - share);
    // Those who engage have seen the post: at least so many were reached, and at most all real followers can be, unless
    // more than they are reached already.
    let seen = asked.reach.or(asked.engaged).map_or(0.1, |n| n / real.max(1.0));
    Ok(PageNow {
        followers,
        inauthentic: followers * share,
        seen_share: seen.clamp(0.005, 1.0),
        reach: asked.reach,
        engaged: asked.engaged,
        posts_per_week: asked.posts_per_week.unwrap_or(POSTS_PER_WEEK),
        ratio_max: (seen <= 1.0).then(|| 1.0 / seen.max(0.005)),
    })
}

/// The page as its posts tell it; what the user tells counts more.
pub(super) fn page_of_posts(asked: &WhatIfAsked, series: &Series, fit: &Fit, share: f64) -> Result<PageNow, Error> {
    let last = series.posts.iter().rev().find_map(|p| p.row.followers).map(u64::from);
    let followers = asked.followers.or(last).ok_or_else(|| {
        usage(
            "expected --followers, for the posts do not count them".to_owned(),
            "add --followers N, or a column followers",
        )
    })? as f64;
    let recent = &series.posts[series.posts.len().saturating_sub(30)..];
    let mean = |of: &dyn Fn(&page::Placed) -> Option<f64>| {
        let values: Vec<f64> = recent.iter().filter_map(of).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let days: f64 = recent.iter().skip(1).map(|p| p.gap_days).sum();
    let paced = (days > 0.0).then(|| ((recent.len() - 1) as f64 / days * 7.0).clamp(0.1, 100.0));
    Ok(PageNow {
        followers,
        inauthentic: followers * share,
        seen_share: fit.seen_share,
        reach: asked.reach.or_else(|| mean(&|p| Some(p.log.exp()))),
        engaged: asked.engaged.or_else(|| mean(&|p| p.row.engagements.map(f64::from))),
        posts_per_week: asked.posts_per_week.or(paced).unwrap_or(POSTS_PER_WEEK),
        ratio_max: None,
    })
}

/// Numbers that cannot all be true.
pub(super) fn contradictions(page: &PageNow, asked: &WhatIfAsked) -> Result<(), Error> {
    if page.followers < 1.0 {
        return Err(usage(
            "expected at least one follower, found none".to_owned(),
            "name how many follow with --followers",
        ));
    }
    if let (Some(engaged), Some(reach)) = (asked.engaged, asked.reach)
        && engaged > reach
    {
        return Err(usage(
            format!("expected at most as many engaged as reached, found {engaged} of {reach}"),
            "those who engage with a post were reached by it",
        ));
    }
    if asked.fit.paths.is_empty()
        && let Some(engaged) = asked.engaged
        && engaged > page.followers - page.inauthentic
    {
        return Err(usage(
            format!(
                "expected at most as many engaged as real followers, found {engaged} of {}",
                page.followers - page.inauthentic
            ),
            "count people who engage with a usual post, or name --reach where many of them are no followers",
        ));
    }
    if let Some(Change::Remove(n, steps)) = asked.change {
        if n > page.followers {
            return Err(usage(
                format!("expected to remove at most {} followers, found {n}", page.followers),
                "--remove takes how many followers go",
            ));
        }
        if page.inauthentic <= 0.0 {
            return Err(usage(
                "nothing is known of inauthentic followers to remove".to_owned(),
                "name their share: --inauthentic-share 0.3:0.2-0.4, or an audit",
            ));
        }
        if n > page.inauthentic * 1.000_001 {
            return Err(usage(
                format!(
                    "expected to remove at most the {:.0} followers that are inauthentic, found {n}",
                    page.inauthentic
                ),
                "removing real followers is not foreseen; raise --inauthentic-share if it is too low",
            ));
        }
        if steps * page::WEEKS_PER_STEP > asked.weeks {
            return Err(usage(
                format!(
                    "expected at least {} weeks for {steps} steps, found {}",
                    steps * page::WEEKS_PER_STEP,
                    asked.weeks
                ),
                "steps lie a fortnight apart: raise --weeks",
            ));
        }
    }
    Ok(())
}

/// Says of an abstention which audience it is about.
fn to_audience(told: Outcome<Estimate>, audience: Option<&str>) -> Outcome<Estimate> {
    match (told, audience) {
        (Outcome::Abstained(why), Some(audience)) => Outcome::Abstained(Abstention::new(
            format!("of boosts to {audience}: {}", why.why),
            format!("{}; name to whom each was shown in a column `audience`", why.would_settle),
        )),
        (told, _) => told,
    }
}

/// What promoting brings: from boosts that chance decided, and what such a boost cost.
fn extra_reach(amount: f64, page: &PageNow, fit: Option<&(Fit, Series)>) -> Outcome<Estimate> {
    let Some((fit, series)) = fit else {
        return Outcome::Abstained(Abstention::new(
            "no posts of this page were promoted by chance",
            "a coin for each post that may be promoted, and the posts with a column `randomised`",
        ));
    };
    let factor = match &fit.promotion {
        Outcome::Abstained(why) => return Outcome::Abstained(why.clone()),
        Outcome::Found(factor) => factor,
    };
    let spent: Vec<f64> = series
        .posts
        .iter()
        .filter(|p| p.row.randomised == Some(true))
        .filter_map(|p| p.row.spend.filter(|s| *s > 0.0))
        .collect();
    if spent.is_empty() {
        return Outcome::Abstained(Abstention::new(
            "the posts that chance promoted have no spend",
            "a column `spend` with what each promoted post cost",
        ));
    }
    let mean_spend = spent.iter().sum::<f64>() / spent.len() as f64;
    let boosts = amount / mean_spend;
    let base = page.reach.unwrap_or(0.0);
    let scaled = |x: f64| boosts * base * x;
    Outcome::Found(Estimate::new(scaled(factor.point), scaled(factor.low), scaled(factor.high), factor.confidence))
}
