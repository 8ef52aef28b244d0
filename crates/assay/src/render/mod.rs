//! What people and programs read: text, JSON, HTML, CSV. The only place that rounds.
//!
//! Every rendering reads an [`AuditReport`](crate::report::AuditReport) and nothing else, so that all of them say the same.

mod advice;
pub mod batches;
mod client;
mod config;
mod document;
pub mod experiment;
pub mod findings;
pub(crate) mod format;
pub mod forms;
mod headline;
mod history;
mod html;
mod json;
pub mod labels;
pub mod ltv;
mod metrics;
mod origin;
mod people;
mod queue;
pub mod reach;
mod response;
mod rings;
mod simulation;
mod text;
mod verdicts;
pub mod workspace;

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
pub(crate) mod schema;
#[cfg(test)]
mod tests;

use assay_model::Reading;

pub use advice::next_steps;
pub use config::config_json;
pub use format::counted;
pub use headline::{Headline, Tone, headline};
pub use history::{history_csv, history_json, history_text};
pub(crate) use html::code;
pub use html::{AuditParts, ClientSheet, Cover, audit_parts, client_html, html};
pub(crate) use html::{CHART_JS, PAGE_CSS, PAGE_JS};
pub use json::{AUDIT_SCHEMA, json};
pub(crate) use ltv::amount as money;
pub use metrics::{METRICS_SCHEMA, metrics_csv, metrics_html, metrics_json, metrics_list, metrics_text};
pub(crate) use metrics::{metrics_sections, value as metric_value};
pub use people::{people_json, people_text};
pub use queue::{
    CONVERSATION_SCHEMA, QUEUE_SCHEMA, conversation_json, conversation_text, lasting, overruled_json, overruled_text,
    queue_csv, queue_item_json, queue_json, queue_text, reason, saved_answers_json, saved_answers_text,
};
pub use response::{RESPONSE_SCHEMA, response_json, response_text};
pub(crate) use response::{response_figures, response_weeks};
pub use rings::{RINGS_SCHEMA, members_csv, members_parquet, plan, rings_html, rings_json, rings_text};
pub use simulation::{
    SIMULATION_SCHEMA, simulated_posts_csv, simulation_html, simulation_json, simulation_parquet, simulation_text,
};
pub use text::{Colour, text};
pub(crate) use verdicts::not_a_formula;
pub use verdicts::{explain, to_label_csv, verdicts_csv};

/// What a burst is taken for, in a word.
pub fn reading(reading: Reading) -> &'static str {
    match reading {
        Reading::Organic => "organic",
        Reading::Unexplained => "unexplained",
        Reading::Explained => "explained by what is known to have run then",
    }
}
