//! What to do next, drawn from what the report could not say.

use super::format::{counted, sentence};
use crate::report::{AuditReport, ChannelState};
use assay_model::{Outcome, Reading};

/// Next steps, most useful first, each a sentence; no two alike.
pub fn next_steps(report: &AuditReport) -> Vec<String> {
    let mut steps: Vec<String> = Vec::new();
    let mut add = |step: String| {
        if !step.is_empty() && !steps.contains(&step) {
            steps.push(step);
        }
    };
    let verdicts = &report.verdicts;
    if !verdicts.batches.is_empty() {
        add("Look at a sample of each batch before you act on it: `--verdicts FILE` lists every follower, `--explain HANDLE` tells all of one.".to_owned());
    }
    for spike in verdicts.spikes.iter().filter(|s| s.reading == Reading::Unexplained) {
        spike
            .would_settle
            .iter()
            .for_each(|settle| add(format!("To settle the unexplained bursts: {}", sentence_tail(settle))));
    }
    for (settle, names) in wanted(report) {
        add(format!("To let {} answer: {}", names.join(" and "), sentence_tail(settle)));
    }
    if let Outcome::Abstained(a) = &verdicts.inauthentic_share {
        add(format!("To learn the share of inauthentic followers: {}", sentence_tail(&a.would_settle)));
    }
    if report.page.facts.n_rejected > 0 {
        let rows = counted(report.page.facts.n_rejected, "row was", "rows were");
        add(format!("{rows} not taken: see why, and mend the file if it matters."));
    }
    steps
}

/// What would let channels answer that abstained, each with the channels it would help.
fn wanted(report: &AuditReport) -> Vec<(&str, Vec<String>)> {
    let mut wanted: Vec<(&str, Vec<String>)> = Vec::new();
    for channel in &report.channels {
        let ChannelState::Abstained(a) = &channel.state else { continue };
        let name = format!("`{}`", channel.id);
        match wanted.iter_mut().find(|(settle, _)| *settle == a.would_settle) {
            Some((_, names)) => names.push(name),
            None => wanted.push((&a.would_settle, vec![name])),
        }
    }
    wanted
}

/// The clause with a final period and its first letter as it is.
pub(super) fn sentence_tail(clause: &str) -> String {
    let whole = sentence(clause);
    let first = clause.trim().chars().next().map(String::from).unwrap_or_default();
    whole.char_indices().nth(1).map_or(whole.clone(), |(i, _)| first + &whole[i..])
}
