//! What buying or removing followers would do to a page over the next weeks, by each mechanism and over all of them.
//!
//! For each mechanism a few hundred strengths are drawn from what is known of it (the priors, or a fit), and with each the page is
//! run forward post by post: bought accounts arrive and drop off, the burden follows the ranker's memory, reach follows the burden.
//! Everything is against the same page left alone. Followers never enter revenue: only engagement does.

use super::fit::{Posterior, SHARE_MAX, Weighted, burden, log_left};
use crate::mechanism::{AUTHOR_LIFT, Mechanism};
use assay_math::{Estimate, Seed, normal_quantile};
use assay_model::synth::Draw;

/// The page as it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PageNow {
    /// Followers, real and bought.
    pub followers: f64,
    /// How many of them are inauthentic.
    pub inauthentic: f64,
    /// The share of real followers that a post reaches, 0..1.
    pub seen_share: f64,
    /// Accounts that a post reaches, where known.
    pub reach: Option<f64>,
    /// Accounts or times that engage with a post, where known.
    pub engaged: Option<f64>,
    /// Posts a week.
    pub posts_per_week: f64,
    /// How many times what it reaches now a post can reach at most, where only followers are reached.
    pub ratio_max: Option<f64>,
}

/// What is done to it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Change {
    /// So many followers are bought at once.
    Buy(f64),
    /// So many inauthentic followers are removed, in so many equal steps, one a fortnight.
    Remove(f64, u32),
}

/// Weeks between two steps of a removal.
pub const WEEKS_PER_STEP: u32 = 2;

/// What is to be foreseen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outlook {
    /// Weeks ahead.
    pub weeks: u32,
    /// What an engagement is worth, in minor units, where told: exact, or with an interval.
    pub value_minor: Option<Estimate>,
    /// Where every draw starts.
    pub seed: Seed,
}

/// A week ahead.
#[derive(Debug, Clone, PartialEq)]
pub struct Week {
    /// From 1; 0 is the page before anything is done.
    pub week: u32,
    /// Followers, real and bought.
    pub followers: Estimate,
    /// Reach of a post over that of the page left alone.
    pub reach_ratio: Estimate,
    /// Accounts that a post reaches, where it is known what it reaches now.
    pub reach: Option<Estimate>,
    /// Engagements of a post, where known for now.
    pub engaged: Option<Estimate>,
    /// Engagements of a post over followers, where known for now.
    pub rate_of_followers: Option<Estimate>,
    /// Revenue of the week in minor units over the page left alone, where an engagement has a value.
    pub revenue_change_minor: Option<Estimate>,
}

/// The weeks ahead by one mechanism.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// Its weight, 0..1.
    pub weight: f64,
    /// The weeks.
    pub weeks: Vec<Week>,
}

/// What would happen.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcomes {
    /// Over all mechanisms, by their weights.
    pub all: Vec<Week>,
    /// By each mechanism.
    pub by_mechanism: Vec<Path>,
    /// Whether the new-author lift of X holds before and after.
    pub author_lift: (bool, bool),
}

/// Strengths drawn for each mechanism.
const DRAWS: usize = 400;

/// What weeks of buying or removing would do. Costs O(weeks · posts a week) for each of 1,600 draws.
pub fn what_if(page: &PageNow, change: Change, known: &Posterior, outlook: &Outlook) -> Outcomes {
    let n_weeks = outlook.weeks as usize + 1;
    let weights = known.families();
    let mut runs: Vec<(Mechanism, f64, Vec<Run>)> = Vec::new();
    let gone = |week: usize| match change {
        Change::Remove(n, steps)
            if (week as u32 - 1).is_multiple_of(WEEKS_PER_STEP) && (week as u32 - 1) / WEEKS_PER_STEP < steps =>
        {
            n / f64::from(steps)
        }
        _ => 0.0,
    };
    let moves = Moves { bought: if let Change::Buy(n) = change { n } else { 0.0 }, gone: &gone };
    for (mechanism, weight) in weights {
        let mut draw = Draw::new(outlook.seed.fork(mechanism.id()));
        let drawn: Vec<Run> =
            (0..DRAWS).filter_map(|_| run(page, moves, known, mechanism, n_weeks, &mut draw)).collect();
        runs.push((mechanism, weight, drawn));
    }
    let weeks = |chosen: &[(Mechanism, f64, Vec<Run>)]| -> Vec<Week> {
        (0..n_weeks).map(|week| summed(page, chosen, week, known, outlook)).collect()
    };
    let by_mechanism = runs
        .iter()
        .filter(|(_, _, drawn)| !drawn.is_empty())
        .map(|one| Path { mechanism: one.0, weight: one.1, weeks: weeks(std::slice::from_ref(one)) })
        .collect();
    let after = match change {
        Change::Buy(n) => page.followers + n,
        Change::Remove(n, _) => (page.followers - n).max(0.0),
    };
    let holds = |followers: f64| AUTHOR_LIFT.holds(followers.round() as u64);
    Outcomes { all: weeks(&runs), by_mechanism, author_lift: (holds(page.followers), holds(after)) }
}

/// A removal in equal steps on the first days of these weeks, from 0: for each mechanism its weight and, for each of a few hundred
/// draws of its strength, the logarithm of reach over that of the page left alone, week by week. Mechanisms that are ruled out are left out.
pub fn staged_removal(
    page: &PageNow,
    n_removed: f64,
    step_weeks: &[u32],
    n_weeks: u32,
    known: &Posterior,
    seed: Seed,
) -> Vec<(Mechanism, f64, Vec<Vec<f64>>)> {
    let gone = |week: usize| {
        // Week 1 of a run is week 0 of the schedule.
        step_weeks.iter().filter(|step| **step as usize + 1 == week).count() as f64 * n_removed
            / step_weeks.len() as f64
    };
    let one = |(mechanism, weight)| {
        let mut draw = Draw::new(seed.fork("staged").fork(Mechanism::id(mechanism)));
        let paths: Vec<Vec<f64>> = (0..DRAWS)
            .filter_map(|_| {
                run(page, Moves { bought: 0.0, gone: &gone }, known, mechanism, n_weeks as usize + 1, &mut draw)
            })
            .map(|run| run.ratio[1..].iter().map(|ratio| ratio.max(1e-9).ln()).collect())
            .collect();
        (mechanism, weight, paths)
    };
    known.families().into_iter().map(one).filter(|(_, _, paths)| !paths.is_empty()).collect()
}

/// What happens to a page: followers bought in the first week, and those removed at the start of each.
#[derive(Clone, Copy)]
struct Moves<'a> {
    bought: f64,
    gone: &'a dyn Fn(usize) -> f64,
}

/// One draw: followers and the ratio of reach, week by week.
struct Run {
    followers: Vec<f64>,
    ratio: Vec<f64>,
}

/// The chance that a bought account drops off in its first week, in each of the next three, and in each after them: made of
/// sellers' own terms, about a tenth in four weeks, as the buys of NATO `StratCom` (2019, 2022) show.
const DROP_OFF: [f64; 3] = [0.04, 0.015, 0.004];

fn run(
    page: &PageNow,
    moves: Moves<'_>,
    known: &Posterior,
    mechanism: Mechanism,
    n_weeks: usize,
    draw: &mut Draw,
) -> Option<Run> {
    let drawn = known.draw(mechanism, draw)?;
    // Sellers differ in how fast their accounts vanish.
    let vanishing = draw.log_normal(1.0, 0.6);
    let real = (page.followers - page.inauthentic).max(0.0);
    let (mut bought, mut held) = (0.0, page.inauthentic);
    let mut felt = drawn.burden;
    let mut alone = drawn.burden;
    let new = 1.0 - 0.5_f64.powf(1.0 / drawn.half_life);
    let burden_of = |fakes: f64| {
        let share = (fakes / (real + fakes).max(1e-9)).clamp(0.0, SHARE_MAX);
        burden(mechanism, share, drawn.activity, page.seen_share)
    };
    let at_once = mechanism == Mechanism::TestThenExpand;
    let mut run = Run { followers: vec![page.followers], ratio: vec![1.0] };
    let mut posts_due = 0.0;
    for week in 1..n_weeks {
        if week == 1 {
            bought = moves.bought;
        }
        held = (held - (moves.gone)(week)).max(0.0);
        posts_due += page.posts_per_week;
        while posts_due >= 1.0 {
            posts_due -= 1.0;
            felt += if at_once { 1.0 } else { new } * (burden_of(held + bought) - felt);
            alone += if at_once { 1.0 } else { new } * (burden_of(page.inauthentic) - alone);
        }
        let ratio = (log_left(mechanism, drawn.theta, felt) - log_left(mechanism, drawn.theta, alone)).exp();
        run.ratio.push(page.ratio_max.map_or(ratio, |most| ratio.min(most.max(1.0))));
        run.followers.push(real + held + bought);
        let hazard = DROP_OFF[usize::from(week > 1) + usize::from(week > 4)];
        bought *= (1.0 - hazard).powf(vanishing);
    }
    Some(run)
}

fn summed(
    page: &PageNow,
    runs: &[(Mechanism, f64, Vec<Run>)],
    week: usize,
    known: &Posterior,
    outlook: &Outlook,
) -> Week {
    let of = |value: &dyn Fn(&Run) -> f64| {
        let mut values = Vec::new();
        for (_, weight, drawn) in runs {
            // A single mechanism has a weight of its own, however small.
            let weight = if runs.len() == 1 { 1.0 } else { *weight };
            values.extend(drawn.iter().map(|run| (value(run), weight / drawn.len() as f64)));
        }
        known.estimate(&Weighted::new(values))
    };
    let engaged = |run: &Run| page.engaged.map(|e| e * run.ratio[week]);
    Week {
        week: week as u32,
        followers: of(&|run| run.followers[week]),
        reach_ratio: of(&|run| run.ratio[week]),
        reach: page.reach.map(|reach| of(&|run| reach * run.ratio[week])),
        engaged: page.engaged.map(|_| of(&|run| engaged(run).unwrap_or(0.0))),
        rate_of_followers: page.engaged.map(|_| of(&|run| engaged(run).unwrap_or(0.0) / run.followers[week].max(1.0))),
        revenue_change_minor: page.engaged.zip(outlook.value_minor).map(|(engaged, value)| {
            let more = |run: &Run| engaged * (run.ratio[week] - 1.0) * page.posts_per_week;
            let mut values = Vec::new();
            for (_, weight, drawn) in runs {
                let weight = if runs.len() == 1 { 1.0 } else { *weight } / drawn.len() as f64;
                for run in drawn {
                    values.extend(worths(&value).map(|worth| (more(run) * worth, weight)));
                }
            }
            known.estimate(&Weighted::new(values))
        }),
    }
}

/// Equally likely values that stand for an estimate; one where it is exact.
fn worths(value: &Estimate) -> impl Iterator<Item = f64> {
    const NODES: usize = 9;
    let n = if value.high > value.low { NODES } else { 1 };
    let z = normal_quantile(0.5 + value.confidence.clamp(0.5, 0.999) / 2.0);
    let sd = (value.high - value.low) / (2.0 * z);
    let point = value.point;
    (0..n).map(move |i| point + sd * normal_quantile((i as f64 + 0.5) / n as f64))
}

#[cfg(test)]
mod tests {
    use super::{Change, Outlook, PageNow, what_if};
    use crate::mechanism::Mechanism;
    use crate::page::fit::{FitOptions, Posterior};
    use assay_math::{Estimate, Seed};

    const OUTLOOK: Outlook = Outlook {
        weeks: 12,
        value_minor: Some(Estimate { point: 50.0, low: 50.0, high: 50.0, confidence: 0.9 }),
        seed: Seed(1),
    };

    fn page(real: f64, inauthentic: f64, engaged: f64) -> PageNow {
        let seen_share = engaged / real;
        let (followers, engaged) = (real + inauthentic, Some(engaged));
        PageNow {
            followers,
            inauthentic,
            seen_share,
            reach: None,
            engaged,
            posts_per_week: 5.0,
            ratio_max: Some(1.0 / seen_share),
        }
    }

    fn known(page: &PageNow) -> Posterior {
        Posterior::before_posts(page.inauthentic / page.followers, page.seen_share, &FitOptions::default())
    }

    /// The worked example: 100 fans of whom 25 engage is 25 %; with 10,000 bought it is 25 of 10,100, 0.2475 %.
    #[test]
    fn the_worked_example() {
        let before = page(100.0, 0.0, 25.0);
        assert_eq!(25.0 / before.followers, 0.25);
        let after = page(100.0, 10_000.0, 25.0);
        assert!((25.0 / after.followers - 0.002_475).abs() < 1e-6);
        let bought = what_if(&before, Change::Buy(10_000.0), &known(&before), &OUTLOOK);
        let path = |m: Mechanism| bought.by_mechanism.iter().find(|p| p.mechanism == m).expect("a path");
        // Ranking for each viewer leaves the 25 as they are.
        let last = &path(Mechanism::PerViewer).weeks[12];
        assert_eq!((last.reach_ratio.low, last.reach_ratio.high), (1.0, 1.0));
        assert_eq!(last.engaged.expect("given").point, 25.0);
        for mechanism in [Mechanism::PerFollower, Mechanism::TestThenExpand] {
            assert!(path(mechanism).weeks[12].reach_ratio.point < 0.15, "{mechanism:?}");
        }
        // Removing all of them restores the 25, for the page as it was after the purchase had its effect.
        let restored = what_if(&after, Change::Remove(10_000.0, 1), &known(&after), &Outlook { weeks: 32, ..OUTLOOK });
        for one in &restored.by_mechanism {
            let back = one.weeks[32].reach_ratio.point;
            let lost = known(&after).strength(one.mechanism).is_some();
            assert!(if lost { back > 1.0 } else { back == 1.0 }, "{:?}: {back}", one.mechanism);
        }
        assert!(bought.author_lift == (true, false));
    }

    /// Removal restores within 5 % after five half-lives: what the ranker still remembers is a thirty-second of the burden.
    #[test]
    fn five_half_lives_after_a_removal_reach_is_back() {
        for (mechanism, theta) in [(Mechanism::PerFollower, 0.8), (Mechanism::PerImpression, 0.35)] {
            let share = 10_000.0 / 10_100.0;
            let felt = super::burden(mechanism, share, 0.3, 0.25);
            let back = super::log_left(mechanism, theta, felt * 0.5_f64.powi(5)).exp();
            let before = super::log_left(mechanism, theta, felt).exp();
            assert!(before < 0.7 && back >= 0.95, "{mechanism:?}: {before} {back}");
        }
    }

    #[test]
    fn more_bought_followers_cost_more_and_none_cost_nothing() {
        let page = page(1_000.0, 0.0, 60.0);
        let at_the_end = |n: f64| what_if(&page, Change::Buy(n), &known(&page), &OUTLOOK).all[12].clone();
        let ratios = [100.0, 1_000.0, 10_000.0].map(|n| at_the_end(n).reach_ratio.low);
        assert!(ratios[0] > ratios[1] && ratios[1] > ratios[2], "{ratios:?}");
        let none = at_the_end(0.0);
        assert_eq!((none.reach_ratio.low, none.reach_ratio.high), (1.0, 1.0));
        assert_eq!(none.revenue_change_minor.expect("a value").point, 0.0);
        // Followers do not enter revenue: with no engagement there is none, however many follow.
        assert!(at_the_end(10_000.0).revenue_change_minor.expect("a value").high <= 0.0);
    }

    /// A value that is not known well makes revenue less sure, and no revenue more.
    #[test]
    fn an_uncertain_value_widens_revenue() {
        let page = page(1_000.0, 0.0, 60.0);
        let revenue = |value_minor| {
            let outlook = Outlook { value_minor: Some(value_minor), ..OUTLOOK };
            let all = what_if(&page, Change::Buy(5_000.0), &known(&page), &outlook).all;
            all[12].revenue_change_minor.expect("a value")
        };
        let exact = revenue(Estimate::new(50.0, 50.0, 50.0, 0.9));
        let vague = revenue(Estimate::new(50.0, 10.0, 90.0, 0.9));
        assert!(vague.low < exact.low && vague.point <= 0.0, "{vague:?} {exact:?}");
    }

    #[test]
    fn the_same_seed_gives_the_same_paths() {
        let page = page(300.0, 0.0, 40.0);
        let once = what_if(&page, Change::Buy(500.0), &known(&page), &OUTLOOK);
        assert_eq!(once, what_if(&page, Change::Buy(500.0), &known(&page), &OUTLOOK));
        assert_eq!(once.author_lift, (true, true));
    }
}
