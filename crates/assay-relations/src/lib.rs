//! Conversations of people with a page, on columns of what they said to one another.
//!
//! [`Threads`] gathers engagements and makes [`assay_model::Conversation`]s of them, and [`queue`] puts those that await an answer
//! in the order of what an answer is worth, each with its reasons. How soon answers come is [`assay_model::response_times`]. Nothing
//! here knows names or texts: what tells one thing from another is a [`assay_model::Key`].

mod threads;
mod worth;

pub use threads::Threads;
pub use worth::{
    BOUGHT_POINTS, Bought, CUSTOMER_POINTS, Candidate, ENGAGES_FULL, ENGAGES_POINTS, FADES_AFTER_MS, HALF_LIFE_MS,
    QUESTION_POINTS, Queued, Reason, WAITING_FULL_MS, WAITING_POINTS, Why, queue, shares_below,
};
