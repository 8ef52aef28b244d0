//! What to do, and why.

use super::{Asked, Comparison, Guarded, Range, SampleRatio, Standing, Stop};
use crate::money::{Belief, Stakes, Worth};
use crate::rule::Rule;
use crate::shares::Null;
use crate::tally::Tallied;
use assay_model::Abstention;

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Adopt the arm.
    Adopt,
    /// Keep the control.
    Drop,
    /// Go on: more units can settle it.
    Continue,
    /// It cannot be told, and the test is over.
    CannotTell,
    /// The numbers of units contradict the split: nothing can be read.
    Invalid,
}

/// Why.
#[derive(Debug, Clone, PartialEq)]
pub enum Reason {
    /// The numbers of units contradict the split.
    Mismatch,
    /// The arm's profit a unit (or its difference, where no margin was given) lies above break-even throughout.
    Pays,
    /// It lies below break-even throughout, for every arm.
    DoesNotPay,
    /// It lies on both sides of break-even.
    Straddles,
    /// The e-value for harm is this large.
    Harm(f64),
    /// So many more units over all arms would settle it if the difference stays what it is.
    Needs(u64),
    /// The declared largest number of units was reached.
    Reached(u64),
    /// More units than declared were read.
    Exceeded(u64),
    /// One look was declared, and this was it.
    OneLook,
    /// Fewer than twenty events in control and arm.
    FewEvents(u64),
    /// The comparison could not be made.
    NotCompared(Abstention),
    /// A guardrail of the arm is broken: the metric.
    GuardrailBroken(String),
    /// A guardrail of the arm is not known to hold: the metric.
    GuardrailOpen(String),
    /// No margin was given, so the decision is about the metric and not about money.
    NoMargin,
}

/// What to do, why, and what is at stake.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What to do.
    pub decision: Decision,
    /// The arm it is about.
    pub arm: Option<String>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// Profit a unit of adopting the arm, at alpha shared among the arms.
    pub expected_profit: Option<Range>,
    /// The decision's stakes in money a unit.
    pub stakes: Option<Stakes>,
}

/// Events that a decision without doubt about the method takes.
const EVENTS_MIN: u64 = super::EVENTS_MIN;

/// Takes back the adoption of an arm whose guardrails are broken or not known to hold.
pub(super) fn guard(mut verdict: Verdict, guarded: &[Guarded], asked: &Asked, n_all: u64) -> Verdict {
    if verdict.decision != Decision::Adopt {
        return verdict;
    }
    let of_arm = |standing| {
        let arm = verdict.arm.clone();
        guarded.iter().filter(move |g| Some(&g.arm) == arm.as_ref() && g.standing == standing).map(|g| g.metric.clone())
    };
    let broken: Vec<Reason> = of_arm(Standing::Broken).map(Reason::GuardrailBroken).collect();
    let open: Vec<Reason> = of_arm(Standing::Open).map(Reason::GuardrailOpen).collect();
    let goes_on = match asked.stop {
        Stop::Anytime => true,
        Stop::Capped { n_max, .. } => n_all < n_max,
        Stop::Fixed => false,
    };
    if !broken.is_empty() {
        verdict.decision = Decision::Drop;
    } else if !open.is_empty() {
        verdict.decision = if goes_on { Decision::Continue } else { Decision::CannotTell };
    }
    verdict.reasons.extend(broken.into_iter().chain(open));
    verdict
}

struct Judged<'a> {
    arm: &'a str,
    comparison: &'a Comparison,
    low: f64,
    high: f64,
    critical: f64,
    n_events: u64,
    n_units: u64,
}

#[expect(clippy::too_many_arguments, reason = "the verdict weighs everything that the reading found")]
pub(super) fn verdict(
    tallied: &Tallied,
    order: &[usize],
    asked: &Asked,
    srm: &SampleRatio,
    rules: &[Rule],
    primary: &[&Result<Comparison, Abstention>],
    harm: &[Option<f64>],
    n_all: u64,
) -> Verdict {
    let worth = asked.worth.unwrap_or(Worth { margin: 1.0, cost: 0.0 });
    let alpha = (1.0 - asked.confidence) / primary.len() as f64;
    let break_even = worth.break_even();
    let units = |i: usize| tallied.arms[i].n_units;
    let events = |i: usize| tallied.arms[i].cells[0].moments.n_nonzero();
    let mut judged = Vec::new();
    let mut reasons = Vec::new();
    for (k, compared) in primary.iter().enumerate() {
        match compared {
            Err(why) => reasons.push(Reason::NotCompared(why.clone())),
            Ok(comparison) => {
                let critical = rules[k].critical(alpha);
                let (low, high) = comparison.interval(critical);
                judged.push(Judged {
                    arm: &tallied.arms[order[k + 1]].name,
                    comparison,
                    low,
                    high,
                    critical,
                    n_events: events(order[0]) + events(order[k + 1]),
                    n_units: units(order[0]) + units(order[k + 1]),
                });
            }
        }
    }
    let best = judged.iter().max_by(|a, b| a.comparison.difference().total_cmp(&b.comparison.difference()));
    let (decision, about) = if srm.stop {
        reasons.insert(0, Reason::Mismatch);
        (Decision::Invalid, best)
    } else {
        decide(&judged, best, asked, break_even, harm, n_all, &mut reasons)
    };
    if asked.worth.is_none() && decision != Decision::Invalid {
        reasons.push(Reason::NoMargin);
    }
    let expected_profit = about.filter(|_| asked.worth.is_some()).map(|j| Range {
        point: worth.profit(j.comparison.difference()),
        low: Some(worth.profit(j.low)).filter(|p| p.is_finite()),
        high: Some(worth.profit(j.high)).filter(|p| p.is_finite()),
        confidence: 1.0 - alpha,
    });
    let stakes = about.filter(|_| asked.worth.is_some()).map(|j| worth.stakes(&belief(j.comparison)));
    // A reading that is not valid has no stakes either.
    let valid = decision != Decision::Invalid;
    Verdict {
        decision,
        arm: about.map(|j| j.arm.to_owned()),
        reasons,
        expected_profit: expected_profit.filter(|_| valid),
        stakes: stakes.filter(|_| valid),
    }
}

fn decide<'j, 'a>(
    judged: &'j [Judged<'a>],
    best: Option<&'j Judged<'a>>,
    asked: &Asked,
    break_even: f64,
    harm: &[Option<f64>],
    n_all: u64,
    reasons: &mut Vec<Reason>,
) -> (Decision, Option<&'j Judged<'a>>) {
    let open = match asked.stop {
        Stop::Anytime => true,
        Stop::Capped { n_max, .. } => n_all < n_max,
        Stop::Fixed => false,
    };
    let Some(best) = best else {
        return (if open { Decision::Continue } else { Decision::CannotTell }, None);
    };
    let pays = judged
        .iter()
        .filter(|j| j.low > break_even)
        .max_by(|a, b| a.comparison.difference().total_cmp(&b.comparison.difference()));
    if let Some(pays) = pays {
        reasons.push(Reason::Pays);
        return (Decision::Adopt, Some(pays));
    }
    let limit = judged.len() as f64 / (1.0 - asked.confidence);
    let harmful = |e: &Option<f64>| e.is_some_and(|e| e >= limit);
    if judged.iter().all(|j| j.high < break_even) {
        reasons.push(Reason::DoesNotPay);
        return (Decision::Drop, Some(best));
    }
    if !harm.is_empty() && harm.iter().all(harmful) {
        reasons.extend(harm.iter().flatten().map(|e| Reason::Harm(*e)));
        return (Decision::Drop, Some(best));
    }
    reasons.push(Reason::Straddles);
    if best.n_events < EVENTS_MIN {
        reasons.push(Reason::FewEvents(best.n_events));
    }
    match asked.stop {
        Stop::Fixed => reasons.push(Reason::OneLook),
        Stop::Capped { n_max, .. } if n_all > n_max => reasons.push(Reason::Exceeded(n_max)),
        Stop::Capped { n_max, .. } if n_all == n_max => reasons.push(Reason::Reached(n_max)),
        _ => {}
    }
    if let Some(more) = needs(best, break_even, n_all) {
        reasons.push(Reason::Needs(more));
    }
    (if open { Decision::Continue } else { Decision::CannotTell }, Some(best))
}

/// Units over all arms that would be needed besides, if the difference stays what it is and the deviate grows with the root of n.
fn needs(best: &Judged<'_>, break_even: f64, n_all: u64) -> Option<u64> {
    let z = best.comparison.z(Null::Difference(break_even)).abs();
    let times = (best.critical / z).powi(2);
    // Beyond a thousand times what was read it is no plan.
    (best.n_units > 0 && times.is_finite() && (1.0..1_000.0).contains(&times))
        .then(|| ((times - 1.0) * n_all as f64).ceil() as u64)
}

fn belief(comparison: &Comparison) -> Belief {
    match comparison {
        Comparison::Shares(shares) if shares.is_small() => Belief::Shares(*shares),
        _ => Belief::Normal { mean: comparison.difference(), error: comparison.error() },
    }
}
