//! A set of small numbers as a row of bits.

/// Which of `0..len` are in the set; one bit each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits {
    words: Vec<u64>,
    len: usize,
}

impl Bits {
    /// The empty set among `0..len`.
    pub fn none(len: usize) -> Self {
        Self { words: vec![0; len.div_ceil(64)], len }
    }

    /// All of `0..len`.
    pub fn all(len: usize) -> Self {
        let mut words = vec![u64::MAX; len.div_ceil(64)];
        if let Some(last) = words.last_mut()
            && !len.is_multiple_of(64)
        {
            *last = (1 << (len % 64)) - 1;
        }
        Self { words, len }
    }

    /// Whether `i` is in the set; false beyond its length.
    #[inline]
    pub fn has(&self, i: u32) -> bool {
        self.words.get(i as usize / 64).is_some_and(|w| w >> (i % 64) & 1 == 1)
    }

    /// Puts `i` in.
    ///
    /// # Panics
    /// If `i` is not below the length.
    #[inline]
    pub fn put(&mut self, i: u32) {
        assert!((i as usize) < self.len, "{i} is beyond the {} of the set", self.len);
        self.words[i as usize / 64] |= 1 << (i % 64);
    }

    /// Takes `i` out.
    #[inline]
    pub fn take(&mut self, i: u32) {
        if let Some(word) = self.words.get_mut(i as usize / 64) {
            *word &= !(1 << (i % 64));
        }
    }

    /// How many are in the set.
    pub fn count(&self) -> usize {
        self.words.iter().map(|w| w.count_ones() as usize).sum()
    }

    /// How many could be in the set.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether nothing could be in the set.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The members, ascending.
    pub fn members(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(k, &word)| {
            let mut left = word;
            std::iter::from_fn(move || {
                (left != 0).then(|| {
                    let bit = left.trailing_zeros();
                    left &= left - 1;
                    k as u32 * 64 + bit
                })
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Bits;

    #[test]
    fn holds_what_was_put_in_and_no_more() {
        let mut bits = Bits::none(130);
        for i in [0, 63, 64, 129] {
            bits.put(i);
        }
        bits.take(64);
        assert_eq!(bits.members().collect::<Vec<_>>(), [0, 63, 129]);
        assert_eq!(bits.count(), 3);
        assert!(!bits.has(64) && bits.has(129) && !bits.has(5000));
    }

    #[test]
    fn all_holds_nothing_beyond_its_length() {
        for len in [0, 1, 63, 64, 65, 128] {
            assert_eq!(Bits::all(len).count(), len);
            assert_eq!(Bits::all(len).members().count(), len);
        }
    }
}
