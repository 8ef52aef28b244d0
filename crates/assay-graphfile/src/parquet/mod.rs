//! Edges from Parquet: some hundred thousand rows of a row group at a time, the wanted columns side by side.
//!
//! Numbers without gaps are taken column by column. Texts, gaps, negative numbers and times that cannot be take the slower
//! way, row by row, so that what is wrong with a row is told by row. A file whose parts contradict each other is an error as
//! a whole: in Parquet a broken byte spoils a page of a column, not a row.

mod column;
mod source;

use crate::columns::{ColumnChoice, Found};
use crate::input::Member;
use crate::limits::Limits;
use crate::raw::{Bad, Id, Ids, RawBlock, Row};
use crate::unpack::{Meter, reading};
use assay_model::edges::{BLOCK_EDGES, EdgesError};
use column::{Cells, Cursor, Role};
use parquet::errors::ParquetError;
use parquet::file::metadata::{ParquetMetaData, ParquetMetaDataReader};
use parquet::file::serialized_reader::SerializedPageReader;
use parquet::file::statistics::Statistics;
pub(crate) use source::Source;
use std::io::Read as _;
use std::sync::Arc;

/// How a Parquet file begins and ends.
pub(crate) const MAGIC: &[u8] = b"PAR1";

/// A Parquet file whose columns are known.
#[derive(Debug, Clone)]
pub(crate) struct ParquetTable {
    source: Arc<Source>,
    metadata: Arc<ParquetMetaData>,
    /// Leaves of the schema that are wanted, and what for.
    wanted: Vec<(usize, Role)>,
    pub(crate) unknown: Vec<String>,
}

impl ParquetTable {
    pub(crate) fn open(member: &Member, choice: &ColumnChoice, limits: &Limits) -> Result<Self, EdgesError> {
        let name = &*member.name;
        let source = match member.on_disk() {
            Some(path) => Source::open(path).map_err(|e| reading(name, &e))?,
            None => Source::Memory(in_memory(member, limits)?),
        };
        let source = Arc::new(source);
        let metadata =
            guarded(|| ParquetMetaDataReader::new().parse_and_finish(&*source)).map_err(|e| damaged(name, &e))?;
        let schema = metadata.file_metadata().schema_descr();
        let mut names = Vec::new();
        let mut leaves = Vec::new();
        let mut unknown = Vec::new();
        for leaf in 0..schema.num_columns() {
            let column = schema.column(leaf);
            // Lists and what is nested are no columns of edges.
            if column.max_rep_level() == 0 && column.path().parts().len() == 1 {
                names.push(column.name().to_owned());
                leaves.push(leaf);
            } else {
                unknown.push(column.path().string());
            }
        }
        let found = choice.find_named(&names, name)?;
        unknown.extend(found.unknown.iter().cloned());
        let mut wanted = Vec::new();
        for (place, role) in roles(&found) {
            let leaf = leaves[place];
            if !column::holds(&schema.column(leaf), role) {
                return Err(EdgesError::new(
                    format!("a column of {}", role.holds()),
                    format!("`{}` of another type", names[place]),
                    name,
                    "say which columns are which with --columns, or save the table as CSV",
                ));
            }
            wanted.push((leaf, role));
        }
        Ok(Self { source, metadata: Arc::new(metadata), wanted, unknown })
    }

    /// How many rows the file says it has.
    pub(crate) fn n_rows(&self) -> u64 {
        self.metadata.row_groups().iter().map(|g| u64::try_from(g.num_rows()).unwrap_or(0)).fold(0, u64::saturating_add)
    }

    /// The least and the greatest id of sources and of targets, where all groups of rows state them as whole numbers.
    pub(crate) fn spans(&self) -> [Option<(u64, u64)>; 2] {
        [Role::Source, Role::Target].map(|role| {
            let (leaf, _) = self.wanted.iter().find(|(_, r)| *r == role)?;
            let mut span: Option<(u64, u64)> = None;
            for group in self.metadata.row_groups() {
                let (least, most) = match group.column(*leaf).statistics()? {
                    Statistics::Int32(s) => (i64::from(*s.min_opt()?), i64::from(*s.max_opt()?)),
                    Statistics::Int64(s) => (*s.min_opt()?, *s.max_opt()?),
                    _ => return None,
                };
                let (least, most) = (u64::try_from(least).ok()?, u64::try_from(most).ok()?);
                span = Some(span.map_or((least, most), |span| (span.0.min(least), span.1.max(most))));
            }
            span.filter(|span| span.0 <= span.1)
        })
    }

    pub(crate) fn has(&self, role: Role) -> bool {
        self.wanted.iter().any(|(_, r)| *r == role)
    }

    pub(crate) fn is_timed(&self) -> bool {
        self.has(Role::At)
    }

    pub(crate) fn is_weighted(&self) -> bool {
        self.has(Role::Weight)
    }
}

fn roles(found: &Found) -> impl Iterator<Item = (usize, Role)> {
    [
        (Some(found.source), Role::Source),
        (Some(found.target), Role::Target),
        (found.at, Role::At),
        (found.weight, Role::Weight),
    ]
    .into_iter()
    .filter_map(|(place, role)| Some((place?, role)))
}

fn in_memory(member: &Member, limits: &Limits) -> Result<bytes::Bytes, EdgesError> {
    let limit = limits.in_memory_bytes_max;
    let mut bytes = Vec::new();
    let inner = member.open(&Meter::default(), limits)?;
    inner.take(limit + 1).read_to_end(&mut bytes).map_err(|e| reading(&member.name, &e))?;
    if bytes.len() as u64 > limit {
        return Err(EdgesError::new(
            format!("a packed Parquet file of at most {limit} bytes"),
            "a larger one",
            &*member.name,
            "unpack it and pass the file itself",
        ));
    }
    Ok(bytes.into())
}

/// Runs the Parquet reader, which may panic on a damaged file.
fn guarded<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    assay_model::guarded(read)
        .unwrap_or_else(|| Err(ParquetError::General("its parts contradict each other".to_owned())))
}

fn damaged(name: &str, error: &ParquetError) -> EdgesError {
    EdgesError::new(
        "a whole Parquet file",
        format!("a damaged or unsupported one ({error})"),
        name,
        "write the file again, or save the table as CSV",
    )
}

/// Rows of a Parquet file, block by block.
pub(crate) struct ParquetBlocks {
    table: ParquetTable,
    name: String,
    group: usize,
    /// Rows of the current group that were not read yet.
    left: u64,
    cursors: Vec<Cursor>,
    /// Reads the file from its start to hash it, while rows are read here and there.
    hashed: u64,
    rows: u64,
    meter: Meter,
}

impl ParquetBlocks {
    pub(crate) fn new(table: &ParquetTable, name: &str, meter: &Meter) -> Self {
        Self {
            table: table.clone(),
            name: name.to_owned(),
            group: 0,
            left: 0,
            cursors: Vec::new(),
            hashed: 0,
            rows: 0,
            meter: meter.clone(),
        }
    }

    /// Reads the next rows into `out`, and returns how many blocks they fill; 0 at the end.
    pub(crate) fn next(&mut self, out: &mut Vec<RawBlock>) -> Result<usize, EdgesError> {
        while self.left == 0 {
            if self.group == self.table.metadata.num_row_groups() {
                self.hash(u64::MAX)?;
                return Ok(0);
            }
            guarded(|| self.open_group()).map_err(|e| damaged(&self.name, &e))?;
        }
        out.resize_with(out.len().max(1), RawBlock::default);
        let n = self.left.min(BLOCK_EDGES as u64) as usize;
        self.rows += n as u64;
        self.left -= n as u64;
        let share =
            u128::from(self.table.source.bytes()) * u128::from(self.rows) / u128::from(self.table.n_rows().max(1));
        let mut cursors = std::mem::take(&mut self.cursors);
        let (read, hashed) = rayon::join(|| guarded(|| read_side_by_side(&mut cursors, n)), || self.hash(share as u64));
        self.cursors = cursors;
        hashed?;
        read.map_err(|e| damaged(&self.name, &e))?;
        take_rows(&mut self.cursors, n, &mut out[0]);
        Ok(1)
    }

    /// Some rows from each of these places, given as shares of the file's rows, and whether they are all there are.
    pub(crate) fn some(mut self, shares: &[f64]) -> Result<(Vec<RawBlock>, bool), EdgesError> {
        let n_rows = self.table.n_rows();
        let whole = n_rows <= (shares.len() * BLOCK_EDGES) as u64;
        if whole {
            let mut blocks = Vec::new();
            let mut out = Vec::new();
            while self.next(&mut out)? > 0 {
                blocks.push(std::mem::take(&mut out[0]));
            }
            return Ok((blocks, true));
        }
        let ends: Vec<u64> = self
            .table
            .metadata
            .row_groups()
            .iter()
            .scan(0_u64, |end, group| {
                *end = end.saturating_add(u64::try_from(group.num_rows()).unwrap_or(0));
                Some(*end)
            })
            .collect();
        let mut blocks = Vec::new();
        for share in shares {
            let group = ends.partition_point(|end| *end <= (share * n_rows as f64) as u64);
            if group >= self.group || self.left == 0 {
                (self.group, self.left) = (group.min(ends.len() - 1), 0);
            }
            let mut out = Vec::new();
            if self.next(&mut out)? > 0 {
                blocks.append(&mut out);
            }
        }
        Ok((blocks, false))
    }

    fn open_group(&mut self) -> Result<(), ParquetError> {
        let metadata = Arc::clone(&self.table.metadata);
        let group = metadata.row_group(self.group);
        let schema = metadata.file_metadata().schema_descr();
        let n_rows = u64::try_from(group.num_rows()).unwrap_or(0);
        self.cursors.clear();
        for (leaf, role) in &self.table.wanted {
            let source = Arc::clone(&self.table.source);
            let pages = SerializedPageReader::new(source, group.column(*leaf), n_rows as usize, None)?;
            self.cursors.push(Cursor::new(schema.column(*leaf), Box::new(pages), *role));
        }
        self.group += 1;
        self.left = n_rows;
        Ok(())
    }

    /// Hashes the file up to byte `to`, if anybody wants to know.
    fn hash(&mut self, to: u64) -> Result<(), EdgesError> {
        if !self.meter.is_hashing() {
            return Ok(());
        }
        let to = to.min(self.table.source.bytes());
        let mut buf = vec![0; (1 << 20).min(to.saturating_sub(self.hashed) as usize)];
        while self.hashed < to {
            let n = buf.len().min((to - self.hashed) as usize);
            self.table.source.read_exact_at(&mut buf[..n], self.hashed).map_err(|e| reading(&self.name, &e))?;
            self.meter.add(&buf[..n]);
            self.hashed += n as u64;
        }
        Ok(())
    }
}

/// Reads `n` rows of every column.
fn read_side_by_side(cursors: &mut [Cursor], n: usize) -> Result<(), ParquetError> {
    match cursors {
        [] => Ok(()),
        [one] => one.read(n),
        several => {
            let (some, others) = several.split_at_mut(several.len() / 2);
            let (some, others) =
                rayon::join(|| guarded(|| read_side_by_side(some, n)), || guarded(|| read_side_by_side(others, n)));
            some.and(others)
        }
    }
}

/// Takes the `n` rows that were read into `block`.
fn take_rows(cursors: &mut [Cursor], n: usize, block: &mut RawBlock) {
    block.clear();
    block.lines = n as u64;
    let plain = cursors.iter().all(|c| c.is_plain(n));
    if plain {
        block.counts.rows = n as u64;
        block.counts.taken = n as u64;
        for cursor in cursors {
            match (cursor.role, &mut cursor.cells) {
                (Role::Source, Cells::Ids(ids)) => swap_ids(&mut block.source, ids),
                (Role::Target, Cells::Ids(ids)) => swap_ids(&mut block.target, ids),
                (_, Cells::Times(times)) => std::mem::swap(&mut block.at_s, times),
                (_, Cells::Weights(weights)) => std::mem::swap(&mut block.weight, weights),
                _ => {}
            }
        }
        return;
    }
    let (timed, weighted) =
        (cursors.iter().any(|c| c.role == Role::At), cursors.iter().any(|c| c.role == Role::Weight));
    for cursor in cursors.iter_mut() {
        cursor.rewind();
    }
    let mut digits = [String::new(), String::new()];
    for line in 1..=n as u64 {
        for cursor in cursors.iter_mut() {
            cursor.step();
        }
        match row(cursors, &mut digits) {
            Ok(row) => block.push(&row, timed, weighted),
            Err(bad) => block.reject(line, bad),
        }
    }
}

fn swap_ids(ids: &mut Ids, numbers: &mut Vec<u64>) {
    match ids {
        Ids::Numbers(own) => std::mem::swap(own, numbers),
        Ids::Texts(_) => *ids = Ids::Numbers(std::mem::take(numbers)),
    }
}

fn row<'a>(cursors: &'a [Cursor], digits: &'a mut [String; 2]) -> Result<Row<'a>, Bad> {
    let mut row = Row::default();
    let [source_digits, target_digits] = digits;
    let (mut source, mut target) = (None, None);
    for cursor in cursors {
        match cursor.role {
            Role::Source => source = Some(cursor),
            Role::Target => target = Some(cursor),
            Role::At => row.at_s = cursor.time()?,
            Role::Weight => row.weight = cursor.weight()?,
        }
    }
    let id = |cursor: Option<&'a Cursor>, digits: &'a mut String, side| match cursor {
        Some(cursor) => cursor.id(digits, side),
        None => Err(Bad::Empty(side)),
    };
    row.source = id(source, source_digits, "source")?;
    row.target = id(target, target_digits, "target")?;
    Ok(row)
}

impl Cursor {
    fn id<'a>(&'a self, digits: &'a mut String, side: &'static str) -> Result<Id<'a>, Bad> {
        match self.value() {
            None => Err(Bad::Empty(side)),
            Some(value) => value.id(digits, side),
        }
    }
}
