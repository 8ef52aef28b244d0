//! Cells that were written for people: amounts with the decimals of a country, dates with the order of one.

use crate::options::{DateOrder, DecimalSign};
use crate::spoken;
use assay_model::when::{self, Form, Moment, is_plausible};
use assay_model::{Day, Decimal, TimeMs};
use std::borrow::Cow;

/// What the cells of a file show of the sign before decimals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Decimals {
    /// `1,234.56`
    Point,
    /// `1.234,56`
    Comma,
    /// Nothing: `1.234` may be more than a thousand or less than two, and is not read.
    Unclear,
}

impl Decimals {
    /// What `cells` show, or else the user says. Without either, a file with semicolons, which programs write where the comma
    /// stands before decimals, shows nothing; any other one has points.
    pub(crate) fn of<'a>(cells: impl Iterator<Item = &'a str>, delimiter: u8, said: Option<DecimalSign>) -> Self {
        let (mut points, mut commas) = (0_u32, 0_u32);
        for cell in cells {
            match shows(cell.trim()) {
                Some(DecimalSign::Point) => points += 1,
                Some(DecimalSign::Comma) => commas += 1,
                None => {}
            }
        }
        match (said, points, commas) {
            (_, 1.., 0) | (Some(DecimalSign::Point), 0, 0) | (Some(DecimalSign::Point), 1.., 1..) => Self::Point,
            (_, 0, 1..) | (Some(DecimalSign::Comma), ..) => Self::Comma,
            (None, 0, 0) if delimiter != b';' => Self::Point,
            _ => Self::Unclear,
        }
    }

    /// An exact amount.
    ///
    /// # Errors
    /// What was expected.
    pub(crate) fn read(self, text: &str) -> Result<Decimal, &'static str> {
        let text = text.trim();
        let text = text.strip_suffix('%').map_or(text, str::trim_end);
        // A currency before or behind: `CA$12.00`, `12,00 kr`, `US$ 5`.
        let is_bare = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
        let around = |c: char| c.is_alphabetic() || c.is_whitespace();
        let bare = if is_bare { text } else { text.trim_matches(around) };
        let bare = if bare.bytes().any(|b| b.is_ascii_digit()) { bare } else { text };
        if self == Self::Unclear && is_unclear(bare) {
            return Err("a number with one meaning (say --decimals point or --decimals comma)");
        }
        let swap = |c| match c {
            '.' => ',',
            ',' => '.',
            other => other,
        };
        let read = if self == Self::Comma {
            Decimal::parse(&bare.chars().map(swap).collect::<String>())
        } else {
            Decimal::parse(bare)
        };
        read.ok_or("a number")
    }
}

/// The digits and signs of a cell that may be a number.
fn signs(cell: &str) -> Option<&str> {
    let bare = cell.trim_matches(|c: char| !c.is_ascii_digit());
    let plain =
        bare.bytes().all(|b| b.is_ascii_digit() || b == b'.' || b == b',' || b == b' ' || b == b'\'' || b >= 0x80);
    (plain && !bare.is_empty()).then_some(bare)
}

/// The sign before decimals that a cell shows beyond doubt.
fn shows(cell: &str) -> Option<DecimalSign> {
    let bare = signs(cell)?;
    let (point, comma) = (bare.rfind('.'), bare.rfind(','));
    let of = |is_point| if is_point { DecimalSign::Point } else { DecimalSign::Comma };
    match (point, comma) {
        (Some(p), Some(c)) => Some(of(p > c)),
        (None, None) => None,
        (Some(at), None) | (None, Some(at)) => {
            let is_point = point.is_some();
            let n = bare.matches(if is_point { '.' } else { ',' }).count();
            if n > 1 {
                // Several of one kind separate thousands.
                return Some(of(!is_point));
            }
            let n_before = at;
            (bare.len() - at - 1 != 3 || n_before > 3 || bare.starts_with('0')).then(|| of(is_point))
        }
    }
}

/// Whether a number has two meanings: one sign, three digits behind it.
fn is_unclear(cell: &str) -> bool {
    cell.contains(['.', ',']) && shows(cell).is_none()
}

/// A number as a whole one.
pub(crate) fn whole(number: Decimal) -> Option<i64> {
    let unit = 10_i64.pow(u32::from(number.places));
    (number.units % unit == 0).then_some(number.units / unit)
}

/// A number as the nearest double.
pub(crate) fn float(number: Decimal) -> f64 {
    number.units as f64 / 10_f64.powi(i32::from(number.places))
}

/// Whether a cell says that nothing is known, as platforms write it.
pub(crate) fn is_nothing(text: &str) -> bool {
    crate::cell::is_blank(text) || text == "--" || text == "---"
}

/// A text without the quote that guards against formulas.
pub(crate) fn unguarded(text: Cow<'_, str>) -> Cow<'_, str> {
    let guarded = text.strip_prefix('\'').is_some_and(|rest| rest.starts_with(['=', '+', '-', '@']));
    match text {
        Cow::Borrowed(text) if guarded => Cow::Borrowed(&text[1..]),
        Cow::Owned(text) if guarded => Cow::Owned(text[1..].to_owned()),
        other => other,
    }
}

/// The numbers of `3/4/2026`, `3.04.2026` or `3-4-2026`, the sign between them, and what stands behind.
fn numbers(text: &str) -> Option<([i64; 2], i64, u8, &str)> {
    let end = text.find([' ', 'T', ',']).unwrap_or(text.len());
    let (date, rest) = (text[..end].trim_end_matches('.'), &text[end..]);
    let sign = date.bytes().find(|b| !b.is_ascii_digit()).filter(|b| matches!(b, b'/' | b'.' | b'-'))?;
    let mut parts = date.split(char::from(sign));
    let mut part = |max: usize| {
        let text = parts.next()?;
        let plain = (1..=max).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        if plain { text.parse::<i64>().ok() } else { None }
    };
    let (a, b, year) = (part(2)?, part(2)?, part(4)?);
    let year = if year < 100 { year + 2_000 } else { year };
    parts.next().is_none().then_some(([a, b], year, sign, rest))
}

/// Which number of the dates among `cells` comes first, as far as they show it.
pub(crate) fn date_order<'a>(cells: impl Iterator<Item = &'a str>) -> Option<DateOrder> {
    let (mut day_first, mut month_first) = (false, false);
    for ([a, b], ..) in cells.filter_map(|cell| numbers(cell.trim())) {
        day_first |= a > 12;
        month_first |= b > 12;
    }
    match (day_first, month_first) {
        (true, false) => Some(DateOrder::DayFirst),
        (false, true) => Some(DateOrder::MonthFirst),
        _ => None,
    }
}

/// Reads a day.
///
/// # Errors
/// What was expected.
pub(crate) fn day(text: &str, order: Option<DateOrder>) -> Result<Day, &'static str> {
    if let Some(day) = when::day(text) {
        return Ok(day);
    }
    if text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit()) {
        let of = |range: std::ops::Range<usize>| text[range].parse::<i64>().ok();
        let at = of(0..4).zip(of(4..6)).zip(of(6..8)).and_then(|((y, m), d)| when::utc_ms(y, m, d));
        return at.map(TimeMs).filter(|at| is_plausible(*at)).map(TimeMs::day).ok_or("a day");
    }
    let moment = moment(text, order)?;
    Ok(Day((moment.at.0 - i64::from(moment.clock_ms)).div_euclid(assay_model::DAY_MS) as i32))
}

/// Reads a time.
///
/// # Errors
/// What was expected.
pub(crate) fn moment(text: &str, order: Option<DateOrder>) -> Result<Moment, &'static str> {
    const EXPECTED: &str = "a day or a time such as 2026-05-01 12:00:00";
    if let Some(moment) = when::moment(text).filter(|m| is_plausible(m.at)) {
        return Ok(moment);
    }
    let Some(([a, b], year, sign, rest)) = numbers(text) else {
        return spoken::moment(text).filter(|m| is_plausible(m.at)).ok_or(EXPECTED);
    };
    let order = order.or((sign == b'.' || a > 12).then_some(DateOrder::DayFirst));
    let order = order.or((b > 12).then_some(DateOrder::MonthFirst)).or((a == b).then_some(DateOrder::DayFirst));
    let (day, month) = match order {
        Some(DateOrder::DayFirst) => (a, b),
        Some(DateOrder::MonthFirst) => (b, a),
        None => return Err("a date with one meaning (say --dates day-first or --dates month-first)"),
    };
    // The clock is read by whoever reads it behind a date in the order of the standard.
    let iso = format!("{year:04}-{month:02}-{day:02}{}", rest.replacen(", ", " ", 1));
    let read = when::moment(iso.trim()).or_else(|| afternoon(iso.trim()));
    read.filter(|m| is_plausible(m.at)).ok_or(EXPECTED)
}

/// A time with `AM` or `PM` behind.
fn afternoon(text: &str) -> Option<Moment> {
    let lower = text.to_ascii_lowercase();
    let (clock, is_late) = match (lower.strip_suffix("pm"), lower.strip_suffix("am")) {
        (Some(clock), _) => (clock, true),
        (_, Some(clock)) => (clock, false),
        _ => return None,
    };
    let read = when::moment(clock.trim_end()).filter(|m| m.form == Form::Zoneless)?;
    let hour = read.clock_ms / 3_600_000;
    let shift = match (hour, is_late) {
        (12, false) => -12,
        (12, true) | (1..=11, false) => 0,
        (1..=11, true) => 12,
        _ => return None,
    };
    let clock_ms = u32::try_from(i64::from(read.clock_ms) + shift * 3_600_000).ok()?;
    Some(Moment { at: TimeMs(read.at.0 + shift * 3_600_000), clock_ms, form: read.form })
}

#[cfg(test)]
mod tests {
    use super::{Decimals, date_order, day, moment};
    use crate::options::{DateOrder, DecimalSign};
    use assay_model::{Day, Decimal};

    #[test]
    fn the_cells_of_a_file_tell_the_sign_before_decimals() {
        for (cells, delimiter, said, decimals) in [
            (&["1.234", "12.50"][..], b',', None, Decimals::Point),
            (&["1.234", "12,50"], b',', None, Decimals::Comma),
            (&["1.234,56"], b',', None, Decimals::Comma),
            (&["1,234,567"], b';', None, Decimals::Point),
            (&["7", "x"], b',', None, Decimals::Point),
            (&["1.234"], b';', None, Decimals::Unclear),
            (&["1.234"], b';', Some(DecimalSign::Comma), Decimals::Comma),
            // What the cells show goes before what was said.
            (&["1.5"], b',', Some(DecimalSign::Comma), Decimals::Point),
            (&["1.5", "1,5"], b',', None, Decimals::Unclear),
        ] {
            assert_eq!(Decimals::of(cells.iter().copied(), delimiter, said), decimals, "{cells:?}");
        }
        let of = |text, decimals: Decimals| decimals.read(text).ok();
        assert_eq!(of("1.234", Decimals::Comma), Some(Decimal::whole(1_234)));
        assert_eq!(of("1.234,5", Decimals::Comma), Some(Decimal { units: 12_345, places: 1 }));
        assert_eq!(of("1.234", Decimals::Point), Some(Decimal { units: 1_234, places: 3 }));
        assert_eq!(of("1.234", Decimals::Unclear), None);
        assert_eq!(of("12,50 kr", Decimals::Unclear), Some(Decimal { units: 1_250, places: 2 }));
        assert_eq!(of("-$3.00", Decimals::Point), Some(Decimal { units: -300, places: 2 }));
        assert_eq!(of("< 10%", Decimals::Point), None);
    }

    #[test]
    fn dates_have_the_order_that_the_file_shows() {
        assert_eq!(date_order(["3/4/2026", "31/4/2026"].into_iter()), Some(DateOrder::DayFirst));
        assert_eq!(date_order(["3/4/2026", "4/31/2026"].into_iter()), Some(DateOrder::MonthFirst));
        assert_eq!(date_order(["3/4/2026", "2026-01-31"].into_iter()), None);
        // date -u -d 2019-08-01 +%s divided by 86400, and of 2023-08-31
        assert_eq!(day("1.08.2019", None), Ok(Day(18_109)));
        assert_eq!(day("31-08-2023", None), Ok(Day(19_600)));
        assert_eq!(day("08/01/2019", Some(DateOrder::MonthFirst)), Ok(Day(18_109)));
        assert_eq!(day("20190801", None), Ok(Day(18_109)));
        assert!(day("08/01/2019", None).is_err_and(|why| why.contains("--dates")));
        assert_eq!(moment("1.8.2019, 12:30", None).map(|m| m.at), moment("2019-08-01 12:30", None).map(|m| m.at));
        assert_eq!(
            moment("8/1/2019 1:30 PM", Some(DateOrder::MonthFirst)).map(|m| m.at),
            moment("2019-08-01 13:30", None).map(|m| m.at)
        );
        for text in ["", "Total", "31/31/2026", "1.2", "99.99.9999", "2026-02-30"] {
            assert!(moment(text, None).is_err(), "{text}");
        }
    }
}
