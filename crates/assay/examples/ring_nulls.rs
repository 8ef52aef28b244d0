//! How often a search reports a ring where there is none: in shuffles of real tables of edges that keep every degree.
//!
//! `cargo run --release -p assay --example ring_nulls -- SHUFFLES TABLE...` prints, for each table with and without its
//! times, the shuffles in which a ring was reported, those in which any group was denser than the closed form of chance
//! allows at 5 %, and what the table itself holds.

use assay_graphfile::{EdgeFiles, ReadOptions};
use assay_math::Seed;
use assay_math::graph::{PairSlices, build};
use assay_model::edges::NO_TIME;
use assay_model::silent;
use assay_rings::{Asked, Times, find, null};
use std::error::Error;
use std::io::{Write, stdout};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let n: u64 = arguments.next().ok_or("expected SHUFFLES TABLE...")?.parse()?;
    let mut out = stdout().lock();
    writeln!(
        out,
        "table                          times  edges    rings  set aside | shuffles  with a ring  beyond chance"
    )?;
    for table in arguments {
        let (edges, _) = EdgeFiles::open(&[table.clone().into()], ReadOptions::default())?.read(&mut silent)?;
        let block = edges.edges();
        let largest = |all: &[u32]| all.iter().max().map_or(0, |m| m + 1);
        let mut pairs = PairSlices { sources: &block.source, targets: &block.target };
        let graph = build(largest(&block.source), largest(&block.target), &mut pairs, None, &mut silent)?.graph;
        let known: Vec<i64> = block.at_s.iter().copied().filter(|&at| at != NO_TIME).collect();
        let times = known.iter().min().map(|&origin_s| Times {
            // Rows of the table and edges of the graph stand in the same order, each once.
            at: block
                .at_s
                .iter()
                .map(|&at| if at == NO_TIME { assay_rings::NO_TIME } else { (at - origin_s) as u32 })
                .collect(),
            origin_s,
        });
        let asked = Asked { seed: Seed(1), fdr: 0.05 };
        let ways: &[Option<&Times>] = if times.is_some() { &[None, times.as_ref()] } else { &[None] };
        for times in ways {
            let found = find(&graph, *times, &asked, &mut silent)?;
            let (mut with_ring, mut beyond) = (0, 0);
            for k in 0..n {
                let (other, at) = null::shuffled(&graph, *times, Seed(100 + k), &mut silent)?;
                let found = find(&other, at.as_ref(), &asked, &mut silent)?;
                with_ring += u64::from(!found.rings.is_empty());
                beyond += u64::from(!found.rings.is_empty() || found.n_set_aside > 0);
            }
            let name: String = table.rsplit('/').next().unwrap_or(&table).chars().take(30).collect();
            writeln!(
                out,
                "{name:30} {:5} {:7} {:7} {:10} | {n:8} {with_ring:12} {beyond:14}",
                if times.is_some() { "yes" } else { "no" },
                graph.n_edges(),
                found.rings.len(),
                found.n_set_aside
            )?;
            out.flush()?;
        }
    }
    Ok(())
}
