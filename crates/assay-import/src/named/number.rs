//! Numbers as tables write them.

use super::Value;

/// The number that a text means, if it has one meaning: a decimal number, or yes and no as 1 and 0.
///
/// `1,234.5` and `12,5` are refused: the first comma may separate thousands and the second be a decimal point, and a table
/// that mixes them up would be read wrong without a word.
pub(super) fn number(text: &str) -> Option<f64> {
    short(text.as_bytes()).or_else(|| longer(text))
}

/// A number as yes or no; any other is missing.
pub(super) fn flag(number: Option<f64>) -> Value<'static> {
    number.filter(|x| is_flag(*x)).map_or(Value::Missing, Value::Number)
}

/// Whether a number says yes or no.
pub(super) fn is_flag(x: f64) -> bool {
    x == 0.0 || x == 1.0
}

/// Powers of ten that a double holds exactly.
const TENS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];

/// Up to 16 digits and where the point among them stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Digits {
    /// The digits as one whole number, below 10^15.
    pub(super) digits: u64,
    /// How many stand behind the point.
    pub(super) n_behind: usize,
}

impl Digits {
    /// The number: both parts are exact, so one division rounds as the standard parser does.
    #[inline]
    pub(super) fn value(self) -> f64 {
        self.digits as f64 / TENS[self.n_behind % TENS.len()]
    }
}

/// The digits of the cell of `n` bytes at `start`, all of them looked at together. `None` where it holds anything but digits and a
/// point, more than eight bytes of it, or where too little text stands behind it: that is left to [`number`].
#[inline]
pub(super) fn digits(bytes: &[u8], start: usize, n: usize) -> Option<Digits> {
    const ZEROS: u64 = u64::from_le_bytes([b'0'; 8]);
    const POINTS: u64 = u64::from_le_bytes([b'.'; 8]);
    const LOW: u64 = u64::from_le_bytes([0x7f; 8]);
    let word = u64::from_le_bytes(bytes.get(start..start + 8)?.try_into().ok()?);
    if n == 0 || n > 8 {
        return None;
    }
    // The last byte of the cell comes to stand uppermost, behind zeros.
    let free = 8 * (8 - n) as u32;
    let word = (word << free) | (ZEROS & ((1 << free) - 1));
    let unlike = word ^ POINTS;
    let points = !(((unlike & LOW) + LOW) | unlike) & !LOW;
    // The first point is taken out, and what stands before it moves up.
    let at = points.trailing_zeros() / 8;
    let n_behind = if points == 0 { 0 } else { 7 - at as usize };
    let below = if points == 0 { 0 } else { (1 << (8 * at)) - 1 };
    let from = if points == 0 { 0 } else { u64::MAX >> (56 - 8 * at) };
    let word = if points == 0 { word } else { (word & !from) | ((word & below) << 8) | u64::from(b'0') };
    let is_digits = (word & (word.wrapping_add(0x0606_0606_0606_0606))) & 0xf0f0_f0f0_f0f0_f0f0 == ZEROS;
    if !is_digits || (points != 0 && n == 1) {
        return None;
    }
    // Pairs, fours, all eight.
    let word = (word & 0x0f0f_0f0f_0f0f_0f0f).wrapping_mul(2_561) >> 8;
    let word = (word & 0x00ff_00ff_00ff_00ff).wrapping_mul(6_553_601) >> 16;
    let digits = (word & 0x0000_ffff_0000_ffff).wrapping_mul(42_949_672_960_001) >> 32;
    Some(Digits { digits, n_behind })
}

/// Up to 15 digits with a point among them: both the digits and the power of ten are exact, so one division rounds as the
/// standard parser does.
fn short(text: &[u8]) -> Option<f64> {
    let (negative, digits) = match text {
        [b'-', rest @ ..] => (true, rest),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 16 {
        return None;
    }
    let (mut whole, mut n_digits, mut n_behind, mut pointed) = (0_u64, 0_usize, 0_usize, false);
    for c in digits {
        let digit = c.wrapping_sub(b'0');
        if digit < 10 {
            whole = whole * 10 + u64::from(digit);
            n_digits += 1;
            n_behind += usize::from(pointed);
        } else if *c == b'.' && !pointed {
            pointed = true;
        } else {
            return None;
        }
    }
    if n_digits == 0 || n_digits > 15 {
        return None;
    }
    let value = whole as f64 / TENS[n_behind];
    Some(if negative { -value } else { value })
}

fn longer(text: &str) -> Option<f64> {
    if let Ok(x) = text.parse::<f64>() {
        return Some(x).filter(|x| x.is_finite());
    }
    match text {
        t if ["true", "yes", "t", "y"].iter().any(|w| t.eq_ignore_ascii_case(w)) => Some(1.0),
        t if ["false", "no", "f", "n"].iter().any(|w| t.eq_ignore_ascii_case(w)) => Some(0.0),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{digits, number};

    /// The standard library's parser, to the last bit.
    #[test]
    fn numbers_are_what_the_standard_parser_makes_of_them() {
        for text in
            ["0", "1", "-3", "12.5", "0.1", "123456789012345", "1234567.89012345", "1e3", "-0.000001", ".5", "7."]
        {
            assert_eq!(number(text).map(f64::to_bits), text.parse().ok().map(f64::to_bits), "{text}");
        }
        for k in 0_u64..20_000 {
            let text = format!("{}.{:06}", k * 7_919 % 100_003, k * 104_729 % 1_000_000);
            assert_eq!(number(&text).map(f64::to_bits), text.parse().ok().map(f64::to_bits), "{text}");
        }
    }

    /// Every short text of these letters, against the reading byte by byte.
    #[test]
    fn digits_are_read_together_as_one_by_one() {
        let letters = b"059.- x/:,";
        let mut texts: Vec<Vec<u8>> = vec![Vec::new()];
        for _ in 0..4 {
            let longer = texts.iter().flat_map(|t| letters.iter().map(move |c| [t.as_slice(), &[*c]].concat()));
            texts = texts.iter().cloned().chain(longer.collect::<Vec<_>>()).collect();
            texts.sort();
            texts.dedup();
        }
        let long = (0..30_000_u64).map(|k| format!("{}.{}", k * 7_919 % 100_003, k % 107).into_bytes());
        let whole = (0..30_000_u64).map(|k| (k * k * 104_729 % 100_000_000).to_string().into_bytes());
        let mut n_read = 0;
        for text in texts.iter().cloned().chain(long).chain(whole) {
            let padded = [b"9,", text.as_slice(), b"\n8.7,6543210"].concat();
            let one = std::str::from_utf8(&text).ok().and_then(number);
            if let Some(found) = digits(&padded, 2, text.len()) {
                assert_eq!(Some(found.value()), one, "{}", String::from_utf8_lossy(&text));
                n_read += 1;
            } else {
                let is_plain = text.iter().all(u8::is_ascii_digit) && (1..=8).contains(&text.len());
                assert!(!is_plain, "{}", String::from_utf8_lossy(&text));
            }
            assert_eq!(digits(&text, 0, text.len()).is_some(), text.len() == 8 && one.is_some());
        }
        assert!(n_read > 50_000, "{n_read}");
    }

    #[test]
    fn what_has_two_meanings_or_none_is_refused() {
        for text in ["1,234", "12,5", "$5", "5 EUR", "", "-", ".", "1.2.3", "inf", "nan", "1e999", "abc", "0x10"] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!((number("TRUE"), number("no")), (Some(1.0), Some(0.0)));
    }
}
