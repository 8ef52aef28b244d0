//! Arithmetic on eight people at once.
//!
//! Compiled twice: for any processor, and for x86-64 with AVX2, whose registers hold eight numbers. Which one runs is asked of
//! the processor; both do the same operations on each number in the same order (nothing is contracted or reordered), so that the
//! results are the same bits. The bodies are safe code; what the compiler cannot check is only that the processor has been asked,
//! which happens in the line before.

use crate::feed::noise::Counted;

/// People worked on at once.
pub(super) const LANES: usize = 8;
/// Bits of a time that hold its row.
const ROW_BITS: u32 = 10;
/// See [`ROW_BITS`].
pub(super) const ROW_MASK: u32 = (1 << ROW_BITS) - 1;
/// A later time than any candidate's.
pub(super) const NEVER: f32 = 3e38;

/// Turns rows of slownesses into times; `first_row` is the number of the first, `first_word` that of its word of taste.
pub(super) fn mark(rows: &mut [[f32; LANES]], first_row: usize, tastes: &[Counted; LANES], first_word: u64) {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "eight numbers at once where the processor can: see the head of the file")]
        // SAFETY: the processor has what the function is compiled for; its body is safe code.
        return unsafe { mark_avx2(rows, first_row, tastes, first_word) };
    }
    mark_of(rows, first_row, tastes, first_word);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn mark_avx2(rows: &mut [[f32; LANES]], first_row: usize, tastes: &[Counted; LANES], first_word: u64) {
    mark_of(rows, first_row, tastes, first_word);
}

#[expect(clippy::inline_always, reason = "compiled for the processor of each caller")]
#[inline(always)]
fn mark_of(rows: &mut [[f32; LANES]], first_row: usize, tastes: &[Counted; LANES], first_word: u64) {
    for (quarter, four) in rows.chunks_mut(4).enumerate() {
        let words = tastes.map(|taste| taste.at(first_word + quarter as u64));
        let halves = [words.map(|word| word as u32), words.map(|word| (word >> 32) as u32)];
        for (i, row) in four.iter_mut().enumerate() {
            let at = first_row + 4 * quarter + i;
            for lane in 0..LANES {
                let sixteen = (halves[i / 2][lane] >> (16 * (i & 1))) as u16;
                row[lane] = marked(sixteen, row[lane], at);
            }
        }
    }
}

/// The time of a candidate, with its row in the low bits.
#[inline]
pub(super) fn marked(sixteen: u16, slowness: f32, row: usize) -> f32 {
    let time = (f32::from(sixteen) + 0.5) * slowness;
    f32::from_bits((time.to_bits() & !ROW_MASK) | row as u32)
}

/// The `K` earliest times of each column, in order. Without a branch: every row is sunk into the sorted ones by minima and
/// maxima.
pub(super) fn earliest<const K: usize>(times: &[[f32; LANES]]) -> [[f32; LANES]; K] {
    #[cfg(target_arch = "x86_64")]
    if std::arch::is_x86_feature_detected!("avx2") {
        #[expect(unsafe_code, reason = "eight numbers at once where the processor can: see the head of the file")]
        // SAFETY: the processor has what the function is compiled for; its body is safe code.
        return unsafe { earliest_avx2(times) };
    }
    earliest_of(times)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn earliest_avx2<const K: usize>(times: &[[f32; LANES]]) -> [[f32; LANES]; K] {
    earliest_of(times)
}

#[expect(clippy::inline_always, reason = "compiled for the processor of each caller")]
#[inline(always)]
fn earliest_of<const K: usize>(times: &[[f32; LANES]]) -> [[f32; LANES]; K] {
    let mut best = [[NEVER; LANES]; K];
    for row in times {
        let mut sinking = *row;
        for kept in &mut best {
            for lane in 0..LANES {
                let (a, b) = (kept[lane], sinking[lane]);
                kept[lane] = if b < a { b } else { a };
                sinking[lane] = if b < a { a } else { b };
            }
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::{LANES, earliest, earliest_of, mark, mark_of, marked};
    use crate::feed::noise::{Counted, Stream};
    use assay_math::Seed;
    use rand::RngExt;

    /// Against sorting.
    #[test]
    fn the_earliest_are_those_that_sorting_finds() {
        let mut random = Seed(2).random();
        for n in [0, 1, 4, 5, 20, 77] {
            let times: Vec<[f32; LANES]> = (0..n)
                .map(|row| std::array::from_fn(|_| marked(random.random(), 1.0 + random.random::<f32>(), row)))
                .collect();
            let found = earliest::<5>(&times);
            for lane in 0..LANES {
                let mut column: Vec<f32> = times.iter().map(|row| row[lane]).collect();
                column.sort_by(f32::total_cmp);
                column.resize(column.len().max(5), super::NEVER);
                assert_eq!(found.map(|row| row[lane]).to_vec(), column[..5]);
            }
        }
    }

    #[test]
    fn a_row_comes_back_from_its_time_and_absent_ones_stay_absent() {
        for row in [0, 1, 511, 1023] {
            assert_eq!(marked(40_000, 0.37, row).to_bits() & 1023, row as u32);
            assert!(marked(0, 1e30, row) > 1e29 && marked(u16::MAX, 1e30, row).is_finite());
        }
    }

    /// Trivial on a processor without AVX2.
    #[test]
    fn wide_registers_give_the_same_bits() {
        let tastes: [Counted; LANES] = std::array::from_fn(|lane| Counted::new(Seed(3), Stream::Taste, lane as u32));
        let mut random = Seed(4).random();
        for n in [0, 1, 3, 20, 23] {
            let slow: Vec<[f32; LANES]> = (0..n).map(|_| std::array::from_fn(|_| random.random())).collect();
            let (mut wide, mut narrow) = (slow.clone(), slow);
            mark(&mut wide, 7, &tastes, 11);
            mark_of(&mut narrow, 7, &tastes, 11);
            assert_eq!(wide, narrow);
            assert_eq!(earliest::<5>(&wide), earliest_of::<5>(&narrow));
        }
    }
}
