//! A table of numbers of 64 bits, each with a code.

use super::BATCH;
use std::hash::{BuildHasher as _, RandomState};

/// Open addressing with linear probing, at most half full while it is small and three quarters later. 16 bytes a place.
#[derive(Debug)]
pub(crate) struct NumberTable {
    /// Key and code; [`FREE`] as code where nothing stands.
    slots: Vec<(u64, u32)>,
    len: usize,
    /// Places are the top bits of a product with an odd number drawn at random (Dietzfelbinger and others, "A reliable
    /// randomized algorithm for the closest-pair problem", 1997).
    factor: u64,
    offset: u64,
    shift: u32,
}

const FREE: u32 = u32::MAX;
const FEWEST_BITS: u32 = 10;

impl Default for NumberTable {
    fn default() -> Self {
        let state = RandomState::new();
        Self {
            slots: vec![(0, FREE); 1 << FEWEST_BITS],
            len: 0,
            factor: state.hash_one(1) | 1,
            offset: state.hash_one(2),
            shift: 64 - FEWEST_BITS,
        }
    }
}

impl NumberTable {
    #[inline]
    fn place(&self, key: u64) -> usize {
        // Folding the upper half of the product in keeps keys apart that differ in high bits alone.
        let product = u128::from(key ^ self.offset) * u128::from(self.factor);
        (((product >> 64) as u64 ^ product as u64).wrapping_mul(self.factor) >> self.shift) as usize
    }

    fn grow(&mut self) {
        let old = std::mem::take(&mut self.slots);
        self.shift -= 1;
        self.slots = vec![(0, FREE); old.len() * 2];
        let mask = self.slots.len() - 1;
        for (key, code) in old.into_iter().filter(|(_, code)| *code != FREE) {
            let mut at = self.place(key);
            while self.slots[at].1 != FREE {
                at = (at + 1) & mask;
            }
            self.slots[at] = (key, code);
        }
    }

    /// Adds the codes of `keys` to `codes`, giving new ones to new keys; returns how many keys there are in all.
    pub(crate) fn codes(&mut self, keys: &[u64], codes: &mut Vec<u32>) -> usize {
        for batch in keys.chunks(BATCH) {
            while (self.len + BATCH) * 4 > self.slots.len() * 3 {
                self.grow();
            }
            let mask = self.slots.len() - 1;
            let mut places = [0_usize; BATCH];
            let mut first = [(0_u64, FREE); BATCH];
            for ((key, place), slot) in batch.iter().zip(&mut places).zip(&mut first) {
                *place = self.place(*key);
                *slot = self.slots[*place];
            }
            for (i, key) in batch.iter().enumerate() {
                if first[i].1 != FREE && first[i].0 == *key {
                    codes.push(first[i].1);
                    continue;
                }
                let mut at = places[i];
                while self.slots[at].1 != FREE && self.slots[at].0 != *key {
                    at = (at + 1) & mask;
                }
                if self.slots[at].1 == FREE {
                    self.slots[at] = (*key, self.len as u32);
                    self.len += 1;
                }
                codes.push(self.slots[at].1);
            }
        }
        self.len
    }

    /// Adds the codes of `keys` to `codes`; `None` if one is not there.
    pub(crate) fn find(&self, keys: &[u64], codes: &mut Vec<u32>) -> Option<()> {
        let mask = self.slots.len() - 1;
        for batch in keys.chunks(BATCH) {
            let mut places = [0_usize; BATCH];
            let mut first = [(0_u64, FREE); BATCH];
            for ((key, place), slot) in batch.iter().zip(&mut places).zip(&mut first) {
                *place = self.place(*key);
                *slot = self.slots[*place];
            }
            for (i, key) in batch.iter().enumerate() {
                let (mut at, mut slot) = (places[i], first[i]);
                while slot.0 != *key || slot.1 == FREE {
                    if slot.1 == FREE {
                        return None;
                    }
                    at = (at + 1) & mask;
                    slot = self.slots[at];
                }
                codes.push(slot.1);
            }
        }
        Some(())
    }

    /// Bytes held.
    pub(crate) fn bytes(&self) -> u64 {
        self.slots.len() as u64 * 16
    }

    /// The keys in the order of their codes.
    pub(crate) fn in_order_of_codes(&self) -> Vec<u64> {
        let mut keys = vec![0; self.len];
        for (key, code) in self.slots.iter().filter(|(_, code)| *code != FREE) {
            keys[*code as usize] = *key;
        }
        keys
    }

    /// Gives every key another code: code `c` becomes `to[c]`.
    pub(crate) fn recode(&mut self, to: &[u32]) {
        for (_, code) in self.slots.iter_mut().filter(|(_, code)| *code != FREE) {
            *code = to[*code as usize];
        }
    }
}
