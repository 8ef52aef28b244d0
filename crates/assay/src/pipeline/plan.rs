//! What the work on a graph takes, said before it begins, and refused if it will not fit.
//!
//! Twice: from a sample of the rows before they are read, as a figure that it takes at least and one at most; and once ids are
//! counted, before memory is given to the graph. What will not fit even at the least is refused at once.

use super::Error;
use super::graph::{GraphOptions, MemoryOf, memory_of_building};
use assay_graphfile::{EdgeFiles, Expected, PackedShape, ReadEdges, Sampled, SampledIds};
use assay_model::edges::{EdgeShape, Kinds};
use assay_rings::{EDGES_MIN, LeftOut, memory_beside};

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
    /// Bytes that it takes even if all edges are pruned; at most what it takes at least without that.
    floor: u64,
    /// Whether the input is a packed graph.
    packed: bool,
}

impl Plan {
    /// The plan for a graph whose nodes are counted.
    fn counted(expected: Expected, n_sources: u32, n_targets: u32, memory: u64) -> Self {
        let [sources, targets] = [n_sources, n_targets].map(|n| Figure::known(u64::from(n)));
        Self { expected, sources, targets, sampled: None, memory: Figure::known(memory), floor: memory, packed: false }
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
    /// Whether both sides are of one kind, and have their names and tables together.
    pub(super) kinds: Kinds,
}

impl<'a> Need<'a> {
    pub(super) fn new(options: &GraphOptions, work: &'a MemoryOf) -> Self {
        let GraphOptions { memory_max, prunes, kinds, .. } = *options;
        Self { work, memory_max, prunes, kinds }
    }

    /// The plan before anything is read.
    pub(super) fn before_reading(&self, files: &EdgeFiles) -> Result<Plan, Error> {
        let stated = files.expected();
        let Sampled { sources, targets, n_rows, whole, rows } = files.sample()?;
        let expected = Expected { rows: if stated.exact { stated.rows } else { rows }, ..stated };
        let figure = |ids: SampledIds| Figure { least: ids.least, most: ids.most };
        let least = [(&sources, sources.least), (&targets, targets.least)];
        let most = [(&sources, sources.most), (&targets, targets.most)];
        let memory = Figure { least: self.of(&expected, least), most: self.of(&expected, most) };
        let floor = if self.prunes { self.without_edges(&expected, least).min(memory.least) } else { memory.least };
        Ok(Plan {
            expected,
            sources: figure(sources),
            targets: figure(targets),
            sampled: (!whole).then_some(n_rows),
            memory,
            floor,
            packed: false,
        })
    }

    /// The most that is held at once if there are so many nodes.
    fn of(&self, expected: &Expected, sides: [(&SampledIds, u64); 2]) -> u64 {
        let Expected { rows, timed, weighted, .. } = *expected;
        let (names, tables) = self.of_ids(rows, sides);
        let [n_sources, n_targets] = sides.map(|(_, n)| number(n));
        let building = memory_of_building(n_sources, n_targets, rows, timed);
        let reading = if self.holds(rows, timed, weighted) {
            let row = row_bytes(timed, weighted);
            // One copy of the rows is left while the graph is built.
            (tables + rows * row).max(rows * row / 3 * 2 + building)
        } else {
            tables + building
        };
        names + reading.max((self.work)(n_sources, n_targets, rows, timed))
    }

    /// What is held at once if there are so many nodes, no row is held, and all edges are pruned.
    fn without_edges(&self, expected: &Expected, sides: [(&SampledIds, u64); 2]) -> u64 {
        let (names, tables) = self.of_ids(expected.rows, sides);
        let [n_sources, n_targets] = sides.map(|(_, n)| number(n));
        names + self.of_pruned((n_sources, n_targets), expected, tables)
    }

    /// What is held at once, names apart, if all edges are pruned and so much is held while the graph is built.
    fn of_pruned(&self, (n_sources, n_targets): (u32, u32), expected: &Expected, while_building: u64) -> u64 {
        let Expected { rows, timed, .. } = *expected;
        let left_out = timed.then_some(LeftOut { n_edges: rows, least: EDGES_MIN });
        let building = while_building + memory_of_building(n_sources, n_targets, 0, timed);
        let work = (self.work)(n_sources, n_targets, 0, timed);
        building.max(work) + beside_pruned((n_sources, n_targets), 0, left_out)
    }

    /// What the names of so many ids take, and what is kept besides while rows are read: once where there is one kind.
    fn of_ids(&self, rows: u64, sides: [(&SampledIds, u64); 2]) -> (u64, u64) {
        let of_both = sides.map(|(ids, n)| ids.bytes(n, rows));
        let n_tables = if self.kinds == Kinds::One { 1 } else { 2 };
        of_both[..n_tables].iter().fold((0, 0), |sum, of_side| (sum.0 + of_side.0, sum.1 + of_side.1))
    }

    /// Whether so many rows are held while they are put in order.
    fn holds(&self, rows: u64, timed: bool, weighted: bool) -> bool {
        rows <= HELD_ROWS_MAX && self.room().is_none_or(|room| 2 * rows * row_bytes(timed, weighted) <= room)
    }

    /// Whether the rows of a plan are held.
    pub(super) fn may_hold(&self, plan: &Plan) -> bool {
        let Expected { rows, timed, weighted, .. } = plan.expected;
        self.holds(rows, timed, weighted)
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
        let memory = names + (self.work)(n_sources, n_targets, n_edges, timed);
        let floor = if self.prunes { names + self.of_pruned((n_sources, n_targets), &expected, 0) } else { memory };
        Plan { packed: true, floor: floor.min(memory), ..Plan::counted(expected, n_sources, n_targets, memory) }
    }

    /// Whether all edges of a plan fit.
    pub(super) fn fits(&self, plan: &Plan) -> bool {
        self.room().is_none_or(|room| plan.memory.most <= room)
    }

    /// Bytes that may be planned on.
    fn room(&self) -> Option<u64> {
        self.memory_max.map(|max| (max as f64 * PLANNED_SHARE) as u64)
    }

    /// Where not all edges fit and others may be pruned: how many do, by how many edges members are asked to have; what is known
    /// of the whole, and who is left, are held besides.
    pub(super) fn edges_that_fit<'p>(
        &'p self,
        shape: &'p EdgeShape,
        held: Held,
        before: &'p Plan,
    ) -> Option<impl Fn(u32) -> u64 + 'p> {
        let room = self.room().filter(|_| self.prunes)?;
        let takes = move |n_edges| self.counted(&EdgeShape { n_edges, ..*shape }, held, before).memory.most;
        if takes(shape.n_edges) <= room {
            return None;
        }
        let nodes = (shape.n_sources, shape.n_targets);
        Some(move |least| {
            let (mut fits, mut beyond) = (0, shape.n_edges);
            while beyond - fits > 1 {
                let between = fits + (beyond - fits) / 2;
                let left_out = LeftOut { n_edges: shape.n_edges - between, least };
                let beside = beside_pruned(nodes, between, shape.timed.then_some(left_out));
                if takes(between) + beside <= room { fits = between } else { beyond = between }
            }
            fits
        })
    }

    /// Refuses what will not fit even at the least.
    pub(super) fn refuse(&self, plan: &Plan) -> Result<(), Error> {
        match self.room().zip(self.memory_max) {
            Some((room, max)) if plan.floor > room => Err(Self::refused(plan, room, max)),
            _ => Ok(()),
        }
    }

    fn refused(plan: &Plan, room: u64, max: u64) -> Error {
        let pruned = plan.floor < plan.memory.least;
        let some = if plan.sampled.is_some() { "some " } else { "" };
        let at_least = if pruned || plan.sampled.is_some() { "at least" } else { "up to" };
        let rest = "split the input by time or by target, or take a larger machine; --memory sets another limit";
        // Columns are chosen where tables are read.
        let tables = if plan.packed { "pass the tables that it was packed of, " } else { "" };
        Error::Input {
            message: format!(
                "expected {at_least} {} of memory for {} edges between {some}{} sources and {some}{} targets{}, found {} to \
                 use: {} less what is kept for the rest of the machine",
                bytes(plan.floor),
                plan.expected.rows,
                plan.sources.least,
                plan.targets.least,
                if pruned { ", however many edges are pruned" } else { "" },
                bytes(room),
                bytes(max)
            ),
            hint: Some(if plan.expected.timed {
                let out = "leave the times out with --columns source=…,target=…,at=- (less than half of it)";
                format!("{tables}{out}, {rest}")
            } else {
                rest.to_owned()
            }),
        }
    }
}

/// What a pruned graph of so many edges has beside it: who is left, and what is known of the whole.
fn beside_pruned((n_sources, n_targets): (u32, u32), n_edges: u64, timed: Option<LeftOut>) -> u64 {
    let nodes = u64::from(n_sources) + u64::from(n_targets);
    memory_beside(n_sources, n_targets, n_edges, timed) + nodes / 8
}

fn number(n: u64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

fn row_bytes(timed: bool, weighted: bool) -> u64 {
    let (ids, times, weights) = ROW_BYTES;
    ids + if timed { times } else { 0 } + if weighted { weights } else { 0 }
}

/// A size in megabytes or gigabytes.
pub fn bytes(n: u64) -> String {
    if n < 100_000_000 { format!("{:.1} MB", n as f64 / 1e6) } else { format!("{:.1} GB", n as f64 / 1e9) }
}

#[cfg(test)]
mod tests {
    use super::{Need, names_bytes};
    use crate::pipeline::Error;
    use assay_graphfile::{EdgeFiles, ReadOptions};
    use assay_model::edges::Kinds;
    use assay_model::silent;
    use assay_rings::memory;
    use std::fmt::Write as _;

    /// So many edges between accounts of their own, as numbers from `first` on.
    fn files(n: u64, first: u64, kinds: Kinds) -> EdgeFiles {
        let mut text = String::from("source,target\n");
        for k in 0..n {
            let _ = writeln!(text, "{},{}", first + k, first + n + k);
        }
        let options = ReadOptions { kinds, ..ReadOptions::default() };
        EdgeFiles::from_memory(vec![("a.csv".to_owned(), text.into_bytes())], options).expect("a table")
    }

    fn need(memory_max: Option<u64>, prunes: bool, kinds: Kinds) -> Need<'static> {
        Need { work: &memory, memory_max, prunes, kinds }
    }

    /// 40,000 ids of both sides, of which 20,000 are a source and 20,000 a target.
    #[test]
    fn accounts_of_one_kind_have_their_names_and_tables_once() {
        let files = files(20_000, 1 << 40, Kinds::One);
        let none = |_: u32, _: u32, _: u64, _: bool| 0;
        let figure = |kinds| {
            let need = Need { work: &none, memory_max: None, prunes: false, kinds };
            need.before_reading(&files).expect("a sample").memory.most
        };
        // Names of 8 bytes an id, and a table of 47.
        assert_eq!(figure(Kinds::Two) - figure(Kinds::One), 40_000 * 55);
        let (_, read) = files.survey(&mut silent).expect("read");
        assert_eq!(names_bytes(&read), 40_000 * 8);
    }

    /// Numbers that are not much larger than the rows are many take a bit each and no table; ids of a large input too must be seen
    /// so when its edges are thought away.
    #[test]
    fn what_no_pruning_saves_is_that_of_the_real_rows_and_of_what_pruning_keeps() {
        let files = files(400_000, 20_000_000, Kinds::Two);
        let plan = need(None, true, Kinds::Two).before_reading(&files).expect("a sample");
        let [n_sources, n_targets] = [plan.sources.least, plan.targets.least].map(|n| n as u32);
        let nodes = u64::from(n_sources) + u64::from(n_targets);
        let names = 2 * (20_800_000 / 16 * 3);
        let floor = memory(n_sources, n_targets, 0, false) + names + 4 * nodes + nodes / 8;
        assert!(plan.floor.abs_diff(floor) < floor / 100, "{} and {floor}", plan.floor);
        assert!(plan.floor < plan.memory.least, "{plan:?}");
        // What decides is what is told.
        let too_little = need(Some(plan.floor), true, Kinds::Two);
        let Err(Error::Input { message, .. }) = too_little.refuse(&plan) else { panic!("it is refused") };
        let told = format!("at least {} of memory", super::bytes(plan.floor));
        assert!(message.contains(&told) && message.contains("however many edges are pruned"), "{message}");
        assert!(need(Some(plan.floor / 10 * 12), true, Kinds::Two).refuse(&plan).is_ok());
    }

    #[test]
    fn rows_with_weights_are_held_only_where_twice_their_own_size_fits() {
        let may = |room, weighted| need(Some(room), false, Kinds::Two).holds(1_000_000, false, weighted);
        assert_eq!((may(30_000_000, false), may(30_000_000, true), may(45_000_000, true)), (true, false, true));
    }
}
