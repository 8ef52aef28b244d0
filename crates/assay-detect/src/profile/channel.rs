//! The line of the table: `profile` as a detector that judges single followers, on what the detectors before it found.

use super::{Handles, ProfileTrait};
use crate::share::judge;
use crate::weigh::read_groups;
use crate::{Asked, Detector, Planted, planted};
use assay_math::Seed;
use assay_model::synth::Tells;
use assay_model::{
    Abstention, Evidence, Finding, GroupKind, Judgement, Outcome, Page, Rank, RankRange, Reading, Span, Stopped, Tick,
    TimeQuality,
};

pub(crate) const DETECTOR: Detector = Detector {
    id: "profile",
    sentence: "Followers whose profiles are those of sold stock, told apart from people, active and dormant.",
    source: "Dempster, Laird and Rubin 1977 (mixtures), on the features of Yang and others 2020, \"Scalable and Generalizable \
             Social Bot Detection through Data Selection\"",
    limits: "Needs counts of followers, following, posts and likes, creation dates and the order of follows. Never finds a batch, and is believed only as far as dates, \
             arrivals or a batch speak for the same accounts. Stock that looks like people and came without a trace is not seen.",
    find,
    control,
};

/// In a run of so many days, what times and ages leave open of a delivery's size counts in full.
const OPEN_DAYS: f64 = 30.0;

/// From this probability on it is told what speaks against a follower.
const TOLD_FROM: f32 = 0.3;

/// The strongest of it.
const MOST_TOLD: usize = 3;

fn find(page: &Page, asked: &Asked<'_>, tick: &mut Tick<'_>) -> Result<Outcome<Evidence>, Stopped> {
    let audience = &page.audience;
    let is_dated = 2 * audience.created_at.n_values() >= audience.len();
    if !audience.is_empty() && (!is_dated || audience.quality() == TimeQuality::Unknown) {
        return Ok(Outcome::Abstained(Abstention::new(
            "looks alone are no ground: without creation dates and the order of follows nothing can speak for or against them",
            "the same list with creation dates, in follow order or with follow times; or labels set by hand",
        )));
    }
    let read = read_groups(page, asked.earlier, asked.confidence);
    let groups = || asked.earlier.iter().flat_map(|(_, e)| &e.groups);
    let deliveries: Vec<super::Delivery<'_>> = read
        .batches
        .iter()
        .filter_map(|b| groups().find(|g| g.kind == GroupKind::Alike && g.ranks == Some(b.ranks)))
        .filter_map(|g| {
            let ranks = g.ranks?;
            // In a delivery of hours hardly anybody comes beside it, whatever the ages leave open.
            let open = (g.arrived.map_or(1.0, Span::days) / OPEN_DAYS).clamp(0.0, 1.0);
            let to = |end: f64| g.n_beyond + open * (end - g.n_beyond);
            let n_range = (to(g.n_beyond_range.0), to(g.n_beyond_range.1));
            Some(super::Delivery { ranks, n_delivered: g.n_beyond, n_range, member_log_odds: &g.member_log_odds })
        })
        .collect();
    let bursts: Vec<RankRange> = groups().filter(|g| g.kind == GroupKind::Burst).filter_map(|g| g.ranks).collect();
    let is_on = |id: &str| asked.earlier.iter().any(|(other, _)| *other == id);
    let handles = if is_on(crate::names::DETECTOR.id) { Handles::Read } else { Handles::Ignored };
    // Bursts are starts of the mixture, which judges who came in them. Where their accounts are alike in age or name, though not
    // enough for a batch, the mixture may have missed them.
    let is_alike = |f: &Finding| matches!(f, Finding::AgesNarrower { .. } | Finding::NamedAlike { .. });
    let alike: Vec<(RankRange, f64)> = read
        .spikes
        .iter()
        .filter(|s| s.reading != Reading::Organic && s.findings.iter().any(is_alike))
        .filter_map(|s| Some((s.ranks?, s.n_beyond)))
        .collect();
    let judged = match judge(page, &deliveries, &bursts, &alike, handles, asked.confidence, tick)? {
        Outcome::Found(judged) => judged,
        Outcome::Abstained(why) => return Ok(Outcome::Abstained(why)),
    };
    let told = (0..judged.probability.len()).filter(|&i| judged.probability[i] >= TOLD_FROM && read.batch[i] == 0);
    let against =
        told.map(|i| (i as Rank, judged.why(page, i).iter().take(MOST_TOLD).map(finding).collect())).collect();
    let judgement = Judgement {
        probability: judged.probability,
        class: judged.class,
        inauthentic_share: judged.inauthentic_share,
        dormant_share: judged.dormant_share,
        genuine_share: judged.genuine_share,
        in_batch: judged.in_batch,
        reference: judged.reference,
        against,
    };
    Ok(Outcome::Found(Evidence { judgement: Some(judgement), ..Evidence::default() }))
}

fn finding(told: &ProfileTrait) -> Finding {
    match *told {
        ProfileTrait::Likelier { feature, value, times } => {
            Finding::ProfileLikelier { column: feature.column(), value, times }
        }
        ProfileTrait::Together(t) => Finding::OpenedWithStock { opened: t.opened, n: t.n, expected: t.expected },
        ProfileTrait::ArrivedWith { times } => Finding::CameWithStock { times },
    }
}

/// A made page with a batch, of which everything is told.
fn control(seed: Seed) -> Planted {
    planted(seed, Tells::Everything)
}
