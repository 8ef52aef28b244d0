//! Why an input cannot be read at all, in the four parts that every such error has. A bad row is no problem: it is a
//! [`crate::Reject`], and the reading goes on.

use std::fmt;

/// An input that cannot be read: what was expected, what was found, where, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// The file or member it was found in; empty where it is the input as a whole.
    pub place: String,
    /// What to do.
    pub hint: String,
}

impl Problem {
    /// Puts the four parts together, as errors hold them.
    pub fn boxed(
        expected: impl Into<String>,
        found: impl Into<String>,
        place: impl Into<String>,
        hint: impl Into<String>,
    ) -> Box<Self> {
        Box::new(Self { expected: expected.into(), found: found.into(), place: place.into(), hint: hint.into() })
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "expected {}, found {}", self.expected, self.found)?;
        if !self.place.is_empty() {
            write!(f, " in {}", self.place)?;
        }
        write!(f, "\nhint: {}", self.hint)
    }
}

/// A short quotation of what stood in a file: control characters escaped, at most 40 characters.
pub fn quote(text: &str) -> String {
    let mut quoted = String::from("`");
    for c in text.chars().take(40) {
        if c.is_control() || c == '\u{feff}' {
            quoted.extend(c.escape_default());
        } else {
            quoted.push(c);
        }
    }
    if text.chars().nth(40).is_some() {
        quoted.push('…');
    }
    quoted.push('`');
    quoted
}

#[cfg(test)]
mod tests {
    use super::quote;

    #[test]
    fn quotations_are_short_and_plain() {
        assert_eq!(quote("a\n\0"), "`a\\n\\u{0}`");
        assert_eq!(quote(&"é".repeat(50)).chars().count(), 43);
    }
}
