//! Who sells followers, and how their goods arrive and vanish: one line a kind.

use super::scenario::SoldAccounts;
use serde::Serialize;

/// A kind of seller.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Seller {
    /// What the scenario calls it.
    pub id: &'static str,
    /// What it does, in one plain sentence.
    pub sentence: &'static str,
    /// Where the numbers are from.
    pub source: &'static str,
    /// Days from the first to the last delivery.
    pub over_days: u32,
    /// Share delivered on the first day, 0..1; the rest comes evenly.
    pub first_day_share: f64,
}

/// Every kind of seller.
pub static SELLERS: &[Seller] = &[
    Seller {
        id: "burst",
        sentence: "nine in ten arrive within a day, the rest on the next",
        source: "NATO StratCom 2022/23: 89 % of units within one day",
        over_days: 2,
        first_day_share: 0.9,
    },
    Seller {
        id: "retail",
        sentence: "they arrive evenly over four days",
        source: "New York Times, 22 August 2012: 220,000 in three to four days; Daily Dot: 75,000 in four days",
        over_days: 4,
        first_day_share: 0.25,
    },
    Seller {
        id: "drip",
        sentence: "they arrive evenly over fifteen days",
        source: "De Cristofaro and others 2014, IMC: farms that trickle over about fifteen days",
        over_days: 15,
        first_day_share: 1.0 / 15.0,
    },
];

/// Weekly chance that a sold account is lost, in its first week, its second to fourth, and after: 91 % are left after four weeks
/// (NATO `StratCom`: about 80 % in 2019, above 93 % in 2022/23).
const WEEKLY_LOSS: [f64; 3] = [0.04, 0.015, 0.004];

impl Seller {
    /// The seller of this id.
    pub fn of(id: &str) -> Option<&'static Self> {
        SELLERS.iter().find(|s| s.id == id)
    }

    /// How many of `n` arrive on the day so many days after the first.
    pub(crate) fn delivered(&self, n: u64, after: u32) -> u64 {
        self.by(n, after + 1) - self.by(n, after)
    }

    /// How many of `n` have arrived before the day so many days after the first.
    fn by(&self, n: u64, after: u32) -> u64 {
        let rest = f64::from(self.over_days.saturating_sub(1)).max(1.0);
        match after {
            0 => 0,
            d if d >= self.over_days => n,
            d => (n as f64 * (self.first_day_share + (1.0 - self.first_day_share) * f64::from(d - 1) / rest)) as u64,
        }
    }
}

/// Chance that a sold account of this age is lost on a day, where `factor` times the usual number is lost.
pub(crate) fn daily_loss(age_days: u32, factor: f64) -> f64 {
    let weekly = WEEKLY_LOSS[match age_days / 7 {
        0 => 0,
        1..=3 => 1,
        _ => 2,
    }];
    1.0 - (1.0 - (weekly * factor).min(1.0)).powf(1.0 / 7.0)
}

impl SoldAccounts {
    /// Chance that one of them opens the app on a day (dormant bots 0 to .02, click workers .1 to .5).
    pub fn opens_share(self) -> f64 {
        match self {
            Self::Dormant => 0.01,
            Self::Active => 0.3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{SELLERS, daily_loss};

    #[test]
    fn all_that_is_ordered_arrives_and_no_more() {
        for seller in SELLERS {
            for n in [0, 1, 7, 10_000] {
                let days: Vec<u64> = (0..40).map(|d| seller.delivered(n, d)).collect();
                assert_eq!(days.iter().sum::<u64>(), n, "{}", seller.id);
            }
        }
        assert_eq!(SELLERS[0].delivered(10_000, 0), 9_000);
    }

    /// .96 * .985^3 = .9175: the reference says 91 % after four weeks.
    #[test]
    fn nine_in_ten_are_left_after_four_weeks() {
        let left: f64 = (0..28).map(|age| 1.0 - daily_loss(age, 1.0)).product();
        assert!((left - 0.96 * 0.985_f64.powi(3)).abs() < 1e-12, "{left}");
        assert_eq!(daily_loss(0, 0.0), 0.0);
        assert_eq!(daily_loss(0, 1e9), 1.0);
    }
}
