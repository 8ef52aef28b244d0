//! Whether ids repeat, in fixed memory: rows are counted for the ids with the smallest hashes, which are a fair sample of all.

use std::collections::BTreeMap;

/// Ids that are counted.
const KEPT: usize = 4_096;

/// Rows of the ids with the smallest hashes.
#[derive(Debug, Default)]
pub struct Repeats {
    kept: BTreeMap<u64, (u64, usize, bool)>,
    limit: Option<u64>,
}

impl Repeats {
    /// Meets a row of an id in an arm.
    pub fn meet(&mut self, id: u64, arm: usize) {
        if self.limit.is_some_and(|limit| id > limit) {
            return;
        }
        let entry = self.kept.entry(id).or_insert((0, arm, false));
        entry.0 += 1;
        entry.2 |= entry.1 != arm;
        if self.kept.len() > KEPT {
            // What is dropped once never comes back, so counts of those that stay are whole.
            self.kept.pop_last();
            self.limit = self.kept.last_key_value().map(|(id, _)| *id);
        }
    }

    /// None met yet; ids above `limit`, which others have dropped, are not kept.
    pub fn below(limit: Option<u64>) -> Self {
        Self { limit, ..Self::default() }
    }

    /// Ids above this one have been dropped.
    pub fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// Joins the rows of another, whose arm `i` is `arms[i]` here.
    pub fn join(&mut self, other: Self, arms: &[usize]) {
        self.limit = match (self.limit, other.limit) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        for (id, (n, arm, in_two)) in other.kept {
            let arm = arms.get(arm).copied().unwrap_or(usize::MAX);
            let entry = self.kept.entry(id).or_insert((0, arm, false));
            entry.0 += n;
            entry.2 |= in_two || entry.1 != arm;
        }
        if let Some(limit) = self.limit {
            self.kept.retain(|id, _| *id <= limit);
        }
        while self.kept.len() > KEPT {
            self.kept.pop_last();
            self.limit = self.kept.last_key_value().map(|(id, _)| *id);
        }
    }

    /// Rows for each id, on average.
    pub fn rows_per_id(&self) -> Option<f64> {
        let rows: u64 = self.kept.values().map(|v| v.0).sum();
        (!self.kept.is_empty()).then(|| rows as f64 / self.kept.len() as f64)
    }

    /// Whether an id was met in two arms.
    pub fn in_two_arms(&self) -> bool {
        self.kept.values().any(|v| v.2)
    }
}

#[cfg(test)]
mod tests {
    use super::Repeats;

    /// Parts see an arm under another number, and one of them knows what others have dropped.
    #[test]
    fn parts_join_to_the_whole() {
        let id = |k: u64| (k % 30_000).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let arm = |k: u64| usize::from(k % 1_999 == 5);
        let mut whole = Repeats::default();
        (0..70_000).for_each(|k| whole.meet(id(k), arm(k)));
        let mut joined = Repeats::default();
        for part in 0..7 {
            let mut own = Repeats::below(joined.limit().filter(|_| part > 3));
            (part * 10_000..(part + 1) * 10_000).for_each(|k| own.meet(id(k), 1 - arm(k)));
            joined.join(own, &[1, 0]);
        }
        assert_eq!((joined.kept, joined.limit), (whole.kept, whole.limit));
    }

    #[test]
    fn repeats_are_estimated_from_a_sample() {
        let mut repeats = Repeats::default();
        for round in 0..3 {
            for id in 0..50_000_u64 {
                repeats.meet(id.wrapping_mul(0x9e37_79b9_7f4a_7c15), usize::from(round == 9));
            }
        }
        assert_eq!(repeats.rows_per_id(), Some(3.0));
        assert!(!repeats.in_two_arms());
        repeats.meet(0, 1);
        assert!(repeats.in_two_arms());
        assert_eq!(Repeats::default().rows_per_id(), None);
    }
}
