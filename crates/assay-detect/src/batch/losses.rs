//! What was lost of a batch since it came: purged by the platform, or unfollowed.
//!
//! An export lists who follows today. Two things tell how many came: the platform's daily counts of follows, and ranks that
//! were given when there were more. What came in the days (or ranks) of the batch and is not listed is lost; the followers
//! who came on their own lose their usual part, which is taken off.
//!
//! Limits: days are the platform's, so one day is taken in on each side. Where two batches share days, each gets its part by
//! size. Follows by accounts that came, left and came again count twice in daily counts.

use assay_math::{Estimate, poisson_interval};
use assay_model::{Abstention, Batch, Outcome, Page, RankRange, Span};

/// Days before and after a batch in which the usual part of losses is read.
const AROUND_DAYS: i32 = 90;

/// Fewest follows around that can tell a usual part.
const MIN_AROUND: f64 = 20.0;

/// For each batch how many were lost of it, or why that cannot be said.
pub(super) fn all(page: &Page, batches: &[Batch]) -> Vec<Outcome<Estimate>> {
    let ranked = Ranked::of(page);
    batches
        .iter()
        .map(|b| by_days(page, b, batches).or_else(|| ranked.as_ref()?.lost(b)).unwrap_or_else(untold))
        .collect()
}

fn untold() -> Outcome<Estimate> {
    Outcome::Abstained(Abstention::new(
        "the export lists who follows today, and nothing tells how many came",
        "the platform's daily counts of follows, or an earlier export of the same page",
    ))
}

/// So many came or were given a rank and are not listed, of whom `own` came on their own and lose the part `usual`.
fn estimate(n_missing: f64, own: f64, usual: f64, confidence: f64) -> Estimate {
    let ordinary = own * usual / (1.0 - usual).max(0.05);
    let (least, most) = poisson_interval(ordinary, confidence);
    let lost = |ordinary: f64| (n_missing - ordinary).max(0.0);
    Estimate::new(lost(ordinary), lost(most.max(ordinary)), lost(least.min(ordinary)), confidence)
}

/// From daily counts and follow times.
fn by_days(page: &Page, batch: &Batch, batches: &[Batch]) -> Option<Outcome<Estimate>> {
    let arrived = batch.arrived.filter(|_| page.audience.quality().is_timed())?;
    let wide = |s: Span| (page.calendar.day(s.from).0 - 1, page.calendar.day(s.to).0 + 1);
    let (first, last) = wide(arrived);
    let taken: Vec<(i32, i32)> = batches.iter().filter_map(|b| b.arrived.map(wide)).collect();
    let (mut came, mut came_around) = (0.0, 0.0);
    let mut around: Vec<(i32, i32)> = Vec::new();
    let mut n_days = 0;
    for d in &page.daily {
        let Some(follows) = d.follows else { continue };
        if (first..=last).contains(&d.day.0) {
            came += f64::from(follows);
            n_days += 1;
        } else if (first - AROUND_DAYS..=last + AROUND_DAYS).contains(&d.day.0)
            && !taken.iter().any(|(f, l)| (*f..=*l).contains(&d.day.0))
        {
            came_around += f64::from(follows);
            around.push((d.day.0, d.day.0));
        }
    }
    // The first and the last of the days may lie before or behind all counts.
    if n_days + 2 < last - first + 1 || n_days == 0 || came_around < MIN_AROUND {
        return None;
    }
    let (mut listed, mut listed_around) = (0.0, 0.0);
    let is_around: std::collections::HashSet<i32> = around.into_iter().map(|(d, _)| d).collect();
    for at in page.audience.followed_at.iter().flatten() {
        let day = page.calendar.day(at).0;
        if (first..=last).contains(&day) {
            listed += 1.0;
        } else if is_around.contains(&day) {
            listed_around += 1.0;
        }
    }
    if listed > came + 1.0 {
        return Some(Outcome::Abstained(Abstention::new(
            "the daily counts hold fewer follows in these days than the list",
            "daily counts of the same page, in the same zone",
        )));
    }
    let usual = (1.0 - listed_around / came_around).clamp(0.0, 0.95);
    // What other batches delivered in the same days is theirs: the losses are shared by size.
    let here: f64 = batches
        .iter()
        .filter(|b| b.arrived.map(wide).is_some_and(|(f, l)| f <= last && first <= l))
        .map(|b| b.inauthentic.point)
        .sum();
    let part = batch.inauthentic.point / here.max(1e-9);
    let own = (listed - here).max(0.0);
    let all = estimate((came - listed).max(0.0), own, usual, batch.inauthentic.confidence);
    Some(Outcome::Found(Estimate::new(all.point * part, all.low * part, all.high * part, all.confidence)))
}

/// Ranks that were given when there were more followers than today.
struct Ranked {
    ranks: Vec<u32>,
    n_gaps: f64,
}

impl Ranked {
    /// `None` where ranks are not told, or number today's followers without a gap.
    fn of(page: &Page) -> Option<Self> {
        let ranks: Vec<u32> = page.audience.follow_rank.iter().collect::<Option<_>>()?;
        let (first, last) = (*ranks.first()?, *ranks.last()?);
        if !ranks.windows(2).all(|w| w[0] < w[1]) {
            return None;
        }
        let n_gaps = f64::from(last - first + 1) - ranks.len() as f64;
        (n_gaps > 0.0).then_some(Self { ranks, n_gaps })
    }

    fn lost(&self, batch: &Batch) -> Option<Outcome<Estimate>> {
        let RankRange { first, last } = batch.ranks;
        let n_missing = f64::from(self.ranks[last as usize] - self.ranks[first as usize]) - f64::from(last - first);
        let n_around = self.ranks.len() as f64 - f64::from(batch.ranks.n());
        let gaps_around = self.n_gaps - n_missing;
        if n_around < MIN_AROUND {
            return None;
        }
        let usual = gaps_around / (gaps_around + n_around);
        let own = batch.n_followers as f64 - batch.inauthentic.point;
        Some(Outcome::Found(estimate(n_missing, own, usual, batch.inauthentic.confidence)))
    }
}

#[cfg(test)]
mod tests {
    use crate::{Asked, DETECTORS, weigh};
    use assay_math::Seed;
    use assay_model::synth::{Plant, Stock, SynthPage};
    use assay_model::{Outcome, Page, Verdicts, silent};

    fn judge(page: &Page) -> Verdicts {
        let mut found = Vec::new();
        for d in DETECTORS {
            let asked = Asked { seed: Seed(1), confidence: 0.9, earlier: &found };
            let evidence = (d.find)(page, &asked, &mut silent).expect("nobody stops it");
            found.extend(evidence.found().cloned().map(|e| (d.id, e)));
        }
        weigh(page, &found, 0.9)
    }

    /// A batch of 300, of which a purge took a third; people leave too.
    fn purged(left_share: f64, seed: u64) -> (Page, f64) {
        let mut page = SynthPage { left_share, ..SynthPage::default() };
        page.plants = vec![
            Plant::Batch { at: page.day(500.0), followers: 300, over_days: 1.0, stock: Stock::aged() },
            Plant::Purge { at: page.day(700.0), over_days: 2.0, share: 0.33 },
        ];
        let made = page.make(Seed(seed));
        let plant = &made.truth.plants[0];
        (made.page, f64::from(plant.n_followed - plant.n_listed))
    }

    #[test]
    fn daily_counts_tell_what_was_lost() {
        let mut held = 0;
        for seed in 1..=8 {
            let (page, truth) = purged(0.2, seed);
            let verdicts = judge(&page);
            let lost = *verdicts.batches[0].lost.found().expect("told");
            assert!((lost.point - truth).abs() < 20.0, "{truth}: {lost:?}");
            held += u32::from(lost.low <= truth && truth <= lost.high);
        }
        assert!(held >= 6, "{held} of 8");
    }

    #[test]
    fn gaps_in_ranks_tell_it_too_and_nothing_else_does() {
        let (mut page, truth) = purged(0.0, 3);
        page.daily.clear();
        assert!(matches!(judge(&page).batches[0].lost, Outcome::Abstained(_)));
        // Ranks as they were given before the purge: the missing ones lie evenly within the batch.
        let ranks = judge(&page).batches[0].ranks;
        let n_listed = f64::from(ranks.n());
        let before = |i: usize| {
            let inside = (i as f64 - f64::from(ranks.first)).clamp(0.0, n_listed - 1.0) / (n_listed - 1.0);
            i as u32 + (inside * truth).round() as u32
        };
        page.audience.follow_rank = (0..page.audience.len()).map(|i| Some(before(i))).collect();
        let lost = *judge(&page).batches[0].lost.found().expect("told");
        assert!((lost.point - truth).abs() < 3.0, "{truth}: {lost:?}");
    }
}
