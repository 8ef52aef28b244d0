//! The header of a packed graph.

use super::sum::Sum;
use assay_model::edges::{EdgesError, Kinds};

/// Bytes of the header.
pub(super) const HEADER_BYTES: usize = 4_096;
const MAGIC: &[u8; 8] = b"ASSAYGR\x01";
const VERSION: u32 = 1;
const SECTIONS_MAX: usize = 16;

/// What a section holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    SourceOffsets = 1,
    SourceRows = 2,
    TargetOffsets = 3,
    TargetRows = 4,
    Times = 5,
    SourceNames = 6,
    TargetNames = 7,
    Origin = 8,
}

/// Where a section stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Section {
    pub(super) kind: u32,
    pub(super) at: u64,
    pub(super) bytes: u64,
    pub(super) sum: u64,
}

/// What the header of a packed graph says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackedShape {
    /// Sources are numbered below this.
    pub n_sources: u32,
    /// Targets are numbered below this.
    pub n_targets: u32,
    /// Edges, each once.
    pub n_edges: u64,
    /// Whether edges have times.
    pub timed: bool,
    /// Whether both sides are of one kind.
    pub kinds: Kinds,
    /// The time that the times of edges are told from.
    pub(super) first_s: i64,
    /// Bytes of the file.
    pub bytes: u64,
}

/// Whether a file that begins like this is a packed graph.
pub fn is_packed(head: &[u8]) -> bool {
    head.starts_with(&MAGIC[..7])
}

pub(super) fn encode(shape: &PackedShape, sections: &[Section]) -> Vec<u8> {
    let mut out = Vec::with_capacity(HEADER_BYTES);
    out.extend_from_slice(MAGIC);
    out.extend_from_slice(&VERSION.to_le_bytes());
    let flags = u32::from(shape.timed) | u32::from(shape.kinds == Kinds::One) << 1;
    for part in [flags, shape.n_sources, shape.n_targets] {
        out.extend_from_slice(&part.to_le_bytes());
    }
    out.extend_from_slice(&shape.n_edges.to_le_bytes());
    out.extend_from_slice(&shape.first_s.to_le_bytes());
    out.extend_from_slice(&shape.bytes.to_le_bytes());
    out.extend_from_slice(&(sections.len() as u64).to_le_bytes());
    for section in sections {
        for part in [u64::from(section.kind), section.at, section.bytes, section.sum] {
            out.extend_from_slice(&part.to_le_bytes());
        }
    }
    out.resize(HEADER_BYTES - 8, 0);
    let sum = Sum::of(&out);
    out.extend_from_slice(&sum.to_le_bytes());
    out
}

pub(super) fn damaged(place: &str, found: impl Into<String>) -> EdgesError {
    EdgesError::new("a whole packed graph", found, place, "pack the table again: `assay graph pack`")
}

/// Numbers one behind the other.
struct Parts<'a>(&'a [u8]);

impl Parts<'_> {
    fn u32(&mut self) -> u32 {
        let (part, rest) = self.0.split_at(4);
        self.0 = rest;
        u32::from_le_bytes(part.try_into().unwrap_or_default())
    }

    fn u64(&mut self) -> u64 {
        let (part, rest) = self.0.split_at(8);
        self.0 = rest;
        u64::from_le_bytes(part.try_into().unwrap_or_default())
    }
}

/// Reads a header, of a file of this many bytes.
pub(super) fn decode(header: &[u8], file_bytes: u64, place: &str) -> Result<(PackedShape, Vec<Section>), EdgesError> {
    if !is_packed(header) {
        return Err(EdgesError::new(
            "a packed graph",
            "something else",
            place,
            "`assay graph pack` makes one of a table of edges",
        ));
    }
    if header.len() < HEADER_BYTES {
        return Err(damaged(place, "one that is cut off"));
    }
    let mut parts = Parts(&header[8..HEADER_BYTES]);
    let version = parts.u32();
    if header[7] != MAGIC[7] || version != VERSION {
        return Err(damaged(place, "one that another version of assay has written"));
    }
    let (body, sum) = header[..HEADER_BYTES].split_at(HEADER_BYTES - 8);
    if Sum::of(body) != u64::from_le_bytes(sum.try_into().unwrap_or_default()) {
        return Err(damaged(place, "one whose header is damaged"));
    }
    let (flags, n_sources, n_targets) = (parts.u32(), parts.u32(), parts.u32());
    let shape = PackedShape {
        n_sources,
        n_targets,
        n_edges: parts.u64(),
        timed: flags & 1 == 1,
        kinds: if flags & 2 == 2 { Kinds::One } else { Kinds::Two },
        first_s: parts.u64() as i64,
        bytes: parts.u64(),
    };
    if file_bytes != shape.bytes {
        return Err(damaged(place, format!("{file_bytes} bytes of {}", shape.bytes)));
    }
    let n = parts.u64() as usize;
    if n > SECTIONS_MAX {
        return Err(damaged(place, format!("one that tells of {n} sections")));
    }
    let mut sections = Vec::with_capacity(n);
    for _ in 0..n {
        let (kind, at, bytes, sum) = (parts.u64() as u32, parts.u64(), parts.u64(), parts.u64());
        if at.checked_add(bytes).is_none_or(|end| end > file_bytes) {
            return Err(damaged(place, "one with a section beyond its end"));
        }
        sections.push(Section { kind, at, bytes, sum });
    }
    Ok((shape, sections))
}
