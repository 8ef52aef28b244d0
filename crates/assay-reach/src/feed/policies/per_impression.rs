//! A prior on authors by engagements per impression.

use super::{ALL_ALIKE, Control, Policy, Prior, Rank, X_DIVERSITY};
use crate::mechanism::{IMPRESSION_PRIOR, MEMORY_HALF_LIFE_POSTS, Mechanism};

pub(super) const POLICY: Policy = Policy {
    id: "per-impression",
    sentence: "what a page's posts got per impression served raises or lowers all its posts, beside each viewer's prediction",
    source: "the prior of X 2026's author cold start (Beta(0.75, 49.25)); its power of .5 and a memory of ten posts are made",
    limits: "how strongly any platform counts this is not published",
    mechanism: Mechanism::PerImpression,
    rank: Rank::Score,
    prior: Prior::PerImpression { start: IMPRESSION_PRIOR, gain: 0.5, half_life_posts: MEMORY_HALF_LIFE_POSTS },
    weights: ALL_ALIKE,
    affinity: 0.0,
    diversity: X_DIVERSITY,
    out_of_network: 0.75,
    half_life_h: 24.0,
    lift: None,
    label: None,
    control: Control { dormant: (0.95, 1.03), active: (0.5, 0.95) },
};
