//! A simulation as JSON, schema `assay.reach-simulate/1` (published as `schemas/reach-simulate-1.json`).

use crate::render::format::rfc3339;
use crate::report::{EngineUsed, SimulationReport};
use assay_math::Estimate;
use assay_model::{Abstention, DAY_MS, Outcome, SourceFile, TimeMs};
use assay_reach::feed::{FIRST_DAY, MEASURES, Measure, PlatformTotals, Policy, Scenario};
use serde::Serialize;
use std::io::{self, Write};

/// The schema that [`simulation_json`] writes.
pub const SIMULATION_SCHEMA: &str = "assay.reach-simulate/1";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    version: &'static str,
    seed: u64,
    n_seeds: usize,
    engine: EngineUsed,
    inputs: &'a [SourceFile],
    window: Window,
    warnings: Vec<Warning>,
    scenario: &'a Scenario,
    policy: Option<PolicyOf>,
    measures: Vec<MeasureOf>,
    windows: Vec<WindowOf<'a>>,
    weeks: Vec<Series<'a>>,
    money: MoneyOf<'a>,
    platform: Option<PlatformTotals>,
}

#[derive(Serialize)]
struct Window {
    from: String,
    to: String,
}

#[derive(Serialize)]
struct Warning {
    id: &'static str,
    text: &'static str,
}

#[derive(Serialize)]
struct PolicyOf {
    id: &'static str,
    sentence: &'static str,
    source: &'static str,
    limits: &'static str,
}

#[derive(Serialize)]
struct MeasureOf {
    id: &'static str,
    unit: &'static str,
    sentence: &'static str,
}

#[derive(Serialize)]
struct WindowOf<'a> {
    id: &'static str,
    from_day: u32,
    to_day: u32,
    measures: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Row<'a> {
    id: Measure,
    with: Answer<'a>,
    without: Answer<'a>,
    ratio: Answer<'a>,
}

#[derive(Serialize)]
struct Series<'a> {
    id: Measure,
    with: Vec<Answer<'a>>,
    without: Vec<Answer<'a>>,
}

#[derive(Serialize)]
struct MoneyOf<'a> {
    currency: &'a str,
    revenue_change_minor: Answer<'a>,
    spend_minor: Answer<'a>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Answer<'a> {
    Found(Estimate),
    Abstained { abstained: &'a Abstention },
}

fn answer(outcome: &Outcome<Estimate>) -> Answer<'_> {
    match outcome {
        Outcome::Found(estimate) => Answer::Found(*estimate),
        Outcome::Abstained(abstained) => Answer::Abstained { abstained },
    }
}

/// Writes the report as JSON, at full precision, with a line feed at the end.
///
/// # Errors
/// When `out` cannot be written to.
pub fn simulation_json(report: &SimulationReport, mut out: impl Write) -> io::Result<()> {
    let c = &report.comparison;
    let start = FIRST_DAY.start();
    let end = TimeMs(start.0 + i64::from(report.scenario.days) * DAY_MS);
    let agents = report.engine == EngineUsed::Agents;
    let document = Document {
        schema: SIMULATION_SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        seed: report.seed,
        n_seeds: c.n_seeds,
        engine: report.engine,
        inputs: &report.inputs,
        window: Window { from: rfc3339(start), to: rfc3339(end) },
        warnings: vec![Warning { id: "simulated", text: super::CAVEAT }],
        scenario: &report.scenario,
        policy: Policy::of(&report.scenario.platform.policy).map(|p| PolicyOf {
            id: p.id,
            sentence: p.sentence,
            source: p.source,
            limits: p.limits,
        }),
        measures: MEASURES.iter().map(|&(_, id, unit, sentence)| MeasureOf { id, unit, sentence }).collect(),
        windows: c
            .windows
            .iter()
            .map(|w| WindowOf {
                id: w.id,
                from_day: w.from,
                to_day: w.to,
                measures: w
                    .rows
                    .iter()
                    .map(|(id, [with, without, ratio])| Row {
                        id: *id,
                        with: answer(with),
                        without: answer(without),
                        ratio: answer(ratio),
                    })
                    .collect(),
            })
            .collect(),
        weeks: c
            .series
            .iter()
            .map(|s| Series {
                id: s.measure,
                with: s.with.iter().map(answer).collect(),
                without: s.without.iter().map(answer).collect(),
            })
            .collect(),
        money: MoneyOf {
            currency: &report.scenario.money.currency,
            revenue_change_minor: answer(&c.revenue_change_minor),
            spend_minor: answer(&c.spend_minor),
        },
        platform: report.pairs.first().filter(|_| agents).map(|p| p.with.platform),
    };
    serde_json::to_writer_pretty(&mut out, &document)?;
    out.write_all(b"\n")
}
