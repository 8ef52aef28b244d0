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
    use super::number;

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

    #[test]
    fn what_has_two_meanings_or_none_is_refused() {
        for text in ["1,234", "12,5", "$5", "5 EUR", "", "-", ".", "1.2.3", "inf", "nan", "1e999", "abc", "0x10"] {
            assert_eq!(number(text), None, "{text}");
        }
        assert_eq!((number("TRUE"), number("no")), (Some(1.0), Some(0.0)));
    }
}
