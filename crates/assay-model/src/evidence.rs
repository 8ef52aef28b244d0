//! What a detector found.

use crate::finding::Finding;
use crate::outcome::Share;
use crate::time::Span;
use crate::verdict::{Class, ReferenceFit};
use assay_math::Estimate;
use serde::Serialize;

/// A place in the follow order: 0 is the first follower.
pub type Rank = u32;

/// A run of ranks; both ends belong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RankRange {
    /// First rank.
    pub first: Rank,
    /// Last rank.
    pub last: Rank,
}

impl RankRange {
    /// How many ranks.
    pub fn n(self) -> u32 {
        self.last - self.first + 1
    }

    /// Whether the rank lies in the run.
    pub fn holds(self, rank: Rank) -> bool {
        (self.first..=self.last).contains(&rank)
    }

    /// How many ranks the two runs share.
    pub fn overlap(self, other: Self) -> u32 {
        (self.last.min(other.last) + 1).saturating_sub(self.first.max(other.first))
    }

    /// The ranks as indices.
    pub fn indices(self) -> std::ops::Range<usize> {
        self.first as usize..self.last as usize + 1
    }
}

/// What a found group is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GroupKind {
    /// A run of followers whose accounts are alike in a way that chance and a surge of interest do not explain.
    Alike,
    /// More arrivals than season and trend lead one to expect; who they are is not known.
    Burst,
    /// More losses at once than usual.
    Losses,
    /// A run of followers who engage with the page far less than those around. A reason beside others; alone it accuses nobody:
    /// most people never engage.
    Quiet,
    /// A run of followers who engage with the page as those around do: evidence that people came.
    Engaged,
    /// A run of followers whose handles follow one template far more often than those around. A reason beside others; alone
    /// it accuses nobody.
    Named,
}

/// A group of followers, or of arrivals, that a detector found.
#[derive(Debug, Clone, PartialEq)]
pub struct Group {
    /// What it is.
    pub kind: GroupKind,
    /// The ranks it spans; `None` where only counts are known.
    pub ranks: Option<RankRange>,
    /// When it arrived, as well as can be told.
    pub arrived: Option<Span>,
    /// Arrivals (or losses) in it.
    pub n_followers: u64,
    /// How many of them are beyond what was expected there, at least 0.
    pub n_beyond: f64,
    /// The fewest and the most that may be so, chance aside: what is left open by times and ages that are known in part.
    pub n_beyond_range: (f64, f64),
    /// The chance that the detector, which looked at all places, finds as strong a group where there is none.
    pub p_value: f64,
    /// The p-value adjusted for the false-discovery rate over the groups of this detector.
    pub q_value: f64,
    /// For each rank of `ranks`, ln of how much likelier the follower is as a member of the group than as one of the
    /// followers around. Empty where nothing is known of single followers.
    pub member_log_odds: Vec<f32>,
    /// The evidence in numbers.
    pub finding: Finding,
}

/// What a detector found in a page.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Evidence {
    /// The groups, in order of rank or time.
    pub groups: Vec<Group>,
    /// What limits the finding on this page, such as ranks that were not looked at.
    pub limits: Vec<String>,
    /// What a detector that judges single followers says of them.
    pub judgement: Option<Judgement>,
    /// What followers did, held against what people who followed then are expected to have done.
    pub deeds: Option<Deeds>,
}

/// What single followers did, as evidence for or against a bought account.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Deeds {
    /// For each follower, the chance (0..1) that a person in their place is known to have engaged; 0 where nothing could be
    /// known of them.
    pub expected: Vec<f32>,
    /// For each follower, whether they are known to have engaged or ordered.
    pub did: Vec<bool>,
    /// For each follower, ln of how much likelier what is known of their doing is for a bought account than for a person.
    pub log_odds: Vec<f32>,
}

/// A judgement of every follower, and what follows for the audience.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// For each follower, the probability (0..1) that the account is inauthentic.
    pub probability: Vec<f32>,
    /// For each follower, the class.
    pub class: Vec<Class>,
    /// Share of inauthentic followers.
    pub inauthentic_share: Share,
    /// Share of dormant followers.
    pub dormant_share: Share,
    /// Share of genuine followers.
    pub genuine_share: Share,
    /// For each batch, in order of rank, how many of its followers are inauthentic.
    pub in_batch: Vec<Estimate>,
    /// Whether the picture of people that it rests on fits this audience.
    pub reference: ReferenceFit,
    /// What speaks against single followers, in order of rank; only those who have something told of them.
    pub against: Vec<(Rank, Vec<Finding>)>,
}
