//! From a table of markets and days to the reading of a geo test.

use super::experiment::warning;
use super::experiment_checks::of_plan;
use super::sealed::PlanUsed;
use super::{DEFAULT_SEED, Error, Step, Watch};
use crate::report::{GeoReport, Warning};
use assay_experiment::calibrate::{self, Calibration, Placebos};
use assay_experiment::geo::panel::{Panel, PanelRows};
use assay_experiment::geo::{AskedGeo, BEFORE_MIN, GeoDecision, GeoReading, Part, UnreadableGeo, read_geo};
use assay_import::{Bundle, Holds, Limits, NamedTable, Optional, Value, Wanted, read_named};
use jiff::civil;
use std::path::{Path, PathBuf};

/// Days of cool-down at most.
pub const COOLDOWN_MAX: u32 = 366;

/// What the user asked of a geo reading.
#[derive(Debug, Clone)]
pub struct GeoOptions {
    /// The column of markets.
    pub location: String,
    /// The column of days, or of whole numbers that rise with time.
    pub date: String,
    /// The metric's column.
    pub metric: String,
    /// The treated markets.
    pub treated: Vec<String>,
    /// The first treated day, as the table writes days.
    pub start: String,
    /// The last treated day.
    pub end: String,
    /// Days after the last treated one in which the effect still counts.
    pub cooldown: u32,
    /// Placebo tests on the days before; `None`: as many as are quickly made.
    pub placebos: Option<u64>,
    /// The cost's column.
    pub cost: Option<String>,
    /// Money earned by 1 of the metric.
    pub margin: Option<f64>,
    /// Confidence of intervals.
    pub confidence: f64,
    /// The sealed plan that the reading goes by.
    pub plan: Option<PlanUsed>,
}

/// Reads the table and the geo test in it.
///
/// # Errors
/// When the table cannot be read or lacks a column, when there is nothing to compare, or when `watch` answers stop.
pub fn read_experiment_geo(input: &Path, options: &GeoOptions, watch: &mut Watch<'_>) -> Result<GeoReport, Error> {
    super::go_on(watch, Step::Reading)?;
    let day = |flag: &str, text: &str| {
        period(text).ok_or_else(|| Error::Usage {
            message: format!("expected a day such as 2024-05-01 (or a whole number) after {flag}, found '{text}'"),
            hint: Some("write days as the table does".to_owned()),
        })
    };
    let (start, end) = (day("--start", &options.start)?, day("--end", &options.end)?);
    if end < start {
        return Err(Error::Usage {
            message: format!("expected --end on or after --start, found {} before {}", options.end, options.start),
            hint: Some("--start is the first treated day and --end the last".to_owned()),
        });
    }
    let columns = [&options.location, &options.date, &options.metric];
    let (rows, table) = read_rows(input, columns, options.cost.as_ref(), watch)?;
    super::go_on(watch, Step::Weighing)?;
    let asked = AskedGeo {
        treated: options.treated.clone(),
        start,
        end,
        confidence: options.confidence,
        margin: options.margin,
        seed: DEFAULT_SEED,
    };
    let panel = rows.conclude(end.saturating_add(i64::from(options.cooldown)));
    let mut reading = read_geo(panel, &asked).map_err(|why| unreadable(&why, options, &table))?;
    let calibration = placebo_tests(&reading, options, watch)?;
    if calibration.as_ref().is_some_and(Calibration::is_above_nominal) {
        reading.decision = GeoDecision::Miscalibrated;
    }
    let warnings = warnings(&reading, &table, options, calibration.as_ref());
    Ok(GeoReport {
        seed: DEFAULT_SEED,
        file: table.file,
        rejects: table.rejects,
        options: options.clone(),
        reading,
        calibration,
        warnings,
    })
}

/// The relative lift that placebo tests put in.
pub(super) const PLACEBO_LIFT: f64 = 0.1;

/// Placebo tests where nobody says how many: they show gross faults, and take half a second.
const PLACEBOS: u64 = 20;
/// Markets times days before the test beyond which they would take long.
const PLACEBO_CELLS_MAX: usize = 10_000;

/// How many placebo tests are to be made.
fn placebos(asked: Option<u64>, panel: &Panel, n_before: usize) -> u64 {
    let is_small = panel.markets.len() * n_before <= PLACEBO_CELLS_MAX;
    asked.unwrap_or(if is_small { PLACEBOS } else { 0 })
}

/// Placebo tests on the days before.
fn placebo_tests(
    reading: &GeoReading,
    options: &GeoOptions,
    watch: &mut Watch<'_>,
) -> Result<Option<Calibration>, Error> {
    let asked = Placebos {
        n_treated: reading.treated.len(),
        n_periods: reading.n_during,
        lift: PLACEBO_LIFT,
        alpha: 1.0 - options.confidence,
        n_runs: placebos(options.placebos, &reading.panel, reading.n_before),
        seed: DEFAULT_SEED.fork("placebo tests"),
    };
    let mut tick = |done, total| watch(Step::Named("placebo tests"), done, total);
    calibrate::markets(&reading.panel.first(reading.n_before), &asked, &mut tick).map_err(|_| Error::Interrupted)
}

/// The rows of a table of markets and days: its columns of markets, days and the metric, and that of costs.
pub(super) fn read_rows(
    input: &Path,
    [location, date, metric]: [&String; 3],
    cost: Option<&String>,
    watch: &mut Watch<'_>,
) -> Result<(PanelRows, NamedTable), Error> {
    let bundle = Bundle::open(&[PathBuf::from(input)], &Limits::default())?;
    let want = |name: &String, holds| Wanted { names: vec![name.clone()], holds, optional: Optional::No };
    let mut wanted = vec![want(location, Holds::Name), want(date, Holds::Text), want(metric, Holds::Number)];
    wanted.extend(cost.map(|name| want(name, Holds::Number)));
    let mut rows = PanelRows::default();
    let mut take = |_line: u64, cells: &[Value<'_>]| {
        let Value::Text(market) = cells[0] else { return Err("expected a market, found an empty cell".to_owned()) };
        let Value::Text(date) = cells[1] else { return Err("expected a day, found an empty cell".to_owned()) };
        let Some(at) = period(date) else {
            return Err(format!("expected a day such as 2024-05-01, found `{date}`"));
        };
        let Value::Number(value) = cells[2] else {
            return Err("expected a number, found an empty cell".to_owned());
        };
        let cost = match cells.get(3) {
            Some(Value::Number(cost)) => *cost,
            _ => 0.0,
        };
        rows.add(market, at, value, cost);
        Ok(())
    };
    let mut tick = |done, total| watch(Step::Reading, done, total);
    let table = read_named(&bundle, &wanted, &mut take, &mut tick)?;
    Ok((rows, table))
}

/// A day as a number of days, or a whole number as it is.
pub(super) fn period(text: &str) -> Option<i64> {
    if let Ok(number) = text.parse::<i64>()
        && text.len() < 8
    {
        return Some(number);
    }
    let date: civil::Date = text.get(..10).unwrap_or(text).parse().ok()?;
    let since = date.since(civil::date(1970, 1, 1)).ok()?;
    Some(i64::from(since.get_days()))
}

fn unreadable(why: &UnreadableGeo, options: &GeoOptions, table: &NamedTable) -> Error {
    let (message, hint) = match why {
        UnreadableGeo::NoMarket(names) => (
            format!(
                "expected the treated markets in column `{}` on most days, found no such '{}'",
                options.location,
                names.join("', '")
            ),
            "name markets as the table writes them, with commas between them: --treated chicago,portland",
        ),
        UnreadableGeo::FewDonors(n) => (
            format!("expected at least two markets that were not treated and have every day, found {n}"),
            "a geo test needs markets to compare with; ten or more make it useful",
        ),
        UnreadableGeo::FewPeriods { before, during } => (
            format!(
                "expected at least {BEFORE_MIN} days before {} and one from it on, found {before} and {during}",
                options.start
            ),
            "put the days before the test into the table too, and check --start and --end",
        ),
    };
    let first = table.rejects.first().map_or(String::new(), |r| {
        format!("; {} rows were rejected, the first, line {}: {}", table.file.rejected, r.line, r.why)
    });
    Error::Input { message: format!("{}: {message}{first}", table.file.name), hint: Some(hint.to_owned()) }
}

fn warnings(
    reading: &GeoReading,
    table: &NamedTable,
    options: &GeoOptions,
    calibration: Option<&Calibration>,
) -> Vec<Warning> {
    let mut all = of_plan(
        options.plan.as_ref(),
        "there is no sealed plan: that the markets, the days and the metric were chosen before the results were seen is taken on \
         trust",
    );
    let mut add = |id, text| all.push(warning(id, text));
    if !reading.panel.incomplete.is_empty() {
        let n = reading.panel.incomplete.len();
        add(
            "incomplete-markets",
            format!(
                "{n} markets lack more than half of the days and were left out: {}",
                shown(&reading.panel.incomplete)
            ),
        );
    }
    if options.placebos != Some(0) && calibration.is_none() {
        let n_needed = reading.n_during + reading.n_during.max(BEFORE_MIN);
        let why = if reading.n_before < n_needed {
            format!(
                "the {} days before are too few for placebo tests of {} days ({n_needed} are needed)",
                reading.n_before, reading.n_during
            )
        } else if options.placebos.is_none() && placebos(None, &reading.panel, reading.n_before) == 0 {
            "how often such a reading errs on these markets was not tried, for the table is large (--placebos 100 tries it)"
                .to_owned()
        } else {
            "there are too few markets for placebo tests".to_owned()
        };
        add("no-placebo-tests", why);
    }
    if options.cooldown == 0 {
        add(
            "no-cool-down",
            "days after the last treated one are not looked at: what was only bought earlier, or comes late, is not seen \
             (--cooldown)"
                .to_owned(),
        );
    }
    if let Some(n) = cut_short(reading, options) {
        add(
            "cool-down-cut",
            format!(
                "the table ends {n} days before the cool-down of {} days does: what comes in them is not in the answer yet",
                options.cooldown
            ),
        );
    }
    if reading.panel.n_filled > 0 {
        add("missing-days", format!("{} days of markets have no row and count as 0", reading.panel.n_filled));
    }
    if reading.panel.n_repeated > 0 {
        add(
            "repeated-rows",
            format!("{} rows repeat a market and day; their values were added", reading.panel.n_repeated),
        );
    }
    for row in reading.table.iter().filter(|r| r.part == Part::Decides && r.floor > 1.0 - options.confidence) {
        add(
            "floor",
            format!(
                "{}: {} allows no p-value below {}, so there can be no verdict",
                row.estimator, row.null, row.floor
            ),
        );
    }
    if table.file.rejected > 0 {
        let first = table.rejects.first().map_or(String::new(), |r| format!("; the first, line {}: {}", r.line, r.why));
        add("rejected-rows", format!("{} rows could not be used{first}", table.file.rejected));
    }
    if !table.others.is_empty() {
        add("ignored-columns", format!("columns that were not asked for: {}", shown(&table.others)));
    }
    all
}

/// Days of the cool-down that the table does not have; `None` where it has all.
fn cut_short(reading: &GeoReading, options: &GeoOptions) -> Option<i64> {
    let periods = &reading.panel.periods;
    // A table of weeks has one day in seven.
    let step = periods.windows(2).map(|w| w[1] - w[0]).min()?;
    let due = period(&options.end)?.saturating_add(i64::from(options.cooldown));
    let last = *periods.last()?;
    (options.cooldown > 0 && last.saturating_add(step) <= due).then(|| due - last)
}

fn shown(names: &[String]) -> String {
    let first: Vec<String> = names.iter().take(10).map(|n| format!("`{n}`")).collect();
    let more = if names.len() > 10 { format!(" and {} more", names.len() - 10) } else { String::new() };
    first.join(", ") + &more
}
