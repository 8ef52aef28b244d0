//! Finds followers that look bought. One detector a file; a new one is one file and one line in [`DETECTORS`].
//!
//! A detector turns a page into evidence; [`weigh`] turns the evidence of all detectors into verdicts. Neither reads a file,
//! a clock or an environment: they get columns, a seed and a tick.

mod batch;
mod deeds;
mod engagement;
mod follow_order;
mod growth;
pub mod labels;
pub mod lockstep;
mod names;
pub mod profile;
pub mod share;
mod weigh;

use assay_math::Seed;
use assay_model::synth::{Plant, Stock, SynthPage, Tells};
use assay_model::{Evidence, Outcome, Page, RankRange, Stopped, Tick};

pub use weigh::weigh;

/// A detector: what it is, and the function that looks.
#[derive(Debug, Clone, Copy)]
pub struct Detector {
    /// Its name on the command line and in JSON, such as `follow-order`.
    pub id: &'static str,
    /// What it looks for, in one plain sentence.
    pub sentence: &'static str,
    /// Paper or page that the method comes from.
    pub source: &'static str,
    /// Its limits and known false alarms.
    pub limits: &'static str,
    /// Looks at a page. Abstains with a reason where the page lacks what it needs.
    pub find: fn(&Page, &Asked<'_>, &mut Tick<'_>) -> Result<Outcome<Evidence>, Stopped>,
    /// Its own control: a page with something planted that it must find.
    pub control: fn(Seed) -> Planted,
}

/// What a detector is asked with.
#[derive(Debug, Clone, Copy)]
pub struct Asked<'a> {
    /// Where its randomness starts.
    pub seed: Seed,
    /// The confidence of its intervals, 0..1.
    pub confidence: f64,
    /// What the detectors before it in the table have found, by id.
    pub earlier: &'a [(&'static str, Evidence)],
}

/// A made page with a known plant.
#[derive(Debug, Clone)]
pub struct Planted {
    /// The page.
    pub page: Page,
    /// Where the planted group stands.
    pub ranks: RankRange,
}

/// Every detector, in the order of reports.
pub static DETECTORS: &[Detector] =
    &[follow_order::DETECTOR, growth::DETECTOR, names::DETECTOR, engagement::DETECTOR, profile::DETECTOR];

/// The control of the detectors: a page of 3,000 with a batch of 300 aged accounts, of which the platform tells what it does.
fn planted(seed: Seed, tells: Tells) -> Planted {
    let mut page = SynthPage { tells, ..SynthPage::default() };
    page.plants = vec![Plant::Batch { at: page.day(600.0), followers: 300, over_days: 1.5, stock: Stock::aged() }];
    let made = page.make(seed);
    let ranks = made.truth.plants[0].ranks.unwrap_or(RankRange { first: 0, last: 0 });
    Planted { page: made.page, ranks }
}

#[cfg(test)]
mod conformance;
