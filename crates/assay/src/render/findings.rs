//! Evidence in words. A finding carries numbers; here, and nowhere else, it becomes a sentence.

use super::format::{age, count, day_span, percent, share_of};
use assay_model::{Finding, Reason, Spike};

/// A finding as a clause without a final period.
pub(super) fn say(finding: &Finding) -> String {
    match finding {
        Finding::OpenedTogether { n_alike, n, opened, expected_share } => format!(
            "{} of {} followers in a row opened their accounts {}; of the followers around, {} would",
            count(*n_alike),
            count(*n),
            day_span(*opened),
            percent(*expected_share)
        ),
        Finding::OfOneAge { n_alike, n, youngest_days, oldest_days, expected_share } => format!(
            "{} of {} followers in a row followed with accounts {} to {} old; of the followers around, {} would",
            count(*n_alike),
            count(*n),
            age(*youngest_days),
            age(*oldest_days),
            percent(*expected_share)
        ),
        Finding::MoreArrivals { n, expected } => {
            format!("{} arrivals where season and trend lead one to expect {}", count(*n), share_of(*expected))
        }
        Finding::MoreLosses { n, expected, lost } => format!(
            "{} unfollows {} where {} are usual, as after a purge or the end of a give-away",
            count(*n),
            day_span(*lost),
            share_of(*expected)
        ),
        Finding::AgesVaried { tenth_days, ninetieth_days } => format!(
            "the accounts are as varied in age as those of the followers around; four in five were {} to {} old",
            age(*tenth_days),
            age(*ninetieth_days)
        ),
        Finding::AgesNarrower { share, expected_share } => format!(
            "the accounts are narrower in age than those of the followers around: {} lie in a band where {} would",
            percent(*share),
            percent(*expected_share)
        ),
        Finding::NotTold(abstention) => abstention.why.clone(),
    }
}

/// Reasons as one text, clauses joined by "; ".
pub(super) fn reasons(reasons: &[Reason]) -> String {
    reasons.iter().map(|r| say(&r.finding)).collect::<Vec<_>>().join("; ")
}

/// The grounds of a spike's reading as one text.
pub(super) fn why(spike: &Spike) -> String {
    spike.findings.iter().map(say).collect::<Vec<_>>().join("; ")
}
