//! Experiments in the workspace: a plan is checked and sealed, a table is read by it, whatever its design.

use super::experiment_geo::{COOLDOWN_MAX, period};
use super::experiment_read_weeks::weeks_of;
use super::sealed::{PlanFile, PlanUsed, Sealed, SealedDesign};
use super::{
    DEFAULT_CONFIDENCE, Error, ExperimentOptions, GeoOptions, GuardrailColumn, MetricColumn, ReadWeeksOptions, Watch,
    plan_of, read_experiment, read_experiment_geo, read_experiment_staged, read_experiment_weeks, seal,
};
use crate::report::PlannedReading;
use assay_experiment::Stop;
use assay_experiment::money::Worth;
use assay_store::{By, ExperimentEntry, NewExperiment, Workspace};
use std::path::Path;

/// Characters of an experiment's name at most.
const NAME_MAX: usize = 100;

fn wrong(message: impl Into<String>, hint: &str) -> Error {
    Error::Usage { message: message.into(), hint: Some(hint.to_owned()).filter(|h| !h.is_empty()) }
}

/// The name of an experiment, without what stands around it.
///
/// # Errors
/// If it is none.
pub fn experiment_name(name: &str) -> Result<&str, Error> {
    let name = name.trim();
    let fits =
        !name.is_empty() && name.chars().count() <= NAME_MAX && !name.contains(|c: char| c.is_control() || c == '/');
    let expected = "expected a name of 1 to 100 characters without a slash";
    if fits {
        Ok(name)
    } else {
        Err(wrong(format!("{expected}, found {}", assay_model::quote(name)), "such as spring-mail"))
    }
}

/// Says what of a plan cannot be read by later.
///
/// # Errors
/// What was expected and found.
pub fn check_plan(sealed: &Sealed) -> Result<(), Error> {
    if !(0.5..1.0).contains(&sealed.confidence) {
        return Err(wrong(
            format!("expected a confidence from 0.5 to below 1, found {}", sealed.confidence),
            "such as 0.95",
        ));
    }
    if let Some(margin) = sealed.margin.filter(|m| !(*m > 0.0 && m.is_finite())) {
        return Err(wrong(format!("expected a margin above 0, found {margin}"), "what 1 of the first metric earns"));
    }
    let named = |what: &str, text: &str| {
        if text.trim().is_empty() { Err(wrong(format!("expected {what}, found nothing"), "")) } else { Ok(()) }
    };
    match &sealed.design {
        SealedDesign::UserSplit { arm, control, metrics, guardrails, split, max_n, looks, fixed, cost, .. } => {
            named("the column of arms", arm)?;
            named("the name of the control", control)?;
            if metrics.is_empty() {
                return Err(wrong("expected a metric, found none", "such as ordered:binary"));
            }
            for m in metrics {
                MetricColumn::parse(m)
                    .map_err(|why| wrong(format!("the metric {}: {why}", assay_model::quote(m)), ""))?;
            }
            for g in guardrails {
                GuardrailColumn::of(g, &MetricColumn::parse)
                    .map_err(|why| wrong(format!("the guardrail {}: {why}", assay_model::quote(g)), ""))?;
            }
            if split.as_ref().is_some_and(|s| s.len() < 2 || s.iter().any(|w| !(*w > 0.0 && w.is_finite()))) {
                return Err(wrong("expected at least two weights above 0 in the split", "such as 90:10"));
            }
            if *fixed && max_n.is_some() {
                return Err(wrong(
                    "expected one look or a largest number of units, found both",
                    "leave one of them out",
                ));
            }
            if max_n.is_some_and(|n| n < 2) {
                return Err(wrong("expected at least 2 units over all arms", ""));
            }
            if looks.is_some_and(|l| !(1..=200).contains(&l) || max_n.is_none()) {
                return Err(wrong("expected 1 to 200 looks beside a largest number of units", ""));
            }
            if cost.is_some_and(|c| !(c >= 0.0 && c.is_finite())) || cost.is_some() && sealed.margin.is_none() {
                return Err(wrong(
                    "expected a cost of 0 or more beside a margin",
                    "the margin is what 1 of the first metric earns",
                ));
            }
        }
        SealedDesign::Markets { location, date, metric, treated, start, end, cooldown_days, .. } => {
            if *cooldown_days > COOLDOWN_MAX {
                return Err(wrong(
                    format!("expected a cool-down of at most {COOLDOWN_MAX} days, found {cooldown_days}"),
                    "days after the last treated one in which the effect still counts",
                ));
            }
            for (what, text) in [
                ("the column of markets", location),
                ("the column of days", date),
                ("the column of the metric", metric),
            ] {
                named(what, text)?;
            }
            if treated.iter().all(|t| t.trim().is_empty()) {
                return Err(wrong("expected treated markets, found none", "their names with commas between"));
            }
            let days = (period(start), period(end));
            if !matches!(days, (Some(from), Some(to)) if from <= to) {
                return Err(wrong(
                    "expected a first treated day and a last one that is not before it",
                    "such as 2026-04-01",
                ));
            }
        }
        SealedDesign::Weeks { date, weeks, washout_days, cost, .. } => {
            named("the column of days", date)?;
            weeks_of(weeks, *washout_days).map_err(|why| wrong(why, "such as 12 weeks"))?;
            if cost.is_some_and(|c| !(c >= 0.0 && c.is_finite())) || cost.is_some() && sealed.margin.is_none() {
                return Err(wrong(
                    "expected a cost of 0 or more beside a margin",
                    "the margin is what 1 of the metric earns",
                ));
            }
        }
        SealedDesign::StagedRemoval { .. } => {}
    }
    Ok(())
}

/// Keeps a plan that was sealed, given as the text of its document; answers what is kept.
///
/// # Errors
/// If it is no sealed plan, was changed after it was sealed, or its name is another plan's.
pub fn keep_plan(store: &mut Workspace, name: &str, document: &str, by: By<'_>) -> Result<ExperimentEntry, Error> {
    let name = experiment_name(name)?;
    let hint = "give the file as `assay experiment seal` or `assay reach what-if --seal` wrote it";
    let plan = plan_of(document).map_err(|why| wrong(format!("expected a sealed plan, found {why}"), hint))?;
    if !plan.is_intact {
        return Err(wrong("expected the plan as it was sealed, found one that was changed afterwards", hint));
    }
    check_plan(&plan.sealed)?;
    let new = NewExperiment {
        name,
        kind: plan.sealed.design.kind(),
        hash: &plan.hash,
        sealed_at: &plan.sealed.sealed_at,
        plan: document,
    };
    store.keep_experiment(new, by)?;
    kept(store, name)
}

/// Checks, seals and keeps a plan; answers what is kept.
///
/// # Errors
/// As the check and the keeping.
pub fn seal_into(store: &mut Workspace, name: &str, sealed: &Sealed, by: By<'_>) -> Result<ExperimentEntry, Error> {
    check_plan(sealed)?;
    let document = serde_json::to_string_pretty(&seal(sealed)).unwrap_or_default();
    keep_plan(store, name, &document, by)
}

/// The experiment of a name.
///
/// # Errors
/// If there is none.
pub fn kept(store: &Workspace, name: &str) -> Result<ExperimentEntry, Error> {
    store.experiment(name)?.ok_or_else(|| Error::Input {
        message: format!("expected an experiment of the workspace, found none called {}", assay_model::quote(name)),
        hint: Some("`assay experiment list` tells their names".to_owned()),
    })
}

/// Reads a table by a sealed plan, whatever its design.
///
/// # Errors
/// As the reading of that design.
pub fn read_by_plan(input: &Path, plan: &PlanFile, watch: &mut Watch<'_>) -> Result<PlannedReading, Error> {
    Ok(match &plan.sealed.design {
        SealedDesign::UserSplit { .. } => {
            PlannedReading::Split(Box::new(read_experiment(input, &ExperimentOptions::of_plan(plan)?, watch)?))
        }
        SealedDesign::Markets { .. } => {
            PlannedReading::Markets(Box::new(read_experiment_geo(input, &markets_of_plan(plan)?, watch)?))
        }
        SealedDesign::Weeks { .. } => {
            PlannedReading::Weeks(Box::new(read_experiment_weeks(input, &ReadWeeksOptions::of_plan(plan)?, watch)?))
        }
        SealedDesign::StagedRemoval { .. } => {
            PlannedReading::Staged(Box::new(read_experiment_staged(&[input.to_path_buf()], plan, watch)?))
        }
    })
}

pub(super) fn confidence_of(plan: &PlanFile) -> f64 {
    Some(plan.sealed.confidence).filter(|c| (0.5..1.0).contains(c)).unwrap_or(DEFAULT_CONFIDENCE)
}

fn markets_of_plan(plan: &PlanFile) -> Result<GeoOptions, Error> {
    let SealedDesign::Markets { location, date, metric, treated, start, end, cost, cooldown_days } =
        &plan.sealed.design
    else {
        return Err(plan.sealed.design.not_of("markets"));
    };
    Ok(GeoOptions {
        location: location.clone(),
        date: date.clone(),
        metric: metric.clone(),
        treated: treated.clone(),
        start: start.clone(),
        end: end.clone(),
        cooldown: (*cooldown_days).min(COOLDOWN_MAX),
        placebos: None,
        cost: cost.clone(),
        margin: plan.sealed.margin.filter(|m| *m > 0.0 && m.is_finite()),
        confidence: confidence_of(plan),
        plan: Some(PlanUsed::of(plan)),
    })
}

impl ExperimentOptions {
    /// What a sealed plan of a split asks.
    ///
    /// # Errors
    /// If it is of another design, or its metrics cannot be understood.
    pub fn of_plan(plan: &PlanFile) -> Result<Self, Error> {
        let wrong = |message: String| Error::Input {
            message,
            hint: Some("pass the file that `assay experiment seal` wrote".to_owned()),
        };
        let SealedDesign::UserSplit {
            arm,
            control,
            metrics,
            guardrails,
            unit,
            cluster,
            pre,
            split,
            max_n,
            looks,
            fixed,
            cost,
        } = &plan.sealed.design
        else {
            return Err(plan.sealed.design.not_of("a split"));
        };
        let metrics = metrics.iter().map(|m| MetricColumn::parse(m)).collect::<Result<Vec<_>, _>>();
        let guardrails =
            guardrails.iter().map(|g| GuardrailColumn::of(g, &MetricColumn::parse)).collect::<Result<Vec<_>, _>>();
        let broken = |why: String| wrong(format!("expected a metric in the plan, found another text: {why}"));
        let metrics = metrics.map_err(broken)?;
        if metrics.is_empty() {
            return Err(wrong("expected a metric in the plan, found none".to_owned()));
        }
        Ok(Self {
            arm: arm.clone(),
            control: control.clone(),
            metrics,
            unit: unit.clone(),
            cluster: cluster.clone(),
            before: pre.clone(),
            split: split.clone().filter(|s| s.len() >= 2 && s.iter().all(|w| *w > 0.0 && w.is_finite())),
            stop: match (max_n, fixed) {
                (Some(n_max), _) => {
                    Stop::Capped { n_max: (*n_max).max(2), looks: looks.filter(|l| (1..=200).contains(l)) }
                }
                (None, true) => Stop::Fixed,
                (None, false) => Stop::Anytime,
            },
            confidence: confidence_of(plan),
            worth: plan
                .sealed
                .margin
                .filter(|m| *m > 0.0 && m.is_finite())
                .map(|margin| Worth { margin, cost: cost.filter(|c| *c >= 0.0 && c.is_finite()).unwrap_or(0.0) }),
            guardrails: guardrails.map_err(broken)?,
            plan: Some(PlanUsed::of(plan)),
            exposed: None,
            segments: Vec::new(),
            date: None,
            per_week: None,
            hashed: true,
        })
    }
}
