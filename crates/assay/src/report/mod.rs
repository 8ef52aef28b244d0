//! Reports: plain data that every rendering reads.

mod audit;
mod experiment;
mod experiment_assign;
mod experiment_calibrate;
mod experiment_geo;
mod experiment_history;
mod experiment_plan;
mod experiment_staged;
mod experiment_weeks;
mod ltv;
mod metrics;
mod origin;
mod people;
pub mod reach;
mod redact;
mod rings;
mod sample;
mod simulation;

pub use audit::{AuditReport, ChannelReport, ChannelState, FormatUsed, GrowthStep, InWorkspace, Warning};
pub use experiment::{ExperimentReport, PlannedReading};
pub use experiment_assign::{AssignReport, Assigned, OutList, ScheduledWeek, WeekSchedule};
pub use experiment_calibrate::CalibrateReport;
pub use experiment_geo::GeoReport;
pub use experiment_history::HistoryReport;
pub use experiment_plan::{MarketChoice, PlanReport, PlanSegments};
pub use experiment_staged::{StagedReport, WeighedMechanism};
pub use experiment_weeks::{ReadWeek, WeeksReport};
pub use ltv::LtvReport;
pub use metrics::{Explained, ExplainedRead, MetricReport, MetricsReport};
pub use origin::Origin;
pub use people::{
    ConversationReport, CustomerOf, QueueCounts, QueueItem, QueueReport, ResponseReport, ResponseWeek, Way,
};
pub use redact::{Names, redact};
pub use rings::RingsReport;
pub use sample::{Stratum, StratumKind, sample};
pub use simulation::{Engine, EngineUsed, SimulationReport};
