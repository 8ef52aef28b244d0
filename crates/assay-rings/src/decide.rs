//! Which of the blocks found are rings: the list, and where it ends.
//!
//! A block that would pass if it were the only one looked for should not pass or fail with what else is in the graph. Two things
//! would make it so, and both are taken out:
//!
//! - *Edges of rings thin the null.* Chance spreads all edges over the graph; where rings hold a good part of them, a block elsewhere
//!   looks rarer than it is. So the edges of rings that are beyond doubt are no part of the flow from which others draw (as batches
//!   that are found are taken out of the null of a follower list).
//! - *Rings beyond doubt loosen the level.* Benjamini and Hochberg's level is looser the more is found, so beside a few sure
//!   rings a clump of friends is reported that would be set aside alone. So what passes Bonferroni's level, by itself, is taken out
//!   first, and the rest is a family of its own (separate families: Efron, "Simultaneous inference: when should hypothesis
//!   testing problems be combined?", Annals of Applied Statistics 2008).
//!
//! **Limits.** The rings' edges are taken out of the whole and not from the degrees of each member, so a block of members of rings
//! has its chance edges overstated: it is set aside too soon rather than too late.

use crate::judge::Judged;
use assay_math::benjamini_hochberg;

/// No more than this share of all edges is taken out of the null: what is left must still be a graph.
const TAKEN_OUT_MAX: f64 = 0.5;

/// The q-value of each block, and their evidence as it is without the edges of rings beyond doubt in the null. `n_edges` are those of
/// the whole graph.
pub fn decide(blocks: &mut [Judged], n_edges: f64, fdr: f64) -> Vec<f64> {
    let alone = fdr / blocks.len().max(1) as f64;
    let sure = |judged: &Judged| judged.evidence.ln_p().exp() <= alone;
    let n_in_rings: u64 = blocks.iter().filter(|judged| sure(judged)).map(|judged| judged.n_edges).sum();
    for judged in &mut *blocks {
        let own = if sure(judged) { judged.n_edges } else { 0 };
        let share = (n_in_rings - own) as f64 / n_edges.max(1.0);
        judged.with_chance_times((1.0 - share.min(TAKEN_OUT_MAX)).recip());
    }
    let p: Vec<f64> = blocks.iter().map(|judged| judged.evidence.ln_p().exp().max(f64::MIN_POSITIVE)).collect();
    let (first, rest): (Vec<usize>, Vec<usize>) = (0..p.len()).partition(|&k| p[k] <= alone);
    let mut q = vec![0.0; p.len()];
    for k in first {
        q[k] = (p[k] * p.len() as f64).min(1.0);
    }
    let of_rest: Vec<f64> = rest.iter().map(|&k| p[k]).collect();
    for (&k, value) in rest.iter().zip(benjamini_hochberg(&of_rest, of_rest.len())) {
        q[k] = value;
    }
    q
}

#[cfg(test)]
mod tests {
    use super::decide;
    use crate::judge::Judged;
    use assay_model::{FoundBy, RingEvidence};

    fn block(n_edges: u64, by_chance: f64, ln_p_community: f64) -> Judged {
        let evidence = RingEvidence {
            found_by: FoundBy::Links,
            n_edges_by_chance: by_chance,
            ln_p_chance: 0.0,
            even_sources: -ln_p_community,
            even_targets: 0.0,
            contrast: 0.0,
            synchrony: 0.0,
        };
        let mut block = Judged {
            sources: Vec::new(),
            targets: Vec::new(),
            n_edges,
            usual: (1.0, 1.0),
            shares: (0.1, 0.1),
            ln_ways: 20.0,
            evidence,
        };
        block.with_chance_times(1.0);
        block
    }

    #[test]
    fn a_clump_is_judged_alike_beside_rings_and_alone() {
        // One in 2,300, of 100 looked at: set aside alone, and with two rings beside it.
        let clump = || block(60, 0.01, -7.75);
        let others = || (0..99).map(|_| block(60, 0.01, -1.0));
        let mut alone: Vec<Judged> = std::iter::once(clump()).chain(others()).collect();
        let q_alone = decide(&mut alone, 1e6, 0.04)[0];
        let rings = [block(6000, 90.0, -50.0), block(6000, 90.0, -50.0)];
        let mut beside: Vec<Judged> = std::iter::once(clump()).chain(rings).chain(others()).collect();
        let q = decide(&mut beside, 1e6, 0.04);
        assert!(q[0] > 0.04 && q_alone > 0.04, "{} and {q_alone}", q[0]);
        assert!(q[1] < 1e-9 && q[2] < 1e-9, "{q:?}");
        // Benjamini and Hochberg over all of them would report it.
        let p: Vec<f64> = beside.iter().map(|judged| judged.evidence.ln_p().exp()).collect();
        assert!(assay_math::benjamini_hochberg(&p, p.len())[0] < 0.04);
    }

    #[test]
    fn edges_of_rings_are_no_part_of_chance() {
        let weak = block(18, 0.05, -3.0);
        assert!(weak.evidence.ln_p_chance < -60.0, "{}", weak.evidence.ln_p_chance);
        let mut blocks = [weak.clone(), block(4000, 90.0, -50.0)];
        decide(&mut blocks, 10_000.0, 0.05);
        let want = 0.05 / 0.6;
        assert!((blocks[0].evidence.n_edges_by_chance - want).abs() < 1e-9, "{:?}", blocks[0].evidence);
        assert!(blocks[0].evidence.ln_p_chance > weak.evidence.ln_p_chance);
        // Its own edges stay where they are.
        assert_eq!(blocks[1].evidence.n_edges_by_chance, 90.0);
        // Of a graph that is rings and nothing else, half stays.
        let mut rings = [block(4000, 90.0, -50.0), block(4000, 90.0, -50.0)];
        decide(&mut rings, 8000.0, 0.05);
        assert_eq!(rings[0].evidence.n_edges_by_chance, 180.0);
    }

    #[test]
    fn nothing_is_decided_about_nothing() {
        assert!(decide(&mut [], 0.0, 0.05).is_empty());
    }
}
