//! Where the marks of an axis stand, and what they say.

use crate::render::format::{civil, count};
use assay_model::{DAY_MS, Span};
use jiff::{ToSpan, civil::DateTime, tz::TimeZone};

/// A mark of an axis.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Mark {
    /// Where, 0..1 along the axis.
    pub(super) at: f64,
    /// What it says.
    pub(super) label: String,
}

/// Marks at round numbers between `from` and `to`, about `wanted` of them.
pub(super) fn number_marks(from: f64, to: f64, wanted: usize) -> Vec<Mark> {
    let width = to - from;
    if width.is_nan() || width <= 0.0 {
        return Vec::new();
    }
    let rough = width / wanted.max(1) as f64;
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * power).into_iter().find(|s| *s >= rough).unwrap_or(rough).max(1.0);
    let first = (from / step).ceil() as i64;
    let last = (to / step).floor() as i64;
    (first..=last)
        .map(|i| i as f64 * step)
        .map(|x| Mark {
            at: (x - from) / width,
            label: if x < 0.0 { format!("\u{2212}{}", count(-x as u64)) } else { count(x as u64) },
        })
        .collect()
}

/// A step between marks of time.
#[derive(Clone, Copy)]
enum Step {
    Hours(i64),
    Days(i64),
    Months(i64),
    Years(i64),
}

/// Steps and their rough width in days, finest first.
const STEPS: [(Step, f64); 18] = [
    (Step::Hours(1), 1.0 / 24.0),
    (Step::Hours(3), 0.125),
    (Step::Hours(6), 0.25),
    (Step::Hours(12), 0.5),
    (Step::Days(1), 1.0),
    (Step::Days(2), 2.0),
    (Step::Days(7), 7.0),
    (Step::Days(14), 14.0),
    (Step::Months(1), 30.4),
    (Step::Months(3), 91.3),
    (Step::Months(6), 182.6),
    (Step::Years(1), 365.2),
    (Step::Years(2), 730.5),
    (Step::Years(5), 1826.2),
    (Step::Years(10), 3652.4),
    (Step::Years(20), 7304.8),
    (Step::Years(50), 18_262.1),
    (Step::Years(100), 36_524.3),
];

/// The calendar ends before the year 10000.
const YEARS_MAX: f64 = 9000.0;

/// Marks at round dates in the span, at most `wanted` of them.
pub(super) fn time_marks(span: Span, wanted: usize) -> Vec<Mark> {
    let width = (span.to.0 - span.from.0) as f64;
    if width <= 0.0 {
        return Vec::new();
    }
    let rough_days = width / DAY_MS as f64 / wanted.max(1) as f64;
    let step = STEPS
        .iter()
        .find(|(_, days)| *days >= rough_days)
        .map_or(Step::Years((rough_days / 365.2).ceil().min(YEARS_MAX) as i64), |s| s.0);
    let mut marks = Vec::new();
    let mut next = Some(floor(civil(span.from), step));
    while let Some(at) = next {
        let ms = TimeZone::UTC.to_timestamp(at).map_or(i64::MAX, jiff::Timestamp::as_millisecond);
        if ms > span.to.0 || marks.len() > 4 * wanted {
            break;
        }
        if ms >= span.from.0 {
            marks.push(Mark { at: (ms - span.from.0) as f64 / width, label: label(at, step) });
        }
        next = match step {
            Step::Hours(n) => at.checked_add(n.hours()),
            Step::Days(n) => at.checked_add(n.days()),
            Step::Months(n) => at.checked_add(n.months()),
            Step::Years(n) => at.checked_add(n.years()),
        }
        .ok();
    }
    marks
}

/// The last round date not after `at`; days are counted from the first of the month.
fn floor(at: DateTime, step: Step) -> DateTime {
    let down = |value: i64, n: i64| value - value.rem_euclid(n);
    let midnight = at.date().at(0, 0, 0, 0);
    let floored = match step {
        Step::Hours(n) => midnight.with().hour(down(i64::from(at.hour()), n) as i8),
        Step::Days(n) => midnight.with().day(down(i64::from(at.day()) - 1, n) as i8 + 1),
        Step::Months(n) => midnight.with().day(1).month(down(i64::from(at.month()) - 1, n) as i8 + 1),
        Step::Years(n) => midnight.with().day(1).month(1).year(down(i64::from(at.year()), n) as i16),
    };
    floored.build().unwrap_or(midnight)
}

fn label(at: DateTime, step: Step) -> String {
    let pattern = match step {
        Step::Hours(_) if at.hour() == 0 => "%-d %b",
        Step::Hours(_) => "%H:%M",
        Step::Days(_) => "%-d %b",
        Step::Months(_) => "%b %Y",
        Step::Years(_) => "%Y",
    };
    at.strftime(pattern).to_string()
}

#[cfg(test)]
mod tests {
    use super::{Mark, number_marks, time_marks};
    use assay_model::{DAY_MS, Span, TimeMs};

    fn labels(marks: &[Mark]) -> Vec<&str> {
        marks.iter().map(|m| m.label.as_str()).collect()
    }

    #[test]
    fn numbers_are_marked_at_round_places() {
        assert_eq!(labels(&number_marks(0.0, 5189.0, 6)), ["0", "1,000", "2,000", "3,000", "4,000", "5,000"]);
        assert_eq!(labels(&number_marks(-30.0, 45.0, 4)), ["\u{2212}20", "0", "20", "40"]);
        assert!(number_marks(3.0, 3.0, 5).is_empty());
    }

    #[test]
    fn times_are_marked_at_round_dates() {
        let day = |d: i64| TimeMs(d * DAY_MS);
        let decade = Span { from: day(13_000), to: day(16_700) };
        assert_eq!(labels(&time_marks(decade, 6)), ["2006", "2008", "2010", "2012", "2014"]);
        let quarter = Span { from: day(17_000), to: day(17_090) };
        assert_eq!(labels(&time_marks(quarter, 5)), ["Aug 2016", "Sep 2016", "Oct 2016"]);
        let marks = time_marks(Span { from: day(17_000), to: day(17_001) }, 5);
        assert_eq!(labels(&marks), ["18 Jul", "06:00", "12:00", "18:00", "19 Jul"]);
        assert!((marks[1].at - 0.25).abs() < 1e-9);
        assert!(time_marks(Span { from: TimeMs(i64::MIN / 2), to: TimeMs(i64::MAX / 2) }, 5).len() < 30);
    }
}
