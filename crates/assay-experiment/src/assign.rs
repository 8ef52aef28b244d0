//! Who gets what: assignments that anybody can draw again from the list and the salt.
//!
//! The caller hands a draw for every unit: the first eight bytes of SHA-256 over `salt`, a slash and the unit's id, which any
//! language can compute. From the draws:
//!
//! - **by hash**: a unit's draw alone decides its arm. People may be added later without moving anybody.
//! - **in strata**: within each stratum units stand in the order of their draws and arms are dealt along it, so that every stratum
//!   has each arm's share to within one unit. The list has to be whole.
//! - **in matched groups** (pairs, where there are two arms): units are put in order of their stratum and of what is known of them
//!   from before; neighbours form a group, and draws decide who of a group gets which arm (Greevy and others 2004).
//! - **weeks**: half of the weeks are on.

/// A unit of the list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Unit {
    /// Its draw.
    pub draw: u64,
    /// The number of its stratum.
    pub stratum: usize,
    /// What is known of it from before; a missing one comes before all others.
    pub before: Option<f64>,
}

/// The arm that a place in 0..1 falls to, by weights above 0.
pub fn arm_at(place: f64, weights: &[f64]) -> usize {
    let total: f64 = weights.iter().sum();
    let mut up_to = 0.0;
    for (arm, weight) in weights.iter().enumerate() {
        up_to += weight / total;
        if place < up_to {
            return arm;
        }
    }
    weights.len() - 1
}

/// A draw as a place in 0..1.
pub fn place(draw: u64) -> f64 {
    (draw >> 11) as f64 / (1_u64 << 53) as f64
}

/// Arms by the draws alone.
pub fn by_hash(units: &[Unit], weights: &[f64]) -> Vec<usize> {
    units.iter().map(|u| arm_at(place(u.draw), weights)).collect()
}

/// Arms dealt within strata.
pub fn in_strata(units: &[Unit], weights: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..units.len()).collect();
    order.sort_by_key(|i| (units[*i].stratum, units[*i].draw, *i));
    let mut arms = vec![0; units.len()];
    for stratum in order.chunk_by(|a, b| units[*a].stratum == units[*b].stratum) {
        // Where the dealing begins is drawn too, or arms would gain from rounding in the same way everywhere.
        let shift = place(stratum.iter().fold(0_u64, |x, i| x.rotate_left(17) ^ units[*i].draw));
        let n = stratum.len() as f64;
        for (rank, i) in stratum.iter().enumerate() {
            arms[*i] = arm_at((rank as f64 + shift) / n, weights);
        }
    }
    arms
}

/// Arms dealt within groups of as many neighbours as there are arms, and the number of each unit's group.
pub fn in_groups(units: &[Unit], n_arms: usize) -> (Vec<usize>, Vec<usize>) {
    let mut order: Vec<usize> = (0..units.len()).collect();
    let before = |i: usize| units[i].before.unwrap_or(f64::NEG_INFINITY);
    order.sort_by(|a, b| {
        (units[*a].stratum.cmp(&units[*b].stratum))
            .then(before(*a).total_cmp(&before(*b)))
            .then(units[*a].draw.cmp(&units[*b].draw))
            .then(a.cmp(b))
    });
    let (mut arms, mut groups) = (vec![0; units.len()], vec![0; units.len()]);
    let mut group = 0;
    for stratum in order.chunk_by(|a, b| units[*a].stratum == units[*b].stratum) {
        for neighbours in stratum.chunks(n_arms) {
            let mut drawn = neighbours.to_vec();
            drawn.sort_by_key(|i| (units[*i].draw, *i));
            // A group that is not full begins at an arm of its own, or the first arms would gain from every rest.
            let first = if drawn.len() < n_arms {
                (place(drawn.iter().fold(1, |x, i| x ^ units[*i].draw.rotate_left(29))) * n_arms as f64) as usize
            } else {
                0
            };
            for (k, i) in drawn.into_iter().enumerate() {
                arms[i] = (first + k) % n_arms;
                groups[i] = group;
            }
            group += 1;
        }
    }
    (arms, groups)
}

/// How the weeks of a schedule were drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Drawn {
    /// One of each two neighbouring weeks is on.
    InPairs,
    /// Half of all weeks are on.
    OfAll,
}

/// The level at which weeks are drawn within pairs, if pairs allow it.
pub const ALPHA_OF_WEEKS: f64 = 0.05;

/// Whether pairs allow a two-sided p-value of at most alpha: twelve weeks at 5 %.
fn in_pairs(n: usize, alpha: f64) -> bool {
    n.is_multiple_of(2) && 2.0 * 0.5_f64.powi((n / 2) as i32) <= alpha
}

/// Whether a schedule of so many weeks is drawn within pairs.
pub fn weeks_in_pairs(n: usize) -> bool {
    in_pairs(n, ALPHA_OF_WEEKS)
}

/// Which weeks are on, by a draw for each; within pairs of neighbours where those allow a p-value of at most alpha.
pub fn weeks(draws: &[u64], alpha: f64) -> (Vec<bool>, Drawn) {
    let n = draws.len();
    let mut on = vec![false; n];
    if in_pairs(n, alpha) {
        for pair in 0..n / 2 {
            let second = draws[2 * pair] > draws[2 * pair + 1];
            on[2 * pair + usize::from(second)] = true;
        }
        return (on, Drawn::InPairs);
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by_key(|i| (draws[*i], *i));
    for i in &order[..n / 2] {
        on[*i] = true;
    }
    (on, Drawn::OfAll)
}

#[cfg(test)]
mod tests {
    use super::{Drawn, Unit, arm_at, by_hash, in_groups, in_strata, weeks};
    use assay_math::Seed;
    use rand::RngExt;

    fn units(n: usize, n_strata: usize) -> Vec<Unit> {
        let mut random = Seed(11).random();
        (0..n)
            .map(|i| Unit { draw: random.random(), stratum: i % n_strata, before: Some((i * 37 % 101) as f64) })
            .collect()
    }

    #[test]
    fn weights_are_kept() {
        assert_eq!([0.0, 0.89, 0.9, 0.999].map(|p| arm_at(p, &[9.0, 1.0])), [0, 0, 1, 1]);
        let n = 20_000;
        let arms = by_hash(&units(n, 1), &[9.0, 1.0]);
        let share = arms.iter().filter(|a| **a == 1).count() as f64 / n as f64;
        assert!((share - 0.1).abs() < 0.01, "{share}");
    }

    /// Each stratum has each arm's share to within one.
    #[test]
    fn strata_are_balanced() {
        let units = units(1_003, 7);
        let arms = in_strata(&units, &[2.0, 1.0]);
        for stratum in 0..7 {
            let of: Vec<usize> = (0..units.len()).filter(|i| units[*i].stratum == stratum).collect();
            let n_first = of.iter().filter(|i| arms[**i] == 0).count() as f64;
            assert!((n_first - of.len() as f64 * 2.0 / 3.0).abs() < 1.0, "{stratum} {n_first} of {}", of.len());
        }
    }

    #[test]
    fn groups_hold_every_arm_once_and_are_alike() {
        let units = units(301, 2);
        let (arms, groups) = in_groups(&units, 2);
        let mut n_full = 0;
        for group in 0..=*groups.iter().max().expect("groups") {
            let of: Vec<usize> = (0..units.len()).filter(|i| groups[*i] == group).collect();
            assert!(of.iter().all(|i| units[*i].stratum == units[of[0]].stratum));
            if let [a, b] = of[..] {
                n_full += 1;
                assert_ne!(arms[a], arms[b]);
                let apart = units[a].before.unwrap_or(0.0) - units[b].before.unwrap_or(0.0);
                assert!(apart.abs() <= 2.0, "{apart}");
            }
        }
        assert!(n_full >= 149);
        let firsts = (0..units.len()).filter(|i| arms[*i] == 0).count();
        assert!((140..=161).contains(&firsts), "{firsts}");
    }

    #[test]
    fn half_of_the_weeks_are_on() {
        let draws = [5, 3, 8, 9, 1, 7, 2, 6, 4, 0, 10, 11_u64];
        let (on, drawn) = weeks(&draws, 0.05);
        let first_of_pair: Vec<bool> = on.chunks(2).map(|pair| pair[0]).collect();
        assert_eq!((first_of_pair, drawn), (vec![false, true, true, true, false, true], Drawn::InPairs));
        assert!(on.chunks(2).all(|pair| pair[0] != pair[1]));
        let (on, drawn) = weeks(&draws[..6], 0.05);
        assert_eq!((on.iter().filter(|w| **w).count(), drawn), (3, Drawn::OfAll));
        assert!(on[4] && on[1] && on[0]);
    }
}
