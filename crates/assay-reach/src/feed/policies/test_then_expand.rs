//! Each post is tried on a pool of followers and goes on while it does well.

use super::{ALL_ALIKE, Control, Diversity, Policy, Prior, Rank};
use crate::mechanism::{EXPANSION, Mechanism};

pub(super) const POLICY: Policy = Policy {
    id: "test-then-expand",
    sentence: "each post is shown to a tenth of the followers, and to four times as many while the pool engages like the platform's middle page",
    source: "lore about TikTok and LinkedIn, Veritasium 2014; published by no platform",
    limits: "pools count followers, whether or not they open the app; after all followers come strangers of the page's topic; other pages' pools are not simulated, only their middle rate",
    mechanism: Mechanism::TestThenExpand,
    rank: Rank::Pools(EXPANSION),
    prior: Prior::None,
    weights: ALL_ALIKE,
    affinity: 0.0,
    diversity: Diversity { decay: 1.0, floor: 1.0 },
    out_of_network: 1.0,
    half_life_h: f64::INFINITY,
    lift: None,
    label: None,
    control: Control { dormant: (0.0, 0.6), active: (0.0, 0.6) },
};
