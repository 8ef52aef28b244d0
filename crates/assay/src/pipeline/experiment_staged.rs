//! From a sealed plan of a staged removal and a page's posts to what the removal did to reach, and what that says of mechanisms.

use super::experiment::warning;
use super::experiment_geo::period;
use super::reach::{read_posts, series};
use super::{Error, PlanFile, PlanUsed, SealedDesign, SealedExplanation, Watch};
use crate::report::{StagedReport, WeighedMechanism};
use assay_experiment::staged::{Explanation, Scatter, Schedules, StagedWeek, read_staged, weighed};
use assay_import::{ReadOptions, Zone};
use assay_model::DAY_MS;
use assay_reach::page::{Series, Target};
use std::path::PathBuf;

/// Weeks that a plan may have, as those that `what-if` looks ahead.
const WEEKS_MAX: u32 = 104;

/// Reads what a staged removal did.
///
/// # Errors
/// When the plan is of another design or makes no sense, posts cannot be read or are too few, or `watch` answers stop.
pub fn read_experiment_staged(
    inputs: &[PathBuf],
    plan: &PlanFile,
    watch: &mut Watch<'_>,
) -> Result<StagedReport, Error> {
    let SealedDesign::StagedRemoval {
        target,
        from,
        n_weeks,
        hold_out_days,
        steps,
        post_variance,
        level_variance,
        detectable,
        explanations,
        zone,
        headers,
        ..
    } = &plan.sealed.design
    else {
        return Err(plan.sealed.design.not_of("a staged removal"));
    };
    let wrong = |found: String| Error::Input {
        message: format!("expected a plan as it was sealed, found {found}"),
        hint: Some("pass the file that `assay reach what-if --seal` wrote".to_owned()),
    };
    let target = [Target::Reach, Target::FanReach, Target::Impressions]
        .into_iter()
        .find(|t| t.id() == target)
        .ok_or_else(|| wrong(format!("the target {target}")))?;
    let first = period(from).ok_or_else(|| wrong(format!("the first day {from}")))?;
    let schedule: Vec<u32> = steps.iter().map(|s| s.week).collect();
    let schedules = Schedules::new((*n_weeks).min(WEEKS_MAX), schedule.len() as u32)
        .filter(|s| s.n_weeks == *n_weeks && s.all.contains(&schedule))
        .ok_or_else(|| wrong("steps in weeks that cannot be drawn".to_owned()))?;
    let explained: Vec<Explanation> =
        explanations.iter().map(|e| Explanation { weight: e.weight, effects: e.effects.clone() }).collect();
    if explained.iter().any(|e| e.effects.is_empty()) || *post_variance <= 0.0 || *level_variance < 0.0 {
        return Err(wrong("numbers that it cannot have".to_owned()));
    }
    let reading = ReadOptions {
        zone: zone.as_deref().map(Zone::parse).transpose()?,
        headers: headers.clone(),
        ..ReadOptions::default()
    };
    let (posts, mut origin) = read_posts(inputs, &reading, watch)?;
    let series = series(&posts, Some(target), &mut origin)?;
    let scatter = Scatter { post: *post_variance, level: *level_variance };
    let counted = counted(&series, first, *n_weeks, *hold_out_days);
    let weeks = counted.weeks;
    let confidence = plan.sealed.confidence;
    let read = read_staged(&weeks, &schedule, &schedules, &scatter, confidence).ok_or_else(|| Error::Input {
        message: format!(
            "expected unpaid posts in at least four weeks of the plan, with a step among them, found {} weeks with some",
            weeks.len()
        ),
        hint: Some(format!("the plan runs for {n_weeks} weeks from {from}: read it when they are over")),
    })?;
    let mut used = PlanUsed::of(plan);
    if counted.last_day.is_none_or(|day| day < 7 * (i64::from(*n_weeks) - 1)) {
        used.departures.push(format!("the weeks: planned {n_weeks}, read before the last of them had posts"));
    }
    if counted.n_paid > 0 {
        let text = format!("{} paid posts within the weeks were left out", counted.n_paid);
        origin.warnings.push(warning("paid-left-out", text));
    }
    let n_empty = *n_weeks as usize - weeks.len();
    if n_empty > 0 {
        let text = format!("{n_empty} of {n_weeks} weeks have no post that counts; nothing is said of them");
        origin.warnings.push(warning("weeks-without-posts", text));
    }
    let after = weighed(&explained, read.effect, read.error);
    let mechanisms = explanations.iter().zip(after).map(|(e, weight)| mechanism(e, weight)).collect();
    let steps = steps.iter().map(|s| (s.day.clone(), s.n_followers)).collect();
    Ok(StagedReport {
        origin,
        plan: used,
        target,
        confidence,
        first,
        n_weeks: *n_weeks,
        hold_out_days: *hold_out_days,
        steps,
        schedule,
        detectable: *detectable,
        weeks,
        reading: read,
        mechanisms,
    })
}

/// A mechanism before and after.
fn mechanism(planned: &SealedExplanation, weight_after: f64) -> WeighedMechanism {
    let mut effects = planned.effects.clone();
    effects.sort_by(f64::total_cmp);
    let foreseen = [effects[0], effects[effects.len() / 2], effects[effects.len() - 1]];
    WeighedMechanism { id: planned.mechanism.clone(), weight_before: planned.weight, weight_after, foreseen }
}

/// Posts week by week.
struct Counted {
    weeks: Vec<StagedWeek>,
    n_paid: u32,
    /// The day of the last post, from the first of the experiment.
    last_day: Option<i64>,
}

/// The weeks' unpaid posts, without the days that are held out.
fn counted(series: &Series, first: i64, n_weeks: u32, hold_out_days: u32) -> Counted {
    let mut sums = vec![(0.0, 0.0); n_weeks as usize];
    let (mut n_paid, mut last_day) = (0, None);
    for post in &series.posts {
        let Some(at) = post.row.published_at else { continue };
        let day = at.0.div_euclid(DAY_MS) - first;
        last_day = last_day.max(Some(day));
        let held_out = day.rem_euclid(7) < i64::from(hold_out_days);
        let Some(sum) = usize::try_from(day.div_euclid(7)).ok().and_then(|week| sums.get_mut(week)) else { continue };
        if post.row.paid == Some(true) {
            n_paid += 1;
        } else if !held_out {
            *sum = (sum.0 + post.log, sum.1 + 1.0);
        }
    }
    let weeks = (0..)
        .zip(&sums)
        .filter(|(_, sum)| sum.1 > 0.0)
        .map(|(week, (total, n))| StagedWeek { week, value: total / n, n_posts: *n })
        .collect();
    Counted { weeks, n_paid, last_day }
}
