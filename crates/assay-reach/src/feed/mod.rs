//! The feed simulator: a platform of people whose feeds are filled by a published rule, and one page on it that buys followers, removes
//! them, or promotes posts.
//!
//! Two engines keep the same books. [`agents()`] follows every person and every bought account; [`cohorts()`] counts people who are
//! alike, and costs the same on a platform of any size. Both are pure functions of scenario and seed; the same page that
//! bought none, under the same seed, meets the same people in the same mood ([`Scenario::without_purchase`]).

mod agents;
mod authors;
mod check;
mod cohorts;
mod compare;
mod draw;
mod field;
mod graph;
mod ledger;
mod made;
mod noise;
mod people;
mod policies;
mod pools;
mod record;
mod scenario;
mod sellers;
mod settled;
#[cfg(test)]
mod tests;
mod toy;

pub use agents::agents;
pub use check::{BOUGHT_MAX, DAYS_MAX, Fault, USERS_MAX, check};
pub use cohorts::{Backdrop, cohorts};
pub use compare::{Comparison, MEASURES, Measure, Pair, Series, Window, compare};
pub use graph::FollowTable;
pub use made::{FIRST_DAY, OPEN_BEFORE_DAYS, made_page};
pub use policies::{Actions, Control, Diversity, Label, Lift, POLICIES, Policy, Prior, Rank};
pub use record::{DayRow, Platform as PlatformTotals, PostRow, Run};
pub use scenario::{
    Activity, Buy, GraphKind, Group, Money, PageSetting, Platform, Promotion, Purges, Removal, Scenario, SoldAccounts,
    Style,
};
pub use sellers::{SELLERS, Seller};
pub use toy::{Toy, toy_scenario};
