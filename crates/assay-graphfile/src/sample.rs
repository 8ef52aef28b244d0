//! How many ids an input has, told from some of its rows before all are read.
//!
//! **How.** Small inputs are looked at whole. Of others up to [`PLACES`] places, evenly over the bytes of texts and the row groups of
//! Parquet, are looked at, up to [`ROWS`] rows at each: a row group is read from its beginning, its next places following on. Of `d` different ids in `n` of `N` rows two figures are made:
//! - *least*: `d` and those that were missed for sure by how many were met at one place alone and at two (Chao, "Nonparametric
//!   estimation of the number of classes in a population", 1984, over places);
//! - *most*: `d (N / n)^b`, where `b` is how the different ids grew from half of the places to all (Heaps' law). Growth slows
//!   down as ids are met again, so this is too many rather than too few; where a table is sorted by the id, `b` is 1 and the figure
//!   right. No more than there are rows, or numbers between the least and the greatest where Parquet states them.
//!
//! **Limits.** Of a packed text only the beginning is looked at. Estimates, both: they say what to expect, and ids are counted
//! before memory is given to a graph.

use crate::input::Member;
use crate::limits::Limits;
use crate::raw::Ids;
use crate::table::Table;
use assay_model::edges::{EdgesError, Kinds};
use std::collections::HashMap;
use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};

/// How many places are looked at.
const PLACES: usize = 16;
/// Rows taken of a place in an input that is not looked at whole.
const ROWS: usize = 1 << 15;

/// The share of the ids estimated as missed that *least* takes for sure. Made: places differ.
const SURE: f64 = 0.8;

/// What some rows tell of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sampled {
    /// Rows looked at.
    pub n_rows: u64,
    /// Rows there are, as far as these tell; no more than that if there are none else.
    pub rows: u64,
    /// Whether these are all rows there are.
    pub whole: bool,
    /// Of the sources; of all accounts where there is one kind.
    pub sources: SampledIds,
    /// Of the targets; the same as of the sources where there is one kind.
    pub targets: SampledIds,
}

/// What some rows tell of the ids of one side.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SampledIds {
    /// So many different ids at least, most likely.
    pub least: u64,
    /// So many at most, most likely.
    pub most: u64,
    /// The greatest id, where all are numbers.
    greatest: Option<u64>,
    /// The bytes of an id as text.
    text_bytes: u64,
}

impl SampledIds {
    /// Bytes that the names of `n` ids take, and what is kept besides while rows are read.
    pub fn bytes(&self, n: u64, rows: u64) -> (u64, u64) {
        match self.greatest {
            Some(greatest) if greatest < crate::intern::small_below(rows) => (greatest / 16 * 3, 0),
            // A table is three eighths full at worst; and the place of each code.
            Some(_) => (8 * n, 43 * n + 4 * n),
            None => ((self.text_bytes + 8) * n, 22 * n + 4 * n),
        }
    }
}

/// Looks at some rows of tables.
pub(crate) fn sample(tables: &[(Member, Table)], kinds: Kinds, limits: &Limits) -> Result<Sampled, EdgesError> {
    let mut sides = [Side::default(), Side::default()];
    let (mut place, mut n_rows, mut whole, mut rows) = (0, 0, true, 0);
    let mut spans = [Some((u64::MAX, 0)), Some((u64::MAX, 0))];
    for ((member, table), shares) in tables.iter().zip(shares(tables)) {
        for (span, of_table) in spans.iter_mut().zip(table.spans()) {
            *span = span.zip(of_table).map(|(a, b): ((u64, u64), (u64, u64))| (a.0.min(b.0), a.1.max(b.1)));
        }
        if shares.is_empty() {
            whole = false;
            rows += table.expected_rows;
            continue;
        }
        let some = table.some(member, &shares, limits)?;
        whole &= some.whole;
        rows += some.n_rows;
        for block in some.blocks {
            let n = if some.whole { block.len() } else { block.len().min(ROWS) };
            n_rows += n as u64;
            sides[0].take(&block.source, n, place);
            sides[usize::from(kinds == Kinds::Two)].take(&block.target, n, place);
            place += 1;
        }
    }
    if kinds == Kinds::One {
        let both = spans[0].zip(spans[1]).map(|(a, b)| (a.0.min(b.0), a.1.max(b.1)));
        spans = [both, both];
        sides[1] = sides[0].clone();
    }
    // Both ends of a row are met where there is one kind.
    let ends = if kinds == Kinds::One { 2 * rows } else { rows };
    let share = n_rows as f64 / rows.max(1) as f64;
    let [sources, targets] = [0, 1].map(|k| {
        let room = spans[k].map_or(u64::MAX, |(least, most)| most.saturating_sub(least).saturating_add(1)).min(ends);
        let mut ids = sides[k].estimate(place, share, whole, room);
        ids.greatest = sides[k].greatest().max(spans[k].map(|span| span.1)).filter(|_| !sides[k].has_texts);
        ids
    });
    Ok(Sampled { n_rows, rows, whole, sources, targets })
}

/// For each table where to look into it, as shares of its length.
fn shares(tables: &[(Member, Table)]) -> Vec<Vec<f64>> {
    let total: u64 = tables.iter().map(|(member, _)| member.bytes).sum();
    let mut begin = 0;
    let places: Vec<f64> = (0..PLACES).map(|k| k as f64 / PLACES as f64 * total as f64).collect();
    tables
        .iter()
        .map(|(member, _)| {
            let (from, to) = (begin as f64, (begin + member.bytes) as f64);
            begin += member.bytes;
            places.iter().filter(|p| (from..to).contains(*p)).map(|p| (p - from) / (to - from)).collect()
        })
        .collect()
}

/// Where an id was met.
#[derive(Debug, Clone, Copy, Default)]
struct Met {
    n_places: u32,
    /// The last of them, from 1.
    last: u32,
    /// Whether at any of even number, and of odd.
    halves: [bool; 2],
}

/// The ids met on one side.
#[derive(Debug, Clone, Default)]
struct Side {
    met: HashMap<u64, Met, BuildHasherDefault<DefaultHasher>>,
    /// Ids met at places of even and of odd number.
    halves: [u64; 2],
    greatest: u64,
    has_texts: bool,
    text_bytes: u64,
}

impl Side {
    fn take(&mut self, ids: &Ids, n: usize, place: u32) {
        let hasher = BuildHasherDefault::<DefaultHasher>::new();
        match ids {
            Ids::Numbers(numbers) => {
                for &number in &numbers[..n] {
                    self.greatest = self.greatest.max(number);
                    self.meet(number, place, 20);
                }
            }
            Ids::Texts(texts) => {
                self.has_texts |= n > 0;
                texts.iter().take(n).for_each(|text| self.meet(hasher.hash_one(text), place, text.len() as u64));
            }
        }
    }

    fn meet(&mut self, key: u64, place: u32, bytes: u64) {
        let met = self.met.entry(key).or_default();
        if met.last == place + 1 {
            return;
        }
        if met.n_places == 0 {
            self.text_bytes += bytes;
        }
        *met = Met { n_places: met.n_places + 1, last: place + 1, ..*met };
        let half = (place % 2) as usize;
        self.halves[half] += u64::from(!met.halves[half]);
        met.halves[half] = true;
    }

    fn greatest(&self) -> Option<u64> {
        (!self.has_texts).then_some(self.greatest)
    }

    fn estimate(&self, n_places: u32, share: f64, whole: bool, room: u64) -> SampledIds {
        let n = self.met.len() as u64;
        let ids = |least: f64, most: f64| {
            let most = (most.ceil() as u64).clamp(n, room.max(n));
            let least = (least as u64).clamp(n, most);
            SampledIds { least, most, greatest: None, text_bytes: self.text_bytes.div_ceil(n.max(1)) }
        };
        let d = n as f64;
        if whole || n == 0 {
            return ids(d, d);
        }
        let at = |k: u32| self.met.values().filter(|met| met.n_places == k).count() as f64;
        let (once, twice) = (at(1), at(2));
        let least = if twice > 0.0 { d + SURE * once * (once - 1.0) / (2.0 * (twice + 1.0)) } else { d };
        let half = self.halves.iter().sum::<u64>() as f64 / 2.0;
        let growth = if n_places < 2 || half == 0.0 { 1.0 } else { (d / half).log2().clamp(0.0, 1.0) };
        ids(least, d * share.max(f64::MIN_POSITIVE).recip().powf(growth))
    }
}

#[cfg(test)]
mod tests {
    use super::{Sampled, SampledIds};
    use crate::{EdgeFiles, ReadOptions, TableForm, write_edges};
    use assay_model::edges::Kinds;
    use assay_model::silent;
    use std::fmt::Write as _;

    const N: u64 = 2_000_000;

    fn csv(n: u64, mut row: impl FnMut(u64) -> (u64, u64)) -> Vec<u8> {
        let mut text = String::from("source,target\n");
        for i in 0..n {
            let (s, t) = row(i);
            let _ = writeln!(text, "{s},{t}");
        }
        text.into_bytes()
    }

    fn sampled(bytes: Vec<u8>, kinds: Kinds) -> Sampled {
        let options = ReadOptions { kinds, ..ReadOptions::default() };
        let files = EdgeFiles::from_memory(vec![("a".to_owned(), bytes)], options).expect("files");
        files.sample().expect("a sample")
    }

    /// Scrambled numbers below 2^32.
    fn scrambled(i: u64) -> u64 {
        let x = (i ^ (i >> 15)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (x ^ (x >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32
    }

    #[track_caller]
    fn holds(ids: SampledIds, n: u64, times: u64) {
        assert!(ids.least <= n && n <= ids.most, "{n} ids, {ids:?}");
        assert!(ids.most <= n * times, "{n} ids, {ids:?}");
    }

    /// A source and a target for each edge: nothing is met twice.
    #[test]
    fn a_node_for_each_edge_is_expected_as_many_times_as_there_are_rows() {
        let found = sampled(csv(N, |i| (i, 3 * N - i)), Kinds::Two);
        assert!(!found.whole && found.n_rows < N / 4, "{found:?}");
        assert!(found.sources.most > N * 9 / 10 && found.sources.most <= N * 11 / 10, "{found:?}");
        assert!(found.targets.most > N * 9 / 10, "{found:?}");
        let found = sampled(csv(N, |i| (i, 3 * N - i)), Kinds::One);
        assert!(found.sources.most > N * 18 / 10, "{found:?}");
    }

    /// Sources in rising order, twenty rows each, and targets at random.
    #[test]
    fn sorted_and_random_ids_lie_between_the_two_figures() {
        let found = sampled(csv(N, |i| (i / 20, scrambled(i) % 50_000)), Kinds::Two);
        holds(found.sources, N / 20, 2);
        holds(found.targets, 50_000, 5);
        let found = sampled(csv(N, |i| ((scrambled(i) % 1_000_000).isqrt(), scrambled(i + N) % 400_000)), Kinds::Two);
        holds(found.sources, 1_000, 2);
        holds(found.targets, 397_000, 3);
    }

    #[test]
    fn few_rows_are_looked_at_whole_and_counted() {
        let found = sampled(csv(10_000, |i| (i % 7, i % 900)), Kinds::Two);
        assert!(found.whole);
        assert_eq!((found.sources.least, found.sources.most), (7, 7));
        assert_eq!((found.targets.least, found.targets.most), (900, 900));
        assert_eq!(found.sources.bytes(7, 10_000).1, 0);
    }

    #[test]
    fn what_parquet_states_bounds_the_figure() {
        let mut out = Vec::new();
        let make = |b: u64, block: &mut assay_model::edges::EdgeBlock| {
            block.clear();
            block.source.extend((0..100_000).map(|i| (scrambled(b * 100_000 + i) % (N / 4)) as u32));
            block.target.extend((0..100_000).map(|i| (b * 100_000 + i) as u32));
        };
        write_edges(TableForm::Parquet, false, N / 50_000, &make, &mut out, &mut silent).expect("written");
        let found = sampled(out, Kinds::Two);
        assert!(!found.whole, "{found:?}");
        assert!(found.sources.most <= N / 4, "{found:?}");
        holds(found.sources, N / 4, 1);
        holds(found.targets, 2 * N, 1);
    }
}
