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
