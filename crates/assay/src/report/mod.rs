//! Reports: plain data that every rendering reads.

mod audit;
pub mod reach;
mod redact;
mod rings;
mod sample;

pub use audit::{AuditReport, ChannelReport, ChannelState, FormatUsed, GrowthStep, Warning};
pub use redact::{Names, redact};
pub use rings::RingsReport;
pub use sample::{Stratum, StratumKind, sample};
