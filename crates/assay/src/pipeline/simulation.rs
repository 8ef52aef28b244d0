//! From a scenario to a report: reads it, refuses what cannot be, runs both worlds under each seed, and compares them.

use super::graph::{Graph, GraphOptions};
use super::{Error, Watch};
use crate::report::{Engine, EngineUsed, SimulationReport};
use assay_graphfile::ReadEdges;
use assay_math::Seed;
use assay_model::edges::Kinds;
use assay_model::{Go, Stopped, Tick};
use assay_reach::feed::{
    Backdrop, Fault, FollowTable, GraphKind, Pair, Run, Scenario, agents, check, cohorts, compare,
};
use rayon::{ThreadPool, ThreadPoolBuilder};
use std::path::Path;

/// The most follows that a table may hold.
const FOLLOWS_MAX: u64 = 1 << 30;
/// Bytes that a follow takes while the platform is laid out, besides the graph.
const MEMORY_OF_FOLLOW: u64 = 16;

/// What the user asked of a simulation.
#[derive(Debug, Clone, Copy)]
pub struct SimulationOptions {
    /// Which engine.
    pub engine: Engine,
    /// The first seed; the others follow it.
    pub seed: Seed,
    /// How many seeds.
    pub n_seeds: u32,
    /// How many threads the agents work on; 0 for as many as there are.
    pub threads: usize,
}

/// A pool of so many threads for the agents; 0 for as many as there are processors.
///
/// # Errors
/// When the system gives no threads.
pub fn simulation_pool(threads: usize) -> Result<ThreadPool, Error> {
    ThreadPoolBuilder::new().num_threads(threads).build().map_err(|e| Error::Input {
        message: format!("cannot start {threads} threads: {e}"),
        hint: Some("name fewer with --threads".to_owned()),
    })
}

/// Reads a scenario in TOML.
///
/// # Errors
/// Where it is no TOML, has keys that are not known, or asks for what cannot be: every fault, with its key.
pub fn read_scenario(name: &str, text: &str) -> Result<Scenario, Error> {
    let scenario: Scenario = toml::from_str(text).map_err(|e| {
        let line = e.span().map(|span| 1 + text[..span.start.min(text.len())].matches('\n').count());
        let place = line.map_or(name.to_owned(), |line| format!("{name}, line {line}"));
        Error::Usage {
            message: format!("expected a scenario, found in {place}: {}", e.message()),
            hint: Some("`assay reach simulate --init` writes one with every key explained".to_owned()),
        }
    })?;
    refuse(name, &check(&scenario))?;
    Ok(scenario)
}

/// Turns faults into an error that tells them all.
fn refuse(name: &str, faults: &[Fault]) -> Result<(), Error> {
    let Some(first) = faults.first() else { return Ok(()) };
    let told: Vec<String> =
        faults.iter().map(|f| format!("{}: expected {}, found {}", f.key, f.expected, f.found)).collect();
    let hints: Vec<&str> = faults.iter().map(|f| f.hint.as_str()).collect();
    let message = if faults.len() == 1 {
        format!("{name} cannot be simulated: {}", told[0])
    } else {
        format!("{name} cannot be simulated:\n  {}", told.join("\n  "))
    };
    let hint = if faults.len() == 1 { first.hint.clone() } else { hints.join("; ") };
    Err(Error::Usage { message, hint: Some(hint) })
}

/// Reads who follows whom: a table of edges in any format that `assay rings` reads, or a packed graph. People are its sources,
/// pages its targets. Hands back what was read besides, for the report.
///
/// # Errors
/// Where the file cannot be read as edges, holds none or too many, or `watch` answers stop.
pub fn read_follows(path: &Path, watch: &mut Watch<'_>) -> Result<(FollowTable, ReadEdges), Error> {
    let how = GraphOptions { kinds: Kinds::Two, ..GraphOptions::default() };
    let memory = |people, pages, follows, timed| {
        super::graph::memory_of_building(people, pages, follows, timed) + MEMORY_OF_FOLLOW * follows
    };
    let Graph { graph, read, .. } = super::graph::graph(&[path.to_owned()], &how, &memory, &mut |_| {}, watch)?;
    let broken = |message: String| Error::Input {
        message: format!("{}: {message}", path.display()),
        hint: Some("a table of follows has the columns source and target, a follow a row".to_owned()),
    };
    let n = graph.n_edges();
    if n == 0 {
        return Err(broken("expected follows, found none".to_owned()));
    }
    if n > FOLLOWS_MAX {
        return Err(broken(format!("expected at most {FOLLOWS_MAX} follows, found {n}")));
    }
    let (users, pages) = (graph.n_sources(), graph.n_targets());
    let mut table = FollowTable { users, pages, source: Vec::new(), target: Vec::new() };
    table.source.reserve_exact(n as usize);
    table.target.reserve_exact(n as usize);
    for person in 0..users {
        for page in graph.by_source.neighbours(person) {
            table.source.push(person);
            table.target.push(*page);
        }
    }
    Ok((table, read))
}

/// Fits the scenario to a table of follows, whose people and pages are those of the platform.
///
/// # Errors
/// Where the page does not fit the people of the table.
pub fn on_table(name: &str, scenario: &mut Scenario, table: &FollowTable) -> Result<(), Error> {
    scenario.platform.users = u64::from(table.users);
    scenario.platform.pages = table.pages;
    let mean = table.source.len() as f64 / f64::from(table.users.max(1));
    scenario.platform.follows = (mean.round() as u32).max(1);
    refuse(name, &check(scenario))
}

/// Runs a scenario of which [`check`] has found no fault, and compares it with the same page that bought none.
///
/// # Errors
/// When the tick says stop, or no threads can be had.
pub fn simulate(
    scenario: &Scenario,
    table: Option<&FollowTable>,
    options: &SimulationOptions,
    tick: &mut (dyn FnMut(u64, u64) -> Go + Send),
) -> Result<SimulationReport, Error> {
    let engine = match options.engine {
        Engine::Auto if scenario.platform.graph == GraphKind::Procedural => EngineUsed::Cohorts,
        Engine::Auto | Engine::Agents => EngineUsed::Agents,
        Engine::Cohorts => EngineUsed::Cohorts,
    };
    let none = scenario.without_purchase();
    let total = u64::from(options.n_seeds);
    let mut pairs = Vec::with_capacity(options.n_seeds as usize);
    simulation_pool(options.threads)?.install(|| -> Result<(), Error> {
        let backdrop = match engine {
            EngineUsed::Cohorts => Backdrop::new(scenario, table, options.seed),
            EngineUsed::Agents => None,
        };
        for i in 0..u64::from(options.n_seeds) {
            let seed = Seed(options.seed.0.wrapping_add(i));
            let run = |scenario: &Scenario, tick: &mut Tick<'_>| -> Result<Run, Error> {
                let run = match &backdrop {
                    Some(backdrop) => Some(cohorts(scenario, backdrop, seed)),
                    None => agents(scenario, table, seed, tick).map_err(|Stopped| Error::Interrupted)?,
                };
                run.ok_or_else(|| Error::Usage { message: "no such policy".to_owned(), hint: None })
            };
            let days = u64::from(scenario.days);
            let mut part = |done: u64, half: u64| tick(2 * days * i + done + half * days, 2 * days * total);
            let with = run(scenario, &mut |done, _| part(done, 0))?;
            let without =
                if scenario.buy.is_empty() { with.clone() } else { run(&none, &mut |done, _| part(done, 1))? };
            if tick(2 * days * (i + 1), 2 * days * total) == Go::Stop {
                return Err(Error::Interrupted);
            }
            pairs.push(Pair { seed: seed.0, with, without });
        }
        Ok(())
    })?;
    let comparison = compare(scenario, &pairs);
    Ok(SimulationReport {
        scenario: scenario.clone(),
        engine,
        seed: options.seed.0,
        pairs,
        comparison,
        inputs: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use super::read_scenario;
    use crate::pipeline::Error;

    #[test]
    fn faults_name_their_key_and_line() {
        let told = |text: &str| match read_scenario("s.toml", text) {
            Err(Error::Usage { message, hint }) => format!("{message} | {}", hint.unwrap_or_default()),
            other => panic!("{other:?}"),
        };
        assert!(told("days = 10\nmoon = 1").contains("s.toml, line 2"));
        assert!(told("days = \"ten\"").contains("line 1"));
        assert!(told("[page]\nfollowers = -3").contains("line 2"));
        let fault = told("[[remove]]\nday = 3");
        assert!(fault.contains("remove[0].day: expected") && fault.contains("nothing is bought"), "{fault}");
        let two = told("[platform]\npolicy = \"moon\"\ntopics = 3");
        assert!(two.contains("platform.policy") && two.contains("\n  platform.topics"), "{two}");
        assert!(read_scenario("s.toml", "").is_ok(), "all keys have defaults");
    }
}
