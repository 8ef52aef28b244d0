//! A geo reading as text and as JSON, schema `assay.experiment-geo/1` (published as `schemas/experiment-geo-1.json`).

use super::json::{Answer, Interval, Loss};
use crate::pipeline::PlanUsed;
use crate::render::format::{fixed, plain, sentence};
use crate::report::GeoReport;
use assay_experiment::calibrate::Calibration;
use assay_experiment::geo::iroas::Ratio;
use assay_experiment::geo::{GeoDecision, Part};
use assay_math::Estimate;
use assay_model::{Abstention, SourceFile};
use serde::Serialize;
use std::fmt::Write as _;
use std::io::{self, Write};

/// The schema that [`geo_json`] writes.
pub const GEO_SCHEMA: &str = "assay.experiment-geo/1";

/// The word for a decision, as the contract has it, and why.
pub(super) fn decision(report: &GeoReport) -> (&'static str, String) {
    let money = report.options.margin.is_some();
    let (word, why) = match report.reading.decision {
        GeoDecision::Adopt if money => ("adopt", "every null that decides is refused, and the whole interval pays"),
        GeoDecision::Adopt => {
            ("adopt", "every null that decides is refused; no margin was given, so this is not about money")
        }
        GeoDecision::Drop => ("drop", "every null that decides is refused, and no part of the interval pays"),
        GeoDecision::TooDear => {
            ("drop", "whether it does anything is open; even the upper end of the interval does not pay for the cost")
        }
        GeoDecision::Miscalibrated => {
            ("cannot-tell", "on your own days before the test this reading finds effects that are not there too often")
        }
        GeoDecision::Disagree => {
            ("cannot-tell", "the nulls disagree: some are refused and some are not, so the answer hangs on the method")
        }
        GeoDecision::NothingShown => ("cannot-tell", "no null is refused: such gaps come without any test"),
        GeoDecision::PayUnsettled => {
            ("cannot-tell", "there is an effect; whether it pays is open, for the interval holds break-even")
        }
    };
    (word, why.to_owned())
}

/// What placebo tests counted, in words.
pub(super) fn calibrated(c: &Calibration, runs: &str) -> String {
    let share = |e: &Estimate| {
        format!("{} % ({} to {} %)", fixed(100.0 * e.point, 1), fixed(100.0 * e.low, 1), fixed(100.0 * e.high, 1))
    };
    let found = c.found.map_or_else(String::new, |(lift, e)| {
        format!("; a lift of {} % was found in {}", fixed(100.0 * lift, 0), share(&e))
    });
    format!(
        "{} {runs}: an effect where there was none in {}, where {} % are allowed; intervals held the truth in \
         {}{found}",
        c.n_runs,
        share(&c.false_positives),
        fixed(100.0 * c.alpha, 0),
        share(&c.coverage)
    )
}

const WOULD_SETTLE: &str = "more treated markets, more days, or a second test in other markets";

#[derive(Serialize)]
struct Document<'a> {
    schema: &'static str,
    version: &'static str,
    seed: u64,
    confidence: f64,
    inputs: [&'a SourceFile; 1],
    window: Window<'a>,
    warnings: Vec<Warning<'a>>,
    design: Design<'a>,
    effect: Effect,
    robustness: Vec<Row>,
    weights: Vec<Weight<'a>>,
    weights_with_levels: Vec<Weight<'a>>,
    without_one_donor: Option<WithoutOne<'a>>,
    iroas: Answer<Interval>,
    iroas_by_blocks: Answer<Interval>,
    break_even_iroas: Option<f64>,
    carry_over: Option<CarryOver>,
    pairs: Vec<Pair<'a>>,
    n_placebo_sets: usize,
    calibration: Option<Calibrated>,
    path: Vec<Point>,
    verdict: Verdict,
}

#[derive(Serialize)]
struct Window<'a> {
    from: &'a str,
    to: &'a str,
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
    plan: Option<super::json::Plan<'a>>,
    treated: &'a [String],
    n_markets: usize,
    n_before: usize,
    n_during: usize,
    cost: f64,
    margin: Option<f64>,
}

#[derive(Serialize)]
struct Effect {
    per_market_and_period: f64,
    total: f64,
    lift: f64,
    scaled_gap: f64,
    low: Option<f64>,
    high: Option<f64>,
    lift_low: Option<f64>,
    lift_high: Option<f64>,
}

#[derive(Serialize)]
struct CarryOver {
    n_periods: usize,
    total: f64,
    share_of_effect: Option<f64>,
    p_value: f64,
}

#[derive(Serialize)]
struct Pair<'a> {
    treated: &'a str,
    control: &'a str,
}

/// What placebo tests or A/A runs counted.
#[derive(Serialize)]
pub(super) struct Calibrated {
    n_runs: u64,
    alpha: f64,
    false_positives: Estimate,
    above_nominal: bool,
    coverage: Estimate,
    lift: Option<f64>,
    found: Option<Estimate>,
    n_open_intervals: u64,
}

impl Calibrated {
    pub(super) fn of(c: &Calibration) -> Self {
        Self {
            n_runs: c.n_runs,
            alpha: c.alpha,
            false_positives: c.false_positives,
            above_nominal: c.is_above_nominal(),
            coverage: c.coverage,
            lift: c.found.map(|f| f.0),
            found: c.found.map(|f| f.1),
            n_open_intervals: c.n_open,
        }
    }
}

#[derive(Serialize)]
struct Row {
    estimator: &'static str,
    null: &'static str,
    point: f64,
    low: Option<f64>,
    high: Option<f64>,
    p_value: f64,
    p_value_floor: f64,
    decides: bool,
    part: &'static str,
}

#[derive(Serialize)]
struct Weight<'a> {
    market: &'a str,
    weight: f64,
}

#[derive(Serialize)]
struct WithoutOne<'a> {
    least: f64,
    least_without: &'a str,
    most: f64,
    most_without: &'a str,
}

#[derive(Serialize)]
struct Point {
    period: i64,
    actual: f64,
    synthetic: f64,
}

#[derive(Serialize)]
struct Verdict {
    decision: &'static str,
    reasons: Vec<String>,
    expected_profit: Answer<Interval>,
    p_profit_positive: Option<f64>,
    expected_loss: Answer<Loss>,
}

/// Writes the reading as JSON, with a line feed at the end.
///
/// # Errors
/// When `out` cannot be written to.
pub fn geo_json(report: &GeoReport, mut out: impl Write) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut out, &document(report))?;
    out.write_all(b"\n")
}

fn document(report: &GeoReport) -> Document<'_> {
    let (reading, asked) = (&report.reading, &report.options);
    let blocks = &reading.table[0];
    let span = |r: &Ratio| Interval { point: r.point, low: r.low, high: r.high, confidence: asked.confidence };
    Document {
        schema: GEO_SCHEMA,
        version: env!("CARGO_PKG_VERSION"),
        seed: report.seed.0,
        confidence: asked.confidence,
        inputs: [&report.file],
        window: Window { from: &asked.start, to: &asked.end },
        warnings: report.warnings.iter().map(|w| Warning { id: w.id, text: &w.text }).collect(),
        design: Design {
            kind: "geo",
            sealed: asked.plan.as_ref().is_some_and(PlanUsed::is_kept),
            plan: super::json::plan(asked.plan.as_ref()),
            treated: &asked.treated,
            n_markets: reading.panel.markets.len(),
            n_before: reading.n_before,
            n_during: reading.n_during,
            cost: reading.cost,
            margin: asked.margin,
        },
        effect: Effect {
            per_market_and_period: reading.effect,
            total: blocks.total,
            lift: reading.lift,
            scaled_gap: reading.scaled_gap,
            low: reading.interval.0,
            high: reading.interval.1,
            lift_low: reading.lift_interval.0,
            lift_high: reading.lift_interval.1,
        },
        robustness: reading
            .table
            .iter()
            .map(|r| Row {
                estimator: r.estimator,
                null: r.null,
                point: r.total,
                low: r.interval.and_then(|i| i.0),
                high: r.interval.and_then(|i| i.1),
                p_value: r.p_value,
                p_value_floor: r.floor,
                decides: r.part == Part::Decides,
                part: match r.part {
                    Part::Decides => "decides",
                    Part::Heard => "heard",
                    Part::Shown => "shown",
                },
            })
            .collect(),
        weights: weights(&reading.weights),
        weights_with_levels: weights(&reading.weights_with_levels),
        without_one_donor: reading.without_one.as_ref().map(|(least, most)| WithoutOne {
            least: least.0,
            least_without: &least.1,
            most: most.0,
            most_without: &most.1,
        }),
        iroas: iroas(report),
        iroas_by_blocks: match &reading.return_by_blocks {
            Some(ratio) => Answer::Found(span(ratio)),
            None => none(NO_COST.0, NO_COST.1),
        },
        break_even_iroas: asked.margin.map(|m| 1.0 / m),
        carry_over: reading.carried.map(|c| CarryOver {
            n_periods: c.n_periods,
            total: c.total,
            share_of_effect: Some(c.share_of_effect).filter(|s| s.is_finite()),
            p_value: c.p_value,
        }),
        pairs: reading.pairs.iter().map(|(treated, control)| Pair { treated, control }).collect(),
        n_placebo_sets: reading.placebos.len(),
        calibration: report.calibration.as_ref().map(Calibrated::of),
        path: reading
            .panel
            .periods
            .iter()
            .zip(&reading.path)
            .map(|(period, (actual, synthetic))| Point { period: *period, actual: *actual, synthetic: *synthetic })
            .collect(),
        verdict: Verdict {
            decision: decision(report).0,
            reasons: reasons(report),
            expected_profit: match profit(report) {
                Some(profit) => Answer::Found(profit),
                None => none("no margin was given", "--margin, and --cost where the test cost something"),
            },
            p_profit_positive: reading.stakes.map(|s| s.p_positive),
            expected_loss: match reading.stakes {
                Some(s) => Answer::Found(Loss { adopt: s.loss_adopt, drop: s.loss_drop }),
                None if asked.margin.is_none() => none("no margin was given", "--margin"),
                None => none("there are too few placebo sets to make a distribution of", WOULD_SETTLE),
            },
        },
    }
}

const NO_COST: (&str, &str) =
    ("the treated markets cost nothing beyond what they cost before", "--cost with what was spent");

/// Profit of the test, where a margin was given: the hull of the intervals that decide.
pub(super) fn profit(report: &GeoReport) -> Option<Interval> {
    let reading = &report.reading;
    let margin = report.options.margin?;
    let of = |total: f64| margin * total - reading.cost;
    let (low, high) = reading.interval;
    Some(Interval {
        point: of(reading.table[0].total),
        low: low.map(of),
        high: high.map(of),
        confidence: report.options.confidence,
    })
}

fn weights(weights: &[(String, f64)]) -> Vec<Weight<'_>> {
    weights.iter().map(|(market, weight)| Weight { market, weight: *weight }).collect()
}

fn none<T>(why: &str, would_settle: &str) -> Answer<T> {
    Answer::Abstained { abstained: Abstention::new(why, would_settle) }
}

pub(super) fn reasons(report: &GeoReport) -> Vec<String> {
    let (word, why) = decision(report);
    let mut all = super::words::plan_reasons(report.options.plan.as_ref());
    all.push(why);
    all.extend(report.calibration.as_ref().map(|c| calibrated(c, "placebo tests on the days before")));
    if word == "cannot-tell" {
        all.push(format!("what would settle it: {WOULD_SETTLE}"));
    }
    all
}

/// Added metric for each unit of money added, by time-based regression (Fieller).
pub(super) fn iroas(report: &GeoReport) -> Answer<Interval> {
    let (reading, confidence) = (&report.reading, report.options.confidence);
    match (reading.return_on_cost, reading.time_based) {
        (Some(r), _) => Answer::Found(Interval { point: r.point, low: r.low, high: r.high, confidence }),
        (None, Some(_)) => none(NO_COST.0, NO_COST.1),
        (None, None) => none("there is no regression", "days before the test on which the other markets vary"),
    }
}

/// An end of an interval, in text.
fn end(x: Option<f64>, digits: usize) -> String {
    x.map_or_else(|| "open".to_owned(), |x| fixed(x, digits))
}

/// What each unit of money added, in text.
fn returns(report: &GeoReport, out: &mut String) {
    let reading = &report.reading;
    if let Answer::Found(i) = iroas(report) {
        let _ = writeln!(out, "\nAdded for each unit of money added");
        let _ = writeln!(
            out,
            "  by regression (independent days, too sure of itself): {} ({} to {})",
            fixed(i.point, 2),
            end(i.low, 2),
            end(i.high, 2)
        );
        if let Some(r) = reading.return_by_blocks {
            let _ =
                writeln!(out, "  by blocks of time: {} ({} to {})", fixed(r.point, 2), end(r.low, 2), end(r.high, 2));
        }
        if let Some(margin) = report.options.margin {
            let _ = writeln!(out, "  it pays from {} on", fixed(1.0 / margin, 2));
        }
    }
}

/// The verdict in a word or two.
pub(super) fn head(report: &GeoReport) -> &'static str {
    match decision(report).0 {
        "adopt" => "Adopt.",
        "drop" => "Drop.",
        _ => "Not settled.",
    }
}

/// The reading as text.
pub fn geo_text(report: &GeoReport) -> String {
    let reading = &report.reading;
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}", head(report));
    for reason in reasons(report) {
        let _ = writeln!(out, "  {}", sentence(&reason));
    }
    if let Some(p) = profit(report) {
        let _ = writeln!(out, "  Profit of the test: {} ({} to {})", fixed(p.point, 0), end(p.low, 0), end(p.high, 0));
    }
    if let Some(s) = reading.stakes {
        let _ = writeln!(
            out,
            "  Chance that it pays, if it errs as placebo sets do: {} %; adopting it wrongly costs {} on average, dropping it \
             wrongly {}",
            fixed(100.0 * s.p_positive, 0),
            fixed(s.loss_adopt, 0),
            fixed(s.loss_drop, 0)
        );
    }
    let treated: Vec<String> = report.options.treated.iter().map(|t| plain(t).into_owned()).collect();
    let _ = writeln!(
        out,
        "\n{} against {} other markets, {} days before and {} of the test",
        treated.join(", "),
        reading.panel.markets.len() - reading.treated.len(),
        reading.n_before,
        reading.n_during
    );
    let _ = writeln!(
        out,
        "  effect a market and day {}, in all {} ({} to {}), lift {} % ({} to {} %); gap before the test {} of that of equal \
         weights",
        fixed(reading.effect, 1),
        fixed(reading.table[0].total, 0),
        end(reading.interval.0, 0),
        end(reading.interval.1, 0),
        fixed(100.0 * reading.lift, 1),
        end(reading.lift_interval.0.map(|l| 100.0 * l), 1),
        end(reading.lift_interval.1.map(|l| 100.0 * l), 1),
        fixed(reading.scaled_gap, 2)
    );
    if let Some((least, most)) = &reading.without_one {
        let _ = writeln!(
            out,
            "  leaving one donor out: {} without {} to {} without {}",
            fixed(least.0, 1),
            plain(&least.1),
            fixed(most.0, 1),
            plain(&most.1)
        );
    }
    if let Some(c) = reading.carried {
        let _ = writeln!(
            out,
            "  cool-down of {} days: {} in all, {} % of the effect a treated day, p = {}",
            c.n_periods,
            fixed(c.total, 0),
            fixed(100.0 * c.share_of_effect, 0),
            fixed(c.p_value, 4)
        );
    }
    let _ = writeln!(out, "\n{:<36} {:<26} {:>10}  {:<24} {:>8}", "estimator", "null", "in all", "interval", "p");
    for r in &reading.table {
        let interval =
            r.interval.map_or_else(String::new, |(low, high)| format!("{} to {}", end(low, 0), end(high, 0)));
        let shown = match r.part {
            Part::Decides => "",
            Part::Heard => "  (heard)",
            Part::Shown => "  (does not decide)",
        };
        let _ = writeln!(
            out,
            "{:<36} {:<26} {:>10}  {:<24} {:>8}{shown}",
            r.estimator,
            r.null,
            fixed(r.total, 0),
            interval,
            fixed(r.p_value, 4)
        );
    }
    returns(report, &mut out);
    let weights: Vec<String> =
        reading.weights.iter().take(12).map(|(market, w)| format!("{} {}", plain(market), fixed(*w, 3))).collect();
    let _ = writeln!(out, "\nSynthetic market: {}", weights.join(", "));
    if !reading.pairs.is_empty() {
        let pairs: Vec<String> =
            reading.pairs.iter().take(12).map(|(a, b)| format!("{} by {}", plain(a), plain(b))).collect();
        let _ = writeln!(out, "Matched pairs: {}", pairs.join(", "));
    }
    let _ = writeln!(out, "\nBefore relying on this");
    for warning in &report.warnings {
        let _ = writeln!(out, "  {}", sentence(&plain(&warning.text)));
    }
    out
}
