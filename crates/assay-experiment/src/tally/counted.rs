//! Blocks whose numbers stand in dictionaries: how often each number occurs in each arm is counted, and sums are made of the
//! counts. What remains to be done row by row is the product of what was measured and what was known before.
//!
//! Only where every row has an arm and all its numbers, and dictionaries are much shorter than the block. Other blocks are left to
//! the sums by columns, which give the same but for the last digits.

use super::Tally;
use super::columns::{Columns, FEW, Numbers};
use crate::influence::Largest;
use crate::moments::{Moments, Shift};

/// Rows there are at least for each number and arm that is counted.
const ROWS_A_COUNT: usize = 2;
/// Rows that are added up side by side, so that sums need not wait for one another. Part of the result: their number is fixed.
const LANES: usize = 4;

/// Places of numbers, and the numbers.
type Coded<'a> = (&'a [u32], &'a [f64]);

/// The column, where no row lacks a number.
fn coded<'a>(numbers: &Numbers<'a>) -> Option<Coded<'a>> {
    match numbers {
        Numbers::Coded { places, numbers, any_missing: false } => Some((places, numbers)),
        Numbers::Coded { .. } | Numbers::Each(_) => None,
    }
}

impl Tally {
    /// Takes the rows of a block by counting; false, and nothing taken, where that cannot be done.
    pub(super) fn take_counted(&mut self, rows: &Columns<'_>) -> bool {
        let n_names = rows.names.len();
        let alone = rows.values.iter().filter(|(_, per)| per.is_none());
        let y: Vec<Coded<'_>> = alone.filter_map(|(y, _)| coded(y)).collect();
        let x = rows.before.as_ref().and_then(coded);
        let n_numbers: usize = y.iter().copied().chain(x).map(|(_, numbers)| numbers.len()).sum();
        if y.len() < rows.values.len()
            || x.is_some() != rows.before.is_some()
            || n_numbers * n_names * ROWS_A_COUNT > rows.arms.len()
            || self.may_refuse(rows)
            || (1..n_names).any(|k| rows.names[..k].contains(&rows.names[k]))
        {
            return false;
        }
        if rows.arms.iter().fold(0, |most, code| most.max(*code)) as usize >= n_names {
            return false;
        }
        self.see_shifts(rows);
        let sums: Vec<Sums> = y
            .iter()
            .zip(&self.shifts)
            .map(|(y, s)| Sums::of(rows.arms, *y, x, s.unwrap_or_default(), n_names))
            .collect();
        let mut arms = [0; FEW];
        for (code, name) in rows.names.iter().enumerate() {
            let n = sums[0].y.n_of(code);
            if n == 0 {
                continue;
            }
            // There is room for all of them.
            let Ok(arm) = self.arm(name) else { continue };
            arms[code] = arm;
            self.arms[arm].n_rows += n;
            self.arms[arm].n_units += n;
            for ((sums, cell), (_, y)) in sums.iter().zip(&mut self.arms[arm].cells).zip(&y) {
                let counted = sums.y.of(code, y);
                let before = x.map_or_else(|| vec![(0.0, n)], |(_, x)| sums.x.of(code, x));
                cell.moments.join(&Moments::of_counts(sums.shift, &counted, &before, sums.product(code)));
                cell.largest.join(&sums.largest[code]);
                for (y, n) in counted {
                    cell.caps.add_times(y, n);
                }
            }
        }
        self.meet_ids(rows, &arms);
        if x.is_none() {
            self.n_without_before += rows.arms.len() as u64;
        }
        true
    }
}

/// How often each number of a dictionary occurs in each arm. Two rows are counted in turns, so that one with the same number need not
/// wait for the other.
struct Counts {
    turns: Vec<[u32; 2]>,
    n_numbers: usize,
}

impl Counts {
    fn new(n_names: usize, n_numbers: usize) -> Self {
        Self { turns: vec![[0; 2]; n_names * n_numbers], n_numbers }
    }

    /// Those of an arm.
    fn each(&self, arm: usize) -> impl Iterator<Item = u64> + '_ {
        let turns = &self.turns[arm * self.n_numbers..(arm + 1) * self.n_numbers];
        turns.iter().map(|[even, odd]| u64::from(*even) + u64::from(*odd))
    }

    /// Rows of an arm.
    fn n_of(&self, arm: usize) -> u64 {
        self.each(arm).sum()
    }

    /// The numbers that occur in an arm, and how often.
    fn of(&self, arm: usize, numbers: &[f64]) -> Vec<(f64, u64)> {
        numbers.iter().copied().zip(self.each(arm)).filter(|(_, n)| *n > 0).collect()
    }
}

/// What is summed of a metric, by arm.
struct Sums {
    y: Counts,
    /// Of what was known before; empty where nothing was.
    x: Counts,
    shift: Shift,
    products: [[f64; FEW]; LANES],
    largest: [Largest; FEW],
}

impl Sums {
    /// Takes the rows, every one of which has one of `n_names` arms.
    fn of(arms: &[u32], y: Coded<'_>, x: Option<Coded<'_>>, shift: Shift, n_names: usize) -> Self {
        let n_x = x.map_or(0, |(_, numbers)| numbers.len());
        let mut all = Self {
            y: Counts::new(n_names, y.1.len()),
            x: Counts::new(n_names, n_x),
            shift,
            products: [[0.0; FEW]; LANES],
            largest: std::array::from_fn(|_| Largest::default()),
        };
        match x {
            Some(x) => all.take(arms, y, x),
            None => all.take_alone(arms, y),
        }
        all
    }

    /// The sum of the products of what was measured and what was known before, less the shift.
    fn product(&self, code: usize) -> f64 {
        self.products.iter().map(|lane| lane[code]).sum()
    }

    fn take(&mut self, arms: &[u32], (y_places, y): Coded<'_>, (x_places, x): Coded<'_>) {
        let less = |numbers: &[f64], shift: f64| numbers.iter().map(|v| v - shift).collect::<Vec<f64>>();
        let (y_less, x_less) = (less(y, self.shift.y), less(x, self.shift.x));
        let (y_counts, x_counts) = (&mut self.y.turns[..], &mut self.x.turns[..]);
        let mut products = [[0.0; FEW]; LANES];
        // A unit below this is not among the largest of its arm. Taking the shift off keeps the order.
        let mut least = [f64::NEG_INFINITY; FEW];
        let mut take = |lane: usize, arm: u32, y_place: u32, x_place: u32| {
            let (arm, y_place, x_place) = (arm as usize, y_place as usize, x_place as usize);
            let code = arm % FEW;
            y_counts[arm * y_less.len() + y_place][lane % 2] += 1;
            x_counts[arm * x_less.len() + x_place][lane % 2] += 1;
            let value = y_less[y_place];
            products[lane % LANES][code] += value * x_less[x_place];
            if value >= least[code] {
                least[code] = meet(&mut self.largest[code], y[y_place], x[x_place], self.shift);
            }
        };
        let (arms, arms_rest) = arms.as_chunks::<LANES>();
        let (y_places, y_rest) = y_places.as_chunks::<LANES>();
        let (x_places, x_rest) = x_places.as_chunks::<LANES>();
        for ((arms, y_places), x_places) in arms.iter().zip(y_places).zip(x_places) {
            for lane in 0..LANES {
                take(lane, arms[lane], y_places[lane], x_places[lane]);
            }
        }
        for ((arm, y_place), x_place) in arms_rest.iter().zip(y_rest).zip(x_rest) {
            take(0, *arm, *y_place, *x_place);
        }
        self.products = products;
    }

    fn take_alone(&mut self, arms: &[u32], (y_places, y): Coded<'_>) {
        let mut least = [f64::NEG_INFINITY; FEW];
        for (row, (arm, place)) in arms.iter().zip(y_places).enumerate() {
            let (arm, place) = (*arm as usize, *place as usize);
            self.y.turns[arm * y.len() + place][row % 2] += 1;
            if y[place] - self.shift.y >= least[arm % FEW] {
                least[arm % FEW] = meet(&mut self.largest[arm % FEW], y[place], 0.0, self.shift);
            }
        }
    }
}

/// Meets a unit that may be among the largest; tells what they have at least now, less the shift.
#[cold]
fn meet(largest: &mut Largest, y: f64, x: f64, shift: Shift) -> f64 {
    largest.meet(y, 1.0, x);
    largest.least() - shift.y
}

#[cfg(test)]
mod tests {
    use super::super::{Columns, Kind, Metric, Numbers, Tallied, Tally, UnitOf};

    const NAMES: [&str; 3] = ["b", "a", "c"];
    const N: usize = 4_001;

    /// Places of rows among numbers; the last of these is for none.
    fn places(every: usize, numbers: &[f64], any_missing: bool) -> Vec<u32> {
        let last = numbers.len() - 1;
        (0..N).map(|k| if any_missing && k % 31 == 7 { last } else { k * every / 3 % last } as u32).collect()
    }

    fn coded<'a>(places: &'a [u32], numbers: &'a [f64]) -> Numbers<'a> {
        let any_missing = places.iter().any(|p| numbers[*p as usize].is_nan());
        Numbers::Coded { places, numbers, any_missing }
    }

    /// The table twice: counted, and by columns; with what was known before or without, with gaps or without.
    fn tallied(has_before: bool, any_missing: bool) -> [Tallied; 2] {
        let metric = |name: &str, kind| Metric { name: name.to_owned(), kind };
        let all = Tally::new(vec![metric("bought", Kind::Binary), metric("spend", Kind::Either)], UnitOf::Row);
        let names = NAMES.map(str::to_owned);
        let numbers = |n: u32, of: &dyn Fn(u32) -> f64| (0..n).map(of).chain([f64::NAN]).collect::<Vec<f64>>();
        let (bought, before) = (numbers(2, &f64::from), numbers(51, &|k| f64::from(k * k % 53) / 4.0));
        let spend = numbers(29, &|k| f64::from(k) * 8.25 - 9.0);
        let (b, s, x) =
            (places(5, &bought, any_missing), places(7, &spend, any_missing), places(11, &before, any_missing));
        let arms: Vec<u32> = (0..N as u32).map(|k| k * 7 % 3).collect();
        let ids: Vec<u64> = (0..N as u64).map(|k| k / 2 * 77 + 1).collect();
        let each = |places: &[u32], numbers: &[f64]| places.iter().map(|p| numbers[*p as usize]).collect::<Vec<f64>>();
        let plain = [each(&b, &bought), each(&s, &spend), each(&x, &before)];
        [true, false].map(|is_counted| {
            let mut joined = all.part(None);
            for (from, to) in [(0, 2_003), (2_003, N)] {
                let (values, x) = if is_counted {
                    (
                        vec![(coded(&b[from..to], &bought), None), (coded(&s[from..to], &spend), None)],
                        coded(&x[from..to], &before),
                    )
                } else {
                    let [b, s, x] = &plain;
                    (
                        vec![(Numbers::Each(&b[from..to]), None), (Numbers::Each(&s[from..to]), None)],
                        Numbers::Each(&x[from..to]),
                    )
                };
                let (arms, ids) = (&arms[from..to], Some(&ids[from..to]));
                let before = has_before.then_some(x);
                let rows = Columns { arms, no_arm: "empty", names: &names, values, before, ids };
                assert_eq!(all.part(None).take_counted(&rows), is_counted && !any_missing);
                let mut part = joined.part(None);
                assert_eq!(part.take_columns(&rows), []);
                joined.join(part).expect("three arms");
            }
            joined.conclude()
        })
    }

    #[test]
    fn what_is_counted_is_what_columns_sum_to() {
        for (has_before, any_missing) in [(true, false), (false, false), (true, true)] {
            let [a, b] = tallied(has_before, any_missing);
            assert_eq!((a.n_without_before, a.rows_per_id), (b.n_without_before, b.rows_per_id));
            for (a, b) in a.arms.iter().zip(&b.arms) {
                assert_eq!((&a.name, a.n_rows, a.n_units), (&b.name, b.n_rows, b.n_units));
                for (a, b) in a.cells.iter().zip(&b.cells) {
                    let counted = |m: &crate::moments::Moments| (m.n(), m.n_nonzero(), m.n_negative(), m.range());
                    assert_eq!((counted(&a.moments), a.n_missing), (counted(&b.moments), b.n_missing));
                    assert_eq!(a.moments.total(), b.moments.total());
                    assert_eq!(format!("{:?}", a.largest), format!("{:?}", b.largest));
                    let (s, t) = (a.moments.sample().expect("units"), b.moments.sample().expect("units"));
                    let pairs = [(s.y, t.y), (s.x, t.x), (s.yy, t.yy), (s.xx, t.xx), (s.yx, t.yx), (s.yyy, t.yyy)];
                    for (x, y) in pairs.into_iter().chain([(s.d, t.d), (s.dd, t.dd), (s.yd, t.yd), (s.dx, t.dx)]) {
                        assert!((x - y).abs() <= 1e-9 * y.abs().max(1.0), "{x} {y}");
                    }
                    for ((n, x), (m, y)) in a.caps.amounts().zip(b.caps.amounts()) {
                        assert!(n == m && (x - y).abs() <= 1e-9 * y.abs(), "{n} {x} {m} {y}");
                    }
                }
            }
        }
    }

    /// A place beyond the numbers is the caller's mistake, and never counted for nothing.
    #[test]
    #[should_panic(expected = "index out of bounds")]
    fn places_beyond_the_numbers_are_not_counted() {
        let mut all = Tally::new(vec![Metric { name: "m".to_owned(), kind: Kind::Amount }], UnitOf::Row);
        let names = ["a".to_owned(), "b".to_owned()];
        let values = vec![(
            Numbers::Coded { places: &[0, 1, 0, 2, 0, 1, 0, 1], numbers: &[1.0, 2.0], any_missing: false },
            None,
        )];
        let arms = [0; 8];
        all.take_columns(&Columns { arms: &arms, no_arm: "", names: &names, values, before: None, ids: None });
    }
}
