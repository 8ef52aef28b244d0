//! Core numbers: how deep in the graph a node sits.
//!
//! **Finds** for each node the greatest k such that it belongs to a set in which everyone has at least k neighbours (Seidman,
//! "Network structure and minimum degree", Social Networks 1983). Edges are not weighed.
//!
//! **How.** Batagelj and Zaversnik, "An O(m) algorithm for cores decomposition of networks" (2003): nodes lie sorted by degree
//! in one array; the lowest is taken away, and each neighbour that had more moves one place forward in the array. O(n + m).
//!
//! **Traps.** A core number says how large the well-knit surroundings are and not how dense a block is; a popular target's
//! audience alone does not raise it, since its sources have few targets.

use super::Bipartite;
use crate::{Go, Stopped, Tick};

/// The core number of each node. The tick counts nodes.
///
/// # Errors
/// If the tick says stop.
pub fn cores(graph: &Bipartite, tick: &mut Tick<'_>) -> Result<Vec<u32>, Stopped> {
    let n_sources = graph.n_sources();
    let n = graph.n_nodes() as usize;
    let mut degree: Vec<u32> = (0..n_sources)
        .map(|s| graph.by_source.degree(s))
        .chain((0..graph.n_targets()).map(|t| graph.by_target.degree(t)))
        .collect();
    let greatest = degree.iter().copied().max().unwrap_or(0) as usize;
    // Where the nodes of each degree begin among all in order of degree.
    let mut begin = vec![0_u32; greatest + 2];
    for &d in &degree {
        begin[d as usize + 1] += 1;
    }
    for d in 0..=greatest {
        begin[d + 1] += begin[d];
    }
    let mut cursor = begin.clone();
    let mut place = vec![0_u32; n];
    let mut sorted = vec![0_u32; n];
    for (v, &d) in degree.iter().enumerate() {
        place[v] = cursor[d as usize];
        sorted[place[v] as usize] = v as u32;
        cursor[d as usize] += 1;
    }
    drop(cursor);
    for k in 0..n {
        let v = sorted[k];
        let mine = degree[v as usize];
        let mut closer = |u: u32| {
            let d = degree[u as usize];
            if d > mine {
                let first = begin[d as usize];
                let other = sorted[first as usize];
                let at = place[u as usize];
                sorted[at as usize] = other;
                place[other as usize] = at;
                sorted[first as usize] = u;
                place[u as usize] = first;
                begin[d as usize] += 1;
                degree[u as usize] = d - 1;
            }
        };
        if v < n_sources {
            graph.by_source.neighbours(v).iter().for_each(|&t| closer(n_sources + t));
        } else {
            graph.by_target.neighbours(v - n_sources).iter().for_each(|&s| closer(s));
        }
        if k % (1 << 16) == 0 && tick(k as u64, n as u64) == Go::Stop {
            return Err(Stopped);
        }
    }
    Ok(degree)
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
