//! What the work on a graph takes, said before it begins, and refused if it will not fit.
//!
//! Twice: from a sample of the rows before they are read, as a figure that it takes at least and one at most; and once ids are
//! counted, before memory is given to the graph. What will not fit even at the least is refused at once.

use super::Error;
use super::graph::{MemoryOf, memory_of_building};
use assay_graphfile::{EdgeFiles, Expected, PackedShape, ReadEdges, Sampled, SampledIds};
use assay_model::edges::EdgeShape;

/// Up to so many rows, edges are held while they are put in order; above, files are read again instead.
const HELD_ROWS_MAX: u64 = 30_000_000;
/// The share of the memory that is free which may be planned on: figures are of arrays, and files are cached besides.
const PLANNED_SHARE: f64 = 0.9;
/// Bytes of a row while rows are held and put in order: its two ids, and one of them again; with times, with weights.
const ROW_BYTES: (u64, u64, u64) = (12, 16, 8);

/// At least and at most; the same once it is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figure {
    /// So much at least.
    pub least: u64,
    /// So much at most.
    pub most: u64,
}

impl Figure {
    fn known(n: u64) -> Self {
        Self { least: n, most: n }
    }
}

/// What is said before the work begins, and again once ids are counted.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// What is known of the input.
    pub expected: Expected,
    /// Different sources.
    pub sources: Figure,
    /// Different targets.
    pub targets: Figure,
    /// How many rows these are estimated from; `None` where they are counted.
    pub sampled: Option<u64>,
    /// Bytes of memory that the work will hold at once.
    pub memory: Figure,
    /// Bytes of it that no pruning of edges would save.
    floor: u64,
}

impl Plan {
    /// The plan for a graph whose nodes are counted.
    fn counted(expected: Expected, n_sources: u32, n_targets: u32, memory: u64) -> Self {
        let [sources, targets] = [n_sources, n_targets].map(|n| Figure::known(u64::from(n)));
        Self { expected, sources, targets, sampled: None, memory: Figure::known(memory), floor: memory }
    }
}

/// Bytes that are held once ids are counted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    /// By names, which stay.
    pub(super) names: u64,
    /// By rows and tables of ids, which go when the graph is built.
    pub(super) rest: u64,
}

/// What names take.
pub(super) fn names_bytes(read: &ReadEdges) -> u64 {
    read.names.sources.bytes() + read.names.targets.as_ref().map_or(0, |names| names.bytes())
}

/// What the work on a graph takes, and what there is.
pub(super) struct Need<'a> {
    /// What the work takes once the graph is there.
    pub(super) work: &'a MemoryOf,
    /// Bytes of memory that may be used; `None` where nobody knows.
    pub(super) memory_max: Option<u64>,
    /// Whether a graph whose edges do not fit may be pruned.
    pub(super) prunes: bool,
}

impl Need<'_> {
    /// The plan before anything is read.
    pub(super) fn before_reading(&self, files: &EdgeFiles) -> Result<Plan, Error> {
        let stated = files.expected();
        let Sampled { sources, targets, n_rows, whole, rows } = files.sample()?;
        let expected = Expected { rows: if stated.exact { stated.rows } else { rows }, ..stated };
        let figure = |ids: SampledIds| Figure { least: ids.least, most: ids.most };
        let of = |expected: &Expected, n: (u64, u64)| self.of(expected, (&sources, n.0), (&targets, n.1));
        let least = (sources.least, targets.least);
        let memory = Figure { least: of(&expected, least), most: of(&expected, (sources.most, targets.most)) };
        let floor =
            if self.prunes && !expected.timed { of(&Expected { rows: 0, ..expected }, least) } else { memory.least };
        Ok(Plan {
            expected,
            sources: figure(sources),
            targets: figure(targets),
            sampled: (!whole).then_some(n_rows),
            memory,
            floor,
        })
    }

    /// The most that is held at once if there are so many nodes.
    fn of(&self, expected: &Expected, sources: (&SampledIds, u64), targets: (&SampledIds, u64)) -> u64 {
        let Expected { rows, timed, weighted, .. } = *expected;
        let [(names_s, tables_s), (names_t, tables_t)] = [sources, targets].map(|(ids, n)| ids.bytes(n, rows));
        let (names, tables) = (names_s + names_t, tables_s + tables_t);
        let [n_sources, n_targets] = [sources.1, targets.1].map(|n| u32::try_from(n).unwrap_or(u32::MAX));
        let building = memory_of_building(n_sources, n_targets, rows, timed);
        let reading = if self.holds(rows, timed) {
            let row = row_bytes(timed, weighted);
            // One copy of the rows is left while the graph is built.
            (tables + rows * row).max(rows * row / 3 * 2 + building)
        } else {
            tables + building
        };
        names + reading.max((self.work)(n_sources, n_targets, rows, timed))
    }

    /// Whether so many rows are held while they are put in order.
    fn holds(&self, rows: u64, timed: bool) -> bool {
        rows <= HELD_ROWS_MAX && self.room().is_none_or(|room| 2 * rows * row_bytes(timed, false) <= room)
    }

    /// Whether the rows of a plan are held.
    pub(super) fn may_hold(&self, plan: &Plan) -> bool {
        self.holds(plan.expected.rows, plan.expected.timed)
    }

    /// The plan once ids are counted.
    pub(super) fn counted(&self, shape: &EdgeShape, held: Held, before: &Plan) -> Plan {
        let EdgeShape { n_sources, n_targets, n_edges, timed, weighted, .. } = *shape;
        let building = held.rest + memory_of_building(n_sources, n_targets, n_edges, timed);
        let working = (self.work)(n_sources, n_targets, n_edges, timed);
        let expected = Expected { rows: n_edges, exact: true, timed, weighted, ..before.expected };
        Plan::counted(expected, n_sources, n_targets, held.names + building.max(working))
    }

    /// The plan for a packed graph.
    pub(super) fn packed(&self, shape: &PackedShape, expected: Expected) -> Plan {
        let PackedShape { n_sources, n_targets, n_edges, timed, bytes, .. } = *shape;
        // What is not rows in the file is names, which take no more in memory.
        let nodes = u64::from(n_sources) + u64::from(n_targets);
        let rows = 8 * n_edges + 8 * nodes + if timed { 4 * n_edges } else { 0 };
        let names = bytes.saturating_sub(rows);
        Plan::counted(expected, n_sources, n_targets, names + (self.work)(n_sources, n_targets, n_edges, timed))
    }

    /// Bytes that may be planned on.
    fn room(&self) -> Option<u64> {
        self.memory_max.map(|max| (max as f64 * PLANNED_SHARE) as u64)
    }

    /// How many edges fit, if not all do and others may be pruned; their degrees in the whole graph, and who is left, are held
    /// besides.
    pub(super) fn edges_that_fit(&self, shape: &EdgeShape, held: Held, before: &Plan) -> Option<u64> {
        let room = self.room().filter(|_| self.prunes && !shape.timed)?;
        let nodes = u64::from(shape.n_sources) + u64::from(shape.n_targets);
        let takes = |n_edges| self.counted(&EdgeShape { n_edges, ..*shape }, held, before).memory.most;
        if takes(shape.n_edges) <= room {
            return None;
        }
        let (mut fits, mut beyond) = (0, shape.n_edges);
        while beyond - fits > 1 {
            let between = fits + (beyond - fits) / 2;
            let taken = takes(between) + 4 * nodes + nodes / 8;
            if taken <= room { fits = between } else { beyond = between }
        }
        (fits > 0).then_some(fits)
    }

    /// Refuses what will not fit even at the least.
    pub(super) fn refuse(&self, plan: &Plan) -> Result<(), Error> {
        match self.room().zip(self.memory_max) {
            Some((room, max)) if plan.floor > room => Err(refused(plan, room, max)),
            _ => Ok(()),
        }
    }

    /// Refuses what was counted and could not be made to fit.
    pub(super) fn refuse_counted<T>(&self, plan: &Plan) -> Result<T, Error> {
        Err(refused(plan, self.room().unwrap_or_default(), self.memory_max.unwrap_or_default()))
    }
}

fn refused(plan: &Plan, room: u64, max: u64) -> Error {
    let (at_least, some) = if plan.sampled.is_some() { ("at least", "some ") } else { ("up to", "") };
    let rest = "split the input by time or by target, or take a larger machine; --memory sets another limit";
    Error::Input {
        message: format!(
            "expected {at_least} {} of memory for {} edges between {some}{} sources and {some}{} targets, found {} to \
                 use: {} less what is kept for the rest of the machine",
            bytes(plan.memory.least),
            plan.expected.rows,
            plan.sources.least,
            plan.targets.least,
            bytes(room),
            bytes(max)
        ),
        hint: Some(if plan.expected.timed {
            format!("leave the times out with --columns source=…,target=…,at=- (less than half of it), {rest}")
        } else {
            rest.to_owned()
        }),
    }
}

fn row_bytes(timed: bool, weighted: bool) -> u64 {
    let (ids, times, weights) = ROW_BYTES;
    ids + if timed { times } else { 0 } + if weighted { weights } else { 0 }
}

/// A size in megabytes or gigabytes.
pub fn bytes(n: u64) -> String {
    if n < 100_000_000 { format!("{:.1} MB", n as f64 / 1e6) } else { format!("{:.1} GB", n as f64 / 1e9) }
}
