//! Experiments that are kept: sealed plans, what was read by them, and what people decided.
//!
//! A plan is kept as the text that was sealed and is never changed or replaced. Readings and decisions are added, the newest counts.
//! None of it names a person.

use crate::decisions::By;
use crate::error::StoreError;
use crate::views::time;
use crate::workspace::Workspace;
use assay_model::{TimeMs, quote};
use rusqlite::{OptionalExtension as _, Row, TransactionBehavior, params};

/// What people decide after a test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Course {
    /// What was tried is done from now on.
    Adopt,
    /// It is not.
    Drop,
    /// The test goes on.
    GoOn,
}

impl Course {
    /// Every course.
    pub const ALL: [Self; 3] = [Self::Adopt, Self::Drop, Self::GoOn];

    /// The name that tables and JSON use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Adopt => "adopt",
            Self::Drop => "drop",
            Self::GoOn => "go-on",
        }
    }

    /// The course of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.name() == name)
    }
}

/// A plan to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewExperiment<'a> {
    /// What it is called.
    pub name: &'a str,
    /// Its design, as the plan names it.
    pub kind: &'a str,
    /// The hash that the plan bears.
    pub hash: &'a str,
    /// When it was sealed, as the plan says.
    pub sealed_at: &'a str,
    /// The plan, as it was sealed.
    pub plan: &'a str,
}

/// A plan that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExperimentEntry {
    /// Its number.
    pub id: i64,
    /// What it is called.
    pub name: String,
    /// Its design, as the plan names it.
    pub kind: String,
    /// The hash that the plan bears.
    pub hash: String,
    /// When it was sealed, as the plan says.
    pub sealed_at: String,
    /// The plan, as it was sealed.
    pub plan: String,
    /// When it was kept here,
    pub kept_at: TimeMs,
    /// and by whom.
    pub kept_by: String,
    /// What was read by it, the oldest first.
    pub readings: Vec<ReadingEntry>,
    /// What was decided, the oldest first.
    pub decisions: Vec<DecisionEntry>,
}

/// A reading, without its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadingEntry {
    /// Its number.
    pub id: i64,
    /// When it was read,
    pub read_at: TimeMs,
    /// and by whom.
    pub read_by: String,
    /// The name of the file.
    pub file: String,
    /// Its hash.
    pub sha256: String,
    /// What the reading advises.
    pub verdict: String,
}

/// A reading to be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewReading<'a> {
    /// The name of the file.
    pub file: &'a str,
    /// Its hash.
    pub sha256: &'a str,
    /// What the reading advises.
    pub verdict: &'a str,
    /// The answer as JSON, without rows.
    pub answer: &'a str,
    /// The answer as sections of a page.
    pub sections: &'a str,
}

/// What was decided.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecisionEntry {
    /// When,
    pub at: TimeMs,
    /// and by whom.
    pub who: String,
    /// What.
    pub course: Course,
    /// What was said of it.
    pub note: String,
}

impl Workspace {
    /// Keeps a sealed plan; answers its number. The same plan under the same name is kept once.
    ///
    /// # Errors
    /// If another plan has the name, or it cannot be written.
    pub fn keep_experiment(&mut self, new: NewExperiment<'_>, by: By<'_>) -> Result<i64, StoreError> {
        let transaction = self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let there = transaction
            .query_row("SELECT id, hash FROM experiment WHERE name = ?", [new.name], |row| {
                Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?))
            })
            .optional()?;
        match there {
            Some((id, hash)) if hash == new.hash => return Ok(id),
            Some(_) => {
                return Err(StoreError::new(
                    "a name that no experiment has",
                    format!("an experiment {} with another plan", quote(new.name)),
                    "",
                    "a sealed plan is not replaced: choose another name",
                ));
            }
            None => {}
        }
        transaction.execute(
            "INSERT INTO experiment(name, kind, hash, sealed_at, plan, kept_at, kept_by) VALUES(?, ?, ?, ?, ?, ?, ?)",
            params![new.name, new.kind, new.hash, new.sealed_at, new.plan, by.at.0, by.who],
        )?;
        let id = transaction.last_insert_rowid();
        transaction.commit()?;
        Ok(id)
    }

    /// The experiments, the oldest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub fn experiments(&self) -> Result<Vec<ExperimentEntry>, StoreError> {
        let mut all = self.connection.prepare_cached(
            "SELECT id, name, kind, hash, sealed_at, plan, kept_at, kept_by FROM experiment ORDER BY id",
        )?;
        let mut found: Vec<ExperimentEntry> = all.query_map([], entry)?.collect::<Result<_, _>>()?;
        for experiment in &mut found {
            self.fill(experiment)?;
        }
        Ok(found)
    }

    /// The experiment of a name.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn experiment(&self, name: &str) -> Result<Option<ExperimentEntry>, StoreError> {
        let mut one = self.connection.prepare_cached(
            "SELECT id, name, kind, hash, sealed_at, plan, kept_at, kept_by FROM experiment WHERE name = ?",
        )?;
        let mut found = one.query_row([name], entry).optional()?;
        if let Some(experiment) = &mut found {
            self.fill(experiment)?;
        }
        Ok(found)
    }

    fn fill(&self, experiment: &mut ExperimentEntry) -> Result<(), StoreError> {
        let mut readings = self.connection.prepare_cached(
            "SELECT id, read_at, read_by, file, sha256, verdict FROM experiment_reading WHERE experiment = ? ORDER BY id",
        )?;
        let reading = |row: &Row<'_>| {
            Ok(ReadingEntry {
                id: row.get(0)?,
                read_at: TimeMs(row.get(1)?),
                read_by: row.get(2)?,
                file: row.get(3)?,
                sha256: row.get(4)?,
                verdict: row.get(5)?,
            })
        };
        experiment.readings = readings.query_map([experiment.id], reading)?.collect::<Result<_, _>>()?;
        let mut decisions = self.connection.prepare_cached(
            "SELECT at, who, decision, note FROM experiment_decision WHERE experiment = ? ORDER BY id",
        )?;
        let decision = |row: &Row<'_>| {
            Ok(DecisionEntry {
                at: TimeMs(row.get(0)?),
                who: row.get(1)?,
                course: Course::named(&row.get::<_, String>(2)?).unwrap_or(Course::GoOn),
                note: row.get(3)?,
            })
        };
        experiment.decisions = decisions.query_map([experiment.id], decision)?.collect::<Result<_, _>>()?;
        Ok(())
    }

    /// Keeps what was read by an experiment's plan; answers the reading's number.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn keep_reading(&mut self, experiment: i64, new: NewReading<'_>, by: By<'_>) -> Result<i64, StoreError> {
        self.connection.execute(
            "INSERT INTO experiment_reading(experiment, read_at, read_by, file, sha256, verdict, answer, sections) \
             VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
            params![experiment, by.at.0, by.who, new.file, new.sha256, new.verdict, new.answer, new.sections],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    /// The answer of a reading of an experiment: as JSON, and as sections of a page.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn reading_of(&self, experiment: i64, id: i64) -> Result<Option<(String, String)>, StoreError> {
        let found = self.connection.query_row(
            "SELECT answer, sections FROM experiment_reading WHERE experiment = ? AND id = ?",
            [experiment, id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        );
        Ok(found.optional()?)
    }

    /// Keeps what was decided after a test.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn decide_experiment(
        &mut self,
        experiment: i64,
        course: Course,
        note: &str,
        by: By<'_>,
    ) -> Result<(), StoreError> {
        self.connection.execute(
            "INSERT INTO experiment_decision(experiment, at, who, decision, note) VALUES(?, ?, ?, ?, ?)",
            params![experiment, by.at.0, by.who, course.name(), note],
        )?;
        Ok(())
    }
}

fn entry(row: &Row<'_>) -> rusqlite::Result<ExperimentEntry> {
    Ok(ExperimentEntry {
        id: row.get(0)?,
        name: row.get(1)?,
        kind: row.get(2)?,
        hash: row.get(3)?,
        sealed_at: row.get(4)?,
        plan: row.get(5)?,
        kept_at: TimeMs(row.get(6)?),
        kept_by: row.get(7)?,
        readings: Vec::new(),
        decisions: Vec::new(),
    })
}

/// The views of experiments.
pub(crate) fn views() -> [(&'static str, String); 3] {
    let last = |column: &str, table: &str| {
        format!("(SELECT l.{column} FROM {table} l WHERE l.experiment = e.id ORDER BY l.id DESC LIMIT 1)")
    };
    let kept = format!(
        "SELECT e.id AS experiment_id, e.name AS name, e.kind AS kind, e.hash AS hash, e.sealed_at AS sealed_at, e.plan AS plan, \
         {at} AS kept_at, e.kept_by AS kept_by, (SELECT count(*) FROM experiment_reading r WHERE r.experiment = e.id) AS n_readings, \
         {verdict} AS verdict, {decision} AS decision, {decided} AS decided_at FROM experiment e",
        at = time("e.kept_at"),
        verdict = last("verdict", "experiment_reading"),
        decision = last("decision", "experiment_decision"),
        decided = time(&last("at", "experiment_decision")),
    );
    let name = "(SELECT e.name FROM experiment e WHERE e.id = x.experiment) AS name";
    let readings = format!(
        "SELECT x.id AS reading_id, x.experiment AS experiment_id, {name}, {at} AS read_at, x.read_by AS read_by, x.file AS file, \
         x.sha256 AS sha256, x.verdict AS verdict, x.answer AS answer FROM experiment_reading x",
        at = time("x.read_at"),
    );
    let decisions = format!(
        "SELECT x.experiment AS experiment_id, {name}, {at} AS at, x.who AS who, x.decision AS decision, x.note AS note \
         FROM experiment_decision x",
        at = time("x.at"),
    );
    [("experiments", kept), ("experiment_readings", readings), ("experiment_decisions", decisions)]
}
