//! A reading as text for a terminal.

use super::{checks, words};
use crate::render::format::{count, counted, fixed, plain, sentence};
use crate::report::ExperimentReport;
use assay_experiment::reading::{Decision, Effect, Range, unit_name};
use assay_experiment::segments::ArmSegments;
use assay_experiment::{Kind, Stop};
use assay_math::Estimate;
use assay_model::Outcome;
use std::fmt::Write as _;

/// What to do, in a sentence.
pub(super) fn head(report: &ExperimentReport) -> String {
    let verdict = &report.reading.verdict;
    let arm = verdict.arm.as_deref().map(plain).unwrap_or_default();
    match verdict.decision {
        Decision::Adopt => format!("Adopt {arm}."),
        Decision::Drop => format!("Keep {}: drop the rest.", plain(&report.reading.asked.control)),
        Decision::Continue => "Go on: it is not settled yet.".to_owned(),
        Decision::CannotTell => "It cannot be told.".to_owned(),
        Decision::Invalid => "This cannot be read: the split is broken.".to_owned(),
    }
}

/// The reading as text.
pub fn text(report: &ExperimentReport) -> String {
    let reading = &report.reading;
    let mut out = String::new();
    let verdict = &reading.verdict;
    let arm = verdict.arm.as_deref().map(plain).unwrap_or_default();
    line(&mut out, &head(report));
    for reason in words::reasons(report) {
        line(&mut out, &format!("  {}", sentence(&reason)));
    }
    if let (Some(profit), Some(stakes)) = (verdict.expected_profit, verdict.stakes) {
        let per = unit_name(reading.tallied.unit_of);
        line(
            &mut out,
            &format!(
                "  Profit of {arm} a {per}: {}; chance that it pays: {}.",
                span(&profit, money),
                chance(stakes.p_positive)
            ),
        );
        line(
            &mut out,
            &format!(
                "  On average, adopting it wrongly costs {} a {per} and dropping it wrongly {}.",
                money(stakes.loss_adopt),
                money(stakes.loss_drop)
            ),
        );
    }
    if let Some((value, n)) = words::value_of_week(report) {
        line(
            &mut out,
            &format!(
                "  A further week of {} would be worth {} for each unit that the decision is about.",
                counted(n, "unit", "units"),
                money(value)
            ),
        );
    }
    line(&mut out, "");
    arms(&mut out, report);
    line(&mut out, "");
    for effect in &reading.effects {
        effect_line(&mut out, effect);
    }
    for g in &reading.guarded {
        let (metric, arm) = (plain(&g.metric), plain(&g.arm));
        line(&mut out, &format!("  guardrail {metric} · {arm}: {}", words::standing(g.standing)));
    }
    line(&mut out, &format!("  {}", looking(report)));
    for arm in &report.segments {
        by_segment(&mut out, arm);
    }
    for over in &report.over_time {
        if let Some((slope, p)) = &over.slope {
            let ends = format!("{} to {}", signed(slope.low), signed(slope.high));
            line(
                &mut out,
                &format!(
                    "  {} over {} days: the effect changes by {} a day ({ends}; {})",
                    plain(&over.arm),
                    over.days.len(),
                    signed(slope.point),
                    p_value(*p)
                ),
            );
        }
    }
    for text in checks::lines(report) {
        line(&mut out, &text);
    }
    if !reading.robustness.is_empty() {
        line(&mut out, "\nThe same by other methods (one look, not adjusted)");
        for r in &reading.robustness {
            let number: fn(f64) -> String = if r.scale == "lift" { signed_percent } else { signed };
            let ends = match (r.low, r.high) {
                (Some(low), Some(high)) => format!("{} to {}", number(low), number(high)),
                _ => "open".to_owned(),
            };
            let p = r.p_value.map_or_else(|| "no p".to_owned(), p_value);
            line(
                &mut out,
                &format!(
                    "  {} · {}: {} {}, {ends}, {p}",
                    plain(&r.metric),
                    plain(&r.arm),
                    r.estimator,
                    number(r.point)
                ),
            );
        }
    }
    if !report.warnings.is_empty() {
        line(&mut out, "\nBefore relying on this");
        for warning in &report.warnings {
            line(&mut out, &format!("  {}", sentence(&plain(&warning.text))));
        }
    }
    out
}

fn arms(out: &mut String, report: &ExperimentReport) {
    let reading = &report.reading;
    let unit = unit_name(reading.tallied.unit_of);
    let check = if reading.srm.stop { "broken" } else { "agrees with the split" };
    line(out, &format!("Arms ({check}, {})", p_value(reading.srm.p_value)));
    for (k, i) in reading.order.iter().enumerate() {
        let arm = &reading.tallied.arms[*i];
        let means: Vec<String> = arm
            .cells
            .iter()
            .zip(reading.metrics())
            .filter_map(|(cell, metric)| {
                let mean = cell.moments.sample()?.rate();
                let flag = metric.kind != Kind::Ratio && cell.moments.is_flag();
                let shown = if flag { unsigned_percent(mean) } else { significant(mean) };
                Some(format!("{} {shown}", plain(&metric.name)))
            })
            .collect();
        let role = if k == 0 { " (control)" } else { "" };
        line(
            out,
            &format!(
                "  {}{role}: {}, {}",
                plain(&arm.name),
                counted(arm.n_units, unit, &format!("{unit}s")),
                means.join(", ")
            ),
        );
    }
}

fn by_segment(out: &mut String, arm: &ArmSegments) {
    let of = if arm.arm.is_empty() { String::new() } else { format!(", {}", plain(&arm.arm)) };
    line(out, &format!("\nBy {}{of}: drawn towards their mean (one look)", plain(&arm.by)));
    let span = |e: &Estimate| format!("{} ({} to {})", signed(e.point), signed(e.low), signed(e.high));
    match &arm.pooled {
        Outcome::Found(together) => {
            line(out, &format!("  all together: {}", span(&together.mean)));
            for ((name, n, test), drawn) in arm.segments.iter().zip(&together.tests) {
                let units = counted(*n, "unit", "units");
                line(
                    out,
                    &format!("  {}, {units}: {}; by itself {}", plain(name), span(&drawn.effect), signed(test.effect)),
                );
            }
        }
        Outcome::Abstained(why) => {
            line(out, &format!("  cannot be said: {}; it would take {}", why.why, why.would_settle));
        }
    }
    if !arm.left_out.is_empty() {
        let names: Vec<_> = arm.left_out.iter().take(10).map(|n| plain(n)).collect();
        line(out, &format!("  not compared: {}", names.join(", ")));
    }
}

fn effect_line(out: &mut String, effect: &Effect) {
    let name = format!("{} · {}", plain(&effect.metric), plain(&effect.arm));
    match (&effect.absolute, effect.p_value) {
        (Outcome::Found(absolute), Some(p)) => {
            let lift = match &effect.relative {
                Outcome::Found(relative) => format!("; lift {}", span(relative, signed_percent)),
                Outcome::Abstained(_) => String::new(),
            };
            let adjusted = effect
                .adjusted_p_value
                .filter(|a| (a - p).abs() > 1e-12)
                .map_or_else(String::new, |a| format!(", adjusted {}", p_value(a)));
            line(out, &format!("  {name}: difference {}{lift}; {}{adjusted}", span(absolute, signed), p_value(p)));
            line(out, &format!("    {}", effect.method));
        }
        (Outcome::Abstained(why), _) => {
            line(out, &format!("  {name}: cannot be said: {}; it would take {}", why.why, why.would_settle));
        }
        _ => {}
    }
}

fn looking(report: &ExperimentReport) -> String {
    let confidence = report.reading.asked.confidence * 100.0;
    let n: u64 = report.reading.tallied.arms.iter().map(|a| a.n_units).sum();
    let kept = match report.reading.asked.stop {
        Stop::Anytime => "hold however often one looks (no plan was declared)".to_owned(),
        Stop::Capped { n_max, looks: Some(looks) } => {
            format!("hold for {looks} even looks up to {} units; {} were read", count(n_max), count(n))
        }
        Stop::Capped { n_max, looks: None } => {
            format!("hold however often one looks up to {} units; {} were read", count(n_max), count(n))
        }
        Stop::Fixed => "hold for one look".to_owned(),
    };
    format!("{} % intervals and p-values {kept}.", fixed(confidence, 0))
}

fn line(out: &mut String, text: &str) {
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{text}");
}

fn span(range: &Range, number: impl Fn(f64) -> String) -> String {
    let end = |end: Option<f64>, open: &str| end.map_or_else(|| open.to_owned(), &number);
    format!("{} ({} to {})", number(range.point), end(range.low, "no lower bound"), end(range.high, "no upper bound"))
}

/// Three significant digits.
pub(super) fn significant(x: f64) -> String {
    if x == 0.0 || !x.is_finite() {
        return format!("{x}");
    }
    let digits = (2 - x.abs().log10().floor() as i32).clamp(0, 12) as usize;
    fixed(x, digits)
}

pub(super) fn signed(x: f64) -> String {
    let text = significant(x.abs());
    match x {
        x if x < 0.0 => format!("\u{2212}{text}"),
        x if x > 0.0 => format!("+{text}"),
        _ => text,
    }
}

pub(super) fn money(x: f64) -> String {
    if x != 0.0 && x.abs() < 5e-5 {
        return "under 0.0001".to_owned();
    }
    let text = significant(x.abs());
    if x < 0.0 { format!("\u{2212}{text}") } else { text }
}

pub(super) fn signed_percent(x: f64) -> String {
    format!("{} %", signed(x * 100.0))
}

fn unsigned_percent(x: f64) -> String {
    format!("{} %", significant(x * 100.0))
}

fn chance(p: f64) -> String {
    crate::render::format::probability(p)
}

pub(super) fn p_value(p: f64) -> String {
    if p < 0.0001 { "p < 0.0001".to_owned() } else { format!("p = {}", fixed(p, 4)) }
}
