//! Times the reading of a table of edges, as reports on speed quote it.
//!
//! `cargo run --release -p assay-graphfile --example time_reading -- FILE [THREADS]`
//! `python3 crates/assay-graphfile/examples/time_peers.py FILE` times two data-frame libraries on the same file.

#![expect(clippy::print_stdout, clippy::disallowed_types, reason = "a measurement reads the clock and prints")]

use assay_graphfile::{EdgeFiles, ReadOptions};
use assay_model::edges::EdgePasses as _;
use assay_model::{Go, silent};
use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args_os().skip(1);
    let path: PathBuf = arguments.next().ok_or("expected a file")?.into();
    let threads = arguments.next().and_then(|n| n.to_str()?.parse().ok()).unwrap_or(0);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    let threads = rayon::current_num_threads();
    let open = || EdgeFiles::open(std::slice::from_ref(&path), ReadOptions::default());
    // The first reading brings the file into the cache of the system.
    open()?.survey(&mut silent)?;
    let start = Instant::now();
    let (mut passes, read) = open()?.survey(&mut silent)?;
    report("survey: read, hashed, ids numbered", read.counts.rows, threads, start);
    for _ in 0..2 {
        let start = Instant::now();
        passes.pass(&mut |_| Go::On)?;
        report("pass: read, ids found", read.counts.rows, threads, start);
    }
    drop(passes);
    if read.counts.rows <= 100_000_000 {
        let start = Instant::now();
        let (_, read) = open()?.read(&mut silent)?;
        report("read: held, put in order, each once", read.counts.rows, threads, start);
    }
    Ok(())
}

fn report(what: &str, rows: u64, threads: usize, start: Instant) {
    let seconds = start.elapsed().as_secs_f64();
    println!("{what:40} {threads} threads {seconds:7.2} s {:7.1} million rows a second", rows as f64 / seconds / 1e6);
}
