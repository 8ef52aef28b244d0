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
/// Bytes of a column of a group up to which they are read at once; every wanted column of a group under way may hold so many.
pub(super) const HELD_MAX: u64 = 1 << 26;
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
        let meaning = meaning(&descriptor);
        let kept = Kept::open(&chunks, &*group, *at, max_level, holds, meaning, plan.held_max)?;
        all_kept &= kept.is_some();
        columns.push((
            column,
            match kept {
                Some(kept) => Batch::by_dictionary(kept, meaning, holds, max_level),
                None => Batch::new(group.get_column_reader(*at)?, meaning, holds, max_level),
            },
        ));
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
        if let Some(kept) = batch.kept() {
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

#[cfg(test)]
mod tests {
    use super::super::block::Block;
    use super::super::{Column, Holds, Names, Optional, Plan, Wanted};
    use super::{Open, read_group};
    use ::parquet::data_type::{ByteArray, ByteArrayType, DoubleType};
    use ::parquet::errors::ParquetError;
    use ::parquet::file::properties::WriterProperties;
    use ::parquet::file::reader::{ChunkReader, FileReader, Length};
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;
    use bytes::Bytes;
    use std::sync::{Arc, Mutex};

    /// A file that notes how many bytes are asked of it at once.
    #[derive(Clone)]
    struct Noted(Bytes, Arc<Mutex<Vec<usize>>>);

    impl Length for Noted {
        fn len(&self) -> u64 {
            self.0.len() as u64
        }
    }

    impl ChunkReader for Noted {
        type T = <Bytes as ChunkReader>::T;

        fn get_read(&self, start: u64) -> Result<Self::T, ParquetError> {
            self.0.get_read(start)
        }

        fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
            self.1.lock().expect("no panic").push(length);
            self.0.get_bytes(start, length)
        }
    }

    impl Open for Noted {
        type Chunks = Self;
        fn chunks(&self) -> Result<Self, ParquetError> {
            Ok(self.clone())
        }

        fn bytes(&self) -> u64 {
            self.0.len() as u64
        }
    }

    const N: usize = 100_000;
    const ARMS: [&str; 3] = ["a", "b", "c"];

    fn arm(row: usize) -> Option<usize> {
        (row % 17 != 4).then_some(row * row % 3)
    }

    fn amount(row: usize) -> Option<f64> {
        (row % 7 != 2).then_some((row % 1_000) as f64 / 4.0)
    }

    /// One group of rows in pages of 5,000.
    fn table() -> Bytes {
        let schema = "message m { optional binary arm (UTF8); optional double amount; }";
        let schema = Arc::new(parse_message_type(schema).expect("a schema"));
        let properties = WriterProperties::builder().set_data_page_row_count_limit(5_000).set_write_batch_size(1_000);
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build())).expect("memory");
        let mut group = writer.next_row_group().expect("memory");
        let arms: Vec<ByteArray> = (0..N).filter_map(arm).map(|a| ByteArray::from(ARMS[a])).collect();
        let known: Vec<i16> = (0..N).map(|row| i16::from(arm(row).is_some())).collect();
        let mut column = group.next_column().expect("memory").expect("arms");
        column.typed::<ByteArrayType>().write_batch(&arms, Some(&known), None).expect("memory");
        column.close().expect("memory");
        let amounts: Vec<f64> = (0..N).filter_map(amount).collect();
        let known: Vec<i16> = (0..N).map(|row| i16::from(amount(row).is_some())).collect();
        let mut column = group.next_column().expect("memory").expect("amounts");
        column.typed::<DoubleType>().write_batch(&amounts, Some(&known), None).expect("memory");
        column.close().expect("memory");
        group.close().expect("memory");
        Bytes::from(writer.into_inner().expect("memory"))
    }

    /// Rows and sum of amounts for each arm; those of nobody last.
    type Sums = [(usize, f64); 4];

    fn add(sums: &mut Sums, arm: Option<usize>, amount: Option<f64>) {
        let of_arm = &mut sums[arm.unwrap_or(3)];
        *of_arm = (of_arm.0 + 1, of_arm.1 + amount.unwrap_or(0.0));
    }

    /// The sums of the table, its columns read at once up to so many bytes; and how much was asked of the file each time.
    fn read(table: &Bytes, held_max: u64) -> (Sums, Vec<usize>) {
        let column = |name: &str, holds| Wanted { names: vec![name.to_owned()], holds, optional: Optional::No };
        let wanted = [column("arm", Holds::Name), column("amount", Holds::Number)];
        let mut plan = Plan::new(&wanted);
        plan.settle(&["arm".to_owned(), "amount".to_owned()], "the table").expect("both are there");
        plan.held_max = held_max;
        let (file, sums) = (Noted(table.clone(), Arc::default()), Mutex::default());
        let make = |block: &mut Block| {
            let (Column::Names(arms), Column::Coded(amounts)) = (block.column(0), block.column(1)) else {
                panic!("both columns are read by their dictionaries");
            };
            let mut sums = sums.lock().expect("no panic");
            for (code, place) in arms.codes.iter().zip(&amounts.places) {
                let arm = (*code != Names::MISSING).then(|| ARMS.iter().position(|a| *a == arms.names[*code as usize]));
                let amount = Some(amounts.numbers[*place as usize]).filter(|x| !x.is_nan());
                add(&mut sums, arm.flatten(), amount);
            }
        };
        read_group(&file, 0, 1, &plan, &Mutex::default(), &make, &mut |_| true).expect("a table");
        let asked = file.1.lock().expect("no panic").clone();
        (sums.into_inner().expect("no panic"), asked)
    }

    /// A column that is too long to be held is read page by page and says the same, beside one that is held and by itself.
    #[test]
    fn columns_say_the_same_held_at_once_and_page_by_page() {
        let table = table();
        let reader = Open::open(&table).expect("a table");
        let [arms, amounts] = [0, 1].map(|c| reader.metadata().row_group(0).column(c).byte_range().1);
        assert!(arms < amounts, "{arms} {amounts}");
        let mut expected = Sums::default();
        (0..N).for_each(|row| add(&mut expected, arm(row), amount(row)));
        for (held_max, held) in [(amounts, vec![arms, amounts]), (amounts - 1, vec![arms]), (arms - 1, vec![])] {
            let (sums, asked) = read(&table, held_max);
            assert_eq!(sums, expected, "held up to {held_max}");
            let whole = [arms, amounts].into_iter().filter(|length| asked.contains(&(*length as usize)));
            assert_eq!(whole.collect::<Vec<_>>(), held, "held up to {held_max}");
        }
    }
}
