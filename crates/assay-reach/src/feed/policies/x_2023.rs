//! X as published in 2023: the heavy ranker's weights, author diversity, and a learned prior on authors.

use super::{Actions, Control, Label, Policy, Prior, Rank, X_DIVERSITY};
use crate::mechanism::{IMPRESSION_PRIOR, MEMORY_HALF_LIFE_POSTS, Mechanism, SPAM_LABEL};

pub(super) const POLICY: Policy = Policy {
    id: "x-2023",
    sentence: "predicted actions are weighted as X published in April 2023; what an author's posts got per impression enters",
    source: "twitter/the-algorithm-ml (home/recap/README.md, FEATURES.md) and twitter/the-algorithm (DiversityDiscountProvider.scala); how strongly the learned author aggregate counts was not published: a power of .25 is made, and so is the half life of a day",
    limits: "verified accounts, answers by the author (weight 75) and the 6,000 other features are not in it; labels as in x-2026",
    mechanism: Mechanism::PerImpression,
    rank: Rank::Score,
    prior: Prior::PerImpression { start: IMPRESSION_PRIOR, gain: 0.25, half_life_posts: MEMORY_HALF_LIFE_POSTS },
    weights: Actions {
        like: 0.5,
        reply: 13.5,
        repost: 1.0,
        share: 0.0,
        click: 11.0,
        profile: 12.0,
        watch: 0.005,
        negative: -74.0,
        report: -369.0,
    },
    affinity: 0.0,
    diversity: X_DIVERSITY,
    out_of_network: 1.0,
    half_life_h: 24.0,
    lift: None,
    label: Some(Label { rule: SPAM_LABEL, most: 0.3 }),
    control: Control { dormant: (0.97, 1.03), active: (0.5, 0.97) },
};
