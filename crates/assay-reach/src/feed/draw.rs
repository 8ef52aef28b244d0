//! Counts drawn at random: binomial, Poisson, and a share from Beta(2, 2).

use assay_math::Random;
use rand::RngExt;

/// Above this variance a binomial or Poisson count is drawn from the normal with its mean and variance: at 1,000 the
/// distribution functions differ by less than .005.
const NORMAL_FROM: f64 = 1_000.0;

pub(crate) fn unit(random: &mut Random) -> f64 {
    random.random::<f64>()
}

/// How many of `n` things happen, each with this chance (0..1). Costs O(standard deviation).
pub(crate) fn binomial(n: u64, chance: f64, random: &mut Random) -> u64 {
    if n == 0 || chance <= 0.0 {
        return 0;
    }
    if chance >= 1.0 {
        return n;
    }
    if chance > 0.5 {
        return n - binomial(n, 1.0 - chance, random);
    }
    let mean = n as f64 * chance;
    let variance = mean * (1.0 - chance);
    if variance > NORMAL_FROM {
        return normal(mean, variance, random).clamp(0.0, n as f64) as u64;
    }
    let odds = chance / (1.0 - chance);
    let mode = ((n + 1) as f64 * chance).floor().min(n as f64);
    let log_mode = ln_choose(n as f64, mode) + mode * chance.ln() + (n as f64 - mode) * (-chance).ln_1p();
    let up = |k: f64| (n as f64 - k) / (k + 1.0) * odds;
    let down = |k: f64| k / ((n as f64 - k + 1.0) * odds);
    from_mode(mode, log_mode.exp(), n as f64, up, down, random)
}

/// A Poisson count of this mean. Costs O(standard deviation).
pub(crate) fn poisson(mean: f64, random: &mut Random) -> u64 {
    if mean <= 0.0 {
        return 0;
    }
    if mean > NORMAL_FROM {
        return normal(mean, mean, random).max(0.0) as u64;
    }
    let mode = mean.floor();
    let at_mode = (mode * mean.ln() - mean - ln_factorial(mode)).exp();
    from_mode(mode, at_mode, f64::INFINITY, |k| mean / (k + 1.0), |k| k / mean, random)
}

/// A share from Beta(2, 2): the middle one of three even draws.
pub(crate) fn beta_2_2(random: &mut Random) -> f64 {
    let mut draws = [unit(random), unit(random), unit(random)];
    draws.sort_by(f64::total_cmp);
    draws[1]
}

/// From so many draws on a hypergeometric count is drawn from the normal with its mean and variance.
const MANY_DRAWS: u64 = 5_000;

/// How many of `n` drawn without return from `total`, of which `marked` are marked, are marked. Costs O(n) up to 5,000.
pub(crate) fn hypergeometric(n: u64, marked: u64, total: u64, random: &mut Random) -> u64 {
    let (n, marked) = (n.min(total), marked.min(total));
    if n > MANY_DRAWS {
        let (draws, all, share) = (n as f64, total as f64, marked as f64 / total as f64);
        let variance = draws * share * (1.0 - share) * (all - draws) / (all - 1.0);
        let drawn = normal(draws * share, variance, random).max(0.0) as u64;
        return drawn.clamp((n + marked).saturating_sub(total), n.min(marked));
    }
    let (mut left, mut good, mut hit) = (total, marked, 0);
    for _ in 0..n {
        if unit(random) * (left as f64) < good as f64 {
            hit += 1;
            good -= 1;
        }
        left -= 1;
    }
    hit
}

/// Splits `n` over shares that sum to 1, by a chain of binomial draws.
pub(crate) fn multinomial(n: u64, shares: impl Iterator<Item = f64>, random: &mut Random) -> Vec<u64> {
    let (mut left, mut rest) = (n, 1.0);
    shares
        .map(|share| {
            let taken = if share >= rest - 1e-9 { left } else { binomial(left, share / rest, random) };
            left -= taken;
            rest -= share;
            taken
        })
        .collect()
}

fn normal(mean: f64, variance: f64, random: &mut Random) -> f64 {
    // Box and Muller (1958).
    let radius = (-2.0 * (1.0 - unit(random)).ln()).sqrt();
    (mean + variance.sqrt() * radius * (std::f64::consts::TAU * unit(random)).cos()).round()
}

/// Inversion that walks out from the mode, on both sides in turn: expected steps are of the order of the standard deviation.
fn from_mode(
    mode: f64,
    at_mode: f64,
    top: f64,
    up: impl Fn(f64) -> f64,
    down: impl Fn(f64) -> f64,
    random: &mut Random,
) -> u64 {
    let mut left = unit(random) - at_mode;
    let (mut high, mut low) = (mode, mode);
    let (mut p_high, mut p_low) = (at_mode, at_mode);
    while left > 0.0 {
        let (was_high, was_low) = (p_high, p_low);
        if high < top {
            p_high *= up(high);
            high += 1.0;
            left -= p_high;
            if left <= 0.0 {
                return high as u64;
            }
        } else {
            p_high = 0.0;
        }
        if low > 0.0 {
            p_low *= down(low);
            low -= 1.0;
            left -= p_low;
            if left <= 0.0 {
                return low as u64;
            }
        } else {
            p_low = 0.0;
        }
        // What rounding left over belongs to the far tail.
        if p_high < 1e-18 && p_low < 1e-18 && was_high.max(was_low) < 1e-17 {
            break;
        }
    }
    mode as u64
}

/// Stirling's series from 8 on (error below 1e-9), products below.
fn ln_factorial(n: f64) -> f64 {
    if n < 8.0 {
        return (2..=n as u64).map(|k| (k as f64).ln()).sum();
    }
    let x = n + 1.0;
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3))
        + 1.0 / (1260.0 * x.powi(5))
}

fn ln_choose(n: f64, k: f64) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

#[cfg(test)]
mod tests {
    use super::{beta_2_2, binomial, hypergeometric, multinomial, poisson};
    use assay_math::Seed;

    /// Mean and variance by their closed forms, within five standard errors.
    #[test]
    fn counts_have_the_mean_and_variance_of_their_law() {
        let mut random = Seed(3).random();
        let mut near = |draw: &mut dyn FnMut(&mut assay_math::Random) -> f64, mean: f64, variance: f64| {
            let n = 40_000;
            let draws: Vec<f64> = (0..n).map(|_| draw(&mut random)).collect();
            let m = draws.iter().sum::<f64>() / f64::from(n);
            let v = draws.iter().map(|x| (x - m).powi(2)).sum::<f64>() / f64::from(n);
            assert!((m - mean).abs() < 5.0 * (variance / f64::from(n)).sqrt(), "mean {m}, expected {mean}");
            assert!((v / variance - 1.0).abs() < 0.06, "variance {v}, expected {variance}");
        };
        for (n, p) in [(1, 0.3), (40, 0.02), (40, 0.9), (700, 0.4), (100_000, 0.3)] {
            let mean = n as f64 * p;
            near(&mut |r| binomial(n, p, r) as f64, mean, mean * (1.0 - p));
        }
        for mean in [0.2, 7.5, 90.0, 5_000.0] {
            near(&mut |r| poisson(mean, r) as f64, mean, mean);
        }
        near(&mut beta_2_2, 0.5, 0.05);
        // 10 of 50, 20 marked: mean 4, variance 10 * .4 * .6 * 40 / 49.
        near(&mut |r| hypergeometric(10, 20, 50, r) as f64, 4.0, 10.0 * 0.24 * 40.0 / 49.0);
        near(&mut |r| hypergeometric(6_000, 4_000, 10_000, r) as f64, 2_400.0, 6_000.0 * 0.24 * 4_000.0 / 9_999.0);
    }

    #[test]
    fn ends_are_kept() {
        let mut random = Seed(1).random();
        assert_eq!(
            (binomial(9, 0.0, &mut random), binomial(9, 1.0, &mut random), binomial(0, 0.5, &mut random)),
            (0, 9, 0)
        );
        assert_eq!(hypergeometric(9, 9, 9, &mut random), 9);
        let split = multinomial(100, [0.2, 0.3, 0.5].into_iter(), &mut random);
        assert_eq!(split.iter().sum::<u64>(), 100);
    }
}
