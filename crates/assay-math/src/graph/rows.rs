//! Sorting pairs into rows, in pieces that fit into a processor's own memory.
//!
//! Writing each neighbour straight to its row touches a new line of memory for every edge. Instead pairs are first dealt to at
//! most 2^11 *buckets* of consecutive rows, which is sequential writing; then each bucket is sorted into rows by itself, several at
//! a time on the pool (radix partitioning: Manegold, Boncz and Kersten, "Optimizing main-memory join on modern hardware", TKDE
//! 2002; for CSR it was measured 2 to 2.5 times as fast as scattering, docs/decisions). Buckets are dealt in *windows*, as many at
//! a time as the buffer holds, so that memory stays bounded however many edges there are; each window is a pass.

use super::Csr;
use super::pages::Pages;
use rayon::prelude::*;
use std::ops::Range;

/// The most buckets there are: their last lines fit into a second-level cache.
const N_BUCKETS_MAX: u32 = 1 << 11;
/// About how many edges a bucket should hold: eight bytes each, a quarter of a megabyte.
const BUCKET: u64 = 1 << 15;

/// Which rows lie in which bucket, and how many pairs that is.
#[derive(Debug, Clone)]
pub(super) struct Buckets {
    n_rows: u32,
    /// A bucket has 2^this rows.
    row_bits: u32,
    /// How many pairs each bucket gets; to be counted first.
    pub(super) n_pairs: Vec<u64>,
}

impl Buckets {
    pub(super) fn new(n_rows: u32, n_pairs: u64) -> Self {
        let wanted = (n_pairs / BUCKET).clamp(1, u64::from(N_BUCKETS_MAX)) as u32;
        let row_bits = n_rows.div_ceil(wanted).max(1).next_power_of_two().trailing_zeros();
        Self { n_rows, row_bits, n_pairs: vec![0; ((u64::from(n_rows)).div_ceil(1 << row_bits)) as usize] }
    }

    #[inline]
    pub(super) fn of(&self, row: u32) -> usize {
        (row >> self.row_bits) as usize
    }

    /// Runs of buckets that together hold at most so many pairs, or a single bucket that holds more.
    pub(super) fn windows(&self, n_pairs_max: u64) -> Vec<Range<usize>> {
        let mut windows = Vec::new();
        let (mut begin, mut held) = (0, 0);
        for (b, &n) in self.n_pairs.iter().enumerate() {
            if held + n > n_pairs_max && b > begin {
                windows.push(begin..b);
                (begin, held) = (b, 0);
            }
            held += n;
        }
        if begin < self.n_pairs.len() {
            windows.push(begin..self.n_pairs.len());
        }
        windows
    }

    /// How many pairs a window holds.
    pub(super) fn n_pairs_in(&self, window: &Range<usize>) -> u64 {
        self.n_pairs[window.clone()].iter().sum()
    }

    /// Where each bucket of a window begins in the buffer.
    pub(super) fn begins(&self, window: &Range<usize>) -> Vec<usize> {
        let sum = |at: &mut usize, &n: &u64| {
            let begin = *at;
            *at += n as usize;
            Some(begin)
        };
        self.n_pairs[window.clone()].iter().scan(0, sum).collect()
    }
}

/// A pair as a bucket holds it: the row above, the neighbour below.
#[inline]
pub(super) fn pair(row: u32, neighbour: u32) -> u64 {
    u64::from(row) << 32 | u64::from(neighbour)
}

/// Whether rows come out of their bucket in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Neighbours arrive ascending and without repetition.
    Ascending,
    /// In any order, perhaps repeated.
    Any,
}

/// Rows being filled, window by window.
pub(super) struct Filling {
    buckets: Buckets,
    arrival: Arrival,
    rows: Csr,
    /// How many neighbours each bucket kept, for the buckets filled so far.
    kept: Vec<usize>,
}

impl Filling {
    pub(super) fn new(buckets: Buckets, arrival: Arrival) -> Self {
        let n_pairs: u64 = buckets.n_pairs.iter().sum();
        let rows =
            Csr { offsets: Pages::zeroed(buckets.n_rows as usize + 1), neighbours: Pages::zeroed(n_pairs as usize) };
        Self { buckets, arrival, rows, kept: Vec::new() }
    }

    /// Sorts the pairs of the next window into rows.
    pub(super) fn fill(&mut self, window: &Range<usize>, buffer: &[u64]) {
        assert_eq!(window.start, self.kept.len(), "windows come in order");
        let before: u64 = self.buckets.n_pairs[..window.start].iter().sum();
        let (row_bits, n_rows) = (self.buckets.row_bits, self.buckets.n_rows as usize);
        let rows = window.start << row_bits..(window.end << row_bits).min(n_rows);
        let mut pairs = buffer;
        let mut out = &mut self.rows.neighbours[before as usize..];
        let mut pieces = Vec::with_capacity(window.len());
        let ends = self.rows.offsets[1..][rows].chunks_mut(1 << row_bits);
        for (b, ends) in window.clone().zip(ends) {
            let n = self.buckets.n_pairs[b] as usize;
            let (mine, rest) = pairs.split_at(n);
            let (to, rest_out) = out.split_at_mut(n);
            pieces.push(((b << row_bits) as u32, mine, to, ends));
            (pairs, out) = (rest, rest_out);
        }
        let arrival = self.arrival;
        let kept: Vec<usize> = pieces
            .into_par_iter()
            .map(|(first, pairs, to, ends)| sort_bucket(first, pairs, to, ends, arrival))
            .collect();
        self.kept.extend(kept);
    }

    /// Closes the gaps that repetitions left; says how many there were.
    pub(super) fn finish(mut self) -> (Csr, u64) {
        let (mut from, mut to) = (0, 0);
        let row_bits = self.buckets.row_bits;
        let ends = self.rows.offsets[1..].chunks_mut(1 << row_bits);
        for ((&n, &kept), ends) in self.buckets.n_pairs.iter().zip(&self.kept).zip(ends) {
            if from != to {
                self.rows.neighbours.copy_within(from..from + kept, to);
            }
            for end in ends {
                *end += to as u64;
            }
            from += n as usize;
            to += kept;
        }
        self.rows.neighbours.truncate(to);
        (self.rows, (from - to) as u64)
    }
}

/// Sorts one bucket into rows, which begin at `first`: neighbours to the beginning of `to`, the end of each row, counted from
/// there, to `ends`. Says how many neighbours were kept.
fn sort_bucket(first: u32, pairs: &[u64], to: &mut [u32], ends: &mut [u64], arrival: Arrival) -> usize {
    for &pair in pairs {
        ends[((pair >> 32) as u32 - first) as usize] += 1;
    }
    let mut sum = 0;
    for end in &mut *ends {
        let n = *end;
        *end = sum;
        sum += n;
    }
    for &pair in pairs {
        let cursor = &mut ends[((pair >> 32) as u32 - first) as usize];
        to[*cursor as usize] = pair as u32;
        *cursor += 1;
    }
    if arrival == Arrival::Ascending {
        return pairs.len();
    }
    let (mut begin, mut kept) = (0, 0);
    for end in ends {
        let row = begin..*end as usize;
        begin = row.end;
        to[row.clone()].sort_unstable();
        let first_kept = kept;
        for k in row {
            let neighbour = to[k];
            if kept == first_kept || to[kept - 1] != neighbour {
                to[kept] = neighbour;
                kept += 1;
            }
        }
        *end = kept as u64;
    }
    kept
}

impl Csr {
    /// The same edges seen from the other side, which has `n` rows. Beside the answer a buffer of `buffer_bytes` is used, or of
    /// what the largest bucket takes.
    #[must_use]
    pub(super) fn transposed(&self, n: u32, buffer_bytes: u64) -> Self {
        let chunks = self.chunks();
        let mut buckets = Buckets::new(n, self.n_edges());
        let counts: Vec<Vec<u64>> = chunks
            .par_iter()
            .map(|rows| {
                let mut counts = vec![0; buckets.n_pairs.len()];
                for &j in &self.neighbours[self.edges(rows)] {
                    counts[buckets.of(j)] += 1;
                }
                counts
            })
            .collect();
        for (b, n) in buckets.n_pairs.iter_mut().enumerate() {
            *n = counts.iter().map(|c| c[b]).sum();
        }
        let windows = buckets.windows(buffer_bytes / 8);
        let largest = windows.iter().map(|w| buckets.n_pairs_in(w)).max().unwrap_or(0);
        let mut buffer = Pages::<u64>::zeroed(largest as usize);
        let mut filling = Filling::new(buckets.clone(), Arrival::Ascending);
        for window in windows {
            let held = buckets.n_pairs_in(&window) as usize;
            // Each bucket of the buffer is cut into one part for each chunk of rows, so that all can write at once.
            let mut parts: Vec<Vec<&mut [u64]>> = chunks.iter().map(|_| Vec::with_capacity(window.len())).collect();
            let mut rest = &mut buffer[..held];
            for b in window.clone() {
                for (part, counts) in parts.iter_mut().zip(&counts) {
                    let (mine, after) = rest.split_at_mut(counts[b] as usize);
                    part.push(mine);
                    rest = after;
                }
            }
            parts.into_par_iter().zip(&chunks).for_each(|(mut part, rows)| {
                let mut filled = vec![0_usize; part.len()];
                for i in rows.clone() {
                    for &j in self.neighbours(i) {
                        let b = buckets.of(j).wrapping_sub(window.start);
                        if let Some(at) = filled.get_mut(b) {
                            part[b][*at] = pair(j, i);
                            *at += 1;
                        }
                    }
                }
            });
            filling.fill(&window, &buffer[..held]);
        }
        filling.finish().0
    }

    /// The edges of these rows.
    fn edges(&self, rows: &Range<u32>) -> Range<usize> {
        self.offsets[rows.start as usize] as usize..self.offsets[rows.end as usize] as usize
    }

    /// Runs of rows with about as many edges each, for work side by side.
    fn chunks(&self) -> Vec<Range<u32>> {
        const N_CHUNKS: u64 = 16;
        let border = |k: u64| {
            let edge = self.n_edges() * k / N_CHUNKS;
            (self.offsets.partition_point(|&o| o < edge) as u32).min(self.n())
        };
        let last = |k| if k == N_CHUNKS { self.n() } else { border(k) };
        (0..N_CHUNKS).map(|k| border(k)..last(k + 1)).filter(|rows| !rows.is_empty()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Arrival, Buckets, Filling, pair};
    use crate::Seed;
    use crate::graph::small::random_graph;
    use rand::RngExt;
    use std::collections::BTreeSet;

    #[test]
    fn many_windows_give_what_one_gives() {
        for seed in 0..10 {
            let graph = random_graph(seed, 4000, 3000, 200_000);
            let whole = graph.by_source.transposed(3000, u64::MAX);
            assert_eq!(whole, graph.by_target, "seed {seed}");
            for buffer_bytes in [0, 100_000, 700_000] {
                assert_eq!(graph.by_source.transposed(3000, buffer_bytes), whole, "seed {seed}, {buffer_bytes} bytes");
            }
        }
    }

    #[test]
    fn rows_are_the_sets_of_their_pairs_however_the_windows_fall() {
        let mut random = Seed(9).random();
        let pairs: Vec<(u32, u32)> =
            (0..150_000).map(|_| (random.random_range(0..5000), random.random_range(0..40))).collect();
        let want: BTreeSet<(u32, u32)> = pairs.iter().copied().collect();
        for n_max in [1, 40_000, u64::MAX] {
            let mut buckets = Buckets::new(5000, pairs.len() as u64);
            for &(row, _) in &pairs {
                let b = buckets.of(row);
                buckets.n_pairs[b] += 1;
            }
            let mut filling = Filling::new(buckets.clone(), Arrival::Any);
            for window in buckets.windows(n_max) {
                let mut cursors = buckets.begins(&window);
                let mut buffer = vec![0; buckets.n_pairs_in(&window) as usize];
                for &(row, j) in pairs.iter().filter(|&&(row, _)| window.contains(&buckets.of(row))) {
                    let cursor = &mut cursors[buckets.of(row) - window.start];
                    buffer[*cursor] = pair(row, j);
                    *cursor += 1;
                }
                filling.fill(&window, &buffer);
            }
            let (rows, n_repeated) = filling.finish();
            let got: Vec<_> = (0..5000).flat_map(|i| rows.neighbours(i).iter().map(move |&j| (i, j))).collect();
            assert_eq!(got, want.iter().copied().collect::<Vec<_>>());
            assert_eq!(n_repeated, (pairs.len() - want.len()) as u64);
        }
    }
}
