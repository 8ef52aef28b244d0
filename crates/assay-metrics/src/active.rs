//! Active audience: who did something in the last 1, 7 and 28 days, how often they come back.
//!
//! A person is active on a day with a qualifying action: an engagement of a known time by a known account, not the page's own.
//! Days are UTC. The 28 days end with the window, else with the last engagement. Who merely reads cannot be seen by a page's
//! owner: this is a lower bound of the audience.

use crate::frame::{Frame, missing};
use crate::having::{ENGAGED, ENGAGED_1, ENGAGED_7, ENGAGED_28};
use crate::metric::{Answer, Figure, Kind, Metric, Part, Read, Unit, Value};
use assay_model::Abstention;

const SEEN: &str = "readers who never engage are not seen; a page without a full export of engagements looks dead";

/// A metric of this family.
const fn active(
    id: &'static str,
    name: &'static str,
    definition: &'static str,
    reads: &'static [Read],
    answer: fn(&Frame<'_>) -> Answer,
    control: f64,
) -> Metric {
    Metric {
        id,
        name,
        kind: Kind::Audience,
        unit: Unit::Count,
        definition,
        numerator: "distinct accounts that engaged",
        denominator: "",
        traps: SEEN,
        source: "DAU, WAU and MAU of product analytics, on qualifying actions",
        reads,
        answer,
        control: Some(control),
    }
}

/// Active in a day.
pub(crate) const ACTIVE_1: Metric = active(
    "active_audience_1d",
    "Active audience, 1 day",
    "accounts that engaged on the last day",
    &[ENGAGED_1],
    |f| count(f, 1),
    1.0,
);
/// Active in a week.
pub(crate) const ACTIVE_7: Metric = active(
    "active_audience_7d",
    "Active audience, 7 days",
    "accounts that engaged in the last 7 days",
    &[ENGAGED_7],
    |f| count(f, 7),
    2.0,
);
/// Active in four weeks.
pub(crate) const ACTIVE_28: Metric = active(
    "active_audience_28d",
    "Active audience, 28 days",
    "accounts that engaged in the last 28 days",
    &[ENGAGED_28],
    |f| count(f, 28),
    4.0,
);

/// Engaged people.
pub(crate) const ENGAGED_PEOPLE: Metric = Metric {
    kind: Kind::Engagement,
    ..active(
        "engaged_people",
        "Engaged people",
        "different accounts that engaged in the window, the page's own left out",
        &[ENGAGED],
        |frame| Ok(Figure::counted(frame.n_engaged()?)),
        4.0,
    )
};

/// Stickiness.
pub(crate) const STICKINESS: Metric = Metric {
    unit: Unit::Share,
    numerator: "active accounts a day, summed over 28 days",
    denominator: "28 × accounts active in the 28 days",
    ..active(
        "stickiness",
        "Stickiness",
        "the average daily active audience over that of 28 days (DAU / MAU)",
        &[ENGAGED_28],
        |frame| {
            let masks = masks(frame)?;
            let days: u32 = masks.iter().map(|m| m.count_ones()).sum();
            Ok(Figure::ratio(f64::from(days), 28.0 * masks.len() as f64))
        },
        5.0 / 112.0,
    )
};

/// Days active of 28.
pub(crate) const DAYS_ACTIVE: Metric = Metric {
    unit: Unit::Days,
    numerator: "active accounts a day, summed over 28 days",
    denominator: "accounts active in the 28 days",
    traps: "the mean hides that most come once and a few daily: the lines say how many were active on how many days",
    ..active(
        "days_active_of_28",
        "Days active of 28",
        "on how many of the last 28 days an active account engaged (L28)",
        &[ENGAGED_28],
        |frame| {
            let masks = masks(frame)?;
            let mut spread = [0_u64; 29];
            for mask in &masks {
                spread[mask.count_ones() as usize] += 1;
            }
            let n = masks.len() as f64;
            let days: u64 = spread.iter().enumerate().map(|(d, k)| d as u64 * k).sum();
            let line = |label: String, k: u64| Part {
                labels: vec![label],
                value: Value::Exact(k as f64 / n),
                of: Some((k as f64, n)),
            };
            let mut figure = Figure::ratio(days as f64, n);
            figure.parts = (1..29).filter(|d| spread[*d] > 0).map(|d| line(format!("{d} days"), spread[d])).collect();
            figure.parts.push(line("5 days or more".to_owned(), spread[5..].iter().sum()));
            Ok(figure)
        },
        1.25,
    )
};

/// Of each person active in the 28 days, the days as bits, the last day lowest.
fn masks(frame: &Frame<'_>) -> Result<Vec<u32>, Abstention> {
    let b = frame.business;
    let none =
        || missing("engagements with a time that say who did them", "an export with likes, comments or mentions");
    let end = frame.slice.end(b, &ENGAGED_28).ok_or_else(none)?;
    let mut masks = vec![0_u32; b.names.len()];
    for (i, e) in b.engagements.iter().enumerate() {
        let (Some(at), false) = (e.at, e.by_page) else { continue };
        let back = i64::from(end.0) - i64::from(frame.day(at).0);
        let who = frame.person(e);
        if (0..28).contains(&back)
            && who.is_some()
            && frame.slice.is_history(b, assay_model::BusinessTable::Engagements, i as u32)
        {
            masks[who.0 as usize] |= 1 << back;
        }
    }
    masks.retain(|m| *m != 0);
    if masks.is_empty() { Err(none()) } else { Ok(masks) }
}

fn count(frame: &Frame<'_>, days: u32) -> Answer {
    let within = (1_u32 << days) - 1;
    let n = masks(frame)?.iter().filter(|m| **m & within != 0).count();
    Ok(Figure::counted(n as f64))
}
