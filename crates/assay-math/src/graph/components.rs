//! Connected components, of the whole graph or within a set of nodes.
//!
//! **How.** Union by the lower number with path halving (Tarjan and van Leeuwen, "Worst-case analysis of set union algorithms",
//! J. ACM 1984): every node points towards a lower one of its component; an edge joins the two ends' roots. Nearly linear.

use super::Bipartite;
use crate::{Go, Stopped, Tick};

/// The component of each node, named by its lowest node. The tick counts sources.
///
/// # Errors
/// If the tick says stop.
pub fn components(graph: &Bipartite, tick: &mut Tick<'_>) -> Result<Vec<u32>, Stopped> {
    let n_sources = graph.n_sources();
    let mut parents: Vec<u32> = (0..graph.n_nodes()).collect();
    for s in 0..n_sources {
        for &t in graph.by_source.neighbours(s) {
            join(&mut parents, s, n_sources + t);
        }
        if s % (1 << 16) == 0 && tick(u64::from(s), u64::from(n_sources)) == Go::Stop {
            return Err(Stopped);
        }
    }
    // A parent is never above its child, so parents are final when their children ask.
    for v in 0..parents.len() {
        parents[v] = parents[parents[v] as usize];
    }
    Ok(parents)
}

/// The connected groups among these nodes (each named once), by the edges whose both ends are among them. Groups are ascending
/// inside and come by falling size, ties by their lowest node. Costs four bytes for each node of the graph.
///
/// # Panics
/// If a node is beyond the graph.
pub fn groups_within(graph: &Bipartite, nodes: &[u32]) -> Vec<Vec<u32>> {
    const ABSENT: u32 = u32::MAX;
    let n_sources = graph.n_sources();
    let mut parents = vec![ABSENT; graph.n_nodes() as usize];
    for &v in nodes {
        parents[v as usize] = v;
    }
    for &s in nodes.iter().filter(|&&v| v < n_sources) {
        for &t in graph.by_source.neighbours(s) {
            if parents[(n_sources + t) as usize] != ABSENT {
                join(&mut parents, s, n_sources + t);
            }
        }
    }
    let mut rooted: Vec<(u32, u32)> = nodes.iter().map(|&v| (root(&mut parents, v), v)).collect();
    rooted.sort_unstable();
    let mut groups: Vec<Vec<u32>> =
        rooted.chunk_by(|a, b| a.0 == b.0).map(|group| group.iter().map(|&(_, v)| v).collect()).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups
}

fn root(parents: &mut [u32], mut v: u32) -> u32 {
    loop {
        let parent = parents[v as usize];
        if parent == v {
            return v;
        }
        let grandparent = parents[parent as usize];
        parents[v as usize] = grandparent;
        v = grandparent;
    }
}

fn join(parents: &mut [u32], a: u32, b: u32) {
    let (a, b) = (root(parents, a), root(parents, b));
    if a != b {
        parents[a.max(b) as usize] = a.min(b);
    }
}

#[cfg(test)]
mod tests {
    use super::{components, groups_within};
    use crate::graph::Bipartite;
    use crate::graph::small::random_graph;
    use crate::{Go, Stopped, silent};

    /// Spreads the lowest number along edges until nothing changes.
    fn naive(graph: &Bipartite, has: &dyn Fn(u32) -> bool) -> Vec<u32> {
        let n_sources = graph.n_sources();
        let mut label: Vec<u32> = (0..graph.n_nodes()).collect();
        loop {
            let before = label.clone();
            for s in 0..n_sources {
                for &t in graph.by_source.neighbours(s) {
                    let t = n_sources + t;
                    if has(s) && has(t) {
                        let least = label[s as usize].min(label[t as usize]);
                        label[s as usize] = least;
                        label[t as usize] = least;
                    }
                }
            }
            if label == before {
                return label;
            }
        }
    }

    #[test]
    fn agree_with_spreading_the_lowest_number() {
        for seed in 0..100 {
            let graph = random_graph(seed, 30, 25, 30);
            assert_eq!(components(&graph, &mut silent), Ok(naive(&graph, &|_| true)), "seed {seed}");
        }
    }

    #[test]
    fn groups_within_agree_with_spreading_among_them() {
        for seed in 0..100 {
            let graph = random_graph(seed, 30, 25, 60);
            let has = |v: u32| !v.is_multiple_of(3);
            let label = naive(&graph, &has);
            let nodes: Vec<u32> = (0..55).rev().filter(|&v| has(v)).collect();
            let groups = groups_within(&graph, &nodes);
            assert_eq!(groups.iter().map(Vec::len).sum::<usize>(), nodes.len(), "seed {seed}");
            assert!(groups.is_sorted_by(|a, b| a.len() > b.len() || (a.len() == b.len() && a[0] < b[0])));
            for group in &groups {
                let same = (0..55).filter(|&v| has(v) && label[v as usize] == label[group[0] as usize]);
                assert_eq!(group, &same.collect::<Vec<_>>(), "seed {seed}");
            }
        }
    }

    #[test]
    fn stops_when_told() {
        assert_eq!(components(&random_graph(1, 5, 5, 9), &mut |_, _| Go::Stop), Err(Stopped));
    }
}
