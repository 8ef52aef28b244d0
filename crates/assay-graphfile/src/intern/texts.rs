//! A table of texts, each with a code; the texts stand one behind the other in one run of bytes.

use super::BATCH;
use crate::raw::TextIds;
use assay_model::edges::Names;
use std::hash::{BuildHasher as _, RandomState};

/// Open addressing with linear probing. A place holds the code and half the hash, so that texts are compared only where they
/// most likely agree. 8 bytes a place.
#[derive(Debug)]
pub(crate) struct TextTable {
    /// Half the hash, and the code; [`FREE`] as code where nothing stands.
    slots: Vec<(u32, u32)>,
    text: String,
    ends: Vec<u64>,
    keys: [u64; 2],
}

const FREE: u32 = u32::MAX;
const FEWEST: usize = 1 << 10;

impl Default for TextTable {
    fn default() -> Self {
        let state = RandomState::new();
        Self {
            slots: vec![(0, FREE); FEWEST],
            text: String::new(),
            ends: Vec::new(),
            keys: [state.hash_one(1), state.hash_one(2) | 1],
        }
    }
}

impl TextTable {
    /// Bytes held.
    pub(crate) fn bytes(&self) -> u64 {
        (self.slots.len() * 8 + self.text.capacity() + self.ends.capacity() * 8) as u64
    }

    /// Eight bytes at a time into a product of 128 bits whose halves are folded (as wyhash does; Wang Yi, 2019).
    #[inline]
    fn hash(&self, text: &str) -> u64 {
        let fold = |x: u64, by: u64| {
            let product = u128::from(x) * u128::from(by);
            (product >> 64) as u64 ^ product as u64
        };
        let mut hash = self.keys[0] ^ text.len() as u64;
        let mut chunks = text.as_bytes().chunks_exact(8);
        for chunk in &mut chunks {
            hash = fold(hash ^ u64::from_le_bytes(chunk.try_into().unwrap_or_default()), self.keys[1]);
        }
        let last = chunks.remainder().iter().rev().fold(0_u64, |x, byte| x << 8 | u64::from(*byte));
        fold(hash ^ last, self.keys[1])
    }

    /// The text of a code.
    pub(crate) fn key(&self, code: u32) -> &str {
        slice(&self.text, &self.ends, code)
    }

    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    fn grow(&mut self) {
        self.slots = vec![(0, FREE); self.slots.len() * 2];
        let mask = self.slots.len() - 1;
        for code in 0..self.ends.len() as u32 {
            let hash = self.hash(self.key(code));
            let mut at = hash as usize & mask;
            while self.slots[at].1 != FREE {
                at = (at + 1) & mask;
            }
            self.slots[at] = ((hash >> 32) as u32, code);
        }
    }

    /// Adds the codes of `ids` to `codes`, giving new ones to new texts; returns how many texts there are in all.
    pub(crate) fn codes(&mut self, ids: &TextIds, codes: &mut Vec<u32>) -> usize {
        let mut texts = ids.iter();
        loop {
            let mut batch = [("", 0_u64, (0_u32, FREE)); BATCH];
            while (self.ends.len() + BATCH) * 4 > self.slots.len() * 3 {
                self.grow();
            }
            let mask = self.slots.len() - 1;
            let mut n = 0;
            for (place, text) in batch.iter_mut().zip(&mut texts) {
                let hash = self.hash(text);
                *place = (text, hash, self.slots[hash as usize & mask]);
                n += 1;
            }
            if n == 0 {
                return self.ends.len();
            }
            for (text, hash, first) in &batch[..n] {
                let tag = (hash >> 32) as u32;
                let (mut at, mut slot) = (*hash as usize & mask, *first);
                // An earlier one of the batch may have taken the place.
                if slot.1 == FREE {
                    slot = self.slots[at];
                }
                while slot.1 != FREE && (slot.0 != tag || self.key(slot.1) != *text) {
                    at = (at + 1) & mask;
                    slot = self.slots[at];
                }
                if slot.1 == FREE {
                    slot = (tag, self.ends.len() as u32);
                    self.slots[at] = slot;
                    self.text.push_str(text);
                    self.ends.push(self.text.len() as u64);
                }
                codes.push(slot.1);
            }
        }
    }

    /// Adds the codes of `ids` to `codes`; `None` if one is not there. The texts are those that [`TextTable::take_names`] took.
    pub(crate) fn find(&self, text: &str, ends: &[u64], ids: &TextIds, codes: &mut Vec<u32>) -> Option<()> {
        let mask = self.slots.len() - 1;
        let mut texts = ids.iter();
        loop {
            let mut batch = [("", 0_u64, (0_u32, FREE)); BATCH];
            let mut n = 0;
            for (place, text) in batch.iter_mut().zip(&mut texts) {
                let hash = self.hash(text);
                *place = (text, hash, self.slots[hash as usize & mask]);
                n += 1;
            }
            if n == 0 {
                return Some(());
            }
            for (key, hash, first) in &batch[..n] {
                let tag = (hash >> 32) as u32;
                let (mut at, mut slot) = (*hash as usize & mask, *first);
                while slot.0 != tag || slot.1 == FREE || slice(text, ends, slot.1) != *key {
                    if slot.1 == FREE {
                        return None;
                    }
                    at = (at + 1) & mask;
                    slot = self.slots[at];
                }
                codes.push(slot.1);
            }
        }
    }

    /// Gives every text another code: the text of code `order[c]` gets code `c`, and `places` is the inverse of `order`.
    pub(crate) fn reorder(&mut self, order: &[u32], places: &[u32]) {
        let mut text = String::with_capacity(self.text.len());
        let mut ends = Vec::with_capacity(self.ends.len());
        for code in order {
            text.push_str(self.key(*code));
            ends.push(text.len() as u64);
        }
        self.text = text;
        self.ends = ends;
        for (_, code) in self.slots.iter_mut().filter(|(_, code)| *code != FREE) {
            *code = places[*code as usize];
        }
    }

    /// The texts in the order of their codes. Without them the table can only find.
    pub(crate) fn take_names(&mut self) -> Names {
        Names::Texts { text: std::mem::take(&mut self.text), ends: std::mem::take(&mut self.ends) }
    }
}

fn slice<'a>(text: &'a str, ends: &[u64], code: u32) -> &'a str {
    let code = code as usize;
    let start = if code == 0 { 0 } else { ends[code - 1] };
    &text[start as usize..ends[code] as usize]
}
