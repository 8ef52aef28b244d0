//! Keys of records in AT Protocol repositories, which hold the time at which the record was made.
//!
//! A timestamp identifier has 13 characters of base 32 in the order of their codes: 1 bit that is zero, 53 bits of
//! microseconds since 1970, 10 bits that tell clocks apart (atproto.com/specs/tid).

use assay_model::TimeMs;
use assay_model::when;

/// A follow as its record tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Key {
    /// The time in the key.
    pub(super) at: TimeMs,
    /// The date that the record says.
    pub(super) said_at: Option<TimeMs>,
}

const LETTERS: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";

/// The time in a timestamp identifier.
pub(super) fn time_of_key(key: &str) -> Option<TimeMs> {
    if key.len() != 13 || !(b'2'..=b'j').contains(&key.as_bytes()[0]) {
        return None;
    }
    let mut value = 0_u64;
    for c in key.bytes() {
        value = value << 5 | LETTERS.iter().position(|l| *l == c)? as u64;
    }
    let us = (value >> 10) & ((1 << 53) - 1);
    Some(TimeMs((us / 1_000) as i64)).filter(|at| when::is_plausible(*at))
}

/// Who follows and since when, by the address of the record: `at://did:plc:x/app.bsky.graph.follow/3n2y434ukxk26`.
pub(super) fn key_of_uri(uri: &str) -> Option<(&str, TimeMs)> {
    let (did, key) = uri.strip_prefix("at://")?.split_once("/app.bsky.graph.follow/")?;
    did.starts_with("did:").then_some(())?;
    Some((did, time_of_key(key)?))
}

/// How said dates compare with keys.
#[derive(Debug, Default)]
pub(super) struct Gap {
    /// Follows whose record says a date.
    said: u64,
    /// Those that say one before the key's time.
    before: u64,
    /// Those that say one behind it.
    behind: u64,
}

/// Clocks of programs and servers agree to within minutes; more is no accident.
const GAP_MS_MAX: i64 = 10 * 60_000;

impl Gap {
    /// Looks at a follow.
    pub(super) fn look(&mut self, key: Key) {
        let Some(said_at) = key.said_at else { return };
        self.said += 1;
        self.before += u64::from(key.at.0 - said_at.0 > GAP_MS_MAX);
        self.behind += u64::from(said_at.0 - key.at.0 > GAP_MS_MAX);
    }

    /// What the reader must know, if anything.
    pub(super) fn note(&self) -> Option<String> {
        let Self { said, before, behind } = self;
        if before + behind == 0 {
            return None;
        }
        let ahead = if *behind > 0 { format!(", and {behind} a later one") } else { String::new() };
        Some(format!(
            "{before} of {said} follows whose records were read are back-dated, that is, they say a date more than 10 \
             minutes before the time in their key{ahead}; the key's time was taken"
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::{key_of_uri, time_of_key};
    use assay_model::TimeMs;

    #[test]
    fn keys_hold_times() {
        // Measured on a network of one's own: made at 2026-11-23T12:12:32.686Z. date -u -d … +%s%3N
        assert_eq!(time_of_key("3n2y434ukxk26"), Some(TimeMs(1_795_435_952_686)));
        // The example of the specification, decoded in Python: 2023-06-30T15:03:01.887Z.
        assert_eq!(time_of_key("3jzfcijpj2z2a"), Some(TimeMs(1_688_137_381_887)));
        for key in [
            "",
            "2222222222222",
            "kzzzzzzzzzzzz",
            "3n2y434ukxk2",
            "3n2y434ukxk261",
            "3N2Y434UKXK26",
            "3n2y434ukx\u{e9}6",
        ] {
            assert_eq!(time_of_key(key), None, "{key}");
        }
        assert_eq!(key_of_uri("at://did:plc:x/app.bsky.feed.like/3n2y434ukxk26"), None);
        assert_eq!(key_of_uri("at://x/app.bsky.graph.follow/3n2y434ukxk26"), None);
    }
}
