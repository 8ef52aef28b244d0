//! From a table of units to the reading of an experiment: columns are read by the names that the user gives, rows go to the
//! tally one by one.

use super::experiment_geo::period;
use super::sealed::PlanUsed;
use super::{DEFAULT_SEED, Error, Step, Watch};
use crate::report::{ExperimentReport, Warning};
use assay_experiment::means::Before;
use assay_experiment::money::Worth;
use assay_experiment::over_time::{OverTime, over_time};
use assay_experiment::reading::{Bound, Guardrail};
use assay_experiment::rule::Rule;
use assay_experiment::segments::{self, ArmSegments};
use assay_experiment::{
    Asked, Columns as Rows, Kind, Metric, Numbers, Row, SplitReading, Stop, Tallied, Tally, UnitOf, Unreadable,
    read_split,
};
use assay_import::{
    Block, Bundle, Holds, Limits, NamedColumn, NamedTable, Optional, Refused, Value, Wanted, read_named,
    read_named_blocks,
};
use assay_model::{Abstention, Outcome};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

/// What the user asked of a reading.
#[derive(Debug, Clone)]
pub struct ExperimentOptions {
    /// The column of arms.
    pub arm: String,
    /// The arm that others are compared with.
    pub control: String,
    /// The metrics, the primary one first.
    pub metrics: Vec<MetricColumn>,
    /// The column of units, where they have several rows.
    pub unit: Option<String>,
    /// The column of clusters, where those were assigned.
    pub cluster: Option<String>,
    /// The column of what was known before.
    pub before: Option<String>,
    /// Weights of the split.
    pub split: Option<Vec<f64>>,
    /// What was declared of looking.
    pub stop: Stop,
    /// Confidence of intervals.
    pub confidence: f64,
    /// What the primary metric is worth.
    pub worth: Option<Worth>,
    /// Metrics that must not get worse.
    pub guardrails: Vec<GuardrailColumn>,
    /// The sealed plan that the reading goes by.
    pub plan: Option<PlanUsed>,
    /// The column that says who saw what the arm was to see: no plan has it, for it is a check of what happened. Of rows whose cell is
    /// neither yes nor no it is unknown, and they count as ever.
    pub exposed: Option<String>,
    /// Columns of segments: each is read by itself, and all of them crossed.
    pub segments: Vec<String>,
    /// The column of days on which units came in.
    pub date: Option<String>,
    /// Units over all arms that come in a week.
    pub per_week: Option<u64>,
    /// Whether the answer is to name its data by their hash.
    pub hashed: bool,
}

/// A guardrail and where its metric stands.
#[derive(Debug, Clone, PartialEq)]
pub struct GuardrailColumn {
    /// The metric.
    pub metric: MetricColumn,
    /// How far the arm's difference may go.
    pub bound: Bound,
}

impl GuardrailColumn {
    /// A guardrail as the user writes it, `METRIC<=M` or `METRIC>=M`; `metric` reads the part before.
    ///
    /// # Errors
    /// What was expected.
    pub fn of(text: &str, metric: &dyn Fn(&str) -> Result<MetricColumn, String>) -> Result<Self, String> {
        let expected = || "expected METRIC<=M or METRIC>=M with a number, such as refunded:binary<=0.01".to_owned();
        let (name, bound) = if let Some((name, most)) = text.split_once("<=") {
            (name, most.trim().parse().ok().filter(|x: &f64| x.is_finite()).map(Bound::AtMost))
        } else if let Some((name, least)) = text.split_once(">=") {
            (name, least.trim().parse().ok().filter(|x: &f64| x.is_finite()).map(Bound::AtLeast))
        } else {
            return Err(expected());
        };
        Ok(Self { metric: metric(name.trim())?, bound: bound.ok_or_else(expected)? })
    }
}

/// A metric and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MetricColumn {
    /// How it is called.
    pub name: String,
    /// What it measures.
    pub kind: Kind,
    /// Its column, or the numerator's.
    pub column: String,
    /// The denominator's column.
    pub per: Option<String>,
}

impl MetricColumn {
    /// A metric as the user writes it: `COL`, `COL:binary`, `COL:amount`, or `NAME:ratio=NUM/DEN`.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, String> {
        let column = |kind| move |name: &str| Self { name: name.to_owned(), kind, column: name.to_owned(), per: None };
        let found = if let Some((name, ratio)) = text.split_once(":ratio=") {
            let (over, under) =
                ratio.split_once('/').ok_or("expected NUM/DEN after ratio=, such as ctr:ratio=clicks/views")?;
            let (over, under) = (over.trim(), under.trim());
            if over.is_empty() || under.is_empty() {
                return Err("expected two columns, NUM/DEN, after ratio=".to_owned());
            }
            Self { name: name.to_owned(), kind: Kind::Ratio, column: over.to_owned(), per: Some(under.to_owned()) }
        } else if let Some(name) = text.strip_suffix(":binary") {
            column(Kind::Binary)(name)
        } else if let Some(name) = text.strip_suffix(":amount") {
            column(Kind::Amount)(name)
        } else {
            column(Kind::Either)(text)
        };
        if found.name.trim().is_empty() {
            return Err("expected the name of a column before the colon".to_owned());
        }
        Ok(found)
    }
}

/// Columns that hold ids, by which repeated rows are noticed.
const ID_NAMES: [&str; 14] = [
    "user_id",
    "userid",
    "customer_id",
    "visitor_id",
    "client_id",
    "account_id",
    "member_id",
    "subscriber_id",
    "contact_id",
    "person_id",
    "household_id",
    "device_id",
    "email",
    "uid",
];

/// Reads the table and the experiment in it.
///
/// # Errors
/// When the table cannot be read or lacks a column, when there is nothing to compare, or when `watch` answers stop.
pub fn read_experiment(
    input: &Path,
    options: &ExperimentOptions,
    watch: &mut Watch<'_>,
) -> Result<ExperimentReport, Error> {
    super::go_on(watch, Step::Reading)?;
    let bundle = Bundle::open(&[PathBuf::from(input)], &Limits::default())?;
    let bundle = if options.hashed { bundle } else { bundle.unhashed() };
    let exposed = options.exposed.as_deref();
    let wanted = Columns::of(options, exposed);
    let unit_of = match (&options.cluster, &options.unit) {
        (Some(_), _) => UnitOf::Cluster,
        (None, Some(_)) => UnitOf::Unit,
        (None, None) => UnitOf::Row,
    };
    let mut metrics: Vec<Metric> = columns(options).map(|m| Metric { name: m.name.clone(), kind: m.kind }).collect();
    let exposed = exposed.map(|name| Metric { name: name.to_owned(), kind: Kind::Binary });
    let place = exposed.is_some().then_some(metrics.len());
    metrics.extend(exposed);
    let n_metrics = metrics.len();
    let mut tally = Tally::new(metrics, unit_of);
    let mut parts = Parts::of(&options.segments);
    let by_columns = unit_of == UnitOf::Row && options.segments.is_empty() && options.date.is_none();
    let mut table = None;
    if by_columns {
        table = read_columns(&bundle, &wanted, &mut tally, watch)?;
    }
    let table = if let Some(table) = table {
        table
    } else {
        let mut values = vec![None; n_metrics];
        let mut take = |_line: u64, cells: &[Value<'_>]| {
            parts.check(cells, &wanted)?;
            wanted.hand_over(cells, &mut values, &mut tally)?;
            parts.take(cells, &wanted, &values, &tally, unit_of)
        };
        let mut tick = |done, total| watch(Step::Reading, done, total);
        read_named(&bundle, &wanted.wanted, &mut take, &mut tick)?
    };
    super::go_on(watch, Step::Weighing)?;
    let asked = Asked {
        control: options.control.clone(),
        split: options.split.clone(),
        stop: options.stop,
        confidence: options.confidence,
        adjust: if options.before.is_some() { Before::Used } else { Before::Ignored },
        worth: options.worth,
        seed: DEFAULT_SEED,
        guardrails: options
            .guardrails
            .iter()
            .enumerate()
            .map(|(k, g)| Guardrail { metric: options.metrics.len() + k, bound: g.bound })
            .collect(),
        exposed: place,
    };
    let tallied = tally.conclude();
    if tallied.arms.is_empty() {
        return Err(nothing(&table));
    }
    let reading = read_split(tallied, &asked).map_err(|why| unreadable(&why, options, &table))?;
    let (segments, over_time) = parts.conclude(&reading);
    let mut warnings = super::experiment_checks::warnings(&reading, &table, options);
    warnings.extend(super::experiment_checks::of_days(&over_time));
    Ok(ExperimentReport {
        segments,
        over_time,
        per_week: options.per_week,
        seed: DEFAULT_SEED,
        file: table.file,
        rejects: table.rejects,
        reading,
        warnings,
        plan: options.plan.clone(),
    })
}

/// Reads rows that are units by columns, on all cores. `None`, and nothing tallied, where there are too many arms: read row by row,
/// the table tells which rows those are.
fn read_columns(
    bundle: &Bundle,
    wanted: &Columns,
    tally: &mut Tally,
    watch: &mut Watch<'_>,
) -> Result<Option<NamedTable>, Error> {
    let empty = tally.part(None);
    // What is known of ids only saves work, so that it does not matter when a block hears of it.
    let limit = AtomicU64::new(u64::MAX);
    let make = |block: &mut Block| {
        let mut part = empty.part(Some(limit.load(Ordering::Relaxed)).filter(|l| *l < u64::MAX));
        let refused = part.take_columns(&wanted.of_block(block));
        let lines = refused.into_iter().map(|(row, why)| (block.line(row), why));
        (part, lines.collect::<Refused>())
    };
    let mut all = tally.part(None);
    let mut joined = Ok(());
    let mut join = |(part, refused): (Tally, Refused)| {
        if joined.is_ok() {
            joined = all.join(part);
            limit.store(all.ids_limit().unwrap_or(u64::MAX), Ordering::Relaxed);
        }
        refused
    };
    let mut tick = |done, total| watch(Step::Reading, done, total);
    let table = read_named_blocks(bundle, &wanted.wanted, &make, &mut join, &mut tick)?;
    if joined.is_err() {
        return Ok(None);
    }
    *tally = all;
    Ok(Some(table))
}

/// The metrics, guardrails last.
fn columns(options: &ExperimentOptions) -> impl Iterator<Item = &MetricColumn> {
    options.metrics.iter().chain(options.guardrails.iter().map(|g| &g.metric))
}

/// The wanted columns, and the place of each among them.
struct Columns {
    wanted: Vec<Wanted>,
    /// Why a row without an arm cannot be used.
    no_arm: String,
    arm: usize,
    unit: Option<usize>,
    cluster: Option<usize>,
    before: Option<usize>,
    id: Option<usize>,
    segments: Vec<usize>,
    date: Option<usize>,
    metrics: Vec<(usize, Option<usize>)>,
}

impl Columns {
    fn of(options: &ExperimentOptions, exposed: Option<&str>) -> Self {
        let mut wanted: Vec<Wanted> = Vec::new();
        let mut want = |name: &str, holds: Holds| -> usize {
            let same = |w: &Wanted| w.holds == holds && w.names == [name.to_owned()];
            if let Some(place) = wanted.iter().position(same) {
                return place;
            }
            wanted.push(Wanted { names: vec![name.to_owned()], holds, optional: Optional::No });
            wanted.len() - 1
        };
        let arm = want(&options.arm, Holds::Name);
        let metrics: Vec<_> = columns(options)
            .map(|m| (want(&m.column, Holds::Number), m.per.as_ref().map(|per| want(per, Holds::Number))))
            .collect();
        let exposed = exposed.map(|name| (want(name, Holds::Flag), None));
        let unit = options.unit.as_ref().map(|name| want(name, Holds::Text));
        let cluster = options.cluster.as_ref().map(|name| want(name, Holds::Text));
        let before = options.before.as_ref().map(|name| want(name, Holds::Number));
        let segments = options.segments.iter().map(|name| want(name, Holds::Text)).collect();
        let date = options.date.as_ref().map(|name| want(name, Holds::Text));
        let id = (unit.is_none() && cluster.is_none()).then(|| {
            let names = ID_NAMES.map(str::to_owned).to_vec();
            wanted.push(Wanted { names, holds: Holds::Id, optional: Optional::Yes });
            wanted.len() - 1
        });
        let no_arm = format!("column `{}`: expected an arm, found an empty cell", options.arm);
        // Who was exposed is tallied behind the metrics.
        let metrics = metrics.into_iter().chain(exposed).collect();
        Self { wanted, no_arm, arm, unit, cluster, before, id, segments, date, metrics }
    }

    /// The columns of a block as the tally takes them.
    fn of_block<'b>(&'b self, block: &'b Block) -> Rows<'b> {
        let numbers = |place: usize| match block.column(place) {
            NamedColumn::Numbers(numbers) => Numbers::Each(numbers),
            NamedColumn::Coded(coded) => {
                Numbers::Coded { places: &coded.places, numbers: &coded.numbers, any_missing: coded.any_missing }
            }
            _ => Numbers::Each(&[]),
        };
        let (arms, names) = match block.column(self.arm) {
            NamedColumn::Names(names) => (names.codes.as_slice(), names.names.as_slice()),
            _ => (&[][..], &[][..]),
        };
        let ids = match self.id.map(|place| block.column(place)) {
            Some(NamedColumn::Ids(ids)) if !ids.is_empty() => Some(ids.as_slice()),
            _ => None,
        };
        Rows {
            arms,
            no_arm: &self.no_arm,
            names,
            values: self.metrics.iter().map(|(y, d)| (numbers(*y), d.map(numbers))).collect(),
            before: self.before.map(numbers),
            ids,
        }
    }

    fn hand_over(
        &self,
        cells: &[Value<'_>],
        values: &mut [Option<(f64, f64)>],
        tally: &mut Tally,
    ) -> Result<(), String> {
        let Value::Text(arm) = cells[self.arm] else {
            return Err(self.no_arm.clone());
        };
        for (value, (y, d)) in values.iter_mut().zip(&self.metrics) {
            *value = match (number(cells[*y]), d.map(|d| number(cells[d]))) {
                (Some(y), None) => Some((y, 1.0)),
                (Some(y), Some(Some(d))) => Some((y, d)),
                _ => None,
            };
        }
        let text = |place: Option<usize>| match place.map(|p| cells[p]) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        };
        tally.take(&Row {
            arm,
            unit: text(self.unit),
            cluster: text(self.cluster),
            id: self.id.and_then(|p| if let Value::Id(id) = cells[p] { Some(id) } else { None }),
            values,
            before: self.before.and_then(|p| number(cells[p])),
        })
    }
}

/// Segments at most; more are a sign that the column names units.
const SEGMENTS_MAX: usize = 100;
/// Days at most.
const DAYS_MAX: usize = 2_000;

/// The primary metric by segment and by day.
#[derive(Default)]
struct Parts {
    factors: Vec<Factor>,
    days: BTreeMap<i64, Tally>,
}

/// What segments are told apart by: a column, or all of them crossed.
struct Factor {
    by: String,
    /// Its places among the columns of segments.
    columns: std::ops::Range<usize>,
    segments: BTreeMap<String, Tally>,
    /// Whether there are so many cells that nothing is told of them. Of one column's segments too many are refused.
    too_many: bool,
}

/// Between the names of what is crossed.
const CROSSED: &str = " \u{d7} ";

impl Factor {
    fn of(columns: std::ops::Range<usize>, names: &[String]) -> Self {
        Self { by: names[columns.clone()].join(CROSSED), columns, segments: BTreeMap::new(), too_many: false }
    }

    /// The segment of a row.
    fn segment<'c>(&self, cells: &[Value<'c>], columns: &Columns) -> Cow<'c, str> {
        match &columns.segments[self.columns.clone()] {
            [place] => segment(cells[*place]).into(),
            places => places.iter().map(|place| segment(cells[*place])).collect::<Vec<_>>().join(CROSSED).into(),
        }
    }

    fn is_full_for(&self, segment: &str) -> bool {
        self.segments.len() >= SEGMENTS_MAX && !self.segments.contains_key(segment)
    }

    fn take(&mut self, segment: &str, row: &Row<'_>, fresh: &impl Fn() -> Tally) -> Result<(), String> {
        if self.columns.len() > 1 && self.is_full_for(segment) {
            self.too_many = true;
            self.segments.clear();
        }
        if self.too_many {
            return Ok(());
        }
        if !self.segments.contains_key(segment) {
            self.segments.insert(segment.to_owned(), fresh());
        }
        self.segments.get_mut(segment).map_or(Ok(()), |part| part.take(row))
    }

    fn conclude(self, asked: &Asked) -> Vec<ArmSegments> {
        let parts: Vec<(String, Tallied)> = self.segments.into_iter().map(|(name, t)| (name, t.conclude())).collect();
        if !self.too_many {
            return segments::pooled(&self.by, &parts, &asked.control, asked.confidence);
        }
        let why = Abstention::new(
            format!("there are more than {SEGMENTS_MAX} cells"),
            "fewer segments, or columns that are read one at a time",
        );
        let (arm, by) = (String::new(), self.by);
        vec![ArmSegments { arm, by, segments: Vec::new(), pooled: Outcome::Abstained(why), left_out: Vec::new() }]
    }
}

impl Parts {
    /// Each column by itself; where there are several, all of them crossed too.
    fn of(names: &[String]) -> Self {
        let mut factors: Vec<Factor> = (0..names.len()).map(|k| Factor::of(k..k + 1, names)).collect();
        if names.len() > 1 {
            factors.push(Factor::of(0..names.len(), names));
        }
        Self { factors, days: BTreeMap::new() }
    }

    /// Refuses a row whose day or segment cannot be used, before anything is counted.
    fn check(&self, cells: &[Value<'_>], columns: &Columns) -> Result<(), String> {
        if let Some(place) = columns.date {
            let Value::Text(text) = cells[place] else { return Err("expected a day, found an empty cell".to_owned()) };
            let Some(day) = period(text) else {
                return Err(format!("expected a day such as 2024-05-01, found `{text}`"));
            };
            if self.days.len() >= DAYS_MAX && !self.days.contains_key(&day) {
                return Err(format!("expected at most {DAYS_MAX} days"));
            }
        }
        for factor in self.factors.iter().filter(|f| f.columns.len() == 1) {
            let segment = factor.segment(cells, columns);
            if factor.is_full_for(&segment) {
                return Err(format!("expected at most {SEGMENTS_MAX} segments, found another: `{segment}`"));
            }
        }
        Ok(())
    }

    fn take(
        &mut self,
        cells: &[Value<'_>],
        columns: &Columns,
        values: &[Option<(f64, f64)>],
        tally: &Tally,
        unit_of: UnitOf,
    ) -> Result<(), String> {
        if columns.segments.is_empty() && columns.date.is_none() {
            return Ok(());
        }
        let Value::Text(arm) = cells[columns.arm] else { return Ok(()) };
        let text = |place: Option<usize>| match place.map(|p| cells[p]) {
            Some(Value::Text(text)) => Some(text),
            _ => None,
        };
        let (unit, cluster) = (text(columns.unit), text(columns.cluster));
        let row = Row { arm, unit, cluster, id: None, values: &values[..1], before: None };
        let fresh = || Tally::new(vec![tally.primary().clone()], unit_of);
        for factor in &mut self.factors {
            let segment = factor.segment(cells, columns);
            factor.take(&segment, &row, &fresh)?;
        }
        if let Some(Value::Text(text)) = columns.date.map(|p| cells[p])
            && let Some(day) = period(text)
        {
            self.days.entry(day).or_insert_with(fresh).take(&row)?;
        }
        Ok(())
    }

    fn conclude(self, reading: &SplitReading) -> (Vec<ArmSegments>, Vec<OverTime>) {
        let asked = &reading.asked;
        let segments = self.factors.into_iter().flat_map(|factor| factor.conclude(asked)).collect();
        let days: Vec<(i64, Tallied)> = self.days.into_iter().map(|(day, t)| (day, t.conclude())).collect();
        let over = reading.order[1..].iter().filter(|_| !days.is_empty()).map(|i| {
            let arm = &reading.tallied.arms[*i].name;
            let share = |n: u64, n_max: u64| (n as f64 / n_max as f64).min(1.0);
            // Over all arms there are more units than in these two; the plan counts all.
            let others = (reading.order.len() as f64) / 2.0;
            over_time(&days, &asked.control, arm, asked.confidence, &|n| match asked.stop {
                Stop::Fixed => Rule::Fixed,
                Stop::Anytime => Rule::Anytime { n: n as f64 },
                Stop::Capped { n_max, .. } => {
                    Rule::Capped { fraction: share((n as f64 * others) as u64, n_max), looks: None }
                }
            })
        });
        (segments, over.collect())
    }
}

/// The segment of a row; rows without one are a segment of their own.
fn segment(cell: Value<'_>) -> &str {
    match cell {
        Value::Text(text) => text,
        _ => "(none)",
    }
}

fn number(cell: Value<'_>) -> Option<f64> {
    match cell {
        Value::Number(x) => Some(x),
        _ => None,
    }
}

fn nothing(table: &NamedTable) -> Error {
    let why = table.rejects.first().map_or(String::new(), |r| format!("; line {}: {}", r.line, r.why));
    Error::Input {
        message: format!(
            "{}: expected rows with an arm and a metric, found none that can be used ({} were rejected{why})",
            table.file.name, table.file.rejected
        ),
        hint: Some("check that --arm and --metric name the columns that you mean".to_owned()),
    }
}

fn unreadable(why: &Unreadable, options: &ExperimentOptions, table: &NamedTable) -> Error {
    let named = |arms: &[String]| {
        let shown: Vec<String> = arms.iter().take(10).map(|a| format!("'{a}'")).collect();
        let more = if arms.len() > 10 { format!(" and {} more", arms.len() - 10) } else { String::new() };
        format!("{}{more}", shown.join(", "))
    };
    let (message, hint) = match why {
        Unreadable::NoControl(arms) => (
            format!("expected an arm '{}' in column `{}`, found {}", options.control, options.arm, named(arms)),
            "name the control as the table writes it: --control NAME",
        ),
        Unreadable::OneArm(arm) => (
            format!("expected at least two arms in column `{}`, found '{arm}' alone", options.arm),
            "a table of one arm can be compared with nothing; put the rows of all arms into one table",
        ),
        Unreadable::Split { n_weights, arms } => (
            format!("expected a weight for each of the {} arms in --split, found {n_weights}", arms.len()),
            "the weights stand in the order of the arms: the control, then the others by name",
        ),
        Unreadable::Empty(arm) => (
            format!("expected values in the control, found none in '{arm}'"),
            "check that --metric names the column that you mean",
        ),
    };
    let order = match why {
        Unreadable::Split { arms, .. } => format!(" (here: {})", named(arms)),
        _ => String::new(),
    };
    Error::Input { message: format!("{}: {message}", table.file.name), hint: Some(format!("{hint}{order}")) }
}

/// A warning.
pub(super) fn warning(id: &'static str, text: String) -> Warning {
    Warning { id, text }
}
