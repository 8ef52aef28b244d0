//! From files to edges: tables are read one after another, their ids numbered, and the edges held or passed on.

use crate::columns::{ColumnChoice, note_of_unknown};
use crate::input::{self, Member};
use crate::intern::{Dictionary, Interner};
use crate::limits::Limits;
use crate::raw::RawBlock;
use crate::sample::{Sampled, sample};
use crate::table::Table;
use crate::unpack::Meter;
use assay_model::edges::{
    EdgeBlock, EdgeCounts, EdgeNames, EdgePasses, EdgeShape, EdgeTable, EdgesError, Kinds, NO_TIME,
};
use assay_model::{Go, SourceFile, Tick};
use std::path::PathBuf;

/// How tables of edges are to be read.
#[derive(Debug, Clone, Default)]
pub struct ReadOptions {
    /// Which columns are which, where the user says so.
    pub columns: ColumnChoice,
    /// Whether sources and targets are of one kind.
    pub kinds: Kinds,
    /// How much the input may ask of the machine.
    pub limits: Limits,
}

/// Tables of edges, opened and looked at.
#[derive(Debug)]
pub struct EdgeFiles {
    tables: Vec<(Member, Table)>,
    notes: Vec<String>,
    options: ReadOptions,
}

/// What is known of an input before it is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Rows, as their files' sizes and first rows tell.
    pub rows: u64,
    /// Whether the files state that number, as Parquet does.
    pub exact: bool,
    /// Bytes on the disk.
    pub bytes: u64,
    /// Whether any table has a column of times.
    pub timed: bool,
    /// Whether any table has a column of weights.
    pub weighted: bool,
}

/// What was read, beside the edges.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReadEdges {
    /// How sources and targets are called.
    pub names: EdgeNames,
    /// What became of the rows.
    pub counts: EdgeCounts,
    /// Rows with a weight other than 1: a packed graph does not keep it.
    pub n_weighted: u64,
    /// The files, each with its hash and its rows.
    pub files: Vec<SourceFile>,
    /// What a reader should know: columns that were ignored, files that were left out.
    pub notes: Vec<String>,
}

impl EdgeFiles {
    /// Opens files and folders as one table of edges, and finds out which of its columns are which.
    ///
    /// # Errors
    /// If a path cannot be read, holds no table, or source and target cannot be told.
    pub fn open(paths: &[PathBuf], options: ReadOptions) -> Result<Self, EdgesError> {
        let listed = input::list(paths, &options.limits)?;
        Self::look(listed, options)
    }

    /// As [`EdgeFiles::open`], from files that are held in memory, each with its name.
    ///
    /// # Errors
    /// As [`EdgeFiles::open`].
    pub fn from_memory(files: Vec<(String, Vec<u8>)>, options: ReadOptions) -> Result<Self, EdgesError> {
        let listed = input::in_memory(files, &options.limits)?;
        Self::look(listed, options)
    }

    fn look((members, mut notes): (Vec<Member>, Vec<String>), options: ReadOptions) -> Result<Self, EdgesError> {
        let mut tables = Vec::with_capacity(members.len());
        let mut unknown = Vec::new();
        for member in members {
            let mut table = Table::look(&member, &options.columns, &options.limits)?;
            unknown.append(&mut table.unknown);
            tables.push((member, table));
        }
        notes.extend(note_of_unknown(unknown));
        Ok(Self { tables, notes, options })
    }

    /// What is known before anything is read.
    pub fn expected(&self) -> Expected {
        Expected {
            rows: self.tables.iter().map(|(_, table)| table.expected_rows).sum(),
            exact: self.tables.iter().all(|(_, table)| table.exact),
            bytes: self.tables.iter().map(|(member, _)| member.bytes).sum(),
            timed: self.tables.iter().any(|(_, table)| table.timed),
            weighted: self.tables.iter().any(|(_, table)| table.weighted),
        }
    }

    /// Looks at some rows for how many ids there are.
    ///
    /// # Errors
    /// If a file cannot be read.
    pub fn sample(&self) -> Result<Sampled, EdgesError> {
        sample(&self.tables, self.options.kinds, &self.options.limits)
    }

    /// Reads all edges into memory, in the order of (source, target) and each once. `tick` is told bytes read and bytes in all.
    ///
    /// # Errors
    /// [`EdgesError::Stopped`] if the tick says so; a problem if a file cannot be read or there are too many edges. Bad rows are
    /// no errors.
    pub fn read(self, tick: &mut Tick<'_>) -> Result<(EdgeTable, ReadEdges), EdgesError> {
        let mut survey = Survey::new(&self, Hold::Edges);
        survey.run(&self, tick)?;
        let Survey { sources, targets, mut held, mut counts, files, n_weighted, .. } = survey;
        let sources = sources.finish();
        let targets = targets.map(Interner::finish);
        sources.place(&mut held.source);
        targets.as_ref().unwrap_or(&sources).place(&mut held.target);
        let names = names(&sources, targets.as_ref());
        let (n_sources, n_targets) = (names.sources.len() as u32, names.n_targets() as u32);
        drop((sources, targets));
        let mut table = EdgeTable::new(held, n_sources, n_targets, self.options.kinds);
        counts.found_duplicates(table.deduplicate());
        Ok((table, ReadEdges { names, counts, n_weighted, files, notes: self.notes }))
    }

    /// Reads all edges once, numbers their ids, and holds no edge: the result reads the files again at every pass. The same edge
    /// may stand in a pass more than once.
    ///
    /// # Errors
    /// As [`EdgeFiles::read`].
    pub fn survey(self, tick: &mut Tick<'_>) -> Result<(FilePasses, ReadEdges), EdgesError> {
        let mut survey = Survey::new(&self, Hold::Nothing);
        survey.run(&self, tick)?;
        let Survey { sources, targets, counts, files, timed, weighted, n_weighted, .. } = survey;
        let mut sources = sources.finish();
        let mut targets = targets.map(Interner::finish);
        sources.drop_codes();
        if let Some(targets) = &mut targets {
            targets.drop_codes();
        }
        let names = names(&sources, targets.as_ref());
        let shape = EdgeShape {
            n_sources: names.sources.len() as u32,
            n_targets: names.n_targets() as u32,
            n_edges: counts.taken,
            timed,
            weighted,
            kinds: self.options.kinds,
        };
        let read = ReadEdges { names, counts, n_weighted, files, notes: self.notes.clone() };
        Ok((FilePasses { files: self, sources, targets, shape }, read))
    }
}

fn names(sources: &Dictionary, targets: Option<&Dictionary>) -> EdgeNames {
    EdgeNames { sources: sources.names.clone(), targets: targets.map(|t| t.names.clone()) }
}

/// What is kept of the rows while ids are numbered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hold {
    Edges,
    Nothing,
}

/// The first reading of all tables.
struct Survey {
    sources: Interner,
    /// `None` where there is one kind.
    targets: Option<Interner>,
    hold: Hold,
    held: EdgeBlock,
    counts: EdgeCounts,
    files: Vec<SourceFile>,
    timed: bool,
    weighted: bool,
    n_weighted: u64,
    held_max: u64,
    scratch: (Vec<u32>, Vec<u32>),
}

impl Survey {
    fn new(files: &EdgeFiles, hold: Hold) -> Self {
        let rows = files.expected().rows;
        Self {
            sources: Interner::new(rows),
            targets: (files.options.kinds == Kinds::Two).then(|| Interner::new(rows)),
            hold,
            held: EdgeBlock::default(),
            counts: EdgeCounts::default(),
            files: Vec::new(),
            timed: false,
            weighted: false,
            n_weighted: 0,
            held_max: files.options.limits.held_edges_max,
            scratch: (Vec::new(), Vec::new()),
        }
    }

    fn run(&mut self, files: &EdgeFiles, tick: &mut Tick<'_>) -> Result<(), EdgesError> {
        let total = files.expected().bytes;
        let mut done = 0;
        for (member, table) in &files.tables {
            let meter = Meter::hashing();
            let mut lines = table.lines_above;
            let before = self.counts.clone();
            each_batch(member, table, &files.options.limits, &meter, &mut |blocks| {
                for block in blocks {
                    self.take(block, &member.name, lines)?;
                    lines += block.lines;
                }
                match tick(done + meter.bytes(), total) {
                    Go::On => Ok(()),
                    Go::Stop => Err(EdgesError::Stopped),
                }
            })?;
            done += member.bytes;
            self.files.push(SourceFile {
                name: member.name.clone(),
                sha256: meter.sha256(),
                rows: self.counts.rows - before.rows,
                taken: self.counts.taken + self.counts.self_loops - before.taken - before.self_loops,
                rejected: self.counts.rejected() - before.rejected(),
            });
        }
        Ok(())
    }

    fn take(&mut self, block: &mut RawBlock, name: &str, lines_before: u64) -> Result<(), EdgesError> {
        let mut counts = std::mem::take(&mut block.counts);
        for reject in &mut counts.rejects {
            name.clone_into(&mut reject.file);
            reject.line += lines_before;
        }
        self.counts.add(counts);
        self.number(block)?;
        let first = match self.hold {
            Hold::Nothing => 0,
            Hold::Edges => self.held.source.len() - block.len(),
        };
        let has_times = block.at_s.iter().any(|at| *at != NO_TIME);
        let has_weights = !block.weight.is_empty();
        if self.hold == Hold::Edges {
            if self.held.len() as u64 > self.held_max {
                return Err(EdgesError::new(
                    format!("at most {} edges in memory", self.held_max),
                    "more",
                    "",
                    "pack the table first (`assay graph pack`), or run on a machine with more memory",
                ));
            }
            hold_column(&mut self.held.at_s, &block.at_s, first, block.len(), NO_TIME, has_times);
            hold_column(&mut self.held.weight, &block.weight, first, block.len(), 1.0, has_weights);
        }
        self.timed |= has_times;
        self.weighted |= has_weights;
        self.n_weighted += block.weight.iter().filter(|weight| **weight != 1.0).count() as u64;
        if self.targets.is_none() {
            self.drop_self_loops(first);
        }
        Ok(())
    }

    /// Gives the ids of a block their codes, behind those that are held.
    fn number(&mut self, block: &RawBlock) -> Result<(), EdgesError> {
        let (held_s, held_t) = match self.hold {
            Hold::Edges => (&mut self.held.source, &mut self.held.target),
            Hold::Nothing => {
                self.scratch.0.clear();
                self.scratch.1.clear();
                (&mut self.scratch.0, &mut self.scratch.1)
            }
        };
        let Some(targets) = &mut self.targets else {
            for ids in [&block.source, &block.target] {
                if let Some(recode) = self.sources.prepare(ids) {
                    recode.apply(held_s);
                    recode.apply(held_t);
                }
            }
            self.sources.codes(&block.source, held_s)?;
            return self.sources.codes(&block.target, held_t);
        };
        let side = |interner: &mut Interner, ids, codes: &mut Vec<u32>| {
            if let Some(recode) = interner.prepare(ids) {
                recode.apply(codes);
            }
            interner.codes(ids, codes)
        };
        let sources = &mut self.sources;
        let (s, t) = rayon::join(|| side(sources, &block.source, held_s), || side(targets, &block.target, held_t));
        s.and(t)
    }

    /// Counts edges from an account to itself from row `first` on, and takes them out if they are held.
    fn drop_self_loops(&mut self, first: usize) {
        let edges = match self.hold {
            Hold::Edges => &mut self.held,
            Hold::Nothing => {
                let loops = self.scratch.0.iter().zip(&self.scratch.1).filter(|(s, t)| s == t).count() as u64;
                self.counts.taken -= loops;
                self.counts.self_loops += loops;
                return;
            }
        };
        let loops = without_self_loops(edges, first);
        self.counts.taken -= loops;
        self.counts.self_loops += loops;
    }
}

/// Takes edges from an account to itself out of a block, from row `first` on; returns how many there were.
fn without_self_loops(edges: &mut EdgeBlock, first: usize) -> u64 {
    let mut kept = first;
    for i in first..edges.len() {
        if edges.source[i] != edges.target[i] {
            edges.source[kept] = edges.source[i];
            edges.target[kept] = edges.target[i];
            if !edges.at_s.is_empty() {
                edges.at_s[kept] = edges.at_s[i];
            }
            if !edges.weight.is_empty() {
                edges.weight[kept] = edges.weight[i];
            }
            kept += 1;
        }
    }
    let n = edges.len() - kept;
    edges.source.truncate(kept);
    edges.target.truncate(kept);
    edges.at_s.truncate(kept);
    edges.weight.truncate(kept);
    n as u64
}

/// Adds a column of `n` values to one that stays empty until a block has values, and has `missing` where blocks had none.
fn hold_column<T: Copy>(held: &mut Vec<T>, block: &[T], first: usize, n: usize, missing: T, has_values: bool) {
    if held.is_empty() && !has_values {
        return;
    }
    held.resize(first, missing);
    if block.is_empty() {
        held.resize(first + n, missing);
    } else {
        held.extend_from_slice(block);
    }
}

/// Reads a table batch by batch; while one is handed to `take`, the next is read.
fn each_batch(
    member: &Member,
    table: &Table,
    limits: &Limits,
    meter: &Meter,
    take: &mut dyn FnMut(&mut [RawBlock]) -> Result<(), EdgesError>,
) -> Result<(), EdgesError> {
    let mut blocks = table.blocks(member, meter, limits, rayon::current_num_threads())?;
    let mut batch = Vec::new();
    loop {
        let n = blocks.next(&mut batch)?;
        if n == 0 {
            return Ok(());
        }
        take(&mut batch[..n])?;
    }
}

/// Edges that are read from their files at every pass. Holds the ids alone.
#[derive(Debug)]
pub struct FilePasses {
    files: EdgeFiles,
    sources: Dictionary,
    targets: Option<Dictionary>,
    shape: EdgeShape,
}

impl FilePasses {
    /// Bytes held between passes, the names included.
    pub fn bytes(&self) -> u64 {
        self.sources.bytes() + self.targets.as_ref().map_or(0, Dictionary::bytes)
    }
}

impl EdgePasses for FilePasses {
    fn shape(&self) -> EdgeShape {
        self.shape
    }

    fn pass(&mut self, each: &mut dyn FnMut(&EdgeBlock) -> Go) -> Result<(), EdgesError> {
        let mut block = EdgeBlock::default();
        let mut n_edges = 0;
        for (member, table) in &self.files.tables {
            each_batch(member, table, &self.files.options.limits, &Meter::default(), &mut |batch| {
                for raw in batch {
                    block.clear();
                    self.find(raw, &mut block).ok_or_else(|| changed(&member.name))?;
                    n_edges += block.len() as u64;
                    if each(&block) == Go::Stop {
                        return Err(EdgesError::Stopped);
                    }
                }
                Ok(())
            })?;
        }
        if n_edges == self.shape.n_edges { Ok(()) } else { Err(changed("")) }
    }
}

fn changed(place: &str) -> EdgesError {
    EdgesError::new(
        "the same rows at every reading",
        "other ones",
        place,
        "the file was changed while it was read: start again once nobody writes to it",
    )
}

impl FilePasses {
    fn find(&self, raw: &mut RawBlock, block: &mut EdgeBlock) -> Option<()> {
        let targets = self.targets.as_ref().unwrap_or(&self.sources);
        let (s, t) = rayon::join(
            || self.sources.find(&raw.source, &mut block.source),
            || targets.find(&raw.target, &mut block.target),
        );
        s.and(t)?;
        let n = block.source.len();
        if self.shape.timed {
            block.at_s.append(&mut raw.at_s);
            block.at_s.resize(n, NO_TIME);
        }
        if self.shape.weighted {
            block.weight.append(&mut raw.weight);
            block.weight.resize(n, 1.0);
        }
        if self.targets.is_none() {
            without_self_loops(block, 0);
        }
        Some(())
    }
}
