//! How many people in a follower's place have engaged: the page's own rates, by place in the list and by activity.

use crate::share::dormant::{self, Idle};
use assay_model::{Column, Page, RankRange, TimeQuality};

/// Followers that one rate rests on, fewest, and
const MIN_BLOCK: f64 = 150.0;

/// engagers that it should hold.
const MIN_ENGAGED: f64 = 10.0;

/// Most rates along a list.
const MOST_BLOCKS: usize = 24;

/// Blocks that one rate is the median of, so that a run without engagement does not lower what is expected of itself.
const MEDIAN_OF: usize = 5;

/// Engagers that a class of activity is drawn towards the page's rate by.
const DRAWN_BY: f64 = 5.0;

/// No more than so much is expected of anybody.
const MOST: f64 = 0.95;

/// For each follower the chance that a person who followed then, and is as active, is known to have engaged; 0 where nothing
/// could be known. Followers in `apart` do not count for it.
pub(super) fn expected(page: &Page, engagements: &Column<u32>, apart: &[RankRange]) -> Vec<f64> {
    let n = engagements.len();
    let is_free = |i: &usize| engagements.get(*i).is_some() && !apart.iter().any(|r| r.holds(*i as u32));
    let free: Vec<usize> = (0..n).filter(is_free).collect();
    let did = |i: usize| engagements.get(i).is_some_and(|n| n > 0);
    let all = free.iter().filter(|i| did(**i)).count() as f64 / free.len().max(1) as f64;
    if free.is_empty() || all <= 0.0 {
        return vec![0.0; n];
    }
    let blocks = blocks(&free, all, page.audience.quality() != TimeQuality::Unknown, &did);
    let by_activity = by_activity(page, &free, all, &did);
    (0..n)
        .map(|i| {
            if engagements.get(i).is_none() {
                return 0.0;
            }
            // The block whose last follower comes last before this one, or at it.
            let at = blocks.partition_point(|(first, _)| *first <= i).max(1) - 1;
            (blocks[at].1 * by_activity.as_ref().map_or(1.0, |f| f(i))).clamp(0.0, MOST)
        })
        .collect()
}

/// First follower and rate of each block.
fn blocks(free: &[usize], all: f64, in_order: bool, did: &dyn Fn(usize) -> bool) -> Vec<(usize, f64)> {
    let each = MIN_BLOCK.max(MIN_ENGAGED / all);
    let n_blocks = if in_order { ((free.len() as f64 / each) as usize).clamp(1, MOST_BLOCKS) } else { 1 };
    let raw: Vec<(usize, f64)> = (0..n_blocks)
        .map(|b| {
            let part = &free[b * free.len() / n_blocks..(b + 1) * free.len() / n_blocks];
            (part[0], part.iter().filter(|i| did(**i)).count() as f64 / part.len() as f64)
        })
        .collect();
    let half = MEDIAN_OF / 2;
    (0..n_blocks)
        .map(|b| {
            let mut near: Vec<f64> =
                raw[b.saturating_sub(half)..(b + half + 1).min(n_blocks)].iter().map(|r| r.1).collect();
            near.sort_by(f64::total_cmp);
            let middle = 0.5 * (near[(near.len() - 1) / 2] + near[near.len() / 2]);
            (raw[b].0, if middle > 0.0 { middle } else { near.iter().sum::<f64>() / near.len() as f64 })
        })
        .collect()
}

/// By what factor people who are as active engage more than the page's followers do; `None` where activity is not told.
fn by_activity(
    page: &Page,
    free: &[usize],
    all: f64,
    did: &dyn Fn(usize) -> bool,
) -> Option<impl Fn(usize) -> f64 + use<>> {
    let idle = dormant::idle(page)?;
    let is_idle = move |i: usize| usize::from(idle[i] >= Idle::Long);
    let (mut n, mut k) = ([0.0; 2], [0.0; 2]);
    for &i in free {
        n[is_idle(i)] += 1.0;
        k[is_idle(i)] += f64::from(u8::from(did(i)));
    }
    let factor = [0, 1].map(|c| (k[c] + DRAWN_BY) / (n[c] * all + DRAWN_BY));
    Some(move |i| factor[is_idle(i)])
}

#[cfg(test)]
mod tests {
    use super::expected;
    use assay_model::{Audience, Column, Follow, ListOrder, Page, RankRange, TimeMs, TimeQuality, arrange};

    /// A list of which one in five engages at first, and two in five later.
    fn page(n: i64) -> (Page, Column<u32>) {
        let mut list = Audience::default();
        for i in 0..n {
            list.push(&Follow { followed_at: Some(TimeMs(i * 3_600_000)), ..Follow::default() });
        }
        let did = |i: i64| if i < n / 2 { u32::from(i % 5 == 0) } else { u32::from(i % 5 < 2) };
        let audience = arrange(list, ListOrder::Stated, TimeQuality::Exact).audience;
        (Page { audience, ..Page::default() }, (0..n).map(|i| Some(did(i))).collect())
    }

    #[test]
    fn rates_follow_the_list_and_are_robust_to_a_silent_run() {
        let (page, mut engagements) = page(6_000);
        let before = expected(&page, &engagements, &[]);
        assert!((before[200] - 0.2).abs() < 0.01 && (before[5_800] - 0.4).abs() < 0.01);
        engagements =
            engagements.iter().enumerate().map(|(i, n)| if (900..1_250).contains(&i) { Some(0) } else { n }).collect();
        let after = expected(&page, &engagements, &[]);
        assert!((after[1_000] - 0.2).abs() < 0.01, "{}", after[1_000]);
        let apart = [RankRange { first: 900, last: 1_249 }];
        assert!((expected(&page, &engagements, &apart)[1_000] - 0.2).abs() < 0.01);
    }

    #[test]
    fn nothing_is_expected_where_nothing_could_be_known() {
        let (page, engagements) = page(500);
        let engagements = engagements.iter().enumerate().map(|(i, n)| n.filter(|_| i < 400)).collect();
        let told = expected(&page, &engagements, &[]);
        assert!(told[399] > 0.0 && told[400..].iter().all(|e| *e <= 0.0));
        let none: Column<u32> = (0..500).map(|_| Some(0)).collect();
        assert!(expected(&page, &none, &[]).iter().all(|e| *e <= 0.0));
    }
}
