//! Sorting pairs into rows, in pieces that fit into a processor's own memory.
//!
//! Writing each neighbour straight to its row touches a new line of memory for every edge. Instead pairs are first dealt to some
//! 2^11 *buckets* of consecutive rows, which is sequential writing; then each bucket is sorted into rows by itself, several at a
//! time on the pool (radix partitioning: Manegold, Boncz and Kersten, "Optimizing main-memory join on modern hardware", TKDE
//! 2002; for rows it was measured 2 to 2.5 times as fast as scattering, docs/decisions).
//!
//! Neighbours are dealt to where they will stay, and beside each lies its row's number within the bucket, in two bytes that are
//! needed for so long only: six bytes a pair. Buckets may be dealt in *windows*, as many at a time as a bounded row of such
//! numbers holds; each window is a pass over the pairs.

use super::Csr;
use super::pages::Pages;
use rayon::prelude::*;
use std::ops::Range;

/// How many buckets are aimed at: their last lines fit into a second-level cache.
const N_BUCKETS: u32 = 1 << 11;
/// About how many edges a bucket should hold at least: what is written at random while it is sorted stays near.
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
        let wanted = (n_pairs / BUCKET).clamp(1, u64::from(N_BUCKETS)) as u32;
        // No more rows than two bytes can tell apart, even if that makes more buckets.
        let row_bits = n_rows.div_ceil(wanted).max(1).next_power_of_two().trailing_zeros().min(u16::BITS);
        Self { n_rows, row_bits, n_pairs: vec![0; ((u64::from(n_rows)).div_ceil(1 << row_bits)) as usize] }
    }

    #[inline]
    pub(super) fn of(&self, row: u32) -> usize {
        (row >> self.row_bits) as usize
    }

    /// The number of a row within its bucket.
    #[inline]
    pub(super) fn number(&self, row: u32) -> u16 {
        (row & ((1 << self.row_bits) - 1)) as u16
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

    /// Where each bucket of a window begins, counted from the beginning of the window.
    pub(super) fn begins(&self, window: &Range<usize>) -> Vec<usize> {
        let sum = |at: &mut usize, &n: &u64| {
            let begin = *at;
            *at += n as usize;
            Some(begin)
        };
        self.n_pairs[window.clone()].iter().scan(0, sum).collect()
    }
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
    /// The numbers of rows within their buckets, of the pairs of a window.
    numbers: Pages<u16>,
    /// How many neighbours each bucket kept, for the buckets filled so far.
    kept: Vec<usize>,
}

impl Filling {
    /// Room for all pairs of the buckets, and for numbers of the largest of the windows.
    pub(super) fn new(buckets: Buckets, windows: &[Range<usize>], arrival: Arrival) -> Self {
        let n_pairs: u64 = buckets.n_pairs.iter().sum();
        let largest = windows.iter().map(|w| buckets.n_pairs_in(w)).max().unwrap_or(0);
        let rows =
            Csr { offsets: Pages::zeroed(buckets.n_rows as usize + 1), neighbours: Pages::zeroed(n_pairs as usize) };
        Self { buckets, arrival, rows, numbers: Pages::zeroed(largest as usize), kept: Vec::new() }
    }

    /// Where the pairs of a window go: the number of each one's row within its bucket, and its neighbour.
    pub(super) fn room(&mut self, window: &Range<usize>) -> (&mut [u16], &mut [u32]) {
        let before: u64 = self.buckets.n_pairs[..window.start].iter().sum();
        let n = self.buckets.n_pairs_in(window) as usize;
        (&mut self.numbers[..n], &mut self.rows.neighbours[before as usize..][..n])
    }

    /// Sorts the pairs of the next window, which were put into its room, into rows.
    pub(super) fn fill(&mut self, window: &Range<usize>) {
        assert_eq!(window.start, self.kept.len(), "windows come in order");
        let before: u64 = self.buckets.n_pairs[..window.start].iter().sum();
        let (row_bits, n_rows) = (self.buckets.row_bits, self.buckets.n_rows as usize);
        let rows = window.start << row_bits..(window.end << row_bits).min(n_rows);
        let mut numbers = &self.numbers[..];
        let mut neighbours = &mut self.rows.neighbours[before as usize..];
        let mut pieces = Vec::with_capacity(window.len());
        let ends = self.rows.offsets[1..][rows].chunks_mut(1 << row_bits);
        for (b, ends) in window.clone().zip(ends) {
            let n = self.buckets.n_pairs[b] as usize;
            let (mine, rest) = numbers.split_at(n);
            let (to, rest_to) = neighbours.split_at_mut(n);
            pieces.push((mine, to, ends));
            (numbers, neighbours) = (rest, rest_to);
        }
        let arrival = self.arrival;
        let sort = |scratch: &mut Vec<u32>, (numbers, neighbours, ends): (&[u16], &mut [u32], &mut [u64])| {
            sort_bucket(numbers, neighbours, ends, arrival, scratch)
        };
        let kept: Vec<usize> = pieces.into_par_iter().map_init(Vec::new, sort).collect();
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

/// Sorts one bucket into rows: puts the neighbours in order of their rows' numbers, and the end of each row, counted from the
/// bucket's beginning, into `ends`, which are zero. Says how many neighbours were kept.
fn sort_bucket(numbers: &[u16], to: &mut [u32], ends: &mut [u64], arrival: Arrival, scratch: &mut Vec<u32>) -> usize {
    for &row in numbers {
        ends[row as usize] += 1;
    }
    let mut sum = 0;
    for end in &mut *ends {
        let n = *end;
        *end = sum;
        sum += n;
    }
    scratch.clear();
    scratch.extend_from_slice(to);
    for (&row, &neighbour) in numbers.iter().zip(&*scratch) {
        let cursor = &mut ends[row as usize];
        to[*cursor as usize] = neighbour;
        *cursor += 1;
    }
    if arrival == Arrival::Ascending {
        return to.len();
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
    /// The same edges seen from the other side, which has `n` rows. Beside the answer `buffer_bytes` are used, or what the
    /// largest bucket takes: two bytes an edge.
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
        let windows = buckets.windows(buffer_bytes / 2);
        let mut filling = Filling::new(buckets.clone(), &windows, Arrival::Ascending);
        for window in windows {
            // Each bucket is cut into one part for each chunk of rows, so that all can write at once.
            let mut parts: Vec<Vec<(&mut [u16], &mut [u32])>> =
                chunks.iter().map(|_| Vec::with_capacity(window.len())).collect();
            let (mut numbers, mut neighbours) = filling.room(&window);
            for b in window.clone() {
                for (part, counts) in parts.iter_mut().zip(&counts) {
                    let (mine, rest) = numbers.split_at_mut(counts[b] as usize);
                    let (to, rest_to) = neighbours.split_at_mut(counts[b] as usize);
                    part.push((mine, to));
                    (numbers, neighbours) = (rest, rest_to);
                }
            }
            parts.into_par_iter().zip(&chunks).for_each(|(mut part, rows)| {
                let mut filled = vec![0_usize; part.len()];
                for i in rows.clone() {
                    for &j in self.neighbours(i) {
                        let b = buckets.of(j).wrapping_sub(window.start);
                        if let Some(at) = filled.get_mut(b) {
                            let (numbers, neighbours) = &mut part[b];
                            numbers[*at] = buckets.number(j);
                            neighbours[*at] = i;
                            *at += 1;
                        }
                    }
                }
            });
            filling.fill(&window);
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
    use super::{Arrival, Buckets, Filling};
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
            let windows = buckets.windows(n_max);
            let mut filling = Filling::new(buckets.clone(), &windows, Arrival::Any);
            for window in windows {
                let mut cursors = buckets.begins(&window);
                let (numbers, neighbours) = filling.room(&window);
                for &(row, j) in pairs.iter().filter(|&&(row, _)| window.contains(&buckets.of(row))) {
                    let cursor = &mut cursors[buckets.of(row) - window.start];
                    numbers[*cursor] = buckets.number(row);
                    neighbours[*cursor] = j;
                    *cursor += 1;
                }
                filling.fill(&window);
            }
            let (rows, n_repeated) = filling.finish();
            let got: Vec<_> = (0..5000).flat_map(|i| rows.neighbours(i).iter().map(move |&j| (i, j))).collect();
            assert_eq!(got, want.iter().copied().collect::<Vec<_>>());
            assert_eq!(n_repeated, (pairs.len() - want.len()) as u64);
        }
    }
}
