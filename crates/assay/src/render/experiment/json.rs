//! A reading as JSON, schema `assay.experiment-read/1` (published as `schemas/experiment-read-1.json`). Nothing is rounded.

use super::checks::{self, OfArm, OfLargest};
use super::words;
use crate::pipeline::PlanUsed;
use crate::report::ExperimentReport;
use assay_experiment::Stop;
use assay_experiment::means::Before;
use assay_experiment::over_time::OverTime;
use assay_experiment::reading::{Bound, Range, unit_name};
use assay_experiment::segments::ArmSegments;
use assay_math::Estimate;
use assay_model::{Abstention, Outcome, SourceFile};
use serde::Serialize;
use std::io::{self, Write};

/// The schema that [`json`] writes.
pub const READ_SCHEMA: &str = "assay.experiment-read/1";

/// Writes the reading as JSON, with a line feed at the end.
///
/// # Errors
/// When `out` cannot be written to.
pub fn json(report: &ExperimentReport, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &Document::of(report))?;
    out.write_all(b"\n")
}

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    version: &'static str,
    seed: u64,
    confidence: f64,
    inputs: [&'a SourceFile; 1],
    window: Option<()>,
    warnings: Vec<Warning<'a>>,
    design: Design<'a>,
    srm: SampleRatio<'a>,
    arms: Vec<Arm<'a>>,
    effects: Vec<Effect<'a>>,
    robustness: Vec<Robustness<'a>>,
    harm: Vec<Harm<'a>>,
    guardrails: Vec<Guarded<'a>>,
    segments: Vec<BySegment<'a>>,
    over_time: Vec<Over<'a>>,
    influence: Vec<OfLargest<'a>>,
    exposure: Vec<OfArm<'a>>,
    verdict: Verdict<'a>,
}

/// An arm by segment.
#[derive(Serialize)]
struct BySegment<'a> {
    arm: &'a str,
    by: &'a str,
    mean: Answer<Estimate>,
    scatter: Option<Estimate>,
    segments: Vec<OfSegment<'a>>,
    left_out: &'a [String],
}

#[derive(Serialize)]
struct OfSegment<'a> {
    segment: &'a str,
    n: u64,
    difference: f64,
    error: f64,
    shrunken: Option<Estimate>,
    p_positive: Option<f64>,
}

/// An arm over its days.
#[derive(Serialize)]
struct Over<'a> {
    arm: &'a str,
    n_days: usize,
    n_missing_days: u64,
    n_one_sided_days: u64,
    slope_per_day: Option<Estimate>,
    slope_p_value: Option<f64>,
}

#[derive(Serialize)]
struct Warning<'a> {
    id: &'static str,
    text: &'a str,
}

#[derive(Serialize)]
struct Design<'a> {
    kind: &'static str,
    sealed: bool,
    plan: Option<Plan<'a>>,
    unit: &'static str,
    control: &'a str,
    primary_metric: &'a str,
    adjusted_for_before: bool,
    looking: Looking,
    margin: Option<f64>,
    cost: Option<f64>,
}

/// The plan that a reading goes by.
#[derive(Serialize)]
pub(super) struct Plan<'a> {
    sealed_at: &'a str,
    sha256: &'a str,
    is_intact: bool,
    departures: &'a [String],
}

/// What is told of a plan.
pub(super) fn plan(plan: Option<&PlanUsed>) -> Option<Plan<'_>> {
    plan.map(|p| Plan { sealed_at: &p.sealed_at, sha256: &p.hash, is_intact: p.is_intact, departures: &p.departures })
}

#[derive(Serialize)]
struct Guarded<'a> {
    metric: &'a str,
    arm: &'a str,
    at_most: Option<f64>,
    at_least: Option<f64>,
    standing: &'static str,
}

#[derive(Serialize)]
struct Looking {
    rule: &'static str,
    n_units: u64,
    n_max: Option<u64>,
    looks: Option<u32>,
}

#[derive(Serialize)]
struct SampleRatio<'a> {
    p_value: f64,
    chi_squared_p_value: f64,
    stop: bool,
    split_stated: bool,
    arms: Vec<InSplit<'a>>,
}

#[derive(Serialize)]
struct InSplit<'a> {
    name: &'a str,
    planned_share: f64,
    n: u64,
}

#[derive(Serialize)]
struct Arm<'a> {
    name: &'a str,
    n: u64,
    n_rows: u64,
    metrics: Vec<ArmMetric<'a>>,
}

#[derive(Serialize)]
struct ArmMetric<'a> {
    metric: &'a str,
    n: u64,
    n_missing: u64,
    n_nonzero: u64,
    total: f64,
    mean: Option<f64>,
}

/// An interval whose ends are null where it has none.
#[derive(Serialize)]
pub(super) struct Interval {
    pub(super) point: f64,
    pub(super) low: Option<f64>,
    pub(super) high: Option<f64>,
    pub(super) confidence: f64,
}

/// What was found, or why nothing was.
#[derive(Serialize)]
#[serde(untagged)]
pub(super) enum Answer<T> {
    Found(T),
    Abstained { abstained: Abstention },
}

#[derive(Serialize)]
struct Effect<'a> {
    metric: &'a str,
    arm: &'a str,
    method: &'static str,
    n_events: u64,
    n_dealt: Option<usize>,
    absolute: Answer<Interval>,
    relative: Answer<Interval>,
    p_value: Option<f64>,
    adjusted_p_value: Option<f64>,
}

#[derive(Serialize)]
struct Robustness<'a> {
    metric: &'a str,
    arm: &'a str,
    estimator: &'a str,
    null: &'static str,
    scale: &'static str,
    point: f64,
    low: Option<f64>,
    high: Option<f64>,
    p_value: Option<f64>,
}

#[derive(Serialize)]
struct Harm<'a> {
    arm: &'a str,
    e_value: f64,
}

/// What each choice loses on average against the better of the two.
#[derive(Serialize)]
pub(super) struct Loss {
    pub(super) adopt: f64,
    pub(super) drop: f64,
}

#[derive(Serialize)]
struct Verdict<'a> {
    decision: &'static str,
    arm: Option<&'a str>,
    reasons: Vec<String>,
    expected_profit: Answer<Interval>,
    p_profit_positive: Option<f64>,
    expected_loss: Answer<Loss>,
    break_even_difference: Option<f64>,
    value_of_further_week: Option<f64>,
    per: &'static str,
}

pub(super) fn interval(range: Range) -> Interval {
    let Range { point, low, high, confidence } = range;
    Interval { point, low, high, confidence }
}

pub(super) fn answer(outcome: &Outcome<Range>) -> Answer<Interval> {
    match outcome {
        Outcome::Found(range) => Answer::Found(interval(*range)),
        Outcome::Abstained(why) => Answer::Abstained { abstained: why.clone() },
    }
}

impl<'a> Document<'a> {
    fn of(report: &'a ExperimentReport) -> Self {
        let reading = &report.reading;
        let tallied = &reading.tallied;
        Self {
            schema: READ_SCHEMA,
            version: env!("CARGO_PKG_VERSION"),
            seed: report.seed.0,
            confidence: reading.asked.confidence,
            inputs: [&report.file],
            window: None,
            warnings: report.warnings.iter().map(|w| Warning { id: w.id, text: &w.text }).collect(),
            design: design(report),
            srm: SampleRatio {
                p_value: reading.srm.p_value,
                chi_squared_p_value: reading.srm.chi_squared_p,
                stop: reading.srm.stop,
                split_stated: reading.srm.stated,
                arms: reading
                    .srm
                    .units
                    .iter()
                    .zip(&reading.srm.planned)
                    .map(|((name, n), planned_share)| InSplit { name, planned_share: *planned_share, n: *n })
                    .collect(),
            },
            arms: reading
                .order
                .iter()
                .map(|i| {
                    let arm = &tallied.arms[*i];
                    let metrics = arm.cells.iter().zip(reading.metrics()).map(|(cell, metric)| ArmMetric {
                        metric: &metric.name,
                        n: cell.moments.n(),
                        n_missing: cell.n_missing,
                        n_nonzero: cell.moments.n_nonzero(),
                        total: cell.moments.total(),
                        mean: cell.moments.sample().map(|s| s.rate()).filter(|r| r.is_finite()),
                    });
                    Arm { name: &arm.name, n: arm.n_units, n_rows: arm.n_rows, metrics: metrics.collect() }
                })
                .collect(),
            effects: reading
                .effects
                .iter()
                .map(|e| Effect {
                    metric: &e.metric,
                    arm: &e.arm,
                    method: e.method,
                    n_events: e.n_events,
                    n_dealt: e.n_dealt,
                    absolute: answer(&e.absolute),
                    relative: answer(&e.relative),
                    p_value: e.p_value,
                    adjusted_p_value: e.adjusted_p_value,
                })
                .collect(),
            robustness: reading
                .robustness
                .iter()
                .map(|r| Robustness {
                    metric: &r.metric,
                    arm: &r.arm,
                    estimator: &r.estimator,
                    null: r.null,
                    scale: r.scale,
                    point: r.point,
                    low: r.low,
                    high: r.high,
                    p_value: r.p_value,
                })
                .collect(),
            harm: reading.order[1..]
                .iter()
                .zip(&reading.harm)
                .filter_map(|(i, e)| Some(Harm { arm: &tallied.arms[*i].name, e_value: (*e)?.min(f64::MAX) }))
                .collect(),
            guardrails: reading
                .guarded
                .iter()
                .map(|g| {
                    let (at_most, at_least) = match g.bound {
                        Bound::AtMost(x) => (Some(x), None),
                        Bound::AtLeast(x) => (None, Some(x)),
                    };
                    Guarded { metric: &g.metric, arm: &g.arm, at_most, at_least, standing: words::standing(g.standing) }
                })
                .collect(),
            segments: report.segments.iter().map(segments).collect(),
            over_time: report.over_time.iter().map(over).collect(),
            influence: checks::influence(report),
            exposure: checks::exposure(report),
            verdict: verdict(report),
        }
    }
}

fn over(o: &OverTime) -> Over<'_> {
    Over {
        arm: &o.arm,
        n_days: o.days.len(),
        n_missing_days: o.n_missing,
        n_one_sided_days: o.n_one_sided,
        slope_per_day: o.slope.map(|s| s.0),
        slope_p_value: o.slope.map(|s| s.1),
    }
}

fn segments(arm: &ArmSegments) -> BySegment<'_> {
    let together = arm.pooled.found();
    BySegment {
        arm: &arm.arm,
        by: &arm.by,
        mean: match &arm.pooled {
            Outcome::Found(t) => Answer::Found(t.mean),
            Outcome::Abstained(why) => Answer::Abstained { abstained: why.clone() },
        },
        scatter: together.map(|t| t.scatter),
        segments: arm
            .segments
            .iter()
            .enumerate()
            .map(|(k, (segment, n, test))| {
                let drawn = together.and_then(|t| t.tests.get(k));
                OfSegment {
                    segment,
                    n: *n,
                    difference: test.effect,
                    error: test.error,
                    shrunken: drawn.map(|d| d.effect),
                    p_positive: drawn.map(|d| d.p_positive),
                }
            })
            .collect(),
        left_out: &arm.left_out,
    }
}

fn design(report: &ExperimentReport) -> Design<'_> {
    let reading = &report.reading;
    let asked = &reading.asked;
    let (rule, n_max, looks) = match asked.stop {
        Stop::Anytime => ("anytime", None, None),
        Stop::Capped { n_max, looks } => ("group-sequential", Some(n_max), looks),
        Stop::Fixed => ("fixed", None, None),
    };
    Design {
        kind: "user-split",
        sealed: report.plan.as_ref().is_some_and(PlanUsed::is_kept),
        plan: plan(report.plan.as_ref()),
        unit: unit_name(reading.tallied.unit_of),
        control: &asked.control,
        primary_metric: &reading.tallied.metrics[0].name,
        adjusted_for_before: asked.adjust == Before::Used,
        looking: Looking { rule, n_units: reading.tallied.arms.iter().map(|a| a.n_units).sum(), n_max, looks },
        margin: asked.worth.map(|w| w.margin),
        cost: asked.worth.map(|w| w.cost),
    }
}

fn verdict(report: &ExperimentReport) -> Verdict<'_> {
    let verdict = &report.reading.verdict;
    let no_money = || words::no_money(report);
    Verdict {
        decision: words::decision(verdict.decision),
        arm: verdict.arm.as_deref(),
        reasons: words::reasons(report),
        expected_profit: match verdict.expected_profit {
            Some(range) => Answer::Found(interval(range)),
            None => Answer::Abstained { abstained: no_money() },
        },
        p_profit_positive: verdict.stakes.map(|s| s.p_positive),
        expected_loss: match verdict.stakes {
            Some(s) => Answer::Found(Loss { adopt: s.loss_adopt, drop: s.loss_drop }),
            None => Answer::Abstained { abstained: no_money() },
        },
        break_even_difference: report.reading.asked.worth.map(|w| w.break_even()),
        value_of_further_week: words::value_of_week(report).map(|v| v.0),
        per: unit_name(report.reading.tallied.unit_of),
    }
}
