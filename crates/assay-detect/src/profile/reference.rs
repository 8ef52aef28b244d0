//! Whether the picture of people fits this audience: the shift check.
//!
//! The picture is fitted to the page itself, so it cannot be of other people; but it may be too simple for these, or hold
//! accounts that are none. Two looks, neither of which the fit has chosen:
//!
//! 1. **Two views.** The columns are divided into two halves, and the share of the stock is estimated by each half alone, with
//!    the classes as fitted. Where the picture fits, both halves say the same but for chance; by how much they differ
//!    beyond that is by how much the share may be off (Hausman 1978, "Specification tests in econometrics": two estimates that
//!    agree only if the model holds).
//! 2. **Odd people.** In each class of people openings are searched for a clump, as in the stock. People do not open accounts
//!    together; a second vendor's stock does. Those who followed within half a day of opening are left out: a list of
//!    suggestions makes such clumps of people.
//!
//! Limits: stock that looks like people in every column and was opened over years passes both. Two halves that are off by the
//! same amount agree.

use super::classes::{Tables, log_look, log_look_of};
use super::clump::{Against, densest};
use super::features::{MISSING, NO_DAY};
use super::fit::{Fit, Seen, log_sum, logistic, tempered};

/// What the shift check found, in shares and followers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reference {
    /// By how much the two views of the share differ beyond chance, 0..1.
    pub misfit_share: f64,
    /// Of those who pass for people, how many were opened in clumps beyond expectation.
    pub n_odd_people: f64,
}

/// Difference of the views that pages reach where the picture fits, 0..1: see the table of shift checks.
const VIEWS_FREE: f64 = 0.06;

/// Nats of a clump among people from which on it counts: what chance makes of the best of five classes.
const CLUMP_NEEDED: f64 = 10.0;

/// Rounds in which a share settles.
const ROUNDS: usize = 30;

impl Reference {
    /// Checks a fit. Costs O(n) for the followers it saw.
    pub(super) fn check(seen: &Seen, fit: &Fit, is_newborn: &[bool]) -> Self {
        let views = views(seen, fit);
        let misfit_share = ((views.0 - views.1).abs() - VIEWS_FREE).max(0.0);
        Self { misfit_share, n_odd_people: odd_people(seen, fit, is_newborn) }
    }
}

/// The share of the stock among the followers outside batches, by each half of the columns.
pub(super) fn views(seen: &Seen, fit: &Fit) -> (f64, f64) {
    let told: Vec<usize> =
        (0..seen.features.len()).filter(|f| seen.features[*f].bins.iter().any(|b| *b != MISSING)).collect();
    let half = |which: usize| -> Vec<usize> { told.iter().copied().filter(|f| f % 2 == which).collect() };
    (share_by(seen, fit, &half(0)), share_by(seen, fit, &half(1)))
}

fn share_by(seen: &Seen, fit: &Fit, columns: &[usize]) -> f64 {
    let look = |tables: &Tables, i: usize| log_look_of(tables, &seen.features, i, columns);
    let odds: Vec<f64> = (0..seen.len())
        .filter(|&i| seen.is_free(i))
        .map(|i| {
            let person = log_sum(fit.model.people.iter().map(|(size, t)| size + look(t, i)));
            tempered(look(&fit.model.stock, i) - person)
        })
        .collect();
    let n = (odds.len() as f64).max(1.0);
    let mut share = fit.model.share;
    for _ in 0..ROUNDS {
        let before = (share / (1.0 - share)).max(1e-9).ln();
        share = (odds.iter().map(|o| logistic(before + o)).sum::<f64>() / n).clamp(1e-6, 1.0 - 1e-6);
    }
    share
}

fn odd_people(seen: &Seen, fit: &Fit, is_newborn: &[bool]) -> f64 {
    // Only who passes for a person counts, in the class as among the others that it is held against.
    let mut times = seen.times.clone();
    for (i, day) in times.opened.iter_mut().enumerate() {
        if !seen.is_free(i) || is_newborn[i] || fit.weight[i] > 0.5 {
            *day = NO_DAY;
        }
    }
    let people = &fit.model.people;
    let own = |k: usize, i: usize| people[k].0 + log_look(&people[k].1, &seen.features, i);
    let all: Vec<f64> = (0..seen.len()).map(|i| log_sum((0..people.len()).map(|k| own(k, i)))).collect();
    let beyond = |k: usize| {
        let weight: Vec<f64> = (0..seen.len()).map(|i| (own(k, i) - all[i]).exp()).collect();
        let clump = densest(&times, &weight, Against::Others);
        if clump.nats > CLUMP_NEEDED { clump.n - clump.expected } else { 0.0 }
    };
    (0..people.len()).map(beyond).sum()
}
