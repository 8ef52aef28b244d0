//! How soon people are answered, and how many wait: the figures of `assay people response` and of the queue, from the same functions.
//!
//! A turn is a word of somebody, or several in a row, until the page answers; it counts where it began. Turns without an answer
//! are not left out. Conversations of accounts that look bought are in no figure, nor, but for how many wait, those with a page of
//! which nothing that it said was imported.

use crate::frame::{Frame, missing};
use crate::having::{AWAITING as WAITING, TURNS, TURNS_ALL};
use crate::metric::{Answer, Figure, Kind, Metric, Read, Unit};
use assay_model::{Abstention, Outcome, Waited, answered_within_day, answered_within_s};

const EXPORTS: &str = "an answer that is in no export counts as none; turns of one person are taken as independent";

/// A metric of this family.
const fn response(
    id: &'static str,
    name: &'static str,
    unit: Unit,
    definition: &'static str,
    of: (&'static str, &'static str),
    answer: fn(&Frame<'_>) -> Answer,
    control: f64,
) -> Metric {
    Metric {
        id,
        name,
        kind: Kind::Engagement,
        unit,
        definition,
        numerator: of.0,
        denominator: of.1,
        traps: EXPORTS,
        source: "Kaplan and Meier (1958); Brookmeyer and Crowley (1982)",
        reads: &[TURNS],
        answer,
        control: Some(control),
    }
}

/// The time within which half are answered.
pub(crate) const MEDIAN: Metric = response(
    "response_time_median",
    "Half answered within",
    Unit::Hours,
    "the time within which half of the turns of people are answered, those without an answer among them",
    ("hours until the page answers", ""),
    |f| within(f, 0.5),
    6.0,
);
/// The time within which nine in ten are answered.
pub(crate) const NINE_IN_TEN: Metric = response(
    "response_time_p90",
    "Nine in ten answered within",
    Unit::Hours,
    "the time within which nine in ten of the turns of people are answered, those without an answer among them",
    ("hours until the page answers", ""),
    |f| within(f, 0.9),
    30.0,
);
/// The share that is answered within a day.
pub(crate) const WITHIN_DAY: Metric = Metric {
    source: "customer service; Jeffreys' interval",
    ..response(
        "answered_within_day_share",
        "Answered within a day",
        Unit::Share,
        "of turns of people that are a day old or older, the share that was answered within 24 hours",
        ("turns answered within 24 hours", "turns that are at least 24 hours old where the data of their page end"),
        within_day,
        0.9,
    )
};

const READS_WAITING: &[Read] = &[WAITING, TURNS_ALL];

/// How many await an answer.
pub(crate) const AWAITING: Metric = Metric {
    traps: "an answer that is in no export counts as none until the conversation is marked; what is put off comes back with its day",
    source: "the queue of people",
    reads: READS_WAITING,
    ..response(
        "awaiting_answer",
        "People who await an answer",
        Unit::Count,
        "conversations of people that await an answer, as the queue of people counts them",
        ("conversations that are open", ""),
        |f| {
            f.turns().next().ok_or_else(none)?;
            Ok(Figure::counted(f.turns().filter(|t| t.awaits).count() as f64))
        },
        1.0,
    )
};

fn none() -> Abstention {
    missing("conversations with people", "exports of comments, mentions or messages, and of what the page answered")
}

/// The turns whose answers can be told, in the order of their rows.
fn waited(frame: &Frame<'_>) -> Result<Vec<Waited>, Abstention> {
    let turns: Vec<Waited> = frame.turns().filter_map(assay_model::TurnRow::waited).collect();
    if turns.is_empty() { Err(none()) } else { Ok(turns) }
}

fn within(frame: &Frame<'_>, share: f64) -> Answer {
    match answered_within_s(&waited(frame)?, share, frame.asked.confidence) {
        Outcome::Found(e) => {
            let figure = Figure { numerator: None, ..Figure::counted(e.point / 3_600.0) };
            let hours = |s: f64| s / 3_600.0;
            let e = assay_math::Estimate::new(hours(e.point), hours(e.low), hours(e.high), e.confidence);
            Ok(figure.estimated(Some(e)))
        }
        Outcome::Abstained(why) => Err(why),
    }
}

fn within_day(frame: &Frame<'_>) -> Answer {
    let ((soon, old), share) = answered_within_day(&waited(frame)?, frame.asked.confidence);
    match share {
        Outcome::Found(e) => Ok(Figure::ratio(soon as f64, old as f64).estimated(Some(e))),
        Outcome::Abstained(why) => Err(why),
    }
}
