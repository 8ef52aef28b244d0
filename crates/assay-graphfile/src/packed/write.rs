//! Writes a packed graph: the header last, so that a file that is not whole has none.

use super::header::{HEADER_BYTES, Kind, PackedShape, Section, encode};
use super::sum::Sum;
use super::{ToPack, names, origin};
use crate::WriteError;
use assay_math::graph::Csr;
use assay_model::edges::EdgesError;
use assay_model::{Go, Tick};
use std::io::{self, Seek, SeekFrom, Write};

/// Sections of files larger than this begin at multiples of 2 MiB.
const SMALL_BYTES: u64 = 64 << 20;

/// Writes a graph in packed form. `tick` is told edges of both directions.
///
/// # Errors
/// If `out` fails, or the tick says stop.
///
/// # Panics
/// If there is not a time for each edge.
pub fn write_packed<W: Write + Seek + ?Sized>(
    packed: &ToPack<'_>,
    out: &mut W,
    tick: &mut Tick<'_>,
) -> Result<(), WriteError> {
    let graph = packed.graph;
    if let Some(times) = packed.times {
        assert_eq!(times.after_s.len() as u64, graph.n_edges(), "a time for each edge");
    }
    let estimate = 8 * graph.n_edges() + 8 * u64::from(graph.n_sources()) + 8 * u64::from(graph.n_targets());
    let mut writer = Writer {
        out,
        at: 0,
        align: if estimate > SMALL_BYTES { 2 << 20 } else { HEADER_BYTES as u64 },
        sum: Sum::default(),
        sections: Vec::new(),
    };
    writer.out.write_all(&[0; HEADER_BYTES])?;
    writer.at = HEADER_BYTES as u64;
    let total = 2 * graph.n_edges();
    let mut done = 0;
    writer.rows(&graph.by_source, [Kind::SourceOffsets, Kind::SourceRows], &mut done, total, tick)?;
    writer.rows(&graph.by_target, [Kind::TargetOffsets, Kind::TargetRows], &mut done, total, tick)?;
    if let Some(times) = packed.times {
        writer.section(Kind::Times, |out| numbers(times.after_s, out))?;
    }
    writer.section(Kind::SourceNames, |out| names::write(&packed.read.names.sources, out))?;
    if let Some(targets) = &packed.read.names.targets {
        writer.section(Kind::TargetNames, |out| names::write(targets, out))?;
    }
    writer.section(Kind::Origin, |out| out.write_all(&origin::encode(packed.read)))?;
    let shape = PackedShape {
        n_sources: graph.n_sources(),
        n_targets: graph.n_targets(),
        n_edges: graph.n_edges(),
        timed: packed.times.is_some(),
        kinds: packed.kinds,
        first_s: packed.times.map_or(0, |times| times.first_s),
        bytes: writer.at,
    };
    let header = encode(&shape, &writer.sections);
    writer.out.seek(SeekFrom::Start(0))?;
    writer.out.write_all(&header)?;
    writer.out.seek(SeekFrom::Start(shape.bytes))?;
    writer.out.flush()?;
    Ok(())
}

struct Writer<'a, W: ?Sized> {
    out: &'a mut W,
    at: u64,
    align: u64,
    sum: Sum,
    sections: Vec<Section>,
}

/// Bytes on their way into a section.
impl<W: Write + ?Sized> Write for Writer<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.sum.add(&bytes[..n]);
        self.at += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

impl<W: Write + ?Sized> Writer<'_, W> {
    fn section(&mut self, kind: Kind, fill: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
        self.begin()?;
        let at = self.at;
        fill(self)?;
        self.end(kind, at);
        Ok(())
    }

    fn begin(&mut self) -> io::Result<()> {
        let padding = self.at.next_multiple_of(self.align) - self.at;
        io::copy(&mut io::Read::take(io::repeat(0), padding), &mut self.out)?;
        self.at += padding;
        self.sum = Sum::default();
        Ok(())
    }

    fn end(&mut self, kind: Kind, at: u64) {
        let sum = std::mem::take(&mut self.sum).finish();
        self.sections.push(Section { kind: kind as u32, at, bytes: self.at - at, sum });
    }

    fn rows(
        &mut self,
        csr: &Csr,
        [offsets, rows]: [Kind; 2],
        done: &mut u64,
        total: u64,
        tick: &mut Tick<'_>,
    ) -> Result<(), WriteError> {
        const CHUNK: usize = 1 << 20;
        let mut bytes = Vec::with_capacity(CHUNK + 8);
        self.begin()?;
        let at = self.at;
        for i in 0..csr.n() {
            bytes.extend_from_slice(&csr.first_edge(i).to_le_bytes());
            if bytes.len() >= CHUNK {
                self.write_all(&bytes)?;
                bytes.clear();
            }
        }
        bytes.extend_from_slice(&csr.n_edges().to_le_bytes());
        self.write_all(&bytes)?;
        self.end(offsets, at);
        bytes.clear();
        self.begin()?;
        let at = self.at;
        for i in 0..csr.n() {
            for neighbours in csr.neighbours(i).chunks(CHUNK / 4) {
                bytes.extend(neighbours.iter().flat_map(|n| n.to_le_bytes()));
                *done += neighbours.len() as u64;
                if bytes.len() >= CHUNK {
                    self.write_all(&bytes)?;
                    bytes.clear();
                    if tick(*done, total) == Go::Stop {
                        return Err(EdgesError::Stopped.into());
                    }
                }
            }
        }
        self.write_all(&bytes)?;
        self.end(rows, at);
        Ok(())
    }
}

fn numbers(numbers: &[u32], out: &mut dyn Write) -> io::Result<()> {
    let mut bytes = Vec::new();
    for chunk in numbers.chunks(1 << 18) {
        bytes.clear();
        bytes.extend(chunk.iter().flat_map(|n| n.to_le_bytes()));
        out.write_all(&bytes)?;
    }
    Ok(())
}
