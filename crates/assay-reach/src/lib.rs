//! Reach: the model fitted to a page, and the feed simulator.

pub mod feed;
mod mechanism;
pub mod page;

pub use mechanism::{
    AUTHOR_LIFT, AuthorLift, Described, EXPANSION, Expansion, IMPRESSION_PRIOR, MECHANISMS, MEMORY_HALF_LIFE_POSTS,
    MEMORY_POSTS, Mechanism, RatePrior, SOLD_ACCOUNT_FEED_SLOTS, SOLD_ACCOUNT_FOLLOWS, SPAM_LABEL, SpamLabel, Theta,
    exposure_share,
};
