//! Readings of experiments as text and JSON.

mod geo;
mod json;
mod plan;
mod text;
mod words;

#[cfg(test)]
mod tests;

pub use geo::{GEO_SCHEMA, geo_json, geo_text};
pub use json::{READ_SCHEMA, json};
pub use plan::{PLAN_SCHEMA, plan_json, plan_text};
pub use text::text;
