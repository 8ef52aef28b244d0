//! Reports: plain data that every rendering reads.

mod audit;
mod redact;
mod sample;

pub use audit::{AuditReport, ChannelReport, ChannelState, FormatUsed, GrowthStep, Warning};
pub use redact::{Names, redact};
pub use sample::{Stratum, StratumKind, sample};
