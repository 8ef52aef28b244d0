//! Reports: plain data that every rendering reads.

mod audit;

pub use audit::{AuditReport, ChannelReport, ChannelState, FormatUsed, GrowthStep, Warning};
