//! Readings of experiments as text and JSON.

mod geo;
mod json;
mod text;
mod words;

#[cfg(test)]
mod tests;

pub use geo::{GEO_SCHEMA, geo_json, geo_text};
pub use json::{READ_SCHEMA, json};
pub use text::text;
