//! The slices of an audience that labels are drawn from.

use super::Matched;

/// Upper ends of the slices of probability.
const SLICES: [f64; 6] = [0.01, 0.05, 0.25, 0.75, 0.95, 1.0];

/// Table strata are those of a draw if their sizes add up to the audience within this part of it.
const SAME: f64 = 0.02;

/// The followers of an audience by slice.
#[derive(Debug, Clone, PartialEq)]
pub struct Strata {
    slice: Vec<u8>,
    members: Vec<Vec<u32>>,
    /// For each label its stratum and the sizes of all, where the labels come from a draw over other verdicts than these.
    pub(super) drawn: Option<(Vec<usize>, Vec<u64>)>,
}

impl Strata {
    /// By the probability that each follower had before any label. Where every label carries the stratum that it was drawn
    /// from, and these are other strata than those of today (an earlier export, other channels), those of the draw count.
    pub fn of(probability: &[f32], matched: &Matched) -> Self {
        let slice: Vec<u8> = probability.iter().map(|p| slice(*p) as u8).collect();
        let mut members = vec![Vec::new(); SLICES.len()];
        for (i, s) in slice.iter().enumerate() {
            members[usize::from(*s)].push(i as u32);
        }
        let mut strata = Self { slice, members, drawn: None };
        strata.drawn = strata.of_draw(matched);
        strata
    }

    fn of_draw(&self, matched: &Matched) -> Option<(Vec<usize>, Vec<u64>)> {
        let told: Vec<_> = matched.strata.iter().copied().collect::<Option<_>>()?;
        let same = |(label, s): (&(u32, bool), &assay_model::Stratum)| {
            let slice = self.slice_of(label.0 as usize);
            s.id as usize == slice && s.size == self.members[slice].len() as u64
        };
        if told.is_empty() || matched.labels.iter().zip(&told).all(same) {
            return None;
        }
        let mut all = told.clone();
        all.sort_unstable();
        all.dedup();
        let n = self.slice.len() as f64;
        let sum: f64 = all.iter().map(|s| s.size as f64).sum();
        if (sum - n).abs() > SAME * n || all.windows(2).any(|w| w[0].id == w[1].id) {
            return None;
        }
        let place = told.iter().filter_map(|s| all.binary_search(s).ok()).collect();
        Some((place, all.iter().map(|s| s.size).collect()))
    }

    /// The followers of each slice.
    pub fn members(&self) -> &[Vec<u32>] {
        &self.members
    }

    /// The slice of a follower.
    pub fn slice_of(&self, i: usize) -> usize {
        usize::from(self.slice[i])
    }

    /// How many followers.
    pub fn n(&self) -> usize {
        self.slice.len()
    }
}

/// The slice that a probability lies in.
fn slice(probability: f32) -> usize {
    SLICES.iter().position(|end| f64::from(probability) <= *end).unwrap_or(SLICES.len() - 1)
}
