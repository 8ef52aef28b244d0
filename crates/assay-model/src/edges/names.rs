//! How sources and targets are called in the input, in as little memory as their kind allows.

use super::ranked::RankedSet;
use std::borrow::Cow;
use std::sync::Arc;

/// The names of one kind of account, in rising order: numbers by value, texts by their bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Names {
    /// Small whole numbers, as bits.
    Ranked(RankedSet),
    /// Whole numbers.
    Numbers(Vec<u64>),
    /// Texts, one behind the other, each with the place where it ends.
    Texts {
        /// All texts.
        text: String,
        /// Where each ends.
        ends: Vec<u64>,
    },
}

impl Default for Names {
    fn default() -> Self {
        Self::Numbers(Vec::new())
    }
}

impl Names {
    /// How many.
    pub fn len(&self) -> usize {
        match self {
            Self::Ranked(set) => set.len(),
            Self::Numbers(numbers) => numbers.len(),
            Self::Texts { ends, .. } => ends.len(),
        }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The name of number `i` as it was written.
    ///
    /// # Panics
    /// If `i` is not below the length.
    pub fn name(&self, i: u32) -> Cow<'_, str> {
        match self {
            Self::Ranked(set) => {
                let number = set.select(i);
                assert!(number.is_some(), "name {i} of {}", set.len());
                number.unwrap_or_default().to_string().into()
            }
            Self::Numbers(numbers) => numbers[i as usize].to_string().into(),
            Self::Texts { text, ends } => {
                let i = i as usize;
                let start = if i == 0 { 0 } else { ends[i - 1] };
                text[start as usize..ends[i] as usize].into()
            }
        }
    }

    /// The number of a name, if it is among them. Costs a binary search.
    pub fn find(&self, name: &str) -> Option<u32> {
        let number = || name.parse::<u64>().ok().filter(|n| n.to_string() == name);
        match self {
            Self::Ranked(set) => {
                let number = u32::try_from(number()?).ok()?;
                set.contains(number).then(|| set.rank(number))
            }
            Self::Numbers(numbers) => numbers.binary_search(&number()?).ok().map(|i| i as u32),
            Self::Texts { ends, .. } => {
                let (mut low, mut high) = (0, ends.len() as u32);
                while low < high {
                    let middle = low + (high - low) / 2;
                    match self.name(middle).as_bytes().cmp(name.as_bytes()) {
                        std::cmp::Ordering::Equal => return Some(middle),
                        std::cmp::Ordering::Less => low = middle + 1,
                        std::cmp::Ordering::Greater => high = middle,
                    }
                }
                None
            }
        }
    }

    /// Bytes of memory held.
    pub fn bytes(&self) -> u64 {
        match self {
            Self::Ranked(set) => set.bytes(),
            Self::Numbers(numbers) => numbers.capacity() as u64 * 8,
            Self::Texts { text, ends } => (text.capacity() + ends.capacity() * 8) as u64,
        }
    }
}

/// The names of both sides.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EdgeNames {
    /// Of the sources; of all accounts where there is one kind.
    pub sources: Arc<Names>,
    /// Of the targets; `None` where there is one kind.
    pub targets: Option<Arc<Names>>,
}

impl EdgeNames {
    /// The name of a source.
    ///
    /// # Panics
    /// If there is no such source.
    pub fn source(&self, i: u32) -> Cow<'_, str> {
        self.sources.name(i)
    }

    /// The name of a target.
    ///
    /// # Panics
    /// If there is no such target.
    pub fn target(&self, i: u32) -> Cow<'_, str> {
        self.targets.as_ref().unwrap_or(&self.sources).name(i)
    }

    /// How many targets have names.
    pub fn n_targets(&self) -> usize {
        self.targets.as_ref().unwrap_or(&self.sources).len()
    }
}

#[cfg(test)]
mod tests {
    use super::{Names, RankedSet};

    #[test]
    fn names_are_found_as_they_were_written() {
        let mut set = RankedSet::default();
        for n in [5, 70, 900] {
            set.insert(n);
        }
        set.seal();
        let texts = Names::Texts { text: "aannaé".to_owned(), ends: vec![1, 5, 7] };
        for (names, written) in [
            (Names::Ranked(set), ["5", "70", "900"]),
            (Names::Numbers(vec![5, 70, u64::MAX]), ["5", "70", "18446744073709551615"]),
            (texts, ["a", "anna", "é"]),
        ] {
            for (i, name) in written.into_iter().enumerate() {
                assert_eq!((names.name(i as u32).as_ref(), names.find(name)), (name, Some(i as u32)));
            }
            for name in ["", "007", "07", "b", "71", "99999999999999999999"] {
                assert_eq!(names.find(name), None, "{name}");
            }
        }
    }
}
