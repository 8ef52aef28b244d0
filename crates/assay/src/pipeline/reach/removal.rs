//! A removal as an experiment: in which weeks its steps come, by lot; what it can find out; and what each outcome would say.

use super::{Error, Step, Watch, go_on};
use crate::pipeline::experiment_assign::draw;
use crate::pipeline::{Sealed, SealedDesign, SealedExplanation, SealedStep};
use assay_experiment::assign::place;
use assay_experiment::staged::{Explanation, Level, Scatter, Schedules, WEEKS_BEFORE, detectable, slopes, weighed};
use assay_import::ReadOptions;
use assay_math::Seed;
use assay_model::{Abstention, DAY_MS, Outcome};
use assay_reach::Mechanism;
use assay_reach::page::{PageNow, Posterior, Series, Target, Timing, staged_removal};
use jiff::ToSpan;
use jiff::civil::Date;

/// What is asked of a removal that is to be an experiment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemovalAsked {
    /// The first day of the first week.
    pub from: Date,
    /// Days at the start of every week whose posts are not counted.
    pub hold_out_days: u32,
    /// What the draw is salted with.
    pub salt: String,
}

/// A removal as an experiment.
#[derive(Debug, Clone)]
pub struct RemovalPlan {
    /// What was asked.
    pub asked: RemovalAsked,
    /// What is measured.
    pub target: Target,
    /// Weeks in all.
    pub n_weeks: u32,
    /// Weeks between two steps, at least.
    pub gap_weeks: u32,
    /// The steps: day, week from 0, and followers who go.
    pub steps: Vec<(Date, u32, f64)>,
    /// Schedules that could have been drawn.
    pub n_schedules: usize,
    /// The smallest p-value that they allow.
    pub floor: f64,
    /// Posts of a week that count, as expected.
    pub posts_per_week: f64,
    /// How posts and weeks scatter, from the posts before.
    pub scatter: Scatter,
    /// The smallest gain of reach, as a logarithm, that is found four times of five; or why none is.
    pub detectable: Outcome<f64>,
    /// What each mechanism foresees the estimate to be, as logarithms at 5 %, 10 % … 95 %.
    pub explanations: Vec<(Mechanism, Explanation)>,
    /// Outcomes as logarithms, and the weights of the mechanisms after each.
    pub outcomes: Vec<(f64, Vec<f64>)>,
    /// Confidence of the interval that will be told.
    pub confidence: f64,
}

/// The chance to find the effect that is told as detectable.
pub const POWER: f64 = 0.8;

/// What the plan rests on.
pub(super) struct Known<'a> {
    pub(super) page: &'a PageNow,
    pub(super) posterior: &'a Posterior,
    pub(super) series: &'a Series,
    pub(super) seed: Seed,
    pub(super) confidence: f64,
}

/// Plans the removal of so many followers in so many steps over so many weeks.
pub(super) fn plan(
    asked: &RemovalAsked,
    (n_removed, n_steps, n_weeks): (f64, u32, u32),
    known: &Known<'_>,
    watch: &mut Watch<'_>,
) -> Result<RemovalPlan, Error> {
    go_on(watch, Step::Named("planning an experiment"))?;
    let schedules = Schedules::new(n_weeks, n_steps).ok_or_else(|| Error::Usage {
        message: format!(
            "expected weeks that hold {n_steps} steps with two before, between and behind, found {n_weeks}"
        ),
        hint: Some(format!("raise --weeks to {} or more", 4 + 2 * n_steps)),
    })?;
    let series = known.series;
    let timed = series.timing != Timing::Months;
    let posts: Vec<(i64, f64)> = (series.posts.iter())
        .filter(|p| p.row.paid != Some(true))
        .filter_map(|p| Some((p.row.published_at?.0.div_euclid(7 * DAY_MS), p.log)))
        .collect();
    let scatter = Scatter::of_posts(&posts).filter(|_| timed).ok_or_else(|| Error::Input {
        message: format!(
            "expected unpaid posts of at least {WEEKS_BEFORE} weeks, with their times, to tell how much weeks differ; found {}",
            posts.len()
        ),
        hint: Some("gather more posts before the experiment, or leave --from out".to_owned()),
    })?;
    let schedule = schedules.at(place(draw(&asked.salt, "schedule of steps"))).to_vec();
    let beyond = || Error::Usage {
        message: "expected weeks within the calendar".to_owned(),
        hint: Some("check --from and --weeks".to_owned()),
    };
    let each = n_removed / f64::from(n_steps);
    let steps = (schedule.iter())
        .map(|week| Ok((asked.from.checked_add((7 * i64::from(*week)).days()).map_err(|_| beyond())?, *week, each)))
        .collect::<Result<Vec<_>, Error>>()?;
    let unpaid = posts.len() as f64 / series.posts.len().max(1) as f64;
    let counted = known.page.posts_per_week * unpaid * f64::from(7 - asked.hold_out_days) / 7.0;
    let weeks: Vec<(u32, f64)> = (0..n_weeks).map(|week| (week, counted)).collect();
    let mut explanations = Vec::new();
    let mut error = 0.0;
    let paths = staged_removal(known.page, n_removed, &schedule, n_weeks, known.posterior, known.seed);
    for (mechanism, weight, paths) in paths {
        let Some((mut effects, e)) = slopes(&weeks, &schedule, &scatter, &paths) else { continue };
        error = e;
        effects.sort_by(f64::total_cmp);
        let at = |k: usize| effects[(k * effects.len() / 20).min(effects.len() - 1)];
        explanations.push((mechanism, Explanation { weight, effects: (1..20).map(at).collect() }));
    }
    let level = Level { alpha: 1.0 - known.confidence, power: POWER };
    let found = if schedules.allow(level.alpha) {
        match detectable(&schedules, &scatter, counted, &level, known.seed.fork("detectable")) {
            Some(effect) => Outcome::Found(effect),
            None => Outcome::Abstained(Abstention::new(
                "not even twenty times the reach would be found for sure",
                "more weeks (--weeks) or more posts a week",
            )),
        }
    } else {
        Outcome::Abstained(Abstention::new(
            format!("{} schedules allow no p-value below {:.3}", schedules.all.len(), schedules.floor()),
            "more weeks (--weeks), or more steps (--in)",
        ))
    };
    let unit = found.found().copied().unwrap_or(2.0 * error);
    let all: Vec<Explanation> = explanations.iter().map(|e| e.1.clone()).collect();
    let outcomes = [0.0, 0.5, 1.0, 2.0].map(|k| (k * unit, weighed(&all, k * unit, error))).to_vec();
    Ok(RemovalPlan {
        asked: asked.clone(),
        target: series.target,
        n_weeks,
        gap_weeks: schedules.gap_weeks,
        steps,
        n_schedules: schedules.all.len(),
        floor: schedules.floor(),
        posts_per_week: counted,
        scatter,
        detectable: found,
        explanations,
        outcomes,
        confidence: known.confidence,
    })
}

/// The plan as it is sealed, with how its posts are read. Numbers keep seven decimals, which any program reads back as
/// they are.
pub fn seal_removal(plan: &RemovalPlan, reading: &ReadOptions, sealed_at: String) -> Sealed {
    let short = |x: f64| (x * 1e7).round() / 1e7;
    let explanations = (plan.explanations.iter())
        .map(|(mechanism, e)| SealedExplanation {
            mechanism: mechanism.id().to_owned(),
            weight: short(e.weight),
            effects: e.effects.iter().map(|x| short(*x)).collect(),
        })
        .collect();
    Sealed {
        sealed_at,
        note: None,
        design: SealedDesign::StagedRemoval {
            target: plan.target.id().to_owned(),
            from: plan.asked.from.to_string(),
            n_weeks: plan.n_weeks,
            hold_out_days: plan.asked.hold_out_days,
            salt: plan.asked.salt.clone(),
            steps: (plan.steps.iter())
                .map(|(day, week, n)| SealedStep { day: day.to_string(), week: *week, n_followers: short(*n) })
                .collect(),
            post_variance: short(plan.scatter.post),
            level_variance: short(plan.scatter.level),
            detectable: plan.detectable.found().map(|x| short(*x)),
            explanations,
            zone: reading.zone.as_ref().map(|zone| zone.name().to_owned()),
            headers: reading.headers.clone(),
        },
        margin: None,
        confidence: plan.confidence,
        files: Vec::new(),
    }
}
