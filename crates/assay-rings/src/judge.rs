//! Whether a block is a ring: it must be more than chance, and more than a community.
//!
//! **Chance.** In a graph of the same degrees with edges drawn at random, the edges of a block are close to a Poisson number
//! of mean `mu = v_S v_T / m`. The probability of `e` or more is at most `exp(-(e ln(e / mu) - e + mu))` (Chernoff), and there
//! are at most `(e N_S / S)^S (e N_T / T)^T` blocks of that size, of `N_S N_T` sizes: the product bounds the probability
//! that such a graph has any such block. Found by time, the graph is that of sources and cells, and the null shuffles sources
//! among the moments at which each target was served.
//!
//! **Community.** Real graphs are full of dense groups that nobody made: people of one interest, town or language. They have a
//! core and a fringe: few members do most, and targets are also served by many outside. A ring is served by machine or by
//! order: its members do about as much each, its targets get about as much each, and few others care for its targets. The
//! likelihood ratio of "ring" to "community" is the product of
//!
//! - for the sources, their edges into the block: negative binomial, of a squared coefficient of variation that is itself
//!   log-normal, about `RING` in rings and about `COMMUNITY` in communities, and cut where a count could not be: below what
//!   makes a member, above the number of targets;
//! - for the targets likewise;
//! - for each target its edges from the block among all it has: beta-binomial, half `Beta(8, 1)` and half even, to
//!   `Beta(2, 2)`, and never in favour of a ring where most of its audience is elsewhere; since the targets of one group resemble one another, `n` of them count as `n / (1 + (n - 1) / ALIKE)`;
//! - if times are known, how much of the block falls into one stretch of time beyond the share of all edges that does
//!   (Kulldorff's ratio, for as many edges as the shorter side has members, since one account's edges come in one sitting
//!   and one post's likes on one day; discounted likewise), or nothing when times say nothing.
//!
//! Because groups differ as groups, evidence of any one kind is bounded, however large the block. Under "community" the ratio
//! exceeds `x` with probability at most `1 / x` (Markov), which gives a p-value. Both must be small. All four read edges
//! into the block alone, so camouflage does not move them.
//!
//! Where the list of rings ends is decided by `decide.rs`.
//!
//! **Limits.** A small ring (say 10 accounts that share 5 targets) without times leaves too little evidence to be told from a
//! circle of friends: it is set aside. A ring of which some members do twenty times what others do looks like a community
//! unless times or contrast say otherwise. A community of very even members (a class that follows its teachers, buyers of
//! one product in several variants) reads as a ring. The parameters are measured on two graphs, and the families are chosen.

use crate::block::{Block, Counters, Field, belonging, fewest, share_of_outsiders};
use crate::times::{Flow, Times};
use assay_model::{FoundBy, RingEvidence};

/// Squared coefficients of variation of members' rates: the median of a log-normal, and its spread in natural logarithms.
#[derive(Debug, Clone, Copy)]
struct Variation {
    median: f64,
    spread: f64,
}

/// In rings: a spread of rates of 14 %, from none to a third. Made.
const RING: Variation = Variation { median: 0.02, spread: 1.0 };
/// In communities: of the 60 largest of two real graphs (epinions, github), from .05 to .9 with a median of .3.
const COMMUNITY: Variation = Variation { median: 0.3, spread: 0.7 };
/// Variations at which likelihoods are summed: so many, from the least, each so many times the last.
const GRID: (u32, f64, f64) = (16, 0.002, 1.6);
/// Rates that are tried at each variation: so many on either side of the mean, each so many natural logarithms apart.
const RATE_STEPS: i32 = 10;
/// See [`RATE_STEPS`].
const RATE_STEP: f64 = 0.12;
/// Targets of one community are about as alike in contrast as if there were this many of them. Made: contrast of communities
/// of the same two graphs lies between .1 and .97.
const ALIKE: f64 = 5.0;
/// The same for when members of a community act. Made: some communities do gather on one day.
const ALIKE_IN_TIME: f64 = 20.0;

/// A block with what its members do, and what speaks for it.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Its sources, ascending, with their edges into it.
    pub sources: Vec<(u32, u32)>,
    /// Its targets, ascending, with their edges from it and from anyone (within the block's cells, if it was found by time).
    pub targets: Vec<(u32, u32, u32)>,
    /// Edges between them.
    pub n_edges: u64,
    /// Edges that a source usually has into it, beyond chance, and a target from it.
    pub usual: (f64, f64),
    /// The share of outsiders' edges that end at its targets, and of all edges that start at its sources.
    pub shares: (f64, f64),
    /// The logarithm of how many blocks of its size there could be, of how many sizes.
    pub ln_ways: f64,
    /// What speaks for it; without synchrony so far.
    pub evidence: RingEvidence,
}

impl Judged {
    /// The evidence if chance brings so many times the edges.
    pub fn with_chance_times(&mut self, times: f64) {
        let mu = self.evidence.n_edges_by_chance * times;
        self.evidence.n_edges_by_chance = mu;
        self.evidence.ln_p_chance = ln_p_chance(self.n_edges as f64, mu, self.ln_ways);
    }
}

/// Judges a block by its edges. `target_of` names the target of each cell where the field is one of cells.
pub fn judge(
    field: &Field<'_>,
    block: &Block,
    target_of: Option<&[u32]>,
    found_by: FoundBy,
    counters: &mut Counters,
) -> Judged {
    let sources = belonging(field, block, &counters.sources_of(field, &block.targets));
    let members: Vec<u32> = sources.iter().map(|s| s.0).collect();
    let cells = within(&counters.targets_of(field, &members), &block.targets);
    let mut targets: Vec<(u32, u32, u32)> =
        cells.iter().map(|&(c, k)| (target_of.map_or(c, |of| of[c as usize]), k, field.degree_of_target(c))).collect();
    targets.sort_unstable();
    targets.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
            kept.2 += next.2;
        }
        same
    });
    let n_edges: u64 = sources.iter().map(|&(_, k)| u64::from(k)).sum();
    let (of_targets, of_members) = (field.volume_of_targets(&block.targets), field.volume_of_sources(&members));
    let shares = (share_of_outsiders(field, of_targets, n_edges as f64), of_members / field.m);
    let mu = of_targets * of_members / field.m;
    let least = |share: f64, degree: u32, usual: f64, n: usize, n_all: f64| {
        fewest(share * f64::from(degree), usual, (n_all / n as f64).ln().max(0.0))
    };
    let of_source = |&(s, n): &(u32, u32)| {
        let degree = field.degree_of_source(s);
        let least = least(shares.0, degree, block.usual_of_sources, members.len(), field.n_sources);
        Share { n, least: least.min(n) }
    };
    let of_target = |&(_, n, degree): &(u32, u32, u32)| {
        let least = least(shares.1, degree, block.usual_of_targets, block.targets.len(), field.n_targets);
        Share { n, least: least.min(n) }
    };
    let ln_ways = ln_ways((members.len(), block.targets.len()), field);
    let evidence = RingEvidence {
        found_by,
        n_edges_by_chance: mu,
        ln_p_chance: ln_p_chance(n_edges as f64, mu, ln_ways),
        even_sources: evenness(sources.iter().map(of_source).collect(), targets.len() as u32),
        even_targets: evenness(targets.iter().map(of_target).collect(), sources.len() as u32),
        contrast: discounted(targets.iter().map(|&(_, k, d)| contrast(k, d)).sum(), targets.len(), ALIKE),
        synchrony: 0.0,
    };
    let usual = (block.usual_of_sources, block.usual_of_targets);
    Judged { sources, targets, n_edges, usual, shares, ln_ways, evidence }
}

/// Of ascending counts those of ascending members.
fn within(counted: &[(u32, u32)], members: &[u32]) -> Vec<(u32, u32)> {
    counted.iter().copied().filter(|(i, _)| members.binary_search(i).is_ok()).collect()
}

/// The logarithm of the bound on the probability of any block of this size with as many edges by chance.
fn ln_p_chance(e: f64, mu: f64, ln_ways: f64) -> f64 {
    if e <= mu { 0.0 } else { (ln_ways - (e * (e / mu).ln() - (e - mu))).min(0.0) }
}

/// The logarithm of how many blocks of this size there could be, times how many sizes.
fn ln_ways(size: (usize, usize), field: &Field<'_>) -> f64 {
    let ways = |n: f64, of: f64| n * (of / n).max(1.0).ln() + n;
    let sizes = field.n_sources.ln() + field.n_targets.ln();
    ways(size.0 as f64, field.n_sources) + ways(size.1 as f64, field.n_targets) + sizes
}

/// How often a member acts within a block: its edges into it, and the fewest by which it would have been drawn into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Share {
    /// Its edges.
    pub n: u32,
    /// The fewest edges with which it would be a member.
    pub least: u32,
}

/// The log-likelihood ratio of members' counts with a ring's variation to a community's. A count lies between what made
/// its member one and `most`, the nodes of the other side: where these are close together, every group is even.
pub fn evenness(mut counts: Vec<Share>, most: u32) -> f64 {
    if counts.is_empty() {
        return 0.0;
    }
    let mean = counts.iter().map(|c| f64::from(c.n)).sum::<f64>() / counts.len() as f64;
    let greatest = counts.iter().map(|c| c.n).max().unwrap_or(0);
    counts.sort_unstable();
    let kinds: Vec<(Share, f64)> = counts.chunk_by(|a, b| a == b).map(|same| (same[0], same.len() as f64)).collect();
    // Beyond eight times the mean there is next to nothing at any variation that matters.
    let most = most.min((8.0 * mean) as u32 + 8).max(greatest);
    let mut at = GRID.1;
    let mut ln_likelihoods = Vec::new();
    for _ in 0..GRID.0 {
        // The rate is what fits best at this variation. Cut counts may come of a far lower or higher rate than they show.
        let fit = (-RATE_STEPS..=RATE_STEPS)
            .map(|step| Spread::new(mean * (f64::from(step) * RATE_STEP).exp(), at, most).ln_likelihood(&kinds))
            .fold(f64::NEG_INFINITY, f64::max);
        ln_likelihoods.push((at, fit));
        at *= GRID.2;
    }
    let greatest = ln_likelihoods.iter().map(|l| l.1).fold(f64::NEG_INFINITY, f64::max);
    let marginal = |of: Variation| {
        let weight = |at: f64| (-0.5 * ((at / of.median).ln() / of.spread).powi(2)).exp();
        let all: f64 = ln_likelihoods.iter().map(|l| weight(l.0)).sum();
        let sum: f64 = ln_likelihoods.iter().map(|&(at, ln)| weight(at) * (ln - greatest).exp()).sum();
        (sum / all).max(f64::MIN_POSITIVE).ln()
    };
    marginal(RING) - marginal(COMMUNITY)
}

/// What a sum of evidence over `n` members is worth when members of one group are as alike as `alike` of them.
fn discounted(sum: f64, n: usize, alike: f64) -> f64 {
    sum / (1.0 + (n.max(1) - 1) as f64 / alike)
}

/// A negative binomial up to a greatest count.
struct Spread {
    /// The logarithm of the mass of each count, over that of none.
    ln_mass: Vec<f64>,
    /// The logarithm of the mass of each count and all above it, likewise.
    ln_from: Vec<f64>,
}

impl Spread {
    fn new(mean: f64, variation: f64, most: u32) -> Self {
        let r = variation.recip();
        let ln_success = (mean / (r + mean)).ln();
        let mut ln_mass = Vec::with_capacity(most as usize + 1);
        let mut ln = 0.0;
        for k in 0..=most {
            ln_mass.push(ln);
            ln += ((r + f64::from(k)) / (f64::from(k) + 1.0)).ln() + ln_success;
        }
        let greatest = ln_mass.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let mut sum = 0.0;
        let mut ln_from: Vec<f64> = ln_mass
            .iter()
            .rev()
            .map(|ln| {
                sum += (ln - greatest).exp();
                greatest + sum.max(f64::MIN_POSITIVE).ln()
            })
            .collect();
        ln_from.reverse();
        Self { ln_mass, ln_from }
    }

    fn ln_likelihood(&self, kinds: &[(Share, f64)]) -> f64 {
        let of = |share: Share| self.ln_mass[share.n as usize] - self.ln_from[share.least as usize];
        kinds.iter().map(|&(share, times)| times * of(share)).sum()
    }
}

/// The log-likelihood ratio of `k` of a target's `d` edges being from a ring to a community, given two or more.
pub fn contrast(k: u32, d: u32) -> f64 {
    let (k, d) = (f64::from(k.min(d)), f64::from(d));
    let even = |_: f64| 1.0 / (d + 1.0);
    // Beta-binomials with whole parameters are ratios of products.
    let steep = |k: f64| (1..8).map(|i| (k + f64::from(i)) / (d + f64::from(i))).product::<f64>() * 8.0 / (d + 8.0);
    let middling = |k: f64| 6.0 * (k + 1.0) * (d - k + 1.0) / ((d + 1.0) * (d + 2.0) * (d + 3.0));
    let ring = |k: f64| 0.5 * even(k) + 0.5 * steep(k);
    let given = |mass: &dyn Fn(f64) -> f64| mass(k) / (1.0 - mass(0.0) - mass(1.0)).max(f64::MIN_POSITIVE);
    if d < 2.0 {
        return 0.0;
    }
    let ratio = (given(&ring) / given(&middling)).ln();
    // A target most of whose audience is elsewhere never speaks for a ring.
    if 2.0 * k < d { ratio.min(0.0) } else { ratio }
}

/// The times of a block's edges, ascending.
pub fn times_of(field: &Field<'_>, times: &Times, judged: &Judged) -> Vec<(u32, u32)> {
    let mut at: Vec<(u32, u32)> = Vec::with_capacity(judged.n_edges as usize);
    for &(s, _) in &judged.sources {
        for (&t, e) in field.graph.by_source.neighbours(s).iter().zip(field.graph.by_source.first_edge(s)..) {
            if judged.targets.binary_search_by_key(&t, |target| target.0).is_ok()
                && let Some(time) = times.of(e)
            {
                at.push((time, t));
            }
        }
    }
    at.sort_unstable();
    at
}

/// The evidence that lies in the times of a block's edges (ascending): how far one stretch of time holds more of them than of
/// all edges. Widths are tried from an hour, each half as long again as the last.
pub fn synchrony(at: &[(u32, u32)], n_independent: usize, flow: &Flow) -> f64 {
    let n = at.len() as f64;
    if at.len() < 3 {
        return 0.0;
    }
    let others = (flow.n() - n).max(1.0);
    let mut best = 0.0_f64;
    let mut width = 3600.0_f64;
    while width < flow.span_s() / 2.0 {
        let (mut low, mut most, mut place) = (0, 0, (0, 0));
        for high in 0..at.len() {
            while f64::from(at[high].0 - at[low].0) > width {
                low += 1;
            }
            if high - low + 1 > most {
                (most, place) = (high - low + 1, (at[low].0, at[high].0));
            }
        }
        let inside = most as f64;
        let share = ((flow.between(place.0, place.1) - inside).max(1.0) / others).clamp(1e-9, 1.0 - 1e-9);
        if inside > n * share {
            let outside = n - inside;
            let kept = if outside > 0.0 { outside * (outside / (n * (1.0 - share))).ln() } else { 0.0 };
            let ratio = inside * (inside / (n * share)).ln() + kept;
            let places = (flow.span_s() / width).ln();
            best = best.max(discounted(ratio * n_independent as f64 / n, n_independent, ALIKE_IN_TIME) - places);
        }
        width *= 1.5;
    }
    // Half the weight is on "times say nothing", so that they can be silent but not speak against a ring of long breath.
    if best > 30.0 { best - std::f64::consts::LN_2 } else { (0.5 * best.exp() + 0.5).ln() }
}
