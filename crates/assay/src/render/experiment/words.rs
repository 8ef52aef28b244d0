//! The sentences of a reading, for text and JSON alike.

use crate::render::format::{count, share_of};
use crate::report::ExperimentReport;
use assay_experiment::reading::{Decision, Reason};
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
        Reason::NoMargin => "no margin was given, so this is about the metric and not about money (--margin, --cost)".to_owned(),
    }
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
