//! Readings of experiments as text, JSON and pages.

mod assign;
mod calibrate;
mod checks;
mod geo;
mod geo_page;
mod history;
mod json;
mod kept;
mod page;
mod picture;
mod plan;
mod plan_page;
mod plan_segments;
mod read_page;
mod read_weeks;
mod staged;
mod text;
mod weeks;
mod words;

#[cfg(test)]
mod tests;

pub use assign::{ASSIGN_SCHEMA, assign_json, assign_text, assignment_csv, list_csv};
pub use calibrate::{CALIBRATE_SCHEMA, calibrate_json, calibrate_text};
pub use geo::{GEO_SCHEMA, geo_json, geo_text};
pub use geo_page::geo_html;
pub use history::{HISTORY_SCHEMA, history_json, history_text};
pub use json::{READ_SCHEMA, json};
pub use kept::{EXPERIMENTS_SCHEMA, KeptReading, experiments_json, experiments_text, is_intact, state};
pub use plan::{PLAN_SCHEMA, plan_json, plan_text};
pub use plan_page::plan_sections;
pub use read_page::read_html;
pub use read_weeks::{WEEKS_SCHEMA, weeks_json, weeks_text};
pub use staged::{STAGED_SCHEMA, staged_json, staged_text};
pub use text::text;
pub use weeks::{SCHEDULE_SCHEMA, schedule_csv, schedule_json, schedule_text};
