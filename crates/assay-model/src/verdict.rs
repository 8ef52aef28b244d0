//! What follows from the evidence: batches, spikes, and a verdict for each follower.

use crate::evidence::{Rank, RankRange};
use crate::finding::Finding;
use crate::outcome::Share;
use crate::time::Span;
use assay_math::Estimate;
use serde::Serialize;

/// What a follower looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// Consistent with a bought or automated account.
    Inauthentic,
    /// A person who is no longer active.
    Dormant,
    /// A person.
    Genuine,
    /// The data do not tell.
    Unsure,
}

impl Class {
    /// The name that JSON and tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Inauthentic => "inauthentic",
            Self::Dormant => "dormant",
            Self::Genuine => "genuine",
            Self::Unsure => "unsure",
        }
    }
}

/// Why, and which channel says so.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reason {
    /// The id of the detector.
    pub channel: &'static str,
    /// The evidence in numbers.
    pub finding: Finding,
}

/// Followers delivered together that look bought.
#[derive(Debug, Clone, PartialEq)]
pub struct Batch {
    /// `b1`, `b2`, … in order of rank.
    pub id: String,
    /// The ranks it spans.
    pub ranks: RankRange,
    /// When it arrived, as well as can be told.
    pub arrived: Option<Span>,
    /// Followers in its span.
    pub n_followers: u64,
    /// How many of them look bought; the others arrived among them.
    pub inauthentic: Estimate,
    /// False-discovery-adjusted p-value.
    pub q_value: f64,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// What a burst of arrivals is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The columns speak for real interest.
    Organic,
    /// The data do not tell.
    Unexplained,
}

/// A burst of arrivals that is no batch.
#[derive(Debug, Clone, PartialEq)]
pub struct Spike {
    /// The ranks it spans; `None` where only counts are known.
    pub ranks: Option<RankRange>,
    /// When.
    pub span: Option<Span>,
    /// Arrivals in it.
    pub n_followers: u64,
    /// How many are beyond what was expected then.
    pub n_beyond: f64,
    /// What it is taken for.
    pub reading: Reading,
    /// The grounds of the reading: the burst itself, what its ages say, losses after it.
    pub findings: Vec<Finding>,
    /// What would settle it; `None` for an organic one.
    pub would_settle: Option<String>,
}

/// The verdicts on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdicts {
    /// For each follower, the probability (0..1) that the account is inauthentic.
    pub probability: Vec<f32>,
    /// For each follower, the class.
    pub class: Vec<Class>,
    /// For each follower, one more than the index into `batches`; 0 for none.
    pub batch: Vec<u32>,
    /// Why single followers outside batches are judged as they are, in order of rank; only those with a reason.
    pub reasons: Vec<(Rank, Vec<Reason>)>,
    /// Batches, in order of rank.
    pub batches: Vec<Batch>,
    /// Spikes, in order of time.
    pub spikes: Vec<Spike>,
    /// Share of inauthentic followers.
    pub inauthentic_share: Share,
    /// Share of dormant followers.
    pub dormant_share: Share,
    /// Share of genuine followers.
    pub genuine_share: Share,
    /// Share of the followers who stand in batches and look bought: what is shown, not what there may be besides.
    pub in_batches_share: Share,
}

impl Verdicts {
    /// The batch that a follower belongs to.
    pub fn batch_of(&self, i: usize) -> Option<&Batch> {
        self.batch[i].checked_sub(1).map(|b| &self.batches[b as usize])
    }

    /// Why a follower is judged so: the reasons of their batch, else their own.
    pub fn reasons_of(&self, i: usize) -> &[Reason] {
        if let Some(batch) = self.batch_of(i) {
            return &batch.reasons;
        }
        let at = self.reasons.binary_search_by_key(&(i as Rank), |(rank, _)| *rank);
        at.map_or(&[], |at| &self.reasons[at].1)
    }

    /// How many followers are of a class.
    pub fn n_of(&self, class: Class) -> u64 {
        self.class.iter().filter(|c| **c == class).count() as u64
    }
}
