//! Who the followers are: inauthentic, dormant and genuine, as the audit says, with its intervals; and how the number grows
//! when bought batches are taken out.

use crate::frame::{Frame, missing};
use crate::having::{DAY_COUNTS, FOLLOWERS as LISTED, FOLLOWERS_BY_DAY, FOLLOWERS_UNTIL};
use crate::metric::{Answer, Figure, Kind, Metric, Unit, Value};
use crate::vanity::n_followers;
use assay_math::Estimate;
use assay_model::{Abstention, BusinessTable, Judged, Outcome, Share};

const AUDIT: &str = "assay's audit of the followers (`assay channels` tells its methods)";
const SHARE_TRAP: &str = "an estimate with an interval; what leaves no trace is not seen";

/// Share of inauthentic followers.
pub(crate) const INAUTHENTIC_SHARE: Metric = Metric {
    id: "inauthentic_share",
    name: "Inauthentic followers",
    kind: Kind::Audience,
    unit: Unit::Share,
    definition: "share of followers that are consistent with bought or automated accounts",
    numerator: "inauthentic followers",
    denominator: "followers in the list",
    traps: SHARE_TRAP,
    source: AUDIT,
    reads: &[FOLLOWERS_UNTIL],
    answer: |frame| share(frame, |j| &j.inauthentic_share),
    control: Some(0.2),
};

/// Share of dormant followers.
pub(crate) const DORMANT_SHARE: Metric = Metric {
    id: "dormant_share",
    name: "Dormant followers",
    kind: Kind::Audience,
    unit: Unit::Share,
    definition: "share of followers who are people but no longer active",
    numerator: "dormant followers",
    denominator: "followers in the list",
    traps: "inactive is not fake; a silent reader looks dormant",
    source: AUDIT,
    reads: &[FOLLOWERS_UNTIL],
    answer: |frame| share(frame, |j| &j.dormant_share),
    control: Some(0.3),
};

/// Share of genuine followers.
pub(crate) const GENUINE_SHARE: Metric = Metric {
    id: "genuine_share",
    name: "Genuine followers, share",
    kind: Kind::Audience,
    unit: Unit::Share,
    definition: "share of followers who are people and active",
    numerator: "genuine followers",
    denominator: "followers in the list",
    traps: SHARE_TRAP,
    source: AUDIT,
    reads: &[FOLLOWERS_UNTIL],
    answer: |frame| share(frame, |j| &j.genuine_share),
    control: Some(0.5),
};

/// Genuine followers.
pub(crate) const GENUINE_FOLLOWERS: Metric = Metric {
    id: "genuine_followers",
    name: "Genuine followers",
    kind: Kind::Audience,
    unit: Unit::Count,
    definition: "followers times the share of genuine ones",
    numerator: "followers × genuine share",
    denominator: "",
    traps: "the share is of the list as it was audited; where the platform counts more followers it is taken to hold for all",
    source: AUDIT,
    reads: &[FOLLOWERS_UNTIL, FOLLOWERS_BY_DAY],
    answer: |frame| {
        let (n, share) = (n_followers(frame)?, frame.genuine_share()?);
        Ok(Figure::counted(n * share.point).estimated(Some(scaled(&share, n))))
    },
    control: Some(500.0),
};

/// Growth.
pub(crate) const NET_GROWTH: Metric = Metric {
    id: "net_follower_growth",
    name: "Net follower growth",
    kind: Kind::Vanity,
    unit: Unit::Count,
    definition: "follows less losses in the window, as the platform counts them by day; else the difference of its counts; else \
                 who in the list followed in the window",
    numerator: "follows − losses",
    denominator: "",
    traps: "a bought batch looks like success; see net_follower_growth_cleaned",
    source: "the platforms' own counts",
    reads: &[DAY_COUNTS, FOLLOWERS_BY_DAY, LISTED],
    answer: growth,
    control: Some(60.0),
};

/// Growth without batches.
pub(crate) const NET_GROWTH_CLEANED: Metric = Metric {
    id: "net_follower_growth_cleaned",
    name: "Net follower growth, cleaned of batches",
    kind: Kind::Audience,
    unit: Unit::Count,
    definition: "net follower growth less the followers of batches that arrived in the window and look bought",
    numerator: "follows − losses − inauthentic followers in batches",
    denominator: "",
    traps: "followers who were bought and have left again stand in the gains and in the losses",
    source: AUDIT,
    reads: &[DAY_COUNTS, FOLLOWERS_BY_DAY, LISTED],
    answer: cleaned,
    control: Some(40.0),
};

fn scaled(e: &Estimate, by: f64) -> Estimate {
    Estimate::new(e.point * by, e.low * by, e.high * by, e.confidence)
}

fn share(frame: &Frame<'_>, of: fn(&Judged) -> &Share) -> Answer {
    let judged = frame.judged()?;
    let b = frame.business;
    let until = |i: &u32| frame.slice.is_history(b, BusinessTable::Followers, *i);
    let n = (0..b.followers.len() as u32).filter(until).count() as f64;
    if n <= 0.0 {
        return Err(missing("followers until the end of the window", "a list of followers"));
    }
    match of(judged) {
        Outcome::Found(e) => Ok(Figure { value: Value::Estimated(*e), ..Figure::ratio(e.point * n, n) }
            .note(format!("by {}", judged.basis))),
        Outcome::Abstained(why) => Err(why.clone()),
    }
}

fn growth(frame: &Frame<'_>) -> Answer {
    let (mut net, mut any, mut losses) = (0_i64, false, false);
    for day in frame.day_counts() {
        net += i64::from(day.follows.unwrap_or(0)) - i64::from(day.unfollows.unwrap_or(0));
        any |= day.follows.is_some() || day.unfollows.is_some();
        losses |= day.unfollows.is_some();
    }
    if any {
        let figure = Figure::counted(net as f64);
        return Ok(if losses { figure } else { figure.note("losses are not told: this is gains alone") });
    }
    // Of each network the last count less the first, over the window.
    let mut ends: Vec<Option<(i32, i64, i32, i64)>> = vec![None; frame.business.networks.len()];
    for day in frame.account_days() {
        let Some(n) = day.followers else { continue };
        let end = &mut ends[usize::from(day.network.0)];
        *end = Some(match *end {
            None => (day.day.0, n, day.day.0, n),
            Some((from, first, to, last)) => {
                let (from, first) = if day.day.0 < from { (day.day.0, n) } else { (from, first) };
                let (to, last) = if day.day.0 >= to { (day.day.0, n) } else { (to, last) };
                (from, first, to, last)
            }
        });
    }
    let counted: Vec<i64> = ends.iter().flatten().filter(|e| e.2 > e.0).map(|e| e.3 - e.1).collect();
    if !counted.is_empty() {
        return Ok(Figure::counted(counted.iter().sum::<i64>() as f64));
    }
    let rows = frame.slice.rows.of(BusinessTable::Followers);
    let gained = rows.iter().filter(|i| frame.business.followers[**i as usize].followed_at.is_some()).count();
    if gained == 0 {
        return Err(missing(
            "follows with a time in the window",
            "the platform's follows by day, or a list with follow times",
        ));
    }
    Ok(Figure::counted(gained as f64).note("of those who are still there: losses are not told"))
}

fn cleaned(frame: &Frame<'_>) -> Answer {
    let judged = frame.judged()?;
    let growth = growth(frame)?;
    let window = frame.slice.window;
    let (mut point, mut low, mut high) = (0.0, 0.0, 0.0);
    let mut confidence = frame.asked.confidence;
    for (arrived, inauthentic) in &judged.batches {
        let inside = match arrived {
            Some(span) => {
                let day = frame.day(span.to);
                window.from.is_none_or(|f| f <= day) && window.to.is_none_or(|t| day <= t)
            }
            None if window.from.is_none() && window.to.is_none() => true,
            None => {
                return Err(Abstention::new(
                    "when a batch arrived is not known",
                    "a list with follow times, or no --from and --to",
                ));
            }
        };
        if inside {
            (point, low, high) = (point + inauthentic.point, low + inauthentic.low, high + inauthentic.high);
            confidence = inauthentic.confidence;
        }
    }
    let n = growth.value.point();
    let estimate = Estimate::new(n - point, n - high, n - low, confidence);
    let mut figure = Figure { notes: growth.notes, ..Figure::counted(n - point) };
    if high > 0.0 {
        figure = figure.estimated(Some(estimate));
    }
    Ok(figure.note(format!("by {}", judged.basis)))
}
