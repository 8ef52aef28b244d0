//! Communities by local moves: where groups may be, as seeds for [`crate::block`].
//!
//! **Finds** groups of sources and targets that are joined to one another more than their activity and popularity explain.
//! Unlike density, this sees a group that is thin but shut: 200 accounts that each follow a tenth of the same 100 targets.
//!
//! **How.** Every node begins as a group of its own. Nodes are visited again and again, each time in the same scrambled
//! order, and each moves to the group with the greatest gain
//! `w(node, group) - g (S_node T_group + T_node S_group) / m`, where `S` and `T` are the edges of a group's sources and
//! targets, `m` all edges, and `g` the resolution: groups held together by less than `g` times the edges of chance fall
//! apart. Groups are then drawn together into nodes and moved again, up to [`LEVELS_MAX`] times.
//!
//! **Cost** is a pass over the edges for each visit, 24 bytes a node, and for graphs of up to [`AGGREGATE_MAX`] edges one
//! drawn-together form besides, 16 bytes an edge and 32 a node more at worst; larger graphs get one level.
//!
//! **Limits.** Heuristic: a group may be cut or merged. What comes out is a place to look, and nothing is said from it alone.
//!
//! **Source.** Blondel, Guillaume, Lambiotte and Lefebvre, "Fast unfolding of communities in large networks", 2008; for two
//! sides: Barber, "Modularity and community detection in bipartite networks", 2007; the resolution: Reichardt and
//! Bornholdt 2006. Deviation: no final level is chosen; the groups of every level are looked at.

use crate::block::Field;
use assay_model::{Go, Stopped, Tick};

/// Visits to every node at one level. Moves of a tenth of the nodes are rare after the third (measured on three real
/// graphs); six leave a margin.
const VISITS_MAX: u32 = 6;
/// The same for graphs of more than [`AGGREGATE_MAX`] edges, where a visit takes many seconds.
const VISITS_MAX_OF_MANY: u32 = 3;
/// Visiting ends when fewer than this share of the nodes still moves. Made.
const RESTLESS_SHARE: f64 = 0.01;
/// How often groups are drawn together. The third level merged nothing more that mattered on three real graphs.
pub const LEVELS_MAX: u32 = 3;
/// Edges up to which groups are drawn together: above it, 16 bytes an edge for the drawn-together graph are too many.
pub const AGGREGATE_MAX: u64 = 1 << 25;
/// Nodes between two ticks.
const TICK_NODES: u32 = 1 << 16;

/// The groups of one level: for each node (sources, then targets) the number of its group.
#[derive(Debug, Clone)]
pub struct Groups {
    /// The group of each node.
    pub of: Vec<u32>,
    /// How many groups there are.
    pub n: u32,
}

/// What is moved: nodes with edges to one another, each of so many source ends and target ends.
trait Movable {
    fn n(&self) -> u32;
    fn ends(&self, node: u32) -> (u64, u64);
    fn each(&self, node: u32, visit: impl FnMut(u32, u32));
}

impl Movable for Field<'_> {
    fn n(&self) -> u32 {
        self.graph.n_nodes()
    }

    fn ends(&self, node: u32) -> (u64, u64) {
        match node.checked_sub(self.graph.n_sources()) {
            None => (u64::from(self.degree_of_source(node)), 0),
            Some(target) => (0, u64::from(self.degree_of_target(target))),
        }
    }

    fn each(&self, node: u32, mut visit: impl FnMut(u32, u32)) {
        let n_sources = self.graph.n_sources();
        match node.checked_sub(n_sources) {
            None => self.graph.by_source.neighbours(node).iter().for_each(|&t| visit(n_sources + t, 1)),
            Some(target) => self.graph.by_target.neighbours(target).iter().for_each(|&s| visit(s, 1)),
        }
    }
}

/// A graph whose nodes are groups.
struct Drawn {
    offsets: Vec<u64>,
    edges: Vec<(u32, u32)>,
    ends: Vec<(u64, u64)>,
}

impl Movable for Drawn {
    fn n(&self) -> u32 {
        self.ends.len() as u32
    }

    fn ends(&self, node: u32) -> (u64, u64) {
        self.ends[node as usize]
    }

    fn each(&self, node: u32, mut visit: impl FnMut(u32, u32)) {
        let span = self.offsets[node as usize] as usize..self.offsets[node as usize + 1] as usize;
        self.edges[span].iter().for_each(|&(other, weight)| visit(other, weight));
    }
}

fn visits(n_edges: u64) -> u32 {
    if n_edges > AGGREGATE_MAX { VISITS_MAX_OF_MANY } else { VISITS_MAX }
}

/// How many edges [`groups`] passes over at most at its first level, which is most of its work: from both of their ends.
pub fn passed_by_groups(n_edges: u64) -> u64 {
    n_edges * 2 * u64::from(visits(n_edges))
}

/// The groups of each level at one resolution, finest first. The tick counts visits to nodes of the first level, and a third more
/// for the others.
///
/// # Errors
/// [`Stopped`] when the tick says so.
pub fn groups(field: &Field<'_>, resolution: f64, tick: &mut Tick<'_>) -> Result<Vec<Groups>, Stopped> {
    let (m, n_edges) = (field.m, field.graph.n_edges());
    let visits = visits(n_edges);
    let is_alone = n_edges > AGGREGATE_MAX;
    // Levels after the first cost about a third of it together.
    let mut first_tick = |done: u64, total: u64| if is_alone { tick(done, total) } else { tick(3 * done, 4 * total) };
    let first = move_nodes(field, resolution / m.max(1.0), visits, &mut first_tick)?;
    let mut levels = vec![first];
    if is_alone {
        return Ok(levels);
    }
    for _ in 1..LEVELS_MAX {
        let last = &levels[levels.len() - 1];
        // Drawn from the graph itself each time, so that no two drawn-together forms are held at once.
        let moved = move_nodes(&draw(field, last), resolution / m.max(1.0), visits, &mut |_, _| tick(7, 8))?;
        if moved.n == last.n {
            break;
        }
        let of = last.of.iter().map(|&g| moved.of[g as usize]).collect();
        levels.push(Groups { of, n: moved.n });
    }
    Ok(levels)
}

/// Visits nodes until they rest. `penalty` is the resolution over all edges.
fn move_nodes(graph: &impl Movable, penalty: f64, visits: u32, tick: &mut Tick<'_>) -> Result<Groups, Stopped> {
    let n = graph.n();
    let mut of: Vec<u32> = (0..n).collect();
    let mut ends: Vec<(u64, u64)> = (0..n).map(|i| graph.ends(i)).collect();
    let mut weight_to = vec![0_u32; n as usize];
    let mut met: Vec<u32> = Vec::new();
    let total = u64::from(n) * u64::from(visits);
    let mut visited = 0;
    let step = scramble(n);
    for _ in 0..visits {
        let (mut n_moved, mut node) = (0_u64, 0_u64);
        for _ in 0..n {
            if visited % u64::from(TICK_NODES) == 0 && tick(visited, total) == Go::Stop {
                return Err(Stopped);
            }
            visited += 1;
            n_moved += u64::from(visit(graph, node as u32, penalty, &mut of, &mut ends, &mut weight_to, &mut met));
            node += step;
            node -= if node >= u64::from(n) { u64::from(n) } else { 0 };
        }
        if (n_moved as f64) < RESTLESS_SHARE * f64::from(n) {
            break;
        }
    }
    let mut number = weight_to;
    number.fill(u32::MAX);
    let mut next = 0;
    for group in &mut of {
        let known = &mut number[*group as usize];
        if *known == u32::MAX {
            *known = next;
            next += 1;
        }
        *group = *known;
    }
    Ok(Groups { of, n: next })
}

/// Moves one node to where it gains most; ties stay, then fall to the group met first. Whether it moved.
fn visit(
    graph: &impl Movable,
    node: u32,
    penalty: f64,
    of: &mut [u32],
    ends: &mut [(u64, u64)],
    weight_to: &mut [u32],
    met: &mut Vec<u32>,
) -> bool {
    graph.each(node, |other, weight| {
        if other != node {
            let group = of[other as usize];
            let sum = &mut weight_to[group as usize];
            if *sum == 0 {
                met.push(group);
            }
            *sum += weight;
        }
    });
    let own = of[node as usize];
    let (s, t) = graph.ends(node);
    ends[own as usize].0 -= s;
    ends[own as usize].1 -= t;
    let (s, t) = (s as f64, t as f64);
    let gain = |group: u32, weight: u32| {
        let (group_s, group_t) = ends[group as usize];
        f64::from(weight) - penalty * (s * group_t as f64 + t * group_s as f64)
    };
    let (mut best, mut most) = (own, gain(own, weight_to[own as usize]));
    for &group in met.iter() {
        let gained = gain(group, weight_to[group as usize]);
        if gained > most + 1e-9 {
            (best, most) = (group, gained);
        }
    }
    for group in met.drain(..) {
        weight_to[group as usize] = 0;
    }
    let (s, t) = graph.ends(node);
    ends[best as usize].0 += s;
    ends[best as usize].1 += t;
    of[node as usize] = best;
    best != own
}

/// A step that visits all of `0..n` in a scrambled order: near the golden section of `n`, and prime to it.
fn scramble(n: u32) -> u64 {
    let n = u64::from(n);
    let mut step = ((n as f64 * 0.618_033_988_75) as u64).max(1);
    while gcd(step, n.max(1)) != 1 {
        step += 1;
    }
    step % n.max(1)
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Draws the groups of a graph together into nodes.
fn draw(graph: &Field<'_>, groups: &Groups) -> Drawn {
    let n = groups.n as usize;
    let mut starts = vec![0_u32; n + 1];
    groups.of.iter().for_each(|&g| starts[g as usize] += 1);
    // Where each group ends; members are put in from behind, so that it is where each begins afterwards.
    (0..n).for_each(|g| starts[g + 1] += starts[g]);
    let mut members = vec![0_u32; groups.of.len()];
    let mut ends = vec![(0, 0); n];
    for (node, &g) in groups.of.iter().enumerate().rev() {
        starts[g as usize] -= 1;
        members[starts[g as usize] as usize] = node as u32;
        let (s, t) = graph.ends(node as u32);
        ends[g as usize].0 += s;
        ends[g as usize].1 += t;
    }
    let mut sums = vec![0_u32; n];
    let mut offsets = Vec::with_capacity(n + 1);
    offsets.push(0);
    // Room for all at once: a row of doubled size would be held beside the old one, and what is not written takes no memory.
    let mut edges: Vec<(u32, u32)> = Vec::with_capacity(2 * graph.graph.n_edges() as usize);
    for g in 0..n {
        let begin = edges.len();
        for &node in &members[starts[g] as usize..starts[g + 1] as usize] {
            graph.each(node, |other, weight| {
                let to = groups.of[other as usize];
                if sums[to as usize] == 0 {
                    edges.push((to, 0));
                }
                sums[to as usize] += weight;
            });
        }
        for edge in &mut edges[begin..] {
            edge.1 = sums[edge.0 as usize];
            sums[edge.0 as usize] = 0;
        }
        offsets.push(edges.len() as u64);
    }
    edges.shrink_to_fit();
    Drawn { offsets, edges, ends }
}
