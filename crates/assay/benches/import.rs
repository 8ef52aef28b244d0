//! How fast a workspace takes in orders and followers: `cargo bench -p assay --bench import -- orders 1000000 followers 1000000`.
//!
//! Makes an export of Shopify of so many rows (one a line item, products and prices among them; four rows in seven begin an order)
//! or a table of so many followers, brings it into a new workspace, and prints seconds, memory at the most, and the bytes of both
//! files. Bars: a million rows of orders within 5 s, a million followers within 10 s.
//! `-- … --program PATH` runs another build of the program beside.
#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

#[path = "measuring/draw.rs"]
mod draw;
#[path = "measuring/memory.rs"]
mod memory;

use draw::draw;
use memory::memory_kb;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

fn time(second: u64) -> String {
    jiff::Timestamp::from_second(second as i64).unwrap_or_default().strftime("%Y-%m-%d %H:%M:%S").to_string()
}

/// Orders as Shopify writes them: further rows of an order repeat its name and address alone. Returns how many orders.
fn orders(out: &mut impl Write, n_rows: u64) -> io::Result<u64> {
    writeln!(
        out,
        "Name,Email,Financial Status,Paid at,Currency,Subtotal,Total,Discount Code,Created at,Lineitem quantity,Lineitem name,\
         Lineitem price,Lineitem sku,Notes,Note Attributes,Cancelled at,Refunded Amount,Source,Phone"
    )?;
    let state = &mut 5_u64;
    let (mut n_orders, mut customer) = (0, 0);
    for i in 0..n_rows {
        let is_first = i == 0 || draw(state, 7) < 4;
        let (product, n) = (draw(state, 300), 1 + draw(state, 3));
        let line = format!("{n},Thing {product},{}.{:02},TH-{product}", 5 + product % 40, product % 100);
        if is_first {
            n_orders += 1;
            customer = draw(state, n_rows / 4 + 1);
            let (at, cents) = (time(1_700_000_000 + i * 50), 500 + draw(state, 19_500));
            let total = format!("{}.{:02}", cents / 100, cents % 100);
            let code = ["", "", "IG10", "WELCOME"][draw(state, 4) as usize];
            writeln!(
                out,
                "#{n_orders},customer{customer}@example.com,paid,{at} -0400,USD,{total},{total},{code},{at} -0400,{line},,,,0.00,web,"
            )?;
        } else {
            writeln!(out, "#{n_orders},customer{customer}@example.com,,,,,,,,{line},,,,,,")?;
        }
    }
    Ok(n_orders)
}

fn followers(out: &mut impl Write, n: u64) -> io::Result<()> {
    writeln!(out, "account_id,handle,followed_at,created_at,followers,following,posts")?;
    let state = &mut 11_u64;
    for i in 0..n {
        let day = 18_000 + i * 1_500 / n;
        let (opened, second) = (15_000 + draw(state, day - 15_000), draw(state, 86_400));
        let (a, b, c) = (draw(state, 3_000), draw(state, 2_000), draw(state, 900));
        let (followed, made) = (time(day * 86_400 + second), time(opened * 86_400));
        writeln!(out, "{i},user{i},{followed}Z,{made}Z,{a},{b},{c}")?;
    }
    Ok(())
}

/// Brings a file into a new workspace with a program: seconds, and the most memory in MB.
fn brought(program: &Path, file: &Path, workspace: &Path) -> io::Result<(f64, u64)> {
    for end in ["", "-wal", "-shm", ".key"] {
        let _ = fs::remove_file(format!("{}{end}", workspace.display()));
    }
    let begun = Instant::now();
    let mut child = Command::new(program)
        .arg("import")
        .arg(file)
        .arg("--workspace")
        .arg(workspace)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut most = 0;
    loop {
        most = most.max(memory_kb(child.id()).1);
        if let Some(status) = child.try_wait()? {
            let seconds = begun.elapsed().as_secs_f64();
            return if status.success() {
                Ok((seconds, most / 1024))
            } else {
                Err(io::Error::other("the import failed"))
            };
        }
        sleep(Duration::from_millis(5));
    }
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let behind = |name: &str| arguments.iter().position(|a| a == name).and_then(|i| arguments.get(i + 1));
    let count = |name: &str| behind(name).and_then(|n| n.replace('_', "").parse::<u64>().ok());
    let program = behind("--program").map_or_else(|| PathBuf::from(env!("CARGO_BIN_EXE_assay")), PathBuf::from);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let usual = (count("orders").is_none() && count("followers").is_none()).then_some(1_000_000);
    for (what, n) in [("orders", count("orders").or(usual)), ("followers", count("followers").or(usual))] {
        let Some(n) = n else { continue };
        let (file, workspace) = (folder.join(format!("import-{what}.csv")), folder.join(format!("import-{what}.db")));
        let mut out = BufWriter::new(File::create(&file)?);
        let told = if what == "orders" {
            format!("{n} rows of {} orders", orders(&mut out, n)?)
        } else {
            followers(&mut out, n)?;
            format!("{n} followers")
        };
        out.into_inner()?;
        let megabytes = |path: &Path| path.metadata().map_or(0.0, |file| file.len() as f64 / 1e6);
        for _ in 0..3 {
            let (seconds, memory) = brought(&program, &file, &workspace)?;
            let (from, to) = (megabytes(&file), megabytes(&workspace));
            println!("{seconds:8.2} s  {memory:5} MB  {told}: a table of {from:.0} MB, a workspace of {to:.0} MB");
        }
        fs::remove_file(file)?;
        for end in ["", "-wal", "-shm", ".key"] {
            let _ = fs::remove_file(format!("{}{end}", workspace.display()));
        }
    }
    Ok(())
}
