//! The page of a scenario as a made audience with known truth, for tests of what reads follower lists.
//!
//! Follow times, profiles and the truth about each account come from [`assay_model::synth`]; this file says what was planted when.
//! Losses that a seller's stock has by the week are not planted, only purges and removals are.

use super::scenario::{Scenario, SoldAccounts};
use super::sellers::Seller;
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
