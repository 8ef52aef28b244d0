//! A checksum at the speed of memory, against damage, not against ill will.

/// Four lanes, a multiplication and a turn for every eight bytes. The parts may be cut anywhere.
#[derive(Debug, Clone)]
pub(super) struct Sum {
    lanes: [u64; 4],
    /// Bytes that do not fill 32 yet.
    rest: Vec<u8>,
    len: u64,
}

/// Odd numbers with well-mixed bits (the golden ratio and its products).
const FACTORS: [u64; 2] = [0x9e37_79b9_7f4a_7c15, 0xd1b5_4a32_d192_ed03];

impl Default for Sum {
    fn default() -> Self {
        Self { lanes: [1, 2, 3, 4], rest: Vec::with_capacity(32), len: 0 }
    }
}

impl Sum {
    pub(super) fn add(&mut self, mut bytes: &[u8]) {
        self.len += bytes.len() as u64;
        if !self.rest.is_empty() {
            let n = (32 - self.rest.len()).min(bytes.len());
            self.rest.extend_from_slice(&bytes[..n]);
            bytes = &bytes[n..];
            if self.rest.len() < 32 {
                return;
            }
            let whole = std::mem::take(&mut self.rest);
            self.whole(&whole);
            self.rest = whole;
            self.rest.clear();
        }
        let n = bytes.len() / 32 * 32;
        self.whole(&bytes[..n]);
        self.rest.extend_from_slice(&bytes[n..]);
    }

    fn whole(&mut self, bytes: &[u8]) {
        let mut lanes = self.lanes;
        for chunk in bytes.chunks_exact(32) {
            for (lane, word) in lanes.iter_mut().zip(chunk.chunks_exact(8)) {
                let word = u64::from_le_bytes(word.try_into().unwrap_or_default());
                *lane = (*lane ^ word).wrapping_mul(FACTORS[0]).rotate_left(29);
            }
        }
        self.lanes = lanes;
    }

    pub(super) fn finish(mut self) -> u64 {
        let len = self.len;
        if !self.rest.is_empty() {
            let mut last = std::mem::take(&mut self.rest);
            last.resize(32, 0);
            self.whole(&last);
        }
        self.lanes.iter().fold(len, |sum, lane| (sum.rotate_left(23) ^ lane).wrapping_mul(FACTORS[1]) ^ (sum >> 31))
    }

    /// The checksum of a whole run of bytes.
    pub(super) fn of(bytes: &[u8]) -> u64 {
        let mut sum = Self::default();
        sum.add(bytes);
        sum.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::Sum;

    #[test]
    fn cuts_do_not_matter_and_every_bit_does() {
        let bytes: Vec<u8> = (0..100_u8).map(|i| i.wrapping_mul(37)).collect();
        for cut in 0..bytes.len() {
            let mut sum = Sum::default();
            sum.add(&bytes[..cut]);
            sum.add(&bytes[cut..]);
            assert_eq!(sum.finish(), Sum::of(&bytes), "{cut}");
        }
        for bit in 0..bytes.len() * 8 {
            let mut other = bytes.clone();
            other[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(Sum::of(&other), Sum::of(&bytes), "{bit}");
        }
        assert_ne!(Sum::of(&[0; 5]), Sum::of(&[0; 6]));
    }
}
