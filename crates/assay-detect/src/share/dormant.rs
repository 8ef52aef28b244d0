//! Who is no longer active: a definition on the columns, not a guess.
//!
//! Where the last activity is told: idle for a month, half a year (the usual meaning of an inactive account), a year at the time
//! of the export; who has not been active since following is idle by the first. Where it is not: posts over the life of the account, which says less; one a month, one in three
//! months, none but one.

use assay_model::{Page, TimeMs};

/// For how long an account has been idle.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Idle {
    /// Active.
    No,
    /// Idle by the narrowest definition of activity alone.
    Short,
    /// Idle by the usual definition.
    Long,
    /// Idle by any definition.
    VeryLong,
}

/// Days without activity for each degree. Half a year is what platforms' own notes on inactive accounts go by.
const IDLE_DAYS: [f64; 3] = [30.0, 182.0, 365.0];

/// Days per post over the life of an account for the first two degrees; the third is at most one post.
const DAYS_PER_POST: [f64; 2] = [30.0, 90.0];

/// Accounts younger than this, days, are not called idle for their few posts.
const NEW_DAYS: f64 = 60.0;

/// How idle each follower is; `None` where the export tells neither last activity nor posts.
pub fn idle(page: &Page) -> Option<Vec<Idle>> {
    let a = &page.audience;
    let latest = || {
        [&a.last_active_at, &a.followed_at, &a.followed_after, &a.created_at]
            .into_iter()
            .flat_map(|c| c.iter().flatten())
            .max()
    };
    let now = page.facts.exported_at.or_else(latest)?;
    if !a.last_active_at.has_values() && !a.posts.has_values() {
        return None;
    }
    Some((0..a.len()).map(|i| of(page, i, now)).collect())
}

fn of(page: &Page, i: usize, now: TimeMs) -> Idle {
    let a = &page.audience;
    let degree = |x: f64, bounds: &[f64]| bounds.iter().filter(|b| x >= **b).count();
    let reached = match (a.last_active_at.get(i), a.posts.get(i)) {
        (Some(active), _) => {
            let since_following = a.followed_at.get(i).is_some_and(|followed| active <= followed);
            degree(now.days_since(active), &IDLE_DAYS).max(usize::from(since_following))
        }
        (None, Some(posts)) => {
            let age = a.created_at.get(i).map(|c| now.days_since(c));
            match age {
                Some(age) if age < NEW_DAYS => 0,
                _ if posts <= 1 => 3,
                Some(age) => degree(age / f64::from(posts), &DAYS_PER_POST),
                None => usize::from(posts <= 10) + usize::from(posts <= 3),
            }
        }
        (None, None) => 0,
    };
    [Idle::No, Idle::Short, Idle::Long, Idle::VeryLong][reached]
}

#[cfg(test)]
mod tests {
    use super::{Idle, idle};
    use assay_model::{DAY_MS, Follow, Page, TimeMs};

    fn page(rows: &[(Option<i64>, Option<u32>, Option<i64>)]) -> Page {
        let mut page = Page::default();
        let day = |d: i64| TimeMs(d * DAY_MS);
        for &(created, posts, active) in rows {
            page.audience.push(&Follow {
                created_at: created.map(day),
                posts,
                last_active_at: active.map(day),
                ..Follow::default()
            });
        }
        page.facts.exported_at = Some(day(1_000));
        page
    }

    #[test]
    fn last_activity_decides_where_it_is_told_and_posts_elsewhere() {
        let told = page(&[
            (Some(0), Some(0), Some(999)),
            (Some(0), Some(9_000), Some(800)),
            (Some(0), Some(9_000), Some(500)),
            (Some(0), Some(0), None),
            (Some(0), Some(20), None),
            (Some(0), Some(400), None),
            (Some(980), Some(0), None),
        ]);
        let want = [Idle::No, Idle::Long, Idle::VeryLong, Idle::VeryLong, Idle::Short, Idle::No, Idle::No];
        assert_eq!(idle(&told).expect("told"), want);
        assert_eq!(idle(&page(&[(Some(0), None, None)])), None);
    }
}
