//! Blocks: a set of sources and a set of targets, drawn so that each member belongs by its own edges.
//!
//! **Finds**, from a seed of sources, the nearest block that explains itself, whatever its members do elsewhere: an account
//! that acts on the block as its members do belongs to it, though it follow ten thousand others (camouflage), and a popular
//! target belongs only if more of the block act on it than its popularity brings by itself (contrast).
//!
//! **How.** In a graph of `m` edges with given degrees, `k` edges from a target of degree `d` to sources with `v` edges in
//! all are a Poisson number of mean `mu = v d / m` (the degree-preserving null). A target of a block has `mu + l` of them,
//! `l` being what is usual in the block, so it belongs when
//! `k ln(1 + l / mu) - l > ln(N / n) + 2`
//! where `n` of `N` targets belong. First those with more than chance explains at all give `l`; then members and `l` are
//! found in turns. Sources are chosen likewise from the targets, and so on until nothing changes.
//!
//! Where a block ends up, sources are chosen once more, with the edges of its members no part of chance: what an outsider does
//! is drawn from what outsiders do, and an account that follows a thousand others is not kept out of a ring by the ring's own
//! edges ([`belonging`]). Not before: while the targets are open too, a dense core would draw in its surroundings turn by turn.
//!
//! **Limits.** A node needs two edges into the block. A block whose edges are few beside what the degrees alone bring (a
//! group that is most of the graph) is not one.
//!
//! **Source.** The contrast is that of `HoloScope` (Liu, Hooi and Faloutsos, 2017) in likelihood's terms; the scan's likelihood ratio is Kulldorff's (1997). The turns are as in `CopyCatch` (Beutel, Xu,
//! Guruswami, Palow and Faloutsos, 2013), without its thresholds.

use assay_math::graph::{Bipartite, Csr};

/// The fewest edges by which a node belongs: two targets in common are the least that is more than one.
pub const EDGES_MIN: u32 = 2;
/// The fewest sources of a block: less is a pair, not a group.
pub const SOURCES_MIN: usize = 3;
/// The fewest targets of a block. A thousand accounts that act on the same two and on nothing else are in lockstep.
pub const TARGETS_MIN: usize = 2;
/// Nats of evidence that a member needs beyond the odds of any node to be one: about 1 stranger in 8 members at worst. Made.
const MARGIN: f64 = 2.0;
/// Turns after which an undecided block is left as it stands. Most settle in five.
const TURNS_MAX: u32 = 20;

/// The degrees of all nodes in the whole graph, where the graph at hand is what pruning left of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Degrees {
    /// Of the sources.
    pub sources: Vec<u32>,
    /// Of the targets.
    pub targets: Vec<u32>,
    /// How many edges the whole graph has.
    pub n_edges: u64,
}

/// The graph that blocks are sought in.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    /// The graph.
    pub graph: &'a Bipartite,
    degrees: Option<&'a Degrees>,
    /// How many edges it has.
    pub m: f64,
    /// How many sources have [`EDGES_MIN`] edges or more, so that they could belong.
    pub n_sources: f64,
    /// How many targets have.
    pub n_targets: f64,
}

impl<'a> Field<'a> {
    /// The field of a graph.
    pub fn new(graph: &'a Bipartite) -> Self {
        let able = |side: &Csr| (0..side.n()).filter(|&i| side.degree(i) >= EDGES_MIN).count().max(1) as f64;
        Self {
            graph,
            degrees: None,
            m: (graph.n_edges() as f64).max(1.0),
            n_sources: able(&graph.by_source),
            n_targets: able(&graph.by_target),
        }
    }

    /// The field of what pruning left of a graph whose nodes had these degrees: chance and audience are those of the whole.
    ///
    /// # Panics
    /// If there are not as many degrees as nodes.
    pub fn pruned(graph: &'a Bipartite, degrees: &'a Degrees) -> Self {
        assert_eq!(degrees.sources.len(), graph.n_sources() as usize, "a degree for each source");
        assert_eq!(degrees.targets.len(), graph.n_targets() as usize, "a degree for each target");
        let able = |of: &[u32]| of.iter().filter(|&&degree| degree >= EDGES_MIN).count().max(1) as f64;
        Self {
            graph,
            degrees: Some(degrees),
            m: (degrees.n_edges as f64).max(1.0),
            n_sources: able(&degrees.sources),
            n_targets: able(&degrees.targets),
        }
    }

    /// How many edges a source has in the whole graph.
    #[inline]
    pub fn degree_of_source(&self, s: u32) -> u32 {
        self.degrees.map_or_else(|| self.graph.by_source.degree(s), |degrees| degrees.sources[s as usize])
    }

    /// How many edges a target has in the whole graph.
    #[inline]
    pub fn degree_of_target(&self, t: u32) -> u32 {
        self.degrees.map_or_else(|| self.graph.by_target.degree(t), |degrees| degrees.targets[t as usize])
    }

    /// The edges of these sources.
    pub fn volume_of_sources(&self, sources: &[u32]) -> f64 {
        sources.iter().map(|&s| f64::from(self.degree_of_source(s))).sum()
    }

    /// The edges of these targets.
    pub fn volume_of_targets(&self, targets: &[u32]) -> f64 {
        targets.iter().map(|&t| f64::from(self.degree_of_target(t))).sum()
    }
}

/// A block.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Block {
    /// Its sources, ascending.
    pub sources: Vec<u32>,
    /// Its targets, ascending.
    pub targets: Vec<u32>,
    /// The edges a source of it usually has into it, beyond chance.
    pub usual_of_sources: f64,
    /// The edges a target of it usually has from it, beyond chance.
    pub usual_of_targets: f64,
}

/// Counters over the nodes of both sides, kept between blocks.
#[derive(Debug)]
pub struct Counters {
    sources: Counter,
    targets: Counter,
    /// Edges passed over so far: what the search has cost.
    pub work: u64,
}

#[derive(Debug)]
struct Counter {
    count: Vec<u32>,
    met: Vec<u32>,
}

impl Counter {
    /// How many edges each node of the other side has to `nodes`, in ascending order of node.
    fn edges_to(&mut self, side: &Csr, nodes: &[u32]) -> Vec<(u32, u32)> {
        for &i in nodes {
            for &j in side.neighbours(i) {
                let count = &mut self.count[j as usize];
                if *count == 0 {
                    self.met.push(j);
                }
                *count += 1;
            }
        }
        let mut counted: Vec<(u32, u32)> = Vec::with_capacity(self.met.len());
        for j in self.met.drain(..) {
            let count = &mut self.count[j as usize];
            if *count >= EDGES_MIN {
                counted.push((j, *count));
            }
            *count = 0;
        }
        counted.sort_unstable();
        counted
    }
}

impl Counters {
    /// Counters for a graph: four bytes a node.
    pub fn new(graph: &Bipartite) -> Self {
        let counter = |n: u32| Counter { count: vec![0; n as usize], met: Vec::new() };
        Self { sources: counter(graph.n_sources()), targets: counter(graph.n_targets()), work: 0 }
    }

    /// The targets with [`EDGES_MIN`] edges or more from these sources, ascending, with how many.
    pub fn targets_of(&mut self, field: &Field<'_>, sources: &[u32]) -> Vec<(u32, u32)> {
        self.work += field.volume_of_sources(sources) as u64;
        self.targets.edges_to(&field.graph.by_source, sources)
    }

    /// The sources with [`EDGES_MIN`] edges or more to these targets, ascending, with how many.
    pub fn sources_of(&mut self, field: &Field<'_>, targets: &[u32]) -> Vec<(u32, u32)> {
        self.work += field.volume_of_targets(targets) as u64;
        self.sources.edges_to(&field.graph.by_target, targets)
    }
}

/// The block that a seed of sources leads to, if any. No block is found once `counters` have passed `work_max`.
pub fn settle(field: &Field<'_>, seed: &[u32], work_max: u64, counters: &mut Counters) -> Option<Block> {
    let mut block = Block { sources: seed.to_vec(), ..Block::default() };
    for _ in 0..TURNS_MAX {
        if counters.work > work_max {
            return None;
        }
        let counted = counters.targets_of(field, &block.sources);
        let volume = field.volume_of_sources(&block.sources);
        let (targets, usual_of_targets) =
            members(|t| field.degree_of_target(t), &counted, volume / field.m, (TARGETS_MIN, field.n_targets))?;
        let counted = counters.sources_of(field, &targets);
        let volume = field.volume_of_targets(&targets);
        let (sources, usual_of_sources) =
            members(|s| field.degree_of_source(s), &counted, volume / field.m, (SOURCES_MIN, field.n_sources))?;
        let settled = sources == block.sources && targets == block.targets;
        block = Block { sources, targets, usual_of_sources, usual_of_targets };
        if settled {
            break;
        }
    }
    Some(block)
}

/// The fewest edges by which a node belongs to a block in which `usual` are usual on top of the `by_chance` that its degree
/// brings; `ln_odds` is how rare members are among all.
pub fn fewest(by_chance: f64, usual: f64, ln_odds: f64) -> u32 {
    let each = (usual / by_chance).ln_1p().max(f64::MIN_POSITIVE);
    let fewest = ((usual + ln_odds + MARGIN) / each).floor() + 1.0;
    fewest.clamp(f64::from(EDGES_MIN), f64::from(u32::MAX)) as u32
}

/// The share of outsiders' edges that end at the targets of a block: of all edges `volume` end there, `own` of them from members.
pub fn share_of_outsiders(field: &Field<'_>, volume: f64, own: f64) -> f64 {
    (volume - own).max(1.0) / (field.m - own).max(1.0)
}

/// The sources of a settled block with their edges into it, ascending: its own, and those of the counted that belong if edges of its
/// own are no part of chance.
pub fn belonging(field: &Field<'_>, block: &Block, counted: &[(u32, u32)]) -> Vec<(u32, u32)> {
    let is_own = |s: u32| block.sources.binary_search(&s).is_ok();
    let own: f64 = counted.iter().filter(|c| is_own(c.0)).map(|&(_, k)| f64::from(k)).sum();
    let share = share_of_outsiders(field, field.volume_of_targets(&block.targets), own);
    let ln_odds = (field.n_sources / block.sources.len() as f64).ln().max(0.0);
    let belongs = |&(s, k): &(u32, u32)| {
        is_own(s) || k >= fewest(share * f64::from(field.degree_of_source(s)), block.usual_of_sources, ln_odds)
    };
    counted.iter().copied().filter(belongs).collect()
}

/// Which of the counted nodes belong, and what is usual among them; nothing when they are fewer than `n_min`. `share` is the share of
/// all edges that end at the other side of the block, `n_all` how many nodes there are to choose from.
fn members(
    degree: impl Fn(u32) -> u32,
    counted: &[(u32, u32)],
    share: f64,
    (n_min, n_all): (usize, f64),
) -> Option<(Vec<u32>, f64)> {
    let by_chance = |node: u32| share * f64::from(degree(node));
    let surprise = n_all.max(2.0).ln();
    let (mut n, mut sum, mut squares) = (0.0_f64, 0.0, 0.0);
    for &(node, k) in counted {
        let (k, mu) = (f64::from(k), by_chance(node));
        if k > mu && k * (k / mu).ln() - (k - mu) > surprise {
            n += 1.0;
            sum += k - mu;
            squares += (k - mu) * (k - mu);
        }
    }
    if n == 0.0 {
        return None;
    }
    // Weighted by size, so that many weak ties of a seed that holds two groups do not dilute the stronger one.
    let mut usual = squares / sum;
    let mut chosen: Vec<u32> = Vec::new();
    for _ in 0..3 {
        let price = (n_all / n).ln().max(0.0) + MARGIN;
        chosen.clear();
        sum = 0.0;
        for &(node, k) in counted {
            let mu = by_chance(node);
            if f64::from(k) * (usual / mu).ln_1p() - usual > price {
                chosen.push(node);
                sum += f64::from(k) - mu;
            }
        }
        if chosen.len() < n_min {
            return None;
        }
        n = chosen.len() as f64;
        let next = (sum / n).max(1.0);
        let still = (next - usual).abs() < 0.01 * usual;
        usual = next;
        if still {
            break;
        }
    }
    Some((chosen, usual))
}
