//! Vanity numbers, named so: followers, likes, impressions. They grow whatever becomes of the business, and stand beside the
//! numbers to act on.
//!
//! A figure that several tables tell (posts, days of posts, days of the account) is taken from one of them alone, the first
//! in this order that tells it: they count the same things.

use crate::frame::{Frame, missing};
use crate::having::{
    ACCOUNT_IMPRESSIONS, ACCOUNT_LIKES, FOLLOWERS_BY_DAY, FOLLOWERS_UNTIL, POST_DAY_IMPRESSIONS, POST_DAY_LIKES,
    POST_IMPRESSIONS, POST_LIKES,
};
use crate::metric::{Answer, Figure, Kind, Metric, Unit};
use assay_model::{BusinessTable, Day, Figures};

/// Followers at the end of the window.
pub(crate) const FOLLOWERS: Metric = Metric {
    id: "followers",
    name: "Followers",
    kind: Kind::Vanity,
    unit: Unit::Count,
    definition: "accounts that follow at the end of the window: as the platform counts them, else as many as the list holds",
    numerator: "followers",
    denominator: "",
    traps: "bought, automated and dormant accounts count as much as people; compare genuine_followers",
    source: "the platforms' own counts",
    reads: &[FOLLOWERS_BY_DAY, FOLLOWERS_UNTIL],
    answer: followers,
    control: Some(1_000.0),
};

/// Likes of posts of the window.
pub(crate) const LIKES: Metric = Metric {
    id: "likes",
    name: "Likes",
    kind: Kind::Vanity,
    unit: Unit::Count,
    definition: "likes of the posts published in the window; where posts do not tell them, likes by day",
    numerator: "likes",
    denominator: "",
    traps: "the cheapest thing to give and to buy; says nothing of who gave it",
    source: "the platforms' own counts",
    reads: &[POST_LIKES, POST_DAY_LIKES, ACCOUNT_LIKES],
    answer: |frame| total(frame, "likes", |f| f.likes),
    control: Some(90.0),
};

/// Impressions of posts of the window.
pub(crate) const IMPRESSIONS: Metric = Metric {
    id: "impressions",
    name: "Impressions",
    kind: Kind::Vanity,
    unit: Unit::Count,
    definition: "times that the posts published in the window were shown; where posts do not tell it, impressions by day",
    numerator: "impressions",
    denominator: "",
    traps: "one person counts as often as the post was shown; paid impressions may be among them",
    source: "the platforms' own counts",
    reads: &[POST_IMPRESSIONS, POST_DAY_IMPRESSIONS, ACCOUNT_IMPRESSIONS],
    answer: |frame| total(frame, "impressions", |f| f.impressions),
    control: Some(2_000.0),
};

/// Followers of each network: as last counted by the platform, else as the list holds them.
fn followers(frame: &Frame<'_>) -> Answer {
    let b = frame.business;
    let n_networks = b.networks.len();
    let mut counted: Vec<Option<(Day, i64)>> = vec![None; n_networks];
    for (i, row) in b.account_days.iter().enumerate() {
        let Some(n) = row.followers else { continue };
        let last = &mut counted[usize::from(row.network.0)];
        if last.is_none_or(|(day, _)| day <= row.day) && frame.slice.is_history(b, BusinessTable::AccountDays, i as u32)
        {
            *last = Some((row.day, n));
        }
    }
    let mut listed = vec![0_i64; n_networks];
    for (i, row) in b.followers.iter().enumerate() {
        listed[usize::from(row.network.0)] += i64::from(frame.slice.is_history(b, BusinessTable::Followers, i as u32));
    }
    let told = counted.iter().zip(&listed).map(|(c, l)| c.map_or(*l, |(_, n)| n));
    if counted.iter().all(Option::is_none) && listed.iter().all(|l| *l == 0) {
        return Err(missing("followers", "a list of followers, or the platform's figures by day"));
    }
    let figure = Figure::counted(told.sum::<i64>() as f64);
    Ok(if counted.iter().all(Option::is_none) && frame.slice.window.to.is_some() {
        figure.note("of those in today's list who followed by then: who has left since is not in it")
    } else {
        figure
    })
}

/// How many followers there are.
pub(crate) fn n_followers(frame: &Frame<'_>) -> Result<f64, assay_model::Abstention> {
    Ok(followers(frame)?.value.point())
}

fn total(frame: &Frame<'_>, what: &str, of: fn(&Figures) -> Option<i64>) -> Answer {
    let b = frame.business;
    let days = frame.slice.rows.of(BusinessTable::PostDays).iter().map(|i| &b.post_days[*i as usize].figures);
    let sum = |figures: &mut dyn Iterator<Item = &Figures>| {
        let told: Vec<i64> = figures.filter_map(of).collect();
        (!told.is_empty()).then(|| told.iter().sum::<i64>() as f64)
    };
    let found = sum(&mut frame.posts().map(|p| &p.figures))
        .or_else(|| sum(&mut days.into_iter()))
        .or_else(|| sum(&mut frame.account_days().map(|d| &d.figures)));
    found.map(Figure::counted).ok_or_else(|| missing(what, "the platform's analytics of posts or days"))
}
