//! How fast the graph kernels are, beside programs of others.
//!
//! ```text
//! cargo bench -p assay-math --bench graph -- [EDGES…] [--repeat N] [--ids shuffled|seen] [--only WORD] [--peers PYTHON] [--no-fraudar]
//! ```
//!
//! For each number of edges (10^5, 10^6 and 10^7 if none is named) makes an R-MAT graph (quadrants .57, .19, .19, .05, ids
//! shuffled, or with `--ids seen` numbered as they are first met, which is how the program's reader numbers them) with a block of
//! 400 x 200 at half density in it, and prints for each kernel the least seconds of `--repeat` runs (3); `--only` measures the
//! kernels whose names hold a word. With `--peers` the same edges are given to `peers.py`, run by that Python, which needs
//! `rgmining-fraudar` and `igraph` from `PyPI`; their seconds are processor time.
//!
//! The bound is what memory allows: twice as many read-modify-writes of 8 bytes at random places as there are edges, at the
//! rate just measured in an array of the state's size, and 8 bytes an edge streamed, at the rate just measured.

#![expect(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a benchmark reads the clock and the command line, writes edges for other programs, and prints"
)]

use assay_math::graph::{
    Bipartite, Built, PairSlices, Pairs, Queue, Weights, build, components, cores, greedy_pp, peel,
};
use assay_math::{Go, Seed, silent};
use rand::{Rng, RngExt};
use rayon::prelude::*;
use std::convert::Infallible;
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
    let mut seen = false;
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => {}
            "--repeat" => repeat = arguments.next().and_then(|n| n.parse().ok()).expect("a number of runs"),
            "--peers" => python = Some(arguments.next().expect("the Python to run peers.py with")),
            "--ids" => seen = arguments.next().as_deref() == Some("seen"),
            "--only" => only = arguments.next().expect("a part of a kernel's name"),
            "--no-fraudar" => fraudar = false,
            edges => sizes.push(edges.parse::<f64>().expect("a number of edges") as u64),
        }
    }
    if sizes.is_empty() {
        sizes = vec![100_000, 1_000_000, 10_000_000];
    }
    for n_edges in sizes {
        measure(n_edges, seen, repeat, &only, python.as_deref(), fraudar);
    }
}

fn measure(n_edges: u64, seen: bool, repeat: u32, only: &str, python: Option<&str>, fraudar: bool) {
    // As many nodes for an edge as 8.4 million sources and 4.2 million targets have for 10^8 edges; at most 50 million nodes.
    let source_bits = (n_edges / 12).next_power_of_two().trailing_zeros().min(25);
    let drawn = Drawn { n_edges, source_bits, target_bits: source_bits - 1, seed: Seed(1) };
    let (n_sources, n_targets) = (1 << source_bits, 1 << (source_bits - 1));
    let mut made: Option<Built> = None;
    let build_s = if n_edges <= HELD_MAX {
        let (mut sources, mut targets) = (Vec::new(), Vec::new());
        let hold = |s: &[u32], t: &[u32]| {
            sources.extend_from_slice(s);
            targets.extend_from_slice(t);
            Go::On
        };
        drawn.each_block(hold);
        if seen {
            number_as_seen(&mut sources, source_bits);
            number_as_seen(&mut targets, source_bits - 1);
        }
        let mut pairs = PairSlices { sources: &sources, targets: &targets };
        least(if only.is_empty() { repeat } else { 1 }, || {
            made = None;
            made = build(n_sources, n_targets, &mut pairs, None, &mut silent).ok();
        })
    } else {
        let mut drawn = drawn;
        least(1, || made = build(n_sources, n_targets, &mut drawn, None, &mut silent).ok())
    };
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
            let held = forget_peak();
            say(name, least(repeat, || peeling = peel(&graph, &weights, queue, &mut silent).ok()));
            let peeling = peeling.expect("a peeling");
            if let Some(held) = held {
                let per_edge = |bytes: u64| bytes as f64 / m as f64;
                println!(
                    "  bytes an edge: {:.2} with the graph, {:.2} without",
                    per_edge(peak_bytes()),
                    per_edge(peak_bytes() - held)
                );
            }
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
    if n_edges <= HELD_MAX {
        say("bound of a peel", bound(&graph));
    }
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

/// Up to so many edges are held before they are built into a graph; more are drawn again in every pass.
const HELD_MAX: u64 = 200_000_000;

/// R-MAT (Chakrabarti, Zhan and Faloutsos, "R-MAT: a recursive model for graph mining", SDM 2004) with shuffled ids, and a block,
/// drawn anew in every pass.
#[derive(Clone, Copy)]
struct Drawn {
    n_edges: u64,
    source_bits: u32,
    target_bits: u32,
    seed: Seed,
}

impl Drawn {
    /// Calls `each` with blocks of edges until it says stop. Blocks are drawn side by side, each from its own seed.
    fn each_block(&self, mut each: impl FnMut(&[u32], &[u32]) -> Go) {
        const BLOCK: u64 = 1 << 16;
        let n_blocks = self.n_edges.div_ceil(BLOCK);
        for begin in (0..n_blocks).step_by(32) {
            let blocks: Vec<(Vec<u32>, Vec<u32>)> = (begin..n_blocks.min(begin + 32))
                .into_par_iter()
                .map(|b| self.block(b, BLOCK.min(self.n_edges - b * BLOCK)))
                .collect();
            for (sources, targets) in blocks {
                if each(&sources, &targets) == Go::Stop {
                    return;
                }
            }
        }
        let (sources, targets) = self.dense();
        let _ = each(&sources, &targets);
    }

    fn block(&self, number: u64, n: u64) -> (Vec<u32>, Vec<u32>) {
        let mut random = self.seed.nth(number).random();
        let mut edge = || {
            let (mut s, mut t) = (0_u32, 0_u32);
            let (mut bits, mut left) = (0, 0);
            for level in 0..self.source_bits {
                if left == 0 {
                    (bits, left) = (random.next_u64(), 4);
                }
                let draw = bits as u16;
                (bits, left) = (bits >> 16, left - 1);
                // Of 65,536: .57, .19, .19 and the rest.
                let (down, right) =
                    (u32::from(draw >= 49_807), u32::from((37_356..49_807).contains(&draw) || draw >= 62_259));
                s = s << 1 | down;
                if level < self.target_bits {
                    t = t << 1 | right;
                }
            }
            (shuffled(s, self.source_bits), shuffled(t, self.target_bits))
        };
        (0..n).map(|_| edge()).unzip()
    }

    /// The block of 400 x 200 at half density, among nodes that the background seldom meets.
    fn dense(&self) -> (Vec<u32>, Vec<u32>) {
        let mut random = self.seed.fork("block").random();
        let all = (0..400).flat_map(|i| (0..200).map(move |j| (i, j)));
        let id = |k: u32, bits: u32| shuffled((1 << bits) - 1 - k, bits);
        all.filter(|_| random.random_bool(0.5)).map(|(i, j)| (id(i, self.source_bits), id(j, self.target_bits))).unzip()
    }
}

impl Pairs for Drawn {
    type Error = Infallible;

    fn n_pairs(&self) -> u64 {
        self.n_edges
    }

    fn pass(&mut self, each: &mut dyn FnMut(&[u32], &[u32]) -> Go) -> Result<(), Infallible> {
        self.each_block(each);
        Ok(())
    }
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

/// Numbers ids in the order in which they are first met.
fn number_as_seen(ids: &mut [u32], bits: u32) {
    let mut number = vec![u32::MAX; 1 << bits];
    let mut n = 0;
    for id in ids {
        let known = &mut number[*id as usize];
        if *known == u32::MAX {
            *known = n;
            n += 1;
        }
        *id = *known;
    }
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

/// Forgets the most memory that was held before; says how much is held now, where the system lets one.
fn forget_peak() -> Option<u64> {
    std::fs::write("/proc/self/clear_refs", "5").ok()?;
    Some(peak_bytes())
}

/// The most memory this process has held, where the system tells.
fn peak_bytes() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap_or("0");
    line.split_whitespace().next().and_then(|kb| kb.parse::<u64>().ok()).unwrap_or(0) << 10
}
