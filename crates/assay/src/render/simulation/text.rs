//! A simulation on one screen of a terminal.

use super::{CAVEAT, change, headline, money, window_name, written};
use crate::render::format::glued;
use crate::report::{EngineUsed, SimulationReport};
use assay_model::Outcome;
use assay_reach::feed::{MEASURES, Measure, Policy};
use std::fmt::Write as _;

/// Columns of running text.
const WIDTH: usize = 100;

/// The report on one screen: the answer in a sentence, then each window against the same page that bought none.
pub fn simulation_text(report: &SimulationReport) -> String {
    let mut out = String::new();
    wrap(&mut out, "", &headline(report));
    let currency = &report.scenario.money.currency;
    let bought = !report.scenario.buy.is_empty();
    for window in &report.comparison.windows {
        let _ = writeln!(out, "\n{}", window_name(window));
        if bought {
            let _ = writeln!(out, "  {:<42} {:>20} {:>20} {:>9}", "", "this page", "had it bought none", "change");
        }
        for (measure, [with, without, ratio]) in &window.rows {
            let name = MEASURES.iter().find(|m| m.0 == *measure).map_or("", |m| m.3);
            let name = name.split(',').next().unwrap_or(name);
            let cell = |o: &Outcome<assay_math::Estimate>| match o {
                Outcome::Found(e) => range(*measure, e.point, e.low, e.high, currency),
                Outcome::Abstained(_) => "cannot be said".to_owned(),
            };
            let changed = match ratio {
                Outcome::Found(e) => change(e.point),
                Outcome::Abstained(_) => "\u{2013}".to_owned(),
            };
            if bought {
                let _ = writeln!(out, "  {name:<42} {:>20} {:>20} {changed:>9}", cell(with), cell(without));
            } else {
                let _ = writeln!(out, "  {name:<42} {:>20}", cell(with));
            }
        }
    }
    money_lines(&mut out, report);
    let first_why = report.comparison.windows.iter().flat_map(|w| &w.rows).flat_map(|r| &r.1).find_map(|o| match o {
        Outcome::Abstained(a) => Some(a),
        Outcome::Found(_) => None,
    });
    if let Some(why) = first_why {
        out.push('\n');
        wrap(&mut out, "Not said: ", &format!("{}. Would settle it: {}.", why.why, why.would_settle));
    }
    out.push('\n');
    let engine = match report.engine {
        EngineUsed::Agents => "every person simulated",
        EngineUsed::Cohorts => "people who are alike counted together",
    };
    let n = report.comparison.n_seeds;
    wrap(
        &mut out,
        "",
        &format!("{n} seeds from {}, {engine}; ranges hold the next seed nine times of ten.", report.seed),
    );
    if let Some(policy) = Policy::of(&report.scenario.platform.policy) {
        wrap(
            &mut out,
            "Policy: ",
            &format!("{}. Source: {}. Leaves out: {}.", policy.sentence, policy.source, policy.limits),
        );
    }
    wrap(&mut out, "", CAVEAT);
    out.replace('\u{a0}', " ")
}

fn range(measure: Measure, point: f64, low: f64, high: f64, currency: &str) -> String {
    let of = |x: f64| written(measure, x, currency).replace(&format!("{currency}\u{a0}"), "");
    if of(low) == of(high) { of(point) } else { format!("{} ({}\u{2013}{})", of(point), of(low), of(high)) }
}

fn money_lines(out: &mut String, report: &SimulationReport) {
    let currency = &report.scenario.money.currency;
    let c = &report.comparison;
    let mut line = |name: &str, o: &Outcome<assay_math::Estimate>| {
        if let Outcome::Found(e) = o {
            let range = if e.low == e.high {
                String::new()
            } else {
                format!(" ({} to {})", money(e.low, currency), money(e.high, currency))
            };
            let _ = writeln!(out, "{name:<36} {}{range}", money(e.point, currency));
        }
    };
    line("\nSpent in all", &c.spend_minor);
    if !report.scenario.buy.is_empty() {
        line("Revenue against having bought none", &c.revenue_change_minor);
    }
}

fn wrap(out: &mut String, head: &str, text: &str) {
    let mut line = head.to_owned();
    for word in glued(text).split([' ', '\n']).filter(|word| !word.is_empty()) {
        if line.chars().count() + word.chars().count() + 1 > WIDTH && !line.trim().is_empty() {
            let _ = writeln!(out, "{}", line.trim_end());
            line.clear();
        }
        line.push_str(word);
        line.push(' ');
    }
    let _ = writeln!(out, "{}", line.trim_end());
}
