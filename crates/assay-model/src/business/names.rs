//! Texts kept once, each known by a number.

/// A text that is kept: a place in [`NameTable`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(pub u32);

impl Name {
    /// Stands for no text at all.
    pub const NONE: Self = Self(u32::MAX);

    /// Whether there is a text.
    pub fn is_some(self) -> bool {
        self != Self::NONE
    }

    /// The name, if there is a text.
    pub fn some(self) -> Option<Self> {
        Some(self).filter(|n| n.is_some())
    }
}

impl Default for Name {
    fn default() -> Self {
        Self::NONE
    }
}

/// Texts, each kept once, in the order in which they were met: the bytes one behind the other, and a table of places that a
/// hash with fixed keys leads to. Texts of different spaces are told apart though they read the same.
#[derive(Debug, Clone, Default)]
pub struct NameTable {
    text: String,
    /// Where each text ends, and its space.
    ends: Vec<(u32, u16)>,
    /// Places, by hash; a power of two long, at most half full.
    slots: Vec<Slot>,
}

/// A place, with the hash of its text beside it: other texts are passed over without a look at them, and the table grows without
/// reading any.
#[derive(Debug, Clone, Copy)]
struct Slot {
    hash: u32,
    place: u32,
}

const FREE: Slot = Slot { hash: 0, place: u32::MAX };
/// Bytes of texts that are kept; what comes after counts as not told, so that a place fits 32 bits.
const BYTES_MAX: usize = u32::MAX as usize - (1 << 20);

impl NameTable {
    /// How many texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text of a name; `None` for [`Name::NONE`].
    pub fn get(&self, name: Name) -> Option<&str> {
        let i = name.0 as usize;
        let end = self.ends.get(i)?.0 as usize;
        let start = if i == 0 { 0 } else { self.ends[i - 1].0 as usize };
        Some(&self.text[start..end])
    }

    /// The name of a text in a space, which is kept if it is new. An empty text is none. Costs O(length).
    pub fn keep(&mut self, space: u16, text: &str) -> Name {
        if text.is_empty() || self.text.len() + text.len() > BYTES_MAX {
            return Name::NONE;
        }
        if self.ends.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let hash = hash(space, text);
        let at = self.slot(hash, space, text);
        if self.slots[at].is_free() {
            self.slots[at] = Slot { hash, place: self.ends.len() as u32 };
            self.text.push_str(text);
            self.ends.push((self.text.len() as u32, space));
        }
        Name(self.slots[at].place)
    }

    /// The name of a text in a space, if it is kept.
    pub fn find(&self, space: u16, text: &str) -> Option<Name> {
        if text.is_empty() || self.slots.is_empty() {
            return None;
        }
        let slot = self.slots[self.slot(hash(space, text), space, text)];
        (!slot.is_free()).then_some(Name(slot.place))
    }

    /// Where a text of this hash stands in the table, or the free place where it would.
    fn slot(&self, hash: u32, space: u16, text: &str) -> usize {
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            let slot = self.slots[at];
            let is_it = |p: u32| self.ends[p as usize].1 == space && self.get(Name(p)) == Some(text);
            if slot.is_free() || (slot.hash == hash && is_it(slot.place)) {
                return at;
            }
            at = (at + 1) & mask;
        }
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(64);
        let mut slots = vec![FREE; size];
        for slot in self.slots.iter().filter(|s| !s.is_free()) {
            let mut at = slot.hash as usize & (size - 1);
            while !slots[at].is_free() {
                at = (at + 1) & (size - 1);
            }
            slots[at] = *slot;
        }
        self.slots = slots;
    }
}

impl Slot {
    fn is_free(self) -> bool {
        self.place == FREE.place
    }
}

/// Eight bytes at a time, multiplied and folded; the constant is that of `SplitMix64`.
fn hash(space: u16, text: &str) -> u32 {
    const MIX: u64 = 0x9e37_79b9_7f4a_7c15;
    let mut h = u64::from(space).wrapping_add(text.len() as u64).wrapping_mul(MIX);
    for chunk in text.as_bytes().chunks(8) {
        let mut word = [0; 8];
        word[..chunk.len()].copy_from_slice(chunk);
        h = (h ^ u64::from_le_bytes(word)).wrapping_mul(MIX);
        h ^= h >> 32;
    }
    (h.wrapping_mul(MIX) >> 32) as u32
}

#[cfg(test)]
mod tests {
    use super::{Name, NameTable};

    #[test]
    fn a_text_is_kept_once_in_each_space() {
        let mut names = NameTable::default();
        let a = names.keep(0, "ann");
        let texts: Vec<String> = (0..5_000).map(|i| format!("name {i}")).collect();
        let kept: Vec<Name> = texts.iter().map(|t| names.keep(1, t)).collect();
        assert_eq!(names.keep(0, "ann"), a);
        assert_ne!(names.keep(1, "ann"), a);
        assert!(texts.iter().zip(&kept).all(|(t, n)| names.keep(1, t) == *n && names.get(*n) == Some(t)));
        assert_eq!(names.keep(0, ""), Name::NONE);
        assert_eq!((names.find(0, "ann"), names.find(2, "ann")), (Some(a), None));
        assert_eq!((names.get(Name::NONE), names.len()), (None, 5_002));
    }
}
