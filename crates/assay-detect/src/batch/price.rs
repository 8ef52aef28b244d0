//! What followers cost at published prices.

use assay_math::Estimate;
use assay_model::Price;

/// Prices of a thousand followers, in cents: low, middle and high of what has been published from 2012 to 2024. The middle
/// of nine in ten; no price list of today is asked.
///
/// Twitter 2012: 18 dollars on average over 20 sellers and 58 sites (Barracuda Labs), 1.93 paid by one buyer of 220,000 (New
/// York Times); 2013 to 2014: 1.75 to 13 (`WhoIsHostingThis`), 1.50 by the invoice of a public office; Instagram 2014: 3.70;
/// 2017 to 2018: 9 to 17 in retail, about 1 in wholesale (New York Times, "The Follower Factory"); 2019 to 2024: about 5 to 6
/// euros a thousand units of engagement and followers (NATO `StratCom`).
const CENTS_A_THOUSAND: (f64, f64, f64) = (100.0, 500.0, 2_000.0);

/// How many of the published prices lie in the range.
const CONFIDENCE: f64 = 0.9;

/// The price of what a batch delivered: those in the list and those lost since.
pub(crate) fn of(inauthentic: &Estimate, lost: Option<&Estimate>) -> Price {
    let (low, middle, high) = CENTS_A_THOUSAND;
    let delivered = |end: fn(&Estimate) -> f64| (end(inauthentic) + lost.map_or(0.0, end)) / 1_000.0;
    Price {
        currency: "USD",
        minor: Estimate::new(
            delivered(|e| e.point) * middle,
            delivered(|e| e.low) * low,
            delivered(|e| e.high) * high,
            CONFIDENCE,
        ),
        source: "Barracuda Labs 2012; New York Times 2012 and 2018; NATO StratCom 2019 to 2024",
    }
}

#[cfg(test)]
mod tests {
    use super::of;
    use assay_math::Estimate;

    #[test]
    fn what_was_lost_was_paid_for_too() {
        let count = |n: f64| Estimate::new(n, 0.9 * n, 1.1 * n, 0.95);
        let alone = of(&count(2_000.0), None);
        assert_eq!((alone.minor.low, alone.minor.point, alone.minor.high), (180.0, 1_000.0, 4_400.0));
        let with_lost = of(&count(2_000.0), Some(&count(1_000.0)));
        assert!((with_lost.minor.point - 1_500.0).abs() < 1e-9);
    }
}
