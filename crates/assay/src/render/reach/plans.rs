//! Removals that would tell, as JSON.

use assay_reach::page::Plan;
use serde_json::{Value, json};

/// Removals that would tell, and how much.
pub(super) fn plans_json(plans: &[Plan]) -> Value {
    let plan = |p: &Plan| {
        json!({
            "n_steps": p.steps,
            "n_posts_per_step": p.posts_per_step,
            "n_posts": p.n_posts,
            "tells_cost": p.tells_cost,
            "names_mechanism": p.names_mechanism,
            "misleads": p.misleads,
            "mean_width_share": p.mean_width,
        })
    };
    plans.iter().map(plan).collect()
}
