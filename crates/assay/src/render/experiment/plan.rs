//! A plan as text and as JSON, schema `assay.experiment-plan/1` (published as `schemas/experiment-plan-1.json`).

use super::plan_segments;
use crate::render::document;
use crate::render::format::{count, counted, fixed, plain, sentence, whole};
use crate::report::PlanReport;
use assay_experiment::plan::designs::Kind;
use assay_experiment::plan::{Appraisal, POWER_LEAST, Refusal};
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::io::{self, Write};

/// The schema that [`plan_json`] writes.
pub const PLAN_SCHEMA: &str = "assay.experiment-plan/1";

fn id(kind: Kind) -> &'static str {
    match kind {
        Kind::OwnList => "user-split",
        Kind::Platform => "platform-split",
        Kind::Markets => "markets",
        Kind::Switchback => "switchback",
        Kind::BeforeAfter => "before-after",
    }
}

pub(super) fn name(kind: Kind) -> &'static str {
    match kind {
        Kind::OwnList => "a split of your own list",
        Kind::Platform => "the platform's randomised test",
        Kind::Markets => "markets against markets",
        Kind::Switchback => "weeks on, weeks off (switchback)",
        Kind::BeforeAfter => "before and after",
    }
}

fn refusal_id(refusal: Refusal) -> &'static str {
    match refusal {
        Refusal::Floor => "smallest-p-above-alpha",
        Refusal::DoesNotPay => "does-not-pay-even-so",
        Refusal::Power => "power",
        Refusal::Worth => "costs-more-than-it-tells",
        Refusal::NoComparison => "no-comparison",
    }
}

/// Why a design is not run, as a clause.
pub(super) fn refusal(a: &Appraisal, report: &PlanReport) -> Option<String> {
    let money = |x: f64| amount(x, report);
    Some(match a.refusal? {
        Refusal::Floor => format!(
            "it allows no p-value below {}, so it cannot pass {}: more {}",
            number(a.candidate.smallest_p),
            number(report.aim.alpha),
            if a.candidate.kind == Kind::Switchback { "weeks" } else { "markets" }
        ),
        Refusal::DoesNotPay => format!(
            "even the lift of {} that is hoped for does not earn what it costs: break-even is at {}",
            percent(a.target_lift),
            percent(a.break_even_lift)
        ),
        Refusal::Power => format!(
            "if the lift is {}, the test finds it with a chance of {} only, below {}",
            percent(a.target_lift),
            percent(a.power),
            percent(POWER_LEAST)
        ),
        Refusal::Worth => {
            format!("what it costs on average ({}) exceeds what its answer earns ({})", money(a.price), money(a.value))
        }
        Refusal::NoComparison => {
            "there is nothing to compare with: whatever else changed with the calendar is in the answer".to_owned()
        }
    })
}

/// Writes the plan as JSON, with a line feed at the end.
///
/// # Errors
/// When `out` cannot be written to.
pub fn plan_json(report: &PlanReport, out: impl Write) -> io::Result<()> {
    let mut fields = Map::new();
    let aim = &report.aim;
    fields.insert("alpha".to_owned(), json!(aim.alpha));
    fields.insert("power".to_owned(), json!(aim.power));
    fields.insert("margin".to_owned(), if report.in_money { json!(aim.margin) } else { Value::Null });
    fields.insert("prior_lift".to_owned(), json!({ "mean": aim.prior.mean, "spread": aim.prior.spread }));
    fields.insert("assumed".to_owned(), json!(report.assumed));
    let past = report
        .past
        .map(|p| json!({ "n_weeks": p.n, "mean": p.mean, "spread": p.spread, "overdispersion": p.overdispersion }));
    fields.insert("past_weeks".to_owned(), past.unwrap_or(Value::Null));
    let designs: Vec<Value> = report.appraisals.iter().map(|a| design(a, report)).collect();
    fields.insert("designs".to_owned(), designs.into());
    let sets: Vec<Value> = report
        .sets
        .iter()
        .map(|s| {
            json!({ "treated": s.treated, "baseline": s.baseline, "error": s.error,
                    "detectable_lift": s.detectable_lift, "scaled_gap": s.scaled_gap })
        })
        .collect();
    fields.insert("market_sets".to_owned(), sets.into());
    fields.insert("segments".to_owned(), plan_segments::json_of(report));
    let missing: Vec<Value> = report.missing.iter().map(|(d, takes)| json!({ "design": d, "takes": takes })).collect();
    fields.insert("other_designs".to_owned(), missing.into());
    fields.insert(
        "verdict".to_owned(),
        json!({
            "decision": if report.chosen.is_some() { "run" } else { "do-not-run" },
            "design": report.chosen.map(|i| id(report.appraisals[i].candidate.kind)),
            "reasons": reasons(report),
        }),
    );
    document::write(PLAN_SCHEMA, &report.origin, Value::Object(fields), out)
}

fn design(a: &Appraisal, report: &PlanReport) -> Value {
    let c = &a.candidate;
    json!({
        "kind": id(c.kind),
        "n_control": c.n_units.0,
        "n_treated": c.n_units.1,
        "log10_assignments": c.log10_assignments,
        "smallest_p_value": c.smallest_p,
        "baseline": c.baseline,
        "error": c.error,
        "detectable": a.detectable,
        "detectable_money": report.in_money.then_some(a.detectable_money),
        "detectable_lift": a.detectable_lift,
        "break_even_lift": report.in_money.then_some(a.break_even_lift),
        "target_lift": a.target_lift,
        "power": a.power,
        "days": c.days,
        "spend": c.spend,
        "n_by_power": c.n_by_power,
        "n_by_test_and_roll": c.n_by_test_and_roll,
        "p_changes_decision": a.p_changes,
        "value": report.in_money.then_some(a.value),
        "price": report.in_money.then_some(a.price),
        "refused": a.refusal.map(refusal_id),
        "why": refusal(a, report),
    })
}

pub(super) fn reasons(report: &PlanReport) -> Vec<String> {
    let mut all = reasons_of_designs(report);
    all.extend(plan_segments::reasons(report));
    all
}

fn reasons_of_designs(report: &PlanReport) -> Vec<String> {
    match report.chosen {
        Some(i) => {
            let a = &report.appraisals[i];
            let mut all =
                vec![format!("it finds a lift of {} with a chance of {}", percent(a.target_lift), percent(a.power))];
            if report.in_money {
                all.push(format!(
                    "its answer is worth {} on average and costs {}; with a chance of {} it changes what you would do",
                    amount(a.value, report),
                    amount(a.price.max(0.0), report),
                    percent(a.p_changes)
                ));
            } else {
                all.push(
                    "no margin was named, so whether the answer is worth its price is not said (--margin)".to_owned(),
                );
            }
            all
        }
        None => report
            .appraisals
            .iter()
            .filter_map(|a| Some(format!("{}: {}", name(a.candidate.kind), refusal(a, report)?)))
            .collect(),
    }
}

/// The plan as text.
pub fn plan_text(report: &PlanReport) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = match report.chosen {
        Some(i) => writeln!(out, "Run it: {}.", name(report.appraisals[i].candidate.kind)),
        None => writeln!(out, "Do not run a test: none that you have the means for can answer."),
    };
    for reason in reasons(report) {
        let _ = writeln!(out, "  {}", sentence(&reason));
    }
    for (i, a) in report.appraisals.iter().enumerate() {
        let _ = writeln!(
            out,
            "\n{}{}",
            sentence(name(a.candidate.kind)),
            if report.chosen == Some(i) { " (chosen)" } else { "" }
        );
        one(&mut out, a, report);
    }
    plan_segments::text(&mut out, report);
    if !report.sets.is_empty() {
        let _ = writeln!(out, "\nMarkets to treat (draw one of these by lot; the first fitted best by luck too)");
        for s in &report.sets {
            let names: Vec<String> = s.treated.iter().map(|t| plain(t).into_owned()).collect();
            let _ = writeln!(out, "  {:>8}  {}", percent(s.detectable_lift), names.join(", "));
        }
    }
    if let Some(past) = report.past {
        let _ = writeln!(
            out,
            "\nThe past: {} whole weeks of {} on average, which differ by {} from one to the next ({} times chance).",
            past.n,
            number(past.mean),
            number(past.spread),
            fixed(past.overdispersion, 1)
        );
    }
    let prior = report.aim.prior;
    let _ = writeln!(
        out,
        "\nTaken for granted\n  Lifts lie around {} give or take {} before anything is known (--prior-lift).",
        percent(prior.mean),
        percent(prior.spread)
    );
    for assumed in &report.assumed {
        let _ = writeln!(out, "  {}", sentence(assumed));
    }
    for warning in &report.origin.warnings {
        let _ = writeln!(out, "  {}", sentence(&plain(&warning.text)));
    }
    if !report.missing.is_empty() {
        let _ = writeln!(out, "\nOther designs, the more trusted first");
        for (design, takes) in &report.missing {
            let _ = writeln!(out, "  {design}: {takes}");
        }
    }
    out
}

fn one(out: &mut String, a: &Appraisal, report: &PlanReport) {
    let c = &a.candidate;
    let ways = if c.log10_assignments < 6.0 {
        counted(10.0_f64.powf(c.log10_assignments).round() as u64, "possible assignment", "possible assignments")
    } else {
        format!("10^{} possible assignments", fixed(c.log10_assignments, 0))
    };
    let unit = match c.kind {
        Kind::OwnList | Kind::Platform => "people",
        Kind::Markets => "markets",
        Kind::Switchback | Kind::BeforeAfter => "weeks",
    };
    let _ = writeln!(
        out,
        "  {} treated and {} untreated {unit}; {ways}, smallest p {}",
        count(c.n_units.1 as u64),
        count(c.n_units.0 as u64),
        if c.smallest_p < 1e-6 { "under 0.000001".to_owned() } else { number(c.smallest_p) }
    );
    let money =
        if report.in_money { format!(" (in money {})", amount(a.detectable_money, report)) } else { String::new() };
    let _ = writeln!(
        out,
        "  finds {} beyond break-even in {} % of tests: {} on {}{money}",
        percent(a.detectable_lift),
        number(100.0 * report.aim.power),
        number(a.detectable),
        number(c.baseline)
    );
    let days = c.days.map_or_else(|| "days not said (--people-per-week)".to_owned(), |d| format!("{} days", number(d)));
    let _ = writeln!(out, "  takes {days} and {} of spend", amount(c.spend, report));
    if let (Some(power), Some(roll)) = (c.n_by_power, c.n_by_test_and_roll) {
        let _ = writeln!(
            out,
            "  an arm: {} people by alpha and power; {} by what they earn (Test & Roll)",
            count(power.ceil() as u64),
            count(roll.round() as u64)
        );
    }
    if report.in_money {
        let _ = writeln!(
            out,
            "  break-even at a lift of {}; power {} for {}; changes the decision with a chance of {}; worth {}, price {}",
            percent(a.break_even_lift),
            percent(a.power),
            percent(a.target_lift),
            percent(a.p_changes),
            amount(a.value, report),
            amount(a.price, report)
        );
    }
    if let Some(why) = refusal(a, report) {
        let _ = writeln!(out, "  not run: {why}");
    }
}

/// Three significant digits, whole from 100 on.
pub(super) fn number(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return format!("{x}");
    }
    if x.abs() >= 1_000.0 {
        return whole(x);
    }
    let digits = (2 - x.abs().log10().floor() as i32).clamp(0, 9) as usize;
    let text = fixed(x, digits);
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text };
    text.replace('-', "\u{2212}")
}

pub(super) fn amount(x: f64, report: &PlanReport) -> String {
    if report.in_money { number((x * 100.0).round() / 100.0) } else { number(x) }
}

pub(super) fn percent(share: f64) -> String {
    format!("{} %", number(100.0 * share))
}
