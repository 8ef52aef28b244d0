//! How fast the graph kernels are, beside programs of others.
//!
//! ```text
//! cargo bench -p assay-math --bench graph -- [EDGES…] [--repeat N] [--only WORD] [--peers PYTHON] [--no-fraudar]
//! ```
//!
//! For each number of edges (10^5, 10^6 and 10^7 if none is named) makes an R-MAT graph (quadrants .57, .19, .19, .05, ids
//! shuffled) with a block of 400 x 200 at half density in it, and prints for each kernel the least seconds of `--repeat` runs
//! (3); `--only` measures the kernels whose names hold a word. With `--peers` the same edges are given to `peers.py`, run by that Python, which needs `rgmining-fraudar` and `igraph`
//! from `PyPI`; their seconds are processor time.
//!
//! The bound is what memory allows: twice as many read-modify-writes of 8 bytes at random places as there are edges, at the
//! rate just measured in an array of the state's size, and 8 bytes an edge streamed, at the rate just measured.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads the clock and the command line, writes edges for other programs, and prints"
)]

use assay_math::graph::{Bipartite, Built, PairSlices, Queue, Weights, build, components, cores, greedy_pp, peel};
use assay_math::{Seed, silent};
use rand::{Rng, RngExt};
use std::fs::File;
use std::io::{BufWriter, Write};
use std::process::Command;
use std::time::Instant;

fn main() {
    let mut sizes: Vec<u64> = Vec::new();
    let mut repeat = 3;
    let mut python = None;
    let mut fraudar = true;
    let mut only = String::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => {}
            "--repeat" => repeat = arguments.next().and_then(|n| n.parse().ok()).expect("a number of runs"),
            "--peers" => python = Some(arguments.next().expect("the Python to run peers.py with")),
            "--only" => only = arguments.next().expect("a part of a kernel's name"),
            "--no-fraudar" => fraudar = false,
            edges => sizes.push(edges.parse::<f64>().expect("a number of edges") as u64),
        }
    }
    if sizes.is_empty() {
        sizes = vec![100_000, 1_000_000, 10_000_000];
    }
    for n_edges in sizes {
        measure(n_edges, repeat, &only, python.as_deref(), fraudar);
    }
}

fn measure(n_edges: u64, repeat: u32, only: &str, python: Option<&str>, fraudar: bool) {
    // As many nodes for an edge as 8.4 million sources and 4.2 million targets have for 10^8 edges.
    let source_bits = (n_edges / 12).next_power_of_two().trailing_zeros();
    let (sources, targets) = r_mat(n_edges, source_bits, source_bits - 1, Seed(1));
    let (n_sources, n_targets) = (1 << source_bits, 1 << (source_bits - 1));
    let mut pairs = PairSlices { sources: &sources, targets: &targets };
    let mut made: Option<Built> = None;
    let build_s = least(if only.is_empty() { repeat } else { 1 }, || {
        made = None;
        made = build(n_sources, n_targets, &mut pairs, None, &mut silent).ok();
    });
    let graph = made.expect("a graph").graph;
    let m = graph.n_edges();
    println!("\n{n_edges} edges drawn, {m} distinct, {n_sources} sources, {n_targets} targets");
    println!("{:<28}{:>10}{:>12}", "", "seconds", "Medges/s");
    let say = |what: &str, s: f64| println!("{what:<28}{s:>10.4}{:>12.1}", m as f64 / s / 1e6);
    say("build", build_s);
    let weights = Weights::log_degree(&graph.by_target);
    let mut scores = Vec::new();
    let wanted = |what: &str| what.contains(only);
    for (name, queue) in [("peel, bucketed", Queue::Bucketed), ("peel, exact", Queue::Exact)] {
        if wanted(name) {
            let mut peeling = None;
            say(name, least(repeat, || peeling = peel(&graph, &weights, queue, &mut silent).ok()));
            let peeling = peeling.expect("a peeling");
            scores.push(format!("{name}: {:.6}, {} nodes", peeling.density_best, peeling.n_best));
        }
    }
    if wanted("cores") {
        say("cores", least(repeat, || assert!(cores(&graph, &mut silent).is_ok())));
    }
    if wanted("components") {
        say("components", least(repeat, || assert!(components(&graph, &mut silent).is_ok())));
    }
    if wanted("greedy++") && n_edges <= 10_000_000 {
        let run = || assert!(greedy_pp(&graph, &weights, 5, Queue::Bucketed, &mut silent).is_ok());
        say("greedy++, 5 rounds", least(1, run));
    }
    say("bound of a peel", bound(&graph));
    println!("{}", scores.join("; "));
    println!("memory at its greatest: {} MB", peak_bytes() >> 20);
    if let Some(python) = python {
        let folder = std::env::temp_dir().join(format!("assay-bench-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for the edges");
        let file = folder.join("edges.bin");
        let mut out = BufWriter::new(File::create(&file).expect("a file for the edges"));
        for s in 0..graph.n_sources() {
            for &t in graph.by_source.neighbours(s) {
                out.write_all(&s.to_le_bytes()).and_then(|()| out.write_all(&t.to_le_bytes())).expect("written");
            }
        }
        out.flush().expect("written");
        for peer in if fraudar { &["igraph", "fraudar"][..] } else { &["igraph"] } {
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/peers.py");
            let shape = [n_sources.to_string(), n_targets.to_string()];
            let run = Command::new(python).arg(script).arg(peer).arg(&file).args(shape).status();
            assert!(run.expect("python runs").success(), "{peer} failed");
        }
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}

/// The least wall time of so many runs.
fn least(repeat: u32, mut run: impl FnMut()) -> f64 {
    let timed = (0..repeat.max(1)).map(|_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    });
    timed.fold(f64::INFINITY, f64::min)
}

/// R-MAT (Chakrabarti, Zhan and Faloutsos, "R-MAT: a recursive model for graph mining", SDM 2004) with shuffled ids, and a block.
fn r_mat(n_edges: u64, source_bits: u32, target_bits: u32, seed: Seed) -> (Vec<u32>, Vec<u32>) {
    let mut random = seed.random();
    let mut sources = Vec::with_capacity(n_edges as usize + 40_000);
    let mut targets = Vec::with_capacity(n_edges as usize + 40_000);
    for _ in 0..n_edges {
        let (mut s, mut t) = (0_u32, 0_u32);
        let (mut bits, mut left) = (0, 0);
        for level in 0..source_bits {
            if left == 0 {
                (bits, left) = (random.next_u64(), 4);
            }
            let draw = f64::from(bits as u16) / 65_536.0;
            (bits, left) = (bits >> 16, left - 1);
            let (down, right) = match draw {
                d if d < 0.57 => (0, 0),
                d if d < 0.76 => (0, 1),
                d if d < 0.95 => (1, 0),
                _ => (1, 1),
            };
            s = s << 1 | down;
            if level < target_bits {
                t = t << 1 | right;
            }
        }
        sources.push(shuffled(s, source_bits));
        targets.push(shuffled(t, target_bits));
    }
    let (n_block_sources, n_block_targets) = (400, 200);
    for i in 0..n_block_sources {
        for j in 0..n_block_targets {
            if random.random_bool(0.5) {
                sources.push(shuffled((1 << source_bits) - 1 - i, source_bits));
                targets.push(shuffled((1 << target_bits) - 1 - j, target_bits));
            }
        }
    }
    (sources, targets)
}

/// A permutation of the numbers of so many bits: odd multiplications and a shift, twice.
fn shuffled(x: u32, bits: u32) -> u32 {
    let mask = (1_u64 << bits) - 1;
    let round = |x: u64, by: u64| {
        let x = x.wrapping_mul(by) & mask;
        x ^ (x >> (bits / 2))
    };
    round(round(u64::from(x), 0x9e37_79b1), 0x85eb_ca77) as u32
}

/// What memory allows a peel of this graph, in seconds.
fn bound(graph: &Bipartite) -> f64 {
    let mut states = vec![0_u64; graph.n_nodes() as usize];
    let mut random = Seed(2).random();
    let places: Vec<u32> = (0..1 << 22).map(|_| random.random_range(0..graph.n_nodes())).collect();
    let write_s = least(5, || {
        for &p in &places {
            states[p as usize] = states[p as usize].wrapping_sub(3);
        }
    }) / places.len() as f64;
    let read = || {
        (0..graph.n_sources()).flat_map(|s| graph.by_source.neighbours(s)).fold(0_u32, |sum, &t| sum.wrapping_add(t))
    };
    let stream_s = least(3, || assert_ne!(read(), 1)) * 2.0;
    println!("random read-modify-writes of 8 bytes in {} KB: {:.0} M/s", states.len() >> 7, 1e-6 / write_s);
    2.0 * graph.n_edges() as f64 * write_s + stream_s
}

/// The most memory this process has held, where the system tells.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) << 10
}
