//! Prints how often readings err, cover and find: made experiments, read by the rules that `assay experiment read` reads by.
//! `cargo run --release -p assay-experiment --example operating_characteristics -- 1000` makes 1,000 runs a cell;
//! a second argument (`errors`, `coverage`, `power`, `revenue`) prints one part alone, a third only the cells that begin with it
//! (`500/500` of `revenue`; `0.05`, `"0.05 2000"` or `"0.05 2000 50/50 20"` of `errors`), and a fourth is another seed.
//!
//! Beside assay stand other programs' formulas, which `goldens` checks against what those programs print: gbstats (Welch's t
//! absolute, delta method relative, and its sequential test of both), spotify-confidence (normal, naive at every look) and
//! tea-tasting (Welch's t, naive at every look; lift by the logarithm of the ratio).
//! Rates carry Wilson intervals at 95 %. Runs with fewer than twenty events in all are read like any other.

#![expect(clippy::print_stdout, reason = "the table is what this program is for")]
#![expect(clippy::disallowed_methods, reason = "an example is a program: it has arguments and threads")]

use assay_experiment::caps::Caps;
use assay_experiment::forms;
use assay_experiment::means::{Before, Means};
use assay_experiment::moments::{Moments, Sample, Shift};
use assay_experiment::rule::Rule;
use assay_experiment::shares::{Null, Shares};
use assay_experiment::skewed::Skewed;
use assay_math::{Random, Seed, normal_quantile};
use rand::RngExt;
use std::collections::HashMap;

const ALPHA: f64 = 0.05;

/// Counts of runs in which something happened, by name, in the order of [`NAMES`].
type Hits = Vec<u64>;

fn main() {
    let runs: u64 = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(1_000);
    println!("{runs} runs a cell, alpha {ALPHA}, {:?}", seed());
    let only = std::env::args().nth(2);
    let wanted = |part: &str| only.as_deref().is_none_or(|only| only == part);
    if wanted("errors") {
        false_positives(runs);
    }
    if wanted("coverage") {
        coverage(runs);
    }
    if wanted("power") {
        power(runs);
    }
    if wanted("revenue") {
        revenue(runs);
    }
}

/// Whether a cell is asked for: every one is, unless the third argument says how its name begins.
fn chosen(cell: &str) -> bool {
    std::env::args().nth(3).is_none_or(|start| cell == start || cell.starts_with(&format!("{start} ")))
}

/// Where made experiments are drawn from.
fn seed() -> Seed {
    Seed(std::env::args().nth(4).and_then(|a| a.parse().ok()).unwrap_or(20_261))
}

/// Runs `one` for every run on two threads; runs are seeded by their number, so the sums are the same on any machine.
fn sums(runs: u64, n: usize, cell: &str, one: impl Fn(&mut Random, &mut Hits, &mut Cache) + Sync) -> Hits {
    let seed = seed().fork(cell);
    let part = |thread: u64| {
        let (mut hits, mut cache) = (vec![0; n], Cache::default());
        for run in (thread..runs).step_by(2) {
            one(&mut seed.nth(run).random(), &mut hits, &mut cache);
        }
        hits
    };
    std::thread::scope(|scope| {
        let other = scope.spawn(|| part(1));
        let mine = part(0);
        let other = other.join().unwrap_or_default();
        mine.iter().zip(&other).map(|(a, b)| a + b).collect()
    })
}

/// Deviates by table, for counted tables take a while and come again and again.
#[derive(Default)]
struct Cache(HashMap<(u64, u64, u64, u64), f64>);

impl Cache {
    fn z(&mut self, s: &Shares) -> f64 {
        let key = (s.x_control, s.n_control, s.x_arm, s.n_arm);
        if self.0.len() > 2_000_000 {
            self.0.clear();
        }
        *self.0.entry(key).or_insert_with(|| s.z(Null::Difference(0.0)))
    }
}

/// Events among `n` units, by the gaps between them.
fn events(random: &mut Random, n: u64, p: f64) -> u64 {
    let (mut at, mut found) = (0.0, 0);
    let log = (1.0 - p).ln();
    loop {
        at += (random.random_range(f64::MIN_POSITIVE..1.0).ln() / log).floor() + 1.0;
        if at > n as f64 {
            return found;
        }
        found += 1;
    }
}

/// A rate in percent with its Wilson interval.
fn rate(k: u64, n: u64) -> String {
    let (k, n, z) = (k as f64, n as f64, normal_quantile(0.975));
    let (p, scale) = (k / n, 1.0 + z * z / n);
    let middle = (p + z * z / (2.0 * n)) / scale;
    let reach = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt() / scale;
    format!("{:.2} ({:.2}-{:.2})", 100.0 * p, 100.0 * (middle - reach).max(0.0), 100.0 * (middle + reach))
}

fn peers(s: &Shares) -> Option<Means> {
    let of = |x: u64, n: u64| {
        let p = x as f64 / n as f64;
        Sample { y: p, yy: p * (1.0 - p), ..Sample::of_sums(n as f64, 0.0, 0.0) }
    };
    Means::of(&of(s.x_control, s.n_control), &of(s.x_arm, s.n_arm), Before::Ignored)
}

fn false_positives(runs: u64) {
    println!("\nA/A, yes or no: false positives in percent. One look: fixed. More: any look.");
    println!(
        "| rate | largest arm | split | looks | assay, declared looks | assay, --max-n | assay, anytime | few events | gbstats absolute | gbstats relative | spotify, naive | tea-tasting, naive |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|");
    for p in [0.005, 0.01, 0.02, 0.05, 0.1] {
        for n in [200_u64, 500, 2_000, 10_000] {
            for (weight, split) in [(1.0, "50/50"), (1.0 / 9.0, "90/10")] {
                for looks in [1_u32, 5, 20, 100] {
                    if weight < 1.0 && looks > 5 {
                        continue;
                    }
                    let cell = format!("{p} {n} {split} {looks}");
                    if !chosen(&cell) {
                        continue;
                    }
                    let name = format!("aa {cell}");
                    let n_arm = (n as f64 * weight).round() as u64;
                    let hits = sums(runs, 8, &name, |random, hits, cache| {
                        aa_run(p, (n, n_arm), looks, random, hits, cache);
                    });
                    let cells: Vec<String> = hits.iter().map(|h| rate(*h, runs)).collect();
                    println!("| {p} | {n} | {split} | {looks} | {} |", cells.join(" | "));
                }
            }
        }
    }
}

fn aa_run(p: f64, n: (u64, u64), looks: u32, random: &mut Random, hits: &mut Hits, cache: &mut Cache) {
    let mut s = Shares { x_control: 0, n_control: 0, x_arm: 0, n_arm: 0 };
    let mut rejected = [false; 7];
    for look in 1..=u64::from(looks) {
        let due = |n: u64| n * look / u64::from(looks);
        let (m0, m1) = (due(n.0) - s.n_control, due(n.1) - s.n_arm);
        s.x_control += events(random, m0, p);
        s.x_arm += events(random, m1, p);
        s.n_control += m0;
        s.n_arm += m1;
        if s.n_arm == 0 {
            continue;
        }
        let z = cache.z(&s);
        let units = (s.n_control + s.n_arm) as f64;
        let fraction = units / (n.0 + n.1) as f64;
        rejected[0] |= z.abs() > critical(look, looks);
        rejected[1] |= z.abs() > Rule::Capped { fraction, looks: None }.critical(ALPHA);
        let anytime = Rule::Anytime { n: units }.critical(ALPHA);
        rejected[2] |= z.abs() > anytime;
        if let Some(m) = peers(&s) {
            let absolute = forms::welch(&m, 1.0 - ALPHA);
            let error = m.spread.sqrt();
            let (one_look, wald) = (looks == 1, (m.difference / error).abs());
            rejected[3] |= if one_look { absolute.p_value < ALPHA } else { wald > anytime };
            rejected[6] |= absolute.p_value < ALPHA;
            if m.control > 0.0 {
                let lift = m.difference / m.control;
                let spread = m.spread + lift * lift * m.control_spread - 2.0 * lift * m.shared;
                let relative = (lift / (spread.sqrt() / m.control)).abs();
                rejected[4] |= relative > if one_look { normal_quantile(1.0 - ALPHA / 2.0) } else { anytime };
            }
            rejected[5] |= wald > normal_quantile(1.0 - ALPHA / 2.0);
        }
    }
    for (place, rejected) in [0, 1, 2, 4, 5, 6, 7].into_iter().zip(rejected) {
        hits[place] += u64::from(rejected);
    }
    hits[3] += u64::from(s.x_control + s.x_arm < 20);
}

/// The critical deviate of evenly spaced looks, which all cells with this number of looks share.
fn critical(look: u64, looks: u32) -> f64 {
    thread_local! {
        static KNOWN: std::cell::RefCell<HashMap<(u64, u32), f64>> = std::cell::RefCell::new(HashMap::new());
    }
    KNOWN.with(|known| {
        *known.borrow_mut().entry((look, looks)).or_insert_with(|| {
            let fraction = look as f64 / f64::from(looks);
            let rule = if looks == 1 { Rule::Fixed } else { Rule::Capped { fraction, looks: Some(looks) } };
            rule.critical(ALPHA)
        })
    })
}

fn coverage(runs: u64) {
    println!(
        "\nOne look, the arm half as good again: how often the interval misses the truth below and above, in percent."
    );
    println!(
        "| rate | control | arm | difference too high | too low | lift too high | too low | gbstats lift too high | too low | spotify lift too high | too low | tea-tasting lift too high | too low |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    let z = Rule::Fixed.critical(ALPHA);
    for p in [0.005, 0.01, 0.02, 0.05, 0.1] {
        for (n0, n1) in [(200, 200), (1_000, 1_000), (4_000, 4_000), (3_600, 400)] {
            let hits = sums(runs, 10, &format!("cover {p} {n0} {n1}"), |random, hits, _| {
                let s = Shares {
                    x_control: events(random, n0, p),
                    n_control: n0,
                    x_arm: events(random, n1, 1.5 * p),
                    n_arm: n1,
                };
                let difference = s.z(Null::Difference(0.5 * p));
                let lift = s.z(Null::Ratio(1.5));
                for (k, out) in [difference > z, difference < -z, lift > z, lift < -z].into_iter().enumerate() {
                    hits[k] += u64::from(out);
                }
                if let Some(m) = peers(&s).filter(|m| m.control > 0.0) {
                    let delta = forms::delta_lift(&m, m.control, 1.0 - ALPHA);
                    let rescaled = forms::rescaled(forms::wald(&s, 1.0 - ALPHA), m.control);
                    let mut misses = vec![delta.low > 0.5, delta.high < 0.5, rescaled.low > 0.5, rescaled.high < 0.5];
                    if let Some(log) = forms::log_ratio(&m, 1.0 - ALPHA) {
                        misses.extend([log.low > 0.5, log.high < 0.5]);
                    }
                    for (k, out) in misses.into_iter().enumerate() {
                        hits[4 + k] += u64::from(out);
                    }
                }
            });
            let cells: Vec<String> = hits.iter().map(|h| format!("{:.2}", 100.0 * *h as f64 / runs as f64)).collect();
            println!("| {p} | {n0} | {n1} | {} |", cells.join(" | "));
        }
    }
}

fn power(runs: u64) {
    println!(
        "\nPower in percent, mean units an arm at the end, and false positives at the same looks; *less* is the power below that of one"
    );
    println!(
        "look at the end at a level with the same false positives, measured on the same runs. Looks evenly spaced."
    );
    println!(
        "| rates | an arm | looks | one look at the end | false positives | declared looks | units | false positives | less | --max-n | units | false positives | less | anytime | units | false positives | less |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|---|");
    for (p, q, n, looks) in
        [(0.05, 0.075, 2_000_u64, 20_u32), (0.02, 0.035, 2_000, 20), (0.02, 0.03, 6_000, 30), (0.05, 0.075, 2_000, 5)]
    {
        let name = format!("{p} {q} {n} {looks}");
        let (found, ends) = looked(runs, &format!("power {name}"), (p, q), n, looks);
        let (errors, null_ends) = looked(runs, &format!("power null {name}"), (p, p), n, looks);
        let share = |k: u64| format!("{:.1}", 100.0 * k as f64 / runs as f64);
        let mut cells = vec![share(found[0]), share(errors[0])];
        for k in 0..3 {
            // The level of one look that errs as often: the end that so many runs without an effect lie beyond.
            let n_errors = errors[1 + 2 * k] as usize;
            let level = null_ends.get(n_errors).copied().unwrap_or(0.0);
            let one_look = ends.partition_point(|z| *z > level) as u64;
            let stopped = found[1 + 2 * k];
            let less = 100.0 * (one_look as f64 - stopped as f64) / runs as f64;
            let units = format!("{:.0}", found[2 + 2 * k] as f64 / runs as f64);
            cells.extend([share(stopped), units, share(errors[1 + 2 * k]), format!("{less:.1}")]);
        }
        println!("| {p} to {q} | {n} | {looks} | {} |", cells.join(" | "));
    }
}

/// Runs that were stopped, by rule with the units each took, and the deviates at the end of all, falling.
fn looked(runs: u64, cell: &str, (p, q): (f64, f64), n: u64, looks: u32) -> (Hits, Vec<f64>) {
    let ends = std::sync::Mutex::new(Vec::new());
    let hits = sums(runs, 7, cell, |random, hits, cache| {
        let mut s = Shares { x_control: 0, n_control: 0, x_arm: 0, n_arm: 0 };
        let mut stopped = [None; 3];
        let mut last = 0.0_f64;
        for look in 1..=u64::from(looks) {
            let due = n * look / u64::from(looks) - s.n_arm;
            s.x_control += events(random, due, p);
            s.x_arm += events(random, due, q);
            s.n_control += due;
            s.n_arm += due;
            last = cache.z(&s).abs();
            let bounds = [
                critical(look, looks),
                Rule::Capped { fraction: s.n_arm as f64 / n as f64, looks: None }.critical(ALPHA),
                Rule::Anytime { n: 2.0 * s.n_arm as f64 }.critical(ALPHA),
            ];
            for (stop, bound) in stopped.iter_mut().zip(bounds) {
                if stop.is_none() && last > bound {
                    *stop = Some(s.n_arm);
                }
            }
        }
        hits[0] += u64::from(last > Rule::Fixed.critical(ALPHA));
        for (k, stop) in stopped.into_iter().enumerate() {
            hits[1 + 2 * k] += u64::from(stop.is_some());
            hits[2 + 2 * k] += stop.unwrap_or(n);
        }
        if let Ok(mut ends) = ends.lock() {
            ends.push(last);
        }
    });
    let mut ends = ends.into_inner().unwrap_or_default();
    ends.sort_by(|a: &f64, b| b.total_cmp(a));
    (hits, ends)
}

fn revenue(runs: u64) {
    println!(
        "\nRevenue: 98 % buy nothing, the rest lognormal (sigma 1). One look: false positives, and misses of a lift of half"
    );
    println!("in who buys, below and above, in percent; abstained below twenty buyers in all. 999 deals a reading.");
    println!(
        "| control | arm | abstained | assay: false positives | lift too high | too low | Welch: false positives | lift too high | too low |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let z = Rule::Fixed.critical(ALPHA);
    for (n0, n1) in [(200_u64, 200_u64), (500, 500), (2_000, 2_000), (10_000, 10_000), (1_800, 200), (9_000, 1_000)] {
        if !chosen(&format!("{n0}/{n1}")) {
            continue;
        }
        let hits = sums(runs, 9, &format!("revenue {n0} {n1}"), |random, hits, _| {
            let (a, b, c) = (amounts(random, n0, 0.02), amounts(random, n1, 0.02), amounts(random, n1, 0.03));
            let truth = Null::Difference(0.01 * 30.0 * 0.5_f64.exp());
            for (arm, null, place) in [(&b, Null::Difference(0.0), 2), (&c, truth, 3)] {
                // Each reading abstains by its own buyers: those of another would choose controls that bought more.
                if a.0.n_nonzero() + arm.0.n_nonzero() < 20 {
                    hits[0] += u64::from(place == 2);
                    continue;
                }
                hits[if place == 2 { 1 } else { 8 }] += 1;
                let (Some(s0), Some(s1)) = (a.0.sample(), arm.0.sample()) else { continue };
                let seed = Seed(random.random_range(0..u64::MAX));
                let Some(skewed) = Skewed::of([&a.1, &arm.1], [&s0, &s1], 999, seed) else { continue };
                for (z_here, place) in [(skewed.z(null), place), (skewed.means.z(null), place + 3)] {
                    if place == 2 || place == 5 {
                        hits[place] += u64::from(z_here.abs() > z);
                    } else {
                        hits[place] += u64::from(z_here > z);
                        hits[place + 1] += u64::from(z_here < -z);
                    }
                }
            }
        });
        let read = hits[1].max(1);
        let share = |k: usize| format!("{:.2}", 100.0 * hits[k] as f64 / hits[8].max(1) as f64);
        println!(
            "| {n0} | {n1} | {:.1} | {} | {} | {} | {} | {} | {} |",
            100.0 * hits[0] as f64 / runs as f64,
            rate(hits[2], read),
            share(3),
            share(4),
            rate(hits[5], read),
            share(6),
            share(7)
        );
    }
}

fn amounts(random: &mut Random, n: u64, p: f64) -> (Moments, Caps) {
    let (mut moments, mut caps) = (Moments::new(Shift::default()), Caps::default());
    let buyers = events(random, n, p);
    for k in 0..n {
        let spend = if k < buyers { normal_quantile(random.random_range(1e-12..1.0)).exp() * 30.0 } else { 0.0 };
        moments.add(spend, 1.0, 0.0);
        caps.add(spend);
    }
    (moments, caps)
}
