//! Laws of counts, summed up once and drawn from: how many buy, how many of the buyers are dealt to a side.

use assay_math::{Random, ln_gamma};
use rand::RngExt;

/// A law of counts.
pub(crate) struct CountLaw {
    first: u64,
    /// The probability of a count up to each, from `first` on.
    up_to: Vec<f64>,
}

impl CountLaw {
    /// How many of `n` units buy, each with probability `share`: the binomial distribution.
    pub(crate) fn binomial(n: u64, share: f64) -> Self {
        let all = n as f64;
        let mean = all * share;
        if mean <= 0.0 {
            return Self { first: 0, up_to: vec![1.0] };
        }
        if share >= 1.0 {
            return Self { first: n, up_to: vec![1.0] };
        }
        let (first, last) = near(mean, (mean * (1.0 - share)).sqrt());
        Self::of(first, n.min(last), |k| ln_choose(n, k) + k as f64 * share.ln() + (n - k) as f64 * (-share).ln_1p())
    }

    /// How many of `n_marked` of `n` units are among `n_dealt` of them: the hypergeometric distribution.
    pub(crate) fn hypergeometric(n: u64, n_marked: u64, n_dealt: u64) -> Self {
        let (least, most) = (n_dealt.saturating_sub(n - n_marked), n_dealt.min(n_marked));
        let (all, b, d) = (n as f64, n_marked as f64, n_dealt as f64);
        let mean = b * d / all;
        let (first, last) = near(mean, (mean * (1.0 - b / all) * (1.0 - d / all) * all / (all - 1.0).max(1.0)).sqrt());
        let first = least.max(first);
        Self::of(first, most.min(last).max(first), |k| {
            ln_choose(n_marked, k) + ln_choose(n - n_marked, n_dealt - k) - ln_choose(n, n_dealt)
        })
    }

    fn of(first: u64, last: u64, ln_p: impl Fn(u64) -> f64) -> Self {
        let mut sum = 0.0;
        let up_to = (first..=last).map(|k| {
            sum += ln_p(k).exp();
            sum
        });
        Self { first, up_to: up_to.collect() }
    }

    pub(crate) fn draw(&self, random: &mut Random) -> usize {
        let all = self.up_to.last().copied().unwrap_or(1.0);
        let u = random.random_range(0.0..1.0) * all;
        let place = self.up_to.partition_point(|p| *p <= u).min(self.up_to.len().saturating_sub(1));
        self.first as usize + place
    }
}

/// Counts within ten standard deviations of the mean, and ten more.
fn near(mean: f64, spread: f64) -> (u64, u64) {
    ((mean - 10.0 * spread - 10.0).max(0.0) as u64, (mean + 10.0 * spread + 10.0) as u64)
}

fn ln_choose(n: u64, k: u64) -> f64 {
    ln_gamma(n as f64 + 1.0) - ln_gamma(k as f64 + 1.0) - ln_gamma((n - k) as f64 + 1.0)
}

#[cfg(test)]
mod tests {
    use super::CountLaw;
    use assay_math::Seed;

    /// Python: `[sum(comb(40, i) * .08**i * .92**(40 - i) for i in range(k + 1)) for k in (0, 3, 6)]` prints .03560517, .6007462,
    /// .96235779.
    #[test]
    fn buyers_are_binomial() {
        let buyers = CountLaw::binomial(40, 0.08);
        for (k, p) in [(0, 0.035_605_17), (3, 0.600_746_20), (6, 0.962_357_79)] {
            assert!((buyers.up_to[k] - p).abs() < 1e-7, "{k}: {}", buyers.up_to[k]);
        }
        let random = &mut Seed(1).random();
        assert_eq!((CountLaw::binomial(9, 0.0).draw(random), CountLaw::binomial(9, 1.0).draw(random)), (0, 9));
    }

    /// Against products of whole numbers.
    #[test]
    fn buyers_are_dealt_like_cards() {
        let b = CountLaw::hypergeometric(100, 30, 20);
        let at = |k: u64| b.up_to[(k - b.first) as usize];
        assert!((at(6) - at(5) - hyper(6)).abs() < 1e-9 && (at(20) - 1.0).abs() < 1e-9);
        assert!((at(3) - (0..=3).map(hyper).sum::<f64>()).abs() < 1e-9);
    }

    fn hyper(k: u32) -> f64 {
        let choose = |n: u32, k: u32| (0..k).map(|i| f64::from(n - i) / f64::from(i + 1)).product::<f64>();
        choose(30, k) * choose(70, 20 - k) / choose(100, 20)
    }
}
