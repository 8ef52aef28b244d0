//! The pages of `assay serve` under visitors: the first byte of each, over a workspace of a million followers, a million
//! engagements and a hundred thousand orders; and again while a million followers are imported.
//!
//! `cargo bench -p assay --bench serve -- 1000000 --visitors 50` makes the workspace (once; it stays in `target`), starts the
//! program `assay` of the same build on it, and prints the time of the first byte at the median and at 99 of 100, the memory of the
//! server, and the time from its start to its first page. Visitors run on the same machine and ask one page after another.
#![expect(clippy::print_stdout, reason = "a bench tells its figures")]

#[path = "measuring/draw.rs"]
mod draw;
#[path = "measuring/memory.rs"]
mod memory;

use draw::draw;
use memory::memory_kb;
use std::fmt::Write as _;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Pages that visitors ask for.
const PAGES: [&str; 11] = [
    "/w/shop",
    "/w/shop/audience",
    "/w/shop/batches",
    "/w/shop/metrics",
    "/w/shop/reach",
    "/w/shop/experiments",
    "/w/shop/people",
    "/w/shop/imports",
    "/w/shop/settings",
    "/w/shop/audience?class=genuine&from=500000",
    "/api/v1/workspaces/shop/followers?cursor=700000&limit=100",
];
/// Pages that each visitor asks for in one round.
const EACH: usize = 60;

fn time(day: u64, second: u64) -> String {
    let at = jiff::Timestamp::from_second((day * 86_400 + second) as i64).unwrap_or_default();
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Tables of a made business of `n` followers; `shift` moves them in time, so that a later list is another.
fn tables(folder: &Path, n: u64, shift: u64) -> io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let state = &mut (11 + shift);
    let mut text = String::from("account_id,handle,followed_at,created_at,followers,following,posts\n");
    for i in 0..n {
        let day = 18_000 + shift + i * 1_500 / n;
        let sold = (n / 2..n / 2 + n / 100).contains(&i);
        let opened = if sold { 17_000 } else { 15_000 + draw(state, day - 15_000) };
        let (a, b, c) = (draw(state, 3_000), draw(state, 2_000), draw(state, 900));
        let _ = writeln!(text, "{i},user{i},{},{},{a},{b},{c}", time(day, draw(state, 86_400)), time(opened, 0));
    }
    std::fs::write(folder.join("followers.csv"), &text)?;
    if shift > 0 {
        return Ok(());
    }
    text.clear();
    text.push_str("account_id,handle,kind,at,post_id\n");
    for i in 0..n {
        let (who, kind) = (draw(state, n), ["like", "like", "like", "comment"][(i % 4) as usize]);
        let _ = writeln!(
            text,
            "{who},user{who},{kind},{},p{}",
            time(19_000 + draw(state, 500), draw(state, 86_400)),
            draw(state, 900)
        );
    }
    std::fs::write(folder.join("engagements.csv"), &text)?;
    text.clear();
    text.push_str("order_id,customer_id,ordered_at,total,currency,source\n");
    for i in 0..n / 10 {
        let (who, cents) = (draw(state, n / 30 + 1), 500 + draw(state, 9_500));
        let _ = writeln!(
            text,
            "o{i},c{who},{},{}.{:02},EUR,instagram",
            time(19_000 + draw(state, 500), 0),
            cents / 100,
            cents % 100
        );
    }
    std::fs::write(folder.join("orders.csv"), &text)
}

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Server {
    fn start(workspace: &Path) -> io::Result<(Self, String)> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_assay"))
            .args(["serve", "--listen", "127.0.0.1:0", "--workspace"])
            .arg(workspace)
            .stderr(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(stderr) = child.stderr.take() {
            BufReader::new(stderr).read_line(&mut line)?;
        }
        let at = line.split("http://").nth(1).and_then(|rest| rest.split(';').next()).unwrap_or("").trim().to_owned();
        Ok((Self(child), at))
    }

    /// Memory in MB: now, and the most so far.
    fn memory_mb(&self) -> (u64, u64) {
        let (now, most) = memory_kb(self.0.id());
        (now / 1024, most / 1024)
    }
}

/// Asks for a page: the time of its first byte, its status, and its text.
fn get(at: &str, path: &str) -> io::Result<(Duration, u16, Vec<u8>)> {
    let begun = Instant::now();
    let mut stream = TcpStream::connect(at)?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {at}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut first = [0; 1];
    stream.read_exact(&mut first)?;
    let took = begun.elapsed();
    let mut text = first.to_vec();
    stream.read_to_end(&mut text)?;
    let status = text.get(9..12).and_then(|s| std::str::from_utf8(s).ok()).and_then(|s| s.parse().ok()).unwrap_or(0);
    Ok((took, status, text))
}

/// Waits until a page is worked out.
fn settled(at: &str, path: &str) -> io::Result<()> {
    loop {
        let (_, status, text) = get(at, path)?;
        let waits = text.windows(9).any(|w| w == b"data-job=");
        if status != 202 && !waits {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// Visitors ask one page after another; the first byte of each in ms, in order of size, by page.
fn visit(at: &str, visitors: usize) -> Vec<(&'static str, Vec<f64>)> {
    let all: Vec<Vec<(usize, f64)>> = std::thread::scope(|scope| {
        let one = |v: usize| {
            move || {
                let asked = (0..EACH).map(|i| (i * 7 + v) % PAGES.len());
                asked
                    .filter_map(|p| get(at, PAGES[p]).ok().filter(|g| g.1 < 400).map(|g| (p, g.0.as_secs_f64() * 1e3)))
                    .collect()
            }
        };
        let threads: Vec<_> = (0..visitors).map(|v| scope.spawn(one(v))).collect();
        threads.into_iter().map(|t| t.join().unwrap_or_default()).collect()
    });
    let of = |p: usize| {
        let mut ms: Vec<f64> = all.iter().flatten().filter(|(page, _)| *page == p).map(|(_, ms)| *ms).collect();
        ms.sort_by(f64::total_cmp);
        (PAGES[p], ms)
    };
    (0..PAGES.len()).map(of).collect()
}

fn at(ms: &[f64], share: f64) -> f64 {
    ms.get(((ms.len() as f64 * share) as usize).min(ms.len().saturating_sub(1))).copied().unwrap_or(f64::NAN)
}

fn told(title: &str, found: &[(&str, Vec<f64>)]) -> f64 {
    println!("{title}: first byte in ms, median and 99 of 100");
    let mut all: Vec<f64> = found.iter().flat_map(|(_, ms)| ms.iter().copied()).collect();
    all.sort_by(f64::total_cmp);
    for (page, ms) in found {
        println!("  {page:60} {:8.1} {:8.1}  ({})", at(ms, 0.5), at(ms, 0.99), ms.len());
    }
    println!("  {:60} {:8.1} {:8.1}  ({})", "all", at(&all, 0.5), at(&all, 0.99), all.len());
    at(&all, 0.5)
}

fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().collect();
    let n = arguments.iter().find_map(|a| a.parse::<u64>().ok()).unwrap_or(1_000_000);
    let visitors = arguments.iter().position(|a| a == "--visitors").and_then(|i| arguments.get(i + 1)?.parse().ok());
    let visitors = visitors.unwrap_or(50);
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("serve-{n}"));
    let workspace = folder.join("shop.db");
    if !workspace.exists() {
        tables(&folder, n, 0)?;
        let files = ["followers.csv", "engagements.csv", "orders.csv"].map(|f| folder.join(f));
        let done = Command::new(env!("CARGO_BIN_EXE_assay"))
            .args(["import", "--page", "instagram/shop", "--quiet", "--workspace"])
            .arg(&workspace)
            .args(&files)
            .stdout(Stdio::null())
            .status()?;
        println!("made a workspace of {n} followers: {done}");
    }
    let begun = Instant::now();
    let (server, place) = Server::start(&workspace)?;
    let (_, status, _) = get(&place, "/w/shop")?;
    println!("from start to the first page: {:.0} ms (status {status})", begun.elapsed().as_secs_f64() * 1e3);
    for page in PAGES {
        settled(&place, page)?;
        println!("  {page:60} worked out, memory {:?} MB (now, most)", server.memory_mb());
    }
    println!(
        "all pages worked out: {:.1} s after the start; memory {:?} MB (now, most)",
        begun.elapsed().as_secs_f64(),
        server.memory_mb()
    );
    let calm = told(&format!("{visitors} visitors"), &visit(&place, visitors));
    println!("memory {:?} MB (now, most)", server.memory_mb());
    // A newer list of as many followers, handed in while visitors go on.
    let later = folder.join("later");
    tables(&later, n, 1)?;
    let list = std::fs::read(later.join("followers.csv"))?;
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| -> io::Result<()> {
        let sender = scope.spawn(|| -> io::Result<f64> {
            let begun = Instant::now();
            let mut body = b"--x\r\nContent-Disposition: form-data; name=\"page\"\r\n\r\ninstagram/shop\r\n--x\r\nContent-Disposition: form-data; name=\"files\"; filename=\"later.csv\"\r\n\r\n".to_vec();
            body.extend_from_slice(&list);
            body.extend_from_slice(b"\r\n--x--\r\n");
            let mut stream = TcpStream::connect(&place)?;
            let head = format!("POST /api/v1/workspaces/shop/imports HTTP/1.1\r\nHost: {place}\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: {}\r\n\r\n", body.len());
            stream.write_all(head.as_bytes())?;
            stream.write_all(&body)?;
            let mut answer = String::new();
            stream.read_to_string(&mut answer)?;
            let job = answer.split("/jobs/").nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap_or("").to_owned();
            loop {
                let (_, _, text) = get(&place, &format!("/api/v1/workspaces/shop/jobs/{job}"))?;
                let text = String::from_utf8_lossy(&text);
                if text.contains("\"state\":\"done\"") || text.contains("\"state\":\"failed\"") {
                    is_done.store(true, Ordering::Relaxed);
                    return Ok(begun.elapsed().as_secs_f64());
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let mut rounds: Vec<(&str, Vec<f64>)> = PAGES.iter().map(|p| (*p, Vec::new())).collect();
        while !is_done.load(Ordering::Relaxed) {
            for (own, (_, ms)) in rounds.iter_mut().zip(visit(&place, visitors)) {
                own.1.extend(ms);
            }
        }
        for (_, ms) in &mut rounds {
            ms.sort_by(f64::total_cmp);
        }
        let busy = told("while a million-row list is imported", &rounds);
        let took = sender.join().unwrap_or_else(|_| Err(io::ErrorKind::Other.into()))?;
        println!("handed in and imported in {took:.1} s; pages take {:.2} of their time before", busy / calm);
        Ok(())
    })?;
    println!("memory {:?} MB (now, most)", server.memory_mb());
    for page in PAGES {
        settled(&place, page)?;
        println!("  {page:60} worked out again, memory {:?} MB (now, most)", server.memory_mb());
    }
    Ok(())
}
