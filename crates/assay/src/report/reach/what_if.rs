//! What buying, removing or promoting would do.

use crate::pipeline::reach::RemovalPlan;
use crate::report::Origin;
use assay_math::Estimate;
use assay_model::Outcome;
use assay_reach::page::{Change, Outcomes, PageNow, Plan};

/// What `assay reach what-if` answers.
#[derive(Debug, Clone)]
pub struct WhatIfReport {
    /// Where it comes from.
    pub origin: Origin,
    /// How often intervals hold the truth, 0..1.
    pub confidence: f64,
    /// The page as it is.
    pub page: PageNow,
    /// Whether posts were looked at, or the priors alone speak.
    pub from_posts: bool,
    /// What is done to it, and what follows.
    pub followed: Option<(Change, Outcomes)>,
    /// Money spent on promoting, and what it would bring.
    pub promoted: Option<Promoted>,
    /// What an engagement is worth, where told or read off orders.
    pub value: Option<Valued>,
    /// Removals that would tell the mechanism.
    pub plans: Vec<Plan>,
    /// The removal as an experiment, where it is to be one.
    pub experiment: Option<RemovalPlan>,
}

impl WhatIfReport {
    /// What would tell more than the priors do; `None` where posts were looked at.
    pub fn would_settle(&self) -> Option<&'static str> {
        (!self.from_posts).then_some(
            "posts of this page with their reach narrow this once its inauthentic share has changed on a known day, by a purchase, a purge or a \
             removal: `assay reach what-if POSTS --followers-history FILE`. Where it never changed, a removal in steps tells: `assay reach what-if \
             POSTS --audit FILE --remove N --in 3 --from DATE --seal FILE`",
        )
    }
}

/// What an engagement is worth.
#[derive(Debug, Clone)]
pub struct Valued {
    /// In minor units, or why that cannot be said.
    pub minor: Outcome<Estimate>,
    /// The currency, where known.
    pub currency: Option<String>,
    /// Weeks of posts and orders that it rests on; `None` where the user told.
    pub n_weeks: Option<usize>,
}

/// What promoting would bring.
#[derive(Debug, Clone)]
pub struct Promoted {
    /// Money to spend, in the table's currency.
    pub amount: f64,
    /// To whom, in the user's words.
    pub audience: Option<String>,
    /// Accounts reached beyond those without it, or why that cannot be said.
    pub extra_reach: Outcome<Estimate>,
}
