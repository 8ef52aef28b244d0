//! What the verdict means to somebody who reads it without having made it, and what to do about it.

use super::advice::sentence_tail;
use super::format::{count, counted, percent, ranks, span, whole};
use super::headline::Tone;
use crate::report::{AuditReport, ChannelState};
use assay_model::{Outcome, Reading};

/// Batches or bursts whose dates stand in one question.
const DATES_MAX: usize = 3;

/// What the verdict means, and what it does not: sentences, most important first.
pub(super) fn meaning(report: &AuditReport, tone: Tone) -> Vec<String> {
    let mut said: Vec<String> = match tone {
        Tone::Found => found(report),
        Tone::Open if report.n_in_rings() > 0 && report.n_unexplained() == 0 => Vec::new(),
        Tone::Open => vec![
            "More followers came at once than season and trend explain. A post that spread, a give-away, advertising and a purchase can all do that; the data at hand do not tell which.".to_owned(),
            "Until that is settled, neither real interest nor a purchase should be assumed.".to_owned(),
        ],
        Tone::Clear => clear(report),
        Tone::Untold => vec![
            "The input holds too little for any channel to work with. That is no mark against the page or its followers.".to_owned(),
        ],
    };
    if report.n_in_rings() > 0 {
        said.push("Some followers act on the same accounts as one another, more closely than interest in them explains. A service that follows for pay does that, and so may a circle of friends or a club; by itself it does not say that they were bought for this page.".to_owned());
    }
    if let Outcome::Found(share) = &report.verdicts.dormant_share {
        said.push(format!(
            "Between {} and {} of the followers look dormant: people who are gone. Inactive is not fake, and is not counted as inauthentic.",
            percent(share.low),
            percent(share.high)
        ));
    }
    said
}

fn found(report: &AuditReport) -> Vec<String> {
    let v = &report.verdicts;
    let n = report.page.audience.len() as f64;
    let bought: f64 = v.batches.iter().map(|b| b.inauthentic.point).sum();
    let others = match &v.inauthentic_share {
        Outcome::Found(share) => format!(
            "Between {} and {} of the {} followers do not look inauthentic ({} confidence).",
            whole(n * (1.0 - share.high)),
            whole(n * (1.0 - share.low)),
            count(n as u64),
            percent(share.confidence)
        ),
        Outcome::Abstained(_) => format!(
            "Without them the list holds about {} followers. How many of those are people cannot be said from this input: what is shown here is the least, not the most.",
            whole((n - bought).max(0.0))
        ),
    };
    vec![
        "These followers came together, and their accounts are alike as those of people who come by themselves are not. That is consistent with bought followers.".to_owned(),
        "It says what came and when, never who ordered or paid for it: anyone can send followers to any page.".to_owned(),
        others,
    ]
}

fn clear(report: &AuditReport) -> Vec<String> {
    let v = &report.verdicts;
    let used: Vec<&str> = report.channels.iter().filter(|c| c.state == ChannelState::Used).map(|c| c.id).collect();
    if report.page.audience.is_empty() || v.in_batches_share.found().is_none() {
        return vec![
            "The rate at which followers came shows nothing out of the ordinary. Who they are cannot be judged from this input.".to_owned(),
        ];
    }
    let mut said = vec![
        format!("None of the traces that deliveries leave was found by what could look ({}).", used.join(", ")),
        "That is no proof that none was bought: followers mixed in thinly, or delivered over months, can escape, and whoever left before the export is not in it.".to_owned(),
    ];
    if let Outcome::Found(share) = &v.inauthentic_share {
        said.push(format!(
            "Taking everything into account, the share of inauthentic followers lies between {} and {} ({} confidence).",
            percent(share.low),
            percent(share.high),
            percent(share.confidence)
        ));
    }
    said
}

/// What to do now: sentences, most useful first.
pub(super) fn questions(report: &AuditReport, tone: Tone) -> Vec<String> {
    let mut steps = Vec::new();
    if tone == Tone::Found {
        steps.push(format!(
            "Ask the owner of the page what happened then ({}): a campaign, a give-away, a recommendation, or a service that promised followers.",
            batch_dates(report)
        ));
        steps.push("Look at the sample of each batch further down before you act on it: a community that joined together can look alike.".to_owned());
        steps.push("Agree on a figure without the batches, and on what becomes of them: platforms remove such accounts, and the count with them.".to_owned());
    }
    if report.n_unexplained() > 0 {
        steps.push(format!(
            "Ask what ran when the unexplained bursts came{}: posts, advertising, give-aways, with the platform's own statistics of them.",
            burst_dates(report)
        ));
    }
    if report.n_in_rings() > 0 {
        steps.push("Look at the rings themselves, with the command assay rings: what they act on, and in which hours, tells a service from a circle of friends.".to_owned());
    }
    if matches!(tone, Tone::Clear) {
        steps.push(
            "Where much depends on it, have the export made in front of you: a file can be edited before it is read."
                .to_owned(),
        );
        steps.push("Repeat the audit with a new export after some months, or before a contract is renewed.".to_owned());
    }
    if tone != Tone::Found
        && let Some(settle) = would_settle(report)
    {
        steps.push(format!("To learn more, ask for this: {}", sentence_tail(settle)));
    }
    steps
}

/// When the batches came: up to three dates, or where they stand in the order.
fn batch_dates(report: &AuditReport) -> String {
    let quality = report.time_quality();
    let batches = &report.verdicts.batches;
    let when = batches.iter().take(DATES_MAX).map(|b| match b.arrived {
        Some(arrived) => span(arrived, quality),
        None => format!("ranks {}", ranks(b.ranks)),
    });
    listed(when.collect(), batches.len())
}

fn burst_dates(report: &AuditReport) -> String {
    let quality = report.time_quality();
    let open = || report.verdicts.spikes.iter().filter(|s| s.reading == Reading::Unexplained);
    let when: Vec<String> = open().filter_map(|s| s.span).take(DATES_MAX).map(|s| span(s, quality)).collect();
    if when.is_empty() { String::new() } else { format!(" ({})", listed(when, open().count())) }
}

/// "a, b and c", or "a, b, c and 4 more".
fn listed(mut parts: Vec<String>, n: usize) -> String {
    let more = n.saturating_sub(parts.len()) as u64;
    if more > 0 {
        parts.push(counted(more, "more", "more"));
    }
    match parts.pop() {
        None => String::new(),
        Some(last) if parts.is_empty() => last,
        Some(last) => format!("{} and {last}", parts.join(", ")),
    }
}

/// What would help most: what lets a channel answer, else what lets the share be said.
fn would_settle(report: &AuditReport) -> Option<&str> {
    let channels = report.channels.iter().filter_map(|c| match &c.state {
        ChannelState::Abstained(a) => Some(a.would_settle.as_str()),
        _ => None,
    });
    let share = match &report.verdicts.inauthentic_share {
        Outcome::Abstained(a) => Some(a.would_settle.as_str()),
        Outcome::Found(_) => None,
    };
    share.into_iter().chain(channels).find(|settle| !settle.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::{listed, meaning, questions};
    use crate::render::{fixture, headline};

    #[test]
    fn every_report_says_what_it_means_and_what_to_do() {
        for report in
            [fixture::one_batch(), fixture::counts_only(), fixture::empty(), fixture::untold(), fixture::small(300)]
        {
            let tone = headline(&report).tone;
            let said: Vec<String> = meaning(&report, tone).into_iter().chain(questions(&report, tone)).collect();
            assert!(!meaning(&report, tone).is_empty() && !questions(&report, tone).is_empty(), "{tone:?}");
            for sentence in said {
                assert!(sentence.ends_with(['.', '?']), "{sentence}");
                assert!(!sentence.contains("fakes") && !sentence.contains("NaN"), "{sentence}");
            }
        }
    }

    #[test]
    fn dates_are_listed_as_people_do() {
        let parts = |n: usize| (1..=n).map(|i| i.to_string()).collect::<Vec<_>>();
        assert_eq!(
            [listed(parts(1), 1), listed(parts(2), 2), listed(parts(3), 7)],
            ["1", "1 and 2", "1, 2, 3 and 4 more"]
        );
    }
}
