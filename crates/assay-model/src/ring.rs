//! Rings: groups of accounts that act together, as they are found in graphs of edges.

/// What was found in a graph.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Rings {
    /// The rings, strongest first.
    pub rings: Vec<Ring>,
    /// Groups denser than chance that are not told from communities, strongest first; no more than are worth a look.
    pub set_aside: Vec<SetAside>,
    /// How many groups were set aside in all.
    pub n_set_aside: usize,
    /// How many groups were tested.
    pub n_tested: usize,
    /// How many seeds there were beyond what the budget of the search allowed to look at.
    pub n_seeds_skipped: usize,
}

/// A group of accounts in lockstep.
#[derive(Debug, Clone, PartialEq)]
pub struct Ring {
    /// Who acts.
    pub sources: Vec<RingMember>,
    /// On whom or what.
    pub targets: Vec<RingTarget>,
    /// Accounts with one edge in the whole graph that came to a target of the ring in its window, where more of them came
    /// then than at other times.
    pub singles: Vec<RingMember>,
    /// Edges from its sources to its targets, within their windows if it was found by time.
    pub n_edges: u64,
    /// When it acted, if times are known.
    pub window: Option<RingWindow>,
    /// Why it is one.
    pub evidence: RingEvidence,
    /// The larger of its two p-values, adjusted for all groups that were tested.
    pub q_value: f64,
}

impl Ring {
    /// Edges over pairs of a source and a target, 0..1.
    pub fn density(&self) -> f64 {
        self.n_edges as f64 / (self.sources.len() as f64 * self.targets.len() as f64).max(1.0)
    }

    /// How much of the audience of its targets is in the ring, 0..1; within their windows if it was found by time.
    pub fn contrast(&self) -> f64 {
        let audience: u64 = self.targets.iter().map(|t| u64::from(t.n_audience)).sum();
        self.n_edges as f64 / (audience as f64).max(1.0)
    }
}

/// A follower of a page who is a member of a ring.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FollowerInRing {
    /// The place in the list of followers, from 0.
    pub rank: u32,
    /// Accounts of the ring, followers of the page or not.
    pub n_accounts: u64,
    /// Its targets.
    pub n_targets: u64,
    /// The edges of this follower to them.
    pub n_shared: u32,
    /// How probable it is that the follower belongs to it, 0..1.
    pub score: f64,
    /// The q-value of the ring.
    pub q_value: f64,
}

/// A source of a ring.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RingMember {
    /// Its number.
    pub account: u32,
    /// Its edges to targets of the ring.
    pub n_edges: u32,
    /// Its edges in all.
    pub n_edges_in_all: u32,
    /// How probable it is that it belongs, 0..1, were the ring as it is found.
    pub score: f64,
}

/// A target of a ring.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RingTarget {
    /// Its number.
    pub account: u32,
    /// Edges to it from the ring.
    pub n_edges: u32,
    /// Edges to it from anyone, within its windows if the ring was found by time.
    pub n_audience: u32,
    /// How probable it is that it belongs, 0..1, were the ring as it is found.
    pub score: f64,
    /// The shortest time that holds nine tenths of the ring's edges to it, if times are known.
    pub window: Option<RingWindow>,
}

/// From when to when, in seconds since 1970 (UTC), both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingWindow {
    /// The first second.
    pub from_s: i64,
    /// The last second.
    pub to_s: i64,
}

/// How a group was come by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FoundBy {
    /// By who acts on what, whenever.
    Links,
    /// By who acts on what within the same days.
    Time {
        /// The length of the buckets of time, in seconds.
        bucket_s: u32,
    },
}

/// Why a group is a ring or not. Evidence is in nats (natural logarithms of likelihood ratios); more is stronger.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RingEvidence {
    /// How the group was come by.
    pub found_by: FoundBy,
    /// Edges that the degrees of its members bring by chance.
    pub n_edges_by_chance: f64,
    /// The logarithm of a bound on the probability that any group of its size has as many edges by chance.
    pub ln_p_chance: f64,
    /// For a ring and against a community: its sources act alike.
    pub even_sources: f64,
    /// Its targets are served alike.
    pub even_targets: f64,
    /// Its targets have little audience besides.
    pub contrast: f64,
    /// It acts in one stretch of time; nothing if times are unknown or say nothing.
    pub synchrony: f64,
}

impl RingEvidence {
    /// All evidence for a ring and against a community.
    pub fn against_community(&self) -> f64 {
        self.even_sources + self.even_targets + self.contrast + self.synchrony
    }

    /// The logarithm of a bound on the probability that a community looks so much like a ring (Markov's inequality on the
    /// likelihood ratio).
    pub fn ln_p_community(&self) -> f64 {
        -self.against_community().max(0.0)
    }

    /// The larger of the two: both explanations must fail.
    pub fn ln_p(&self) -> f64 {
        self.ln_p_chance.max(self.ln_p_community())
    }
}

/// A dense group that is not called a ring.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SetAside {
    /// How many sources.
    pub n_sources: usize,
    /// How many targets.
    pub n_targets: usize,
    /// Edges between them.
    pub n_edges: u64,
    /// What speaks for and against.
    pub evidence: RingEvidence,
}

/// A ring counted into few enough parts to be drawn.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RingPicture {
    /// Rows: its targets, those with most edges from it first.
    pub n_rows: usize,
    /// Columns of its sources, those with most edges first.
    pub n_members: usize,
    /// Columns of the other sources of its targets, to the right.
    pub n_others: usize,
    /// How many other sources there are.
    pub n_other_sources: usize,
    /// The share of pairs in each part that are edges, 0..1, row by row.
    pub shades: Vec<f64>,
    /// Edges to its targets over time; empty if times are not known.
    pub steps: Vec<RingStep>,
}

/// A step of a timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RingStep {
    /// Its first second, since 1970 (UTC).
    pub from_s: i64,
    /// How long it is.
    pub length_s: u64,
    /// Edges from the ring.
    pub n_ring: u32,
    /// Edges from others.
    pub n_others: u32,
}
