//! What a handle is made of: its template.

use std::fmt;

/// Letters from which on a lack of vowels counts: shorter ones are abbreviations and initials.
const LONG: usize = 7;

/// Up to this share of vowels letters read as no word in any language that is written in Latin letters: a word of seven
/// letters with one vowel has .14 (`schmalz` has, and people's names reach further).
const NO_VOWELS: f64 = 0.1;

/// Digits at the end that are kept apart; more count as this many.
const DIGITS_MOST: usize = 15;

/// The template of a handle: how its words are joined, whether they can be spoken, and how many digits stand at its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Template(u8);

/// How many templates there are: each is a number below.
pub(crate) const N_TEMPLATES: usize = 128;

/// Stands for a handle that is missing, or not in Latin letters.
pub(crate) const UNTOLD: Template = Template(u8::MAX);

impl Template {
    /// The template of a handle.
    pub(crate) fn of(handle: &str) -> Self {
        let bytes = handle.as_bytes();
        if bytes.is_empty() || !handle.is_ascii() {
            return UNTOLD;
        }
        let n_digits = bytes.iter().rev().take_while(|b| b.is_ascii_digit()).count();
        let stem = &bytes[..bytes.len() - n_digits];
        let letters = stem.iter().filter(|b| b.is_ascii_alphabetic()).count();
        let is_vowel = |b: &&u8| matches!(b.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
        let vowels = stem.iter().filter(is_vowel).count();
        let unspoken = letters >= LONG && vowels as f64 <= NO_VOWELS * letters as f64;
        let joint = if stem.contains(&b'_') {
            1
        } else if stem.contains(&b'.') || stem.contains(&b'-') {
            2
        } else if stem.iter().any(u8::is_ascii_digit) {
            3
        } else {
            0
        };
        Self((joint * 2 + u8::from(unspoken)) * 16 + n_digits.min(DIGITS_MOST) as u8)
    }

    /// Its number, below [`N_TEMPLATES`]; `None` where the handle tells none.
    pub(crate) fn index(self) -> Option<usize> {
        (self != UNTOLD).then_some(usize::from(self.0))
    }

    /// The template of this number.
    pub(crate) fn at(index: usize) -> Self {
        Self(index as u8)
    }

    /// Digits at the end.
    pub(crate) fn n_digits(self) -> u8 {
        self.0 % 16
    }

    /// Whether its letters read as no word.
    pub(crate) fn unspoken(self) -> bool {
        self.0 / 16 % 2 == 1
    }

    /// Whether platforms propose such handles to whoever opens an account, so that people have them: a name and four to
    /// eight digits (X: eight; Instagram and Facebook: up to five), or `user` and a long number (TikTok).
    pub(crate) fn is_proposed(self) -> bool {
        !self.unspoken() && self.n_digits() >= 4
    }

    /// Whether it says something of who made it: chosen words with few digits are everybody's.
    pub(crate) fn is_telling(self) -> bool {
        self.unspoken() || self.n_digits() >= 3
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.unspoken() { "letters without vowels" } else { "words" })?;
        f.write_str(match self.0 / 32 {
            1 => " joined by underscores",
            2 => " joined by dots or hyphens",
            3 => " with digits among them",
            _ => "",
        })?;
        match self.n_digits() {
            0 => Ok(()),
            1 => f.write_str(" and one digit"),
            n if usize::from(n) == DIGITS_MOST => write!(f, " and {n} digits or more"),
            n => write!(f, " and {n} digits"),
        }
    }
}

/// The stem and the number of a handle that ends in one to nine digits behind at least three other characters.
pub(crate) fn numbered(handle: &str) -> Option<(&str, u64)> {
    let n_digits = handle.bytes().rev().take_while(u8::is_ascii_digit).count();
    let (stem, digits) = handle.split_at(handle.len() - n_digits);
    (stem.chars().count() >= 3 && (1..=9).contains(&n_digits)).then_some(())?;
    Some((stem, digits.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{N_TEMPLATES, Template, UNTOLD, numbered};

    #[test]
    fn templates_are_told_in_words() {
        let told = |handle: &str| Template::of(handle).to_string();
        assert_eq!(told("emma40412771"), "words and 8 digits");
        assert_eq!(told("xkqjvbrtwd"), "letters without vowels");
        assert_eq!(told("emma_velodaki"), "words joined by underscores");
        assert_eq!(told("a1b.c7"), "words joined by dots or hyphens and one digit");
        assert_eq!(told("user12345678901234567"), "words and 15 digits or more");
        assert_eq!(Template::of("はな"), UNTOLD);
        assert_eq!(Template::of(""), UNTOLD);
    }

    #[test]
    fn every_template_has_a_number_of_its_own() {
        for handle in ["a", "a_b_1234567890123456", "xkqj.vbrtwd9", "9a9a9", "____", "7"] {
            let template = Template::of(handle);
            let index = template.index().expect("Latin");
            assert!(index < N_TEMPLATES && Template::at(index) == template);
        }
    }

    #[test]
    fn a_stem_and_its_number() {
        assert_eq!(numbered("maria_0042"), Some(("maria_", 42)));
        for handle in ["ab12", "maria", "1234567890", "maria1234567890"] {
            assert_eq!(numbered(handle), None, "{handle}");
        }
    }
}
