//! Made graphs of any size with rings planted in them, block by block.
//!
//! The background is R-MAT (Chakrabarti, Zhan and Faloutsos, "R-MAT: a recursive model for graph mining", 2004): at every bit of
//! the two ids one of four quadrants is chosen, with the probabilities .57, .19, .19 and .05 that the Graph500 benchmark uses,
//! which gives popular targets and busy sources as networks have them. Repeated edges stand among the rows, as R-MAT draws
//! them.
//!
//! A ring is a number of sources that each act on a share of its targets, half of which the background knows too. Camouflage
//! adds as many edges again to other targets. Where there are times, a ring's edges fall within 1 to 30 days, and the
//! background's follow bursts of attention: each target has one to five, and half of its edges follow one of them by a few
//! days.
//!
//! Every block is drawn from its own stream: the same graph and seed give the same rows, whoever makes which block. Memory does
//! not grow with the edges, but for four bytes for each member of a ring. Limits: sources know nothing of one another, so there
//! are no communities; each ring is as dense, and as large, as every other.

use super::draw::Draw;
use crate::edges::EdgeBlock;
use assay_math::Seed;

/// A graph that does not exist.
#[derive(Debug, Clone, PartialEq)]
pub struct SynthGraph {
    /// Rows of the background.
    pub edges: u64,
    /// Ids that sources of the background are drawn from.
    pub sources: u32,
    /// Ids that targets of the background are drawn from.
    pub targets: u32,
    /// How many rings.
    pub rings: u32,
    /// Sources of each ring.
    pub ring_sources: u32,
    /// Targets of each ring.
    pub ring_targets: u32,
    /// The share (0..1) of its ring's targets that each source acts on.
    pub density: f64,
    /// How the rings hide.
    pub camouflage: Camouflage,
    /// Whether edges have times.
    pub timed: bool,
}

/// How the sources of a ring hide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Camouflage {
    /// They do not.
    None,
    /// Each acts on as many other targets, drawn evenly.
    Random,
    /// Each acts on as many other targets, drawn by popularity.
    Biased,
    /// They are sources of the background, with the edges that these have.
    Hijacked,
}

/// Which side of an edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Who acts.
    Source,
    /// On whom or what.
    Target,
}

/// Rows of the background in a block.
pub const GRAPH_BLOCK_ROWS: u64 = 1 << 20;

/// 2024-01-01, when the edges of a made graph begin, in seconds since 1970.
const BEGIN_S: i64 = 1_704_067_200;
/// How long they go on.
const DAYS: f64 = 730.0;
/// Ids of the background that rings use are expected to have at least this many edges there.
const DEGREE_MIN: f64 = 3.0;

impl SynthGraph {
    /// Checks that the graph can be made.
    ///
    /// # Errors
    /// What was expected and what was found.
    pub fn check(&self) -> Result<(), String> {
        let at_least = |what: &str, n: u64, min: u64| {
            if n < min { Err(format!("expected at least {min} {what}, found {n}")) } else { Ok(()) }
        };
        at_least("sources", self.sources.into(), 1)?;
        at_least("targets", self.targets.into(), 1)?;
        if self.edges > 1 << 40 {
            return Err(format!("expected at most 2^40 edges, found {}", self.edges));
        }
        if self.rings == 0 {
            return Ok(());
        }
        at_least("sources in a ring", self.ring_sources.into(), 1)?;
        at_least("targets in a ring", self.ring_targets.into(), 1)?;
        if !(self.density > 0.0 && self.density <= 1.0) {
            return Err(format!("expected a density above 0 and up to 1, found {}", self.density));
        }
        let members = |of_each: u32| u64::from(self.rings) * u64::from(of_each);
        for (what, own, of_rings) in [
            ("sources", self.sources, members(self.ring_sources)),
            ("targets", self.targets, members(self.ring_targets)),
        ] {
            if u64::from(own) + of_rings >= u64::from(u32::MAX) {
                return Err(format!("expected fewer than 2^32 {what} in all, found {}", u64::from(own) + of_rings));
            }
        }
        let background = [
            ("targets", self.targets, members(self.ring_targets / 2)),
            (
                "sources",
                self.sources,
                if self.camouflage == Camouflage::Hijacked { members(self.ring_sources) } else { 0 },
            ),
        ];
        for (what, own, needed) in background {
            at_least(&format!("{what}, for the rings use that many of the background"), own.into(), needed)?;
        }
        Ok(())
    }

    /// Settles who is in which ring.
    ///
    /// # Errors
    /// As [`SynthGraph::check`].
    pub fn plan(&self, seed: Seed) -> Result<GraphPlan, String> {
        self.check()?;
        let n = |of_each: u32| u64::from(self.rings) * u64::from(of_each);
        let (s_bits, t_bits) = (bits(self.sources), bits(self.targets));
        let half = self.ring_targets / 2;
        let hijacked = self.camouflage == Camouflage::Hijacked;
        let fresh_sources = if hijacked { 0 } else { n(self.ring_sources) as u32 };
        let fresh_targets = n(self.ring_targets - half) as u32;
        Ok(GraphPlan {
            hijacked: if hijacked {
                known_ids(n(self.ring_sources) as usize, self.sources, s_bits, self.edges, seed.fork("hijacked"))
            } else {
                Vec::new()
            },
            shared: known_ids(n(half) as usize, self.targets, t_bits, self.edges, seed.fork("shared")),
            s_bits,
            t_bits,
            source_ids: Scramble::new(self.sources + fresh_sources, seed.fork("source ids")),
            target_ids: Scramble::new(self.targets + fresh_targets, seed.fork("target ids")),
            seed,
            graph: self.clone(),
        })
    }
}

/// A graph whose rings are settled, ready to be made block by block.
#[derive(Debug, Clone)]
pub struct GraphPlan {
    graph: SynthGraph,
    seed: Seed,
    s_bits: u32,
    t_bits: u32,
    /// Sources of the background that rings use, ring by ring.
    hijacked: Vec<u32>,
    /// Targets of the background that rings use, ring by ring.
    shared: Vec<u32>,
    source_ids: Scramble,
    target_ids: Scramble,
}

impl GraphPlan {
    /// How many blocks there are.
    pub fn n_blocks(&self) -> u64 {
        self.graph.edges.div_ceil(GRAPH_BLOCK_ROWS).max(u64::from(self.n_units() > 0))
    }

    /// How many rows there are in all.
    pub fn n_rows(&self) -> u64 {
        let camouflaged = matches!(self.graph.camouflage, Camouflage::Random | Camouflage::Biased);
        self.graph.edges + self.n_units() * u64::from(self.edges_of_each()) * if camouflaged { 2 } else { 1 }
    }

    fn n_units(&self) -> u64 {
        u64::from(self.graph.rings) * u64::from(self.graph.ring_sources)
    }

    fn edges_of_each(&self) -> u32 {
        let n = self.graph.ring_targets;
        ((self.graph.density * f64::from(n)).round() as u32).clamp(1, n.max(1))
    }

    /// Makes block `i`: its share of the background, and of the rings' edges among it.
    ///
    /// # Panics
    /// If there is no such block.
    pub fn block(&self, i: u64, out: &mut EdgeBlock) {
        let n_blocks = self.n_blocks();
        assert!(i < n_blocks, "block {i} of {n_blocks}");
        out.clear();
        let mut draw = Draw::new(self.seed.fork("rows").nth(i));
        let n = self.graph.edges.saturating_sub(i * GRAPH_BLOCK_ROWS).min(GRAPH_BLOCK_ROWS);
        for _ in 0..n {
            let (source, target) = self.background(&mut draw);
            let at_s = if self.graph.timed { self.time_of(target, &mut draw) } else { 0 };
            self.push(out, source, target, at_s);
        }
        let share = |i: u64| (u128::from(self.n_units()) * u128::from(i) / u128::from(n_blocks)) as u64;
        let mut order: Vec<u32> = (0..self.graph.ring_targets).collect();
        for unit in share(i)..share(i + 1) {
            self.ring_source(unit, &mut order, &mut draw, out);
        }
        // The rings' rows go anywhere among the others.
        for row in n as usize..out.len() {
            let other = ((u128::from(draw.word()) * (row as u128 + 1)) >> 64) as usize;
            out.source.swap(row, other);
            out.target.swap(row, other);
            if self.graph.timed {
                out.at_s.swap(row, other);
            }
        }
    }

    fn push(&self, out: &mut EdgeBlock, source: u32, target: u32, at_s: i64) {
        out.source.push(self.source_ids.of(source));
        out.target.push(self.target_ids.of(target));
        if self.graph.timed {
            out.at_s.push(at_s);
        }
    }

    fn background(&self, draw: &mut Draw) -> (u32, u32) {
        loop {
            let (source, target) = r_mat(self.s_bits, self.t_bits, draw);
            if source < self.graph.sources && target < self.graph.targets {
                return (source, target);
            }
        }
    }

    /// All edges of one ring source.
    fn ring_source(&self, unit: u64, order: &mut [u32], draw: &mut Draw, out: &mut EdgeBlock) {
        let ring = (unit / u64::from(self.graph.ring_sources)) as u32;
        let source = self.source(unit);
        let (from, over) = self.window(ring);
        let n = self.edges_of_each() as usize;
        for k in 0..n {
            let other = k + draw.below((order.len() - k) as u32) as usize;
            order.swap(k, other);
            let at_s = BEGIN_S + ((from + over * draw.unit()) * 86_400.0) as i64;
            self.push(out, source, self.target(ring, order[k]), at_s);
        }
        for _ in 0..n {
            let target = match self.graph.camouflage {
                Camouflage::None | Camouflage::Hijacked => return,
                Camouflage::Random => draw.below(self.graph.targets),
                Camouflage::Biased => self.background(draw).1,
            };
            self.push(out, source, target, BEGIN_S + (DAYS * 86_400.0 * draw.unit()) as i64);
        }
    }

    fn source(&self, unit: u64) -> u32 {
        self.hijacked.get(unit as usize).copied().unwrap_or(self.graph.sources + unit as u32)
    }

    fn target(&self, ring: u32, i: u32) -> u32 {
        let half = self.graph.ring_targets / 2;
        let fresh = self.graph.ring_targets - half;
        match i.checked_sub(half) {
            None => self.shared[(ring * half + i) as usize],
            Some(i) => self.graph.targets + ring * fresh + i,
        }
    }

    /// When the edges of a ring begin, and over how many days they fall.
    fn window(&self, ring: u32) -> (f64, f64) {
        let mut draw = Draw::new(self.seed.fork("windows").nth(ring.into()));
        let over = draw.between(1.0, 30.0);
        (draw.between(DAYS * 0.1, DAYS * 0.9 - over), over)
    }

    /// A time for an edge of the background.
    fn time_of(&self, target: u32, draw: &mut Draw) -> i64 {
        let days = if draw.chance(0.5) {
            let own = self.seed.fork("bursts").nth(target.into());
            let n = [1, 1, 2, 3, 5][(own.0 % 5) as usize];
            let burst = own.nth(u64::from(draw.below(n))).0;
            let begin = (burst >> 11) as f64 / (1_u64 << 53) as f64 * DAYS;
            (begin - 3.0 * (1.0 - draw.unit()).ln()).min(DAYS)
        } else {
            DAYS * draw.unit()
        };
        BEGIN_S + (days * 86_400.0) as i64
    }

    /// Tells every member of every ring: ring, side and id.
    ///
    /// # Errors
    /// Whatever `each` returns.
    pub fn for_each_member<E>(&self, mut each: impl FnMut(u32, Side, u32) -> Result<(), E>) -> Result<(), E> {
        for ring in 0..self.graph.rings {
            let first = u64::from(ring) * u64::from(self.graph.ring_sources);
            for unit in first..first + u64::from(self.graph.ring_sources) {
                each(ring, Side::Source, self.source_ids.of(self.source(unit)))?;
            }
            for i in 0..self.graph.ring_targets {
                each(ring, Side::Target, self.target_ids.of(self.target(ring, i)))?;
            }
        }
        Ok(())
    }
}

/// Bits that ids below `n` take.
fn bits(n: u32) -> u32 {
    32 - (n - 1).leading_zeros()
}

/// Where the quadrants end on a scale of 2^16: .57, .57 + .19, .57 + .19 + .19.
const ENDS: [u64; 3] = [37_356, 49_808, 62_260];

/// One edge of R-MAT, four bits of both ids for each draw. The shorter id drops its last bits.
fn r_mat(s_bits: u32, t_bits: u32, draw: &mut Draw) -> (u32, u32) {
    let levels = s_bits.max(t_bits);
    let (mut source, mut target) = (0_u64, 0_u64);
    let mut made = 0;
    while made < levels {
        let word = draw.word();
        for lane in 0..4 {
            let x = word >> (16 * lane) & 0xffff;
            source = source << 1 | u64::from(x >= ENDS[1]);
            target = target << 1 | u64::from((x >= ENDS[0]) ^ (x >= ENDS[1]) ^ (x >= ENDS[2]));
        }
        made += 4;
    }
    ((source >> (made - s_bits)) as u32, (target >> (made - t_bits)) as u32)
}

/// `n` different ids below `below`, in a drawn order, of those that R-MAT is expected to give some edges if there are as many.
fn known_ids(n: usize, below: u32, bits: u32, edges: u64, seed: Seed) -> Vec<u32> {
    let order = Scramble::new(below, seed);
    // A bit is set with probability .24 on either side.
    let expected = |id: u32| {
        let ones = id.count_ones() as i32;
        edges as f64 * 0.24_f64.powi(ones) * 0.76_f64.powi(bits as i32 - ones)
    };
    let mut ids: Vec<u32> = Vec::with_capacity(n);
    if n > 0 {
        ids.extend((0..below).map(|i| order.of(i)).filter(|id| expected(*id) >= DEGREE_MIN).take(n));
        let missing = n - ids.len();
        ids.extend((0..below).map(|i| order.of(i)).filter(|id| expected(*id) < DEGREE_MIN).take(missing));
    }
    ids
}

/// A permutation of the numbers below `n`: products with odd numbers and shifts, each of which can be undone, on the next power of
/// two, again and again until the result is below `n`.
#[derive(Debug, Clone, Copy)]
struct Scramble {
    n: u32,
    mask: u32,
    shift: u32,
    offset: u32,
    factors: [u32; 2],
}

impl Scramble {
    fn new(n: u32, seed: Seed) -> Self {
        let bits = bits(n).max(2);
        let factors = [seed.nth(0).0 as u32 | 1, seed.nth(1).0 as u32 | 1];
        let mask = u32::MAX >> (32 - bits);
        Self { n, mask, shift: bits / 2, offset: seed.nth(2).0 as u32 & mask, factors }
    }

    fn of(&self, id: u32) -> u32 {
        let mut x = id;
        loop {
            x = (x ^ self.offset).wrapping_mul(self.factors[0]) & self.mask;
            x ^= x >> self.shift;
            x = x.wrapping_mul(self.factors[1]) & self.mask;
            x ^= x >> self.shift;
            if x < self.n {
                return x;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Camouflage, GraphPlan, Scramble, Side, SynthGraph};
    use crate::edges::EdgeBlock;
    use assay_math::Seed;
    use std::collections::{BTreeMap, BTreeSet};

    fn graph(camouflage: Camouflage) -> SynthGraph {
        SynthGraph {
            edges: 3 << 20,
            sources: 100_000,
            targets: 20_000,
            rings: 3,
            ring_sources: 40,
            ring_targets: 25,
            density: 0.4,
            camouflage,
            timed: true,
        }
    }

    fn rows(plan: &GraphPlan) -> Vec<(u32, u32, i64)> {
        let mut block = EdgeBlock::default();
        let mut rows = Vec::new();
        for i in 0..plan.n_blocks() {
            plan.block(i, &mut block);
            rows.extend((0..block.len()).map(|i| (block.source[i], block.target[i], block.at_s[i])));
        }
        rows
    }

    #[test]
    fn permutations_meet_every_number_once() {
        for n in [1, 2, 3, 1_000, 4_096, 5_000] {
            let order = Scramble::new(n, Seed(3));
            let all: BTreeSet<u32> = (0..n).map(|i| order.of(i)).collect();
            assert!(all.len() == n as usize && all.iter().all(|x| *x < n), "{n}");
        }
    }

    #[test]
    fn rings_are_as_dense_as_was_asked_for() {
        for camouflage in [Camouflage::None, Camouflage::Random, Camouflage::Biased, Camouflage::Hijacked] {
            let plan = graph(camouflage).plan(Seed(5)).expect("a graph");
            let rows = rows(&plan);
            assert_eq!(rows.len() as u64, plan.n_rows());
            let (mut sources, mut targets) = (BTreeMap::new(), [(); 3].map(|()| BTreeSet::new()));
            plan.for_each_member(|ring, side, id| {
                if side == Side::Source {
                    assert_eq!(sources.insert(id, ring), None, "a source is in one ring");
                } else {
                    targets[ring as usize].insert(id);
                }
                Ok::<(), ()>(())
            })
            .expect("nothing fails");
            assert_eq!((sources.len(), targets[0].len()), (120, 25));
            let mut within: BTreeMap<u32, BTreeSet<u32>> = BTreeMap::new();
            let mut others: BTreeMap<u32, u32> = BTreeMap::new();
            for (s, t, _) in &rows {
                if let Some(ring) = sources.get(s) {
                    if targets[*ring as usize].contains(t) {
                        within.entry(*s).or_default().insert(*t);
                    } else {
                        *others.entry(*s).or_default() += 1;
                    }
                }
            }
            assert!(within.len() == 120 && within.values().all(|t| t.len() >= 10), "{camouflage:?}");
            assert_eq!(others.is_empty(), camouflage == Camouflage::None, "{camouflage:?}");
        }
    }

    /// The expected share of edges of an id is the product over its bits, which the largest hub shows: .76^17 of them.
    #[test]
    fn the_background_is_r_mat() {
        let plain =
            SynthGraph { rings: 0, timed: false, sources: 1 << 17, targets: 1 << 15, ..graph(Camouflage::None) };
        let plan = plain.plan(Seed(1)).expect("a graph");
        let mut block = EdgeBlock::default();
        let mut degrees = BTreeMap::new();
        for i in 0..plan.n_blocks() {
            plan.block(i, &mut block);
            for s in &block.source {
                *degrees.entry(*s).or_insert(0_u32) += 1;
            }
        }
        let largest = f64::from(*degrees.values().max().expect("edges"));
        let expected = 0.76_f64.powi(17) * f64::from(3 << 20);
        assert!((largest - expected).abs() < 5.0 * expected.sqrt(), "{largest} {expected}");
    }

    #[test]
    fn a_block_does_not_depend_on_others() {
        let plan = graph(Camouflage::Random).plan(Seed(9)).expect("a graph");
        let (mut one, mut two) = (EdgeBlock::default(), EdgeBlock::default());
        plan.block(2, &mut one);
        plan.block(0, &mut two);
        plan.block(2, &mut two);
        assert_eq!(one, two);
        assert!(one.at_s.iter().all(|at| (1_704_067_200..1_704_067_200 + 730 * 86_400 + 1).contains(at)));
    }

    #[test]
    fn what_cannot_be_made_is_said() {
        for broken in [
            SynthGraph { sources: 0, ..graph(Camouflage::None) },
            SynthGraph { density: 1.5, ..graph(Camouflage::None) },
            SynthGraph { density: f64::NAN, ..graph(Camouflage::None) },
            SynthGraph { ring_targets: 50_000, ..graph(Camouflage::None) },
            SynthGraph { ring_sources: 50_000, ..graph(Camouflage::Hijacked) },
            SynthGraph { rings: u32::MAX, ..graph(Camouflage::None) },
            SynthGraph { edges: u64::MAX, ..graph(Camouflage::None) },
        ] {
            assert!(broken.plan(Seed(1)).is_err(), "{broken:?}");
        }
        let small = SynthGraph { edges: 0, sources: 1, targets: 1, rings: 0, ..graph(Camouflage::None) };
        assert_eq!(small.plan(Seed(1)).map(|p| p.n_blocks()), Ok(0));
        let single = SynthGraph { edges: 5, ..small };
        assert_eq!(single.plan(Seed(1)).map(|p| rows(&p).len()), Ok(5));
    }
}
