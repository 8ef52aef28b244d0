//! What a ring looks like: its block of the adjacency matrix and its timeline, counted into few enough parts to be drawn.

use crate::times::Times;
use assay_math::graph::Bipartite;
use assay_model::{Ring, RingPicture, RingStep};

/// The most rows and columns of a picture.
const SIDE_MAX: (usize, usize) = (60, 120);
/// Steps of a timeline.
const STEPS: usize = 60;

/// Draws a ring. Rows are targets and columns sources, those with most edges first; to the right of the ring's sources, up to
/// half as many columns again hold the other audience of its targets, in the order of their numbers.
pub fn picture(graph: &Bipartite, times: Option<&Times>, ring: &Ring) -> RingPicture {
    let ranked = |mut all: Vec<(u32, u32)>| -> Vec<u32> {
        all.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        all.into_iter().map(|(i, _)| i).collect()
    };
    let sources = ranked(ring.sources.iter().map(|m| (m.account, m.n_edges)).collect());
    let targets = ranked(ring.targets.iter().map(|t| (t.account, t.n_edges)).collect());
    let mut members: Vec<(u32, usize)> = sources.iter().copied().zip(0..).collect();
    members.sort_unstable();
    let mut others: Vec<u32> = targets.iter().flat_map(|&t| graph.by_target.neighbours(t)).copied().collect();
    others.sort_unstable();
    others.dedup();
    others.retain(|s| members.binary_search_by_key(s, |m| m.0).is_err());
    let n_rows = targets.len().min(SIDE_MAX.0);
    let n_members = sources.len().min(SIDE_MAX.1 * 2 / 3);
    let n_others = others.len().min(SIDE_MAX.1 / 3);
    let n_columns = n_members + n_others;
    let mut edges = vec![0_u32; n_rows * n_columns];
    let mut of_ring = Vec::new();
    let mut of_others = Vec::new();
    for (row, &t) in targets.iter().enumerate() {
        for &s in graph.by_target.neighbours(t) {
            let member = members.binary_search_by_key(&s, |m| m.0).ok().map(|k| members[k].1);
            let column = match member {
                Some(place) => place * n_members / sources.len(),
                None => match others.binary_search(&s) {
                    Ok(place) => n_members + place * n_others / others.len(),
                    Err(_) => continue,
                },
            };
            edges[row * n_rows / targets.len() * n_columns + column] += 1;
            if let Some(times) = times
                && let Some(at) = graph.by_source.edge(s, t).and_then(|e| times.of(e))
            {
                (if member.is_some() { &mut of_ring } else { &mut of_others }).push(at);
            }
        }
    }
    let pairs_of_members = cells(targets.len(), n_rows) * cells(sources.len(), n_members);
    let pairs_of_others = cells(targets.len(), n_rows) * cells(others.len(), n_others.max(1));
    RingPicture {
        n_rows,
        n_members,
        n_others,
        n_other_sources: others.len(),
        shades: (0..edges.len())
            .map(|i| {
                let all = if i % n_columns < n_members { pairs_of_members } else { pairs_of_others };
                (f64::from(edges[i]) / all).min(1.0)
            })
            .collect(),
        steps: timeline(&of_ring, &of_others, times.map_or(0, |t| t.origin_s)),
    }
}

fn cells(n: usize, parts: usize) -> f64 {
    (n as f64 / parts.max(1) as f64).max(1.0)
}

/// Edges to the ring's targets in equal steps of time, from the ring and from others.
fn timeline(of_ring: &[u32], of_others: &[u32], origin_s: i64) -> Vec<RingStep> {
    let (Some(&first), Some(&last)) = (of_ring.iter().chain(of_others).min(), of_ring.iter().chain(of_others).max())
    else {
        return Vec::new();
    };
    let length_s = (u64::from(last - first) / STEPS as u64 + 1).max(1);
    let step = |at: u32| (u64::from(at - first) / length_s) as usize;
    let mut steps: Vec<RingStep> = (0..=step(last))
        .map(|k| RingStep {
            from_s: origin_s + i64::from(first) + (k as u64 * length_s) as i64,
            length_s,
            n_ring: 0,
            n_others: 0,
        })
        .collect();
    for &at in of_ring {
        steps[step(at)].n_ring += 1;
    }
    for &at in of_others {
        steps[step(at)].n_others += 1;
    }
    steps
}
