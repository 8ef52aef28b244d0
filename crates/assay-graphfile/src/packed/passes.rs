//! The edges of a packed graph pass by pass, for graphs that do not fit into memory whole.
//!
//! Rows of sources alone are read: a graph that is built of them has the other direction by itself. Every pass checks what it reads as
//! [`super::read_packed`] does: sums, counts, order and bounds.

use super::header::{Kind, PackedShape, Section, damaged};
use super::read::{CHUNK, Reader, header, read_beside};
use super::sum::Sum;
use crate::ReadEdges;
use crate::unpack::reading;
use assay_model::edges::{BLOCK_EDGES, EdgeBlock, EdgePasses, EdgeShape, EdgesError, NO_TIME};
use assay_model::{Go, Tick};
use std::io::{Read, Seek, SeekFrom};

/// A packed graph whose edges are read again at every pass, in the order of (source, target) and each once.
#[derive(Debug)]
pub struct PackedPasses<F> {
    file: F,
    place: String,
    shape: PackedShape,
    offsets: Section,
    rows: Section,
    times: Option<Section>,
}

impl<F: Read + Seek> PackedPasses<F> {
    /// Reads the header and the names, and no edge. `tick` is told bytes.
    ///
    /// # Errors
    /// If either is damaged, or the tick says stop.
    pub fn open(mut file: F, place: &str, tick: &mut Tick<'_>) -> Result<(Self, ReadEdges), EdgesError> {
        let (shape, sections) = header(&mut file, place)?;
        let mut reader = Reader::new(&mut file, place, sections, shape.bytes, tick);
        let [offsets, rows] = reader.sections_of([Kind::SourceOffsets, Kind::SourceRows], shape.n_sources, &shape)?;
        let times = if shape.timed { Some(reader.section(Kind::Times)?) } else { None };
        if times.is_some_and(|times| times.bytes != rows.bytes) {
            return Err(damaged(place, "one with too few or too many times"));
        }
        let read = read_beside(&mut reader, &shape)?;
        Ok((Self { file, place: place.to_owned(), shape, offsets, rows, times }, read))
    }
}

impl<F: Read + Seek> EdgePasses for PackedPasses<F> {
    fn shape(&self) -> EdgeShape {
        let PackedShape { n_sources, n_targets, n_edges, timed, kinds, .. } = self.shape;
        EdgeShape { n_sources, n_targets, n_edges, timed, weighted: false, kinds }
    }

    fn pass(&mut self, each: &mut dyn FnMut(&EdgeBlock) -> Go) -> Result<(), EdgesError> {
        let (file, place) = (&mut self.file, self.place.as_str());
        let wrong = || damaged(place, "one whose rows are out of order");
        let mut offsets = Numbers::new(self.offsets);
        let mut rows = Numbers::new(self.rows);
        let mut times = self.times.map(Numbers::new);
        let mut block = EdgeBlock::default();
        let mut begin = u64::from_le_bytes(offsets.next(file, place)?);
        if begin != 0 {
            return Err(wrong());
        }
        for source in 0..self.shape.n_sources {
            let end = u64::from_le_bytes(offsets.next(file, place)?);
            if end < begin || end > self.shape.n_edges {
                return Err(wrong());
            }
            let mut before = None;
            for _ in begin..end {
                let target = u32::from_le_bytes(rows.next(file, place)?);
                if target >= self.shape.n_targets || before.is_some_and(|before| target <= before) {
                    return Err(wrong());
                }
                before = Some(target);
                block.source.push(source);
                block.target.push(target);
                if let Some(times) = &mut times {
                    let after_s = u32::from_le_bytes(times.next(file, place)?);
                    let at_s = self.shape.first_s.saturating_add(i64::from(after_s));
                    block.at_s.push(if after_s == u32::MAX { NO_TIME } else { at_s });
                }
                if block.len() == BLOCK_EDGES {
                    if each(&block) == Go::Stop {
                        return Err(EdgesError::Stopped);
                    }
                    block.clear();
                }
            }
            begin = end;
        }
        if begin != self.shape.n_edges {
            return Err(wrong());
        }
        if !block.is_empty() && each(&block) == Go::Stop {
            return Err(EdgesError::Stopped);
        }
        let whole = offsets.ends_well() && rows.ends_well() && times.is_none_or(Numbers::ends_well);
        if whole { Ok(()) } else { Err(damaged(place, "one that is damaged")) }
    }
}

/// The numbers of a section one by one, read in parts.
struct Numbers {
    section: Section,
    /// Bytes read so far, and those of them that were not handed over.
    done: u64,
    buffer: Vec<u8>,
    next: usize,
    sum: Sum,
}

impl Numbers {
    fn new(section: Section) -> Self {
        Self { section, done: 0, buffer: Vec::new(), next: 0, sum: Sum::default() }
    }

    /// The next number, of so many bytes: a part is a multiple of it.
    fn next<const N: usize>(&mut self, file: &mut (impl Read + Seek), place: &str) -> Result<[u8; N], EdgesError> {
        if self.next == self.buffer.len() {
            let n = (self.section.bytes - self.done).min(CHUNK as u64) as usize;
            let io = |e| reading(place, &e);
            file.seek(SeekFrom::Start(self.section.at + self.done)).map_err(io)?;
            self.buffer.resize(n, 0);
            file.read_exact(&mut self.buffer).map_err(io)?;
            self.sum.add(&self.buffer);
            (self.done, self.next) = (self.done + n as u64, 0);
        }
        let number = self.buffer.get(self.next..self.next + N).and_then(|bytes| bytes.try_into().ok());
        self.next += N;
        number.ok_or_else(|| damaged(place, "one that is cut off"))
    }

    /// Whether the section was read to its end, and its sum is right.
    fn ends_well(self) -> bool {
        self.done == self.section.bytes && self.sum.finish() == self.section.sum
    }
}
