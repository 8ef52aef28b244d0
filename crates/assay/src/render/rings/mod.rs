//! What people and programs read of a search for rings: text, JSON, a table of members. Every rendering reads a
//! [`RingsReport`](crate::report::RingsReport) and nothing else.

mod html;
mod json;
mod members;
mod picture;
mod reasons;
mod text;

#[cfg(test)]
mod tests;

pub use html::rings_html;
pub use json::{RINGS_SCHEMA, rings_json};
pub use members::{members_csv, members_parquet};
pub use text::{plan, rings_text};
