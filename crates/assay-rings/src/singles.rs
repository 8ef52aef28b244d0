//! Accounts that acted once, on a target of a ring, when the ring did.
//!
//! **Finds** sources with a single edge in the whole graph. No structure ties them to anyone; what can is a burst: more of them
//! came to a target within the ring's window there than come at its other times.
//!
//! **How.** Of a target's single-edge sources `n`, as many are expected in its window as are of its other audience without the
//! ring, or as the window is of all time, whichever is more. The excess must have a Poisson tail below [`TAIL`] for each
//! target looked at (Bonferroni). Then all that came in the window are attached, each with the probability that it is of
//! the excess: `1 - expected / found`.
//!
//! **Limits.** A post that draws a crowd on the day on which a ring also serves it has the crowd attached in part. That is why
//! they stand apart from the members, who are tied by more than one edge.

use crate::block::Field;
use crate::times::{Flow, NO_TIME, Times};
use crate::whole::Whole;
use assay_math::count_upper_tail;
use assay_math::graph::Bipartite;
use assay_model::{RingMember, RingTarget};

/// The tail probability that all targets of a ring together may reach by chance.
const TAIL: f64 = 0.01;

/// Who came to what, and when: in the graph, and in the whole of which it is a part.
pub struct Audience<'a> {
    /// The graph.
    pub field: &'a Field<'a>,
    /// The times of its edges.
    pub times: &'a Times,
    /// The whole, if this is a part of it.
    pub whole: Option<&'a Whole>,
}

impl Audience<'_> {
    /// The sources that came to a target at a known time, and that time.
    fn of(&self, target: u32) -> impl Iterator<Item = (u32, u32)> {
        let Bipartite { by_source, by_target } = self.field.graph;
        let time = move |&s: &u32| Some((s, by_source.edge(s, target).and_then(|e| self.times.of(e))?));
        let around = self.whole.map_or(&[][..], |whole| whole.around(target)).iter();
        let left_out = around.filter(|edge| edge.at != NO_TIME).map(|edge| (edge.source, edge.at));
        by_target.neighbours(target).iter().filter_map(time).chain(left_out)
    }
}

/// The single-edge sources that came to these targets in bursts, ascending. `members` are the sources of the ring, ascending.
pub fn attach(audience: &Audience<'_>, flow: &Flow, targets: &[RingTarget], members: &[RingMember]) -> Vec<RingMember> {
    let origin_s = audience.times.origin_s;
    let mut attached = Vec::new();
    for target in targets {
        let Some(window) = target.window else { continue };
        let (from, to) = (window.from_s - origin_s, window.to_s - origin_s);
        let (mut singles, mut inside, mut others, mut others_inside) = (0_u64, Vec::new(), 0_u64, 0_u64);
        for (s, at) in audience.of(target.account) {
            let is_inside = (from..=to).contains(&i64::from(at));
            if audience.field.degree_of_source(s) == 1 {
                singles += 1;
                inside.extend(is_inside.then_some(s));
            } else if members.binary_search_by_key(&s, |m| m.account).is_err() {
                others += 1;
                others_inside += u64::from(is_inside);
            }
        }
        let by_time = ((to - from + 1) as f64 / flow.span_s().max(1.0)).min(1.0);
        let by_others = if others > 0 { others_inside as f64 / others as f64 } else { 0.0 };
        let expected = singles as f64 * by_time.max(by_others);
        let tail = count_upper_tail(inside.len() as u64, expected, expected);
        if inside.len() >= 3 && tail * (targets.len() as f64) < TAIL {
            let score = 1.0 - expected / inside.len() as f64;
            attached.extend(inside.into_iter().map(|account| RingMember {
                account,
                n_edges: 1,
                n_edges_in_all: 1,
                score,
            }));
        }
    }
    attached.sort_by_key(|m| m.account);
    attached
}
