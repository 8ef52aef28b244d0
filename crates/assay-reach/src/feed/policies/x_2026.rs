//! X as published in 2026: predictions for each viewer, a lift for small authors, a label that keeps pages from strangers.

use super::{Actions, Control, Label, Lift, Policy, Prior, Rank, X_DIVERSITY};
use crate::mechanism::{AUTHOR_LIFT, Mechanism, SPAM_LABEL};

pub(super) const POLICY: Policy = Policy {
    id: "x-2026",
    sentence: "predicted actions are weighted as X published in August 2026; small authors are lifted, labelled ones kept from strangers",
    source: "xai-org/x-algorithm (home-mixer/params/param.rs, scorers/author_cold_start.rs, visibility-filtering/rules/registry.rs); chances to be the one lifted (.2) and to be labelled (at most .3) are made, its thresholds being redacted",
    limits: "mutual follows, dwell time and the diversity reranker are not in it; what its transformer learns of an author is taken to be personal",
    mechanism: Mechanism::PerViewer,
    rank: Rank::Score,
    prior: Prior::None,
    weights: Actions {
        like: 0.5,
        reply: 5.0,
        repost: 1.0,
        share: 5.0,
        click: 0.4,
        profile: 0.0,
        watch: 0.05,
        negative: -43.2,
        report: -234.0,
    },
    affinity: 0.0,
    diversity: X_DIVERSITY,
    out_of_network: 0.75,
    half_life_h: f64::INFINITY,
    lift: Some(Lift { rule: AUTHOR_LIFT, wins_share: 0.2 }),
    label: Some(Label { rule: SPAM_LABEL, most: 0.3 }),
    control: Control { dormant: (0.97, 1.03), active: (0.97, 1.03) },
};
