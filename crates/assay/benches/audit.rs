//! Where the time of an audit goes: `cargo bench -p assay [-- FOLLOWERS]` makes a follower table and audits it, step by step.
//!
//! Times are of one run on the machine at hand; run it twice, for the first one reads the table from the disk. The bar for a
//! million followers is 5 s and 1 GB, verdicts and page written (`/usr/bin/time -v assay audit …` tells the memory).

use assay::pipeline::{self, AuditOptions, Step};
use assay::render;
use assay::synth_export::{ExportKind, write_export};
use assay_math::Seed;
use assay_model::Go;
use assay_model::synth::{Plant, Stock, SynthPage};
use std::error::Error;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error>> {
    // Cargo passes arguments of its own, such as `--bench`.
    let followers = std::env::args().skip(1).find_map(|a| a.parse().ok()).unwrap_or(1_000_000_u32);
    let mut page = SynthPage { followers, days: 2_000, ..SynthPage::default() };
    page.plants = vec![
        Plant::ViralDay { at: page.day(700.0), followers: followers / 30 },
        Plant::Batch { at: page.day(1_500.0), followers: followers / 50, over_days: 2.0, stock: Stock::fresh() },
    ];
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-followers.csv");
    write_export(&page, Seed(1), ExportKind::Table, BufWriter::new(File::create(&path)?))?;
    let megabytes = path.metadata()?.len() as f64 / 1e6;
    let mut out = io::stdout().lock();
    writeln!(out, "{followers} people and two plants, {megabytes:.0} MB of CSV")?;

    let began = Instant::now();
    let mut steps: Vec<(Step, Instant)> = Vec::new();
    let report = pipeline::audit(&[path], &AuditOptions::default(), &mut |step, _, _| {
        if steps.last().is_none_or(|(last, _)| *last != step) {
            steps.push((step, Instant::now()));
        }
        Go::On
    })?;
    let audited = Instant::now();
    let ends = steps.iter().skip(1).map(|(_, at)| *at).chain([audited]);
    for ((step, from), to) in steps.iter().zip(ends) {
        writeln!(out, "{:8.2} s  {step:?}", (to - *from).as_secs_f64())?;
    }
    let mut timed = |name: &str, render: &dyn Fn() -> io::Result<()>| {
        let from = Instant::now();
        render()?;
        writeln!(out, "{:8.2} s  {name}", from.elapsed().as_secs_f64())
    };
    timed("verdicts", &|| render::verdicts_csv(&report, io::sink()))?;
    timed("page", &|| render::html(&report, &render::Cover::default(), io::sink()))?;
    timed("JSON", &|| render::json(&report, io::sink()))?;
    writeln!(out, "{:8.2} s  in all", began.elapsed().as_secs_f64())?;
    Ok(())
}
