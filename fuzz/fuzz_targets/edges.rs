//! Feeds a file to the readers of edges: tables of every kind, packed or not, and packed graphs.
//!
//! The first byte of an input says how: its first bit, whether sources and targets are of one kind; its second, whether the
//! edges are read again at every pass. The file follows; its kind shows in its bytes.
//! `cargo run -p assay-graphfile --example write_seeds -- FOLDER` writes inputs of every kind.

#![no_main]

use assay_graphfile::{EdgeFiles, Limits, PackedPasses, ReadOptions, is_packed, read_packed};
use assay_model::edges::{EdgePasses as _, Kinds};
use assay_model::{Go, silent};
use libfuzzer_sys::fuzz_target;
use std::io::Cursor;

fn run(how: u8, file: &[u8]) -> Option<()> {
    if is_packed(file) {
        let packed = read_packed(&mut Cursor::new(file), "g", &mut silent).ok();
        let (mut passes, _) = PackedPasses::open(Cursor::new(file), "g", &mut silent).ok()?;
        let mut n = 0;
        let passed = passes.pass(&mut |block| {
            n += block.len() as u64;
            Go::On
        });
        // What is read whole is handed over whole; a pass reads one direction, so it may take more.
        if let Some(packed) = packed {
            assert_eq!(packed.graph.n_edges(), packed.shape.n_edges);
            assert_eq!((passed, n), (Ok(()), packed.shape.n_edges));
        }
        return Some(());
    }
    let kinds = if how & 1 == 1 { Kinds::One } else { Kinds::Two };
    // Small limits: a bomb is an error soon.
    let limits = Limits {
        members_max: 16,
        ratio_max: 100,
        ratio_free_bytes: 1 << 20,
        in_memory_bytes_max: 8 << 20,
        held_edges_max: 1 << 22,
        ..Limits::default()
    };
    let options = ReadOptions { kinds, limits, ..ReadOptions::default() };
    let files = EdgeFiles::from_memory(vec![("edges".to_owned(), file.to_vec())], options).ok()?;
    let (shape, read) = if how & 2 == 2 {
        let (mut passes, read) = files.survey(&mut silent).ok()?;
        let mut n = 0;
        passes
            .pass(&mut |block| {
                n += block.len() as u64;
                Go::On
            })
            .expect("what was read once can be read again");
        assert_eq!(n, passes.shape().n_edges);
        (passes.shape(), read)
    } else {
        let (table, read) = files.read(&mut silent).ok()?;
        (table.shape(), read)
    };
    let c = &read.counts;
    assert_eq!(c.rows, c.taken + c.duplicates + c.self_loops + c.empty + c.broken);
    assert_eq!(c.taken, shape.n_edges);
    assert_eq!((read.names.sources.len(), read.names.n_targets()), (shape.n_sources as usize, shape.n_targets as usize));
    for i in [0, shape.n_sources.saturating_sub(1)].into_iter().filter(|i| *i < shape.n_sources) {
        assert_eq!(read.names.sources.find(&read.names.source(i)), Some(i));
    }
    Some(())
}

fuzz_target!(|data: &[u8]| {
    if let Some((how, file)) = data.split_first() {
        let _ = run(*how, file);
    }
});
