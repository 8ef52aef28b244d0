//! Rows as columns, a block at a time: each block is summed by itself, on any thread, and parts are joined in the order of the
//! table. Only where the row is the unit; units of several rows are summed row by row.

use super::{ARMS_MAX, Cell, Kind, Metric, Tally, UnitOf, put};
use crate::moments::{Moments, Shift};
use crate::repeats::Repeats;

/// Rows of a table as columns of equal length.
#[derive(Debug, Clone)]
pub struct Columns<'a> {
    /// For each row the place of its arm in `names`; one beyond them where it has none.
    pub arms: &'a [u32],
    /// What is said of a row without an arm.
    pub no_arm: &'a str,
    /// Names of arms.
    pub names: &'a [String],
    /// For each metric what was measured, and for ratios what it is measured per.
    pub values: Vec<(Numbers<'a>, Option<Numbers<'a>>)>,
    /// What was known before.
    pub before: Option<Numbers<'a>>,
    /// Numbers for ids, by which repeated rows are noticed; 0 where a row has none.
    pub ids: Option<&'a [u64]>,
}

/// A column of numbers; NaN where one is missing.
#[derive(Debug, Clone, Copy)]
pub enum Numbers<'a> {
    /// One for each row.
    Each(&'a [f64]),
    /// Numbers of which each is kept once.
    Coded {
        /// For each row the place of its number.
        places: &'a [u32],
        /// The numbers.
        numbers: &'a [f64],
        /// Whether that of any row may be NaN.
        any_missing: bool,
    },
}

impl Numbers<'_> {
    /// That of a row.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn at(&self, row: usize) -> f64 {
        match self {
            Self::Each(numbers) => numbers[row],
            Self::Coded { places, numbers, .. } => numbers[places[row] as usize],
        }
    }

    /// Whether any of those that may occur is so.
    fn may_any(&self, is_so: impl Fn(f64) -> bool) -> bool {
        let (Self::Each(numbers) | Self::Coded { numbers, .. }) = self;
        numbers.iter().any(|x| is_so(*x))
    }

    /// Puts those of some rows behind one another.
    fn gather(&self, rows: &[u32], out: &mut Vec<f64>) {
        out.clear();
        match self {
            Self::Each(numbers) => out.extend(rows.iter().map(|at| numbers[*at as usize])),
            Self::Coded { places, numbers, .. } => {
                out.extend(rows.iter().map(|at| numbers[places[*at as usize] as usize]));
            }
        }
    }
}

/// Names of arms that are looked for one by one.
pub(super) const FEW: usize = 8;

/// More arms than are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooManyArms;

/// Places of rows, those of one arm behind those of another.
struct ByArm {
    /// Each arm, and where its rows end.
    arms: Vec<(usize, usize)>,
    places: Vec<u32>,
}

impl ByArm {
    fn iter(&self) -> impl Iterator<Item = (usize, &[u32])> {
        let starts = std::iter::once(0).chain(self.arms.iter().map(|(_, end)| *end));
        self.arms.iter().zip(starts).map(|((arm, end), start)| (*arm, &self.places[start..*end]))
    }
}

impl Columns<'_> {
    fn value(&self, metric: usize, row: usize) -> Option<(f64, f64)> {
        let (y, d) = self.values[metric];
        let (y, d) = (y.at(row), d.map_or(1.0, |d| d.at(row)));
        (!y.is_nan() && !d.is_nan()).then_some((y, d))
    }

    fn before(&self, row: usize) -> Option<f64> {
        self.before.map(|b| b.at(row)).filter(|x| !x.is_nan())
    }
}

impl Tally {
    /// An empty tally for a block of the same table. `limit` is what [`Tally::ids_limit`] of the rows so far says; it saves
    /// work and changes nothing.
    #[must_use]
    pub fn part(&self, limit: Option<u64>) -> Self {
        Self { repeats: Repeats::below(limit), ..Self::new(self.metrics.clone(), self.unit_of) }
    }

    /// Numbers of ids above this one are not looked at any more.
    pub fn ids_limit(&self) -> Option<u64> {
        self.repeats.limit()
    }

    /// Takes the rows of a block; the row is the unit. Tells which rows cannot be used, and why. Costs O(rows × metrics).
    ///
    /// # Panics
    /// If units or clusters were assigned.
    pub fn take_columns(&mut self, rows: &Columns<'_>) -> Vec<(usize, String)> {
        assert!(self.unit_of == UnitOf::Row, "units of several rows are taken row by row");
        if self.take_counted(rows) {
            return Vec::new();
        }
        let (by_arm, refused) = match self.sorted_at_once(rows) {
            Some(by_arm) => (by_arm, Vec::new()),
            None => self.sorted(rows),
        };
        let (mut y, mut x) = (Vec::new(), Vec::new());
        for (arm, places) in by_arm.iter() {
            let arm = &mut self.arms[arm];
            arm.n_rows += places.len() as u64;
            arm.n_units += places.len() as u64;
            if let Some(before) = &rows.before {
                before.gather(places, &mut x);
                if any_nan(&x) {
                    let unknown = x.iter_mut().filter(|x| x.is_nan());
                    self.n_without_before += unknown.map(|x| *x = 0.0).count() as u64;
                }
            } else {
                x.clear();
                x.resize(places.len(), 0.0);
                self.n_without_before += places.len() as u64;
            }
            for (m, cell) in arm.cells.iter_mut().enumerate() {
                let shift = self.shifts[m];
                let (values, None) = rows.values[m] else {
                    for (at, x) in places.iter().zip(&x) {
                        put(cell, shift, rows.value(m, *at as usize), *x);
                    }
                    continue;
                };
                values.gather(places, &mut y);
                if any_nan(&y) {
                    for (y, x) in y.iter().zip(&x) {
                        put(cell, shift, Some((*y, 1.0)).filter(|_| !y.is_nan()), *x);
                    }
                } else {
                    add_plain(cell, shift, &y, &x);
                }
            }
        }
        refused
    }

    /// The rows by arm where all can be used, as nearly always; `None`, and nothing taken, where some cannot or there may be too
    /// many arms.
    fn sorted_at_once(&mut self, rows: &Columns<'_>) -> Option<ByArm> {
        if self.may_refuse(rows) {
            return None;
        }
        // For each code the places of its rows, put down without a branch that nobody can foresee.
        let n = rows.arms.len();
        let (mut places, mut ends) = (vec![0; n + 1], Vec::new());
        let mut at = 0;
        for code in 0..rows.names.len() as u32 {
            for (row, other) in rows.arms.iter().enumerate() {
                places[at.min(n)] = row as u32;
                at += usize::from(*other == code);
            }
            ends.push(at);
        }
        if at < n {
            return None;
        }
        places.truncate(n);
        let (mut by_arm, mut arms) = (ByArm { arms: Vec::new(), places }, [0; FEW]);
        let mut start = 0;
        for (code, end) in ends.into_iter().enumerate() {
            if end > start {
                arms[code] = self.arm(&rows.names[code]).ok()?;
                by_arm.arms.push((arms[code], end));
            }
            start = end;
        }
        self.meet_ids(rows, &arms);
        self.see_shifts(rows);
        Some(by_arm)
    }

    /// Whether rows may be such as cannot be used, or arms more than are known at once.
    pub(super) fn may_refuse(&self, rows: &Columns<'_>) -> bool {
        let is_odd = |(metric, (y, _)): (&Metric, &(Numbers<'_>, Option<Numbers<'_>>))| {
            metric.kind == Kind::Binary && y.may_any(|y| y != 0.0 && y != 1.0 && !y.is_nan())
        };
        rows.names.len() > FEW
            || self.arms.len() + rows.names.len() > ARMS_MAX
            || self.metrics.iter().zip(&rows.values).any(is_odd)
    }

    /// Meets the ids of rows that are all used, `arms` being the arm of each name.
    pub(super) fn meet_ids(&mut self, rows: &Columns<'_>, arms: &[usize; FEW]) {
        if let Some(ids) = rows.ids {
            for (id, code) in ids.iter().zip(rows.arms).filter(|(id, _)| **id != 0) {
                self.repeats.meet(*id, arms[*code as usize % FEW]);
            }
        }
    }

    /// Sees what is to be taken off the sums, by the first rows that have a value.
    pub(super) fn see_shifts(&mut self, rows: &Columns<'_>) {
        for (m, shift) in self.shifts.iter_mut().enumerate().filter(|(_, shift)| shift.is_none()) {
            let mut values = (0..rows.arms.len()).map(|row| rows.value(m, row).map(|v| (v, rows.before(row))));
            *shift = values.find_map(|found| found).map(|(v, before)| super::shift(v, before));
        }
    }

    /// The rows that can be used, by arm, and the others.
    fn sorted(&mut self, rows: &Columns<'_>) -> (ByArm, Vec<(usize, String)>) {
        let binary: Vec<usize> = (0..self.metrics.len()).filter(|m| self.metrics[*m].kind == Kind::Binary).collect();
        let mut known: Vec<Option<usize>> = vec![None; rows.names.len()];
        let (mut of_arm, mut refused) = (vec![Vec::new(); ARMS_MAX], Vec::new());
        for (row, code) in rows.arms.iter().enumerate() {
            let Some(name) = rows.names.get(*code as usize) else {
                refused.push((row, rows.no_arm.to_owned()));
                continue;
            };
            let odd = binary.iter().find_map(|m| {
                let y = rows.value(*m, row)?.0;
                (y != 0.0 && y != 1.0).then(|| super::not_binary(&self.metrics[*m], y))
            });
            if let Some(why) = odd {
                refused.push((row, why));
                continue;
            }
            let arm = match known[*code as usize] {
                Some(arm) => arm,
                None => match self.arm(name) {
                    Ok(arm) => *known[*code as usize].insert(arm),
                    Err(why) => {
                        refused.push((row, why));
                        continue;
                    }
                },
            };
            of_arm[arm].push(row as u32);
            if let Some(id) = rows.ids.map(|ids| ids[row]).filter(|id| *id != 0) {
                self.repeats.meet(id, arm);
            }
            if self.shifts.iter().any(Option::is_none) {
                for m in 0..self.shifts.len() {
                    self.shifts[m] = self.shifts[m].or(rows.value(m, row).map(|v| super::shift(v, rows.before(row))));
                }
            }
        }
        let mut by_arm = ByArm { arms: Vec::new(), places: Vec::new() };
        for (arm, places) in of_arm.iter().enumerate().filter(|(_, places)| !places.is_empty()) {
            by_arm.places.extend(places);
            by_arm.arms.push((arm, by_arm.places.len()));
        }
        (by_arm, refused)
    }

    /// Joins the rows that a part took.
    ///
    /// # Errors
    /// If there are too many arms together; then no row was joined.
    pub fn join(&mut self, part: Self) -> Result<(), TooManyArms> {
        let mut places = Vec::new();
        for arm in &part.arms {
            places.push(self.arm(&arm.name).map_err(|_| TooManyArms)?);
        }
        for (arm, place) in part.arms.iter().zip(&places) {
            let own = &mut self.arms[*place];
            own.n_rows += arm.n_rows;
            own.n_units += arm.n_units;
            for (cell, other) in own.cells.iter_mut().zip(&arm.cells) {
                cell.moments.join(&other.moments);
                cell.caps.join(&other.caps);
                cell.largest.join(&other.largest);
                cell.n_missing += other.n_missing;
            }
        }
        self.repeats.join(part.repeats, &places);
        self.n_without_before += part.n_without_before;
        for (shift, other) in self.shifts.iter_mut().zip(&part.shifts) {
            *shift = shift.or(*other);
        }
        Ok(())
    }
}

fn any_nan(values: &[f64]) -> bool {
    values.iter().fold(false, |any, x| any | x.is_nan())
}

fn add_plain(cell: &mut Cell, shift: Option<Shift>, y: &[f64], x: &[f64]) {
    if cell.moments.n() == 0 {
        cell.moments = Moments::new(shift.unwrap_or_default());
    }
    cell.moments.add_plain(y, x);
    cell.caps.add_all(y);
    cell.largest.meet_plain(y, x);
}

#[cfg(test)]
mod tests {
    use super::{Columns, Numbers, TooManyArms};
    use crate::tally::{Kind, Metric, Row, Tally, UnitOf};

    /// Rows by columns, in blocks of odd sizes, against the same rows one by one.
    #[test]
    fn blocks_of_columns_are_tallied_as_their_rows_are() {
        let metric = |name: &str, kind| Metric { name: name.to_owned(), kind };
        let metrics = vec![metric("bought", Kind::Binary), metric("spend", Kind::Amount), metric("ctr", Kind::Ratio)];
        let n = 5_000_u32;
        let names = ["b", "a", "c"].map(str::to_owned);
        let column = |of: &dyn Fn(u32) -> f64| (0..n).map(of).collect::<Vec<f64>>();
        let gap = |k: u32, every: u32, x: f64| if k % every == 3 { f64::NAN } else { x };
        let arms: Vec<u32> = (0..n).map(|k| if k % 401 == 5 { u32::MAX } else { k * 7 % 3 }).collect();
        let bought = column(&|k| if k % 977 == 9 { 2.0 } else { gap(k, 31, f64::from(k % 2)) });
        let spend = column(&|k| gap(k, 3_000, f64::from(k % 13) * 8.25));
        let (clicks, views) = (column(&|k| f64::from(k % 5)), column(&|k| gap(k, 17, f64::from(1 + k % 9))));
        let before = column(&|k| gap(k, 29, f64::from(k % 51)));
        let ids: Vec<u64> = (0..n).map(|k| u64::from(k / 2) * 77 + 1).collect();
        let mut rows = Tally::new(metrics.clone(), UnitOf::Row);
        let mut refused = Vec::new();
        for k in 0..n as usize {
            let known = |x: f64| (!x.is_nan()).then_some(x);
            let Some(arm) = names.get(arms[k] as usize) else { continue };
            let values = [
                known(bought[k]).map(|y| (y, 1.0)),
                known(spend[k]).map(|y| (y, 1.0)),
                known(views[k]).map(|d| (clicks[k], d)),
            ];
            let row =
                Row { arm, unit: None, cluster: None, id: Some(ids[k]), values: &values, before: known(before[k]) };
            if let Err(why) = rows.take(&row) {
                refused.push((k, why));
            }
        }
        let mut joined = Tally::new(metrics, UnitOf::Row);
        let mut also = Vec::new();
        for (from, to) in [(0, 1), (1, 700), (700, 4_096), (4_096, 5_000)] {
            let mut part = joined.part(joined.ids_limit());
            let all = part.take_columns(&Columns {
                arms: &arms[from..to],
                no_arm: "empty",
                names: &names,
                values: vec![
                    (Numbers::Each(&bought[from..to]), None),
                    (Numbers::Each(&spend[from..to]), None),
                    (Numbers::Each(&clicks[from..to]), Some(Numbers::Each(&views[from..to]))),
                ],
                before: Some(Numbers::Each(&before[from..to])),
                ids: Some(&ids[from..to]),
            });
            also.extend(all.into_iter().filter(|(_, why)| !why.contains("empty")).map(|(at, why)| (at + from, why)));
            joined.join(part).expect("three arms");
        }
        assert!(!refused.is_empty());
        assert_eq!(also, refused);
        let (a, b) = (joined.conclude(), rows.conclude());
        assert_eq!((a.n_without_before, a.rows_per_id, a.ids_in_two_arms), (b.n_without_before, b.rows_per_id, true));
        for (a, b) in a.arms.iter().zip(&b.arms) {
            assert_eq!((&a.name, a.n_rows, a.n_units), (&b.name, b.n_rows, b.n_units));
            for (a, b) in a.cells.iter().zip(&b.cells) {
                assert_eq!(
                    (a.moments.n(), a.n_missing, a.moments.total()),
                    (b.moments.n(), b.n_missing, b.moments.total())
                );
                let (s, t) = (a.moments.sample().expect("units"), b.moments.sample().expect("units"));
                for (x, y) in [(s.yy, t.yy), (s.yx, t.yx), (s.yd, t.yd), (s.dx, t.dx), (s.yyy, t.yyy)] {
                    assert!((x - y).abs() <= 1e-9 * y.abs().max(1.0), "{x} {y}");
                }
                let amounts = |caps: &crate::caps::Caps| caps.amounts().map(|(n, _)| n).collect::<Vec<_>>();
                assert_eq!(amounts(&a.caps), amounts(&b.caps));
            }
        }
    }

    #[test]
    fn too_many_arms_are_said() {
        let mut all = Tally::new(vec![Metric { name: "m".to_owned(), kind: Kind::Amount }], UnitOf::Row);
        let names: Vec<String> = (0..100).map(|k| format!("{k}")).collect();
        let (arms, y): (Vec<u32>, Vec<f64>) = ((0..50).collect(), vec![1.0; 50]);
        for (half, is_joined) in [(&names[..50], Ok(())), (&names[50..], Err(TooManyArms))] {
            let mut part = all.part(None);
            let values = vec![(Numbers::Each(&y), None)];
            let columns = Columns { arms: &arms, no_arm: "", names: half, values, before: None, ids: None };
            assert!(part.take_columns(&columns).is_empty());
            assert_eq!(all.join(part), is_joined);
        }
    }
}
