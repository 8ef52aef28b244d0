//! The page of a scenario as a made audience with known truth, for tests of what reads follower lists.
//!
//! Follow times, profiles and the truth about each account come from [`assay_model::synth`]; this file says what was planted when.
//! A seller's losses are planted week by week, as the share that is expected to go; removals as they are ordered. The platform's
//! purges come by chance in each simulated seed and are not planted.

use super::scenario::{Scenario, SoldAccounts};
use super::sellers::{Seller, daily_loss};
use assay_model::Day;
use assay_model::synth::{Growth, Plant, Stock, SynthPage};

/// Days that the page was open before the simulation's first (made).
pub const OPEN_BEFORE_DAYS: u32 = 700;
/// The simulation's first day in what is written out: 1 January 2026.
pub const FIRST_DAY: Day = Day(20_454);

/// The page of a scenario, with its purchases, removals and joining people planted. `joined` is how many people began to follow
/// during the simulation.
///
/// # Errors
/// What keeps it from being made, as a clause: more followers than a made page can have.
pub fn made_page(scenario: &Scenario, joined: u64) -> Result<SynthPage, String> {
    let people = scenario.page.followers + joined;
    let followers =
        u32::try_from(people).map_err(|_| format!("expected fewer than 4 billion followers, found {people}"))?;
    let days = OPEN_BEFORE_DAYS + scenario.days;
    let mut page = SynthPage {
        handle: "simulated_page".to_owned(),
        opened: Day(FIRST_DAY.0 - OPEN_BEFORE_DAYS as i32),
        days,
        followers,
        growth: Growth { per_year: growth(scenario, joined), ..Growth::default() },
        ..SynthPage::default()
    };
    let at = |day: u32| f64::from(OPEN_BEFORE_DAYS + day);
    for buy in &scenario.buy {
        let Some(seller) = Seller::of(&buy.seller) else { continue };
        let n = (buy.followers as f64 * (1.0 + buy.over_delivery_share)).round() as u32;
        // Active workers are accounts of years; the others were opened for the sale.
        let stock = match buy.accounts {
            SoldAccounts::Dormant => Stock::fresh(),
            SoldAccounts::Active => Stock::mixed(),
        };
        let (start, left) = (page.day(at(buy.day) + 0.4), f64::from(scenario.days - buy.day) - 0.5);
        page.plants.push(if seller.over_days > 7 {
            Plant::Drip { at: start, followers: n, over_days: f64::from(seller.over_days).min(left), stock }
        } else {
            let over_days = if seller.first_day_share > 0.5 { 0.5 } else { f64::from(seller.over_days) };
            Plant::Batch { at: start, followers: n, over_days: over_days.min(left), stock }
        });
    }
    for (day, over_days, share) in losses(scenario) {
        page.plants.push(Plant::Purge { at: page.day(at(day) + 0.6), over_days, share });
    }
    for removal in &scenario.remove {
        for step in 0..removal.steps {
            // Each step takes the same number, hence a growing share of those left.
            let part = removal.share / f64::from(removal.steps);
            let share = (part / (1.0 - part * f64::from(step))).clamp(0.0, 1.0);
            let day = removal.day + step * removal.every_days;
            page.plants.push(Plant::Purge { at: page.day(at(day) + 0.5), over_days: 0.3, share });
        }
    }
    page.check()?;
    Ok(page)
}

/// The share of the bought followers present that a seller's drop-off is expected to take in each week from the first purchase
/// on: the week's first day, its days, and the share.
fn losses(scenario: &Scenario) -> Vec<(u32, f64, f64)> {
    let Some(first) = scenario.buy.iter().map(|b| b.day).min() else { return Vec::new() };
    // Order, day of arrival, how many are left.
    let mut here: Vec<(usize, u32, f64)> = Vec::new();
    let mut weeks = Vec::new();
    let mut from = first;
    // The last days are left out, so that what is planted ends before the list does.
    while from + 1 < scenario.days {
        let to = (from + 7).min(scenario.days - 1);
        let (mut present, mut lost) = (0.0_f64, 0.0);
        for day in from..to {
            for (order, buy) in scenario.buy.iter().enumerate().filter(|(_, buy)| day >= buy.day) {
                let n = (buy.followers as f64 * (1.0 + buy.over_delivery_share)).round() as u64;
                let arrived = Seller::of(&buy.seller).map_or(0, |seller| seller.delivered(n, day - buy.day));
                if arrived > 0 {
                    here.push((order, day, arrived as f64));
                }
            }
            present = present.max(here.iter().map(|h| h.2).sum());
            for (order, arrived, n) in &mut here {
                let gone = *n * daily_loss(day - *arrived, scenario.buy[*order].drop_off);
                *n -= gone;
                lost += gone;
            }
        }
        if lost >= 0.5 {
            weeks.push((from, f64::from(to - from) - 0.7, (lost / present).min(1.0)));
        }
        from = to;
    }
    weeks
}

/// The yearly factor of growth at which the last days bring what the simulation brought.
fn growth(scenario: &Scenario, joined: u64) -> f64 {
    let (before, after) = (scenario.page.followers.max(1) as f64, joined as f64);
    let ratio = (after / f64::from(scenario.days.max(1))) / (before / f64::from(OPEN_BEFORE_DAYS));
    ratio.clamp(0.25, 4.0).powf(365.25 / f64::from(OPEN_BEFORE_DAYS + scenario.days) * 2.0)
}

#[cfg(test)]
mod tests {
    use super::{OPEN_BEFORE_DAYS, made_page};
    use crate::feed::scenario::{Removal, Scenario};
    use assay_math::Seed;

    #[test]
    fn the_truth_counts_what_was_bought_and_what_is_left() {
        let mut scenario = Scenario { buy: vec![crate::feed::tests::buy(60, 1_000, 0.0)], ..Scenario::default() };
        let made = made_page(&scenario, 100).expect("it can be made").make(Seed(1));
        assert_eq!(made.truth.n_inauthentic(), 1_000);
        assert_eq!(made.page.audience.len(), 3_100);
        let from = made.truth.plants[0].span.from;
        assert_eq!(from.day().0 - super::FIRST_DAY.0, 60);
        scenario.remove = vec![Removal { day: 100, share: 1.0, steps: 2, every_days: 30, mistaken_share: 0.0 }];
        let page = made_page(&scenario, 100).expect("it can be made");
        assert_eq!(page.days, OPEN_BEFORE_DAYS + 180);
        assert_eq!(page.make(Seed(1)).truth.n_inauthentic(), 0, "two halves are all");
    }
}
