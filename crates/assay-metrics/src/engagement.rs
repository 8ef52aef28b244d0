//! Engagement: what people did for each account reached, time shown, follower and post.
//!
//! Interactions are engagements as the platform tells them, else likes, comments, shares, saves and clicks together; one
//! list for all posts. Rates are sums over sums, never means of rates; their intervals are those of the delta method with
//! posts as units: how the rate would vary with other posts of the kind.

use crate::frame::{Frame, missing};
use crate::having::{FOLLOWERS_BY_DAY, FOLLOWERS_UNTIL, POST_COMMENTS, POST_FAN_REACH, POST_LIKES, POST_SHARES, POSTS};
use crate::interval;
use crate::metric::{Answer, Figure, Kind, Metric, Read, Unit, Value};
use assay_math::Estimate;
use assay_model::{Abstention, Figures, PublishedRow};
use std::collections::HashMap;

const SOURCE: &str = "interactions over their base, as analytics suites define it; sums over sums";

#[expect(
    clippy::too_many_arguments,
    reason = "the fields of a metric that differ within the family, each of a type of its own"
)]
const fn rate(
    id: &'static str,
    name: &'static str,
    definition: &'static str,
    denominator: &'static str,
    traps: &'static str,
    reads: &'static [Read],
    answer: fn(&Frame<'_>) -> Answer,
    control: f64,
) -> Metric {
    Metric {
        id,
        name,
        kind: Kind::Engagement,
        unit: Unit::Rate,
        definition,
        numerator: "interactions",
        denominator,
        traps,
        source: SOURCE,
        reads,
        answer,
        control: Some(control),
    }
}

/// By reach.
pub(crate) const BY_REACH: Metric = rate(
    "engagement_rate_by_reach",
    "Engagement rate by reach",
    "interactions over accounts reached, summed over the posts that tell both",
    "accounts reached by those posts",
    "needs the owner's figures; the sum over posts counts a person once for each post",
    &[POSTS],
    |frame| over(frame, "reach", |p| p.figures.reach),
    0.16,
);

/// By impressions.
pub(crate) const BY_IMPRESSIONS: Metric = rate(
    "engagement_rate_by_impressions",
    "Engagement rate by impressions",
    "interactions over impressions, summed over the posts that tell both",
    "impressions of those posts",
    "falls as the same people see a post more often",
    &[POSTS],
    |frame| over(frame, "impressions", |p| p.figures.impressions),
    0.08,
);

/// By followers.
pub(crate) const BY_FOLLOWERS: Metric = rate(
    "engagement_rate_by_followers",
    "Engagement rate by followers",
    "interactions over followers at the time of the post, summed over posts",
    "followers when each post was published",
    "bought and dormant followers depress it, reach beyond followers inflates it",
    &[POSTS, FOLLOWERS_BY_DAY],
    |frame| by_followers(frame).map(|(figure, _)| figure),
    0.08,
);

/// By genuine followers.
pub(crate) const BY_GENUINE: Metric = rate(
    "engagement_rate_by_genuine_followers",
    "Engagement rate by genuine followers",
    "interactions over genuine followers at the time of the post: the rate by followers over the share of genuine ones",
    "followers when each post was published × genuine share",
    "the share is of today's list and is taken to have held then; the interval joins the ends of both, and so is on the wide side",
    &[POSTS, FOLLOWERS_BY_DAY, FOLLOWERS_UNTIL],
    by_genuine,
    0.16,
);

/// Shares a post.
pub(crate) const AMPLIFICATION: Metric = Metric {
    unit: Unit::Ratio,
    numerator: "shares",
    source: "Kaushik 2011, \"Best Social Media Metrics\"",
    ..rate(
        "amplification",
        "Amplification",
        "shares for each post",
        "posts that tell shares",
        "one viral post makes it; look at the interval",
        &[POST_SHARES],
        |frame| per_post(frame, "shares", |f| f.shares),
        10.0,
    )
};

/// Comments a post.
pub(crate) const CONVERSATION: Metric = Metric {
    unit: Unit::Ratio,
    numerator: "comments",
    source: "Kaushik 2011, \"Best Social Media Metrics\"",
    ..rate(
        "conversation",
        "Conversation",
        "comments for each post",
        "posts that tell comments",
        "the page's own answers may be among them; a quarrel counts as much as praise",
        &[POST_COMMENTS],
        |frame| per_post(frame, "comments", |f| f.comments),
        25.0,
    )
};

/// Likes a post.
pub(crate) const APPLAUSE: Metric = Metric {
    unit: Unit::Ratio,
    numerator: "likes",
    source: "Kaushik 2011, \"Best Social Media Metrics\"",
    ..rate(
        "applause",
        "Applause",
        "likes for each post",
        "posts that tell likes",
        "the vanity part of engagement",
        &[POST_LIKES],
        |frame| per_post(frame, "likes", |f| f.likes),
        45.0,
    )
};

/// Reach beyond followers.
pub(crate) const NON_FOLLOWER_REACH: Metric = Metric {
    unit: Unit::Share,
    numerator: "accounts reached that do not follow",
    ..rate(
        "reach_from_non_followers_share",
        "Share of reach from non-followers",
        "accounts reached that do not follow, of all reached, over the posts that tell both",
        "accounts reached by those posts",
        "paid reach is mostly beyond followers; look at unpaid posts by themselves",
        &[POST_FAN_REACH],
        non_followers,
        0.4,
    )
};

/// The sum over units with the interval of the delta method.
fn summed(units: &[(f64, f64)], what: &str, confidence: f64) -> Answer {
    let (y, x) = units.iter().fold((0.0, 0.0), |s, u| (s.0 + u.0, s.1 + u.1));
    if x <= 0.0 {
        return Err(missing(
            &format!("posts in the window with interactions and {what}"),
            "the platform's analytics of posts",
        ));
    }
    Ok(Figure::ratio(y, x).estimated(interval::ratio(units.iter().copied(), confidence)))
}

fn over(frame: &Frame<'_>, what: &str, of: fn(&PublishedRow) -> Option<i64>) -> Answer {
    let units: Vec<(f64, f64)> =
        frame.posts().filter_map(|p| Some((p.interactions()? as f64, of(p)? as f64))).collect();
    summed(&units, what, frame.asked.confidence)
}

fn per_post(frame: &Frame<'_>, what: &str, of: fn(&Figures) -> Option<i64>) -> Answer {
    let units: Vec<(f64, f64)> = frame.posts().filter_map(|p| Some((of(&p.figures)? as f64, 1.0))).collect();
    summed(&units, what, frame.asked.confidence)
}

fn by_followers(frame: &Frame<'_>) -> Result<(Figure, Option<Estimate>), Abstention> {
    let days = &frame.business.account_days;
    let known: HashMap<_, i64> = days.iter().filter_map(|d| Some(((d.network, d.day), d.followers?))).collect();
    let at = |p: &PublishedRow| p.followers.or_else(|| known.get(&(p.network, frame.day(p.published_at?))).copied());
    let units: Vec<(f64, f64)> =
        frame.posts().filter_map(|p| Some((p.interactions()? as f64, at(p)? as f64))).collect();
    let figure = summed(&units, "followers at their time", frame.asked.confidence)?;
    let estimate = match figure.value {
        Value::Estimated(e) => Some(e),
        Value::Exact(_) | Value::AtMost(_) => None,
    };
    Ok((figure, estimate))
}

fn by_genuine(frame: &Frame<'_>) -> Answer {
    let share = frame.genuine_share()?;
    let (rate, estimate) = by_followers(frame)?;
    if share.low <= 0.0 {
        return Err(Abstention::new(
            "the share of genuine followers may be 0: the rate has no upper end",
            "an audit with a narrower interval: more columns of the followers, or labels",
        ));
    }
    let (low, high) = estimate.map_or((rate.value.point(), rate.value.point()), |e| (e.low, e.high));
    let point = rate.value.point() / share.point;
    let whole = Estimate::new(point, (low / share.high).min(point), (high / share.low).max(point), share.confidence);
    let base = rate.denominator.unwrap_or(0.0) * share.point;
    Ok(Figure::ratio(rate.numerator.unwrap_or(0.0), base).estimated(Some(whole)))
}

fn non_followers(frame: &Frame<'_>) -> Answer {
    let units: Vec<(f64, f64)> = frame
        .posts()
        .filter_map(|p| {
            let (reach, fans) = (p.figures.reach? as f64, p.fan_reach? as f64);
            Some(((reach - fans).max(0.0), reach))
        })
        .collect();
    let (y, x) = units.iter().fold((0.0, 0.0), |s, u| (s.0 + u.0, s.1 + u.1));
    if x <= 0.0 {
        return Err(missing(
            "posts that tell reach and reach among followers",
            "the platform's analytics of posts with both",
        ));
    }
    Ok(Figure::ratio(y, x).estimated(interval::share(units.iter().copied(), frame.asked.confidence)))
}
