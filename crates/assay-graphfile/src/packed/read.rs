//! Reads a packed graph, and believes nothing that it says before it is checked.

use super::header::{HEADER_BYTES, Kind, PackedShape, Section, damaged, decode};
use super::sum::Sum;
use super::{names, origin};
use crate::ReadEdges;
use crate::unpack::reading;
use assay_math::graph::{Bipartite, Csr};
use assay_model::edges::{EdgeNames, EdgesError, Kinds, Names};
use assay_model::{Go, Tick};
use std::hash::{BuildHasher as _, RandomState};
use std::io::{Read, Seek, SeekFrom};
use std::sync::Arc;

/// A packed graph, unpacked.
#[derive(Debug)]
pub struct Packed {
    /// What the header says.
    pub shape: PackedShape,
    /// The graph.
    pub graph: Bipartite,
    /// The first time in seconds since 1970, and for each edge, in the order of the sources' rows, the seconds behind it
    /// ([`u32::MAX`] where it has no time); `None` where edges have no times.
    pub times: Option<(i64, Vec<u32>)>,
    /// How sources and targets are called, and what the graph was made of.
    pub read: ReadEdges,
}

/// Bytes read at a time.
pub(super) const CHUNK: usize = 1 << 20;

/// Reads the header alone.
///
/// # Errors
/// If this is no packed graph, or its header is damaged.
pub fn read_shape<F: Read + Seek>(file: &mut F, place: &str) -> Result<PackedShape, EdgesError> {
    header(file, place).map(|(shape, _)| shape)
}

pub(super) fn header<F: Read + Seek>(file: &mut F, place: &str) -> Result<(PackedShape, Vec<Section>), EdgesError> {
    let io = |e| reading(place, &e);
    let bytes = file.seek(SeekFrom::End(0)).map_err(io)?;
    file.seek(SeekFrom::Start(0)).map_err(io)?;
    let mut head = Vec::with_capacity(HEADER_BYTES);
    file.take(HEADER_BYTES as u64).read_to_end(&mut head).map_err(io)?;
    decode(&head, bytes, place)
}

/// Reads a packed graph. `tick` is told bytes.
///
/// # Errors
/// If it is damaged in any way, or the tick says stop.
pub fn read_packed<F: Read + Seek>(file: &mut F, place: &str, tick: &mut Tick<'_>) -> Result<Packed, EdgesError> {
    let (shape, sections) = header(file, place)?;
    let mut reader = Reader::new(file, place, sections, shape.bytes, tick);
    let graph = Bipartite {
        by_source: reader.rows([Kind::SourceOffsets, Kind::SourceRows], shape.n_sources, shape.n_targets, &shape)?,
        by_target: reader.rows([Kind::TargetOffsets, Kind::TargetRows], shape.n_targets, shape.n_sources, &shape)?,
    };
    if !same_edges(&graph) {
        return Err(damaged(place, "one whose directions differ"));
    }
    let times = if shape.timed {
        let mut after_s = vec![0_u32; shape.n_edges as usize];
        reader.numbers(Kind::Times, &mut after_s, u32::from_le_bytes)?;
        Some((shape.first_s, after_s))
    } else {
        None
    };
    let read = read_beside(&mut reader, &shape)?;
    Ok(Packed { shape, graph, times, read })
}

/// Reads what stands beside the edges: names, and what the graph was made of.
pub(super) fn read_beside<F: Read + Seek>(
    reader: &mut Reader<'_, '_, F>,
    shape: &PackedShape,
) -> Result<ReadEdges, EdgesError> {
    let place = reader.place;
    let sources = Arc::new(reader.names(Kind::SourceNames, shape.n_sources)?);
    let targets = match shape.kinds {
        Kinds::One if shape.n_sources != shape.n_targets => return Err(damaged(place, "one kind with two counts")),
        Kinds::One => None,
        Kinds::Two => Some(Arc::new(reader.names(Kind::TargetNames, shape.n_targets)?)),
    };
    let told = origin::decode(&reader.bytes(Kind::Origin)?);
    let mut read = told.ok_or_else(|| damaged(place, "one that does not tell what it was made of"))?;
    read.names = EdgeNames { sources, targets };
    Ok(read)
}

/// Whether both directions hold the same edges: the sums over their hashes agree, under keys that no file can know.
fn same_edges(graph: &Bipartite) -> bool {
    let state = RandomState::new();
    let (key, factor) = (state.hash_one(1), state.hash_one(2) | 1);
    let hash = |s: u32, t: u32| {
        let product = u128::from((u64::from(s) << 32 | u64::from(t)) ^ key) * u128::from(factor);
        (product >> 64) as u64 ^ product as u64
    };
    let sum = |csr: &Csr, of: &dyn Fn(u32, u32) -> u64| {
        (0..csr.n()).fold(0_u64, |sum, i| csr.neighbours(i).iter().fold(sum, |sum, j| sum.wrapping_add(of(i, *j))))
    };
    sum(&graph.by_source, &|i, j| hash(i, j)) == sum(&graph.by_target, &|i, j| hash(j, i))
}

pub(super) struct Reader<'a, 't, F> {
    file: &'a mut F,
    place: &'a str,
    sections: Vec<Section>,
    done: u64,
    total: u64,
    tick: &'a mut Tick<'t>,
}

impl<'a, 't, F: Read + Seek> Reader<'a, 't, F> {
    pub(super) fn new(
        file: &'a mut F,
        place: &'a str,
        sections: Vec<Section>,
        total: u64,
        tick: &'a mut Tick<'t>,
    ) -> Self {
        Self { file, place, sections, done: 0, total, tick }
    }

    pub(super) fn section(&self, kind: Kind) -> Result<Section, EdgesError> {
        let found = self.sections.iter().find(|s| s.kind == kind as u32);
        found.copied().ok_or_else(|| damaged(self.place, format!("one without its {kind:?}")))
    }

    /// Hands the bytes of a section over in parts of at most [`CHUNK`] and checks their sum.
    fn parts(&mut self, section: Section, each: &mut dyn FnMut(&[u8])) -> Result<(), EdgesError> {
        self.file.seek(SeekFrom::Start(section.at)).map_err(|e| reading(self.place, &e))?;
        let mut sum = Sum::default();
        let mut buffer = vec![0; CHUNK.min(section.bytes as usize)];
        let mut left = section.bytes;
        while left > 0 {
            let n = left.min(CHUNK as u64) as usize;
            self.file.read_exact(&mut buffer[..n]).map_err(|e| reading(self.place, &e))?;
            sum.add(&buffer[..n]);
            each(&buffer[..n]);
            left -= n as u64;
            self.done += n as u64;
            if (self.tick)(self.done, self.total) == Go::Stop {
                return Err(EdgesError::Stopped);
            }
        }
        if sum.finish() == section.sum { Ok(()) } else { Err(damaged(self.place, "one that is damaged")) }
    }

    fn bytes(&mut self, kind: Kind) -> Result<Vec<u8>, EdgesError> {
        let section = self.section(kind)?;
        // The header was held against the size of the file: there are as many bytes.
        let mut all = Vec::with_capacity(section.bytes as usize);
        self.parts(section, &mut |part| all.extend_from_slice(part))?;
        Ok(all)
    }

    /// Reads a section of numbers that must be as many as there is room for.
    fn numbers<T, const N: usize>(
        &mut self,
        kind: Kind,
        out: &mut [T],
        from: fn([u8; N]) -> T,
    ) -> Result<(), EdgesError> {
        let section = self.section(kind)?;
        if section.bytes != out.len() as u64 * N as u64 {
            return Err(damaged(self.place, format!("one with {} bytes of {kind:?}", section.bytes)));
        }
        let mut free = out.iter_mut();
        self.parts(section, &mut |part| {
            for (number, slot) in part.chunks_exact(N).zip(&mut free) {
                if let Ok(number) = number.try_into() {
                    *slot = from(number);
                }
            }
        })
    }

    /// The sections of rows, if they have the lengths that the header tells: before any memory is given to them.
    pub(super) fn sections_of(
        &self,
        [offsets, rows]: [Kind; 2],
        n: u32,
        shape: &PackedShape,
    ) -> Result<[Section; 2], EdgesError> {
        let found = [self.section(offsets)?, self.section(rows)?];
        if found[0].bytes != 8 * (u64::from(n) + 1) || Some(found[1].bytes) != shape.n_edges.checked_mul(4) {
            return Err(damaged(self.place, "one whose sections and counts differ"));
        }
        Ok(found)
    }

    fn rows(
        &mut self,
        [offsets, rows]: [Kind; 2],
        n: u32,
        n_columns: u32,
        shape: &PackedShape,
    ) -> Result<Csr, EdgesError> {
        self.sections_of([offsets, rows], n, shape)?;
        let laid_out = Csr::laid_out(n, shape.n_edges, n_columns, |starts, neighbours| {
            self.numbers(offsets, starts, u64::from_le_bytes)?;
            self.numbers(rows, neighbours, u32::from_le_bytes)
        })?;
        laid_out.ok_or_else(|| damaged(self.place, "one whose rows are out of order"))
    }

    fn names(&mut self, kind: Kind, n: u32) -> Result<Names, EdgesError> {
        let names = names::read(self.bytes(kind)?).filter(|names| names.len() == n as usize);
        names.ok_or_else(|| damaged(self.place, "one whose names are damaged"))
    }
}
