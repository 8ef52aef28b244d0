//! When accounts were opened and when they came: the two columns in which sold stock differs from people of any profile.

use super::features::{BLOCKS, NO_DAY, Times};

/// Half-widths, days, at which the concentration of creation dates is looked at.
const REACH: [usize; 4] = [1, 4, 12, 40];

/// Half-width, days, of the smooth density of people's creation dates.
const SMOOTH: usize = 45;

/// Part of every density that is drawn from the other's, so that a ratio stays bounded.
const SHARED: f64 = 0.02;

/// Accounts that a smoother density counts for in a finer one.
const BORROWED: f64 = 3.0;

/// Most that openings in clumps say of one follower, in nats.
const CLUMP_MOST: f64 = 3.5;

/// Most that openings in other years say of one follower, in nats: people's classes differ in age too.
const YEARS_MOST: f64 = 1.0;

/// Half-width, days, of the smooth density of the stock's own creation dates: what is denser is a clump.
const OWN_SMOOTH: usize = 180;

/// When the stock and the people of a fit were opened.
#[derive(Debug, Clone, Default)]
pub(super) struct OpenedLaw {
    /// Weights summed up to the start of each day, for stock and for people.
    stock: Vec<f64>,
    people: Vec<f64>,
}

impl OpenedLaw {
    /// From the weights of stock. Costs O(n + days).
    pub(super) fn fit(times: &Times, weight: &[f64]) -> Self {
        let (mut stock, mut people) = (vec![0.0; times.n_days + 1], vec![0.0; times.n_days + 1]);
        for (&day, w) in times.opened.iter().zip(weight) {
            if day != NO_DAY {
                stock[day as usize + 1] += w;
                people[day as usize + 1] += 1.0 - w;
            }
        }
        for d in 0..times.n_days {
            stock[d + 1] += stock[d];
            people[d + 1] += people[d];
        }
        Self { stock, people }
    }

    /// For an account opened on this day, whose own weight in the fit was `own` and is left out: ln of the stock's density
    /// over its own smooth density (openings in clumps), and ln of that over the people's (openings in other years).
    /// `None` without a date or a fit.
    pub(super) fn odds(&self, day: u32, own: f64) -> Option<(f64, f64)> {
        let n_days = self.stock.len().checked_sub(1).filter(|n| day != NO_DAY && *n > 0)?;
        let d = day as usize;
        let around = |sums: &[f64], reach: usize| {
            let (from, to) = (d.saturating_sub(reach), (d + reach + 1).min(n_days));
            (sums[to] - sums[from], (to - from) as f64)
        };
        let (n_stock, n_people) = (self.stock[n_days], self.people[n_days]);
        let (near, days) = around(&self.people, SMOOTH);
        let base =
            ((near - (1.0 - own)).max(0.0) / days + 2.0 / n_days as f64) / (n_people - (1.0 - own) + 2.0).max(1.0);
        let rest = (n_stock - own).max(0.0);
        let (near, days) = around(&self.stock, OWN_SMOOTH);
        let smooth = ((near - own).max(0.0) / days + BORROWED * base) / (rest + BORROWED);
        let mut dense = 0.0;
        for reach in REACH {
            let (near, days) = around(&self.stock, reach);
            dense += ((near - own).max(0.0) / days + BORROWED * smooth) / (rest + BORROWED) / REACH.len() as f64;
        }
        let ratio = |a: f64, b: f64| ((SHARED * b + (1.0 - SHARED) * a) / (SHARED * a + (1.0 - SHARED) * b)).ln();
        Some((ratio(dense, smooth).min(CLUMP_MOST), ratio(smooth, base).clamp(-YEARS_MOST, YEARS_MOST)))
    }
}

/// Standard deviations of a count that chance is allowed before arrivals count as beyond what was due.
const CHANCE: f64 = 1.5;

/// Arrivals by block of the stock and of the people, as laws of where an account comes once it exists.
#[derive(Debug, Clone)]
pub(super) struct Arrivals {
    /// How many of the stock came beyond what it was due in their block, less what chance makes.
    pub(super) n_beyond: f64,
    /// ln of the ratio of the two laws, by first possible block and by block; 0 where there is no order.
    odds: Vec<[f64; BLOCKS]>,
}

impl Arrivals {
    /// No order, nothing told.
    pub(super) fn none() -> Self {
        Self { n_beyond: 0.0, odds: vec![[0.0; BLOCKS]; BLOCKS] }
    }

    /// From the weights of stock; members of batches are left out. Costs O(n).
    pub(super) fn fit(times: &Times, weight: &[f64], delivered: &[Option<f32>]) -> Self {
        if times.block.is_empty() {
            return Self::none();
        }
        let (mut stock, mut people, mut due) = ([0.0; BLOCKS], [0.5; BLOCKS], [1e-9; BLOCKS]);
        let free = || (0..weight.len()).filter(|&i| delivered[i].is_none());
        for i in free() {
            let b = usize::from(times.block[i]);
            stock[b] += weight[i];
            people[b] += 1.0 - weight[i];
        }
        // People's law: of those who could come in a block or later, the share who came in it. What the stock is due under
        // that law is set against what came.
        let later = tails(&people);
        for i in free().filter(|&i| weight[i] > 1e-6) {
            let from = usize::from(times.earliest[i]);
            for b in from..BLOCKS {
                due[b] += weight[i] * people[b] / later[from];
            }
        }
        let n: f64 = stock.iter().sum::<f64>().max(1e-9);
        let beyond = |(came, owed): (&f64, &f64)| (came - owed - CHANCE * owed.sqrt()).max(0.0);
        let n_beyond = stock.iter().zip(&due).map(beyond).sum();
        let rate: Vec<f64> = (0..BLOCKS)
            .map(|b| {
                let near = b.saturating_sub(1)..(b + 2).min(BLOCKS);
                let (came, owed): (f64, f64) = (stock[near.clone()].iter().sum(), due[near].iter().sum());
                let prior = 6.0 * owed / n.max(6.0) + 1.0;
                (came + prior) / (owed + prior)
            })
            .collect();
        let law_later = tails(&(0..BLOCKS).map(|b| rate[b] * people[b]).collect::<Vec<_>>());
        let odds = (0..BLOCKS)
            .map(|from| {
                let mut row = [0.0; BLOCKS];
                for (b, cell) in row.iter_mut().enumerate().skip(from) {
                    *cell = (rate[b] * later[from] / law_later[from]).ln().clamp(-2.0, 1.5);
                }
                row
            })
            .collect();
        Self { n_beyond, odds }
    }

    /// ln of how much likelier the arrival of follower `i` is for stock than for people.
    pub(super) fn odds(&self, times: &Times, i: usize) -> f64 {
        match times.block.get(i) {
            Some(&b) => self.odds[usize::from(times.earliest[i])][usize::from(b)],
            None => 0.0,
        }
    }
}

/// Sums from each place to the end.
fn tails(x: &[f64]) -> Vec<f64> {
    let mut sums = x.to_vec();
    for b in (0..x.len().saturating_sub(1)).rev() {
        sums[b] += sums[b + 1];
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::{Arrivals, OpenedLaw};
    use crate::profile::features::{BLOCKS, NO_DAY, Times};
    use assay_model::Day;

    fn times(opened: Vec<u32>, earliest: &dyn Fn(usize) -> u8) -> Times {
        let n = opened.len();
        let block = (0..n).map(|i| (i * BLOCKS / n) as u8).collect::<Vec<_>>();
        let earliest = (0..n).map(|i| earliest(i).min(block[i])).collect();
        Times { opened, first: Day(15_000), n_days: 1_000, block, earliest }
    }

    #[test]
    fn a_clump_speaks_for_its_members_and_even_openings_for_nobody() {
        let opened: Vec<u32> = (0..1_000).map(|i| if i % 5 == 0 { 300 + i % 7 } else { i }).collect();
        let t = times(opened, &|_| 0);
        let stock: Vec<f64> = (0..1_000).map(|i| if i % 5 == 0 { 1.0 } else { 0.0 }).collect();
        let law = OpenedLaw::fit(&t, &stock);
        let (clump, years) = law.odds(303, 1.0).expect("a date");
        assert!(clump > 2.0 && years > 0.5, "{clump} {years}");
        // Everyone is stock by one half: no date says anything beyond what two hundred draws a window make.
        let (clump, years) =
            OpenedLaw::fit(&times((0..1_000).collect(), &|_| 0), &[0.5; 1_000]).odds(601, 0.5).expect("a date");
        assert!(clump.abs() < 0.3 && years.abs() < 0.3, "{clump} {years}");
        assert_eq!(law.odds(NO_DAY, 0.0), None);
        assert_eq!(OpenedLaw::default().odds(3, 0.0), None);
    }

    /// Accounts that could not come earlier and came evenly since are where they are due; old ones that came late are not.
    #[test]
    fn arrivals_are_judged_by_what_was_possible() {
        let young = times(vec![0; 1_600], &|i| if i % 4 == 0 { 12 } else { 0 });
        let stock: Vec<f64> = (0..1_600).map(|i| if i % 4 == 0 && i >= 1_200 { 1.0 } else { 0.0 }).collect();
        let due = Arrivals::fit(&young, &stock, &vec![None; 1_600]);
        assert!(due.n_beyond < 5.0, "{}", due.n_beyond);
        let old = times(vec![0; 1_600], &|_| 0);
        let late = Arrivals::fit(&old, &stock, &vec![None; 1_600]);
        assert!(late.n_beyond > 50.0, "{}", late.n_beyond);
        assert!(late.odds(&old, 1_300) > 0.7 && late.odds(&old, 100) < -0.7);
    }
}
