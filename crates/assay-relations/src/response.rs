//! How soon a page answers.
//!
//! A turn is a word of somebody, or several in a row, until the page answers. Turns without an answer are not left out: they have
//! waited for as long as the data go, and the times are those of Kaplan and Meier (1958, "Nonparametric Estimation from Incomplete
//! Observations"). Intervals of the median and of the 90th percentile are those of Brookmeyer and Crowley (1982, "A Confidence
//! Interval for the Median Survival Time") on the scale log(-log). The share that was answered within a day is of turns that are at
//! least a day old, with Jeffreys' interval.
//!
//! Limits: turns of one person are taken as independent, so that intervals of few busy people are too narrow; an answer that is in
//! no export counts as none, so that times are too long where exports of the page's own words are older than those of others.

use assay_math::{Estimate, jeffreys_interval, normal_quantile};
use assay_model::{Abstention, Calendar, DAY_MS, Day, Outcome, TimeMs, Turn};

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

/// How soon turns are answered, in all and by the week in which they began. Beside each turn stands how far the data go for it.
pub fn response_times(
    turns: &[(Turn, TimeMs)],
    calendar: &Calendar,
    confidence: f64,
) -> (ResponseTimes, Vec<WeekOfTurns>) {
    let mut by_week: Vec<(Day, (Turn, TimeMs))> =
        turns.iter().map(|t| (calendar.week(calendar.day(t.0.at)), *t)).collect();
    by_week.sort_by_key(|(week, (turn, until))| (*week, turn.at, *until, turn.answered_at));
    let weeks = by_week.chunk_by(|a, b| a.0 == b.0).map(|week| {
        let own: Vec<_> = week.iter().map(|w| w.1).collect();
        WeekOfTurns { first_day: week[0].0, times: times(&own, confidence) }
    });
    (times(turns, confidence), weeks.collect())
}

fn times(turns: &[(Turn, TimeMs)], confidence: f64) -> ResponseTimes {
    let answered = turns.iter().filter(|(t, _)| t.answered_at.is_some()).count() as u64;
    let spans: Vec<(i64, bool)> = turns.iter().map(|&(turn, until)| span(turn, until)).collect();
    let old: Vec<bool> = turns
        .iter()
        .zip(&spans)
        .filter(|((t, until), _)| until.0 - t.at.0 >= DAY_MS)
        .map(|(_, s)| s.1 && s.0 <= DAY_MS)
        .collect();
    let soon = old.iter().filter(|is_soon| **is_soon).count() as u64;
    let within = jeffreys_interval(soon, old.len() as u64, confidence).filter(|_| !old.is_empty());
    ResponseTimes {
        n_turns: turns.len() as u64,
        n_answered: answered,
        median_s: percentile(&spans, 0.5, confidence),
        p90_s: percentile(&spans, 0.9, confidence),
        within_day_share: within.map_or_else(
            || Outcome::Abstained(Abstention::new("nobody wrote a day or longer before the data end", LATER)),
            Outcome::Found,
        ),
    }
}

const LATER: &str = "a later export of what people and the page said";

/// How long a turn lasted in milliseconds, and whether an answer ended it.
fn span(turn: Turn, until: TimeMs) -> (i64, bool) {
    let (to, is_answered) = turn.answered_at.map_or((until, false), |at| (at, true));
    ((to.0 - turn.at.0).max(0), is_answered)
}

/// The time by which a share of the turns is answered.
fn percentile(spans: &[(i64, bool)], share: f64, confidence: f64) -> Outcome<Estimate> {
    let mut sorted = spans.to_vec();
    // Whoever is answered at a time was still waiting then, as was who is seen no longer.
    sorted.sort_unstable_by_key(|&(ms, is_answered)| (ms, !is_answered));
    let z = normal_quantile(f64::midpoint(confidence, 1.0));
    let (mut left, mut greenwood) = (1.0_f64, 0.0_f64);
    let mut at_risk = sorted.len() as f64;
    let wanted = 1.0 - share;
    let (mut point, mut low, mut high) = (None, None, None);
    for group in sorted.chunk_by(|a, b| a.0 == b.0) {
        let ended = group.iter().filter(|s| s.1).count() as f64;
        if ended > 0.0 {
            left *= 1.0 - ended / at_risk;
            greenwood += ended / (at_risk * (at_risk - ended));
            let (lower, upper) = band(left, greenwood, z);
            let s = group[0].0 as f64 / 1_000.0;
            // Sums of shares such as 1 - 0.9 are off by less than this.
            let reaches = |x: f64| x <= wanted + 1e-9;
            for (found, x) in [(&mut low, lower), (&mut point, left), (&mut high, upper)] {
                if found.is_none() && reaches(x) {
                    *found = Some(s);
                }
            }
        }
        at_risk -= group.len() as f64;
    }
    match (point, low, high) {
        (Some(point), Some(low), Some(high)) => Outcome::Found(Estimate::new(point, low, high, confidence)),
        (None, ..) => Outcome::Abstained(Abstention::new(
            if spans.is_empty() { "nobody wrote" } else { "too few of those who wrote are answered" },
            if spans.is_empty() { "an export of comments, mentions or messages" } else { LATER },
        )),
        _ => Outcome::Abstained(Abstention::new(
            "so few are answered that its interval has no upper end",
            "more answers",
        )),
    }
}

/// The ends of the interval of a share that is left, on the scale log(-log).
fn band(left: f64, greenwood: f64, z: f64) -> (f64, f64) {
    if left <= 0.0 {
        return (0.0, 0.0);
    }
    let width = z * greenwood.sqrt() / left.ln().abs();
    (left.powf(width.exp()), left.powf((-width).exp()))
}

#[cfg(test)]
mod tests {
    use super::response_times;
    use assay_model::{Calendar, DAY_MS, TimeMs, Turn};

    fn turn(at: i64, after: Option<i64>) -> (Turn, TimeMs) {
        (Turn { at: TimeMs(at), answered_at: after.map(|a| TimeMs(at + a)) }, TimeMs(100 * DAY_MS))
    }

    /// Remission of leukemia, 6-MP arm (Freireich and others 1963), weeks as seconds: the times of somebody else's program.
    /// `pip install lifelines==0.30.3; KaplanMeierFitter().fit(t, e); median_survival_time_; median_survival_times(confidence_interval_)`
    #[test]
    fn unanswered_turns_count_as_they_do_elsewhere() {
        let events = [6, 6, 6, 7, 10, 13, 16, 22, 23];
        let censored = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35];
        let mut turns: Vec<(Turn, TimeMs)> = Vec::new();
        turns.extend(events.map(|s| (Turn { at: TimeMs(0), answered_at: Some(TimeMs(s * 1_000)) }, TimeMs(99_000))));
        turns.extend(censored.map(|s| (Turn { at: TimeMs(0), answered_at: None }, TimeMs(s * 1_000))));
        let (all, _) = response_times(&turns, &Calendar::default(), 0.95);
        assert_eq!((all.n_turns, all.n_answered), (21, 9));
        // The median is 23, and its interval has no upper end.
        assert!(all.median_s.found().is_none() && all.p90_s.found().is_none());
        let placebo = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23];
        let turns = placebo.map(|s| (Turn { at: TimeMs(0), answered_at: Some(TimeMs(s * 1_000)) }, TimeMs(99_000)));
        let median = *response_times(&turns, &Calendar::default(), 0.95).0.median_s.found().expect("a median");
        assert_eq!((median.point, median.low, median.high), (8.0, 4.0, 11.0));
        // Some of them seen no longer: `fit(placebo, seen)`, `percentile(0.1)`, `qth_survival_times(0.1, …)`.
        let seen = [1, 0, 1, 1, 1, 0, 1, 1, 1, 1, 1, 1, 0, 1, 1, 1, 0, 1, 1, 1, 1];
        let turns: Vec<(Turn, TimeMs)> = placebo
            .iter()
            .zip(seen)
            .map(|(&s, seen)| {
                let until = TimeMs(s * 1_000);
                (Turn { at: TimeMs(0), answered_at: (seen == 1).then_some(until) }, until)
            })
            .collect();
        let all = response_times(&turns, &Calendar::default(), 0.95).0;
        let told = |e: &assay_model::Outcome<assay_math::Estimate>| e.found().map(|e| (e.point, e.low, e.high));
        assert_eq!(told(&all.median_s), Some((8.0, 5.0, 15.0)));
        assert_eq!(told(&all.p90_s), Some((22.0, 15.0, 23.0)));
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
}
