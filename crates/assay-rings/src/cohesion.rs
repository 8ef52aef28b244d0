//! Whether a block is one group.
//!
//! **Finds** blocks that are several groups side by side, each with targets of its own: two pairs of like products, each pair
//! with its buyers. Such a block is shut and even because its parts are, and nobody in it acts with everybody.
//!
//! **How.** The block's own graph is parted by local moves ([`crate::moves`]). If nearly all edges stay within the parts and no
//! part holds nearly all of them, it falls apart. Members of one group that each act on a share of its targets at random leave
//! most edges between any parts that can be drawn: among 200 accounts on 100 targets with 10 edges each, about six tenths.
//!
//! **Limits.** Two rings that share a few members fall apart into the two, which are then found as themselves if each has
//! members and targets enough.

use crate::block::Field;
use crate::judge::Judged;
use crate::moves::groups;
use assay_math::graph::Bipartite;

/// The resolution of the parting: parts that hold together by less than the block's own chance are none.
pub const WITHIN: f64 = 1.2;
/// The share of edges within parts with which a block is parts.
const INSIDE_SHARE: f64 = 0.75;
/// The share of edges with which one part is the whole.
const WHOLE_SHARE: f64 = 0.8;

/// Whether the block is several groups side by side.
pub fn falls_apart(graph: &Bipartite, judged: &Judged) -> bool {
    let sources: Vec<u32> = judged.sources.iter().map(|s| s.0).collect();
    let targets: Vec<u32> = judged.targets.iter().map(|t| t.0).collect();
    let part = graph.induced(&sources, &targets);
    let n_edges = part.n_edges() as f64;
    let Ok(levels) = groups(&Field::new(&part), WITHIN, &mut assay_model::silent) else { return false };
    levels.iter().any(|level| {
        let (of_sources, of_targets) = level.of.split_at(part.n_sources() as usize);
        let mut inside = vec![0_u64; level.n as usize];
        for (s, &group) in (0..).zip(of_sources) {
            let own = part.by_source.neighbours(s).iter().filter(|&&t| of_targets[t as usize] == group).count();
            inside[group as usize] += own as u64;
        }
        let most = inside.iter().copied().max().unwrap_or(0) as f64;
        inside.iter().sum::<u64>() as f64 >= INSIDE_SHARE * n_edges && most < WHOLE_SHARE * n_edges
    })
}
