//! Readings of experiments as text and JSON.

mod json;
mod text;
mod words;

#[cfg(test)]
mod tests;

pub use json::{READ_SCHEMA, json};
pub use text::text;
