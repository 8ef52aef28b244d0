//! Promotion tests: planned, assigned and read, safe to peek at, decided in money.
//!
//! Rows are handed to a [`Tally`], which keeps sums by arm; [`read_split`] reads them. What a method does, where it fails and
//! whose it is stands at the top of its file.

pub mod assign;
pub mod calibrate;
pub mod caps;
mod count_law;
pub mod exposure;
pub mod forms;
pub mod geo;
pub mod influence;
mod inversion;
pub mod means;
pub mod mixture;
pub mod moments;
pub mod money;
pub mod over_time;
pub mod past_tests;
pub mod plan;
pub mod reading;
mod repeats;
pub mod rule;
pub mod segments;
pub mod shares;
pub mod size;
pub mod skewed;
pub mod spending;
pub mod srm;
pub mod staged;
pub mod switchback;
mod tally;
mod tilted;

#[cfg(test)]
mod goldens;

pub use reading::{Asked, SplitReading, Stop, Unreadable, read_split};
pub use tally::{Arm, Cell, Columns, Kind, Metric, Numbers, Row, Tallied, Tally, TooManyArms, UnitOf};
