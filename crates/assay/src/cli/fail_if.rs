//! Conditions such as `shares.inauthentic > 0.3`, for use in scripts.

use super::Failure;
use super::talk::Talk;
use crate::report::{AuditReport, RingsReport};
use assay_model::{Class, Outcome, Share};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// What a condition can read of a report: its name, and how to get it.
type Figure<R> = (&'static str, fn(&R) -> Value<'_>);

/// A report that conditions can be about.
pub(super) trait Figured: Sized + 'static {
    /// Every name that a condition can read.
    fn figures() -> &'static [Figure<Self>];
}

/// The figure behind a name.
pub(super) enum Value<'r> {
    Count(u64),
    Share(&'r Share),
}

static OF_AUDIT: &[Figure<AuditReport>] = &[
    ("shares.inauthentic", |r| Value::Share(&r.verdicts.inauthentic_share)),
    ("shares.dormant", |r| Value::Share(&r.verdicts.dormant_share)),
    ("shares.genuine", |r| Value::Share(&r.verdicts.genuine_share)),
    ("shares.in_batches", |r| Value::Share(&r.verdicts.in_batches_share)),
    ("followers", |r| Value::Count(r.page.audience.len() as u64)),
    ("batches", |r| Value::Count(r.verdicts.batches.len() as u64)),
    ("spikes", |r| Value::Count(r.verdicts.spikes.len() as u64)),
    ("spikes.unexplained", |r| Value::Count(r.n_unexplained() as u64)),
    ("classes.n_inauthentic", |r| Value::Count(r.verdicts.n_of(Class::Inauthentic))),
    ("classes.n_dormant", |r| Value::Count(r.verdicts.n_of(Class::Dormant))),
    ("classes.n_genuine", |r| Value::Count(r.verdicts.n_of(Class::Genuine))),
    ("classes.n_unsure", |r| Value::Count(r.verdicts.n_of(Class::Unsure))),
    ("rejects", |r| Value::Count(r.page.facts.n_rejected)),
    ("warnings", |r| Value::Count(r.warnings.len() as u64)),
];

impl Figured for AuditReport {
    fn figures() -> &'static [Figure<Self>] {
        OF_AUDIT
    }
}

static OF_RINGS: &[Figure<RingsReport>] = &[
    ("rings", |r| Value::Count(r.rings.rings.len() as u64)),
    ("members", |r| Value::Count(r.rings.rings.iter().map(|ring| ring.sources.len() as u64).sum())),
    ("singles", |r| Value::Count(r.rings.rings.iter().map(|ring| ring.singles.len() as u64).sum())),
    ("set_aside", |r| Value::Count(r.rings.n_set_aside as u64)),
    ("edges", |r| Value::Count(r.n_edges)),
    ("rejects", |r| Value::Count(r.counts.rejected())),
    ("warnings", |r| Value::Count(r.warnings.len() as u64)),
];

impl Figured for RingsReport {
    fn figures() -> &'static [Figure<Self>] {
        OF_RINGS
    }
}

/// The part of an estimate that is read; the low end unless the user says otherwise.
const PARTS: [&str; 3] = ["low", "point", "high"];

/// A sign, and what it asks of the figure and the bound.
type Sign = (&'static str, fn(f64, f64) -> bool);

/// How the figure is compared with the bound. Longer signs stand before the ones they start with.
static SIGNS: [Sign; 6] = [
    (">=", |a, b| a >= b),
    ("<=", |a, b| a <= b),
    ("==", |a, b| a == b),
    ("!=", |a, b| a != b),
    (">", |a, b| a > b),
    ("<", |a, b| a < b),
];

/// A condition that makes the command end with 4 when it is met.
#[derive(Debug)]
pub(super) struct Condition<R> {
    written: String,
    figure: usize,
    part: &'static str,
    sign: usize,
    bound: f64,
    about: PhantomData<fn(&R)>,
}

impl<R> Clone for Condition<R> {
    fn clone(&self) -> Self {
        Self { written: self.written.clone(), ..*self }
    }
}

/// What became of a condition.
#[derive(Debug, PartialEq)]
pub(super) enum Check {
    /// Met: the condition and what was found.
    Met(String),
    /// Not met.
    Unmet,
    /// The figure cannot be said; the condition counts as not met.
    Untold(String),
}

/// Checks the conditions of a command: those that are met make it end with 4.
pub(super) fn conditions<R: Figured>(all: &[Condition<R>], report: &R, talk: &mut Talk) -> Result<(), Failure> {
    let mut met = Vec::new();
    for condition in all {
        match condition.check(report) {
            Check::Met(text) => met.push(text),
            Check::Untold(text) => talk.note(&format!("--fail-if: {text}; it counts as not met")),
            Check::Unmet => {}
        }
    }
    if met.is_empty() { Ok(()) } else { Err(Failure::ConditionsMet(met)) }
}

impl<R: Figured> Condition<R> {
    /// Compares the figure with the bound.
    pub(super) fn check(&self, report: &R) -> Check {
        let (name, get) = R::figures()[self.figure];
        let found = match get(report) {
            Value::Count(n) => n as f64,
            Value::Share(Outcome::Abstained(no)) => {
                return Check::Untold(format!("{}: {name} cannot be said: {}", self.written, no.why));
            }
            Value::Share(Outcome::Found(e)) => match self.part {
                "point" => e.point,
                "high" => e.high,
                _ => e.low,
            },
        };
        if !(SIGNS[self.sign].1)(found, self.bound) {
            return Check::Unmet;
        }
        let part = if matches!(get(report), Value::Share(_)) { format!(".{}", self.part) } else { String::new() };
        Check::Met(format!("{} is met: {name}{part} is {found}", self.written))
    }
}

impl<R> fmt::Display for Condition<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

impl<R: Figured> FromStr for Condition<R> {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (at, sign) = SIGNS
            .iter()
            .enumerate()
            .filter_map(|(i, (sign, _))| text.find(sign).map(|at| (at, i)))
            .min()
            .ok_or_else(|| format!("expected NAME > NUMBER, found no comparison in '{text}'"))?;
        let (name, bound) = (text[..at].trim(), text[at + SIGNS[sign].0.len()..].trim());
        let bound: f64 = bound
            .parse()
            .ok()
            .filter(|b: &f64| b.is_finite())
            .ok_or_else(|| format!("expected a number after {}, found '{bound}'", SIGNS[sign].0))?;
        let (figure, part) = figure_and_part::<R>(name).ok_or_else(|| {
            let names: Vec<&str> = R::figures().iter().map(|(name, _)| *name).collect();
            let shares = if names.iter().any(|name| name.starts_with("shares.")) {
                " (shares also with .low, .point, .high)"
            } else {
                ""
            };
            format!("nothing is named '{name}'; the names are {}{shares}", names.join(", "))
        })?;
        Ok(Self { written: text.trim().to_owned(), figure, part, sign, bound, about: PhantomData })
    }
}

fn figure_and_part<R: Figured>(name: &str) -> Option<(usize, &'static str)> {
    let whole = |name: &str| R::figures().iter().position(|(known, _)| *known == name);
    if let Some(figure) = whole(name) {
        return Some((figure, "low"));
    }
    let (stem, last) = name.rsplit_once('.')?;
    let part = PARTS.into_iter().find(|part| *part == last)?;
    whole(stem).filter(|i| R::figures()[*i].0.starts_with("shares.")).map(|figure| (figure, part))
}

#[cfg(test)]
mod tests {
    use crate::report::{AuditReport, RingsReport};
    type Condition = super::Condition<AuditReport>;

    #[test]
    fn each_report_has_names_of_its_own() {
        assert!("rings > 0".parse::<super::Condition<RingsReport>>().is_ok());
        let why = "batches > 0".parse::<super::Condition<RingsReport>>().expect_err("rings have no batches");
        assert!(why.contains("rings, members") && !why.contains("shares"), "{why}");
    }

    #[test]
    fn conditions_are_read_or_refused_with_the_names() {
        for text in
            ["shares.inauthentic > 0.3", "shares.genuine.high<=.5", "batches>0", "rejects != 10", " spikes == 2 "]
        {
            assert!(text.parse::<Condition>().is_ok(), "{text}");
        }
        for text in
            ["shares.inauthentic", "shares.fake > 1", "batches.low > 1", "batches > many", "batches > inf", "> 3"]
        {
            let why = text.parse::<Condition>().expect_err(text);
            assert!(!why.is_empty() && (text != "shares.fake > 1" || why.contains("shares.inauthentic, ")), "{why}");
        }
    }
}
