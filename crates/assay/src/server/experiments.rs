//! What pages and the API share of experiments: what is asked of a plan, what is sealed, and tables that are read by a sealed plan: taken in
//! as imports are, read by a job, kept as an answer; the table itself goes.

use super::Shared;
use super::access::{Editor, In};
use super::incoming::{self, Taken};
use super::jobs::Job;
use super::lanes::off;
use super::problem::Problem;
use super::shelf::Shelf;
use crate::pipeline::workspace::{now, open_workspace, read_workspace};
use crate::pipeline::{
    self, DEFAULT_CONFIDENCE, Error, PlanFile, PlanOptions, Sealed, SealedDesign, kept, plan_of, read_by_plan,
};
use crate::render::experiment::KeptReading;
use crate::render::workspace::{AnswersOut, TableFormat};
use assay_experiment::plan::{PRIOR_SPREAD, Prior};
use assay_metrics::SOLD;
use assay_model::Go;
use assay_store::{Answer, Answers, By, Course};
use axum::http::HeaderMap;
use serde::Deserialize;
use serde_json::json;
use std::fs;
use std::path::PathBuf;
use std::sync::Arc;
use utoipa::ToSchema;

/// What somebody has, wants and believes; what is left out is not known.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PlanAsked {
    /// People of an own list that can be split.
    pub people: Option<f64>,
    /// The share of people that order during the test if nothing is done.
    pub rate: Option<f64>,
    /// What a person spends on average during the test, in place of `rate`,
    pub mean: Option<f64>,
    /// and its standard deviation.
    pub spread: Option<f64>,
    /// Segments that the list is to be read by, as `topic=3,age=4`, or with their weights, `place=60:30:10`.
    pub segments: Option<String>,
    /// People that come a week.
    pub people_per_week: Option<f64>,
    /// People that a platform's own randomised test would reach.
    pub platform_people: Option<f64>,
    /// Orders (or what else is measured) a week,
    pub per_week: Option<f64>,
    /// and their standard deviation from week to week.
    pub week_spread: Option<f64>,
    /// Markets that can be told apart,
    pub markets: Option<u32>,
    /// and how many of them are treated.
    pub treated: Option<u32>,
    /// Weeks of the test; 4 where it is left out.
    pub weeks: Option<u32>,
    /// Weeks after it that the decision is about; 52 where it is left out.
    pub rest_weeks: Option<f64>,
    /// Money earned by 1 of the metric.
    pub margin: Option<f64>,
    /// Money that treating one person costs.
    pub cost: Option<f64>,
    /// Money that the test may cost in all.
    pub budget: Option<f64>,
    /// The lift that is hoped for.
    pub lift: Option<f64>,
}

impl PlanAsked {
    /// As the pipeline is asked.
    ///
    /// # Errors
    /// If a number cannot be what it stands for.
    pub fn options(&self) -> Result<PlanOptions, Problem> {
        let positive = [
            ("people", self.people),
            ("mean", self.mean),
            ("spread", self.spread),
            ("people_per_week", self.people_per_week),
            ("platform_people", self.platform_people),
            ("per_week", self.per_week),
            ("week_spread", self.week_spread),
            ("rest_weeks", self.rest_weeks),
            ("margin", self.margin),
            ("budget", self.budget),
            ("lift", self.lift),
        ];
        for (name, number) in positive {
            if number.is_some_and(|x| !(x > 0.0 && x <= 1e15)) {
                return Err(Problem::bad(format!("expected a number above 0 for {name}"), ""));
            }
        }
        if self.rate.is_some_and(|r| !(r > 0.0 && r < 1.0)) {
            return Err(Problem::bad("expected a share above 0 and below 1 for rate", "such as 0.03"));
        }
        if self.cost.is_some_and(|c| !(0.0..=1e15).contains(&c)) {
            return Err(Problem::bad("expected a cost of 0 or more", ""));
        }
        if (self.cost.is_some() || self.budget.is_some()) && self.margin.is_none() {
            return Err(Problem::bad("expected a margin beside a cost or a budget", "what an order earns"));
        }
        if self.mean.is_some() != self.spread.is_some() || self.mean.is_some() && self.rate.is_some() {
            return Err(Problem::bad("expected a rate, or a mean with its spread", ""));
        }
        let weeks = self.weeks.unwrap_or(4);
        if !(1..=104).contains(&weeks) {
            return Err(Problem::bad("expected 1 to 104 weeks", ""));
        }
        if self.markets.is_some_and(|n| !(2..=100_000).contains(&n)) {
            return Err(Problem::bad("expected 2 to 100000 markets", ""));
        }
        if self.treated.is_some_and(|n| n == 0 || self.markets.is_none_or(|all| n >= all)) {
            return Err(Problem::bad("expected fewer treated markets than there are", ""));
        }
        Ok(PlanOptions {
            history: None,
            date: None,
            metric: None,
            location: None,
            per_week: self.per_week,
            week_spread: self.week_spread,
            people: self.people,
            segments: pipeline::factors_of(self.segments.as_deref().unwrap_or(""))
                .map_err(|why| Problem::bad(format!("segments: {why}"), "such as topic=3,age=4"))?,
            platform_people: self.platform_people,
            mean: self.rate.or(self.mean),
            spread: self.spread,
            people_per_week: self.people_per_week,
            cost: self.cost,
            budget: self.budget,
            weeks,
            rest_weeks: self.rest_weeks.unwrap_or(52.0),
            markets: self.markets,
            treated: self.treated,
            market_noise: 0.1,
            margin: self.margin,
            lift: self.lift,
            prior: Prior { mean: 0.0, spread: PRIOR_SPREAD.max(self.lift.unwrap_or(0.0) / 2.0) },
            alpha: 0.05,
            power: 0.8,
            seed: pipeline::DEFAULT_SEED,
        })
    }
}

/// The most characters of a note.
pub const NOTE_MAX: usize = 20_000;

/// This moment, to the second, as a plan says it.
pub fn sealing_time() -> String {
    jiff::Timestamp::from_second(now().0.div_euclid(1000)).unwrap_or_default().to_string()
}

/// Seals a plan of this moment.
pub fn sealed_now(design: SealedDesign, note: Option<String>, margin: Option<f64>, confidence: Option<f64>) -> Sealed {
    Sealed {
        sealed_at: sealing_time(),
        note: note.map(|n| n.trim().to_owned()).filter(|n| !n.is_empty()),
        design,
        margin,
        confidence: confidence.unwrap_or(DEFAULT_CONFIDENCE),
        files: Vec::new(),
    }
}

/// What is decided, as the workspace keeps it.
///
/// # Errors
/// If it is no course, or the note is too long.
pub fn course(name: &str, note: &str) -> Result<Course, Problem> {
    if note.chars().count() > NOTE_MAX {
        return Err(Problem::bad(format!("expected a note of at most {NOTE_MAX} characters"), ""));
    }
    Course::named(name).ok_or_else(|| Problem::bad("expected adopt, drop or go-on", ""))
}

/// Takes one table in that names the experiment it is of.
///
/// # Errors
/// If there is no such experiment, or there is not one table.
pub async fn take(
    server: &Shared,
    inside: &In<Editor>,
    headers: &HeaderMap,
    form: incoming::Sent,
) -> Result<Taken, Problem> {
    let taken = incoming::take(server, &inside.shelf, &inside.who, headers, form).await?;
    let own = Arc::clone(&inside.shelf);
    off(move || {
        let problem = match (taken.experiment(), taken.names.len()) {
            (None, _) => Some(Problem::bad("expected the name of an experiment beside the table, found none", "")),
            (Some(_), 1) if !own.exists() => Some(Problem::not_found("experiment yet")),
            (Some(name), 1) => own.read(|store| kept(store, name)).err().map(Problem::from),
            (Some(_), n) => {
                Some(Problem::bad(format!("expected one table, found {n} files"), "read one after the other"))
            }
        };
        match problem {
            None => Ok(taken),
            Some(problem) => {
                taken.discard();
                Err(problem)
            }
        }
    })
    .await
}

/// The rows of the workspace that a plan can be read by: what they are, and their selection. Splits and markets need columns that
/// no fact has.
pub fn own_rows(plan: &PlanFile, page: Option<&str>) -> Option<(&'static str, String)> {
    match &plan.sealed.design {
        SealedDesign::Weeks { date, metric, .. } => {
            let measured = metric.as_deref().map(|m| m.split(':').next().unwrap_or(m));
            let fits = date == "ordered_at" && measured.is_none_or(|m| m == "total" || m == "total_minor");
            fits.then(|| ("orders", format!("SELECT ordered_at, total, total_minor FROM orders WHERE {SOLD}")))
        }
        SealedDesign::StagedRemoval { .. } => {
            let of_page = page.map_or(String::new(), |p| format!(" WHERE page = '{}'", p.replace('\'', "''")));
            Some(("posts", format!("SELECT * FROM posts{of_page}")))
        }
        SealedDesign::UserSplit { .. } | SealedDesign::Markets { .. } => None,
    }
}

/// Has the workspace's own rows read by a plan.
///
/// # Errors
/// If there is no such experiment, its plan needs another table, or there is no row.
pub fn read_own(
    server: &Shared,
    shelf: &Arc<Shelf>,
    name: &str,
    page: Option<&str>,
    by: &str,
) -> Result<Arc<Job>, Problem> {
    let entry = shelf.read(|store| kept(store, name))?;
    let plan = plan_of(&entry.plan).map_err(|why| Problem::bad(format!("the plan cannot be read: {why}"), ""))?;
    let (what, sql) = own_rows(&plan, page).ok_or_else(|| {
        Problem::bad("expected a plan that is read from orders by ordered_at, or from posts", "hand in its table")
    })?;
    let asked =
        incoming::Asked { experiment: Some(name.to_owned()), by: Some(by.to_owned()), ..incoming::Asked::default() };
    let mut n_rows = 0;
    let taken = incoming::made(shelf, &format!("{what}.csv"), asked, |out| {
        let mut rows = CountedRows { rows: AnswersOut::new(TableFormat::Csv, out), n: 0 };
        let is_whole = shelf.read(|store| Ok(store.query(&sql, u64::MAX, || true, &mut rows)?))?;
        n_rows = rows.n;
        rows.rows.end(is_whole).map_err(Problem::sending)
    })?;
    if n_rows == 0 {
        taken.discard();
        return Err(Problem::bad(format!("expected {what} in the workspace, found none"), "import them first"));
    }
    Ok(incoming::begin(server, shelf, taken))
}

/// Rows of an answer on their way to a table, counted.
struct CountedRows<'a> {
    rows: AnswersOut<'a>,
    n: u64,
}

impl Answers for CountedRows<'_> {
    fn columns(&mut self, names: &[String]) -> Go {
        self.rows.columns(names)
    }

    fn row(&mut self, values: &[Answer<'_>]) -> Go {
        self.n += 1;
        self.rows.row(values)
    }
}

/// Has a table read that was taken in, and then removed.
pub fn begin(server: &Shared, shelf: &Arc<Shelf>, folder: PathBuf, name: String, by: Option<String>) -> Arc<Job> {
    let own = Arc::clone(shelf);
    let what = format!("reading of {}", assay_model::quote(&name));
    server.jobs.ask(&shelf.name, what, move |watch| {
        let came = read(&own, &folder, &name, by.as_deref().unwrap_or("local"), watch);
        // A stop leaves the table: a server that is stopped takes it up again. All else has been answered.
        if !matches!(came, Err(Error::Interrupted)) {
            let _ = fs::remove_dir_all(&folder);
        }
        came
    })
}

fn read(
    shelf: &Shelf,
    folder: &std::path::Path,
    name: &str,
    by: &str,
    watch: &mut pipeline::Watch<'_>,
) -> Result<serde_json::Value, Error> {
    let failed =
        |what: &str, why: &dyn std::fmt::Display| Error::Input { message: format!("{what}: {why}"), hint: None };
    let experiment = kept(&read_workspace(&shelf.path)?, name)?;
    let plan = plan_of(&experiment.plan).map_err(|why| failed("the plan cannot be read", &why))?;
    let files = incoming::files_of(folder).map_err(|e| failed("what was sent cannot be read", &e))?;
    let [file] = &files[..] else { return Err(failed("expected one table", &format!("found {} files", files.len()))) };
    let reading =
        KeptReading::of(read_by_plan(file, &plan, watch)?).map_err(|e| failed("the answer cannot be kept", &e))?;
    let new = reading.as_new();
    let id = open_workspace(&shelf.path)?.keep_reading(experiment.id, new, By { who: by, at: now() })?;
    Ok(json!({ "experiment": name, "reading": id, "verdict": new.verdict }))
}
