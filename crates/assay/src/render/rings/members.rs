//! Who is in which ring: one row for each account of each ring, as CSV or Parquet.

use crate::render::verdicts::not_a_formula;
use crate::report::RingsReport;
use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::Arc;

/// The columns of the table.
const SCHEMA: &str = "message members {
    required int64 ring;
    required binary account (UTF8);
    required binary side (UTF8);
    required double score;
    required int64 edges;
    required binary kind (UTF8);
}";

/// A row: an account of a ring.
struct Member<'a> {
    ring: i64,
    account: Cow<'a, str>,
    side: &'static str,
    score: f64,
    n_edges: u32,
    kind: &'static str,
}

/// All rows, ring after ring: sources, targets, then accounts that are tied by a burst alone.
fn members(report: &RingsReport) -> impl Iterator<Item = Member<'_>> {
    let names = &report.names;
    (1..).zip(&report.rings.rings).flat_map(move |(ring, found)| {
        let source = move |m: &assay_model::RingMember, kind| Member {
            ring,
            account: names.source(m.account),
            side: "source",
            score: m.score,
            n_edges: m.n_edges,
            kind,
        };
        let sources = found.sources.iter().map(move |m| source(m, "member"));
        let targets = found.targets.iter().map(move |t| Member {
            ring,
            account: names.target(t.account),
            side: "target",
            score: t.score,
            n_edges: t.n_edges,
            kind: "member",
        });
        sources.chain(targets).chain(found.singles.iter().map(move |m| source(m, "single")))
    })
}

/// Writes `ring,account,side,score,edges,kind`: the ring's id, the account as the input writes it, `source` or `target`, the
/// probability that it belongs (0..1, full precision), its edges within the ring, and `member`, or `single` for an account
/// with one edge that came in a burst. A cell that begins like a formula gets a `'` before it.
///
/// # Errors
/// When `out` cannot be written to.
pub fn members_csv(report: &RingsReport, out: impl Write) -> io::Result<()> {
    let mut csv = csv::WriterBuilder::new().buffer_capacity(1 << 20).from_writer(out);
    csv.write_record(["ring", "account", "side", "score", "edges", "kind"])?;
    let (mut ring, mut score, mut edges) = (String::new(), String::new(), String::new());
    for member in members(report) {
        ring.clear();
        score.clear();
        edges.clear();
        let _ = write!(ring, "{}", member.ring);
        let _ = write!(score, "{}", member.score);
        let _ = write!(edges, "{}", member.n_edges);
        csv.write_record([&ring, &*not_a_formula(&member.account), member.side, &score, &edges, member.kind])?;
    }
    csv.flush()
}

/// The same rows and columns as Parquet, accounts as the input writes them. The file is made in memory.
///
/// # Errors
/// When `out` cannot be written to.
pub fn members_parquet(report: &RingsReport, mut out: impl Write) -> io::Result<()> {
    out.write_all(&parquet_of(report).map_err(io::Error::other)?)
}

fn parquet_of(report: &RingsReport) -> Result<Vec<u8>, ParquetError> {
    let schema = Arc::new(parse_message_type(SCHEMA)?);
    let compression = Compression::ZSTD(ZstdLevel::try_new(1)?);
    let properties = Arc::new(WriterProperties::builder().set_compression(compression).build());
    let mut bytes = Vec::new();
    let mut file = SerializedFileWriter::new(&mut bytes, schema, properties)?;
    let mut group = file.next_row_group()?;
    column::<Int64Type>(&mut group, members(report).map(|m| m.ring))?;
    column::<ByteArrayType>(&mut group, members(report).map(|m| ByteArray::from(&*m.account)))?;
    column::<ByteArrayType>(&mut group, members(report).map(|m| ByteArray::from(m.side)))?;
    column::<DoubleType>(&mut group, members(report).map(|m| m.score))?;
    column::<Int64Type>(&mut group, members(report).map(|m| i64::from(m.n_edges)))?;
    column::<ByteArrayType>(&mut group, members(report).map(|m| ByteArray::from(m.kind)))?;
    group.close()?;
    file.close()?;
    Ok(bytes)
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, &mut Vec<u8>>,
    values: impl Iterator<Item = T::T>,
) -> Result<(), ParquetError> {
    let values: Vec<T::T> = values.collect();
    if let Some(mut column) = group.next_column()? {
        column.typed::<T>().write_batch(&values, None, None)?;
        column.close()?;
    }
    Ok(())
}
