//! A schedule of weeks on and off.

use super::experiment_assign::draw;
use super::{Error, SealedDesign, SealedWeek};
use crate::report::{ScheduledWeek, WeekSchedule};
use assay_experiment::assign::{ALPHA_OF_WEEKS, Drawn, weeks};
use assay_experiment::plan::designs::log10_choose;
use jiff::ToSpan;
use jiff::civil::Date;

/// What the user asked.
#[derive(Debug, Clone)]
pub struct WeeksOptions {
    /// Weeks.
    pub n_weeks: u32,
    /// The first day of the first.
    pub from: Date,
    /// Days at the start of each week that are not counted.
    pub washout_days: u32,
    /// What draws are salted with.
    pub salt: String,
    /// The arms: off, then on.
    pub arms: Vec<(String, f64)>,
}

/// Draws which weeks are on.
///
/// # Errors
/// When there are other than two arms, or the weeks leave the calendar.
pub fn schedule_weeks(options: &WeeksOptions) -> Result<WeekSchedule, Error> {
    let usage = |message: &str, hint: &str| Error::Usage { message: message.to_owned(), hint: Some(hint.to_owned()) };
    let [off, on] = &options.arms[..] else {
        return Err(usage("expected two arms for weeks, found others", "weeks are off or on: --arms off,on"));
    };
    let (is_on, drawn) = lot(options.n_weeks, &options.salt);
    let beyond = || usage("expected weeks within the calendar", "check --from and --weeks");
    let mut rows = Vec::new();
    for (k, is_on) in is_on.iter().enumerate() {
        let first = options.from.checked_add((7 * k as i64).days()).map_err(|_| beyond())?;
        let last = first.checked_add(6.days()).map_err(|_| beyond())?;
        let counted_from = first.checked_add(i64::from(options.washout_days).days()).map_err(|_| beyond())?;
        rows.push(ScheduledWeek { first, counted_from, last, arm: if *is_on { on.0.clone() } else { off.0.clone() } });
    }
    let n_on = is_on.iter().filter(|w| **w).count();
    let smallest_p = match drawn {
        Drawn::InPairs => 0.5_f64.powi((is_on.len() / 2) as i32),
        Drawn::OfAll => 10.0_f64.powf(-log10_choose(is_on.len() as f64, n_on as f64)),
    };
    Ok(WeekSchedule { salt: options.salt.clone(), drawn, smallest_p, rows })
}

/// Which of so many weeks are on by the lot of this salt.
fn lot(n_weeks: u32, salt: &str) -> (Vec<bool>, Drawn) {
    let draws: Vec<u64> = (1..=n_weeks).map(|k| draw(salt, &format!("week {k}"))).collect();
    weeks(&draws, ALPHA_OF_WEEKS)
}

/// Whether sealed weeks are those that their salt draws: the p-value holds for such alone.
pub(super) fn are_drawn(weeks: &[SealedWeek], salt: &str) -> bool {
    u32::try_from(weeks.len()).is_ok_and(|n| weeks.iter().map(|w| w.on).eq(lot(n, salt).0))
}

/// The names of the arms of weeks, where nobody names them.
pub const WEEK_ARMS: [&str; 2] = ["off", "on"];

/// What of weeks on and off is to be sealed, besides the weeks.
#[derive(Debug, Clone, PartialEq)]
pub struct WeeksMeasured {
    /// The column of days.
    pub date: String,
    /// What is measured; rows are counted where it is `None`.
    pub metric: Option<String>,
    /// Money that a week on costs.
    pub cost: Option<f64>,
}

/// Draws which weeks are on, as a design that can be sealed.
///
/// # Errors
/// When the weeks leave the calendar.
pub fn weeks_design(
    measured: WeeksMeasured,
    from: Date,
    n_weeks: u32,
    washout_days: u32,
    salt: &str,
) -> Result<SealedDesign, Error> {
    let arms = WEEK_ARMS.map(|name| (name.to_owned(), 1.0)).to_vec();
    let schedule = schedule_weeks(&WeeksOptions { n_weeks, from, washout_days, salt: salt.to_owned(), arms })?;
    let week = |w: &ScheduledWeek| SealedWeek { first: w.first.to_string(), on: w.arm == WEEK_ARMS[1] };
    Ok(SealedDesign::Weeks {
        date: measured.date,
        metric: measured.metric,
        washout_days,
        salt: salt.to_owned(),
        weeks: schedule.rows.iter().map(week).collect(),
        cost: measured.cost,
    })
}
