//! Times and days as exports and tables write them, read from text. No local zone is ever asked for: a time without a zone is taken as
//! UTC, and the caller says so.

use crate::time::{DAY_MS, Day, TimeMs};

/// A time as a cell tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// The time; where the cell has no zone, as if it were UTC.
    pub at: TimeMs,
    /// Milliseconds since midnight on the clock that the cell shows.
    pub clock_ms: u32,
    /// What the cell says beside the date.
    pub form: Form,
}

/// How much of a time a cell tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A date alone.
    Date,
    /// A date and a clock time without a zone.
    Zoneless,
    /// A point in time.
    Zoned,
}

/// The first and last year that a follow, an account or a day count can lie in.
const YEARS: std::ops::RangeInclusive<i64> = 1990..=2199;

const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/// Midnight UTC of a date in milliseconds since 1970; `None` if there is no such date.
///
/// Days are counted from March of year 0, which puts the leap day last (Hinnant, "chrono-compatible low-level date
/// algorithms", `days_from_civil`).
pub fn utc_ms(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let last = match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => return None,
    };
    if !(0..=9_999).contains(&year) || !(1..=last).contains(&day) {
        return None;
    }
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some((era * 146_097 + day_of_era - 719_468) * DAY_MS)
}

/// Reads a time: RFC 3339 and its relatives, a date alone, Unix time in s, ms or µs, or Twitter's
/// `Sat Feb 18 19:45:15 +0000 2023`.
pub fn moment(text: &str) -> Option<Moment> {
    let bytes = text.as_bytes();
    if let Some(moment) = rfc3339_utc(bytes) {
        return Some(moment);
    }
    if bytes.first()?.is_ascii_digit() && bytes.get(4).is_some_and(|c| matches!(c, b'-' | b'/')) {
        return iso(bytes);
    }
    if bytes.iter().all(|c| c.is_ascii_digit() || *c == b'.') {
        return unix_text(text);
    }
    twitter(text).or_else(|| {
        let day = day(text)?;
        Some(Moment { at: day.start(), clock_ms: 0, form: Form::Date })
    })
}

/// `2013-08-11T08:08:08Z`, the shape that nearly all cells of big tables have.
fn rfc3339_utc(b: &[u8]) -> Option<Moment> {
    let b: &[u8; 20] = b.try_into().ok()?;
    if b[4] != b'-' || b[7] != b'-' || b[10] != b'T' || b[13] != b':' || b[16] != b':' || b[19] != b'Z' {
        return None;
    }
    let two = |i: usize| {
        let (x, y) = (b[i].wrapping_sub(b'0'), b[i + 1].wrapping_sub(b'0'));
        (x < 10 && y < 10).then(|| i64::from(x) * 10 + i64::from(y))
    };
    let midnight = midnight(two(0)? * 100 + two(2)?, two(5)?, two(8)?)?;
    let clock_ms = clock(two(11)?, two(14)?, two(17)?, 0)?;
    Some(Moment { at: TimeMs(midnight + i64::from(clock_ms)), clock_ms, form: Form::Zoned })
}

/// Midnight of a date in a year that can occur.
fn midnight(year: i64, month: i64, day: i64) -> Option<i64> {
    if YEARS.contains(&year) { utc_ms(year, month, day) } else { None }
}

fn clock(hour: i64, minute: i64, second: i64, milli: i64) -> Option<u32> {
    // A leap second is read as the last one before it.
    (hour < 24 && minute < 60 && second <= 60)
        .then(|| (hour * 3_600_000 + minute * 60_000 + second.min(59) * 1_000 + milli) as u32)
}

/// Digits at the start of `rest`, `min` to `max` of them, which are taken off.
fn number(rest: &mut &[u8], min: usize, max: usize) -> Option<i64> {
    let n = rest.iter().take(max).take_while(|c| c.is_ascii_digit()).count();
    let value = rest[..n].iter().fold(0, |value, c| value * 10 + i64::from(c - b'0'));
    *rest = &rest[n..];
    (n >= min).then_some(value)
}

fn take(rest: &mut &[u8], wanted: &[u8]) -> bool {
    let found = rest.first().is_some_and(|c| wanted.contains(c));
    if found {
        *rest = &rest[1..];
    }
    found
}

/// `2024-05-01`, `2024/5/1 12:00`, `2024-05-01T12:00:00.123+02:00`, `2024-05-01 12:00:00 UTC`.
fn iso(mut rest: &[u8]) -> Option<Moment> {
    let rest = &mut rest;
    let year = number(rest, 4, 4)?;
    let separator = *rest.first()?;
    let month = take(rest, &[separator]).then(|| number(rest, 1, 2))??;
    let day = take(rest, &[separator]).then(|| number(rest, 1, 2))??;
    let midnight = midnight(year, month, day)?;
    if rest.is_empty() {
        return Some(Moment { at: TimeMs(midnight), clock_ms: 0, form: Form::Date });
    }
    if !take(rest, b"Tt ") {
        return None;
    }
    let clock_ms = clock_text(rest)?;
    let (form, offset_ms) = zone(rest)?;
    Some(Moment { at: TimeMs(midnight + i64::from(clock_ms) - offset_ms), clock_ms, form })
}

/// Takes a clock time off the front of `rest`, in milliseconds: `12:00`, `12:00:00`, `12:00:00.123456`.
pub fn clock_text(rest: &mut &[u8]) -> Option<u32> {
    let hour = number(rest, 1, 2)?;
    let minute = take(rest, b":").then(|| number(rest, 2, 2))??;
    let mut second = 0;
    let mut milli = 0;
    if take(rest, b":") {
        second = number(rest, 2, 2)?;
        if take(rest, b".,") {
            let n = rest.iter().take_while(|c| c.is_ascii_digit()).count();
            let digit = |i: usize| rest[..n].get(i).map_or(0, |c| i64::from(c - b'0'));
            milli = digit(0) * 100 + digit(1) * 10 + digit(2);
            *rest = &rest[n..];
            (n > 0).then_some(())?;
        }
    }
    clock(hour, minute, second, milli)
}

/// A zone up to the end: none, `Z`, `UTC`, `GMT`, `+02`, `+0200`, `+02:00`.
fn zone(rest: &mut &[u8]) -> Option<(Form, i64)> {
    while take(rest, b" ") {}
    if rest.is_empty() {
        return Some((Form::Zoneless, 0));
    }
    if [&b"Z"[..], b"UTC", b"GMT"].iter().any(|name| rest.eq_ignore_ascii_case(name)) {
        return Some((Form::Zoned, 0));
    }
    let sign = match rest.first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return None,
    };
    *rest = &rest[1..];
    let hour = number(rest, 2, 2)?;
    take(rest, b":");
    let minute = if rest.is_empty() { 0 } else { number(rest, 2, 2)? };
    (rest.is_empty() && hour <= 18 && minute < 60).then_some((Form::Zoned, sign * (hour * 3_600_000 + minute * 60_000)))
}

/// Unix time written as digits, with a fraction of seconds or none.
fn unix_text(text: &str) -> Option<Moment> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let value = whole.parse().ok()?;
    let moment = unix(value)?;
    if fraction.bytes().all(|c| c == b'0') {
        return Some(moment);
    }
    // A fraction belongs to seconds alone.
    let milli =
        fraction.get(..3.min(fraction.len()))?.parse::<i64>().ok()? * 10_i64.pow(3 - fraction.len().min(3) as u32);
    (unix_unit(value)? == 1_000_000).then(|| at_utc(moment.at.0 + milli))
}

/// Unix time in seconds, milliseconds or microseconds, told apart by size: the years 1990 to 2199 do not overlap.
pub fn unix(value: i64) -> Option<Moment> {
    Some(at_utc(value * unix_unit(value)? / 1_000))
}

/// Microseconds in the unit of a Unix time.
fn unix_unit(value: i64) -> Option<i64> {
    let from = utc_ms(*YEARS.start(), 1, 1)? / 1_000;
    let until = utc_ms(*YEARS.end() + 1, 1, 1)? / 1_000;
    [(1, 1_000_000), (1_000, 1_000), (1_000_000, 1)]
        .into_iter()
        .find_map(|(scale, unit)| (from * scale..until * scale).contains(&value).then_some(unit))
}

/// A point in time that is known to the millisecond.
pub fn at_utc(ms: i64) -> Moment {
    Moment { at: TimeMs(ms), clock_ms: ms.rem_euclid(DAY_MS) as u32, form: Form::Zoned }
}

/// Whether a time lies in a year that can occur.
pub fn is_plausible(at: TimeMs) -> bool {
    let bound = |year| utc_ms(year, 1, 1).unwrap_or(0);
    (bound(*YEARS.start())..bound(*YEARS.end() + 1)).contains(&at.0)
}

/// `Sat Feb 18 19:45:15 +0000 2023`.
fn twitter(text: &str) -> Option<Moment> {
    let mut parts = text.split_ascii_whitespace();
    let (_weekday, month, day) = (parts.next()?, month(parts.next()?)?, parts.next()?.parse().ok()?);
    let (mut clock, mut zone_text) = (parts.next()?.as_bytes(), parts.next()?.as_bytes());
    let midnight = midnight(parts.next()?.parse().ok()?, month, day)?;
    let clock_ms = clock_text(&mut clock)?;
    let (form, offset_ms) = zone(&mut zone_text)?;
    (clock.is_empty() && parts.next().is_none()).then_some(Moment {
        at: TimeMs(midnight + i64::from(clock_ms) - offset_ms),
        clock_ms,
        form,
    })
}

fn month(name: &str) -> Option<i64> {
    let name = name.to_ascii_lowercase();
    let short = name.get(..3)?;
    let long = [
        "january",
        "february",
        "march",
        "april",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
        "sept",
    ];
    let known = name.len() == 3 || long.contains(&name.as_str());
    MONTHS.iter().position(|m| *m == short).filter(|_| known).map(|m| m as i64 + 1)
}

/// Reads a calendar day: `2026-03-10` (a clock time behind it is dropped), `Tue, Mar 10, 2026`, `10 March 2026`.
/// `03/10/2026` is not read, since day and month cannot be told apart.
pub fn day(text: &str) -> Option<Day> {
    let text = text.trim();
    if text.as_bytes().get(4).is_some_and(|c| matches!(c, b'-' | b'/')) {
        let moment = iso(text.as_bytes())?;
        // The day on the clock that the cell shows, whatever its zone.
        return Some(local_day(moment));
    }
    let mut month_found = None;
    let mut numbers = [0_i64; 2];
    let mut n = 0;
    for word in text.split(|c: char| c == ',' || c == '.' || c.is_whitespace()).filter(|w| !w.is_empty()) {
        if word.bytes().all(|c| c.is_ascii_digit()) && word.len() <= 4 {
            *numbers.get_mut(n)? = word.parse().ok()?;
            n += 1;
        } else if let Some(m) = month(word) {
            month_found = month_found.is_none().then_some(m);
            month_found?;
        } else if !is_weekday(word) {
            return None;
        }
    }
    if n != 2 {
        return None;
    }
    let (day, year) = if numbers[0] > 31 { (numbers[1], numbers[0]) } else { (numbers[0], numbers[1]) };
    Some(TimeMs(midnight(year, month_found?, day)?).day())
}

/// The day on the clock that a cell shows.
fn local_day(moment: Moment) -> Day {
    // The offset is at most 18 hours: the day whose midnight plus clock time lies nearest to the time.
    let nearest = (moment.at.0 - i64::from(moment.clock_ms) + DAY_MS / 2).div_euclid(DAY_MS);
    let exact = (moment.at.0 - i64::from(moment.clock_ms)).rem_euclid(DAY_MS) == 0;
    Day(if exact { (moment.at.0 - i64::from(moment.clock_ms)).div_euclid(DAY_MS) } else { nearest } as i32)
}

fn is_weekday(word: &str) -> bool {
    let short = word.get(..3).unwrap_or_default().to_ascii_lowercase();
    ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].contains(&short.as_str())
        && word.bytes().all(|c| c.is_ascii_alphabetic())
}

/// Year, month and day of the month of a number of days since 1970-01-01 (Hinnant 2021, "chrono-Compatible Low-Level Date
/// Algorithms", `civil_from_days`).
pub fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let (era, of_era) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let date = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + i64::from(month <= 2), month, date)
}

/// A day as programs write it: `2026-06-30`.
pub fn iso_day(day: Day) -> String {
    let (year, month, date) = civil(i64::from(day.0));
    format!("{year:04}-{month:02}-{date:02}")
}

#[cfg(test)]
mod tests {
    use super::{Form, civil, day, iso_day, moment, unix, utc_ms};
    use crate::time::{DAY_MS, Day, TimeMs};

    /// `date -u -d '2013-08-11T08:08:08Z' +%s` prints 1376208488.
    #[test]
    fn one_time_in_all_its_spellings() {
        let at = TimeMs(1_376_208_488_000);
        for text in [
            "2013-08-11T08:08:08Z",
            "2013-08-11 08:08:08+00:00",
            "2013-08-11t10:08:08.000+0200",
            "2013/08/11 08:08:08 UTC",
            "1376208488",
            "1376208488000",
            "1376208488000000",
            "1376208488.0",
            "Sun Aug 11 08:08:08 +0000 2013",
        ] {
            let read = moment(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((read.at, read.form), (at, Form::Zoned), "{text}");
        }
        assert_eq!(moment("2013-08-11 08:08:08").map(|m| (m.at, m.form)), Some((at, Form::Zoneless)));
        assert_eq!(moment("1376208488.25").map(|m| m.at), Some(TimeMs(at.0 + 250)));
        assert_eq!(moment("2013-08-11").map(|m| (m.at, m.form)), Some((TimeMs(1_376_179_200_000), Form::Date)));
        assert_eq!(moment("2013-08-11T10:08:08+02:00").map(|m| m.clock_ms), Some(36_488_000));
    }

    #[test]
    fn what_is_no_time_is_none() {
        for text in [
            "",
            "x",
            "2013-02-29T00:00:00Z",
            "2013-13-01",
            "2013-08-11T24:00:00Z",
            "1969-01-01",
            "03/10/2026",
            "12",
            "-5",
            "2013-08-11T08:08:08+99:00",
            "2013-08-11Tx",
            "99999999999999999999",
            "1.5.2",
            "9999-12-31T23:59:59Z",
        ] {
            assert_eq!(moment(text), None, "{text}");
        }
    }

    /// Calendar days from `date -u -d … +%s` divided by 86400.
    #[test]
    fn days() {
        assert_eq!(day("Tue, Mar 10, 2026"), Some(Day(20_522)));
        assert_eq!(day("10 March 2026"), Some(Day(20_522)));
        assert_eq!(day("2026-03-10T00:00:00"), Some(Day(20_522)));
        assert_eq!(day("2026-03-10T23:30:00-08:00"), Some(Day(20_522)));
        assert_eq!(day("2026-03-10T00:30:00+09:00"), Some(Day(20_522)));
        for text in ["03/10/2026", "Total", "Mar 2026", "Mar Mar 10, 2026", "32 Mar 2026", "", "10.03.2026"] {
            assert_eq!(day(text), None, "{text}");
        }
    }

    #[test]
    fn leap_years() {
        assert_eq!(utc_ms(2000, 2, 29), Some(951_782_400_000));
        assert_eq!(utc_ms(1900, 2, 29), None);
        assert_eq!(utc_ms(1970, 1, 1), Some(0));
        assert_eq!(unix(0), None);
    }

    #[test]
    fn days_go_there_and_back() {
        for n in [-719_468, -1, 0, 58, 59, 11_015, 11_016, 11_017, 20_088, 24_836, 2_932_896] {
            let (year, month, date) = civil(n);
            let back = utc_ms(year, month, date).map(|ms| ms.div_euclid(DAY_MS));
            assert!(back == Some(n) || !(1..=9_999).contains(&year), "{n}: {year}-{month}-{date}");
        }
        for n in [11_015, 11_016, 11_017, 20_088, 24_836] {
            assert_eq!(day(&iso_day(Day(n))), Some(Day(n)));
        }
    }
}
