//! A set of small numbers that knows the rank of each: which of its numbers, counted from the smallest, it is.

/// A set of `u32`, a bit for each number up to the largest, with the count of those before every word of 64.
///
/// Memory: 1.5 bits for each number up to the largest, once [`RankedSet::rank`] is asked for, whether it is in the set or not.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RankedSet {
    words: Vec<u64>,
    /// Numbers in the set before each word. Empty until [`RankedSet::seal`].
    before: Vec<u32>,
    len: u32,
}

impl RankedSet {
    /// Adds a number.
    pub fn insert(&mut self, number: u32) {
        let word = (number >> 6) as usize;
        if word >= self.words.len() {
            // Doubling: the largest number usually comes late.
            self.words.resize((word + 1).next_power_of_two(), 0);
        }
        self.words[word] |= 1 << (number & 63);
    }

    /// Counts, after which ranks are known. Adding more afterwards asks for another count.
    pub fn seal(&mut self) {
        let used = self.words.iter().rposition(|w| *w != 0).map_or(0, |last| last + 1);
        self.words.truncate(used);
        self.words.shrink_to_fit();
        let mut n = 0_u32;
        self.before.clear();
        self.before.reserve_exact(used);
        for word in &self.words {
            self.before.push(n);
            // A full set of 2^32 numbers is one too many to count; its ids are refused before.
            n = n.saturating_add(word.count_ones());
        }
        self.len = n;
    }

    /// How many numbers; 0 until the set is sealed.
    pub fn len(&self) -> usize {
        self.len as usize
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether a number is in the set.
    pub fn contains(&self, number: u32) -> bool {
        self.words.get((number >> 6) as usize).is_some_and(|word| word >> (number & 63) & 1 == 1)
    }

    /// How many numbers of the set are smaller than `number`, which is its place if it is in the set.
    pub fn rank(&self, number: u32) -> u32 {
        let word = (number >> 6) as usize;
        match (self.words.get(word), self.before.get(word)) {
            (Some(bits), Some(before)) => before + (bits & ((1 << (number & 63)) - 1)).count_ones(),
            _ => self.len,
        }
    }

    /// The number of this rank, if there are as many.
    pub fn select(&self, rank: u32) -> Option<u32> {
        if rank >= self.len {
            return None;
        }
        let word = self.before.partition_point(|n| *n <= rank) - 1;
        let mut bits = self.words[word];
        for _ in self.before[word]..rank {
            bits &= bits - 1;
        }
        Some((word as u32) << 6 | bits.trailing_zeros())
    }

    /// All numbers, the smallest first.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(i, word)| {
            let mut bits = *word;
            std::iter::from_fn(move || {
                let bit = (bits != 0).then(|| bits.trailing_zeros())?;
                bits &= bits - 1;
                Some((i as u32) << 6 | bit)
            })
        })
    }

    /// The bits, 64 to a word, the smallest number first; the last word is not zero.
    pub fn words(&self) -> &[u64] {
        &self.words
    }

    /// The set of these bits; `None` if the last word is zero, or there are more than numbers of 32 bits.
    pub fn from_words(words: Vec<u64>) -> Option<Self> {
        if words.last() == Some(&0) || words.len() > 1 << 26 {
            return None;
        }
        let mut set = Self { words, before: Vec::new(), len: 0 };
        set.seal();
        Some(set)
    }

    /// Bytes of memory held.
    pub fn bytes(&self) -> u64 {
        (self.words.capacity() * 8 + self.before.capacity() * 4) as u64
    }
}

#[cfg(test)]
mod tests {
    use super::RankedSet;
    use std::collections::BTreeSet;

    #[test]
    fn ranks_and_numbers_agree_with_a_sorted_set() {
        let mut set = RankedSet::default();
        let numbers: BTreeSet<u32> = (0..5_000_u32).map(|i| i.wrapping_mul(2_654_435_761) >> 9).collect();
        for n in numbers.iter().rev() {
            set.insert(*n);
        }
        set.seal();
        assert_eq!(set.len(), numbers.len());
        assert!(set.iter().eq(numbers.iter().copied()));
        for (rank, number) in numbers.iter().enumerate() {
            assert_eq!((set.rank(*number), set.select(rank as u32)), (rank as u32, Some(*number)));
        }
        assert_eq!(set.rank(u32::MAX) as usize, numbers.len());
        assert_eq!((set.select(numbers.len() as u32), set.contains(u32::MAX)), (None, false));
    }

    #[test]
    fn an_empty_set_has_no_numbers() {
        let mut set = RankedSet::default();
        set.seal();
        assert!(set.is_empty() && set.rank(7) == 0 && set.select(0).is_none() && set.iter().next().is_none());
    }
}
