//! Edges as Parquet: columns of a block are encoded in memory, and their bytes put behind one another in the file.

use assay_model::edges::EdgeBlock;
use bytes::Bytes;
use parquet::basic::{Compression, Encoding, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use parquet::column::writer::{ColumnCloseResult, ColumnWriter, get_column_writer};
use parquet::errors::ParquetError;
use parquet::file::properties::{EnabledStatistics, WriterProperties, WriterPropertiesPtr, WriterVersion};
use parquet::file::writer::{SerializedFileWriter, SerializedPageWriter, TrackedWrite};
use parquet::schema::types::{SchemaDescPtr, SchemaDescriptor, Type, TypePtr};
use std::io::{self, Write};
use std::sync::Arc;

/// A file that is being written. Its bytes wait in memory until a row group is whole.
pub(super) struct Open {
    file: SerializedFileWriter<Vec<u8>>,
    schema: SchemaDescPtr,
    properties: WriterPropertiesPtr,
    timed: bool,
}

/// An encoded column of a block.
pub(super) type Chunk = (Bytes, ColumnCloseResult);

impl Open {
    pub(super) fn new(timed: bool) -> io::Result<Self> {
        let properties = Arc::new(
            WriterProperties::builder()
                .set_writer_version(WriterVersion::PARQUET_2_0)
                .set_dictionary_enabled(false)
                .set_encoding(Encoding::DELTA_BINARY_PACKED)
                .set_compression(Compression::ZSTD(ZstdLevel::try_new(1).map_err(failed)?))
                .set_statistics_enabled(EnabledStatistics::Chunk)
                .set_offset_index_disabled(true)
                .set_created_by(concat!("assay ", env!("CARGO_PKG_VERSION")).to_owned())
                .build(),
        );
        let root = schema(timed).map_err(failed)?;
        let file = SerializedFileWriter::new(Vec::new(), Arc::clone(&root), Arc::clone(&properties)).map_err(failed)?;
        Ok(Self { file, schema: Arc::new(SchemaDescriptor::new(root)), properties, timed })
    }

    /// Encodes the columns of a block.
    pub(super) fn encode(&self, block: &EdgeBlock, chunks: &mut Vec<Chunk>) -> io::Result<()> {
        chunks.clear();
        let mut values: Vec<i64> = Vec::with_capacity(block.len());
        for column in 0..2 + usize::from(self.timed) {
            values.clear();
            match column {
                0 => values.extend(block.source.iter().map(|id| i64::from(*id))),
                1 => values.extend(block.target.iter().map(|id| i64::from(*id))),
                _ => values.extend(block.at_s.iter().map(|at| at * 1_000)),
            }
            chunks.push(self.chunk(column, &values).map_err(failed)?);
        }
        Ok(())
    }

    fn chunk(&self, column: usize, values: &[i64]) -> Result<Chunk, ParquetError> {
        let mut bytes = TrackedWrite::new(Vec::with_capacity(values.len() * 5));
        let pages = Box::new(SerializedPageWriter::new(&mut bytes));
        let mut writer = get_column_writer(self.schema.column(column), Arc::clone(&self.properties), pages);
        if let ColumnWriter::Int64ColumnWriter(writer) = &mut writer {
            writer.write_batch(values, None, None)?;
        }
        let closed = writer.close()?;
        Ok((Bytes::from(bytes.into_inner()?), closed))
    }

    /// Writes a row group.
    pub(super) fn write(&mut self, chunks: &mut Vec<Chunk>, out: &mut dyn Write) -> io::Result<()> {
        let mut group = self.file.next_row_group().map_err(failed)?;
        for (bytes, closed) in chunks.drain(..) {
            group.append_column(&bytes, closed).map_err(failed)?;
        }
        group.close().map_err(failed)?;
        self.hand_on(out)
    }

    fn hand_on(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.file.flush()?;
        let waiting = self.file.inner_mut();
        out.write_all(waiting)?;
        waiting.clear();
        Ok(())
    }

    /// Writes what stands at the end of a file.
    pub(super) fn finish(mut self: Box<Self>, out: &mut dyn Write) -> io::Result<()> {
        self.file.finish().map_err(failed)?;
        self.hand_on(out)
    }
}

fn schema(timed: bool) -> Result<TypePtr, ParquetError> {
    let column = |name: &str, logical: Option<LogicalType>| {
        Type::primitive_type_builder(name, Physical::INT64)
            .with_repetition(Repetition::REQUIRED)
            .with_logical_type(logical)
            .build()
            .map(Arc::new)
    };
    let mut columns = vec![column("source", None)?, column("target", None)?];
    if timed {
        let utc = LogicalType::timestamp(true, TimeUnit::MILLIS);
        columns.push(column("at", Some(utc))?);
    }
    Type::group_type_builder("edges").with_fields(columns).build().map(Arc::new)
}

fn failed(error: ParquetError) -> io::Error {
    io::Error::other(error)
}
