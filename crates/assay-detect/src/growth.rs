//! Scan over arrivals (being written).
use crate::{Detector, Planted};
use assay_math::Seed;
use assay_model::{Abstention, Evidence, Outcome, Page, RankRange, Stopped, Tick};

pub(crate) const DETECTOR: Detector = Detector {
    id: "growth",
    sentence: "Bursts of arrivals, and of losses, beyond what season and trend lead one to expect.",
    source: "Kulldorff 1997, \"A spatial scan statistic\", on the follower map of Confessore and others 2018, \"The Follower Factory\"",
    limits: "Needs creation dates and a follow order; misses slow deliveries that are mixed thinly among other followers.",
    find,
    control,
};
fn find(_: &Page, _: Seed, _: &mut Tick<'_>) -> Result<Outcome<Evidence>, Stopped> {
    Ok(Outcome::Abstained(Abstention::new("the export has no follow times", "an export with creation dates")))
}
fn control(_: Seed) -> Planted {
    Planted { page: Page::default(), ranks: RankRange { first: 0, last: 0 } }
}
