//! `names`: runs of followers whose handles were made by one rule: a template that is far commoner than around, or one stem
//! with consecutive numbers.
//!
//! Bulk registration leaves naming templates (Thomas and others 2013, "Trafficking Fraudulent Accounts", who found several
//! million accounts by them). People's handles follow templates too, and platforms propose them; so a template is held
//! against the followers around, and alone it accuses nobody.
//!
//! 1. **Template** ([`shape`]) of each handle: how words are joined, whether letters can be spoken, how many digits end it.
//! 2. **Runs**: for each telling template, runs of ranks of which two in five or more have it, by a maximal-sum scan.
//! 3. **Judge**: ln of the likelihood ratio of run and neighbours at a share each against one share for both, as in the
//!    follow-order scan (Kulldorff 1997); no p-value is smaller than the bound over all runs and templates (Bonferroni).
//! 4. **Numbers**: of the handles of a run, those with one stem and numbers in a range not much longer than they are many.
//!    People do not number themselves: such a run is a group of its own, unless most of its accounts were opened on
//!    the spot, as where a platform numbers newcomers.
//!
//! A template that stands beside a batch or a burst becomes a reason there; one that stands alone is noted. Whether handles
//! also tell single followers apart is for the mixture of profiles to find out on this audience (`profile`).
//!
//! Limits: only handles in Latin letters. A class or a company that numbers its members' accounts looks the same. Sellers
//! who copy handles of people leave nothing.

pub(crate) mod shape;

use crate::follow_order::{MIN_NEIGHBOURS, two_sample_ratio};
use crate::{Asked, Detector, Planted, planted};
use assay_math::Seed;
use assay_model::synth::Tells;
use assay_model::{
    Abstention, Audience, Evidence, Finding, Go, Group, GroupKind, Outcome, Page, RankRange, Span, Stopped, Tick,
    TimeQuality,
};
use shape::{N_TEMPLATES, Template, numbered};
use std::collections::BTreeMap;

pub(crate) const DETECTOR: Detector = Detector {
    id: "names",
    sentence: "Runs of followers whose handles were made by one rule: one template, or one stem with consecutive numbers.",
    source: "Thomas and others 2013, \"Trafficking Fraudulent Accounts\" (naming patterns), held against the followers around as in \
             Kulldorff 1997",
    limits: "Needs handles in Latin letters and the order of follows. A template alone accuses nobody: platforms propose some. A class \
             or a company that numbers its members' accounts looks like a seller's numbers.",
    find,
    control,
};

/// Fewest followers with a handle in a list that can be looked at.
const MIN_LIST: usize = 60;

/// Fewest members of a run, as in the follow-order scan.
const MIN_MEMBERS: usize = 15;

/// Least share of a run that has the template or the stem,
const MIN_SHARE: f64 = 0.4;

/// most that the followers around may have of it,
const MAX_NULL_SHARE: f64 = 0.3;

/// and least nats for each follower of the run: as in the follow-order scan.
const MIN_NATS_EACH: f64 = 0.5;

/// Runs with a p-value up to this are told.
const P_MAX: f64 = 0.01;

/// Neighbours on each side of a run, fewest and most.
const REACH: (usize, usize) = (250, 4_000);

/// Numbers count as consecutive if there could be at most so many for each that is there: sellers keep some for others.
const NUMBERS_EACH: u64 = 40;

/// An account that followed within so many days of its opening is new on the platform.
const NEWBORN_DAYS: f64 = 0.5;

fn find(page: &Page, _: &Asked<'_>, tick: &mut Tick<'_>) -> Result<Outcome<Evidence>, Stopped> {
    let audience = &page.audience;
    let abstain = |why: &str, settle: &str| Ok(Outcome::Abstained(Abstention::new(why, settle)));
    let n_told = audience.handle.iter().flatten().count();
    if audience.is_empty() || 2 * n_told < audience.len() {
        return abstain("the export names too few of the followers", "an export that tells handles");
    }
    if audience.quality() == TimeQuality::Unknown {
        return abstain(
            "the list tells neither order nor time of the follows",
            "a list in follow order, or with follow times",
        );
    }
    if n_told < MIN_LIST {
        let why = format!(
            "too few followers have a handle to tell a template from chance: {n_told}, where {MIN_LIST} are needed"
        );
        return abstain(&why, "more followers");
    }
    if tick(0, 2) == Go::Stop {
        return Err(Stopped);
    }
    let mut groups = templates(audience);
    if tick(1, 2) == Go::Stop {
        return Err(Stopped);
    }
    groups.extend(sequences(audience));
    groups.sort_by_key(|g| g.ranks.map(|r| (r.first, r.last)));
    Ok(Outcome::Found(Evidence { groups, ..Evidence::default() }))
}

/// A run of members of one rule, judged.
struct Run {
    ranks: RankRange,
    n_alike: usize,
    share_around: f64,
    p_value: f64,
}

/// Runs of which [`MIN_SHARE`] or more are members (in order of rank), of a list of `n`. `n_rules` rules are tried.
fn runs(members: &[u32], n: usize, n_rules: usize) -> Vec<Run> {
    let mut found = Vec::new();
    let mut from = 0;
    while from < members.len() {
        let (mut sum, mut best, mut best_at) = (1.0 - MIN_SHARE, 1.0 - MIN_SHARE, from);
        for k in from + 1..members.len() {
            sum -= MIN_SHARE * f64::from(members[k] - members[k - 1] - 1);
            if sum <= 0.0 {
                break;
            }
            sum += 1.0 - MIN_SHARE;
            if sum > best {
                (best, best_at) = (sum, k);
            }
        }
        if best_at + 1 - from >= MIN_MEMBERS {
            found.extend(judge(members, from, best_at, n, n_rules));
        }
        from = best_at + 1;
    }
    found
}

fn judge(members: &[u32], from: usize, to: usize, n: usize, n_rules: usize) -> Option<Run> {
    let ranks = RankRange { first: members[from], last: members[to] };
    let (k, m) = ((to + 1 - from) as f64, f64::from(ranks.n()));
    let reach = (ranks.n() as usize).clamp(REACH.0, REACH.1);
    let (start, end) = (ranks.first as usize, ranks.last as usize + 1);
    let left = members[..from].iter().filter(|r| **r as usize + reach >= start).count();
    let right = members[to + 1..].iter().filter(|r| (**r as usize) < end + reach).count();
    let around = (start.min(reach) + (n - end).min(reach)) as f64;
    let p = ((left + right) as f64 + 0.5) / (around + 1.0);
    let p = p + (p * (1.0 - p) / (around + 1.0)).sqrt();
    if around < MIN_NEIGHBOURS || p > MAX_NULL_SHARE {
        return None;
    }
    let nats = two_sample_ratio(k, m, p, around);
    let share = k / m;
    let each =
        share * (share / p).ln() + if share < 1.0 { (1.0 - share) * ((1.0 - share) / (1.0 - p)).ln() } else { 0.0 };
    let p_value = (2.0 * (n as f64).ln() + (n_rules as f64).ln() - nats).exp();
    (p_value <= P_MAX && each >= MIN_NATS_EACH).then_some(Run {
        ranks,
        n_alike: to + 1 - from,
        share_around: p,
        p_value,
    })
}

/// Steps 2 and 3.
fn templates(audience: &Audience) -> Vec<Group> {
    let mut members: Vec<Vec<u32>> = vec![Vec::new(); N_TEMPLATES];
    for i in 0..audience.len() {
        if let Some(t) = audience.handle.get(i).and_then(|h| Template::of(h).index()) {
            members[t].push(i as u32);
        }
    }
    let mut groups = Vec::new();
    for (t, members) in
        members.iter().enumerate().filter(|(t, m)| Template::at(*t).is_telling() && m.len() >= MIN_MEMBERS)
    {
        let template = Template::at(t);
        for run in runs(members, audience.len(), N_TEMPLATES) {
            // Newcomers keep what their platform proposes.
            if template.is_proposed() && mostly_newborn(audience, members, run.ranks) {
                continue;
            }
            let finding = Finding::NamedAlike {
                template: template.to_string(),
                n_alike: run.n_alike as u64,
                n: u64::from(run.ranks.n()),
                expected_share: run.share_around,
            };
            groups.push(group(audience, GroupKind::Named, &run, members, finding));
        }
    }
    groups
}

/// Step 4.
fn sequences(audience: &Audience) -> Vec<Group> {
    let mut stems: BTreeMap<&str, Vec<(u32, u64)>> = BTreeMap::new();
    for i in 0..audience.len() {
        if let Some((stem, number)) = audience.handle.get(i).and_then(numbered) {
            stems.entry(stem).or_default().push((i as u32, number));
        }
    }
    stems.retain(|_, m| m.len() >= MIN_MEMBERS);
    let n_stems = stems.len().max(1);
    let mut groups = Vec::new();
    for (stem, numbers) in &stems {
        let members: Vec<u32> = numbers.iter().map(|(rank, _)| *rank).collect();
        for run in runs(&members, audience.len(), n_stems) {
            let inside = || numbers.iter().filter(|(rank, _)| run.ranks.holds(*rank)).map(|(_, number)| *number);
            let n_numbers = inside().max().unwrap_or(0) - inside().min().unwrap_or(0) + 1;
            if n_numbers > NUMBERS_EACH * run.n_alike as u64 {
                continue;
            }
            let kind = if mostly_newborn(audience, &members, run.ranks) { GroupKind::Named } else { GroupKind::Alike };
            let finding = Finding::NumberedAlike {
                stem: (*stem).to_owned(),
                n_alike: run.n_alike as u64,
                n: u64::from(run.ranks.n()),
                n_numbers,
            };
            groups.push(group(audience, kind, &run, &members, finding));
        }
    }
    groups
}

/// Whether most members in a run followed as soon as they were there.
fn mostly_newborn(audience: &Audience, members: &[u32], ranks: RankRange) -> bool {
    let inside = members.iter().filter(|r| ranks.holds(**r));
    let (mut n, mut newborn) = (0, 0);
    for &r in inside {
        let i = r as usize;
        let at = audience.followed_at.get(i).or_else(|| audience.followed_after.get(i));
        n += 1;
        newborn += usize::from(
            at.zip(audience.created_at.get(i)).is_some_and(|(at, created)| at.days_since(created) < NEWBORN_DAYS),
        );
    }
    2 * newborn > n
}

fn group(audience: &Audience, kind: GroupKind, run: &Run, members: &[u32], finding: Finding) -> Group {
    let (n, k, p) = (f64::from(run.ranks.n()), run.n_alike as f64, run.share_around);
    // Strangers among them have the rule as often as the followers around: who lacks it, and their part of who has it.
    let strangers = ((n - k) / (1.0 - p)).min(n);
    let delivered = (n - strangers).max(1.0);
    let inside = ((k - strangers * p) / delivered).clamp(0.01, 0.99);
    let (log_in, log_out) = ((inside / p).ln() as f32, ((1.0 - inside) / (1.0 - p)).ln() as f32);
    let mut member_log_odds = vec![log_out; run.ranks.n() as usize];
    for r in members.iter().filter(|r| run.ranks.holds(**r)) {
        member_log_odds[(r - run.ranks.first) as usize] = log_in;
    }
    let at = |i: u32| audience.followed_at.get(i as usize).or_else(|| audience.followed_after.get(i as usize));
    Group {
        kind,
        ranks: Some(run.ranks),
        arrived: at(run.ranks.first).zip(at(run.ranks.last)).map(|(from, to)| Span { from, to: to.max(from) }),
        n_followers: u64::from(run.ranks.n()),
        n_beyond: delivered,
        n_beyond_range: (delivered, n),
        p_value: run.p_value,
        q_value: run.p_value.min(1.0),
        member_log_odds,
        finding,
    }
}

/// A made page with a batch of accounts named by letters.
fn control(seed: Seed) -> Planted {
    planted(seed, Tells::InstagramExport)
}

#[cfg(test)]
mod tests {
    use super::{Asked, DETECTOR};
    use assay_math::Seed;
    use assay_model::synth::{Plant, Stock, SynthPage, Tells};
    use assay_model::{Evidence, Finding, GroupKind, Outcome, Page, silent};

    fn look(page: &Page) -> Evidence {
        match (DETECTOR.find)(page, &Asked { seed: Seed(1), confidence: 0.9, earlier: &[] }, &mut silent) {
            Ok(Outcome::Found(evidence)) => evidence,
            other => unreachable!("{other:?}"),
        }
    }

    /// A page on which the seller of this number (each names accounts by its own rule) delivers 200.
    fn sold_by(seller: usize, tells: Tells) -> (Page, assay_model::RankRange) {
        let mut page = SynthPage { tells, ..SynthPage::default() };
        // Those before it deliver nothing.
        page.plants = (0..seller).map(|_| Plant::Purge { at: page.day(1.0), over_days: 1.0, share: 0.0 }).collect();
        page.plants.push(Plant::Batch { at: page.day(500.0), followers: 200, over_days: 1.0, stock: Stock::mixed() });
        let made = page.make(Seed(5));
        (made.page, made.truth.plants[seller].ranks.expect("delivered"))
    }

    #[test]
    fn consecutive_numbers_on_one_stem_are_a_group_of_their_own() {
        let (page, ranks) = sold_by(3, Tells::InstagramExport);
        let found = look(&page).groups;
        let group = found.iter().find(|g| g.kind == GroupKind::Alike).expect("a group");
        assert!(group.ranks.is_some_and(|r| r.overlap(ranks) > 180), "{:?}", group.ranks);
        assert!(
            matches!(&group.finding, Finding::NumberedAlike { n_alike, .. } if *n_alike > 120),
            "{:?}",
            group.finding
        );
    }

    #[test]
    fn a_template_is_told_and_alone_accuses_nobody() {
        for seller in [0, 1] {
            let (page, ranks) = sold_by(seller, Tells::InstagramExport);
            let found = look(&page).groups;
            assert!(found.iter().all(|g| g.kind == GroupKind::Named), "{found:?}");
            assert!(
                found.iter().any(|g| g.ranks.is_some_and(|r| r.overlap(ranks) > 150)),
                "seller {seller}: {found:?}"
            );
        }
    }

    #[test]
    fn newcomers_keep_the_handles_that_their_platform_proposes() {
        let mut list = assay_model::Audience::default();
        for i in 0..900_i64 {
            let at = assay_model::TimeMs(1_600_000_000_000 + i * 3_600_000);
            let newcomer = (300..420).contains(&i);
            let handle = if newcomer {
                format!("walker{:08}", i * 7_919 + 10_000_000)
            } else {
                format!("word{}", char::from(b'a' + (i % 26) as u8))
            };
            let created =
                assay_model::TimeMs(at.0 - if newcomer { 3_600_000 } else { (1 + i % 900) * assay_model::DAY_MS });
            list.push(&assay_model::Follow {
                handle: Some(&handle),
                followed_at: Some(at),
                created_at: Some(created),
                ..Default::default()
            });
        }
        let audience =
            assay_model::arrange(list, assay_model::ListOrder::Stated, assay_model::TimeQuality::Exact).audience;
        let mut page = Page { audience, ..Page::default() };
        assert_eq!(look(&page).groups, []);
        // The same handles, with accounts that were not opened for it, are told.
        let dates =
            page.audience.created_at.iter().map(|c| c.map(|t| assay_model::TimeMs(t.0 - 900 * assay_model::DAY_MS)));
        page.audience.created_at = dates.collect();
        assert_eq!(look(&page).groups.len(), 1);
    }
}
