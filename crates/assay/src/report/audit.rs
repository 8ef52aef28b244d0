//! The audit's report as plain data: full precision, no text layout. Every rendering reads this and nothing else.

use super::Names;
use assay_detect::labels::Drawn;
use assay_math::Seed;
use assay_model::{Abstention, Page, Reading, Span, TimeQuality, Verdicts};

/// What an audit answers.
#[derive(Debug, Clone)]
pub struct AuditReport {
    /// The seed that every random step forked from.
    pub seed: Seed,
    /// The confidence of every interval, 0..1.
    pub confidence: f64,
    /// What was read: followers, daily counts, files, rejects.
    pub page: Page,
    /// The format the input was read as: id and one plain sentence.
    pub format: FormatUsed,
    /// The time the answer is about.
    pub window: Option<Span>,
    /// The channels asked, in the order of the table.
    pub channels: Vec<ChannelReport>,
    /// The verdicts.
    pub verdicts: Verdicts,
    /// Growth, for the picture: arrivals in equal steps of time, with what was expected where a channel tells.
    pub growth: Vec<GrowthStep>,
    /// What the reader must know before relying on the answer.
    pub warnings: Vec<Warning>,
    /// Whether followers are named; [`super::redact`] masks them.
    pub names: Names,
    /// The workspace that was audited; `None` for files.
    pub workspace: Option<InWorkspace>,
    /// From followers to money, where the page of a workspace tells it.
    pub metrics: Option<Box<super::MetricsReport>>,
    /// Whom to label, where that was asked for.
    pub to_label: Option<Vec<Drawn>>,
}

/// What an audit of a workspace is beside its answer.
#[derive(Debug, Clone)]
pub struct InWorkspace {
    /// What the page is called.
    pub page: Option<String>,
    /// The follower list's number.
    pub snapshot_id: Option<i64>,
    /// The number that the audit is kept under.
    pub audit_id: i64,
    /// Whether it was not kept before.
    pub is_new: bool,
    /// Who came and went between one list and the next.
    pub changes: Vec<assay_store::Change>,
}

/// The importer that read the input.
#[derive(Debug, Clone, Copy)]
pub struct FormatUsed {
    /// Its id, such as `instagram`.
    pub id: &'static str,
    /// What it reads, in one sentence.
    pub sentence: &'static str,
}

/// A channel and what became of it.
#[derive(Debug, Clone)]
pub struct ChannelReport {
    /// The detector's id, such as `follow-order`.
    pub id: &'static str,
    /// What it looks for, in one sentence.
    pub sentence: &'static str,
    /// Paper or page that the method comes from.
    pub source: &'static str,
    /// Its limits and false alarms.
    pub limits: &'static str,
    /// What became of it.
    pub state: ChannelState,
    /// What limits its finding on this page.
    pub notes: Vec<String>,
}

/// What became of a channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChannelState {
    /// It was used.
    Used,
    /// It could not say anything of this page.
    Abstained(Abstention),
    /// It was switched off by the user.
    Off,
}

/// Arrivals in one step of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GrowthStep {
    /// The step.
    pub span: Span,
    /// Follows in it.
    pub follows: f64,
    /// Unfollows in it, where they are known.
    pub unfollows: Option<f64>,
}

/// Something the reader must know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Warning {
    /// A stable name, such as `truncated-export`.
    pub id: &'static str,
    /// One sentence.
    pub text: String,
}

impl AuditReport {
    /// How well follow times are known.
    pub fn time_quality(&self) -> TimeQuality {
        self.page.audience.quality()
    }

    /// How many followers act in lockstep with others, in the table of what else they follow.
    pub fn n_in_rings(&self) -> usize {
        let is_ring = |reason: &assay_model::Reason| matches!(reason.finding, assay_model::Finding::InRing { .. });
        self.verdicts.reasons.iter().filter(|(_, reasons)| reasons.iter().any(is_ring)).count()
    }

    /// How many spikes have no explanation.
    pub fn n_unexplained(&self) -> usize {
        self.verdicts.spikes.iter().filter(|s| s.reading == Reading::Unexplained).count()
    }
}
