//! Rings among the followers, from a table of what else they follow.
//!
//! ```text
//! table of edges ─ graph ─► find ─► Rings ─ names ─► followers who are members ─► verdicts
//! ```

use super::graph::{GraphOptions, weights_unused};
use super::{Error, Step, Watch};
use crate::report::{ChannelReport, ChannelState};
use assay_detect::lockstep;
use assay_graphfile::ColumnChoice;
use assay_math::Seed;
use assay_math::graph::Bipartite;
use assay_model::edges::{EdgeNames, Kinds};
use assay_model::{Abstention, Audience, FollowerInRing, Page, Rings, Verdicts};
use assay_rings::{Asked, find, memory};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Followers with two edges or more that are needed, and the share of all followers: below, the table is about others.
const COVERED_MIN: usize = 30;
/// See [`COVERED_MIN`].
const COVERED_SHARE_MIN: f64 = 0.02;

/// A table of what else the followers follow, and how to read it.
#[derive(Debug, Clone)]
pub struct EdgesBeside {
    /// Files or folders, read as one.
    pub paths: Vec<PathBuf>,
    /// Which columns are which, where the user says so.
    pub columns: ColumnChoice,
    /// Bytes of memory that may be used; `None` where nobody knows.
    pub memory_max: Option<u64>,
}

/// Finds rings in the table and moves the verdicts of followers in them; tells what came of it as a channel. Files that were
/// read are added to those of the page.
///
/// # Errors
/// When the table cannot be read or will not fit the memory, or `watch` answers stop.
pub(super) fn look(
    page: &mut Page,
    verdicts: &mut Verdicts,
    beside: &EdgesBeside,
    seed: Seed,
    watch: &mut Watch<'_>,
) -> Result<ChannelReport, Error> {
    let options = GraphOptions {
        columns: beside.columns.clone(),
        kinds: Kinds::Two,
        memory_max: beside.memory_max,
        ..GraphOptions::default()
    };
    let graph = super::graph::graph(&beside.paths, &options, &memory, &mut |_| {}, watch)?;
    page.facts.files.extend(graph.read.files.iter().cloned());
    let told = |state, notes| ChannelReport {
        id: lockstep::CHANNEL,
        sentence: lockstep::SENTENCE,
        source: lockstep::SOURCE,
        limits: lockstep::LIMITS,
        state,
        notes,
    };
    let row_of = rows(&page.audience, &graph.read.names, &graph.graph);
    let (n_covered, n) = (row_of.len(), page.audience.len());
    if n_covered < COVERED_MIN || (n_covered as f64) < COVERED_SHARE_MIN * n as f64 {
        let why = format!(
            "the table of edges tells what {n_covered} of {n} followers follow besides; {} are needed",
            COVERED_MIN.max((COVERED_SHARE_MIN * n as f64).ceil() as usize)
        );
        let settle = "a table whose sources are followers of this page, called by the ids or handles of the export, \
                      with two edges or more for each";
        return Ok(told(ChannelState::Abstained(Abstention::new(why, settle)), Vec::new()));
    }
    let asked = Asked { seed: seed.fork(lockstep::CHANNEL), fdr: super::DEFAULT_FDR };
    let step = Step::Looking(lockstep::CHANNEL);
    let rings = find(&graph.graph, graph.times.as_ref(), &asked, &mut |done, total| watch(step, done, total))
        .map_err(|_| Error::Interrupted)?;
    let (members, n_rings) = members(&rings, &row_of);
    lockstep::apply(verdicts, &members, n_covered);
    let mut notes = vec![format!(
        "{} of {n_covered} followers whose other follows are known are in {n_rings} of {} rings; of the other {} followers \
         the table says nothing.",
        members.len(),
        rings.rings.len(),
        n - n_covered
    )];
    notes.extend(graph.read.notes.iter().cloned().chain(weights_unused(&graph.read)));
    Ok(told(ChannelState::Used, notes))
}

/// The followers with two edges or more, by their number in the table: by account id, else by handle.
fn rows(audience: &Audience, names: &EdgeNames, graph: &Bipartite) -> BTreeMap<u32, u32> {
    let mut row_of = BTreeMap::new();
    for i in 0..audience.len() {
        let who = audience.follower(i);
        let mut known = [Some(who.account_id), who.handle].into_iter().flatten().filter(|name| !name.is_empty());
        if let Some(source) = known.find_map(|name| names.sources.find(name))
            && source < graph.n_sources()
            && graph.by_source.degree(source) >= 2
        {
            row_of.entry(source).or_insert(i as u32);
        }
    }
    row_of
}

/// The followers in rings, each in that to which it belongs most surely, in order of rank; and in how many rings they are.
fn members(rings: &Rings, row_of: &BTreeMap<u32, u32>) -> (Vec<FollowerInRing>, usize) {
    let mut of: BTreeMap<u32, FollowerInRing> = BTreeMap::new();
    let mut n_rings = 0;
    for ring in &rings.rings {
        let mut is_here = false;
        for member in &ring.sources {
            let Some(&rank) = row_of.get(&member.account) else { continue };
            is_here = true;
            let here = FollowerInRing {
                rank,
                n_accounts: ring.sources.len() as u64,
                n_targets: ring.targets.len() as u64,
                n_shared: member.n_edges,
                score: member.score,
                q_value: ring.q_value,
            };
            of.entry(rank)
                .and_modify(|other| {
                    if here.score > other.score {
                        *other = here;
                    }
                })
                .or_insert(here);
        }
        n_rings += usize::from(is_here);
    }
    (of.into_values().collect(), n_rings)
}
