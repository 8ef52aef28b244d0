//! How soon a page answers.
//!
//! A turn is a word of somebody, or several in a row, until the page answers. Turns without an answer are not left out: they have
//! waited for as long as the data go ([`assay_math::ends_within`]). The share that was answered within a day is of turns that are at
//! least a day old, with Jeffreys' interval.
//!
//! Limits: turns of one person are taken as independent, so that intervals of few busy people are too narrow; an answer that is in
//! no export counts as none, so that times are too long where exports of the page's own words are older than those of others.

use crate::calendar::Calendar;
use crate::outcome::{Abstention, Outcome};
use crate::time::{DAY_MS, Day, TimeMs};
use assay_math::{EndsWithin, Estimate, ends_within, jeffreys_interval};

/// A turn of a known time, of a page that is known to speak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Waited {
    /// When it began.
    pub at: TimeMs,
    /// How far the data of its page go.
    pub until: TimeMs,
    /// When it was answered, if it was.
    pub answered_at: Option<TimeMs>,
}

/// How soon a page answers.
#[derive(Debug, Clone, PartialEq)]
pub struct ResponseTimes {
    /// Turns.
    pub n_turns: u64,
    /// Turns with an answer.
    pub n_answered: u64,
    /// The time within which half of the turns are answered, in seconds.
    pub median_s: Outcome<Estimate>,
    /// The time within which nine in ten are, in seconds.
    pub p90_s: Outcome<Estimate>,
    /// The share (0..1) that is answered within a day.
    pub within_day_share: Outcome<Estimate>,
}

/// The turns that began in a week.
#[derive(Debug, Clone, PartialEq)]
pub struct WeekOfTurns {
    /// Its first day.
    pub first_day: Day,
    /// How soon they were answered.
    pub times: ResponseTimes,
}

/// How soon turns are answered, in all and by the week in which they began.
pub fn response_times(turns: &[Waited], calendar: &Calendar, confidence: f64) -> (ResponseTimes, Vec<WeekOfTurns>) {
    let mut by_week: Vec<(Day, Waited)> = turns.iter().map(|t| (calendar.week(calendar.day(t.at)), *t)).collect();
    by_week.sort_unstable();
    let weeks = by_week.chunk_by(|a, b| a.0 == b.0).map(|week| {
        let own: Vec<Waited> = week.iter().map(|w| w.1).collect();
        WeekOfTurns { first_day: week[0].0, times: times(&own, confidence) }
    });
    (times(turns, confidence), weeks.collect())
}

fn times(turns: &[Waited], confidence: f64) -> ResponseTimes {
    ResponseTimes {
        n_turns: turns.len() as u64,
        n_answered: turns.iter().filter(|t| t.answered_at.is_some()).count() as u64,
        median_s: answered_within_s(turns, 0.5, confidence),
        p90_s: answered_within_s(turns, 0.9, confidence),
        within_day_share: answered_within_day(turns, confidence).1,
    }
}

const LATER: &str = "a later export of what people and the page said";

/// The time in seconds within which a share (0..1) of the turns is answered.
pub fn answered_within_s(turns: &[Waited], share: f64, confidence: f64) -> Outcome<Estimate> {
    let spans: Vec<(i64, bool)> = turns.iter().map(Waited::span).collect();
    let s = |ms: f64| ms / 1_000.0;
    Outcome::Abstained(match ends_within(&spans, share, confidence) {
        EndsWithin::Found(e) => {
            return Outcome::Found(Estimate::new(s(e.point), s(e.low), s(e.high), confidence));
        }
        EndsWithin::TooFewEnd if turns.is_empty() => {
            Abstention::new("nobody wrote", "an export of comments, mentions or messages")
        }
        EndsWithin::TooFewEnd => Abstention::new("too few of those who wrote are answered", LATER),
        EndsWithin::NoUpperEnd => {
            Abstention::new("so few are answered that its interval has no upper end", "more answers")
        }
    })
}

/// Of the turns that are at least a day old, how many were answered within a day and how many there are; and the share.
pub fn answered_within_day(turns: &[Waited], confidence: f64) -> ((u64, u64), Outcome<Estimate>) {
    let old = || turns.iter().filter(|t| t.until.0 - t.at.0 >= DAY_MS);
    let n_old = old().count() as u64;
    let n_soon = old().map(Waited::span).filter(|(ms, is_answered)| *is_answered && *ms <= DAY_MS).count() as u64;
    let share = jeffreys_interval(n_soon, n_old, confidence).filter(|_| n_old > 0);
    let told = share.map_or_else(
        || Outcome::Abstained(Abstention::new("nobody wrote a day or longer before the data end", LATER)),
        Outcome::Found,
    );
    ((n_soon, n_old), told)
}

impl Waited {
    /// How long it lasted in milliseconds, and whether an answer ended it.
    fn span(&self) -> (i64, bool) {
        let (to, is_answered) = self.answered_at.map_or((self.until, false), |at| (at, true));
        ((to.0 - self.at.0).max(0), is_answered)
    }
}

#[cfg(test)]
mod tests {
    use super::{Waited, response_times};
    use crate::calendar::Calendar;
    use crate::time::{DAY_MS, TimeMs};

    fn turn(at: i64, after: Option<i64>) -> Waited {
        Waited { at: TimeMs(at), answered_at: after.map(|a| TimeMs(at + a)), until: TimeMs(100 * DAY_MS) }
    }

    #[test]
    fn who_waits_is_not_left_out() {
        // Of ten, four are answered after an hour each: the median of the answered would be an hour.
        let mut turns: Vec<_> = (0..4).map(|i| turn(i * DAY_MS, Some(3_600_000))).collect();
        turns.extend((4..10).map(|i| turn(i * DAY_MS, None)));
        let (all, weeks) = response_times(&turns, &Calendar::default(), 0.9);
        assert!(all.median_s.found().is_none());
        let within = all.within_day_share.found().expect("a share");
        assert!(within.low < 0.4 && 0.4 < within.high, "{within:?}");
        assert_eq!(weeks.iter().map(|w| (w.first_day.0, w.times.n_turns)).collect::<Vec<_>>(), [(-3, 4), (4, 6)]);
        assert!(response_times(&[], &Calendar::default(), 0.9).0.within_day_share.found().is_none());
    }

    #[test]
    fn times_are_seconds_and_a_turn_of_the_last_day_says_nothing_of_a_day() {
        let mut turns: Vec<_> = (1..=9).map(|hours| turn(0, Some(hours * 3_600_000))).collect();
        turns.push(turn(0, Some(30 * 3_600_000)));
        turns.push(Waited { until: TimeMs(DAY_MS / 2), ..turn(0, None) });
        let (all, _) = response_times(&turns, &Calendar::default(), 0.9);
        assert_eq!((all.n_turns, all.n_answered), (11, 10));
        // By hand: the one that is seen for half a day alone leaves after nine have ended, so that each of these is 1 of 11.
        assert_eq!(all.median_s.found().map(|e| e.point), Some(6.0 * 3_600.0));
        assert_eq!(all.p90_s.found().map(|e| e.point), Some(30.0 * 3_600.0));
        assert!(all.within_day_share.found().is_some_and(|e| (e.point - 0.9).abs() < 1e-12));
    }
}
