//! A page against itself: what became of it, and what would have become of it had it bought none, over several seeds.
//!
//! Both runs of a seed meet the same people in the same mood, so that their difference is due to the purchase. An interval is
//! the range from the k-th smallest to the k-th largest of n seeds, which holds the next one's value with the chance
//! (n + 1 - 2k) / (n + 1) whatever their law: a prediction interval for one page, not an error of the mean.

use super::record::Run;
use super::scenario::Scenario;
use assay_math::Estimate;
use assay_model::{Abstention, Outcome};
use serde::Serialize;

/// Days of a window.
const WINDOW_DAYS: u32 = 28;
/// How often intervals hold the next seed's value.
pub(crate) const CONFIDENCE: f64 = 0.9;
/// Fewer seeds than this give no such interval.
pub(crate) const SEEDS_MIN: usize = 19;

/// The page and the same page that bought none, under one seed.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    /// The seed.
    pub seed: u64,
    /// The scenario as it is.
    pub with: Run,
    /// Without its purchases.
    pub without: Run,
}

/// What is measured of a stretch of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// People who see a post, on average over posts.
    PeopleReach,
    /// Accounts that see a post, bought ones among them: what the platform reports.
    Reach,
    /// Engagements of people with a post.
    PeopleEngagements,
    /// All engagements with a post over all followers: the rate that others see.
    RateByFollowers,
    /// All followers, at the end.
    Followers,
    /// Revenue in minor units.
    #[serde(rename = "revenue_minor")]
    Revenue,
}

/// Every measure, its id, its unit, and one plain sentence.
pub const MEASURES: [(Measure, &str, &str, &str); 6] = [
    (Measure::PeopleReach, "people_reach", "people a post", "people who see a post"),
    (Measure::Reach, "reach", "accounts a post", "accounts that see a post, bought ones among them"),
    (Measure::PeopleEngagements, "people_engagements", "engagements a post", "engagements of people with a post"),
    (
        Measure::RateByFollowers,
        "rate_by_followers",
        "share",
        "engagements with a post over all followers, as others see it",
    ),
    (Measure::Followers, "followers", "accounts", "all followers, bought ones among them"),
    (Measure::Revenue, "revenue_minor", "minor units a week", "revenue from engagements of people"),
];

/// A measure over time.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// What is measured.
    pub measure: Measure,
    /// By week, with the purchases.
    pub with: Vec<Outcome<Estimate>>,
    /// By week, without.
    pub without: Vec<Outcome<Estimate>>,
}

/// A window of days and what was measured in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    /// What it is: `before_purchase`, `after_purchase`, `after_removal` or `end`.
    pub id: &'static str,
    /// From this day on.
    pub from: u32,
    /// Until before this day.
    pub to: u32,
    /// By measure: with, without, and with over without.
    pub rows: Vec<(Measure, [Outcome<Estimate>; 3])>,
}

/// The page against itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// Seeds that were run.
    pub n_seeds: usize,
    /// Over weeks; the last one may be short.
    pub series: Vec<Series>,
    /// Before and after what happens.
    pub windows: Vec<Window>,
    /// Revenue over all days less that of the same page that bought none, in minor units.
    pub revenue_change_minor: Outcome<Estimate>,
    /// What was spent on purchases and promotions, in minor units.
    pub spend_minor: Outcome<Estimate>,
}

/// Compares over seeds.
pub fn compare(scenario: &Scenario, pairs: &[Pair]) -> Comparison {
    let weeks: Vec<(u32, u32)> =
        (0..scenario.days.div_ceil(7)).map(|w| (7 * w, (7 * w + 7).min(scenario.days))).collect();
    let over = |run: fn(&Pair) -> &Run, measure, (from, to): (u32, u32)| -> Vec<Option<f64>> {
        pairs.iter().map(|p| value(run(p), measure, from, to)).collect()
    };
    let with: fn(&Pair) -> &Run = |p| &p.with;
    let without: fn(&Pair) -> &Run = |p| &p.without;
    let series = MEASURES
        .iter()
        .map(|&(measure, ..)| Series {
            measure,
            with: weeks.iter().map(|w| spread(&over(with, measure, *w))).collect(),
            without: weeks.iter().map(|w| spread(&over(without, measure, *w))).collect(),
        })
        .collect();
    let windows = windows(scenario)
        .into_iter()
        .map(|(id, from, to)| {
            let row = |&(measure, ..): &(Measure, &str, &str, &str)| {
                let (a, b) = (over(with, measure, (from, to)), over(without, measure, (from, to)));
                let ratio: Vec<Option<f64>> =
                    a.iter().zip(&b).map(|(a, b)| Some((*a)? / (*b).filter(|b| *b > 0.0)?)).collect();
                (measure, [spread(&a), spread(&b), spread(&ratio)])
            };
            Window { id, from, to, rows: MEASURES.iter().map(row).collect() }
        })
        .collect();
    let total = |run: &Run| run.days.iter().map(|d| d.revenue_minor).sum::<f64>();
    let change: Vec<Option<f64>> = pairs.iter().map(|p| Some(total(&p.with) - total(&p.without))).collect();
    let spend: Vec<Option<f64>> =
        pairs.iter().map(|p| Some(p.with.days.iter().map(|d| d.spend_minor).sum::<f64>())).collect();
    Comparison {
        n_seeds: pairs.len(),
        series,
        windows,
        revenue_change_minor: spread(&change),
        spend_minor: spread(&spend),
    }
}

/// The windows that tell before from after.
fn windows(scenario: &Scenario) -> Vec<(&'static str, u32, u32)> {
    let last = |to: u32, from: u32| (to.saturating_sub(WINDOW_DAYS).max(from), to);
    let Some(bought) = scenario.buy.iter().map(|b| b.day).min() else {
        let (from, to) = last(scenario.days, 0);
        return vec![("end", from, to)];
    };
    let removed = scenario.remove.iter().map(|r| r.day).filter(|d| *d > bought).min();
    let (before, after) = (last(bought, 0), last(removed.unwrap_or(scenario.days), bought));
    let mut windows = Vec::new();
    if before.0 < before.1 {
        windows.push(("before_purchase", before.0, before.1));
    }
    windows.push(("after_purchase", after.0, after.1));
    if let Some(removed) = removed {
        let end = last(scenario.days, removed);
        windows.push(("after_removal", end.0, end.1));
    }
    windows
}

/// A measure of one run over days; nothing where there is nothing to measure.
pub(crate) fn value(run: &Run, measure: Measure, from: u32, to: u32) -> Option<f64> {
    let within = |day: u32| (from..to).contains(&day);
    let posts = || run.posts.iter().filter(|p| within(p.day));
    let mean = |of: fn(&super::record::PostRow) -> f64| {
        let n = posts().count();
        (n > 0).then(|| posts().map(of).sum::<f64>() / n as f64)
    };
    match measure {
        Measure::PeopleReach => mean(|p| p.people_reach as f64),
        Measure::Reach => mean(|p| p.reach as f64),
        Measure::PeopleEngagements => mean(|p| p.people_engagements as f64),
        Measure::RateByFollowers => {
            let followers: u64 = posts().map(|p| p.followers).sum();
            (followers > 0).then(|| posts().map(|p| p.engagements as f64).sum::<f64>() / followers as f64)
        }
        Measure::Followers => run.days.iter().rfind(|d| within(d.day)).map(|d| d.followers() as f64),
        Measure::Revenue => {
            let days = run.days.iter().filter(|d| within(d.day));
            Some(days.map(|d| d.revenue_minor).sum::<f64>() * 7.0 / f64::from(to - from).max(1.0))
        }
    }
}

/// The middle of the seeds' values and the range that holds the next.
fn spread(values: &[Option<f64>]) -> Outcome<Estimate> {
    let mut known: Vec<f64> = values.iter().flatten().copied().collect();
    if known.len() < values.len() {
        return Outcome::Abstained(Abstention::new(
            "no posts or no followers in these days under some seed",
            "more posts a day, or a longer window",
        ));
    }
    if known.len() < SEEDS_MIN {
        return Outcome::Abstained(Abstention::new(
            format!("{} seeds give no interval that holds nine of ten", known.len()),
            format!("--seeds {SEEDS_MIN} or more"),
        ));
    }
    known.sort_by(f64::total_cmp);
    let n = known.len();
    let k = ((n + 1) as f64 * (1.0 - CONFIDENCE) / 2.0 + 1e-9) as usize;
    let middle = 0.5 * (known[(n - 1) / 2] + known[n / 2]);
    Outcome::Found(Estimate::new(middle, known[k - 1], known[n - k], CONFIDENCE))
}

#[cfg(test)]
mod tests {
    use super::{spread, windows};
    use crate::feed::scenario::{Removal, Scenario};

    #[test]
    fn an_interval_leaves_one_in_twenty_on_each_side() {
        let values = |n: u32| (0..n).map(|i| Some(f64::from(i))).collect::<Vec<_>>();
        assert!(spread(&values(18)).found().is_none());
        let e = *spread(&values(19)).found().expect("19 seeds");
        assert_eq!((e.low, e.point, e.high), (0.0, 9.0, 18.0));
        let e = *spread(&values(99)).found().expect("99 seeds");
        assert_eq!((e.low, e.point, e.high), (4.0, 49.0, 94.0));
        assert!(spread(&[Some(1.0), None]).found().is_none());
    }

    #[test]
    fn windows_stand_before_and_after() {
        let mut scenario: Scenario = Scenario { days: 200, ..Scenario::default() };
        assert_eq!(windows(&scenario), [("end", 172, 200)]);
        scenario.buy = vec![crate::feed::tests::buy(60, 100, 0.0)];
        assert_eq!(windows(&scenario), [("before_purchase", 32, 60), ("after_purchase", 172, 200)]);
        scenario.remove = vec![Removal { day: 120, share: 1.0, steps: 1, every_days: 1, mistaken_share: 0.0 }];
        assert_eq!(windows(&scenario)[1..], [("after_purchase", 92, 120), ("after_removal", 172, 200)]);
        scenario.buy[0].day = 0;
        scenario.remove.clear();
        assert_eq!(windows(&scenario), [("after_purchase", 172, 200)]);
    }
}
