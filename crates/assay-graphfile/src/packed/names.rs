//! Names of one side in a packed graph: their form, how many, then numbers, bits or texts.

use assay_model::edges::{Names, RankedSet};
use std::io::{self, Write};

const BITS: u64 = 1;
const NUMBERS: u64 = 2;
const TEXTS: u64 = 3;

/// Writes names: form and count of 8 bytes each, then what the form says.
pub(super) fn write(names: &Names, out: &mut dyn Write) -> io::Result<()> {
    let mut words = Words { out, buffer: Vec::with_capacity(1 << 16) };
    match names {
        Names::Ranked(set) => {
            words.put(BITS)?;
            words.put(set.words().len() as u64)?;
            set.words().iter().try_for_each(|word| words.put(*word))?;
        }
        Names::Numbers(numbers) => {
            words.put(NUMBERS)?;
            words.put(numbers.len() as u64)?;
            numbers.iter().try_for_each(|number| words.put(*number))?;
        }
        Names::Texts { text, ends } => {
            words.put(TEXTS)?;
            words.put(ends.len() as u64)?;
            ends.iter().try_for_each(|end| words.put(*end))?;
            words.flush()?;
            return words.out.write_all(text.as_bytes());
        }
    }
    words.flush()
}

/// Words of eight bytes, gathered before they are written.
struct Words<'a> {
    out: &'a mut dyn Write,
    buffer: Vec<u8>,
}

impl Words<'_> {
    fn put(&mut self, word: u64) -> io::Result<()> {
        self.buffer.extend_from_slice(&word.to_le_bytes());
        if self.buffer.len() >= 1 << 16 { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }
}

/// Reads names back; `None` if the bytes are none, or if they do not rise.
pub(super) fn read(bytes: Vec<u8>) -> Option<Names> {
    let word = |i: usize| Some(u64::from_le_bytes(bytes.get(i * 8..i * 8 + 8)?.try_into().ok()?));
    let (form, n) = (word(0)?, usize::try_from(word(1)?).ok()?);
    let end = n.checked_mul(8)?.checked_add(16)?;
    let words =
        || Some(bytes.get(16..end)?.chunks_exact(8).map(|w| u64::from_le_bytes(w.try_into().unwrap_or_default())));
    match form {
        BITS if end == bytes.len() => RankedSet::from_words(words()?.collect()).map(Names::Ranked),
        NUMBERS if end == bytes.len() => {
            let numbers: Vec<u64> = words()?.collect();
            numbers.is_sorted_by(|a, b| a < b).then_some(Names::Numbers(numbers))
        }
        TEXTS => {
            let ends: Vec<u64> = words()?.collect();
            let mut bytes = bytes;
            bytes.drain(..end);
            let text = String::from_utf8(bytes).ok()?;
            let mut start = 0;
            let mut before = "";
            for (i, end) in ends.iter().enumerate() {
                let name = text.get(start..usize::try_from(*end).ok()?)?;
                if i > 0 && before.as_bytes() >= name.as_bytes() {
                    return None;
                }
                (start, before) = (*end as usize, name);
            }
            (start == text.len()).then_some(Names::Texts { text, ends })
        }
        _ => None,
    }
}
