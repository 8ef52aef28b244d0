//! How fast the feed simulator is: `cargo bench -p assay --bench feed -- [PEOPLE] [DAYS] [THREADS]`.
//!
//! FEEDTOY-1 (`assay_reach::feed::Toy`), by default a million people for 30 days on one thread: set-up, then person-days a second;
//! then a year of the default page by cohorts on platforms of four sizes.

use assay::pipeline::simulation_pool;
use assay_math::Seed;
use assay_reach::feed::{Backdrop, PlatformTotals, Scenario, Toy, cohorts, toy_scenario};
use std::error::Error;
use std::io::{self, Write};
use std::time::Instant;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let numbers: Vec<u64> = std::env::args().skip(1).filter_map(|a| a.replace('_', "").parse().ok()).collect();
    let [people, days, threads] = [1_000_000, 30, 1].map_each(&numbers);
    let mut out = io::stdout();
    let scenario = toy_scenario(people);
    simulation_pool(threads as usize)?.install(|| -> Result<(), Box<dyn Error + Send + Sync>> {
        let began = Instant::now();
        let mut toy = Toy::new(&scenario, Seed(1)).ok_or("no such policy")?;
        let set_up = began.elapsed().as_secs_f64();
        // The first day touches all memory.
        toy.step();
        let began = Instant::now();
        let mut totals = PlatformTotals::default();
        for _ in 0..days {
            totals = toy.step();
        }
        let took = began.elapsed().as_secs_f64();
        let steps = (people * days) as f64;
        writeln!(out, "FEEDTOY-1, {people} people, {days} days, {threads} threads")?;
        writeln!(out, "{set_up:8.2} s  set-up")?;
        writeln!(out, "{took:8.2} s  {:.3e} person-days a second", steps / took)?;
        writeln!(out, "          {totals:?}")?;
        Ok(())
    })?;
    for users in [100_000, 1_000_000, 100_000_000, 2_000_000_000_u64] {
        let mut scenario = Scenario { days: 365, ..Scenario::default() };
        scenario.platform.users = users;
        let began = Instant::now();
        let backdrop = Backdrop::new(&scenario, None, Seed(1)).ok_or("no such policy")?;
        let settled = began.elapsed();
        let run = cohorts(&scenario, &backdrop, Seed(1));
        writeln!(
            out,
            "{:8.2} ms  a year by cohorts, {users} people ({:.2} ms to settle, {} posts)",
            1e3 * began.elapsed().as_secs_f64(),
            1e3 * settled.as_secs_f64(),
            run.posts.len()
        )?;
    }
    Ok(())
}

/// The numbers given, and the usual ones where none is.
trait MapEach {
    fn map_each(self, given: &[u64]) -> Self;
}

impl MapEach for [u64; 3] {
    fn map_each(mut self, given: &[u64]) -> Self {
        self.iter_mut().zip(given).for_each(|(usual, given)| *usual = *given);
        self
    }
}
