//! Packed graphs come back as they were; damaged ones are refused, wherever the damage is.

use super::{Packed, PackedPasses, PackedTimes, ToPack, is_packed, read_packed, read_shape, write_packed};
use crate::tests::{files, read};
use crate::{ReadEdges, ReadOptions, WriteError};
use assay_math::graph::{Bipartite, PairSlices, build};
use assay_model::edges::{EdgeBlock, EdgePasses as _, EdgesError, Kinds, NO_TIME};
use assay_model::{Go, silent};
use std::io::{self, Cursor, Seek, SeekFrom, Write};

struct Made {
    graph: Bipartite,
    times: Option<(i64, Vec<u32>)>,
    kinds: Kinds,
    read: ReadEdges,
}

fn made(text: &str, kinds: Kinds) -> Made {
    let (table, read) =
        read(files(&[("a.csv", text)]), ReadOptions { kinds, ..ReadOptions::default() }).expect("a table");
    let (shape, edges) = (table.shape(), table.edges());
    let mut pairs = PairSlices { sources: &edges.source, targets: &edges.target };
    let graph = build(shape.n_sources, shape.n_targets, &mut pairs, None, &mut silent).expect("a graph").graph;
    // A table in order has its edges in the order of the graph's rows.
    let times = shape.timed.then(|| {
        let first = edges.at_s.iter().copied().filter(|at| *at != NO_TIME).min().expect("a time");
        let after = |at: &i64| if *at == NO_TIME { u32::MAX } else { (at - first) as u32 };
        (first, edges.at_s.iter().map(after).collect())
    });
    Made { graph, times, kinds, read }
}

impl Made {
    fn pack<W: Write + Seek>(&self, out: &mut W) -> Result<(), WriteError> {
        let times = self.times.as_ref().map(|(first_s, after_s)| PackedTimes { first_s: *first_s, after_s });
        write_packed(&ToPack { graph: &self.graph, times, kinds: self.kinds, read: &self.read }, out, &mut silent)
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        self.pack(&mut out).expect("memory");
        out.into_inner()
    }
}

fn unpack(bytes: &[u8]) -> Result<Packed, EdgesError> {
    read_packed(&mut Cursor::new(bytes), "g.assaygraph", &mut silent)
}

const TIMED: &str = "source,target,at\n5,1,1376208488\n7,2,\n5,2,1376208400\n9,1,1376209000\n";
const TEXTS: &str = "source,target\nanna,shop\nben,shop\nben,\u{e9}t\u{e9}\n,x\n";
const LARGE_IDS: &str = "source,target\n70000000000,8\n8,70000000000\n9,9\n";

#[test]
fn graphs_come_back_as_they_were() {
    for (text, kinds) in
        [(TIMED, Kinds::Two), (TEXTS, Kinds::Two), (LARGE_IDS, Kinds::One), ("source,target\n", Kinds::Two)]
    {
        let made = made(text, kinds);
        let bytes = made.bytes();
        assert!(is_packed(&bytes));
        let packed = unpack(&bytes).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((&packed.graph, &packed.times, &packed.read), (&made.graph, &made.times, &made.read));
        assert_eq!(read_shape(&mut Cursor::new(&bytes), ""), Ok(packed.shape));
        assert_eq!((packed.shape.kinds, packed.shape.bytes), (kinds, bytes.len() as u64));
    }
}

/// The edges of a pass, all together.
fn passed(bytes: &[u8]) -> Result<(EdgeBlock, ReadEdges), EdgesError> {
    let (mut passes, read) = PackedPasses::open(Cursor::new(bytes), "g.assaygraph", &mut silent)?;
    let mut all = EdgeBlock::default();
    let mut each = |block: &EdgeBlock| {
        all.source.extend(&block.source);
        all.target.extend(&block.target);
        all.at_s.extend(&block.at_s);
        Go::On
    };
    passes.pass(&mut each)?;
    let n = passes.shape().n_edges as usize;
    passes.pass(&mut |block| {
        assert_eq!(block.source, all.source[..n], "a second pass is as the first");
        Go::On
    })?;
    Ok((all, read))
}

#[test]
fn passes_hand_over_the_edges_that_were_packed() {
    for (text, kinds) in
        [(TIMED, Kinds::Two), (TEXTS, Kinds::Two), (LARGE_IDS, Kinds::One), ("source,target\n", Kinds::Two)]
    {
        let (table, _) =
            read(files(&[("a.csv", text)]), ReadOptions { kinds, ..ReadOptions::default() }).expect("a table");
        let made = made(text, kinds);
        let (all, told) = passed(&made.bytes()).unwrap_or_else(|e| panic!("{e}"));
        assert_eq!((&all, &told), (table.edges(), &made.read));
    }
    let bytes = made(TIMED, Kinds::Two).bytes();
    let (mut passes, _) = PackedPasses::open(Cursor::new(&bytes), "", &mut silent).expect("whole");
    assert_eq!(passes.pass(&mut |_| Go::Stop), Err(EdgesError::Stopped));
}

#[test]
fn passes_over_what_is_damaged_or_cut_off_are_refused() {
    let bytes = made(TIMED, Kinds::Two).bytes();
    let whole = passed(&bytes).expect("whole");
    for n in (0..bytes.len()).step_by(61) {
        assert!(passed(&bytes[..n]).is_err(), "{n}");
    }
    let mut n_noticed = 0;
    for i in 0..bytes.len() {
        let mut other = bytes.clone();
        other[i] ^= 0x41;
        match passed(&other) {
            Err(_) => n_noticed += 1,
            // The other direction is not read.
            Ok(same) => assert_eq!(same, whole, "{i}"),
        }
    }
    assert!(n_noticed > 4_096, "{n_noticed}");
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    let bytes = made(TIMED, Kinds::Two).bytes();
    for n in (0..bytes.len()).step_by(61).chain(0..200).chain(bytes.len() - 200..bytes.len()) {
        let error = unpack(&bytes[..n]).expect_err("cut off").to_string();
        assert!(error.contains("g.assaygraph\nhint: "), "{error}");
    }
}

#[test]
fn a_changed_byte_is_noticed_unless_nothing_stands_there() {
    let whole = unpack(&made(TIMED, Kinds::Two).bytes()).expect("whole");
    let bytes = made(TIMED, Kinds::Two).bytes();
    let mut n_noticed = 0;
    for i in 0..bytes.len() {
        let mut other = bytes.clone();
        other[i] ^= 0x41;
        match unpack(&other) {
            Err(_) => n_noticed += 1,
            // Between sections there are zeros that nobody reads.
            Ok(packed) => assert!(bytes[i] == 0 && packed.graph == whole.graph && packed.read == whole.read, "{i}"),
        }
    }
    assert!(n_noticed > 4_096, "{n_noticed}");
}

/// A file that fails once this many bytes were written.
struct Full {
    inner: Cursor<Vec<u8>>,
    room: usize,
}

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = bytes.len().min(self.room);
        self.room -= n;
        if n == 0 && !bytes.is_empty() { Err(io::ErrorKind::StorageFull.into()) } else { self.inner.write(&bytes[..n]) }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for Full {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.inner.seek(to)
    }
}

#[test]
fn what_a_full_disk_leaves_is_no_packed_graph() {
    let made = made(TIMED, Kinds::Two);
    // The header is written twice: as zeros, and last.
    let n = made.bytes().len() + 4_096;
    for room in (0..n).step_by(509).chain([n - 1]) {
        let mut full = Full { inner: Cursor::new(Vec::new()), room };
        assert!(
            matches!(made.pack(&mut full), Err(WriteError::Io(e)) if e.kind() == io::ErrorKind::StorageFull),
            "{room}"
        );
        assert!(unpack(full.inner.get_ref()).is_err(), "{room}");
    }
}

#[test]
fn packing_and_reading_stop_when_told_to() {
    let made = made(TIMED, Kinds::Two);
    let mut stop = |_, _| Go::Stop;
    let read = read_packed(&mut Cursor::new(made.bytes()), "g", &mut stop);
    assert_eq!(read.map(drop), Err(EdgesError::Stopped));
}
