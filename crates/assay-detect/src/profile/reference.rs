//! Whether the picture of people fits this audience: the shift check.
//!
//! The picture is fitted to the page itself, so it cannot be of other people; but it may be too simple for these, or hold
//! accounts that are none. Two looks, neither of which the fit has chosen (a third, labels against probabilities, is in
//! [`crate::labels`]):
//!
//! 1. **Odd people.** In each class of people openings are searched for a clump, as in the stock. People do not open accounts
//!    together; a second vendor's stock does. Those who followed within half a day of opening are left out: a list of
//!    suggestions makes such clumps of people.
//! 2. **Unusual people.** A class that is unlike the others, of which neither dates nor arrivals say that it was sold, may be
//!    stock, or people whom the picture does not know: a school's accounts, screens in shops. Then the likeness alone proves
//!    nothing, and the low end of the share does not stand on it.
//!
//! Tried and dropped: the share by each half of the columns alone (Hausman 1978). In 144 made pages of which a third did not
//! fit, the halves never differed by more than .06.
//!
//! Limits: stock that looks like people in every column and was opened over years passes both.

use super::Evidence;
use super::classes::log_look;
use super::clump::{Against, densest};
use super::features::NO_DAY;
use super::fit::{Fit, Seen, log_sum};

/// What the shift check found, in shares and followers.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Reference {
    /// Of those who pass for people, how many were opened in clumps beyond expectation.
    pub n_odd_people: f64,
    /// How many are alike in profile and unlike others, though neither dates nor arrivals say that they were sold.
    pub n_uncorroborated: f64,
}

/// Nats of a clump among people from which on it counts: what chance makes of the best of five classes.
const CLUMP_NEEDED: f64 = 10.0;

impl Reference {
    /// For a list of which the fit saw one in so many.
    pub(super) fn times(self, step: f64) -> Self {
        Self { n_odd_people: step * self.n_odd_people, n_uncorroborated: step * self.n_uncorroborated }
    }

    /// Checks a fit. Costs O(n) for the followers it saw.
    pub(super) fn check(seen: &Seen, fit: &Fit, evidence: Evidence, is_newborn: &[bool]) -> Self {
        let is_unusual = evidence.belief() > 0.5 && !evidence.is_corroborated();
        let alike: f64 = (0..seen.len()).filter(|&i| seen.is_free(i)).map(|i| fit.weight[i]).sum();
        Self { n_odd_people: odd_people(seen, fit, is_newborn), n_uncorroborated: if is_unusual { alike } else { 0.0 } }
    }
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
