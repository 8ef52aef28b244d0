//! Why a ring is one, in sentences.

use crate::render::format::{count, counted, day_span, percent, share_of};
use assay_model::{FoundBy, Ring, RingWindow, Span, TimeMs};

/// What of the evidence is worth a sentence: odds of a hundred to one. Made.
const TELLING: f64 = 4.6;

/// A window as a span of times.
pub(super) fn span_of(window: RingWindow) -> Span {
    Span { from: TimeMs(window.from_s.saturating_mul(1000)), to: TimeMs(window.to_s.saturating_mul(1000)) }
}

/// The reasons, the plainest first. Clauses without a final period.
pub(super) fn reasons(ring: &Ring) -> Vec<String> {
    let (n_sources, n_targets) = (ring.sources.len() as u64, ring.targets.len() as u64);
    let each = ring.n_edges as f64 / n_sources.max(1) as f64;
    let evidence = &ring.evidence;
    let mut reasons = vec![format!(
        "{} have {} to the same {} ({} each), where their activity and popularity alone bring {}",
        counted(n_sources, "account", "accounts"),
        counted(ring.n_edges, "edge", "edges"),
        counted(n_targets, "target", "targets"),
        share_of(each),
        share_of(evidence.n_edges_by_chance),
    )];
    if evidence.contrast >= TELLING {
        let by_time = if evidence.found_by == FoundBy::Links { "" } else { " of those days" };
        reasons.push(format!(
            "few others care for these targets: {} of their audience{by_time} is in the group",
            percent(ring.contrast())
        ));
    }
    if evidence.even_sources >= TELLING {
        reasons.push("its accounts do about as much each, which people of one interest do not".to_owned());
    }
    if evidence.even_targets >= TELLING {
        reasons.push("its targets are served about as often each, as to order".to_owned());
    }
    if let Some(window) = ring.window {
        let when = day_span(span_of(window));
        if evidence.synchrony >= TELLING {
            reasons.push(format!("it acted in one stretch, {when}, and little before or after"));
        } else if let FoundBy::Time { bucket_s } = evidence.found_by {
            reasons.push(format!(
                "its accounts came to the same targets within {}, {when}",
                counted(u64::from(bucket_s / 86_400), "day", "days")
            ));
        }
    }
    if !ring.singles.is_empty() {
        reasons.push(format!(
            "{} with no other edge came to its targets in its windows, more than come at other times; they are listed \
             apart",
            if ring.singles.len() == 1 {
                "1 account".to_owned()
            } else {
                format!("{} accounts", count(ring.singles.len() as u64))
            }
        ));
    }
    reasons
}
