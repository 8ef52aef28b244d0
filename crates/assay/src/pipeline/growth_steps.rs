//! Arrivals in equal steps of time, for the picture of growth.

use crate::report::GrowthStep;
use assay_model::{DAY_MS, Page, Span, TimeMs};

/// Widths of a step, from five minutes to four weeks.
const WIDTHS_MS: [i64; 6] = [DAY_MS / 288, DAY_MS / 24, DAY_MS / 4, DAY_MS, 7 * DAY_MS, 28 * DAY_MS];
/// The narrowest width that needs at most this many steps is taken: about one a pixel.
const STEPS_MAX: i64 = 800;
/// Steps are cut at Monday, midnight UTC: 1970-01-05 was one.
const MONDAY_MS: i64 = 4 * DAY_MS;

/// Counts arrivals and losses in equal steps over the time that the page's data speak of.
///
/// Arrivals are follow times where the list has them (to the day or better), else daily counts. Empty where neither is
/// known. Costs O(n) in followers, days and losses.
pub(super) fn growth_steps(page: &Page) -> Vec<GrowthStep> {
    let timed = page.audience.quality().is_timed();
    let arrivals = || page.audience.followed_at.iter().flatten();
    let times = arrivals().take(if timed { usize::MAX } else { 0 });
    let days = page.daily.iter().map(|d| d.day.start());
    let losses = page.losses.iter().map(|l| l.at);
    let Some(whole) = times.chain(days).chain(losses).map(|at| Span { from: at, to: at }).reduce(Span::join) else {
        return Vec::new();
    };
    let narrowest = if timed && page.daily.is_empty() && page.audience.quality() < assay_model::TimeQuality::Day {
        0
    } else {
        DAY_MS
    };
    let Some((first, width, n)) = WIDTHS_MS.into_iter().filter(|w| *w >= narrowest).find_map(|width| {
        let first = (whole.from.0 - MONDAY_MS).div_euclid(width);
        let n = (whole.to.0 - MONDAY_MS).div_euclid(width) - first + 1;
        (n <= STEPS_MAX || width == WIDTHS_MS[WIDTHS_MS.len() - 1]).then_some((first, width, n))
    }) else {
        return Vec::new();
    };
    // Hostile times may span more than any list of steps should hold: then there is no picture.
    if n > 8 * STEPS_MAX {
        return Vec::new();
    }
    let index = |at: TimeMs| ((at.0 - MONDAY_MS).div_euclid(width) - first) as usize;
    let mut follows = vec![0.0; n as usize];
    let mut unfollows: Vec<Option<f64>> = vec![None; n as usize];
    if timed {
        arrivals().for_each(|at| follows[index(at)] += 1.0);
    }
    for day in &page.daily {
        let i = index(day.day.start());
        if !timed {
            follows[i] += f64::from(day.follows.unwrap_or(0));
        }
        if let Some(lost) = day.unfollows {
            *unfollows[i].get_or_insert(0.0) += f64::from(lost);
        }
    }
    let lost_by_day = page.daily.iter().any(|d| d.unfollows.is_some());
    if !lost_by_day {
        let is_timed = page.losses.iter().any(|loss| loss.after.is_none());
        for loss in &page.losses {
            match loss.after {
                None => *unfollows[index(loss.at)].get_or_insert(0.0) += 1.0,
                // Somewhere between two lists: spread evenly, where no loss has a time of its own.
                Some(after) if !is_timed => {
                    let from = index(after.max(whole.from)).min(index(loss.at));
                    let steps = &mut unfollows[from..=index(loss.at)];
                    let part = 1.0 / steps.len() as f64;
                    for step in steps {
                        *step.get_or_insert(0.0) += part;
                    }
                }
                Some(_) => {}
            }
        }
    }
    follows
        .into_iter()
        .zip(unfollows)
        .enumerate()
        .map(|(i, (follows, unfollows))| {
            let from = (first + i as i64) * width + MONDAY_MS;
            GrowthStep { span: Span { from: TimeMs(from), to: TimeMs(from + width - 1) }, follows, unfollows }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::growth_steps;
    use assay_model::{DAY_MS, Day, DayCount, Follow, ListOrder, Page, RowRef, TimeMs, TimeQuality, arrange};

    fn timed(times: &[i64]) -> Page {
        let mut list = assay_model::Audience::default();
        for &at in times {
            list.push(&Follow { followed_at: Some(TimeMs(at)), ..Follow::default() });
        }
        Page { audience: arrange(list, ListOrder::Stated, TimeQuality::Exact).audience, ..Page::default() }
    }

    #[test]
    fn every_follow_is_counted_once_and_steps_touch() {
        let page = timed(&[0, 1, DAY_MS, 400 * DAY_MS, 3_000 * DAY_MS + 5]);
        let steps = growth_steps(&page);
        assert_eq!(steps.iter().map(|s| s.follows).sum::<f64>(), 5.0);
        assert!(steps.windows(2).all(|w| w[0].span.to.0 + 1 == w[1].span.from.0));
        assert!(steps.len() <= 800, "{}", steps.len());
    }

    #[test]
    fn daily_counts_stand_in_where_no_follow_has_a_time() {
        let source = RowRef::default();
        let day = |day, n| DayCount {
            day: Day(day),
            follows: Some(n),
            unfollows: Some(1),
            paid: None,
            auto_invited: None,
            source,
        };
        let page = Page { daily: vec![day(100, 4), day(102, 6)], ..Page::default() };
        let steps = growth_steps(&page);
        assert_eq!(steps.iter().map(|s| s.follows).collect::<Vec<_>>(), [4.0, 0.0, 6.0]);
        assert_eq!(steps.iter().map(|s| s.unfollows).collect::<Vec<_>>(), [Some(1.0), None, Some(1.0)]);
    }

    #[test]
    fn a_loss_between_two_lists_is_spread_over_the_time_between_them() {
        let after = Some(TimeMs(7 * DAY_MS));
        let loss = assay_model::Loss { after, at: TimeMs(9 * DAY_MS), source: RowRef::default() };
        let page = Page { losses: vec![loss; 3], ..timed(&[0, 20 * DAY_MS]) };
        let steps = growth_steps(&page);
        let lost = |s: &&crate::report::GrowthStep| s.unfollows.is_some();
        assert!((steps.iter().filter_map(|s| s.unfollows).sum::<f64>() - 3.0).abs() < 1e-9);
        assert!(steps.iter().filter(lost).all(|s| s.span.to.0 >= 7 * DAY_MS && s.span.from.0 <= 9 * DAY_MS));
    }

    #[test]
    fn nothing_timed_gives_no_picture_and_an_impossible_time_does_not_stretch_it() {
        assert!(growth_steps(&Page::default()).is_empty());
        assert_eq!(growth_steps(&timed(&[0, i64::MAX / 4])), growth_steps(&timed(&[0])));
    }
}
