//! Where the class of stock may start: a mixture is only as good as the best of its starts.

use super::classes::{Look, log_look};
use super::clump::{Against, densest};
use super::fit::{PEOPLE, Seen, fit, logistic};
use assay_model::RankRange;

/// Share of sold accounts that the published look starts from: e^-2 / (1 + e^-2), about one in eight.
const SOLD_BEFORE: f64 = -2.0;

/// Weight of a follower outside the group that a start is made of.
const OUTSIDE: f64 = 0.02;

/// Weight of a follower inside it.
const INSIDE: f64 = 0.9;

/// Fewest followers of a burst for it to make a start.
const MIN_BURST: usize = 15;

/// The starts, each a weight for every follower; members of batches always start at what the batch says of them. `n_all` is
/// the length of the list that `seen` is thinned from, in which the ranks of `bursts` count.
pub(super) fn starts(seen: &Seen, bursts: &[RankRange], n_all: usize) -> Vec<Vec<f64>> {
    let n = seen.len();
    let prior = Look::sold(&seen.features);
    let people = fit(seen, PEOPLE + 1, None, &prior).model;
    let from = |of: &dyn Fn(usize) -> f64| -> Vec<f64> {
        (0..n).map(|i| seen.delivered[i].map_or_else(|| of(i), f64::from)).collect()
    };
    let sold = prior.tables(&seen.features);
    let mut all = vec![from(&|i| logistic(people.profile(&sold, seen, i) + SOLD_BEFORE))];
    let free: Vec<f64> = (0..n).map(|i| if seen.is_free(i) { 1.0 } else { 0.0 }).collect();
    let clump = densest(&seen.times, &free, Against::Calendar);
    if clump.nats > 0.0 {
        all.push(from(&|i| if clump.holds(seen.times.opened[i]) { INSIDE } else { OUTSIDE }));
    }
    for (size, look) in &people.people {
        all.push(from(&|i| (size + log_look(look, &seen.features, i) - people.person(seen, i)).exp()));
    }
    if !seen.delivered.iter().all(Option::is_none) {
        all.push(from(&|_| OUTSIDE / 2.0));
    }
    let step = n_all.div_ceil(n.max(1)).max(1);
    for burst in bursts.iter().filter(|b| b.n() as usize >= MIN_BURST * step) {
        all.push(from(&|i| if burst.holds((i * step) as u32) { INSIDE } else { OUTSIDE }));
    }
    all
}
