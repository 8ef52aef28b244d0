//! How numbers, times and foreign texts are written for people. All rounding lives here.

use super::forms;
use assay_math::Estimate;
use assay_model::{DAY_MS, RankRange, Span, TimeMs, TimeQuality};
use jiff::{Timestamp, civil, tz};
use std::borrow::Cow;

/// A count with thousands separated: `5,189`.
pub fn count(n: u64) -> String {
    grouped(&n.to_string())
}

/// Digits with thousands separated.
fn grouped(digits: &str) -> String {
    let group = forms::numbers().group;
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push_str(group);
        }
        out.push(digit);
    }
    out
}

/// A count and its noun in the right number: `1 follower`, `2 followers`.
pub fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", count(n), if n == 1 { one } else { many })
}

/// A number that may have a fraction, to the nearest whole: `1,204`.
pub fn whole(x: f64) -> String {
    let n = count(x.abs().round() as u64);
    if x <= -0.5 { format!("\u{2212}{n}") } else { n }
}

/// A number with so many decimals and thousands separated: `58,705.23`.
pub fn fixed(x: f64, places: usize) -> String {
    let text = format!("{:.places$}", x.abs());
    if !x.is_finite() {
        return text;
    }
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let is_below = x < 0.0 && text.bytes().any(|b| (b'1'..=b'9').contains(&b));
    let sign = if is_below { "\u{2212}" } else { "" };
    let point = if fraction.is_empty() { "" } else { forms::numbers().point };
    format!("{sign}{}{point}{fraction}", grouped(whole))
}

/// A number as a field of a form takes it: the same for every reader.
pub fn entry(x: f64, places: usize) -> String {
    format!("{x:.places$}")
}

/// A share 0..1 as percent, two significant digits below 10 %: `3.5 %`, `42 %`, `< 0.01 %`.
pub fn percent(share: f64) -> String {
    let percent = share * 100.0;
    match percent {
        p if p <= 0.0 => "0 %".to_owned(),
        p if p < 0.01 => format!("< {} %", fixed(0.01, 2)),
        p if p < 0.995 => format!("{} %", fixed(p, 2)),
        p if p < 9.95 => format!("{} %", fixed(p, 1)),
        // A share that is not all of it is not written as all of it.
        p if (99.5..100.0).contains(&p) => "> 99 %".to_owned(),
        p => format!("{} %", fixed(p, 0)),
    }
}

/// An interval of shares: `3.1 % to 3.9 %`.
pub fn percent_range(e: &Estimate) -> String {
    format!("{} to {}", percent(e.low), percent(e.high))
}

/// An interval of counts: `170 to 184`, or one number where both ends round to it.
pub fn whole_range(e: &Estimate) -> String {
    let (low, high) = (whole(e.low), whole(e.high));
    if low == high { low } else { format!("{low} to {high}") }
}

/// A probability: `0.93`. What is neither 0 nor 1 is not written so.
pub fn probability(p: f64) -> String {
    match p {
        p if p > 0.0 && p < 0.005 => format!("< {}", fixed(0.01, 2)),
        p if (0.995..1.0).contains(&p) => format!("> {}", fixed(0.99, 2)),
        p => fixed(p, 2),
    }
}

/// A q-value with its sign: `q < 0.001`, `q = 0.012`.
pub fn q_value(q: f64) -> String {
    if q < 0.001 { format!("q < {}", fixed(0.001, 3)) } else { format!("q = {}", fixed(q, 3)) }
}

/// Ranks for people, who count from 1 nowhere in assay: `3,373 to 3,556`.
pub fn ranks(ranks: RankRange) -> String {
    if ranks.first == ranks.last {
        return count(u64::from(ranks.first));
    }
    format!("{} to {}", count(u64::from(ranks.first)), count(u64::from(ranks.last)))
}

/// An expected count, one decimal below ten: `0.4`, `128`.
pub fn share_of(expected: f64) -> String {
    if expected < 9.95 { fixed(expected, 1) } else { whole(expected) }
}

/// An age for people: `3 hours`, `12 days`, `2.1 years`.
pub fn age(days: f64) -> String {
    match days {
        d if d < 2.0 => format!("{} hours", fixed(d * 24.0, 0)),
        d if d < 730.0 => format!("{} days", fixed(d, 0)),
        d => format!("{} years", fixed(d / 365.25, 1)),
    }
}

/// Days from one to another, for a sentence: `on 14 Aug 2016`, `between 11 and 15 Aug 2014`.
pub fn day_span(span: Span) -> String {
    let (from, to) = (day(span.from), day(span.to));
    if from == to { format!("on {to}") } else { format!("between {from} and {to}") }
}

/// RFC 3339 in UTC, to the millisecond where there are any. A time that no calendar holds is written as its bound.
pub fn rfc3339(at: TimeMs) -> String {
    timestamp(at).to_string()
}

/// A day: `14 Aug 2016`.
pub fn day(at: TimeMs) -> String {
    written(at, forms::dates().day)
}

/// A day of the calendar: `14 Aug 2016`.
pub fn date(on: civil::Date) -> String {
    on.strftime(forms::dates().day).to_string()
}

/// A month: `Aug 2016`.
pub fn month(at: TimeMs) -> String {
    written(at, forms::dates().month)
}

/// A moment to the minute, UTC: `14 Aug 2016, 10:22`.
pub(super) fn minute(at: TimeMs) -> String {
    format!("{}, {}", day(at), written(at, "%H:%M"))
}

/// A moment to the minute by the clocks of the reader's zone: `14 Aug 2016, 10:22 UTC`.
pub fn moment(at: TimeMs) -> String {
    let (shown, zone) = forms::clock(at);
    format!("{} {zone}", minute(shown))
}

/// A time of a follower, as finely as it is known.
pub fn follow_time(at: TimeMs, quality: TimeQuality) -> String {
    match quality {
        TimeQuality::Exact | TimeQuality::Minute => moment(at),
        TimeQuality::Day => day(at),
        _ => format!("not before {}", day(at)),
    }
}

/// A span, shortest form that is not ambiguous: `14 Aug 2016, 10:22 to 10:28 UTC`, `14 to 16 Aug 2016`,
/// `30 Dec 2016 to 2 Jan 2017`. Times of day are written only for spans under a day that are known so finely; where times
/// are bounded only, `about` stands before.
pub fn span(span: Span, quality: TimeQuality) -> String {
    if quality == TimeQuality::Bounded {
        return format!("about {}", self::span(span, TimeQuality::Day));
    }
    let is_clock = quality <= TimeQuality::Minute;
    let whole_day = span.to.0 - span.from.0 >= DAY_MS - 1000 || span.from == span.to;
    let (from, zone) = if is_clock { forms::clock(span.from) } else { (span.from, String::new()) };
    let to = if is_clock { forms::clock(span.to).0 } else { span.to };
    let same = |pattern: &str| written(from, pattern) == written(to, pattern);
    if same("%F") {
        return if is_clock && !whole_day {
            format!("{} to {} {zone}", minute(from), written(to, "%H:%M"))
        } else {
            day(to)
        };
    }
    if is_clock && span.days() < 1.0 {
        return format!("{} to {} {zone}", minute(from), minute(to));
    }
    let first = match forms::dates().shortens {
        true if same("%Y-%m") => written(from, "%-d"),
        true if same("%Y") => written(from, "%-d %b"),
        _ => day(from),
    };
    format!("{first} to {}", day(to))
}

/// How well follow times are known, for people.
pub fn quality(quality: TimeQuality) -> &'static str {
    match quality {
        TimeQuality::Exact => "follow times are exact",
        TimeQuality::Minute => "follow times are known to the minute",
        TimeQuality::Day => "follow times are known to the day",
        TimeQuality::Bounded => "follow times are not in the export; creation dates bound them from below",
        TimeQuality::OrderOnly => "the order of follows is known, their times are not",
        TimeQuality::Unknown => "neither order nor times of follows are known",
    }
}

/// A step of time as a rate: `per day`, `per week`, `per 4 weeks`.
pub fn per_step(step: Span) -> String {
    const MINUTE_MS: i64 = 60_000;
    let width = step.to.0 - step.from.0 + 1;
    let unit = |unit_ms: i64, one: &str, many: &str| match width / unit_ms {
        1 => format!("per {one}"),
        n => format!("per {n} {many}"),
    };
    match width {
        w if w >= 7 * DAY_MS => unit(7 * DAY_MS, "week", "weeks"),
        w if w >= DAY_MS => unit(DAY_MS, "day", "days"),
        w if w >= 60 * MINUTE_MS => unit(60 * MINUTE_MS, "hour", "hours"),
        _ => unit(MINUTE_MS, "minute", "minutes"),
    }
}

/// A foreign text without what could act on a terminal or turn the reading order: control and direction characters
/// become U+FFFD.
pub fn plain(text: &str) -> Cow<'_, str> {
    let acts = |c: char| {
        c.is_control()
            || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{2028}' | '\u{2029}')
    };
    if text.contains(acts) { Cow::Owned(text.replace(acts, "\u{fffd}")) } else { Cow::Borrowed(text) }
}

/// A text in which figures keep to their signs and days to their months when lines are broken: the spaces between become
/// U+00A0.
pub fn glued(text: &str) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let text = text.replace(" %", "\u{a0}%").replace("q < ", "q\u{a0}<\u{a0}").replace("q = ", "q\u{a0}=\u{a0}");
    MONTHS.iter().fold(text, |text, m| text.replace(&format!(" {m} "), &format!("\u{a0}{m}\u{a0}")))
}

/// A text with a capital first letter and a final period.
pub fn sentence(clause: &str) -> String {
    let clause = plain(clause.trim());
    let mut chars = clause.chars();
    let Some(first) = chars.next() else { return String::new() };
    let end = if clause.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{}{}{end}", first.to_uppercase(), chars.as_str())
}

/// The civil date and time of a moment, UTC.
pub(crate) fn civil(at: TimeMs) -> civil::DateTime {
    tz::TimeZone::UTC.to_datetime(timestamp(at))
}

fn timestamp(at: TimeMs) -> Timestamp {
    Timestamp::from_millisecond(at.0).unwrap_or(if at.0 < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

fn written(at: TimeMs, pattern: &str) -> String {
    civil(at).strftime(pattern).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> TimeMs {
        TimeMs(text.parse::<Timestamp>().unwrap().as_millisecond())
    }

    #[test]
    fn counts_carry_separators() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!(counted(1, "batch", "batches"), "1 batch");
        assert_eq!([whole(-3.2), whole(-0.2), whole(1203.5)], ["\u{2212}3", "0", "1,204"]);
    }

    #[test]
    fn percents_keep_two_digits_and_never_round_to_all_or_nothing() {
        let shares = [0.0, 0.000_04, 0.004_5, 0.009_96, 0.0356, 0.0995, 0.424, 0.9951, 0.999_999, 1.0];
        let written = ["0 %", "< 0.01 %", "0.45 %", "1.0 %", "3.6 %", "10 %", "42 %", "> 99 %", "> 99 %", "100 %"];
        assert_eq!(shares.map(percent), written);
        assert_eq!([0.0, 0.001, 0.93, 0.999, 1.0].map(probability), ["0.00", "< 0.01", "0.93", "> 0.99", "1.00"]);
    }

    #[test]
    fn spans_take_their_shortest_form() {
        let written = |from: &str, to: &str, q| span(Span { from: at(from), to: at(to) }, q);
        let cases = [
            ("2016-08-14T10:22:05Z", "2016-08-14T10:28:00Z", TimeQuality::Exact, "14 Aug 2016, 10:22 to 10:28 UTC"),
            ("2016-08-14T10:22:05Z", "2016-08-14T10:28:00Z", TimeQuality::Bounded, "about 14 Aug 2016"),
            ("2016-08-14T00:00:00Z", "2016-08-16T00:00:00Z", TimeQuality::Day, "14 to 16 Aug 2016"),
            ("2016-08-30T00:00:00Z", "2016-09-02T00:00:00Z", TimeQuality::Exact, "30 Aug to 2 Sep 2016"),
            ("2016-12-30T00:00:00Z", "2017-01-02T00:00:00Z", TimeQuality::Day, "30 Dec 2016 to 2 Jan 2017"),
            (
                "2016-12-31T23:50:00Z",
                "2017-01-01T00:10:00Z",
                TimeQuality::Minute,
                "31 Dec 2016, 23:50 to 1 Jan 2017, 00:10 UTC",
            ),
        ];
        for (from, to, quality, expected) in cases {
            assert_eq!(written(from, to, quality), expected);
        }
    }

    #[test]
    fn times_outside_the_calendar_do_not_panic() {
        assert!(rfc3339(TimeMs(i64::MAX)).starts_with("9999"));
        assert!(day(TimeMs(i64::MIN + 1)).contains("9999"));
        assert_eq!(rfc3339(TimeMs(1_471_170_125_250)), "2016-08-14T10:22:05.25Z");
    }

    #[test]
    fn foreign_texts_lose_what_acts_on_a_terminal() {
        assert_eq!(plain("a\u{1b}[31mb\u{202e}c"), "a\u{fffd}[31mb\u{fffd}c");
        assert_eq!(sentence("an export with dates"), "An export with dates.");
    }
}
