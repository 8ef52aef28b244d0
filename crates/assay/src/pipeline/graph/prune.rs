//! A graph whose edges do not fit the memory: nodes that can belong to no ring go first, in passes over the rows.
//!
//! A member of a ring has two edges into it or more ([`assay_rings::EDGES_MIN`]). So whoever has fewer edges than that, once those
//! to nodes that went before are left out, may go, and no ring is lost. If that is not enough, three are asked for, four, and so
//! on: then rings stay whole whose members all have so many edges within, and others may be lost, which the report says. What
//! chance would bring, and how large a target's audience is, is counted in the whole graph all the same.
//!
//! **Limits.** A row that is repeated counts as often as it stands there in the degrees of nodes whose edge it was, if pruning
//! dropped it. Edges with times are not pruned: the graph of who came when is another graph.

use super::PairsOf;
use crate::pipeline::{Error, Step, Watch};
use assay_math::graph::{Alive, Bipartite, BuildError, Pairs, PruneUntil, Weights, prune_streaming};
use assay_model::Go;
use assay_model::edges::{EdgePasses, EdgesError};
use assay_rings::{Degrees, EDGES_MIN};

/// How many edges a member must have, in turns, until the edges fit.
const LEAST: [u32; 9] = [EDGES_MIN, 3, 4, 6, 8, 12, 16, 24, 32];
/// Passes for each of them: what a fifth one drops is little.
const PASSES_MAX: u32 = 4;

const PRUNING: Step = Step::Named("leaving out what is in no ring");

/// What pruning did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pruned {
    /// The degrees in the whole graph.
    pub degrees: Degrees,
    /// Rings whose members all have so many edges within are whole.
    pub least: u32,
    /// Passes over the rows that it took.
    pub n_passes: u32,
    /// Edges that were kept.
    pub n_kept: u64,
}

/// Which nodes are left once no more than `n_edges_max` edges are, and how many edges each of them had to have; `None` if that
/// cannot be reached.
pub(super) fn prune(
    edges: &mut dyn EdgePasses,
    n_edges_max: u64,
    watch: &mut Watch<'_>,
) -> Result<Option<(Alive, u32)>, Error> {
    let shape = edges.shape();
    let mut alive = Alive::all(shape.n_sources, shape.n_targets, shape.n_edges);
    let weights = Weights::ones(shape.n_targets);
    let until = PruneUntil { n_pairs: n_edges_max, n_passes: PASSES_MAX };
    for least in LEAST {
        let pairs = &mut PairsOf(edges);
        let mut tick = |done, total| watch(PRUNING, done, total);
        alive = prune_streaming(alive, pairs, &weights, f64::from(least), until, &mut tick).map_err(failed)?;
        if alive.n_pairs <= n_edges_max {
            return Ok(Some((alive, least)));
        }
    }
    Ok(None)
}

/// What pruning did to a graph that was built of what it left: the edges kept, and the rows dropped, counted in one more pass.
pub(super) fn pruned(
    edges: &mut dyn EdgePasses,
    graph: &Bipartite,
    (alive, least): (&Alive, u32),
    watch: &mut Watch<'_>,
) -> Result<Pruned, Error> {
    let of = |n: u32, degree: &dyn Fn(u32) -> u32| (0..n).map(degree).collect::<Vec<u32>>();
    let mut degrees = Degrees {
        sources: of(graph.n_sources(), &|s| graph.by_source.degree(s)),
        targets: of(graph.n_targets(), &|t| graph.by_target.degree(t)),
        n_edges: graph.n_edges(),
    };
    let (mut done, all) = (0, edges.shape().n_edges);
    let mut go = Go::On;
    PairsOf(edges).pass(&mut |sources, targets| {
        for (&s, &t) in sources.iter().zip(targets) {
            if !(alive.sources.has(s) && alive.targets.has(t)) {
                degrees.sources[s as usize] += 1;
                degrees.targets[t as usize] += 1;
                degrees.n_edges += 1;
            }
        }
        done += sources.len() as u64;
        go = watch(PRUNING, done, all);
        go
    })?;
    if go == Go::Stop {
        return Err(Error::Interrupted);
    }
    Ok(Pruned { degrees, least, n_passes: alive.n_passes + 1, n_kept: graph.n_edges() })
}

fn failed(problem: BuildError<EdgesError>) -> Error {
    match problem {
        BuildError::Pairs(problem) => problem.into(),
        BuildError::Stopped => Error::Interrupted,
    }
}
