//! Writes inputs for the fuzzer of edges: a small file of every kind that is read.
//!
//! `cargo run -p assay-graphfile --example write_seeds -- FOLDER`

use assay_graphfile::{EdgeFiles, ReadOptions, TableForm, ToPack, write_edges, write_packed};
use assay_math::graph::{PairSlices, build};
use assay_model::edges::{EdgeBlock, EdgePasses as _, Kinds};
use assay_model::silent;
use std::error::Error;
use std::io::{Cursor, Write as _};
use std::path::PathBuf;

const CSV: &[u8] = b"source,target,at,weight,note\n5,1,1376208488,2,\"a \"\"b\"\"\nc\"\n7,2,2013-08-11T08:08:08Z,,\n70000000000,2,,1.5,x\n";

fn main() -> Result<(), Box<dyn Error>> {
    let folder: PathBuf = std::env::args_os().nth(1).ok_or("expected a folder")?.into();
    std::fs::create_dir_all(&folder)?;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(CSV)?;
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("edges.csv", zip::write::SimpleFileOptions::default())?;
    zip.write_all(CSV)?;
    let mut parquet = Vec::new();
    let make = |i, block: &mut EdgeBlock| {
        block.clear();
        block.source.extend([1, 2, 3 + i as u32]);
        block.target.extend([4, 4, 5]);
        block.at_s.extend([1_376_208_488, 1_376_208_489, 1_400_000_000]);
    };
    write_edges(TableForm::Parquet, true, 2, &make, &mut parquet, &mut silent).map_err(|e| format!("{e:?}"))?;
    let seeds: [(&str, Vec<u8>); 10] = [
        ("csv", CSV.to_vec()),
        ("tsv", b"\xef\xbb\xbffollower\tfollowee\nanna\tshop\nben\tshop\nanna\tanna\n".to_vec()),
        ("snap", b"# a comment\n# FromNodeId\tToNodeId\n1 2\n2 1\n3 3\n".to_vec()),
        ("headless", b"1;2;2013-08-11\n3;4;2013-08-12\n".to_vec()),
        (
            "json",
            b"{\"actor\":\"anna\",\"repo\":7,\"starred_at\":1376208488000}\n{\"actor\":9,\"repo\":\"\\u00e9\"}\n"
                .to_vec(),
        ),
        ("gzip", gzip.finish()?),
        ("zstd", zstd::encode_all(CSV, 1)?),
        ("zip", zip.finish()?.into_inner()),
        ("parquet", parquet),
        ("packed", packed()?),
    ];
    for (name, bytes) in seeds {
        for how in 0..4 {
            std::fs::write(folder.join(format!("{name}_{how}")), [&[how], &bytes[..]].concat())?;
        }
    }
    Ok(())
}

fn packed() -> Result<Vec<u8>, Box<dyn Error>> {
    let files = vec![("a.csv".to_owned(), b"source,target\nanna,shop\nben,shop\nben,x\n".to_vec())];
    let (table, read) = EdgeFiles::from_memory(files, ReadOptions::default())?.read(&mut silent)?;
    let (shape, edges) = (table.shape(), table.edges());
    let mut pairs = PairSlices { sources: &edges.source, targets: &edges.target };
    let graph =
        build(shape.n_sources, shape.n_targets, &mut pairs, None, &mut silent).map_err(|e| e.to_string())?.graph;
    let mut out = Cursor::new(Vec::new());
    let packed = ToPack { graph: &graph, times: None, kinds: Kinds::Two, read: &read };
    write_packed(&packed, &mut out, &mut silent).map_err(|e| format!("{e:?}"))?;
    Ok(out.into_inner())
}
