//! What follows from the evidence: batches, spikes, and a verdict for each follower.

use crate::event::Cause;
use crate::evidence::{Rank, RankRange};
use crate::finding::Finding;
use crate::label::LabelsUsed;
use crate::outcome::{Outcome, Share};
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
    /// What kind of accounts they are.
    pub stock: StockLook,
    /// How many were delivered then and are not in the list any more (purged by the platform, or unfollowed).
    pub lost: Outcome<Estimate>,
    /// What so many followers cost at published prices.
    pub price: Price,
    /// What else happened then. It explains arrivals, and never why the accounts are alike.
    pub causes: Vec<Cause>,
}

/// How a quantity is spread over some followers.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Spread {
    /// A tenth are below.
    pub tenth: f64,
    /// Half are below.
    pub median: f64,
    /// A tenth are above.
    pub ninetieth: f64,
}

/// The kind of stock in a batch: what its accounts look like beside the others of the page. A description, no evidence.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StockLook {
    /// Account age at follow, days; `None` where creation dates or times are not known.
    pub age_days: Option<Spread>,
    /// When four in five of the accounts were opened; `None` where that is not known.
    pub opened: Option<Span>,
    /// What the handles look like; `None` where they are not told.
    pub names: Option<NamesLook>,
    /// Columns of the profile in which they differ, the most different first.
    pub profiles: Vec<Contrast>,
}

/// What the handles of some followers look like.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NamesLook {
    /// The commonest template among them that stands out, such as `letters and 8 digits`; `None` where none does.
    pub template: Option<String>,
    /// Share (0..1) of them with that template,
    pub share: f64,
    /// and of the followers outside batches.
    pub usual_share: f64,
}

/// A column in the batch and outside of all batches.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Contrast {
    /// The column, as the follower table names it.
    pub column: &'static str,
    /// Median in the batch; for a yes or no the share (0..1) of yes.
    pub inside: f64,
    /// The same of the followers outside of all batches.
    pub outside: f64,
}

/// What something costs, as a range.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Price {
    /// ISO 4217 code.
    pub currency: &'static str,
    /// In minor units of it (cents).
    pub minor: Estimate,
    /// Whose prices.
    pub source: &'static str,
}

/// Whether the picture of people that probabilities rest on fits this audience.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ReferenceFit {
    /// By how much the share (0..1) that labels show differs from what the probabilities add up to, chance taken off; 0 where
    /// they agree, or where there are no labels.
    pub misfit_share: f64,
    /// How many followers of what passes for people were opened together, or came together, as people do not.
    pub n_odd_people: f64,
    /// How many are alike in profile and unlike all others, though neither dates nor arrivals say that they were sold: people
    /// whom the picture does not know would look the same.
    pub n_uncorroborated: f64,
    /// What followed from it for the share of inauthentic followers: it was made this much wider at each end, 0..1.
    pub widened_by: (f64, f64),
}

impl ReferenceFit {
    /// Whether it fits.
    pub fn is_good(&self) -> bool {
        self.misfit_share <= 0.0 && self.n_odd_people <= 0.0 && self.n_uncorroborated <= 0.0
    }
}

/// What a burst of arrivals is taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// The columns speak for real interest.
    Organic,
    /// The data do not tell.
    Unexplained,
    /// Something that is known to have run then accounts for it, and the columns do not speak against it.
    Explained,
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
    /// What is known to have run then.
    pub causes: Vec<Cause>,
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
    /// Whether the picture of people fits this audience, or why that cannot be said.
    pub reference: Outcome<ReferenceFit>,
    /// What labels set by hand did; `None` where none were given.
    pub labels: Option<LabelsUsed>,
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
