//! Where the time of an audit goes, and how it grows: `cargo bench -p assay [-- FOLLOWERS…]` makes follower tables of 19 columns
//! and audits each, step by step; behind several sizes stands the slope of each step in log time over log followers.
//!
//! Times are of one run on the machine at hand. The bars: a million followers within 5 s; ten million within 60 s and 6 GB, with
//! growth no faster than n log n, whose slope from ten thousand to ten million is 1.08. `race_polars.py` beside it compares the
//! reading of a table.

#[path = "measuring/memory.rs"]
mod memory;

use assay::pipeline::{self, AuditOptions, Step};
use assay::render;
use assay::report::redact;
use assay::synth_export::{ExportKind, write_export};
use assay_math::Seed;
use assay_model::Go;
use assay_model::synth::{Plant, Stock, SynthPage};
use memory::memory_kb;
use std::error::Error;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Instant;

/// What one size took: each step with its seconds.
struct Run {
    followers: u32,
    megabytes: f64,
    steps: Vec<(String, f64)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo passes arguments of its own, such as `--bench`.
    let mut sizes: Vec<u32> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    if sizes.is_empty() {
        sizes.push(1_000_000);
    }
    let mut out = io::stdout().lock();
    let mut runs = Vec::new();
    for followers in sizes {
        let run = timed(followers)?;
        writeln!(out, "{} people and two plants, {:.0} MB of CSV", run.followers, run.megabytes)?;
        for (step, seconds) in &run.steps {
            writeln!(out, "{seconds:9.3} s  {step}")?;
        }
        // The peak is that of all sizes so far.
        writeln!(out, "           peak memory so far {} kB", memory_kb(std::process::id()).1)?;
        runs.push(run);
    }
    if runs.len() > 1 {
        writeln!(out, "slope of log time over log followers")?;
        for (i, (step, _)) in runs[0].steps.iter().enumerate() {
            let points = runs.iter().map(|run| (f64::from(run.followers).ln(), run.steps[i].1.max(1e-6).ln()));
            writeln!(out, "{:9.2}    {step}", slope(&points.collect::<Vec<_>>()))?;
        }
    }
    Ok(())
}

/// Makes a table of so many followers, audits it, and writes the verdicts and the page to nowhere.
fn timed(followers: u32) -> Result<Run, Box<dyn Error>> {
    let mut page = SynthPage { followers, days: 2_000, ..SynthPage::default() };
    page.plants = vec![
        Plant::ViralDay { at: page.day(700.0), followers: followers / 30 },
        Plant::Batch { at: page.day(1_500.0), followers: followers / 50, over_days: 2.0, stock: Stock::fresh() },
    ];
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-followers.csv");
    write_export(&page, Seed(1), ExportKind::Table, BufWriter::new(File::create(&path)?))?;
    let megabytes = path.metadata()?.len() as f64 / 1e6;

    let began = Instant::now();
    let mut marks: Vec<(Step, Instant)> = Vec::new();
    let mut report = pipeline::audit(std::slice::from_ref(&path), &AuditOptions::default(), &mut |step, _, _| {
        if marks.last().is_none_or(|(last, _)| *last != step) {
            marks.push((step, Instant::now()));
        }
        Go::On
    })?;
    let audited = Instant::now();
    let ends = marks.iter().skip(1).map(|(_, at)| *at).chain([audited]);
    let mut steps: Vec<(String, f64)> =
        marks.iter().zip(ends).map(|((step, from), to)| (format!("{step:?}"), (to - *from).as_secs_f64())).collect();
    let mut add = |name: &str, from: Instant| steps.push((name.to_owned(), from.elapsed().as_secs_f64()));
    let from = Instant::now();
    render::verdicts_csv(&report, io::sink())?;
    add("verdicts", from);
    let from = Instant::now();
    render::json(&report, io::sink())?;
    add("JSON", from);
    let from = Instant::now();
    redact(&mut report);
    render::html(&report, &render::Cover::default(), io::sink())?;
    add("page, masked", from);
    add("in all", began);
    fs::remove_file(path)?;
    Ok(Run { followers, megabytes, steps })
}

/// The slope of the line of least squares.
fn slope(points: &[(f64, f64)]) -> f64 {
    let n = points.len() as f64;
    let (x, y) = points.iter().fold((0.0, 0.0), |(x, y), p| (x + p.0 / n, y + p.1 / n));
    let (over, under) = points
        .iter()
        .fold((0.0, 0.0), |(over, under), p| (over + (p.0 - x) * (p.1 - y), under + (p.0 - x) * (p.0 - x)));
    over / under
}
