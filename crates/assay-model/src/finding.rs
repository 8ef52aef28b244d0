//! Evidence in numbers: what a detector has to say, before anyone words it.

use crate::outcome::Abstention;
use crate::time::Span;
use serde::Serialize;

/// One thing found, with the numbers it rests on at full precision. Renderings word it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Finding {
    /// Of `n` followers in a row, `n_alike` opened their accounts within `opened`; of the followers around, the share
    /// `expected_share` (0..1) would.
    OpenedTogether {
        /// Followers whose accounts were opened then.
        n_alike: u64,
        /// Followers in the run.
        n: u64,
        /// The first and the last opening.
        opened: Span,
        /// The share of the followers around, 0..1.
        expected_share: f64,
    },
    /// Of `n` followers in a row, `n_alike` had accounts of this age when they followed; of the followers around, the share
    /// `expected_share` (0..1) would.
    OfOneAge {
        /// Followers with accounts of this age.
        n_alike: u64,
        /// Followers in the run.
        n: u64,
        /// Age of the youngest, in days.
        youngest_days: f64,
        /// Age of the oldest, in days.
        oldest_days: f64,
        /// The share of the followers around, 0..1.
        expected_share: f64,
    },
    /// More arrivals than season and trend lead one to expect.
    MoreArrivals {
        /// Arrivals counted.
        n: u64,
        /// Arrivals expected.
        expected: f64,
    },
    /// More unfollows at once than usual.
    MoreLosses {
        /// Unfollows counted.
        n: u64,
        /// Unfollows expected.
        expected: f64,
        /// When.
        lost: Span,
    },
    /// The accounts of a burst are as varied in age as those of the followers around.
    AgesVaried {
        /// A tenth were younger than this when they followed, in days.
        tenth_days: f64,
        /// A tenth were older than this, in days.
        ninetieth_days: f64,
    },
    /// The accounts of a burst are narrower in age than those of the followers around.
    AgesNarrower {
        /// Share of the burst in the densest band, 0..1.
        share: f64,
        /// Share of the followers around that would lie there, 0..1.
        expected_share: f64,
    },
    /// A profile value that is so many times likelier among the sold accounts of this page than among its people.
    ProfileLikelier {
        /// The column, as the follower table names it.
        column: &'static str,
        /// The follower's value; 0 or 1 for a yes or no.
        value: u32,
        /// How many times likelier, above 1.
        times: f64,
    },
    /// The account was opened in days in which more accounts of that look were opened than the year around explains.
    OpenedWithStock {
        /// The days.
        opened: Span,
        /// Accounts of that look opened in them.
        n: f64,
        /// How many one would expect.
        expected: f64,
    },
    /// The follower came when accounts of that look came.
    CameWithStock {
        /// How many times likelier than for people, above 1.
        times: f64,
    },
    /// Of `n` followers in a row, `n_alike` have handles of one template; of the followers around, `expected_share` have.
    NamedAlike {
        /// The template in words, such as `letters and 8 digits`.
        template: String,
        /// Followers with such handles.
        n_alike: u64,
        /// Followers in the run.
        n: u64,
        /// The share of the followers around, 0..1.
        expected_share: f64,
    },
    /// Of `n` followers in a row, `n_alike` have handles with one stem and numbers within a short range.
    NumberedAlike {
        /// The stem.
        stem: String,
        /// Followers with such handles.
        n_alike: u64,
        /// Followers in the run.
        n: u64,
        /// From the least number to the greatest, how many there could be.
        n_numbers: u64,
    },
    /// Of `n` followers in a row, `n_engaged` have engaged with the page; at the rate of the page's others `expected` would.
    EngagedLess {
        /// Followers who engaged.
        n_engaged: u64,
        /// Followers in the run of whom that could be known.
        n: u64,
        /// How many one would expect.
        expected: f64,
    },
    /// As many of the followers in a row have engaged with the page as at the rate of the page's others.
    EngagedAsUsual {
        /// Followers who engaged.
        n_engaged: u64,
        /// Followers in the run of whom that could be known.
        n: u64,
        /// How many one would expect.
        expected: f64,
    },
    /// The follower has done something with the page: evidence for a person.
    HasEngaged {
        /// Engagements.
        n_engagements: u64,
        /// Orders that are joined to the account.
        n_orders: u64,
    },
    /// The account acts in lockstep with others, in the table of what else the followers follow.
    InRing {
        /// Accounts of the ring, followers of this page or not.
        n_accounts: u64,
        /// What they act on.
        n_targets: u64,
        /// How many of these the follower acts on.
        n_shared: u64,
        /// The q-value of the ring.
        q_value: f64,
    },
    /// Somebody looked at the account and labelled it.
    LabelledByHand {
        /// As inauthentic; else as genuine.
        is_inauthentic: bool,
    },
    /// Somebody who knows the account overruled the verdict.
    Overruled {
        /// Inauthentic, they say; else genuine.
        is_inauthentic: bool,
        /// Who says so.
        by: String,
        /// Why.
        why: String,
    },
    /// Who came cannot be told.
    NotTold(Abstention),
}
