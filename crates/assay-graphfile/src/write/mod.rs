//! Writes tables of edges whose ids are numbers, block by block: blocks are made and encoded side by side, and written in their
//! order.

mod csv;
mod parquet;

use assay_model::edges::{EdgeBlock, EdgesError};
use assay_model::{Go, Tick};
use rayon::prelude::*;
use std::io::{self, Write};

/// The form of a table that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableForm {
    /// Comma-separated text with a header; times as RFC 3339.
    Csv,
    /// Parquet, in the layout that is small and quick to read: deltas of ids and times packed to their bits, zstd at level 1, a
    /// row group for each block.
    Parquet,
}

/// What ends a writing before its end.
#[derive(Debug)]
pub enum WriteError {
    /// The place cannot be written to.
    Io(io::Error),
    /// The edges cannot be made or read, or the tick said stop.
    Edges(EdgesError),
}

impl From<io::Error> for WriteError {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<EdgesError> for WriteError {
    fn from(error: EdgesError) -> Self {
        Self::Edges(error)
    }
}

/// Writes the blocks `0..n_blocks` that `make` fills, with the columns source, target and, if `timed`, at.
///
/// The bytes are the same at any number of threads. Memory: a block and its encoding for each thread. `tick` is told blocks.
///
/// # Errors
/// If `out` fails, or the tick says stop.
pub fn write_edges(
    form: TableForm,
    timed: bool,
    n_blocks: u64,
    make: &(dyn Fn(u64, &mut EdgeBlock) + Sync),
    out: &mut dyn Write,
    tick: &mut Tick<'_>,
) -> Result<(), WriteError> {
    let mut table = match form {
        TableForm::Csv => Table::Csv,
        TableForm::Parquet => Table::Parquet(Box::new(parquet::Open::new(timed)?)),
    };
    if form == TableForm::Csv {
        out.write_all(if timed { b"source,target,at\n" } else { b"source,target\n" })?;
    }
    let side_by_side = rayon::current_num_threads().max(1) as u64;
    let mut made: Vec<(EdgeBlock, Encoded)> = Vec::new();
    made.resize_with(side_by_side as usize, Default::default);
    let mut first = 0;
    while first < n_blocks {
        if tick(first, n_blocks) == Go::Stop {
            return Err(EdgesError::Stopped.into());
        }
        let n = side_by_side.min(n_blocks - first);
        made[..n as usize].par_iter_mut().enumerate().try_for_each(|(i, (block, encoded))| {
            make(first + i as u64, block);
            table.encode(block, encoded)
        })?;
        for (_, encoded) in &mut made[..n as usize] {
            table.write(encoded, out)?;
        }
        first += n;
    }
    if let Table::Parquet(open) = table {
        open.finish(out)?;
    }
    Ok(())
}

enum Table {
    Csv,
    Parquet(Box<parquet::Open>),
}

#[derive(Default)]
struct Encoded {
    text: Vec<u8>,
    columns: Vec<parquet::Chunk>,
}

impl Table {
    fn encode(&self, block: &EdgeBlock, out: &mut Encoded) -> io::Result<()> {
        match self {
            Self::Csv => {
                csv::encode(block, &mut out.text);
                Ok(())
            }
            Self::Parquet(open) => open.encode(block, &mut out.columns),
        }
    }

    fn write(&mut self, encoded: &mut Encoded, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Csv => out.write_all(&encoded.text),
            Self::Parquet(open) => open.write(&mut encoded.columns, out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{TableForm, WriteError, write_edges};
    use crate::tests::read;
    use crate::{EdgeFiles, ReadOptions};
    use assay_model::edges::{EdgeBlock, EdgesError};
    use assay_model::{Go, silent};
    use std::io::{self, Write};

    fn make(i: u64, block: &mut EdgeBlock) {
        block.clear();
        for k in 0..5_000_u64 {
            let x = (i * 5_000 + k).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            block.source.push((x >> 36) as u32);
            block.target.push((x >> 20 & 0xffff) as u32);
            block.at_s.push(1_400_000_000 + (x >> 5 & 0xff_ffff) as i64);
        }
    }

    fn written(form: TableForm) -> Vec<u8> {
        let mut bytes = Vec::new();
        write_edges(form, true, 5, &make, &mut bytes, &mut silent).expect("memory");
        bytes
    }

    #[test]
    fn both_forms_read_back_the_same() {
        let csv = read(vec![("a.csv".to_owned(), written(TableForm::Csv))], ReadOptions::default()).expect("a table");
        assert_eq!(csv.1.counts.rows, 25_000);
        let parquet = vec![("a.parquet".to_owned(), written(TableForm::Parquet))];
        let parquet = read(parquet, ReadOptions::default()).expect("a table");
        assert_eq!((csv.0, csv.1.names, csv.1.counts), (parquet.0, parquet.1.names, parquet.1.counts));
    }

    #[test]
    fn the_bytes_do_not_depend_on_threads() {
        for form in [TableForm::Csv, TableForm::Parquet] {
            let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().expect("a pool");
            let several = rayon::ThreadPoolBuilder::new().num_threads(3).build().expect("a pool");
            assert!(alone.install(|| written(form)) == several.install(|| written(form)), "{form:?}");
        }
    }

    /// Fails once this many bytes were taken.
    struct Full(usize);

    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let n = bytes.len().min(self.0);
            self.0 -= n;
            if n == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(n) }
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_full_disk_is_an_error_wherever_it_strikes() {
        for form in [TableForm::Csv, TableForm::Parquet] {
            let n = written(form).len();
            for room in (0..n).step_by(n / 40).chain([n - 1]) {
                let failed = write_edges(form, true, 5, &make, &mut Full(room), &mut silent);
                assert!(matches!(failed, Err(WriteError::Io(e)) if e.kind() == io::ErrorKind::StorageFull), "{room}");
            }
        }
    }

    #[test]
    fn writing_stops_when_told_to() {
        let stopped = write_edges(TableForm::Csv, true, 5, &make, &mut Vec::new(), &mut |_, _| Go::Stop);
        assert!(matches!(stopped, Err(WriteError::Edges(EdgesError::Stopped))));
    }

    #[test]
    fn a_table_without_rows_can_be_read() {
        for form in [TableForm::Csv, TableForm::Parquet] {
            let mut bytes = Vec::new();
            write_edges(form, false, 0, &make, &mut bytes, &mut silent).expect("memory");
            let opened =
                EdgeFiles::from_memory(vec![("a".to_owned(), bytes)], ReadOptions::default()).expect("a table");
            assert_eq!(opened.expected().rows, 0);
            assert_eq!(opened.read(&mut silent).map(|(_, read)| read.counts.rows), Ok(0), "{form:?}");
        }
    }
}
