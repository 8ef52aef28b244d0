//! What inauthentic followers cost a page.

use crate::report::Origin;
use assay_math::Estimate;
use assay_model::{Abstention, Outcome};
use assay_reach::page::{Fit, Plan, Target};

/// What `assay reach fit` answers.
#[derive(Debug, Clone)]
pub struct FitReport {
    /// Where it comes from.
    pub origin: Origin,
    /// What was fitted.
    pub target: Target,
    /// How often intervals hold the truth, 0..1.
    pub confidence: f64,
    /// The inauthentic share of the followers at the last post, or why it is not known.
    pub share_now: Outcome<Estimate>,
    /// The fit, or why there is none.
    pub fit: Outcome<Fit>,
    /// The share of reach that is lost now, or why that cannot be said.
    pub cost_now: Outcome<Estimate>,
    /// The same before the posts were looked at.
    pub cost_before: Option<Estimate>,
    /// What reach gains so many posts after all inauthentic followers are gone.
    pub gains: Vec<(u32, Estimate)>,
    /// The gain of a removal where it cannot be said.
    pub gain_abstained: Option<Abstention>,
    /// Removals that would tell, where the posts do not.
    pub plans: Vec<Plan>,
}
