//! How fast an experiment is read, beside pandas and gbstats on the same table in turns; a geo test, and the search for a design.
//!
//! `cargo bench -p assay --bench experiment -- 1e5 1e6 1e7 --rounds 5 --peers PYTHON` makes tables of so many rows (`unit`, `arm`,
//! `pre`, `spend`; seeded, the same as CSV and as Parquet with row groups of a million) and reads each to a CUPED verdict in money.
//! `PYTHON` is an interpreter with pandas, pyarrow and gbstats; `experiment_peers.py` beside this file is what it runs.
//!
//! Ours is the wall time of the whole process, theirs once so and once without the imports; the ratio is that of the latter, so
//! that it does not grow by Python's start. Memory is the peak of the process (Linux alone tells). The bars: 5 times as fast from
//! CSV and 20 from Parquet, in a tenth of the memory. Beside the verdict in words stands the one in JSON, which names the table by its
//! SHA-256 and so has all its bytes to read. A geo reading within 1 s; a search over 40 markets within 5 s.
#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

#[path = "measuring/draw.rs"]
mod draw;
#[path = "measuring/memory.rs"]
mod memory;

use draw::draw;
use memory::memory_kb;
use parquet::basic::Compression;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Rows of a group, as pandas writes them.
const GROUP_ROWS: usize = 1 << 20;

/// Columns of a million rows: arm, spend before, spend; money in cents.
fn group(state: &mut u64, n: usize) -> (Vec<bool>, Vec<u64>, Vec<u64>) {
    let (mut arms, mut before, mut spend) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..n {
        let arm = draw(state, 2) == 1;
        let pre = if draw(state, 10) < 6 { draw(state, 4_000) + draw(state, 4_000) } else { 0 };
        let buys = draw(state, 100) < 25;
        let y = draw(state, 3_000) + draw(state, 3_000) + pre * 2 / 5 + if arm { 50 } else { 0 };
        arms.push(arm);
        before.push(pre);
        spend.push(if buys { y } else { 0 });
    }
    (arms, before, spend)
}

fn column<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, impl Write + Send>,
    values: &[T::T],
) -> Result<(), Box<dyn Error>> {
    let mut column = group.next_column()?.ok_or("a column")?;
    column.typed::<T>().write_batch(values, None, None)?;
    Ok(column.close()?)
}

/// Makes the same table in both forms.
fn make(csv: &Path, parquet: &Path, n: usize) -> Result<(), Box<dyn Error>> {
    let schema =
        "message t { required int64 unit; required binary arm (UTF8); required double pre; required double spend; }";
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut table = SerializedFileWriter::new(
        BufWriter::new(File::create(parquet)?),
        Arc::new(parse_message_type(schema)?),
        Arc::new(properties),
    )?;
    let mut text = BufWriter::new(File::create(csv)?);
    writeln!(text, "unit,arm,pre,spend")?;
    let state = &mut 7_u64;
    let name = |arm: bool| if arm { "offer" } else { "control" };
    for first in (0..n).step_by(GROUP_ROWS) {
        let n = GROUP_ROWS.min(n - first);
        let (arms, before, spend) = group(state, n);
        for i in 0..n {
            let (b, s) = (before[i], spend[i]);
            let arm = name(arms[i]);
            writeln!(text, "{},{arm},{}.{:02},{}.{:02}", first + i, b / 100, b % 100, s / 100, s % 100)?;
        }
        let money = |cents: &[u64]| cents.iter().map(|c| *c as f64 / 100.0).collect::<Vec<_>>();
        let mut group = table.next_row_group()?;
        column::<Int64Type>(&mut group, &(first..first + n).map(|i| i as i64).collect::<Vec<_>>())?;
        column::<ByteArrayType>(&mut group, &arms.iter().map(|a| ByteArray::from(name(*a))).collect::<Vec<_>>())?;
        column::<DoubleType>(&mut group, &money(&before))?;
        column::<DoubleType>(&mut group, &money(&spend))?;
        group.close()?;
    }
    table.close()?;
    Ok(text.flush()?)
}

/// What a process took.
#[derive(Clone, Copy)]
struct Took {
    seconds: f64,
    /// Without the imports, where it told so.
    alone: f64,
    peak_mb: f64,
}

/// Runs a program to its end.
fn timed(command: &mut Command) -> Result<Took, Box<dyn Error>> {
    let begun = Instant::now();
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    let mut peak_kb = 0;
    // The peak only grows, so that a look once a millisecond misses little of it.
    while child.try_wait()?.is_none() {
        peak_kb = peak_kb.max(memory_kb(child.id()).1);
        std::thread::sleep(Duration::from_millis(1));
    }
    let seconds = begun.elapsed().as_secs_f64();
    let output = child.wait_with_output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let told = |name: &str| text.lines().find_map(|l| l.strip_prefix(name)).and_then(|t| t.trim().parse::<f64>().ok());
    Ok(Took {
        seconds,
        alone: told("seconds").unwrap_or(seconds),
        peak_mb: told("peak_mb").unwrap_or(peak_kb as f64 / 1024.0),
    })
}

/// The least of each figure of both.
fn best(a: Option<Took>, b: Took) -> Took {
    a.map_or(b, |a| Took {
        seconds: a.seconds.min(b.seconds),
        alone: a.alone.min(b.alone),
        peak_mb: a.peak_mb.min(b.peak_mb),
    })
}

fn ours(arguments: &[&str], input: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_assay"));
    command.arg("experiment").arg(arguments[0]).arg(input).args(&arguments[1..]).arg("--quiet");
    command
}

fn race(folder: &Path, n: usize, rounds: usize, peers: Option<&str>) -> Result<(), Box<dyn Error>> {
    let (csv, parquet) = (folder.join("units.csv"), folder.join("units.parquet"));
    make(&csv, &parquet, n)?;
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/experiment_peers.py");
    for (input, bar) in [(&csv, 5.0), (&parquet, 20.0)] {
        let (mut own, mut json, mut theirs) = (None, None, None);
        for _ in 0..rounds {
            let asked =
                "read --arm arm --control control --metric spend:amount --pre pre --margin 0.4 --cost 0.1 --split 1:1";
            let asked: Vec<&str> = asked.split(' ').collect();
            own = Some(best(own, timed(&mut ours(&asked, input))?));
            json = Some(best(json, timed(&mut ours(&[&asked[..], &["--format", "json"]].concat(), input))?));
            if let Some(python) = peers {
                theirs = Some(best(theirs, timed(Command::new(python).arg(&script).arg(input))?));
            }
        }
        let megabytes = input.metadata()?.len() as f64 / 1e6;
        let kind = input.extension().unwrap_or_default().to_string_lossy();
        let (Some(own), Some(json)) = (own, json) else { continue };
        println!("{n:>9} rows {kind:8} {megabytes:6.1} MB  assay {:8.3} s {:7.1} MB", own.seconds, own.peak_mb);
        println!("{:36} as JSON {:6.3} s {:7.1} MB", "", json.seconds, json.peak_mb);
        if let Some(theirs) = theirs {
            println!(
                "{:36} gbstats {:6.3} s {:7.1} MB (with imports {:.3} s): {:.1} times as fast (bar {bar}), {:.3} of the memory",
                "",
                theirs.alone,
                theirs.peak_mb,
                theirs.seconds,
                theirs.alone / own.seconds,
                own.peak_mb / theirs.peak_mb,
            );
        }
    }
    std::fs::remove_file(csv)?;
    Ok(std::fs::remove_file(parquet)?)
}

/// Daily sales of 40 markets.
fn markets(path: &Path, days: u64) -> Result<(), Box<dyn Error>> {
    let mut text = BufWriter::new(File::create(path)?);
    writeln!(text, "location,date,sales")?;
    let state = &mut 3_u64;
    for market in 0..40_u64 {
        let level = 1_000 + 90 * market;
        for day in 0..days {
            let (month, of_month) = (1 + day / 28, 1 + day % 28);
            let season = [90, 95, 100, 100, 105, 120, 110][(day % 7) as usize];
            let sales = level * season * (950 + draw(state, 100)) / 100_000;
            writeln!(text, "m{market:02},2021-{month:02}-{of_month:02},{sales}")?;
        }
    }
    Ok(text.flush()?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let after = |name: &str| arguments.iter().position(|a| a == name).and_then(|i| arguments.get(i + 1));
    let rounds = after("--rounds").and_then(|r| r.parse().ok()).unwrap_or(3);
    let numbers = arguments.iter().take_while(|a| *a != "--rounds").filter_map(|a| a.parse::<f64>().ok());
    let mut sizes: Vec<usize> = numbers.map(|n| n as usize).collect();
    if sizes.is_empty() {
        sizes.push(1_000_000);
    }
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("experiment");
    std::fs::create_dir_all(&folder)?;
    for n in sizes {
        race(&folder, n, rounds, after("--peers").map(String::as_str))?;
    }
    let sales = folder.join("sales.csv");
    markets(&sales, 105)?;
    let columns = ["--location", "location", "--date", "date", "--metric", "sales"];
    let geo = ["read-geo", "--treated", "m07,m23", "--start", "2021-04-07", "--end", "2021-04-21"];
    let plan = ["plan", "--budget", "5000", "--margin", "0.4", "--weeks", "4"];
    for (what, asked, bar) in [("a geo reading", &geo[..], 1.0), ("a search over 40 markets", &plan[..], 5.0)] {
        let mut own = None;
        for _ in 0..rounds {
            own = Some(best(own, timed(&mut ours(&[asked, &columns[..]].concat(), &sales))?));
        }
        let Some(own) = own else { continue };
        println!("{what}, 105 days: {:.3} s (bar {bar}), {:.1} MB", own.seconds, own.peak_mb);
    }
    Ok(std::fs::remove_file(sales)?)
}
