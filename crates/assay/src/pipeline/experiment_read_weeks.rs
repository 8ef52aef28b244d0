//! From a schedule of weeks and a table of days to a reading of weeks on and off.

use super::experiment::warning;
use super::experiment_checks::of_plan;
use super::experiment_geo::period;
use super::experiment_kept::confidence_of;
use super::experiment_weeks::{WEEK_ARMS, are_drawn};
use super::sealed::{PlanFile, PlanUsed, SealedDesign, SealedWeek};
use super::{DEFAULT_SEED, Error, Step, Watch};
use crate::report::{Origin, ReadWeek, WeeksReport};
use assay_experiment::assign::{Drawn, weeks_in_pairs};
use assay_experiment::switchback::{WEEKS_MIN, Week, read_weeks};
use assay_import::{Bundle, Holds, Limits, NamedTable, Optional, Value, Wanted, read_named};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Where it stands which weeks were on.
#[derive(Debug, Clone)]
pub enum ScheduleSource {
    /// In the table that `assign --weeks` wrote.
    File(PathBuf),
    /// In a sealed plan.
    Sealed(PlanUsed, Vec<Scheduled>),
}

/// What the user asked.
#[derive(Debug, Clone)]
pub struct ReadWeeksOptions {
    /// Which weeks were on.
    pub schedule: ScheduleSource,
    /// The column of days.
    pub date: String,
    /// What is measured; rows are counted where it is `None`.
    pub metric: Option<String>,
    /// The arm that is off.
    pub control: String,
    /// Money earned by 1 of the metric.
    pub margin: Option<f64>,
    /// Money that a week on costs.
    pub cost: f64,
    /// Confidence of intervals.
    pub confidence: f64,
}

/// A week of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheduled {
    is_on: bool,
    from: i64,
    to: i64,
}

impl ReadWeeksOptions {
    /// What a sealed plan of weeks asks.
    ///
    /// # Errors
    /// If it is of another design, or its weeks cannot be read.
    pub fn of_plan(plan: &PlanFile) -> Result<Self, Error> {
        let SealedDesign::Weeks { date, metric, washout_days, salt, weeks, cost } = &plan.sealed.design else {
            return Err(plan.sealed.design.not_of("weeks on and off"));
        };
        let schedule = weeks_of(weeks, *washout_days).map_err(|message| Error::Input {
            message,
            hint: Some("pass the plan as `assay experiment seal --weeks` wrote it".to_owned()),
        })?;
        let mut used = PlanUsed::of(plan);
        if !are_drawn(weeks, salt) {
            used.departures
                .push("the weeks are not those that the salt draws, so they may have been chosen".to_owned());
        }
        Ok(Self {
            schedule: ScheduleSource::Sealed(used, schedule),
            date: date.clone(),
            metric: metric.clone(),
            control: WEEK_ARMS[0].to_owned(),
            margin: plan.sealed.margin.filter(|m| *m > 0.0 && m.is_finite()),
            cost: cost.filter(|c| *c >= 0.0 && c.is_finite()).unwrap_or(0.0),
            confidence: confidence_of(plan),
        })
    }

    /// The plan that is gone by.
    pub fn plan(&self) -> Option<&PlanUsed> {
        match &self.schedule {
            ScheduleSource::File(_) => None,
            ScheduleSource::Sealed(plan, _) => Some(plan),
        }
    }
}

/// Sealed weeks in days since 1970.
///
/// # Errors
/// Why they are no schedule.
pub(super) fn weeks_of(weeks: &[SealedWeek], washout_days: u32) -> Result<Vec<Scheduled>, String> {
    if washout_days > 6 {
        return Err(format!(
            "expected 0 to 6 days at the start of each week that are not counted, found {washout_days}"
        ));
    }
    let mut all: Vec<Scheduled> = Vec::new();
    for week in weeks {
        let first = period(&week.first)
            .ok_or_else(|| format!("expected the first day of a week, found {}", assay_model::quote(&week.first)))?;
        if all.last().is_some_and(|w| first <= w.to) {
            return Err("expected weeks in their order that do not overlap".to_owned());
        }
        all.push(Scheduled { is_on: week.on, from: first + i64::from(washout_days), to: first + 6 });
    }
    let n_on = all.iter().filter(|w| w.is_on).count();
    if n_on < WEEKS_MIN || all.len() - n_on < WEEKS_MIN {
        return Err(format!(
            "expected at least {WEEKS_MIN} weeks on and as many off, found {n_on} of {} on",
            all.len()
        ));
    }
    Ok(all)
}

/// Reads weeks on and off.
///
/// # Errors
/// When a table cannot be read, the weeks cannot be compared, or `watch` answers stop.
pub fn read_experiment_weeks(
    input: &Path,
    options: &ReadWeeksOptions,
    watch: &mut Watch<'_>,
) -> Result<WeeksReport, Error> {
    super::go_on(watch, Step::Reading)?;
    let (schedule, of_schedule) = match &options.schedule {
        ScheduleSource::File(path) => {
            let (schedule, table) = read_schedule(path, options, watch)?;
            (schedule, Some(table.file))
        }
        ScheduleSource::Sealed(_, weeks) => (weeks.clone(), None),
    };
    let (days, table) = read_days(input, options, watch)?;
    let (Some(first), Some(last)) = (days.keys().next().copied(), days.keys().last().copied()) else {
        let why = table.rejects.first().map_or(String::new(), |r| format!("; line {}: {}", r.line, r.why));
        return Err(Error::Input {
            message: format!("{}: expected rows with a day, found none that can be used{why}", table.file.name),
            hint: Some("check that --date and --metric name the columns that you mean".to_owned()),
        });
    };
    let mut warnings = of_plan(
        options.plan(),
        "there is no sealed plan: that the weeks, the metric and the end of the test were chosen before the results were seen is taken on \
         trust",
    );
    let mut rows = Vec::new();
    let (mut n_outside, mut n_empty) = (0, 0);
    for week in &schedule {
        if week.to > last || week.from < first {
            n_outside += 1;
            continue;
        }
        let n_days = week.to - week.from + 1;
        let with_rows = days.range(week.from..=week.to).count() as i64;
        n_empty += n_days - with_rows;
        let total: f64 = days.range(week.from..=week.to).map(|d| d.1).sum();
        rows.push(ReadWeek { is_on: week.is_on, from: week.from, to: week.to, per_day: total / n_days as f64 });
    }
    if n_outside > 0 {
        warnings.push(warning(
            "weeks-outside",
            format!("{n_outside} weeks of the schedule are not whole in the table and were left out"),
        ));
    }
    if n_empty > 0 {
        warnings.push(warning("missing-days", format!("{n_empty} counted days have no row and count as 0; if they are missing for another reason, so is what they held")));
    }
    if table.file.rejected > 0 {
        warnings.push(warning("rejected-rows", format!("{} rows could not be used", table.file.rejected)));
    }
    // Weeks are drawn in pairs where that allows a small enough p; a schedule that was cut keeps to whole pairs.
    let drawn = if weeks_in_pairs(schedule.len()) { Drawn::InPairs } else { Drawn::OfAll };
    if drawn == Drawn::InPairs && n_outside > 0 && rows.len() % 2 == 1 {
        rows.pop();
        warnings
            .push(warning("half-a-pair", "the last week's partner is not in the table, so it was left out".to_owned()));
    }
    let weeks: Vec<Week> = rows.iter().map(|r| Week { is_on: r.is_on, value: r.per_day }).collect();
    let reading = read_weeks(&weeks, drawn, options.confidence, DEFAULT_SEED.fork("schedules")).ok_or_else(|| Error::Input {
        message: format!(
            "{}: expected at least {WEEKS_MIN} whole weeks on and as many off as the schedule has them, found {} on and {} off",
            table.file.name,
            weeks.iter().filter(|w| w.is_on).count(),
            weeks.iter().filter(|w| !w.is_on).count()
        ),
        hint: Some("read when more weeks are over, and pass the schedule as `assign --weeks` wrote it".to_owned()),
    })?;
    if reading.floor > 1.0 - options.confidence {
        warnings.push(warning(
            "floor",
            format!("these weeks allow no p-value below {}, so nothing can be settled yet", reading.floor),
        ));
    }
    Ok(WeeksReport {
        origin: Origin {
            seed: Some(DEFAULT_SEED),
            n_rejected: table.file.rejected,
            rejects: table.rejects,
            files: std::iter::once(table.file).chain(of_schedule).collect(),
            window: None,
            warnings,
        },
        options: options.clone(),
        weeks: rows,
        reading,
    })
}

fn read_schedule(
    path: &PathBuf,
    options: &ReadWeeksOptions,
    watch: &mut Watch<'_>,
) -> Result<(Vec<Scheduled>, NamedTable), Error> {
    let bundle = Bundle::open(std::slice::from_ref(path), &Limits::default())?;
    let wanted = ["arm", "counted_from", "last_day"].map(|name| Wanted {
        names: vec![name.to_owned()],
        holds: Holds::Text,
        optional: Optional::No,
    });
    let mut weeks: Vec<Scheduled> = Vec::new();
    let table = {
        let mut take = |_line: u64, cells: &[Value<'_>]| match cells {
            [Value::Text(arm), Value::Text(from), Value::Text(to)] => {
                let (Some(from), Some(to)) = (period(from), period(to)) else {
                    return Err(format!("expected days such as 2026-12-07, found `{from}` and `{to}`"));
                };
                if to < from || weeks.last().is_some_and(|w| from <= w.to) {
                    return Err("expected weeks in their order that do not overlap".to_owned());
                }
                weeks.push(Scheduled { is_on: *arm != options.control, from, to });
                Ok(())
            }
            _ => Err("expected an arm and two days, found an empty cell".to_owned()),
        };
        let mut tick = |done, total| watch(Step::Reading, done, total);
        read_named(&bundle, &wanted, &mut take, &mut tick)?
    };
    if let Some(reject) = table.rejects.first() {
        return Err(Error::Input {
            message: format!("{}, line {}: {}", table.file.name, reject.line, reject.why),
            hint: Some("pass the schedule as `assay experiment assign --weeks` wrote it".to_owned()),
        });
    }
    if weeks.iter().all(|w| w.is_on) {
        return Err(Error::Input {
            message: format!("{}: expected weeks of the arm '{}', found none", table.file.name, options.control),
            hint: Some("name the arm that is off with --control".to_owned()),
        });
    }
    Ok((weeks, table))
}

fn read_days(
    input: &Path,
    options: &ReadWeeksOptions,
    watch: &mut Watch<'_>,
) -> Result<(BTreeMap<i64, f64>, NamedTable), Error> {
    let bundle = Bundle::open(&[PathBuf::from(input)], &Limits::default())?;
    let want = |name: &String, holds| Wanted { names: vec![name.clone()], holds, optional: Optional::No };
    let mut wanted = vec![want(&options.date, Holds::Text)];
    wanted.extend(options.metric.as_ref().map(|m| want(m, Holds::Number)));
    let mut days: BTreeMap<i64, f64> = BTreeMap::new();
    let table = {
        let mut take = |_line: u64, cells: &[Value<'_>]| {
            let Value::Text(text) = cells[0] else { return Err("expected a day, found an empty cell".to_owned()) };
            let Some(day) = period(text) else {
                return Err(format!("expected a day such as 2024-05-01, found `{text}`"));
            };
            let value = match cells.get(1) {
                None => 1.0,
                Some(Value::Number(x)) => *x,
                Some(_) => return Err("expected a number, found an empty cell".to_owned()),
            };
            *days.entry(day).or_insert(0.0) += value;
            Ok(())
        };
        let mut tick = |done, total| watch(Step::Reading, done, total);
        read_named(&bundle, &wanted, &mut take, &mut tick)?
    };
    Ok((days, table))
}
