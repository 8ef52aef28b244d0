//! Puts the rows of a follower list into follow order, and says how well the times are known.
//!
//! Where only the order and the creation dates are known, a follow is bounded below: nobody follows before their account
//! exists, and nobody who follows later follows before those who followed earlier. So the latest creation date met so far
//! bounds the follow time from below (Meeder and others 2011: "We know who you followed last summer").

use crate::audience::Audience;
use crate::fact::ListOrder;
use crate::time::{TimeMs, TimeQuality};

/// An audience in follow order, and what was noticed on the way.
#[derive(Debug, Clone, PartialEq)]
pub struct Arranged {
    /// The audience in follow order, with `followed_after` filled in and `quality` set.
    pub audience: Audience,
    /// What the reader must know of the order, without a final period.
    pub notes: Vec<String>,
}

/// Sorts the rows of `list` (as they stand in their files) into follow order.
///
/// By `follow_rank` where all rows have one, else by `followed_at` where all rows have one, else as `order` says. Rows
/// that have neither rank nor time in a list where others do go first, in file order, and are told in a note. `timed` is
/// the precision of follow times in this format. Dates that no social network can have had count as missing, and a note
/// counts them. Costs O(n log n).
pub fn arrange(mut list: Audience, order: ListOrder, timed: TimeQuality) -> Arranged {
    let n = list.len();
    let mut notes = Vec::new();
    let dates = [&mut list.created_at, &mut list.followed_at, &mut list.last_active_at];
    let n_impossible: usize = dates.into_iter().map(|column| column.retain(TimeMs::is_plausible)).sum();
    if n_impossible > 0 {
        notes.push(format!("{n_impossible} dates lie outside the years 1970 to 2243 and count as missing"));
    }
    let mut rows: Vec<u32> = (0..n as u32).collect();
    let n_ranked = list.follow_rank.n_values();
    let n_timed = list.followed_at.n_values();
    let in_order = if n > 0 && n_ranked == n {
        rows.sort_by_key(|&i| list.follow_rank.get(i as usize));
        if contradicts(&list, &rows) {
            notes.push("ranks and follow times contradict each other; the ranks were kept".to_owned());
        }
        true
    } else if n_timed > 0 {
        // Newest first within one second as within the list: file order reversed keeps ties in follow order.
        if order != ListOrder::Unordered && order != ListOrder::Stated {
            rows.reverse();
        }
        rows.sort_by_key(|&i| list.followed_at.get(i as usize));
        if n_timed < n {
            notes.push(format!(
                "{} of {n} followers have no follow time; they are placed before all others",
                n - n_timed
            ));
        }
        true
    } else {
        settle_file_order(&list, order, &mut rows, &mut notes)
    };
    // Tables mostly stand in order already.
    let stands = rows.iter().zip(0..).all(|(&row, i)| row == i);
    let mut audience = if stands { list } else { list.reordered(&rows) };
    audience.quality = Some(quality(&audience, in_order, n_timed, timed));
    if in_order {
        audience.followed_after = bounds(&audience);
        if audience.quality == Some(TimeQuality::OrderOnly) && audience.followed_after.has_values() {
            audience.quality = Some(TimeQuality::Bounded);
        }
    }
    Arranged { audience, notes }
}

/// Orders rows that carry neither rank nor time; tells whether an order was found.
fn settle_file_order(list: &Audience, order: ListOrder, rows: &mut [u32], notes: &mut Vec<String>) -> bool {
    match order {
        ListOrder::Stated => {
            list.follow_rank.has_values() && {
                notes.push("some rows have no follow rank, so the order of follows is not known".to_owned());
                false
            }
        }
        ListOrder::Unordered => false,
        ListOrder::NewestFirst => {
            rows.reverse();
            true
        }
        ListOrder::ProbablyNewestFirst => match order_of_file(list) {
            FileOrder::NewestFirst => {
                rows.reverse();
                true
            }
            FileOrder::OldestFirst => {
                notes.push(
                    "the list runs from the oldest follow to the newest, against the usual order of this export"
                        .to_owned(),
                );
                true
            }
            FileOrder::Untold => {
                rows.reverse();
                notes.push(
                    "the list is taken as newest first, which its account ages can neither confirm nor refute"
                        .to_owned(),
                );
                true
            }
        },
    }
}

enum FileOrder {
    NewestFirst,
    OldestFirst,
    Untold,
}

/// Tests the direction of a list by its creation dates.
///
/// In follow order the youngest accounts can only stand late, so the running maximum of creation dates rises step by step;
/// against it, the maximum is reached almost at once. The number of rises is compared in both directions. In a list without
/// order it is about ln n either way (records of a random sequence), with a variance of ln n at most.
fn order_of_file(list: &Audience) -> FileOrder {
    let created: Vec<TimeMs> = list.created_at.iter().flatten().collect();
    let records = |dates: &mut dyn Iterator<Item = TimeMs>| {
        let mut latest = TimeMs(i64::MIN);
        dates
            .filter(|&at| {
                at > latest && {
                    latest = at;
                    true
                }
            })
            .count() as f64
    };
    let oldest_first = records(&mut created.iter().copied());
    let newest_first = records(&mut created.iter().rev().copied());
    let spread = (created.len() as f64).ln_1p().sqrt().max(1.0);
    if newest_first - oldest_first > 3.0 * spread {
        FileOrder::NewestFirst
    } else if oldest_first - newest_first > 3.0 * spread {
        FileOrder::OldestFirst
    } else {
        FileOrder::Untold
    }
}

fn contradicts(list: &Audience, rows: &[u32]) -> bool {
    let times: Vec<TimeMs> = rows.iter().filter_map(|&i| list.followed_at.get(i as usize)).collect();
    !times.is_sorted()
}

fn quality(audience: &Audience, in_order: bool, n_timed: usize, timed: TimeQuality) -> TimeQuality {
    if n_timed > 0 && 2 * n_timed >= audience.len() {
        if timed.is_timed() { timed } else { TimeQuality::Exact }
    } else if in_order {
        TimeQuality::OrderOnly
    } else {
        TimeQuality::Unknown
    }
}

/// The running maximum of creation dates, raised by follow times where they are known.
fn bounds(audience: &Audience) -> crate::Column<TimeMs> {
    let mut latest: Option<TimeMs> = None;
    (0..audience.len())
        .map(|i| {
            let here = audience.created_at.get(i).max(audience.followed_at.get(i));
            latest = latest.max(here);
            latest
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::arrange;
    use crate::Audience;
    use crate::fact::{Follow, ListOrder};
    use crate::time::{TimeMs, TimeQuality};

    fn list(rows: &[(Option<u32>, Option<i64>, Option<i64>)]) -> Audience {
        let mut list = Audience::default();
        for &(follow_rank, followed_at, created_at) in rows {
            list.push(&Follow {
                follow_rank,
                followed_at: followed_at.map(TimeMs),
                created_at: created_at.map(TimeMs),
                ..Follow::default()
            });
        }
        list
    }

    #[test]
    fn ranks_decide_before_times_and_times_before_the_file() {
        let by_rank =
            arrange(list(&[(Some(1), None, Some(5)), (Some(0), None, Some(3))]), ListOrder::Stated, TimeQuality::Exact);
        assert_eq!(by_rank.audience.created_at.iter().flatten().collect::<Vec<_>>(), [TimeMs(3), TimeMs(5)]);
        assert_eq!(by_rank.audience.quality(), TimeQuality::Bounded);
        let by_time =
            arrange(list(&[(None, Some(9), None), (None, Some(2), None)]), ListOrder::NewestFirst, TimeQuality::Exact);
        assert_eq!(by_time.audience.followed_at.iter().flatten().collect::<Vec<_>>(), [TimeMs(2), TimeMs(9)]);
        assert_eq!(by_time.audience.quality(), TimeQuality::Exact);
    }

    #[test]
    fn the_bound_is_the_running_maximum() {
        let arranged = arrange(
            list(&[(Some(0), None, Some(4)), (Some(1), None, Some(2)), (Some(2), None, Some(7))]),
            ListOrder::Stated,
            TimeQuality::Exact,
        );
        assert_eq!(
            arranged.audience.followed_after.iter().flatten().collect::<Vec<_>>(),
            [TimeMs(4), TimeMs(4), TimeMs(7)]
        );
    }

    #[test]
    fn a_list_that_runs_the_other_way_is_noticed() {
        let rows: Vec<_> = (0..400_i64).map(|i| (None, None, Some(if i % 3 == 0 { 1_000 * i } else { i }))).collect();
        let arranged = arrange(list(&rows), ListOrder::ProbablyNewestFirst, TimeQuality::Unknown);
        assert_eq!(arranged.audience.created_at.get(3), Some(TimeMs(3_000)));
        assert_eq!(arranged.notes.len(), 1);
        let reversed: Vec<_> = rows.into_iter().rev().collect();
        let arranged = arrange(list(&reversed), ListOrder::ProbablyNewestFirst, TimeQuality::Unknown);
        assert_eq!(arranged.audience.created_at.get(3), Some(TimeMs(3_000)));
        assert!(arranged.notes.is_empty());
    }

    #[test]
    fn a_list_in_no_order_says_so() {
        let arranged =
            arrange(list(&[(None, None, Some(1)), (None, None, Some(2))]), ListOrder::Unordered, TimeQuality::Unknown);
        assert_eq!(arranged.audience.quality(), TimeQuality::Unknown);
        assert!(!arranged.audience.followed_after.has_values());
    }
}
