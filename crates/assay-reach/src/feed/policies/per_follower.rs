//! A prior on authors by engagements per follower.

use super::{ALL_ALIKE, Control, Policy, Prior, Rank, X_DIVERSITY};
use crate::mechanism::{MEMORY_HALF_LIFE_POSTS, Mechanism};

pub(super) const POLICY: Policy = Policy {
    id: "per-follower",
    sentence: "the share of all followers who engage raises or lowers all posts of a page",
    source: "asserted by practitioners (Veritasium 2014 and others); published by no platform: a power of .5 and a memory of ten posts are made",
    limits: "no published ranker has this term; the harm feeds on itself, and how far depends on the made power",
    mechanism: Mechanism::PerFollower,
    rank: Rank::Score,
    prior: Prior::PerFollower { gain: 0.5, half_life_posts: MEMORY_HALF_LIFE_POSTS },
    weights: ALL_ALIKE,
    affinity: 0.0,
    diversity: X_DIVERSITY,
    out_of_network: 0.75,
    half_life_h: 24.0,
    lift: None,
    label: None,
    control: Control { dormant: (0.0, 0.6), active: (0.0, 0.6) },
};
