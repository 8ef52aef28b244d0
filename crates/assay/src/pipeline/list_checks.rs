//! What a list says of itself that its reader must know: repeats, contradictions, signs that it was cut off.

use crate::report::Warning;
use assay_model::{DayCount, Page, PageFacts};

/// Periods that Instagram and Facebook offer for an export, in days, and how they call them.
const PERIODS: [(i64, &str); 5] =
    [(30, "month"), (91, "three months"), (182, "six months"), (365, "year"), (3 * 365 + 1, "three years")];
/// How many days the oldest follow may lie from the edge of a period: months differ by three days, and the day of the
/// export is known to a day.
const PERIOD_SLACK_DAYS: f64 = 3.0;
/// The fewest follows that an edge can be read from.
const PERIOD_FOLLOWS_MIN: usize = 20;
/// Programs that page through a platform's API end at round numbers; lists of other lengths are round once in a thousand.
const ROUND_ROWS: u64 = 1_000;
/// Shorter lists are round too often for a warning.
const ROUND_ROWS_MIN: u64 = 3_000;

/// Begins the note by which importers name the columns they leave out.
const UNKNOWN_COLUMNS: &str = "columns that assay does not know";

/// A note of an importer, or of the ordering, as a warning: a sentence.
pub(super) fn note(text: &str) -> Warning {
    let id = if text.starts_with(UNKNOWN_COLUMNS) { "unknown-columns" } else { "reading-note" };
    let mut letters = text.chars();
    let first: String = letters.next().map(|c| c.to_uppercase().collect()).unwrap_or_default();
    Warning { id, text: format!("{first}{}.", letters.as_str()) }
}

/// Warns where inputs speak of more than one page.
pub(super) fn other_pages(facts: &PageFacts, others: &[String]) -> Option<Warning> {
    let first = facts.handle.as_deref()?;
    (!others.is_empty()).then(|| Warning {
        id: "several-pages",
        text: format!(
            "The inputs name more than one page ({first}, {}) and were read as one; audit each page by itself.",
            others.join(", ")
        ),
    })
}

/// One entry a day, in order of days. Entries of one day complete each other; where they contradict, the later one holds.
pub(super) fn one_entry_a_day(mut daily: Vec<DayCount>) -> (Vec<DayCount>, Option<Warning>) {
    daily.sort_by_key(|count| count.day);
    let mut n_contradicting = 0_u64;
    let mut days: Vec<DayCount> = Vec::with_capacity(daily.len());
    for count in daily {
        match days.last_mut().filter(|last| last.day == count.day) {
            None => days.push(count),
            Some(last) => {
                let differs = |a: Option<u32>, b: Option<u32>| a.is_some() && b.is_some() && a != b;
                n_contradicting +=
                    u64::from(differs(last.follows, count.follows) || differs(last.unfollows, count.unfollows));
                last.follows = count.follows.or(last.follows);
                last.unfollows = count.unfollows.or(last.unfollows);
                last.paid = count.paid.or(last.paid);
                last.auto_invited = count.auto_invited.or(last.auto_invited);
            }
        }
    }
    let warning = (n_contradicting > 0).then(|| Warning {
        id: "contradicting-days",
        text: format!("{n_contradicting} days have more than one count in the inputs; the last one met was taken."),
    });
    (days, warning)
}

/// Signs that the list does not reach back to the first follower, or leaves rows out.
pub(super) fn truncation(page: &Page, format: &str) -> Vec<Warning> {
    [short_of_manifest(page), cut_at_a_period(page, format), round_length(page)].into_iter().flatten().collect()
}

fn short_of_manifest(page: &Page) -> Option<Warning> {
    let rows = page.audience.len() as u64 + page.facts.n_rejected;
    page.facts.followers_expected.filter(|expected| *expected > rows).map(|expected| Warning {
        id: "truncated-export",
        text: format!(
            "The export says it holds {expected} followers, and {rows} rows were found: \
             the answer is about those alone. Ask the platform for the export again, and give all of its parts."
        ),
    })
}

fn cut_at_a_period(page: &Page, format: &str) -> Option<Warning> {
    if !(format.starts_with("instagram") || format.starts_with("facebook")) || !page.audience.quality().is_timed() {
        return None;
    }
    let times = || page.audience.followed_at.iter().flatten();
    let n = times().count();
    let (oldest, newest) = (times().min()?, times().max()?);
    if n < PERIOD_FOLLOWS_MIN {
        return None;
    }
    let made = page.facts.exported_at.unwrap_or(newest);
    let reach = made.days_since(oldest);
    // Follows come every so often: the oldest one within the period lies about one gap inside its edge.
    let gap = newest.days_since(oldest) / (n - 1) as f64;
    let (_, name) = PERIODS
        .into_iter()
        .find(|(days, _)| (reach - *days as f64).abs() <= PERIOD_SLACK_DAYS.max(2.0 * gap.min(7.0)))?;
    let since = if page.facts.exported_at.is_some() { "the export was made" } else { "the newest one" };
    Some(Warning {
        id: "maybe-date-range",
        text: format!(
            "The oldest follow lies almost exactly one period that the platform offers ({name}) before {since}, so older \
             followers may be missing: the answer is about the followers listed. An export for \"all time\" would settle it."
        ),
    })
}

fn round_length(page: &Page) -> Option<Warning> {
    let rows = page.audience.len() as u64 + page.facts.n_rejected;
    (page.facts.followers_expected.is_none() && rows >= ROUND_ROWS_MIN && rows.is_multiple_of(ROUND_ROWS)).then(|| {
        Warning {
            id: "maybe-row-limit",
            text: format!(
                "The list holds exactly {rows} followers, a number at which programs and platforms stop: \
             older followers may be missing, and the answer is about those listed."
            ),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::{note, one_entry_a_day, truncation};
    use assay_model::{
        Audience, DAY_MS, Day, DayCount, Follow, ListOrder, Page, PageFacts, RowRef, TimeMs, TimeQuality, arrange,
    };

    #[test]
    fn notes_become_sentences() {
        assert_eq!(note("times without a zone were taken as UTC").text, "Times without a zone were taken as UTC.");
        assert_eq!(note("columns that assay does not know were ignored: `x`").id, "unknown-columns");
    }

    #[test]
    fn days_complete_each_other() {
        let count = |day, follows, unfollows| DayCount {
            day: Day(day),
            follows,
            unfollows,
            paid: None,
            auto_invited: None,
            source: RowRef::default(),
        };
        let (days, warning) =
            one_entry_a_day(vec![count(2, Some(5), None), count(1, Some(1), None), count(2, None, Some(3))]);
        assert_eq!(days, [count(1, Some(1), None), count(2, Some(5), Some(3))]);
        assert!(warning.is_none());
        let (days, warning) = one_entry_a_day(vec![count(2, Some(5), None), count(2, Some(6), None)]);
        assert_eq!(days, [count(2, Some(6), None)]);
        assert!(warning.is_some());
    }

    fn spread(n: usize, days: i64, facts: PageFacts) -> Page {
        let mut list = Audience::default();
        for i in 0..n {
            let at = days * DAY_MS * i as i64 / (n as i64 - 1);
            list.push(&Follow { followed_at: Some(TimeMs(at)), ..Follow::default() });
        }
        Page { audience: arrange(list, ListOrder::Stated, TimeQuality::Exact).audience, facts, ..Page::default() }
    }

    fn ids(page: &Page) -> Vec<&'static str> {
        truncation(page, "instagram").into_iter().map(|w| w.id).collect()
    }

    #[test]
    fn signs_of_a_cut_list() {
        assert!(ids(&spread(801, 800, PageFacts::default())).is_empty());
        assert_eq!(ids(&spread(801, 365, PageFacts::default())), ["maybe-date-range"]);
        let made_on = |day| PageFacts { exported_at: Some(TimeMs(day * DAY_MS)), ..PageFacts::default() };
        assert!(ids(&spread(801, 365, made_on(380))).is_empty());
        assert_eq!(ids(&spread(801, 360, made_on(366))), ["maybe-date-range"]);
        assert_eq!(ids(&spread(5_000, 800, PageFacts::default())), ["maybe-row-limit"]);
        let followers_expected = Some(900);
        assert_eq!(
            ids(&spread(801, 800, PageFacts { followers_expected, ..PageFacts::default() })),
            ["truncated-export"]
        );
        assert!(truncation(&spread(801, 365, PageFacts::default()), "table").is_empty());
    }
}
