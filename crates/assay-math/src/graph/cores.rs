//! Core numbers: how deep in the graph a node sits.
//!
//! **Finds** for each node the greatest k such that it belongs to a set in which everyone has at least k neighbours (Seidman,
//! "Network structure and minimum degree", Social Networks 1983). Edges are not weighed.
//!
//! **How.** At level k everyone with at most k neighbours left goes, in any order, and has core number k (Batagelj and Zaversnik,
//! "An O(m) algorithm for cores decomposition of networks", 2003). They wait in the queue of a peel ([`super::queue`]) whose
//! buckets are one degree wide, which keeps memory near; Batagelj and Zaversnik's own array, in which every departure moves
//! every neighbour, took twice as long.
//!
//! **Traps.** A core number says how large the well-knit surroundings are and not how dense a block is; a popular target's
//! audience alone does not raise it, since its sources have few targets.

use super::Bipartite;
use super::pages::Pages;
use super::queue::{Cut, Waiting};
use crate::{Go, Stopped, Tick};

/// The core number of each node. The tick counts nodes.
///
/// # Errors
/// If the tick says stop.
pub fn cores(graph: &Bipartite, tick: &mut Tick<'_>) -> Result<Vec<u32>, Stopped> {
    let n_sources = graph.n_sources() as usize;
    let n = graph.n_nodes();
    let mut states = Pages::zeroed(n as usize);
    let states: &mut [u64] = &mut states;
    let (of_sources, of_targets) = states.split_at_mut(n_sources);
    for (s, state) in (0..).zip(of_sources) {
        *state = u64::from(graph.by_source.degree(s)) << 1;
    }
    for (t, state) in (0..).zip(of_targets) {
        *state = u64::from(graph.by_target.degree(t)) << 1 | 1;
    }
    let mut waiting = Waiting::new(graph, 1, Cut::Units);
    let mut core = vec![0_u32; n as usize];
    let mut level = 0;
    let mut n_done = 0_u64;
    while let Some((node, degree)) = waiting.next(states) {
        waiting.take_away(states, node);
        level = level.max(degree as u32);
        core[node as usize] = level;
        if n_done.is_multiple_of(1 << 16) && tick(n_done, u64::from(n)) == Go::Stop {
            return Err(Stopped);
        }
        n_done += 1;
    }
    Ok(core)
}

#[cfg(test)]
mod tests {
    use super::cores;
    use crate::graph::Bipartite;
    use crate::graph::small::{built, random_graph};
    use crate::{Go, Stopped, silent};

    /// For each k, drops nodes with fewer than k neighbours until none is left to drop.
    fn naive(graph: &Bipartite) -> Vec<u32> {
        let (n_sources, n) = (graph.n_sources(), graph.n_nodes());
        let mut core = vec![0; n as usize];
        for k in 1.. {
            let mut left = vec![true; n as usize];
            loop {
                let degree = |v: u32, left: &[bool]| {
                    if v < n_sources {
                        graph.by_source.neighbours(v).iter().filter(|&&t| left[(n_sources + t) as usize]).count()
                    } else {
                        graph.by_target.neighbours(v - n_sources).iter().filter(|&&s| left[s as usize]).count()
                    }
                };
                let Some(low) = (0..n).find(|&v| left[v as usize] && degree(v, &left) < k) else { break };
                left[low as usize] = false;
            }
            if !left.contains(&true) {
                break;
            }
            (0..n as usize).filter(|&v| left[v]).for_each(|v| core[v] = k as u32);
        }
        core
    }

    #[test]
    fn agree_with_dropping_again_and_again() {
        for seed in 0..100 {
            let graph = random_graph(seed, 20, 15, 10 + 2 * seed as usize);
            assert_eq!(cores(&graph, &mut silent), Ok(naive(&graph)), "seed {seed}");
        }
    }

    #[test]
    fn a_star_is_a_one_core_and_a_square_a_two_core() {
        let star = built(5, 1, &[0, 1, 2, 3, 4], &[0; 5]);
        assert_eq!(cores(&star, &mut silent), Ok(vec![1; 6]));
        let square = built(2, 2, &[0, 0, 1, 1], &[0, 1, 0, 1]);
        assert_eq!(cores(&square, &mut silent), Ok(vec![2; 4]));
    }

    #[test]
    fn stops_when_told() {
        assert_eq!(cores(&random_graph(1, 5, 5, 9), &mut |_, _| Go::Stop), Err(Stopped));
    }
}
