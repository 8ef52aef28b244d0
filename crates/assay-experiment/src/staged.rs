//! Something that is taken away in steps and cannot be put back, such as the bought followers of a page: the weeks of the steps are
//! drawn among all schedules that could have been, and what came is held against every other.
//!
//! 1. A schedule names the weeks on whose first day a step happens: none in the first and last weeks, none close behind another.
//!    One of all such schedules is drawn, each as likely as any other.
//! 2. A week's value is the mean of the logarithms of its posts. The same days at the start of every week are held out, so
//!    that what a ranker still remembers right behind a step is not read as what it does.
//! 3. The estimate is the slope of these values on the share that is gone, 0 to 1: what all steps together change, as a logarithm. It
//!    is fitted by generalised least squares, for posts that scatter about a level that wanders (Harvey 1989, *Forecasting, Structural Time
//!    Series Models*: the local level), whose two variances are taken from the posts before.
//! 4. Its p-value is the share of schedules with as large a slope over its error, among all that could have been drawn (Edgington
//!    1975; Onghena 1992, "Randomization tests for extensions and variations of ABAB single-case experimental designs"). That holds
//!    whatever the weeks do by themselves: the variances decide how much is found and not how often it is found falsely. The interval is
//!    what is not refused when it is taken off.
//!
//! Limits: nothing is put back, so that whatever else happens in just the weeks of the steps is read as theirs; the
//! effect is taken to be in proportion to the share that is gone, and an effect that builds up over weeks is found too small.

use crate::inversion;
use assay_math::Seed;
use assay_model::synth::Draw;

/// Weeks before the first step and behind the last.
pub const EDGE_WEEKS: u32 = 2;
/// Weeks from one step to the next, at least.
pub const GAP_WEEKS: u32 = 2;
/// Schedules that are gone through: steps lie further apart where there would be more.
const SCHEDULES_MAX: f64 = 20_000.0;
/// Schedules that a detectable effect is worked out with.
const SCHEDULES_TRIED: usize = 600;
/// Made series that a detectable effect is worked out with.
const SERIES: u64 = 300;
/// What 1 less a confidence may be off by.
const ROUNDING: f64 = 1e-9;
/// The largest effect that is looked for, as a logarithm: twenty times.
const EFFECT_MAX: f64 = 3.0;

/// The schedules that could be drawn.
#[derive(Debug, Clone, PartialEq)]
pub struct Schedules {
    /// Weeks in all.
    pub n_weeks: u32,
    /// Weeks between two steps at least.
    pub gap_weeks: u32,
    /// The weeks of the steps, from 0, in the order of their numbers. Never empty.
    pub all: Vec<Vec<u32>>,
}

/// How the weeks of a series scatter, in squared logarithms.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Scatter {
    /// Variance of a post about its week's level.
    pub post: f64,
    /// Variance of a week's level about that of the week before.
    pub level: f64,
}

/// A week that was measured.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StagedWeek {
    /// Its number, from 0.
    pub week: u32,
    /// Mean logarithm of its posts.
    pub value: f64,
    /// Posts.
    pub n_posts: f64,
}

/// A reading of steps.
#[derive(Debug, Clone, PartialEq)]
pub struct StagedReading {
    /// What all steps together change, as a logarithm.
    pub effect: f64,
    /// Lowest effect that is not refused; `None` where none is refused.
    pub low: Option<f64>,
    /// Highest.
    pub high: Option<f64>,
    /// The standard error by the model of the weeks.
    pub error: f64,
    /// Two-sided.
    pub p_value: f64,
    /// The smallest p-value that the schedules allow.
    pub floor: f64,
    /// Schedules held against.
    pub n_schedules: usize,
}

impl Schedules {
    /// All schedules of so many steps in so many weeks. `None` where there is none.
    pub fn new(n_weeks: u32, n_steps: u32) -> Option<Self> {
        let mut gap_weeks = GAP_WEEKS;
        loop {
            let count = n_schedules(n_weeks, n_steps, gap_weeks);
            if count < 1.0 || n_steps == 0 {
                return None;
            }
            if count <= SCHEDULES_MAX {
                break;
            }
            gap_weeks += 1;
        }
        let mut all = Vec::new();
        let mut here = Vec::new();
        lay(n_weeks, n_steps, gap_weeks, &mut here, &mut all);
        Some(Self { n_weeks, gap_weeks, all })
    }

    /// The smallest p-value that they allow.
    pub fn floor(&self) -> f64 {
        1.0 / self.all.len() as f64
    }

    /// Whether they allow a p-value of at most alpha.
    pub fn allow(&self, alpha: f64) -> bool {
        self.floor() <= alpha + ROUNDING
    }

    /// The one that falls to a place in 0..1.
    pub fn at(&self, place: f64) -> &[u32] {
        &self.all[((place * self.all.len() as f64) as usize).min(self.all.len() - 1)]
    }
}

/// `C(free, steps)`, where each step but the last takes its gap with it.
fn n_schedules(n_weeks: u32, n_steps: u32, gap: u32) -> f64 {
    let taken = 2 * EDGE_WEEKS + n_steps.saturating_sub(1) * (gap - 1);
    let Some(free) = (n_weeks + 1).checked_sub(taken) else { return 0.0 };
    if free < n_steps {
        return 0.0;
    }
    (0..n_steps).fold(1.0, |c, i| c * f64::from(free - i) / f64::from(i + 1)).round()
}

fn lay(n_weeks: u32, n_left: u32, gap: u32, here: &mut Vec<u32>, all: &mut Vec<Vec<u32>>) {
    if n_left == 0 {
        all.push(here.clone());
        return;
    }
    let first = here.last().map_or(EDGE_WEEKS, |week| week + gap);
    // Behind this step come the others with their gaps, then the weeks at the end.
    let last = n_weeks.saturating_sub(EDGE_WEEKS + (n_left - 1) * gap);
    for week in first..=last {
        here.push(week);
        lay(n_weeks, n_left - 1, gap, here, all);
        here.pop();
    }
}

/// The share that is gone in a week, 0..1, in equal steps.
pub fn gone_share(schedule: &[u32], week: u32) -> f64 {
    schedule.iter().filter(|step| **step <= week).count() as f64 / schedule.len() as f64
}

impl Scatter {
    /// From posts in their order: the week of each and its logarithm. `None` with fewer than eight weeks that have posts, or with posts
    /// that are all alike.
    ///
    /// The variance of a post is half the mean squared difference of neighbours (von Neumann 1941), which a slow drift leaves alone;
    /// the level's is what weeks' means differ by beyond it.
    pub fn of_posts(posts: &[(i64, f64)]) -> Option<Self> {
        let mut weeks: Vec<(i64, f64, f64)> = Vec::new();
        for (week, value) in posts {
            match weeks.last_mut() {
                Some(last) if last.0 == *week => {
                    last.1 += value;
                    last.2 += 1.0;
                }
                _ => weeks.push((*week, *value, 1.0)),
            }
        }
        if weeks.len() < WEEKS_BEFORE {
            return None;
        }
        let steps = posts.windows(2).map(|p| (p[1].1 - p[0].1).powi(2));
        let post = steps.sum::<f64>() / 2.0 / (posts.len() - 1) as f64;
        let (mut beyond, mut over) = (0.0, 0.0);
        for pair in weeks.windows(2) {
            let apart = pair[1].1 / pair[1].2 - pair[0].1 / pair[0].2;
            beyond += apart * apart - post * (1.0 / pair[0].2 + 1.0 / pair[1].2);
            over += (pair[1].0 - pair[0].0) as f64;
        }
        (post > 0.0).then_some(Self { post, level: (beyond / over).max(0.0) })
    }
}

/// Weeks with posts from which scatter is told.
pub const WEEKS_BEFORE: usize = 8;

/// The weights that make of the weeks' values what chance leaves of them: the inverse covariance, less what the first level takes up.
struct Weighing {
    weeks: Vec<u32>,
    /// Row by row.
    rows: Vec<f64>,
}

impl Weighing {
    fn new(weeks: &[(u32, f64)], scatter: &Scatter) -> Self {
        let n = weeks.len();
        let first = weeks.first().map_or(0, |w| w.0);
        let mut covariance = vec![0.0; n * n];
        for (i, (a, n_posts)) in weeks.iter().enumerate() {
            for (j, (b, _)) in weeks.iter().enumerate() {
                covariance[i * n + j] = scatter.level * f64::from(a.min(b) - first);
            }
            covariance[i * n + i] += scatter.post / n_posts.max(1e-9);
        }
        let inverse = inverted(covariance, n);
        let sums: Vec<f64> = (0..n).map(|i| inverse[i * n..(i + 1) * n].iter().sum()).collect();
        let total: f64 = sums.iter().sum();
        let rows = (0..n * n).map(|k| inverse[k] - sums[k / n] * sums[k % n] / total).collect();
        Self { weeks: weeks.iter().map(|w| w.0).collect(), rows }
    }

    /// What makes the slope of a schedule over its error of the weeks' values; and one over the error. `None` where the schedule does
    /// not change within the weeks.
    fn contrast(&self, schedule: &[u32]) -> Option<(Vec<f64>, f64)> {
        let n = self.weeks.len();
        let gone: Vec<f64> = self.weeks.iter().map(|week| gone_share(schedule, *week)).collect();
        let weighted: Vec<f64> = self.rows.chunks(n).map(|row| dot(row, &gone)).collect();
        let information = dot(&weighted, &gone);
        (information > 1e-12).then(|| {
            let root = information.sqrt();
            (weighted.into_iter().map(|w| w / root).collect(), root)
        })
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The inverse of a positive definite matrix, by Gauss and Jordan without pivots.
fn inverted(mut a: Vec<f64>, n: usize) -> Vec<f64> {
    let mut inverse = vec![0.0; n * n];
    (0..n).for_each(|i| inverse[i * n + i] = 1.0);
    for k in 0..n {
        let pivot = a[k * n + k];
        for j in 0..n {
            a[k * n + j] /= pivot;
            inverse[k * n + j] /= pivot;
        }
        for i in (0..n).filter(|i| *i != k) {
            let factor = a[i * n + k];
            if factor == 0.0 {
                continue;
            }
            for j in 0..n {
                a[i * n + j] -= factor * a[k * n + j];
                inverse[i * n + j] -= factor * inverse[k * n + j];
            }
        }
    }
    inverse
}

/// What the estimate would be for each of several series of values, on weeks (their numbers, and how many posts each has) of one schedule; and
/// its standard error. `None` where the schedule does not change within the weeks.
pub fn slopes(
    weeks: &[(u32, f64)],
    schedule: &[u32],
    scatter: &Scatter,
    series: &[Vec<f64>],
) -> Option<(Vec<f64>, f64)> {
    let (contrast, root) = Weighing::new(weeks, scatter).contrast(schedule)?;
    Some((series.iter().map(|values| dot(&contrast, values) / root).collect(), 1.0 / root))
}

/// Reads the weeks of a schedule that was drawn. Costs O(schedules · weeks).
///
/// `None` if fewer than four weeks were measured or no step lies among them.
pub fn read_staged(
    weeks: &[StagedWeek],
    schedule: &[u32],
    schedules: &Schedules,
    scatter: &Scatter,
    confidence: f64,
) -> Option<StagedReading> {
    if weeks.len() < 4 {
        return None;
    }
    let places: Vec<(u32, f64)> = weeks.iter().map(|w| (w.week, w.n_posts)).collect();
    let weighing = Weighing::new(&places, scatter);
    let (here, root) = weighing.contrast(schedule)?;
    let values: Vec<f64> = weeks.iter().map(|w| w.value).collect();
    let gone: Vec<f64> = weeks.iter().map(|w| gone_share(schedule, w.week)).collect();
    let others: Vec<(f64, f64)> = (schedules.all.iter())
        .map(|other| weighing.contrast(other).map_or((0.0, 0.0), |(z, _)| (dot(&z, &values), dot(&z, &gone))))
        .collect();
    let (at_none, per_effect) = (dot(&here, &values), dot(&here, &gone));
    let p_of = |effect: f64| share_as_far(&others, at_none - effect * per_effect, effect);
    let estimate = at_none / root;
    // A p-value of just alpha refuses, however 1 less the confidence is rounded.
    let alpha = 1.0 - confidence + ROUNDING;
    let (least, most) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, m), v| (l.min(*v), m.max(*v)));
    let far = 20.0 * (most - least).max(f64::MIN_POSITIVE);
    let end = |side: f64| inversion::end(estimate, side * far, alpha, p_of);
    Some(StagedReading {
        effect: estimate,
        low: end(-1.0),
        high: end(1.0),
        error: 1.0 / root,
        p_value: p_of(0.0),
        floor: schedules.floor(),
        n_schedules: schedules.all.len(),
    })
}

/// The share of schedules with a slope over error at least as far from 0 when an effect is taken off.
fn share_as_far(others: &[(f64, f64)], here: f64, effect: f64) -> f64 {
    let far = here.abs() * (1.0 - 1e-9);
    others.iter().filter(|(at_none, per_effect)| (at_none - effect * per_effect).abs() >= far).count() as f64
        / others.len() as f64
}

/// What an experiment is to keep to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Level {
    /// The chance to find an effect where there is none.
    pub alpha: f64,
    /// The chance to find one that there is.
    pub power: f64,
}

/// The smallest effect, as a logarithm, that is found with the power asked for, over schedules and made weeks of this scatter. `None` where not even
/// twenty times as much would be found.
pub fn detectable(
    schedules: &Schedules,
    scatter: &Scatter,
    posts_per_week: f64,
    level: &Level,
    seed: Seed,
) -> Option<f64> {
    let weeks: Vec<(u32, f64)> = (0..schedules.n_weeks).map(|week| (week, posts_per_week)).collect();
    let weighing = Weighing::new(&weeks, scatter);
    let step = schedules.all.len().div_ceil(SCHEDULES_TRIED);
    let tried: Vec<(&Vec<u32>, Vec<f64>)> = (schedules.all.iter().step_by(step))
        .filter_map(|schedule| Some((schedule, weighing.contrast(schedule)?.0)))
        .collect();
    let made: Vec<(Vec<(f64, f64)>, usize)> = (0..SERIES)
        .map(|nth| {
            let mut draw = Draw::new(seed.nth(nth));
            let drawn = (draw.unit() * tried.len() as f64) as usize;
            let mut at = 0.0;
            let values: Vec<f64> = (weeks.iter())
                .map(|(_, n_posts)| {
                    at += scatter.level.sqrt() * draw.normal();
                    at + (scatter.post / n_posts).sqrt() * draw.normal()
                })
                .collect();
            let gone: Vec<f64> = weeks.iter().map(|(week, _)| gone_share(tried[drawn].0, *week)).collect();
            (tried.iter().map(|(_, z)| (dot(z, &values), dot(z, &gone))).collect(), drawn)
        })
        .collect();
    let power = |effect: f64| {
        // An effect is there: minus it is taken off.
        let found = |(others, drawn): &&(Vec<(f64, f64)>, usize)| {
            let (at_none, per_effect) = others[*drawn];
            share_as_far(others, at_none + effect * per_effect, -effect) <= level.alpha + ROUNDING
        };
        made.iter().filter(found).count() as f64 / SERIES as f64
    };
    if power(EFFECT_MAX) < level.power {
        return None;
    }
    let (mut missed, mut found) = (0.0, EFFECT_MAX);
    for _ in 0..20 {
        let middle = f64::midpoint(missed, found);
        if power(middle) < level.power {
            missed = middle;
        } else {
            found = middle;
        }
    }
    Some(found)
}

/// Something that would account for an effect: its weight, and effects that it foresees, each as likely as the others.
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    /// Its weight before, 0..1.
    pub weight: f64,
    /// Effects as logarithms. Never empty.
    pub effects: Vec<f64>,
}

/// The weights of explanations after an estimate with this standard error (Bayes' rule, the error normal). They add to 1.
pub fn weighed(explanations: &[Explanation], estimate: f64, error: f64) -> Vec<f64> {
    let logs: Vec<Vec<f64>> = (explanations.iter())
        .map(|e| e.effects.iter().map(|effect| -0.5 * ((estimate - effect) / error).powi(2)).collect())
        .collect();
    // The nearest counts as 1, so that something is left however far all are.
    let most = logs.iter().flatten().copied().fold(f64::NEG_INFINITY, f64::max);
    let raw: Vec<f64> = (explanations.iter().zip(&logs))
        .map(|(e, logs)| e.weight * logs.iter().map(|l| (l - most).exp()).sum::<f64>() / logs.len() as f64)
        .collect();
    let total: f64 = raw.iter().sum();
    raw.into_iter().map(|w| w / total).collect()
}

#[cfg(test)]
mod tests {
    use super::{
        Explanation, Level, Scatter, Schedules, StagedWeek, detectable, gone_share, read_staged, slopes, weighed,
    };
    use assay_math::Seed;
    use assay_model::synth::Draw;

    const SCATTER: Scatter = Scatter { post: 0.5, level: 0.01 };

    fn weeks(values: &[f64]) -> Vec<StagedWeek> {
        (0..).zip(values).map(|(week, value)| StagedWeek { week, value: *value, n_posts: 5.0 }).collect()
    }

    /// By hand: twelve weeks, steps from the third week to the eleventh (2 to 10), two apart: C(9 - 2, 3) = 35.
    #[test]
    fn all_schedules_are_counted_and_keep_their_distances() {
        let schedules = Schedules::new(12, 3).expect("schedules");
        assert_eq!((schedules.all.len(), schedules.gap_weeks), (35, 2));
        assert!(schedules.all.iter().all(|s| s[0] >= 2 && s[2] <= 10 && s.windows(2).all(|w| w[1] >= w[0] + 2)));
        assert_eq!((schedules.at(0.0), schedules.at(0.999)), (&[2, 4, 6][..], &[6, 8, 10][..]));
        assert_eq!(Schedules::new(12, 1).map(|s| s.all.len()), Some(9));
        // Ten schedules allow a tenth, however 1 - .9 is rounded.
        let ten = Schedules::new(10, 3).expect("schedules");
        assert!(ten.all.len() == 10 && ten.allow(1.0 - 0.9) && !ten.allow(0.09));
        assert!(Schedules::new(5, 3).is_none() && Schedules::new(12, 0).is_none());
        let long = Schedules::new(104, 6).expect("schedules");
        assert!(long.gap_weeks > 2 && long.all.len() <= 20_000, "{} {}", long.gap_weeks, long.all.len());
    }

    /// Without drift generalised least squares is the ordinary one: mean behind less mean before, with error `s sqrt(1/a + 1/b)`.
    #[test]
    fn one_step_without_drift_is_a_difference_of_means() {
        let values = [1.0, 2.0, 3.0, 2.0, 6.0, 7.0, 8.0, 9.0, 5.0, 7.0];
        let scatter = Scatter { post: 2.0, level: 0.0 };
        let places: Vec<(u32, f64)> = (0..10).map(|week| (week, 5.0)).collect();
        let (effects, error) = slopes(&places, &[4], &scatter, &[values.to_vec()]).expect("a slope");
        let effect = effects[0];
        assert!((effect - (7.0 - 2.0)).abs() < 1e-9, "{effect}");
        assert!((error - (2.0_f64 / 5.0 * (1.0 / 4.0 + 1.0 / 6.0)).sqrt()).abs() < 1e-9, "{error}");
    }

    fn series(schedule: &[u32], n_weeks: u32, effect: f64, draw: &mut Draw) -> Vec<StagedWeek> {
        let mut level = 0.0;
        let values: Vec<f64> = (0..n_weeks)
            .map(|week| {
                level += SCATTER.level.sqrt() * draw.normal();
                level + (SCATTER.post / 5.0).sqrt() * draw.normal() + effect * gone_share(schedule, week)
            })
            .collect();
        weeks(&values)
    }

    /// Over 1,000 drawn schedules: no more false findings than the level, whatever the trend; intervals hold the effect.
    #[test]
    fn the_level_is_kept_and_intervals_hold_the_effect() {
        let schedules = Schedules::new(14, 3).expect("schedules");
        let (mut refused, mut held) = (0, 0);
        for run in 0..1_000 {
            let mut draw = Draw::new(Seed(5).nth(run));
            let schedule = schedules.at(draw.unit()).to_vec();
            let mut trending = series(&schedule, 14, 0.0, &mut draw);
            for w in &mut trending {
                w.value += 0.1 * f64::from(w.week) + 0.3 * f64::from(w.week % 3);
            }
            let none = read_staged(&trending, &schedule, &schedules, &SCATTER, 0.9).expect("weeks");
            refused += u32::from(none.p_value <= 0.1);
            let some = series(&schedule, 14, 0.8, &mut draw);
            let read = read_staged(&some, &schedule, &schedules, &SCATTER, 0.9).expect("weeks");
            held += u32::from(read.low.is_none_or(|l| l <= 0.8) && read.high.is_none_or(|h| h >= 0.8));
        }
        // 1,000 trials: three standard errors of .1 are .028.
        assert!(refused <= 128, "{refused} of 1000 at 10 %");
        assert!(held >= 872, "{held} of 1000 hold it");
    }

    /// What is said to be found four times of five is.
    #[test]
    fn the_detectable_effect_is_found_as_often_as_is_said() {
        let schedules = Schedules::new(16, 3).expect("schedules");
        let level = Level { alpha: 0.1, power: 0.8 };
        let effect = detectable(&schedules, &SCATTER, 5.0, &level, Seed(3)).expect("an effect");
        assert!((0.3..2.0).contains(&effect), "{effect}");
        let found = (0..400).filter(|run| {
            let mut draw = Draw::new(Seed(8).nth(*run));
            let schedule = schedules.at(draw.unit()).to_vec();
            let weeks = series(&schedule, 16, effect, &mut draw);
            read_staged(&weeks, &schedule, &schedules, &SCATTER, 0.9).is_some_and(|r| r.p_value <= 0.1)
        });
        let power = found.count() as f64 / 400.0;
        assert!((power - 0.8).abs() < 0.08, "{power}");
        // Nine schedules allow no p-value of a tenth.
        let few = Schedules::new(12, 1).expect("schedules");
        assert!(detectable(&few, &SCATTER, 5.0, &level, Seed(3)).is_none());
    }

    /// The variances that posts were made with are found again, and too few weeks tell nothing.
    #[test]
    fn scatter_is_read_off_posts() {
        let mut draw = Draw::new(Seed(2));
        let mut level = 0.0;
        let mut posts = Vec::new();
        for week in 0..400 {
            level += 0.3 * draw.normal();
            posts.extend((0..5).map(|_| (week, level + 0.7 * draw.normal())));
        }
        let scatter = Scatter::of_posts(&posts).expect("weeks");
        assert!((scatter.post - 0.49).abs() < 0.06 && (scatter.level - 0.09).abs() < 0.03, "{scatter:?}");
        assert!(Scatter::of_posts(&posts[..35]).is_none());
    }

    /// By hand: two explanations of .5 each, one at 0 and one at 1; an estimate of 0 with an error of 1 leaves 1 to `exp(-1/2)`.
    #[test]
    fn explanations_are_weighed_by_bayes_rule() {
        let one = |effect: f64| Explanation { weight: 0.5, effects: vec![effect] };
        let weights = weighed(&[one(0.0), one(1.0)], 0.0, 1.0);
        assert!((weights[0] - 1.0 / (1.0 + (-0.5_f64).exp())).abs() < 1e-12, "{weights:?}");
        let far = weighed(&[one(0.0), one(1.0)], 1e6, 0.001);
        assert!(far[1] > 0.999 && far.iter().all(|w| w.is_finite()));
    }
}
