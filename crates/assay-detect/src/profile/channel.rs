//! The line of the table: `profile` as a detector that judges single followers, on what the detectors before it found.

use super::ProfileTrait;
use crate::share::judge;
use crate::weigh::read_groups;
use crate::{Asked, Detector, Planted, planted};
use assay_math::Seed;
use assay_model::synth::Tells;
use assay_model::{
    Abstention, Evidence, Finding, GroupKind, Judgement, Outcome, Page, Rank, RankRange, Stopped, Tick, TimeQuality,
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
            Some(super::Delivery { ranks, n_delivered: g.n_beyond, member_log_odds: &g.member_log_odds })
        })
        .collect();
    let bursts: Vec<RankRange> = groups().filter(|g| g.kind == GroupKind::Burst).filter_map(|g| g.ranks).collect();
    // Bursts are starts of the mixture, which judges who came in them.
    let judged = match judge(page, &deliveries, &bursts, asked.confidence, tick)? {
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
