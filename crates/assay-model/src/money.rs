//! Amounts of money, exact.

use serde::Serialize;

/// A decimal number as it was written: `units / 10^places`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Decimal {
    /// The digits as a whole number.
    pub units: i64,
    /// How many of them stand behind the point, 0 to 9.
    pub places: u8,
}

impl Decimal {
    /// Reads an amount that has one meaning: an optional sign (or brackets, as accountants write), a currency sign, digits with
    /// separators of thousands, a point or a comma with decimals.
    ///
    /// One comma or point before exactly three digits separates thousands where it is a comma, decimals where it is a point
    /// (`1,234` is over a thousand, `1.234` is not). `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        // Nearly every amount of a table is plain.
        plain(text).or_else(|| Self::parse_written(text))
    }

    fn parse_written(text: &str) -> Option<Self> {
        let outer = |c: char| c.is_whitespace() || matches!(c, '$' | '€' | '£' | '¥');
        let mut text = text.trim_matches(outer);
        let mut negative = false;
        if let Some(inner) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
            (negative, text) = (true, inner.trim_matches(outer));
        } else if let Some(rest) = text.strip_prefix('-').or_else(|| text.strip_prefix('\u{2212}')) {
            (negative, text) = (true, rest.trim_matches(outer));
        } else if let Some(rest) = text.strip_prefix('+') {
            text = rest;
        }
        let (points, commas) = (text.matches('.').count(), text.matches(',').count());
        let last = |c: char| text.rfind(c);
        // The sign of decimals is the one that stands last; several of a kind separate thousands.
        let decimal = match (points, commas) {
            (1, 0) => last('.'),
            (0, 1) if text.len() - last(',')? - 1 == 3 => None,
            (0, 1) => last(','),
            (1, _) if last('.') > last(',') => last('.'),
            (_, 1) if last(',') > last('.') => last(','),
            (1.., 1..) => return None,
            // None at all, or several of one kind: thousands.
            _ => None,
        };
        let (whole, fraction) = decimal.map_or((text, ""), |at| (&text[..at], &text[at + 1..]));
        if (decimal.is_some() && fraction.is_empty()) || fraction.len() > 9 || !digits(fraction) {
            return None;
        }
        let whole = grouped(whole)?;
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        let units: i64 = format!("{whole}{fraction}").parse().ok()?;
        Some(Self { units: if negative { -units } else { units }, places: fraction.len() as u8 })
    }

    /// In billionths of its unit, in which amounts add up exactly.
    pub fn billionths(self) -> i128 {
        i128::from(self.units) * 10_i128.pow(u32::from(9 - self.places.min(9)))
    }

    /// So many billionths, with no more places than it needs; `None` if they are too many.
    pub fn of_billionths(billionths: i128) -> Option<Self> {
        let (mut units, mut places) = (billionths, 9);
        while places > 0 && units % 10 == 0 {
            (units, places) = (units / 10, places - 1);
        }
        Some(Self { units: i64::try_from(units).ok()?, places })
    }

    /// This many times the other; `None` where the product has over nine places, or is too large.
    pub fn times(self, other: Self) -> Option<Self> {
        let places = self.places + other.places;
        let product = i128::from(self.units) * i128::from(other.units);
        let scale = 10_i128.pow(u32::from(places.saturating_sub(9)));
        (product % scale == 0).then_some(())?;
        Self::of_billionths(product / scale * 10_i128.pow(u32::from(9 - places.min(9))))
    }

    /// A whole number.
    pub fn whole(units: i64) -> Self {
        Self { units, places: 0 }
    }

    /// In units of `10^-minor_places`, halves to the even neighbour; `None` beyond what an `i64` holds.
    pub fn minor(self, minor_places: u8) -> Option<i64> {
        if self.places <= minor_places {
            return self.units.checked_mul(10_i64.checked_pow(u32::from(minor_places - self.places))?);
        }
        let unit = 10_i64.checked_pow(u32::from(self.places - minor_places))?;
        let (whole, rest) = (self.units.div_euclid(unit), self.units.rem_euclid(unit));
        let up = rest * 2 > unit || (rest * 2 == unit && whole % 2 != 0);
        Some(whole + i64::from(up))
    }
}

/// How many decimals the currency of this ISO 4217 code has: none, two or three.
pub fn minor_places(code: &str) -> u8 {
    match code {
        "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI" | "VND"
        | "VUV" | "XAF" | "XOF" | "XPF" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// Reads digits, at most 18 of them, with at most one point, which has one to nine of them behind it.
fn plain(text: &str) -> Option<Decimal> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > 19 {
        return None;
    }
    let (mut units, mut n, mut point) = (0_i64, 0, None);
    for (i, b) in bytes.iter().enumerate() {
        match b {
            b'0'..=b'9' if n < 18 => (units, n) = (units * 10 + i64::from(b - b'0'), n + 1),
            b'.' if point.is_none() => point = Some(i),
            _ => return None,
        }
    }
    let places = point.map_or(0, |at| bytes.len() - at - 1);
    let is_whole = point.is_none() || (1..=9).contains(&places);
    is_whole.then_some(Decimal { units, places: places as u8 })
}

fn digits(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_digit())
}

/// The digits of a whole number whose separators of thousands, if any, stand where they should.
fn grouped(text: &str) -> Option<String> {
    let is_separator = |c: char| matches!(c, ',' | '.' | '\'' | ' ' | '\u{a0}' | '\u{202f}');
    let parts: Vec<&str> = text.split(is_separator).collect();
    let (first, rest) = parts.split_first()?;
    let in_threes = rest.is_empty() || (1..=3).contains(&first.len());
    (in_threes && digits(first) && rest.iter().all(|p| p.len() == 3 && digits(p))).then(|| parts.concat())
}

#[cfg(test)]
mod tests {
    use super::{Decimal, minor_places};

    #[test]
    fn plain_amounts_read_the_same_either_way() {
        let mut n = 0;
        // Every text of up to seven of these, and long ones.
        let short = (0..4_usize.pow(7)).map(|i| (0..7).map(|at| ["0", "7", ".", ""][i >> (2 * at) & 3]).collect());
        let long =
            (1..25).flat_map(|n| [("9".repeat(n)), format!("{}.5", "1".repeat(n)), format!("3.{}", "2".repeat(n))]);
        for text in short.chain(long) {
            if let Some(plain) = super::plain(&text) {
                assert_eq!(Some(plain), Decimal::parse_written(&text), "{text}");
                n += 1;
            }
        }
        assert!(n > 1_000, "{n} are too few to tell");
    }

    #[test]
    fn amounts_are_read_where_they_have_one_meaning() {
        for (text, units, places) in [
            ("12.50", 1250, 2),
            ("$1,234.5", 12345, 1),
            ("1.234,56 €", 123_456, 2),
            ("1,234", 1234, 0),
            ("1.234", 1234, 3),
            ("12,5", 125, 1),
            ("-7", -7, 0),
            ("(7.25)", -725, 2),
            ("1'234'567.00", 123_456_700, 2),
            ("1 234,00", 123_400, 2),
            (".5", 5, 1),
            ("0", 0, 0),
        ] {
            assert_eq!(Decimal::parse(text), Some(Decimal { units, places }), "{text}");
        }
        for text in
            ["", "-", "ten", "1.2.3", "1,23,4", "12.", "1e9", "nan", "--3", "99999999999999999999", "1,2345,678"]
        {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    #[test]
    fn minor_units_are_exact_and_halves_go_to_the_even_one() {
        let minor = |text: &str, places| Decimal::parse(text).and_then(|d| d.minor(places));
        assert_eq!(minor("12.5", 2), Some(1250));
        assert_eq!(minor("0.125", 2), Some(12));
        assert_eq!(minor("0.135", 2), Some(14));
        assert_eq!(minor("-0.125", 2), Some(-12));
        assert_eq!(minor("1200", minor_places("JPY")), Some(1200));
        assert_eq!(minor("1.5", minor_places("KWD")), Some(1500));
        assert_eq!(minor("9223372036854775807", 2), None);
    }
}
