//! The rules by which feeds are filled: one file a policy, one line in [`POLICIES`].
//!
//! A policy is data. Both engines read the same fields, so a new policy is a new file and a line. How a post is scored:
//!
//! ```text
//! value  = sum over actions of weight * predicted chance of that action by this viewer
//! score  = value * affinity * prior(page) * out-of-network factor * diversity(k-th post of the page) * 2^(-age / half life)
//! shown  = the `slots` highest of score^sharpness / U, U even in 0..1: the viewer's own taste, with the tail of a power law
//! ```

mod chronological;
mod edgerank;
mod per_follower;
mod per_impression;
mod test_then_expand;
mod x_2023;
mod x_2026;

use super::scenario::Style;
use crate::mechanism::{AuthorLift, Expansion, Mechanism, RatePrior, SpamLabel};

/// Every policy, in the order in which they are listed.
pub static POLICIES: &[Policy] = &[
    chronological::POLICY,
    x_2023::POLICY,
    x_2026::POLICY,
    edgerank::POLICY,
    per_impression::POLICY,
    per_follower::POLICY,
    test_then_expand::POLICY,
];

/// A rule by which feeds are filled.
#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// What the scenario calls it.
    pub id: &'static str,
    /// What it does, in one plain sentence.
    pub sentence: &'static str,
    /// Where its shape was published, and what in it is made.
    pub source: &'static str,
    /// What it leaves out.
    pub limits: &'static str,
    /// The mechanism of the fitted model that it stands for.
    pub mechanism: Mechanism,
    /// How posts compete.
    pub rank: Rank,
    /// What is known of a page raises or lowers its posts by this.
    pub prior: Prior,
    /// What each predicted action adds to the value of a post.
    pub weights: Actions,
    /// Power of the viewer's own liking of the page in the score, beyond the predicted actions.
    pub affinity: f64,
    /// The k-th post of a page on one day (from 0) is scored by `(1 - floor) * decay^k + floor`.
    pub diversity: Diversity,
    /// Factor on posts of pages that the viewer does not follow.
    pub out_of_network: f64,
    /// Hours in which a post's score halves; infinite for none.
    pub half_life_h: f64,
    /// A lift for pages with few followers.
    pub lift: Option<Lift>,
    /// A label that keeps a page from strangers.
    pub label: Option<Label>,
    /// What buying ten times the followers must do to reach for each follower who is a person; see [`Control`].
    pub control: Control,
}

/// How posts compete for a place in the feed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Rank {
    /// Not at all: who opens the app sees all new posts of what they follow.
    Newest,
    /// By score, for the slots of a visit.
    Score,
    /// Each post of the page is tried on pools of followers and goes on while it does well; others compete by score.
    Pools(Expansion),
}

/// What is known of a page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Prior {
    /// Nothing: each viewer's own prediction is all.
    None,
    /// Engagements over impressions, remembered over posts, raised to `gain`.
    PerImpression {
        /// What counts as seen before the first.
        start: RatePrior,
        /// The power.
        gain: f64,
        /// Posts in which what is remembered halves.
        half_life_posts: f64,
    },
    /// Engagements of followers over all followers, remembered over posts, raised to `gain`.
    PerFollower {
        /// The power; below 1, or the feedback runs away for everybody.
        gain: f64,
        /// Posts in which what is remembered halves.
        half_life_posts: f64,
    },
}

/// The least and the most that a page's prior does to its score. .01 is the floor of X 2026's penalty on a low rate of
/// favourites (`param.rs`, switched off there); the cap is made.
pub(crate) const PRIOR_FACTOR: (f64, f64) = (0.01, 10.0);

/// A number for each action that a ranker predicts.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Actions {
    /// A like.
    pub like: f64,
    /// An answer.
    pub reply: f64,
    /// Passing it on to one's own followers.
    pub repost: f64,
    /// Passing it on in private.
    pub share: f64,
    /// Opening the post or its link and staying.
    pub click: f64,
    /// Looking at the page.
    pub profile: f64,
    /// Watching half of a video, or for ten seconds.
    pub watch: f64,
    /// Asking to see fewer.
    pub negative: f64,
    /// Reporting it.
    pub report: f64,
}

/// Every engagement counts alike, and nothing else does.
const ALL_ALIKE: Actions = Actions {
    like: 1.0,
    reply: 1.0,
    repost: 1.0,
    share: 1.0,
    click: 0.0,
    profile: 0.0,
    watch: 0.0,
    negative: 0.0,
    report: 0.0,
};

/// How further posts of one page on one day are scored.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Diversity {
    /// Factor from one post to the next.
    pub decay: f64,
    /// The factor that no post falls below.
    pub floor: f64,
}

/// Both versions of X: `DiversityDiscountProvider.scala` (2023), `param.rs` (2026).
pub(crate) const X_DIVERSITY: Diversity = Diversity { decay: 0.5, floor: 0.25 };

/// A lift for pages with few followers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lift {
    /// Whom it is for.
    pub rule: AuthorLift,
    /// Chance that the page's post is the one lifted among the eligible ones of a visit, 0..1.
    pub wins_share: f64,
}

/// A label that keeps a page from strangers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Label {
    /// How long it holds.
    pub rule: SpamLabel,
    /// The chance of a label on a day of delivery is `most * (1 - exp(-delivered / (0.1 * followers))) * bought share`.
    pub most: f64,
}

/// What a policy must do with a page of 2,000 people that buys 20,000, in the last month of a half-year: reach among people
/// over that of the same page that bought none, as (least, most).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Control {
    /// Where the accounts never open the app.
    pub dormant: (f64, f64),
    /// Where they open it on three days of ten.
    pub active: (f64, f64),
}

/// How often an average viewer acts so, for each one that engages at all (made; negative ones for each one shown). A like is
/// the commonest; an answer and a repost follow at a tenth and less.
const USUAL: Actions = Actions {
    like: 0.85,
    reply: 0.06,
    repost: 0.07,
    share: 0.04,
    click: 0.4,
    profile: 0.06,
    watch: 0.3,
    negative: 0.0004,
    report: 0.00002,
};

/// Added to every value so that none is 0 or below; X 2026 adds as much to positive scores.
const VALUE_OFFSET: f64 = 0.001;

impl Style {
    /// How much more or less often posts of this style get each action (made).
    fn factors(self) -> Actions {
        let even = Actions {
            like: 1.0,
            reply: 1.0,
            repost: 1.0,
            share: 1.0,
            click: 1.0,
            profile: 1.0,
            watch: 1.0,
            negative: 1.0,
            report: 1.0,
        };
        match self {
            Self::Picture => Actions { like: 1.1, reply: 0.7, watch: 0.3, ..even },
            Self::Talk => Actions { like: 0.8, reply: 2.0, repost: 1.3, watch: 0.2, ..even },
            Self::Video => Actions { share: 1.5, watch: 2.5, click: 0.8, ..even },
            Self::Link => Actions { like: 0.6, click: 2.0, watch: 0.2, ..even },
        }
    }

    /// The styles of other pages, in turn.
    pub(crate) const ALL: [Self; 4] = [Self::Picture, Self::Talk, Self::Video, Self::Link];
}

impl Policy {
    /// The policy of this id.
    pub fn of(id: &str) -> Option<&'static Self> {
        POLICIES.iter().find(|p| p.id == id)
    }

    /// What a post of this style is worth to a viewer who engages with this chance where the platform's mean is `mean`.
    pub(crate) fn value(&self, style: Style, engage: f64, mean: f64) -> f64 {
        let (w, f, u) = (&self.weights, style.factors(), &USUAL);
        let wanted = w.like * u.like * f.like
            + w.reply * u.reply * f.reply
            + w.repost * u.repost * f.repost
            + w.share * u.share * f.share
            + w.click * u.click * f.click
            + w.profile * u.profile * f.profile
            + w.watch * u.watch * f.watch;
        let unwanted = w.negative * u.negative * f.negative + w.report * u.report * f.report;
        let value = (wanted * engage + unwanted).max(0.0) + VALUE_OFFSET * wanted.max(1.0);
        value * (engage.max(1e-6) / mean.max(1e-6)).powf(self.affinity)
    }

    /// Factor on the k-th post of a page on one day, from 0.
    pub(crate) fn diversity_factor(&self, k: u32) -> f64 {
        let Diversity { decay, floor } = self.diversity;
        (1.0 - floor) * decay.powi(k as i32) + floor
    }

    /// Factor on a post of yesterday.
    pub(crate) fn yesterday_factor(&self) -> f64 {
        (-24.0 / self.half_life_h).exp2()
    }
}

#[cfg(test)]
mod tests {
    use super::{POLICIES, Policy, Prior};
    use crate::feed::scenario::Style;

    #[test]
    fn ids_differ_and_every_policy_says_what_it_is() {
        for (i, p) in POLICIES.iter().enumerate() {
            assert!(POLICIES[..i].iter().all(|q| q.id != p.id), "{}", p.id);
            assert!(p.sentence.len() > 20 && p.source.len() > 20 && p.limits.len() > 10, "{}", p.id);
            assert!(p.control.dormant.0 <= p.control.dormant.1 && p.control.active.0 <= p.control.active.1);
            assert_eq!(Policy::of(p.id).map(|q| q.id), Some(p.id));
            if let Prior::PerFollower { gain, .. } = p.prior {
                assert!(gain < 1.0);
            }
        }
    }

    /// X 2023: discount(pos) = .75 * .5^pos + .25, which its source writes out as 1, .625, .4375, .344.
    #[test]
    fn diversity_is_that_of_x() {
        let policy = Policy::of("x-2023").expect("a policy");
        for (k, want) in [(0, 1.0), (1, 0.625), (2, 0.4375), (3, 0.343_75)] {
            assert!((policy.diversity_factor(k) - want).abs() < 1e-12);
        }
    }

    #[test]
    fn value_rises_with_engagement_and_answers_weigh_more_on_x_2023() {
        for p in POLICIES {
            for style in Style::ALL {
                assert!(p.value(style, 0.06, 0.03) >= p.value(style, 0.03, 0.03), "{}", p.id);
                assert!(p.value(style, 0.0, 0.03) > 0.0, "{}", p.id);
            }
        }
        let gap = |id| {
            let p = Policy::of(id).expect("a policy");
            p.value(Style::Talk, 0.03, 0.03) / p.value(Style::Picture, 0.03, 0.03)
        };
        assert!(gap("x-2023") > 1.1 && gap("x-2023") > gap("chronological"));
    }
}
