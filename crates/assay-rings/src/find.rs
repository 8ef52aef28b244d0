//! All rings of a graph in one run: seeds, blocks, judgement, and what is left when the same group was found twice.

use crate::block::{Block, Counters, Degrees, Field, settle};
use crate::cohesion::{WITHIN, falls_apart};
use crate::decide::decide;
use crate::judge::{Judged, judge, synchrony, times_of};
use crate::moves::{groups, passed_by_groups};
use crate::progress::{Cost, Progress};
use crate::seeds::{Sources, alike, of_groups, of_levels, passed_by_levels};
use crate::times::{BUCKET_DAYS, Cells, Flow, Times};
use crate::whole::Whole;
use crate::{singles, windows};
use assay_math::Seed;
use assay_math::graph::Bipartite;
use assay_model::{FoundBy, Go, Ring, RingMember, RingTarget, Rings, SetAside, Stopped, Tick};
use std::collections::{BTreeMap, BTreeSet};

/// Resolutions of local moves. In a graph of `m` edges a group is seen whose edges are so many times what chance brings: the
/// coarse one is for small graphs, of which a ring is a good part; the fine one keeps rings apart from what surrounds them.
const RESOLUTIONS: [f64; 2] = [2.0, 10.0];
/// The fine resolution alone serves graphs of more edges: in them even large rings have hundreds of times their chance edges.
const COARSE_EDGES_MAX: u64 = 1 << 23;
/// Blocks with a p-value of less than this, as a logarithm, are looked into for parts. Made: twice the loosest level.
const WORTH_SPLITTING: f64 = -2.3;
/// Edges passed over while blocks settle: so many, and so many for each edge of the graph. Made: a few seconds and a few passes.
const WORK: (u64, u64) = (400_000_000, 3);
/// The share of that which one seed may take.
const WORK_OF_ONE: u64 = 20;
/// How many levels of groups are planned for at each resolution. Made.
const LEVELS_PLANNED: u64 = 3;
/// What judging a block costs, as [`Cost`] counts, and how many blocks are planned for. Made: a millisecond, and a hundred to a
/// thousand blocks on five graphs.
const JUDGED_COST: u64 = 120_000;
/// See [`JUDGED_COST`].
const JUDGED_PLANNED: u64 = 300;
/// With fewer targets than this only times speak for a ring: two variants of one product have the same buyers, and no others.
const PAIR_TARGETS: usize = 3;
/// The fewest sources where there are fewer targets than that. Made: a household buys two things on one day, and so may six
/// strangers who read the same page.
const PAIR_SOURCES_MIN: usize = 10;
/// A seed is passed over when this share of it lies in one block that is already known...
const KNOWN_SHARE: f64 = 0.8;
/// ...and is no more than so many times as large, so that what is small within something large is still looked at.
const KNOWN_TIMES: usize = 10;
/// Two blocks are one when they share this part of the smaller's pairs of source and target.
const SAME_SHARE: f64 = 0.25;
/// A block is part of another when this share of its sources and targets lies in it.
const PART_SHARE: f64 = 0.8;
/// How many groups that are set aside are told one by one.
const SET_ASIDE_TOLD: usize = 100;

/// What is asked of a search.
#[derive(Debug, Clone, Copy)]
pub struct Asked {
    /// Where its randomness starts.
    pub seed: Seed,
    /// The share of false rings among those reported that is put up with, 0..1.
    pub fdr: f64,
}

/// One way to see the graph: links as they are, or links within buckets of time.
struct View<'a> {
    field: Field<'a>,
    target_of: Option<&'a [u32]>,
    found_by: FoundBy,
}

/// Finds the rings of a graph. The tick counts edges passed over, times what passing one costs.
///
/// Costs some passes over the edges and what `WORK` allows; memory: see [`crate::memory`].
///
/// # Errors
/// [`Stopped`] when the tick says so.
pub fn find(graph: &Bipartite, times: Option<&Times>, asked: &Asked, tick: &mut Tick<'_>) -> Result<Rings, Stopped> {
    find_within(Field::new(graph), times, None, asked, tick)
}

/// As [`find`], in what pruning left of a graph: the rings whose members all have as many edges within as pruning asked for.
///
/// # Errors
/// [`Stopped`] when the tick says so.
pub fn find_pruned(graph: &Bipartite, degrees: &Degrees, asked: &Asked, tick: &mut Tick<'_>) -> Result<Rings, Stopped> {
    find_within(Field::pruned(graph, degrees), None, None, asked, tick)
}

/// As [`find_pruned`], where edges have times.
///
/// # Errors
/// [`Stopped`] when the tick says so.
pub fn find_pruned_timed(
    graph: &Bipartite,
    times: &Times,
    whole: &Whole,
    asked: &Asked,
    tick: &mut Tick<'_>,
) -> Result<Rings, Stopped> {
    find_within(Field::pruned(graph, &whole.degrees), Some(times), Some(whole), asked, tick)
}

/// When edges came: those of the graph, and those of the whole.
struct When<'a> {
    times: &'a Times,
    flow: Flow,
    whole: Option<&'a Whole>,
}

fn find_within(
    field: Field<'_>,
    times: Option<&Times>,
    whole: Option<&Whole>,
    asked: &Asked,
    tick: &mut Tick<'_>,
) -> Result<Rings, Stopped> {
    let graph = field.graph;
    let links = View { field, target_of: None, found_by: FoundBy::Links };
    let n_edges = graph.n_edges();
    let of_cells = if times.is_some() { BUCKET_DAYS.len() as u64 } else { 0 };
    let planned =
        planned(n_edges) + of_cells * (Cost::Settle.of(2 * n_edges) + Cost::Sketch.of(n_edges) + planned(n_edges));
    let mut progress = Progress::new(planned, (1 + of_cells) * planned_seeds(n_edges), tick);
    let mut rings = Rings::default();
    let mut candidates = Vec::new();
    search(&links, asked, n_edges, &mut progress, &mut candidates, &mut rings.n_seeds_skipped)?;
    if let Some(times) = times {
        for k in 0..BUCKET_DAYS.len() {
            let cost = Cost::Settle.of(2 * n_edges);
            let cells = progress.phase(cost, cost, |tick| Cells::new(graph, times, whole, k, tick))?;
            let view = View {
                field: field_of_cells(&cells, &field),
                target_of: Some(&cells.target),
                found_by: FoundBy::Time { bucket_s: cells.bucket_s },
            };
            search(&view, asked, n_edges, &mut progress, &mut candidates, &mut rings.n_seeds_skipped)?;
        }
    }
    let when = times.map(|times| {
        let flow = whole.map_or_else(|| Flow::new(times), |whole| Flow::of(&whole.flow));
        When { times, flow, whole }
    });
    if let Some(When { times, flow, .. }) = &when {
        for judged in &mut candidates {
            let at = times_of(&field, times, judged);
            let n_independent = judged.sources.len().min(judged.targets.len());
            judged.evidence.synchrony = synchrony(&at, n_independent, flow);
        }
    }
    for judged in candidates.iter_mut().filter(|judged| judged.targets.len() < PAIR_TARGETS) {
        let evidence = &mut judged.evidence;
        evidence.even_targets = evidence.even_targets.min(0.0);
        evidence.contrast = evidence.contrast.min(0.0);
    }
    candidates.retain(|judged| judged.targets.len() >= PAIR_TARGETS || judged.sources.len() >= PAIR_SOURCES_MIN);
    candidates.retain(|judged| judged.evidence.ln_p() >= WORTH_SPLITTING || !falls_apart(graph, judged));
    let mut kept = distinct(apart(candidates));
    let q = decide(&mut kept, field.m, asked.fdr);
    rings.n_tested = kept.len();
    for (judged, q) in kept.iter().zip(q) {
        if q <= asked.fdr {
            rings.rings.push(ring(judged, q, &field, when.as_ref()));
        } else if judged.evidence.ln_p_chance.exp() * kept.len() as f64 <= asked.fdr {
            rings.n_set_aside += 1;
            rings.set_aside.push(SetAside {
                n_sources: judged.sources.len(),
                n_targets: judged.targets.len(),
                n_edges: judged.n_edges,
                evidence: judged.evidence,
            });
        }
    }
    rings.set_aside.sort_by(|a, b| a.evidence.ln_p_chance.total_cmp(&b.evidence.ln_p_chance));
    rings.set_aside.truncate(SET_ASIDE_TOLD);
    Ok(rings)
}

/// The field of cells. Of a pruned graph as many cells and sources count as there can be in the whole.
fn field_of_cells<'a>(cells: &'a Cells, links: &Field<'_>) -> Field<'a> {
    let Some(whole) = &cells.whole else { return Field::new(&cells.graph) };
    let mut field = Field::pruned(&cells.graph, &whole.degrees);
    (field.n_sources, field.n_targets) = (links.n_sources, whole.n_cells.max(1) as f64);
    field
}

/// Which resolutions a graph of so many edges is looked at with.
fn resolutions(n_edges: u64) -> &'static [f64] {
    if n_edges <= COARSE_EDGES_MAX { &RESOLUTIONS } else { &RESOLUTIONS[1..] }
}

/// How many edges the seeds of one view are planned to have: those of levels, and those of the levels of groups at each resolution.
fn planned_seeds(n_edges: u64) -> u64 {
    n_edges + resolutions(n_edges).len() as u64 * LEVELS_PLANNED * n_edges
}

/// What the search of a graph of so many edges is planned to cost, looks at seeds apart.
fn planned(n_edges: u64) -> u64 {
    let levels = Cost::Peel.of(passed_by_levels(n_edges));
    let groups = Cost::Move.of(passed_by_groups(n_edges));
    JUDGED_PLANNED * JUDGED_COST + levels + groups * resolutions(n_edges).len() as u64
}

/// Looks at every seed of a view and adds the blocks found; `n_planned` are the edges that were planned for.
fn search(
    view: &View<'_>,
    asked: &Asked,
    n_planned: u64,
    progress: &mut Progress<'_, '_>,
    candidates: &mut Vec<Judged>,
    n_skipped: &mut usize,
) -> Result<(), Stopped> {
    let field = &view.field;
    let graph = field.graph;
    let n_edges = graph.n_edges();
    let work_max = WORK.0 + WORK.1 * n_edges;
    let mut blocks = Blocks { known: Vec::new(), of: BTreeMap::new() };
    let mut counters = Counters::new(graph);
    let cost = |n_edges| Cost::Peel.of(passed_by_levels(n_edges));
    let seeds = progress.phase(cost(n_planned), cost(n_edges), |tick| of_levels(field, tick))?;
    let mut skipped = blocks.look(field, seeds, n_planned, work_max, &mut counters, progress)?;
    if view.target_of.is_some() {
        let seeds = progress
            .phase(Cost::Sketch.of(n_planned), Cost::Sketch.of(n_edges), |tick| alike(graph, asked.seed, tick))?;
        skipped += blocks.look(field, seeds, 0, work_max, &mut counters, progress)?;
    }
    // In as many parts as were planned, even if a graph of cells is small enough for more.
    let mut plans = resolutions(n_planned).iter().map(|_| n_planned);
    for &resolution in resolutions(n_edges) {
        let n_planned = plans.next().unwrap_or(0);
        let cost = |n_edges| Cost::Move.of(passed_by_groups(n_edges));
        let levels = progress.phase(cost(n_planned), cost(n_edges), |tick| groups(field, resolution, tick))?;
        progress.plan_seeds(LEVELS_PLANNED * n_planned, levels.len() as u64 * n_edges);
        for level in &levels {
            let (seeds, beyond) = of_groups(field, level);
            skipped += beyond;
            skipped += blocks.look(field, seeds, n_edges, work_max, &mut counters, progress)?;
        }
    }
    *n_skipped += skipped;
    let judged = progress.phase(JUDGED_PLANNED * JUDGED_COST, blocks.known.len() as u64 * JUDGED_COST, |tick| {
        blocks.judge(view, work_max, &mut counters, tick)
    })?;
    // In a graph of cells three moments of one target are not three targets.
    candidates.extend(
        judged.into_iter().filter(|j| j.evidence.ln_p_chance < 0.0 && j.targets.len() >= crate::block::TARGETS_MIN),
    );
    Ok(())
}

/// The blocks known so far, and in which of them each source is.
struct Blocks {
    known: Vec<Block>,
    of: BTreeMap<u32, Vec<u32>>,
}

impl Blocks {
    /// Settles seeds, for which so many edges were planned; how many were not looked at, since the budget was spent.
    fn look(
        &mut self,
        field: &Field<'_>,
        seeds: Vec<Sources>,
        planned: u64,
        work_max: u64,
        counters: &mut Counters,
        progress: &mut Progress<'_, '_>,
    ) -> Result<usize, Stopped> {
        let volumes: Vec<u64> = seeds.iter().map(|seed| field.volume_of_sources(seed) as u64).collect();
        let all: u64 = volumes.iter().sum();
        let (begun, left) = (counters.work, work_max.saturating_sub(counters.work));
        progress.look(planned, all, left, |tick| {
            let (total, mut looked) = (seeds.len(), 0);
            for (k, (seed, volume)) in seeds.into_iter().zip(volumes).enumerate() {
                if tick(looked, counters.work - begun) == Go::Stop {
                    return Err(Stopped);
                }
                if counters.work > work_max {
                    return Ok(total - k);
                }
                if !self.covers(&seed) {
                    self.settle(field, &seed, work_max, counters);
                }
                looked += volume;
            }
            tick(looked, counters.work - begun);
            Ok(0)
        })
    }

    fn settle(&mut self, field: &Field<'_>, seed: &[u32], work_max: u64, counters: &mut Counters) {
        let limit = counters.work + work_max / WORK_OF_ONE;
        if let Some(block) = settle(field, seed, limit, counters)
            && !self.known.contains(&block)
        {
            let number = self.known.len() as u32;
            block.sources.iter().for_each(|&s| self.of.entry(s).or_default().push(number));
            self.known.push(block);
        }
    }

    /// Judges all blocks, and the parts of those that could be rings.
    fn judge(
        &mut self,
        view: &View<'_>,
        work_max: u64,
        counters: &mut Counters,
        tick: &mut Tick<'_>,
    ) -> Result<Vec<Judged>, Stopped> {
        let (mut judged, mut n_whole) = (Vec::new(), self.known.len());
        while judged.len() < self.known.len() {
            if tick(judged.len() as u64, self.known.len() as u64) == Go::Stop {
                return Err(Stopped);
            }
            let block = &self.known[judged.len()];
            judged.push(judge(&view.field, block, view.target_of, view.found_by, counters));
            if judged.len() == n_whole {
                // Parts of wholes, but no parts of parts.
                for (number, whole) in judged.iter().enumerate() {
                    if whole.evidence.ln_p() < WORTH_SPLITTING {
                        self.split(&view.field, number, work_max, counters)?;
                    }
                }
                n_whole = 0;
            }
        }
        Ok(judged)
    }

    /// Looks for groups within a known block: two rings that a seed held together are both in it, at half the density.
    fn split(
        &mut self,
        field: &Field<'_>,
        number: usize,
        work_max: u64,
        counters: &mut Counters,
    ) -> Result<(), Stopped> {
        let block = &self.known[number];
        let part = field.graph.induced(&block.sources, &block.targets);
        let sources = block.sources.clone();
        for level in groups(&Field::new(&part), WITHIN, &mut assay_model::silent)? {
            let (seeds, _) = of_groups(&Field::new(&part), &level);
            for seed in seeds.iter().filter(|seed| seed.len() * 10 < sources.len() * 9) {
                let seed: Sources = seed.iter().map(|&i| sources[i as usize]).collect();
                self.settle(field, &seed, work_max, counters);
            }
        }
        Ok(())
    }

    /// Whether nearly all of a seed lies in one known block of about its size.
    fn covers(&self, seed: &[u32]) -> bool {
        let mut shared: BTreeMap<u32, usize> = BTreeMap::new();
        for s in seed {
            for &number in self.of.get(s).into_iter().flatten() {
                *shared.entry(number).or_default() += 1;
            }
        }
        shared.into_iter().any(|(number, n)| {
            n as f64 >= KNOWN_SHARE * seed.len() as f64
                && self.known[number as usize].sources.len() <= KNOWN_TIMES * seed.len()
        })
    }
}

/// The candidates without those that are several others put together: whose parts, found the same way and hardly sharing a
/// source, are less likely by chance together than the whole is.
fn apart(candidates: Vec<Judged>) -> Vec<Judged> {
    let mut of: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for (number, judged) in (0..).zip(&candidates) {
        judged.sources.iter().for_each(|&(s, _)| of.entry(s).or_default().push(number));
    }
    let is_whole = |number: usize| {
        let whole = &candidates[number];
        let mut shared: BTreeMap<u32, usize> = BTreeMap::new();
        for (s, _) in &whole.sources {
            of[s].iter().for_each(|&other| *shared.entry(other).or_default() += 1);
        }
        let mut parts: Vec<&Judged> = shared
            .into_iter()
            .map(|(other, n)| (&candidates[other as usize], n))
            .filter(|(part, n)| {
                part.evidence.found_by == whole.evidence.found_by
                    && part.sources.len() * 10 < whole.sources.len() * 9
                    && *n as f64 >= PART_SHARE * part.sources.len() as f64
                    && n_shared(&part.targets, &whole.targets) as f64 >= PART_SHARE * part.targets.len() as f64
            })
            .map(|(part, _)| part)
            .collect();
        parts.sort_by(|a, b| a.evidence.ln_p_chance.total_cmp(&b.evidence.ln_p_chance));
        let mut taken: BTreeSet<u32> = BTreeSet::new();
        let mut ln_p = 0.0;
        for part in parts {
            let again = part.sources.iter().filter(|(s, _)| taken.contains(s)).count();
            if (again as f64) < (1.0 - PART_SHARE) * part.sources.len() as f64 {
                taken.extend(part.sources.iter().map(|&(s, _)| s));
                ln_p += part.evidence.ln_p_chance;
            }
        }
        ln_p < whole.evidence.ln_p_chance
    };
    let whole: Vec<bool> = (0..candidates.len()).map(is_whole).collect();
    candidates.into_iter().zip(whole).filter_map(|(judged, whole)| (!whole).then_some(judged)).collect()
}

/// How many targets two blocks have in common.
fn n_shared(a: &[(u32, u32, u32)], b: &[(u32, u32, u32)]) -> usize {
    a.iter().filter(|t| b.binary_search_by_key(&t.0, |o| o.0).is_ok()).count()
}

/// The candidates, strongest first, without those that repeat a stronger one.
fn distinct(mut candidates: Vec<Judged>) -> Vec<Judged> {
    candidates.sort_by(|a, b| {
        let strength = |j: &Judged| j.evidence.ln_p();
        strength(a).total_cmp(&strength(b)).then(b.n_edges.cmp(&a.n_edges)).then_with(|| a.sources.cmp(&b.sources))
    });
    let mut kept: Vec<Judged> = Vec::new();
    let mut of: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for judged in candidates {
        let mut shared: BTreeMap<u32, usize> = BTreeMap::new();
        for (s, _) in &judged.sources {
            for &number in of.get(s).into_iter().flatten() {
                *shared.entry(number).or_default() += 1;
            }
        }
        let repeats = shared.into_iter().any(|(number, n)| {
            let other = &kept[number as usize];
            let n_targets = n_shared(&judged.targets, &other.targets);
            let smaller = (judged.sources.len() * judged.targets.len()).min(other.sources.len() * other.targets.len());
            (n * n_targets) as f64 >= SAME_SHARE * smaller as f64
        });
        if !repeats {
            let number = kept.len() as u32;
            judged.sources.iter().for_each(|&(s, _)| of.entry(s).or_default().push(number));
            kept.push(judged);
        }
    }
    kept
}

/// A ring of a judged block.
fn ring(judged: &Judged, q_value: f64, field: &Field<'_>, when: Option<&When<'_>>) -> Ring {
    let belongs = |k: u32, mu: f64, usual: f64, odds: f64| {
        let ln_odds = f64::from(k) * (usual / mu.max(f64::MIN_POSITIVE)).ln_1p() - usual - odds.max(0.0);
        1.0 / (1.0 + (-ln_odds).exp())
    };
    let (n_sources, n_targets) = (judged.sources.len() as f64, judged.targets.len() as f64);
    let sources: Vec<RingMember> = judged
        .sources
        .iter()
        .map(|&(account, n_edges)| {
            let all = field.degree_of_source(account);
            let mu = f64::from(all) * judged.shares.0;
            let score = belongs(n_edges, mu, judged.usual.0, (field.n_sources / n_sources).ln());
            RingMember { account, n_edges, n_edges_in_all: all, score }
        })
        .collect();
    let at = when.map(|when| times_of(field, when.times, judged)).unwrap_or_default();
    let origin_s = when.map_or(0, |when| when.times.origin_s);
    let mut of_target: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
    for &(time, t) in &at {
        of_target.entry(t).or_default().push(time);
    }
    let targets: Vec<RingTarget> = judged
        .targets
        .iter()
        .map(|&(account, n_edges, n_audience)| RingTarget {
            account,
            n_edges,
            n_audience,
            score: belongs(
                n_edges,
                f64::from(n_audience) * judged.shares.1,
                judged.usual.1,
                (field.n_targets / n_targets).ln(),
            ),
            window: of_target.get(&account).and_then(|at| windows::window(at, origin_s)),
        })
        .collect();
    let all: Vec<u32> = at.iter().map(|&(time, _)| time).collect();
    let singles = when.map_or_else(Vec::new, |when| {
        let audience = singles::Audience { field, times: when.times, whole: when.whole };
        singles::attach(&audience, &when.flow, &targets, &sources)
    });
    Ring {
        n_edges: judged.n_edges,
        window: windows::window(&all, origin_s),
        evidence: judged.evidence,
        q_value,
        sources,
        targets,
        singles,
    }
}
