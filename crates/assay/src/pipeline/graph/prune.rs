//! A graph whose edges do not fit the memory: nodes that can belong to no ring go first, in passes over the rows.
//!
//! A member of a ring has two edges into it or more ([`assay_rings::EDGES_MIN`]). So whoever has fewer edges than that, once those
//! to nodes that went before are left out, may go, and no ring is lost. If that is not enough, three are asked for, four, and so
//! on: then rings stay whole whose members all have so many edges within, and others may be lost, which the report says. What
//! chance would bring, and how large a target's audience is, is counted in the whole graph all the same.
//!
//! With times the same holds of rings by time: whoever came within the same days to two targets that others came to has two edges
//! to targets that have two. What else times need of the whole is known from edges with one end left out, which are few
//! ([`assay_rings::Whole`]).
//!
//! **Limits.** A row that is repeated counts as often as it stands there in the degrees of nodes whose edge it was, if pruning
//! dropped it (with times, if it dropped both its ends). With times chance among cells is counted on the cautious side.

use super::PairsOf;
use crate::pipeline::{Error, Step, Watch};
use assay_math::graph::{Alive, Bipartite, BuildError, Pairs, PruneUntil, Weights, prune_streaming};
use assay_model::Go;
use assay_model::edges::{EdgeBlock, EdgePasses, EdgesError, NO_TIME};
use assay_rings::{Beside, Degrees, EDGES_MIN, Whole};

/// How many edges a member must have, in turns, until the edges fit.
const LEAST: [u32; 9] = [EDGES_MIN, 3, 4, 6, 8, 12, 16, 24, 32];
/// Passes for each of them: what a fifth one drops is little.
const PASSES_MAX: u32 = 4;

const PRUNING: Step = Step::Named("leaving out what is in no ring");

/// What pruning did.
#[derive(Debug, Clone)]
pub struct Pruned {
    /// What is known of the whole graph.
    pub known: Known,
    /// Rings whose members all have so many edges within are whole.
    pub least: u32,
    /// Passes over the rows that it took.
    pub n_passes: u32,
}

/// What is known of a graph that was pruned.
#[derive(Debug, Clone)]
pub enum Known {
    /// Degrees, where edges have no times.
    Links(Degrees),
    /// What times need besides.
    Timed(Whole),
}

impl Known {
    /// The degrees in the whole graph.
    pub fn degrees(&self) -> &Degrees {
        match self {
            Self::Links(degrees) => degrees,
            Self::Timed(whole) => &whole.degrees,
        }
    }
}

/// Which nodes are left once no more edges are than fit if members are asked for so many, and how many edges others lacked that went; `None` if that cannot
/// be reached.
pub(super) fn prune(
    edges: &mut dyn EdgePasses,
    fit: &dyn Fn(u32) -> u64,
    watch: &mut Watch<'_>,
) -> Result<Option<(Alive, u32)>, Error> {
    let shape = edges.shape();
    let mut alive = Alive::all(shape.n_sources, shape.n_targets, shape.n_edges);
    let weights = Weights::ones(shape.n_targets);
    let n_left = |alive: &Alive| alive.sources.count() + alive.targets.count();
    let mut least = EDGES_MIN;
    for bound in LEAST {
        let before = n_left(&alive);
        let until = PruneUntil { n_pairs: fit(bound), n_passes: PASSES_MAX };
        let pairs = &mut PairsOf(edges);
        let mut tick = |done, total| watch(PRUNING, done, total);
        alive = prune_streaming(alive, pairs, &weights, f64::from(bound), until, &mut tick).map_err(failed)?;
        // The first pass of a bound may but find that what the bound before dropped was enough.
        if n_left(&alive) < before {
            least = bound;
        }
        if alive.n_pairs <= until.n_pairs && until.n_pairs > 0 {
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
    Ok(Pruned { known: Known::Links(degrees), least, n_passes: alive.n_passes + 1 })
}

/// The same where edges have times, of which some were met before: counts those whose both ends were left out.
pub(super) fn pruned_timed(
    edges: &mut dyn EdgePasses,
    mut whole: Whole,
    first_s: i64,
    (alive, least): (&Alive, u32),
    watch: &mut Watch<'_>,
) -> Result<Pruned, Error> {
    let (mut done, all) = (0, edges.shape().n_edges);
    edges.pass(&mut |block| {
        each_of(block, first_s, &mut |edge| whole.count(alive, edge));
        done += block.len() as u64;
        watch(PRUNING, done, all)
    })?;
    Ok(Pruned { known: Known::Timed(whole), least, n_passes: alive.n_passes + 1 })
}

/// How many rows have their source alone left out, and how many their target.
pub(super) fn beside(block: &EdgeBlock, alive: &Alive) -> (u64, u64) {
    let one_left = |&(&s, &t): &(&u32, &u32)| alive.sources.has(s) != alive.targets.has(t);
    let (around, beyond): (Vec<bool>, Vec<bool>) =
        block.source.iter().zip(&block.target).filter(one_left).map(|(_, &t)| alive.targets.has(t)).partition(|&is| is);
    (around.len() as u64, beyond.len() as u64)
}

/// Meets edges with one end left out.
pub(super) fn meet(block: &EdgeBlock, first_s: i64, alive: &Alive, whole: &mut Whole) {
    each_of(block, first_s, &mut |edge| whole.meet(alive, edge));
}

/// Edges of a block, with seconds after the first.
fn each_of(block: &EdgeBlock, first_s: i64, each: &mut dyn FnMut(Beside)) {
    for ((&source, &target), &at_s) in block.source.iter().zip(&block.target).zip(&block.at_s) {
        let at = if at_s == NO_TIME { assay_rings::NO_TIME } else { (at_s - first_s) as u32 };
        each(Beside { target, source, at });
    }
}

pub(super) fn failed(problem: BuildError<EdgesError>) -> Error {
    match problem {
        BuildError::Pairs(problem) => problem.into(),
        BuildError::Stopped => Error::Interrupted,
    }
}

#[cfg(test)]
mod tests {
    use super::prune;
    use assay_model::Go;
    use assay_model::edges::{EdgeBlock, EdgeTable, Kinds};

    /// Three sources on the same three targets, and a path of so many nodes, of which a pass drops both ends.
    fn ring_and_path(n: u32) -> EdgeTable {
        let mut edges = EdgeBlock::default();
        let mut edge = |s, t| {
            edges.source.push(s);
            edges.target.push(t);
        };
        (0..9).for_each(|k| edge(k / 3, k % 3));
        // Sources and targets in turns.
        (1..n).for_each(|k| edge(3 + k / 2, 3 + (k - 1) / 2));
        EdgeTable::new(edges, 3 + n.div_ceil(2), 3 + n / 2, Kinds::Two)
    }

    #[test]
    fn the_least_is_that_of_the_last_pass_that_dropped_something() {
        let least = |n, n_edges_max| {
            let mut table = ring_and_path(n);
            let found = prune(&mut table, &|_| n_edges_max, &mut |_, _, _| Go::On).expect("nobody stops it");
            found.map(|(alive, least)| (alive.sources.count() + alive.targets.count(), least))
        };
        // Four passes of two edges leave the ring alone; that it fits shows in the first of three, which drops nothing.
        assert_eq!(least(8, 9), Some((6, 2)));
        // Four leave a piece of the path, which three drop.
        assert_eq!(least(20, 9), Some((6, 3)));
        assert_eq!(least(20, 8), Some((0, 4)));
    }
}
