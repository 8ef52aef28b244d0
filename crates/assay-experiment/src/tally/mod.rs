//! From rows to sums by arm. Where the row is the unit, memory does not grow; where units or clusters have several rows, it grows
//! with the units.

mod columns;
mod counted;

pub use columns::{Columns, Numbers, TooManyArms};

use crate::caps::Caps;
use crate::influence::Largest;
use crate::moments::{Moments, Shift};
use crate::repeats::Repeats;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, DefaultHasher, Hasher};

/// What a metric measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Yes or no where all values are 0 or 1, an amount else.
    Either,
    /// Yes or no.
    Binary,
    /// A number or an amount of money.
    Amount,
    /// A sum over a sum.
    Ratio,
}

/// A metric.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metric {
    /// How the user calls it.
    pub name: String,
    /// What it measures.
    pub kind: Kind,
}

/// What was assigned to the arms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnitOf {
    /// Each row by itself.
    Row,
    /// Units that may have several rows.
    Unit,
    /// Clusters of rows or units: stores, markets, weeks.
    Cluster,
}

/// A row of the table.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// The arm.
    pub arm: &'a str,
    /// The unit, if units have several rows.
    pub unit: Option<&'a str>,
    /// The cluster, if clusters were assigned.
    pub cluster: Option<&'a str>,
    /// A number for an id by which repeated rows are noticed where no unit was named; equal ids have equal ones, scattered over all.
    pub id: Option<u64>,
    /// For each metric what was measured, and what it is measured per (1 but for ratios); `None` where it is missing.
    pub values: &'a [Option<(f64, f64)>],
    /// What was known before.
    pub before: Option<f64>,
}

/// Sums of one metric in one arm.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// Counts and sums.
    pub moments: Moments,
    /// Amounts by size.
    pub caps: Caps,
    /// The largest units.
    pub largest: Largest,
    /// Units without a value.
    pub n_missing: u64,
}

/// Sums of one arm.
#[derive(Debug, Clone)]
pub struct Arm {
    /// Its name.
    pub name: String,
    /// Its rows.
    pub n_rows: u64,
    /// Its units.
    pub n_units: u64,
    /// A cell for each metric.
    pub cells: Vec<Cell>,
}

/// Arms beyond which the column is taken not to hold arms.
pub const ARMS_MAX: usize = 64;

/// Rows as they come.
#[derive(Debug)]
pub struct Tally {
    metrics: Vec<Metric>,
    unit_of: UnitOf,
    arms: Vec<Arm>,
    shifts: Vec<Option<Shift>>,
    units: Units,
    repeats: Repeats,
    n_without_before: u64,
    last_arm: usize,
}

/// Sums by arm, once all rows were taken.
#[derive(Debug)]
pub struct Tallied {
    /// The arms, in the order of their names.
    pub arms: Vec<Arm>,
    /// The metrics.
    pub metrics: Vec<Metric>,
    /// What was assigned.
    pub unit_of: UnitOf,
    /// Units (or clusters) that stand in more than one arm; they were left out.
    pub n_in_two_arms: u64,
    /// Units without a value from before, which counts as 0.
    pub n_without_before: u64,
    /// How many rows an id has on average, where the table has ids and the row was taken for the unit.
    pub rows_per_id: Option<f64>,
    /// Ids seen in more than one arm, among those looked at.
    pub ids_in_two_arms: bool,
}

impl Tally {
    /// No rows yet.
    pub fn new(metrics: Vec<Metric>, unit_of: UnitOf) -> Self {
        let shifts = vec![None; metrics.len()];
        Self {
            metrics,
            unit_of,
            arms: Vec::new(),
            shifts,
            units: Units::default(),
            repeats: Repeats::default(),
            n_without_before: 0,
            last_arm: 0,
        }
    }

    /// The metric that decides.
    pub fn primary(&self) -> &Metric {
        &self.metrics[0]
    }

    /// Takes a row.
    ///
    /// # Errors
    /// Why it cannot be used: a value other than 0 and 1 in a binary metric, no unit, or an arm too many.
    pub fn take(&mut self, row: &Row<'_>) -> Result<(), String> {
        for (metric, value) in self.metrics.iter().zip(row.values) {
            if let (Kind::Binary, Some((y, _))) = (metric.kind, value)
                && *y != 0.0
                && *y != 1.0
            {
                return Err(not_binary(metric, *y));
            }
        }
        let key = match self.unit_of {
            UnitOf::Row => None,
            UnitOf::Unit => Some(row.unit.ok_or("expected a unit, found an empty cell")?),
            UnitOf::Cluster => {
                let cluster = row.cluster.ok_or("expected a cluster, found an empty cell")?;
                Some(row.unit.unwrap_or(cluster))
            }
        };
        let arm = self.arm(row.arm)?;
        for (shift, value) in self.shifts.iter_mut().zip(row.values) {
            if let (None, Some((y, d))) = (&*shift, value) {
                *shift = Some(self::shift((*y, *d), row.before));
            }
        }
        self.arms[arm].n_rows += 1;
        match key {
            None => {
                if let Some(id) = row.id {
                    self.repeats.meet(id, arm);
                }
                self.n_without_before += u64::from(row.before.is_none());
                let before = row.before.unwrap_or(0.0);
                self.arms[arm].n_units += 1;
                for (m, value) in row.values.iter().enumerate() {
                    put(&mut self.arms[arm].cells[m], self.shifts[m], *value, before);
                }
            }
            Some(unit) => {
                // Rows of a cluster without units are summed as they come.
                let by_unit = self.unit_of == UnitOf::Unit || row.unit.is_some();
                self.units.meet(unit, row, arm, by_unit, &self.metrics);
            }
        }
        Ok(())
    }

    fn arm(&mut self, name: &str) -> Result<usize, String> {
        if self.arms.get(self.last_arm).is_some_and(|a| a.name == name) {
            return Ok(self.last_arm);
        }
        let place = self.arms.iter().position(|a| a.name == name);
        self.last_arm = match place {
            Some(place) => place,
            None if self.arms.len() == ARMS_MAX => {
                return Err(format!("expected at most {ARMS_MAX} arms, found one more"));
            }
            None => {
                let cells = vec![Cell::default(); self.metrics.len()];
                self.arms.push(Arm { name: name.to_owned(), n_rows: 0, n_units: 0, cells });
                self.arms.len() - 1
            }
        };
        Ok(self.last_arm)
    }

    /// Sums up.
    pub fn conclude(mut self) -> Tallied {
        let n_in_two_arms = match self.unit_of {
            UnitOf::Row => 0,
            UnitOf::Unit => self.add_units(),
            UnitOf::Cluster => self.add_clusters(),
        };
        self.arms.sort_by(|a, b| a.name.cmp(&b.name));
        Tallied {
            arms: self.arms,
            metrics: self.metrics,
            unit_of: self.unit_of,
            n_in_two_arms,
            n_without_before: self.n_without_before,
            rows_per_id: self.repeats.rows_per_id(),
            ids_in_two_arms: self.repeats.in_two_arms(),
        }
    }

    fn add_units(&mut self) -> u64 {
        let (mut n_in_two, n_metrics) = (0, self.metrics.len());
        for (u, unit) in self.units.list.iter().enumerate() {
            if unit.in_two_arms {
                n_in_two += 1;
                continue;
            }
            let arm = &mut self.arms[unit.arm as usize];
            arm.n_units += 1;
            self.n_without_before += u64::from(unit.n_before == 0);
            for m in 0..n_metrics {
                let value = self.units.value(u, m, n_metrics);
                put(&mut arm.cells[m], self.shifts[m], value, unit.before);
            }
        }
        n_in_two
    }

    fn add_clusters(&mut self) -> u64 {
        #[derive(Clone)]
        struct Cluster {
            arm: u32,
            in_two_arms: bool,
            before: f64,
            n: f64,
            n_before: u32,
            sums: Vec<(f64, f64)>,
        }
        let n_metrics = self.metrics.len();
        let empty = Cluster {
            arm: u32::MAX,
            in_two_arms: false,
            before: 0.0,
            n: 0.0,
            n_before: 0,
            sums: vec![(0.0, 0.0); n_metrics],
        };
        let mut clusters = vec![empty; self.units.n_clusters()];
        for (u, unit) in self.units.list.iter().enumerate() {
            let cluster = &mut clusters[unit.cluster as usize];
            cluster.in_two_arms |= unit.in_two_arms || (cluster.arm != u32::MAX && cluster.arm != unit.arm);
            cluster.arm = unit.arm;
            cluster.before += unit.before_sum;
            cluster.n_before += unit.n_before;
            cluster.n += f64::from(unit.n_before.max(1));
            for m in 0..n_metrics {
                if let Some((y, d)) = self.units.value(u, m, n_metrics) {
                    cluster.sums[m].0 += y;
                    cluster.sums[m].1 += d;
                }
            }
        }
        let mut n_in_two = 0;
        for cluster in clusters {
            if cluster.in_two_arms {
                n_in_two += 1;
                continue;
            }
            let arm = &mut self.arms[cluster.arm as usize];
            arm.n_units += 1;
            self.n_without_before += u64::from(cluster.n_before == 0);
            for (m, (y, d)) in cluster.sums.into_iter().enumerate() {
                let value = (d > 0.0).then_some((y, d));
                put(&mut arm.cells[m], self.shifts[m], value, cluster.before / cluster.n);
            }
        }
        n_in_two
    }
}

fn not_binary(metric: &Metric, y: f64) -> String {
    format!("metric `{}`: expected 0 or 1, found `{y}`", metric.name)
}

/// What is taken off before summing where these are the first values met.
fn shift((y, d): (f64, f64), before: Option<f64>) -> Shift {
    // Yes and no are summed as they are, and so exactly.
    Shift { y: if y == 1.0 { 0.0 } else { y }, d, x: before.unwrap_or(0.0) }
}

fn put(cell: &mut Cell, shift: Option<Shift>, value: Option<(f64, f64)>, before: f64) {
    let Some((y, d)) = value else {
        cell.n_missing += 1;
        return;
    };
    if cell.moments.n() == 0 {
        cell.moments = Moments::new(shift.unwrap_or_default());
    }
    cell.moments.add(y, d, before);
    cell.caps.add(y);
    cell.largest.meet(y, d, before);
}

fn hash(text: &str) -> u64 {
    // Its keys are fixed: the same input gives the same answer on every run.
    let mut hasher = DefaultHasher::new();
    hasher.write(text.as_bytes());
    hasher.finish()
}

/// Units met so far, by 64-bit hashes of their names: among a hundred million, two share one with probability 3e-4.
#[derive(Debug, Default)]
struct Units {
    by_name: HashMap<u64, u32, BuildHasherDefault<DefaultHasher>>,
    clusters: HashMap<u64, u32, BuildHasherDefault<DefaultHasher>>,
    list: Vec<Unit>,
    /// For each unit and metric what was measured, what per, and whether anything was.
    sums: Vec<(f64, f64, bool)>,
}

#[derive(Debug)]
struct Unit {
    arm: u32,
    cluster: u32,
    in_two_arms: bool,
    /// The first value from before; those of further rows repeat it.
    before: f64,
    before_sum: f64,
    n_before: u32,
}

impl Units {
    fn n_clusters(&self) -> usize {
        self.clusters.len()
    }

    fn meet(&mut self, name: &str, row: &Row<'_>, arm: usize, by_unit: bool, metrics: &[Metric]) {
        let next_cluster = self.clusters.len() as u32;
        let cluster = row.cluster.map_or(0, |c| *self.clusters.entry(hash(c)).or_insert(next_cluster));
        let next = self.list.len() as u32;
        let place = *self.by_name.entry(hash(name)).or_insert(next) as usize;
        if place == self.list.len() {
            self.list.push(Unit {
                arm: arm as u32,
                cluster,
                in_two_arms: false,
                before: row.before.unwrap_or(0.0),
                before_sum: 0.0,
                n_before: 0,
            });
            self.sums.resize(self.sums.len() + metrics.len(), (0.0, 0.0, false));
        }
        let unit = &mut self.list[place];
        unit.in_two_arms |= unit.arm != arm as u32 || unit.cluster != cluster;
        if let Some(before) = row.before {
            unit.before_sum += before;
            unit.n_before += 1;
        }
        for (m, metric) in metrics.iter().enumerate() {
            let Some((y, d)) = row.values[m] else { continue };
            let sum = &mut self.sums[place * metrics.len() + m];
            match metric.kind {
                Kind::Ratio => (sum.0, sum.1) = (sum.0 + y, sum.1 + d),
                // A unit did it, or it did not; a unit is one unit however many rows it has.
                Kind::Binary if by_unit => (sum.0, sum.1) = (sum.0.max(y), 1.0),
                _ if by_unit => (sum.0, sum.1) = (sum.0 + y, 1.0),
                _ => (sum.0, sum.1) = (sum.0 + y, sum.1 + 1.0),
            }
            sum.2 = true;
        }
    }

    fn value(&self, unit: usize, metric: usize, n_metrics: usize) -> Option<(f64, f64)> {
        let (y, d, known) = self.sums[unit * n_metrics + metric];
        known.then_some((y, d))
    }
}

#[cfg(test)]
mod tests {
    use super::{Kind, Metric, Row, Tallied, Tally, UnitOf};

    fn tally(kind: Kind, unit_of: UnitOf, rows: &[(&str, &str, f64)]) -> Tallied {
        let mut tally = Tally::new(vec![Metric { name: "m".to_owned(), kind }], unit_of);
        for (arm, unit, y) in rows {
            let (of_unit, cluster) = match unit_of {
                UnitOf::Cluster => (None, Some(*unit)),
                _ => (Some(*unit), None),
            };
            let values = [Some((*y, 1.0))];
            let row =
                Row { arm, unit: of_unit, cluster, id: Some(super::hash(unit)), values: &values, before: Some(1.0) };
            tally.take(&row).expect("a row");
        }
        tally.conclude()
    }

    const ROWS: [(&str, &str, f64); 7] = [
        ("b", "u1", 1.0),
        ("a", "u2", 0.0),
        ("b", "u1", 1.0),
        ("a", "u3", 1.0),
        ("a", "u4", 0.0),
        ("b", "u4", 1.0),
        ("b", "u5", 0.0),
    ];

    #[test]
    fn rows_units_and_clusters_are_counted_as_such() {
        let rows = tally(Kind::Binary, UnitOf::Row, &ROWS);
        assert_eq!(rows.arms.iter().map(|a| (a.name.as_str(), a.n_units)).collect::<Vec<_>>(), [("a", 3), ("b", 4)]);
        assert!((rows.rows_per_id.expect("ids") - 7.0 / 5.0).abs() < 1e-12 && rows.ids_in_two_arms);
        let units = tally(Kind::Binary, UnitOf::Unit, &ROWS);
        assert_eq!(units.n_in_two_arms, 1);
        let b = &units.arms[1];
        assert_eq!((b.n_units, b.n_rows, b.cells[0].moments.total()), (2, 4, 1.0));
        let amounts = tally(Kind::Amount, UnitOf::Unit, &ROWS);
        assert_eq!(amounts.arms[1].cells[0].moments.total(), 2.0);
        let clusters = tally(Kind::Binary, UnitOf::Cluster, &ROWS);
        let sample = clusters.arms[1].cells[0].moments.sample().expect("two clusters");
        assert_eq!((sample.n, sample.rate()), (2.0, 2.0 / 3.0));
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_a_reason() {
        let mut tally = Tally::new(vec![Metric { name: "m".to_owned(), kind: Kind::Binary }], UnitOf::Unit);
        let row = Row { arm: "a", unit: None, cluster: None, id: None, values: &[Some((1.0, 1.0))], before: None };
        assert!(tally.take(&row).expect_err("no unit").contains("expected a unit"));
        let wrong = Row { unit: Some("u"), values: &[Some((2.0, 1.0))], ..row };
        assert!(tally.take(&wrong).expect_err("two").contains("expected 0 or 1"));
        for k in 0..super::ARMS_MAX {
            assert!(tally.take(&Row { arm: &format!("arm {k}"), unit: Some("u"), ..row }).is_ok());
        }
        assert!(tally.take(&Row { arm: "another", unit: Some("u"), ..row }).is_err());
    }
}
