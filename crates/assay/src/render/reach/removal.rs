//! A removal as an experiment: when its steps come, what it can find out, and what each outcome would say.

use crate::pipeline::reach::{POWER, RemovalPlan};
use crate::render::format::{percent, plain, whole};
use crate::render::text::Screen;
use assay_model::Outcome;
use maud::{Markup, html};
use serde_json::{Value, json};

/// The plan as JSON; null where there is none.
pub(super) fn removal_json(plan: Option<&RemovalPlan>) -> Value {
    let Some(plan) = plan else { return Value::Null };
    let steps: Vec<Value> = plan
        .steps
        .iter()
        .map(|(day, week, n)| json!({"day": day.to_string(), "week": week, "n_followers": n}))
        .collect();
    let mechanisms: Vec<Value> = (plan.explanations.iter())
        .map(|(mechanism, e)| {
            let [low, point, high] = spread(&e.effects).map(f64::exp_m1);
            json!({
                "id": mechanism.id(),
                "weight": e.weight,
                "foreseen_share": {"point": point, "low": low, "high": high, "confidence": 0.9},
            })
        })
        .collect();
    let outcomes: Vec<Value> = (plan.outcomes.iter())
        .map(|(effect, weights)| {
            let weights: Vec<Value> = (plan.explanations.iter().zip(weights))
                .map(|((mechanism, _), weight)| json!({"id": mechanism.id(), "weight": weight}))
                .collect();
            json!({"change_share": effect.exp_m1(), "mechanisms": weights})
        })
        .collect();
    json!({
        "target": plan.target.id(),
        "from": plan.asked.from.to_string(),
        "n_weeks": plan.n_weeks,
        "hold_out_days": plan.asked.hold_out_days,
        "gap_weeks": plan.gap_weeks,
        "salt": plan.asked.salt,
        "steps": steps,
        "n_schedules": plan.n_schedules,
        "p_value_floor": plan.floor,
        "posts_per_week": plan.posts_per_week,
        "post_variance": plan.scatter.post,
        "level_variance": plan.scatter.level,
        "power": POWER,
        "detectable_share": match &plan.detectable {
            Outcome::Found(effect) => json!(effect.exp_m1()),
            Outcome::Abstained(why) => json!({"abstained": why}),
        },
        "mechanisms": mechanisms,
        "outcomes": outcomes,
    })
}

/// The lowest, the middle and the highest of effects in their order.
fn spread(effects: &[f64]) -> [f64; 3] {
    [0, effects.len() / 2, effects.len() - 1].map(|i| effects[i])
}

/// A change of reach with its sign.
fn signed(log: f64) -> String {
    let share = log.exp_m1();
    let sign = if share < -0.000_5 { "\u{2212}" } else { "+" };
    format!("{sign}{}", percent(share.abs()))
}

/// What it can find, in a sentence.
fn found(plan: &RemovalPlan) -> String {
    match &plan.detectable {
        Outcome::Found(effect) => format!(
            "finds a gain of {} or more in reach {} of the time, at {} confidence",
            percent(effect.exp_m1()),
            percent(POWER),
            percent(plan.confidence)
        ),
        Outcome::Abstained(why) => {
            format!("cannot find anything: {}; would settle it: {}", plain(&why.why), plain(&why.would_settle))
        }
    }
}

/// How it is run, in sentences.
fn rules(plan: &RemovalPlan) -> String {
    let held = match plan.asked.hold_out_days {
        0 => "all days count".to_owned(),
        n => format!(
            "posts of the first {n} days of every week are not counted, so that what is still remembered is not read as the effect"
        ),
    };
    format!(
        "{} weeks from {}, one of {} possible schedules, drawn by lot; {held}",
        plan.n_weeks, plan.asked.from, plan.n_schedules
    )
}

fn steps(plan: &RemovalPlan) -> impl Iterator<Item = String> {
    plan.steps.iter().map(|(day, _, n)| format!("{day}: {} followers go", whole(*n)))
}

/// An outcome, and what would be thought of each mechanism after it.
fn outcome(plan: &RemovalPlan, effect: f64, weights: &[f64]) -> String {
    let all: Vec<String> = (plan.explanations.iter().zip(weights))
        .map(|((mechanism, _), weight)| format!("{} {}", mechanism.id().replace('_', " "), percent(*weight)))
        .collect();
    let what = if effect.abs() < 1e-9 { "as much as before".to_owned() } else { signed(effect) };
    format!("{what}: {}", all.join(", "))
}

/// The plan for a terminal.
pub(super) fn removal_text(screen: &mut Screen, plan: Option<&RemovalPlan>) {
    let Some(plan) = plan else { return };
    screen.heading("As an experiment");
    screen.wrapped("", 2, &rules(plan));
    for step in steps(plan) {
        screen.line(&format!("  {step}"));
    }
    screen.wrapped("", 2, &found(plan));
    screen.heading("What reach after all steps would say of the mechanism");
    for (effect, weights) in &plan.outcomes {
        screen.wrapped("  -", 4, &outcome(plan, *effect, weights));
    }
}

/// The plan on a page.
pub fn removal_html(plan: Option<&RemovalPlan>) -> Markup {
    let Some(plan) = plan else { return html! {} };
    html! {
        section aria-labelledby="experiment" {
            h2 #experiment { "As an experiment" }
            p.lead { (rules(plan)) "." }
            ul.plain { @for step in steps(plan) { li { (step) } } }
            p.below { "It " (found(plan)) "." }
            h3 #outcomes { "What reach after all steps would say of the mechanism" }
            div.scroll tabindex="0" role="group" aria-labelledby="outcomes" {
                table {
                    thead { tr {
                        th scope="col" { "reach" }
                        @for (mechanism, _) in &plan.explanations { th scope="col" { (mechanism.id().replace('_', " ")) } }
                    } }
                    tbody { @for (effect, weights) in &plan.outcomes { tr {
                        td { @if effect.abs() < 1e-9 { "as before" } @else { (signed(*effect)) } }
                        @for weight in weights { td { (percent(*weight)) } }
                    } } }
                }
            }
        }
    }
}
