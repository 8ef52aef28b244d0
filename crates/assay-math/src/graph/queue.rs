//! The queue of a peel: who is next, when each departure lowers others.
//!
//! **How.** Most nodes are far from being next, so only a *window* of priorities, the lowest sixth or so of the nodes left, is
//! sorted, into 2^10 buckets of equal width. A node that falls into another bucket is entered there, and its old entry is skipped
//! when it is met. When the window is used up, the nodes left are scanned and the next window is laid; a scan costs a sixth more
//! than the one after, so all of them together read the nodes about six times.
//!
//! Nodes come out of a bucket as a *run*. While one is taken away, the next ones' rows, neighbours and neighbours' states are asked
//! for ([`super::prefetch`]), for a peel waits for memory more than for anything else.
//!
//! - Bucketed: a run is up to 2^9 of a bucket's nodes. Those that fall meanwhile to a lower bucket come in a later run.
//! - Exact: a run is a whole bucket, sorted. Those that fall below the bucket's upper end go to a heap, which is small, and the
//!   lower of the run's and the heap's next is next.
//!
//! A node's state is one number of 64 bits: its priority above, the weight of an edge to it below (none for sources), and the
//! highest bit for nodes that are gone. Lowering is one subtraction, and a node that is gone stays above every window, so
//! neighbours need not be asked whether they are still there.

use super::csr::View;
use super::prefetch::prefetch;
use super::{Bipartite, Csr};
use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// The bit of a state that says that its node was taken away.
pub(super) const GONE: u64 = 1 << 63;
/// How a window is cut into buckets, and in which order nodes leave one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Cut {
    /// 2^10 buckets; always the node of least priority, ties to the lower number.
    Exact,
    /// 2^8 buckets; nodes of a bucket in about the order in which they came.
    Bucketed,
}

impl Cut {
    /// Into at most 2^this buckets a window is cut.
    fn bits(self) -> u32 {
        match self {
            Self::Exact => 10,
            Self::Bucketed => 8,
        }
    }
}

/// A window aims to hold one in this many of the nodes left (measured with the prototype: docs/decisions).
const WINDOW_OF: usize = 6;
/// How many priorities are looked at to see where a window should end.
const SAMPLE: usize = 4096;
/// The most nodes of a bucketed run.
const RUN: usize = 512;
/// How many nodes ahead a row's place, a row, and the states of a row's first neighbours are asked for, and of how many
/// neighbours (measured: docs/decisions).
const AHEAD_PLACE: usize = 36;
const AHEAD_ROW: usize = 24;
const AHEAD_STATES: usize = 12;
const FIRST: usize = 16;

/// A queue over the nodes of a graph. States are held outside and passed to each call.
pub(super) struct Waiting<'g> {
    rows: [View<'g>; 2],
    n_sources: u32,
    /// How many bits of a state lie below the priority.
    weight_bits: u32,
    cut: Cut,
    left: Vec<u32>,
    window: Window,
    /// The bucket that the run came from, and where it ends.
    at_run: usize,
    run_end: u64,
    /// Priority above the window's beginning, and node.
    run: Vec<u64>,
    next: usize,
    fallen: BinaryHeap<Reverse<(u64, u32)>>,
}

impl<'g> Waiting<'g> {
    /// A queue of all nodes but those that have no edge.
    pub(super) fn new(graph: &'g Bipartite, weight_bits: u32, cut: Cut) -> Self {
        let n_sources = graph.n_sources();
        let with_edges = |csr: &'g Csr| (0..csr.n()).filter(|&i| csr.degree(i) > 0);
        let left = with_edges(&graph.by_source).chain(with_edges(&graph.by_target).map(|t| t + n_sources)).collect();
        Self {
            rows: [graph.by_source.view(), graph.by_target.view()],
            n_sources,
            weight_bits,
            cut,
            left,
            window: Window::default(),
            at_run: 0,
            run_end: 0,
            run: Vec::new(),
            next: 0,
            fallen: BinaryHeap::new(),
        }
    }

    /// The node whose turn it is, and its priority.
    #[inline]
    pub(super) fn next(&mut self, states: &[u64]) -> Option<(u32, u64)> {
        loop {
            let Some(&entry) = self.run.get(self.next) else {
                if let Some(Reverse((priority, node))) = self.fallen.pop() {
                    if states[node as usize] >> self.weight_bits == priority {
                        return Some((node, priority));
                    }
                    continue;
                }
                self.begin_run(states)?;
                continue;
            };
            let node = entry as u32;
            let priority = states[node as usize] >> self.weight_bits;
            if self.cut == Cut::Exact {
                if let Some(&Reverse((fallen, lower))) = self.fallen.peek()
                    && (fallen, lower) < (self.window.begin + (entry >> 32), node)
                {
                    self.fallen.pop();
                    if states[lower as usize] >> self.weight_bits == fallen {
                        return Some((lower, fallen));
                    }
                    continue;
                }
                self.advance(states);
                if priority == self.window.begin + (entry >> 32) {
                    return Some((node, priority));
                }
            } else {
                self.advance(states);
                if priority < self.window.end && self.window.bucket(priority) == self.at_run {
                    return Some((node, priority));
                }
            }
        }
    }

    /// Goes one entry on in the run and asks for what the ones ahead will need.
    #[inline]
    fn advance(&mut self, states: &[u64]) {
        let k = self.next;
        self.next += 1;
        self.ask_place(states, k + AHEAD_PLACE);
        self.ask_row(k + AHEAD_ROW);
        self.ask_states(states, k + AHEAD_STATES);
    }

    /// Asks for the state and the row's place of entry `k` of the run.
    #[inline]
    fn ask_place(&self, states: &[u64], k: usize) {
        if let Some(&entry) = self.run.get(k) {
            prefetch(states, entry as u32 as usize);
            let (view, row) = self.row(entry as u32);
            prefetch(view.offsets, row);
        }
    }

    /// Asks for the beginning of the row of entry `k`.
    #[inline]
    fn ask_row(&self, k: usize) {
        if let Some(&entry) = self.run.get(k) {
            let (view, row) = self.row(entry as u32);
            prefetch(view.neighbours, view.offsets[row] as usize);
        }
    }

    /// Asks for the states of the first neighbours of entry `k`.
    #[inline]
    fn ask_states(&self, states: &[u64], k: usize) {
        if let Some(&entry) = self.run.get(k) {
            let (view, row) = self.row(entry as u32);
            let neighbours = view.row(row);
            let base = if (entry as u32) < self.n_sources { self.n_sources as usize } else { 0 };
            for &j in &neighbours[..neighbours.len().min(FIRST)] {
                prefetch(states, base + j as usize);
            }
        }
    }

    #[inline]
    fn row(&self, node: u32) -> (&View<'g>, usize) {
        match node.checked_sub(self.n_sources) {
            None => (&self.rows[0], node as usize),
            Some(target) => (&self.rows[1], target as usize),
        }
    }

    /// Takes a node away: lowers its neighbours by what the edge to each weighs.
    #[inline]
    pub(super) fn take_away(&mut self, states: &mut [u64], node: u32) {
        let bits = self.weight_bits;
        let mask = (1 << bits) - 1;
        let own = states[node as usize];
        states[node as usize] = own | GONE;
        let (view, row) = self.row(node);
        let neighbours = view.row(row);
        let end = self.window.end << bits;
        if node < self.n_sources {
            let states = &mut states[self.n_sources as usize..];
            for (k, &t) in neighbours.iter().enumerate() {
                if let Some(&ahead) = neighbours.get(k + FIRST) {
                    prefetch(states, ahead as usize);
                }
                let before = states[t as usize];
                let now = before - ((before & mask) << bits);
                states[t as usize] = now;
                if now < end {
                    self.fall(self.n_sources + t, before >> bits, now >> bits);
                }
            }
        } else {
            let step = (own & mask) << bits;
            for (k, &s) in neighbours.iter().enumerate() {
                if let Some(&ahead) = neighbours.get(k + FIRST) {
                    prefetch(states, ahead as usize);
                }
                let before = states[s as usize];
                let now = before - step;
                states[s as usize] = now;
                if now < end {
                    self.fall(s, before >> bits, now >> bits);
                }
            }
        }
    }

    /// Enters a node that fell within the window, or into it.
    fn fall(&mut self, node: u32, before: u64, now: u64) {
        if self.cut == Cut::Exact && now < self.run_end {
            self.fallen.push(Reverse((now, node)));
            return;
        }
        let bucket = self.window.bucket(now);
        if before >= self.window.end || self.window.bucket(before) != bucket {
            self.window.buckets[bucket].push(node);
            self.window.at = self.window.at.min(bucket);
        }
    }

    /// Begins the next run; none if no node is left.
    fn begin_run(&mut self, states: &[u64]) -> Option<()> {
        let bits = self.weight_bits;
        self.run.clear();
        self.next = 0;
        while self.window.buckets.get(self.window.at).is_none_or(Vec::is_empty) {
            self.window.at += 1;
            if self.window.at >= self.window.buckets.len() && !self.window.lay(&mut self.left, states, bits, self.cut) {
                return None;
            }
        }
        self.at_run = self.window.at;
        self.run_end = self.window.begin + ((self.at_run as u64 + 1) << self.window.width_bits);
        let bucket = &mut self.window.buckets[self.at_run];
        match self.cut {
            Cut::Exact => {
                for node in bucket.drain(..) {
                    let priority = states[node as usize] >> bits;
                    if priority < self.run_end {
                        self.run.push((priority - self.window.begin) << 32 | u64::from(node));
                    }
                }
                self.run.sort_unstable();
                self.run.dedup();
            }
            Cut::Bucketed => {
                let from = bucket.len().saturating_sub(RUN);
                self.run.extend(bucket.drain(from..).map(u64::from));
            }
        }
        (0..AHEAD_PLACE).for_each(|k| self.ask_place(states, k));
        (0..AHEAD_ROW).for_each(|k| self.ask_row(k));
        (0..AHEAD_STATES).for_each(|k| self.ask_states(states, k));
        Some(())
    }
}

/// The part of the priorities that is sorted into buckets: `begin..end`. What is below `begin` lies in the first bucket.
#[derive(Default)]
struct Window {
    begin: u64,
    end: u64,
    /// A bucket is 2^this wide, at most 2^32.
    width_bits: u32,
    buckets: Vec<Vec<u32>>,
    /// No bucket before this one holds anything.
    at: usize,
}

impl Window {
    #[inline]
    fn bucket(&self, priority: u64) -> usize {
        (priority.saturating_sub(self.begin) >> self.width_bits) as usize
    }

    /// Forgets those who are gone and lays the window over the lowest of those left, who are ascending; says whether there are
    /// any.
    fn lay(&mut self, left: &mut Vec<u32>, states: &[u64], weight_bits: u32, cut: Cut) -> bool {
        let mut n_left = 0;
        let mut least = u64::MAX;
        for k in 0..left.len() {
            let node = left[k];
            let state = states[node as usize];
            left[n_left] = node;
            n_left += usize::from(state & GONE == 0);
            least = least.min(state);
        }
        left.truncate(n_left);
        if left.is_empty() {
            return false;
        }
        self.begin = least >> weight_bits;
        let priority = |node: u32| states[node as usize] >> weight_bits;
        let mut sample: Vec<u64> = left.iter().step_by(n_left.div_ceil(SAMPLE)).map(|&v| priority(v)).collect();
        let rank = sample.len() / WINDOW_OF;
        let (_, &mut quantile, _) = sample.select_nth_unstable(rank);
        let width = quantile - self.begin + 1;
        self.width_bits = (u64::BITS - (width - 1).leading_zeros()).saturating_sub(cut.bits()).min(32);
        let n_buckets = ((width - 1) >> self.width_bits) + 1;
        self.end = self.begin + (n_buckets << self.width_bits);
        self.buckets.resize_with(n_buckets as usize, Vec::new);
        self.at = 0;
        for &node in &*left {
            let priority = priority(node);
            if priority < self.end {
                let bucket = self.bucket(priority);
                self.buckets[bucket].push(node);
            }
        }
        true
    }
}
