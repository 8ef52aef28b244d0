//! What a metric is: a value in the table [`crate::METRICS`].

use crate::frame::Frame;
use assay_math::Estimate;
use assay_model::{Abstention, Business, BusinessTable, Outcome};

/// What a metric is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Numbers that grow whatever becomes of the business.
    Vanity,
    /// Who is there.
    Audience,
    /// What they do.
    Engagement,
    /// What advertising costs and brings.
    Advertising,
    /// Who buys.
    Customers,
    /// What it is worth.
    Money,
    /// Which channel is credited.
    Attribution,
}

impl Kind {
    /// Every kind, from audience to money.
    pub const ALL: [Self; 7] = [
        Self::Vanity,
        Self::Audience,
        Self::Engagement,
        Self::Advertising,
        Self::Customers,
        Self::Money,
        Self::Attribution,
    ];

    /// The name that JSON and tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Vanity => "vanity",
            Self::Audience => "audience",
            Self::Engagement => "engagement",
            Self::Advertising => "advertising",
            Self::Customers => "customers",
            Self::Money => "money",
            Self::Attribution => "attribution",
        }
    }
}

/// In what a metric is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// A number of things; below 0 only where things are lost.
    Count,
    /// A share of a whole, 0..1.
    Share,
    /// One thing for each of another, 0 or more.
    Ratio,
    /// A ratio that people tell in percent; it may exceed 1. Programs get a ratio.
    Rate,
    /// Hours.
    Hours,
    /// Days.
    Days,
    /// Money in minor units of the figure's currency.
    Minor,
}

impl Unit {
    /// The name that JSON and tables use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::Share => "share",
            Self::Ratio | Self::Rate => "ratio",
            Self::Hours => "hours",
            Self::Days => "days",
            Self::Minor => "minor",
        }
    }
}

/// A value: as counted, or estimated with its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    /// What the rows say, exactly.
    Exact(f64),
    /// What they let one expect.
    Estimated(Estimate),
    /// What it cannot exceed, where no more can be said.
    AtMost(f64),
}

impl Value {
    /// The best single value, or the bound.
    pub fn point(&self) -> f64 {
        match self {
            Self::Exact(value) | Self::AtMost(value) => *value,
            Self::Estimated(estimate) => estimate.point,
        }
    }
}

/// One line of a metric that has several, such as a cohort or a channel.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// What it is of, such as a channel; of two things where the table has two sides.
    pub labels: Vec<String>,
    /// Its value.
    pub value: Value,
    /// Numerator and denominator, where it is a ratio.
    pub of: Option<(f64, f64)>,
}

/// The answer of a metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Figure {
    /// The value.
    pub value: Value,
    /// What was divided; money in minor units.
    pub numerator: Option<f64>,
    /// What it was divided by.
    pub denominator: Option<f64>,
    /// The currency of the money in it; `None` where there is none, or nobody told it.
    pub currency: Option<String>,
    /// Its lines, where it has several.
    pub parts: Vec<Part>,
    /// What the reader must know of it.
    pub notes: Vec<String>,
}

impl Figure {
    /// A figure that is counted.
    pub fn counted(n: f64) -> Self {
        Self {
            value: Value::Exact(n),
            numerator: Some(n),
            denominator: None,
            currency: None,
            parts: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// A sum over a sum.
    pub fn ratio(numerator: f64, denominator: f64) -> Self {
        Self { numerator: Some(numerator), denominator: Some(denominator), ..Self::counted(numerator / denominator) }
    }

    /// The same with an interval; an estimate that is none leaves the value as it is.
    #[must_use]
    pub fn estimated(self, estimate: Option<Estimate>) -> Self {
        Self { value: estimate.map_or(self.value, Value::Estimated), ..self }
    }

    /// The same in a currency.
    #[must_use]
    pub fn in_currency(self, currency: Option<String>) -> Self {
        Self { currency, ..self }
    }

    /// The same with something to know.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }
}

/// What a metric's function answers.
pub type Answer = Result<Figure, Abstention>;

/// Which rows of a table a metric reads, as far as time goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Those of the window and the group that is asked for.
    Window,
    /// All until the end of the window, of any group.
    History,
    /// Those of so many days before the end of the window, or before the last day of the table where the window has no end.
    Trailing(i32),
}

/// What a row must tell to be read.
#[derive(Debug, Clone, Copy)]
pub struct Having {
    /// As a condition of SQL on the view; empty for none.
    pub sql: &'static str,
    /// The same as a function of the row.
    pub holds: fn(&Business, usize) -> bool,
}

/// A table that a metric reads.
#[derive(Debug, Clone, Copy)]
pub struct Read {
    /// The table.
    pub table: BusinessTable,
    /// Which rows, by time and group.
    pub scope: Scope,
    /// Which rows, by what they tell.
    pub having: Having,
}

/// A metric.
#[derive(Debug)]
pub struct Metric {
    /// Its name on the command line and in documents.
    pub id: &'static str,
    /// Its name for people.
    pub name: &'static str,
    /// What it is about.
    pub kind: Kind,
    /// In what it is measured.
    pub unit: Unit,
    /// What it is, in a sentence.
    pub definition: &'static str,
    /// What is divided.
    pub numerator: &'static str,
    /// What it is divided by; empty where nothing is.
    pub denominator: &'static str,
    /// How it misleads.
    pub traps: &'static str,
    /// Whose definition it is.
    pub source: &'static str,
    /// What it reads: nothing else changes its figure.
    pub reads: &'static [Read],
    /// The function.
    pub answer: fn(&Frame<'_>) -> Answer,
    /// Its control: what it says of [`crate::control::business`], computed by hand; `None` where that is too small for it.
    pub control: Option<f64>,
}

impl Metric {
    /// What the metric says of a frame.
    pub fn figure(&self, frame: &Frame<'_>) -> Outcome<Figure> {
        match (self.answer)(frame) {
            // A quotient that no number holds is no figure.
            Ok(figure) if figure.value.point().is_finite() => Outcome::Found(figure),
            Ok(_) => Outcome::Abstained(Abstention::new(
                "the figure is too large for a number, or nothing over nothing",
                "rows with plausible amounts",
            )),
            Err(why) => Outcome::Abstained(why),
        }
    }
}

/// What the metrics of a family share.
pub(crate) struct Family {
    pub(crate) kind: Kind,
    pub(crate) source: &'static str,
}

impl Family {
    /// A metric of the family. `of` names numerator and denominator.
    #[expect(
        clippy::too_many_arguments,
        reason = "the fields of a metric that differ within a family, each of a type of its own"
    )]
    pub(crate) const fn metric(
        &self,
        id: &'static str,
        name: &'static str,
        unit: Unit,
        definition: &'static str,
        of: (&'static str, &'static str),
        traps: &'static str,
        reads: &'static [Read],
        answer: fn(&Frame<'_>) -> Answer,
        control: f64,
    ) -> Metric {
        Metric {
            id,
            name,
            kind: self.kind,
            unit,
            definition,
            numerator: of.0,
            denominator: of.1,
            traps,
            source: self.source,
            reads,
            answer,
            control: Some(control),
        }
    }
}
