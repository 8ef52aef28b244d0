//! Who engages with a made page. Drawn follower by follower from a stream of its own: it changes nothing else of the page.

use super::draw::Draw;
use super::truth::Truth;
use super::{Plant, SynthPage};
use crate::audience::Audience;
use crate::column::Column;
use crate::engaged::{Engaged, EngagedCounts};
use crate::time::{Span, TimeMs};
use crate::verdict::Class;
use assay_math::Seed;

/// How people engage (made numbers). Sold accounts do not, but for one in three hundred.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Engaging {
    /// Share (0..1) of active people who ever do; dormant people do a third as often.
    pub ever_share: f64,
    /// Median engagements a year of those who do; spread as a log-normal of sigma 1.
    pub a_year: f64,
    /// Days before the export since when engagements are known.
    pub known_days: f64,
}

impl Default for Engaging {
    fn default() -> Self {
        Self { ever_share: 0.35, a_year: 4.0, known_days: 730.0 }
    }
}

/// Share of the engagers of the ordinary course that followers of a plant of people reach: who came for one post, a prize or
/// an advertisement stays less attached (made).
fn attached(plant: &Plant) -> f64 {
    match plant {
        Plant::ViralDay { .. } => 0.4,
        Plant::GiveAway { .. } => 0.15,
        Plant::StarterPack { .. } | Plant::PaidCampaign { .. } => 0.6,
        Plant::ShoutOut { .. } => 0.8,
        Plant::Batch { .. } | Plant::Drip { .. } | Plant::Purge { .. } => 0.0,
    }
}

/// Engagements of sold accounts: one in so many is used by somebody in between (made).
const SOLD_USED: f64 = 1.0 / 300.0;

/// Share of the engagers of active people that dormant people reach.
const DORMANT: f64 = 0.3;

/// What the followers of a page did.
pub(super) fn engaged(page: &SynthPage, by: Engaging, truth: &Truth, list: &Audience, seed: Seed) -> Engaged {
    let end = page.exported_at();
    let from = TimeMs(end.0 - (by.known_days * crate::time::DAY_MS as f64) as i64);
    let seed = seed.fork("engaging");
    let mut engagements = Column::default();
    let mut counts = EngagedCounts::default();
    for i in 0..list.len() {
        let mut draw = Draw::new(seed.nth(i as u64));
        let followed = list.followed_at.get(i).or_else(|| list.followed_after.get(i)).unwrap_or(from);
        let years = end.days_since(followed.max(from)).max(0.0) / 365.25;
        let part = match (truth.plant[i].checked_sub(1), truth.class[i]) {
            (_, Class::Inauthentic) => 0.0,
            (Some(plant), _) => attached(&page.plants[plant as usize]),
            (None, _) => 1.0,
        };
        let part = if truth.class[i] == Class::Dormant { part * DORMANT } else { part };
        let n = if truth.class[i] == Class::Inauthentic {
            u32::from(draw.chance(SOLD_USED))
        } else if draw.chance(by.ever_share * part) {
            let rate = draw.log_normal(by.a_year, 1.0);
            let (mut n, mut at) = (0, draw.exponential(1.0 / rate));
            while at < years && n < 10_000 {
                n += 1;
                at += draw.exponential(1.0 / rate);
            }
            n
        } else {
            0
        };
        counts.n_joined += u64::from(n);
        counts.n_accounts += u64::from(n > 0);
        engagements.push(Some(n));
    }
    counts.n_by_others = counts.n_joined;
    let orders = std::iter::repeat_n(None, list.len()).collect();
    Engaged { engagements, orders, cover: Some(Span { from, to: end }), counts }
}
