//! The sentences of a reading, for text and JSON alike.

use crate::pipeline::PlanUsed;
use crate::render::format::{count, share_of};
use crate::report::ExperimentReport;
use assay_experiment::reading::{Decision, Reason, Standing};
use assay_model::Abstention;

/// The word for a decision, as the contract has it.
pub(super) fn decision(decision: Decision) -> &'static str {
    match decision {
        Decision::Adopt => "adopt",
        Decision::Drop => "drop",
        Decision::Continue => "continue",
        Decision::CannotTell => "cannot-tell",
        Decision::Invalid => "invalid",
    }
}

/// A reason as a clause without a final period.
pub(super) fn reason(reason: &Reason) -> String {
    match reason {
        Reason::Mismatch => "the arms do not have the numbers of units that the split says, so something sorted units into arms \
                             besides chance; find it before reading on (if another split was meant, state it with --split)"
            .to_owned(),
        Reason::Pays => "the whole interval lies above break-even".to_owned(),
        Reason::DoesNotPay => "the whole interval lies below break-even".to_owned(),
        Reason::Straddles => "the interval holds break-even: it may pay and it may not".to_owned(),
        Reason::Harm(e) => format!("the arm does harm: e-value {} against no harm, at any time of looking", share_of(*e)),
        Reason::Needs(more) => {
            format!("about {} more units over all arms would settle it if the difference stays as it is", count(*more))
        }
        Reason::Reached(n) => format!("the declared {} units are reached", count(*n)),
        Reason::Exceeded(n) => format!("more than the declared {} units were read", count(*n)),
        Reason::OneLook => "one look was declared, and this was it".to_owned(),
        Reason::FewEvents(n) => format!("control and arm have {n} events together, which settles little"),
        Reason::NotCompared(why) => format!("not compared: {}; it would take {}", why.why, why.would_settle),
        Reason::GuardrailBroken(metric) => format!("`{metric}` got worse by more than its guardrail allows"),
        Reason::GuardrailOpen(metric) => format!("`{metric}` is not yet known to keep within its guardrail"),
        Reason::NoMargin => "no margin was given, so this is about the metric and not about money (--margin, --cost)".to_owned(),
    }
}

/// How a guardrail stands, in a word.
pub(super) fn standing(standing: Standing) -> &'static str {
    match standing {
        Standing::Holds => "holds",
        Standing::Broken => "broken",
        Standing::Open => "open",
    }
}

/// All reasons of a verdict; first what was done otherwise than planned.
pub(super) fn reasons(report: &ExperimentReport) -> Vec<String> {
    let mut all = plan_reasons(report.plan.as_ref());
    all.extend(report.reading.verdict.reasons.iter().map(reason));
    all
}

/// What was done otherwise than planned.
pub(super) fn plan_reasons(plan: Option<&PlanUsed>) -> Vec<String> {
    let Some(plan) = plan else { return Vec::new() };
    let mut all = Vec::new();
    if !plan.is_intact {
        all.push("the plan was changed after it was sealed, so this is read as if there were none".to_owned());
    }
    all.extend(plan.departures.iter().map(|d| format!("not as planned: {d}")));
    if plan.is_kept() {
        all.push(format!("as planned and sealed at {} (hash {}…)", plan.sealed_at, plan.hash.get(..12).unwrap_or("")));
    }
    all
}

/// What a further week is worth for each unit that the decision is about, and its units over all arms.
pub(super) fn value_of_week(report: &ExperimentReport) -> Option<(f64, u64)> {
    let (reading, n) = (&report.reading, report.per_week?);
    let worth = reading.asked.worth?;
    reading.verdict.stakes?;
    let n_arms = reading.order.len() - 1;
    let effect = reading.effects.iter().take(n_arms).find(|e| Some(&e.arm) == reading.verdict.arm.as_ref())?;
    let n_now: u64 = reading.tallied.arms.iter().map(|a| a.n_units).sum();
    let error = effect.error?;
    Some((worth.value_of_more(effect.absolute.found()?.point, error, n as f64 / n_now.max(1) as f64), n))
}

/// Why there is no money in the verdict.
pub(super) fn no_money(report: &ExperimentReport) -> Abstention {
    let verdict = &report.reading.verdict;
    if verdict.decision == Decision::Invalid {
        return Abstention::new("the reading is not valid", "a split whose numbers agree with its plan");
    }
    if report.reading.asked.worth.is_none() {
        return Abstention::new("no margin was given", "--margin, and --cost where treating a unit costs something");
    }
    Abstention::new("the primary metric could not be compared", "more units with a value")
}
