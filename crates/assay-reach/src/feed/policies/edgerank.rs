//! `EdgeRank`: affinity times weight times decay.

use super::{Actions, Control, Diversity, Policy, Prior, Rank};
use crate::mechanism::Mechanism;

pub(super) const POLICY: Policy = Policy {
    id: "edgerank",
    sentence: "the viewer's own history with the page, the weight of the kind of engagement, and age rank a post",
    source: "Facebook's EdgeRank, as told in 2010: sum of affinity, edge weight and time decay; the weights (answer 4, repost 3, like 1) and the half life of a day are made",
    limits: "affinity is the viewer's chance to engage with the page, known without error; 2018's points for relationships are not in it",
    mechanism: Mechanism::PerViewer,
    rank: Rank::Score,
    prior: Prior::None,
    weights: Actions {
        like: 1.0,
        reply: 4.0,
        repost: 3.0,
        share: 3.0,
        click: 0.2,
        profile: 0.2,
        watch: 0.0,
        negative: 0.0,
        report: 0.0,
    },
    affinity: 1.0,
    diversity: Diversity { decay: 1.0, floor: 1.0 },
    out_of_network: 1.0,
    half_life_h: 24.0,
    lift: None,
    label: None,
    control: Control { dormant: (0.97, 1.03), active: (0.97, 1.03) },
};
