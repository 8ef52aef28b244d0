//! What inauthentic followers cost a page, as text and JSON (`assay.reach-fit/1`).

use super::plans::plans_json;
use super::{json, origin};
use crate::render::format::{count, counted, fixed, percent, percent_range, plain, probability};
use crate::render::text::{Colour, Screen};
use crate::report::reach::FitReport;
use assay_math::Estimate;
use assay_model::{Abstention, Outcome};
use assay_reach::page::{Fit, Plan};
use serde_json::{Value, json};
use std::io::{self, Write};

/// The schema that [`fit_json`] writes.
pub const FIT_SCHEMA: &str = "assay.reach-fit/1";

/// What is said when the posts told nothing new.
pub(super) const NOT_SEPARATED: &str = "your data do not separate these";
/// What would tell.
pub(super) const WOULD_SEPARATE: &str =
    "a change of the inauthentic share, such as their removal, at once or in stages";

/// Writes the report as JSON of schema `assay.reach-fit/1`.
///
/// # Errors
/// When `out` cannot be written to.
pub fn fit_json(report: &FitReport, out: impl Write) -> io::Result<()> {
    let fit = report.fit.found();
    let separation = fit.filter(|_| report.share_now.found().is_some()).map(Fit::separation);
    let gains: Vec<Value> =
        report.gains.iter().map(|(n, gain)| json!({"n_posts_ahead": n, "gain_share": gain})).collect();
    let coefficients: Vec<Value> = fit
        .iter()
        .flat_map(|f| &f.coefficients)
        .map(|(name, effect)| json!({"name": name, "log_effect": effect}))
        .collect();
    let answer = json!({
        "confidence": report.confidence,
        "target": report.target.id(),
        "n": fit.map_or(0, |f| f.n),
        "inauthentic_share_now": json::answer(&report.share_now),
        "cost_now_share": json::answer(&report.cost_now),
        "cost_before_data_share": report.cost_before,
        "gain_of_removal": match &report.gain_abstained {
            Some(why) => json::abstained(why),
            None => gains.into(),
        },
        "mechanisms": fit.map(mechanisms).unwrap_or_default(),
        "separation": separation.map(|s| json!({
            "separates": s.separates,
            "cost_sd_ratio": s.cost_sd_ratio,
            "weights_moved": s.weights_moved,
            "sentence": if s.separates { Value::Null } else { NOT_SEPARATED.into() },
            "would_settle": if s.separates { Value::Null } else { WOULD_SEPARATE.into() },
        })),
        "promotion": fit.map_or(Value::Null, |f| json::answer(&f.promotion)),
        "paid_association": fit.and_then(|f| f.paid_association).map(|e| json!({"estimate": e, "causal": false})),
        "coefficients": coefficients,
        "noise_scale": fit.map(|f| f.noise_scale),
        "n_engagement": fit.map_or(0, |f| f.n_engagement),
        "seen_share": fit.map(|f| f.seen_share),
        "plans": plans_json(&report.plans),
    });
    json::write(FIT_SCHEMA, &report.origin, answer, out)
}

fn mechanisms(fit: &Fit) -> Vec<Value> {
    fit.posterior
        .families()
        .into_iter()
        .zip(fit.prior.families())
        .map(|((mechanism, after), (_, before))| {
            let theta = fit.posterior.strength(mechanism);
            let sd_ratio = theta.as_ref().zip(fit.prior.strength(mechanism)).map(|(a, b)| a.sd() / b.sd());
            json!({
                "id": mechanism.id(),
                "sentence": mechanism.described().sentence,
                "source": mechanism.described().source,
                "prior": before,
                "posterior": after,
                "theta": theta.map(|t| fit.posterior.estimate(&t)),
                "theta_sd_ratio": sd_ratio,
            })
        })
        .collect()
}

/// The sentence that a reader takes away.
pub(super) fn headline(report: &FitReport) -> String {
    let what = report.target.id().replace('_', " ");
    match &report.cost_now {
        Outcome::Found(cost) if report.share_now.found().is_some_and(|s| s.high <= 0.0) => {
            let _ = cost;
            format!("No follower is held to be inauthentic, so none costs you {what}.")
        }
        Outcome::Found(cost) if cost.high < 0.005 => format!("Inauthentic followers cost you next to no {what}."),
        Outcome::Found(cost) => {
            format!(
                "Inauthentic followers cost you between {} and {} of your {what}.",
                percent(cost.low),
                percent(cost.high)
            )
        }
        Outcome::Abstained(why) => format!("What inauthentic followers cost cannot be said: {}.", why.why),
    }
}

/// Whether the data told, in a sentence.
pub(super) fn caveat(report: &FitReport) -> Option<String> {
    let (Outcome::Found(fit), Outcome::Found(share)) = (&report.fit, &report.share_now) else { return None };
    (share.point > 0.0 && !fit.separation().separates).then(|| {
        format!("By which mechanism: {NOT_SEPARATED}. What is said is what was believed before them. Would settle it: {WOULD_SEPARATE}.")
    })
}

/// The report for a terminal.
pub fn fit_text(report: &FitReport, colour: Colour, width: usize) -> String {
    let mut screen = Screen::new(colour, width);
    let head = screen.styled("1", &headline(report));
    screen.wrapped("", 0, &head);
    if let Some(caveat) = caveat(report) {
        screen.wrapped("", 0, &caveat);
    }
    if let Outcome::Abstained(why) = &report.cost_now {
        screen.wrapped("", 0, &format!("Would settle it: {}.", why.would_settle));
    }
    screen.line("");
    if let Outcome::Found(share) = &report.share_now {
        screen.wrapped(
            "Inauthentic",
            14,
            &format!("{} of the followers ({})", percent(share.point), percent_range(share)),
        );
    }
    if let Outcome::Found(fit) = &report.fit {
        screen.wrapped(
            "Fitted",
            14,
            &format!(
                "{} by {}; noise {} on logs",
                counted(fit.n as u64, "post", "posts"),
                report.target.id(),
                fixed(fit.noise_scale, 2)
            ),
        );
        if let Outcome::Found(cost) = &report.cost_now {
            screen.wrapped("Cost now", 14, &with_range(cost));
            if let Some(before) = &report.cost_before {
                screen.wrapped("  before", 14, &format!("{} without the posts", with_range(before)));
            }
        }
        if report.share_now.found().is_some() {
            mechanisms_text(&mut screen, fit);
        }
        if !report.gains.is_empty() {
            screen.heading("Reach gained if all of them were removed");
            for (n, gain) in &report.gains {
                screen.wrapped(&format!("  after {n} posts"), 18, &signed(gain));
            }
        }
        plans_text(&mut screen, &report.plans);
        screen.heading("Promotion");
        match &fit.promotion {
            Outcome::Found(effect) => screen.wrapped(
                "  effect",
                14,
                &format!("{} reach for a paid post, from boosts that chance decided", signed(effect)),
            ),
            Outcome::Abstained(why) => cannot(&mut screen, "  effect", why),
        }
        if let Some(e) = &fit.paid_association {
            screen.wrapped(
                "  seen",
                14,
                &format!("paid posts reach {} beside unpaid ones alike; not causal", signed(e)),
            );
        }
    }
    screen.line("");
    origin::inputs(&mut screen, &report.origin);
    origin::close(&mut screen, &report.origin);
    screen.into_text()
}

fn mechanisms_text(screen: &mut Screen, fit: &Fit) {
    screen.heading("Mechanisms                 before    after");
    for ((mechanism, after), (_, before)) in fit.posterior.families().into_iter().zip(fit.prior.families()) {
        let name = mechanism.id().replace('_', " ");
        screen.line(&format!("  {name:22}{:>9}{:>9}", probability(before), probability(after)));
        screen.wrapped("", 4, mechanism.described().sentence);
    }
}

/// The removals that would tell.
pub(super) fn plans_text(screen: &mut Screen, plans: &[Plan]) {
    if plans.is_empty() {
        return;
    }
    screen.heading("What removing all of them would tell, tried on made pages like this one");
    for plan in plans {
        screen.wrapped("  -", 4, &plan_sentence(plan));
    }
    screen.wrapped("", 2, &plans_conclusion(plans));
}

/// What the plans come to: how well a removal does here, at most, and how it is made an experiment.
pub(super) fn plans_conclusion(plans: &[Plan]) -> String {
    let most = |of: fn(&Plan) -> f64| plans.iter().map(of).fold(0.0, f64::max);
    let (told, named) = (most(|p| p.tells_cost.point), most(|p| p.names_mechanism.point));
    let says = if told < 0.5 {
        "Posts differ too much for that share: most pages would learn little even then"
    } else if named < 0.2 {
        "A removal here tells how much reach was lost, and hardly by which rule: that takes more pages than one, or a larger share"
    } else {
        "A removal here tells how much reach was lost, and on some pages by which rule"
    };
    format!(
        "{says}. What can be drawn by lot is when each step comes: `assay reach what-if POSTS --remove N --in K --from DATE --seal FILE`"
    )
}

/// A plan and what it could tell.
pub(super) fn plan_sentence(plan: &Plan) -> String {
    let how = if plan.steps == 1 {
        "at once".to_owned()
    } else {
        format!("in {} steps, {} posts apart", plan.steps, plan.posts_per_step)
    };
    format!(
        "{how} ({} posts in all): narrows the cost markedly on {} of pages, names the true mechanism on {}, a false one on {}; interval {} wide on average",
        count(u64::from(plan.n_posts)),
        percent(plan.tells_cost.point),
        percent(plan.names_mechanism.point),
        percent(plan.misleads.point),
        percent(plan.mean_width)
    )
}

fn cannot(screen: &mut Screen, head: &str, why: &Abstention) {
    screen.wrapped(head, 14, &format!("cannot say: {}", plain(&why.why)));
    screen.wrapped("", 14, &format!("would settle it: {}", plain(&why.would_settle)));
}

/// A share with its interval.
pub(super) fn with_range(e: &Estimate) -> String {
    format!("{} ({} at {} confidence)", percent(e.point), percent_range(e), percent(e.confidence))
}

/// A change with its sign and interval.
pub(super) fn signed(e: &Estimate) -> String {
    format!("{} ({} to {})", change(e.point), change(e.low), change(e.high))
}

/// A change of a quantity as percent, with its sign.
pub(super) fn change(x: f64) -> String {
    if x.abs() < 0.000_1 {
        return "±0 %".to_owned();
    }
    format!("{}{}", if x > 0.0 { "+" } else { "\u{2212}" }, percent(x.abs()))
}
