//! What customers are worth.

use super::Origin;
use assay_metrics::ltv::{Lifetime, Question};
use assay_model::Outcome;

/// What `assay ltv` answers.
#[derive(Debug, Clone)]
pub struct LtvReport {
    /// Where it comes from.
    pub origin: Origin,
    /// What was asked, with the cutoff that was chosen where none was named.
    pub question: Question,
    /// The currency of the amounts; `None` where the orders name none.
    pub currency: Option<String>,
    /// The customers' ids, in the order of [`assay_metrics::ltv::histories::Customer::id`].
    pub customer_ids: Vec<String>,
    /// The answer, or why there is none.
    pub answer: Outcome<Lifetime>,
}
