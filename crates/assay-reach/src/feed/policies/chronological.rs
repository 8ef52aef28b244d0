//! The newest first, nothing left out: reach depends on who opens the app, and on nothing else.

use super::{ALL_ALIKE, Control, Diversity, Policy, Prior, Rank};
use crate::mechanism::Mechanism;

pub(super) const POLICY: Policy = Policy {
    id: "chronological",
    sentence: "everybody who opens the app sees all new posts of the pages they follow, newest first",
    source: "Bluesky's getTimeline and Mastodon's home timeline; feeds of other platforms before ranking",
    limits: "nobody is taken to stop scrolling; posts older than the window are not seen",
    mechanism: Mechanism::PerViewer,
    rank: Rank::Newest,
    prior: Prior::None,
    weights: ALL_ALIKE,
    affinity: 0.0,
    diversity: Diversity { decay: 1.0, floor: 1.0 },
    out_of_network: 1.0,
    half_life_h: f64::INFINITY,
    lift: None,
    label: None,
    control: Control { dormant: (0.97, 1.03), active: (0.97, 1.03) },
};
