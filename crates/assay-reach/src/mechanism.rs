//! The ways in which bought followers may cut a page's reach, each with the weight it has before any data.
//!
//! Nobody outside the platforms knows which of these holds on a given one: no controlled experiment on bought followers and
//! organic reach has been published, and the one ranker published in full has no term of engagement over followers. So
//! the mechanism is an unknown with a prior. The weights are a judgment, open to the user (`--mechanism-prior`).
//!
//! Shapes and their sources:
//!
//! - *per viewer*: posts are ranked for each viewer by predicted actions (X 2023, `twitter/the-algorithm`; X 2026,
//!   `xai-org/x-algorithm`). A follower who never opens the app makes no request and has no effect.
//! - *per impression*: an author's rate of engagement per impression served raises or lowers all their posts; the learned
//!   `author_aggregate` features of X 2023, and the Beta prior of X 2026's author cold start.
//! - *per follower*: the rate of engagement per follower does; asserted by practitioners (Veritasium 2014), published by none.
//! - *test then expand*: each post is shown to a sample of followers first and goes on while it does well; lore about
//!   `TikTok` and others, published by none.
//!
//! Beside these stand gates that hold on X: [`AuthorLift`] and [`SpamLabel`].

use serde::Serialize;

/// A way in which bought followers may cut reach.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mechanism {
    /// Posts are ranked for each viewer; bought followers change nothing for the others.
    PerViewer,
    /// The rate of engagement per impression served ranks an author; bought followers harm only where they look at posts.
    PerImpression,
    /// The rate of engagement per follower ranks an author; any bought follower harms, and the harm feeds on itself.
    PerFollower,
    /// A post is tried on a sample of followers and shown to more while it does well.
    TestThenExpand,
}

/// What is known of a mechanism before any data.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Described {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// Its name on the command line and in JSON.
    pub id: &'static str,
    /// What it does, in one plain sentence.
    pub sentence: &'static str,
    /// Where its shape was published.
    pub source: &'static str,
    /// Its weight before any data, 0..1; the weights sum to 1.
    pub prior: f64,
    /// How strongly a lower rate cuts reach: `log multiplier = theta * log(1 - z)`. `None` where nothing is cut.
    pub theta: Option<Theta>,
}

/// The prior of the strength `theta`: a normal, cut off below 0.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Theta {
    /// Mean of the normal before it is cut.
    pub mean: f64,
    /// Standard deviation of the normal before it is cut.
    pub sd: f64,
}

/// The mechanisms, in the order of [`Mechanism`]. The weights of the last two sum to the .30 that a mechanism with followers as the
/// denominator gets. Strengths are from a toy feed (100,000 users, 4,000 authors): they are shapes of a prior, not estimates.
pub static MECHANISMS: &[Described] = &[
    Described {
        mechanism: Mechanism::PerViewer,
        id: "per_viewer",
        sentence: "posts are ranked for each viewer, and bought followers cost nothing with the others",
        source: "X 2023 (twitter/the-algorithm) and X 2026 (xai-org/x-algorithm)",
        prior: 0.35,
        theta: None,
    },
    Described {
        mechanism: Mechanism::PerImpression,
        id: "per_impression",
        sentence: "engagement per impression ranks a page, and bought followers harm only if they look at posts",
        source: "author_aggregate features of X 2023; author cold start of X 2026",
        prior: 0.35,
        theta: Some(Theta { mean: 0.35, sd: 0.3 }),
    },
    Described {
        mechanism: Mechanism::PerFollower,
        id: "per_follower",
        sentence: "engagement per follower ranks a page, and every bought follower cuts its reach",
        source: "asserted by practitioners (Veritasium 2014); published by no platform",
        prior: 0.20,
        theta: Some(Theta { mean: 0.8, sd: 0.5 }),
    },
    Described {
        mechanism: Mechanism::TestThenExpand,
        id: "test_then_expand",
        sentence: "each post is tried on a sample of followers and goes on only if they engage",
        source: "lore about TikTok and LinkedIn; published by no platform",
        prior: 0.10,
        theta: Some(Theta { mean: 0.8, sd: 0.5 }),
    },
];

impl Mechanism {
    /// What is known of it before any data.
    pub fn described(self) -> &'static Described {
        &MECHANISMS[self as usize]
    }

    /// Its name on the command line and in JSON.
    pub fn id(self) -> &'static str {
        self.described().id
    }

    /// The mechanism of this name.
    pub fn of(id: &str) -> Option<Self> {
        MECHANISMS.iter().find(|m| m.id == id).map(|m| m.mechanism)
    }
}

/// A prior on an author's rate of engagement per impression: X 2026's author cold start draws it from
/// `Beta(0.75 + engagements, 49.25 + impressions - engagements)`, a rate of 1.5 % with the weight of 50 views.
pub const IMPRESSION_PRIOR: RatePrior = RatePrior { engaged: 0.75, not_engaged: 49.25 };
/// Posts after which what a ranker remembers of a page has halved (made: between the extremes of [`MEMORY_POSTS`]).
pub const MEMORY_HALF_LIFE_POSTS: f64 = 10.0;
/// The range of that half-life that is believed possible, in posts; even in its logarithm.
pub const MEMORY_POSTS: (f64, f64) = (3.0, 30.0);

/// The first two numbers of a beta prior on a rate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RatePrior {
    /// Engagements that count as seen before the first.
    pub engaged: f64,
    /// Impressions without engagement that count as seen before the first.
    pub not_engaged: f64,
}

impl RatePrior {
    /// The mean rate after these impressions (above or equal to `engaged`), 0..1.
    pub fn rate(self, engaged: f64, impressions: f64) -> f64 {
        (self.engaged + engaged) / (self.engaged + self.not_engaged + impressions)
    }
}

/// How posts a day a feed shows, and how many pages a bought account follows: Barracuda Labs (2012) counted 1,799 on
/// average among sold accounts, others about 2,000. A feed of 50 posts a visit is made.
pub const SOLD_ACCOUNT_FEED_SLOTS: f64 = 50.0;
/// Pages that a sold account follows (Barracuda Labs 2012; about 1,800 to 2,100).
pub const SOLD_ACCOUNT_FOLLOWS: f64 = 2_000.0;

/// The share of the impressions among followers that bought accounts take, 0..1.
///
/// `bought * active * min(1, slots / follows) / (that + real_impressions)`: an active bought account sees the page's post
/// with the chance that it is among the slots of a feed made of all the pages that it follows. `active_share` is the
/// chance that a bought account opens the app on a day; `real_impressions` is how many real followers a post reaches.
pub fn exposure_share(bought: f64, active_share: f64, real_impressions: f64) -> f64 {
    let taken = bought * active_share * (SOLD_ACCOUNT_FEED_SLOTS / SOLD_ACCOUNT_FOLLOWS).min(1.0);
    if taken <= 0.0 { 0.0 } else { taken / (taken + real_impressions.max(0.0)) }
}

/// The shape of *test then expand*: the first pool is `first_share` of the followers, at most `first_max`, at random; while
/// the rate of engagement in a pool is at least the platform's median, the next is `growth` times as large.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expansion {
    /// Share of the followers in the first pool, 0..1.
    pub first_share: f64,
    /// The most accounts in the first pool.
    pub first_max: f64,
    /// How many times larger each further pool is.
    pub growth: f64,
}

impl Expansion {
    /// What a share of bought accounts (0..1) leaves of the reach: pools grow while each does as well as the platform's median, which an
    /// average page does half the time; bought accounts in the pool lower its rate by their share, `theta` is one over the
    /// spread of that rate on logs. Five pools.
    pub fn reach_left(self, share: f64, theta: f64) -> f64 {
        let goes_on = |cut: f64| 0.5 * statrs::function::erf::erfc(-cut / std::f64::consts::SQRT_2);
        let reach = |p: f64| (0..5).map(|k| (self.growth * p).powi(k)).sum::<f64>();
        reach(goes_on(theta * (1.0 - share).ln())) / reach(0.5)
    }
}

/// Pools of a tenth of the followers, four times as large each time (marketing lore; no platform has published any).
pub const EXPANSION: Expansion = Expansion { first_share: 0.1, first_max: 500.0, growth: 4.0 };

/// X 2026 (`author_cold_start.rs`): an original post of an author with at most so many followers, and so few views, is lifted into
/// the feed. Followers are counted, whoever they are: buying past the limit forfeits the lift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuthorLift {
    /// The most followers with which an author gets the lift.
    pub followers_max: u64,
    /// The lift ends when a post has so many views.
    pub views_max: u64,
}

/// The lift of X 2026.
pub const AUTHOR_LIFT: AuthorLift = AuthorLift { followers_max: 1_000, views_max: 1_000 };

impl AuthorLift {
    /// Whether an author with so many followers, bought ones among them, gets the lift.
    pub fn holds(self, followers: u64) -> bool {
        followers <= self.followers_max
    }
}

/// X 2026 (`enforcement_user.yaml`, `rules/registry.rs`): a page labelled as spam is shown to nobody who does not follow it for
/// so many days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SpamLabel {
    /// How long the label holds, in days.
    pub days: u32,
}

/// The label of X 2026.
pub const SPAM_LABEL: SpamLabel = SpamLabel { days: 30 };

#[cfg(test)]
mod tests {
    use super::{AUTHOR_LIFT, IMPRESSION_PRIOR, MECHANISMS, Mechanism, exposure_share};

    #[test]
    fn the_table_is_in_the_order_of_the_enum_and_sums_to_one() {
        for (i, m) in MECHANISMS.iter().enumerate() {
            assert_eq!(m.mechanism as usize, i);
            assert_eq!(Mechanism::of(m.id), Some(m.mechanism));
        }
        assert!((MECHANISMS.iter().map(|m| m.prior).sum::<f64>() - 1.0).abs() < 1e-12);
        assert_eq!(Mechanism::of("unheard"), None);
    }

    /// 10,000 bought beside 25 real impressions: 0, .50, .75 and .91 by hand.
    #[test]
    fn exposure_runs_from_nothing_to_ten_in_eleven() {
        for (active, want) in [(0.0, 0.0), (0.1, 0.5), (0.3, 0.75), (1.0, 250.0 / 275.0)] {
            assert!((exposure_share(10_000.0, active, 25.0) - want).abs() < 1e-12, "{active}");
        }
        assert_eq!(exposure_share(0.0, 1.0, 0.0), 0.0);
    }

    #[test]
    fn the_rate_starts_at_its_prior() {
        assert!((IMPRESSION_PRIOR.rate(0.0, 0.0) - 0.015).abs() < 1e-12);
    }

    /// 900 real followers and 200 bought ones lose the lift of X; 50 bought ones do not.
    #[test]
    fn buying_past_the_limit_forfeits_the_lift() {
        assert!(AUTHOR_LIFT.holds(900) && AUTHOR_LIFT.holds(950) && !AUTHOR_LIFT.holds(1_100));
    }
}
