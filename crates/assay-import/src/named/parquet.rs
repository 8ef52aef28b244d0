//! Named tables as Parquet: only the wanted columns are read, a few thousand rows at a time, groups of rows on all cores.

use super::batch::{Batch, fits, meaning};
use super::block::{Block, Column, Lines, Names};
use super::dictionary::Kept;
use super::ordered::{Job, Jobs, Made, Patience, Ready};
use super::{Holds, Plan, Refused, Value};
use crate::bundle::Bundle;
use crate::error::ImportError;
use crate::reading::Desk;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{ChunkReader, FileReader, SerializedFileReader};
use bytes::Bytes;
use std::collections::VecDeque;
use std::fs::File;
use std::io::Read;
use std::sync::Mutex;
use std::sync::mpsc::{SyncSender, sync_channel};

/// How a Parquet file begins.
pub(super) const MAGIC: &[u8] = b"PAR1";

/// Rows read at a time.
const BATCH_ROWS: usize = 16_384;
/// Rows read at a time where every column is read by its dictionary: enough of them for what is counted by place.
const CODED_ROWS: usize = 1 << 18;
/// Groups of rows that may be under way.
const GROUPS_MAX: usize = 4;
/// Blocks of a group that may wait to be taken.
const BLOCKS_MAX: usize = 8;
/// Bytes that are hashed while blocks are made.
const HASHED_BYTES: usize = 1 << 18;

/// Opens the file anew: readers of several threads must not share a place in it.
trait Open: Sync {
    type Chunks: ChunkReader + 'static;
    fn chunks(&self) -> Result<Self::Chunks, ParquetError>;

    fn open(&self) -> Result<SerializedFileReader<Self::Chunks>, ParquetError> {
        SerializedFileReader::new(self.chunks()?)
    }

    /// Its length.
    fn bytes(&self) -> u64;
}

impl Open for &std::path::Path {
    type Chunks = File;
    fn chunks(&self) -> Result<File, ParquetError> {
        Ok(File::open(self)?)
    }

    fn bytes(&self) -> u64 {
        std::fs::metadata(self).map_or(0, |m| m.len())
    }
}

impl Open for Bytes {
    type Chunks = Self;
    fn chunks(&self) -> Result<Self, ParquetError> {
        Ok(self.clone())
    }

    fn bytes(&self) -> u64 {
        // They were read through the stream, which told how far it was.
        0
    }
}

pub(super) fn read<P: Send>(
    bundle: &Bundle,
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    plan: &mut Plan<'_>,
    make: &(impl Fn(&mut Block) -> P + Sync),
    join: &mut impl FnMut(P) -> Refused,
) -> Result<(), ImportError> {
    if let Some(path) = bundle.on_disk(0) {
        return table(&path, stream, desk, plan, make, join);
    }
    let limit = bundle.limits.in_memory_bytes_max;
    let mut bytes = Vec::new();
    stream.take(limit + 1).read_to_end(&mut bytes).map_err(|e| desk.broken(&e))?;
    if bytes.len() as u64 > limit {
        return Err(ImportError::new(
            format!("a packed Parquet file of at most {limit} bytes"),
            "a larger one",
            desk.name(),
            "unpack it and pass the file itself",
        ));
    }
    table(&Bytes::from(bytes), stream, desk, plan, make, join)
}

/// Runs what may panic on a damaged file, which is an error like any other.
fn guarded<T>(read: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, ParquetError> {
    let contradict = || Err(ParquetError::General("its parts contradict each other".to_owned()));
    assay_model::guarded(read).unwrap_or_else(contradict)
}

fn damaged(why: &ParquetError, place: &str) -> ImportError {
    ImportError::new(
        "a whole Parquet file",
        format!("a damaged or unsupported one ({why})"),
        place,
        "write the file again, or save the table as CSV",
    )
}

fn table<P: Send>(
    file: &impl Open,
    stream: &mut dyn Read,
    desk: &mut Desk<'_>,
    plan: &mut Plan<'_>,
    make: &(impl Fn(&mut Block) -> P + Sync),
    join: &mut impl FnMut(P) -> Refused,
) -> Result<(), ImportError> {
    let place = desk.name().to_owned();
    let broken = |why: &ParquetError| damaged(why, &place);
    let (columns, rows) = guarded(|| {
        let reader = file.open()?;
        let columns = reader.metadata().file_metadata().schema_descr().columns().to_vec();
        let rows = (0..reader.num_row_groups()).map(|g| reader.metadata().row_group(g).num_rows());
        Ok((columns, rows.map(|n| u64::try_from(n).unwrap_or(0)).collect::<Vec<u64>>()))
    })
    .map_err(|e| broken(&e))?;
    let names: Vec<String> = columns.iter().map(|c| c.path().string()).collect();
    plan.settle(&names, &place)?;
    for (column, at) in plan.places.iter().enumerate() {
        let Some(at) = at else { continue };
        let descriptor = &columns[*at];
        if descriptor.max_rep_level() > 0 || !fits(descriptor, plan.wanted[column].holds) {
            return Err(ImportError::new(
                format!("column `{}` to hold {}", names[*at], named(plan.wanted[column].holds)),
                format!("the Parquet type {:?} {:?}", descriptor.physical_type(), descriptor.logical_type_ref()),
                place,
                "write the column as numbers or as text",
            ));
        }
    }
    let plan = &*plan;
    // A thread of the pool must not wait for the pool, and a small table is read sooner than handed over.
    let alone = rayon::current_thread_index().is_some() || rows.iter().sum::<u64>() <= BATCH_ROWS as u64;
    // Blocks whose memory is used again.
    let spare = Mutex::new(Vec::new());
    let spare = &spare;
    let lines: Vec<u64> = rows.iter().scan(1, |line, n| Some(std::mem::replace(line, *line + n))).collect();
    rayon::in_place_scope(|scope| {
        let mut jobs: Jobs<P, ParquetError> = Jobs(VecDeque::new());
        let mut groups = 0..rows.len();
        let mut hashed = vec![0; if alone || !desk.is_hashed() { 0 } else { HASHED_BYTES }];
        let bytes_a_row = file.bytes() as f64 / rows.iter().sum::<u64>().max(1) as f64;
        loop {
            while jobs.0.len() < GROUPS_MAX
                && let Some(group) = groups.next()
            {
                let line = lines[group];
                if alone {
                    let mut hand = |made: Made<P>| {
                        jobs.0.push_back(Job::Done(vec![made]));
                        true
                    };
                    guarded(|| read_group(file, group, line, plan, spare, make, &mut hand)).map_err(|e| broken(&e))?;
                } else {
                    let (hand, receiver) = sync_channel(BLOCKS_MAX);
                    scope.spawn(move |_| send_group(&hand, file, group, line, plan, spare, make));
                    jobs.0.push_back(Job::Under(receiver));
                }
            }
            let patience = if hashed.is_empty() { Patience::Wait } else { Patience::Ask };
            match jobs.next(patience) {
                Ready::Blocks(made) => {
                    for made in made {
                        if !desk.is_hashed() {
                            desk.advance((made.rows() as f64 * bytes_a_row) as u64)?;
                        }
                        made.join(desk, join)?;
                    }
                }
                // What is read is hashed, and there is time for it now.
                Ready::NotYet => {
                    if stream.read(&mut hashed).map_err(|e| desk.broken(&e))? == 0 {
                        hashed.clear();
                    }
                }
                Ready::Failed(why) => return Err(broken(&why)),
                Ready::End if groups.is_empty() => return Ok(()),
                Ready::End => {}
            }
        }
    })
}

/// Reads a group of rows on a thread of the pool.
fn send_group<P>(
    hand: &SyncSender<Result<Made<P>, ParquetError>>,
    file: &impl Open,
    group: usize,
    line: u64,
    plan: &Plan<'_>,
    spare: &Mutex<Vec<Block>>,
    make: &impl Fn(&mut Block) -> P,
) {
    // Nobody waits where the reading was stopped.
    let mut each = |made| hand.send(Ok(made)).is_ok();
    if let Err(why) = guarded(|| read_group(file, group, line, plan, spare, make, &mut each)) {
        let _ = hand.send(Err(why));
    }
}

/// Reads a group of rows, whose first stands at `line`, and hands over its blocks until nobody wants more.
fn read_group<P>(
    file: &impl Open,
    group: usize,
    mut line: u64,
    plan: &Plan<'_>,
    spare: &Mutex<Vec<Block>>,
    make: &impl Fn(&mut Block) -> P,
    each: &mut impl FnMut(Made<P>) -> bool,
) -> Result<(), ParquetError> {
    let (reader, chunks) = (file.open()?, file.chunks()?);
    let schema = reader.metadata().file_metadata().schema_descr();
    let group = reader.get_row_group(group)?;
    let (mut columns, mut all_kept) = (Vec::new(), true);
    for (column, at) in plan.places.iter().enumerate() {
        let Some(at) = at else { continue };
        let descriptor = schema.column(*at);
        let (holds, max_level) = (plan.wanted[column].holds, descriptor.max_def_level());
        let kept = Kept::open(&chunks, &*group, *at, max_level, holds, meaning(&descriptor))?;
        all_kept &= kept.is_some();
        let reader = group.get_column_reader(*at)?;
        columns.push((column, Batch::new(reader, kept, meaning(&descriptor), holds, max_level)));
    }
    let mut left = u64::try_from(group.metadata().num_rows()).unwrap_or(0);
    let mut block = spare.lock().ok().and_then(|mut spare| spare.pop()).unwrap_or_else(|| Block::new(plan.wanted));
    while left > 0 {
        let n = left.min(if all_kept { CODED_ROWS } else { BATCH_ROWS } as u64) as usize;
        let broken = if all_kept {
            fill_kept(&mut block, line, n, &mut columns, plan)?
        } else {
            for (_, batch) in &mut columns {
                batch.read(n)?;
            }
            block.clear();
            fill(&mut block, line, n, &mut columns, plan)
        };
        if !each(Made::of(&mut block, broken, make)) {
            return Ok(());
        }
        line += n as u64;
        left -= n as u64;
    }
    if let Ok(mut spare) = spare.lock() {
        spare.push(block);
    }
    Ok(())
}

/// Fills a block whose columns are all read by their dictionaries.
fn fill_kept(
    block: &mut Block,
    line: u64,
    n: usize,
    columns: &mut [(usize, Batch)],
    plan: &Plan<'_>,
) -> Result<Refused, ParquetError> {
    if block.columns.len() != plan.wanted.len() {
        // It was taken as a whole.
        *block = Block::new(plan.wanted);
    }
    for (column, batch) in columns {
        if let Some(kept) = &mut batch.kept {
            kept.read(n, &mut block.columns[*column])?;
        }
    }
    for (column, _) in plan.places.iter().enumerate().filter(|(_, at)| at.is_none()) {
        block.columns[column].clear();
        absent(n, &mut block.columns[column]);
    }
    (block.n, block.lines) = (n, Lines::From(line));
    Ok(Refused::new())
}

/// Fills a block with the rows of a batch: whole columns where every cell of them can be used, row by row else.
fn fill(block: &mut Block, line: u64, n: usize, columns: &mut [(usize, Batch)], plan: &Plan<'_>) -> Refused {
    if block.columns.len() != plan.wanted.len() {
        // It was taken as a whole.
        *block = Block::new(plan.wanted);
    }
    let wanted = plan.wanted;
    if columns.iter().all(|(column, batch)| batch.is_whole(&block.columns[*column])) {
        for (column, batch) in columns.iter_mut() {
            batch.fill(n, &mut block.columns[*column]);
        }
        for (column, _) in plan.places.iter().enumerate().filter(|(_, at)| at.is_none()) {
            absent(n, &mut block.columns[column]);
        }
        (block.n, block.lines) = (n, Lines::From(line));
        return Refused::new();
    }
    block.by_rows();
    let mut broken = Refused::new();
    let mut cells = vec![Value::Missing; wanted.len()];
    for row in 0..n {
        let line = line + row as u64;
        let mut wrong = None;
        for (column, batch) in &*columns {
            match batch.cell(row, *column, plan) {
                Ok(value) => cells[*column] = value,
                Err(why) => wrong = Some(why),
            }
        }
        match wrong {
            Some(why) => broken.push((line, why)),
            None => block.push(line, &cells),
        }
    }
    broken
}

/// Fills a column that the table lacks.
fn absent(n: usize, column: &mut Column) {
    match column {
        Column::Numbers(numbers) => numbers.resize(n, f64::NAN),
        // A column that the table lacks has no dictionary, and ids need not be there.
        Column::Coded(_) | Column::Ids(_) => {}
        Column::Names(names) => names.codes.resize(n, Names::MISSING),
        Column::Texts(texts) => texts.ends.resize(n, 0),
    }
}

fn named(holds: Holds) -> &'static str {
    match holds {
        Holds::Text | Holds::Name | Holds::Id => "text",
        Holds::Number => "numbers",
        Holds::Flag => "yes or no",
    }
}
