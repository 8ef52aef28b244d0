//! Actionable metrics on columns: what an audience brings, one metric a file.

pub mod ltv;
