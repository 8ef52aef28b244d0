//! Core numbers: how deep in the graph a node sits.
//!
//! **Finds** for each node the greatest k such that it belongs to a set in which everyone has at least k neighbours (Seidman,
//! "Network structure and minimum degree", Social Networks 1983). Edges are not weighed.
//!
//! **How.** At level k everyone with k neighbours left goes, in any order, and has core number k (Batagelj and Zaversnik,
//! "An O(m) algorithm for cores decomposition of networks", 2003). No buckets are kept: a level begins with a look at all who
//! are left, as in PKC (Kabir and Madduri, "Parallel k-core decomposition on multicore platforms", IPDPSW 2017), and those who
//! fall to k meanwhile join the same line. At most 2m/k nodes are left at level k, so the looks cost O(m log k) in all; in usual
//! graphs few are left soon. A node's state is one number of 32 bits, how many neighbours it has left, and stops at the level at
//! which the node goes, so that it is the core number in the end and nobody is asked whether he is gone. The loop over edges
//! ([`super::edges`]) has no branch: whether a neighbour falls to k cannot be guessed.
//!
//! **Traps.** A core number says how large the well-knit surroundings are and not how dense a block is; a popular target's
//! audience alone does not raise it, since its sources have few targets.

use super::Bipartite;
use super::edges::{AHEAD, Edges};
use super::pages::Pages;
use super::prefetch::prefetch;
use crate::{Go, Stopped, Tick};

/// The core number of each node. The tick counts nodes.
///
/// # Errors
/// If the tick says stop.
pub fn cores(graph: &Bipartite, tick: &mut Tick<'_>) -> Result<Vec<u32>, Stopped> {
    let n = graph.n_nodes() as usize;
    let mut core = Pages::zeroed(n);
    let core: &mut [u32] = &mut core;
    let (of_sources, of_targets) = core.split_at_mut(graph.n_sources() as usize);
    for (states, rows) in [(of_sources, graph.by_source.view()), (of_targets, graph.by_target.view())] {
        states.iter_mut().zip(rows.offsets.windows(2)).for_each(|(state, row)| *state = (row[1] - row[0]) as u32);
    }
    let mut edges = Edges::new(graph);
    // Everybody stands in line once; one place more, since a place is written before it is known whether it is taken.
    let mut line = Pages::zeroed(n + 1);
    let line: &mut [u32] = &mut line;
    let mut left: Vec<u32> = (0..n as u32).collect();
    let (mut at, mut end) = (0, 0);
    let mut next_tick = 0;
    let mut level = 0;
    while !left.is_empty() {
        end += line_up(&mut left, core, level, &mut line[end..]);
        while at < end {
            if at >= next_tick {
                next_tick = at + (1 << 16);
                if tick(at as u64, n as u64) == Go::Stop {
                    return Err(Stopped);
                }
            }
            at += edges.begin(&line[at..end]);
            loop {
                end += lower(edges.batch(), core, level, &mut line[end..]);
                if !edges.go_on() {
                    break;
                }
            }
        }
        level += 1;
    }
    Ok(core.to_vec())
}

/// Forgets those left who are gone and puts those who go at this level into line; says how many.
#[inline(never)]
fn line_up(left: &mut Vec<u32>, core: &[u32], level: u32, line: &mut [u32]) -> usize {
    let (mut n_left, mut n_new) = (0, 0);
    for k in 0..left.len() {
        let node = left[k];
        let state = core[node as usize];
        left[n_left] = node;
        n_left += usize::from(state > level);
        line[n_new] = node;
        n_new += usize::from(state == level);
    }
    left.truncate(n_left);
    n_new
}

/// Takes an edge from each node of the batch that is not gone, and puts those who go now into line; says how many.
#[inline(never)]
fn lower(batch: &[u32], core: &mut [u32], level: u32, line: &mut [u32]) -> usize {
    let mut n_new = 0;
    for (&node, &ahead) in batch.iter().zip(&batch[AHEAD..]) {
        prefetch(core, ahead as usize);
        let state = &mut core[node as usize];
        let before = *state;
        *state = before - u32::from(before > level);
        line[n_new] = node;
        n_new += usize::from(before == level + 1);
    }
    n_new
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
    fn rows_longer_than_a_batch_are_taken_up_whole() {
        let sources: Vec<u32> = (0..5000).flat_map(|s| [s, s]).collect();
        let zeros = vec![0; 10_000];
        let targets: Vec<u32> = (0..5000).flat_map(|_| [0, 1]).collect();
        assert_eq!(cores(&built(5000, 2, &sources, &targets), &mut silent), Ok(vec![2; 5002]));
        // Here the long rows go first.
        assert_eq!(cores(&built(5000, 1, &sources, &zeros), &mut silent), Ok(vec![1; 5001]));
        assert_eq!(
            cores(&built(1, 5000, &zeros[..5000], &(0..5000).collect::<Vec<_>>()), &mut silent),
            Ok(vec![1; 5001])
        );
    }

    #[test]
    fn stops_when_told() {
        assert_eq!(cores(&random_graph(1, 5, 5, 9), &mut |_, _| Go::Stop), Err(Stopped));
    }
}
